//! `--count` and `--timeout`: exactly so many lines, and an exit status that says whether they came.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::thread;

use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use crate::frames::{dict, framed, integer, record, text};
use crate::program::{Launch, Program};

#[test]
fn prints_exactly_as_many_records_as_asked_for_of_one_burst() {
    for count in [1, 2, 99, 100, 101] {
        let program = Program::start(&["--format", "%(message)s", "--count", &count.to_string()]);
        let burst: Vec<u8> = (0..200).flat_map(|index| record(&index.to_string())).collect();
        program.send(&burst);
        let finished = program.wait();
        finished.expect_status(0);
        let printed = finished.text().lines().map(|line| line.parse::<u32>().unwrap());
        assert!(printed.eq(0..count), "{count}: {}", finished.text());
        assert!(finished.totals().starts_with(&format!("{count} record")), "{count}: {}", finished.stderr);
    }
}

#[test]
fn prints_exactly_as_many_records_as_asked_for_of_many_connections() {
    for count in [1, 7, 1500, 3999, 4000] {
        let program = Program::start(&["--format", "%(message)s", "--count", &count.to_string()]);
        let clients: Vec<TcpStream> = (0..8).map(|_| program.connect()).collect();
        let senders: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(number, mut client)| {
                thread::spawn(move || {
                    for index in 0..500 {
                        // The program closes when it has had enough.
                        if client.write_all(&record(&format!("{number} {index}"))).is_err() {
                            break;
                        }
                    }
                    client
                })
            })
            .collect();
        let clients: Vec<TcpStream> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        let finished = program.wait();
        drop(clients);
        finished.expect_status(0);
        assert_eq!(finished.text().lines().count(), count);
        for number in 0..8 {
            let prefix = format!("{number} ");
            let printed = finished.text().lines().filter_map(|line| line.strip_prefix(&prefix)?.parse::<usize>().ok());
            for (place, index) in printed.enumerate() {
                assert_eq!(place, index, "connection {number} of {count}");
            }
        }
    }
}

#[test]
fn counts_only_what_is_printed() {
    let program = Program::start(&["--format", "%(message)s", "--count", "2", "--level", "WARNING"]);
    let mut client = program.connect();
    let below = framed(&dict(&[("levelno", integer(20)), ("msg", text("too low"))]));
    let above = |message| framed(&dict(&[("levelno", integer(30)), ("msg", text(message))]));
    client.write_all(&[below.clone(), framed(b"\xff"), above("one"), below, framed(b"N.")].concat()).unwrap();
    program.take_output_through(b"one\n");
    client.write_all(&above("two")).unwrap();
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text(), "two\n");
}

#[test]
fn does_not_count_what_only_a_null_handler_gets() {
    let directory = tempfile::tempdir().unwrap();
    let config = r#"{"version": 1, "root": {"handlers": ["none"]}, "loggers": {"shop": {"handlers": ["out"]}}, "handlers": {
        "none": {"class": "logging.NullHandler"},
        "out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}}}"#;
    fs::write(directory.path().join("config.json"), config).unwrap();
    let program = Launch::new(&["--config", "config.json", "--count", "1"]).in_directory(directory.path()).start();
    let seen = framed(&dict(&[("name", text("shop")), ("msg", text("seen"))]));
    program.send(&[record("unseen"), seen].concat());
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text(), "seen\n");
}

#[test]
fn counts_datagrams_and_connections_together() {
    let addresses = ["127.0.0.1:0", "udp:127.0.0.1:0"];
    let program = Launch::new(&["--format", "%(message)s", "--count", "3"]).listening_on(&addresses).start();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp_port: u16 = program.entries()[1].parse().unwrap();
    program.send(&record("connected"));
    for message in ["first", "second"] {
        socket.send_to(&record(message), (Ipv4Addr::LOCALHOST, udp_port)).unwrap();
    }
    let finished = program.wait();
    finished.expect_status(0);
    let mut lines: Vec<&str> = finished.text().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["connected", "first", "second"]);
}

#[test]
fn a_timeout_is_a_success_without_a_count_and_a_failure_before_the_count_is_reached() {
    let program = Program::start(&["--timeout", "2"]);
    let idle = program.connect();
    program.wait().expect_status(0);
    drop(idle);

    let program = Program::start(&["--format", "%(message)s", "--timeout", "3", "--count", "3"]);
    program.send(&[record("one"), record("two")].concat());
    let finished = program.wait();
    finished.expect_status(3);
    assert_eq!(finished.text(), "one\ntwo\n", "what came is printed");

    let program = Program::start(&["--format", "%(message)s", "--timeout", "3600", "--count", "2"]);
    program.send(&[record("one"), record("two")].concat());
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text(), "one\ntwo\n");

    let program = Launch::new(&["--timeout", "0", "--count", "1"]).start_without_waiting();
    program.wait().expect_status(3);
}

#[test]
fn the_end_of_standard_input_stops_it_after_what_was_sent_and_is_a_failure_before_the_count_is_reached() {
    for (count, sent, status) in [(&[][..], 1, 0), (&["--count", "2"], 1, 3), (&["--count", "2"], 2, 0)] {
        let (input, feed) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let arguments = [&["--format", "%(message)s", "--until-eof"], count].concat();
        let program = Launch::new(&arguments).reading(input).start();
        // What comes from there is nothing to it.
        File::from(feed.try_clone().unwrap()).write_all(b"stop\n").unwrap();
        let mut client = program.connect();
        client.write_all(&record("sent").repeat(sent)).unwrap();
        drop(feed);
        let finished = program.wait();
        finished.expect_status(status);
        assert_eq!(finished.text(), "sent\n".repeat(sent));
    }
    Launch::new(&["--until-eof"]).start_without_waiting().wait().expect_status(0);
}

#[test]
fn a_record_as_severe_as_fail_on_says_is_status_4_whether_it_is_printed_or_not() {
    let at = |level| framed(&dict(&[("levelno", integer(level)), ("msg", text("x"))]));
    for (level, sent, status) in [("ERROR", 39, 0), ("ERROR", 40, 4), ("40", 41, 4), ("CRITICAL", 49, 0)] {
        for filter in [&[][..], &["--level", "CRITICAL"], &["--name", "elsewhere"]] {
            let program = Program::start(&[&["--fail-on", level], filter].concat());
            program.send(&at(sent));
            program.stop().expect_status(status);
        }
    }
}

#[test]
fn of_several_statuses_1_goes_before_4_and_4_before_3() {
    let severe = framed(&dict(&[("levelno", integer(50)), ("msg", text("x"))]));
    let run = |arguments: &[&str]| {
        let (input, feed) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let fail_on = ["--fail-on", "ERROR", "--until-eof", "--drain-timeout", "0.5"];
        let program = Launch::new(&[&fail_on, arguments].concat()).reading(input).start();
        program.send(&severe);
        drop(feed);
        program.wait()
    };
    run(&["--count", "2"]).expect_status(4);
    run(&["--count", "1"]).expect_status(4);
    run(&["--count", "2", "--output", "/dev/full"]).expect_status(1);
}

#[test]
fn what_comes_after_the_count_is_reached_is_no_reason_to_fail() {
    let at = |level| framed(&dict(&[("levelno", integer(level)), ("msg", text("x"))]));
    let program = Program::start(&["--fail-on", "ERROR", "--count", "2"]);
    program.send(&[at(20), at(20), at(50)].concat());
    program.wait().expect_status(0);
}

#[test]
fn a_signal_before_the_count_is_reached_is_a_success() {
    let program = Program::start(&["--format", "%(message)s", "--count", "2"]);
    program.send(&record("one"));
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "one\n");
}

#[test]
fn a_count_that_is_reached_and_cannot_be_written_is_a_failure() {
    let program = Program::start(&["--count", "1", "--output", "/dev/full", "--drain-timeout", "0"]);
    program.send(&record("one"));
    let finished = program.wait();
    finished.expect_status(1);
    assert!(finished.totals().ends_with("0 rejected, 1 lost"), "{}", finished.stderr);
}
