//! What a few packages outside the standard library print, where many records would tell nothing or too much without it.
//!
//! In: how an object was made. Out: NumPy's scalars as numbers and its arrays by type and shape; Django's lazy translations as the text
//! that they translate; pydantic's secrets and the password of SQLAlchemy's URLs as they print themselves, hidden. Facts: the packages'
//! pickles, as NumPy 1 and 2, Django 2 to 5, pydantic 1 and 2, SQLAlchemy 1.4 and 2 write them.

use super::made::{Made, attribute};
use super::names::text_of;
use crate::base::text::{Text, encode_code_point};
use crate::decode::{Items, Kind, Object, Value};
use crate::python::repr::{Printer, Task};
use crate::python::{float, string};
use std::fmt::Write;

/// One of NumPy's scalars.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar<'a> {
    value: Number<'a>,
    /// The name of its type.
    name: &'static str,
    /// NumPy 2 says the type in `repr()`.
    is_typed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Number<'a> {
    Bool(bool),
    Bytes(&'a [u8]),
    /// As the bits that it was stored in, and as a float of 64.
    Float {
        half: Option<u16>,
        single: bool,
        value: f64,
    },
    Int(i64),
    /// UTF-32, and whether the most significant byte is the first.
    Text(&'a [u8], bool),
    Unsigned(u64),
}

/// An object of one of these packages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Package<'a> {
    /// `numpy.ndarray`
    Array { dtype: Text<'a>, shape: Value<'a> },
    /// Such as `numpy.int64`
    Scalar(Scalar<'a>),
    /// `pydantic.SecretStr` and `SecretBytes`
    Secret { class: Text<'a>, is_bytes: bool, is_empty: bool },
    /// A lazy translation of Django's: the text to be translated.
    Translation(Text<'a>),
    /// `sqlalchemy.engine.URL`: the elements of a tuple, or before 1.4 attributes.
    Url { parts: Items<'a>, attributes: Value<'a> },
}

/// Reads what REDUCE and BUILD would make.
pub(super) fn package<'a>(object: &Object<'a>, made: &Made<'a>) -> Option<Package<'a>> {
    let (module, name) = (text_of(made.class.module), text_of(made.class.name));
    match name {
        "scalar" if is_numpy(module) => scalar(made, module.starts_with("numpy._core")).map(Package::Scalar),
        "_reconstruct" if is_numpy(module) => {
            let Kind::Tuple(mut state) = object.state().kind() else { return None };
            let (_, shape, dtype) = (state.next()?, state.next()?, state.next()?);
            Some(Package::Array { dtype: dtype_name(dtype)?, shape })
        }
        "_frombuffer" if is_numpy(module) => {
            let mut args = made.args;
            let (_, dtype, shape) = (args.next()?, args.next()?, args.next()?);
            Some(Package::Array { dtype: dtype_name(dtype)?, shape })
        }
        "SecretStr" | "SecretBytes" if module.starts_with("pydantic") => {
            let is_empty = !attribute(object.state(), "_secret_value")?.is_truthy();
            Some(Package::Secret { class: made.class.name, is_bytes: name == "SecretBytes", is_empty })
        }
        "URL" if module == "sqlalchemy.engine.url" => {
            Some(Package::Url { parts: made.tuple().unwrap_or(Items::none()), attributes: object.state() })
        }
        "_lazy_proxy_unpickle" if module == "django.utils.functional" => translation(made).map(Package::Translation),
        _ => None,
    }
}

impl<'a> Package<'a> {
    /// The builtin value that it is under number conversions and in JSON, if there is one: of an integer, one of no more than 64 bits.
    pub fn plain(&self) -> Option<Value<'a>> {
        match self {
            Package::Scalar(scalar) => scalar.plain(),
            Package::Translation(text) => Some(Value::text(*text)),
            _ => None,
        }
    }

    /// True for a number of NumPy's of which the `str()` is one in JSON as well.
    pub fn is_number(&self) -> bool {
        match self {
            Package::Scalar(Scalar { value: Number::Float { value, .. }, .. }) => value.is_finite(),
            Package::Scalar(Scalar { value, .. }) => matches!(value, Number::Int(_) | Number::Unsigned(_)),
            _ => false,
        }
    }
}

fn is_numpy(module: &str) -> bool {
    matches!(module, "numpy.core.multiarray" | "numpy._core.multiarray" | "numpy.core.numeric" | "numpy._core.numeric")
}

/// `_lazy_proxy_unpickle(gettext, ('New',), {}, str)`
fn translation<'a>(made: &Made<'a>) -> Option<Text<'a>> {
    let mut args = made.args;
    let (Kind::Global(function), Kind::Tuple(mut texts)) = (args.next()?.kind(), args.next()?.kind()) else {
        return None;
    };
    let text = match text_of(function.name) {
        "gettext" | "ugettext" => texts.next()?,
        "pgettext" => texts.nth(1)?,
        _ => return None,
    };
    text.as_text()
}

/// `scalar(dtype('f8', False, True), bytes)`
fn scalar<'a>(made: &Made<'a>, is_typed: bool) -> Option<Scalar<'a>> {
    let [dtype, bytes] = made.exactly()?;
    let (kind, is_big_endian) = dtype_of(dtype)?;
    let name = type_name(kind)?;
    let value = match (bytes.kind(), kind.split_at_checked(1)?) {
        (Kind::Bytes(bytes), ("U", _)) => Number::Text(bytes, is_big_endian),
        (Kind::Bytes(bytes), ("S", _)) => Number::Bytes(bytes),
        (_, (letter, size)) => number(letter, size.parse().ok()?, bytes, is_big_endian)?,
    };
    Some(Scalar { value, name, is_typed })
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
        ("i", _) => Number::Int(i64::from_le_bytes(number).wrapping_shl(shift).wrapping_shr(shift)),
        ("u", _) => Number::Unsigned(u64::from_le_bytes(number)),
        ("f", 2) => {
            let half = u16::from_le_bytes([b0, b1]);
            Number::Float { half: Some(half), single: false, value: value_of_half(half) }
        }
        ("f", 4) => Number::Float { half: None, single: true, value: f32::from_le_bytes([b0, b1, b2, b3]).into() },
        ("f", 8) => Number::Float { half: None, single: false, value: f64::from_le_bytes(number) },
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
    Some((made.first()?.as_text()?.as_str()?, is_big_endian))
}

fn dtype_name(dtype: Value<'_>) -> Option<Text<'_>> {
    let (kind, _) = dtype_of(dtype)?;
    Some(Text::from(type_name(kind).filter(|_| !kind.starts_with(['U', 'S'])).unwrap_or(kind)))
}

fn type_name(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "b1" => "bool",
        "i1" => "int8",
        "i2" => "int16",
        "i4" => "int32",
        "i8" => "int64",
        "u1" => "uint8",
        "u2" => "uint16",
        "u4" => "uint32",
        "u8" => "uint64",
        "f2" => "float16",
        "f4" => "float32",
        "f8" => "float64",
        _ if kind.starts_with('U') => "str_",
        _ if kind.starts_with('S') => "bytes_",
        _ => return None,
    })
}

impl<'a> Scalar<'a> {
    fn plain(&self) -> Option<Value<'a>> {
        match self.value {
            Number::Bool(value) => Some(Value::bool(value)),
            Number::Float { value, .. } => Some(Value::float(value)),
            Number::Int(value) => Some(Value::int(value)),
            Number::Unsigned(value) => i64::try_from(value).ok().map(Value::int),
            Number::Bytes(_) | Number::Text(..) => None,
        }
    }
}

impl<'a> Printer<'a, '_, '_> {
    /// Prints, or plans, one of these: an array as `<numpy.ndarray float64 (2, 3)>`.
    pub(super) fn package(&mut self, package: Package<'a>, is_str: bool) {
        match package {
            Package::Array { dtype, shape } => {
                self.out.push_str("<numpy.ndarray ");
                self.out.push(dtype);
                self.plan_format(" %R>", &[shape]);
            }
            Package::Scalar(scalar) => self.numpy_scalar(scalar, is_str),
            Package::Secret { class, is_bytes, is_empty } => self.secret(class, is_bytes, is_empty, is_str),
            Package::Translation(text) if is_str => self.out.push(text),
            Package::Translation(text) => string::repr(text, &mut self.out),
            Package::Url { parts, attributes } => self.url(parts, attributes),
        }
    }

    fn numpy_scalar(&mut self, scalar: Scalar<'a>, is_str: bool) {
        let is_typed = scalar.is_typed && !is_str;
        if let Number::Bool(value) = scalar.value {
            let name = if value { "True" } else { "False" };
            let (before, after) = if is_typed { ("np.", "_") } else { ("", "") };
            let _ = write!(self.out, "{before}{name}{after}");
            return;
        }
        if is_typed {
            let _ = write!(self.out, "np.{}(", scalar.name);
        }
        match scalar.value {
            Number::Bool(_) => {}
            Number::Bytes(bytes) => string::repr_bytes(without_zeros(bytes), self.out.writer),
            Number::Float { half: Some(half), .. } => {
                float::repr_of_digits(digits_of_half(half), value_of_half(half), self.out.writer)
            }
            Number::Float { single: true, value, .. } => {
                float::repr_of_digits(digits_of_single(value), value, self.out.writer)
            }
            Number::Float { value, .. } => float::repr(value, self.out.writer),
            Number::Int(value) => _ = write!(self.out, "{value}"),
            Number::Unsigned(value) => _ = write!(self.out, "{value}"),
            Number::Text(units, is_big_endian) => {
                let text = utf_32(units, is_big_endian);
                self.out.writer.charge(units.len().saturating_sub(text.len()));
                match is_str {
                    true => self.out.push(Text::checked_before(&text)),
                    false => string::repr(Text::checked_before(&text), &mut self.out),
                }
            }
        }
        self.out.push_str(if is_typed { ")" } else { "" });
    }

    /// `SecretStr('**********')`, `b'**********'`
    fn secret(&mut self, class: Text<'a>, is_bytes: bool, is_empty: bool, is_str: bool) {
        let stars = if is_empty { "" } else { "**********" };
        match (is_str, is_bytes) {
            (true, false) => self.out.push_str(stars),
            (true, true) => _ = write!(self.out, "b'{stars}'"),
            (false, _) => {
                self.out.push(class);
                let _ = write!(self.out, "({}'{stars}')", if is_bytes { "b" } else { "" });
            }
        }
    }

    /// `postgresql://user:***@host:5432/database?key=value`
    fn url(&mut self, mut parts: Items<'a>, attributes: Value<'a>) {
        let names = ["drivername", "username", "password_original", "host", "port", "database", "query"];
        let parts = names.map(|name| parts.next().or_else(|| attribute(attributes, name)).unwrap_or(Value::none()));
        let [driver, user, password, host, port, database, query] = parts;
        let mut tasks = vec![Task::Str(driver), Task::Literal("://")];
        if !user.is_none() {
            tasks.extend([Task::Str(user), Task::Literal(if password.is_none() { "@" } else { ":***@" })]);
        }
        if host.as_text().is_some_and(|host| host.as_bytes().contains(&b':')) {
            tasks.extend([Task::Literal("["), Task::Str(host), Task::Literal("]")]);
        } else if !host.is_none() {
            tasks.push(Task::Str(host));
        }
        if !port.is_none() {
            tasks.extend([Task::Literal(":"), Task::Str(port)]);
        }
        if !database.is_none() {
            tasks.extend([Task::Literal("/"), Task::Str(database)]);
        }
        let mut separator = "?";
        for (key, value) in query_of(query).into_iter().flatten().take(MAX_QUERY_KEYS) {
            let values: Items<'a> = match value.kind() {
                Kind::Tuple(values) | Kind::List(values) => values,
                _ => Items::none(),
            };
            let single = values.is_empty().then_some(value);
            for value in single.into_iter().chain(values.take(MAX_QUERY_KEYS)) {
                tasks.extend([Task::Literal(separator), Task::Str(key), Task::Literal("="), Task::Str(value)]);
                separator = "&";
            }
        }
        self.plan_all(tasks);
    }
}

/// The pairs of `immutabledict({…})`.
fn query_of(query: Value<'_>) -> Option<impl Iterator<Item = (Value<'_>, Value<'_>)>> {
    match query.kind() {
        Kind::Dict(pairs) => Some(pairs),
        Kind::Object(object) => match Made::of(&object)?.first()?.kind() {
            Kind::Dict(pairs) => Some(pairs),
            _ => None,
        },
        _ => None,
    }
}

/// UTF-32 as text, without the zeros that fill it up.
fn utf_32(units: &[u8], is_big_endian: bool) -> Vec<u8> {
    let mut text = Vec::new();
    let mut encoded = [0; 4];
    let units = units.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok());
    for unit in units.map(|unit| if is_big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }) {
        text.extend_from_slice(encode_code_point(unit, &mut encoded).as_bytes());
    }
    let kept = without_zeros(&text).len();
    text.truncate(kept);
    text
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.get(..kept).unwrap_or_default()
}

/// The value of an IEEE 754 number of 16 bits.
fn value_of_half(bits: u16) -> f64 {
    let (exponent, fraction) = (bits >> 10 & 0x1f, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f64.powi(i32::from(exponent).wrapping_sub(15)),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// The fewest digits that are nearer to this number than to its neighbours, and the exponent of the first.
fn digits_of_half(bits: u16) -> (String, i64) {
    let magnitude = bits & 0x7fff;
    let value = value_of_half(magnitude);
    let below = value_of_half(magnitude.saturating_sub(1));
    let above = value + (value - below);
    let is_this =
        |text: &str| text.parse::<f64>().is_ok_and(|read| read > (value + below) / 2.0 && read < (value + above) / 2.0);
    let shortest = (0..5_usize).map(|places| format!("{value:.places$e}")).find(|text| value == 0.0 || is_this(text));
    float::digits_of(&shortest.unwrap_or_else(|| format!("{value:e}")))
}

/// The same of a number of 32 bits.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "it was one of 32 bits")]
fn digits_of_single(value: f64) -> (String, i64) {
    float::digits_of(&format!("{:e}", (value as f32).abs()))
}

/// So many of a URL's parameters are shown.
const MAX_QUERY_KEYS: usize = 64;
