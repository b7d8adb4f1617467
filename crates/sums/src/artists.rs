//! The artists with the most tracks, and how many artists have one label only.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::nan;
use hitflop_core::track::Label;

/// Fewest tracks of an artist whose labels are compared: with fewer, one label is common by chance.
const MIN_TRACKS: u64 = 5;
/// Artists that are listed.
const LISTED: usize = 10;

/// The tracks of an artist, as it is spelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtistTracks {
    /// Name.
    pub artist: String,
    /// Number of tracks.
    pub tracks: u64,
    /// Hits among them.
    pub hits: u64,
    /// Hits as a share of them.
    pub hit_share: f64,
}

/// Artists with many tracks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtistSummary {
    /// Number of artists.
    pub artists: u64,
    /// Fewest tracks of a frequent artist.
    pub min_tracks: u64,
    /// Artists with at least so many tracks.
    pub frequent: u64,
    /// Those of them with hits only.
    pub only_hits: u64,
    /// Those of them with flops only.
    pub only_flops: u64,
    /// Both together as a share of the frequent artists; NaN without any.
    #[serde(deserialize_with = "nan::or_null")]
    pub share_of_one_label: f64,
    /// The same, expected if each track were a hit with the same probability, whoever made it; NaN without any.
    #[serde(deserialize_with = "nan::or_null")]
    pub share_by_chance: f64,
    /// Those with the most tracks; of equal numbers, in the order of their names. Empty if only a sample of the artists is known.
    pub most_tracks: Vec<ArtistTracks>,
    /// Those with the most hits; of equal numbers, in the order of their tracks. Empty if only a sample of the artists is known, or
    /// without hits.
    #[serde(default)]
    pub most_hits: Vec<ArtistTracks>,
}

impl ArtistSummary {
    /// Counts the tracks of each artist; rows without an artist are left out. None if no row has one.
    pub fn of<'a>(rows: impl Iterator<Item = (Option<&'a str>, Label)>) -> Option<ArtistSummary> {
        let mut counts: HashMap<&str, [u64; 2]> = HashMap::new();
        for (artist, label) in rows {
            if let Some(artist) = artist {
                counts.entry(artist).or_default()[label as usize] += 1;
            }
        }
        ArtistSummary::of_counts(counts.into_iter().collect())
    }

    /// The summary of artists, each with its flops and hits. None without an artist.
    pub(crate) fn of_counts(mut artists: Vec<(&str, [u64; 2])>) -> Option<ArtistSummary> {
        let tracks = |[flops, hits]: [u64; 2]| flops + hits;
        artists.sort_unstable_by(|a, b| tracks(b.1).cmp(&tracks(a.1)).then(a.0.cmp(b.0)));
        let all = artists.iter().fold([0, 0], |all, (_, [flops, hits])| [all[0] + flops, all[1] + hits]);
        let frequent = &artists[..artists.partition_point(|(_, counts)| tracks(*counts) >= MIN_TRACKS)];
        let without = |label: Label| frequent.iter().filter(|(_, counts)| counts[label as usize] == 0).count() as u64;
        let (only_hits, only_flops) = (without(Label::Flop), without(Label::Hit));
        let hit_share = all[1] as f64 / tracks(all) as f64;
        // Powers of whole numbers: an artist has less than 2³¹ tracks.
        let power = |share: f64, tracks: u64| share.powi(tracks.min(i32::MAX as u64) as i32);
        let by_chance = |(_, counts): &(&str, [u64; 2])| {
            power(hit_share, tracks(*counts)) + power(1.0 - hit_share, tracks(*counts))
        };
        let share = |sum: f64| sum / frequent.len() as f64;
        let mut by_hits = artists.clone();
        by_hits.retain(|(_, [_, hits])| *hits > 0);
        by_hits.sort_by_key(|(_, [_, hits])| Reverse(*hits));
        (!artists.is_empty()).then(|| ArtistSummary {
            artists: artists.len() as u64,
            min_tracks: MIN_TRACKS,
            frequent: frequent.len() as u64,
            only_hits,
            only_flops,
            share_of_one_label: share((only_hits + only_flops) as f64),
            share_by_chance: share(frequent.iter().map(by_chance).sum()),
            most_tracks: listed(&artists),
            most_hits: listed(&by_hits),
        })
    }
}

/// The first artists, each with its flops and hits.
fn listed(artists: &[(&str, [u64; 2])]) -> Vec<ArtistTracks> {
    let one = |(artist, [flops, hits]): &(&str, [u64; 2])| ArtistTracks {
        artist: (*artist).to_owned(),
        tracks: flops + hits,
        hits: *hits,
        hit_share: *hits as f64 / (flops + hits) as f64,
    };
    artists.iter().take(LISTED).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(artists: &[(&'static str, usize, usize)]) -> Vec<(Option<&'static str>, Label)> {
        let tracks = |&(artist, flops, hits): &(&'static str, usize, usize)| {
            let artist = Some(artist).filter(|artist| !artist.is_empty());
            let labels = [vec![Label::Flop; flops], vec![Label::Hit; hits]].concat();
            labels.into_iter().map(move |label| (artist, label)).collect::<Vec<_>>()
        };
        artists.iter().flat_map(tracks).collect()
    }

    #[test]
    fn artists_are_counted_by_hand() {
        let rows = rows(&[("c", 0, 5), ("b", 3, 2), ("a", 5, 0), ("one", 1, 0), ("", 0, 9), ("d", 0, 6)]);
        let found = ArtistSummary::of(rows.into_iter()).expect("there are artists");
        assert_eq!((found.artists, found.frequent, found.only_hits, found.only_flops), (5, 4, 2, 1));
        assert_eq!(found.share_of_one_label, 0.75);
        // 13 of 22 tracks with an artist are hits.
        let (p, q) = (13.0f64 / 22.0, 9.0f64 / 22.0);
        let expected = (3.0 * (p.powi(5) + q.powi(5)) + p.powi(6) + q.powi(6)) / 4.0;
        assert!((found.share_by_chance - expected).abs() < 1e-12);
        let listed = |artists: &[ArtistTracks]| {
            artists.iter().map(|one| (one.artist.clone(), one.tracks, one.hits)).collect::<Vec<_>>()
        };
        let most_hits =
            [("d", 6, 6), ("c", 5, 5), ("b", 5, 2)].map(|(name, tracks, hits)| (name.to_owned(), tracks, hits));
        assert_eq!(listed(&found.most_hits), most_hits);
        let most_tracks = [("d", 6, 6), ("a", 5, 0), ("b", 5, 2), ("c", 5, 5), ("one", 1, 0)];
        assert_eq!(listed(&found.most_tracks), most_tracks.map(|(name, tracks, hits)| (name.to_owned(), tracks, hits)));
    }

    #[test]
    fn without_artists_there_is_none_and_without_frequent_ones_no_share() {
        assert_eq!(ArtistSummary::of(rows(&[("", 3, 3)]).into_iter()), None);
        let few = ArtistSummary::of(rows(&[("a", 1, 3)]).into_iter()).expect("an artist");
        assert!((few.frequent, few.share_of_one_label.is_nan(), few.share_by_chance.is_nan()) == (0, true, true));
    }
}
