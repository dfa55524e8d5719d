//! How severe a record is: [`LogRecord::level`], and the names of levels.

use super::{Field, LogRecord};
use crate::decode::{Kind, Node, Value};

impl LogRecord<'_> {
    /// The number that handlers compare with their levels: `levelno`, if it is a number, or an enum's member, which comes as its class
    /// and its value.
    #[inline]
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "rounding to nearest is what float() does")]
    pub fn level(&self) -> Option<f64> {
        match self.sent(Field::LevelNo).node() {
            Node::Int(level) => Some(level as f64),
            _ => level_of(self.field(Field::LevelNo)),
        }
    }
}

/// Which of the five ranges a level is in, from the one below INFO to the one from CRITICAL upwards; what has no level counts as INFO.
#[inline]
pub const fn range_of(level: Option<f64>) -> usize {
    match level {
        Some(50.0..) => 4,
        Some(40.0..) => 3,
        Some(30.0..) => 2,
        Some(20.0..) | None => 1,
        Some(_) => 0,
    }
}

/// The number of a level, by the name that `logging` has for it.
pub fn level_named(name: &str) -> Option<f64> {
    LEVELS.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
}

/// The names of levels.
pub const LEVELS: [(&str, f64); 8] = [
    ("DEBUG", 10.0),
    ("INFO", 20.0),
    ("WARNING", 30.0),
    ("WARN", 30.0),
    ("ERROR", 40.0),
    ("CRITICAL", 50.0),
    ("FATAL", 50.0),
    ("NOTSET", 0.0),
];

#[cold]
fn level_of(levelno: Value<'_>) -> Option<f64> {
    match levelno.kind() {
        Kind::BigInt(bytes) if bytes.last().is_some_and(|&byte| byte >= 0x80) => Some(f64::NEG_INFINITY),
        Kind::BigInt(_) => Some(f64::INFINITY),
        Kind::Object(object) => match object.args().kind() {
            Kind::Tuple(mut args) if args.len() == 1 => args.next()?.as_f64(),
            _ => None,
        },
        _ => levelno.as_f64(),
    }
}
