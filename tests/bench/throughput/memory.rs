//! What decoding and laying out take in memory, in one thread: with the floor's cost the least that a receiver can cost which does
//! them as this one does.

use std::hint::black_box;
use std::time::Instant;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::format::{Formatter, JsonFormatter, Style};
use jackdaws::record::{Defaults, LogRecord, make_log_record};

/// Microseconds a record: to decode these frames, and to lay out then a line as the document's format has it, or JSON.
pub fn microseconds(frames: &[Vec<u8>]) -> [f64; 3] {
    let mut text = Formatter::new(super::FORMAT, Style::Percent, None, false).unwrap();
    let mut json = JsonFormatter::default();
    let decoded = time(frames, |_, _| {});
    let [text, json] =
        [time(frames, |record, out| text.format(record, out)), time(frames, |record, out| json.format(record, out))];
    [decoded, text - decoded, json - decoded]
}

/// How long a record's line is as JSON, on average.
pub fn json_bytes(frames: &[Vec<u8>]) -> usize {
    let (mut json, mut bytes) = (JsonFormatter::default(), 0);
    pass(frames, 1, |record, out| json.format(record, out), |line| bytes += line.len() + 1);
    bytes.div_ceil(frames.len())
}

fn time(frames: &[Vec<u8>], mut lay_out: impl FnMut(&LogRecord<'_>, &mut TextWriter<'_>)) -> f64 {
    let times = RECORDS.div_ceil(frames.len());
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        pass(frames, times, &mut lay_out, |line| {
            black_box(line);
        });
        start.elapsed().as_secs_f64() * 1e6 / (times * frames.len()) as f64
    });
    super::median(rounds)
}

/// Decodes all frames, so many times, and lays each out.
fn pass(
    frames: &[Vec<u8>],
    times: usize,
    mut lay_out: impl FnMut(&LogRecord<'_>, &mut TextWriter<'_>),
    mut see: impl FnMut(&[u8]),
) {
    let defaults = Defaults::of_this_process();
    let mut unpickler = RecordUnpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let mut line = Vec::new();
    for frame in std::iter::repeat_n(frames, times).flatten() {
        let unpickled = unpickler.unpickle(black_box(&frame[4..])).unwrap();
        let record = make_log_record(unpickled, &defaults, "127.0.0.1:50312").unwrap();
        line.clear();
        lay_out(&record, &mut TextWriter::new(&mut line, 1 << 20));
        see(&line);
    }
}

const ROUNDS: usize = 15;
const RECORDS: usize = 20_000;
