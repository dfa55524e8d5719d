//! Node to checked configuration: every mistake of a file at once, each with its place.
//!
//! In: the [`Node`] of a file. Out: a [`Config`], with warnings about what Python ignores. Refused: what names something that is
//! not there, and what a class does not take. Facts: `DictConfigurator` in CPython's `Lib/logging/config.py`.

use std::collections::BTreeMap;
use std::fmt;

use super::classes::{self, CLASSES, Class, Kind, Need, Takes};
use super::node::{Members, Node, Shown};
#[cfg(any(feature = "relay", feature = "syslog"))]
use super::remote;
use crate::base::misspelt::nearest;
use crate::format::{Ascii, Default, Formatter, Style};
use crate::policy::tree::{Filter, MAX_PASSAGES};
use crate::write::When;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) formatters: BTreeMap<String, Formatter>,
    pub(super) handlers: BTreeMap<String, HandlerSpec>,
    pub(super) loggers: Vec<(String, LoggerSpec)>,
    pub(super) warnings: Vec<String>,
}

#[derive(Debug)]
pub(super) struct HandlerSpec {
    pub(super) class: &'static Class,
    pub(super) level: Option<f64>,
    pub(super) filters: Vec<Filter>,
    pub(super) formatter: Option<String>,
    pub(super) arguments: Members,
}

#[derive(Debug)]
pub(super) struct LoggerSpec {
    pub(super) handlers: Vec<String>,
    pub(super) filters: Vec<Filter>,
    pub(super) propagate: bool,
}

impl HandlerSpec {
    pub(super) fn text(&self, argument: &str) -> Option<&str> {
        self.arguments.get(argument).and_then(Node::as_text)
    }

    /// A number that was checked; 0 if it was not given.
    pub(super) fn whole(&self, argument: &str) -> u64 {
        let number = match self.arguments.get(argument) {
            Some(Node::Text(text)) => text.trim().parse().ok(),
            Some(node) => node.as_int().and_then(|number| u64::try_from(number).ok()),
            None => None,
        };
        number.unwrap_or(0)
    }

    pub(super) fn flag(&self, argument: &str, default: bool) -> bool {
        self.arguments.get(argument).map_or(default, |node| !node.is_empty())
    }

    pub(super) fn names(&self, argument: &str) -> Vec<&str> {
        match self.arguments.get(argument) {
            Some(Node::List(items)) => items.iter().filter_map(Node::as_text).collect(),
            _ => Vec::new(),
        }
    }

    /// How a file in ASCII shows other characters; `None` for UTF-8.
    pub(super) fn ascii(&self) -> Option<Ascii> {
        let encoding = normalized(self.text("encoding")?);
        let errors = self.text("errors").unwrap_or("strict");
        ASCII_NAMES.contains(&encoding.as_str()).then_some(match errors {
            "replace" => Ascii::Replace,
            "ignore" => Ascii::Ignore,
            "xmlcharrefreplace" => Ascii::CharacterReference,
            _ => Ascii::Backslash,
        })
    }
}

/// The number of a level's node that was checked.
pub(super) fn level_of(node: &Node) -> Option<f64> {
    match node {
        Node::Text(name) => LEVELS.iter().find(|(known, _)| known == name).map(|(_, level)| *level),
        node => node.as_int().and_then(|level| i32::try_from(level).ok()).map(f64::from),
    }
}

/// Reads the whole file; `Err` with every mistake.
pub(super) fn check(root: &Node) -> Result<Checked, Vec<String>> {
    let mut checker =
        Checker { checked: Checked::default(), filters: BTreeMap::new(), handlers: Vec::new(), errors: Vec::new() };
    match root {
        Node::Object(members) => checker.file(members),
        other => checker.errors.push(format!("the file takes an object, not {other}")),
    }
    if checker.errors.is_empty() { Ok(checker.checked) } else { Err(checker.errors) }
}

struct Checker {
    checked: Checked,
    filters: BTreeMap<String, Filter>,
    /// Names of handlers, of wrong ones too.
    handlers: Vec<String>,
    errors: Vec<String>,
}

impl Checker {
    fn refuse(&mut self, place: impl fmt::Display, what: impl fmt::Display) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(format!("{place}: {what}"));
        }
    }

    fn takes(&mut self, place: impl fmt::Display, takes: &str, not: &Node) {
        self.refuse(place, format_args!("takes {takes}, not {not}"));
    }

    fn file(&mut self, members: &Members) {
        match members.get("version") {
            Some(version) if version.as_int() == Some(1) => {}
            Some(Node::Float(number)) if *number == 1.0 => {}
            Some(version) => self.refuse("version", format_args!("takes the number 1, not {version}")),
            None => self.refuse("version", "missing; it takes the number 1"),
        }
        if members.get("incremental").is_some_and(|incremental| !incremental.is_empty()) {
            self.refuse("incremental", "not taken: the file is the whole policy");
        }
        self.unknown("", members, SECTIONS);
        self.each(members, "filters", Checker::filter);
        self.each(members, "formatters", Checker::formatter);
        if let Some(Node::Object(handlers)) = members.get("handlers") {
            self.handlers.extend(handlers.keys().cloned());
        }
        self.each(members, "handlers", Checker::handler);
        self.references();
        self.each(members, "loggers", Checker::logger);
        match members.get("root") {
            Some(Node::Object(root)) => self.logger_at("root", "", root),
            Some(other) if other.is_empty() && !matches!(other, Node::List(_)) => {}
            Some(other) => self.takes("root", "an object", other),
            None => {}
        }
    }

    /// Checks each member of a section.
    fn each(&mut self, file: &Members, section: &str, check: fn(&mut Checker, &str, &str, &Members)) {
        match file.get(section) {
            Some(Node::Object(members)) => {
                for (name, node) in members {
                    let place = format!("{section}.{}", Plain(name));
                    match node {
                        Node::Object(members) => check(self, &place, name, members),
                        other => self.takes(place, "an object", other),
                    }
                }
            }
            Some(other) if !other.is_empty() => self.takes(section, "an object", other),
            _ => {}
        }
    }

    /// Warns about what Python ignores.
    fn unknown(&mut self, place: &str, members: &Members, known: &[&str]) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            if self.checked.warnings.len() < MAX_ERRORS {
                let dot = if place.is_empty() { "" } else { "." };
                let meant = nearest(name, known).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
                self.checked.warnings.push(format!("{place}{dot}{}: unknown, ignored{meant}", Plain(name)));
            }
        }
    }

    fn filter(&mut self, place: &str, name: &str, members: &Members) {
        self.unknown(place, members, &["name", "()", "class"]);
        if let Some(factory) = members.get("()").filter(|factory| factory.as_text() != Some("logging.Filter")) {
            self.refuse(format_args!("{place}.()"), format_args!("takes logging.Filter, not {factory}"));
        }
        let filter = match members.get("name") {
            None => Filter::new(""),
            Some(Node::Text(name)) => Filter::new(name),
            Some(other) => {
                self.takes(format_args!("{place}.name"), "a text", other);
                Filter::new("")
            }
        };
        self.filters.insert(name.to_owned(), filter);
    }

    fn formatter(&mut self, place: &str, name: &str, members: &Members) {
        // In any case it is there, so that who names it is not refused as well.
        let formatter = self.read_formatter(place, members).unwrap_or_default();
        self.checked.formatters.insert(name.to_owned(), formatter);
    }

    fn read_formatter(&mut self, place: &str, members: &Members) -> Option<Formatter> {
        self.unknown(place, members, &["format", "datefmt", "style", "validate", "defaults", "class", "()", "fmt"]);
        for key in ["class", "()"] {
            let is_other = |class: &&Node| !class.is_empty() && class.as_text() != Some("logging.Formatter");
            if let Some(class) = members.get(key).filter(is_other) {
                self.takes(format_args!("{place}.{key}"), "logging.Formatter", class);
            }
        }
        let style = match members.get("style") {
            None => Style::Percent,
            Some(style) => match style.as_text() {
                Some("%") => Style::Percent,
                Some("{") => Style::Brace,
                Some("$") => Style::Dollar,
                _ => {
                    self.takes(format_args!("{place}.style"), "%, { or $", style);
                    return None;
                }
            },
        };
        let key = if members.contains_key("()") && members.contains_key("fmt") { "fmt" } else { "format" };
        let format = self.optional_text(place, key, members);
        let datefmt = self.optional_text(place, "datefmt", members);
        let defaults = self.defaults(place, members);
        let formatter = Formatter::new(format, style, Some(datefmt), false);
        match formatter {
            Ok(formatter) => Some(formatter.with_defaults(&defaults)),
            Err(error) => {
                let others = [("%", Style::Percent), ("{", Style::Brace), ("$", Style::Dollar)];
                let other = others
                    .iter()
                    .find(|(_, other)| *other != style && Formatter::new(format, *other, None, false).is_ok());
                let hint = other.map_or(String::new(), |(sign, _)| format!("; it looks like style {sign}"));
                self.refuse(format_args!("{place}.{key}"), format_args!("{error}: {}{hint}", Shown(format)));
                None
            }
        }
    }

    fn optional_text<'m>(&mut self, place: &str, key: &str, members: &'m Members) -> &'m str {
        match members.get(key) {
            None | Some(Node::Null) => "",
            Some(Node::Text(text)) => text,
            Some(other) => {
                self.takes(format_args!("{place}.{key}"), "a text", other);
                ""
            }
        }
    }

    fn defaults(&mut self, place: &str, members: &Members) -> BTreeMap<String, Default> {
        let mut defaults = BTreeMap::new();
        match members.get("defaults") {
            None | Some(Node::Null) => {}
            Some(Node::Object(members)) => {
                for (name, node) in members {
                    let default = match node {
                        Node::Bool(flag) => Default::Text(if *flag { "True" } else { "False" }.to_owned()),
                        Node::Float(number) => Default::Float(*number),
                        Node::Int(number) => Default::Int(*number),
                        Node::Null => Default::Text("None".to_owned()),
                        Node::Text(text) => Default::Text(text.clone()),
                        other => {
                            self.takes(format_args!("{place}.defaults.{}", Plain(name)), "a text or a number", other);
                            continue;
                        }
                    };
                    defaults.insert(name.clone(), default);
                }
            }
            Some(other) => self.takes(format_args!("{place}.defaults"), "an object", other),
        }
        defaults
    }

    fn handler(&mut self, place: &str, name: &str, members: &Members) {
        let Some(class) = self.class(place, members) else { return };
        let mut arguments = Members::new();
        for (argument, node) in members {
            if classes::COMMON.contains(&argument.as_str()) {
                continue;
            }
            let at = format!("{place}.{}", Plain(argument));
            let Some((_, takes, need)) = class.arguments.iter().find(|(known, ..)| known == argument) else {
                self.unknown_argument(&at, argument, class);
                continue;
            };
            if *node == Node::Null && *need == Need::May {
                continue;
            }
            self.argument(&at, *takes, node);
            arguments.insert(argument.clone(), node.clone());
        }
        for (argument, _, need) in class.arguments {
            if *need == Need::Must && !members.contains_key(*argument) {
                let why = if class.kind == Kind::Queue { "; its records would go nowhere" } else { "" };
                self.refuse(format_args!("{place}.{argument}"), format_args!("missing{why}"));
            }
        }
        self.attributes(place, class, members, &mut arguments);
        let level = members.get("level").filter(|level| **level != Node::Null);
        if let Some(level) = level {
            self.argument(&format!("{place}.level"), Takes::Level, level);
        }
        let filters = self.filters_of(place, members);
        let formatter = match members.get("formatter") {
            Some(Node::Text(name)) if !name.is_empty() => {
                self.known(&format!("{place}.formatter"), "formatter", name, |checker| {
                    checker.checked.formatters.keys().map(String::as_str).collect()
                });
                Some(name.clone())
            }
            Some(other) if !other.is_empty() => {
                self.takes(format_args!("{place}.formatter"), "the name of a formatter", other);
                None
            }
            _ => None,
        };
        let spec = HandlerSpec { class, level: level.and_then(level_of), filters, formatter, arguments };
        self.checked.handlers.insert(name.to_owned(), spec);
    }

    fn class(&mut self, place: &str, members: &Members) -> Option<&'static Class> {
        let key = if members.contains_key("()") { "()" } else { "class" };
        let Some(named) = members.get(key) else {
            self.refuse(format_args!("{place}.class"), format_args!("missing; {}", Known));
            return None;
        };
        let class = named.as_text().and_then(classes::named);
        if class.is_none() {
            let name = named.as_text().unwrap_or_default();
            let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
            let shorts: Vec<&str> = CLASSES.iter().map(|class| last(class.name)).collect();
            let short = nearest(name.rsplit('.').next().unwrap_or(name), &shorts);
            let meant = CLASSES.iter().map(|class| class.name).find(|name| Some(last(name)) == short);
            let hint = meant.map_or_else(|| Known.to_string(), |meant| format!("did you mean {meant}?"));
            self.refuse(format_args!("{place}.{key}"), format_args!("{named} is no handler class known here; {hint}"));
        }
        class
    }

    fn unknown_argument(&mut self, place: &str, argument: &str, class: &Class) {
        let names: Vec<&str> = class.arguments.iter().map(|(name, ..)| *name).collect();
        let short = class.name.rsplit('.').next().unwrap_or_default();
        let all: Vec<&str> = names.iter().chain(&["formatter", "level", "filters"]).copied().collect();
        let meant = nearest(argument, &all).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
        let takes = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        self.refuse(place, format_args!("unknown; {short} takes {takes}{meant}"));
    }

    fn argument(&mut self, place: &str, takes: Takes, node: &Node) {
        let text = node.as_text();
        let is_taken = match takes {
            #[cfg(feature = "syslog")]
            Takes::Address => remote::is_address(node),
            Takes::Anything => true,
            Takes::AtTime => text.and_then(second_of_day).is_some(),
            Takes::Encoding => text.is_some_and(|name| {
                let name = normalized(name);
                UTF8_NAMES.contains(&name.as_str()) || ASCII_NAMES.contains(&name.as_str())
            }),
            Takes::Errors => text.is_some_and(|name| ERRORS.contains(&name)),
            #[cfg(feature = "syslog")]
            Takes::Facility => remote::facility_of(node).is_some(),
            Takes::Flag => is_flag(node),
            Takes::Handler => text.is_some_and(|name| !name.is_empty()),
            Takes::Handlers => is_list_of_names(node),
            Takes::Level => level_of(node).is_some(),
            Takes::Mode => text.is_some_and(|mode| MODES.contains(&mode)),
            Takes::Path => text.is_some_and(|path| !path.is_empty() && !path.contains('\0')),
            #[cfg(feature = "relay")]
            Takes::Port => *node == Node::Null || remote::port_of(node).is_some(),
            #[cfg(feature = "syslog")]
            Takes::SocketType => remote::is_stream(node).is_some(),
            Takes::Stream => text.is_some_and(|stream| STREAMS.contains(&stream)),
            #[cfg(feature = "syslog")]
            Takes::Text => text.is_some(),
            Takes::When => text.and_then(When::named).is_some(),
            Takes::Positive => {
                node.as_int().and_then(|number| u32::try_from(number).ok()).is_some_and(|number| number > 0)
            }
            Takes::Whole => node.as_int().is_some_and(|number| number >= 0),
            Takes::WholeOrText => {
                let number = match text {
                    Some(text) => text.trim().parse().ok(),
                    None => node.as_int(),
                };
                number.is_some_and(|number| number >= 0)
            }
        };
        if is_taken {
            return;
        }
        if let Some(place_in_file) = text.filter(|text| text.starts_with("cfg://")) {
            return self
                .refuse(place, format_args!("takes {}; {} is not followed", takes.what(), Shown(place_in_file)));
        }
        let names: Vec<&str> = LEVELS.iter().map(|(name, _)| *name).collect();
        let upper = text.unwrap_or_default().to_ascii_uppercase();
        let meant = if takes == Takes::Level { nearest(&upper, &names) } else { None };
        let hint = meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
        self.refuse(place, format_args!("takes {}, not {node}{hint}", takes.what()));
    }

    /// What is set through `.`, which goes to the arguments: none has the name of an attribute.
    fn attributes(&mut self, place: &str, class: &Class, members: &Members, arguments: &mut Members) {
        match members.get(".") {
            Some(Node::Object(attributes)) => {
                for (name, node) in attributes {
                    let known = class.kind.attributes().iter().find(|(known, _)| known == name);
                    if let Some((_, takes)) = known {
                        self.argument(&format!("{place}...{name}"), *takes, node);
                        arguments.insert(name.clone(), node.clone());
                    } else if (name.as_str(), node.as_text()) != ("terminator", Some("\n")) {
                        self.refuse(format_args!("{place}...{}", Plain(name)), "no attribute that can be set here");
                    }
                }
            }
            Some(other) if !other.is_empty() => self.takes(format_args!("{place}.."), "an object", other),
            _ => {}
        }
    }

    fn filters_of(&mut self, place: &str, members: &Members) -> Vec<Filter> {
        let place = format!("{place}.filters");
        let mut filters = Vec::new();
        match members.get("filters") {
            Some(Node::List(items)) => {
                for item in items {
                    match item {
                        Node::Text(name) => match self.filters.get(name) {
                            Some(filter) => filters.push(filter.clone()),
                            None => self.known(&place, "filter", name, |checker| {
                                checker.filters.keys().map(String::as_str).collect()
                            }),
                        },
                        other => self.takes(&place, "a list of names of filters", other),
                    }
                }
            }
            Some(other) if !other.is_empty() => self.takes(&place, "a list of names of filters", other),
            _ => {}
        }
        filters
    }

    /// Refuses a name that is not among those of its section.
    fn known(&mut self, place: &str, what: &str, name: &str, section: fn(&Checker) -> Vec<&str>) {
        let names = section(self);
        if names.contains(&name) {
            return;
        }
        let meant = nearest(name, &names).map_or(String::new(), |meant| format!("; did you mean {:?}?", meant));
        let some: Vec<String> = names.iter().take(MAX_LISTED).map(|name| Shown(name).to_string()).collect();
        let dots = if names.len() > MAX_LISTED { ", ..." } else { "" };
        let all = if some.is_empty() { "none".to_owned() } else { some.join(", ") };
        let error = format!("there is no {what} {} ({what}s: {all}{dots}){meant}", Shown(name));
        self.refuse(place, error);
    }

    fn known_handler(&mut self, place: &str, name: &str) {
        self.known(place, "handler", name, |checker| checker.handlers.iter().map(String::as_str).collect());
    }

    /// Handlers that hand on to others: these must be there, and there must be an end to it.
    fn references(&mut self) {
        let names: Vec<String> = self.checked.handlers.keys().cloned().collect();
        for name in &names {
            let Some(spec) = self.checked.handlers.get(name) else { continue };
            let argument = if spec.class.kind == Kind::Memory { "target" } else { "handlers" };
            let targets: Vec<String> = targets(spec).into_iter().map(str::to_owned).collect();
            let place = format!("handlers.{}.{argument}", Plain(name));
            for target in &targets {
                self.known_handler(&place, target);
            }
        }
        let mut depths = BTreeMap::new();
        for name in &names {
            let mut way = Vec::new();
            if let Some(error) = self.too_far(name, &mut way, &mut depths) {
                let argument = match self.checked.handlers.get(name) {
                    Some(spec) if spec.class.kind == Kind::Queue => "handlers",
                    _ => "target",
                };
                self.refuse(format_args!("handlers.{}.{argument}", Plain(name)), error);
            }
        }
    }

    /// Whether the way from a handler comes back to it or is too long; `depths` knows how long other ways are.
    fn too_far(&self, name: &str, way: &mut Vec<String>, depths: &mut BTreeMap<String, usize>) -> Option<String> {
        if way.iter().any(|passed| passed == name) {
            way.push(name.to_owned());
            return Some(format!("a circle: {}", way.join(", ")));
        }
        if way.len() > MAX_PASSAGES {
            return Some(format!("records pass through more than {MAX_PASSAGES} handlers"));
        }
        if depths.get(name).is_some_and(|depth| depth.saturating_add(way.len()) <= MAX_PASSAGES) {
            return None;
        }
        way.push(name.to_owned());
        let mut deepest: usize = 0;
        for target in self.checked.handlers.get(name).map(targets).unwrap_or_default() {
            if let Some(error) = self.too_far(target, way, depths) {
                return Some(error);
            }
            deepest = deepest.max(depths.get(target).copied().unwrap_or(0).saturating_add(1));
        }
        way.pop();
        depths.insert(name.to_owned(), deepest);
        None
    }

    fn logger(&mut self, place: &str, name: &str, members: &Members) {
        self.logger_at(place, name, members);
    }

    fn logger_at(&mut self, place: &str, name: &str, members: &Members) {
        self.unknown(place, members, &["level", "propagate", "handlers", "filters"]);
        let mut handlers = Vec::new();
        match members.get("handlers") {
            Some(node) if is_list_of_names(node) => {
                if let Node::List(items) = node {
                    for name in items.iter().filter_map(Node::as_text) {
                        self.known_handler(&format!("{place}.handlers"), name);
                        handlers.push(name.to_owned());
                    }
                }
            }
            Some(other) if !other.is_empty() => self.takes(format_args!("{place}.handlers"), "a list of names", other),
            _ => {}
        }
        // Python adds a handler to a logger once.
        let mut seen = Vec::new();
        handlers.retain(|name| {
            let is_new = !seen.contains(name);
            if is_new {
                seen.push(name.clone());
            }
            is_new
        });
        if let Some(level) = members.get("level").filter(|level| **level != Node::Null) {
            self.argument(&format!("{place}.level"), Takes::Level, level);
            if !self.checked.warnings.iter().any(|warning| warning.contains(LEVEL_IGNORED)) {
                self.checked.warnings.push(format!("{place}.level: {LEVEL_IGNORED}"));
            }
        }
        let propagate = match members.get("propagate") {
            None | Some(Node::Null) => true,
            Some(flag) if is_flag(flag) => !flag.is_empty(),
            Some(other) => {
                self.takes(format_args!("{place}.propagate"), "true or false", other);
                true
            }
        };
        let filters = self.filters_of(place, members);
        self.checked.loggers.push((name.to_owned(), LoggerSpec { handlers, filters, propagate }));
    }
}

/// Of `HH:MM` or `HH:MM:SS`, as `time.isoformat` writes it.
pub(super) fn second_of_day(time: &str) -> Option<u32> {
    let two_digits = |part: &str, most: u32| -> Option<u32> {
        let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|number: &u32| is_plain && *number <= most)
    };
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    let minutes = two_digits(hour, 23)?.checked_mul(60)?.checked_add(two_digits(minute, 59)?)?;
    minutes.checked_mul(60)?.checked_add(two_digits(second, 59)?)
}

/// The handlers that a handler hands on to.
fn targets(spec: &HandlerSpec) -> Vec<&str> {
    match spec.class.kind {
        Kind::Memory => spec.text("target").into_iter().collect(),
        Kind::Queue => spec.names("handlers"),
        _ => Vec::new(),
    }
}

/// Texts as Python would take them for true: any but the one that says no.
fn is_flag(node: &Node) -> bool {
    match node {
        Node::Bool(_) | Node::Int(0 | 1) => true,
        Node::Text(text) => matches!(text.as_str(), "True" | "true" | "yes" | "on" | "1"),
        _ => false,
    }
}

fn is_list_of_names(node: &Node) -> bool {
    matches!(node, Node::List(items) if items.iter().all(|item| item.as_text().is_some()))
}

/// As Python compares the names of encodings.
fn normalized(encoding: &str) -> String {
    encoding.to_ascii_lowercase().replace(['-', ' '], "_")
}

/// A name of the file as part of a place.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if !self.0.is_empty() && self.0.len() <= 80 && self.0.bytes().all(is_plain) {
            f.write_str(self.0)
        } else {
            Shown(self.0).fmt(f)
        }
    }
}

/// The classes that there are.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are ")?;
        for (index, class) in CLASSES.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, class.name)?;
        }
        Ok(())
    }
}

const SECTIONS: &[&str] =
    &["version", "formatters", "filters", "handlers", "loggers", "root", "disable_existing_loggers", "incremental"];

const LEVELS: &[(&str, f64)] = &[
    ("DEBUG", 10.0),
    ("INFO", 20.0),
    ("WARNING", 30.0),
    ("WARN", 30.0),
    ("ERROR", 40.0),
    ("CRITICAL", 50.0),
    ("FATAL", 50.0),
    ("NOTSET", 0.0),
];

const LEVEL_IGNORED: &str = "a receiver asks no logger's level, only those of handlers";

const STREAMS: &[&str] = &["ext://sys.stdout", "ext://sys.stderr"];

const MODES: &[&str] = &["a", "a+", "at", "w", "w+", "wt"];

const ERRORS: &[&str] = &["strict", "backslashreplace", "replace", "ignore", "xmlcharrefreplace", "surrogateescape"];

const UTF8_NAMES: &[&str] = &["utf_8", "utf8", "u8", "utf", "utf8_ucs2", "utf8_ucs4", "cp65001"];

const ASCII_NAMES: &[&str] = &[
    "ascii",
    "646",
    "ansi_x3.4_1968",
    "ansi_x3_4_1968",
    "ansi_x3.4_1986",
    "cp367",
    "csascii",
    "ibm367",
    "iso646_us",
    "iso_646.irv_1991",
    "iso_ir_6",
    "us",
    "us_ascii",
];

/// Mistakes that are told of one file, and names that are listed in one of them.
const MAX_ERRORS: usize = 100;
const MAX_LISTED: usize = 20;
