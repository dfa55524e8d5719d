//! Several destinations: each gets every record, whole and in order, whatever becomes of the others.

use std::fs;
use std::sync::Arc;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::format::Formatter;
use jackdaws::format::escape::Escape;
use jackdaws::policy::handler::LogRecordHandler as _;
use jackdaws::policy::{Layout, MemoryHandler, Policy, PolicyHandler, Tree};
use jackdaws::record::{Defaults, make_log_record};
use jackdaws::write::{Output, Sink};

use crate::frames::{dict, record, text};
use crate::losses::{pipe, wait_until_nobody_reads};
use crate::program::{Launch, Program, wait_until};

#[test]
fn each_output_gets_every_record() {
    let program = Program::start(&["--format", "%(message)s", "-o", "a", "--output", "-", "-o", "b"]);
    let frames: Vec<u8> = (0..5000).flat_map(|index| record(&format!("record {index}"))).collect();
    program.send(&frames);
    let directory = program.directory().to_owned();
    let expected: String = (0..5000).map(|index| format!("record {index}\n")).collect();
    for name in ["a", "b"] {
        wait_until("all records", || fs::read_to_string(directory.join(name)).unwrap() == expected);
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), expected);
}

#[test]
fn one_that_is_gone_is_said_and_the_others_go_on() {
    let (reader, writer) = pipe();
    let options = ["--format", "%(message)s", "-o", "-", "-o", "a"];
    let program = Launch::new(&options).printing_to(writer.try_clone().unwrap()).start();
    drop(reader);
    wait_until_nobody_reads(&writer);
    program.send(&record("one"));
    program.take_diagnostics_through("cannot write standard output any more");
    program.send(&record("two"));
    let path = program.directory().join("a");
    wait_until("both records", || fs::read_to_string(&path).unwrap() == "one\ntwo\n");
    let finished = program.stop();
    finished.expect_status(1);
    assert!(finished.totals().ends_with(" 2 lost (2 at standard output)"), "{}", finished.stderr);
}

#[test]
fn a_full_one_holds_up_the_connections_that_log_to_it_and_loses_nothing() {
    let (reader, writer) = pipe();
    let program = Launch::new(&["--format", "%(message)s", "-o", "-", "-o", "a"]).printing_to(writer).start();
    let count = 200;
    let frame = record(&"x".repeat(99_999));
    std::thread::scope(|scope| {
        scope.spawn(|| program.send(&frame.repeat(count)));
        program.take_diagnostics_through("readers wait too\n");
        let mut bytes = vec![0; count * 100_000];
        std::io::Read::read_exact(&mut &fs::File::from(reader), &mut bytes).unwrap();
    });
    let path = program.directory().join("a");
    wait_until("all records", || fs::metadata(&path).unwrap().len() == count as u64 * 100_000);
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains(" 0 lost, readers waited "), "{}", finished.stderr);
}

#[test]
fn one_that_stalls_at_the_end_takes_none_of_the_time_of_the_others() {
    let (_reader, writer) = pipe();
    let arguments =
        ["--format", "%(message)s", "-o", "-", "-o", "a", "--flush-interval", "3600", "--drain-timeout", "1"];
    let directory = tempfile::tempdir().unwrap();
    let program = Launch::new(&arguments).in_directory(directory.path()).printing_to(writer).start();
    let text = "x".repeat(999) + "\n";
    program.send(&record(text.trim_end()).repeat(200));
    let finished = program.stop();
    finished.expect_status(1);
    assert!(fs::read_to_string(directory.path().join("a")).unwrap() == text.repeat(200), "{}", finished.stderr);
    assert!(finished.stderr.contains("gave up writing standard output: "), "{}", finished.stderr);
    assert!(!finished.stderr.contains("gave up writing \"a\""), "{}", finished.stderr);
}

#[test]
fn large_lines_keep_their_place_among_the_others_at_each() {
    let program = Program::start(&["--format", "%(message)s", "-o", "a", "-o", "b"]);
    let sizes = [10, 300_000, 20, 30, 400_000, 40];
    program.send(&sizes.iter().flat_map(|&size| record(&"x".repeat(size))).collect::<Vec<u8>>());
    let directory = program.directory().to_owned();
    for name in ["a", "b"] {
        let lengths = || fs::read_to_string(directory.join(name)).unwrap().lines().map(str::len).collect::<Vec<_>>();
        wait_until("all records", || lengths() == sizes);
    }
    program.stop().expect_status(0);
}

/// What one connection has kept, another hands on; it comes before what the first one logs after that, whichever of them ends its turn first.
#[test]
fn what_other_connections_hand_on_of_one_stays_in_its_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    let output = Output::start(Sink::Writer(Box::new(fs::File::create(&path).unwrap())), || {}).unwrap();
    let policy = Arc::new(Policy::new(tree_that_keeps(2, &output), Escape::All, MAX_FRAME_BYTES));
    let (mut one, mut other) = (PolicyHandler::new(&policy), PolicyHandler::new(&policy));
    handle(&mut one, "kept");
    handle(&mut other, "handed on");
    handle(&mut one, "after that");
    handle(&mut one, "the last");
    one.flush();
    other.flush();
    wait_until("all are written", || output.totals().waiting == 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "kept\nhanded on\nafter that\nthe last\n");
}

#[test]
fn what_comes_under_a_new_policy_goes_after_what_the_old_one_keeps() {
    let (reader, writer) = pipe();
    let output = Output::start(Sink::Writer(Box::new(fs::File::from(writer))), || {}).unwrap();
    let policy = Arc::new(Policy::new(tree_that_keeps(1000, &output), Escape::All, MAX_FRAME_BYTES));
    let mut handler = PolicyHandler::new(&policy);
    let (line, count) = ("x".repeat(200_000), 150);
    (0..count).for_each(|_| handle(&mut handler, &line));
    let mut bytes = vec![0; count * (line.len() + 1) + "new\n".len()];
    std::thread::scope(|scope| {
        // More than may wait: this takes until somebody reads.
        scope.spawn(|| policy.replace(tree_that_keeps(1, &output)));
        wait_until("some of it waits", || output.totals().waiting > 0);
        scope.spawn(|| {
            handle(&mut handler, "new");
            handler.flush();
        });
        std::io::Read::read_exact(&mut &fs::File::from(reader), &mut bytes).unwrap();
    });
    assert!(bytes.ends_with(b"x\nnew\n"));
}

/// So many records are kept, then they are written here.
fn tree_that_keeps(capacity: u64, output: &Output) -> Tree {
    let mut tree = Tree::new();
    let target = tree.add(&Arc::new(Layout::Text(Formatter::default())), output, None, Vec::new()).unwrap();
    let memory = tree.add_memory(None, Vec::new(), MemoryHandler::new(capacity, 40.0, Some(target), true, 1 << 30));
    tree.logger("").handlers.push(memory);
    tree
}

fn handle(handler: &mut PolicyHandler, message: &str) {
    let frame = dict(&[("msg", text(message))]);
    let mut unpickler = RecordUnpickler::new(Budget::new(1 << 20));
    let value = unpickler.unpickle(&frame).unwrap();
    handler.handle_log_record(&make_log_record(value, &Defaults::of_this_process(), "peer").unwrap());
}
