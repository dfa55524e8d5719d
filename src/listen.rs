//! Address to sockets: [`Address`], what `--listen` takes, and [`bind`].
//!
//! In: `HOST:PORT`, `tcp:HOST:PORT`, `udp:HOST:PORT`, `unix:PATH`, `unixgram:PATH`, `systemd`. Out: sockets that do not block, one
//! for each address that a host name resolves to. A Unix socket's file that a dead receiver left behind is replaced, and ours is
//! removed when its socket is dropped. Refused: what is in use, and what socket activation hands over that is no such socket.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrStorage, UnixAddr, sockopt};

use crate::datagram_handler::DatagramSocket;
use crate::limits::{KEEPALIVE_IDLE_SECONDS, KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_PROBES, LISTEN_BACKLOG};
use crate::sys;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The sockets that socket activation hands over, sd_listen_fds(3).
    Systemd,
    /// Connections from `SocketHandler`.
    Tcp(HostPort),
    /// Datagrams from `DatagramHandler`.
    Udp(HostPort),
    /// Connections to a Unix socket: `SocketHandler` with a path as host, and None as port.
    Unix(PathBuf),
    /// Datagrams to a Unix socket.
    Unixgram(PathBuf),
}

/// A host, by name or number, IPv6 without brackets, and a port; 0 for any that is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Address {
    /// Reads an address as `--listen` takes it.
    ///
    /// # Errors
    /// When it is none; what it lacks is in the error.
    pub fn parse(text: &OsStr) -> Result<Address, NotAnAddress> {
        let bytes = text.as_bytes();
        let path = |rest: &[u8]| match rest {
            [] => Err(NotAnAddress::NoPath),
            _ => Ok(PathBuf::from(OsStr::from_bytes(rest))),
        };
        if let Some(rest) = bytes.strip_prefix(b"unix:") {
            return path(rest).map(Address::Unix);
        }
        if let Some(rest) = bytes.strip_prefix(b"unixgram:") {
            return path(rest).map(Address::Unixgram);
        }
        let text = text.to_str().ok_or(NotAnAddress::NotText)?;
        if text == "systemd" {
            Ok(Address::Systemd)
        } else if let Some(rest) = text.strip_prefix("udp:") {
            HostPort::parse(rest, DEFAULT_UDP_LOGGING_PORT).map(Address::Udp)
        } else {
            HostPort::parse(text.strip_prefix("tcp:").unwrap_or(text), DEFAULT_TCP_LOGGING_PORT).map(Address::Tcp)
        }
    }
}

/// `tcp:localhost:9020`, every address that it resolves to.
impl Default for Address {
    fn default() -> Address {
        Address::Tcp(HostPort { host: "localhost".to_owned(), port: DEFAULT_TCP_LOGGING_PORT })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Systemd => f.write_str("systemd"),
            Address::Tcp(host_port) => write!(f, "tcp:{host_port}"),
            Address::Udp(host_port) => write!(f, "udp:{host_port}"),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
            Address::Unixgram(path) => write!(f, "unixgram:{}", path.display()),
        }
    }
}

impl HostPort {
    fn parse(text: &str, default_port: u16) -> Result<HostPort, NotAnAddress> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or(NotAnAddress::NoClosingBracket)?;
                match after.strip_prefix(':') {
                    None if !after.is_empty() => return Err(NotAnAddress::NoPort),
                    port => (host, port),
                }
            }
            None => match text.split_once(':') {
                Some((_, port)) if port.contains(':') => return Err(NotAnAddress::NoBrackets),
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        // A bare number would be taken for an IPv4 address: 9020 for 0.0.35.60.
        if host.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnAddress::NoHost);
        }
        let port = match port {
            None => default_port,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NotAnAddress::NoPort)?
            }
            Some(_) => return Err(NotAnAddress::NoPort),
        };
        Ok(HostPort { host: host.to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HostPort { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// What an address lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnAddress {
    /// IPv6 hosts stand in brackets.
    NoBrackets,
    /// A bracket is open.
    NoClosingBracket,
    /// There is no host.
    NoHost,
    /// There is no path.
    NoPath,
    /// What should be a port is none.
    NoPort,
    /// It is not UTF-8.
    NotText,
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAnAddress::NoBrackets => "an IPv6 host stands in brackets, as in [::1]:9020",
            NotAnAddress::NoClosingBracket => "a bracket is not closed",
            NotAnAddress::NoHost => "a host is missing (0.0.0.0 and [::] are all of this machine's)",
            NotAnAddress::NoPath => "a path is missing",
            NotAnAddress::NoPort => "a port is a number from 0 to 65535",
            NotAnAddress::NotText => "a host is not UTF-8",
        })
    }
}

impl std::error::Error for NotAnAddress {}

/// The sockets of one [`Address`].
#[derive(Debug)]
pub struct Bound {
    /// What they are bound to.
    pub listening: Listening,
    /// The sockets, in the same order.
    pub sockets: Vec<Socket>,
}

/// What one [`Address`] is bound to. `Display` is the line that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// An address for each socket; for a host name all with the same port, IPv4 first.
    pub addresses: Vec<LocalAddress>,
}

impl Listening {
    /// What a port file says of it: the TCP port, else the UDP port, else the path of the Unix socket.
    pub fn port_file_entry(&self) -> String {
        let tcp_port = |address: &LocalAddress| match address {
            LocalAddress::Tcp(address) => Some(address.port().to_string()),
            _ => None,
        };
        let other = |address: &LocalAddress| match address {
            LocalAddress::Tcp(address) | LocalAddress::Udp(address) => address.port().to_string(),
            LocalAddress::Unix(path) | LocalAddress::Unixgram(path) => path.display().to_string(),
        };
        let entry = self.addresses.iter().find_map(tcp_port).or_else(|| self.addresses.first().map(other));
        entry.unwrap_or_default()
    }
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.addresses.iter().enumerate() {
            write!(f, "{}{address}", if index == 0 { "Listening on " } else { ", " })?;
        }
        Ok(())
    }
}

/// What one socket is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAddress {
    /// Connections.
    Tcp(SocketAddr),
    /// Datagrams.
    Udp(SocketAddr),
    /// Connections to a path; `@` begins an abstract name.
    Unix(PathBuf),
    /// Datagrams to a path; `@` begins an abstract name.
    Unixgram(PathBuf),
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalAddress::Tcp(address) => write!(f, "tcp:{address}"),
            LocalAddress::Udp(address) => write!(f, "udp:{address}"),
            LocalAddress::Unix(path) => write!(f, "unix:{}", path.display()),
            LocalAddress::Unixgram(path) => write!(f, "unixgram:{}", path.display()),
        }
    }
}

/// One bound socket, which does not block. Dropping it removes its file, if it has one and that is still its own.
#[derive(Debug)]
pub enum Socket {
    /// Receives datagrams.
    Datagram(DatagramSocket, Option<SocketFile>),
    /// Accepts TCP connections.
    Tcp(TcpListener),
    /// Accepts connections to a Unix socket.
    Unix(UnixListener, Option<SocketFile>),
}

/// Binds every address that `address` stands for.
///
/// # Errors
/// Names the address that cannot be bound. Of a host name's addresses, those that this machine lacks (IPv6 where there is
/// none) are left out, as long as there is one that it has.
pub fn bind(address: &Address) -> Result<Bound, Error> {
    let failed = |source| Error::CannotListen { address: address.to_string(), source };
    let bound = match address {
        Address::Systemd => return inherited_sockets(),
        Address::Tcp(host_port) => bind_host(host_port, Transport::Tcp, address)?,
        Address::Udp(host_port) => bind_host(host_port, Transport::Udp, address)?,
        Address::Unix(path) => vec![bind_unix(path).map_err(failed)?],
        Address::Unixgram(path) => vec![bind_unixgram(path).map_err(failed)?],
    };
    Ok(Bound::new(bound))
}

impl Bound {
    fn new(bound: Vec<(LocalAddress, Socket)>) -> Bound {
        let (addresses, sockets) = bound.into_iter().unzip();
        Bound { listening: Listening { addresses }, sockets }
    }
}

/// Why an address cannot be listened on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    CannotListen {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The host name is not known.
    CannotResolve {
        /// The host name.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// The receiver needs a few descriptors of its own.
    CannotStart(io::Error),
    /// `systemd` was asked for, and no sockets were handed over to this process.
    NothingInherited,
    /// A socket that was handed over is none that can be listened on.
    UnsupportedSocket {
        /// Its descriptor.
        fd: RawFd,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::CannotListen { address, source } => {
                write!(f, "cannot listen on {}: {source}", address.escape_debug())
            }
            Error::CannotResolve { host, source } => write!(f, "cannot resolve {}: {source}", host.escape_debug()),
            Error::CannotStart(source) => write!(f, "cannot start: {source}"),
            Error::NothingInherited => {
                f.write_str("cannot listen on systemd: LISTEN_FDS and LISTEN_PID hand over nothing")
            }
            Error::UnsupportedSocket { fd, reason } => {
                write!(f, "cannot listen on systemd: file descriptor {fd} is {reason}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::CannotListen { source, .. } | Error::CannotResolve { source, .. } | Error::CannotStart(source) => {
                Some(source)
            }
            Error::NothingInherited | Error::UnsupportedSocket { .. } => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tcp,
    Udp,
}

fn bind_host(
    host_port: &HostPort,
    transport: Transport,
    address: &Address,
) -> Result<Vec<(LocalAddress, Socket)>, Error> {
    let HostPort { host, port } = host_port;
    let resolved = (host.as_str(), *port).to_socket_addrs();
    let resolved = resolved.map_err(|source| Error::CannotResolve { host: host.clone(), source })?;
    let (mut addresses, ipv6): (Vec<_>, Vec<_>) = resolved.partition(SocketAddr::is_ipv4);
    addresses.extend(ipv6);
    addresses.dedup();
    let mut attempts = if *port == 0 { FREE_PORT_ATTEMPTS } else { 1 };
    loop {
        attempts = attempts.saturating_sub(1);
        match bind_all(&addresses, transport) {
            // A port that was free at one address may be taken at another: then take another.
            Err(error) if attempts > 0 && error.kind() == io::ErrorKind::AddrInUse => {}
            Err(source) => return Err(Error::CannotListen { address: address.to_string(), source }),
            Ok(bound) => return Ok(bound),
        }
    }
}

/// Binds all addresses that this machine has, with one port.
fn bind_all(addresses: &[SocketAddr], transport: Transport) -> io::Result<Vec<(LocalAddress, Socket)>> {
    let mut bound: Vec<(LocalAddress, Socket)> = Vec::new();
    let mut lacking = io::Error::from(Errno::EADDRNOTAVAIL);
    let mut port = None;
    for &address in addresses {
        let address = SocketAddr::new(address.ip(), port.unwrap_or(address.port()));
        match bind_one(address, transport) {
            Ok((local, socket)) => {
                port = Some(local.port());
                bound.push(match transport {
                    Transport::Tcp => (LocalAddress::Tcp(local), Socket::Tcp(TcpListener::from(socket))),
                    Transport::Udp => {
                        (LocalAddress::Udp(local), Socket::Datagram(DatagramSocket::Udp(UdpSocket::from(socket)), None))
                    }
                });
            }
            Err(errno @ (Errno::EADDRNOTAVAIL | Errno::EAFNOSUPPORT)) => lacking = errno.into(),
            Err(errno) => return Err(errno.into()),
        }
    }
    if bound.is_empty() { Err(lacking) } else { Ok(bound) }
}

fn bind_one(address: SocketAddr, transport: Transport) -> Result<(SocketAddr, OwnedFd), Errno> {
    let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
    let kind = if transport == Transport::Tcp { SockType::Stream } else { SockType::Datagram };
    let socket = socket::socket(family, kind, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None)?;
    if address.is_ipv6() {
        // What is listened on is what was named: `[::]` does not stand for IPv4 too, and so both can be bound.
        socket::setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    if transport == Transport::Tcp {
        socket::setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    }
    socket::bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    if transport == Transport::Tcp {
        set_keepalive(&socket)?;
        sys::listen(&socket, LISTEN_BACKLOG)?;
    }
    let local = socket::getsockname::<SockaddrStorage>(socket.as_raw_fd())?;
    Ok((internet_address(&local).unwrap_or(address), socket))
}

/// Accepted connections inherit it.
fn set_keepalive(socket: &impl AsFd) -> Result<(), Errno> {
    socket::setsockopt(socket, sockopt::KeepAlive, &true)?;
    socket::setsockopt(socket, sockopt::TcpKeepIdle, &KEEPALIVE_IDLE_SECONDS)?;
    socket::setsockopt(socket, sockopt::TcpKeepInterval, &KEEPALIVE_INTERVAL_SECONDS)?;
    socket::setsockopt(socket, sockopt::TcpKeepCount, &KEEPALIVE_PROBES)
}

fn internet_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4((*v4).into()));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))
}

fn bind_unix(path: &Path) -> io::Result<(LocalAddress, Socket)> {
    let (listener, file) = bind_path(path, SockType::Stream, &|| {
        let listener = UnixListener::bind(path)?;
        sys::listen(&listener, LISTEN_BACKLOG)?;
        Ok(listener.into())
    })?;
    Ok((LocalAddress::Unix(path.to_owned()), Socket::Unix(listener.into(), Some(file))))
}

fn bind_unixgram(path: &Path) -> io::Result<(LocalAddress, Socket)> {
    let (socket, file) = bind_path(path, SockType::Datagram, &|| Ok(UnixDatagram::bind(path)?.into()))?;
    Ok((LocalAddress::Unixgram(path.to_owned()), Socket::Datagram(DatagramSocket::Unix(socket.into()), Some(file))))
}

/// Binds a path, replacing the socket file of a receiver that is dead.
fn bind_path(path: &Path, kind: SockType, bind: &dyn Fn() -> io::Result<OwnedFd>) -> io::Result<(OwnedFd, SocketFile)> {
    // Two receivers that start at once must not each take the other for dead: while one looks, the other waits.
    let _lock = File::open(folder_of(path)).ok().and_then(|folder| Flock::lock(folder, FlockArg::LockExclusive).ok());
    let bound = match bind() {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path, kind) => {
            fs::remove_file(path)?;
            bind()
        }
        outcome => outcome,
    }?;
    set_nonblocking(bound.as_fd())?;
    Ok((bound, SocketFile::at(path)?))
}

/// The path up to its last slash. `Path::parent` would bring 2 kB along that know about more than slashes.
fn folder_of(path: &Path) -> &Path {
    let bytes = path.as_os_str().as_bytes();
    match bytes.iter().rposition(|&byte| byte == b'/').and_then(|slash| bytes.get(..=slash)) {
        Some(folder) => Path::new(OsStr::from_bytes(folder)),
        None => Path::new("."),
    }
}

/// True if `path` is a socket on which nobody listens.
fn is_stale(path: &Path, kind: SockType) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    let connect = || {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket::socket(AddressFamily::Unix, kind, flags, None)?;
        socket::connect(socket.as_raw_fd(), &UnixAddr::new(path)?)
    };
    is_socket && connect() == Err(Errno::ECONNREFUSED)
}

/// The file of a bound Unix socket: removed when dropped, unless something else is at its path by then.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    fn at(path: &Path) -> io::Result<SocketFile> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(SocketFile { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = |metadata: fs::Metadata| (metadata.dev(), metadata.ino()) == (self.device, self.inode);
        if fs::symlink_metadata(&self.path).is_ok_and(is_ours) {
            // Whoever took away our right to remove it wants to keep it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The sockets of sd_listen_fds(3).
fn inherited_sockets() -> Result<Bound, Error> {
    let number = |name| std::env::var(name).ok()?.parse::<i32>().ok();
    let count = number("LISTEN_FDS").filter(|&count| count > 0).ok_or(Error::NothingInherited)?;
    if number("LISTEN_PID") != Some(nix::unistd::getpid().as_raw()) {
        return Err(Error::NothingInherited);
    }
    let fds = sys::take_inherited_fds(SD_LISTEN_FDS_START, count).ok_or(Error::NothingInherited)?;
    let mut bound = Vec::new();
    for fd in fds {
        bound.push(inherited_socket(fd)?);
    }
    Ok(Bound::new(bound))
}

fn inherited_socket(fd: OwnedFd) -> Result<(LocalAddress, Socket), Error> {
    let raw = fd.as_raw_fd();
    let unsupported = |reason| Error::UnsupportedSocket { fd: raw, reason };
    let kind = socket::getsockopt(&fd, sockopt::SockType).map_err(|_| unsupported("not a socket"))?;
    let failed = |source| Error::CannotListen { address: "systemd".to_owned(), source };
    let is_listening = socket::getsockopt(&fd, sockopt::AcceptConn).map_err(|errno| failed(errno.into()))?;
    let address = socket::getsockname::<SockaddrStorage>(raw).map_err(|errno| failed(errno.into()))?;
    let bound = match (kind, internet_address(&address), unix_path(&address)) {
        (SockType::Stream, _, _) if !is_listening => {
            return Err(unsupported("not listening (the socket unit needs Accept=no)"));
        }
        (SockType::Stream, Some(address), _) => {
            set_keepalive(&fd).map_err(|errno| failed(errno.into()))?;
            (LocalAddress::Tcp(address), Socket::Tcp(TcpListener::from(fd)))
        }
        (SockType::Stream, None, Some(path)) => (LocalAddress::Unix(path), Socket::Unix(UnixListener::from(fd), None)),
        (SockType::Datagram, Some(address), _) => {
            (LocalAddress::Udp(address), Socket::Datagram(DatagramSocket::Udp(fd.into()), None))
        }
        (SockType::Datagram, None, Some(path)) => {
            (LocalAddress::Unixgram(path), Socket::Datagram(DatagramSocket::Unix(fd.into()), None))
        }
        _ => return Err(unsupported("neither a TCP, UDP nor Unix socket")),
    };
    set_nonblocking(bound.1.as_fd()).map_err(failed)?;
    Ok(bound)
}

fn unix_path(address: &SockaddrStorage) -> Option<PathBuf> {
    let address = address.as_unix_addr()?;
    let abstract_name = || Some(PathBuf::from(OsStr::from_bytes(&[b"@", address.as_abstract()?].concat())));
    address.path().map(Path::to_owned).or_else(abstract_name)
}

fn set_nonblocking(socket: BorrowedFd<'_>) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let flags = OFlag::from_bits_retain(fcntl(socket, FcntlArg::F_GETFL)?);
    fcntl(socket, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Socket::Datagram(socket, _) => socket.as_fd(),
            Socket::Tcp(listener) => listener.as_fd(),
            Socket::Unix(listener, _) => listener.as_fd(),
        }
    }
}

/// `logging.handlers.DEFAULT_TCP_LOGGING_PORT`
pub const DEFAULT_TCP_LOGGING_PORT: u16 = 9020;

/// `logging.handlers.DEFAULT_UDP_LOGGING_PORT`
pub const DEFAULT_UDP_LOGGING_PORT: u16 = 9021;

/// `SD_LISTEN_FDS_START` of sd-daemon.h.
const SD_LISTEN_FDS_START: RawFd = 3;

/// How often to look for a port that is free at every address of a host name.
const FREE_PORT_ATTEMPTS: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::TcpStream;
    use std::os::unix::net::UnixStream;

    fn parse(text: &str) -> Result<Address, NotAnAddress> {
        Address::parse(OsStr::new(text))
    }

    #[test]
    fn reads_addresses() {
        for (text, shown) in [
            ("localhost", "tcp:localhost:9020"),
            ("localhost:1", "tcp:localhost:1"),
            ("tcp:10.0.0.1:65535", "tcp:10.0.0.1:65535"),
            ("[::1]", "tcp:[::1]:9020"),
            ("tcp:[::1]:0", "tcp:[::1]:0"),
            ("udp:localhost", "udp:localhost:9021"),
            ("udp:[::]:5", "udp:[::]:5"),
            ("unix:/run/a:b", "unix:/run/a:b"),
            ("unixgram:x", "unixgram:x"),
            ("systemd", "systemd"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(Address::default(), parse("tcp:localhost:9020").unwrap());
    }

    #[test]
    fn refuses_what_is_no_address() {
        for (text, error) in [
            ("", NotAnAddress::NoHost),
            ("9020", NotAnAddress::NoHost),
            ("tcp:9020", NotAnAddress::NoHost),
            (":9020", NotAnAddress::NoHost),
            ("localhost:", NotAnAddress::NoPort),
            ("localhost:65536", NotAnAddress::NoPort),
            ("localhost:+1", NotAnAddress::NoPort),
            ("[::1]9020", NotAnAddress::NoPort),
            ("::1", NotAnAddress::NoBrackets),
            ("[::1", NotAnAddress::NoClosingBracket),
            ("unix:", NotAnAddress::NoPath),
            ("unixgram:", NotAnAddress::NoPath),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert_eq!(Address::parse(OsStr::from_bytes(b"a\xff:1")), Err(NotAnAddress::NotText));
        assert!(Address::parse(OsStr::from_bytes(b"unix:/a\xff")).is_ok());
    }

    #[test]
    fn binds_one_free_port_at_every_address_of_a_host() {
        for text in ["localhost:0", "udp:localhost:0"] {
            let bound = bind(&parse(text).unwrap()).unwrap();
            let ports: Vec<u16> = bound.listening.addresses.iter().map(port_of).collect();
            assert!(!ports.is_empty() && ports.iter().all(|&port| port != 0 && port == ports[0]), "{ports:?}");
            assert_eq!(bound.sockets.len(), ports.len());
            assert_eq!(bound.listening.port_file_entry(), ports[0].to_string());
            assert!(bound.listening.to_string().starts_with("Listening on "));
        }
    }

    fn port_of(address: &LocalAddress) -> u16 {
        match address {
            LocalAddress::Tcp(address) | LocalAddress::Udp(address) => address.port(),
            _ => panic!("{address}"),
        }
    }

    #[test]
    fn connecting_works_once_bound_and_a_port_in_use_is_named() {
        let bound = bind(&parse("127.0.0.1:0").unwrap()).unwrap();
        let port = port_of(&bound.listening.addresses[0]);
        TcpStream::connect(("127.0.0.1", port)).unwrap().write_all(b"x").unwrap();
        let error = bind(&parse(&format!("127.0.0.1:{port}")).unwrap()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen on tcp:127.0.0.1:{port}: ")), "{error}");
        let unknown = bind(&parse("no-such-host.invalid:1").unwrap()).unwrap_err().to_string();
        assert!(unknown.starts_with("cannot resolve no-such-host.invalid: "), "{unknown}");
    }

    #[test]
    fn accepted_connections_inherit_keepalive() {
        let bound = bind(&parse("127.0.0.1:0").unwrap()).unwrap();
        let _client = TcpStream::connect(("127.0.0.1", port_of(&bound.listening.addresses[0]))).unwrap();
        let Socket::Tcp(listener) = &bound.sockets[0] else { panic!("not TCP") };
        let (accepted, _) = listener.accept().unwrap();
        assert!(socket::getsockopt(&accepted, sockopt::KeepAlive).unwrap());
        assert_eq!(socket::getsockopt(&accepted, sockopt::TcpKeepIdle).unwrap(), KEEPALIVE_IDLE_SECONDS);
    }

    #[test]
    fn leaves_out_addresses_that_this_machine_lacks() {
        let addresses = ["192.0.2.1:0", "127.0.0.1:0"].map(|text| text.parse().unwrap());
        assert_eq!(bind_all(&addresses, Transport::Tcp).unwrap().len(), 1);
        assert_eq!(bind_all(&addresses[..1], Transport::Tcp).unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn replaces_a_dead_receivers_socket_and_not_a_live_ones() {
        for scheme in ["unix", "unixgram"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("socket");
            let address = parse(&format!("{scheme}:{}", path.display())).unwrap();
            let live = bind(&address).unwrap();
            assert_eq!(live.listening.port_file_entry(), path.display().to_string());
            let error = bind(&address).unwrap_err();
            assert!(matches!(&error, Error::CannotListen { source, .. } if source.kind() == io::ErrorKind::AddrInUse));
            drop(live);
            assert!(!path.exists(), "removed when dropped");
            // Closed without being removed: what a killed receiver leaves behind.
            drop(UnixListener::bind(&path).unwrap());
            let bound = bind(&address).unwrap();
            if scheme == "unix" {
                UnixStream::connect(&path).unwrap();
            }
            fs::remove_file(&path).unwrap();
            fs::write(&path, "someone else's").unwrap();
            drop(bound);
            assert!(path.exists(), "not ours any more");
            assert!(bind(&address).is_err(), "not a socket");
            assert!(path.exists());
        }
    }

    #[test]
    fn takes_nothing_over_without_socket_activation() {
        assert!(matches!(bind(&Address::Systemd), Err(Error::NothingInherited)));
    }
}
