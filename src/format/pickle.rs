//! Values to a pickle: [`Pickler`].
//!
//! In: the names and values of a record's attributes. Out: a dict of them, up to its STOP, by opcodes that make data only: of
//! protocol 2, or of the lowest that has bytes (3), sets (4) or a bytearray (5) where there are such. Nothing is lost: what is shared
//! stays shared, cycles stay cycles, lone surrogates are written as Python writes them. Only an attribute that holds an object or
//! a class, however deep, becomes, whole, its `str()`. Nothing recurses. Refused: what exceeds the limit, in bytes or in work.

use super::memo::{Key, Memo};
use crate::base::limits::MAX_PRINTED_DEPTH;
use crate::base::memory::append;
use crate::base::text::TextWriter;
use crate::decode::{Items, Kind, Pairs, Value, opcode};
use crate::python;
use crate::python::number::{Integer, float_of};

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The system has no memory for it.
    NoMemory,
    /// The limit is exceeded.
    TooLong,
}

/// Writes one dict, pair by pair: a key, then a value.
pub(super) struct Pickler<'a, 'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    /// Bytes that may still be written. What is taken back counts, too.
    left: usize,
    memo: Memo,
    open: Vec<Open<'a>>,
    /// The lowest protocol that has all opcodes used.
    protocol: u8,
}

/// A container that is being written.
struct Open<'a> {
    rest: Rest<'a>,
    key: Option<Key>,
    /// What ends it.
    end: u8,
}

/// What of it is still to be written.
enum Rest<'a> {
    Items(Items<'a>),
    Pairs(Pairs<'a>, Option<Value<'a>>),
}

/// Why a value was not written.
enum NotWritten {
    Object,
    Failure(Failure),
}

impl<'a, 'o> Pickler<'a, 'o> {
    /// A dict, appended to `out`, of at most `limit` bytes.
    pub fn new(limit: usize, out: &'o mut Vec<u8>) -> Pickler<'a, 'o> {
        let start = out.len();
        out.extend_from_slice(&[opcode::PROTO, LOWEST_PROTOCOL, opcode::EMPTY_DICT, opcode::BINPUT, 0, opcode::MARK]);
        Pickler { out, start, left: limit, memo: Memo::new(), open: Vec::new(), protocol: LOWEST_PROTOCOL }
    }

    /// The dict is the one that the record's pickle is: who refers to that refers to this.
    pub fn is(&mut self, record: Value<'a>) -> Result<(), Failure> {
        let key = record.identity().map_or(Key::Text(0, 0, 0), |identity| Key::Container(identity, opcode::SETITEMS));
        self.memo.put(key).map(|_| ()).ok_or(Failure::NoMemory)
    }

    /// The next attribute's name.
    pub fn key(&mut self, name: Value<'a>) -> Result<(), Failure> {
        self.value(name)
    }

    pub fn none(&mut self) -> Result<(), Failure> {
        self.push(&[opcode::NONE])
    }

    /// A `str` of what `write` writes.
    pub fn text(&mut self, write: impl FnOnce(&mut TextWriter<'_>)) -> Result<(), Failure> {
        self.push(&[opcode::BINUNICODE, 0, 0, 0, 0])?;
        let start = self.out.len();
        let mut text = TextWriter::new(self.out, self.left);
        write(&mut text);
        let (left, is_cut) = (text.remaining(), text.is_cut());
        if text.is_starved() {
            return Err(Failure::NoMemory);
        }
        let length = u32::try_from(self.out.len().saturating_sub(start)).map_err(|_| Failure::TooLong)?;
        let header = self.out.get_mut(..start).and_then(<[u8]>::last_chunk_mut);
        match header {
            Some(place) if !is_cut => *place = length.to_le_bytes(),
            _ => return Err(Failure::TooLong),
        }
        self.left = left;
        Ok(())
    }

    /// A number, also of an object that is one: whoever handles the record compares it.
    pub fn number(&mut self, value: Value<'a>) -> Result<(), Failure> {
        if let Kind::Object(_) = value.kind() {
            match (Integer::of(value), float_of(value)) {
                (Some(Integer::Small(number)), _) => return self.value(Value::int(number)),
                (None, Some(number)) => return self.value(Value::float(number)),
                _ => {}
            }
        }
        self.value(value)
    }

    /// A value, or its `str()` if it holds an object.
    pub fn value(&mut self, value: Value<'a>) -> Result<(), Failure> {
        let (length, slots) = (self.out.len(), self.memo.len());
        match self.data(value) {
            Ok(()) => Ok(()),
            Err(NotWritten::Failure(failure)) => Err(failure),
            Err(NotWritten::Object) => {
                self.out.truncate(length);
                self.open.clear();
                self.memo.truncate(slots);
                self.text(|out| python::str(value, out))
            }
        }
    }

    /// The end of the dict.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.push(&[opcode::SETITEMS])?;
        if let Some(protocol) = self.out.get_mut(self.start.saturating_add(1)) {
            *protocol = self.protocol;
        }
        Ok(())
    }

    fn data(&mut self, value: Value<'a>) -> Result<(), NotWritten> {
        self.begin(value)?;
        while let Some(innermost) = self.open.last_mut() {
            match innermost.rest.next() {
                Some(value) => self.begin(value)?,
                None => self.close()?,
            }
        }
        Ok(())
    }

    /// Writes a value, or opens it if it holds others.
    fn begin(&mut self, value: Value<'a>) -> Result<(), NotWritten> {
        if !value.meter().charge(UNITS_A_VALUE) {
            return Err(NotWritten::Failure(Failure::TooLong));
        }
        match value.kind() {
            Kind::None => self.push(&[opcode::NONE])?,
            Kind::Bool(true) => self.push(&[opcode::NEWTRUE])?,
            Kind::Bool(false) => self.push(&[opcode::NEWFALSE])?,
            Kind::Int(number) => self.int(number)?,
            Kind::BigInt(bytes) => self.counted(opcode::LONG1, opcode::LONG4, bytes)?,
            Kind::Float(number) => {
                self.push(&[opcode::BINFLOAT])?;
                self.push(&number.to_be_bytes())?;
            }
            Kind::Str(text) => self.shared(opcode::BINUNICODE, opcode::BINUNICODE, text.as_bytes())?,
            Kind::Bytes(bytes) => {
                self.needs(3);
                self.shared(opcode::SHORT_BINBYTES, opcode::BINBYTES, bytes)?;
            }
            Kind::ByteArray(bytes) => {
                self.needs(5);
                self.push(&[opcode::BYTEARRAY8])?;
                self.push(&u64::try_from(bytes.len()).unwrap_or(0).to_le_bytes())?;
                self.push(bytes)?;
            }
            Kind::Tuple(items) if items.is_empty() => self.push(&[opcode::EMPTY_TUPLE])?,
            Kind::Tuple(items) => self.open(None, Rest::Items(items), value, opcode::TUPLE)?,
            Kind::List(items) => self.open(Some(opcode::EMPTY_LIST), Rest::Items(items), value, opcode::APPENDS)?,
            Kind::Dict(pairs) => {
                self.open(Some(opcode::EMPTY_DICT), Rest::Pairs(pairs, None), value, opcode::SETITEMS)?;
            }
            Kind::Set(items) => {
                self.needs(4);
                self.open(Some(opcode::EMPTY_SET), Rest::Items(items), value, opcode::ADDITEMS)?;
            }
            Kind::FrozenSet(items) => {
                self.needs(4);
                self.open(None, Rest::Items(items), value, opcode::FROZENSET)?;
            }
            Kind::Global(_) | Kind::Object(_) => return Err(NotWritten::Object),
        }
        Ok(())
    }

    /// Opens a container, or refers to it if it was written before. One that is `empty` first, and then filled, can be referred to
    /// at once.
    fn open(&mut self, empty: Option<u8>, rest: Rest<'a>, value: Value<'a>, end: u8) -> Result<(), NotWritten> {
        let key = value.identity().map(|identity| Key::Container(identity, end));
        if let Some(slot) = self.slot_of(key)? {
            return Ok(self.get(slot)?);
        }
        // No sender's pickler goes deeper.
        if self.open.len() >= MAX_PRINTED_DEPTH {
            return Err(NotWritten::Object);
        }
        if let Some(empty) = empty {
            self.push(&[empty])?;
            self.put(key)?;
        }
        self.push(&[opcode::MARK])?;
        self.open.push(Open { rest, key, end });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failure> {
        let Some(Open { key, end, .. }) = self.open.pop() else { return Ok(()) };
        if !matches!(end, opcode::TUPLE | opcode::FROZENSET) {
            return self.push(&[end]);
        }
        // By way of a list within it, it may have been written meanwhile: then it is the same.
        match self.slot_of(key)? {
            Some(slot) => {
                self.push(&[opcode::POP_MARK])?;
                self.get(slot)
            }
            None => {
                self.push(&[end])?;
                self.put(key)
            }
        }
    }

    fn int(&mut self, number: i64) -> Result<(), Failure> {
        if let Ok(small) = u8::try_from(number) {
            return self.push(&[opcode::BININT1, small]);
        }
        if let Ok(short) = i32::try_from(number) {
            self.push(&[opcode::BININT])?;
            return self.push(&short.to_le_bytes());
        }
        self.counted(opcode::LONG1, opcode::LONG4, &number.to_le_bytes())
    }

    /// A text or bytes, or where in the memo they are.
    fn shared(&mut self, short: u8, long: u8, bytes: &[u8]) -> Result<(), Failure> {
        let key = (bytes.len() >= SHARED_BYTES).then(|| Key::Text(short, bytes.as_ptr().addr(), bytes.len()));
        if let Some(slot) = self.slot_of(key)? {
            return self.get(slot);
        }
        self.counted(short, long, bytes)?;
        self.put(key)
    }

    fn slot_of(&mut self, key: Option<Key>) -> Result<Option<u32>, Failure> {
        let Some(key) = key else { return Ok(None) };
        let (slot, probes) = self.memo.slot_of(key);
        self.left = self.left.checked_sub(probes.saturating_mul(BYTES_A_PROBE)).ok_or(Failure::TooLong)?;
        Ok(slot)
    }

    /// Bytes behind their number, of one byte or, by another opcode, of four.
    fn counted(&mut self, short: u8, long: u8, bytes: &[u8]) -> Result<(), Failure> {
        match u8::try_from(bytes.len()) {
            Ok(length) if short != long => self.push(&[short, length])?,
            _ => {
                self.push(&[long])?;
                self.push(&u32::try_from(bytes.len()).map_err(|_| Failure::TooLong)?.to_le_bytes())?;
            }
        }
        self.push(bytes)
    }

    fn put(&mut self, key: Option<Key>) -> Result<(), Failure> {
        let Some(key) = key else { return Ok(()) };
        let slot = self.memo.put(key).ok_or(Failure::NoMemory)?;
        self.by_slot(opcode::BINPUT, opcode::LONG_BINPUT, slot)
    }

    fn get(&mut self, slot: u32) -> Result<(), Failure> {
        self.by_slot(opcode::BINGET, opcode::LONG_BINGET, slot)
    }

    fn by_slot(&mut self, short: u8, long: u8, slot: u32) -> Result<(), Failure> {
        match u8::try_from(slot) {
            Ok(slot) => self.push(&[short, slot]),
            Err(_) => {
                self.push(&[long])?;
                self.push(&slot.to_le_bytes())
            }
        }
    }

    fn needs(&mut self, protocol: u8) {
        self.protocol = self.protocol.max(protocol);
    }

    #[inline(never)]
    fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(Failure::TooLong)?;
        if append(self.out, bytes) { Ok(()) } else { Err(Failure::NoMemory) }
    }
}

impl<'a> Iterator for Rest<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match self {
            Rest::Items(items) => items.next(),
            Rest::Pairs(pairs, value) => value.take().or_else(|| {
                let (key, of_key) = pairs.next()?;
                *value = Some(of_key);
                Some(key)
            }),
        }
    }
}

impl From<Failure> for NotWritten {
    fn from(failure: Failure) -> NotWritten {
        NotWritten::Failure(failure)
    }
}

/// What Python 2.7 reads, too.
const LOWEST_PROTOCOL: u8 = 2;

/// Texts of so many bytes are written once.
const SHARED_BYTES: usize = 8;

/// What it costs to write a value, or that it was written before.
const UNITS_A_VALUE: usize = 3;

/// To look at a place of the memo takes as long as to write so many bytes.
const BYTES_A_PROBE: usize = 16;
