//! Sentences on a small report made by hand, and on reports that lack something.

use super::*;
use crate::fixture;
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
    narrative_of(&fixture::report())
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
    let mut simulated = fixture::report();
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
    let mut report = fixture::report();
    let evaluation = report.evaluation.as_mut().expect("the fixture has one");
    evaluation.majority_accuracy = 0.74;
    evaluation.hold_out.by = HoldOutBy::Grouped;
    let answer = &narrative_of(&report).answers[2];
    assert!(answer.answer.starts_with("Not demonstrably: on 800 tracks"), "{}", answer.answer);
    assert_eq!(answer.grounds.len(), 2, "nothing is said of random splits");
}

#[test]
fn a_majority_that_the_test_rows_lack_is_no_easier_to_beat() {
    let mut report = fixture::report();
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
fn quality_is_told_with_its_consequences() {
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
    let mut report = fixture::report();
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
    let mut report = fixture::report();
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
fn exploration_is_told_in_numbers() {
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
fn the_model_is_told_in_numbers() {
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

/// What is said of the compared models, without the titles.
fn leaderboard(report: &Report) -> Vec<String> {
    narrative_of(report).leaderboard.into_iter().map(|finding| finding.text).collect()
}

#[test]
fn the_leaderboard_is_told_in_numbers() {
    // Folds of the boosting: 0.85, 0.87, 0.89; of the forest: 0.845, 0.869, 0.891.
    assert_eq!(
        leaderboard(&fixture::compared()),
        [
            "3 models were fitted and scored in one way: 3 stratified folds of the 3200 training rows, seed 42; test: random 80/20, \
             seed 42. Gradient boosting (tuned) ranks best, with a ROC AUC of 0.8700 ± 0.0200 (mean and standard deviation over 3 \
             folds). Compared fold by fold it is 0.0017 ± 0.0031 ahead of random forest (notebook), and ahead on 2 of 3 folds. \
             Within the spread of the difference, and so not told from the best by these folds, is random forest (notebook).",
            "The final model is gradient boosting (tuned), chosen by the folds alone, before any model was scored on the test rows. On \
             the test rows its ROC AUC is 0.8650, 0.0050 below its mean over the folds and within two standard deviations of it.",
            "The baseline, which always names the label commoner in training, is right in 49.0 % of the test rows, the final model \
             in 78.0 % (+29.0 percentage points); its ROC AUC is 0.5000, the final model’s 0.8650.",
            "The best with each set of features: 0.8683 ± 0.0230 with the notebook’s 14 (random forest (notebook)), 0.8700 ± 0.0200 \
             with the 15 of the selection (gradient boosting (tuned)) and 0.8117 ± 0.0126 with all 16 (decision tree (all)). The \
             second set adds decade; the third adds number of sections.",
            "The boosting’s parameters were chosen on these very folds, which makes its scores on the folds a little too good; its \
             scores on the test rows are not touched by that. The selection of features goes by the mutual information and the \
             correlations of all rows, the test rows among them, so that no score of a model with the selected features is wholly \
             free of these.",
            "On the test rows the ROC AUC of decision tree (all) falls short of its mean over the folds by more than two standard \
             deviations of the folds: a sign of overfitting to them, or of test rows unlike the others.",
        ]
    );
}

#[test]
fn a_lead_beyond_the_spread_is_called_one() {
    let mut report = fixture::compared();
    report.comparison.as_mut().expect("models were compared").contenders.remove(1);
    let told = &leaderboard(&report)[0];
    let expected = "Compared fold by fold it is 0.0583 ± 0.0076 ahead of decision tree (all), and ahead on 3 of 3 folds; that is more \
                    than it varies from fold to fold.";
    assert!(told.ends_with(expected), "{told}");
}

#[test]
fn equals_are_not_told_apart() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.contenders[1].cross_validation = comparison.contenders[0].cross_validation.clone();
    let told = &leaderboard(&report)[0];
    assert!(told.contains("it is 0.0000 ± 0.0000 ahead of random forest (notebook), and ahead on 0 of 3"), "{told}");
    assert!(told.contains("not told from the best"), "{told}");
}

#[test]
fn one_model_alone_ranks_nowhere() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.contenders.truncate(1);
    let narrative = narrative_of(&report);
    let text = leaderboard(&report).join(" ");
    assert!(text.contains(" Gradient boosting (tuned) has a ROC AUC of 0.8700"), "{text}");
    assert!(!text.contains("ahead") && !text.contains("each set of features"), "{text}");
    assert_eq!(
        narrative.answers[2].grounds[0],
        "The model is gradient boosting (tuned): over 3 folds its ROC AUC is 0.8700 ± 0.0200."
    );
}

#[test]
fn a_model_that_was_asked_for_is_said_to_be() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    (comparison.chosen, comparison.chosen_by) = (2, hitflop_model::selection::leaderboard::ChoiceReason::User);
    let narrative = narrative_of(&report);
    assert!(leaderboard(&report)[1].starts_with("The final model is decision tree (all), as was asked for."));
    assert!(narrative.answers[2].grounds[0]
        .starts_with("Of 3 models compared, decision tree (all) ranks third by the folds"));
}

#[test]
fn one_fold_shows_no_spread() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.folds = 1;
    comparison.contenders.iter_mut().for_each(|contender| contender.cross_validation.folds.truncate(1));
    let text = leaderboard(&report).join(" ");
    assert!(
        text.contains("It is 0.0050 ahead of random forest (notebook).") && !text.contains("overfitting"),
        "{text}"
    );
}

#[test]
fn the_final_model_answers_the_third_question() {
    let answer = &narrative_of(&fixture::compared()).answers[2];
    assert!(answer.answer.starts_with("From the audio and the decade, better than by guessing"), "{}", answer.answer);
    assert_eq!(
        answer.grounds[0],
        "Of 3 models compared, gradient boosting (tuned) ranks best: over 3 folds its ROC AUC is 0.8700 ± 0.0200."
    );
    let told = narrative_of(&fixture::compared()).model.join(" ");
    assert!(told.contains("of the gain (how much its splits lower the log loss)"), "{told}");
    assert!(!told.contains("is not given to the model"), "{told}");
}

#[test]
fn the_grid_is_told_in_numbers() {
    assert_eq!(
        narrative_of(&fixture::compared()).grid,
        [
            "The notebook’s grid has 64 points of a random forest, each scored on 2 folds of 3,200 training rows (seed 42): 128 \
             fits, for which 8 forests were grown, since every point is a part of one of them.",
            "The values auto and sqrt of max_features mean the same and score the same at every point, which leaves 32 combinations, 12 \
             different results.",
            "With min_samples_leaf 4, min_samples_split 2 and 5 score the same, since a node of fewer than 8 rows cannot be parted \
             into two such leaves.",
            "Best by mean accuracy: 200 trees, depth none, split 2, leaf 2, bootstrap yes, right in 78.0 % ± 0.7 percentage points, \
             with a ROC AUC of 0.8600. 31 other points lie within one standard deviation of its folds, so the exact choice matters \
             little among them.",
            "Averaged over everything else, max_depth moves the accuracy most, by 3.00 percentage points (5: 74.85 %, none: 77.85 %); \
             then bootstrap by 0.20 percentage points (yes: 76.45 %, no: 76.24 %), min_samples_leaf by 0.09 percentage points (2: \
             76.39 %, 4: 76.30 %) and min_samples_split by 0.01 percentage points (2: 76.35 %, 5: 76.34 %). The spread of the best \
             point over its folds is 0.71 points: bootstrap, min_samples_leaf, min_samples_split, n_estimators and max_features do \
             less than that.",
        ]
    );
}

#[test]
fn results_of_the_grid_are_counted_only_where_some_are_the_same() {
    let told = |change: fn(usize, &mut GridPoint)| {
        let mut report = fixture::compared();
        let grid =
            report.comparison.as_mut().and_then(|comparison| comparison.grid.as_mut()).expect("a grid was searched");
        grid.points.iter_mut().enumerate().for_each(|(index, point)| change(index, point));
        narrative_of(&report).grid[1].clone()
    };
    let apart = told(|index, point| {
        // Eight points of a value of max_features follow one another, then those of the other.
        let place = index % 8 + 8 * (index / 16);
        point.roc_auc[0] += 1e-6 * place as f64;
    });
    assert!(apart.ends_with("which leaves 32 combinations."), "{apart}");
    let unlike = told(|index, point| point.roc_auc[0] += if index == 0 { 1e-6 } else { 0.0 });
    assert_eq!(unlike, "They have 64 combinations, 13 different results.");
}

#[test]
fn the_search_is_told_in_numbers() {
    assert_eq!(
        narrative_of(&fixture::compared()).boosting_search,
        [
            "The default setting of gradient boosting and 3 drawn at random (seed 42) were tried in 2 rounds of successive halving, \
             each of which keeps the better ones: 4 on 1 fold and 2 on 3 folds. Folds count from the first round on. Each fit has 300 trees \
             and a learning rate of 0.1; its number of trees is not drawn, for a fit is scored in stages, and a setting has the stage with \
             the greatest mean ROC AUC.",
            "Best: symmetric trees, max_depth 6: ROC AUC 0.8750 ± 0.0150 over 3 folds, with 240 trees (by itself, a fold would \
             choose 225 to 255).",
            "In the first round the settings run from 0.8000 to 0.8900, with a median of 0.8790; the best is at 0.8900 there.",
            "Of these, 2 settings of symmetric trees have a median of 0.8840 and 0.8900 at best, 2 settings of leaf-wise trees have a \
             median of 0.8400 and 0.8800 at best: symmetric trees did better.",
            "The 2 of the last round lie within 0.0050 of one another, less than the standard deviation of the best over its folds.",
            "The tuned boosting of the comparison has these parameters with a learning rate of 0.04 rather than 0.1, which takes 2.5 \
             times as many trees; and 1.5 times as many again, as it is fitted to 3,200 training rows and not to the 2,133 outside a \
             fold: 240 × 2.5 × 1.5 gives 900 trees.",
            "The folds are those of the leaderboard. They chose the setting and its stage, so that their scores of it are a little \
             too good; the test rows had no part in the search.",
        ]
    );
}

/// What is said of the search after a change to it.
fn search_told(change: fn(&mut BoostingSearch)) -> String {
    let mut report = fixture::compared();
    report.comparison.as_mut().and_then(|comparison| comparison.boosting_search.as_mut()).into_iter().for_each(change);
    narrative_of(&report).boosting_search.join(" ")
}

#[test]
fn more_trees_than_were_tried_might_do_better() {
    assert!(!search_told(|_| ()).contains("might do still better"));
    let told = search_told(|search| search.n_estimators = 240);
    assert!(told.contains("The best stage is the last, 240 trees: more of them might do still better."), "{told}");
}

#[test]
fn the_better_shape_is_the_one_better_throughout() {
    let told = search_told(|search| search.candidates[1].roc_auc[0] = 0.7);
    assert!(told.contains("and 0.8780 at best, 2 settings of leaf-wise trees"), "{told}");
    assert!(told.contains(": leaf-wise trees did better."), "{told}");
    let told = search_told(|search| search.candidates[2].roc_auc[0] = 0.889);
    assert!(told.contains(": neither shape is better in both."), "{told}");
    let told = search_told(|search| search.candidates.iter_mut().for_each(|one| drop(one.params.pop())));
    assert!(!told.contains("did better") && told.contains("Best: max_depth 6: ROC AUC"), "{told}");
}

#[test]
fn one_fold_of_the_best_has_no_deviation() {
    let told = search_told(|search| {
        search.candidates.iter_mut().for_each(|candidate| candidate.roc_auc.truncate(1));
        search.candidates.iter_mut().for_each(|candidate| candidate.trees.truncate(1));
    });
    assert!(told.contains("ROC AUC 0.8900 over 1 fold, with 240 trees."), "{told}");
}

#[test]
fn nothing_is_said_of_choices_that_were_not_made() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.boosting_search = None;
    assert!(!leaderboard(&report).join(" ").contains("very folds"));
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.contenders.retain(|contender| contender.feature_set != FeatureSet::Selected);
    assert!(narrative_of(&report).leaderboard.iter().all(|finding| finding.title != "What flatters these scores"));
}

#[test]
fn folds_that_agree_with_the_test_rows_may_be_too_good_all_the_same() {
    let mut report = fixture::compared();
    report.comparison.as_mut().expect("models were compared").contenders.truncate(2);
    let told = leaderboard(&report);
    assert!(
        told[5].ends_with("if what was chosen on the folds makes them too good, it is by less than that."),
        "{told:?}"
    );
}

#[test]
fn without_a_comparison_nothing_is_compared() {
    let narrative = narrative();
    assert!(narrative.leaderboard.is_empty() && narrative.grid.is_empty() && narrative.boosting_search.is_empty());
    assert_eq!(narrative.answers[2].grounds.len(), 3);
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    (comparison.grid, comparison.boosting_search) = (None, None);
    let narrative = narrative_of(&report);
    assert!(!narrative.leaderboard.is_empty() && narrative.grid.is_empty() && narrative.boosting_search.is_empty());
}

#[test]
fn empty_searches_are_told_without_numbers_that_are_none() {
    let mut report = fixture::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.contenders.clear();
    comparison.grid.iter_mut().for_each(|grid| grid.points.clear());
    comparison.boosting_search.iter_mut().for_each(|search| search.candidates.clear());
    let narrative = narrative_of(&report);
    assert!(narrative.leaderboard.is_empty());
    let text = everything(&narrative);
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

#[test]
fn one_decade_shows_no_change() {
    let mut report = fixture::report();
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
fn features_that_tell_nothing_are_not_made_to() {
    let mut report = fixture::report();
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
    let mut report = fixture::report();
    report.evaluation = None;
    let narrative = narrative_of(&report);
    assert_eq!(narrative.answers[2].answer, "This run fitted no model, so this report cannot say.");
    assert!(narrative.model.is_empty());
    assert_eq!(narrative.key_figures.len(), 4);
}

#[test]
fn uneven_decades_are_told_apart() {
    let mut report = fixture::report();
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
    let mut report = fixture::report();
    report.summary.by_label.retain(|group| group.label == Some(Label::Hit));
    report.summary.by_decade_and_label.retain(|group| group.label == Some(Label::Hit));
    let text = everything(&narrative_of(&report));
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

#[test]
fn numbers_that_are_missing_are_dashes() {
    let mut report = fixture::report();
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
    let mut report = fixture::report();
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

fn assessed(change: fn(&mut hitflop_model::validation::robustness::Robustness)) -> Narrative {
    let mut report = fixture::compared();
    report.assessment.iter_mut().for_each(change);
    narrative_of(&report)
}

fn finding<'a>(findings: &'a [super::Finding], title: &str) -> &'a str {
    &findings.iter().find(|finding| finding.title == title).expect(title).text
}

#[test]
fn protocols_are_told_side_by_side() {
    let told = assessed(|_| ());
    let ways = finding(&told.assessment, "Three ways to ask");
    assert!(
        ways.contains(
            "has a ROC AUC of 0.890 ± 0.003 (95 % interval 0.878 to 0.901) and an accuracy of 82.0 % ± 0.1 points"
        ),
        "{ways}"
    );
    assert!(ways.contains("On artists that it has never met") && ways.contains("has a ROC AUC of 0.876"), "{ways}");
    let known = finding(&told.assessment, "What known artists are worth");
    assert!(
        known.starts_with("84.5 % of the test tracks at random") && known.contains("0.014 comes from artists"),
        "{known}"
    );
    let forward = finding(&told.assessment, "A coming decade");
    assert!(forward.starts_with("The 1970s from the 1960s are foretold with a ROC AUC of 0.815"), "{forward}");
    let changes = finding(&told.assessment, "Does what makes a hit change?");
    assert!(
        changes.starts_with("Yes: ") && changes.contains("0.850 on average; scored on another, 0.750: 0.750 at 1 step"),
        "{changes}"
    );
    assert!(changes.ends_with("What was learned from the 1960s says least of the 1970s (0.700)."), "{changes}");
    let decades = finding(&told.assessment, "Decade by decade");
    assert!(decades.contains("0.848 in the 1960s") && decades.contains("more than chance"), "{decades}");
    let more = finding(&told.assessment, "Would more tracks help?");
    assert!(more.starts_with("Yes: the last doubling, to 3,194 tracks, brought +0.015 of ROC AUC"), "{more}");
    let repeats = finding(&told.assessment, "Repeated tracks");
    assert!(
        repeats.contains("(5 extra rows); 1 of them with both labels")
            && repeats.contains("4,000 rows are 3,995 tracks"),
        "{repeats}"
    );
    let groups = finding(&told.assessment, "What belongs together");
    assert!(
        groups.contains("1,480 groups of 3,995 tracks; 900 are of one track")
            && groups.contains("by Traditional and An Orchestra"),
        "{groups}"
    );
    let repeated = finding(&told.assessment, "What is repeated");
    assert!(
        repeated.starts_with("2 splits at random and by groups") && repeated.contains("a lighter recipe"),
        "{repeated}"
    );
    assert!(!told.assessment.iter().any(|finding| finding.title == "What was not possible"));
    let figure = told.key_figures.iter().find(|figure| figure.label == "ROC AUC").expect("a key figure");
    assert_eq!(figure.note, "for new artists: 0.876 (95 %: 0.864 to 0.887)");
    let ground = told.answers[2].grounds.join(" ");
    assert!(
        ground.contains("ROC AUC 0.890 and accuracy 82.0 % on tracks at random")
            && ground.contains("0.876 and 80.6 % on artists"),
        "{ground}"
    );
}

#[test]
fn what_does_not_differ_is_not_said_to() {
    let told = assessed(|assessment| {
        let [random, grouped, _] = &mut assessment.protocols.protocols[..] else { panic!("three") };
        grouped.roc_auc.mean = random.roc_auc.mean - 0.002;
        assessment.transfer.iter_mut().for_each(|transfer| transfer.roc_auc = vec![vec![0.8, 0.799], vec![0.8, 0.8]]);
        assessment.protocols.by_decade.iter_mut().for_each(|scores| scores.intervals = None);
        let last = assessment.learning_curve.as_mut().and_then(|curve| curve.points.last_mut()).expect("points");
        (last.test_roc_auc, last.train_roc_auc) = (0.8625, 0.87);
        assessment.duplicates.extra_rows = 0;
    });
    let known = finding(&told.assessment, "What known artists are worth");
    assert!(known.contains("no more than splits differ from one another"), "{known}");
    assert!(finding(&told.assessment, "Does what makes a hit change?").starts_with("Not clearly: "));
    assert!(finding(&told.assessment, "Decade by decade").contains("may be chance"));
    let more = finding(&told.assessment, "Would more tracks help?");
    assert!(more.starts_with("Hardly: ") && more.contains("little left to narrow"), "{more}");
    assert_eq!(finding(&told.assessment, "Repeated tracks"), "No URI stands twice in a decade.");
}

#[test]
fn leaks_are_told_in_numbers() {
    let told = assessed(|_| ());
    let artist = finding(&told.leaks, "The artist");
    assert!(
        artist.contains("a ROC AUC of 0.975")
            && artist.contains("84.5 % of them")
            && artist.contains("nothing (0.500)"),
        "{artist}"
    );
    let published = finding(&told.leaks, "Where published scores come from");
    assert!(published.contains("right in 80.8 % of tracks at random and 79.2 % by new artists"), "{published}");
    assert!(published.contains("That is where published accuracies of 96 % and more come from"), "{published}");
    let spellings = finding(&told.leaks, "Spellings");
    assert!(
        spellings.contains("artist contains “Featuring” (120 tracks, all hits)")
            && spellings.contains("(42 tracks, no hits)"),
        "{spellings}"
    );
    let columns = finding(&told.leaks, "Suspicious columns");
    assert!(
        columns.contains("instrumentalness, has 0.705")
            && columns.contains("weeks (0.995 at random, 0.991 for new artists)"),
        "{columns}"
    );
    let clean = assessed(|assessment| assessment.leaks.iter_mut().for_each(|leaks| drop(leaks.columns.remove(0))));
    let columns = finding(&clean.leaks, "Suspicious columns");
    assert!(
        columns.contains("None of 1 column is flagged") && columns.contains("no column beyond the known ones"),
        "{columns}"
    );
}

#[test]
fn what_the_tracks_do_not_allow_is_said() {
    let told = assessed(|assessment| {
        assessment.protocols.left_out =
            vec![(hitflop_model::validation::ValidationScheme::Forward, "one decade".to_owned())];
        assessment.protocols.protocols.truncate(2);
        (assessment.transfer, assessment.leaks) = (None, None);
    });
    let missing = finding(&told.assessment, "What was not possible");
    let expected = "The tracks do not allow the forward protocol (one decade), the transfer from decade to decade and the measure of leaks.";
    assert_eq!(missing, expected);
    assert!(told.leaks.is_empty());
    assert!(narrative_of(&fixture::report()).assessment.is_empty(), "nothing was asked");
}
