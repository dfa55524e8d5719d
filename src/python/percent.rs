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
use crate::python::spec::{Align, Padding, Sign, WrongType};
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
                let integer = match plain(value).kind() {
                    Kind::Float(value) => Integer::truncate(value),
                    _ => Integer::of(value).or_else(|| Integer::of_rational(value)),
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
        let padding = self.width.saturating_sub(text.code_point_count());
        if !self.left {
            out.pad(u32::from(b' '), padding);
        }
        out.push(text);
        if self.left {
            out.pad(u32::from(b' '), padding);
        }
    }

    fn write_shown(&self, value: Value<'_>, show: Show, out: &mut TextWriter<'_>) {
        Form { precision: None, ..*self }.write_shown_cut(value, show, out);
    }

    #[inline(never)]
    fn write_shown_cut(&self, value: Value<'_>, show: Show, out: &mut TextWriter<'_>) {
        if self.width == 0 && self.precision.is_none() {
            return show(value, out);
        }
        let shown = out.aside(|out| show(value, out));
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
        let (align, fill) = match (self.left, self.zero) {
            (true, _) => (Align::Left, b' '),
            (false, true) => (Align::AfterSign, b'0'),
            (false, false) => (Align::Right, b' '),
        };
        let sign = match (self.plus, self.space) {
            (true, _) => Sign::Plus,
            (false, true) => Sign::Space,
            (false, false) => Sign::OnlyMinus,
        };
        Padding { width: self.width, fill: u32::from(fill), align, sign, grouping: None }.write_number(&number, out);
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
                write_tuple(rest, out);
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

/// `repr()` of a tuple of these.
fn write_tuple(items: Items<'_>, out: &mut TextWriter<'_>) {
    let only_one = items.len() == 1;
    out.push_str("(");
    for (index, item) in items.enumerate() {
        if out.is_cut() {
            return;
        }
        if index > 0 {
            out.push_str(", ");
        }
        crate::python::repr(item, out);
    }
    out.push_str(if only_one { ",)" } else { ")" });
}

/// What it costs to find the next piece, and a value for it.
const UNITS_A_PIECE: usize = 2;

/// So many bytes are looked at, to find where a number of code points ends, in the time of a unit.
const COUNTED_BYTES_A_UNIT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::Unpickler;
    use serde_pickle::{HashableValue, SerOptions, Value as Pickled};
    use std::collections::BTreeMap;

    fn apply(format: &str, args: &Pickled) -> String {
        let pickle = serde_pickle::value_to_vec(args, SerOptions::new()).unwrap();
        let mut unpickler = Unpickler::new(Budget::new(1 << 20));
        let mut buffer = Vec::new();
        write(Text::from(format), unpickler.unpickle(&pickle).unwrap(), &mut TextWriter::new(&mut buffer, 1000));
        String::from_utf8(buffer).unwrap()
    }

    fn tuple(items: impl IntoIterator<Item = Pickled>) -> Pickled {
        Pickled::Tuple(items.into_iter().collect())
    }

    fn text(text: &str) -> Pickled {
        Pickled::String(text.into())
    }

    #[test]
    fn pads_any_integer_to_any_width() {
        let padded: [fn(i64, usize) -> String; 3] = [
            |value, width| format!("{value:width$}"),
            |value, width| format!("{value:<width$}"),
            |value, width| format!("{value:0width$}"),
        ];
        for value in [0, 7, -7, 1234, i64::MAX, i64::MIN] {
            for width in [0, 1, 2, 8, 9, 19, 20, 21, 32, 80] {
                for (flags, expected) in ["", "-", "0"].into_iter().zip(padded) {
                    let format = format!("%{flags}{width}d");
                    // A width of 0 is no width, and a 0 more a flag: neither changes anything.
                    assert_eq!(apply(&format, &Pickled::I64(value)), expected(value, width), "{format} of {value}");
                }
            }
        }
    }

    #[test]
    fn converts_integers_as_cpython_does() {
        for (format, value, expected) in [
            ("%5d|%-5d|%05d|%+d|% d", 3, "    3|3    |00003|+3| 3"),
            ("%-05d|% 05d|%+05d", 3, "3    | 0003|+0003"),
            ("%.5d|%010.5d|%-10.5d|", -89, "-00089|-000000089|-00089    |"),
            ("%x|%#x|%#X|%#o|%#.5x", 255, "ff|0xff|0XFF|0o377|0x000ff"),
            ("%+#010x|%#-10x|% #10x", 255, "+0x00000ff|0xff      |      0xff"),
            ("%i|%u|%hd|%ld|%c|%5c", 65, "65|65|65|65|A|    A"),
            ("%.0d|%.0x|%#x", 0, "0|0|0x0"),
            ("%f|%e|%.3g|%05.1f", 2, "2.000000|2.000000e+00|2|002.0"),
        ] {
            let count = format.split('|').filter(|part| !part.is_empty()).count();
            assert_eq!(apply(format, &tuple(vec![Pickled::I64(value); count])), expected, "{format}");
        }
    }

    #[test]
    fn converts_floats_as_cpython_does() {
        for (format, value, expected) in [
            ("%d|%5d|%-4d|", -1.9, "-1|   -1|-1  |"),
            ("%05f|%+5f|%F", f64::INFINITY, "00inf| +inf|INF"),
            ("%#.3g|%#.0e|%G", 1e10, "1.00e+10|1.e+10|1E+10"),
            ("%d|%.2f", 1e20, "100000000000000000000|100000000000000000000.00"),
        ] {
            let count = format.split('|').filter(|part| !part.is_empty()).count();
            assert_eq!(apply(format, &tuple(vec![Pickled::F64(value); count])), expected, "{format}");
        }
    }

    #[test]
    fn takes_tuples_mappings_and_single_values() {
        let mapping = Pickled::Dict(BTreeMap::from([
            (HashableValue::String("a".into()), Pickled::I64(1)),
            (HashableValue::String("b(c)".into()), text("two")),
        ]));
        for (format, args, expected) in [
            ("%s%%", Pickled::I64(1), "1%"),
            ("%s", Pickled::List(vec![Pickled::I64(1)]), "[1]"),
            ("x", Pickled::List(vec![Pickled::I64(1)]), "x"),
            ("%(a)s %(b(c))5s", mapping.clone(), "1   two"),
            ("no key", mapping.clone(), "no key"),
            ("%s|%(a)d", mapping.clone(), "{'a': 1, 'b(c)': 'two'}|1"),
            ("%*d|%.*d", tuple([5, 3, 2, 7].map(Pickled::I64)), "    3|07"),
            ("%*d|%.*d", tuple([-5, 3, -2, 7].map(Pickled::I64)), "3    |7"),
            ("%r %a %.2s %5.1a", tuple(["é", "é", "abc", "é"].map(text)), "'é' '\\xe9' ab     '"),
        ] {
            assert_eq!(apply(format, &args), expected, "{format}");
        }
    }

    #[test]
    fn loses_neither_format_nor_values_where_cpython_raises() {
        let one = || tuple([Pickled::I64(1)]);
        let mapping = Pickled::Dict(BTreeMap::from([(HashableValue::String("a".into()), Pickled::I64(1))]));
        for (format, args, expected) in [
            ("%s %s", one(), "1 %s"),
            ("done", one(), "done % (1,)"),
            ("%s", tuple([1, 2, 3].map(Pickled::I64)), "1 % (2, 3)"),
            ("done", Pickled::I64(7), "done % 7"),
            ("done", text("a"), "done % 'a'"),
            ("%y", one(), "%y % (1,)"),
            ("%é!", one(), "%é! % (1,)"),
            ("abc %", one(), "abc % % (1,)"),
            ("%d|%5d", tuple([text("x"), text("y")]), "x|    y"),
            ("%d", tuple([Pickled::F64(f64::INFINITY)]), "inf"),
            ("%x", tuple([Pickled::F64(1.5)]), "1.5"),
            ("%c", tuple([text("ab")]), "ab"),
            ("%(a)s", one(), "%(a)s % (1,)"),
            ("%(b)s %(a)s", mapping.clone(), "%(b)s 1 % {'a': 1}"),
            ("%(a", mapping.clone(), "%(a % {'a': 1}"),
            ("%*d", tuple([text("w"), Pickled::I64(1)]), "%*d % (1,)"),
            ("%99999999999999999999d", one(), "%99999999999999999999d % (1,)"),
            ("%5%|", one(), "%5%| % (1,)"),
        ] {
            assert_eq!(apply(format, &args), expected, "{format}");
        }
    }
}
