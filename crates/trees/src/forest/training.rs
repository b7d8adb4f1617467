//! What the trees of a forest share: parameters, bins, weights.

use super::binned_layout::BinnedLayout;
use super::options::MaxSamples;
use super::params::RandomForestValidParams;
use super::weights::{class_weights, whole_weights};
use crate::binning::{BinnedRecords, Binning};
use crate::checks::{check_any_row, check_shape, check_weights};
use crate::{Result, TreesError};

/// Most training rows.
const MAX_FOREST_ROWS: usize = (1 << 31) - 1;

/// What all trees of a forest are grown from.
pub(super) struct ForestTraining<'a> {
    pub params: RandomForestValidParams,
    pub binned: &'a BinnedRecords,
    pub binning: &'a Binning,
    pub blocks: BinnedLayout,
    /// Rows in use, ascending.
    pub used: Vec<u32>,
    /// Whether a row is of the positive class.
    pub targets: &'a [bool],
    /// Whole numbers in proportion to the sample weights, one a row; `None` if all are the same.
    pub weights: Option<Vec<u64>>,
    /// Of the negative and the positive class.
    pub class_weights: [f64; 2],
    /// Rows sampled for each tree.
    pub draws: usize,
    pub max_features: usize,
}

impl<'a> ForestTraining<'a> {
    /// Checks the rows and prepares them (see [`super::ForestGrower::new`]).
    pub(super) fn new(
        params: &RandomForestValidParams,
        binned: &'a BinnedRecords,
        binning: &'a Binning,
        targets: &'a [bool],
        weights: Option<&[f32]>,
    ) -> Result<ForestTraining<'a>> {
        check_shape(binned.rows(), binned.features(), targets.len(), MAX_FOREST_ROWS)?;
        check_weights(weights, binned.rows())?;
        let is_used = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
        let used: Vec<u32> = (0..binned.rows() as u32).filter(is_used).collect();
        check_any_row(used.len())?;
        let draws = if params.bootstrap() { draws(params.max_samples(), used.len())? } else { used.len() };
        Ok(ForestTraining {
            params: *params,
            binned,
            binning,
            blocks: BinnedLayout::new(binned),
            weights: weights.and_then(|weights| whole_weights(weights, draws)),
            class_weights: class_weights(params.class_weight(), used.iter().map(|&row| targets[row as usize])),
            used,
            targets,
            draws,
            max_features: params.max_features().of(binned.features()),
        })
    }
}

/// How many rows are sampled for a tree.
fn draws(max_samples: Option<MaxSamples>, rows: usize) -> Result<usize> {
    match max_samples {
        None => Ok(rows),
        Some(MaxSamples::Fraction(fraction)) => Ok(((fraction * rows as f64).round() as usize).max(1)),
        Some(MaxSamples::Number(number)) if number <= rows => Ok(number),
        Some(MaxSamples::Number(number)) => {
            let rule = format!("expected at most the number of rows, {rows}");
            Err(TreesError::parameter("max_samples", rule, number))
        }
    }
}
