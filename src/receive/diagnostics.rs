//! What the receiver says of itself, by the `log` facade.

use std::fmt;

use log::Level;

use crate::base::text::plural;

#[track_caller]
pub(super) fn say(level: Level, line: fmt::Arguments<'_>) {
    log::log!(target: "jackdaws", level, "{line}");
}

pub(super) fn plural_of(count: usize) -> &'static str {
    plural(u64::try_from(count).unwrap_or(u64::MAX))
}
