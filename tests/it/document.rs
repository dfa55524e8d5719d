//! The document's promise: its client, of any Python, gives its five lines.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{EXECUTABLE, Guarded, Program, ReservedPort};
use crate::pythons::{newest, pythons};

#[test]
fn prints_the_five_lines_of_the_document_for_the_client_of_every_python() {
    for python in pythons() {
        let program = Program::start(&[]);
        let port = program.port().to_string();
        python.run("clients/document_client.py", &["127.0.0.1", &port], "UTC");
        let finished = program.stop();
        let lines = String::from_utf8(finished.stdout).unwrap();
        let rest: Vec<&str> = lines.lines().map(after_relative_created).collect();
        assert_eq!(rest, LINES, "{:?}: {}", python.version, finished.stderr);
        assert!(finished.status.success(), "{:?}", finished.status);
    }
}

#[test]
fn prints_every_record_of_many_connections_in_the_order_of_each() {
    for python in pythons() {
        for mode in ["each", "blast"] {
            let program = Program::start(&["--format", "%(message)s"]);
            let port = program.port().to_string();
            let flood = ["127.0.0.1", &port, "--records", "200", "--connections", "4", "--mode", mode];
            python.run("clients/flood_client.py", &flood, "UTC");
            let finished = program.stop();
            let lines = String::from_utf8(finished.stdout).unwrap();
            for connection in 0..4 {
                let tail = format!(" of connection {connection}");
                let numbers: Vec<&str> = lines.lines().filter_map(|line| line.strip_suffix(&tail)).collect();
                let sent: Vec<String> = (0..200).map(|number| format!("record {number}")).collect();
                assert_eq!(numbers, sent, "{:?} {mode}: {}", python.version, finished.stderr);
            }
            assert_eq!(lines.lines().count(), 800);
        }
    }
}

#[test]
fn the_document_written_in_rust_prints_the_five_lines_too() {
    let Some(python) = newest() else { return };
    let built = Command::new(env!("CARGO")).args(["build", "--locked", "--quiet", "--example", "document"]).status();
    assert!(built.unwrap().success());
    // It has the document's fixed port, or another one that is free.
    let reserved = ReservedPort::new();
    let port = reserved.number().to_string();
    let mut command = Command::new(Path::new(EXECUTABLE).with_file_name("examples").join("document"));
    let mut receiver = Guarded(command.arg(&port).stdout(Stdio::piped()).spawn().unwrap());
    let mut stdout = BufReader::new(receiver.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(stdout.next().unwrap(), "About to start TCP server...");
    python.run("clients/document_client.py", &["localhost", &port], "UTC");
    let lines: Vec<String> = stdout.by_ref().take(LINES.len()).collect();
    assert_eq!(lines.iter().map(|line| after_relative_created(line)).collect::<Vec<_>>(), LINES);
    kill(Pid::from_raw(i32::try_from(receiver.0.id()).unwrap()), Signal::SIGINT).unwrap();
    assert!(receiver.wait().success());
}

/// What follows `%(relativeCreated)5d `, the one part that varies.
fn after_relative_created(line: &str) -> &str {
    let unpadded = line.trim_start_matches(' ');
    let (number, rest) = unpadded.split_once(' ').expect(line);
    assert!(!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
    let padding = line.len() - unpadded.len();
    assert_eq!(padding, 5_usize.saturating_sub(number.len()), "{line}");
    rest
}

const LINES: [&str; 5] = [
    "root            INFO     Jackdaws love my big sphinx of quartz.",
    "myapp.area1     DEBUG    Quick zephyrs blow, daft Jim.",
    "myapp.area1     INFO     How quickly daft jumping zebras vex.",
    "myapp.area2     WARNING  Jail zesty vixen who grabbed pay from quack.",
    "myapp.area2     ERROR    The five boxing wizards jump quickly.",
];
