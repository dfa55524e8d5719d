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
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]

    use std::collections::BTreeMap;
    use std::fmt;

    use serde_pickle::{DeOptions, HashableValue, Value as Python};

    use super::*;

    #[test]
    fn makes_a_frame_of_protocol_2_with_its_length_in_front() {
        let frame = frame(Record::builder().args(format_args!("hello")));
        let (prefix, pickle) = frame.split_at(PREFIX_BYTES);
        let length = u32::from_be_bytes(prefix.try_into().unwrap());
        assert_eq!(usize::try_from(length), Ok(pickle.len()));
        assert_eq!((&pickle[..2], pickle.last()), (&b"\x80\x02"[..], Some(&b'.')));
    }

    #[test]
    fn sends_the_attributes_in_the_order_of_log_record() {
        let kv = [("first", 1), ("second", 2)];
        let mut builder = Record::builder();
        let frame = frame(builder.key_values(&kv));
        let mut rest = frame.as_slice();
        for name in ATTRIBUTES.into_iter().chain(["first", "second"]) {
            let length = u32::try_from(name.len()).unwrap().to_le_bytes();
            let key = [b"X", &length[..], name.as_bytes()].concat();
            let at = rest.windows(key.len()).position(|bytes| bytes == key);
            rest = &rest[at.unwrap_or_else(|| panic!("no {name}")) + key.len()..];
        }
        let dict = dict(&frame);
        assert_eq!(dict.len(), ATTRIBUTES.len() + kv.len());
    }

    #[test]
    fn takes_the_times_as_python_does() {
        let created = Duration::new(1_700_000_000, 250_999_999);
        let relative_created = Duration::from_micros(1_500);
        let record = Record::builder().build();
        let dict = dict(&make_pickle(&record, created, relative_created).unwrap());
        assert_eq!(dict["created"], Python::F64(1_700_000_000.251));
        assert_eq!(dict["msecs"], Python::F64(250.0));
        assert_eq!(dict["relativeCreated"], Python::F64(1.5));
    }

    #[test]
    fn has_no_msecs_where_created_was_rounded_up() {
        assert_eq!(msecs(Duration::new(1_677_903_920, 999_999_900)), 0.0);
        assert_eq!(msecs(Duration::new(1_677_903_920, 999_000_000)), 999.0);
        assert_eq!(msecs(Duration::new(1_677_903_920, 998_999_999)), 998.0);
        assert_eq!(msecs(Duration::new(1_677_903_921, 0)), 0.0);
    }

    #[test]
    fn splits_paths_as_python_does() {
        for (pathname, filename, module) in [
            ("src/main.rs", "main.rs", "main"),
            ("/a.b/c", "c", "c"),
            ("a/", "", ""),
            ("", "", ""),
            (".rs", ".rs", ".rs"),
            ("..rs", "..rs", "..rs"),
            (".a.rs", ".a.rs", ".a"),
            ("a..rs", "a..rs", "a."),
            ("a.", "a.", "a"),
            ("(unknown file)", "(unknown file)", "(unknown file)"),
        ] {
            assert_eq!(filename_and_module(pathname), (filename, module), "{pathname}");
        }
    }

    #[test]
    fn says_what_python_says_where_the_source_is_unknown() {
        let dict = dict(&frame(&mut Record::builder()));
        assert_eq!(dict["pathname"], string("(unknown file)"));
        assert_eq!(dict["lineno"], Python::I64(0));
    }

    #[test]
    fn gives_levels_their_python_numbers() {
        let levels = Level::iter().map(level);
        assert!(levels.eq([("ERROR", 40), ("WARNING", 30), ("INFO", 20), ("DEBUG", 10), ("TRACE", 5)]));
    }

    #[test]
    fn names_threads_as_they_are_named() {
        let unnamed =
            thread::spawn(|| (sys::native_thread_id(), thread_name(sys::native_thread_id(), sys::is_main_thread())));
        let (thread, name) = unnamed.join().unwrap();
        assert_eq!(name, format!("Thread-{thread}"));
        let named = thread::Builder::new().name("main".to_owned());
        let named = named.spawn(|| thread_name(sys::native_thread_id(), sys::is_main_thread())).unwrap();
        assert_eq!(named.join().unwrap(), "main", "whatever it is named");
        assert_eq!(thread_name(1, true), "MainThread");
    }

    #[test]
    fn keeps_the_types_of_key_values() {
        for (value, expected) in [
            (Value::null(), Python::None),
            (Value::from(true), Python::Bool(true)),
            (Value::from(i64::MIN), Python::I64(i64::MIN)),
            (Value::from(i64::MAX), Python::I64(i64::MAX)),
            (Value::from(u64::MAX), Python::Int(u64::MAX.into())),
            (Value::from(i128::MIN), string(&i128::MIN.to_string())),
            (Value::from(u128::MAX), string(&u128::MAX.to_string())),
            (Value::from(-0.5), Python::F64(-0.5)),
            (Value::from(f64::INFINITY), Python::F64(f64::INFINITY)),
            (Value::from("a\u{0}ü"), string("a\u{0}ü")),
            (Value::from('x'), string("x")),
            (Value::from_debug(&[1, 2]), string("[1, 2]")),
            (Value::from_display(&Fails), string("so far")),
        ] {
            let kv = ("key", value.clone());
            let dict = dict(&frame(Record::builder().key_values(&kv)));
            assert_eq!(dict["key"], expected, "{expected:?}");
        }
    }

    #[test]
    fn keeps_each_key_value_where_python_would_refuse_it() {
        for taken in ATTRIBUTES.into_iter().chain(FORMATTED) {
            let kv = [(taken, "a"), (taken, "b")];
            let dict = dict(&frame(Record::builder().key_values(&kv)));
            assert_eq!(dict[&format!("{taken}_")], string("a"));
            assert_eq!(dict[&format!("{taken}__")], string("b"));
            assert_ne!(dict.get(taken), Some(&string("a")));
        }
        let kv = [("", 1), ("", 2)];
        let dict = dict(&frame(Record::builder().key_values(&kv)));
        assert_eq!((&dict[""], &dict["_"]), (&Python::I64(1), &Python::I64(2)));
    }

    #[test]
    fn carries_more_extras_than_one_batch_of_a_pickle() {
        for count in [978, 979, 980, 2500] {
            let kv: Vec<(String, usize)> = (0..count).map(|n| (format!("k{n}"), n)).collect();
            let kv: Vec<(&str, usize)> = kv.iter().map(|(key, n)| (key.as_str(), *n)).collect();
            let dict = dict(&frame(Record::builder().key_values(&kv.as_slice())));
            assert_eq!(dict.len(), ATTRIBUTES.len() + count);
        }
    }

    #[test]
    fn sends_what_a_display_wrote_before_it_failed() {
        let dict = dict(&frame(Record::builder().args(format_args!("{Fails}"))));
        assert_eq!(dict["msg"], string("so far"));
    }

    #[test]
    fn sends_what_a_source_gave_before_it_failed() {
        struct Source;
        impl kv::Source for Source {
            fn visit<'kvs>(&'kvs self, to: &mut dyn VisitSource<'kvs>) -> Result<(), kv::Error> {
                to.visit_pair(Key::from("first"), Value::from(1))?;
                Err(kv::Error::msg("no more"))
            }
        }

        let dict = dict(&frame(Record::builder().key_values(&Source)));
        assert_eq!(dict["first"], Python::I64(1));
    }

    struct Fails;

    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("so far")?;
            Err(fmt::Error)
        }
    }

    fn frame(builder: &mut log::RecordBuilder<'_>) -> Vec<u8> {
        make_pickle(&builder.build(), Duration::ZERO, Duration::ZERO).unwrap()
    }

    fn dict(frame: &[u8]) -> BTreeMap<String, Python> {
        let pickle = &frame[PREFIX_BYTES..];
        let value = serde_pickle::value_from_slice(pickle, DeOptions::new()).unwrap();
        let Python::Dict(dict) = value else {
            panic!("not a dict: {value}");
        };
        let key = |key| match key {
            HashableValue::String(key) => key,
            key => panic!("not a string: {key}"),
        };
        dict.into_iter().map(|(k, v)| (key(k), v)).collect()
    }

    fn string(text: &str) -> Python {
        Python::String(text.to_owned())
    }
}
