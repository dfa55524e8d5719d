//! Jackdaws receives the logging events that Python programs send with `logging.handlers.SocketHandler`, and logs each of
//! them by the policy configured where it runs.
//!
//! It is the receiving end of "Sending and receiving logging events across a network" in Python's logging documentation, as
//! a program and as this library. [`receiver::LogRecordSocketReceiver`] serves until it is stopped; a closure is handler
//! enough:
//!
//! ```
//! use jackdaws::listen::Address;
//! use jackdaws::receiver::{LogRecordSocketReceiver, Options};
//! use jackdaws::record::{Field, LogRecord};
//!
//! let address = Address::parse("127.0.0.1:0".as_ref())?;
//! let receiver = LogRecordSocketReceiver::bind(&[address], Options::default())?;
//! let abort = receiver.abort();
//! abort.set(); // From any thread, when it is time to stop.
//! let totals = receiver.serve_until_stopped(|peer| {
//!     let peer = peer.to_string();
//!     move |record: &LogRecord<'_>| println!("{peer}: {:?}", record.field(Field::Name))
//! });
//! assert_eq!(totals.to_string(), "0 records (0 bytes) from 0 connections, 0 rejected, 0 lost");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The tour
//! The modules are declared below from the outside in, and a file uses only what is declared after it. Read in this order,
//! each one answers the questions of those before.
//!
//! 1. [`collector`] is the receiver as a test wants it: started in a line, it keeps every record. `fuzz` says what must hold
//!    for any frame, to the fuzzers and to the tests.
//! 2. [`receiver`] accepts connections in one `poll` loop, serves each in a thread of its own, and drains them when it is
//!    stopped. `receiver/capacity.rs` asks how many the system can bear, `receiver/slots.rs` counts them.
//! 3. [`notify`] tells the service manager. [`listen`] turns `udp:[::1]:9021` into bound sockets.
//! 4. `stream_handler` is the document's `handle`: bytes as they come, frame by frame, until the peer closes.
//!    `datagram_handler` is its sibling for datagrams. Both hand frames to `frame_handler`, which makes records of them and
//!    counts what is none. `shared` is what all connections share: totals, and a pool of buffers.
//! 5. [`network`] says who may send. `frame` finds the frames in a stream of bytes: a length prefix, limits, and what to skip.
//!    It does no I/O.
//! 6. [`policy`] is what the program does with a record: filter, format, queue. [`relog`] passes it to the `log` facade
//!    instead. [`output`] writes the lines, in one thread, and loses none that can be saved.
//! 7. [`handler`] is the trait between receiving and handling.
//! 8. [`mod@format`] lays a record out as `logging.Formatter` does, in three styles, or as JSON.
//! 9. [`record`] is `makeLogRecord`: a decoded dict becomes a record, with Python's defaults.
//! 10. [`python`] prints values as Python prints them: `str()`, `repr()`, `%` and format specs.
//! 11. [`pickle`] decodes: a bounded opcode machine that makes data of a pickle, and nothing else. `pickle/layout.rs` knows how
//!     the last record was laid out, and spares the machine most of the next one. `field` names the attributes that every
//!     record has.
//! 12. [`text`] is Python's text: code points, lone surrogates included. `bigint` is its `int` beyond 64 bits.
//! 13. [`socket_handler`] is the sending end, for Rust programs.
//! 14. At the bottom: [`totals`], [`peer`], [`budget`], [`abort`], `wait`, `thread`, [`limits`] with the reason of each, and
//!     [`sys`], the only file with `unsafe`.

pub mod collector;

#[doc(hidden)]
pub mod fuzz;

pub mod receiver;

pub mod notify;

pub mod listen;

mod stream_handler;

mod datagram_handler;

mod frame_handler;

mod shared;

mod frame;

pub mod network;

pub mod policy;

pub mod relog;

pub mod output;

pub mod handler;

pub mod format;

pub mod record;

pub mod python;

pub mod pickle;

mod field;

pub mod text;

mod bigint;

pub mod socket_handler;

pub mod totals;

pub mod peer;

pub mod budget;

pub mod abort;

mod wait;

mod thread;

pub mod limits;

pub mod sys;

/// The README's Rust examples, run by `cargo test`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
