//! What candidates are sampled from.

use rand::seq::IndexedRandom;
use rand::Rng;

use crate::blend::symmetric_boosting;
use crate::estimator::EstimatorParams;
use crate::param_value::ParamValue;
use hitflop_core::seed::Seed;
use hitflop_trees::{GradientBoostingParams, RowSampling};

/// The values that a draw chooses from, by parameter. Rows are sampled by minimal variance, as smaller samples then have the scores of
/// larger uniform ones.
struct SearchSpace {
    colsample_bytree: &'static [f64],
    l2_regularization: &'static [f64],
    max_depth: &'static [Option<usize>],
    num_leaves: &'static [Option<usize>],
    subsample: &'static [f64],
    symmetric: &'static [bool],
}

const SYMMETRIC: SearchSpace = SearchSpace {
    colsample_bytree: &[0.6, 0.7, 0.85, 1.0],
    l2_regularization: &[1.0, 3.0, 5.0, 10.0],
    max_depth: &[Some(5), Some(6), Some(7), Some(8)],
    num_leaves: &[None],
    subsample: &[0.4, 0.5, 0.6],
    symmetric: &[true],
};

const LEAF_WISE: SearchSpace = SearchSpace {
    colsample_bytree: &[0.5, 0.6, 0.8],
    l2_regularization: &[1.0, 3.0, 10.0, 30.0],
    max_depth: &[None],
    num_leaves: &[Some(24), Some(31), Some(48)],
    subsample: &[0.4, 0.5, 0.6],
    symmetric: &[false],
};

/// The parameters of a [`SearchSpace`], and the number of trees, which is chosen among the stages of a fit.
const SEARCHED: [&str; 8] = [
    "colsample_bytree",
    "l2_regularization",
    "max_depth",
    "n_estimators",
    "num_leaves",
    "sampling",
    "subsample",
    "symmetric",
];

impl SearchSpace {
    /// The base with a random value of each parameter. The order of the draws is part of what a seed means.
    fn draw(&self, base: &GradientBoostingParams, rng: &mut impl Rng) -> GradientBoostingParams {
        base.clone()
            .colsample_bytree(any(self.colsample_bytree, rng))
            .l2_regularization(any(self.l2_regularization, rng))
            .max_depth(any(self.max_depth, rng))
            .num_leaves(any(self.num_leaves, rng))
            .sampling(RowSampling::MinimalVariance)
            .subsample(any(self.subsample, rng))
            .symmetric(any(self.symmetric, rng))
    }
}

fn any<T: Copy>(values: &[T], rng: &mut impl Rng) -> T {
    *values.choose(rng).expect("a space has a value of each parameter")
}

/// The space that the candidate of an index is sampled from. Every fourth is leaf-wise: symmetric trees were the better ones on
/// tracks, but whoever reads the search should see by how much.
fn space(index: usize) -> &'static SearchSpace {
    match index % 4 {
        0 => &LEAF_WISE,
        _ => &SYMMETRIC,
    }
}

/// `number` candidates: `base`, the symmetric boosting that was good on tracks before, then such as are sampled; no two
/// alike unless a space has too few combinations.
pub(crate) fn candidates(base: &GradientBoostingParams, number: usize, seed: u64) -> Vec<GradientBoostingParams> {
    const MAX_CANDIDATE_DRAWS: usize = 100;
    let mut rng = Seed(seed).rng("boosting candidates", &[]);
    let mut candidates = vec![base.clone(), symmetric_boosting(base.clone())];
    candidates.truncate(number);
    while candidates.len() < number {
        let space = space(candidates.len());
        let mut sampled = space.draw(base, &mut rng);
        for _ in 0..MAX_CANDIDATE_DRAWS {
            if !candidates.contains(&sampled) {
                break;
            }
            sampled = space.draw(base, &mut rng);
        }
        candidates.push(sampled);
    }
    candidates
}

/// Name and value of the parameters that are searched, and the number of trees, in alphabetical order.
pub(crate) fn searched(params: &GradientBoostingParams) -> Vec<(String, ParamValue)> {
    let values = EstimatorParams::Boosting(params.clone()).values();
    values.into_iter().filter(|(name, _)| SEARCHED.contains(&name.as_str())).collect()
}
