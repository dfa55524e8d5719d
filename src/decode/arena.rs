//! Where the values of one pickle live.
//!
//! A [`Node`] is 16 bytes and is copied freely. Scalars are held in it, text and bytes are spans of the frame, containers are indices
//! into the [`Arena`].

use crate::base::meter::Meter;

/// A value as the machine and the arena hold it. A tag as wide as the payload, and no payload narrower than four bytes,
/// let it be copied as two words; with a one-byte tag it goes byte by byte, which costs a third of all decoding.
#[derive(Clone, Copy, Debug, Default)]
#[repr(u64)]
pub(crate) enum Node {
    /// A memo slot that was never written.
    #[default]
    Unset,
    None,
    False,
    True,
    Int(i64),
    Float(Bits),
    BigInt(Span),
    Str(Span),
    Bytes(Span),
    Tuple(Span),
    FrozenSet(Index),
    Global(Index),
    Object(Index),
    // What cannot be a key stands together, so that one comparison tells.
    ByteArray(Span),
    List(Index),
    Dict(Index),
    Set(Index),
}

impl Node {
    /// True for what is no container, no class and no object.
    #[inline(always)]
    pub const fn is_scalar(self) -> bool {
        use Node::{BigInt, ByteArray, Bytes, False, Float, Int, None, Str, True};
        matches!(self, None | False | True | Int(_) | Float(_) | BigInt(_) | Str(_) | Bytes(_) | ByteArray(_))
    }

    /// Of a tuple, its first elements: no more than so many.
    pub fn shortened(self, length: u32) -> Node {
        match self {
            Node::Tuple(span) => Node::Tuple(Span::new(span.start(), span.length().min(length))),
            other => other,
        }
    }

    #[inline(always)]
    pub const fn float(value: f64) -> Node {
        Node::Float(Bits(value.to_bits()))
    }
}

/// A range: of bytes in the frame, in the scratch or among the interned ones; or of nodes in the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl Span {
    /// Where what starts is not in the frame, which is shorter than either of these: in the scratch, after this bit, or among
    /// the interned bytes, after the other.
    pub const SCRATCH: u32 = 1 << 31;
    pub const INTERNED: u32 = 1 << 30;

    #[inline(always)]
    pub fn new(start: u32, length: u32) -> Span {
        Span(u64::from(start) << 32 | u64::from(length))
    }

    /// The same, so many bytes further on.
    pub fn moved_by(self, bytes: u32) -> Span {
        Span::new(self.start().wrapping_add(bytes), self.length())
    }

    #[inline(always)]
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the high half")]
    pub const fn start(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the low half")]
    pub const fn length(self) -> u32 {
        self.0 as u32
    }
}

/// A place in one of the arena's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index(u64);

impl Index {
    #[inline(always)]
    pub fn new(index: u32) -> Index {
        Index(u64::from(index))
    }

    #[inline(always)]
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "it was made of a u32")]
    pub const fn get(self) -> u32 {
        self.0 as u32
    }
}

/// The bits of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits(u64);

impl Bits {
    #[inline(always)]
    pub const fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// A stretch of a container's nodes. A container is its first run; it grows at its last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub start: u32,
    pub length: u32,
    /// The run after this one.
    pub next: u32,
    /// In the first run of a container: its last run.
    pub last: u32,
}

impl Run {
    pub const NO_NEXT: u32 = u32::MAX;

    pub fn span(&self) -> Span {
        Span::new(self.start, self.length)
    }
}

/// See [`Object`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectParts {
    pub class: Node,
    pub instance: bool,
    pub args: Node,
    pub kwargs: Node,
    pub state: Node,
    /// First runs, or [`Run::NO_NEXT`].
    pub items: u32,
    pub pairs: u32,
}

/// Where all nodes of one pickle live; kept and reused from one frame to the next.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub nodes: Vec<Node>,
    pub runs: Vec<Run>,
    pub objects: Vec<ObjectParts>,
    pub globals: Vec<(Span, Span)>,
    /// Text and bytes that do not stand in the frame as they are: escapes decoded, Latin-1 re-encoded.
    pub scratch: Vec<u8>,
    /// What the pickle is.
    pub root: Node,
    /// Where its STOP stands.
    pub stop: usize,
    /// It was read as others would not read it: a Python 2 `str` that is no ASCII, a float of protocol 0 that is infinite, or a FRAME
    /// that is not the first.
    pub has_own_reading: bool,
    /// Bytes that were the same in earlier pickles, and outlive each of them.
    pub interned: Vec<u8>,
    /// Counts the work that is done for the pickle.
    pub meter: Meter,
}

impl Arena {
    /// The bytes of a span.
    #[inline]
    pub fn bytes<'a>(&'a self, frame: &'a [u8], span: Span) -> &'a [u8] {
        let (start, length) = (widen(span.start()), widen(span.length()));
        match frame.get(start..start.saturating_add(length)) {
            Some(bytes) => bytes,
            None => self.bytes_elsewhere(span),
        }
    }

    #[cold]
    fn bytes_elsewhere(&self, span: Span) -> &[u8] {
        let (bytes, bit) = match span.start() & (Span::SCRATCH | Span::INTERNED) {
            Span::INTERNED => (&self.interned, Span::INTERNED),
            _ => (&self.scratch, Span::SCRATCH),
        };
        let (offset, length) = (widen(span.start() & !bit), widen(span.length()));
        bytes.get(offset..offset.saturating_add(length)).unwrap_or_default()
    }

    #[inline]
    pub fn nodes(&self, span: Span) -> &[Node] {
        let (start, length) = (widen(span.start()), widen(span.length()));
        self.nodes.get(start..start.saturating_add(length)).unwrap_or_default()
    }
}

/// The arena of values that are of no pickle.
pub(super) static NOTHING: Arena = Arena {
    nodes: Vec::new(),
    runs: Vec::new(),
    objects: Vec::new(),
    globals: Vec::new(),
    scratch: Vec::new(),
    root: Node::Unset,
    stop: 0,
    has_own_reading: false,
    interned: Vec::new(),
    meter: Meter::unlimited(),
};

/// A 32-bit index as `usize`, which has at least 32 bits wherever this runs.
#[inline]
#[allow(
    clippy::as_conversions,
    reason = "never truncates: usize has at least 32 bits on every target with std and sockets"
)]
pub(crate) const fn widen(index: u32) -> usize {
    index as usize
}
