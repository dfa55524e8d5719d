//! A panic in a handler of records costs its connection, and nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use log::Level;

use crate::receive::diagnostics::say;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::totals::Totals;

/// True if there was none.
pub(super) fn contain_panic(peer: &Peer, shared: &Shared, serve: impl FnOnce()) -> bool {
    // What the handler leaves behind is dropped; the shared state has no invariant that a panic could break.
    let Err(payload) = catch_unwind(AssertUnwindSafe(serve)) else { return true };
    report_panic(peer, shared, &*payload);
    false
}

fn report_panic(peer: &Peer, shared: &Shared, payload: &(dyn Any + Send)) {
    shared.tally.count(&mut Totals { panics: 1, ..Totals::default() });
    let message = message_of(payload).escape_debug();
    say(Level::Error, format_args!("{peer}: the handler of records panicked: {message}"));
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
