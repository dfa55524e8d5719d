//! What a command line is read as.

use super::*;
use jackdaws::write::{Purpose, RemoteAddress};

fn run(args: &[&str]) -> Options {
    match parse(args) {
        Ok(Action::Run(options)) => *options,
        other => panic!("{args:?}: {other:?}"),
    }
}

fn refusal(args: &[&str]) -> String {
    parse(args).unwrap_err().to_string()
}

#[test]
fn nothing_means_the_defaults() {
    let options = run(&[]);
    assert_eq!(options.listen, [Address::default()]);
    assert_eq!(options.output, [Where::Place(Place::Stdout)]);
    assert_eq!((options.receive.max_frame, options.receive.max_connections), (16 << 20, 1000));
    assert_eq!(
        (options.receive.frame_timeout, options.receive.drain_timeout),
        (Duration::from_secs(30), Duration::from_secs(5))
    );
}

#[test]
fn takes_every_option_that_the_help_text_names() {
    let known = USAGE.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| word.starts_with("--"));
    for option in known.filter(|option| *option != "--x") {
        let refused = parse([option, "\u{1}"]).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(!refused.contains("unknown option"), "{option}: {refused}");
    }
}

#[test]
fn an_output_may_be_another_program() {
    let tcp = |host: &str, port| RemoteAddress::Tcp(host.to_owned(), port);
    let udp = |host: &str, port| RemoteAddress::Udp(host.to_owned(), port);
    let remote = |purpose, address| Where::Place(Place::Remote { address, purpose: Purpose::named(purpose).unwrap() });
    for (text, place) in [
        ("relay:host", remote("relay", tcp("host", 9020))),
        ("relay:udp:[::1]", remote("relay", udp("::1", 9021))),
        ("relay:9000", remote("relay", tcp("localhost", 9000))),
        ("relay:unix:/a", remote("relay", RemoteAddress::Unix("/a".into()))),
        ("syslog:", remote("syslog", RemoteAddress::Unixgram("/dev/log".into()))),
        ("syslog:host", remote("syslog", udp("host", 514))),
        ("syslog:tcp:host", remote("syslog", tcp("host", 514))),
        ("syslog:host:5140", remote("syslog", udp("host", 5140))),
        ("syslog:unixgram:log", remote("syslog", RemoteAddress::Unixgram("log".into()))),
        ("./relay:x", Where::Place(Place::file("./relay:x", None))),
        ("relayed", Where::Place(Place::file("relayed", None))),
    ] {
        assert_eq!(run(&["-o", text]).output, [place], "{text}");
    }
    for wrong in ["relay:", "relay:systemd", "syslog:systemd", "relay:*:9020", "syslog:udp:host:0", "relay:unix:"] {
        assert!(refusal(&["-o", wrong]).ends_with(&format!("not '{wrong}'")), "{wrong}");
    }
}

#[test]
fn sizes_have_suffixes() {
    for (text, bytes) in [("1", 1), ("1k", 1 << 10), ("3K", 3 << 10), ("16m", 16 << 20), ("512M", 512 << 20)] {
        assert_eq!(run(&["--max-frame", text]).receive.max_frame, bytes, "{text}");
    }
    for wrong in ["0", "-1", "1T", "k", "1.5M", "", "+1", "99999999999999999999", "18446744073709551615k"] {
        assert!(
            refusal(&[&format!("--max-frame={wrong}")]).starts_with("--max-frame takes a number of bytes"),
            "{wrong}"
        );
    }
}

#[test]
fn the_other_limits_follow_from_the_memory_unless_given() {
    let limits = |args: &[&str]| {
        let options = run(args);
        (options.receive.max_memory, options.receive.max_connections, options.receive.max_frame)
    };
    assert_eq!(limits(&["--max-memory", "128M"]), (128 << 20, 1000, 16 << 20));
    assert_eq!(limits(&["--max-memory", "8M"]), (8 << 20, 69, 1 << 20));
    assert_eq!(limits(&["--max-memory", "8M", "--max-frame", "64k"]), (8 << 20, 69, 64 << 10));
    assert_eq!(limits(&["--max-frame", "40M"]), (1000 * 56_384 + (160 << 20), 1000, 40 << 20));
    for (bytes, fits) in [(659_519, false), (659_520, true), (659_521, true)] {
        let args = ["--max-memory", &bytes.to_string(), "--max-connections", "10", "--max-frame", "23920"];
        assert_eq!(parse(args).is_ok(), fits, "{bytes}");
    }
    assert_eq!(
        refusal(&["--max-memory", "1M", "--max-connections", "20"]),
        "--max-connections 20 and --max-frame 131072 take 1651968 bytes, more than --max-memory allows: 1048576"
    );
}

#[test]
fn limits_that_are_not_the_usual_ones_are_said() {
    for usual in [&["--max-memory", "128M"][..], &["--max-memory", "128M", "--max-frame", "16M"]] {
        assert_eq!(run(usual).unusual_limits(), "");
    }
    let said = "--max-memory 8388608, --max-connections 69, --max-frame 1048576\n";
    assert_eq!(run(&["--max-memory", "8M"]).unusual_limits(), said);
}

#[test]
fn every_mistake_is_said() {
    assert_eq!(
        refusal(&["--count", "0", "--frobnicate", "-qx", "--backup-count", "1", "--level"]),
        "--count takes a whole number, at least 1, not '0'\n\
         jackdaws: unknown option '--frobnicate'; see --help\n\
         jackdaws: unknown option '-x'; see --help\n\
         jackdaws: --level takes a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET"
    );
}

#[test]
fn no_frame_may_be_longer_than_what_can_be_decoded() {
    assert_eq!(usize::try_from(MAX_FRAME_MIB << 20), Ok(limits::MAX_PICKLE_BYTES));
    for accepted in ["536870911", "536870912", "512M", "524288k"] {
        run(&["--max-frame", accepted]);
    }
    for refused in ["536870913", "513M", "1G"] {
        let said =
            format!("--max-frame takes a number of bytes, from 1 to 512M, perhaps with k, M or G, not '{refused}'");
        assert_eq!(refusal(&["--max-frame", refused]), said);
    }
}

#[test]
fn the_mode_of_sockets_is_octal_and_takes_a_socket() {
    for (text, mode) in [("0666", 0o666), ("600", 0o600), ("0", 0), ("0777", 0o777)] {
        assert_eq!(run(&["-l", "unix:x", "--socket-mode", text]).receive.socket_mode, Some(mode), "{text}");
    }
    for wrong in ["", "0778", "1777", "rw", "-1", "+7", "0o666", "99999999999"] {
        let said = refusal(&["-l", "unixgram:x", &format!("--socket-mode={wrong}")]);
        assert_eq!(said, format!("--socket-mode takes permissions in octal, such as 0660, not '{wrong}'"));
    }
    let said = refusal(&["-l", "systemd", "-l", "9020", "--socket-mode", "0666"]);
    assert_eq!(said, "--socket-mode takes --listen unix:PATH or unixgram:PATH beside it");
}

#[test]
fn letters_may_be_joined() {
    let options = run(&["-qvl9020"]);
    assert_eq!((options.verbosity, options.listen.len()), (Some(log::LevelFilter::Debug), 1));
    assert_eq!(run(&["-vl", "127.0.0.1:1"]).listen[0].to_string(), "tcp:127.0.0.1:1");
    assert_eq!(refusal(&["-q=yes"]), "-q takes no value, not 'yes'");
    assert_eq!(refusal(&["-qx"]), "unknown option '-x'; see --help");
}

#[test]
fn levels_are_names_or_numbers() {
    for (text, level) in [("DEBUG", 10.0), ("warning", 30.0), ("FATAL", 50.0), ("25", 25.0), ("-5", -5.0)] {
        assert_eq!(run(&[&format!("--level={text}")]).level, Some(level), "{text}");
    }
    assert_eq!(
        refusal(&["--level", "LOUD"]),
        "--level takes a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET, not 'LOUD'"
    );
}

#[test]
fn seconds_may_have_a_fraction() {
    assert_eq!(run(&["--timeout", "0.25"]).timeout, Some(Duration::from_millis(250)));
    for wrong in ["-1", "inf", "nan", "1e3", "ten", "", "99999999999"] {
        assert_eq!(
            refusal(&[&format!("--timeout={wrong}")]),
            format!("--timeout takes a number of seconds, at most a hundred years, not '{wrong}'")
        );
    }
}

#[test]
fn rotation_takes_both_options_and_a_file() {
    let options = run(&["-o", "x.log", "-o", "-", "-o", "y", "--max-bytes", "10k", "--backup-count", "3"]);
    let rotated = |path| Where::Place(Place::file(path, Some(Rotation { max_bytes: 10 << 10, backup_count: 3 })));
    assert_eq!(options.output, [rotated("x.log"), Where::Place(Place::Stdout), rotated("y")]);
    assert!(refusal(&["-o", "x", "--max-bytes", "1"]).contains("--backup-count"));
    assert!(refusal(&["-o", "x", "--backup-count", "1"]).contains("--max-bytes"));
    for output in ["-", "/dev/stdout", "/dev/fd/7"] {
        assert!(refusal(&["-o", output, "--max-bytes", "1", "--backup-count", "1"]).contains("--output FILE"));
    }
    assert!(refusal(&["-o", "x", "--max-bytes", "1", "--backup-count", "0"]).starts_with("--backup-count takes"));
}

#[test]
fn says_what_is_wrong_and_what_would_be_right() {
    for (args, message) in [
        (&["--lisen", "x"][..], "unknown option '--lisen'; did you mean --listen?"),
        (&["--colour=never"], "unknown option '--colour'; did you mean --color?"),
        (&["--frobnicate"], "unknown option '--frobnicate'; see --help"),
        (&["-x"], "unknown option '-x'; see --help"),
        (&["extra"], "unexpected argument 'extra'"),
        (&["--style", "&"], "--style takes one of %, {, $, not '&'"),
        (&["--escape", "\u{1b}[2J"], "--escape takes one of control, all, none, not '\\u{1b}[2J'"),
        (&["--count"], "--count takes a whole number, at least 1"),
        (&["--count", "0"], "--count takes a whole number, at least 1, not '0'"),
        (&["--json=yes"], "--json takes no value, not 'yes'"),
        (
            &["-o", "relay:host:0"],
            "-o takes relay:HOST:PORT, relay:tcp:HOST:PORT, relay:udp:HOST:PORT, relay:unix:PATH or relay:unixgram:PATH \
                 (nobody listens on port 0), not 'relay:host:0'",
        ),
        (
            &["--facility", "users"],
            "--facility takes a syslog facility, such as user, daemon, auth or local0 to local7, not 'users'",
        ),
        (&["-o", "x", "-o", "-", "-o", "x"], "-o names each place once"),
        (&["--level", "INFO", "--config", "x"], "--level has no place beside --config, which says all of that"),
        (&["--config", "x", "-o", "y"], "-o has no place beside --config, which says all of that"),
        (&["--output="], "--output takes a file name, not ''"),
        (&["--json", "--format", "%(msg)s"], "--json prints instead of --format: only one of them"),
    ] {
        assert_eq!(refusal(args), message, "{args:?}");
    }
}

#[test]
fn there_are_as_many_outputs_as_a_policy_has_places() {
    let outputs: Vec<String> = (0..=limits::MAX_DESTINATIONS).map(|number| format!("-o{number}")).collect();
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    assert_eq!(run(&outputs[1..]).output.len(), limits::MAX_DESTINATIONS);
    assert_eq!(refusal(&outputs), "-o names more than 64 places");
}
