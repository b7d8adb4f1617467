//! The first screen of the page: what was found, and what a reader must know before using it.

use askama::Template;

use super::filters;
use super::template::sentences;
use super::Derived;
use crate::findings::derived::Information;
use crate::findings::effect_size::{EffectChange, IntervalEstimate, Trend};
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::Report;
use hitflop_core::track::{Decade, Feature, ARTIST};
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{SchemeScores, ValidationScheme};

/// Warnings that are shown; the template has them in the order of their importance.
const MAX_WARNINGS: usize = 3;
/// Features named after the first.
const MAX_NEXT_FEATURES: usize = 3;

#[derive(Template)]
#[template(path = "text/key_points.txt")]
struct KeyPoints<'a> {
    best: Option<&'a Information>,
    next: Vec<&'static str>,
    change: Option<ChangeFigures>,
    model: Option<ModelFigures>,
    new_groups: Option<NewGroups>,
    /// ROC AUC of the artist's name alone on a random split and for new artists.
    artist: Option<(f64, f64)>,
}

/// In how many features the gap between hits and flops changed, and in which most.
struct ChangeFigures {
    from: Decade,
    to: Decade,
    changed: usize,
    features: usize,
    /// The feature with its effect sizes in the first and the last decade.
    largest: Option<(Feature, f64, f64)>,
}

struct ModelFigures {
    kind: &'static str,
    rows: u64,
    accuracy: IntervalEstimate,
    baseline: f64,
}

/// Scores for artists that are not in training, beside those of the other schemes.
struct NewGroups {
    noun: GroupNoun,
    grouped: f64,
    interval: Option<ConfidenceInterval>,
    random: Option<f64>,
    forward: Option<f64>,
}

/// At most five sentences: features, change over the decades, the model, new artists, leakage.
pub(super) fn key_points(report: &Report, derived: &Derived) -> Vec<String> {
    let mut informative = derived.information.iter().filter(|one| one.informative);
    sentences(&KeyPoints {
        best: informative.next(),
        next: informative.take(MAX_NEXT_FEATURES).map(|one| one.feature.in_words()).collect(),
        change: change(derived),
        model: model(report, derived),
        new_groups: report.robustness.as_ref().and_then(new_groups),
        artist: report.robustness.as_ref().and_then(artist),
    })
}

fn change(derived: &Derived) -> Option<ChangeFigures> {
    let changes: Vec<(Feature, EffectChange)> =
        derived.effects.iter().filter_map(|effect| Some((effect.feature, effect.change?))).collect();
    let (_, first) = changes.first()?;
    let clear: Vec<&(Feature, EffectChange)> =
        changes.iter().filter(|(_, change)| change.trend != Trend::NoClearChange).collect();
    let size = |change: &EffectChange| change.difference.value.abs();
    let largest = clear.iter().max_by(|(_, a), (_, b)| size(a).total_cmp(&size(b)));
    Some(ChangeFigures {
        from: first.from.decade,
        to: first.to.decade,
        changed: clear.len(),
        features: changes.len(),
        largest: largest.map(|(feature, change)| (*feature, change.from.d.value, change.to.d.value)),
    })
}

fn model(report: &Report, derived: &Derived) -> Option<ModelFigures> {
    let evaluation = report.evaluation.as_ref()?;
    Some(ModelFigures {
        kind: evaluation.params.kind().in_words(),
        rows: evaluation.test_rows,
        accuracy: derived.accuracy?,
        baseline: evaluation.majority_accuracy,
    })
}

fn scores(robustness: &Robustness, scheme: ValidationScheme) -> Option<&SchemeScores> {
    robustness.schemes.scores.iter().find(|scores| scores.scheme == scheme)
}

fn roc_auc(robustness: &Robustness, scheme: ValidationScheme) -> Option<f64> {
    scores(robustness, scheme).map(|scores| scores.roc_auc.mean)
}

fn new_groups(robustness: &Robustness) -> Option<NewGroups> {
    let grouped = scores(robustness, ValidationScheme::Grouped)?;
    Some(NewGroups {
        noun: group_noun(robustness.schemes.has_artists),
        grouped: grouped.roc_auc.mean,
        interval: grouped.intervals.map(|intervals| intervals.roc_auc),
        random: roc_auc(robustness, ValidationScheme::Random),
        forward: roc_auc(robustness, ValidationScheme::Forward),
    })
}

fn artist(robustness: &Robustness) -> Option<(f64, f64)> {
    let text = robustness.leakage.as_ref()?.texts.iter().find(|text| text.column.name() == ARTIST)?;
    Some((text.random.roc_auc, text.grouped.roc_auc))
}

#[derive(Template)]
#[template(path = "text/warnings.txt")]
struct Warnings {
    suspicious: Option<String>,
    /// ROC AUC at random above that of new artists, if the splits differ by less from one another and it is outside of the interval.
    flattering_gap: Option<f64>,
    /// ROC AUC at random above that of a later decade, by the same measure.
    forward_loss: Option<f64>,
    rejected: u64,
    contradictions: u64,
    missing: usize,
    of_charts: bool,
    balanced: bool,
}

/// What a reader must know before using the numbers, the most important first.
pub(super) fn warnings(report: &Report, derived: &Derived) -> Vec<String> {
    let robustness = report.robustness.as_ref();
    let clear_loss = |scheme| {
        let (random, other) = (scores(robustness?, ValidationScheme::Random)?, scores(robustness?, scheme)?);
        let gap = random.roc_auc.mean - other.roc_auc.mean;
        (gap > random.roc_auc.deviation.max(other.roc_auc.deviation)).then_some(gap)
    };
    // The interval of new artists is wider than the spread of a few splits.
    let schemes =
        robustness.and_then(|one| scores(one, ValidationScheme::Random).zip(scores(one, ValidationScheme::Grouped)));
    let is_outside = schemes.is_some_and(|(random, grouped)| {
        grouped.intervals.as_ref().is_none_or(|intervals| random.roc_auc.mean > intervals.roc_auc.high)
    });
    let mut warnings = sentences(&Warnings {
        suspicious: robustness.and_then(|one| one.leakage.as_ref()).and_then(super::leakage::warning),
        flattering_gap: clear_loss(ValidationScheme::Grouped).filter(|_| report.has_artists() && is_outside),
        forward_loss: clear_loss(ValidationScheme::Forward),
        rejected: report.provenance.rejected.iter().map(|(_, rows)| rows).sum(),
        contradictions: report.quality.uris_with_both_labels,
        missing: report.missing.len(),
        of_charts: report.provenance.label.is_none(),
        balanced: derived.is_balanced(),
    });
    warnings.truncate(MAX_WARNINGS);
    warnings
}
