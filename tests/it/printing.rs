//! What `str()`, `repr()` and `ascii()` print, against CPython 3.13 itself.
//!
//! Every CPython that is found pickles fixed and random values, of builtins and of the standard library, under each of its
//! protocols (`tests/data/printing.py`); CPython 3.13 loads and prints them, and so do we.

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::{Text, TextWriter};
use jackdaws::decode::{Kind, Unpickler, Value};
use jackdaws::python;
use std::io::Write;

use crate::corpus::{self, Expected};
use crate::pythons::{Python, newest, pythons, unhexlified};

#[test]
fn prints_values_as_python_prints_them() {
    let Some(oracle) = oracle() else { return };
    for sender in pythons() {
        let pickles = sender.run("printing.py", &["make", "1"], "UTC");
        let expected = String::from_utf8(oracle.ask("printing.py", pickles.clone())).unwrap();
        let pickles = String::from_utf8(pickles).unwrap();
        let compared: Vec<_> =
            pickles.lines().zip(expected.lines()).map(|(pickle, line)| compare(pickle, line)).collect();
        assert!(compared.len() > 500, "{:?}: only {} values", sender.version, compared.len());
        let wrong: Vec<_> = compared.iter().flatten().map(String::as_str).collect();
        let shown = wrong.get(..40).unwrap_or(&wrong).join("\n");
        assert!(wrong.is_empty(), "{:?}: {} of {} differ:\n{shown}", sender.version, wrong.len(), compared.len());
    }
}

#[test]
fn escapes_what_is_not_printable_in_python() {
    let Some(oracle) = oracle() else { return };
    let refused = String::from_utf8(oracle.run("printing.py", &["isprintable"], "UTC")).unwrap();
    let mut refused = refused.split_whitespace().map(|number| number.parse::<u32>().unwrap()).peekable();
    for code_point in 0..0x11_0000 {
        let mut text = Vec::new();
        TextWriter::new(&mut text, 4).push_code_point(code_point);
        let shown = print(python::repr, Value::text(Text::new(&text).unwrap()));
        let is_refused = refused.next_if_eq(&code_point).is_some();
        assert_eq!(shown.starts_with(b"'\\"), is_refused || code_point == 0x5c, "U+{code_point:04X}");
    }
}

#[test]
fn prints_the_extra_values_of_the_corpus_as_cpython_does() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for row in corpus::rows() {
        // Bytes of Python 2 are taken as UTF-8 where they are that, whatever the row's receiver was told.
        let is_of_another_encoding = row.case.starts_with("py2-bytes") && row.encoding == "latin1";
        if row.layout.format != "%(x)r" || row.tier == 3 || row.unstable || is_of_another_encoding {
            continue;
        }
        let Expected::Text(expected, _) = &row.expected else { continue };
        let frame = corpus::frame(&row.case);
        let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let record = unpickler.unpickle(frame.get(4..).unwrap()).unwrap();
        let Kind::Dict(attributes) = record.kind() else { panic!("{}", row.case) };
        compared += 1;
        let printed = print(python::repr, attributes.find("x").unwrap());
        if Text::new(&printed).unwrap().to_str() != *expected {
            wrong.push(row.case);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(compared > 100, "only {compared}");
}

/// The version whose `str()` and `repr()` are ours.
pub fn oracle() -> Option<Python> {
    let oracle = newest().filter(|python| python.version == (3, 13));
    if oracle.is_none() {
        // Not by a macro, which the test harness would capture.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no CPython 3.13 to compare with");
    }
    oracle
}

/// What differs, if anything.
fn compare(pickle: &str, expected: &str) -> Option<String> {
    let frame = unhexlified(pickle);
    let expected: Vec<_> = expected.split(' ').map(|hex| unhexlified(hex.trim_matches('-'))).collect();
    if expected[0] == b"raised" {
        return None; // Python loses such a value; here it only has to print somehow.
    }
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let mut printed = Vec::new();
    // Each has what a record may cost for itself.
    for function in [python::str, python::repr, python::ascii] {
        match unpickler.unpickle(&frame) {
            Ok(value) => printed.push(print(function, value)),
            Err(error) => return Some(format!("{pickle}: {error}")),
        }
    }
    let (got, wanted) = printed.iter().zip(&expected).find(|(got, wanted)| got != wanted)?;
    let [got, wanted] = [got, wanted].map(|text| Text::new(text).unwrap().to_str());
    let pickle = pickle.get(..200).unwrap_or(pickle);
    Some(format!("{pickle}:\n  python {wanted}\n  here   {got}"))
}

/// `str()` and `repr()` of a pickle.
pub fn printed(pickle: &[u8]) -> [Vec<u8>; 2] {
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    [python::str, python::repr].map(|function| print(function, unpickler.unpickle(pickle).unwrap()))
}

fn print<'a>(function: fn(Value<'a>, &mut TextWriter<'_>), value: Value<'a>) -> Vec<u8> {
    let mut buffer = Vec::new();
    function(value, &mut TextWriter::new(&mut buffer, 1 << 20));
    buffer
}
