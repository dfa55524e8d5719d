//! Who sends: [`Peer`], an address and its text.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::receive::origin::Origin;

use nix::net::if_::if_indextoname;

/// The sending end of one connection, or the socket at which datagrams arrive.
///
/// `Display` is for diagnostics: the address, escaped, since the names of Unix sockets are the peer's to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    client_address: String,
    ip: Option<IpAddr>,
    user: Option<u32>,
}

impl Peer {
    /// A peer with an Internet address: `HOST:PORT`, IPv6 hosts in brackets and with their zone, IPv4 behind an IPv6 socket as
    /// IPv4.
    pub fn from_socket_address(mut address: SocketAddr) -> Peer {
        let ip = address.ip().to_canonical();
        if ip.is_ipv4() {
            address = SocketAddr::new(ip, address.port());
        }
        Peer { client_address: Shown(address).to_string(), ip: Some(ip), user: None }
    }

    /// A peer at a Unix socket, known by that socket's path or by its own.
    pub fn from_path(path: &str) -> Peer {
        Peer { client_address: path.to_owned(), ip: None, user: None }
    }

    /// The same, once it is known which user of this machine it is.
    #[must_use]
    pub fn of_user(self, user: Option<u32>) -> Peer {
        Peer { user, ..self }
    }

    /// Where it sends from, as far as room and diagnostics are shared by it.
    pub fn origin(&self) -> Origin {
        let user = self.user.map_or(Origin::Unknown, Origin::User);
        self.ip.map_or(user, Origin::of)
    }

    /// The address as records have it, in `client_address`.
    pub fn client_address(&self) -> &str {
        &self.client_address
    }

    /// The Internet address; `None` for Unix sockets.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client_address.escape_debug().fmt(f)
    }
}

/// An Internet address as it is written: with the zone's name, where it has a zone, instead of its number.
pub(super) struct Shown(pub SocketAddr);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SocketAddr::V6(address) if address.scope_id() != 0 => match if_indextoname(address.scope_id()) {
                Ok(zone) => write!(f, "[{}%{}]:{}", address.ip(), zone.to_string_lossy(), address.port()),
                Err(_) => self.0.fmt(f),
            },
            _ => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_host_and_port_with_ipv6_in_brackets() {
        let texts = ["127.0.0.1:50312", "[::1]:9020", "[::ffff:10.0.0.7]:80"].map(|text| {
            let peer = Peer::from_socket_address(text.parse().unwrap());
            assert_eq!(peer.to_string(), peer.client_address());
            peer.client_address
        });
        assert_eq!(texts, ["127.0.0.1:50312", "[::1]:9020", "10.0.0.7:80"]);
    }

    #[test]
    fn escapes_what_a_peer_may_name_itself() {
        assert_eq!(Peer::from_path("/x\n\x1b[0m").to_string(), "/x\\n\\u{1b}[0m");
    }
}
