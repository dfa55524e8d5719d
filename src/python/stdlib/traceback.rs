//! What `traceback.print_exception` prints of an `exc_info` that was sent as it was.
//!
//! In: the exception, and its traceback: None, as pickle takes no traceback, or one that tblib has made picklable. Out: file, line and
//! function of each entry, without the source lines, which are the sender's; then the exception's class, its message and its notes. Facts: CPython's `Lib/traceback.py`, tblib's `pickling_support.py`.

use super::classes::{Class, classify};
use super::made::{Made, attribute};
use super::{exceptions, names};
use crate::base::text::TextWriter;
use crate::decode::{Kind, Value};
use crate::python::repr::Printer;

/// Writes an `exc_info`'s exception, after its traceback.
pub(crate) fn print_exception(exception: Value<'_>, traceback: Value<'_>, out: &mut TextWriter<'_>) {
    if let Some(entry) = Entry::of(traceback) {
        out.push_str("Traceback (most recent call last):\n");
        let mut entry = Some(entry);
        // A chain could be a ring; each entry leaves a line behind, and the writer has an end.
        while let Some(this) = entry.filter(|_| traceback.meter().charge(UNITS_AN_ENTRY) && !out.is_cut()) {
            this.write(out);
            entry = Entry::of(this.next);
        }
    }
    let Kind::Object(object) = exception.kind() else { return out.push_str("NoneType: None") };
    if let Some(made) = Made::of(&object) {
        if made.class.module != *"builtins" && made.class.module != *"__main__" {
            out.push(made.class.module);
            out.push_str(".");
        }
        out.push(exceptions::name_in_python_3(made.class, made.args));
    }
    let before = out.position();
    out.push_str(": ");
    let after = out.position();
    crate::python::str_of_exception(exception, out);
    if out.since(after).is_empty() {
        out.truncate(before);
    }
    let Some(Kind::List(notes)) = attribute(object.state(), "__notes__").map(Value::kind) else { return };
    for note in notes.take_while(|note| note.meter().charge(UNITS_AN_ENTRY)) {
        out.push_str("\n");
        crate::python::str(note, out);
    }
}

impl<'a> Printer<'a, '_, '_> {
    /// Plans `str()` of what is an exception, whatever its class looks like.
    pub(in crate::python) fn str_of_exception(&mut self, exception: Value<'a>) {
        let Kind::Object(object) = exception.kind() else { return self.str(exception) };
        let class = match (classify(&object), Made::of(&object)) {
            (class, Some(Made { class: name, args, .. })) if !class.is_standard() => {
                Class::Exception { class: name, args, state: object.state() }
            }
            (class, _) => class,
        };
        self.object(class, true);
    }
}

fn state_of(value: Value<'_>) -> Option<Value<'_>> {
    let Kind::Object(object) = value.kind() else { return None };
    Some(object.state())
}

/// An entry of a traceback.
struct Entry<'a> {
    /// The attributes of the code object.
    code: Value<'a>,
    line: Value<'a>,
    next: Value<'a>,
}

impl<'a> Entry<'a> {
    /// `unpickle_traceback(frame, line, next)`, or a `tblib.Traceback`.
    fn of(traceback: Value<'a>) -> Option<Entry<'a>> {
        let Kind::Object(object) = traceback.kind() else { return None };
        let made = Made::of(&object)?;
        let state = object.state();
        let (frame, line, next) = match names::text_of(made.class.name) {
            "unpickle_traceback" => {
                let [frame, line, next] = made.exactly()?;
                (frame, line, next)
            }
            "Traceback" => {
                // Nothing follows the last one.
                let next = attribute(state, "tb_next").unwrap_or(Value::none());
                (attribute(state, "tb_frame")?, attribute(state, "tb_lineno")?, next)
            }
            _ => return None,
        };
        let code = attribute(state_of(frame)?, "f_code")?;
        Some(Entry { code: state_of(code)?, line, next })
    }

    fn write(&self, out: &mut TextWriter<'_>) {
        let part = |name| attribute(self.code, name).unwrap_or(Value::none());
        out.push_str("  File \"");
        crate::python::str(part("co_filename"), out);
        out.push_str("\", line ");
        crate::python::str(self.line, out);
        out.push_str(", in ");
        crate::python::str(part("co_name"), out);
        out.push_str("\n");
    }
}

/// What it costs to find an entry's parts, in units of a meter.
const UNITS_AN_ENTRY: usize = 40;
