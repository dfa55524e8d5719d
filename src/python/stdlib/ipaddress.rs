//! `ipaddress`: addresses; networks and interfaces arrive as text.
//!
//! In: the argument of `IPv4Address`, `IPv6Network` and the like. Out: its `str()`. Refused, with `None`: numbers that are
//! no address. Facts: CPython's `Lib/ipaddress.py`; its compressed form of IPv6 is that of Rust's.

use super::made::Made;
use super::names::text_of;
use crate::decode::Kind;
use crate::python::integer;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `str()` of the object that a call of a class in `ipaddress` makes.
pub(super) fn str_of(made: &Made<'_>) -> Option<String> {
    let arg = made.first()?;
    if let Kind::Str(text) = arg.kind() {
        return if text.as_bytes().len() <= MAX_TEXT_BYTES { canonical(text.as_str()?) } else { None };
    }
    let number = integer::of(arg)?;
    match text_of(made.class.name) {
        "IPv4Address" => Some(Ipv4Addr::from(u32::try_from(number.to_u128()?).ok()?).to_string()),
        "IPv6Address" => Some(Ipv6Addr::from(number.to_u128()?).to_string()),
        _ => None,
    }
}

/// The number that an address is, and how many bits it has.
pub(in crate::python) fn number_of(made: &Made<'_>) -> Option<(u128, usize)> {
    let is_network = made.class.name.as_bytes().ends_with(b"Network");
    match str_of(made)?.split(['%', '/']).next().filter(|_| !is_network)?.parse().ok()? {
        IpAddr::V4(address) => Some((u32::from(address).into(), 32)),
        IpAddr::V6(address) => Some((address.into(), 128)),
    }
}

/// The text of an address, a network or an interface as CPython 3.13 prints it, whatever version wrote it.
fn canonical(text: &str) -> Option<String> {
    let end = text.find(['%', '/']).unwrap_or(text.len());
    let (address, rest) = text.split_at_checked(end)?;
    let address: IpAddr = address.parse().ok()?;
    Some(format!("{address}{rest}"))
}

/// The longest address with an interface's name (Linux: 15 bytes) and a netmask has about 100 bytes.
const MAX_TEXT_BYTES: usize = 255;
