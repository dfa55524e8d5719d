//! The sending end, against the document's receiver on every CPython, and against receivers that misbehave.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, SystemTime};

use byteorder::{BigEndian, ReadBytesExt};
use jackdaws::base::text::TextWriter;
use jackdaws::format::json as json_line;
use jackdaws::receive::listen::{Address, LocalAddress};
use jackdaws::receive::{LogRecordSocketReceiver, Options};
use jackdaws::record::LogRecord;
use jackdaws::send::SocketHandler;
use log::{LevelFilter, Log};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde_json::{Value, json};

use crate::program::ReservedPort;
use crate::pythons::{Python, pythons};

#[test]
fn every_python_receives_each_attribute_as_it_was_sent() {
    log::set_max_level(LevelFilter::Trace);
    for python in &pythons() {
        for transport in Transport::BOTH {
            let receiver = DocumentReceiver::start(python, transport);
            let handler = receiver.handler();
            let before = since_1970();
            let sent = log_in_a_thread(&handler);
            let after = since_1970();
            for expected in sent {
                let row = receiver.row();
                assert_dict(&row["dict"], &expected, before..after);
                assert_eq!(row["message"], expected["msg"], "{python:?}");
                assert_eq!(row["logger"], expected["name"], "{python:?}");
                let line = row["line"].as_str().unwrap();
                let thread = format!("{} jackdaw", expected["thread"]);
                assert!(line.ends_with(&thread), "{line}");
            }
            assert_attributes(&receiver.attributes, python);
            assert_eq!(handler.dropped(), 0);
        }
    }
}

#[test]
fn our_own_receiver_gets_each_attribute_as_it_was_sent() {
    log::set_max_level(LevelFilter::Trace);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let unix = Address::parse(format!("unix:{}", path.display()).as_ref()).unwrap();
    let tcp = Address::parse("127.0.0.1:0".as_ref()).unwrap();
    let receiver = LogRecordSocketReceiver::bind(&[tcp, unix], Options::default()).unwrap();
    let LocalAddress::Tcp(addr) = receiver.local_addresses()[0].addresses[0] else { panic!("no TCP address") };
    let abort = receiver.abort();
    let (lines, received) = mpsc::channel();
    let serving = thread::spawn(move || {
        receiver.serve_until_stopped(move |_| {
            let lines = lines.clone();
            move |record: &LogRecord<'_>| {
                let mut line = Vec::new();
                json_line::write(record, &mut TextWriter::new(&mut line, 1 << 20));
                lines.send(serde_json::from_slice::<Value>(&line).unwrap()).unwrap();
            }
        })
    });
    for handler in [SocketHandler::new("127.0.0.1", addr.port()), SocketHandler::unix(&path)] {
        let before = since_1970();
        let sent = log_in_a_thread(&handler);
        let after = since_1970();
        for expected in sent {
            let mut row = received.recv_timeout(Duration::from_secs(60)).unwrap();
            row.as_object_mut().unwrap().remove("client_address");
            assert_dict(&row, &expected, before..after);
        }
        assert_eq!(handler.dropped(), 0);
    }
    abort.set();
    assert_eq!(serving.join().unwrap().unwrap().rejected_count(), 0);
}

#[test]
fn the_example_sends_the_documents_five_records_to_every_python() {
    for python in &pythons() {
        for transport in Transport::BOTH {
            let receiver = DocumentReceiver::start(python, transport);
            let output = example(&receiver.address);
            assert!(output.status.success(), "{output:?}");
            for (logger, levelname, message) in DOCUMENT {
                let row = receiver.row();
                assert_eq!(row["logger"], logger, "{python:?}");
                assert_eq!(row["dict"]["levelname"], levelname, "{python:?}");
                assert_eq!(row["message"], message, "{python:?}");
                assert_eq!(row["dict"]["threadName"], "MainThread", "{python:?}");
            }
        }
    }
}

#[test]
fn the_example_says_how_many_records_an_absent_receiver_cost() {
    let output = example("127.0.0.1:1");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("5 of 5 records could not be sent to 127.0.0.1:1"), "{error}");
}

#[test]
fn drops_and_counts_while_the_receiver_is_absent() {
    let directory = tempfile::tempdir().unwrap();
    for handler in [
        SocketHandler::new("127.0.0.1", 1),
        SocketHandler::new("localhost", 1),
        SocketHandler::new("no\0host", 9020),
        SocketHandler::unix(directory.path().join("absent")),
    ] {
        for dropped in 1..=3 {
            info(&handler, "nobody hears this");
            assert_eq!(handler.dropped(), dropped, "{handler:?}");
        }
        handler.flush();
    }
}

#[test]
fn sends_again_when_the_receiver_comes_back() {
    for transport in Transport::BOTH {
        let listener = Listener::bind(transport);
        let handler = listener.handler();
        info(&handler, "before");
        assert_eq!(listener.accept().record()["msg"], "before");

        let place = listener.close();
        info(&handler, "during");
        assert_eq!(handler.dropped(), 1);

        let listener = place.bind();
        let mut dropped = handler.dropped();
        info(&handler, "after");
        while handler.dropped() > dropped {
            // What is waited for is the end of the backoff, which is nothing but time.
            thread::sleep(Duration::from_millis(20));
            dropped = handler.dropped();
            info(&handler, "after");
        }
        assert_eq!(listener.accept().record()["msg"], "after");
    }
}

#[test]
fn loses_nothing_when_the_receiver_closes_an_idle_connection() {
    for transport in Transport::BOTH {
        let listener = Listener::bind(transport);
        let handler = listener.handler();
        for n in 0..5 {
            info(&handler, n);
            assert_eq!(listener.accept().record()["msg"], n.to_string());
        }
        assert_eq!(handler.dropped(), 0);
    }
}

#[test]
fn sends_a_record_again_whole_when_the_receiver_closes_inside_it() {
    for transport in Transport::BOTH {
        let listener = Listener::bind(transport);
        let handler = listener.handler();
        let message = "x".repeat(MORE_THAN_THE_KERNEL_HOLDS);
        thread::scope(|scope| {
            scope.spawn(|| info(&handler, &message));
            let mut inside = [0; 10];
            listener.accept().0.read_exact(&mut inside).unwrap();
            assert!(listener.accept().record()["msg"] == message.as_str());
        });
        assert_eq!(handler.dropped(), 0);
    }
}

#[test]
fn gives_up_on_a_receiver_that_stalls_and_counts_what_it_cost() {
    for transport in Transport::BOTH {
        let listener = Listener::bind(transport);
        let handler = listener.handler().timeout(Duration::from_millis(500));
        let message = "x".repeat(1 << 18);
        let mut sent = 0;
        while handler.dropped() == 0 {
            assert!(sent < 1000, "the kernel takes everything");
            info(&handler, &message);
            sent += 1;
        }
        sent -= 1;

        let mut stalled = listener.accept();
        for _ in 0..sent {
            assert!(stalled.record()["msg"] == message.as_str());
        }
        assert!(stalled.try_record().is_none(), "the last one is cut short");

        info(&handler, "awake again");
        assert_eq!(listener.accept().record()["msg"], "awake again");
        assert_eq!(handler.dropped(), 1);
    }
}

#[test]
fn flush_and_drop_wait_until_the_receiver_has_read_everything() {
    for transport in Transport::BOTH {
        for end in [|handler: SocketHandler| handler.flush(), drop] {
            let listener = Listener::bind(transport);
            let handler = listener.handler();
            info(&handler, "the last one");
            let closed = Arc::new(AtomicBool::new(false));
            let seen = Arc::clone(&closed);
            let ending = thread::spawn(move || {
                end(handler);
                seen.load(Ordering::SeqCst)
            });
            let mut connection = listener.accept();
            assert_eq!(connection.record()["msg"], "the last one");
            assert!(connection.try_record().is_none());
            closed.store(true, Ordering::SeqCst);
            drop(connection);
            assert!(ending.join().unwrap());
        }
    }
}

#[test]
fn connects_again_after_a_flush() {
    let listener = Listener::bind(Transport::Unix);
    let handler = listener.handler();
    for n in 0..2 {
        info(&handler, n);
        let flushing = handler.clone();
        let flush = thread::spawn(move || flushing.flush());
        let mut connection = listener.accept();
        assert_eq!(connection.record()["msg"], n.to_string());
        assert!(connection.try_record().is_none());
        drop(connection);
        flush.join().unwrap();
    }
}

#[test]
fn keeps_the_records_of_many_threads_apart() {
    const THREADS: usize = 8;
    const RECORDS: usize = 200;
    for transport in Transport::BOTH {
        let listener = Listener::bind(transport);
        let handler = listener.handler();
        let mut next = [0; THREADS];
        thread::scope(|scope| {
            for t in 0..THREADS {
                let handler = handler.clone();
                scope.spawn(move || (0..RECORDS).for_each(|n| info(&handler, [t, n].map(pad).concat())));
            }
            let mut connection = listener.accept();
            for _ in 0..THREADS * RECORDS {
                let record = connection.record();
                let (t, n) = record["msg"].as_str().unwrap().split_at(4);
                let t: usize = t.parse().unwrap();
                assert_eq!(n.parse(), Ok(next[t]), "each thread's records keep their order");
                next[t] += 1;
            }
        });
        assert_eq!(next, [RECORDS; THREADS]);
        assert_eq!(handler.dropped(), 0);
    }
}

#[test]
fn works_beside_other_loggers() {
    struct Both(Vec<Box<dyn Log>>);
    impl Log for Both {
        fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
            self.0.iter().any(|logger| logger.enabled(metadata))
        }
        fn log(&self, record: &log::Record<'_>) {
            self.0.iter().for_each(|logger| logger.log(record));
        }
        fn flush(&self) {
            self.0.iter().for_each(|logger| logger.flush());
        }
    }

    let listeners = Transport::BOTH.map(Listener::bind);
    let [every, severe] = listeners.each_ref().map(Listener::handler);
    let both = Both(vec![Box::new(every), Box::new(severe.level(LevelFilter::Warn))]);
    log_to(&both, log::Level::Info, "for one");
    log_to(&both, log::Level::Warn, "for both");
    let [mut every, mut severe] = listeners.each_ref().map(Listener::accept);
    assert_eq!(every.record()["msg"], "for one");
    assert_eq!(every.record()["msg"], "for both");
    assert_eq!(severe.record()["msg"], "for both");
}

/// Logs as a program would, and returns what must arrive.
fn log_in_a_thread(handler: &SocketHandler) -> [Value; 2] {
    let logging = || {
        let line = line!() + 1;
        log::trace!(logger: handler, target: "myapp.области", "naïve \u{1F426} 100% {}", "{}");
        let plain = expected(
            line,
            json!({
                "name": "myapp.области", "levelname": "TRACE", "levelno": 5, "msg": "naïve \u{1F426} 100% {}",
            }),
        );
        let line = line!() + 1;
        log::error!(logger: handler, target: "myapp",
            user = "ali\u{0}ce", n = -1, big = u64::MAX, huge = u128::MAX, ratio = 0.1, yes = true, no = None::<bool>,
            list:? = [1, 2], letter = 'x', name = "clash", name_ = "twice"; "with extras");
        let extras = expected(
            line,
            json!({
                "name": "myapp", "levelname": "ERROR", "levelno": 40, "msg": "with extras",
                "user": "ali\u{0}ce", "n": -1, "big": u64::MAX, "huge": u128::MAX.to_string(), "ratio": 0.1, "yes": true,
                "no": null, "list": "[1, 2]", "letter": "x", "name_": "clash", "name__": "twice",
            }),
        );
        [plain, extras]
    };
    thread::scope(|scope| {
        let named = thread::Builder::new().name("jackdaw".to_owned());
        named.spawn_scoped(scope, logging).unwrap().join().unwrap()
    })
}

/// All attributes but the times, of a record that the calling thread logs.
fn expected(line: u32, given: Value) -> Value {
    let mut expected = json!({
        "args": null, "exc_info": null, "exc_text": null, "stack_info": null, "funcName": null, "taskName": null,
        "pathname": file!(), "filename": "sending.rs", "module": "sending", "lineno": line,
        "thread": nix::unistd::gettid().as_raw(), "threadName": "jackdaw",
        "process": std::process::id(), "processName": "MainProcess",
    });
    let attributes = expected.as_object_mut().unwrap();
    attributes.extend(given.as_object().unwrap().clone());
    expected
}

fn assert_dict(dict: &Value, expected: &Value, times: std::ops::Range<f64>) {
    let mut rest = dict.as_object().unwrap().clone();
    let mut time = |key| rest.remove(key).unwrap().as_f64().unwrap();
    let (created, msecs) = (time("created"), time("msecs"));
    let relative_created = time("relativeCreated");
    assert!(times.start <= created && created <= times.end, "{dict}");
    let fraction = created.fract() * 1000.0 - msecs;
    assert!(msecs.fract() == 0.0 && (-0.001..1.001).contains(&fraction), "{dict}");
    let longest = (times.end - times.start) * 1000.0 + 60_000.0;
    assert!((0.0..longest).contains(&relative_created), "{dict}");
    assert_eq!(&Value::Object(rest), expected);
}

/// Every attribute that this Python gives its records is one that the handler sends.
fn assert_attributes(attributes: &[String], python: &Python) {
    let mut sent = expected(0, json!({"name": 0, "levelname": 0, "levelno": 0, "msg": 0}));
    sent["created"] = json!(0);
    sent["msecs"] = json!(0);
    sent["relativeCreated"] = json!(0);
    let sent: Vec<&String> = sent.as_object().unwrap().keys().collect();
    for attribute in attributes {
        assert!(sent.contains(&attribute), "{attribute} of {python:?}");
    }
    if python.version >= (3, 12) {
        assert_eq!(attributes.len(), sent.len(), "{python:?}");
    }
}

fn info(handler: &SocketHandler, message: impl Display) {
    log_to(handler, log::Level::Info, message);
}

/// Past the macros, which obey the level of the whole process.
fn log_to(logger: &dyn Log, level: log::Level, message: impl Display) {
    let record = &mut log::Record::builder();
    logger.log(&record.target("jackdaws").level(level).args(format_args!("{message}")).build());
}

fn pad(n: usize) -> String {
    format!("{n:04}")
}

fn since_1970() -> f64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs_f64()
}

fn example(address: &str) -> std::process::Output {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["run", "--quiet", "--offline", "--example", "send"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    cargo.arg("--manifest-path").arg(manifest);
    cargo.arg("--").arg(address).output().unwrap()
}

/// `receiver.py`, running.
struct DocumentReceiver {
    child: Child,
    rows: Receiver<String>,
    address: String,
    attributes: Vec<String>,
    _directory: tempfile::TempDir,
}

impl DocumentReceiver {
    fn start(python: &Python, transport: Transport) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/receiver.py");
        let path = directory.path().join("socket");
        let mut child = Command::new(&python.path)
            .arg(script)
            .arg(match transport {
                Transport::Tcp => "localhost:0".to_owned(),
                Transport::Unix => format!("unix:{}", path.display()),
            })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let rows = lines(child.stdout.take().unwrap());
        let first: Value = row(&rows);
        let attributes = first["attributes"].as_array().unwrap().iter();
        DocumentReceiver {
            address: first["address"].as_str().unwrap().to_owned(),
            attributes: attributes.map(|a| a.as_str().unwrap().to_owned()).collect(),
            child,
            rows,
            _directory: directory,
        }
    }

    fn handler(&self) -> SocketHandler {
        match self.address.strip_prefix("unix:") {
            Some(path) => SocketHandler::unix(path),
            None => {
                let (_, port) = self.address.rsplit_once(':').unwrap();
                SocketHandler::new("localhost", port.parse().unwrap())
            }
        }
    }

    fn row(&self) -> Value {
        row(&self.rows)
    }
}

impl Drop for DocumentReceiver {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    lines
}

fn row(rows: &Receiver<String>) -> Value {
    serde_json::from_str(&rows.recv_timeout(PATIENCE).unwrap()).unwrap()
}

#[derive(Clone, Copy)]
enum Transport {
    Tcp,
    Unix,
}

impl Transport {
    const BOTH: [Transport; 2] = [Transport::Tcp, Transport::Unix];
}

/// A receiver in this process, which does only what its test says.
enum Listener {
    Tcp(TcpListener, ReservedPort),
    Unix(UnixListener, PathBuf, tempfile::TempDir),
}

impl Listener {
    fn bind(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Place::Tcp(ReservedPort::new()).bind(),
            Transport::Unix => Place::Unix(tempfile::tempdir().unwrap()).bind(),
        }
    }

    /// Patient, so that a busy machine costs no records.
    fn handler(&self) -> SocketHandler {
        match self {
            Listener::Tcp(_, port) => SocketHandler::new("localhost", port.number()),
            Listener::Unix(_, path, _) => SocketHandler::unix(path),
        }
        .timeout(PATIENCE)
    }

    fn accept(&self) -> Connection {
        wait(match self {
            Listener::Tcp(listener, _) => listener.as_fd(),
            Listener::Unix(listener, ..) => listener.as_fd(),
        });
        match self {
            Listener::Tcp(listener, _) => {
                let stream = listener.accept().unwrap().0;
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                Connection(Box::new(stream))
            }
            Listener::Unix(listener, ..) => {
                let stream = listener.accept().unwrap().0;
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                Connection(Box::new(stream))
            }
        }
    }

    fn close(self) -> Place {
        match self {
            Listener::Tcp(_, port) => Place::Tcp(port),
            Listener::Unix(_, path, directory) => {
                std::fs::remove_file(path).unwrap();
                Place::Unix(directory)
            }
        }
    }
}

/// Where a listener was, and may be again.
enum Place {
    Tcp(ReservedPort),
    Unix(tempfile::TempDir),
}

impl Place {
    fn bind(self) -> Listener {
        match self {
            Place::Tcp(port) => Listener::Tcp(port.listen(), port),
            Place::Unix(directory) => {
                let path = directory.path().join("socket");
                Listener::Unix(UnixListener::bind(&path).unwrap(), path, directory)
            }
        }
    }
}

fn wait(fd: BorrowedFd<'_>) {
    let timeout = PollTimeout::try_from(PATIENCE).unwrap();
    let events = poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], timeout);
    assert_eq!(events, Ok(1), "nobody connected");
}

struct Connection(Box<dyn Read>);

impl Connection {
    fn record(&mut self) -> Value {
        self.try_record().expect("the connection ended")
    }

    /// `None` where the stream ends, be it inside a record.
    fn try_record(&mut self) -> Option<Value> {
        let mut frame = Vec::new();
        match self.read_frame(&mut frame) {
            Ok(()) => Some(serde_pickle::from_slice(&frame, Default::default()).unwrap()),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(e) => panic!("{e}"),
        }
    }

    fn read_frame(&mut self, frame: &mut Vec<u8>) -> io::Result<()> {
        let length = self.0.read_u32::<BigEndian>()?;
        frame.resize(length.try_into().unwrap(), 0);
        self.0.read_exact(frame)
    }
}

/// How long a test waits for what must come: long enough that only a failure makes it wait so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than the largest send and receive buffers that Linux gives a socket by itself.
const MORE_THAN_THE_KERNEL_HOLDS: usize = 32 << 20;

const DOCUMENT: [(&str, &str, &str); 5] = [
    ("root", "INFO", "Jackdaws love my big sphinx of quartz."),
    ("myapp.area1", "DEBUG", "Quick zephyrs blow, vexing daft Jim."),
    ("myapp.area1", "INFO", "How quickly daft jumping zebras vex."),
    ("myapp.area2", "WARNING", "Jail zesty vixen who grabbed pay from quack."),
    ("myapp.area2", "ERROR", "The five boxing wizards jump quickly."),
];
