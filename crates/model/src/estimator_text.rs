//! Parameters of estimators in words and as JSON.

use linfa::ParamGuard;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::estimator::EstimatorParams;
use hitflop_trees::{MemberParams, Splitter};

impl EstimatorParams {
    /// What sets them apart, in a phrase: `decision tree, depth 7, leaf 2`. Only the kind if one is outside its range.
    pub fn describe(&self) -> String {
        if let EstimatorParams::Blend(recipe) = self {
            return recipe.describe(|member| member_params(member).describe());
        }
        let mut phrases = vec![self.kind().in_words().to_owned()];
        phrases.extend(self.main_values());
        phrases.join(", ")
    }

    fn main_values(&self) -> Vec<String> {
        let trees = |count: usize| if count == 1 { "tree" } else { "trees" };
        match self {
            EstimatorParams::Tree(params) => params.check_ref().map_or(Vec::new(), |params| {
                vec![depth(params.max_depth()), format!("leaf {}", params.min_samples_leaf())]
            }),
            EstimatorParams::Forest(params) => params.check_ref().map_or(Vec::new(), |params| {
                let count = params.n_estimators();
                let shape = if params.splitter() == Splitter::Random { "extremely randomised " } else { "" };
                let mut phrases = vec![format!("{count} {shape}{}", trees(count))];
                phrases.extend(params.max_depth().map(depth));
                phrases.push(format!("leaf {}", params.min_samples_leaf()));
                phrases
            }),
            EstimatorParams::Boosting(params) => params.check_ref().map_or(Vec::new(), |params| {
                let (count, symmetric) = (params.n_estimators(), params.symmetric());
                let shape = if symmetric { "symmetric " } else { "" };
                let mut phrases = vec![format!("{count} {shape}{}", trees(count))];
                phrases.extend(params.max_depth().map(depth));
                // They limit no symmetric tree.
                let leaves = params.num_leaves().filter(|_| !symmetric);
                phrases.extend(leaves.map(|leaves| format!("{leaves} leaves")));
                // As JSON writes it, so that a rate of 1 is 1.0.
                phrases.push(format!("rate {}", Value::from(params.learning_rate())));
                phrases.extend(params.distillation().map(|distillation| match distillation.networks {
                    1 => "distilled from 1 network".to_owned(),
                    networks => format!("distilled from {networks} networks"),
                }));
                phrases
            }),
            EstimatorParams::Blend(recipe) => vec![format!("{} members", recipe.members.len())],
        }
    }
}

/// The parameters of a member as those of an estimator.
pub(crate) fn member_params(member: &MemberParams) -> EstimatorParams {
    match member.clone() {
        MemberParams::DecisionTree(params) => EstimatorParams::Tree(params),
        MemberParams::RandomForest(params) => EstimatorParams::Forest(params),
        MemberParams::GradientBoosting(params) => EstimatorParams::Boosting(params),
    }
}

fn depth(depth: usize) -> String {
    format!("depth {depth}")
}

/// Serialises parameters as their description.
pub(crate) fn serialize_description<S: Serializer>(params: &EstimatorParams, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&params.describe())
}

/// Serialises parameters as pairs of name and value, both as text.
pub(crate) fn serialize_entries<S: Serializer>(params: &EstimatorParams, serializer: S) -> Result<S::Ok, S::Error> {
    params.entries().serialize(serializer)
}
