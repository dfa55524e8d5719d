//! Every limit: its default, its reason, and whom it protects.
//!
//! Each comment has three parts: what the protocol or CPython allows, what is allowed here, and whom the difference protects.

use std::time::Duration;

/// Longest accepted frame, in bytes, without its length prefix; `--max-frame`.
///
/// The prefix allows 4 GiB. Largest honest frames seen are 1 MB. 16 MiB protects the memory of the box from a peer that
/// announces, and then sends, gigabytes.
pub const MAX_FRAME_BYTES: usize = 16 << 20;

/// Longest pickle that is decoded, in bytes; the greatest `--max-frame`.
///
/// CPython has no limit. The decoder's positions have 32 bits, for the frame and what is rewritten of it; a larger frame would
/// be taken in whole before it could be refused.
pub const MAX_PICKLE_BYTES: usize = 1 << 29;

/// Values that one frame may have on the stack, and as many again in its containers.
///
/// CPython has no limit. The largest honest frames seen have 45,000 opcodes. A million, of 16 bytes each, protects memory
/// from frames of one-byte opcodes.
pub const MAX_VALUES: usize = 1 << 20;

/// Memo slots that one frame may use.
///
/// CPython has no limit. Honest frames number their slots from 0 or 1 upwards, the largest seen to 15,000. The same
/// bound as for values protects memory from `LONG_BINPUT 4294967295`.
pub const MAX_MEMO_ENTRIES: usize = MAX_VALUES;

/// MARKs open at once.
///
/// CPython has no limit. Honest senders nest at most 5,000 deep before Python itself gives up, with one MARK a level in
/// the worst case. Protects memory from a frame of MARKs.
pub const MAX_MARK_DEPTH: usize = 1 << 14;

/// Decimal digits of an integer, read from text or printed.
///
/// CPython's own limit, `sys.int_info.default_max_str_digits`: conversion costs the square of the digits.
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// Containers within containers that are printed; deeper ones print as `...`.
///
/// CPython's senders cannot pickle lists deeper than 4,999 (3.13). Nothing here recurses; the bound keeps the printing
/// stack small.
pub const MAX_PRINTED_DEPTH: usize = 5000;

/// Work that the record of a frame of so many bytes may cost, in units of ten nanoseconds and a little more.
///
/// CPython has no limit. Honest records need less than a tenth of it, and six tenths in a policy of 24 layouts. Protects the processor from frames
/// that name one part very often: the largest take little more than a second.
pub const fn meter_units(frame_bytes: usize) -> usize {
    let first = if frame_bytes < 1 << 20 { frame_bytes } else { 1 << 20 };
    METER_UNITS.saturating_add(frame_bytes.saturating_mul(4)).saturating_add(first)
}

/// What of [`meter_units`] does not depend on the length: a millisecond, which is a hundred times what small records need.
pub const METER_UNITS: usize = 96 << 10;

/// Work that a connection may do before others have their turn, in the same units: records that cost more are heavy ones.
///
/// Two milliseconds; 256 KiB of ordinary records need less. Protects those who send such ones from those who send others.
pub const TURN_UNITS: usize = 1 << 18;

/// What a frame costs besides what its meter counts, in the same units: the one that is refused at its first byte, too.
pub const FRAME_UNITS: usize = 32;

/// Bytes that one record may print: so many for each byte of its frame, and [`LINE_BYTES`] besides, but never more than
/// [`MAX_FRAME_BYTES`], or what `--max-frame` says.
///
/// CPython prints `%16777215d`, 16 MB, of a frame of 43 bytes. JSON takes up to six bytes for one that was sent, a repr up to ten.
/// Protects the disk.
pub const LINE_BYTES_PER_BYTE: usize = 16;

/// See [`LINE_BYTES_PER_BYTE`].
pub const LINE_BYTES: usize = 16 << 10;

/// Bytes that peers make the receiver hold, all together, where the system has no less; `--max-memory`.
///
/// The protocol allows 4 GiB a connection. 128 MiB protects the box from many peers that each send large frames.
pub const MAX_MEMORY_BYTES: usize = 128 << 20;

/// Bytes that the decoded values of one record may take, where `--max-memory` leaves so many.
///
/// CPython has no limit. The largest honest records seen take 2 MB. 64 MiB is what [`MAX_VALUES`] can take.
pub const MAX_IN_FLIGHT_BYTES: usize = 64 << 20;

/// What an idle connection takes, in bytes.
///
/// Measured: 20 to 40 kB of the kernel's memory, 9 to 12 of ours.
pub const CONNECTION_BYTES: usize = 40_000;

/// How long a frame waits for memory before the slowest of those that hold it is ended.
///
/// CPython's `SocketHandler` gives up after a second, and loses its record. Half of that protects honest senders of large records
/// from those who stop in the middle of one.
pub const MEMORY_PATIENCE: Duration = Duration::from_millis(500);

/// Bytes a second that a frame must have on average, where [`FRAME_TIMEOUT`] would be too short for it.
///
/// The protocol has no limit. The slowest links in use carry 16 kB a second; a peer that sends less holds memory for nothing.
pub const MIN_FRAME_BYTES_A_SECOND: usize = 16_000;

/// Bytes that each connection may keep of an unfinished frame, whatever others hold.
///
/// The largest ordinary records, with a traceback, have some kilobytes. 16 KiB protects those who send such ones from those who
/// send large ones.
pub const PRIVATE_BYTES: usize = 16 << 10;

/// Bytes of finished lines that wait for the writer thread, all connections together.
///
/// When they do not fit, readers wait, and Python's `sendall` with them. 8 MiB bridges a flash that stalls for seconds
/// at a thousand records a second.
pub const MAX_QUEUE_BYTES: usize = 8 << 20;

/// Places that a policy may write to.
///
/// CPython has no limit. Each has a writer thread and a queue; configurations that people have name up to five. 64 protects the
/// memory of the box from a configuration that was generated.
pub const MAX_DESTINATIONS: usize = 64;

/// Connections served at once; `--max-connections`.
///
/// The document's server has no limit. A thousand, each with a thread of its own, protects the box's threads, memory maps
/// and descriptors; who comes later waits, and loses nothing.
pub const MAX_CONNECTIONS: usize = 1000;

/// Connections that wait for a place after they were accepted, unless `--max-memory` allows fewer.
///
/// Where they come from is known only then, so that those of one address cannot make the others wait. As many more may wait in the listen
/// backlog.
pub const MAX_AHEAD: usize = 4096;

/// Connections that the kernel completes before they are accepted.
///
/// The document's server has 5, Rust's library 128; with those, a burst of a thousand clients waits for seconds, and Python's
/// `SocketHandler` gives up after one. The kernel lowers this to its own limit (`net.core.somaxconn`).
pub const LISTEN_BACKLOG: i32 = 4096;

/// How long a connection may be silent before its first record, and how long a record may take; `--frame-timeout`.
///
/// The protocol has no limit. A Python sender connects only when it has a record to send, and sends it whole: one that is
/// not done after half a minute has died, or never was one. Protects the number of connections. Between two records a
/// connection may be silent for ever.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to go on reading when asked to stop; `--drain-timeout`.
///
/// What has arrived takes milliseconds to read. Five seconds protect whoever stops the receiver from endless senders, and
/// stay below the ten after which containers are killed.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// When asked to stop, a connection that is silent for this long between records is taken to have sent everything.
///
/// TCP cannot tell. A tenth of a second covers round trips across a continent, and whoever waits for the receiver to stop.
/// While others that had connected wait for its place, it is less: the time that is left is shared out among them.
pub const DRAIN_SILENCE: Duration = Duration::from_millis(100);

/// When asked to stop, a connection that is not silent is read for this long at least; then it is left as soon as everything
/// that the kernel held is read, between records.
///
/// TCP cannot tell what was sent before the request and what after. A fifth of a second lets what was under way arrive, and
/// protects whoever waits for the receiver to stop from a peer that logs ten times a second.
pub const DRAIN_BUSY: Duration = Duration::from_millis(200);

/// Bytes that a connection's peer can have sent before the request to stop, and that were not read by then.
///
/// Linux lets a sender's kernel hold 4 MiB (`net.ipv4.tcp_wmem`) and the receiver's 6 (`net.ipv4.tcp_rmem`). More than 16 MiB
/// read since the request means that a peer sends faster than it can be read: it protects whoever waits.
pub const MAX_UNDER_WAY_BYTES: usize = 16 << 20;

/// Bytes that the kernel may hold of datagrams that were not read yet, for each UDP socket.
///
/// Linux's default of 208 KiB, which counts its own bookkeeping, is full after some 150 records: a burst that comes while
/// others are printed is lost. 4 MiB, twice of which the kernel then counts, hold 6,500. Where it grants less, that is said.
pub const DATAGRAM_BUFFER_BYTES: usize = 4 << 20;

/// Bytes asked of the kernel at once at a datagram socket: the largest datagram of UDP fits.
pub const READ_BUFFER_BYTES: usize = 64 << 10;

/// Connections that read, decode and lay out at the same time, where there is memory for so many; the others wait for a turn.
///
/// Each takes about a megabyte in the worst case, and there is work for as many as there are processors, which is fewer. Sixteen
/// leave room for some that wait for the output.
pub const MAX_WORKING_SETS: usize = 16;

/// Stack of a connection's thread, in bytes.
///
/// Rust's default is 2 MiB. Nothing in a connection recurses; 128 KiB is several times what an unoptimized build needs, and
/// protects the address space of 32-bit boxes.
pub const STACK_BYTES: usize = 128 << 10;

/// Seconds without traffic after which TCP asks whether the peer still lives, the seconds between its questions, and how many
/// remain unanswered before the connection counts as dead.
///
/// Linux asks after two hours. A healthy idle connection is never closed, so dead ones must be found: here after two minutes.
pub const KEEPALIVE_IDLE_SECONDS: u32 = 60;

/// See [`KEEPALIVE_IDLE_SECONDS`].
pub const KEEPALIVE_INTERVAL_SECONDS: u32 = 15;

/// See [`KEEPALIVE_IDLE_SECONDS`].
pub const KEEPALIVE_PROBES: u32 = 4;

/// Diagnostics that one address may cause in a row (IPv6 by network of 64 bits, 127.0.0.0/8 as one, Unix sockets by user); then
/// [`DIAGNOSTICS_PER_SECOND`].
///
/// Nothing limits what a peer can send. A hundred lines show what is wrong; the rest is counted, and said as a count. Protects
/// the disk on which diagnostics end.
pub const MAX_DIAGNOSTICS: u32 = 100;

/// The same for all addresses together; then [`ALL_DIAGNOSTICS_PER_SECOND`].
///
/// A datagram may name any address as its own. Protects the disk, and, since nobody may take more than is left to others, those
/// who have something else to say.
pub const MAX_ALL_DIAGNOSTICS: u32 = 500;

/// See [`MAX_ALL_DIAGNOSTICS`].
pub const ALL_DIAGNOSTICS_PER_SECOND: u32 = 50;

/// Addresses of which it is known how many diagnostics they have caused; when there are more, the oldest is forgotten.
pub const MAX_ORIGINS: usize = 1024;

/// See [`MAX_DIAGNOSTICS`].
pub const DIAGNOSTICS_PER_SECOND: u32 = 10;

/// Arrays and objects within one another in a line of JSON; deeper ones are `"..."`.
///
/// JSON has no limit; `jq` 1.6 has one of 256, and counts an object as two. 120 protects whoever reads the lines.
pub const MAX_JSON_DEPTH: usize = 120;

/// Bytes of a syslog message, its length on a stream aside; a longer one is cut.
///
/// RFC 5424 has no limit. A datagram has one just above, and so have the engines: syslog-ng closes the connection on more than
/// 64 KiB, rsyslog loses track of the stream on more than 200,000. 65,000 protect the records that come after a long one.
pub const MAX_SYSLOG_BYTES: usize = 65_000;

/// Relays that a record may pass, one after the other.
///
/// CPython has no limit: a `SocketHandler` that sends to its own receiver keeps a record going for ever. Honest chains have two or
/// three. Eight protect a ring of relays from records that never end.
pub const MAX_HOPS: u8 = 8;

/// Bytes of a message, or of one attribute, that is logged again through the `log` facade; longer ones are cut.
///
/// CPython has no limit, and a frame of 16 MiB can print as many. A megabyte, at most once for each connection at a time,
/// protects the program that takes Python's records into its own logging.
pub const MAX_RELOGGED_BYTES: usize = 1 << 20;

/// Longest configuration that is read, in bytes.
///
/// CPython has no limit. A thousand times the longest that people have; protects the memory of whoever names another file by
/// mistake.
pub const MAX_CONFIG_BYTES: usize = 4 << 20;
