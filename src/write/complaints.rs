//! What readers do when an output is full, and what is said of one in trouble: once, and once more when it is over. Trouble that comes
//! back before it was calm for a while is the same: a far end that ends every connection would fill a journal.

use super::report::{Report, records_lost};
use super::totals::Totals;
use crate::base::text::milliseconds;
use std::time::{Duration, Instant};

/// What readers do when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// For what is on this machine, and will go on.
    Wait,
    /// For what may be away for hours: the newest records are lost there, and nobody waits.
    Lose,
}

/// What was said about the present trouble, which ends when the queue was empty for a while, and how things stood then.
#[derive(Default)]
pub(super) struct Complaints {
    waits: Option<Duration>,
    fault: Option<u64>,
    loss: Option<u64>,
    /// Since when the queue is empty again.
    pub calm_since: Option<Instant>,
}

/// Takes note of how things stand, if that is not noted yet.
fn is_first<T>(noted: &mut Option<T>, now: T) -> bool {
    let is_first = noted.is_none();
    noted.get_or_insert(now);
    is_first
}

#[cold]
pub(super) fn say_loss(name: &str, report: &Report, when_full: WhenFull, most: usize, is_for_others: bool) {
    match when_full {
        WhenFull::Wait => report.error(format_args!("cannot write {name}, and the queue is full: records are lost")),
        WhenFull::Lose if is_for_others => {
            report.error(format_args!("a long record is lost to {name}: those that wait for others have the room"));
        }
        WhenFull::Lose => report.error(format_args!(
            "{name} is slow or away: {most} bytes wait for it, and the newest records are lost there"
        )),
    }
}

#[cold]
pub(super) fn say_waiting(name: &str, report: &Report, most: usize, is_for_others: bool) {
    if is_for_others {
        return report
            .warn(format_args!("long lines for others wait to be written, so one for {name} and its reader wait too"));
    }
    report.warn(format_args!("{name} is slow: {most} bytes wait to be written, so readers wait too"));
}

impl Complaints {
    /// Takes note that readers wait, who have waited so long before; false if that is noted already.
    pub(super) fn note_waits(&mut self, waited: Duration) -> bool {
        self.calm_since = None;
        is_first(&mut self.waits, waited)
    }

    /// The same of a write that failed, after so many records were lost.
    pub(super) fn note_fault(&mut self, lost: u64) -> bool {
        self.calm_since = None;
        is_first(&mut self.fault, lost)
    }

    /// The same of a record that is lost.
    pub(super) fn note_loss(&mut self, lost: u64) -> bool {
        self.calm_since = None;
        is_first(&mut self.loss, lost)
    }

    /// How long it must stay as it is, the queue being empty, before the trouble is over; `None` if there is none.
    pub(super) fn until_over(&mut self) -> Option<Duration> {
        let is_any = self.waits.is_some() || self.fault.is_some() || self.loss.is_some();
        is_any.then(|| CALM.saturating_sub(self.calm_since.get_or_insert_with(Instant::now).elapsed()))
    }

    pub(super) fn say_that_it_is_over(self, name: &str, report: &Report, totals: Totals) {
        if let Some(before) = self.waits {
            let seconds = milliseconds(totals.waited.saturating_sub(before));
            report.warn(format_args!("{name} keeps up again: readers waited {seconds} s"));
        }
        let lost_since = |before| records_lost(totals.lost.saturating_sub(before), ["was", "were"]);
        match (self.fault, self.loss) {
            (Some(before), _) => report.warn(format_args!("writing {name} again: {}", lost_since(before))),
            (None, Some(before)) => report.warn(format_args!("{name} keeps up again: {}", lost_since(before))),
            (None, None) => {}
        }
    }
}

/// How long there must be no trouble until it is over.
pub(super) const CALM: Duration = Duration::from_secs(5);
