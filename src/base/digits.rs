//! Whole numbers in text: [`parse`] and [`unsigned`].
//!
//! In: a text. Out: the number, as the caller wants it. Refused: what is no number, and what the caller's type does not hold. Rust's own
//! parsing is put wherever it is called, 200 to 300 bytes each time: here is one copy for all.

/// A number of at most 64 bits, perhaps with a sign.
pub fn parse<T: TryFrom<i64>>(text: &str) -> Option<T> {
    T::try_from(integer(text)?).ok()
}

/// The same, of digits only.
pub fn unsigned<T: TryFrom<i64>>(text: &str) -> Option<T> {
    parse(text).filter(|_| !text.starts_with(['+', '-']))
}

#[inline(never)]
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_that_their_type_holds() {
        for (text, number) in
            [("0", Some(0)), ("255", Some(255)), ("256", None), ("+7", Some(7)), ("-1", None), ("", None), ("1x", None)]
        {
            assert_eq!(parse::<u8>(text), number, "{text:?}");
            assert_eq!(unsigned::<u8>(text), number.filter(|_| text != "+7"), "{text:?}");
        }
        assert_eq!(parse("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse::<i64>("9223372036854775808"), None);
    }
}
