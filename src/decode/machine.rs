//! The opcode machine: a stack of nodes, a memo, MARKs that are integers, and one dispatch table.
//!
//! In: the bytes of a pickle. Out: the node that STOP finds on the stack, its parts in the arena. Nothing is imported,
//! called or built, and nothing recurses. Whatever grows is bounded three times: by the length of the frame, since no
//! opcode pushes more than one value; by its limit; and by the budget of whoever decodes.

use byteorder::{ByteOrder as _, LittleEndian};

use super::arena::{Arena, Node, Span, widen};
use super::error::{Error, Reason};
use super::opcode::{self, HIGHEST_PROTOCOL};
use super::plain_pickle::opening_frame;
use super::scalar::{Rest, any_scalar, array, counted, integer_of, is_utf8, narrow, scalar, span};
use super::text_opcodes::{decode_raw_unicode_escape, decode_string_escapes};
use super::value::Value;
use crate::base::budget::Budget;
use crate::base::limits::{MAX_INTEGER_DIGITS, MAX_MARK_DEPTH, MAX_MEMO_ENTRIES, MAX_PICKLE_BYTES, MAX_VALUES};
use crate::base::memory::{has_memory_for_exactly, with_room_for};
use crate::base::meter::{Meter, Stop};
use crate::base::text::append_latin1;
use crate::base::words::{is_ascii, position};
use crate::decode::bigint::BigInt;
use crate::decode::float_digits::read_float;

/// Decodes pickles, one after the other, reusing its memory.
#[derive(Debug)]
pub struct Unpickler {
    pub(super) arena: Arena,
    pub(super) stack: Vec<Node>,
    /// The height of the stack at each open MARK.
    pub(super) marks: Vec<usize>,
    pub(super) memo: Vec<Node>,
    pub(super) budget: Budget,
    /// Bytes taken from the budget.
    pub(super) taken: usize,
}

impl Unpickler {
    /// An unpickler that takes what it holds beyond a few kilobytes from `budget`.
    pub fn new(budget: Budget) -> Unpickler {
        Unpickler {
            arena: Arena::default(),
            stack: Vec::with_capacity(KEPT_NODES),
            marks: Vec::new(),
            memo: Vec::with_capacity(KEPT_NODES),
            budget,
            taken: 0,
        }
    }

    /// Leaves off working for a record when `stop` says so; it is asked now and then.
    pub(crate) fn stop_when(&mut self, stop: Stop) {
        self.arena.meter.stop_when(stop);
    }

    /// The work done so far for what was decoded last, and how much it may be.
    pub fn meter(&self) -> &Meter {
        &self.arena.meter
    }

    /// Decodes one pickle; what it returns borrows from the frame and from this unpickler.
    ///
    /// # Errors
    /// Says which opcode was refused, why, and where it stands. Nothing of the pickle is kept.
    pub fn unpickle<'a>(&'a mut self, frame: &'a [u8]) -> Result<Value<'a>, Error> {
        let node = Machine::new(frame, self).run(frame)?;
        Ok(Value::new(&self.arena, frame, node))
    }

    /// Frees what a large pickle made it hold beyond a few kilobytes.
    pub fn shrink(&mut self) {
        if self.taken > 0 {
            self.clear();
            let Arena { interned, meter, .. } = std::mem::take(&mut self.arena);
            self.arena = Arena { interned, meter, ..Arena::default() };
            self.stack = Vec::with_capacity(KEPT_NODES);
            self.marks = Vec::new();
            self.memo = Vec::with_capacity(KEPT_NODES);
            self.budget.give_back(std::mem::take(&mut self.taken));
        }
    }

    /// Frees what it holds beyond a few kilobytes, and takes from `budget` from now on.
    pub fn use_budget(&mut self, budget: Budget) {
        self.shrink();
        self.budget = budget;
    }

    fn clear(&mut self) {
        self.arena.nodes.clear();
        self.arena.runs.clear();
        self.arena.objects.clear();
        self.arena.globals.clear();
        self.arena.scratch.clear();
        self.arena.has_own_reading = false;
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
    }
}

impl Drop for Unpickler {
    fn drop(&mut self) {
        self.budget.give_back(self.taken);
    }
}

/// One run over one frame.
///
/// What is left of the frame is passed along rather than kept here: every opcode's method takes what follows the opcode and
/// gives what follows its operand, so that it stays in registers.
pub(super) struct Machine<'u, 'f> {
    pub(super) unpickler: &'u mut Unpickler,
    pub(super) frame: &'f [u8],
    /// The height of the stack at the topmost MARK: nothing below it may be popped.
    pub(super) floor: usize,
}

/// What a container holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Anything,
    Keys,
    Pairs,
}

impl<'u, 'f> Machine<'u, 'f> {
    /// A machine at the beginning of a frame.
    #[inline]
    pub(super) fn new(frame: &'f [u8], unpickler: &'u mut Unpickler) -> Machine<'u, 'f> {
        unpickler.clear();
        unpickler.arena.meter.begin(frame.len());
        Machine { frame, floor: 0, unpickler }
    }

    /// Runs what is left of the frame, `rest`, up to STOP; gives what stands on the stack there.
    pub(super) fn run(&mut self, rest: &'f [u8]) -> Result<Node, Error> {
        if self.frame.len() > MAX_PICKLE_BYTES {
            return Err(Error { offset: 0, opcode: opcode::STOP, reason: Reason::PickleTooLong });
        }
        let mut rest = rest;
        while let Some((&opcode, operand)) = rest.split_first() {
            if opcode == opcode::STOP {
                let root = self.top().map_err(|reason| self.error(rest, opcode, reason))?;
                (self.unpickler.arena.root, self.unpickler.arena.stop) = (root, self.offset(rest));
                return Ok(root);
            }
            match self.step(opcode, operand) {
                Ok(next) => rest = next,
                Err(reason) => return Err(self.error(rest, opcode, reason)),
            }
        }
        Err(self.error(&[], opcode::STOP, Reason::Truncated))
    }

    /// An error at the opcode with which `rest` begins.
    #[cold]
    pub(super) fn error(&self, rest: &[u8], opcode: u8, reason: Reason) -> Error {
        Error { offset: self.offset(rest), opcode, reason }
    }

    /// Where in the frame its `rest` begins.
    #[inline]
    pub(super) fn offset(&self, rest: &[u8]) -> usize {
        self.frame.len().wrapping_sub(rest.len())
    }

    /// The dispatch table.
    #[inline(always)]
    fn step(&mut self, opcode: u8, rest: &'f [u8]) -> Rest<'f> {
        match opcode {
            // Scalars that stand in the pickle as they are.
            opcode::NONE
            | opcode::NEWTRUE
            | opcode::NEWFALSE
            | opcode::BININT
            | opcode::BININT1
            | opcode::BININT2
            | opcode::LONG1
            | opcode::LONG4
            | opcode::BINFLOAT
            | opcode::SHORT_BINUNICODE
            | opcode::BINUNICODE
            | opcode::BINUNICODE8
            | opcode::SHORT_BINBYTES
            | opcode::BINBYTES
            | opcode::BINBYTES8
            | opcode::BYTEARRAY8 => self.load_scalar(opcode, rest),
            // Those that have to be read first.
            opcode::INT | opcode::LONG => self.load_decimal_line(opcode, rest),
            opcode::FLOAT => self.load_float_line(rest),
            opcode::SHORT_BINSTRING => self.load_python2_str(counted::<1>(rest)),
            opcode::BINSTRING => self.load_python2_str(counted::<4>(rest)),
            opcode::STRING => self.load_string_line(rest),
            opcode::UNICODE => self.load_unicode_line(rest),
            // Containers.
            opcode::EMPTY_DICT => self.push_run(Node::Dict, rest),
            opcode::EMPTY_LIST => self.push_run(Node::List, rest),
            opcode::EMPTY_SET => self.push_run(Node::Set, rest),
            opcode::EMPTY_TUPLE => self.push(Node::Tuple(Span::default()), rest),
            opcode::TUPLE1 => self.load_tuple_of(1, rest),
            opcode::TUPLE2 => self.load_tuple_of(2, rest),
            opcode::TUPLE3 => self.load_tuple_of(3, rest),
            opcode::TUPLE => self.load_tuple(rest),
            opcode::LIST => self.load_run(Node::List, Holds::Anything, rest),
            opcode::DICT => self.load_run(Node::Dict, Holds::Pairs, rest),
            opcode::FROZENSET => self.load_run(Node::FrozenSet, Holds::Keys, rest),
            opcode::APPEND => self.load_item(1, Holds::Anything, rest),
            opcode::APPENDS => self.load_items(Holds::Anything, rest),
            opcode::SETITEM => self.load_item(2, Holds::Pairs, rest),
            opcode::SETITEMS => self.load_items(Holds::Pairs, rest),
            opcode::ADDITEMS => self.load_items(Holds::Keys, rest),
            // The stack and the memo.
            opcode::MARK => self.load_mark(rest),
            opcode::POP => self.load_pop(rest),
            opcode::POP_MARK => self.load_pop_mark(rest),
            opcode::DUP => self.top().and_then(|node| self.push(node, rest)),
            opcode::BINPUT => self.u8(rest).and_then(|(index, rest)| self.put(usize::from(index), rest)),
            opcode::LONG_BINPUT => self.u32(rest).and_then(|(index, rest)| self.put(widen(index), rest)),
            opcode::PUT => self.index_line(rest).and_then(|(index, rest)| self.put(index, rest)),
            opcode::MEMOIZE => self.put(self.unpickler.memo.len(), rest),
            opcode::BINGET => self.u8(rest).and_then(|(index, rest)| self.load_get(usize::from(index), rest)),
            opcode::LONG_BINGET => self.u32(rest).and_then(|(index, rest)| self.load_get(widen(index), rest)),
            opcode::GET => self.index_line(rest).and_then(|(index, rest)| self.load_get(index, rest)),
            // What Python would import and call, recorded.
            opcode::GLOBAL => self.load_global(rest),
            opcode::STACK_GLOBAL => self.load_stack_global(rest),
            opcode::REDUCE => self.load_reduce(rest),
            opcode::NEWOBJ => self.load_newobj(rest),
            opcode::NEWOBJ_EX => self.load_newobj_ex(rest),
            opcode::INST => self.load_inst(rest),
            opcode::OBJ => self.load_obj(rest),
            opcode::BUILD => self.load_build(rest),
            // The pickle as such.
            opcode::PROTO => self.load_proto(rest),
            opcode::FRAME => self.load_frame(rest),
            opcode::EXT1 | opcode::EXT2 | opcode::EXT4 => Err(Reason::ExtensionCode),
            opcode::PERSID | opcode::BINPERSID => Err(Reason::PersistentId),
            opcode::NEXT_BUFFER | opcode::READONLY_BUFFER => Err(Reason::OutOfBandBuffer),
            _ => Err(Reason::UnknownOpcode),
        }
    }

    // Reading: each method gives what stands at the beginning of `rest`, and what follows it.

    #[inline]
    fn take(&self, count: usize, rest: &'f [u8]) -> Result<(&'f [u8], &'f [u8]), Reason> {
        rest.split_at_checked(count).ok_or(Reason::Truncated)
    }

    #[inline]
    fn u8(&self, rest: &'f [u8]) -> Result<(u8, &'f [u8]), Reason> {
        array::<1>(rest).map(|(&[byte], rest)| (byte, rest))
    }

    #[inline]
    fn u32(&self, rest: &'f [u8]) -> Result<(u32, &'f [u8]), Reason> {
        array::<4>(rest).map(|(bytes, rest)| (LittleEndian::read_u32(bytes), rest))
    }

    /// What stands before the next newline, and what follows the newline.
    pub(super) fn line(&self, rest: &'f [u8]) -> Result<(&'f [u8], &'f [u8]), Reason> {
        let length = position(b'\n', rest).ok_or(Reason::Truncated)?;
        let (line, rest) = self.take(length, rest)?;
        Ok((line, rest.get(1..).unwrap_or_default()))
    }

    fn index_line(&self, rest: &'f [u8]) -> Result<(usize, &'f [u8]), Reason> {
        let (line, rest) = self.line(rest)?;
        let index = parse_short_integer(line).and_then(|index| usize::try_from(index).ok());
        Ok((index.ok_or(Reason::BadNumber)?, rest))
    }

    // The stack.

    #[inline(always)]
    pub(super) fn push(&mut self, node: Node, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { stack, budget, taken, .. } = &mut *self.unpickler;
        push(stack, node, MAX_VALUES, budget, taken)?;
        Ok(rest)
    }

    #[inline]
    pub(super) fn top(&self) -> Result<Node, Reason> {
        let stack = &self.unpickler.stack;
        if stack.len() <= self.floor {
            return Err(Reason::StackUnderflow);
        }
        stack.last().copied().ok_or(Reason::StackUnderflow)
    }

    pub(super) fn pop(&mut self) -> Result<Node, Reason> {
        let top = self.top()?;
        self.unpickler.stack.pop();
        Ok(top)
    }

    pub(super) fn load_mark(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { stack, marks, budget, taken, .. } = &mut *self.unpickler;
        if marks.len() >= MAX_MARK_DEPTH {
            return Err(Reason::MarksTooDeep);
        }
        push(marks, stack.len(), MAX_MARK_DEPTH, budget, taken)?;
        self.floor = stack.len();
        Ok(rest)
    }

    /// Closes the topmost MARK; gives the height of the stack there.
    pub(super) fn pop_mark(&mut self) -> Result<usize, Reason> {
        let from = self.unpickler.marks.pop().ok_or(Reason::NoMark)?;
        self.floor = self.unpickler.marks.last().copied().unwrap_or(0);
        Ok(from)
    }

    fn load_pop(&mut self, rest: &'f [u8]) -> Rest<'f> {
        if self.unpickler.marks.last() == Some(&self.unpickler.stack.len()) {
            return self.pop_mark().map(|_| rest);
        }
        self.pop().map(|_| rest)
    }

    fn load_pop_mark(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let from = self.pop_mark()?;
        self.unpickler.stack.truncate(from);
        Ok(rest)
    }

    // Scalars.

    #[inline]
    fn load_scalar(&mut self, opcode: u8, rest: &'f [u8]) -> Rest<'f> {
        let (node, rest) = scalar(self.frame, opcode, rest)?;
        self.push_and_put(node, rest)
    }

    /// INT of CPython 3 is a bool, of Python 2 any int up to 64 bits; LONG ends in an L. What is neither a bool nor short has
    /// its bytes in the scratch.
    fn load_decimal_line(&mut self, opcode: u8, rest: &'f [u8]) -> Rest<'f> {
        if let Ok((node, rest)) = any_scalar(self.frame, opcode, rest) {
            return self.push(node, rest);
        }
        let (line, rest) = self.line(rest)?;
        let digits = if opcode == opcode::LONG { line.strip_suffix(b"L").unwrap_or(line) } else { line };
        if let Some(value) = parse_short_integer(digits) {
            return self.push(Node::Int(value), rest);
        }
        if digits.len() > MAX_INTEGER_DIGITS.saturating_add(usize::from(digits.starts_with(b"-"))) {
            return Err(Reason::IntegerDigitsTooMany);
        }
        self.charge(BigInt::units_of_decimal(digits.len()))?;
        let value = BigInt::from_decimal(digits).ok_or(Reason::BadNumber)?;
        let bytes = value.to_signed_bytes_le();
        let span = self.write_scratch(&bytes)?;
        self.push(integer_of(span, &bytes), rest)
    }

    fn load_float_line(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (line, rest) = self.line(rest)?;
        let value = std::str::from_utf8(line).ok().and_then(read_float).ok_or(Reason::BadNumber)?;
        // CPython refuses a text of one that is too large.
        self.unpickler.arena.has_own_reading |= value.is_infinite();
        self.push(Node::float(value), rest)
    }

    // Text and bytes.

    /// Pushes a text. Most texts are stored in the memo at once: the two opcodes are done as one, which spares a dispatch
    /// and the way through memory of what was just pushed.
    #[inline]
    fn push_and_put(&mut self, node: Node, rest: &'f [u8]) -> Rest<'f> {
        let rest = self.push(node, rest)?;
        let Unpickler { memo, budget, taken, .. } = &mut *self.unpickler;
        let after = match rest {
            [opcode::BINPUT, index, after @ ..] if usize::from(*index) == memo.len() => after,
            [opcode::MEMOIZE, after @ ..] if memo.len() < MAX_MEMO_ENTRIES => after,
            _ => return Ok(rest),
        };
        push(memo, node, MAX_MEMO_ENTRIES, budget, taken)?;
        Ok(after)
    }

    #[inline]
    fn load_python2_str(&mut self, counted: Result<(&'f [u8], &'f [u8]), Reason>) -> Rest<'f> {
        let (bytes, rest) = counted?;
        self.push_python2_str(bytes, span(self.frame, bytes, rest), rest)
    }

    /// A Python 2 `str` names no encoding: UTF-8 if it is that, else Latin-1, so that no byte is lost.
    #[inline]
    fn push_python2_str(&mut self, bytes: &[u8], span: Span, rest: &'f [u8]) -> Rest<'f> {
        if is_ascii(bytes) {
            return self.push_and_put(Node::Str(span), rest);
        }
        self.unpickler.arena.has_own_reading = true;
        if is_utf8(bytes) {
            return self.push_and_put(Node::Str(span), rest);
        }
        let mut text = room_for(bytes.len().saturating_mul(2))?;
        append_latin1(bytes, &mut text);
        let span = self.write_scratch(&text)?;
        self.push(Node::Str(span), rest)
    }

    fn load_string_line(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (line, rest) = self.line(rest)?;
        let mut bytes = room_for(line.len())?;
        decode_string_escapes(line, &mut bytes).ok_or(Reason::BadEscape)?;
        let span = self.write_scratch(&bytes)?;
        self.push_python2_str(&bytes, span, rest)
    }

    fn load_unicode_line(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let start = self.offset(rest);
        let (line, rest) = self.line(rest)?;
        if is_ascii(line) && !line.contains(&b'\\') {
            let span = Span::new(narrow(start), narrow(line.len()));
            return self.push(Node::Str(span), rest);
        }
        let mut text = room_for(line.len().saturating_mul(2))?;
        decode_raw_unicode_escape(line, &mut text).ok_or(Reason::BadEscape)?;
        let span = self.write_scratch(&text)?;
        self.push(Node::Str(span), rest)
    }

    /// Keeps bytes that do not stand in the frame. All of them together are bounded by what an honest frame can need:
    /// Latin-1 grows to twice its size as UTF-8, escapes shrink.
    pub(super) fn write_scratch(&mut self, bytes: &[u8]) -> Result<Span, Reason> {
        let Unpickler { arena: Arena { scratch, .. }, budget, taken, .. } = &mut *self.unpickler;
        let start = scratch.len();
        let end = start.saturating_add(bytes.len());
        if end > self.frame.len().saturating_mul(SCRATCH_PER_FRAME_BYTE) {
            return Err(Reason::ScratchTooLong);
        }
        reserve(scratch, bytes.len(), usize::MAX, budget, taken)?;
        scratch.extend_from_slice(bytes);
        Ok(Span::new(Span::SCRATCH | narrow(start), narrow(bytes.len())))
    }

    /// Charges work that the length of the frame does not bound.
    pub(super) fn charge(&self, units: usize) -> Result<(), Reason> {
        if self.unpickler.arena.meter.charge(units) { Ok(()) } else { Err(Reason::WorkTooMuch) }
    }

    // The memo.

    #[inline(always)]
    pub(super) fn put(&mut self, index: usize, rest: &'f [u8]) -> Rest<'f> {
        let top = self.top()?;
        let Unpickler { memo, budget, taken, .. } = &mut *self.unpickler;
        if index == memo.len() && index < MAX_MEMO_ENTRIES {
            push(memo, top, MAX_MEMO_ENTRIES, budget, taken)?;
            return Ok(rest);
        }
        self.put_elsewhere(index, top, rest)
    }

    /// A slot that is not the next one. A pickle of n bytes can fill no more than n slots, so that no honest one has a
    /// higher index.
    #[cold]
    fn put_elsewhere(&mut self, index: usize, node: Node, rest: &'f [u8]) -> Rest<'f> {
        let Unpickler { memo, budget, taken, .. } = &mut *self.unpickler;
        if index >= MAX_MEMO_ENTRIES.min(self.frame.len()) {
            return Err(Reason::MemoEntriesTooMany);
        }
        if index >= memo.len() {
            let length = index.saturating_add(1);
            reserve(memo, length.saturating_sub(memo.len()), MAX_MEMO_ENTRIES, budget, taken)?;
            memo.resize(length, Node::Unset);
        }
        if let Some(slot) = memo.get_mut(index) {
            *slot = node;
        }
        Ok(rest)
    }

    #[inline]
    fn load_get(&mut self, index: usize, rest: &'f [u8]) -> Rest<'f> {
        match self.unpickler.memo.get(index) {
            None | Some(Node::Unset) => Err(Reason::NoMemoEntry),
            Some(&node) => self.push(node, rest),
        }
    }

    // The pickle as such.

    fn load_proto(&mut self, rest: &'f [u8]) -> Rest<'f> {
        match self.u8(rest)? {
            (0..=HIGHEST_PROTOCOL, rest) => Ok(rest),
            _ => Err(Reason::UnsupportedProtocol),
        }
    }

    /// Frames are of no use to who has all of the pickle. Those but the first are passed over in large pickles only.
    fn load_frame(&mut self, rest: &'f [u8]) -> Rest<'f> {
        if self.offset(rest) != opening_frame(self.frame).saturating_add(1) {
            self.unpickler.arena.has_own_reading = true;
        }
        self.take(8, rest).map(|(_, rest)| rest)
    }
}

/// Pushes onto a vector that takes its growth from the budget.
#[inline(always)]
pub(super) fn push<T>(
    vec: &mut Vec<T>,
    item: T,
    limit: usize,
    budget: &Budget,
    taken: &mut usize,
) -> Result<(), Reason> {
    if vec.len() == vec.capacity() {
        return push_grown(vec, item, limit, budget, taken);
    }
    vec.push(item);
    Ok(())
}

#[cold]
#[inline(never)]
fn push_grown<T>(vec: &mut Vec<T>, item: T, limit: usize, budget: &Budget, taken: &mut usize) -> Result<(), Reason> {
    grow(vec, 1, limit, budget, taken)?;
    vec.push(item);
    Ok(())
}

#[inline(always)]
pub(super) fn reserve<T>(
    vec: &mut Vec<T>,
    more: usize,
    limit: usize,
    budget: &Budget,
    taken: &mut usize,
) -> Result<(), Reason> {
    let is_there = vec.capacity().saturating_sub(vec.len()) >= more;
    if is_there { Ok(()) } else { grow(vec, more, limit, budget, taken) }
}

/// For bytes that do not stand in the frame, before they are kept.
pub(super) fn room_for(bytes: usize) -> Result<Vec<u8>, Reason> {
    with_room_for(bytes).ok_or(Reason::InFlightBytesTooMany)
}

/// At least doubles the capacity, up to the limit and as far as the budget has it.
#[cold]
#[inline(never)]
fn grow<T>(vec: &mut Vec<T>, more: usize, limit: usize, budget: &Budget, taken: &mut usize) -> Result<(), Reason> {
    let needed = vec.len().saturating_add(more);
    if needed > limit {
        return Err(Reason::ValuesTooMany);
    }
    let capacity = needed.max(vec.capacity().saturating_mul(2)).max(KEPT_NODES).min(limit);
    let grown = capacity.saturating_sub(vec.capacity()).saturating_mul(size_of::<T>());
    if !budget.try_take(grown) {
        return Err(Reason::InFlightBytesTooMany);
    }
    *taken = taken.saturating_add(grown);
    let missing = capacity.saturating_sub(vec.len());
    if has_memory_for_exactly(vec, missing) { Ok(()) } else { Err(Reason::InFlightBytesTooMany) }
}

/// An integer of up to 18 digits, which cannot overflow 64 bits; `None` for longer ones, and for what is no integer.
fn parse_short_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (1..=18) = digits.len() else { return None };
    let value = digits.iter().try_fold(0_i64, |value, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| value.wrapping_mul(10).wrapping_add(i64::from(digit)))
    })?;
    Some(if digits.len() < text.len() { value.wrapping_neg() } else { value })
}

/// See [`Machine::write_scratch`]: doubled twice, for a Latin-1 text from escapes.
const SCRATCH_PER_FRAME_BYTE: usize = 4;

/// Room that is kept from pickle to pickle, and not taken from the budget, for stack and memo.
const KEPT_NODES: usize = 256;
