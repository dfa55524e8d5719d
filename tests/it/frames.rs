//! Frames made by hand, of the opcodes that CPython's protocol 1 uses.
//!
//! In: keys, and values as pickled bytes. Out: frames, with their length prefix.

/// Adds the length prefix.
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    [&length.to_be_bytes(), payload].concat()
}

/// A good record of this message.
pub fn record(message: &str) -> Vec<u8> {
    framed(&dict(&[("msg", text(message))]))
}

/// A good record with one attribute more, or other than usual, pickled already.
pub fn record_with(key: &str, value: Vec<u8>) -> Vec<u8> {
    framed(&dict(&[(key, value)]))
}

/// The pickle of a whole record, in which these attributes replace the usual ones.
pub fn dict(attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let usual = [
        ("name", text("app.db")),
        ("msg", text("hi")),
        ("args", b"N".to_vec()),
        ("levelname", text("INFO")),
        ("levelno", integer(20)),
        ("pathname", text("/srv/app/db.py")),
        ("filename", text("db.py")),
        ("module", text("db")),
        ("exc_info", b"N".to_vec()),
        ("exc_text", b"N".to_vec()),
        ("stack_info", b"N".to_vec()),
        ("lineno", integer(118)),
        ("funcName", text("commit")),
        ("created", float(1_710_674_098.968)),
        ("msecs", float(968.0)),
        ("relativeCreated", float(61.25)),
        ("thread", integer(1)),
        ("threadName", text("MainThread")),
        ("processName", text("MainProcess")),
        ("process", integer(4711)),
    ];
    let replaced = |name: &str| attributes.iter().any(|(key, _)| *key == name);
    let kept = usual.iter().filter(|(name, _)| !replaced(name));
    let mut pickle = b"}(".to_vec();
    for (name, value) in kept.chain(attributes) {
        pickle.extend(text(name));
        pickle.extend_from_slice(value);
    }
    pickle.extend_from_slice(b"u.");
    pickle
}

/// BINUNICODE
pub fn text(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [b"X", &length.to_le_bytes()[..], text.as_bytes()].concat()
}

/// BININT
pub fn integer(value: i32) -> Vec<u8> {
    [b"J", &value.to_le_bytes()[..]].concat()
}

/// BINFLOAT
pub fn float(value: f64) -> Vec<u8> {
    [b"G", &value.to_be_bytes()[..]].concat()
}
