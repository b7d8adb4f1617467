//! Which tracks have all words of a query, and how well they match.

use std::cmp::Reverse;

use super::index::TrackLetters;
use super::vocabulary::{Part, Vocabulary, WordMatch, ERROR_COST};
use super::words::is_filler;
use hitflop_core::track::Label;

/// Maximum number of words of a query; further ones are ignored.
pub(super) const MAX_WORDS: usize = 10;
/// Cost of a filler that a track does not have.
const ABSENT_COST: u16 = 1;
/// No match.
const NONE: u32 = u32::MAX;

/// How well a track matches so far.
#[derive(Clone, Copy, Debug, Default)]
struct TrackMatch {
    /// Number of required words that match.
    required: u16,
    cost: u16,
    /// Letters of the words of the name and of the artist that match.
    name: u16,
    artist: u16,
}

/// Order of two matches: the better is less.
pub(super) type Rank = (u16, Reverse<u8>, bool, u32, u32);

/// The tracks that have all words of a query, each with its rank, in no order. `query` has the words of the vocabulary that each word
/// matches.
pub(super) fn ranked(
    all: &Vocabulary,
    letters: &[TrackLetters],
    labels: &[Label],
    query: &[(String, Vec<WordMatch>)],
) -> Vec<Rank> {
    let has_required = !query.iter().all(|(word, _)| is_filler(word));
    // The best match of a word in each track: cost, part and letters.
    let mut best = vec![NONE; labels.len()];
    let mut tracks = vec![TrackMatch::default(); labels.len()];
    let mut required = 0;
    for (word, matches) in query {
        let needed = !(has_required && is_filler(word));
        best.fill(NONE);
        matches.iter().for_each(|found| note(all, *found, &mut best));
        note_divided(all, word, &mut best);
        for (track, &found) in tracks.iter_mut().zip(&best).filter(|(track, _)| track.required == required) {
            track.add(found, needed);
        }
        required += u16::from(needed);
    }
    let with_all = tracks.iter().enumerate().filter(|(_, track)| required > 0 && track.required == required);
    with_all.map(|(index, track)| track.rank(index, letters[index], labels[index])).collect()
}

fn packed(cost: u16, part: Part, letters: usize) -> u32 {
    // A word has at most 32 letters, and two words twice as many.
    u32::from(cost) << 16 | (part as u32) << 8 | letters as u32
}

fn note(all: &Vocabulary, found: WordMatch, best: &mut [u32]) {
    for posting in all.postings(found.word) {
        let place = &mut best[posting.track()];
        *place = (*place).min(packed(found.cost, posting.part(), found.letters));
    }
}

/// Matches of a word that should have been two: `maroon5`.
fn note_divided(all: &Vocabulary, word: &str, best: &mut [u32]) {
    for (first, second) in (1..word.len()).filter(|&at| word.is_char_boundary(at)).map(|at| word.split_at(at)) {
        let Some((one, other)) = all.find(first).zip(all.find(second)) else { continue };
        let (mut ones, mut others) = (all.postings(one).iter().peekable(), all.postings(other).iter().peekable());
        // Both ascend by track.
        while let (Some(one), Some(other)) = (ones.peek(), others.peek()) {
            match one.track().cmp(&other.track()) {
                std::cmp::Ordering::Less => drop(ones.next()),
                std::cmp::Ordering::Greater => drop(others.next()),
                std::cmp::Ordering::Equal => {
                    if one.part() == other.part() {
                        let place = &mut best[one.track()];
                        *place = (*place).min(packed(ERROR_COST, one.part(), word.len()));
                    }
                    match one.part() < other.part() {
                        true => drop(ones.next()),
                        false => drop(others.next()),
                    }
                }
            }
        }
    }
}

impl TrackMatch {
    /// Adds the best match of a word.
    fn add(&mut self, found: u32, needed: bool) {
        if found == NONE {
            self.cost += u16::from(!needed) * ABSENT_COST;
            return;
        }
        self.required += u16::from(needed);
        self.cost += (found >> 16) as u16;
        let letters = (found & 0xff) as u16;
        match found >> 8 & 0xff {
            part if part == Part::Name as u32 => self.name += letters,
            part if part == Part::Artist as u32 => self.artist += letters,
            _ => {}
        }
    }

    /// The fewest typing errors first, then the most of name and artist that the query has as a whole, then hits, which are looked
    /// for more often, then the fewest other letters, then the order of the tracks.
    fn rank(self, index: usize, letters: TrackLetters, label: Label) -> Rank {
        let rest = |all: u16, matched: u16| all.saturating_sub(matched);
        let (name, artist) = (rest(letters.name, self.name), rest(letters.artist, self.artist));
        let whole = u8::from(self.name > 0 && name == 0) + u8::from(self.artist > 0 && artist == 0);
        let others = u32::from(name) + u32::from(artist);
        (self.cost, Reverse(whole), label == Label::Flop, others, index as u32)
    }
}
