//! What common packages put into records: `tests/data/packages.jsonl`, made by `packages.py` where they were installed.
//!
//! Zones of aware times, exceptions, NumPy's scalars, models and their secrets, tracebacks. Each row holds the pickle and what its sender
//! printed of it.

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::format::{Formatter, Style, json};
use jackdaws::record::{Defaults, make_log_record};
use serde_json::Value;

use crate::frames;
use crate::printing::printed;
use crate::pythons::{data, json_lines, unhexlified};

#[test]
fn an_aware_time_shows_its_offset_or_at_least_its_zone() {
    let wrong = wrong("aware", |row, str, _| {
        let expected = row["str"].as_str().unwrap();
        let without_offset = expected.rsplit_once(['+', '-']).map_or(expected, |(before, _)| before);
        str == expected || str.strip_suffix(']').is_some_and(|str| str.starts_with(without_offset) && str.contains('['))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_exception_of_a_package_loses_a_message_that_is_in_its_arguments() {
    let wrong = wrong("exception", |row, str, _| shows(row).all(|text| str.contains(text)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn most_exceptions_of_packages_print_as_their_sender_printed_them() {
    let different = wrong("exception", |row, str, _| str == row["str"].as_str().unwrap());
    let all = rows("exception").len();
    assert!(different.len() * 4 < all, "{} of {all}:\n{}", different.len(), different.join("\n"));
}

#[test]
fn scalars_models_and_secrets_print_as_their_sender_printed_them() {
    // What was text in Python 2 is text; its repr is Python 3's, and its dicts have no order.
    let wrong = wrong("exact", |row, str, repr| {
        row["python"] == "2.7" && !row["package"].as_str().unwrap().starts_with("numpy")
            || str == row["str"].as_str().unwrap() && repr == row["repr"].as_str().unwrap()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn models_show_what_they_are() {
    let wrong = wrong("shown", |row, str, _| shows(row).all(|text| str.contains(text)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_hides_itself_in_python_is_hidden_in_text_and_json() {
    let mut count = 0;
    for row in rows("exact").into_iter().chain(rows("secret")) {
        let Some(hidden) = row["hidden"].as_str() else { continue };
        count += 1;
        let pickle = unhexlified(row["pickle"].as_str().unwrap());
        let [text, json] = lines_of("x", &pickle);
        for line in [text, json] {
            assert!(!line.contains(hidden), "{row}: {line}");
            assert!(shows(&row).all(|text| line.contains(text)), "{row}: {line}");
        }
    }
    assert!(count > 8, "only {count}");
}

#[test]
fn numbers_of_numpy_are_numbers_in_json() {
    let mut count = 0;
    for row in rows("exact").into_iter().filter(|row| row["package"].as_str().unwrap().starts_with("numpy")) {
        let pickle = unhexlified(row["pickle"].as_str().unwrap());
        let [_, json] = lines_of("x", &pickle);
        let parsed: Value = serde_json::from_str(&json).unwrap();
        let str = row["str"].as_str().unwrap();
        let is_finite = str.parse::<f64>().is_ok_and(f64::is_finite);
        if !is_finite || row["repr"].as_str().unwrap().contains("str_") {
            continue;
        }
        count += 1;
        assert!(parsed["x"].is_number(), "{row}: {json}");
        assert_eq!(parsed["x"].as_f64(), str.parse().ok(), "{row}: {json}");
    }
    assert!(count > 40, "only {count}");
}

#[test]
fn an_exc_info_with_a_traceback_shows_its_entries() {
    let rows = rows("exc_info");
    assert!(rows.len() >= 2);
    for row in rows {
        let [text, _] = lines_of("exc_info", &unhexlified(row["pickle"].as_str().unwrap()));
        assert!(shows(&row).all(|shown| text.contains(shown)), "{row}: {text}");
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("ZeroDivisionError: "), "{text}");
    }
}

/// The rows of a kind that print otherwise than they should.
fn wrong(kind: &str, is_right: impl Fn(&Value, &str, &str) -> bool) -> Vec<String> {
    let rows = rows(kind);
    assert!(rows.len() >= 8, "only {} rows of {kind}", rows.len());
    let judged = rows.into_iter().filter_map(|row| {
        let [str, repr] =
            printed(&unhexlified(row["pickle"].as_str().unwrap())).map(|text| String::from_utf8(text).unwrap());
        let is_right = is_right(&row, &str, &repr);
        (!is_right).then(|| {
            format!(
                "{} {} {}: {} and {}, not {str} and {repr}",
                row["package"], row["python"], row["protocol"], row["str"], row["repr"]
            )
        })
    });
    judged.collect()
}

/// What must be seen.
fn shows(row: &Value) -> impl Iterator<Item = &str> {
    row["shows"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap())
}

fn rows(kind: &str) -> Vec<Value> {
    let rows = json_lines(&std::fs::read(data("packages.jsonl")).unwrap());
    rows.into_iter().filter(|row| row["kind"] == kind).collect()
}

/// The line of a record with this attribute, as text and as JSON.
fn lines_of(attribute: &str, pickle: &[u8]) -> [String; 2] {
    // As a pickle within a pickle: its PROTO and FRAME opcodes may stand anywhere.
    let value = pickle.strip_suffix(b".").unwrap();
    let pickle = [b"}(", &frames::text(attribute)[..], value, b"u."].concat();
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "127.0.0.1:1").unwrap();
    let mut text = Vec::new();
    let format = if attribute == "x" { "%(x)s %(x)r" } else { "%(message)s" };
    Formatter::new(format, Style::Percent, None, true)
        .unwrap()
        .format(&record, &mut TextWriter::new(&mut text, 1 << 20));
    let mut line = Vec::new();
    json::write(&record, &mut TextWriter::new(&mut line, 1 << 20));
    [text, line].map(|line| String::from_utf8(line).unwrap())
}
