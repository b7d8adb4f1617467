//! Words for a missing value.

/// In lower case: what is written for nothing by hand, by R, by SQL, and by all that pandas reads as missing.
const WORDS: [&str; 18] = [
    "", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a", "#n/a n/a", "#na", "<na>", "-nan", "nil", "nat", "--",
    "1.#ind", "1.#qnan",
];

/// Whether a text, without the spaces around it, means a missing value in a column of numbers: empty, `NA`, `N/A`, `nan`,
/// `null`, `None`, `-`, `?` and the like, in any case.
pub fn is_missing(text: &str) -> bool {
    let text = text.trim();
    // The longest word has eight letters, and all but pandas' `1.#IND` begin without a digit.
    let is_number = text.as_bytes().first().is_some_and(u8::is_ascii_digit) && !text.contains('#');
    text.len() <= 8 && !is_number && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
