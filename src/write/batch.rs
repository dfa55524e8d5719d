//! A batch: the finished lines of one connection, on their way from a reader to the writer thread.
//!
//! In come the bytes of each record's line or lines, then the mark that the record ends there; out go the same bytes,
//! and the knowledge of how many records they hold, so that rotation falls between records and losses are counted.

use std::fmt;
use std::io::{self, Write};
use std::mem;

use crate::base::budget::{Budget, Taken};
use crate::base::memory::has_memory_for;

/// Finished lines, and where each record ends.
///
/// A record may hold newlines; its end lies after its last one. Text after the last end counts as one more record when
/// the batch is sent.
#[derive(Debug)]
pub struct Batch {
    text: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    /// From so many bytes on it is full.
    full_bytes: usize,
    /// What it has of the room that queues share for what is too much for one of them.
    room: Option<Taken>,
}

impl Batch {
    /// An empty batch; it allocates nothing until text comes.
    #[must_use]
    pub fn new() -> Batch {
        Batch { text: Vec::new(), ends: Vec::new(), written: 0, full_bytes: FULL_BATCH_BYTES, room: None }
    }

    /// Has it full with so many bytes, if those are fewer than usual.
    pub(super) fn limit(&mut self, bytes: usize) {
        self.full_bytes = bytes.min(FULL_BATCH_BYTES);
    }

    /// Whether it is best handed over now.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= self.full_bytes || self.records() >= self.full_bytes / BYTES_A_RECORD
    }

    /// Whether it holds far more memory than a full one need have.
    pub(super) fn is_large(&self) -> bool {
        self.capacity() > self.full_bytes.saturating_mul(2)
    }

    /// The text, to append to. Of what was there, only the record not yet ended may be cut off again.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Ends a record where the text ends now. Without text since the last end there is no record, and nothing happens.
    #[inline(always)]
    pub fn end_record(&mut self) {
        if self.text.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.text.len());
        }
    }

    /// Takes back what was appended since the last end.
    #[cold]
    pub(crate) fn give_up_record(&mut self) {
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Records ended.
    #[must_use]
    pub fn records(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of text.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Forgets text and records, and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.written = 0;
        self.room = None;
    }

    /// Makes the ends cover the text exactly, whatever was done to `buffer`.
    pub(super) fn close(&mut self) {
        let length = self.text.len();
        while self.ends.last().is_some_and(|&end| end > length) {
            self.ends.pop();
        }
        self.end_record();
    }

    /// What the batch costs the queue: its text, and a word for each record. Lines of one byte would else take nine
    /// times the memory that the queue allows.
    pub(super) fn weight(&self) -> usize {
        let marks = self.ends.len().saturating_mul(mem::size_of::<usize>());
        self.text.len().saturating_add(marks)
    }

    /// Whether it has, or takes, as much of this room as it weighs, or all.
    pub(super) fn takes(&mut self, room: &Budget, all: usize) -> bool {
        if self.room.is_none() {
            self.room = room.take(self.weight().min(all));
        }
        self.room.is_some()
    }

    /// What it costs the queue itself: nothing if it has other room.
    pub(super) fn weight_here(&self) -> usize {
        if self.room.is_some() { 0 } else { self.weight() }
    }

    /// Memory held, used or not.
    pub(super) fn capacity(&self) -> usize {
        let marks = self.ends.capacity().saturating_mul(mem::size_of::<usize>());
        self.text.capacity().saturating_add(marks)
    }

    /// The text that is not yet written.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.text.get(self.written..).unwrap_or_default()
    }

    /// What is unwritten of each record; the first may be the rest of a torn one.
    pub(super) fn unwritten_records(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = self.written;
        let ends = self.ends.get(self.records_written()..).unwrap_or_default();
        ends.iter().map(move |&end| self.text.get(mem::replace(&mut start, end)..end).unwrap_or_default())
    }

    /// Whether a record is written in part.
    pub(super) fn is_torn(&self) -> bool {
        self.torn_bytes() != 0
    }

    /// How much of such a record is written.
    pub(super) fn torn_bytes(&self) -> usize {
        self.written.saturating_sub(self.start_of_first())
    }

    /// Takes note of up to `bytes` more as written; returns how many bytes those were, and how many records were
    /// completed by them.
    pub(super) fn advance(&mut self, bytes: usize) -> (usize, usize) {
        let before = self.records_written();
        let taken = bytes.min(self.unwritten().len());
        self.written = self.written.saturating_add(taken);
        (taken, self.records_written().saturating_sub(before))
    }

    /// Goes back to the beginning of a torn record.
    pub(super) fn rewind(&mut self) {
        self.written = self.start_of_first();
    }

    /// Where the first record begins that is not written whole.
    fn start_of_first(&self) -> usize {
        let last_written = self.records_written().checked_sub(1);
        last_written.and_then(|last| self.ends.get(last)).copied().unwrap_or(0)
    }

    fn records_written(&self) -> usize {
        self.ends.partition_point(|&end| end <= self.written)
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::new()
    }
}

/// Appends; never fails.
impl Write for Batch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends; fails if the system has no memory for it, and then appends nothing.
impl fmt::Write for Batch {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !has_memory_for(&mut self.text, text.len()) {
            return Err(fmt::Error);
        }
        match text.as_bytes() {
            // The end of a line: to append a slice of one byte costs ten times as much.
            &[byte] => self.text.push(byte),
            text => self.text.extend_from_slice(text),
        }
        Ok(())
    }
}

/// A batch of that size is handed over before the connection has to wait: each time may have to wake the writer. A text of
/// 128 KiB has room for it and one more line.
pub(crate) const FULL_BATCH_BYTES: usize = 120 << 10;

/// The same for lines of fewer bytes: the marks of 4,096 records take 32 KiB.
const BYTES_A_RECORD: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(records: &[&str]) -> Batch {
        let mut batch = Batch::new();
        for record in records {
            batch.write_all(record.as_bytes()).unwrap();
            batch.end_record();
        }
        batch
    }

    #[test]
    fn keeps_the_end_of_each_record() {
        let batch = batch(&["one\n", "two\nlines\n", "\n"]);
        assert_eq!(batch.records(), 3);
        assert_eq!(batch.len(), 15);
        assert_eq!(batch.unwritten_records().collect::<Vec<_>>(), [&b"one\n"[..], b"two\nlines\n", b"\n"]);
    }

    #[test]
    fn an_end_without_text_is_no_record() {
        let mut batch = batch(&["", "one\n", ""]);
        batch.end_record();
        assert_eq!(batch.records(), 1);
    }

    #[test]
    fn closing_ends_the_last_record_and_forgets_those_cut_off() {
        let mut unended = batch(&["one\n"]);
        unended.buffer().extend_from_slice(b"two\n");
        unended.close();
        assert_eq!(unended.unwritten_records().collect::<Vec<_>>(), [b"one\n", b"two\n"]);

        let mut cut = batch(&["one\n", "two\n", "three\n"]);
        cut.buffer().truncate(6);
        cut.close();
        assert_eq!(cut.unwritten_records().collect::<Vec<_>>(), [&b"one\n"[..], b"tw"]);
    }

    #[test]
    fn knows_at_every_byte_whether_a_record_is_torn() {
        for written in 0..=8 {
            let mut batch = batch(&["one\n", "two\n"]);
            assert_eq!(batch.advance(written), (written, written / 4));
            assert_eq!(batch.is_torn(), written % 4 != 0, "{written}");
            assert_eq!(batch.unwritten(), &b"one\ntwo\n"[written..]);
            batch.rewind();
            assert_eq!(batch.unwritten(), &b"one\ntwo\n"[written / 4 * 4..]);
        }
    }

    #[test]
    fn advances_no_further_than_its_end() {
        let mut batch = batch(&["one\n"]);
        assert_eq!(batch.advance(5), (4, 1));
        assert!(batch.unwritten().is_empty());
    }

    #[test]
    fn clearing_keeps_the_memory() {
        let mut batch = batch(&["one\n"]);
        batch.advance(2);
        let capacity = batch.capacity();
        batch.clear();
        assert!(batch.is_empty() && batch.records() == 0 && !batch.is_torn());
        assert_eq!(batch.capacity(), capacity);
    }
}
