//! The writer thread: the only one that touches the destination.
//!
//! In come the batches from the queue; out go their bytes, in order, with as few and as large writes as there is text for,
//! at once. After a short write the rest follows, into the same file. A write that fails is tried again after a pause
//! that doubles; only if the other side of a pipe is closed for good does the thread give up.

use super::backlog::MAX_BATCHES;
use super::batch::Batch;
use super::destination::{Destination, is_full};
use super::queue::{Next, Queue};
use super::report::records_lost;
use crate::base::wait::{Coalescing, poll_any};
use nix::poll::{PollFd, PollFlags};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub(super) struct Writer {
    queue: Arc<Queue>,
    taken: VecDeque<Batch>,
    spent: Vec<Batch>,
    fault: Option<Fault>,
    said_too_long: bool,
    /// How long what was written may not be on the disk.
    sync: Option<Duration>,
    sync_at: Option<Instant>,
    sync_failed: bool,
}

/// A write that failed and has not yet succeeded.
struct Fault {
    since: Instant,
    pause: Duration,
}

impl Writer {
    pub(super) fn new(queue: Arc<Queue>, sync: Option<Duration>) -> Writer {
        Writer {
            queue,
            taken: VecDeque::with_capacity(MAX_BATCHES),
            spent: Vec::new(),
            fault: None,
            said_too_long: false,
            sync,
            sync_at: None,
            sync_failed: false,
        }
    }

    /// Writes until the queue is closed and empty, or until the destination is gone: then calls `on_fatal`.
    pub(super) fn run(mut self, destination: Destination, on_fatal: impl FnOnce()) {
        let end = End(Arc::clone(&self.queue));
        if let Err(error) = self.write_all(Box::new(destination)) {
            let lost = end.0.end(true);
            let (name, lost) = (end.0.name(), records_lost(lost, ["is", "are"]));
            end.0.report().error(format_args!("cannot write {name} any more: {error}; {lost}"));
            on_fatal();
        }
    }

    /// Whenever there is nothing to write, the queue has the destination.
    fn write_all(&mut self, mut destination: Box<Destination>) -> io::Result<()> {
        let mut coalescing = Coalescing::default();
        loop {
            let next;
            (next, destination) = self.queue.take(destination, &mut self.taken, self.sync_at);
            match next {
                Next::Write => {}
                Next::Reopen => {
                    self.reopen(&mut destination);
                    continue;
                }
                Next::Sync => {
                    self.sync_now(&destination);
                    continue;
                }
                Next::End => {
                    self.sync_now(&destination);
                    return Ok(());
                }
            }
            let bytes = self.taken.iter().map(Batch::len).sum();
            while !self.taken.is_empty() {
                let go_on = match self.write(&mut destination) {
                    Ok(written) => self.settle(&destination, written),
                    Err(error) if error.kind() == ErrorKind::Interrupted => true,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait_until_writable(&destination),
                    Err(error) if destination.never_takes(&error) => self.refuse(&error),
                    Err(error) if destination.is_gone(&error) => return Err(error),
                    Err(error) if is_full(&error) && destination.makes_room() => true,
                    Err(error) if self.has_lasted(&error) && destination.takes_back(&mut self.taken) => {
                        self.refuse(&error)
                    }
                    Err(error) => self.pause(&error),
                };
                if !go_on {
                    return Ok(());
                }
            }
            coalescing.wait_for_more();
            coalescing.handled(bytes);
        }
    }

    /// Has what was written on the disk, if it is not there yet.
    fn sync_now(&mut self, destination: &Destination) {
        let (Destination::File(file), Some(_)) = (destination, self.sync_at.take()) else { return };
        let synced = file.sync();
        if let (Err(error), false) = (&synced, self.sync_failed) {
            let name = self.queue.name();
            self.queue.report().error(format_args!("cannot have {name} on the disk: {error}; trying again"));
        }
        self.sync_failed = synced.is_err();
        self.sync_at =
            self.sync.filter(|_| self.sync_failed).and_then(|sync| Instant::now().checked_add(sync.max(LAST_PAUSE)));
    }

    /// What cannot be opened is tried again, and said, with the next record.
    fn reopen(&mut self, destination: &mut Destination) {
        self.sync_now(destination);
        match destination {
            Destination::File(file) => {
                if let Some((rotation, opening)) = self.queue.take_change() {
                    file.change(rotation, opening);
                }
                drop(file.reopen());
            }
            Destination::Remote(remote) => remote.disconnect(),
            Destination::Descriptor { .. } | Destination::Writer(_) => {}
        }
    }

    /// One write of as much as there is, or as may go into the present file.
    fn write(&mut self, destination: &mut Destination) -> io::Result<usize> {
        let mut most = destination.room(&mut self.taken, self.fault.is_some(), MAX_WRITE_BYTES)?;
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let mut used: usize = 0;
        for (slice, batch) in slices.iter_mut().zip(&self.taken) {
            let text = batch.unwritten();
            let text = text.get(..most).unwrap_or(text);
            *slice = IoSlice::new(text);
            most = most.saturating_sub(text.len());
            used = used.saturating_add(1);
            if most == 0 {
                break;
            }
        }
        match destination.write_vectored(slices.get(..used).unwrap_or_default())? {
            0 => Err(io::Error::new(ErrorKind::WriteZero, "it takes nothing")),
            written => Ok(written),
        }
    }

    fn settle(&mut self, destination: &Destination, written: usize) -> bool {
        self.fault = None;
        if let (Some(sync), Destination::File(_)) = (self.sync, destination) {
            let now = Instant::now();
            let at = *self.sync_at.get_or_insert_with(|| now.checked_add(sync).unwrap_or(now));
            if at <= now {
                self.sync_now(destination);
            }
        }
        let mut rest = written;
        let mut records: usize = 0;
        while let Some(batch) = self.taken.front_mut() {
            let (bytes, completed) = batch.advance(rest);
            rest = rest.saturating_sub(bytes);
            records = records.saturating_add(completed);
            if !batch.unwritten().is_empty() {
                break;
            }
            self.spent.extend(self.taken.pop_front());
        }
        self.queue.settle(written, records, &mut self.spent)
    }

    /// Gives up one record, which is too long for a datagram or a disk.
    fn refuse(&mut self, error: &io::Error) -> bool {
        if let Some(batch) = self.taken.front_mut() {
            let length = batch.unwritten_records().next().map_or(0, <[u8]>::len);
            batch.advance(length);
            if batch.unwritten().is_empty() {
                self.spent.extend(self.taken.pop_front());
            }
            if !mem::replace(&mut self.said_too_long, true) {
                let name = self.queue.name();
                self.queue.report().error(format_args!("a record of {length} bytes is lost to {name}: {error}"));
            }
        }
        self.queue.refuse(&mut self.spent)
    }

    /// Whether the disk has been full for a while.
    fn has_lasted(&self, error: &io::Error) -> bool {
        is_full(error) && self.fault.as_ref().is_some_and(|fault| fault.pause >= LAST_PAUSE)
    }

    fn pause(&mut self, error: &io::Error) -> bool {
        let fault = self.fault.get_or_insert_with(|| Fault { since: Instant::now(), pause: FIRST_PAUSE });
        let stands = fault.since.elapsed() >= PATIENCE;
        let pause = fault.pause;
        fault.pause = pause.saturating_mul(2).min(LAST_PAUSE);
        self.queue.pause(error, pause, stands, &mut self.taken)
    }

    /// A descriptor that is not to block, and is full, is merely slow: that is no failure.
    fn wait_until_writable(&self, destination: &Destination) -> bool {
        let Some(descriptor) = destination.as_fd() else {
            thread::sleep(FIRST_PAUSE);
            return !self.queue.has_ended();
        };
        // Whatever is wrong with the descriptor, the next write will tell.
        let _ = poll_any(&mut [PollFd::new(descriptor, PollFlags::POLLOUT)], Some(LONGEST_POLL));
        !self.queue.has_ended()
    }
}

/// However the thread ends, even by a panic of a destination, nobody waits for it.
struct End(Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.end(thread::panicking());
    }
}

/// The longest write: large enough to cost little for each byte, and small enough that, if a slow disk or pipe is given
/// up in the middle of one, not much is unaccounted for.
const MAX_WRITE_BYTES: usize = 256 << 10;

/// Batches joined in one write; `writev` takes 1024.
const MAX_SLICES: usize = 256;

/// The pauses between attempts to write what failed: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// How long readers wait at a full queue for a write that fails. A Python sender gives `sendall` one second.
const PATIENCE: Duration = Duration::from_millis(250);

/// `poll` is left now and then to see whether the end has come.
const LONGEST_POLL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
