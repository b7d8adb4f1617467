//! How sure a score is, as far as the tracks that it was measured on go: percentile intervals by resampling groups.
//!
//! Tracks of one artist are alike, so they do not count as independent: groups are sampled with replacement, with all their tracks
//! (the cluster bootstrap: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). The models stay as
//! they are; how much a score moves with the training rows is what repeated splits show.

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::quantile::quantile;
use crate::scores::is_positive;
use crate::seed::Seed;

/// Share of the resamples that lies within an interval.
const CONFIDENCE: f64 = 0.95;

/// Where a score lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceInterval {
    /// Lower end of the interval, a score.
    pub low: f64,
    /// Upper end of the interval, at least the lower one.
    pub high: f64,
}

/// Intervals of two scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreIntervals {
    /// Of the accuracy.
    pub accuracy: ConfidenceInterval,
    /// Of the ROC AUC.
    pub roc_auc: ConfidenceInterval,
}

/// Answers of one model, arranged for being scored many times with other weights: O(tracks) a time.
#[derive(Clone, Debug)]
pub struct ResampledPredictions {
    /// From the greatest probability down.
    answers: Vec<RankedPrediction>,
}

#[derive(Clone, Copy, Debug)]
struct RankedPrediction {
    group: u32,
    is_hit: bool,
    is_right: bool,
    /// Whether the next answer has another probability.
    ends_tie: bool,
}

impl ResampledPredictions {
    /// Answers to tracks with these labels (whether each is a hit) in these groups, by these probabilities; a track is predicted as a hit
    /// above `threshold`.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn new(truth: &[bool], probabilities: &[f64], groups: &[usize], threshold: f64) -> ResampledPredictions {
        let labels: Vec<bool> = probabilities.iter().map(|&probability| is_positive(probability, threshold)).collect();
        ResampledPredictions::of_labels(truth, probabilities, groups, &labels)
    }

    /// As [`ResampledPredictions::new`], with the predicted labels (whether each is a hit) instead of a threshold.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn of_labels(truth: &[bool], probabilities: &[f64], groups: &[usize], labels: &[bool]) -> ResampledPredictions {
        assert!([probabilities.len(), groups.len(), labels.len()] == [truth.len(); 3], "one of each a track");
        let mut order: Vec<usize> = (0..truth.len()).collect();
        order.sort_unstable_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let answer = |(place, &row): (usize, &usize)| RankedPrediction {
            group: groups[row] as u32,
            is_hit: truth[row],
            is_right: labels[row] == truth[row],
            ends_tie: order.get(place + 1).is_none_or(|&next| probabilities[next] != probabilities[row]),
        };
        ResampledPredictions { answers: order.iter().enumerate().map(answer).collect() }
    }

    /// Accuracy and ROC AUC where each track counts as often as its group is sampled; `None` where one label only is sampled.
    fn scores(&self, sampled: &[u32]) -> Option<[f64; 2]> {
        let (mut right, mut flops, mut hits) = (0u64, 0u64, 0u64);
        let (mut flops_before, mut hits_before) = (0, 0);
        // Twice the number of pairs in order: whole, so that no rounding gathers.
        let mut twice = 0u128;
        for answer in &self.answers {
            let weight = u64::from(sampled[answer.group as usize]);
            right += weight * u64::from(answer.is_right);
            hits += weight * u64::from(answer.is_hit);
            flops += weight * u64::from(!answer.is_hit);
            if answer.ends_tie {
                twice += u128::from(flops - flops_before) * u128::from(hits + hits_before);
                (flops_before, hits_before) = (flops, hits);
            }
        }
        let pairs = u128::from(flops) * u128::from(hits);
        (pairs > 0).then(|| [right as f64 / (flops + hits) as f64, twice as f64 / (2 * pairs) as f64])
    }
}

/// Intervals of the mean accuracy and the mean ROC AUC of several samples of answers, whose groups are numbered below `groups`.
///
/// In each of `resamples` resamples every group is sampled as often as in `groups` draws with replacement, the same in all samples, so
/// that what the samples share stays shared. An interval spans the middle 95 % of the resamples. `None` if there is no sample, or
/// one group only, of which all resamples are alike, or if none of the resamples has both labels in every sample.
pub fn intervals(
    samples: &[ResampledPredictions],
    groups: usize,
    resamples: usize,
    seed: u64,
) -> Option<ScoreIntervals> {
    let mean = |scores: &[[f64; 2]], which: usize| {
        scores.iter().map(|scores| scores[which]).sum::<f64>() / scores.len() as f64
    };
    intervals_of(samples, groups, resamples, seed, |scores| [mean(scores, 0), mean(scores, 1)])
}

/// Intervals of the accuracy and the ROC AUC of `current` minus those of `reference`, two models' answers to the same tracks, else as
/// [`intervals`].
pub fn difference_intervals(
    [reference, current]: [ResampledPredictions; 2],
    groups: usize,
    resamples: usize,
    seed: u64,
) -> Option<ScoreIntervals> {
    let difference = |scores: &[[f64; 2]], which: usize| scores[1][which] - scores[0][which];
    let both = [reference, current];
    intervals_of(&both, groups, resamples, seed, |scores| [difference(scores, 0), difference(scores, 1)])
}

/// Intervals of what `statistic` makes of the accuracy and the ROC AUC of each sample.
fn intervals_of(
    samples: &[ResampledPredictions],
    groups: usize,
    resamples: usize,
    seed: u64,
    statistic: impl Fn(&[[f64; 2]]) -> [f64; 2] + Sync,
) -> Option<ScoreIntervals> {
    let present = present(samples, groups);
    if present.len() < 2 {
        return None;
    }
    let resample = |index: usize| {
        let sampled = draw(&present, groups, seed, index);
        let scores: Vec<[f64; 2]> = samples.iter().map(|sample| sample.scores(&sampled)).collect::<Option<_>>()?;
        (!scores.is_empty()).then(|| statistic(&scores))
    };
    let scores: Vec<[f64; 2]> = (0..resamples).into_par_iter().filter_map(resample).collect();
    let interval = |which: usize| {
        let mut values: Vec<f64> = scores.iter().map(|scores| scores[which]).collect();
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - CONFIDENCE) / 2.0;
        Some(ConfidenceInterval { low: quantile(&values, tail)?, high: quantile(&values, 1.0 - tail)? })
    };
    Some(ScoreIntervals { accuracy: interval(0)?, roc_auc: interval(1)? })
}

/// The groups that any of the samples has.
fn present(samples: &[ResampledPredictions], groups: usize) -> Vec<usize> {
    let mut is_present = vec![false; groups];
    let answers = samples.iter().flat_map(|sample| &sample.answers);
    answers.for_each(|answer| is_present[answer.group as usize] = true);
    (0..groups).filter(|&group| is_present[group]).collect()
}

/// How often each group is sampled.
fn draw(present: &[usize], groups: usize, seed: u64, resample: usize) -> Vec<u32> {
    let mut rng = Seed(seed).rng("bootstrap", &[resample as u64]);
    let mut sampled = vec![0; groups];
    for _ in 0..present.len() {
        sampled[present[rng.random_range(0..present.len())]] += 1;
    }
    sampled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scores;

    #[test]
    fn weighted_scores_are_those_of_repeated_tracks() {
        let truth = [true, false, true, false, true];
        let probabilities = [0.9, 0.9, 0.6, 0.2, 0.1];
        let answers = ResampledPredictions::new(&truth, &probabilities, &[0, 1, 1, 2, 0], 0.5);
        // By hand, each once: right are rows 0, 2 and 3; of the 6 pairs 0.5 + 1, 0 + 1 and 0 + 0 are won.
        assert_eq!(answers.scores(&[1, 1, 1]), Some([3.0 / 5.0, 2.5 / 6.0]));
        // Group 1 twice, group 2 not at all: rows 1, 2 twice, 0 and 4 once. Right: row 0, row 2 twice. Flops: row 1 twice; it ties
        // with row 0 and beats the three others.
        assert_eq!(answers.scores(&[1, 2, 0]), Some([3.0 / 6.0, 1.0 / 8.0]));
        assert_eq!(answers.scores(&[1, 0, 0]), None, "no flop");
    }

    /// The mean of n independent answers has a known deviation: the interval of the accuracy is 1.96 times √(p (1 − p) / n) to each
    /// side, within 10 % for 1,000 tracks and 2,000 resamples.
    #[test]
    fn an_interval_of_independent_tracks_is_that_of_the_binomial() {
        let truth: Vec<bool> = (0..1000).map(|row| row % 2 == 0).collect();
        let probabilities: Vec<f64> =
            (0..1000).map(|row| if row % 10 < 8 { f64::from(u8::from(row % 2 == 0)) } else { 0.5 }).collect();
        let alone: Vec<usize> = (0..1000).collect();
        let found = |groups: &[usize], number| {
            let answers = ResampledPredictions::new(&truth, &probabilities, groups, 0.4);
            intervals(&[answers], number, 2_000, 42).expect("both labels")
        };
        let ConfidenceInterval { low, high } = found(&alone, 1000).accuracy;
        let expected = 2.0 * 1.96 * (0.9f64 * 0.1 / 1000.0).sqrt();
        assert!(low < 0.9 && high > 0.9 && ((high - low) / expected - 1.0).abs() < 0.1, "{low} to {high}");
        // Ten tracks that are always right or wrong together count as one: the interval is √10 times as wide.
        let truth: Vec<bool> = (0..1000).map(|row| row / 10 % 2 == 0).collect();
        let probabilities: Vec<f64> =
            (0..1000).map(|row| if row / 10 % 10 < 8 { f64::from(u8::from(row / 10 % 2 == 0)) } else { 0.5 }).collect();
        let together: Vec<usize> = (0..1000).map(|row| row / 10).collect();
        let answers = ResampledPredictions::new(&truth, &probabilities, &together, 0.4);
        let ConfidenceInterval { low, high } = intervals(&[answers], 100, 2_000, 42).expect("both labels").accuracy;
        assert!(((high - low) / (expected * 10f64.sqrt()) - 1.0).abs() < 0.15, "{low} to {high}");
    }

    #[test]
    fn samples_that_share_their_tracks_are_not_averaged_away() {
        let truth: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
        let probabilities: Vec<f64> = (0..200).map(|row| f64::from(row * 37 % 101) / 101.0).collect();
        let groups: Vec<usize> = (0..200).collect();
        let answers = ResampledPredictions::new(&truth, &probabilities, &groups, 0.5);
        let once = intervals(std::slice::from_ref(&answers), 200, 300, 1);
        assert!(once.is_some());
        assert_eq!(intervals(&[answers.clone(), answers], 200, 300, 1), once);
        assert_eq!(intervals(&[], 0, 10, 1), None);
        let flops_only = ResampledPredictions::new(&[false], &[0.5], &[0], 0.5);
        assert_eq!(intervals(&[flops_only], 1, 10, 1), None);
        let one_group = ResampledPredictions::new(&[false, true], &[0.5, 0.6], &[0, 0], 0.5);
        assert_eq!(intervals(&[one_group], 1, 10, 1), None, "an interval of no width");
    }

    #[test]
    fn a_model_does_not_differ_from_itself() {
        let truth: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
        let probabilities: Vec<f64> = (0..200).map(|row| f64::from(row * 37 % 101) / 101.0).collect();
        let groups: Vec<usize> = (0..200).collect();
        let answers = ResampledPredictions::new(&truth, &probabilities, &groups, 0.5);
        let none = ConfidenceInterval { low: 0.0, high: 0.0 };
        let found = difference_intervals([answers.clone(), answers.clone()], 200, 100, 1);
        assert_eq!(found, Some(ScoreIntervals { accuracy: none, roc_auc: none }));
        // The perfect model is better by more than the interval of one of them is wide.
        let perfect: Vec<f64> = truth.iter().map(|&hit| f64::from(u8::from(hit))).collect();
        let perfect = ResampledPredictions::new(&truth, &perfect, &groups, 0.5);
        let found = difference_intervals([answers, perfect], 200, 100, 1).expect("both labels");
        assert!(found.accuracy.low > 0.3 && found.roc_auc.low > 0.3 && found.roc_auc.high < 0.7, "{found:?}");
    }

    proptest! {
        /// Every track once is the plain score, whatever the ties.
        #[test]
        fn each_track_once_is_the_plain_score(rows in prop::collection::vec((any::<bool>(), 0u8..12), 1..80)) {
            let (truth, probabilities): (Vec<bool>, Vec<f64>) =
                rows.into_iter().map(|(hit, tenths)| (hit, f64::from(tenths) / 11.0)).unzip();
            let groups: Vec<usize> = (0..truth.len()).collect();
            let answers = ResampledPredictions::new(&truth, &probabilities, &groups, 0.5);
            let expected = scores::roc_auc(&truth, &probabilities)
                .map(|roc_auc| [scores::confusion(&truth, &probabilities, 0.5).accuracy(), roc_auc]);
            prop_assert_eq!(answers.scores(&vec![1; truth.len()]), expected);
        }
    }
}
