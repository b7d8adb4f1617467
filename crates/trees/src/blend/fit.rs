//! Fitting on linfa's contract: margins of rows held out, weights by them, and members fitted to all rows.

use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{Array1, Array2, ArrayBase, ArrayView1, ArrayView2, Axis, Data, Ix2};
use rayon::prelude::*;

use super::member::{MemberDataset, MemberModel, MemberParams};
use super::model::{Blend, BlendMember};
use super::params::BlendValidParams;
use super::weights::{fit_weights, BlendWeights};
use crate::checks::{check_not_infinite, check_shape, check_weights};
use crate::{Result, TreesError};

/// Most training rows: as many as all members take.
const MAX_BLEND_ROWS: usize = (1 << 31) - 1;

/// Training rows, whatever holds them.
struct BlendRows<'a> {
    records: ArrayView2<'a, f64>,
    targets: Array1<bool>,
    weights: Option<&'a [f32]>,
}

impl<'a> BlendRows<'a> {
    fn new<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>>(
        dataset: &'a DatasetBase<ArrayBase<D, Ix2>, T>,
    ) -> Result<BlendRows<'a>> {
        let records = dataset.records().view();
        let targets = dataset.as_single_targets().to_owned();
        check_shape(records.nrows(), records.ncols(), targets.len(), MAX_BLEND_ROWS)?;
        check_not_infinite(records)?;
        check_weights(dataset.weights(), records.nrows())?;
        Ok(BlendRows { records, targets, weights: dataset.weights() })
    }

    /// These rows as a dataset of their own: records, targets, weights.
    fn select(&self, rows: &[usize]) -> (Array2<f64>, Array1<bool>, Option<Array1<f32>>) {
        let weights = self.weights.map(|weights| rows.iter().map(|&row| weights[row]).collect());
        (self.records.select(Axis(0), rows), self.targets.select(Axis(0), rows), weights)
    }
}

fn dataset<'a>(
    records: ArrayView2<'a, f64>,
    targets: ArrayView1<'a, bool>,
    weights: Option<Array1<f32>>,
) -> MemberDataset<'a> {
    let dataset = DatasetBase::new(records, targets);
    match weights {
        Some(weights) => dataset.with_weights(weights),
        None => dataset,
    }
}

/// Rows that are held out together.
struct BlendFold {
    test: Vec<usize>,
    train: Vec<usize>,
}

fn folds(of_rows: &[usize], rows: usize) -> Result<Vec<BlendFold>> {
    let refuse = |rule: &str, value: usize| Err(TreesError::parameter("folds", rule, value));
    if of_rows.len() != rows {
        return refuse(&format!("expected {rows} numbers, one a training row"), of_rows.len());
    }
    let mut distinct = of_rows.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 2 {
        return refuse("expected at least two folds", distinct.len());
    }
    let fold = |&fold: &usize| {
        let (test, train) = (0..rows).partition(|&row| of_rows[row] == fold);
        BlendFold { test, train }
    };
    Ok(distinct.iter().map(fold).collect())
}

impl BlendValidParams {
    /// The margin (see [`MemberModel::margins`]) of each member for each training row, rows × members, by members fitted to the
    /// rows of the other folds: what [`fit_weights`] finds weights by.
    ///
    /// # Errors
    /// Those of `fit`, but for targets of one class.
    pub fn out_of_fold_margins<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
    ) -> Result<Array2<f64>> {
        self.margins_by_fold(&BlendRows::new(dataset)?)
    }

    fn margins_by_fold(&self, rows: &BlendRows) -> Result<Array2<f64>> {
        let folds = folds(self.folds(), rows.targets.len())?;
        let mut margins = Array2::zeros((rows.targets.len(), self.members().len()));
        // Folds side by side, members one after the other: no more models than folds are in memory.
        for (member, mut margins) in self.members().iter().zip(margins.columns_mut()) {
            let of_folds: Vec<Result<Array1<f64>>> =
                folds.par_iter().map(|fold| fold_margins(member, rows, fold)).collect();
            for (fold, found) in folds.iter().zip(of_folds) {
                fold.test.iter().zip(found?).for_each(|(&row, margin)| margins[row] = margin);
            }
        }
        Ok(margins)
    }

    /// Fits all members with a weight above 0 to all rows, and joins them by weights that were found before.
    ///
    /// # Errors
    /// Those of the members' fits, or there is not one weight a member.
    pub fn fit_members<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
        weights: &BlendWeights,
    ) -> Result<Blend> {
        self.join(&BlendRows::new(dataset)?, weights)
    }

    fn join(&self, rows: &BlendRows, weights: &BlendWeights) -> Result<Blend> {
        if weights.weights.len() != self.members().len() {
            let rule = format!("expected {} weights, one a member", self.members().len());
            return Err(TreesError::parameter("weights", rule, weights.weights.len()));
        }
        let of_rows = rows.weights.map(|weights| Array1::from(weights.to_vec()));
        let all = dataset(rows.records.view(), rows.targets.view(), of_rows);
        let mut members = Vec::new();
        for ((params, &weight), &share) in self.members().iter().zip(&weights.weights).zip(&weights.shares) {
            if weight > 0.0 {
                members.push(BlendMember { weight, share, model: params.fit(&all)? });
            }
        }
        Ok(Blend::from_parts(rows.records.ncols(), weights.intercept, members)?)
    }
}

/// Margins of a fold's rows by a member fitted to the others.
fn fold_margins(member: &MemberParams, rows: &BlendRows, fold: &BlendFold) -> Result<Array1<f64>> {
    let (records, targets, weights) = rows.select(&fold.train);
    let model: MemberModel = member.fit(&dataset(records.view(), targets.view(), weights))?;
    Ok(model.margins(rows.records.select(Axis(0), &fold.test).view()))
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TreesError> for BlendValidParams {
    type Object = Blend;

    /// Finds the weights on out-of-fold margins ([`BlendValidParams::out_of_fold_margins`], [`fit_weights`]) and fits the
    /// members that have one above 0 to all rows. `true` is the positive class, NaN is missing. The dataset's weights are those
    /// of the members' fits, and multiply the losses by which the blend's weights are found.
    ///
    /// # Errors
    /// There is no row, no feature or too many of either, an infinite value (named by row and column), a weight that is not a
    /// finite number of at least 0 (named by row), not one fold a row, fewer than two folds, only one class, or rows that a
    /// member cannot be fitted to.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Blend> {
        let rows = BlendRows::new(dataset)?;
        let margins = self.margins_by_fold(&rows)?;
        let weights = fit_weights(margins.view(), &rows.targets.to_vec(), rows.weights)?;
        self.join(&rows, &weights)
    }
}
