//! What laying out a record costs, in memory: `cargo bench --bench format`.
//!
//! The record is one that CPython 3.13 sent, decoded once. Printed are nanoseconds a record, the median of the rounds, with what the
//! local policy adds to each line: escaping. The document's line should take less than 60.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

mod successors;

use std::hint::black_box;
use std::time::Instant;

use jackdaws::base::budget::Budget;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::format::{Formatter, JsonFormatter, Style};
use jackdaws::record::{Defaults, LogRecord, make_log_record};
use successors::successor;

fn main() {
    let defaults = Defaults::of_this_process();
    let mut unpickler = RecordUnpickler::new(Budget::new(1 << 20));
    let (_, pickle) = FRAME.split_at(4);
    // As in a stream: what it is like is known from those before.
    for nth in 1..=FRAMES_BEFORE {
        unpickler.unpickle(&successor(pickle, nth)).unwrap();
    }
    let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "127.0.0.1:9020").unwrap();
    for (name, style, format) in FORMATS {
        let mut formatter = Formatter::new(format, style, None, true).unwrap();
        bench(name, &record, |record, out| formatter.format(record, out));
    }
    let mut formatter = Formatter::new("%(asctime)s", Style::Percent, Some("%H:%M:%S"), false).unwrap();
    bench("asctime, datefmt", &record, |record, out| formatter.format(record, out));
    let mut formatter = JsonFormatter::default();
    bench("JSON", &record, |record, out| formatter.format(record, out));
}

fn bench(name: &str, record: &LogRecord<'_>, mut write: impl FnMut(&LogRecord<'_>, &mut TextWriter<'_>)) {
    let mut line = Vec::new();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..RECORDS {
                line.clear();
                record.meter().reset();
                write(black_box(record), &mut TextWriter::new(&mut line, 1 << 20));
                black_box(&line);
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(RECORDS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    let median = rounds.get(rounds.len() / 2).unwrap();
    println!("{name:20} {median:6.0} ns  {}", String::from_utf8_lossy(&line));
}

const FORMATS: [(&str, Style, &str); 6] = [
    ("the document's line", Style::Percent, "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s"),
    ("the same in {", Style::Brace, "{relativeCreated:5.0f} {name:15} {levelname:8} {message}"),
    ("the same in $", Style::Dollar, "$relativeCreated $name $levelname $message"),
    ("message", Style::Percent, "%(message)s"),
    ("asctime", Style::Percent, "%(asctime)s"),
    (
        "asctime and all",
        Style::Percent,
        "%(asctime)s %(levelname)s %(process)d %(threadName)s %(filename)s:%(lineno)d %(message)s",
    ),
];

const FRAME: &[u8] = include_bytes!("../data/good/frames/core-args--tuple--py313.frame");

const FRAMES_BEFORE: usize = 50;

const ROUNDS: usize = 15;
const RECORDS: u32 = 50_000;
