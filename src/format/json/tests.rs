//! Plain members are written at once, as they are one by one.

use super::*;
use crate::base::budget::Budget;
use crate::decode::expect::RecordUnpickler;
use crate::format::escape::Escape;
use crate::record::{Defaults, PEER, make_log_record};
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
    let named = ["msg", "args", "message", "client_address", "jackdaws_peer", "levelno"].map(str::to_owned).to_vec();
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
    fn strings_say_what_the_text_says(text in "[ -~\\PC\"\\\\\n\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2028}]{0,40}", room in 0_usize..100) {
        let string = |room| {
            let mut token = Vec::new();
            append_string(Text::from(text.as_str()), false, room, &mut token);
            token
        };
        let whole = string(usize::MAX);
        prop_assert_eq!(serde_json::from_slice::<String>(&whole).unwrap(), text.as_str());
        prop_assert!(Escape::All.next_special(&whole).is_none());
        let cut = string(room);
        let fits = whole_characters(&cut, room);
        prop_assert_eq!(whole_characters(&whole, room), fits);
        prop_assert_eq!(&cut[..fits], &whole[..fits]);
        prop_assert_eq!(cut.len() > room, whole.len() > room);
    }

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
            let expected = write(&mut |out| JsonFormatter::default().write(&record, out));
            prop_assert_eq!(write(&mut |out| formatter.format(&record, out)), expected);
        }
    }
}

#[test]
fn an_attribute_that_is_left_out_leaves_each_other_its_key() {
    let (mut unpickler, mut formatter) = (RecordUnpickler::new(Budget::new(1 << 20)), JsonFormatter::default());
    let defaults = Defaults::of_this_process();
    let attributes = [("a", 1), (PEER, 2), ("x", 3), ("y", 4)];
    let attributes = attributes.map(|(key, value)| (HashableValue::String(key.to_owned()), Pickled::I64(value)));
    let pickle = serde_pickle::value_to_vec(&Pickled::Dict(attributes.into()), SerOptions::new()).unwrap();
    for _ in 0..5 {
        let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "here").unwrap();
        let mut line = Vec::new();
        formatter.format(&record, &mut TextWriter::new(&mut line, 1 << 16));
        assert_eq!(String::from_utf8(line).unwrap(), r#"{"a":1,"x":3,"y":4,"client_address":"here"}"#);
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

#[test]
fn the_last_members_are_written_as_for_the_record_before() {
    let (mut unpickler, mut formatter) = (RecordUnpickler::new(Budget::new(1 << 20)), JsonFormatter::default());
    let defaults = Defaults { created: Some(1.5), ..Defaults::of_this_process() };
    let mut met = 0;
    for number in 0..60_u8 {
        // A thread of its own now and then, and with it other values at the end.
        let thread = match number {
            _ if number % 20 == 13 => "Thread-\u{e9}",
            ..40 => "MainThread",
            _ => "Main\"Thread",
        };
        let texts = ["x".repeat(usize::from(number) * 20 % 900), thread.to_owned(), "main".to_owned()];
        let keys = ["msg", "threadName", "processName"];
        let mut pickle = b"\x80\x02}q\x00(".to_vec();
        for (slot, (key, text)) in (1..).step_by(2).zip(keys.iter().zip(texts)) {
            for (slot, text) in [(slot, (*key).to_owned()), (slot + 1, text)] {
                pickle.extend([b"X", &u32::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat());
                pickle.extend([b'q', slot]);
            }
        }
        pickle.extend(b"X\x07\x00\x00\x00processq\x07K\x07u.");
        let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "a").unwrap();
        for limit in [1 << 16, 60, 200, 1000, 1020, 1040, 1060] {
            let write = |write: &mut dyn FnMut(&mut TextWriter<'_>)| {
                record.meter().reset();
                let mut line = Vec::new();
                write(&mut TextWriter::new(&mut line, limit));
                (String::from_utf8(line).unwrap(), record.meter().used())
            };
            let expected = write(&mut |out| JsonFormatter::default().write(&record, out));
            assert_eq!(write(&mut |out| formatter.format(&record, out)), expected, "{number} {limit}");
        }
        met += usize::from(record.ending().is_some());
    }
    assert!(met > 30, "{met} of 60 ended as those before");
}
