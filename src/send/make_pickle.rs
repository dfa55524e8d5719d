//! A `log` record comes in, a frame goes out: what `SocketHandler.makePickle` of CPython makes of a `LogRecord`.
//! Refuses only a record that is too long for the length prefix.

use std::fmt::Write;
use std::process;
use std::thread;
use std::time::Duration;

use byteorder::{BigEndian, WriteBytesExt};
use log::kv::{self, Key, Value, VisitSource, VisitValue};
use log::{Level, Record};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_pickle::SerOptions;

use crate::base::sys;

/// The frame of `record`, made `created` after 1970 and `relative_created` after the handler.
pub(super) fn make_pickle(record: &Record<'_>, created: Duration, relative_created: Duration) -> Option<Vec<u8>> {
    let attributes = Attributes { record, created, relative_created, extra: Extra::of(record) };
    let pickle = serde_pickle::to_vec(&attributes, SerOptions::new().proto_v2()).ok()?;
    let length = u32::try_from(pickle.len()).ok()?;
    let mut frame = Vec::with_capacity(pickle.len().saturating_add(PREFIX_BYTES));
    frame.write_u32::<BigEndian>(length).ok()?;
    frame.extend_from_slice(&pickle);
    Some(frame)
}

struct Attributes<'a> {
    record: &'a Record<'a>,
    created: Duration,
    relative_created: Duration,
    extra: Extra,
}

impl Serialize for Attributes<'_> {
    /// In the order in which `LogRecord.__init__` sets them. [`ATTRIBUTES`] names the same.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.record;
        let (levelname, levelno) = level(record.level());
        let pathname = record.file().unwrap_or("(unknown file)");
        let (filename, module) = filename_and_module(pathname);
        let thread = sys::native_thread_id();
        let none = ();

        let mut dict = serializer.serialize_map(None)?;
        dict.serialize_entry("name", record.target())?;
        dict.serialize_entry("msg", &text(record.args()))?;
        dict.serialize_entry("args", &none)?;
        dict.serialize_entry("levelname", levelname)?;
        dict.serialize_entry("levelno", &levelno)?;
        dict.serialize_entry("pathname", pathname)?;
        dict.serialize_entry("filename", filename)?;
        dict.serialize_entry("module", module)?;
        dict.serialize_entry("exc_info", &none)?;
        dict.serialize_entry("exc_text", &none)?;
        dict.serialize_entry("stack_info", &none)?;
        dict.serialize_entry("lineno", &record.line().unwrap_or(0))?;
        dict.serialize_entry("funcName", &none)?;
        dict.serialize_entry("created", &self.created.as_secs_f64())?;
        dict.serialize_entry("msecs", &msecs(self.created))?;
        dict.serialize_entry("relativeCreated", &(self.relative_created.as_secs_f64() * 1000.0))?;
        dict.serialize_entry("thread", &thread)?;
        dict.serialize_entry("threadName", &thread_name(thread, sys::is_main_thread()))?;
        dict.serialize_entry("processName", "MainProcess")?;
        dict.serialize_entry("process", &process::id())?;
        dict.serialize_entry("taskName", &none)?;
        for (key, value) in &self.extra.0 {
            dict.serialize_entry(key, value)?;
        }
        dict.end()
    }
}

/// The record's key-values, under names that clash neither with an attribute nor with each other.
struct Extra(Vec<(String, ExtraValue)>);

impl Extra {
    fn of(record: &Record<'_>) -> Self {
        let mut extra = Extra(Vec::new());
        // Only a source of the program's own can fail; what it gave before that is sent.
        let _ = record.key_values().visit(&mut extra);
        extra
    }

    fn is_taken(&self, key: &str) -> bool {
        ATTRIBUTES.contains(&key) || FORMATTED.contains(&key) || self.0.iter().any(|(taken, _)| taken == key)
    }
}

impl<'kvs> VisitSource<'kvs> for Extra {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let mut key = key.to_string();
        while self.is_taken(&key) {
            key.push('_');
        }
        let mut extra_value = ExtraValue::None;
        if value.visit(&mut extra_value).is_err() {
            extra_value = ExtraValue::Str(text(&value));
        }
        self.0.push((key, extra_value));
        Ok(())
    }
}

/// A key-value's value, by its type in Python.
enum ExtraValue {
    None,
    Bool(bool),
    Int(i64),
    BigInt(u64),
    Float(f64),
    Str(String),
}

impl VisitValue<'_> for ExtraValue {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), kv::Error> {
        *self = ExtraValue::Str(text(&value));
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        *self = ExtraValue::None;
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        *self = ExtraValue::Bool(value);
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        *self = ExtraValue::Int(value);
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        *self = ExtraValue::BigInt(value);
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        *self = ExtraValue::Float(value);
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        *self = ExtraValue::Str(value.to_owned());
        Ok(())
    }
}

impl Serialize for ExtraValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ExtraValue::None => serializer.serialize_unit(),
            ExtraValue::Bool(value) => serializer.serialize_bool(*value),
            ExtraValue::Int(value) => serializer.serialize_i64(*value),
            ExtraValue::BigInt(value) => serializer.serialize_u64(*value),
            ExtraValue::Float(value) => serializer.serialize_f64(*value),
            ExtraValue::Str(value) => serializer.serialize_str(value),
        }
    }
}

fn level(level: Level) -> (&'static str, u8) {
    match level {
        Level::Error => ("ERROR", 40),
        Level::Warn => ("WARNING", 30),
        Level::Info => ("INFO", 20),
        Level::Debug => ("DEBUG", 10),
        Level::Trace => ("TRACE", 5),
    }
}

/// `os.path.basename(pathname)` and, of that, `os.path.splitext(…)[0]`.
fn filename_and_module(pathname: &str) -> (&str, &str) {
    let filename = pathname.rsplit('/').next().unwrap_or(pathname);
    let module = match filename.rsplit_once('.') {
        // Leading dots begin a name, not an extension.
        Some((stem, _)) if stem.bytes().any(|byte| byte != b'.') => stem,
        _ => filename,
    };
    (filename, module)
}

/// The whole milliseconds, as since 3.10; 0 where `created` was rounded up to the next second.
fn msecs(created: Duration) -> f64 {
    let msecs = created.subsec_millis();
    if msecs == 999 && created.as_secs_f64().fract() == 0.0 {
        return 0.0;
    }
    msecs.into()
}

fn thread_name(thread: u64, is_main: bool) -> String {
    if is_main {
        return "MainThread".to_owned();
    }
    match thread::current().name() {
        Some(name) => name.to_owned(),
        None => format!("Thread-{thread}"),
    }
}

/// `to_string` panics where a `Display` of the program's own fails; this keeps what was written before that.
fn text(value: &impl std::fmt::Display) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value}");
    text
}

/// The attributes of a record of CPython 3.12 and later.
const ATTRIBUTES: [&str; 21] = [
    "name",
    "msg",
    "args",
    "levelname",
    "levelno",
    "pathname",
    "filename",
    "module",
    "exc_info",
    "exc_text",
    "stack_info",
    "lineno",
    "funcName",
    "created",
    "msecs",
    "relativeCreated",
    "thread",
    "threadName",
    "processName",
    "process",
    "taskName",
];

/// The attributes that formatting sets, which Python's `makeRecord` refuses as `extra` too.
const FORMATTED: [&str; 2] = ["message", "asctime"];

const PREFIX_BYTES: usize = 4;

#[cfg(test)]
mod tests;
