//! The `%` operator, with arguments that fit and others.

use super::*;
use crate::base::budget::Budget;
use crate::decode::Unpickler;
use serde_pickle::{HashableValue, SerOptions, Value as Pickled};
use std::collections::BTreeMap;

fn apply(format: &str, args: &Pickled) -> String {
    let pickle = serde_pickle::value_to_vec(args, SerOptions::new()).unwrap();
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let mut buffer = Vec::new();
    write(Text::from(format), unpickler.unpickle(&pickle).unwrap(), &mut TextWriter::new(&mut buffer, 1000));
    String::from_utf8(buffer).unwrap()
}

fn tuple(items: impl IntoIterator<Item = Pickled>) -> Pickled {
    Pickled::Tuple(items.into_iter().collect())
}

fn text(text: &str) -> Pickled {
    Pickled::String(text.into())
}

#[test]
fn charges_for_what_no_conversion_takes() {
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let pickle = [b"(", &b"N".repeat(1000)[..], b"t."].concat();
    let args = unpickler.unpickle(&pickle).unwrap();
    let (before, mut buffer) = (args.meter().used(), Vec::new());
    write(Text::from("x"), args, &mut TextWriter::new(&mut buffer, 10_000));
    assert_eq!(buffer.len(), "x % ()".len() + "None, ".len() * 1000 - 2);
    assert!(args.meter().used() - before >= 3000, "{} units", args.meter().used() - before);
}

#[test]
fn pads_any_integer_to_any_width() {
    let padded: [fn(i64, usize) -> String; 3] = [
        |value, width| format!("{value:width$}"),
        |value, width| format!("{value:<width$}"),
        |value, width| format!("{value:0width$}"),
    ];
    for value in [0, 7, -7, 1234, i64::MAX, i64::MIN] {
        for width in [0, 1, 2, 8, 9, 19, 20, 21, 32, 80] {
            for (flags, expected) in ["", "-", "0"].into_iter().zip(padded) {
                let format = format!("%{flags}{width}d");
                // A width of 0 is no width, and a 0 more a flag: neither changes anything.
                assert_eq!(apply(&format, &Pickled::I64(value)), expected(value, width), "{format} of {value}");
            }
        }
    }
}

#[test]
fn converts_integers_as_cpython_does() {
    for (format, value, expected) in [
        ("%5d|%-5d|%05d|%+d|% d", 3, "    3|3    |00003|+3| 3"),
        ("%-05d|% 05d|%+05d", 3, "3    | 0003|+0003"),
        ("%.5d|%010.5d|%-10.5d|", -89, "-00089|-000000089|-00089    |"),
        ("%x|%#x|%#X|%#o|%#.5x", 255, "ff|0xff|0XFF|0o377|0x000ff"),
        ("%+#010x|%#-10x|% #10x", 255, "+0x00000ff|0xff      |      0xff"),
        ("%i|%u|%hd|%ld|%c|%5c", 65, "65|65|65|65|A|    A"),
        ("%.0d|%.0x|%#x", 0, "0|0|0x0"),
        ("%f|%e|%.3g|%05.1f", 2, "2.000000|2.000000e+00|2|002.0"),
    ] {
        let count = format.split('|').filter(|part| !part.is_empty()).count();
        assert_eq!(apply(format, &tuple(vec![Pickled::I64(value); count])), expected, "{format}");
    }
}

#[test]
fn converts_floats_as_cpython_does() {
    for (format, value, expected) in [
        ("%d|%5d|%-4d|", -1.9, "-1|   -1|-1  |"),
        ("%05f|%+5f|%F", f64::INFINITY, "00inf| +inf|INF"),
        ("%#.3g|%#.0e|%G", 1e10, "1.00e+10|1.e+10|1E+10"),
        ("%d|%.2f", 1e20, "100000000000000000000|100000000000000000000.00"),
    ] {
        let count = format.split('|').filter(|part| !part.is_empty()).count();
        assert_eq!(apply(format, &tuple(vec![Pickled::F64(value); count])), expected, "{format}");
    }
}

#[test]
fn takes_tuples_mappings_and_single_values() {
    let mapping = Pickled::Dict(BTreeMap::from([
        (HashableValue::String("a".into()), Pickled::I64(1)),
        (HashableValue::String("b(c)".into()), text("two")),
    ]));
    for (format, args, expected) in [
        ("%s%%", Pickled::I64(1), "1%"),
        ("%s", Pickled::List(vec![Pickled::I64(1)]), "[1]"),
        ("x", Pickled::List(vec![Pickled::I64(1)]), "x"),
        ("%(a)s %(b(c))5s", mapping.clone(), "1   two"),
        ("no key", mapping.clone(), "no key"),
        ("%s|%(a)d", mapping.clone(), "{'a': 1, 'b(c)': 'two'}|1"),
        ("%*d|%.*d", tuple([5, 3, 2, 7].map(Pickled::I64)), "    3|07"),
        ("%*d|%.*d", tuple([-5, 3, -2, 7].map(Pickled::I64)), "3    |7"),
        ("%r %a %.2s %5.1a", tuple(["é", "é", "abc", "é"].map(text)), "'é' '\\xe9' ab     '"),
    ] {
        assert_eq!(apply(format, &args), expected, "{format}");
    }
}

#[test]
fn loses_neither_format_nor_values_where_cpython_raises() {
    let one = || tuple([Pickled::I64(1)]);
    let mapping = Pickled::Dict(BTreeMap::from([(HashableValue::String("a".into()), Pickled::I64(1))]));
    for (format, args, expected) in [
        ("%s %s", one(), "1 %s"),
        ("done", one(), "done % (1,)"),
        ("%s", tuple([1, 2, 3].map(Pickled::I64)), "1 % (2, 3)"),
        ("done", Pickled::I64(7), "done % 7"),
        ("done", text("a"), "done % 'a'"),
        ("%y", one(), "%y % (1,)"),
        ("%é!", one(), "%é! % (1,)"),
        ("abc %", one(), "abc % % (1,)"),
        ("%d|%5d", tuple([text("x"), text("y")]), "x|    y"),
        ("%d", tuple([Pickled::F64(f64::INFINITY)]), "inf"),
        ("%x", tuple([Pickled::F64(1.5)]), "1.5"),
        ("%c", tuple([text("ab")]), "ab"),
        ("%(a)s", one(), "%(a)s % (1,)"),
        ("%(b)s %(a)s", mapping.clone(), "%(b)s 1 % {'a': 1}"),
        ("%(a", mapping.clone(), "%(a % {'a': 1}"),
        ("%*d", tuple([text("w"), Pickled::I64(1)]), "%*d % (1,)"),
        ("%99999999999999999999d", one(), "%99999999999999999999d % (1,)"),
        ("%5%|", one(), "%5%| % (1,)"),
    ] {
        assert_eq!(apply(format, &args), expected, "{format}");
    }
}
