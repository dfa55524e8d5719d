//! `str()` and `repr()` of exceptions.
//!
//! In: the class and the arguments of an exception. Out: the message, or `ValueError('message')`. The builtin exceptions
//! that compose their message of their arguments do so here, as do the standard library's most common ones. Facts: the
//! `…_str` functions in CPython's `Objects/exceptions.c`.

use super::catalogue::{self, UNITS_OF_LOOK_UP};
use super::enums::{Member, UNITS_OF_MEMBERS};
use super::made::Made;
use crate::base::digits;
use crate::python::repr::{Printer, Task};
use crate::python::stdlib::names;
use crate::python::string;

use crate::base::text::Text;
use crate::decode::{Global, Items, Kind, Value};
use std::fmt::Write;

impl<'a> Printer<'a, '_, '_> {
    /// Plans `repr()`: the class's name, the arguments in parentheses.
    pub(in crate::python) fn repr_exception(&mut self, made: &Made<'a>) {
        self.out.writer.charge(UNITS_OF_LOOK_UP);
        let template = catalogue::template(made.class, b"R").and_then(|template| self.template(template, made));
        if template.is_some() {
            return;
        }
        self.out.push(shown_name(made));
        let composed = || {
            catalogue::template(made.class, b"M")
                .and_then(|template| self.aside(&|printer| printer.template(template, made)))
        };
        if let Some(message) = json_message(made).map(String::into_bytes).or_else(composed) {
            self.out.push_str("(");
            string::repr(Text::known_valid(&message), &mut self.out);
            return self.out.push_str(")");
        }
        if filename(made).is_none() || self.template("({0!r}, {1!r})", made).is_none() {
            self.sequence("(", made.args, ")");
        }
    }

    /// Plans `str()`: the message.
    pub(in crate::python) fn str_exception(&mut self, made: &Made<'a>) {
        if let Some(message) = json_message(made) {
            return self.out.push_str(&message);
        }
        let composed = match names::text_of(made.class.module) {
            "builtins" => self.str_builtin_exception(made, names::text_of(made.class.name)),
            "pydantic_core._pydantic_core" => self.str_validation_error(made),
            "subprocess" if made.class.name == *"CalledProcessError" => self.str_called_process_error(made),
            _ => self.str_library_exception(made),
        };
        if composed.is_some() {
            return;
        }
        let says_something = |arg: &Value<'_>| arg.as_text().is_none_or(|text| !text.as_bytes().is_empty());
        match (made.first().filter(says_something), made.nth(1)) {
            // What composes its message of its attributes has it in one of these, as a rule.
            (None, None) => _ = self.template("{|description/message/detail/reason/osError/msg|}", made),
            (Some(message), None) => self.plan([Task::Str(message)]),
            (_, Some(_)) => self.sequence("(", made.args, ")"),
        }
    }

    /// The text of one that composes it in a way of its own, or as a builtin does.
    fn str_library_exception(&mut self, made: &Made<'a>) -> Option<()> {
        self.out.writer.charge(UNITS_OF_LOOK_UP);
        if let Some(template) = catalogue::template(made.class, b"MSR") {
            return self.template(template, made);
        }
        match catalogue::entry(made.class, b"koqy") {
            Some((b'q', _)) => {
                self.repr_exception(made);
                Some(())
            }
            Some((b'k', _)) => self.str_builtin_exception(made, "KeyError"),
            Some((b'y', _)) => self.str_builtin_exception(made, "SyntaxError"),
            _ => self.str_builtin_exception(made, ""),
        }
    }

    /// The text of one that composes it as the builtin of this name does, or is one of OSError's.
    fn str_builtin_exception(&mut self, made: &Made<'a>, like: &str) -> Option<()> {
        // One more than any of these takes.
        let args = made.args;
        let template = match (like, args.take(6).count()) {
            ("KeyError", 1) => "{0!r}",
            ("IndentationError" | "SyntaxError" | "TabError", 0) => "None",
            ("IndentationError" | "SyntaxError" | "TabError", 2) => SYNTAX_ERROR,
            ("IndentationError" | "SyntaxError" | "TabError", _) => "{0}",
            ("UnicodeDecodeError" | "UnicodeEncodeError", 5) => return self.str_unicode_error(true, args),
            ("UnicodeTranslateError", 4) => return self.str_unicode_error(false, args),
            ("BaseExceptionGroup" | "ExceptionGroup", _) => match { args }.nth(1)?.kind() {
                Kind::List(only) | Kind::Tuple(only) if only.len() == 1 => "{0} ({1!len} sub-exception)",
                _ => "{0} ({1!len} sub-exceptions)",
            },
            (_, 2..=5) if is_os_error(made.class) => match filename(made) {
                None => "[Errno {0}] {1}",
                Some(_) => "[Errno {0}] {1}: {2!r}{ -> |4!r|}",
            },
            _ => return None,
        };
        self.template(template, made)
    }

    /// `1 validation error for Model`, and the lines of each.
    fn str_validation_error(&mut self, made: &Made<'a>) -> Option<()> {
        let [_, errors, _, _] = made.exactly()?;
        let Kind::List(errors) = errors.kind() else { return None };
        let shown: Vec<_> = errors.take(MAX_ERRORS).collect();
        for error in shown.iter().rev() {
            self.template(VALIDATION_ERROR, &Made { state: *error, ..*made })?;
        }
        self.template(
            if errors.len() == 1 { "1 validation error for {0}" } else { "{1!len} validation errors for {0}" },
            made,
        )
    }

    /// `'utf-8' codec can't decode byte 0xff in position 0: invalid start byte`
    fn str_unicode_error(&mut self, has_encoding: bool, mut args: Items<'a>) -> Option<()> {
        let codec = if has_encoding { Some(args.next()?.as_text()?) } else { None };
        let (object, start, end) = (args.next()?, args.next()?.as_i64()?, args.next()?.as_i64()?);
        let (verb, noun) = match (codec, object.kind()) {
            (None, _) => ("can't translate ", "character"),
            (Some(_), Kind::Bytes(_)) => ("can't decode ", "byte"),
            (Some(_), _) => ("can't encode ", "character"),
        };
        if let Some(codec) = codec {
            self.out.push_str("'");
            self.out.push(codec);
            self.out.push_str("' codec ");
        }
        self.out.push_str(verb);
        let last = end.saturating_sub(1);
        let single = usize::try_from(start).ok().filter(|_| start == last);
        if single.and_then(|single| self.push_offender(object, single, noun)).is_none() {
            self.out.push_str(noun);
            self.out.push_number("s in position ", start, 0);
            self.out.push_number("-", last, 0);
        }
        self.plan_format(": %S", &[args.next()?]);
        Some(())
    }

    /// `byte 0xff in position 3` or `character '\u20ac' in position 3`, if there is one.
    fn push_offender(&mut self, object: Value<'a>, index: usize, noun: &str) -> Option<()> {
        match object.kind() {
            Kind::Bytes(bytes) => _ = write!(self.out, "{noun} 0x{:02x}", bytes.get(index)?),
            Kind::Str(text) => {
                self.out.writer.charge(index.min(text.as_bytes().len()) / CODE_POINTS_A_UNIT);
                let code_point = text.code_points().nth(index)?;
                self.out.push_str(noun);
                self.out.push_str(" '");
                string::escape(code_point, self.out.writer);
                self.out.push_str("'");
            }
            _ => return None,
        }
        self.out.push_number(" in position ", i64::try_from(index).ok()?, 0);
        Some(())
    }

    /// `Command 'a' returned non-zero exit status 1.`, `Command 'a' died with <Signals.SIGTERM: 15>.`
    fn str_called_process_error(&mut self, made: &Made<'a>) -> Option<()> {
        // Python 2 has them as attributes only.
        let part = |place, name| made.nth(place).or_else(|| made.attribute(name));
        let (code, command) = (part(0, "returncode")?, part(1, "cmd")?);
        let signal = Value::int(code.as_i64()?.checked_neg()?);
        if signal.as_i64() <= Some(0) {
            self.plan_format("Command '%S' returned non-zero exit status %S.", &[command, code]);
            return Some(());
        }
        self.out.writer.charge(UNITS_OF_MEMBERS);
        let [module, name] = ["signal", "Signals"].map(Text::from);
        match Member::of(Global { module, name }, signal).and_then(|member| member.exact()) {
            Some((_, name)) => {
                let name = Value::text(Text::from(name));
                self.plan_format("Command '%S' died with <Signals.%S: %S>.", &[command, name, signal]);
            }
            None => self.plan_format("Command '%S' died with unknown signal %S.", &[command, signal]),
        }
        Some(())
    }
}

/// True for `OSError` and the classes below it in the standard library, and for whatever class is named `…OSError`.
pub(super) fn is_os_error(class: Global<'_>) -> bool {
    if class.module != *"builtins" {
        // Such as `aiohttp.ClientOSError`.
        let name = names::text_of(class.name);
        return name.ends_with("OSError")
            || name.ends_with("IOError")
            || matches!(names::text_of(class.module), "requests.exceptions" | "ssl")
            || catalogue::entry(class, b"o").is_some();
    }
    class.name == *"OSError" || os_errors().any(|(other, _)| class.name == *other)
}

/// The file that an `OSError` names, which is then no longer among its `args`; a number is that only to a `BlockingIOError`.
pub(super) fn filename<'a>(made: &Made<'a>) -> Option<Value<'a>> {
    let name = made.nth(2).filter(|_| made.args.take(6).count() < 6)?;
    let is_blocking = || name_in_python_3(made) == *"BlockingIOError";
    Some(name).filter(|name| is_os_error(made.class) && !name.is_none() && (name.as_i64().is_none() || !is_blocking()))
}

/// The name of an exception's class: of an `OSError`, which is what older protocols and Python 2 call those below it, that of the class
/// which its `errno` makes it.
pub(crate) fn name_in_python_3<'a>(made: &Made<'a>) -> Text<'a> {
    let name = made.class.is("builtins", "OSError").then(|| os_error_of(made.args)).flatten();
    name.map_or(made.class.name, Text::from)
}

/// The same, without what it is nested in: as `repr()` shows it.
pub(crate) fn shown_name<'a>(made: &Made<'a>) -> Text<'a> {
    names::last_part(name_in_python_3(made))
}

/// The class that `OSError(errno, strerror)` really makes.
fn os_error_of(args: Items<'_>) -> Option<&'static str> {
    let count = args.take(6).count();
    let errno = { args }.next().filter(|_| (2..=5).contains(&count))?.as_i64()?;
    let is_for = |numbers: &str| numbers.split(',').any(|number| digits::parse(number) == Some(errno));
    os_errors().find(|(_, numbers)| is_for(numbers)).map(|(name, _)| name)
}

fn os_errors() -> impl Iterator<Item = (&'static str, &'static str)> {
    OS_ERRORS.split(' ').filter_map(|class| class.split_once('='))
}

/// What `json.JSONDecodeError(message, document, position)` makes its message of; that of `requests` and of `simplejson` too.
fn json_message(made: &Made<'_>) -> Option<String> {
    if made.class.name != *"JSONDecodeError" {
        return None;
    }
    // That of simplejson has an end too.
    let [message, document, position] = [made.first()?, made.nth(1)?, made.nth(2)?];
    let meter = message.meter();
    let (message, document) = (message.as_text()?, document.as_text()?);
    let position = usize::try_from(position.as_i64()?).ok()?;
    let read = position.min(document.as_bytes().len()).saturating_add(message.as_bytes().len());
    meter.charge(read / CODE_POINTS_A_UNIT).then_some(())?;
    let before = document.prefix(position);
    let (line, column) = before.code_points().fold((1_usize, 1_usize), |(line, column), code_point| match code_point {
        0x0a => (line.saturating_add(1), 1),
        _ => (line, column.saturating_add(1)),
    });
    Some(format!("{}: line {line} column {column} (char {position})", message.as_str()?))
}

/// So many code points are passed over in the time of a unit.
const CODE_POINTS_A_UNIT: usize = 2;

/// A SyntaxError's, with a file and a line, or without.
const SYNTAX_ERROR: &str = "{0} ({1.0!file}, line {1.1!int}){}{0} (line {1.1!int}){}{0} ({1.0!file}){}{0}";

/// So many of pydantic's errors are shown.
const MAX_ERRORS: usize = 32;

/// One of the errors of pydantic's, or what else is in its place.
const VALIDATION_ERROR: &str = "{~|loc!.|}{~}  {msg!text} [type={type!text}, input_value={input!short}, \
    input_type={input!class}]{~    For further information visit |url|}{}{~}{!r}";

/// The classes below `OSError`, and the `errno` of Linux that each stands for.
const OS_ERRORS: &str = "BlockingIOError=11,114,115 BrokenPipeError=32,108 ChildProcessError=10 \
    ConnectionAbortedError=103 ConnectionError= ConnectionRefusedError=111 ConnectionResetError=104 FileExistsError=17 \
    FileNotFoundError=2 InterruptedError=4 IsADirectoryError=21 NotADirectoryError=20 PermissionError=1,13 \
    ProcessLookupError=3 TimeoutError=110";
