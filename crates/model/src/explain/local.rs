//! One track explained: the contribution of each feature to the model's answer, and the percentile ranks of its values.

use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::explainers::Explainers;
use crate::estimator::Estimator;
use crate::model::Model;
use crate::reference::{FeatureQuantiles, PercentileRank};
use crate::scoring::Prediction;
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_trees::GradientBoosting;

/// The scale that contributions add up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContributionScale {
    /// Natural logarithm of the odds of a hit; of a boosting.
    LogOdds,
    /// Probability of a hit; of tree and forest.
    Probability,
}

impl ContributionScale {
    /// The scale in which an estimator's trees add up.
    pub fn of(estimator: &Estimator) -> ContributionScale {
        match estimator {
            Estimator::Boosting(_) | Estimator::Blend(_) => ContributionScale::LogOdds,
            Estimator::Tree(_) | Estimator::Forest(_) => ContributionScale::Probability,
        }
    }

    /// The probability of a hit at a value on this scale, before any calibration.
    pub fn probability(self, value: f64) -> f64 {
        match self {
            ContributionScale::LogOdds => GradientBoosting::probability_of_log_odds(value),
            ContributionScale::Probability => value,
        }
    }

    /// `log odds` or `probability`.
    pub fn name(self) -> &'static str {
        match self {
            ContributionScale::LogOdds => "log odds",
            ContributionScale::Probability => "probability",
        }
    }
}

/// The contribution of one feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// A feature of the model.
    pub feature: Feature,
    /// The track's value in the feature's unit; none if it is missing.
    pub value: Option<f64>,
    /// Its Shapley value, towards a hit if above 0.
    pub contribution: f64,
    /// Rank of the value among the tracks of the decade.
    #[serde(rename = "standing")]
    pub percentile_rank: PercentileRank,
}

/// A prediction in parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Decade whose tracks the values are ranked among; none if it is unknown or has no training row, or if training knew no decade, so
    /// that they are ranked among all training rows.
    pub decade: Option<Decade>,
    /// The scale of base, contributions and output.
    pub scale: ContributionScale,
    /// Mean answer over the training rows.
    pub base: f64,
    /// By feature, in the model's order.
    #[serde(rename = "pushes")]
    pub contributions: Vec<Contribution>,
    /// Base and contributions together: the estimator's answer.
    pub output: f64,
    /// Probability of a hit, as the model gives it.
    pub probability: f64,
    /// The model's threshold.
    pub threshold: f64,
    /// A hit if the probability is greater than the threshold.
    pub label: Label,
}

impl Explanation {
    /// The probability of the output before the calibration; `None` if there is no calibration, or it changes nothing.
    pub fn before_calibration(&self) -> Option<f64> {
        // The sum of the contributions is the answer to this.
        const ROUNDING: f64 = 1e-9;
        let raw = self.scale.probability(self.output);
        ((raw - self.probability).abs() > ROUNDING).then_some(raw)
    }

    /// The contributions, greatest first, whatever their sign.
    pub fn by_size(&self) -> Vec<Contribution> {
        let mut contributions = self.contributions.clone();
        contributions.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        contributions
    }
}

/// Explains each row of `records` (rows × features of the model; NaN is missing) by the estimator that answers it. `decades` are
/// those of the rows, where they are known; otherwise the value of the feature `decade` is taken, if the model has it.
///
/// # Errors
/// More or fewer columns than features, or an infinite value.
pub fn explain(
    model: &Model,
    explainers: &Explainers,
    reference: &FeatureQuantiles,
    records: ArrayView2<f64>,
    decades: &[Option<Decade>],
) -> Result<Vec<Explanation>> {
    let predictions = model.predict(records)?;
    let features = model.features();
    let mut explanations: Vec<Option<Explanation>> = vec![None; records.nrows()];
    for rows in model.routes(records) {
        let Some(&(_, missing)) = rows.first() else { continue };
        let answering = model.answering(missing);
        let explainer = explainers.of(&answering);
        let indices: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
        let contributions = explainer.shap(records.select(Axis(0), &indices).view());
        for (index, contributions) in indices.into_iter().zip(contributions.rows()) {
            let (row, Prediction { label, probability, threshold }) = (records.row(index), predictions[index]);
            let known = decades.get(index).copied().flatten().or_else(|| decade_of(&features, row));
            explanations[index] = Some(Explanation {
                decade: reference.group(known).and_then(|group| group.decade),
                scale: answering.scale(),
                base: explainer.base(),
                contributions: parts(&features, row, contributions, reference, known),
                output: explainer.base() + contributions.sum(),
                probability,
                threshold,
                label,
            });
        }
    }
    // Every row has a route.
    Ok(explanations.into_iter().flatten().collect())
}

/// The contribution of each feature, with the rank of its value.
fn parts(
    features: &[Feature],
    row: ArrayView1<f64>,
    contributions: ArrayView1<f64>,
    reference: &FeatureQuantiles,
    decade: Option<Decade>,
) -> Vec<Contribution> {
    let part = |((&feature, &value), &contribution): ((&Feature, &f64), &f64)| Contribution {
        feature,
        value: (!value.is_nan()).then_some(value),
        contribution,
        // The values of a category have no order, and its decade is the same for all.
        percentile_rank: match feature.is_quantity() {
            true => reference.percentile_rank(decade, feature, value),
            false => PercentileRank { hits: None, flops: None },
        },
    };
    features.iter().zip(row).zip(contributions).map(part).collect()
}

/// The decade in a row of features, if it is among them.
pub fn decade_of(features: &[Feature], row: ArrayView1<f64>) -> Option<Decade> {
    let year = row[features.iter().position(|feature| *feature == Feature::Decade)?];
    Decade::from_year(year as i32).filter(|decade| f64::from(decade.year()) == year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::complete_tracks;

    #[test]
    fn parts_add_up_and_values_have_a_rank() {
        let tracks = complete_tracks(300);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        for kind in EstimatorKind::SINGLE {
            let model = Model::fit(EstimatorParams::of(kind), &tracks).expect("a model");
            let explainers = Explainers::new(&model);
            let mut records = tracks.records().to_owned();
            records[[0, 3]] = f64::NAN;
            let found = explain(&model, &explainers, &reference, records.view(), &[]).expect("explanations");
            for (index, one) in found.iter().enumerate() {
                assert!((one.scale.probability(one.output) - one.probability).abs() < 1e-9);
                assert_eq!(one.before_calibration(), None);
                assert_eq!(one.label == Label::Hit, one.probability > 0.5);
                assert_eq!(one.decade.map(Decade::year), Some([1960, 1970][index % 2]));
                assert!(one.by_size().windows(2).all(|pair| pair[0].contribution.abs() >= pair[1].contribution.abs()));
            }
            let missing = found[0].contributions[3];
            assert_eq!(
                (missing.value, missing.percentile_rank.hits, missing.percentile_rank.flops),
                (None, None, None)
            );
            let key = found[0].contributions[2];
            assert_eq!(
                (key.feature, key.percentile_rank.hits, key.percentile_rank.flops),
                (Feature::Key, None, None),
                "a category"
            );
            let percentile_rank = found[0].contributions[0].percentile_rank;
            assert_eq!(
                percentile_rank,
                reference.percentile_rank(Decade::from_year(1960), Feature::Danceability, records[[0, 0]])
            );
        }
    }

    #[test]
    fn a_decade_may_be_given_and_may_be_unknown() {
        let tracks = complete_tracks(200);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let few = tracks.with_features(&[Feature::Danceability, Feature::Key]).expect("two features");
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Tree), &few).expect("a model");
        let explainers = Explainers::new(&model);
        let decade = |year| Decade::from_year(year);
        let decades = [decade(1970), decade(2010)];
        let found = explain(&model, &explainers, &reference, few.records(), &decades).expect("explanations");
        assert_eq!(found[0].decade, decade(1970));
        assert_eq!((found[1].decade, found[2].decade), (None, None), "no training row, and no decade given");
        assert_eq!(found[1].contributions[0].percentile_rank.hits, None);
        let reference = FeatureQuantiles::of(&few).expect("a reference");
        let found = explain(&model, &explainers, &reference, few.records(), &decades).expect("explanations");
        assert!(found.iter().all(|one| one.decade.is_none()), "training knew no decade");
        assert!(found.iter().all(|one| one.contributions[0].percentile_rank.hits.is_some()));
    }
}
