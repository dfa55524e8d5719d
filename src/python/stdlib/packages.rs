//! What a few packages outside the standard library print, where many records would tell nothing or too much without it.
//!
//! In: how an object was made. Out: NumPy's scalars, and the type and the shape of its arrays; moments of pandas and pendulum; SQLAlchemy's
//! URLs without their passwords; Django's texts before they are translated; pytz's zones. What prints by a template is in `templates.txt`.
//! Facts: the packages' pickles, as NumPy 1 and 2, SQLAlchemy 1.4 and 2 write them.

use super::datetime::{Clock, Date, Time, Timedelta, packed, unpack};
use super::entries::Entries;
use super::made::Made;
use super::names::{self, text_of};
use super::scalars::{self, Scalar, in_units};
use super::zones;
use crate::base::text::Text;
use crate::decode::{Items, Kind, Value};
use crate::python::repr::{Printer, Task};
use crate::python::string;
use crate::python::string::Sink;
use std::fmt::Write;

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
        "_unpickle" if module == "_ctypes" => Scalar::of_ctypes(made).map(Package::Scalar),
        "scalar" if is_numpy(module) => Scalar::of_numpy(made).map(Package::Scalar),
        "_reconstruct" if is_numpy(module) => {
            let Kind::Tuple(mut state) = made.state.kind() else { return None };
            let (shape, dtype) = (state.nth(1)?, state.next()?);
            Some(Package::Array { name: scalars::name_of(dtype)?, shape })
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
            Package::Scalar(scalar) => scalar.is_text(),
            _ => matches!(self, Package::Translated(_)),
        }
    }

    /// True for a number of NumPy's of which the `str()` is one in JSON as well.
    pub fn is_number(&self) -> bool {
        matches!(self, Package::Scalar(scalar) if scalar.is_number())
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
            Package::Scalar(scalar) => self.scalar(scalar, is_str),
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

/// What it costs to quote a byte of a URL.
const UNITS_A_QUOTED_BYTE: usize = 2;

/// What it costs to print a name of a URL's query, in units of a meter.
const UNITS_A_QUERY: usize = 4;

/// Those of a URL as attributes.
const URL_PARTS: [&str; 7] = ["drivername", "username", "password_original", "host", "port", "database", "query"];
