//! What became of the records of an output.

use std::time::Duration;

/// What became of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes that the kernel took.
    pub bytes: u64,
    /// The destination is gone for ever, or was stuck at the deadline.
    pub failed: bool,
    /// Records refused at a full queue, or not written by the end. One that was written in part is among them.
    pub lost: u64,
    /// Records that the kernel took, wholly.
    pub records: u64,
    /// Records sent, and as yet neither written nor lost.
    pub waiting: u64,
    /// How long at least one reader waited at a full queue.
    pub waited: Duration,
}

impl Totals {
    /// Those of two outputs together.
    #[must_use]
    pub fn and(self, other: Totals) -> Totals {
        Totals {
            bytes: self.bytes.saturating_add(other.bytes),
            failed: self.failed || other.failed,
            lost: self.lost.saturating_add(other.lost),
            records: self.records.saturating_add(other.records),
            waiting: self.waiting.saturating_add(other.waiting),
            waited: self.waited.saturating_add(other.waited),
        }
    }
}
