//! The known tracks most like a new one.
//!
//! Distance is Euclid's between standardised features: each difference is divided by the standard deviation of the feature
//! among the known tracks. The features are the twelve that are quantities; key, mode and time signature name categories,
//! whose numbers have no distance, and the decade is no property of the sound. A feature that either track lacks is left out and the
//! others weigh the more, as in scikit-learn's `nan_euclidean_distances`.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::artifact::known_tracks::{KnownTrack, KnownTracks};
use hitflop_core::track::{Decade, Feature, FeatureKind};

/// Greatest value that is compared, in any unit.
const FARTHEST: f64 = f32::MAX as f64;

/// Known tracks, ready to be compared with.
#[derive(Clone, Debug)]
pub struct Neighbours {
    tracks: KnownTracks,
    /// Those of [`compared`] of which a track has a value.
    axes: Vec<NeighbourAxis>,
}

/// A feature that is compared.
#[derive(Clone, Copy, Debug)]
struct NeighbourAxis {
    feature: Feature,
    /// One over the standard deviation among the known tracks; 0 if all have the same value.
    scale: f64,
    /// Whether a track has no value.
    has_missing: bool,
}

impl NeighbourAxis {
    /// `None` if no track has a value.
    fn of(feature: Feature, values: &[f32]) -> Option<NeighbourAxis> {
        let known = || values.iter().filter(|value| !value.is_nan()).copied().map(f64::from);
        let count = known().count();
        let mean = known().sum::<f64>() / count as f64;
        let variance = known().map(|value| (value - mean).powi(2)).sum::<f64>();
        let deviation = (variance / count as f64).sqrt();
        let scale = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
        (count > 0).then_some(NeighbourAxis { feature, scale, has_missing: count < values.len() })
    }
}

/// A known track and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour<'a> {
    /// The known track.
    pub track: KnownTrack<'a>,
    /// In standard deviations.
    pub distance: f64,
}

/// The features that are compared, in their order.
pub fn compared() -> impl Iterator<Item = Feature> {
    Feature::AUDIO.iter().copied().filter(|feature| feature.info().kind != FeatureKind::Category)
}

impl Neighbours {
    /// Prepares known tracks.
    pub fn new(tracks: KnownTracks) -> Neighbours {
        let axes = compared().filter_map(|feature| NeighbourAxis::of(feature, &tracks.features[feature as usize]));
        Neighbours { axes: axes.collect(), tracks }
    }

    /// The known tracks.
    pub fn tracks(&self) -> &KnownTracks {
        &self.tracks
    }

    /// Forgets which tracks the model was fitted to: another model was.
    pub fn forget_training(&mut self) {
        self.tracks.in_training.clear();
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
    /// nearest first, of equals the earlier one; with `decade`, only of that one. Tracks that have no compared feature in common with
    /// the row are left out.
    pub fn nearest(&self, row: &[f64], count: usize, decade: Option<Decade>) -> Vec<Neighbour<'_>> {
        let squares = self.squares(row);
        let mut nearest = BinaryHeap::with_capacity(count.min(squares.len()) + 1);
        for (index, square) in squares.into_iter().enumerate() {
            if square.is_nan() || (decade.is_some() && self.tracks.decades[index] != decade) {
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

    /// Squared distance of every known track, NaN of one without a feature in common; none at all if no compared feature is there.
    fn squares(&self, row: &[f64]) -> Vec<f64> {
        let present: Vec<&NeighbourAxis> =
            self.axes.iter().filter(|axis| !row[axis.feature as usize].is_nan()).collect();
        if present.is_empty() {
            return Vec::new();
        }
        let mut squares = vec![0.0; self.len()];
        for axis in &present {
            // A value far outside stays one whose square is finite. In the precision of the known tracks, so that a track is at
            // no distance from itself.
            let own = f64::from(row[axis.feature as usize].clamp(-FARTHEST, FARTHEST) as f32);
            let values = &self.tracks.features[axis.feature as usize];
            let term = |value: f32| {
                let difference = (own - f64::from(value)) * axis.scale;
                difference * difference
            };
            let pairs = squares.iter_mut().zip(values);
            // Without a test the loop is one of vectors.
            match axis.has_missing {
                false => pairs.for_each(|(square, &value)| *square += term(value)),
                true => pairs.filter(|(_, value)| !value.is_nan()).for_each(|(square, &value)| *square += term(value)),
            }
        }
        let compared = self.axes.len() as f64;
        match present.iter().any(|axis| axis.has_missing) {
            false => squares.iter_mut().for_each(|square| *square *= compared / present.len() as f64),
            true => {
                let in_common = self.in_common(&present);
                // Of no feature in common 0 times infinity, which is NaN.
                squares.iter_mut().zip(in_common).for_each(|(square, count)| *square *= compared / f64::from(count));
            }
        }
        squares
    }

    /// How many of some features each known track has.
    fn in_common(&self, axes: &[&NeighbourAxis]) -> Vec<u32> {
        let mut counts = vec![0; self.len()];
        for axis in axes {
            let values = &self.tracks.features[axis.feature as usize];
            counts.iter_mut().zip(values).for_each(|(count, value)| *count += u32::from(!value.is_nan()));
        }
        counts
    }

    fn neighbour(&self, RankedTrack { square, index }: RankedTrack) -> Neighbour<'_> {
        Neighbour { track: self.tracks.track(index), distance: square.sqrt() }
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
    use hitflop_core::track::Label;

    /// Tracks named by their number, with the given energy and tempo and nothing else that differs.
    fn known(tracks: &[(f32, f32, i32)]) -> Neighbours {
        let mut features = vec![vec![1.0; tracks.len()]; Feature::AUDIO.len()];
        features[Feature::Energy as usize] = tracks.iter().map(|track| track.0).collect();
        features[Feature::Tempo as usize] = tracks.iter().map(|track| track.1).collect();
        let decades = tracks.iter().map(|track| Decade::from_year(track.2)).collect();
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
        assert_eq!(found[1].track.decade.map(Decade::year), Some(1960), "of equals the earlier one");
        let found = known.nearest(&row(0.2, 100.0), 4, Decade::from_year(1970));
        assert_eq!(found.len(), 2);
        // Without the tempo the eleven others weigh for twelve.
        let found = known.nearest(&row(0.6, f64::NAN), 4, None);
        assert!((distances(&found)[3] - (4.0_f64 * 12.0 / 11.0).sqrt()).abs() < 1e-6);
        assert!(known.nearest(&[f64::NAN; 16], 4, None).is_empty());
        let mut few = KnownTracks { features: vec![vec![f32::NAN; 4]; 15], ..known.tracks().clone() };
        few.features[Feature::Energy as usize] = vec![0.2, 0.6, f32::NAN, f32::NAN];
        few.features[Feature::Tempo as usize] = vec![100.0, f32::NAN, 140.0, f32::NAN];
        // The standard deviations are 0.2 and 20 again. One of two features in common weighs twice; track 3 has none.
        let few = Neighbours::new(few);
        let found = few.nearest(&row(0.2, 100.0), 4, None);
        for (found, expected) in distances(&found).iter().zip([0.0, 8.0_f64.sqrt(), 8.0_f64.sqrt()]) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
        assert_eq!(found.len(), 3);
        assert!(few.nearest(&row(f64::NAN, f64::NAN), 4, None).is_empty());
        assert!(known.nearest(&row(f64::MAX, f64::MIN), 4, None).iter().all(|found| found.distance.is_finite()));
    }
}
