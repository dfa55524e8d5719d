//! Arguments, one by one: [`Arguments`] gives the next option, then its value in the kind that the option takes.
//!
//! In: the arguments of the program. Out: options, and their values. Refused, with a line that names the option, its value and
//! what it takes: everything else.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::time::Duration;

use jackdaws::base::digits;
#[cfg(feature = "syslog")]
use jackdaws::format::syslog;
use jackdaws::receive::listen::Address;
use jackdaws::receive::network::Network;
use jackdaws::record::level::level_named;
use lexopt::Arg;

/// A command line that is wrong; its text says which option, what it got and what it takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl Error {
    /// This program was built without what it takes.
    pub fn lacking(what: &str, feature: &str) -> Error {
        Error(format!("{what} needs the feature {feature}, without which this program was built"))
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads options and their values one by one.
pub struct Arguments {
    parser: lexopt::Parser,
    /// The option that is being read.
    option: String,
    /// Its value, as far as that is text.
    text: String,
}

impl Arguments {
    /// The arguments, without the program's name.
    pub fn new<I: IntoIterator<Item: Into<OsString>>>(args: I) -> Arguments {
        Arguments { parser: lexopt::Parser::from_args(args), option: String::new(), text: String::new() }
    }

    /// The next option, as it was written; `None` after the last.
    pub fn next_option(&mut self) -> Result<Option<String>, Error> {
        self.option = match self.parser.next() {
            Ok(None) => return Ok(None),
            Ok(Some(Arg::Long(name))) => format!("--{name}"),
            Ok(Some(Arg::Short(letter))) => format!("-{letter}"),
            Ok(Some(Arg::Value(value))) => {
                return Err(Error(format!("unexpected argument {}", shown(&value.to_string_lossy()))));
            }
            // Every option takes its value or refuses it, but for letters that are joined: `-q=yes`. There is no other error here.
            Err(error) => {
                let value =
                    if let lexopt::Error::UnexpectedValue { value, .. } = error { value } else { OsString::new() };
                return Err(self.refused(&value.to_string_lossy(), "no value"));
            }
        };
        Ok(Some(self.option.clone()))
    }

    /// An option without a value was given. What follows a letter is the next letter.
    pub fn flag(&mut self) -> Result<bool, Error> {
        let value = if self.option.starts_with("--") { self.parser.optional_value() } else { None };
        match value {
            None => Ok(true),
            Some(value) => Err(self.refused(&value.to_string_lossy(), "no value")),
        }
    }

    /// What follows an unknown option is its value, if it looks like one.
    pub fn pass_over_value(&mut self) {
        let _ = self.parser.values().map(|mut values| values.next());
    }

    fn value(&mut self, takes: &str) -> Result<OsString, Error> {
        self.parser.value().map_err(|_| Error(format!("{} takes {takes}", self.option)))
    }

    /// A text.
    pub fn string(&mut self) -> Result<String, Error> {
        self.value("a text")?.into_string().map_err(|value| self.refused(&value.to_string_lossy(), "UTF-8 text"))
    }

    /// The name of a file, or of what else there is at a path.
    pub fn path(&mut self) -> Result<PathBuf, Error> {
        let value = self.value("a file name")?;
        if value.is_empty() { Err(self.refused("", "a file name")) } else { Ok(value.into()) }
    }

    /// An address to listen on.
    pub fn address(&mut self) -> Result<Address, Error> {
        let takes = "HOST:PORT, PORT, *:PORT, udp:HOST:PORT, unix:PATH, unixgram:PATH or systemd";
        let value = self.value(takes)?;
        let refused = |error| self.refused(&value.to_string_lossy(), &format!("{takes} ({error})"));
        Address::parse(&value).map_err(refused)
    }

    /// A syslog facility; its number.
    #[cfg(feature = "syslog")]
    pub fn facility(&mut self) -> Result<u8, Error> {
        self.converted("a syslog facility, such as user, daemon, auth or local0 to local7", syslog::facility)
    }

    /// A network, or an address.
    pub fn network(&mut self) -> Result<Network, Error> {
        self.converted("an address or ADDRESS/BITS", |value| value.parse().ok())
    }

    /// A value that `convert` takes; `takes` says which ones those are.
    fn converted<T>(&mut self, takes: &str, convert: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        self.read_text(takes)?;
        convert(&self.text).ok_or_else(|| self.refused(&self.text, takes))
    }

    fn read_text(&mut self, takes: &str) -> Result<(), Error> {
        self.text = self.value(takes)?.to_string_lossy().into_owned();
        Ok(())
    }

    /// One of these.
    pub fn choice(&mut self, choices: &[&'static str]) -> Result<&'static str, Error> {
        let takes = format!("one of {}", choices.join(", "));
        self.converted(&takes, |value| choices.iter().copied().find(|choice| *choice == value))
    }

    /// A whole number that is not 0.
    pub fn at_least_one<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        self.converted("a whole number, at least 1", |value| T::try_from(at_least_one(digits::unsigned(value)?)?).ok())
    }

    /// A number of bytes that is not 0, perhaps with a suffix.
    pub fn size<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        self.converted("a number of bytes, at least 1, perhaps with k, M or G", |value| T::try_from(bytes(value)?).ok())
    }

    /// A number of bytes, at most `most` MiB.
    pub fn size_up_to(&mut self, most: u64) -> Result<usize, Error> {
        let takes = format!("a number of bytes, from 1 to {most}M, perhaps with k, M or G");
        self.converted(&takes, |value| usize::try_from(bytes(value)?).ok().filter(|_| bytes(value) <= Some(most << 20)))
    }

    /// A time.
    pub fn seconds(&mut self) -> Result<Duration, Error> {
        self.converted("a number of seconds, at most a hundred years", |value| {
            let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
            let digits = [whole, "0", fraction].concat();
            let plain = digits.len() > 1 && digits.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = if whole.is_empty() { 0 } else { digits::unsigned(whole)? };
            let nanoseconds = format!("{fraction:0<9.9}");
            let duration = Duration::new(seconds, digits::unsigned(&nanoseconds)?);
            Some(duration).filter(|duration| plain && *duration <= MAX_DURATION)
        })
    }

    /// Permissions, in octal.
    pub fn mode(&mut self) -> Result<u32, Error> {
        self.converted("permissions in octal, such as 0660", |value| {
            let octal = value.bytes().all(|byte| byte.is_ascii_digit());
            u32::from_str_radix(value, 8).ok().filter(|mode| octal && *mode <= 0o777)
        })
    }

    /// A level, by name or number.
    pub fn level(&mut self) -> Result<f64, Error> {
        self.converted("a number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET", |value| {
            level_named(&value.to_ascii_uppercase()).or_else(|| Some(f64::from(digits::parse::<i32>(value)?)))
        })
    }

    fn refused(&self, value: &str, takes: &str) -> Error {
        Error(format!("{} takes {takes}, not {}", self.option, shown(value)))
    }
}

/// A user's text in quotes, with nothing in it that moves a terminal.
pub fn shown(value: &str) -> String {
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

fn at_least_one(number: u64) -> Option<u64> {
    Some(number).filter(|&number| number > 0)
}

/// A number of bytes, at least 1, with a suffix that is a power of 1024.
fn bytes(value: &str) -> Option<u64> {
    let (number, shift) = match value.char_indices().next_back()? {
        (at, 'k' | 'K') => (value.get(..at)?, 10),
        (at, 'M' | 'm') => (value.get(..at)?, 20),
        (at, 'G' | 'g') => (value.get(..at)?, 30),
        _ => (value, 0),
    };
    at_least_one(digits::unsigned::<u64>(number)?.checked_mul(1 << shift)?)
}

/// A hundred years: longer ones overflow the clocks of small machines.
const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
