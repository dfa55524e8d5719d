//! Scalars that stand in the pickle as they are: None, bools, binary numbers, counted texts and bytes.
//!
//! In: an opcode and what follows it. Out: the node, and what follows its operand. Nothing here touches the machine, so that
//! the dispatch table and [`super::expect`] read the same scalars by the same code. Refused: a text that is none.

use byteorder::{BigEndian, ByteOrder as _, LittleEndian};

use super::arena::{Node, Span, widen};
use super::error::Reason;
use super::opcode;
use crate::base::text::Text;
use crate::base::words::{begins_with_short_ascii, is_ascii, leading_digits, word_at};

/// The scalar of this opcode, whose operand `rest` begins with; `frame` is the whole pickle.
#[inline(always)]
pub(super) fn scalar<'f>(frame: &[u8], opcode: u8, rest: &'f [u8]) -> Result<(Node, &'f [u8]), Reason> {
    match opcode {
        opcode::NONE => Ok((Node::None, rest)),
        opcode::NEWTRUE => Ok((Node::True, rest)),
        opcode::NEWFALSE => Ok((Node::False, rest)),
        opcode::BININT1 => array(rest).map(|(&[value], rest)| (Node::Int(i64::from(value)), rest)),
        opcode::BININT2 => array(rest).map(|(value, rest)| (Node::Int(i64::from(u16::from_le_bytes(*value))), rest)),
        opcode::BININT => array(rest).map(|(value, rest)| (Node::Int(i64::from(i32::from_le_bytes(*value))), rest)),
        opcode::BINFLOAT => {
            let (value, rest) = array::<8>(rest)?;
            Ok((Node::float(BigEndian::read_f64(value)), rest))
        }
        opcode::BINUNICODE => text::<4>(frame, rest, is_text),
        opcode::SHORT_BINUNICODE => text::<1>(frame, rest, is_text),
        opcode::BINUNICODE8 => text::<8>(frame, rest, is_text),
        opcode::SHORT_BINSTRING => text::<1>(frame, rest, is_ascii),
        opcode::SHORT_BINBYTES => bytes(frame, Node::Bytes, counted::<1>(rest)?),
        opcode::BINBYTES => bytes(frame, Node::Bytes, counted::<4>(rest)?),
        opcode::BINBYTES8 => bytes(frame, Node::Bytes, counted::<8>(rest)?),
        opcode::BYTEARRAY8 => bytes(frame, Node::ByteArray, counted::<8>(rest)?),
        opcode::LONG1 => integer(frame, counted::<1>(rest)?),
        opcode::LONG4 => integer(frame, counted::<4>(rest)?),
        opcode::INT if rest.starts_with(b"00\n") => Ok((Node::False, rest.get(3..).unwrap_or_default())),
        opcode::INT if rest.starts_with(b"01\n") => Ok((Node::True, rest.get(3..).unwrap_or_default())),
        opcode::INT => short_line(b"\n", rest).map(|(value, rest)| (Node::Int(value), rest)),
        opcode::LONG => short_line(b"L\n", rest).map(|(value, rest)| (Node::Int(value), rest)),
        _ => Err(Reason::UnknownOpcode),
    }
}

/// The same, for callers that are in no hurry.
#[inline(never)]
pub(super) fn any_scalar<'f>(frame: &[u8], opcode: u8, rest: &'f [u8]) -> Result<(Node, &'f [u8]), Reason> {
    scalar(frame, opcode, rest)
}

/// What follows an operand.
pub(super) type Rest<'f> = Result<&'f [u8], Reason>;

/// Where in the frame its end `rest` begins.
#[inline(always)]
pub(super) fn offset(frame: &[u8], rest: &[u8]) -> u32 {
    narrow(frame.len().wrapping_sub(rest.len()))
}

/// A position or count of one frame, at most [`MAX_PICKLE_BYTES`](crate::base::limits::MAX_PICKLE_BYTES) and the scratch.
#[inline(always)]
#[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "longer frames are refused")]
pub(super) const fn narrow(count: usize) -> u32 {
    count as u32
}

#[inline(always)]
pub(super) fn array<const N: usize>(rest: &[u8]) -> Result<(&[u8; N], &[u8]), Reason> {
    rest.split_first_chunk().ok_or(Reason::Truncated)
}

/// What a length of `N` bytes counts, and what follows it.
#[inline(always)]
pub(super) fn counted<const N: usize>(rest: &[u8]) -> Result<(&[u8], &[u8]), Reason> {
    let (length, rest) = length::<N>(rest)?;
    rest.split_at_checked(length).ok_or(Reason::Truncated)
}

#[inline(always)]
fn length<const N: usize>(rest: &[u8]) -> Result<(usize, &[u8]), Reason> {
    let (length, rest) = array::<N>(rest)?;
    let length = usize::try_from(LittleEndian::read_uint(length, N)).map_err(|_| Reason::Truncated)?;
    Ok((length, rest))
}

/// Where the counted bytes stand.
#[inline(always)]
pub(super) fn span(frame: &[u8], bytes: &[u8], rest: &[u8]) -> Span {
    let length = narrow(bytes.len());
    Span::new(offset(frame, rest).wrapping_sub(length), length)
}

/// A text behind a length of `N` bytes, which is right for it if `is_right` says so of its bytes, or if they are ASCII.
#[inline(always)]
pub(super) fn text<'f, const N: usize>(
    frame: &[u8],
    rest: &'f [u8],
    is_right: fn(&[u8]) -> bool,
) -> Result<(Node, &'f [u8]), Reason> {
    let (length, from_text) = length::<N>(rest)?;
    if begins_with_short_ascii(from_text, length) {
        if let Some(after) = from_text.get(length..) {
            return Ok((Node::Str(Span::new(offset(frame, from_text), narrow(length))), after));
        }
    }
    let after = after_other_text(from_text, length, is_right)?;
    Ok((Node::Str(Span::new(offset(frame, from_text), narrow(length))), after))
}

/// What follows a text that is longer or no ASCII.
#[inline(never)]
fn after_other_text(from_text: &[u8], length: usize, is_right: fn(&[u8]) -> bool) -> Rest<'_> {
    let (text, after) = from_text.split_at_checked(length).ok_or(Reason::Truncated)?;
    if is_ascii(text) || is_right(text) { Ok(after) } else { Err(Reason::NotUtf8) }
}

/// True for what Python 3 pickles of a `str`.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    Text::new(bytes).is_some()
}

/// True for a Python 2 `str` that is read as UTF-8; others are read as Latin-1.
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

fn bytes<'f>(frame: &[u8], node: fn(Span) -> Node, counted: (&[u8], &'f [u8])) -> Result<(Node, &'f [u8]), Reason> {
    let (bytes, rest) = counted;
    Ok((node(span(frame, bytes, rest)), rest))
}

fn integer<'f>(frame: &[u8], (bytes, rest): (&[u8], &'f [u8])) -> Result<(Node, &'f [u8]), Reason> {
    Ok((integer_of(span(frame, bytes, rest), bytes), rest))
}

/// The node of an int of `bytes`, two's complement, least significant byte first. Bytes at its end that only repeat the sign
/// are left out, so that an int has one form.
pub(super) fn integer_of(span: Span, bytes: &[u8]) -> Node {
    let mut bytes = bytes;
    while let [shorter @ .., 0x00] | [shorter @ .., 0xff] = bytes {
        let (Some(before), Some(last)) = (shorter.last(), bytes.last()) else { break };
        if (before ^ last) & 0x80 != 0 {
            break;
        }
        bytes = shorter;
    }
    let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    match wide.get_mut(..bytes.len()) {
        Some(low) => {
            low.copy_from_slice(bytes);
            Node::Int(i64::from_le_bytes(wide))
        }
        None => Node::BigInt(Span::new(span.start(), narrow(bytes.len()))),
    }
}

/// The line of a LONG or INT that is a positive integer of 3 to 16 digits (a thread's number, say) and ends as it should; others
/// take longer.
#[inline(never)]
fn short_line<'f>(end: &[u8], rest: &'f [u8]) -> Result<(i64, &'f [u8]), Reason> {
    let (first, second) = (leading_digits(word_at(rest, 0)), leading_digits(word_at(rest, 8)));
    let (count, number) = match (first, second) {
        ((8, high), (count, low)) => {
            let scale = POWERS_OF_TEN.get(widen(count)).copied().unwrap_or_default();
            (count.wrapping_add(8), high.wrapping_mul(scale).wrapping_add(low))
        }
        (first, _) => first,
    };
    let (3..=MAX_SHORT_DIGITS, Some(after)) = (count, rest.get(widen(count)..)) else { return Err(Reason::BadNumber) };
    let after = after.strip_prefix(end).ok_or(Reason::BadNumber)?;
    Ok((i64::try_from(number).map_err(|_| Reason::BadNumber)?, after))
}

/// The most digits that two words can hold.
const MAX_SHORT_DIGITS: u32 = 16;

const POWERS_OF_TEN: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
