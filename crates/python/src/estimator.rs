//! The fitted estimators behind `hitflop.sklearn`: matrices of any features, two classes.

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_model::estimator::{Estimator, EstimatorParams};
use hitflop_trees::{codec, DecisionTree, GradientBoosting, RandomForest};
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{Array1, ArrayView1, ArrayView2};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::{Deserialize, Serialize};

use crate::errors::{exception, failed};

/// A fitted estimator.
#[pyclass(module = "hitflop._hitflop", frozen)]
#[derive(Debug)]
pub struct FittedTrees {
    params: EstimatorParams,
    estimator: Estimator,
}

/// What is pickled of an estimator beside its trees.
#[derive(Serialize, Deserialize)]
struct FittedHeader {
    params: EstimatorParams,
    importances: Vec<f64>,
    baseline: Option<f64>,
    oob_score: Option<f64>,
}

fn fit(
    params: &EstimatorParams,
    records: ArrayView2<f64>,
    targets: ArrayView1<bool>,
    weights: Option<Array1<f32>>,
) -> Result<Estimator> {
    params.check()?;
    let mut rows = DatasetBase::new(records, targets);
    if let Some(weights) = weights {
        rows = rows.with_weights(weights);
    }
    Ok(match params {
        EstimatorParams::Tree(params) => Estimator::Tree(params.fit(&rows)?),
        EstimatorParams::Forest(params) => Estimator::Forest(params.fit(&rows)?),
        EstimatorParams::Boosting(params) => Estimator::Boosting(params.fit(&rows)?),
        EstimatorParams::Blend(_) => return Err(no_blend()),
    })
}

/// A blend is fitted by the program.
fn no_blend() -> Error {
    let rule = "expected a decision tree, a forest or a boosting";
    Error::input(Fault::new(Place::table("estimator"), Reason::Setting, rule).found("blend"))
}

/// Runs `work` on this many threads; on all of the program's without a number.
fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let Some(threads) = threads else { return work() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|why| Error::Failed(format!("{threads} threads cannot be started: {why}")))?.install(work)
}

fn parsed_params(json: &str) -> PyResult<EstimatorParams> {
    serde_json::from_str(json).map_err(|why| failed("the parameters are invalid", why))
}

#[pymethods]
impl FittedTrees {
    /// Fits an estimator: parameters as JSON by kind, records (rows × features), whether each row is of the positive class,
    /// and weights.
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        params: &str,
        records: PyReadonlyArray2<'_, f64>,
        targets: PyReadonlyArray1<'_, bool>,
        weights: Option<PyReadonlyArray1<'_, f32>>,
        threads: Option<usize>,
    ) -> PyResult<FittedTrees> {
        let params = parsed_params(params)?;
        let (records, targets) = (records.as_array(), targets.as_array());
        let weights = weights.map(|weights| weights.as_array().to_owned());
        let fitted = py.detach(|| on_threads(threads, || fit(&params, records, targets, weights)));
        Ok(FittedTrees { estimator: fitted.map_err(exception)?, params })
    }

    /// Probability of the positive class for each row.
    fn predict_proba<'py>(
        &self,
        py: Python<'py>,
        records: PyReadonlyArray2<'_, f64>,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let records = records.as_array();
        let found = py.detach(|| on_threads(threads, || self.checked(records, |it| it.predict_proba(records))));
        Ok(found.map_err(exception)?.into_pyarray(py))
    }

    /// Base value, and the contribution of each feature to the prediction of each row.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        records: PyReadonlyArray2<'_, f64>,
    ) -> PyResult<(f64, Bound<'py, PyArray2<f64>>)> {
        let records = records.as_array();
        let explain = |estimator: &Estimator| {
            let explainer = estimator.explainer();
            (explainer.base(), explainer.shap(records))
        };
        let (base, values) = py.detach(|| self.checked(records, explain)).map_err(exception)?;
        Ok((base, values.into_pyarray(py)))
    }

    /// Each feature's share of what the splits bring.
    fn importances(&self) -> Vec<f64> {
        self.estimator.importances()
    }

    /// Accuracy on the rows that a tree was not given.
    fn oob_score(&self) -> Option<f64> {
        self.estimator.oob_score()
    }

    /// Number of trees.
    fn n_trees(&self) -> usize {
        self.estimator.trees().count()
    }

    /// Most splits between the root and a leaf, of any tree.
    fn depth(&self) -> usize {
        self.estimator.trees().trees().iter().map(|tree| tree.depth()).max().unwrap_or(0)
    }

    /// The estimator as bytes: parameters and importances as JSON, and trees.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<(String, Bound<'py, PyBytes>)> {
        let header = FittedHeader {
            params: self.params.clone(),
            importances: self.estimator.importances(),
            baseline: self.estimator.baseline(),
            oob_score: self.estimator.oob_score(),
        };
        let header = serde_json::to_string(&header).map_err(|why| failed("the estimator cannot be pickled", why))?;
        let trees = py.detach(|| codec::encode(self.estimator.trees()));
        Ok((header, PyBytes::new(py, &trees)))
    }

    /// The estimator from its state.
    #[staticmethod]
    fn from_state(header: &str, trees: &[u8]) -> PyResult<FittedTrees> {
        let invalid = |why: String| failed("the pickled estimator is invalid", why);
        let header: FittedHeader = serde_json::from_str(header).map_err(|why| invalid(why.to_string()))?;
        let trees = codec::decode(trees).map_err(|why| invalid(why.to_string()))?;
        let estimator = match &header.params {
            EstimatorParams::Tree(_) => Estimator::Tree(DecisionTree::from_trees(trees)),
            EstimatorParams::Forest(_) => {
                let forest = RandomForest::from_parts(trees, header.importances, header.oob_score);
                Estimator::Forest(forest.map_err(|why| invalid(why.to_string()))?)
            }
            EstimatorParams::Boosting(_) => {
                let baseline = header.baseline.ok_or_else(|| invalid("it has no baseline".to_owned()))?;
                Estimator::Boosting(GradientBoosting::from_parts(trees, baseline, header.importances))
            }
            EstimatorParams::Blend(_) => return Err(exception(no_blend())),
        };
        Ok(FittedTrees { params: header.params, estimator })
    }
}

impl FittedTrees {
    pub(crate) fn estimator(&self) -> &Estimator {
        &self.estimator
    }

    /// Kind and parameters in words.
    pub(crate) fn description(&self) -> String {
        self.params.describe()
    }

    /// `compute` on records of the right number of columns without an infinite value.
    fn checked<T>(&self, records: ArrayView2<f64>, compute: impl FnOnce(&Estimator) -> T) -> Result<T> {
        let features = self.estimator.trees().n_features();
        let place = Place::table("records");
        if records.ncols() != features {
            let fault = Fault::new(place, Reason::FieldCount, format!("expected {features} columns, one a feature"));
            return Err(Error::input(fault.found(records.ncols().to_string())));
        }
        match records.indexed_iter().find(|(_, value)| value.is_infinite()) {
            None => Ok(compute(&self.estimator)),
            Some(((row, column), value)) => {
                let place = place.row(row as u64 + 1).column(format!("number {}", column + 1));
                let fault = Fault::new(place, Reason::NotFinite, "expected a finite number, or NaN for a missing one");
                Err(Error::input(fault.found(value.to_string())))
            }
        }
    }
}
