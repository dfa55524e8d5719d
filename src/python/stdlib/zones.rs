//! Time zones, as far as their pickles tell: the offset that follows an aware datetime or time.
//!
//! In: a `tzinfo`. Out: `+02:00` where the pickle holds the offset: `datetime.timezone`, UTC by any name, `Etc/GMT+5`, pytz,
//! dateutil's tzoffset, the fixed offsets of psycopg2, bson, Django and others. For any other zone its name or else its class
//! follows in brackets, `2024-07-01 12:00:00[Europe/Berlin]`: a time without anything would look naive. No file is read for a
//! zone: a key is the peer's. Facts: the zones' pickles.

use super::datetime::{Date, Timedelta};
use super::made::{Made, attribute};
use super::names;
use crate::base::digits;
use crate::base::text::Text;
use crate::decode::{Global, Kind, Object, Value};
use crate::python::string::Sink;

/// What is known of a zone.
enum Zone<'a> {
    /// The offset from UTC.
    Offset(Timedelta),
    /// Without a date it has no offset in Python either.
    OffsetOnlyAtDates(Timedelta),
    /// A key of the time zone database, or a file of it.
    Named(Text<'a>),
    /// The class, and nothing of it.
    Class(Global<'a>),
    Unknown,
}

/// Writes what follows an aware time in its `str()`, and in that of a time of this date; without one most zones have no offset.
pub(super) fn push_offset(tzinfo: Value<'_>, date: Option<Date>, out: &mut Sink<'_, '_>) {
    let Kind::Object(object) = tzinfo.kind() else { return };
    out.writer.charge(UNITS_A_ZONE);
    let zone = zone_of(&object, date);
    if let Zone::Offset(offset) | Zone::OffsetOnlyAtDates(offset) = zone {
        if date.is_some() || matches!(zone, Zone::Offset(_)) {
            offset.push_offset(out);
        }
        return;
    }
    // `datetime.time` asks its zone for an offset without a date, and a zone of the database has none.
    if date.is_none() && Made::of(&object).is_some_and(|made| made.class.module == *"zoneinfo") {
        return;
    }
    out.push_str("[");
    match zone {
        Zone::Named(name) => out.push(name),
        Zone::Class(class) => names::push_qualified(class, out),
        _ => out.push_str("?"),
    }
    out.push_str("]");
}

/// The offset that a zone has today, if its pickle tells.
pub(super) fn offset_of(tzinfo: Value<'_>) -> Option<Timedelta> {
    let Kind::Object(object) = tzinfo.kind() else { return None };
    match zone_of(&object, Some(Date([2024, 1, 1]))) {
        Zone::Offset(offset) | Zone::OffsetOnlyAtDates(offset) => Some(offset),
        _ => None,
    }
}

fn zone_of<'a>(object: &Object<'a>, date: Option<Date>) -> Zone<'a> {
    let Some(made) = Made::of(object) else { return Zone::Unknown };
    let class = made.class;
    let first = made.first();
    let of_timezone = first.and_then(as_offset).filter(|_| class.is("datetime", "timezone"));
    if let Some(offset) = of_timezone.or_else(|| fixed_offset(object, &made)) {
        return Zone::Offset(offset);
    }
    match (names::text_of(class.module), names::known_last_part(class.name)) {
        ("pytz", "_UTC") | (_, "tzutc" | "UTC") => Zone::Offset(Timedelta::ZERO),
        ("pytz", "_p") => {
            let offset = made.nth(1).and_then(Value::as_i64).and_then(|seconds| Timedelta::new(0, seconds, 0));
            match (offset.filter(|offset| offset.is_offset()), first.and_then(Value::as_text)) {
                (Some(offset), _) => Zone::OffsetOnlyAtDates(offset),
                (None, Some(key)) => by_key(key, date),
                (None, None) => Zone::Class(class),
            }
        }
        // `tzfile(None, name)`, `Timezone('Europe/Paris')`
        _ => made.args.take(2).find_map(Value::as_text).map_or(Zone::Class(class), |key| by_key(key, date)),
    }
}

/// The offset of a zone that has but one: an attribute that is called so, or the argument of a class that is.
fn fixed_offset<'a>(object: &Object<'a>, made: &Made<'a>) -> Option<Timedelta> {
    let class = made.class;
    let state = object.state();
    let mut names =
        ["_offset", "_FixedOffset__offset", "_UTCOffset__offset", "_utcoffset", "offset", "utcoffset"].iter();
    // pendulum has one of these in seconds, before that.
    if let Some(offset) = names.find_map(|name| attribute(state, name).and_then(as_offset)) {
        return Some(offset);
    }
    // dateutil's tzlocal and Celery's, where there is no other time in summer.
    let names = [["_std_offset", "_dst_offset"], ["STDOFFSET", "DSTOFFSET"]];
    for pair in names {
        let [standard, summer] = pair.map(|name| self::attribute(state, name).and_then(as_offset));
        if standard.is_some() && standard == summer {
            return standard;
        }
    }
    let name = names::known_last_part(class.name);
    let is_pydantic = class.is("pydantic_core._pydantic_core", "TzInfo");
    let is_named = is_pydantic || name == "FixedTimezone" || name == "tzoffset";
    if !is_named && !name.starts_with("FixedOffset") {
        return None;
    }
    // dateutil 4 calls `tzoffset(name, timedelta)`.
    let first = if name == "tzoffset" { made.nth(1)? } else { made.first()? };
    let Some(number) = first.as_i64() else { return as_offset(first) };
    // psycopg2 and pytz count minutes, pydantic seconds.
    let seconds = match names::text_of(class.module) {
        "psycopg2.tz" | "pytz" => number.checked_mul(60)?,
        _ if is_pydantic => number,
        _ => return None,
    };
    Timedelta::new(0, seconds, 0).filter(|offset| offset.is_offset())
}

fn as_offset(value: Value<'_>) -> Option<Timedelta> {
    Timedelta::of(value).filter(|offset| offset.is_offset())
}

/// A key of the time zone database: some tell their offset, three of them since clocks were last changed where they are kept.
fn by_key(key: Text<'_>, date: Option<Date>) -> Zone<'_> {
    let name = names::text_of(key);
    let name = name.strip_prefix("Etc/").unwrap_or(name);
    let is_settled = date.is_some_and(|Date([year, ..])| year > 1968);
    let hours = match name {
        "EST" if is_settled => Some(5),
        "MST" if is_settled => Some(7),
        "HST" if is_settled => Some(10),
        "UTC" | "UCT" | "Zulu" | "Universal" | "Greenwich" | "GMT" | "GMT0" | "GMT+0" | "GMT-0" => Some(0),
        // As POSIX has it, hours west of Greenwich are positive there.
        _ if key.as_bytes().starts_with(b"Etc/") => name.strip_prefix("GMT").and_then(|hours| {
            let is_number = hours.starts_with(['+', '-']) && (2..=3).contains(&hours.len());
            digits::parse::<i64>(hours).filter(|hours| is_number && (-14..=12).contains(hours))
        }),
        _ => None,
    };
    let offset = hours.and_then(|hours| Timedelta::new(0, hours.saturating_mul(-3600), 0));
    offset.map_or(Zone::Named(key), Zone::Offset)
}

/// What it costs to look at a zone, in units of a meter, beyond what its attributes cost.
const UNITS_A_ZONE: usize = 20;
