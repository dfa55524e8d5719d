//! The option that was meant: [`nearest`].
//!
//! In: an option that is unknown, and the help text. Out: a hint at the one that is spelt most alike, or at the help.

use jackdaws::base::misspelt;

/// `; did you mean --x?`, or where all options are told.
pub fn nearest(unknown: &str, help: &str) -> String {
    let words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    match misspelt::nearest(unknown, &mut words.filter(|word| word.starts_with("--"))) {
        Some(option) => format!("; did you mean {option}?"),
        None => "; see --help".to_owned(),
    }
}
