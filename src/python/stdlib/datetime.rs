//! `datetime.date`, `time`, `datetime`, `timedelta`, `timezone`.
//!
//! In: the arguments of a REDUCE: packed bytes (Python 2: a byte string), or the three numbers of a timedelta. Out: the
//! fields, and `str()` as Python prints it. Refused, with `None`: what CPython refuses; it then prints as any object does.
//! The offset of an aware datetime is [`super::zones`]' business.
//! Facts: CPython's `Modules/_datetimemodule.c`.

use crate::base::text::{Text, TextWriter};
use crate::decode::{Kind, Value};
use crate::python::stdlib::classes::Class;
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names::text_of;
use crate::python::string::{self, Sink};

/// A `datetime.date`: year, month and day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub [i64; 3]);

/// A `datetime.time`, or that part of a `datetime.datetime`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time<'a> {
    pub clock: Clock,
    /// 1 for the later of two equal wall clock times, else 0.
    pub fold: i64,
    /// `None` if naive.
    pub tzinfo: Value<'a>,
}

/// How much of a day is over, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock(i64);

/// A `datetime.timedelta`, normalised as CPython does it: only the days can be below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timedelta {
    pub days: i64,
    pub clock: Clock,
}

/// A `datetime.timezone`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timezone<'a> {
    pub offset: Timedelta,
    pub name: Option<Text<'a>>,
}

/// Reads what REDUCE would call.
pub(in crate::python) fn classify_made<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let (first, second) = (made.first()?, made.nth(1));
    match text_of(made.class.name) {
        "date" => Date::unpack(packed(first)?).map(|date| Class::Date(date, made.class)),
        "time" => Time::unpack(packed(first)?, second).map(Class::Time),
        "datetime" => unpack(packed(first)?, second).map(|(date, time)| Class::Datetime(date, time, *made)),
        "timedelta" => Timedelta::of_args(made).map(Class::Timedelta),
        "timezone" => {
            let offset = Timedelta::of(first)?;
            let name = second.map(|name| name.as_text().ok_or(())).transpose().ok()?;
            let timezone = Timezone { offset, name };
            offset.is_offset().then_some(Class::Timezone(timezone))
        }
        _ => None,
    }
}

/// Writes a datetime's `isoformat()`.
pub(crate) fn isoformat(datetime: Value<'_>, out: &mut TextWriter<'_>) {
    let mut shown = out.aside(&mut |out| crate::python::str(datetime, out));
    shown.iter_mut().filter(|byte| **byte == b' ').for_each(|space| *space = b'T');
    out.push(Text::known_valid(&shown));
}

/// Date and time of a packed state, of whatever class.
pub(super) fn unpack<'a>(
    [year_high, year_low, month, day, time @ ..]: [u8; 10],
    tzinfo: Option<Value<'a>>,
) -> Option<(Date, Time<'a>)> {
    let time = Time::unpack(time, tzinfo)?;
    // Protocol 4 keeps the fold in the month's, a time's in the hour's top bit.
    let date = Date::unpack([year_high, year_low, month & 0x7f, day])?;
    Some((date, Time { fold: time.fold | i64::from(month >> 7), ..time }))
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
    pub(super) fn unpack([year_high, year_low, month, day]: [u8; 4]) -> Option<Date> {
        Date::new([u16::from_be_bytes([year_high, year_low]).into(), month.into(), day.into()])
    }

    pub(super) fn new(fields: [i64; 3]) -> Option<Date> {
        let [year, month, day] = fields;
        let is_valid = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        is_valid.then_some(Date(fields))
    }

    /// `2024-07-01`
    pub(super) fn push(self, out: &mut Sink<'_, '_>) {
        let Date([year, month, day]) = self;
        out.push_number("", year, 4);
        out.push_number("-", month, 2);
        out.push_number("-", day, 2);
    }
}

impl<'a> Time<'a> {
    fn unpack([hour, minute, second, high, middle, low]: [u8; 6], tzinfo: Option<Value<'a>>) -> Option<Time<'a>> {
        let microsecond = u32::from_be_bytes([0, high, middle, low]);
        let clock = Clock::new([(hour & 0x7f).into(), minute.into(), second.into(), microsecond.into()])?;
        Some(Time { clock, fold: (hour >> 7).into(), tzinfo: tzinfo.unwrap_or(Value::none()) })
    }
}

impl Clock {
    /// Of hour, minute, second and microsecond.
    #[allow(clippy::arithmetic_side_effects, reason = "of a day at most")]
    pub(super) fn new([hour, minute, second, microsecond]: [i64; 4]) -> Option<Clock> {
        let is_valid = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..1_000_000).contains(&microsecond);
        is_valid.then(|| Clock(((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond))
    }

    /// Hour, minute, second and microsecond.
    pub fn fields(self) -> [i64; 4] {
        let seconds = self.seconds();
        [seconds / 3600, seconds / 60 % 60, seconds % 60, self.microseconds()]
    }

    /// 0 to 86,399
    pub fn seconds(self) -> i64 {
        self.0 / 1_000_000
    }

    /// 0 to 999,999
    pub fn microseconds(self) -> i64 {
        self.0 % 1_000_000
    }

    /// `01:02:03.000004`: microseconds where there are some, an hour of so many digits at least.
    pub(super) fn push(self, hour_digits: usize, out: &mut Sink<'_, '_>) {
        let [hour, minute, second, microsecond] = self.fields();
        out.push_number("", hour, hour_digits);
        out.push_number(":", minute, 2);
        out.push_number(":", second, 2);
        if microsecond != 0 {
            out.push_number(".", microsecond, 6);
        }
    }
}

impl Timedelta {
    pub const ZERO: Timedelta = Timedelta { days: 0, clock: Clock(0) };

    /// The one that an object is. It is not classified: a time zone's offset may be a time zone, of a time zone, and so on.
    pub fn of(value: Value<'_>) -> Option<Timedelta> {
        let Kind::Object(object) = value.kind() else { return None };
        let made = Made::of(&object).filter(|made| made.class.is("datetime", "timedelta"))?;
        Timedelta::of_args(&made)
    }

    fn of_args(made: &Made<'_>) -> Option<Timedelta> {
        let [days, seconds, microseconds] = made.exactly()?.map(Value::as_i64);
        Timedelta::new(days?, seconds?, microseconds?)
    }

    /// Of so many, if a timedelta can hold them.
    #[allow(clippy::arithmetic_side_effects, reason = "of a day at most")]
    #[inline(never)]
    pub fn new(days: i64, seconds: i64, microseconds: i64) -> Option<Timedelta> {
        let seconds = seconds.checked_add(microseconds.div_euclid(1_000_000))?;
        let days = days.checked_add(seconds.div_euclid(86_400))?;
        let clock = Clock(seconds.rem_euclid(86_400) * 1_000_000 + microseconds.rem_euclid(1_000_000));
        (days.saturating_abs() <= MAX_DAYS).then_some(Timedelta { days, clock })
    }

    /// The sum, if a timedelta can hold it.
    #[allow(clippy::arithmetic_side_effects, reason = "of two billion days at most")]
    pub(super) fn plus(self, other: Timedelta) -> Option<Timedelta> {
        Timedelta::new(self.days + other.days, 0, self.clock.0 + other.clock.0)
    }

    /// True for what `utcoffset` may give: less than a day.
    pub fn is_offset(self) -> bool {
        self.days == 0 || self.days == -1 && self.clock.0 > 0
    }

    /// The day and the time of day so long after 1970 began.
    #[allow(clippy::arithmetic_side_effects, reason = "of a few million days at most")]
    pub(super) fn since_1970(self) -> Option<(Date, Clock)> {
        // Howard Hinnant's `civil_from_days`: years begin in March, in eras of 400 years.
        let days = Some(self.days).filter(|days| days.abs() < 4_000_000)? + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = year + era * 400 + i64::from(month > 9);
        let month = if month > 9 { month - 9 } else { month + 3 };
        Some((Date::new([year, month, day])?, self.clock))
    }

    /// `1 day, 0:00:02`
    pub(super) fn push(self, out: &mut Sink<'_, '_>) {
        if self.days != 0 {
            out.push_number("", self.days, 0);
            out.push_str(if self.days.abs() == 1 { " day, " } else { " days, " });
        }
        self.clock.push(0, out);
    }

    /// `datetime.timedelta(days=1, seconds=2)`
    pub(in crate::python) fn repr(self, out: &mut Sink<'_, '_>) {
        let parts =
            [("days=", self.days), ("seconds=", self.clock.seconds()), ("microseconds=", self.clock.microseconds())];
        let mut separator = "";
        out.push_str("datetime.timedelta(");
        for (name, value) in parts.into_iter().filter(|&(_, value)| value != 0) {
            out.push_str(separator);
            out.push_number(name, value, 0);
            separator = ", ";
        }
        out.push_str(if self == Timedelta::ZERO { "0)" } else { ")" });
    }

    /// `+05:30`, with seconds and microseconds where there are some.
    #[allow(clippy::arithmetic_side_effects, reason = "of a day at most")]
    pub(super) fn push_offset(self, out: &mut Sink<'_, '_>) {
        let magnitude = if self.days < 0 { MICROSECONDS_PER_DAY - self.clock.0 } else { self.clock.0 };
        let [hour, minute, second, microsecond] = Clock(magnitude).fields();
        out.push_number(if self.days < 0 { "-" } else { "+" }, hour, 2);
        out.push_number(":", minute, 2);
        if second != 0 || microsecond != 0 {
            out.push_number(":", second, 2);
        }
        if microsecond != 0 {
            out.push_number(".", microsecond, 6);
        }
    }
}

impl Timezone<'_> {
    /// `datetime.timezone.utc`, `datetime.timezone(datetime.timedelta(seconds=3600), 'CET')`
    pub(in crate::python) fn repr(&self, out: &mut Sink<'_, '_>) {
        if self.offset == Timedelta::ZERO && self.name.is_none() {
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
            Some(name) => return out.push(name),
            None => out.push_str("UTC"),
        }
        if self.offset != Timedelta::ZERO {
            self.offset.push_offset(out);
        }
    }
}

impl Sink<'_, '_> {
    /// Appends `before`, then a number of at least so many digits, zeros before it.
    pub(super) fn push_number(&mut self, before: &str, number: i64, digits: usize) {
        self.push_str(before);
        self.push_str(if number < 0 { "-" } else { "" });
        let (mut text, mut rest, mut length) = ([b'0'; 20], number.unsigned_abs(), 0_usize);
        for place in text.iter_mut().rev() {
            if rest == 0 && length >= digits.max(1) {
                break;
            }
            *place = b'0'.wrapping_add(u8::try_from(rest % 10).unwrap_or_default());
            (rest, length) = (rest / 10, length.wrapping_add(1));
        }
        let start = text.len().saturating_sub(length);
        self.push(Text::known_valid(text.get(start..).unwrap_or_default()));
    }
}

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
/// `datetime.timedelta.max.days`
const MAX_DAYS: i64 = 999_999_999;
