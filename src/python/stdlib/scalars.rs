//! Values that were pickled as their bytes and a type: NumPy's scalars, and the numbers of `ctypes`.
//!
//! In: how an object was made. Out: numbers, texts, moments, and how they print: NumPy 2 says the type in `repr()`, `ctypes` in `str()` as
//! well. Not known, and printed as other objects are: complex numbers, those of more than 64 bits, and times without a unit. Facts: the pickles of
//! NumPy 1 and 2, its dtypes, and CPython's `Lib/ctypes/__init__.py`.

use super::datetime::Timedelta;
use super::made::{Made, at_path, class_of};
use super::names::{self, text_of};
use crate::base::digits;
use crate::base::memory::append;
use crate::base::text::{Text, encode_code_point};
use crate::decode::{Kind, Value, float_digits};
use crate::python::repr::Printer;
use crate::python::string::Sink;
use crate::python::{float, string};
use std::fmt::Write;

/// One of NumPy's scalars, or one of `ctypes`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar<'a> {
    value: Number<'a>,
    /// The name of its type.
    name: &'a str,
    /// Where it is of.
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    C,
    Numpy1,
    Numpy2,
}

#[derive(Clone, Copy, Debug)]
enum Number<'a> {
    Bool(bool),
    Bytes(&'a [u8]),
    Float(f64),
    /// The bits of a float of 16.
    Half(u16),
    Int(i64),
    /// So many of this unit since 1970, or `NaT`.
    Moment(i64, usize),
    Single(f32),
    /// So many of this unit, or `NaT`.
    Span(i64, usize),
    /// UTF-32, and whether the most significant byte is the first.
    Text(&'a [u8], bool),
    Unsigned(u64),
}

impl<'a> Scalar<'a> {
    /// `scalar(dtype('f8', False, True), bytes)` of `numpy.core.multiarray`, or of NumPy 2's.
    pub fn of_numpy(made: &Made<'a>) -> Option<Scalar<'a>> {
        let is_first = text_of(made.class.module).starts_with("numpy.core");
        let origin = if is_first { Origin::Numpy1 } else { Origin::Numpy2 };
        let [dtype, bytes] = made.exactly()?;
        let (kind, is_big_endian) = dtype_of(dtype)?;
        let mut scalar = scalar_of(kind, type_name(kind)?, bytes, is_big_endian, origin)?;
        if let Number::Moment(_, unit) | Number::Span(_, unit) = &mut scalar.value {
            // What ends the dtype's state: `({}, (b'ns', 1, 1, 1))`
            let Kind::Tuple(mut metadata) = at_path("0..8.1", made)?.kind() else { return None };
            let (Kind::Bytes(name), 1) = (metadata.next()?.kind(), metadata.next()?.as_i64()?) else { return None };
            *unit = names::place_of(text_of(Text::new(name)?), UNITS)?;
        }
        Some(scalar)
    }

    /// `_unpickle(c_int, ({}, bytes))` of `_ctypes`
    pub fn of_ctypes(made: &Made<'a>) -> Option<Scalar<'a>> {
        let name = text_of(class_of(made.first()?)?.name);
        let kind = C_KINDS.get(names::place_of(name, C_TYPES)?.saturating_mul(2)..)?.get(..2)?;
        scalar_of(kind, name, at_path("1.1", made)?, false, Origin::C)
    }

    /// The builtin value that it is, if there is one: of an integer, one of no more than 64 bits.
    pub fn plain(&self) -> Option<Value<'a>> {
        match self.value {
            _ if self.origin == Origin::C => None,
            Number::Bool(value) => Some(Value::bool(value)),
            Number::Int(value) => Some(Value::int(value)),
            Number::Unsigned(value) => i64::try_from(value).ok().map(Value::int),
            value => value.float().map(Value::float),
        }
    }

    /// True for a text, or bytes.
    pub fn is_text(&self) -> bool {
        matches!(self.value, Number::Bytes(_) | Number::Text(..))
    }

    /// True for a number of NumPy's of which the `str()` is one in JSON as well.
    pub fn is_number(&self) -> bool {
        let is_integer = matches!(self.value, Number::Int(_) | Number::Unsigned(_));
        self.origin != Origin::C && (is_integer || self.value.float().is_some_and(f64::is_finite))
    }
}

impl Number<'_> {
    /// A float as one of 64 bits.
    fn float(self) -> Option<f64> {
        match self {
            Number::Float(value) => Some(value),
            Number::Half(bits) => Some(half(bits)),
            Number::Single(value) => Some(value.into()),
            _ => None,
        }
    }
}

#[inline(never)]
fn scalar_of<'a>(
    kind: &str,
    name: &'a str,
    bytes: Value<'a>,
    is_big_endian: bool,
    origin: Origin,
) -> Option<Scalar<'a>> {
    let value = match (bytes.kind(), kind.split_at_checked(1)?) {
        (Kind::Bytes(bytes), ("U", _)) => Number::Text(bytes, is_big_endian),
        (Kind::Bytes(bytes), ("S", _)) => Number::Bytes(bytes),
        (_, (letter, size)) => number(letter, digits::parse(size)?, bytes, is_big_endian)?,
    };
    Some(Scalar { value, name, origin })
}

/// A number of so many bytes.
fn number<'a>(letter: &str, size: usize, bytes: Value<'a>, is_big_endian: bool) -> Option<Number<'a>> {
    let mut number = [0; 8];
    let place = number.get_mut(..size)?;
    match bytes.kind() {
        Kind::Bytes(bytes) if bytes.len() == size => place.copy_from_slice(bytes),
        // Of Python 2 it is a text, which was taken as UTF-8 if it happened to be such, else as Latin-1.
        Kind::Str(text) if text.as_bytes().len() == size => place.copy_from_slice(text.as_bytes()),
        Kind::Str(text) => {
            let mut code_points = text.code_points();
            for byte in &mut *place {
                *byte = code_points.next()?.try_into().ok()?;
            }
        }
        _ => return None,
    }
    if is_big_endian {
        place.reverse();
    }
    let shift = 64_u32.checked_sub(u32::try_from(size).ok()?.checked_mul(8)?)?;
    let [b0, b1, b2, b3, ..] = number;
    Some(match (letter, size) {
        ("b", 1) => Number::Bool(b0 != 0),
        ("M", _) => Number::Moment(i64::from_le_bytes(number), 0),
        ("m", _) => Number::Span(i64::from_le_bytes(number), 0),
        ("i", _) => Number::Int(i64::from_le_bytes(number).wrapping_shl(shift).wrapping_shr(shift)),
        ("u", _) => Number::Unsigned(u64::from_le_bytes(number)),
        ("f", 2) => Number::Half(u16::from_le_bytes([b0, b1])),
        ("f", 4) => Number::Single(f32::from_le_bytes([b0, b1, b2, b3])),
        ("f", 8) => Number::Float(f64::from_le_bytes(number)),
        _ => return None,
    })
}

/// The type of a dtype, such as `f8`, and whether the most significant byte is the first.
fn dtype_of(dtype: Value<'_>) -> Option<(&str, bool)> {
    let Kind::Object(object) = dtype.kind() else { return None };
    let made = Made::of(&object)?;
    if !made.class.is("numpy", "dtype") {
        return None;
    }
    let is_big_endian = match object.state().kind() {
        Kind::Tuple(mut state) => state.nth(1)?.as_text().is_some_and(|order| order == *">"),
        _ => false,
    };
    // A long one is no type.
    Some((text_of(made.first()?.as_text()?), is_big_endian))
}

/// The name of a dtype, or how it is called where it has none.
pub(super) fn name_of(dtype: Value<'_>) -> Option<&str> {
    let (kind, _) = dtype_of(dtype)?;
    Some(type_name(kind).unwrap_or(kind))
}

fn type_name(kind: &str) -> Option<&'static str> {
    let kind = if kind.starts_with(['U', 'S']) { kind.get(..1)? } else { kind };
    TYPES.split(' ').find_map(|name| name.strip_prefix(kind)?.strip_prefix('='))
}

/// So many weeks, days, and so on; the nanoseconds that a timedelta cannot hold are apart.
#[inline(never)]
pub(super) fn in_units(number: i64, unit: usize) -> Option<(Timedelta, i64)> {
    let (seconds, microseconds, nanoseconds) = match ([604_800, 86_400, 3600, 60, 1].get(unit), unit) {
        (Some(seconds), _) => (number.checked_mul(*seconds)?, 0, 0),
        (None, 5) => (0, number.checked_mul(1000)?, 0),
        (None, 6) => (0, number, 0),
        _ => (0, number.div_euclid(1000), number.rem_euclid(1000)),
    };
    Some((Timedelta::new(0, seconds, microseconds)?, nanoseconds))
}

impl Printer<'_, '_, '_> {
    /// Prints one of these.
    pub(super) fn scalar(&mut self, scalar: Scalar<'_>, is_str: bool) {
        let package = if scalar.origin == Origin::Numpy1 { "numpy." } else { "np." };
        let (before, after) = match (scalar.origin, scalar.value) {
            (Origin::C, _) => (["", scalar.name, "("], ")"),
            (_, Number::Moment(_, unit)) if !is_str => {
                ([package, scalar.name, "('"], if unit == UNIT_OF_HOURS { "','h')" } else { "')" })
            }
            (_, Number::Span(..)) if !is_str => ([package, scalar.name, "("], "')"),
            (Origin::Numpy2, Number::Bool(_)) if !is_str => (["np.", "", ""], "_"),
            (Origin::Numpy2, _) if !is_str => (["np.", scalar.name, "("], ")"),
            _ => ([""; 3], ""),
        };
        before.iter().for_each(|part| self.out.push_str(part));
        match scalar.value {
            Number::Bool(value) => self.out.push_str(if value { "True" } else { "False" }),
            Number::Bytes(bytes) => {
                self.out.writer.charge(bytes.len() / DECODED_BYTES_A_UNIT);
                let is_filled_up = scalar.origin != Origin::C;
                string::repr_bytes(if is_filled_up { without_zeros(bytes) } else { bytes }, self.out.writer);
            }
            Number::Float(value) => float::repr(value, self.out.writer),
            Number::Half(bits) => {
                self.out.writer.charge(UNITS_OF_SHORT);
                let value = half(bits);
                float::repr_of_digits(digits_of_half(bits, value.abs()), value, self.out.writer);
            }
            Number::Single(value) if scalar.origin == Origin::C => float::repr(value.into(), self.out.writer),
            Number::Single(value) => {
                // The further the point is from its digits, the longer it takes.
                let bits = usize::from((value.to_bits() >> 23 & 0xff).to_le_bytes()[0]).abs_diff(127);
                self.out.writer.charge(bits.saturating_mul(UNITS_A_BIT).saturating_add(UNITS_OF_SHORT));
                let digits = fewest_digits(value.abs().into(), 8, &|read| is_single(read, value.abs()));
                float::repr_of_digits(digits, value.into(), self.out.writer);
            }
            // The other pieces stand around it.
            Number::Span(i64::MIN, _) if is_str => self.out.push_str("NaT"),
            Number::Span(number, unit) => {
                let (units, between) = if is_str { (SPANS, " ") } else { (UNITS, ",'") };
                match number {
                    i64::MIN => self.out.push_str("'NaT'"),
                    _ => self.out.push_number("", number, 0),
                }
                self.out.push_str(between);
                self.out.push_str(units.split(' ').nth(unit).unwrap_or_default());
            }
            Number::Int(value) => _ = write!(self.out, "{value}"),
            Number::Moment(number, unit) => {
                let text =
                    self.out.writer.aside(&mut |writer| push_moment(number, unit, &mut Sink { writer, ascii: false }));
                // Days without a time, hours, minutes, seconds; of those as many digits as the unit has.
                let digits = [10, 10, 13, 16, 19, 23, 26].get(unit).copied().unwrap_or(text.len());
                self.out.push(Text::known_valid(&text).within(digits));
            }
            Number::Unsigned(value) => _ = write!(self.out, "{value}"),
            Number::Text(units, is_big_endian) => {
                self.out.writer.charge(units.len() / DECODED_BYTES_A_UNIT);
                let Some(text) = utf_32(units, is_big_endian) else { return self.out.writer.starve() };
                // Cut between ASCII bytes, so still well formed.
                let text = Text::known_valid(without_zeros(&text));
                match is_str && scalar.origin != Origin::C {
                    true => self.out.push(text),
                    false => string::repr(text, &mut self.out),
                }
            }
        }
        self.out.push_str(after);
    }
}

/// UTF-32 as text, lone surrogates among it, and whether the most significant byte is the first; `None` if there is no memory for it.
fn utf_32(bytes: &[u8], is_big_endian: bool) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for unit in bytes.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok()) {
        let code_point = if is_big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        append(&mut text, encode_code_point(code_point, &mut [0; 4]).as_bytes()).then_some(())?;
    }
    Some(text)
}

/// `2024-07-01T12:30:00.000000000`, or the number, if that is of another millennium.
fn push_moment(number: i64, unit: usize, out: &mut Sink<'_, '_>) {
    let months = if unit == UNIT_OF_YEARS { number.saturating_mul(12) } else { number };
    let year = months.div_euclid(12).saturating_add(1970);
    let since = in_units(number, unit).filter(|_| unit < UNIT_OF_YEARS);
    let moment = since.and_then(|(since, nanoseconds)| Some((since.since_1970()?, nanoseconds)));
    match moment {
        _ if number == i64::MIN => out.push_str("NaT"),
        None if unit >= UNIT_OF_YEARS && (1..=9999).contains(&year) => {
            out.push_number("", year, 4);
            if unit == UNIT_OF_MONTHS {
                out.push_number("-", months.rem_euclid(12).saturating_add(1), 2);
            }
        }
        None => out.push_number("", number, 0),
        Some(((date, clock), nanoseconds)) => {
            let [hour, minute, second, microsecond] = clock.fields();
            date.push(out);
            out.push_number("T", hour, 2);
            out.push_number(":", minute, 2);
            out.push_number(":", second, 2);
            out.push_number(".", microsecond, 6);
            out.push_number("", nanoseconds, 3);
        }
    }
}

/// What is left of a text without the zeros that fill it up.
fn without_zeros(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.get(..kept).unwrap_or_default()
}

/// The number that 16 bits are: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let magnitude = match (bits >> 10 & 31, f64::from(bits & 0x3ff)) {
        (31, 0.0) => f64::INFINITY,
        (31, _) => f64::NAN,
        (0, fraction) => fraction * step_of_half(bits),
        (_, fraction) => (fraction + 1024.0) * step_of_half(bits),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

/// How far it is to the next number of 16 bits.
fn step_of_half(bits: u16) -> f64 {
    2.0_f64.powi(i32::from((bits >> 10 & 31).max(1)).saturating_sub(25))
}

/// The fewest digits that are nearer to this number of 16 bits than to its neighbours, and the exponent of the first.
fn digits_of_half(bits: u16, value: f64) -> (String, i64) {
    // Below a power of two the neighbour is half as far away.
    let is_power = bits & 0x3ff == 0 && bits >> 10 & 31 > 1;
    fewest_digits(value, 4, &|read| {
        let distance = read - value;
        let limit = step_of_half(bits) / if is_power && distance < 0.0 { 4.0 } else { 2.0 };
        distance.abs() < limit || bits & 1 == 0 && distance.abs() <= limit
    })
}

/// The fewest digits of which it is said that they are this number's, if so many after the first always are, and the exponent of the first.
fn fewest_digits(value: f64, most: usize, are_its: &dyn Fn(f64) -> bool) -> (String, i64) {
    let (mut least, mut most) = (0, most);
    while least < most {
        let places = least.midpoint(most);
        let (digits, exponent) = float_digits::scientific(value, places);
        let power = exponent.saturating_add(1).saturating_sub_unsigned(digits.len().try_into().unwrap_or(0));
        match float_digits::read_float(&format!("{digits}e{power}")).is_some_and(are_its) {
            true => most = places,
            false => least = places.saturating_add(1),
        }
    }
    float_digits::scientific(value, least)
}

/// True if a number is read as this one of 32 bits.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "rounded as C does it")]
fn is_single(read: f64, value: f32) -> bool {
    read as f32 == value
}

/// What NumPy calls its types.
const TYPES: &str = "b1=bool f2=float16 f4=float32 f8=float64 i1=int8 i2=int16 i4=int32 i8=int64 u1=uint8 u2=uint16 u4=uint32 \
    u8=uint64 M8=datetime64 m8=timedelta64 S=bytes_ U=str_";

/// Its units of time, and what it calls so many of them.
const UNITS: &str = "W D h m s ms us ns Y M";
const SPANS: &str = "weeks days hours minutes seconds milliseconds microseconds nanoseconds years months";
const UNIT_OF_HOURS: usize = 2;
const UNIT_OF_YEARS: usize = 8;
const UNIT_OF_MONTHS: usize = 9;

/// What `ctypes` calls its types, and what they are on most systems.
const C_TYPES: &str =
    "c_bool c_byte c_double c_float c_int c_long c_short c_ubyte c_uint c_ulong c_ushort c_char c_wchar";
const C_KINDS: &str = "b1i1f8f4i4i8i2u1u4u8u2S1U4";

/// What it costs to find the digits of a number of 16 or 32 bits, in units of a meter.
const UNITS_OF_SHORT: usize = 120;
const UNITS_A_BIT: usize = 6;

/// So many bytes of UTF-32 are decoded in the time of a unit.
const DECODED_BYTES_A_UNIT: usize = 4;
