//! What candidates are drawn from.

use rand::seq::IndexedRandom;

use crate::error::Result;
use crate::learn::boosting::GradientBoostingParams;
use crate::learn::estimator::Params;
use crate::seed::Seed;

/// The parameters that are searched, in alphabetical order, with the values that a draw chooses from.
const SPACE: [(&str, &[&str]); 5] = [
    ("colsample_bytree", &["0.5", "0.6", "0.8"]),
    ("l2_regularization", &["1", "3", "10", "30"]),
    ("min_samples_leaf", &["10", "20", "40"]),
    ("num_leaves", &["24", "31", "48"]),
    ("subsample", &["0.6", "0.8", "1"]),
];

/// `number` candidates: `base`, then such as are drawn, no two alike unless there are not as many combinations.
pub fn candidates(base: &GradientBoostingParams, number: usize, seed: u64) -> Result<Vec<GradientBoostingParams>> {
    const MOST_DRAWS: usize = 100;
    let mut rng = Seed(seed).rng("boosting candidates", &[]);
    let mut candidates = vec![Params::Boosting(base.clone())];
    while candidates.len() < number {
        let mut draw = || {
            let set = |params: Params, &(name, values): &(&str, &[&str])| match values.choose(&mut rng) {
                Some(value) => params.with(name, value),
                None => Ok(params),
            };
            SPACE.iter().try_fold(Params::Boosting(base.clone()), set)
        };
        let mut drawn = draw()?;
        for _ in 0..MOST_DRAWS {
            if !candidates.contains(&drawn) {
                break;
            }
            drawn = draw()?;
        }
        candidates.push(drawn);
    }
    let boosting = |params| match params {
        Params::Boosting(params) => params,
        // All are made from the base.
        other => unreachable!("parameters of the boosting became those of the {}", other.kind().name()),
    };
    Ok(candidates.into_iter().map(boosting).collect())
}

/// Name and value of the parameters that are searched, and the number of trees, in alphabetical order.
pub fn searched(params: &GradientBoostingParams) -> Vec<(String, String)> {
    let is_searched =
        |(name, _): &(String, String)| name == "n_estimators" || SPACE.iter().any(|(searched, _)| searched == name);
    Params::Boosting(params.clone()).entries().into_iter().filter(is_searched).collect()
}
