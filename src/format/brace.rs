//! `{` formats: `logging.StrFormatStyle`, that is, `str.format`.
//!
//! In: a format. Out: its pieces, each field with a path (`.real`, `[key]`), a conversion and a spec, which may hold fields
//! of its own. Refused: what `StrFormatStyle.validate` refuses. A path works on what was sent: keys and indices of
//! containers and text; `real`, `imag`, `numerator`, `denominator` of numbers; what [`attributes`] knows of the standard library's classes; what an
//! object's pickle says of its `__dict__` and slots. Whatever else Python's objects have cannot be had, and is missing.

use super::error::{Error, Reason};
use super::percent::{is_among, is_word};
use super::piece::{Attribute, Field, MISSING, Piece, push_literal};
use super::time;
use crate::base::digits;
use crate::base::text::{Text, TextWriter};
use crate::decode::{Kind, Object, Value};
use crate::python::spec::Spec;
use crate::python::stdlib::attributes;
use crate::python::stdlib::classes::{Class, classify};
use crate::record::LogRecord;
use std::borrow::Cow;

/// Compiles a format.
pub(super) fn compile(format: &str, is_validated: bool) -> Result<Vec<Piece>, Error> {
    let mut parser = Parser { format, rest: format };
    let mut pieces = Vec::new();
    let mut named_fields = false;
    while let Some(offset) = parser.literal(&mut pieces)? {
        let markup = parser.field(offset)?;
        named_fields |= !markup.name.is_empty();
        pieces.push(Piece::Field(parser.compile(&markup)?));
    }
    if named_fields || !is_validated { Ok(pieces) } else { Err(Error { offset: 0, reason: Reason::NoField }) }
}

/// How a field shows its value.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    path: Vec<Step>,
    /// `r`, `s` or `a`
    conversion: Option<char>,
    spec: SpecSource,
}

#[derive(Debug, PartialEq)]
enum SpecSource {
    Fixed(String, Spec),
    /// A spec with fields in it.
    Pieces(Vec<Piece>),
}

/// A spec whose fields are filled in.
pub(super) struct FilledSpec<'a> {
    text: Cow<'a, [u8]>,
    /// One that is malformed counts as empty.
    spec: Cow<'a, Spec>,
}

/// What leads from a value to a part of it.
#[derive(Debug, PartialEq)]
enum Step {
    Attribute(String),
    /// `[0]`
    Index(i64),
    /// `[key]`
    Key(String),
}

impl Shape {
    /// The spec, its fields filled in.
    pub fn spec(&self, record: &LogRecord<'_>, clock: &mut time::Clock) -> FilledSpec<'_> {
        let pieces = match &self.spec {
            SpecSource::Fixed(text, spec) => {
                return FilledSpec { text: Cow::Borrowed(text.as_bytes()), spec: Cow::Borrowed(spec) };
            }
            SpecSource::Pieces(pieces) => pieces,
        };
        let mut text = Vec::new();
        let mut out = TextWriter::new(&mut text, MAX_SPEC_BYTES);
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Field(field) => field.write(record, clock, &mut out),
                // Specs are not joined.
                Piece::Short(short) => short.field().0.write(record, clock, &mut out),
            }
        }
        let spec = Spec::parse(Text::known_valid(&text)).unwrap_or_default();
        FilledSpec { text: Cow::Owned(text), spec: Cow::Owned(spec) }
    }

    /// The spec, if it has fields.
    pub fn pieces_of_spec(&mut self) -> &mut [Piece] {
        match &mut self.spec {
            SpecSource::Fixed(..) => &mut [],
            SpecSource::Pieces(pieces) => pieces,
        }
    }

    /// Writes a value, or what stands for one that is missing.
    #[inline(never)]
    pub fn write(&self, value: Option<Value<'_>>, spec: &FilledSpec<'_>, out: &mut TextWriter<'_>) {
        let FilledSpec { text, spec } = spec;
        let (mut found, mut composed) = (value, None);
        for (place, step) in self.path.iter().enumerate() {
            let Some(value) = found else { break };
            found = step.from(value);
            if found.is_none() {
                // Text may be made of what there is no value for.
                composed = attributes::composed(value, &mut self.path.iter().skip(place).map(Step::name));
            }
        }
        let composed = composed.as_deref().map(|text| Value::text(Text::known_valid(text)));
        let Some(value) = found.or(composed) else {
            return spec.write_instead(Text::from(MISSING), out);
        };
        let show = match self.conversion {
            None if is_strftime_literal(text) && is_date_or_time(value) => return out.push(Text::known_valid(text)),
            None if spec.write(value, out).is_ok() => return,
            Some('r') => crate::python::repr,
            Some('a') => crate::python::ascii,
            _ => crate::python::str,
        };
        let shown = out.aside(&mut |out| show(value, out));
        let shown = Text::known_valid(&shown);
        if self.conversion.is_none() || spec.write(Value::text(shown), out).is_err() {
            spec.write_instead(shown, out);
        }
    }
}

/// True for a spec that strftime, which is what dates and times take specs for, gives back as it is.
fn is_strftime_literal(spec: &[u8]) -> bool {
    !spec.is_empty() && !spec.strip_suffix(b"%").unwrap_or(spec).contains(&b'%')
}

fn is_date_or_time(value: Value<'_>) -> bool {
    let Kind::Object(object) = value.kind() else { return false };
    matches!(classify(&object), Class::Date(..) | Class::Datetime(..) | Class::Time(_))
}

impl Step {
    fn name(&self) -> Option<&str> {
        if let Step::Attribute(name) = self { Some(name) } else { None }
    }

    fn from<'a>(&self, value: Value<'a>) -> Option<Value<'a>> {
        match self {
            Step::Attribute(name) => attribute(value, name),
            Step::Index(index) => item_at(value, *index),
            Step::Key(key) => match value.kind() {
                Kind::Dict(pairs) => pairs.find(key),
                Kind::Object(object) => classify(&object).item(Text::from(key.as_str())),
                _ => None,
            },
        }
    }
}

/// `value[index]`
fn item_at(value: Value<'_>, index: i64) -> Option<Value<'_>> {
    let position = usize::try_from(index).ok()?;
    match value.kind() {
        Kind::Tuple(mut items) | Kind::List(mut items) => items.nth(position),
        Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Some(Value::int(i64::from(*bytes.get(position)?))),
        Kind::Str(text) => {
            let before = text.prefix(position).as_bytes().len();
            let rest = Text::known_valid(text.as_bytes().get(before..)?);
            Some(Value::text(rest.prefix(1))).filter(|_| !rest.is_empty())
        }
        Kind::Dict(pairs) => {
            let same = pairs.filter(|(key, _)| key.as_i64() == Some(index));
            same.map(|(_, value)| value).last()
        }
        Kind::Object(object) => match classify(&object) {
            // What a peer says is held by an object could be that object itself.
            Class::Builtin(value) | Class::UserData(value) if !matches!(value.kind(), Kind::Object(_)) => {
                item_at(value, index)
            }
            class => class.at(position),
        },
        _ => None,
    }
}

/// `value.name`
fn attribute<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    match value.kind() {
        Kind::Bool(_) | Kind::Int(_) | Kind::BigInt(_) => match name {
            // Of a bool, the number that it is.
            "real" | "numerator" => Some(value.as_i64().map_or(value, Value::int)),
            "imag" => Some(Value::int(0)),
            "denominator" => Some(Value::int(1)),
            _ => None,
        },
        Kind::Float(_) => match name {
            "real" => Some(value),
            "imag" => Some(Value::float(0.0)),
            _ => None,
        },
        Kind::Object(object) => {
            let is_of_number = matches!(name, "real" | "imag" | "numerator" | "denominator");
            match if is_of_number { classify(&object).plain() } else { None } {
                Some(number) => attribute(number, name),
                None => attributes::of_object(&object, name).or_else(|| attribute_of_state(object, name)),
            }
        }
        _ => None,
    }
}

/// An attribute that BUILD would set: in the `__dict__`, or among the slots.
fn attribute_of_state<'a>(object: Object<'a>, name: &str) -> Option<Value<'a>> {
    match object.state().kind() {
        Kind::Dict(attributes) => attributes.find(name),
        Kind::Tuple(dict_and_slots) => dict_and_slots.take(2).find_map(|part| match part.kind() {
            Kind::Dict(attributes) => attributes.find(name),
            _ => None,
        }),
        _ => None,
    }
}

/// `MarkupIterator` in CPython's `Objects/stringlib/unicode_format.h`.
struct Parser<'f> {
    format: &'f str,
    rest: &'f str,
}

/// A field as it stands in the format.
struct Markup<'f> {
    name: &'f str,
    conversion: Option<char>,
    spec: &'f str,
}

impl<'f> Parser<'f> {
    /// Takes text up to a field and the brace that opens it; `None` at the end of the format, else the offset of the brace.
    fn literal(&mut self, pieces: &mut Vec<Piece>) -> Result<Option<usize>, Error> {
        while let Some(length) = self.rest.find(['{', '}']) {
            let (literal, from_brace) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
            push_literal(pieces, literal);
            let offset = self.offset_of(from_brace);
            self.rest = from_brace.get(1..).unwrap_or_default();
            let brace = if from_brace.starts_with('{') { "{" } else { "}" };
            if let Some(after) = self.rest.strip_prefix(brace) {
                push_literal(pieces, brace);
                self.rest = after;
            } else if brace == "}" || self.rest.is_empty() {
                return Err(Error { offset, reason: Reason::SingleBrace });
            } else {
                return Ok(Some(offset));
            }
        }
        push_literal(pieces, self.rest);
        Ok(None)
    }

    /// Takes the rest of a field, up to and with its closing brace.
    fn field(&mut self, offset: usize) -> Result<Markup<'f>, Error> {
        let open = Error { offset, reason: Reason::InvalidField };
        let end = end_of_name(self.rest).ok_or(open)?;
        let (name, from_end) = self.rest.split_at_checked(end).ok_or(open)?;
        let mut rest = from_end.get(1..).unwrap_or_default();
        let mut markup = Markup { name, conversion: None, spec: "" };
        let conversion_error = Error { offset: self.offset_of(rest), reason: Reason::InvalidConversion };
        match from_end.chars().next() {
            Some('}') => {
                self.rest = rest;
                return Ok(markup);
            }
            Some('{') => return Err(Error { offset: self.offset_of(from_end), reason: Reason::InvalidName }),
            Some('!') => {
                let conversion = rest.chars().next().filter(|c| is_among("rsa", *c)).ok_or(conversion_error)?;
                markup.conversion = Some(conversion);
                rest = rest.get(conversion.len_utf8()..).unwrap_or_default();
                if let Some(after) = rest.strip_prefix('}') {
                    self.rest = after;
                    return Ok(markup);
                }
                rest = rest.strip_prefix(':').ok_or(conversion_error)?;
            }
            _ => {}
        }
        let end = end_of_spec(rest).ok_or(open)?;
        markup.spec = rest.get(..end).unwrap_or_default();
        self.rest = rest.get(end..).and_then(|rest| rest.strip_prefix('}')).unwrap_or_default();
        Ok(markup)
    }

    fn compile(&self, markup: &Markup<'f>) -> Result<Field, Error> {
        let name_error = Error { offset: self.offset_of(markup.name), reason: Reason::InvalidName };
        let spec_error = Error { offset: self.offset_of(markup.spec), reason: Reason::InvalidSpec };
        let (attribute, path) = if markup.name.is_empty() {
            (Attribute::Missing, Vec::new())
        } else {
            path(markup.name).ok_or(name_error)?
        };
        if !is_spec(markup.spec) {
            return Err(spec_error);
        }
        if matches!(markup, Markup { name: "message", conversion: None, spec: "" }) {
            return Ok(Field::plain(markup.name));
        }
        let spec = spec_source(markup.spec).ok_or(spec_error)?;
        let shape = Shape { path, conversion: markup.conversion, spec };
        Ok(Field { attribute, shape: super::piece::Shape::Brace(Box::new(shape)) })
    }

    fn offset_of(&self, tail: &str) -> usize {
        // Both are slices of the same text.
        tail.as_ptr().addr().saturating_sub(self.format.as_ptr().addr())
    }
}

/// Where a field's name ends: at `!`, `:` or a brace that no bracket holds.
fn end_of_name(text: &str) -> Option<usize> {
    let mut in_brackets = false;
    text.char_indices().find_map(|(index, character)| {
        match character {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            '{' | '}' | ':' | '!' if !in_brackets => return Some(index),
            _ => {}
        }
        None
    })
}

/// Where a spec ends: at the brace that closes its field.
fn end_of_spec(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    text.char_indices().find_map(|(index, character)| {
        match character {
            '{' => open = open.saturating_add(1),
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        (open == 0).then_some(index)
    })
}

/// Parses what `^(\d+|\w+)(\.\w+|\[[^]]+\])*$` matches.
fn path(name: &str) -> Option<(Attribute, Vec<Step>)> {
    let mut rest = name.trim_start_matches(is_word);
    let first = name.get(..name.len().saturating_sub(rest.len())).filter(|first| !first.is_empty())?;
    let positional = first.chars().all(|c| c.is_ascii_digit());
    let attribute = if positional { Attribute::Missing } else { Attribute::of(first) };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            rest = after.trim_start_matches(is_word);
            let name = after.get(..after.len().saturating_sub(rest.len())).filter(|name| !name.is_empty())?;
            steps.push(Step::Attribute(name.into()));
        } else {
            let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
            rest = after;
            steps.push(match digits::parse(key) {
                Some(index) if key.bytes().all(|byte| byte.is_ascii_digit()) => Step::Index(index),
                _ if key.is_empty() => return None,
                _ => Step::Key(key.into()),
            });
        }
    }
    Some((attribute, steps))
}

/// What `^(.?[<>=^])?[+ -]?#?0?(\d+|{\w+})?[,_]?(\.(\d+|{\w+}))?[bcdefgnosx%]?$` matches, whatever the letter's case.
fn is_spec(spec: &str) -> bool {
    let mut characters = spec.chars();
    let is_align = |c| is_among("<>=^", c);
    let without_fill = match (characters.next(), characters.next()) {
        (Some(fill), Some(align)) if is_align(align) && fill != '\n' => characters.as_str(),
        (Some(align), _) if is_align(align) => spec.get(1..).unwrap_or_default(),
        _ => spec,
    };
    let rest = strip_one(without_fill, "+ -");
    let rest = strip_one(rest, "#");
    let rest = strip_one(rest, "0");
    let rest = strip_count(rest).unwrap_or(rest);
    let rest = strip_one(rest, ",_");
    let rest = rest.strip_prefix('.').and_then(strip_count).unwrap_or(rest);
    strip_one(rest, "bcdefgnosxBCDEFGNOSX%").is_empty()
}

fn strip_one<'a>(text: &'a str, characters: &str) -> &'a str {
    text.strip_prefix(|c| is_among(characters, c)).unwrap_or(text)
}

/// Strips digits, or a field's name in braces.
fn strip_count(text: &str) -> Option<&str> {
    match text.strip_prefix('{') {
        Some(name) => name.trim_start_matches(is_word).strip_prefix('}').filter(|_| !name.starts_with('}')),
        None => Some(text.trim_start_matches(|c: char| c.is_ascii_digit())).filter(|rest| rest.len() < text.len()),
    }
}

/// A spec that matched, compiled; only one with too large a number is refused.
fn spec_source(spec: &str) -> Option<SpecSource> {
    // A brace that stands for itself, as a fill character, is what CPython takes for a field as well, and fails at it.
    let (mut pieces, mut rest) = (Vec::new(), spec);
    while let Some((literal, from_name)) = rest.split_once('{') {
        let (name, after) = from_name.split_once('}')?;
        push_literal(&mut pieces, literal);
        pieces.push(Piece::Field(Field::plain(name)));
        rest = after;
    }
    if pieces.is_empty() {
        // What no type takes (`,x`, a width beyond all memory) is an error at each record: there it counts as empty.
        return Some(SpecSource::Fixed(spec.into(), Spec::parse(Text::from(spec)).unwrap_or_default()));
    }
    push_literal(&mut pieces, rest);
    Some(SpecSource::Pieces(pieces))
}

/// Room for a spec whose fields a peer fills in.
const MAX_SPEC_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_str_format_style_validates() {
        for format in [
            "{message}",
            "{{{message!r:>30}}}",
            "{} {message}",
            "{0} {x}",
            "{x:>{w}.{p}f}",
            "{x[a.b:c]}{x.real.imag[0][k]}",
            "{x:*^+#010_.3E}",
            "{x:,x}",
            "{é_1:é<4}",
            "{x!s:}",
        ] {
            assert!(compile(format, true).is_ok(), "{format}: {:?}", compile(format, true));
        }
    }

    #[test]
    fn refuses_what_str_format_style_refuses_and_says_where() {
        use Reason::{InvalidConversion, InvalidField, InvalidName, InvalidSpec, NoField, SingleBrace};
        for (format, offset, reason) in [
            ("", 0, NoField),
            ("no field {{x}}", 0, NoField),
            ("{}", 0, NoField),
            ("{x} }", 4, SingleBrace),
            ("{x} {", 4, SingleBrace),
            ("{x", 0, InvalidField),
            ("a{x:{y}", 1, InvalidField),
            ("{x{y}}", 2, InvalidName),
            ("{x y}", 1, InvalidName),
            ("{x.}", 1, InvalidName),
            ("{x[]}", 1, InvalidName),
            ("{x[a]b}", 1, InvalidName),
            ("{x!z}", 3, InvalidConversion),
            ("{x!}", 3, InvalidConversion),
            ("{x!rr}", 3, InvalidConversion),
            ("{x:z}", 3, InvalidSpec),
            ("{x:%Y}", 3, InvalidSpec),
            ("{x:.}", 3, InvalidSpec),
            ("{x:{y.z}}", 3, InvalidSpec),
        ] {
            assert_eq!(compile(format, true), Err(Error { offset, reason }), "{format}");
        }
    }

    #[test]
    fn takes_parts_of_values() {
        for (value, name, expected) in [
            (Value::int(7), "real", Some(7)),
            (Value::int(7), "imag", Some(0)),
            (Value::int(7), "denominator", Some(1)),
            (Value::none(), "real", None),
        ] {
            assert_eq!(attribute(value, name).and_then(Value::as_i64), expected, "{name}");
        }
        let text = Value::text(Text::from("aé😀"));
        let characters: Vec<_> = (0..4).map(|index| item_at(text, index).and_then(Value::as_text)).collect();
        assert_eq!(characters, [Some("a"), Some("é"), Some("😀"), None].map(|c| c.map(Text::from)));
    }
}
