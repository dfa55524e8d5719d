//! A connection as others see it: [`Guest`]: who it is, how long it has been silent, and how to end it.
//!
//! Its own thread says when it waits for its peer. Another thread may [`Guest::dismiss`] it for the sake of others: then its
//! thread finds the stream at its end, and [`Guest::dismissal`] says why.

use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use nix::libc::linger;
use nix::sys::socket::{self, sockopt};

use crate::receive::peer::Peer;

/// One connection.
#[derive(Debug)]
pub struct Guest {
    socket: OwnedFd,
    peer: Peer,
    since: Instant,
    /// When it began to wait for its peer, in tenths of a second after `since`, and one more; 0 while it does not. A word of 32 bits
    /// counts 13 years so.
    waits_since: AtomicUsize,
    /// When its last record had come, likewise.
    last_record: AtomicUsize,
    dismissal: OnceLock<Dismissal>,
    thread: Thread,
}

/// For whose sake a connection was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dismissal {
    /// Another one waited for the memory that its unfinished frame held.
    Memory,
    /// Another one waited for its place.
    Place,
}

impl Guest {
    /// Takes over a connected socket, which the present thread serves.
    pub fn new(socket: OwnedFd, peer: Peer) -> Guest {
        let (waits_since, last_record, since) = (AtomicUsize::new(1), AtomicUsize::new(0), Instant::now());
        Guest { socket, peer, since, waits_since, last_record, dismissal: OnceLock::new(), thread: thread::current() }
    }

    /// Who sends.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Says that it waits for its peer from now on.
    pub fn begin_to_wait(&self) {
        self.waits_since.store(self.tenths().saturating_add(1), Ordering::Relaxed);
    }

    /// Says that its peer has sent something.
    pub fn hear(&self) {
        self.waits_since.store(0, Ordering::Relaxed);
    }

    /// Says that records came.
    pub fn record(&self) {
        self.last_record.store(self.tenths(), Ordering::Relaxed);
    }

    /// How long it has been waiting for its peer; `None` while its peer waits for it.
    pub fn silence(&self) -> Option<Duration> {
        let since = self.waits_since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.time_since(since))
    }

    /// How long there has been no record, whatever else came; `None` while its peer waits for it.
    pub fn idleness(&self) -> Option<Duration> {
        self.silence()?;
        Some(self.time_since(self.last_record.load(Ordering::Relaxed)))
    }

    /// Ends it. False if that was done before.
    pub fn dismiss(&self, dismissal: Dismissal) -> bool {
        let is_first = self.dismissal.set(dismissal).is_ok();
        if is_first {
            // It fails if the peer was faster.
            let _ = socket::shutdown(self.socket.as_raw_fd(), socket::Shutdown::Both);
            self.wake();
        }
        is_first
    }

    /// Has it reset when it is closed, so that the peer's next record fails, and not only the one after: the kernel takes what is sent
    /// to who has merely closed, and a peer that waits until more is taken may wait for minutes. See `SO_LINGER` in `socket(7)`.
    pub fn reset_when_closed(&self) {
        // It fails if the peer was faster.
        let _ = socket::setsockopt(&self.socket, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 });
    }

    /// Why it was ended, if another thread ended it.
    pub fn dismissal(&self) -> Option<Dismissal> {
        self.dismissal.get().copied()
    }

    /// Whether another thread has ended it, and nothing is left to read: it need not wait for a turn then.
    pub fn is_dismissed_and_read(&self) -> bool {
        let peek = || socket::recv(self.socket.as_raw_fd(), &mut [0], socket::MsgFlags::MSG_PEEK);
        self.dismissal().is_some() && !matches!(peek(), Ok(1))
    }

    /// Wakes its thread if that waits for memory or a turn.
    pub fn wake(&self) {
        self.thread.unpark();
    }

    fn time_since(&self, tenths: usize) -> Duration {
        TENTH.saturating_mul(u32::try_from(self.tenths().saturating_sub(tenths)).unwrap_or(u32::MAX))
    }

    fn tenths(&self) -> usize {
        usize::try_from(self.since.elapsed().as_millis() / 100).unwrap_or(usize::MAX)
    }
}

impl AsFd for Guest {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

const TENTH: Duration = Duration::from_millis(100);

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    /// One that is served by the present thread.
    pub fn guest() -> Arc<Guest> {
        Arc::new(Guest::new(UnixStream::pair().unwrap().0.into(), Peer::from_path("guest")))
    }
}
