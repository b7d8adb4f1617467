//! What candidates are drawn from.

use rand::seq::IndexedRandom;

use crate::estimator::EstimatorParams;
use hitflop_core::error::Result;
use hitflop_core::seed::Seed;
use hitflop_trees::GradientBoostingParams;

/// The parameters that are searched, in alphabetical order, with the values that a draw chooses from.
type Space = [(&'static str, &'static [&'static str]); 6];

const SYMMETRIC: Space = [
    ("colsample_bytree", &["0.6", "0.7", "0.85", "1"]),
    ("l2_regularization", &["1", "3", "5", "10"]),
    ("max_depth", &["5", "6", "7", "8"]),
    ("num_leaves", &["none"]),
    ("subsample", &["0.7", "0.8", "0.9", "1"]),
    ("symmetric", &["true"]),
];

const LEAF_WISE: Space = [
    ("colsample_bytree", &["0.5", "0.6", "0.8"]),
    ("l2_regularization", &["1", "3", "10", "30"]),
    ("max_depth", &["none"]),
    ("num_leaves", &["24", "31", "48"]),
    ("subsample", &["0.6", "0.8", "1"]),
    ("symmetric", &["false"]),
];

/// The space that the candidate of an index is drawn from. Every fourth is leaf-wise: symmetric trees were the better ones on
/// tracks, but whoever reads the search should see by how much.
fn space(index: usize) -> &'static Space {
    match index % 4 {
        0 => &LEAF_WISE,
        _ => &SYMMETRIC,
    }
}

/// `number` candidates: `base`, then such as are drawn, no two alike unless a space has too few combinations.
pub fn candidates(base: &GradientBoostingParams, number: usize, seed: u64) -> Result<Vec<GradientBoostingParams>> {
    const MAX_CANDIDATE_DRAWS: usize = 100;
    let mut rng = Seed(seed).rng("boosting candidates", &[]);
    let mut candidates = vec![EstimatorParams::Boosting(base.clone())];
    while candidates.len() < number {
        let mut draw = || {
            let set = |params: EstimatorParams, &(name, values): &(&str, &[&str])| match values.choose(&mut rng) {
                Some(value) => params.with(name, value),
                None => Ok(params),
            };
            space(candidates.len()).iter().try_fold(EstimatorParams::Boosting(base.clone()), set)
        };
        let mut drawn = draw()?;
        for _ in 0..MAX_CANDIDATE_DRAWS {
            if !candidates.contains(&drawn) {
                break;
            }
            drawn = draw()?;
        }
        candidates.push(drawn);
    }
    let boosting = |params| match params {
        EstimatorParams::Boosting(params) => params,
        // All are made from the base.
        other => unreachable!("parameters of the boosting became those of the {}", other.kind().name()),
    };
    Ok(candidates.into_iter().map(boosting).collect())
}

/// Name and value of the parameters that are searched, and the number of trees, in alphabetical order.
pub fn searched(params: &GradientBoostingParams) -> Vec<(String, String)> {
    let is_searched =
        |(name, _): &(String, String)| name == "n_estimators" || SYMMETRIC.iter().any(|(searched, _)| searched == name);
    EstimatorParams::Boosting(params.clone()).entries().into_iter().filter(is_searched).collect()
}
