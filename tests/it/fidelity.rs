//! What CPython's Formatter prints, the program prints, byte for byte.
//!
//! Three oracles: the recorded corpus; each Python's own Formatter for what its rich client sends; and the newest Python's for
//! the frames that every Python generates. Records may hold newlines, so each frame travels between two copies of a
//! [`separator`], whose line is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::corpus::{self, Expected, Layout, Row};
use crate::frames;
use crate::program::{self, Program};
use crate::pythons::{Python, json_lines, newest, pythons, unhexlified};

#[test]
fn prints_every_stable_row_of_builtin_values_byte_for_byte() {
    let (compared, wrong) = judged(|row| row.tier == 1 && is_text(row), same);
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), listed(&wrong));
    assert!(compared >= 2300, "only {compared} rows were compared");
}

#[test]
fn prints_nineteen_in_twenty_rows_of_the_standard_librarys_values_as_cpython() {
    let (compared, wrong) = judged(|row| row.tier == 2 && is_text(row), same);
    let allowed = compared / 20;
    assert!(wrong.len() <= allowed, "{} of {compared}:\n{}", wrong.len(), listed(&wrong));
    assert!(compared > 200, "only {compared} rows were compared");
}

#[test]
fn loses_no_record_that_cpython_fails_to_format_or_whose_class_it_lacks() {
    let (compared, wrong) = judged(|row| row.tier == 3 || row.expected == Expected::Error, |_, line| line.is_some());
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), listed(&wrong));
    assert!(compared > 300, "only {compared} rows were compared");
}

#[test]
fn refuses_the_formats_that_cpython_refuses() {
    let rows = corpus::rows();
    let refused = rows.iter().filter(|row| row.expected == Expected::FormatError);
    let layouts: BTreeSet<&Layout> = refused.map(|row| &row.layout).collect();
    assert!(layouts.len() >= 6);
    for layout in layouts {
        let listen = ["--listen", "127.0.0.1:0", "--timeout", "5"];
        let finished = program::run(&[&listen[..], &layout.arguments()].concat());
        assert_eq!(finished.status.code(), Some(2), "{layout:?}: {}", finished.stderr);
        assert!(finished.stderr.contains("--format"), "{layout:?}: {}", finished.stderr);
    }
}

#[test]
fn prints_what_a_rich_client_of_every_python_would_print_itself() {
    let percent = "%(asctime)s %(levelname)-8s [%(name)s] %(funcName)s:%(lineno)d %(user)r %(session)s %(message)s";
    let brace = "{asctime} {levelname:>8} {name!r} {thread:,} {user} {session!s:>12} {message}";
    let dollar = "$asctime ${levelname} $process $user $session $message";
    for python in pythons() {
        for (style, format, datefmt) in
            [("%", percent, None), ("{", brace, None), ("$", dollar, Some("%d.%m.%y %H:%M %Z"))]
        {
            let layout = Layout {
                style: style.to_owned(),
                format: format.to_owned(),
                datefmt: datefmt.map(str::to_owned),
                zone: "America/New_York".to_owned(),
            };
            compare_rich_client(&python, &layout);
        }
    }
}

#[test]
fn prints_the_frames_that_every_python_generates_as_the_newest_prints_them() {
    let Some(oracle) = newest() else { return };
    let mut wrong = Wrong::new();
    for python in pythons() {
        let generated = python.run("generate.py", &[], "UTC");
        let cases: Vec<Value> = json_lines(&generated);
        assert!(cases.len() > 800, "{:?}: {} cases", python.version, cases.len());
        for format in ["%(asctime)s %(levelname)-8s %(name)s: %(message)s", "%(message)s %(x)r %(x)s"] {
            compare_generated(&cases, format, &oracle, &mut wrong);
        }
    }
    let failures: Vec<&String> = wrong.of_builtins.iter().collect();
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), listed(&wrong.of_builtins));
    let (failed, compared) = (wrong.of_standard_library.len(), wrong.standard_library_rows);
    assert!(failed <= compared / 20, "{failed} of {compared}:\n{}", listed(&wrong.of_standard_library));
}

// The corpus

/// How many of the rows that are `wanted` could be compared, and what was wrong with them.
fn judged(wanted: fn(&Row) -> bool, right: fn(&Row, Option<&str>) -> bool) -> (usize, Vec<String>) {
    let printed = corpus_printed();
    let chosen: Vec<&(Row, Option<String>)> = printed.iter().filter(|(row, _)| wanted(row)).collect();
    let wrong = chosen.iter().filter(|(row, line)| !right(row, line.as_deref()));
    let described =
        wrong.map(|(row, line)| difference(&format!("{} {:?}", row.case, row.layout), &row.expected, line.as_deref()));
    (chosen.len(), described.collect())
}

/// Every comparable row, with the line that the program printed for it, unless it lost it. One program for each layout.
fn corpus_printed() -> &'static [(Row, Option<String>)] {
    static PRINTED: OnceLock<Vec<(Row, Option<String>)>> = OnceLock::new();
    PRINTED.get_or_init(|| {
        let mut groups: BTreeMap<Layout, Vec<Row>> = BTreeMap::new();
        for row in comparable_rows() {
            groups.entry(row.layout.clone()).or_default().push(row);
        }
        let mut printed = Vec::new();
        for (layout, rows) in groups {
            let frames: Vec<Vec<u8>> = rows.iter().map(|row| corpus::frame(&row.case)).collect();
            let lines = print(&layout, &frames);
            printed.extend(rows.into_iter().zip(lines));
        }
        printed
    })
}

/// Stable rows whose line does not depend on the receiving process, each once.
fn comparable_rows() -> Vec<Row> {
    let rows = corpus::rows();
    let chosen: BTreeSet<usize> = (0..rows.len()).filter(|&at| is_our_encoding(&rows[at], &rows)).collect();
    let stable = |row: &Row| !row.unstable && row.expected != Expected::FormatError && !shows_the_receiver(row);
    let numbered = rows.into_iter().enumerate();
    numbered.filter(|(at, row)| chosen.contains(at) && stable(row)).map(|(_, row)| row).collect()
}

/// A Python 2 `str` is UTF-8 where it is valid UTF-8, else Latin-1: of the rows that differ in encoding only, the
/// one of ASCII, else of UTF-8 unless its case has surrogates for what is not UTF-8, else of Latin-1.
fn is_our_encoding(row: &Row, rows: &[Row]) -> bool {
    let of_case = || rows.iter().filter(|other| other.case == row.case);
    let is_ascii = of_case().any(|other| other.encoding == "ASCII");
    let is_utf_8 = of_case().all(|other| other.encoding != UTF_8 || !matches!(other.expected, Expected::Text(_, true)));
    match row.encoding.as_str() {
        "ASCII" => true,
        UTF_8 => !is_ascii && is_utf_8,
        "latin1" => !is_ascii && !is_utf_8,
        _ => false,
    }
}

/// True if the format shows an attribute that the frame lacks and that the receiving process fills in.
fn shows_the_receiver(row: &Row) -> bool {
    let frame = corpus::frame(&row.case);
    let names = |byte: char| byte.is_ascii_alphabetic();
    let shown: BTreeSet<&str> = row.layout.format.split(|byte| !names(byte)).collect();
    OF_THE_RECEIVER.iter().any(|(attribute, needs)| shown.contains(attribute) && !holds_text(&frame, needs))
}

/// True if a pickle holds this short text, pickled in any of the ways in which CPython pickles texts.
fn holds_text(pickle: &[u8], text: &str) -> bool {
    let length = char::from(u8::try_from(text.len()).unwrap());
    let opcodes = [
        format!("X{length}\0\0\0{text}").into_bytes(),
        format!("U{length}{text}").into_bytes(),
        [&[0x8c, length as u8][..], text.as_bytes()].concat(),
        format!("V{text}\n").into_bytes(),
        format!("S'{text}'\n").into_bytes(),
    ];
    opcodes.iter().any(|opcode| program::find(pickle, opcode).is_some())
}

// A rich client

fn compare_rich_client(python: &Python, layout: &Layout) {
    // Python 2 knows one style, and prints u'' and set([1]); before 3.7 a timedelta's repr was another. There, the newest
    // Python prints what was sent.
    if python.version < (3, 7) {
        return compare_with_newest(python, layout);
    }
    let program = Program::start_in_zone(&[&layout.arguments()[..], &VERBATIM].concat(), &layout.zone);
    let port = program.port().to_string();
    let client = [&["127.0.0.1", &port, "--print"][..], &layout.arguments()].concat();
    let expected = python.run("clients/rich_client.py", &client, &layout.zone);
    let finished = program.stop();
    let (expected, printed) = (String::from_utf8(expected).unwrap(), String::from_utf8(finished.stdout).unwrap());
    assert!(expected.len() > 4000);
    let pairs = expected.lines().zip(printed.lines());
    let wrong: Vec<String> =
        pairs.filter(|(left, right)| left != right).map(|(left, right)| format!("{left}\n{right}")).collect();
    let named = format!("{:?} {layout:?}", python.version);
    assert!(wrong.is_empty(), "{named}: {}\n{}", wrong.join("\n\n"), finished.stderr);
    assert_eq!(expected, printed, "{named}: {}", finished.stderr);
}

fn compare_with_newest(python: &Python, layout: &Layout) {
    let Some(oracle) = newest() else { return };
    let program = Program::start_in_zone(&[&layout.arguments()[..], &VERBATIM].concat(), &layout.zone);
    let port = program.port().to_string();
    let client = ["127.0.0.1", &port, "--frames"];
    let frames = python.run("clients/rich_client.py", &client, &layout.zone);
    let finished = program.stop();
    let frames: Vec<&str> = std::str::from_utf8(&frames).unwrap().lines().collect();
    let answers = ask(&oracle, &frames, layout);
    let expected: String = answers.iter().map(|answer| format!("{}\n", expected_answer(answer).unwrap())).collect();
    assert!(expected.len() > 4000);
    assert_eq!(expected, String::from_utf8(finished.stdout).unwrap(), "{:?} {layout:?}", python.version);
}

// Generated frames

/// What was wrong with generated frames, by tier.
struct Wrong {
    of_builtins: Vec<String>,
    of_standard_library: Vec<String>,
    standard_library_rows: usize,
}

impl Wrong {
    fn new() -> Wrong {
        Wrong { of_builtins: Vec::new(), of_standard_library: Vec::new(), standard_library_rows: 0 }
    }
}

fn compare_generated(cases: &[Value], format: &str, oracle: &Python, wrong: &mut Wrong) {
    let layout =
        Layout { style: "%".to_owned(), format: format.to_owned(), datefmt: None, zone: "America/New_York".to_owned() };
    // What lacks `created` shows the receiver's clock.
    let clockless = |case: &&Value| {
        let name = case["case"].as_str().unwrap();
        !name.starts_with("raw--empty") && !name.starts_with("raw--minimal")
    };
    let cases: Vec<&Value> = cases.iter().filter(clockless).collect();
    let frames: Vec<&str> = cases.iter().map(|case| case["frame"].as_str().unwrap()).collect();
    let answers = ask(oracle, &frames, &layout);
    let frames: Vec<Vec<u8>> = frames.iter().map(|frame| unhexlified(frame)).collect();
    let lines = print(&layout, &frames);
    for ((case, answer), line) in cases.iter().zip(&answers).zip(&lines) {
        let expected = expected_answer(answer);
        let right = match (&expected, line) {
            (Some(expected), Some(line)) => expected == line,
            (None, line) => line.is_some(),
            (Some(_), None) => false,
        };
        let shows_it = format.contains("(x)");
        let standard = shows_it && case["tier"] == 2;
        wrong.standard_library_rows += usize::from(standard);
        // What a user's class prints, only that class knows.
        if right || shows_it && case["tier"] == 3 && line.is_some() {
            continue;
        }
        let text = Expected::Text(expected.unwrap_or_default(), false);
        let described = difference(&format!("{} {format}", case["case"]), &text, line.as_deref());
        let list = if standard { &mut wrong.of_standard_library } else { &mut wrong.of_builtins };
        list.push(described);
    }
}

/// The oracle's answers for frames in hex.
fn ask(oracle: &Python, frames: &[&str], layout: &Layout) -> Vec<Value> {
    let mut questions = String::new();
    for frame in frames {
        let question = json!({
            "frame": frame, "style": layout.style, "format": layout.format, "datefmt": layout.datefmt, "tz": layout.zone,
        });
        questions.push_str(&format!("{question}\n"));
    }
    let answers = json_lines(&oracle.ask("oracle.py", questions.into_bytes()));
    assert_eq!(answers.len(), frames.len());
    answers
}

/// The text of an answer, surrogates as the program prints them; `None` if the oracle failed.
fn expected_answer(answer: &Value) -> Option<String> {
    match (answer.get("text"), answer.get("wtf8")) {
        (Some(text), _) => text.as_str().map(str::to_owned),
        (_, Some(hex)) => Some(backslashreplaced(&unhexlified(hex.as_str()?))),
        _ => None,
    }
}

// The program

/// The line of each frame in this layout, without its newline; `None` where it printed none.
fn print(layout: &Layout, frames: &[Vec<u8>]) -> Vec<Option<String>> {
    let program = Program::start_in_zone(&[&layout.arguments()[..], &VERBATIM].concat(), &layout.zone);
    let separator = separator();
    let mut stream = separator.clone();
    for frame in frames {
        stream.extend_from_slice(frame);
        stream.extend_from_slice(&separator);
    }
    program.send(&stream);
    let finished = program.stop();
    let printed = String::from_utf8(finished.stdout).unwrap();
    let end = format!("\n{SEPARATOR}\n");
    let Some(length) = printed.find(&end).map(|at| at + end.len()) else {
        panic!("{layout:?}: not even the separator was printed: {}", finished.stderr);
    };
    let (line, rest) = printed.split_at(length);
    let mut pieces: Vec<&str> = rest.split(line).collect();
    assert_eq!(pieces.pop(), Some(""), "{layout:?}: {}", finished.stderr);
    assert_eq!(pieces.len(), frames.len(), "{layout:?}: {}", finished.stderr);
    pieces.iter().map(|piece| piece.strip_suffix('\n').map(str::to_owned)).collect()
}

/// A record that prints the same every time in any format, and ends in a line that nothing else has.
fn separator() -> Vec<u8> {
    frames::framed(&frames::dict(&[("exc_text", frames::text(SEPARATOR)), ("x", frames::integer(0))]))
}

fn is_text(row: &Row) -> bool {
    matches!(row.expected, Expected::Text(..))
}

fn same(row: &Row, line: Option<&str>) -> bool {
    matches!(&row.expected, Expected::Text(text, _) if Some(text.as_str()) == line)
}

fn difference(what: &str, expected: &Expected, line: Option<&str>) -> String {
    let shortened = |text: String| text.chars().take(600).collect::<String>();
    format!("{what}\n  CPython: {}\n  here:    {}", shortened(format!("{expected:?}")), shortened(format!("{line:?}")))
}

/// The first failures.
fn listed(wrong: &[String]) -> String {
    wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
}

/// WTF-8 with its surrogates as `\udcff`.
fn backslashreplaced(wtf8: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = wtf8;
    while !rest.is_empty() {
        let chunk = rest.utf8_chunks().next().unwrap();
        text.push_str(chunk.valid());
        rest = &rest[chunk.valid().len()..];
        if let [0xed, second, third, ..] = rest {
            let code = 0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
            text.push_str(&format!("\\u{code:04x}"));
            rest = &rest[3..];
        } else {
            assert!(rest.is_empty(), "neither UTF-8 nor a surrogate");
        }
    }
    text
}

const UTF_8: &str = "utf-8/surrogateescape";

/// Attributes that `LogRecord.__init__` takes from its process, each with the key that a frame has when it was sent.
const OF_THE_RECEIVER: [(&str, &str); 8] = [
    ("asctime", "created"),
    ("created", "created"),
    ("msecs", "msecs"),
    ("relativeCreated", "relativeCreated"),
    ("thread", "thread"),
    ("threadName", "threadName"),
    ("process", "process"),
    ("processName", "processName"),
];

const SEPARATOR: &str = "=== the next frame ===";

const VERBATIM: [&str; 2] = ["--escape", "none"];
