//! Sockets that socket activation hands over, sd_listen_fds(3).
//!
//! In: LISTEN_FDS, LISTEN_PID, and the descriptors that they tell of. Out: what these are bound to. Refused: what nothing can be
//! received from; the error names the descriptor.

use crate::base::digits;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::sys::socket::{self, SockType, SockaddrStorage, sockopt};

use super::{
    Bound, Error, LocalAddress, Socket, internet_address, make_room_for_bursts, set_keepalive, set_nonblocking,
};
use crate::base::limits::DATAGRAM_BUFFER_BYTES;
use crate::base::sys;
use crate::receive::datagram_handler::DatagramSocket;

/// The sockets of sd_listen_fds(3).
pub(super) fn sockets() -> Result<Bound, Error> {
    let number = |name| digits::parse::<i32>(&std::env::var(name).ok()?);
    let count = number("LISTEN_FDS").filter(|&count| count > 0).ok_or(Error::NothingInherited)?;
    if number("LISTEN_PID") != Some(nix::unistd::getpid().as_raw()) {
        return Err(Error::NothingInherited);
    }
    let fds = sys::take_inherited_fds(SD_LISTEN_FDS_START, count).ok_or(Error::NothingInherited)?;
    let mut bound = Vec::new();
    for fd in fds {
        bound.push(socket_of(fd)?);
    }
    Ok(Bound::new(bound))
}

fn socket_of(fd: OwnedFd) -> Result<(LocalAddress, Socket), Error> {
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
            // Whoever made it may have asked for more.
            if socket::getsockopt(&fd, sockopt::RcvBuf).is_ok_and(|granted| granted / 2 < DATAGRAM_BUFFER_BYTES) {
                make_room_for_bursts(&fd);
            }
            (LocalAddress::Udp(address), Socket::Datagram(DatagramSocket::Udp(fd.into()), None))
        }
        (SockType::Datagram, None, Some(path)) => {
            (LocalAddress::Unixgram(path), Socket::Datagram(DatagramSocket::Unix(fd.into()), None))
        }
        _ => return Err(unsupported("neither a TCP, UDP nor Unix socket")),
    };
    set_nonblocking(bound.1.as_fd()).map_err(|errno| failed(errno.into()))?;
    Ok(bound)
}

fn unix_path(address: &SockaddrStorage) -> Option<PathBuf> {
    let address = address.as_unix_addr()?;
    #[cfg(target_os = "linux")]
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    #[cfg(target_os = "linux")]
    if let Some(name) = address.as_abstract() {
        return Some(OsString::from_vec([b"@", name].concat()).into());
    }
    address.path().map(Path::to_owned)
}

/// `SD_LISTEN_FDS_START` of sd-daemon.h.
const SD_LISTEN_FDS_START: RawFd = 3;
