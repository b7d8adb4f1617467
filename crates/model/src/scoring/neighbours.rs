//! The known tracks most like a new one.
//!
//! Distance is Euclid's between standardised features: each difference is divided by the standard deviation of the feature
//! among the known tracks. The features are the twelve that are quantities; key, mode and time signature name categories,
//! whose numbers have no distance, and the decade is no property of the sound. A missing feature is left out and the others
//! weigh the more, as in scikit-learn's `nan_euclidean_distances`.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::artifact::known_tracks::KnownTracks;
use hitflop_core::track::{Decade, Feature, FeatureKind, Label};

/// Greatest value that is compared, in any unit.
const FARTHEST: f64 = f32::MAX as f64;

/// Known tracks, ready to be compared with.
#[derive(Clone, Debug)]
pub struct Neighbours {
    tracks: KnownTracks,
    /// Of each of [`compared`], one over the standard deviation; 0 if all tracks have the same value.
    scales: Vec<f64>,
}

/// A known track and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour<'a> {
    /// Artist of the known track.
    pub artist: &'a str,
    /// Title of the known track.
    pub title: &'a str,
    /// Spotify's URI of the known track.
    pub uri: &'a str,
    /// Decade of the known track.
    pub decade: Decade,
    /// Hit or flop.
    pub label: Label,
    /// In standard deviations.
    pub distance: f64,
    /// Its value of each of [`Feature::AUDIO`], as exactly as the file of known tracks has it.
    pub values: [f32; Feature::AUDIO.len()],
}

/// The features that are compared, in their order.
pub fn compared() -> impl Iterator<Item = Feature> {
    Feature::AUDIO.iter().copied().filter(|feature| feature.info().kind != FeatureKind::Category)
}

impl Neighbours {
    /// Prepares known tracks.
    pub fn new(tracks: KnownTracks) -> Neighbours {
        let scale = |feature: Feature| {
            let values = &tracks.features[feature as usize];
            let mean = values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
            let deviation = (variance / values.len() as f64).sqrt();
            if deviation > 0.0 {
                1.0 / deviation
            } else {
                0.0
            }
        };
        Neighbours { scales: compared().map(scale).collect(), tracks }
    }

    /// The known tracks.
    pub fn tracks(&self) -> &KnownTracks {
        &self.tracks
    }

    /// How many tracks are known.
    pub fn len(&self) -> usize {
        self.tracks.labels.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The `count` known tracks nearest to `row` (every feature in the order of [`Feature::ALL`], NaN is missing), the
    /// nearest first, of equals the earlier one; with `decade`, only of that one. Empty if no compared feature is there.
    pub fn nearest(&self, row: &[f64], count: usize, decade: Option<Decade>) -> Vec<Neighbour<'_>> {
        let squares = self.squares(row);
        let mut nearest = BinaryHeap::with_capacity(count.min(squares.len()) + 1);
        for (index, square) in squares.into_iter().enumerate() {
            if decade.is_some_and(|decade| self.tracks.decades[index] != decade) {
                continue;
            }
            let candidate = RankedTrack { square, index };
            if nearest.len() < count {
                nearest.push(candidate);
            } else if nearest.peek().is_some_and(|worst| candidate < *worst) {
                nearest.pop();
                nearest.push(candidate);
            }
        }
        nearest.into_sorted_vec().into_iter().map(|candidate| self.neighbour(candidate)).collect()
    }

    /// Squared distance of every known track; none at all if no compared feature is there.
    fn squares(&self, row: &[f64]) -> Vec<f64> {
        let present = compared().zip(&self.scales).filter(|(feature, _)| !row[*feature as usize].is_nan());
        let mut squares = Vec::new();
        let mut features = 0;
        for (feature, &scale) in present {
            squares.resize(self.len(), 0.0);
            features += 1;
            // A value far outside stays one whose square is finite. In the precision of the known tracks, so that a track is at
            // no distance from itself.
            let own = f64::from(row[feature as usize].clamp(-FARTHEST, FARTHEST) as f32);
            for (square, &value) in squares.iter_mut().zip(&self.tracks.features[feature as usize]) {
                let difference = (own - f64::from(value)) * scale;
                *square += difference * difference;
            }
        }
        let weight = compared().count() as f64 / features.max(1) as f64;
        squares.iter_mut().for_each(|square| *square *= weight);
        squares
    }

    fn neighbour(&self, RankedTrack { square, index }: RankedTrack) -> Neighbour<'_> {
        let KnownTracks { titles, artists, uris, decades, labels, features, .. } = &self.tracks;
        Neighbour {
            artist: artists.get(index),
            title: titles.get(index),
            uri: uris.get(index),
            decade: decades[index],
            label: labels[index],
            distance: square.sqrt(),
            values: std::array::from_fn(|feature| features[feature][index]),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct RankedTrack {
    square: f64,
    index: usize,
}

impl Eq for RankedTrack {}

impl Ord for RankedTrack {
    fn cmp(&self, other: &RankedTrack) -> Ordering {
        self.square.total_cmp(&other.square).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for RankedTrack {
    fn partial_cmp(&self, other: &RankedTrack) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tracks named by their number, with the given energy and tempo and nothing else that differs.
    fn known(tracks: &[(f32, f32, i32)]) -> Neighbours {
        let mut features = vec![vec![1.0; tracks.len()]; Feature::AUDIO.len()];
        features[Feature::Energy as usize] = tracks.iter().map(|track| track.0).collect();
        features[Feature::Tempo as usize] = tracks.iter().map(|track| track.1).collect();
        let decades = tracks.iter().map(|track| Decade::from_year(track.2).expect("a decade")).collect();
        let labels = vec![Label::Hit; tracks.len()];
        Neighbours::new(KnownTracks { decades, labels, features, ..KnownTracks::default() })
    }

    fn row(energy: f64, tempo: f64) -> [f64; 16] {
        let mut row = [1.0; 16];
        row[Feature::Energy as usize] = energy;
        row[Feature::Tempo as usize] = tempo;
        row
    }

    fn distances(neighbours: &[Neighbour]) -> Vec<f64> {
        neighbours.iter().map(|neighbour| neighbour.distance).collect()
    }

    /// By hand: the standard deviations are 0.2 and 20.
    #[test]
    fn distances_are_in_standard_deviations() {
        let known = known(&[(0.2, 100.0, 1960), (0.6, 140.0, 1970), (0.2, 140.0, 1960), (0.6, 100.0, 1970)]);
        let found = known.nearest(&row(0.2, 100.0), 4, None);
        for (found, expected) in distances(&found).iter().zip([0.0, 2.0, 2.0, 8.0_f64.sqrt()]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert_eq!(found[1].decade.year(), 1960, "of equals the earlier one");
        let found = known.nearest(&row(0.2, 100.0), 4, Decade::from_year(1970));
        assert_eq!(found.len(), 2);
        // Without the tempo the eleven others weigh for twelve.
        let found = known.nearest(&row(0.6, f64::NAN), 4, None);
        assert!((distances(&found)[3] - (4.0_f64 * 12.0 / 11.0).sqrt()).abs() < 1e-6);
        assert!(known.nearest(&[f64::NAN; 16], 4, None).is_empty());
        assert!(known.nearest(&row(f64::MAX, f64::MIN), 4, None).iter().all(|found| found.distance.is_finite()));
    }
}
