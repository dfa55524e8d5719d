//! What ends a run before somebody asks: the time that `--timeout` allows, and the end of standard input.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jackdaws::base::abort::Abort;
use jackdaws::base::{limits, sys, thread};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Stops the receiver in time; clones share it.
#[derive(Clone, Debug)]
pub struct Ending {
    abort: Abort,
    has_come: Arc<AtomicBool>,
}

impl Ending {
    /// For this receiver.
    pub fn new(abort: &Abort) -> Ending {
        Ending { abort: abort.clone(), has_come: Arc::default() }
    }

    /// True if the receiver was stopped by this, and by nothing else before.
    pub fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Relaxed)
    }

    /// Stops the receiver when the time has passed.
    ///
    /// # Errors
    /// There is no thread that could wait for it.
    pub fn after(&self, timeout: Duration) -> io::Result<()> {
        let ending = self.clone();
        let wait = move || {
            if !ending.abort.wait(timeout) {
                ending.come();
            }
        };
        thread::spawn("timeout", limits::STACK_BYTES, Box::new(wait)).map(drop)
    }

    /// Stops the receiver when standard input ends; what comes from there is nothing to us.
    ///
    /// # Errors
    /// There is no thread that could wait for it.
    pub fn at_end_of_input(&self) -> io::Result<()> {
        let ending = self.clone();
        let wait = move || {
            loop {
                match nix::unistd::read(sys::STDIN, &mut [0; 512]) {
                    Ok(0) => break,
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(Errno::EAGAIN) => {
                        // Whatever is wrong with it, the next read will tell.
                        let _ = poll(&mut [PollFd::new(sys::STDIN, PollFlags::POLLIN)], PollTimeout::NONE);
                    }
                    Err(_) => break,
                }
            }
            if !ending.abort.is_set() {
                ending.come();
            }
        };
        thread::spawn("stdin", limits::STACK_BYTES, Box::new(wait)).map(drop)
    }

    fn come(&self) {
        self.has_come.store(true, Ordering::Relaxed);
        self.abort.set();
    }
}
