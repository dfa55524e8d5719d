//! Value to record: [`make_log_record`], with CPython's defaults for what was not sent.
//!
//! In: the decoded dict of a record's attributes. Out: a [`LogRecord`], which looks attributes up by name. Refused: what is
//! neither a dict nor a list of pairs. Facts: `logging.makeLogRecord` and `LogRecord.__init__` in CPython's
//! `Lib/logging/__init__.py`.

mod attributes;

pub mod level;

mod queued;

pub(crate) use crate::decode::expect::Ending;
pub use crate::decode::expect::field::Field;
pub use attributes::Attributes;

use std::cell::OnceCell;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::limits::{LINE_BYTES, LINE_BYTES_PER_BYTE};
use crate::base::meter::Meter;
use crate::base::text::{Text, TextWriter};
use crate::decode::expect::{Fields, Unpickled};
use crate::decode::{Kind, Node, Value};
use queued::Queued;

/// One logging event.
#[derive(Debug)]
pub struct LogRecord<'a> {
    value: Value<'a>,
    /// Where the value has its fields, if it knows.
    fields: Option<&'a Fields>,
    defaults: &'a Defaults,
    client_address: &'a str,
    /// `created`, when it was not sent.
    received: OnceCell<f64>,
    queued: Option<Queued<'a>>,
}

/// Makes a record of a decoded value, CPython's `logging.makeLogRecord`.
///
/// # Errors
/// If the value is neither a dict, nor a list of pairs, nor a `LogRecord`.
#[inline]
pub fn make_log_record<'a>(
    unpickled: impl Into<Unpickled<'a>>,
    defaults: &'a Defaults,
    client_address: &'a str,
) -> Result<LogRecord<'a>, NotARecord> {
    let Unpickled { value, fields } = unpickled.into();
    let value = if fields.is_none() { attributes_or_object(value)? } else { value };
    Ok(LogRecord { value, fields, defaults, client_address, received: OnceCell::new(), queued: None })
}

impl<'a> LogRecord<'a> {
    /// The attributes that were sent, in their order.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::of(self.value).unwrap_or(Attributes::none())
    }

    /// What keys it has: of two records for which this is the same and not 0, each key stands where the other has the same one, as
    /// far as both have as many.
    pub(crate) fn keys(&self) -> usize {
        self.fields.map_or(0, Fields::keys)
    }

    /// With which attributes it ends, if that is known.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.fields.and_then(Fields::ending)
    }

    /// An attribute by name: as sent, or else as `LogRecord.__init__` sets it; `client_address` too, unless the record has
    /// an attribute of that name, and [`PEER`], whatever it has. `None` if there is no such attribute.
    ///
    /// `message` and `asctime` are computed, not looked up: see [`LogRecord::get_message`] and the formatter.
    // Out of line, like all that is rare: an idle connection costs the stack pages that its deepest call has touched.
    #[inline(never)]
    pub fn attribute(&self, name: &str) -> Option<Value<'a>> {
        if let Some(field) = Field::named(name.as_bytes()) {
            return Some(self.field(field));
        }
        match self.attributes().named(name) {
            Some(value) if name != PEER => Some(value),
            _ => ["client_address", PEER].contains(&name).then(|| Value::text(self.client_address.into())),
        }
    }

    /// What it was made of.
    pub(crate) fn value(&self) -> Value<'a> {
        self.value
    }

    /// The bytes of its pickle up to STOP, if that is data only and a dict, and other unpicklers read it as it was read here: what
    /// may be handed on as it is.
    pub fn plain_pickle(&self) -> Option<&'a [u8]> {
        self.value.plain_pickle().filter(|_| self.queued.is_none())
    }

    /// One of the attributes that every record has.
    #[inline(never)]
    pub fn field(&self, field: Field) -> Value<'a> {
        let sent = self.sent(field);
        match sent.node() {
            Node::Unset => self.default_of(field),
            _ => sent,
        }
    }

    /// The same as it was sent, unset if it was not.
    #[inline(always)]
    pub(crate) fn sent(&self, field: Field) -> Value<'a> {
        match self.fields {
            Some(fields) => self.value.with(self.value.node_at(fields.get(field))),
            None => self.search(field),
        }
    }

    /// The value of a field in a record that is not the dict that its pickle is.
    #[cold]
    fn search(&self, field: Field) -> Value<'a> {
        if let Some(value) = self.queued.and_then(|queued| queued.field(self.value, field)) {
            return value;
        }
        if let Kind::Dict(pairs) = self.value.kind() {
            self.meter().charge(pairs.len());
        }
        if self.meter().is_spent() {
            return self.value.with(Node::Unset);
        }
        let is_it = |name: Value<'_>| name.as_text().is_some_and(|name| Field::named(name.as_bytes()) == Some(field));
        self.attributes()
            .filter(|(name, _)| is_it(*name))
            .last()
            .map_or(self.value.with(Node::Unset), |(_, value)| value)
    }

    /// The merged message, CPython's `getMessage`: `str(msg)`, then `% args` if `args` is truthy. What Python would raise on
    /// becomes visible text instead: the record is not lost.
    #[inline]
    pub fn get_message(&self, out: &mut TextWriter<'_>) {
        match self.plain_message() {
            Some(msg) => out.push(msg),
            None => self.get_other_message(out),
        }
    }

    /// A message that is text and was sent as it is.
    #[inline]
    pub(crate) fn plain_message(&self) -> Option<Text<'a>> {
        let msg = self.sent(Field::Msg).as_text().filter(|msg| !msg.is_empty())?;
        matches!(self.sent(Field::Args).node(), Node::None).then_some(msg)
    }

    /// The same of a message that is yet to be merged, or no text.
    #[inline(never)]
    fn get_other_message(&self, out: &mut TextWriter<'_>) {
        if let Some(message) = self.lone_message() {
            return out.push(message);
        }
        let (msg, args) = (self.field(Field::Msg), self.field(Field::Args));
        if !crate::python::is_truthy(args) {
            return match msg.as_text() {
                Some(msg) => out.push(msg),
                None => crate::python::str(msg, out),
            };
        }
        match msg.as_text() {
            Some(msg) => crate::python::percent::write(msg, args, out),
            None => out.metered(self.meter(), |out| {
                let shown = out.aside(&mut |out| crate::python::str(msg, out));
                crate::python::percent::write(Text::known_valid(&shown), args, out);
            }),
        }
    }

    /// The `message` of a record without `msg`, as loguru's recipe for sockets sends it: an attribute that is computed otherwise.
    fn lone_message(&self) -> Option<Text<'a>> {
        if let Node::Unset = self.sent(Field::Msg).node() { self.attribute("message")?.as_text() } else { None }
    }

    /// True if `message` is merged here, of `msg` and `args`.
    pub(crate) fn is_merged_here(&self) -> bool {
        crate::python::is_truthy(self.field(Field::Args))
    }

    /// Counts the work done for this record.
    pub fn meter(&self) -> &'a Meter {
        self.value.meter()
    }

    /// The bytes of its pickle.
    #[inline]
    pub fn frame_bytes(&self) -> usize {
        self.value.frame_bytes()
    }

    /// The bytes that its line may have: see [`LINE_BYTES_PER_BYTE`].
    #[inline]
    pub fn max_line_bytes(&self) -> usize {
        self.frame_bytes().saturating_mul(LINE_BYTES_PER_BYTE).saturating_add(LINE_BYTES)
    }

    /// The peer's address as text.
    pub fn client_address(&self) -> &'a str {
        self.client_address
    }

    #[cold]
    fn default_of(&self, field: Field) -> Value<'a> {
        let defaults = self.defaults;
        match field {
            Field::Args => Value::empty_tuple(),
            Field::Created => Value::float(self.received()),
            Field::FileName | Field::Module | Field::Msg | Field::PathName => Value::text(Text::default()),
            Field::LevelName => Value::text("Level None".into()),
            Field::LineNo => Value::int(0),
            Field::Msecs => Value::float((self.received().fract() * 1000.0).floor()),
            Field::Process => Value::int(defaults.process),
            Field::ProcessName => Value::text(defaults.process_name.as_str().into()),
            Field::RelativeCreated => Value::float((self.received() - defaults.start_time) * 1000.0),
            Field::Thread => Value::int(defaults.thread),
            Field::ThreadName => Value::text(defaults.thread_name.as_str().into()),
            Field::ExcInfo | Field::ExcText | Field::FuncName | Field::LevelNo | Field::Name => Value::none(),
            Field::StackInfo | Field::TaskName => Value::none(),
        }
    }

    fn received(&self) -> f64 {
        *self.received.get_or_init(|| self.defaults.created.unwrap_or_else(now))
    }
}

/// The attribute that is the peer's address, whatever the record says: no sender can forge it.
pub const PEER: &str = "jackdaws_peer";

/// What `LogRecord.__init__` takes from the process that makes the record, for keys that a frame lacks.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// `created`, in seconds since the epoch; `None` for the time of the call.
    pub created: Option<f64>,
    /// When this process began to log, in seconds since the epoch: `relativeCreated` counts from it.
    pub start_time: f64,
    /// `process`
    pub process: i64,
    /// `processName`
    pub process_name: String,
    /// `thread`
    pub thread: i64,
    /// `threadName`
    pub thread_name: String,
}

impl Defaults {
    /// The defaults of this process, as if its main thread made the records.
    pub fn of_this_process() -> Defaults {
        let process = i64::from(std::process::id());
        let [process_name, thread_name] = ["MainProcess", "MainThread"].map(str::to_owned);
        Defaults { created: None, start_time: now(), process, process_name, thread: process, thread_name }
    }
}

/// What a record can be made of: the value itself, or the `__dict__` of a `LogRecord`.
#[cold]
fn attributes_or_object(value: Value<'_>) -> Result<Value<'_>, NotARecord> {
    let value = state_of_record(value).unwrap_or(value);
    Attributes::of(value).map(|_| value)
}

/// The `__dict__` of a `LogRecord` that was pickled itself, or of an object that has what such a record has.
fn state_of_record(value: Value<'_>) -> Option<Value<'_>> {
    let Kind::Object(object) = value.kind() else { return None };
    let state = object.state();
    let Kind::Dict(attributes) = state.kind() else { return None };
    let has = |name| attributes.find(name).is_some();
    (has("msg") && has("levelno")).then_some(state)
}

/// The time in seconds since the epoch, Python's `time.time()`.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The decoded value is neither a dict nor a list of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARecord {
    /// The Python type that it is instead.
    pub found: &'static str,
}

impl fmt::Display for NotARecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotARecord { found } = self;
        write!(f, "not a record: {found} instead of a dict of attributes")
    }
}

impl std::error::Error for NotARecord {}

#[cfg(test)]
mod tests;
