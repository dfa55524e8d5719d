//! How records end: the last keys with their values, as long as these are the same in every record.
//!
//! Thread, thread name, process name, process and task are the same for every record of a thread, and they come last. So the
//! end of a record is compared, in one piece, with that of the last ones, and if it is the same, so are its values.

use std::ops::Range;

use super::patience::Patience;
use crate::base::words::word_at;
use crate::decode::scalar::{narrow, offset};
use crate::decode::value::{Node, Span};

/// The end of a record.
#[derive(Debug)]
pub(super) struct Tail {
    /// The number of the key with which it begins; no key's if there is no tail.
    pub first_key: usize,
    /// The slots of the memo before it.
    pub slot: u8,
    /// All its bytes, SETITEMS and STOP too.
    bytes: Vec<u8>,
    /// The values in it, by their places among its nodes; those that are texts apart, as if it began the frame.
    values: Vec<(usize, Node)>,
    texts: Vec<(usize, Span)>,
    /// The end of a record with which the next one's is to be compared.
    other: Vec<u8>,
    /// The present record ends like this.
    pub was_met: bool,
    patience: Patience,
}

impl Tail {
    /// No tail.
    pub const fn new() -> Tail {
        Tail {
            first_key: usize::MAX,
            slot: 0,
            bytes: Vec::new(),
            values: Vec::new(),
            texts: Vec::new(),
            other: Vec::new(),
            was_met: false,
            patience: Patience::NONE,
        }
    }

    /// If `rest`, the end of `frame`, is this, puts its values behind their keys, and gives SETITEMS and STOP.
    #[inline(always)]
    pub fn take_values<'f>(&mut self, frame: &[u8], rest: &'f [u8], nodes: &mut [Node]) -> Option<&'f [u8]> {
        self.was_met = are_same(rest, &self.bytes);
        if !self.was_met {
            return None;
        }
        for &(place, value) in &self.values {
            if let Some(node) = nodes.get_mut(place) {
                *node = value;
            }
        }
        let start = offset(frame, rest);
        for &(place, text) in &self.texts {
            if let Some(node) = nodes.get_mut(place) {
                *node = Node::Str(text.moved_by(start));
            }
        }
        rest.last_chunk::<2>().map(|end| end.as_slice())
    }

    /// Whether it wants to learn from this record, which ended otherwise.
    pub fn wants_to_learn(&mut self) -> bool {
        self.patience.is_over(MORE_RECORDS)
    }

    /// Learns from a record that ended otherwise, given what stands in its frame from each key on, with the slots before it, and
    /// its nodes: what it has in common with the ends of the records before becomes the tail.
    pub fn learn(&mut self, frame: &[u8], starts: &[(&[u8], u8)], nodes: &[Node]) {
        if self.bytes.is_empty() && self.other.is_empty() {
            self.other = frame.get(frame.len().saturating_sub(MAX_TAIL_BYTES)..).unwrap_or(frame).to_vec();
            self.patience = Patience::NONE;
            return;
        }
        let known = if self.bytes.is_empty() { &self.other } else { &self.bytes };
        let common = known.iter().rev().zip(frame.iter().rev()).take_while(|(known, new)| known == new).count();
        let found = starts.iter().enumerate().find(|(number, (rest, _))| {
            let nodes = nodes.get(number.saturating_mul(2)..).unwrap_or_default();
            let values = || nodes.iter().skip(1).step_by(2);
            let bytes = offset(frame, rest)..narrow(frame.len());
            rest.len() <= common && values().len() >= MIN_TAIL_KEYS && values().all(|value| stands_in(&bytes, value))
        });
        *self = Tail { patience: std::mem::replace(&mut self.patience, Patience::NONE), ..Tail::new() };
        let Some((first_key, &(rest, slot))) = found else { return };
        let nodes = nodes.get(first_key.saturating_mul(2)..).unwrap_or_default();
        for (place, value) in nodes.iter().enumerate().skip(1).step_by(2) {
            match value {
                Node::Str(text) => self.texts.push((place, text.moved_by(offset(frame, rest).wrapping_neg()))),
                _ => self.values.push((place, *value)),
            }
        }
        self.bytes = rest.to_vec();
        (self.first_key, self.slot) = (first_key, slot);
    }
}

/// True for a scalar that needs no bytes of the frame but, if it is a text, these.
fn stands_in(bytes: &Range<u32>, value: &Node) -> bool {
    match value {
        Node::Str(span) => bytes.contains(&span.start()),
        Node::Bytes(_) | Node::ByteArray(_) | Node::BigInt(_) => false,
        other => other.is_scalar(),
    }
}

/// `==`, by words: the C libraries of small boxes compare byte by byte, which took a third of all the time there.
#[inline(always)]
fn are_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (last, other_last) = (one.last_chunk(), other.last_chunk());
    let (mut one, mut other) = (one, other);
    while let (Some((piece, after)), Some((other_piece, other_after))) =
        (one.split_first_chunk(), other.split_first_chunk())
    {
        if are_unlike(piece, other_piece) {
            return false;
        }
        (one, other) = (after, other_after);
    }
    // The last piece overlaps with the one before.
    match (last, other_last) {
        (Some(last), Some(other_last)) => !are_unlike(last, other_last),
        _ => one.iter().eq(other),
    }
}

#[inline(always)]
fn are_unlike(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let unlike = |at| word_at(one, at) ^ word_at(other, at);
    unlike(0) | unlike(8) | unlike(16) | unlike(24) != 0
}

/// See [`Patience`].
const MORE_RECORDS: u8 = 8;

/// Fewer keys than that are no tail: they are read in less time.
const MIN_TAIL_KEYS: usize = 2;

/// No more than so many bytes are compared.
const MAX_TAIL_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::are_same;

    #[test]
    fn bytes_are_the_same_if_each_of_them_is() {
        for length in 0..100 {
            let bytes: Vec<u8> = (0..length).collect();
            assert!(are_same(&bytes, &bytes.clone()), "{length}");
            assert!(!are_same(&bytes, &[&bytes[..], &[0]].concat()), "{length}");
            for at in 0..bytes.len() {
                let mut others = bytes.clone();
                others[at] ^= 0x80;
                assert!(!are_same(&bytes, &others), "{length} {at}");
            }
        }
    }
}
