//! How the memory that peers may make the receiver hold is shared out: [`Shares`].
//!
//! In: `--max-memory`, `--max-connections`, `--max-frame`. Out: what each purpose gets. Of every connection's share the kernel
//! takes most. What is left is for those that read, decode and lay out now (a quarter), for unfinished frames (three eighths),
//! for lines that wait to be written (an eighth), and for the one record at a time that is larger than the others.

use crate::base::limits::{
    CONNECTION_BYTES, MAX_AHEAD, MAX_CONNECTIONS, MAX_FRAME_BYTES, MAX_IN_FLIGHT_BYTES, MAX_QUEUE_BYTES,
    MAX_WORKING_SETS, PRIVATE_BYTES,
};

/// What each purpose gets, in bytes unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// How many connections there may be.
    pub connections: usize,
    /// How many more may wait for a place after they were accepted, for which the kernel takes 3 kB each.
    pub ahead: usize,
    /// For unfinished frames, beyond what is private to each connection.
    pub frames: usize,
    /// Of that, for what those have read already that read now.
    pub reserve: usize,
    /// How many connections read, decode and lay out at the same time.
    pub working_sets: usize,
    /// The read buffer of each of them.
    pub read_buffer: usize,
    /// For what each of them decodes.
    pub small_arena: usize,
    /// For what the one decodes that has more.
    pub large_arena: usize,
    /// The longest line that each of them may lay out while others do.
    pub line: usize,
    /// For lines that wait to be written, all destinations together; and as much for what `MemoryHandler`s keep.
    pub queue: usize,
}

impl Shares {
    /// Shares out `max_memory`, or [`Shares::least`], if that is more.
    pub fn of(max_memory: usize, max_connections: usize, max_frame: usize) -> Shares {
        let connections = CONNECTION_BYTES.saturating_add(PRIVATE_BYTES).saturating_mul(max_connections);
        let rest = max_memory.saturating_sub(connections).max(max_frame.saturating_mul(FRAMES));
        let set = (rest / 64).clamp(MIN_SET_BYTES, MAX_SET_BYTES);
        let working_sets = (rest / 4).checked_div(set).unwrap_or(2).clamp(2, MAX_WORKING_SETS);
        let read_buffer = set / 4;
        let reserve = read_buffer.saturating_sub(PRIVATE_BYTES).saturating_mul(working_sets);
        let frames = (rest / 8).saturating_mul(3).max(max_frame.saturating_add(reserve.saturating_mul(3)));
        Shares {
            connections: max_connections,
            ahead: (max_memory / AHEAD_BYTES).min(MAX_AHEAD),
            frames,
            reserve,
            working_sets,
            read_buffer,
            small_arena: set / 4,
            large_arena: (rest / 4).min(MAX_IN_FLIGHT_BYTES),
            line: set / 4,
            queue: (rest / 8).min(MAX_QUEUE_BYTES),
        }
    }

    /// The least `max_memory` for so many connections and so long records.
    pub fn least(max_connections: usize, max_frame: usize) -> usize {
        let connections = CONNECTION_BYTES.saturating_add(PRIVATE_BYTES).saturating_mul(max_connections);
        connections.saturating_add(max_frame.saturating_mul(FRAMES))
    }

    /// The connections, and the longest record, that go with `max_memory`.
    pub fn limits(max_memory: usize) -> (usize, usize) {
        let connections = (max_memory / 3 / CONNECTION_BYTES).clamp(1, MAX_CONNECTIONS);
        (connections, (max_memory / 8).clamp(1, MAX_FRAME_BYTES))
    }
}

/// The longest record has room as a frame, as values, as a line, and as a line that waits to be written.
const FRAMES: usize = 4;

/// For so many bytes of `--max-memory`, one connection more may wait for a place: a tenth of them, then, is theirs.
const AHEAD_BYTES: usize = 32 << 10;

/// What reads, decodes and lays out: a quarter of it is the read buffer, as much what it decodes to, and twice as much the line.
///
/// Each read tells the sender of the room that it made, and wakes it: with reads of 256 KiB that happens less often than with 64, which
/// saves a tenth of all that a record costs. Measured, still larger buffers save nothing.
const MIN_SET_BYTES: usize = 128 << 10;
const MAX_SET_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use crate::base::limits::MAX_MEMORY_BYTES;

    #[test]
    fn the_defaults_go_with_the_default() {
        assert_eq!(Shares::limits(MAX_MEMORY_BYTES), (MAX_CONNECTIONS, MAX_FRAME_BYTES));
        let shares = Shares::of(MAX_MEMORY_BYTES, MAX_CONNECTIONS, MAX_FRAME_BYTES);
        assert_eq!((shares.connections, shares.ahead), (MAX_CONNECTIONS, MAX_AHEAD));
        assert_eq!((shares.queue, shares.working_sets, shares.read_buffer), (8 << 20, 16, 256 << 10));
    }

    #[test]
    fn what_follows_from_the_memory_fits_into_it() {
        for max_memory in [1 << 20, 3 << 20, 8 << 20, 12_345_678, 46 << 18, MAX_MEMORY_BYTES, usize::MAX >> 1] {
            let (connections, frame) = Shares::limits(max_memory);
            assert!(Shares::least(connections, frame) <= max_memory, "{max_memory}: {connections}, {frame}");
            let shares = Shares::of(max_memory, connections, frame);
            // What is kept without a claim leaves room for the longest, and for those that read then.
            assert!(shares.frames >= frame + 3 * shares.reserve, "{shares:?}");
            assert!(shares.read_buffer > PRIVATE_BYTES && shares.working_sets > 1, "{shares:?}");
        }
        assert_eq!(Shares::limits(8 << 20), (69, 1 << 20));
    }

    #[test]
    fn what_is_asked_for_fits_or_does_not() {
        let least = Shares::least(10, 100_000);
        assert_eq!(least, 10 * (40_000 + 16_384) + 400_000);
        for (max_memory, rest) in [(least - 1, 400_000), (least, 400_000), (least + 8, 400_008)] {
            assert_eq!(Shares::of(max_memory, 10, 100_000).queue, rest / 8);
        }
    }
}
