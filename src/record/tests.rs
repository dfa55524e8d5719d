//! Records made of what was sent, and of defaults.

use super::*;
use crate::base::budget::Budget;
use crate::decode::Unpickler;
use crate::decode::expect::RecordUnpickler;

fn defaults() -> Defaults {
    Defaults {
        created: Some(1_700_000_000.25),
        start_time: 1_699_999_997.25,
        process: 4242,
        process_name: "MainProcess".to_owned(),
        thread: 1,
        thread_name: "MainThread".to_owned(),
    }
}

/// The named attributes of a pickle's record, as their `Debug` form.
fn attributes(pickle: &[u8], names: &[&str]) -> Vec<String> {
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let defaults = defaults();
    let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "127.0.0.1:5").unwrap();
    let shown = |name: &&str| record.attribute(name).map_or("-".to_owned(), |value| format!("{:?}", value.kind()));
    names.iter().map(shown).collect()
}

#[test]
fn takes_what_was_sent_and_the_last_of_equal_keys() {
    let pickle = b"}(X\x03\0\0\0msgK\x01X\x03\0\0\0oddK\x02X\x03\0\0\0oddK\x03X\x03\0\0\0msgK\x04u.";
    assert_eq!(attributes(pickle, &["msg", "odd", "none"]), ["Int(4)", "Int(3)", "-"]);
}

#[test]
fn fills_in_what_the_receiver_is_where_nothing_was_sent() {
    let names = ["name", "levelno", "levelname", "msg", "lineno", "created", "msecs", "relativeCreated", "process"];
    let expected = [
        "None",
        "None",
        "Str(\"Level None\")",
        "Str(\"\")",
        "Int(0)",
        "Float(1700000000.25)",
        "Float(250.0)",
        "Float(3000.0)",
        "Int(4242)",
    ];
    assert_eq!(attributes(b"}.", &names), expected);
    let names = ["processName", "thread", "threadName", "taskName", "exc_text", "client_address", "message"];
    let expected =
        ["Str(\"MainProcess\")", "Int(1)", "Str(\"MainThread\")", "None", "None", "Str(\"127.0.0.1:5\")", "-"];
    assert_eq!(attributes(b"}.", &names), expected);
}

#[test]
fn the_level_of_an_enum_is_its_value_and_no_number_is_too_large() {
    for (levelno, level) in [
        (&b"K\x1e"[..], Some(30.0)),
        (b"G@>\0\0\0\0\0\0", Some(30.0)),
        (b"cshop\nLevel\n(K\x1etR", Some(30.0)),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\x01", Some(f64::INFINITY)),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\xff", Some(f64::NEG_INFINITY)),
        (b"cshop\nLevel\n(K\x1eK\x28tR", None),
        (b"cshop\nLevel\n)R", None),
        (b"X\x02\0\0\x0030", None),
    ] {
        let pickle = [b"}X\x07\0\0\0levelno", levelno, b"s."].concat();
        let (mut unpickler, defaults) = (Unpickler::new(Budget::new(1 << 20)), defaults());
        let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "").unwrap();
        assert_eq!(record.level(), level, "{}", levelno.escape_ascii());
    }
}

#[test]
fn a_sent_client_address_wins() {
    assert_eq!(attributes(b"}(X\x0e\0\0\0client_addressK\x07u.", &["client_address"]), ["Int(7)"]);
}

#[test]
fn accepts_a_list_of_pairs() {
    assert_eq!(
        attributes(b"](X\x03\0\0\0msgK\x01\x86](X\x04\0\0\0nameK\x02ee.", &["msg", "name"]),
        ["Int(1)", "Int(2)"]
    );
}

#[test]
fn refuses_what_is_no_record_and_says_what_it_is() {
    for (pickle, found) in [(&b"N."[..], "NoneType"), (b"K\x01.", "int"), (b"](K\x01K\x02e.", "list"), (b").", "tuple")]
    {
        let mut unpickler = Unpickler::new(Budget::new(1 << 20));
        let defaults = defaults();
        let refused = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "").unwrap_err();
        assert_eq!(refused, NotARecord { found });
    }
}

/// The attributes `msg` and `x` of a record after others, which make it expected, and of the record alone.
fn after_others_and_alone(others: &[&[u8]], pickle: &[u8]) -> [String; 2] {
    let mut experienced = RecordUnpickler::new(Budget::new(1 << 20));
    for other in others {
        experienced.unpickle(other).unwrap();
    }
    let mut general = Unpickler::new(Budget::new(1 << 20));
    [experienced.unpickle(pickle), general.unpickle(pickle).map(Unpickled::from)].map(|unpickled| {
        let defaults = defaults();
        let record = match unpickled {
            Ok(unpickled) => make_log_record(unpickled, &defaults, "").unwrap(),
            Err(error) => return error.to_string(),
        };
        format!("{:?} {:?}", record.field(Field::Msg).kind(), record.attribute("x").unwrap().kind())
    })
}

#[test]
fn expects_of_a_record_only_what_changes_nothing() {
    let plain = b"}q\0(X\x03\0\0\0msgq\x01X\x01\0\0\0aq\x02X\x01\0\0\0xq\x03Nu.";
    let twice = b"}q\0(X\x03\0\0\0msgq\x01X\x01\0\0\0aq\x02X\x01\0\0\0xq\x03NX\x03\0\0\0msgq\x04K\x01u.";
    let with_number = b"}q\0(X\x03\0\0\0msgq\x01X\x01\0\0\0aq\x02X\x01\0\0\0xq\x03I12345678\nu.";
    let python_2 = b"}q\x01(U\x03msgq\x02U\x03abcU\x01xq\x03Nu.";
    type Case<'c> = (&'c [&'c [u8]], &'c [u8], &'c str);
    // The value of `msg` is put after a length of eight bytes, and `x` is what stands in the slot after that: its own name.
    let long = b"}\x94(\x8c\x03msg\x94\x8d\x01\0\0\0\0\0\0\0a\x94\x8c\x01x\x94h\x03u.";
    let cases: [Case<'_>; 11] = [
        (&[long, long], long, "Str(\"a\") Str(\"x\")"),
        (&[plain], plain, "Str(\"a\") None"),
        // The last of equal keys counts, if it is there.
        (&[twice], twice, "Int(1) None"),
        (&[twice, twice], plain, "Str(\"a\") None"),
        (&[plain, plain], twice, "Int(1) None"),
        // Another value where a number was, one that is refused, one that is no scalar, and one from the memo.
        (&[with_number], plain, "Str(\"a\") None"),
        (&[with_number], &with_number.replace(b"I12345678\n", b"I12345678L\n"), "bad number in INT"),
        (&[plain, plain], &plain.replace(b"Nu.", b"](K\x01eu."), "Str(\"a\") List("),
        (&[plain, plain], &plain.replace(b"Nu.", b"h\x02u."), "Str(\"a\") Str(\"a\")"),
        // A surrogate is none in Python 2, but a text of Latin-1.
        (&[python_2], &python_2.replace(b"abc", b"\xed\xb3\xbf"), "Str(\"\u{ed}\u{b3}\u{bf}\") None"),
        (&[python_2], &python_2.replace(b"abc", b"\xed\x95\x9c"), "Str(\"한\") None"),
    ];
    for (others, pickle, expected) in cases {
        for shown in after_others_and_alone(others, pickle) {
            assert!(shown.starts_with(expected), "{shown} of {}", pickle.escape_ascii());
        }
    }
}

/// `[u8]` has no such method.
trait Replace {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Replace for [u8] {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).rposition(|window| window == from).unwrap();
        let (before, rest) = self.split_at(at);
        [before, to, &rest[from.len()..]].concat()
    }
}
