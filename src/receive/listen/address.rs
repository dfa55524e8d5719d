//! Text to address: [`Address`], what `--listen` takes.
//!
//! In: `HOST:PORT`, `tcp:HOST:PORT`, `udp:HOST:PORT`, `unix:PATH`, `unixgram:PATH`, `systemd`. Out: the same, taken apart, with
//! the port that `logging.handlers` has where there is none, and localhost where there is only a port. Refused: what is none of
//! these; the error says what it lacks. Whether there is such a host or path, binding shows.

use crate::base::digits;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The sockets that socket activation hands over, sd_listen_fds(3).
    Systemd,
    /// Connections from `SocketHandler`.
    Tcp(HostPort),
    /// Datagrams from `DatagramHandler`.
    Udp(HostPort),
    /// Connections to a Unix socket: `SocketHandler` with a path as host, and None as port.
    Unix(PathBuf),
    /// Datagrams to a Unix socket.
    Unixgram(PathBuf),
}

/// A host, by name or number, IPv6 without brackets and perhaps with a zone, or `*` for every address of this machine; and a
/// port, 0 for any that is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Address {
    /// Reads an address as `--listen` takes it.
    ///
    /// # Errors
    /// When it is none; what it lacks is in the error.
    pub fn parse(text: &OsStr) -> Result<Address, NotAnAddress> {
        Address::parse_with(text, DEFAULT_TCP_LOGGING_PORT, DEFAULT_UDP_LOGGING_PORT)
    }

    /// The same, with these ports where none is given.
    ///
    /// # Errors
    /// Those of [`Address::parse`].
    pub fn parse_with(text: &OsStr, tcp_port: u16, udp_port: u16) -> Result<Address, NotAnAddress> {
        let bytes = text.as_bytes();
        let path = |rest: &[u8]| match rest {
            [] => Err(NotAnAddress::NoPath),
            _ => Ok(PathBuf::from(OsStr::from_bytes(rest))),
        };
        if let Some(rest) = bytes.strip_prefix(b"unix:") {
            return path(rest).map(Address::Unix);
        }
        if let Some(rest) = bytes.strip_prefix(b"unixgram:") {
            return path(rest).map(Address::Unixgram);
        }
        let text = text.to_str().ok_or(NotAnAddress::NotText)?;
        if text == "systemd" {
            Ok(Address::Systemd)
        } else if let Some(rest) = text.strip_prefix("udp:") {
            HostPort::parse(rest, udp_port).map(Address::Udp)
        } else {
            HostPort::parse(text.strip_prefix("tcp:").unwrap_or(text), tcp_port).map(Address::Tcp)
        }
    }
}

/// `tcp:localhost:9020`, every address that it resolves to.
impl Default for Address {
    fn default() -> Address {
        Address::Tcp(HostPort { host: LOCALHOST.to_owned(), port: DEFAULT_TCP_LOGGING_PORT })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Systemd => f.write_str("systemd"),
            Address::Tcp(host_port) => write!(f, "tcp:{host_port}"),
            Address::Udp(host_port) => write!(f, "udp:{host_port}"),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
            Address::Unixgram(path) => write!(f, "unixgram:{}", path.display()),
        }
    }
}

impl HostPort {
    fn parse(text: &str, default_port: u16) -> Result<HostPort, NotAnAddress> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or(NotAnAddress::NoClosingBracket)?;
                match after.strip_prefix(':') {
                    None if !after.is_empty() => return Err(NotAnAddress::NoPort),
                    _ if host.is_empty() => return Err(NotAnAddress::NoHost),
                    _ if !host.contains(':') => return Err(NotAnAddress::NoBrackets),
                    port => (host, port),
                }
            }
            None => match text.split_once(':') {
                Some((_, port)) if port.contains(':') => return Err(NotAnAddress::NoBrackets),
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        // A number is no host, though the system would take 9020 for 0.0.35.60.
        let (host, port) = match (host.bytes().all(|byte| byte.is_ascii_digit()), port) {
            (false, _) => (host, port),
            (true, None) if !host.is_empty() => (LOCALHOST, Some(host)),
            (true, _) => return Err(NotAnAddress::NoHost),
        };
        let port = match port {
            None => default_port,
            Some(digits) => digits::unsigned(digits).ok_or(NotAnAddress::NoPort)?,
        };
        Ok(HostPort { host: host.to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HostPort { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// What an address lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnAddress {
    /// IPv6 hosts stand in brackets.
    NoBrackets,
    /// A bracket is open.
    NoClosingBracket,
    /// There is no host.
    NoHost,
    /// There is no path.
    NoPath,
    /// What should be a port is none.
    NoPort,
    /// It is not UTF-8.
    NotText,
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAnAddress::NoBrackets => "an IPv6 host stands in brackets, as in [::1]:9020",
            NotAnAddress::NoClosingBracket => "a bracket is not closed",
            NotAnAddress::NoHost => {
                "a host is missing (* is every address of this machine, 0.0.0.0 IPv4 only, [::] IPv6 only)"
            }
            NotAnAddress::NoPath => "a path is missing",
            NotAnAddress::NoPort => "a port is a number from 0 to 65535",
            NotAnAddress::NotText => "a host is not UTF-8",
        })
    }
}

impl std::error::Error for NotAnAddress {}

/// The host of a port alone.
pub(super) const LOCALHOST: &str = "localhost";

/// The host that is every address of this machine.
pub(super) const EVERY_ADDRESS: &str = "*";

/// `logging.handlers.DEFAULT_TCP_LOGGING_PORT`
pub const DEFAULT_TCP_LOGGING_PORT: u16 = 9020;

/// `logging.handlers.DEFAULT_UDP_LOGGING_PORT`
pub const DEFAULT_UDP_LOGGING_PORT: u16 = 9021;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, NotAnAddress> {
        Address::parse(OsStr::new(text))
    }

    #[test]
    fn reads_addresses() {
        for (text, shown) in [
            ("localhost", "tcp:localhost:9020"),
            ("9020", "tcp:localhost:9020"),
            ("tcp:0", "tcp:localhost:0"),
            ("udp:65535", "udp:localhost:65535"),
            ("*:9020", "tcp:*:9020"),
            ("udp:*", "udp:*:9021"),
            ("[fe80::1%eth0]:7", "tcp:[fe80::1%eth0]:7"),
            ("localhost:1", "tcp:localhost:1"),
            ("tcp:10.0.0.1:65535", "tcp:10.0.0.1:65535"),
            ("[::1]", "tcp:[::1]:9020"),
            ("tcp:[::1]:0", "tcp:[::1]:0"),
            ("udp:localhost", "udp:localhost:9021"),
            ("udp:[::]:5", "udp:[::]:5"),
            ("unix:/run/a:b", "unix:/run/a:b"),
            ("unixgram:x", "unixgram:x"),
            ("systemd", "systemd"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(Address::default(), parse("tcp:localhost:9020").unwrap());
    }

    #[test]
    fn refuses_what_is_no_address() {
        for (text, error) in [
            ("", NotAnAddress::NoHost),
            ("65536", NotAnAddress::NoPort),
            ("9020:9020", NotAnAddress::NoHost),
            ("[]", NotAnAddress::NoHost),
            ("[9020]", NotAnAddress::NoBrackets),
            ("[localhost]:9020", NotAnAddress::NoBrackets),
            (":9020", NotAnAddress::NoHost),
            ("localhost:", NotAnAddress::NoPort),
            ("localhost:65536", NotAnAddress::NoPort),
            ("localhost:+1", NotAnAddress::NoPort),
            ("[::1]9020", NotAnAddress::NoPort),
            ("::1", NotAnAddress::NoBrackets),
            ("[::1", NotAnAddress::NoClosingBracket),
            ("unix:", NotAnAddress::NoPath),
            ("unixgram:", NotAnAddress::NoPath),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert_eq!(Address::parse(OsStr::from_bytes(b"a\xff:1")), Err(NotAnAddress::NotText));
        assert!(Address::parse(OsStr::from_bytes(b"unix:/a\xff")).is_ok());
    }
}
