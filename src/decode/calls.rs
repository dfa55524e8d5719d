//! What Python would import and call, written down instead: the opcodes GLOBAL to BUILD.
//!
//! Out: an object that names its class or function, the arguments, and what would be put into it. Nothing is looked up, and
//! nothing runs. Only builtins that the older protocols have no opcode for, and write as calls, become the values that they
//! stand for: `bytes`, `bytearray`, `set` and `frozenset`.

use super::arena::{Arena, Index, Node, ObjectParts, Run, Span, widen};
use super::error::Reason;
use super::machine::{Machine, Unpickler, push, room_for};
use super::scalar::{Rest, narrow};
use crate::base::limits::MAX_VALUES;
use crate::base::text::Text;
use crate::base::words::is_ascii;

impl<'f> Machine<'_, 'f> {
    pub(super) fn load_global(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (class, rest) = self.global_lines(rest)?;
        self.push(class, rest)
    }

    fn global_lines(&mut self, rest: &'f [u8]) -> Result<(Node, &'f [u8]), Reason> {
        let (module, rest) = self.text_line(rest)?;
        let (name, rest) = self.text_line(rest)?;
        Ok((self.new_global(module, name)?, rest))
    }

    fn text_line(&self, rest: &'f [u8]) -> Result<(Span, &'f [u8]), Reason> {
        let start = self.offset(rest);
        let (line, rest) = self.line(rest)?;
        if !is_ascii(line) {
            Text::new(line).ok_or(Reason::NotUtf8)?;
        }
        Ok((Span::new(narrow(start), narrow(line.len())), rest))
    }

    pub(super) fn load_stack_global(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (name, module) = (self.pop()?, self.pop()?);
        let (Node::Str(module), Node::Str(name)) = (module, name) else { return Err(Reason::WrongOperand) };
        let class = self.new_global(module, name)?;
        self.push(class, rest)
    }

    fn new_global(&mut self, module: Span, name: Span) -> Result<Node, Reason> {
        let Unpickler { arena: Arena { globals, .. }, budget, taken, .. } = &mut *self.unpickler;
        let index = narrow(globals.len());
        push(globals, (module, name), MAX_VALUES, budget, taken)?;
        Ok(Node::Global(Index::new(index)))
    }

    pub(super) fn load_reduce(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (args, class) = (self.pop()?, self.pop()?);
        if let Some(builtin) = self.builtin_of(class, args)? {
            return self.push(builtin, rest);
        }
        self.push_object(class, false, args, Node::None, rest)
    }

    pub(super) fn load_newobj(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (args, class) = (self.pop()?, self.pop()?);
        self.push_object(class, true, args, Node::None, rest)
    }

    pub(super) fn load_newobj_ex(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (kwargs, args, class) = (self.pop()?, self.pop()?, self.pop()?);
        let Node::Dict(_) = kwargs else { return Err(Reason::WrongOperand) };
        self.push_object(class, true, args, kwargs, rest)
    }

    pub(super) fn load_inst(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (class, rest) = self.global_lines(rest)?;
        let from = self.pop_mark()?;
        let args = self.move_to_nodes(from)?;
        self.push_object(class, true, Node::Tuple(args), Node::None, rest)
    }

    pub(super) fn load_obj(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let from = self.pop_mark()?;
        let class = self.unpickler.stack.get(from).copied().ok_or(Reason::StackUnderflow)?;
        let args = self.move_to_nodes(from.saturating_add(1))?;
        self.unpickler.stack.truncate(from);
        self.push_object(class, true, Node::Tuple(args), Node::None, rest)
    }

    fn push_object(&mut self, class: Node, instance: bool, args: Node, kwargs: Node, rest: &'f [u8]) -> Rest<'f> {
        let (Node::Global(_) | Node::Object(_), Node::Tuple(_)) = (class, args) else {
            return Err(Reason::WrongOperand);
        };
        let Unpickler { arena: Arena { objects, .. }, budget, taken, .. } = &mut *self.unpickler;
        let index = narrow(objects.len());
        let [items, pairs] = [Run::NO_NEXT; 2];
        let parts = ObjectParts { class, instance, args, kwargs, state: Node::None, items, pairs };
        push(objects, parts, MAX_VALUES, budget, taken)?;
        self.push(Node::Object(Index::new(index)), rest)
    }

    /// The run of an object's items or pairs, made when the first ones come.
    pub(super) fn run_of_object(&mut self, index: u32, run: fn(&mut ObjectParts) -> &mut u32) -> Result<u32, Reason> {
        let parts = self.unpickler.arena.objects.get_mut(widen(index)).ok_or(Reason::WrongOperand)?;
        if *run(parts) != Run::NO_NEXT {
            return Ok(*run(parts));
        }
        let first = self.new_run()?;
        if let Some(parts) = self.unpickler.arena.objects.get_mut(widen(index)) {
            *run(parts) = first;
        }
        Ok(first)
    }

    pub(super) fn load_build(&mut self, rest: &'f [u8]) -> Rest<'f> {
        let (state, target) = (self.pop()?, self.top()?);
        let Node::Object(index) = target else { return Err(Reason::WrongOperand) };
        if let Some(parts) = self.unpickler.arena.objects.get_mut(widen(index.get())) {
            parts.state = state;
        }
        Ok(rest)
    }

    // Builtins that older protocols write as calls: `bytes`, `bytearray`, `set`, `frozenset`.

    /// The value that a REDUCE of these two would give, if it is a builtin written as a call.
    fn builtin_of(&mut self, class: Node, args: Node) -> Result<Option<Node>, Reason> {
        let (Node::Global(index), Node::Tuple(args)) = (class, args) else { return Ok(None) };
        let (module, name) = self.unpickler.arena.globals.get(widen(index.get())).copied().unwrap_or_default();
        let [module, name] = [module, name].map(|span| self.unpickler.arena.bytes(self.frame, span));
        let args = match *self.unpickler.arena.nodes(args) {
            [] => [Node::Unset; 2],
            [only] => [only, Node::Unset],
            [first, second] => [first, second],
            _ => return Ok(None),
        };
        if !matches!(module, b"__builtin__" | b"builtins") {
            let is_encode = (module, name) == (b"_codecs", b"encode");
            return if is_encode { self.latin1_bytes(args, Node::Bytes) } else { Ok(None) };
        }
        match name {
            b"bytes" => Ok(self.empty_bytes(args, Node::Bytes)),
            b"bytearray" => match args {
                [Node::Bytes(bytes), Node::Unset] => Ok(Some(Node::ByteArray(bytes))),
                [Node::Str(_), _] => self.latin1_bytes(args, Node::ByteArray),
                _ => Ok(self.empty_bytes(args, Node::ByteArray)),
            },
            b"set" => self.set_of(args, Node::Set),
            b"frozenset" => self.set_of(args, Node::FrozenSet),
            b"getattr" => self.nested_class(args),
            _ => Ok(None),
        }
    }

    /// `getattr(Outer, 'Inner')`, as protocols 0 to 3 write what protocol 4 names `Outer.Inner`. A name in lower case is that of a
    /// method, which is bound, and so no class: it stays a call. But for the exceptions of `imaplib.IMAP4`.
    fn nested_class(&mut self, args: [Node; 2]) -> Result<Option<Node>, Reason> {
        let [Node::Global(outer), Node::Str(inner)] = args else { return Ok(None) };
        let (module, outer) = self.unpickler.arena.globals.get(widen(outer.get())).copied().unwrap_or_default();
        let [outer, inner] = [outer, inner].map(|span| self.unpickler.arena.bytes(self.frame, span));
        let first = inner.iter().find(|&&byte| byte != b'_');
        let is_class = first.is_some_and(u8::is_ascii_uppercase) || matches!(inner, b"abort" | b"error" | b"readonly");
        if !is_class {
            return Ok(None);
        }
        // A chain of them, as no program has it, could make names as long as the frame.
        if outer.len().saturating_add(inner.len()) > MAX_NESTED_NAME_BYTES {
            return Ok(None);
        }
        match self.write_scratch(&[outer, b".", inner].concat()) {
            Ok(name) => self.new_global(module, name).map(Some),
            Err(Reason::ScratchTooLong) => Ok(None),
            Err(reason) => Err(reason),
        }
    }

    fn empty_bytes(&self, args: [Node; 2], node: fn(Span) -> Node) -> Option<Node> {
        matches!(args, [Node::Unset, Node::Unset]).then(|| node(Span::default()))
    }

    /// `_codecs.encode(text, 'latin1')` and `bytearray(text, 'latin-1')`: protocols 0 to 2 have no opcode for bytes.
    fn latin1_bytes(&mut self, args: [Node; 2], node: fn(Span) -> Node) -> Result<Option<Node>, Reason> {
        let [Node::Str(text), Node::Str(encoding)] = args else { return Ok(None) };
        let [text_bytes, encoding] = [text, encoding].map(|span| self.unpickler.arena.bytes(self.frame, span));
        if !matches!(encoding, b"latin1" | b"latin-1") {
            return Ok(None);
        }
        // One text may be encoded many times, and in vain.
        self.charge(text_bytes.len() / ASCII_BYTES_A_UNIT)?;
        if is_ascii(text_bytes) {
            return Ok(Some(node(text)));
        }
        self.charge(text_bytes.len() / ENCODED_BYTES_A_UNIT)?;
        let code_points = Text::known_valid(text_bytes).code_points();
        let mut bytes = room_for(text_bytes.len())?;
        for code_point in code_points {
            let Ok(byte) = u8::try_from(code_point) else { return Ok(None) };
            bytes.push(byte);
        }
        self.write_scratch(&bytes).map(|span| Some(node(span)))
    }

    /// `set([…])` and `frozenset([…])`: protocols 0 to 3 have no opcode for sets.
    fn set_of(&mut self, args: [Node; 2], node: fn(Index) -> Node) -> Result<Option<Node>, Reason> {
        match args {
            [Node::Unset, Node::Unset] => self.new_run().map(|first| Some(node(Index::new(first)))),
            [Node::List(first), Node::Unset] => Ok(Some(node(first))),
            _ => Ok(None),
        }
    }
}

/// So many bytes are found to be ASCII in the time of a unit, …
const ASCII_BYTES_A_UNIT: usize = 128;
/// … and so many encoded as Latin-1.
const ENCODED_BYTES_A_UNIT: usize = 2;

/// Longer names of nested classes, as no program has them, are not composed.
const MAX_NESTED_NAME_BYTES: usize = 1000;
