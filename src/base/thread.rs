//! Threads: [`spawn`].

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread. What it does comes in a box: so the 2 kB that start it are there once, not once for each kind of thread.
///
/// # Errors
/// When the system has no room for another one; `body` is dropped then.
pub fn spawn(name: &str, stack_bytes: usize, body: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).stack_size(stack_bytes).spawn(body)
}
