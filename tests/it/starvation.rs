//! Nobody's records are lost or kept waiting because of what others send: half frames, large frames, silence.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::pipe2;

use crate::frames::{framed, record};
use crate::program::{Launch, Program, number_before, wait_until};

#[test]
fn large_records_that_arrive_piece_by_piece_from_many_at_once_are_all_printed() {
    for senders in [9, 20] {
        let program = Program::start(&MESSAGES);
        let frame = record(&"x".repeat(1 << 20));
        let mut clients: Vec<TcpStream> = (0..senders).map(|_| program.connect()).collect();
        for piece in frame.chunks(64 << 10) {
            for client in &mut clients {
                client.write_all(piece).unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
        for _ in 0..senders {
            assert_eq!(program.take_output_through(b"x\n").len(), (1 << 20) + 1);
        }
        drop(clients);
        let finished = program.stop();
        finished.expect_status(0);
        assert!(finished.totals().contains(", 0 rejected, 0 lost"), "{}", finished.stderr);
    }
}

#[test]
fn half_frames_that_hold_all_memory_do_not_keep_others_from_being_printed() {
    let program = Program::start(&[&MESSAGES[..], &["--frame-timeout", "1000"]].concat());
    let mut enemies = Vec::new();
    for (count, length, rest) in [(4, 16_000_000, 10), (108, 100_000, 50_000)] {
        let frame = record(&"x".repeat(length));
        for _ in 0..count {
            let mut enemy = program.connect();
            enemy.set_nonblocking(true).unwrap();
            // As much as it takes: where there is no memory, it takes no more.
            let mut sent = 0;
            while let Ok(more @ 1..) = enemy.write(&frame[sent..frame.len() - rest]) {
                sent += more;
                thread::sleep(Duration::from_millis(1));
            }
            enemies.push(enemy);
        }
    }
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                enemies.iter_mut().for_each(|enemy| drop(enemy.write(b"x")));
                thread::sleep(Duration::from_secs(1));
            }
        });
        for length in [1, 10_000, 100_000, 1 << 20, 8 << 20] {
            program.send(&record(&format!("{}!", "x".repeat(length))));
            program.take_output_through(b"!\n");
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().starts_with("5 records "), "{}", finished.stderr);
}

#[test]
fn a_frame_has_a_deadline_as_a_whole() {
    let program = Program::start(&[&MESSAGES[..], &["--frame-timeout", "1"]].concat());
    let mut client = program.connect();
    client.write_all(&record("whole")).unwrap();
    program.take_output_through(b"whole\n");
    // At 16 kB a second, one of 24 kB takes longer than a second.
    for (frame, seconds) in [(record("byte by byte"), 1), (record(&"x".repeat(24_000)), 2)] {
        let mut client = program.connect();
        for byte in frame {
            // It is never silent for long.
            if client.write_all(&[byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let said = format!(": connection closed: not complete after {seconds} s, at offset ");
        program.take_diagnostics_through(&said);
    }
    let finished = program.stop();
    assert!(finished.totals().contains("2 rejected (2 timed out)"), "{}", finished.stderr);
}

#[test]
fn the_clock_of_a_record_begins_after_a_frame_that_was_passed_over() {
    // 64 KiB may take four seconds; what comes after it half of one.
    let limits = ["--max-frame", "1k", "--frame-timeout", "0.5"];
    let program = Program::start(&[&MESSAGES[..], &limits].concat());
    let mut client = program.connect();
    let long = record(&"x".repeat(64 << 10));
    for piece in long.chunks(long.len() / 4) {
        client.write_all(piece).unwrap();
        thread::sleep(Duration::from_millis(300));
    }
    let next = record("not late");
    client.write_all(&next[..10]).unwrap();
    thread::sleep(Duration::from_millis(200));
    client.write_all(&next[10..]).unwrap();
    program.take_output_through(b"not late\n");
    assert!(program.stop().totals().contains("1 rejected (1 too long)"));
}

#[test]
fn the_clock_of_a_frame_stands_still_while_the_output_is_slow() {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    // Full, so that who waits for the output waits until somebody reads.
    let capacity = fcntl(&writer, FcntlArg::F_GETPIPE_SZ).unwrap();
    File::from(writer.try_clone().unwrap()).write_all(&vec![b'\n'; usize::try_from(capacity).unwrap()]).unwrap();
    let launch = Launch::new(&[&MESSAGES[..], &["--frame-timeout", "1"]].concat());
    let program = launch.printing_to(writer).start();
    let mut slow = program.connect();
    let frame = record("slow");
    // Each on a connection of its own, and all of it held by the kernel: none of these has to hurry in the middle of a record.
    let flood = record(&"x".repeat(100_000));
    let reading = thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| (0..10).for_each(|_| program.send(&flood)));
        }
        program.take_diagnostics_through("readers wait too\n");
        // Its thread waits with the first of these, for which there is no room either, and cannot see what the peer has sent since.
        slow.write_all(&[&flood.repeat(5), &frame[..10]].concat()).unwrap();
        thread::sleep(Duration::from_secs(2));
        slow.write_all(&frame[10..]).unwrap();
        drop(slow);
        thread::spawn(move || File::from(reader).read_to_end(&mut Vec::new()))
    });
    wait_until("all are served", || threads(&program) <= IDLE_THREADS);
    let finished = program.stop();
    assert!(finished.totals().starts_with("206 records "), "{}", finished.stderr);
    reading.join().unwrap().unwrap();
}

#[test]
fn whoever_is_silent_for_longest_gives_up_a_place_when_somebody_waits() {
    let program = Program::start(&[&MESSAGES[..], &["--max-connections", "20"]].concat());
    let silent: Vec<TcpStream> = (0..20)
        .map(|number| {
            let mut client = program.connect();
            client.write_all(&record("then silent")).unwrap();
            program.take_output_through(b"then silent\n");
            // Which thread waits again first is the system's choice: the first is to be first by far.
            thread::sleep(Duration::from_millis(if number == 0 { 200 } else { 0 }));
            client
        })
        .collect();
    let mut honest = program.connect();
    for index in 0..20 {
        honest.write_all(&record(&format!("honest {index}"))).unwrap();
        program.take_output_through(format!("honest {index}\n").as_bytes());
    }
    let first = silent[0].local_addr().unwrap();
    let ended = format!("{first}: connection closed: silent for longest, while others wait for a place\n");
    program.take_diagnostics_through(&ended);
    drop(silent);
    drop(honest);
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains("from 21 connections, 0 rejected, 1 connection ended to make room, 0 lost"));
}

#[test]
fn what_is_no_record_keeps_no_place_from_those_who_wait_for_one() {
    for piece in [&[0; 4][..], &record(&"x".repeat(1000))[..50], &framed(b"N.")] {
        let program = Program::start(&[&MESSAGES[..], &["--max-connections", "20"]].concat());
        let mut enemies: Vec<TcpStream> = (0..20).map(|_| program.connect()).collect();
        let (is_over, began) = (AtomicBool::new(false), Instant::now());
        wait_until("all places are taken", || threads(&program) >= IDLE_THREADS + 20);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut bytes = piece.iter().cycle();
                while !is_over.load(Ordering::SeqCst) && began.elapsed() < LONGEST {
                    // Four bytes each time: a frame of them, or a part.
                    let some: Vec<u8> = bytes.by_ref().take(4).copied().collect();
                    enemies.iter_mut().for_each(|enemy| drop(enemy.write_all(&some)));
                    thread::sleep(Duration::from_millis(100));
                }
            });
            program.send(&record("honest"));
            program.take_output_through(b"honest\n");
            is_over.store(true, Ordering::SeqCst);
        });
        // What is stopped at the same moment is not counted as what made room.
        let is_ended = |enemy: &TcpStream| {
            enemy.peek(&mut [0]).map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |_| true)
        };
        enemies.iter().for_each(|enemy| enemy.set_nonblocking(true).unwrap());
        wait_until("one has made room", || enemies.iter().any(is_ended));
        let finished = program.stop();
        finished.expect_status(0);
        assert!(finished.totals().contains(" ended to make room"), "{}", finished.stderr);
    }
}

#[test]
fn those_who_never_pause_keep_no_place_for_ever_from_those_who_wait_for_one() {
    // A record now and then from each, and as many as are taken.
    for pause in [Some(Duration::from_millis(100)), None] {
        let program = Program::start(&[&MESSAGES[..], &["--max-connections", "20"]].concat());
        let sent = record("busy").repeat(if pause.is_some() { 1 } else { 1000 });
        let (is_over, began) = (AtomicBool::new(false), Instant::now());
        let goes_on = || !is_over.load(Ordering::SeqCst) && began.elapsed() < LONGEST;
        thread::scope(|scope| {
            let (goes_on, sent) = (&goes_on, &sent);
            // In the order in which they connect they are given a place.
            for mut enemy in (0..20).map(|_| program.connect()) {
                scope.spawn(move || {
                    while goes_on() && enemy.write_all(sent).is_ok() {
                        pause.into_iter().for_each(thread::sleep);
                    }
                });
            }
            let mut honest = program.connect();
            // What it sends waits its turn among what they send without end.
            for index in 0..if pause.is_some() { 20 } else { 1 } {
                honest.write_all(&record(&format!("honest {index}"))).unwrap();
                program.take_output_through(format!("honest {index}\n").as_bytes());
            }
            is_over.store(true, Ordering::SeqCst);
        });
        let finished = program.stop();
        finished.expect_status(0);
        assert!(finished.totals().contains(" ended to make room"), "{}", finished.stderr);
    }
}

#[test]
fn diagnostics_are_limited_by_address_and_counted() {
    let program = Program::start(&MESSAGES);
    for _ in 0..200 {
        program.send(&framed(b"\xff").repeat(100));
    }
    let finished = program.stop();
    let said = |what: &str| finished.stderr.lines().filter(|line| line.contains(what)).count();
    let more: usize = finished.stderr.lines().filter_map(|line| number_before(line, " more record")).sum();
    assert_eq!(said(": record rejected: ") + more, 20_000, "{}", finished.stderr);
    assert!(finished.stderr.lines().count() < 1000, "{}", finished.stderr.lines().count());
    assert!(finished.totals().contains("20000 rejected"), "{}", finished.stderr);
}

fn threads(program: &Program) -> usize {
    fs::read_dir(format!("/proc/{}/task", program.id())).unwrap().count()
}

/// Longer than anything is waited for.
const LONGEST: Duration = Duration::from_secs(90);

/// Main, writer, signals and diagnostics.
const IDLE_THREADS: usize = 4;

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];
