//! What clients notice when another model comes into service.

use hitflop_core::track::Feature;
use hitflop_model::artifact::Artifact;
use hitflop_model::evaluation::Scores;

/// The model in service and another that would replace it.
pub(super) struct ModelChange<'a> {
    pub old: &'a Artifact,
    pub new: &'a Artifact,
}

impl ModelChange<'_> {
    /// What makes the new model one of another kind: other features, another label, simulated tracks instead of real ones. Empty
    /// if clients can be served by it without being changed.
    pub fn of_kind(&self) -> Vec<String> {
        let (old, new) = (self.old, self.new);
        let mut changes = Vec::new();
        let (had, has) = (sorted(old.model.features()), sorted(new.model.features()));
        if had != has {
            changes.push(format!("features {} instead of {}", names(&has), names(&had)));
        }
        if old.origin.label() != new.origin.label() {
            changes.push(format!("label {} instead of {}", new.origin.label(), old.origin.label()));
        }
        if new.origin.simulated == Some(true) && old.origin.simulated != Some(true) {
            changes.push("simulated tracks".to_owned());
        }
        changes
    }

    /// The scores that differ, as measured on the test rows of each: `ROC AUC 0.8940 to 0.8650`.
    pub fn of_scores(&self) -> Vec<String> {
        let [old, new] = [self.old, self.new].map(|artifact| scores(&artifact.origin.metrics.scores));
        let changed = old.into_iter().zip(new).filter(|((_, old), (_, new))| old != new);
        changed.map(|((name, old), (_, new))| format!("{name} {old:.4} to {new:.4}")).collect()
    }
}

fn scores(scores: &Scores) -> [(&'static str, f64); 6] {
    [
        ("accuracy", scores.accuracy),
        ("F1", scores.f1),
        ("ROC AUC", scores.roc_auc),
        ("average precision", scores.average_precision),
        ("Brier score", scores.brier),
        ("log loss", scores.log_loss),
    ]
}

/// Clients send features by name, in any order.
fn sorted(mut features: Vec<Feature>) -> Vec<Feature> {
    features.sort_unstable();
    features
}

fn names(features: &[Feature]) -> String {
    features.iter().map(|feature| feature.name()).collect::<Vec<_>>().join(", ")
}
