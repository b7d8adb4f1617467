//! What is known after several models were fitted to the same rows: a leaderboard, and the searches behind it.

use serde::{Deserialize, Serialize};

use super::blend::BlendMemberScores;
use super::cross_validation::CrossValidation;
use super::feature_set::FeatureSet;
use super::search::boosting::BoostingSearch;
use super::search::grid::GridSearch;
use crate::estimator::EstimatorParams;
use crate::estimator_text::serialize_entries;
use crate::evaluation::Evaluation;
use hitflop_metrics::scores::Scores;
use hitflop_metrics::split::SampleSize;

/// What a model cost on this machine. The seconds change from run to run; nothing else in a report does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Wall-clock time of the fit on the rows of the comparison, in seconds.
    pub fit_seconds: f64,
    /// Wall-clock time of predicting the test rows at once, divided by their number, in seconds.
    pub predict_seconds_per_row: f64,
    /// Size of the model's file, in bytes.
    pub artifact_bytes: u64,
}

/// A model in the comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeaderboardRow {
    /// What it is called: `random forest (notebook)`.
    pub title: String,
    /// Its parameters. As JSON, pairs of scikit-learn's name and value, in alphabetical order.
    #[serde(serialize_with = "serialize_entries")]
    pub params: EstimatorParams,
    /// Which features it was given.
    pub feature_set: FeatureSet,
    /// Scores on folds of the training rows.
    pub cross_validation: CrossValidation,
    /// Fitted on the rows of the comparison, scored on the test rows.
    pub evaluation: Evaluation,
    /// Time and size.
    pub cost: Cost,
}

/// Always answering with the label that is more frequent in training, with its share as the probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Scores on the same folds.
    pub cross_validation: CrossValidation,
    /// Scores on the test rows.
    pub scores: Scores,
}

/// Why the final model is the final one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceReason {
    /// Its mean ROC AUC over the folds is the greatest.
    CrossValidation,
    /// The user requested its kind.
    User,
}

/// Folds that every model is tried on at least.
pub const FIRST_FOLDS: usize = 2;

/// A model whose mean ROC AUC over the first folds is further behind that of the best is not tried on the others: 0.01, and more with fewer
/// than 6,600 rows a fold. The standard deviation of the difference between two models on such a fold is about 0.003; with fewer rows,
/// it grows by the square root.
pub fn max_behind(rows_per_fold: f64) -> f64 {
    const ROWS: f64 = 6_600.0;
    0.01 * (ROWS / rows_per_fold).max(1.0).sqrt()
}

/// Models that were fitted to the same training rows and scored on the same test rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leaderboard {
    /// How they were scored: `5 stratified folds of the training rows, seed 42; test rows: random 80/20, seed 42`.
    pub protocol: String,
    /// Size of the sample of the training rows that all models were compared on; absent if it was all training rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
    /// Number of folds.
    pub folds: u64,
    /// What needs no features.
    pub baseline: Baseline,
    /// Greatest mean ROC AUC over the folds first; models that were tried on the first folds only come last.
    #[serde(rename = "contenders")]
    pub rows: Vec<LeaderboardRow>,
    /// Index of the final model among the rows.
    pub chosen: usize,
    /// Why it is.
    pub chosen_by: ChoiceReason,
    /// How the parameters of the boosting were found.
    pub boosting_search: Option<BoostingSearch>,
    /// What each member adds to the blend among the models; empty without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blend: Vec<BlendMemberScores>,
    /// The notebook's grid, if it was searched.
    pub grid: Option<GridSearch>,
}

impl Leaderboard {
    /// Models that were tried on the first folds only, since they are clearly behind on these.
    pub fn dropped(&self) -> Vec<&LeaderboardRow> {
        self.rows.iter().filter(|row| (row.cross_validation.folds.len() as u64) < self.folds).collect()
    }

    /// How far behind these are at least ([`max_behind`]).
    pub fn max_behind(&self) -> f64 {
        let rows = self.rows.first().map_or(0, |row| row.evaluation.train_rows);
        max_behind(rows as f64 / self.folds as f64)
    }
}
