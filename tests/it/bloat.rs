//! What peers can make the program hold has a bound, whatever they do; and what they made it hold it gives back.
//!
//! Resident memory is read from `/proc`: VmHWM, the most that it ever was.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::PathBuf;
use std::thread;

use jackdaws::base::limits::MAX_FRAME_BYTES;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::{mkfifo, pipe2};

use crate::frames::{dict, framed, record, record_with, text};
use crate::program::{Finished, Launch, Program, ReservedPort, number_before, say_skipped, wait_until};

#[test]
fn a_thousand_peers_that_print_much_while_the_output_is_slow() {
    let (reader, writer) = pipe();
    let program = Launch::new(&["--format", "%(message)s"]).printing_to(writer).start();
    let frame = record_with("msg", text(&"x".repeat(100_000)));
    // Nobody reads the output: what they sent waits where it is, and most of it in the kernel.
    let clients: Vec<TcpStream> = (0..1000)
        .map(|_| {
            let mut client = program.connect();
            client.set_nonblocking(true).unwrap();
            let _ = client.write(&frame);
            client
        })
        .collect();
    program.take_diagnostics_through("readers wait too\n");
    drop(clients);
    let reading = thread::spawn(move || File::from(reader).read_to_end(&mut Vec::new()));
    wait_until("all are served", || status(&program, "Threads:") <= IDLE_THREADS);
    assert_less_than(&program, 128 << 10);
    program.stop().expect_status(0);
    reading.join().unwrap().unwrap();
}

#[test]
fn small_records_that_come_one_at_a_time_while_the_output_is_slow() {
    const RECORDS: usize = 200_000;
    let (reader, writer) = pipe();
    let program = Launch::new(&["--format", "%(message)s"]).printing_to(writer).start();
    // Each comes alone: of as many as this their peers write in turn, and each of them waits in between.
    let clients: Vec<TcpStream> = (0..50).map(|_| program.connect()).collect();
    clients.iter().for_each(|client| client.set_nodelay(true).unwrap());
    let frame = record("x");
    for mut client in clients.iter().cycle().take(RECORDS) {
        client.write_all(&frame).unwrap();
    }
    drop(clients);
    wait_until("all are served", || status(&program, "Threads:") <= IDLE_THREADS);
    assert_less_than(&program, 32 << 10);
    let reading = thread::spawn(move || File::from(reader).read_to_end(&mut Vec::new()));
    expect_all(program.stop(), RECORDS);
    reading.join().unwrap().unwrap();
}

#[test]
fn nothing_of_a_large_record_stays_with_an_idle_connection() {
    let long = text(&"x".repeat(10_000_000));
    for (key, format) in [("name", "%(message)s"), ("msg", "%(message)s"), ("msg", "%(message).1s %(message).1s")] {
        let program = Program::start(&["--format", format]);
        let frame = record_with(key, long.clone());
        let clients: Vec<TcpStream> = (0..20)
            .map(|_| {
                let mut client = program.connect();
                client.write_all(&frame).unwrap();
                program.take_output_through(b"\n");
                client
            })
            .collect();
        assert_less_than(&program, 128 << 10);
        drop(clients);
        expect_all(program.stop(), 20);
    }
}

/// To one output after the other: those that have taken a line hold it, and the next one waits.
#[test]
fn nothing_of_a_record_that_is_lost_to_an_absent_far_end_stays_with_its_connection() {
    const RECORDS: usize = 60;
    let port = ReservedPort::new();
    let relay = format!("relay:127.0.0.1:{}", port.number());
    let program = Program::start(&["-o", "log", "-o", &relay, "--format", "%(name)s"]);
    let frame = record_with("msg", text(&"x".repeat(4_000_000)));
    let clients: Vec<TcpStream> = (0..RECORDS)
        .map(|_| {
            let mut client = program.connect();
            client.write_all(&frame).unwrap();
            client
        })
        .collect();
    let log = program.directory().join("log");
    wait_until("all are written", || fs::read_to_string(&log).unwrap().lines().count() == RECORDS);
    assert_less_than(&program, 128 << 10);
    drop(clients);
    program.stop().expect_status(1);
}

#[test]
fn lines_of_many_megabytes_for_many_outputs_that_stall() {
    const OUTPUTS: usize = 10;
    const LENGTH: usize = 15_000_000;
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..OUTPUTS).map(|number| folder.path().join(number.to_string())).collect();
    let readers: Vec<File> = paths
        .iter()
        .map(|path| {
            mkfifo(path, Mode::S_IRWXU).unwrap();
            OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path).unwrap()
        })
        .collect();
    let mut options = vec!["--format", "%(message)s"];
    paths.iter().for_each(|path| options.extend(["--output", path.to_str().unwrap()]));
    let program = Program::start(&options);
    let read_all = |mut reader: File| {
        let flags = OFlag::from_bits_retain(fcntl(&reader, FcntlArg::F_GETFL).unwrap()) & !OFlag::O_NONBLOCK;
        fcntl(&reader, FcntlArg::F_SETFL(flags)).unwrap();
        let read = io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(usize::try_from(read).unwrap(), 2 * (LENGTH + 1));
    };
    thread::scope(|scope| {
        scope.spawn(|| program.send(&record(&"x".repeat(LENGTH)).repeat(2)));
        program.take_diagnostics_through("wait too\n");
        assert_less_than(&program, 128 << 10);
        readers.into_iter().for_each(|reader| _ = scope.spawn(move || read_all(reader)));
        wait_until("all are written", || status(&program, "Threads:") < OUTPUTS + IDLE_THREADS);
        assert_less_than(&program, 128 << 10);
        program.signal(Signal::SIGTERM);
    });
    expect_all(program.wait(), 2);
}

#[test]
fn messages_that_queues_make_while_the_output_stalls() {
    let folder = tempfile::tempdir().unwrap();
    let (path, policy) = (folder.path().join("fifo"), folder.path().join("policy.json"));
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    let mut reader = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&path).unwrap();
    let file = format!(r#"{{"class": "logging.FileHandler", "filename": {path:?}}}"#);
    let queue = r#"{"class": "logging.handlers.QueueHandler", "handlers": ["file"]}"#;
    let handlers = format!(r#""handlers": {{"file": {file}, "queue": {queue}}}"#);
    fs::write(&policy, format!(r#"{{"version": 1, {handlers}, "root": {{"handlers": ["queue"]}}}}"#)).unwrap();
    let program = Program::start(&["--config", policy.to_str().unwrap()]);
    // Each prints sixteen times its length.
    let args = [&b"("[..], &text(&"x".repeat(900_000)), b"q\0", &b"h\0".repeat(17), b"t"].concat();
    let frame = framed(&dict(&[("msg", text(&"%s".repeat(18))), ("args", args)]));
    let sending: Vec<_> = (0..40).map(|_| (program.connect(), frame.clone())).collect();
    let sending = sending.into_iter().map(|(mut client, frame)| thread::spawn(move || client.write_all(&frame)));
    let sending: Vec<_> = sending.collect();
    program.take_diagnostics_through("readers wait too\n");
    let reading = thread::spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while !matches!(reader.read(&mut bytes), Ok(0)) {
            thread::yield_now();
        }
    });
    sending.into_iter().for_each(|sent| sent.join().unwrap().unwrap());
    wait_until("all are served", || status(&program, "Threads:") <= IDLE_THREADS);
    assert_less_than(&program, 128 << 10);
    expect_all(program.stop(), 40);
    reading.join().unwrap();
}

#[test]
fn large_records_of_many_wait_for_memory_and_are_all_printed() {
    for (memory, senders, length, limit) in
        [("128M", 30, 4 << 20, 128 << 10), ("128M", 200, 1 << 20, 128 << 10), ("8M", 60, 1_000_000, 16 << 10)]
    {
        let (reader, writer) = pipe();
        let launch = Launch::new(&["--format", "%(message)s", "--max-memory", memory]);
        let program = launch.printing_to(writer).start();
        let frame = record(&"x".repeat(length));
        let printed = thread::scope(|scope| {
            for _ in 0..senders {
                scope.spawn(|| program.send(&frame.repeat(2)));
            }
            let mut bytes = vec![0; 2 * senders * (length + 1)];
            File::from(reader.try_clone().unwrap()).read_exact(&mut bytes).unwrap();
            bytes
        });
        assert!(printed.chunks(length + 1).all(|line| line.ends_with(b"x\n")));
        assert_less_than(&program, limit);
        expect_all(program.stop(), 2 * senders);
    }
}

#[test]
fn half_frames_of_many_with_little_memory() {
    let program = Program::start(&["--format", "%(message)s", "--max-memory", "8M", "--frame-timeout", "1000"]);
    let frame = record(&"x".repeat(1_000_000));
    let clients: Vec<TcpStream> = (0..60)
        .map(|index| {
            let mut client = program.connect();
            client.set_nonblocking(true).unwrap();
            let _ = client.write(&frame[..1000 + index * 16_000]);
            client
        })
        .collect();
    program.send(&record("honest"));
    program.take_output_through(b"honest\n");
    assert_less_than(&program, 16 << 10);
    drop(clients);
    program.stop().expect_status(0);
}

#[test]
fn eight_megabytes_are_enough_in_a_control_group_of_sixteen() {
    let Some(group) = ControlGroup::new("jackdaws-bloat", 16 << 20) else {
        return say_skipped("no memory control group can be made: its limit is not tested");
    };
    for options in [&["--max-memory", "8M"][..], &[]] {
        let launch = Launch::new(&[&["--format", "%(message)s"], options].concat());
        let program = launch.after(&format!("echo $$ > {}", group.tasks().display())).start();
        let frame = record(&"x".repeat(1_000_000));
        thread::scope(|scope| {
            for _ in 0..30 {
                scope.spawn(|| program.send(&frame.repeat(3)));
            }
        });
        expect_all(program.stop(), 90);
    }
}

#[test]
fn a_record_too_long_for_a_small_address_space_costs_that_record_only() {
    let program = Program::start_within(24_000, &["--format", "%(message)s"]);
    program.send(&[record(&"x".repeat(8_000_000)), record("next")].concat());
    program.take_output_through(b"next\n");
    let frame = record(&"x".repeat(1_000_000));
    program.send(&[frame.repeat(3), record("last")].concat());
    program.take_output_through(b"last\n");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains("5 records"), "{}", finished.stderr);
    assert!(finished.totals().contains("1 rejected (1 too long)"), "{}", finished.stderr);
}

#[test]
fn what_is_shared_out_of_a_small_address_space_is_there() {
    for length in [60_000, 250_000, 1_000_000] {
        let program = Program::start_within(24_000, &["--format", "%(message)s"]);
        let sent = [record(&"x".repeat(length)), record("next")].concat();
        thread::scope(|scope| (0..100).for_each(|_| _ = scope.spawn(|| program.send(&sent))));
        expect_all(program.stop(), 200);
    }
}

#[test]
fn what_the_system_has_no_memory_for_costs_those_records_only() {
    for (senders, length) in [(1, 8_000_000), (12, 3_000_000), (40, 3_000_000), (70, 250_000), (70, 300_000)] {
        for layout in [&["--format", "%(message)s"][..], &["--json"], &["--output", "relay:127.0.0.1:1"]] {
            // More is promised than there is.
            let options = [layout, &["--max-memory", "200M", "--max-frame", "16M", "--drain-timeout", "0.2"]].concat();
            let program = Program::start_within(30_000, &options);
            let sent = [record(&"x".repeat(length)), record("next")].concat();
            thread::scope(|scope| (0..senders).for_each(|_| _ = scope.spawn(|| program.send(&sent))));
            let finished = program.stop();
            let (totals, said) = (finished.totals(), &finished.stderr);
            assert!(finished.status.code().is_some() && !said.contains("not a frame"), "{options:?}: {said}");
            let [records, rejected, lost] =
                [" records", " rejected", " lost"].map(|what| number_before(totals, what).unwrap());
            assert_eq!(records + rejected, 2 * senders, "{options:?}: {said}");
            if layout[0] == "--output" {
                continue;
            }
            let lines: Vec<&[u8]> = finished.stdout.split_inclusive(|&byte| byte == b'\n').collect();
            let (short, long): (Vec<&[u8]>, _) = lines.iter().partition(|line| line.len() < 1000);
            assert_eq!(short.len(), senders, "{options:?}: {said}");
            assert!(long.iter().all(|line| line.len() > length), "none is cut");
            assert_eq!(long.len() + rejected + lost, senders, "{options:?}: {said}");
            // Small ones may all find room, one after the other.
            assert!(rejected + lost > 0 || length < 1_000_000, "{options:?}: {said}");
            assert_eq!(rejected + lost > 0, said.contains("the system has no memory for"), "{options:?}: {said}");
        }
    }
}

/// Messages as they are, to nowhere.
const PLAIN: &str = r#""formatter": "m""#;

#[test]
fn what_is_made_of_a_record_and_finds_no_memory_costs_that_record_only() {
    let text_of = |length: usize| text(&"\u{e9}".repeat(length / 2));
    // What has a copy made of it besides the line: bytes in base64, a line in ASCII, a pickle without objects.
    let object = [b"ca\nb\n)R", &b"]"[..]].concat();
    let bytes = [&b"B\x00\x12\x7a\x00"[..], &[0xff; 8_000_000]].concat();
    let nested = [b"(ca\nb\n)R(", &b"]".repeat(1_500_000)[..], b"lt"].concat();
    // What is decoded by way of a copy, or printed so.
    let python_2 = [&b"S'"[..], &b"\\\\".repeat(4_500_000), b"'\n"].concat();
    let latin_1 = [&b"c_codecs\nencode\n("[..], &text_of(8_000_000), &text("latin1"), b"tR"].concat();
    let integer = [&b"\x8b\x00\x12\x7a\x00"[..], &[0x11; 8_000_000]].concat();
    let json = r#""j": {"()": "pythonjsonlogger.json.JsonFormatter", "format": "%(x)s"}"#;
    for (name, out, x) in [
        ("base64", r#""formatter": "j""#, bytes),
        ("ASCII", r#""formatter": "m", "encoding": "ascii", "errors": "backslashreplace""#, text_of(6_000_000)),
        ("relay", "", [b"(", &object[..], &text_of(11_000_000), b"t"].concat()),
        ("relay, nested", "", nested),
        ("Python 2", PLAIN, python_2),
        ("Latin-1", PLAIN, latin_1),
        ("integer", PLAIN, integer),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let handler = match out {
            "" => r#""class": "logging.handlers.SocketHandler", "host": "127.0.0.1", "port": 1"#.to_owned(),
            formatter => format!(r#""class": "logging.FileHandler", "filename": "/dev/null", {formatter}"#),
        };
        let config = format!(
            r#"{{"version": 1, "formatters": {{{json}, "m": {{"format": "%(x)s"}}}}, "handlers": {{"out": {{{handler}}}}},
            "root": {{"handlers": ["out"]}}}}"#
        );
        fs::write(directory.path().join("c.json"), config).unwrap();
        // More is promised than there is.
        let options = ["--config", "c.json", "--max-memory", "200M", "--max-frame", "16M", "--drain-timeout", "0.2"];
        let program = Launch::new(&options).in_directory(directory.path()).after("ulimit -v 30000").start();
        program.send(&[record_with("x", x), record("next")].concat());
        let finished = program.stop();
        let (totals, said) = (finished.totals(), &finished.stderr);
        assert!(finished.status.code().is_some(), "{name}: {:?} {said}", finished.status);
        assert!(totals.starts_with("1 record ") || totals.starts_with("2 records "), "{name}: {said}");
        // What is nested becomes a short text.
        let is_short = name == "relay, nested" || name == "integer";
        let is_said = said.contains("the system has no memory for") || said.contains("too many bytes in flight");
        assert!(is_said || is_short, "{name}: {said}");
    }
}

#[test]
fn what_a_memory_handler_would_keep_for_many_handlers_is_held_in_one_line_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let (mut formatters, mut handlers, mut names) = (String::new(), String::new(), String::new());
    for number in 0..20 {
        let file = if number == 0 { "out" } else { "/dev/null" };
        formatters += &format!(r#""f{number}": {{"format": "{number} %(message)s"}},"#);
        handlers += &format!(
            r#""h{number}": {{"class": "logging.FileHandler", "filename": "{file}", "formatter": "f{number}"}},"#
        );
        names += &format!(r#"{}"h{number}""#, if number == 0 { "" } else { ", " });
    }
    let config = format!(
        r#"{{"version": 1, "formatters": {{{formatters} "last": {{}}}}, "handlers": {{{handlers}
        "queue": {{"class": "logging.handlers.QueueHandler", "handlers": [{names}]}},
        "kept": {{"class": "logging.handlers.MemoryHandler", "capacity": 100, "target": "queue"}}}},
        "root": {{"handlers": ["kept"]}}}}"#
    );
    fs::write(directory.path().join("config.json"), config).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    let long = "x".repeat(15_000_000);
    program.send(&["one", &long, "two"].map(record).concat());
    assert_less_than(&program, 128 << 10);
    program.stop().expect_status(0);
    let out = fs::read_to_string(directory.path().join("out")).unwrap();
    assert!(out == format!("0 one\n0 {long}\n0 two\n"), "{} bytes", out.len());
}

#[test]
fn many_memory_handlers_keep_no_more_than_max_memory_allows() {
    let directory = tempfile::tempdir().unwrap();
    let (mut handlers, mut names) = (String::new(), String::new());
    for number in 0..30 {
        let file = if number == 0 { "out" } else { "/dev/null" };
        let kept = r#""class": "logging.handlers.MemoryHandler", "capacity": 1000000, "flushLevel": "CRITICAL""#;
        handlers += &format!(r#""h{number}": {{"class": "logging.FileHandler", "filename": "{file}"}},"#);
        handlers += &format!(r#""k{number}": {{{kept}, "target": "h{number}"}},"#);
        names += &format!(r#"{}"k{number}""#, if number == 0 { "" } else { ", " });
    }
    let handlers = handlers.trim_end_matches(',');
    let config = format!(r#"{{"version": 1, "handlers": {{{handlers}}}, "root": {{"handlers": [{names}]}}}}"#);
    fs::write(directory.path().join("config.json"), config).unwrap();
    let options = ["--config", "config.json", "--max-memory", "8M"];
    let program = Launch::new(&options).in_directory(directory.path()).start();
    let line = "x".repeat(1000);
    program.send(&record(&line).repeat(2000));
    assert_less_than(&program, 16 << 10);
    program.stop().expect_status(0);
    assert!(fs::read_to_string(directory.path().join("out")).unwrap() == (line + "\n").repeat(2000));
}

/// A connection fills a batch for each place, and each place keeps some of those that are written.
#[test]
fn many_places_to_write_to_take_no_more_than_max_memory_allows() {
    const PLACES: usize = 30;
    const RECORDS: usize = 400;
    const PEERS: usize = 12;
    let directory = tempfile::tempdir().unwrap();
    let (mut handlers, mut names) = (Vec::new(), Vec::new());
    for number in 0..PLACES {
        symlink("/dev/null", directory.path().join(number.to_string())).unwrap();
        handlers.push(format!(r#""h{number}": {{"class": "logging.FileHandler", "filename": "{number}"}}"#));
        names.push(format!(r#""h{number}""#));
    }
    let (handlers, names) = (handlers.join(", "), names.join(", "));
    let config = format!(r#"{{"version": 1, "handlers": {{{handlers}}}, "root": {{"handlers": [{names}]}}}}"#);
    fs::write(directory.path().join("config.json"), config).unwrap();
    let options = ["--config", "config.json", "--max-memory", "8M"];
    let program = Launch::new(&options).in_directory(directory.path()).start();
    let sent = record(&"x".repeat(3000)).repeat(RECORDS);
    thread::scope(|scope| (0..PEERS).for_each(|_| _ = scope.spawn(|| program.send(&sent))));
    assert_less_than(&program, 16 << 10);
    expect_all(program.stop(), PEERS * RECORDS);
}

#[test]
fn queues_in_a_row_hold_two_of_the_longest_lines_together() {
    let directory = tempfile::tempdir().unwrap();
    let policy = |queues: usize| {
        let mut handlers = r#""h0": {"class": "logging.FileHandler", "filename": "out"}"#.to_owned();
        for number in 1..=queues {
            let next = number - 1;
            handlers +=
                &format!(r#", "h{number}": {{"class": "logging.handlers.QueueHandler", "handlers": ["h{next}"]}}"#);
        }
        let policy = format!(r#"{{"version": 1, "handlers": {{{handlers}}}, "root": {{"handlers": ["h{queues}"]}}}}"#);
        fs::write(directory.path().join("config.json"), policy).unwrap();
        fs::write(directory.path().join("out"), "").unwrap();
    };
    policy(3);
    let options = ["--config", "config.json", "--max-frame", "64k"];
    let program = Launch::new(&options).in_directory(directory.path()).start();
    // Of two lines of 64 KiB, the first two queues leave for the third as much as each of them has, or less.
    let texts = [43_689, 43_690, 43_691].map(|length| "x".repeat(length));
    program.send(&texts.each_ref().map(|text| record(text)).concat());
    program.stop().expect_status(0);
    let expected = format!("{}\n{}\n{}...\n", texts[0], texts[1], texts[1]);
    let out = fs::read_to_string(directory.path().join("out")).unwrap();
    assert!(out == expected, "{:?}", out.lines().map(str::len).collect::<Vec<_>>());

    policy(8);
    let program = Launch::new(&options[..2]).in_directory(directory.path()).start();
    program.send(&["one", &"x".repeat(15_000_000), "two"].map(record).concat());
    assert_less_than(&program, 128 << 10);
    program.stop().expect_status(0);
    let out = fs::read_to_string(directory.path().join("out")).unwrap();
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0] == "one" && lines[1].ends_with("x...") && lines[2] == "two");
}

#[test]
fn a_line_in_ascii_is_no_longer_than_others() {
    let directory = tempfile::tempdir().unwrap();
    let handler =
        r#"{"class": "logging.FileHandler", "filename": "out", "encoding": "ascii", "errors": "xmlcharrefreplace"}"#;
    let config = format!(r#"{{"version": 1, "handlers": {{"out": {handler}}}, "root": {{"handlers": ["out"]}}}}"#);
    fs::write(directory.path().join("config.json"), config).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    program.send(&record(&"\u{e9}".repeat(7_000_000)));
    let finished = program.stop();
    finished.expect_status(0);
    let line = fs::read(directory.path().join("out")).unwrap();
    assert_eq!(line.len(), MAX_FRAME_BYTES + "...\n".len());
    assert!(line.starts_with(b"&#233;&#233;") && line.ends_with(b"...\n"));
}

#[test]
fn memory_is_given_back_after_large_records() {
    let program = Launch::new(&["--format", "%(message)s", "--output", "/dev/null"]).start();
    let frame = record(&"x".repeat(4 << 20));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| program.send(&frame.repeat(4)));
        }
    });
    wait_until("all are served", || status(&program, "Threads:") <= IDLE_THREADS);
    let resident = status(&program, "VmRSS:");
    assert!(resident < 12 << 10, "{resident} KiB, at most {}", status(&program, "VmHWM:"));
    expect_all(program.stop(), 64);
}

#[test]
fn limits_that_do_not_go_together_are_refused() {
    for (memory, status) in [("659519", 2), ("659520", 0)] {
        let limits = ["--max-memory", memory, "--max-connections", "10", "--max-frame", "23920", "--timeout", "0"];
        Launch::new(&limits).start_without_waiting().wait().expect_status(status);
    }
}

/// A version 1 or 2 memory control group, which goes when this is dropped.
struct ControlGroup {
    folder: PathBuf,
}

impl ControlGroup {
    fn new(name: &str, limit: usize) -> Option<ControlGroup> {
        for (mount, file) in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")] {
            let folder = PathBuf::from(mount).join(format!("{name}-{}", std::process::id()));
            let is_made = fs::create_dir(&folder).is_ok();
            let group = ControlGroup { folder };
            if is_made && fs::write(group.folder.join(file), limit.to_string()).is_ok() {
                return Some(group);
            }
        }
        None
    }

    fn tasks(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder);
    }
}

fn expect_all(finished: Finished, records: usize) {
    finished.expect_status(0);
    let totals = finished.totals();
    assert!(totals.starts_with(&format!("{records} records")) && totals.contains(", 0 rejected, 0 lost"), "{totals}");
}

fn assert_less_than(program: &Program, kibibytes: usize) {
    let most = status(program, "VmHWM:");
    assert!(most < kibibytes, "{most} KiB");
}

fn status(program: &Program, key: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

fn pipe() -> (OwnedFd, OwnedFd) {
    pipe2(OFlag::O_CLOEXEC).unwrap()
}

/// Main, writer, signals and diagnostics.
const IDLE_THREADS: usize = 4;
