//! The sending end, for Rust programs: a `log::Log` that pickles records and sends them, as Python's `SocketHandler` does.

mod socket_handler;

mod make_pickle;

pub(crate) mod socket;

pub use socket_handler::SocketHandler;
