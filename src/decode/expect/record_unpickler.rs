//! [`RecordUnpickler`]: an [`Unpickler`] that expects records, and each to be like the last.

use super::fields::Fields;
use super::layout::RecordLayout;
use crate::base::budget::Budget;
use crate::base::meter::{Meter, Stop};
use crate::decode::arena::Node;
use crate::decode::machine::Machine;
use crate::decode::opcode;
use crate::decode::value::Value;
use crate::decode::{Error, Unpickler};

/// Decodes the pickles of one sender, one after the other: to the same values as an [`Unpickler`], in less time.
#[derive(Debug)]
pub struct RecordUnpickler {
    unpickler: Unpickler,
    layout: RecordLayout,
    /// The fields of a record that was not as expected.
    other_fields: Fields,
}

/// What a pickle is; and if that is a dict, where it has the fields of a record.
#[derive(Clone, Copy, Debug)]
pub struct Unpickled<'a> {
    /// The value.
    pub value: Value<'a>,
    pub(crate) fields: Option<&'a Fields>,
}

impl RecordUnpickler {
    /// One that takes what it holds beyond a few kilobytes from `budget`.
    pub fn new(budget: Budget) -> RecordUnpickler {
        RecordUnpickler { unpickler: Unpickler::new(budget), layout: RecordLayout::new(), other_fields: Fields::NONE }
    }

    /// Leaves off working for a record when `stop` says so; it is asked now and then.
    pub(crate) fn stop_when(&mut self, stop: Stop) {
        self.unpickler.stop_when(stop);
    }

    /// The work done so far for what was decoded last, and how much it may be.
    pub fn meter(&self) -> &Meter {
        self.unpickler.meter()
    }

    /// Decodes one pickle; what it returns borrows from the frame and from this unpickler.
    ///
    /// # Errors
    /// Those of [`Unpickler::unpickle`].
    pub fn unpickle<'a>(&'a mut self, frame: &'a [u8]) -> Result<Unpickled<'a>, Error> {
        self.layout.begin(&mut self.unpickler.arena.nodes);
        let mut machine = Machine::new(frame, &mut self.unpickler);
        let rest = self.layout.load(&mut machine);
        let rest = rest.map_err(|reason| machine.error(frame, opcode::EMPTY_DICT, reason))?;
        let node = machine.run(rest)?;
        let fields = match node {
            Node::Dict(_) if self.layout.is_lent() => Some(self.layout.fields()),
            Node::Dict(dict) => {
                self.other_fields = self.layout.find_fields(frame, &mut self.unpickler.arena, dict.get());
                Some(&self.other_fields)
            }
            _ => None,
        };
        Ok(Unpickled { value: Value::new(&self.unpickler.arena, frame, node), fields })
    }

    /// Frees what a large pickle made it hold beyond a few kilobytes, and keeps what it has learned.
    pub fn shrink(&mut self) {
        self.layout.begin(&mut self.unpickler.arena.nodes);
        self.unpickler.shrink();
    }

    /// Does the same, and takes from `budget` from now on.
    pub fn use_budget(&mut self, budget: Budget) {
        self.shrink();
        self.unpickler.use_budget(budget);
    }
}

/// A value of which nothing more is known.
impl<'a> From<Value<'a>> for Unpickled<'a> {
    fn from(value: Value<'a>) -> Unpickled<'a> {
        Unpickled { value, fields: None }
    }
}
