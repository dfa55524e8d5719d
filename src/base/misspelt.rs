//! The word that was meant: [`nearest`].
//!
//! In: a word that is unknown, and those that are known. Out: the one that is spelt most alike, if that is alike enough.

/// The known word of which at most every fourth letter was misspelt; capitals are no mistake.
pub fn nearest<'k>(unknown: &str, known: &mut dyn Iterator<Item = &'k str>) -> Option<&'k str> {
    let is_near = |edits: usize, word: &str| edits.saturating_mul(LETTERS_AN_EDIT) <= word.len();
    let mut found = None;
    for word in known.filter(|word| is_near(word.len().abs_diff(unknown.len()), word)) {
        let candidate = (edit_distance(unknown, word), word);
        if found.is_none_or(|nearest| candidate < nearest) {
            found = Some(candidate);
        }
    }
    found.filter(|(distance, word)| is_near(*distance, word)).map(|(_, word)| word)
}

/// Levenshtein's distance, by its textbook recurrence, a row at a time.
fn edit_distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line.saturating_add(1);
        for (right, above) in to.chars().zip(row.iter_mut().skip(1)) {
            let changed = diagonal.saturating_add(usize::from(!left.eq_ignore_ascii_case(&right)));
            diagonal = *above;
            before = changed.min(before.saturating_add(1)).min(above.saturating_add(1));
            *above = before;
        }
        if let Some(first) = row.first_mut() {
            *first = line.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// So many letters of a word for each edit that a misspelt one is away from it.
const LETTERS_AN_EDIT: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_words_is_the_number_of_edits() {
        for (from, to, distance) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("Ab", "aB", 0)]
        {
            assert_eq!(edit_distance(from, to), distance, "{from} {to}");
        }
    }
}
