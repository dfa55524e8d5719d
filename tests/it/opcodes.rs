//! Generated programs of opcodes: pickles that no Python would write, and that keep the rules all the same.
//!
//! In: random choices. Out: a pickle, and with [`valid_program`] the certainty that an unpickler must take it, since each opcode
//! was chosen among those whose operands are on the stack. So the inner states are reached that random bytes never reach.

use jackdaws::decode::opcode::*;
use proptest::prelude::*;

/// A pickle in which every opcode has its operands; up to `length` opcodes before those that end it.
pub fn valid_program(length: usize) -> impl Strategy<Value = Vec<u8>> {
    program(length, false)
}

/// The same as an honest sender writes it, of builtins only: without DUP, each value stored in one memo slot at most, each slot
/// written once.
pub fn honest_program(length: usize) -> impl Strategy<Value = Vec<u8>> {
    program(length, true)
}

fn program(length: usize, honest: bool) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<(u16, u8)>(), 0..length).prop_map(move |choices| {
        let mut program = Program { honest, ..Program::default() };
        for (choice, operand) in choices {
            let possible: Vec<u8> = OPCODES.iter().copied().filter(|&opcode| program.allows(opcode)).collect();
            let opcode = possible[usize::from(choice) % possible.len()];
            program.add(opcode, operand);
        }
        program.finish()
    })
}

/// Opcodes in any order, each with a well-formed operand.
pub fn any_program(length: usize) -> impl Strategy<Value = Vec<u8>> {
    let opcode = (proptest::sample::select(OPCODES), any::<u8>());
    proptest::collection::vec(opcode, 0..length).prop_map(|opcodes| {
        let encoded = opcodes.iter().map(|&(opcode, operand)| encoded(opcode, operand, usize::from(operand / 16)));
        encoded.chain([vec![STOP]]).collect::<Vec<_>>().concat()
    })
}

/// What stands on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ByteArray,
    Dict,
    Global,
    List,
    Mark,
    Object,
    Other,
    Set,
    Text,
    Tuple,
}

impl Kind {
    fn is_hashable(self) -> bool {
        !matches!(self, Kind::ByteArray | Kind::Dict | Kind::List | Kind::Set)
    }

    fn is_class(self) -> bool {
        matches!(self, Kind::Global | Kind::Object)
    }
}

/// A program so far, and what an unpickler would have on its stack and in its memo.
#[derive(Default)]
struct Program {
    honest: bool,
    /// The last opcode made a value.
    made: bool,
    bytes: Vec<u8>,
    stack: Vec<Kind>,
    /// Where on the stack the MARKs are.
    marks: Vec<usize>,
    memo: Vec<Kind>,
}

impl Program {
    fn floor(&self) -> usize {
        self.marks.last().map_or(0, |mark| mark + 1)
    }

    /// What is above the topmost MARK.
    fn above(&self) -> &[Kind] {
        &self.stack[self.floor()..]
    }

    /// What is just below the topmost MARK, and above the one before.
    fn below_mark(&self) -> Option<Kind> {
        let mark = self.floor().checked_sub(1)?;
        self.stack[..mark].last().copied().filter(|&kind| kind != Kind::Mark)
    }

    fn allows(&self, opcode: u8) -> bool {
        let above = self.above();
        let has_mark = self.floor() > 0;
        let keys = || above.iter().step_by(2).all(|key| key.is_hashable());
        let all_hashable = || above.iter().all(|kind| kind.is_hashable());
        let is_even = above.len() % 2 == 0;
        match opcode {
            DUP | GLOBAL | INST | STACK_GLOBAL if self.honest => false,
            PUT | BINPUT | LONG_BINPUT | MEMOIZE if self.honest => self.made,
            POP => has_mark || !above.is_empty(),
            POP_MARK | TUPLE | LIST | INST => has_mark,
            DUP | TUPLE1 | PUT | BINPUT | LONG_BINPUT | MEMOIZE => !above.is_empty(),
            GET | BINGET | LONG_BINGET => !self.memo.is_empty(),
            TUPLE2 => above.len() >= 2,
            TUPLE3 => above.len() >= 3,
            DICT => has_mark && is_even && keys(),
            FROZENSET => has_mark && all_hashable(),
            APPEND => matches!(above, [.., Kind::List | Kind::Object, _]),
            APPENDS => matches!(self.below_mark(), Some(Kind::List | Kind::Object)),
            SETITEM => matches!(above, [.., Kind::Dict | Kind::Object, key, _] if key.is_hashable()),
            SETITEMS => matches!(self.below_mark(), Some(Kind::Dict | Kind::Object)) && is_even && keys(),
            ADDITEMS => matches!(self.below_mark(), Some(Kind::Set | Kind::Object)) && all_hashable(),
            STACK_GLOBAL => matches!(above, [.., Kind::Text, Kind::Text]),
            REDUCE | NEWOBJ => matches!(above, [.., class, Kind::Tuple] if class.is_class()),
            NEWOBJ_EX => matches!(above, [.., class, Kind::Tuple, Kind::Dict] if class.is_class()),
            OBJ => has_mark && above.first().is_some_and(|class| class.is_class()),
            BUILD => matches!(above, [.., Kind::Object, _]),
            _ => true,
        }
    }

    fn add(&mut self, opcode: u8, operand: u8) {
        let index = match opcode {
            GET | BINGET | LONG_BINGET => usize::from(operand) % self.memo.len(),
            // Now and then a slot is written again.
            _ if operand < 16 && !self.honest => usize::from(operand).min(self.memo.len()),
            _ => self.memo.len(),
        };
        self.bytes.extend(encoded(opcode, operand, index));
        let top = self.stack.last().copied();
        self.made = false;
        let (popped, pushed) = match opcode {
            MARK => (0, Some(Kind::Mark)),
            POP => (1, None),
            POP_MARK | APPENDS | SETITEMS | ADDITEMS => (self.above().len() + 1, None),
            DUP => (0, top),
            APPEND | BUILD => (1, None),
            SETITEM => (2, None),
            PROTO | FRAME => (0, None),
            PUT | BINPUT | LONG_BINPUT | MEMOIZE => {
                return self.put(if opcode == MEMOIZE { self.memo.len() } else { index });
            }
            GET | BINGET | LONG_BINGET => (0, Some(self.memo[index])),
            EMPTY_DICT => (0, Some(Kind::Dict)),
            EMPTY_LIST => (0, Some(Kind::List)),
            EMPTY_SET => (0, Some(Kind::Set)),
            EMPTY_TUPLE => (0, Some(Kind::Tuple)),
            BYTEARRAY8 => (0, Some(Kind::ByteArray)),
            GLOBAL => (0, Some(Kind::Global)),
            _ if is_text(opcode) => (0, Some(Kind::Text)),
            TUPLE1 | TUPLE2 | TUPLE3 => (usize::from(opcode - TUPLE1) + 1, Some(Kind::Tuple)),
            TUPLE => (self.above().len() + 1, Some(Kind::Tuple)),
            LIST => (self.above().len() + 1, Some(Kind::List)),
            DICT => (self.above().len() + 1, Some(Kind::Dict)),
            FROZENSET => (self.above().len() + 1, Some(Kind::Other)),
            INST | OBJ => (self.above().len() + 1, Some(Kind::Object)),
            STACK_GLOBAL => (2, Some(Kind::Global)),
            REDUCE | NEWOBJ => (2, Some(Kind::Object)),
            NEWOBJ_EX => (3, Some(Kind::Object)),
            _ => (0, Some(Kind::Other)),
        };
        self.stack.truncate(self.stack.len() - popped);
        self.marks.retain(|&mark| mark < self.stack.len());
        self.marks.extend((opcode == MARK).then_some(self.stack.len()));
        self.stack.extend(pushed);
        self.made = pushed.is_some() && !matches!(opcode, MARK | DUP | GET | BINGET | LONG_BINGET);
    }

    fn put(&mut self, index: usize) {
        let top = self.stack.last().copied().unwrap();
        match self.memo.get_mut(index) {
            Some(slot) => *slot = top,
            None => self.memo.push(top),
        }
    }

    /// Collects whatever is on the stack in one tuple, and stops.
    fn finish(mut self) -> Vec<u8> {
        while self.floor() > 0 {
            self.add(TUPLE, 0);
        }
        while self.stack.len() > 1 {
            self.add(TUPLE2, 0);
        }
        if self.stack.is_empty() {
            self.add(NONE, 0);
        }
        self.bytes.push(STOP);
        self.bytes
    }
}

fn is_text(opcode: u8) -> bool {
    matches!(opcode, SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 | SHORT_BINSTRING | BINSTRING | STRING | UNICODE)
}

/// An opcode with an operand made of a byte; `index` is that of the opcodes that use the memo.
fn encoded(opcode: u8, operand: u8, index: usize) -> Vec<u8> {
    let word = WORDS[usize::from(operand) % WORDS.len()].as_bytes();
    let index = u8::try_from(index).unwrap();
    let length = u8::try_from(word.len()).unwrap();
    let body: Vec<u8> = match opcode {
        BININT1 | PROTO => vec![operand % 6],
        BININT2 => vec![operand, 1],
        BININT => vec![operand, 0, 1, operand],
        LONG1 => [&[length], word].concat(),
        LONG4 | BINUNICODE | BINSTRING | BINBYTES => [&[length, 0, 0, 0], word].concat(),
        BINFLOAT => vec![operand, operand.reverse_bits(), 0, 0, 0, 0, 0, 1],
        INT => format!("0{}\n", operand % 2).into_bytes(),
        LONG => format!("-{operand}000000000000000000000L\n").into_bytes(),
        FLOAT => format!("-{operand}e{operand}\n").into_bytes(),
        SHORT_BINUNICODE | SHORT_BINSTRING | SHORT_BINBYTES => [&[length], word].concat(),
        BINUNICODE8 | BINBYTES8 | BYTEARRAY8 => [&[length, 0, 0, 0, 0, 0, 0, 0], word].concat(),
        STRING => format!("'\\x{operand:02x}\\{:o}'\n", operand / 4).into_bytes(),
        UNICODE => format!("\\u{:04x}\\\n", u16::from(operand) * 255).into_bytes(),
        GLOBAL | INST => [GLOBALS[usize::from(operand) % GLOBALS.len()], "\n"].concat().into_bytes(),
        PUT | GET => format!("{index}\n").into_bytes(),
        BINPUT | BINGET => vec![index],
        LONG_BINPUT | LONG_BINGET => vec![index, 0, 0, 0],
        FRAME => vec![operand; 8],
        _ => Vec::new(),
    };
    [vec![opcode], body].concat()
}

/// All opcodes but STOP and those that are always refused.
const OPCODES: &[u8] = &[
    MARK,
    POP,
    POP_MARK,
    DUP,
    FLOAT,
    INT,
    BININT,
    BININT1,
    LONG,
    BININT2,
    NONE,
    REDUCE,
    STRING,
    BINSTRING,
    SHORT_BINSTRING,
    UNICODE,
    BINUNICODE,
    APPEND,
    BUILD,
    GLOBAL,
    DICT,
    EMPTY_DICT,
    APPENDS,
    GET,
    BINGET,
    INST,
    LONG_BINGET,
    LIST,
    EMPTY_LIST,
    OBJ,
    PUT,
    BINPUT,
    LONG_BINPUT,
    SETITEM,
    TUPLE,
    EMPTY_TUPLE,
    SETITEMS,
    BINFLOAT,
    PROTO,
    NEWOBJ,
    TUPLE1,
    TUPLE2,
    TUPLE3,
    NEWTRUE,
    NEWFALSE,
    LONG1,
    LONG4,
    BINBYTES,
    SHORT_BINBYTES,
    SHORT_BINUNICODE,
    BINUNICODE8,
    BINBYTES8,
    EMPTY_SET,
    ADDITEMS,
    FROZENSET,
    NEWOBJ_EX,
    STACK_GLOBAL,
    MEMOIZE,
    FRAME,
    BYTEARRAY8,
];

/// Texts: keys of records, formats, and what `repr()` escapes.
const WORDS: &[&str] =
    &["", "msg", "args", "x", "%s %r", "é\u{202e}", "'\"\n", "😀", "exc_text", "levelno", "%(x)5d", "name"];

/// Classes and functions that are printed in ways of their own; none that is a builtin value in disguise.
const GLOBALS: &[&str] = &[
    "a.b\nC.d",
    "datetime\ndatetime",
    "datetime\ntimedelta",
    "decimal\nDecimal",
    "fractions\nFraction",
    "uuid\nUUID",
    "collections\nOrderedDict",
    "collections\ndeque",
    "collections\ndefaultdict",
    "collections\nCounter",
    "copy_reg\n_reconstructor",
    "copyreg\n__newobj__",
    "builtins\ncomplex",
    "builtins\nrange",
    "builtins\nValueError",
    "pathlib\nPosixPath",
    "ipaddress\nIPv4Address",
    "types\nSimpleNamespace",
    "functools\npartial",
    "array\narray",
    "time\nstruct_time",
];
