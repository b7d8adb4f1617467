//! What a model is, for programs.

use serde_json::{json, Value};

use super::Artifact;
use crate::model::ModelInput;
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
        "trees": trees.len(),
        "nodes": trees.iter().map(|tree| tree.nodes.len()).sum::<usize>(),
        "leaves": trees.iter().map(|tree| tree.leaves.len()).sum::<usize>(),
        "depth": trees.iter().map(Tree::depth).max(),
        "baseline": model.estimator.baseline(),
        "oob_score": model.estimator.oob_score(),
        "origin": origin,
    })
}
