//! What failed is tried again after pauses that grow, and said once.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use log::Level;

use crate::receive::diagnostics::say;

#[derive(Debug, Default)]
pub(super) struct Retries {
    pause: Duration,
    until: Option<Instant>,
}

impl Retries {
    /// How long to wait before trying again; `None` if not at all.
    pub fn pause(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// It failed.
    pub fn pause_after(&mut self, what: impl fmt::Display, error: &io::Error) {
        if self.pause.is_zero() {
            say(Level::Error, format_args!("{what}: {error}; trying again until it works"));
        }
        self.pause = self.pause.saturating_mul(2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.until = Instant::now().checked_add(self.pause);
    }

    /// What it failed for may be there now.
    pub fn try_at_once(&mut self) {
        self.until = None;
    }

    /// It works again, unless it has just failed.
    pub fn end(&mut self) {
        if self.pause().is_none() {
            *self = Retries::default();
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);

const LONGEST_PAUSE: Duration = Duration::from_secs(1);
