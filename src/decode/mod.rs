//! Frame to value: [`Unpickler::unpickle`], `pickle.loads` without its teeth.
//!
//! In: the bytes of one pickle, protocol 0 to 5. Out: a [`Value`] that borrows from them, data only: whatever would make
//! Python import, call or build something becomes an [`Object`] that says so. Refused, with opcode name and byte offset:
//! what CPython refuses, what reaches outside the pickle (persistent ids, extension codes, out-of-band buffers), and
//! whatever exceeds a limit of [`crate::base::limits`]. Bytes after STOP are ignored, as CPython ignores them.

pub mod expect;

mod calls;

mod containers;

mod machine;

mod text_opcodes;

mod scalar;

mod plain_pickle;

mod value;

mod arena;

mod error;

pub mod opcode;

pub(crate) mod float_digits;

pub(crate) mod bigint;

pub(crate) use arena::Node;
pub use error::{Error, Reason};
pub use machine::Unpickler;
pub use value::{Global, Identity, Items, Kind, Object, Pairs, Value};

#[cfg(test)]
mod tests;
