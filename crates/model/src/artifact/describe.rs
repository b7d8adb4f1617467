//! What a model is, for programs.

use serde_json::{json, Value};

use super::Artifact;
use crate::missing::{pattern_name, FallbackModel, MissingPattern, PatternScores, RandomPatterns};
use crate::model::{Model, ModelInput};
use hitflop_trees::Tree;

/// What a model is, what it learned from and how good it is, as JSON for programs.
pub fn describe(artifact: &Artifact) -> Value {
    let Artifact { model, origin, .. } = artifact;
    let trees = model.estimator.trees().trees();
    let feature = |(input, importance): (&ModelInput, f64)| {
        let info = input.feature.info();
        let mut feature = json!({
            "name": input.feature,
            "kind": info.kind,
            "unit": info.unit,
            "documented_range": info.range,
            "training_min": input.training_min,
            "training_max": input.training_max,
            "importance": importance,
        });
        if input.training_missing > 0 {
            feature["training_missing"] = input.training_missing.into();
        }
        feature
    };
    json!({
        "name": model.name(),
        "simulated": origin.simulated,
        "run_id": origin.run_id,
        "params": model.params,
        "calibration": model.calibration,
        "threshold": model.threshold,
        "threshold_objective": model.objective,
        "features": model.inputs.iter().zip(model.estimator.importances()).map(feature).collect::<Vec<Value>>(),
        "missing_features": missing_features(model),
        "trees": trees.len(),
        "nodes": trees.iter().map(|tree| tree.nodes.len()).sum::<usize>(),
        "leaves": trees.iter().map(|tree| tree.leaves.len()).sum::<usize>(),
        "depth": trees.iter().map(Tree::depth).max(),
        "baseline": model.estimator.baseline(),
        "oob_score": model.estimator.oob_score(),
        "origin": origin,
    })
}

/// How tracks that lack features are answered.
fn missing_features(model: &Model) -> Value {
    let features = model.features();
    let with_scores = |mut entry: Value, scores: &PatternScores| {
        entry["accuracy"] = scores.accuracy.into();
        entry["roc_auc"] = scores.roc_auc.into();
        entry["expected_calibration_error"] = scores.expected_calibration_error.into();
        entry
    };
    let pattern = |pattern: &MissingPattern| {
        let entry = json!({
            "missing": pattern.missing,
            "name": pattern_name(&features, pattern.missing),
            "threshold": pattern.decision.threshold,
            "calibration": pattern.decision.calibration.method(),
        });
        with_scores(entry, &pattern.scores)
    };
    let at_random = |(missing, random): (usize, &RandomPatterns)| {
        let entry = json!({
            "missing": missing,
            "threshold": random.decision.threshold,
            "calibration": random.decision.calibration.method(),
        });
        with_scores(entry, &random.scores)
    };
    let fallback = |fallback: &FallbackModel| {
        json!({
            "hidden": fallback.hidden,
            "min_missing": fallback.min_missing,
            "description": fallback.params.describe(),
            "trees": fallback.estimator.trees().count(),
            "patterns": fallback.patterns.iter().map(pattern).collect::<Vec<Value>>(),
            "others": fallback.others.iter().enumerate().map(at_random).collect::<Vec<Value>>(),
        })
    };
    json!({
        "learned": model.learned_missing,
        "fallbacks": model.fallbacks.iter().map(fallback).collect::<Vec<Value>>(),
    })
}
