//! Isotonic regression: the increasing map with the least squared error.

use serde::{Deserialize, Serialize};

use super::InvalidCalibration;

/// A map through knots, straight between two of them and flat beyond the outermost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// The estimator's probability at each knot, strictly increasing.
    pub probabilities: Vec<f64>,
    /// What it is mapped to, never decreasing.
    pub calibrated: Vec<f64>,
}

/// Neighbouring tracks that share a calibrated probability.
#[derive(Clone, Copy)]
struct PooledBlock {
    low: f64,
    high: f64,
    hits: u64,
    rows: u64,
}

impl PooledBlock {
    /// Whether its share of hits is less than another's; whole numbers, so that there is no rounding to mind.
    fn is_below(&self, other: &PooledBlock) -> bool {
        u128::from(self.hits) * u128::from(other.rows) < u128::from(other.hits) * u128::from(self.rows)
    }
}

impl Isotonic {
    /// Fits the map to `probabilities` of tracks of which `truth` says whether they are hits: of all maps that do not decrease, the
    /// one with the least squared error (M. Ayer and others, “An Empirical Distribution Function for Sampling with Incomplete
    /// Information”, Annals of Mathematical Statistics 26, 1955), by pooling adjacent violators. The same as scikit-learn's
    /// `IsotonicRegression(out_of_bounds="clip")`. `None` without tracks.
    ///
    /// Its Brier score on the tracks that it was fitted to is at most that of the probabilities themselves, since leaving them as
    /// they are is one of the maps that do not decrease.
    pub fn fit(truth: &[bool], probabilities: &[f64]) -> Option<Isotonic> {
        let mut order: Vec<usize> = (0..truth.len()).collect();
        order.sort_unstable_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
        let mut blocks: Vec<PooledBlock> = Vec::new();
        for tied in order.chunk_by(|&a, &b| probabilities[a] == probabilities[b]) {
            let hits = tied.iter().filter(|&&row| truth[row]).count() as u64;
            let at = probabilities[tied[0]];
            let mut block = PooledBlock { low: at, high: at, hits, rows: tied.len() as u64 };
            while let Some(before) = blocks.pop_if(|before| !before.is_below(&block)) {
                block = PooledBlock {
                    low: before.low,
                    high: block.high,
                    hits: before.hits + block.hits,
                    rows: before.rows + block.rows,
                };
            }
            blocks.push(block);
        }
        (!blocks.is_empty()).then(|| Isotonic::through(&blocks))
    }

    /// A knot at either end of each block; one where it holds a single probability.
    fn through(blocks: &[PooledBlock]) -> Isotonic {
        let mut map = Isotonic { probabilities: Vec::new(), calibrated: Vec::new() };
        for block in blocks {
            let share = block.hits as f64 / block.rows as f64;
            let ends = [block.low, block.high];
            for &end in if block.low < block.high { &ends[..] } else { &ends[..1] } {
                map.probabilities.push(end);
                map.calibrated.push(share);
            }
        }
        map
    }

    /// The calibrated probability.
    pub fn apply(&self, probability: f64) -> f64 {
        let (knots, values) = (&self.probabilities, &self.calibrated);
        let above = knots.partition_point(|&knot| knot <= probability);
        if above == 0 || above == knots.len() {
            return values[above.saturating_sub(1)];
        }
        let (low, high) = (values[above - 1], values[above]);
        let part = (probability - knots[above - 1]) / (knots[above] - knots[above - 1]);
        // Rounding may lead beyond the knot, and so turn an order round.
        (low + (high - low) * part).clamp(low, high)
    }

    /// Whether there are knots in order, with values from 0 to 1 that do not decrease.
    pub(super) fn check(&self) -> Result<(), InvalidCalibration> {
        let fault = |member: String, rule: String, value| Err(InvalidCalibration { member, rule, value });
        let (knots, values) = (&self.probabilities, &self.calibrated);
        if knots.is_empty() {
            return fault("probabilities".to_owned(), "expected at least one knot".to_owned(), 0.0);
        }
        if values.len() != knots.len() {
            let rule = format!("expected {} numbers, one a knot", knots.len());
            return fault("calibrated".to_owned(), rule, values.len() as f64);
        }
        for (name, numbers) in [("probabilities", knots), ("calibrated", values)] {
            if let Some(index) = numbers.iter().position(|number| !(0.0..=1.0).contains(number)) {
                let rule = "expected a number from 0 to 1".to_owned();
                return fault(format!("{name}[{index}]"), rule, numbers[index]);
            }
        }
        if let Some(index) = (1..knots.len()).find(|&index| knots[index] <= knots[index - 1]) {
            let rule = format!("expected more than that of the knot before, {}", knots[index - 1]);
            return fault(format!("probabilities[{index}]"), rule, knots[index]);
        }
        match (1..values.len()).find(|&index| values[index] < values[index - 1]) {
            None => Ok(()),
            Some(index) => {
                let rule = format!("expected at least that of the knot before, {}", values[index - 1]);
                fault(format!("calibrated[{index}]"), rule, values[index])
            }
        }
    }
}
