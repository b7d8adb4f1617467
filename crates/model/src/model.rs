//! What is kept of a fit: all that is needed to score a track given by its raw features.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use super::decision::Decision;
use super::estimator::{Estimator, EstimatorParams};
use super::missing::{Answering, FallbackModel, FeatureMask};
use super::scoring::Prediction;
use hitflop_core::dataset::{check_not_infinite, Dataset};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::FeatureRow;
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
    /// Features that were missing in so many training rows that the estimator has learned what to do without them.
    pub learned_missing: FeatureMask,
    /// Models for tracks that lack other features, in the order in which they are considered; none in files of older programs.
    pub fallbacks: Vec<FallbackModel>,
}

/// A feature that is missing in at least this share of the training rows has been learned without.
const LEARNED_SHARE: f64 = 0.05;

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
        let inputs = inputs(train);
        let is_learned = |input: &&ModelInput| input.training_missing as f64 >= LEARNED_SHARE * train.rows() as f64;
        let learned_missing = inputs.iter().filter(is_learned).map(|input| input.feature).collect();
        let fallbacks = Vec::new();
        Ok(Model { inputs, params, estimator, calibration, threshold, objective, learned_missing, fallbacks })
    }

    /// The same model with another calibration and threshold.
    pub fn with_decision(self, decision: &Decision) -> Model {
        let Decision { calibration, threshold, objective } = decision.clone();
        Model { calibration, threshold, objective, ..self }
    }

    /// The same model with other models for tracks that lack features.
    pub fn with_fallbacks(self, fallbacks: Vec<FallbackModel>) -> Model {
        Model { fallbacks, ..self }
    }

    /// The fallback model for tracks that lack these features; none if the model's own estimator answers them.
    pub fn fallback(&self, missing: FeatureMask) -> Option<&FallbackModel> {
        self.fallbacks.get(self.answering_index(missing).checked_sub(1)?)
    }

    /// 0 for the model's own estimator, 1 for the first fallback model.
    fn answering_index(&self, missing: FeatureMask) -> usize {
        if missing.is_subset(self.learned_missing) {
            return 0;
        }
        // A listed set is answered by the model that lists it, whatever else could.
        let listed = self.fallbacks.iter().position(|fallback| fallback.pattern(missing).is_some());
        let fallback = listed.or_else(|| self.fallbacks.iter().position(|fallback| fallback.is_for(missing)));
        fallback.map_or(0, |index| index + 1)
    }

    /// What answers tracks that lack these features.
    pub fn answering(&self, missing: FeatureMask) -> Answering<'_> {
        let index = self.answering_index(missing);
        let fallback = index.checked_sub(1).map(|fallback| &self.fallbacks[fallback]);
        match fallback.and_then(|fallback| Some((fallback, fallback.decision(missing)?))) {
            Some((FallbackModel { estimator, .. }, Decision { calibration, threshold, .. })) => {
                Answering { index, estimator, calibration, threshold: *threshold }
            }
            None => Answering {
                index: 0,
                estimator: &self.estimator,
                calibration: &self.calibration,
                threshold: self.threshold,
            },
        }
    }

    /// The features of the model of which a row, with a value a feature, has none.
    pub fn missing(&self, row: ArrayView1<f64>) -> FeatureMask {
        self.inputs.iter().zip(row).filter(|(_, value)| value.is_nan()).map(|(input, _)| input.feature).collect()
    }

    /// The features of the model of which a track has no value.
    pub fn missing_of(&self, row: &FeatureRow) -> FeatureMask {
        let features = self.inputs.iter().map(|input| input.feature);
        features.filter(|&feature| row[feature as usize].is_nan()).collect()
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
    /// NaN; nothing is imputed. Rows that lack features that training had are answered by a fallback model, if there is one.
    ///
    /// # Errors
    /// There are more or fewer columns than features, or a value is infinite (named by row and column).
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Result<Array1<f64>> {
        self.check_records(records)?;
        if self.fallbacks.is_empty() || !records.iter().any(|value| value.is_nan()) {
            let raw = self.estimator.predict_proba(records);
            return Ok(raw.mapv_into(|probability| self.calibration.apply(probability)));
        }
        Ok(self.routed(records).into_iter().map(|prediction| prediction.probability).collect())
    }

    /// Label, probability and threshold of each row, as [`Model::predict_proba`].
    ///
    /// # Errors
    /// As [`Model::predict_proba`].
    pub fn predict(&self, records: ArrayView2<f64>) -> Result<Vec<Prediction>> {
        if self.fallbacks.is_empty() || !records.iter().any(|value| value.is_nan()) {
            let probabilities = self.predict_proba(records)?.into_iter();
            return Ok(probabilities.map(|probability| Prediction::at(probability, self.threshold)).collect());
        }
        self.check_records(records)?;
        Ok(self.routed(records))
    }

    /// The rows by the estimator that answers them, each with what it lacks.
    pub(crate) fn routes(&self, records: ArrayView2<f64>) -> Vec<Vec<(usize, FeatureMask)>> {
        let mut routes = vec![Vec::new(); 1 + self.fallbacks.len()];
        // Most rows lack what the row before lacks.
        let (mut last, mut answering) = (FeatureMask::NONE, self.answering_index(FeatureMask::NONE));
        for (index, row) in records.rows().into_iter().enumerate() {
            let missing = self.missing(row);
            if missing != last {
                (last, answering) = (missing, self.answering_index(missing));
            }
            routes[answering].push((index, missing));
        }
        routes
    }

    fn routed(&self, records: ArrayView2<f64>) -> Vec<Prediction> {
        let mut predictions = vec![Prediction::at(0.0, self.threshold); records.nrows()];
        for rows in self.routes(records) {
            let Some(&(_, mut last)) = rows.first() else { continue };
            let mut answering = self.answering(last);
            let estimator = answering.estimator;
            let raw = if rows.len() == records.nrows() {
                estimator.predict_proba(records)
            } else {
                let indices: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
                estimator.predict_proba(records.select(Axis(0), &indices).view())
            };
            for ((index, missing), raw) in rows.into_iter().zip(raw) {
                if missing != last {
                    (last, answering) = (missing, self.answering(missing));
                }
                predictions[index] = Prediction::at(answering.calibration.apply(raw), answering.threshold);
            }
        }
        predictions
    }

    fn check_records(&self, records: ArrayView2<f64>) -> Result<()> {
        const RECORDS: &str = "records to score";
        if records.ncols() != self.inputs.len() {
            let rule = format!("expected {} columns, one a feature", self.inputs.len());
            let fault = Fault::new(Place::table(RECORDS), Reason::FieldCount, rule);
            return Err(Error::input(fault.found(records.ncols().to_string())));
        }
        check_not_infinite(RECORDS, records, &self.features())
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
