//! Which statements are made of which numbers. Whole texts are in the snapshots of the page.

use super::*;
use crate::fixtures::small;
use crate::Report;
use hitflop_core::track::{Feature, Label};
use hitflop_metrics::split::SampleSize;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::leaderboard::{ChoiceReason, Leaderboard};
use hitflop_model::selection::search::boosting::BoostingSearch;
use hitflop_model::selection::search::grid::GridPoint;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::ValidationScheme;

/// The text of a report after a change to it.
fn of_changed(mut report: Report, change: impl FnOnce(&mut Report)) -> ReportText {
    change(&mut report);
    ReportText::of(&Findings::of(&report))
}

fn of_small(change: impl FnOnce(&mut Report)) -> ReportText {
    of_changed(small::report(), change)
}

fn of_comparison(change: impl FnOnce(&mut Leaderboard)) -> ReportText {
    of_changed(small::compared(), |report| change(report.comparison.as_mut().expect("models were compared")))
}

fn of_robustness(change: impl FnOnce(&mut Robustness)) -> ReportText {
    of_changed(small::compared(), |report| change(report.robustness.as_mut().expect("it was measured")))
}

fn of_search(change: impl FnOnce(&mut BoostingSearch)) -> String {
    let change = |found: &mut Leaderboard| change(found.boosting_search.as_mut().expect("there was a search"));
    of_comparison(change).boosting_search.join(" ")
}

#[track_caller]
fn text<'a>(findings: &'a [Finding], title: &str) -> &'a str {
    let titles = || findings.iter().map(|finding| &finding.title).collect::<Vec<_>>();
    &findings.iter().find(|finding| finding.title == title).unwrap_or_else(|| panic!("{title} in {:?}", titles())).text
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

fn without_gaps(words: &ReportText) {
    let text = serde_json::to_string(words).expect("the words serialise");
    for gap in ["NaN", "inf ", " .", " ,", "()", "  ", ": ;"] {
        assert!(!text.contains(gap), "{gap:?} in {text}");
    }
}

#[test]
fn the_first_question_goes_by_mutual_information_and_means() {
    // Of ln 2 nats, 0.1 are 14.4 % and 0.02 are 2.9 %; d = (0.05 − 0.3) / 0.25 = −1, its standard error
    // √(4000 / 4,000,000 + 1 / 8000) = 0.03354, times 1.96 = 0.0657. The means of energy are equal.
    let answer = &of_small(|_| ()).answers[0];
    contains(&answer.answer, &["Instrumentalness has the highest", "removes 14.4 % of", "Energy (2.9 %) follows."]);
    contains(&answer.grounds[0], &["Hits are less instrumental: mean 0.050 for hits, 0.30", "(d = −1.00 ± 0.07)"]);
    contains(&answer.grounds[1], &["Energy: no clear difference of the means (0.50 for hits, 0.50"]);
    contains(
        &answer.grounds[3],
        &["are not above chance", "40 permutations", "The decade cannot have any mutual information"],
    );
}

#[test]
fn the_second_question_goes_by_the_change_of_d() {
    // Instrumentalness: d = −0.8 and −1.2. Energy: +0.4 and −0.4. Standard errors: √(0.002 + d² / 4000).
    let answer = &of_small(|_| ()).answers[1];
    contains(
        &answer.answer,
        &["Yes. From the 1960s to the 1970s", "in 2 of 14 features", "grew in 1 and changed sign in 1"],
    );
    contains(&answer.grounds[0], &["grew in instrumentalness (d −0.80 → −1.20, change −0.40 ± 0.13)."]);
    contains(&answer.grounds[1], &["changed sign in energy (d +0.40 → −0.40, change −0.80 ± 0.13)."]);
}

#[test]
fn the_third_question_compares_with_either_label() {
    // scipy.stats.binomtest(600, 800).proportion_ci(method="wilson") is 0.718848 to 0.778763.
    let answer = &of_small(|_| ()).answers[2].answer;
    contains(
        answer,
        &["Yes, from audio features alone", "75.0 % (95 % interval 71.9 % to 77.9 %)", "an accuracy of 50.0 %."],
    );
    let majority = |share: f64| {
        let change = |report: &mut Report| report.evaluation.as_mut().expect("a model").majority_accuracy = share;
        of_small(change).answers[2].answer.clone()
    };
    contains(&majority(0.74), &["Not demonstrably."]);
    contains(&majority(0.26), &["Not demonstrably.", "of 26.0 %; the other label would have 74.0 %."]);
}

#[test]
fn without_a_model_nothing_is_predicted() {
    let words = of_small(|report| report.evaluation = None);
    assert_eq!(words.answers[2].answer, "This run fitted no model.");
    assert!(words.model.is_empty() && words.leaderboard.is_empty() && words.robustness.is_empty());
    assert_eq!(words.key_figures.len(), 4);
    assert_eq!(words.key_points.len(), 2);
}

#[test]
fn the_opening_has_at_most_five_findings_and_three_warnings() {
    let words = of_changed(small::compared(), |report| {
        report.provenance.rejected = vec![("not a number".to_owned(), 7)];
    });
    assert_eq!(words.key_points.len(), 5, "{:?}", words.key_points);
    contains(
        &words.key_points[3],
        &["For artists that are not in training, the ROC AUC is 0.876 (95 % interval 0.864"],
    );
    contains(&words.key_points[4], &["0.975 on a random split and 0.500 for new artists"]);
    assert_eq!(words.warnings.len(), 3);
    contains(&words.warnings[0], &["Possible leakage: weeks (ROC AUC 0.995"]);
    contains(&words.warnings[1], &["For new artists, the ROC AUC is 0.014 lower"]);
}

#[test]
fn quality_is_reported_with_its_consequences() {
    let quality = of_small(|_| ()).quality;
    contains(
        text(&quality, "The artist leaks the label"),
        &["99.4 % of the 1,500 artists have only", "98.2 % of the rows"],
    );
    contains(text(&quality, "Duplicate tracks within a decade"), &["1 row repeats", "(under 0.1 % of all rows)"]);
    contains(text(&quality, "Contradictory labels"), &["2 URIs are labelled both", "so the flop row is wrong"]);
    contains(text(&quality, "Tracks in several decades"), &["9 URIs occur"]);
    contains(text(&quality, "Identical audio values"), &["40 rows share all fifteen", "(1.0 % of all rows)"]);
    contains(text(&quality, "Values outside their documented range"), &["1 value is outside", "of tempo. It is kept"]);
}

#[test]
fn what_is_in_order_is_reported_as_such() {
    let quality = of_small(|report| {
        let quality = &mut report.quality;
        quality.rows_beyond_first_per_uri_and_decade = 0;
        (quality.uri_and_decade_with_both_labels, quality.uris_with_both_labels) = (0, 0);
        (quality.uris_in_several_decades, quality.rows_whose_15_audio_values_occur_elsewhere) = (0, 0);
        quality.share_of_rows_by_artists_with_one_label = 0.3;
        report.out_of_range.clear();
    })
    .quality;
    let titles: Vec<&str> = quality.iter().map(|finding| finding.title.as_str()).collect();
    let expected = [
        "Artists and labels",
        "No duplicate tracks within a decade",
        "No contradictory labels",
        "No track occurs in two decades",
        "No identical audio values",
        "No value is out of range",
    ];
    assert_eq!(titles, expected);
}

#[test]
fn uneven_decades_are_distinguished() {
    let balance = of_small(|report| {
        report.summary.by_decade[0].rows = 1_250;
        report.summary.by_decade_and_label[0].rows = 250;
    })
    .balance;
    contains(&balance[1], &["The 1970s have the most tracks (2,000), the 1960s the fewest (1,250)."]);
    contains(&balance[2], &["from 50.0 % in the 1970s to 80.0 % in the 1960s."]);
}

#[test]
fn features_without_information_are_not_ranked() {
    let words = of_small(|report| {
        let mutual = &mut report.mutual_information;
        for estimate in mutual.mixed.iter_mut().chain(&mut mutual.all_continuous) {
            (estimate.nats, estimate.p_value) = (0.0, 1.0);
        }
    });
    assert_eq!(words.answers[0].answer, "No feature has more mutual information with the label than chance.");
    contains(&words.mutual_information[0], &["0 of 16 features have more"]);
}

#[test]
fn what_is_missing_leaves_no_gap() {
    without_gaps(&of_small(|report| {
        report.summary.by_label.retain(|group| group.label == Some(Label::Hit));
        report.summary.by_decade_and_label.retain(|group| group.label == Some(Label::Hit));
    }));
    let words = of_small(|report| {
        for column in &mut report.summary.describe {
            (column.mean, column.std, column.q25, column.max) = (f64::NAN, f64::INFINITY, f64::NAN, f64::NAN);
        }
    });
    without_gaps(&words);
    contains(&words.distributions.join(" "), &[" to –; the median"]);
    let words = of_comparison(|comparison| {
        comparison.rows.clear();
        comparison.grid.iter_mut().for_each(|grid| grid.points.clear());
        comparison.boosting_search.iter_mut().for_each(|search| search.candidates.clear());
    });
    assert!(words.leaderboard.is_empty());
    without_gaps(&words);
    without_gaps(&of_comparison(|_| ()));
}

#[test]
fn overlap_is_the_area_below_both_curves() {
    use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
    let curve = |label, values: [f64; 3]| DensityCurve {
        decade: None,
        label: Some(label),
        bandwidth: 0.1,
        zero_share: None,
        values: values.to_vec(),
    };
    // Triangles over [0, 2] with their peaks at either end: the lesser is a triangle of base 2 and height 0.5.
    let density = FeatureDensity {
        feature: Feature::Valence,
        view: DensityView::Linear { low: 0.0, high: 2.0, cut: None, reflected: false },
        grid: vec![0.0, 1.0, 2.0],
        by_label: vec![curve(Label::Flop, [1.0, 0.5, 0.0]), curve(Label::Hit, [0.0, 0.5, 1.0])],
        by_decade: Vec::new(),
    };
    let mut spiked = density.clone();
    for (curve, zeros) in spiked.by_label.iter_mut().zip([0.25, 0.75]) {
        curve.zero_share = Some(zeros);
        curve.values.iter_mut().for_each(|value| *value *= 1.0 - zeros);
    }
    let words = of_small(|report| report.densities = vec![density]);
    assert_eq!(words.shapes, ["Overlap of the distributions of hits and flops: valence (50.0 %)."]);
    // 0.25 of the zeros, and below both curves a triangle of base 2 and height 0.125.
    let words = of_small(|report| report.densities = vec![spiked]);
    assert_eq!(
        words.shapes,
        [
            "Share of tracks with a value of exactly 0: valence 75.0 % of hits, 25.0 % of flops.",
            "Overlap of the distributions of hits and flops: valence (37.5 %)."
        ]
    );
}

#[test]
fn a_lead_counts_beyond_the_variation_between_folds() {
    let words = of_comparison(|_| ());
    contains(text(&words.leaderboard, "Best model on the folds"), &["3 models were fitted", "0.0017 ± 0.0031 ahead"]);
    contains(&words.answers[2].grounds[0], &["ranks first of 3 models: its ROC AUC over 3 folds is 0.8700 ± 0.0200"]);
    let one = of_comparison(|comparison| comparison.rows.truncate(1));
    let best = text(&one.leaderboard, "Best model on the folds");
    assert!(best.contains("has the highest ROC AUC: 0.8700") && !best.contains("ahead"), "{best}");
    assert!(one.leaderboard.iter().all(|finding| finding.title != "Feature sets"));
    let fold = of_comparison(|comparison| {
        comparison.folds = 1;
        comparison.rows.iter_mut().for_each(|candidate| candidate.cross_validation.folds.truncate(1));
    });
    contains(text(&fold.leaderboard, "Best model on the folds"), &["It is 0.0050 ahead of random forest (notebook)."]);
    assert!(fold.leaderboard.iter().all(|finding| finding.title != "Overfitting"));
}

#[test]
fn a_requested_model_keeps_its_rank() {
    let words = of_comparison(|comparison| (comparison.chosen, comparison.chosen_by) = (2, ChoiceReason::User));
    contains(text(&words.leaderboard, "Final model"), &["is decision tree (all), as requested."]);
    contains(&words.answers[2].grounds[0], &["Decision tree (all) ranks number 3 of 3 models"]);
}

#[test]
fn optimistic_scores_are_those_of_choices_that_were_made() {
    let title = "Optimistic scores";
    let neither = of_comparison(|comparison| {
        comparison.boosting_search = None;
        comparison.rows.retain(|candidate| candidate.feature_set != FeatureSet::Selected);
    });
    assert!(neither.leaderboard.iter().all(|finding| finding.title != title));
    contains(text(&of_comparison(|_| ()).leaderboard, title), &["chosen on these folds", "feature selection uses all"]);
}

#[test]
fn the_grid_counts_what_differs() {
    let grid = of_comparison(|_| ()).grid.join(" ");
    contains(&grid, &["64 points", "128 fits, computed from 8 forests", "32 combinations with 12 different results."]);
    contains(&grid, &["a node of fewer than 8 rows", "78.0 % ± 0.7 percentage points", "31 other points are within"]);
    contains(&grid, &["max_depth changes the accuracy most, by 3.00 percentage points (5: 74.85 %, none: 77.85 %)"]);
    let changed = |change: fn(usize, &mut GridPoint)| {
        let words = of_comparison(|comparison| {
            let grid = comparison.grid.as_mut().expect("a grid was searched");
            grid.points.iter_mut().enumerate().for_each(|(index, point)| change(index, point));
        });
        words.grid[1].clone()
    };
    // Eight points of a value of max_features follow one another, then those of the other.
    let apart = changed(|index, point| point.roc_auc[0] += 1e-6 * (index % 8 + 8 * (index / 16)) as f64);
    contains(&apart, &["has 32 combinations."]);
    let unlike = changed(|index, point| point.roc_auc[0] += if index == 0 { 1e-6 } else { 0.0 });
    assert_eq!(unlike, "The 64 combinations have 13 different results.");
}

#[test]
fn the_search_says_what_it_found() {
    let search = of_search(|_| ());
    contains(
        &search,
        &["2 random candidates (seed 42)", "in 2 rounds of successive halving", "0.8750 ± 0.0150 over 3 folds"],
    );
    contains(&search, &["with 240 trees (225 to 255 in single folds)", "Symmetric trees are better in both."]);
    contains(&search, &["240 × 2.5 × 1.5 = 900 trees"]);
    assert!(!search.contains("is the maximum"), "{search}");
    contains(
        &of_search(|search| search.n_estimators = 240),
        &["limited by its maximum of 240 trees: the best candidate reaches it in some folds"],
    );
    contains(&of_search(|search| search.candidates[1].roc_auc[0] = 0.7), &["Leaf-wise trees are better in both."]);
    assert!(!of_search(|search| search.candidates[2].roc_auc[0] = 0.889).contains("better in both"));
    let one_fold = of_search(|search| {
        search.candidates.iter_mut().for_each(|candidate| candidate.roc_auc.truncate(1));
        search.candidates.iter_mut().for_each(|candidate| candidate.trees.truncate(1));
    });
    contains(&one_fold, &["has a ROC AUC of 0.8900 over 1 fold, with 240 trees."]);
}

#[test]
fn schemes_are_described_side_by_side() {
    let words = of_robustness(|_| ());
    let of = |title| text(&words.robustness, title);
    contains(
        of("Validation schemes"),
        &["0.890 ± 0.0028 (95 % interval 0.878 to 0.901) and an accuracy of 82.0 % ± 0.1 points"],
    );
    contains(
        of("Effect of known artists"),
        &["84.5 % of the test tracks", "The ROC AUC on a random split is 0.014 higher"],
    );
    contains(of("Later decades"), &["1970s from the 1960s (ROC AUC 0.815"]);
    contains(
        of("Transfer between decades"),
        &["is worse on another", "is 0.850", "0.750 at a distance of 1 decade", "(0.700)"],
    );
    contains(of("Scores by decade"), &["0.848 in the 1960s", "do not overlap"]);
    contains(of("Learning curve"), &["More tracks would help", "to 3,194 tracks", "+0.015"]);
    contains(of("Duplicates"), &["(5 extra rows); 1 has both labels", "4,000 rows became 3,995 tracks"]);
    contains(of("Groups"), &["1,480 groups of 3,995 tracks; 900 have one track", "“Traditional” and “An Orchestra”"]);
    contains(of("Repetitions"), &["2 random and grouped splits use seeds", "smaller hyperparameters"]);
    let figure = words.key_figures.iter().find(|figure| figure.label == "ROC AUC").expect("a key figure");
    assert_eq!(figure.note, "for new artists: 0.876 (95 %: 0.864 to 0.887)");
}

#[test]
fn differences_within_the_variation_are_no_differences() {
    let words = of_robustness(|robustness| {
        let [random, grouped, _] = &mut robustness.schemes.scores[..] else { panic!("three schemes") };
        grouped.roc_auc.mean = random.roc_auc.mean - 0.002;
        let cross_decade = robustness.cross_decade.iter_mut();
        cross_decade.for_each(|cross_decade| cross_decade.roc_auc = vec![vec![0.8, 0.799], vec![0.8, 0.8]]);
        robustness.schemes.by_decade.iter_mut().for_each(|scores| scores.intervals = None);
        let last = robustness.learning_curve.as_mut().and_then(|curve| curve.points.last_mut()).expect("points");
        (last.test_roc_auc, last.train_roc_auc) = (0.8625, 0.87);
        robustness.duplicates.extra_rows = 0;
    });
    let of = |title| text(&words.robustness, title);
    contains(of("Effect of known artists"), &["−0.002, which is within the variation between splits"]);
    contains(of("Transfer between decades"), &["is about as good on another"]);
    contains(of("Scores by decade"), &["can be chance"]);
    contains(of("Learning curve"), &["More tracks would hardly help"]);
    assert_eq!(of("Duplicates"), "No URI occurs twice in a decade.");
}

#[test]
fn leakage_is_described_in_numbers() {
    let words = of_robustness(|_| ());
    let of = |title| text(&words.leakage, title);
    contains(of("Artist"), &["0.975 on a random split", "84.5 % of the test tracks", "0.500 for new artists"]);
    contains(of("Published scores"), &["80.8 % on a random split and 79.2 % for new artists", "explains published"]);
    contains(of("Spelling"), &["artist contains “Featuring” (120 tracks, all hits)", "(42 tracks, no hits)"]);
    contains(
        of("Suspicious columns"),
        &["instrumentalness, has 0.705", "weeks (0.995 on a random split, 0.991 for new"],
    );
    let clean = of_robustness(|one| one.leakage.iter_mut().for_each(|leakage| drop(leakage.columns.remove(0))));
    contains(text(&clean.leakage, "Suspicious columns"), &["None of 1 column is flagged", "no other columns"]);
}

#[test]
fn what_the_tracks_do_not_allow_is_reported() {
    let words = of_robustness(|robustness| {
        robustness.schemes.left_out = vec![(ValidationScheme::Forward, "one decade".to_owned())];
        robustness.schemes.scores.truncate(2);
        (robustness.cross_decade, robustness.leakage) = (None, None);
    });
    let expected = "The tracks do not allow the forward scheme (one decade), transfer between decades and a measurement of leakage.";
    assert_eq!(text(&words.robustness, "Not possible"), expected);
    assert!(words.leakage.is_empty());
}

#[test]
fn samples_are_stated_with_their_numbers() {
    let sample = Some(SampleSize { rows: 50_000, of: 328_088, seed: 42 });
    let words = of_comparison(|comparison| comparison.sample = sample);
    contains(
        text(&words.leaderboard, "Sample of the training tracks"),
        &["50,000 of the 328,088 training tracks", "seed 42", "fitted on all training tracks"],
    );
    contains(text(&words.leaderboard, "Final model"), &["On the test rows its ROC AUC in the leaderboard is"]);
    let accuracies = text(&words.robustness, "Accuracies on a random split");
    contains(accuracies, &["without calibration, fitted on the sample, in the leaderboard"]);
    let words = of_robustness(|robustness| robustness.sample = sample);
    contains(text(&words.robustness, "Sample of the tracks"), &["50,000 of the 328,088 tracks"]);
    let whole = of_small(|_| ());
    assert!(!serde_json::to_string(&whole).expect("the words serialise").contains("of the sample"));
}
