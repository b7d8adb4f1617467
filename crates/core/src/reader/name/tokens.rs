//! A column's name as words.

use crate::reader::value::Unit;

/// Words of a name in lower case, and the unit that it states.
pub(super) struct NameWords {
    /// Without the unit.
    pub words: Vec<String>,
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
    let unit = take_unit(&mut words);
    NameWords { words, unit }
}

/// The unit that the last words state, which are taken away: `danceability_%`, `Loudness..dB..`, `duration_in_seconds`,
/// `Length (min:s)`. A name of a unit only is left as it is.
fn take_unit(words: &mut Vec<String>) -> Option<Unit> {
    let mut unit = None;
    while words.len() > 1 {
        let last = words.len() - 1;
        // Camel case splits `dB`.
        let both = if last > 1 { Unit::of_word(&words[last - 1..].concat()) } else { None };
        let (found, taken) = match Unit::of_word(&words[last]) {
            Some(_) if both == Some(Unit::MinutesSeconds) => (both, 2),
            None if both.is_some() => (both, 2),
            found => (found, 1),
        };
        let Some(found) = found else { break };
        unit = unit.or(Some(found));
        words.truncate(words.len() - taken);
        if words.len() > 1 && words.last().is_some_and(|word| word == "in") {
            words.pop();
        }
    }
    unit
}
