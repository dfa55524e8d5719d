//! Names of classes and functions: what Python 2 calls otherwise, and how `repr()` shows them.
//!
//! In: module and name as a pickle has them. Out: the names of CPython 3.13, where `Lib/_compat_pickle.py` or a move inside
//! the standard library changed them; `<class 'module.Name'>`, `<built-in function name>`, `<function name>`.

use super::string::Sink;
use crate::pickle::Global;
use crate::text::Text;
use std::fmt::Write;

/// The name that CPython 3.13 has for it.
pub(super) fn canonical(global: Global<'_>) -> Global<'_> {
    let name = global.name.as_bytes();
    let (module, new_name): (&str, Option<&str>) = match global.module.as_bytes() {
        b"__builtin__" | b"builtins" | b"exceptions"
            if matches!(name, b"EnvironmentError" | b"IOError" | b"WindowsError") =>
        {
            ("builtins", Some("OSError"))
        }
        b"exceptions" if name == b"StandardError" => ("builtins", Some("Exception")),
        b"exceptions" => ("builtins", None),
        b"__builtin__" => match name {
            b"basestring" | b"unicode" => ("builtins", Some("str")),
            b"long" => ("builtins", Some("int")),
            b"unichr" => ("builtins", Some("chr")),
            b"xrange" => ("builtins", Some("range")),
            b"intern" => ("sys", None),
            b"reduce" => ("functools", None),
            _ => ("builtins", None),
        },
        b"socket" | b"select" if name == b"error" => ("builtins", Some("OSError")),
        b"socket" if name == b"timeout" => ("builtins", Some("TimeoutError")),
        b"copy_reg" => ("copyreg", None),
        b"UserDict" if name == b"IterableUserDict" => ("collections", Some("UserDict")),
        b"UserDict" if name == b"UserDict" => ("collections", None),
        b"UserList" | b"UserString" => ("collections", None),
        b"_functools" => ("functools", None),
        b"pathlib" => ("pathlib._local", None),
        b"Queue" => ("queue", None),
        b"commands" => ("subprocess", None),
        b"ConfigParser" => ("configparser", None),
        b"SocketServer" => ("socketserver", None),
        b"httplib" => ("http.client", None),
        b"urllib2" if matches!(name, b"HTTPError" | b"URLError") => ("urllib.error", None),
        _ => return global,
    };
    Global { module: Text::from(module), name: new_name.map_or(global.name, Text::from) }
}

/// Writes what `repr()` shows for a class or function of this (canonical) name.
pub(super) fn repr(global: Global<'_>, out: &mut Sink<'_, '_>) {
    let (open, close) = match form(global) {
        Form::BuiltinFunction => ("<built-in function ", ">"),
        Form::Function => ("<function ", ">"),
        Form::Singleton => ("", ""),
        Form::Class => ("<class '", "'>"),
    };
    out.push_str(open);
    if matches!(form(global), Form::Class) {
        push_qualified(global, out);
    } else {
        out.push(global.name);
    }
    out.push_str(close);
}

/// Writes `module.Name`; for builtins `Name`.
pub(super) fn push_qualified(global: Global<'_>, out: &mut Sink<'_, '_>) {
    if global.module != *"builtins" {
        out.push(global.module);
        let _ = out.write_str(".");
    }
    out.push(global.name);
}

/// Python's `__name__` of a class: what follows the last dot.
pub(super) fn last_part(name: Text<'_>) -> Text<'_> {
    let bytes = name.as_bytes();
    let last = bytes.rsplit(|&byte| byte == b'.').next().unwrap_or(bytes);
    // Cut after an ASCII byte, so still well formed.
    Text::checked_before(last)
}

/// True if the name is that of a function, as far as names tell.
pub(super) fn is_function(global: Global<'_>) -> bool {
    matches!(form(global), Form::BuiltinFunction | Form::Function)
}

/// What a name stands for. A pickle does not say whether it is a class or a function: outside the modules that are known
/// here, a capital letter makes a class (PEP 8).
#[derive(Clone, Copy)]
enum Form {
    BuiltinFunction,
    Class,
    Function,
    Singleton,
}

fn form(global: Global<'_>) -> Form {
    let name = last_part(global.name).as_bytes();
    match global.module.as_bytes() {
        b"builtins" if matches!(name, b"Ellipsis" | b"NotImplemented") => Form::Singleton,
        b"builtins" if is_among(BUILTIN_FUNCTIONS, name) => Form::BuiltinFunction,
        b"builtins" | b"array" | b"ctypes" | b"datetime" | b"decimal" | b"itertools" | b"numpy" => Form::Class,
        b"_codecs" | b"_io" | b"_operator" | b"binascii" | b"cmath" | b"math" | b"nt" | b"posix" | b"sys" | b"zlib" => {
            Form::BuiltinFunction
        }
        b"collections" if matches!(name, b"defaultdict" | b"deque") => Form::Class,
        b"functools" if matches!(name, b"partial" | b"partialmethod" | b"cached_property") => Form::Class,
        b"functools" if matches!(name, b"reduce" | b"cmp_to_key") => Form::BuiltinFunction,
        b"socket" if matches!(name, b"gaierror" | b"herror" | b"socket") => Form::Class,
        b"time" if name != b"struct_time" => Form::BuiltinFunction,
        b"time" => Form::Class,
        _ if name
            .first()
            .is_some_and(|first| first.is_ascii_lowercase() || name.starts_with(b"_") && is_snake(name)) =>
        {
            Form::Function
        }
        _ => Form::Class,
    }
}

/// True for one of these words, which spaces separate. A table of 45 names would take 40 bytes more for each.
pub(super) fn is_among(words: &str, word: &[u8]) -> bool {
    words.as_bytes().split(|&byte| byte == b' ').any(|other| other == word)
}

/// True if there is no capital letter: `_private_function`, unlike `_PrivateClass`.
fn is_snake(name: &[u8]) -> bool {
    !name.iter().any(u8::is_ascii_uppercase)
}

/// `[name for name, value in vars(builtins).items() if type(value) is type(len)]`
const BUILTIN_FUNCTIONS: &str = "__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr \
    compile delattr dir divmod eval exec format getattr globals hasattr hash hex id input isinstance issubclass iter len \
    locals max min next oct open ord pow print repr round setattr sorted sum vars";
