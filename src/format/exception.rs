//! The exception of a record that was sent with its `exc_info`, or with its text.

use crate::decode::{Kind, Value};

/// What is printed of the exception in `exc_info`, where there is no `exc_text`.
pub(super) fn write_exception_of(record: &crate::record::LogRecord<'_>, out: &mut crate::base::text::TextWriter<'_>) {
    if let Some((exception, traceback)) = exception_of(record.field(crate::record::Field::ExcInfo)) {
        crate::python::stdlib::traceback::print_exception(exception, traceback, out);
    }
}

/// The exception of an `exc_info` that was sent as it was, and its traceback, which is None unless someone has made tracebacks
/// picklable. `SocketHandler` leaves no `exc_info` in what it sends; of one that CPython could not format either, nothing is printed.
pub(super) fn exception_of(exc_info: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let (Kind::Tuple(mut items) | Kind::List(mut items)) = exc_info.kind() else { return None };
    let (_class, exception, traceback) = (items.next()?, items.next()?, items.next()?);
    let is_traceback = traceback.is_none() || matches!(traceback.kind(), Kind::Object(_));
    is_traceback.then_some((exception, traceback))
}
