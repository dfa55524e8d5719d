//! Python's `MemoryHandler`, which keeps records for another handler, and `QueueHandler`, which passes them to others.

use std::mem;
use std::sync::{Arc, MutexGuard};

use crate::base::lock::Lock;

/// Python's `MemoryHandler`: hands on what it has kept when there is enough of it, or something severe.
#[derive(Debug)]
pub struct MemoryHandler {
    /// Records that are kept at most.
    pub capacity: u64,
    /// The level from which on a record has all handed on.
    pub flush_level: f64,
    /// Number of the handler that gets them; its filters are asked, its level is not.
    pub target: Option<usize>,
    /// Whether what is kept at the end is handed on.
    pub flush_on_close: bool,
    /// Bytes that it keeps at most, whatever its capacity. A record that would take as many is handed on at once, after all that is
    /// kept: it is never held in the lines of all handlers.
    pub most_bytes: usize,
    kept: Lock<Kept>,
    /// Only a configuration asks for it: without that feature there is none.
    #[cfg(not(feature = "config"))]
    never: std::convert::Infallible,
}

/// Python's `QueueHandler`, with its listener: what it passes on, and to whom.
#[derive(Debug)]
pub(super) struct QueueHandler {
    /// Number of the layout that gives the message.
    pub(super) layout: usize,
    /// Numbers of the handlers.
    pub(super) handlers: Vec<usize>,
    /// Whether their levels are asked.
    pub(super) asks_levels: bool,
    /// As for [`MemoryHandler`].
    #[cfg(not(feature = "config"))]
    never: std::convert::Infallible,
}

#[derive(Debug, Default)]
struct Kept {
    records: Vec<Arc<KeptRecord>>,
    bytes: usize,
    /// Nobody looks here any more: what comes late is handed on at once.
    is_closed: bool,
}

/// What is to be handed on. Nothing more is kept until that is done, and with the destinations: the records of one connection are handed
/// on by others too, and stay in their order.
pub(super) struct Handed<'m> {
    pub(super) records: Vec<Arc<KeptRecord>>,
    _kept: MutexGuard<'m, Kept>,
}

/// A record that is kept: what handlers will get of it, by their numbers.
#[derive(Debug)]
pub(super) struct KeptRecord {
    pub(super) level: log::Level,
    pub(super) levelno: Option<f64>,
    pub(super) parts: Vec<(usize, Part)>,
}

/// What one handler will get of a record that is kept.
#[derive(Debug)]
pub(super) enum Part {
    /// What it will write: a line or a message.
    Line(Vec<u8>),
    /// What it will keep in its turn.
    Record(Arc<KeptRecord>),
}

/// What it takes to keep a record of these parts, about: each is in memory of its own.
pub(super) fn weight_of(parts: &[(usize, Part)]) -> usize {
    let parts = parts.iter().map(|(_, part)| match part {
        Part::Line(line) => line.capacity().saturating_add(KEPT_LINE_BYTES),
        Part::Record(record) => weight_of(&record.parts).saturating_add(KEPT_LINE_BYTES),
    });
    parts.fold(size_of::<KeptRecord>(), usize::saturating_add)
}

impl MemoryHandler {
    /// Keeps nothing yet.
    #[cfg(feature = "config")]
    pub fn new(
        capacity: u64,
        flush_level: f64,
        target: Option<usize>,
        flush_on_close: bool,
        most_bytes: usize,
    ) -> MemoryHandler {
        MemoryHandler { capacity, flush_level, target, flush_on_close, most_bytes, kept: Lock::default() }
    }

    /// Keeps a record, and gives all if it is time to hand them on.
    pub(super) fn keep(&self, record: Arc<KeptRecord>) -> Handed<'_> {
        let is_severe = record.levelno.is_none_or(|level| level >= self.flush_level);
        let mut kept = self.kept.lock();
        kept.bytes = kept.bytes.saturating_add(weight_of(&record.parts));
        kept.records.push(record);
        let is_full = u64::try_from(kept.records.len()).unwrap_or(u64::MAX) >= self.capacity;
        let is_late = kept.is_closed && self.flush_on_close;
        let is_time = is_severe || is_full || is_late || kept.bytes >= self.most_bytes;
        let records = if is_time { kept.take() } else { Vec::new() };
        Handed { records, _kept: kept }
    }

    /// All that is kept.
    pub(super) fn take(&self) -> Handed<'_> {
        let mut kept = self.kept.lock();
        Handed { records: kept.take(), _kept: kept }
    }

    /// The end: all that is kept, if that is to be handed on.
    pub(super) fn close(&self) -> Handed<'_> {
        let mut kept = self.kept.lock();
        kept.is_closed = true;
        let mut records = kept.take();
        if !self.flush_on_close {
            records.clear();
        }
        Handed { records, _kept: kept }
    }
}

impl Kept {
    fn take(&mut self) -> Vec<Arc<KeptRecord>> {
        self.bytes = 0;
        mem::take(&mut self.records)
    }
}

/// What a line takes besides its bytes.
const KEPT_LINE_BYTES: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_the_end_is_not_kept() {
        let record = || Arc::new(KeptRecord { level: log::Level::Info, levelno: Some(20.0), parts: Vec::new() });
        for hands_on in [true, false] {
            let memory = MemoryHandler::new(9, 40.0, None, hands_on, 1000);
            assert!(memory.keep(record()).records.is_empty() && memory.keep(record()).records.is_empty());
            assert_eq!(memory.close().records.len(), if hands_on { 2 } else { 0 });
            // A connection that is yet to see that there is another tree.
            assert_eq!(memory.keep(record()).records.len(), usize::from(hands_on));
        }
    }

    #[test]
    fn so_many_bytes_are_kept_and_not_one_more() {
        let line = vec![b'x'; 1000];
        let parts = vec![(0, Part::Line(line.clone())), (1, Part::Line(line))];
        let record = KeptRecord { level: log::Level::Info, levelno: Some(20.0), parts };
        let weight = weight_of(&record.parts);
        assert_eq!(weight, 2000 + 2 * KEPT_LINE_BYTES + size_of::<KeptRecord>());
        let record = Arc::new(record);
        for (most, at_once) in [(3 * weight - 1, 3), (3 * weight, 3), (3 * weight + 1, 4)] {
            let memory = MemoryHandler::new(9, 40.0, None, true, most);
            for _ in 1..at_once {
                assert!(memory.keep(record.clone()).records.is_empty(), "{most}");
            }
            assert_eq!(memory.keep(record.clone()).records.len(), at_once, "{most}");
        }
    }
}
