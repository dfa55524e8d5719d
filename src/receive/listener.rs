//! A socket that connections are accepted from.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::base::sys;
use crate::receive::listen::{LocalAddress, Socket};
use crate::receive::peer::Peer;

/// A socket that accepts connections, and the text of its address.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    address: String,
    /// Somebody may have connected.
    pub is_ready: bool,
}

impl Listener {
    pub fn new(socket: Socket, address: &LocalAddress) -> Listener {
        Listener { socket, address: address.to_string(), is_ready: false }
    }

    /// Accepts a connection, which then does not block, and says who connected.
    ///
    /// # Errors
    /// Those of `accept(2)`: EAGAIN where nobody waits.
    pub fn accept(&self) -> io::Result<(OwnedFd, Peer)> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((OwnedFd::from(stream), Peer::from_socket_address(address)))
            }
            Socket::Unix(listener, _) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                let path = address.as_pathname().map(|path| path.to_string_lossy().into_owned());
                let user = sys::peer_user(&stream);
                let peer = Peer::from_path(path.as_deref().unwrap_or(self.path())).of_user(user);
                Ok((OwnedFd::from(stream), peer))
            }
            Socket::Datagram(..) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn path(&self) -> &str {
        self.address.strip_prefix("unix:").unwrap_or(&self.address)
    }

    /// Nobody connects to a socket without a file; who already has is still accepted.
    pub fn remove_file(&mut self) {
        if let Socket::Unix(_, file) = &mut self.socket {
            *file = None;
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
