//! How records end: the last keys with their values, as long as these are the same in every record.
//!
//! Thread, thread name, process name, process and task are the same for every record of a thread, and they come last. So the
//! end of a record is compared, in one piece, with that of the last ones, and if it is the same, so are its values.

use std::ops::Range;

use super::fields::{Ending, new_number};
use super::patience::Patience;
use crate::base::words::are_same;
use crate::decode::arena::{Node, Span};
use crate::decode::scalar::{narrow, offset};

/// The end of a record.
#[derive(Debug)]
pub(super) struct Tail {
    /// What records with it end with; `first_key` is no key's if there is no tail.
    pub ending: Ending,
    /// The slots of the memo before it.
    pub slot: u8,
    /// All its bytes, SETITEMS and STOP too.
    bytes: Vec<u8>,
    /// The values in it, by their places among its nodes; those that are texts apart, as if it began the frame.
    values: Vec<(usize, Node)>,
    texts: Vec<(usize, Span)>,
    /// The end of a record with which the next one's is to be compared.
    other: Vec<u8>,
    patience: Patience,
}

impl Tail {
    /// No tail.
    pub const fn new() -> Tail {
        Tail {
            ending: Ending { number: 0, first_key: usize::MAX },
            slot: 0,
            bytes: Vec::new(),
            values: Vec::new(),
            texts: Vec::new(),
            other: Vec::new(),
            patience: Patience::NONE,
        }
    }

    /// If `rest`, the end of `frame`, is this, puts its values behind their keys, and gives SETITEMS and STOP.
    #[inline(always)]
    pub fn take_values<'f>(&self, frame: &[u8], rest: &'f [u8], nodes: &mut [Node]) -> Option<&'f [u8]> {
        if !are_same(rest, &self.bytes) {
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
        (self.ending, self.slot) = (Ending { number: new_number(), first_key }, slot);
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

/// See [`Patience`].
const MORE_RECORDS: u8 = 8;

/// Fewer keys than that are no tail: they are read in less time.
const MIN_TAIL_KEYS: usize = 2;

/// No more than so many bytes are compared.
const MAX_TAIL_BYTES: usize = 512;
