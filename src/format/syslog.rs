//! Record to syslog message: [`Syslog`].
//!
//! In: a record. Out: one message in one of three forms: the traditional one of local sockets (RFC 3164, as `syslog(3)` writes it),
//! RFC 5424 with the record's fields as structured data, or that of CPython's `SysLogHandler`. The text is the message with its
//! traceback, newlines and all. Names hold only what syslog allows there, other characters become `_`; a message longer than
//! [`MAX_SYSLOG_BYTES`] is cut at a character and ends in `...`. On streams each message stands behind its length (RFC 6587).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::escape::Escape;
use super::formatter::Formatter;
use super::time::Clock;
use crate::base::limits::MAX_SYSLOG_BYTES;
use crate::base::text::{Text, TextWriter};
use crate::decode::Value;
use crate::python;
use crate::record::level::range_of;
use crate::record::{Field, LogRecord};

/// Writes records as syslog messages.
#[derive(Clone, Debug)]
pub struct Syslog {
    form: Form,
    facility: u8,
    /// Whether a length stands before each message.
    is_stream: bool,
    escape: Escape,
    /// Lays out the text.
    formatter: Formatter,
    clock: Clock,
    host: String,
    message: Vec<u8>,
    text: Vec<u8>,
}

/// How a message is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `<PRI>`, `ident`, the text and, unless told otherwise, a NUL: CPython's `SysLogHandler`.
    Handler {
        /// Stands before the text.
        ident: String,
        /// Whether a NUL follows it.
        append_nul: bool,
    },
    /// `<PRI>Mmm dd hh:mm:ss name[pid]: text`
    Local,
    /// `<PRI>1 TIME HOST NAME PID - [jackdaws@32473 …][extra@32473 …] text`
    Rfc5424,
}

impl Syslog {
    /// Messages of this form and facility, a number from 0 to 23; for a stream, each behind its length.
    pub fn new(form: Form, facility: u8, is_stream: bool, escape: Escape, utc: bool) -> Syslog {
        let format = if form == Form::Rfc5424 { RFC_5424_TIME } else { LOCAL_TIME };
        let host = nix::unistd::gethostname().unwrap_or_default();
        let mut name = Vec::new();
        push_name(host.to_string_lossy().as_bytes(), MAX_HOST_BYTES, is_graphic, &mut name);
        Syslog {
            form,
            facility,
            is_stream,
            escape,
            formatter: Formatter::default(),
            clock: Clock::new(Some(format), utc),
            host: String::from_utf8(name).unwrap_or_default(),
            message: Vec::new(),
            text: Vec::new(),
        }
    }

    /// The text as this formatter lays it out, instead of the message and its traceback.
    #[must_use]
    pub fn with_formatter(self, formatter: Formatter) -> Syslog {
        Syslog { formatter, ..self }
    }

    /// Appends the message of a record to `out`.
    pub fn write(&mut self, record: &LogRecord<'_>, out: &mut Vec<u8>) {
        self.message.clear();
        let severity = match self.form {
            Form::Handler { .. } => severity_by_name(record),
            Form::Local | Form::Rfc5424 => severity(record),
        };
        let _ = write!(Appending(&mut self.message), "<{}>", self.facility << 3 | severity);
        match &self.form {
            Form::Handler { ident, .. } => self.message.extend_from_slice(ident.as_bytes()),
            Form::Local => self.local_header(record),
            Form::Rfc5424 => self.rfc_5424_header(record),
        }
        let room = MAX_SYSLOG_BYTES.saturating_sub(self.message.len()).saturating_sub(MARK_OF_CUT_BYTES);
        let start = self.message.len();
        self.formatter.format(record, &mut TextWriter::new(&mut self.message, room));
        self.escape.finish_for(
            Some(record.meter()),
            &mut self.message,
            start,
            &[],
            room.saturating_add(MARK_OF_CUT_BYTES),
        );
        if matches!(self.form, Form::Handler { append_nul: true, .. }) {
            self.message.push(0);
        }
        if self.is_stream {
            let _ = write!(Appending(out), "{} ", self.message.len());
        }
        out.extend_from_slice(&self.message);
        self.message.shrink_to(KEPT_BYTES);
        self.text.shrink_to(KEPT_BYTES);
    }

    /// `Mmm dd hh:mm:ss name[pid]: `
    fn local_header(&mut self, record: &LogRecord<'_>) {
        let (time, _) = self.clock.second_of(record);
        self.message.extend_from_slice(time.as_bytes());
        self.message.push(b' ');
        let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        self.name(record.field(Field::Name), MAX_TAG_BYTES, is_tag, "root");
        if let Some(process) = record.field(Field::Process).as_i64() {
            let _ = write!(Appending(&mut self.message), "[{process}]");
        }
        self.message.extend_from_slice(b": ");
    }

    /// `1 TIME HOST NAME PID - [jackdaws@32473 …][extra@32473 …] `
    fn rfc_5424_header(&mut self, record: &LogRecord<'_>) {
        self.message.extend_from_slice(b"1 ");
        self.rfc_5424_time(record);
        let remote = record.client_address().parse().ok().filter(|address: &SocketAddr| !address.ip().is_loopback());
        let _ = match remote {
            Some(address) => write!(Appending(&mut self.message), " {} ", address.ip()),
            None if self.host.is_empty() => write!(Appending(&mut self.message), " - "),
            None => write!(Appending(&mut self.message), " {} ", self.host),
        };
        self.name(record.field(Field::Name), MAX_APP_NAME_BYTES, is_graphic, "-");
        let _ = match record.field(Field::Process).as_i64() {
            Some(process) => write!(Appending(&mut self.message), " {process} - "),
            None => write!(Appending(&mut self.message), " - - "),
        };
        self.structured_data(record);
        self.message.push(b' ');
    }

    /// Time with microseconds and offset, or `-`.
    fn rfc_5424_time(&mut self, record: &LogRecord<'_>) {
        let (time, is_of_record) = self.clock.second_of(record);
        // `YYYY-mm-ddTHH:MM:SS` and `+hhmm`: other years than those of four digits have no place here, and rsyslog takes them up to 2099.
        let time = time.as_str().filter(|time| is_of_record && *time < "2100");
        let parts = time.and_then(|time| time.split_at_checked(RFC_5424_SECOND_BYTES));
        let Some((second, [sign @ (b'+' | b'-'), a, b, c, d])) = parts.map(|(second, zone)| (second, zone.as_bytes()))
        else {
            return self.message.push(b'-');
        };
        let fraction = record.field(Field::Created).as_f64().map_or(0.0, |created| created - created.floor());
        let rounded = Duration::try_from_secs_f64(fraction).unwrap_or_default().saturating_add(HALF_A_MICROSECOND);
        let microseconds = if rounded.as_secs() == 0 { rounded.subsec_micros() } else { 999_999 };
        self.message.extend_from_slice(second.as_bytes());
        let _ = write!(Appending(&mut self.message), ".{microseconds:06}");
        self.message.extend_from_slice(&[*sign, *a, *b, b':', *c, *d]);
    }

    /// The fields of the record: those that `logging` sets, then those of `extra`.
    fn structured_data(&mut self, record: &LogRecord<'_>) {
        let most = MAX_SYSLOG_BYTES / 2;
        let mut data = Data { syslog: self, most, is_open: false, element: STANDARD_ELEMENT };
        for (name, field) in STANDARD {
            data.push(name.as_bytes(), record.field(*field));
        }
        data.push(b"exception", exception_class(record).map_or(Value::none(), Value::text));
        data.push(b"client_address", record.attribute("client_address").unwrap_or(Value::none()));
        data.close();
        data.element = EXTRA_ELEMENT;
        for (name, value) in record.attributes() {
            match extra(name) {
                None | Some(b"client_address" | b"jackdaws_peer") => {}
                Some(name) => data.push_shown(name, value),
            }
        }
        data.close();
    }

    /// A name of what is allowed, or else this one.
    fn name(&mut self, value: Value<'_>, most: usize, allowed: fn(u8) -> bool, or_else: &str) {
        self.text.clear();
        if !value.is_none() {
            python::str(value, &mut TextWriter::new(&mut self.text, MAX_VALUE_BYTES));
        }
        if self.text.is_empty() {
            self.message.extend_from_slice(or_else.as_bytes());
        } else {
            push_name(&self.text, most, allowed, &mut self.message);
        }
    }
}

/// Writes elements of structured data; one without parameters is not begun.
struct Data<'s> {
    syslog: &'s mut Syslog,
    /// How long the message may become by it.
    most: usize,
    is_open: bool,
    element: &'static str,
}

impl Data<'_> {
    /// A parameter that has a value.
    fn push(&mut self, name: &[u8], value: Value<'_>) {
        if !value.is_none() {
            self.push_shown(name, value);
        }
    }

    /// The same, `None` too.
    fn push_shown(&mut self, name: &[u8], value: Value<'_>) {
        let Syslog { message, text, escape, .. } = &mut *self.syslog;
        if message.len() > self.most {
            return;
        }
        text.clear();
        let mut out = TextWriter::new(text, MAX_VALUE_BYTES);
        python::str(value, &mut out);
        out.show_cut();
        if text.is_empty() {
            return;
        }
        escape.finish(text, 0, &[], MAX_VALUE_BYTES.saturating_mul(2));
        if !self.is_open {
            message.push(b'[');
            message.extend_from_slice(self.element.as_bytes());
            self.is_open = true;
        }
        message.push(b' ');
        let name = if name.is_empty() { b"_" } else { name };
        push_name(name, MAX_PARAM_NAME_BYTES, |byte| is_graphic(byte) && !b"=\"]".contains(&byte), message);
        message.extend_from_slice(b"=\"");
        for part in text.split_inclusive(is_special) {
            // What a part ends with stands behind a backslash.
            match part {
                [before @ .., last] if is_special(last) => {
                    message.extend_from_slice(before);
                    message.extend_from_slice(&[b'\\', *last]);
                }
                part => message.extend_from_slice(part),
            }
        }
        message.push(b'"');
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.syslog.message.push(b']');
        }
    }
}

/// The number of a facility, by the name that `syslog.conf` and CPython have for it.
pub fn facility(name: &str) -> Option<u8> {
    FACILITIES.iter().zip(0..).find(|(known, _)| **known == name).map(|(_, number)| number)
}

/// By the range in which the level lies; of what is no number, that of INFO.
fn severity(record: &LogRecord<'_>) -> u8 {
    let severities = [DEBUG, INFO, WARNING, ERROR, CRITICAL];
    severities.get(range_of(record.level())).copied().unwrap_or(INFO)
}

/// `SysLogHandler.mapPriority`: by the level's name, whatever its number.
fn severity_by_name(record: &LogRecord<'_>) -> u8 {
    match record.field(Field::LevelName).as_text().and_then(Text::as_str) {
        Some("DEBUG") => DEBUG,
        Some("INFO") => INFO,
        Some("ERROR") => ERROR,
        Some("CRITICAL") => CRITICAL,
        _ => WARNING,
    }
}

/// The class of the exception whose traceback comes last, as Python prints it: with its module unless it is built in.
fn exception_class<'a>(record: &LogRecord<'a>) -> Option<Text<'a>> {
    let text = record.field(Field::ExcText).as_text()?.as_bytes();
    let start = text.windows(TRACEBACK.len()).rposition(|window| window == TRACEBACK)?;
    let mut lines = text.get(start..)?.split(|&byte| byte == b'\n').skip(1);
    let line = lines.find(|line| !line.starts_with(b" "))?;
    let class = line.split(|&byte| byte == b':').next()?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._".contains(byte);
    (!class.is_empty() && class.iter().all(is_name)).then_some(Text::known_valid(class))
}

/// The name of an attribute that is not in the message, and not one that every record has.
fn extra(name: Value<'_>) -> Option<&[u8]> {
    let name = name.as_text()?.as_bytes();
    (Field::named(name).is_none() && name != b"asctime" && name != b"message").then_some(name)
}

/// What a value has behind a backslash.
const fn is_special(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | b']')
}

fn push_name(name: &[u8], most: usize, allowed: fn(u8) -> bool, out: &mut Vec<u8>) {
    if name.len() <= most && name.iter().all(|&byte| allowed(byte)) {
        return out.extend_from_slice(name);
    }
    let characters = name.iter().filter(|&&byte| byte & 0xc0 != 0x80);
    out.extend(characters.take(most).map(|&byte| if allowed(byte) { byte } else { b'_' }));
}

/// RFC 5424's PRINTUSASCII.
fn is_graphic(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

/// A `Vec` to which `write!` appends; it cannot fail.
struct Appending<'v>(&'v mut Vec<u8>);

impl std::fmt::Write for Appending<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

const CRITICAL: u8 = 2;
const ERROR: u8 = 3;
const WARNING: u8 = 4;
const INFO: u8 = 6;
const DEBUG: u8 = 7;

/// By number; those that have no name are of no use to a program.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "security", "console", "solcron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// `[jackdaws@32473 …]`: the number is the one that IANA has set aside for who has none of his own (RFC 5612).
const STANDARD_ELEMENT: &str = "jackdaws@32473";
const EXTRA_ELEMENT: &str = "extra@32473";

/// What the first element says, and by which name.
const STANDARD: &[(&str, Field)] = &[
    ("logger", Field::Name),
    ("level", Field::LevelName),
    ("thread", Field::ThreadName),
    ("file", Field::PathName),
    ("line", Field::LineNo),
    ("function", Field::FuncName),
];

const HALF_A_MICROSECOND: Duration = Duration::from_nanos(500);

const TRACEBACK: &[u8] = b"Traceback (most recent call last):\n";

const LOCAL_TIME: &str = "%b %e %H:%M:%S";
const RFC_5424_TIME: &str = "%Y-%m-%dT%H:%M:%S%z";
const RFC_5424_SECOND_BYTES: usize = "2026-01-02T03:04:05".len();

/// What RFC 5424 allows of a host's, a program's and a parameter's name.
const MAX_HOST_BYTES: usize = 255;
const MAX_APP_NAME_BYTES: usize = 48;
const MAX_PARAM_NAME_BYTES: usize = 32;

/// A tag, which RFC 3164 limits to 32; local daemons do not mind.
const MAX_TAG_BYTES: usize = 64;

/// One value of structured data.
const MAX_VALUE_BYTES: usize = 4096;

const MARK_OF_CUT_BYTES: usize = 3;

/// Kept from message to message.
const KEPT_BYTES: usize = 4096;

#[cfg(test)]
mod tests;
