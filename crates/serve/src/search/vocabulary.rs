//! The words of the known tracks, and in which tracks they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::words::sound_alike;
use hitflop_model::artifact::known_tracks::Texts;
use levenshtein_automata::{Distance, LevenshteinAutomatonBuilder, DFA};

/// Where a word is, in the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The name of the title.
    Name,
    /// What follows the name in the title: the version, guests.
    Version,
    /// The artist.
    Artist,
}

const PARTS: [Part; 3] = [Part::Name, Part::Version, Part::Artist];

/// A track and the part of it in which a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting(u32);

impl Posting {
    /// Maximum number of tracks.
    pub(super) const MAX_TRACKS: usize = (u32::MAX / 4) as usize;

    pub(super) fn new(track: u32, part: Part) -> Posting {
        Posting(track * 4 + part as u32)
    }

    pub(super) fn track(self) -> usize {
        (self.0 / 4) as usize
    }

    pub(super) fn part(self) -> Part {
        PARTS[(self.0 % 4) as usize]
    }
}

/// Words in ascending order with their postings, which ascend by track.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    words: Texts,
    /// Of each word, the end of its postings.
    ends: Vec<u32>,
    postings: Vec<Posting>,
}

/// A word of the vocabulary that a word of a query matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WordMatch {
    pub word: usize,
    /// Twice the number of typing errors, and one more for a beginning; one for a word that sounds alike.
    pub cost: u16,
    /// Number of letters of the word.
    pub letters: usize,
}

/// Cost of a typing error.
pub(super) const ERROR_COST: u16 = 2;
/// Cost of a word that is typed in part.
const BEGINNING_COST: u16 = 1;
/// Cost of a word that is written otherwise and sounds alike.
const SOUND_COST: u16 = 1;

/// Automata of words with at most one and two typing errors: an insertion, a deletion, a substitution, or two letters swapped.
static AUTOMATA: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|errors| LevenshteinAutomatonBuilder::new(errors, true)));

/// Maximum number of letters of a short word, most of which are other words with one letter changed.
pub(super) const SHORT: usize = 3;

/// Typing errors that the words of a query may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// None of up to three letters, one of up to seven, else two.
    Usual,
    /// One also of three letters, without further letters after them: for queries whose other words narrow the tracks down.
    ShortWords,
}

impl Tolerance {
    fn errors(self, word: &str) -> usize {
        match word.len() {
            SHORT if self == Tolerance::ShortWords => 1,
            0..=SHORT => 0,
            4..=7 => 1,
            _ => 2,
        }
    }
}

impl Vocabulary {
    /// # Errors
    /// The words are longer than 4 GiB together.
    pub(super) fn new(postings: BTreeMap<String, Vec<Posting>>) -> hitflop_core::error::Result<Vocabulary> {
        let words = Texts::of(postings.keys().map(String::as_str))?;
        let mut ends = Vec::with_capacity(postings.len());
        let mut all = Vec::with_capacity(postings.values().map(Vec::len).sum());
        for of_word in postings.into_values() {
            all.extend(of_word);
            ends.push(all.len() as u32);
        }
        Ok(Vocabulary { words, ends, postings: all })
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        let letters: usize = (0..self.len()).map(|word| self.words.get(word).len()).sum();
        letters + 4 * (2 * self.len() + self.postings.len())
    }

    pub(super) fn postings(&self, word: usize) -> &[Posting] {
        let start = if word == 0 { 0 } else { self.ends[word - 1] };
        &self.postings[start as usize..self.ends[word] as usize]
    }

    /// The word itself, if it is there.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let place = self.first_not_below(word);
        (place < self.len() && self.words.get(place) == word).then_some(place)
    }

    /// All words that a word of a query matches.
    pub(super) fn matches(&self, sought: &str, tolerance: Tolerance) -> Vec<WordMatch> {
        match tolerance.errors(sought) {
            0 => self.beginning_with(sought).map(|word| self.exact(word, sought)).collect(),
            errors => {
                let builder = &AUTOMATA[errors - 1];
                let (begins, is) = (builder.build_prefix_dfa(sought), builder.build_dfa(sought));
                (0..self.len()).filter_map(|word| self.similar(word, sought, &begins, &is)).collect()
            }
        }
    }

    fn exact(&self, word: usize, sought: &str) -> WordMatch {
        let letters = self.words.get(word).len();
        WordMatch { word, cost: if letters == sought.len() { 0 } else { BEGINNING_COST }, letters }
    }

    fn similar(&self, word: usize, sought: &str, begins: &DFA, is: &DFA) -> Option<WordMatch> {
        let text = self.words.get(word);
        if text != sought && sound_alike(text, sought) {
            return Some(WordMatch { word, cost: SOUND_COST, letters: text.len() });
        }
        let errors = |distance| match distance {
            Distance::Exact(errors) => Some(u16::from(errors) * ERROR_COST),
            Distance::AtLeast(_) => None,
        };
        let beginning = errors(begins.eval(text))? + BEGINNING_COST;
        let whole = errors(is.eval(text));
        if sought.len() == SHORT && whole.is_none() && !text.starts_with(sought) {
            return None;
        }
        let cost = whole.map_or(beginning, |whole| whole.min(beginning));
        Some(WordMatch { word, cost, letters: text.len() })
    }

    /// The words that begin with a text.
    fn beginning_with(&self, text: &str) -> Range<usize> {
        let start = self.first_not_below(text);
        let count = (start..self.len()).take_while(|&word| self.words.get(word).starts_with(text)).count();
        start..start + count
    }

    fn first_not_below(&self, text: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.words.get(middle) < text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &[&str]) -> Vocabulary {
        let posting = |(track, word): (usize, &&str)| (word.to_string(), vec![Posting::new(track as u32, Part::Name)]);
        Vocabulary::new(words.iter().enumerate().map(posting).collect()).expect("words")
    }

    #[test]
    fn words_match_with_few_typing_errors() {
        let all = vocabulary(&["a", "ab", "abba", "abbot", "yesterday", "yesterdays", "zoo"]);
        let found_with = |sought: &str, tolerance: Tolerance| {
            let name = |found: WordMatch| (all.words.get(found.word).to_owned(), found.cost);
            all.matches(sought, tolerance).into_iter().map(name).collect::<Vec<_>>()
        };
        let found = |sought: &str| found_with(sought, Tolerance::Usual);
        let expect =
            |costs: &[(&str, u16)]| costs.iter().map(|(word, cost)| (word.to_string(), *cost)).collect::<Vec<_>>();
        assert_eq!(found("ab"), expect(&[("ab", 0), ("abba", 1), ("abbot", 1)]));
        assert_eq!(found("abba"), expect(&[("abba", 0), ("abbot", 3)]));
        assert_eq!(found("aba"), expect(&[]), "a short word");
        assert_eq!(found("abbba"), expect(&[("abba", 1)]), "a letter doubled once more");
        assert_eq!(found("baba"), expect(&[("abba", 2)]), "two letters swapped");
        assert_eq!(found("yesterday"), expect(&[("yesterday", 0), ("yesterdays", 1)]));
        assert_eq!(found("yestrday"), expect(&[("yesterday", 2), ("yesterdays", 3)]), "a letter is missing");
        assert_eq!(found("yesserdey"), expect(&[("yesterday", 4), ("yesterdays", 5)]), "two other letters");
        assert_eq!(found("yesxxxday"), expect(&[]), "three other letters");
        assert_eq!(found("zo"), expect(&[("zoo", 1)]));
        assert_eq!(found("zq"), expect(&[]), "short words have no errors");
        let with_short = |sought: &str| found_with(sought, Tolerance::ShortWords);
        assert_eq!((found("zoe"), with_short("zoe")), (expect(&[]), expect(&[("zoo", 2)])));
        assert_eq!(with_short("abb"), expect(&[("ab", 1), ("abba", 1), ("abbot", 1)]), "no error in a beginning");
        assert_eq!(with_short("zq"), expect(&[]), "two letters have none");
        assert_eq!((all.find("abbot"), all.find("abb"), all.find("zzz"), all.find("")), (Some(3), None, None, None));
    }

    #[test]
    fn postings_are_kept_apart() {
        let all = vocabulary(&["b", "a", "c"]);
        let tracks = |word| {
            all.postings(all.find(word).expect("there")).iter().map(|posting| posting.track()).collect::<Vec<_>>()
        };
        assert_eq!(["a", "b", "c"].map(tracks), [vec![1], vec![0], vec![2]]);
        assert_eq!(PARTS.map(|part| Posting::new(Posting::MAX_TRACKS as u32, part).part()), PARTS);
    }
}
