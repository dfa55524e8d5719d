//! What was received: [`Totals`], and the diagnostics that must not flood.

use std::fmt;
use std::time::{Duration, Instant};

use crate::limits::{DIAGNOSTICS_PER_SECOND, MAX_DIAGNOSTICS};

/// Counts, always exact. `Display` is the line of totals at the end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records that were handled.
    pub records: u64,
    /// Bytes of the frames of those records, length prefixes included.
    pub bytes: u64,
    /// Stream connections that were served.
    pub connections: u64,
    /// Frames that gave no record, by reason, in the order in which the reasons first occurred.
    pub rejected: Vec<(&'static str, u64)>,
    /// Connections that ended because their handler panicked.
    pub panics: u64,
    /// Records that were handled and could not be written. The receiver leaves it 0: whoever writes knows.
    pub lost: u64,
    /// How long readers waited for the output. The receiver leaves it 0, too.
    pub waited: Duration,
}

impl Totals {
    /// Counts a frame that gave no record.
    pub fn reject(&mut self, reason: &'static str, count: u64) {
        match self.rejected.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, total)) => *total = total.saturating_add(count),
            None => self.rejected.push((reason, count)),
        }
    }

    /// Frames that gave no record, for whatever reason.
    pub fn rejected_count(&self) -> u64 {
        self.rejected.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Moves what `other` has counted into these totals.
    pub fn absorb(&mut self, other: &mut Totals) {
        self.records = self.records.saturating_add(other.records);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.connections = self.connections.saturating_add(other.connections);
        self.panics = self.panics.saturating_add(other.panics);
        self.lost = self.lost.saturating_add(other.lost);
        self.waited = self.waited.saturating_add(other.waited);
        for (reason, count) in other.rejected.drain(..) {
            self.reject(reason, count);
        }
        *other = Totals::default();
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { records, bytes, connections, rejected, panics, lost, waited } = self;
        write!(f, "{records} record{} ({bytes} bytes) ", plural(*records))?;
        write!(f, "from {connections} connection{}, {} rejected", plural(*connections), self.rejected_count())?;
        for (index, (reason, count)) in rejected.iter().enumerate() {
            write!(f, "{}{count} {reason}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if rejected.is_empty() { "" } else { ")" })?;
        if *panics > 0 {
            write!(f, ", {panics} panic{}", plural(*panics))?;
        }
        write!(f, ", {lost} lost")?;
        if !waited.is_zero() {
            write!(f, ", readers waited {:.3} s", waited.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Lets diagnostics pass while they are few, and counts the others: [`MAX_DIAGNOSTICS`] in a row, then
/// [`DIAGNOSTICS_PER_SECOND`].
#[derive(Debug)]
pub struct Muffler {
    left: u32,
    refilled: Option<Instant>,
    muffled: u64,
}

impl Muffler {
    /// True if a diagnostic may be said at `now`; else it is counted.
    pub fn admits(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(*self.refilled.get_or_insert(now));
        let refill = u32::try_from(since.as_millis()).unwrap_or(u32::MAX) / MILLISECONDS_A_DIAGNOSTIC;
        if refill > 0 {
            self.left = self.left.saturating_add(refill).min(MAX_DIAGNOSTICS);
            self.refilled = Some(now);
        }
        let admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.muffled = self.muffled.saturating_add(u64::from(!admitted));
        admitted
    }

    /// How many were counted and not said since this was last asked.
    pub fn take_muffled(&mut self) -> u64 {
        std::mem::take(&mut self.muffled)
    }
}

/// Nothing was said yet.
impl Default for Muffler {
    fn default() -> Muffler {
        Muffler { left: MAX_DIAGNOSTICS, refilled: None, muffled: 0 }
    }
}

/// The ending of a plural.
pub const fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

const MILLISECONDS_A_DIAGNOSTIC: u32 = 1000 / DIAGNOSTICS_PER_SECOND;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use std::time::Duration;

    #[test]
    fn prints_one_line() {
        let mut totals = Totals { records: 1234, bytes: 671_840, connections: 8, ..Totals::default() };
        totals.reject("unknown opcode", 1);
        let mut more = Totals::default();
        more.reject("not a record", 1);
        totals.absorb(&mut more);
        assert_eq!(more, Totals::default());
        let expected =
            "1234 records (671840 bytes) from 8 connections, 2 rejected (1 unknown opcode, 1 not a record), 0 lost";
        assert_eq!(totals.to_string(), expected);
        let small = Totals { records: 1, bytes: 99, connections: 1, panics: 1, lost: 3, ..Totals::default() };
        assert_eq!(small.to_string(), "1 record (99 bytes) from 1 connection, 0 rejected, 1 panic, 3 lost");
    }

    #[test]
    fn counts_the_same_reason_once() {
        let mut totals = Totals::default();
        for (reason, count) in [("a", 1), ("b", 2), ("a", 3)] {
            totals.reject(reason, count);
        }
        assert_eq!(totals.rejected, [("a", 4), ("b", 2)]);
        assert_eq!(totals.rejected_count(), 6);
    }

    #[test]
    fn admits_a_burst_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut muffler = Muffler::default();
        let admitted = |muffler: &mut Muffler, milliseconds: u64, asked: u32| -> u32 {
            let now = start + Duration::from_millis(milliseconds);
            (0..asked).map(|_| u32::from(muffler.admits(now))).sum()
        };
        assert_eq!(admitted(&mut muffler, 0, MAX_DIAGNOSTICS - 1), MAX_DIAGNOSTICS - 1);
        assert_eq!(muffler.take_muffled(), 0);
        assert_eq!(admitted(&mut muffler, 0, 50), 1);
        assert_eq!(muffler.take_muffled(), 49);
        assert_eq!(admitted(&mut muffler, 99, 5), 0);
        assert_eq!(admitted(&mut muffler, 1000, 500), DIAGNOSTICS_PER_SECOND);
        assert_eq!(muffler.take_muffled(), 5 + 490);
        assert_eq!(admitted(&mut muffler, 3_600_000, 500), MAX_DIAGNOSTICS);
    }
}
