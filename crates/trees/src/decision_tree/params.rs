//! What can be set about a decision tree.

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use hitflop_core::error::{Error, Fault, Place, Reason};

/// Parameters of a decision tree that were checked; [`DecisionTreeParams`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTreeValidParams {
    max_depth: usize,
    min_samples_leaf: usize,
}

impl Default for DecisionTreeValidParams {
    fn default() -> DecisionTreeValidParams {
        DecisionTreeValidParams { max_depth: 7, min_samples_leaf: 2 }
    }
}

impl DecisionTreeValidParams {
    /// Most splits between the root and a leaf; at least 1.
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// Fewest training rows in a leaf; at least 1.
    pub fn min_samples_leaf(&self) -> usize {
        self.min_samples_leaf
    }
}

/// Parameters of a decision tree, not yet checked. Their names are scikit-learn's; the defaults are the notebook's.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `max_depth` | 7 | at least 1 |
/// | `min_samples_leaf` | 2 | at least 1 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionTreeParams(DecisionTreeValidParams);

impl DecisionTreeParams {
    /// The defaults.
    pub fn new() -> DecisionTreeParams {
        DecisionTreeParams::default()
    }

    /// Sets the most splits between the root and a leaf.
    pub fn max_depth(mut self, max_depth: usize) -> DecisionTreeParams {
        self.0.max_depth = max_depth;
        self
    }

    /// Sets the fewest training rows in a leaf.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> DecisionTreeParams {
        self.0.min_samples_leaf = min_samples_leaf;
        self
    }
}

impl ParamGuard for DecisionTreeParams {
    type Checked = DecisionTreeValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&DecisionTreeValidParams, Error> {
        for (name, value) in [("max_depth", self.0.max_depth), ("min_samples_leaf", self.0.min_samples_leaf)] {
            if value < 1 {
                let fault = Fault::new(Place::parameter(name), Reason::Setting, "expected a whole number of at least 1");
                return Err(Error::input(fault.found(value.to_string())));
            }
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<DecisionTreeValidParams, Error> {
        self.check_ref().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_state_rule_and_value() {
        let told = |params: DecisionTreeParams| params.check().expect_err("refused").to_string();
        let params = DecisionTreeParams::new();
        assert_eq!(told(params.max_depth(0)), r#"max_depth: expected a whole number of at least 1, found "0""#);
        assert_eq!(
            told(params.min_samples_leaf(0)),
            r#"min_samples_leaf: expected a whole number of at least 1, found "0""#
        );
        let checked = params.max_depth(1).min_samples_leaf(1).check().expect("legal");
        assert_eq!((checked.max_depth(), checked.min_samples_leaf()), (1, 1));
    }
}
