//! What was received: [`Totals`], and while it goes on a [`Tally`] of them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::base::lock::Lock;
use crate::base::text::{milliseconds, plural};
use crate::record::level::range_of;

/// Counts, always exact. `Display` is the line of totals at the end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records that were handled.
    pub records: u64,
    /// The same by range of level, as [`LEVELS`] names them.
    pub levels: [u64; LEVELS.len()],
    /// Bytes of the frames of those records, length prefixes included.
    pub bytes: u64,
    /// Stream connections that were served.
    pub connections: u64,
    /// Connections that were ended since others waited for their place.
    pub made_room: u64,
    /// Frames that gave no record, by reason, in the order in which the reasons first occurred.
    pub rejected: Vec<(&'static str, u64)>,
    /// Connections that ended because their handler panicked.
    pub panics: u64,
    /// Connections that ended because they were broken, other than by a reset.
    pub broken: u64,
    /// Datagrams that the kernel had no room for.
    pub dropped: u64,
    /// Records that were handled and could not be written. The receiver leaves it 0: whoever writes knows.
    pub lost: u64,
    /// The same by destination, where there are several.
    pub lost_at: Vec<(String, u64)>,
    /// How long readers waited for the output. The receiver leaves it 0, too.
    pub waited: Duration,
}

/// The ranges of levels, as [`range_of`] has them: each begins at Python's level of its name, the first below that.
pub const LEVELS: [&str; 5] = ["debug", "info", "warning", "error", "critical"];

impl Totals {
    /// Counts a record, of so many bytes.
    #[inline]
    pub(crate) fn count_record(&mut self, level: Option<f64>, bytes: u64) {
        if let Some(records) = self.levels.get_mut(range_of(level)) {
            *records = records.saturating_add(1);
        }
        self.records = self.records.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

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

    /// Counts records that a destination has lost.
    pub fn lose(&mut self, destination: &str, count: u64) {
        self.lost = self.lost.saturating_add(count);
        if count > 0 {
            self.lost_at.push((destination.to_owned(), count));
        }
    }

    /// Moves what `other` has counted into these totals.
    pub fn absorb(&mut self, other: &mut Totals) {
        self.records = self.records.saturating_add(other.records);
        for (level, more) in self.levels.iter_mut().zip(other.levels) {
            *level = level.saturating_add(more);
        }
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.connections = self.connections.saturating_add(other.connections);
        self.made_room = self.made_room.saturating_add(other.made_room);
        self.panics = self.panics.saturating_add(other.panics);
        self.broken = self.broken.saturating_add(other.broken);
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.lost = self.lost.saturating_add(other.lost);
        self.waited = self.waited.saturating_add(other.waited);
        self.lost_at.append(&mut other.lost_at);
        for (reason, count) in other.rejected.drain(..) {
            self.reject(reason, count);
        }
        *other = Totals::default();
    }
}

/// Totals to which many threads add; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    totals: Arc<Lock<Totals>>,
    connections_now: Arc<AtomicUsize>,
}

/// A connection that is being served, until it is dropped.
#[derive(Debug)]
pub(crate) struct Served<'t>(&'t AtomicUsize);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Tally {
    /// Counts a connection, among those that are being served as long as the guard lives.
    pub(crate) fn serve(&self) -> Served<'_> {
        self.count(&mut Totals { connections: 1, ..Totals::default() });
        self.connections_now.fetch_add(1, Ordering::Relaxed);
        Served(&self.connections_now)
    }

    /// Stream connections that are being served.
    pub fn connections_now(&self) -> usize {
        self.connections_now.load(Ordering::Relaxed)
    }

    /// Moves `counted` into the totals.
    pub fn count(&self, counted: &mut Totals) {
        if *counted != Totals::default() {
            self.totals.lock().absorb(counted);
        }
    }

    /// What was counted so far.
    pub fn totals(&self) -> Totals {
        self.totals.lock().clone()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { records, levels: _, bytes, connections, made_room, rejected, panics, .. } = self;
        let Totals { broken, dropped, lost, lost_at, waited, .. } = self;
        write!(f, "{records} record{} ({bytes} bytes) ", plural(*records))?;
        write!(f, "from {connections} connection{}", plural(*connections))?;
        if *broken > 0 {
            write!(f, " ({broken} broken)")?;
        }
        write!(f, ", {} rejected", self.rejected_count())?;
        for (index, (reason, count)) in rejected.iter().enumerate() {
            write!(f, "{}{count} {reason}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if rejected.is_empty() { "" } else { ")" })?;
        if *made_room > 0 {
            write!(f, ", {made_room} connection{} ended to make room", plural(*made_room))?;
        }
        if *panics > 0 {
            write!(f, ", {panics} panic{}", plural(*panics))?;
        }
        write!(f, ", {} lost", lost.saturating_add(*dropped))?;
        let mut opening = " (";
        for (destination, count) in lost_at {
            write!(f, "{opening}{count} at {destination}")?;
            opening = ", ";
        }
        if *dropped > 0 {
            write!(f, "{opening}{dropped} datagram{} dropped by the kernel", plural(*dropped))?;
        }
        f.write_str(if lost_at.is_empty() && *dropped == 0 { "" } else { ")" })?;
        if !waited.is_zero() {
            write!(f, ", readers waited {} s", milliseconds(*waited))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;

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
        let mut troubled = Totals { connections: 9, broken: 2, dropped: 1, lost: 3, ..Totals::default() };
        let expected = "0 records (0 bytes) from 9 connections (2 broken), 0 rejected, \
                        4 lost (1 datagram dropped by the kernel)";
        assert_eq!(troubled.to_string(), expected);
        let mut twice = troubled.clone();
        twice.absorb(&mut troubled);
        assert_eq!((twice.broken, twice.dropped), (4, 2));
    }

    #[test]
    fn names_the_destinations_that_lost_something() {
        let mut totals = Totals { records: 9, bytes: 99, connections: 1, ..Totals::default() };
        for (destination, count) in [("standard output", 2), ("\"a.log\"", 0), ("\"b.log\"", 5)] {
            totals.lose(destination, count);
        }
        let expected =
            "9 records (99 bytes) from 1 connection, 0 rejected, 7 lost (2 at standard output, 5 at \"b.log\")";
        assert_eq!(totals.to_string(), expected);
    }

    #[test]
    fn counts_records_by_range_of_level() {
        let mut totals = Totals::default();
        let levels = [-1.0, 19.0, 20.0, 29.0, 30.0, 39.0, 40.0, 49.0, 50.0, 1e9, f64::NAN].map(Some);
        for level in levels.into_iter().chain([None]) {
            totals.count_record(level, 10);
        }
        assert_eq!((totals.records, totals.bytes, totals.levels), (12, 120, [3, 3, 2, 2, 2]));
        let mut sum = totals.clone();
        sum.absorb(&mut totals);
        assert_eq!(sum.levels, [6, 6, 4, 4, 4]);
    }

    #[test]
    fn knows_how_many_connections_are_being_served() {
        let tally = Tally::default();
        let served = [tally.serve(), tally.serve()];
        assert_eq!((tally.connections_now(), tally.totals().connections), (2, 2));
        drop(served);
        assert_eq!((tally.connections_now(), tally.totals().connections), (0, 2));
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
}
