//! Many connections: all are served in turn, and idle ones cost little.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{setsockopt, sockopt};

use crate::frames::record;
use crate::program::{Launch, Program, say_skipped, wait_until};
use crate::pythons::newest;

#[test]
fn sixty_four_file_descriptors_serve_a_thousand_python_handlers_in_turn() {
    let Some(python) = newest() else { return };
    let program = Launch::new(&MESSAGES).after("ulimit -n 64").start();
    python.run("clients/crowd_client.py", &["127.0.0.1", &program.port().to_string(), "1000"], "UTC");
    let finished = program.stop();
    finished.expect_status(0);
    expect_everyone(finished.text(), 1000);
    assert_eq!(finished.stderr.matches(" at once, for want of file descriptors").count(), 1, "{}", finished.stderr);
    // Not at all, where those who leave are faster than those who come.
    assert!(finished.stderr.matches("more have to wait").count() <= 1, "said once: {}", finished.stderr);
    assert!(finished.totals().contains("from 1000 connections, 0 rejected, 0 lost"), "{}", finished.stderr);
}

#[test]
fn more_than_the_allowed_connections_wait_and_lose_nothing() {
    let program = Program::start(&[&MESSAGES[..], &["--max-connections", "3"]].concat());
    let clients: Vec<TcpStream> = (0..50)
        .map(|index| {
            let mut client = program.connect();
            client.write_all(&record(&format!("client {index}"))).unwrap();
            client
        })
        .collect();
    program.take_diagnostics_through("3 connections at once: more have to wait\n");
    drop(clients);
    let finished = program.stop();
    finished.expect_status(0);
    expect_everyone(finished.text(), 50);
    assert!(!finished.stderr.contains("have to wait"), "said once: {}", finished.stderr);
}

#[test]
fn a_thread_that_is_done_serves_who_waits() {
    let program = Program::start(&[&MESSAGES[..], &["--max-connections", "1"]].concat());
    let mut first = program.connect();
    first.write_all(&record("first")).unwrap();
    program.take_output_through(b"first\n");
    let mut second = program.connect();
    second.write_all(&record("second")).unwrap();
    program.take_diagnostics_through("1 connection at once: more have to wait\n");
    let threads = || {
        let all = fs::read_dir(format!("/proc/{}/task", program.id())).unwrap();
        all.map(|thread| thread.unwrap().file_name()).collect::<BTreeSet<_>>()
    };
    let before = threads();
    drop(first);
    program.take_output_through(b"second\n");
    assert_eq!(threads(), before);
    drop(second);
    program.stop().expect_status(0);
}

#[test]
fn peers_that_vanish_inside_a_record_cost_that_record_only() {
    let program = Program::start(&MESSAGES);
    let frame = record("cut");
    for index in 0..300 {
        let mut client = program.connect();
        client.write_all(&record("whole")).unwrap();
        client.write_all(&frame[..1 + index % (frame.len() - 1)]).unwrap();
        program.take_output_through(b"whole\n");
        if index % 2 == 0 {
            reset(client);
        }
    }
    let mut client = program.connect();
    for byte in record("byte by byte") {
        client.write_all(&[byte]).unwrap();
    }
    program.take_output_through(b"byte by byte\n");
    drop(client);
    wait_until("all threads have ended", || threads(&program) <= IDLE_THREADS);
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains("from 301 connections, 300 rejected (300 cut short)"), "{}", finished.stderr);
    assert_eq!(finished.text(), "");
}

#[test]
fn ten_thousand_idle_connections_hold_little_memory_each() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    if hard < u64::try_from(2 * IDLE).unwrap() || soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err()
    {
        return say_skipped("too few file descriptors for ten thousand connections");
    }
    let program = Program::start(&["--format", "%(message)s", "--max-connections", "20000"]);
    let connect = |count: usize| -> Vec<TcpStream> {
        let mut clients: Vec<TcpStream> = (0..count).map(|_| program.connect()).collect();
        for client in &mut clients {
            client.write_all(&record("then idle")).unwrap();
        }
        for _ in 0..count {
            program.take_output_through(b"then idle\n");
        }
        clients
    };
    let few = connect(100);
    let before = resident_kibibytes(&program);
    let many = connect(IDLE);
    if threads(&program) < IDLE {
        return say_skipped("this system allows too few threads for ten thousand connections");
    }
    let each = (resident_kibibytes(&program) - before) as f64 / IDLE as f64;
    assert!(each <= MAX_IDLE_KIBIBYTES, "{each} KiB");
    drop((few, many));
    wait_until("all threads have ended", || threads(&program) <= IDLE_THREADS);
    program.stop().expect_status(0);
}

#[test]
fn reconnecting_leaves_nothing_behind() {
    let program = Program::start(&MESSAGES);
    let reconnect = |times: usize| {
        for index in 0..times {
            let mut client = program.connect();
            client.write_all(&record("x")).unwrap();
            program.take_output_through(b"x\n");
            // No TIME_WAIT that would use up the ports.
            if index % 2 == 0 { reset(client) } else { drop(client) }
        }
        wait_until("all threads have ended", || threads(&program) <= IDLE_THREADS);
    };
    reconnect(500);
    let descriptors_before = descriptors(&program);
    // Threads that overlap take memory anew now and then; a leak grows each time.
    let grown = (0..8).map(|_| {
        let resident = resident_kibibytes(&program);
        reconnect(500);
        resident_kibibytes(&program).saturating_sub(resident)
    });
    assert!(grown.into_iter().any(|kibibytes| kibibytes < 64));
    assert_eq!(descriptors(&program), descriptors_before);
    program.stop().expect_status(0);
}

#[test]
fn an_idle_program_waits_once_a_second_and_does_nothing_else() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return say_skipped("there is no strace: what an idle program does is not tested");
    }
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:stream", "udp:127.0.0.1:0", "unixgram:datagrams"];
    let traced = ["strace", "-D", "-f", "-q", "-o", "trace"];
    let launch = Launch::new(&MESSAGES).in_directory(directory.path()).listening_on(&addresses);
    let program = launch.under(&traced).start();
    // All its threads are there once each has printed something.
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    udp.send_to(&record("udp"), (Ipv4Addr::LOCALHOST, program.entries()[2].parse().unwrap())).unwrap();
    program.take_output_through(b"udp\n");
    UnixDatagram::unbound().unwrap().send_to(&record("unix"), directory.path().join("datagrams")).unwrap();
    program.take_output_through(b"unix\n");
    let file = directory.path().join("trace");
    let read = || fs::read_to_string(&file).unwrap();
    let turns = || read().matches("= 0 (Timeout)").count();
    let begun = turns();
    wait_until("it turns", || turns() >= begun + 2);
    let (before, since) = (read().len(), Instant::now());
    let begun = turns();
    wait_until("it turns again", || turns() >= begun + 3);
    let (after, seconds) = (read(), since.elapsed().as_secs());
    let calls = &after[before..];
    assert!(!calls.contains("accept4("), "{calls}");
    // A line that another interrupts is two.
    assert!(calls.lines().count() <= 10 && seconds >= 2, "{calls}");
    program.stop().expect_status(0);
}

fn expect_everyone(printed: &str, count: usize) {
    let expected: BTreeSet<String> = (0..count).map(|index| format!("client {index}")).collect();
    let found: BTreeSet<String> = printed.lines().map(str::to_owned).collect();
    assert_eq!(found.len(), printed.lines().count(), "none twice");
    assert!(found == expected, "{printed}");
}

/// Closes by RST.
fn reset(client: TcpStream) {
    let at_once = nix::libc::linger { l_onoff: 1, l_linger: 0 };
    setsockopt(&client, sockopt::Linger, &at_once).unwrap();
}

fn status(program: &Program, key: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

fn threads(program: &Program) -> usize {
    status(program, "Threads:")
}

fn resident_kibibytes(program: &Program) -> usize {
    status(program, "VmRSS:")
}

fn descriptors(program: &Program) -> usize {
    fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count()
}

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];

const IDLE: usize = 10_000;

/// An unoptimized build takes a deeper stack for each thread.
const MAX_IDLE_KIBIBYTES: f64 = if cfg!(debug_assertions) { 36.0 } else { 12.0 };

/// Main, writer, Ctrl-C and signals.
const IDLE_THREADS: usize = 4;
