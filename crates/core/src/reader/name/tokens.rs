//! A column's name as words.

use crate::reader::value::Unit;

/// Words of a name in lower case, and the unit that it states.
pub(super) struct NameWords {
    /// All of them.
    pub all: Vec<String>,
    /// Number of those before the unit.
    pub before_unit: usize,
    pub unit: Option<Unit>,
}

/// Splits a name at everything that is no letter or digit and where camel case begins a word; `%` is a word.
pub(super) fn words(name: &str) -> NameWords {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for letter in name.chars() {
        let begins = !last.is_alphanumeric() || (letter.is_uppercase() && last.is_lowercase());
        if letter == '%' {
            words.push("%".to_owned());
        } else if letter.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        }
        last = letter;
    }
    let (before_unit, unit) = unit_behind(&words);
    NameWords { all: words, before_unit, unit }
}

/// The unit that the last words state, and the number of words before it: `danceability_%`, `Loudness..dB..`,
/// `duration_in_seconds`, `Length (min:s)`. A name of a unit only has none.
fn unit_behind(words: &[String]) -> (usize, Option<Unit>) {
    let Some((last, rest)) = words.split_last() else { return (0, None) };
    let before = rest.last().map_or("", String::as_str);
    let (unit, taken) = match Unit::of_word(last) {
        Some(Unit::Seconds) if ["m", "mm", "min"].contains(&before) => (Some(Unit::MinutesSeconds), 2),
        Some(unit) => (Some(unit), 1),
        None if last == "ss" && ["m", "mm", "min"].contains(&before) => (Some(Unit::MinutesSeconds), 2),
        // Camel case splits `dB`.
        None if last == "b" && before == "d" => (Some(Unit::Decibels), 2),
        None => (None, 0),
    };
    let left = words.len() - taken;
    match left {
        0 => (words.len(), None),
        left if left > 1 && taken > 0 && words[left - 1] == "in" => (left - 1, unit),
        left => (left, unit),
    }
}
