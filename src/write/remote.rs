//! A destination on a network, or behind a Unix socket: [`Remote`].
//!
//! In: an address, then bytes. Out: the same bytes, on a stream, or a record in each datagram. It connects when there is something to
//! send, and again after an error. Before each write to a stream it looks for the far end's FIN: what is written to who has gone is
//! accepted by the kernel, and lost (CPython's issue 84532). Refused: to be connected to itself. What a far end that dies had
//! received and not yet read is not known here, and counts as written; that there was something, its reset says.

use std::fmt;
use std::io::{self, ErrorKind, IoSlice};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::send::socket::Socket;

/// Where the far end listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteAddress {
    /// A TCP port of a host, by name or number.
    Tcp(String, u16),
    /// A UDP port.
    Udp(String, u16),
    /// A Unix stream socket.
    Unix(PathBuf),
    /// A Unix datagram socket.
    Unixgram(PathBuf),
}

impl RemoteAddress {
    /// Whether records follow one another on a stream, rather than having a datagram each.
    pub const fn is_stream(&self) -> bool {
        matches!(self, RemoteAddress::Tcp(..) | RemoteAddress::Unix(_))
    }
}

impl fmt::Display for RemoteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, host, port) = match self {
            RemoteAddress::Tcp(host, port) => ("tcp", host, port),
            RemoteAddress::Udp(host, port) => ("udp", host, port),
            RemoteAddress::Unix(path) => return write!(f, "unix:{}", path.display()),
            RemoteAddress::Unixgram(path) => return write!(f, "unixgram:{}", path.display()),
        };
        if host.contains(':') { write!(f, "{kind}:[{host}]:{port}") } else { write!(f, "{kind}:{host}:{port}") }
    }
}

/// What another program is written to for. A build without these features has none, and so nothing that writes to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is another receiver of records.
    #[cfg(feature = "relay")]
    Relay,
    /// It is a syslog daemon.
    #[cfg(feature = "syslog")]
    Syslog,
}

impl Purpose {
    /// By its name, which is the one of the feature.
    pub fn named(name: &str) -> Option<Purpose> {
        match name {
            #[cfg(feature = "relay")]
            "relay" => Some(Purpose::Relay),
            #[cfg(feature = "syslog")]
            "syslog" => Some(Purpose::Syslog),
            _ => None,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            #[cfg(feature = "relay")]
            Purpose::Relay => f.write_str("relay"),
            #[cfg(feature = "syslog")]
            Purpose::Syslog => f.write_str("syslog"),
        }
    }
}

/// The connection to an address.
pub(super) struct Remote {
    address: RemoteAddress,
    socket: Option<Socket>,
    #[allow(dead_code, reason = "where there is no purpose, there is no connection")]
    purpose: Purpose,
}

impl Remote {
    /// Not yet connected.
    pub fn new(address: RemoteAddress, purpose: Purpose) -> Remote {
        Remote { address, socket: None, purpose }
    }

    /// Sees to it that there is a connection. True if it is new: a record of which a part was written begins anew.
    pub fn connect(&mut self) -> io::Result<bool> {
        let stream = self.socket.as_ref().filter(|_| self.address.is_stream());
        if let Some(end) = stream.and_then(Socket::end) {
            self.disconnect();
            end?;
        }
        if self.socket.is_some() {
            return Ok(false);
        }
        let deadline = Instant::now().checked_add(CONNECT_TIMEOUT).unwrap_or_else(Instant::now);
        self.socket = Some(match &self.address {
            RemoteAddress::Tcp(host, port) => Socket::tcp(&resolved(host, *port)?, deadline)?.for_batches(),
            RemoteAddress::Udp(host, port) => Socket::udp(&resolved(host, *port)?)?,
            RemoteAddress::Unix(path) => Socket::unix(path, deadline)?,
            RemoteAddress::Unixgram(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                Socket::from(socket)
            }
        });
        Ok(true)
    }

    /// Forgets the connection.
    pub fn disconnect(&mut self) {
        self.socket = None;
    }

    /// Whether each write sends one record.
    pub const fn is_datagram(&self) -> bool {
        !self.address.is_stream()
    }

    /// Sends what there is room for, without waiting. After an error that is more than that, the next write needs a new connection.
    pub fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(socket) = &self.socket else { return Err(ErrorKind::NotConnected.into()) };
        let mut sent = socket.send_vectored(text);
        if matches!(self.address, RemoteAddress::Udp(..)) && is_of(&sent, ErrorKind::ConnectionRefused) {
            // That nobody received an earlier datagram.
            sent = socket.send_vectored(text);
        }
        if !(sent.is_ok() || is_of(&sent, ErrorKind::WouldBlock) || is_of(&sent, ErrorKind::Interrupted)) {
            self.disconnect();
        }
        sent
    }

    /// The connection, to wait for room on it.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(Socket::as_fd)
    }
}

fn is_of(sent: &io::Result<usize>, kind: ErrorKind) -> bool {
    sent.as_ref().is_err_and(|error| error.kind() == kind)
}

fn resolved(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    (host, port).to_socket_addrs().map(Iterator::collect)
}

/// For all addresses of a host together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
