//! Fitting on linfa's contract: what may be fitted on, and what is held out.

use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{ArrayBase, Data, Ix2};

use super::boost::{fit, BoostInput, BoostedEnsemble};
use super::distillation::{distil, DistilledRows};
use super::model::GradientBoosting;
use super::options::Distillation;
use super::params::GradientBoostingValidParams;
use super::sampling::draw_stratified;
use crate::binning::{BinnedRecords, Binning};
use crate::checks::{check_any_row, check_not_infinite, check_shape, check_weights};
use crate::{Result, TreesError};

/// Most rows: they are counted in 32 bits.
const MAX_BOOSTING_ROWS: usize = u32::MAX as usize;

/// Binned rows to fit on, for a search that bins once and fits often.
#[derive(Clone, Copy, Debug)]
pub struct BinnedDataset<'a> {
    /// Where the features are cut.
    pub binning: &'a Binning,
    /// Rows binned by it.
    pub records: &'a BinnedRecords,
    /// Whether each row is of the positive class.
    pub targets: &'a [bool],
    /// A weight a row, at least 0; none for 1 each.
    pub weights: Option<&'a [f32]>,
    /// Rows (ascending, each once) that are not trained on, but on which the loss is followed, and by which early stopping
    /// judges. `None` for rows sampled by the seed with early stopping, and for no such rows without it.
    pub validation: Option<&'a [usize]>,
}

impl GradientBoostingValidParams {
    /// As `fit`, on rows that are binned already; `max_bins` does not matter.
    ///
    /// # Errors
    /// Those of `fit`; or a validation row is out of range or does not stand above the one before it.
    ///
    /// # Panics
    /// The records were not binned by this binning.
    pub fn fit_binned(&self, dataset: BinnedDataset) -> Result<GradientBoosting> {
        let BinnedDataset { binning, records, targets, weights, validation } = dataset;
        check_shape(records.rows(), records.features(), targets.len(), MAX_BOOSTING_ROWS)?;
        let weights = checked_weights(weights, records.rows())?;
        let (rows, validation) = match validation {
            Some(held_out) => {
                check_validation(held_out, records.rows())?;
                part(weighted(&weights), |row| held_out.binary_search(&(row as usize)).is_err())
            }
            None => self.without_held_out(weighted(&weights), targets)?,
        };
        check_any_row(rows.len())?;
        let truths: Vec<f64> = targets.iter().map(|&target| f64::from(u8::from(target))).collect();
        let training = BoostInput { binning, records, truths: &truths, weights: &weights, rows, validation };
        match self.distillation() {
            Some(distillation) if !training.is_pure() => self.fit_distilled(&training, distillation),
            _ => fit(&training, self),
        }
        .map(GradientBoosting::from)
    }

    /// As `fit`, on the probabilities of networks. The loss is followed on the validation rows and their classes all the same.
    fn fit_distilled(&self, training: &BoostInput, distillation: &Distillation) -> Result<BoostedEnsemble> {
        let validation: Vec<usize> = training.validation.iter().map(|&row| row as usize).collect();
        check_distilled_rows(training.rows.len(), distillation.copies, validation.len())?;
        let DistilledRows { records, mut truths, mut weights } = distil(training, distillation, self.seed());
        let rows = truths.len() as u32;
        truths.extend(validation.iter().map(|&row| training.truths[row]));
        weights.extend(validation.iter().map(|&row| training.weights[row]));
        fit(
            &BoostInput {
                binning: training.binning,
                records: &records.followed_by(&training.records.select(&validation)),
                truths: &truths,
                weights: &weights,
                rows: (0..rows).collect(),
                validation: (rows..truths.len() as u32).collect(),
            },
            self,
        )
    }

    /// The rows to train on, and those held out for early stopping: none without it, and none of a single class, where no
    /// tree is grown.
    fn without_held_out(&self, rows: Vec<u32>, targets: &[bool]) -> Result<(Vec<u32>, Vec<u32>)> {
        let is_positive = |row: &u32| targets[*row as usize];
        let (Some(stopping), true, true) =
            (self.early_stopping(), rows.iter().any(is_positive), !rows.iter().all(is_positive))
        else {
            return Ok((rows, Vec::new()));
        };
        let rule = "expected at least two rows of either class, one to hold out for early stopping";
        let sampled = draw_stratified(&rows, targets, stopping.validation_share, self.seed());
        let sampled = sampled.ok_or_else(|| TreesError::TooFewRows { rule: rule.to_owned(), value: 1 })?;
        Ok(part(rows, |row| sampled.binary_search(&row).is_err()))
    }
}

/// Whether training rows, their copies and validation rows are few enough to be counted.
pub(super) fn check_distilled_rows(rows: usize, copies: usize, validation: usize) -> Result<()> {
    // The rows were counted in 32 bits, and there are few copies.
    let all = |copies: usize| rows * (copies + 1) + validation;
    if all(copies) > MAX_BOOSTING_ROWS {
        let most = (0..copies).rev().find(|&copies| all(copies) <= MAX_BOOSTING_ROWS).unwrap_or(0);
        let rule = format!("expected 0 to {most} for {rows} training rows");
        return Err(TreesError::parameter("distillation.copies", rule, copies));
    }
    Ok(())
}

/// Rows of a weight above 0.
fn weighted(weights: &[f64]) -> Vec<u32> {
    (0..).zip(weights).filter(|(_, &weight)| weight > 0.0).map(|(row, _)| row).collect()
}

fn part(rows: Vec<u32>, is_first: impl Fn(u32) -> bool) -> (Vec<u32>, Vec<u32>) {
    rows.into_iter().partition(|&row| is_first(row))
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TreesError>
    for GradientBoostingValidParams
{
    type Object = GradientBoosting;

    /// Grows the trees; `true` is the positive class, NaN is missing. The dataset's weights multiply the rows' losses; a row
    /// of weight 0 is as if it were absent. With one class only there is no tree, and the baseline is that of half a row more
    /// of either class.
    ///
    /// # Errors
    /// There is no row, no feature or too many of either, an infinite value (named by row and column), a weight that is
    /// not a finite number of at least 0 (named by row), no weight above 0, or a class of a single row with early stopping.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<GradientBoosting> {
        let records = dataset.records().view();
        let targets: Vec<bool> = dataset.as_single_targets().iter().copied().collect();
        check_shape(records.nrows(), records.ncols(), targets.len(), MAX_BOOSTING_ROWS)?;
        check_not_infinite(records)?;
        let binning = Binning::fit_weighted(records, dataset.weights(), self.max_bins());
        self.fit_binned(BinnedDataset {
            binning: &binning,
            records: &binning.transform(records),
            targets: &targets,
            weights: dataset.weights(),
            validation: None,
        })
    }
}

/// Weights as 64-bit numbers, 1 each where there are none.
fn checked_weights(weights: Option<&[f32]>, rows: usize) -> Result<Vec<f64>> {
    check_weights(weights, rows)?;
    Ok(weights.map_or_else(|| vec![1.0; rows], |weights| weights.iter().map(|&weight| f64::from(weight)).collect()))
}

fn check_validation(validation: &[usize], rows: usize) -> Result<()> {
    let is_wrong = |at: &usize| validation[*at] >= rows || (*at > 0 && validation[*at] <= validation[*at - 1]);
    match (0..validation.len()).find(is_wrong) {
        None => Ok(()),
        Some(position) => {
            let rule = format!("expected ascending rows below {rows}");
            Err(TreesError::ValidationRow { position, rule, value: validation[position] })
        }
    }
}
