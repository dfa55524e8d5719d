//! Checked configuration to a tree of loggers, with everything opened that it names.
//!
//! In: the text of a file. Out: a [`Config`], and of it a [`Tree`]. What the program has open already, and the file names in the
//! same way, stays open and is shared. Refused: what cannot be opened, and a file that is open in another way.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::{Checked, HandlerSpec, check, level_of, second_of_day};
use super::classes::Kind;
use super::node::Node;
#[cfg(any(feature = "relay", feature = "syslog"))]
use super::remote;
use crate::base::limits::MAX_CONFIG_BYTES;
use crate::format::Formatter;
use crate::format::escape::Escape;
#[cfg(feature = "relay")]
use crate::format::relay::Adds;
#[cfg(feature = "syslog")]
use crate::format::syslog::{Form, Syslog};
use crate::policy::tree::{Layout, Memory, Tree};
use crate::write::{Opening, Output, RemoteAddress, RotateBy, Rotation, Sink, TimedRotation, When};

/// A configuration that was read and checked.
#[derive(Debug)]
pub struct Config {
    checked: Checked,
}

/// A place to write to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    File {
        path: PathBuf,
        rotation: Option<RotateBy>,
        opening: Opening,
    },
    #[cfg_attr(not(any(feature = "relay", feature = "syslog")), allow(dead_code, reason = "nothing sends there"))]
    Remote {
        address: RemoteAddress,
        purpose: &'static str,
    },
    Stderr,
    Stdout,
}

/// The places that are open: passed on from one configuration to the next, so that what stays the same stays open.
#[derive(Debug, Default)]
pub struct Places {
    open: Vec<(Place, Output)>,
}

impl Places {
    /// Nothing is open.
    pub fn new() -> Places {
        Places::default()
    }

    /// Where is written to.
    pub fn outputs(&self) -> Vec<Output> {
        self.open.iter().map(|(_, output)| output.clone()).collect()
    }
}

impl Config {
    /// Reads and checks the text of a file.
    ///
    /// # Errors
    /// Every mistake, one a line, each with its place.
    pub fn parse(text: &str) -> Result<Config, Vec<String>> {
        if text.len() > MAX_CONFIG_BYTES {
            return Err(vec![format!("longer than {MAX_CONFIG_BYTES} bytes")]);
        }
        let root = Node::parse(text.trim_start_matches('\u{feff}')).map_err(|error| vec![not_json(&error)])?;
        check(&root).map(|checked| Config { checked })
    }

    /// What Python would ignore, each with its place.
    pub fn warnings(&self) -> &[String] {
        &self.checked.warnings
    }

    /// Files that cannot be made, since their folders are not there, each with its place.
    pub fn missing_folders(&self) -> Vec<String> {
        let missing = |(name, spec): (&String, &HandlerSpec)| {
            let place = place_of(spec)?;
            let folder = place.path()?.parent().filter(|folder| !folder.as_os_str().is_empty())?;
            let error = folder.metadata().err()?;
            Some(format!("handlers.{name}.filename: cannot open {:?}: {error}", place.path()?))
        };
        self.checked.handlers.iter().filter_map(missing).collect()
    }

    /// A line for each handler: who would write where, for which loggers.
    pub fn describe(&self) -> Vec<String> {
        let lines = self.checked.handlers.iter().map(|(name, spec)| self.describe_handler(name, spec));
        let last_resort = "records that find no handler: WARNING and worse to standard error".to_owned();
        let root = self.checked.loggers.iter().rev().find(|(name, _)| matches!(name.as_str(), "" | "root"));
        let is_needed = root.is_none_or(|(_, root)| root.handlers.is_empty());
        lines.chain(is_needed.then_some(last_resort)).collect()
    }

    fn describe_handler(&self, name: &str, spec: &HandlerSpec) -> String {
        let short = spec.class.name.rsplit('.').next().unwrap_or_default();
        let place = match (place_of(spec), spec.class.kind) {
            (Some(Place::File { path, rotation, .. }), _) => {
                let rotation = match rotation {
                    Some(RotateBy::Size(Rotation { max_bytes: max_bytes @ 1.., backup_count: count @ 1.. })) => {
                        format!(", rotated at {max_bytes} bytes, {count} old files")
                    }
                    Some(RotateBy::Time(rotation)) => {
                        let when = spec.text("when").unwrap_or("H");
                        let count = match rotation.backup_count {
                            0 => "all".to_owned(),
                            count => count.to_string(),
                        };
                        format!(", rotated by time ({} {when}), {count} old files", rotation.interval)
                    }
                    Some(RotateBy::Size(_)) | None => String::new(),
                };
                format!("{path:?}{rotation}")
            }
            (Some(Place::Remote { address, .. }), _) => address.to_string(),
            (Some(Place::Stdout), _) => "standard output".to_owned(),
            (Some(Place::Stderr), _) => "standard error".to_owned(),
            (None, Kind::Memory) => match spec.text("target") {
                Some(target) => format!("handler {target}, {} records at a time", spec.whole("capacity")),
                None => "nowhere".to_owned(),
            },
            (None, Kind::Queue) => format!("handlers {}", spec.names("handlers").join(", ")),
            (None, _) => "nowhere".to_owned(),
        };
        let loggers = self.checked.loggers.iter().filter(|(_, logger)| logger.handlers.iter().any(|own| own == name));
        let loggers = loggers.map(|(logger, _)| if logger.is_empty() { "root" } else { logger.as_str() });
        let loggers: Vec<&str> = loggers.collect();
        let loggers = if loggers.is_empty() { "no logger".to_owned() } else { loggers.join(", ") };
        let level = spec.level.map_or(String::new(), |level| format!(", from level {level}"));
        format!("{name}: {short} to {place}{level}; of {loggers}")
    }

    /// Opens what is named and is not open yet, and makes the tree of loggers. `started` is given what is opened for the first
    /// time, and makes what is to be called when it is gone for ever. With `utc`, times are in UTC; `escape` is for what goes to
    /// syslog.
    ///
    /// # Errors
    /// Everything that cannot be opened, each with its place; then nothing has changed.
    pub fn open(
        &self,
        places: &mut Places,
        utc: bool,
        escape: Escape,
        mut start: impl FnMut(Sink) -> io::Result<Output>,
    ) -> Result<Tree, Vec<String>> {
        let mut errors = Vec::new();
        let mut opened: Vec<(Place, Output)> = Vec::new();
        let mut emptied = Vec::new();
        for (name, spec) in &self.checked.handlers {
            let Some(place) = place_of(spec) else { continue };
            if opened.iter().any(|(known, _)| *known == place) {
                continue;
            }
            if let Some((_, output)) = places.open.iter().find(|(known, _)| *known == place) {
                opened.push((place, output.clone()));
                continue;
            }
            let is_same_file = |(known, _): &(Place, Output)| known.path().is_some() && known.path() == place.path();
            if opened.iter().chain(&places.open).any(is_same_file) {
                errors.push(format!("handlers.{name}.filename: is open already, in another way"));
                continue;
            }
            match start(place.sink()) {
                Ok(output) => {
                    if let (Some(path), true) = (place.path(), empties(spec)) {
                        emptied.push(path.to_owned());
                    }
                    opened.push((place, output));
                }
                Err(error) => errors.push(format!("handlers.{name}.{}: {error}", place.argument())),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let tree = self.tree(&mut opened, (utc, escape), &mut start).map_err(|error| vec![error])?;
        for path in emptied {
            // One that is not there yet is empty.
            let _ = File::options().write(true).truncate(true).open(path);
        }
        places.open = opened;
        Ok(tree)
    }

    fn tree(
        &self,
        opened: &mut Vec<(Place, Output)>,
        (utc, escape): (bool, Escape),
        start: &mut impl FnMut(Sink) -> io::Result<Output>,
    ) -> Result<Tree, String> {
        let layout = |formatter: &Formatter| Arc::new(Layout::Text(formatter.clone().with_utc(utc)));
        let formatters = self.checked.formatters.iter();
        let layouts: BTreeMap<&str, Arc<Layout>> = formatters.map(|(name, of)| (name.as_str(), layout(of))).collect();
        let plain = layout(&Formatter::default());
        let number = |wanted: &str| self.checked.handlers.keys().position(|name| name == wanted);
        let mut tree = Tree::new();
        for spec in self.checked.handlers.values() {
            let (level, filters) = (spec.level, spec.filters.clone());
            match spec.class.kind {
                Kind::Memory => {
                    let flush_level = spec.arguments.get("flushLevel").and_then(level_of).unwrap_or(ERROR);
                    let target = spec.text("target").and_then(number);
                    let memory =
                        Memory::new(spec.whole("capacity"), flush_level, target, spec.flag("flushOnClose", true));
                    tree.add_memory(level, filters, memory);
                }
                Kind::Null => {
                    tree.add_null(level, filters);
                }
                Kind::Queue => {
                    let handlers = spec.names("handlers").into_iter().filter_map(number).collect();
                    tree.add_queue(level, filters, handlers, spec.flag("respect_handler_level", false));
                }
                _ => {
                    let place = place_of(spec);
                    let Some((_, output)) = opened.iter().find(|(known, _)| Some(known) == place.as_ref()) else {
                        continue;
                    };
                    let text = spec.formatter.as_deref().and_then(|name| layouts.get(name)).unwrap_or(&plain);
                    let layout = match message_of(spec, text, escape) {
                        Some(message) => &Arc::new(message),
                        None => text,
                    };
                    let added =
                        tree.add(layout, output, level, filters).map_err(|error| format!("handlers: {error}"))?;
                    tree.encode(added, spec.ascii());
                }
            }
        }
        for (name, spec) in &self.checked.loggers {
            let logger = tree.logger(name);
            logger.handlers = spec.handlers.iter().filter_map(|name| number(name)).collect();
            logger.filters.extend(spec.filters.iter().cloned());
            logger.propagate = spec.propagate;
        }
        if tree.needs_last_resort() {
            let known = opened.iter().find(|(place, _)| *place == Place::Stderr).map(|(_, output)| output.clone());
            let output = match known {
                Some(output) => output,
                None => {
                    let output = start(Sink::Stderr).map_err(|error| error.to_string())?;
                    opened.push((Place::Stderr, output.clone()));
                    output
                }
            };
            let added = tree.add(&plain, &output, Some(WARNING), Vec::new()).map_err(|error| error.to_string())?;
            tree.set_last_resort(added);
        }
        Ok(tree)
    }
}

/// What a handler sends that writes no lines.
#[allow(unused_variables, reason = "what it takes depends on features")]
fn message_of(spec: &HandlerSpec, text: &Layout, escape: Escape) -> Option<Layout> {
    match spec.class.kind {
        #[cfg(feature = "relay")]
        Kind::Datagram | Kind::Socket => Some(Layout::Relay(Adds::Nothing)),
        #[cfg(feature = "syslog")]
        Kind::Syslog => {
            let (address, _) = address_of(spec)?;
            let nul = spec.flag("append_nul", true);
            // Local daemons find the ends of messages by their NULs, those elsewhere by octet counts.
            let counts = matches!(address, RemoteAddress::Tcp(..)) || (address.is_stream() && !nul);
            let ident = spec.text("ident").unwrap_or_default().to_owned();
            let form = Form::Handler { ident, append_nul: nul && !counts };
            let facility = spec.arguments.get("facility").and_then(remote::facility_of).unwrap_or(USER);
            let Layout::Text(formatter) = text else { return None };
            // The clock of the formatter is the one that counts.
            let syslog = Syslog::new(form, facility, counts, escape, false).with_formatter(formatter.clone());
            Some(Layout::Syslog(Box::new(syslog)))
        }
        _ => None,
    }
}

/// Where a handler sends its records, if it does, and what for.
#[cfg(any(feature = "relay", feature = "syslog"))]
fn address_of(spec: &HandlerSpec) -> Option<(RemoteAddress, &'static str)> {
    match spec.class.kind {
        #[cfg(feature = "relay")]
        Kind::Datagram | Kind::Socket => {
            let host = spec.text("host")?;
            let port = spec.arguments.get("port").and_then(remote::port_of);
            Some((remote::address(host, port, spec.class.kind == Kind::Socket), "relay"))
        }
        #[cfg(feature = "syslog")]
        Kind::Syslog => {
            let is_stream = spec.arguments.get("socktype").and_then(remote::is_stream).unwrap_or(false);
            let (host, port) = match spec.arguments.get("address") {
                Some(node) => remote::host_of(node)?,
                None => ("localhost", Some(remote::SYSLOG_PORT)),
            };
            Some((remote::address(host, port, is_stream), "syslog"))
        }
        _ => None,
    }
}

/// Where a handler writes, if it does.
fn place_of(spec: &HandlerSpec) -> Option<Place> {
    let kind = spec.class.kind;
    #[cfg(any(feature = "relay", feature = "syslog"))]
    if let Some((address, purpose)) = address_of(spec) {
        return Some(Place::Remote { address, purpose });
    }
    let rotation = match kind {
        Kind::Memory | Kind::Null | Kind::Queue => return None,
        Kind::Stream => {
            let is_stdout = spec.text("stream").is_some_and(|stream| stream.ends_with("stdout"));
            return Some(if is_stdout { Place::Stdout } else { Place::Stderr });
        }
        Kind::Rotating => {
            let backup_count = u32::try_from(spec.whole("backupCount")).unwrap_or(u32::MAX);
            Some(RotateBy::Size(Rotation { max_bytes: spec.whole("maxBytes"), backup_count }))
        }
        Kind::Timed => Some(RotateBy::Time(TimedRotation {
            when: spec.text("when").and_then(When::named).unwrap_or(When::Hour),
            interval: u32::try_from(spec.whole("interval")).unwrap_or(u32::MAX).max(1),
            backup_count: u32::try_from(spec.whole("backupCount")).unwrap_or(u32::MAX),
            utc: spec.flag("utc", false),
            at_time: spec.text("atTime").and_then(second_of_day),
        })),
        _ => None,
    };
    let opening = Opening { is_delayed: spec.flag("delay", false), is_watched: kind == Kind::WatchedFile };
    Some(Place::File { path: spec.text("filename")?.into(), rotation, opening })
}

/// Whether the file is emptied when it is opened: mode `w`, which a file that rotates does not have.
fn empties(spec: &HandlerSpec) -> bool {
    let rotates = spec.class.kind == Kind::Rotating && spec.whole("maxBytes") > 0;
    spec.text("mode").is_some_and(|mode| mode.starts_with('w')) && !rotates
}

impl Place {
    fn path(&self) -> Option<&Path> {
        match self {
            Place::File { path, .. } => Some(path),
            Place::Remote { .. } | Place::Stderr | Place::Stdout => None,
        }
    }

    /// The argument that names it.
    fn argument(&self) -> &'static str {
        match self {
            Place::File { .. } => "filename",
            Place::Remote { purpose: "syslog", .. } => "address",
            Place::Remote { .. } => "host",
            Place::Stderr | Place::Stdout => "stream",
        }
    }

    fn sink(&self) -> Sink {
        match self {
            Place::File { path, rotation, opening } => {
                Sink::HandlerFile { path: path.clone(), rotation: *rotation, opening: *opening }
            }
            Place::Remote { address, purpose } => Sink::Remote { address: address.clone(), purpose },
            Place::Stderr => Sink::Stderr,
            Place::Stdout => Sink::Stdout,
        }
    }
}

fn not_json(error: &serde_json::Error) -> String {
    let hint = if error.to_string().starts_with("trailing comma") { " (JSON has no trailing commas)" } else { "" };
    format!("no JSON: {error}{hint}")
}

/// `LOG_USER`.
#[cfg(feature = "syslog")]
const USER: u8 = 1;

const ERROR: f64 = 40.0;
const WARNING: f64 = 30.0;
