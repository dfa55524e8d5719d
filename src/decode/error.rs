//! Why a pickle is refused, and where.

use std::fmt;

use super::opcode::{self, HIGHEST_PROTOCOL};
use crate::base::limits::{MAX_INTEGER_DIGITS, MAX_MARK_DEPTH, MAX_MEMO_ENTRIES, MAX_PICKLE_BYTES, MAX_VALUES};

/// Why a pickle was refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where the opcode stands, in bytes from the start of the pickle.
    pub offset: usize,
    /// The opcode.
    pub opcode: u8,
    /// What was wrong with it.
    pub reason: Reason,
}

/// What can be wrong with a pickle. As wide as a position, so that `Result<usize, Reason>` is returned in two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(usize)]
pub enum Reason {
    /// An escape in a text that is none.
    BadEscape,
    /// A number that is none.
    BadNumber,
    /// EXT1, EXT2, EXT4: the receiver has no extension registry.
    ExtensionCode,
    /// The budget of whoever decodes is used up: at most [`crate::base::limits::MAX_IN_FLIGHT_BYTES`].
    InFlightBytesTooMany,
    /// More than [`MAX_INTEGER_DIGITS`].
    IntegerDigitsTooMany,
    /// More than [`MAX_MARK_DEPTH`].
    MarksTooDeep,
    /// More than [`MAX_MEMO_ENTRIES`], or an index beyond what the pickle's length can fill.
    MemoEntriesTooMany,
    /// No MARK is open.
    NoMark,
    /// The memo slot was never written.
    NoMemoEntry,
    /// A text is not UTF-8 with surrogates.
    NotUtf8,
    /// A key without a value.
    OddItems,
    /// NEXT_BUFFER, READONLY_BUFFER: a logging frame has no out-of-band data.
    OutOfBandBuffer,
    /// PERSID, BINPERSID: the receiver has no persistent objects.
    PersistentId,
    /// More than [`MAX_PICKLE_BYTES`].
    PickleTooLong,
    /// Text decoded from escapes or Latin-1 is longer than the frame can honestly hold.
    ScratchTooLong,
    /// An operand is missing, or lies below a MARK.
    StackUnderflow,
    /// The pickle ends before STOP.
    Truncated,
    /// A list, dict, set or bytearray as a dict's key or in a set.
    Unhashable,
    /// No opcode.
    UnknownOpcode,
    /// A protocol above 5.
    UnsupportedProtocol,
    /// More than [`MAX_VALUES`].
    ValuesTooMany,
    /// More than its length allows: see [`crate::base::meter`].
    WorkTooMuch,
    /// An operand is of the wrong type.
    WrongOperand,
}

impl Reason {
    /// The reason in a few words, the same for all its occurrences: for totals.
    pub const fn summary(self) -> &'static str {
        match self {
            Reason::BadEscape => "bad escape",
            Reason::BadNumber => "bad number",
            Reason::ExtensionCode => "extension code",
            Reason::InFlightBytesTooMany => "too many bytes in flight",
            Reason::IntegerDigitsTooMany => "too many digits",
            Reason::MarksTooDeep => "too many marks",
            Reason::MemoEntriesTooMany => "too many memo entries",
            Reason::NoMark => "no mark",
            Reason::NoMemoEntry => "no memo entry",
            Reason::NotUtf8 => "not UTF-8",
            Reason::OddItems => "key without value",
            Reason::OutOfBandBuffer => "out-of-band buffer",
            Reason::PersistentId => "persistent id",
            Reason::PickleTooLong => "pickle too long",
            Reason::ScratchTooLong => "too much decoded text",
            Reason::StackUnderflow => "stack underflow",
            Reason::Truncated => "truncated pickle",
            Reason::Unhashable => "unhashable key",
            Reason::UnknownOpcode => "unknown opcode",
            Reason::UnsupportedProtocol => "unsupported protocol",
            Reason::ValuesTooMany => "too many values",
            Reason::WorkTooMuch => "too much work for its length",
            Reason::WrongOperand => "wrong operand",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.summary())?;
        match self {
            Reason::IntegerDigitsTooMany => write!(f, " (more than {MAX_INTEGER_DIGITS})"),
            Reason::MarksTooDeep => write!(f, " (more than {MAX_MARK_DEPTH})"),
            Reason::MemoEntriesTooMany => write!(f, " (more than {MAX_MEMO_ENTRIES}, or than bytes)"),
            Reason::PickleTooLong => write!(f, " (more than {MAX_PICKLE_BYTES} bytes)"),
            Reason::UnsupportedProtocol => write!(f, " (above {HIGHEST_PROTOCOL})"),
            Reason::ValuesTooMany => write!(f, " (more than {MAX_VALUES})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { offset, opcode, reason } = self;
        match opcode::name(*opcode) {
            None => write!(f, "{reason} 0x{opcode:02x} at offset {offset}"),
            Some(_) if *opcode == opcode::STOP && *reason == Reason::Truncated => {
                write!(f, "pickle ends before STOP at offset {offset}")
            }
            Some(name) => write!(f, "{reason} in {name} at offset {offset}"),
        }
    }
}

impl std::error::Error for Error {}
