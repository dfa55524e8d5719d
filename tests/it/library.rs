//! What the standard library's values, exceptions and enums print, kind by kind, against CPython 3.13 itself.
//!
//! Senders of 2.7, 3.6, 3.8, 3.11 and 3.13 pickle what `tests/data/library.py` finds in their standard libraries, under protocols 1 and 4;
//! CPython 3.13 loads and prints it, and so do we. What of it no pickle tells is named here.

use std::collections::BTreeMap;
use std::io::Write;

use crate::printing::{oracle, printed};
use crate::pythons::{Python, pythons, unhexlified};

#[test]
fn prints_the_builtin_values_and_aware_times_of_every_sender_as_python_prints_them() {
    compare("builtin", 100.0, 100.0, |_| false);
    compare("aware", 100.0, 100.0, |_| false);
}

#[test]
fn prints_the_values_of_the_standard_library_as_python_prints_them() {
    compare("value", 97.0, 95.0, is_unknowable_value);
}

#[test]
fn prints_the_exceptions_of_the_standard_library_as_python_prints_them() {
    compare("exception", 99.0, 99.0, |label| {
        // The one says its message twice once it was unpickled, as its sender never did. The others have an address in it, …
        ["http.client.LineTooLong", "pickle.dumps"].iter().any(|start| label.starts_with(start))
            // … or of Python 2 none of what 3.13 makes it of, or a rule of its own that no one meets.
            || ["re.error(", "sre_constants.error", "multiprocessing.managers.RemoteError", "xml.etree.ElementTree.ParseError"]
                .iter()
                .any(|start| label.starts_with(start))
    });
}

#[test]
fn prints_the_members_of_the_enums_that_records_have_as_python_prints_them() {
    // Those that are in the tables: others print as calls of their class.
    compare("enum", 98.0, 98.0, |label| {
        let mut known = ["http.HTTPStatus.", "re.RegexFlag.", "signal.", "socket."].iter();
        !known.any(|start| label.starts_with(start)) || label.contains("._")
    });
}

#[test]
fn prints_nested_classes_and_their_exceptions_as_python_prints_them() {
    // The names of the members of a user's enum, and whether a method is its own or inherited.
    compare("nested", 100.0, 100.0, |label| label.starts_with("enum_of") || label.starts_with("instance's"));
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

/// Classes whose `__repr__` and fields would take more bytes than they tell: they print as calls, or by their attributes.
const LEFT_OUT: &[&str] = &[
    "codecs.",
    "concurrent.futures._base.DoneAndNotDoneFutures",
    "decimal.BasicContext",
    "decimal.Context",
    "decimal.Decimal('1.5').as_tuple",
    "decimal.DecimalTuple",
    "decimal.DefaultContext",
    "decimal.ExtendedContext",
    "difflib.",
    "dis.Positions",
    "doctest.TestResults",
    "importlib.metadata.",
    "operator.",
    "optparse.Values",
    "pkgutil.ModuleInfo",
    "plistlib.UID",
    "sched.Event",
    "selectors.SelectorKey",
    "ssl.DefaultVerifyPaths",
    "statistics.",
    "subprocess.CompletedProcess",
    "tarfile.TarInfo",
    "traceback.FrameSummary",
    "urllib.robotparser.RequestRate",
    "xml.etree.ElementTree.",
    "xmlrpc.client.DateTime",
];

/// Values that their pickle does not tell: it names a logger and not its level, a processor is asked of the receiver's system, …
fn is_unknowable_value(label: &str) -> bool {
    if LEFT_OUT.iter().any(|start| label.starts_with(start)) {
        return true;
    }
    ["logging.", "platform.uname", "zipfile.ZipInfo", "recursive_defaultdict", "pathlib.PurePosixPath('a').match"]
        .iter()
        .any(|start| label.starts_with(start))
        // … and classes whose `__repr__` is a program of its own.
        || ["http.cookies.", "inspect.", "email.", "optparse.Option(", "tokenize.TokenInfo", "typing.", "list[", "dict[", "int_|"]
            .iter()
            .any(|start| label.starts_with(start))
}

const SENDERS: [(u32, u32); 5] = [(2, 7), (3, 6), (3, 8), (3, 11), (3, 13)];
