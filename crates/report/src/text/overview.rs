//! Features, pairs of features and artists at a glance.

use askama::Template;

use super::filters;
use super::template::sentences;
use crate::Report;
use hitflop_data::explore::overview::{ArtistSummary, FeatureAlert, PairInformation};

#[derive(Template)]
#[template(path = "text/overview.txt")]
struct OverviewText {
    features: usize,
    alerted: usize,
    drifting: usize,
    /// The threshold of drift.
    drift: f64,
}

/// How many features have alerts.
pub(crate) fn features(report: &Report) -> Vec<String> {
    let features = &report.overview.features;
    let is_drift = |alert: &FeatureAlert| matches!(alert, FeatureAlert::Drifting { .. });
    let text = OverviewText {
        features: features.len(),
        alerted: features.iter().filter(|profile| !profile.alerts.is_empty()).count(),
        drifting: features.iter().filter(|profile| profile.alerts.iter().any(is_drift)).count(),
        drift: report.overview.thresholds.drift,
    };
    if features.is_empty() {
        Vec::new()
    } else {
        sentences(&text)
    }
}

#[derive(Template)]
#[template(path = "text/artists.txt")]
struct ArtistsText<'a> {
    artists: &'a ArtistSummary,
    /// Whether there are hits and flops.
    both_labels: bool,
}

/// The share of frequent artists with one label.
pub(crate) fn artists(report: &Report) -> Vec<String> {
    let both_labels = report.summary.by_label.iter().filter(|group| group.rows > 0).count() > 1;
    report.overview.artists.as_ref().map_or(Vec::new(), |artists| sentences(&ArtistsText { artists, both_labels }))
}

#[derive(Template)]
#[template(path = "text/pairs.txt")]
struct PairsText<'a> {
    first: &'a PairInformation,
    pairs: usize,
    /// The pair with the greatest gain, if it is another.
    gain: Option<&'a PairInformation>,
}

/// The pair with the most mutual information, and that with the greatest gain.
pub(crate) fn pairs(report: &Report) -> Vec<String> {
    let pairs = &report.overview.pairs;
    let (Some(first), false) = (pairs.ranked.first(), pairs.densities.is_empty()) else { return Vec::new() };
    let gain =
        pairs.ranked.iter().max_by(|a, b| a.gain.total_cmp(&b.gain)).filter(|gain| gain.features != first.features);
    sentences(&PairsText { first, pairs: pairs.ranked.len(), gain })
}
