//! Record to JSON: one object, on one line.
//!
//! In: a record. Out: its attributes under their own names, in the order in which they came, then `message` if it was sent
//! unmerged, and `client_address`. The line is JSON that Python's `json` and `jq` read, whatever the record holds: lone surrogates are
//! spelled `\udcff` with a backslash of their own (backslashes of such text are doubled), non-finite floats are strings, keys
//! that are no text are their `str()`, a cycle is `"..."`, and so is what lies deeper than [`MAX_JSON_DEPTH`]. It is safe on a
//! terminal: control characters and those that turn the direction of text are escaped. What does not fit is left out, `...` says so, and the line is still whole.

mod labels;
mod members;
mod pending;
mod strings;

use labels::{
    Labels, MAX_ESCAPED_BYTES, MAX_NUMBER_BYTES, PLAIN_BYTES_A_UNIT, UNITS_A_MEMBER, float, units_of_escaped,
};
pub(super) use members::{Content, Fields, Key};
use members::{Members, RecordRest, Rest};
use pending::Pending;
pub(super) use strings::append_as_python;
use strings::{SHORT_BYTES, append_base64, append_string, whole_characters};

use crate::base::limits::MAX_JSON_DEPTH;
use crate::base::memory::{has_memory_for, has_memory_for_exactly};
use crate::base::meter::Meter;
use crate::base::text::{Text, TextWriter, append_latin1};
use crate::base::words;
use crate::decode::{Identity, Kind, Object, Value};
use crate::python;
use crate::python::integer;
use crate::python::number::{Integer, plain_of};
use crate::python::stdlib::classes::{Class, classify};
use crate::python::stdlib::datetime::isoformat;
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::exceptions;
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names;
use crate::record::LogRecord;

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
        self.write(record, out);
    }

    #[inline(never)]
    fn write(&mut self, record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
        out.limit(record.max_line_bytes());
        if out.remaining() < LEAST_ROOM {
            return out.cut();
        }
        let is_merged_here = record.is_merged_here();
        let merged = if is_merged_here { out.aside(&mut |out| record.get_message(out)) } else { Vec::new() };
        let message = is_merged_here.then(|| Value::text(Text::known_valid(&merged)));
        let client_address = Some(Value::text(Text::from(record.client_address())));
        let mut rest = RecordRest {
            labels: &mut self.labels,
            attributes: record.attributes(),
            ending: record.ending(),
            seen: 0,
            message,
            client_address,
            brings_address: false,
        };
        let mut out = Pending::new(out);
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
        Writer::new(&mut out, record.meter(), Dialect::Own, Rest::Record(rest), first).write();
    }
}

/// Writes one record as [`JsonFormatter::format`] does.
pub fn write(record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
    JsonFormatter::default().format(record, out);
}

/// Writes an object of these members as `json.dumps` writes it, in ASCII or with letters.
pub(super) fn write_fields<'a>(
    record: &LogRecord<'a>,
    fields: Fields<'a>,
    has_letters: bool,
    out: &mut TextWriter<'_>,
) {
    if out.remaining() < LEAST_ROOM {
        return out.cut();
    }
    let mut out = Pending::new(out);
    out.put(b"{");
    let dialect = Dialect::Python { has_letters };
    Writer::new(&mut out, record.meter(), dialect, Rest::Fields(fields), true).write();
}

/// How values are spelt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Compactly, and each as what it is.
    Own,
    /// As `json.dumps` spells them for python-json-logger.
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

struct Writer<'a, 'p, 'o, 'b> {
    out: &'p mut Pending<'o, 'b>,
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

/// The line is full.
struct Full;

impl<'a, 'p, 'o, 'b> Writer<'a, 'p, 'o, 'b> {
    /// A writer of what is left of an object that is open.
    fn new(
        out: &'p mut Pending<'o, 'b>,
        meter: &'a Meter,
        dialect: Dialect,
        rest: Rest<'a>,
        first: bool,
    ) -> Writer<'a, 'p, 'o, 'b> {
        let token = Vec::with_capacity(MOST_TOKENS_BYTES);
        Writer { out, meter, open: vec![Open { rest, first, identity: None }], token, dialect }
    }

    fn write(mut self) {
        while let Some(innermost) = self.open.last_mut() {
            if let Rest::Record(record) = &mut innermost.rest {
                record.write_plain(self.out, self.meter);
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
        room(self.out, self.open.len(), self.dialect)
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
                self.append_aside(&mut |out| write_class_name(object, out));
                self.string()
            }
            Content::Items(items) => self.container(Rest::Items(items), None),
            Content::Pairs(pairs) => self.container(Rest::Pairs(pairs), None),
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
            Class::Exception(_) => self.container(Rest::Object(Members { object, seen: 0 }), value.identity()),
            class => match class.entries_of_standard(&object) {
                Some(entries) => self.container(Rest::Entries(entries), value.identity()),
                None if class.is_standard() => {
                    self.append_shown(value);
                    self.string()
                }
                None => self.container(Rest::Object(Members { object, seen: 0 }), value.identity()),
            },
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
            None => self.append_aside(&mut |out| python::str(value, out)),
        }
    }

    /// What `json.dumps` writes otherwise than it is written else; `None` of anything else.
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
            Kind::Global(global) => self.append_text(names::name_of_class(global)?),
            Kind::Object(object) => match classify(&object) {
                Class::Enum(member) => return Some(self.value(member.value())),
                class @ Class::Package(_) => return Some(self.value(class.plain()?)),
                Class::Counter(_) | Class::OrderedDict(..) | Class::DefaultDict { .. } => return None,
                Class::Exception(made) => self.append_aside(&mut |out| {
                    out.push(exceptions::shown_name(&made));
                    out.push_str(": ");
                    python::str(value, out);
                }),
                Class::Datetime(..) => self.append_aside(&mut |out| isoformat(value, out)),
                _ => self.append_shown(value),
            },
            _ => return None,
        }
        Some(self.string())
    }

    fn append_aside(&mut self, write: &mut dyn FnMut(&mut TextWriter<'_>)) {
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
        if text.as_bytes().len() > SHORT_BYTES {
            let most = text.as_bytes().len().saturating_mul(if is_plain { 1 } else { MAX_ESCAPED_BYTES });
            if !has_memory_for_exactly(&mut self.token, most.min(room).saturating_add(FEW_ESCAPES_BYTES)) {
                return self.out.out.starve();
            }
        } else {
            self.token.reserve(text.as_bytes().len().saturating_add(FEW_ESCAPES_BYTES));
        }
        match self.dialect {
            Dialect::Own => append_string(text, is_plain, room, &mut self.token),
            Dialect::Python { has_letters } => append_as_python(text, has_letters, room, &mut self.token),
        }
        let bytes = self.token.len().saturating_sub(before);
        self.meter.charge(match (is_plain, self.dialect.is_own()) {
            (true, _) => bytes / PLAIN_BYTES_A_UNIT,
            (false, true) => units_of_escaped(bytes, text.as_bytes().len()),
            (false, false) => {
                (bytes / ESCAPED_AS_PYTHON_BYTES_A_UNIT).saturating_add(bytes.saturating_sub(text.as_bytes().len()))
            }
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

/// Bytes that may still be written without endangering the brackets of so many open arrays and objects, a comma and the mark
/// of a cut.
fn room(out: &Pending<'_, '_>, open: usize, dialect: Dialect) -> usize {
    let reserved = CUT_MEMBER.len().saturating_add(dialect.comma().len());
    out.remaining().saturating_sub(open).saturating_sub(reserved)
}

fn write_class_name(object: Object<'_>, out: &mut TextWriter<'_>) {
    match Made::of(&object) {
        Some(made) => {
            out.push(made.class.module);
            out.push_str(".");
            out.push(exceptions::name_in_python_3(&made));
        }
        None => python::str(object.class(), out),
    }
}

/// So many open arrays and objects are compared with another in the time of a meter's unit, and so many bytes written as Python does.
const LEVELS_A_UNIT: usize = 8;
const ESCAPED_AS_PYTHON_BYTES_A_UNIT: usize = 2;

/// Room for most keys and values.
const MOST_TOKENS_BYTES: usize = 128;

/// Room for the quotation marks, for what escapes mostly add to a short text, and for what makes another too long.
const FEW_ESCAPES_BYTES: usize = 32;

/// What stands for a value that is left out, …
const CUT: &str = "\"...\"";
/// … and for the members of an object.
const CUT_MEMBER: &str = "\"...\":\"...\"";

/// `"..."` and `false`, or a bracket and the one that closes it.
const LEAST_VALUE_BYTES: usize = 5;

#[cfg(test)]
mod tests;
