//! The layout of a record: the keys that the last one had, as they stood in its pickle, and which fields they name.
//!
//! The records of one program have the same keys in the same order, each time in the same bytes. So a key is compared with the
//! one that stood in its place last time, as two words, instead of being decoded; and which field of a record it names is
//! found out once, when it is learned. Values that are scalars go straight to where the dict will have them, past the stack
//! and the memo. At the first key or value that is otherwise, stack and memo are made what they would be, and the dispatch
//! table goes on from there. Nothing is refused here: what is right and what is wrong, the table decides.

use std::mem;
use std::ops::Range;

use super::machine::{Machine, Rest, Unpickler, reserve};
use super::opcode;
use super::scalar::{narrow, scalar};
use super::value::{Arena, Node, Run, Span, widen};
use crate::field::Field;
use crate::limits::{MAX_MEMO_ENTRIES, MAX_VALUES};
use crate::text::{is_ascii, word_at};

/// The keys of a record, and room for its values.
#[derive(Debug)]
pub(crate) struct Layout {
    keys: Vec<Key>,
    /// Keys and values in turn; the keys stay, the values are those of one record.
    nodes: Vec<Node>,
    /// Where the values of the keys stand.
    fields: Fields,
    /// What the present record put into the memo: by slot, an index into `nodes`; and the slots that it used.
    puts: Slots,
    put: Range<u8>,
    /// How many of the keys the present record has.
    met: usize,
    /// `nodes` are lent to the arena, whose own are here meanwhile.
    is_lent: bool,
    /// The value of the key after those was no scalar.
    has_odd_value: bool,
    /// How many records in a row had other keys.
    strikes: u8,
}

impl Layout {
    /// No keys yet.
    pub const fn new() -> Layout {
        Layout {
            keys: Vec::new(),
            nodes: Vec::new(),
            fields: Fields::NONE,
            puts: [0; 256],
            put: 0..0,
            met: 0,
            has_odd_value: false,
            is_lent: false,
            strikes: 0,
        }
    }

    /// Another pickle begins: takes back what was lent to the arena for the last one.
    #[inline]
    pub fn begin(&mut self, nodes: &mut Vec<Node>, fields: &mut Fields) {
        if mem::take(&mut self.is_lent) {
            mem::swap(nodes, &mut self.nodes);
            mem::swap(fields, &mut self.fields);
            self.nodes.truncate(self.keys.len().saturating_mul(2));
        }
        (self.met, self.has_odd_value) = (0, false);
    }

    /// This layout, without what a large record made it hold.
    pub fn take_small(&mut self) -> Layout {
        let mut layout = mem::take(self);
        layout.nodes.shrink_to_fit();
        layout
    }

    /// The text of a key, by its number.
    pub fn text(&self, number: u32) -> &[u8] {
        self.keys.get(widen(number)).map(|key| &*key.text).unwrap_or_default()
    }

    /// The field that a key names, by its number.
    pub fn field(&self, number: u32) -> Option<Field> {
        self.keys.get(widen(number)).and_then(|key| key.field)
    }

    /// Whether the arena's fields are those of a record with these pairs, all of which were expected.
    pub fn is_whole(&self, pairs: &Run) -> bool {
        self.is_lent && pairs.next == Run::NO_NEXT && widen(pairs.length) == self.met.wrapping_mul(2)
    }

    /// Takes note of the keys of a record that was read by the table, given the nodes of its pairs, from the first that was not
    /// the expected one up to the first whose value is no scalar. Other keys now and then, which some records have and some have
    /// not, change nothing.
    #[cold]
    pub fn learn(&mut self, frame: &[u8], pairs: &[Node]) {
        let unmet = pairs.chunks_exact(2).take(MAX_KEYS).skip(self.met);
        let mut new = unmet.map_while(|pair| match pair {
            [Node::Str(name), value] if value.is_scalar() => Some(*name),
            _ => None,
        }).peekable();
        if self.has_odd_value || new.peek().is_none() {
            return;
        }
        self.strikes = self.strikes.saturating_add(1);
        if self.strikes < MAX_STRIKES && !self.keys.is_empty() {
            return;
        }
        self.strikes = 0;
        self.keys.truncate(self.met);
        self.keys.extend(new.map_while(|name| Key::new(frame, name)));
        self.nodes.clear();
        self.fields.clear();
        for (key, number) in self.keys.iter().zip(0..) {
            self.nodes.extend([Node::Str(Span::of_key(number, narrow(key.text.len()))), Node::Unset]);
            self.fields.set(key.field, number.wrapping_mul(2).wrapping_add(1));
        }
    }
}

impl<'f> Machine<'_, 'f> {
    /// Reads the keys and values of the dict that the pickle is, as far as they are what is expected, and SETITEMS if that
    /// comes next: `rest` is what follows the MARK.
    #[inline(never)]
    pub(super) fn load_expected(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { arena: Arena { layout, .. }, memo, .. } = &mut *self.unpickler;
        let Some(first) = first_slot(memo.len()) else { return Ok(rest) };
        let Layout { keys, nodes, puts, .. } = layout;
        let mut rest = rest;
        let (mut index, mut slot) = (0_u8, first);
        for key in keys {
            let Some((opcode, operand, value_slot)) = key.value_after(rest, puts, slot, index) else { break };
            let read = match opcode {
                opcode::BINGET => load_get(operand, first..slot, puts, nodes),
                _ => scalar(self.frame, opcode, operand).ok(),
            };
            let value_index = index.wrapping_add(1);
            let (Some((value, after)), Some(place)) = (read, nodes.get_mut(usize::from(value_index))) else {
                layout.has_odd_value = true;
                break;
            };
            *place = value;
            (rest, slot) = match (value, after) {
                (Node::Str(_), [opcode::BINPUT, put, after @ ..]) if *put == value_slot => {
                    (after, next_slot(puts, value_slot, value_index))
                }
                (Node::Str(_), [opcode::MEMOIZE, after @ ..]) => (after, next_slot(puts, value_slot, value_index)),
                _ => (after, value_slot),
            };
            index = value_index.wrapping_add(1);
        }
        (layout.met, layout.put) = (usize::from(index) / 2, first..slot);
        match rest {
            [opcode::SETITEMS, rest @ ..] => {
                self.set_expected();
                Ok(rest)
            }
            _ => self.push_expected(rest),
        }
    }

    /// SETITEMS of what was read: it stands where the arena wants it.
    fn set_expected(&mut self) {
        let Unpickler { arena: Arena { layout, nodes, runs, fields, .. }, marks, .. } = &mut *self.unpickler;
        let length = layout.met.wrapping_mul(2);
        for pair in layout.nodes.get_mut(length..).unwrap_or_default().chunks_exact_mut(2) {
            if let [_, of_another_record] = pair {
                *of_another_record = Node::Unset;
            }
        }
        layout.strikes = 0;
        layout.is_lent = true;
        mem::swap(nodes, &mut layout.nodes);
        mem::swap(fields, &mut layout.fields);
        if let Some(run) = runs.first_mut() {
            run.length = narrow(length);
        }
        marks.clear();
        self.floor = 0;
    }

    /// Makes stack and memo what they would be if the table had read the same, for it to go on.
    fn push_expected(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { arena: Arena { layout, .. }, stack, memo, budget, taken, .. } = &mut *self.unpickler;
        let nodes = layout.nodes.get(..layout.met.wrapping_mul(2)).unwrap_or_default();
        reserve(stack, nodes.len(), MAX_VALUES, budget, taken)?;
        stack.extend_from_slice(nodes);
        reserve(memo, nodes.len(), MAX_MEMO_ENTRIES, budget, taken)?;
        let puts = layout.put.clone().filter_map(|slot| layout.puts.get(usize::from(slot)));
        memo.extend(puts.filter_map(|&index| nodes.get(usize::from(index))));
        Ok(rest)
    }
}

impl Default for Layout {
    fn default() -> Layout {
        Layout::new()
    }
}

/// A key as it stands in a pickle.
#[derive(Debug)]
struct Key {
    /// Its opcode, length and text, the put that follows and the opcode of the value, in the bytes of which `mask` has ones:
    /// all of that, unless it is too long.
    head: [u64; HEAD_WORDS],
    mask: [u64; HEAD_WORDS],
    /// Bytes of the head; more than there could be if it is too long.
    length: usize,
    /// The slot into which the head puts the text.
    slot: u8,
    /// The opcode of the value, the last byte of the head.
    opcode: u8,
    /// Its opcode, length and text.
    pickled: Box<[u8]>,
    text: Box<[u8]>,
    field: Option<Field>,
}

impl Key {
    /// The key whose text stands at `text`; `None` if it is not ASCII, or written by a rarer opcode.
    fn new(frame: &[u8], text: Span) -> Option<Key> {
        let (before, rest) = frame.split_at_checked(widen(text.start()))?;
        let (bytes, after) = rest.split_at_checked(widen(text.length())).filter(|(bytes, _)| is_ascii(bytes))?;
        let header = match before {
            [.., opcode::BINUNICODE, a, b, c, d] if u32::from_le_bytes([*a, *b, *c, *d]) == text.length() => {
                before.last_chunk::<5>()?.as_slice()
            }
            [.., opcode::SHORT_BINUNICODE | opcode::SHORT_BINSTRING, length] if u32::from(*length) == text.length() => {
                before.last_chunk::<2>()?.as_slice()
            }
            _ => return None,
        };
        let (put, slot) = match after {
            [opcode::BINPUT, slot, ..] => (after.get(..2)?, *slot),
            _ => (&[][..], 0),
        };
        let opcode = *after.get(put.len())?;
        let whole = [header, bytes, put, &[opcode]].concat();
        let (mut head, mut mask, mut length) = ([0; HEAD_BYTES], [0; HEAD_BYTES], usize::MAX);
        if !put.is_empty() && whole.len() <= HEAD_BYTES {
            head.get_mut(..whole.len())?.copy_from_slice(&whole);
            mask.get_mut(..whole.len())?.fill(0xff);
            length = whole.len();
        }
        Some(Key {
            head: words(&head),
            mask: words(&mask),
            length,
            slot,
            opcode,
            pickled: [header, bytes].concat().into(),
            text: bytes.into(),
            field: Field::named(bytes),
        })
    }

    /// What follows this key if it is what comes next: the opcode of its value, what follows that, and the slot after the one
    /// into which the key was put.
    #[inline(always)]
    fn value_after<'f>(&self, rest: &'f [u8], puts: &mut Slots, slot: u8, index: u8) -> Option<(u8, &'f [u8], u8)> {
        if let (Some(head), Some(operand)) = (rest.first_chunk(), rest.get(self.length..)) {
            let ([a, b, c], [mask_a, mask_b, mask_c], [key_a, key_b, key_c]) = (words(head), self.mask, self.head);
            let differs = ((a & mask_a) ^ key_a) | ((b & mask_b) ^ key_b) | ((c & mask_c) ^ key_c);
            if differs == 0 && self.slot == slot {
                return Some((self.opcode, operand, next_slot(puts, slot, index)));
            }
        }
        self.value_after_variant(rest, puts, slot, index)
    }

    /// The same, wherever the key is put, and whatever its value is.
    #[inline(never)]
    fn value_after_variant<'f>(&self, rest: &'f [u8], puts: &mut Slots, slot: u8, index: u8) -> Option<(u8, &'f [u8], u8)> {
        match rest.strip_prefix(&*self.pickled)? {
            [opcode::BINPUT, put, opcode, operand @ ..] if *put == slot => {
                Some((*opcode, operand, next_slot(puts, slot, index)))
            }
            [opcode::MEMOIZE, opcode, operand @ ..] => Some((*opcode, operand, next_slot(puts, slot, index))),
            [opcode, operand @ ..] => Some((*opcode, operand, slot)),
            [] => None,
        }
    }
}

#[inline(always)]
fn words(bytes: &[u8; HEAD_BYTES]) -> [u64; HEAD_WORDS] {
    [word_at(bytes, 0), word_at(bytes, 8), word_at(bytes, 16)]
}

/// What the memo would hold: by slot, an index into the layout's nodes.
type Slots = [u8; 256];

/// Puts a node into a slot; gives the slot after that.
#[inline(always)]
fn next_slot(puts: &mut Slots, slot: u8, index: u8) -> u8 {
    if let Some(put) = puts.get_mut(usize::from(slot)) {
        *put = index;
    }
    slot.wrapping_add(1)
}

/// What was put into a slot, given BINGET's operand and the slots that were put into, and what follows the operand.
#[inline(always)]
fn load_get<'f>(operand: &'f [u8], put: Range<u8>, puts: &Slots, nodes: &[Node]) -> Option<(Node, &'f [u8])> {
    let (slot, after) = operand.split_first().filter(|(slot, _)| put.contains(slot))?;
    let node = puts.get(usize::from(*slot)).and_then(|index| nodes.get(usize::from(*index)))?;
    Some((*node, after))
}

/// The slot into which the first put goes; `None` if there might not be enough slots for all keys and values.
fn first_slot(slots: usize) -> Option<u8> {
    u8::try_from(slots).ok().filter(|slot| usize::from(u8::MAX.wrapping_sub(*slot)) > 2 * MAX_KEYS)
}

/// The fields of a record: where in the arena each one's value stands.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<u32>);

impl Fields {
    /// A record without fields.
    pub const NONE: Fields = Fields(Vec::new());

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The place of a field's value; beyond the arena for one that there is not.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u32 {
        self.0.get(field.index()).copied().unwrap_or(u32::MAX)
    }

    pub fn set(&mut self, field: Option<Field>, place: u32) {
        let Some(field) = field else { return };
        if self.0.is_empty() {
            self.0.resize(Field::COUNT, u32::MAX);
        }
        if let Some(slot) = self.0.get_mut(field.index()) {
            *slot = place;
        }
    }
}

/// Bytes of a key that are compared as words: enough for all that `LogRecord.__init__` sets.
const HEAD_BYTES: usize = 8 * HEAD_WORDS;

const HEAD_WORDS: usize = 3;

/// Keys beyond that number are not learned.
const MAX_KEYS: usize = 64;

/// So many records in a row must have other keys, for theirs to be learned.
const MAX_STRIKES: u8 = 3;
