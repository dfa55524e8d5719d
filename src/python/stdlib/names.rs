//! Names of classes and functions: what Python 2 calls otherwise, and how `repr()` shows them.
//!
//! In: module and name as a pickle has them. Out: the names of CPython 3.13, where `Lib/_compat_pickle.py` or a move inside
//! the standard library changed them; `<class 'module.Name'>`, `<built-in function name>`, `<function name>`.

use super::catalogue::{self, MAX_KNOWN_BYTES};
use crate::base::text::Text;
use crate::decode::Global;
use crate::python::string::Sink;
use std::fmt::Write;

/// The name that CPython 3.13 has for it.
pub(in crate::python) fn canonical(global: Global<'_>) -> Global<'_> {
    match catalogue::alias(text_of(global.module), text_of(global.name)) {
        None => global,
        Some((module, name)) => {
            Global { module: module.map_or(global.module, Text::from), name: name.map_or(global.name, Text::from) }
        }
    }
}

/// The name as `str`, to match against literals: bytes would be compared one by one, which takes twice the code. A name with
/// a surrogate is none that is known here, nor is a long one.
pub(in crate::python) fn text_of(name: Text<'_>) -> &str {
    if name.as_bytes().len() > MAX_KNOWN_BYTES { "" } else { name.as_str().unwrap_or_default() }
}

/// Writes what `repr()` shows for a class or function of this (canonical) name.
pub(in crate::python) fn repr(global: Global<'_>, out: &mut Sink<'_, '_>) {
    let (open, is_qualified, close) = match form(global) {
        Form::Alias => ("", true, ""),
        Form::BuiltinFunction => ("<built-in function ", false, ">"),
        Form::Class => ("<class '", true, "'>"),
        Form::Function => ("<function ", false, ">"),
        Form::Singleton => ("", false, ""),
    };
    out.push_str(open);
    if is_qualified {
        push_qualified(global, out);
    } else {
        out.push(global.name);
    }
    out.push_str(close);
}

/// Writes `module.Name`; for builtins `Name`.
pub(in crate::python) fn push_qualified(global: Global<'_>, out: &mut Sink<'_, '_>) {
    if global.module != *"builtins" {
        out.push(global.module);
        let _ = out.write_str(".");
    }
    out.push(global.name);
}

/// Python's `__name__` of a class: what follows the last dot. It costs what it costs to print it.
pub(crate) fn last_part(name: Text<'_>) -> Text<'_> {
    let bytes = name.as_bytes();
    let last = bytes.rsplit(|&byte| byte == b'.').next().unwrap_or(bytes);
    // Cut after an ASCII byte, so still well formed.
    Text::known_valid(last)
}

/// True if the name is that of a function, as far as names tell.
pub(in crate::python) fn is_function(global: Global<'_>) -> bool {
    matches!(form(global), Form::BuiltinFunction | Form::Function)
}

/// What a name stands for. A pickle does not say whether it is a class or a function: outside the modules that are known
/// here, a capital letter makes a class (PEP 8), and so does `error`.
#[derive(Clone, Copy)]
enum Form {
    /// What `typing` has: `typing.List`.
    Alias,
    BuiltinFunction,
    Class,
    Function,
    Singleton,
}

fn form(global: Global<'_>) -> Form {
    let (module, name) = (text_of(global.module), text_of(last_part(global.name)));
    let is_lower = name.starts_with(|first: char| first.is_ascii_lowercase());
    match module {
        "builtins" if matches!(name, "Ellipsis" | "NotImplemented") => Form::Singleton,
        "builtins" if is_among(BUILTIN_FUNCTIONS, name) => Form::BuiltinFunction,
        "builtins" | "array" | "ctypes" | "datetime" | "decimal" | "itertools" | "numpy" => Form::Class,
        "collections" if name.ends_with("_iterator") => Form::Class,
        "functools" if matches!(name, "reduce" | "cmp_to_key") => Form::BuiltinFunction,
        "typing" if matches!(name, "NamedTuple" | "TypedDict") => Form::Function,
        "typing" if !is_lower && !is_among(CLASSES_OF_TYPING, name) => Form::Alias,
        _ if is_lower && catalogue::entry(global, b"cxkoyqteilr").is_some() => Form::Class,
        _ if is_lower && is_in_c(module) => Form::BuiltinFunction,
        _ => form_by_case(last_part(global.name).as_bytes()),
    }
}

/// True for a module that is written in C: what has a small letter there, and is no class, is a built-in function.
fn is_in_c(module: &str) -> bool {
    match module.strip_prefix('_') {
        Some(name) => is_among(ACCELERATORS, name),
        None => is_among(MODULES_IN_C, module),
    }
}

/// True for one of these words, which spaces separate. A table takes 40 bytes more for each.
pub(in crate::python) fn is_among(words: &str, word: &str) -> bool {
    !word.is_empty() && words.split(' ').any(|other| other == word)
}

/// `function`, and `_private_function`, unlike `_PrivateClass`, `error` and `error_reply`.
fn form_by_case(name: &[u8]) -> Form {
    let is_snake = name.starts_with(b"_") && !name.iter().any(u8::is_ascii_uppercase);
    let is_lower = is_snake || name.first().is_some_and(u8::is_ascii_lowercase);
    if is_lower && !is_error(name) { Form::Function } else { Form::Class }
}

/// True for the names of exceptions that are older than PEP 8.
pub(super) fn is_error(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"error_")
}

/// True for a module of the standard library, or in a package of it, of which objects are likely in records.
pub(super) fn is_standard(module: Text<'_>) -> bool {
    catalogue::Module::named(module).is_some()
        || is_among(STANDARD_MODULES, text_of(module).split('.').next().unwrap_or_default())
}

/// Others than those of which the tables know a name.
const STANDARD_MODULES: &str = "_io _thread array asyncio cmd collections concurrent ctypes datetime email fileinput gettext graphlib hmac html http \
    importlib ipaddress itertools json locale logging mimetypes multiprocessing numbers os pathlib pprint random re repr \
    reprlib rlcompleter shelve socketserver sqlite3 string tempfile textwrap threading timeit tokenize types typing \
    unittest urllib xml xmlrpc zipfile zoneinfo";

/// Modules of which the functions are built in, …
const MODULES_IN_C: &str = "atexit binascii cmath faulthandler fcntl gc grp marshal math nt operator posix pwd readline resource \
    select stat sys syslog termios time unicodedata zlib";
/// … and those with an underscore before their names.
const ACCELERATORS: &str = "abc asyncio bisect codecs csv ctypes curses datetime decimal elementtree functools hashlib heapq imp \
    io json locale lzma opcode operator pickle random signal socket sqlite3 sre ssl stat string struct thread tracemalloc warnings weakref";

/// The names in `typing` that are classes.
const CLASSES_OF_TYPING: &str = "BinaryIO ForwardRef Generic IO NewType ParamSpec Protocol SupportsInt TextIO TypeVar";

/// `[name for name, value in vars(builtins).items() if type(value) is type(len)]`
const BUILTIN_FUNCTIONS: &str = "__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr \
    compile delattr dir divmod eval exec format getattr globals hasattr hash hex id input isinstance issubclass iter len \
    locals max min next oct open ord pow print repr round setattr sorted sum vars";
