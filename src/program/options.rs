//! The command line to [`Options`].
//!
//! In: the arguments of the program. Out: what to do. Refused, with a line that names the option, its value and what it
//! takes: everything that is not in `usage.txt`, which is the help text.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::time::Duration;

use jackdaws::base::limits;
use jackdaws::format::Style;
use jackdaws::format::escape::Escape;
use jackdaws::receive::listen::Address;
use jackdaws::receive::network::Network;
use jackdaws::write::Rotation;
use lexopt::Arg;

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
    pub color: Color,
    pub count: Option<u64>,
    pub datefmt: Option<String>,
    pub drain_timeout: Duration,
    pub escape: Escape,
    pub format: Option<String>,
    pub frame_timeout: Duration,
    pub json: bool,
    pub level: Option<f64>,
    pub listen: Vec<Address>,
    pub logname: Option<String>,
    pub max_connections: usize,
    pub max_frame: usize,
    /// `None` for standard output.
    pub output: Option<PathBuf>,
    pub port_file: Option<PathBuf>,
    pub rotation: Option<Rotation>,
    pub style: Style,
    pub timeout: Option<Duration>,
    pub utc: bool,
    pub verbosity: log::LevelFilter,
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
    let mut reader = Reader { parser: lexopt::Parser::from_args(args), option: String::new() };
    let mut options = Options::default();
    let mut rotation = (None, None);
    while let Some(option) = reader.next_option()? {
        match option.as_str() {
            "-l" | "--listen" => options.listen.push(reader.address()?),
            "--allow" => options.allow.push(reader.network()?),
            "--logname" => options.logname = Some(reader.string()?),
            "-o" | "--output" => options.output = Some(reader.path()?).filter(|path| path.as_os_str() != "-"),
            "--max-bytes" => rotation.0 = Some(reader.size()?),
            "--backup-count" => rotation.1 = Some(reader.at_least_one()?),
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
            "--json" => options.json = reader.flag()?,
            "--level" => options.level = Some(reader.level()?),
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
            "--max-frame" => options.max_frame = reader.size()?,
            "--max-connections" => options.max_connections = reader.at_least_one()?,
            "--frame-timeout" => options.frame_timeout = reader.seconds()?,
            "--drain-timeout" => options.drain_timeout = reader.seconds()?,
            "--port-file" => options.port_file = Some(reader.path()?),
            "--count" => options.count = Some(reader.at_least_one()?),
            "--timeout" => options.timeout = Some(reader.seconds()?),
            "-q" | "--quiet" => options.verbosity = reader.flag().map(|_| log::LevelFilter::Error)?,
            "-v" | "--verbose" => options.verbosity = reader.flag().map(|_| log::LevelFilter::Debug)?,
            "-h" | "--help" => return reader.flag().map(|_| Action::Help),
            "-V" | "--version" => return reader.flag().map(|_| Action::Version),
            unknown => return Err(Error(format!("unknown option {}{}", shown(unknown), nearest(unknown)))),
        }
    }
    options.rotation = match rotation {
        (None, None) => None,
        (Some(_), Some(_)) if options.output.is_none() => {
            return Err(Error("--max-bytes takes a FILE to rotate: --output FILE".to_owned()));
        }
        (Some(max_bytes), Some(backup_count)) => Some(Rotation { max_bytes, backup_count }),
        (Some(_), None) => return Err(Error("--max-bytes takes --backup-count N beside it".to_owned())),
        (None, Some(_)) => return Err(Error("--backup-count takes --max-bytes N beside it".to_owned())),
    };
    if options.listen.is_empty() {
        options.listen.push(Address::default());
    }
    if options.json && options.format.is_some() {
        return Err(Error("--json prints instead of --format: only one of them".to_owned()));
    }
    Ok(Action::Run(Box::new(options)))
}

impl Default for Options {
    fn default() -> Options {
        Options {
            allow: Vec::new(),
            color: Color::Auto,
            count: None,
            datefmt: None,
            drain_timeout: limits::DRAIN_TIMEOUT,
            escape: Escape::Control,
            format: None,
            frame_timeout: limits::FRAME_TIMEOUT,
            json: false,
            level: None,
            listen: Vec::new(),
            logname: None,
            max_connections: limits::MAX_CONNECTIONS,
            max_frame: limits::MAX_FRAME_BYTES,
            output: None,
            port_file: None,
            rotation: None,
            style: Style::Percent,
            timeout: None,
            utc: false,
            verbosity: log::LevelFilter::Info,
        }
    }
}

/// A command line that is wrong; its text says which option, what it got and what it takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(String);

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads options and their values one by one.
struct Reader {
    parser: lexopt::Parser,
    /// The option that is being read.
    option: String,
}

impl Reader {
    fn next_option(&mut self) -> Result<Option<String>, Error> {
        // It fails only if a value is left, and every option takes its value or refuses it.
        self.option = match self.parser.next().map_err(|_| Error(format!("{} takes no value", self.option)))? {
            None => return Ok(None),
            Some(Arg::Long(name)) => format!("--{name}"),
            Some(Arg::Short(letter)) => format!("-{letter}"),
            Some(Arg::Value(value)) => {
                return Err(Error(format!("unexpected argument {}", shown(&value.to_string_lossy()))));
            }
        };
        Ok(Some(self.option.clone()))
    }

    /// An option without a value was given.
    fn flag(&mut self) -> Result<bool, Error> {
        match self.parser.optional_value() {
            None => Ok(true),
            Some(value) => Err(self.refused(&value.to_string_lossy(), "no value")),
        }
    }

    fn value(&mut self, takes: &str) -> Result<OsString, Error> {
        self.parser.value().map_err(|_| Error(format!("{} takes {takes}", self.option)))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.value("a text")?.into_string().map_err(|value| self.refused(&value.to_string_lossy(), "UTF-8 text"))
    }

    fn path(&mut self) -> Result<PathBuf, Error> {
        let value = self.value("a file name")?;
        if value.is_empty() { Err(self.refused("", "a file name")) } else { Ok(value.into()) }
    }

    fn address(&mut self) -> Result<Address, Error> {
        let takes = "HOST:PORT, udp:HOST:PORT, unix:PATH, unixgram:PATH or systemd";
        let value = self.value(takes)?;
        let refused = |error| self.refused(&value.to_string_lossy(), &format!("{takes} ({error})"));
        Address::parse(&value).map_err(refused)
    }

    fn network(&mut self) -> Result<Network, Error> {
        self.converted("an address or ADDRESS/BITS", |value| value.parse().ok())
    }

    /// A value that `convert` takes; `takes` says which ones those are.
    fn converted<T>(&mut self, takes: &str, convert: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        let value = self.lossy(takes)?;
        convert(&value).ok_or_else(|| self.refused(&value, takes))
    }

    fn lossy(&mut self, takes: &str) -> Result<String, Error> {
        Ok(self.value(takes)?.to_string_lossy().into_owned())
    }

    /// One of `choices`, which commas separate.
    fn choice(&mut self, choices: &'static str) -> Result<&'static str, Error> {
        self.converted(&format!("one of {choices}"), |value| choices.split(", ").find(|choice| *choice == value))
    }

    fn at_least_one<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        self.converted("a whole number, at least 1", |value| T::try_from(at_least_one(whole_number(value)?)?).ok())
    }

    fn size<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        self.converted("a number of bytes, at least 1, perhaps with k, M or G", |value| T::try_from(bytes(value)?).ok())
    }

    fn seconds(&mut self) -> Result<Duration, Error> {
        self.converted("a number of seconds", |value| {
            let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let seconds = value.parse().ok().filter(|_| plain)?;
            Duration::try_from_secs_f64(seconds).ok().filter(|duration| *duration <= MAX_DURATION)
        })
    }

    fn level(&mut self) -> Result<f64, Error> {
        self.converted("a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET", |value| {
            Some(match value.to_ascii_uppercase().as_str() {
                "NOTSET" => 0.0,
                "DEBUG" => 10.0,
                "INFO" => 20.0,
                "WARNING" | "WARN" => 30.0,
                "ERROR" => 40.0,
                "CRITICAL" | "FATAL" => 50.0,
                number => f64::from(number.parse::<i32>().ok()?),
            })
        })
    }

    fn refused(&self, value: &str, takes: &str) -> Error {
        Error(format!("{} takes {takes}, not {}", self.option, shown(value)))
    }
}

/// A peer's or user's text in quotes, with nothing in it that moves a terminal.
fn shown(value: &str) -> String {
    let escaped = value.escape_debug().to_string();
    let mut letters = escaped.chars().peekable();
    let mut shown = String::from("'");
    while let Some(letter) = letters.next() {
        // Quotes are nothing to a terminal.
        if letter != '\\' || !matches!(letters.peek(), Some('\'' | '"')) {
            shown.push(letter);
        }
    }
    shown + "'"
}

fn whole_number(value: &str) -> Option<u64> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok())?
}

fn at_least_one(number: u64) -> Option<u64> {
    Some(number).filter(|&number| number > 0)
}

/// A number of bytes, at least 1, with a suffix that is a power of 1024.
fn bytes(value: &str) -> Option<u64> {
    let (digits, shift) = match value.char_indices().next_back()? {
        (at, 'k' | 'K') => (value.get(..at)?, 10),
        (at, 'M' | 'm') => (value.get(..at)?, 20),
        (at, 'G' | 'g') => (value.get(..at)?, 30),
        _ => (value, 0),
    };
    at_least_one(whole_number(digits)?.checked_mul(1 << shift)?)
}

/// `; did you mean --x?` for the known option of which at most every [`LETTERS_AN_EDIT`]th letter was misspelt.
fn nearest(unknown: &str) -> String {
    let mut nearest = (usize::MAX, "");
    for word in USAGE.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        if word.starts_with("--") {
            nearest = nearest.min((edit_distance(unknown, word), word));
        }
    }
    let (distance, option) = nearest;
    if distance.saturating_mul(LETTERS_AN_EDIT) <= option.len() {
        format!("; did you mean {option}?")
    } else {
        "; see --help".to_owned()
    }
}

/// Levenshtein's distance, by its textbook recurrence, a row at a time.
fn edit_distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line.saturating_add(1);
        for (right, above) in to.chars().zip(row.iter_mut().skip(1)) {
            let changed = diagonal.saturating_add(usize::from(left != right));
            diagonal = *above;
            before = changed.min(before.saturating_add(1)).min(above.saturating_add(1));
            *above = before;
        }
        if let Some(first) = row.first_mut() {
            *first = line.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// A hundred years: longer ones overflow the clocks of small machines.
const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// So many letters of an option, its dashes among them, for each edit that a misspelt one is away from it.
const LETTERS_AN_EDIT: usize = 4;

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
        assert!(options.output.is_none() && options.rotation.is_none());
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
    fn sizes_have_suffixes() {
        for (text, bytes) in [("1", 1), ("1k", 1 << 10), ("3K", 3 << 10), ("16M", 16 << 20), ("1G", 1 << 30)] {
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
        assert!(refusal(&["-o", "-", "--max-bytes", "1", "--backup-count", "1"]).contains("--output FILE"));
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
            (&["--output="], "--output takes a file name, not ''"),
            (&["--json", "--format", "%(msg)s"], "--json prints instead of --format: only one of them"),
        ] {
            assert_eq!(refusal(args), message, "{args:?}");
        }
    }

    #[test]
    fn the_distance_of_words_is_the_number_of_edits() {
        for (from, to, distance) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(edit_distance(from, to), distance, "{from} {to}");
        }
    }
}
