//! Which calibration is kept: the one with the least cross-fitted Brier score, and none unless one improves it by more than the standard
//! error of the improvement.

use serde::{Deserialize, Serialize};

use super::{Calibration, CalibratorKind};
use crate::moments::{deviation, mean};
use crate::reliability::ProbabilityScores;
use crate::scores::brier;
use crate::split::Folds;

/// Which calibrations are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum CalibrationMethod {
    /// The better of the two, if either improves the Brier score beyond its standard error
    #[default]
    Auto,
    /// No calibration
    None,
    /// A logistic curve over the log odds, if it improves the Brier score beyond its standard error
    Platt,
    /// Isotonic regression, if it improves the Brier score beyond its standard error
    Isotonic,
}

impl CalibrationMethod {
    /// `auto`, `none`, `platt`, `isotonic`.
    pub fn name(self) -> &'static str {
        match self {
            CalibrationMethod::Auto => "auto",
            CalibrationMethod::None => "none",
            CalibrationMethod::Platt => "platt",
            CalibrationMethod::Isotonic => "isotonic",
        }
    }

    /// What is tried, the simplest first; to do nothing is always tried.
    fn methods(self) -> &'static [CalibratorKind] {
        match self {
            CalibrationMethod::Auto => &[CalibratorKind::None, CalibratorKind::Platt, CalibratorKind::Isotonic],
            CalibrationMethod::None => &[CalibratorKind::None],
            CalibrationMethod::Platt => &[CalibratorKind::None, CalibratorKind::Platt],
            CalibrationMethod::Isotonic => &[CalibratorKind::None, CalibratorKind::Isotonic],
        }
    }
}

/// How one calibration did on the out-of-fold predictions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodScore {
    /// The method that was tried.
    pub method: CalibratorKind,
    /// Cross-fitted: each fold's rows are scored under the map that was fitted to the other folds' rows.
    pub scores: ProbabilityScores,
    /// Brier score of the map that was fitted to all rows, on those rows.
    pub fitted_brier: f64,
}

/// What was tried, and what was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationSelection {
    /// The requested method.
    #[serde(rename = "asked")]
    pub requested: CalibrationMethod,
    /// What was tried; the first is no calibration.
    pub trials: Vec<MethodScore>,
    /// Index of what was kept.
    pub kept: usize,
}

impl CalibrationSelection {
    /// What was kept.
    pub fn kept(&self) -> &MethodScore {
        &self.trials[self.kept]
    }
}

/// A calibration that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedCalibration {
    /// Fitted to all rows.
    pub calibration: Calibration,
    /// Each row's probability under the map that was fitted to the other folds' rows.
    pub cross_fitted: Vec<f64>,
    /// What was tried.
    pub study: CalibrationSelection,
}

/// A method with its cross-fitted probabilities and its fit to all rows.
struct FittedMethod {
    calibration: Calibration,
    cross_fitted: Vec<f64>,
    trial: MethodScore,
}

/// Tries the `requested` calibrations on the out-of-fold `probabilities` of the rows that `folds` part, and keeps the best.
///
/// A map that is scored on the rows that it was fitted to looks better than it is, an isotonic one above all. So each is
/// cross-fitted: the map of a fold's rows is fitted to the out-of-fold probabilities of the other folds. Kept is the one with the
/// least Brier score so found; the simpler one of equals. Of those only that improve on the probabilities themselves by more than the
/// standard error of the improvement, a mean over the rows. What is kept is then fitted to all rows. As a last guard it is dropped if it has a greater Brier score on those than no map at all,
/// which an isotonic map never has, and Platt's, which is fitted by log loss, may have.
///
/// # Panics
/// There is not one label and one probability for each row of the folds.
pub fn choose(
    requested: CalibrationMethod,
    truth: &[bool],
    probabilities: &[f64],
    folds: &Folds,
) -> SelectedCalibration {
    let mut tried: Vec<FittedMethod> =
        requested.methods().iter().filter_map(|&method| try_out(method, truth, probabilities, folds)).collect();
    let without = tried[0].trial;
    let is_better = |tried: &FittedMethod| {
        tried.trial.fitted_brier <= without.fitted_brier
            && gains_beyond_error(truth, probabilities, &tried.cross_fitted)
    };
    let mut kept = 0;
    for (index, candidate) in tried.iter().enumerate() {
        if is_better(candidate) && candidate.trial.scores.brier < tried[kept].trial.scores.brier {
            kept = index;
        }
    }
    let study = CalibrationSelection { requested, trials: tried.iter().map(|tried| tried.trial).collect(), kept };
    let FittedMethod { calibration, cross_fitted, .. } = tried.swap_remove(kept);
    SelectedCalibration { calibration, cross_fitted, study }
}

/// Whether the mean gain in the squared error, from the probabilities before to those after, is greater than its standard error.
fn gains_beyond_error(truth: &[bool], before: &[f64], after: &[f64]) -> bool {
    let error = |hit: bool, probability: f64| (probability - f64::from(u8::from(hit))).powi(2);
    let rows = truth.iter().zip(before.iter().zip(after));
    let gains: Vec<f64> = rows.map(|(&hit, (&before, &after))| error(hit, before) - error(hit, after)).collect();
    mean(&gains) > deviation(&gains) / (gains.len() as f64).sqrt()
}

/// `None` where the method has no map that increases, for all rows or for all but a fold's; for no calibration there is always one.
fn try_out(method: CalibratorKind, truth: &[bool], probabilities: &[f64], folds: &Folds) -> Option<FittedMethod> {
    let calibration = method.fit(truth, probabilities)?;
    let mut cross_fitted = vec![0.0; probabilities.len()];
    for fold in 0..folds.len() {
        let split = folds.split(fold);
        let others: (Vec<bool>, Vec<f64>) = split.train.iter().map(|&row| (truth[row], probabilities[row])).unzip();
        let map = method.fit(&others.0, &others.1)?;
        split.test.iter().for_each(|&row| cross_fitted[row] = map.apply(probabilities[row]));
    }
    let trial = MethodScore {
        method,
        scores: ProbabilityScores::of(truth, &cross_fitted),
        fitted_brier: brier(truth, &calibration.apply_to(probabilities)),
    };
    Some(FittedMethod { calibration, cross_fitted, trial })
}
