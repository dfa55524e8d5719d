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
        Form::Variable(variance) => {
            out.writer.push_code_point(variance.into());
            ("", false, "")
        }
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
    after_last(b'.', name)
}

/// The same of a name that may be known here. A long one is not, and need not be searched for its last dot.
pub(super) fn known_last_part(name: Text<'_>) -> &str {
    text_of(name).rsplit('.').next().unwrap_or_default()
}

/// What follows the last of these ASCII characters.
#[inline(never)]
pub(super) fn after_last(separator: u8, text: Text<'_>) -> Text<'_> {
    let start = text.as_bytes().iter().rposition(|&byte| byte == separator).map_or(0, |place| place.saturating_add(1));
    // Cut after an ASCII byte, so still well formed.
    Text::known_valid(text.as_bytes().get(start..).unwrap_or_default())
}

/// Python's `__name__` of a class, if the name is that of one.
pub(crate) fn name_of_class(global: Global<'_>) -> Option<Text<'_>> {
    let global = canonical(global);
    matches!(form(global), Form::Class).then(|| last_part(global.name))
}

/// True if the name is that of a function, as far as names tell.
pub(in crate::python) fn is_function(global: Global<'_>) -> bool {
    matches!(form(global), Form::BuiltinFunction | Form::Function)
}

/// What a name stands for. A pickle does not say whether it is a class or a function: but for the names of which the tables say it,
/// a capital letter makes a class (PEP 8), and so does `error`.
#[derive(Clone, Copy)]
enum Form {
    /// What `typing` has: `typing.List`.
    Alias,
    BuiltinFunction,
    Class,
    Function,
    Singleton,
    /// One of the variables of `typing`, after its variance.
    Variable(u8),
}

fn form(global: Global<'_>) -> Form {
    let is_sentinel = global.module == *"unittest.mock" && global.name.as_bytes().starts_with(b"sentinel.");
    if is_sentinel || global.is("builtins", "Ellipsis") || global.is("builtins", "NotImplemented") {
        return Form::Singleton;
    }
    let name = last_part(global.name);
    let by_case = form_by_case(name.as_bytes());
    let module = catalogue::Module::named(global.module);
    if let Some((letter, _)) = module.and_then(|module| module.entry(catalogue::FORMS, name)) {
        return Form::by_letter(letter);
    }
    let of_small = || module?.entry(b"BC", Text::from(""));
    let has_line = |name: Text<'_>, line: &[u8]| name.as_bytes().starts_with(line);
    let is_in_c = has_line(global.module, b"_") && !has_line(global.module, b"__") && !has_line(name, b"_");
    match by_case {
        _ if global.module == *"numpy" => Form::Class,
        // As the modules in C are called that are behind those which one imports.
        Form::Function if is_in_c => Form::BuiltinFunction,
        // Such as `_stat.S_ISDIR`
        Form::Class if is_in_c && name.as_bytes().contains(&b'_') => Form::BuiltinFunction,
        Form::Function => of_small().map_or(by_case, |(letter, _)| Form::by_letter(letter)),
        Form::Class if global.module == *"typing" => Form::Alias,
        _ => by_case,
    }
}

impl Form {
    const fn by_letter(letter: u8) -> Form {
        match letter {
            b'b' | b'B' => Form::BuiltinFunction,
            b'f' => Form::Function,
            b'+' | b'-' | b'~' => Form::Variable(letter),
            _ => Form::Class,
        }
    }
}

/// True for one of these words, which spaces separate. A table takes 40 bytes more for each.
pub(in crate::python) fn is_among(words: &str, word: &str) -> bool {
    place_of(word, words).is_some()
}

/// Which of these words it is, counted from zero.
#[inline(never)]
pub(super) fn place_of(word: &str, words: &str) -> Option<usize> {
    words.split(' ').position(|other| other == word).filter(|_| !word.is_empty())
}

/// `function`, and `_private_function`, unlike `_PrivateClass`, `error` and `error_reply`.
fn form_by_case(name: &[u8]) -> Form {
    let is_snake = name.starts_with(b"_") && !name.iter().any(u8::is_ascii_uppercase);
    let is_lower = is_snake || name.first().is_some_and(u8::is_ascii_lowercase);
    let is_class = !is_lower || is_error(name) || name.ends_with(b"_iterator");
    if is_class { Form::Class } else { Form::Function }
}

/// True for the names of exceptions that are older than PEP 8.
pub(super) fn is_error(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"error_")
}

/// True for a module of the standard library, or in a package of it, of which objects are likely in records.
pub(super) fn is_standard(module: Text<'_>) -> bool {
    let is_known = |module| catalogue::Module::named(module).is_some();
    let (package, is_within) =
        text_of(module).split_once('.').map_or((text_of(module), false), |(package, _)| (package, true));
    is_known(module) || is_among(STANDARD_MODULES, package) || is_within && is_known(Text::from(package))
}

/// Others than those of which the tables know a name.
const STANDARD_MODULES: &str = "_collections _frozen_importlib_external _io argparse asyncio cProfile cmd code codeop concurrent email encodings fileinput getopt gettext graphlib hmac html importlib \
    ipaddress json mimetypes modulefinder multiprocessing numbers optparse pathlib pickletools pprint profile pyclbr repr reprlib rlcompleter shelve socketserver \
    sqlite3 string tarfile textwrap timeit tokenize trace tracemalloc types unittest urllib venv wave wsgiref xml xmlrpc zoneinfo";
