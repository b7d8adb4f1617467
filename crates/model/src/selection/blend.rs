//! A blend of the boosting that was searched with other learners, its weights found on the folds of the comparison.

use ndarray::Array2;
use serde::Serialize;

use super::cross_validation::{cross_validate, CrossValidated};
use crate::blend::{BlendRecipe, MemberWeights};
use crate::estimator::EstimatorParams;
use crate::estimator_text::{member_params, serialize_description};
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_metrics::scores::roc_auc;
use hitflop_metrics::split::Folds;
use hitflop_trees::{fit_weights, BlendWeights, GradientBoosting};

/// What a member adds to a blend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlendMemberScores {
    /// With what it is fitted. As JSON, a description.
    #[serde(serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// What its margin is multiplied by; 0 if it adds nothing.
    pub weight: f64,
    /// How much of the blend it moves; all add up to 1.
    pub share: f64,
    /// Mean ROC AUC over the folds, alone.
    pub roc_auc: f64,
    /// Mean ROC AUC over the folds of a blend of the other members.
    pub roc_auc_without: f64,
}

/// A blend with its results on the folds.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidatedBlend {
    /// Members and weights.
    pub recipe: BlendRecipe,
    /// Scores on each fold and out-of-fold probabilities. The weights are found on all folds together, and those of a few numbers
    /// on thousands of rows: the scores are a little too good by that.
    pub cross_validated: CrossValidated,
    /// What each member adds.
    pub members: Vec<BlendMemberScores>,
}

/// Cross-validates the members of a blend, of the first of which the out-of-fold probabilities may be `known`, and finds their weights on the
/// same folds of the dataset: they are not negative and minimise the log loss of the out-of-fold margins.
///
/// # Errors
/// The rows are none that a member can be fitted to.
pub fn cross_validate_blend(
    recipe: BlendRecipe,
    known: Option<&[f64]>,
    dataset: &Dataset,
    folds: &Folds,
) -> Result<CrossValidatedBlend> {
    let BlendRecipe { members, seed, .. } = recipe;
    let params: Vec<EstimatorParams> = members.iter().map(member_params).collect();
    let mut margins = Array2::zeros((dataset.rows(), members.len()));
    for (index, params) in params.iter().enumerate() {
        let of_member = match known {
            Some(known) if index == 0 => known.to_vec(),
            _ => cross_validate(params, dataset, folds)?.out_of_fold,
        };
        let column = of_member.into_iter().map(|probability| margin(params, probability));
        margins.column_mut(index).iter_mut().zip(column).for_each(|(to, margin)| *to = margin);
    }
    let truth = dataset.targets().to_vec();
    let found = fit_weights(margins.view(), &truth, None)?;
    let probabilities = blended(&margins, &found);
    let scored = params.iter().enumerate().map(|(index, params)| {
        let alone: Vec<f64> = margins.column(index).to_vec();
        Ok(BlendMemberScores {
            params: params.clone(),
            weight: found.weights[index],
            share: found.shares[index],
            roc_auc: mean_roc_auc(&truth, &alone, folds),
            roc_auc_without: mean_roc_auc(&truth, &without(&margins, index, &truth)?, folds),
        })
    });
    Ok(CrossValidatedBlend {
        members: scored.collect::<Result<Vec<BlendMemberScores>>>()?,
        recipe: BlendRecipe { members, weights: Some(MemberWeights::from(&found)), seed },
        cross_validated: CrossValidated::of(dataset.targets(), probabilities, folds),
    })
}

/// The margin of a member that gives this probability.
fn margin(params: &EstimatorParams, probability: f64) -> f64 {
    // A probability of exactly 0 or 1 has no finite log odds.
    const LEAST: f64 = 1e-12;
    let within = probability.clamp(LEAST, 1.0 - LEAST);
    match params {
        EstimatorParams::Boosting(_) => (within / (1.0 - within)).ln(),
        _ => probability,
    }
}

fn blended(margins: &Array2<f64>, found: &BlendWeights) -> Vec<f64> {
    let sum = |row: ndarray::ArrayView1<f64>| -> f64 {
        row.iter().zip(&found.weights).fold(found.intercept, |sum, (margin, weight)| sum + weight * margin)
    };
    margins.rows().into_iter().map(|row| GradientBoosting::probability_of_log_odds(sum(row))).collect()
}

/// Out-of-fold probabilities of a blend of all members but one.
fn without(margins: &Array2<f64>, member: usize, truth: &[bool]) -> Result<Vec<f64>> {
    let others: Vec<usize> = (0..margins.ncols()).filter(|&column| column != member).collect();
    let margins = margins.select(ndarray::Axis(1), &others);
    Ok(blended(&margins, &fit_weights(margins.view(), truth, None)?))
}

fn mean_roc_auc(truth: &[bool], margins: &[f64], folds: &Folds) -> f64 {
    let of_fold = |fold: usize| {
        let rows = folds.split(fold).test;
        let truth: Vec<bool> = rows.iter().map(|&row| truth[row]).collect();
        let margins: Vec<f64> = rows.iter().map(|&row| margins[row]).collect();
        roc_auc(&truth, &margins).unwrap_or(f64::NAN)
    };
    (0..folds.len()).map(of_fold).sum::<f64>() / folds.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::complete_tracks;
    use hitflop_trees::GradientBoostingParams;

    #[test]
    fn a_blend_is_at_least_as_good_as_its_members_on_the_folds() {
        let dataset = complete_tracks(600);
        let folds = Folds::stratified(&dataset.targets().to_vec(), 4, 7).expect("folds");
        let boosting = GradientBoostingParams::new().n_estimators(30);
        let params = EstimatorParams::Boosting(boosting.clone().seed(3));
        let own = cross_validate(&params, &dataset, &folds).expect("scores");
        let recipe = BlendRecipe { members: BlendRecipe::with(boosting, 3), weights: None, seed: 3 };
        let found = cross_validate_blend(recipe.clone(), Some(&own.out_of_fold), &dataset, &folds).expect("a blend");
        assert_eq!(cross_validate_blend(recipe, None, &dataset, &folds).expect("a blend"), found);
        let blend = found.cross_validated.scores.mean();
        assert!((found.members[0].roc_auc - own.scores.mean().roc_auc).abs() < 1e-9);
        for member in &found.members {
            assert!(member.weight >= 0.0 && blend.roc_auc > member.roc_auc - 0.005, "{found:?}");
        }
        assert!((found.members.iter().map(|member| member.share).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(blend.log_loss <= own.scores.mean().log_loss + 1e-9);
        let fitted = EstimatorParams::Blend(found.recipe).fit(&dataset).expect("a model");
        assert!(fitted.predict_proba(dataset.records()).iter().all(|one| (0.0..=1.0).contains(one)));
    }
}
