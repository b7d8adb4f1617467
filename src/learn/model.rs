//! What is kept of a fit: all that is needed to score a track given by its raw features.

use ndarray::{Array1, ArrayView2};

use super::dataset::check_finite;
use super::standardise::Standardiser;
use super::tree::{DecisionTree, DecisionTreeValidParams};
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::track::Feature;

/// A feature as a model knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Which feature.
    pub feature: Feature,
    /// Least value among the training rows, in the feature's unit.
    pub training_min: f64,
    /// Greatest value among the training rows.
    pub training_max: f64,
}

/// A decision tree on standardised features.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The features, in the order of the tree's columns.
    pub inputs: Vec<Input>,
    /// Takes raw values to those that the tree was fitted on.
    pub standardiser: Standardiser,
    /// With what the tree was fitted.
    pub params: DecisionTreeValidParams,
    /// The tree.
    pub tree: DecisionTree,
    /// A track is called a hit if its probability is greater than this.
    pub threshold: f64,
}

impl Model {
    /// `decision tree, depth 7, leaf 2`.
    pub fn name(&self) -> String {
        let params = &self.params;
        format!("decision tree, depth {}, leaf {}", params.max_depth(), params.min_samples_leaf())
    }

    /// The features, in the order in which records must have them.
    pub fn features(&self) -> Vec<Feature> {
        self.inputs.iter().map(|input| input.feature).collect()
    }

    /// Probability of a hit for each row of `records` (rows × features, in the features' units).
    ///
    /// # Errors
    /// There are more or fewer columns than features, or a value is NaN or infinite (named by row and column).
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Result<Array1<f64>> {
        const RECORDS: &str = "records to score";
        if records.ncols() != self.inputs.len() {
            let rule = format!("expected {} columns, one a feature", self.inputs.len());
            let fault = Fault::new(Place::file(RECORDS), Reason::FieldCount, rule);
            return Err(Error::input(fault.found(records.ncols().to_string())));
        }
        check_finite(RECORDS, records, &self.features())?;
        Ok(self.tree.predict_proba(self.standardiser.transform(records).view()))
    }
}
