//! The command line to [`Options`].
//!
//! In: the arguments of the program. Out: what to do. Refused, with a line that names the option, its value and what it
//! takes: everything that is not in `usage.txt`, which is the help text.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use jackdaws::base::{limits, sys};
use jackdaws::format::Style;
use jackdaws::format::escape::Escape;
use jackdaws::receive::capacity;
use jackdaws::receive::listen::Address;
use jackdaws::receive::shares::Shares;
use jackdaws::write::{Pace, Place, RotateBy, Rotation};

use crate::program::arguments::{Arguments, Error, shown};
use crate::program::far_end::far_end;
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
#[derive(Debug, Default)]
pub struct Options {
    /// Only say what would be done.
    pub check: bool,
    pub color: Color,
    /// Instead of what the other options of output say.
    pub config: Option<PathBuf>,
    pub count: Option<usize>,
    pub datefmt: Option<String>,
    pub escape: Escape,
    /// A number.
    #[cfg(feature = "syslog")]
    pub facility: Option<u8>,
    pub fail_on: Option<f64>,
    pub format: Option<String>,
    pub json: bool,
    pub level: Option<f64>,
    pub listen: Vec<Address>,
    pub logname: Option<String>,
    pub metrics: Option<PathBuf>,
    pub names: Vec<String>,
    /// At least one.
    pub output: Vec<Where>,
    pub pace: Pace,
    pub port_file: Option<PathBuf>,
    pub receive: jackdaws::receive::Options,
    pub style: Style,
    pub timeout: Option<Duration>,
    pub until_eof: bool,
    pub utc: bool,
    /// What is said, if not the usual.
    pub verbosity: Option<log::LevelFilter>,
}

/// What has a meaning only beside others.
#[derive(Default)]
struct Given {
    backup_count: Option<u32>,
    max_bytes: Option<u64>,
    max_connections: Option<usize>,
    max_frame: Option<usize>,
    max_memory: Option<usize>,
}

/// `--output`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// One that is open, and its name.
    Descriptor(RawFd, PathBuf),
    Place(Place),
}

impl Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Where::Descriptor(_, path) => write!(f, "{path:?}"),
            Where::Place(Place::File { path, rotation: Some(RotateBy::Size(rotation)), .. }) => {
                write!(f, "{path:?}, {rotation}")
            }
            Where::Place(place) => place.fmt(f),
        }
    }
}

/// `--color`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    Always,
    /// A terminal is coloured, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Never,
}

/// Reads the arguments, without the program's name.
pub fn parse<I: IntoIterator<Item: Into<OsString>>>(args: I) -> Result<Action, Error> {
    let mut reader = Arguments::new(args);
    let mut options = Options::default();
    let mut given = Given::default();
    let mut replaced = None;
    let mut errors = Vec::new();
    loop {
        let taken = reader.next_option().and_then(|option| {
            let Some(option) = option else { return Ok(None) };
            if REPLACED_BY_CONFIG.contains(&option.as_str()) {
                replaced.get_or_insert_with(|| option.clone());
            }
            options.take(&option, &mut reader, &mut given).map(Some)
        });
        match taken {
            Ok(None) => break,
            Ok(Some(None)) => {}
            Ok(Some(Some(action))) if errors.is_empty() => return Ok(action),
            Ok(Some(Some(_))) => break,
            Err(Error(error)) => errors.push(error),
        }
    }
    // What stands beside what is misread would be misread too.
    if errors.is_empty() {
        options.take_together(&given, replaced.as_deref()).unwrap_or_else(|Error(error)| errors.push(error));
    }
    match errors.is_empty() {
        true => Ok(Action::Run(Box::new(options))),
        false => Err(Error(errors.join("\njackdaws: "))),
    }
}

impl Options {
    /// Takes one option, with its value.
    // Not within its caller: in a frame as large as both need, each instruction is longer.
    #[inline(never)]
    fn take(&mut self, option: &str, reader: &mut Arguments, given: &mut Given) -> Result<Option<Action>, Error> {
        match option {
            "-l" | "--listen" => self.listen.push(reader.address()?),
            "--allow" => self.receive.allow.push(reader.network()?),
            "--logname" => self.logname = Some(reader.string()?),
            "-o" | "--output" => self.output.push(another_place(reader.path()?, option, &self.output)?),
            #[cfg(feature = "syslog")]
            "--facility" => self.facility = Some(reader.facility()?),
            "--max-bytes" => given.max_bytes = Some(reader.size()?),
            "--backup-count" => given.backup_count = Some(reader.at_least_one()?),
            "--flush-interval" => self.pace.flush_interval = Some(reader.seconds()?),
            "--sync" => self.pace.sync = Some(reader.seconds()?),
            "-f" | "--format" => self.format = Some(reader.string()?),
            "--style" => {
                self.style = match reader.choice(&["%", "{", "$"])? {
                    "{" => Style::Brace,
                    "$" => Style::Dollar,
                    _ => Style::Percent,
                }
            }
            "--datefmt" => self.datefmt = Some(reader.string()?),
            "--utc" => self.utc = reader.flag()?,
            #[cfg(feature = "json")]
            "--json" => self.json = reader.flag()?,
            "--level" => self.level = Some(reader.level()?),
            "--name" => self.names.push(reader.string()?),
            "--escape" => {
                self.escape = match reader.choice(&["control", "all", "none"])? {
                    "all" => Escape::All,
                    "none" => Escape::None,
                    _ => Escape::Control,
                }
            }
            "--color" => {
                self.color = match reader.choice(&["auto", "always", "never"])? {
                    "always" => Color::Always,
                    "never" => Color::Never,
                    _ => Color::Auto,
                }
            }
            "--max-frame" => given.max_frame = Some(reader.size_up_to(MAX_FRAME_MIB)?),
            "--max-connections" => given.max_connections = Some(reader.at_least_one()?),
            "--max-memory" => given.max_memory = Some(reader.size()?),
            #[cfg(feature = "config")]
            "--config" => self.config = Some(reader.path()?),
            "--check" => self.check = reader.flag()?,
            "--frame-timeout" => self.receive.frame_timeout = reader.seconds()?,
            "--drain-timeout" => self.receive.drain_timeout = reader.seconds()?,
            "--metrics" => self.metrics = Some(reader.path()?),
            "--socket-mode" => self.receive.socket_mode = Some(reader.mode()?),
            "--port-file" => self.port_file = Some(reader.path()?),
            "--count" => self.count = Some(reader.at_least_one()?),
            "--timeout" => self.timeout = Some(reader.seconds()?),
            "--until-eof" => self.until_eof = reader.flag()?,
            "--fail-on" => self.fail_on = Some(reader.level()?),
            "-q" | "--quiet" => self.verbosity = reader.flag().map(|_| Some(log::LevelFilter::Error))?,
            "-v" | "--verbose" => self.verbosity = reader.flag().map(|_| Some(log::LevelFilter::Debug))?,
            "-h" | "--help" => return reader.flag().map(|_| Some(Action::Help)),
            "-V" | "--version" => return reader.flag().map(|_| Some(Action::Version)),
            unknown => {
                reader.pass_over_value();
                return Err(unknown_option(unknown));
            }
        }
        Ok(None)
    }

    /// What has a meaning only beside others, and what stands in for what was not given.
    fn take_together(&mut self, given: &Given, replaced: Option<&str>) -> Result<(), Error> {
        if let (Some(option), Some(_)) = (replaced, &self.config) {
            return Err(Error(format!("{option} has no place beside --config, which says all of that")));
        }
        match (given.max_bytes, given.backup_count) {
            (None, None) => {}
            (Some(max_bytes), Some(backup_count)) => {
                let by_size = Some(RotateBy::Size(Rotation { max_bytes, backup_count }));
                let mut has_file = false;
                for output in &mut self.output {
                    if let Where::Place(Place::File { rotation, .. }) = output {
                        (*rotation, has_file) = (by_size, true);
                    }
                }
                if !has_file {
                    return Err(Error("--max-bytes takes a FILE to rotate: --output FILE".to_owned()));
                }
            }
            (Some(_), None) => return Err(Error("--max-bytes takes --backup-count N beside it".to_owned())),
            (None, Some(_)) => return Err(Error("--backup-count takes --max-bytes N beside it".to_owned())),
        }
        self.share_out_memory(given)?;
        if self.output.is_empty() {
            self.output.push(Where::Place(Place::Stdout));
        }
        if self.listen.is_empty() {
            self.listen.push(Address::default());
        }
        let is_unix = |address: &Address| matches!(address, Address::Unix(_) | Address::Unixgram(_));
        if self.receive.socket_mode.is_some() && !self.listen.iter().any(is_unix) {
            return Err(Error("--socket-mode takes --listen unix:PATH or unixgram:PATH beside it".to_owned()));
        }
        if self.json && self.format.is_some() {
            return Err(Error("--json prints instead of --format: only one of them".to_owned()));
        }
        Ok(())
    }

    /// A line of the limits that go together, unless they are the usual ones.
    pub fn unusual_limits(&self) -> String {
        let jackdaws::receive::Options { max_memory, max_connections, max_frame, .. } = self.receive;
        if max_memory == limits::MAX_MEMORY_BYTES && (max_connections, max_frame) == Shares::limits(max_memory) {
            return String::new();
        }
        format!("--max-memory {max_memory}, --max-connections {max_connections}, --max-frame {max_frame}\n")
    }

    /// Three limits that have to go together: those that were not given follow from the others.
    fn share_out_memory(&mut self, given: &Given) -> Result<(), Error> {
        let &Given { max_memory: memory, max_connections: connections, max_frame: frame, .. } = given;
        let usual = memory.unwrap_or_else(|| capacity::memory(limits::MAX_MEMORY_BYTES));
        let chosen = &mut self.receive;
        let (usual_connections, usual_frame) = Shares::limits(usual);
        chosen.max_connections = connections.unwrap_or(usual_connections);
        chosen.max_frame = frame.unwrap_or(usual_frame);
        let least = Shares::least(chosen.max_connections, chosen.max_frame);
        // Whoever wants more connections or longer records than usual, and says nothing of memory, wants that too.
        let needs_more = memory.is_none() && least > usual;
        chosen.max_memory = if needs_more { capacity::memory(least) } else { usual };
        if chosen.max_memory < least {
            let jackdaws::receive::Options { max_memory, max_connections, max_frame, .. } = chosen;
            let whose = if memory.is_some() { "--max-memory" } else { "the memory of this system" };
            return Err(Error(format!(
                "--max-connections {max_connections} and --max-frame {max_frame} take {least} bytes, \
                 more than {whose} allows: {max_memory}"
            )));
        }
        Ok(())
    }
}

fn unknown_option(option: &str) -> Error {
    match FEATURES.iter().find(|(_, name)| *name == option) {
        Some((feature, _)) => Error::lacking(option, feature),
        None => Error(format!("unknown option {}{}", shown(option), nearest(option, USAGE))),
    }
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
        b"-" => Where::Place(Place::Stdout),
        [b'r', b'e', b'l', b'a', b'y', b':', address @ ..] => Where::Place(far_end(option, "relay", address)?),
        [b's', b'y', b's', b'l', b'o', b'g', b':', address @ ..] => Where::Place(far_end(option, "syslog", address)?),
        _ => match sys::descriptor_named(&path) {
            Some(STDOUT) => Where::Place(Place::Stdout),
            Some(number) => Where::Descriptor(number, path),
            None => Where::Place(Place::file(path, None)),
        },
    };
    match before.contains(&place) {
        true => Err(Error(format!("{option} names each place once"))),
        false if before.len() >= limits::MAX_DESTINATIONS => {
            Err(Error(format!("{option} names more than {} places", limits::MAX_DESTINATIONS)))
        }
        false => Ok(place),
    }
}

/// `STDOUT_FILENO` of `<unistd.h>`.
const STDOUT: RawFd = 1;

/// The greatest `--max-frame`: [`limits::MAX_PICKLE_BYTES`] in MiB.
const MAX_FRAME_MIB: u64 = 512;

#[cfg(test)]
mod tests;
