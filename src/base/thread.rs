//! Threads: [`spawn`].

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder, JoinHandle};

use crate::base::memory::Looker;

/// Starts a thread, and waits until it runs. What it does comes in a box: so the 2 kB that start it are there once, not once for each
/// kind of thread.
///
/// # Errors
/// When the system has no room for another one; `body` is dropped then.
pub fn spawn(name: &str, stack_bytes: usize, body: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    // On its way Rust's library may map a signal stack for it, and glibc has to register destructors: each ends the process if there is
    // no memory for that.
    let looker = Looker::new().filter(Looker::sees_memory_for_a_thread);
    if looker.is_none() {
        return Err(ErrorKind::OutOfMemory.into());
    }
    let (starter, runs) = (thread::current(), Arc::new(AtomicBool::new(false)));
    let says_so = runs.clone();
    let run = move || {
        says_so.store(true, Ordering::Release);
        starter.unpark();
        drop((starter, says_so));
        body();
    };
    let started = Builder::new().name(name.to_owned()).stack_size(stack_bytes).spawn(run)?;
    while !runs.load(Ordering::Acquire) {
        thread::park();
    }
    Ok(started)
}
