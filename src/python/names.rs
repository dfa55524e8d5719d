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
    let [module, name] = [global.module, global.name].map(Text::as_bytes);
    let (module, name): (&str, Option<&str>) = match (module, name) {
        (b"__builtin__", b"basestring" | b"unicode") => ("builtins", Some("str")),
        (b"__builtin__", b"long") => ("builtins", Some("int")),
        (b"__builtin__", b"xrange") => ("builtins", Some("range")),
        (b"__builtin__", b"unichr") => ("builtins", Some("chr")),
        (b"__builtin__", b"reduce") => ("functools", None),
        (b"__builtin__", b"intern") => ("sys", None),
        (b"exceptions", b"StandardError") => ("builtins", Some("Exception")),
        (b"exceptions" | b"__builtin__" | b"builtins", b"EnvironmentError" | b"IOError" | b"WindowsError")
        | (b"socket" | b"select", b"error") => ("builtins", Some("OSError")),
        (b"socket", b"timeout") => ("builtins", Some("TimeoutError")),
        (b"__builtin__" | b"exceptions", _) => ("builtins", None),
        (b"copy_reg", _) => ("copyreg", None),
        (b"UserDict", b"IterableUserDict" | b"UserDict") => ("collections", Some("UserDict")),
        (b"UserList" | b"UserString", _) => ("collections", None),
        (b"_functools", _) => ("functools", None),
        (b"pathlib", _) => ("pathlib._local", None),
        (b"Queue", _) => ("queue", None),
        (b"commands", _) => ("subprocess", None),
        (b"ConfigParser", _) => ("configparser", None),
        (b"SocketServer", _) => ("socketserver", None),
        (b"httplib", _) => ("http.client", None),
        (b"urllib2", b"HTTPError" | b"URLError") => ("urllib.error", None),
        _ => return global,
    };
    Global { module: Text::from(module), name: name.map_or(global.name, Text::from) }
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
        b"builtins" if BUILTIN_FUNCTIONS.contains(&name) => Form::BuiltinFunction,
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

/// True if there is no capital letter: `_private_function`, unlike `_PrivateClass`.
fn is_snake(name: &[u8]) -> bool {
    !name.iter().any(u8::is_ascii_uppercase)
}

/// `[name for name, value in vars(builtins).items() if type(value) is type(len)]`
#[rustfmt::skip]
const BUILTIN_FUNCTIONS: [&[u8]; 45] = [
    b"__build_class__", b"__import__", b"abs", b"aiter", b"all", b"anext", b"any", b"ascii", b"bin", b"breakpoint",
    b"callable", b"chr", b"compile", b"delattr", b"dir", b"divmod", b"eval", b"exec", b"format", b"getattr", b"globals",
    b"hasattr", b"hash", b"hex", b"id", b"input", b"isinstance", b"issubclass", b"iter", b"len", b"locals", b"max",
    b"min", b"next", b"oct", b"open", b"ord", b"pow", b"print", b"repr", b"round", b"setattr", b"sorted", b"sum", b"vars",
];
