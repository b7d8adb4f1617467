//! What can be set about a decision tree.

use linfa::ParamGuard;
use serde::{Deserialize, Deserializer, Serialize};

use crate::checks::check_at_least;
use crate::{Result, TreesError};

/// The parameters as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "DecisionTreeParams")]
struct DecisionTreeFields {
    max_depth: usize,
    min_samples_leaf: usize,
}

impl Default for DecisionTreeFields {
    fn default() -> DecisionTreeFields {
        DecisionTreeFields { max_depth: 7, min_samples_leaf: 2 }
    }
}

/// Checked parameters of a [`DecisionTree`](crate::DecisionTree), which implement linfa's `Fit`. Only
/// [`DecisionTreeParams::check`](linfa::ParamGuard::check) makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DecisionTreeValidParams(DecisionTreeFields);

impl DecisionTreeValidParams {
    /// Most splits between the root and a leaf; at least 1.
    pub fn max_depth(&self) -> usize {
        self.0.max_depth
    }

    /// Fewest training rows in a leaf; at least 1.
    pub fn min_samples_leaf(&self) -> usize {
        self.0.min_samples_leaf
    }
}

/// Parameters of a [`DecisionTree`](crate::DecisionTree), not yet checked; made by
/// [`DecisionTree::params`](crate::DecisionTree::params). Their names are scikit-learn's.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `max_depth` | 7 | at least 1 |
/// | `min_samples_leaf` | 2 | at least 1 |
///
/// serde reads and writes them as a map by these names. Parameters that are left out have their defaults, others than these
/// are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DecisionTreeParams(DecisionTreeValidParams);

impl Default for DecisionTreeParams {
    fn default() -> DecisionTreeParams {
        DecisionTreeParams(DecisionTreeValidParams(DecisionTreeFields::default()))
    }
}

impl<'de> Deserialize<'de> for DecisionTreeParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<DecisionTreeParams, D::Error> {
        DecisionTreeFields::deserialize(deserializer).map(|fields| DecisionTreeParams(DecisionTreeValidParams(fields)))
    }
}

impl DecisionTreeParams {
    /// The notebook's defaults.
    pub fn new() -> DecisionTreeParams {
        DecisionTreeParams::default()
    }

    /// Sets the most splits between the root and a leaf.
    pub fn max_depth(mut self, max_depth: usize) -> DecisionTreeParams {
        self.0 .0.max_depth = max_depth;
        self
    }

    /// Sets the fewest training rows in a leaf.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> DecisionTreeParams {
        self.0 .0.min_samples_leaf = min_samples_leaf;
        self
    }
}

impl ParamGuard for DecisionTreeParams {
    type Checked = DecisionTreeValidParams;
    type Error = TreesError;

    fn check_ref(&self) -> Result<&DecisionTreeValidParams> {
        check_at_least("max_depth", self.0.max_depth(), 1)?;
        check_at_least("min_samples_leaf", self.0.min_samples_leaf(), 1)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<DecisionTreeValidParams> {
        self.check_ref().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_state_rule_and_value() {
        let message = |params: DecisionTreeParams| params.check().expect_err("refused").to_string();
        let params = DecisionTreeParams::new();
        assert_eq!(message(params.max_depth(0)), r#"max_depth: expected a whole number of at least 1, found "0""#);
        assert_eq!(
            message(params.min_samples_leaf(0)),
            r#"min_samples_leaf: expected a whole number of at least 1, found "0""#
        );
        let checked = params.max_depth(1).min_samples_leaf(1).check().expect("legal");
        assert_eq!((checked.max_depth(), checked.min_samples_leaf()), (1, 1));
    }

    #[test]
    fn what_is_written_reads_back() {
        let params = DecisionTreeParams::new().max_depth(3);
        let text = serde_json::to_string(&params).expect("plain values");
        assert_eq!(text, r#"{"max_depth":3,"min_samples_leaf":2}"#);
        assert_eq!(serde_json::from_str::<DecisionTreeParams>(&text).expect("as written"), params);
        assert_eq!(serde_json::from_str::<DecisionTreeParams>("{}").expect("defaults"), DecisionTreeParams::new());
    }
}
