//! Calibration of a model's probabilities: of the tracks with a probability of 0.7, 70 % should be hits.
//!
//! A calibration is a map from the probability that an estimator gives to a better one. It never reverses the order of two
//! tracks. Two kinds are tried, both fitted on out-of-fold predictions, that is on probabilities of rows that the estimator was
//! not fitted on (as `CalibratedClassifierCV(ensemble=False)` of scikit-learn does):
//!
//! | module | what it is |
//! |---|---|
//! | [`Platt`] | a logistic curve over the log odds: two numbers, smooth, strictly increasing |
//! | [`Isotonic`] | the best increasing step function, joined by straight lines: any shape, but it has plateaus |
//! | [`choose`] | which of them is kept, if any |
//!
//! Log odds of two tracks whose order is kept stay in order under Platt's curve, so that no ranking score changes. An isotonic map
//! gives equal probabilities to tracks that lie on the same plateau. Ties count one half in the ROC AUC, which therefore moves a
//! little, down or up; and no threshold can part the tracks of a plateau, so that the threshold curve has steps where they are.

mod choice;
mod isotonic;
mod platt;

use serde::{Deserialize, Serialize};

pub use choice::{choose, CalibrationMethod, CalibrationSelection, MethodScore, SelectedCalibration};
pub use isotonic::Isotonic;
pub use platt::Platt;

/// A map from an estimator's probability to a calibrated one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Calibration {
    /// The probability as the estimator gives it.
    #[default]
    None,
    /// A logistic curve over the log odds (Platt 1999).
    Platt(Platt),
    /// Steps that ascend with the probability, by isotonic regression.
    Isotonic(Isotonic),
}

/// A way to calibrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibratorKind {
    /// Not at all.
    None,
    /// A logistic curve over the log odds.
    Platt,
    /// Ascending steps, by isotonic regression.
    Isotonic,
}

impl CalibratorKind {
    /// `none`, `platt`, `isotonic`.
    pub fn name(self) -> &'static str {
        match self {
            CalibratorKind::None => "none",
            CalibratorKind::Platt => "platt",
            CalibratorKind::Isotonic => "isotonic",
        }
    }

    /// `no calibration`, `Platt scaling`, `isotonic regression`.
    pub fn in_words(self) -> &'static str {
        match self {
            CalibratorKind::None => "no calibration",
            CalibratorKind::Platt => "Platt scaling",
            CalibratorKind::Isotonic => "isotonic regression",
        }
    }

    /// Fits a map of this kind to `probabilities` of tracks of which `truth` says whether they are hits. `None` where there is
    /// none that increases.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn fit(self, truth: &[bool], probabilities: &[f64]) -> Option<Calibration> {
        assert_eq!(truth.len(), probabilities.len(), "one probability a track");
        match self {
            CalibratorKind::None => Some(Calibration::None),
            CalibratorKind::Platt => Platt::fit(truth, probabilities).map(Calibration::Platt),
            CalibratorKind::Isotonic => Isotonic::fit(truth, probabilities).map(Calibration::Isotonic),
        }
    }
}

/// Why numbers are no calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidCalibration {
    /// Which of them: `probabilities[3]`.
    pub member: String,
    /// What was expected.
    pub rule: String,
    /// What was found.
    pub value: f64,
}

impl Calibration {
    /// Which kind it is.
    pub fn method(&self) -> CalibratorKind {
        match self {
            Calibration::None => CalibratorKind::None,
            Calibration::Platt(_) => CalibratorKind::Platt,
            Calibration::Isotonic(_) => CalibratorKind::Isotonic,
        }
    }

    /// The calibrated probability, 0 to 1, of what the estimator gives `probability`.
    pub fn apply(&self, probability: f64) -> f64 {
        match self {
            Calibration::None => probability,
            Calibration::Platt(platt) => platt.apply(probability),
            Calibration::Isotonic(isotonic) => isotonic.apply(probability),
        }
    }

    /// [`Calibration::apply`] to each of several.
    pub fn apply_to(&self, probabilities: &[f64]) -> Vec<f64> {
        probabilities.iter().map(|&probability| self.apply(probability)).collect()
    }

    /// `none`, `Platt scaling, slope 1.031, intercept −0.012`, `isotonic regression, 214 knots`.
    pub fn describe(&self) -> String {
        match self {
            Calibration::None => "none".to_owned(),
            Calibration::Platt(platt) => {
                format!("Platt scaling, slope {:.4}, intercept {:.4}", platt.slope, platt.intercept)
            }
            Calibration::Isotonic(isotonic) => format!("isotonic regression, {} knots", isotonic.probabilities.len()),
        }
    }

    /// Whether it maps 0..1 into 0..1 without turning an order round, as one that was fitted does.
    ///
    /// # Errors
    /// The first member that is not so.
    pub fn check(&self) -> Result<(), InvalidCalibration> {
        match self {
            Calibration::None => Ok(()),
            Calibration::Platt(platt) => platt.check(),
            Calibration::Isotonic(isotonic) => isotonic.check(),
        }
    }
}

#[cfg(test)]
mod tests;
