//! How long a record takes to decode: here, with a record made of it, and by serde-pickle. `cargo bench --bench decode`
//!
//! In: recorded frames, hot in memory. As in a stream, no frame is like the one before: its times differ, and its message is of
//! another length. Out: a table of nanoseconds for each frame, medians over rounds in which the three take turns, so that a
//! noisy machine disturbs them alike, and how many times as long serde-pickle takes. Without `--bench`, as under `cargo test
//! --all-targets`, each is called a few times and nothing is printed.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

mod successors;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::decode::Unpickler;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::record::{Defaults, make_log_record};
use serde_pickle::DeOptions;
use successors::successor;

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (rounds, turn) = if is_bench { (ROUNDS, TURN_NANOSECONDS) } else { (1, 0.0) };
    let results: Vec<_> = FRAMES.iter().map(|(case, what)| (what, Measured::of(case, rounds, turn))).collect();
    if is_bench {
        println!("nanoseconds a record, medians over {rounds} alternating rounds");
        println!(
            "{:<25} {:>6} {:>9} {:>9} {:>13} {:>6}",
            "frame", "bytes", "unpickle", "+ record", "serde-pickle", "ratio"
        );
        for (what, Measured { bytes, nanoseconds: [unpickle, record, serde], ratio }) in results {
            println!("{what:<25} {bytes:>6} {unpickle:>9.0} {record:>9.0} {serde:>13.0} {ratio:>6.1}");
        }
    }
}

struct Measured {
    bytes: usize,
    /// Of unpickling, of that and making a record, of serde-pickle.
    nanoseconds: [f64; 3],
    /// How many times as long as unpickling here serde-pickle takes.
    ratio: f64,
}

impl Measured {
    fn of(case: &str, rounds: usize, turn: f64) -> Measured {
        let frames = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/good/frames");
        let frame = fs::read(frames.join(case).with_extension("frame")).unwrap();
        let pickle = &frame[4..];
        let successors: Vec<_> = (0..SUCCESSORS).map(|nth| successor(pickle, nth)).collect();
        let [mut for_alone, mut for_record, mut for_serde] =
            [(); 3].map(|()| successors.iter().map(Vec::as_slice).cycle());
        let budget = || Budget::new(MAX_IN_FLIGHT_BYTES);
        let (mut alone, mut with_record) = (Unpickler::new(budget()), RecordUnpickler::new(budget()));
        let defaults = Defaults::of_this_process();
        let options = DeOptions::new().decode_strings().replace_unresolved_globals().replace_recursive_structures();
        let mut unpickle = || {
            black_box(alone.unpickle(black_box(for_alone.next().unwrap())).unwrap());
        };
        let mut record = || {
            let value = with_record.unpickle(black_box(for_record.next().unwrap())).unwrap();
            black_box(make_log_record(value, &defaults, "127.0.0.1:50312").unwrap());
        };
        let mut serde = || {
            black_box(serde_pickle::value_from_slice(black_box(for_serde.next().unwrap()), options.clone()).unwrap());
        };
        let contenders: [&mut dyn FnMut(); 3] = [&mut unpickle, &mut record, &mut serde];
        let nanoseconds = take_turns(contenders, rounds, turn);
        let [ours, _, theirs] = &nanoseconds;
        let ratio = median(theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect());
        Measured { bytes: pickle.len(), nanoseconds: nanoseconds.map(median), ratio }
    }
}

/// Nanoseconds a call, of each contender in each round. All have turns of the same length, so that none is interrupted more
/// often than another.
fn take_turns(mut contenders: [&mut dyn FnMut(); 3], rounds: usize, turn: f64) -> [Vec<f64>; 3] {
    let calls = contenders.each_mut().map(|call| {
        let warm = (0..WARM_CALLS).map(|_| time(1, call)).fold(f64::INFINITY, f64::min);
        (turn / warm).max(1.0) as u32
    });
    let mut measured = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for ((call, calls), measured) in contenders.iter_mut().zip(calls).zip(&mut measured) {
            measured.push(time(calls, call));
        }
    }
    measured
}

/// Nanoseconds for one of `calls` calls.
fn time(calls: u32, call: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Recorded frames, and what they are.
const FRAMES: &[(&str, &str)] = &[
    ("core-live--live--py313", "flat record, Python 3.13"),
    ("core-live--live--py27", "flat record, Python 2.7"),
    ("proto--p4--py313", "protocol 4, nested extra"),
    ("proto--p0--py313", "protocol 0, nested extra"),
    ("fmt-percent--rich--py313", "many extras"),
    ("exc-recursion--r--py313", "traceback"),
    ("ext-dict--nested--py313", "nested dicts"),
];

const SUCCESSORS: usize = 61;

const ROUNDS: usize = 301;

/// Half a millisecond: shorter than what a scheduler gives a process at a time.
const TURN_NANOSECONDS: f64 = 500_000.0;

const WARM_CALLS: usize = 100;
