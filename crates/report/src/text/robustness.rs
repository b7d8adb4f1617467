//! Scores of the final model's hyperparameters by several validation schemes.

use askama::Template;

use super::template::{sentences, titled};
use super::{filters, Finding};
use crate::format::{fixed, percent, plural, significant};
use crate::phrases::validation::{fit_name, group_noun, GroupNoun};
use crate::Report;
use hitflop_core::track::{Decade, Feature};
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_metrics::split::GroupFigures;
use hitflop_metrics::split::SampleSize;
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::selection::hold_out::HoldOutBy;
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::learning_curve::LearningCurve;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ValidationScheme};

/// Gain of ROC AUC from which a doubling of the tracks helps.
const MIN_DOUBLING_GAIN: f64 = 0.002;
/// Artists of the largest group that are named.
const MAX_NAMED: usize = 3;

#[derive(Template)]
#[template(path = "text/validation.txt")]
struct ValidationText<'a> {
    sample: Option<SampleSize>,
    schemes: &'a [SchemeScores],
    noun: GroupNoun,
    has_artists: bool,
    known_artists: Option<KnownArtists>,
    forward: Option<ForwardFigures>,
    uses_decade: bool,
    cross_decade: Option<CrossDecadeFigures>,
    by_decade: Option<DecadeRange>,
    learning_curve: Option<LearningCurveFigures>,
    duplicates: &'a DuplicateFigures,
    groups: &'a GroupFigures,
    single: u64,
    largest_share: f64,
    largest_group: Vec<String>,
    more: usize,
    repeats: u64,
    seed: u64,
    /// The smaller hyperparameters of what needs many fits, if they differ from the final ones.
    light: Option<String>,
    left_out: Vec<String>,
    /// The accuracies on a random split in this report, each with what it is of.
    accuracies: Vec<String>,
}

/// What the ROC AUC on a random split owes to artists that training knows.
struct KnownArtists {
    share: f64,
    gap: f64,
    minus_gap: f64,
    is_clear: bool,
}

/// The accuracies on a random split, if the final model was tested on one.
fn accuracies(report: &Report, robustness: &Robustness) -> Vec<String> {
    let Some(evaluation) = report.evaluation.as_ref().filter(|one| one.hold_out.by == HoldOutBy::Random) else {
        return Vec::new();
    };
    let comparison = report.comparison.as_ref();
    let compared = comparison.and_then(|comparison| comparison.rows.get(comparison.chosen));
    let random = find(&robustness.schemes, ValidationScheme::Random);
    let features = robustness.leakage.as_ref().and_then(|leakage| leakage.encoded.first());
    let own = (
        evaluation.scores.accuracy,
        format!("the saved model at its threshold of {}", significant(evaluation.threshold, 4)),
    );
    let others = [
        compared.map(|row| {
            let is_sample = comparison.is_some_and(|comparison| comparison.sample.is_some());
            let fitted = if is_sample { ", fitted on the sample" } else { "" };
            let words = format!("the same model at 0.5 and without calibration{fitted}, in the leaderboard");
            (row.evaluation.scores.accuracy, words)
        }),
        random.map(|scheme| {
            let splits = plural(scheme.parts.len() as u64, "split", "splits");
            (scheme.accuracy.mean, format!("its hyperparameters at 0.5, mean over {splits}, in the validation schemes"))
        }),
        features.map(|scores| {
            (scores.random.accuracy, "the hyperparameters of the leakage chapter without names".to_owned())
        }),
    ];
    let words = |(accuracy, of): (f64, String)| format!("{} for {of}", percent(accuracy));
    std::iter::once(own).chain(others.into_iter().flatten()).map(words).collect()
}

/// The best and the worst test decade with their scores.
struct ForwardFigures {
    best: String,
    worst: Option<String>,
    known: f64,
}

struct CrossDecadeFigures {
    is_worse: bool,
    own: f64,
    other: f64,
    distances: Vec<String>,
    /// Training decade, test decade and score of the lowest score off the diagonal.
    worst: Option<(Decade, Decade, f64)>,
}

struct DecadeRange {
    grouped: bool,
    worst: Decade,
    low: f64,
    low_accuracy: f64,
    best: Decade,
    high: f64,
    high_accuracy: f64,
    /// Whether the 95 % intervals do not overlap.
    is_clear: bool,
}

struct LearningCurveFigures {
    helps: bool,
    rows: u64,
    gain: f64,
    before: Option<f64>,
    train: f64,
    gap: f64,
}

/// The findings of the chapter; empty where nothing was measured.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let Some(robustness) = &report.robustness else { return Vec::new() };
    let found = &robustness.schemes;
    let uses_decade = |features: &[Feature]| features.contains(&Feature::Decade);
    let named: Vec<String> = found.largest_group.iter().take(MAX_NAMED).map(|name| format!("“{name}”")).collect();
    titled(&ValidationText {
        sample: robustness.sample,
        schemes: &found.scores,
        noun: group_noun(found.has_artists),
        has_artists: found.has_artists,
        known_artists: known_artists(found).filter(|_| found.has_artists),
        forward: forward(found),
        uses_decade: report.evaluation.as_ref().is_some_and(|evaluation| uses_decade(&evaluation.features)),
        cross_decade: robustness.cross_decade.as_ref().map(cross_decade),
        by_decade: by_decade(found),
        learning_curve: robustness.learning_curve.as_ref().and_then(learning_curve),
        duplicates: &robustness.duplicates,
        groups: &found.groups,
        single: found.groups.sizes.iter().find(|class| class.most == Some(1)).map_or(0, |class| class.groups),
        largest_share: found.groups.largest as f64 / found.groups.rows as f64,
        more: found.largest_group.len().saturating_sub(named.len()),
        largest_group: named,
        repeats: found.budget.repeats as u64,
        seed: found.seed,
        light: light(robustness),
        accuracies: accuracies(report, robustness),
        left_out: left_out(robustness, report.summary.by_decade.len()),
    })
}

#[derive(Template)]
#[template(path = "text/schemes_verdict.txt")]
struct SchemesVerdict<'a> {
    random: &'a SchemeScores,
    grouped: &'a SchemeScores,
    forward: Option<&'a SchemeScores>,
    noun: GroupNoun,
    article: &'static str,
    repeats: u64,
}

/// The schemes side by side in a sentence, for the question whether hits can be predicted.
pub(crate) fn verdict(robustness: &Robustness) -> Option<String> {
    let found = &robustness.schemes;
    let verdict = SchemesVerdict {
        random: find(found, ValidationScheme::Random)?,
        grouped: find(found, ValidationScheme::Grouped)?,
        forward: find(found, ValidationScheme::Forward),
        noun: group_noun(found.has_artists),
        article: if found.has_artists { "an" } else { "a" },
        repeats: found.budget.repeats as u64,
    };
    Some(sentences(&verdict).join(" "))
}

/// The mean ROC AUC by groups with its interval, for the head of the page.
pub(crate) fn key_figure(robustness: &Robustness) -> Option<String> {
    let grouped = find(&robustness.schemes, ValidationScheme::Grouped)?;
    let span = |found: ConfidenceInterval| format!(" (95 %: {} to {})", fixed(found.low, 3), fixed(found.high, 3));
    let interval = grouped.intervals.map_or(String::new(), |found| span(found.roc_auc));
    let noun = group_noun(robustness.schemes.has_artists);
    Some(format!("for new {}: {}{interval}", noun.many, fixed(grouped.roc_auc.mean, 3)))
}

fn find(found: &SchemeComparison, scheme: ValidationScheme) -> Option<&SchemeScores> {
    found.scores.iter().find(|one| one.scheme == scheme)
}

fn known_artists(found: &SchemeComparison) -> Option<KnownArtists> {
    let (random, grouped) = (find(found, ValidationScheme::Random)?, find(found, ValidationScheme::Grouped)?);
    let gap = random.roc_auc.mean - grouped.roc_auc.mean;
    let spread = random.roc_auc.deviation.max(grouped.roc_auc.deviation);
    Some(KnownArtists { share: random.known_share, gap, minus_gap: -gap, is_clear: gap > spread && gap > 0.0 })
}

fn forward(found: &SchemeComparison) -> Option<ForwardFigures> {
    let scores = find(found, ValidationScheme::Forward)?;
    let order = |a: &&SchemeFit, b: &&SchemeFit| a.scores.roc_auc.total_cmp(&b.scores.roc_auc);
    let (worst, best) = (scores.parts.iter().min_by(order)?, scores.parts.iter().max_by(order)?);
    let words = |fit: &SchemeFit| {
        let (roc_auc, accuracy) = (fixed(fit.scores.roc_auc, 3), percent(fit.scores.accuracy));
        format!("{} (ROC AUC {roc_auc}, accuracy {accuracy})", fit_name(fit))
    };
    Some(ForwardFigures {
        best: words(best),
        worst: (scores.parts.len() > 1).then(|| words(worst)),
        known: scores.known_share,
    })
}

fn cross_decade(found: &CrossDecadeScores) -> CrossDecadeFigures {
    let (own, other) = (found.own(), found.other());
    let distances = found.by_distance().into_iter().enumerate().skip(1).filter(|(_, value)| value.is_finite());
    let diagonal = found.deviation.iter().enumerate().filter_map(|(index, row)| row.get(index)).copied();
    let largest = diagonal.filter(|deviation| deviation.is_finite()).fold(0.0, f64::max);
    let words = |(distance, value): (usize, f64)| {
        format!("{} at a distance of {}", fixed(value, 3), plural(distance as u64, "decade", "decades"))
    };
    CrossDecadeFigures {
        is_worse: own - other > largest,
        own,
        other,
        distances: distances.map(words).collect(),
        worst: worst_cell(found),
    }
}

/// The lowest score off the diagonal.
fn worst_cell(found: &CrossDecadeScores) -> Option<(Decade, Decade, f64)> {
    let cells = found
        .roc_auc
        .iter()
        .enumerate()
        .flat_map(|(train, row)| row.iter().enumerate().map(move |(test, value)| (train, test, *value)));
    let off_diagonal = cells.filter(|(train, test, value)| train != test && value.is_finite());
    let (train, test, value) = off_diagonal.min_by(|a, b| a.2.total_cmp(&b.2))?;
    Some((found.decades[train], found.decades[test], value))
}

fn by_decade(found: &SchemeComparison) -> Option<DecadeRange> {
    let grouped = find(found, ValidationScheme::Grouped).is_some();
    let scheme = if grouped { ValidationScheme::Grouped } else { ValidationScheme::Random };
    let own: Vec<&DecadeScores> = found.by_decade.iter().filter(|scores| scores.scheme == scheme).collect();
    let order = |a: &&&DecadeScores, b: &&&DecadeScores| a.scores.roc_auc.total_cmp(&b.scores.roc_auc);
    let (worst, best) = (own.iter().min_by(order)?, own.iter().max_by(order)?);
    let is_clear = |(low, high): &(_, _)| separate(low, high);
    (own.len() > 1).then(|| DecadeRange {
        grouped,
        worst: worst.decade,
        low: worst.scores.roc_auc,
        low_accuracy: worst.scores.accuracy,
        best: best.decade,
        high: best.scores.roc_auc,
        high_accuracy: best.scores.accuracy,
        is_clear: worst
            .intervals
            .map(|one| one.roc_auc)
            .zip(best.intervals.map(|one| one.roc_auc))
            .as_ref()
            .is_some_and(is_clear),
    })
}

fn separate(low: &ConfidenceInterval, high: &ConfidenceInterval) -> bool {
    low.high < high.low
}

fn learning_curve(found: &LearningCurve) -> Option<LearningCurveFigures> {
    let (gain, last) = (found.last_gain()?, found.points.last()?);
    Some(LearningCurveFigures {
        helps: gain >= MIN_DOUBLING_GAIN,
        rows: last.train_rows.round() as u64,
        gain,
        before: found.gain_before(),
        train: last.train_roc_auc,
        gap: last.train_roc_auc - last.test_roc_auc,
    })
}

fn light(robustness: &Robustness) -> Option<String> {
    let found = &robustness.schemes;
    let light = robustness.cross_decade.as_ref().map(|one| &one.params);
    let light = light.or(robustness.learning_curve.as_ref().map(|one| &one.params));
    let differs = light.filter(|&light| !found.budget.thorough && *light != found.params);
    differs.map(|light| light.describe())
}

/// What the tracks do not allow, with the reason where it is their decades; `decades` is the number of decades known.
fn left_out(robustness: &Robustness, decades: usize) -> Vec<String> {
    let schemes = robustness.schemes.left_out.iter();
    let schemes = schemes.map(|(scheme, reason)| format!("the {} scheme ({reason})", scheme.name()));
    let transfer = match decades {
        0 => "transfer between decades (no track has a decade)",
        1 => "transfer between decades (all tracks are of one decade)",
        _ => "transfer between decades",
    };
    let absent = [
        (transfer, robustness.cross_decade.is_none()),
        ("a learning curve", robustness.learning_curve.is_none()),
        ("a measurement of leakage", robustness.leakage.is_none()),
    ];
    schemes.chain(absent.into_iter().filter(|(_, is)| *is).map(|(what, _)| what.to_owned())).collect()
}
