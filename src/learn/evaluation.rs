//! A fitted model's scores on rows that it has not seen.

use serde::{Deserialize, Deserializer, Serialize};

use super::dataset::Dataset;
use super::metrics;
use super::model::Model;
use crate::error::Result;
use crate::track::Feature;

/// Counts of right and wrong answers; a hit is the positive class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Flops called flops.
    pub true_negatives: u64,
    /// Flops called hits.
    pub false_positives: u64,
    /// Hits called flops.
    pub false_negatives: u64,
    /// Hits called hits.
    pub true_positives: u64,
}

/// Scores of a binary classifier, as scikit-learn defines them; a hit is the positive class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Share of right answers.
    pub accuracy: f64,
    /// Share of hits among the tracks called hits; 0 if none is.
    pub precision: f64,
    /// Share of the hits that are called hits; 0 if there is none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Area under the ROC curve; a tie counts one half. 0.5 where only one label occurs.
    pub roc_auc: f64,
}

/// A point of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Share of the flops called hits.
    pub false_positive_rate: f64,
    /// Share of the hits called hits.
    pub true_positive_rate: f64,
    /// Tracks whose probability is at least this are called hits; infinite at the first point, where none is (written as null).
    #[serde(deserialize_with = "infinite_if_null")]
    pub threshold: f64,
}

/// JSON has no infinity.
fn infinite_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// How much a feature contributes to a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Which feature.
    pub feature: Feature,
    /// Its share of the impurity decrease; all shares sum to 1, or are 0 in a tree without a split.
    pub share: f64,
}

/// One model on one split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What it is: `decision tree, depth 7, leaf 2`.
    pub model: String,
    /// How rows were split: `random 80/20, seed 42`.
    pub protocol: String,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Rows scored on.
    pub test_rows: u64,
    /// Features fitted on, in order.
    pub features: Vec<Feature>,
    /// A track is called a hit if its probability is greater than this.
    pub threshold: f64,
    /// Scores on the test rows.
    pub scores: Scores,
    /// Accuracy on the test rows of always naming the label that is commoner in training.
    pub majority_accuracy: f64,
    /// Answers on the test rows.
    pub confusion: Confusion,
    /// ROC curve on the test rows, from (0, 0) to (1, 1).
    pub roc: Vec<RocPoint>,
    /// Impurity importances, greatest first.
    pub importances: Vec<Importance>,
}

/// Scores `model`, which was fitted on `train`, on `test`.
///
/// # Errors
/// The columns of `test` are not those that the model was fitted on.
pub fn evaluate(model: &Model, protocol: String, train: &Dataset, test: &Dataset) -> Result<Evaluation> {
    let probabilities = model.predict_proba(test.records())?.to_vec();
    let truth = test.targets().to_vec();
    Ok(Evaluation {
        model: model.name(),
        protocol,
        train_rows: train.rows() as u64,
        test_rows: test.rows() as u64,
        features: model.features(),
        threshold: model.threshold,
        scores: metrics::scores(&truth, &probabilities, model.threshold),
        majority_accuracy: majority_accuracy(train, test),
        confusion: metrics::confusion(&truth, &probabilities, model.threshold),
        roc: metrics::roc_curve(&truth, &probabilities),
        importances: importances(model),
    })
}

/// Share of the test rows that have the label which is commoner in training; on a draw, share of flops.
fn majority_accuracy(train: &Dataset, test: &Dataset) -> f64 {
    let majority_is_hit = 2 * train.hits() > train.rows();
    let right = if majority_is_hit { test.hits() } else { test.rows() - test.hits() };
    right as f64 / test.rows() as f64
}

/// Greatest first; features that contribute alike stay in the model's order.
fn importances(model: &Model) -> Vec<Importance> {
    let shares = model.tree.tree().importances();
    let mut importances: Vec<Importance> =
        model.features().into_iter().zip(shares).map(|(feature, share)| Importance { feature, share }).collect();
    importances.sort_by(|a, b| b.share.total_cmp(&a.share));
    importances
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::examples::tracks;
    use crate::learn::{train, TrainSettings};

    #[test]
    fn parts_of_an_evaluation_agree() {
        let dataset = tracks(700);
        let evaluation = train(&dataset, &TrainSettings::default()).expect("a model").evaluation;
        let Confusion { true_negatives, false_positives, false_negatives, true_positives } = evaluation.confusion;
        assert_eq!(true_negatives + false_positives + false_negatives + true_positives, evaluation.test_rows);
        assert_eq!(evaluation.scores.accuracy, evaluation.confusion.accuracy());
        let ends = [evaluation.roc[0], evaluation.roc[evaluation.roc.len() - 1]];
        assert_eq!(ends.map(|point| (point.false_positive_rate, point.true_positive_rate)), [(0.0, 0.0), (1.0, 1.0)]);
        assert!((evaluation.importances.iter().map(|importance| importance.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(evaluation.importances.is_sorted_by(|a, b| a.share >= b.share));
        assert!(evaluation.majority_accuracy >= 0.3);
    }

    #[test]
    fn an_evaluation_survives_json_with_its_infinite_threshold() {
        let dataset = tracks(300);
        let evaluation = train(&dataset, &TrainSettings::default()).expect("a model").evaluation;
        assert!(evaluation.roc[0].threshold.is_infinite());
        let json = serde_json::to_string(&evaluation).expect("serialised");
        assert_eq!(serde_json::from_str::<Evaluation>(&json).expect("read back"), evaluation);
    }
}
