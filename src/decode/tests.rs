//! The unpickler against pickles written by hand: every opcode, every refusal, every limit.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]

use super::{Error, Items, Kind, Reason, Unpickler, Value};
use crate::base::budget::Budget;
use crate::base::limits::{MAX_INTEGER_DIGITS, MAX_MARK_DEPTH, MAX_MEMO_ENTRIES, MAX_VALUES};

/// A value as Python-like text; recurses, since tests are honest.
fn show(value: Value<'_>) -> String {
    let all = |items: Items<'_>| items.map(show).collect::<Vec<_>>().join(" ");
    match value.kind() {
        Kind::Str(text) => format!("'{text}'"),
        Kind::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
        Kind::ByteArray(bytes) => format!("bytearray'{}'", bytes.escape_ascii()),
        Kind::Tuple(items) => format!("({})", all(items)),
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Set(items) => format!("set({})", all(items)),
        Kind::FrozenSet(items) => format!("frozenset({})", all(items)),
        Kind::Dict(pairs) => {
            format!("{{{}}}", pairs.map(|(key, value)| show(key) + ":" + &show(value)).collect::<Vec<_>>().join(" "))
        }
        Kind::Global(global) => format!("{}.{}", global.module, global.name),
        Kind::Object(object) => format!(
            "<{} {} args={} kwargs={} state={} items=[{}] pairs={}>",
            if object.is_instance() { "new" } else { "call" },
            show(object.class()),
            show(object.args()),
            show(object.kwargs()),
            show(object.state()),
            all(object.items()),
            object.pairs().len(),
        ),
        other => format!("{other:?}"),
    }
}

fn decoded(pickle: &[u8]) -> Result<String, Error> {
    Unpickler::new(Budget::new(256 << 20)).unpickle(pickle).map(show)
}

fn reason(pickle: &[u8]) -> Option<Reason> {
    decoded(pickle).err().map(|error| error.reason)
}

#[test]
fn decodes_numbers() {
    for (pickle, expected) in [
        (&b"N."[..], "None"),
        (b"\x88.", "Bool(true)"),
        (b"\x89.", "Bool(false)"),
        (b"I01\n.", "Bool(true)"),
        (b"I00\n.", "Bool(false)"),
        (b"I1\n.", "Int(1)"),
        (b"I-7\n.", "Int(-7)"),
        (b"K\xff.", "Int(255)"),
        (b"M\xff\xff.", "Int(65535)"),
        (b"J\xff\xff\xff\xff.", "Int(-1)"),
        (b"L140737353922112L\n.", "Int(140737353922112)"),
        (b"L-9223372036854775808L\n.", "Int(-9223372036854775808)"),
        (b"L9223372036854775807\n.", "Int(9223372036854775807)"),
        (b"L9223372036854775808L\n.", "BigInt([0, 0, 0, 0, 0, 0, 0, 128, 0])"),
        (b"\x8a\x00.", "Int(0)"),
        (b"\x8a\x01\xff.", "Int(-1)"),
        (b"\x8a\x02\xff\x00.", "Int(255)"),
        (b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "Int(9223372036854775807)"),
        (b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00.", "BigInt([255, 255, 255, 255, 255, 255, 255, 255, 0])"),
        (b"\x8a\x0a\x07\0\0\0\0\0\0\0\0\0.", "Int(7)"),
        (b"\x8a\x0a\x00\0\0\0\0\0\0\0\0\0.", "Int(0)"),
        (b"\x8a\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff.", "Int(-1)"),
        (b"\x8a\x0a\0\0\0\0\0\0\0\x80\0\0.", "BigInt([0, 0, 0, 0, 0, 0, 0, 128, 0])"),
        (b"\x8b\x01\0\0\0\x80.", "Int(-128)"),
        (b"G\x3f\xf8\0\0\0\0\0\0.", "Float(1.5)"),
        (b"F-1.5\n.", "Float(-1.5)"),
        (b"Finf\n.", "Float(inf)"),
    ] {
        assert_eq!(decoded(pickle).as_deref(), Ok(expected), "{}", pickle.escape_ascii());
    }
}

#[test]
fn decodes_integers_of_lines_however_many_there_are() {
    for (line, expected) in [
        (&b"I1\n"[..], "Int(1)"),
        (
            b"L170141183460469231731687303715884105728L\n",
            "BigInt([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0])",
        ),
        (b"L-9223372036854775809L\n", "BigInt([255, 255, 255, 255, 255, 255, 255, 127, 255])"),
    ] {
        let pickle = [b"(", &line.repeat(1000)[..], b"l."].concat();
        let shown = decoded(&pickle).unwrap();
        assert_eq!(shown.matches(expected).count(), 1000, "{shown:.200}");
    }
}

#[test]
fn decodes_text_and_bytes_of_every_protocol() {
    for (pickle, expected) in [
        (&b"X\x02\0\0\0\xc3\xa9."[..], "'é'"),
        (b"\x8c\x02\xc3\xa9.", "'é'"),
        (b"\x8d\x02\0\0\0\0\0\0\0\xc3\xa9.", "'é'"),
        (b"X\x03\0\0\0\xed\xb3\xbf.", "'\\udcff'"),
        (b"Vcaf\\u00e9\n.", "'café'"),
        (b"U\x02\xc3\xa9.", "'é'"),
        (b"U\x01\xe9.", "'é'"),
        (b"U\x03\xed\xb3\xbf.", "'í³¿'"),
        (b"T\x01\0\0\0a.", "'a'"),
        (b"S'a\\xe9'\n.", "'aé'"),
        (b"C\x01\xff.", "b'\\xff'"),
        (b"B\x01\0\0\0\xff.", "b'\\xff'"),
        (b"\x8e\x01\0\0\0\0\0\0\0\xff.", "b'\\xff'"),
        (b"\x96\x01\0\0\0\0\0\0\0\xff.", "bytearray'\\xff'"),
        (b"c_codecs\nencode\n(X\x02\0\0\0\xc3\xbfX\x06\0\0\0latin1tR.", "b'\\xff'"),
        (b"c__builtin__\nbytes\n)R.", "b''"),
        (b"c__builtin__\nbytearray\n(X\x02\0\0\0\xc3\xbfX\x07\0\0\0latin-1tR.", "bytearray'\\xff'"),
        (b"c__builtin__\nbytearray\n(X\x00\0\0\0X\x07\0\0\0latin-1tR.", "bytearray''"),
        (b"cbuiltins\nbytearray\n(C\x01atR.", "bytearray'a'"),
        (b"cbuiltins\nbytearray\n)R.", "bytearray''"),
    ] {
        assert_eq!(decoded(pickle).as_deref(), Ok(expected), "{}", pickle.escape_ascii());
    }
}

#[test]
fn decodes_containers() {
    for (pickle, expected) in [
        (&b")."[..], "()"),
        (b"K\x01\x85.", "(Int(1))"),
        (b"K\x01K\x02\x86.", "(Int(1) Int(2))"),
        (b"K\x01K\x02K\x03\x87.", "(Int(1) Int(2) Int(3))"),
        (b"(K\x01t.", "(Int(1))"),
        (b"].", "[]"),
        (b"]K\x01a.", "[Int(1)]"),
        (b"](K\x01K\x02eK\x03a.", "[Int(1) Int(2) Int(3)]"),
        (b"(lp0\nK\x01a.", "[Int(1)]"),
        (b"](]K\x01aK\x02e(K\x03e.", "[[Int(1)] Int(2) Int(3)]"),
        (b"}.", "{}"),
        (b"(dp0\nK\x01K\x02s.", "{Int(1):Int(2)}"),
        (b"}(K\x01K\x02K\x03NuK\x05Ns.", "{Int(1):Int(2) Int(3):None Int(5):None}"),
        (b"\x8f(K\x01\x90.", "set(Int(1))"),
        (b"(K\x01\x91.", "frozenset(Int(1))"),
        (b"c__builtin__\nset\n(](K\x01etR.", "set(Int(1))"),
        (b"cbuiltins\nfrozenset\n(](K\x01etR.", "frozenset(Int(1))"),
        (b"cbuiltins\nfrozenset\n)R.", "frozenset()"),
        (b"]q\0]q\x01K\x01aah\x01K\x02a0K\x03a.", "[[Int(1) Int(2)] Int(3)]"),
    ] {
        assert_eq!(decoded(pickle).as_deref(), Ok(expected), "{}", pickle.escape_ascii());
    }
}

#[test]
fn shares_what_is_shared_and_closes_cycles() {
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let value = unpickler.unpickle(b"]q\0h\0a]q\x01ah\x01a.").unwrap();
    let Kind::List(items) = value.kind() else { panic!("no list") };
    let identities: Vec<_> = items.map(Value::identity).collect();
    assert_eq!(identities[0], value.identity(), "a list that holds itself");
    assert_eq!(identities[1], identities[2], "one list, held twice");
    assert_ne!(identities[0], identities[1]);
}

#[test]
fn writes_calls_down_and_makes_none() {
    for (pickle, expected) in [
        (&b"cos\nsystem\n(X\x01\0\0\0xtR."[..], "<call os.system args=('x') kwargs=None state=None items=[] pairs=0>"),
        (b"\x8c\x02os\x8c\x06system\x93.", "os.system"),
        (b"cm\nC\n)\x81K\x01b.", "<new m.C args=() kwargs=None state=Int(1) items=[] pairs=0>"),
        (b"cm\nC\n)}\x92.", "<new m.C args=() kwargs={} state=None items=[] pairs=0>"),
        (b"(K\x01im\nC\n.", "<new m.C args=(Int(1)) kwargs=None state=None items=[] pairs=0>"),
        (b"(cm\nC\nK\x01o.", "<new m.C args=(Int(1)) kwargs=None state=None items=[] pairs=0>"),
        (
            b"cm\nC\n)\x81K\x01a(K\x02eK\x03K\x04s.",
            "<new m.C args=() kwargs=None state=None items=[Int(1) Int(2)] pairs=1>",
        ),
        (b"cm\nC\n)\x81(K\x01\x90.", "<new m.C args=() kwargs=None state=None items=[Int(1)] pairs=0>"),
        (
            b"c_codecs\nencode\n(X\x03\0\0\0abcX\x03\0\0\0rottR.",
            "<call _codecs.encode args=('abc' 'rot') kwargs=None state=None items=[] pairs=0>",
        ),
        (
            b"cbuiltins\nbytearray\n(L1000000000000L\ntR.",
            "<call builtins.bytearray args=(Int(1000000000000)) kwargs=None state=None items=[] pairs=0>",
        ),
    ] {
        assert_eq!(decoded(pickle).as_deref(), Ok(expected), "{}", pickle.escape_ascii());
    }
}

#[test]
fn uses_stack_and_memo_as_cpython_does() {
    for (pickle, expected) in [
        (&b"K\x01K\x020."[..], "Int(1)"),
        (b"K\x01(0.", "Int(1)"),
        (b"K\x01(K\x02K\x031.", "Int(1)"),
        (b"K\x012\x86.", "(Int(1) Int(1))"),
        (b"K\x07p5\n0g5\n.", "Int(7)"),
        (b"K\x07q\x050h\x05.", "Int(7)"),
        (b"K\x07r\x05\0\0\x000j\x05\0\0\0.", "Int(7)"),
        (b"K\x07\x940h\0.", "Int(7)"),
        (b"\x80\x05\x95\x03\0\0\0\0\0\0\0N.", "None"),
        (b"N.after STOP nothing matters", "None"),
        (b"X\x01\0\0\0aq\x00X\x01\0\0\0b\x940h\x01\x86.", "('a' 'b')"),
    ] {
        assert_eq!(decoded(pickle).as_deref(), Ok(expected), "{}", pickle.escape_ascii());
    }
}

#[test]
fn refuses_with_reason_opcode_and_offset() {
    for (pickle, message) in [
        (&b""[..], "pickle ends before STOP at offset 0"),
        (b"NN", "pickle ends before STOP at offset 2"),
        (b"X\xff\xff\xff\xffa", "truncated pickle in BINUNICODE at offset 0"),
        (b"N\x8d\xff\xff\xff\xff\xff\xff\xff\xffa", "truncated pickle in BINUNICODE8 at offset 1"),
        (b"cno newline", "truncated pickle in GLOBAL at offset 0"),
        (b".", "stack underflow in STOP at offset 0"),
        (b"K\x01\x86.", "stack underflow in TUPLE2 at offset 2"),
        (b"](a.", "stack underflow in APPEND at offset 2"),
        (b"N(q\0.", "stack underflow in BINPUT at offset 2"),
        (b"Nt.", "no mark in TUPLE at offset 1"),
        (b"h\0.", "no memo entry in BINGET at offset 0"),
        (b"Nq\x01h\0.", "no memo entry in BINGET at offset 3"),
        (b"NK\x01a.", "wrong operand in APPEND at offset 3"),
        (b"]K\x01K\x02s.", "wrong operand in SETITEM at offset 5"),
        (b"K\x01)R.", "wrong operand in REDUCE at offset 3"),
        (b"cm\nC\nK\x01R.", "wrong operand in REDUCE at offset 7"),
        (b"cm\nC\n)N\x92.", "wrong operand in NEWOBJ_EX at offset 7"),
        (b"K\x01K\x02\x93.", "wrong operand in STACK_GLOBAL at offset 4"),
        (b"K\x01Nb.", "wrong operand in BUILD at offset 3"),
        (b"}(K\x01u.", "key without value in SETITEMS at offset 4"),
        (b"}]Ns.", "unhashable key in SETITEM at offset 3"),
        (b"\x8f(}\x90.", "unhashable key in ADDITEMS at offset 3"),
        (b"(\x8f\x91.", "unhashable key in FROZENSET at offset 2"),
        (b"X\x01\0\0\0\xff.", "not UTF-8 in BINUNICODE at offset 0"),
        (b"cm\xff\nC\n.", "not UTF-8 in GLOBAL at offset 0"),
        (b"Sabc\n.", "bad escape in STRING at offset 0"),
        (b"Ione\n.", "bad number in INT at offset 0"),
        (b"L\n.", "bad number in LONG at offset 0"),
        (b"L-L\n.", "bad number in LONG at offset 0"),
        (b"F0x1p3\n.", "bad number in FLOAT at offset 0"),
        (b"Np-1\n.", "bad number in PUT at offset 1"),
        (b"\x82\x01.", "extension code in EXT1 at offset 0"),
        (b"\x83\x01\0.", "extension code in EXT2 at offset 0"),
        (b"\x84\x01\0\0\0.", "extension code in EXT4 at offset 0"),
        (b"Pid\n.", "persistent id in PERSID at offset 0"),
        (b"NQ.", "persistent id in BINPERSID at offset 1"),
        (b"\x97.", "out-of-band buffer in NEXT_BUFFER at offset 0"),
        (b"N\x98.", "out-of-band buffer in READONLY_BUFFER at offset 1"),
        (b"\x80\x06N.", "unsupported protocol (above 5) in PROTO at offset 0"),
        (b"N\xff.", "unknown opcode 0xff at offset 1"),
    ] {
        let refused = decoded(pickle).map_err(|error| error.to_string());
        assert_eq!(refused, Err(message.to_owned()), "{}", pickle.escape_ascii());
    }
}

#[test]
fn every_opcode_has_a_name_and_an_arm() {
    let known = (0..=u8::MAX).filter(|&byte| super::opcode::name(byte).is_some());
    assert_eq!(known.clone().count(), 68, "CPython's pickle.py has as many");
    for opcode in known {
        assert_ne!(reason(&[b'N', b'N', b'(', opcode]), Some(Reason::UnknownOpcode), "{opcode:#x}");
    }
}

#[test]
fn every_proper_prefix_is_refused() {
    let pickle = b"\x80\x04\x95\x10\0\0\0\0\0\0\0}(X\x03\0\0\0msgq\x01U\x02hiL99999999999999999999L\nVx\n(K\x01Nt]cm\nC\n)\x81G\0\0\0\0\0\0\0\0u.";
    assert!(decoded(pickle).is_ok());
    for length in 0..pickle.len() {
        assert!(decoded(&pickle[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn limits_the_values_on_the_stack() {
    for (values, refused) in [(MAX_VALUES - 1, None), (MAX_VALUES, None), (MAX_VALUES + 1, Some(Reason::ValuesTooMany))]
    {
        assert_eq!(reason(&[&b"N".repeat(values)[..], b"."].concat()), refused, "{values}");
    }
}

#[test]
fn limits_the_values_in_containers() {
    for (values, refused) in [(MAX_VALUES - 1, None), (MAX_VALUES, None), (MAX_VALUES + 1, Some(Reason::ValuesTooMany))]
    {
        let halves = [values / 2, values - values / 2].map(|half| b"N".repeat(half));
        assert_eq!(reason(&[b"](", &halves[0][..], b"e(", &halves[1][..], b"e."].concat()), refused, "{values}");
    }
}

#[test]
fn limits_the_marks() {
    for (marks, refused) in
        [(MAX_MARK_DEPTH - 1, None), (MAX_MARK_DEPTH, None), (MAX_MARK_DEPTH + 1, Some(Reason::MarksTooDeep))]
    {
        assert_eq!(reason(&[&b"(".repeat(marks)[..], b"N."].concat()), refused, "{marks}");
    }
}

#[test]
fn limits_the_memo() {
    for (entries, refused) in [
        (MAX_MEMO_ENTRIES - 1, None),
        (MAX_MEMO_ENTRIES, None),
        (MAX_MEMO_ENTRIES + 1, Some(Reason::MemoEntriesTooMany)),
    ] {
        assert_eq!(reason(&[b"N", &b"\x94".repeat(entries)[..], b"."].concat()), refused, "{entries} by MEMOIZE");
        let index = u32::try_from(entries - 1).unwrap().to_le_bytes();
        let padding = b"N0".repeat(MAX_MEMO_ENTRIES);
        assert_eq!(reason(&[&padding[..], b"Nr", &index, b"."].concat()), refused, "index {}", entries - 1);
    }
}

#[test]
fn limits_memo_indices_by_the_length_of_the_pickle() {
    for (index, refused) in [(6, None), (7, None), (8, Some(Reason::MemoEntriesTooMany))] {
        let pickle = [b"N00Nr"[..1].to_vec(), b"r".to_vec(), u32::to_le_bytes(index).to_vec(), b"N.".to_vec()].concat();
        assert_eq!(pickle.len(), 8);
        assert_eq!(reason(&pickle), refused, "index {index}");
    }
}

#[test]
fn limits_the_digits_of_integers() {
    for (digits, refused) in [
        (MAX_INTEGER_DIGITS - 1, None),
        (MAX_INTEGER_DIGITS, None),
        (MAX_INTEGER_DIGITS + 1, Some(Reason::IntegerDigitsTooMany)),
    ] {
        for sign in [&b""[..], b"-"] {
            assert_eq!(reason(&[b"L", sign, &b"7".repeat(digits)[..], b"L\n."].concat()), refused, "{digits}");
        }
    }
}

#[test]
fn limits_text_that_calls_would_copy_again_and_again() {
    let text = "é".repeat(1000);
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    let encoded = |times: usize| {
        let call = b"h\x01h\0h\x02\x86R0";
        [
            &b"X"[..],
            &length,
            text.as_bytes(),
            b"q\0c_codecs\nencode\nq\x01X\x06\0\0\0latin1q\x02",
            &call.repeat(times),
            b".",
        ]
        .concat()
    };
    assert_eq!(reason(&encoded(4)), None);
    assert_eq!(reason(&encoded(400)), Some(Reason::ScratchTooLong));
}

#[test]
fn takes_growth_from_the_budget_and_gives_it_back() {
    let budget = Budget::new(1 << 20);
    let pickle = [&b"N".repeat(50_000)[..], b"."].concat();
    let mut unpickler = Unpickler::new(budget.clone());
    assert!(unpickler.unpickle(&pickle).is_ok());
    assert!(budget.left() < (1 << 20) - 50_000 * 16);
    unpickler.shrink();
    assert_eq!(budget.left(), 1 << 20);
    assert!(unpickler.unpickle(&pickle).is_ok());
    drop(unpickler);
    assert_eq!(budget.left(), 1 << 20);
}

#[test]
fn refuses_what_the_budget_does_not_hold_and_goes_on() {
    let mut unpickler = Unpickler::new(Budget::new(1 << 16));
    let pickle = [&b"N".repeat(50_000)[..], b"."].concat();
    let refused = unpickler.unpickle(&pickle).map(show).map_err(|error| error.reason);
    assert_eq!(refused, Err(Reason::InFlightBytesTooMany));
    unpickler.shrink();
    assert_eq!(unpickler.unpickle(b"K\x01.").map(show).as_deref(), Ok("Int(1)"));
}

#[test]
fn one_pickle_leaves_nothing_behind_for_the_next() {
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    assert!(unpickler.unpickle(b"(((Nq\x07").is_err());
    assert_eq!(unpickler.unpickle(b"h\x07.").map(show).map_err(|error| error.reason), Err(Reason::NoMemoEntry));
    assert_eq!(unpickler.unpickle(b"t.").map(show).map_err(|error| error.reason), Err(Reason::NoMark));
}
