//! From lines to where they stay: a bounded queue, and one writer thread that empties it.
//!
//! [`Output`] is the handle on both. Readers of sockets fill a [`Batch`] and hand it over; the writer thread
//! writes, reopens and rotates files, and counts what is lost. A few records that come alone are written by who brings them.

mod output;

mod writer;

mod queue;

mod sharing;

mod backlog;

mod destination;

mod complaints;

mod totals;

mod place;

mod remote;

mod file;

mod timed_rotation;

mod rotation;

mod batch;

mod report;

pub use batch::Batch;
#[cfg(test)]
pub(crate) use batch::FULL_BATCH_BYTES;
pub use file::{Opening, RotateBy};
pub use output::{Output, Pace, Sink};
pub use place::Place;
pub use queue::Queue;
pub use remote::{Purpose, RemoteAddress};
pub use rotation::Rotation;
pub use sharing::Sharing;
pub use timed_rotation::{TimedRotation, When};
pub use totals::Totals;
