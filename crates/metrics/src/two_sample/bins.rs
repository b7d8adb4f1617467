//! Bins of the population stability index.

use crate::quantile::bin_ends;

/// Bins of about equal shares of the reference, if no value is frequent.
const BINS: usize = 10;

/// Upper ends of the bins of a quantity: the deciles of the reference, whose values are given ascending.
pub(super) fn decile_ends(sorted: &[f64]) -> Vec<f64> {
    bin_ends(sorted, BINS)
}
