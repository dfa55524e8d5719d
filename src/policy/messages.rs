//! Records in forms that are no lines, for handlers that send them to other programs: frames and syslog messages.

#[cfg(feature = "relay")]
use crate::format::relay;
use crate::policy::handling::Layout;
use crate::policy::lines::{LineRules, Lines, end_record, layout_of};
use crate::policy::tree::Tree;
use crate::record::LogRecord;
use crate::write::{Batch, Output};

impl Lines {
    /// Puts a record into a batch in a form that is no line, and so nothing for a logger.
    #[inline(never)]
    pub(super) fn send_message(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        layout: usize,
        destination: usize,
        record: &LogRecord<'_>,
    ) {
        let Some((batch, output)) = batch_of(&mut self.batches, tree, destination) else { return };
        write_message(layout_of(&mut self.layouts, tree, layout), output, rules, record, batch.buffer());
        end_record(batch, output);
    }
}

/// The batch of a destination, if there is room for a message.
pub(super) fn batch_of<'b>(
    batches: &'b mut [Batch],
    tree: &'b Tree,
    destination: usize,
) -> Option<(&'b mut Batch, &'b Output)> {
    let (batch, output) = (batches.get_mut(destination)?, tree.destinations().get(destination)?);
    if batch.is_empty() {
        if output.loses_next() {
            return None;
        }
        *batch = output.spare_batch();
    }
    Some((batch, output))
}

/// Appends a record in the form of a layout that is no line.
#[cfg_attr(
    not(any(feature = "relay", feature = "syslog")),
    allow(unused_variables, reason = "there are no such layouts")
)]
pub(super) fn write_message(
    layout: Option<&mut Layout>,
    output: &Output,
    rules: &LineRules,
    record: &LogRecord<'_>,
    out: &mut Vec<u8>,
) {
    match layout {
        #[cfg(feature = "relay")]
        Some(Layout::Relay(adds)) => {
            if let Err(why) = relay::write(record, *adds, rules.limit(record), out) {
                output.lose(&why);
            }
        }
        #[cfg(feature = "syslog")]
        Some(Layout::Syslog(syslog)) => syslog.write(record, out),
        _ => {}
    }
}

#[cfg(all(test, feature = "syslog"))]
mod tests {
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::Unpickler;
    use crate::format::escape::Escape;
    use crate::format::syslog::{Form, Syslog};
    use crate::policy::handler::LogRecordHandler as _;
    use crate::policy::{Policy, PolicyHandler};
    use crate::record::{Defaults, make_log_record};
    use crate::write::{Output, Place, Purpose, RemoteAddress};
    use std::sync::Arc;
    use std::time::Instant;

    #[test]
    fn for_a_far_end_that_is_away_no_more_is_laid_out_than_is_kept() {
        let address = RemoteAddress::Unix("/nonexistent/socket".into());
        let output = Output::start(Place::Remote { address, purpose: Purpose::Syslog }, || {}).unwrap();
        output.limit_queue(1 << 20);
        let syslog = Syslog::new(Form::Rfc5424, 1, true, Escape::Control, true);
        let mut tree = Tree::new();
        let added = tree.add(&Arc::new(Layout::Syslog(Box::new(syslog))), &output, None, Vec::new()).unwrap();
        tree.logger("").handlers.push(added);
        let mut handler = PolicyHandler::new(&Arc::new(Policy::new(tree, Escape::Control, 1 << 20)));
        let (mut unpickler, defaults) = (Unpickler::new(Budget::new(1 << 24)), Defaults::of_this_process());
        let pickle = [&b"}(X\x03\0\0\0msg]("[..], &b"K\x01".repeat(100), b"eu."].concat();
        let (records, mut laid_out) = (20_000, 0);
        for _ in 0..records {
            let value = unpickler.unpickle(&pickle).unwrap();
            let record = make_log_record(value, &defaults, "peer").unwrap();
            let before = record.meter().used();
            handler.handle_log_record(&record);
            // To print each item is work that is counted.
            laid_out += u64::from(record.meter().used() >= before + 100);
        }
        handler.flush();
        let totals = output.totals();
        assert_eq!((totals.waiting, totals.lost), (laid_out, records - laid_out));
        assert!(totals.waiting > 1000 && totals.lost > 1000, "{totals:?}");
        output.finish(Instant::now());
    }
}
