//! Sentences on a small report made by hand, and on reports that lack something.

mod models;
mod robustness;

use super::*;
use crate::fixtures::small;
use crate::Report;
use hitflop_core::track::{Feature, Label};
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOutBy;
use hitflop_model::selection::search::boosting::BoostingSearch;
use hitflop_model::selection::search::grid::GridPoint;

fn narrative_of(report: &Report) -> Narrative {
    Narrative::of(&Findings::of(report))
}

fn narrative() -> Narrative {
    narrative_of(&small::report())
}

/// Every text of a narrative, keys and all.
fn everything(narrative: &Narrative) -> String {
    serde_json::to_string(narrative).expect("a narrative serialises")
}

#[test]
fn the_data_is_named_in_two_sentences() {
    assert_eq!(
        narrative().about[0],
        "4,000 tracks by 1,500 artists, from the 1960s to the 1970s, each described by fifteen audio features of Spotify \
         and labelled hit or flop."
    );
    assert_eq!(narrative().simulated, None);
    let mut simulated = small::report();
    simulated.provenance.simulated = true;
    let simulated = narrative_of(&simulated);
    assert!(simulated.about[0].starts_with("4,000 simulated tracks by"));
    assert!(simulated.simulated.expect("it is simulated").starts_with("These tracks are simulated."));
}

#[test]
fn the_first_question_is_answered_by_mutual_information_and_means() {
    // Of ln 2 nats, 0.1 are 14.4 % and 0.02 are 2.9 %; d = (0.05 − 0.3) / 0.25 = −1, its standard error
    // √(4000 / 4,000,000 + 1 / 8000) = 0.03354, times 1.96 = 0.0657. The means of energy are equal.
    let answer = &narrative().answers[0];
    assert_eq!(
        answer.answer,
        "Instrumentalness tells most: knowing it alone takes away 14.4 % of the uncertainty about the label (its entropy); then energy \
         (2.9 %) follows."
    );
    assert_eq!(
        answer.grounds[..3],
        [
            "Hits are less instrumental: 0.050 on average against 0.30 for flops (d = −1.00 ± 0.07).",
            "Energy: no clear difference of the means (0.50 for hits, 0.50 for flops; d = 0.00 ± 0.06); the mutual \
             information must come from the rest of the distribution.",
            "d is the difference of the means, hits minus flops, in standard deviations, with half its 95 % interval. The list \
             goes by mutual information, which sees more than the means.",
        ]
    );
    assert!(answer.grounds[3].starts_with("Danceability, key, loudness,"), "{}", answer.grounds[3]);
    assert!(answer.grounds[3].contains("(40 permutations). The decade cannot tell anything by itself"));
}

#[test]
fn the_second_question_is_answered_by_the_change_of_d() {
    // Instrumentalness: d = −0.8 and −1.2. Energy: +0.4 and −0.4. Standard errors: √(0.002 + d² / 4000).
    let answer = &narrative().answers[1];
    assert_eq!(
        answer.answer,
        "Yes: between the 1960s and the 1970s the gap between hits and flops changed clearly in 2 of 14 features \
         (the key, whose numbers are names, is left out): it grew in 1 and it changed sign in 1."
    );
    assert_eq!(
        answer.grounds[..2],
        [
            "The gap grew in instrumentalness (d −0.80 → −1.20, change −0.40 ± 0.13).",
            "It changed sign in energy (d +0.40 → −0.40, change −0.80 ± 0.13).",
        ]
    );
    assert_eq!(
        answer.grounds[3],
        "Each change stands with half its 95 % interval; with several comparisons, one or another may fall outside its \
         interval by chance. Artists with tracks in both decades, or with both labels, are taken as independent there."
    );
}

#[test]
fn the_third_question_is_answered_by_scores_and_what_they_do_not_measure() {
    // scipy.stats.binomtest(600, 800).proportion_ci(method="wilson") is 0.718848 to 0.778763.
    let answer = &narrative().answers[2];
    assert_eq!(
        answer.answer,
        "From the audio alone, better than by guessing: on 800 tracks that it has not seen, the model (decision tree, depth \
         7, leaf 2) is right in 75.0 % (95 % interval 71.9 % to 77.9 %, tracks taken as independent, which those by one \
         artist are not), where always naming the label that is commoner in training is right in 50.0 %. Its ROC AUC is 0.812."
    );
    assert_eq!(
        answer.grounds[1],
        "It finds 83.3 % of the hits, and 71.4 % of the tracks that it calls hits are hits. It errs towards calling a track \
         a hit: 130 flops called hits, 70 hits called flops."
    );
    assert!(answer.grounds[2].starts_with("What this does not measure: rows were split at random"));
}

#[test]
fn what_is_no_better_than_guessing_is_not_called_better() {
    let mut report = small::report();
    let evaluation = report.evaluation.as_mut().expect("the fixture has one");
    evaluation.majority_accuracy = 0.74;
    evaluation.hold_out.by = HoldOutBy::Grouped;
    let answer = &narrative_of(&report).answers[2];
    assert!(answer.answer.starts_with("Not demonstrably: on 800 tracks"), "{}", answer.answer);
    assert_eq!(answer.grounds.len(), 2, "nothing is said of random splits");
}

#[test]
fn a_majority_that_the_test_rows_lack_is_no_easier_to_beat() {
    let mut report = small::report();
    report.evaluation.as_mut().expect("the fixture has one").majority_accuracy = 0.26;
    let answer = &narrative_of(&report).answers[2];
    assert!(
        answer.answer.starts_with("Not demonstrably")
            && answer.answer.contains("right in 26.0 %, and the other in 74.0 %."),
        "{}",
        answer.answer
    );
}

#[test]
fn quality_is_reported_with_its_consequences() {
    let texts: Vec<String> = narrative().quality.into_iter().map(|finding| finding.text).collect();
    assert_eq!(
        texts[1],
        "1 row repeats the URI of an earlier row of the same decade (under 0.1 % of all rows). 4,000 rows hold 3,990 \
         distinct URIs. A repeated track weighs more in every mean; for learning it is made one row first, unless the copies are to \
         be kept."
    );
    assert_eq!(
        texts[2],
        "2 URIs occur both as hit and as flop. In 1 pair of URI and decade this happens within one decade, where it is a \
         contradiction: by the definition of the labels a track with a hit row in a decade is a hit in that decade, so the \
         flop row there is wrong. For learning they are made one row, a hit, unless they are to be kept."
    );
    assert_eq!(
        texts[5],
        "1 value lies outside the documented range of its feature: tempo. It is kept as it is; the table below gives the \
         extremes."
    );
}

#[test]
fn nothing_odd_is_said_to_be_nothing() {
    let mut report = small::report();
    report.quality = hitflop_data::ingest::quality::Quality {
        unique_uris: 4_000,
        rows_beyond_first_per_uri_and_decade: 0,
        uri_and_decade_with_both_labels: 0,
        uris_in_several_decades: 0,
        uris_with_both_labels: 0,
        rows_whose_15_audio_values_occur_elsewhere: 0,
        artists: 3_000,
        share_of_artists_with_one_label: 0.4,
        share_of_rows_by_artists_with_one_label: 0.3,
    };
    report.out_of_range.clear();
    let titles: Vec<String> = narrative_of(&report).quality.into_iter().map(|finding| finding.title).collect();
    assert_eq!(
        titles,
        [
            "Artists and labels overlap",
            "No track stands twice in a decade",
            "No track has both labels",
            "No track stands in two decades",
            "Every row sounds different",
            "No value is out of range",
        ]
    );
}

#[test]
fn rejected_rows_are_counted() {
    let mut report = small::report();
    report.provenance.rejected = vec![("not a number".to_owned(), 900), ("empty field".to_owned(), 100)];
    assert_eq!(
        narrative_of(&report).rejected.as_deref(),
        Some("1,000 rows of 5,000 (20.0 %) were set aside for 2 reasons, and are in no figure of this report.")
    );
    report.provenance.rejected = vec![("not a number".to_owned(), 1)];
    assert_eq!(
        narrative_of(&report).rejected.as_deref(),
        Some("1 row of 4,001 (under 0.1 %) was set aside for 1 reason, and is in no figure of this report.")
    );
    assert_eq!(narrative().rejected, None);
}

#[test]
fn exploration_is_described_in_numbers() {
    let narrative = narrative();
    assert_eq!(narrative.balance[0], "4,000 tracks: 2,000 hits and 2,000 flops.");
    assert!(narrative.balance[1].starts_with("In every decade there are as many hits as flops"));
    assert_eq!(
        narrative.means,
        ["Hits and flops lie furthest apart in instrumentalness in the 1970s (d = −1.20), where hits are less instrumental; \
          then energy in the 1970s (d = −0.40)."]
    );
    assert!(narrative.mutual_information[0].starts_with("2 of 16 features tell more of the label than chance."));
    assert!(narrative.correlation[0]
        .starts_with("The features most closely tied to each other are duration and number of sections (r = +0.89);"));
    assert_eq!(narrative.correlation[1], "With the label itself, instrumentalness correlates most (r = −0.40).");
    assert!(narrative.correlation[2]
        .starts_with("Pearson and Spearman differ most for duration and number of sections (+0.89 against +0.75)"));
    assert_eq!(
        narrative.selection,
        [
            "Of any two features with |r| above 0.80, the one that tells less of the label goes.",
            "Number of sections goes and duration stays: they say nearly the same (r = +0.89), and duration tells more of the \
             label (0.0500 nats against 0.0300).",
            "15 of 16 features stay.",
        ]
    );
}

#[test]
fn the_model_is_described_in_numbers() {
    assert_eq!(
        narrative().model,
        [
            "The final model (decision tree, depth 7, leaf 2) was fitted to 15 features of 3,200 tracks and scored on the 800 left \
             out (split: random 80/20, seed 42). A track is called a hit if its probability is greater than 0.5.",
            "The decade, though it stays among the features, is not given to the model, which goes by the audio alone.",
            "600 of 800 answers are right, 25.0 percentage points more than by always naming the label that is commoner in training.",
            "It looks mostly at instrumentalness (70.0 %) and energy (30.0 %), together 100.0 % of the impurity decrease (how much its \
             questions unmix hits and flops); key \
             is not used at all.",
            "It is saved as hitflop.model, by default in the directory models, and scores new tracks from there.",
        ]
    );
}

#[test]
fn one_decade_shows_no_change() {
    let mut report = small::report();
    report.summary.by_decade.truncate(1);
    report.summary.by_decade_and_label.truncate(2);
    report.summary.rows = 2_000;
    let narrative = narrative_of(&report);
    assert!(narrative.about[0].contains("from the 1960s, each"), "{}", narrative.about[0]);
    assert!(narrative.answers[1].answer.starts_with("These data cannot say"));
    assert_eq!(narrative.key_figures[1].note, "1960s");
    assert!(narrative.balance.iter().any(|sentence| sentence.starts_with("There are as many hits as flops")));
}

#[test]
fn features_that_have_no_information_are_not_made_to() {
    let mut report = small::report();
    for estimate in report.mutual_information.mixed.iter_mut().chain(&mut report.mutual_information.all_continuous) {
        estimate.nats = 0.0;
        estimate.p_value = 1.0;
    }
    let narrative = narrative_of(&report);
    assert_eq!(narrative.answers[0].answer, "None of them: no feature tells more of the label than chance would.");
    assert!(narrative.mutual_information[0].starts_with("0 of 16 features tell more"));
}

#[test]
fn without_a_model_nothing_is_predicted() {
    let mut report = small::report();
    report.evaluation = None;
    let narrative = narrative_of(&report);
    assert_eq!(narrative.answers[2].answer, "This run fitted no model, so this report cannot say.");
    assert!(narrative.model.is_empty());
    assert_eq!(narrative.key_figures.len(), 4);
}

#[test]
fn uneven_decades_are_distinguished() {
    let mut report = small::report();
    report.summary.by_decade[0].rows = 1_250;
    report.summary.by_decade_and_label[0].rows = 250;
    let narrative = narrative_of(&report);
    assert_eq!(
        narrative.balance[1..],
        [
            "The 1970s have most tracks (2,000), the 1960s fewest (1,250).",
            "The share of hits runs from 50.0 % in the 1970s to 80.0 % in the 1960s.",
        ]
    );
}

#[test]
fn hits_alone_break_nothing() {
    let mut report = small::report();
    report.summary.by_label.retain(|group| group.label == Some(Label::Hit));
    report.summary.by_decade_and_label.retain(|group| group.label == Some(Label::Hit));
    let text = everything(&narrative_of(&report));
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

#[test]
fn numbers_that_are_missing_are_dashes() {
    let mut report = small::report();
    for column in &mut report.summary.describe {
        (column.mean, column.std, column.q25, column.max) = (f64::NAN, f64::INFINITY, f64::NAN, f64::NAN);
    }
    let text = everything(&narrative_of(&report));
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
    assert!(text.contains("the longest –"));
}

#[test]
fn overlap_is_the_area_below_both_curves() {
    use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
    let curve = |label, values: [f64; 3]| DensityCurve {
        decade: None,
        label: Some(label),
        bandwidth: 0.1,
        values: values.to_vec(),
    };
    let mut report = small::report();
    // Triangles over [0, 2] with their peaks at either end: the lesser is a triangle of base 2 and height 0.5.
    report.densities = vec![FeatureDensity {
        feature: Feature::Valence,
        view: DensityView::Linear { low: 0.0, high: 2.0, cut: None, reflected: false },
        grid: vec![0.0, 1.0, 2.0],
        by_label: vec![curve(Label::Flop, [1.0, 0.5, 0.0]), curve(Label::Hit, [0.0, 0.5, 1.0])],
        by_decade: Vec::new(),
    }];
    let narrative = narrative_of(&report);
    assert!((Derived::of(&report).overlaps[0].share - 0.5).abs() < 1e-12);
    assert_eq!(narrative.shapes, ["What the distributions of hits and flops have in common: valence (50.0 %)."]);
}
