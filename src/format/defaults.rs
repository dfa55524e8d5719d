//! Values for attributes that a record lacks, each kept as its pickle.

use crate::base::budget::Budget;
use crate::base::limits::MAX_CONFIG_BYTES;
use crate::decode::{Unpickler, Value, opcode};

/// Gives `write` the value that a pickle is; nothing if it is none.
pub(super) fn with_value(pickle: &[u8], write: &mut dyn FnMut(Option<Value<'_>>)) {
    match text_of(pickle) {
        Some(text) => write(Some(Value::text(text.into()))),
        None => write(Unpickler::new(Budget::new(MAX_CONFIG_BYTES)).unpickle(pickle).ok()),
    }
}

/// The text that it is, as most defaults are: to make a machine for it takes as long as all else that is done for the record.
fn text_of(pickle: &[u8]) -> Option<&str> {
    let (length, text) =
        pickle.strip_prefix(&[opcode::BINUNICODE8])?.strip_suffix(&[opcode::STOP])?.split_first_chunk()?;
    let is_whole = usize::try_from(u64::from_le_bytes(*length)) == Ok(text.len());
    std::str::from_utf8(text).ok().filter(|_| is_whole)
}
