//! Writes that fail, are cut short, or tear a record.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
use super::*;
use crate::base::limits;
use crate::write::complaints::WhenFull;
use crate::write::file::LogFile;
use crate::write::{Opening, Output, Place, RotateBy, Rotation, Sink, Totals};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollTimeout, poll};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use tempfile::TempDir;

/// A destination that does what it is told, then writes.
struct Injected<F>(F, Arc<Mutex<Vec<u8>>>);

impl<F: FnMut(usize) -> io::Result<usize>> Write for Injected<F> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let taken = (self.0)(text.len())?.min(text.len());
        self.1.lock().unwrap().extend_from_slice(&text[..taken]);
        Ok(taken)
    }

    fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write(&text.iter().flat_map(|slice| slice.to_vec()).collect::<Vec<u8>>())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn injected(what: impl FnMut(usize) -> io::Result<usize> + Send + 'static) -> (Output, Arc<Mutex<Vec<u8>>>) {
    let written = Arc::default();
    let sink = Sink::Writer(Box::new(Injected(what, Arc::clone(&written))));
    (Output::start(sink, || {}).unwrap(), written)
}

fn os_error(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

fn batch(lines: impl IntoIterator<Item = String>) -> Batch {
    let mut batch = Batch::new();
    for line in lines {
        batch.buffer().extend_from_slice(line.as_bytes());
        batch.end_record();
    }
    batch
}

/// A line that names its number, `length` bytes long.
fn line(number: usize, length: usize) -> String {
    format!("{number:09} {}\n", "x".repeat(length - 11))
}

fn numbers(text: &[u8], length: usize) -> Vec<usize> {
    let lines = std::str::from_utf8(text).unwrap().split_inclusive('\n');
    lines
        .map(|found| {
            let number = found[..9].parse().unwrap();
            assert_eq!(found, line(number, length));
            number
        })
        .collect()
}

fn finish(output: &Output) -> Totals {
    output.finish(Instant::now() + Duration::from_secs(60))
}

fn said(output: &Output) -> Vec<String> {
    output.handle.queue.report().said()
}

fn pipe() -> (File, OwnedFd) {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC).unwrap();
    (File::from(reader), writer)
}

#[test]
fn short_writes_and_errors_that_pass_tear_no_line() {
    let mut calls: usize = 0;
    let (output, written) = injected(move |length| {
        calls += 1;
        match calls % 7 {
            0 => Err(os_error(nix::libc::EIO)),
            1 => Err(ErrorKind::Interrupted.into()),
            2 => Err(ErrorKind::WouldBlock.into()),
            3 => Ok(0),
            short => Ok(length.min(short * 1009)),
        }
    });
    for number in 0..300 {
        output.send(&mut batch([line(2 * number, 100), line(2 * number + 1, 100)]));
    }
    let totals = finish(&output);
    assert_eq!((totals.records, totals.bytes, totals.lost, totals.failed), (600, 60_000, 0, false));
    assert_eq!(numbers(&written.lock().unwrap(), 100), (0..600).collect::<Vec<_>>());
}

#[test]
fn a_full_queue_loses_the_newest_records_while_writing_fails() {
    let full = Arc::new(AtomicBool::new(true));
    let disk = Arc::clone(&full);
    let (output, written) = injected(move |length| match disk.load(Ordering::SeqCst) {
        true => Err(os_error(nix::libc::ENOSPC)),
        false => Ok(length),
    });
    let mut sent = 0;
    while output.totals().lost < 5 {
        output.send(&mut batch([line(sent, 1 << 20)]));
        sent += 1;
    }
    full.store(false, Ordering::SeqCst);
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (sent as u64 - 5, 5, false));
    assert_eq!(numbers(&written.lock().unwrap(), 1 << 20), (0..sent - 5).collect::<Vec<_>>());
    let said = said(&output);
    let about = |words: &str| said.iter().filter(|line| line.contains(words)).count();
    assert_eq!(about("cannot write the output: No space left on device (os error 28); trying again"), 1);
    assert_eq!(about("the queue is full: records are lost"), 1);
    assert_eq!(about("writing the output again: 5 records were lost"), 1);
}

#[test]
fn a_closed_pipe_is_fatal_and_nobody_waits_for_it() {
    let (reader, writer) = pipe();
    drop(reader);
    // A process that another test starts has the other end until it becomes another program.
    poll(&mut [PollFd::new(writer.as_fd(), PollFlags::empty())], PollTimeout::NONE).unwrap();
    let (fatal, heard) = mpsc::channel();
    let output = Output::start(Sink::Descriptor(writer), move || fatal.send(()).unwrap()).unwrap();
    output.send(&mut batch([line(0, 100)]));
    heard.recv().unwrap();
    for number in 1..20 {
        output.send(&mut batch([line(number, 1 << 20)]));
    }
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (0, 20, true));
    assert_eq!(said(&output), ["cannot write the output any more: Broken pipe (os error 32); 1 record is lost"]);
    assert!(heard.recv().is_err(), "called once");
}

#[test]
fn a_stopped_pipe_makes_readers_wait_and_loses_nothing() {
    for blocking in [true, false] {
        let (reader, writer) = pipe();
        if !blocking {
            fcntl(&writer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        }
        let output = Output::start(Sink::Descriptor(writer), || {}).unwrap();
        let count = 3 * limits::MAX_QUEUE_BYTES / 100_000;
        let sender = output.clone();
        let sending = thread::spawn(move || {
            for number in 0..count {
                sender.send(&mut batch([line(number, 100_000)]));
            }
        });
        while output.totals().waited.is_zero() {
            thread::yield_now();
        }
        let reading = thread::spawn(move || {
            let mut text = Vec::new();
            (&reader).read_to_end(&mut text).unwrap();
            text
        });
        sending.join().unwrap();
        let totals = finish(&output);
        assert_eq!((totals.records, totals.lost, totals.failed), (count as u64, 0, false));
        assert_eq!(numbers(&reading.join().unwrap(), 100_000), (0..count).collect::<Vec<_>>());
        // Each time it takes what the queue holds.
        let waits = said(&output).iter().filter(|line| line.contains("readers wait too")).count();
        assert!((1..=3).contains(&waits), "{waits}");
    }
}

#[test]
fn a_stuck_pipe_is_given_up_at_the_deadline() {
    let (reader, writer) = pipe();
    let output = Output::start(Sink::Descriptor(writer), || {}).unwrap();
    output.send(&mut batch([line(0, 100)]));
    while output.totals().records == 0 {
        thread::yield_now();
    }
    output.send(&mut batch((1..20).map(|number| line(number, 100_000))));
    let totals = output.finish(Instant::now());
    assert_eq!((totals.records + totals.lost, totals.failed), (20, true));
    assert!(totals.records < 20);
    drop(reader);
    output.send(&mut batch([line(20, 100)]));
    assert_eq!(output.totals().lost, totals.lost + 1);
}

#[test]
fn a_full_device_loses_everything_at_the_deadline_and_not_before() {
    let open = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let file = Place::file("/dev/full", None).into();
    for sink in [Sink::Descriptor(open().into()), file] {
        let output = Output::start(sink, || panic!("a full device may be emptied")).unwrap();
        output.send(&mut batch([line(0, 100), line(1, 100)]));
        while said(&output).is_empty() {
            thread::yield_now();
        }
        assert_eq!(output.totals().lost, 0);
        let totals = output.finish(Instant::now());
        assert_eq!((totals.records, totals.bytes, totals.lost, totals.failed), (0, 0, 2, true));
    }
}

#[test]
fn an_unwritable_file_fails_at_once_and_is_named() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("missing/log");
    let expected = format!("cannot open {path:?}: No such file or directory (os error 2)");
    let error = Output::start(Place::file(path, None), || {}).err().unwrap();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotFound, expected));
}

#[test]
fn eight_threads_lose_nothing_tear_nothing_and_keep_their_order() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let rotation = Rotation { max_bytes: 100_000, backup_count: 1000 };
    let sink = Place::file(path.clone(), Some(rotation));
    let output = Output::start(sink, || {}).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let output = output.clone();
            scope.spawn(move || {
                let mut batch = Batch::new();
                for number in 0..5000 {
                    writeln!(batch, "{thread} {number} {}", "x".repeat(number * 31 % 200)).unwrap();
                    batch.end_record();
                    if number % 7 == 0 {
                        output.send(&mut batch);
                    }
                }
                output.send(&mut batch);
            });
        }
    });
    assert_eq!(finish(&output).records, 40_000);

    let mut files: Vec<usize> = (0..).take_while(|n| *n == 0 || numbered(&path, *n).exists()).collect();
    assert!(files.len() > 10);
    files.reverse();
    let mut next = BTreeMap::new();
    for file in files {
        let file = numbered(&path, file);
        assert!(fs::metadata(&file).unwrap().len() < 100_000);
        for found in BufReader::new(File::open(file).unwrap()).lines() {
            let found = found.unwrap();
            let words: Vec<&str> = found.split(' ').collect();
            let number: &mut usize = next.entry(words[0].to_owned()).or_default();
            assert_eq!(found, format!("{} {number} {}", words[0], "x".repeat(*number * 31 % 200)));
            *number += 1;
        }
    }
    assert_eq!(next.into_values().collect::<Vec<_>>(), [5000; 8]);
}

fn numbered(path: &Path, number: usize) -> std::path::PathBuf {
    match number {
        0 => path.to_owned(),
        _ => format!("{}.{number}", path.display()).into(),
    }
}

#[test]
fn a_hard_link_that_cannot_be_rotated_away_stops_nothing() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, line(0, 100)).unwrap();
    fs::hard_link(&path, numbered(&path, 1)).unwrap();
    let rotation = Some(Rotation { max_bytes: 100, backup_count: 1 });
    let output = Output::start(Place::file(path.clone(), rotation), || {}).unwrap();
    output.send(&mut batch([line(1, 100), line(2, 100)]));
    assert_eq!(finish(&output).records, 2);
    assert_eq!(numbers(&fs::read(&path).unwrap(), 100), [0, 1, 2]);
    assert!(said(&output).is_empty());
}

#[test]
fn what_waits_is_joined_into_one_write() {
    let (opened, open) = mpsc::channel::<()>();
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&writes);
    let (at_gate, arrived) = mpsc::channel();
    let (output, _) = injected(move |length| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            at_gate.send(()).unwrap();
            open.recv().unwrap();
        }
        Ok(length)
    });
    output.send(&mut batch([line(0, 100)]));
    arrived.recv().unwrap();
    for number in 1..=100 {
        output.send(&mut batch([line(number, 100)]));
    }
    opened.send(()).unwrap();
    assert_eq!(finish(&output).records, 101);
    assert_eq!(writes.load(Ordering::SeqCst), 2);
}

#[test]
fn survives_a_destination_that_panics() {
    let (output, _) = injected(|_| panic!("a bug in the destination"));
    for number in 0..20 {
        output.send(&mut batch([line(number, 1 << 20)]));
    }
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (0, 20, true));
}

#[test]
fn writes_what_it_has_when_the_last_handle_is_dropped() {
    let (mut reader, writer) = pipe();
    let output = Output::start(Sink::Descriptor(writer), || {}).unwrap();
    output.send(&mut batch([line(7, 100)]));
    drop(output);
    let mut text = Vec::new();
    reader.read_to_end(&mut text).unwrap();
    assert_eq!(numbers(&text, 100), [7]);
}

#[test]
fn the_rest_of_a_torn_record_follows_into_the_file_where_it_began() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let rotation = Rotation { max_bytes: 150, backup_count: 1 };
    let queue = Arc::new(Queue::new("the output".to_owned(), WhenFull::Wait, Default::default()));
    let file =
        LogFile::open(path.clone(), Some(RotateBy::Size(rotation)), Opening::WATCHED, Default::default()).unwrap();
    let (mut writer, mut destination) = (Writer::new(queue, None), Destination::File(file));
    writer.taken.push_back(batch([line(0, 100), line(1, 100)]));

    // As if the kernel had taken only 60 bytes; then the file is moved.
    let first = line(0, 100);
    let part = [IoSlice::new(&first.as_bytes()[..60])];
    assert_eq!(destination.write_vectored(&part).unwrap(), 60);
    writer.settle(&destination, 60);
    fs::rename(&path, directory.path().join("moved")).unwrap();
    while !writer.taken.is_empty() {
        let written = writer.write(&mut destination).unwrap();
        writer.settle(&destination, written);
    }
    let moved = fs::read(directory.path().join("moved")).unwrap();
    assert_eq!(numbers(&moved, 100), [0]);
    assert_eq!(numbers(&fs::read(&path).unwrap(), 100), [1]);
}

#[test]
fn a_torn_record_begins_anew_if_its_file_cannot_take_the_rest_and_was_replaced() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let file = LogFile::open(path.clone(), None, Opening::WATCHED, Default::default()).unwrap();
    let mut destination = Destination::File(file);
    let mut taken = VecDeque::from([batch([line(0, 100), line(1, 100)])]);
    taken[0].advance(160);
    fs::remove_file(&path).unwrap();
    destination.room(&mut taken, false, 1000).unwrap();
    assert!(taken[0].is_torn() && !path.exists());
    destination.room(&mut taken, true, 1000).unwrap();
    assert_eq!(taken[0].unwritten(), line(1, 100).as_bytes());
    assert!(path.exists());
}

#[test]
fn a_torn_record_begins_anew_if_its_file_was_truncated() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let file = LogFile::open(path.clone(), None, Opening::WATCHED, Default::default()).unwrap();
    let mut destination = Destination::File(file);
    let mut taken = VecDeque::from([batch([line(0, 100), line(1, 100)])]);
    let text = taken[0].unwritten()[..160].to_owned();
    destination.write_vectored(&[IoSlice::new(&text)]).unwrap();
    taken[0].advance(160);
    destination.room(&mut taken, false, 1000).unwrap();
    assert!(taken[0].is_torn(), "nothing was cut");
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    destination.room(&mut taken, false, 1000).unwrap();
    assert_eq!(taken[0].unwritten(), line(1, 100).as_bytes());
}

#[test]
fn a_full_disk_with_rotation_gives_up_its_oldest_file() {
    let Some(disk) = Tmpfs::mount("size=256k") else {
        eprintln!("SKIPPED: cannot mount a tmpfs");
        return;
    };
    let path = disk.0.path().join("log");
    let rotation = Some(Rotation { max_bytes: 50_000, backup_count: 9 });
    let output = Output::start(Place::file(path.clone(), rotation), || {}).unwrap();
    for number in 0..1000 {
        output.send(&mut batch([line(number, 1000)]));
    }
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (1000, 0, false));
    let old = (1..=9).rev().map(|n| numbered(&path, n)).filter(|file| file.exists());
    let text: Vec<u8> = old.chain([path.clone()]).flat_map(|file| fs::read(file).unwrap()).collect();
    let kept = numbers(&text, 1000);
    assert!(kept.len() > 150 && kept.iter().copied().eq(1000 - kept.len()..1000), "the newest, none torn");
    let said = said(&output);
    assert!(said[0].ends_with("is given up for new records"), "{said:?}");
    assert!(said.len() <= 3, "{said:?}");
}

#[test]
fn pauses_double_until_a_write_succeeds() {
    let queue = Arc::new(Queue::new("the output".to_owned(), WhenFull::Wait, Default::default()));
    let sink = Injected(Ok, Arc::default());
    let (mut writer, destination) = (Writer::new(queue, None), Destination::Writer(Box::new(sink)));
    writer.taken.push_back(batch([line(0, 100)]));
    for doubled in 1..4 {
        assert!(writer.pause(&os_error(nix::libc::EIO)));
        assert_eq!(writer.fault.as_ref().unwrap().pause, FIRST_PAUSE * 2_u32.pow(doubled));
    }
    writer.fault.as_mut().unwrap().pause = LAST_PAUSE;
    writer.settle(&destination, 1);
    assert!(writer.fault.is_none());
}

struct Tmpfs(TempDir);

impl Tmpfs {
    fn mount(size: &str) -> Option<Tmpfs> {
        let directory = TempDir::new().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", size, "jackdaws-test"]).arg(directory.path()).output();
        mount.is_ok_and(|mount| mount.status.success()).then_some(Tmpfs(directory))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_that_is_freed_again_tears_and_loses_nothing() {
    let Some(disk) = Tmpfs::mount("size=256k") else {
        eprintln!("SKIPPED: cannot mount a tmpfs");
        return;
    };
    let path = disk.0.path().join("log");
    fs::write(disk.0.path().join("ballast"), vec![0; 200_000]).unwrap();
    let output = Output::start(Place::file(path.clone(), None), || {}).unwrap();
    for number in 0..100 {
        output.send(&mut batch([line(number, 1000)]));
    }
    while said(&output).is_empty() {
        thread::yield_now();
    }
    let torn = fs::read(&path).unwrap();
    assert!(torn.len() % 1000 != 0 && torn.len() < 100_000, "a disk is filled to its last byte");
    fs::remove_file(disk.0.path().join("ballast")).unwrap();
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (100, 0, false));
    assert_eq!(numbers(&fs::read(&path).unwrap(), 1000), (0..100).collect::<Vec<_>>());
    let said = said(&output);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].ends_with("No space left on device (os error 28); trying again"), "{said:?}");
    assert!(said[1].ends_with("again: 0 records were lost"), "{said:?}");
}
