//! A key of a record, as it stood in the last pickle: what it is compared with, and what it makes known in advance.
//!
//! In: the frame of a record that was decoded, and where in it a key stands. Out: its bytes as words, from its opcode up to the
//! opcode of its value, so that one comparison finds both; which slots of the memo it and its value are put into; and its
//! field. Not made of: what is no ASCII, or is written by the rarer opcodes.

use crate::base::words::{is_ascii, word_at};
use crate::decode::arena::{Span, widen};
use crate::decode::expect::field::Field;
use crate::decode::opcode;
use crate::decode::scalar::{any_scalar, is_text};

/// A key, as it stood in a pickle, and what stood around it.
#[derive(Debug)]
pub(super) struct Key {
    /// Its opcode, length and text, its put, and the opcode of its value, in the bytes of which `mask` has ones.
    head: [u64; HEAD_WORDS],
    mask: [u64; HEAD_WORDS],
    /// Bytes of the head; more than a frame can have if it is too long to be compared as words.
    length: usize,
    pub kind: Kind,
    /// The slots into which the next put goes: before it, between it and its value, and after that.
    pub slot: u8,
    pub value_slot: u8,
    pub next_slot: u8,
    value_put: Put,
    /// What a short text must be.
    pub is_right_text: fn(&[u8]) -> bool,
    /// Its opcode, length and text.
    pub pickled: Box<[u8]>,
    /// Bytes before the text in there.
    header: usize,
    pub field: Option<Field>,
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Float,
    /// Of one byte.
    Int1,
    /// Of two.
    Int2,
    None,
    /// Behind a length of one byte.
    ShortText,
    /// Behind a length of four.
    Text,
    /// By this opcode.
    Other(u8),
}

/// How a text is put into the memo, if it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Put {
    /// BINPUT and its operand, or MEMOIZE, in the bytes of which `mask` has ones.
    bytes: u16,
    mask: u16,
    length: usize,
}

impl Key {
    /// The key whose text stands at `text`, if the memo's slots before it are so many; `None` if it is not ASCII, or written by
    /// a rarer opcode.
    pub fn new(frame: &[u8], text: Span, slot: u8) -> Option<Key> {
        let (before, rest) = frame.split_at_checked(widen(text.start()))?;
        let (bytes, after) = rest.split_at_checked(widen(text.length()))?;
        if bytes.len() > MAX_KEY_BYTES || !is_ascii(bytes) {
            return None;
        }
        let header = match before {
            [.., opcode::BINUNICODE, a, b, c, d] if u32::from_le_bytes([*a, *b, *c, *d]) == text.length() => {
                before.last_chunk::<5>()?.as_slice()
            }
            [.., opcode::SHORT_BINUNICODE | opcode::SHORT_BINSTRING, length] if u32::from(*length) == text.length() => {
                before.last_chunk::<2>()?.as_slice()
            }
            _ => return None,
        };
        let (put, after) = Put::of(after, slot);
        let (&opcode, operand) = after.split_first()?;
        let kind = match opcode {
            opcode::BINUNICODE => Kind::Text,
            opcode::SHORT_BINUNICODE | opcode::SHORT_BINSTRING => Kind::ShortText,
            opcode::NONE => Kind::None,
            opcode::BININT1 => Kind::Int1,
            opcode::BININT2 => Kind::Int2,
            opcode::BINFLOAT => Kind::Float,
            other => Kind::Other(other),
        };
        let value_slot = slot.wrapping_add(put.slots());
        let value_put = match (kind, any_scalar(frame, opcode, operand)) {
            (Kind::Text | Kind::ShortText, Ok((_, after))) => Put::of(after, value_slot).0,
            _ => Put::default(),
        };
        let pickled = [header, bytes].concat();
        let mut whole = pickled.clone();
        whole.extend(put.bytes.to_le_bytes().into_iter().take(put.length).chain([opcode]));
        let (mut head, mut mask) = ([0; HEAD_BYTES], [0; HEAD_BYTES]);
        let length = match (head.get_mut(..whole.len()), mask.get_mut(..whole.len())) {
            (Some(head), Some(mask)) => {
                head.copy_from_slice(&whole);
                mask.fill(0xff);
                whole.len()
            }
            _ => usize::MAX,
        };
        Some(Key {
            head: words(&head),
            mask: words(&mask),
            length,
            kind,
            slot,
            value_slot,
            next_slot: value_slot.wrapping_add(value_put.slots()),
            value_put,
            is_right_text: if opcode == opcode::SHORT_BINSTRING { is_ascii } else { is_text },
            pickled: pickled.into(),
            header: header.len(),
            field: Field::named(bytes),
        })
    }

    /// Its name.
    pub fn text(&self) -> &[u8] {
        self.pickled.get(self.header..).unwrap_or_default()
    }

    /// What follows the opcode of this key's value, if it is as expected what comes next.
    #[inline(always)]
    pub fn operand_after<'f>(&self, rest: &'f [u8]) -> Option<&'f [u8]> {
        let ([mask_a, mask_b, mask_c], [key_a, key_b, key_c]) = (self.mask, self.head);
        let head = rest.first_chunk::<16>()?;
        let differs = ((word_at(head, 0) & mask_a) ^ key_a) | ((word_at(head, 8) & mask_b) ^ key_b);
        if differs != 0 || (mask_c != 0 && word_at(rest, 16) & mask_c != key_c) {
            return None;
        }
        rest.get(self.length..)
    }

    /// What follows this key's value, which is a text, if it is put as expected.
    #[inline(always)]
    pub fn after_text<'f>(&self, rest: &'f [u8]) -> Option<&'f [u8]> {
        let Put { bytes, mask, length } = self.value_put;
        let put = rest.first_chunk().map(|put| u16::from_le_bytes(*put) & mask);
        if put == Some(bytes) { rest.get(length..) } else { None }
    }
}

impl Put {
    /// The put into this slot with which `rest` begins, if it does, and what follows it.
    fn of(rest: &[u8], slot: u8) -> (Put, &[u8]) {
        match rest {
            [opcode::BINPUT, _, after @ ..] => {
                (Put { bytes: u16::from_le_bytes([opcode::BINPUT, slot]), mask: 0xffff, length: 2 }, after)
            }
            [opcode::MEMOIZE, after @ ..] => (Put { bytes: u16::from(opcode::MEMOIZE), mask: 0xff, length: 1 }, after),
            _ => (Put::default(), rest),
        }
    }

    /// How many slots it fills: one if there is a put.
    fn slots(self) -> u8 {
        u8::from(self.length > 0)
    }
}

/// What follows a put into this slot, if there is one, and the slot into which the next put goes.
pub(super) fn after_put(rest: &[u8], slot: u8) -> (&[u8], u8) {
    match rest {
        [opcode::BINPUT, put, after @ ..] if *put == slot => (after, slot.wrapping_add(1)),
        [opcode::MEMOIZE, after @ ..] => (after, slot.wrapping_add(1)),
        _ => (rest, slot),
    }
}

#[inline(always)]
fn words(bytes: &[u8; HEAD_BYTES]) -> [u64; HEAD_WORDS] {
    [word_at(bytes, 0), word_at(bytes, 8), word_at(bytes, 16)]
}

/// Bytes of a key that are compared as words: enough for all that `LogRecord.__init__` sets.
const HEAD_BYTES: usize = 8 * HEAD_WORDS;

const HEAD_WORDS: usize = 3;

/// Longer keys are not learned: what is kept from record to record must be little.
const MAX_KEY_BYTES: usize = 128;
