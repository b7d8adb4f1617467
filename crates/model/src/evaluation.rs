//! A fitted model's scores on rows that it has not seen.

use serde::{Deserialize, Serialize, Serializer};

use super::decision::Decision;
use super::estimator::EstimatorParams;
use super::estimator_text::serialize_description;
use super::model::Model;
use super::selection::hold_out::HoldOut;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::track::Feature;
use hitflop_metrics::curves::thinned_roc;
use hitflop_metrics::scores;
pub use hitflop_metrics::scores::{Confusion, RocPoint, Scores};

/// How much a feature contributes to a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// A feature of the model.
    pub feature: Feature,
    /// Its share of what all splits bring: decrease of impurity for tree and forest, gain for the boosting. All shares sum to 1,
    /// or are 0 where there is no split.
    pub share: f64,
}

/// One model on one split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Parameters of the estimator. As JSON, `model` describes them: `decision tree, depth 7, leaf 2`.
    #[serde(rename = "model", serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// How rows were held out. As JSON, `protocol` describes it: `random 80/20, seed 42`.
    #[serde(rename = "protocol", serialize_with = "protocol")]
    pub hold_out: HoldOut,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Rows scored on.
    pub test_rows: u64,
    /// Features fitted on, in order.
    pub features: Vec<Feature>,
    /// A track is predicted as a hit if its probability is greater than this.
    pub threshold: f64,
    /// Scores on the test rows.
    pub scores: Scores,
    /// Accuracy on the test rows of always naming the label that is more frequent in training.
    pub majority_accuracy: f64,
    /// Answers on the test rows.
    pub confusion: Confusion,
    /// ROC curve on the test rows, from (0, 0) to (1, 1), without points closer than 0.002 in both rates.
    pub roc: Vec<RocPoint>,
    /// Impurity importances, greatest first.
    pub importances: Vec<Importance>,
}

fn protocol<S: Serializer>(hold_out: &HoldOut, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&hold_out.description())
}

/// Scores `model`, which was fitted on `train`, on `test`.
///
/// # Errors
/// The columns of `test` are not those that the model was fitted on.
pub fn evaluate(model: &Model, hold_out: HoldOut, train: &Dataset, test: &Dataset) -> Result<Evaluation> {
    let probabilities = model.predict_proba(test.records())?.to_vec();
    Ok(evaluate_predicted(model, hold_out, train, test, &probabilities))
}

/// As [`evaluate`], with the probabilities that the model gave to the test rows.
pub(crate) fn evaluate_predicted(
    model: &Model,
    hold_out: HoldOut,
    train: &Dataset,
    test: &Dataset,
    probabilities: &[f64],
) -> Evaluation {
    let truth = test.targets().to_vec();
    Evaluation {
        params: model.params.clone(),
        hold_out,
        train_rows: train.rows() as u64,
        test_rows: test.rows() as u64,
        features: model.features(),
        threshold: model.threshold,
        scores: scores::scores(&truth, probabilities, model.threshold),
        majority_accuracy: majority_accuracy(train, test),
        confusion: scores::confusion(&truth, probabilities, model.threshold),
        roc: thinned_roc(scores::roc_curve(&truth, probabilities)),
        importances: importances(model),
    }
}

impl Evaluation {
    /// Why the model gives every track the same probability, if none of its trees has a split.
    pub fn without_split(&self) -> Option<String> {
        if self.importances.iter().any(|importance| importance.share > 0.0) {
            return None;
        }
        let leaf = self.params.values().into_iter().find(|(name, _)| name == "min_samples_leaf");
        let leaf = leaf.and_then(|(_, value)| value.number()).unwrap_or(1.0);
        let reason = match 2.0 * leaf > self.train_rows as f64 {
            true => format!("min_samples_leaf {leaf} allows none in {} training rows", self.train_rows),
            false => "no split of the training rows improves the model".to_owned(),
        };
        Some(format!("the model gives every track the same probability, as no tree has a split: {reason}"))
    }

    /// The same model under another calibration and threshold; `raw` are the estimator's probabilities of the rows that it was scored
    /// on, of which `truth` says whether they are hits.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn with_decision(self, decision: &Decision, truth: &[bool], raw: &[f64]) -> Evaluation {
        let probabilities = decision.calibration.apply_to(raw);
        let threshold = decision.threshold;
        Evaluation {
            threshold,
            scores: scores::scores(truth, &probabilities, threshold),
            confusion: scores::confusion(truth, &probabilities, threshold),
            roc: thinned_roc(scores::roc_curve(truth, &probabilities)),
            ..self
        }
    }
}

/// Share of the test rows that have the label which is more frequent in training; on a draw, share of flops.
fn majority_accuracy(train: &Dataset, test: &Dataset) -> f64 {
    let majority_is_hit = 2 * train.hits() > train.rows();
    let right = if majority_is_hit { test.hits() } else { test.rows() - test.hits() };
    right as f64 / test.rows() as f64
}

/// Greatest first; features that contribute alike stay in the model's order.
fn importances(model: &Model) -> Vec<Importance> {
    let shares = model.estimator.importances();
    let mut importances: Vec<Importance> =
        model.features().into_iter().zip(shares).map(|(feature, share)| Importance { feature, share }).collect();
    importances.sort_by(|a, b| b.share.total_cmp(&a.share));
    importances
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::EstimatorKind;
    use crate::fixtures::{params, tracks};
    use crate::selection::train::train_held_out;

    fn evaluation(rows: usize) -> Evaluation {
        let trained = train_held_out(EstimatorParams::of(EstimatorKind::Tree), &tracks(rows), &HoldOut::default());
        trained.expect("a model").evaluation
    }

    #[test]
    fn parts_of_an_evaluation_agree() {
        let evaluation = evaluation(700);
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
    fn a_model_without_a_split_says_so() {
        assert_eq!(evaluation(700).without_split(), None);
        let trained = |rows: usize, settings: &[(&str, &str)]| {
            let params = params(EstimatorKind::Boosting, settings);
            train_held_out(params, &tracks(rows), &HoldOut::default()).expect("a model").evaluation.without_split()
        };
        let message = trained(40, &[]).expect("20 rows a leaf and 32 rows");
        assert!(message.ends_with("min_samples_leaf 20 allows none in 32 training rows"), "{message}");
        assert_eq!(trained(40, &[("min_samples_leaf", "5")]), None);
        let message = trained(400, &[("min_child_weight", "1000")]).expect("no leaf has so much weight");
        assert!(message.ends_with("no split of the training rows improves the model"), "{message}");
    }

    #[test]
    fn an_evaluation_is_described_in_json() {
        let evaluation = evaluation(300);
        let json = serde_json::to_value(&evaluation).expect("serialised");
        assert_eq!(json["model"], EstimatorParams::of(EstimatorKind::Tree).describe());
        assert_eq!(json["protocol"], "random 80/20, seed 42");
        // JSON has no infinity: the threshold of the first point is null, and is read as infinite.
        assert!(evaluation.roc[0].threshold.is_infinite());
        let roc: Vec<RocPoint> = serde_json::from_value(json["roc"].clone()).expect("points");
        assert_eq!(roc, evaluation.roc);
    }
}
