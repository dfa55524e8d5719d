//! Records in forms that are no lines, for handlers that send them to other programs: frames and syslog messages.

use std::mem;

#[cfg(feature = "relay")]
use crate::format::relay;
use crate::policy::lines::{FULL_BATCH_BYTES, LineRules, Lines};
use crate::policy::tree::{Layout, Tree};
use crate::record::LogRecord;
use crate::write::Batch;

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
        self.batch_message(tree, destination, &mut |lines, buffer| {
            lines.write_message(rules, tree, (layout, destination), record, buffer);
        });
    }

    /// Puts what is written into the batch of a destination.
    pub(super) fn batch_message(
        &mut self,
        tree: &Tree,
        destination: usize,
        write: &mut dyn FnMut(&mut Self, &mut Vec<u8>),
    ) {
        let (Some(slot), Some(output)) = (self.batches.get_mut(destination), tree.destinations().get(destination))
        else {
            return;
        };
        if slot.is_empty() {
            if output.loses_next() {
                return;
            }
            *slot = output.spare_batch();
        }
        let mut batch = mem::replace(slot, Batch::new());
        write(self, batch.buffer());
        batch.end_record();
        if batch.len() >= FULL_BATCH_BYTES {
            output.send(&mut batch);
        }
        if let Some(slot) = self.batches.get_mut(destination) {
            *slot = batch;
        }
    }

    /// Appends a record in the form of a layout that is no line.
    pub(super) fn write_message(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        (layout, destination): (usize, usize),
        record: &LogRecord<'_>,
        out: &mut Vec<u8>,
    ) {
        match self.layout(tree, layout) {
            #[cfg(feature = "relay")]
            Some(Layout::Relay(adds)) => {
                let relayed = relay::write(record, *adds, rules.limit(record), out);
                if let (Err(why), Some(output)) = (relayed, tree.destinations().get(destination)) {
                    output.lose(&why);
                }
            }
            #[cfg(feature = "syslog")]
            Some(Layout::Syslog(syslog)) => syslog.write(record, out),
            _ => {}
        }
    }
}
