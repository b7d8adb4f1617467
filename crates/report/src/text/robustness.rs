//! Scores of the final model's parameters and features by several validations.

use super::sampling::{duplicates, groups, left_out, repeated};
use super::Finding;
use crate::format::{capitalise, fixed, list, percent, plural, signed};
use crate::phrases::validation::{fit_name, group_noun, GroupNoun};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::learning_curve::LearningCurve;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ValidationScheme};

/// The findings of the chapter; empty where nothing was assessed.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let Some(robustness) = &report.robustness else { return Vec::new() };
    let found = &robustness.schemes;
    let noun = group_noun(found.has_artists);
    let uses_decade =
        report.evaluation.as_ref().is_some_and(|evaluation| evaluation.features.contains(&Feature::Decade));
    [
        (if found.scores.len() == 3 { "Three ways to ask" } else { "Ways to ask" }, compare_schemes(found)),
        ("What known artists are worth", flattery(found).filter(|_| found.has_artists)),
        ("A coming decade", forward(found, uses_decade)),
        ("Does what makes a hit change?", robustness.cross_decade.as_ref().map(|found| cross_decade(found, &noun))),
        ("Decade by decade", by_decade(found)),
        ("Would more tracks help?", robustness.learning_curve.as_ref().and_then(|found| more_tracks(found, &noun))),
        ("Repeated tracks", Some(duplicates(&robustness.duplicates))),
        ("What belongs together", Some(groups(found))),
        ("What is repeated", Some(repeated(robustness))),
        ("What was not possible", left_out(robustness, report.summary.by_decade.len())),
    ]
    .into_iter()
    .filter_map(|(title, text)| Some(Finding { title: title.to_owned(), text: text? }))
    .collect()
}

/// Random and grouped side by side in a sentence, for the question whether a hit can be predicted.
pub(crate) fn verdict(robustness: &Robustness) -> Option<String> {
    let found = &robustness.schemes;
    let of = |scheme| found.scores.iter().find(|one| one.scheme == scheme);
    let noun = group_noun(found.has_artists);
    let (random, grouped) = (of(ValidationScheme::Random)?, of(ValidationScheme::Grouped)?);
    let mut text = format!(
        "How good it is depends on what is asked: ROC AUC {} and accuracy {} on tracks at random, of which {} are of {} \
         {} that training knows; {} and {} on {} that it has never met",
        fixed(random.roc_auc.mean, 3),
        percent(random.accuracy.mean),
        percent(random.known_share),
        if found.has_artists { "an" } else { "a" },
        noun.keys,
        fixed(grouped.roc_auc.mean, 3),
        percent(grouped.accuracy.mean),
        noun.many,
    );
    if let Some(forward) = of(ValidationScheme::Forward) {
        text.push_str(&format!(
            "; {} and {} on the decade after those that it learned from",
            fixed(forward.roc_auc.mean, 3),
            percent(forward.accuracy.mean)
        ));
    }
    let over = if of(ValidationScheme::Forward).is_some() { " and, forward in time, over the decades" } else { "" };
    text.push_str(&format!(" (means over {}{over}).", plural(found.budget.repeats as u64, "split", "splits")));
    Some(text)
}

/// The mean ROC AUC by groups with its interval, for the head of the page.
pub(crate) fn key_figure(robustness: &Robustness) -> Option<String> {
    let grouped = find(&robustness.schemes, ValidationScheme::Grouped)?;
    let interval = grouped.intervals.map_or(String::new(), |found| format!(" (95 %: {})", span(found.roc_auc, 3)));
    let noun = group_noun(robustness.schemes.has_artists);
    Some(format!("for new {}: {}{interval}", noun.many, fixed(grouped.roc_auc.mean, 3)))
}

fn span(interval: ConfidenceInterval, decimals: usize) -> String {
    format!("{} to {}", fixed(interval.low, decimals), fixed(interval.high, decimals))
}

fn percent_span(interval: ConfidenceInterval) -> String {
    format!("{} to {}", percent(interval.low), percent(interval.high))
}

fn find(found: &SchemeComparison, scheme: ValidationScheme) -> Option<&SchemeScores> {
    found.scores.iter().find(|one| one.scheme == scheme)
}

fn compare_schemes(found: &SchemeComparison) -> Option<String> {
    let noun = group_noun(found.has_artists);
    let sentence = |scores: &SchemeScores| {
        let whose = match scores.scheme {
            ValidationScheme::Random => "On tracks drawn at random, which is what everyone reports".to_owned(),
            ValidationScheme::Grouped => {
                format!("On {} that it has never met (no {} on both sides)", noun.many, noun.keys)
            }
            ValidationScheme::Forward => "On the decade after those that it learned from".to_owned(),
        };
        let intervals = match scores.intervals {
            Some(intervals) => [
                format!(" (95 % interval {})", span(intervals.roc_auc, 3)),
                format!(" ({})", percent_span(intervals.accuracy)),
            ],
            None => [String::new(), String::new()],
        };
        let spread = match scores.parts.len() {
            1 => [String::new(), String::new()],
            _ => [
                format!(" ± {}", fixed(scores.roc_auc.deviation, 3)),
                format!(" ± {} points", fixed(scores.accuracy.deviation * 100.0, 1)),
            ],
        };
        format!(
            "{whose}, the recipe has a ROC AUC of {}{}{} and an accuracy of {}{}{}.",
            fixed(scores.roc_auc.mean, 3),
            spread[0],
            intervals[0],
            percent(scores.accuracy.mean),
            spread[1],
            intervals[1],
        )
    };
    let mut sentences: Vec<String> = found.scores.iter().map(sentence).collect();
    if sentences.is_empty() {
        return None;
    }
    sentences.push(format!(
        "± is the standard deviation over the splits or decades; an interval says how sure the mean is, as far as the test tracks go, \
         with all tracks of {} {} drawn together.",
        if found.has_artists { "an" } else { "a" },
        noun.one
    ));
    Some(sentences.join(" "))
}

fn flattery(found: &SchemeComparison) -> Option<String> {
    let (random, grouped) = (find(found, ValidationScheme::Random)?, find(found, ValidationScheme::Grouped)?);
    let gap = random.roc_auc.mean - grouped.roc_auc.mean;
    let spread = random.roc_auc.deviation.max(grouped.roc_auc.deviation);
    let verdict = match gap {
        gap if gap > spread && gap > 0.0 => format!(
            "of the ROC AUC at random, {} comes from artists that training knows, for it has no text to know them by but their sound",
            fixed(gap, 3)
        ),
        _ => format!(
            "the ROC AUC of new artists differs by {} from that at random, no more than splits differ from one another",
            signed(-gap, 3)
        ),
    };
    Some(format!(
        "{} of the test tracks at random are of a group that training has tracks of, by groups none is: {verdict}.",
        capitalise(&percent(random.known_share)),
    ))
}

fn forward(found: &SchemeComparison, uses_decade: bool) -> Option<String> {
    let scores = find(found, ValidationScheme::Forward)?;
    let order = |a: &&SchemeFit, b: &&SchemeFit| a.scores.roc_auc.total_cmp(&b.scores.roc_auc);
    let (worst, best) = (scores.parts.iter().min_by(order)?, scores.parts.iter().max_by(order)?);
    let mut text = match scores.parts.len() {
        1 => format!("The {} are foretold with a ROC AUC of {}", fit_name(best), fixed(best.scores.roc_auc, 3)),
        _ => format!(
            "It is best for the {} (ROC AUC {}, accuracy {}) and worst for the {} ({}, {})",
            fit_name(best),
            fixed(best.scores.roc_auc, 3),
            percent(best.scores.accuracy),
            fit_name(worst),
            fixed(worst.scores.roc_auc, 3),
            percent(worst.scores.accuracy),
        ),
    };
    text.push_str(&format!(
        "; {} of the test tracks are of a known {}, as in life.",
        percent(scores.known_share),
        group_noun(found.has_artists).keys
    ));
    if uses_decade {
        text.push_str(
            " The decade is a feature, and in this protocol always has a value that training has not seen: a tree takes it for the last \
             decade that it knows.",
        );
    }
    Some(text)
}

fn cross_decade(found: &CrossDecadeScores, noun: &GroupNoun) -> String {
    let (own, other) = (found.own(), found.other());
    let distances: Vec<String> = found
        .by_distance()
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, value)| value.is_finite())
        .map(|(distance, value)| format!("{} at {}", fixed(*value, 3), plural(distance as u64, "step", "steps")))
        .collect();
    let largest = found
        .deviation
        .iter()
        .enumerate()
        .filter_map(|(index, row)| row.get(index))
        .copied()
        .filter(|deviation| deviation.is_finite())
        .fold(0.0, f64::max);
    let verdict = if own - other > largest {
        "Yes: a model of one decade is worse on another than that decade’s own"
    } else {
        "Not clearly: a model of one decade is about as good on another as that decade’s own"
    };
    let mut text = format!(
        "{verdict}. Fitted and scored on the same decade (other {}), the ROC AUC is {} on average; scored on another, {}: {}.",
        noun.many,
        fixed(own, 3),
        fixed(other, 3),
        list(&distances)
    );
    if let Some((train, test, value)) = worst_cell(found) {
        text.push_str(&format!(
            " What was learned from the {} says least of the {} ({}).",
            found.decades[train],
            found.decades[test],
            fixed(value, 3)
        ));
    }
    text
}

/// The lowest score off the diagonal.
fn worst_cell(found: &CrossDecadeScores) -> Option<(usize, usize, f64)> {
    let cells = found
        .roc_auc
        .iter()
        .enumerate()
        .flat_map(|(train, row)| row.iter().enumerate().map(move |(test, value)| (train, test, *value)));
    cells.filter(|(train, test, value)| train != test && value.is_finite()).min_by(|a, b| a.2.total_cmp(&b.2))
}

fn by_decade(found: &SchemeComparison) -> Option<String> {
    let scheme = match find(found, ValidationScheme::Grouped) {
        Some(_) => ValidationScheme::Grouped,
        None => ValidationScheme::Random,
    };
    let own: Vec<&DecadeScores> = found.by_decade.iter().filter(|scores| scores.scheme == scheme).collect();
    let order = |a: &&&DecadeScores, b: &&&DecadeScores| a.scores.roc_auc.total_cmp(&b.scores.roc_auc);
    let (worst, best) = (own.iter().min_by(order)?, own.iter().max_by(order)?);
    if own.len() < 2 {
        return None;
    }
    let sure = match (worst.intervals, best.intervals) {
        (Some(low), Some(high)) if low.roc_auc.high < high.roc_auc.low => {
            ", more than chance of the test tracks would have it"
        }
        _ => ", which may be chance: the intervals overlap",
    };
    let on_new = format!("on new {}", group_noun(found.has_artists).many);
    Some(format!(
        "{}, the ROC AUC goes from {} in the {} (accuracy {}) to {} in the {} ({}){sure}.",
        capitalise(match scheme {
            ValidationScheme::Grouped => on_new.as_str(),
            _ => "on tracks at random",
        }),
        fixed(worst.scores.roc_auc, 3),
        worst.decade,
        percent(worst.scores.accuracy),
        fixed(best.scores.roc_auc, 3),
        best.decade,
        percent(best.scores.accuracy),
    ))
}

/// Below this, the gain of a doubling is negligible.
const MIN_DOUBLING_GAIN: f64 = 0.002;

fn more_tracks(found: &LearningCurve, noun: &GroupNoun) -> Option<String> {
    let (gain, last) = (found.last_gain()?, found.points.last()?);
    let before = match found.gain_before() {
        Some(before) => format!(", the one before it {}", signed(before, 3)),
        None => String::new(),
    };
    let verdict = if gain >= MIN_DOUBLING_GAIN { "Yes" } else { "Hardly" };
    let gap = last.train_roc_auc - last.test_roc_auc;
    Some(format!(
        "{verdict}: the last doubling, to {}, brought {} of ROC AUC for new {}{before}. On the tracks that it learned from, the recipe \
         has {} there, {} more than on the others: {}.",
        plural(last.train_rows.round() as u64, "track", "tracks"),
        signed(gain, 3),
        noun.many,
        fixed(last.train_roc_auc, 3),
        fixed(gap, 3),
        match (gap > 0.02, gain >= MIN_DOUBLING_GAIN) {
            (true, true) => "more tracks would narrow that gap",
            (true, false) => "a gap that this doubling did not narrow",
            (false, _) => "there is little left to narrow",
        },
    ))
}
