//! A blend as an estimator: several members, whose log odds are a weighted sum of the members' margins.

use std::sync::OnceLock;

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use hitflop_core::error::{Error, Result};
use hitflop_metrics::split::Folds;
use hitflop_trees::{
    Blend, BlendParams, BlendWeights, Distillation, GradientBoosting, GradientBoostingParams, MaxFeatures,
    MemberParams, RandomForestParams, RowSampling, TreesError,
};

/// Folds on which weights are found that are not given.
const FOLDS: usize = 3;

/// What a blend is fitted with: its members, and their weights once they are known.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `members` | symmetric boosting, distilled symmetric boosting, extremely randomised trees | 1 to 32, each legal by itself |
/// | `weights` | none: found on three stratified folds of the training rows | none, or one a member, each at least 0 |
/// | `seed` | 0 | draws the folds |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlendRecipe {
    /// With what the members are fitted.
    pub members: Vec<MemberParams>,
    /// The weights; none to find them at each fit.
    pub weights: Option<MemberWeights>,
    /// What draws the folds on which weights are found.
    pub seed: u64,
}

/// Weights of the members of a blend that were found before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberWeights {
    /// What is added to the weighted sum of the margins.
    pub intercept: f64,
    /// One a member, at least 0; a member of weight 0 is not fitted.
    pub weights: Vec<f64>,
    /// How much of the blend each member moves, summing to 1.
    pub shares: Vec<f64>,
}

impl Default for BlendRecipe {
    fn default() -> BlendRecipe {
        let boosting = symmetric_boosting(GradientBoostingParams::new()).n_estimators(950).learning_rate(0.06);
        BlendRecipe { members: BlendRecipe::with(boosting, 0), weights: None, seed: 0 }
    }
}

/// The same with symmetric trees of depth 7, each grown on a sample of the rows and features.
pub(crate) fn symmetric_boosting(base: GradientBoostingParams) -> GradientBoostingParams {
    base.symmetric(true)
        .num_leaves(None)
        .max_depth(Some(7))
        .colsample_bytree(0.7)
        .sampling(RowSampling::MinimalVariance)
        .subsample(0.5)
        .l2_regularization(3.0)
}

impl BlendRecipe {
    /// The members of a blend with this boosting: the boosting itself, one that is distilled from neural networks, and extremely randomised
    /// trees, each with a seed of its own.
    pub fn with(boosting: GradientBoostingParams, seed: u64) -> Vec<MemberParams> {
        let distilled = symmetric_boosting(GradientBoostingParams::new())
            .n_estimators(1000)
            .learning_rate(0.08)
            .subsample(0.25)
            .distillation(Distillation::default())
            .seed(seed.wrapping_add(1));
        let randomised = RandomForestParams::extra_trees().n_estimators(100).max_features(MaxFeatures::All);
        vec![boosting.seed(seed).into(), distilled.into(), randomised.seed(seed.wrapping_add(2)).into()]
    }

    /// The members of a blend that takes little more time than the boosting: the boosting itself and a few extremely randomised trees.
    pub fn with_few_trees(boosting: GradientBoostingParams, seed: u64) -> Vec<MemberParams> {
        let randomised = RandomForestParams::extra_trees().n_estimators(25).max_features(MaxFeatures::Fraction(0.5));
        vec![boosting.seed(seed).into(), randomised.seed(seed.wrapping_add(2)).into()]
    }

    /// The same with other seeds.
    pub(crate) fn seeded(self, seed: u64) -> BlendRecipe {
        let seeded = |(index, member): (usize, MemberParams)| {
            let seed = seed.wrapping_add(index as u64);
            match member {
                MemberParams::DecisionTree(params) => MemberParams::DecisionTree(params),
                MemberParams::RandomForest(params) => MemberParams::RandomForest(params.seed(seed)),
                MemberParams::GradientBoosting(params) => MemberParams::GradientBoosting(params.seed(seed)),
            }
        };
        BlendRecipe { members: self.members.into_iter().enumerate().map(seeded).collect(), seed, ..self }
    }

    /// The first boosting among the members; none without one.
    pub(crate) fn boosting(&self) -> Option<&GradientBoostingParams> {
        self.members.iter().find_map(|member| match member {
            MemberParams::GradientBoosting(params) => Some(params),
            _ => None,
        })
    }

    fn params(&self) -> BlendParams {
        self.members.iter().cloned().fold(BlendParams::new(), BlendParams::member)
    }

    /// Checks members and weights.
    ///
    /// # Errors
    /// A parameter is outside its range.
    pub(crate) fn check(&self) -> Result<()> {
        self.params().check_ref()?;
        let Some(MemberWeights { intercept, weights, shares }) = &self.weights else { return Ok(()) };
        let is_legal = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        if [weights.len(), shares.len()] != [self.members.len(); 2]
            || !intercept.is_finite()
            || !weights.iter().chain(shares).all(is_legal)
        {
            let rule = format!("expected {} numbers of at least 0, one a member, and an intercept", self.members.len());
            return Err(Error::from(TreesError::Parameter { name: "weights", rule, value: format!("{weights:?}") }));
        }
        Ok(())
    }

    /// Fits all members to all rows; the weights are found on folds first if they are not given.
    ///
    /// # Errors
    /// A parameter is outside its range, or the rows are none that a member can be fitted to.
    pub(crate) fn fit(&self, records: ArrayView2<f64>, targets: ArrayView1<bool>) -> Result<FittedBlend> {
        self.check()?;
        let rows = DatasetBase::new(records, targets);
        let blend = match &self.weights {
            Some(MemberWeights { intercept, weights, shares }) => {
                let (weights, shares) = (weights.clone(), shares.clone());
                let weights = BlendWeights { intercept: *intercept, weights, shares, log_loss: 0.0 };
                self.params().check()?.fit_members(&rows, &weights)?
            }
            None => {
                let targets: Vec<bool> = targets.to_vec();
                let folds = Folds::stratified(&targets, FOLDS, self.seed)?;
                let mut fold_of_row = vec![0; targets.len()];
                (0..FOLDS).for_each(|fold| folds.split(fold).test.iter().for_each(|&row| fold_of_row[row] = fold));
                self.params().folds(fold_of_row).check()?.fit(&rows)?
            }
        };
        FittedBlend::new(blend)
    }

    /// `blend of gradient boosting, 950 symmetric trees …; …`.
    pub(crate) fn describe(&self, describe: impl Fn(&MemberParams) -> String) -> String {
        let members: Vec<String> = self.members.iter().map(describe).collect();
        format!("blend of {}", members.join("; "))
    }
}

impl From<&BlendWeights> for MemberWeights {
    fn from(found: &BlendWeights) -> MemberWeights {
        let BlendWeights { intercept, weights, shares, .. } = found.clone();
        MemberWeights { intercept, weights, shares }
    }
}

/// A fitted blend, with its trees as one sum once they are needed.
#[derive(Clone, Debug)]
pub struct FittedBlend {
    blend: Blend,
    merged: OnceLock<GradientBoosting>,
}

impl PartialEq for FittedBlend {
    fn eq(&self, other: &FittedBlend) -> bool {
        self.blend == other.blend
    }
}

impl FittedBlend {
    /// A blend whose members have so few cuts that they can be one sum of trees.
    ///
    /// # Errors
    /// They have more than 65,534 cuts of a feature together.
    pub(crate) fn new(blend: Blend) -> Result<FittedBlend> {
        const MAX_CUTS: usize = 65_534;
        let cuts = |feature: usize| blend.members().iter().map(|one| one.model.trees().cuts()[feature].len()).sum();
        if let Some(count) = (0..blend.n_features()).map(cuts).find(|&count: &usize| count > MAX_CUTS) {
            return Err(Error::Failed(format!("a blend has {count} cuts of a feature, more than {MAX_CUTS}")));
        }
        Ok(FittedBlend { blend, merged: OnceLock::new() })
    }

    /// The members with their weights.
    pub fn blend(&self) -> &Blend {
        &self.blend
    }

    /// All trees as one sum, made at the first call.
    pub(crate) fn merged(&self) -> &GradientBoosting {
        // The cuts were counted when it was made, and nothing else can fail.
        self.merged.get_or_init(|| self.blend.to_boosting().expect("few cuts of each feature"))
    }
}
