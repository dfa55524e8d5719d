//! Records into the `log` facade: [`RelogHandler`], for Rust programs that take Python's records into their own logging.
//!
//! In: records of one connection. Out: calls of the process-wide logger, or of one that is passed in: the target is the
//! record's logger name, the level goes by range, the message has the traceback below it as Python prints it, and all
//! other attributes are key-values.

use log::kv::{self, Key, VisitSource};
use log::{Level, Log, Metadata};

use crate::decode::{Kind, Value};
use crate::format::Formatter;
use crate::format::strings::Strings;
use crate::policy::handler::LogRecordHandler;
use crate::record::{Field, LogRecord};

/// Logs every record of a connection again, through the `log` facade.
pub struct RelogHandler<'l> {
    logger: &'l dyn Log,
    /// The message, then `exc_text` and `stack_info`.
    formatter: Formatter,
}

impl RelogHandler<'static> {
    /// Logs to the process-wide logger, `log::logger()`.
    pub fn new() -> RelogHandler<'static> {
        RelogHandler::to(log::logger())
    }
}

impl<'l> RelogHandler<'l> {
    /// Logs to this logger.
    pub fn to(logger: &'l dyn Log) -> RelogHandler<'l> {
        RelogHandler { logger, formatter: Formatter::default() }
    }
}

impl Default for RelogHandler<'static> {
    fn default() -> RelogHandler<'static> {
        RelogHandler::new()
    }
}

impl std::fmt::Debug for RelogHandler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelogHandler").finish_non_exhaustive()
    }
}

impl LogRecordHandler for RelogHandler<'_> {
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        let level = level_of(record);
        let mut strings = Strings::of(record);
        let target = strings.str(record.field(Field::Name));
        if level > log::max_level() || !self.logger.enabled(&Metadata::builder().level(level).target(&target).build()) {
            return;
        }
        let message = strings.string_of(|out| self.formatter.format(record, out));
        let [path, module] = [Field::PathName, Field::Module].map(|field| strings.str(record.field(field)));
        let line = record.field(Field::LineNo).as_i64().and_then(|line| u32::try_from(line).ok());
        self.logger.log(
            &log::Record::builder()
                .args(format_args!("{message}"))
                .level(level)
                .target(&target)
                .file(Some(&path))
                .line(line)
                .module_path(Some(&module))
                .key_values(&OtherAttributes::of(record, &mut strings))
                .build(),
        );
    }

    fn flush(&mut self) {
        self.logger.flush();
    }
}

/// The level of the `log` crate for a record: by the range in which `levelno` lies, `Info` if it is no number.
pub fn level_of(record: &LogRecord<'_>) -> Level {
    match record.level() {
        None => Level::Info,
        Some(40.0..) => Level::Error,
        Some(30.0..) => Level::Warn,
        Some(20.0..) => Level::Info,
        Some(10.0..) => Level::Debug,
        Some(_) => Level::Trace,
    }
}

/// The attributes that the facade has no place of its own for. It lends them to a logger for as long as the call takes,
/// hence owned ones.
struct OtherAttributes(Vec<(String, Scalar)>);

/// A value that is not made of others, or the text of one that is.
enum Scalar {
    Bool(bool),
    Float(f64),
    Int(i64),
    Text(String),
}

impl OtherAttributes {
    fn of(record: &LogRecord<'_>, strings: &mut Strings) -> OtherAttributes {
        let mut others = Vec::new();
        for (name, value) in record.attributes().filter(|(_, value)| !value.is_none()) {
            let name = strings.str(name);
            if !ELSEWHERE.contains(&name.as_str()) {
                others.push((name, owned(value, strings)));
            }
        }
        let client_address = record.attribute("client_address");
        others.extend(client_address.map(|address| ("client_address".to_owned(), owned(address, strings))));
        OtherAttributes(others)
    }
}

impl kv::Source for OtherAttributes {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), kv::Error> {
        self.0.iter().try_for_each(|(name, value)| visitor.visit_pair(Key::from(name.as_str()), lent(value)))
    }
}

fn owned(value: Value<'_>, strings: &mut Strings) -> Scalar {
    match value.kind() {
        Kind::Bool(value) => Scalar::Bool(value),
        Kind::Float(value) => Scalar::Float(value),
        Kind::Int(value) => Scalar::Int(value),
        _ => Scalar::Text(strings.str(value)),
    }
}

fn lent(value: &Scalar) -> kv::Value<'_> {
    match value {
        Scalar::Bool(value) => kv::Value::from(*value),
        Scalar::Float(value) => kv::Value::from(*value),
        Scalar::Int(value) => kv::Value::from(*value),
        Scalar::Text(text) => kv::Value::from(text.as_str()),
    }
}

/// Attributes that a `log::Record` has a place of its own for, or that are part of its message.
const ELSEWHERE: [&str; 9] =
    ["args", "client_address", "exc_text", "lineno", "module", "msg", "name", "pathname", "stack_info"];
