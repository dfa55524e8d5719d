//! Whether a pickle may go on to others as it is: it is data and nothing else, and they read it as it was read here.

use super::arena::Node;
use super::opcode;
use super::value::Value;

impl<'a> Value<'a> {
    /// The bytes of the pickle that this is, up to its STOP, if this is a dict, and whoever unpickles them makes the same of them
    /// and nothing else of it: no opcode of it imports, calls or builds, not even what was then dropped.
    pub(crate) fn plain_pickle(self) -> Option<&'a [u8]> {
        let arena = self.arena;
        // Whatever would be called or built was imported first, and nothing makes one import forgotten.
        let is_plain = arena.globals.is_empty() && !arena.has_own_reading;
        match (self.node(), arena.root) {
            (Node::Dict(dict), Node::Dict(root)) if is_plain && dict == root => {
                self.frame.get(..arena.stop).filter(|pickle| is_in_one_frame(pickle))
            }
            _ => None,
        }
    }
}

/// Whether a pickle, given without its STOP, has no FRAME, or one that ends with it: none that would then have to hold more than
/// what is appended.
fn is_in_one_frame(pickle: &[u8]) -> bool {
    match pickle.get(opening_frame(pickle)..) {
        Some([opcode::FRAME, rest @ ..]) => rest.split_first_chunk::<8>().is_some_and(|(length, rest)| {
            usize::try_from(u64::from_le_bytes(*length)).is_ok_and(|length| length == rest.len().saturating_add(1))
        }),
        _ => true,
    }
}

/// Where FRAME stands in a pickle that has one: after PROTO.
pub(super) fn opening_frame(pickle: &[u8]) -> usize {
    if pickle.first() == Some(&opcode::PROTO) { 2 } else { 0 }
}
