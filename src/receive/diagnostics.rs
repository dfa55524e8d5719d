//! What the receiver says of itself, by the `log` facade.

use std::fmt;

use log::Level;

#[track_caller]
pub(super) fn say(level: Level, line: fmt::Arguments<'_>) {
    log::log!(target: "jackdaws", level, "{line}");
}
