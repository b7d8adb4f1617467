//! What is kept of a fit: all that is needed to score a track given by its raw features.

use ndarray::{Array1, ArrayView2};

use super::decision::Decision;
use super::estimator::{Estimator, EstimatorParams};
use hitflop_core::dataset::{check_not_infinite, Dataset};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::Feature;
use hitflop_metrics::calibration::Calibration;
use hitflop_metrics::threshold::Objective;

/// A feature as a model knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelInput {
    /// The feature of this column.
    pub feature: Feature,
    /// Least value among the training rows, in the feature's unit.
    pub training_min: f64,
    /// Greatest value among the training rows.
    pub training_max: f64,
    /// Training rows without a value.
    pub training_missing: u64,
}

/// An estimator with the meaning of its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The features, in the order of the estimator's columns.
    pub inputs: Vec<ModelInput>,
    /// With what it was fitted.
    pub params: EstimatorParams,
    /// What was fitted.
    pub estimator: Estimator,
    /// From the estimator's probability to the model's.
    pub calibration: Calibration,
    /// A track is predicted as a hit if its (calibrated) probability is greater than this.
    pub threshold: f64,
    /// What the threshold was chosen for.
    pub objective: Objective,
}

impl Model {
    /// Fits an estimator to all rows of `train`. The model is not calibrated, and its threshold is 0.5, until
    /// [`Model::with_decision`] says otherwise.
    ///
    /// # Errors
    /// A parameter is outside its range, there is no feature, a feature has no value in any row, or the rows are not of both labels.
    pub fn fit(params: EstimatorParams, train: &Dataset) -> Result<Model> {
        params.check()?;
        check_both_labels(train)?;
        check_known(train)?;
        let estimator = params.fit(train)?;
        let Decision { calibration, threshold, objective } = Decision::default();
        Ok(Model { inputs: inputs(train), params, estimator, calibration, threshold, objective })
    }

    /// The same model with another calibration and threshold.
    pub fn with_decision(self, decision: &Decision) -> Model {
        let Decision { calibration, threshold, objective } = decision.clone();
        Model { calibration, threshold, objective, ..self }
    }

    /// `decision tree, depth 7, leaf 2`.
    pub fn name(&self) -> String {
        self.params.describe()
    }

    /// The features, in the order in which records must have them.
    pub fn features(&self) -> Vec<Feature> {
        self.inputs.iter().map(|input| input.feature).collect()
    }

    /// Calibrated probability of a hit for each row of `records` (rows × features, in the features' units). A missing value is
    /// NaN, and goes the way that each split has learned for it; where training had none, to the larger side.
    ///
    /// # Errors
    /// There are more or fewer columns than features, or a value is infinite (named by row and column).
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Result<Array1<f64>> {
        const RECORDS: &str = "records to score";
        if records.ncols() != self.inputs.len() {
            let rule = format!("expected {} columns, one a feature", self.inputs.len());
            let fault = Fault::new(Place::table(RECORDS), Reason::FieldCount, rule);
            return Err(Error::input(fault.found(records.ncols().to_string())));
        }
        check_not_infinite(RECORDS, records, &self.features())?;
        Ok(self.estimator.predict_proba(records).mapv_into(|probability| self.calibration.apply(probability)))
    }
}

/// A model of one label cannot separate hits from flops.
fn check_both_labels(train: &Dataset) -> Result<()> {
    let hits = train.hits();
    if hits > 0 && hits < train.rows() {
        return Ok(());
    }
    let fault = Fault::new(Place::table("training rows"), Reason::TooFewRows, "expected both hits and flops");
    Err(Error::input(fault.found(format!("{hits} hits, {} flops", train.rows() - hits))))
}

/// A feature without a value has no range, and nothing can be learned from it.
fn check_known(train: &Dataset) -> Result<()> {
    let known = train.known_features();
    match train.features().iter().find(|feature| !known.contains(feature)) {
        None => Ok(()),
        Some(feature) => {
            let place = Place::table("training rows").column(feature.name());
            Err(Error::input(Fault::new(place, Reason::Empty, "expected a value in at least one row")))
        }
    }
}

fn inputs(train: &Dataset) -> Vec<ModelInput> {
    let records = train.records();
    let columns = train.features().iter().zip(records.columns()).zip(train.missing());
    columns
        .map(|((&feature, column), training_missing)| ModelInput {
            feature,
            training_min: column.iter().copied().fold(f64::INFINITY, f64::min),
            training_max: column.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            training_missing,
        })
        .collect()
}
