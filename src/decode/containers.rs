//! Tuples, lists, dicts, sets and frozensets: the opcodes that make and fill them.
//!
//! In: what is on the stack, above MARK mostly. Out: nodes side by side in the arena, a run of them for each stretch by which a
//! container has grown. Refused, as by CPython: keys that cannot be hashed, a dict of an odd number of items, and items for
//! what takes none.

use super::arena::{Arena, Index, Node, Run, Span, widen};
use super::error::Reason;
use super::machine::{Holds, Machine, Unpickler, push, reserve};
use super::scalar::{Rest, narrow};
use crate::base::limits::MAX_VALUES;

impl<'f> Machine<'_, 'f> {
    /// Pushes an empty container.
    #[inline(always)]
    pub(super) fn push_run(&mut self, node: fn(Index) -> Node, rest: &'f [u8]) -> Rest<'f> {
        let first = self.new_run()?;
        self.push(node(Index::new(first)), rest)
    }

    pub(super) fn new_run(&mut self) -> Result<u32, Reason> {
        let Unpickler { arena: Arena { runs, nodes, .. }, budget, taken, .. } = &mut *self.unpickler;
        let index = narrow(runs.len());
        let run = Run { start: narrow(nodes.len()), length: 0, next: Run::NO_NEXT, last: index };
        push(runs, run, MAX_VALUES, budget, taken)?;
        Ok(index)
    }

    /// Moves what is on the stack from `from` on to the end of a container.
    fn extend_run(&mut self, first: u32, from: usize) -> Result<(), Reason> {
        let last = self.unpickler.arena.runs.get(widen(first)).map_or(first, |run| run.last);
        let nodes = narrow(self.unpickler.arena.nodes.len());
        let last = match self.unpickler.arena.runs.get_mut(widen(last)) {
            Some(run) if run.start.saturating_add(run.length) == nodes => last,
            Some(run) if run.length == 0 => {
                run.start = nodes;
                last
            }
            _ => self.link_new_run(first, last)?,
        };
        let length = self.move_to_nodes(from)?.length();
        if let Some(run) = self.unpickler.arena.runs.get_mut(widen(last)) {
            run.length = run.length.saturating_add(length);
        }
        Ok(())
    }

    #[cold]
    fn link_new_run(&mut self, first: u32, last: u32) -> Result<u32, Reason> {
        let new = self.new_run()?;
        let runs = &mut self.unpickler.arena.runs;
        if let Some(run) = runs.get_mut(widen(last)) {
            run.next = new;
        }
        if let Some(run) = runs.get_mut(widen(first)) {
            run.last = new;
        }
        Ok(new)
    }

    /// Moves what is on the stack from `from` on into the arena.
    pub(super) fn move_to_nodes(&mut self, from: usize) -> Result<Span, Reason> {
        let Unpickler { arena: Arena { nodes, .. }, stack, budget, taken, .. } = &mut *self.unpickler;
        let moved = stack.get(from..).unwrap_or_default();
        let span = Span::new(narrow(nodes.len()), narrow(moved.len()));
        reserve(nodes, moved.len(), MAX_VALUES, budget, taken)?;
        nodes.extend_from_slice(moved);
        stack.truncate(from);
        Ok(span)
    }

    pub(super) fn load_tuple(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let from = self.pop_mark()?;
        let span = self.move_to_nodes(from)?;
        self.push(Node::Tuple(span), rest)
    }

    pub(super) fn load_tuple_of(&mut self, count: usize, rest: &'f [u8]) -> Rest<'f> {
        let from = self.unpickler.stack.len().checked_sub(count).filter(|&from| from >= self.floor);
        let span = self.move_to_nodes(from.ok_or(Reason::StackUnderflow)?)?;
        self.push(Node::Tuple(span), rest)
    }

    /// LIST, DICT, FROZENSET: a container of what is above the topmost MARK.
    pub(super) fn load_run(&mut self, node: fn(Index) -> Node, holds: Holds, rest: &'f [u8]) -> Rest<'f> {
        let from = self.pop_mark()?;
        self.check_held(from, holds)?;
        let first = self.new_run()?;
        self.extend_run(first, from)?;
        self.push(node(Index::new(first)), rest)
    }

    fn check_held(&self, from: usize, holds: Holds) -> Result<(), Reason> {
        let held = self.unpickler.stack.get(from..).unwrap_or_default();
        let unhashable =
            |node: &Node| matches!(node, Node::List(_) | Node::Dict(_) | Node::Set(_) | Node::ByteArray(_));
        let refused = match holds {
            Holds::Anything => false,
            Holds::Keys => held.iter().any(unhashable),
            Holds::Pairs if held.len() % 2 == 1 => return Err(Reason::OddItems),
            Holds::Pairs => held.chunks_exact(2).any(|pair| pair.first().is_some_and(unhashable)),
        };
        if refused { Err(Reason::Unhashable) } else { Ok(()) }
    }

    /// APPEND, SETITEM: the topmost nodes, so many, go into the container below them.
    pub(super) fn load_item(&mut self, nodes: usize, holds: Holds, rest: &'f [u8]) -> Rest<'f> {
        self.extend_container(self.unpickler.stack.len().saturating_sub(nodes), holds)?;
        Ok(rest)
    }

    /// APPENDS, SETITEMS, ADDITEMS: what is above the topmost MARK goes into the container below it.
    pub(super) fn load_items(&mut self, holds: Holds, rest: &'f [u8]) -> Rest<'f> {
        let from = self.pop_mark()?;
        self.extend_container(from, holds)?;
        Ok(rest)
    }

    fn extend_container(&mut self, from: usize, holds: Holds) -> Result<(), Reason> {
        let first = match self.below(from)? {
            Node::List(first) if holds == Holds::Anything => first.get(),
            Node::Set(first) if holds == Holds::Keys => first.get(),
            Node::Dict(first) if holds == Holds::Pairs => first.get(),
            Node::Object(index) if holds == Holds::Pairs => {
                self.run_of_object(index.get(), |parts| &mut parts.pairs)?
            }
            Node::Object(index) => self.run_of_object(index.get(), |parts| &mut parts.items)?,
            _ => return Err(Reason::WrongOperand),
        };
        self.check_held(from, holds)?;
        self.extend_run(first, from)
    }

    /// The node just below height `height`, which must be above the topmost MARK.
    fn below(&self, height: usize) -> Result<Node, Reason> {
        let index = height.checked_sub(1).filter(|&index| index >= self.floor);
        index.and_then(|index| self.unpickler.stack.get(index)).copied().ok_or(Reason::StackUnderflow)
    }
}
