//! Sentences on the compared models and on the searches.

use super::*;

/// What is said of the compared models, without the titles.
fn leaderboard(report: &Report) -> Vec<String> {
    narrative_of(report).leaderboard.into_iter().map(|finding| finding.text).collect()
}

#[test]
fn the_leaderboard_is_described_in_numbers() {
    // Folds of the boosting: 0.85, 0.87, 0.89; of the forest: 0.845, 0.869, 0.891.
    assert_eq!(
        leaderboard(&small::compared()),
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
fn a_lead_beyond_the_spread_is_reported() {
    let mut report = small::compared();
    report.comparison.as_mut().expect("models were compared").rows.remove(1);
    let message = &leaderboard(&report)[0];
    let expected = "Compared fold by fold it is 0.0583 ± 0.0076 ahead of decision tree (all), and ahead on 3 of 3 folds; that is more \
                    than it varies from fold to fold.";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn equals_are_not_distinguished() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.rows[1].cross_validation = comparison.rows[0].cross_validation.clone();
    let message = &leaderboard(&report)[0];
    assert!(
        message.contains("it is 0.0000 ± 0.0000 ahead of random forest (notebook), and ahead on 0 of 3"),
        "{message}"
    );
    assert!(message.contains("not told from the best"), "{message}");
}

#[test]
fn one_model_alone_ranks_nowhere() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.rows.truncate(1);
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
fn a_model_that_was_requested_is_said_to_be() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    (comparison.chosen, comparison.chosen_by) = (2, hitflop_model::selection::leaderboard::ChoiceReason::User);
    let narrative = narrative_of(&report);
    assert!(leaderboard(&report)[1].starts_with("The final model is decision tree (all), as was asked for."));
    assert!(narrative.answers[2].grounds[0]
        .starts_with("Of 3 models compared, decision tree (all) ranks third by the folds"));
}

#[test]
fn one_fold_shows_no_spread() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.folds = 1;
    comparison.rows.iter_mut().for_each(|candidate| candidate.cross_validation.folds.truncate(1));
    let text = leaderboard(&report).join(" ");
    assert!(
        text.contains("It is 0.0050 ahead of random forest (notebook).") && !text.contains("overfitting"),
        "{text}"
    );
}

#[test]
fn the_final_model_answers_the_third_question() {
    let answer = &narrative_of(&small::compared()).answers[2];
    assert!(answer.answer.starts_with("From the audio and the decade, better than by guessing"), "{}", answer.answer);
    assert_eq!(
        answer.grounds[0],
        "Of 3 models compared, gradient boosting (tuned) ranks best: over 3 folds its ROC AUC is 0.8700 ± 0.0200."
    );
    let message = narrative_of(&small::compared()).model.join(" ");
    assert!(message.contains("of the gain (how much its splits lower the log loss)"), "{message}");
    assert!(!message.contains("is not given to the model"), "{message}");
}

#[test]
fn the_grid_is_described_in_numbers() {
    assert_eq!(
        narrative_of(&small::compared()).grid,
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
    let message = |change: fn(usize, &mut GridPoint)| {
        let mut report = small::compared();
        let grid =
            report.comparison.as_mut().and_then(|comparison| comparison.grid.as_mut()).expect("a grid was searched");
        grid.points.iter_mut().enumerate().for_each(|(index, point)| change(index, point));
        narrative_of(&report).grid[1].clone()
    };
    let apart = message(|index, point| {
        // Eight points of a value of max_features follow one another, then those of the other.
        let place = index % 8 + 8 * (index / 16);
        point.roc_auc[0] += 1e-6 * place as f64;
    });
    assert!(apart.ends_with("which leaves 32 combinations."), "{apart}");
    let unlike = message(|index, point| point.roc_auc[0] += if index == 0 { 1e-6 } else { 0.0 });
    assert_eq!(unlike, "They have 64 combinations, 13 different results.");
}

#[test]
fn the_search_is_described_in_numbers() {
    assert_eq!(
        narrative_of(&small::compared()).boosting_search,
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
fn search_text(change: fn(&mut BoostingSearch)) -> String {
    let mut report = small::compared();
    report.comparison.as_mut().and_then(|comparison| comparison.boosting_search.as_mut()).into_iter().for_each(change);
    narrative_of(&report).boosting_search.join(" ")
}

#[test]
fn more_trees_than_were_tried_might_do_better() {
    assert!(!search_text(|_| ()).contains("might do still better"));
    let message = search_text(|search| search.n_estimators = 240);
    assert!(
        message.contains("The best stage is the last, 240 trees: more of them might do still better."),
        "{message}"
    );
}

#[test]
fn the_better_shape_is_the_one_better_throughout() {
    let message = search_text(|search| search.candidates[1].roc_auc[0] = 0.7);
    assert!(message.contains("and 0.8780 at best, 2 settings of leaf-wise trees"), "{message}");
    assert!(message.contains(": leaf-wise trees did better."), "{message}");
    let message = search_text(|search| search.candidates[2].roc_auc[0] = 0.889);
    assert!(message.contains(": neither shape is better in both."), "{message}");
    let message = search_text(|search| search.candidates.iter_mut().for_each(|one| drop(one.params.pop())));
    assert!(!message.contains("did better") && message.contains("Best: max_depth 6: ROC AUC"), "{message}");
}

#[test]
fn one_fold_of_the_best_has_no_deviation() {
    let message = search_text(|search| {
        search.candidates.iter_mut().for_each(|candidate| candidate.roc_auc.truncate(1));
        search.candidates.iter_mut().for_each(|candidate| candidate.trees.truncate(1));
    });
    assert!(message.contains("ROC AUC 0.8900 over 1 fold, with 240 trees."), "{message}");
}

#[test]
fn nothing_is_said_of_choices_that_were_not_made() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.boosting_search = None;
    assert!(!leaderboard(&report).join(" ").contains("very folds"));
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.rows.retain(|candidate| candidate.feature_set != FeatureSet::Selected);
    assert!(narrative_of(&report).leaderboard.iter().all(|finding| finding.title != "What flatters these scores"));
}

#[test]
fn folds_that_agree_with_the_test_rows_may_be_too_good_all_the_same() {
    let mut report = small::compared();
    report.comparison.as_mut().expect("models were compared").rows.truncate(2);
    let message = leaderboard(&report);
    assert!(
        message[5].ends_with("if what was chosen on the folds makes them too good, it is by less than that."),
        "{message:?}"
    );
}

#[test]
fn without_a_comparison_nothing_is_compared() {
    let narrative = narrative();
    assert!(narrative.leaderboard.is_empty() && narrative.grid.is_empty() && narrative.boosting_search.is_empty());
    assert_eq!(narrative.answers[2].grounds.len(), 3);
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    (comparison.grid, comparison.boosting_search) = (None, None);
    let narrative = narrative_of(&report);
    assert!(!narrative.leaderboard.is_empty() && narrative.grid.is_empty() && narrative.boosting_search.is_empty());
}

#[test]
fn empty_searches_are_described_without_numbers_that_are_none() {
    let mut report = small::compared();
    let comparison = report.comparison.as_mut().expect("models were compared");
    comparison.rows.clear();
    comparison.grid.iter_mut().for_each(|grid| grid.points.clear());
    comparison.boosting_search.iter_mut().for_each(|search| search.candidates.clear());
    let narrative = narrative_of(&report);
    assert!(narrative.leaderboard.is_empty());
    let text = everything(&narrative);
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}
