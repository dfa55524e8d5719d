//! Outputs that stall, fill, close, move or may not grow: what is lost is said, and what need not be lost is not.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::unistd::pipe2;

use crate::frames::{dict, framed, integer, record, text as text_value};
use crate::program::{Finished, Launch, Program, say_skipped, wait_until};
use crate::pythons::newest;

#[test]
fn a_pipe_that_stalls_for_five_seconds_costs_no_record() {
    let Some(python) = newest() else { return };
    let (reader, writer) = pipe();
    let program = Launch::new(&MESSAGES).printing_to(writer).start();
    // Nobody reads meanwhile, and no record may fail to be sent.
    python.run("clients/paced_client.py", &["127.0.0.1", &program.port().to_string(), "1000", "5"], "UTC");
    let mut lines = BufReader::new(File::from(reader)).lines();
    for index in 0..5000 {
        assert_eq!(lines.next().unwrap().unwrap(), format!("record {index} {}", "x".repeat(500)));
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().starts_with("5000 records ("), "{}", finished.stderr);
    assert!(finished.totals().ends_with("from 1 connection, 0 rejected, 0 lost"), "{}", finished.stderr);
    assert!(lines.next().is_none());
}

#[test]
fn a_pipe_that_stalls_until_the_queue_is_full_makes_readers_wait_and_costs_no_record() {
    let (reader, writer) = pipe();
    let program = Launch::new(&MESSAGES).printing_to(writer).start();
    let frame = record(&"x".repeat(99_999));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| program.send(&frame.repeat(100)));
        }
        program.take_diagnostics_through("readers wait too\n");
        let mut bytes = vec![0; 20_000_000];
        (&File::from(reader.try_clone().unwrap())).read_exact(&mut bytes).unwrap();
        assert!(bytes.chunks(100_000).all(|line| line.ends_with(b"x\n") && !line[..99_999].contains(&b'\n')));
    });
    program.take_diagnostics_through("standard output keeps up again: readers waited ");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains(" 0 lost, readers waited "), "{}", finished.stderr);
    assert!(!finished.stderr.contains("is slow"), "said once: {}", finished.stderr);
}

#[test]
fn a_full_device_is_said_at_once_and_what_it_cost_at_the_end() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let arguments = [&MESSAGES[..], &["--drain-timeout", "0.1"]].concat();
    let to_file = [&arguments[..], &["--output", "/dev/full"]].concat();
    for (launch, name) in
        [(Launch::new(&to_file), "\"/dev/full\""), (Launch::new(&arguments).printing_to(full), "standard output")]
    {
        let program = launch.start();
        program.send(&record("nowhere to go").repeat(10));
        let trouble = format!("cannot write {name}: No space left on device (os error 28); trying again\n");
        program.take_diagnostics_through(&trouble);
        let finished = program.stop();
        finished.expect_status(1);
        assert!(!finished.stderr.contains("trying again"), "said once: {}", finished.stderr);
        assert!(finished.totals().ends_with("0 rejected, 10 lost"), "{}", finished.stderr);
    }
}

#[test]
fn a_file_system_that_fills_and_is_freed_again_costs_no_record() {
    let Some(small) = SmallFileSystem::start(&[]) else {
        return say_skipped("no file system can be mounted: a full one is not tested");
    };
    let sent: String = (0..RECORDS).map(line).collect();
    let frames: Vec<u8> = (0..RECORDS).flat_map(|index| record(line(index).trim_end())).collect();
    small.program.send(&frames);
    small.program.take_diagnostics_through("No space left on device (os error 28); trying again\n");
    assert!(small.text().len() < sent.len() && sent.starts_with(&small.text()));
    fs::remove_file(small.folder.join("ballast")).unwrap();
    small.program.take_diagnostics_through("writing \"small/log\" again: 0 records were lost\n");
    assert_eq!(small.text(), sent);
    let finished = small.program.stop();
    finished.expect_status(0);
    assert!(finished.totals().ends_with("0 rejected, 0 lost"), "{}", finished.stderr);
}

#[test]
fn a_record_that_is_larger_than_its_disk_costs_no_other_one() {
    for (rotation, kept) in [(&[][..], "before\nafter\n"), (&["--max-bytes", "8k", "--backup-count", "20"], "after\n")]
    {
        let Some(small) = SmallFileSystem::start(rotation) else {
            return say_skipped("no file system can be mounted: a full one is not tested");
        };
        small.program.send(&[record("before"), record(&"x".repeat(70_000)), record("after")].concat());
        small
            .program
            .take_diagnostics_through("a record of 70001 bytes is lost to \"small/log\": No space left on device");
        wait_until("what comes after it is written", || small.text() == kept);
        let finished = small.program.stop();
        finished.expect_status(1);
        assert!(finished.totals().ends_with("0 rejected, 1 lost"), "{}", finished.stderr);
    }
}

#[test]
fn a_full_file_system_with_rotation_gives_up_the_oldest_file_for_what_is_new() {
    let Some(small) = SmallFileSystem::start(&["--max-bytes", "8k", "--backup-count", "20"]) else {
        return say_skipped("no file system can be mounted: a full one is not tested");
    };
    let sent: String = (0..2 * RECORDS).map(line).collect();
    let frames: Vec<u8> = (0..2 * RECORDS).flat_map(|index| record(line(index).trim_end())).collect();
    small.program.send(&frames);
    wait_until("the last is written", || small.text().ends_with(&line(2 * RECORDS - 1)));
    let kept = small.text();
    assert!(kept.len() > 10_000 && sent.ends_with(&kept), "the newest are there, whole: {kept}");
    let finished = small.program.stop();
    finished.expect_status(0);
    assert!(finished.totals().ends_with("0 rejected, 0 lost"), "{}", finished.stderr);
    assert!(finished.stderr.contains("no space is left: \"small/log."), "{}", finished.stderr);
    assert!(finished.stderr.contains(" is given up for new records"), "{}", finished.stderr);
    assert!(finished.stderr.lines().count() < 8, "not a line for each: {}", finished.stderr);
}

#[test]
fn a_second_program_that_would_rotate_the_same_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [&MESSAGES[..], &["--output", "log", "--max-bytes", "1k", "--backup-count", "3"]].concat();
    let start = || Launch::new(&arguments).in_directory(directory.path());
    let first = start().start();
    for index in 0..20 {
        first.send(&record(line(index).trim_end()));
        let other = ["--output", "log", "--max-bytes", "1M", "--backup-count", "1", "--port-file", "other"];
        let second = Launch::new(&other).in_directory(directory.path()).start_without_waiting().wait();
        second.expect_status(1);
        assert_eq!(second.stderr, "cannot open \"log\": another program rotates it\n");
    }
    expect_none_lost(first);
    let text: String = ["log.3", "log.2", "log.1", "log"]
        .iter()
        .filter_map(|name| fs::read_to_string(directory.path().join(name)).ok())
        .collect();
    assert!((0..20).map(line).collect::<String>().ends_with(&text) && text.len() >= 16 * 201, "{text}");
}

#[test]
fn a_descriptor_by_name_is_that_descriptor() {
    for name in ["/dev/stdout", "/dev/fd/1", "/dev/fd/5", "/proc/self/fd/5"] {
        let arguments = [&MESSAGES[..], &["--output", name]].concat();
        let program = Launch::new(&arguments).after("exec 5>&1").start();
        program.send(&record("by name"));
        let finished = program.stop();
        finished.expect_status(0);
        assert_eq!(finished.text(), "by name\n", "{name}");
    }
    // A socket cannot be opened by its name, and a pipe that was closed ends it.
    let (reader, writer) = UnixStream::pair().unwrap();
    let writer = OwnedFd::from(writer);
    let arguments = [&MESSAGES[..], &["--output", "/dev/stdout"]].concat();
    let program = Launch::new(&arguments).printing_to(writer.try_clone().unwrap()).start();
    program.send(&record("to a socket"));
    let mut lines = BufReader::new(reader).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "to a socket");
    drop(lines);
    wait_until_nobody_reads(&writer);
    program.send(&record("unread"));
    program.wait().expect_status(1);
    let finished = Launch::new(&["--output", "/dev/fd/77"]).start_without_waiting().wait();
    finished.expect_status(1);
    assert_eq!(finished.stderr, "cannot open \"/dev/fd/77\": Bad file descriptor (os error 9)\n");
}

#[test]
fn records_are_gathered_for_the_flush_interval_but_for_errors() {
    let arguments = [&MESSAGES[..], &["--output", "log", "--flush-interval", "3600", "--sync", "0"]].concat();
    let directory = tempfile::tempdir().unwrap();
    let program = Launch::new(&arguments).in_directory(directory.path()).start();
    let text = || fs::read_to_string(directory.path().join("log")).unwrap();
    let at = |level, message: &str| framed(&dict(&[("levelno", integer(level)), ("msg", text_value(message))]));
    program.send(&at(30, "one"));
    program.send(&at(39, "two"));
    assert_eq!(text(), "", "nothing is written yet");
    program.send(&at(40, "error"));
    wait_for_text(&directory.path().join("log"), "one\ntwo\nerror\n");
    program.send(&at(20, "last"));
    assert_eq!(text(), "one\ntwo\nerror\n");
    expect_none_lost(program);
    assert_eq!(text(), "one\ntwo\nerror\nlast\n");
}

#[test]
fn what_was_written_is_on_the_disk_within_the_time_of_sync() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return say_skipped("there is no strace: that files are synced is not tested");
    }
    for (sync, fewest, most) in [(&["--sync", "0"][..], 3, 5), (&["--sync", "3600"], 1, 1), (&[], 0, 0)] {
        let arguments = [&MESSAGES[..], &["--output", "log"], sync].concat();
        let directory = tempfile::tempdir().unwrap();
        let traced = ["strace", "-D", "-f", "-q", "-e", "trace=fdatasync", "-o", "trace"];
        let program = Launch::new(&arguments).in_directory(directory.path()).under(&traced).start();
        for index in 1..=3 {
            program.send(&record("x"));
            wait_for_text(&directory.path().join("log"), &"x\n".repeat(index));
        }
        expect_none_lost(program);
        let calls = || fs::read_to_string(directory.path().join("trace")).unwrap().matches("fdatasync(").count();
        wait_until("all is traced", || calls() >= fewest);
        assert!(calls() <= most, "{sync:?}: {}", calls());
    }
}

#[test]
fn a_burst_of_datagrams_is_kept_or_counted() {
    for count in [2000, 30_000] {
        let program = Launch::new(&MESSAGES).listening_on(&["udp:127.0.0.1:0"]).start();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let frame = record(&"x".repeat(400));
        program.signal(Signal::SIGSTOP);
        for _ in 0..count {
            socket.send_to(&frame, (Ipv4Addr::LOCALHOST, program.port())).unwrap();
        }
        program.signal(Signal::SIGCONT);
        program.take_output_through(b"x\n");
        let finished = program.stop();
        let totals = finished.totals();
        let printed: usize = totals.split(' ').next().unwrap().parse().unwrap();
        let lost: usize = totals.split(' ').rev().skip_while(|word| *word != "lost").nth(1).unwrap().parse().unwrap();
        assert_eq!(printed + lost, count, "{}", finished.stderr);
        let is_granted = !finished.stderr.contains("sysctl -w net.core.rmem_max=4194304");
        if lost == 0 {
            finished.expect_status(0);
        } else {
            assert!(count > 2000 || !is_granted, "{}", finished.stderr);
            finished.expect_status(1);
            assert!(finished.stderr.contains(" dropped by the kernel: they came too fast"), "{}", finished.stderr);
            assert!(totals.ends_with(&format!("{lost} lost ({lost} datagrams dropped by the kernel)")), "{totals}");
        }
        assert!(count == 2000 || lost > 0, "{}", finished.stderr);
    }
}

#[test]
fn the_end_of_zeros_after_a_power_cut_is_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    fs::write(&log, [b"before\n".to_vec(), vec![0; 4089]].concat()).unwrap();
    let arguments = [&MESSAGES[..], &["--output", "log"]].concat();
    let program = Launch::new(&arguments).in_directory(directory.path()).start();
    program.send(&record("after"));
    let finished = expect_none_lost(program);
    assert!(finished.stderr.contains("\"log\" ended in 4089 zeros, as after a power cut: they are cut off"));
    assert_eq!(fs::read_to_string(log).unwrap(), "before\nafter\n");
}

/// The program in a mount namespace of its own, in which `small` holds 64 KiB, half of them taken.
struct SmallFileSystem {
    program: Program,
    /// Where we see it.
    folder: PathBuf,
}

impl SmallFileSystem {
    fn start(rotation: &[&str]) -> Option<SmallFileSystem> {
        let mount = "mkdir small && mount -t tmpfs -o size=64k none small && head -c 32768 /dev/zero > small/ballast \
                     && exec \"$0\" \"$@\"";
        let alone = ["unshare", "-rm", "sh", "-c", mount];
        let trial = tempfile::tempdir().unwrap();
        let mut works = Command::new(alone[0]);
        works.args(&alone[1..]).arg("true").current_dir(&trial).stderr(Stdio::null());
        if !works.status().is_ok_and(|status| status.success()) {
            return None;
        }
        let arguments = [&MESSAGES[..], &["--output", "small/log"], rotation].concat();
        let program = Launch::new(&arguments).under(&alone).start();
        let root = PathBuf::from(format!("/proc/{}/root", program.id()));
        let folder = root.join(program.directory().strip_prefix("/").unwrap()).join("small");
        Some(SmallFileSystem { program, folder })
    }

    /// All log files, the oldest first.
    fn text(&self) -> String {
        let read = |name: String| fs::read_to_string(self.folder.join(name)).ok();
        let old: Vec<String> = (1..).map_while(|number| read(format!("log.{number}"))).collect();
        old.into_iter().rev().chain(read("log".to_owned())).collect()
    }
}

/// Waits until what was dropped is closed: a process that another test starts may have a copy of it for a moment.
pub fn wait_until_nobody_reads(writer: &OwnedFd) {
    // It tells of that error only.
    let mut fds = [PollFd::new(writer.as_fd(), PollFlags::empty())];
    while poll(&mut fds, PollTimeout::NONE) != Ok(1) {}
}

#[test]
fn a_closed_pipe_ends_it_with_status_1_after_saying_so() {
    let (reader, writer) = pipe();
    let program = Launch::new(&MESSAGES).printing_to(writer.try_clone().unwrap()).start();
    let mut lines = BufReader::new(File::from(reader)).lines();
    program.send(&record("read"));
    assert_eq!(lines.next().unwrap().unwrap(), "read");
    drop(lines);
    wait_until_nobody_reads(&writer);
    // An idle connection does not hold it.
    let idle = program.connect();
    program.send(&record("unread"));
    let finished = program.wait();
    drop(idle);
    finished.expect_status(1);
    assert!(finished.stderr.contains("cannot write standard output any more: Broken pipe"), "{}", finished.stderr);
    assert!(finished.totals().ends_with("0 rejected, 1 lost"), "{}", finished.stderr);
}

#[test]
fn a_file_that_was_moved_or_deleted_is_opened_anew() {
    let program = Program::start(&[&MESSAGES[..], &["--output", "log"]].concat());
    let file = |name: &str| program.directory().join(name);
    program.send(&record("one"));
    wait_for_text(&file("log"), "one\n");
    fs::rename(file("log"), file("moved")).unwrap();
    program.send(&record("two"));
    wait_for_text(&file("log"), "two\n");
    fs::remove_file(file("log")).unwrap();
    program.send(&record("three"));
    wait_for_text(&file("log"), "three\n");
    wait_for_text(&file("moved"), "one\n");
    assert_eq!(expect_none_lost(program).text(), "");
}

#[test]
fn appends_to_a_file_and_ends_its_last_line() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    fs::write(&log, "before\ntorn").unwrap();
    for message in ["one", "two"] {
        let arguments = [&MESSAGES[..], &["--output", "log"]].concat();
        let program = Launch::new(&arguments).in_directory(directory.path()).start();
        program.send(&record(message));
        expect_none_lost(program);
    }
    assert_eq!(fs::read_to_string(log).unwrap(), "before\ntorn\none\ntwo\n");
}

#[test]
fn a_file_at_the_limit_of_its_size_can_be_moved_out_of_the_way() {
    // 16 blocks of 512 bytes.
    let program = Launch::new(&[&MESSAGES[..], &["--output", "log"]].concat()).after("ulimit -f 16").start();
    let file = |name: &str| program.directory().join(name);
    let frames: Vec<u8> = (0..60).flat_map(|index| record(line(index).trim_end())).collect();
    program.send(&frames);
    program.take_diagnostics_through("cannot write \"log\": File too large (os error 27); trying again\n");
    fs::rename(file("log"), file("full")).unwrap();
    program.take_diagnostics_through("writing \"log\" again: 0 records were lost\n");
    let full = fs::read_to_string(file("full")).unwrap();
    let whole = full.rfind('\n').unwrap() + 1;
    let sent: String = (0..60).map(line).collect();
    assert_eq!(full.len(), 16 * 512);
    assert!(sent.starts_with(&full), "what did not fit is whole in the next file");
    assert_eq!(fs::read_to_string(file("log")).unwrap(), sent[whole..]);
    expect_none_lost(program);
}

#[test]
fn rotation_keeps_files_below_the_limit_of_their_size() {
    let rotation = ["--output", "log", "--max-bytes", "8k", "--backup-count", "20"];
    let program = Launch::new(&[&MESSAGES[..], &rotation].concat()).after("ulimit -f 16").start();
    let frames: Vec<u8> = (0..RECORDS).flat_map(|index| record(line(index).trim_end())).collect();
    program.send(&frames);
    let finished = expect_none_lost(program);
    assert!(!finished.stderr.contains("File too large"), "{}", finished.stderr);
}

/// Its ends, which no other child inherits.
pub fn pipe() -> (OwnedFd, OwnedFd) {
    pipe2(OFlag::O_CLOEXEC).unwrap()
}

/// 201 bytes that name their number.
fn line(index: usize) -> String {
    format!("{index:05} {}\n", "x".repeat(194))
}

fn wait_for_text(file: &Path, text: &str) {
    wait_until(text, || fs::read_to_string(file).is_ok_and(|found| found == text));
}

fn expect_none_lost(program: Program) -> Finished {
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().ends_with(" 0 lost"), "{}", finished.stderr);
    finished
}

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];

/// Some 50 kB.
const RECORDS: usize = 250;
