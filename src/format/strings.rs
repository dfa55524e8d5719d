//! What is in a record as strings, for whoever passes it to code that is not of this crate: [`Strings`].

use super::escape::Escape;
use crate::base::limits::MAX_RELOGGED_BYTES;
use crate::base::text::TextWriter;
use crate::decode::Value;
use crate::python;
use crate::record::LogRecord;

/// Makes strings of what is in a record. Each is cut where it is longer than [`MAX_RELOGGED_BYTES`], and all together are no longer
/// than the record's line may be: an attribute can be the same long text as another.
#[derive(Debug)]
pub(crate) struct Strings {
    left: usize,
}

impl Strings {
    pub fn of(record: &LogRecord<'_>) -> Strings {
        Strings { left: record.max_line_bytes() }
    }

    /// What `write` writes: lone surrogates are escaped, nothing else.
    pub fn string_of(&mut self, write: impl FnOnce(&mut TextWriter<'_>)) -> String {
        let mut text = Vec::new();
        write(&mut TextWriter::new(&mut text, self.left.min(MAX_RELOGGED_BYTES)));
        self.left = self.left.saturating_sub(text.len());
        Escape::None.finish(&mut text, 0, &[], usize::MAX);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Takes the room for so many bytes, if there is that much.
    pub fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// As much of these bytes as there is room for.
    pub fn bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let bytes = bytes.get(..self.left.min(MAX_RELOGGED_BYTES)).unwrap_or(bytes);
        self.left = self.left.saturating_sub(bytes.len());
        bytes.to_owned()
    }

    /// Python's `str(value)`.
    pub fn str(&mut self, value: Value<'_>) -> String {
        self.string_of(|out| python::str(value, out))
    }
}
