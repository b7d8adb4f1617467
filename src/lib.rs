//! Explore the Spotify Hit Predictor decade files, and fit models that predict whether a track is a hit or a flop.
//!
//! The main job is in [`pipeline`]; the other names are those that it takes and returns, and what is needed to score
//! tracks with a saved model. The crates below this one have the parts: `hitflop-trees` the estimators, `hitflop-data` reading
//! and exploration, `hitflop-model` selection, validation, explanations and the model file, `hitflop-report` the report.
//!
//! ```
//! use hitflop::pipeline::{self, DataOptions, LearnOptions, OutputOptions, TrainOptions};
//! use hitflop::{CalibrationMethod, EstimatorKind, EstimatorParams, FeatureSet, Objective, Scorer};
//! use ndarray::Array2;
//!
//! # let directory = tempfile::tempdir()?;
//! # let place = |name: &str| directory.path().join(name);
//! // On a simulated sample. A tree without calibration is fitted in a moment.
//! let options = TrainOptions {
//!     data: DataOptions { simulated: true, ..DataOptions::default() },
//!     output: OutputOptions { processed: place("tracks.parquet"), reports: place("reports"), models: place("models") },
//!     learn: LearnOptions {
//!         features: Some(FeatureSet::Notebook),
//!         calibration: CalibrationMethod::None,
//!         threshold: Objective::Fixed(0.5),
//!         ..LearnOptions::default()
//!     },
//!     params: EstimatorParams::of(EstimatorKind::Tree),
//!     ..TrainOptions::default()
//! };
//! let result = pipeline::train(&options, &())?;
//! assert!(result.model.evaluation.scores.roc_auc > 0.7);
//!
//! // A missing value is NaN.
//! let scorer = Scorer::new(hitflop::read_model(&result.saved.path)?);
//! let predictions = scorer.score(Array2::from_elem((1, scorer.features().len()), f64::NAN).view())?;
//! assert!((0.0..=1.0).contains(&predictions[0].probability));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod pipeline;

pub use hitflop_core::dataset::Dataset;
pub use hitflop_core::error::{Error, Fault, Place, Reason, Result};
pub use hitflop_core::track::{Decade, Feature, Label};
pub use hitflop_metrics::bootstrap::ScoreIntervals;
pub use hitflop_metrics::calibration::CalibrationMethod;
pub use hitflop_metrics::scores::{Confusion, Scores};
pub use hitflop_metrics::threshold::Objective;
pub use hitflop_model::artifact::{read as read_model, write as write_model, Artifact};
pub use hitflop_model::dataset::duplicates::Duplicates;
pub use hitflop_model::estimator::{Estimator, EstimatorKind, EstimatorParams};
pub use hitflop_model::evaluation::{Evaluation, Importance};
pub use hitflop_model::explain::counterfactual::Counterfactuals;
pub use hitflop_model::explain::global::Explanations;
pub use hitflop_model::explain::local::Explanation;
pub use hitflop_model::model::Model;
pub use hitflop_model::scoring::{Prediction, Scorer};
pub use hitflop_model::selection::comparison::CandidateModel;
pub use hitflop_model::selection::feature_set::FeatureSet;
pub use hitflop_model::selection::hold_out::{HoldOut, HoldOutBy};
pub use hitflop_model::selection::leaderboard::Leaderboard;
pub use hitflop_model::selection::search::grid::GridSearch;
pub use hitflop_model::validation::robustness::Robustness;
pub use hitflop_model::validation::{ModelSpec, ValidationScheme};
pub use hitflop_report::comparison::ComparisonFindings;
pub use hitflop_report::{Provenance, Report, Setting};
pub use hitflop_trees::{DecisionTree, DecisionTreeParams, GradientBoosting, GradientBoostingParams};
pub use hitflop_trees::{RandomForest, RandomForestParams};
