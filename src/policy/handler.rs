//! Where records go: whoever receives them implements [`LogRecordHandler`], or passes a closure.

use crate::record::LogRecord;

/// Handles the records of one connection. The receiver makes one for each connection, as the document's server
/// instantiates its handler class, and calls it from that connection's thread only.
pub trait LogRecordHandler {
    /// Takes one record; it lives only for the call.
    fn handle_log_record(&mut self, record: &LogRecord<'_>);

    /// Everything that had arrived has been handled, and the connection is about to wait: pass on what was gathered.
    fn flush(&mut self) {}
}

impl<F: FnMut(&LogRecord<'_>)> LogRecordHandler for F {
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        self(record);
    }
}
