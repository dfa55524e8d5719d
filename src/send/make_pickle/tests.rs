//! Frames as `SocketHandler.makePickle` makes them.

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
