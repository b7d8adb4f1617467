//! Terms of statistics that not every reader knows: each is explained in the glossary, and in a tooltip where it first occurs.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// A term, its id in the page, the words by which it is found in text, and its explanation.
pub(crate) struct Term {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    words: &'static [&'static str],
    pub(super) meaning: &'static str,
}

/// The glossary, in alphabetical order.
pub(crate) const TERMS: &[Term] = &[
    term("95 % interval", "interval", &["95 % interval"], "Range from a procedure that contains the true value in 95 of 100 repetitions of the sampling."),
    term("Brier score", "brier", &["Brier score"], "Mean squared difference between probability and label (1 or 0). 0 is best; 0.25 results from always predicting 0.5."),
    term("Calibration", "calibration-term", &["calibration error", "calibrated"], "Agreement of probabilities with frequencies: of the tracks with a probability near 0.7, about 70 % are hits."),
    term("Cohen’s d", "cohens-d", &["Cohen’s d"], "Effect size: the mean of hits minus the mean of flops, divided by their pooled standard deviation. 0.2 is small, 0.5 medium, 0.8 large."),
    term("Fold", "fold", &["folds", "fold"], "One of several equal parts of the training tracks. Each is predicted by a model that was fitted to the other parts (cross-validation)."),
    term("Grouped split", "grouped", &["grouped split", "Grouped"], "All tracks that share an artist, a URI or all audio values are either in training or in the test, never in both."),
    term("Leakage", "leakage-term", &["leakage", "Leakage", "leaks"], "Information in a column about the label that is not available, or not meaningful, for a new track."),
    term("Log loss", "log-loss", &["log loss"], "Mean of −ln(probability of the true label), in nats. 0 is best; 0.693 results from always predicting 0.5."),
    term("Log odds", "log-odds", &["log odds"], "ln(p / (1 − p)) of a probability p: 0 is 50 %, +1 is 73 %, −1 is 27 %."),
    term("Mutual information", "mutual-information-term", &["mutual information", "Mutual information"], "How much knowing one quantity reduces the uncertainty (entropy) of another; 0 if they are independent. It also detects relations that are not linear."),
    term("Nat", "nat", &["nats"], "Unit of information with the natural logarithm; 1 nat is 1.44 bits. A label of two equally frequent values has 0.693 nats."),
    term("Notebook", "notebook", &["notebook"], "The Python notebook whose analysis hitflop repeats: 14 features, and a decision tree, a random forest and gradient boosting with the hyperparameters of the notebook."),
    term("Out of fold", "out-of-fold", &["out-of-fold", "out of fold"], "Predicted by a model that was fitted to the other folds, so that no track is predicted by a model that has seen its label."),
    term("Partial dependence", "partial-dependence-term", &["partial dependence", "Partial dependence"], "Mean prediction over many tracks when one feature is set to a value and all others are kept."),
    term("Permutation importance", "permutation-term", &["permutation importance", "Permutation importance"], "Loss of ROC AUC when the values of one feature are shuffled among the tracks."),
    term("Population stability index (PSI)", "psi", &["population stability index", "PSI"], "How far two distributions are from each other: the sum of (b − a) ln(b / a) over bins with the shares a and b. The bins are tenths of all values, in a comparison of two tables tenths of the first. Below 0.1 they are similar; from 0.25 on the difference is major."),
    term("ROC AUC", "roc-auc-term", &["ROC AUC"], "Probability that a random hit gets a higher predicted probability than a random flop; ties count half. 0.5 is chance, 1 is perfect."),
    term("Shapley value", "shapley", &["Shapley value"], "Contribution of one feature to one prediction. The contributions of a track add up to its prediction minus the mean prediction."),
    term("Skewness", "skewness", &["skewness", "Skewness"], "Asymmetry of a distribution: 0 if it is symmetric, above 0 with a long tail of large values, below 0 with a long tail of small ones."),
];

const fn term(name: &'static str, id: &'static str, words: &'static [&'static str], meaning: &'static str) -> Term {
    Term { name, id, words, meaning }
}

/// Marks the first occurrence of each term in the texts of one page.
#[derive(Default)]
pub(super) struct Glossary {
    marked: RefCell<BTreeSet<&'static str>>,
}

impl Glossary {
    /// Text as markup: escaped, without line breaks inside of quantities, and with a link and a tooltip at each term that no earlier
    /// text has.
    pub(super) fn mark(&self, text: &str) -> String {
        let mut marked = self.marked.borrow_mut();
        let mut found: Vec<(usize, usize, &Term)> = Vec::new();
        for term in TERMS.iter().filter(|term| !marked.contains(term.id)) {
            let place = term.words.iter().filter_map(|word| whole_word(text, word)).min();
            found.extend(place.map(|(start, end)| (start, end, term)));
        }
        found.sort_by_key(|(start, ..)| *start);
        let (mut markup, mut rest) = (String::with_capacity(text.len()), 0);
        for (start, end, term) in found {
            if start < rest {
                continue;
            }
            markup.push_str(&escaped(&text[rest..start]));
            markup.push_str(&format!(
                "<a class=\"term\" href=\"#term-{}\" title=\"{}\">{}</a>",
                term.id,
                escaped(term.meaning),
                escaped(&text[start..end])
            ));
            rest = end;
            marked.insert(term.id);
        }
        markup + &escaped(&text[rest..])
    }
}

/// Where a text has these words, with no letter at either side.
fn whole_word(text: &str, word: &str) -> Option<(usize, usize)> {
    let bounded = |start: &usize| {
        let before = text[..*start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        // A plural ends a word as well.
        let after = if after == Some('s') { text[start + word.len() + 1..].chars().next() } else { after };
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    text.match_indices(word).map(|(start, _)| start).find(bounded).map(|start| (start, start + word.len()))
}

/// Text as markup; names between grave accents are code.
fn escaped(text: &str) -> String {
    let escaped = super::filters::without_breaks(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let part =
        |(at, part): (usize, &&str)| if at % 2 == 1 { format!("<code>{part}</code>") } else { (*part).to_owned() };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_occurrence_alone_is_marked() {
        let glossary = Glossary::default();
        let first = glossary.mark("A ROC AUC of 0.8 <b> and 0.1 nats; ROC AUC again");
        assert_eq!(first.matches("class=\"term\"").count(), 2, "{first}");
        assert!(first.starts_with("A <a class=\"term\" href=\"#term-roc-auc-term\" title=\"Probability"), "{first}");
        assert!(first.contains("&lt;b&gt;") && first.ends_with("; ROC AUC again"), "{first}");
        assert_eq!(glossary.mark("The ROC AUC"), "The ROC AUC");
        assert_eq!(glossary.mark("set `a<b` to `c`"), "set <code>a&lt;b</code> to <code>c</code>");
        assert_eq!(glossary.mark("a ` alone, 58.0 s. 5 songs"), "a ` alone, 58.0\u{a0}s. 5 songs");
    }

    #[test]
    fn parts_of_words_are_no_terms() {
        let glossary = Glossary::default();
        assert_eq!(glossary.mark("fivefold dominates"), "fivefold dominates");
        assert!(glossary.mark("Shapley values").contains(">Shapley value</a>s"));
    }

    #[test]
    fn terms_are_in_order_and_have_ids_of_their_own() {
        let names: Vec<String> = TERMS.iter().map(|term| term.name.to_lowercase()).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        assert_eq!(TERMS.iter().map(|term| term.id).collect::<BTreeSet<_>>().len(), TERMS.len());
    }
}
