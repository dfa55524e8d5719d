//! How severe a record is: [`LogRecord::level`].

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
