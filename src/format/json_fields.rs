//! Record to JSON as the package python-json-logger prints it: [`JsonFields`], its `JsonFormatter`.
//!
//! In: the fields that a format names, and what they are called; records. Out: an object on one line, as `json.dumps` writes it: the
//! defaults, the named fields, the static ones, the exception, what the sender had given as `extra`, a timestamp. Not refused, because
//! a record must not be lost: what `json.dumps` does not take, which is its `str()`. Facts: pythonjsonlogger 4.2's `core.py`, `json.py`
//! and `defaults.py`.

use super::json::{self, Content, Key};
use super::piece::Attribute;
use super::{exception, time};
use crate::base::text::{Text, TextWriter};
use crate::decode::{Kind, Value};
use crate::record::{self, LogRecord};

/// The arguments of `JsonFormatter`. Values that do not come from records are JSON texts.
#[derive(Clone, Debug, Default)]
pub struct JsonFields {
    /// Before all others: `defaults`.
    pub defaults: Vec<(String, String)>,
    /// Those that the format names: [`fields_of`].
    pub required: Vec<String>,
    /// `static_fields`
    pub fixed: Vec<(String, String)>,
    /// Names of fields, and what they are called instead: `rename_fields`.
    pub renamed: Vec<(String, String)>,
    /// What the time is called that comes last, if it is wanted.
    pub timestamp: Option<String>,
    /// Without `json_ensure_ascii`, letters stand for themselves.
    pub has_letters: bool,
}

/// A member of the object.
type Field<'a> = (Text<'a>, Content<'a>);

impl JsonFields {
    /// Writes one record.
    #[inline(never)]
    pub(super) fn write(&self, record: &LogRecord<'_>, clock: &mut time::Clock, out: &mut TextWriter<'_>) {
        let asctime = clock.asctime(record);
        let mut pairs = match record.field(record::Field::Msg).kind() {
            Kind::Dict(pairs) => Some(pairs),
            _ => None,
        };
        let message = if pairs.is_none() { out.aside(&mut |out| record.get_message(out)) } else { Vec::new() };
        let exc_text = record.field(record::Field::ExcText);
        let exception = match exc_text.is_truthy() {
            true => Vec::new(),
            false => out.aside(&mut |out| exception::write_exception_of(record, out)),
        };
        let mut known: Vec<Field<'_>> = Vec::new();
        for (name, json) in &self.defaults {
            self.set(&mut known, name.as_str().into(), Content::Raw(json));
        }
        for name in &self.required {
            let value = match Attribute::of(name) {
                Attribute::Asctime => Value::text(asctime),
                Attribute::Message => Value::text(Text::known_valid(&message)),
                Attribute::Standard(field) => record.field(field),
                _ => record.attribute(name).unwrap_or(Value::none()),
            };
            self.set(&mut known, name.as_str().into(), Content::Value(value));
        }
        for (name, json) in &self.fixed {
            self.set(&mut known, name.as_str().into(), Content::Raw(json));
        }
        // Of what the peer sends, little is looked for among the rest: what has an equal name may come a second time.
        while let (Some((key, value)), ..MAX_KNOWN) = (pairs.as_mut().and_then(Iterator::next), known.len()) {
            self.set(&mut known, key.as_text().unwrap_or_default(), Content::Value(value));
        }
        let exception = if exc_text.is_truthy() { exc_text } else { Value::text(Text::known_valid(&exception)) };
        for (name, value) in [("exc_info", exception), ("stack_info", record.field(record::Field::StackInfo))] {
            if value.is_truthy() {
                self.set(&mut known, name.into(), Content::Value(value));
            }
        }
        for (name, value) in record.attributes() {
            // Here, and when they are written.
            let compared = self.required.len().saturating_add(self.renamed.len()).saturating_add(known.len());
            if !record.meter().charge(compared / NAMES_A_UNIT) {
                break;
            }
            let name = self.extra(name);
            if let Some((_, known)) = known.iter_mut().find(|(other, _)| Some(*other) == name) {
                *known = Content::Value(value);
            }
        }
        let timestamp;
        let mut last = None;
        if let Some(name) = &self.timestamp {
            timestamp = time::utc_timestamp(record.field(record::Field::Created).as_f64().unwrap_or_default());
            let configured = known.len();
            self.set(&mut known, name.as_str().into(), Content::Value(Value::text(timestamp.as_str().into())));
            last = if known.len() > configured { known.pop() } else { None };
        }
        let names: Vec<Text<'_>> = known.iter().map(|(name, _)| *name).collect();
        let (mut known, mut attributes) = (known.into_iter(), record.attributes());
        let mut next = || {
            if let Some(field) = known.next() {
                return Some(field);
            }
            if let Some((key, value)) = pairs.as_mut().and_then(Iterator::next) {
                return Some((self.renamed(key.as_text().unwrap_or_default()), Content::Value(value)));
            }
            for (name, value) in attributes.by_ref() {
                match self.extra(name) {
                    Some(name) if !names.contains(&name) => return Some((name, Content::Value(value))),
                    _ => {}
                }
            }
            last.take()
        };
        json::write_fields(
            record,
            Box::new(move || next().map(|(name, content)| (Key::Text(name), content))),
            self.has_letters,
            out,
        );
    }

    /// What an attribute is called that the sender gave as `extra`, if it is such a one.
    fn extra<'a>(&'a self, name: Value<'a>) -> Option<Text<'a>> {
        let name = name.as_text().unwrap_or_default();
        let is_own = name.as_str().is_some_and(|name| {
            let is_required = || self.required.iter().any(|required| required == name);
            name.starts_with('_')
                || name == record::PEER
                || !matches!(Attribute::of(name), Attribute::Extra(..))
                || is_required()
        });
        if is_own { None } else { Some(self.renamed(name)) }
    }

    fn renamed<'a>(&'a self, name: Text<'a>) -> Text<'a> {
        let renamed = self.renamed.iter().find(|(from, _)| name == **from);
        renamed.map_or(name, |(_, to)| to.as_str().into())
    }

    /// Adds a member, or changes it.
    fn set<'a>(&'a self, fields: &mut Vec<Field<'a>>, name: Text<'a>, content: Content<'a>) {
        let name = self.renamed(name);
        match fields.iter_mut().find(|(other, _)| *other == name) {
            Some(field) => field.1 = content,
            None => fields.push((name, content)),
        }
    }
}

/// Appends a text as `json.dumps` writes it, in ASCII or with letters.
pub(crate) fn append_json(text: &str, has_letters: bool, json: &mut Vec<u8>) {
    json::append_as_python(Text::from(text), has_letters, usize::MAX, json);
}

/// The names of the fields of a format in one of Python's styles, or with commas between them, as the package finds them.
pub fn fields_of(format: &str, style: &str) -> Vec<String> {
    let mut names = Vec::new();
    if style == "," {
        for name in format.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            names.push(name.to_owned());
        }
        return names;
    }
    let (begin, end) = match style {
        "{" => ("{", '}'),
        "$" => ("$", '}'),
        _ => ("%(", ')'),
    };
    let mut rest = format;
    while let Some((_, after)) = rest.split_once(begin) {
        let (name, further) = match after.strip_prefix('{') {
            _ if style != "$" => until(after, end),
            Some(braced) => until(braced, end),
            None => {
                let name = after.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
                let is_name = !after.starts_with(|letter: char| letter.is_ascii_digit());
                let length = if is_name { after.len().saturating_sub(name.len()) } else { 0 };
                // A doubled sign stands for itself.
                (after.get(..length), if length == 0 { after.strip_prefix('$') } else { Some(name) })
            }
        };
        names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        rest = further.unwrap_or(after);
    }
    names
}

/// A name of one letter at least, and what follows its end.
fn until(text: &str, end: char) -> (Option<&str>, Option<&str>) {
    let found = text.char_indices().skip(1).find(|(_, letter)| *letter == end).map(|(place, _)| place);
    (found.and_then(|place| text.get(..place)), found.and_then(|place| text.get(place.saturating_add(1)..)))
}

/// So many names are compared with another, twice, in the time of a unit.
const NAMES_A_UNIT: usize = 2;

/// So many members are kept in mind, to be changed by an attribute of the same name.
const MAX_KNOWN: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_as_the_package_finds_them() {
        for (style, format, names) in [
            ("%", "%(asctime)s %(levelname)-8s %% %(message)s", &["asctime", "levelname", "message"][..]),
            ("%", "%()s %(a b)d (c) %(d", &[")s %(a b"]),
            ("{", "{asctime} {levelname:8} {{x}}", &["asctime", "levelname:8", "{x"]),
            ("$", "$asctime ${level name} $$x $1 $b2-", &["asctime", "level name", "b2"]),
            (",", " a, b c,,d ,", &["a", "b c", "d"]),
        ] {
            assert_eq!(fields_of(format, style), names, "{format}");
        }
    }
}
