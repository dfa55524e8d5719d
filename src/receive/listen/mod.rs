//! Address to sockets: [`bind`].
//!
//! In: an address. Out: sockets that do not block, one for each address that a host name resolves to, or a Unix socket, or those
//! that socket activation hands over. Refused: what is in use, and what this machine does not have.

mod address;

mod unix;

mod inherited;

pub use address::{Address, DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT, HostPort, NotAnAddress};

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, SockType, SockaddrStorage, sockopt};

use crate::base::limits::{
    DATAGRAM_BUFFER_BYTES, KEEPALIVE_IDLE_SECONDS, KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_PROBES, LISTEN_BACKLOG,
};
use crate::base::own_file::OwnFile;
use crate::base::sys;
use crate::receive::datagram_handler::DatagramSocket;
use crate::receive::peer::Shown;

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
    /// The permissions of the files of those that are Unix sockets with a file: who may send.
    pub modes: Vec<Option<u32>>,
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
            if let Some(Some(mode)) = self.modes.get(index) {
                write!(f, " (mode {mode:04o})")?;
            }
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

impl LocalAddress {
    fn mode(&self) -> Option<u32> {
        match self {
            LocalAddress::Unix(path) | LocalAddress::Unixgram(path) => {
                fs::symlink_metadata(path).ok().map(|found| found.mode() & 0o7777)
            }
            LocalAddress::Tcp(_) | LocalAddress::Udp(_) => None,
        }
    }
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalAddress::Tcp(address) => write!(f, "tcp:{}", Shown(*address)),
            LocalAddress::Udp(address) => write!(f, "udp:{}", Shown(*address)),
            LocalAddress::Unix(path) => write!(f, "unix:{}", path.display()),
            LocalAddress::Unixgram(path) => write!(f, "unixgram:{}", path.display()),
        }
    }
}

/// One bound socket, which does not block. Dropping it removes its file, if it has one and that is still its own.
#[derive(Debug)]
pub enum Socket {
    /// Receives datagrams.
    Datagram(DatagramSocket, Option<OwnFile>),
    /// Accepts TCP connections.
    Tcp(TcpListener),
    /// Accepts connections to a Unix socket.
    Unix(UnixListener, Option<OwnFile>),
}

/// Binds every address that `address` stands for; a Unix socket with these permissions, or with what the umask leaves.
///
/// # Errors
/// Names the address that cannot be bound. Of a host name's addresses, those that this machine lacks (IPv6 where there is
/// none) are left out, as long as there is one that it has.
pub fn bind(address: &Address, socket_mode: Option<u32>) -> Result<Bound, Error> {
    let failed = |source| Error::CannotListen { address: address.to_string(), source };
    let bound = match address {
        Address::Systemd => return inherited::sockets(),
        Address::Tcp(host_port) => bind_host(host_port, Transport::Tcp, address)?,
        Address::Udp(host_port) => bind_host(host_port, Transport::Udp, address)?,
        Address::Unix(path) => vec![unix::bind_stream(path, socket_mode).map_err(failed)?],
        Address::Unixgram(path) => vec![unix::bind_datagram(path, socket_mode).map_err(failed)?],
    };
    Ok(Bound::new(bound))
}

impl Bound {
    fn new(bound: Vec<(LocalAddress, Socket)>) -> Bound {
        let mut listening = Listening { addresses: Vec::new(), modes: Vec::new() };
        let mut sockets = Vec::new();
        for (address, socket) in bound {
            listening.modes.push(address.mode());
            listening.addresses.push(address);
            sockets.push(socket);
        }
        Bound { listening, sockets }
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

impl std::error::Error for Error {}

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
    let addresses = resolve(host, *port).map_err(|source| Error::CannotResolve { host: host.clone(), source })?;
    let mut attempts = if *port == 0 { FREE_PORT_ATTEMPTS } else { 1 };
    loop {
        attempts = attempts.saturating_sub(1);
        match bind_all(&addresses, transport) {
            // A port that was free at one address may be taken at another: then take another.
            Err((_, errno)) if attempts > 0 && errno == Errno::EADDRINUSE => {}
            Err((refused, errno)) => {
                let refused = Shown(refused).to_string();
                let named = if refused == host_port.to_string() { "" } else { &*format!(" ({refused})") };
                return Err(Error::CannotListen { address: format!("{address}{named}"), source: errno.into() });
            }
            Ok(bound) => return Ok(bound),
        }
    }
}

/// The addresses that a host stands for, IPv4 first.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let both = |v4, v6| Ok(vec![SocketAddr::from((v4, port)), SocketAddr::from((v6, port))]);
    if host == address::EVERY_ADDRESS {
        return both(Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
    }
    let is_localhost = host.eq_ignore_ascii_case(address::LOCALHOST);
    if is_localhost && !hosts_file_names(address::LOCALHOST) {
        // Only a name server could know it, and where there is none, to ask takes ten seconds.
        return both(Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
    }
    let resolved = match (host, port).to_socket_addrs() {
        Err(_) if is_localhost => return both(Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST),
        resolved => resolved?,
    };
    let resolved: Vec<SocketAddr> = resolved.collect();
    let mut addresses = Vec::new();
    for is_ipv4 in [true, false] {
        for address in resolved.iter().filter(|address| address.is_ipv4() == is_ipv4) {
            if addresses.last() != Some(address) {
                addresses.push(*address);
            }
        }
    }
    Ok(addresses)
}

/// True if hosts(5) has a line for `host`.
fn hosts_file_names(host: &str) -> bool {
    let mut bytes = Vec::new();
    let read = File::open("/etc/hosts").and_then(|file| file.take(MAX_HOSTS_BYTES).read_to_end(&mut bytes));
    let names_it = |line: &[u8]| {
        let line = line.split(|&byte| byte == b'#').next().unwrap_or_default();
        line.split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .skip(1)
            .any(|word| word.eq_ignore_ascii_case(host.as_bytes()))
    };
    read.is_ok() && bytes.split(|&byte| byte == b'\n').any(names_it)
}

/// Binds all addresses that this machine has, with one port. Else says which cannot be bound.
fn bind_all(
    addresses: &[SocketAddr],
    transport: Transport,
) -> Result<Vec<(LocalAddress, Socket)>, (SocketAddr, Errno)> {
    let mut bound: Vec<(LocalAddress, Socket)> = Vec::new();
    let mut lacking = None;
    let mut port = None;
    for &named in addresses {
        let mut address = named;
        address.set_port(port.unwrap_or(named.port()));
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
            Err(errno @ (Errno::EADDRNOTAVAIL | Errno::EAFNOSUPPORT)) => lacking = Some((named, errno)),
            Err(errno) => return Err((named, errno)),
        }
    }
    match lacking {
        Some(lacking) if bound.is_empty() => Err(lacking),
        _ => Ok(bound),
    }
}

fn bind_one(address: SocketAddr, transport: Transport) -> Result<(SocketAddr, OwnedFd), Errno> {
    let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
    let kind = if transport == Transport::Tcp { SockType::Stream } else { SockType::Datagram };
    let socket = sys::socket(family, kind)?;
    set_nonblocking(socket.as_fd())?;
    if address.is_ipv6() {
        // What is listened on is what was named: `[::]` does not stand for IPv4 too, and so both can be bound.
        socket::setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    match transport {
        Transport::Tcp => socket::setsockopt(&socket, sockopt::ReuseAddr, &true)?,
        Transport::Udp => make_room_for_bursts(&socket),
    }
    socket::bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    if transport == Transport::Tcp {
        set_keepalive(&socket)?;
        sys::listen(&socket, LISTEN_BACKLOG)?;
    }
    let local = socket::getsockname::<SockaddrStorage>(socket.as_raw_fd())?;
    Ok((internet_address(&local).unwrap_or(address), socket))
}

/// As much as the kernel grants, which is more for whoever may administer the network.
fn make_room_for_bursts(socket: &impl AsFd) {
    #[cfg(target_os = "linux")]
    if socket::setsockopt(socket, sockopt::RcvBufForce, &DATAGRAM_BUFFER_BYTES).is_ok() {
        return;
    }
    let _ = socket::setsockopt(socket, sockopt::RcvBuf, &DATAGRAM_BUFFER_BYTES);
}

/// Bytes that the kernel keeps of datagrams, if those are fewer than [`DATAGRAM_BUFFER_BYTES`]. Linux counts twice as many.
pub(super) fn lacking_room_for_bursts(socket: &DatagramSocket) -> Option<usize> {
    let DatagramSocket::Udp(socket) = socket else { return None };
    let granted = socket::getsockopt(socket, sockopt::RcvBuf).ok()? / if cfg!(target_os = "linux") { 2 } else { 1 };
    (granted < DATAGRAM_BUFFER_BYTES).then_some(granted)
}

/// Accepted connections inherit it.
fn set_keepalive(socket: &impl AsFd) -> Result<(), Errno> {
    socket::setsockopt(socket, sockopt::KeepAlive, &true)?;
    #[cfg(not(target_vendor = "apple"))]
    socket::setsockopt(socket, sockopt::TcpKeepIdle, &KEEPALIVE_IDLE_SECONDS)?;
    #[cfg(target_vendor = "apple")]
    socket::setsockopt(socket, sockopt::TcpKeepAlive, &KEEPALIVE_IDLE_SECONDS)?;
    socket::setsockopt(socket, sockopt::TcpKeepInterval, &KEEPALIVE_INTERVAL_SECONDS)?;
    socket::setsockopt(socket, sockopt::TcpKeepCount, &KEEPALIVE_PROBES)
}

fn internet_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4((*v4).into()));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))
}

fn set_nonblocking(socket: BorrowedFd<'_>) -> Result<(), Errno> {
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

/// More than a file of hosts has that is read at each look-up.
const MAX_HOSTS_BYTES: u64 = 1 << 20;

/// How often to look for a port that is free at every address of a host name.
const FREE_PORT_ATTEMPTS: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::io::Write as _;
    use std::net::TcpStream;

    fn parse(text: &str) -> Result<Address, NotAnAddress> {
        Address::parse(OsStr::new(text))
    }

    #[test]
    fn binds_one_free_port_at_every_address_of_a_host() {
        for text in ["localhost:0", "udp:localhost:0"] {
            let bound = bind(&parse(text).unwrap(), None).unwrap();
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
        let bound = bind(&parse("127.0.0.1:0").unwrap(), None).unwrap();
        let port = port_of(&bound.listening.addresses[0]);
        TcpStream::connect(("127.0.0.1", port)).unwrap().write_all(b"x").unwrap();
        let error = bind(&parse(&format!("127.0.0.1:{port}")).unwrap(), None).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen on tcp:127.0.0.1:{port}: ")), "{error}");
        let unknown = bind(&parse("no-such-host.invalid:1").unwrap(), None).unwrap_err().to_string();
        assert!(unknown.starts_with("cannot resolve no-such-host.invalid: "), "{unknown}");
    }

    #[test]
    fn of_a_host_name_the_address_that_cannot_be_bound_is_named() {
        let taken = bind(&parse("127.0.0.1:0").unwrap(), None).unwrap();
        let port = port_of(&taken.listening.addresses[0]);
        let error = bind(&parse(&format!("localhost:{port}")).unwrap(), None).unwrap_err().to_string();
        let why = io::Error::from(Errno::EADDRINUSE);
        assert_eq!(error, format!("cannot listen on tcp:localhost:{port} (127.0.0.1:{port}): {why}"));
    }

    #[test]
    fn a_star_is_every_address_and_a_port_alone_is_localhost() {
        let bound = bind(&parse("*:0").unwrap(), None).unwrap();
        let port = port_of(&bound.listening.addresses[0]);
        assert_eq!(bound.listening.addresses[0].to_string(), format!("tcp:0.0.0.0:{port}"));
        if bind(&parse("[::]:0").unwrap(), None).is_ok() {
            assert_eq!(bound.listening.addresses[1].to_string(), format!("tcp:[::]:{port}"));
        }
        TcpStream::connect(("127.0.0.1", port)).unwrap();
        let bound = bind(&parse("udp:0").unwrap(), None).unwrap();
        assert!(bound.listening.to_string().starts_with("Listening on udp:127.0.0.1:"), "{}", bound.listening);
    }

    #[test]
    fn a_zone_is_kept_and_shown() {
        let here = resolve("fe80::1%lo", 7).unwrap();
        let [SocketAddr::V6(address)] = here[..] else { panic!("{here:?}") };
        assert_ne!(address.scope_id(), 0);
        assert_eq!(LocalAddress::Tcp(here[0]).to_string(), "tcp:[fe80::1%lo]:7");
    }

    #[test]
    fn accepted_connections_inherit_keepalive() {
        let bound = bind(&parse("127.0.0.1:0").unwrap(), None).unwrap();
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
        assert_eq!(bind_all(&addresses[..1], Transport::Tcp).unwrap_err(), (addresses[0], Errno::EADDRNOTAVAIL));
    }

    #[test]
    fn takes_nothing_over_without_socket_activation() {
        assert!(matches!(bind(&Address::Systemd, None), Err(Error::NothingInherited)));
    }
}
