//! Binned rows as inputs of a neural network.

use ndarray::Array2;

use crate::binning::{BinnedRecords, Binning, MISSING_BIN};

/// Features of at most this number of bins have an input for each bin.
const MAX_LEVELS: usize = 16;

/// The inputs of a feature.
enum FeatureInputs {
    /// One input for each bin, 1 in the bin of the row; all 0 where it is missing.
    Levels(usize),
    /// One input, 0 where it is missing; and another that says so if the feature is missing in any row.
    Number {
        /// Of each bin: the logistic score of its middle row's rank among the training rows.
        scores: Vec<f32>,
        has_missing: bool,
    },
}

impl FeatureInputs {
    fn count(&self) -> usize {
        match self {
            FeatureInputs::Levels(levels) => *levels,
            FeatureInputs::Number { has_missing, .. } => 1 + usize::from(*has_missing),
        }
    }
}

/// How features become inputs.
pub(super) struct NetworkInputs {
    features: Vec<FeatureInputs>,
}

impl NetworkInputs {
    /// The inputs of features whose ranks are those of these rows.
    pub(super) fn new(binning: &Binning, records: &BinnedRecords, rows: &[u32]) -> NetworkInputs {
        let of_feature = |feature: usize| {
            if has_few_bins(binning, feature) {
                return FeatureInputs::Levels(binning.bins(feature));
            }
            let mut counts = vec![0_usize; usize::from(MISSING_BIN) + 1];
            let column = records.column(feature);
            rows.iter().for_each(|&row| counts[usize::from(column[row as usize])] += 1);
            let has_missing = counts[usize::from(MISSING_BIN)] > 0;
            counts.truncate(binning.bins(feature));
            FeatureInputs::Number { scores: rank_scores(&counts), has_missing }
        };
        NetworkInputs { features: (0..records.features()).map(of_feature).collect() }
    }

    /// Number of inputs.
    pub(super) fn count(&self) -> usize {
        self.features.iter().map(FeatureInputs::count).sum()
    }

    /// The inputs of some rows, rows × inputs.
    pub(super) fn of_rows(&self, records: &BinnedRecords, rows: &[u32]) -> Array2<f32> {
        let width = self.count();
        let mut inputs = Array2::zeros((rows.len(), width));
        let mut first = 0;
        for (feature, of_feature) in self.features.iter().enumerate() {
            let column = records.column(feature);
            for (&row, mut inputs) in rows.iter().zip(inputs.rows_mut()) {
                let bin = column[row as usize];
                match of_feature {
                    FeatureInputs::Levels(_) if bin != MISSING_BIN => inputs[first + usize::from(bin)] = 1.0,
                    FeatureInputs::Levels(_) => {}
                    FeatureInputs::Number { scores, .. } if bin != MISSING_BIN => {
                        inputs[first] = scores[usize::from(bin)];
                    }
                    FeatureInputs::Number { has_missing: true, .. } => inputs[first + 1] = 1.0,
                    FeatureInputs::Number { has_missing: false, .. } => {}
                }
            }
            first += of_feature.count();
        }
        inputs
    }
}

/// Whether a feature has so few bins that neighbours need not resemble each other.
pub(super) fn has_few_bins(binning: &Binning, feature: usize) -> bool {
    binning.bins(feature) <= MAX_LEVELS
}

/// Of each bin: the quantile of the logistic distribution of mean 0 and variance 1 at the share of rows below its middle row. So a
/// feature's extremes are far from the others, however it is distributed.
fn rank_scores(counts: &[usize]) -> Vec<f32> {
    let all = counts.iter().sum::<usize>().max(1) as f64;
    let mut before = 0.0;
    let score = |&count: &usize| {
        // Half a row more on either side, so that a bin without a row has a finite score.
        let share = (before + count as f64 / 2.0 + 0.5) / (all + 1.0);
        before += count as f64;
        ((share / (1.0 - share)).ln() * 3.0_f64.sqrt() / std::f64::consts::PI) as f32
    };
    counts.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Forty numbers, a category of two levels, and a number that is missing in two rows.
    #[test]
    fn inputs_are_scores_of_ranks_and_levels() {
        let mut records = Array2::from_shape_fn((40, 3), |(row, feature)| match feature {
            1 => f64::from(u8::from(row >= 10)),
            _ => (row * row) as f64,
        });
        records[[0, 2]] = f64::NAN;
        records[[7, 1]] = f64::NAN;
        let binning = Binning::fit(records.view(), 255);
        let binned = binning.transform(records.view());
        let rows: Vec<u32> = (0..40).collect();
        let inputs = NetworkInputs::new(&binning, &binned, &rows);
        assert_eq!(inputs.count(), 1 + 2 + 2);
        let found = inputs.of_rows(&binned, &[0, 7, 10, 39]);
        assert_eq!(found.column(1), array![1.0, 0.0, 0.0, 0.0]);
        assert_eq!(found.column(2), array![0.0, 0.0, 1.0, 1.0]);
        assert_eq!(found.column(4), array![1.0, 0.0, 0.0, 0.0]);
        assert_eq!(found[[0, 3]], 0.0);
        // ln(1 / 40) √3 / π, by hand: the first of 40 rows is the middle one of its bin, with half a row more below.
        assert!(
            (f64::from(found[[0, 0]]) - (1.0_f64 / 40.0).ln() * 3.0_f64.sqrt() / std::f64::consts::PI).abs() < 1e-6
        );
        assert!((found[[0, 0]] + found[[3, 0]]).abs() < 1e-6, "the scores of the ends");
        let all = inputs.of_rows(&binned, &rows);
        assert!(all.column(0).mean().is_some_and(|mean| mean.abs() < 1e-6));
    }

    #[test]
    fn a_bin_without_a_training_row_has_a_score() {
        let records = Array2::from_shape_fn((40, 1), |(row, _)| row as f64);
        let binning = Binning::fit(records.view(), 255);
        let binned = binning.transform(records.view());
        let rows: Vec<u32> = (20..40).collect();
        let found = NetworkInputs::new(&binning, &binned, &rows).of_rows(&binned, &[0, 20, 39]);
        assert!(found.iter().all(|score| score.is_finite()) && found[[0, 0]] < found[[1, 0]], "{found}");
    }
}
