//! The command line: what it takes and refuses, the port file, what cannot be opened, and what is said on standard error.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Command, Stdio};

use crate::frames::{dict, framed, integer, record, text};
use crate::program::{EXECUTABLE, Launch, Program, run, say_skipped, wait_until, works};

#[test]
fn prints_its_help_and_its_version_on_standard_output() {
    for argument in ["-h", "--help"] {
        let finished = run(&[argument]);
        finished.expect_status(0);
        assert_eq!(finished.text(), include_str!("../../src/program/usage.txt"));
        assert_eq!(finished.stderr, "");
    }
    for argument in ["-V", "--version"] {
        let finished = run(&[argument]);
        finished.expect_status(0);
        assert_eq!(finished.text(), concat!("jackdaws ", env!("CARGO_PKG_VERSION"), "\n"));
        assert_eq!(finished.stderr, "");
    }
}

#[test]
fn help_that_cannot_be_written_is_a_failure() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let status = Command::new(EXECUTABLE).arg("--help").stdout(full).stdin(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn every_line_of_the_help_fits_on_a_terminal() {
    for line in include_str!("../../src/program/usage.txt").lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// One line that names the option, the value, and what the option takes; nothing is printed, nothing listened on.
#[test]
fn refuses_every_wrong_value_with_status_2() {
    for (option, wrong, takes) in [
        (
            "--listen",
            &["", ":9020", "65536", "host:", "host:65536", "host:-1", "::1:9020", "[::1", "[::1]x", "unix:"][..],
            "HOST:PORT, PORT, *:PORT, udp:HOST:PORT, unix:PATH, unixgram:PATH or systemd",
        ),
        ("--listen", &["unixgram:", "udp:", "udp::1", "tcp:", "host:+1", "systemd:"], "HOST:PORT"),
        (
            "--allow",
            &["", "localhost", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1"],
            "an address or ADDRESS/BITS",
        ),
        ("--output", &[""], "a file name"),
        (
            "--max-bytes",
            &["", "0", "-1", "1.5", "ten", "1T", "k", "99999999999999999999"],
            "a number of bytes, at least 1, perhaps with k, M or G",
        ),
        ("--backup-count", &["", "0", "-1", "1k", "4294967296"], "a whole number, at least 1"),
        ("--style", &["", "%%", "&", "percent"], "one of %, {, $"),
        (
            "--level",
            &["", "LOUD", "1.5", "2147483648", "Level 5"],
            "a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        ),
        ("--fail-on", &["", "LOUD", "1.5"], "a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("--escape", &["", "some", "ALL"], "one of control, all, none"),
        ("--color", &["", "sometimes", "Always"], "one of auto, always, never"),
        (
            "--max-frame",
            &["", "0", "-1", "1KB", "536870913", "18446744073709551615k"],
            "a number of bytes, from 1 to 512M, perhaps with k, M or G",
        ),
        ("--max-connections", &["", "0", "-1", "1k", "many"], "a whole number, at least 1"),
        ("--frame-timeout", &["", "-1", "inf", "nan", "1e3", "1s"], "a number of seconds"),
        ("--drain-timeout", &["", "-1", "inf", "nan", "1e3", "1s"], "a number of seconds"),
        ("--flush-interval", &["", "-1", "inf", "1s"], "a number of seconds"),
        ("--sync", &["", "-1", "inf", "1s"], "a number of seconds"),
        ("--socket-mode", &["", "0778", "1777", "rw", "-1"], "permissions in octal, such as 0660"),
        ("--timeout", &["", "-1", "inf", "nan", "1e3", "1s"], "a number of seconds"),
        ("--port-file", &[""], "a file name"),
        ("--count", &["", "0", "-1", "+1", "1.0", "all", "99999999999999999999"], "a whole number, at least 1"),
    ] {
        for value in wrong {
            let said = refusal(&[&format!("{option}={value}")]);
            assert!(said.starts_with(&format!("jackdaws: {option} takes {takes}")), "{option}={value}: {said}");
            assert!(said.ends_with(&format!("not '{value}'\n")), "{option}={value}: {said}");
        }
    }
}

#[test]
fn refuses_options_without_their_value_and_flags_with_one() {
    for option in [
        "-l",
        "--listen",
        "--allow",
        "--logname",
        "-o",
        "--output",
        "--max-bytes",
        "--backup-count",
        "--flush-interval",
        "--sync",
        "--socket-mode",
        "-f",
        "--format",
        "--style",
        "--datefmt",
        "--level",
        "--name",
        "--fail-on",
        "--escape",
        "--color",
        "--max-frame",
        "--max-connections",
        "--frame-timeout",
        "--drain-timeout",
        "--port-file",
        "--count",
        "--timeout",
    ] {
        let said = refusal(&[option]);
        assert!(said.starts_with(&format!("jackdaws: {option} takes ")), "{said}");
    }
    for flag in ["--utc", "--json", "--until-eof", "--quiet", "--verbose", "--help", "--version"] {
        let said = refusal(&[&format!("{flag}=yes")]);
        assert_eq!(said, format!("jackdaws: {flag} takes no value, not 'yes'\n"));
    }
}

#[test]
fn suggests_the_nearest_option_for_a_misspelt_one() {
    for (misspelt, nearest) in [
        ("--lisen", "--listen"),
        ("--LISTEN", "--listen"),
        ("--colour", "--color"),
        ("--portfile", "--port-file"),
        ("--time-out", "--timeout"),
        ("--max-connection", "--max-connections"),
        ("--formatt", "--format"),
        ("--frobnicate", ""),
        ("-x", ""),
    ] {
        let hint = if nearest.is_empty() { "see --help".to_owned() } else { format!("did you mean {nearest}?") };
        assert_eq!(refusal(&[misspelt]), format!("jackdaws: unknown option '{misspelt}'; {hint}\n"));
    }
}

#[test]
fn refuses_options_that_do_not_go_together() {
    for (arguments, said) in [
        (&["--max-bytes", "1k", "--output", "x"][..], "--max-bytes takes --backup-count N beside it"),
        (&["--backup-count", "1", "--output", "x"], "--backup-count takes --max-bytes N beside it"),
        (&["--backup-count", "1", "--max-bytes", "1"], "--max-bytes takes a FILE to rotate: --output FILE"),
        (&["--backup-count", "1", "--max-bytes", "1", "-o", "-"], "--max-bytes takes a FILE to rotate: --output FILE"),
        (&["--json", "--format", "%(message)s"], "--json prints instead of --format: only one of them"),
        (&["--socket-mode", "0666"], "--socket-mode takes --listen unix:PATH or unixgram:PATH beside it"),
        (&["a-file"], "unexpected argument 'a-file'"),
        (&["--", "--json"], "unexpected argument '--json'"),
    ] {
        assert_eq!(refusal(arguments), format!("jackdaws: {said}\n"), "{arguments:?}");
    }
}

#[test]
fn a_check_says_which_records_go_where() {
    let rotation = ["--max-bytes", "1k", "--backup-count", "3"];
    let filters = ["--check", "--name", "shop", "--name", "web", "--level", "WARN", "-o", "-", "-o", "a"];
    let checked = run(&[filters.as_slice(), &rotation].concat());
    let expected = "every record of shop, web from level 30 to ";
    let lines = format!("{expected}standard output\n{expected}\"a\", rotated at 1024 bytes, old files: 3\n");
    assert!(checked.text().starts_with(&lines), "{checked:?}");
}

#[test]
fn shows_what_it_refuses_without_its_control_characters() {
    assert_eq!(
        refusal(&["--level", "\u{1b}[2J\n"]).matches(['\u{1b}', '\n']).count(),
        1,
        "only the newline at the end"
    );
    assert_eq!(refusal(&["--\u{202e}x"]), "jackdaws: unknown option '--\\u{202e}x'; see --help\n");
}

#[test]
fn the_port_file_has_a_line_for_each_address_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let addresses =
        ["udp:127.0.0.1:0", "unix:stream", "127.0.0.1:0", "unixgram:datagrams", "tcp:[::1]:0", "tcp:localhost:0"];
    let addresses: Vec<&str> = addresses.into_iter().filter(|address| has_ipv6() || !address.contains("::1")).collect();
    let program =
        Launch::new(&["--format", "%(message)s"]).in_directory(directory.path()).listening_on(&addresses).start();
    let entries = program.entries();
    assert_eq!(entries.len(), addresses.len());
    for (address, entry) in addresses.iter().zip(entries) {
        let port = || entry.parse::<u16>().unwrap();
        let frame = record(&format!("to {address}"));
        match *address {
            "udp:127.0.0.1:0" => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                socket.send_to(&frame, (Ipv4Addr::LOCALHOST, port())).unwrap();
            }
            "unix:stream" => UnixStream::connect(directory.path().join(entry)).unwrap().write_all(&frame).unwrap(),
            "unixgram:datagrams" => {
                let socket = UnixDatagram::unbound().unwrap();
                socket.send_to(&frame, directory.path().join(entry)).unwrap();
            }
            "tcp:[::1]:0" => TcpStream::connect(("::1", port())).unwrap().write_all(&frame).unwrap(),
            _ => TcpStream::connect((Ipv4Addr::LOCALHOST, port())).unwrap().write_all(&frame).unwrap(),
        }
        assert_eq!(program.take_output_through(b"\n"), format!("to {address}\n").into_bytes());
    }
    let port: u16 = entries.last().unwrap().parse().unwrap();
    for address in ("localhost", port).to_socket_addrs().unwrap().filter(|address| address.is_ipv4() || has_ipv6()) {
        TcpStream::connect(address).unwrap().write_all(&record("one port for every address")).unwrap();
        program.take_output_through(b"one port for every address\n");
    }
    program.stop().expect_status(0);
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [""; 0], "nothing is left behind");
}

/// In a network namespace, since whoever runs these tests may have a receiver of his own.
#[test]
fn listens_on_port_9020_of_localhost_when_nothing_is_said() {
    let alone = ["unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""];
    if !works(&alone) {
        return say_skipped("no network namespace can be made: default ports are not tested");
    }
    let program = Launch::new(&[]).listening_on(&[]).under(&alone).start();
    assert_eq!(program.entries(), ["9020"]);
    let said = program.stop().stderr;
    assert!(said.contains("Listening on tcp:127.0.0.1:9020"), "{said}");
    let program = Launch::new(&[]).listening_on(&["udp:127.0.0.1", "127.0.0.1"]).under(&alone).start();
    assert_eq!(program.entries(), ["9021", "9020"]);
    program.stop().expect_status(0);
}

#[test]
fn ends_with_status_1_where_it_cannot_listen() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp_port = datagrams.local_addr().unwrap().port();
    for (address, why) in [
        (format!("tcp:127.0.0.1:{port}"), "Address already in use"),
        (format!("udp:127.0.0.1:{udp_port}"), "Address already in use"),
        // Of the documentation's network, which no machine has.
        ("tcp:192.0.2.1:0".to_owned(), "Cannot assign requested address"),
        ("unix:no/such/folder".to_owned(), "No such file or directory"),
        (format!("unix:{}", "x".repeat(200)), ""),
        ("unixgram:.".to_owned(), "Address already in use"),
    ] {
        let finished = run(&["--listen", &address]);
        finished.expect_status(1);
        let said = finished.stderr;
        assert!(said.starts_with(&format!("cannot listen on {address}: {why}")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(finished.stdout.is_empty());
    }
    let finished = run(&["--listen", "systemd"]);
    finished.expect_status(1);
    assert_eq!(finished.stderr, "cannot listen on systemd: LISTEN_FDS and LISTEN_PID hand over nothing\n");
}

#[test]
fn ends_with_status_1_where_a_file_cannot_be_opened() {
    for (arguments, said) in [
        (&["--output", "."][..], "cannot open \".\": Is a directory"),
        (&["--output", "no/such/log"], "cannot open \"no/such/log\": No such file or directory"),
        (&["--port-file", "no/such/port"], "cannot write no/such/port: No such file or directory"),
    ] {
        let finished = run(&[&["--listen", "127.0.0.1:0"], arguments].concat());
        finished.expect_status(1);
        assert!(finished.stderr.starts_with(said), "{}", finished.stderr);
        assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
    }
}

/// As another user than root, whom no limit binds.
#[test]
fn says_for_what_there_is_no_thread() {
    let directory = tempfile::tempdir().unwrap();
    if std::os::unix::fs::chown(directory.path(), Some(65534), Some(65534)).is_err() {
        return say_skipped("only root can become a user who may have few threads");
    }
    for (threads, said) in [
        ("1", "cannot start a thread that writes: Resource temporarily unavailable"),
        ("2", "cannot wait for Ctrl-C: Resource temporarily unavailable"),
        ("3", "cannot wait for signals: no thread: Resource temporarily unavailable"),
        ("4", "--timeout: no thread: Resource temporarily unavailable"),
        ("5", "cannot receive on udp:127.0.0.1:"),
    ] {
        // Where SIGINT is ignored, as of what a shell has in its background, nobody waits for it.
        let user = ["env", "--default-signal=INT", "setpriv", "--reuid", "65534"];
        let limit = format!("--nproc={threads}");
        let other = [&user[..], &["prlimit", &limit]].concat();
        let launch = Launch::new(&["--timeout", "60"]).in_directory(directory.path()).under(&other);
        let finished = launch.listening_on(&["udp:127.0.0.1:0"]).start_without_waiting().wait();
        finished.expect_status(1);
        assert!(finished.totals().starts_with(said), "{threads}: {}", finished.stderr);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{threads}: no port file is left");
    }
}

#[test]
fn a_port_file_that_cannot_be_written_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("port")).unwrap();
    let output = Command::new(EXECUTABLE)
        .args(["--listen", "127.0.0.1:0", "--port-file", "port"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("cannot write port: "));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn says_where_it_listens_and_at_the_end_what_it_received() {
    let program = Program::start(&["--format", "%(message)s"]);
    let port = program.port();
    let frames = [record("one"), framed(b"\xff"), framed(b"N."), record("two")];
    program.send(&frames.concat());
    program.send(&record("three"));
    let finished = program.stop();
    finished.expect_status(0);
    let said: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!(said[0], "About to start TCP server...");
    assert_eq!(said[1], format!("Listening on tcp:127.0.0.1:{port}"));
    assert!(
        said[2].starts_with("127.0.0.1:") && said[2].contains("record rejected: ") && said[2].contains("offset 0"),
        "{}",
        said[2]
    );
    assert!(said[3].starts_with("127.0.0.1:") && said[3].contains("record rejected: "), "{}", said[3]);
    let bytes = frames[0].len() + frames[3].len() + record("three").len();
    assert_eq!(
        said[4..],
        [format!(
            "3 records ({bytes} bytes) from 2 connections, 2 rejected (1 unknown opcode, 1 not a record), 0 lost"
        )]
    );
    assert_eq!(finished.stdout, b"one\ntwo\nthree\n");
}

#[test]
fn quiet_says_nothing_but_errors() {
    let program = Program::start(&["--quiet"]);
    program.send(&[record("one"), framed(b"\xff")].concat());
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.stderr, "");
    let finished = run(&["-q", "--listen", "unix:no/such/folder"]);
    finished.expect_status(1);
    assert!(finished.stderr.starts_with("cannot listen on"), "{}", finished.stderr);
}

#[test]
fn verbose_also_says_when_a_connection_is_opened_and_closed() {
    let program = Program::start(&["--verbose"]);
    program.send(&record("one"));
    let said = program.stop().stderr;
    assert_eq!(said.matches(": connection opened\n").count(), 1, "{said}");
    assert_eq!(said.matches(": connection closed\n").count(), 1, "{said}");
    let program = Program::start(&[]);
    program.send(&record("one"));
    assert!(!program.stop().stderr.contains("connection opened"));
}

#[test]
fn prints_only_records_of_the_level_asked_for_and_above() {
    let frames: Vec<u8> = [10, 20, 29, 30, 31, 40, 50]
        .into_iter()
        .flat_map(|level| framed(&dict(&[("levelno", integer(level)), ("msg", text(&format!("at {level}")))])))
        .collect();
    for (level, printed) in
        [("WARNING", "at 30\nat 31\nat 40\nat 50\n"), ("31", "at 31\nat 40\nat 50\n"), ("critical", "at 50\n")]
    {
        let program = Program::start(&["--format", "%(message)s", "--level", level]);
        program.send(&frames);
        assert_eq!(program.stop().text(), printed, "{level}");
    }
}

#[test]
fn logname_leaves_the_name_of_the_record_as_it_is() {
    let program = Program::start(&["--format", "%(name)s %(message)s", "--logname", "elsewhere"]);
    program.send(&record("hi"));
    assert_eq!(program.stop().text(), "app.db hi\n");
}

#[test]
fn refuses_peers_outside_the_allowed_networks() {
    let program = Launch::new(&["--format", "%(message)s", "--allow", "10.0.0.0/8", "--allow", "192.0.2.7"]).start();
    program.send(&record("refused"));
    program.take_diagnostics_through("connection refused: not in an allowed network\n");
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "");
    assert!(finished.totals().contains("0 connections, 1 rejected (1 not allowed)"), "{}", finished.stderr);
    for welcome in ["127.0.0.1", "::ffff:127.0.0.0/104"] {
        let program = Launch::new(&["--format", "%(message)s", "--allow", "10.0.0.0/8", "--allow", welcome]).start();
        program.send(&record("welcome"));
        assert_eq!(program.stop().text(), "welcome\n");
    }
}

#[test]
fn letters_may_be_joined() {
    let directory = tempfile::tempdir().unwrap();
    let program = Launch::new(&["-qvf%(message)s"]).in_directory(directory.path()).start();
    program.send(&record("joined"));
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "joined\n");
    assert!(finished.stderr.contains("connection opened"), "{}", finished.stderr);
    assert_eq!(refusal(&["-qv=yes"]), "jackdaws: -v takes no value, not 'yes'\n");
}

#[test]
fn prints_only_records_of_the_loggers_asked_for_and_those_below_them() {
    let named = |name: &str| framed(&dict(&[("name", text(name)), ("msg", text(name))]));
    let frames: Vec<u8> = ["a", "a.b", "a.b.c", "a.bc", "x.a.b", "b", ""].into_iter().flat_map(named).collect();
    for (names, printed) in [
        (&["--name", "a.b"][..], "a.b\na.b.c\n"),
        (&["--name", "b", "--name=a.bc"], "a.bc\nb\n"),
        (&["--name="], "a\na.b\na.b.c\na.bc\nx.a.b\nb\n\n"),
    ] {
        let program = Program::start(&[&["--format", "%(message)s"], names].concat());
        program.send(&frames);
        let finished = program.stop();
        finished.expect_status(0);
        assert_eq!(finished.text(), printed, "{names:?}");
        assert!(finished.totals().starts_with("7 records ("), "{}", finished.stderr);
    }
}

#[test]
fn an_old_port_file_is_gone_while_it_cannot_listen_and_ours_at_the_end() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for old in ["", "9020\n", "1\n/run/log.sock\n65535\n", "socket\n"] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ports");
        fs::write(&file, old).unwrap();
        let launch = |address: &str| {
            let addresses = ["unix:socket", address];
            Launch::new(&["--port-file", "ports"]).in_directory(directory.path()).listening_on(&addresses)
        };
        launch(&taken).start_without_waiting().wait().expect_status(1);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{old:?}: nothing that misleads is left");
        fs::write(&file, old).unwrap();
        let program = launch("127.0.0.1:0").start_without_waiting();
        wait_until("it listens", || fs::read_to_string(&file).is_ok_and(|text| text != old));
        let written = fs::read_to_string(&file).unwrap();
        let port = written.strip_prefix("socket\n").unwrap().trim_end().parse::<u16>().unwrap();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        program.stop().expect_status(0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{old:?}");
    }
}

#[test]
fn a_port_file_may_be_taken_away_as_soon_as_it_is_there() {
    for _ in 0..5 {
        let mut program = Launch::new(&["--format", "%(message)s"]).start_without_waiting();
        let [file, taken] = ["port", "taken"].map(|name| program.directory().join(name));
        while fs::rename(&file, &taken).is_err() {
            assert!(program.is_running());
        }
        let port: u16 = fs::read_to_string(taken).unwrap().trim_end().parse().unwrap();
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        client.write_all(&record("still here")).unwrap();
        program.take_output_through(b"still here\n");
        drop(client);
        program.stop().expect_status(0);
    }
}

#[test]
fn a_second_program_keeps_the_port_file_that_it_took_over() {
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = [(); 2].map(|()| Launch::new(&[]).in_directory(directory.path()).start());
    first.stop().expect_status(0);
    // Its file may have the number that the first one's had.
    let written = fs::read_to_string(directory.path().join("port")).unwrap();
    assert_eq!(written, format!("{}\n", second.port()));
    second.stop().expect_status(0);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_port_file_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let here = |name: &str| directory.path().join(name);
    for precious in ["precious\n", "9020", "9020 \n", "65536\n", "9020\n\n", "\u{e9}\n"] {
        fs::write(here("ports"), precious).unwrap();
        let launch = Launch::new(&["--port-file", "ports"]).in_directory(directory.path());
        let finished = launch.start_without_waiting().wait();
        finished.expect_status(1);
        assert_eq!(finished.stderr, "cannot write ports: it holds something else than ports\n");
        assert_eq!(fs::read_to_string(here("ports")).unwrap(), precious);
    }
    // Another's link is not followed, neither at its place nor beside it.
    fs::write(here("target"), "9020\n").unwrap();
    std::os::unix::fs::symlink("target", here("link")).unwrap();
    let launch = Launch::new(&["--port-file", "link"]).in_directory(directory.path());
    let finished = launch.start_without_waiting().wait();
    finished.expect_status(1);
    assert_eq!(finished.stderr, "cannot write link: it is a symbolic link, which is not followed\n");
    assert_eq!(fs::read_to_string(here("target")).unwrap(), "9020\n");
}

#[test]
fn a_port_file_that_is_no_regular_file_is_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let start = |port_file: &str| {
        let arguments = ["--port-file", port_file];
        Launch::new(&arguments).in_directory(directory.path()).start_without_waiting()
    };
    let program = start("/dev/stdout");
    let port: u16 = String::from_utf8(program.take_output_through(b"\n")).unwrap().trim_end().parse().unwrap();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    program.stop().expect_status(0);
    let program = start("/dev/null");
    program.take_diagnostics_through("Listening on ");
    program.stop().expect_status(0);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    let pipe = directory.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let program = start("pipe");
    // It waits for its reader, and meanwhile serves.
    program.take_diagnostics_through("Listening on ");
    let port: u16 = fs::read_to_string(&pipe).unwrap().trim_end().parse().unwrap();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    program.stop().expect_status(0);
    assert!(pipe.exists(), "not ours to remove");
}

/// What it says to these arguments, refusing them.
fn refusal(arguments: &[&str]) -> String {
    let finished = run(arguments);
    assert_eq!(finished.status.code(), Some(2), "{arguments:?}: {}", finished.stderr);
    assert!(finished.stdout.is_empty(), "{arguments:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{arguments:?}: {}", finished.stderr);
    finished.stderr
}

fn has_ipv6() -> bool {
    TcpListener::bind(("::1", 0)).is_ok()
}
