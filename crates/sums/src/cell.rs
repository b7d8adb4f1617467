//! Sums over the tracks of one decade and label.

use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;
use crate::moments::{PairMoments, ValueMoments};
use crate::names::AUDIO;
use hitflop_core::track::{Decade, Feature, Label};

/// Sums over the tracks of one decade and label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellSums {
    /// The decade; none of tracks whose decade is not known.
    pub decade: Option<Decade>,
    /// The label.
    pub label: Label,
    /// Number of tracks.
    pub rows: u64,
    /// Number of tracks without an artist.
    pub unnamed: u64,
    /// Sums of each audio feature, in the order of [`Feature::AUDIO`].
    pub features: Vec<FeatureSums>,
    /// ValueMoments of each pair of audio features: of the second with the first, of the third with the first and the second, and so on.
    pub pairs: Vec<PairMoments>,
}

/// Sums over the values of a feature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureSums {
    /// ValueMoments of all values.
    pub moments: ValueMoments,
    /// ValueMoments of the values of tracks without an artist.
    pub unnamed: ValueMoments,
    /// Least and greatest value; none without a value.
    pub extremes: Option<[f64; 2]>,
    /// Values outside the documented range; none if all are inside.
    pub outside: Option<OutsideValues>,
    /// How the values are distributed.
    pub histogram: Histogram,
}

/// Values outside the documented range of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutsideValues {
    /// Number of them.
    pub rows: u64,
    /// Least and greatest of them.
    pub extremes: [f64; 2],
}

impl FeatureSums {
    fn add(&mut self, feature: Feature, values: &[f64], is_named: &[bool]) {
        self.moments = self.moments.merge(ValueMoments::of(values.iter().copied()));
        let unnamed = values.iter().zip(is_named).filter(|(_, named)| !**named).map(|(value, _)| *value);
        self.unnamed = self.unnamed.merge(ValueMoments::of(unnamed));
        let range = feature.info().range;
        for value in values.iter().copied().filter(|value| value.is_finite()) {
            self.histogram.add(value);
            self.extremes = wider(self.extremes, [value; 2]);
            if !range.contains(value) {
                self.outside = OutsideValues::both(self.outside, OutsideValues { rows: 1, extremes: [value; 2] });
            }
        }
    }

    /// Adds the sums of another part of the table.
    pub fn merge(&mut self, other: &FeatureSums) {
        self.moments = self.moments.merge(other.moments);
        self.unnamed = self.unnamed.merge(other.unnamed);
        self.histogram.merge(&other.histogram);
        self.extremes = other.extremes.map_or(self.extremes, |extremes| wider(self.extremes, extremes));
        self.outside = other.outside.map_or(self.outside, |outside| OutsideValues::both(self.outside, outside));
    }
}

impl OutsideValues {
    fn both(own: Option<OutsideValues>, other: OutsideValues) -> Option<OutsideValues> {
        let own = own.unwrap_or(OutsideValues { rows: 0, ..other });
        let extremes = wider(Some(own.extremes), other.extremes)?;
        Some(OutsideValues { rows: own.rows + other.rows, extremes })
    }
}

fn wider(own: Option<[f64; 2]>, [least, greatest]: [f64; 2]) -> Option<[f64; 2]> {
    let own = own.unwrap_or([least, greatest]);
    Some([own[0].min(least), own[1].max(greatest)])
}

/// The places of every pair of columns, the later one first, in the order of [`CellSums::pairs`].
pub(crate) fn pairs(columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..columns).flat_map(|later| (0..later).map(move |earlier| (later, earlier)))
}

impl CellSums {
    pub(crate) fn none(decade: Option<Decade>, label: Label) -> CellSums {
        CellSums {
            decade,
            label,
            rows: 0,
            unnamed: 0,
            features: vec![FeatureSums::default(); AUDIO],
            pairs: vec![PairMoments::default(); pairs(AUDIO).count()],
        }
    }

    /// Adds tracks: a column of each audio feature, NaN where a value is missing, and whether each track has an artist.
    pub(crate) fn add(&mut self, columns: &[Vec<f64>], is_named: &[bool]) {
        self.rows += is_named.len() as u64;
        self.unnamed += is_named.iter().filter(|named| !**named).count() as u64;
        for ((sums, feature), values) in self.features.iter_mut().zip(Feature::AUDIO).zip(columns) {
            sums.add(*feature, values, is_named);
        }
        let moments: Vec<ValueMoments> =
            columns.iter().map(|values| ValueMoments::of(values.iter().copied())).collect();
        let is_complete = |at: usize| moments[at].count == is_named.len() as u64;
        let centred: Vec<Vec<f64>> = columns
            .iter()
            .zip(&moments)
            .map(|(values, moments)| values.iter().map(|value| value - moments.mean).collect())
            .collect();
        for (sums, (a, b)) in self.pairs.iter_mut().zip(pairs(AUDIO)) {
            let added = match is_complete(a) && is_complete(b) {
                true => PairMoments::of_centred([&centred[a], &centred[b]], [moments[a], moments[b]]),
                false => PairMoments::of(&columns[a], &columns[b]),
            };
            *sums = sums.merge(added);
        }
    }

    pub(crate) fn merge(&mut self, other: &CellSums) {
        self.rows += other.rows;
        self.unnamed += other.unnamed;
        self.features.iter_mut().zip(&other.features).for_each(|(own, other)| own.merge(other));
        self.pairs.iter_mut().zip(&other.pairs).for_each(|(own, other)| *own = own.merge(*other));
    }

    /// The moments of a feature: of all values, and of those of tracks without an artist. The decade is the same in all tracks.
    pub(crate) fn moments(&self, feature: Feature) -> [ValueMoments; 2] {
        match (feature, self.decade) {
            (Feature::Decade, None) => [ValueMoments::default(); 2],
            (Feature::Decade, Some(decade)) => {
                [self.rows, self.unnamed].map(|rows| ValueMoments::of_equal(rows, f64::from(decade.year())))
            }
            (audio, _) => {
                let sums = &self.features[audio as usize];
                [sums.moments, sums.unnamed]
            }
        }
    }
}
