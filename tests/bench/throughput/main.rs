//! What a record costs the server, beside other servers: `cargo bench --bench throughput`.
//!
//! A real CPython makes the records; the servers take turns, so that whatever else the machine does touches all alike. Printed are
//! medians over the rounds, and ratios within a round: seconds are the machine's, ratios the program's. Every server has to
//! write every line. Arguments, after `--`: `--records N`, `--rounds N`, and the parts to run: `servers`, `latency`,
//! `connections`, `sizes`, `memory`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

mod floor;
mod load;
#[path = "../../it/pythons.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod pythons;
mod server;

use std::io::{BufRead, Write};
use std::thread;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use load::Mode;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pythons::unhexlified;
use server::{Kind, Server};

struct Options {
    records: usize,
    rounds: usize,
    parts: Vec<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, name, port_file, output] if name == "floor" => {
            return floor::serve(port_file.as_ref(), output.as_ref());
        }
        _ => {}
    }
    let options = options();
    let Some(stream) = Stream::new() else { return };
    for part in &options.parts {
        match part.as_str() {
            "servers" => servers(&stream, &options),
            "latency" => latency(&stream, &options),
            "connections" => connections(&stream, &options),
            "sizes" => sizes(&options),
            "memory" => memory(&stream),
            other => panic!("no such part: {other}"),
        }
    }
}

fn options() -> Options {
    let mut options = Options { records: 1_000_000, rounds: 5, parts: Vec::new() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next().unwrap() {
        match argument {
            Long("records") => options.records = parser.value().unwrap().parse().unwrap(),
            Long("rounds") => options.rounds = parser.value().unwrap().parse().unwrap(),
            // Cargo says so.
            Long("bench") => {}
            Value(part) => options.parts.push(part.string().unwrap()),
            other => panic!("{}", other.unexpected()),
        }
    }
    if options.parts.is_empty() {
        options.parts = ["servers", "latency", "connections", "sizes", "memory"].map(str::to_owned).into();
    }
    options
}

/// The records to send, again and again.
struct Stream {
    frames: Vec<Vec<u8>>,
    /// The same for a syslog server, each record one line.
    syslog: Vec<Vec<u8>>,
    /// Lines that all of `frames` are.
    lines: usize,
}

impl Stream {
    fn new() -> Option<Stream> {
        let mut stream = Stream { frames: Vec::new(), syslog: Vec::new(), lines: 0 };
        for (frame, line) in frames(&[])? {
            stream.lines += line.split('\n').count();
            stream.syslog.push(format!("<14>Mar 17 11:14:58 host app: {}\n", line.replace('\n', "\\n")).into_bytes());
            stream.frames.push(frame);
        }
        Some(stream)
    }

    fn messages(&self, kind: Kind) -> &[Vec<u8>] {
        if kind == Kind::Rsyslog { &self.syslog } else { &self.frames }
    }

    /// Lines that a server writes for all of `frames`.
    fn lines(&self, kind: Kind) -> usize {
        match kind {
            Kind::Document | Kind::Jackdaws => self.lines,
            Kind::Floor | Kind::Rsyslog => self.frames.len(),
        }
    }
}

/// What `frames.py` prints: frames and lines.
fn frames(arguments: &[&str]) -> Option<Vec<(Vec<u8>, String)>> {
    let python = pythons::newest()?;
    let printed = python.run("../bench/throughput/frames.py", arguments, "UTC");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let records = pythons::json_lines(&printed);
    Some(records.iter().map(|record| (unhexlified(&text(&record["frame"])), text(&record["line"]))).collect())
}

/// One run of one server.
#[derive(Clone, Copy)]
struct Run {
    /// CPU of the server, microseconds a record (which is seconds a million).
    cpu: f64,
    records_per_second: f64,
    peak_kb: f64,
}

/// Part 1: this program beside others.
fn servers(stream: &Stream, options: &Options) {
    let kinds = [Kind::Jackdaws, Kind::Document, Kind::Floor, Kind::Rsyslog];
    let kinds: Vec<Kind> = kinds.into_iter().filter(|kind| kind.is_there()).collect();
    for (connections, mode) in [(1, Mode::Blast), (8, Mode::Blast), (1, Mode::Each), (8, Mode::Each)] {
        let mut rounds = vec![Vec::new(); kinds.len()];
        for _ in 0..options.rounds {
            for (&kind, runs) in kinds.iter().zip(&mut rounds) {
                // The document's receiver takes so long that fewer records tell as much.
                let share = if kind == Kind::Document { 10 + connections } else { 1 };
                runs.push(measure(kind, stream, options.records / share, connections, mode));
            }
        }
        println!(
            "\n{connections} connection(s), {}",
            if mode == Mode::Blast { "blast" } else { "a write for each record" }
        );
        println!("{:38} {:>9} {:>7} {:>11} {:>7} {:>9}", "", "CPU s/1M", "ratio", "records/s", "ratio", "peak MB");
        for (kind, runs) in kinds.iter().zip(&rounds) {
            let ratio = |of: fn(&Run) -> f64| median(runs.iter().zip(&rounds[0]).map(|(run, ours)| of(run) / of(ours)));
            println!(
                "{:38} {:9.2} {:7.2} {:11.0} {:7.2} {:9.1}",
                kind.name(),
                median(runs.iter().map(|run| run.cpu)),
                ratio(|run| run.cpu),
                median(runs.iter().map(|run| run.records_per_second)),
                ratio(|run| run.records_per_second),
                median(runs.iter().map(|run| run.peak_kb)) / 1024.0,
            );
        }
    }
}

fn measure(kind: Kind, stream: &Stream, records: usize, connections: usize, mode: Mode) -> Run {
    let messages = stream.messages(kind);
    let cycles = records.div_ceil(messages.len() * connections);
    let server = Server::start(kind);
    let before = server.cpu_seconds();
    let took = load::send(server.port, messages, cycles, connections, mode);
    let expected = cycles * connections * stream.lines(kind);
    assert_eq!(server.wait_for_lines(expected), expected, "lines of {}", kind.name());
    let records = (cycles * connections * messages.len()) as f64;
    Run {
        cpu: (server.cpu_seconds() - before) / records * 1e6,
        records_per_second: records / took.as_secs_f64(),
        peak_kb: server.status_kb("VmHWM") as f64,
    }
}

/// Part 2: from send to visible line, one record at a time.
fn latency(stream: &Stream, options: &Options) {
    println!("\nlatency of an idle server, from send to line in a pipe");
    println!("{:38} {:>9} {:>9}", "", "median us", "99 % us");
    let kinds = [Kind::Jackdaws, Kind::Document].into_iter().filter(|kind| kind.is_there());
    let mut started: Vec<_> = kinds.map(|kind| (kind, Server::start_piped(kind), Vec::new())).collect();
    let frame = &stream.frames[0];
    let mut connections: Vec<_> = started.iter().map(|(_, (server, _), _)| load::connect(server.port)).collect();
    for _ in 0..60 * options.rounds {
        for ((_, (_, pipe), times), connection) in started.iter_mut().zip(&mut connections) {
            thread::sleep(Duration::from_millis(2));
            let start = Instant::now();
            connection.write_all(frame).unwrap();
            pipe.read_line(&mut String::new()).unwrap();
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    drop(connections);
    for (kind, _, mut times) in started {
        times.sort_by(f64::total_cmp);
        println!("{:38} {:9.0} {:9.0}", kind.name(), times[times.len() / 2], times[times.len() * 99 / 100]);
    }
}

/// Part 3: the same work from more and more connections.
fn connections(stream: &Stream, options: &Options) {
    println!("\nCPU of the server as connections grow, seconds a million records");
    println!("{:38} {:>9} {:>9} {:>9} {:>9}", "", 1, 8, 64, 512);
    let row = |name: &str, run: &dyn Fn(usize) -> f64| {
        let mut rounds = [const { Vec::new() }; 4];
        for _ in 0..options.rounds.div_ceil(2) {
            for (times, connections) in rounds.iter_mut().zip([1, 8, 64, 512]) {
                times.push(run(connections));
            }
        }
        let [a, b, c, d] = rounds.map(|times| median(times.into_iter()));
        println!("{name:38} {a:9.2} {b:9.2} {c:9.2} {d:9.2}");
    };
    row("blast", &|connections| measure(Kind::Jackdaws, stream, options.records, connections, Mode::Blast).cpu);
    for kind in [Kind::Jackdaws, Kind::Floor] {
        let name = format!("{EVEN_RATE} records/s in all, {}", kind.name().split(':').next().unwrap());
        row(&name, &|connections| {
            let server = Server::start(kind);
            let before = server.cpu_seconds();
            let records = options.records / 20;
            load::send_evenly(server.port, &stream.frames, records, connections, EVEN_RATE);
            (server.cpu_seconds() - before) / records as f64 * 1e6
        });
    }
}

/// Part 4: longer and longer records.
fn sizes(options: &Options) {
    println!("\nCPU of the server as records grow, nanoseconds a byte");
    println!("{:>10} {:>10} {:>9}", "message", "frame", "ns/byte");
    for size in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let Some(records) = frames(&["--size", &size.to_string()]) else { return };
        let frames = vec![records[0].0.clone()];
        let length = frames[0].len();
        let stream = Stream { frames, syslog: Vec::new(), lines: 1 };
        let count = (options.records * 400 / length).max(1);
        let runs = (0..options.rounds.div_ceil(2)).map(|_| measure(Kind::Jackdaws, &stream, count, 1, Mode::Blast));
        println!("{size:10} {length:10} {:9.3}", median(runs.map(|run| run.cpu * 1000.0 / length as f64)));
    }
}

/// Part 5: what an idle connection holds.
fn memory(stream: &Stream) {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let count = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(100).min(10_000);
    let server = Server::start(Kind::Jackdaws);
    let before = server.status_kb("VmRSS");
    let mut open: Vec<_> = (0..count).map(|_| load::connect(server.port)).collect();
    open.iter_mut().for_each(|connection| connection.write_all(&stream.frames[0]).unwrap());
    assert_eq!(server.wait_for_lines(count), count);
    thread::sleep(Duration::from_millis(200));
    let grown = server.status_kb("VmRSS").saturating_sub(before);
    println!("\nmemory: {count} idle connections hold {:.1} KiB each, after a record", grown as f64 / count as f64);
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Records a second, from all connections together.
const EVEN_RATE: u32 = 20_000;
