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
        ("Skewness", SKEWNESS.to_owned()),
        ("Mutual information", mutual_information_note(&report.mutual_information)),
        (
            "Densities",
            "Gaussian kernel with Scott’s bandwidth, n to the power −1/5 times the standard deviation. D. W. Scott, \
             Multivariate Density Estimation, Wiley, 1992. For features between 0 and 1, the mass beyond a bound is \
             reflected."
                .to_owned(),
        ),
        (
            "Effect sizes",
            "Cohen’s d with the pooled standard deviation. The intervals use the clustered standard errors of the two \
             means (several tracks per artist) and the variance term of Hedges and Olkin, Statistical Methods for \
             Meta-Analysis, 1985. Hits and flops, and two decades, are treated as independent. The key is excluded, \
             because its numbers are categories."
                .to_owned(),
        ),
        (
            "Correlations",
            match report.missing.is_empty() {
                _ if report.sums.is_some() => "Pearson’s r. Each pair uses the tracks that have both values.",
                true => "Pearson’s r and Spearman’s rank correlation, with mean ranks for ties.",
                false => {
                    "Pearson’s r and Spearman’s rank correlation, with mean ranks for ties. Each pair uses the tracks \
                     that have both values."
                }
            }
            .to_owned(),
        ),
    ];
    notes.extend((!report.overview.pairs.densities.is_empty()).then(|| ("Feature pairs", PAIRS.to_owned())));
    notes.extend(report.evaluation.as_ref().map(|evaluation| ("Final model", final_model_note(evaluation))));
    notes.extend(report.comparison.as_ref().map(|comparison| ("Comparison", comparison_note(comparison))));
    notes.extend(
        report.explanations.as_ref().map(|explanations| ("Explanations", explanations_note(explanations, &noun))),
    );
    notes.extend(report.probabilities.as_ref().map(|_| ("Calibration", CALIBRATION.to_owned())));
    notes.push(("Files", FILES.to_owned()));
    notes
}

const SKEWNESS: &str =
    "Adjusted Fisher-Pearson coefficient: D. N. Joanes and C. A. Gill, “Comparing Measures of Sample Skewness and Kurtosis”, The \
     Statistician 47, 1998.";

const FILES: &str =
    "Tables are CSV files in UTF-8 with all digits. As in input files, a decade is its first year, a label is 1 for a hit and 0 for a \
     flop, and a split is train or test; an empty field is a missing value.";

const PAIRS: &str =
    "Plug-in estimate of the mutual information of two binned features and the label, over bins of about equal shares, less its \
     bias (G. A. Miller, “Note on the Bias of Information Estimates”, 1955). Pairs with fewer than 50 tracks of a label are left \
     out.";

fn mutual_information_note(mutual: &MutualInformation) -> String {
    if let Some(bins) = mutual.bins {
        return format!(
            "Plug-in estimate over categories, or over at most {bins} bins of about equal shares, of which the bias is subtracted (G. A. \
             Miller, “Note on the Bias of Information Estimates”, 1955). Chance: 2n times the plug-in estimate has a chi-squared \
             distribution with one degree of freedom less than there are bins."
        );
    }
    let sample = mutual.sample.map_or(String::new(), |sample| {
        format!(
            " All estimates are of {} of the {} tracks: a random sample, stratified by label and decade (seed {}).",
            count(sample.rows),
            count(sample.of),
            sample.seed
        )
    });
    format!(
        "Nearest-neighbour estimator for a continuous feature and a discrete label, k = {}, averaged over {} of the \
         tie-breaking noise; plug-in estimate for discrete features. B. C. Ross, “Mutual Information between Discrete \
         and Continuous Data Sets”, PLoS ONE 9(2), 2014. Chance is estimated with {} of the label. p counts the \
         permutations that reach the estimate, plus one, so it is at least {}. Each permutation uses one repetition \
         and the estimate averages {}, so the comparison is conservative.{sample}",
        mutual.neighbours,
        plural(mutual.draws as u64, "draw", "draws"),
        plural(mutual.permutations as u64, "permutation", "permutations"),
        fixed(1.0 / (1.0 + mutual.permutations as f64), 3),
        count(mutual.draws as u64),
    )
}

fn final_model_note(evaluation: &Evaluation) -> String {
    format!(
        "{}: {} Features are not scaled, because trees use only the order of values. The interval of the accuracy is \
         Wilson’s (1927); it treats tracks as independent, which tracks by one artist are not. Importances are shares \
         of the {}; they favour features with many distinct values.",
        capitalise(&evaluation.params.describe()),
        method(evaluation.params.kind()),
        importance(evaluation.params.kind())
    )
}

/// What kind of model it is, and whose.
fn method(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Tree => {
            "CART (Breiman, Friedman, Olshen and Stone, 1984) by linfa-trees. Depth is the maximum number of splits \
             on a path, leaf the minimum number of training tracks per leaf; probabilities are the class frequencies \
             in the leaves."
        }
        EstimatorKind::Forest => {
            "mean of the class frequencies of many trees, each grown on random samples of rows and features (L. \
             Breiman, “Random Forests”, Machine Learning 45, 2001). Leaf is the minimum number of training tracks per \
             leaf."
        }
        EstimatorKind::Boosting => {
            "trees grown in sequence on binned features, each to reduce the log loss of the sum of those before it \
             (J. H. Friedman, “Greedy Function Approximation”, Annals of Statistics 29, 2001). Rate is the learning \
             rate."
        }
        EstimatorKind::Blend => {
            "weighted sum of the log odds of gradient boosting models and of extremely randomised trees (P. Geurts, \
             D. Ernst and L. Wehenkel, “Extremely Randomized Trees”, Machine Learning 63, 2006). The weights are not \
             negative (L. Breiman, “Stacked Regressions”, Machine Learning 24, 1996) and are fitted to out-of-fold \
             predictions of the training tracks."
        }
    }
}

const CALIBRATION: &str =
    "Platt scaling: J. Platt, “Probabilistic Outputs for Support Vector Machines”, 1999, on the log odds, by the \
     method of Lin, Lin and Weng, Machine Learning 68, 2007. Isotonic regression: B. Zadrozny and C. Elkan, \
     “Transforming Classifier Scores into Accurate Multiclass Probability Estimates”, KDD 2002, by pooling adjacent \
     violators. Both are fitted to out-of-fold predictions of the training tracks, and the threshold is chosen on \
     them; the test tracks are not used. Expected calibration error: the absolute difference between share of hits \
     and mean probability, averaged over bins by their tracks (Naeini, Cooper and Hauskrecht, AAAI 2015). It depends \
     on the bins, and chance increases it in small bins.";

fn comparison_note(comparison: &Leaderboard) -> String {
    let mut text = format!(
        "{}. Folds of single tracks are stratified by label and decade, folds of whole groups by label. The standard deviation over the folds has divisor {}; it describes the \
         variation between folds, not the uncertainty of the mean. Models are ranked by the mean ROC AUC over the \
         folds, those that were fitted to all folds first. Scores on folds that were also used to search hyperparameters are slightly optimistic. No search uses \
         the test rows, but the feature selection uses all rows.",
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
        text.push_str(
            " The best point of the grid is chosen as in scikit-learn’s GridSearchCV: highest mean \
                       accuracy, the first of equal ones.",
        );
    }
    text
}

fn explanations_note(explanations: &Explanations, noun: &GroupNoun) -> String {
    format!(
        "Shapley values of the trees, exact, path-dependent (S. M. Lundberg, G. G. Erion and S.‑I. Lee, “Consistent \
         Individualized Feature Attribution for Tree Ensembles”, 2018). Permutation importance: L. Breiman, “Random \
         Forests”, Machine Learning 45, 2001; {} repeats, each on {} resampled with replacement; the intervals are \
         1.96 standard deviations. Partial dependence: Friedman, 2001; individual curves: A. Goldstein, A. Kapelner, \
         J. Bleich and E. Pitkin, 2015. Counterfactuals: the smallest change in ranks among the training tracks of \
         the decade, within their range; decade, key, mode and time signature are kept. All of these describe the \
         model, not causes.",
        count(explanations.permutation.repeats),
        noun.many
    )
}
