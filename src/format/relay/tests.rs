//! What goes on as it came, and what is pickled anew.

use super::*;
use crate::base::budget::Budget;
use crate::decode::Unpickler;
use crate::format::strings::Strings;
use crate::record::{Defaults, make_log_record};

/// What is handed on of a pickle, without the length, or why it is not.
fn relayed_within(limit: usize, pickle: &[u8], adds: Adds) -> Result<Vec<u8>, NotRelayed> {
    let mut unpickler = Unpickler::new(Budget::new(1 << 24));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "127.0.0.1:5").unwrap();
    let mut out = b"before".to_vec();
    let written = write(&record, adds, limit, &mut out);
    let frame = out.strip_prefix(b"before").unwrap();
    if written.is_err() {
        assert_eq!(frame, b"");
    }
    written.map(|()| {
        let (length, pickle) = frame.split_first_chunk::<4>().unwrap();
        assert_eq!(usize::try_from(u32::from_be_bytes(*length)).unwrap(), pickle.len());
        pickle.to_vec()
    })
}

fn relayed(pickle: &[u8]) -> Vec<u8> {
    relayed_within(1 << 20, pickle, Adds::Pairs).unwrap()
}

/// An attribute of a pickled record, as its `Debug` form.
fn attribute(pickle: &[u8], name: &str) -> String {
    let mut unpickler = Unpickler::new(Budget::new(1 << 24));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "").unwrap();
    let Some(value) = record.attribute(name) else { return "-".to_owned() };
    let repr = Strings::of(&record).string_of(|out| crate::python::repr(value, out));
    format!("{} {repr}", value.kind().type_name())
}

#[test]
fn a_pickle_of_data_goes_on_as_it_came() {
    for pickle in [
        &b"}(X\x03\0\0\0msgK\x01u."[..],
        b"\x80\x04\x95\x0b\0\0\0\0\0\0\0}(\x8c\x03msgK\x01u.",
        b"\x95\x0b\0\0\0\0\0\0\0}(\x8c\x03msgK\x01u.",
        b"(dp0\nS'msg'\nI1\ns.",
    ] {
        for rest in [&b""[..], b"what follows is left out."] {
            let relayed = relayed(&[pickle, rest].concat());
            let plain = pickle.strip_suffix(b".").unwrap();
            let pairs = b"(X\x0e\0\0\0client_addressX\x0b\0\0\x00127.0.0.1:5X\x0d\0\0\0jackdaws_hopsK\x01u.";
            assert_eq!(relayed, [plain, pairs].concat(), "{}", pickle.escape_ascii());
            assert_eq!(attribute(&relayed, "msg"), "int 1");
            assert_eq!(attribute(&relayed, "client_address"), "str '127.0.0.1:5'");
        }
    }
}

#[test]
fn a_pickle_that_others_may_read_otherwise_is_pickled_anew() {
    let begins = b"\x80\x02}q\0(";
    for (pickle, msg) in [
        // A FRAME that ends before or behind STOP, or stands elsewhere.
        (&b"\x80\x04\x95\x0a\0\0\0\0\0\0\0}(\x8c\x03msgK\x01u."[..], "int 1"),
        (b"\x80\x04\x95\x0c\0\0\0\0\0\0\0}(\x8c\x03msgK\x01u.0", "int 1"),
        (b"\x80\x04}\x95\x0a\0\0\0\0\0\0\0(\x8c\x03msgK\x01u.", "int 1"),
        // Python 3 reads a Python 2 `str` as ASCII.
        (b"}(U\x03msgU\x02\xc3\xa9u.", "str 'é'"),
        (b"}(U\x03msgU\x01\xe9u.", "str 'é'"),
        (b"}(U\x03msgS'\\xe9'\nu.", "str 'é'"),
        (b"](X\x03\0\0\0msgK\x01\x86e.", "int 1"),
        // An import that was dropped again would still be one.
        (b"cos\nsystem\n0}(X\x03\0\0\0msgK\x01u.", "int 1"),
        (b"cos\nsystem\n(S'echo x'\ntR0}(X\x03\0\0\0msgK\x01u.", "int 1"),
    ] {
        let relayed = relayed(pickle);
        assert!(relayed.starts_with(begins), "{} of {}", relayed.escape_ascii(), pickle.escape_ascii());
        assert_eq!(attribute(&relayed, "msg"), msg);
    }
}

/// The attribute `x`, after one that is an object, so that the pickle is made anew.
fn anew(x: &[u8]) -> Vec<u8> {
    let before = b"\x80\x05}q\x09(X\x01\0\0\0oc__main__\nThing\n)\x81X\x01\0\0\0x";
    relayed(&[&before[..], x, b"u."].concat())
}

#[test]
fn pickles_data_anew_and_loses_nothing_of_it() {
    for (x, shown, protocol) in [
        (&b"N"[..], "NoneType None", 2),
        (b"\x88", "bool True", 2),
        (b"\x89", "bool False", 2),
        (b"K\xff", "int 255", 2),
        (b"J\xff\xff\xff\xff", "int -1", 2),
        (b"\x8a\x05\0\0\0\0\x01", "int 4294967296", 2),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\x01", "int 18446744073709551616", 2),
        (b"G\x3f\xf8\0\0\0\0\0\0", "float 1.5", 2),
        (b"X\x03\0\0\0\xed\xb3\xbf", "str '\\udcff'", 2),
        (b"(X\x09\0\0\0long textq\x01h\x01t", "tuple ('long text', 'long text')", 2),
        (b")", "tuple ()", 2),
        (b"](K\x01](K\x02ee", "list [1, [2]]", 2),
        (b"}(K\x01K\x02X\x01\0\0\0aNu", "dict {1: 2, 'a': None}", 2),
        (b"]q\0h\0a", "list [[...]]", 2),
        (b"]q\0(h\0tq\x01a", "list [([...],)]", 2),
        (b"(]q\0(h\0tq\x01ah\x01t", "tuple ([([...],)], ([(...)],))", 2),
        (
            b"h\x09",
            "dict {'o': '<__main__.Thing object>', 'x': {...}, 'client_address': '127.0.0.1:5', 'jackdaws_hops': 1}",
            2,
        ),
        (b"C\x02a\xff", "bytes b'a\\xff'", 3),
        (b"c_codecs\nencode\n(X\x03\0\0\0a\xc3\xbfX\x06\0\0\0latin1tR", "bytes b'a\\xff'", 3),
        (b"c__builtin__\nset\n(](K\x01etR", "set {1}", 4),
        (b"\x8f(K\x01K\x02\x90", "set {1, 2}", 4),
        (b"(K\x01\x91", "frozenset frozenset({1})", 4),
        (b"\x96\x02\0\0\0\0\0\0\0a\xff", "bytearray bytearray(b'a\\xff')", 5),
    ] {
        let relayed = anew(x);
        assert_eq!(attribute(&relayed, "x"), shown);
        assert_eq!(attribute(&relayed, "o"), "str '<__main__.Thing object>'");
        assert_eq!(relayed.get(1), Some(&protocol), "{shown}");
    }
}

#[test]
fn what_is_shared_stays_shared() {
    let relayed = anew(b"(]q\x01(K\x01eh\x01h\x01t");
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(&relayed).unwrap(), &defaults, "").unwrap();
    let Some(Kind::Tuple(items)) = record.attribute("x").map(|x| x.kind()) else { panic!("no tuple") };
    let identities: Vec<_> = items.map(|item| item.identity()).collect();
    assert!(identities.len() == 3 && identities.iter().all(|identity| *identity == identities[0]));
}

#[test]
fn an_attribute_that_holds_an_object_becomes_its_str_whole() {
    let thing = b"c__main__\nThing\n)\x81";
    for (before, after, shown) in [
        (&b""[..], &b""[..], "str '<__main__.Thing object>'"),
        (b"](K\x01](", b"ee", "str '[1, [<__main__.Thing object>]]'"),
        (b"}(X\x01\0\0\0a(", b"tu", "str \"{'a': (<__main__.Thing object>,)}\""),
    ] {
        let x = [before, &thing[..], after].concat();
        assert_eq!(attribute(&anew(&x), "x"), shown);
    }
    assert_eq!(attribute(&anew(b"cos\nsystem\n"), "x"), "str '<function system>'");
    // What was put into the memo for it is forgotten with it.
    let shared = anew(b"(](K\x01eq\x01c__main__\nThing\n)\x81tX\x01\0\0\0yh\x01");
    assert_eq!(attribute(&shared, "y"), "list [1]");
}

#[test]
fn numbers_stay_numbers_and_exceptions_text() {
    let pickle =
        b"}(X\x07\0\0\0levelnocmodule\nMyInt\nK\x1e\x85\x81X\x08\0\0\0exc_info(c__builtin__\nValueError\nq\0h\0\
            X\x03\0\0\0bad\x85RNtX\x03\0\0\0msgX\x05\0\0\0%s %sX\x04\0\0\0argsh\0K\x07\x86u.";
    let relayed = relayed(pickle);
    assert_eq!(attribute(&relayed, "levelno"), "int 30");
    assert_eq!(attribute(&relayed, "exc_info"), "NoneType None");
    assert_eq!(attribute(&relayed, "exc_text"), "str 'ValueError: bad'");
    assert_eq!(attribute(&relayed, "msg"), "str \"<class 'ValueError'> 7\"");
    assert_eq!(attribute(&relayed, "args"), "NoneType None");
}

#[test]
fn a_record_that_has_passed_too_many_relays_goes_no_further() {
    for adds in [Adds::Nothing, Adds::Pairs] {
        let mut pickle = b"}(X\x03\0\0\0msgK\x01u.".to_vec();
        for hops in 1..=MAX_HOPS {
            pickle = relayed_within(0, &pickle, adds).unwrap();
            let shown = if adds == Adds::Pairs { format!("int {hops}") } else { "-".to_owned() };
            assert_eq!(attribute(&pickle, HOPS), shown);
        }
        assert_eq!(relayed_within(0, &pickle, adds), Err(NotRelayed::HopsTooMany));
        assert_eq!(attribute(&pickle, "msg"), "int 1");
    }
    // Whatever a sender says of it.
    for (hops, expected) in
        [(&b"J\xff\xff\xff\xff"[..], Ok(())), (b"N", Ok(())), (b"M\0\x01", Err(NotRelayed::HopsTooMany))]
    {
        let pickle = [b"}(X\x0d\0\0\0jackdaws_hops", hops, b"u."].concat();
        assert_eq!(relayed_within(0, &pickle, Adds::Pairs).map(drop), expected);
    }
}

#[test]
fn a_record_that_would_be_cut_is_not_handed_on() {
    let pickle = b"}(X\x01\0\0\0xc__main__\nThing\n)\x81u.";
    let least = (0..1000).find(|limit| relayed_within(*limit, pickle, Adds::Pairs).is_ok()).unwrap();
    for (limit, is_ok) in [(least - 1, false), (least, true), (least + 1, true)] {
        assert_eq!(relayed_within(limit, pickle, Adds::Pairs).is_ok(), is_ok, "{limit}");
    }
    // A list of a thousand lists, each of which holds it and all others: work is limited, too.
    let many = [&b"}(X\x01\0\0\0oc__main__\nThing\n)\x81X\x01\0\0\0x("[..], &b"]".repeat(1000), b"tu."].concat();
    assert!(relayed_within(1 << 20, &many, Adds::Pairs).is_ok());
    assert_eq!(relayed_within(10_000, &many, Adds::Pairs), Err(NotRelayed::TooLong));
}
