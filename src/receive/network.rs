//! Text to network: [`Network`], whom `--allow` lets in.
//!
//! In: `10.0.0.0/8`, `fd00::/8`, or a single address. Refused: host names, and prefixes longer than the address.

use crate::base::digits;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// True if `address` is in this network. IPv4 behind an IPv6 socket (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let differing = bits_of(address) ^ bits_of(self.address);
        let shift = width_of(self.address).saturating_sub(self.prefix_bits);
        address.is_ipv4() == self.address.is_ipv4() && differing.checked_shr(u32::from(shift)).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Network, &'static str> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NOT_A_NETWORK)?;
        let width = width_of(address);
        let prefix_bits = match prefix {
            None => width,
            Some(digits) => digits::unsigned(digits).filter(|&bits| bits <= width).ok_or(NOT_A_NETWORK)?,
        };
        // Peers count as what they are behind an IPv6 socket, and so does a network of them.
        Ok(match (address.to_canonical(), prefix_bits.checked_sub(MAPPED_BITS)) {
            (mapped @ IpAddr::V4(_), Some(bits)) if address.is_ipv6() => Network { address: mapped, prefix_bits: bits },
            _ => Network { address, prefix_bits },
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// True if a peer may send: it is in one of the networks, or there are none. Unix sockets, which have no Internet address, are
/// guarded by the permissions of their files instead.
pub fn allows(networks: &[Network], address: Option<IpAddr>) -> bool {
    let Some(address) = address else { return true };
    networks.is_empty() || networks.iter().any(|network| network.contains(address))
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => Ipv6Addr::to_bits(v6),
    }
}

const NOT_A_NETWORK: &str = "not a network such as 10.0.0.0/8 or fd00::/8, nor an address";

/// `::ffff:0:0/96`, RFC 4291.
const MAPPED_BITS: u8 = 96;

const fn width_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_what_begins_with_its_bits() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("192.168.4.0/22", "192.168.7.255", true),
            ("192.168.4.0/22", "192.168.8.0", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "255.1.2.3", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "ffff::1", true),
            ("::/0", "1.2.3.4", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
            ("::1", "::1", true),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:127.0.0.0/104", "127.9.9.9", true),
            ("::ffff:127.0.0.0/104", "128.0.0.1", false),
            ("::ffff:127.0.0.1", "127.0.0.1", true),
            ("::ffff:0:0/96", "1.2.3.4", true),
            ("::ffff:0:0/96", "::1", false),
            ("::ffff:0:0/95", "1.2.3.4", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), expected, "{network} {address}");
        }
    }

    #[test]
    fn refuses_what_is_no_network() {
        for (text, accepted) in [
            ("10.0.0.0/31", true),
            ("10.0.0.0/32", true),
            ("10.0.0.0/33", false),
            ("::/127", true),
            ("::/128", true),
            ("::/129", false),
            ("10.0.0.0/+8", false),
            ("10.0.0.0/", false),
            ("/8", false),
            ("localhost", false),
            ("10.0.0/8", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Network>().is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn allows_everyone_if_no_network_is_given() {
        let networks = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        for (address, allowed) in [("10.1.1.1", true), ("::1", true), ("127.0.0.1", false)] {
            assert_eq!(allows(&networks, Some(address.parse().unwrap())), allowed, "{address}");
            assert!(allows(&[], Some(address.parse().unwrap())));
        }
        assert!(allows(&networks, None));
    }

    #[test]
    fn prints_as_it_is_written() {
        assert_eq!("fd00::/8".parse::<Network>().unwrap().to_string(), "fd00::/8");
        assert_eq!("127.0.0.1".parse::<Network>().unwrap().to_string(), "127.0.0.1/32");
    }
}
