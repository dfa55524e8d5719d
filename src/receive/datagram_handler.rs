//! One datagram socket: [`LogRecordDatagramHandler::handle`] takes a record from each datagram.
//!
//! In: what `logging.handlers.DatagramHandler` sends: one frame a datagram, with its length prefix. Out: records, given to one
//! handler, and a flush whenever nothing more is waiting. Refused: datagrams that were truncated, or whose length is not what
//! their prefix says, and senders outside the allowed networks. Asked to stop, it reads what has arrived.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use byteorder::{BigEndian, ByteOrder as _};
use log::error;
use nix::sys::socket::{MsgFlags, recv};

use crate::base::limits::{DRAIN_BUSY, FRAME_UNITS, MAX_UNDER_WAY_BYTES, READ_BUFFER_BYTES, TURN_UNITS};
use crate::base::memory::has_memory_for;
use crate::base::sys;
use crate::base::text::plural;
use crate::base::wait::{Ready, poll_either};
use crate::policy::handler::LogRecordHandler;
use crate::receive::frame::{Error, PREFIX_BYTES};
use crate::receive::frame_handler::{FrameHandler, Rejection};
use crate::receive::network::allows;
use crate::receive::peer::Peer;
use crate::receive::pool::{Buffers, Shared};
use crate::receive::totals::Totals;

/// Handles the records that arrive at one datagram socket.
#[derive(Debug)]
pub struct LogRecordDatagramHandler<'a, H: LogRecordHandler> {
    socket: &'a DatagramSocket,
    /// Stands for senders that have no address.
    listening: &'a Peer,
    records: FrameHandler<'a, H>,
    /// Who sent the last datagram: most often, who sends the next.
    sender: Sender,
    /// Read since the receiver was asked to stop.
    drained_bytes: usize,
    /// What the kernel had dropped when that was last asked, by this handler or the one before it.
    dropped: &'a AtomicU32,
    shared: &'a Shared,
}

impl<'a, H: LogRecordHandler> LogRecordDatagramHandler<'a, H> {
    /// Reads from `socket`, which must not block and is known as `listening`.
    /// `dropped` says how many datagrams the kernel had dropped before.
    pub fn new(
        socket: &'a DatagramSocket,
        listening: &'a Peer,
        handler: H,
        dropped: &'a AtomicU32,
        shared: &'a Shared,
    ) -> LogRecordDatagramHandler<'a, H> {
        let records = FrameHandler::new(handler, listening, shared);
        let sender = Sender { address: None, peer: listening.clone(), is_allowed: true };
        LogRecordDatagramHandler { socket, listening, records, sender, drained_bytes: 0, dropped, shared }
    }

    /// Handles records until the receiver has to stop.
    pub fn handle(mut self) {
        let mut buffers = self.shared.new_datagram_buffers();
        loop {
            let is_draining = self.shared.abort.is_set();
            let stop = if is_draining { self.shared.abort.stop_now_fd() } else { self.shared.abort.as_fd() };
            let patience = is_draining.then_some(Duration::ZERO);
            match poll_either(self.socket.as_fd(), stop, patience) {
                Ok(Ready::First) if self.must_end() => break,
                Ok(Ready::First) => self.receive_all(&mut buffers),
                Ok(Ready::Neither | Ready::Second) if is_draining => break,
                Ok(Ready::Neither | Ready::Second) => {}
                Err(errno) => self.pause_after(&errno.into()),
            }
        }
        self.records.flush();
        self.count_dropped();
    }

    /// Counts what the kernel had no room for.
    fn count_dropped(&mut self) {
        // The senders of Unix datagrams wait for room.
        let DatagramSocket::Udp(socket) = self.socket else { return };
        let Some(dropped) = sys::dropped_datagrams(socket) else { return };
        let count = u64::from(dropped.wrapping_sub(self.dropped.swap(dropped, Ordering::Relaxed)));
        if count > 0 {
            self.shared.tally.count(&mut Totals { dropped: count, ..Totals::default() });
            let plural = plural(count);
            self.records.say(format_args!("{count} datagram{plural} dropped by the kernel: they came too fast"));
        }
    }

    /// Handles every datagram that has arrived.
    fn receive_all(&mut self, buffers: &mut Buffers) {
        let mut units = 0_usize;
        while !self.must_end() {
            let missing = READ_BUFFER_BYTES.saturating_sub(buffers.bytes.len());
            if missing > 0 && has_memory_for(&mut buffers.bytes, missing) {
                buffers.bytes.resize(READ_BUFFER_BYTES, 0);
            }
            let received = match self.receive(&mut buffers.bytes) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.pause_after(&error);
                    break;
                }
            };
            if self.shared.abort.is_set() {
                self.drained_bytes = self.drained_bytes.saturating_add(received.length);
            }
            units = units.saturating_add(FRAME_UNITS);
            match self.accept(&buffers.bytes, received) {
                Ok(frame) => {
                    self.records.handle_frame(frame, &mut buffers.unpickler, &self.sender.peer);
                    units = units.saturating_add(buffers.unpickler.meter().used());
                }
                Err(rejection) => self.records.reject(rejection, &self.sender.peer),
            }
            if units > TURN_UNITS {
                // There may be no end of them.
                self.records.flush();
                units = 0;
            }
        }
        self.records.flush();
        self.count_dropped();
        buffers.bytes.truncate(READ_BUFFER_BYTES);
        buffers.bytes.shrink_to(READ_BUFFER_BYTES);
        buffers.unpickler.shrink();
    }

    /// Receives one datagram, and learns who sent it.
    fn receive(&mut self, bytes: &mut Vec<u8>) -> io::Result<Received> {
        match self.socket {
            DatagramSocket::Udp(socket) => {
                // UDP's largest fits into any read buffer.
                let (length, address) = socket.recv_from(bytes)?;
                if self.sender.address != Some(address) {
                    let peer = Peer::from_socket_address(address);
                    let is_allowed = allows(&self.shared.options.allow, peer.ip());
                    self.sender = Sender { address: Some(address), peer, is_allowed };
                }
                Ok(Received { length, is_truncated: bytes.is_empty() })
            }
            DatagramSocket::Unix(socket) => {
                // These may be larger, and tell how large only beforehand.
                let sent = recv(socket.as_raw_fd(), &mut [], MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC)?;
                let wanted = sent.min(self.shared.options.max_frame.saturating_add(PREFIX_BYTES));
                // What finds no memory is truncated, and refused.
                if has_memory_for(bytes, wanted.saturating_sub(bytes.len())) {
                    bytes.resize(wanted.max(bytes.len()), 0);
                }
                let (length, address) = socket.recv_from(bytes)?;
                let path = address.as_pathname().map(|path| path.to_string_lossy());
                let client_address = path.as_deref().unwrap_or(self.listening.client_address());
                if self.sender.peer.client_address() != client_address {
                    self.sender.peer = Peer::from_path(client_address);
                }
                Ok(Received { length, is_truncated: length < sent })
            }
        }
    }

    /// The frame that a datagram holds.
    fn accept<'b>(&self, bytes: &'b [u8], received: Received) -> Result<&'b [u8], Rejection> {
        if !self.sender.is_allowed {
            return Err(Rejection::NotAllowed);
        }
        let datagram = bytes.get(..received.length).unwrap_or(bytes);
        if received.is_truncated {
            return Err(Rejection::DatagramTruncated { received: datagram.len() });
        }
        frame_of(datagram, self.shared.options.max_frame)
    }

    fn must_end(&self) -> bool {
        let abort = &self.shared.abort;
        // More than could have been under way is read: whoever sent it, goes on for ever.
        let is_enough = self.drained_bytes > MAX_UNDER_WAY_BYTES && self.shared.has_drained_for(DRAIN_BUSY);
        is_enough
            || abort.is_stop_now()
            || self.shared.drain_deadline().is_some_and(|deadline| deadline <= Instant::now())
    }

    /// What fails once often fails again at once: waits a little.
    fn pause_after(&self, error: &io::Error) {
        error!(target: "jackdaws", "{}: cannot receive: {error}", self.listening);
        let abort = &self.shared.abort;
        let _ = poll_either(abort.stop_now_fd(), abort.as_fd(), Some(PAUSE));
    }
}

/// A socket that receives datagrams, and does not block.
#[derive(Debug)]
pub enum DatagramSocket {
    /// From anywhere.
    Udp(UdpSocket),
    /// From this machine.
    Unix(UnixDatagram),
}

impl AsFd for DatagramSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            DatagramSocket::Udp(socket) => socket.as_fd(),
            DatagramSocket::Unix(socket) => socket.as_fd(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Received {
    length: usize,
    is_truncated: bool,
}

#[derive(Debug)]
struct Sender {
    /// Of a UDP peer.
    address: Option<SocketAddr>,
    peer: Peer,
    is_allowed: bool,
}

/// A datagram without its prefix, if that tells the truth.
fn frame_of(datagram: &[u8], max_frame: usize) -> Result<&[u8], Rejection> {
    let Some((prefix, body)) = datagram.split_at_checked(PREFIX_BYTES) else {
        return Err(Rejection::DatagramTooShort { held: datagram.len() });
    };
    let (held, announced) = (body.len(), BigEndian::read_u32(prefix));
    if u32::try_from(held) != Ok(announced) {
        return Err(Rejection::DatagramLength { held, announced });
    }
    if held > max_frame {
        return Err(Rejection::Frame(Error::FrameTooLong { length: held, limit: max_frame }));
    }
    Ok(body)
}

const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_one_frame_with_its_length() {
        assert_eq!(frame_of(b"\0\0\0\x03abc", 3), Ok(&b"abc"[..]));
        assert_eq!(frame_of(b"\0\0\0\0", 3), Ok(&b""[..]));
        for held in 0..4 {
            assert_eq!(frame_of(&[0; 4][..held], 3), Err(Rejection::DatagramTooShort { held }));
        }
        assert_eq!(frame_of(b"\0\0\0\x03ab", 3), Err(Rejection::DatagramLength { held: 2, announced: 3 }));
        assert_eq!(frame_of(b"\0\0\0\x03abcd", 9), Err(Rejection::DatagramLength { held: 4, announced: 3 }));
    }

    #[test]
    fn a_datagram_has_the_limit_of_a_frame() {
        for (limit, accepted) in [(2, false), (3, true), (4, true)] {
            assert_eq!(frame_of(b"\0\0\0\x03abc", limit).is_ok(), accepted, "{limit}");
        }
    }
}
