//! The layout of a record: the keys that the last one had, as they stood in its pickle, and which fields they name.
//!
//! The records of one program have the same keys in the same order, each time in the same bytes. So a key is compared with the
//! one that stood in its place last time, as three words, instead of being decoded; and which field of a record it names is
//! found out once, when it is learned. Values that are scalars go straight to where the dict will have them, past the stack
//! and the memo. At the first key or value that is otherwise, stack and memo are made what they would be, and the dispatch
//! table goes on from there. Nothing is refused here: what is right and what is wrong, the table decides.
//! `cargo bench --bench decode` shows what it gains: a flat record takes half the time, fields included.

use std::mem;

use super::machine::{Machine, Rest, Unpickler, reserve};
use super::opcode;
use super::scalar::{narrow, scalar, text};
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
    /// What the memo would hold from `first_slot` on: by slot, an index into `nodes`. For the slots that are yet to come it says
    /// what the keys expect.
    puts: [u8; 256],
    first_slot: u8,
    /// `puts` is not what the keys expect.
    has_other_puts: bool,
    /// How many of the keys the present record has.
    met: usize,
    /// The value of the key after those was no scalar.
    has_odd_value: bool,
    /// `nodes` are lent to the arena, whose own are here meanwhile.
    is_lent: bool,
    /// How many records in a row may have other keys before theirs are learned; it doubles each time until a record has the
    /// expected ones.
    patience: u8,
    patience_after: u8,
}

impl Layout {
    /// No keys yet.
    pub const fn new() -> Layout {
        Layout {
            keys: Vec::new(),
            nodes: Vec::new(),
            fields: Fields::NONE,
            puts: [0; 256],
            first_slot: 0,
            has_other_puts: false,
            met: 0,
            has_odd_value: false,
            is_lent: false,
            patience: 0,
            patience_after: 0,
        }
    }

    /// Another pickle begins: takes back what was lent to the arena for the last one.
    #[inline]
    pub fn begin(&mut self, nodes: &mut Vec<Node>) {
        if mem::take(&mut self.is_lent) {
            mem::swap(nodes, &mut self.nodes);
            self.nodes.truncate(self.keys.len().saturating_mul(2));
        }
        if mem::take(&mut self.has_other_puts) {
            self.expect_puts();
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

    /// The fields of a record that is as expected.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether a record with these pairs is as expected.
    pub fn is_whole(&self, pairs: &Run) -> bool {
        self.is_lent && pairs.next == Run::NO_NEXT && widen(pairs.length) == self.met.wrapping_mul(2)
    }

    /// Takes note of the keys of a record that was read by the table, given the nodes of its pairs, from the first that was not
    /// the expected one up to the first whose value is no scalar. Other keys now and then, which some records have and some have
    /// not, change nothing.
    #[cold]
    pub fn learn(&mut self, frame: &[u8], pairs: &[Node]) {
        let unmet = pairs.chunks_exact(2).take(MAX_KEYS).skip(self.met);
        let mut names = unmet.map_while(|pair| match pair {
            [Node::Str(name), value] if value.is_scalar() => Some(*name),
            _ => None,
        });
        let Some(first) = names.next().filter(|_| !self.has_odd_value) else { return };
        if self.patience > 0 {
            self.patience = self.patience.wrapping_sub(1);
            return;
        }
        self.patience_after = self.patience_after.saturating_mul(2).max(PATIENCE);
        self.patience = self.patience_after;
        self.keys.truncate(self.met);
        for name in std::iter::once(first).chain(names) {
            let slot = self.keys.last().map_or(self.first_slot, |key| key.next_slot);
            let Some(key) = Key::new(frame, name, slot) else { break };
            self.keys.push(key);
        }
        self.nodes.clear();
        self.fields = Fields::NONE;
        for (key, number) in self.keys.iter().zip(0..) {
            self.nodes.extend([Node::Str(Span::of_key(number, narrow(key.text.len()))), Node::Unset]);
            self.fields.set(key.field, number.wrapping_mul(2).wrapping_add(1));
        }
        self.expect_puts();
    }

    fn expect_puts(&mut self) {
        for (key, index) in self.keys.iter().zip((0..).step_by(2)) {
            let mut put = |slot: u8, index| self.puts.get_mut(usize::from(slot)).map(|put| *put = index);
            put(key.slot, index);
            put(key.value_slot, index.wrapping_add(1));
        }
    }

    /// Reads pairs as long as they are written as expected, from number `met` on; gives what follows them, and the slot into
    /// which the next put would go.
    #[inline(always)]
    fn read_expected<'f>(&mut self, frame: &[u8], rest: &'f [u8], slot: u8) -> (&'f [u8], u8) {
        let keys = self.keys.get(self.met..).unwrap_or_default();
        let nodes = self.nodes.get_mut(self.met.wrapping_mul(2)..).unwrap_or_default();
        let (mut rest, mut slot) = (rest, slot);
        let mut places = nodes.chunks_exact_mut(2);
        let mut read = 0_usize;
        for key in keys {
            let Some(operand) = key.operand_after(rest, slot) else { break };
            let Some([_, place]) = places.next() else { break };
            // Each arm does all, so that what is known in it need not be asked again.
            match key.kind {
                Kind::None => {
                    *place = Node::None;
                    (rest, slot) = (operand, key.value_slot);
                }
                Kind::Text => {
                    let Ok((value, after)) = text::<4>(frame, operand) else { break };
                    *place = value;
                    (rest, slot) = key.after_text(after);
                }
                Kind::ShortText => {
                    let Ok((value, after)) = text::<1>(frame, operand) else { break };
                    *place = value;
                    (rest, slot) = key.after_text(after);
                }
                Kind::Other(opcode) => {
                    let Ok((value, after)) = scalar(frame, opcode, operand) else { break };
                    *place = value;
                    (rest, slot) = (after, key.value_slot);
                }
            }
            read = read.wrapping_add(1);
        }
        self.met = self.met.wrapping_add(read);
        (rest, slot)
    }

    /// Reads the next pair if its key is the expected one, wherever that is put, and its value a scalar, whichever it is.
    #[inline(never)]
    fn read_variant<'f>(&mut self, frame: &[u8], rest: &'f [u8], slot: u8) -> Option<(&'f [u8], u8)> {
        let key = self.keys.get(self.met)?;
        let (after, value_slot) = after_put(rest.strip_prefix(&*key.pickled)?, slot);
        let (opcode, operand) = after.split_first()?;
        let read = match operand.split_first() {
            Some((get, after)) if *opcode == opcode::BINGET => self.put_into(*get, value_slot).map(|node| (node, after)),
            _ => scalar(frame, *opcode, operand).ok(),
        };
        let Some((value, after)) = read else {
            self.has_odd_value = true;
            return None;
        };
        let index = self.met.wrapping_mul(2);
        let (after, next_slot) = if let Node::Str(_) = value { after_put(after, value_slot) } else { (after, value_slot) };
        *self.nodes.get_mut(index.wrapping_add(1))? = value;
        let indices = (index..).zip([slot..value_slot, value_slot..next_slot]);
        for (index, slot) in indices.flat_map(|(index, slots)| slots.map(move |slot| (index, slot))) {
            *self.puts.get_mut(usize::from(slot))? = u8::try_from(index).ok()?;
        }
        self.has_other_puts = true;
        self.met = self.met.wrapping_add(1);
        Some((after, next_slot))
    }

    /// What was put into a slot, before `end`.
    fn put_into(&self, slot: u8, end: u8) -> Option<Node> {
        let index = self.puts.get(usize::from(slot)).filter(|_| (self.first_slot..end).contains(&slot))?;
        self.nodes.get(usize::from(*index)).copied()
    }
}

impl<'f> Machine<'_, 'f> {
    /// Reads the keys and values of the dict that the pickle is, as far as they are what is expected, and SETITEMS if that
    /// comes next: `rest` is what follows the MARK.
    #[inline(never)]
    pub(super) fn load_expected(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { arena: Arena { layout, .. }, memo, .. } = &mut *self.unpickler;
        let Some(first_slot) = first_slot(memo.len()) else { return Ok(rest) };
        layout.first_slot = first_slot;
        let mut read = layout.read_expected(self.frame, rest, first_slot);
        while let Some((rest, slot)) = layout.read_variant(self.frame, read.0, read.1) {
            read = layout.read_expected(self.frame, rest, slot);
        }
        match read {
            ([opcode::SETITEMS, rest @ ..], _) => {
                self.set_expected();
                Ok(rest)
            }
            (rest, next_slot) => self.push_expected(rest, next_slot),
        }
    }

    /// SETITEMS of what was read: it stands where the arena wants it.
    fn set_expected(&mut self) {
        let Unpickler { arena: Arena { layout, nodes, runs, .. }, marks, .. } = &mut *self.unpickler;
        let length = layout.met.wrapping_mul(2);
        for pair in layout.nodes.get_mut(length..).unwrap_or_default().chunks_exact_mut(2) {
            if let [_, of_another_record] = pair {
                *of_another_record = Node::Unset;
            }
        }
        (layout.patience, layout.patience_after) = (PATIENCE, PATIENCE);
        layout.is_lent = true;
        mem::swap(nodes, &mut layout.nodes);
        if let Some(run) = runs.first_mut() {
            run.length = narrow(length);
        }
        marks.clear();
        self.floor = 0;
    }

    /// Makes stack and memo what they would be if the table had read the same, for it to go on.
    #[cold]
    fn push_expected(&mut self, rest: &'f [u8], next_slot: u8) -> Rest<'f> {
        let Unpickler { arena: Arena { layout, .. }, stack, memo, budget, taken, .. } = &mut *self.unpickler;
        let nodes = layout.nodes.get(..layout.met.wrapping_mul(2)).unwrap_or_default();
        reserve(stack, nodes.len(), MAX_VALUES, budget, taken)?;
        stack.extend_from_slice(nodes);
        reserve(memo, nodes.len(), MAX_MEMO_ENTRIES, budget, taken)?;
        let puts = layout.puts.get(usize::from(layout.first_slot)..usize::from(next_slot)).unwrap_or_default();
        memo.extend(puts.iter().filter_map(|&index| nodes.get(usize::from(index))));
        Ok(rest)
    }
}

impl Default for Layout {
    fn default() -> Layout {
        Layout::new()
    }
}

/// A key, as it stood in a pickle, and what stood around it.
#[derive(Debug)]
struct Key {
    /// Its opcode, length and text, its put, and the opcode of its value, in the bytes of which `mask` has ones.
    head: [u64; HEAD_WORDS],
    mask: [u64; HEAD_WORDS],
    /// Bytes of the head; more than a frame can have if it is too long to be compared as words.
    length: usize,
    kind: Kind,
    /// The slots into which the next put goes: before it, between it and its value, and after that.
    slot: u8,
    value_slot: u8,
    next_slot: u8,
    value_put: Put,
    /// Its opcode, length and text; and the text alone.
    pickled: Box<[u8]>,
    text: Box<[u8]>,
    field: Option<Field>,
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum Kind {
    None,
    /// Behind a length of one byte.
    ShortText,
    /// Behind a length of four.
    Text,
    /// By this opcode.
    Other(u8),
}

/// How a value is put into the memo, if it is.
#[derive(Clone, Copy, Debug, Default)]
struct Put {
    /// BINPUT and its operand, or MEMOIZE, in the bytes of which `mask` has ones.
    bytes: u16,
    mask: u16,
    length: usize,
}

impl Key {
    /// The key whose text stands at `text`, if the memo's slots before it are so many; `None` if it is not ASCII, or written by
    /// a rarer opcode.
    fn new(frame: &[u8], text: Span, slot: u8) -> Option<Key> {
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
        let (put, after) = Put::of(after, slot);
        let (&opcode, operand) = after.split_first()?;
        let kind = match opcode {
            opcode::BINUNICODE => Kind::Text,
            opcode::SHORT_BINUNICODE | opcode::SHORT_BINSTRING => Kind::ShortText,
            opcode::NONE => Kind::None,
            other => Kind::Other(other),
        };
        let value_slot = slot.wrapping_add(put.slots());
        let value_put = match scalar(frame, opcode, operand) {
            Ok((Node::Str(_), after)) => Put::of(after, value_slot).0,
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
            pickled: pickled.into(),
            text: bytes.into(),
            field: Field::named(bytes),
        })
    }

    /// What follows the opcode of this key's value, if it is as expected what comes next.
    #[inline(always)]
    fn operand_after<'f>(&self, rest: &'f [u8], slot: u8) -> Option<&'f [u8]> {
        let ([mask_a, mask_b, mask_c], [key_a, key_b, key_c]) = (self.mask, self.head);
        let head = rest.first_chunk::<16>()?;
        let differs = ((word_at(head, 0) & mask_a) ^ key_a) | ((word_at(head, 8) & mask_b) ^ key_b);
        if differs != 0 || slot != self.slot || (mask_c != 0 && word_at(rest, 16) & mask_c != key_c) {
            return None;
        }
        rest.get(self.length..)
    }

    /// What follows the put of this key's value, which is a text, and the slot into which the next put goes.
    #[inline(always)]
    fn after_text<'f>(&self, rest: &'f [u8]) -> (&'f [u8], u8) {
        let Put { bytes, mask, length } = self.value_put;
        if rest.first_chunk().is_some_and(|put| u16::from_le_bytes(*put) & mask == bytes) {
            if let Some(after) = rest.get(length..) {
                return (after, self.next_slot);
            }
        }
        (rest, self.value_slot)
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
fn after_put(rest: &[u8], slot: u8) -> (&[u8], u8) {
    match rest {
        [opcode::BINPUT, put, after @ ..] if *put == slot => (after, slot.wrapping_add(1)),
        [opcode::MEMOIZE, after @ ..] => (after, slot.wrapping_add(1)),
        _ => (rest, slot),
    }
}

/// The slot into which the first put goes; `None` if there might not be enough slots for all keys and values.
fn first_slot(slots: usize) -> Option<u8> {
    u8::try_from(slots).ok().filter(|slot| usize::from(u8::MAX.wrapping_sub(*slot)) > 2 * MAX_KEYS)
}

#[inline(always)]
fn words(bytes: &[u8; HEAD_BYTES]) -> [u64; HEAD_WORDS] {
    [word_at(bytes, 0), word_at(bytes, 8), word_at(bytes, 16)]
}

/// The fields of a record: where in the arena each one's value stands.
#[derive(Debug)]
pub(crate) struct Fields([u32; Field::COUNT]);

impl Fields {
    /// A record without fields.
    pub const NONE: Fields = Fields([u32::MAX; Field::COUNT]);

    /// The place of a field's value; beyond the arena for one that there is not.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u32 {
        self.0.get(field.index()).copied().unwrap_or(u32::MAX)
    }

    pub fn set(&mut self, field: Option<Field>, place: u32) {
        if let Some(slot) = field.and_then(|field| self.0.get_mut(field.index())) {
            *slot = place;
        }
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::NONE
    }
}

/// Bytes of a key that are compared as words: enough for all that `LogRecord.__init__` sets.
const HEAD_BYTES: usize = 8 * HEAD_WORDS;

const HEAD_WORDS: usize = 3;

/// Keys beyond that number are not learned.
const MAX_KEYS: usize = 64;

/// So many records in a row may have other keys before theirs are learned.
const PATIENCE: u8 = 2;
