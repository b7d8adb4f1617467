//! A fitted model's scores on rows that it has not seen.

use serde::{Deserialize, Serialize};

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
    /// Area under the ROC curve; a tie counts one half.
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
    pub threshold: f64,
}

/// How much a feature contributes to a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Which feature.
    pub feature: Feature,
    /// Its share of the impurity decrease; all shares sum to 1.
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
