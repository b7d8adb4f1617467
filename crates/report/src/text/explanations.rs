//! Why the final model predicts as it does.

use askama::Template;

use super::template::{sentences, titled};
use super::{filters, Derived, Finding};
use crate::findings::decade_interactions::{sign_changes, SignChange};
use crate::findings::measures::{ImportanceMeasure, ImportanceMeasures};
use crate::format::{comparative, fixed, list, signed};
use crate::phrases::explanations::{contribution, of_rows, shown};
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::Report;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_model::explain::counterfactual::{Counterfactual, Counterfactuals, FeatureChange};
use hitflop_model::explain::global::{Example, ExampleKind, Explanations, ShapSummary, TrackName};
use hitflop_model::explain::local::Explanation;
use hitflop_model::explain::permutation::{Permutation, PermutationImportance};

/// Correlation from which two features can partly replace each other.
const MIN_SUBSTITUTE_CORRELATION: f64 = 0.6;
/// Difference of two ranks of a feature that is mentioned.
const MIN_RANK_DIFFERENCE: usize = 4;
/// Features named in a sentence.
const MAX_SENTENCE_FEATURES: usize = 3;

#[derive(Template)]
#[template(path = "text/explanations.txt")]
struct ExplanationsText<'a> {
    shap: &'a ShapSummary,
    permutation: &'a Permutation,
    noun: GroupNoun,
    of_rows: &'static str,
    /// Rows of the sample that examples are chosen from and of all explained rows, if these are more.
    examples_of: Option<(u64, u64)>,
    /// Features with the largest contributions, and their share of the sum.
    largest: Vec<String>,
    share: f64,
    /// Features whose permutation clearly lowers the ROC AUC, and those whose does not.
    needed: Vec<String>,
    idle: Vec<&'static str>,
    /// Rank correlation of mutual information and of permutation importance with the Shapley values.
    agreement: Option<(f64, f64)>,
    /// Features that matter in combination, and the decade if it is one of them.
    together: Vec<String>,
    decade_turn: Option<SignChange>,
    /// Features that matter less in the model than alone.
    replaced: Vec<&'static str>,
    pairs: Vec<String>,
    has_decades: bool,
    turns: Vec<SignChange>,
}

impl ExplanationsText<'_> {
    fn direction(&self, turn: &SignChange) -> &'static str {
        comparative(turn.feature, true)
    }
}

/// Everything found, if the model was explained.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<Finding> {
    let (Some(explanations), Some(measures)) = (&report.explanations, &derived.measures) else { return Vec::new() };
    let (largest, share) = largest(explanations);
    let (needed, idle) = permuted(explanations);
    let turns = sign_changes(&explanations.partial_dependence);
    let together = ranked_apart(measures, |alone, moved| moved + MIN_RANK_DIFFERENCE <= alone);
    let agreement = |measure| measures.agreement(measure, ImportanceMeasure::Shap);
    let information = agreement(ImportanceMeasure::MutualInformation);
    titled(&ExplanationsText {
        shap: &explanations.shap,
        permutation: &explanations.permutation,
        noun: group_noun(report.has_artists()),
        of_rows: of_rows(explanations.basis),
        examples_of: Some((explanations.settings.example_rows as u64, explanations.rows))
            .filter(|(sampled, all)| sampled < all),
        largest,
        share,
        needed,
        idle,
        agreement: information.map(|one| (one, agreement(ImportanceMeasure::Permutation).unwrap_or(f64::NAN))),
        decade_turn: turns.first().copied().filter(|_| together.contains(&Feature::Decade)),
        together: together.into_iter().filter_map(|feature| in_combination(measures, feature)).collect(),
        replaced: ranked_apart(measures, |alone, moved| alone + MIN_RANK_DIFFERENCE <= moved)
            .into_iter()
            .map(Feature::in_words)
            .collect(),
        pairs: correlated(report, measures),
        has_decades: explanations.partial_dependence.iter().any(|one| one.by_decade.len() > 1),
        turns: turns.into_iter().take(MAX_SENTENCE_FEATURES).collect(),
    })
}

/// The features with the largest contributions, and their share of the sum of all.
fn largest(explanations: &Explanations) -> (Vec<String>, f64) {
    let shap = &explanations.shap;
    let first = shap.features.iter().take(MAX_SENTENCE_FEATURES);
    let words = first.clone();
    let words =
        words.map(|one| format!("{} ({})", one.feature.in_words(), contribution(one.mean_absolute, shap.scale)));
    let total: f64 = shap.features.iter().map(|one| one.mean_absolute).sum();
    let of_first: f64 = first.map(|one| one.mean_absolute).sum();
    (words.collect(), if total > 0.0 { of_first / total } else { 0.0 })
}

/// The features that lose most by permutation, and those that do not clearly lose.
fn permuted(explanations: &Explanations) -> (Vec<String>, Vec<&'static str>) {
    let mut ranked = explanations.permutation.features.clone();
    ranked.sort_by(|a, b| b.roc_auc.mean.total_cmp(&a.roc_auc.mean));
    let is_clear = |one: &PermutationImportance| one.roc_auc.mean - one.roc_auc.half_width > 0.0;
    let (clear, idle): (Vec<_>, Vec<_>) = ranked.into_iter().partition(is_clear);
    let words = |one: PermutationImportance| {
        format!("{} ({} ± {})", one.feature.in_words(), fixed(one.roc_auc.mean, 3), fixed(one.roc_auc.half_width, 3))
    };
    (
        clear.into_iter().take(MAX_SENTENCE_FEATURES).map(words).collect(),
        idle.into_iter().map(|one| one.feature.in_words()).collect(),
    )
}

/// Features whose ranks by mutual information (alone) and by Shapley values (in the model) are apart in this way.
fn ranked_apart(measures: &ImportanceMeasures, apart: impl Fn(usize, usize) -> bool) -> Vec<Feature> {
    let ranks = |feature: Feature| {
        let alone = measures.importance(ImportanceMeasure::MutualInformation, feature)?;
        Some((feature, alone.rank, measures.importance(ImportanceMeasure::Shap, feature)?.rank))
    };
    let ranked = measures.features().into_iter().filter_map(ranks);
    ranked.filter(|(_, alone, moved)| apart(*alone, *moved)).map(|(feature, ..)| feature).collect()
}

fn in_combination(measures: &ImportanceMeasures, feature: Feature) -> Option<String> {
    let alone = measures.importance(ImportanceMeasure::MutualInformation, feature)?;
    let moved = measures.importance(ImportanceMeasure::Shap, feature)?;
    Some(format!(
        "{} has rank {} by mutual information ({} nats) and rank {} by Shapley values",
        feature.in_words(),
        alone.rank,
        fixed(alone.value, 3),
        moved.rank
    ))
}

/// Correlated features of the model with what permuting each of them costs.
fn correlated(report: &Report, measures: &ImportanceMeasures) -> Vec<String> {
    let in_model = |feature: &Feature| measures.importance(ImportanceMeasure::Shap, *feature).is_some();
    let features: Vec<Feature> = measures.features().into_iter().filter(in_model).collect();
    let spearman = |a: Feature, b: Feature| {
        let place = |feature: Feature| report.spearman.names.iter().position(|own| own == feature.name());
        report.spearman.values.get(place(a)?)?.get(place(b)?).copied()
    };
    let mut pairs = Vec::new();
    for (index, &a) in features.iter().enumerate() {
        for &b in &features[index + 1..] {
            pairs.extend(spearman(a, b).filter(|r| r.abs() >= MIN_SUBSTITUTE_CORRELATION).map(|r| (a, b, r)));
        }
    }
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let permutation = |feature| {
        measures.importance(ImportanceMeasure::Permutation, feature).map_or(f64::NAN, |importance| importance.value)
    };
    let words = |(a, b, r): &(Feature, Feature, f64)| {
        format!(
            "{} and {} have a rank correlation of {}; permuting them loses {} and {} of ROC AUC",
            a.in_words(),
            b.in_words(),
            signed(*r, 2),
            fixed(permutation(*a), 3),
            fixed(permutation(*b), 3)
        )
    };
    pairs.iter().take(MAX_SENTENCE_FEATURES).map(words).collect()
}

/// Every example, if the model was explained.
pub(crate) fn examples(report: &Report) -> Vec<Vec<String>> {
    report.explanations.iter().flat_map(|explanations| &explanations.examples).map(example).collect()
}

#[derive(Template)]
#[template(path = "text/example.txt")]
struct ExampleText {
    kind: &'static str,
    name: String,
    decade: Option<Decade>,
    probability: f64,
    label: Label,
    actual: Label,
}

/// What an example is, with the smallest changes that would change its predicted label.
fn example(example: &Example) -> Vec<String> {
    let explanation = &example.explanation;
    let mut text = sentences(&ExampleText {
        kind: match example.kind {
            ExampleKind::ClearHit => "Clear hit",
            ExampleKind::ClearFlop => "Clear flop",
            ExampleKind::Borderline => "Borderline track",
        },
        name: example.name.as_ref().and_then(TrackName::in_words).unwrap_or_else(|| "a track".to_owned()),
        decade: explanation.decade,
        probability: explanation.probability,
        label: explanation.label,
        actual: example.actual,
    });
    text.extend(alternatives(&example.alternatives, explanation));
    text
}

#[derive(Template)]
#[template(path = "text/alternatives.txt")]
struct Alternatives {
    one: Option<Alternative>,
    two: Option<Alternative>,
    other: Label,
    range: &'static str,
}

struct Alternative {
    changes: String,
    probability: f64,
}

/// The smallest changes with which the predicted label of a track would be the other one.
pub fn alternatives(alternatives: &Counterfactuals, explanation: &Explanation) -> Vec<String> {
    // Without a decade, a track is compared with the training tracks without one.
    let (ranked, range) = match explanation.decade {
        Some(_) => ("of its decade", "its decade"),
        None => ("of the training tracks", "the training tracks"),
    };
    let worded =
        |found: &Counterfactual| Alternative { changes: changes(found, ranked), probability: found.probability };
    sentences(&Alternatives {
        one: alternatives.one.as_ref().map(worded),
        two: alternatives.two.as_ref().map(worded),
        other: if explanation.label == Label::Hit { Label::Flop } else { Label::Hit },
        range,
    })
}

/// `loudness at −7.20 dB instead of −9.81 dB (above 52 % instead of 31 % of its decade)`.
fn changes(what_if: &Counterfactual, ranked: &str) -> String {
    let change = |change: &FeatureChange| {
        format!(
            "{} at {} instead of {} (above {} % instead of {} % {ranked})",
            change.feature.in_words(),
            shown(change.feature, Some(change.to)),
            shown(change.feature, Some(change.from)),
            fixed(change.to_rank * 100.0, 0),
            fixed(change.from_rank * 100.0, 0)
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
                "With loudness at −7.20 dB instead of −9.81 dB (above 52 % instead of 31 % of its decade), the model would predict a \
                 hit with a probability of 50.3 %, all else equal.",
                "This describes which tracks in the data were hits, not the effect of changing this track."
            ]
        );
        let without = alternatives(&found, &explained(Label::Flop, None));
        assert!(without[0].contains("(above 52 % instead of 31 % of the training tracks)"), "{without:?}");
        let none = alternatives(&Counterfactuals::default(), &explained(Label::Hit, None));
        assert!(none[0].starts_with("No change of one or two features") && none[0].ends_with("predict a flop."));
    }
}
