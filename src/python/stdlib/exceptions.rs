//! `str()` and `repr()` of exceptions.
//!
//! In: the class and the arguments of an exception. Out: the message, or `ValueError('message')`. The builtin exceptions
//! that compose their message of their arguments do so here, as do the standard library's most common ones. Facts: the
//! `…_str` functions in CPython's `Objects/exceptions.c`.

use super::catalogue::{self, Module, UNITS_OF_LOOK_UP};
use super::enums::{Member, UNITS_OF_MEMBERS};
use super::made::Made;
use crate::base::digits;
use crate::python::repr::Printer;
use crate::python::stdlib::names;
use crate::python::string;

use crate::base::text::Text;
use crate::decode::{Global, Items, Kind, Value};
use std::fmt::Write;

/// True for the standard library's exceptions, and outside of it for what is named as exceptions are, or in a module that is: of
/// 2,266 classes of exceptions in packages that takes 99 in 100, and of 15,151 others 20.
pub(in crate::python) fn is_exception(class: Global<'_>) -> bool {
    // A long name is of none that is known here, and need not be searched for its last dot.
    let name = names::last_part(Text::from(names::text_of(class.name)));
    let mut endings = ["Error", "Exception", "ExceptionGroup", "Warning"].iter();
    let is_named =
        endings.any(|ending| class.name.as_bytes().ends_with(ending.as_bytes())) || names::is_error(name.as_bytes());
    match Module::named(class.module) {
        Some(module) => module.entry(b"xnkoqy", class.name).map_or(is_named, |(letter, _)| letter != b'n'),
        None => {
            let module = names::text_of(class.module);
            is_named
                || (module.contains("exception") || module.contains("error") || module.ends_with("exc"))
                    && !names::is_function(class)
                || Module::any(class.module).is_some_and(|module| module.entry(b"x", class.name).is_some())
        }
    }
}

/// True for what has a name that hardly anything else has, and is made as an exception too: by a call of its class.
pub(super) fn looks_like_one(made: &Made<'_>) -> bool {
    let name = names::text_of(made.class.name);
    !made.is_instance && ENDINGS.split(' ').any(|ending| name.ends_with(ending))
}

impl<'a> Printer<'a, '_, '_> {
    /// Plans `repr()`: the class's name, the arguments in parentheses.
    pub(in crate::python) fn repr_exception(&mut self, class: Global<'a>, args: Items<'a>, state: Value<'a>) {
        self.out.writer.charge(UNITS_OF_LOOK_UP);
        let template = catalogue::template(class, b"R").and_then(|template| self.template(template, args, state));
        if template.is_some() {
            return;
        }
        self.out.push(shown_name(class, args));
        if let Some(message) = catalogue::template(class, b"M").and_then(|made| self.aside(made, args, state)) {
            self.out.push_str("(");
            string::repr(Text::known_valid(&message), &mut self.out);
            return self.out.push_str(")");
        }
        if let Some(message) = json_message(class, args) {
            self.out.push_str("(");
            string::repr(Text::from(message.as_str()), &mut self.out);
            return self.out.push_str(")");
        }
        match take(args) {
            ([Some(errno), Some(strerror), ..], false) if filename(class, args).is_some() => {
                self.plan_format("(%R, %R)", &[errno, strerror]);
            }
            _ => self.sequence("(", args, ")"),
        }
    }

    /// Plans `str()`: the message.
    pub(in crate::python) fn str_exception(&mut self, class: Global<'a>, args: Items<'a>, state: Value<'a>) {
        if let Some(message) = json_message(class, args) {
            return self.out.push_str(&message);
        }
        let composed = match names::text_of(class.module) {
            "builtins" => self.str_builtin_exception(class, args),
            "subprocess" if class.name == *"CalledProcessError" => self.str_called_process_error(args),
            _ => self.str_library_exception(class, args, state),
        };
        if composed.is_some() {
            return;
        }
        match take(args) {
            ([None, ..], _) => {}
            ([Some(only), None, ..], _) => self.plan_format("%S", &[only]),
            _ => self.sequence("(", args, ")"),
        }
    }

    /// The text of one that composes it in a way of its own, or as a builtin does.
    fn str_library_exception(&mut self, class: Global<'a>, args: Items<'a>, state: Value<'a>) -> Option<()> {
        self.out.writer.charge(UNITS_OF_LOOK_UP);
        if class.module == *"ssl" {
            // `SSLError`, and those below it: the message, or else the arguments, be it only one.
            let ([_, message, ..], _) = take(args);
            match message.filter(|message| message.as_text().is_some()) {
                Some(message) => self.plan_format("%S", &[message]),
                None => {
                    self.sequence("(", args, if args.clone().nth(1).is_none() && !args.is_empty() { ",)" } else { ")" })
                }
            }
            return Some(());
        }
        let builtin = |name| Global { module: Text::from("builtins"), name: Text::from(name) };
        if let Some(template) = catalogue::template(class, b"MSR") {
            return self.template(template, args, state);
        }
        let like = match catalogue::entry(class, b"koqy") {
            Some((b'q', _)) => {
                self.repr_exception(class, args, state);
                return Some(());
            }
            Some((b'k', _)) => "KeyError",
            Some((b'y', _)) => "SyntaxError",
            _ if is_os_error(class) => "OSError",
            _ => return None,
        };
        self.str_builtin_exception(builtin(like), args)
    }

    fn str_builtin_exception(&mut self, class: Global<'a>, args: Items<'a>) -> Option<()> {
        let ([first, second, third, fourth, fifth], is_longer) = take(args);
        match names::text_of(class.name) {
            "KeyError" if second.is_none() => self.plan_format("%R", &[first?]),
            "IndentationError" | "SyntaxError" | "TabError" => match (first, second) {
                (None, _) => self.out.push_str("None"),
                (Some(message), None) => self.plan_format("%S", &[message]),
                (Some(message), Some(details)) => {
                    if third.is_some() || self.str_syntax_error(message, details).is_none() {
                        self.plan_format("%S", &[message]);
                    }
                }
            },
            "UnicodeDecodeError" | "UnicodeEncodeError" if !is_longer => {
                self.str_unicode_error(Some(first?), second?, third?, fourth?, fifth?)?;
            }
            "UnicodeTranslateError" if fifth.is_none() => {
                self.str_unicode_error(None, first?, second?, third?, fourth?)?;
            }
            "BaseExceptionGroup" | "ExceptionGroup" => {
                let (Kind::List(exceptions) | Kind::Tuple(exceptions)) = second?.kind() else { return None };
                let count = exceptions.len();
                let format = if count == 1 { "%S (%S sub-exception)" } else { "%S (%S sub-exceptions)" };
                self.plan_format(format, &[first?, Value::int(i64::try_from(count).unwrap_or(i64::MAX))]);
            }
            _ if is_os_error(class) && second.is_some() && !is_longer => {
                self.str_os_error(first?, second?, filename(class, args), fifth);
            }
            _ => return None,
        }
        Some(())
    }

    /// `[Errno 2] No such file or directory: 'a' -> 'b'`
    fn str_os_error(
        &mut self,
        errno: Value<'a>,
        strerror: Value<'a>,
        name: Option<Value<'a>>,
        second: Option<Value<'a>>,
    ) {
        match (name, second.filter(|name| !name.is_none())) {
            (None, _) => self.plan_format("[Errno %S] %S", &[errno, strerror]),
            (Some(name), None) => self.plan_format("[Errno %S] %S: %R", &[errno, strerror, name]),
            (Some(name), Some(second)) => {
                self.plan_format("[Errno %S] %S: %R -> %R", &[errno, strerror, name, second]);
            }
        }
    }

    /// `message (file, line 3)`
    fn str_syntax_error(&mut self, message: Value<'a>, details: Value<'a>) -> Option<()> {
        let Kind::Tuple(mut details) = details.kind() else { return None };
        let (filename, line) = (details.next()?.as_text(), details.next()?.as_i64().map(Value::int));
        let filename = filename.map(|path| Value::text(base_name(path)));
        match (filename, line) {
            (None, None) => self.plan_format("%S", &[message]),
            (Some(file), None) => self.plan_format("%S (%S)", &[message, file]),
            (None, Some(line)) => self.plan_format("%S (line %S)", &[message, line]),
            (Some(file), Some(line)) => self.plan_format("%S (%S, line %S)", &[message, file, line]),
        }
        Some(())
    }

    /// `'utf-8' codec can't decode byte 0xff in position 0: invalid start byte`
    fn str_unicode_error(
        &mut self,
        encoding: Option<Value<'a>>,
        object: Value<'a>,
        start: Value<'a>,
        end: Value<'a>,
        reason: Value<'a>,
    ) -> Option<()> {
        let (start, end) = (start.as_i64()?, end.as_i64()?);
        let (codec, verb) = match (encoding, object.kind()) {
            (None, _) => (None, "translate"),
            (Some(encoding), Kind::Bytes(_)) => (Some(encoding.as_text()?), "decode"),
            (Some(encoding), _) => (Some(encoding.as_text()?), "encode"),
        };
        if let Some(codec) = codec {
            self.out.push_str("'");
            self.out.push(codec);
            self.out.push_str("' codec ");
        }
        let _ = write!(self.out, "can't {verb} ");
        let noun = if verb == "decode" { "byte" } else { "character" };
        let last = end.saturating_sub(1);
        let single = usize::try_from(start).ok().filter(|_| start == last);
        if single.and_then(|single| self.push_offender(object, single, noun)).is_none() {
            let _ = write!(self.out, "{noun}s in position {start}-{last}: ");
        }
        self.plan_format("%S", &[reason]);
        Some(())
    }

    /// `byte 0xff in position 3: ` or `character '\u20ac' in position 3: `, if there is one.
    fn push_offender(&mut self, object: Value<'a>, index: usize, noun: &str) -> Option<()> {
        match object.kind() {
            Kind::Bytes(bytes) => _ = write!(self.out, "{noun} 0x{:02x}", bytes.get(index)?),
            Kind::Str(text) => {
                self.out.writer.charge(index.min(text.as_bytes().len()) / CODE_POINTS_A_UNIT);
                let code_point = text.code_points().nth(index)?;
                let _ = write!(self.out, "{noun} '");
                string::escape(code_point, self.out.writer);
                self.out.push_str("'");
            }
            _ => return None,
        }
        let _ = write!(self.out, " in position {index}: ");
        Some(())
    }
}

impl<'a> Printer<'a, '_, '_> {
    /// `Command 'a' returned non-zero exit status 1.`, `Command 'a' died with <Signals.SIGTERM: 15>.`
    fn str_called_process_error(&mut self, args: Items<'a>) -> Option<()> {
        let ([Some(code), Some(command), ..], _) = take(args) else { return None };
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

/// The first five arguments, and whether there are more.
fn take<'a>(mut args: Items<'a>) -> ([Option<Value<'a>>; 5], bool) {
    let first = std::array::from_fn(|_| args.next());
    (first, !args.is_empty())
}

/// What follows the last slash.
fn base_name(path: Text<'_>) -> Text<'_> {
    let bytes = path.as_bytes();
    // Cut after an ASCII byte, so still well formed.
    Text::known_valid(bytes.rsplit(|&byte| byte == b'/').next().unwrap_or(bytes))
}

/// True for `OSError` and the classes below it in the standard library, and for whatever class is named `…OSError`.
pub(super) fn is_os_error(class: Global<'_>) -> bool {
    if class.module != *"builtins" {
        // Such as `aiohttp.ClientOSError`.
        let name = names::text_of(class.name);
        return name.ends_with("OSError")
            || name.ends_with("IOError")
            || class.module == *"ssl"
            || catalogue::entry(class, b"o").is_some();
    }
    class.name == *"OSError" || os_errors().any(|(other, _)| class.name == *other)
}

/// The file that an `OSError` names, which is then no longer among its `args`; a number is that only to a `BlockingIOError`.
pub(super) fn filename<'a>(class: Global<'_>, args: Items<'a>) -> Option<Value<'a>> {
    let ([_, _, name, ..], false) = take(args) else { return None };
    let is_blocking = || name_in_python_3(class, args) == *"BlockingIOError";
    name.filter(|name| is_os_error(class) && !name.is_none() && (name.as_i64().is_none() || !is_blocking()))
}

/// The name of an exception's class: of an `OSError`, which is what older protocols and Python 2 call those below it, that of the class
/// which its `errno` makes it.
pub(crate) fn name_in_python_3<'a>(class: Global<'a>, args: Items<'_>) -> Text<'a> {
    let name = class.is("builtins", "OSError").then(|| os_error_of(args)).flatten();
    name.map_or(class.name, Text::from)
}

/// The same, without what it is nested in: as `repr()` shows it.
pub(crate) fn shown_name<'a>(class: Global<'a>, args: Items<'_>) -> Text<'a> {
    names::last_part(name_in_python_3(class, args))
}

/// The class that `OSError(errno, strerror)` really makes.
fn os_error_of(args: Items<'_>) -> Option<&'static str> {
    let ([errno, Some(_), ..], false) = take(args) else { return None };
    let errno = errno?.as_i64()?;
    let is_for = |numbers: &str| numbers.split(',').any(|number| digits::parse(number) == Some(errno));
    os_errors().find(|(_, numbers)| is_for(numbers)).map(|(name, _)| name)
}

fn os_errors() -> impl Iterator<Item = (&'static str, &'static str)> {
    OS_ERRORS.split(' ').filter_map(|class| class.split_once('='))
}

/// What `json.JSONDecodeError(message, document, position)` makes its message of; that of `requests` and of `simplejson` too.
fn json_message(class: Global<'_>, args: Items<'_>) -> Option<String> {
    let ([message, document, position, None, _], _) = take(args) else { return None };
    let meter = message?.meter();
    let (message, document) = (message?.as_text()?, document?.as_text()?);
    let position = usize::try_from(position?.as_i64()?).ok().filter(|_| class.name == *"JSONDecodeError")?;
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

/// Ends of names that exceptions have besides `Error` and the like.
const ENDINGS: &str = "404 Abort Cancelled Denied Err Exceeded Exist Exists Exit Expired Failed Failure Forbidden Interrupt \
    NotAvailable NotFound Returned TimedOut Timeout Unavailable";

/// The classes below `OSError`, and the `errno` of Linux that each stands for.
const OS_ERRORS: &str = "BlockingIOError=11,114,115 BrokenPipeError=32,108 ChildProcessError=10 \
    ConnectionAbortedError=103 ConnectionError= ConnectionRefusedError=111 ConnectionResetError=104 FileExistsError=17 \
    FileNotFoundError=2 InterruptedError=4 IsADirectoryError=21 NotADirectoryError=20 PermissionError=1,13 \
    ProcessLookupError=3 TimeoutError=110";
