//! Calibration and threshold: from an estimator's probability to the model's, and to a label.
//!
//! Both are chosen on out-of-fold probabilities of the training rows, so that the test rows have no part in it, nor has any
//! probability of a row that the estimator was fitted on, which would be too sure.

use serde::{Deserialize, Serialize};

use hitflop_core::error::Result;
use hitflop_metrics::calibration::{self, Calibration, CalibrationMethod, CalibrationSelection};
use hitflop_metrics::split::Folds;
use hitflop_metrics::threshold::{self, Objective};
use hitflop_trees::THRESHOLD;

/// How calibration and threshold are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionRule {
    /// Which calibrations are tried.
    pub calibration: CalibrationMethod,
    /// What the threshold is chosen for.
    pub objective: Objective,
}

impl DecisionRule {
    /// Whether out-of-fold probabilities are needed: not for a threshold set by hand without calibration.
    pub fn needs_folds(&self) -> bool {
        self.calibration != CalibrationMethod::None || !self.objective.is_fixed()
    }
}

/// Calibration and threshold of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// From the estimator's probability to the model's.
    pub calibration: Calibration,
    /// A track is predicted as a hit if its calibrated probability is greater than this.
    pub threshold: f64,
    /// What the threshold was chosen for.
    #[serde(rename = "threshold_objective")]
    pub objective: Objective,
}

impl Decision {
    /// No calibration, and this threshold.
    pub fn fixed(threshold: f64) -> Decision {
        Decision { calibration: Calibration::None, threshold, objective: Objective::Fixed(threshold) }
    }
}

impl Default for Decision {
    /// No calibration, and a threshold of 0.5.
    fn default() -> Decision {
        Decision::fixed(THRESHOLD)
    }
}

/// Training rows with their out-of-fold probabilities, before and after calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfFold {
    /// Whether each row is a hit.
    pub truth: Vec<bool>,
    /// Each row's probability by an estimator that was fitted to the other folds.
    pub raw: Vec<f64>,
    /// The same under the calibration that was fitted to the other folds' probabilities.
    pub calibrated: Vec<f64>,
    /// Which calibrations were tried, and how they did.
    pub study: CalibrationSelection,
}

/// Chooses calibration and threshold by the out-of-fold `probabilities` of rows that `folds` part; `truth` says which are hits.
/// The threshold is chosen on cross-fitted probabilities.
///
/// # Errors
/// No threshold reaches the requested precision.
///
/// # Panics
/// There is not one label and one probability for each row of the folds.
pub fn decide(
    rule: &DecisionRule,
    truth: Vec<bool>,
    probabilities: Vec<f64>,
    folds: &Folds,
) -> Result<(Decision, OutOfFold)> {
    let choice = calibration::choose(rule.calibration, &truth, &probabilities, folds);
    let threshold = threshold::choose(rule.objective, &truth, &choice.cross_fitted)?;
    let decision = Decision { calibration: choice.calibration, threshold, objective: rule.objective };
    let evidence = OutOfFold { truth, raw: probabilities, calibrated: choice.cross_fitted, study: choice.study };
    Ok((decision, evidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::tracks;
    use crate::probabilities::ProbabilityQuality;
    use crate::selection::cross_validation::{cross_validate, CrossValidated};
    use crate::selection::hold_out::HoldOut;
    use crate::selection::train::{train, FittedModel};
    use hitflop_metrics::calibration::CalibratorKind;
    use hitflop_metrics::curves::ThresholdPoint;

    fn decided(kind: EstimatorKind, rule: DecisionRule) -> (FittedModel, ProbabilityQuality, Vec<bool>) {
        let dataset = tracks(900);
        let (fit, test) =
            (dataset.select(&(0..600).collect::<Vec<_>>()), dataset.select(&(600..900).collect::<Vec<_>>()));
        let params = EstimatorParams::of(kind);
        let folds = Folds::stratified(&fit.targets().to_vec(), 5, 42).expect("folds");
        let CrossValidated { out_of_fold, .. } = cross_validate(&params, &fit, &folds).expect("predictions");
        let (decision, evidence) = decide(&rule, fit.targets().to_vec(), out_of_fold, &folds).expect("a decision");
        let trained = train(params, &fit, &test, HoldOut::default()).expect("a model");
        let truth = test.targets().to_vec();
        let probabilities = ProbabilityQuality::of(&decision, Some(&evidence), &truth, &trained.raw);
        (trained.with_decision(&decision, &truth), probabilities, truth)
    }

    /// The model, its evaluation and what the report says of its probabilities are three ways to the same numbers.
    #[test]
    fn whoever_uses_a_decision_comes_to_the_same_answers() {
        let dataset = tracks(900);
        let test = dataset.select(&(600..900).collect::<Vec<_>>());
        for kind in EstimatorKind::SINGLE {
            for (calibration, objective) in [
                (CalibrationMethod::Auto, Objective::Accuracy),
                (CalibrationMethod::Isotonic, Objective::F1),
                (CalibrationMethod::None, Objective::Fixed(0.3)),
            ] {
                let (trained, quality, truth) = decided(kind, DecisionRule { calibration, objective });
                let probabilities = trained.model.predict_proba(test.records()).expect("probabilities").to_vec();
                let at = ThresholdPoint::at(trained.model.threshold, &truth, &probabilities);
                assert_eq!(quality.test.chosen, at);
                let scores = trained.evaluation.scores;
                assert_eq!((scores.accuracy, scores.recall, scores.f1), (at.accuracy, at.recall, at.f1));
                assert_eq!(
                    (scores.brier, scores.roc_auc),
                    (quality.scores.test.after.brier, quality.scores.test.after.roc_auc)
                );
                assert_eq!((trained.evaluation.threshold, trained.model.objective), (quality.threshold, objective));
                assert_eq!(trained.model.calibration, quality.calibration);
            }
        }
    }

    #[test]
    fn a_threshold_by_hand_is_taken_as_it_is() {
        let rule = DecisionRule { calibration: CalibrationMethod::None, objective: Objective::Fixed(0.3) };
        assert!(!rule.needs_folds() && DecisionRule::default().needs_folds());
        assert!(DecisionRule { calibration: CalibrationMethod::Platt, ..rule }.needs_folds());
        let (trained, quality, _) = decided(EstimatorKind::Tree, rule);
        assert_eq!((trained.model.threshold, quality.calibration.method()), (0.3, CalibratorKind::None));
        assert_eq!(quality.before, quality.after);
    }

    /// A full-grown tree is certain of every track; its out-of-fold probabilities show how far that is right.
    #[test]
    fn an_overconfident_tree_is_calibrated() {
        let (_, quality, _) = decided(EstimatorKind::Tree, DecisionRule::default());
        assert_ne!(quality.calibration.method(), CalibratorKind::None);
        let scores = quality.scores.out_of_fold.expect("it was cross-validated");
        assert!(scores.after.brier < scores.before.brier);
        assert!(quality.scores.test.after.log_loss < quality.scores.test.before.log_loss, "{:?}", quality.scores);
    }
}
