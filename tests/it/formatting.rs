//! The library alone over the corpus: what CPython's `Formatter` prints in UTC, `Formatter` prints.

use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::base::text::{Text, TextWriter};
use jackdaws::format::{Formatter, Style, json};

use crate::corpus::{self, Expected, Row, with_record};

#[test]
fn prints_all_stable_builtin_rows_of_utc_as_cpython() {
    let rows = corpus::rows();
    let compared = rows.iter().filter(|row| row.layout.zone == "UTC" && row.tier == 1 && !row.unstable);
    let compared: Vec<&Row> = compared.filter(|row| is_read_as_cpython_reads_it(row)).collect();
    let wrong: Vec<String> = compared.iter().filter_map(|row| difference(row)).collect();
    assert!(compared.len() > 2000, "only {} rows", compared.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), compared.len(), wrong.join("\n"));
}

/// A `str` of Python 2 is read as UTF-8, or else as Latin-1.
fn is_read_as_cpython_reads_it(row: &Row) -> bool {
    matches!(row.encoding.as_str(), "ASCII" | "utf-8" | "UTF-8")
}

fn difference(row: &Row) -> Option<String> {
    let ours = format(row);
    let (agrees, theirs) = match &row.expected {
        Expected::Text(text, _) => (ours.as_ref() == Ok(text), text.as_str()),
        Expected::FormatError => (ours.is_err(), "refused"),
        Expected::Error => (ours.is_ok(), "an error"),
    };
    let Row { case, layout, .. } = row;
    let ours = ours.map(|line| line.chars().take(300).collect::<String>());
    let theirs: String = theirs.chars().take(300).collect();
    (!agrees).then(|| format!("{case} {:?}\n  CPython: {theirs:?}\n  here:    {ours:?}", layout.format))
}

/// The row's line, lone surrogates as `\udcff`.
fn format(row: &Row) -> Result<String, String> {
    let style = match row.layout.style.as_str() {
        "%" => Style::Percent,
        "{" => Style::Brace,
        _ => Style::Dollar,
    };
    let formatter = Formatter::new(&row.layout.format, style, row.layout.datefmt.as_deref(), true);
    let mut formatter = formatter.map_err(|error| error.to_string())?;
    Ok(with_record(&corpus::frame(&row.case), |record| {
        let mut line = Vec::new();
        formatter.format(record, &mut TextWriter::new(&mut line, MAX_FRAME_BYTES));
        Text::new(&line).unwrap().to_str().into_owned()
    }))
}

#[test]
fn json_lines_are_json_at_any_limit() {
    let mut cases: Vec<String> = corpus::rows().into_iter().map(|row| row.case).collect();
    cases.dedup();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    for case in cases {
        let frame = corpus::frame(&case);
        for limit in (json::LEAST_ROOM..600).step_by(19).chain([MAX_FRAME_BYTES]) {
            let (line, cut) = with_record(&frame, |record| {
                let mut line = Vec::new();
                let mut out = TextWriter::new(&mut line, limit);
                json::write(record, &mut out);
                let cut = out.is_cut();
                (String::from_utf8(line).unwrap(), cut)
            });
            assert_eq!(cut, !line.contains("\"client_address\":\"127.0.0.1:9\""), "{case} at {limit}");
            assert!(line.len() <= limit, "{case}: {} bytes at most {limit}", line.len());
            assert!(!line.contains(|c: char| c.is_control()), "{case}: {line}");
            let parsed: Result<serde_json::Value, _> = serde_json::from_str(&with_short_integers(&line));
            assert!(parsed.is_ok_and(|value| value.is_object()), "{case} at {limit}: {line}");
        }
    }
}

/// serde_json, unlike Python and jq, refuses integers that no float can hold: here they lose digits.
fn with_short_integers(line: &str) -> String {
    let mut digits = 0;
    let short = |character: &char| {
        digits = if character.is_ascii_digit() { digits + 1 } else { 0 };
        digits < 300
    };
    line.chars().filter(short).collect()
}
