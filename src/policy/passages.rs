//! What becomes of a record at handlers that do not write, and pass it to others: `MemoryHandler` and `QueueHandler`.

use std::sync::{Arc, PoisonError};

use crate::base::memory::has_memory_for;
use crate::base::text::TextWriter;
use crate::policy::lines::{LineRules, Lines, lose};
use crate::policy::memory_handler::{KeptRecord, Memory};
use crate::policy::relog::level_of;
use crate::policy::tree::{Handler, Layout, To, Tree};
use crate::record::{Field, LogRecord};

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
                let mut lines = Vec::new();
                if let Some(target) = memory.target {
                    self.lay_out_for(rules, tree, target, record, &mut lines);
                }
                let levelno = record.field(Field::LevelNo).as_f64();
                let kept = memory.keep(Arc::new(KeptRecord { level: level_of(record), levelno, lines }));
                self.hand_on(tree, memory, kept);
            }
            To::Queue { layout, handlers, asks_levels } => {
                let message = self.prepare(rules, tree, *layout, record);
                let record = &record.queued(&message);
                for handler in handlers.iter().filter_map(|&number| tree.handlers().get(number)) {
                    if (!asks_levels || handler.has_level(record)) && handler.filters_pass(record) {
                        self.log(rules, tree, handler, record, name);
                    }
                }
                self.begin_record();
            }
        }
    }

    /// What a queue hands on as the message: `QueueHandler.prepare`.
    fn prepare(&mut self, rules: &LineRules, tree: &Tree, layout: usize, record: &LogRecord<'_>) -> Vec<u8> {
        // Lines of the record as it will be are other lines.
        self.begin_record();
        let mut message = Vec::new();
        if let Some(Layout::Text(formatter)) = self.layout(tree, layout) {
            formatter.format(record, &mut TextWriter::new(&mut message, rules.limit(record)));
        }
        message
    }

    /// The lines that handlers would write of a record that this one is handed on.
    fn lay_out_for(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        number: usize,
        record: &LogRecord<'_>,
        lines: &mut Vec<(usize, Vec<u8>)>,
    ) {
        let Some(handler) = tree.handlers().get(number).filter(|handler| handler.filters_pass(record)) else { return };
        match &handler.to {
            To::Null => {}
            To::Memory(memory) => {
                if let Some(target) = memory.target {
                    self.lay_out_for(rules, tree, target, record, lines);
                }
            }
            To::Queue { layout, handlers, asks_levels } => {
                let message = self.prepare(rules, tree, *layout, record);
                let record = &record.queued(&message);
                for &number in handlers {
                    if !asks_levels || tree.handlers().get(number).is_some_and(|handler| handler.has_level(record)) {
                        self.lay_out_for(rules, tree, number, record, lines);
                    }
                }
                self.begin_record();
            }
            &To::Messages { layout, destination } => {
                let mut message = Vec::new();
                self.write_message(rules, tree, (layout, destination), record, &mut message);
                lines.push((number, message));
            }
            &To::Lines { layout, destination, .. } => {
                if !self.has_line(rules, tree, layout, record) {
                    let _turn = rules.large_line.lock().unwrap_or_else(PoisonError::into_inner);
                    self.lay_out(rules, tree, layout, record, rules.limit(record));
                }
                if self.is_starved {
                    return lose(tree, destination);
                }
                let mut line = Vec::new();
                if !has_memory_for(&mut line, self.line.len()) {
                    return lose(tree, destination);
                }
                line.extend_from_slice(&self.line);
                lines.push((number, line));
            }
        }
    }

    /// Hands on what a `MemoryHandler` has kept.
    pub fn hand_on(&mut self, tree: &Tree, memory: &Memory, kept: Vec<Arc<KeptRecord>>) {
        let Some(target) = memory.target else { return };
        for record in kept {
            self.deliver(tree, target, record);
        }
    }

    fn deliver(&mut self, tree: &Tree, number: usize, record: Arc<KeptRecord>) {
        match tree.handlers().get(number).map(|handler| &handler.to) {
            None | Some(To::Null) => {}
            Some(&To::Messages { destination, .. }) => {
                for (_, message) in record.lines.iter().filter(|(writer, _)| *writer == number) {
                    self.batch_message(
                        tree,
                        destination,
                        &mut |_, buffer| match has_memory_for(buffer, message.len()) {
                            true => buffer.extend_from_slice(message),
                            false => lose(tree, destination),
                        },
                    );
                }
            }
            Some(To::Memory(memory)) => {
                let kept = memory.keep(record);
                self.hand_on(tree, memory, kept);
            }
            Some(To::Queue { handlers, .. }) => {
                for &number in handlers {
                    self.deliver(tree, number, record.clone());
                }
            }
            Some(&To::Lines { destination, ascii, .. }) => {
                for (_, line) in record.lines.iter().filter(|(writer, _)| *writer == number) {
                    self.line.clear();
                    self.is_starved = !has_memory_for(&mut self.line, line.len());
                    self.line.extend_from_slice(if self.is_starved { &[] } else { line });
                    self.log_line(tree, (destination, ascii), record.level, "");
                }
                self.laid_out = None;
            }
        }
    }
}
