//! Frame to handled record: [`FrameHandler`], what streams and datagrams have in common.
//!
//! In: the bytes of one frame. Out: a record, given to the handler of the connection. Refused, each with one diagnostic that
//! names the peer, the reason and the byte offset, and counted: what cannot be decoded, and what is no record. A peer that
//! sends nothing else is not allowed to flood: see [`crate::base::limits::MAX_DIAGNOSTICS`].

use std::fmt;
use std::time::{Duration, Instant};

use log::warn;

use crate::base::text::plural;
use crate::decode;
use crate::decode::expect::RecordUnpickler;
use crate::policy::handler::LogRecordHandler;
use crate::receive::frame::{self, Head};
use crate::receive::muffler::Muffler;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::totals::Totals;
use crate::record::{Defaults, Field, LogRecord, NotARecord, make_log_record};

/// A handler of records, and what it takes to give it frames.
#[derive(Debug)]
pub struct FrameHandler<'a, H: LogRecordHandler> {
    handler: H,
    shared: &'a Shared,
    /// Counted here and not yet in the shared totals.
    totals: Totals,
    muffler: Muffler,
    /// Whom the count of muffled diagnostics is about.
    peer: &'a Peer,
}

impl<'a, H: LogRecordHandler> FrameHandler<'a, H> {
    /// Gives the frames of `peer` to `handler`.
    pub fn new(handler: H, peer: &'a Peer, shared: &'a Shared) -> FrameHandler<'a, H> {
        FrameHandler { handler, shared, totals: Totals::default(), muffler: Muffler::default(), peer }
    }

    /// Handles one frame, given without its prefix. `source` says who sent it: the peer, or where a datagram came from.
    #[inline]
    pub fn handle_frame(&mut self, frame: &[u8], unpickler: &mut RecordUnpickler, source: &Peer) {
        // By reference: to move a record costs as much as to make it.
        let level = match &decode(frame, unpickler, &self.shared.defaults, source) {
            Ok(record) => {
                self.handler.handle_log_record(record);
                record.field(Field::LevelNo).as_f64()
            }
            Err(rejection) => return self.reject(*rejection, source),
        };
        let bytes = frame.len().saturating_add(frame::PREFIX_BYTES);
        self.totals.count_record(level, u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Reports and counts a frame that gave no record.
    #[cold]
    pub fn reject(&mut self, rejection: Rejection, source: &Peer) {
        self.totals.reject(rejection.summary(), 1);
        if self.muffler.admits(Instant::now()) {
            self.report_muffled();
            let consequence = if rejection.ends_connection() { "connection closed" } else { "record rejected" };
            warn!(target: "jackdaws", "{source}: {consequence}: {rejection}");
        }
    }

    /// Everything that had arrived has been handled: lets the handler pass on what it gathered, and the totals know.
    pub fn flush(&mut self) {
        self.handler.flush();
        self.shared.count(&mut self.totals);
    }

    fn report_muffled(&mut self) {
        let muffled = self.muffler.take_muffled();
        if muffled > 0 {
            warn!(target: "jackdaws", "{}: {muffled} more record{} rejected, too many to report each", self.peer, plural(muffled));
        }
    }
}

/// What was counted stays counted, even after a panic.
impl<H: LogRecordHandler> Drop for FrameHandler<'_, H> {
    fn drop(&mut self) {
        self.report_muffled();
        self.shared.count(&mut self.totals);
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
            Rejection::NotARecord(_) => "not a record",
            Rejection::NotAllowed => "not allowed",
            Rejection::Pickle(error, _) => error.reason.summary(),
            Rejection::Silent { .. } => "timed out",
        }
    }

    /// True if the connection cannot go on after it.
    const fn ends_connection(self) -> bool {
        matches!(self, Rejection::Frame(frame::Error::NotAFrame { .. }) | Rejection::Silent { .. })
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
            Rejection::NotARecord(error) => write!(f, "{error}, at offset 0"),
            Rejection::NotAllowed => f.write_str("the sender is not in an allowed network"),
            Rejection::Pickle(error, None) => error.fmt(f),
            Rejection::Pickle(error, Some(protocol)) => write!(f, "{error}; this looks like {protocol}"),
            Rejection::Silent { received, waited } => {
                write!(f, "nothing came for {} seconds at offset {received}", waited.as_secs_f64())
            }
        }
    }
}

impl std::error::Error for Rejection {}
