//! The layout of a record: the keys that the last one had, as they stood in its pickle, and which fields they name.
//!
//! The records of one program have the same keys in the same order, each time in the same bytes. So a key is compared with the
//! one that stood in its place last time, as words, instead of being decoded; and which field of a record it names is found
//! out once, when it is learned. Values that are scalars go straight to where the dict will have them, past stack and memo.
//! At the first key or value that is otherwise, stack and memo are made what they would be, and the dispatch table goes on
//! from there. Nothing is refused here: what is right and what is wrong, the table decides.
//! `cargo bench --bench decode` shows what that gains: a flat record takes about half the time, fields included.

use std::mem;
use std::ops::Range;

use super::fields::Fields;
use super::key::{Key, Kind, after_put};
use super::patience::Patience;
use super::tail::Tail;
use crate::base::limits::{MAX_MEMO_ENTRIES, MAX_VALUES};
use crate::decode::arena::{Arena, Index, Node, Span, widen};
use crate::decode::expect::field::Field;
use crate::decode::machine::{Machine, Unpickler, reserve};
use crate::decode::opcode;
use crate::decode::scalar::{Rest, any_scalar, is_text, narrow, scalar, text};

/// The keys of a record, and room for its values.
#[derive(Debug)]
pub(crate) struct RecordLayout {
    keys: Vec<Key>,
    /// Keys and values in turn; the keys stay, the values are those of one record.
    nodes: Vec<Node>,
    /// Where the values of the keys stand.
    fields: Fields,
    tail: Tail,
    /// What the memo would hold from `first_slot` on, after the dict itself: by slot, an index into `nodes`. For the slots that
    /// are yet to come it says what the keys expect.
    puts: [u8; 256],
    first_slot: u8,
    /// `puts` is not what the keys expect.
    has_other_puts: bool,
    /// How many of the keys the present record has, and the slot into which its next put goes.
    met: usize,
    slot: u8,
    /// The value of the key after those was no scalar.
    has_odd_value: bool,
    /// `nodes` are lent to the arena, whose own are here meanwhile: the record is just as expected.
    is_lent: bool,
    patience: Patience,
}

impl RecordLayout {
    /// No keys yet.
    pub const fn new() -> RecordLayout {
        RecordLayout {
            keys: Vec::new(),
            nodes: Vec::new(),
            fields: Fields::NONE,
            tail: Tail::new(),
            puts: [0; 256],
            first_slot: 0,
            has_other_puts: false,
            met: 0,
            slot: 0,
            has_odd_value: false,
            is_lent: false,
            patience: Patience::NONE,
        }
    }

    /// Another pickle begins: takes back what was lent to the arena for the last one.
    #[inline(always)]
    pub fn begin(&mut self, nodes: &mut Vec<Node>) {
        if mem::take(&mut self.is_lent) {
            mem::swap(nodes, &mut self.nodes);
        }
        if mem::take(&mut self.has_other_puts) {
            self.expect_puts();
        }
        (self.met, self.has_odd_value) = (0, false);
        self.fields.set_ending(None);
    }

    /// The fields of a dict that the table has read, at least in part, given its first run; and takes note of its keys.
    #[cold]
    #[inline(never)]
    pub fn find_fields(&mut self, frame: &[u8], arena: &mut Arena, first: u32) -> Fields {
        let run = arena.runs.get(widen(first)).map(|run| run.span()).unwrap_or_default();
        // Most keys stand where they were expected, which spares the look-up by name; what an opcode has moved does not.
        let pairs = arena.nodes(run).chunks_exact(2).zip(self.nodes.chunks_exact(2));
        let as_expected = pairs.take_while(|(pair, expected)| match (pair, expected) {
            ([Node::Str(name), _], [Node::Str(expected), _]) => name == expected,
            _ => false,
        });
        let known = as_expected.count().wrapping_mul(2);
        let mut fields = self.fields.moved_by(run.start(), narrow(known));
        let (mut next, mut passed_over) = (arena.runs.get(widen(first)), known);
        while let Some(run) = next {
            let others = arena.nodes(run.span()).get(passed_over..).unwrap_or_default();
            let places = (run.start..).skip(passed_over).step_by(2);
            for (pair, place) in others.chunks_exact(2).zip(places) {
                if let [Node::Str(name), _] = *pair {
                    fields.set(Field::named(arena.bytes(frame, name)), place.wrapping_add(1));
                }
            }
            passed_over = 0;
            next = arena.runs.get(widen(run.next));
        }
        let Arena { nodes, interned, .. } = arena;
        let pairs = nodes.get(widen(run.start())..).and_then(|nodes| nodes.get(..widen(run.length())));
        self.learn(frame, pairs.unwrap_or_default(), interned);
        fields
    }

    /// Whether the record is just as expected.
    #[inline]
    pub fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// The fields of such a record.
    #[inline]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Takes note of the keys of a record that was read by the table, given the nodes of its pairs, from the first that was not
    /// the expected one up to the first whose value is no scalar. Other keys now and then, which some records have and some have
    /// not, change nothing.
    fn learn(&mut self, frame: &[u8], pairs: &[Node], interned: &mut Vec<u8>) {
        let unmet = pairs.chunks_exact(2).take(MAX_KEYS).skip(self.met);
        let mut names = unmet.map_while(|pair| match pair {
            [Node::Str(name), value] if value.is_scalar() => Some(*name),
            _ => None,
        });
        let Some(first) = names.next().filter(|_| !self.has_odd_value) else { return };
        if !self.patience.is_over(FEW_RECORDS) {
            return;
        }
        self.keys.truncate(self.met);
        for name in std::iter::once(first).chain(names) {
            let slot = self.keys.last().map_or(self.first_slot, |key| key.next_slot);
            let Some(key) = Key::new(frame, name, slot) else { break };
            // Of equal keys the last one counts, and a record may end before it.
            if key.field.is_some() && self.keys.iter().any(|known| known.field == key.field) {
                break;
            }
            self.keys.push(key);
        }
        self.tail = Tail::new();
        self.nodes.clear();
        self.fields = Fields::NONE.with_new_keys();
        // The texts of the keys that stay are where they were: this record's nodes are ranges of them.
        interned.clear();
        for (key, place) in self.keys.iter().zip((1..).step_by(2)) {
            let start = Span::INTERNED | narrow(interned.len());
            interned.extend_from_slice(key.text());
            self.nodes.extend([Node::Str(Span::new(start, narrow(key.text().len()))), Node::Unset]);
            self.fields.set(key.field, place);
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

    /// Reads what is expected of a record's pairs; gives what follows them.
    fn read<'f>(&mut self, frame: &'f [u8], rest: &'f [u8]) -> &'f [u8] {
        let rest = self.read_keys_before(self.tail.ending.first_key, frame, rest);
        if self.met == self.tail.ending.first_key && self.slot == self.tail.slot {
            let values = self.nodes.get_mut(self.met.wrapping_mul(2)..).unwrap_or_default();
            if let Some(after) = self.tail.take_values(frame, rest, values) {
                self.fields.set_ending(Some(self.tail.ending));
                self.met = self.keys.len();
                return after;
            }
        }
        self.read_keys_before(usize::MAX, frame, rest)
    }

    /// Reads pairs up to key number `end`, or to the first that is not what is expected.
    fn read_keys_before<'f>(&mut self, end: usize, frame: &[u8], rest: &'f [u8]) -> &'f [u8] {
        let end = end.min(self.keys.len());
        let mut rest = self.read_as_ever(end, frame, rest);
        while self.met < end {
            let Some(after) = self.read_variant(frame, rest) else { break };
            rest = self.read_as_ever(end, frame, after);
        }
        rest
    }

    /// Reads pairs as long as they are written as they were last time. Not in line: most of the time is spent here, on few calls.
    /// It gives one slice, in registers: what is stored as two words and loaded as one waits until it has left the store buffer.
    #[inline(never)]
    fn read_as_ever<'f>(&mut self, end: usize, frame: &[u8], rest: &'f [u8]) -> &'f [u8] {
        let keys = self.keys.get(self.met..end).unwrap_or_default();
        let nodes = self.nodes.get_mut(self.met.wrapping_mul(2)..).unwrap_or_default();
        // The slots of the others follow from the first key's.
        if keys.first().is_none_or(|key| key.slot != self.slot) {
            return rest;
        }
        let mut rest = rest;
        let mut read = 0_usize;
        for (key, pair) in keys.iter().zip(nodes.chunks_exact_mut(2)) {
            let (Some(operand), [_, place]) = (key.operand_after(rest), pair) else { break };
            // Each arm does all, so that what is known in it need not be asked again.
            rest = match key.kind {
                Kind::None => {
                    *place = Node::None;
                    operand
                }
                Kind::Float => {
                    let Ok((value, after)) = scalar(frame, opcode::BINFLOAT, operand) else { break };
                    *place = value;
                    after
                }
                Kind::Text => {
                    let Ok((value, after)) = text::<4>(frame, operand, is_text) else { break };
                    *place = value;
                    let Some(after) = key.after_text(after) else { break };
                    after
                }
                Kind::ShortText => {
                    let Ok((value, after)) = text::<1>(frame, operand, key.is_right_text) else { break };
                    *place = value;
                    let Some(after) = key.after_text(after) else { break };
                    after
                }
                Kind::Int1 => {
                    let Ok((value, after)) = scalar(frame, opcode::BININT1, operand) else { break };
                    *place = value;
                    after
                }
                Kind::Int2 => {
                    let Ok((value, after)) = scalar(frame, opcode::BININT2, operand) else { break };
                    *place = value;
                    after
                }
                Kind::Other(opcode) => {
                    let Ok((value, after)) = any_scalar(frame, opcode, operand) else { break };
                    *place = value;
                    after
                }
            };
            read = read.wrapping_add(1);
        }
        if let Some(last) = read.checked_sub(1).and_then(|last| keys.get(last)) {
            (self.met, self.slot) = (self.met.wrapping_add(read), last.next_slot);
        }
        rest
    }

    /// Reads the next pair if its key is the expected one, wherever that is put, and its value a scalar, whichever it is.
    #[inline(never)]
    fn read_variant<'f>(&mut self, frame: &[u8], rest: &'f [u8]) -> Option<&'f [u8]> {
        let key = self.keys.get(self.met)?;
        let (after, value_slot) = after_put(rest.strip_prefix(&*key.pickled)?, self.slot);
        let (opcode, operand) = after.split_first()?;
        let index = self.met.wrapping_mul(2);
        // The key is put first: its value may be got from there.
        self.has_other_puts = true;
        self.put_into(self.slot..value_slot, index)?;
        let read = match operand.split_first() {
            Some((get, after)) if *opcode == opcode::BINGET => {
                self.get_from(*get, value_slot).map(|node| (node, after))
            }
            _ => any_scalar(frame, *opcode, operand).ok(),
        };
        let Some((value, after)) = read else {
            self.has_odd_value = true;
            return None;
        };
        let (after, next_slot) =
            if let Node::Str(_) = value { after_put(after, value_slot) } else { (after, value_slot) };
        *self.nodes.get_mut(index.wrapping_add(1))? = value;
        self.put_into(value_slot..next_slot, index.wrapping_add(1))?;
        (self.met, self.slot) = (self.met.wrapping_add(1), next_slot);
        Some(after)
    }

    /// Takes note that one of the nodes was put into these slots, which are one or none.
    fn put_into(&mut self, slots: Range<u8>, index: usize) -> Option<()> {
        for slot in slots {
            *self.puts.get_mut(usize::from(slot))? = u8::try_from(index).ok()?;
        }
        Some(())
    }

    /// What was put into a slot, before `end`.
    fn get_from(&self, slot: u8, end: u8) -> Option<Node> {
        let index = self.puts.get(usize::from(slot)).filter(|_| (self.first_slot..end).contains(&slot))?;
        self.nodes.get(usize::from(*index)).copied()
    }

    /// Takes note of how a record ends that has all keys, and has them in the slots where they are expected. One that has put
    /// more or less into the memo, a traceback perhaps, is no sign that all others will.
    #[cold]
    fn learn_tail(&mut self, frame: &[u8], pairs: &[u8]) {
        let is_usual = self.met == self.keys.len() && self.keys.last().is_some_and(|key| key.next_slot == self.slot);
        if !is_usual || !self.tail.wants_to_learn() {
            return;
        }
        (self.met, self.slot) = (0, self.first_slot);
        let mut rest = pairs;
        let mut starts = Vec::with_capacity(self.keys.len());
        loop {
            starts.push((rest, self.slot));
            let Some(after) = self.read_variant(frame, rest) else { break };
            rest = after;
        }
        self.tail.learn(frame, &starts, &self.nodes);
    }
}

impl RecordLayout {
    /// Reads a record up to STOP if it is what is expected, else as far as it is; gives what is left for the table to read.
    #[inline]
    pub fn load<'f>(&mut self, machine: &mut Machine<'_, 'f>) -> Rest<'f> {
        let Some((pairs, first_slot)) = after_opening(machine.frame) else { return Ok(machine.frame) };
        (self.first_slot, self.slot) = (first_slot, first_slot);
        let rest = self.read(machine.frame, pairs);
        let first = machine.new_run()?;
        machine.push(Node::Dict(Index::new(first)), rest)?;
        match rest {
            [opcode::SETITEMS, stop @ ..] if stop.starts_with(&[opcode::STOP]) => {
                self.set(machine, pairs);
                Ok(stop)
            }
            _ => self.push(machine, rest),
        }
    }

    /// SETITEMS of what was read: it stands where the arena wants it.
    #[inline]
    fn set(&mut self, machine: &mut Machine<'_, '_>, pairs: &[u8]) {
        if self.fields.ending().is_none() {
            self.learn_tail(machine.frame, pairs);
        }
        let length = self.met.wrapping_mul(2);
        for pair in self.nodes.get_mut(length..).unwrap_or_default().chunks_exact_mut(2) {
            if let [_, of_another_record] = pair {
                *of_another_record = Node::Unset;
            }
        }
        self.patience = Patience::for_records(FEW_RECORDS);
        self.is_lent = true;
        let Arena { nodes, runs, .. } = &mut machine.unpickler.arena;
        mem::swap(nodes, &mut self.nodes);
        if let Some(run) = runs.first_mut() {
            run.length = narrow(length);
        }
    }

    /// Makes stack and memo what they would be if the table had read the same, for it to go on.
    #[cold]
    #[inline(never)]
    fn push<'f>(&self, machine: &mut Machine<'_, 'f>, rest: &'f [u8]) -> Rest<'f> {
        if let Some(slot_of_dict) = self.first_slot.checked_sub(1) {
            machine.put(usize::from(slot_of_dict), rest)?;
        }
        machine.load_mark(rest)?;
        let Unpickler { stack, memo, budget, taken, .. } = &mut *machine.unpickler;
        let nodes = self.nodes.get(..self.met.wrapping_mul(2)).unwrap_or_default();
        reserve(stack, nodes.len(), MAX_VALUES, budget, taken)?;
        stack.extend_from_slice(nodes);
        reserve(memo, nodes.len(), MAX_MEMO_ENTRIES, budget, taken)?;
        let puts = self.puts.get(usize::from(self.first_slot)..usize::from(self.slot)).unwrap_or_default();
        memo.extend(puts.iter().map(|&index| nodes.get(usize::from(index)).copied().unwrap_or_default()));
        Ok(rest)
    }
}

/// What follows the opening of a record: EMPTY_DICT, mostly a put, and MARK; before them, perhaps, PROTO and FRAME.
/// And the slot into which the next put goes.
fn after_opening(frame: &[u8]) -> Option<(&[u8], u8)> {
    let rest = match frame {
        [opcode::PROTO, 2..=5, rest @ ..] => rest,
        _ => frame,
    };
    let rest = match rest {
        [opcode::FRAME, _, _, _, _, _, _, _, _, rest @ ..] => rest,
        _ => rest,
    };
    match rest {
        // CPython 2 counts from 1.
        [opcode::EMPTY_DICT, opcode::BINPUT, slot @ 0..=1, opcode::MARK, rest @ ..] => {
            Some((rest, slot.saturating_add(1)))
        }
        [opcode::EMPTY_DICT, opcode::MEMOIZE, opcode::MARK, rest @ ..] => Some((rest, 1)),
        [opcode::EMPTY_DICT, opcode::MARK, rest @ ..] => Some((rest, 0)),
        _ => None,
    }
}

impl Default for RecordLayout {
    fn default() -> RecordLayout {
        RecordLayout::new()
    }
}

/// Keys beyond that number are not learned; all that they put, and their values, fit the slots that BINPUT can name.
const MAX_KEYS: usize = 64;

/// See [`Patience`].
const FEW_RECORDS: u8 = 2;
