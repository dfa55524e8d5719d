//! Attributes of the standard library's objects: `{when.year}`, `{url.hostname}`, `{path.name}`, `{error.args}`.
//!
//! In: an object and a name. Out: a value of its pickle, or text that is composed of such. Refused, with `None`: what would have to be
//! called, and what is not known here, such as parts of addresses; the caller then looks into the object's state.

use super::catalogue::{Module, UNITS_OF_LOOK_UP};
use super::classes::{Class, classify, fraction};
use super::datetime::{Date, Time, Timedelta};
use super::exceptions;
use super::made::{Made, at_path, nth};
use super::names::{self, place_of};
use super::objects::uuid_text;
use super::pathlib::{self, Flavour};
use crate::base::digits;
use crate::base::memory::joined;
use crate::base::text::Text;
use crate::decode::bigint::BigInt;
use crate::decode::{Items, Kind, Object, Value};

/// An attribute that an object of the standard library has as a value of its own.
pub(crate) fn of_object<'a>(object: &Object<'a>, name: &str) -> Option<Value<'a>> {
    match (classify(object), name) {
        (Class::Enum(member), "value") => Some(member.value()),
        (Class::Complex(real, _), "real") => Some(Value::float(real)),
        (Class::Complex(_, imag), "imag") => Some(Value::float(imag)),
        (Class::Datetime(_, time, _) | Class::Time(time), "tzinfo") => Some(time.tzinfo),
        (Class::Date(date, _), _) => field(Some(date), None, name),
        (Class::Datetime(date, time, _), _) => field(Some(date), Some(time), name),
        (Class::Time(time), _) => field(None, Some(time), name),
        (Class::Timedelta(Timedelta { days, clock }), _) => {
            let numbers = [days, clock.seconds(), clock.microseconds()];
            numbers.get(place_of(name, "days seconds microseconds")?).copied().map(Value::int)
        }
        (Class::Namespace(_, attributes), _) => attributes.find(name),
        (Class::DefaultDict { factory, .. }, "default_factory") => Some(factory),
        (Class::Deque { maxlen, .. }, "maxlen") => Some(maxlen.unwrap_or(Value::none())),
        (Class::Exception(made), "args") => {
            let all = object.args();
            // The file that an OSError names is kept apart.
            let kept = if exceptions::filename(&made).is_some() { 2 } else { u32::MAX };
            Some(all.with(all.node().shortened(kept))).filter(|args| !args.is_none())
        }
        (Class::Exception(Made { class, mut args, .. }), _) if exceptions::is_os_error(class) => {
            let place = place_of(name, "errno strerror filename winerror filename2")?;
            // A single argument is the message, and more than five are no fields.
            let has_fields = (2..6).contains(&args.len());
            args.nth(place).filter(|_| has_fields).or(Some(Value::none()))
        }
        (Class::Fields { names, mut items, .. }, _) => match place_of(name, names) {
            Some(place) => items.nth(place),
            None if name == "port" => {
                let (_, port) = location(names, items)?;
                Some(digits::parse(port).map_or(Value::none(), Value::int))
            }
            None => None,
        },
        (Class::Fraction(made), "numerator" | "denominator") => {
            let (numerator, denominator) = fraction(&made)?;
            let number = if name == "numerator" { numerator } else { denominator };
            (number.bits() < 64).then(|| digits::parse(&number.to_string())).flatten().map(Value::int)
        }
        _ => by_position(object, name),
    }
}

/// An attribute that the tables tell: an argument of the class, or an element of a state that is a tuple, by its place or by the path
/// after `=`. One that is neither there nor set is None.
fn by_position<'a>(object: &Object<'a>, name: &str) -> Option<Value<'a>> {
    let made = Made::of(object).filter(|_| object.meter().charge(UNITS_OF_LOOK_UP))?;
    let (_, names) = Module::printed(made.class.module)?.entry(b"a", made.class.name)?;
    let path_of = |word: &'static str| word.strip_prefix(name).filter(|path| path.is_empty() || path.starts_with('='));
    let (place, path) = names.split(' ').map(path_of).enumerate().find_map(|(place, path)| Some((place, path?)))?;
    let by_path = || at_path(path.get(1..)?, &made);
    made.attribute(name)
        .or_else(by_path)
        .or_else(|| nth(place, &made).filter(|_| path.is_empty()))
        .or(Some(Value::none()))
}

/// The number of a date or a time that has this name.
fn field<'a>(date: Option<Date>, time: Option<Time<'a>>, name: &str) -> Option<Value<'a>> {
    let place = place_of(name, "year month day hour minute second microsecond fold")?;
    let number = match place.checked_sub(3) {
        None => date?.0.get(place).copied(),
        Some(4) => Some(time?.fold),
        Some(place) => time?.clock.fields().get(place).copied(),
    };
    number.map(Value::int)
}

/// An attribute that is text made of what an object holds, or one of that: `{path.parent.name}`. What is no name is an index or a key.
pub(crate) fn composed(value: Value<'_>, names: &mut dyn Iterator<Item = Option<&str>>) -> Option<Vec<u8>> {
    let name = names.next()??;
    if name == "__class__" {
        return class_name(value, names.next()??);
    }
    let Kind::Object(object) = value.kind() else { return None };
    let text = match classify(&object) {
        Class::Path { flavour, segments, .. } => {
            let (mut path, read) = pathlib::join(flavour, segments)?;
            value.meter().charge(read).then_some(())?;
            path = of_path(&path, flavour, name)?.to_vec();
            for name in names {
                path = of_path(&path, flavour, name?)?.to_vec();
            }
            return Some(path);
        }
        _ if names.next().is_some() => return None,
        Class::Enum(member) if name == "name" => {
            let (prefix, name) = member.exact()?;
            return joined(&[prefix.as_bytes(), name.as_bytes()]);
        }
        Class::Fields { names, items, .. } if name == "hostname" => match location(names, items)? {
            ("", _) => "None".to_owned(),
            (host, _) => {
                let mut host = joined(&[host.as_bytes()])?;
                host.make_ascii_lowercase();
                return Some(host);
            }
        },
        Class::Uuid(uuid) if name == "urn" => ["urn:uuid:", &uuid_text(uuid)].concat(),
        Class::Uuid(uuid) if name == "hex" => format!("{uuid:032x}"),
        Class::Uuid(uuid) if name == "int" => BigInt::from_u128(uuid)?.to_string(),
        _ => return None,
    };
    Some(text.into_bytes())
}

/// The `__name__` of the class of a value, unless that is what a function gave, as far as names tell.
fn class_name(value: Value<'_>, name: &str) -> Option<Vec<u8>> {
    let class = match value.kind() {
        Kind::Object(object) => {
            let made = Made::of(&object).filter(|made| made.is_instance || !names::is_function(made.class))?;
            exceptions::shown_name(&made)
        }
        Kind::Global(_) => return None,
        kind => Text::from(kind.type_name()),
    };
    joined(&[class.as_bytes()]).filter(|_| name == "__name__")
}

/// Host and port, of which each may be empty, in the `netloc` of a URL that was split: `user:password@host:port`.
fn location<'a>(names: &str, mut items: Items<'a>) -> Option<(&'a str, &'a str)> {
    let location = items.nth(place_of("netloc", names)?)?.as_text()?.as_str()?;
    let host = location.rsplit('@').next()?;
    let (host, port) = match host.strip_prefix('[') {
        Some(host) => host.split_once(']')?,
        None => host.split_at_checked(host.find(':').unwrap_or(host.len()))?,
    };
    Some((host, port.strip_prefix(':').unwrap_or("")))
}

/// `name`, `stem` and `suffix` of a path, `parent`, `anchor`, `root` and `drive` of a POSIX one.
fn of_path<'p>(path: &'p [u8], flavour: Flavour, attribute: &str) -> Option<&'p [u8]> {
    let is_separator = |byte: &u8| match flavour {
        Flavour::Posix => *byte == b'/',
        Flavour::Windows => *byte == b'\\' || *byte == b':',
    };
    let name = path.rsplit(is_separator).next().filter(|name| *name != b".").unwrap_or_default();
    let dot = name.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 0 && dot.saturating_add(1) < name.len());
    let (stem, suffix) = name.split_at_checked(dot.unwrap_or(name.len()))?;
    match attribute {
        "anchor" | "root" if flavour == Flavour::Posix => {
            path.get(..path.iter().take_while(|&&byte| byte == b'/').count())
        }
        "drive" if flavour == Flavour::Posix => Some(b""),
        "name" => Some(name),
        "stem" => Some(stem),
        "suffix" => Some(suffix),
        "parent" if flavour == Flavour::Posix => match path.strip_suffix(name)? {
            b"" | b"." => Some(b"."),
            b"/" | b"//" => path.get(..path.len().saturating_sub(name.len())),
            parent => parent.strip_suffix(b"/"),
        },
        _ => None,
    }
}
