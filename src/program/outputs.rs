//! Everything that the program writes records to: [`Outputs`].
//!
//! In: sinks to open. Out: their totals, together, and with what was received. When one is gone for ever the others go on; without the last of them there is
//! nothing to do, and the receiver stops.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use jackdaws::base::abort::Abort;
use jackdaws::base::lock::Lock;
use jackdaws::receive::totals::{Tally, Totals};
use jackdaws::write::{self, Output, Pace, Sharing, Sink};

/// What was opened; clones share it.
#[derive(Clone, Debug)]
pub struct Outputs {
    started: Arc<Lock<Started>>,
    /// What was received.
    pub tally: Tally,
    abort: Abort,
    pace: Pace,
    /// Bytes that may wait in all queues together.
    pub queue_bytes: usize,
    sharing: Arc<Sharing>,
}

#[derive(Debug, Default)]
struct Started {
    outputs: Vec<Output>,
    /// What became of records at places that are closed, by name.
    over: Vec<(String, write::Totals)>,
}

impl Outputs {
    /// Nothing is open. What will be shares `queue_bytes` of lines that wait.
    pub fn new(tally: Tally, abort: &Abort, pace: Pace, queue_bytes: usize, sharing: Sharing) -> Outputs {
        let sharing = Arc::new(sharing);
        Outputs { started: Arc::default(), tally, abort: abort.clone(), pace, queue_bytes, sharing }
    }

    /// Opens a destination.
    ///
    /// # Errors
    /// Says what cannot be opened.
    pub fn start(&self, sink: Sink) -> io::Result<Output> {
        let all = self.clone();
        let output = Output::start_with(sink, self.pace, move || {
            if all.outputs().iter().all(|output| output.totals().failed || output.is_retired()) {
                all.abort.stop_now();
            }
        })?;
        self.started.lock().outputs.push(output.clone());
        self.share_room();
        Ok(output)
    }

    /// Shares the room in queues among the outputs that are used, and keeps of those that are over their totals only.
    pub fn share_room(&self) {
        let mut started = self.started.lock();
        let Started { outputs, over } = &mut *started;
        outputs.retain(|output| {
            let is_over = output.is_retired() && output.is_over();
            if is_over {
                add(over, output.name(), output.finish(Instant::now()));
            }
            !is_over
        });
        let used = outputs.iter().filter(|output| !output.is_retired()).count();
        let share = self.queue_bytes.checked_div(used).unwrap_or(self.queue_bytes);
        for output in outputs {
            output.limit_queue(share);
            output.share(&self.sharing);
        }
    }

    /// What became of records, by destination: of two of the same name, one after the other, together.
    pub fn by_name(&self) -> Vec<(String, write::Totals)> {
        let started = self.started.lock();
        let mut totals = started.over.clone();
        for output in &started.outputs {
            add(&mut totals, output.name(), output.totals());
        }
        totals
    }

    /// Opens files anew.
    pub fn reopen(&self) {
        self.outputs().iter().for_each(|output| output.reopen());
    }

    /// What was received, and what became of it.
    pub fn totals(&self) -> Totals {
        let mut totals = self.tally.totals();
        let outputs = self.by_name();
        for (name, written) in &outputs {
            totals.lose(name, written.lost);
            totals.waited = totals.waited.saturating_add(written.waited);
        }
        if let [_only] = outputs.as_slice() {
            totals.lost_at.clear();
        }
        totals
    }

    /// Waits until everything is written, at most until `deadline`. True if a destination has failed.
    pub fn finish(&self, deadline: Instant) -> bool {
        let outputs = self.outputs();
        // All end at the same time: one that stalls takes none of that from the others.
        outputs.iter().for_each(|output| output.close());
        let failed = outputs.iter().fold(false, |failed, output| output.finish(deadline).failed | failed);
        failed || self.started.lock().over.iter().any(|(_, totals)| totals.failed)
    }

    fn outputs(&self) -> Vec<Output> {
        self.started.lock().outputs.clone()
    }
}

fn add(totals: &mut Vec<(String, write::Totals)>, name: &str, more: write::Totals) {
    match totals.iter_mut().find(|(known, _)| known == name) {
        Some((_, totals)) => *totals = totals.and(more),
        None => totals.push((name.to_owned(), more)),
    }
}
