//! Values printed within their limits: of depth, of length, of work.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]
use super::*;
use crate::base::budget::Budget;
use crate::base::limits::{MAX_IN_FLIGHT_BYTES, MAX_PRINTED_DEPTH};
use crate::decode::Unpickler;

/// `str()` of a pickle, at most `limit` bytes of it, and whether it was cut.
fn printed(pickle: &[u8], limit: usize) -> (String, bool) {
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let value = unpickler.unpickle(pickle).unwrap();
    let mut buffer = Vec::new();
    let mut out = TextWriter::new(&mut buffer, limit);
    str(value, &mut out);
    let is_cut = out.is_cut();
    (String::from_utf8(buffer).unwrap(), is_cut)
}

/// A list of `count` references to what `pickle` makes, which must leave it at memo 0.
fn repeated(pickle: &[u8], count: usize) -> Vec<u8> {
    [b"(", pickle, &b"h\0".repeat(count), b"l."].concat()
}

#[test]
fn marks_cycles_as_python_does() {
    for (pickle, expected) in [
        (&b"]q\0h\0a."[..], "[[...]]"),
        (b"}q\0I1\nh\0s.", "{1: {...}}"),
        (b"]q\0(h\0tq\x01a.", "[([...],)]"),
        (b"ccollections\ndeque\n)Rq\0h\0a.", "deque([[...]])"),
        (b"ccollections\nOrderedDict\n)Rq\0I1\nh\0s.", "OrderedDict({1: ...})"),
        (b"ctypes\nSimpleNamespace\n)Rq\0}Va\nh\0sb.", "namespace(a=namespace(...))"),
        (b"]q\0(h\0h\0e]q\x01(h\x01h\0h\x01h\0e0.", "[[...], [...]]"),
        (b"(]q\0h\0l.", "[[], []]"),
    ] {
        assert_eq!(printed(pickle, 100).0, expected, "{:?}", pickle.escape_ascii().to_string());
    }
}

#[test]
fn of_equal_keys_the_first_stays_with_the_last_value() {
    for (pickle, expected) in [
        (&b"}(K\x01K\x02K\x01K\x03u."[..], "{1: 3}"),
        (b"}(K\x01K\x02K\x05K\x06K\x01K\x03u.", "{1: 3, 5: 6}"),
        (b"}(K\x01K\x02K\x05K\x06K\x01K\x03K\x05K\x07K\x08K\x09K\x01K\x04u.", "{1: 4, 5: 7, 8: 9}"),
    ] {
        assert_eq!(printed(pickle, 100).0, expected);
    }
}

#[test]
fn prints_containers_as_deep_as_the_limit_and_no_deeper() {
    for (depth, is_shortened) in
        [(MAX_PRINTED_DEPTH - 1, false), (MAX_PRINTED_DEPTH, false), (MAX_PRINTED_DEPTH + 1, true)]
    {
        let text = printed(&[b"]".repeat(depth), b"a".repeat(depth - 1), b".".to_vec()].concat(), usize::MAX).0;
        assert_eq!(text.contains("..."), is_shortened, "depth {depth}");
        assert!(text.starts_with(&"[".repeat(depth.min(MAX_PRINTED_DEPTH))));
    }
}

#[test]
fn stops_at_the_writers_limit_however_much_there_is_to_print() {
    // Each list holds the one before it twice: 2 to the power of 200 elements.
    let bomb: Vec<u8> =
        (0..200_u8).flat_map(|index| [b'q', index, b'0', b']', b'(', b'h', index, b'h', index, b'e']).collect();
    let bomb = [b"]", bomb.as_slice(), b"."].concat();
    let (text, is_cut) = printed(&bomb, 1000);
    // Brackets and commas; each list costs four characters more.
    assert!(is_cut && (150..=1000).contains(&text.len()), "{} bytes", text.len());
}

#[test]
fn charges_for_work_that_leaves_nothing_behind() {
    let long_path = [b"cpathlib\nPosixPath\n(X\xa0\x86\x01\0", b"./".repeat(50_000).as_slice(), b"tRq\0"].concat();
    assert_eq!(printed(&[&long_path[..], b"."].concat(), 1 << 20), (".".to_owned(), false));
    let (text, is_cut) = printed(&repeated(&long_path, 1000), 1 << 20);
    assert!(is_cut && text.len() < 1000, "{} bytes", text.len());

    // An exception of an exception of an exception ..., the message of which is empty.
    let depth = 1000;
    let exceptions = [b"c__builtin__\nException\n".repeat(depth), b")R".to_vec(), b"\x85R".repeat(depth - 1)].concat();
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let mut buffer = Vec::new();
    let pickle = [&exceptions[..], b"."].concat();
    str(unpickler.unpickle(&pickle).unwrap(), &mut TextWriter::new(&mut buffer, 100));
    assert_eq!(buffer, b"");
    assert!(unpickler.meter().used() > 10 * depth, "{} units", unpickler.meter().used());
}

/// Compared with NumPy 2.2.
#[test]
fn short_floats_have_their_own_fewest_digits() {
    for (kind, bits, expected) in [
        ("f4", 0x4a00_0001, "2097152.2"),
        ("f4", 0x4a00_0003, "2097152.8"),
        ("f4", 0.0001_f32.to_bits(), "1e-04"),
        ("f4", 1, "1e-45"),
        ("f4", 16_777_216_f32.to_bits(), "16777216.0"),
        ("f4", (-0.1_f32).to_bits(), "-0.1"),
        ("f4", 1e16_f32.to_bits(), "1e+16"),
        ("f4", f32::NAN.to_bits(), "nan"),
        ("f2", 0x068e, "0.0001"),
        ("f2", 0x7bff, "65500.0"),
        ("f2", 1, "6e-08"),
        ("f2", 0xfc00, "-inf"),
    ] {
        let bytes = bits.to_le_bytes();
        let bytes = if kind == "f4" { &bytes[..] } else { &bytes[..2] };
        let scalar = b"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(V";
        let length = [u8::try_from(bytes.len()).unwrap()];
        let pickle = [scalar, kind.as_bytes(), b"\ntRC", &length, bytes, b"tR."].concat();
        assert_eq!(printed(&pickle, 100).0, expected, "{kind} {bits:x}");
    }
}

#[test]
fn what_is_looked_through_is_charged_each_time() {
    let url = |parts: &[u8]| [b"csqlalchemy.engine.url\nURL\n(Va\n", parts, b"t\x81."].concat();
    let long = |letter: &str| [&b"V"[..], letter.repeat(3000).as_bytes(), b"\n"].concat();
    let numpy = |rest: &[u8]| [b"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(", rest, b"tR."].concat();
    for (what, pickle, least, most) in [
        ("names and values of nothing", url(&[b"NNNNN}V\n(", &b"N".repeat(1000)[..], b"ls"].concat()), 4000, 6000),
        ("characters of nothing", [b"carray\narray\n(Vu\n(", &b"V\n".repeat(1000)[..], b"ltR."].concat(), 3000, 6000),
        ("zeros", numpy(&[b"VS9\ntRB\x80\x0c\0\0", &[0; 3200][..]].concat()), 800, 2000),
        ("a long type", numpy(&[&long("U"), &b"tRC\0"[..]].concat()), 0, 1000),
        ("a constant", b"csignal\nX\n.".to_vec(), 240, 500),
        ("a constant of many", b"cssl\nX\n.".to_vec(), 900, 1500),
        ("a member", b"chttp\nHTTPStatus\nM\xc8\0\x85R.".to_vec(), 350, 700),
        ("a float", b"G\x7f\xef\xff\xff\xff\xff\xff\xfe.".to_vec(), 16, 40),
        ("a name escaped", [b"ca\n", &"\u{20ac}".repeat(1000).into_bytes()[..], b"\n."].concat(), 3000, 6000),
        ("keys compared", [b"}(", &b"K\x01N".repeat(32)[..], b"u."].concat(), 1024, 2000),
        ("a name in words", [b"cgrpc\nStatusCode\n((I0\n", &long("a")[..], b"ttR."].concat(), 3000, 5000),
        ("a deep list", [b"]".repeat(4000), b"a".repeat(3999), b".".to_vec()].concat(), 110_000, 140_000),
    ] {
        let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let value = unpickler.unpickle(&pickle).unwrap();
        let before = value.meter().used();
        ascii(value, &mut TextWriter::new(&mut Vec::new(), 1 << 20));
        let units = value.meter().used() - before;
        assert!((least..=most).contains(&units), "{what}: {units}");
    }
}

#[test]
fn keeps_the_keys_of_a_dict_apart_that_differ_in_python() {
    for (pickle, expected) in [
        (
            &b"(L9007199254740993L\nVa\nF9007199254740992.0\nVb\nd."[..],
            "{9007199254740993: 'a', 9007199254740992.0: 'b'}",
        ),
        (b"(L9007199254740992L\nVa\nF9007199254740992.0\nVb\nd.", "{9007199254740992: 'b'}"),
        (b"(F-2.0\nVa\nI-2\nVb\nI-1\nVc\nd.", "{-2.0: 'b', -1: 'c'}"),
    ] {
        assert_eq!(printed(pickle, 100).0, expected, "{:?}", pickle.escape_ascii().to_string());
    }
}

#[test]
fn looks_at_few_attributes_of_an_object() {
    let many: String = (0..100).map(|index| format!("I{index}\nI0\ns")).collect();
    let pickle = [b"cuuid\nUUID\n)\x81}", many.as_bytes(), b"Vint\nI5\nsb."].concat();
    assert_eq!(printed(&pickle, 1000).0, "<uuid.UUID object>");
}

#[test]
fn prints_what_the_pickle_tells_of_other_classes() {
    for (pickle, expected) in [
        (&b"cmodule\nOuter.Inner\n)\x81."[..], "<module.Outer.Inner object>"),
        (b"cmodule\nPlain\n)\x81}Va\nI1\nsb.", "Plain(a=1)"),
        (b"cmodule\nPlain\nI7\nI8\n\x86\x81}Va\nI1\nsVb\nVx\nsb.", "Plain(7, 8, a=1, b='x')"),
        (b"cmodule\nSlotted\n)\x81N}Va\nI1\ns\x86b.", "Slotted(a=1)"),
        (b"cmodule\nOdd\n)\x81}Va b\nI1\nsb.", "Odd({'a b': 1})"),
        (b"cmodule\nfunction\nVa\n\x85R.", "function('a')"),
        (b"cmodule\nfunction\n)R.", "function()"),
        (b"c__builtin__\ngetattr\n(cmodule\nOuter\nVInner\ntR)\x81.", "<module.Outer.Inner object>"),
        (b"c__builtin__\ngetattr\n(cmodule\nOuter\nVerror\ntR(Vlost\ntR.", "lost"),
        (
            b"c__builtin__\ngetattr\n(cmodule\nOuter\nVmethod\ntR.",
            "<bound method Outer.method of <class 'module.Outer'>>",
        ),
        (b"c__builtin__\ngetattr\n(Vabc\nVupper\ntR.", "<built-in method upper of str object>"),
        (b"cmodule\nColor\nI2\n\x85R.", "Color(2)"),
        (b"cmodule\nPoint\nI1\nI2\n\x86\x81.", "Point(1, 2)"),
        (b"cmodule\nMyInt\nI7\n\x85\x81.", "7"),
        (b"cmodule\nMyStr\nVa\n\x85\x81.", "a"),
        (b"cmodule\nMyList\n)\x81I1\na.", "[1]"),
        (b"cmodule\nMyDict\n)\x81I1\nI2\ns.", "{1: 2}"),
        (b"ccopy_reg\n_reconstructor\n(cmodule\nMyList\nc__builtin__\nlist\n(I1\nltR.", "[1]"),
        (b"ccopy_reg\n_reconstructor\n(cmodule\nPlain\nc__builtin__\nobject\nNtR.", "<module.Plain object>"),
        (b"cmodule\nMyError\nVbad\n\x85R.", "bad"),
        (b"csubprocess\nCalledProcessError\n(I-34\nVa\ntR.", "Command 'a' died with <Signals.SIGRTMIN: 34>."),
        (b"csubprocess\nCalledProcessError\n(I-64\nVa\ntR.", "Command 'a' died with <Signals.SIGRTMAX: 64>."),
        (b"csubprocess\nCalledProcessError\n(I-6\nVa\ntR.", "Command 'a' died with <Signals.SIGABRT: 6>."),
        (b"csubprocess\nCalledProcessError\n(I-33\nVa\ntR.", "Command 'a' died with unknown signal 33."),
        (b"(cmodule\nMyError\nVbad\n\x85Rl.", "[MyError('bad')]"),
        (b"cmodule\nfunction\n.", "<function function>"),
        (b"cmodule\nClass\n.", "<class 'module.Class'>"),
        (b"cdatetime\ndatetime\nVa\n\x85R.", "datetime('a')"),
        (b"cpytz\n_UTC\n)R.", "UTC"),
    ] {
        assert_eq!(printed(pickle, 1000).0, expected, "{:?}", pickle.escape_ascii().to_string());
    }
}

#[test]
fn knows_the_standard_librarys_values() {
    for (pickle, expected) in [
        (&b"cdecimal\nDecimal\nV1\n\x85R."[..], true),
        (b"cexceptions\nValueError\n)R.", true),
        (b"cmodule\nMyError\n)R.", false),
        (b"curllib.parse\nDefragResult\n(Va\nVb\nt\x81.", true),
        (b"cmodule\nPlain\n)\x81.", false),
        (b"I1\n.", false),
    ] {
        let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let value = unpickler.unpickle(pickle).unwrap();
        let is_standard =
            matches!(value.kind(), Kind::Object(object) if stdlib::classes::classify(&object).is_standard());
        assert_eq!(is_standard, expected, "{:?}", pickle.escape_ascii().to_string());
    }
}

#[test]
fn follows_an_aware_time_by_what_its_zone_tells() {
    let at = |zone: &str| {
        format!(
            "cdatetime\ndatetime\n(c_codecs\nencode\n(V\\u0007\\u00e8\\u0001\\u0002\\u0003\\u0004\\u0005\\u0000\\u0000\\u0000\nVlatin1\ntR{zone}tR."
        )
    };
    for (zone, expected) in [
        ("cpytz\n_UTC\n(tR", "2024-01-02 03:04:05+00:00"),
        ("cpytz\n_p\n(VEurope/Berlin\nI3600\nI0\nVCET\ntR", "2024-01-02 03:04:05+01:00"),
        (
            "c__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Berlin\nI01\ntR",
            "2024-01-02 03:04:05[Europe/Berlin]",
        ),
        ("cmodule\nZone\n(tR", "2024-01-02 03:04:05[module.Zone]"),
        ("cmodule\nZone\n(VMars/Base\ntR", "2024-01-02 03:04:05[Mars/Base]"),
        ("(cmodule\nZone\no}V_offset\ncdatetime\ntimedelta\n(I0\nI-3600\nI0\ntRsb", "2024-01-02 03:04:05-01:00"),
        ("cpytz\nFixedOffset\n(I-90\ntR", "2024-01-02 03:04:05-01:30"),
        ("cpytz\n_p\n(VEtc/GMT+5\ntR", "2024-01-02 03:04:05-05:00"),
        ("cpytz\n_p\n(VEtc/GMT+50\ntR", "2024-01-02 03:04:05[Etc/GMT+50]"),
    ] {
        assert_eq!(printed(at(zone).as_bytes(), 1000).0, expected, "{zone}");
    }
}
