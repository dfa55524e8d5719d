//! A handler of the file as it is built: [`Handler`], whose arguments are read where they stand.
//!
//! In: an object that has been checked. Out: where the handler writes, what it asks of records, and to whom it hands them on.

use super::classes::{Class, Key, Kind};
use super::node::{Member, Members, Node};
use super::scalar::{self, second_of_day, whole_of};
use crate::format::Ascii;
use crate::policy::Filter;
use crate::write::{Opening, Place, Purpose, RotateBy, Rotation, TimedRotation, When};

/// A handler of a file that was checked.
#[derive(Clone, Copy)]
pub(super) struct Handler<'n> {
    pub(super) name: &'n str,
    pub(super) class: &'static Class,
    members: &'n Members,
}

impl<'n> Handler<'n> {
    pub(super) fn of(member: &'n Member) -> Option<Handler<'n>> {
        let members = member.node.members();
        let named = members.get("()").or_else(|| members.get("class"));
        let class = Class::named(named?.as_text()?)?;
        Some(Handler { name: &member.name, class, members })
    }

    /// The value of an attribute, or of an argument.
    pub(super) fn get(&self, key: Key) -> Option<&'n Node> {
        let attribute = self.members.object(".").get(key.name());
        attribute.or_else(|| self.members.get(key.name())).filter(|node| !node.is_null())
    }

    pub(super) fn text(&self, key: Key) -> Option<&'n str> {
        self.get(key).and_then(Node::as_text)
    }

    /// A number, or 0.
    pub(super) fn whole(&self, key: Key) -> u64 {
        self.get(key).and_then(whole_of).unwrap_or(0)
    }

    pub(super) fn flag(&self, key: Key, default: bool) -> bool {
        self.get(key).map_or(default, |node| !node.is_empty())
    }

    pub(super) fn level(&self, key: Key) -> Option<f64> {
        self.get(key).and_then(scalar::level_of)
    }

    pub(super) fn filters(&self, file: &Members) -> Vec<Filter> {
        filters(self.members, file)
    }

    /// How a file in ASCII shows other characters; `None` for UTF-8.
    pub(super) fn ascii(&self) -> Option<Ascii> {
        let is_ascii = self.text(Key::Encoding).and_then(scalar::is_ascii) == Some(true);
        is_ascii.then_some(match self.text(Key::Errors) {
            Some("replace") => Ascii::Replace,
            Some("ignore") => Ascii::Ignore,
            Some("xmlcharrefreplace") => Ascii::CharacterReference,
            _ => Ascii::Backslash,
        })
    }

    /// Where it writes, if it does.
    pub(super) fn place(&self) -> Option<Place> {
        let small = |key| u32::try_from(self.whole(key)).unwrap_or(u32::MAX);
        let (max_bytes, backup_count) = (self.whole(Key::MaxBytes), small(Key::BackupCount));
        let rotation = match self.class.kind {
            Kind::Memory | Kind::Null | Kind::Queue => return None,
            Kind::Stream if self.text(Key::Stream) == Some("ext://sys.stdout") => return Some(Place::Stdout),
            Kind::Stream => return Some(Place::Stderr),
            #[cfg(feature = "relay")]
            Kind::Datagram | Kind::Socket => {
                let (host, port) = (self.text(Key::Host)?, self.get(Key::Port).and_then(super::remote::port_of));
                let address = super::remote::address(host, port, self.class.kind == Kind::Socket);
                return Some(Place::Remote { address, purpose: Purpose::Relay });
            }
            #[cfg(feature = "syslog")]
            Kind::Syslog => {
                let address = super::remote::syslog_address(self.get(Key::Address), self.get(Key::SocketType))?;
                return Some(Place::Remote { address, purpose: Purpose::Syslog });
            }
            Kind::Rotating if max_bytes > 0 && backup_count > 0 => {
                Some(RotateBy::Size(Rotation { max_bytes, backup_count }))
            }
            Kind::Timed => Some(RotateBy::Time(TimedRotation {
                when: self.text(Key::When).and_then(When::named).unwrap_or(When::Hour),
                interval: small(Key::Interval).max(1),
                backup_count,
                utc: self.flag(Key::Utc, false),
                at_time: self.text(Key::AtTime).and_then(second_of_day),
            })),
            // What never rotates its file shares it as any other does.
            Kind::File | Kind::Rotating | Kind::WatchedFile => None,
        };
        let is_watched = self.class.kind == Kind::WatchedFile;
        let is_delayed = self.is_delayed();
        let opening = Opening { is_delayed, is_emptied: is_delayed && self.empties(), is_watched };
        let path = scalar::path(self.text(Key::Filename)?);
        Some(Place::File { path, rotation, opening })
    }

    /// Whether the file is opened with its first record.
    pub(super) fn is_delayed(&self) -> bool {
        self.flag(Key::Delay, false)
    }

    /// Whether the file is emptied when it is opened: mode `w`, which a file that rotates does not have.
    pub(super) fn empties(&self) -> bool {
        let rotates = self.class.kind == Kind::Rotating && self.whole(Key::MaxBytes) > 0;
        self.text(Key::Mode).is_some_and(|mode| mode.starts_with('w')) && !rotates
    }
}

/// The numbers of the handlers that a handler hands on to.
pub(super) fn targets(member: &Member, handlers: &Members) -> Vec<usize> {
    let Some(handler) = Handler::of(member) else { return Vec::new() };
    match handler.class.kind {
        Kind::Memory => handler.text(Key::Target).and_then(|name| handlers.number(name)).into_iter().collect(),
        Kind::Queue => numbers(handler.get(Key::HandedTo), handlers),
        _ => Vec::new(),
    }
}

/// The numbers of the handlers that a list names.
pub(super) fn numbers(names: Option<&Node>, handlers: &Members) -> Vec<usize> {
    let mut numbers = Vec::new();
    for name in names.map_or(Vec::new(), Node::texts) {
        numbers.extend(handlers.number(name));
    }
    numbers
}

/// The filters that a handler or a logger names.
pub(super) fn filters(members: &Members, file: &Members) -> Vec<Filter> {
    let mut filters = Vec::new();
    for name in members.get("filters").map_or(Vec::new(), Node::texts) {
        let name = file.object("filters").object(name).get("name").and_then(Node::as_text);
        filters.push(Filter::new(name.unwrap_or_default()));
    }
    filters
}
