//! Lines as `logging.Formatter` makes them, and what is shown where Python would raise.

use super::*;
use crate::base::budget::Budget;
use crate::decode::Unpickler;
use crate::format::json;
use crate::record::{Defaults, make_log_record};
use serde_pickle::{HashableValue, SerOptions, Value as Pickled};
use std::collections::BTreeMap;

fn text(text: &str) -> Pickled {
    Pickled::String(text.into())
}

fn pickle(attributes: Vec<(&str, Pickled)>) -> Vec<u8> {
    let attributes: BTreeMap<_, _> =
        attributes.into_iter().map(|(name, value)| (HashableValue::String(name.into()), value)).collect();
    serde_pickle::value_to_vec(&Pickled::Dict(attributes), SerOptions::new()).unwrap()
}

fn with_record<T>(attributes: Vec<(&str, Pickled)>, use_record: impl FnOnce(&LogRecord<'_>) -> T) -> T {
    let pickle = pickle(attributes);
    let defaults = Defaults { created: Some(1_700_000_000.25), ..Defaults::of_this_process() };
    let mut unpickler = Unpickler::new(Budget::new(1 << 20));
    let value = unpickler.unpickle(&pickle).unwrap();
    use_record(&make_log_record(value, &defaults, "[::1]:9020").unwrap())
}

fn format_in(limit: usize, style: Style, format: &str, attributes: Vec<(&str, Pickled)>) -> String {
    let mut formatter = Formatter::new(format, style, None, true).unwrap();
    with_record(attributes, |record| {
        let mut line = Vec::new();
        formatter.format(record, &mut TextWriter::new(&mut line, limit));
        String::from_utf8(line).unwrap()
    })
}

fn format(style: Style, format: &str, attributes: Vec<(&str, Pickled)>) -> String {
    format_in(1 << 20, style, format, attributes)
}

#[test]
fn an_attribute_that_is_missing_prints_as_a_dash_padded_as_asked() {
    for (style, given, expected) in [
        (Style::Percent, "%(no)s|%(no)5s|%(no)-5d|%(no)05.1f|%s|%5d", "-|    -|-    |    -|-|    -"),
        (Style::Brace, "{no}|{no:>5}|{no:5}|{no:05.1f}|{no!r:*^5}|{}|{0:>3}{msg}", "-|    -|-    |    -|**-**|-|  -m"),
        (Style::Brace, "{msg.real}|{msg[9]}|{msg[a]:>3}|{lineno.name}", "-|-|  -|-"),
        (Style::Dollar, "$no|${no}", "-|-"),
    ] {
        assert_eq!(format(style, given, vec![("msg", text("m"))]), expected, "{given}");
    }
}

#[test]
fn a_value_of_the_wrong_type_prints_as_str_padded_as_asked() {
    let attributes = || vec![("s", text("two")), ("f", Pickled::F64(1.5)), ("n", Pickled::None)];
    for (style, given, expected) in [
        (Style::Percent, "%(s)d|%(s)6d|%(s)-6.1f|%(s)06x|%(s)c", "two|   two|two   |   two|two"),
        (Style::Percent, "%(f)x|%(f)5c|%(n)d|%(n)-6d|", "1.5|  1.5|None|None  |"),
        (Style::Brace, "{s:d}|{s:6d}|{s:<6.1f}|{f:>5s}|{f:d}", "two|   two|two   |  1.5|1.5"),
        (Style::Brace, "{n:6}|{n:>6}|{n!s:6}|{s:,s}", "None  |  None|None  |two"),
    ] {
        assert_eq!(format(style, given, attributes()), expected, "{given}");
    }
}

#[test]
fn what_percent_cannot_do_stays_as_it_stands() {
    assert_eq!(format(Style::Percent, "%(msg)10%|%(msg)s %", vec![("msg", text("m"))]), "%(msg)10%|m %");
    assert_eq!(format(Style::Percent, "%(msg)S%(msg)*s%%", vec![("msg", text("m"))]), "%(msg)Sm%");
}

#[test]
fn specs_may_hold_fields() {
    let attributes = || vec![("w", Pickled::I64(6)), ("p", Pickled::I64(2)), ("x", Pickled::F64(2.71928))];
    assert_eq!(format(Style::Brace, "{x:>{w}.{p}f}|{x:{no}}", attributes()), "  2.72|2.71928");
}

#[test]
fn defaults_stand_for_what_a_record_lacks_and_within_specs_too() {
    let list = Pickled::List(vec![text("a"), Pickled::None]);
    let defaults = [("width", Pickled::I64(10)), ("p", text("2")), ("x", Pickled::F64(1.5)), ("l", list)]
        .map(|(name, default)| (name.to_owned(), serde_pickle::value_to_vec(&default, SerOptions::new()).unwrap()));
    // As CPython 3.13 prints them.
    for (style, given, expected) in [
        (Style::Percent, "%(x)s|%(x)05.1f|%(s)s", "1.5|001.5|sent"),
        (Style::Percent, "%(l)s|%(l)12r|", "['a', None]| ['a', None]|"),
        (Style::Dollar, "$x|${p}|$s|$l", "1.5|2|sent|['a', None]"),
        (Style::Brace, "{x}|{x:>{width}}|{s:>{width}}|{x:{width}.{p}f}|", "1.5|       1.5|      sent|      1.50|"),
        (Style::Brace, "{s:{w}}|{s:>{w}.{p}}|", "sent  |    se|"),
        (Style::Brace, "{l}|{l[0]}|{l[1]!s:>6}", "['a', None]|a|  None"),
    ] {
        let mut formatter = Formatter::new(given, style, None, true).unwrap().with_defaults(&defaults);
        let line = with_record(vec![("s", text("sent")), ("w", Pickled::I64(6))], |record| {
            let mut line = Vec::new();
            formatter.format(record, &mut TextWriter::new(&mut line, 100));
            String::from_utf8(line).unwrap()
        });
        assert_eq!(line, expected, "{given}");
    }
}

#[test]
fn exc_text_and_stack_info_begin_lines_of_their_own() {
    for (msg, expected) in [("m", "m\nT\nS"), ("m\n", "m\nT\nS"), ("", "\nT\nS")] {
        let attributes = vec![("msg", text(msg)), ("exc_text", text("T")), ("stack_info", text("S"))];
        assert_eq!(format(Style::Percent, "%(message)s", attributes), expected);
    }
    let attributes = vec![("exc_text", text("")), ("stack_info", text("S\n"))];
    assert_eq!(format(Style::Percent, "%(message)s", attributes), "\nS\n");
}

#[test]
fn an_empty_format_is_the_message() {
    for style in [Style::Percent, Style::Brace, Style::Dollar] {
        assert_eq!(format(style, "", vec![("msg", text("m"))]), "m");
    }
}

#[test]
fn client_address_is_the_peers_unless_it_was_sent() {
    assert_eq!(format(Style::Percent, "%(client_address)s", vec![]), "[::1]:9020");
    assert_eq!(format(Style::Dollar, "$client_address", vec![("client_address", text("x"))]), "x");
}

#[test]
fn jackdaws_peer_is_the_peers_whatever_was_sent() {
    let forged = || vec![("client_address", text("x")), ("jackdaws_peer", text("y"))];
    for (style, given) in
        [(Style::Percent, "%(jackdaws_peer)s"), (Style::Brace, "{jackdaws_peer}"), (Style::Dollar, "$jackdaws_peer")]
    {
        assert_eq!(format(style, given, forged()), "[::1]:9020");
    }
}

#[test]
fn what_does_not_fit_is_cut_and_says_so() {
    for (limit, expected) in [(4, "abcd..."), (5, "abcde"), (6, "abcde")] {
        assert_eq!(format_in(limit, Style::Percent, "%(message)s", vec![("msg", text("abcde"))]), expected);
    }
    for limit in 0..12 {
        for (style, given) in [
            (Style::Percent, "%(message)s"),
            (Style::Percent, "%(message)2s"),
            (Style::Percent, "%(message)-2s"),
            (Style::Brace, "{message}"),
            (Style::Brace, "{message!s:>2}"),
        ] {
            let line = format_in(limit, style, given, vec![("msg", text("日本é"))]);
            assert_eq!(line.ends_with("..."), limit < 8, "{given} in {limit}: {line}");
        }
    }
    for given in ["%(message)1000000000000s", "%(message)-1000000000000s", "%(lineno)01000000000000d"] {
        assert_eq!(format_in(50, Style::Percent, given, vec![]).len(), 53, "{given}");
    }
    let hostile =
        vec![("msg", text("%1000000000000d%.1000000000000f")), ("args", Pickled::Tuple(vec![Pickled::I64(1)]))];
    assert_eq!(format_in(50, Style::Percent, "%(message)s", hostile).len(), 53);
}

#[test]
fn asctime_is_the_second_and_the_milliseconds_sent() {
    for (created, msecs, expected) in [
        (Pickled::F64(0.0), Pickled::F64(999.9999), "1970-01-01 00:00:00,999"),
        (Pickled::F64(-0.5), Pickled::F64(1000.0), "1969-12-31 23:59:59,1000"),
        (Pickled::I64(86_400), Pickled::I64(-1), "1970-01-02 00:00:00,-01"),
        (Pickled::F64(1e9), text("x"), "2001-09-09 01:46:40,  x"),
        (Pickled::F64(1e9), Pickled::F64(f64::NAN), "2001-09-09 01:46:40,nan"),
        (Pickled::F64(f64::NAN), Pickled::F64(1.0), "nan"),
        (Pickled::F64(f64::INFINITY), Pickled::F64(1.0), "inf"),
        (Pickled::F64(1e300), Pickled::F64(1.0), "1e+300"),
        (Pickled::I64(i64::MAX), Pickled::F64(1.0), "9223372036854775807"),
        (Pickled::None, Pickled::F64(1.0), "None"),
    ] {
        let attributes = vec![("created", created), ("msecs", msecs)];
        assert_eq!(format(Style::Percent, "%(asctime)s", attributes), expected);
    }
}

#[test]
fn the_text_of_a_second_serves_its_other_records_only() {
    let mut formatter = Formatter::new("{asctime:>24}", Style::Brace, None, true).unwrap();
    let mut line = Vec::new();
    for (created, msecs) in [(1.25, 250.0), (1.75, 750.0), (2.0, 0.0), (f64::NAN, 0.0), (2.5, 500.0)] {
        line.push(b'|');
        with_record(vec![("created", Pickled::F64(created)), ("msecs", Pickled::F64(msecs))], |record| {
            formatter.format(record, &mut TextWriter::new(&mut line, 100));
        });
    }
    let expected = "| 1970-01-01 00:00:01,250| 1970-01-01 00:00:01,750| 1970-01-01 00:00:02,000\
                        |                     nan| 1970-01-01 00:00:02,500";
    assert_eq!(String::from_utf8(line).unwrap(), expected);
}

#[test]
fn datefmt_is_the_c_librarys_and_has_no_milliseconds() {
    for (datefmt, expected) in
        [("%d.%m.%y %f%", "14.11.23 %f%"), ("", "2023-11-14 22:13:20,250"), ("é\0x", "é"), ("%Q", "%Q")]
    {
        let mut formatter = Formatter::new("$asctime", Style::Dollar, Some(datefmt), true).unwrap();
        let line = with_record(vec![], |record| {
            let mut line = Vec::new();
            formatter.format(record, &mut TextWriter::new(&mut line, 100));
            String::from_utf8(line).unwrap()
        });
        assert_eq!(line, expected, "{datefmt}");
    }
}

#[test]
fn only_the_level_names_text_is_highlighted() {
    for (style, given, expected) in [
        (Style::Percent, "%(levelname)-8s|", vec![(0, 4, Color::Green)]),
        (Style::Brace, "{levelname:*^10}{levelname!r}", vec![(3, 7, Color::Green), (11, 15, Color::Green)]),
        (Style::Percent, "%(levelname)5.2s|", vec![(3, 5, Color::Green)]),
        (Style::Dollar, "é$levelname", vec![(2, 6, Color::Green)]),
        (Style::Dollar, "$message", vec![]),
    ] {
        let mut formatter = Formatter::new(given, style, None, true).unwrap().with_color(true);
        with_record(vec![("levelname", text("INFO")), ("levelno", Pickled::I64(20))], |record| {
            formatter.format(record, &mut TextWriter::new(&mut Vec::new(), 100));
        });
        let expected: Vec<_> =
            expected.into_iter().map(|(start, end, color)| Highlight { start, end, color }).collect();
        assert_eq!(formatter.highlights(), expected, "{given}");
    }
}

#[test]
fn json_cuts_cycles_and_depth_and_keeps_other_keys_as_text() {
    let deep = |levels| (0..levels).fold(Pickled::None, |inner, _| Pickled::List(vec![inner]));
    let json = |attributes| {
        with_record(attributes, |record| {
            let mut line = Vec::new();
            json::write(record, &mut TextWriter::new(&mut line, 1 << 20));
            String::from_utf8(line).unwrap()
        })
    };
    let keys = BTreeMap::from([(HashableValue::I64(1), Pickled::Bytes(vec![0x7f, 0xe9, b'"']))]);
    assert_eq!(
        json(vec![("x", Pickled::Dict(keys))]),
        "{\"x\":{\"1\":\"\\u007fé\\\"\"},\"client_address\":\"[::1]:9020\"}"
    );
    let floats = [0.1, f64::NAN, f64::NEG_INFINITY].map(Pickled::F64).to_vec();
    let (peer, forged) = ("\"jackdaws_peer\":\"[::1]:9020\"}", ("jackdaws_peer", text("y")));
    let sent = "{\"client_address\":[0.1,\"nan\",\"-inf\"],".to_owned();
    assert_eq!(json(vec![("client_address", Pickled::Tuple(floats)), forged.clone()]), sent + peer);
    assert_eq!(json(vec![("client_address", text("x"))]), "{\"client_address\":\"x\",".to_owned() + peer);
    assert_eq!(json(vec![("a", text("b")), forged]), "{\"a\":\"b\",\"client_address\":\"[::1]:9020\"}");
    let limit = crate::base::limits::MAX_JSON_DEPTH;
    for (levels, innermost) in [(limit - 2, "null"), (limit - 1, "null"), (limit, "\"...\"")] {
        let shown = levels.min(limit - 1);
        let expected = format!("{}{innermost}{}", "[".repeat(shown), "]".repeat(shown));
        assert!(json(vec![("x", deep(levels))]).contains(&format!(":{expected},")), "{levels}");
    }
    assert_eq!(json(vec![("x", text("\u{202e}\u{9b}"))]).find("\"\\u202e\\u009b\""), Some(5));
}
