//! A record behind a queue: its message is what the queue's formatter has printed, and there is nothing to add to that.
//!
//! Facts: `QueueHandler.prepare` in CPython's `Lib/logging/handlers.py`.

use super::{Field, LogRecord};
use crate::base::text::Text;
use crate::decode::Value;
use crate::decode::expect::Fields;

/// What a queue has made of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queued<'a> {
    message: Text<'a>,
    /// Where its other fields are.
    fields: Option<&'a Fields>,
}

impl<'a> Queued<'a> {
    /// A field, if it is known where that is.
    pub(super) fn field(self, sent: Value<'a>, field: Field) -> Option<Value<'a>> {
        match field {
            Field::Msg => Some(Value::text(self.message)),
            Field::Args | Field::ExcInfo | Field::ExcText | Field::StackInfo => Some(Value::none()),
            field => self.fields.map(|fields| sent.with(sent.node_at(fields.get(field)))),
        }
    }
}

impl LogRecord<'_> {
    /// The same as a queue hands it on.
    #[cold]
    pub(crate) fn queued<'b>(&'b self, message: &'b [u8]) -> LogRecord<'b> {
        let fields = self.queued.map_or(self.fields, |queued| queued.fields);
        let queued = Some(Queued { message: Text::known_valid(message), fields });
        LogRecord { fields: None, received: self.received.clone(), queued, ..*self }
    }

    /// Whether it is one that a queue has handed on.
    pub(crate) fn is_queued(&self) -> bool {
        self.queued.is_some()
    }
}
