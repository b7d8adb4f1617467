//! Texts as words that compare equal however they are spelt: ASCII in lower case, without accents, apostrophes and punctuation.

use deunicode::deunicode_with_tofu;

/// Words that people write between title and artist, or leave out.
const FILLERS: [&str; 8] = ["a", "an", "and", "by", "feat", "featuring", "ft", "the"];

/// Whether a track need not have a word of a query.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Maximum number of letters of a word; the rest is ignored, in texts and in queries.
pub(super) const MAX_LETTERS: usize = 32;

/// The words of a text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Words {
    /// Runs of letters and digits.
    pub single: Vec<String>,
    /// Words that punctuation divides, written as one: `acdc` for `AC/DC`.
    pub joined: Vec<String>,
}

/// The words of a text. Letters of other scripts are transliterated, `&` is `and`. A text of punctuation only, such as the name of the
/// band `!!!`, is its own word.
pub(super) fn words(text: &str) -> Words {
    let plain = deunicode_with_tofu(text, "").to_ascii_lowercase().replace(['\'', '`'], "").replace('&', " and ");
    let mut found = Words::default();
    let chunks = || plain.split(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
    for chunk in chunks() {
        let before = found.single.len();
        found.single.extend(chunk.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(cut));
        if found.single.len() > before + 1 {
            found.joined.push(cut(&found.single[before..].concat()));
        }
    }
    if found.single.is_empty() {
        found.single = chunks().filter(|chunk| !chunk.is_empty()).map(cut).collect();
    }
    found
}

/// Whether two words are pronounced alike, by what people confuse most in names: a doubled letter, and the ending of `Billie`, `Billy`
/// and `Billey`.
pub(super) fn sound_alike(one: &str, other: &str) -> bool {
    sounds(one).eq(sounds(other))
}

/// The letters of a word, a repeated one once, its ending `ie`, `ey` or `y` as `i`.
fn sounds(word: &str) -> impl Iterator<Item = u8> + '_ {
    let ending = ["ie", "ey", "y"].into_iter().find(|ending| word.len() > ending.len() + 1 && word.ends_with(ending));
    let stem = ending.map_or(word, |ending| &word[..word.len() - ending.len()]).as_bytes();
    let repeated = |index: usize| index > 0 && stem[index] == stem[index - 1];
    let letters = (0..stem.len()).filter(move |&index| !repeated(index)).map(|index| stem[index]);
    letters.chain(ending.map(|_| b'i'))
}

fn cut(word: &str) -> String {
    // Every character is one byte, since the text is ASCII.
    word.chars().take(MAX_LETTERS).collect()
}

/// Number of bytes of the name of a title, without what follows of its version: `Help!` of `Help! - Remastered 2009`.
pub(super) fn name_len(title: &str) -> usize {
    let ends = [" - ", " (", " [", " / "].into_iter().filter_map(|mark| title.find(mark));
    ends.filter(|&end| end > 0).min().unwrap_or(title.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(text: &str) -> Vec<String> {
        words(text).single
    }

    #[test]
    fn spellings_of_a_word_are_one() {
        for (one, other) in [
            ("Björk", "bjork"),
            ("Bjo\u{308}rk", "bjork"),
            ("Sigur Rós", "SIGUR ROS"),
            ("Mø", "mo"),
            ("Straße", "strasse"),
            ("Łąki Łan", "laki lan"),
            ("Don’t", "dont"),
            ("Rock 'n' Roll", "rock n roll"),
            ("Simon & Garfunkel", "simon and garfunkel"),
            ("Кино", "kino"),
        ] {
            assert_eq!(single(one), single(other), "{one}");
        }
        assert_eq!(words("AC/DC R.E.M.").joined, ["acdc", "rem"]);
        assert_eq!(single("AC/DC"), ["ac", "dc"]);
    }

    #[test]
    fn every_text_has_words_or_none() {
        assert_eq!(single("!!!"), ["!!!"]);
        assert_eq!(single("- Help! -"), ["help"]);
        for empty in ["", " ", "\u{0}\u{7}\n\t", "''", "\u{301}", "\u{200b}\u{feff}"] {
            assert_eq!(words(empty), Words::default(), "{empty:?}");
        }
        assert_eq!(single("a\u{0}b\u{200b}c"), ["a", "b", "c"]);
        assert!(single(&"x".repeat(10_000)).iter().all(|word| word.len() == MAX_LETTERS));
    }

    #[test]
    fn words_that_sound_alike_are_recognised() {
        for (one, other) in [("billie", "billy"), ("bily", "billie"), ("charley", "charlie"), ("beatles", "beattles")] {
            assert!(sound_alike(one, other), "{one}, {other}");
        }
        for (one, other) in [("billie", "willie"), ("jean", "juan"), ("y", "ie"), ("my", "mi"), ("bill", "billy")] {
            assert!(!sound_alike(one, other), "{one}, {other}");
        }
    }

    #[test]
    fn the_version_of_a_title_is_not_its_name() {
        for title in ["Help!", "Help! - Remastered 2009", "Help! (Live)", "Help! [Mono]", "Help! (Live) - Mono"] {
            assert_eq!(&title[..name_len(title)], "Help!");
        }
        assert_eq!(name_len(" (I Can't Get No) Satisfaction"), 30);
    }
}
