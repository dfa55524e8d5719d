//! The handler classes that a configuration may name, and the arguments of each: one table.
//!
//! Facts: the constructors in CPython's `Lib/logging/__init__.py` and `handlers.py`.

/// A handler class.
#[derive(Debug)]
pub(super) struct Class {
    /// Its full name.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Its arguments, required ones marked.
    pub(super) arguments: &'static [(&'static str, Takes, Need)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    #[cfg(feature = "relay")]
    Datagram,
    File,
    Memory,
    Null,
    Queue,
    Rotating,
    #[cfg(feature = "relay")]
    Socket,
    Stream,
    #[cfg(feature = "syslog")]
    Syslog,
    Timed,
    WatchedFile,
}

/// Whether an argument may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    May,
    Must,
}

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Of a syslog daemon.
    #[cfg(feature = "syslog")]
    Address,
    Anything,
    /// A time of the day.
    AtTime,
    Encoding,
    Errors,
    #[cfg(feature = "syslog")]
    Facility,
    Flag,
    Handler,
    Handlers,
    Level,
    Mode,
    Path,
    /// None says that the host is the path of a socket.
    #[cfg(feature = "relay")]
    Port,
    #[cfg(feature = "syslog")]
    SocketType,
    Stream,
    #[cfg(feature = "syslog")]
    Text,
    When,
    /// A whole number, at least 1.
    Positive,
    /// A whole number, at least 0.
    Whole,
    /// The same; Python converts a text.
    WholeOrText,
}

impl Takes {
    /// For messages: `takes …`.
    pub(super) const fn what(self) -> &'static str {
        match self {
            #[cfg(feature = "syslog")]
            Takes::Address => "a path or [host, port]",
            Takes::Anything => "anything",
            Takes::AtTime => "a time of the day, such as 03:30 or 03:30:15",
            Takes::Encoding => "utf-8 or ascii",
            Takes::Errors => "strict, backslashreplace, replace, ignore or xmlcharrefreplace",
            #[cfg(feature = "syslog")]
            Takes::Facility => "a syslog facility, such as user, daemon, auth or local0 to local7",
            Takes::Flag => "true or false",
            Takes::Handler => "the name of a handler",
            Takes::Handlers => "a list of names of handlers",
            Takes::Level => {
                "a whole number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET (a level of the \
                 sender's own is given by its number)"
            }
            Takes::Mode => "a or w",
            Takes::Path => "a file name",
            #[cfg(feature = "relay")]
            Takes::Port => "a port from 1 to 65535, or null where host is the path of a socket",
            #[cfg(feature = "syslog")]
            Takes::SocketType => "ext://socket.SOCK_DGRAM or ext://socket.SOCK_STREAM",
            Takes::Stream => "ext://sys.stdout or ext://sys.stderr",
            #[cfg(feature = "syslog")]
            Takes::Text => "a text",
            Takes::When => "S, M, H, D, midnight or W0 to W6",
            Takes::Positive => "a whole number from 1 to 4294967295",
            Takes::Whole | Takes::WholeOrText => "a whole number, at least 0",
        }
    }
}

use Need::{May, Must};

/// What may be named.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "logging.StreamHandler", kind: Kind::Stream, arguments: &[("stream", Takes::Stream, May)] },
    Class {
        name: "logging.FileHandler",
        kind: Kind::File,
        arguments: &[
            ("filename", Takes::Path, Must),
            ("mode", Takes::Mode, May),
            ("encoding", Takes::Encoding, May),
            ("delay", Takes::Flag, May),
            ("errors", Takes::Errors, May),
        ],
    },
    Class { name: "logging.NullHandler", kind: Kind::Null, arguments: &[] },
    Class { name: "logging.handlers.RotatingFileHandler", kind: Kind::Rotating, arguments: ROTATING },
    Class {
        name: "logging.handlers.TimedRotatingFileHandler",
        kind: Kind::Timed,
        arguments: &[
            ("filename", Takes::Path, Must),
            ("when", Takes::When, May),
            ("interval", Takes::Positive, May),
            ("backupCount", Takes::WholeOrText, May),
            ("encoding", Takes::Encoding, May),
            ("delay", Takes::Flag, May),
            ("utc", Takes::Flag, May),
            ("atTime", Takes::AtTime, May),
            ("errors", Takes::Errors, May),
        ],
    },
    Class { name: "concurrent_log_handler.ConcurrentRotatingFileHandler", kind: Kind::Rotating, arguments: ROTATING },
    Class {
        name: "logging.handlers.WatchedFileHandler",
        kind: Kind::WatchedFile,
        arguments: &[
            ("filename", Takes::Path, Must),
            ("mode", Takes::Mode, May),
            ("encoding", Takes::Encoding, May),
            ("delay", Takes::Flag, May),
            ("errors", Takes::Errors, May),
        ],
    },
    Class {
        name: "logging.handlers.MemoryHandler",
        kind: Kind::Memory,
        arguments: &[
            ("capacity", Takes::Whole, Must),
            ("flushLevel", Takes::Level, May),
            ("target", Takes::Handler, May),
            ("flushOnClose", Takes::Flag, May),
        ],
    },
    Class {
        name: "logging.handlers.QueueHandler",
        kind: Kind::Queue,
        arguments: &[
            ("handlers", Takes::Handlers, Must),
            ("respect_handler_level", Takes::Flag, May),
            ("queue", Takes::Anything, May),
            ("listener", Takes::Anything, May),
        ],
    },
    #[cfg(feature = "relay")]
    Class { name: "logging.handlers.SocketHandler", kind: Kind::Socket, arguments: RELAY },
    #[cfg(feature = "relay")]
    Class { name: "logging.handlers.DatagramHandler", kind: Kind::Datagram, arguments: RELAY },
    #[cfg(feature = "syslog")]
    Class {
        name: "logging.handlers.SysLogHandler",
        kind: Kind::Syslog,
        arguments: &[
            ("address", Takes::Address, May),
            ("facility", Takes::Facility, May),
            ("socktype", Takes::SocketType, May),
        ],
    },
];

const ROTATING: &[(&str, Takes, Need)] = &[
    ("filename", Takes::Path, Must),
    ("mode", Takes::Mode, May),
    ("maxBytes", Takes::Whole, May),
    ("backupCount", Takes::WholeOrText, May),
    ("encoding", Takes::Encoding, May),
    ("delay", Takes::Flag, May),
    ("errors", Takes::Errors, May),
];

#[cfg(feature = "relay")]
const RELAY: &[(&str, Takes, Need)] = &[("host", Takes::Path, Must), ("port", Takes::Port, Must)];

impl Kind {
    /// Its attributes that may be set through `.`.
    pub(super) const fn attributes(self) -> &'static [(&'static str, Takes)] {
        match self {
            #[cfg(feature = "syslog")]
            Kind::Syslog => &[("append_nul", Takes::Flag), ("ident", Takes::Text)],
            _ => &[],
        }
    }
}

/// What every handler takes besides.
pub(super) const COMMON: &[&str] = &["class", "()", "formatter", "level", "filters", "."];

/// The class of this name.
pub(super) fn named(name: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.name == name)
}
