//! The notes on methods at the end of the page.

use crate::format::{capitalise, count, fixed, plural};
use crate::phrases::models::importance;
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::Report;
use hitflop_data::explore::mutual_information::MutualInformation;
use hitflop_model::estimator::EstimatorKind;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::explain::global::Explanations;
use hitflop_model::selection::leaderboard::Leaderboard;

/// A term and what is said of it, for every method that the report used.
pub(super) fn notes(report: &Report) -> Vec<(&'static str, String)> {
    let noun = group_noun(report.has_artists());
    let mut notes = vec![
        ("Mutual information", mutual_information_note(&report.mutual_information)),
        (
            "Densities",
            "Gaussian kernel with Scott’s bandwidth, n to the power −1/5 times the standard deviation. D. W. Scott, \
             Multivariate Density Estimation, Wiley, 1992. On features bounded to 0 to 1 the mass beyond a bound is \
             reflected back at it."
                .to_owned(),
        ),
        (
            "Effect sizes",
            "Cohen’s d with the pooled standard deviation; intervals from those of the two means, which allow for several \
             tracks by one artist, and the term for the estimated spread of Hedges and Olkin, Statistical Methods for \
             Meta-Analysis, 1985. Hits and flops, and two decades, are taken as independent of each other. The key is left out, for its numbers are names."
                .to_owned(),
        ),
        (
            "Correlations",
            match report.missing.is_empty() {
                true => "Pearson’s r and Spearman’s rank correlation, ties given their mean rank.",
                false => {
                    "Pearson’s r and Spearman’s rank correlation, ties given their mean rank, each pair over the tracks that have a value \
                     of both."
                }
            }
            .to_owned(),
        ),
    ];
    notes.extend(report.evaluation.as_ref().map(|evaluation| ("Final model", final_model_note(evaluation))));
    notes.extend(report.comparison.as_ref().map(|comparison| ("Comparison", comparison_note(comparison))));
    notes.extend(
        report.explanations.as_ref().map(|explanations| ("Explanations", explanations_note(explanations, &noun))),
    );
    notes.extend(report.probabilities.as_ref().map(|_| ("Calibration", CALIBRATION.to_owned())));
    notes
}

fn mutual_information_note(mutual: &MutualInformation) -> String {
    format!(
        "Nearest-neighbour estimator for a continuous feature and a discrete label, k = {}, averaged over {} of the \
         noise that breaks ties; plug-in estimate for discrete features. B. C. Ross, “Mutual Information between \
         Discrete and Continuous Data Sets”, PLoS ONE 9(2), 2014. Chance is measured with {} of the label; p counts \
         those that reach the estimate, and itself, so that it cannot be less than {}. Each permutation is estimated \
         from one draw and the estimate averages {}, which makes the comparison conservative.",
        mutual.neighbours,
        plural(mutual.draws as u64, "draw", "draws"),
        plural(mutual.permutations as u64, "permutation", "permutations"),
        fixed(1.0 / (1.0 + mutual.permutations as f64), 3),
        count(mutual.draws as u64),
    )
}

fn final_model_note(evaluation: &Evaluation) -> String {
    format!(
        "{}: {} Features are used as they are, for a tree goes by the order of their values alone. The interval of the accuracy is \
         Wilson’s (1927), which takes tracks as independent; tracks by one artist are not. Importances are shares of the {}; they \
         favour features with many distinct values.",
        capitalise(&evaluation.params.describe()),
        method(evaluation.params.kind()),
        importance(evaluation.params.kind())
    )
}

/// What kind of model it is, and whose.
fn method(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Tree => {
            "a tree of questions (CART: Breiman, Friedman, Olshen and Stone, 1984) by linfa-trees. Depth is the greatest number of \
             questions asked of a track, leaf the fewest training tracks that may share an answer; probabilities are the class \
             frequencies in the leaves."
        }
        EstimatorKind::Forest => {
            "the mean of the class frequencies that many trees give, each grown on rows and features drawn at random (L. Breiman, \
             “Random Forests”, Machine Learning 45, 2001). Leaf is the fewest training tracks that may share an answer."
        }
        EstimatorKind::Boosting => {
            "trees grown one after the other, each to lower the log loss that those before it leave (J. H. Friedman, “Greedy \
             Function Approximation”, Annals of Statistics 29, 2001), on binned features. Rate is the share of each tree’s answer \
             that is added."
        }
        EstimatorKind::Blend => {
            "the weighted sum of the log odds of boostings and of the mean probability of extremely randomised trees (P. Geurts, D. Ernst \
             and L. Wehenkel, “Extremely Randomized Trees”, Machine Learning 63, 2006). The weights are not negative (L. Breiman, “Stacked \
             Regressions”, Machine Learning 24, 1996) and were found on out-of-fold predictions of the training tracks."
        }
    }
}

const CALIBRATION: &str =
    "Platt scaling: J. Platt, “Probabilistic Outputs for Support Vector Machines”, 1999, on the log odds, by the method of Lin, Lin \
     and Weng, Machine Learning 68, 2007. Isotonic regression: B. Zadrozny and C. Elkan, “Transforming Classifier Scores into Accurate \
     Multiclass Probability Estimates”, KDD 2002, by pooling adjacent violators. Both are fitted to out-of-fold predictions of the \
     training tracks, as the threshold is chosen on them; the test tracks have no part in either. Expected calibration error: the \
     gap between share of hits and mean probability, averaged over bins by their tracks (Naeini, Cooper and Hauskrecht, AAAI 2015); it \
     depends on the bins, and chance alone raises it where they hold few tracks.";

fn comparison_note(comparison: &Leaderboard) -> String {
    let mut text = format!(
        "{}. Folds hold hits and flops in the same proportion; the standard deviation over them has {} as its divisor, and says how \
         much a score moves with the rows, not how sure its mean is. Models are ranked by the mean ROC AUC over the folds. \
         Parameters that were searched for on the same rows make their models’ folds a little too favourable; the test rows had no \
         part in any search for parameters, but the selection of features goes by all rows.",
        capitalise(&comparison.protocol),
        count(comparison.folds.saturating_sub(1))
    );
    if comparison.boosting_search.is_some() {
        text.push_str(
            " Successive halving: K. Jamieson and A. Talwalkar, “Non-stochastic Best Arm Identification and Hyperparameter \
             Optimization”, AISTATS 2016.",
        );
    }
    if comparison.grid.is_some() {
        text.push_str(" The best point of the grid is that of scikit-learn’s GridSearchCV: the greatest mean accuracy, the first of equals.");
    }
    text
}

fn explanations_note(explanations: &Explanations, noun: &GroupNoun) -> String {
    format!(
        "Shapley values of the trees, exact, path-dependent (S. M. Lundberg, G. G. Erion and S.-I. Lee, “Consistent Individualized \
         Feature Attribution for Tree Ensembles”, 2018). Permutation importance: L. Breiman, “Random Forests”, Machine Learning 45, \
         2001; {} repeats, each on {} drawn anew with replacement, of which the intervals are 1.96 standard deviations. \
         Partial dependence: Friedman, 2001; individual curves: A. Goldstein, A. Kapelner, J. Bleich and E. Pitkin, 2015. \
         Smallest changes are measured in ranks among the training tracks of the decade, within the range seen there; decade, key, \
         mode and time signature stay. All are of the model’s answers, none is of causes.",
        count(explanations.permutation.repeats),
        noun.many
    )
}
