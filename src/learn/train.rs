//! From a dataset to a model and its scores: split, standardise, fit, evaluate.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::evaluation::{evaluate, Evaluation};
use super::model::{Input, Model};
use super::split::random_split;
use super::standardise::Standardiser;
use super::tree::{DecisionTreeParams, THRESHOLD};
use crate::error::{Error, Fault, Place, Reason, Result};

/// How a model is fitted and scored. The defaults are the notebook's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainSettings {
    /// Most splits between the root and a leaf. Default: 7; at least 1.
    pub max_depth: usize,
    /// Fewest training rows in a leaf. Default: 2; at least 1.
    pub min_samples_leaf: usize,
    /// Share of the rows that is held out. Default: 0.2; between 0 and 1.
    pub test_share: f64,
    /// Seed of the split. Default: 42.
    pub split_seed: u64,
}

impl Default for TrainSettings {
    fn default() -> TrainSettings {
        TrainSettings { max_depth: 7, min_samples_leaf: 2, test_share: 0.2, split_seed: 42 }
    }
}

impl TrainSettings {
    /// `random 80/20, seed 42`.
    pub fn protocol(&self) -> String {
        // To a tenth of a per cent; a whole number prints without a fraction.
        let per_cent = |share: f64| (share * 1000.0).round() / 10.0;
        let (train, test) = (per_cent(1.0 - self.test_share), per_cent(self.test_share));
        format!("random {train}/{test}, seed {}", self.split_seed)
    }
}

/// A fitted model and its scores on the rows held out.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Fitted on the training rows.
    pub model: Model,
    /// Scored on the test rows.
    pub evaluation: Evaluation,
}

/// Splits the rows at random, fits a decision tree on standardised training rows and scores it on the rest.
///
/// # Errors
/// A setting is outside what it may be, there is no feature, or the training rows are not of both labels.
pub fn train(dataset: &Dataset, settings: &TrainSettings) -> Result<Trained> {
    let params =
        DecisionTreeParams::new().max_depth(settings.max_depth).min_samples_leaf(settings.min_samples_leaf).check()?;
    let split = random_split(dataset.rows(), settings.test_share, settings.split_seed)?;
    let (train, test) = (dataset.select(&split.train), dataset.select(&split.test));
    check_both_labels(&train)?;
    let standardiser = Standardiser::fit(&train)?;
    let standardised = standardiser.transform(train.records());
    let tree = params.fit(&DatasetBase::new(standardised, train.targets()))?;
    let model = Model { inputs: inputs(&train), standardiser, params, tree, threshold: THRESHOLD };
    let evaluation = evaluate(&model, settings.protocol(), &train, &test)?;
    Ok(Trained { model, evaluation })
}

/// A model of one label would be right on nothing that it is asked.
fn check_both_labels(train: &Dataset) -> Result<()> {
    let hits = train.hits();
    if hits > 0 && hits < train.rows() {
        return Ok(());
    }
    let fault = Fault::new(Place::file("training rows"), Reason::TooFewRows, "expected both hits and flops");
    Err(Error::input(fault.found(format!("{hits} hits, {} flops", train.rows() - hits))))
}

fn inputs(train: &Dataset) -> Vec<Input> {
    let records = train.records();
    let columns = train.features().iter().zip(records.columns());
    columns
        .map(|(&feature, column)| Input {
            feature,
            training_min: column.iter().copied().fold(f64::INFINITY, f64::min),
            training_max: column.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::learn::examples::tracks;
    use crate::track::Feature;

    #[test]
    fn a_model_learns_from_the_training_rows_and_is_scored_on_the_others() {
        let dataset = tracks(1001);
        let trained = train(&dataset, &TrainSettings::default()).expect("a model");
        let evaluation = &trained.evaluation;
        assert_eq!(evaluation.model, "decision tree, depth 7, leaf 2");
        assert_eq!(evaluation.protocol, "random 80/20, seed 42");
        assert_eq!((evaluation.train_rows, evaluation.test_rows), (800, 201));
        assert!(evaluation.scores.accuracy > evaluation.majority_accuracy + 0.2);
        assert!(evaluation.scores.roc_auc > 0.85);
        assert_eq!(evaluation.features, dataset.features());
        assert_ne!(evaluation.importances[0].feature, Feature::Key);
        assert_eq!(trained.model.tree.tree().nodes()[0].counts.iter().sum::<u64>(), 800);
        assert_eq!(train(&dataset, &TrainSettings::default()).expect("a model"), trained);
    }

    #[test]
    fn settings_and_rows_are_checked() {
        let default = TrainSettings::default();
        for (settings, told) in [
            (TrainSettings { max_depth: 0, ..default }, "max_depth: "),
            (TrainSettings { min_samples_leaf: 0, ..default }, "min_samples_leaf: "),
            (TrainSettings { test_share: 1.0, ..default }, "test_share: "),
        ] {
            let error = train(&tracks(50), &settings).expect_err("refused");
            assert!(error.is_input() && error.to_string().starts_with(told), "{error}");
        }
        let hits: Vec<usize> = (0..50).filter(|&row| tracks(50).targets()[row]).collect();
        let error = train(&tracks(50).select(&hits), &default).expect_err("one label only");
        assert!(error.to_string().starts_with("training rows: expected both hits and flops, found"), "{error}");
        for rows in 0..2 {
            assert!(train(&tracks(rows), &default).expect_err("too few").is_input());
        }
        let featureless = Dataset::new(vec![], Array2::zeros((9, 0)), tracks(9).targets().to_owned()).expect("rows");
        assert!(train(&featureless, &default).expect_err("no feature").is_input());
    }

    #[test]
    fn the_protocol_names_the_shares() {
        let named = |test_share| TrainSettings { test_share, ..Default::default() }.protocol();
        assert_eq!(named(0.25), "random 75/25, seed 42");
        assert_eq!(named(1.0 / 3.0), "random 66.7/33.3, seed 42");
    }
}
