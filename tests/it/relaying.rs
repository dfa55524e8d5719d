//! What a relay hands on: no object is ever built of it, and it prints what the record would have printed.

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::format::relay::{Adds, write};
use jackdaws::format::{Formatter, Style};
use jackdaws::record::{Defaults, make_log_record};

use crate::corpus::{Expected, frame, hostile, rows, with_record};
use crate::pythons::{data, newest, pythons};

/// Shows all that a record usually has but what depends on the reader.
const FORMAT: &str =
    "%(name)s|%(levelname)s|%(levelno)s|%(pathname)s|%(lineno)s|%(funcName)s|%(threadName)s|%(message)s";

#[test]
fn a_record_prints_at_the_end_of_a_relay_what_it_prints_here() {
    let mut cases: Vec<_> = rows().into_iter().map(|row| row.case).collect();
    cases.dedup();
    assert!(cases.len() > 200, "{}", cases.len());
    for case in cases {
        let sent = frame(&case);
        let Some(relayed) = relayed(&sent[4..], 1 << 24) else { continue };
        let names = with_record_if_any(&sent, |record| {
            let names = record.attributes().filter_map(|(name, _)| Some(name.as_text()?.as_str()?.to_owned()));
            names.filter(|name| !name.contains([')', '(', '%'])).collect::<Vec<_>>()
        });
        let Some(names) = names else { continue };
        let others = ["exc_info", "args", "msg", "message", "asctime"];
        let names = names.iter().filter(|name| !others.contains(&name.as_str()));
        let format: String = names.map(|name| format!("%({name})s|")).collect();
        let formats = [FORMAT, &(format + "%(message)s")];
        for format in formats {
            let [here, there] = [&sent, &relayed].map(|frame| with_record(frame, |record| shown(format, record)));
            assert_eq!(there, here, "{case}");
        }
    }
}

#[test]
fn nothing_that_is_handed_on_builds_an_object_and_cpython_prints_it_as_here() {
    let Some(python) = newest() else { return };
    let mut frames = Vec::new();
    let mut printed = Vec::new();
    let mut add = |sent: &[u8], is_good: bool| {
        if let Some(relayed) = relayed(sent, 1 << 24) {
            printed.push(is_good.then(|| with_record(&relayed, |record| shown(FORMAT, record))));
            frames.extend(relayed);
        }
    };
    // Those that CPython prints: others it may not be able to.
    let mut cases: Vec<_> = rows()
        .into_iter()
        .filter(|row| row.tier == 1 && !row.unstable && matches!(row.expected, Expected::Text(_, false)))
        .map(|row| row.case)
        .collect();
    cases.dedup();
    for case in &cases {
        add(&frame(case)[4..], true);
    }
    for case in rows().into_iter().filter(|row| row.tier > 1).map(|row| row.case) {
        add(&frame(&case)[4..], false);
    }
    for file in hostile() {
        let mut rest = &file.bytes[..];
        while let Some((prefix, after)) = rest.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*prefix) as usize;
            let (pickle, after) = after.split_at_checked(length).unwrap_or((after, &[]));
            add(pickle, false);
            rest = after;
        }
    }
    assert!(printed.len() > 300, "{}", printed.len());
    let output = python.ask_with("relayed.py", &[FORMAT], frames);
    let answers = String::from_utf8(output).unwrap();
    let mut count = 0;
    for (answer, printed) in answers.lines().zip(&printed) {
        let (made, text): (Vec<String>, Option<String>) = serde_json::from_str(answer).unwrap();
        let made: Vec<_> = made
            .iter()
            .filter(|made| made.chars().all(|c| c.is_ascii_uppercase() || c == '_') || made.contains("asked for"))
            .collect();
        assert!(made.is_empty(), "{made:?}");
        if let (Some(printed), Some(text)) = (printed, text) {
            assert_eq!(&text, printed);
            count += 1;
        }
    }
    assert_eq!(answers.lines().count(), printed.len());
    assert!(count > 100, "{count} were printed by CPython");
}

#[test]
fn every_python_reads_what_is_handed_on() {
    // A Python 2 `str` that is no ASCII, a float that CPython's unpickler refuses, objects of the standard library, and plain data.
    let sent: [&[u8]; 4] = [
        b"}(X\x03\0\0\0msgF1e400\nX\x04\0\0\0nameX\x01\0\0\0au.",
        b"}(U\x03msgU\x02\xc3\xa9U\x04nameU\x01au.",
        b"\x80\x02}(X\x03\0\0\0msgX\x02\0\0\0%sX\x04\0\0\0argscdecimal\nDecimal\nX\x03\0\0\x001.5\x85R\x85X\x04\0\0\0nameX\x01\0\0\0au.",
        b"\x80\x02}(X\x03\0\0\0msgX\x01\0\0\0mX\x04\0\0\0nameX\x01\0\0\0au.",
    ];
    let frames: Vec<u8> = sent.iter().flat_map(|pickle| relayed(pickle, 1 << 16).unwrap()).collect();
    for python in pythons() {
        let output = python.ask_with("relayed.py", &["%(name)s %(message)s"], frames.clone());
        let expected = "[[], \"a inf\"]\n[[], \"a \\u00e9\"]\n[[], \"a 1.5\"]\n[[], \"a m\"]\n";
        assert_eq!(String::from_utf8(output).unwrap(), expected, "{:?}", python.version);
    }
    assert!(data("relayed.py").exists());
}

/// What is handed on of a pickle, with its length before it, if it is a record.
fn relayed(pickle: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(pickle).ok()?, &defaults, "127.0.0.1:9").ok()?;
    let mut frame = Vec::new();
    write(&record, Adds::Pairs, limit, &mut frame).ok()?;
    Some(frame)
}

fn with_record_if_any<T>(frame: &[u8], use_record: impl FnOnce(&jackdaws::record::LogRecord<'_>) -> T) -> Option<T> {
    relayed(&frame[4..], 1 << 24).map(|_| with_record(frame, use_record))
}

fn shown(format: &str, record: &jackdaws::record::LogRecord<'_>) -> String {
    let mut line = Vec::new();
    let mut formatter = Formatter::new(format, Style::Percent, None, true).unwrap();
    formatter.format(record, &mut TextWriter::new(&mut line, 1 << 24));
    jackdaws::base::text::Text::new(&line).unwrap().to_str().into_owned()
}
