//! What `traceback.print_exception` prints of an `exc_info` that was sent as it was.
//!
//! In: the exception, and its traceback: None, as pickle takes no traceback, or one that tblib has made picklable. Out: file, line and
//! function of each entry, without the source lines, which are the sender's; then the exception's class, its message and its notes. Facts: CPython's `Lib/traceback.py`, tblib's `pickling_support.py`.

use super::classes::{Class, classify};
use super::exceptions;
use super::made::{Made, nth};
use crate::base::text::TextWriter;
use crate::decode::{Kind, Value};
use crate::python::repr::{Printer, Task};

/// Writes an `exc_info`'s exception, after its traceback.
pub(crate) fn print_exception(exception: Value<'_>, traceback: Value<'_>, out: &mut TextWriter<'_>) {
    let mut entry = Some(traceback);
    let mut title = "Traceback (most recent call last):\n";
    // A chain could be a ring; each entry leaves a line behind, and the writer has an end.
    while let Some(Kind::Object(object)) = entry.map(Value::kind) {
        let is_allowed = traceback.meter().charge(UNITS_AN_ENTRY) && !out.is_cut();
        let Some(made) = Made::of(&object).filter(|_| is_allowed) else { break };
        let mut printer = Printer::new(out, false);
        if printer.template(ENTRY, &made).is_none() {
            break;
        }
        printer.plan([Task::Literal(title)]);
        printer.run();
        title = "";
        entry = made.attribute("tb_next").or_else(|| nth(2, &made));
    }
    let Kind::Object(object) = exception.kind() else { return out.push_str("NoneType: None") };
    let made = Made::of(&object);
    if let Some(made) = &made {
        if made.class.module != *"builtins" && made.class.module != *"__main__" {
            out.push(made.class.module);
            out.push_str(".");
        }
        out.push(exceptions::name_in_python_3(made));
    }
    let before = out.position();
    out.push_str(": ");
    let after = out.position();
    crate::python::str_of_exception(exception, out);
    if out.since(after).is_empty() {
        out.truncate(before);
    }
    let Some(Kind::List(notes)) = made.and_then(|made| made.attribute("__notes__")).map(Value::kind) else { return };
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
            (class, Some(made)) if !class.is_standard() => Class::Exception(made),
            (class, _) => class,
        };
        self.object(class, true);
    }
}

/// An entry of a traceback: of `unpickle_traceback(frame, line, next)`, or of a `tblib.Traceback`.
const ENTRY: &str = "  File \"{tb_frame.f_code.co_filename/0.f_code.co_filename}\", line {tb_lineno/1}, in {tb_frame.f_code.co_name/0.f_code.co_name}{~}";

/// What it costs to find an entry's parts, in units of a meter.
const UNITS_AN_ENTRY: usize = 40;
