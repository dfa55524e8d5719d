//! `--config`: what CPython wrote by the same configuration for the same records, and what it says of faulty files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use nix::sys::signal::Signal;

use crate::frames::record;
use crate::program::{Launch, wait_until};
use crate::pythons::{self, Python, json_lines, newest, pythons, unhexlified};

#[test]
fn writes_what_cpython_writes_by_the_same_configuration() {
    let mut cases: Vec<PathBuf> = entries(&data()).into_iter().filter(|path| path.join("case.json").exists()).collect();
    cases.sort();
    assert!(cases.len() >= 27, "{cases:?}");
    for case in cases {
        run(&case);
    }
}

fn run(case: &Path) {
    let spec: serde_json::Value = serde_json::from_slice(&fs::read(case.join("case.json")).unwrap()).unwrap();
    let (work, side) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for before in spec["before"].as_array().into_iter().flatten() {
        let path = work.path().join(before[0].as_str().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, before[1].as_str().unwrap()).unwrap();
        if let Some(seconds) = before[2].as_u64() {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
    }
    let config = side.path().join("config.json");
    let far_ends = FarEnds::listen(&spec, work.path());
    fs::write(&config, far_ends.named_in(fs::read_to_string(case.join("config.json")).unwrap())).unwrap();
    let mut arguments = vec!["--config", config.to_str().unwrap()];
    if let Some(logname) = spec["logname"].as_str() {
        arguments.extend(["--logname", logname]);
    }
    let program = Launch::new(&arguments).in_directory(work.path()).with("TZ", "UTC").start();
    let frames = frames(&fs::read(case.join("frames.bin")).unwrap());
    for action in spec["actions"].as_array().unwrap() {
        match action[0].as_str().unwrap() {
            "send" => {
                let range = number(&action[1])..number(&action[2]);
                program.send(&frames[range].concat());
            }
            "reload" => {
                fs::copy(case.join(action[1].as_str().unwrap()), &config).unwrap();
                program.signal(Signal::SIGHUP);
                program.take_diagnostics_through(" anew\n");
            }
            other => panic!("{other}"),
        }
    }
    let finished = program.stop();
    finished.expect_status(0);
    let received = far_ends.close(spec["relay"] == true);
    let mut found = files(work.path());
    found.remove("port");
    found.extend(received);
    found.insert("stdout".to_owned(), finished.stdout.clone());
    let mut expected = files(&case.join("expected"));
    let expected_stderr = String::from_utf8(expected.remove("stderr").unwrap()).unwrap();
    for line in expected_stderr.lines() {
        assert!(finished.stderr.lines().any(|said| said == line), "{}: {line} in {}", case.display(), finished.stderr);
    }
    for (name, text) in &expected {
        let found = found.get(name).map(|text| comparable(name, text));
        assert_eq!(found, Some(comparable(name, text)), "{}: {name}", case.display());
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", case.display());
}

/// By `tests/data/random_policies.py`, which says what its Python writes. Seeded: the same Python makes the same.
#[test]
fn writes_what_cpython_writes_by_random_configurations() {
    let Some(oracle) = newest() else { return };
    let rows = json_lines(&oracle.run("random_policies.py", &["--count", "150", "--seed", "20261130"], "UTC"));
    assert_eq!(rows.len(), 150);
    for row in &rows {
        let (work, side) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, text) in row["before"].as_object().unwrap() {
            fs::write(work.path().join(name), text.as_str().unwrap()).unwrap();
        }
        let config = side.path().join("config.json");
        fs::write(&config, row["config"].as_str().unwrap()).unwrap();
        let arguments = ["--config", config.to_str().unwrap(), "--escape", "none", "--quiet"];
        let program = Launch::new(&arguments).in_directory(work.path()).with("TZ", "UTC").start();
        program.send(&unhexlified(row["frames"].as_str().unwrap()));
        let finished = program.stop();
        finished.expect_status(0);
        let mut found = files(work.path());
        found.remove("port");
        found.extend([("stdout".to_owned(), finished.stdout), ("stderr".to_owned(), finished.stderr.into_bytes())]);
        let found = found.into_iter().map(|(name, text)| (name, String::from_utf8(text).unwrap()));
        let expected: BTreeMap<String, String> = serde_json::from_value(row["files"].clone()).unwrap();
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "{}", row["config"]);
    }
}

/// Who listens where a case's configuration sends records to.
struct FarEnds {
    tcp: Option<TcpListener>,
    udp: Option<UdpSocket>,
    unixgram: Option<(PathBuf, UnixDatagram)>,
}

impl FarEnds {
    fn listen(spec: &serde_json::Value, directory: &Path) -> FarEnds {
        let listens = |kind: &str| spec["listen"].as_array().is_some_and(|kinds| kinds.iter().any(|of| of == kind));
        let path = directory.join("devlog");
        FarEnds {
            tcp: listens("tcp").then(|| TcpListener::bind("127.0.0.1:0").unwrap()),
            udp: listens("udp").then(|| UdpSocket::bind("127.0.0.1:0").unwrap()),
            unixgram: listens("unixgram").then(|| (path.clone(), UnixDatagram::bind(path).unwrap())),
        }
    }

    /// A configuration with their ports.
    fn named_in(&self, config: String) -> String {
        let tcp = self.tcp.as_ref().map_or(0, |tcp| tcp.local_addr().unwrap().port());
        let udp = self.udp.as_ref().map_or(0, |udp| udp.local_addr().unwrap().port());
        config.replace("\"@TCP_PORT@\"", &tcp.to_string()).replace("\"@UDP_PORT@\"", &udp.to_string())
    }

    /// What they were sent by a program that has ended, by the name of the file that has the same.
    fn close(self, is_relay: bool) -> Vec<(String, Vec<u8>)> {
        let mut received = Vec::new();
        if let Some(tcp) = self.tcp {
            tcp.set_nonblocking(true).unwrap();
            let (mut connection, _) = tcp.accept().expect("the program has connected");
            connection.set_nonblocking(false).unwrap();
            let mut bytes = Vec::new();
            connection.read_to_end(&mut bytes).unwrap();
            received.push(match newest() {
                Some(python) if is_relay => ("tcp.records.jsonl".to_owned(), unpickled(&python, &bytes)),
                _ => ("tcp.bytes".to_owned(), bytes),
            });
        }
        if let Some(udp) = self.udp {
            udp.set_nonblocking(true).unwrap();
            received.push(("udp.datagrams.json".to_owned(), datagrams(|buffer| udp.recv(buffer))));
        }
        if let Some((path, unixgram)) = self.unixgram {
            fs::remove_file(path).unwrap();
            unixgram.set_nonblocking(true).unwrap();
            received.push(("unixgram.datagrams.json".to_owned(), datagrams(|buffer| unixgram.recv(buffer))));
        }
        received
    }
}

/// Those that have come, as a JSON list.
fn datagrams(mut receive: impl FnMut(&mut [u8]) -> std::io::Result<usize>) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 16];
    let mut found = Vec::new();
    while let Ok(length) = receive(&mut buffer) {
        found.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
    }
    serde_json::to_vec(&found).unwrap()
}

/// Frames as CPython unpickles them, a JSON object a line.
fn unpickled(python: &Python, frames: &[u8]) -> Vec<u8> {
    let program = "import json, pickle, struct, sys\n\
        data = sys.stdin.buffer.read()\n\
        while data:\n\
        \x20   end = 4 + struct.unpack('>L', data[:4])[0]\n\
        \x20   print(json.dumps(pickle.loads(data[4:end])))\n\
        \x20   data = data[end:]\n";
    let mut command = python.command_of(program);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(frames).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// Values where the files are JSON, however those are spelt.
fn comparable(name: &str, text: &[u8]) -> String {
    if name.ends_with(".jsonl") {
        format!("{:#?}", json_lines(text))
    } else if name.ends_with(".json") {
        format!("{:#?}", serde_json::from_slice::<serde_json::Value>(text).unwrap())
    } else {
        String::from_utf8_lossy(text).into_owned()
    }
}

#[test]
fn tells_the_place_of_each_mistake() {
    let messages = [
        (
            "cfg-missing",
            "handlers.out.stream: takes ext://sys.stdout or ext://sys.stderr; \"cfg://nowhere\" is not followed",
        ),
        ("ext-missing", "handlers.out.stream: takes ext://sys.stdout or ext://sys.stderr, not \"ext://sys.nowhere\""),
        ("file-encoding", "handlers.out.encoding: takes utf-8 or ascii, not \"klingon\""),
        (
            "file-no-folder",
            "handlers.out.filename: cannot open \"no/such/x.log\": No such file or directory (os error 2)",
        ),
        ("file-number", "handlers.out.filename: takes a file name, not 7"),
        ("format-defaults", "formatters.f.defaults: takes an object, not [\"x\"]"),
        ("format-style-unknown", "formatters.f.style: takes %, { or $, not \"#\""),
        ("format-style", "formatters.f.format: no field in the format: \"{message}\"; it looks like style {"),
        ("handler-debug-only", "handlers.out.debug_only: unknown; StreamHandler takes stream"),
        ("handlers-text", "root.handlers: takes a list of names, not \"out\""),
        ("level-custom", "handlers.out.level: takes a whole number or one of DEBUG, "),
        ("level-float", ", not 20.5"),
        ("level-number-text", ", not \"20\""),
        ("logger-level-custom", "loggers.a.level: takes a whole number or one of DEBUG, "),
        ("memory-circle", "handlers.out.target: a circle: out, m, out"),
        ("memory-no-capacity", "handlers.m.capacity: missing"),
        ("memory-target", "handlers.m.target: there is no handler \"z\" (handlers: \"m\", \"out\")"),
        ("no-class", "handlers.out.class: missing; there are logging.StreamHandler, "),
        ("no-version", "version: missing; it takes the number 1"),
        ("propagate-text", "loggers.a.propagate: takes true or false, not \"no\""),
        ("queue-no-handlers", "handlers.q.handlers: missing; its records would go nowhere"),
        ("root-list", "root: takes an object, not [\"out\"]"),
        ("rotating-text", "handlers.out.maxBytes: takes a whole number, not \"10M\""),
        (
            "short-class",
            "handlers.out.class: \"StreamHandler\" is no handler class known here; did you mean logging.StreamHandler?",
        ),
        ("smtp", "handlers.out.class: \"logging.handlers.SMTPHandler\" is no handler class known here; there are "),
        ("stream-unknown", "handlers.out.stream: takes ext://sys.stdout or ext://sys.stderr, not \"ext://sys.stdin\""),
        (
            "third-party-class",
            "handlers.out.class: \"rich.logging.RichHandler\" is no handler class known here; there are ",
        ),
        ("syslog-address-text", "handlers.out.address: takes a path or [host, port], not \"('192.0.2.1', 514)\""),
        ("timed-week", "handlers.out.when: takes S, M, H, D, midnight or W0 to W6, not \"W7\""),
        ("timed-when", "handlers.out.when: takes S, M, H, D, midnight or W0 to W6, not \"daily\""),
        ("trailing-comma", "no JSON: trailing comma (JSON has none) at line 1 column 14"),
        ("unknown-argument", "handlers.out.colour: unknown; StreamHandler takes stream"),
        ("unknown-filter", "handlers.out.filters: there is no filter \"y\" (filters: \"x\")"),
        ("unknown-formatter", "handlers.out.formatter: there is no formatter \"g\" (formatters: \"f\")"),
        ("unknown-handler", "root.handlers: there is no handler \"file\" (handlers: \"out\")"),
        ("version-text", "version: takes the number 1, not \"1\""),
    ];
    let mut messages = BTreeMap::from(messages);
    for path in entries(&data().join("errors")) {
        let checked = check(&path);
        match messages.remove(path.file_stem().unwrap().to_str().unwrap()) {
            Some(message) => {
                let said = String::from_utf8(checked.stderr).unwrap();
                assert_eq!(checked.status.code(), Some(2), "{}: {said}", path.display());
                assert!(said.contains(message), "{}: {said}", path.display());
                let start = format!("jackdaws: {}: ", path.display());
                assert!(said.trim_end().lines().all(|line| line.starts_with(&start)), "{said}");
            }
            None => assert_eq!(checked.status.code(), Some(0), "{}", path.display()),
        }
    }
    assert!(messages.is_empty(), "{messages:?}");
}

#[test]
fn tells_all_mistakes_of_a_file_at_once_and_opens_nothing() {
    let text = r#"{"version": 2, "handlers": {
        "a": {"class": "logging.FileHandler", "filename": "made", "mode": "x"},
        "b": {"class": "logging.StreamHandler", "levels": "INFO", "level": "warning"}},
        "loggers": {"x": {"handlers": ["c"]}}}"#;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    fs::write(&path, text).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start_without_waiting();
    let finished = program.wait();
    finished.expect_status(2);
    for message in [
        "version: takes the number 1, not 2",
        "handlers.a.mode: takes a, w, a+, w+, at or wt, not \"x\"",
        "handlers.b.levels: unknown; StreamHandler takes stream; did you mean level?",
        "not \"warning\"; did you mean WARNING?",
        "loggers.x.handlers: there is no handler \"c\" (handlers: \"a\", \"b\")",
    ] {
        assert!(finished.stderr.contains(message), "{message}: {}", finished.stderr);
    }
    assert!(!directory.path().join("made").exists());
}

#[test]
fn a_file_whose_folder_is_missing_is_told_before_another_is_made_and_may_come_later_if_it_is_delayed() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.json");
    let text = config_of(&[
        ("a", "FileHandler", r#""filename": "made""#),
        ("b", "FileHandler", r#""filename": "missing/one""#),
        ("c", "FileHandler", r#""filename": "missing/two""#),
    ]);
    fs::write(&config, text).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start_without_waiting();
    let finished = program.wait();
    finished.expect_status(2);
    for message in ["handlers.b.filename: cannot open \"missing/one\": ", "handlers.c.filename: cannot open "] {
        assert!(finished.stderr.contains(message), "{message}: {}", finished.stderr);
    }
    assert!(!directory.path().join("made").exists());
    let delayed = config_of(&[("b", "FileHandler", r#""filename": "missing/one", "delay": true"#)]);
    fs::write(&config, delayed).unwrap();
    assert!(check(&config).status.success());
}

#[test]
fn check_says_who_would_write_where() {
    let checked = check(&data().join("03-level-routing/config.json"));
    assert_eq!(checked.status.code(), Some(0));
    let expected = "\
warning: root.level: a receiver asks no logger's level, only those of handlers
alarm: FileHandler to \"alarm.log\", from level 45; of root
all: FileHandler to \"all.log\", from level 0; of root
errors: FileHandler to \"errors.log\", from level 40; of root
out: StreamHandler to standard output, from level 30; of root
";
    assert_eq!(String::from_utf8(checked.stdout).unwrap(), expected);
}

/// The text of a file whose root has handlers of these members.
fn config_of(handlers: &[(&str, &str, &str)]) -> String {
    let named = handlers.iter().map(|(name, class, rest)| {
        let comma = if rest.is_empty() { "" } else { ", " };
        let module = if ["FileHandler", "StreamHandler"].contains(class) { "logging" } else { "logging.handlers" };
        format!(r#""{name}": {{"class": "{module}.{class}"{comma}{rest}}}"#)
    });
    let names = handlers.iter().map(|(name, ..)| format!("\"{name}\""));
    let (named, names) = (named.collect::<Vec<_>>().join(","), names.collect::<Vec<_>>().join(","));
    format!(r#"{{"version": 1, "handlers": {{{named}}}, "root": {{"handlers": [{names}]}}}}"#)
}

#[test]
fn check_says_who_would_send_where() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let facility = r#""facility": "ext://logging.handlers.SysLogHandler.LOG_LOCAL7""#;
    let stream = r#""address": ["::1", "6514"], "socktype": "ext://socket.SOCK_STREAM""#;
    let handlers = [
        ("a", "SysLogHandler", ""),
        ("b", "SysLogHandler", facility),
        ("c", "SysLogHandler", stream),
        ("d", "SysLogHandler", r#""address": "/dev/log", "socktype": "ext://socket.SOCK_DGRAM""#),
        ("e", "SocketHandler", r#""host": "log.example", "port": 9020, "level": "ERROR""#),
        ("f", "SocketHandler", r#""host": "/run/relay", "port": null"#),
        ("g", "DatagramHandler", r#""host": "log.example", "port": 65535"#),
        ("h", "DatagramHandler", r#""host": "/run/relay", "port": null"#),
        // One destination with `log`: CPython's records come there in the order of handling.
        ("i", "SysLogHandler", r#""address": "././log""#),
    ];
    fs::write(&path, config_of(&handlers)).unwrap();
    let checked = check(&path);
    let expected = "\
a: SysLogHandler to udp:localhost:514; of root
b: SysLogHandler to udp:localhost:514; of root
c: SysLogHandler to tcp:[::1]:6514; of root
d: SysLogHandler to unixgram:/dev/log; of root
e: SocketHandler to tcp:log.example:9020, from level 40; of root
f: SocketHandler to unix:/run/relay; of root
g: DatagramHandler to udp:log.example:65535; of root
h: DatagramHandler to unixgram:/run/relay; of root
i: SysLogHandler to unixgram:log; of root
";
    assert_eq!(String::from_utf8(checked.stdout).unwrap(), expected);
    assert_eq!(checked.status.code(), Some(0));
}

#[test]
fn tells_the_place_of_each_mistake_about_who_is_sent_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let facility = "takes a syslog facility, such as user, daemon, auth or local0 to local7, not ";
    let port = "takes a port from 1 to 65535, or null where host is the path of a socket, not ";
    for (class, rest, place, message) in [
        ("SysLogHandler", r#""facility": 24"#, "facility", format!("{facility}24")),
        ("SysLogHandler", r#""facility": "users""#, "facility", format!("{facility}\"users\"")),
        (
            "SysLogHandler",
            r#""address": ["a", 0]"#,
            "address",
            "takes a path or [host, port], not [\"a\", 0]".to_owned(),
        ),
        ("SysLogHandler", r#""address": ["a"]"#, "address", "takes a path or [host, port], not [\"a\"]".to_owned()),
        (
            "SysLogHandler",
            r#""address": [1, 2, 3, 4]"#,
            "address",
            "takes a path or [host, port], not a list".to_owned(),
        ),
        ("SysLogHandler", r#""address": ["a", []]"#, "address", "takes a path or [host, port], not a list".to_owned()),
        (
            "SysLogHandler",
            r#""socktype": "tcp""#,
            "socktype",
            "takes ext://socket.SOCK_DGRAM or ext://socket.SOCK_STREAM, not \"tcp\"".to_owned(),
        ),
        ("SysLogHandler", r#"".": {"ident": 7}"#, "..ident", "takes a text, not 7".to_owned()),
        ("SysLogHandler", r#"".": {"append_nul": "no"}"#, "..append_nul", "takes true or false, not \"no\"".to_owned()),
        (
            "SysLogHandler",
            r#"".": {"idents": ""}"#,
            "..idents",
            "unknown; SysLogHandler takes append_nul, ident, facility; did you mean ident?".to_owned(),
        ),
        ("SocketHandler", r#""host": "a", "port": 0"#, "port", format!("{port}0")),
        ("SocketHandler", r#""host": "a", "port": 65536"#, "port", format!("{port}65536")),
        ("DatagramHandler", r#""host": "a", "port": "x""#, "port", format!("{port}\"x\"")),
        ("DatagramHandler", r#""host": "a""#, "port", "missing".to_owned()),
    ] {
        fs::write(&path, config_of(&[("h", class, rest)])).unwrap();
        let checked = check(&path);
        let said = String::from_utf8(checked.stderr).unwrap();
        assert!(said.contains(&format!("handlers.h.{place}: {message}\n")), "{class} {rest}: {said}");
        assert_eq!(checked.status.code(), Some(2), "{class} {rest}");
    }
}

#[test]
fn takes_and_refuses_what_dictconfig_does() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    for (class, rest, refused) in [
        ("RotatingFileHandler", r#""filename": "x", "maxBytes": 1e6, "backupCount": "3""#, None),
        ("RotatingFileHandler", r#""filename": "x", "maxBytes": -1, "backupCount": null"#, None),
        ("RotatingFileHandler", r#""filename": "x", "maxBytes": 1.5"#, Some("maxBytes: takes a whole number, not 1.5")),
        (
            "RotatingFileHandler",
            r#""filename": "x", "maxBytes": "1""#,
            Some("maxBytes: takes a whole number, not \"1\""),
        ),
        (
            "RotatingFileHandler",
            r#""filename": "x", "maxBytes": null"#,
            Some("maxBytes: takes a whole number, not null"),
        ),
        (
            "WatchedFileHandler",
            r#""filename": "x", "mode": null"#,
            Some("mode: takes a, w, a+, w+, at or wt, not null"),
        ),
        ("WatchedFileHandler", r#""filename": "x", "encoding": null, "errors": null, "delay": null"#, None),
        (
            "WatchedFileHandler",
            r#""filename": "cfg://x""#,
            Some("filename: takes a file name; \"cfg://x\" is not followed"),
        ),
        (
            "WatchedFileHandler",
            r#""filename": "x", "formatter": "ext://x""#,
            Some("formatter: takes a name; \"ext://x\" is "),
        ),
        (
            "WatchedFileHandler",
            r#""filename": "x", "()": null"#,
            Some("(): null is no handler class known here; there are "),
        ),
        (
            "WatchedFileHandler",
            r#""filename": "x", "()": "logging.FileHandler""#,
            Some("class: unknown; FileHandler takes filename, mode, encoding, delay, errors"),
        ),
        (
            "WatchedFileHandler",
            r#""filename": "x", ".": {"terminator": "\r\n"}"#,
            Some(r#"..terminator: takes "\n", not "\r\n""#),
        ),
        ("MemoryHandler", r#""capacity": "2""#, Some("capacity: takes a whole number, not \"2\"")),
        ("MemoryHandler", r#""capacity": 100000000000000000000"#, None),
        ("MemoryHandler", r#""capacity": 100000000000000000000.5e-1"#, None),
        (
            "QueueHandler",
            r#""handlers": ["h"], "queue": {}"#,
            Some("queue: takes a class, or an object with \"()\", not an object"),
        ),
        (
            "QueueHandler",
            r#""handlers": ["h"], "queue": null"#,
            Some("queue: takes a class, or an object with \"()\", not null"),
        ),
        (
            "QueueHandler",
            r#""handlers": ["h"], "listener": 7"#,
            Some("listener: takes a class, or an object with \"()\", not 7"),
        ),
        ("QueueHandler", r#""handlers": ["h", 7, null]"#, Some("handlers.1: takes a name, not 7")),
        ("FileHandler", r#""filename": ".""#, Some("filename: cannot open \".\": Is a directory (os error 21)")),
        ("FileHandler", r#""filename": "no folder/../x/""#, None),
        ("WatchedFileHandler", r#""filename": "/""#, Some("filename: cannot open \"/\": Is a directory (os error 21)")),
        ("FileHandler", r#""filename": "/dev/null/x""#, Some("filename: cannot open \"/dev/null/x\": Not a directory")),
        (
            "WatchedFileHandler",
            r#""FILENAME": "x""#,
            Some(
                "FILENAME: unknown; WatchedFileHandler takes filename, mode, encoding, delay, errors; did you mean filename?",
            ),
        ),
        ("MemoryHandler", r#""capacity": 2, "target": null"#, Some("target: takes a name, not null")),
        ("MemoryHandler", r#""capacity": 2, "flushLevel": null"#, Some("flushLevel: takes a whole number or one of ")),
        ("SysLogHandler", r#""address": null"#, Some("address: takes a path or [host, port], not null")),
        ("SysLogHandler", r#""socktype": 2"#, None),
        (
            "SysLogHandler",
            r#""socktype": 3"#,
            Some("socktype: takes ext://socket.SOCK_DGRAM or ext://socket.SOCK_STREAM, not 3"),
        ),
        ("SocketHandler", r#""host": 7, "port": 9"#, Some("host: takes a host, or the path of a socket, not 7")),
        ("SysLogHandler", r#""socktype": null, "level": 1000000000000, "formatter": "", "filters": null"#, None),
    ] {
        fs::write(&path, config_of(&[("h", class, rest)])).unwrap();
        let checked = check(&path);
        let said = String::from_utf8(checked.stderr).unwrap();
        assert_eq!(checked.status.code(), Some(if refused.is_some() { 2 } else { 0 }), "{class} {rest}: {said}");
        let place = refused.map_or(String::new(), |refused| format!("handlers.h.{refused}"));
        assert!(said.contains(&place), "{class} {rest}: {said}");
    }
}

#[test]
fn sections_are_objects_or_empty_and_what_they_hold_is_not_looked_for_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    for (rest, refused) in [
        (r#""handlers": null"#, Some("handlers: takes an object, not null\n")),
        (r#""loggers": false"#, Some("loggers: takes an object, not false\n")),
        (r#""filters": 0"#, Some("filters: takes an object, not 0\n")),
        (r#""formatters": ["x"]"#, Some("formatters: takes an object, not [\"x\"]\n")),
        (r#""formatters": [[]]"#, Some("formatters: takes an object, not a list\n")),
        (
            r#""handlers": {"q": {"class": "logging.handlers.QueueHandler", "handlers": []}}"#,
            Some("handlers.q.handlers: takes a list of names, not an empty list\n"),
        ),
        (
            r#""formatters": {"a": {"()": "pythonjsonlogger.json.JsonFormatter", "fmt": ["a", 1]}}"#,
            Some("formatters.a.fmt.1: takes a text, not 1\n"),
        ),
        (
            r#""formatters": {"a": {"()": "pythonjsonlogger.json.JsonFormatter", "rename_fields": {"a": 1}}}"#,
            Some("formatters.a.rename_fields.a: takes a text, not 1\n"),
        ),
        (
            r#""handers": {}, "root": {"handlers": ["h"], "level": 10}"#,
            Some("root.handlers: there is no handler \"h\" (handlers: none)\n"),
        ),
        (r#""formatters": [], "filters": "", "handlers": {}, "root": null"#, None),
        (
            r#""disable_existing_loggers": "cfg://x""#,
            Some("disable_existing_loggers: takes true or false; \"cfg://x\" is not"),
        ),
        (r#""disable_existing_loggers": "perhaps""#, None),
        (
            r#""filters": {"a": {"name": "cfg://x"}}"#,
            Some("filters.a.name: takes a text; \"cfg://x\" is not followed\n"),
        ),
        (r#""filters": {"a": {"()": null}}"#, Some("filters.a.(): takes logging.Filter, not null\n")),
        (r#""formatters": {"a": {"()": null}}"#, Some("formatters.a.(): takes logging.Formatter, ")),
        (
            r#""formatters": {"a": {"class": null, "validate": "ext://x"}}"#,
            Some("formatters.a.validate: takes true or false; "),
        ),
        (
            r#""handlers": {"a": {"class": "logging.NullHandler", ".": {"x": 1}}}"#,
            Some("handlers.a...x: unknown; NullHandler takes nothing\n"),
        ),
    ] {
        fs::write(&path, format!(r#"{{"version": 1, {rest}}}"#)).unwrap();
        let checked = check(&path);
        let said = String::from_utf8(checked.stderr).unwrap();
        assert_eq!(checked.status.code(), Some(if refused.is_some() { 2 } else { 0 }), "{rest}: {said}");
        assert!(said.contains(refused.unwrap_or_default()), "{rest}: {said}");
        // What is ignored may be why something is missing; what is always so is not.
        assert_eq!(
            said.contains(": handers: unknown, ignored; did you mean handlers?\n"),
            rest.contains("handers"),
            "{said}"
        );
        assert!(!said.contains("root.level"), "{said}");
    }
}

#[test]
fn check_says_when_a_file_is_rotated_by_time_and_what_is_wrong_about_that() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    for (rest, status, said) in [
        ("", 0, "h: TimedRotatingFileHandler to \"t\", rotated by time (1 H), old files: all; of root\n"),
        (
            r#", "when": "w0", "interval": 2, "backupCount": "7", "utc": true, "atTime": "23:59:59", "delay": true"#,
            0,
            "h: TimedRotatingFileHandler to \"t\", rotated by time (2 w0), old files: 7; of root\n",
        ),
        (r#", "interval": 0"#, 2, "handlers.h.interval: takes a whole number from 1 to 4294967295, not 0\n"),
        (r#", "interval": 4294967296"#, 2, "handlers.h.interval: takes a whole number from 1 to 4294967295, not "),
        (r#", "atTime": "24:00""#, 2, "handlers.h.atTime: takes a time of the day, such as 03:30 or 03:30:15, not "),
        (r#", "atTime": "+1:00""#, 2, "handlers.h.atTime: takes a time of the day, such as 03:30 or 03:30:15, not "),
        (r#", "mode": "w""#, 2, "handlers.h.mode: unknown; TimedRotatingFileHandler takes filename, when, "),
    ] {
        fs::write(&path, config_of(&[("h", "TimedRotatingFileHandler", &format!(r#""filename": "t"{rest}"#))]))
            .unwrap();
        let checked = check(&path);
        let output = String::from_utf8([checked.stdout, checked.stderr].concat()).unwrap();
        assert!(output.contains(said), "{rest}: {output}");
        assert_eq!(checked.status.code(), Some(status), "{rest}");
    }
}

#[test]
fn a_far_end_that_is_not_there_stops_neither_the_start_nor_other_handlers() {
    let directory = tempfile::tempdir().unwrap();
    let handlers = [
        ("log", "WatchedFileHandler", r#""filename": "log""#),
        ("relay", "SocketHandler", r#""host": "relay", "port": null"#),
        ("syslog", "SysLogHandler", r#""address": "syslog""#),
    ];
    fs::write(directory.path().join("config.json"), config_of(&handlers)).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    program.send(&record("first"));
    let log = directory.path().join("log");
    wait_until("the first record", || fs::read_to_string(&log).unwrap() == "first\n");
    // What waits is sent to who comes.
    let syslog = UnixDatagram::bind(directory.path().join("syslog")).unwrap();
    let mut buffer = [0; 100];
    let length = syslog.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], b"<14>first\0");
    program.send(&record("second"));
    wait_until("the second record", || fs::read_to_string(&log).unwrap() == "first\nsecond\n");
    let finished = program.stop();
    assert!(finished.stderr.contains("relay:unix:relay"), "{}", finished.stderr);
}

/// A file in two ways, and the last resort, which is a place to write to as well.
#[test]
fn check_says_what_no_start_would_take() {
    let directory = tempfile::tempdir().unwrap();
    let config = |handlers: &[String], names: &[String]| {
        let (handlers, names) = (handlers.join(", "), names.join(", "));
        format!(r#"{{"version": 1, "handlers": {{{handlers}}}, "loggers": {{"a": {{"handlers": [{names}]}}}}}}"#)
    };
    let [one, other] = [("one", "FileHandler"), ("other", "handlers.WatchedFileHandler")]
        .map(|(name, class)| format!(r#""{name}": {{"class": "logging.{class}", "filename": "one.log"}}"#));
    let log = |name: &str| format!(r#""{name}": {{"class": "logging.FileHandler", "filename": "{name}.log"}}"#);
    let files = |count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("\"{number}\"")).collect();
        config(&(0..count).map(|number| log(&number.to_string())).collect::<Vec<_>>(), &names)
    };
    for (config, mistake) in [
        (config(&[one, other], &[]), Some("handlers.other.filename: is open already, in another way")),
        (config(&[log("1"), log(&"x".repeat(300))], &[]), Some("File name too long")),
        (files(63), None),
        (files(64), Some("handlers: more than 64 places to write to")),
    ] {
        fs::write(directory.path().join("c.json"), config).unwrap();
        for option in ["--check", "--timeout=0"] {
            let launch = Launch::new(&["--config", "c.json", option]).in_directory(directory.path());
            let finished = launch.start_without_waiting().wait();
            finished.expect_status(if mistake.is_some() { 2 } else { 0 });
            assert!(mistake.is_none_or(|mistake| finished.stderr.contains(mistake)), "{option}: {}", finished.stderr);
        }
        assert_eq!(directory.path().join("1.log").exists(), mistake.is_none());
        let _ = fs::remove_file(directory.path().join("1.log"));
    }
}

#[test]
fn handlers_share_a_file_however_its_name_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let handlers = [
        ("a", "FileHandler", r#""filename": "a.log""#),
        ("b", "RotatingFileHandler", r#""filename": ".//no folder/../a.log/""#),
    ];
    fs::write(directory.path().join("c.json"), config_of(&handlers)).unwrap();
    let program = Launch::new(&["--config", "c.json"]).in_directory(directory.path()).start();
    program.send(&[record("first"), record("second")].concat());
    program.stop().expect_status(0);
    assert_eq!(fs::read_to_string(directory.path().join("a.log")).unwrap(), "first\nfirst\nsecond\nsecond\n");
}

/// By its class it might, but without both `maxBytes` and `backupCount` it does not.
#[test]
fn programs_share_a_file_that_none_of_them_rotates() {
    let directory = tempfile::tempdir().unwrap();
    let handlers = [("a", "RotatingFileHandler", r#""filename": "a.log", "backupCount": 9"#)];
    fs::write(directory.path().join("c.json"), config_of(&handlers)).unwrap();
    let [one, other] = [(), ()].map(|()| Launch::new(&["--config", "c.json"]).in_directory(directory.path()).start());
    one.send(&record("of one"));
    one.stop().expect_status(0);
    other.send(&record("of the other"));
    other.stop().expect_status(0);
    assert_eq!(fs::read_to_string(directory.path().join("a.log")).unwrap(), "of one\nof the other\n");
}

#[test]
fn what_is_no_json_is_told_by_line_and_column() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    for (bytes, message) in [
        (&b"version: 1\n"[..], "no value at line 1 column 1 (the README has a line that makes JSON of YAML)\n"),
        (b"[loggers]\nkeys=root\n", "no value at line 1 column 2\n"),
        (b"{\"version\": 1,\n \"x\": \"caf\xe9\"}", "not UTF-8 at line 2 column 11\n"),
        (b"\xff\xfe{\0", "not UTF-8 at line 1 column 1\n"),
        (b"\xef\xbb\xbf{\"version\" 1}", "a colon is missing at line 1 column 12\n"),
    ] {
        fs::write(&path, bytes).unwrap();
        let checked = check(&path);
        assert_eq!(checked.status.code(), Some(2));
        let expected = format!("jackdaws: {}: no JSON: {message}", path.display());
        assert_eq!(String::from_utf8(checked.stderr).unwrap(), expected);
    }
}

#[test]
fn ignored_keys_are_warned_of_with_what_was_meant() {
    let checked = check(&data().join("25-ignored-keys/config.json"));
    let said = String::from_utf8(checked.stdout).unwrap();
    for line in [
        "warning: comment: unknown, ignored",
        "warning: formatters.f.dateformat: unknown, ignored",
        "warning: loggers.a.propogate: unknown, ignored; did you mean propagate?",
        "warning: loggers.a.disabled: unknown, ignored",
    ] {
        assert!(said.lines().any(|said| said.starts_with(line)), "{line}: {said}");
    }
}

#[test]
fn a_wrong_file_is_kept_out_and_connections_stay_when_a_right_one_comes() {
    let directory = tempfile::tempdir().unwrap();
    let policy = |format: &str, file: &str| {
        format!(
            r#"{{"version": 1, "formatters": {{"f": {{"format": "{format} %(message)s"}}}},
            "handlers": {{"h": {{"class": "logging.FileHandler", "filename": "{file}", "formatter": "f"}}}},
            "root": {{"handlers": ["h"]}}}}"#
        )
    };
    let write = |text: &str| fs::write(directory.path().join("config.json"), text).unwrap();
    write(&policy("one", "a"));
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    let mut client = program.connect();
    let wait_for = |name: &str, text: &str| {
        wait_until("the record", || fs::read_to_string(directory.path().join(name)).is_ok_and(|found| found == text));
    };
    client.write_all(&record("first")).unwrap();
    wait_for("a", "one first\n");
    write("{");
    program.signal(Signal::SIGHUP);
    program.take_diagnostics_through("going on by what config.json said before\n");
    client.write_all(&record("second")).unwrap();
    wait_for("a", "one first\none second\n");
    write(&policy("two", "b"));
    program.signal(Signal::SIGHUP);
    program.take_diagnostics_through("Read config.json anew\n");
    client.write_all(&record("third")).unwrap();
    wait_for("b", "two third\n");
    write(&policy("three", "b"));
    program.signal(Signal::SIGHUP);
    program.take_diagnostics_through("Read config.json anew\n");
    client.write_all(&record("fourth")).unwrap();
    wait_for("b", "two third\nthree fourth\n");
    drop(client);
    program.stop().expect_status(0);
    wait_for("a", "one first\none second\n");
}

#[test]
fn the_last_resort_stays_one_output_however_often_the_file_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let config = r#"{"version": 1, "handlers": {"h": {"class": "logging.FileHandler", "filename": "a"}},
        "loggers": {"alone": {"propagate": false}}, "root": {"handlers": ["h"]}}"#;
    fs::write(directory.path().join("config.json"), config).unwrap();
    let arguments = ["--config", "config.json", "--metrics", "metrics"];
    let program = Launch::new(&arguments).in_directory(directory.path()).start();
    for _ in 0..3 {
        program.signal(Signal::SIGHUP);
        program.take_diagnostics_through("Read config.json anew\n");
    }
    program.stop().expect_status(0);
    let metrics = fs::read_to_string(directory.path().join("metrics")).unwrap();
    let mut samples: Vec<&str> =
        metrics.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name).collect();
    samples.retain(|name| name.starts_with("jackdaws_written_records_total"));
    let expected = ["\"\\\"a\\\"\"", "\"standard error\""];
    assert_eq!(samples, expected.map(|name| format!("jackdaws_written_records_total{{destination={name}}}")));
    let said =
        crate::program::run(&["--check", "--config", &directory.path().join("config.json").display().to_string()]);
    assert!(said.text().ends_with("records that find no handler: WARNING and worse to standard error\n"), "{said:?}");
}

#[test]
fn a_file_changes_its_ways_by_a_reload_and_is_closed_when_it_is_not_named_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap_or_default();
    let write = |handlers: &[(&str, &str, &str)]| {
        fs::write(directory.path().join("config.json"), config_of(handlers)).unwrap();
    };
    write(&[("h", "FileHandler", r#""filename": "a", "mode": "w""#)]);
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    let mut client = program.connect();
    client.write_all(&record("first")).unwrap();
    wait_until("the first record", || read("a") == "first\n");
    let reload = || {
        program.signal(Signal::SIGHUP);
        program.take_diagnostics_through("Read config.json anew\n");
    };
    let rotating = |name: &str| format!(r#""filename": "{name}", "mode": "w", "maxBytes": 14, "backupCount": 1"#);
    write(&[("h", "RotatingFileHandler", &rotating("a"))]);
    reload();
    client.write_all(&[record("second"), record("third")].concat()).unwrap();
    wait_until("a rotated file", || read("a.1") == "first\nsecond\n" && read("a") == "third\n");
    let opens = |name: &str| {
        let path = directory.path().canonicalize().unwrap().join(name);
        let descriptors = fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap();
        descriptors.filter(|entry| fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|open| open == path)).count()
    };
    // What cannot be opened changes nothing, and leaves nothing open.
    write(&[("h", "FileHandler", r#""filename": "b""#), ("i", "FileHandler", r#""filename": "no/b""#)]);
    program.signal(Signal::SIGHUP);
    program.take_diagnostics_through("going on by what config.json said before\n");
    wait_until("the file to be closed", || opens("b") == 0);
    client.write_all(&record("fourth")).unwrap();
    wait_until("the fourth record", || read("a") == "third\nfourth\n");
    // What is named again in time stays open.
    for name in ["b", "a", "b"] {
        write(&[("h", "RotatingFileHandler", &rotating(name))]);
        reload();
    }
    client.write_all(&record("fifth")).unwrap();
    wait_until("the fifth record", || read("b") == "fifth\n");
    wait_until("the file to be closed", || opens("a") == 0);
    assert_eq!((opens("b"), read("a").as_str()), (1, "third\nfourth\n"));
    drop(client);
    program.stop().expect_status(0);
}

#[test]
fn a_second_program_is_refused_a_rotating_file_after_each_reload_too() {
    let directory = tempfile::tempdir().unwrap();
    let write = |handlers: &[(&str, &str, &str)]| {
        fs::write(directory.path().join("config.json"), config_of(handlers)).unwrap();
    };
    let read = || fs::read_to_string(directory.path().join("log")).unwrap_or_default();
    let plain = ("h", "FileHandler", r#""filename": "log""#);
    let rotating = ("h", "RotatingFileHandler", r#""filename": "log", "maxBytes": 1000000, "backupCount": 1"#);
    write(&[plain]);
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    let mut written = String::new();
    for (round, handler) in [plain, rotating, rotating, plain, rotating].into_iter().enumerate() {
        write(&[handler]);
        program.signal(Signal::SIGHUP);
        program.take_diagnostics_through("Read config.json anew\n");
        // The file is opened anew between the records, at the latest.
        for part in 0..3 {
            program.send(&record(&format!("{round} {part}")));
            written.push_str(&format!("{round} {part}\n"));
            wait_until("the record", || read() == written);
        }
        let second = ["--output", "log", "--max-bytes", "1M", "--backup-count", "1", "--port-file", "other"];
        let second = Launch::new(&second).in_directory(directory.path());
        if handler == rotating {
            let second = second.start_without_waiting().wait();
            assert_eq!(second.stderr, "cannot open \"log\": another program rotates it\n", "round {round}");
            second.expect_status(1);
        } else {
            let second = second.start_without_waiting();
            wait_until("the second to listen", || directory.path().join("other").exists());
            second.stop().expect_status(0);
        }
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert!(!finished.stderr.contains("another program"), "{}", finished.stderr);
}

#[test]
fn a_file_that_is_opened_with_its_first_record_is_not_made_by_a_reload() {
    for (class, rest) in [("FileHandler", ""), ("RotatingFileHandler", r#", "maxBytes": 1000, "backupCount": 1"#)] {
        let directory = tempfile::tempdir().unwrap();
        // Until there is a record, the one waits; the other tells when the files were opened anew.
        let text = config_of(&[
            ("h", class, &format!(r#""filename": "log", "delay": true{rest}"#)),
            ("other", "FileHandler", r#""filename": "other""#),
        ]);
        fs::write(directory.path().join("config.json"), text).unwrap();
        let here = |name: &str| directory.path().join(name);
        let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
        for _ in 0..2 {
            fs::rename(here("other"), here("moved")).unwrap();
            program.signal(Signal::SIGHUP);
            program.take_diagnostics_through("Read config.json anew\n");
            wait_until("the other file to be opened anew", || here("other").exists());
        }
        assert!(!here("log").exists(), "{class}");
        program.send(&record("first"));
        wait_until("the record", || fs::read_to_string(here("log")).is_ok_and(|text| text == "first\n"));
        let finished = program.stop();
        finished.expect_status(0);
        assert!(!finished.stderr.contains("device"), "{}", finished.stderr);
    }
}

#[test]
fn a_first_record_for_a_file_that_another_program_rotates_waits_without_work_until_that_ends() {
    let directory = tempfile::tempdir().unwrap();
    let delayed = r#""filename": "log", "maxBytes": 1000, "backupCount": 1, "delay": true"#;
    fs::write(directory.path().join("config.json"), config_of(&[("h", "RotatingFileHandler", delayed)])).unwrap();
    let other = ["--format", "%(message)s", "--output", "log", "--max-bytes", "1k", "--backup-count", "1"];
    let other = Launch::new(&other).in_directory(directory.path()).start();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    program.send(&record("first"));
    program.take_diagnostics_through("cannot write \"log\": another program rotates it; trying again\n");
    other.send(&record("of the other"));
    other.stop().expect_status(0);
    let log = directory.path().join("log");
    wait_until("the record", || fs::read_to_string(&log).unwrap() == "of the other\nfirst\n");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().ends_with(" 0 lost"), "{}", finished.stderr);
}

#[test]
fn a_reload_under_load_loses_and_repeats_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let policy = |file: &str| {
        format!(
            r#"{{"version": 1, "handlers": {{"h": {{"class": "logging.FileHandler", "filename": "{file}"}}}},
            "root": {{"handlers": ["h"]}}}}"#
        )
    };
    let path = directory.path().join("config.json");
    fs::write(&path, policy("file0")).unwrap();
    let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
    std::thread::scope(|scope| {
        for client in 0..4 {
            let program = &program;
            scope.spawn(move || {
                let frames = (0..20_000).map(|index| record(&format!("{client} {index}")));
                program.send(&frames.collect::<Vec<_>>().concat());
            });
        }
        for round in 1..=10 {
            fs::write(&path, policy(&format!("file{}", round % 3))).unwrap();
            program.signal(Signal::SIGHUP);
            program.take_diagnostics_through("Read config.json anew\n");
        }
    });
    program.stop().expect_status(0);
    let text = (0..3).map(|file| fs::read_to_string(directory.path().join(format!("file{file}"))).unwrap());
    let mut lines: Vec<String> = text.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.sort();
    let mut expected: Vec<String> =
        (0..4).flat_map(|client| (0..20_000).map(move |index| format!("{client} {index}"))).collect();
    expected.sort();
    assert!(lines == expected, "{} of {}", lines.len(), expected.len());
}

#[test]
fn writes_json_as_python_json_logger_writes_it() {
    let rows = json_lines(&fs::read(pythons::data("json_logger.jsonl")).unwrap());
    let pickles = rows[0]["pickles"].as_array().unwrap().iter().map(|hex| unhexlified(hex.as_str().unwrap()));
    let frames: Vec<u8> = pickles
        .flat_map(|pickle| [&u32::try_from(pickle.len()).unwrap().to_be_bytes()[..], &pickle].concat())
        .collect();
    assert!(rows.len() > 20);
    let mut wrong = Vec::new();
    for row in &rows[1..] {
        let directory = tempfile::tempdir().unwrap();
        let config = format!(
            r#"{{"version": 1, "formatters": {{"f": {}}}, "root": {{"handlers": ["h"]}},
            "handlers": {{"h": {{"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f"}}}}}}"#,
            row["formatter"].as_str().unwrap()
        );
        fs::write(directory.path().join("config.json"), config).unwrap();
        let program =
            Launch::new(&["--config", "config.json"]).in_directory(directory.path()).with("TZ", "UTC").start();
        program.send(&frames);
        let finished = program.stop();
        finished.expect_status(0);
        let written = String::from_utf8(finished.stdout).unwrap();
        let expected = row["lines"].as_array().unwrap();
        assert_eq!(written.lines().count(), expected.len(), "{}", row["formatter"]);
        for (line, expected) in written.lines().zip(expected) {
            // What a terminal would obey is escaped even where letters are not.
            if line != expected.as_str().unwrap().replace('\x7f', r"\u007f") {
                wrong.push(format!("{}\n  {line}\n  {}", row["formatter"], expected.as_str().unwrap()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_python_sends_to_it() {
    let config = r#"{"version": 1, "formatters": {"f": {"format": "%(name)s %(levelname)s %(message)s"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f"},
        "file": {"class": "logging.FileHandler", "filename": "errors", "level": "ERROR", "formatter": "f"}},
        "loggers": {"myapp": {"handlers": ["file"]}}, "root": {"handlers": ["out"]}}"#;
    for python in pythons() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("config.json"), config).unwrap();
        let program = Launch::new(&["--config", "config.json"]).in_directory(directory.path()).start();
        let code = format!(
            "import logging, logging.handlers\n\
             logging.getLogger().addHandler(logging.handlers.SocketHandler('127.0.0.1', {}))\n\
             logging.getLogger('myapp.area2').error('%s', 'quickly')\n\
             logging.getLogger('other').warning('jumps')\n",
            program.port()
        );
        let script = directory.path().join("client.py");
        fs::write(&script, code).unwrap();
        python.run(script.to_str().unwrap(), &[], "UTC");
        program.take_output_through(b"other WARNING jumps\n");
        let path = directory.path().join("errors");
        wait_until("the error", || fs::read_to_string(&path).unwrap() == "myapp.area2 ERROR quickly\n");
        program.stop().expect_status(0);
    }
}

#[test]
fn large_and_deep_files_are_taken_or_refused_in_bounded_work() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let loggers: Vec<String> = (0..10_000).map(|index| format!(r#""a{index}": {{"propagate": false}}"#)).collect();
    let deep = (0..1000).map(|index| index.to_string()).collect::<Vec<_>>().join(".");
    let chain: Vec<String> = (0..2000)
        .map(|index| {
            format!(
                r#""h{index}": {{"class": "logging.handlers.MemoryHandler", "capacity": 1, "target": "h{}"}}"#,
                index + 1
            )
        })
        .collect();
    let handler = r#""class": "logging.NullHandler""#;
    for (text, status, said) in [
        (format!(r#"{{"version": 1, "loggers": {{{}}}}}"#, loggers.join(",")), 0, ""),
        (format!(r#"{{"version": 1, "loggers": {{"{deep}": {{}}}}}}"#), 0, ""),
        (format!(r#"{{"version": 1, "x": "{}"}}"#, "x".repeat(10 << 20)), 2, "longer than 4194304 bytes"),
        ("[".repeat(100_000), 2, "no JSON: nested too deep at line 1 column 128"),
        (
            format!(r#"{{"version": 1, "handlers": {{{}, "h2000": {{{handler}}}}}}}"#, chain.join(",")),
            2,
            "records pass through more than 8 handlers",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let checked = check(&path);
        let errors = String::from_utf8(checked.stderr).unwrap();
        assert_eq!(checked.status.code(), Some(status), "{errors}");
        assert!(errors.contains(said), "{said}: {errors}");
    }
}

fn check(config: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackdaws")).arg("--config").arg(config).arg("--check").output().unwrap()
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/policy")
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The files of a folder and those below it.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for path in entries(&next) {
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((prefix, rest)) = bytes.split_first_chunk::<4>() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*prefix) as usize);
        frames.push([prefix, frame].concat());
        bytes = rest;
    }
    frames
}

fn number(value: &serde_json::Value) -> usize {
    value.as_u64().unwrap() as usize
}
