//! Findings that real data never gives, yet some data or settings might.

use super::*;

/// Parameters whose description is long.
const LONG_PARAMS: [(&str, &str); 3] =
    [("n_estimators", "1000000"), ("max_depth", "1000000"), ("learning_rate", "0.0123456789012345")];

/// Comparisons that real data never gives, yet some data or settings might.
pub(super) fn unusual_comparisons() -> Vec<(&'static str, Report)> {
    let long = "a model of a rather long <description> & withanunbreakablewordofgreatlength ".repeat(3);
    let mut several = vec![
        ("one candidate", compared(|comparison| comparison.rows.truncate(1))),
        ("no candidate", compared(|comparison| comparison.rows.clear())),
        (
            "twenty candidates",
            compared(|comparison| {
                let again = comparison.rows.clone();
                comparison.rows.extend(again.iter().cycle().take(12).cloned());
            }),
        ),
        (
            "chosen by the user",
            compared(|comparison| {
                (comparison.chosen, comparison.chosen_by) =
                    (7, hitflop_model::selection::leaderboard::ChoiceReason::User);
            }),
        ),
        (
            "long titles",
            compared(|comparison| {
                comparison.rows.iter_mut().for_each(|candidate| candidate.title = long.clone());
            }),
        ),
        (
            "ties",
            compared(|comparison| {
                let first = comparison.rows[0].clone();
                comparison.rows.fill(first);
            }),
        ),
        (
            "one fold",
            compared(|comparison| {
                comparison.folds = 1;
                comparison.rows.iter_mut().for_each(|candidate| candidate.cross_validation.folds.truncate(1));
            }),
        ),
        (
            "no better than the baseline",
            compared(|comparison| {
                let scores = comparison.baseline.scores;
                for candidate in &mut comparison.rows {
                    candidate.cross_validation.folds.fill(scores);
                    candidate.evaluation.scores = scores;
                    candidate.evaluation.roc.clear();
                }
            }),
        ),
    ];
    several.push(scores_that_are_not_numbers());
    several.extend(unusual_searches());
    several
}

fn scores_that_are_not_numbers() -> (&'static str, Report) {
    (
        "scores that are not numbers",
        compared(|comparison| {
            for candidate in &mut comparison.rows {
                candidate.cross_validation.folds.iter_mut().for_each(|fold| fold.roc_auc = f64::NAN);
                candidate.evaluation.scores.accuracy = f64::NAN;
                candidate.evaluation.importances.iter_mut().for_each(|one| one.share = f64::NAN);
            }
        }),
    )
}

pub(super) fn unusual_searches() -> Vec<(&'static str, Report)> {
    let grid = |change: fn(&mut GridSearch)| compared(|comparison| comparison.grid.iter_mut().for_each(change));
    let search =
        |change: fn(&mut BoostingSearch)| compared(|comparison| comparison.boosting_search.iter_mut().for_each(change));
    vec![
        (
            "one point",
            grid(|grid| {
                grid.points.truncate(1);
                grid.best = 0;
            }),
        ),
        ("no point", grid(|grid| grid.points.clear())),
        (
            "a grid with gaps",
            grid(|grid| grid.points.retain(|point| point.n_estimators + point.min_samples_leaf != 503)),
        ),
        ("max_features that differ", grid(|grid| grid.points[0].accuracy[0] = 0.5)),
        (
            "a wide grid",
            grid(|grid| {
                for (index, point) in grid.points.iter_mut().enumerate() {
                    (point.n_estimators, point.min_samples_leaf) = (1_000_000 + index, 100 + index / 7);
                }
            }),
        ),
        (
            "one setting",
            search(|search| {
                search.candidates.truncate(1);
                search.rounds.truncate(1);
            }),
        ),
        ("no setting", search(|search| search.candidates.clear())),
        ("no round", search(|search| search.rounds.clear())),
        (
            "settings alike",
            search(|search| {
                let first = search.candidates[0].clone();
                search.candidates.fill(first);
            }),
        ),
        (
            "parameters without numbers",
            search(|search| {
                let params = search.candidates.iter_mut().step_by(2).flat_map(|candidate| &mut candidate.params);
                params.for_each(|(_, value)| *value = ParamValue::None);
            }),
        ),
    ]
}

/// Probabilities and thresholds that are not as usual.
pub(super) fn unusual_probabilities() -> Vec<(&'static str, ProbabilityQuality)> {
    let usual = fixtures::probabilities();
    let half = [0.5, 0.5, 0.5];
    let of = |decision: &Decision, truth: &[bool], raw: &[f64]| ProbabilityQuality::of(decision, None, truth, raw);
    let mut not_numbers = usual.clone();
    not_numbers.after.bins.iter_mut().for_each(|bin| bin.hit_share = f64::NAN);
    not_numbers.precision_recall.iter_mut().for_each(|point| point.precision = f64::NAN);
    not_numbers.test.curve.iter_mut().for_each(|point| point.accuracy = f64::NAN);
    (not_numbers.hit_share, not_numbers.test.chosen.precision) = (f64::NAN, Some(f64::NAN));
    vec![
        ("not calibrated", of(&Decision::fixed(0.3), &[true, false, true, false], &[0.9, 0.6, 0.5, 0.1])),
        ("one probability", of(&Decision::default(), &[true, false, true], &half)),
        ("one label", of(&Decision::fixed(0.0), &[true, true, true], &half)),
        ("no hit", of(&Decision::fixed(1.0), &[false, false, false], &half)),
        ("not a number", not_numbers),
    ]
}

/// Reports that real data never gives, yet some data might.
pub(super) fn unusual_reports() -> Vec<(&'static str, Report)> {
    let mut constant = usual();
    let groups =
        [&mut constant.summary.by_decade, &mut constant.summary.by_label, &mut constant.summary.by_decade_and_label];
    for mean in groups.into_iter().flatten().flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (0.5, 0.0, 0.0);
    }
    for density in &mut constant.densities {
        density.by_label.iter_mut().chain(&mut density.by_decade).for_each(|curve| curve.values.fill(f64::NAN));
    }
    let mut no_numbers = usual();
    for mean in no_numbers.summary.by_decade_and_label.iter_mut().step_by(3).flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (f64::NAN, f64::NAN, f64::NAN);
    }
    no_numbers.pearson.values.iter_mut().chain(&mut no_numbers.spearman.values).for_each(|row| row.fill(f64::NAN));
    for estimate in &mut no_numbers.mutual_information.mixed {
        (estimate.nats, estimate.null_q95) = (f64::NAN, f64::NAN);
    }
    no_numbers.overview.pairs.densities.iter_mut().for_each(|pair| pair.flops_by_cell.fill(0));
    let mut poor_model = usual();
    if let Some(evaluation) = &mut poor_model.evaluation {
        evaluation.scores.roc_auc = f64::NAN;
        evaluation.roc.iter_mut().for_each(|point| point.false_positive_rate = f64::NAN);
        evaluation.confusion =
            Confusion { true_negatives: 0, false_positives: 0, false_negatives: 0, true_positives: 0 };
        evaluation.importances.iter_mut().for_each(|importance| importance.share = 0.0);
    }
    let mut long_names = usual();
    long_names.pearson.names.iter_mut().for_each(|name| *name = name.repeat(9) + " <&\"'>");
    if let Some(evaluation) = &mut long_names.evaluation {
        evaluation.params = hitflop_model::fixtures::params(EstimatorKind::Boosting, &LONG_PARAMS);
    }
    let mut empty = report(&[], &[]);
    empty.densities.iter_mut().for_each(|density| density.grid.clear());
    empty.pearson.names.clear();
    empty.mutual_information.mixed.clear();
    vec![
        ("constant", constant),
        ("not a number", no_numbers),
        ("poor model", poor_model),
        ("long names", long_names),
        ("extreme", extreme()),
        ("empty", empty),
        ("one decade", report(&[1980], &Label::BOTH)),
        ("one label", report(&[1980, 1990], &[Label::Hit])),
        ("every decade", report(&[1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020], &Label::BOTH)),
    ]
}

/// Values far from those of music.
fn extreme() -> Report {
    let mut extreme = usual();
    for density in &mut extreme.densities {
        if let DensityView::Linear { low, high, .. } = &mut density.view {
            (*low, *high) = (*low * 1e7, *high * 1e7);
        }
        density.grid.iter_mut().for_each(|value| *value *= 1e7);
    }
    for mean in extreme.summary.by_decade_and_label.iter_mut().flat_map(|group| &mut group.means) {
        mean.mean *= 1e6;
    }
    let edges =
        extreme.overview.pairs.densities.iter_mut().flat_map(|pair| &mut pair.bins).flat_map(|bins| &mut bins.edges);
    edges.for_each(|edge| *edge *= 1e7);
    extreme
}

/// Sets every contribution, loss and answer to a number.
fn set_numbers(explanations: &mut Explanations, number: f64) {
    for one in &mut explanations.shap.features {
        one.mean_absolute = number;
        one.points.iter_mut().for_each(|point| point.contribution = number);
    }
    for one in &mut explanations.permutation.features {
        (one.roc_auc.mean, one.roc_auc.half_width) = (number, number);
    }
    // Probabilities, if they are numbers at all.
    let answer = if number.is_nan() { number } else { number.min(1.0) };
    for one in &mut explanations.partial_dependence {
        one.mean.fill(answer);
        one.individual.iter_mut().for_each(|curve| curve.fill(answer));
        one.by_decade.iter_mut().for_each(|curve| curve.mean.fill(answer));
    }
    for example in &mut explanations.examples {
        example.explanation.contributions.iter_mut().for_each(|part| part.contribution = number);
    }
}

/// Explanations that real data never gives, yet some data might.
pub(super) fn unusual_explanations() -> Vec<(&'static str, Report)> {
    let explained = |change: fn(&mut Explanations)| {
        let mut report = usual();
        report.explanations.iter_mut().for_each(change);
        report
    };
    let mut zeros = usual();
    zeros.explanations.iter_mut().for_each(|explanations| set_numbers(explanations, 0.0));
    let mut unknown = usual();
    unknown.explanations.iter_mut().for_each(|explanations| set_numbers(explanations, f64::NAN));
    let mut large = usual();
    large.explanations.iter_mut().for_each(|explanations| set_numbers(explanations, 12_345.678));
    vec![
        ("no contributions", zeros),
        ("contributions that are not numbers", unknown),
        ("large contributions", large),
        (
            "nothing explained",
            explained(|explanations| {
                explanations.shap.features.clear();
                explanations.permutation.features.clear();
                explanations.partial_dependence.clear();
                explanations.examples.clear();
            }),
        ),
        (
            "probabilities, few features, no decade",
            explained(|explanations| {
                explanations.shap.scale = ContributionScale::Probability;
                explanations.shap.features.truncate(2);
                explanations.partial_dependence.truncate(1);
                for example in &mut explanations.examples {
                    example.name = None;
                    let explanation = &mut example.explanation;
                    (explanation.scale, explanation.decade) = (ContributionScale::Probability, None);
                    explanation.contributions.truncate(1);
                    explanation.contributions[0].contribution = 0.04;
                }
            }),
        ),
        (
            "long names of tracks",
            explained(|explanations| {
                for example in &mut explanations.examples {
                    let long = "a title without an end ".repeat(9);
                    example.name = Some(TrackName { track: long.clone(), artist: long });
                }
            }),
        ),
    ]
}

/// Removes intervals and replaces scores by NaN.
fn without_scores(robustness: &mut Robustness) {
    for scores in &mut robustness.schemes.scores {
        scores.intervals = None;
        scores.roc_auc.mean = f64::NAN;
        scores.parts.iter_mut().for_each(|part| {
            (part.intervals, part.scores.roc_auc) = (None, f64::NAN);
        });
    }
    for scores in &mut robustness.schemes.by_decade {
        (scores.intervals, scores.scores.accuracy) = (None, f64::NAN);
    }
    let cells = robustness.cross_decade.iter_mut().flat_map(|cross_decade| &mut cross_decade.roc_auc).flatten();
    cells.for_each(|cell| *cell = f64::NAN);
    let points = robustness.learning_curve.iter_mut().flat_map(|curve| &mut curve.points);
    points.for_each(|point| point.test_roc_auc = f64::NAN);
    let encoded = robustness.leakage.iter_mut().flat_map(|leakage| &mut leakage.encoded);
    encoded.for_each(|one| one.grouped.roc_auc = f64::NAN);
}

/// Results of validation that real data never has, but some data or settings might have.
pub(super) fn unusual_robustness() -> Vec<(&'static str, Robustness)> {
    let changed = |change: fn(&mut Robustness)| {
        let mut robustness = usual().robustness.expect("robustness was measured");
        change(&mut robustness);
        robustness
    };
    vec![
        (
            "a long recipe",
            changed(|robustness| {
                let long = hitflop_model::fixtures::params(EstimatorKind::Boosting, &LONG_PARAMS);
                robustness.schemes.params = long.clone();
                robustness.cross_decade.iter_mut().for_each(|cross_decade| cross_decade.params = long.clone());
            }),
        ),
        ("scores without intervals, or none", changed(without_scores)),
        (
            "hardly anything",
            changed(|robustness| {
                robustness.schemes.scores.truncate(1);
                robustness.schemes.by_decade.truncate(1);
                robustness.learning_curve.iter_mut().for_each(|curve| curve.points.truncate(1));
                robustness.leakage.iter_mut().for_each(|leakage| leakage.texts.clear());
            }),
        ),
        (
            "nothing",
            changed(|robustness| {
                robustness.schemes.scores.clear();
                robustness.schemes.by_decade.clear();
                robustness.learning_curve.iter_mut().for_each(|curve| curve.points.clear());
                robustness.leakage.iter_mut().for_each(|leakage| leakage.encoded.clear());
            }),
        ),
        (
            "worse than chance",
            changed(|robustness| {
                let texts = robustness.leakage.iter_mut().flat_map(|leakage| &mut leakage.texts);
                texts.for_each(|text| text.random.roc_auc = 0.1);
            }),
        ),
    ]
}

/// The title states a difference only where there is one, and the caption describes the curves that there are.
#[test]
fn constant_features_have_a_title_and_a_caption_of_their_own() {
    let varied = usual();
    let mut constant = varied.clone();
    constant.summary.describe.iter_mut().for_each(|column| column.max = column.min);
    let described = |name: &str| constant.summary.describe.iter().any(|column| column.name == name);
    constant.densities.retain(|density| described(density.feature.name()));
    for by in [densities::by_label, densities::by_decade] {
        let chart = by(&constant.densities, &constant.summary).expect("a chart");
        assert_eq!(chart.title, "Every feature has one value");
        let of_varied = by(&varied.densities, &varied.summary).expect("a chart");
        assert_ne!(of_varied.title, chart.title);
    }
    let caption = |report: &Report| densities::by_label(&report.densities, &report.summary).expect("a chart").caption;
    assert!(caption(&varied).len() > caption(&constant).len(), "{}", caption(&constant));
}
