//! Metrics of what is predicted and of what: probabilities, missing and unusual values, and the drift of the last tracks.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::metrics::StaticLabel;
use crate::served::traffic::{FeatureTally, WindowSummary};
use hitflop_core::track::{Feature, Label};
use hitflop_model::scoring::drift::DriftLevel;
use hitflop_model::scoring::Prediction;

/// Number of intervals of the histogram of probabilities.
const PROBABILITY_INTERVALS: u8 = 20;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PredictionLabels {
    label: StaticLabel,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FeatureLabels {
    feature: StaticLabel,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RangeLabels {
    feature: StaticLabel,
    range: StaticLabel,
}

/// A counter for each feature, so that a prediction looks up none.
type FeatureCounters = [Counter; Feature::ALL.len()];
type FloatGauge = Gauge<f64, AtomicU64>;

/// Metrics of predictions.
#[derive(Debug)]
pub(crate) struct PredictionMetrics {
    hits: Counter,
    flops: Counter,
    probabilities: Histogram,
    missing: FeatureCounters,
    outside_training: FeatureCounters,
    outside_documented: FeatureCounters,
    window_tracks: Gauge,
    window_hits: FloatGauge,
    training_hits: FloatGauge,
    psi: Family<FeatureLabels, FloatGauge>,
    level: Family<FeatureLabels, Gauge>,
}

impl PredictionMetrics {
    /// The metrics, which are in `registry` from now on.
    pub(crate) fn register(registry: &mut Registry) -> PredictionMetrics {
        let predictions = Family::<PredictionLabels, Counter>::default();
        let of_label =
            |label: Label| predictions.get_or_create_owned(&PredictionLabels { label: StaticLabel(label.name()) });
        let missing = Family::<FeatureLabels, Counter>::default();
        let outside = Family::<RangeLabels, Counter>::default();
        let outside_of = |range: &'static str| {
            Feature::ALL.map(|feature| {
                let feature = StaticLabel(feature.name());
                outside.get_or_create_owned(&RangeLabels { feature, range: StaticLabel(range) })
            })
        };
        let ends = (1..=PROBABILITY_INTERVALS).map(|end| f64::from(end) / f64::from(PROBABILITY_INTERVALS));
        let metrics = PredictionMetrics {
            hits: of_label(Label::Hit),
            flops: of_label(Label::Flop),
            probabilities: Histogram::new(ends),
            missing: Feature::ALL.map(|feature| missing.get_or_create_owned(&labels(feature))),
            outside_training: outside_of("training"),
            outside_documented: outside_of("documented"),
            window_tracks: Gauge::default(),
            window_hits: Gauge::default(),
            training_hits: Gauge::default(),
            psi: Family::default(),
            level: Family::default(),
        };
        let PredictionMetrics { probabilities, window_tracks, window_hits, training_hits, psi, level, .. } = &metrics;
        registry.register("predictions", "Tracks labelled", predictions);
        registry.register("predicted_probability", "Predicted probabilities of a hit", probabilities.clone());
        registry.register("missing_values", "Tracks without a value of a feature that the model uses", missing);
        let help = "Values outside the range of training (of the decade, if it is known) or the documented one";
        registry.register("out_of_range_values", help, outside);
        registry.register("window_tracks", "Tracks of the window: the last ones predicted", window_tracks.clone());
        registry.register("window_hit_ratio", "Share of the window predicted as hits", window_hits.clone());
        registry.register("training_hit_ratio", "Share of hits in the training tracks", training_hits.clone());
        let help = "Population stability index of the window against training";
        registry.register("drift_psi", help, psi.clone());
        let help = "Change of the window against training: 0 stable, 1 moderate, 2 major";
        registry.register("drift_level", help, level.clone());
        metrics
    }

    /// Counts tracks that were labelled.
    pub(crate) fn predicted(&self, predictions: &[Prediction]) {
        let hits = predictions.iter().filter(|prediction| prediction.label == Label::Hit).count() as u64;
        self.hits.inc_by(hits);
        self.flops.inc_by(predictions.len() as u64 - hits);
        predictions.iter().for_each(|prediction| self.probabilities.observe(prediction.probability));
    }

    /// Counts missing and unusual values.
    pub(crate) fn count(&self, tally: &FeatureTally) {
        for (counters, counts) in [
            (&self.missing, &tally.missing),
            (&self.outside_training, &tally.outside_training),
            (&self.outside_documented, &tally.outside_documented),
        ] {
            for (counter, count) in counters.iter().zip(counts).filter(|(_, count)| **count > 0) {
                counter.inc_by(*count);
            }
        }
    }

    /// Sets the figures of the window.
    pub(crate) fn set_window(&self, summary: &WindowSummary) {
        self.window_tracks.set(summary.tracks as i64);
        self.window_hits.set(summary.hit_ratio);
        self.training_hits.set(summary.training_hit_ratio);
        self.psi.clear();
        self.level.clear();
        for drift in &summary.drift {
            self.psi.get_or_create(&labels(drift.feature)).set(drift.psi);
            let level = match drift.level {
                DriftLevel::Stable => 0,
                DriftLevel::Moderate => 1,
                DriftLevel::Major => 2,
            };
            self.level.get_or_create(&labels(drift.feature)).set(level);
        }
    }
}

fn labels(feature: Feature) -> FeatureLabels {
    FeatureLabels { feature: StaticLabel(feature.name()) }
}
