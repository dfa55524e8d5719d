//! Where connections and datagrams come from, as far as room and diagnostics are shared by it: [`Origin`].

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address, or those that one sender can have at will: the 2^64 of an IPv6 network, and 127.0.0.0/8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Who is behind a Unix socket is not known.
    Unknown,
    /// A user of this machine, behind a Unix socket.
    User(u32),
    /// An IPv4 address, with the last three bytes zero if it is a loopback one.
    V4(Ipv4Addr),
    /// An IPv6 address with its last eight bytes zero.
    V6(Ipv6Addr),
}

impl Origin {
    /// The origin of an Internet address.
    pub fn of(ip: IpAddr) -> Origin {
        match ip.to_canonical() {
            IpAddr::V4(ip) if ip.is_loopback() => Origin::V4(Ipv4Addr::new(127, 0, 0, 0)),
            IpAddr::V4(ip) => Origin::V4(ip),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Origin::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Unknown => f.write_str("Unix sockets"),
            Origin::User(user) => write!(f, "user {user}"),
            Origin::V4(ip) if ip.is_loopback() => f.write_str("127.0.0.0/8"),
            Origin::V4(ip) => ip.fmt(f),
            Origin::V6(ip) => write!(f, "{ip}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_one_sender_can_have_at_will_are_one() {
        for (address, shown) in [
            ("10.0.0.7", "10.0.0.7"),
            ("127.0.0.1", "127.0.0.0/8"),
            ("127.255.0.9", "127.0.0.0/8"),
            ("128.0.0.1", "128.0.0.1"),
            ("::ffff:10.0.0.7", "10.0.0.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(Origin::of(address.parse().unwrap()).to_string(), shown, "{address}");
        }
        assert_eq!(Origin::User(1000).to_string(), "user 1000");
    }
}
