//! Why the final model answers as it does, in sentences.

use super::{Derived, Finding};
use crate::findings::decade_interactions::{sign_changes, SignChange};
use crate::findings::measures::{ImportanceMeasure, ImportanceMeasures};
use crate::format::{capitalise, comparative, count, fixed, list, name, percent, plural, signed, significant};
use crate::phrases::explanations::{contribution, of_rows};
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::Report;
use hitflop_core::track::{Feature, Label};
use hitflop_model::explain::counterfactual::{Counterfactual, Counterfactuals, FeatureChange};
use hitflop_model::explain::global::{Example, ExampleKind, Explanations, TrackName};
use hitflop_model::explain::local::Explanation;
use hitflop_model::explain::permutation::PermutationImportance;

/// Correlation from which two features can partly replace each other.
const MIN_SUBSTITUTE_CORRELATION: f64 = 0.6;
/// Ranks that a feature must lie apart by two measures to be spoken of.
const MIN_RANK_DIFFERENCE: usize = 4;
/// Features named in a sentence.
const MAX_SENTENCE_FEATURES: usize = 3;

/// A value as precise as a threshold needs it.
fn exactly(feature: Feature, value: f64) -> String {
    match feature {
        Feature::DurationMs => format!("{} s", digits(value / 1000.0)),
        Feature::Loudness => format!("{} dB", digits(value)),
        Feature::Tempo => format!("{} BPM", digits(value)),
        Feature::ChorusHit => format!("{} s", digits(value)),
        _ => digits(value),
    }
}

/// All digits of a number that has few, else four significant ones.
fn digits(value: f64) -> String {
    let all = value.to_string();
    match all.len() <= 8 {
        true => all.replace('-', "−"),
        false => significant(value, 4),
    }
}

/// Everything found, if the model was explained.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<Finding> {
    let (Some(explanations), Some(measures)) = (&report.explanations, &derived.measures) else { return Vec::new() };
    let found = [
        Some(moves(explanations)),
        Some(misses(explanations, &group_noun(report.has_artists()))),
        disagreement(report, measures),
        correlated(report, measures),
        decades(explanations),
    ];
    found.into_iter().flatten().collect()
}

fn finding(title: String, sentences: Vec<String>) -> Finding {
    Finding { title, text: sentences.join(" ") }
}

fn moves(explanations: &Explanations) -> Finding {
    let shap = &explanations.shap;
    let each: Vec<String> = shap
        .features
        .iter()
        .take(MAX_SENTENCE_FEATURES)
        .map(|one| format!("{} ({})", name(one.feature), contribution(one.mean_absolute, shap.scale)))
        .collect();
    let total: f64 = shap.features.iter().map(|one| one.mean_absolute).sum();
    let first: f64 = shap.features.iter().take(MAX_SENTENCE_FEATURES).map(|one| one.mean_absolute).sum();
    let sentences = vec![
        format!(
            "On {} {} the answer is moved most by {}, mean absolute contributions in {}.",
            count(shap.rows),
            of_rows(explanations.basis),
            list(&each),
            shap.scale.name()
        ),
        format!("They make up {} of all that moves it.", percent(if total > 0.0 { first / total } else { 0.0 })),
        "A contribution is a Shapley value: those of a track add up to its answer less the mean answer.".to_owned(),
    ];
    finding("What moves the answers".to_owned(), sentences)
}

fn misses(explanations: &Explanations, noun: &GroupNoun) -> Finding {
    let permutation = &explanations.permutation;
    let mut ranked = permutation.features.clone();
    ranked.sort_by(|a, b| b.roc_auc.mean.total_cmp(&a.roc_auc.mean));
    let is_sure = |one: &&PermutationImportance| one.roc_auc.mean - one.roc_auc.half_width > 0.0;
    let words = |one: &PermutationImportance| {
        format!("{} ({} ± {})", name(one.feature), fixed(one.roc_auc.mean, 3), fixed(one.roc_auc.half_width, 3))
    };
    let most: Vec<String> = ranked.iter().filter(is_sure).take(MAX_SENTENCE_FEATURES).map(words).collect();
    let idle: Vec<&str> = ranked.iter().filter(|one| !is_sure(one)).map(|one| name(one.feature)).collect();
    let mut sentences = vec![format!(
        "Measured on {} {}, of {}: there the model has a ROC AUC of {}.",
        count(permutation.rows),
        of_rows(explanations.basis),
        plural(permutation.groups, noun.one, noun.many),
        fixed(permutation.roc_auc, 3)
    )];
    sentences.push(match most.is_empty() {
        true => "No single feature is surely missed when its values change places among the tracks.".to_owned(),
        false => {
            format!("It loses most when the values of one of these change places among the tracks: {}.", list(&most))
        }
    });
    if !idle.is_empty() {
        sentences.push(format!("Not surely missed: {}.", list(&idle)));
    }
    finding("What it cannot do without".to_owned(), sentences)
}

/// Features of little importance alone and great importance together with others, and the reverse.
fn disagreement(report: &Report, measures: &ImportanceMeasures) -> Option<Finding> {
    let ranks = |feature: Feature| {
        let alone = measures.importance(ImportanceMeasure::MutualInformation, feature)?;
        Some((feature, alone, measures.importance(ImportanceMeasure::Shap, feature)?))
    };
    let known: Vec<_> = measures.features().into_iter().filter_map(ranks).collect();
    let together = known.iter().filter(|(_, alone, moved)| moved.rank + MIN_RANK_DIFFERENCE <= alone.rank);
    let together: Vec<String> = together
        .map(|(feature, alone, moved)| {
            format!(
                "{} tells {} nats by itself (rank {}) and moves answers as rank {}",
                capitalise(name(*feature)),
                fixed(alone.value, 3),
                alone.rank,
                moved.rank
            )
        })
        .collect();
    let replaced: Vec<&str> = known
        .iter()
        .filter(|(_, alone, moved)| alone.rank + MIN_RANK_DIFFERENCE <= moved.rank)
        .map(|(feature, _, _)| name(*feature))
        .collect();
    let mut sentences = Vec::new();
    if let Some(agreement) = measures.agreement(ImportanceMeasure::MutualInformation, ImportanceMeasure::Shap) {
        sentences.push(format!(
            "The ranks by mutual information and by Shapley values correlate with {}, those by permutation and by Shapley values with {}.",
            fixed(agreement, 2),
            measures.agreement(ImportanceMeasure::Permutation, ImportanceMeasure::Shap).map_or("–".to_owned(), |found| fixed(found, 2))
        ));
    }
    if !together.is_empty() {
        sentences.push(format!(
            "{}. Mutual information looks at one feature at a time; what matters only in company with others, it does not see.",
            together.join("; ")
        ));
        if let Some(sentence) = decade_interacts(report, measures) {
            sentences.push(sentence);
        }
    }
    if !replaced.is_empty() {
        sentences.push(format!(
            "More by itself than in the model: {}; there others already say what it says.",
            list(&replaced)
        ));
    }
    (!sentences.is_empty()).then(|| finding("Why the measures disagree".to_owned(), sentences))
}

/// The decade cannot predict hits where every decade has as many hits as flops; what it does is to change what others mean.
fn decade_interacts(report: &Report, measures: &ImportanceMeasures) -> Option<String> {
    let alone = measures.importance(ImportanceMeasure::MutualInformation, Feature::Decade)?;
    let moved = measures.importance(ImportanceMeasure::Shap, Feature::Decade)?;
    let turns = sign_changes(&report.explanations.as_ref()?.partial_dependence);
    let turn = turns.first()?;
    (moved.rank + MIN_RANK_DIFFERENCE <= alone.rank).then(|| {
        format!(
            "The decade is such a feature: it decides what others mean. Being {} speaks for a hit in the {} and against one in the {}.",
            comparative(turn.feature, true),
            turn.rises,
            turn.falls
        )
    })
}

/// Features of the model that move together, and how they share their importance.
fn correlated(report: &Report, measures: &ImportanceMeasures) -> Option<Finding> {
    let given: Vec<Feature> = measures
        .features()
        .into_iter()
        .filter(|feature| measures.importance(ImportanceMeasure::Shap, *feature).is_some())
        .collect();
    let spearman = |a: Feature, b: Feature| {
        let place = |feature: Feature| report.spearman.names.iter().position(|own| own == feature.name());
        report.spearman.values.get(place(a)?)?.get(place(b)?).copied()
    };
    let mut pairs = Vec::new();
    for (index, &a) in given.iter().enumerate() {
        for &b in &given[index + 1..] {
            pairs.extend(spearman(a, b).filter(|r| r.abs() >= MIN_SUBSTITUTE_CORRELATION).map(|r| (a, b, r)));
        }
    }
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let words = |(a, b, r): &(Feature, Feature, f64)| {
        let permutation = |feature| {
            measures.importance(ImportanceMeasure::Permutation, feature).map_or(f64::NAN, |importance| importance.value)
        };
        format!(
            "{} and {} (rank correlation {}): permuting the one costs {} of ROC AUC, the other {}",
            name(*a),
            name(*b),
            signed(*r, 2),
            fixed(permutation(*a), 3),
            fixed(permutation(*b), 3)
        )
    };
    let each: Vec<String> = pairs.iter().take(MAX_SENTENCE_FEATURES).map(words).collect();
    let sentences = vec![
        format!("{}.", capitalise(&each.join("; "))),
        "Of features that move together each can stand in for the other: the splits and the contributions are shared between them, \
         and permuting one alone shows less than both are worth."
            .to_owned(),
    ];
    (!each.is_empty()).then(|| finding("Features that share their worth".to_owned(), sentences))
}

fn decades(explanations: &Explanations) -> Option<Finding> {
    let turns = sign_changes(&explanations.partial_dependence);
    let words = |turn: &SignChange| {
        format!(
            "being {} speaks for a hit in the {} and against one in the {}",
            comparative(turn.feature, true),
            turn.rises,
            turn.falls
        )
    };
    let each: Vec<String> = turns.iter().take(MAX_SENTENCE_FEATURES).map(words).collect();
    let known = explanations.partial_dependence.iter().any(|one| one.by_decade.len() > 1);
    known.then(|| {
        let text = match each.is_empty() {
            true => {
                "Of the features shown none turns round between decades: what speaks for a hit in one does so in all."
                    .to_owned()
            }
            false => format!(
                "{}. These are answers of the model to changed tracks, all else as it was.",
                capitalise(&each.join("; "))
            ),
        };
        Finding { title: "What changes with the decade".to_owned(), text }
    })
}

/// Every example, if the model was explained.
pub(crate) fn examples(report: &Report) -> Vec<Vec<String>> {
    report.explanations.iter().flat_map(|explanations| &explanations.examples).map(example).collect()
}

/// What an example is, in a sentence or two, with the smallest changes that would have it called otherwise.
fn example(example: &Example) -> Vec<String> {
    let explanation = &example.explanation;
    let kind = match example.kind {
        ExampleKind::ClearHit => "A clear hit",
        ExampleKind::ClearFlop => "A clear flop",
        ExampleKind::Borderline => "A borderline track",
    };
    let called = example.name.as_ref().and_then(TrackName::in_words).unwrap_or_else(|| "a track".to_owned());
    let decade = explanation.decade.map_or(String::new(), |decade| format!(", {decade}"));
    let mut sentences = vec![format!(
        "{kind}: {called}{decade}. The model gives it a probability of {} and calls it a {}; it was a {}.",
        percent(explanation.probability),
        explanation.label,
        example.actual
    )];
    sentences.extend(alternatives(&example.alternatives, explanation));
    sentences
}

/// The smallest changes with which a track would be called otherwise than its explanation says, worded as what they are.
pub fn alternatives(alternatives: &Counterfactuals, explanation: &Explanation) -> Vec<String> {
    let other = if explanation.label == Label::Hit { Label::Flop } else { Label::Hit };
    // Without a decade, a track is compared with the training tracks without one.
    let (ranked, range) = match explanation.decade {
        Some(_) => ("in its decade", "its decade"),
        None => ("in training", "the training tracks"),
    };
    let mut sentences = Vec::new();
    if let Some(one) = &alternatives.one {
        sentences.push(format!(
            "All else alike, the model gives a track {} and calls it a {other} with {}.",
            percent(one.probability),
            changes(one, ranked)
        ));
    }
    if let Some(two) = &alternatives.two {
        let begin = if sentences.is_empty() {
            format!("All else alike, the model gives a track {} and calls it a {other}", percent(two.probability))
        } else {
            format!("It is nearer yet, at {},", percent(two.probability))
        };
        sentences.push(format!("{begin} with {}.", changes(two, ranked)));
    }
    sentences.push(match sentences.is_empty() {
        true => format!(
            "No change of one or two features within the range of {range} would have the model call it a {other}."
        ),
        false => "That says which tracks in the data were hits, not what would become of this one.".to_owned(),
    });
    sentences
}

/// `loudness at −7.2 dB instead of −9.81 dB (rank 52.0 % instead of 31.0 % in its decade)`.
fn changes(what_if: &Counterfactual, ranked: &str) -> String {
    let change = |change: &FeatureChange| {
        format!(
            "{} at {} instead of {} (rank {} instead of {} {ranked})",
            name(change.feature),
            exactly(change.feature, change.to),
            exactly(change.feature, change.from),
            percent(change.to_rank),
            percent(change.from_rank)
        )
    };
    list(&what_if.changes.iter().map(change).collect::<Vec<String>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track::Decade;
    use hitflop_model::explain::local::ContributionScale;

    fn explained(label: Label, decade: Option<Decade>) -> Explanation {
        Explanation {
            decade,
            scale: ContributionScale::LogOdds,
            base: 0.0,
            contributions: Vec::new(),
            output: 0.0,
            probability: 0.5,
            threshold: 0.5,
            label,
        }
    }

    #[test]
    fn changes_are_worded_as_association() {
        let change =
            FeatureChange { feature: Feature::Loudness, from: -9.81, to: -7.2, from_rank: 0.31, to_rank: 0.52 };
        let one = Counterfactual { changes: vec![change], distance: 0.21, probability: 0.503, label: Label::Hit };
        let found = Counterfactuals { one: Some(one), two: None };
        assert_eq!(
            alternatives(&found, &explained(Label::Flop, Decade::from_year(1990))),
            [
                "All else alike, the model gives a track 50.3 % and calls it a hit with loudness at −7.2 dB instead of −9.81 dB (rank \
                 52.0 % instead of 31.0 % in its decade).",
                "That says which tracks in the data were hits, not what would become of this one."
            ]
        );
        let without = alternatives(&found, &explained(Label::Flop, None));
        assert!(without[0].ends_with("(rank 52.0 % instead of 31.0 % in training)."), "{without:?}");
        let none = alternatives(&Counterfactuals::default(), &explained(Label::Hit, None));
        assert!(none[0].starts_with("No change of one or two features") && none[0].ends_with("call it a flop."));
    }
}
