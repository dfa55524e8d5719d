//! A compiled format: literals, and fields that each name an attribute and say how to show it.

#[cfg(feature = "styles")]
use super::brace;
use super::defaults;
use super::short::ShortField;
use super::time;
use crate::base::text::{Text, TextWriter};
use crate::decode::Value;
use crate::python::conversion::Form;
use crate::record::{self, LogRecord};

/// Part of a compiled format.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Field(Field),
    Literal(String),
    Short(ShortField),
}

/// An attribute, and how to show it.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) attribute: Attribute,
    pub(crate) shape: Shape,
}

/// What a field refers to.
#[derive(Debug, PartialEq)]
pub(crate) enum Attribute {
    Asctime,
    /// With the pickle of the value that it has where the record lacks it, if `defaults` gives one.
    Extra(String, Option<Vec<u8>>),
    Message,
    /// Nothing that a record could have: `%s` without a key, `{0}`.
    Missing,
    Standard(record::Field),
}

/// How a field shows its value.
#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    #[cfg(feature = "styles")]
    Brace(Box<brace::Shape>),
    Percent(Form),
}

impl Field {
    /// As `$name` and `%(name)s` show it: its `str()`.
    pub(crate) fn plain(name: &str) -> Field {
        Field { attribute: Attribute::of(name), shape: Shape::Percent(Form::STR) }
    }

    pub(crate) fn write(&self, record: &LogRecord<'_>, clock: &mut time::Clock, out: &mut TextWriter<'_>) {
        match (&self.attribute, &self.shape) {
            (Attribute::Message, Shape::Percent(Form::STR)) => record.get_message(out),
            _ => self.write_other(record, clock, out),
        }
    }

    #[inline(never)]
    pub(crate) fn write_other(&self, record: &LogRecord<'_>, clock: &mut time::Clock, out: &mut TextWriter<'_>) {
        out.metered(record.meter(), |out| match &self.attribute {
            Attribute::Asctime => self.shape.write_asctime(record, clock, out),
            Attribute::Extra(name, default) => match (record.attribute(name), default) {
                (None, Some(pickle)) => {
                    defaults::with_value(pickle, &mut |value| self.shape.write(value, record, clock, out));
                }
                (sent, _) => self.shape.write(sent, record, clock, out),
            },
            Attribute::Message => self.write_message(record, clock, out),
            Attribute::Missing => self.shape.write(None, record, clock, out),
            Attribute::Standard(field) => self.shape.write(Some(record.field(*field)), record, clock, out),
        });
    }

    /// The message in a shape other than its own.
    #[inline(never)]
    pub(crate) fn write_message(&self, record: &LogRecord<'_>, clock: &mut time::Clock, out: &mut TextWriter<'_>) {
        let message = out.aside(&mut |out| record.get_message(out));
        let message = Value::text(Text::known_valid(&message));
        self.shape.write(Some(message), record, clock, out);
    }
}

impl Attribute {
    pub(crate) fn of(name: &str) -> Attribute {
        match name {
            "asctime" => Attribute::Asctime,
            "message" => Attribute::Message,
            _ => match record::Field::named(name.as_bytes()) {
                Some(field) => Attribute::Standard(field),
                None => Attribute::Extra(name.into(), None),
            },
        }
    }
}

impl Shape {
    pub(crate) fn write(
        &self,
        value: Option<Value<'_>>,
        record: &LogRecord<'_>,
        clock: &mut time::Clock,
        out: &mut TextWriter<'_>,
    ) {
        match (self, value) {
            (Shape::Percent(form), Some(value)) => form.write_or_str(value, out),
            (Shape::Percent(form), None) => form.write_text(Text::from(MISSING), out),
            #[cfg(feature = "styles")]
            (Shape::Brace(shape), value) => write_brace(shape, value, record, clock, out),
        }
    }

    #[inline(never)]
    pub(crate) fn write_asctime(&self, record: &LogRecord<'_>, clock: &mut time::Clock, out: &mut TextWriter<'_>) {
        match self {
            #[cfg(feature = "styles")]
            Shape::Brace(shape) => {
                let spec = shape.spec(record, clock);
                shape.write(Some(Value::text(clock.asctime(record))), &spec, out);
            }
            Shape::Percent(form) => form.write_or_str(Value::text(clock.asctime(record)), out),
        }
    }
}

#[cfg(feature = "styles")]
#[inline(never)]
pub(crate) fn write_brace(
    shape: &brace::Shape,
    value: Option<Value<'_>>,
    record: &LogRecord<'_>,
    clock: &mut time::Clock,
    out: &mut TextWriter<'_>,
) {
    shape.write(value, &shape.spec(record, clock), out);
}

/// Gives the fields their values for attributes that a record lacks, those within specs too.
pub(crate) fn set_defaults(pieces: &mut [Piece], defaults: &[(String, Vec<u8>)]) {
    for piece in pieces {
        let Piece::Field(field) = piece else { continue };
        if let Attribute::Extra(name, default) = &mut field.attribute {
            *default = defaults.iter().find(|(known, _)| known == name).map(|(_, default)| default.clone());
        }
        #[cfg(feature = "styles")]
        if let Shape::Brace(shape) = &mut field.shape {
            set_defaults(shape.pieces_of_spec(), defaults);
        }
    }
}

/// Joins adjacent literals.
pub(crate) fn push_literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Literal(literal)) => literal.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Literal(text.into())),
    }
}

/// What stands for an attribute that a record lacks.
pub(crate) const MISSING: &str = "-";
