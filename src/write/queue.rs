//! The bounded queue between the readers and the writer thread.
//!
//! In come batches of finished lines, one lock each; out they go to the writer, all that there are at once. A full queue
//! makes readers wait, one after the other; if the output has been failing for a while it refuses instead, and what it
//! refuses is counted as lost. So the records that are lost are the newest: the oldest tell how the trouble began, and a
//! record of which a part is written already is never given up in favour of others.

use super::backlog::Backlog;
use super::batch::Batch;
use super::complaints::{self, Complaints, WhenFull};
use super::destination::{Destination, MAX_BYTES_AT_ONCE};
use super::file::{Opening, RotateBy};
use super::report::{Report, records_lost};
use super::sharing::Sharing;
use super::totals::Totals;
use crate::base::limits;
use crate::base::lock::{Lock, wait, wait_while};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, MutexGuard};
use std::time::{Duration, Instant};

/// Between readers and the writer thread of an [`Output`](super::Output).
pub struct Queue {
    state: Lock<State>,
    /// The writer waits here for batches.
    filled: Condvar,
    /// The reader whose turn it is waits here for room.
    drained: Condvar,
    /// `finish` waits here for the writer.
    ended: Condvar,
    /// Readers wait here for their turn: so none is overtaken for ever, and a write wakes one of them, not all.
    turn: Lock<()>,
    name: String,
    when_full: WhenFull,
    report: Report,
    /// How long batches are held back, so that fewer writes are made.
    flush_interval: Option<Duration>,
}

#[derive(Default)]
struct State {
    queued: Backlog,
    /// What is written to, while nobody does.
    destination: Option<Box<Destination>>,
    /// The weight of all batches queued or in the writer's hands that have no other room, and the most that it may be.
    held: usize,
    most: usize,
    /// Has room for a batch that is more.
    sharing: Option<Arc<Sharing>>,
    /// A reader no longer waited: it is time to stop, and nothing is written.
    sent_away: bool,
    /// Records sent and as yet neither written nor lost.
    unwritten: u64,
    readers_waiting: usize,
    waiting_since: Option<Instant>,
    writer_sleeps: bool,
    /// The writer holds back what is queued.
    writer_holds_back: bool,
    /// Since when something is queued, and whether it must not be held back.
    queued_since: Option<Instant>,
    is_urgent: bool,
    /// How the writer is to treat its file from when it opens it anew.
    change: Option<(Option<RotateBy>, Opening)>,
    /// Nobody sends here any more: the writer ends at that time.
    retires_at: Option<Instant>,
    /// The output has been failing for so long that readers no longer wait for it.
    fault_stands: bool,
    complaints: Complaints,
    said_why_unsent: bool,
    /// Nothing more is taken.
    closing: bool,
    /// The writer has ended, or nobody waits for it any more.
    ended: bool,
    totals: Totals,
}

/// What the writer has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    End,
    Reopen,
    Sync,
    Write,
}

impl Queue {
    pub(super) fn new(name: String, when_full: WhenFull, report: Report) -> Queue {
        Queue {
            state: Lock::new(State { most: limits::MAX_QUEUE_BYTES, ..State::default() }),
            filled: Condvar::new(),
            drained: Condvar::new(),
            ended: Condvar::new(),
            turn: Lock::default(),
            name,
            when_full,
            report,
            flush_interval: None,
        }
    }

    /// Lets at most so many bytes of lines wait, instead of [`limits::MAX_QUEUE_BYTES`].
    pub fn limit_queue(&self, bytes: usize) {
        self.state.lock().most = bytes;
    }

    /// Shares with other outputs.
    pub fn share(&self, sharing: &Arc<Sharing>) {
        self.state.lock().sharing = Some(sharing.clone());
    }

    /// Lets the writer hold back what is queued for up to `interval`.
    pub(super) fn with_flush_interval(self, interval: Option<Duration>) -> Queue {
        Queue { flush_interval: interval, ..self }
    }

    /// Whether lines are gathered before they are written.
    pub fn gathers(&self) -> bool {
        self.flush_interval.is_some()
    }

    /// Writes what was gathered now.
    pub fn hurry(&self) {
        if !self.gathers() {
            return;
        }
        self.state.lock().is_urgent = true;
        self.filled.notify_one();
    }

    /// An empty batch, with the memory of one already written if there is one: so that busy readers allocate nothing, and
    /// idle ones hold nothing.
    pub fn spare_batch(&self) -> Batch {
        let mut state = self.state.lock();
        let mut batch = state.queued.spare();
        batch.limit(state.most / FULL_BATCHES);
        batch
    }

    /// Takes the batch and leaves an empty one in its place, which holds no memory.
    ///
    /// Waits while the queue is full, but not if the output has been failing for a while: then the batch is lost, as it
    /// is after the end.
    pub fn send(&self, batch: &mut Batch) {
        batch.close();
        if batch.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        if state.closing {
            state.totals.lost = state.totals.lost.saturating_add(records(batch));
            *batch = Batch::new();
            return;
        }
        state.unwritten = state.unwritten.saturating_add(records(batch));
        let room = state.has_room(self.when_full, batch);
        if room && state.readers_waiting == 0 {
            self.accept(state, batch);
        } else if !room && (state.fault_stands || self.when_full == WhenFull::Lose) {
            self.lose_batch(state, batch);
        } else {
            self.wait_and_send(state, batch);
        }
    }

    /// Waits for the writer's end, but not past the deadline: what is then unwritten is lost.
    pub(super) fn finish(&self, deadline: Instant) -> Totals {
        self.close();
        let mut state = self.state.lock();
        loop {
            let (left, written) = (deadline.saturating_duration_since(Instant::now()), state.totals.bytes);
            state = wait_while(&self.ended, state, left.min(PATIENCE), |state| !state.ended);
            // Where readers have waited in vain, nobody reads.
            if state.ended || left <= PATIENCE || state.sent_away && state.totals.bytes == written {
                break;
            }
        }
        let stuck = !state.ended;
        drop(state);
        if stuck {
            let lost = self.end(true);
            self.report.error(format_args!("gave up writing {}: {}", self.name, records_lost(lost, ["is", "are"])));
        }
        self.totals()
    }

    /// Takes nothing more, and writes what there is. [`Output::finish`](super::Output::finish) waits for that.
    pub fn close(&self) {
        self.state.lock().closing = true;
        self.filled.notify_one();
    }

    /// The totals so far.
    pub fn totals(&self) -> Totals {
        let state = self.state.lock();
        let waiting = state.waiting_since.map_or(Duration::ZERO, |since| since.elapsed());
        let waited = state.totals.waited.saturating_add(waiting);
        Totals { waiting: state.unwritten, waited, ..state.totals }
    }

    /// Opens the file anew, where there is one, once what was sent before is written: for whoever has just moved it.
    pub fn reopen(&self) {
        self.state.lock().queued.reopen_after_these();
        self.filled.notify_one();
    }

    /// Rotates and opens its file in another way, once what was sent before is written.
    pub fn change(&self, rotation: Option<RotateBy>, opening: Opening) {
        self.state.lock().change = Some((rotation, opening));
        self.reopen();
    }

    pub(super) fn take_change(&self) -> Option<(Option<RotateBy>, Opening)> {
        self.state.lock().change.take()
    }

    /// Lets the writer end `after` a while, once all is written; with `None` it stays, unless it has ended, which is false.
    pub fn retire(&self, after: Option<Duration>) -> bool {
        let mut state = self.state.lock();
        state.retires_at = after.and_then(|after| Instant::now().checked_add(after));
        self.filled.notify_one();
        !state.closing
    }

    /// Whether it is not to be sent to any more.
    pub fn is_retired(&self) -> bool {
        self.state.lock().retires_at.is_some()
    }

    /// Waits for batches and moves all of them to `taken`, or for the wish to reopen, or until the time comes at which what
    /// was written has to be on the disk. Meanwhile others may write to the destination.
    pub(super) fn take(
        &self,
        destination: Box<Destination>,
        taken: &mut VecDeque<Batch>,
        sync_at: Option<Instant>,
    ) -> (Next, Box<Destination>) {
        let mut state = self.state.lock();
        state.destination = Some(destination);
        loop {
            let Some(destination) = state.destination.take() else {
                state = self.wait_for_more(state, None, None);
                continue;
            };
            if state.queued.reopens() {
                return (Next::Reopen, destination);
            }
            let held_back = self.held_back(&state);
            if !state.queued.is_empty() && held_back.is_none() {
                state.queued.take(taken);
                (state.queued_since, state.is_urgent) = (None, false);
                return (Next::Write, destination);
            }
            let until_retired = state.retires_at.map(|at| at.saturating_duration_since(Instant::now()));
            state.closing |= until_retired.is_some_and(|left| left.is_zero());
            let until_sync = sync_at.map(|at| at.saturating_duration_since(Instant::now()));
            if until_sync.is_some_and(|left| left.is_zero()) {
                return (Next::Sync, destination);
            }
            let until_over = if state.unwritten == 0 { state.complaints.until_over() } else { None };
            let is_over = until_over.is_some_and(|left| left.is_zero() || state.closing || state.ended);
            let is_last = state.queued.is_empty() && (state.ended || (state.closing && state.readers_waiting == 0));
            if is_last && !is_over {
                return (Next::End, destination);
            }
            state.destination = Some(destination);
            if is_over {
                let (complaints, totals) = (mem::take(&mut state.complaints), state.totals);
                drop(state);
                complaints.say_that_it_is_over(&self.name, &self.report, totals);
                state = self.state.lock();
            } else {
                let until_retired = until_retired.filter(|_| !state.closing);
                let until = [until_sync, until_retired, until_over].into_iter().flatten().min();
                state = self.wait_for_more(state, held_back, until);
            }
        }
    }

    fn wait_for_more<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        held_back: Option<Duration>,
        until: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        state.writer_sleeps = held_back.is_none();
        state.writer_holds_back = held_back.is_some();
        let patience = [held_back, until].into_iter().flatten().min();
        let mut state = wait(&self.filled, state, patience);
        (state.writer_sleeps, state.writer_holds_back) = (false, false);
        state
    }

    /// For how long what is queued is held back; `None` if it is not.
    fn held_back(&self, state: &State) -> Option<Duration> {
        let interval = self.flush_interval.filter(|_| !state.queued.is_empty())?;
        let presses = state.is_urgent
            || state.closing
            || state.retires_at.is_some()
            || state.queued.is_to_reopen()
            || state.readers_waiting > 0;
        let left = interval.saturating_sub(state.queued_since?.elapsed());
        (!presses && state.held < MAX_HELD_BACK_BYTES && !left.is_zero()).then_some(left)
    }

    /// Takes note of a write that succeeded, and takes back the batches that it finished. False if the end has come.
    pub(super) fn settle(&self, bytes: usize, written: usize, spent: &mut Vec<Batch>) -> bool {
        let mut state = self.state.lock();
        if state.ended {
            return false;
        }
        state.settle(bytes, written, spent.drain(..));
        let readers_wait = state.readers_waiting > 0;
        drop(state);
        if readers_wait {
            self.drained.notify_one();
        }
        true
    }

    /// True if a record would be lost for want of room, as at a far end that is away: it is counted, and need not be laid out.
    pub fn loses_next(&self) -> bool {
        let state = self.state.lock();
        let is_full = state.held.saturating_add(LEAST_ROOM_BYTES.min(state.most >> 2)) > state.most;
        if self.when_full == WhenFull::Wait || !is_full {
            return false;
        }
        self.count_lost(state, 1);
        true
    }

    /// Counts a record as lost that cannot be sent, and says why, the first time.
    pub fn lose(&self, why: &dyn fmt::Display) {
        let mut state = self.state.lock();
        state.totals.lost = state.totals.lost.saturating_add(1);
        let said = mem::replace(&mut state.said_why_unsent, true);
        drop(state);
        if !said {
            self.report.error(format_args!("a record is lost to {}: {why}", self.name));
        }
    }

    /// Takes note of a record that can never be written.
    pub(super) fn refuse(&self, spent: &mut Vec<Batch>) -> bool {
        let mut state = self.state.lock();
        state.unwritten = state.unwritten.saturating_sub(1);
        state.totals.lost = state.totals.lost.saturating_add(1);
        drop(state);
        self.settle(0, 0, spent)
    }

    /// Waits before a write that failed is tried again. While the fault stands, no room is kept from outputs at which readers wait: what
    /// has some of it is lost, of what was taken too. False if the end has come.
    pub(super) fn pause(&self, error: &io::Error, pause: Duration, stands: bool, taken: &mut VecDeque<Batch>) -> bool {
        let mut state = self.state.lock();
        state.fault_stands = stands;
        let given_up =
            if stands && self.when_full == WhenFull::Wait { state.queued.give_up_other_room(taken) } else { 0 };
        if given_up > 0 {
            state.unwritten = state.unwritten.saturating_sub(given_up);
            self.count_lost(state, given_up);
            state = self.state.lock();
        }
        let lost = state.totals.lost;
        let is_new = state.complaints.note_fault(lost);
        drop(state);
        if is_new {
            self.report.error(format_args!("cannot write {}: {error}; trying again", self.name));
        }
        if stands {
            self.drained.notify_one();
        }
        !wait_while(&self.filled, self.state.lock(), pause, |state| !state.ended).ended
    }

    /// The end: nobody waits any more, what is unwritten is lost. Returns how many records those are.
    pub(super) fn end(&self, failed: bool) -> u64 {
        let mut state = self.state.lock();
        let lost = mem::take(&mut state.unwritten);
        state.totals.lost = state.totals.lost.saturating_add(lost);
        state.totals.failed |= failed;
        state.closing = true;
        state.ended = true;
        state.queued.clear();
        drop(state);
        self.filled.notify_all();
        self.drained.notify_all();
        self.ended.notify_all();
        lost
    }

    pub(super) fn has_ended(&self) -> bool {
        self.state.lock().ended
    }

    pub(super) fn report(&self) -> &Report {
        &self.report
    }

    /// As the diagnostics name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn accept(&self, mut state: MutexGuard<'_, State>, batch: &mut Batch) {
        let is_alone = state.queued.is_empty() && !state.queued.is_to_reopen() && !self.gathers();
        state.held = state.held.saturating_add(batch.weight_here());
        if let Some(destination) = state.destination.take_if(|_| is_alone && batch.len() <= MAX_BYTES_AT_ONCE) {
            return self.write_at_once(state, destination, batch);
        }
        state.queued.push(mem::take(batch));
        if self.flush_interval.is_some() {
            state.queued_since.get_or_insert_with(Instant::now);
        }
        let is_due = state.writer_holds_back && self.held_back(&state).is_none();
        let wake = mem::take(&mut state.writer_sleeps) || is_due;
        drop(state);
        if wake {
            self.filled.notify_one();
        }
    }

    /// Writes a small batch on this thread: to wake the writer for it costs more than all else that is done for a record.
    /// What is left of it is left to the writer, which nothing overtakes meanwhile.
    fn write_at_once(&self, state: MutexGuard<'_, State>, mut destination: Box<Destination>, batch: &mut Batch) {
        drop(state);
        let bytes = destination.write_at_once(batch);
        let (_, written) = batch.advance(bytes);
        let mut state = self.state.lock();
        state.destination = Some(destination);
        if state.ended {
            return *batch = Batch::new();
        }
        let is_whole = batch.unwritten().is_empty();
        state.settle(bytes, written, is_whole.then(|| mem::take(batch)).into_iter());
        if !is_whole {
            state.queued.push_first(mem::take(batch));
        }
        let is_awaited =
            !state.queued.is_empty() || state.queued.is_to_reopen() || state.closing || state.retires_at.is_some();
        let (wake, readers_wait) = (is_awaited && mem::take(&mut state.writer_sleeps), state.readers_waiting > 0);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        if readers_wait {
            self.drained.notify_one();
        }
    }

    fn lose_batch(&self, mut state: MutexGuard<'_, State>, batch: &mut Batch) {
        state.unwritten = state.unwritten.saturating_sub(records(batch));
        self.count_lost(state, records(batch));
        *batch = Batch::new();
    }

    /// Counts records as lost for want of room, and says so, the first time.
    fn count_lost(&self, mut state: MutexGuard<'_, State>, records: u64) {
        let before = state.totals.lost;
        state.totals.lost = before.saturating_add(records);
        let (is_new, most) = (state.complaints.note_loss(before), state.most);
        let is_for_others = state.unwritten == 0;
        drop(state);
        if is_new {
            complaints::say_loss(&self.name, &self.report, self.when_full, most, is_for_others);
        }
    }

    fn wait_and_send(&self, mut state: MutexGuard<'_, State>, batch: &mut Batch) {
        state.readers_waiting = state.readers_waiting.saturating_add(1);
        state.waiting_since.get_or_insert_with(Instant::now);
        let waited = state.totals.waited;
        let is_new = state.complaints.note_waits(waited);
        let (must_wake, most, is_alone) = (state.writer_holds_back, state.most, state.unwritten == records(batch));
        drop(state);
        if must_wake {
            self.filled.notify_one();
        }
        if is_new {
            complaints::say_waiting(&self.name, &self.report, most, is_alone);
        }

        let _turn = self.turn.lock();
        let mut state = self.state.lock();
        let (mut written, mut since_written) = (state.totals.bytes, Instant::now());
        while !state.ended && !state.fault_stands && !state.has_room(self.when_full, batch) {
            if mem::replace(&mut written, state.totals.bytes) != state.totals.bytes {
                since_written = Instant::now();
            }
            let stalls = since_written.elapsed() > PATIENCE;
            state.sent_away |= stalls && state.sharing.as_ref().is_some_and(|sharing| sharing.is_over());
            if state.sent_away {
                break;
            }
            // What others give back is not told here.
            state = wait(&self.drained, state, Some(LOOK));
        }
        state.stop_waiting();
        if state.ended {
            *batch = Batch::new();
        } else if state.has_room(self.when_full, batch) {
            self.accept(state, batch);
        } else {
            self.lose_batch(state, batch);
        }
    }
}

impl State {
    /// A batch larger than the whole queue has other room, or where outputs share none, when the queue is empty.
    fn has_room(&self, when_full: WhenFull, batch: &mut Batch) -> bool {
        let weight = batch.weight();
        let fits = self.held.saturating_add(weight) <= self.most || self.held == 0 && self.sharing.is_none();
        let sharing = self.sharing.as_ref().filter(|_| weight > self.most);
        !self.queued.is_full() && (fits || sharing.is_some_and(|sharing| sharing.has_room(when_full, batch)))
    }

    fn settle(&mut self, bytes: usize, written: usize, spent: impl Iterator<Item = Batch>) {
        let written = u64::try_from(written).unwrap_or(u64::MAX);
        self.fault_stands = false;
        self.unwritten = self.unwritten.saturating_sub(written);
        self.totals.records = self.totals.records.saturating_add(written);
        self.totals.bytes = self.totals.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        for batch in spent {
            self.held = self.held.saturating_sub(batch.weight_here());
            self.queued.recycle(batch);
        }
    }

    fn stop_waiting(&mut self) {
        self.readers_waiting = self.readers_waiting.saturating_sub(1);
        if self.readers_waiting == 0 {
            let waited = self.waiting_since.take().map_or(Duration::ZERO, |since| since.elapsed());
            self.totals.waited = self.totals.waited.saturating_add(waited);
        }
    }
}

/// A queue with less room than a full batch counts as full where nobody waits.
const LEAST_ROOM_BYTES: usize = 128 << 10;

/// So many full batches are as much as may wait: each of those who read now may fill one, at each of many outputs.
const FULL_BATCHES: usize = 8;

/// How long who ends waits for a write where readers have waited in vain, and how often a reader looks.
const PATIENCE: Duration = Duration::from_millis(250);
const LOOK: Duration = Duration::from_millis(20);

fn records(batch: &Batch) -> u64 {
    u64::try_from(batch.records()).unwrap_or(u64::MAX)
}

/// What is held back at most: as much as four writes.
const MAX_HELD_BACK_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests;
