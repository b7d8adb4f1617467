//! What is counted while a table is scored in parts: predictions, warnings, missing features, values. Every count is a whole number, so
//! that the sums do not depend on how the table is cut.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::drift::{DriftCounts, DriftReport};
use super::warnings::WarningSummary;
use super::{Prediction, Scorer};
use crate::missing::{FeatureCoverageSummary, MissingSetCounts};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature, Label};

/// Number of bins of equal width of the histograms of probabilities.
pub const PROBABILITY_BINS: usize = 20;
/// Rows that a thread counts at once.
const ROWS_PER_CHUNK: usize = 4096;

/// Counts of scored rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoringCounts {
    /// Rows of the table before the first that is counted.
    first: u64,
    predictions: PredictionCounts,
    warnings: Vec<WarningSummary>,
    missing: MissingSetCounts,
    drift: DriftCounts,
}

/// Counts of predictions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictionCounts {
    /// Number of rows.
    pub rows: u64,
    /// Number of rows that are predicted as hits.
    pub hits: u64,
    /// The same by decade, in order; rows without a decade are the first.
    pub decades: Vec<DecadePredictions>,
}

/// Counts of the predictions of a decade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecadePredictions {
    /// The decade; none of rows whose decade is not known.
    pub decade: Option<Decade>,
    /// Number of rows.
    pub rows: u64,
    /// Number of rows that are predicted as hits.
    pub hits: u64,
    /// Numbers of rows by probability of a hit: at least 0, 0.05, 0.1, …; a probability of 1 is in the last.
    pub probabilities: [u64; PROBABILITY_BINS],
}

impl PredictionCounts {
    fn of(rows: &[FeatureRow], predictions: &[Prediction]) -> PredictionCounts {
        let mut decades = BTreeMap::new();
        for (row, prediction) in rows.iter().zip(predictions) {
            let year = row[Feature::Decade as usize];
            let decade = Some(year).filter(|year| !year.is_nan()).and_then(|year| Decade::from_year(year as i32));
            let own = decades.entry(decade).or_insert_with(|| DecadePredictions::none(decade));
            own.rows += 1;
            own.hits += u64::from(prediction.label == Label::Hit);
            let bin = (prediction.probability * PROBABILITY_BINS as f64) as usize;
            own.probabilities[bin.min(PROBABILITY_BINS - 1)] += 1;
        }
        let mut counts = PredictionCounts::default();
        decades.into_values().for_each(|decade| counts.add(&decade));
        counts
    }

    fn add(&mut self, other: &DecadePredictions) {
        self.rows += other.rows;
        self.hits += other.hits;
        let at = self.decades.partition_point(|own| own.decade < other.decade);
        if self.decades.get(at).is_none_or(|own| own.decade != other.decade) {
            self.decades.insert(at, DecadePredictions::none(other.decade));
        }
        let own = &mut self.decades[at];
        own.rows += other.rows;
        own.hits += other.hits;
        own.probabilities.iter_mut().zip(other.probabilities).for_each(|(own, other)| *own += other);
    }
}

impl DecadePredictions {
    fn none(decade: Option<Decade>) -> DecadePredictions {
        DecadePredictions { decade, rows: 0, hits: 0, probabilities: [0; PROBABILITY_BINS] }
    }
}

impl ScoringCounts {
    /// No rows of a table, to which those after the first `first` ones are added.
    pub fn after(first: u64, scorer: &Scorer) -> ScoringCounts {
        let drift = DriftCounts::of_model(scorer.artifact());
        let (warnings, missing) = (Vec::new(), MissingSetCounts::default());
        ScoringCounts { first, predictions: PredictionCounts::default(), warnings, missing, drift }
    }

    /// Adds the next rows with their predictions by `scorer`.
    pub fn add(&mut self, scorer: &Scorer, rows: &[FeatureRow], predictions: &[Prediction]) {
        let next = self.first + self.predictions.rows + 1;
        let chunks: Vec<_> = rows
            .par_chunks(ROWS_PER_CHUNK)
            .zip(predictions.par_chunks(ROWS_PER_CHUNK))
            .zip((0..rows.len().div_ceil(ROWS_PER_CHUNK)).into_par_iter())
            .map(|((rows, predictions), chunk)| {
                let (mut warnings, mut missing) = (Vec::new(), MissingSetCounts::default());
                for (row, number) in rows.iter().zip(next + (chunk * ROWS_PER_CHUNK) as u64..) {
                    scorer.each_warning(row, &mut |warning| WarningSummary::add(&mut warnings, number, &warning));
                    missing.add(scorer.artifact().model.missing_of(row), number);
                }
                (PredictionCounts::of(rows, predictions), warnings, missing)
            })
            .collect();
        for (predictions, warnings, missing) in chunks {
            self.add_counts(&predictions, &warnings, &missing);
        }
        self.drift.add(rows);
    }

    /// Adds the rows of the next part of the same table, counted for the same model.
    pub fn merge(&mut self, other: &ScoringCounts) {
        self.add_counts(&other.predictions, &other.warnings, &other.missing);
        self.drift.merge(&other.drift);
    }

    fn add_counts(&mut self, predictions: &PredictionCounts, warnings: &[WarningSummary], missing: &MissingSetCounts) {
        predictions.decades.iter().for_each(|decade| self.predictions.add(decade));
        WarningSummary::merge(&mut self.warnings, warnings);
        WarningSummary::sort(&mut self.warnings);
        self.missing.merge(missing);
    }

    /// Counts of the predictions.
    pub fn predictions(&self) -> &PredictionCounts {
        &self.predictions
    }

    /// Warnings by kind and feature.
    pub fn warnings(&self) -> &[WarningSummary] {
        &self.warnings
    }

    /// What rows lack; the most frequent set first.
    pub fn missing_features(&self, scorer: &Scorer) -> Vec<FeatureCoverageSummary> {
        FeatureCoverageSummary::of_counts(scorer.artifact(), &self.missing)
    }

    /// How far the values are from those of training; none of few rows.
    pub fn drift(&self, scorer: &Scorer) -> Option<DriftReport> {
        DriftReport::of_counts(&self.drift, scorer.artifact())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::fixtures::tracks;
    use crate::scoring::fixtures::{blank_row, scorer};

    fn rows(scorer: &Scorer, count: usize) -> Vec<FeatureRow> {
        let row = |index: usize| {
            let mut row = blank_row();
            for (at, feature) in scorer.features().iter().enumerate() {
                let value = ((index * (at + 3)) as f64 * 0.618_033_988_7).fract();
                row[*feature as usize] = if index.is_multiple_of(11 + at) { f64::NAN } else { value * 40.0 };
            }
            row[Feature::Decade as usize] =
                if index.is_multiple_of(5) { f64::NAN } else { 1940.0 + (index % 9) as f64 * 10.0 };
            row
        };
        (0..count).map(row).collect()
    }

    fn predictions(scorer: &Scorer, rows: &[FeatureRow]) -> Vec<Prediction> {
        let columns = scorer.features().len();
        let records =
            Array2::from_shape_fn((rows.len(), columns), |(row, at)| rows[row][scorer.features()[at] as usize]);
        scorer.score(records.view()).expect("scores")
    }

    #[test]
    fn counts_do_not_depend_on_the_cut() {
        let scorer = scorer(&tracks(300));
        let rows = rows(&scorer, 25_000);
        let scores = predictions(&scorer, &rows);
        let mut whole = ScoringCounts::after(0, &scorer);
        whole.add(&scorer, &rows, &scores);
        for cut in [1, 4_096, 9_999, 24_999] {
            let mut parts = [ScoringCounts::after(0, &scorer), ScoringCounts::after(cut as u64, &scorer)];
            parts[0].add(&scorer, &rows[..cut], &scores[..cut]);
            for (rows, scores) in rows[cut..].chunks(777).zip(scores[cut..].chunks(777)) {
                parts[1].add(&scorer, rows, scores);
            }
            let parts = parts.map(|part| serde_json::to_string(&part).expect("JSON"));
            let [mut merged, second]: [ScoringCounts; 2] =
                parts.map(|part| serde_json::from_str(&part).expect("counts"));
            merged.merge(&second);
            assert!(merged == whole, "{cut}");
        }
        // As the whole table at once gives them.
        assert_eq!(whole.warnings(), scorer.warning_summary(&rows));
        assert_eq!(whole.missing_features(&scorer), FeatureCoverageSummary::of(scorer.artifact(), &rows));
        let hits = scores.iter().filter(|score| score.label == Label::Hit).count() as u64;
        assert_eq!((whole.predictions().rows, whole.predictions().hits), (25_000, hits));
        let in_bins: u64 = whole.predictions().decades.iter().flat_map(|decade| decade.probabilities).sum();
        assert_eq!(in_bins, 25_000);
        assert_eq!(whole.predictions().decades[0].decade, None);
        assert_eq!(whole.predictions().decades[0].rows, 5_000);
    }

    #[test]
    fn the_drift_of_few_rows_is_that_of_the_table() {
        let scorer = scorer(&tracks(300));
        let rows = rows(&scorer, 5_000);
        let mut counts = ScoringCounts::after(0, &scorer);
        counts.add(&scorer, &rows, &predictions(&scorer, &rows));
        assert!(counts.drift(&scorer).is_some());
        assert_eq!(counts.drift(&scorer), DriftReport::of(rows.iter(), scorer.artifact()));
    }
}
