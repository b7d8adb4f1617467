//! An artifact and features to label, probability and the reasons for them. Nothing here reads, prints or writes.

pub mod cause;
pub mod counts;
pub mod drift;
#[cfg(test)]
mod fixtures;
pub mod neighbours;
pub mod overlap;
pub mod score_comparison;
pub mod warnings;

use ndarray::ArrayView2;

use crate::artifact::Artifact;
use crate::explain::counterfactual::{counterfactuals, Counterfactuals};
use crate::explain::explainers::Explainers;
use crate::explain::local::{self, Explanation};
use crate::missing::FeatureCoverage;
use hitflop_core::error::{Error, Result};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature, Label};

/// What a model says of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// A hit if the probability is greater than the threshold.
    pub label: Label,
    /// Probability of a hit, 0 to 1.
    pub probability: f64,
    /// Probability above which a track that lacks the same features is predicted as a hit.
    pub threshold: f64,
}

impl Prediction {
    /// The prediction at a threshold.
    pub fn at(probability: f64, threshold: f64) -> Prediction {
        Prediction { label: Label::at(probability, threshold), probability, threshold }
    }
}

/// Scores tracks by a saved model.
#[derive(Clone, Debug)]
pub struct Scorer {
    artifact: Artifact,
    features: Vec<Feature>,
    explainers: Explainers,
}

impl Scorer {
    /// A scorer by the model of `artifact`.
    pub fn new(artifact: Artifact) -> Scorer {
        let features = artifact.model.features();
        Scorer { features, explainers: Explainers::new(&artifact.model), artifact }
    }

    /// The features, in the order in which records must have them.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The model and its origin.
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Label and probability of each row of `records` (tracks × [`Scorer::features`], raw, in the features' units).
    ///
    /// # Errors
    /// There are more or fewer columns than features, or a value is infinite (named by row and column). A missing value is
    /// NaN; nothing is imputed.
    pub fn score(&self, records: ArrayView2<f64>) -> Result<Vec<Prediction>> {
        self.artifact.model.predict(records)
    }

    /// The contribution of each feature of a track to the model's answer, and the ranks of its values among the hits and the flops of
    /// its decade. `row` has a value a feature, as in [`Scorer::score`]. `decade` is the track's, where it is known; otherwise the
    /// value of that feature is taken, if the model has it.
    ///
    /// # Errors
    /// As [`Scorer::score`].
    pub fn explain(&self, row: &[f64], decade: Option<Decade>) -> Result<Explanation> {
        let mut explanations = self.explain_all(as_records(row)?, &[decade])?;
        explanations.pop().ok_or_else(|| Error::Failed("a row has no explanation".to_owned()))
    }

    /// As [`Scorer::explain`], of each row of `records`, whose decades are given as far as they are known.
    ///
    /// # Errors
    /// As [`Scorer::score`].
    pub fn explain_all(&self, records: ArrayView2<f64>, decades: &[Option<Decade>]) -> Result<Vec<Explanation>> {
        local::explain(&self.artifact.model, &self.explainers, &self.artifact.reference, records, decades)
    }

    /// The smallest changes of one or two features of a track with which the model would call it otherwise; none if its decade
    /// is not known, unless training knew no decade either.
    ///
    /// # Errors
    /// As [`Scorer::score`].
    pub fn counterfactuals(&self, row: &[f64], decade: Option<Decade>) -> Result<Counterfactuals> {
        let records = as_records(row)?;
        let decade = decade.or_else(|| local::decade_of(&self.features, records.row(0)));
        counterfactuals(&self.artifact.model, &self.artifact.reference, decade, row)
    }

    /// What the track lacks, and how good the answers to such tracks are.
    pub fn coverage(&self, row: &FeatureRow) -> FeatureCoverage {
        FeatureCoverage::of(&self.artifact, row)
    }
}

/// A row as records of one row.
fn as_records(row: &[f64]) -> Result<ArrayView2<'_, f64>> {
    ArrayView2::from_shape((1, row.len()), row).map_err(|error| Error::Failed(format!("a row has no shape: {error}")))
}

#[cfg(test)]
mod tests {
    use ndarray::{array, Axis, Slice};

    use super::fixtures::scorer;
    use super::*;
    use crate::fixtures::tracks;

    #[test]
    fn raw_features_get_label_and_probability() {
        let dataset = tracks(500);
        let scorer = scorer(&dataset);
        assert_eq!(scorer.features(), dataset.features());
        let scores = scorer.score(dataset.records()).expect("scores");
        let right =
            scores.iter().zip(dataset.targets()).filter(|(score, &hit)| (score.label == Label::Hit) == hit).count();
        assert!(right > 400, "{right} of 500");
        for score in &scores {
            assert_eq!(score.label == Label::Hit, score.probability > 0.5);
        }
        // A track's score does not depend on its company.
        assert_eq!(
            scorer.score(dataset.records().slice_axis(Axis(0), Slice::from(7..8))).expect("a score"),
            scores[7..8]
        );
        assert_eq!(scorer.score(dataset.records().slice_axis(Axis(0), Slice::from(..0))).expect("none"), []);
    }

    #[test]
    fn wrong_records_are_refused() {
        let scorer = scorer(&tracks(50));
        let message = scorer.score(array![[0.5]].view()).expect_err("too few columns").to_string();
        assert_eq!(message, r#"records to score: expected 3 columns, one a feature, found "1""#);
        let message = scorer.score(array![[0.5, f64::INFINITY, 1e5]].view()).expect_err("infinite").to_string();
        let rule = "expected a finite number, or NaN for a missing one";
        assert_eq!(message, format!(r#"records to score, row 1, column key: {rule}, found "inf""#));
        // A missing value is none that is wrong.
        let scores = scorer.score(array![[0.5, f64::NAN, 1e5]].view()).expect("a score");
        assert!((0.0..=1.0).contains(&scores[0].probability));
    }
}
