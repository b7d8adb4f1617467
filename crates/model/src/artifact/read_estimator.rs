//! Estimators and fallback models of a file, with their decisions.

use super::header::{EstimatorEntry, FallbackEntry};
use super::model_file::{IntoError, ModelFileReader};
use crate::blend::FittedBlend;
use crate::decision::Decision;
use crate::estimator::{Estimator, EstimatorParams};
use crate::missing::{FallbackModel, PatternScores};
use crate::model::ModelInput;
use hitflop_core::error::{Error, Result};
use hitflop_metrics::threshold::Objective;
use hitflop_trees::{codec, DecisionTree, GradientBoosting, InvalidTree, Leaves, RandomForest, Trees};

impl ModelFileReader<'_> {
    fn undecodable(&self, member: &str, error: codec::DecodeError) -> Error {
        self.fault(&format!("{member}trees.{}", error.member), error.rule).found(error.value).into_error()
    }

    pub(super) fn fallbacks(
        &self,
        entries: Vec<FallbackEntry>,
        trees: &[&[u8]],
        inputs: &[ModelInput],
    ) -> Result<Vec<FallbackModel>> {
        if entries.len() != trees.len() {
            let rule = format!("expected {}, one an entry of missing_features.fallbacks", entries.len());
            return Err(self.fault("fallbacks", rule).found(trees.len().to_string()).into_error());
        }
        let entries = entries.into_iter().zip(trees).enumerate();
        entries.map(|(index, (entry, trees))| self.fallback(index, entry, trees, inputs)).collect()
    }

    pub(super) fn fallback(
        &self,
        index: usize,
        entry: FallbackEntry,
        trees: &[u8],
        inputs: &[ModelInput],
    ) -> Result<FallbackModel> {
        let member = format!("missing_features.fallbacks[{index}].");
        let FallbackEntry { hidden, min_missing, fit, patterns, others } = entry;
        fit.params.check().map_err(|error| self.within(&format!("{member}params"), error))?;
        for (place, pattern) in others.iter().enumerate() {
            let member = format!("{member}others[{place}].");
            self.check_decision(&format!("{member}decision."), &pattern.decision)?;
            self.check_pattern_scores(&format!("{member}scores"), &pattern.scores)?;
        }
        for (place, pattern) in patterns.iter().enumerate() {
            let member = format!("{member}patterns[{place}].");
            self.check_decision(&format!("{member}decision."), &pattern.decision)?;
            self.check_pattern_scores(&format!("{member}scores"), &pattern.scores)?;
        }
        let params = fit.params.clone();
        let estimator = self.estimator(&member, fit, trees, inputs.len())?;
        Ok(FallbackModel { hidden, min_missing, params, estimator, patterns, others })
    }

    fn check_pattern_scores(&self, member: &str, scores: &PatternScores) -> Result<()> {
        self.share(&format!("{member}.accuracy"), scores.accuracy)?;
        self.share(&format!("{member}.expected_calibration_error"), scores.expected_calibration_error)?;
        self.share_or_undefined(&format!("{member}.roc_auc"), scores.roc_auc)
    }

    /// The estimator of `trees`; `member` is what its members are in, with a full stop, or empty.
    pub(super) fn estimator(
        &self,
        member: &str,
        entry: EstimatorEntry,
        trees: &[u8],
        features: usize,
    ) -> Result<Estimator> {
        let check_features = |found: usize| match found == features {
            true => Ok(()),
            false => {
                let fault = self.fault(&format!("{member}trees.cuts"), format!("expected {features}, one a feature"));
                Err(fault.found(found.to_string()).into_error())
            }
        };
        if let EstimatorParams::Blend(_) = entry.params {
            let blend = codec::decode_blend(trees).map_err(|error| self.undecodable(member, error))?;
            check_features(blend.n_features())?;
            self.check_importances(member, &entry, features)?;
            return FittedBlend::new(blend).map(Estimator::Blend);
        }
        let trees = codec::decode(trees).map_err(|error| self.undecodable(member, error))?;
        check_features(trees.n_features())?;
        self.check_importances(member, &entry, features)?;
        self.single(member, entry, trees)
    }

    /// The estimator of `trees`, which is no blend.
    fn single(&self, member: &str, entry: EstimatorEntry, trees: Trees) -> Result<Estimator> {
        let frequencies = trees.all_leaves().all(|leaves| matches!(leaves, Leaves::Frequencies(_)));
        let values = trees.all_leaves().all(|leaves| matches!(leaves, Leaves::Values(_)));
        let count = trees.count();
        match entry.params {
            EstimatorParams::Tree(_) if count != 1 || !frequencies => {
                let rule = "expected one tree with the frequencies of its leaves";
                Err(self.fault(&format!("{member}trees"), rule).found(count.to_string()).into_error())
            }
            EstimatorParams::Tree(_) => Ok(Estimator::Tree(DecisionTree::from_trees(trees))),
            EstimatorParams::Forest(_) => {
                let forest = RandomForest::from_parts(trees, entry.importances, entry.oob_score);
                Ok(Estimator::Forest(forest.map_err(|error| self.invalid(member, error))?))
            }
            EstimatorParams::Boosting(_) => match entry.baseline {
                // A boosting without a tree is its baseline, and as good as that.
                Some(baseline) if values => {
                    Ok(Estimator::Boosting(GradientBoosting::from_parts(trees, baseline, entry.importances)))
                }
                Some(_) => {
                    let rule = "expected leaves with values, as a boosting has";
                    Err(self.fault(&format!("{member}trees"), rule).into_error())
                }
                None => {
                    let rule = "expected a number, as a boosting has";
                    Err(self.fault(&format!("{member}baseline"), rule).into_error())
                }
            },
            EstimatorParams::Blend(_) => {
                Err(self.fault(&format!("{member}params"), "expected those of a single model").into_error())
            }
        }
    }

    fn invalid(&self, member: &str, error: InvalidTree) -> Error {
        self.fault(&format!("{member}{}", error.member), error.rule).found(error.value).into_error()
    }

    fn check_importances(&self, member: &str, entry: &EstimatorEntry, features: usize) -> Result<()> {
        if entry.importances.len() != features {
            let fault =
                self.fault(&format!("{member}importances"), format!("expected {features} numbers, one a feature"));
            return Err(fault.found(entry.importances.len().to_string()).into_error());
        }
        for (index, &share) in entry.importances.iter().enumerate() {
            self.share(&format!("{member}importances[{index}]"), share)?;
        }
        match entry.oob_score {
            Some(score) => self.share(&format!("{member}oob_score"), score),
            None => Ok(()),
        }
    }

    /// `within` is what the members are in, with a full stop, or empty.
    pub(super) fn check_decision(&self, within: &str, decision: &Decision) -> Result<()> {
        decision.calibration.check().map_err(|error| {
            let fault = self.fault(&format!("{within}calibration.{}", error.member), error.rule);
            fault.found(error.value.to_string()).into_error()
        })?;
        let member = format!("{within}threshold");
        self.share(&member, decision.threshold)?;
        match decision.objective {
            Objective::Fixed(threshold) if threshold != decision.threshold => {
                let fault = self.fault(&member, format!("expected {threshold}, as threshold_objective says"));
                Err(fault.found(decision.threshold.to_string()).into_error())
            }
            _ => Ok(()),
        }
    }
}
