//! How severe a record is: [`LogRecord::level`].

use super::{Field, LogRecord};
use crate::decode::{Kind, Value};

impl LogRecord<'_> {
    /// The number that handlers compare with their levels: `levelno`, if it is a number, or an enum's member, which comes as its class
    /// and its value.
    #[inline]
    pub fn level(&self) -> Option<f64> {
        let levelno = self.field(Field::LevelNo);
        levelno.as_f64().or_else(|| other_level(levelno))
    }
}

#[cold]
fn other_level(levelno: Value<'_>) -> Option<f64> {
    match levelno.kind() {
        Kind::BigInt(bytes) if bytes.last().is_some_and(|&byte| byte >= 0x80) => Some(f64::NEG_INFINITY),
        Kind::BigInt(_) => Some(f64::INFINITY),
        Kind::Object(object) => match object.args().kind() {
            Kind::Tuple(mut args) if args.len() == 1 => args.next()?.as_f64(),
            _ => None,
        },
        _ => None,
    }
}
