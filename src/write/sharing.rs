//! What all outputs of a program share: [`Sharing`].

use std::time::Duration;

use super::batch::Batch;
use super::complaints::WhenFull;
use crate::base::abort::Abort;
use crate::base::budget::Budget;

/// Room for what is too long for one queue, and the time from which on readers do not wait for an output that takes nothing.
#[derive(Debug)]
pub struct Sharing {
    /// For outputs at which readers wait, and for all others.
    rooms: [Budget; 2],
    room_bytes: usize,
    abort: Abort,
    drain_timeout: Duration,
}

impl Sharing {
    /// Twice so many bytes; it is time to stop `drain_timeout` after `abort` was set.
    pub fn new(room_bytes: usize, abort: &Abort, drain_timeout: Duration) -> Sharing {
        Sharing { rooms: [0; 2].map(|_| Budget::new(room_bytes)), room_bytes, abort: abort.clone(), drain_timeout }
    }

    /// Whether a batch has room here, or takes it.
    pub(super) fn has_room(&self, when_full: WhenFull, batch: &mut Batch) -> bool {
        let [waiting, losing] = &self.rooms;
        batch.takes(if when_full == WhenFull::Wait { waiting } else { losing }, self.room_bytes)
    }

    /// Whether it is time to stop: readers then wait only while something is written.
    pub(super) fn is_over(&self) -> bool {
        self.abort.since().is_some_and(|since| since.elapsed() >= self.drain_timeout)
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> [usize; 2] {
        self.rooms.each_ref().map(Budget::left)
    }
}
