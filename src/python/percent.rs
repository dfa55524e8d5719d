//! Python's `%` operator on text.
//!
//! In: a format such as `%-5d of %(total)s`, and what it is applied to: a tuple, a mapping or one value. Out: text. Where
//! CPython raises, nothing is lost: a conversion that takes no such value prints the value's `str()`, padded as asked; one
//! that is malformed, or has no value, stays as it stands; and values that no conversion took follow at the end, as in
//! `done % (3,)`. Facts: `unicode_format_arg_parse` and below in CPython's `Objects/unicodeobject.c`.

use super::conversion::{Conversion, Count, Form, Piece, Pieces};
use crate::base::text::{Text, TextWriter, encode_code_point};
use crate::decode::{Items, Kind, Value};
use crate::python::integer::{DECIMAL_BYTES, short_decimal};
use crate::python::number::{FloatForm, FloatStyle, Integer, Number, Radix, float_of, plain};
use crate::python::padding::{Align, Padding, Sign};
use crate::python::spec::WrongType;
use crate::python::stdlib::classes::classify;

/// Writes `format % args`.
pub(crate) fn write(format: Text<'_>, args: Value<'_>, out: &mut TextWriter<'_>) {
    out.metered(args.meter(), |out| write_metered(format, args, out));
}

fn write_metered(format: Text<'_>, args: Value<'_>, out: &mut TextWriter<'_>) {
    let mut arguments = Arguments::new(args);
    for piece in Pieces::of(format) {
        out.charge(UNITS_A_PIECE);
        if out.is_cut() {
            return;
        }
        match piece {
            Piece::Literal(text) => out.push(text),
            Piece::Malformed(text) => {
                arguments.missed = true;
                out.push(text);
            }
            Piece::Conversion(conversion) => match arguments.take(&conversion) {
                Some((form, value)) => form.write_or_str(value, out),
                None => {
                    arguments.missed = true;
                    out.push(conversion.source);
                }
            },
        }
    }
    arguments.write_rest(out);
}

impl Form {
    /// Writes the value as this form asks, or if Python would raise on it, its `str()`, padded.
    pub fn write_or_str(&self, value: Value<'_>, out: &mut TextWriter<'_>) {
        if self.write(value, out).is_err() {
            self.write_shown(value, crate::python::str, out);
        }
    }

    /// Writes the value as this form asks.
    pub fn write(&self, value: Value<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        match self.letter {
            b's' => match value.as_text() {
                Some(text) => self.write_text(prefix(text, self.precision, out), out),
                None => self.write_shown_cut(value, crate::python::str, out),
            },
            b'r' => self.write_shown_cut(value, crate::python::repr, out),
            b'a' => self.write_shown_cut(value, crate::python::ascii, out),
            b'c' => return self.write_character(value, out),
            b'd' | b'i' | b'u' => {
                let is_plain = self.precision.is_none() && !self.plus && !self.space;
                if let Some(number) = value.as_small_number().filter(|_| is_plain) {
                    self.write_padded(short_decimal(number, &mut [0; DECIMAL_BYTES]), out);
                    return Ok(());
                }
                let plain = plain(value);
                let integer = match plain.kind() {
                    Kind::Float(value) => Integer::truncate(value),
                    Kind::Global(_) | Kind::Object(_) => Integer::of_other(plain),
                    _ => Integer::of(plain),
                };
                return self.write_integer(&integer.ok_or(WrongType)?, out);
            }
            b'o' | b'x' | b'X' => {
                let integer = Integer::of(value).ok_or(WrongType)?;
                return self.write_integer(&integer, out);
            }
            _ => self.write_float(float_of(value).ok_or(WrongType)?, out),
        }
        Ok(())
    }

    /// Writes text, padded as asked.
    #[inline]
    pub fn write_text(&self, text: Text<'_>, out: &mut TextWriter<'_>) {
        if self.width == 0 {
            return out.push(text);
        }
        self.padding(false).write_text(text, out);
    }

    fn write_shown(&self, value: Value<'_>, show: Show, out: &mut TextWriter<'_>) {
        Form { precision: None, ..*self }.write_shown_cut(value, show, out);
    }

    #[inline(never)]
    fn write_shown_cut(&self, value: Value<'_>, show: Show, out: &mut TextWriter<'_>) {
        if self.width == 0 && self.precision.is_none() {
            return show(value, out);
        }
        let shown = out.aside(&mut |out| show(value, out));
        self.write_text(prefix(Text::known_valid(&shown), self.precision, out), out);
    }

    #[inline(never)]
    fn write_character(&self, value: Value<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let mut bytes = [0; 4];
        let character = match value.as_text() {
            Some(text) if text.prefix(1) == text && !text.is_empty() => text,
            Some(_) => return Err(WrongType),
            None => {
                let code =
                    plain(value).as_i64().and_then(|code| u32::try_from(code).ok()).filter(|&code| code < 0x11_0000);
                encode_code_point(code.ok_or(WrongType)?, &mut bytes)
            }
        };
        self.write_text(character, out);
        Ok(())
    }

    /// Writes a number's decimal digits, a minus before them perhaps, padded as asked.
    #[inline(never)]
    fn write_padded(&self, number: &[u8], out: &mut TextWriter<'_>) {
        let padding = self.width.saturating_sub(number.len());
        match (self.left, self.zero) {
            (true, _) => {
                out.push(Text::known_valid(number));
                out.pad(u32::from(b' '), padding);
            }
            (false, true) => {
                let (sign, digits) = number.strip_prefix(b"-").map_or(("", number), |digits| ("-", digits));
                out.push_str(sign);
                out.pad(u32::from(b'0'), padding);
                out.push(Text::known_valid(digits));
            }
            (false, false) => {
                out.pad(u32::from(b' '), padding);
                out.push(Text::known_valid(number));
            }
        }
    }

    #[inline(never)]
    fn write_integer(&self, integer: &Integer, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let radix = match self.letter {
            b'o' => Radix::Octal,
            b'x' | b'X' => Radix::Hexadecimal,
            _ => Radix::Decimal,
        };
        out.charge(integer.units(radix));
        if out.is_cut() {
            return Ok(());
        }
        let number = Number::integer(integer, radix, self.alternate, out.remaining()).ok_or(WrongType)?;
        self.write_number(number.with_at_least(self.precision.unwrap_or(0)), out);
        Ok(())
    }

    #[inline(never)]
    fn write_float(&self, value: f64, out: &mut TextWriter<'_>) {
        let form = match self.letter.to_ascii_lowercase() {
            b'e' => FloatForm::Exponent,
            b'f' => FloatForm::Fixed,
            _ => FloatForm::General,
        };
        let precision = self.precision.unwrap_or(6);
        let style = FloatStyle { form, precision, alternate: self.alternate, point_zero: false };
        out.charge(style.units(value));
        self.write_number(Number::float(value, style), out);
    }

    fn write_number(&self, number: Number, out: &mut TextWriter<'_>) {
        let number = if self.letter.is_ascii_uppercase() { number.into_upper_case() } else { number };
        self.padding(self.zero).write_number(&number, out);
    }

    fn padding(&self, zero: bool) -> Padding {
        let (align, fill) = match (self.left, zero) {
            (true, _) => (Align::Left, b' '),
            (false, true) => (Align::AfterSign, b'0'),
            (false, false) => (Align::Right, b' '),
        };
        let sign = match (self.plus, self.space) {
            (true, _) => Sign::Plus,
            (false, true) => Sign::Space,
            (false, false) => Sign::OnlyMinus,
        };
        Padding { width: self.width, fill: u32::from(fill), align, sign, grouping: None }
    }
}

/// As much of the text as a precision leaves.
fn prefix<'t>(text: Text<'t>, precision: Option<usize>, out: &mut TextWriter<'_>) -> Text<'t> {
    let Some(precision) = precision else { return text };
    let prefix = text.prefix(precision);
    out.charge(prefix.as_bytes().len() / COUNTED_BYTES_A_UNIT);
    prefix
}

type Show = fn(Value<'_>, &mut TextWriter<'_>);

/// What a format is applied to, as conversions take it one by one.
struct Arguments<'a> {
    /// Elements of a tuple that no conversion has taken.
    tuple: Option<Items<'a>>,
    /// The one value that is no tuple, until a conversion takes it.
    single: Option<Value<'a>>,
    mapping: Option<Value<'a>>,
    /// A conversion could not be done.
    missed: bool,
}

impl<'a> Arguments<'a> {
    fn new(args: Value<'a>) -> Arguments<'a> {
        let mut arguments = Arguments { tuple: None, single: None, mapping: None, missed: false };
        match args.kind() {
            Kind::Tuple(items) => arguments.tuple = Some(items),
            // What has `__getitem__` may be left over without an error.
            Kind::Dict(_) | Kind::List(_) | Kind::Bytes(_) | Kind::ByteArray(_) | Kind::Object(_) => {
                arguments.single = Some(args);
                arguments.mapping = Some(args);
            }
            _ => arguments.single = Some(args),
        }
        arguments
    }

    /// The value for a conversion, and its form with every `*` filled in.
    fn take(&mut self, conversion: &Conversion<'_>) -> Option<(Form, Value<'a>)> {
        let mut form = conversion.form;
        if let Some(key) = conversion.key {
            let value = self.by_key(key)?;
            let starred = conversion.width == Count::Star || conversion.precision == Count::Star;
            return (!starred).then_some((form, value));
        }
        if conversion.width == Count::Star {
            let width = self.next()?.as_i64()?;
            form.left |= width < 0;
            form.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
        }
        if conversion.precision == Count::Star {
            let precision = self.next()?.as_i64()?;
            form.precision = Some(usize::try_from(precision.max(0)).unwrap_or(usize::MAX));
        }
        Some((form, self.next()?))
    }

    fn next(&mut self) -> Option<Value<'a>> {
        self.tuple.as_mut().map_or_else(|| self.single.take(), Iterator::next)
    }

    /// Looks at all pairs for each key: a format has few, and a dict too.
    #[inline(never)]
    fn by_key(&mut self, key: Text<'_>) -> Option<Value<'a>> {
        let value = match self.mapping?.kind() {
            Kind::Dict(pairs) => pairs.find_text(key)?,
            Kind::Object(object) => classify(&object).item(key)?,
            _ => return None,
        };
        self.single = None;
        Some(value)
    }

    /// Appends what no conversion took, so that nothing that was sent is lost.
    #[inline(never)]
    fn write_rest(self, out: &mut TextWriter<'_>) {
        match self {
            Arguments { tuple: Some(rest), .. } if !rest.is_empty() => {
                out.push_str(" % ");
                crate::python::repr_of_tuple(rest, out);
            }
            Arguments { mapping: Some(mapping), missed: true, .. } => {
                out.push_str(" % ");
                crate::python::repr(mapping, out);
            }
            Arguments { mapping: None, single: Some(single), .. } => {
                out.push_str(" % ");
                crate::python::repr(single, out);
            }
            _ => {}
        }
    }
}

/// What it costs to find the next piece, and a value for it.
const UNITS_A_PIECE: usize = 4;

/// So many bytes are looked at, to find where a number of code points ends, in the time of a unit.
const COUNTED_BYTES_A_UNIT: usize = 8;

#[cfg(test)]
mod tests;
