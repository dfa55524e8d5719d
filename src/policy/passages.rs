//! What becomes of a record at handlers that do not write, and pass it to others: `MemoryHandler` and `QueueHandler`.

use std::sync::{Arc, MutexGuard};

use crate::base::memory::append;
use crate::base::text::TextWriter;
use crate::policy::handling::{Handler, Layout, To};
use crate::policy::lines::{LineRules, Lines, end_record, layout_of, lose};
use crate::policy::memory_handler::{Handed, KeptRecord, MemoryHandler, Part, QueueHandler, weight_of};
use crate::policy::messages::{batch_of, write_message};
use crate::policy::relog::level_of;
use crate::policy::tree::Tree;
use crate::record::LogRecord;

impl Lines {
    /// What becomes of a record at a handler that does not write.
    #[inline(never)]
    pub(super) fn pass_on(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        handler: &Handler,
        record: &LogRecord<'_>,
        name: &str,
    ) {
        match &handler.to {
            To::Lines { .. } | To::Null => {}
            &To::Messages { layout, destination } => self.send_message(rules, tree, layout, destination, record),
            To::Memory(memory) => {
                match (self.laid_out_for(rules, tree, memory, record, memory.most_bytes), memory.target) {
                    (None, Some(target)) => {
                        self.hand_on(tree, memory.take());
                        self.pass_to(rules, tree, target, record, name);
                    }
                    (kept, _) => kept.into_iter().for_each(|kept| self.hand_on(tree, memory.keep(kept))),
                }
            }
            To::Queue(_) => self.pass_through(rules, tree, handler, record, &mut |lines, number, record| {
                lines.pass_to(rules, tree, number, record, name);
            }),
        }
    }

    /// Has a handler log a record: its filters are asked, its level is not.
    fn pass_to(&mut self, rules: &LineRules, tree: &Tree, number: usize, record: &LogRecord<'_>, name: &str) {
        if let Some(handler) = tree.handlers().get(number).filter(|handler| handler.filters_pass(record)) {
            self.log(rules, tree, handler, record, name);
        }
    }

    /// Has each handler behind a queue, if that does not find its level too high, get what it hands on: `QueueHandler.prepare`. For
    /// want of memory that is the record as it is.
    fn pass_through(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        queue: &Handler,
        record: &LogRecord<'_>,
        each: &mut dyn FnMut(&mut Lines, usize, &LogRecord<'_>),
    ) {
        let To::Queue(QueueHandler { layout, handlers, asks_levels, .. }) = &queue.to else { return };
        let (mut message, mut turn, mut is_starved) = (Vec::new(), None, false);
        let left = rules.max_line_bytes.saturating_mul(MAX_PASSING_LINES).saturating_sub(self.passing_bytes);
        let most = rules.limit(record).min(left.max(MIN_PASSING_BYTES));
        for limit in [most.min(rules.ordinary_line_bytes), most] {
            message.clear();
            let mut text = TextWriter::new(&mut message, limit);
            if let Some(Layout::Text(formatter)) = layout_of(&mut self.layouts, tree, *layout) {
                formatter.format(record, &mut text);
            }
            is_starved = text.is_starved();
            if !text.is_cut() || limit == most || record.meter().is_spent() {
                break;
            }
            self.flush(tree);
            turn = self.take_turn(rules);
        }
        let queued = record.queued(&message);
        let record = if is_starved { record } else { &queued };
        self.passing_bytes = self.passing_bytes.saturating_add(message.len());
        // Lines of the record as it was are other lines.
        self.begin_record();
        for &number in handlers {
            if !asks_levels || tree.handlers().get(number).is_some_and(|handler| handler.has_level(record)) {
                each(self, number, record);
            }
        }
        self.begin_record();
        self.passing_bytes = self.passing_bytes.saturating_sub(message.len());
        self.has_turn &= turn.is_none();
    }

    /// Waits for the one place for large lines, unless it is taken for this record already.
    pub(super) fn take_turn<'r>(&mut self, rules: &'r LineRules) -> Option<MutexGuard<'r, ()>> {
        let is_first = !std::mem::replace(&mut self.has_turn, true);
        is_first.then(|| rules.large_line.lock())
    }

    /// What is kept of a record for the handler that it is to be handed on to; `None` if that takes `most` bytes, or a line is too long.
    #[inline(never)]
    fn laid_out_for(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        memory: &MemoryHandler,
        record: &LogRecord<'_>,
        most: usize,
    ) -> Option<Arc<KeptRecord>> {
        let mut parts = Vec::new();
        let fit = memory.target.is_none_or(|target| self.lay_out_for(rules, tree, target, record, most, &mut parts));
        fit.then(|| Arc::new(KeptRecord { level: level_of(record), levelno: record.level(), parts }))
    }

    /// What handlers would write of a record that this one is handed on, or keep; false if that takes `most` bytes, or a line is too
    /// long.
    fn lay_out_for(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        number: usize,
        record: &LogRecord<'_>,
        most: usize,
        parts: &mut Vec<(usize, Part)>,
    ) -> bool {
        let handler = tree.handlers().get(number).filter(|handler| handler.filters_pass(record));
        let Some(handler) = handler else { return true };
        match &handler.to {
            To::Null => {}
            To::Memory(memory) => match self.laid_out_for(rules, tree, memory, record, most) {
                Some(kept) => parts.push((number, Part::Record(kept))),
                None => return false,
            },
            To::Queue(_) => {
                let mut fit = true;
                self.pass_through(rules, tree, handler, record, &mut |own, number, record| {
                    fit = fit && own.lay_out_for(rules, tree, number, record, most, parts);
                });
                return fit;
            }
            &To::Messages { layout, destination } => {
                let mut message = Vec::new();
                if let Some(output) = tree.destinations().get(destination) {
                    write_message(layout_of(&mut self.layouts, tree, layout), output, rules, record, &mut message);
                }
                parts.push((number, Part::Line(message)));
            }
            &To::Lines { layout, destination, .. } => {
                if !self.has_line(rules, tree, layout, record) {
                    return false;
                }
                let mut line = Vec::new();
                if self.is_starved || !append(&mut line, &self.line) {
                    lose(tree, destination);
                    return true;
                }
                parts.push((number, Part::Line(line)));
            }
        }
        weight_of(parts) < most
    }

    /// The end of a tree: hands on what its `MemoryHandler`s have kept until then.
    pub(super) fn hand_on_what_is_kept(&mut self, tree: &Tree) {
        // Python ends handlers in the reverse of the order in which it made them: those that name a later one came last.
        for names_later in [true, false] {
            for (number, handler) in tree.handlers().iter().enumerate().rev() {
                let To::Memory(memory) = &handler.to else { continue };
                if (memory.target > Some(number)) == names_later {
                    self.hand_on(tree, memory.close());
                }
            }
        }
        self.flush(tree);
    }

    /// Hands on what a `MemoryHandler` has kept, up to the destinations.
    fn hand_on(&mut self, tree: &Tree, handed: Handed<'_>) {
        for record in &handed.records {
            for (number, part) in &record.parts {
                self.deliver(tree, *number, record.level, part);
            }
        }
        for (number, _) in handed.records.iter().flat_map(|record| &record.parts) {
            let to = tree.handlers().get(*number).map(|handler| &handler.to);
            if let Some(&To::Lines { destination, .. } | &To::Messages { destination, .. }) = to {
                self.send(tree, destination);
            }
        }
    }

    #[inline(never)]
    fn deliver(&mut self, tree: &Tree, number: usize, level: log::Level, part: &Part) {
        match (tree.handlers().get(number).map(|handler| &handler.to), part) {
            (Some(&To::Messages { destination, .. }), Part::Line(message)) => {
                let Some((batch, output)) = batch_of(&mut self.batches, tree, destination) else { return };
                if !append(batch.buffer(), message) {
                    lose(tree, destination);
                }
                end_record(batch, output);
            }
            (Some(To::Memory(memory)), Part::Record(record)) => {
                self.hand_on(tree, memory.keep(record.clone()));
            }
            (Some(&To::Lines { destination, ascii, .. }), Part::Line(line)) => {
                self.line.clear();
                self.is_starved = !append(&mut self.line, line);
                self.log_line(tree, (destination, ascii), level, "");
                self.begin_record();
            }
            _ => {}
        }
    }
}

/// What queues in a row hold of one record, in longest lines: each has a message of its own until the last handler behind it is done.
const MAX_PASSING_LINES: usize = 2;

/// What each of them may hold, whatever those before it do.
const MIN_PASSING_BYTES: usize = 4 << 10;
