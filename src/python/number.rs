//! Numbers as text: what `%d %x %e %f %g` and the format specs of the same letters share.
//!
//! In: an integer or a float, a form and a precision. Out: a [`Number`], whose parts a layout then signs, groups and pads.
//! Nothing is ever as long as a peer's precision asks: zeros are counted, not stored. Refused: decimal digits beyond
//! CPython's own limit. Facts: `Objects/longobject.c`, `Python/pystrtod.c` (`format_float_short`).

use crate::base::digits;
use crate::python::float;
use crate::python::integer;
use crate::python::stdlib::classes::{Class, classify, fraction};
use crate::python::stdlib::enums::{Member, units_of_constant};
use crate::python::stdlib::ipaddress;
use crate::python::stdlib::made::Made;

use crate::base::limits::MAX_INTEGER_DIGITS;
use crate::base::meter::Meter;
use crate::decode::bigint::BigInt;
use crate::decode::float_digits::{self, read_float};
use crate::decode::{Kind, Value};

/// A number taken apart: sign, prefix, zeros, digits, fraction, zeros, suffix, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Number {
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'static str,
    /// Zeros that a precision puts before the digits of an integer.
    pub leading_zeros: usize,
    /// The digits before the point; empty for `inf` and `nan`.
    pub digits: String,
    /// The point and what follows it, up to the last digit that is not known to be zero.
    pub fraction: String,
    /// Zeros that a precision puts after the fraction.
    pub trailing_zeros: usize,
    /// Exponent, percent sign; `inf` and `nan`.
    pub suffix: String,
}

/// An `int` of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    Big(BigInt),
    Small(i64),
}

/// The base in which an integer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Radix {
    Binary,
    Decimal,
    Hexadecimal,
    Octal,
}

/// How a float is written; `repr_style` in CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatForm {
    /// `e`: always with an exponent.
    Exponent,
    /// `f`: never with an exponent.
    Fixed,
    /// `g`: significant digits, without zeros at the end.
    General,
    /// `r`: as few digits as read back as the same float.
    Shortest,
}

/// The rest of how a float is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatStyle {
    pub form: FloatForm,
    /// Digits after the point, or significant ones for [`FloatForm::General`].
    pub precision: usize,
    /// `#`: the point stays, and for [`FloatForm::General`] the zeros at the end.
    pub alternate: bool,
    /// At least one digit after the point, unless there is an exponent.
    pub point_zero: bool,
}

impl FloatStyle {
    /// What it costs to write this float so, in units of a meter.
    pub fn units(&self, value: f64) -> usize {
        let exponent = (value.to_bits() >> MANTISSA_BITS & 0x7ff).abs_diff(EXPONENT_BIAS);
        // A third of it, at most, is the decimal one.
        let digits = usize::try_from(exponent / 3).unwrap_or(0).saturating_add(self.precision.min(MAX_EXACT_DIGITS));
        digits.saturating_mul(UNITS_A_DIGIT).saturating_add(float::UNITS_OF_SHORTEST)
    }
}

impl Integer {
    /// An `int` or a `bool`, or an object that is one.
    #[inline]
    pub fn of(value: Value<'_>) -> Option<Integer> {
        let value = plain(value);
        value.as_i64().map(Integer::Small).or_else(|| integer::of(value).map(Integer::Big))
    }

    /// `int(value)` of what is no integer: of a `decimal.Decimal` or `fractions.Fraction` what is before its point, of a UUID or an address
    /// its bits. None of one too long to print.
    pub fn of_other(value: Value<'_>) -> Option<Integer> {
        let Kind::Object(object) = value.kind() else { return None };
        let text = match classify(&object) {
            _ if !cfg!(feature = "stdlib") => return None,
            Class::Decimal(text) => text,
            Class::Fraction(made) => {
                let ratio = Ratio::of(&made, value.meter(), 0)?;
                let sign = if ratio.is_negative() { "-" } else { "" };
                let digits = ratio.quotient(0);
                let whole = digits.get(..digits.len().saturating_sub(1))?;
                return BigInt::from_decimal([sign, whole].concat().as_bytes()).map(Integer::Big);
            }
            Class::IpAddress(made) => return BigInt::from_u128(ipaddress::number_of(&made)?.0).map(Integer::Big),
            Class::Uuid(uuid) => return BigInt::from_u128(uuid).map(Integer::Big),
            _ => return None,
        };
        let is_allowed = value.meter().charge(text.as_bytes().len() / PARSED_BYTES_A_UNIT);
        let text = text.as_str().filter(|_| is_allowed)?;
        let (coefficient, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
        let exponent = digits::parse(exponent)?;
        let length = float_digits::length(whole.len()).saturating_add(exponent);
        let is_short = length <= i64::try_from(MAX_INTEGER_DIGITS).unwrap_or(i64::MAX);
        let length = usize::try_from(length.max(0)).ok().filter(|_| is_short)?;
        let digits: String = whole.chars().chain(fraction.chars()).chain(std::iter::repeat('0')).take(length).collect();
        let sign_alone = digits.trim_start_matches(['+', '-']).is_empty();
        let digits = if sign_alone { "0" } else { &digits };
        value.meter().charge(BigInt::units_of_decimal(digits.len())).then_some(())?;
        BigInt::from_decimal(digits.as_bytes()).map(Integer::Big)
    }

    /// `int(value)` of a finite float.
    #[inline]
    #[allow(clippy::as_conversions, reason = "in the range of i64, `as` truncates as int() does")]
    pub fn truncate(value: f64) -> Option<Integer> {
        if !value.is_finite() {
            return None;
        }
        if value.abs() < TWO_TO_THE_63 {
            return Some(Integer::Small(value as i64));
        }
        let bits = value.to_bits();
        let mantissa = bits & ((1 << MANTISSA_BITS) - 1) | 1 << MANTISSA_BITS;
        let exponent = (bits >> MANTISSA_BITS & 0x7ff).saturating_sub(EXPONENT_BIAS + MANTISSA_BITS);
        Some(Integer::Big(BigInt::scaled(value < 0.0, mantissa, exponent)))
    }

    /// `float(integer)`; `None` if it is too large for that.
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "rounding to nearest is what float() does")]
    pub fn to_f64(&self) -> Option<f64> {
        match self {
            Integer::Small(value) => Some(*value as f64),
            Integer::Big(value) if value.bits() > MAX_FLOAT_BITS => None,
            Integer::Big(value) => read_float(&value.to_string()).filter(|value| value.is_finite()),
        }
    }

    /// What it costs to write the digits, in units of a meter.
    pub fn units(&self, radix: Radix) -> usize {
        match self {
            Integer::Small(_) => 0,
            Integer::Big(value) if radix != Radix::Decimal => value.bits() / BITS_A_UNIT,
            Integer::Big(value) if integer::is_printable(value) => integer::units_of_decimal(value),
            Integer::Big(_) => 0,
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Integer::Big(value) => value.is_negative(),
            Integer::Small(value) => *value < 0,
        }
    }

    /// The digits of the magnitude, the first `room` of them at least; `None` beyond CPython's limit, and without
    /// memory for them.
    fn digits(&self, radix: Radix, room: usize) -> Option<String> {
        let value = match self {
            Integer::Big(value) if radix == Radix::Decimal && !integer::is_printable(value) => return None,
            Integer::Big(value) => value,
            Integer::Small(value) => {
                let value = value.unsigned_abs();
                return Some(match radix {
                    Radix::Binary => format!("{value:b}"),
                    Radix::Decimal => value.to_string(),
                    Radix::Hexadecimal => format!("{value:x}"),
                    Radix::Octal => format!("{value:o}"),
                });
            }
        };
        let room = room.saturating_add(1);
        match radix {
            Radix::Binary => value.leading_digits(1, room),
            Radix::Decimal => Some(value.decimal_digits()),
            Radix::Hexadecimal => value.leading_digits(4, room),
            Radix::Octal => value.leading_digits(3, room),
        }
    }
}

impl Number {
    /// An integer, of which at most `room` digits can be seen; `None` if CPython refuses to print it.
    pub fn integer(value: &Integer, radix: Radix, alternate: bool, room: usize) -> Option<Number> {
        let prefix = match radix {
            Radix::Binary if alternate => "0b",
            Radix::Hexadecimal if alternate => "0x",
            Radix::Octal if alternate => "0o",
            _ => "",
        };
        let digits = value.digits(radix, room)?;
        Some(Number { negative: value.is_negative(), prefix, digits, ..Number::default() })
    }

    /// A float.
    pub fn float(value: f64, style: FloatStyle) -> Number {
        let negative = value.is_sign_negative() && !value.is_nan();
        let number = if value.is_finite() {
            Number::of_magnitude(&value.abs(), style)
        } else {
            let suffix = if value.is_nan() { "nan" } else { "inf" };
            Number { suffix: suffix.into(), ..Number::default() }
        };
        Number { negative, ..number }
    }

    /// A fraction, exactly.
    pub fn ratio(value: &Ratio, style: FloatStyle) -> Number {
        Number { negative: value.is_negative(), ..Number::of_magnitude(value, style) }
    }

    fn of_magnitude(magnitude: &dyn Magnitude, style: FloatStyle) -> Number {
        match style.form {
            FloatForm::Fixed => fixed(magnitude, style),
            _ => significant(magnitude, style),
        }
    }

    /// Upper case throughout, as `%X`, `%E` and `%G` print.
    pub fn into_upper_case(mut self) -> Number {
        self.prefix = match self.prefix {
            "0b" => "0B",
            "0o" => "0O",
            "0x" => "0X",
            other => other,
        };
        self.digits.make_ascii_uppercase();
        self.suffix.make_ascii_uppercase();
        self
    }

    /// At least this many digits, as the precision of `%.5d` asks.
    pub fn with_at_least(mut self, digits: usize) -> Number {
        self.leading_zeros = digits.saturating_sub(self.digits.len());
        self
    }
}

/// What gives decimal digits, rounded half to even.
trait Magnitude {
    /// Of the value times `10**places`.
    fn rounded(&self, places: usize) -> String;
    /// So many after the first, and the exponent of that.
    fn scientific(&self, places: usize) -> (String, i64);
}

impl Magnitude for f64 {
    fn rounded(&self, places: usize) -> String {
        float_digits::rounded(*self, float_digits::length(places))
    }

    fn scientific(&self, places: usize) -> (String, i64) {
        match places {
            SHORTEST => float::shortest_digits(*self),
            _ => float_digits::scientific(*self, places),
        }
    }
}

/// A `fractions.Fraction`.
#[derive(Debug)]
pub(crate) struct Ratio {
    numerator: BigInt,
    denominator: BigInt,
}

impl Ratio {
    /// Of which so many places are to be written, if the meter allows that.
    pub fn of(made: &Made<'_>, meter: &Meter, places: i64) -> Option<Ratio> {
        let (numerator, denominator) = fraction(made)?;
        let places = usize::try_from(places).unwrap_or(usize::MAX).min(MAX_EXACT_DIGITS);
        let limbs = numerator.bits().max(denominator.bits()) / 32;
        let length = limbs.saturating_mul(10).saturating_add(places);
        // Each digit is subtracted a few times, and a number of two lengths is tried.
        let units = length.saturating_mul(limbs.saturating_add(places / 8).saturating_add(4));
        (denominator.bits() > 0 && meter.charge(units)).then_some(Ratio { numerator, denominator })
    }

    pub fn is_negative(&self) -> bool {
        self.numerator.is_negative()
    }

    /// This times `10**power`.
    pub fn times_ten(self, power: i64) -> Ratio {
        Ratio { numerator: self.numerator.times_power(10, power), ..self }
    }

    /// About the exponent of the first digit.
    fn exponent(&self) -> i64 {
        let bits =
            float_digits::length(self.numerator.bits()).saturating_sub(float_digits::length(self.denominator.bits()));
        bits.saturating_mul(30_103).div_euclid(100_000)
    }

    fn quotient(&self, places: i64) -> String {
        let divisor = self.denominator.clone().times_power(10, places.saturating_neg());
        self.numerator.clone().quotient(&divisor, places)
    }
}

impl Magnitude for Ratio {
    fn rounded(&self, places: usize) -> String {
        float_digits::without_last(&self.quotient(float_digits::length(places)), 1)
    }

    fn scientific(&self, places: usize) -> (String, i64) {
        let wanted = places.saturating_add(1);
        if self.numerator.bits() == 0 {
            return ("0".repeat(wanted), 0);
        }
        let mut exponent = self.exponent().saturating_sub(1);
        loop {
            let digits = self.quotient(float_digits::length(places).saturating_sub(exponent));
            let digits = float_digits::without_last(&digits, 1);
            if digits.len() <= wanted {
                return (digits, exponent);
            }
            exponent = exponent.saturating_add(1);
        }
    }
}

/// The float that a numeric value is; `None` for what is no number, and for an `int` too large.
pub(crate) fn float_of(value: Value<'_>) -> Option<f64> {
    match value.kind() {
        Kind::Float(value) => Some(value),
        Kind::Object(object) => match classify(&object) {
            class if !cfg!(feature = "stdlib") => float_of(class.plain()?),
            Class::Decimal(text) => {
                let is_allowed = value.meter().charge(text.as_bytes().len() / PARSED_BYTES_A_UNIT);
                read_float(text.as_str().filter(|_| is_allowed)?)
            }
            Class::Fraction(made) => {
                let ratio = Ratio::of(&made, value.meter(), DIGITS_OF_FLOAT)?;
                let places = DIGITS_OF_FLOAT.saturating_sub(ratio.exponent());
                let sign = if ratio.is_negative() { "-" } else { "" };
                read_float(&format!("{sign}{}e{}", ratio.quotient(places), places.saturating_add(1).saturating_neg()))
                    .filter(|value| value.is_finite())
            }
            class => float_of(class.plain()?),
        },
        Kind::BigInt(_) if !value.meter().charge(UNITS_OF_LONG_INTEGER) => None,
        _ => Integer::of(value)?.to_f64(),
    }
}

/// The value of a builtin class that an object is, if it is one of a subclass.
pub(crate) fn plain_of(value: Value<'_>) -> Option<Value<'_>> {
    match value.kind() {
        Kind::Object(object) => classify(&object).plain(),
        Kind::Global(global) if !value.meter().charge(units_of_constant(global)) => None,
        // A constant that has become a member of an enum: `signal.SIGINT`.
        Kind::Global(global) => Member::named(global).and_then(|member| member.plain()),
        _ => None,
    }
}

/// The same, or else the value itself.
pub(crate) fn plain(value: Value<'_>) -> Value<'_> {
    plain_of(value).unwrap_or(value)
}

fn fixed(magnitude: &dyn Magnitude, style: FloatStyle) -> Number {
    let exact = style.precision.min(MAX_EXACT_DIGITS);
    let number = magnitude.rounded(exact);
    let mut digits = "0".repeat(exact.saturating_add(1).saturating_sub(number.len())) + &number;
    let mut fraction = digits.split_off(digits.len().saturating_sub(exact));
    if style.alternate || exact > 0 {
        fraction.insert(0, '.');
    }
    Number { digits, fraction, trailing_zeros: style.precision.saturating_sub(exact), ..Number::default() }
}

/// `format_float_short`, for all forms but `f`.
#[allow(clippy::arithmetic_side_effects, reason = "exponents and digits of a double are a few thousand at most")]
fn significant(magnitude: &dyn Magnitude, style: FloatStyle) -> Number {
    let precision = i64::try_from(style.precision).unwrap_or(i64::MAX - 1);
    let places = match style.form {
        FloatForm::Shortest => SHORTEST,
        FloatForm::General => style.precision.saturating_sub(1).min(MAX_EXACT_DIGITS),
        FloatForm::Exponent | FloatForm::Fixed => style.precision.min(MAX_EXACT_DIGITS),
    };
    let (mut digits, exponent) = magnitude.scientific(places);
    let mut point = exponent + 1;
    let (with_exponent, mut end) = match style.form {
        FloatForm::Exponent => (true, precision + 1),
        FloatForm::Shortest => (point <= -4 || point > 16, float_digits::length(digits.len())),
        FloatForm::Fixed | FloatForm::General => {
            let precision = precision.max(1);
            digits.truncate(digits.trim_end_matches('0').len().max(1));
            let end = if style.alternate { precision } else { float_digits::length(digits.len()) };
            (point <= -4 || point > precision - i64::from(style.point_zero), end)
        }
    };
    let mut number = Number::default();
    if with_exponent {
        point = 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        number.suffix = format!("e{sign}{:02}", exponent.unsigned_abs());
    }
    end = end.max(if style.point_zero && !with_exponent { point + 1 } else { point });
    let known = float_digits::length(digits.len());
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let fraction = if point <= 0 {
        number.digits.push('0');
        zeros(-point) + &digits
    } else {
        digits += &zeros(point - known);
        let fraction = digits.split_off(usize::try_from(point).unwrap_or(0).min(digits.len()));
        number.digits = digits;
        fraction
    };
    if style.alternate || end > point {
        number.fraction = format!(".{fraction}");
    }
    number.trailing_zeros = usize::try_from(end - known.max(point)).unwrap_or(0);
    number
}

/// So many places are the fewest that read back as the same float.
const SHORTEST: usize = usize::MAX;

/// More digits than tell one float from another.
const DIGITS_OF_FLOAT: i64 = 25;

/// Digits after which every double has only zeros: 5e-324 has 1,074 after the point.
const MAX_EXACT_DIGITS: usize = 1100;

/// The most that a float can have before its point.
const MAX_FLOAT_BITS: usize = 1024;

/// So many bits are written as hexadecimal digits in the time of a unit, …
const BITS_A_UNIT: usize = 8;
/// … so many bytes of a decimal read; …
const PARSED_BYTES_A_UNIT: usize = 4;
/// … and what it costs to find a digit of a float, or to make a float of a long integer.
const UNITS_A_DIGIT: usize = 8;
const UNITS_OF_LONG_INTEGER: usize = 500;

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;
const MANTISSA_BITS: u64 = 52;
const EXPONENT_BIAS: u64 = 1023;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::Unpickler;
    use crate::python::stdlib::enums::UNITS_OF_MEMBERS;

    fn float(value: f64, form: FloatForm, precision: usize, alternate: bool) -> String {
        let number = Number::float(value, FloatStyle { form, precision, alternate, point_zero: false });
        let sign = if number.negative { "-" } else { "" };
        format!("{sign}{}{}{}{}", number.digits, number.fraction, "0".repeat(number.trailing_zeros), number.suffix)
    }

    #[test]
    fn writes_floats_as_cpython_does() {
        use FloatForm::{Exponent, Fixed, General, Shortest};
        for (value, form, precision, alternate, expected) in [
            (2.5, Fixed, 0, false, "2"),
            (0.5, Fixed, 0, false, "0"),
            (1.5, Fixed, 0, true, "2."),
            (-0.0, Fixed, 2, false, "-0.00"),
            (1e22, Fixed, 1, false, "10000000000000000000000.0"),
            (1.0, Exponent, 0, true, "1.e+00"),
            (1e-7, Exponent, 6, false, "1.000000e-07"),
            (0.0, Exponent, 2, false, "0.00e+00"),
            (1e100, General, 6, false, "1e+100"),
            (1e10, General, 3, true, "1.00e+10"),
            (1.0, General, 6, true, "1.00000"),
            (100_000.0, General, 6, false, "100000"),
            (1_000_000.0, General, 6, false, "1e+06"),
            (0.0001, General, 6, false, "0.0001"),
            (0.00001, General, 6, false, "1e-05"),
            (0.0, General, 0, false, "0"),
            (0.1, Shortest, 0, false, "0.1"),
            (1152921504606851500.0, Shortest, 0, false, "1.1529215046068516e+18"),
            (5_071_440_245_943_101.0 / 4.0, Shortest, 0, false, "1267860061485775.2"),
            (1e16, Shortest, 0, true, "1.e+16"),
            (f64::NEG_INFINITY, General, 3, false, "-inf"),
            (-f64::NAN, Fixed, 3, false, "nan"),
        ] {
            assert_eq!(float(value, form, precision, alternate), expected, "{value} {form:?} {precision}");
        }
    }

    #[test]
    fn never_stores_the_zeros_that_a_precision_asks_for() {
        for form in [FloatForm::Fixed, FloatForm::Exponent, FloatForm::General] {
            let style = FloatStyle { form, precision: usize::MAX, alternate: true, point_zero: false };
            let number = Number::float(1.0 / 3.0, style);
            assert!(number.trailing_zeros > 1 << 30 && number.fraction.len() < 1200, "{form:?}");
        }
    }

    #[test]
    fn truncates_floats_of_any_size() {
        for (value, expected) in [
            (-1.9, "-1"),
            (9.3e18, "9300000000000000000"),
            (1e20, "100000000000000000000"),
            (-1e22, "-10000000000000000000000"),
        ] {
            let number =
                Number::integer(&Integer::truncate(value).unwrap(), Radix::Decimal, false, usize::MAX).unwrap();
            assert_eq!(format!("{}{}", if number.negative { "-" } else { "" }, number.digits), expected);
        }
        assert_eq!(Integer::truncate(f64::NAN), None);
        assert_eq!(Integer::truncate(f64::INFINITY), None);
    }

    #[test]
    fn looking_for_the_number_of_a_constant_is_charged_each_time() {
        let mut unpickler = Unpickler::new(Budget::new(1 << 20));
        let constants =
            unpickler.unpickle(b"(csignal\nSIGINT\ncmodule\nClass\ncssl\nEAGAIN\ncsocket\nAF_INET\nt.").unwrap();
        let Kind::Tuple(constants) = constants.kind() else { panic!("no tuple") };
        for (constant, (number, times)) in constants.zip([(Some(2), 1), (None, 1), (None, 3), (Some(2), 3)]) {
            let meter = constant.meter();
            let before = meter.used();
            assert_eq!(plain(constant).as_i64(), number);
            assert_eq!(meter.used() - before, times * UNITS_OF_MEMBERS);
            while meter.charge(1 << 30) {}
            assert_eq!(plain(constant).as_i64(), None);
            meter.reset();
        }
    }

    #[test]
    fn makes_no_more_digits_than_can_be_seen() {
        let huge = Integer::Big(BigInt::scaled(false, 1, 4000));
        let all = Number::integer(&huge, Radix::Hexadecimal, true, usize::MAX).unwrap();
        assert_eq!(all.digits.len(), 1001);
        for room in [999, 1000, 1001] {
            let number = Number::integer(&huge, Radix::Hexadecimal, true, room).unwrap();
            assert_eq!(number.digits.len(), 1001.min(room + 1), "room {room}");
            assert!(all.digits.starts_with(&number.digits));
        }
    }
}
