//! The known tracks most like a new one.
//!
//! Distance is Euclid's between standardised features: each difference is divided by the standard deviation of the feature
//! among the known tracks. The features are the twelve that are quantities; key, mode and time signature name categories,
//! whose numbers have no distance, and the decade is no property of the sound. A missing feature is left out and the others
//! weigh the more, as in scikit-learn's `nan_euclidean_distances`.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::artifact::known_tracks::KnownTracks;
use crate::track::{Decade, Feature, Kind, Label};

/// Known tracks, ready to be compared with.
#[derive(Clone, Debug)]
pub struct Neighbours {
    tracks: KnownTracks,
    /// Of each of [`compared`], one over the standard deviation; 0 if all tracks have the same value.
    scales: Vec<f32>,
}

/// A known track and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour<'a> {
    /// Artist.
    pub artist: &'a str,
    /// Title.
    pub title: &'a str,
    /// Spotify's URI.
    pub uri: &'a str,
    /// Decade.
    pub decade: Decade,
    /// Hit or flop.
    pub label: Label,
    /// In standard deviations.
    pub distance: f64,
}

/// The features that are compared, in their order.
pub fn compared() -> impl Iterator<Item = Feature> {
    Feature::AUDIO.iter().copied().filter(|feature| feature.info().kind != Kind::Category)
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
                (1.0 / deviation) as f32
            } else {
                0.0
            }
        };
        Neighbours { scales: compared().map(scale).collect(), tracks }
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
            let candidate = Candidate { square, index };
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
    fn squares(&self, row: &[f64]) -> Vec<f32> {
        let present = compared().zip(&self.scales).filter(|(feature, _)| !row[*feature as usize].is_nan());
        let mut squares = Vec::new();
        let mut features = 0;
        for (feature, &scale) in present {
            squares.resize(self.len(), 0.0);
            features += 1;
            // A value far outside stays finite, so that the order of the others counts.
            let own = (row[feature as usize] as f32).clamp(f32::MIN, f32::MAX) * scale;
            for (square, &value) in squares.iter_mut().zip(&self.tracks.features[feature as usize]) {
                let difference = (own - value * scale).clamp(-1e9, 1e9);
                *square += difference * difference;
            }
        }
        let weight = compared().count() as f32 / features.max(1) as f32;
        squares.iter_mut().for_each(|square| *square *= weight);
        squares
    }

    fn neighbour(&self, Candidate { square, index }: Candidate) -> Neighbour<'_> {
        let KnownTracks { titles, artists, uris, decades, labels, .. } = &self.tracks;
        Neighbour {
            artist: artists.get(index),
            title: titles.get(index),
            uri: uris.get(index),
            decade: decades[index],
            label: labels[index],
            distance: f64::from(square).sqrt(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    square: f32,
    index: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Candidate) -> Ordering {
        self.square.total_cmp(&other.square).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Candidate) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
