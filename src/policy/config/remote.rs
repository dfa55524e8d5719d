//! Arguments of the handlers whose records go to another program: where it is, and what it is told.
//!
//! In: arguments of a handler. Out: a [`RemoteAddress`], the number of a facility. Facts: `SocketHandler`, `DatagramHandler` and
//! `SysLogHandler` in CPython's `Lib/logging/handlers.py`.

use super::node::Node;
use super::scalar;
use crate::base::digits;
#[cfg(feature = "syslog")]
use crate::format::syslog;
#[cfg(any(feature = "relay", feature = "syslog"))]
use crate::write::RemoteAddress;

/// Without a port the host is the path of a socket.
#[cfg(any(feature = "relay", feature = "syslog"))]
pub(super) fn address(host: &str, port: Option<u16>, is_stream: bool) -> RemoteAddress {
    match (port, is_stream) {
        (Some(port), true) => RemoteAddress::Tcp(host.to_owned(), port),
        (Some(port), false) => RemoteAddress::Udp(host.to_owned(), port),
        (None, true) => RemoteAddress::Unix(scalar::path(host)),
        (None, false) => RemoteAddress::Unixgram(scalar::path(host)),
    }
}

/// A port, as a number or a text.
pub(super) fn port_of(node: &Node) -> Option<u16> {
    let port = match node.as_text() {
        Some(text) => digits::parse(text.trim_ascii()),
        None => node.as_int().and_then(|port| u16::try_from(port).ok()),
    };
    port.filter(|port| *port > 0)
}

/// The host and the port of a pair, or a path alone. What looks like a pair in Python's own writing is no path.
pub(super) fn host_of(node: &Node) -> Option<(&str, Option<u16>)> {
    match node {
        Node::List(pair) => match pair.as_slice() {
            [host, port] => {
                let host = host.as_text().filter(|host| scalar::is_path(host));
                host.zip(port_of(port)).map(|(host, port)| (host, Some(port)))
            }
            _ => None,
        },
        Node::Text(path) => (scalar::is_path(path) && !path.starts_with(['(', '['])).then_some((path, None)),
        _ => None,
    }
}

/// Without syslog nobody has one.
#[cfg(not(feature = "syslog"))]
pub(super) fn facility_of(_: &Node) -> Option<u8> {
    None
}

/// By its name, by the name of CPython's constant for it, or by its number.
#[cfg(feature = "syslog")]
pub(super) fn facility_of(node: &Node) -> Option<u8> {
    const CONSTANTS: &str = "ext://logging.handlers.SysLogHandler.LOG_";
    match node {
        Node::Text(name) => match name.strip_prefix(CONSTANTS) {
            Some(constant) => syslog::facility(&constant.to_ascii_lowercase()),
            // As CPython spells it.
            None if name == "solaris-cron" => syslog::facility("solcron"),
            None => syslog::facility(name),
        },
        node => node.as_int().and_then(|number| u8::try_from(number).ok()).filter(|number| *number < FACILITIES),
    }
}

/// Where a syslog daemon is.
#[cfg(feature = "syslog")]
pub(super) fn syslog_address(node: Option<&Node>, socket_type: Option<&Node>) -> Option<RemoteAddress> {
    let (host, port) = node.map_or(Some(("localhost", Some(SYSLOG_PORT))), host_of)?;
    Some(address(host, port, socket_type.and_then(is_stream).unwrap_or(false)))
}

/// Whether a type of sockets is that of streams, if it is that or the one of datagrams.
pub(super) fn is_stream(node: &Node) -> Option<bool> {
    match (node.as_text(), node.as_int()) {
        (Some(DATAGRAM), _) | (_, Some(2)) => Some(false),
        (Some(STREAM), _) | (_, Some(1)) => Some(true),
        _ => None,
    }
}

pub(super) const SOCKET_TYPES: &[&str] = &[DATAGRAM, STREAM];

const DATAGRAM: &str = "ext://socket.SOCK_DGRAM";
const STREAM: &str = "ext://socket.SOCK_STREAM";

#[cfg(feature = "syslog")]
const FACILITIES: u8 = 24;

#[cfg(feature = "syslog")]
const SYSLOG_PORT: u16 = 514;
