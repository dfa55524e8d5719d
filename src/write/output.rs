//! Where finished lines go: a bounded queue and the one thread that writes.
//!
//! In come batches of finished lines, from any number of threads; out they go to standard output or a file, whole
//! records, in each thread's order, within a millisecond. Readers wait only when
//! [`limits::MAX_QUEUE_BYTES`](crate::base::limits::MAX_QUEUE_BYTES) of lines wait already; what comes alone they write themselves. Writes that fail are tried again;
//! when the queue is full and they still fail, the newest records are refused, as they are at once where the destination is
//! another program. Whatever is lost is counted.
//!
//! ```
//! use jackdaws::write::{Batch, Output, Place};
//! use std::time::{Duration, Instant};
//!
//! let output = Output::start(Place::Stdout, || eprintln!("standard output was closed"))?;
//! let mut batch = Batch::new();
//! batch.buffer().extend_from_slice(b"Jackdaws love my big sphinx of quartz.\n");
//! batch.end_record();
//! output.send(&mut batch);
//! let totals = output.finish(Instant::now() + Duration::from_secs(5));
//! assert_eq!((totals.records, totals.bytes, totals.lost), (1, 39, 0));
//! # Ok::<(), std::io::Error>(())
//! ```

use super::complaints::WhenFull;
use super::destination::Destination;
use super::file::LogFile;
use super::place::Place;
use super::queue::Queue;
use super::remote::Remote;
use super::report::Report;
use super::totals::Totals;
use super::writer::Writer;
use crate::base::lock::Lock;
use crate::base::text::explained;
use crate::base::{sys, thread};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where the lines go.
pub enum Sink {
    /// An open descriptor, blocking or not.
    Descriptor(OwnedFd),
    /// What has a name.
    Place(Place),
    /// Anything that can be written to. Each call should take what it can at once: what has been written when a call
    /// blocks for ever is not known, and counts as lost.
    Writer(Box<dyn Write + Send>),
}

impl From<Place> for Sink {
    fn from(place: Place) -> Sink {
        Sink::Place(place)
    }
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
    pub fn start(sink: impl Into<Sink>, on_fatal: impl FnOnce() + Send + 'static) -> io::Result<Output> {
        Output::start_with(sink.into(), Pace::default(), on_fatal)
    }

    /// The same for a device that should be written to seldom, or whose power may fail.
    ///
    /// # Errors
    /// Those of [`Output::start`].
    pub fn start_with(sink: Sink, pace: Pace, on_fatal: impl FnOnce() + Send + 'static) -> io::Result<Output> {
        let report = Report::default();
        let name = sink.to_string();
        let when_full = if matches!(sink, Sink::Place(Place::Remote { .. })) { WhenFull::Lose } else { WhenFull::Wait };
        let opened = sink.open(&report);
        let mut destination = opened.map_err(|error| explained(error, format_args!("cannot open {name}")))?;
        let pace = if matches!(destination, Destination::File(_)) { pace } else { Pace::default() };
        if let (Destination::File(file), Some(_)) = (&mut destination, pace.sync) {
            file.keep_synced();
        }
        let queue = Arc::new(Queue::new(name, when_full, report).with_flush_interval(pace.flush_interval));
        let writer = Writer::new(Arc::clone(&queue), pace.sync);
        let thread = thread::spawn("writer", STACK_BYTES, Box::new(move || writer.run(destination, on_fatal)));
        let thread = thread.map_err(|error| explained(error, format_args!("cannot start a thread that writes")))?;
        let thread = Lock::new(Some(thread));
        Ok(Output { handle: Arc::new(Handle { queue, thread }) })
    }

    /// Waits until everything sent is written, at most until `deadline`. What is not written then counts as lost, though
    /// of the last write, of 256 KiB at most, the kernel may have taken a part. A record of which only a part could be
    /// written by then ends a file without a newline; whoever appends to that file next adds one first. Batches sent
    /// later are lost.
    pub fn finish(&self, deadline: Instant) -> Totals {
        let totals = self.handle.queue.finish(deadline);
        let mut thread = self.handle.thread.lock();
        if let Some(thread) = thread.take_if(|thread| thread.is_finished() || !totals.failed) {
            // A panic has been printed, and has been counted as a failure.
            let _ = thread.join();
        }
        totals
    }

    /// Whether the other is a clone of this one.
    #[must_use]
    pub fn is_same(&self, other: &Output) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }

    /// Whether its thread has ended, and nobody else can send here: all that is left are its totals.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Arc::strong_count(&self.handle) == 1 && self.handle.queue.has_ended()
    }
}

/// To send to it is to send to its queue.
impl Deref for Output {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        &self.handle.queue
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("name", &self.name()).field("totals", &self.totals()).finish()
    }
}

impl Sink {
    fn open(self, report: &Report) -> io::Result<Destination> {
        let descriptor = match self {
            Sink::Descriptor(descriptor) => descriptor,
            Sink::Place(Place::File { path, rotation, opening }) => {
                return LogFile::open(path, rotation, opening, report.clone()).map(Destination::File);
            }
            Sink::Place(Place::Remote { address, purpose }) => {
                return Ok(Destination::Remote(Remote::new(address, purpose)));
            }
            Sink::Place(Place::Stderr) => sys::STDERR.try_clone_to_owned()?,
            Sink::Place(Place::Stdout) => sys::STDOUT.try_clone_to_owned()?,
            Sink::Writer(writer) => return Ok(Destination::Writer(writer)),
        };
        Ok(Destination::descriptor(File::from(descriptor)))
    }
}

/// As the diagnostics name it.
impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sink::Place(place) => place.fmt(f),
            Sink::Descriptor(_) | Sink::Writer(_) => f.write_str("the output"),
        }
    }
}

pub(super) struct Handle {
    pub(super) queue: Arc<Queue>,
    thread: Lock<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The writer thread needs little: its slices, and what `log` and `std::fmt` need.
const STACK_BYTES: usize = 128 << 10;
