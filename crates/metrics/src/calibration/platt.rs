//! Platt scaling: a logistic curve over the log odds.

use serde::{Deserialize, Serialize};

use super::InvalidCalibration;

/// Most steps of Newton's method; few are needed, as the loss is convex.
const MAX_NEWTON_STEPS: usize = 100;
/// Shortest part of a step that is tried before the search ends.
const SHORTEST_STEP: f64 = 1e-10;
/// Added to the diagonal of the Hessian, so that it can be inverted where all log odds are equal.
const RIDGE: f64 = 1e-12;
/// Both parts of the gradient below this end the search.
const GRADIENT: f64 = 1e-7;

/// `1 / (1 + exp(−(slope · log odds + intercept)))`; the slope is greater than 0, so that order is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Factor of the log odds: below 1 where the estimator is too sure of itself, above 1 where it is not sure enough.
    pub slope: f64,
    /// Added to them: above 0 where hits are more frequent than the estimator thinks.
    pub intercept: f64,
}

impl Platt {
    /// Least distance of a probability from 0 and 1 before its log odds are taken, which are then within ±13.8: those of a
    /// forest's probabilities of 0 and 1 are infinite, and would dominate the fit.
    pub const MIN_PROBABILITY: f64 = 1e-6;

    /// Fits the curve to `probabilities` of tracks with the labels `truth`, by minimum log loss. The targets are Platt's:
    /// (h + 1) / (h + 2) for each of the h hits and 1 / (f + 2) for each of the f flops, instead of 1 and 0. They keep the curve
    /// finite for separable labels. J. Platt, “Probabilistic Outputs for Support Vector
    /// Machines”, 1999; by Newton's method with backtracking as in H.-T. Lin, C.-J. Lin and R. C. Weng, “A Note on Platt's
    /// Probabilistic Outputs for Support Vector Machines”, Machine Learning 68, 2007.
    ///
    /// `None` where the best curve does not increase: the estimator then ranks no better than chance.
    pub fn fit(truth: &[bool], probabilities: &[f64]) -> Option<Platt> {
        let hits = truth.iter().filter(|&&hit| hit).count() as f64;
        let flops = truth.len() as f64 - hits;
        let (hit_target, flop_target) = ((hits + 1.0) / (hits + 2.0), 1.0 / (flops + 2.0));
        let target = |&hit: &bool| if hit { hit_target } else { flop_target };
        let points: Vec<PlattSample> = truth
            .iter()
            .zip(probabilities)
            .map(|(hit, &probability)| PlattSample { log_odds: log_odds(probability), target: target(hit) })
            .collect();
        let constant = Platt { slope: 0.0, intercept: ((hits + 1.0) / (flops + 1.0)).ln() };
        // Fewer steps lead from here for probabilities that hardly need a calibration. The minimum is the same.
        let unchanged = Platt { slope: 1.0, intercept: 0.0 };
        let start = if loss(&points, unchanged) < loss(&points, constant) { unchanged } else { constant };
        let found = newton(&points, start);
        (found.slope > 0.0 && found.slope.is_finite() && found.intercept.is_finite()).then_some(found)
    }

    /// The calibrated probability.
    pub fn apply(&self, probability: f64) -> f64 {
        logistic(self.slope * log_odds(probability) + self.intercept)
    }

    /// Whether both numbers are finite and the slope is greater than 0.
    pub(super) fn check(&self) -> Result<(), InvalidCalibration> {
        let fault = |member: &str, rule: &str, value| {
            Err(InvalidCalibration { member: member.to_owned(), rule: rule.to_owned(), value })
        };
        match () {
            _ if !(self.slope > 0.0 && self.slope.is_finite()) => {
                fault("slope", "expected a finite number greater than 0", self.slope)
            }
            _ if !self.intercept.is_finite() => fault("intercept", "expected a finite number", self.intercept),
            _ => Ok(()),
        }
    }
}

/// A track as the fit sees it.
struct PlattSample {
    log_odds: f64,
    target: f64,
}

/// ln(p / (1 − p)), kept [`Platt::MIN_PROBABILITY`] away from certainty.
pub(crate) fn log_odds(probability: f64) -> f64 {
    let probability = probability.clamp(Platt::MIN_PROBABILITY, 1.0 - Platt::MIN_PROBABILITY);
    (probability / (1.0 - probability)).ln()
}

/// 1 / (1 + exp(−z)), by the form that does not overflow, and by the standard library's exp: fitted curves are stored in model
/// files, and calibrated probabilities must not depend on an approximation made for the speed of tree ensembles.
fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        z.exp() / (1.0 + z.exp())
    }
}

/// Σ ln(1 + exp(z)) − target · z: the log loss, by the form that does not overflow.
fn loss(points: &[PlattSample], curve: Platt) -> f64 {
    let one = |point: &PlattSample| {
        let z = curve.slope * point.log_odds + curve.intercept;
        z.max(0.0) + (-z.abs()).exp().ln_1p() - point.target * z
    };
    points.iter().map(one).sum()
}

/// First and second derivatives of the loss by slope and intercept.
#[derive(Default)]
struct PlattDerivatives {
    slope: f64,
    intercept: f64,
    slope_slope: f64,
    slope_intercept: f64,
    intercept_intercept: f64,
}

impl PlattDerivatives {
    fn of(points: &[PlattSample], curve: Platt) -> PlattDerivatives {
        let mut sums =
            PlattDerivatives { slope_slope: RIDGE, intercept_intercept: RIDGE, ..PlattDerivatives::default() };
        for point in points {
            let probability = logistic(curve.slope * point.log_odds + curve.intercept);
            let (error, weight) = (probability - point.target, probability * (1.0 - probability));
            sums.slope += error * point.log_odds;
            sums.intercept += error;
            sums.slope_slope += weight * point.log_odds * point.log_odds;
            sums.slope_intercept += weight * point.log_odds;
            sums.intercept_intercept += weight;
        }
        sums
    }

    /// The step that leads to the bottom of the parabola, and the loss's slope along it.
    fn step(&self) -> (Platt, f64) {
        let determinant = self.slope_slope * self.intercept_intercept - self.slope_intercept.powi(2);
        let slope = -(self.intercept_intercept * self.slope - self.slope_intercept * self.intercept) / determinant;
        let intercept = -(self.slope_slope * self.intercept - self.slope_intercept * self.slope) / determinant;
        (Platt { slope, intercept }, self.slope * slope + self.intercept * intercept)
    }
}

fn newton(points: &[PlattSample], start: Platt) -> Platt {
    let mut curve = start;
    let mut least = loss(points, curve);
    for _ in 0..MAX_NEWTON_STEPS {
        let derivatives = PlattDerivatives::of(points, curve);
        if derivatives.slope.abs() < GRADIENT && derivatives.intercept.abs() < GRADIENT {
            break;
        }
        let (step, descent) = derivatives.step();
        let along = |part: f64| Platt {
            slope: curve.slope + part * step.slope,
            intercept: curve.intercept + part * step.intercept,
        };
        // Armijo's rule: a step has to bring a part of what its slope promises.
        let parts = std::iter::successors(Some(1.0), |part| Some(part / 2.0)).take_while(|&part| part >= SHORTEST_STEP);
        let accepted = parts.map(|part| (part, loss(points, along(part))));
        let Some((part, lower)) = accepted.into_iter().find(|&(part, loss)| loss < least + 1e-4 * part * descent)
        else {
            break;
        };
        (curve, least) = (along(part), lower);
    }
    curve
}
