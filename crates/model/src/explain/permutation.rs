//! Permutation importance: how much worse a model does on rows whose values of one feature have changed places (Breiman 2001;
//! Fisher, Rudin and Dominici 2019).
//!
//! Unlike the importances of a fit it is measured on rows that the model has not seen, and in the model's scores. A
//! feature whose part another can take over loses little, however much the model draws on it.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2, Axis};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::Model;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;
use hitflop_metrics::normal::Z_95_ROUNDED;
use hitflop_metrics::scores;

/// How it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PermutationSettings {
    /// Draws of groups, and of permutations, a feature. Default: 8; at least 2.
    pub repeats: usize,
    /// Seed of the draws. Default: 42.
    pub seed: Seed,
}

impl Default for PermutationSettings {
    fn default() -> PermutationSettings {
        PermutationSettings { repeats: 8, seed: Seed::default() }
    }
}

/// By how much a score is worse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreDrop {
    /// Mean over the repeats.
    pub mean: f64,
    /// Half the width of its 95 % interval: 1.96 standard deviations of the repeats, each of which draws other groups.
    pub half_width: f64,
}

/// What a model loses without one feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermutationImportance {
    /// The feature whose values are permuted.
    pub feature: Feature,
    /// Loss of ROC AUC.
    pub roc_auc: ScoreDrop,
    /// Loss of accuracy at the model's threshold.
    pub accuracy: ScoreDrop,
    /// Rise of the log loss.
    pub log_loss: ScoreDrop,
}

/// What a model loses without each of its features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// Rows measured on.
    pub rows: u64,
    /// Groups among them, such as artists.
    pub groups: u64,
    /// Repeats a feature.
    pub repeats: u64,
    /// ROC AUC on those rows as they are.
    pub roc_auc: f64,
    /// Accuracy on them.
    pub accuracy: f64,
    /// Log loss on them.
    pub log_loss: f64,
    /// By feature, in the model's order.
    pub features: Vec<PermutationImportance>,
}

#[derive(Clone, Copy)]
struct PermutationScores {
    roc_auc: f64,
    accuracy: f64,
    log_loss: f64,
}

/// Measures the features of `model` on the rows of `held_out`, which must be rows that it was not fitted on. `groups` says
/// which rows belong together, one a row: rows of one artist are not independent of one another. Each repeat draws a bootstrap
/// sample of the groups (a cluster bootstrap) and permutes the feature among the rows of the sample.
///
/// # Errors
/// There are fewer than two repeats, not as many `groups` as rows, other features than the model's, or rows of one label only.
pub(crate) fn permutation_importance(
    model: &Model,
    held_out: &Dataset,
    groups: &[u64],
    settings: &PermutationSettings,
) -> Result<Permutation> {
    check(model, held_out, groups, settings)?;
    let truth = held_out.targets().to_vec();
    let probabilities = model.predict_proba(held_out.records())?.to_vec();
    let rows_by_group = rows_by_group(groups);
    let whole = measures(&truth, &probabilities, model.threshold);
    let draws: Vec<Vec<usize>> = (0..settings.repeats)
        .map(|repeat| draw_both_labels(&rows_by_group, &truth, &mut settings.seed.rng("permutation", &[repeat as u64])))
        .collect();
    let jobs: Vec<(usize, usize)> =
        (0..model.inputs.len()).flat_map(|column| (0..draws.len()).map(move |repeat| (column, repeat))).collect();
    let drop = |&(column, repeat): &(usize, usize)| {
        let rows = &draws[repeat];
        let mut rng = settings.seed.rng("permuted column", &[column as u64, repeat as u64]);
        let truth: Vec<bool> = rows.iter().map(|&row| truth[row]).collect();
        let before: Vec<f64> = rows.iter().map(|&row| probabilities[row]).collect();
        let after = model.predict_proba(permuted(held_out.records(), rows, column, &mut rng).view())?.to_vec();
        let (before, after) = (measures(&truth, &before, model.threshold), measures(&truth, &after, model.threshold));
        Ok(PermutationScores {
            roc_auc: before.roc_auc - after.roc_auc,
            accuracy: before.accuracy - after.accuracy,
            log_loss: after.log_loss - before.log_loss,
        })
    };
    let drops = jobs.par_iter().map(drop).collect::<Result<Vec<PermutationScores>>>()?;
    let importance = |(feature, drops): (Feature, &[PermutationScores])| PermutationImportance {
        feature,
        roc_auc: summary(drops, |drop| drop.roc_auc),
        accuracy: summary(drops, |drop| drop.accuracy),
        log_loss: summary(drops, |drop| drop.log_loss),
    };
    Ok(Permutation {
        rows: held_out.rows() as u64,
        groups: rows_by_group.len() as u64,
        repeats: settings.repeats as u64,
        roc_auc: whole.roc_auc,
        accuracy: whole.accuracy,
        log_loss: whole.log_loss,
        features: model.features().into_iter().zip(drops.chunks_exact(settings.repeats)).map(importance).collect(),
    })
}

fn check(model: &Model, held_out: &Dataset, groups: &[u64], settings: &PermutationSettings) -> Result<()> {
    let refuse = |place: Place, reason, rule: &str, found: String| {
        Err(Error::input(Fault::new(place, reason, rule).found(found)))
    };
    let hits = held_out.hits();
    if settings.repeats < 2 {
        return refuse(
            Place::parameter("repeats"),
            Reason::Setting,
            "expected at least 2",
            settings.repeats.to_string(),
        );
    }
    if hits == 0 || hits == held_out.rows() {
        let found = format!("{hits} hits, {} flops", held_out.rows() - hits);
        return refuse(Place::table("held-out rows"), Reason::TooFewRows, "expected both hits and flops", found);
    }
    if held_out.features() != model.features() || groups.len() != held_out.rows() {
        return Err(Error::Failed(format!(
            "permutation importance takes the {} features of the model and a group a row, not {} features and {} groups for {} rows",
            model.inputs.len(),
            held_out.features().len(),
            groups.len(),
            held_out.rows()
        )));
    }
    Ok(())
}

/// The rows of each group, in the order of the groups.
fn rows_by_group(groups: &[u64]) -> Vec<Vec<usize>> {
    let mut rows = BTreeMap::<u64, Vec<usize>>::new();
    groups.iter().enumerate().for_each(|(row, &group)| rows.entry(group).or_default().push(row));
    rows.into_values().collect()
}

/// The rows of as many groups as there are, sampled with replacement; again, should they be of one label only.
fn draw_both_labels(groups: &[Vec<usize>], truth: &[bool], rng: &mut impl Rng) -> Vec<usize> {
    const MAX_REDRAWS: usize = 100;
    for _ in 0..MAX_REDRAWS {
        let sampled: Vec<usize> =
            (0..groups.len()).flat_map(|_| groups[rng.random_range(0..groups.len())].iter().copied()).collect();
        let hits = sampled.iter().filter(|&&row| truth[row]).count();
        if hits > 0 && hits < sampled.len() {
            return sampled;
        }
    }
    // So few groups that one of a label is hardly ever sampled: all of them.
    groups.iter().flatten().copied().collect()
}

/// The rows, with the values of one column in another order.
fn permuted(records: ArrayView2<f64>, rows: &[usize], column: usize, rng: &mut impl Rng) -> Array2<f64> {
    let mut chosen = records.select(Axis(0), rows);
    let mut values = chosen.column(column).to_vec();
    values.shuffle(rng);
    chosen.column_mut(column).iter_mut().zip(values).for_each(|(to, value)| *to = value);
    chosen
}

fn measures(truth: &[bool], probabilities: &[f64], threshold: f64) -> PermutationScores {
    PermutationScores {
        // Both labels are there.
        roc_auc: scores::roc_auc(truth, probabilities).unwrap_or(f64::NAN),
        accuracy: scores::confusion(truth, probabilities, threshold).accuracy(),
        log_loss: scores::log_loss(truth, probabilities),
    }
}

fn summary(drops: &[PermutationScores], of: impl Fn(&PermutationScores) -> f64) -> ScoreDrop {
    let count = drops.len() as f64;
    let mean = drops.iter().map(&of).sum::<f64>() / count;
    let variance = drops.iter().map(|drop| (of(drop) - mean).powi(2)).sum::<f64>() / (count - 1.0);
    ScoreDrop { mean, half_width: Z_95_ROUNDED * variance.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::tracks;

    fn parts() -> (Model, Dataset) {
        let all = tracks(1500);
        let (train, test): (Vec<usize>, Vec<usize>) = ((0..1000).collect(), (1000..1500).collect());
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Boosting), &all.select(&train)).expect("a model");
        (model, all.select(&test))
    }

    fn alone(rows: usize) -> Vec<u64> {
        (0..rows as u64).collect()
    }

    #[test]
    fn what_decides_is_missed_and_what_does_not_is_not() {
        let (model, test) = parts();
        let found =
            permutation_importance(&model, &test, &alone(500), &PermutationSettings::default()).expect("importances");
        let [danceability, key, duration] = [0, 1, 2].map(|column| found.features[column]);
        assert_eq!((danceability.feature, key.feature), (Feature::Danceability, Feature::Key));
        assert!(danceability.roc_auc.mean > 0.2 && duration.roc_auc.mean > 0.03, "{found:?}");
        assert!(key.roc_auc.mean.abs() < 0.01, "the label does not depend on the key: {key:?}");
        assert!(danceability.roc_auc.mean - danceability.roc_auc.half_width > duration.roc_auc.mean);
        assert!(danceability.log_loss.mean > 0.1 && danceability.accuracy.mean > 0.1);
        assert_eq!((found.rows, found.groups, found.repeats), (500, 500, 8));
        let truth = test.targets().to_vec();
        let probabilities = model.predict_proba(test.records()).expect("probabilities").to_vec();
        assert_eq!(Some(found.roc_auc), scores::roc_auc(&truth, &probabilities));
    }

    /// A draw of whole groups holds each row as often as its group was sampled.
    #[test]
    fn groups_are_drawn_whole() {
        let groups: Vec<u64> = (0..60).map(|row| row / 3).collect();
        let by_group = rows_by_group(&groups);
        assert_eq!(by_group.len(), 20);
        let truth: Vec<bool> = (0..60).map(|row| row % 2 == 0).collect();
        let sampled = draw_both_labels(&by_group, &truth, &mut Seed(1).rng("draw", &[]));
        assert_eq!(sampled.len(), 60);
        for chunk in sampled.chunks(3) {
            assert_eq!(chunk, [chunk[0], chunk[0] + 1, chunk[0] + 2]);
        }
        let distinct: std::collections::BTreeSet<usize> = sampled.iter().copied().collect();
        assert!(distinct.len() < 60, "some are drawn twice");
        // One hit that is hardly ever sampled with a flop.
        let rare: Vec<bool> = (0..2).map(|row| row == 0).collect();
        let sampled = draw_both_labels(&rows_by_group(&[0, 1]), &rare, &mut Seed(3).rng("draw", &[]));
        assert!(sampled.contains(&0) && sampled.contains(&1));
    }

    /// A column keeps its values, the others their places.
    #[test]
    fn only_one_column_is_permuted() {
        let (_, test) = parts();
        let rows: Vec<usize> = (0..500).collect();
        let found = permuted(test.records(), &rows, 0, &mut Seed(1).rng("permute", &[]));
        assert_eq!(found.column(1), test.records().column(1));
        let sorted = |values: ndarray::ArrayView1<f64>| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values
        };
        assert_ne!(found.column(0), test.records().column(0));
        assert_eq!(sorted(found.column(0)), sorted(test.records().column(0)));
    }

    #[test]
    fn draws_depend_on_the_seed_and_not_on_threads() {
        let (model, test) = parts();
        let measured = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let settings = PermutationSettings { repeats: 3, seed: Seed(seed) };
            pool.install(|| permutation_importance(&model, &test, &alone(500), &settings)).expect("importances")
        };
        assert_eq!(measured(1, 7), measured(3, 7));
        assert_ne!(measured(2, 7), measured(2, 8));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let (model, test) = parts();
        let message = |rows: &Dataset, repeats| {
            let settings = PermutationSettings { repeats, ..PermutationSettings::default() };
            permutation_importance(&model, rows, &alone(rows.rows()), &settings).expect_err("refused").to_string()
        };
        assert_eq!(message(&test, 1), r#"repeats: expected at least 2, found "1""#);
        let hits: Vec<usize> = (0..500).filter(|&row| test.targets()[row]).collect();
        let reported_hits = message(&test.select(&hits), 3);
        assert!(reported_hits.starts_with("held-out rows: expected both hits and flops, found "), "{reported_hits}");
        let few = test.with_features(&[Feature::Key]).expect("the key");
        assert!(message(&few, 3).contains("takes the 3 features of the model"), "{}", message(&few, 3));
    }
}
