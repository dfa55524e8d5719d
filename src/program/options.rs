//! The command line to [`Options`].
//!
//! In: the arguments of the program. Out: what to do. Refused, with a line that names the option, its value and what it
//! takes: everything that is not in `usage.txt`, which is the help text.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use jackdaws::base::{limits, sys};
use jackdaws::format::Style;
use jackdaws::format::escape::Escape;
use jackdaws::receive::capacity;
use jackdaws::receive::listen::Address;
use jackdaws::receive::network::Network;
use jackdaws::receive::shares::Shares;
#[cfg(any(feature = "relay", feature = "syslog"))]
use jackdaws::write::RemoteAddress;
use jackdaws::write::{Pace, Rotation};

use crate::program::arguments::{Arguments, Error, shown};
#[cfg(any(feature = "relay", feature = "syslog"))]
use crate::program::far_end;
use crate::program::misspelt::nearest;

/// What `--help` prints.
pub const USAGE: &str = include_str!("usage.txt");

/// What the command line asks for.
#[derive(Debug)]
pub enum Action {
    /// Print the help text.
    Help,
    /// Receive.
    Run(Box<Options>),
    /// Print the version.
    Version,
}

/// How to receive and log.
#[derive(Clone, Debug)]
pub struct Options {
    pub allow: Vec<Network>,
    /// Only say what would be done.
    pub check: bool,
    pub color: Color,
    /// Instead of what the other options of output say.
    pub config: Option<PathBuf>,
    pub count: Option<usize>,
    pub datefmt: Option<String>,
    pub drain_timeout: Duration,
    pub escape: Escape,
    pub fail_on: Option<f64>,
    pub format: Option<String>,
    pub frame_timeout: Duration,
    pub json: bool,
    pub level: Option<f64>,
    pub listen: Vec<Address>,
    pub logname: Option<String>,
    /// A number.
    #[cfg(feature = "syslog")]
    pub facility: u8,
    pub metrics: Option<PathBuf>,
    pub max_connections: usize,
    pub max_frame: usize,
    pub max_memory: usize,
    pub names: Vec<String>,
    /// At least one.
    pub output: Vec<Where>,
    pub pace: Pace,
    pub port_file: Option<PathBuf>,
    pub rotation: Option<Rotation>,
    /// Of Unix sockets.
    pub socket_mode: Option<u32>,
    pub style: Style,
    pub timeout: Option<Duration>,
    pub until_eof: bool,
    pub utc: bool,
    pub verbosity: log::LevelFilter,
}

/// `--output`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// One that is open, and its name.
    Descriptor(RawFd, PathBuf),
    File(PathBuf),
    #[cfg(feature = "relay")]
    Relay(RemoteAddress),
    Stdout,
    #[cfg(feature = "syslog")]
    Syslog(RemoteAddress),
}

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    Always,
    /// A terminal is coloured, unless `NO_COLOR` is set.
    Auto,
    Never,
}

/// Reads the arguments, without the program's name.
pub fn parse<I: IntoIterator<Item: Into<OsString>>>(args: I) -> Result<Action, Error> {
    let mut reader = Arguments::new(args);
    let mut options = Options::default();
    let mut rotation = (None, None);
    let (mut max_memory, mut max_connections, mut max_frame) = (None, None, None);
    let mut replaced = None;
    while let Some(option) = reader.next_option()? {
        if REPLACED_BY_CONFIG.contains(&option.as_str()) {
            replaced.get_or_insert_with(|| option.clone());
        }
        match option.as_str() {
            "-l" | "--listen" => options.listen.push(reader.address()?),
            "--allow" => options.allow.push(reader.network()?),
            "--logname" => options.logname = Some(reader.string()?),
            "-o" | "--output" => options.output.push(another_place(reader.path()?, &option, &options.output)?),
            #[cfg(feature = "syslog")]
            "--facility" => options.facility = reader.facility()?,
            "--max-bytes" => rotation.0 = Some(reader.size()?),
            "--backup-count" => rotation.1 = Some(reader.at_least_one()?),
            "--flush-interval" => options.pace.flush_interval = Some(reader.seconds()?),
            "--sync" => options.pace.sync = Some(reader.seconds()?),
            "-f" | "--format" => options.format = Some(reader.string()?),
            "--style" => {
                options.style = match reader.choice("%, {, $")? {
                    "{" => Style::Brace,
                    "$" => Style::Dollar,
                    _ => Style::Percent,
                }
            }
            "--datefmt" => options.datefmt = Some(reader.string()?),
            "--utc" => options.utc = reader.flag()?,
            #[cfg(feature = "json")]
            "--json" => options.json = reader.flag()?,
            "--level" => options.level = Some(reader.level()?),
            "--name" => options.names.push(reader.string()?),
            "--escape" => {
                options.escape = match reader.choice("control, all, none")? {
                    "all" => Escape::All,
                    "none" => Escape::None,
                    _ => Escape::Control,
                }
            }
            "--color" => {
                options.color = match reader.choice("auto, always, never")? {
                    "always" => Color::Always,
                    "never" => Color::Never,
                    _ => Color::Auto,
                }
            }
            "--max-frame" => max_frame = Some(reader.size_up_to(MAX_FRAME_MIB)?),
            "--max-connections" => max_connections = Some(reader.at_least_one()?),
            "--max-memory" => max_memory = Some(reader.size()?),
            #[cfg(feature = "config")]
            "--config" => options.config = Some(reader.path()?),
            "--check" => options.check = reader.flag()?,
            "--frame-timeout" => options.frame_timeout = reader.seconds()?,
            "--drain-timeout" => options.drain_timeout = reader.seconds()?,
            "--metrics" => options.metrics = Some(reader.path()?),
            "--socket-mode" => options.socket_mode = Some(reader.mode()?),
            "--port-file" => options.port_file = Some(reader.path()?),
            "--count" => options.count = Some(reader.at_least_one()?),
            "--timeout" => options.timeout = Some(reader.seconds()?),
            "--until-eof" => options.until_eof = reader.flag()?,
            "--fail-on" => options.fail_on = Some(reader.level()?),
            "-q" | "--quiet" => options.verbosity = reader.flag().map(|_| log::LevelFilter::Error)?,
            "-v" | "--verbose" => options.verbosity = reader.flag().map(|_| log::LevelFilter::Debug)?,
            "-h" | "--help" => return reader.flag().map(|_| Action::Help),
            "-V" | "--version" => return reader.flag().map(|_| Action::Version),
            unknown => return Err(Error(unknown_option(unknown))),
        }
    }
    if let (Some(option), Some(_)) = (replaced, &options.config) {
        return Err(Error(format!("{option} has no place beside --config, which says all of that")));
    }
    options.rotation = match rotation {
        (None, None) => None,
        (Some(_), Some(_)) if !options.output.iter().any(|output| matches!(output, Where::File(_))) => {
            return Err(Error("--max-bytes takes a FILE to rotate: --output FILE".to_owned()));
        }
        (Some(max_bytes), Some(backup_count)) => Some(Rotation { max_bytes, backup_count }),
        (Some(_), None) => return Err(Error("--max-bytes takes --backup-count N beside it".to_owned())),
        (None, Some(_)) => return Err(Error("--backup-count takes --max-bytes N beside it".to_owned())),
    };
    options.share_out_memory(max_memory, max_connections, max_frame)?;
    if options.output.is_empty() {
        options.output.push(Where::Stdout);
    }
    if options.listen.is_empty() {
        options.listen.push(Address::default());
    }
    let is_unix = |address: &Address| matches!(address, Address::Unix(_) | Address::Unixgram(_));
    if options.socket_mode.is_some() && !options.listen.iter().any(is_unix) {
        return Err(Error("--socket-mode takes --listen unix:PATH or unixgram:PATH beside it".to_owned()));
    }
    if options.json && options.format.is_some() {
        return Err(Error("--json prints instead of --format: only one of them".to_owned()));
    }
    Ok(Action::Run(Box::new(options)))
}

impl Options {
    /// Three limits that have to go together: those that were not given follow from the others.
    fn share_out_memory(
        &mut self,
        memory: Option<usize>,
        connections: Option<usize>,
        frame: Option<usize>,
    ) -> Result<(), Error> {
        let usual = memory.unwrap_or_else(|| capacity::memory(limits::MAX_MEMORY_BYTES));
        let (usual_connections, usual_frame) = Shares::limits(usual);
        self.max_connections = connections.unwrap_or(usual_connections);
        self.max_frame = frame.unwrap_or(usual_frame);
        let least = Shares::least(self.max_connections, self.max_frame);
        // Whoever wants more connections or longer records than usual, and says nothing of memory, wants that too.
        let needs_more = memory.is_none() && least > usual;
        self.max_memory = if needs_more { capacity::memory(least) } else { usual };
        if self.max_memory < least {
            let Options { max_memory, max_connections, max_frame, .. } = self;
            let whose = if memory.is_some() { "--max-memory" } else { "the memory of this system" };
            return Err(Error(format!(
                "--max-connections {max_connections} and --max-frame {max_frame} take {least} bytes, \
                 more than {whose} allows: {max_memory}"
            )));
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            allow: Vec::new(),
            check: false,
            color: Color::Auto,
            config: None,
            count: None,
            datefmt: None,
            drain_timeout: limits::DRAIN_TIMEOUT,
            escape: Escape::Control,
            fail_on: None,
            format: None,
            frame_timeout: limits::FRAME_TIMEOUT,
            json: false,
            level: None,
            listen: Vec::new(),
            logname: None,
            #[cfg(feature = "syslog")]
            facility: 1,
            metrics: None,
            max_connections: limits::MAX_CONNECTIONS,
            max_frame: limits::MAX_FRAME_BYTES,
            max_memory: limits::MAX_MEMORY_BYTES,
            names: Vec::new(),
            output: Vec::new(),
            pace: Pace::default(),
            port_file: None,
            rotation: None,
            socket_mode: None,
            style: Style::Percent,
            timeout: None,
            until_eof: false,
            utc: false,
            verbosity: log::LevelFilter::Info,
        }
    }
}

fn unknown_option(option: &str) -> String {
    match FEATURES.iter().find(|(_, name)| *name == option) {
        Some((feature, _)) => lacking(option, feature),
        None => format!("unknown option {}{}", shown(option), nearest(option, USAGE)),
    }
}

fn lacking(what: &str, feature: &str) -> String {
    format!("{what} needs the feature {feature}, without which this program was built")
}

/// Options that need a feature.
const FEATURES: &[(&str, &str)] = &[("config", "--config"), ("json", "--json"), ("syslog", "--facility")];

/// The policy of the plain options.
const REPLACED_BY_CONFIG: &[&str] = &[
    "-o",
    "--output",
    "--max-bytes",
    "--backup-count",
    "-f",
    "--format",
    "--style",
    "--datefmt",
    "--json",
    "--level",
    "--name",
    "--color",
    "--facility",
];

/// Another place than those `before` it.
fn another_place(path: PathBuf, option: &str, before: &[Where]) -> Result<Where, Error> {
    let place = match path.as_os_str().as_bytes() {
        b"-" => Where::Stdout,
        #[cfg(feature = "relay")]
        [b'r', b'e', b'l', b'a', b'y', b':', address @ ..] => Where::Relay(far_end::relay(option, address)?),
        #[cfg(feature = "syslog")]
        [b's', b'y', b's', b'l', b'o', b'g', b':', address @ ..] => Where::Syslog(far_end::syslog(option, address)?),
        #[cfg(not(feature = "relay"))]
        [b'r', b'e', b'l', b'a', b'y', b':', ..] => return Err(Error(lacking("relay:ADDRESS", "relay"))),
        #[cfg(not(feature = "syslog"))]
        [b's', b'y', b's', b'l', b'o', b'g', b':', ..] => return Err(Error(lacking("syslog:ADDRESS", "syslog"))),
        _ => match sys::descriptor_named(&path) {
            Some(STDOUT) => Where::Stdout,
            Some(number) => Where::Descriptor(number, path),
            None => Where::File(path),
        },
    };
    match before.contains(&place) {
        true => Err(Error(format!("{option} names each place once"))),
        false => Ok(place),
    }
}

/// `STDOUT_FILENO` of `<unistd.h>`.
const STDOUT: RawFd = 1;

/// The greatest `--max-frame`: [`limits::MAX_PICKLE_BYTES`] in MiB.
const MAX_FRAME_MIB: u64 = 512;

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(options.output == [Where::Stdout] && options.rotation.is_none());
        assert_eq!((options.max_frame, options.max_connections), (16 << 20, 1000));
        assert_eq!((options.frame_timeout, options.drain_timeout), (Duration::from_secs(30), Duration::from_secs(5)));
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
        for (text, place) in [
            ("relay:host", Where::Relay(tcp("host", 9020))),
            ("relay:udp:[::1]", Where::Relay(udp("::1", 9021))),
            ("relay:9000", Where::Relay(tcp("localhost", 9000))),
            ("relay:unix:/a", Where::Relay(RemoteAddress::Unix("/a".into()))),
            ("syslog:", Where::Syslog(RemoteAddress::Unixgram("/dev/log".into()))),
            ("syslog:host", Where::Syslog(udp("host", 514))),
            ("syslog:tcp:host", Where::Syslog(tcp("host", 514))),
            ("syslog:host:5140", Where::Syslog(udp("host", 5140))),
            ("syslog:unixgram:log", Where::Syslog(RemoteAddress::Unixgram("log".into()))),
            ("./relay:x", Where::File("./relay:x".into())),
            ("relayed", Where::File("relayed".into())),
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
            assert_eq!(run(&["--max-frame", text]).max_frame, bytes, "{text}");
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
            (options.max_memory, options.max_connections, options.max_frame)
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
            assert_eq!(run(&["-l", "unix:x", "--socket-mode", text]).socket_mode, Some(mode), "{text}");
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
        assert_eq!((options.verbosity, options.listen.len()), (log::LevelFilter::Debug, 1));
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
                format!("--timeout takes a number of seconds, not '{wrong}'")
            );
        }
    }

    #[test]
    fn rotation_takes_both_options_and_a_file() {
        let options = run(&["-o", "x.log", "--max-bytes", "10k", "--backup-count", "3"]);
        assert_eq!(options.rotation, Some(Rotation { max_bytes: 10 << 10, backup_count: 3 }));
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
}
