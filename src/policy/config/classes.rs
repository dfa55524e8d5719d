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

macro_rules! takes {
    ($($(#[$meta:meta])* $takes:ident $(($of:ty))?: $what:expr;)*) => {
        /// What a key takes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Takes { $($(#[$meta])* $takes $(($of))?,)* }

        impl Takes {
            /// For messages: `takes …`.
            pub(super) const fn what(self) -> &'static str {
                match self { $(Takes::$takes { .. } => $what,)* }
            }
        }
    };
}

takes! {
    /// Of a syslog daemon.
    Address: "a path or [host, port]";
    Anything: "anything";
    AtTime: "a time of the day, such as 03:30 or 03:30:15";
    Choice(&'static [&'static str]): "one of these";
    Encoding: "utf-8 or ascii";
    /// What is called for, and ignored here.
    Factory: "a class, or an object with \"()\"";
    Facility: "a syslog facility, such as user, daemon, auth or local0 to local7";
    Flag: "true or false";
    /// A text, or the names of fields.
    Format: "a text or a list of names";
    Host: "a host, or the path of a socket";
    Level: "a whole number or one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN, FATAL, NOTSET (a level of the \
            sender's own is given by its number)";
    /// The names of members of this section; none, too.
    Names(&'static str): "a list of names";
    /// What ends a line.
    Newline: "\"\\n\"";
    Nothing: "nothing: the file is the whole policy";
    Object: "an object";
    /// The name of a member of this section.
    OneOf(&'static str): "a name";
    Path: "a file name";
    /// None says that the host is the path of a socket.
    Port: "a port from 1 to 65535, or null where host is the path of a socket";
    Positive: "a whole number from 1 to 4294967295";
    SocketType: "one of these";
    /// Names of handlers, at least one.
    SomeHandlers: "a list of names";
    Text: "a text";
    TextOrFlag: "a text, true or false";
    Texts: "an object of texts";
    /// Anything that Python takes for true or false.
    Truth: "true or false";
    Version: "the number 1";
    When: "S, M, H, D, midnight or W0 to W6";
    Whole: "a whole number";
    /// The same, or a text of one.
    WholeOrText: "a whole number";
}

macro_rules! keys {
    ($($key:ident: $name:literal, $null:ident, $takes:expr;)*) => {
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

            /// Whether it takes `null`, which stands for the default.
            pub(super) const fn takes_null(self) -> bool {
                match self { $(Key::$key => $null,)* }
            }
        }
    };
}

const NULL: bool = true;
const NO_NULL: bool = false;

keys! {
    Address: "address", NO_NULL, Takes::Address;
    AppendNul: "append_nul", NULL, Takes::Flag;
    AtTime: "atTime", NULL, Takes::AtTime;
    Attributes: ".", NULL, Takes::Object;
    BackupCount: "backupCount", NULL, Takes::WholeOrText;
    Call: "()", NULL, Takes::Anything;
    Capacity: "capacity", NULL, Takes::Whole;
    Class: "class", NULL, Takes::Anything;
    Datefmt: "datefmt", NULL, Takes::Text;
    Defaults: "defaults", NULL, Takes::Object;
    Delay: "delay", NULL, Takes::Flag;
    DisableExisting: "disable_existing_loggers", NULL, Takes::Truth;
    Encoding: "encoding", NULL, Takes::Encoding;
    Errors: "errors", NULL, Takes::Choice(ERRORS);
    Facility: "facility", NO_NULL, Takes::Facility;
    Filename: "filename", NULL, Takes::Path;
    FilterClass: "()", NO_NULL, Takes::Choice(&["logging.Filter"]);
    Filters: "filters", NULL, Takes::Names("filters");
    FilterSection: "filters", NO_NULL, Takes::Object;
    FlushLevel: "flushLevel", NO_NULL, Takes::Level;
    FlushOnClose: "flushOnClose", NULL, Takes::Flag;
    Fmt: "fmt", NULL, Takes::Text;
    Format: "format", NULL, Takes::Text;
    Formatter: "formatter", NULL, Takes::OneOf("formatters");
    FormatterCall: "()", NO_NULL, Takes::Choice(FORMATTERS);
    FormatterClass: "class", NULL, Takes::Choice(FORMATTERS);
    FormatterSection: "formatters", NO_NULL, Takes::Object;
    HandedTo: "handlers", NULL, Takes::SomeHandlers;
    Handlers: "handlers", NULL, Takes::Names("handlers");
    HandlerSection: "handlers", NO_NULL, Takes::Object;
    Host: "host", NULL, Takes::Host;
    Ident: "ident", NULL, Takes::Text;
    Incremental: "incremental", NULL, Takes::Nothing;
    Interval: "interval", NO_NULL, Takes::Positive;
    JsonEnsureAscii: "json_ensure_ascii", NULL, Takes::Flag;
    JsonFmt: "fmt", NULL, Takes::Format;
    JsonFormat: "format", NULL, Takes::Format;
    JsonStyle: "style", NO_NULL, Takes::Choice(JSON_STYLES);
    Level: "level", NULL, Takes::Level;
    Listener: "listener", NO_NULL, Takes::Factory;
    LoggerSection: "loggers", NO_NULL, Takes::Object;
    MaxBytes: "maxBytes", NO_NULL, Takes::Whole;
    Mode: "mode", NO_NULL, Takes::Choice(MODES);
    Name: "name", NO_NULL, Takes::Text;
    Port: "port", NULL, Takes::Port;
    Propagate: "propagate", NULL, Takes::Flag;
    Queue: "queue", NO_NULL, Takes::Factory;
    RenameFields: "rename_fields", NULL, Takes::Texts;
    RespectHandlerLevel: "respect_handler_level", NULL, Takes::Flag;
    Root: "root", NULL, Takes::Object;
    SocketType: "socktype", NULL, Takes::SocketType;
    StaticFields: "static_fields", NULL, Takes::Object;
    Stream: "stream", NULL, Takes::Choice(STREAMS);
    Style: "style", NO_NULL, Takes::Choice(STYLES);
    Target: "target", NO_NULL, Takes::OneOf("handlers");
    Terminator: "terminator", NULL, Takes::Newline;
    Timestamp: "timestamp", NULL, Takes::TextOrFlag;
    Utc: "utc", NULL, Takes::Flag;
    Validate: "validate", NULL, Takes::Truth;
    Version: "version", NULL, Takes::Version;
    When: "when", NO_NULL, Takes::When;
}

macro_rules! objects {
    ($($(#[$meta:meta])* $object:ident: $($key:ident)*;)*) => {
        $($(#[$meta])* pub(super) const $object: &[Key] = &[$(Key::$key,)*];)*
    };
}

// The keys of each object.
objects! {
    /// The file.
    FILE: Version FormatterSection FilterSection HandlerSection LoggerSection Root DisableExisting Incremental;
    FILTER: Name;
    /// A filter that is called for.
    CALLED_FILTER: FilterClass Name;
    FORMATTER: Format Datefmt Style Validate Defaults FormatterClass;
    /// A formatter that is called for.
    CALLED_FORMATTER: Format Fmt Datefmt Style Validate Defaults FormatterCall;
    /// A formatter of python-json-logger.
    JSON_FORMATTER: JsonFormat Datefmt JsonStyle Validate Defaults FormatterClass;
    /// One that is called for.
    CALLED_JSON_FORMATTER: JsonFormat JsonFmt Datefmt JsonStyle Validate Defaults FormatterCall RenameFields
        StaticFields Timestamp JsonEnsureAscii;
    /// What every handler takes besides.
    HANDLER: Formatter Level Filters Class Attributes;
    /// One that is called for.
    CALLED_HANDLER: Formatter Level Filters Call Attributes;
    LOGGER: Level Propagate Handlers Filters;
}

/// Whether a formatter is one of python-json-logger.
pub(super) fn is_json(members: &Members) -> bool {
    let class = members.get("()").or_else(|| members.get("class")).and_then(Node::as_text);
    class.is_some_and(|class| class.starts_with("pythonjsonlogger."))
}

macro_rules! classes {
    ($($(#[$meta:meta])* $kind:ident $name:literal: [$($needed:ident)*] [$($other:ident)*] [$($attribute:ident)*];)*) => {
        /// What may be named.
        pub(super) const CLASSES: &[Class] = &[$(
            $(#[$meta])*
            Class {
                name: $name,
                kind: Kind::$kind,
                arguments: &[$(Key::$needed,)* $(Key::$other,)*],
                needed: { let needed: &[Key] = &[$(Key::$needed,)*]; needed.len() },
                attributes: &[$(Key::$attribute,)*],
            },
        )*];
    };
}

// Of each class its arguments that have to be given, the others, and what may be set through `.`, too.
classes! {
    Stream "logging.StreamHandler": [] [Stream] [Terminator];
    File "logging.FileHandler": [Filename] [Mode Encoding Delay Errors] [Terminator];
    Null "logging.NullHandler": [] [] [];
    Rotating "logging.handlers.RotatingFileHandler":
        [Filename] [Mode MaxBytes BackupCount Encoding Delay Errors] [Terminator MaxBytes BackupCount];
    Timed "logging.handlers.TimedRotatingFileHandler":
        [Filename] [When Interval BackupCount Encoding Delay Utc AtTime Errors] [Terminator BackupCount];
    Rotating "concurrent_log_handler.ConcurrentRotatingFileHandler":
        [Filename] [Mode MaxBytes BackupCount Encoding Delay Errors] [Terminator MaxBytes BackupCount];
    WatchedFile "logging.handlers.WatchedFileHandler": [Filename] [Mode Encoding Delay Errors] [Terminator];
    Memory "logging.handlers.MemoryHandler": [Capacity] [FlushLevel Target FlushOnClose] [Capacity FlushOnClose];
    Queue "logging.handlers.QueueHandler": [HandedTo] [RespectHandlerLevel Queue Listener] [];
    #[cfg(feature = "relay")]
    Socket "logging.handlers.SocketHandler": [Host Port] [] [];
    #[cfg(feature = "relay")]
    Datagram "logging.handlers.DatagramHandler": [Host Port] [] [];
    #[cfg(feature = "syslog")]
    Syslog "logging.handlers.SysLogHandler": [] [Address Facility SocketType] [AppendNul Ident Facility];
}

const ERRORS: &[&str] = &["strict", "backslashreplace", "replace", "ignore", "xmlcharrefreplace", "surrogateescape"];

const FORMATTERS: &[&str] =
    &["logging.Formatter", "pythonjsonlogger.json.JsonFormatter", "pythonjsonlogger.jsonlogger.JsonFormatter"];

const MODES: &[&str] = &["a", "w", "a+", "w+", "at", "wt"];

const STREAMS: &[&str] = &["ext://sys.stdout", "ext://sys.stderr"];

const STYLES: &[&str] = &["%", "{", "$"];

const JSON_STYLES: &[&str] = &["%", "{", "$", ","];
