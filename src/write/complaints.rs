//! What readers do when an output is full, and what is said of one in trouble: once, and once more when it is over.

use super::report::{Report, records_lost};
use super::totals::Totals;
use crate::base::text::milliseconds;
use std::time::Duration;

/// What readers do when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// For what is on this machine, and will go on.
    Wait,
    /// For what may be away for hours: the newest records are lost there, and nobody waits.
    Lose,
}

/// What was said about the present trouble, which ends when the queue is empty, and how things stood then.
#[derive(Default)]
pub(super) struct Complaints {
    pub waits: Option<Duration>,
    pub fault: Option<u64>,
    pub loss: Option<u64>,
}

/// Takes note of how things stand, if that is not noted yet.
pub(super) fn is_first<T>(noted: &mut Option<T>, now: T) -> bool {
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
    pub(super) fn anything(&self) -> bool {
        self.waits.is_some() || self.fault.is_some() || self.loss.is_some()
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
