//! What models are called in sentences, and what their importances mean.

use hitflop_model::estimator::EstimatorKind;

/// A kind of model as the subject of a sentence: `the decision tree`, `gradient boosting`, which is a method and takes no article.
pub(crate) fn subject(kind: EstimatorKind) -> String {
    match kind {
        EstimatorKind::Tree | EstimatorKind::Forest | EstimatorKind::Blend => format!("the {}", kind.in_words()),
        EstimatorKind::Boosting => kind.in_words().to_owned(),
    }
}

/// The measure that a model's importances are shares of.
pub(crate) fn importance(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Tree | EstimatorKind::Forest => "impurity decrease",
        EstimatorKind::Boosting => "gain",
        EstimatorKind::Blend => "members’ gain and impurity decrease",
    }
}

/// That measure in plain words.
pub(crate) fn importance_in_words(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Tree | EstimatorKind::Forest => "how well its splits separate hits from flops",
        EstimatorKind::Boosting => "reduction of the log loss by its splits",
        EstimatorKind::Blend => "importances in the members, weighted by the effect of each member on the blend",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_boosting_has_no_article() {
        let subjects = EstimatorKind::SINGLE.map(subject);
        assert_eq!(subjects, ["the decision tree", "the random forest", "gradient boosting"]);
    }

    #[test]
    fn importances_are_called_by_what_they_measure() {
        assert_eq!(EstimatorKind::SINGLE.map(importance), ["impurity decrease", "impurity decrease", "gain"]);
        assert_ne!(importance_in_words(EstimatorKind::Boosting), importance_in_words(EstimatorKind::Tree));
    }
}
