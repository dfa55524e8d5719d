//! Bytes to frame: [`FrameReader`] finds records in what a stream brings, however TCP has split it.
//!
//! In: bytes, in pieces of any size. Out: the bytes of one pickle at a time, without their prefix, borrowed from the read
//! buffer. Facts: `SocketHandler.makePickle` in CPython's `Lib/logging/handlers.py`: a 4-byte big-endian length, then the
//! pickle. Refused: a frame that is too long, or for which the system has no memory (its bytes are skipped as they arrive), and
//! a stream that is no sequence of frames. No input or output happens here, nothing is allocated that is only announced, and
//! beyond [`PRIVATE_BYTES`] nothing that was not granted.

use std::fmt;

use byteorder::{BigEndian, ByteOrder as _, LittleEndian};

use crate::base::limits::PRIVATE_BYTES;
use crate::base::memory::has_memory_for_exactly;

/// The state of one stream. It works in a read buffer that is lent to it. A frame that outgrows that buffer, or was not handed out
/// when the buffer goes back, has a buffer of its own, with what had arrived behind it.
#[derive(Debug)]
pub struct FrameReader {
    /// What it works in. Initialized throughout; what was received and not yet handed out lies at `start..end`.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// True while `bytes` is the unfinished frame's own.
    is_own: bool,
    /// The buffer that was lent, while it works in the frame's own.
    aside: Option<Vec<u8>>,
    /// How much of the buffer that was lent may be used.
    window: usize,
    /// Bytes of a refused frame that are yet to arrive, and its length.
    skipping: usize,
    skipped_length: usize,
    max_frame: usize,
    /// How many bytes beyond the private ones the unfinished frame may take.
    granted: usize,
}

impl FrameReader {
    /// The beginning of a stream, whose frames may have `max_frame` bytes each.
    pub fn new(max_frame: usize) -> FrameReader {
        FrameReader {
            bytes: Vec::new(),
            start: 0,
            end: 0,
            is_own: true,
            aside: None,
            window: 0,
            skipping: 0,
            skipped_length: 0,
            max_frame,
            granted: 0,
        }
    }

    /// The next complete frame, without its prefix; `None` until more bytes have arrived.
    ///
    /// # Errors
    /// After [`Error::FrameTooLong`] and [`Error::NoMemory`] the stream goes on behind that frame; after [`Error::NotAFrame`]
    /// there is nothing more to be had from it.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, Error> {
        self.skip();
        let Some((prefix, body)) = self.received().split_at_checked(PREFIX_BYTES) else {
            self.leave_own_buffer();
            return Ok(None);
        };
        let length = widen(BigEndian::read_u32(prefix));
        if length > self.max_frame {
            return self.refuse(length).map(|()| None);
        }
        if body.len() < length {
            return self.make_room_for(length).map(|()| None);
        }
        let begin = self.start.saturating_add(PREFIX_BYTES);
        self.start = begin.saturating_add(length);
        // Of what is kept behind it, as much as is not private stays granted.
        self.granted = self.granted.min(self.unfinished_bytes().saturating_sub(PRIVATE_BYTES));
        Ok(self.bytes.get(begin..self.start))
    }

    /// Where the next bytes of the stream belong; empty only if [`FrameReader::wanted`] says so.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        let most = if self.is_own { self.bytes.len() } else { self.window };
        self.bytes.get_mut(self.end..most).unwrap_or_default()
    }

    /// Says that the first `count` bytes of [`FrameReader::spare`] have been filled.
    pub fn advance(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.bytes.len());
    }

    /// True unless a frame has begun and is not complete.
    pub fn is_between_frames(&self) -> bool {
        self.start == self.end && self.skipping == 0
    }

    /// Bytes held of a frame that is not complete.
    pub fn unfinished_bytes(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Bytes that the unfinished frame needs, all in all, or the one that is being skipped; 0 if there is none, or its length has
    /// not arrived.
    pub fn length(&self) -> usize {
        if self.skipping > 0 { self.skipped_length } else { self.announced_length() }
    }

    /// Bytes granted and not used up: those of an unfinished frame.
    pub fn granted(&self) -> usize {
        self.granted
    }

    /// How many bytes more have to be granted before anything can be read; 0 if none have to. It is all that the frame needs.
    pub fn wanted(&self) -> usize {
        let room = if self.is_own { self.bytes.len().max(PRIVATE_BYTES) } else { self.window };
        if self.unfinished_bytes() < room { 0 } else { self.missing() }
    }

    /// What has to be granted before the buffer can be taken back: all that the frame needs, and what it needs at least.
    pub fn wanted_to_reclaim(&self) -> (usize, usize) {
        let kept = if self.is_own { 0 } else { self.unfinished_bytes() };
        let beyond = kept.saturating_sub(PRIVATE_BYTES).saturating_sub(self.granted);
        if beyond == 0 { (0, 0) } else { (self.missing().max(beyond), beyond) }
    }

    /// Grants so many bytes more.
    ///
    /// # Errors
    /// [`Error::NoMemory`] if the system does not have them: the frame is skipped.
    pub fn grant(&mut self, bytes: usize) -> Result<(), Error> {
        self.granted = self.granted.saturating_add(bytes);
        self.make_room_for(self.announced_length())
    }

    /// Lends a read buffer, of which it uses `window` bytes, [`PRIVATE_BYTES`] at least. Only a short beginning of a frame is
    /// copied there: a long one would be again at every wake-up.
    pub fn lend(&mut self, mut buffer: Vec<u8>, window: usize) {
        let unfinished = self.unfinished_bytes();
        self.window = window;
        match buffer.get_mut(..unfinished) {
            Some(room) if self.granted == 0 => {
                room.copy_from_slice(self.received());
                self.work_in(buffer, unfinished);
            }
            _ => self.aside = Some(buffer),
        }
    }

    /// Takes the read buffer back, if one was lent, and keeps a copy of what was not handed out: whole frames perhaps, and the
    /// beginning of one. If the system has no memory for that copy, the buffer stays lent.
    ///
    /// # Errors
    /// [`Error::NoMemory`], if it has none for what was granted: the frame is skipped.
    pub fn reclaim(&mut self) -> (Option<Vec<u8>>, Result<(), Error>) {
        // What a frame had of its own is given up with it.
        let is_kept = self.is_own && (self.granted > 0 || self.bytes.len() <= PRIVATE_BYTES);
        let (mut own, was_own) = (Vec::new(), self.is_own);
        if is_kept || !has_memory_for_exactly(&mut own, self.unfinished_bytes()) {
            return (self.aside.take(), Ok(()));
        }
        let buffer = self.move_to(own);
        let lent = if was_own { self.aside.take() } else { Some(buffer) };
        (lent, self.make_room_for(self.announced_length()))
    }

    #[inline]
    fn received(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    fn announced_length(&self) -> usize {
        self.received().get(..PREFIX_BYTES).map_or(0, |prefix| widen(BigEndian::read_u32(prefix)))
    }

    /// Passes over what has come of a frame that is skipped; true if that was the last of it.
    #[inline]
    pub fn skip(&mut self) -> bool {
        if self.skipping == 0 {
            return false;
        }
        let skipped = self.skipping.min(self.unfinished_bytes());
        self.skipping = self.skipping.saturating_sub(skipped);
        self.start = self.start.saturating_add(skipped);
        self.skipping == 0
    }

    /// Decides what to do about a frame beyond the limit, as soon as it shows how it begins.
    fn refuse(&mut self, length: usize) -> Result<(), Error> {
        let body = self.received().get(PREFIX_BYTES..).unwrap_or_default();
        let Some(opening) = body.first_chunk() else { return Ok(()) };
        if !opens_a_pickle(*opening) || is_little_endian_frame(self.received()) {
            return Err(Error::NotAFrame { length, limit: self.max_frame, head: Head::new(self.received()) });
        }
        self.start = self.start.saturating_add(PREFIX_BYTES);
        (self.skipping, self.skipped_length) = (length, length);
        Err(Error::FrameTooLong { length, limit: self.max_frame })
    }

    /// Bytes that have to be granted for all of the unfinished frame.
    fn missing(&self) -> usize {
        let whole = self.announced_length().saturating_add(PREFIX_BYTES);
        whole.saturating_sub(PRIVATE_BYTES).saturating_sub(self.granted)
    }

    /// Makes a buffer larger that a frame of `length` bytes has filled, if all of it was granted: it doubles, but not past the
    /// frame's end.
    fn make_room_for(&mut self, length: usize) -> Result<(), Error> {
        let filled = self.unfinished_bytes();
        let whole = length.saturating_add(PREFIX_BYTES);
        let is_full = filled >= if self.is_own { self.bytes.len() } else { self.window };
        if !is_full || filled >= whole || self.granted == 0 || self.missing() > 0 {
            return Ok(());
        }
        self.move_to_own_buffer(filled.saturating_mul(2).min(whole))
    }

    fn move_to_own_buffer(&mut self, size: usize) -> Result<(), Error> {
        let mut new = Vec::new();
        let own = if self.is_own { &mut self.bytes } else { &mut new };
        if !has_memory_for_exactly(own, size.saturating_sub(own.len())) {
            return Err(self.skip_for_lack_of_memory());
        }
        if !self.is_own {
            self.aside = Some(self.move_to(new));
        }
        self.bytes.resize(size, 0);
        Ok(())
    }

    /// Goes on in a buffer of its own, which has room for what was received; gives the one that was lent.
    fn move_to(&mut self, mut own: Vec<u8>) -> Vec<u8> {
        own.extend_from_slice(self.received());
        (self.start, self.end) = (0, own.len());
        self.is_own = true;
        std::mem::replace(&mut self.bytes, own)
    }

    /// The frame in it was handed out, or skipped: goes back to the buffer that was lent.
    fn leave_own_buffer(&mut self) {
        if self.is_own && self.start == self.end {
            match self.aside.take() {
                Some(buffer) => self.work_in(buffer, 0),
                None => self.bytes = Vec::new(),
            }
        }
    }

    /// Works in a buffer that was lent, with so many bytes received already.
    fn work_in(&mut self, buffer: Vec<u8>, received: usize) {
        self.bytes = buffer;
        (self.start, self.end) = (0, received);
        self.is_own = false;
    }

    fn skip_for_lack_of_memory(&mut self) -> Error {
        let length = self.announced_length();
        let whole = length.saturating_add(PREFIX_BYTES);
        (self.skipping, self.skipped_length) = (whole.saturating_sub(self.unfinished_bytes()), length);
        self.granted = 0;
        (self.start, self.end) = (0, 0);
        Error::NoMemory { length }
    }
}

/// What can be wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is longer than the limit, and begins like a pickle.
    FrameTooLong {
        /// Bytes that the prefix announces.
        length: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The system has no memory for it.
    NoMemory {
        /// Bytes that the prefix announces.
        length: usize,
    },
    /// The prefix announces more than the limit, and no pickle follows: this is another protocol.
    NotAFrame {
        /// Bytes that the prefix would announce.
        length: usize,
        /// Bytes that are allowed.
        limit: usize,
        /// How the stream goes on, prefix included.
        head: Head,
    },
}

impl Error {
    /// The error in a few words, the same for all its occurrences: for totals.
    pub const fn summary(self) -> &'static str {
        match self {
            Error::FrameTooLong { .. } => "too long",
            Error::NoMemory { .. } => "no memory",
            Error::NotAFrame { .. } => "not a frame",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::FrameTooLong { length, limit } => write!(f, "{length} bytes are more than {limit}; skipping them"),
            Error::NoMemory { length } => write!(f, "the system has no memory for {length} bytes; skipping them"),
            Error::NotAFrame { length, limit, head } => {
                write!(f, "the first four bytes announce {length} bytes, more than {limit}, and no pickle follows: ")?;
                match head.looks_like() {
                    Some(protocol) => write!(f, "this looks like {protocol}: {head}"),
                    None => write!(f, "{head}"),
                }
            }
        }
    }
}

impl std::error::Error for Error {}

/// The first bytes of a stream that is no sequence of frames. `Display` quotes and escapes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: [u8; HEAD_BYTES],
    length: usize,
}

impl Head {
    /// The first of these bytes.
    pub(crate) fn new(received: &[u8]) -> Head {
        let mut bytes = [0; HEAD_BYTES];
        for (to, from) in bytes.iter_mut().zip(received) {
            *to = *from;
        }
        Head { bytes, length: received.len().min(HEAD_BYTES) }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// What speaks like this, if it is well known, where a frame's pickle should stand: a sender frames as it should, and pickles
    /// otherwise or not at all.
    pub(crate) fn looks_like_in_frame(&self) -> Option<&'static str> {
        let is_pickle = self.as_bytes().first_chunk().is_some_and(|opening| opens_a_pickle(*opening));
        if is_pickle { None } else { self.looks_like() }
    }

    /// What speaks like this, if it is well known.
    pub fn looks_like(&self) -> Option<&'static str> {
        let head = self.as_bytes();
        let begins_with_any = |openings: &[&str]| openings.iter().any(|opening| head.starts_with(opening.as_bytes()));
        if begins_with_any(&["GET ", "POST", "PUT ", "HEAD", "OPTI", "DELE", "PATC", "CONN", "TRAC", "PRI "]) {
            Some("an HTTP request")
        } else if begins_with_any(&["\x16\x03"]) {
            Some("a TLS client hello")
        } else if begins_with_any(&["SSH-"]) {
            Some("an SSH banner")
        } else if head.first_chunk().is_some_and(|opening| opens_a_pickle(*opening)) {
            Some("a pickle without its length")
        } else if head.get(PREFIX_BYTES..).and_then(<[u8]>::first_chunk).is_some_and(|next| opens_a_pickle(*next)) {
            Some("a length in little-endian order")
        } else if begins_with_any(&["{\"", "{ ", "{\n", "{\r", "{}", "[{", "[\"", "[["]) {
            Some("JSON")
        } else if matches!(head, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
            Some("zlib")
        } else if head.starts_with(b"\x1f\x8b") {
            Some("gzip")
        } else if head.first() == Some(&b'<') {
            Some("syslog")
        } else if head.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) {
            Some("text")
        } else {
            None
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// True for the first two bytes of any pickle of a non-empty dict: PROTO with a version of 2 to 5, EMPTY_DICT and then a
/// memo opcode or MARK (protocol 1), or MARK and then DICT or LIST (protocol 0).
const fn opens_a_pickle(opening: [u8; 2]) -> bool {
    matches!(opening, [0x80, 2..=5] | [b'}', b'q' | b'r' | b'p' | b'('] | [b'(', b'd' | b'l'])
}

/// True if the length is none too long but one in the other byte order: then the pickle's last opcode, STOP, stands where that
/// length says. (Read as big-endian, the records of such a sender would silently count as parts of a very long one.)
fn is_little_endian_frame(received: &[u8]) -> bool {
    let Some((prefix, body)) = received.split_at_checked(PREFIX_BYTES) else { return false };
    let length = widen(LittleEndian::read_u32(prefix));
    length.checked_sub(1).and_then(|last| body.get(last)) == Some(&b'.')
}

/// A length of the wire as one of memory; on a 16-bit system, where there is no such thing, more than any limit.
fn widen(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// `struct.calcsize('>L')`
pub const PREFIX_BYTES: usize = 4;

/// Enough to recognize a protocol.
const HEAD_BYTES: usize = 32;

#[cfg(test)]
mod tests;
