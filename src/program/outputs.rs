//! Everything that the program writes records to: [`Outputs`].
//!
//! In: sinks to open. Out: their totals, together. When one is gone for ever the others go on; without the last of them there is
//! nothing to do, and the receiver stops.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jackdaws::base::abort::Abort;
use jackdaws::receive::totals::{Tally, Totals};
use jackdaws::write::{Output, Pace, Sink};

/// What was opened; clones share it.
#[derive(Clone, Debug)]
pub struct Outputs {
    started: Arc<Mutex<Vec<Output>>>,
    abort: Abort,
    pace: Pace,
    /// Bytes that may wait in all queues together.
    queue_bytes: usize,
}

impl Outputs {
    /// Nothing is open. What will be shares `queue_bytes` of lines that wait.
    pub fn new(abort: &Abort, pace: Pace, queue_bytes: usize) -> Outputs {
        Outputs { started: Arc::default(), abort: abort.clone(), pace, queue_bytes }
    }

    /// Opens a destination.
    ///
    /// # Errors
    /// Says what cannot be opened.
    pub fn start(&self, sink: Sink) -> io::Result<Output> {
        let all = self.clone();
        let output = Output::start_with(sink, self.pace, move || {
            if all.started().iter().all(|output| output.totals().failed || output.is_retired()) {
                all.abort.stop_now();
            }
        })?;
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.push(output.clone());
        let used = started.iter().filter(|output| !output.is_retired()).count();
        let share = self.queue_bytes.checked_div(used).unwrap_or(self.queue_bytes);
        started.iter().for_each(|output| output.limit_queue(share));
        Ok(output)
    }

    /// What is open.
    pub fn started(&self) -> Vec<Output> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens files anew.
    pub fn reopen(&self) {
        self.started().iter().for_each(Output::reopen);
    }

    /// What was received, and what became of it.
    pub fn totals(&self, tally: &Tally) -> Totals {
        let mut totals = tally.totals();
        let outputs = self.started();
        for output in &outputs {
            let written = output.totals();
            totals.lose(output.name(), written.lost);
            totals.waited = totals.waited.saturating_add(written.waited);
        }
        if let [_only] = outputs.as_slice() {
            totals.lost_at.clear();
        }
        totals
    }

    /// Waits until everything is written, at most until `deadline`. True if a destination has failed.
    pub fn finish(&self, deadline: Instant) -> bool {
        self.started().iter().fold(false, |failed, output| output.finish(deadline).failed | failed)
    }
}
