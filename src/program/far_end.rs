//! Where other programs listen: the addresses of `--output relay:ADDRESS` and `syslog:ADDRESS`.
//!
//! In: what follows the colon. Out: a place to send to. Refused, with what is taken: what nobody can listen on.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use jackdaws::receive::listen::{Address, DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT, HostPort};
use jackdaws::write::{Place, Purpose, RemoteAddress};

use crate::program::arguments::Error;

/// A place to send to. A host alone is the TCP port of another receiver, or the UDP port of a syslog daemon.
pub fn far_end(option: &str, purpose: &str, address: &[u8]) -> Result<Place, Error> {
    let is_syslog = purpose == "syslog";
    let purpose = Purpose::named(purpose).ok_or_else(|| Error::lacking(&format!("{purpose}:ADDRESS"), purpose))?;
    // `SYSLOG_TCP_PORT` and `SYSLOG_UDP_PORT` of `logging.handlers`.
    let ports = if is_syslog { (514, 514) } else { (DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT) };
    let refused = |why: &str| {
        let shown = String::from_utf8_lossy(address).escape_debug().to_string();
        Error(format!(
            "{option} takes {purpose}:HOST:PORT, {purpose}:tcp:HOST:PORT, {purpose}:udp:HOST:PORT, {purpose}:unix:PATH or \
             {purpose}:unixgram:PATH ({why}), not '{purpose}:{shown}'"
        ))
    };
    // Where the C library's `syslog` sends to.
    let address_of_none: &[u8] = if is_syslog { b"unixgram:/dev/log" } else { b"" };
    let named = if address.is_empty() { address_of_none } else { address };
    let parsed = Address::parse_with(OsStr::from_bytes(named), ports.0, ports.1);
    let address = match parsed.map_err(|error| refused(&error.to_string()))? {
        Address::Systemd => return Err(refused("systemd hands over no such sockets")),
        Address::Unix(path) => RemoteAddress::Unix(path),
        Address::Unixgram(path) => RemoteAddress::Unixgram(path),
        Address::Tcp(HostPort { port: 0, .. }) | Address::Udp(HostPort { port: 0, .. }) => {
            return Err(refused("nobody listens on port 0"));
        }
        Address::Tcp(HostPort { host, .. }) | Address::Udp(HostPort { host, .. }) if host == "*" => {
            return Err(refused("* is no host to send to"));
        }
        Address::Tcp(HostPort { host, port }) if !is_syslog || named.starts_with(b"tcp:") => {
            RemoteAddress::Tcp(host, port)
        }
        Address::Tcp(HostPort { host, port }) | Address::Udp(HostPort { host, port }) => RemoteAddress::Udp(host, port),
    };
    Ok(Place::Remote { address, purpose })
}
