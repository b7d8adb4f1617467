//! The scores of a model on two tables, or of two models on one table.

use serde::Serialize;

use super::Prediction;
use crate::probabilities::ReliabilityCurves;
use hitflop_core::track::Label;
use hitflop_metrics::bootstrap::{difference_intervals, intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::scores::{scores_of_labels, Scores};
use hitflop_metrics::two_sample::{ClusterBootstrap, DistanceEstimates, GroupedShare, ShareDifference, TwoSamples};

/// Tracks whose predictions differ most that are listed.
const LISTED_CHANGES: usize = 20;

/// Predictions of a table, with what is known of its tracks.
#[derive(Clone, Copy, Debug)]
pub struct PredictedTable<'a> {
    /// One a row.
    pub predictions: &'a [Prediction],
    /// Whether each row is a hit, as far as that is known.
    pub labels: Option<&'a [Option<bool>]>,
    /// Group of each row, as in the bootstrap.
    pub groups: &'a [u32],
}

/// The scores of a model on one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableScores {
    /// Tracks that were scored.
    pub rows: u64,
    /// Share of them that are predicted as hits.
    pub predicted_share: f64,
    /// Mean probability of a hit.
    pub mean_probability: f64,
    /// Share of the tracks by probability, in forty bins of equal width.
    pub histogram: Vec<f64>,
    /// Of the tracks with a label; none if there is none.
    pub labelled: Option<LabelledScores>,
}

/// The scores of a model on labelled tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelledScores {
    /// Tracks with a label.
    pub rows: u64,
    /// Hits among them.
    pub hits: u64,
    /// Scores of predicted labels and probabilities.
    pub scores: Scores,
    /// 95 % intervals by resampling groups; none of one group, or one label.
    pub intervals: Option<ScoreIntervals>,
    /// Calibration.
    pub reliability: ReliabilityCurves,
}

/// The scores of a model on the reference and on the current table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreComparison {
    /// Scores of each table.
    pub tables: [TableScores; 2],
    /// Share of tracks that are predicted as hits.
    pub predicted_share: ShareDifference,
    /// Distances of the distributions of the probabilities.
    pub distances: DistanceEstimates,
}

/// How the predictions of one table change from one model to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionChange {
    /// Tracks that were scored.
    pub rows: u64,
    /// Scores of the old and of the new model.
    pub models: [TableScores; 2],
    /// Share of tracks that are predicted as hits, by the old and by the new model.
    pub predicted_share: ShareDifference,
    /// Tracks that the old model predicts as flops and the new one as hits.
    pub flops_to_hits: u64,
    /// Tracks that the old model predicts as hits and the new one as flops.
    pub hits_to_flops: u64,
    /// Pearson correlation of the probabilities; none if either model gives every track the same.
    pub correlation: Option<f64>,
    /// Mean absolute difference of the probabilities.
    pub mean_absolute_change: f64,
    /// Distances of the distributions of the probabilities.
    pub distances: DistanceEstimates,
    /// 95 % intervals of accuracy and ROC AUC of the new model minus those of the old one, both on the same tracks.
    pub score_differences: Option<ScoreIntervals>,
    /// Rows whose probability changes most, the greatest change first.
    pub most_changed: Vec<usize>,
    /// Number of tracks by probability of the old model (rows) and of the new one (columns), in twenty bins of equal width each.
    pub joint_histogram: Vec<Vec<u64>>,
}

/// Bins of a histogram of probabilities.
const HISTOGRAM_BINS: usize = 40;
/// Bins of the joint histogram in each direction.
const JOINT_BINS: usize = 20;

/// The bin of a probability among so many of equal width.
fn bin(prediction: &Prediction, bins: usize) -> usize {
    ((prediction.probability * bins as f64) as usize).min(bins - 1)
}

impl TableScores {
    fn of(table: PredictedTable, bootstrap_seed: u64, resamples: usize) -> TableScores {
        let rows = table.predictions.len();
        let hits = table.predictions.iter().filter(|prediction| prediction.label == Label::Hit).count();
        let sum: f64 = table.predictions.iter().map(|prediction| prediction.probability).sum();
        let mut histogram = vec![0.0; HISTOGRAM_BINS];
        table.predictions.iter().for_each(|prediction| histogram[bin(prediction, HISTOGRAM_BINS)] += 1.0 / rows as f64);
        TableScores {
            rows: rows as u64,
            predicted_share: hits as f64 / rows.max(1) as f64,
            mean_probability: sum / rows.max(1) as f64,
            histogram,
            labelled: LabelledScores::of(table, bootstrap_seed, resamples),
        }
    }
}

/// The rows of a table with a label, one value each; groups are numbered from 0.
struct LabelledPredictions {
    truth: Vec<bool>,
    probabilities: Vec<f64>,
    predicted: Vec<bool>,
    groups: Vec<usize>,
}

/// The rows with a label, if there is one.
fn labelled(table: PredictedTable) -> Option<LabelledPredictions> {
    let known = table.predictions.iter().zip(table.labels?).zip(table.groups);
    let known: Vec<_> =
        known.filter_map(|((prediction, label), &group)| Some((*prediction, (*label)?, group))).collect();
    let mut groups: Vec<u32> = known.iter().map(|(.., group)| *group).collect();
    groups.sort_unstable();
    groups.dedup();
    (!known.is_empty()).then(|| LabelledPredictions {
        truth: known.iter().map(|(_, label, _)| *label).collect(),
        probabilities: known.iter().map(|(prediction, ..)| prediction.probability).collect(),
        predicted: known.iter().map(|(prediction, ..)| prediction.label == Label::Hit).collect(),
        groups: known.iter().map(|(.., group)| groups.partition_point(|other| other < group)).collect(),
    })
}

fn count_of(groups: &[usize]) -> usize {
    groups.iter().max().map_or(0, |last| last + 1)
}

impl LabelledScores {
    fn of(table: PredictedTable, seed: u64, resamples: usize) -> Option<LabelledScores> {
        let LabelledPredictions { truth, probabilities, predicted: labels, groups } = labelled(table)?;
        let answers = ResampledPredictions::of_labels(&truth, &probabilities, &groups, &labels);
        Some(LabelledScores {
            rows: truth.len() as u64,
            hits: truth.iter().filter(|&&hit| hit).count() as u64,
            scores: scores_of_labels(&truth, &probabilities, &labels),
            intervals: intervals(&[answers], count_of(&groups), resamples, seed),
            reliability: ReliabilityCurves::of(&truth, &probabilities),
        })
    }
}

/// Shares and distances of the predictions of two samples of tracks.
fn compare(tables: [PredictedTable; 2], bootstrap: &ClusterBootstrap) -> (ShareDifference, DistanceEstimates) {
    let groups = tables.map(|table| table.groups);
    let hits = tables.map(|table| {
        table.predictions.iter().map(|prediction| Some(prediction.label == Label::Hit)).collect::<Vec<_>>()
    });
    let probabilities = tables.map(probabilities);
    let samples = [TwoSamples::of_quantity([&probabilities[0], &probabilities[1]], groups, bootstrap)];
    let distances = TwoSamples::compare(&samples, bootstrap)[0];
    (GroupedShare::new([&hits[0], &hits[1]], groups, bootstrap).compare(bootstrap), distances)
}

fn probabilities(table: PredictedTable) -> Vec<f64> {
    table.predictions.iter().map(|prediction| prediction.probability).collect()
}

impl ScoreComparison {
    /// Compares the predictions of a model for the reference and for the current table; `bootstrap` is that of their groups.
    pub fn of(tables: [PredictedTable; 2], bootstrap: &ClusterBootstrap, seed: u64) -> ScoreComparison {
        let (predicted_share, distances) = compare(tables, bootstrap);
        let resamples = bootstrap.resamples();
        ScoreComparison {
            tables: tables.map(|table| TableScores::of(table, seed, resamples)),
            predicted_share,
            distances,
        }
    }
}

impl PredictionChange {
    /// Compares the predictions of the old and of the new model for one table, whose rows are in the same order.
    ///
    /// # Panics
    /// One of them predicts more tracks than the other.
    pub fn of(models: [PredictedTable; 2], resamples: usize, seed: u64) -> PredictionChange {
        assert_eq!(models[0].predictions.len(), models[1].predictions.len(), "one prediction a track by each model");
        let bootstrap = ClusterBootstrap::new(models.map(|model| model.groups), resamples, seed);
        let (predicted_share, distances) = compare(models, &bootstrap);
        let pairs = || models[0].predictions.iter().zip(models[1].predictions);
        let changed =
            |from: Label, to: Label| pairs().filter(|(old, new)| old.label == from && new.label == to).count();
        let change =
            |row: &usize| (models[1].predictions[*row].probability - models[0].predictions[*row].probability).abs();
        let rows = models[0].predictions.len();
        let mut most_changed: Vec<usize> = (0..rows).filter(|row| change(row) > 0.0).collect();
        most_changed.sort_by(|a, b| change(b).total_cmp(&change(a)));
        most_changed.truncate(LISTED_CHANGES);
        let mut joint_histogram = vec![vec![0; JOINT_BINS]; JOINT_BINS];
        pairs().for_each(|(old, new)| joint_histogram[bin(old, JOINT_BINS)][bin(new, JOINT_BINS)] += 1);
        PredictionChange {
            rows: rows as u64,
            models: models.map(|model| TableScores::of(model, seed, bootstrap.resamples())),
            predicted_share,
            flops_to_hits: changed(Label::Flop, Label::Hit) as u64,
            hits_to_flops: changed(Label::Hit, Label::Flop) as u64,
            correlation: correlation(&probabilities(models[0]), &probabilities(models[1])),
            mean_absolute_change: (0..rows).map(|row| change(&row)).sum::<f64>() / rows.max(1) as f64,
            distances,
            score_differences: score_differences(models, bootstrap.resamples(), seed),
            most_changed,
            joint_histogram,
        }
    }

    /// Share of tracks whose predicted label changes.
    pub fn changed_share(&self) -> f64 {
        (self.flops_to_hits + self.hits_to_flops) as f64 / self.rows.max(1) as f64
    }
}

fn score_differences(models: [PredictedTable; 2], resamples: usize, seed: u64) -> Option<ScoreIntervals> {
    let (old, new) = (labelled(models[0])?, labelled(models[1])?);
    let answers = [&old, &new]
        .map(|rows| ResampledPredictions::of_labels(&old.truth, &rows.probabilities, &old.groups, &rows.predicted));
    difference_intervals(answers, count_of(&old.groups), resamples, seed)
}

/// Pearson's correlation; none if either is constant.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let varies = |values: &[f64]| values.iter().any(|value| *value != values[0]);
    if !varies(a) || !varies(b) {
        return None;
    }
    let mean = hitflop_metrics::moments::mean;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |term: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| term(a - mean_a, b - mean_b)).sum::<f64>();
    let product = sum(&|a, b| a * b) / (sum(&|a, _| a * a).sqrt() * sum(&|_, b| b * b).sqrt());
    Some(product.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions(probabilities: &[f64]) -> Vec<Prediction> {
        probabilities.iter().map(|&probability| Prediction::at(probability, 0.5)).collect()
    }

    #[test]
    fn a_model_does_not_change_against_itself() {
        let scores = predictions(&(0..40).map(|row| f64::from(row) / 40.0).collect::<Vec<_>>());
        let labels: Vec<Option<bool>> = (0..40).map(|row| (row > 0).then_some(row % 3 == 0)).collect();
        let groups: Vec<u32> = (0..40).map(|row| row / 2).collect();
        let table = PredictedTable { predictions: &scores, labels: Some(&labels), groups: &groups };
        let change = PredictionChange::of([table, table], 50, 1);
        assert_eq!((change.changed_share(), change.correlation, change.mean_absolute_change), (0.0, Some(1.0), 0.0));
        assert!(change.most_changed.is_empty());
        assert_eq!(change.distances.psi.map(|psi| psi.value), Some(0.0));
        let differences = change.score_differences.expect("both labels");
        assert_eq!((differences.roc_auc.low, differences.roc_auc.high), (0.0, 0.0));
        assert_eq!(change.models[0].labelled.as_ref().map(|labelled| labelled.rows), Some(39));
        assert_eq!(change.joint_histogram.iter().flatten().sum::<u64>(), 40);
    }

    #[test]
    fn changes_are_counted_by_direction() {
        let (old, new) = (predictions(&[0.1, 0.4, 0.9, 0.8]), predictions(&[0.2, 0.6, 0.1, 0.75]));
        let groups = [0, 1, 2, 3];
        let models = [&old, &new].map(|predictions| PredictedTable { predictions, labels: None, groups: &groups });
        let change = PredictionChange::of(models, 50, 1);
        assert_eq!((change.flops_to_hits, change.hits_to_flops, change.changed_share()), (1, 1, 0.5));
        assert_eq!(change.most_changed, [2, 1, 0, 3]);
        assert!((change.mean_absolute_change - 0.2875).abs() < 1e-12);
        assert!(change.models[0].labelled.is_none() && change.score_differences.is_none());
        assert_eq!(change.distances.psi, None, "four rows");
        let constant = predictions(&[0.5; 4]);
        let models = [&old, &constant].map(|predictions| PredictedTable { predictions, labels: None, groups: &groups });
        assert_eq!(PredictionChange::of(models, 50, 1).correlation, None);
    }

    #[test]
    fn scores_of_two_tables_are_compared() {
        let a = predictions(&(0..200).map(|row| f64::from(row) / 200.0).collect::<Vec<_>>());
        let b = predictions(&(0..100).map(|row| 0.5 + f64::from(row) / 200.0).collect::<Vec<_>>());
        let (of_a, of_b): (Vec<u32>, Vec<u32>) = ((0..200).collect(), (200..300).collect());
        let tables = [(&a, &of_a), (&b, &of_b)].map(|(predictions, groups)| PredictedTable {
            predictions,
            labels: None,
            groups,
        });
        let bootstrap = ClusterBootstrap::new([&of_a, &of_b], 40, 1);
        let found = ScoreComparison::of(tables, &bootstrap, 1);
        assert!((found.predicted_share.reference, found.predicted_share.current) == (Some(0.495), Some(0.99)));
        assert!(found.distances.kolmogorov_smirnov.is_some_and(|ks| (ks.value - 0.5).abs() < 1e-9), "{found:?}");
        assert_eq!(found.tables[1].rows, 100);
    }
}
