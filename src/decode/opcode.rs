//! Opcode names and bytes, as in CPython's `Lib/pickle.py`; one line each says what it takes and does.

macro_rules! opcodes {
    ($($(#[doc = $doc:literal])+ $name:ident = $byte:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: u8 = $byte;)+

        /// The name of an opcode, `None` for a byte that is none.
        pub const fn name(opcode: u8) -> Option<&'static str> {
            match opcode {
                $($byte => Some(stringify!($name)),)+
                _ => None,
            }
        }
    };
}

/// The newest protocol, `pickle.HIGHEST_PROTOCOL` of CPython 3.13.
pub(super) const HIGHEST_PROTOCOL: u8 = 5;

opcodes! {
    /// Push a MARK.
    MARK = b'(';
    /// The end; the top of the stack is the result.
    STOP = b'.';
    /// Drop the top of the stack, or a MARK.
    POP = b'0';
    /// Drop everything down to and with the topmost MARK.
    POP_MARK = b'1';
    /// Push the top of the stack once more.
    DUP = b'2';
    /// Push a float; decimal text up to a newline.
    FLOAT = b'F';
    /// Push an int, or with `00` and `01` a bool; decimal text up to a newline.
    INT = b'I';
    /// Push a 4-byte signed int.
    BININT = b'J';
    /// Push a 1-byte unsigned int.
    BININT1 = b'K';
    /// Push an int; decimal text, perhaps with `L`, up to a newline.
    LONG = b'L';
    /// Push a 2-byte unsigned int.
    BININT2 = b'M';
    /// Push `None`.
    NONE = b'N';
    /// Push a persistent object; its id is text up to a newline. Refused.
    PERSID = b'P';
    /// Push a persistent object; its id is on the stack. Refused.
    BINPERSID = b'Q';
    /// Call a callable with a tuple of arguments. Recorded only.
    REDUCE = b'R';
    /// Push a Python 2 `str`; quoted and escaped text up to a newline.
    STRING = b'S';
    /// Push a Python 2 `str`; 4-byte length.
    BINSTRING = b'T';
    /// Push a Python 2 `str`; 1-byte length.
    SHORT_BINSTRING = b'U';
    /// Push a `str`; raw-unicode-escaped text up to a newline.
    UNICODE = b'V';
    /// Push a `str`; 4-byte length, UTF-8 with surrogates.
    BINUNICODE = b'X';
    /// Append the top of the stack to the list below it.
    APPEND = b'a';
    /// Set the state of the object below the top of the stack. Recorded only.
    BUILD = b'b';
    /// Push a class or function; module and name, each up to a newline. Never looked up.
    GLOBAL = b'c';
    /// Push a dict of what is above the topmost MARK.
    DICT = b'd';
    /// Push an empty dict.
    EMPTY_DICT = b'}';
    /// Append what is above the topmost MARK to the list below it.
    APPENDS = b'e';
    /// Push a memo entry; decimal index up to a newline.
    GET = b'g';
    /// Push a memo entry; 1-byte index.
    BINGET = b'h';
    /// Make an instance; module and name, each up to a newline, arguments above the topmost MARK. Recorded only.
    INST = b'i';
    /// Push a memo entry; 4-byte index.
    LONG_BINGET = b'j';
    /// Push a list of what is above the topmost MARK.
    LIST = b'l';
    /// Push an empty list.
    EMPTY_LIST = b']';
    /// Make an instance; class and arguments are above the topmost MARK. Recorded only.
    OBJ = b'o';
    /// Store the top of the stack in the memo; decimal index up to a newline.
    PUT = b'p';
    /// Store the top of the stack in the memo; 1-byte index.
    BINPUT = b'q';
    /// Store the top of the stack in the memo; 4-byte index.
    LONG_BINPUT = b'r';
    /// Set one pair in the dict below it.
    SETITEM = b's';
    /// Push a tuple of what is above the topmost MARK.
    TUPLE = b't';
    /// Push an empty tuple.
    EMPTY_TUPLE = b')';
    /// Set the pairs above the topmost MARK in the dict below it.
    SETITEMS = b'u';
    /// Push an 8-byte big-endian float.
    BINFLOAT = b'G';

    /// Protocol 2 and later begin with it; 1-byte version.
    PROTO = 0x80;
    /// Make an instance of a class with a tuple of arguments. Recorded only.
    NEWOBJ = 0x81;
    /// Push an object from the extension registry; 1-byte code. Refused.
    EXT1 = 0x82;
    /// Push an object from the extension registry; 2-byte code. Refused.
    EXT2 = 0x83;
    /// Push an object from the extension registry; 4-byte code. Refused.
    EXT4 = 0x84;
    /// Push a tuple of the top of the stack.
    TUPLE1 = 0x85;
    /// Push a tuple of the two topmost values.
    TUPLE2 = 0x86;
    /// Push a tuple of the three topmost values.
    TUPLE3 = 0x87;
    /// Push `True`.
    NEWTRUE = 0x88;
    /// Push `False`.
    NEWFALSE = 0x89;
    /// Push an int; 1-byte length, two's complement, least significant byte first.
    LONG1 = 0x8a;
    /// Push an int; 4-byte length, two's complement, least significant byte first.
    LONG4 = 0x8b;

    /// Push a `bytes`; 4-byte length.
    BINBYTES = b'B';
    /// Push a `bytes`; 1-byte length.
    SHORT_BINBYTES = b'C';

    /// Push a `str`; 1-byte length, UTF-8 with surrogates.
    SHORT_BINUNICODE = 0x8c;
    /// Push a `str`; 8-byte length, UTF-8 with surrogates.
    BINUNICODE8 = 0x8d;
    /// Push a `bytes`; 8-byte length.
    BINBYTES8 = 0x8e;
    /// Push an empty set.
    EMPTY_SET = 0x8f;
    /// Add what is above the topmost MARK to the set below it.
    ADDITEMS = 0x90;
    /// Push a frozenset of what is above the topmost MARK.
    FROZENSET = 0x91;
    /// Make an instance of a class with a tuple of arguments and a dict of keyword arguments. Recorded only.
    NEWOBJ_EX = 0x92;
    /// Push a class or function; module and name are on the stack. Never looked up.
    STACK_GLOBAL = 0x93;
    /// Store the top of the stack in the memo, at the next index.
    MEMOIZE = 0x94;
    /// What follows was buffered together; 8-byte length. Of no consequence here.
    FRAME = 0x95;

    /// Push a `bytearray`; 8-byte length.
    BYTEARRAY8 = 0x96;
    /// Push the next out-of-band buffer. Refused.
    NEXT_BUFFER = 0x97;
    /// Make the top of the stack read-only. Refused.
    READONLY_BUFFER = 0x98;
}
