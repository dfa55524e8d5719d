//! Policies of many handlers, of all kinds, each with a layout of its own: what one record may cost, it may cost once.

use std::io;
use std::sync::Arc;

use jackdaws::base::limits::MAX_FRAME_BYTES;
use jackdaws::format::escape::Escape;
use jackdaws::format::relay::Adds;
use jackdaws::format::syslog::{Form, Syslog};
use jackdaws::format::{Ascii, Formatter, JsonFormatter, Style};
use jackdaws::policy::{Layout, Policy, Tree};
use jackdaws::write::{Output, Sink};

/// So many handlers, which write to nowhere, each by itself; they may share one layout.
pub fn of_handlers(count: usize, is_shared: bool) -> (Arc<Policy>, Vec<Output>) {
    let mut tree = Tree::new();
    let shared = Arc::new(layout(0).0.with_color(false));
    let outputs: Vec<Output> =
        (0..count).map(|_| Output::start(Sink::Writer(Box::new(io::sink())), || {}).unwrap()).collect();
    for (number, output) in outputs.iter().enumerate() {
        let (layout, ascii) = layout(number % 8);
        let layout = if is_shared { shared.clone() } else { Arc::new(layout) };
        let handler = tree.add(&layout, output, None, Vec::new()).unwrap();
        tree.encode(handler, ascii.filter(|_| !is_shared));
        // Every third gets what a queue makes of the record.
        let handler = if is_shared || number % 3 < 2 {
            handler
        } else {
            let prepared = Arc::new(Layout::Text(Formatter::default()));
            tree.add_queue(&prepared, None, Vec::new(), vec![handler], false)
        };
        tree.logger("").handlers.push(handler);
    }
    (Arc::new(Policy::new(tree, Escape::All, MAX_FRAME_BYTES)), outputs)
}

fn layout(number: usize) -> (Layout, Option<Ascii>) {
    let text = |format: &str, style| Layout::Text(Formatter::new(format, style, None, true).unwrap().with_color(true));
    match number {
        0 => (text("%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s", Style::Percent), None),
        1 => (text("%(asctime)s %(levelname)-8s %(x)s %(x)r %(x)5d %(message)s", Style::Percent), None),
        2 => (text("{asctime} {x!a:>30} {x:d} {x:.3f} {message}", Style::Brace), None),
        3 => (Layout::Json(JsonFormatter::default()), Some(Ascii::CharacterReference)),
        4 => (text("%(message)s", Style::Percent), Some(Ascii::Backslash)),
        5 => (Layout::Json(JsonFormatter::default()), None),
        6 => (Layout::Relay(Adds::Pairs), None),
        _ => (Layout::Syslog(Box::new(Syslog::new(Form::Rfc5424, 1, true, Escape::All, true))), None),
    }
}
