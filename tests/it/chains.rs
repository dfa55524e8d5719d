//! From a sender through one Jackdaws to another, to a syslog daemon, and into a file of totals.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use crate::corpus;
use crate::program::{Guarded, Program, wait_until};
use crate::pythons::{Python, data, newest, pythons};

#[test]
fn records_of_every_python_print_at_the_end_of_a_chain_what_they_print_on_the_way() {
    let format = ["--format", "%(name)s|%(levelno)s|%(process)d|%(threadName)s|%(message)s"];
    for python in pythons() {
        let end = Program::start(&format);
        let to = format!("relay:127.0.0.1:{}", end.port());
        let middle = Program::start(&[&["-o", &to, "-o", "-"], &format[..]].concat());
        python.run("clients/document_client.py", &["127.0.0.1", &middle.port().to_string()], "UTC");
        let on_the_way = middle.stop();
        on_the_way.expect_status(0);
        let at_the_end = end.stop();
        assert_eq!(on_the_way.text().lines().count(), 5);
        assert_eq!(at_the_end.text(), on_the_way.text(), "{:?}", python.version);
    }
}

#[test]
fn cpythons_own_receiver_prints_behind_two_relays_what_it_prints_directly() {
    let Some(newest) = newest() else { return };
    // Of records of plain data, those that CPython takes: at the first other one its receiver ends the connection.
    let mut cases: Vec<String> = corpus::rows().into_iter().filter(|row| row.tier == 1).map(|row| row.case).collect();
    cases.sort();
    cases.dedup();
    let paths = cases.iter().map(|case| data(&format!("good/frames/{case}.frame")));
    let takes = newest.command_of(TAKES).args(paths).output().unwrap().stdout;
    let takes = String::from_utf8(takes).unwrap();
    let cases: Vec<&String> =
        cases.iter().zip(takes.lines()).filter(|(_, takes)| *takes == "1").map(|(case, _)| case).collect();
    let last = b"\0\0\0\x59}(X\x03\0\0\0msgX\x08\0\0\0the lastX\x04\0\0\0nameX\x01\0\0\0nX\x07\0\0\0levelnoK\x28\
                 X\x07\0\0\0processK\x07X\x0a\0\0\0threadNameX\x01\0\0\0tu.";
    let frames: Vec<u8> = cases.iter().flat_map(|case| corpus::frame(case)).chain(*last).collect();
    assert!(cases.len() > 50, "{cases:?}");

    let direct = CPython::start(&newest);
    let relayed = CPython::start(&newest);
    let end = Program::start(&["-o", &format!("relay:127.0.0.1:{}", relayed.port)]);
    let middle = Program::start(&["-o", &format!("relay:127.0.0.1:{}", end.port())]);
    TcpStream::connect((Ipv4Addr::LOCALHOST, direct.port)).unwrap().write_all(&frames).unwrap();
    middle.send(&frames);
    let live: Vec<_> = pythons();
    for python in &live {
        let ports = [direct.port, middle.port()].map(|port| port.to_string());
        assert!(python.command_of(SENDS).args(ports).status().unwrap().success());
    }
    middle.stop().expect_status(0);
    end.stop().expect_status(0);
    // Connections end in no order; the lines of each keep theirs.
    let printed = |receiver: &CPython| {
        receiver.wait_for(&["the last", "no loss"], live.len());
        let mut records: Vec<String> = receiver.printed().split("\u{1}").map(str::to_owned).collect();
        records.sort();
        records
    };
    assert_eq!(printed(&relayed), printed(&direct));
}

/// One process that sends the same to two ports.
const SENDS: &str = "
import logging, logging.handlers, sys
for port in sys.argv[1:]:
    logging.getLogger().addHandler(logging.handlers.SocketHandler('127.0.0.1', int(port)))
logging.getLogger('shop').error('%s owes %d', 'Ann', 3, extra={'customer': {'name': u'\\xe9', 'orders': [1, 2.5, None, True]}})
try:
    {}['key']
except KeyError:
    logging.exception('no loss')
";

/// Prints 1 for each file that it takes, else 0.
const TAKES: &str = "
import logging, pickle, sys
for name in sys.argv[1:]:
    try:
        sent = pickle.loads(open(name, 'rb').read()[4:])
        record = logging.makeLogRecord(sent)
        # What was not sent would be the receiving process's own.
        print(int({'process', 'threadName'} <= set(sent) and record.levelno >= 0 and isinstance(logging.Formatter('%(name)s %(message)s').format(record), str)))
    except Exception:
        print(0)
";

/// The document's receiver, by CPython.
struct CPython {
    _child: Guarded,
    directory: TempDir,
    port: u16,
}

impl CPython {
    fn start(python: &Python) -> CPython {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("port");
        let format = "\u{1}%(name)s|%(levelno)s|%(process)s|%(threadName)s|%(pathname)s:%(lineno)s|%(message)s";
        let mut command = python.script("receiver_cpython.py");
        command.args(["--host", "127.0.0.1", "--port", "0", "--format", format, "--port-file"]).arg(&file);
        command.env("PYTHONIOENCODING", "utf-8:backslashreplace").stderr(Stdio::null());
        let output = fs::File::create(directory.path().join("output")).unwrap();
        let child = Guarded(command.stdout(output).spawn().unwrap());
        wait_until("CPython's receiver listens", || file.exists());
        let port = fs::read_to_string(file).unwrap().trim().parse().unwrap();
        CPython { _child: child, directory, port }
    }

    fn printed(&self) -> String {
        fs::read_to_string(self.directory.path().join("output")).unwrap()
    }

    /// Until the first text has come, and the second so many times.
    fn wait_for(&self, [first, second]: &[&str; 2], times: usize) {
        wait_until("all records are there", || {
            let printed = self.printed();
            printed.contains(first) && printed.matches(second).count() >= times
        });
    }
}

#[test]
fn metrics_that_cannot_be_written_are_said_once() {
    let program = Program::start(&["--metrics", "no/metrics"]);
    program.take_diagnostics_through("cannot write no/metrics: ");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(!finished.stderr.contains("cannot write"), "{}", finished.stderr);
}

#[test]
fn metrics_never_take_the_place_of_what_is_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    for path in [pipe.to_str().unwrap(), "/dev/fd/1"] {
        let program = Program::start(&["--metrics", path]);
        program.take_diagnostics_through(&format!("cannot write {path}: it is no regular file"));
        program.stop().expect_status(0);
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}

/// A close is answered by nothing: the far end had read all of it.
#[test]
fn a_far_end_that_goes_without_reading_all_is_said() {
    let record = b"\0\0\0\x0e}(X\x03\0\0\0msgK\x01u.";
    for has_read in [false, true] {
        let far_end = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("relay:tcp:{}", far_end.local_addr().unwrap());
        let program = Program::start(&["-o", &address]);
        program.send(record);
        let (mut connection, _) = far_end.accept().unwrap();
        let mut received = [0; 1000];
        assert!(connection.peek(&mut received).unwrap() > 0);
        if has_read {
            let _ = connection.read(&mut received).unwrap();
        }
        drop(connection);
        program.send(record);
        let again = far_end.accept().unwrap();
        let finished = program.stop();
        drop(again);
        finished.expect_status(0);
        let said = format!("cannot write {address}: Connection reset by peer (os error 104); trying again");
        assert_eq!(finished.stderr.contains(&said), !has_read, "{}", finished.stderr);
    }
}

#[test]
fn a_far_end_that_goes_again_and_again_is_said_once() {
    let record = b"\0\0\0\x0e}(X\x03\0\0\0msgK\x01u.";
    let far_end = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("relay:tcp:{}", far_end.local_addr().unwrap());
    let program = Program::start(&["-o", &address]);
    for _ in 0..20 {
        program.send(record);
        let (connection, _) = far_end.accept().unwrap();
        // It goes without having read this.
        assert!(connection.peek(&mut [0]).unwrap() > 0);
    }
    program.send(record);
    let stays = far_end.accept().unwrap();
    let finished = program.stop();
    drop(stays);
    let count = |of: &str| finished.stderr.matches(of).count();
    assert_eq!((count("trying again"), count("0 records were lost")), (1, 1), "{}", finished.stderr);
}

#[test]
fn a_relay_to_itself_comes_to_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let address = format!("unix:{}", path.display());
    let program = Program::start(&["-l", &address, "-o", &format!("relay:{address}"), "-o", "-", "-f", "%(message)s"]);
    program.send(b"\0\0\0\x0e}(X\x03\0\0\0msgK\x01u.");
    std::thread::sleep(Duration::from_millis(500));
    let finished = program.stop();
    // Once as sent, and once for each relay that it may pass.
    assert_eq!(finished.text(), "1\n".repeat(9));
    assert!(finished.stderr.contains("it has passed 8 relays: do they form a ring?"), "{}", finished.stderr);
    finished.expect_status(1);
}

#[test]
fn a_local_daemon_gets_the_traditional_form_and_metrics_take_the_place_of_a_link() {
    let directory = tempfile::tempdir().unwrap();
    let [socket, metrics, victim] = ["log", "metrics.prom", "victim"].map(|name| directory.path().join(name));
    fs::write(&victim, "untouched").unwrap();
    symlink(&victim, &metrics).unwrap();
    let daemon = UnixDatagram::bind(&socket).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let to = format!("syslog:unixgram:{}", socket.display());
    let options = ["-o", &to, "--facility", "local3", "--utc", "--metrics", metrics.to_str().unwrap()];
    let program = Program::start(&options);
    let record = b"}(X\x03\0\0\0msgX\x03\0\0\0a\nbX\x04\0\0\0nameX\x01\0\0\0nX\x07\0\0\0levelnoK\x28X\x07\0\0\0createdK\0X\x07\0\0\0processK\x07u.";
    let length = u32::try_from(record.len()).unwrap().to_be_bytes();
    program.send(&[&length[..], record].concat());
    let mut buffer = [0; 100];
    let received = daemon.recv(&mut buffer).unwrap();
    assert_eq!(std::str::from_utf8(&buffer[..received]).unwrap(), "<155>Jan  1 00:00:00 n[7]: a\nb");
    program.stop().expect_status(0);
    let text = fs::read_to_string(&metrics).unwrap();
    for line in [
        "jackdaws_records_total{level=\"error\"} 1",
        "jackdaws_records_total{level=\"debug\"} 0",
        "jackdaws_connections_total 1",
        "jackdaws_connections 0",
        &format!("jackdaws_lost_records_total{{destination=\"{to}\"}} 0"),
        "jackdaws_metrics_write_failures_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    assert!(fs::symlink_metadata(&metrics).unwrap().is_file());
}
