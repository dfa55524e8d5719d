//! Checked configuration to a tree of loggers, with everything opened that it names.
//!
//! In: the text of a file. Out: a [`Config`], and of it a [`Tree`]. What the program has open already, and the file names in the
//! same way, stays open and is shared. Refused: what cannot be opened, and a file that two handlers open in different ways.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;

use super::check::check;
use super::classes::{Key, Kind};
use super::formatter;
use super::handler::{Handler, filters, numbers, targets};
use super::node::{Member, Members, Node};
use super::place::{Places, argument_of, is_same_file, path_of};
use crate::base::limits::{MAX_CONFIG_BYTES, MAX_DESTINATIONS};
use crate::base::text::shown;
use crate::format::Formatter;
use crate::format::escape::Escape;
#[cfg(feature = "relay")]
use crate::format::relay::Adds;
#[cfg(feature = "syslog")]
use crate::format::syslog::{Form, Syslog};
use crate::policy::MemoryHandler;
use crate::policy::handling::Layout;
use crate::policy::tree::{Tree, is_root};
use crate::write::{Output, Place, RotateBy};

/// A configuration that was read and checked.
#[derive(Debug)]
pub struct Config {
    file: Node,
    warnings: Vec<String>,
}

/// What is opened by [`Config::open`], when it is opened for the first time.
pub type Start<'s> = &'s mut dyn FnMut(Place) -> io::Result<Output>;

impl Config {
    /// Reads and checks the text of a file.
    ///
    /// # Errors
    /// Every mistake, one a line, each with its place.
    pub fn parse(text: &[u8]) -> Result<Config, Vec<String>> {
        if text.len() > MAX_CONFIG_BYTES {
            return Err(vec![format!("longer than {MAX_CONFIG_BYTES} bytes")]);
        }
        let hint = if text.trim_ascii_start().starts_with(b"version:") { YAML } else { "" };
        let file = Node::parse(text).map_err(|error| vec![error + hint])?;
        check(&file).map(|warnings| Config { file, warnings })
    }

    /// What Python would ignore, each with its place.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn section(&self, name: &str) -> &Members {
        self.file.members().object(name)
    }

    fn handlers(&self) -> impl Iterator<Item = Handler<'_>> {
        self.section("handlers").iter().filter_map(Handler::of)
    }

    /// A line for each handler: who would write where, for which loggers.
    ///
    /// # Errors
    /// Files that could not be made, since their folders are not there, each with its place.
    pub fn describe(&self) -> Result<String, Vec<String>> {
        let errors = self.mistakes();
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut text = String::new();
        for handler in self.handlers() {
            // Writing to a String cannot fail.
            let _ = self.describe_handler(&handler, handler.place().as_ref(), &mut text);
        }
        if self.needs_last_resort() {
            text.push_str("records that find no handler: WARNING and worse to standard error\n");
        }
        Ok(text)
    }

    /// Whether the records of some logger find no handler.
    fn needs_last_resort(&self) -> bool {
        let has_handlers = |logger: &Members| logger.get("handlers").is_some_and(|names| !names.is_empty());
        let ends =
            |own: &Member| !is_root(&own.name) && !propagates(own.node.members()) && !has_handlers(own.node.members());
        let root = self.roots().last().copied();
        !root.is_some_and(has_handlers) || self.section("loggers").iter().any(ends)
    }

    /// Why what is named cannot be opened, as far as that can be told without opening anything.
    fn mistakes(&self) -> Vec<String> {
        let (mut errors, mut places) = (Vec::new(), Vec::new());
        for handler in self.handlers() {
            let Some(place) = handler.place() else { continue };
            errors.extend(cannot_be_made(&handler, &place));
            if places.contains(&place) {
                continue;
            }
            if places.iter().any(|known| is_same_file(known, &place)) {
                errors.push(format!("handlers.{}.filename: is open already, in another way", handler.name));
            }
            places.push(place);
        }
        if self.needs_last_resort() && !places.contains(&Place::Stderr) {
            places.push(Place::Stderr);
        }
        if places.len() > MAX_DESTINATIONS {
            errors.push(format!("handlers: more than {MAX_DESTINATIONS} places to write to"));
        }
        errors
    }

    fn describe_handler(&self, handler: &Handler<'_>, place: Option<&Place>, out: &mut String) -> std::fmt::Result {
        write!(out, "{}: {} to ", handler.name, handler.class.short_name())?;
        match (place, handler.class.kind) {
            (Some(Place::Remote { address, .. }), _) => write!(out, "{address}")?,
            (Some(place), _) => write!(out, "{place}")?,
            (None, Kind::Queue) => {
                write!(out, "handlers {}", handler.get(Key::HandedTo).map_or(Vec::new(), Node::texts).join(", "))?;
            }
            (None, _) => match handler.text(Key::Target) {
                Some(target) => write!(out, "handler {target}, capacity {}", handler.whole(Key::Capacity))?,
                None => out.push_str("nowhere"),
            },
        }
        let Some(Place::File { rotation, .. }) = place else { return self.describe_use(handler, out) };
        match rotation {
            Some(RotateBy::Size(rotation)) => write!(out, ", {rotation}")?,
            Some(RotateBy::Time(rotation)) => {
                let when = handler.text(Key::When).unwrap_or("H");
                write!(out, ", rotated by time ({} {when}), old files: ", rotation.interval)?;
                match rotation.backup_count {
                    0 => out.push_str("all"),
                    count => write!(out, "{count}")?,
                }
            }
            None => {}
        }
        self.describe_use(handler, out)
    }

    /// Of which records it gets, and from whom.
    fn describe_use(&self, handler: &Handler<'_>, out: &mut String) -> std::fmt::Result {
        if let Some(level) = handler.level(Key::Level) {
            write!(out, ", from level {}", shown(level))?;
        }
        let filters = handler.get(Key::Filters).map_or(Vec::new(), Node::texts);
        if !filters.is_empty() {
            write!(out, ", through filters {}", filters.join(", "))?;
        }
        let mut before = "; of ";
        let root = self.file.members().member("root");
        for logger in self.section("loggers").iter().chain(root) {
            if logger.node.members().get("handlers").is_some_and(|names| names.texts().contains(&handler.name)) {
                let name = if logger.name.is_empty() { "root" } else { &logger.name };
                write!(out, "{before}{name}")?;
                before = ", ";
            }
        }
        out.push_str(if before == ", " { "\n" } else { "; of no logger\n" });
        Ok(())
    }

    /// The root under all its names, in the order in which they are configured.
    fn roots(&self) -> Vec<&Members> {
        let loggers = self.section("loggers");
        let (mut empty, mut named) = (loggers.member(""), loggers.member("root"));
        if empty.map(|member| member.place) > named.map(|member| member.place) {
            std::mem::swap(&mut empty, &mut named);
        }
        let root = self.file.members().member("root").filter(|member| !member.node.is_empty());
        [empty, named, root].into_iter().flatten().map(|member| member.node.members()).collect()
    }

    /// Opens what is named and is not open yet, by `start`, and makes the tree of loggers. With `utc`, times are in UTC; `escape` is
    /// for what goes to syslog, and `kept_bytes` is what all `MemoryHandler`s together may keep.
    ///
    /// # Errors
    /// Everything that cannot be opened, each with its place; then nothing has changed. Where a folder is missing, nothing is opened.
    pub fn open(
        &self,
        places: &mut Places,
        utc: bool,
        escape: Escape,
        kept_bytes: usize,
        start: Start<'_>,
    ) -> Result<Tree, Vec<String>> {
        let (mut errors, mut emptied) = (self.mistakes(), Vec::new());
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut opening = Opener { places, start, opened: Vec::new(), new: Vec::new() };
        for handler in self.handlers() {
            let Some(place) = handler.place() else { continue };
            match opening.open(&place) {
                Ok((_, true)) if handler.empties() && !handler.is_delayed() => {
                    emptied.extend(path_of(&place).map(ToOwned::to_owned));
                }
                Ok(_) => {}
                Err(error) => errors.push(format!("handlers.{}.{}: {error}", handler.name, argument_of(&place))),
            }
        }
        let made = self.tree(&mut opening, utc, escape, kept_bytes);
        let Opener { places, opened, new, .. } = opening;
        let tree = match made {
            Ok(tree) if errors.is_empty() => tree,
            made => {
                errors.extend(made.err());
                places.retire();
                for output in new {
                    output.retire(Some(Duration::ZERO));
                }
                return Err(errors);
            }
        };
        for path in emptied {
            // One that is not there yet is empty.
            let _ = File::options().write(true).truncate(true).open(path);
        }
        places.replace(opened);
        Ok(tree)
    }

    fn tree(&self, opening: &mut Opener<'_, '_>, utc: bool, escape: Escape, kept_bytes: usize) -> Result<Tree, String> {
        let (formatters, handlers) = (self.section("formatters"), self.section("handlers"));
        let layout = |formatter: Formatter| Arc::new(Layout::Text(formatter.with_utc(utc)));
        let layout_of = |member: &Member| layout(formatter::of(member.node.members()).unwrap_or_default());
        let layouts: Vec<Arc<Layout>> = formatters.iter().map(layout_of).collect();
        let plain = layout(Formatter::default());
        let memories = self.handlers().filter(|handler| handler.class.kind == Kind::Memory).count();
        let most_kept_bytes = kept_bytes.checked_div(memories).unwrap_or(0).min(MAX_KEPT_BYTES);
        let mut tree = Tree::new();
        for (handler, member) in self.handlers().zip(handlers.iter()) {
            // Python's handlers have a level from the start, `NOTSET`: what is below 0 passes none.
            let level = handler.level(Key::Level).or(Some(0.0));
            let filters = handler.filters(self.file.members());
            let targets = targets(member, handlers);
            // An empty name is none, even where a formatter has it.
            let name = handler.text(Key::Formatter).filter(|name| !name.is_empty());
            let number = name.and_then(|name| formatters.number(name));
            let text = number.and_then(|number| layouts.get(number)).unwrap_or(&plain);
            match handler.class.kind {
                Kind::Memory => {
                    let flush_level = handler.level(Key::FlushLevel).unwrap_or(ERROR);
                    let flushes = handler.flag(Key::FlushOnClose, true);
                    let target = targets.first().copied();
                    tree.add_memory(
                        level,
                        filters,
                        MemoryHandler::new(handler.whole(Key::Capacity), flush_level, target, flushes, most_kept_bytes),
                    );
                }
                Kind::Queue => {
                    let asks_levels = handler.flag(Key::RespectHandlerLevel, false);
                    tree.add_queue(text, level, filters, targets, asks_levels);
                }
                _ => {
                    let place = handler.place();
                    let Some((place, output)) = place.as_ref().and_then(|place| opening.known(place)) else {
                        tree.add_null(level, filters);
                        continue;
                    };
                    let message = message_of(&handler, place, text, escape).map(Arc::new);
                    let added = tree.add(message.as_ref().unwrap_or(text), output, level, filters);
                    tree.encode(added.map_err(|error| format!("handlers: {error}"))?, handler.ascii());
                }
            }
        }
        let others = self.section("loggers").iter().filter(|member| !is_root(&member.name));
        let others = others.map(|member| (member.name.as_str(), member.node.members()));
        for (name, members) in others.chain(self.roots().into_iter().map(|root| ("", root))) {
            let mut seen = vec![false; tree.handlers().len()];
            let mut named = numbers(members.get("handlers"), handlers);
            // Python adds a handler to a logger once.
            named.retain(|number| seen.get_mut(*number).is_some_and(|seen| !std::mem::replace(seen, true)));
            let logger = tree.logger(name);
            logger.handlers = named;
            logger.filters.extend(filters(members, self.file.members()));
            logger.propagate = propagates(members);
        }
        if tree.needs_last_resort() {
            let (output, _) = opening.open(&Place::Stderr)?;
            let added = tree.add(&plain, &output, Some(WARNING), Vec::new())?;
            tree.set_last_resort(added);
        }
        Ok(tree)
    }
}

/// The most for one `MemoryHandler`.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// Why there can be no file of a handler's, as far as that can be told without opening it.
fn cannot_be_made(handler: &Handler<'_>, place: &Place) -> Option<String> {
    let path = path_of(place).filter(|_| !handler.is_delayed())?;
    // The folder by its dot, since a file is no folder.
    let folder = path.parent().unwrap_or(path).join(".");
    let found = folder.metadata().map(|_| path.metadata());
    let error = match found {
        Ok(Ok(found)) => found.is_dir().then(|| Errno::EISDIR.into())?,
        // It is yet to be made.
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => return None,
        Ok(Err(error)) | Err(error) => error,
    };
    Some(format!("handlers.{}.filename: cannot open {path:?}: {error}", handler.name))
}

fn propagates(logger: &Members) -> bool {
    logger.get("propagate").is_none_or(|flag| flag.is_null() || !flag.is_empty())
}

/// What is open while a tree is made.
struct Opener<'p, 's> {
    places: &'p mut Places,
    start: Start<'s>,
    opened: Vec<(Place, Output)>,
    /// Those of them that were not open before.
    new: Vec<Output>,
}

impl Opener<'_, '_> {
    /// Opens a place, unless it is open. True if it was not.
    fn open(&mut self, place: &Place) -> Result<(Output, bool), String> {
        if let Some((_, output)) = self.known(place) {
            return Ok((output.clone(), false));
        }
        let known = self.places.find(place);
        let is_new = known.is_none();
        let output = match known {
            Some(output) => output,
            None => (self.start)(place.clone()).map_err(|error| error.to_string())?,
        };
        self.new.extend(is_new.then(|| output.clone()));
        self.opened.push((place.clone(), output.clone()));
        Ok((output, is_new))
    }

    fn known(&self, place: &Place) -> Option<&(Place, Output)> {
        self.opened.iter().find(|(known, _)| known == place)
    }
}

/// What a handler sends that writes no lines.
#[allow(unused_variables, reason = "what it takes depends on features")]
fn message_of(handler: &Handler<'_>, place: &Place, text: &Layout, escape: Escape) -> Option<Layout> {
    match (handler.class.kind, place, text) {
        #[cfg(feature = "relay")]
        (Kind::Datagram | Kind::Socket, ..) => Some(Layout::Relay(Adds::Nothing)),
        #[cfg(feature = "syslog")]
        (Kind::Syslog, Place::Remote { address, .. }, Layout::Text(formatter)) => {
            let nul = handler.flag(Key::AppendNul, true);
            // Local daemons find the ends of messages by their NULs, those elsewhere by octet counts.
            let is_tcp = matches!(address, crate::write::RemoteAddress::Tcp(..));
            let counts = is_tcp || (address.is_stream() && !nul);
            let ident = handler.text(Key::Ident).unwrap_or_default().to_owned();
            let form = Form::Handler { ident, append_nul: nul && !counts };
            let facility = handler.get(Key::Facility).and_then(super::remote::facility_of).unwrap_or(USER);
            // The clock of the formatter is the one that counts.
            let syslog = Syslog::new(form, facility, counts, escape, false).with_formatter(formatter.clone());
            Some(Layout::Syslog(Box::new(syslog)))
        }
        _ => None,
    }
}

/// `LOG_USER`.
#[cfg(feature = "syslog")]
const USER: u8 = 1;

/// What to do about the other form in which configurations are written.
const YAML: &str = " (the README has a line that makes JSON of YAML)";

const ERROR: f64 = 40.0;
const WARNING: f64 = 30.0;
