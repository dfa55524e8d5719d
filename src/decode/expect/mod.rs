//! What the next record is expected to look like: for speed only.
//!
//! Records of one sender are laid out alike. What was learned of the last one spares the machine most of the next one, and
//! what [`RecordUnpickler`] gives is what the machine alone would have given: with [`Unpickler`](crate::decode::Unpickler) in its
//! place, each record is as before, and costs twice as much.

mod record_unpickler;

mod layout;

mod key;

mod tail;

mod patience;

mod fields;

pub(crate) mod field;

pub(crate) use fields::{Ending, Fields};
pub use record_unpickler::{RecordUnpickler, Unpickled};
