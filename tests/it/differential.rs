//! Random formats and values: the library prints what CPython's Formatter prints.
//!
//! `tests/data/random_formats.py` makes the pairs, and says what its Python gives. A format that Python refuses is refused
//! here; a record that Python fails to format is printed here all the same, as what is left to this project;
//! everything else is equal byte for byte. Seeded: the same Python makes the same pairs.

use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::format::{Formatter, Style};
use serde_json::Value;

use crate::corpus::with_record;
use crate::pythons::{json_lines, newest, unhexlified};

#[test]
fn agrees_with_cpython_on_ten_thousand_random_formats_and_values() {
    let Some(oracle) = newest() else { return };
    let pairs = oracle.run("random_formats.py", &["--count", "10000", "--seed", SEED], "UTC");
    let pairs = json_lines(&pairs);
    assert_eq!(pairs.len(), 10_000);
    let printed = pairs.iter().filter(|pair| pair.get("text").is_some()).count();
    assert!(printed > 7_500, "only {printed} pairs have a text");
    let wrong: Vec<String> = pairs.iter().filter_map(disagreement).collect();
    let listed = wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} differ:\n{listed}", wrong.len());
}

/// What differs, if anything does.
fn disagreement(pair: &Value) -> Option<String> {
    let string = |key: &str| pair.get(key).and_then(Value::as_str);
    let (style, format) = (string("style").unwrap(), string("format").unwrap());
    let frame = unhexlified(string("frame").unwrap());
    let ours = format_with_us(&frame, style, format, None);
    let agrees = match (string("text"), string("wtf8"), string("format_error")) {
        (Some(text), _, _) => ours.as_deref() == Ok(text.as_bytes()),
        (_, Some(hex), _) => ours.as_ref() == Ok(&unhexlified(hex)),
        (_, _, Some(_)) => ours.is_err(),
        // CPython loses the record here.
        _ => ours.is_ok(),
    };
    let shown = ours.map(|line| String::from_utf8_lossy(&line).into_owned());
    let theirs = ["text", "wtf8", "error", "format_error"].map(string);
    (!agrees).then(|| format!("{style} {format:?}\n  CPython: {theirs:?}\n  here:    {shown:?}"))
}

/// The line of a frame (with its length prefix) as WTF-8, times in UTC; or why the format is refused.
fn format_with_us(frame: &[u8], style: &str, format: &str, datefmt: Option<&str>) -> Result<Vec<u8>, String> {
    let style = match style {
        "%" => Style::Percent,
        "{" => Style::Brace,
        _ => Style::Dollar,
    };
    let formatter = Formatter::new(format, style, datefmt, true);
    let mut formatter = formatter.map_err(|error| error.to_string())?;
    let mut line = Vec::new();
    with_record(frame, |record| formatter.format(record, &mut TextWriter::new(&mut line, MAX_FRAME_BYTES)));
    Ok(line)
}

const SEED: &str = "1";
