//! `datetime.date`, `time`, `datetime`, `timedelta`, `timezone`.
//!
//! In: the arguments of a REDUCE: packed bytes (Python 2: a byte string), or the three numbers of a timedelta. Out: the
//! fields, and `str()` as Python prints it. Refused, with `None`: what CPython refuses; it then prints as any object does.
//! The offset of an aware datetime is [`super::zones`]' business.
//! Facts: CPython's `Modules/_datetimemodule.c`.

use crate::base::text::Text;
use crate::decode::{Kind, Value};
use crate::python::stdlib::classes::Class;
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names::text_of;
use crate::python::string::{self, Sink};
use std::fmt::{self, Write};

/// A `datetime.date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    /// 1 to 9999
    pub year: u16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

/// A `datetime.time`, or that part of a `datetime.datetime`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time<'a> {
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 59
    pub second: u8,
    /// 0 to 999,999
    pub microsecond: u32,
    /// 1 for the later of two equal wall clock times, else 0.
    pub fold: u8,
    /// `None` if naive.
    pub tzinfo: Value<'a>,
}

/// A `datetime.timedelta`, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timedelta(i128);

/// A `datetime.timezone`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timezone<'a> {
    pub offset: Timedelta,
    pub name: Option<Text<'a>>,
}

/// Reads what REDUCE would call.
pub(in crate::python) fn classify_made<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let mut args = made.args;
    let (first, second) = (args.next()?, args.next());
    match text_of(made.class.name) {
        "date" => Date::unpack(packed(first)?).map(Class::Date),
        "time" => Time::unpack(packed(first)?, second).map(Class::Time),
        "datetime" => unpack(packed(first)?, second).map(|(date, time)| Class::Datetime(date, time, *made)),
        "timedelta" => Timedelta::new(made.exactly()?).map(Class::Timedelta),
        "timezone" => {
            let offset = Timedelta::of(first)?;
            let name = second.map(|name| name.as_text().ok_or(())).transpose().ok()?;
            let timezone = Timezone { offset, name };
            offset.is_offset().then_some(Class::Timezone(timezone))
        }
        _ => None,
    }
}

/// The offset of UTC or a `datetime.timezone`.
pub(super) fn offset_of(tzinfo: Value<'_>) -> Option<Timedelta> {
    let Kind::Object(object) = tzinfo.kind() else { return None };
    let made = Made::of(&object)?;
    match made.class.module == *"datetime" {
        true => Timedelta::of(made.first()?).filter(|offset| offset.is_offset()),
        false => made.class.is("pytz", "_UTC").then_some(Timedelta::ZERO),
    }
}

/// Date and time of a packed state, of whatever class.
pub(super) fn unpack<'a>(
    [year_high, year_low, month, day, time @ ..]: [u8; 10],
    tzinfo: Option<Value<'a>>,
) -> Option<(Date, Time<'a>)> {
    let time = Time::unpack(time, tzinfo)?;
    // Protocol 4 keeps the fold in the month's, a time's in the hour's top bit.
    let date = Date::unpack([year_high, year_low, month & 0x7f, day])?;
    Some((date, Time { fold: time.fold | month >> 7, ..time }))
}

/// The packed state: `bytes`, or what a Python 2 `str` became. That was taken as UTF-8 if it happened to be such, then its
/// own bytes have the right length; else as Latin-1, then its code points have.
pub(super) fn packed<const N: usize>(value: Value<'_>) -> Option<[u8; N]> {
    match value.kind() {
        Kind::Bytes(bytes) => bytes.try_into().ok(),
        Kind::Str(text) => text.as_bytes().try_into().ok().or_else(|| {
            let mut bytes = [0; N];
            let mut code_points = text.code_points();
            for byte in &mut bytes {
                *byte = code_points.next()?.try_into().ok()?;
            }
            code_points.next().is_none().then_some(bytes)
        }),
        _ => None,
    }
}

impl Date {
    fn unpack([year_high, year_low, month, day]: [u8; 4]) -> Option<Date> {
        let year = u16::from_be_bytes([year_high, year_low]);
        let is_valid = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        is_valid.then_some(Date { year, month, day })
    }
}

impl<'a> Time<'a> {
    fn unpack([hour, minute, second, high, middle, low]: [u8; 6], tzinfo: Option<Value<'a>>) -> Option<Time<'a>> {
        let (fold, hour) = (hour >> 7, hour & 0x7f);
        let microsecond = u32::from_be_bytes([0, high, middle, low]);
        let is_valid = hour < 24 && minute < 60 && second < 60 && microsecond < 1_000_000;
        let tzinfo = tzinfo.unwrap_or(Value::none());
        is_valid.then_some(Time { hour, minute, second, microsecond, fold, tzinfo })
    }
}

impl Timedelta {
    pub const ZERO: Timedelta = Timedelta(0);

    /// The one that an object is. It is not classified: a time zone's offset may be a time zone, of a time zone, and so on.
    pub fn of(value: Value<'_>) -> Option<Timedelta> {
        let Kind::Object(object) = value.kind() else { return None };
        let made = Made::of(&object).filter(|made| made.class.is("datetime", "timedelta"))?;
        Timedelta::new(made.exactly()?)
    }

    /// Of seconds, if a timedelta can hold so many.
    pub fn of_seconds(seconds: i64) -> Option<Timedelta> {
        Timedelta::of_microseconds(i128::from(seconds).checked_mul(MICROSECONDS_PER_SECOND)?)
    }

    /// True for what `utcoffset` may give: less than a day.
    pub fn is_offset(self) -> bool {
        self.0.abs() < MICROSECONDS_PER_DAY
    }

    /// Of days, seconds and microseconds.
    fn new(parts: [Value<'_>; 3]) -> Option<Timedelta> {
        let [days, seconds, microseconds] = parts.map(|part| part.as_i64().map(i128::from));
        let microseconds = days?
            .checked_mul(MICROSECONDS_PER_DAY)?
            .checked_add(seconds?.checked_mul(MICROSECONDS_PER_SECOND)?)?
            .checked_add(microseconds?)?;
        let timedelta = Timedelta(microseconds);
        (timedelta.days().saturating_abs() <= MAX_DAYS).then_some(timedelta)
    }

    /// Of microseconds, if a timedelta can hold so many.
    pub fn of_microseconds(microseconds: i128) -> Option<Timedelta> {
        let timedelta = Timedelta(microseconds);
        (timedelta.days().saturating_abs() <= MAX_DAYS).then_some(timedelta)
    }

    /// The sum, if a timedelta can hold it.
    pub(super) fn plus(self, other: Timedelta) -> Option<Timedelta> {
        Timedelta::of_microseconds(self.0.checked_add(other.0)?)
    }

    /// The day and the time of day so long after 1970 began.
    #[allow(clippy::arithmetic_side_effects, reason = "of a few million days at most")]
    pub(super) fn since_1970<'a>(self) -> Option<(Date, Time<'a>)> {
        // Howard Hinnant's `civil_from_days`: years begin in March, in eras of 400 years.
        let days = Some(self.days()).filter(|days| days.abs() < 4_000_000)? + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = u8::try_from(day - (153 * month + 2) / 5 + 1).ok()?;
        let year = year + era * 400 + i64::from(month > 9);
        let month = u8::try_from(if month > 9 { month - 9 } else { month + 3 }).ok()?;
        let [year_high, year_low] = u16::try_from(year).ok()?.to_be_bytes();
        let (seconds, microsecond) = (self.seconds(), u32::try_from(self.microseconds()).ok()?);
        let [hour, minute, second] = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(u8::try_from);
        let [_, high, middle, low] = microsecond.to_be_bytes();
        let time = Time::unpack([hour.ok()?, minute.ok()?, second.ok()?, high, middle, low], None)?;
        Some((Date::unpack([year_high, year_low, month, day])?, time))
    }

    /// Whole days, rounded down, as CPython normalises.
    pub fn days(self) -> i64 {
        // `MAX_DAYS` sees to it that they fit.
        self.0.div_euclid(MICROSECONDS_PER_DAY).try_into().unwrap_or(i64::MAX)
    }

    /// 0 to 86,399
    pub fn seconds(self) -> i64 {
        self.within_day() / 1_000_000
    }

    /// 0 to 999,999
    pub fn microseconds(self) -> i64 {
        self.within_day() % 1_000_000
    }

    /// Microseconds since the day began.
    fn within_day(self) -> i64 {
        self.0.rem_euclid(MICROSECONDS_PER_DAY).try_into().unwrap_or(0)
    }

    /// `datetime.timedelta(days=1, seconds=2)`
    pub(in crate::python) fn repr(self, out: &mut Sink<'_, '_>) {
        let parts = [("days", self.days()), ("seconds", self.seconds()), ("microseconds", self.microseconds())];
        let mut separator = "";
        out.push_str("datetime.timedelta(");
        for (name, value) in parts.into_iter().filter(|&(_, value)| value != 0) {
            let _ = write!(out, "{separator}{name}={value}");
            separator = ", ";
        }
        out.push_str(if self.0 == 0 { "0)" } else { ")" });
    }

    /// `+05:30`, with seconds and microseconds where there are some.
    pub(super) fn write_offset(self, out: &mut impl Write) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let offset = Timedelta(self.0.saturating_abs());
        let (minutes, seconds) = (offset.seconds().div_euclid(60), offset.seconds().rem_euclid(60));
        write!(out, "{sign}{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))?;
        match (seconds, offset.microseconds()) {
            (0, 0) => Ok(()),
            (seconds, 0) => write!(out, ":{seconds:02}"),
            (seconds, microseconds) => write!(out, ":{seconds:02}.{microseconds:06}"),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Without the time zone.
impl fmt::Display for Time<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.microsecond != 0 {
            write!(f, ".{:06}", self.microsecond)?;
        }
        Ok(())
    }
}

impl fmt::Display for Timedelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days();
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        let (minutes, seconds) = (self.seconds().div_euclid(60), self.seconds().rem_euclid(60));
        write!(f, "{}:{:02}:{seconds:02}", minutes.div_euclid(60), minutes.rem_euclid(60))?;
        if self.microseconds() != 0 {
            write!(f, ".{:06}", self.microseconds())?;
        }
        Ok(())
    }
}

impl Timezone<'_> {
    /// True for `datetime.timezone.utc` itself.
    pub fn is_utc(&self) -> bool {
        self.offset.0 == 0 && self.name.is_none()
    }

    /// `datetime.timezone.utc`, `datetime.timezone(datetime.timedelta(seconds=3600), 'CET')`
    pub(in crate::python) fn repr(&self, out: &mut Sink<'_, '_>) {
        if self.is_utc() {
            return out.push_str("datetime.timezone.utc");
        }
        out.push_str("datetime.timezone(");
        self.offset.repr(out);
        if let Some(name) = self.name {
            out.push_str(", ");
            string::repr(name, out);
        }
        out.push_str(")");
    }

    /// The name: as given, or else `UTC+05:30`.
    pub(in crate::python) fn str(&self, out: &mut Sink<'_, '_>) {
        match self.name {
            Some(name) => out.push(name),
            None => {
                out.push_str("UTC");
                if self.offset.0 != 0 {
                    let _ = self.offset.write_offset(out);
                }
            }
        }
    }
}

const MICROSECONDS_PER_SECOND: i128 = 1_000_000;
const MICROSECONDS_PER_DAY: i128 = 86_400 * MICROSECONDS_PER_SECOND;
/// `datetime.timedelta.max.days`
const MAX_DAYS: i64 = 999_999_999;
