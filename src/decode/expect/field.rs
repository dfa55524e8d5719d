//! The attributes that every record has, by name: [`Field`].
//!
//! Facts: `LogRecord.__init__` in CPython's `Lib/logging/__init__.py`.

/// The attributes that `LogRecord.__init__` sets: every record has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// `args`
    Args,
    /// `created`
    Created,
    /// `exc_info`
    ExcInfo,
    /// `exc_text`
    ExcText,
    /// `filename`
    FileName,
    /// `funcName`
    FuncName,
    /// `levelname`
    LevelName,
    /// `levelno`
    LevelNo,
    /// `lineno`
    LineNo,
    /// `module`
    Module,
    /// `msecs`
    Msecs,
    /// `msg`
    Msg,
    /// `name`
    Name,
    /// `pathname`
    PathName,
    /// `process`
    Process,
    /// `processName`
    ProcessName,
    /// `relativeCreated`
    RelativeCreated,
    /// `stack_info`
    StackInfo,
    /// `taskName`
    TaskName,
    /// `thread`
    Thread,
    /// `threadName`
    ThreadName,
}

impl Field {
    /// How many there are.
    pub(crate) const COUNT: usize = 21;

    /// The field of this name. Asked for every key that is not where it was in the last record, hence by length first.
    #[inline(never)]
    pub fn named(name: &[u8]) -> Option<Field> {
        let field = match name.len() {
            3 if name == b"msg" => Field::Msg,
            4 if name == b"name" => Field::Name,
            4 if name == b"args" => Field::Args,
            5 if name == b"msecs" => Field::Msecs,
            6 if name == b"lineno" => Field::LineNo,
            6 if name == b"module" => Field::Module,
            6 if name == b"thread" => Field::Thread,
            7 if name == b"levelno" => Field::LevelNo,
            7 if name == b"created" => Field::Created,
            7 if name == b"process" => Field::Process,
            8 if name == b"pathname" => Field::PathName,
            8 if name == b"filename" => Field::FileName,
            8 if name == b"exc_info" => Field::ExcInfo,
            8 if name == b"exc_text" => Field::ExcText,
            8 if name == b"funcName" => Field::FuncName,
            8 if name == b"taskName" => Field::TaskName,
            9 if name == b"levelname" => Field::LevelName,
            10 if name == b"stack_info" => Field::StackInfo,
            10 if name == b"threadName" => Field::ThreadName,
            11 if name == b"processName" => Field::ProcessName,
            15 if name == b"relativeCreated" => Field::RelativeCreated,
            _ => return None,
        };
        Some(field)
    }

    /// True for those that are numbers in every record that Python's `logging` makes.
    #[cfg(feature = "relay")]
    pub(crate) const fn is_number(self) -> bool {
        use Field::{Created, LevelNo, LineNo, Msecs, Process, RelativeCreated, Thread};
        matches!(self, Created | LevelNo | LineNo | Msecs | Process | RelativeCreated | Thread)
    }

    #[inline]
    #[allow(clippy::as_conversions, reason = "the discriminant of a fieldless enum")]
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        let names = "args created exc_info exc_text filename funcName levelname levelno lineno module msecs msg name \
                     pathname process processName relativeCreated stack_info taskName thread threadName";
        let indices: Vec<_> =
            names.split_whitespace().map(|name| Field::named(name.as_bytes()).unwrap().index()).collect();
        assert_eq!(indices, (0..Field::COUNT).collect::<Vec<_>>());
    }
}
