//! Record to frame: what a relay hands on.
//!
//! In: a record. Out: the frame of it for another receiver, as `SocketHandler.makePickle` makes one: a length of four bytes and
//! a pickle. A pickle of data only goes on as it came, up to its STOP; any other is pickled anew by `pickle.rs`, its
//! `args` merged, so that what comes out never makes `pickle.loads` import, call or build anything. The relay's own pairs,
//! `client_address` and a count of hops, follow by MARK, SETITEMS and STOP; or, where the record is to stay as it was, by MARK
//! and POP_MARK, which leave them out again for all but the next relay. Refused: a record that has come round too often, and one
//! that would be cut.

use std::fmt;

use super::exception;
use super::pickle::{Failure, Pickler};
use crate::base::limits::MAX_HOPS;
use crate::base::text::has_memory_for;
use crate::decode::{Kind, opcode};
use crate::record::{Field, LogRecord};

/// What a relay adds to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// Nothing that shows, as CPython's `SocketHandler`.
    Nothing,
    /// `client_address`, unless the record has one, and [`HOPS`].
    Pairs,
}

/// Appends the frame of a record to `out`; of one that is pickled anew, at most `limit` bytes, or work for as many.
///
/// # Errors
/// Says why the record is not handed on; then nothing is appended.
pub fn write(record: &LogRecord<'_>, adds: Adds, limit: usize, out: &mut Vec<u8>) -> Result<(), NotRelayed> {
    let plain = record.plain_pickle();
    let own = OwnPairs::of(record, plain);
    let hops = own.hops.saturating_add(1);
    if hops > MAX_HOPS {
        return Err(NotRelayed::HopsTooMany);
    }
    if !has_memory_for(out, plain.map_or(0, <[u8]>::len).saturating_add(ADDED_BYTES)) {
        return Err(NotRelayed::NoMemory);
    }
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX_BYTES]);
    let written = match plain {
        Some(pickle) => {
            out.extend_from_slice(pickle);
            Ok(())
        }
        None => pickle_anew(record, limit, out),
    };
    let written = written.and_then(|()| {
        if !has_memory_for(out, ADDED_BYTES) {
            return Err(Failure::NoMemory);
        }
        own.add(record, adds, hops, out);
        let length = out.len().saturating_sub(start).saturating_sub(PREFIX_BYTES);
        let length = u32::try_from(length).map_err(|_| Failure::TooLong)?;
        if let Some(prefix) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            *prefix = length.to_be_bytes();
        }
        Ok(())
    });
    written.map_err(|failure| {
        out.truncate(start);
        match failure {
            Failure::NoMemory => NotRelayed::NoMemory,
            Failure::TooLong => NotRelayed::TooLong,
        }
    })
}

/// What relays before this one have added.
struct OwnPairs {
    /// How many relays the record has passed, as far as it tells.
    hops: u8,
    has_peer: bool,
}

impl OwnPairs {
    /// Looks at each attribute once: there are no more costly steps in handing a record on.
    fn of(record: &LogRecord<'_>, plain: Option<&[u8]>) -> OwnPairs {
        let hidden = match plain {
            Some([before @ .., opcode::BININT1, hops, opcode::POP_MARK]) if before.ends_with(HOPS.as_bytes()) => *hops,
            _ => 0,
        };
        let (mut sent, mut has_peer) = (0, false);
        record.attributes().for_each(|(name, value)| {
            let name = name.as_text().unwrap_or_default().as_bytes();
            if name == PEER.as_bytes() {
                has_peer = true;
            } else if name == HOPS.as_bytes() {
                sent = value.as_i64().unwrap_or(0);
            }
        });
        OwnPairs { hops: hidden.max(u8::try_from(sent.clamp(0, u8::MAX.into())).unwrap_or(0)), has_peer }
    }

    /// Appends what this relay adds, no more than [`ADDED_BYTES`], up to its STOP.
    fn add(&self, record: &LogRecord<'_>, adds: Adds, hops: u8, out: &mut Vec<u8>) {
        out.push(opcode::MARK);
        if adds == Adds::Pairs && !self.has_peer {
            push_text(PEER, out);
            push_text(record.client_address(), out);
        }
        push_text(HOPS, out);
        let end = if adds == Adds::Pairs { opcode::SETITEMS } else { opcode::POP_MARK };
        out.extend_from_slice(&[opcode::BININT1, hops, end, opcode::STOP]);
    }
}

/// A short text, as BINUNICODE.
fn push_text(text: &str, out: &mut Vec<u8>) {
    out.push(opcode::BINUNICODE);
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Pickles a record whose own pickle must not go on, up to its STOP: `msg` merged with `args`, objects as their `str()`, and of an
/// exception what would be printed of it.
fn pickle_anew(record: &LogRecord<'_>, limit: usize, out: &mut Vec<u8>) -> Result<(), Failure> {
    let merged = record.field(Field::Args).is_truthy();
    let exc_info = record.field(Field::ExcInfo);
    let shows_exception = matches!(exc_info.kind(), Kind::Object(_) | Kind::Tuple(_) | Kind::List(_));
    let mut pickler = Pickler::new(limit, out);
    pickler.is(record.value())?;
    let mut wrote_msg = false;
    let mut wrote_exc_text = !shows_exception || record.field(Field::ExcText).is_truthy();
    for (name, value) in record.attributes() {
        pickler.key(name)?;
        match name.as_text().and_then(|name| Field::named(name.as_bytes())) {
            Some(Field::Args) if merged => pickler.none()?,
            Some(Field::ExcInfo) if shows_exception => pickler.none()?,
            Some(Field::ExcText) if !wrote_exc_text => {
                pickler.text(|out| exception::write_exception_of(record, out))?;
                wrote_exc_text = true;
            }
            Some(Field::Msg) if merged => {
                pickler.text(|out| record.get_message(out))?;
                wrote_msg = true;
            }
            Some(field) if record.is_queued() => pickler.value(record.field(field))?,
            Some(field) if field.is_number() => pickler.number(value)?,
            _ => pickler.value(value)?,
        }
    }
    if merged && !wrote_msg {
        pickler.text(|out| out.push_str("msg"))?;
        pickler.text(|out| record.get_message(out))?;
    }
    if !wrote_exc_text {
        pickler.text(|out| out.push_str("exc_text"))?;
        pickler.text(|out| exception::write_exception_of(record, out))?;
    }
    pickler.finish()
}

/// Why a record is not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRelayed {
    /// It has passed [`MAX_HOPS`] relays: they form a ring, mostly.
    HopsTooMany,
    /// The system has no memory for it.
    NoMemory,
    /// Pickled anew, it would have to be cut.
    TooLong,
}

impl fmt::Display for NotRelayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRelayed::HopsTooMany => write!(f, "it has passed {MAX_HOPS} relays: do they form a ring?"),
            NotRelayed::NoMemory => f.write_str("the system has no memory for it"),
            NotRelayed::TooLong => f.write_str("pickled anew, it would be too long"),
        }
    }
}

impl std::error::Error for NotRelayed {}

/// The attribute that counts the relays which a record has passed.
pub const HOPS: &str = "jackdaws_hops";

const PEER: &str = "client_address";

/// The length of a frame, in its first bytes.
const PREFIX_BYTES: usize = 4;

/// More than the length before a frame and the pairs at its end take.
const ADDED_BYTES: usize = 1 << 10;

#[cfg(test)]
mod tests;
