//! The format-spec mini-language: `format(value, spec)` for `str`, `int`, `float` and `bool`.
//!
//! In: a spec such as `>8`, `08.2f` or `_x`, and a value. Out: its text. Refused, and then the caller's to show otherwise:
//! what CPython refuses with `ValueError` or `TypeError`.
//! Facts: `Python/formatter_unicode.c`. The locale is C, so that `n` is `d` or `g`. Digits of a width are ASCII.

use crate::base::meter::Meter;
use crate::base::text::{CodePoints, Text, TextWriter, encode_code_point};
use crate::decode::bigint::BigInt;
use crate::decode::{Kind, Value, float_digits};
use crate::python::integer;
use crate::python::number::{FloatForm, FloatStyle, Integer, Number, Radix, Ratio, float_of, plain_of};
use crate::python::padding::{Align, Padding, Sign};
use crate::python::stdlib::classes::{Class, classify, fraction};
use crate::python::stdlib::decimal;
use crate::python::stdlib::ipaddress;
use crate::python::stdlib::made::Made;

/// A format spec, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spec {
    align: Option<Align>,
    fill: Option<u32>,
    sign: Option<Sign>,
    alternate: bool,
    /// `0` before the width: fills with zeros, after the sign of a number.
    zero: bool,
    width: usize,
    separator: Option<char>,
    precision: Option<usize>,
    /// The presentation type.
    letter: Option<char>,
}

/// Python would raise on this value: show it in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl Spec {
    /// Parses a spec; `None` if it is none, or if no type takes it.
    pub fn parse(text: Text<'_>) -> Option<Spec> {
        let mut rest = Rest(text.code_points());
        let mut spec = Spec::default();
        if let Some(align) = rest.second().and_then(Align::of) {
            spec.fill = rest.0.next();
            rest.0.next();
            spec.align = Some(align);
        } else {
            spec.align = rest.take_if(Align::of);
        }
        spec.sign = rest.take_if(Sign::of);
        spec.alternate = rest.take('#');
        spec.zero = spec.fill.is_none() && rest.take('0');
        spec.width = rest.number()?.unwrap_or(0);
        spec.separator = rest.take_if(|code_point| char::from_u32(code_point).filter(|&c| c == ',' || c == '_'));
        if rest.take('.') {
            spec.precision = Some(rest.number()??);
        }
        spec.letter = match rest.0.next() {
            Some(code_point) => Some(char::from_u32(code_point)?),
            None => None,
        };
        (rest.0.next().is_none() && spec.separator_fits()).then_some(spec)
    }

    /// Writes what `format(value, spec)` gives.
    pub fn write(&self, value: Value<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        if *self == Spec::default() {
            crate::python::str(value, out);
            return Ok(());
        }
        match value.kind() {
            Kind::Str(text) => self.write_str(text, out),
            Kind::Bool(_) | Kind::Int(_) | Kind::BigInt(_) => self.write_integer(value, out),
            Kind::Float(value) => self.write_float(value, out),
            Kind::Global(_) => self.write(plain_of(value).ok_or(WrongType)?, out),
            Kind::Object(object) => match classify(&object) {
                Class::Decimal(text) => self.write_decimal(text, out),
                Class::Complex(real, imag) => self.write_complex(real, imag, out),
                Class::Fraction(made) => self.write_fraction(&made, value.meter(), out),
                Class::IpAddress(made) if !matches!(self.letter, None | Some('s')) => self.write_address(&made, out),
                class if matches!(class, Class::IpAddress(_)) || class.is_text_of_package() => {
                    let text = out.aside(&mut |out| crate::python::str(value, out));
                    self.write_str(Text::known_valid(&text), out)
                }
                class => self.write(class.plain().ok_or(WrongType)?, out),
            },
            _ => Err(WrongType),
        }
    }

    /// Writes text in place of a value that the spec does not take: padded to the width, numbers' columns to the right.
    pub fn write_instead(&self, text: Text<'_>, out: &mut TextWriter<'_>) {
        let of_number = self.zero || self.sign.is_some() || !matches!(self.letter, None | Some('s'));
        let align = match self.align {
            Some(Align::AfterSign) => Align::Right,
            None if of_number => Align::Right,
            None => Align::Left,
            Some(align) => align,
        };
        self.layout(align, ' ').write_text(text, out);
    }

    fn write_str(&self, text: Text<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let align = self.align.unwrap_or(Align::Left);
        let refused = self.sign.is_some() || self.alternate || self.separator.is_some() || align == Align::AfterSign;
        if refused || !matches!(self.letter, None | Some('s')) {
            return Err(WrongType);
        }
        let shown = self.precision.map_or(text, |precision| text.prefix(precision));
        self.layout(align, if self.zero { '0' } else { ' ' }).write_text(shown, out);
        Ok(())
    }

    fn write_integer(&self, value: Value<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let radix = match self.letter {
            Some('b') => Radix::Binary,
            Some('c') => return self.write_character(value, out),
            Some('o') => Radix::Octal,
            Some('x' | 'X') => Radix::Hexadecimal,
            None | Some('d' | 'n') => Radix::Decimal,
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
                return self.write_float(float_of(value).ok_or(WrongType)?, out);
            }
            Some(_) => return Err(WrongType),
        };
        let integer = Integer::of(value).filter(|_| self.precision.is_none()).ok_or(WrongType)?;
        out.charge(integer.units(radix));
        if out.is_cut() {
            return Ok(());
        }
        let number = Number::integer(&integer, radix, self.alternate, out.remaining()).ok_or(WrongType)?;
        self.write_number(number, out);
        Ok(())
    }

    /// `c`: the character with this code.
    fn write_character(&self, value: Value<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        if self.sign.is_some() || self.alternate || self.precision.is_some() {
            return Err(WrongType);
        }
        let code_point = value.as_i64().and_then(|code| u32::try_from(code).ok()).filter(|&code| code < 0x11_0000);
        let mut bytes = [0; 4];
        let text = encode_code_point(code_point.ok_or(WrongType)?, &mut bytes);
        let align = match self.align {
            None | Some(Align::AfterSign) => Align::Right,
            Some(align) => align,
        };
        self.layout(align, if self.zero { '0' } else { ' ' }).write_text(text, out);
        Ok(())
    }

    fn float_style(&self) -> Result<FloatStyle, WrongType> {
        let (form, default_precision) = match self.letter {
            None if self.precision.is_none() => (FloatForm::Shortest, 0),
            None => (FloatForm::General, 0),
            Some('e' | 'E') => (FloatForm::Exponent, 6),
            Some('f' | 'F' | '%') => (FloatForm::Fixed, 6),
            Some('g' | 'G' | 'n') => (FloatForm::General, 6),
            Some(_) => return Err(WrongType),
        };
        Ok(FloatStyle {
            form,
            precision: self.precision.unwrap_or(default_precision),
            alternate: self.alternate,
            point_zero: self.letter.is_none(),
        })
    }

    fn write_float(&self, value: f64, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let percent = self.letter == Some('%');
        let style = self.float_style()?;
        out.charge(style.units(value));
        let mut number = Number::float(if percent { value * 100.0 } else { value }, style);
        if percent {
            number.suffix.push('%');
        }
        self.write_number(number, out);
        Ok(())
    }

    /// A `complex`: its parts, each as a float, the second one always with its sign.
    fn write_complex(&self, real: f64, imag: f64, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let align = self.align.unwrap_or(Align::Right);
        if self.zero || align == Align::AfterSign || matches!(self.letter, Some('%')) {
            return Err(WrongType);
        }
        let has_real = self.letter.is_some() || real != 0.0 || real.is_sign_negative();
        let is_grouped = self.letter.is_none() && has_real;
        let mut failed = None;
        let shown = out.aside(&mut |out| {
            let mut part = Spec { align: None, fill: None, width: 0, ..self.clone() };
            out.push_str(if is_grouped { "(" } else { "" });
            if has_real {
                failed = part.write_part(real, out).err();
                part.sign = Some(Sign::Plus);
            }
            failed = failed.or(part.write_part(imag, out).err());
            out.push_str(if is_grouped { "j)" } else { "j" });
        });
        if failed.is_none() {
            self.layout(align, ' ').write_text(Text::known_valid(&shown), out);
        }
        failed.map_or(Ok(()), Err)
    }

    /// A float without the `.0` that a whole one ends in.
    fn write_part(&self, value: f64, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        match (self.letter, self.precision) {
            (None, None) => {
                let style = FloatStyle {
                    form: FloatForm::Shortest,
                    precision: 0,
                    alternate: self.alternate,
                    point_zero: false,
                };
                out.charge(style.units(value));
                self.write_number(Number::float(value, style), out);
                Ok(())
            }
            (letter, _) => Spec { letter: letter.or(Some('g')), ..self.clone() }.write_float(value, out),
        }
    }

    /// A `fractions.Fraction` without a letter: both numbers with separators; `#` shows a denominator of one.
    fn write_fraction(&self, made: &Made<'_>, meter: &Meter, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        if matches!(self.letter, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) {
            let style = self.float_style()?;
            let ratio = Ratio::of(made, meter, float_digits::length(style.precision)).ok_or(WrongType)?;
            let is_percent = self.letter == Some('%');
            let mut number = Number::ratio(&if is_percent { ratio.times_ten(2) } else { ratio }, style);
            number.suffix.push_str(if is_percent { "%" } else { "" });
            self.write_number(number, out);
            return Ok(());
        }
        let (numerator, denominator) = fraction(made).ok_or(WrongType)?;
        if self.letter.is_some() || self.precision.is_some() || self.zero {
            return Err(WrongType);
        }
        let integer = Integer::Big(numerator);
        out.charge(integer.units(Radix::Decimal).saturating_add(integer::units_of_decimal(&denominator)));
        if out.is_cut() {
            return Ok(());
        }
        if !integer::is_printable(&denominator) {
            return Err(WrongType);
        }
        let mut below = denominator.decimal_digits();
        let mut number = Number::integer(&integer, Radix::Decimal, false, out.remaining()).ok_or(WrongType)?;
        if let Some(separator) = self.separator {
            let places = (1..below.len()).rev().filter(|place| below.len().saturating_sub(*place) % 3 == 0);
            for place in places.collect::<Vec<_>>() {
                below.insert(place, separator);
            }
        }
        if self.alternate || below != "1" {
            number.suffix = ["/", &below].concat();
        }
        self.write_number(number, out);
        Ok(())
    }

    /// An address of `ipaddress` as a number: `b`, `x` or `X` with all its digits, or `n`, which is the usual one of these.
    fn write_address(&self, made: &Made<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let (address, bits) = ipaddress::number_of(made).ok_or(WrongType)?;
        let (letter, radix, digits) = match self.letter.unwrap_or('s') {
            'b' => ('b', Radix::Binary, bits),
            'n' if bits == 32 => ('b', Radix::Binary, bits),
            'n' => ('x', Radix::Hexadecimal, bits / 4),
            letter @ ('x' | 'X') => (letter, Radix::Hexadecimal, bits / 4),
            _ => return Err(WrongType),
        };
        let asked =
            Spec { alternate: self.alternate, separator: self.separator, letter: self.letter, ..Spec::default() };
        if *self != asked || self.separator == Some(',') {
            return Err(WrongType);
        }
        let separators = if self.separator.is_some() { (digits / 4).saturating_sub(1) } else { 0 };
        let prefix = if self.alternate { 2 } else { 0 };
        let width = digits.saturating_add(separators).saturating_add(prefix);
        let integer = BigInt::from_u128(address).map(Integer::Big).ok_or(WrongType)?;
        let number = Number::integer(&integer, radix, self.alternate, out.remaining()).ok_or(WrongType)?;
        Spec { zero: true, width, letter: Some(letter), ..asked }.write_number(number, out);
        Ok(())
    }

    /// A `decimal.Decimal`.
    fn write_decimal(&self, text: Text<'_>, out: &mut TextWriter<'_>) -> Result<(), WrongType> {
        let text = text.as_str().ok_or(WrongType)?;
        let refused = self.alternate || self.separator == Some('_') || (self.zero && self.align.is_some());
        let mut number = match self.letter {
            _ if refused => return Err(WrongType),
            None if self.precision.is_none() => decimal::as_it_is(text),
            None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => {
                let shift = if self.letter == Some('%') { 2 } else { 0 };
                decimal::presented(text, shift, self.letter, self.precision).ok_or(WrongType)?
            }
            Some(_) => return Err(WrongType),
        };
        if self.letter == Some('%') {
            number.suffix.push('%');
        }
        // Zeros do not fill up `NaN`, and `F` leaves it as it is.
        let zero = self.zero && !number.digits.is_empty();
        Spec { zero, letter: None, ..self.clone() }.write_number(number, out);
        Ok(())
    }

    fn write_number(&self, number: Number, out: &mut TextWriter<'_>) {
        let number = if matches!(self.letter, Some('E' | 'F' | 'G' | 'X')) { number.into_upper_case() } else { number };
        let align = self.align.unwrap_or(if self.zero { Align::AfterSign } else { Align::Right });
        self.layout(align, if self.zero { '0' } else { ' ' }).write_number(&number, out);
    }

    #[inline(never)]
    fn layout(&self, align: Align, fill: char) -> Padding {
        let size = if matches!(self.letter, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
        Padding {
            width: self.width,
            fill: self.fill.unwrap_or(u32::from(fill)),
            align,
            sign: self.sign.unwrap_or(Sign::OnlyMinus),
            grouping: self.separator.map(|separator| (separator, size)),
        }
    }

    fn separator_fits(&self) -> bool {
        match self.separator {
            None => true,
            Some('_') if matches!(self.letter, Some('b' | 'o' | 'x' | 'X')) => true,
            Some(_) => matches!(self.letter, None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'F' | 'G' | '%')),
        }
    }
}

/// What of a spec is not yet parsed.
struct Rest<'a>(CodePoints<'a>);

impl Rest<'_> {
    fn second(&self) -> Option<u32> {
        self.0.clone().nth(1)
    }

    fn take_if<T>(&mut self, what: impl Fn(u32) -> Option<T>) -> Option<T> {
        let taken = what(self.0.clone().next()?)?;
        self.0.next();
        Some(taken)
    }

    fn take(&mut self, character: char) -> bool {
        self.take_if(|code_point| (code_point == u32::from(character)).then_some(())).is_some()
    }

    /// Decimal digits, perhaps none; the outer `None` if the number is too large.
    fn number(&mut self) -> Option<Option<usize>> {
        // What a machine of 64 bits takes is taken everywhere; nothing so wide is ever written.
        let mut number: Option<u64> = None;
        while let Some(digit) = self.take_if(|code_point| char::from_u32(code_point)?.to_digit(10)) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit))?);
        }
        Some(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(value: Value<'_>, spec: &str) -> Option<String> {
        let mut buffer = Vec::new();
        let mut out = TextWriter::new(&mut buffer, 1 << 10);
        Spec::parse(Text::from(spec))?.write(value, &mut out).ok()?;
        Some(String::from_utf8(buffer).unwrap())
    }

    #[test]
    fn formats_integers_as_cpython_does() {
        for (value, spec, expected) in [
            (5, "05,", "0,005"),
            (1, "04,", "0,001"),
            (5, "#x", "0x5"),
            (255, "_b", "1111_1111"),
            (255, "#010_x", "0x000_00ff"),
            (255, "#X", "0XFF"),
            (1_234_567, "020,", "0,000,000,001,234,567"),
            (123_456_789, "015_d", "000_123_456_789"),
            (-5, "^7", "  -5   "),
            (-5, "x=7", "-xxxxx5"),
            (5, "0<5", "50000"),
            (5, "<05", "50000"),
            (5, "+", "+5"),
            (5, " ,", " 5"),
            (65, "5c", "    A"),
            (65, "05c", "0000A"),
            (5, "%", "500.000000%"),
            (3, ".0%", "300%"),
            (5, ".2f", "5.00"),
            (5, "n", "5"),
            (-1234, "é^12,", "ééé-1,234ééé"),
        ] {
            assert_eq!(format(Value::int(value), spec).as_deref(), Some(expected), "{value} {spec}");
        }
        for spec in ["s", ".2", ",x", "_n", "+c", "#c", "z", "__", ",_", "_,", "5.", "99999999999999999999", "dd", "q"]
        {
            assert_eq!(format(Value::int(65), spec), None, "{spec}");
        }
    }

    #[test]
    fn formats_floats_as_cpython_does() {
        for (value, spec, expected) in [
            (1_234_567.5, "_", "1_234_567.5"),
            (1e16, "#", "1.e+16"),
            (1.0, "#", "1.0"),
            (1.0, ".0", "1e+00"),
            (12.0, ".2", "1.2e+01"),
            (12.0, ".3", "12.0"),
            (1.5, ".2%", "150.00%"),
            (1_234_567.891, "020,.2f", "0,000,001,234,567.89"),
            (1e22, "020,", "0,000,000,000,001e+22"),
            (f64::INFINITY, "010,", "0000000inf"),
            (f64::NEG_INFINITY, "010", "-000000inf"),
            (-0.0, "", "-0.0"),
            (1e100, "G", "1E+100"),
            (1.5, ">8", "     1.5"),
        ] {
            assert_eq!(format(Value::float(value), spec).as_deref(), Some(expected), "{value} {spec}");
        }
        for spec in ["d", "x", "c", "s", "b"] {
            assert_eq!(format(Value::float(1.0), spec), None, "{spec}");
        }
    }

    #[test]
    fn formats_strings_as_cpython_does() {
        for (spec, expected) in
            [("", "añb"), ("5", "añb  "), (">5s", "  añb"), ("05", "añb00"), ("^8.2", "   añ   "), ("é<4", "añbé")]
        {
            assert_eq!(format(Value::text(Text::from("añb")), spec).as_deref(), Some(expected), "{spec}");
        }
        for spec in ["=5", "+5", " ", "#", "d", ",", "_"] {
            assert_eq!(format(Value::text(Text::from("a")), spec), None, "{spec}");
        }
        assert_eq!(format(Value::none(), "5"), None);
    }

    #[test]
    fn huge_widths_and_precisions_stop_at_the_cut() {
        for spec in ["1000000000000", "01000000000000", "01000000000000,", ".1000000000000f", "^1000000000000"] {
            let mut buffer = Vec::new();
            let mut out = TextWriter::new(&mut buffer, 100);
            Spec::parse(Text::from(spec)).unwrap().write(Value::float(1.5), &mut out).unwrap();
            assert!(out.is_cut() && buffer.len() == 100, "{spec}");
        }
    }
}
