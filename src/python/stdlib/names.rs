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
pub(in crate::python) fn push_qualified(global: Global<'_>, out: &mut Sink<'_, '_>) {
    if global.module != *"builtins" {
        out.push(global.module);
        let _ = out.write_str(".");
    }
    out.push(global.name);
}

/// Python's `__name__` of a class: what follows the last dot. It costs what it costs to print it.
pub(in crate::python) fn last_part(name: Text<'_>) -> Text<'_> {
    let bytes = name.as_bytes();
    let last = bytes.rsplit(|&byte| byte == b'.').next().unwrap_or(bytes);
    // Cut after an ASCII byte, so still well formed.
    Text::checked_before(last)
}

/// True if the name is that of a function, as far as names tell.
pub(in crate::python) fn is_function(global: Global<'_>) -> bool {
    matches!(form(global), Form::BuiltinFunction | Form::Function)
}

/// What a name stands for. A pickle does not say whether it is a class or a function: outside the modules that are known
/// here, a capital letter makes a class (PEP 8), and so does `error`.
#[derive(Clone, Copy)]
enum Form {
    BuiltinFunction,
    Class,
    Function,
    Singleton,
}

fn form(global: Global<'_>) -> Form {
    let name = text_of(last_part(global.name));
    match text_of(global.module) {
        "builtins" if matches!(name, "Ellipsis" | "NotImplemented") => Form::Singleton,
        "builtins" if is_among(BUILTIN_FUNCTIONS, name) => Form::BuiltinFunction,
        "builtins" | "array" | "ctypes" | "datetime" | "decimal" | "itertools" | "numpy" => Form::Class,
        "_io" if name.as_bytes().first().is_some_and(u8::is_ascii_uppercase) => Form::Class,
        "_codecs" | "_io" | "_operator" | "binascii" | "cmath" | "math" | "nt" | "posix" | "sys" | "zlib" => {
            Form::BuiltinFunction
        }
        "collections" if matches!(name, "defaultdict" | "deque") || name.as_bytes().ends_with(b"_iterator") => {
            Form::Class
        }
        "contextlib" if matches!(name, "closing" | "nullcontext" | "suppress") => Form::Class,
        "csv" if matches!(name, "excel" | "excel_tab" | "unix_dialect") => Form::Class,
        "functools" if matches!(name, "partial" | "partialmethod" | "cached_property") => Form::Class,
        "functools" if matches!(name, "reduce" | "cmp_to_key") => Form::BuiltinFunction,
        "socket" if matches!(name, "gaierror" | "herror" | "socket") => Form::Class,
        "time" if name != "struct_time" => Form::BuiltinFunction,
        "time" => Form::Class,
        _ => form_by_case(last_part(global.name).as_bytes()),
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
    is_among(STANDARD_MODULES, text_of(module).split('.').next().unwrap_or_default())
}

const STANDARD_MODULES: &str = "_io _thread argparse array ast asyncio calendar cmd codecs collections concurrent configparser \
    contextlib csv ctypes datetime decimal difflib dis email enum fileinput ftplib functools gettext graphlib hmac html http \
    imaplib importlib inspect io ipaddress itertools json locale logging mailbox multiprocessing numbers operator optparse os \
    pathlib pickle platform plistlib poplib pprint queue random re sched select selectors shelve shlex smtplib socket \
    socketserver sqlite3 ssl statistics string struct subprocess tarfile tempfile textwrap threading time timeit tokenize \
    traceback types typing unittest urllib uuid weakref xml xmlrpc zipfile zoneinfo";

/// `[name for name, value in vars(builtins).items() if type(value) is type(len)]`
const BUILTIN_FUNCTIONS: &str = "__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr \
    compile delattr dir divmod eval exec format getattr globals hasattr hash hex id input isinstance issubclass iter len \
    locals max min next oct open ord pow print repr round setattr sorted sum vars";
