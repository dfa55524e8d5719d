//! Arguments of the handlers whose records go to another program: where it is, and what it is told.
//!
//! In: arguments of a handler. Out: a [`RemoteAddress`], the number of a facility. Facts: `SocketHandler`, `DatagramHandler` and
//! `SysLogHandler` in CPython's `Lib/logging/handlers.py`.

use super::node::Node;
#[cfg(feature = "syslog")]
use crate::format::syslog;
use crate::write::RemoteAddress;

/// Without a port the host is the path of a socket.
pub(super) fn address(host: &str, port: Option<u16>, is_stream: bool) -> RemoteAddress {
    match (port, is_stream) {
        (Some(port), true) => RemoteAddress::Tcp(host.to_owned(), port),
        (Some(port), false) => RemoteAddress::Udp(host.to_owned(), port),
        (None, true) => RemoteAddress::Unix(host.into()),
        (None, false) => RemoteAddress::Unixgram(host.into()),
    }
}

/// A port, as a number or a text.
pub(super) fn port_of(node: &Node) -> Option<u16> {
    let port = match node.as_text() {
        Some(text) => text.trim().parse().ok(),
        None => node.as_int().and_then(|port| u16::try_from(port).ok()),
    };
    port.filter(|port| *port > 0)
}

#[cfg(feature = "syslog")]
pub(super) fn is_address(node: &Node) -> bool {
    host_of(node).is_some()
}

/// The host and the port of a pair, or a path alone. What looks like a pair in Python's own writing is no path.
#[cfg(feature = "syslog")]
pub(super) fn host_of(node: &Node) -> Option<(&str, Option<u16>)> {
    match node {
        Node::List(pair) => match pair.as_slice() {
            [host, port] => {
                let host = host.as_text().filter(|host| !host.is_empty() && !host.contains('\0'));
                host.zip(port_of(port)).map(|(host, port)| (host, Some(port)))
            }
            _ => None,
        },
        Node::Text(path) => {
            let is_path = !path.is_empty() && !path.contains('\0') && !path.starts_with(['(', '[']);
            is_path.then_some((path, None))
        }
        _ => None,
    }
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

/// Whether a `socktype` is that of a stream.
#[cfg(feature = "syslog")]
pub(super) fn is_stream(node: &Node) -> Option<bool> {
    match node {
        Node::Text(name) if name == "ext://socket.SOCK_STREAM" => Some(true),
        Node::Text(name) if name == "ext://socket.SOCK_DGRAM" => Some(false),
        _ => None,
    }
}

#[cfg(feature = "syslog")]
const FACILITIES: u8 = 24;

#[cfg(feature = "syslog")]
pub(super) const SYSLOG_PORT: u16 = 514;
