//! What a record costs the server, beside other servers: `cargo bench --bench throughput`.
//!
//! A real CPython makes the records; the servers take turns, so that whatever else the machine does touches all alike. Printed are
//! medians over the rounds, and ratios within a round: seconds are the machine's, ratios the program's. Every server has to
//! write every line. Arguments, after `--`: `--records N`, `--rounds N`, and the parts to run: `servers`, `kinds`,
//! `ways`, `latency`, `connections`, `sizes`, `memory`.
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
mod memory;
#[path = "../../it/pythons.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod pythons;
mod server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use load::Mode;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pythons::{Python, unhexlified};
use server::{Kind, Server, Way};

struct Options {
    records: usize,
    rounds: usize,
    parts: Vec<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, name, line_bytes, port_file, output] if name == "floor" => {
            return floor::serve(line_bytes.parse().unwrap(), port_file.as_ref(), output.as_ref());
        }
        _ => {}
    }
    let options = options();
    let Some(stream) = Stream::new() else { return };
    for part in &options.parts {
        match part.as_str() {
            "servers" => servers(&stream, &options),
            "kinds" => kinds(&options),
            "ways" => ways(&stream, &options),
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
        options.parts =
            ["servers", "kinds", "ways", "latency", "connections", "sizes", "memory"].map(str::to_owned).into();
    }
    options
}

/// The records to send, again and again.
struct Stream {
    frames: Vec<Vec<u8>>,
    /// The same for a syslog server, each record one line.
    syslog: Vec<Vec<u8>>,
    /// Lines that all of `frames` are, and their bytes.
    lines: usize,
    line_bytes: usize,
}

impl Stream {
    fn new() -> Option<Stream> {
        Some(Stream::of(frames(&pythons::newest()?, &[])))
    }

    fn of(records: Vec<(Vec<u8>, String)>) -> Stream {
        let mut stream = Stream { frames: Vec::new(), syslog: Vec::new(), lines: 0, line_bytes: 0 };
        for (frame, line) in records {
            stream.lines += line.split('\n').count();
            stream.line_bytes += line.len() + 1;
            stream.syslog.push(format!("<14>Mar 17 11:14:58 host app: {}\n", line.replace('\n', "\\n")).into_bytes());
            stream.frames.push(frame);
        }
        stream
    }

    /// The floor that writes as many bytes as a receiver of these does.
    fn floor(&self) -> Kind {
        Kind::Floor(self.line_bytes.div_ceil(self.frames.len()))
    }

    fn messages(&self, kind: Kind) -> &[Vec<u8>] {
        if kind == Kind::Rsyslog { &self.syslog } else { &self.frames }
    }

    /// Lines that a server writes for all of `frames`.
    fn lines(&self, kind: Kind) -> usize {
        match kind {
            Kind::Floor(_) | Kind::Jackdaws(Way::Json) | Kind::Rsyslog => self.frames.len(),
            Kind::Document | Kind::Jackdaws(_) => self.lines,
        }
    }
}

/// What `frames.py` prints: frames and lines.
fn frames(python: &Python, arguments: &[&str]) -> Vec<(Vec<u8>, String)> {
    let printed = python.run("../bench/throughput/frames.py", arguments, "UTC");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let records = pythons::json_lines(&printed);
    records.iter().map(|record| (unhexlified(&text(&record["frame"])), text(&record["line"]))).collect()
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
    let kinds = [TEXT, Kind::Document, stream.floor(), Kind::Rsyslog];
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

/// CPU of the server a record, in microseconds, at an even rate, once as many as were sent have arrived where they are waited for.
fn even_cpu(kind: Kind, stream: &Stream, options: &Options, even: Even, wait_for: &dyn Fn(usize)) -> f64 {
    let server = Server::start(kind);
    let before = server.cpu_seconds();
    let records = options.records / 20 / (EVEN_RATE / even.per_second) as usize;
    load::send_evenly(server.port, &stream.frames, records, even.connections, even.per_second);
    wait_for(records);
    (server.cpu_seconds() - before) / records as f64 * 1e6
}

/// Part 2: records of one kind, from one connection.
fn kinds(options: &Options) {
    let Some(newest) = pythons::newest() else { return };
    let two = pythons::pythons().into_iter().find(|python| python.version == (2, 7));
    let mut senders: Vec<(String, &Python, &str)> =
        KINDS.iter().map(|&(kind, name)| (name.to_owned(), &newest, kind)).collect();
    senders.extend(two.iter().map(|python| ("plain, Python 2.7".to_owned(), python, "plain")));
    println!(
        "\nCPU of the server by kind of record, one connection, blast; the floor's, and that of decoding and laying out in memory"
    );
    println!(
        "{:32} {:>7} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9}",
        "", "bytes", "us", "a byte", "floor", "decode", "format", "JSON", "CPython"
    );
    let mut streams: Vec<(String, Stream, Vec<[f64; 3]>)> = Vec::new();
    for (name, python, kind) in senders {
        streams.push((name, Stream::of(frames(python, &["--kind", kind])), Vec::new()));
    }
    for _ in 0..options.rounds {
        for (_, stream, runs) in &mut streams {
            // Of long records, fewer.
            let bytes: usize = stream.frames.iter().map(Vec::len).sum();
            let records = (options.records * 600 * stream.frames.len() / bytes).min(options.records);
            let run = |kind, share| measure(kind, stream, records / share, 1, Mode::Blast).cpu;
            runs.push([run(TEXT, 1), run(Kind::Document, 20), run(stream.floor(), 1)]);
        }
    }
    let mean = |stream: &Stream| stream.frames.iter().map(Vec::len).sum::<usize>() as f64 / stream.frames.len() as f64;
    let plain: Vec<f64> = streams[0].2.iter().map(|[ours, ..]| ours / mean(&streams[0].1)).collect();
    for (name, stream, runs) in &streams {
        let bytes = mean(stream);
        let [decode, format, json] = memory::microseconds(&stream.frames);
        println!(
            "{name:32} {bytes:7.0} {:9.2} {:7.2} {:7.2} {decode:7.2} {format:7.2} {json:7.2} {:9.1}",
            median(runs.iter().map(|[ours, ..]| *ours)),
            median(runs.iter().zip(&plain).map(|([ours, ..], plain)| ours / bytes / plain)),
            median(runs.iter().map(|[.., floor]| *floor)),
            median(runs.iter().map(|[ours, document, _]| document / ours)),
        );
    }
}

/// Part 3: what else may be done with a record.
fn ways(stream: &Stream, options: &Options) {
    println!("\nCPU of the server by what it does with a record, one connection");
    println!("{:38} {:>9} {:>7}", "blast", "us", "ratio");
    let [config, five, json] = [Way::Config(1), Way::Config(5), Way::Json].map(Kind::Jackdaws);
    let json_floor = Kind::Floor(memory::json_bytes(&stream.frames));
    compare(&[TEXT, config, five, json, stream.floor(), json_floor], options, |kind| {
        measure(kind, stream, options.records, 1, Mode::Blast).cpu
    });
    // More than the far end takes is lost to it, so this is no blast.
    println!("{:38} {:>9} {:>7}", format!("{EVEN_RATE} records/s"), "us", "ratio");
    let far_end = FarEnd::start();
    compare(&[TEXT, Kind::Jackdaws(Way::Syslog(far_end.address))], options, |kind| {
        let messages = far_end.messages.load(Ordering::Relaxed);
        even_cpu(kind, stream, options, Even { per_second: EVEN_RATE, connections: 1 }, &|records| {
            if kind != TEXT {
                let arrived = || far_end.messages.load(Ordering::Relaxed) - messages;
                let patience = Instant::now() + Duration::from_secs(10);
                while arrived() < records && Instant::now() < patience {
                    thread::sleep(Duration::from_millis(5));
                }
                assert_eq!(arrived(), records, "syslog messages");
            }
        })
    });
}

/// Prints what each costs, and how many times the first.
fn compare(kinds: &[Kind], options: &Options, run: impl Fn(Kind) -> f64) {
    let mut rounds = vec![Vec::new(); kinds.len()];
    for _ in 0..options.rounds {
        for (kind, runs) in kinds.iter().zip(&mut rounds) {
            runs.push(run(*kind));
        }
    }
    for (kind, runs) in kinds.iter().zip(&rounds) {
        let ratio = median(runs.iter().zip(&rounds[0]).map(|(run, first)| run / first));
        println!("{:38} {:9.2} {ratio:7.2}", kind.name(), median(runs.iter().copied()));
    }
}

/// Counts the syslog messages that it is sent, octet-counted as RFC 6587 has them, and throws them away.
struct FarEnd {
    address: SocketAddr,
    messages: Arc<AtomicUsize>,
}

impl FarEnd {
    fn start() -> FarEnd {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let messages = Arc::new(AtomicUsize::new(0));
        let counted = messages.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = BufReader::new(connection.unwrap());
                let mut length = Vec::new();
                while connection.read_until(b' ', &mut length).unwrap() > 0 {
                    let digits = std::str::from_utf8(&length).unwrap().trim();
                    let mut message = Read::take(&mut connection, digits.parse().unwrap());
                    std::io::copy(&mut message, &mut std::io::sink()).unwrap();
                    length.clear();
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        FarEnd { address, messages }
    }
}

/// Part 4: one record at a time: from send to visible line, and what that costs.
fn latency(stream: &Stream, options: &Options) {
    println!("\nlatency of an idle server, from send to line in a pipe");
    println!("{:38} {:>9} {:>9}", "", "median us", "99 % us");
    let kinds = [TEXT, stream.floor(), Kind::Document].into_iter().filter(|kind| kind.is_there());
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
    println!("\n{:38} {:>9}", format!("{SLOW_RATE} records/s, one connection"), "CPU us");
    let mut rounds = [TEXT, stream.floor()].map(|kind| (kind, Vec::new()));
    for _ in 0..options.rounds {
        for (kind, runs) in &mut rounds {
            runs.push(even_cpu(*kind, stream, options, Even { per_second: SLOW_RATE, connections: 1 }, &|_| {}));
        }
    }
    for (kind, runs) in rounds {
        println!("{:38} {:9.1}", kind.name(), median(runs.into_iter()));
    }
}

/// Part 5: the same work from more and more connections.
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
    row("blast", &|connections| measure(TEXT, stream, options.records, connections, Mode::Blast).cpu);
    for kind in [TEXT, stream.floor()] {
        let name = format!("{EVEN_RATE} records/s in all, {}", kind.name().split(':').next().unwrap());
        row(&name, &|connections| {
            even_cpu(kind, stream, options, Even { per_second: EVEN_RATE, connections }, &|_| {})
        });
    }
}

/// Part 6: longer and longer records.
fn sizes(options: &Options) {
    println!("\nCPU of the server as records grow, nanoseconds a byte");
    println!("{:>10} {:>10} {:>9}", "message", "frame", "ns/byte");
    for size in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let Some(python) = pythons::newest() else { return };
        let stream = Stream::of(frames(&python, &["--size", &size.to_string()]));
        let length = stream.frames[0].len();
        let count = (options.records * 400 / length).max(1);
        let runs = (0..options.rounds.div_ceil(2)).map(|_| measure(TEXT, &stream, count, 1, Mode::Blast));
        println!("{size:10} {length:10} {:9.3}", median(runs.map(|run| run.cpu * 1000.0 / length as f64)));
    }
}

/// Part 7: what an idle connection holds.
fn memory(stream: &Stream) {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let count = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(100).min(10_000);
    let server = Server::start(TEXT);
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
const SLOW_RATE: u32 = 1000;

/// A write a record, so many a second, from so many connections in turn.
#[derive(Clone, Copy)]
struct Even {
    per_second: u32,
    connections: usize,
}

const TEXT: Kind = Kind::Jackdaws(Way::Text);

/// The document's.
const FORMAT: &str = "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s";

/// What `frames.py` knows, and what it is called; the first is what the others are compared with.
const KINDS: [(&str, &str); 11] = [
    ("plain", "plain, one place"),
    ("document", "the document's five"),
    ("places", "40 places at random"),
    ("threads", "8 threads in turn"),
    ("web", "a dict and a list in extra"),
    ("moments", "a datetime and a UUID in extra"),
    ("keys", "25 keys, as structlog's"),
    ("tracebacks", "tracebacks of 12 lines"),
    ("long", "messages of 10 kB"),
    ("protocol 4", "plain, protocol 4"),
    ("protocol 5", "plain, protocol 5"),
];
