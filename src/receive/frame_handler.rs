//! Frame to handled record: [`FrameHandler`], what streams and datagrams have in common.
//!
//! In: the bytes of one frame. Out: a record, given to the handler of the connection. Refused, each with one diagnostic that
//! names the peer, the reason and the byte offset, and counted: what cannot be decoded, and what is no record. A peer that
//! sends nothing else is not allowed to flood: see [`crate::base::limits::MAX_DIAGNOSTICS`].

use std::fmt;
use std::time::Duration;

use log::warn;

use crate::base::text::{plural, seconds};
use crate::decode::expect::RecordUnpickler;
use crate::decode::{self, Reason};
use crate::policy::handler::LogRecordHandler;
use crate::receive::frame::{self, Head};
use crate::receive::origin::Origin;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::totals::Totals;
use crate::record::{Defaults, LogRecord, NotARecord, make_log_record};

/// A handler of records, and what it takes to give it frames.
#[derive(Debug)]
pub struct FrameHandler<'a, H: LogRecordHandler> {
    handler: H,
    shared: &'a Shared,
    /// Counted here and not yet in the shared totals.
    totals: Totals,
    /// Diagnostics that were not said, and whom their count is about.
    unsaid: u64,
    /// Of whom too much was said when that was last asked, since the last flush: to ask each time, many at once wait for one another.
    silenced: Option<Origin>,
    peer: &'a Peer,
}

impl<'a, H: LogRecordHandler> FrameHandler<'a, H> {
    /// Gives the frames of `peer` to `handler`.
    pub fn new(handler: H, peer: &'a Peer, shared: &'a Shared) -> FrameHandler<'a, H> {
        FrameHandler { handler, shared, totals: Totals::default(), unsaid: 0, silenced: None, peer }
    }

    /// Handles one frame, given without its prefix. `source` says who sent it: the peer, or where a datagram came from.
    #[inline(always)]
    pub fn handle_frame(&mut self, frame: &[u8], unpickler: &mut RecordUnpickler, source: &Peer) {
        match self.try_to_handle(frame, unpickler, source) {
            Ok(()) => {}
            Err(Rejection::Pickle(decode::Error { reason: Reason::InFlightBytesTooMany, .. }, _)) => {
                self.handle_large_frame(frame, unpickler, source);
            }
            Err(rejection) => self.reject(rejection, source),
        }
    }

    /// A frame with more values than many may have at the same time: one after the other.
    #[cold]
    fn handle_large_frame(&mut self, frame: &[u8], unpickler: &mut RecordUnpickler, source: &Peer) {
        let budget = self.shared.large.lock();
        unpickler.use_budget(budget.clone());
        if let Err(rejection) = self.try_to_handle(frame, unpickler, source) {
            self.reject(rejection, source);
        }
        unpickler.use_budget(self.shared.small_budget());
    }

    #[inline]
    fn try_to_handle(&mut self, frame: &[u8], unpickler: &mut RecordUnpickler, source: &Peer) -> Result<(), Rejection> {
        // By reference: to move a record costs as much as to make it.
        let level = match &decode(frame, unpickler, &self.shared.options.defaults, source) {
            Ok(record) => {
                self.handler.handle_log_record(record);
                record.level()
            }
            Err(rejection) => return Err(*rejection),
        };
        let bytes = frame.len().saturating_add(frame::PREFIX_BYTES);
        self.totals.count_record(level, u64::try_from(bytes).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Reports and counts a frame that gave no record.
    #[cold]
    pub fn reject(&mut self, rejection: Rejection, source: &Peer) {
        self.totals.reject(rejection.summary(), 1);
        let origin = source.origin();
        if self.silenced != Some(origin) && self.shared.rate_limits.admits(origin) {
            self.report_unsaid();
            let consequence = if rejection.ends_connection() { "connection closed" } else { "record rejected" };
            warn!(target: "jackdaws", "{source}: {consequence}: {rejection}");
        } else {
            self.silenced = Some(origin);
            self.unsaid = self.unsaid.saturating_add(1);
        }
    }

    /// Counts a connection that was ended for the sake of others that waited, and reports it.
    #[cold]
    pub fn made_room(&mut self) {
        self.totals.made_room = self.totals.made_room.saturating_add(1);
        self.say(format_args!("connection closed: silent for longest, while others wait for a place"));
    }

    /// Says something about the peer, unless too much was said about its address.
    #[cold]
    pub fn say(&self, what: fmt::Arguments<'_>) {
        self.shared.say(self.peer, what);
    }

    /// Everything that had arrived has been handled: lets the handler pass on what it gathered, and the totals know. Whether there
    /// was a record.
    pub fn flush(&mut self) -> bool {
        let has_records = self.totals.records > 0;
        self.silenced = None;
        // First, since the other may wait for the output, and what is lost there was received.
        self.shared.tally.count(&mut self.totals);
        self.handler.flush();
        has_records
    }

    fn report_unsaid(&mut self) {
        let unsaid = std::mem::take(&mut self.unsaid);
        if unsaid > 0 && self.shared.rate_limits.admits_count(unsaid) {
            warn!(target: "jackdaws", "{}: {unsaid} more record{} rejected, too many to report each", self.peer, plural(unsaid));
        }
    }
}

/// What was counted stays counted, even after a panic.
impl<H: LogRecordHandler> Drop for FrameHandler<'_, H> {
    fn drop(&mut self) {
        self.report_unsaid();
        self.shared.tally.count(&mut self.totals);
    }
}

#[inline]
fn decode<'a>(
    frame: &'a [u8],
    unpickler: &'a mut RecordUnpickler,
    defaults: &'a Defaults,
    source: &'a Peer,
) -> Result<LogRecord<'a>, Rejection> {
    if frame.is_empty() {
        return Err(Rejection::Empty);
    }
    let unpickled = match unpickler.unpickle(frame) {
        Ok(unpickled) => unpickled,
        Err(error) => return Err(Rejection::Pickle(error, Head::new(frame).looks_like_in_frame())),
    };
    make_log_record(unpickled, defaults, source.client_address()).map_err(Rejection::NotARecord)
}

/// Why a frame gave no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The peer went away, or the receiver had to stop, inside the frame.
    CutShort {
        /// Bytes that had arrived, of the prefix and of what follows it.
        received: usize,
    },
    /// The length of a datagram is not what its prefix says.
    DatagramLength {
        /// Bytes behind the prefix.
        held: usize,
        /// Bytes that the prefix announces.
        announced: u32,
    },
    /// A datagram has no room for a length.
    DatagramTooShort {
        /// Its bytes.
        held: usize,
    },
    /// A datagram is longer than what is accepted, or than the system passed on.
    DatagramTruncated {
        /// Bytes that were received.
        received: usize,
    },
    /// The length is 0.
    Empty,
    /// There is no frame to be had.
    Frame(frame::Error),
    /// The peer was slow, and another one waited for the memory that its frame held.
    MadeRoom {
        /// Bytes that had arrived, of the prefix and of what follows it.
        received: usize,
    },
    /// The pickle is something else.
    NotARecord(NotARecord),
    /// The sender of a datagram is outside the allowed networks.
    NotAllowed,
    /// The pickle cannot be decoded; and what its first bytes look like instead, if they look like something else.
    Pickle(decode::Error, Option<&'static str>),
    /// Nothing more came for too long, inside the frame.
    Silent {
        /// Bytes that had arrived, of the prefix and of what follows it.
        received: usize,
        /// For how long.
        waited: Duration,
    },
    /// The frame was not complete in time.
    TooSlow {
        /// Bytes that had arrived, of the prefix and of what follows it.
        received: usize,
        /// How long a frame of its length may take.
        limit: Duration,
    },
}

impl Rejection {
    /// The reason in a few words, the same for all its occurrences: for totals.
    pub const fn summary(self) -> &'static str {
        match self {
            Rejection::CutShort { .. } => "cut short",
            Rejection::DatagramLength { .. } => "wrong length",
            Rejection::DatagramTooShort { .. } => "too short",
            Rejection::DatagramTruncated { .. } => "truncated",
            Rejection::Empty => "empty",
            Rejection::Frame(error) => error.summary(),
            Rejection::MadeRoom { .. } => "too slow",
            Rejection::NotARecord(_) => "not a record",
            Rejection::NotAllowed => "not allowed",
            Rejection::Pickle(error, _) => error.reason.summary(),
            Rejection::Silent { .. } | Rejection::TooSlow { .. } => "timed out",
        }
    }

    /// True if the connection cannot go on after it.
    const fn ends_connection(self) -> bool {
        matches!(
            self,
            Rejection::Frame(frame::Error::NotAFrame { .. })
                | Rejection::MadeRoom { .. }
                | Rejection::Silent { .. }
                | Rejection::TooSlow { .. }
        )
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::CutShort { received } => write!(f, "cut short at offset {received}"),
            Rejection::DatagramLength { held, announced } => {
                write!(f, "the datagram announces {announced} bytes and holds {held}")
            }
            Rejection::DatagramTooShort { held } => write!(f, "the datagram has {held} bytes, too few for a length"),
            Rejection::DatagramTruncated { received } => write!(f, "the datagram was truncated at offset {received}"),
            Rejection::Empty => f.write_str("empty, no pickle at offset 0"),
            Rejection::Frame(error) => error.fmt(f),
            Rejection::MadeRoom { received } => {
                write!(f, "too slow at offset {received}, while others wait for the memory that it holds")
            }
            Rejection::NotARecord(error) => write!(f, "{error}, at offset 0"),
            Rejection::NotAllowed => f.write_str("the sender is not in an allowed network"),
            Rejection::Pickle(error, None) => error.fmt(f),
            Rejection::Pickle(error, Some(protocol)) => write!(f, "{error}; this looks like {protocol}"),
            Rejection::Silent { received, waited } => {
                write!(f, "nothing came for {} s at offset {received}", seconds(*waited))
            }
            Rejection::TooSlow { received, limit } => {
                write!(f, "not complete after {} s, at offset {received}", seconds(*limit))
            }
        }
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::abort::Abort;
    use crate::receive::options::Options;
    use crate::receive::shares::Shares;
    use crate::receive::totals::Tally;

    #[test]
    fn who_was_silenced_does_not_ask_again_for_each_refused_frame() {
        let shares = Shares::of(1 << 20, 1, 1 << 10);
        let shared = Shared::new(Abort::new().unwrap(), Options::default(), shares, Tally::default());
        let peer = Peer::from_path("peer");
        let mut unpickler = RecordUnpickler::new(shared.small_budget());
        let mut frames = FrameHandler::new(|_: &LogRecord<'_>| {}, &peer, &shared);
        while shared.rate_limits.admits(peer.origin()) {}
        for _ in 0..2 {
            let before = shared.rate_limits.asked();
            (0..1000).for_each(|_| frames.handle_frame(b"", &mut unpickler, &peer));
            // More may be said each tenth of a second.
            let asked = shared.rate_limits.asked().saturating_sub(before);
            assert!((1..500).contains(&asked), "{asked} times");
            frames.flush();
        }
        assert_eq!(shared.tally.totals().rejected_count(), 2000);
    }
}
