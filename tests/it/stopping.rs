//! Stopping: what was sent is printed, nobody delays it, and a second signal does not wait.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::pipe2;
use tempfile::TempDir;

use crate::frames::{dict, framed, record, text};
use crate::losses::pipe;
use crate::program::{Launch, PATIENCE, Program, find, say_skipped, wait_until};
use crate::pythons::newest;

#[test]
fn every_signal_that_asks_to_stop_prints_what_was_sent_and_succeeds() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let program = Program::start(&MESSAGES);
        let mut client = program.connect();
        client.write_all(&record("sent")).unwrap();
        program.signal(signal);
        let finished = program.wait();
        finished.expect_status(0);
        assert_eq!(finished.text(), "sent\n", "{signal}");
        assert!(finished.totals().starts_with("1 record ("), "{signal}: {}", finished.stderr);
    }
}

#[test]
fn eight_clients_lose_none_of_their_records_to_a_signal_right_after_the_last_was_sent() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
    let clients: Vec<TcpStream> = (0..8).map(|_| program.connect()).collect();
    let senders: Vec<JoinHandle<TcpStream>> = clients
        .into_iter()
        .enumerate()
        .map(|(number, client)| thread::spawn(move || send_many(number, client)))
        .collect();
    // Half of the connections stay open.
    let mut clients: Vec<TcpStream> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    clients.truncate(4);
    let finished = program.stop();
    finished.expect_status(0);
    for number in 0..8 {
        let prefix = format!("{number} ");
        let printed = finished.text().lines().filter_map(|line| line.strip_prefix(&prefix)?.parse::<u32>().ok());
        assert!(printed.eq(0..RECORDS_EACH), "connection {number}: {}", finished.stderr);
    }
    assert_eq!(finished.text().lines().count(), 160_000);
}

/// The messages are of one length, so that one frame serves for all.
fn send_many(number: usize, mut client: TcpStream) -> TcpStream {
    let message = |index| format!("{number} {index:05}");
    let mut frame = record(&message(0));
    let at = find(&frame, message(0).as_bytes()).unwrap();
    let mut frames = Vec::new();
    for index in 0..RECORDS_EACH {
        frame[at..][..message(index).len()].copy_from_slice(message(index).as_bytes());
        frames.extend_from_slice(&frame);
        if frames.len() > 1 << 18 || index + 1 == RECORDS_EACH {
            client.write_all(&frames).unwrap();
            frames.clear();
        }
    }
    client
}

#[test]
fn idle_clients_do_not_delay_it() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
    let mut clients: Vec<TcpStream> = (0..20).map(|_| program.connect()).collect();
    for client in clients.iter_mut().step_by(2) {
        client.write_all(&record("then idle")).unwrap();
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "then idle\n".repeat(10));
}

/// So that it loses no more than that one: what is sent to who has merely closed vanishes.
#[test]
fn whose_connection_was_ended_learns_it_at_the_next_record() {
    let program = Program::start(&[&MESSAGES[..], &["--max-connections", "1"]].concat());
    let connect = |program: &Program| {
        let mut client = program.connect();
        client.write_all(&record("before")).unwrap();
        program.take_output_through(b"before\n");
        client
    };
    let (mut who_made_room, mut who_was_there) = (connect(&program), connect(&program));
    assert!(who_made_room.write_all(&record("after")).is_err());
    program.stop().expect_status(0);
    assert!(who_was_there.write_all(&record("after")).is_err());
}

#[test]
fn an_endless_client_is_cut_off_when_the_drain_timeout_has_passed() {
    let is_cut_off_while_it_sends = || {
        let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "0.1"]].concat());
        let endless = Endless::start(&program);
        program.take_output_through(b"and on\n");
        let finished = program.stop();
        endless.end();
        finished.expect_status(0);
        assert!(finished.text().lines().all(|line| line == "and on"), "no torn lines");
        let records = finished.totals().split(' ').next().unwrap().parse::<usize>().unwrap();
        assert_eq!(records, finished.text().lines().count() + 1, "{}", finished.stderr);
        let is_sending = finished.stderr.contains("connection closed: still sending after 0.1 s");
        assert!(is_sending || finished.stderr.contains("record rejected: cut short"), "{}", finished.stderr);
        is_sending
    };
    // On a busy machine it may have paused in the middle of a record just then.
    assert!((0..5).any(|_| is_cut_off_while_it_sends()));
}

#[test]
fn a_busy_client_is_left_between_two_records_with_all_that_it_had_sent_before() {
    for pause in [0, 5, 40] {
        // Ends by itself, or never.
        let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
        let mut client = program.connect();
        client.write_all(&record("0")).unwrap();
        program.take_output_through(b"0\n");
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let sender = thread::spawn(move || {
            for number in 1.. {
                if client.write_all(&record(&number.to_string())).is_err() {
                    break;
                }
                counted.store(number, Ordering::SeqCst);
                if pause > 0 {
                    thread::sleep(Duration::from_millis(pause));
                }
            }
        });
        wait_until("it is busy", || sent.load(Ordering::SeqCst) > 10);
        let before = sent.load(Ordering::SeqCst);
        let finished = program.stop();
        sender.join().unwrap();
        finished.expect_status(0);
        let printed: Vec<usize> = finished.text().lines().map(|line| line.parse().unwrap()).collect();
        assert!(printed.len() >= before && printed.iter().copied().eq(1..=printed.len()), "{pause}: {printed:?}");
        assert!(finished.totals().contains("from 1 connection, 0 rejected"), "{pause}: {}", finished.stderr);
    }
}

#[test]
fn megabytes_that_a_client_had_handed_to_its_kernel_are_read() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
    program.signal(Signal::SIGSTOP);
    let mut client = Full::of(program.connect(), 'x', usize::MAX);
    assert!(client.bytes > 1 << 20, "{} bytes", client.bytes);
    program.signal(Signal::SIGTERM);
    program.signal(Signal::SIGCONT);
    client.finish();
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text().lines().count(), client.records, "{}", finished.stderr);
}

#[test]
fn what_many_had_handed_to_their_kernels_is_read_while_the_output_makes_the_readers_wait() {
    for options in [&["--max-memory", "4M"][..], &["--max-memory", "4M", "--max-connections", "2"]] {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let options = [&MESSAGES[..], options, &["--drain-timeout", "3600"]].concat();
        let mut program = Launch::new(&options).printing_to(writer).start();
        program.signal(Signal::SIGSTOP);
        let clients: Vec<_> = ('a'..='h').map(|name| Full::of(program.connect(), name, 200)).collect();
        program.signal(Signal::SIGTERM);
        program.signal(Signal::SIGCONT);
        program.take_diagnostics_through("so readers wait too\n");
        assert!(program.is_running());
        let clients: Vec<_> = clients.into_iter().map(|mut client| thread::spawn(move || client.finish())).collect();
        let (mut reader, mut printed, mut piece) = (File::from(reader), Vec::new(), [0; 700]);
        while let 1.. = reader.read(&mut piece).inspect(|&count| printed.extend(&piece[..count])).unwrap() {}
        let finished = program.wait();
        finished.expect_status(0);
        let printed = String::from_utf8(printed).unwrap();
        for (name, client) in ('a'..='h').zip(clients) {
            let count = printed.lines().filter(|line| line.chars().all(|letter| letter == name)).count();
            assert_eq!(count, client.join().unwrap(), "{options:?}: of {name}: {}", finished.stderr);
        }
    }
}

/// A client that has handed as many records to its kernel as that takes, if not as many as it has.
struct Full {
    client: TcpStream,
    records: usize,
    bytes: usize,
    /// What the kernel did not take of the last one.
    rest: Vec<u8>,
}

impl Full {
    fn of(client: TcpStream, name: char, most: usize) -> Full {
        let frame = record(&name.to_string().repeat(1733));
        client.set_nonblocking(true).unwrap();
        let mut full = Full { client, records: 0, bytes: 0, rest: Vec::new() };
        while full.records < most || !full.rest.is_empty() {
            if full.rest.is_empty() {
                full.rest.clone_from(&frame);
                full.records += 1;
            }
            let Ok(count) = full.client.write(&full.rest) else { break };
            full.rest.drain(..count);
            full.bytes += count;
        }
        full
    }

    /// Sends the rest of the last one, which the kernel has not; gives their number.
    fn finish(&mut self) -> usize {
        self.client.set_nonblocking(false).unwrap();
        self.client.write_all(&self.rest).unwrap();
        self.records
    }
}

#[test]
fn a_client_that_stops_inside_a_record_is_waited_for_no_longer_than_the_drain_timeout() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "0.2"]].concat());
    let mut client = program.connect();
    let frame = record("never whole");
    client.write_all(&[record("whole"), frame[..frame.len() - 1].to_vec()].concat()).unwrap();
    program.take_output_through(b"whole\n");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains("1 rejected (1 "), "{}", finished.stderr);
}

#[test]
fn a_second_signal_after_more_than_a_second_ends_it_at_once() {
    for second in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (program, manager, _client) = Stopping::inside_a_record();
        program.signal(Signal::SIGTERM);
        assert_eq!(manager.next(), "STOPPING=1");
        thread::sleep(Duration::from_millis(1100));
        program.signal(second);
        let finished = program.wait();
        assert_eq!(finished.status.code(), Some(1), "{second}: {}", finished.stderr);
    }
}

#[test]
fn a_second_signal_that_follows_at_once_is_the_same_request() {
    for second in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (program, manager, mut client) = Stopping::inside_a_record();
        for signal in [Signal::SIGTERM, second, second, second] {
            program.signal(signal);
        }
        assert_eq!(manager.next(), "STOPPING=1");
        client.write_all(&Stopping::rest()).unwrap();
        let finished = program.wait();
        finished.expect_status(0);
        assert_eq!(finished.text(), "late\n", "{second}");
    }
}

/// A program that does not stop before the rest of a record has come.
struct Stopping;

impl Stopping {
    fn inside_a_record() -> (Program, Manager, TcpStream) {
        let manager = Manager::new();
        let drains_for_ever = [&MESSAGES[..], &["--drain-timeout", "3600"]].concat();
        let program = Launch::new(&drains_for_ever).with("NOTIFY_SOCKET", &manager.path()).start();
        assert_eq!(manager.next(), "READY=1");
        let mut client = program.connect();
        client.write_all(&[record("begun"), record("late")[..9].to_vec()].concat()).unwrap();
        program.take_output_through(b"begun\n");
        (program, manager, client)
    }

    fn rest() -> Vec<u8> {
        record("late").split_off(9)
    }
}

#[test]
fn what_was_ignored_at_the_start_stays_ignored_and_what_was_blocked_does_not_stay_blocked() {
    let start = |script: &str| {
        let mut program = Launch::new(&MESSAGES).after(script).start();
        program.signal(Signal::SIGUSR1);
        program.take_diagnostics_through(" lost\n");
        assert!(program.is_running());
        program
    };
    for (ignored, signals) in
        [("trap '' HUP", &[Signal::SIGHUP][..]), ("trap '' INT HUP", &[Signal::SIGINT, Signal::SIGHUP])]
    {
        let program = start(ignored);
        for &signal in signals {
            program.signal(signal);
        }
        program.send(&record("still here"));
        program.take_output_through(b"still here\n");
        program.stop().expect_status(0);
    }
    // Python can start a program with signals blocked, which a shell cannot.
    let Some(python) = newest() else { return };
    let block = "import os, signal, sys; \
                 signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]); \
                 os.execv(sys.argv[1], sys.argv[1:])";
    let interpreter = python.path.to_string_lossy().into_owned();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let program = Launch::new(&MESSAGES).under(&[&interpreter, "-c", block]).start();
        program.send(&record("sent"));
        program.signal(signal);
        let finished = program.wait();
        finished.expect_status(0);
        assert_eq!(finished.text(), "sent\n", "{signal}");
    }
}

#[test]
fn other_signals_lose_nothing_and_sigusr1_prints_the_totals() {
    let program = Program::start(&MESSAGES);
    program.send(&record("one"));
    for signal in [Signal::SIGUSR2, Signal::SIGALRM, Signal::SIGPIPE, Signal::SIGUSR1] {
        program.signal(signal);
    }
    let said = program.take_diagnostics_through(" lost\n");
    assert!(said.ends_with(" from 1 connection, 0 rejected, 0 lost\n"), "{said}");
    program.send(&record("two"));
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "one\ntwo\n");
}

/// On SIGHUP what is kept is handed on, and waits with everything else for an output that is full.
#[test]
fn a_reload_that_waits_for_an_output_does_not_keep_it_from_stopping() {
    let directory = tempfile::tempdir().unwrap();
    let kept = r#""class": "logging.handlers.MemoryHandler", "capacity": 1000, "target": "o""#;
    let config = format!(
        r#"{{"version": 1, "handlers": {{"o": {{"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
        "f": {{"class": "logging.FileHandler", "filename": "f"}}, "m": {{{kept}}}}},
        "loggers": {{"app": {{"handlers": ["m", "f"]}}}}, "root": {{"handlers": ["o"]}}}}"#
    );
    fs::write(directory.path().join("config.json"), config).unwrap();
    let (_reader, writer) = pipe();
    let options = ["--config", "config.json", "--drain-timeout", "1"];
    let program = Launch::new(&options).in_directory(directory.path()).printing_to(writer).start();
    program.send(&record("kept"));
    wait_until("it is kept", || fs::read_to_string(directory.path().join("f")).is_ok_and(|text| text == "kept\n"));
    let mut client = program.connect();
    let filler = framed(&dict(&[("name", text("filler")), ("msg", text(&"x".repeat(100_000)))]));
    thread::spawn(move || while client.write_all(&filler).is_ok() {});
    program.take_diagnostics_through("readers wait too\n");
    program.signal(Signal::SIGHUP);
    program.signal(Signal::SIGUSR1);
    program.take_diagnostics_through(" records (");
    program.stop().expect_status(1);
}

#[test]
fn a_hang_up_reopens_files_where_no_terminal_was_closed() {
    let alone = ["setsid"];
    let program = Launch::new(&[&MESSAGES[..], &["--output", "log"]].concat()).under(&alone).start();
    let file = |name: &str| program.directory().join(name);
    program.send(&record("one"));
    wait_until("one is written", || fs::read_to_string(file("log")).is_ok_and(|text| text == "one\n"));
    fs::rename(file("log"), file("moved")).unwrap();
    program.signal(Signal::SIGHUP);
    wait_until("a new file is there at once", || file("log").exists());
    program.send(&record("two"));
    let (log, moved) = (file("log"), file("moved"));
    let own = tempfile::tempdir().unwrap();
    wait_until("two is written", || fs::read_to_string(&log).is_ok_and(|text| text == "two\n"));
    fs::copy(moved, own.path().join("moved")).unwrap();
    program.stop().expect_status(0);
    assert_eq!(fs::read_to_string(own.path().join("moved")).unwrap(), "one\n");
    // To standard output there is nothing to reopen: it stops.
    let program = Launch::new(&MESSAGES).under(&alone).start();
    program.signal(Signal::SIGHUP);
    program.wait().expect_status(0);
}

#[test]
fn nobody_has_to_read_standard_error() {
    // Neither a pipe nor a socket that is full.
    let (pipe_reader, pipe_writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    let (socket_reader, socket_writer) = UnixStream::pair().unwrap();
    let ends: [(OwnedFd, OwnedFd); 2] = [(pipe_reader, pipe_writer), (socket_reader.into(), socket_writer.into())];
    for (reader, writer) in ends {
        let program = Launch::new(&[&MESSAGES[..], &["--verbose"]].concat()).complaining_to(writer).start();
        for index in 0..2000 {
            program.send(&record(&index.to_string()));
        }
        let finished = program.stop();
        finished.expect_status(0);
        let printed = finished.text().lines().map(|line| line.parse::<u32>().unwrap());
        assert!(printed.eq(0..2000), "{}", finished.text());
        let mut said = String::new();
        File::from(reader).read_to_string(&mut said).unwrap();
        let opened = said.matches(": connection opened\n").count();
        assert!(opened > 10 && opened < 2000 && said.ends_with('\n'), "{opened}: {said}");
    }
}

#[test]
fn lines_that_standard_error_did_not_take_are_counted_and_said_when_it_does() {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    let program = Launch::new(&[&MESSAGES[..], &["--verbose"]].concat()).complaining_to(writer).start();
    for index in 0..1500 {
        program.send(&record(&index.to_string()));
    }
    program.take_output_through(b"1499\n");
    let mut reader = File::from(reader);
    let mut said = vec![0; 1 << 16];
    let length = reader.read(&mut said).unwrap();
    said.truncate(length);
    program.send(&record("read again"));
    program.take_output_through(b"read again\n");
    program.stop().expect_status(0);
    reader.read_to_end(&mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    let (before, after) = said.split_once(" lines left out: standard error did not take them\n").unwrap();
    let (before, left_out) = before.rsplit_once('\n').unwrap();
    assert!(left_out.parse::<usize>().unwrap() > 100, "{left_out}");
    let lines = before.lines().count() + left_out.parse::<usize>().unwrap() + after.lines().count();
    assert_eq!(lines, 2 + 2 * 1501 + 1, "each line is said or counted");
    assert!(after.ends_with(" from 1501 connections, 0 rejected, 0 lost\n"), "{after}");
}

#[test]
fn lines_for_which_a_disk_had_no_room_are_counted_and_said_when_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("said");
    let said = File::options().create(true).append(true).open(&path).unwrap();
    // No file may have more than two blocks of 512 bytes, as on a disk that is full.
    let limited = ["sh", "-c", "ulimit -f 2 && exec \"$0\" \"$@\""];
    let program = Launch::new(&[&MESSAGES[..], &["--verbose"]].concat()).complaining_to(said).under(&limited).start();
    for index in 0..50 {
        program.send(&record(&index.to_string()));
    }
    program.take_output_through(b"49\n");
    let before = fs::read_to_string(&path).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    program.send(&record("room again"));
    program.take_output_through(b"room again\n");
    program.stop().expect_status(0);
    let after = before + &fs::read_to_string(&path).unwrap();
    let (before, after) = after.split_once(" lines left out: standard error did not take them\n").unwrap();
    let (before, left_out) = before.rsplit_once('\n').unwrap();
    let lines = before.lines().count() + left_out.parse::<usize>().unwrap() + after.lines().count();
    assert_eq!(lines, 2 + 2 * 51 + 1, "each line is said or counted: {left_out}");
    assert!(after.ends_with(" from 51 connections, 0 rejected, 0 lost\n"), "{after}");
}

#[test]
fn serves_those_who_had_connected_and_were_not_yet_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:socket"];
    let program = Launch::new(&MESSAGES).in_directory(directory.path()).listening_on(&addresses).start();
    program.signal(Signal::SIGSTOP);
    let mut clients: Vec<TcpStream> = (0..200).map(|_| program.connect()).collect();
    for client in &mut clients {
        client.write_all(&record("waiting")).unwrap();
    }
    // Those who have gone already are served, too.
    clients.truncate(100);
    let mut local = UnixStream::connect(directory.path().join("socket")).unwrap();
    local.write_all(&record("waiting")).unwrap();
    program.signal(Signal::SIGTERM);
    program.signal(Signal::SIGCONT);
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text(), "waiting\n".repeat(201));
}

#[test]
fn accepts_nobody_else_while_it_reads_on() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:socket"];
    let drains_for_ever = [&MESSAGES[..], &["--drain-timeout", "3600"]].concat();
    let program = Launch::new(&drains_for_ever).in_directory(directory.path()).listening_on(&addresses).start();
    let mut client = program.connect();
    client.write_all(&[record("begun"), record("late")[..9].to_vec()].concat()).unwrap();
    program.take_output_through(b"begun\n");
    program.signal(Signal::SIGTERM);
    wait_until("connections are refused", || TcpStream::connect(("127.0.0.1", program.port())).is_err());
    wait_until("the files are gone", || fs::read_dir(directory.path()).unwrap().count() == 0);
    client.write_all(&Stopping::rest()).unwrap();
    program.take_output_through(b"late\n");
    program.wait().expect_status(0);
}

#[test]
fn serves_as_many_as_the_kernel_lets_connect_before_they_are_accepted() {
    let backlog = fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
    let count: usize = usize::min(4096, backlog) + 1;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    if hard < 2 * count as u64 || setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() {
        return say_skipped("too few file descriptors for a whole backlog");
    }
    serves_all_that_wait(count, &["--max-connections", "50", "--drain-timeout", "3600"]);
}

#[test]
fn those_who_wait_for_a_place_get_it_within_the_drain_timeout() {
    // One after the other, each as long as one alone is waited for, they would take 7.5 seconds.
    serves_all_that_wait(150, &["--max-connections", "2", "--drain-timeout", "5"]);
}

#[test]
fn those_for_whom_there_is_no_file_descriptor_yet_are_served_when_there_is_one() {
    serves_all_that_wait_after("ulimit -n 64", 300, &["--drain-timeout", "3600"]);
}

fn serves_all_that_wait(count: usize, options: &[&str]) {
    serves_all_that_wait_after("true", count, options);
}

/// So many connect to a program of these options, send a record each and stay, before it can accept any of them or stop.
fn serves_all_that_wait_after(preparation: &str, count: usize, options: &[&str]) {
    let program = Launch::new(&[&MESSAGES[..], options].concat()).after(preparation).start();
    program.signal(Signal::SIGSTOP);
    let mut clients: Vec<TcpStream> = (0..count).map(|_| program.connect()).collect();
    for client in &mut clients {
        client.write_all(&record("waiting")).unwrap();
    }
    program.signal(Signal::SIGTERM);
    program.signal(Signal::SIGCONT);
    let finished = program.wait();
    drop(clients);
    finished.expect_status(0);
    assert_eq!(finished.text().lines().count(), count, "{}", finished.stderr);
}

#[test]
fn tells_the_service_manager_when_it_is_ready_and_when_it_stops() {
    for manager in [Manager::new(), Manager::abstract_one()] {
        let program = Launch::new(&[]).with("NOTIFY_SOCKET", &manager.path()).start();
        assert_eq!(manager.next(), "READY=1");
        program.connect().write_all(&record("works")).unwrap();
        program.take_output_through(b"works\n");
        program.signal(Signal::SIGTERM);
        assert_eq!(manager.next(), "STOPPING=1");
        program.wait().expect_status(0);
    }
    // Now and then it is told the totals, and of every stop.
    let manager = Manager::new();
    let arguments = ["--count", "2"];
    let program = Launch::new(&arguments).with("NOTIFY_SOCKET", &manager.path()).start();
    assert_eq!(manager.next(), "READY=1");
    program.connect().write_all(&record("works")).unwrap();
    let status = manager.next();
    assert!(
        status.starts_with("STATUS=1 record (") && status.ends_with(" from 1 connection, 0 rejected, 0 lost"),
        "{status}"
    );
    program.connect().write_all(&record("the last")).unwrap();
    assert_eq!(manager.next(), "STOPPING=1");
    program.wait().expect_status(0);
    // One that is not there hinders nothing.
    let program = Launch::new(&[]).with("NOTIFY_SOCKET", "/no/such/manager").start();
    program.send(&record("works"));
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.stderr.contains("cannot notify /no/such/manager"), "{}", finished.stderr);
    assert!(finished.stderr.starts_with("About to start TCP server...\nListening on "), "{}", finished.stderr);
}

/// A client that sends records until it cannot, or is told to end.
struct Endless {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Endless {
    fn start(program: &Program) -> Endless {
        let enough = Arc::new(AtomicBool::new(false));
        let (mut client, until) = (program.connect(), Arc::clone(&enough));
        client.write_all(&record("and on")).unwrap();
        let frames = record("and on").repeat(20);
        let thread =
            thread::spawn(move || while !until.load(Ordering::Relaxed) && client.write_all(&frames).is_ok() {});
        Endless { enough, thread }
    }

    fn end(self) {
        self.enough.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// A service manager, as sd_notify(3) describes it.
struct Manager {
    socket: UnixDatagram,
    address: String,
    _directory: TempDir,
}

impl Manager {
    fn new() -> Manager {
        let directory = tempfile::tempdir().unwrap();
        let address = directory.path().join("notify").to_str().unwrap().to_owned();
        let socket = UnixDatagram::bind(&address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Manager { socket, address, _directory: directory }
    }

    fn abstract_one() -> Manager {
        use std::os::linux::net::SocketAddrExt as _;
        let directory = tempfile::tempdir().unwrap();
        let name = format!("{}-notify", directory.path().display());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Manager { socket, address: format!("@{name}"), _directory: directory }
    }

    fn path(&self) -> String {
        self.address.clone()
    }

    fn next(&self) -> String {
        let mut message = [0; 100];
        let length = self.socket.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }
}

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];

const RECORDS_EACH: u32 = 20_000;

/// Those who wait for the output leave when the time is over, and what waits is given up soon after.
#[test]
fn waits_no_longer_for_an_output_that_nobody_reads() {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    let options = ["--format", "%(message)s", "--drain-timeout", "0.5"];
    let program = Launch::new(&options).printing_to(writer).start();
    let frames = record(&"x".repeat(100_000)).repeat(400);
    let client = program.connect();
    let sending = thread::spawn(move || (&client).write_all(&frames));
    program.take_diagnostics_through("readers wait too\n");
    let finished = program.stop();
    finished.expect_status(1);
    assert!(!finished.stderr.contains("abandoned"), "{}", finished.stderr);
    assert!(finished.stderr.contains("gave up writing standard output"), "{}", finished.stderr);
    drop(reader);
    sending.join().unwrap().unwrap_err();
}
