//! What models are called in sentences, and what their importances mean.

/// A model without its parameters: `decision tree` of `decision tree, depth 7, leaf 2`.
pub fn kind(model: &str) -> &str {
    model.split(',').next().unwrap_or_default().trim()
}

/// A model without its parameters as the subject of a sentence: `the decision tree`, `gradient boosting`.
pub fn subject(model: &str) -> String {
    let kind = kind(model);
    if is_boosting(model) {
        kind.to_owned()
    } else {
        format!("the {kind}")
    }
}

/// What a model's importances are shares of: `impurity decrease`, or `gain` of the boosting.
pub fn importance(model: &str) -> &'static str {
    if is_boosting(model) {
        "gain"
    } else {
        "impurity decrease"
    }
}

/// What that is, in plain words.
pub fn importance_in_words(model: &str) -> &'static str {
    if is_boosting(model) {
        "how much its splits lower the log loss"
    } else {
        "how much its questions unmix hits and flops"
    }
}

/// The boosting is a method, and takes no article; its splits are chosen by another measure than a tree's.
fn is_boosting(model: &str) -> bool {
    kind(model).starts_with("gradient boosting")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_named_without_their_parameters() {
        assert_eq!(subject("decision tree, depth 7, leaf 2"), "the decision tree");
        assert_eq!(subject("gradient boosting, 100 trees, rate 0.1"), "gradient boosting");
        assert_eq!(kind("random forest"), "random forest");
    }

    #[test]
    fn importances_are_called_by_what_they_measure() {
        assert_eq!(importance("random forest, 100 trees"), "impurity decrease");
        assert_eq!(importance("gradient boosting, 100 trees"), "gain");
        assert_ne!(importance_in_words("gradient boosting"), importance_in_words("decision tree"));
    }
}
