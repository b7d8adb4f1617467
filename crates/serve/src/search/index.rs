//! The index of the known tracks: built once when a model is loaded.

use std::collections::BTreeMap;

use super::ranking::{ranked, MAX_WORDS};
use super::vocabulary::{Part, Posting, Tolerance, Vocabulary, WordMatch, ERROR_COST, SHORT};
use super::words::{is_filler, name_len, words};
use hitflop_core::error::Result;
use hitflop_core::reader::value::find_track_uri;
use hitflop_model::artifact::known_tracks::KnownTracks;

/// Letters of the words of a track, fillers left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TrackLetters {
    pub name: u16,
    pub artist: u16,
}

/// An index of known tracks, by the words of title and artist and by URI.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrackIndex {
    vocabulary: Vocabulary,
    letters: Vec<TrackLetters>,
    /// Tracks with a URI, in its order.
    by_uri: Vec<u32>,
}

/// What a search has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The URI that the query links to; none if it is words.
    pub uri: Option<String>,
    /// The best tracks, the best first.
    pub tracks: Vec<usize>,
    /// Number of all tracks that match.
    pub matches: usize,
}

impl TrackIndex {
    /// # Errors
    /// There are more tracks or words than an index can have.
    pub(crate) fn new(tracks: &KnownTracks) -> Result<TrackIndex> {
        let count = tracks.labels.len().min(Posting::MAX_TRACKS);
        let mut postings = BTreeMap::new();
        let letters = (0..count).map(|track| add(&mut postings, tracks, track)).collect();
        let mut by_uri: Vec<u32> =
            (0..count).filter(|&track| !tracks.uris.get(track).is_empty()).map(|track| track as u32).collect();
        by_uri.sort_by_key(|&track| tracks.uris.get(track as usize));
        Ok(TrackIndex { vocabulary: Vocabulary::new(postings)?, letters, by_uri })
    }

    /// Number of different words.
    pub(crate) fn words(&self) -> usize {
        self.vocabulary.len()
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.vocabulary.bytes() + size_of::<TrackLetters>() * self.letters.len() + size_of::<u32>() * self.by_uri.len()
    }

    /// The best `limit` tracks for a query: the track that it links to, or those that have all its words. `tracks` are those that the
    /// index is of.
    pub(crate) fn search(&self, tracks: &KnownTracks, query: &str, limit: usize) -> Found {
        if let Some(uri) = find_track_uri(query) {
            let all = self.of_uri(tracks, &uri);
            let found = all.iter().take(limit).map(|&track| track as usize).collect();
            return Found { uri: Some(uri), tracks: found, matches: all.len() };
        }
        let mut sought: Vec<(String, Vec<WordMatch>)> = Vec::new();
        for word in words(query).single {
            if sought.len() < MAX_WORDS && sought.iter().all(|(other, _)| *other != word) {
                let matches = self.vocabulary.matches(&word, Tolerance::Usual);
                sought.push((word, matches));
            }
        }
        let labels = &tracks.labels[..self.letters.len()];
        let mut found = ranked(&self.vocabulary, &self.letters, labels, &sought);
        if found.is_empty() && self.tolerate_short(&mut sought) {
            found = ranked(&self.vocabulary, &self.letters, labels, &sought);
        }
        // Where a track matches well, one with more typing errors is another song.
        let least = found.iter().map(|(cost, ..)| *cost).min().unwrap_or_default();
        found.retain(|(cost, ..)| *cost <= least + ERROR_COST);
        let matches = found.len();
        if matches > limit {
            found.select_nth_unstable(limit);
            found.truncate(limit);
        }
        found.sort_unstable();
        Found { uri: None, tracks: found.into_iter().map(|(.., track)| track as usize).collect(), matches }
    }

    /// Lets the short words of a query of several words have a typing error. Whether there is one.
    fn tolerate_short(&self, sought: &mut [(String, Vec<WordMatch>)]) -> bool {
        let is_several = sought.iter().filter(|(word, _)| !is_filler(word)).count() > 1;
        let short = sought.iter_mut().filter(|(word, _)| is_several && word.len() == SHORT);
        short.map(|(word, matches)| *matches = self.vocabulary.matches(word, Tolerance::ShortWords)).count() > 0
    }

    fn of_uri(&self, tracks: &KnownTracks, uri: &str) -> &[u32] {
        let of = |track: &u32| tracks.uris.get(*track as usize);
        let start = self.by_uri.partition_point(|track| of(track) < uri);
        let count = self.by_uri[start..].partition_point(|track| of(track) == uri);
        &self.by_uri[start..start + count]
    }
}

/// Adds the words of a track.
fn add(postings: &mut BTreeMap<String, Vec<Posting>>, tracks: &KnownTracks, track: usize) -> TrackLetters {
    let (title, artist) = (tracks.titles.get(track), tracks.artists.get(track));
    let (name, version) = title.split_at(name_len(title));
    let mut letters = [0; 3];
    for (part, text) in [(Part::Name, name), (Part::Version, version), (Part::Artist, artist)] {
        let found = words(text);
        let count = found.single.len();
        for (number, word) in found.single.into_iter().chain(found.joined).enumerate() {
            // A track has fewer letters than 2^16, or it is as good as one that has as many.
            let own = if number < count && !is_filler(&word) { word.len() as u16 } else { 0 };
            let of_word = postings.entry(word).or_default();
            let posting = Posting::new(track as u32, part);
            if of_word.last() != Some(&posting) {
                of_word.push(posting);
                letters[part as usize] = u16::saturating_add(letters[part as usize], own);
            }
        }
    }
    TrackLetters { name: letters[Part::Name as usize], artist: letters[Part::Artist as usize] }
}
