//! What the output has to say about itself: one line each through the `log` macros, target `jackdaws`, which the
//! program prints on standard error. Never said while a lock is held, since standard error may block.

use std::fmt;
#[cfg(test)]
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub(super) struct Report {
    #[cfg(test)]
    said: Arc<Mutex<Vec<String>>>,
}

impl Report {
    /// Something was lost, or will be.
    pub(super) fn error(&self, line: fmt::Arguments<'_>) {
        log::error!(target: "jackdaws", "{line}");
        self.keep(line);
    }

    /// Something is not as it should be, or is so again.
    pub(super) fn warn(&self, line: fmt::Arguments<'_>) {
        log::warn!(target: "jackdaws", "{line}");
        self.keep(line);
    }

    #[cfg(not(test))]
    fn keep(&self, _line: fmt::Arguments<'_>) {}

    #[cfg(test)]
    fn keep(&self, line: fmt::Arguments<'_>) {
        self.said.lock().unwrap().push(line.to_string());
    }

    #[cfg(test)]
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

/// `1 record is lost`, `3 records are lost`.
pub(super) fn records_lost(count: u64, verbs: [&str; 2]) -> String {
    let [one, several] = verbs;
    if count == 1 { format!("1 record {one} lost") } else { format!("{count} records {several} lost") }
}
