//! What a few packages outside the standard library print, where many records would tell nothing or too much without it.
//!
//! In: how an object was made. Out: NumPy's scalars as numbers, and the type and the shape of its arrays; pydantic's secrets as they print
//! themselves, hidden, and SQLAlchemy's URLs without their passwords; Django's texts before they are translated; zones. What prints by a
//! template is in `templates.txt`. Facts: the packages' pickles, as NumPy 1 and 2, pydantic 1 and 2, SQLAlchemy 1.4 and 2 write them.

use super::datetime::{Clock, Date, Time, Timedelta, packed, unpack};
use super::entries::Entries;
use super::made::{Made, at_path, class_of};
use super::names::{self, text_of};
use super::zones;
use crate::base::digits;
use crate::base::memory::append;
use crate::base::text::{Text, encode_code_point};
use crate::decode::{Items, Kind, Value, float_digits};
use crate::python::repr::{Printer, Task};
use crate::python::string::Sink;
use crate::python::{float, string};
use std::fmt::Write;

/// One of NumPy's scalars, or one of `ctypes`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar<'a> {
    value: Number<'a>,
    /// The name of its type.
    name: &'a str,
    /// Where it is of: NumPy 2 says the type in `repr()`, `ctypes` in `str()` as well.
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
    /// UTF-32, and whether the most significant byte is the first.
    Text(&'a [u8], bool),
    Unsigned(u64),
}

/// An object of one of these packages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Package<'a> {
    /// `numpy.ndarray`: the type of its elements, and its shape.
    Array { name: &'a str, shape: Value<'a> },
    /// `pandas.Timedelta`, and its nanoseconds
    Duration(Timedelta, i64),
    /// Such as `numpy.int64`
    Scalar(Scalar<'a>),
    /// A zone of pytz's database, by what its `_p` takes.
    Pytz(Items<'a>),
    /// A text of Django's that would be translated when it is shown: the text itself.
    Translated(Value<'a>),
    /// `sqlalchemy.engine.URL`, which has a password in it.
    Url(Made<'a>),
}

/// Reads what REDUCE and BUILD would make.
#[inline(never)]
pub(super) fn package<'a>(made: &Made<'a>) -> Option<Package<'a>> {
    let (module, name) = (text_of(made.class.module), text_of(made.class.name));
    match name {
        "_timedelta_unpickle" => {
            timedelta(made.first()?, made.nth(1)).map(|(delta, rest)| Package::Duration(delta, rest))
        }
        "_lazy_proxy_unpickle" => translated(made).map(Package::Translated),
        "_p" if module == "pytz" => Some(Package::Pytz(made.args)),
        "_unpickle" if module == "_ctypes" => c_scalar(made).map(Package::Scalar),
        "scalar" if is_numpy(module) => {
            let is_first = module.starts_with("numpy.core");
            scalar(made, if is_first { Origin::Numpy1 } else { Origin::Numpy2 }).map(Package::Scalar)
        }
        "_reconstruct" if is_numpy(module) => {
            let Kind::Tuple(mut state) = made.state.kind() else { return None };
            let (shape, dtype) = (state.nth(1)?, state.next()?);
            let (kind, _) = dtype_of(dtype)?;
            Some(Package::Array { name: type_name(kind).unwrap_or(kind), shape })
        }
        "URL" if module == "sqlalchemy.engine.url" => Some(Package::Url(*made)),
        _ => None,
    }
}

impl<'a> Package<'a> {
    /// The builtin value that it is under number conversions and in JSON, if there is one: of an integer, one of no more than 64 bits.
    pub fn plain(&self) -> Option<Value<'a>> {
        match self {
            Package::Scalar(scalar) => scalar.plain(),
            _ => None,
        }
    }

    /// True for what its own `__format__` takes for text.
    pub fn is_text(&self) -> bool {
        match self {
            Package::Scalar(scalar) => matches!(scalar.value, Number::Bytes(_) | Number::Text(..)),
            _ => matches!(self, Package::Translated(_)),
        }
    }

    /// True for a number of NumPy's of which the `str()` is one in JSON as well.
    pub fn is_number(&self) -> bool {
        match self {
            Package::Scalar(Scalar { value, origin: Origin::Numpy1 | Origin::Numpy2, .. }) => {
                matches!(value, Number::Int(_) | Number::Unsigned(_)) || value.float().is_some_and(f64::is_finite)
            }
            _ => false,
        }
    }
}

/// The text of `_lazy_proxy_unpickle(gettext, ('New',), {}, str)`, after its context, if it has one.
fn translated<'a>(made: &Made<'a>) -> Option<Value<'a>> {
    let (Kind::Global(function), Kind::Tuple(mut texts)) = (made.first()?.kind(), made.nth(1)?.kind()) else {
        return None;
    };
    let function = names::canonical(function);
    let context = usize::from(function.name == *"pgettext");
    let is_known = function.name == *"str" || function.name.as_bytes().ends_with(b"gettext");
    let text = texts.nth(context).filter(|text| is_known && text.as_text().is_some())?;
    texts.is_empty().then_some(text)
}

/// A datetime of whatever class below that of the standard library, or a timestamp of `pandas`.
pub(super) fn datetime<'a>(made: &Made<'a>) -> Option<(Date, Time<'a>)> {
    let name = text_of(made.class.name);
    if name == "_unpickle_timestamp" {
        return timestamp(made);
    }
    // Hardly any other ten bytes are a moment.
    if let Some(packed) = packed(made.first()?).filter(|_| made.args.len() <= 2) {
        return unpack(packed, made.nth(1));
    }
    // Year, month and so on, of pendulum.
    let [.., tzinfo] = made.exactly::<8>().filter(|_| name.ends_with("DateTime"))?;
    let number = |place| made.nth(place)?.as_i64();
    let date = Date::new([number(0)?, number(1)?, number(2)?])?;
    let clock = Clock::new([number(3)?, number(4)?, number(5)?, number(6)?])?;
    Some((date, Time { clock, fold: 0, tzinfo }))
}

/// A date of a class below that of the standard library, such as `pendulum`'s or `freezegun`'s.
pub(super) fn date(made: &Made<'_>) -> Option<Date> {
    let is_named = text_of(made.class.name).ends_with("Date");
    made.exactly().filter(|_| is_named).and_then(|[packed]| Date::unpack(self::packed(packed)?))
}

/// `_unpickle_timestamp(value, frequency, zone, resolution)`: of an aware one the value is UTC, and stays so where the zone's offset is not known.
fn timestamp<'a>(made: &Made<'a>) -> Option<(Date, Time<'a>)> {
    let tzinfo = made.nth(2)?;
    let (utc, _) = timedelta(made.first()?, made.nth(3))?;
    let offset = zones::offset_of(tzinfo).unwrap_or(Timedelta::ZERO);
    let (date, clock) = utc.plus(offset)?.since_1970()?;
    Some((date, Time { clock, fold: 0, tzinfo }))
}

/// A number of NumPy's units, 7 of seconds to 10 of nanoseconds; the nanoseconds that a timedelta cannot hold are apart.
fn timedelta(value: Value<'_>, unit: Option<Value<'_>>) -> Option<(Timedelta, i64)> {
    let unit = usize::try_from(unit.map_or(Some(10), Value::as_i64)?).ok().filter(|unit| (7..=10).contains(unit))?;
    in_units(value.as_i64()?, unit.saturating_sub(3))
}

/// Those of `_unpickle_timestamp`.
pub(super) fn nanoseconds(made: &Made<'_>) -> i64 {
    made.first().and_then(|value| timedelta(value, made.nth(3))).map_or(0, |(_, nanoseconds)| nanoseconds)
}

/// Writes what stands after the microseconds of a moment of `pandas`.
pub(super) fn push_nanoseconds(nanoseconds: i64, clock: Clock, out: &mut Sink<'_, '_>) {
    if nanoseconds != 0 {
        out.push_str(if clock.microseconds() == 0 { ".000000" } else { "" });
        out.push_number("", nanoseconds, 3);
    }
}

fn is_numpy(module: &str) -> bool {
    matches!(module, "numpy.core.multiarray" | "numpy._core.multiarray")
}

/// `scalar(dtype('f8', False, True), bytes)`
fn scalar<'a>(made: &Made<'a>, origin: Origin) -> Option<Scalar<'a>> {
    let (kind, is_big_endian) = dtype_of(made.first()?)?;
    let mut scalar = scalar_of(kind, type_name(kind)?, made.nth(1)?, is_big_endian, origin)?;
    if let Number::Moment(_, unit) = &mut scalar.value {
        // What ends the dtype's state: `({}, (b'ns', 1, 1, 1))`
        let Kind::Tuple(mut metadata) = at_path("0..8.1", made)?.kind() else { return None };
        let (Kind::Bytes(name), 1) = (metadata.next()?.kind(), metadata.next()?.as_i64()?) else { return None };
        *unit = names::place_of(text_of(Text::new(name)?), UNITS)?;
    }
    Some(scalar)
}

/// So many weeks, days, and so on; the nanoseconds that a timedelta cannot hold are apart.
#[inline(never)]
fn in_units(number: i64, unit: usize) -> Option<(Timedelta, i64)> {
    let (seconds, microseconds, nanoseconds) = match ([604_800, 86_400, 3600, 60, 1].get(unit), unit) {
        (Some(seconds), _) => (number.checked_mul(*seconds)?, 0, 0),
        (None, 5) => (0, number.checked_mul(1000)?, 0),
        (None, 6) => (0, number, 0),
        _ => (0, number.div_euclid(1000), number.rem_euclid(1000)),
    };
    Some((Timedelta::new(0, seconds, microseconds)?, nanoseconds))
}

/// `_unpickle(c_int, ({}, bytes))`
fn c_scalar<'a>(made: &Made<'a>) -> Option<Scalar<'a>> {
    let name = text_of(class_of(made.first()?)?.name);
    let kind = C_KINDS.get(names::place_of(name, C_TYPES)?.saturating_mul(2)..)?.get(..2)?;
    scalar_of(kind, name, at_path("1.1", made)?, false, Origin::C)
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

fn type_name(kind: &str) -> Option<&'static str> {
    let kind = if kind.starts_with(['U', 'S']) { kind.get(..1)? } else { kind };
    TYPES.split(' ').find_map(|name| name.strip_prefix(kind)?.strip_prefix('='))
}

impl<'a> Scalar<'a> {
    fn plain(&self) -> Option<Value<'a>> {
        match self.value {
            _ if self.origin == Origin::C => None,
            Number::Bool(value) => Some(Value::bool(value)),
            Number::Int(value) => Some(Value::int(value)),
            Number::Unsigned(value) => i64::try_from(value).ok().map(Value::int),
            value => value.float().map(Value::float),
        }
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

impl<'a> Printer<'a, '_, '_> {
    /// Prints one of these.
    pub(super) fn package(&mut self, package: Package<'a>, is_str: bool) {
        match package {
            Package::Array { name, shape } => {
                self.plan_format("<numpy.ndarray object: %S, shape %R>", &[Value::text(Text::from(name)), shape]);
            }
            Package::Duration(delta, nanoseconds) => {
                self.out.push_number(if is_str { "" } else { "Timedelta('" }, delta.days, 0);
                self.out.push_str(if delta.days < 0 { " days +" } else { " days " });
                delta.clock.push(2, &mut self.out);
                push_nanoseconds(nanoseconds, delta.clock, &mut self.out);
                self.out.push_str(if is_str { "" } else { "')" });
            }
            Package::Pytz(mut zone) if is_str => self.plan_format("%S", &[zone.next().unwrap_or(Value::none())]),
            Package::Pytz(zone) => self.pytz(zone),
            Package::Scalar(scalar) => self.numpy_scalar(scalar, is_str),
            Package::Translated(text) => self.plan_format(if is_str { "%S" } else { "%R" }, &[text]),
            Package::Url(url) => match url_parts(&url) {
                Some(parts) => self.url(parts),
                None => self.out.push_str("<sqlalchemy.engine.url.URL object>"),
            },
        }
    }

    /// `<DstTzInfo 'Europe/Berlin' CEST+2:00:00 DST>`, `<StaticTzInfo 'Etc/GMT+5'>`
    fn pytz(&mut self, mut zone: Items<'a>) {
        let [key, offset, summer, name] = [(); 4].map(|()| zone.next().unwrap_or(Value::none()));
        let Some(offset) = offset.as_i64().and_then(|seconds| Timedelta::new(0, seconds, 0)) else {
            return self.plan_format("<StaticTzInfo %R>", &[key]);
        };
        let is_summer = summer.as_i64() != Some(0);
        self.plan([Task::Literal(if is_summer { " DST>" } else { " STD>" })]);
        let _ = write!(self.out, "<DstTzInfo ");
        string::repr(key.as_text().unwrap_or(Text::from("")), &mut self.out);
        self.out.push_str(" ");
        self.out.push(name.as_text().unwrap_or(Text::from("")));
        self.out.push_str(if offset.days < 0 || offset == Timedelta::ZERO { "" } else { "+" });
        offset.push(&mut self.out);
    }

    fn numpy_scalar(&mut self, scalar: Scalar<'a>, is_str: bool) {
        let (before, after) = match (scalar.origin, scalar.value) {
            (Origin::C, _) => (["", scalar.name, "("], ")"),
            (origin, Number::Moment(..)) if !is_str => {
                ([if origin == Origin::Numpy1 { "numpy." } else { "np." }, scalar.name, "('"], "')")
            }
            (Origin::Numpy2, Number::Bool(_)) if !is_str => (["np.", "", ""], "_"),
            (Origin::Numpy2, _) if !is_str => (["np.", scalar.name, "("], ")"),
            _ => ([""; 3], ""),
        };
        before.iter().for_each(|part| self.out.push_str(part));
        match scalar.value {
            Number::Bool(value) => self.out.push_str(if value { "True" } else { "False" }),
            Number::Bytes(bytes) => {
                self.out.writer.charge(bytes.len() / DECODED_BYTES_A_UNIT);
                string::repr_bytes(without_zeros(bytes), self.out.writer);
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
                match is_str {
                    true => self.out.push(text),
                    false => string::repr(text, &mut self.out),
                }
            }
        }
        self.out.push_str(after);
    }

    /// `postgresql://ada:***@db:5432/x?a=1`
    #[inline(never)]
    fn url(&mut self, [driver, user, password, host, port, database, query]: [Value<'a>; 7]) {
        let is_v6 = host.as_text().is_some_and(|host| host.as_bytes().contains(&b':'));
        self.part("", driver, None, "://");
        self.part("", user, Some(" +"), if password.is_none() { "@" } else { ":***@" });
        self.part(if is_v6 { "[" } else { "" }, host, None, if is_v6 { "]" } else { "" });
        self.part(":", port, None, "");
        self.part("/", database, Some(" +/"), "");
        let query = match query.kind() {
            Kind::Object(query) => Made::of(&query).and_then(|made| made.first()).unwrap_or(Value::none()),
            _ => query,
        };
        let Kind::Dict(pairs) = query.kind() else { return };
        let mut separator = "?";
        for (name, value) in (Entries::Sorted { all: pairs, last: None, attribute: "" }) {
            let (mut one, mut several) = match value.kind() {
                Kind::List(several) | Kind::Tuple(several) => (None, several),
                _ => (Some(value), Items::none()),
            };
            while let Some(value) = one.take().or_else(|| several.next()) {
                // What is None leaves nothing behind.
                self.out.writer.charge(UNITS_A_QUERY);
                if self.out.writer.is_cut() {
                    return;
                }
                self.part(separator, name, Some(""), "=");
                self.part("", value, Some(""), "");
                separator = "&";
            }
        }
    }

    /// A part of a URL, if it is there, and what stands around it: quoted as by `urllib.parse.quote` but for these bytes, as by `quote_plus`
    /// but for none.
    #[inline(never)]
    fn part(&mut self, before: &str, part: Value<'a>, safe: Option<&str>, after: &str) {
        let (text, number) = (part.as_text(), part.as_i64());
        if text.is_some() || number.is_some() {
            self.out.push_str(before);
            let text = text.unwrap_or(Text::from(""));
            match safe {
                None => self.out.push(text),
                Some(safe) => {
                    self.out.writer.charge(text.as_bytes().len().saturating_mul(UNITS_A_QUOTED_BYTE));
                    if !self.out.writer.is_cut() {
                        text.as_bytes().iter().for_each(|&byte| self.quoted(byte, safe));
                    }
                }
            }
            number.into_iter().for_each(|number| _ = write!(self.out, "{number}"));
            self.out.push_str(after);
        }
    }
}

impl Printer<'_, '_, '_> {
    fn quoted(&mut self, byte: u8, safe: &str) {
        let is_safe = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || safe.as_bytes().contains(&byte);
        match byte {
            b' ' if safe.is_empty() => self.out.push_str("+"),
            _ if is_safe => self.out.writer.push_code_point(byte.into()),
            _ => _ = write!(self.out, "%{byte:02X}"),
        }
    }
}

/// Driver, user, password, host, port, database and query of a URL.
fn url_parts<'a>(url: &Made<'a>) -> Option<[Value<'a>; 7]> {
    let parts = url.tuple().map(|args| Made { args, ..*url }).and_then(|parts| parts.exactly());
    // Up to 1.3 they are attributes.
    let named = |_| URL_PARTS.map(|part| url.attribute(part).unwrap_or(Value::none()));
    parts.or_else(|| url.attribute("drivername").map(named))
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
    let moment = in_units(number, unit).and_then(|(since, nanoseconds)| Some((since.since_1970()?, nanoseconds)));
    match moment {
        _ if number == i64::MIN => out.push_str("NaT"),
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
    u8=uint64 M8=datetime64 S=bytes_ U=str_";

/// Its units of time, but for hours, which are told in `repr()`.
const UNITS: &str = "W D - m s ms us ns";

/// What `ctypes` calls its types, and what they are on most systems.
const C_TYPES: &str = "c_bool c_byte c_double c_float c_int c_long c_short c_ubyte c_uint c_ulong c_ushort";
const C_KINDS: &str = "b1i1f8f4i4i8i2u1u4u8u2";

/// What it costs to find the digits of a number of 16 or 32 bits, in units of a meter.
const UNITS_OF_SHORT: usize = 120;
const UNITS_A_BIT: usize = 6;

/// So many bytes of UTF-32 are decoded in the time of a unit.
const DECODED_BYTES_A_UNIT: usize = 4;

/// What it costs to quote a byte of a URL.
const UNITS_A_QUOTED_BYTE: usize = 2;

/// What it costs to print a name of a URL's query, in units of a meter.
const UNITS_A_QUERY: usize = 4;

/// Those of a URL as attributes.
const URL_PARTS: [&str; 7] = ["drivername", "username", "password_original", "host", "port", "database", "query"];
