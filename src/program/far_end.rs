//! Where other programs listen: the addresses of `--output relay:ADDRESS` and `syslog:ADDRESS`.
//!
//! In: what follows the colon. Out: an address to send to. Refused, with what is taken: what nobody can listen on.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use jackdaws::receive::listen::{Address, HostPort};
#[cfg(feature = "relay")]
use jackdaws::receive::listen::{DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT};
use jackdaws::write::RemoteAddress;

use crate::program::arguments::Error;

/// Another receiver; a host alone is its TCP port.
#[cfg(feature = "relay")]
pub fn relay(option: &str, address: &[u8]) -> Result<RemoteAddress, Error> {
    far_end(option, "relay", "tcp:", address, (DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT))
}

/// A syslog daemon; a host alone is its UDP port.
#[cfg(feature = "syslog")]
pub fn syslog(option: &str, address: &[u8]) -> Result<RemoteAddress, Error> {
    match address {
        // Where the C library's `syslog` sends to.
        b"" => Ok(RemoteAddress::Unixgram("/dev/log".into())),
        // `SYSLOG_TCP_PORT` and `SYSLOG_UDP_PORT` of `logging.handlers`.
        _ => far_end(option, "syslog", "udp:", address, (514, 514)),
    }
}

/// An address to send to; where it names no transport, `transport` is meant.
fn far_end(
    option: &str,
    what: &str,
    transport: &str,
    address: &[u8],
    (tcp_port, udp_port): (u16, u16),
) -> Result<RemoteAddress, Error> {
    let names_one = [&b"tcp:"[..], b"udp:", b"unix:", b"unixgram:"].iter().any(|start| address.starts_with(start));
    let names_one = names_one || address == b"systemd";
    let whole = [if names_one { "" } else { transport }.as_bytes(), address].concat();
    let refused = |why: &str| {
        let shown = String::from_utf8_lossy(address).escape_debug().to_string();
        Error(format!(
            "{option} takes {what}:HOST:PORT, {what}:tcp:HOST:PORT, {what}:udp:HOST:PORT, {what}:unix:PATH or \
             {what}:unixgram:PATH ({why}), not '{what}:{shown}'"
        ))
    };
    let parsed = Address::parse_with(OsStr::from_bytes(&whole), tcp_port, udp_port);
    match parsed.map_err(|error| refused(&error.to_string()))? {
        Address::Tcp(HostPort { port: 0, .. }) | Address::Udp(HostPort { port: 0, .. }) => {
            Err(refused("nobody listens on port 0"))
        }
        Address::Tcp(HostPort { host, .. }) | Address::Udp(HostPort { host, .. }) if host == "*" => {
            Err(refused("* is no host to send to"))
        }
        Address::Tcp(HostPort { host, port }) => Ok(RemoteAddress::Tcp(host, port)),
        Address::Udp(HostPort { host, port }) => Ok(RemoteAddress::Udp(host, port)),
        Address::Unix(path) => Ok(RemoteAddress::Unix(path)),
        Address::Unixgram(path) => Ok(RemoteAddress::Unixgram(path)),
        Address::Systemd => Err(refused("systemd hands over no such sockets")),
    }
}
