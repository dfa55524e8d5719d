//! The whole file by the tables: every mistake at once, each with its place.
//!
//! In: the [`Node`] of a file. Out: warnings about what Python ignores. Refused: what names something that is not there, and what
//! a key does not take. One loop checks every object of the file. Facts: `DictConfigurator` in CPython's `Lib/logging/config.py`.

use std::fmt::{self, Write as _};

use super::classes::{self, CLASSES, Class, Key, Takes};
use super::formatter;
use super::handler::targets;
use super::node::{Member, Members, Node, Shown};
use super::remote;
use super::scalar;
use crate::base::misspelt::nearest;
use crate::policy::tree::MAX_PASSAGES;
use crate::record::level::LEVELS;

/// What a file says wrongly, and what it says in vain.
pub(super) struct Checker<'n> {
    file: &'n Members,
    /// Where the present value stands.
    place: String,
    errors: Vec<String>,
    warnings: Vec<String>,
}

/// Checks one member of a section.
type CheckOne<'n> = fn(&mut Checker<'n>, &'n Members);

/// Checks a file; gives its warnings, or all its mistakes.
pub(super) fn check(root: &Node) -> Result<Vec<String>, Vec<String>> {
    let mut checker = Checker { file: root.members(), place: String::new(), errors: Vec::new(), warnings: Vec::new() };
    match root {
        Node::Object(file) => checker.file(file),
        other => checker.refuse(format_args!("the file takes an object, not {other}")),
    }
    let Checker { mut errors, mut warnings, .. } = checker;
    if errors.is_empty() {
        return Ok(warnings);
    }
    // What is ignored may be what is missing elsewhere.
    warnings.retain(|warning| !warning.ends_with(LEVEL_IGNORED));
    errors.append(&mut warnings);
    Err(errors)
}

impl<'n> Checker<'n> {
    fn refuse(&mut self, what: fmt::Arguments<'_>) {
        let colon = if self.place.is_empty() { "" } else { ": " };
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(format!("{}{colon}{what}", self.place));
        }
    }

    /// The same at a place further in.
    fn refuse_at(&mut self, place: &[&str], what: fmt::Arguments<'_>) {
        match place {
            [] => self.refuse(what),
            [name, further @ ..] => self.within(name, &mut |checker| checker.refuse_at(further, what)),
        }
    }

    fn section(&self, name: &str) -> &'n Members {
        self.file.object(name)
    }

    fn warn(&mut self, what: fmt::Arguments<'_>) {
        if self.warnings.len() < MAX_ERRORS {
            self.warnings.push(format!("{}: {what}", self.place));
        }
    }

    /// Does something at a place that is further in.
    fn within(&mut self, name: &str, check: &mut dyn FnMut(&mut Self)) {
        let length = self.place.len();
        let dot = if length == 0 { "" } else { "." };
        let is_plain = !name.is_empty() && name.len() <= MAX_PLAIN_BYTES && name.bytes().all(is_plain);
        // Writing to a String cannot fail.
        let _ = if is_plain { write!(self.place, "{dot}{name}") } else { write!(self.place, "{dot}{}", Shown(name)) };
        check(self);
        self.place.truncate(length);
    }

    fn file(&mut self, file: &'n Members) {
        self.object(file, classes::FILE, &[], 1, None);
        let sections: [(&str, CheckOne<'n>); 4] = [
            ("filters", Checker::filter),
            ("formatters", Checker::formatter),
            ("handlers", Checker::handler),
            ("loggers", Checker::logger),
        ];
        for (section, check) in sections {
            self.within(section, &mut |checker| {
                for Member { name, node, .. } in checker.section(section).iter() {
                    checker.within(name, &mut |checker| match node {
                        Node::Object(members) => check(checker, members),
                        other => checker.refuse(format_args!("takes an object, not {other}")),
                    });
                }
            });
        }
        self.passages();
        self.within("root", &mut |checker| checker.logger(file.object("root")));
    }

    /// Each member by its key, of which the first have to be there. What is unknown is refused on behalf of a class, and else
    /// warned of.
    fn object(&mut self, members: &Members, keys: &[Key], more: &[Key], needed: usize, class: Option<&str>) {
        for Member { name, node, .. } in members.iter() {
            let key = keys.iter().chain(more).enumerate().find(|(_, key)| key.name() == name);
            self.within(name, &mut |checker| match key {
                Some((place, key)) if node.is_null() && place >= needed && key.takes_null() => {}
                Some((_, key)) => checker.value(key.takes(), node),
                None => checker.unknown(name, keys, more, class),
            });
        }
        for key in keys.iter().take(needed).filter(|key| members.get(key.name()).is_none()) {
            let why = match key.takes() {
                Takes::SomeHandlers => "; its records would go nowhere",
                Takes::Version => "; it takes the number 1",
                _ => "",
            };
            self.refuse_at(&[key.name()], format_args!("missing{why}"));
        }
    }

    fn unknown(&mut self, name: &str, keys: &[Key], more: &[Key], class: Option<&str>) {
        let meant = Meant(nearest(name, &mut keys.iter().chain(more).map(|key| key.name())));
        match class {
            Some(class) => {
                let names: Vec<&str> = keys.iter().map(|key| key.name()).collect();
                let own = Listed(if names.is_empty() { &["nothing"] } else { &names }, ", ");
                self.refuse(format_args!("unknown; {class} takes {own}{meant}"));
            }
            None => self.warn(format_args!("unknown, ignored{meant}")),
        }
    }

    fn value(&mut self, takes: Takes, node: &Node) {
        let text = node.as_text();
        if is_reference(text)
            && !matches!(takes, Takes::Anything | Takes::Choice(_) | Takes::Facility | Takes::SocketType)
        {
            return self.takes(takes, node);
        }
        let is_taken = match takes {
            Takes::Address => remote::host_of(node).is_some(),
            Takes::Anything | Takes::Truth => true,
            Takes::AtTime => text.and_then(scalar::second_of_day).is_some(),
            Takes::Choice(choices) => text.is_some_and(|text| choices.contains(&text)),
            Takes::Texts if !matches!(node, Node::Object(_)) => false,
            Takes::Texts => return self.each(node, "a text", is_text),
            Takes::Encoding => text.is_some_and(|name| scalar::is_ascii(name).is_some()),
            Takes::Facility => remote::facility_of(node).is_some(),
            Takes::Flag => scalar::is_flag(node),
            Takes::Factory => text.is_some() || node.members().get("()").is_some(),
            Takes::Format if !node.items().is_empty() => return self.each(node, "a text", is_text),
            Takes::Format => is_text(node),
            Takes::Level => scalar::level_of(node).is_some(),
            Takes::Newline => text == Some("\n"),
            Takes::Names(_) | Takes::OneOf("formatters") if node.is_empty() => true,
            Takes::Names(section) => return self.names(section, node, takes),
            Takes::SomeHandlers => return self.names("handlers", node, takes),
            Takes::OneOf(section) if text.is_some() => return self.known(section, text.unwrap_or_default()),
            Takes::OneOf(_) => false,
            Takes::Nothing => node.is_empty(),
            // Python goes through it, whatever it is.
            Takes::Object => match node {
                Node::List(_) | Node::Text(_) => node.is_empty(),
                node => matches!(node, Node::Object(_)),
            },
            Takes::Host | Takes::Path => text.is_some_and(scalar::is_path),
            Takes::Port => node.is_null() || remote::port_of(node).is_some(),
            Takes::Positive => matches!(scalar::whole_of(node), Some(1..=MOST)) && text.is_none(),
            Takes::SocketType => remote::is_stream(node).is_some(),
            Takes::Text => text.is_some(),
            Takes::TextOrFlag => text.is_some() || matches!(node, Node::Bool(_)),
            Takes::Version => node.as_int() == Some(1) || matches!(node, Node::Float(1.0)),
            Takes::When => text.and_then(crate::write::When::named).is_some(),
            Takes::Whole => text.is_none() && scalar::whole_of(node).is_some(),
            Takes::WholeOrText => scalar::whole_of(node).is_some(),
        };
        if !is_taken {
            self.takes(takes, node);
        }
    }

    fn takes(&mut self, takes: Takes, node: &Node) {
        let (choices, what): (&[&str], _) = match takes {
            Takes::Choice(choices) => (choices, ""),
            Takes::SocketType => (remote::SOCKET_TYPES, ""),
            takes => (&[], takes.what()),
        };
        let choices = Listed(choices, " or ");
        let is_near = |text: &str| !choices.0.is_empty() && text.starts_with("ext://");
        if is_reference(node.as_text()) && !node.as_text().is_some_and(is_near) {
            return self.refuse(format_args!("takes {choices}{what}; {node} is not followed"));
        }
        let level = node.as_text().filter(|_| takes == Takes::Level);
        let meant = Meant(level.and_then(|level| nearest(level, &mut LEVELS.iter().map(|(name, _)| *name))));
        self.refuse(format_args!("takes {choices}{what}, not {node}{meant}"));
    }

    /// Each item of a list, each member of an object.
    fn each(&mut self, node: &Node, what: &str, is_taken: fn(&Node) -> bool) {
        let mut check = |name: &str, node: &Node| {
            if !is_taken(node) {
                self.refuse_at(&[name], format_args!("takes {what}, not {node}"));
            }
        };
        node.items().iter().enumerate().for_each(|(place, item)| check(&place.to_string(), item));
        node.members().iter().for_each(|member| check(&member.name, &member.node));
    }

    fn names(&mut self, section: &'static str, node: &Node, takes: Takes) {
        if node.items().is_empty() {
            return self.takes(takes, node);
        }
        self.each(node, "a name", is_text);
        node.texts().into_iter().for_each(|name| self.known(section, name));
    }

    /// Refuses a name that is not among those of its section.
    fn known(&mut self, section: &str, name: &str) {
        let members = self.section(section);
        if members.get(name).is_some() || self.errors.len() >= MAX_ERRORS {
            return;
        }
        let mut names = members.iter().map(|member| member.name.as_str());
        let mut all = String::from(if names.len() == 0 { "none" } else { "" });
        for (place, name) in names.clone().take(MAX_LISTED.saturating_add(1)).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = if place == MAX_LISTED { write!(all, ", ...") } else { write!(all, "{comma}{}", Shown(name)) };
        }
        let (one, name, meant) = (section.trim_end_matches('s'), Shown(name), nearest(name, &mut names));
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean {}?", Shown(meant)));
        self.refuse(format_args!("there is no {one} {name} ({section}: {all}){meant}"));
    }

    fn filter(&mut self, members: &'n Members) {
        if members.get("()").is_some() {
            self.object(members, classes::CALLED_FILTER, &[], 0, Some("Filter"));
        } else {
            self.object(members, classes::FILTER, &[], 0, None);
        }
    }

    fn formatter(&mut self, members: &'n Members) {
        let (keys, class) = match (members.get("()").is_some(), classes::is_json(members)) {
            (true, false) => (classes::CALLED_FORMATTER, Some("Formatter")),
            (true, true) => (classes::CALLED_JSON_FORMATTER, Some("JsonFormatter")),
            (false, false) => (classes::FORMATTER, None),
            (false, true) => (classes::JSON_FORMATTER, None),
        };
        self.object(members, keys, &[], 0, class);
        if let Err((key, error)) = formatter::of(members) {
            self.refuse_at(&[key], format_args!("{error}"));
        }
    }

    fn handler(&mut self, members: &'n Members) {
        let key = if members.get("()").is_some() { "()" } else { "class" };
        let named = members.get(key);
        let Some(class) = named.and_then(Node::as_text).and_then(Class::named) else {
            return self.within(key, &mut |checker| checker.unknown_class(named));
        };
        let (short, more) = (class.short_name(), if key == "()" { classes::CALLED_HANDLER } else { classes::HANDLER });
        self.object(members, class.arguments, more, class.needed, Some(short));
        self.within(".", &mut |checker| {
            checker.object(members.object("."), class.attributes, &[], 0, Some(short));
        });
    }

    fn unknown_class(&mut self, named: Option<&Node>) {
        let all: Vec<&str> = CLASSES.iter().map(|class| class.name).collect();
        let all = Listed(&all, ", ");
        let Some(named) = named else { return self.refuse(format_args!("missing; there are {all}")) };
        let name = named.as_text().unwrap_or_default();
        let short = name.rsplit('.').next().unwrap_or(name);
        let short = nearest(short, &mut CLASSES.iter().map(Class::short_name));
        match CLASSES.iter().find(|class| Some(class.short_name()) == short) {
            Some(Class { name, .. }) => {
                self.refuse(format_args!("{named} is no handler class known here; did you mean {name}?"));
            }
            None => self.refuse(format_args!("{named} is no handler class known here; there are {all}")),
        }
    }

    /// Records that are handed on must arrive: round by round, how far the way from each handler is.
    fn passages(&mut self) {
        let handlers = self.section("handlers");
        let targets: Vec<Vec<usize>> = handlers.iter().map(|member| targets(member, handlers)).collect();
        let mut ways = vec![0_usize; targets.len()];
        let furthest = |ways: &[usize], number: usize| {
            let targets = targets.get(number).into_iter().flatten();
            targets.copied().max_by_key(|target| ways.get(*target))
        };
        for _ in 0..=MAX_PASSAGES {
            for number in 0..ways.len() {
                let way =
                    furthest(&ways, number).and_then(|target| ways.get(target)).map_or(0, |way| way.saturating_add(1));
                if let Some(known) = ways.get_mut(number) {
                    *known = way;
                }
            }
        }
        for (number, member) in handlers.iter().enumerate() {
            if ways.get(number) <= Some(&MAX_PASSAGES) {
                continue;
            }
            let mut passed = vec![number];
            let mut names = vec![member.name.as_str()];
            let mut is_circle = false;
            while let (false, ..=MAX_PASSAGES, Some(next)) =
                (is_circle, names.len(), passed.last().and_then(|last| furthest(&ways, *last)))
            {
                is_circle = passed.contains(&next);
                passed.push(next);
                names.extend(handlers.iter().nth(next).map(|member| member.name.as_str()));
            }
            let argument = if member.node.members().get("target").is_some() { "target" } else { "handlers" };
            let place = ["handlers", &member.name, argument];
            if is_circle {
                self.refuse_at(&place, format_args!("a circle: {}", Listed(&names, ", ")));
            } else {
                self.refuse_at(&place, format_args!("records pass through more than {MAX_PASSAGES} handlers"));
            }
        }
    }

    fn logger(&mut self, members: &'n Members) {
        self.object(members, classes::LOGGER, &[], 0, None);
        let has_level = members.get("level").is_some_and(|level| !level.is_null());
        if has_level && !self.warnings.iter().any(|warning| warning.ends_with(LEVEL_IGNORED)) {
            self.within("level", &mut |checker| checker.warn(format_args!("{LEVEL_IGNORED}")));
        }
    }
}

/// Whether it is a reference to something elsewhere, which Python would follow.
fn is_reference(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with("cfg://") || text.starts_with("ext://"))
}

fn is_text(node: &Node) -> bool {
    node.as_text().is_some()
}

/// Letters that can be told from those around a name.
fn is_plain(letter: u8) -> bool {
    letter.is_ascii_graphic() && !matches!(letter, b'"' | b'\\')
}

/// What was meant.
struct Meant<'a>(Option<&'a str>);

impl fmt::Display for Meant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |meant| write!(f, "; did you mean {meant}?"))
    }
}

/// Words with commas between them, but for the last two.
struct Listed<'a>(&'a [&'a str], &'a str);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Listed(words, last) = self;
        for (place, word) in words.iter().enumerate() {
            let comma = match words.len().saturating_sub(place) {
                _ if place == 0 => "",
                1 => last,
                _ => ", ",
            };
            write!(f, "{comma}{word}")?;
        }
        Ok(())
    }
}

const LEVEL_IGNORED: &str = "a receiver asks no logger's level, only those of handlers";

const MOST: u64 = 4_294_967_295;

/// Mistakes that are told of one file, names that are listed in one of them, and the longest name that is told as it stands.
const MAX_ERRORS: usize = 100;
const MAX_LISTED: usize = 20;
const MAX_PLAIN_BYTES: usize = 80;
