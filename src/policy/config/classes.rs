//! Tables: the keys of a file and what they take, and the classes that may be named in it, with their arguments.
//!
//! What stands here is all that is checked of an argument. Facts: the constructors in CPython's `Lib/logging/__init__.py` and
//! `handlers.py`.

use super::node::{Members, Node};

/// A handler class.
#[derive(Debug)]
pub(super) struct Class {
    /// Its full name.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Its arguments, those first that have to be given.
    pub(super) arguments: &'static [Key],
    /// How many have to be.
    pub(super) needed: usize,
    /// What may be set through `.`, too.
    pub(super) attributes: &'static [Key],
}

impl Class {
    /// The class of this name.
    pub(super) fn named(name: &str) -> Option<&'static Class> {
        CLASSES.iter().find(|class| class.name == name)
    }

    /// The last part of its name.
    pub(super) fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
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

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Of a syslog daemon.
    Address,
    Anything,
    /// A time of the day.
    AtTime,
    Choice(&'static [&'static str]),
    /// Values for attributes that a record lacks.
    Defaults,
    Encoding,
    /// What is called for, and ignored here.
    Factory,
    Facility,
    Flag,
    /// A text, or the names of fields.
    Format,
    Host,
    Level,
    /// What ends a line.
    Newline,
    /// The names of members of this section; none, too.
    Names(&'static str),
    /// Names of handlers, at least one.
    SomeHandlers,
    /// The name of a member of this section.
    OneOf(&'static str),
    Nothing,
    Object,
    Path,
    /// None says that the host is the path of a socket.
    Port,
    /// A whole number, at least 1.
    Positive,
    SocketType,
    Text,
    TextOrFlag,
    /// An object of texts.
    Texts,
    /// Anything that Python takes for true or false.
    Truth,
    Version,
    When,
    /// A whole number.
    Whole,
    /// The same, or a text of one.
    WholeOrText,
}

impl Takes {
    /// For messages: `takes …`.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Takes::Address => "a path or [host, port]",
            Takes::Anything => "anything",
            Takes::AtTime => "a time of the day, such as 03:30 or 03:30:15",
            Takes::Defaults | Takes::Object => "an object",
            Takes::Encoding => "utf-8 or ascii",
            Takes::Factory => "a class, or an object with \"()\"",
            Takes::Facility => "a syslog facility, such as user, daemon, auth or local0 to local7",
            Takes::Flag | Takes::Truth => "true or false",
            Takes::Format => "a text or a list of names",
            Takes::Host => "a host, or the path of a socket",
            Takes::Level => {
                "a whole number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET (a level of the \
                 sender's own is given by its number)"
            }
            Takes::Names(_) | Takes::SomeHandlers => "a list of names",
            Takes::Newline => "\"\\n\"",
            Takes::OneOf(_) => "a name",
            Takes::Nothing => "nothing: the file is the whole policy",
            Takes::Path => "a file name",
            Takes::Port => "a port from 1 to 65535, or null where host is the path of a socket",
            Takes::Positive => "a whole number from 1 to 4294967295",
            Takes::Choice(_) | Takes::SocketType => "one of these",
            Takes::Text => "a text",
            Takes::TextOrFlag => "a text, true or false",
            Takes::Texts => "an object of texts",
            Takes::Version => "the number 1",
            Takes::When => "S, M, H, D, midnight or W0 to W6",
            Takes::Whole | Takes::WholeOrText => "a whole number",
        }
    }
}

macro_rules! keys {
    ($($key:ident: $name:literal, $takes:expr;)*) => {
        /// A key that means something in some object of the file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(not(all(feature = "relay", feature = "syslog")), allow(dead_code, reason = "some are of classes that are left out"))]
        pub(super) enum Key { $($key,)* }

        impl Key {
            pub(super) const fn name(self) -> &'static str {
                match self { $(Key::$key => $name,)* }
            }

            pub(super) const fn takes(self) -> Takes {
                match self { $(Key::$key => $takes,)* }
            }
        }
    };
}

keys! {
    Address: "address", Takes::Address;
    AppendNul: "append_nul", Takes::Flag;
    AtTime: "atTime", Takes::AtTime;
    Attributes: ".", Takes::Object;
    BackupCount: "backupCount", Takes::WholeOrText;
    Call: "()", Takes::Anything;
    Capacity: "capacity", Takes::Whole;
    Class: "class", Takes::Anything;
    Datefmt: "datefmt", Takes::Text;
    Defaults: "defaults", Takes::Defaults;
    Delay: "delay", Takes::Flag;
    DisableExisting: "disable_existing_loggers", Takes::Truth;
    Encoding: "encoding", Takes::Encoding;
    Errors: "errors", Takes::Choice(ERRORS);
    Facility: "facility", Takes::Facility;
    Filename: "filename", Takes::Path;
    FilterClass: "()", Takes::Choice(&["logging.Filter"]);
    Filters: "filters", Takes::Names("filters");
    FilterSection: "filters", Takes::Object;
    FlushLevel: "flushLevel", Takes::Level;
    FlushOnClose: "flushOnClose", Takes::Flag;
    Fmt: "fmt", Takes::Text;
    Format: "format", Takes::Text;
    Formatter: "formatter", Takes::OneOf("formatters");
    FormatterCall: "()", Takes::Choice(FORMATTERS);
    FormatterClass: "class", Takes::Choice(FORMATTERS);
    FormatterSection: "formatters", Takes::Object;
    HandedTo: "handlers", Takes::SomeHandlers;
    Handlers: "handlers", Takes::Names("handlers");
    HandlerSection: "handlers", Takes::Object;
    Host: "host", Takes::Host;
    Ident: "ident", Takes::Text;
    Incremental: "incremental", Takes::Nothing;
    Interval: "interval", Takes::Positive;
    JsonDefaults: "defaults", Takes::Object;
    JsonEnsureAscii: "json_ensure_ascii", Takes::Flag;
    JsonFmt: "fmt", Takes::Format;
    JsonFormat: "format", Takes::Format;
    JsonStyle: "style", Takes::Choice(JSON_STYLES);
    Level: "level", Takes::Level;
    Listener: "listener", Takes::Factory;
    LoggerSection: "loggers", Takes::Object;
    MaxBytes: "maxBytes", Takes::Whole;
    Mode: "mode", Takes::Choice(MODES);
    Name: "name", Takes::Text;
    Port: "port", Takes::Port;
    Propagate: "propagate", Takes::Flag;
    Queue: "queue", Takes::Factory;
    RenameFields: "rename_fields", Takes::Texts;
    RespectHandlerLevel: "respect_handler_level", Takes::Flag;
    Root: "root", Takes::Object;
    SocketType: "socktype", Takes::SocketType;
    StaticFields: "static_fields", Takes::Object;
    Stream: "stream", Takes::Choice(STREAMS);
    Style: "style", Takes::Choice(STYLES);
    Target: "target", Takes::OneOf("handlers");
    Terminator: "terminator", Takes::Newline;
    Timestamp: "timestamp", Takes::TextOrFlag;
    Utc: "utc", Takes::Flag;
    Validate: "validate", Takes::Truth;
    Version: "version", Takes::Version;
    When: "when", Takes::When;
}

/// What Python takes no `null` for, where it stands for the default elsewhere.
pub(super) const NEVER_NULL: &[Key] = &[
    Key::Address,
    Key::Facility,
    Key::FilterClass,
    Key::FilterSection,
    Key::FlushLevel,
    Key::FormatterCall,
    Key::FormatterSection,
    Key::HandlerSection,
    Key::Interval,
    Key::JsonStyle,
    Key::Listener,
    Key::LoggerSection,
    Key::MaxBytes,
    Key::Mode,
    Key::Name,
    Key::Queue,
    Key::Style,
    Key::Target,
    Key::When,
];

/// The file.
pub(super) const FILE: &[Key] = &[
    Key::Version,
    Key::FormatterSection,
    Key::FilterSection,
    Key::HandlerSection,
    Key::LoggerSection,
    Key::Root,
    Key::DisableExisting,
    Key::Incremental,
];

pub(super) const FILTER: &[Key] = &[Key::Name];

/// A filter that is called for.
pub(super) const CALLED_FILTER: &[Key] = &[Key::FilterClass, Key::Name];

pub(super) const FORMATTER: &[Key] =
    &[Key::Format, Key::Datefmt, Key::Style, Key::Validate, Key::Defaults, Key::FormatterClass];

/// A formatter that is called for.
pub(super) const CALLED_FORMATTER: &[Key] =
    &[Key::Format, Key::Fmt, Key::Datefmt, Key::Style, Key::Validate, Key::Defaults, Key::FormatterCall];

/// A formatter of python-json-logger.
pub(super) const JSON_FORMATTER: &[Key] =
    &[Key::JsonFormat, Key::Datefmt, Key::JsonStyle, Key::Validate, Key::JsonDefaults, Key::FormatterClass];

/// One that is called for.
pub(super) const CALLED_JSON_FORMATTER: &[Key] = &[
    Key::JsonFormat,
    Key::JsonFmt,
    Key::Datefmt,
    Key::JsonStyle,
    Key::Validate,
    Key::JsonDefaults,
    Key::FormatterCall,
    Key::RenameFields,
    Key::StaticFields,
    Key::Timestamp,
    Key::JsonEnsureAscii,
];

/// Whether a formatter is one of python-json-logger.
pub(super) fn is_json(members: &Members) -> bool {
    let class = members.get("()").or_else(|| members.get("class")).and_then(Node::as_text);
    class.is_some_and(|class| class.starts_with("pythonjsonlogger."))
}

/// What every handler takes besides.
pub(super) const HANDLER: &[Key] = &[Key::Formatter, Key::Level, Key::Filters, Key::Class, Key::Attributes];

/// One that is called for.
pub(super) const CALLED_HANDLER: &[Key] = &[Key::Formatter, Key::Level, Key::Filters, Key::Call, Key::Attributes];

pub(super) const LOGGER: &[Key] = &[Key::Level, Key::Propagate, Key::Handlers, Key::Filters];

/// What may be named.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "logging.StreamHandler",
        kind: Kind::Stream,
        arguments: &[Key::Stream],
        needed: 0,
        attributes: &[Key::Terminator],
    },
    Class {
        name: "logging.FileHandler",
        kind: Kind::File,
        arguments: FILE_ARGUMENTS,
        needed: 1,
        attributes: &[Key::Terminator],
    },
    Class { name: "logging.NullHandler", kind: Kind::Null, arguments: &[], needed: 0, attributes: &[] },
    Class {
        name: "logging.handlers.RotatingFileHandler",
        kind: Kind::Rotating,
        arguments: ROTATING,
        needed: 1,
        attributes: ROTATING_ATTRIBUTES,
    },
    Class {
        name: "logging.handlers.TimedRotatingFileHandler",
        kind: Kind::Timed,
        arguments: &[
            Key::Filename,
            Key::When,
            Key::Interval,
            Key::BackupCount,
            Key::Encoding,
            Key::Delay,
            Key::Utc,
            Key::AtTime,
            Key::Errors,
        ],
        needed: 1,
        attributes: &[Key::Terminator, Key::BackupCount],
    },
    Class {
        name: "concurrent_log_handler.ConcurrentRotatingFileHandler",
        kind: Kind::Rotating,
        arguments: ROTATING,
        needed: 1,
        attributes: ROTATING_ATTRIBUTES,
    },
    Class {
        name: "logging.handlers.WatchedFileHandler",
        kind: Kind::WatchedFile,
        arguments: FILE_ARGUMENTS,
        needed: 1,
        attributes: &[Key::Terminator],
    },
    Class {
        name: "logging.handlers.MemoryHandler",
        kind: Kind::Memory,
        arguments: &[Key::Capacity, Key::FlushLevel, Key::Target, Key::FlushOnClose],
        needed: 1,
        attributes: &[Key::Capacity, Key::FlushOnClose],
    },
    Class {
        name: "logging.handlers.QueueHandler",
        kind: Kind::Queue,
        arguments: &[Key::HandedTo, Key::RespectHandlerLevel, Key::Queue, Key::Listener],
        needed: 1,
        attributes: &[],
    },
    #[cfg(feature = "relay")]
    Class {
        name: "logging.handlers.SocketHandler",
        kind: Kind::Socket,
        arguments: &[Key::Host, Key::Port],
        needed: 2,
        attributes: &[],
    },
    #[cfg(feature = "relay")]
    Class {
        name: "logging.handlers.DatagramHandler",
        kind: Kind::Datagram,
        arguments: &[Key::Host, Key::Port],
        needed: 2,
        attributes: &[],
    },
    #[cfg(feature = "syslog")]
    Class {
        name: "logging.handlers.SysLogHandler",
        kind: Kind::Syslog,
        arguments: &[Key::Address, Key::Facility, Key::SocketType],
        needed: 0,
        attributes: &[Key::AppendNul, Key::Ident, Key::Facility],
    },
];

const FILE_ARGUMENTS: &[Key] = &[Key::Filename, Key::Mode, Key::Encoding, Key::Delay, Key::Errors];

const ROTATING: &[Key] =
    &[Key::Filename, Key::Mode, Key::MaxBytes, Key::BackupCount, Key::Encoding, Key::Delay, Key::Errors];

const ROTATING_ATTRIBUTES: &[Key] = &[Key::Terminator, Key::MaxBytes, Key::BackupCount];

const ERRORS: &[&str] = &["strict", "backslashreplace", "replace", "ignore", "xmlcharrefreplace", "surrogateescape"];

const FORMATTERS: &[&str] =
    &["logging.Formatter", "pythonjsonlogger.json.JsonFormatter", "pythonjsonlogger.jsonlogger.JsonFormatter"];

const MODES: &[&str] = &["a", "w", "a+", "w+", "at", "wt"];

const STREAMS: &[&str] = &["ext://sys.stdout", "ext://sys.stderr"];

const STYLES: &[&str] = &["%", "{", "$"];

const JSON_STYLES: &[&str] = &["%", "{", "$", ","];
