//! A connection: addresses come in, frames go out, each within a deadline.
//! Refuses to wait past the deadline, and a TCP connection that is connected to itself.

use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{
    AddressFamily, MsgFlags, Shutdown, SockType, SockaddrStorage, UnixAddr, connect, getpeername, getsockname, recv,
    send, sendmsg, setsockopt, shutdown, sockopt,
};
use nix::sys::time::TimeVal;

use crate::base::sys;
use crate::base::wait::poll_any;

/// A connected stream socket. Dropping it closes it at once; [`close`](Self::close) waits for the peer.
pub(crate) struct Socket(OwnedFd);

impl Socket {
    /// Connects to the first address that answers. Each has its share of the time, so that a silent one leaves some for
    /// the others.
    pub(crate) fn tcp(addresses: &[SocketAddr], deadline: Instant) -> io::Result<Socket> {
        let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
            let shares = u32::try_from(left).unwrap_or(u32::MAX);
            let share = remaining(deadline)?.checked_div(shares).unwrap_or_default().max(GRAIN);
            match TcpStream::connect_timeout(address, share).and_then(refuse_itself) {
                Ok(stream) => return Ok(Socket(stream.into())),
                Err(e) => error = e,
            }
        }
        Err(error)
    }

    /// Sends datagrams to the first address that there is a way to.
    pub(crate) fn udp(addresses: &[SocketAddr]) -> io::Result<Socket> {
        let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
            let socket = sys::socket(family, SockType::Datagram)?;
            match connect(socket.as_raw_fd(), &SockaddrStorage::from(*address)) {
                Ok(()) => return Ok(Socket(socket)),
                Err(errno) => error = errno.into(),
            }
        }
        Err(error)
    }

    pub(crate) fn unix(path: &Path, deadline: Instant) -> io::Result<Socket> {
        let address = UnixAddr::new(path)?;
        let fd = sys::socket(AddressFamily::Unix, SockType::Stream)?;
        loop {
            // The send timeout is also the one of a connect that waits for a place in the peer's backlog.
            let timeout = remaining(deadline)?.max(GRAIN);
            setsockopt(&fd, sockopt::SendTimeout, &time_val(timeout))?;
            match connect(fd.as_raw_fd(), &address) {
                Ok(()) => return Ok(Socket(fd)),
                Err(Errno::EINTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// For much that is sent at once: the last of it does not wait for an answer to the rest, and an end that has died while there
    /// was nothing to send is noticed.
    pub(crate) fn for_batches(self) -> Socket {
        // Without them it works, less well.
        let _ = setsockopt(&self.0, sockopt::TcpNoDelay, &true);
        let _ = setsockopt(&self.0, sockopt::KeepAlive, &true);
        self
    }

    /// Whether the peer has closed or reset the connection.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        self.end().is_some()
    }

    /// How the connection has ended, if it has: by an error where the peer has gone without reading all of it. Takes what the
    /// peer may have said, which is nothing that a receiver of logging says, so that the end of file behind it is seen.
    pub(crate) fn end(&self) -> Option<nix::Result<()>> {
        for _ in 0..MOST_SAID {
            match self.recv() {
                Ok(1..) => {}
                Err(Errno::EAGAIN) => return None,
                end => return Some(end.map(|_| ())),
            }
        }
        None
    }

    /// Sends what there is room for, without waiting.
    pub(crate) fn send_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        let flags = MsgFlags::MSG_DONTWAIT | sys::MSG_NOSIGNAL;
        Ok(sendmsg::<()>(self.0.as_raw_fd(), bytes, &[], flags, None)?)
    }

    /// For `poll`.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(super) fn sendall(&self, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            let flags = MsgFlags::MSG_DONTWAIT | sys::MSG_NOSIGNAL;
            match send(self.0.as_raw_fd(), bytes, flags) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => self.wait(PollFlags::POLLOUT, deadline)?,
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Ends the stream, and waits until the peer, having read all of it, ends its own.
    pub(super) fn close(self, deadline: Instant) {
        if shutdown(self.0.as_raw_fd(), Shutdown::Write).is_err() {
            return;
        }
        while self.wait(PollFlags::POLLIN, deadline).is_ok() {
            if self.is_closed_by_peer() {
                return;
            }
        }
    }

    fn recv(&self) -> nix::Result<usize> {
        let mut scratch = [0; 512];
        loop {
            match recv(self.0.as_raw_fd(), &mut scratch, MsgFlags::MSG_DONTWAIT) {
                Err(Errno::EINTR) => {}
                result => return result,
            }
        }
    }

    /// Waits for an event or an error of the socket, which the next call on it reports.
    fn wait(&self, events: PollFlags, deadline: Instant) -> io::Result<()> {
        while poll_any(&mut [PollFd::new(self.0.as_fd(), events)], Some(remaining(deadline)?))? == 0 {}
        Ok(())
    }
}

impl<S: Into<OwnedFd>> From<S> for Socket {
    fn from(socket: S) -> Socket {
        Socket(socket.into())
    }
}

/// The time left, never zero: a deadline that has passed is an error.
pub(super) fn remaining(deadline: Instant) -> io::Result<Duration> {
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// With nothing listening on a port of the ephemeral range, the kernel may give the connecting socket that very port, and
/// the two ends are one.
fn refuse_itself(stream: TcpStream) -> io::Result<TcpStream> {
    let socket = stream.as_raw_fd();
    if getsockname::<SockaddrStorage>(socket)? == getpeername::<SockaddrStorage>(socket)? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

fn time_val(duration: Duration) -> TimeVal {
    let seconds = duration.as_secs().try_into().unwrap_or_default();
    // A million microseconds fit everywhere; what holds them is as wide as the C library wants it.
    TimeVal::new(seconds, i32::try_from(duration.subsec_micros()).unwrap_or_default().into())
}

/// Messages of a peer that are taken one after the other: who says more is not about to close.
const MOST_SAID: usize = 16;

/// The shortest wait that every one of the calls above can express; zero would mean for ever to some.
const GRAIN: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
