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
    File,
    Memory,
    Null,
    Queue,
    Rotating,
    Stream,
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
    Anything,
    Encoding,
    Errors,
    Flag,
    Handler,
    Handlers,
    Level,
    Mode,
    Path,
    Stream,
    /// A whole number, at least 0.
    Whole,
    /// The same; Python converts a text.
    WholeOrText,
}

impl Takes {
    /// For messages: `takes …`.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Takes::Anything => "anything",
            Takes::Encoding => "utf-8 or ascii",
            Takes::Errors => "strict, backslashreplace, replace, ignore or xmlcharrefreplace",
            Takes::Flag => "true or false",
            Takes::Handler => "the name of a handler",
            Takes::Handlers => "a list of names of handlers",
            Takes::Level => {
                "a whole number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET (a level of the \
                 sender's own is given by its number)"
            }
            Takes::Mode => "a or w",
            Takes::Path => "a file name",
            Takes::Stream => "ext://sys.stdout or ext://sys.stderr",
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

/// What every handler takes besides.
pub(super) const COMMON: &[&str] = &["class", "()", "formatter", "level", "filters", "."];

/// The class of this name.
pub(super) fn named(name: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.name == name)
}
