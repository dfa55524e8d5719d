//! What the most expensive frames cost in seconds: `cargo bench --bench pressure [-- NAME]`
//!
//! In: the bombs of `tests/it/bombs.rs`, all of 64 KiB, the worst 200 of them of 1 MiB and the worst 20 of those of 16 MiB; or of each
//! size those in whose name there is NAME. Each is decoded, laid out and escaped as the program would, and so for a policy of many handlers. Out: for each size, the CPU that
//! the worst ones took, in milliseconds, with the units that their meter counted and the nanoseconds that one stood for. Takes two minutes.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

#[path = "../it/bombs.rs"]
mod bombs;
#[allow(dead_code, reason = "the bombs need a few of them")]
#[path = "../it/frames.rs"]
mod frames;
#[path = "../it/policies.rs"]
mod policies;

use std::collections::HashSet;
use std::time::Duration;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::format::escape::Escape;
use jackdaws::format::{Formatter, Style, json};
use jackdaws::policy::PolicyHandler;
use jackdaws::policy::handler::LogRecordHandler as _;
use jackdaws::record::{Defaults, make_log_record};
use jackdaws::write::Output;
use nix::sys::resource::{UsageWho, getrusage};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // Of the larger sizes, which take a while: those that cost most for their length where they were smaller.
    let mut worst: Option<HashSet<String>> = None;
    let mut many = Many::new();
    for (size, goal, kept) in SIZES {
        let mut measured = Vec::new();
        let is_wanted = |name: &str| {
            let is_asked_for = arguments.iter().all(|part| name.contains(part.as_str()));
            is_asked_for && (!arguments.is_empty() || worst.as_ref().is_none_or(|worst| worst.contains(name)))
        };
        bombs::each(size, is_wanted, |bomb| {
            // What the message applies, every layout prints.
            for layout in if bomb.name.starts_with('%') { &LAYOUTS[..2] } else { &LAYOUTS } {
                let (mut seconds, units, bytes) = cost(&bomb.pickle, layout, &mut many);
                if seconds > goal / 2.0 {
                    seconds = (0..2).map(|_| cost(&bomb.pickle, layout, &mut many).0).fold(seconds, f64::min);
                }
                measured.push((seconds, units, bytes, bomb.name.clone(), layout));
            }
        });
        measured.sort_by(|one, other| other.0.total_cmp(&one.0));
        println!("{} bombs of {size} bytes; none may take {:.0} ms", measured.len(), goal * 1e3);
        println!("{:>9} {:>11} {:>7} {:>11}", "ms", "units", "ns/unit", "line");
        for (seconds, units, bytes, name, layout) in measured.iter().take(SHOWN) {
            let nanoseconds = seconds * 1e9 / (*units).max(1) as f64;
            println!("{:9.2} {units:11} {nanoseconds:7.1} {bytes:11} {name}, {layout}", seconds * 1e3);
        }
        worst = Some(measured.into_iter().map(|(.., name, _)| name).take(kept).collect());
    }
}

/// Seconds of CPU, units, and the length of the line.
fn cost(pickle: &[u8], layout: &str, many: &mut Many) -> (f64, usize, usize) {
    if layout == MANY {
        return many.cost(pickle);
    }
    let style = if layout.contains('{') { Style::Brace } else { Style::Percent };
    let mut formatter = Formatter::new(if layout == "JSON" { "" } else { layout }, style, None, true).unwrap();
    let defaults = Defaults::of_this_process();
    let mut unpickler = Unpickler::new(Budget::new(512 << 20));
    let mut line = Vec::new();
    let began = cpu();
    if let Ok(value) = unpickler.unpickle(pickle) {
        if let Ok(record) = make_log_record(value, &defaults, "192.0.2.1:9020") {
            let limit = record.max_line_bytes().min(MAX_FRAME_BYTES);
            let mut out = TextWriter::new(&mut line, limit);
            if layout == "JSON" {
                json::write(&record, &mut out);
            } else {
                formatter.format(&record, &mut out);
                Escape::All.finish(&mut line, 0, &[], limit);
            }
        }
    }
    (cpu() - began, unpickler.meter().used(), line.len())
}

/// A policy, whose handlers' threads have begun and whose layouts are made: what it takes for a record is that record's cost.
struct Many {
    handler: PolicyHandler,
    outputs: Vec<Output>,
}

impl Many {
    fn new() -> Many {
        let (policy, outputs) = policies::of_handlers(HANDLERS, false);
        let mut many = Many { handler: PolicyHandler::new(&policy), outputs };
        many.cost(&frames::dict(&[]));
        many
    }

    /// Seconds of CPU, of the writers too, units, and the bytes that all its handlers write.
    fn cost(&mut self, pickle: &[u8]) -> (f64, usize, usize) {
        let mut unpickler = RecordUnpickler::new(Budget::new(512 << 20));
        let defaults = Defaults::of_this_process();
        let (began, before) = (cpu(), self.written());
        if let Ok(value) = unpickler.unpickle(pickle) {
            if let Ok(record) = make_log_record(value, &defaults, "192.0.2.1:9020") {
                self.handler.handle_log_record(&record);
            }
        }
        self.handler.flush();
        while self.outputs.iter().any(|output| output.totals().waiting > 0) {
            std::thread::sleep(Duration::from_millis(1));
        }
        (cpu() - began, unpickler.meter().used(), usize::try_from(self.written() - before).unwrap())
    }

    fn written(&self) -> u64 {
        self.outputs.iter().map(|output| output.totals().bytes).sum()
    }
}

/// The seconds that this process has run, in the system too.
fn cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()].iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum()
}

const LAYOUTS: [&str; 4] = [
    MANY,
    "%(asctime)s %(levelname)-8s %(x)s %(x)r %(x)5d %(message)s",
    "{asctime} {x!a:>30} {x:d} {x:.3f} {message}",
    "JSON",
];

/// A policy.
const MANY: &str = "many handlers";
const HANDLERS: usize = 24;

/// Bytes of a frame, the seconds that it may take, and how many of the worst are tried with more.
const SIZES: [(usize, f64, usize); 3] = [(64 << 10, 0.01, 200), (1 << 20, 0.2, 20), (16 << 20, 1.5, 0)];

/// The worst ones of each size.
const SHOWN: usize = 30;
