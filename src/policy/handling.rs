//! What a handler does: which records it takes, what it makes of them, and what a line of it looks like.
//!
//! In: a record. Out: whether its level and filters let it pass, and where it goes then ([`To`]). Handlers name layouts and destinations
//! by their numbers in the [`Tree`](super::tree::Tree).

#[cfg(feature = "json")]
use crate::format::JsonFormatter;
#[cfg(feature = "relay")]
use crate::format::relay::Adds;
#[cfg(feature = "syslog")]
use crate::format::syslog::Syslog;
use crate::format::{Ascii, Formatter};
use crate::policy::filter::{Filter, pass};
use crate::policy::memory_handler::{MemoryHandler, QueueHandler};
use crate::record::LogRecord;

/// What a line looks like.
#[derive(Clone, Debug)]
pub enum Layout {
    /// A JSON object.
    #[cfg(feature = "json")]
    Json(JsonFormatter),
    /// A frame for another receiver.
    #[cfg(feature = "relay")]
    Relay(Adds),
    /// A syslog message.
    #[cfg(feature = "syslog")]
    Syslog(Box<Syslog>),
    /// By a Python format.
    Text(Formatter),
}

impl Layout {
    /// A clone, made in one place: of each copy of the code there would be a kilobyte.
    #[inline(never)]
    #[must_use]
    pub fn copy(&self) -> Layout {
        self.clone()
    }

    /// With the level's name in colour, or not; JSON has none.
    #[must_use]
    pub fn with_color(self, color: bool) -> Layout {
        match self {
            Layout::Text(formatter) => Layout::Text(formatter.with_color(color)),
            other => other,
        }
    }
}

/// Decides, for records of a level and by filters, what becomes of them.
#[derive(Debug)]
pub(super) struct Handler {
    pub(super) level: Option<f64>,
    pub(super) filters: Vec<Filter>,
    pub(super) to: To,
}

/// What a handler does with what it takes.
#[derive(Debug)]
pub(super) enum To {
    /// Lays it out and writes the line.
    Lines { layout: usize, destination: usize, ascii: Option<Ascii> },
    /// Writes it in a form that is no line.
    Messages { layout: usize, destination: usize },
    /// Keeps what others would write of it for later.
    Memory(MemoryHandler),
    /// Nothing.
    Null,
    /// Passes what it lays out to other handlers, as the message; their levels it may ask.
    Queue(QueueHandler),
}

impl Handler {
    /// Whether level and filters let the record pass to where something is done with it. A level that is no number passes.
    #[inline]
    pub(super) fn takes(&self, record: &LogRecord<'_>) -> bool {
        !matches!(self.to, To::Null) && (self.level.is_none() || self.has_level(record)) && self.filters_pass(record)
    }

    pub(super) fn has_level(&self, record: &LogRecord<'_>) -> bool {
        let is_below = |least| record.level().is_some_and(|level| level < least);
        !self.level.is_some_and(is_below)
    }

    /// Whether the filters let the record pass.
    pub(super) fn filters_pass(&self, record: &LogRecord<'_>) -> bool {
        pass(&self.filters, record)
    }
}
