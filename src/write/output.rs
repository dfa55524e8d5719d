//! Where finished lines go: a bounded queue and the one thread that writes.
//!
//! In come batches of finished lines, from any number of threads; out they go to standard output or a file, whole
//! records, in each thread's order, within a millisecond. Readers never touch the disk: they wait only when
//! [`limits::MAX_QUEUE_BYTES`](crate::base::limits::MAX_QUEUE_BYTES) of lines wait already. Writes that fail are tried again;
//! when the queue is full and they still fail, the newest records are refused, as they are at once where the destination is
//! another program. Whatever is lost is counted.
//!
//! ```
//! use jackdaws::write::{Batch, Output, Sink};
//! use std::time::{Duration, Instant};
//!
//! let output = Output::start(Sink::Stdout, || eprintln!("standard output was closed"))?;
//! let mut batch = Batch::new();
//! batch.buffer().extend_from_slice(b"Jackdaws love my big sphinx of quartz.\n");
//! batch.end_record();
//! output.send(&mut batch);
//! let totals = output.finish(Instant::now() + Duration::from_secs(5));
//! assert_eq!((totals.records, totals.bytes, totals.lost), (1, 39, 0));
//! # Ok::<(), std::io::Error>(())
//! ```

use super::batch::Batch;
use super::complaints::WhenFull;
use super::file::{LogFile, Opening, RotateBy};
use super::queue::Queue;
use super::remote::{Remote, RemoteAddress};
use super::report::Report;
use super::rotation::Rotation;
use super::totals::Totals;
use super::writer::{Destination, Writer};
use crate::base::thread;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where the lines go.
pub enum Sink {
    /// An open descriptor, blocking or not.
    Descriptor(OwnedFd),
    /// A file, appended to. One that is moved or deleted is opened anew, as `WatchedFileHandler` does.
    File {
        /// Its name.
        path: PathBuf,
        /// When to rotate, if at all, as `RotatingFileHandler` does.
        rotation: Option<Rotation>,
    },
    /// A file as a Python handler opens it.
    HandlerFile {
        /// Its name.
        path: PathBuf,
        /// When to rotate, if at all.
        rotation: Option<RotateBy>,
        /// When it is opened, and when anew.
        opening: Opening,
    },
    /// Another program, on this machine or elsewhere: a stream of the records, or a datagram for each. Nobody waits for it: it need
    /// not be there, and when it does not keep up the newest records are lost.
    Remote {
        /// Where it listens.
        address: RemoteAddress,
        /// What it is for, as diagnostics name it: `relay`.
        purpose: &'static str,
    },
    /// Standard error.
    Stderr,
    /// Standard output. Nothing else in the process should write there.
    Stdout,
    /// Anything that can be written to. Each call should take what it can at once: what has been written when a call
    /// blocks for ever is not known, and counts as lost.
    Writer(Box<dyn Write + Send>),
}

/// How soon lines are written to a file, and how soon they are on its disk. By default they are written at once, and the
/// system chooses when they are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// How long they are gathered, a MiB at most, before they are written.
    pub flush_interval: Option<Duration>,
    /// How soon after a write `fdatasync(2)` follows.
    pub sync: Option<Duration>,
}

/// A handle on the writer thread; clones share it. When the last is dropped, the thread writes what it has and ends.
#[derive(Clone)]
pub struct Output {
    pub(super) handle: Arc<Handle>,
}

impl Output {
    /// Opens the destination, then starts the writer thread. `on_fatal` is called once, on that thread, if the
    /// destination is gone for ever: nobody reads standard output any more (EPIPE), say. That has been reported by then.
    ///
    /// # Errors
    /// The destination cannot be opened (the message names it), or no thread can be made.
    pub fn start(sink: Sink, on_fatal: impl FnOnce() + Send + 'static) -> io::Result<Output> {
        Output::start_with(sink, Pace::default(), on_fatal)
    }

    /// The same for a device that should be written to seldom, or whose power may fail.
    ///
    /// # Errors
    /// Those of [`Output::start`].
    pub fn start_with(sink: Sink, pace: Pace, on_fatal: impl FnOnce() + Send + 'static) -> io::Result<Output> {
        let report = Report::default();
        let name = sink.to_string();
        let when_full = if matches!(sink, Sink::Remote { .. }) { WhenFull::Lose } else { WhenFull::Wait };
        let opened = sink.open(&report);
        let destination =
            opened.map_err(|error| io::Error::new(error.kind(), format!("cannot open {name}: {error}")))?;
        let pace = if matches!(destination, Destination::File(_)) { pace } else { Pace::default() };
        let queue = Arc::new(Queue::new(name, when_full, report).with_flush_interval(pace.flush_interval));
        let writer = Writer::new(Arc::clone(&queue), destination).with_sync(pace.sync);
        let thread = thread::spawn("writer", STACK_BYTES, Box::new(move || writer.run(on_fatal)));
        let thread = thread
            .map_err(|error| io::Error::new(error.kind(), format!("cannot start a thread that writes: {error}")))?;
        let thread = Mutex::new(Some(thread));
        Ok(Output { handle: Arc::new(Handle { queue, thread }) })
    }

    /// Lets at most so many bytes of lines wait, instead of
    /// [`limits::MAX_QUEUE_BYTES`](crate::base::limits::MAX_QUEUE_BYTES).
    pub fn limit_queue(&self, bytes: usize) {
        self.handle.queue.limit(bytes);
    }

    /// An empty batch, with the memory of one already written if there is one: so that busy readers allocate nothing, and
    /// idle ones hold nothing.
    #[must_use]
    pub fn spare_batch(&self) -> Batch {
        self.handle.queue.spare()
    }

    /// Hands the batch over and leaves an empty one in its place, which holds no memory.
    ///
    /// Waits while the queue is full, but not if the output has been failing for a while: then the batch is lost, as it
    /// is after `finish`.
    pub fn send(&self, batch: &mut Batch) {
        self.handle.queue.send(batch);
    }

    /// Waits until everything sent is written, at most until `deadline`. What is not written then counts as lost, though
    /// of the last write, of 256 KiB at most, the kernel may have taken a part. A record of which only a part could be
    /// written by then ends a file without a newline; whoever appends to that file next adds one first. Batches sent
    /// later are lost.
    pub fn finish(&self, deadline: Instant) -> Totals {
        let totals = self.handle.queue.finish(deadline);
        let mut thread = self.handle.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take_if(|thread| thread.is_finished() || !totals.failed) {
            // A panic has been printed, and has been counted as a failure.
            let _ = thread.join();
        }
        totals
    }

    /// Takes nothing more, and writes what there is. [`Output::finish`] waits for that.
    pub fn close(&self) {
        self.handle.queue.close();
    }

    /// Whether lines are gathered before they are written.
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.handle.queue.holds_back()
    }

    /// Writes what was gathered now.
    pub fn hurry(&self) {
        self.handle.queue.hurry();
    }

    /// As the diagnostics name it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.handle.queue.name()
    }

    /// Whether the other is a clone of this one.
    #[must_use]
    pub fn is_same(&self, other: &Output) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }

    /// True if a record would be lost for want of room, as at a far end that is away: it is counted, and need not be laid out.
    pub fn loses_next(&self) -> bool {
        self.handle.queue.loses_next()
    }

    /// Counts a record as lost that cannot be sent, and says why, the first time.
    pub fn lose(&self, why: &dyn fmt::Display) {
        self.handle.queue.lose_unsent(why);
    }

    /// Opens the file anew, where there is one, once what was sent before is written: for whoever has just moved it.
    pub fn reopen(&self) {
        self.handle.queue.ask_to_reopen();
    }

    /// Rotates and opens its file in another way, once what was sent before is written.
    pub fn change(&self, rotation: Option<RotateBy>, opening: Opening) {
        self.handle.queue.ask_to_change(rotation, opening);
    }

    /// Lets the thread end `after` a while, once all is written; with `None` it stays, unless it has ended, which is false.
    pub fn retire(&self, after: Option<Duration>) -> bool {
        self.handle.queue.retire(after)
    }

    /// Whether it is not to be sent to any more.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.handle.queue.is_retired()
    }

    /// Whether its thread has ended, and nobody else can send here: all that is left are its totals.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Arc::strong_count(&self.handle) == 1 && self.handle.queue.has_ended()
    }

    /// The totals so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.handle.queue.totals()
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.handle.queue.name();
        f.debug_struct("Output").field("name", &name).field("totals", &self.totals()).finish()
    }
}

impl Sink {
    fn open(self, report: &Report) -> io::Result<Destination> {
        Ok(match self {
            Sink::Descriptor(descriptor) => Destination::Descriptor(File::from(descriptor)),
            Sink::File { path, rotation } => Destination::File(LogFile::open(path, rotation, report.clone())?),
            Sink::HandlerFile { path, rotation, opening } => {
                Destination::File(LogFile::open_as(path, rotation, opening, report.clone())?)
            }
            Sink::Stderr => Destination::Descriptor(File::from(io::stderr().as_fd().try_clone_to_owned()?)),
            Sink::Remote { address, .. } => Destination::Remote(Remote::new(address)),
            // Not std's `Stdout`, which looks for newlines and copies.
            Sink::Stdout => Destination::Descriptor(File::from(io::stdout().as_fd().try_clone_to_owned()?)),
            Sink::Writer(writer) => Destination::Writer(writer),
        })
    }
}

/// As the diagnostics name it.
impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sink::File { path, .. } | Sink::HandlerFile { path, .. } => write!(f, "{path:?}"),
            Sink::Stderr => f.write_str("standard error"),
            Sink::Remote { address, purpose } => write!(f, "{purpose}:{address}"),
            Sink::Stdout => f.write_str("standard output"),
            Sink::Descriptor(_) | Sink::Writer(_) => f.write_str("the output"),
        }
    }
}

pub(super) struct Handle {
    pub(super) queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The writer thread needs little: its slices, and what `log` and `std::fmt` need.
const STACK_BYTES: usize = 128 << 10;
