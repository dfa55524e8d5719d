//! The abort flag and its wake-up: how to stop a receiver from any thread.
//!
//! A thread that waits in `poll` adds [`Abort::as_fd`] to what it waits for: the descriptor becomes readable when the flag is
//! set, and stays so. Nobody sleeps through it, and no signal needs to reach a particular thread.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use crate::base::wait::poll_any;

/// The flag; clones share it.
#[derive(Clone, Debug)]
pub struct Abort {
    flags: Arc<Flags>,
}

impl Abort {
    /// A flag that is not set.
    ///
    /// # Errors
    /// When there is no file descriptor left.
    pub fn new() -> io::Result<Abort> {
        Ok(Abort { flags: Arc::new(Flags { stop: Flag::new()?, stop_now: Flag::new()? }) })
    }

    /// Asks the receiver to stop: it accepts no more, reads what had been sent, and returns.
    pub fn set(&self) {
        self.flags.stop.set();
    }

    /// Asks the receiver to stop at once: what was not read yet stays unread.
    pub fn stop_now(&self) {
        self.flags.stop_now.set();
        self.flags.stop.set();
    }

    /// True once [`Abort::set`] or [`Abort::stop_now`] was called.
    pub fn is_set(&self) -> bool {
        self.since().is_some()
    }

    /// True once [`Abort::stop_now`] was called.
    pub fn is_stop_now(&self) -> bool {
        self.flags.stop_now.since.get().is_some()
    }

    /// Waits until the flag is set, at most for `timeout`; true if it is set.
    pub fn wait(&self, timeout: Duration) -> bool {
        let mut fds = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        // An error means that waiting is impossible: what is left is to say how things stand.
        let _ = poll_any(&mut fds, Some(timeout));
        self.is_set()
    }

    /// When the flag was set.
    pub fn since(&self) -> Option<Instant> {
        self.flags.stop.since.get().copied()
    }

    /// Becomes readable on [`Abort::stop_now`] only: what to wait for once [`Abort::set`] was called.
    pub fn stop_now_fd(&self) -> BorrowedFd<'_> {
        self.flags.stop_now.waiting_end.as_fd()
    }
}

/// Becomes readable when the flag is set. For `poll` only: nothing may be read from it.
impl AsFd for Abort {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.flags.stop.waiting_end.as_fd()
    }
}

#[derive(Debug)]
struct Flags {
    stop: Flag,
    stop_now: Flag,
}

#[derive(Debug)]
struct Flag {
    since: OnceLock<Instant>,
    waiting_end: UnixStream,
    setting_end: UnixStream,
}

impl Flag {
    fn new() -> io::Result<Flag> {
        let (waiting_end, setting_end) = UnixStream::pair()?;
        Ok(Flag { since: OnceLock::new(), waiting_end, setting_end })
    }

    fn set(&self) {
        self.since.get_or_init(Instant::now);
        // It can only fail when it was done before.
        let _ = self.setting_end.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    fn is_readable(fd: BorrowedFd<'_>) -> bool {
        poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::ZERO).unwrap() > 0
    }

    #[test]
    fn wakes_whoever_polls_it_and_stays_set() {
        let abort = Abort::new().unwrap();
        assert!(!abort.is_set() && !is_readable(abort.as_fd()));
        let waiting = abort.clone();
        let thread = std::thread::spawn(move || {
            poll(&mut [PollFd::new(waiting.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).unwrap();
            waiting.is_set()
        });
        abort.set();
        let since = abort.since();
        abort.set();
        assert!(thread.join().unwrap());
        assert!(is_readable(abort.as_fd()) && abort.since() == since);
        assert!(!abort.is_stop_now() && !is_readable(abort.stop_now_fd()));
    }

    #[test]
    fn stop_now_sets_both() {
        let abort = Abort::new().unwrap();
        abort.stop_now();
        assert!(abort.is_set() && abort.is_stop_now());
        assert!(is_readable(abort.as_fd()) && is_readable(abort.stop_now_fd()));
    }
}
