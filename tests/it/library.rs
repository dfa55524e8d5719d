//! What the standard library's values, exceptions and enums print, kind by kind, against CPython 3.13 itself.
//!
//! Senders of 2.7, 3.6, 3.8, 3.11 and 3.13 pickle what `tests/data/library.py` finds in their standard libraries, under protocols 1 and 4:
//! values that it lists, every named tuple, every exception, every enum, and what classes make of the simplest arguments. CPython 3.13 loads
//! and prints it, and so do we. Whatever differs counts, except where the value is not in the pickle at all.

use std::collections::BTreeMap;
use std::io::Write;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::format::{Formatter, Style};
use jackdaws::record::{Defaults, make_log_record};

use crate::frames;
use crate::printing::{oracle, printed};
use crate::pythons::{Python, pythons, unhexlified};

#[test]
fn prints_the_builtin_values_and_aware_times_of_every_sender_as_python_prints_them() {
    compare("builtin", 100.0, 100.0, |_| false);
    compare("aware", 100.0, 100.0, |_| false);
}

#[test]
fn prints_the_values_of_the_standard_library_as_python_prints_them() {
    // A logger's pickle is its name; its level is in the sender's own.
    compare("value", 97.0, 95.0, |label| label.starts_with("logging.getLogger("));
}

#[test]
fn prints_the_state_of_these_values_of_the_standard_library_as_python_does() {
    compare("exact", 100.0, 100.0, |_| false);
}

#[test]
fn prints_the_exceptions_of_the_standard_library_as_python_prints_them() {
    compare("exception", 99.0, 99.0, |_| false);
}

#[test]
fn prints_the_members_of_the_enums_that_records_have_as_python_prints_them() {
    // Those that are in the tables: of others the pickle has no names, and they print as calls of their class.
    compare("enum", 98.0, 98.0, |label| {
        let known = "calendar. enum. http. inspect. plistlib. pstats. py_compile. re. signal. socket. ssl. uuid.";
        let rare = "inspect.BufferFlags ssl._TLS";
        !known.split(' ').any(|start| label.starts_with(start)) || rare.split(' ').any(|start| label.starts_with(start))
    });
}

#[test]
fn prints_the_names_of_classes_and_functions_as_python_prints_them() {
    // A pickle does not tell a class from a function.
    compare("name", 95.0, 95.0, |_| false);
}

#[test]
fn prints_nested_classes_and_their_exceptions_as_python_prints_them() {
    // The pickle has neither the names of the members of a user's enum nor whether a method is its own or inherited.
    compare("nested", 100.0, 100.0, |label| label.starts_with("enum_of") || label.starts_with("instance's"));
}

#[test]
fn prints_attributes_and_specs_of_standard_values_as_python_prints_them() {
    let Some(oracle) = oracle() else { return };
    let lines = String::from_utf8(oracle.run("library.py", &["fields"], "UTC")).unwrap();
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let [form, pickle, expected] =
            line.split(' ').map(unhexlified_or_empty).collect::<Vec<_>>().try_into().unwrap();
        let form = String::from_utf8(form).unwrap();
        let record = [b"}(", &frames::text("x")[..], pickle.strip_suffix(b".").unwrap(), b"u."].concat();
        let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let defaults = Defaults::of_this_process();
        let record = make_log_record(unpickler.unpickle(&record).unwrap(), &defaults, "127.0.0.1:1").unwrap();
        let mut text = Vec::new();
        let mut formatter = Formatter::new(&form, Style::Brace, None, true).unwrap();
        formatter.format(&record, &mut TextWriter::new(&mut text, 1 << 20));
        if text != expected {
            let [text, expected] = [text, expected].map(|text| String::from_utf8_lossy(&text).into_owned());
            wrong.push(format!("{form}: {text}, not {expected}"));
        }
    }
    assert!(lines.lines().count() > 400 && wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The bytes of hex, or none of `-`.
fn unhexlified_or_empty(hex: &str) -> Vec<u8> {
    unhexlified(hex.trim_matches('-'))
}

/// Compares what the senders pickle of a kind: at least so many percent of `str()` and of `repr()` must agree.
fn compare(kind: &str, strs: f64, reprs: f64, is_unknowable: fn(&str) -> bool) {
    let Some(oracle) = oracle() else { return };
    let senders = pythons().into_iter().filter(|python| SENDERS.contains(&python.version));
    for sender in senders {
        let lines = made_by(&sender, kind);
        let expected = String::from_utf8(oracle.ask("library.py", lines.join("\n").into_bytes())).unwrap();
        assert_eq!(expected.lines().count(), lines.len());
        let (mut compared, mut right_strs, mut right_reprs, mut wrong) = (0, 0, 0, Vec::new());
        for (line, expected) in lines.iter().zip(expected.lines()) {
            let label = line.split(' ').nth(1).unwrap();
            let texts: Vec<_> = expected.split(' ').map(|hex| unhexlified(hex.trim_matches('-'))).collect();
            // What 3.13 cannot load it would have lost.
            if texts[0] == b"raised" || is_unknowable(label) {
                continue;
            }
            let [str, repr] = printed(&unhexlified(line.rsplit(' ').next().unwrap()));
            compared += 1;
            right_strs += usize::from(str == texts[0]);
            right_reprs += usize::from(repr == texts[1]);
            if str != texts[0] || repr != texts[1] {
                let shown = [&str, &texts[0], &repr, &texts[1]].map(|text| String::from_utf8_lossy(text).into_owned());
                wrong.push(format!(
                    "{label}:\n  here   {}\n  python {}\n  here   {}\n  python {}",
                    shown[0], shown[1], shown[2], shown[3]
                ));
            }
        }
        // Python 2 has no enums, no zones of its own, and no names of nested classes.
        if compared == 0 && sender.version < (3, 0) {
            continue;
        }
        let percent = |right: usize| 100.0 * right as f64 / compared.max(1) as f64;
        let shown = wrong.get(..40).unwrap_or(&wrong).join("\n");
        assert!(
            percent(right_strs) >= strs && percent(right_reprs) >= reprs,
            "{:?} {kind}: of {compared}, {right_strs} and {right_reprs} agree:\n{shown}",
            sender.version
        );
        assert!(compared > 10, "{:?} {kind}: only {compared} values", sender.version);
    }
}

/// The lines of a kind that a sender makes. It makes all kinds at once, once.
fn made_by(sender: &Python, kind: &str) -> Vec<String> {
    static MADE: std::sync::Mutex<BTreeMap<(u32, u32), String>> = std::sync::Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let all = made.entry(sender.version).or_insert_with(|| {
        let _ = writeln!(std::io::stderr(), "asking {:?} for its standard library", sender.version);
        String::from_utf8(sender.run("library.py", &["make"], "UTC")).unwrap()
    });
    all.lines().filter(|line| line.split(' ').next() == Some(kind)).map(str::to_owned).collect()
}

const SENDERS: [(u32, u32); 5] = [(2, 7), (3, 6), (3, 8), (3, 11), (3, 13)];
