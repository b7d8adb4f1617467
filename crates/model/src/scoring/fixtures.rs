//! Scorers and rows for the tests of scoring.

use super::Scorer;
use crate::artifact::{Artifact, EvaluationMetrics, ModelOrigin};
use crate::estimator::{EstimatorKind, EstimatorParams};
use crate::fixtures::complete_tracks;
use crate::reference::FeatureQuantiles;
use crate::selection::feature_set::FeatureSet;
use crate::selection::hold_out::HoldOut;
use crate::selection::train::train_held_out;
use hitflop_core::dataset::Dataset;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;

/// A scorer by a tree of `dataset`, with the quantiles of other tracks.
pub(super) fn scorer(dataset: &Dataset) -> Scorer {
    with_reference(dataset, FeatureQuantiles::of(&complete_tracks(80)).expect("a reference"))
}

/// A scorer by a tree of `dataset`, which has all features, with its quantiles.
pub(super) fn scorer_of(dataset: &Dataset) -> Scorer {
    with_reference(dataset, FeatureQuantiles::of(dataset).expect("a reference"))
}

fn with_reference(dataset: &Dataset, reference: FeatureQuantiles) -> Scorer {
    let trained =
        train_held_out(EstimatorParams::of(EstimatorKind::Tree), dataset, &HoldOut::default()).expect("a model");
    let origin = ModelOrigin {
        program_version: "0.1.0".to_owned(),
        run_id: None,
        simulated: None,
        label: None,
        created: None,
        feature_set: FeatureSet::Notebook,
        hold_out: HoldOut::default(),
        metrics: EvaluationMetrics::new(&trained.evaluation, None),
        data: Vec::new(),
    };
    Scorer::new(Artifact { model: trained.model, origin, reference })
}

/// A row without any value.
pub(super) fn blank_row() -> FeatureRow {
    [f64::NAN; Feature::ALL.len()]
}
