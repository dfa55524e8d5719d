//! What the most expensive frames cost in seconds: `cargo bench --bench pressure [-- NAME]`
//!
//! In: the bombs of `tests/it/bombs.rs`, of 64 KiB, 1 MiB and 16 MiB, or those in whose name there is NAME. Each is decoded, laid out
//! and escaped as the program would. Out: for each size, the CPU that the worst ones took, in milliseconds, with the units that their
//! meter counted and the nanoseconds that one stood for.
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

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::format::escape::Escape;
use jackdaws::format::{Formatter, Style, json};
use jackdaws::record::{Defaults, make_log_record};
use nix::sys::resource::{UsageWho, getrusage};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let wanted = |name: &str| arguments.iter().all(|part| name.contains(part.as_str()));
    for (size, goal) in SIZES {
        let mut measured = Vec::new();
        bombs::each(size, |bomb| {
            // The largest ones take a while: one in five of those that are alike.
            let is_left_out = size > 1 << 20 && bomb.name.contains(" of ") && measured.len() % 5 != 0;
            if !wanted(&bomb.name) || is_left_out {
                return;
            }
            for layout in LAYOUTS {
                let (mut seconds, units, bytes) = cost(&bomb.pickle, layout);
                if seconds > goal / 4.0 {
                    seconds = (0..3).map(|_| cost(&bomb.pickle, layout).0).fold(seconds, f64::min);
                }
                measured.push((seconds, units, bytes, format!("{}, {layout}", bomb.name)));
                if seconds > 2.0 * goal {
                    break;
                }
            }
        });
        measured.sort_by(|one, other| other.0.total_cmp(&one.0));
        println!("{} bombs of {size} bytes; none may take {:.0} ms", measured.len(), goal * 1e3);
        println!("{:>9} {:>11} {:>7} {:>11}", "ms", "units", "ns/unit", "line");
        for (seconds, units, bytes, name) in measured.iter().take(SHOWN) {
            println!(
                "{:9.2} {units:11} {:7.1} {bytes:11} {name}",
                seconds * 1e3,
                seconds * 1e9 / (*units).max(1) as f64
            );
        }
    }
}

/// Seconds of CPU, units, and the length of the line.
fn cost(pickle: &[u8], layout: &str) -> (f64, usize, usize) {
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

/// The seconds that this process has run, in the system too.
fn cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()].iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum()
}

const LAYOUTS: [&str; 3] = [
    "%(asctime)s %(levelname)-8s %(x)s %(x)r %(x)5d %(message)s",
    "{asctime} {x!a:>30} {x:d} {x:.3f} {message}",
    "JSON",
];

/// Bytes of a frame, and the seconds that it may take.
const SIZES: [(usize, f64); 3] = [(64 << 10, 0.01), (1 << 20, 0.2), (16 << 20, 1.5)];

/// The worst ones of each size.
const SHOWN: usize = 40;
