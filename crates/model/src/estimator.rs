//! All kinds of estimators as one.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blend::{BlendRecipe, FittedBlend};
use crate::estimator_text::member_params;
use crate::param_rule::{BrokenRule, JsonValue};
use crate::param_value::ParamValue;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_trees::Explainer;
use hitflop_trees::Trees;
use hitflop_trees::{DecisionTree, DecisionTreeParams};
use hitflop_trees::{GradientBoosting, GradientBoostingParams};
use hitflop_trees::{RandomForest, RandomForestParams};

/// Share of the trees of a forest that [`EstimatorParams::with_fewer_trees`] keeps.
const FEWER_TREES: f64 = 0.45;
/// The learning rate that a slower boosting is given. At 0.15 instead of 0.12 and with fewer trees in proportion, the mean ROC AUC of
/// tracks that lack features is 0.0007 lower (`benches/missing_features.rs`).
const FASTER_RATE: f64 = 0.15;
/// So many trees are left as they are.
const ENOUGH_TREES: usize = 100;

/// A kind of estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum EstimatorKind {
    /// Decision tree
    Tree,
    /// Random forest
    Forest,
    /// Gradient boosting
    Boosting,
    /// Blend of a boosting, a boosting distilled from neural networks, and extremely randomised trees, weighted by out-of-fold predictions
    Blend,
}

impl EstimatorKind {
    /// The kinds that are no blend, the simplest first.
    pub const SINGLE: [EstimatorKind; 3] = [EstimatorKind::Tree, EstimatorKind::Forest, EstimatorKind::Boosting];

    /// `tree`, `forest`, `boosting`, `blend`.
    pub fn name(self) -> &'static str {
        match self {
            EstimatorKind::Tree => "tree",
            EstimatorKind::Forest => "forest",
            EstimatorKind::Boosting => "boosting",
            EstimatorKind::Blend => "blend",
        }
    }

    /// `decision tree`, `random forest`, `gradient boosting`, `blend`.
    pub fn in_words(self) -> &'static str {
        match self {
            EstimatorKind::Tree => "decision tree",
            EstimatorKind::Forest => "random forest",
            EstimatorKind::Boosting => "gradient boosting",
            EstimatorKind::Blend => "blend",
        }
    }
}

/// What an estimator is fitted with, by kind. They are checked by [`EstimatorParams::fit`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EstimatorParams {
    /// Of a decision tree.
    Tree(DecisionTreeParams),
    /// Of a random forest.
    Forest(RandomForestParams),
    /// Of a gradient boosting.
    Boosting(GradientBoostingParams),
    /// Of a blend.
    Blend(BlendRecipe),
}

/// A fitted estimator.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimator {
    /// A decision tree.
    Tree(DecisionTree),
    /// A random forest.
    Forest(RandomForest),
    /// A gradient boosting.
    Boosting(GradientBoosting),
    /// A blend.
    Blend(FittedBlend),
}

impl EstimatorParams {
    /// The defaults of a kind: the notebook's tree, scikit-learn's forest, LightGBM's boosting.
    pub fn of(kind: EstimatorKind) -> EstimatorParams {
        match kind {
            EstimatorKind::Tree => EstimatorParams::Tree(DecisionTreeParams::new()),
            EstimatorKind::Forest => EstimatorParams::Forest(RandomForestParams::new()),
            EstimatorKind::Boosting => EstimatorParams::Boosting(GradientBoostingParams::new()),
            EstimatorKind::Blend => EstimatorParams::Blend(BlendRecipe::default()),
        }
    }

    /// Which kind they are of.
    pub fn kind(&self) -> EstimatorKind {
        match self {
            EstimatorParams::Tree(_) => EstimatorKind::Tree,
            EstimatorParams::Forest(_) => EstimatorKind::Forest,
            EstimatorParams::Boosting(_) => EstimatorKind::Boosting,
            EstimatorParams::Blend(_) => EstimatorKind::Blend,
        }
    }

    /// Sets one parameter by name; the value is written as in JSON, `none` for no limit: `("max_depth", "none")`.
    ///
    /// # Errors
    /// There is no such parameter, or the value is of another type than it takes. Whether it is in its range is checked by
    /// [`EstimatorParams::fit`].
    pub fn with(self, name: &str, value: &str) -> Result<EstimatorParams> {
        let mut members = self.members();
        // Not written where they are the defaults.
        let (of_kind, default) = match self {
            EstimatorParams::Forest(_) => (Some("splitter"), Value::from("best")),
            EstimatorParams::Boosting(_) => (Some("distillation"), Value::Null),
            EstimatorParams::Tree(_) | EstimatorParams::Blend(_) => (None, Value::Null),
        };
        if let Some(unwritten) = of_kind {
            members.entry(unwritten).or_insert(default);
        }
        if !members.contains_key(name) {
            let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
            names.sort_unstable();
            let rule = format!("no such parameter of the {}; there are {}", self.kind().name(), names.join(", "));
            return Err(Error::input(Fault::new(Place::parameter(name), Reason::Setting, rule)));
        }
        members.insert(name.to_owned(), ParamValue::parse(value).into());
        EstimatorParams::from_members(self.kind(), members).map_err(|BrokenRule(rule)| {
            Error::input(Fault::new(Place::parameter(name), Reason::Setting, rule).found(value))
        })
    }

    /// The parameters themselves, or of a blend those of its first boosting, or of its first member without one: what stands in for
    /// the blend where many fits are needed.
    pub fn single(&self) -> EstimatorParams {
        let EstimatorParams::Blend(recipe) = self else { return self.clone() };
        let boosting = recipe.boosting().cloned().map(EstimatorParams::Boosting);
        boosting.or_else(|| recipe.members.first().map(member_params)).unwrap_or_else(|| self.clone())
    }

    /// Parameters for a fit in less time: a boosting that learns at less than 0.15 learns at about 0.15, with fewer trees in
    /// proportion, and none is distilled; a forest has 45 % of its trees. Neither has fewer than a hundred trees for it. Others stay as they are.
    ///
    /// # Errors
    /// A parameter is outside its range.
    pub fn with_fewer_trees(&self) -> Result<EstimatorParams> {
        let fewer = |trees: usize, share: f64| ((trees as f64 * share).round() as usize).max(trees.min(ENOUGH_TREES));
        Ok(match self {
            EstimatorParams::Forest(params) => {
                EstimatorParams::Forest(params.n_estimators(fewer(params.check_ref()?.n_estimators(), FEWER_TREES)))
            }
            EstimatorParams::Boosting(params) => {
                let valid = params.check_ref()?;
                let (trees, rate) = (valid.n_estimators(), valid.learning_rate());
                let fewer = fewer(trees, (rate / FASTER_RATE).min(1.0));
                let faster = rate * trees as f64 / fewer as f64;
                EstimatorParams::Boosting(params.clone().n_estimators(fewer).learning_rate(faster).distillation(None))
            }
            EstimatorParams::Tree(_) | EstimatorParams::Blend(_) => self.clone(),
        })
    }

    /// Sets the seed, where the kind has one.
    pub fn seeded(self, seed: u64) -> EstimatorParams {
        match self {
            EstimatorParams::Tree(params) => EstimatorParams::Tree(params),
            EstimatorParams::Forest(params) => EstimatorParams::Forest(params.seed(seed)),
            EstimatorParams::Boosting(params) => EstimatorParams::Boosting(params.seed(seed)),
            EstimatorParams::Blend(recipe) => EstimatorParams::Blend(recipe.seeded(seed)),
        }
    }

    /// Name and value of every parameter, in alphabetical order.
    pub fn values(&self) -> Vec<(String, ParamValue)> {
        let mut values: Vec<(String, ParamValue)> =
            self.members().into_iter().map(|(name, value)| (name, ParamValue::from(value))).collect();
        values.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        values
    }

    /// As [`EstimatorParams::values`], in words.
    pub fn entries(&self) -> Vec<(String, String)> {
        self.values().into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// One is outside its range.
    pub fn check(&self) -> Result<()> {
        match self {
            EstimatorParams::Tree(params) => params.check_ref().map(drop)?,
            EstimatorParams::Forest(params) => params.check_ref().map(drop)?,
            EstimatorParams::Boosting(params) => params.check_ref().map(drop)?,
            EstimatorParams::Blend(recipe) => recipe.check()?,
        }
        Ok(())
    }

    /// Fits an estimator to all rows of the dataset.
    ///
    /// # Errors
    /// A parameter is outside its range, or the rows are none that the kind can be fitted to.
    pub fn fit(&self, dataset: &Dataset) -> Result<Estimator> {
        self.fit_records(dataset.records(), dataset.targets())
    }

    /// As [`EstimatorParams::fit`], to records that no feature names: for measuring how well a column predicts, never for a model.
    pub(super) fn fit_records(&self, records: ArrayView2<f64>, targets: ArrayView1<bool>) -> Result<Estimator> {
        let rows = DatasetBase::new(records, targets);
        Ok(match self {
            EstimatorParams::Tree(params) => Estimator::Tree(params.fit(&rows)?),
            EstimatorParams::Forest(params) => Estimator::Forest(params.fit(&rows)?),
            EstimatorParams::Boosting(params) => Estimator::Boosting(params.fit(&rows)?),
            EstimatorParams::Blend(recipe) => Estimator::Blend(recipe.fit(records, targets)?),
        })
    }

    fn members(&self) -> Map<String, Value> {
        let value = match self {
            EstimatorParams::Tree(params) => serde_json::to_value(params),
            EstimatorParams::Forest(params) => serde_json::to_value(params),
            EstimatorParams::Boosting(params) => serde_json::to_value(params),
            EstimatorParams::Blend(recipe) => serde_json::to_value(recipe),
        };
        match value {
            Ok(Value::Object(members)) => members,
            // They are structs of numbers, truth values and names.
            other => unreachable!("parameters are written as an object, not as {other:?}"),
        }
    }

    fn from_members(
        kind: EstimatorKind,
        members: Map<String, Value>,
    ) -> std::result::Result<EstimatorParams, BrokenRule> {
        let value = JsonValue(Value::Object(members));
        Ok(match kind {
            EstimatorKind::Tree => EstimatorParams::Tree(Deserialize::deserialize(value)?),
            EstimatorKind::Forest => EstimatorParams::Forest(Deserialize::deserialize(value)?),
            EstimatorKind::Boosting => EstimatorParams::Boosting(Deserialize::deserialize(value)?),
            EstimatorKind::Blend => EstimatorParams::Blend(Deserialize::deserialize(value)?),
        })
    }
}

impl Estimator {
    /// Which kind it is.
    pub fn kind(&self) -> EstimatorKind {
        match self {
            Estimator::Tree(_) => EstimatorKind::Tree,
            Estimator::Forest(_) => EstimatorKind::Forest,
            Estimator::Boosting(_) => EstimatorKind::Boosting,
            Estimator::Blend(_) => EstimatorKind::Blend,
        }
    }

    /// Probability of a hit for each row of `records` (rows × features; NaN is missing).
    ///
    /// # Panics
    /// `records` has another number of columns than it was fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        match self {
            Estimator::Tree(tree) => tree.predict_proba(records),
            Estimator::Forest(forest) => forest.predict_proba(records),
            Estimator::Boosting(boosting) => boosting.predict_proba(records),
            Estimator::Blend(fitted) => fitted.blend().predict_proba(records),
        }
    }

    /// Probability of a hit where the values of a row's leaves in [`Estimator::trees`] add up to `sum`: exactly what
    /// [`Estimator::predict_proba`] gives; of a blend but for rounding.
    pub fn probability_of_sum(&self, sum: f64) -> f64 {
        match self {
            Estimator::Tree(tree) => tree.probability_of_sum(sum),
            Estimator::Forest(forest) => forest.probability_of_sum(sum),
            Estimator::Boosting(boosting) => boosting.probability_of_sum(sum),
            Estimator::Blend(fitted) => fitted.merged().probability_of_sum(sum),
        }
    }

    /// Its trees in the common form of [`hitflop_trees`].
    pub fn trees(&self) -> &Trees {
        match self {
            Estimator::Tree(tree) => tree.trees(),
            Estimator::Forest(forest) => forest.trees(),
            Estimator::Boosting(boosting) => boosting.trees(),
            Estimator::Blend(fitted) => fitted.merged().trees(),
        }
    }

    /// Log odds to which the trees add; of a boosting.
    pub fn baseline(&self) -> Option<f64> {
        match self {
            Estimator::Boosting(boosting) => Some(boosting.baseline()),
            Estimator::Tree(_) | Estimator::Forest(_) | Estimator::Blend(_) => None,
        }
    }

    /// What splits its predictions into the contributions of the features: log odds for a boosting and a blend, probabilities for
    /// tree and forest.
    pub fn explainer(&self) -> Explainer {
        match self {
            Estimator::Tree(tree) => tree.explainer(),
            Estimator::Forest(forest) => forest.explainer(),
            Estimator::Boosting(boosting) => boosting.explainer(),
            Estimator::Blend(fitted) => fitted.blend().explainer(),
        }
    }

    /// Accuracy on the training rows that a tree was not given; of a forest with the option `oob_score`.
    pub fn oob_score(&self) -> Option<f64> {
        match self {
            Estimator::Forest(forest) => forest.oob().map(|oob| oob.score),
            Estimator::Tree(_) | Estimator::Boosting(_) | Estimator::Blend(_) => None,
        }
    }

    /// Each feature's share of what the splits on it bring, summing to 1: decrease of impurity for tree and forest, gain for
    /// the boosting.
    pub fn importances(&self) -> Vec<f64> {
        match self {
            Estimator::Tree(tree) => tree.trees().gini_importances(),
            Estimator::Forest(forest) => forest.importances().to_vec(),
            Estimator::Boosting(boosting) => boosting.importances().to_vec(),
            Estimator::Blend(fitted) => fitted.blend().importances(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::local::ContributionScale;
    use crate::fixtures::tracks;

    #[test]
    fn a_description_says_what_sets_parameters_apart() {
        let boosting = |settings: &[(&str, &str)]| {
            let set =
                |params: EstimatorParams, (name, value): &(&str, &str)| params.with(name, value).expect("a parameter");
            settings.iter().fold(EstimatorParams::of(EstimatorKind::Boosting), set).describe()
        };
        assert_eq!(boosting(&[]), "gradient boosting, 100 trees, 31 leaves, rate 0.1");
        assert_eq!(boosting(&[("n_estimators", "1")]), "gradient boosting, 1 tree, 31 leaves, rate 0.1");
        let distilled = boosting(&[("distillation", "true")]);
        assert_eq!(distilled, "gradient boosting, 100 trees, 31 leaves, rate 0.1, distilled from 4 networks");
        let one = boosting(&[("distillation", r#"{"networks": 1}"#), ("n_estimators", "1")]);
        assert_eq!(one, "gradient boosting, 1 tree, 31 leaves, rate 0.1, distilled from 1 network");
        assert_eq!(boosting(&[("distillation", "none")]), boosting(&[]));
        let symmetric = boosting(&[("symmetric", "true"), ("max_depth", "7")]);
        assert_eq!(symmetric, "gradient boosting, 100 symmetric trees, depth 7, rate 0.1");
    }

    #[test]
    fn fewer_trees_are_not_distilled() {
        let boosting = EstimatorParams::of(EstimatorKind::Boosting);
        let distilled = boosting.with("n_estimators", "400").and_then(|params| params.with("distillation", "true"));
        let fewer = distilled.and_then(|params| params.with_fewer_trees()).expect("legal");
        assert_eq!(fewer.describe(), "gradient boosting, 267 trees, 31 leaves, rate 0.149812734082397");
    }

    #[test]
    fn parameters_are_set_by_name() {
        let set = |kind, name: &str, value: &str| {
            EstimatorParams::of(kind).with(name, value).map_err(|error| error.to_string())
        };
        let forest = set(EstimatorKind::Forest, "max_depth", "7").expect("a depth");
        assert!(forest.entries().contains(&("max_depth".to_owned(), "7".to_owned())));
        assert_eq!(forest.with("max_depth", "none").expect("no depth"), EstimatorParams::of(EstimatorKind::Forest));
        let random = set(EstimatorKind::Forest, "splitter", "random").expect("a splitter");
        assert!(random.entries().contains(&("splitter".to_owned(), "random".to_owned())));
        assert_eq!(random.with("splitter", "best").expect("the default"), EstimatorParams::of(EstimatorKind::Forest));
        for value in ["sqrt", "log2", "all", "3", "0.5"] {
            let params = set(EstimatorKind::Forest, "max_features", value).expect(value);
            assert!(
                params.entries().contains(&("max_features".to_owned(), value.to_owned())),
                "{:?}",
                params.entries()
            );
        }
        assert_eq!(
            set(EstimatorKind::Tree, "depth", "7"),
            Err("depth: no such parameter of the tree; there are max_depth, min_samples_leaf".to_owned())
        );
        for value in ["many", "-1", "2.5"] {
            let rule = "expected a whole number without a sign";
            let message = Err(format!(r#"n_estimators: {rule}, found "{value}""#));
            assert_eq!(set(EstimatorKind::Boosting, "n_estimators", value), message);
            assert_eq!(set(EstimatorKind::Forest, "n_estimators", value), message);
        }
        for (kind, name, value, rule) in [
            (EstimatorKind::Boosting, "early_stopping", "-1", r#"none or {"validation_share": 0.1, "rounds": 20}"#),
            (EstimatorKind::Forest, "class_weight", "1,2", "none, balanced or [1, 2]"),
        ] {
            assert_eq!(set(kind, name, value), Err(format!(r#"{name}: expected {rule}, found "{value}""#)));
        }
        let defaults = set(EstimatorKind::Boosting, "early_stopping", "true").expect("the defaults");
        assert_eq!(defaults, set(EstimatorKind::Boosting, "early_stopping", "20").expect("as many rounds"));
        assert_eq!(
            defaults.with("early_stopping", "false").expect("none"),
            EstimatorParams::of(EstimatorKind::Boosting)
        );
        assert_eq!(
            set(EstimatorKind::Forest, "bootstrap", "1"),
            Err(r#"bootstrap: expected true or false, found "1""#.to_owned())
        );
        let error =
            set(EstimatorKind::Forest, "n_estimators", "0").expect("a number").check().expect_err("out of range");
        assert!(error.to_string().starts_with("n_estimators: expected "), "{error}");
    }

    /// Predictions, explanations and the search for counterfactuals share one way from a sum to a probability: bit for bit.
    #[test]
    fn a_probability_is_that_of_the_sum_of_the_leaves() {
        let dataset = tracks(400);
        for kind in EstimatorKind::SINGLE {
            let estimator = EstimatorParams::of(kind).fit(&dataset).expect("a model");
            let trees = estimator.trees();
            let scale = ContributionScale::of(&estimator);
            let probabilities = estimator.predict_proba(dataset.records());
            for (row, probability) in dataset.records().rows().into_iter().zip(probabilities) {
                let value = |tree: usize| trees.value(&trees.trees()[tree].leaves, trees.leaf(tree, row));
                let sum = (0..trees.trees().len()).map(value).fold(0.0, |sum, value| sum + value);
                assert_eq!(estimator.probability_of_sum(sum).to_bits(), probability.to_bits());
                let output = estimator.baseline().map_or(probability, |baseline| baseline + sum);
                assert_eq!(scale.probability(output).to_bits(), probability.to_bits());
            }
        }
    }

    #[test]
    fn fitted_estimators_are_explained_in_their_own_scale() {
        let dataset = tracks(600);
        let symmetric =
            |params: EstimatorParams| params.with("symmetric", "true").and_then(|params| params.with("max_depth", "6"));
        let forest = |params: EstimatorParams| params.with("class_weight", "[1, 3]");
        for params in [
            EstimatorParams::of(EstimatorKind::Tree),
            forest(EstimatorParams::of(EstimatorKind::Forest)).expect("weights"),
            EstimatorParams::of(EstimatorKind::Boosting),
            symmetric(EstimatorParams::of(EstimatorKind::Boosting)).expect("a shape"),
        ] {
            let estimator = params.fit(&dataset).expect("a model");
            let explainer = estimator.explainer();
            let mut records = dataset.records().to_owned();
            records.column_mut(1).iter_mut().step_by(7).for_each(|value| *value = f64::NAN);
            let found = explainer.shap(records.view());
            for (predicted, found) in estimator.predict_proba(records.view()).iter().zip(found.rows()) {
                let raw = match estimator {
                    Estimator::Boosting(_) => (predicted / (1.0 - predicted)).ln(),
                    _ => *predicted,
                };
                assert!((explainer.base() + found.sum() - raw).abs() < 1e-9);
            }
        }
    }
}
