//! Record to JSON: one object, on one line.
//!
//! In: a record. Out: its attributes under their own names, in the order in which they came, then `message` if it was sent
//! unmerged, and `client_address`. The line is JSON that Python's `json` and `jq` read, whatever the record holds: lone surrogates are
//! spelled `\udcff` with a backslash of their own (backslashes of such text are doubled), non-finite floats are strings, keys that are no text are their `str()`, a cycle is `"..."`, and so
//! is what lies deeper than [`MAX_JSON_DEPTH`]. It is safe on a terminal: control characters and those that turn the
//! direction of text are escaped. What does not fit is left out, `...` says so, and the line is still whole.

use super::escape::Escape;
#[cfg(feature = "config")]
use super::escape::is_control;
use crate::base::limits::MAX_JSON_DEPTH;
use crate::base::memory::{has_memory_for, has_memory_for_exactly};
use crate::base::meter::Meter;
#[cfg(feature = "config")]
use crate::base::text::encode_code_point;
use crate::base::text::{Text, TextWriter, append_latin1};
use crate::base::words;
use crate::decode::{Identity, Items, Kind, Node, Object, Pairs, Value};
use crate::python;
use crate::python::integer;
use crate::python::number::{Integer, plain_of};
use crate::python::stdlib::classes::{Class, class_and_args, classify};
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::exceptions;
use crate::record::{Attributes, LogRecord};

/// Writes records as JSON, and remembers how the keys of the last one are spelled.
#[derive(Clone, Debug, Default)]
pub struct JsonFormatter {
    labels: Labels,
}

impl JsonFormatter {
    /// Writes a record as one JSON object. `out` should have room for [`LEAST_ROOM`] bytes at least: with less, nothing is written.
    /// [`TextWriter::is_cut`] tells whether something was left out.
    pub fn format(&mut self, record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
        self.labels.take(record.keys(), record.attributes());
        self.labels.write(record, out);
    }
}

impl Labels {
    #[inline(never)]
    fn write(&self, record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
        out.limit(record.max_line_bytes());
        if out.remaining() < LEAST_ROOM {
            return out.cut();
        }
        let is_merged_here = record.is_merged_here();
        let merged = if is_merged_here { out.aside(|out| record.get_message(out)) } else { Vec::new() };
        let message = is_merged_here.then(|| Value::text(Text::known_valid(&merged)));
        let client_address = Some(Value::text(Text::from(record.client_address())));
        let mut rest = RecordRest { labels: self, attributes: record.attributes(), seen: 0, message, client_address };
        let mut out = Coalescing::new(out);
        rest.write_plain(&mut out, record.meter());
        match out.bytes.first_mut() {
            // The first comma.
            Some(first) if out.length > 0 => *first = b'{',
            _ => out.put(b"{"),
        }
        if rest.is_empty() {
            out.put(b"}");
            return out.append();
        }
        let first = rest.seen == 0;
        Writer::new(out, record.meter(), Dialect::Own, Rest::Record(rest), first).write();
    }
}

/// Writes one record as [`JsonFormatter::format`] does.
pub fn write(record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
    JsonFormatter::default().format(record, out);
}

/// Writes an object of these members as `json.dumps` writes it, in ASCII or with letters.
#[cfg(feature = "config")]
pub(super) fn write_fields<'a>(
    record: &LogRecord<'a>,
    fields: Fields<'a>,
    has_letters: bool,
    out: &mut TextWriter<'_>,
) {
    if out.remaining() < LEAST_ROOM {
        return out.cut();
    }
    let mut out = Coalescing::new(out);
    out.put(b"{");
    let dialect = Dialect::Python { has_letters };
    Writer::new(out, record.meter(), dialect, Rest::Fields(fields), true).write();
}

/// How values are spelt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Compactly, and each as what it is.
    Own,
    /// As `json.dumps` spells them for python-json-logger.
    #[cfg(feature = "config")]
    Python { has_letters: bool },
}

impl Dialect {
    const fn is_own(self) -> bool {
        matches!(self, Dialect::Own)
    }

    const fn comma(self) -> &'static str {
        if self.is_own() { "," } else { ", " }
    }
}

/// The fewest bytes in which a cut record can be told: `{"...":"..."}` and a first bracket within.
pub const LEAST_ROOM: usize = 24;

struct Writer<'a, 'o, 'b> {
    out: Coalescing<'o, 'b>,
    meter: &'a Meter,
    /// The arrays and objects that are not yet closed, outermost first.
    open: Vec<Open<'a>>,
    /// What is about to be written, if it fits.
    token: Vec<u8>,
    dialect: Dialect,
}

struct Open<'a> {
    rest: Rest<'a>,
    /// Nothing was written in it so far.
    first: bool,
    identity: Option<Identity>,
}

/// What is still to be written of an array or an object.
enum Rest<'a> {
    Items(Items<'a>),
    Object(Members<'a>),
    Pairs(Pairs<'a>),
    Entries(Entries<'a>),
    #[cfg(feature = "config")]
    Fields(Fields<'a>),
    Record(RecordRest<'a>),
}

/// The attributes, then `message` if there were arguments to merge, and then `client_address`, unless one is called so.
struct RecordRest<'a> {
    labels: &'a Labels,
    attributes: Attributes<'a>,
    /// How many of all were written.
    seen: usize,
    message: Option<Value<'a>>,
    client_address: Option<Value<'a>>,
}

/// Members as they are made up one by one: there may be many.
#[cfg(feature = "config")]
pub(super) type Fields<'a> = Box<dyn FnMut() -> Option<(Key<'a>, Content<'a>)> + 'a>;

/// One element of an array, or member of an object.
struct Member<'a> {
    key: Option<Key<'a>>,
    value: Content<'a>,
}

pub(super) enum Key<'a> {
    Name(&'static str),
    #[cfg(feature = "config")]
    Text(Text<'a>),
    Value(Value<'a>),
}

pub(super) enum Content<'a> {
    /// What an object's class is called.
    ClassOf(Object<'a>),
    Items(Items<'a>),
    Pairs(Pairs<'a>),
    /// JSON.
    #[cfg(feature = "config")]
    Raw(&'a str),
    Value(Value<'a>),
}

/// The line is full.
struct Full;

impl<'a, 'o, 'b> Writer<'a, 'o, 'b> {
    /// A writer of what is left of an object that is open.
    fn new(
        out: Coalescing<'o, 'b>,
        meter: &'a Meter,
        dialect: Dialect,
        rest: Rest<'a>,
        first: bool,
    ) -> Writer<'a, 'o, 'b> {
        Writer { out, meter, open: vec![Open { rest, first, identity: None }], token: Vec::new(), dialect }
    }

    fn write(mut self) {
        while let Some(innermost) = self.open.last_mut() {
            if let Rest::Record(record) = &mut innermost.rest {
                record.write_plain(&mut self.out, self.meter);
            }
            let Some(member) = innermost.rest.next() else {
                self.close();
                continue;
            };
            let first = std::mem::replace(&mut innermost.first, false);
            let written = self.key(member.key, first).and_then(|()| self.content(member.value));
            if let Err(Full) = written {
                return self.close_all();
            }
        }
        self.out.append();
    }

    /// Closes what is open, and lets the writer know that not all was written.
    fn close_all(mut self) {
        while !self.open.is_empty() {
            self.close();
        }
        self.out.append();
        self.out.out.cut();
    }

    /// Bytes that may still be written without endangering the brackets to be closed, a comma and the mark of a cut.
    fn room(&self) -> usize {
        self.out.room(self.open.len(), self.dialect)
    }

    fn push(&mut self, token: &str) {
        self.out.push(token.as_bytes());
    }

    fn open_with(&mut self, rest: Rest<'a>, identity: Option<Identity>) {
        self.push(if rest.is_array() { "[" } else { "{" });
        self.open.push(Open { rest, first: true, identity });
    }

    fn close(&mut self) {
        if let Some(closed) = self.open.pop() {
            self.push(if closed.rest.is_array() { "]" } else { "}" });
        }
    }

    /// Writes the comma before a member, and its key; if they do not fit with the least value, the mark of a cut.
    fn key(&mut self, key: Option<Key<'a>>, first: bool) -> Result<(), Full> {
        self.token.clear();
        let is_allowed = self.meter.charge(UNITS_A_MEMBER);
        let is_array = key.is_none();
        let comma = if first { "" } else { self.dialect.comma() };
        self.token.extend_from_slice(comma.as_bytes());
        match key {
            None => {}
            Some(Key::Name(name)) => append_string(Text::from(name), true, usize::MAX, &mut self.token),
            #[cfg(feature = "config")]
            Some(Key::Text(name)) => self.append_text(name),
            Some(Key::Value(key)) => self.append_shown(key),
        }
        if !is_array {
            self.token.extend_from_slice(if self.dialect.is_own() { b":" } else { b": " });
        }
        if !is_allowed || self.token.len().saturating_add(LEAST_VALUE_BYTES) > self.room() {
            self.push(comma);
            self.push(if is_array { CUT } else { CUT_MEMBER });
            return Err(Full);
        }
        self.out.push(&self.token);
        Ok(())
    }

    fn content(&mut self, content: Content<'a>) -> Result<(), Full> {
        match content {
            Content::ClassOf(object) => {
                self.token.clear();
                self.append_aside(|out| write_class_name(object, out));
                self.string()
            }
            Content::Items(items) => self.container(Rest::Items(items), None),
            Content::Pairs(pairs) => self.container(Rest::Pairs(pairs), None),
            #[cfg(feature = "config")]
            Content::Raw(json) => {
                self.token.clear();
                self.token.extend_from_slice(json.as_bytes());
                self.number()
            }
            Content::Value(value) => self.value(value),
        }
    }

    fn value(&mut self, value: Value<'a>) -> Result<(), Full> {
        self.token.clear();
        #[cfg(feature = "config")]
        if let Some(written) = if self.dialect.is_own() { None } else { self.value_as_python(value) } {
            return written;
        }
        let identity = value.identity();
        match value.kind() {
            Kind::None => self.push("null"),
            Kind::Bool(value) => self.push(if value { "true" } else { "false" }),
            Kind::Int(_) | Kind::BigInt(_) => return self.integer(value),
            Kind::Float(number) if number.is_finite() => {
                self.token.extend_from_slice(float(number, &mut [0; MAX_NUMBER_BYTES]));
                return self.number();
            }
            Kind::Str(text) => {
                self.append_text(text);
                return self.string();
            }
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => {
                self.append_as_text(bytes, append_latin1);
                return self.string();
            }
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) | Kind::FrozenSet(items) => {
                return self.container(Rest::Items(items), identity);
            }
            Kind::Dict(pairs) => return self.container(Rest::Entries(Entries::of_dict(pairs)), identity),
            Kind::Object(object) => return self.object(value, object),
            Kind::Float(_) | Kind::Global(_) => {
                if let Some(plain) = plain_of(value) {
                    return self.value(plain);
                }
                self.append_shown(value);
                return self.string();
            }
        }
        Ok(())
    }

    /// Writes an object: as the number that it is, as the pairs that it holds, as its text, or as what its pickle says of it.
    fn object(&mut self, value: Value<'a>, object: Object<'a>) -> Result<(), Full> {
        let class = classify(&object);
        let number = match class {
            Class::Enum(_) | Class::Package(_) => class.plain().filter(|plain| plain.as_f64().is_some()),
            _ => None,
        };
        match class {
            Class::Package(package) if package.is_number() => {
                python::str(value, &mut TextWriter::new(&mut self.token, MAX_NUMBER_BYTES));
                self.number()
            }
            _ if number.is_some() => self.value(number.unwrap_or(value)),
            Class::Counter(entries) | Class::OrderedDict(entries) | Class::DefaultDict { entries, .. } => {
                self.container(Rest::Entries(entries), value.identity())
            }
            Class::Exception { .. } => self.container(Rest::Object(Members { object, seen: 0 }), value.identity()),
            class if class.is_standard() => {
                self.append_shown(value);
                self.string()
            }
            _ => self.container(Rest::Object(Members { object, seen: 0 }), value.identity()),
        }
    }

    fn integer(&mut self, value: Value<'a>) -> Result<(), Full> {
        match Integer::of(value) {
            Some(Integer::Small(number)) => {
                self.token.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            // JSON has no limit, but Python's reader has: a longer one is a string.
            Some(Integer::Big(number)) if integer::is_printable(&number) => {
                if !self.meter.charge(integer::units_of_decimal(&number)) {
                    self.push(CUT);
                    return Err(Full);
                }
                self.token.extend_from_slice(number.to_string().as_bytes());
            }
            _ => {
                self.append_shown(value);
                return self.string();
            }
        }
        self.number()
    }

    /// Puts a value's `str()` into `token`, as a JSON string.
    fn append_shown(&mut self, value: Value<'a>) {
        match value.as_text() {
            Some(text) => self.append_text(text),
            #[cfg(feature = "config")]
            None if !self.dialect.is_own() && matches!(value.kind(), Kind::None | Kind::Bool(_)) => {
                let (is_none, is_true) = (value.is_none(), value.is_truthy());
                self.append_text(Text::from(if is_none {
                    "null"
                } else if is_true {
                    "true"
                } else {
                    "false"
                }));
            }
            None => self.append_aside(|out| python::str(value, out)),
        }
    }

    /// What `json.dumps` writes otherwise than it is written else; `None` of anything else.
    #[cfg(feature = "config")]
    fn value_as_python(&mut self, value: Value<'a>) -> Option<Result<(), Full>> {
        match value.kind() {
            Kind::Float(number) => {
                match number {
                    number if number.is_nan() => self.token.extend_from_slice(b"NaN"),
                    f64::INFINITY => self.token.extend_from_slice(b"Infinity"),
                    f64::NEG_INFINITY => self.token.extend_from_slice(b"-Infinity"),
                    _ => python::str(value, &mut TextWriter::new(&mut self.token, MAX_NUMBER_BYTES)),
                }
                return Some(self.number());
            }
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => self.append_as_text(bytes, append_base64),
            Kind::Set(_) | Kind::FrozenSet(_) => self.append_shown(value),
            Kind::Object(object) => match classify(&object) {
                Class::Enum(member) => return Some(self.value(member.value())),
                class @ Class::Package(_) => return Some(self.value(class.plain()?)),
                Class::Counter(_) | Class::OrderedDict(_) | Class::DefaultDict { .. } => return None,
                Class::Exception { class, args, .. } => self.append_aside(|out| {
                    out.push(exceptions::shown_name(class, args));
                    out.push_str(": ");
                    python::str(value, out);
                }),
                Class::Datetime(..) => {
                    let mut shown = self.out.out.aside(|out| python::str(value, out));
                    shown.iter_mut().filter(|byte| **byte == b' ').for_each(|space| *space = b'T');
                    self.append_text(Text::known_valid(&shown));
                }
                _ => self.append_shown(value),
            },
            _ => return None,
        }
        Some(self.string())
    }

    fn append_aside(&mut self, write: impl FnOnce(&mut TextWriter<'_>)) {
        self.meter.charge(UNITS_A_MEMBER);
        let shown = self.out.out.aside(write);
        self.append_text(Text::known_valid(&shown));
    }

    /// Puts bytes into `token`, as a JSON string of the text that `append` makes of them, of at most two bytes for each and four.
    fn append_as_text(&mut self, bytes: &[u8], append: fn(&[u8], &mut Vec<u8>)) {
        let bytes = bytes.get(..self.out.remaining()).unwrap_or(bytes);
        let mut text = Vec::new();
        match has_memory_for(&mut text, bytes.len().saturating_mul(2).saturating_add(4)) {
            true => append(bytes, &mut text),
            false => self.out.out.starve(),
        }
        self.append_text(Text::known_valid(&text));
    }

    /// Puts text into `token`, as a JSON string.
    fn append_text(&mut self, text: Text<'_>) {
        let (room, before) = (self.out.remaining(), self.token.len());
        // A code point more than there is room for is still too long.
        let text = text.within(room.saturating_add(4));
        let is_plain = self.dialect.is_own() && words::stand_for_themselves_in_json(text.as_bytes());
        if text.as_bytes().len() > PIECE_BYTES {
            let most = text.as_bytes().len().saturating_mul(if is_plain { 1 } else { MAX_ESCAPED_BYTES });
            let most = most.min(room).saturating_add(PIECE_BYTES.saturating_mul(MAX_ESCAPED_BYTES));
            if !has_memory_for_exactly(&mut self.token, most) {
                return self.out.out.starve();
            }
        }
        match self.dialect {
            Dialect::Own => append_string(text, is_plain, room, &mut self.token),
            #[cfg(feature = "config")]
            Dialect::Python { has_letters } => append_as_python(text, has_letters, room, &mut self.token),
        }
        let bytes = self.token.len().saturating_sub(before);
        self.meter.charge(match (is_plain, self.dialect.is_own()) {
            (true, _) => bytes / PLAIN_BYTES_A_UNIT,
            (false, true) => bytes / ESCAPED_BYTES_A_UNIT,
            (false, false) => bytes / ESCAPED_AS_PYTHON_BYTES_A_UNIT,
        });
    }

    /// Writes the number in `token`, all or nothing of it.
    fn number(&mut self) -> Result<(), Full> {
        if self.token.len() > self.room() {
            self.push(CUT);
            return Err(Full);
        }
        self.out.push(&self.token);
        Ok(())
    }

    /// Writes the string in `token`, or as much of it as fits and there was leave to find out.
    fn string(&mut self) -> Result<(), Full> {
        let room = self.room();
        let is_whole = !self.meter.is_spent();
        if is_whole && self.token.len() <= room {
            self.out.push(&self.token);
            return Ok(());
        }
        if !is_whole {
            // Its last quotation mark.
            self.token.pop();
        }
        let fits = whole_characters(&self.token, room.saturating_sub(CUT.len()).saturating_add(1));
        let fitting = self.token.get(..fits).filter(|fitting| !fitting.is_empty()).unwrap_or(b"\"");
        self.out.push(fitting);
        self.push("...\"");
        Err(Full)
    }

    fn container(&mut self, rest: Rest<'a>, identity: Option<Identity>) -> Result<(), Full> {
        self.meter.charge(self.open.len() / LEVELS_A_UNIT);
        let is_cycle = identity.is_some() && self.open.iter().any(|open| open.identity == identity);
        if is_cycle || self.open.len() >= MAX_JSON_DEPTH {
            self.push(CUT);
        } else {
            self.open_with(rest, identity);
        }
        Ok(())
    }
}

/// How the keys of a record are spelled.
#[derive(Clone, Debug, Default)]
struct Labels {
    /// Whose they are: see [`LogRecord::keys`].
    keys: usize,
    known: Vec<Label>,
}

/// A comma, a key and a colon.
#[derive(Clone, Debug)]
struct Label {
    bytes: [u8; LABEL_BYTES],
    /// How many of the bytes; more than there are if it is longer, or its key is not plain or means more than itself.
    length: usize,
    units: usize,
}

impl Labels {
    /// Makes them what is needed for a record of these keys and attributes.
    #[inline]
    fn take(&mut self, keys: usize, attributes: Attributes<'_>) {
        if keys == 0 || keys != self.keys {
            self.keys = keys;
            self.known.clear();
        }
        // Records of the same keys may have more of them.
        if self.known.len() < attributes.in_first_run().min(MAX_LABELS) {
            self.learn(attributes);
        }
    }

    #[inline(never)]
    fn learn(&mut self, attributes: Attributes<'_>) {
        let mut number = 0_usize;
        attributes.after(|key, _| {
            if number >= self.known.len() {
                self.known.push(key.as_text().map_or(Label::NONE, |key| Label::of(key.as_bytes())));
            }
            number = number.saturating_add(1);
            number < MAX_LABELS
        });
    }
}

/// What a text costs that stands for itself, with its quotation marks.
const fn units_of_plain(bytes: usize) -> usize {
    bytes.wrapping_add(2) / PLAIN_BYTES_A_UNIT
}

impl Label {
    const NONE: Label = Label { bytes: [0; LABEL_BYTES], length: usize::MAX, units: 0 };

    fn of(key: &[u8]) -> Label {
        if !words::stand_for_themselves_in_json(key) || key == b"message" || key == b"client_address" {
            return Label::NONE;
        }
        let length = key.len().saturating_add(LABEL_PUNCTUATION_BYTES);
        let mut bytes = [0; LABEL_BYTES];
        if let Some([comma, opening, place @ .., closing, colon]) = bytes.get_mut(..length) {
            (*comma, *opening, *closing, *colon) = (b',', b'"', b'"', b':');
            place.copy_from_slice(key);
        }
        Label { bytes, length, units: UNITS_A_MEMBER.saturating_add(units_of_plain(key.len())) }
    }
}

const CLIENT_ADDRESS: Label =
    Label { bytes: *b",\"client_address\":\0\0\0\0\0\0\0\0\0\0\0\0\0\0", length: 18, units: UNITS_A_MEMBER };

/// What may be written of plain members, and how much work was done for them.
struct Plain {
    /// Where the line must end.
    end: usize,
    units: usize,
    most_units: usize,
    /// Room for a float.
    decimal: [u8; MAX_NUMBER_BYTES],
}

impl Plain {
    /// Puts a member; false, and nothing put, if it is not plain, might not fit, or there might be no leave for it.
    #[inline(always)]
    fn put(&mut self, label: &Label, value: Value<'_>, out: &mut Coalescing<'_, '_>) -> bool {
        let mut digits = itoa::Buffer::new();
        let (value, is_text) = match value.node() {
            Node::None => ("null".as_bytes(), false),
            Node::True => ("true".as_bytes(), false),
            Node::False => ("false".as_bytes(), false),
            Node::Int(number) => (digits.format(number).as_bytes(), false),
            Node::Float(bits) if bits.value().is_finite() => (float(bits.value(), &mut self.decimal), false),
            Node::Str(_) => match value.as_text().map(Text::as_bytes) {
                Some(text) if words::stand_for_themselves_in_json(text) => (text, true),
                _ => return false,
            },
            _ => return false,
        };
        let text_units = if is_text { units_of_plain(value.len()) } else { 0 };
        // None of these is more than a gigabyte.
        let units = self.units.wrapping_add(label.units).wrapping_add(text_units);
        let end = out.length.wrapping_add(LABEL_BYTES).wrapping_add(value.len()).wrapping_add(2);
        let (true, Some(place)) = (
            label.length <= LABEL_BYTES && end <= self.end && units <= self.most_units,
            out.bytes.get_mut(out.length..).and_then(<[u8]>::first_chunk_mut),
        ) else {
            return false;
        };
        *place = label.bytes;
        out.length = out.length.wrapping_add(label.length);
        if is_text {
            out.put(b"\"");
            out.put(value);
            out.put(b"\"");
        } else {
            out.put(value);
        }
        self.units = units;
        true
    }
}

/// A finite float, as serde_json writes it.
fn float(number: f64, buffer: &mut [u8; MAX_NUMBER_BYTES]) -> &[u8] {
    let mut rest = buffer.as_mut_slice();
    // There is room for each.
    let _ = serde_json::to_writer(&mut rest, &number);
    let length = MAX_NUMBER_BYTES.saturating_sub(rest.len());
    buffer.get(..length).unwrap_or_default()
}

/// What is yet to be appended to the line, together: that costs as much for one byte as for a hundred.
struct Coalescing<'o, 'b> {
    out: &'o mut TextWriter<'b>,
    bytes: [u8; GATHERED_BYTES],
    length: usize,
}

impl<'o, 'b> Coalescing<'o, 'b> {
    fn new(out: &'o mut TextWriter<'b>) -> Coalescing<'o, 'b> {
        Coalescing { out, bytes: [0; GATHERED_BYTES], length: 0 }
    }

    /// The bytes that may still be written.
    fn remaining(&self) -> usize {
        self.out.remaining().saturating_sub(self.length)
    }

    /// Bytes that may still be written without endangering the brackets of so many open arrays and objects, a comma and the mark
    /// of a cut.
    fn room(&self, open: usize, dialect: Dialect) -> usize {
        let reserved = CUT_MEMBER.len().saturating_add(dialect.comma().len());
        self.remaining().saturating_sub(open).saturating_sub(reserved)
    }

    fn push(&mut self, text: &[u8]) {
        if self.length.saturating_add(text.len()) > GATHERED_BYTES {
            self.append();
        }
        if text.len() > GATHERED_BYTES {
            self.out.push(Text::known_valid(text));
        } else {
            self.put(text);
        }
    }

    /// Puts text for which there is room.
    #[inline(always)]
    fn put(&mut self, text: &[u8]) {
        let end = self.length.wrapping_add(text.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(text);
            self.length = end;
        }
    }

    fn append(&mut self) {
        self.out.push(Text::known_valid(self.bytes.get(..self.length).unwrap_or_default()));
        self.length = 0;
    }
}

impl Rest<'_> {
    fn is_array(&self) -> bool {
        matches!(self, Rest::Items(_))
    }
}

impl<'a> Iterator for Rest<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let (key, value) = match self {
            Rest::Items(items) => return Some(Member { key: None, value: Content::Value(items.next()?) }),
            Rest::Object(members) => return members.next(),
            Rest::Pairs(pairs) => pairs.next()?,
            Rest::Entries(entries) => entries.next()?,
            #[cfg(feature = "config")]
            Rest::Fields(fields) => {
                let (key, value) = fields()?;
                return Some(Member { key: Some(key), value });
            }
            Rest::Record(record) => return record.next(),
        };
        Some(Member { key: Some(Key::Value(key)), value: Content::Value(value) })
    }
}

impl<'a> RecordRest<'a> {
    fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.message.is_none() && self.client_address.is_none()
    }

    /// Writes members as long as they are plain, which most are: the room, the work and the escapes of each are what the general
    /// way would find, in a tenth of the time.
    fn write_plain(&mut self, out: &mut Coalescing<'_, '_>, meter: &Meter) {
        let end =
            out.length.saturating_add(out.room(1, Dialect::Own).saturating_sub(LEAST_VALUE_BYTES)).min(GATHERED_BYTES);
        let mut plain = Plain { end, units: 0, most_units: meter.left_at_once(), decimal: [0; MAX_NUMBER_BYTES] };
        let (known, mut seen) = (&self.labels.known, self.seen);
        self.attributes = self.attributes.after(|_, value| {
            let is_written = known.get(seen).is_some_and(|label| plain.put(label, value, out));
            seen = seen.wrapping_add(usize::from(is_written));
            is_written
        });
        if let (true, None, Some(address)) = (self.attributes.is_empty(), self.message, self.client_address) {
            if plain.put(&CLIENT_ADDRESS, address, out) {
                seen = seen.wrapping_add(1);
                self.client_address = None;
            }
        }
        self.seen = seen;
        meter.charge(plain.units);
    }

    fn next(&mut self) -> Option<Member<'a>> {
        self.seen = self.seen.saturating_add(1);
        if let Some((key, value)) = self.attributes.next() {
            self.message.take_if(|_| key.as_text().is_some_and(|key| key == *"message"));
            self.client_address.take_if(|_| key.as_text().is_some_and(|key| key == *"client_address"));
            return Some(Member { key: Some(Key::Value(key)), value: Content::Value(value) });
        }
        let (name, value) = match self.message.take() {
            Some(message) => ("message", message),
            None => ("client_address", self.client_address.take()?),
        };
        Some(Member { key: Some(Key::Name(name)), value: Content::Value(value) })
    }
}

/// What the pickle says of an object, leaving out what is empty. `value` is that of the builtin class from which its own is
/// derived, in protocols 0 and 1; `items` and `pairs` are what a list or a dict of such a class holds.
struct Members<'a> {
    object: Object<'a>,
    /// How many were looked at.
    seen: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let object = self.object;
        loop {
            self.seen = self.seen.saturating_add(1);
            let (name, value) = match self.seen {
                1 => ("__class__", Some(Content::ClassOf(object))),
                2 => ("args", args_of(&object)),
                3 => ("kwargs", filled(object.kwargs())),
                4 => ("value", class_and_args(&object).and_then(|(_, _, value)| value).and_then(filled)),
                5 => ("state", Some(Content::Value(object.state())).filter(|_| !object.state().is_none())),
                6 => ("items", Some(Content::Items(object.items())).filter(|_| !object.items().is_empty())),
                7 => ("pairs", Some(Content::Pairs(object.pairs())).filter(|_| !object.pairs().is_empty())),
                _ => return None,
            };
            if let Some(value) = value {
                return Some(Member { key: Some(Key::Name(name)), value });
            }
        }
    }
}

fn filled(value: Value<'_>) -> Option<Content<'_>> {
    Some(Content::Value(value)).filter(|_| value.is_truthy())
}

fn args_of<'a>(object: &Object<'a>) -> Option<Content<'a>> {
    match class_and_args(object) {
        Some((_, args, _)) => Some(Content::Items(args)).filter(|_| !args.is_empty()),
        None => filled(object.args()),
    }
}

fn write_class_name(object: Object<'_>, out: &mut TextWriter<'_>) {
    match class_and_args(&object) {
        Some((class, args, _)) => {
            out.push(class.module);
            out.push_str(".");
            out.push(exceptions::name_in_python_3(class, args));
        }
        None => python::str(object.class(), out),
    }
}

/// Appends text as a JSON string; that which is plain, as most is, stands for itself. The other is done piece by piece, and ends early
/// when it is longer than `room` anyway: escapes take up to six times the room of what they stand for.
fn append_string(text: Text<'_>, is_plain: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut rest = text.as_bytes();
    if is_plain {
        token.extend_from_slice(rest);
        rest = &[];
    }
    while !rest.is_empty() && token.len() <= room {
        let piece = whole_escapes(Text::known_valid(rest).within(PIECE_BYTES), rest);
        match with_backslashes_doubled(piece.as_bytes()) {
            Some(doubled) => append_piece(Text::known_valid(&doubled), token),
            None => append_piece(piece, token),
        }
        rest = rest.get(piece.as_bytes().len()..).unwrap_or_default();
    }
    token.push(b'"');
}

/// Appends text as `json.dumps` spells it; what a terminal would obey is escaped even where letters are not.
#[cfg(feature = "config")]
pub(crate) fn append_as_python(text: Text<'_>, has_letters: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut bytes = [0; 4];
    let mut rest = text.as_bytes();
    while token.len() <= room {
        let is_other = |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
        let plain = rest.iter().take(room.saturating_add(1)).take_while(|byte| !is_other(byte)).count();
        let (plain, from_other) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        token.extend_from_slice(plain);
        let mut code_points = Text::known_valid(from_other).code_points();
        let Some(code_point) = code_points.next() else { break };
        rest = code_points.rest().as_bytes();
        let escaped = SHORT_ESCAPES.iter().find(|(known, _)| u32::from(*known) == code_point);
        let is_plain = matches!(code_point, 0x20..0x7f) || has_letters && code_point > 0x7f && !is_control(code_point);
        let is_surrogate = matches!(code_point, 0xd800..0xe000);
        if let Some((_, letter)) = escaped {
            token.extend_from_slice(&[b'\\', *letter]);
        } else if is_plain && !is_surrogate {
            token.extend_from_slice(encode_code_point(code_point, &mut bytes).as_bytes());
        } else {
            let mut units = [0; 2];
            let units = char::from_u32(code_point).map_or(&[][..], |letter| letter.encode_utf16(&mut units));
            let mut escapes = TextWriter::new(token, usize::MAX);
            match units {
                [high, low] => {
                    escapes.push_escape(b'u', u32::from(*high), 4);
                    escapes.push_escape(b'u', u32::from(*low), 4);
                }
                _ => escapes.push_escape(b'u', code_point, 4),
            }
        }
    }
    token.push(b'"');
}

/// Appends what `base64.urlsafe_b64encode` gives.
#[cfg(feature = "config")]
fn append_base64(bytes: &[u8], text: &mut Vec<u8>) {
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| usize::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letter = |shift: u32| BASE64.get(bits >> shift & 0x3f).copied().unwrap_or(b'=');
        let letters = [letter(18), letter(12), letter(6), letter(0)];
        let written = chunk.len().saturating_add(1);
        text.extend_from_slice(letters.get(..written).unwrap_or_default());
        text.extend(std::iter::repeat_n(b'=', 4_usize.saturating_sub(written)));
    }
}

#[cfg(feature = "config")]
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(feature = "config")]
const SHORT_ESCAPES: &[(u8, u8)] =
    &[(b'"', b'"'), (b'\\', b'\\'), (b'\n', b'n'), (b'\r', b'r'), (b'\t', b't'), (8, b'b'), (12, b'f')];

/// The piece of a text without the backslashes at its end, which may belong to what follows.
fn whole_escapes<'t>(piece: Text<'t>, rest: &[u8]) -> Text<'t> {
    let bytes = piece.as_bytes();
    let kept = bytes.iter().rposition(|&byte| byte != b'\\').map_or(0, |last| last.saturating_add(1));
    match bytes.get(..kept) {
        Some(kept) if !kept.is_empty() && bytes.len() < rest.len() => Text::known_valid(kept),
        _ => piece,
    }
}

/// The text with those backslashes doubled that stand before a surrogate, or before what a surrogate is spelled as: an even number of
/// them tells text, an odd one a surrogate. `None` of a text that has none of either.
fn with_backslashes_doubled(text: &[u8]) -> Option<Vec<u8>> {
    let is_spelled = |text: &[u8]| match text {
        [b'u', b'd', b'8'..=b'9' | b'a'..=b'f', third, fourth, ..] => {
            let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            is_digit(third) && is_digit(fourth)
        }
        [0xed, 0xa0..=0xbf, ..] => true,
        _ => false,
    };
    let mut doubled = Vec::new();
    let (mut rest, mut copied) = (text, 0_usize);
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let from = rest.get(at..).unwrap_or_default();
        let count = from.iter().take_while(|&&byte| byte == b'\\').count();
        rest = from.get(count..).unwrap_or_default();
        if is_spelled(rest) {
            let end = text.len().saturating_sub(rest.len());
            doubled.extend_from_slice(text.get(copied..end).unwrap_or_default());
            doubled.extend(std::iter::repeat_n(b'\\', count));
            copied = end;
        }
    }
    if copied == 0 {
        return None;
    }
    doubled.extend_from_slice(text.get(copied..).unwrap_or_default());
    Some(doubled)
}

/// Appends text as it stands within a JSON string.
fn append_piece(text: Text<'_>, token: &mut Vec<u8>) {
    let (start, bytes) = (token.len(), text.as_bytes());
    // Letters that are no ASCII, mostly.
    if Escape::All.next_special(bytes).is_none() && !bytes.iter().any(|byte| matches!(byte, b'"' | b'\\')) {
        return token.extend_from_slice(bytes);
    }
    // Writing to a Vec cannot fail. In `to_str`, surrogates are spelled out: jq takes no `\ud800`.
    let _ = serde_json::to_writer(&mut *token, text.to_str().as_ref());
    // Without its quotation marks.
    token.pop();
    token.remove(start);
    // serde_json leaves as it is what a terminal would obey.
    if Escape::Control.next_special(token.get(start..).unwrap_or_default()).is_some() {
        let written = token.split_off(start);
        Escape::Control.append(&written, true, token, usize::MAX);
    }
}

/// The length of the longest start of a JSON string, its quotation mark included, that ends between characters and has at
/// most `room` bytes.
fn whole_characters(string: &[u8], room: usize) -> usize {
    let mut length = 0_usize;
    loop {
        let rest = string.get(length..).unwrap_or_default();
        let next = match rest {
            [] => return length,
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => Text::known_valid(rest).prefix(1).as_bytes().len(),
        };
        match length.saturating_add(next) {
            end if end <= room => length = end,
            _ => return length,
        }
    }
}

/// More than any number of 64 bits takes.
const MAX_NUMBER_BYTES: usize = 32;
/// What it costs to write a member, in units of a meter; so many open arrays and objects are compared with another in the time of
/// one, and so many bytes of a text found to stand for themselves, or escaped.
const UNITS_A_MEMBER: usize = 8;
const LEVELS_A_UNIT: usize = 8;
const PLAIN_BYTES_A_UNIT: usize = 16;
const ESCAPED_BYTES_A_UNIT: usize = 3;
const ESCAPED_AS_PYTHON_BYTES_A_UNIT: usize = 2;

/// Room for most of a line.
const GATHERED_BYTES: usize = 1024;

/// A comma, two quotation marks and a colon.
const LABEL_PUNCTUATION_BYTES: usize = 4;

/// Labels that are remembered at most, and the room for each.
const MAX_LABELS: usize = 64;
const LABEL_BYTES: usize = 32;

/// What a byte of a string takes at most: `\u001f`.
const MAX_ESCAPED_BYTES: usize = 6;

/// How much of a string is escaped at a time.
const PIECE_BYTES: usize = 1 << 14;

/// What stands for a value that is left out, …
const CUT: &str = "\"...\"";
/// … and for the members of an object.
const CUT_MEMBER: &str = "\"...\":\"...\"";

/// `"..."` and `false`, or a bracket and the one that closes it.
const LEAST_VALUE_BYTES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::expect::RecordUnpickler;
    use crate::record::{Defaults, make_log_record};
    use proptest::prelude::*;
    use serde_pickle::{HashableValue, SerOptions, Value as Pickled};
    use std::collections::BTreeMap;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![3 => "[a-zA-Z_]{0,40}", 1 => "\\PC{0,12}", 1 => Just("a\"\\\u{7f}".to_owned())]
    }

    /// A record as `SocketHandler` might pickle it, in most of which most members are plain.
    fn pickle() -> impl Strategy<Value = Vec<u8>> {
        let scalar = prop_oneof![
            Just(Pickled::None),
            any::<bool>().prop_map(Pickled::Bool),
            any::<i64>().prop_map(Pickled::I64),
            any::<f64>().prop_map(Pickled::F64),
            text().prop_map(Pickled::String),
            text().prop_map(Pickled::String),
        ];
        let list = prop::collection::vec(scalar.clone(), 0..3).prop_map(Pickled::List);
        let value = prop_oneof![9 => scalar, 1 => list];
        let named = ["msg", "args", "message", "client_address", "levelno"].map(str::to_owned).to_vec();
        let key = prop_oneof![
            6 => text().prop_map(HashableValue::String),
            2 => prop::sample::select(named).prop_map(HashableValue::String),
            1 => any::<i64>().prop_map(HashableValue::I64),
        ];
        prop::collection::btree_map(key, value, 0..12).prop_map(|attributes: BTreeMap<_, _>| {
            serde_pickle::value_to_vec(&Pickled::Dict(attributes), SerOptions::new()).unwrap()
        })
    }

    proptest! {
        #[test]
        fn writes_plain_members_as_the_general_way_would(pickles in prop::collection::vec(pickle(), 1..3), limit in LEAST_ROOM..500) {
            let (mut unpickler, mut formatter) = (RecordUnpickler::new(Budget::new(1 << 20)), JsonFormatter::default());
            let defaults = Defaults { created: Some(1.5), ..Defaults::of_this_process() };
            // Keys are known from the second or third time on.
            for pickle in pickles.iter().flat_map(|pickle| [pickle, pickle, pickle]) {
                let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "[::1]:9020").unwrap();
                let write = |write: &mut dyn FnMut(&mut TextWriter<'_>)| {
                    record.meter().reset();
                    let mut line = Vec::new();
                    let mut out = TextWriter::new(&mut line, limit);
                    write(&mut out);
                    let is_cut = out.is_cut();
                    (String::from_utf8(line), is_cut, record.meter().used())
                };
                // Without labels, no attribute is plain.
                let expected = write(&mut |out| Labels::default().write(&record, out));
                prop_assert_eq!(write(&mut |out| formatter.format(&record, out)), expected);
            }
        }
    }

    #[test]
    fn constants_are_the_numbers_that_they_are_and_each_is_looked_for_once() {
        let (mut unpickler, mut formatter) = (RecordUnpickler::new(Budget::new(1 << 20)), JsonFormatter::default());
        let defaults = Defaults::of_this_process();
        let mut units = |count: usize, value: &[u8]| {
            let pickle = [b"}(Vx\n(", &value.repeat(count)[..], b"lu."].concat();
            let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "a").unwrap();
            record.meter().reset();
            let mut line = Vec::new();
            formatter.format(&record, &mut TextWriter::new(&mut line, 1 << 16));
            (String::from_utf8(line).unwrap(), record.meter().used())
        };
        let (line, of_constants) = units(100, b"csignal\nSIGINT\n");
        assert_eq!(line, format!("{{\"x\":[{}2],\"client_address\":\"a\"}}", "2,".repeat(99)));
        let (_, of_numbers) = units(100, b"I2\n");
        assert_eq!((of_constants - of_numbers) / 100, 360);
    }

    #[test]
    fn spells_each_character_wherever_it_stands() {
        for byte in 0..0x7f {
            for place in [0, 1, 2, 3, 7, 8, 15, 16, 17, 40] {
                for other in [' ', '!', '#', '[', ']'] {
                    let before: String = std::iter::repeat_n(other, place).collect();
                    let text = format!("{before}{}{other}{before}", char::from(byte));
                    let mut token = Vec::new();
                    let is_plain = words::stand_for_themselves_in_json(text.as_bytes());
                    append_string(Text::from(text.as_str()), is_plain, usize::MAX, &mut token);
                    assert_eq!(String::from_utf8(token).ok(), serde_json::to_string(&text).ok());
                }
            }
        }
    }
}
