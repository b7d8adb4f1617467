//! Which features and scores have drifted, and whether that is too much.

use serde::Serialize;

use hitflop_data::explore::comparison::TableComparison;
use hitflop_metrics::two_sample::{DistanceEstimates, MeasuredDistance};
use hitflop_model::scoring::drift::{DriftLevel, PSI_THRESHOLDS};

/// What a comparison is judged by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftVerdict {
    /// Every feature, and the scores of each model, with a PSI; the greatest first.
    pub ranking: Vec<DriftEntry>,
    /// Features of which only one table has a value, or whose PSI is undefined.
    pub not_compared: Vec<String>,
    /// The threshold and what exceeds it; absent without one.
    pub gate: Option<DriftGate>,
}

/// A feature or the scores of a model, and how far they have drifted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftEntry {
    /// Feature, or `scores of FILE`.
    pub name: String,
    /// Population stability index.
    pub psi: MeasuredDistance,
    /// The index that independent rows of one distribution have on average.
    pub by_chance: Option<f64>,
    /// By the usual limits of 0.1 and 0.25.
    pub level: DriftLevel,
    /// Whether only one of the tables has values.
    pub is_in_one_table: bool,
}

/// A threshold of the PSI.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftGate {
    /// Maximum PSI, by the point estimate.
    pub threshold: f64,
    /// What exceeds it, the greatest first.
    pub exceeded: Vec<DriftEntry>,
}

/// The level of an index: moderate from 0.1, major from 0.25 on.
pub fn drift_level(psi: f64) -> DriftLevel {
    match psi {
        psi if psi >= PSI_THRESHOLDS.1 => DriftLevel::Major,
        psi if psi >= PSI_THRESHOLDS.0 => DriftLevel::Moderate,
        _ => DriftLevel::Stable,
    }
}

impl DriftEntry {
    fn of(name: String, distances: &DistanceEstimates, is_in_one_table: bool) -> Option<DriftEntry> {
        let psi = distances.psi?;
        Some(DriftEntry {
            name,
            psi,
            by_chance: distances.psi_by_chance,
            level: drift_level(psi.value),
            is_in_one_table,
        })
    }
}

impl DriftVerdict {
    /// Ranks the features of a comparison and the scores of models, by name, and compares them with a threshold.
    pub fn of(
        comparison: Option<&TableComparison>,
        scores: &[(String, &DistanceEstimates)],
        threshold: Option<f64>,
    ) -> DriftVerdict {
        let features = comparison.into_iter().flat_map(|comparison| &comparison.features);
        let of_features = features.clone().filter_map(|feature| {
            DriftEntry::of(feature.feature.name().to_owned(), &feature.distances, feature.is_in_one_table())
        });
        let of_scores = scores.iter().filter_map(|(name, distances)| DriftEntry::of(name.clone(), distances, false));
        let mut ranking: Vec<DriftEntry> = of_features.chain(of_scores).collect();
        ranking.sort_by(|a, b| b.psi.value.total_cmp(&a.psi.value));
        let undefined = features.filter(|feature| feature.distances.psi.is_none() || feature.is_in_one_table());
        let not_compared = undefined.map(|feature| feature.feature.name().to_owned());
        let undefined_scores = scores.iter().filter(|(_, distances)| distances.psi.is_none());
        let gate = threshold.map(|threshold| {
            let exceeded = ranking.iter().filter(|entry| entry.psi.value > threshold).cloned().collect();
            DriftGate { threshold, exceeded }
        });
        DriftVerdict {
            not_compared: not_compared.chain(undefined_scores.map(|(name, _)| name.clone())).collect(),
            ranking,
            gate,
        }
    }

    /// What has drifted at least moderately, the greatest first.
    pub fn drifted(&self) -> impl Iterator<Item = &DriftEntry> {
        self.ranking.iter().filter(|entry| entry.level > DriftLevel::Stable)
    }
}
