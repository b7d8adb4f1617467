//! The three questions that the analysis was made for, answered with numbers.

use askama::Template;

use super::template::sentences;
use super::{filters, leaderboard, robustness, Derived, KeyFinding};
use crate::findings::derived::Information;
use crate::findings::effect_size::{group, mean_of};
use crate::findings::effect_size::{DecadeEffect, EffectChange, FeatureEffect, IntervalEstimate, Trend};
use crate::format::{comparative, fixed, percent, signed, value};
use crate::Report;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::explore::summary::Summary;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::selection::hold_out::HoldOutBy;

/// Features described one by one; the table has all.
const MAX_KEY_FEATURES: usize = 5;
/// Features named after the first.
const MAX_NEXT_FEATURES: usize = 3;

/// The three questions.
pub(crate) fn answers(report: &Report, derived: &Derived) -> Vec<KeyFinding> {
    let answered = |question: &str, sentences: Vec<String>| {
        let mut sentences = sentences.into_iter();
        let answer = sentences.next().unwrap_or_default();
        KeyFinding { question: question.to_owned(), answer, grounds: sentences.collect() }
    };
    vec![
        answered("Which features distinguish hits from flops?", features(report, derived)),
        answered("Do the differences between hits and flops change over the decades?", change(derived)),
        answered("Can hits be predicted?", prediction(report, derived)),
    ]
}

#[derive(Template)]
#[template(path = "text/features_question.txt")]
struct FeaturesQuestion<'a> {
    best: Option<&'a Information>,
    next: Vec<String>,
    contrasts: Vec<Contrast>,
    silent: Vec<&'static str>,
    silent_decade: bool,
    permutations: usize,
}

/// The means of a feature for hits and flops, and the effect size.
struct Contrast {
    feature: Feature,
    direction: &'static str,
    hits: String,
    flops: String,
    d: IntervalEstimate,
}

fn features(report: &Report, derived: &Derived) -> Vec<String> {
    let (informative, silent): (Vec<&Information>, Vec<&Information>) =
        derived.information.iter().partition(|one| one.informative);
    let next = informative.iter().skip(1).take(MAX_NEXT_FEATURES);
    let contrasts = informative.iter().take(MAX_KEY_FEATURES);
    let silent: Vec<&str> = silent.into_iter().map(|one| one.feature.in_words()).collect();
    sentences(&FeaturesQuestion {
        best: informative.first().copied(),
        next: next.map(|one| format!("{} ({})", one.feature.in_words(), percent(one.share_of_entropy))).collect(),
        contrasts: contrasts.filter_map(|one| contrast(&report.summary, derived, one.feature)).collect(),
        silent_decade: silent.contains(&Feature::Decade.in_words()) && derived.is_balanced(),
        silent,
        permutations: report.mutual_information.permutations,
    })
}

fn contrast(summary: &Summary, derived: &Derived, feature: Feature) -> Option<Contrast> {
    let d = derived.effect(feature)?.overall?;
    let mean = |label| Some(value(feature, mean_of(group(&summary.by_label, None, label)?, feature)?.mean));
    let (hits, flops) = (mean(Label::Hit)?, mean(Label::Flop)?);
    Some(Contrast { feature, direction: comparative(feature, d.value > 0.0), hits, flops, d })
}

#[derive(Template)]
#[template(path = "text/change_question.txt")]
struct ChangeQuestion {
    decades: Option<(Decade, Decade)>,
    verdict: &'static str,
    changed: usize,
    features: usize,
    /// How often the gap grew, shrank and changed sign.
    parts: Vec<String>,
    grew: Vec<String>,
    shrank: Vec<String>,
    reversed: Vec<String>,
    steady: Vec<&'static str>,
    swings: Vec<String>,
}

fn change(derived: &Derived) -> Vec<String> {
    let changes: Vec<(&FeatureEffect, EffectChange)> =
        derived.effects.iter().filter_map(|effect| Some((effect, effect.change?))).collect();
    let of = |trend: Trend| -> Vec<(&FeatureEffect, EffectChange)> {
        let mut of: Vec<_> = changes.iter().copied().filter(|(_, change)| change.trend == trend).collect();
        of.sort_by(|(_, a), (_, b)| b.difference.value.abs().total_cmp(&a.difference.value.abs()));
        of
    };
    let (grew, shrank, reversed) = (of(Trend::Grew), of(Trend::Shrank), of(Trend::Reversed));
    let changed = grew.len() + shrank.len() + reversed.len();
    let parts = [("grew", &grew), ("shrank", &shrank), ("changed sign", &reversed)].into_iter();
    sentences(&ChangeQuestion {
        decades: changes.first().map(|(_, first)| (first.from.decade, first.to.decade)),
        // One comparison in twenty is expected to look like a change where there is none.
        verdict: match changed {
            0 => "Not clearly",
            few if few as f64 <= changes.len() as f64 * 0.05 + 1.0 => "Perhaps",
            _ => "Yes",
        },
        changed,
        features: changes.len(),
        parts: parts.filter(|(_, of)| !of.is_empty()).map(|(what, of)| format!("{what} in {}", of.len())).collect(),
        grew: described(&grew),
        shrank: described(&shrank),
        reversed: described(&reversed),
        steady: of(Trend::NoClearChange).into_iter().map(|(effect, _)| effect.feature.in_words()).collect(),
        swings: swings(&changes),
    })
}

/// `loudness (d +0.63 → +0.80, change +0.17 ± 0.06)`; the names alone after the first few.
fn described(changes: &[(&FeatureEffect, EffectChange)]) -> Vec<String> {
    let words = |(effect, change): &(&FeatureEffect, EffectChange)| {
        format!(
            "{} (d {} → {}, change {} ± {})",
            effect.feature.in_words(),
            signed(change.from.d.value, 2),
            signed(change.to.d.value, 2),
            signed(change.difference.value, 2),
            fixed(change.difference.half_width(), 2),
        )
    };
    let named = changes.iter().skip(MAX_KEY_FEATURES).map(|(effect, _)| effect.feature.in_words().to_owned());
    changes.iter().take(MAX_KEY_FEATURES).map(words).chain(named).collect()
}

/// What the comparison of the first with the last decade does not show: effects that moved away and came back.
fn swings(changes: &[(&FeatureEffect, EffectChange)]) -> Vec<String> {
    let mut swings: Vec<(&FeatureEffect, EffectChange, DecadeEffect)> =
        changes.iter().filter_map(|(effect, change)| Some((*effect, *change, effect.swing()?))).collect();
    let size = |(_, change, peak): &(&FeatureEffect, EffectChange, DecadeEffect)| {
        (peak.d.value - change.from.d.value).abs().min((peak.d.value - change.to.d.value).abs())
    };
    swings.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let words = |(effect, change, peak): &(&FeatureEffect, EffectChange, DecadeEffect)| {
        format!(
            "{} (d {} → {} in the {} → {})",
            effect.feature.in_words(),
            signed(change.from.d.value, 2),
            signed(peak.d.value, 2),
            peak.decade,
            signed(change.to.d.value, 2)
        )
    };
    swings.iter().take(MAX_KEY_FEATURES).map(words).collect()
}

#[derive(Template)]
#[template(path = "text/prediction_question.txt")]
struct PredictionQuestion<'a> {
    report: &'a Report,
    model: Option<PredictionFigures<'a>>,
    rank: Option<String>,
    schemes: Option<String>,
    only_random: bool,
}

struct PredictionFigures<'a> {
    verdict: &'static str,
    evaluation: &'a Evaluation,
    accuracy: IntervalEstimate,
    baseline: f64,
    /// The accuracy of always predicting the other label, where it exceeds that of the baseline and of the interval.
    other_label: Option<f64>,
    false_hits: u64,
    missed: u64,
}

fn prediction(report: &Report, derived: &Derived) -> Vec<String> {
    let evaluation = report.evaluation.as_ref();
    let rank = || leaderboard::rank(report.comparison.as_ref()?, derived.fold_statistics.as_ref()?);
    sentences(&PredictionQuestion {
        report,
        model: evaluation.zip(derived.accuracy).map(|(evaluation, accuracy)| figures(evaluation, accuracy)),
        rank: rank(),
        schemes: report.robustness.as_ref().and_then(robustness::verdict),
        only_random: evaluation.is_some_and(|one| one.hold_out.by == HoldOutBy::Random) && report.has_artists(),
    })
}

fn figures(evaluation: &Evaluation, accuracy: IntervalEstimate) -> PredictionFigures<'_> {
    // The label that is more frequent in training can be the rarer one in the test rows; the verdict must not profit from that.
    let (baseline, other) = (evaluation.majority_accuracy, 1.0 - evaluation.majority_accuracy);
    let verdict = match (accuracy.low > baseline.max(other), evaluation.features.contains(&Feature::Decade)) {
        (true, true) => "Yes, from audio features and decade, better than by guessing",
        (true, false) => "Yes, from audio features alone, better than by guessing",
        (false, _) => "Not demonstrably",
    };
    PredictionFigures {
        verdict,
        evaluation,
        accuracy,
        baseline,
        other_label: (accuracy.low > baseline && accuracy.low <= other).then_some(other),
        false_hits: evaluation.confusion.false_positives,
        missed: evaluation.confusion.false_negatives,
    }
}
