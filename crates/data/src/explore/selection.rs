//! Which features to keep: of two that say the same thing, the one that says more of the label.

use serde::Serialize;

use super::correlation::CorrelationMatrix;
use super::mutual_information::MutualInformation;
use hitflop_core::track::Feature;

/// Why a feature was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Dropped {
    /// It correlates too closely with a feature of greater mutual information with the label.
    Correlated {
        /// The feature dropped.
        feature: Feature,
        /// The feature kept in its place.
        kept: Feature,
        /// Their Pearson correlation.
        correlation: f64,
        /// Mutual information of the dropped one with the label, in nats.
        nats: f64,
        /// Mutual information of the kept one with the label, in nats.
        kept_nats: f64,
    },
    /// Its mutual information with the label is too small.
    Uninformative {
        /// The feature dropped.
        feature: Feature,
        /// Its mutual information with the label, in nats.
        nats: f64,
    },
}

/// The outcome of the rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureSelection {
    /// Greatest |r| that two kept features may have.
    pub max_correlation: f64,
    /// Least mutual information with the label that a kept feature may have, in nats.
    pub min_mutual_information: f64,
    /// Features kept, in the order of [`Feature::ALL`].
    pub kept: Vec<Feature>,
    /// Features dropped, in the order in which the rule met them.
    pub dropped: Vec<Dropped>,
}

/// Settings of the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Greatest |r| (Pearson) that two kept features may have, 0 to 1. Default 0.8.
    pub max_correlation: f64,
    /// Least mutual information with the label that a kept feature may have, in nats. Default 0, which keeps all.
    pub min_mutual_information: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { max_correlation: 0.8, min_mutual_information: 0.0 }
    }
}

/// Selects among the audio features: drops those with too little mutual information, then goes through the pairs that
/// correlate too closely, closest first, and drops of each pair that is still whole the one with less mutual information.
///
/// Mutual information is that of the mixed variant, which has an estimate of every feature of which a track has a value. The decade is
/// neither dropped nor a reason to drop.
pub fn select(
    pearson: &CorrelationMatrix,
    information: &MutualInformation,
    thresholds: &Thresholds,
) -> FeatureSelection {
    let nats = |feature: Feature| {
        information.mixed.iter().find(|estimate| estimate.feature == feature).map_or(0.0, |estimate| estimate.nats)
    };
    let (mut kept, uninformative): (Vec<Feature>, Vec<Feature>) = information
        .mixed
        .iter()
        .map(|estimate| estimate.feature)
        .partition(|&feature| feature == Feature::Decade || nats(feature) >= thresholds.min_mutual_information);
    let mut dropped: Vec<Dropped> =
        uninformative.into_iter().map(|feature| Dropped::Uninformative { feature, nats: nats(feature) }).collect();

    for (a, b, correlation) in close_pairs(pearson, &kept, thresholds.max_correlation) {
        if !(kept.contains(&a) && kept.contains(&b)) {
            continue;
        }
        let (less, more) = if nats(a) < nats(b) { (a, b) } else { (b, a) };
        kept.retain(|&feature| feature != less);
        let (nats, kept_nats) = (nats(less), nats(more));
        dropped.push(Dropped::Correlated { feature: less, kept: more, correlation, nats, kept_nats });
    }
    let Thresholds { max_correlation, min_mutual_information } = *thresholds;
    FeatureSelection { max_correlation, min_mutual_information, kept, dropped }
}

/// Pairs of audio features with |r| above `limit`, closest first.
fn close_pairs(pearson: &CorrelationMatrix, kept: &[Feature], limit: f64) -> Vec<(Feature, Feature, f64)> {
    let audio: Vec<Feature> = kept.iter().copied().filter(|&feature| feature != Feature::Decade).collect();
    let mut pairs = Vec::new();
    for (index, &a) in audio.iter().enumerate() {
        for &b in &audio[index + 1..] {
            match pearson.between(a.name(), b.name()) {
                Some(correlation) if correlation.abs() > limit => pairs.push((a, b, correlation)),
                _ => {}
            }
        }
    }
    pairs.sort_by(|x, y| y.2.abs().total_cmp(&x.2.abs()));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::mutual_information::Estimate;

    fn information(nats: impl Fn(Feature) -> f64) -> MutualInformation {
        let estimate = |feature| Estimate {
            feature,
            discrete: false,
            nats: nats(feature),
            draw_std: 0.0,
            null_mean: 0.0,
            null_q95: 0.0,
            p_value: 0.5,
        };
        let all: Vec<Estimate> = Feature::ALL.into_iter().map(estimate).collect();
        MutualInformation {
            neighbours: 3,
            draws: 1,
            permutations: 1,
            bins: None,
            sample: None,
            all_continuous: all.clone(),
            mixed: all,
        }
    }

    fn pearson(pairs: &[(Feature, Feature, f64)]) -> CorrelationMatrix {
        let mut values = vec![vec![0.0; 16]; 16];
        for &(a, b, r) in pairs {
            values[a as usize][b as usize] = r;
            values[b as usize][a as usize] = r;
        }
        CorrelationMatrix { names: Feature::ALL.iter().map(|feature| feature.name().to_owned()).collect(), values }
    }

    #[test]
    fn of_a_close_pair_the_one_that_is_less_informative_goes() {
        let matrix =
            pearson(&[(Feature::DurationMs, Feature::Sections, 0.89), (Feature::Energy, Feature::Loudness, 0.77)]);
        let nats = |feature| if feature == Feature::DurationMs { 0.05 } else { 0.03 };
        let selection = select(&matrix, &information(nats), &Thresholds::default());
        assert_eq!(selection.kept.len(), 15);
        assert!(!selection.kept.contains(&Feature::Sections));
        assert!(matches!(
            selection.dropped[..],
            [Dropped::Correlated { feature: Feature::Sections, kept: Feature::DurationMs, .. }]
        ));
    }

    #[test]
    fn a_chain_loses_its_weakest_link_only() {
        // Energy and loudness are the closest pair; with loudness gone, its closeness to tempo no longer matters.
        let matrix = pearson(&[(Feature::Energy, Feature::Loudness, -0.95), (Feature::Loudness, Feature::Tempo, 0.9)]);
        let nats = |feature| if feature == Feature::Loudness { 0.01 } else { 0.02 };
        let selection = select(&matrix, &information(nats), &Thresholds::default());
        assert_eq!(selection.dropped.len(), 1);
        assert!(selection.kept.contains(&Feature::Tempo));
    }

    #[test]
    fn features_that_are_uninformative_go_but_the_decade_stays() {
        let nats = |feature| if feature == Feature::Key || feature == Feature::Decade { 0.001 } else { 0.02 };
        let thresholds = Thresholds { min_mutual_information: 0.01, ..Default::default() };
        let selection = select(&pearson(&[]), &information(nats), &thresholds);
        assert!(matches!(selection.dropped[..], [Dropped::Uninformative { feature: Feature::Key, .. }]));
        assert!(selection.kept.contains(&Feature::Decade));
    }
}
