//! The corpus of `tests/data`: what CPython sends and prints, and what an enemy sends.

use std::fs;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::decode::Unpickler;
use jackdaws::record::{Defaults, LogRecord, make_log_record};
use serde_json::Value;

use crate::pythons::data;

/// A row of `good/index.jsonl`.
#[derive(Debug)]
pub struct Row {
    /// The frame's name.
    pub case: String,
    /// How Python 2 `str` was decoded.
    pub encoding: String,
    /// What it was formatted with.
    pub layout: Layout,
    /// 1: builtins; 2: the standard library's classes; 3: users' classes.
    pub tier: u64,
    /// Depends on a hash seed or an address.
    pub unstable: bool,
    /// What CPython did.
    pub expected: Expected,
}

/// How a line is laid out, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layout {
    /// `%`, `{` or `$`.
    pub style: String,
    /// The format.
    pub format: String,
    /// strftime's format, if any.
    pub datefmt: Option<String>,
    /// The time zone.
    pub zone: String,
}

impl Layout {
    /// The program's arguments for it.
    pub fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["--style", &self.style, "--format", &self.format];
        if let Some(datefmt) = &self.datefmt {
            arguments.extend(["--datefmt", datefmt]);
        }
        arguments
    }
}

/// What CPython did with a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// It raised while formatting.
    Error,
    /// It refused the format.
    FormatError,
    /// It printed this text, lone surrogates as `\udcff`; `true` if there were any.
    Text(String, bool),
}

/// A file of `hostile/`.
#[derive(Debug)]
pub struct Hostile {
    /// Family and name.
    pub name: String,
    /// All the bytes of a connection.
    pub bytes: Vec<u8>,
    /// What should become of it.
    pub want: Want,
}

/// What should become of a hostile input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// At least so many records of it are printed.
    Accept(u64),
    /// Printed or refused, at a bounded cost.
    Either,
    /// Nothing of it is printed.
    Reject,
}

/// The rows of `good/index.jsonl` that say something about a format.
pub fn rows() -> Vec<Row> {
    let index = fs::read_to_string(data("good/index.jsonl")).unwrap();
    let parsed = index.lines().map(|line| serde_json::from_str(line).unwrap());
    parsed.filter_map(|row| row_of(&row)).collect()
}

/// The frame of a case, with its length prefix.
pub fn frame(case: &str) -> Vec<u8> {
    fs::read(data(&format!("good/frames/{case}.frame"))).unwrap()
}

/// Everything of `hostile/`.
pub fn hostile() -> Vec<Hostile> {
    let index = fs::read_to_string(data("hostile/index.json")).unwrap();
    let files: Vec<Value> = serde_json::from_str(&index).unwrap();
    files.iter().map(hostile_of).collect()
}

fn row_of(row: &Value) -> Option<Row> {
    let format = string(row, "format")?;
    Some(Row {
        case: string(row, "case")?,
        encoding: string(row, "encoding")?,
        layout: Layout {
            style: string(row, "style")?,
            format,
            datefmt: string(row, "datefmt"),
            zone: string(row, "tz")?,
        },
        tier: row["tier"].as_u64()?,
        unstable: row.get("unstable").is_some(),
        expected: expected_of(row),
    })
}

fn expected_of(row: &Value) -> Expected {
    if row.get("error").is_some() {
        return Expected::Error;
    }
    if row.get("format_error").is_some() {
        return Expected::FormatError;
    }
    if let Some(parts) = row.get("expected_parts") {
        let parts: Vec<(String, usize)> = serde_json::from_value(parts.clone()).unwrap();
        let text = parts.iter().map(|(part, count)| part.repeat(*count)).collect();
        return Expected::Text(text, false);
    }
    match string(row, "expected") {
        Some(text) => Expected::Text(text, false),
        None => Expected::Text(string(row, "expected_backslashreplace").unwrap(), true),
    }
}

fn hostile_of(entry: &Value) -> Hostile {
    let file = string(entry, "file").unwrap();
    let count = entry["good_msgs"].as_u64();
    let family = string(entry, "family").unwrap();
    let want = match string(entry, "want").unwrap().as_str() {
        // What asks for a call may be shown, or refused. What is deeply nested may be shown as far as it goes.
        _ if entry["rce"] == true || family == "depth" => Want::Either,
        _ if count.is_some() => Want::Accept(count.unwrap()),
        "accept-bounded" => Want::Accept(1),
        "either" => Want::Either,
        "reject" => Want::Reject,
        other => panic!("{file}: {other}"),
    };
    Hostile { bytes: fs::read(data("hostile/files").join(&file)).unwrap(), name: file, want }
}

fn string(row: &Value, key: &str) -> Option<String> {
    row.get(key)?.as_str().map(str::to_owned)
}

/// Hands a frame's record over, with what the corpus and `oracle.py` take for keys that a frame lacks.
pub fn with_record<T>(frame: &[u8], use_record: impl FnOnce(&LogRecord<'_>) -> T) -> T {
    let defaults = Defaults {
        created: Some(1_700_000_000.25),
        start_time: 1_699_999_997.25,
        process: 4242,
        process_name: "MainProcess".to_owned(),
        thread: 1,
        thread_name: "MainThread".to_owned(),
    };
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let value = unpickler.unpickle(&frame[4..]).unwrap();
    use_record(&make_log_record(value, &defaults, "127.0.0.1:9").unwrap())
}
