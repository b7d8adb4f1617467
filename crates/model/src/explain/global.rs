//! A model explained as a whole, on rows that it was not fitted on, with a few tracks as examples.

use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::counterfactual::{counterfactuals, Counterfactuals};
use super::explainers::Explainers;
use super::local::{explain, ContributionScale, Explanation};
use super::partial_dependence::{self, partial_dependence, PartialDependence};
use super::permutation::{self, permutation_importance, Permutation};
pub use super::settings::ExplanationSettings;
use super::subsample;
use crate::missing::FeatureMask;
use crate::model::Model;
use crate::reference::FeatureQuantiles;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_trees::Explainer;

/// Which rows a model is explained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldOutKind {
    /// Test rows of artists that training had no row of.
    UnseenArtists,
    /// All test rows: too few are of unseen artists.
    TestRows,
    /// Of tracks without artists, test rows of URIs and recordings that training had no row of.
    UnseenRecordings,
}

/// Rows that a model was not fitted on; all members have one entry a row.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// The model's features, and the labels.
    pub dataset: Dataset,
    /// Decade of each.
    pub decades: Vec<Option<Decade>>,
    /// Rows of one number, such as those of an artist, belong together.
    pub groups: Vec<u64>,
    /// What each is called, where that is known.
    pub names: Vec<TrackName>,
    /// Which they are.
    pub basis: HeldOutKind,
}

/// What a track is called. It is shown and never learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackName {
    /// Title of the track.
    pub track: String,
    /// Artist of the track.
    pub artist: String,
}

impl TrackName {
    /// `“Title” by Artist`, as far as they are known.
    pub fn in_words(&self) -> Option<String> {
        match (self.track.is_empty(), self.artist.is_empty()) {
            (false, false) => Some(format!("“{}” by {}", self.track, self.artist)),
            (false, true) => Some(format!("“{}”", self.track)),
            (true, false) => Some(format!("a track by {}", self.artist)),
            (true, true) => None,
        }
    }
}

/// A row's contribution of one feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeeswarmPoint {
    /// Shapley value in the explanation's scale, towards a hit if above 0.
    pub contribution: f64,
    /// Rank of the value among those of the rows shown: 0 the least, 1 the greatest, equal values alike; NaN of a missing value.
    pub rank: f64,
}

/// Contributions of one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureShap {
    /// A feature of the model.
    pub feature: Feature,
    /// Mean of the absolute contributions.
    pub mean_absolute: f64,
    /// Those of a sample of rows.
    pub points: Vec<BeeswarmPoint>,
}

/// Contributions of all features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapSummary {
    /// Rows that the means are over.
    pub rows: u64,
    /// The scale of the contributions.
    pub scale: ContributionScale,
    /// Mean answer over the training rows.
    pub base: f64,
    /// Greatest mean first.
    pub features: Vec<FeatureShap>,
}

/// Why a track is an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExampleKind {
    /// The hit of the greatest probability.
    ClearHit,
    /// The flop of the least probability.
    ClearFlop,
    /// The track whose probability is nearest to the threshold.
    Borderline,
}

/// A track explained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Why it is one.
    pub kind: ExampleKind,
    /// What it is called.
    pub name: Option<TrackName>,
    /// What it was.
    pub actual: Label,
    /// Its prediction in parts.
    pub explanation: Explanation,
    /// The smallest changes with which it would be called otherwise.
    pub alternatives: Counterfactuals,
}

/// Everything that is said of why a model answers as it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanations {
    /// Which rows it was explained on.
    pub basis: HeldOutKind,
    /// How many of those there are, of which samples are sampled.
    pub rows: u64,
    /// How much was computed.
    pub settings: ExplanationSettings,
    /// Contributions of the features to the explained rows.
    pub shap: ShapSummary,
    /// What the model loses without a feature.
    pub permutation: Permutation,
    /// What it answers as a feature changes, of the features with the greatest contributions.
    pub partial_dependence: Vec<PartialDependence>,
    /// A clear hit, a clear flop, a borderline track; where there are such.
    pub examples: Vec<Example>,
}

impl Explanations {
    /// Whether partial dependence is known by decade.
    pub fn has_decades(&self) -> bool {
        self.partial_dependence.iter().any(|one| !one.by_decade.is_empty())
    }
}

/// Explains `model` on rows held out.
///
/// # Errors
/// The rows have other features than the model, or are of one label only.
pub fn explanations(
    model: &Model,
    reference: &FeatureQuantiles,
    held_out: &HeldOut,
    settings: &ExplanationSettings,
) -> Result<Explanations> {
    let settings = &settings.within_visits(model.estimator.trees());
    let explainers = Explainers::new(model);
    let explainer = explainers.of(&model.answering(FeatureMask::NONE));
    let rows: Vec<usize> = (0..held_out.dataset.rows()).collect();
    let shap = shap_summary(model, explainer, held_out, &rows, settings);
    let permutation = permutation(model, held_out, &rows, settings)?;
    let top: Vec<Feature> = shap.features.iter().take(settings.dependence_features).map(|one| one.feature).collect();
    let dependence = partial_dependence::PartialDependenceSettings {
        rows_by_decade: settings.dependence_rows_by_decade,
        curves: settings.dependence_curves,
        seed: settings.seed,
    };
    Ok(Explanations {
        basis: held_out.basis,
        rows: rows.len() as u64,
        settings: *settings,
        partial_dependence: partial_dependence(model, &held_out.dataset, &held_out.decades, &top, &dependence)?,
        examples: examples(model, &explainers, reference, held_out, settings)?,
        shap,
        permutation,
    })
}

fn shap_summary(
    model: &Model,
    explainer: &Explainer,
    held_out: &HeldOut,
    rows: &[usize],
    settings: &ExplanationSettings,
) -> ShapSummary {
    let sampled = subsample::draw(rows, settings.shap_rows, &mut settings.seed.rng("shap rows", &[]));
    let places: Vec<usize> = (0..sampled.len()).collect();
    let shown = subsample::draw(&places, settings.beeswarm_rows, &mut settings.seed.rng("beeswarm rows", &[]));
    let records = held_out.dataset.records().select(Axis(0), &sampled);
    let contributions = explainer.shap(records.view());
    let of_feature = |(column, feature): (usize, Feature)| FeatureShap {
        feature,
        mean_absolute: contributions.column(column).iter().map(|one| one.abs()).sum::<f64>() / sampled.len() as f64,
        points: points(records.view(), contributions.view(), column, &shown),
    };
    let mut features: Vec<FeatureShap> = model.features().into_iter().enumerate().map(of_feature).collect();
    features.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute));
    ShapSummary {
        rows: sampled.len() as u64,
        scale: ContributionScale::of(&model.estimator),
        base: explainer.base(),
        features,
    }
}

fn points(
    records: ArrayView2<f64>,
    contributions: ArrayView2<f64>,
    column: usize,
    rows: &[usize],
) -> Vec<BeeswarmPoint> {
    let values: Vec<f64> = rows.iter().map(|&row| records[[row, column]]).collect();
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1).max(1) as f64;
    let rank = |value: f64| {
        if value.is_nan() {
            return f64::NAN;
        }
        let (below, at_most) =
            (sorted.partition_point(|&other| other < value), sorted.partition_point(|&other| other <= value));
        (below + at_most).saturating_sub(1) as f64 / 2.0 / last
    };
    let point = |(&row, &value): (&usize, &f64)| BeeswarmPoint {
        contribution: contributions[[row, column]],
        rank: rank(value),
    };
    rows.iter().zip(&values).map(point).collect()
}

fn permutation(
    model: &Model,
    held_out: &HeldOut,
    rows: &[usize],
    settings: &ExplanationSettings,
) -> Result<Permutation> {
    let sampled = subsample::draw(rows, settings.permutation_rows, &mut settings.seed.rng("permutation rows", &[]));
    let groups: Vec<u64> = sampled.iter().map(|&row| held_out.groups[row]).collect();
    let how = permutation::PermutationSettings { repeats: settings.permutation_repeats, seed: settings.seed };
    permutation_importance(model, &held_out.dataset.select(&sampled), &groups, &how)
}

fn examples(
    model: &Model,
    explainers: &Explainers,
    reference: &FeatureQuantiles,
    held_out: &HeldOut,
    settings: &ExplanationSettings,
) -> Result<Vec<Example>> {
    let rows: Vec<usize> = (0..held_out.dataset.rows()).collect();
    let rows = subsample::draw(&rows, settings.example_rows, &mut settings.seed.rng("example rows", &[]));
    let sampled = held_out.dataset.select(&rows);
    let probabilities = model.predict_proba(sampled.records())?.to_vec();
    let (kinds, rows): (Vec<ExampleKind>, Vec<usize>) =
        chosen(&probabilities, &sampled.targets().to_vec(), model.threshold)
            .into_iter()
            .map(|(kind, place)| (kind, rows[place]))
            .unzip();
    let records = held_out.dataset.records().select(Axis(0), &rows);
    let decades: Vec<Option<Decade>> = rows.iter().map(|&row| held_out.decades[row]).collect();
    // All at once, as a large model makes what an explanation needs for each call.
    let explanations = explain(model, explainers, reference, records.view(), &decades)?;
    let example = |(place, (kind, explanation)): (usize, (ExampleKind, Explanation))| {
        let row = rows[place];
        Ok(Example {
            kind,
            name: held_out.names.get(row).cloned(),
            actual: if held_out.dataset.targets()[row] { Label::Hit } else { Label::Flop },
            explanation,
            alternatives: counterfactuals(model, reference, decades[place], &records.row(place).to_vec())?,
        })
    };
    kinds.into_iter().zip(explanations).enumerate().map(example).collect()
}

/// Rows that make examples, the first of equals; no row twice.
fn chosen(probabilities: &[f64], hits: &[bool], threshold: f64) -> Vec<(ExampleKind, usize)> {
    let least = |rows: &mut dyn Iterator<Item = usize>, key: &dyn Fn(usize) -> f64| {
        rows.reduce(|best, row| if key(row) < key(best) { row } else { best })
    };
    let rows = 0..probabilities.len();
    let hit = least(&mut rows.clone().filter(|&row| hits[row]), &|row| -probabilities[row]);
    let flop = least(&mut rows.clone().filter(|&row| !hits[row]), &|row| probabilities[row]);
    let others = &mut rows.filter(|&row| Some(row) != hit && Some(row) != flop);
    let borderline = least(others, &|row| (probabilities[row] - threshold).abs());
    [(ExampleKind::ClearHit, hit), (ExampleKind::ClearFlop, flop), (ExampleKind::Borderline, borderline)]
        .into_iter()
        .filter_map(|(kind, row)| Some((kind, row?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::complete_tracks;
    use hitflop_core::seed::Seed;

    fn held_out(rows: &[usize]) -> (Model, FeatureQuantiles, HeldOut) {
        let all = complete_tracks(700);
        let train: Vec<usize> = (0..500).collect();
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Boosting), &all.select(&train)).expect("a model");
        let dataset = all.select(rows);
        let years = dataset.records().column(Feature::Decade as usize).to_vec();
        let held_out = HeldOut {
            decades: years.into_iter().map(|year| Decade::from_year(year as i32)).collect(),
            groups: (0..rows.len() as u64).collect(),
            names: Vec::new(),
            basis: HeldOutKind::TestRows,
            dataset,
        };
        (model, FeatureQuantiles::of(&all.select(&train)).expect("a reference"), held_out)
    }

    #[test]
    fn a_model_is_explained_as_a_whole() {
        let (model, reference, rows) = held_out(&(500..700).collect::<Vec<_>>());
        let settings =
            ExplanationSettings { shap_rows: 150, beeswarm_rows: 40, ..ExplanationSettings::new(false, Seed(42)) };
        let found = explanations(&model, &reference, &rows, &settings).expect("explanations");
        assert_eq!((found.rows, found.shap.rows, found.shap.features.len()), (200, 150, 16));
        assert_eq!(found.shap.features[0].feature, Feature::Danceability);
        assert!(found.shap.features.windows(2).all(|pair| pair[0].mean_absolute >= pair[1].mean_absolute));
        for one in &found.shap.features {
            assert_eq!(one.points.len(), 40);
            assert!(one.points.iter().all(|point| (0.0..=1.0).contains(&point.rank)));
        }
        assert_eq!(found.partial_dependence.len(), 6);
        assert_eq!(found.partial_dependence[0].feature, Feature::Danceability);
        assert_eq!(found.permutation.features.len(), 16);
        let [hit, flop, borderline] = &found.examples[..] else { panic!("three examples") };
        assert!(hit.actual == Label::Hit && hit.explanation.probability > borderline.explanation.probability);
        assert!(flop.actual == Label::Flop && flop.explanation.probability < borderline.explanation.probability);
        assert!(borderline.alternatives.one.is_some(), "a small step is enough");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
        assert_eq!(pool.install(|| explanations(&model, &reference, &rows, &settings)).expect("the same"), found);
    }

    #[test]
    fn examples_are_the_first_of_the_clearest() {
        use ExampleKind::{Borderline, ClearFlop, ClearHit};
        let probabilities = [0.9, 0.1, 0.9, 0.45, 0.95, 0.1];
        let hits = [true, false, true, true, false, false];
        assert_eq!(chosen(&probabilities, &hits, 0.5), [(ClearHit, 0), (ClearFlop, 1), (Borderline, 3)]);
        assert_eq!(chosen(&[0.7], &[true], 0.5), [(ClearHit, 0)]);
        assert_eq!(chosen(&[], &[], 0.5), []);
    }

    /// Ties share the middle of their places.
    #[test]
    fn points_have_ranks() {
        let records = ndarray::array![[1.0], [3.0], [3.0], [9.0], [4.0], [f64::NAN]];
        let contributions = ndarray::array![[0.1], [0.2], [0.3], [0.4], [0.5], [0.6]];
        let found = points(records.view(), contributions.view(), 0, &[0, 1, 2, 3, 4, 5]);
        let mut ranks: Vec<f64> = found.iter().map(|point| point.rank).collect();
        assert!(ranks.pop().is_some_and(f64::is_nan), "it is missing");
        assert_eq!(ranks, [0.0, 0.375, 0.375, 1.0, 0.75]);
        assert_eq!(found[3].contribution, 0.4);
    }
}
