//! What the receiver says of itself, by the `log` facade.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use log::Level;

use crate::base::text::plural;

#[track_caller]
pub(super) fn say(level: Level, line: fmt::Arguments<'_>) {
    log::log!(target: "jackdaws", level, "{line}");
}

pub(super) fn plural_of(count: usize) -> &'static str {
    plural(u64::try_from(count).unwrap_or(u64::MAX))
}

/// An episode in which connections have to wait: said once, and tried again after pauses that grow.
#[derive(Debug)]
pub(super) struct Trouble {
    pause: Duration,
    pub until: Option<Instant>,
    pub is_said_to_be_full: bool,
}

impl Trouble {
    pub const fn new() -> Trouble {
        Trouble { pause: Duration::ZERO, until: None, is_said_to_be_full: false }
    }

    /// How long to wait before trying again; `None` if not at all.
    pub fn pause(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    pub fn begin(&mut self, what: impl fmt::Display, error: &io::Error) {
        if self.pause.is_zero() {
            say(Level::Error, format_args!("{what}: {error}; trying again until it works"));
        }
        self.pause = self.pause.saturating_mul(2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.until = Instant::now().checked_add(self.pause);
    }

    pub fn say_full(&mut self, most: usize) {
        if !self.is_said_to_be_full {
            say(Level::Warn, format_args!("{most} connection{} at once: more have to wait", plural_of(most)));
        }
        self.is_said_to_be_full = true;
    }

    /// Nobody waits any more.
    pub fn end(&mut self) {
        *self = Trouble::new();
    }
}

/// The longest pause before trying again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The first one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
