//! Whether probabilities mean what they say: reliability curve, expected calibration error, and what is scored with them.

use serde::{Deserialize, Serialize};

use crate::normal::Z_95;
use crate::quantile::quantile;

use super::scores;

/// Bins of the reliability curve and of the expected calibration errors.
pub const BINS: usize = 10;
/// Bins of the histogram of probabilities.
const HISTOGRAM_BINS: usize = 40;
/// Scores of probabilities, whatever the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityScores {
    /// Mean squared difference of probability and label; 0 is best.
    pub brier: f64,
    /// Mean negative log likelihood of the labels, in nats; 0 is best.
    pub log_loss: f64,
    /// [`expected_calibration_error`] over [`BINS`] bins of equal width; 0 is best.
    pub expected_calibration_error: f64,
    /// The same over bins that hold about equally many tracks.
    pub expected_calibration_error_equal_count: f64,
    /// Area under the ROC curve; a tie counts one half. NaN (null in JSON) where only one label occurs: it is undefined.
    #[serde(deserialize_with = "scores::nan_if_null")]
    pub roc_auc: f64,
}

impl ProbabilityScores {
    /// Scores `probabilities` of tracks of which `truth` says whether they are hits.
    ///
    /// # Panics
    /// The slices differ in length (as in all functions here).
    pub fn of(truth: &[bool], probabilities: &[f64]) -> ProbabilityScores {
        ProbabilityScores {
            brier: scores::brier(truth, probabilities),
            log_loss: scores::log_loss(truth, probabilities),
            expected_calibration_error: expected_calibration_error(&bins_of_equal_width(truth, probabilities, BINS)),
            expected_calibration_error_equal_count: expected_calibration_error(&bins_of_equal_count(
                truth,
                probabilities,
                BINS,
            )),
            roc_auc: scores::roc_auc(truth, probabilities).unwrap_or(f64::NAN),
        }
    }
}

/// Tracks whose probabilities lie close together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Probabilities are greater than this (in the first bin they may equal it).
    pub low: f64,
    /// Probabilities are at most this.
    pub high: f64,
    /// Number of tracks in the bin.
    pub rows: u64,
    /// Hits among them.
    pub hits: u64,
    /// Mean of their probabilities.
    pub mean_probability: f64,
    /// Hits as a share of the tracks.
    pub hit_share: f64,
    /// Lower end of that share's 95 % interval, by Wilson (1927).
    pub hit_share_low: f64,
    /// Its upper end.
    pub hit_share_high: f64,
}

/// The reliability curve over `bins` bins of equal width: (0, 0.1], (0.1, 0.2] and so on for ten, 0 itself in the first. Bins
/// without tracks are left out. The same as scikit-learn's `calibration_curve(strategy="uniform")`.
pub fn bins_of_equal_width(truth: &[bool], probabilities: &[f64], bins: usize) -> Vec<ReliabilityBin> {
    let edges: Vec<f64> = (0..=bins).map(|edge| edge as f64 / bins as f64).collect();
    binned(truth, probabilities, &edges)
}

/// The reliability curve over `bins` bins between quantiles of the probabilities, so that each holds about equally many tracks;
/// equal probabilities share a bin. The same as scikit-learn's `calibration_curve(strategy="quantile")`.
pub fn bins_of_equal_count(truth: &[bool], probabilities: &[f64], bins: usize) -> Vec<ReliabilityBin> {
    let mut sorted = probabilities.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let edges: Option<Vec<f64>> = (0..=bins).map(|edge| quantile(&sorted, edge as f64 / bins as f64)).collect();
    let Some(edges) = edges else { return Vec::new() };
    binned(truth, probabilities, &edges)
}

/// `edges` in ascending order; a probability that equals an inner edge belongs below it.
fn binned(truth: &[bool], probabilities: &[f64], edges: &[f64]) -> Vec<ReliabilityBin> {
    assert_eq!(truth.len(), probabilities.len(), "one probability a track");
    let inner = &edges[1..edges.len() - 1];
    let mut sums = vec![(0u64, 0u64, 0.0f64); edges.len() - 1];
    for (&hit, &probability) in truth.iter().zip(probabilities) {
        let (rows, hits, sum) = &mut sums[inner.partition_point(|&edge| edge < probability)];
        *rows += 1;
        *hits += u64::from(hit);
        *sum += probability;
    }
    let bin = |(index, &(rows, hits, sum)): (usize, &(u64, u64, f64))| {
        let (hit_share_low, hit_share_high) = wilson(hits, rows);
        ReliabilityBin {
            low: edges[index],
            high: edges[index + 1],
            rows,
            hits,
            mean_probability: sum / rows as f64,
            hit_share: hits as f64 / rows as f64,
            hit_share_low,
            hit_share_high,
        }
    };
    sums.iter().enumerate().filter(|(_, (rows, _, _))| *rows > 0).map(bin).collect()
}

/// Σ rows / all rows · |share of hits − mean probability| over the bins of a reliability curve. M. P. Naeini, G. F. Cooper and
/// M. Hauskrecht, “Obtaining Well Calibrated Probabilities Using Bayesian Binning”, AAAI 2015, there with ten bins of equal width.
/// 0 without tracks. It depends on the bins, and where there are few tracks in a bin chance alone raises it.
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let gaps: f64 = bins.iter().map(|bin| bin.rows as f64 * (bin.hit_share - bin.mean_probability).abs()).sum();
    gaps / rows.max(1) as f64
}

/// The 95 % interval of a share, which unlike the normal one stays within 0 and 1 (Wilson 1927); 0 to 1 of nothing.
pub fn wilson(successes: u64, trials: u64) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let (n, share, z2) = (trials as f64, successes as f64 / trials as f64, Z_95 * Z_95);
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // Rounding must not lead beyond the share itself, where that is 0 or 1.
    ((centre - half).clamp(0.0, share), (centre + half).clamp(share, 1.0))
}

/// Flops and hits whose probabilities lie in one bin of a histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frequency {
    /// Number of flops in the bin.
    pub flops: u64,
    /// Number of hits in the bin.
    pub hits: u64,
}

/// How often probabilities lie in each of forty bins of equal width, cut as those of the reliability curve.
pub fn histogram(truth: &[bool], probabilities: &[f64]) -> Vec<Frequency> {
    assert_eq!(truth.len(), probabilities.len(), "one probability a track");
    let mut bins = vec![Frequency::default(); HISTOGRAM_BINS];
    for (&hit, &probability) in truth.iter().zip(probabilities) {
        let place = (probability * HISTOGRAM_BINS as f64).ceil() as usize;
        let bin = &mut bins[place.clamp(1, HISTOGRAM_BINS) - 1];
        *if hit { &mut bin.hits } else { &mut bin.flops } += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct ReliabilityCase {
        name: String,
        truth: Vec<u8>,
        probability: Vec<f64>,
        uniform: ReliabilityFixture,
        quantile: ReliabilityFixture,
        expected_calibration_error: f64,
    }

    #[derive(Deserialize)]
    struct ReliabilityFixture {
        hit_share: Vec<f64>,
        mean_probability: Vec<f64>,
    }

    /// `tests/fixtures/make_calibration.py`, to 1e-12.
    #[test]
    fn reliability_curves_are_scikit_learns() {
        let cases: Vec<ReliabilityCase> =
            serde_json::from_str(include_str!("../../../tests/fixtures/calibration.json")).expect("a fixture");
        for case in cases {
            let truth: Vec<bool> = case.truth.iter().map(|&label| label == 1).collect();
            let close = |what: &str, found: f64, expected: f64| {
                assert!((found - expected).abs() <= 1e-12, "{}, {what}: found {found}, expected {expected}", case.name);
            };
            for (what, bins, curve) in [
                ("equal width", bins_of_equal_width(&truth, &case.probability, 10), &case.uniform),
                ("equal count", bins_of_equal_count(&truth, &case.probability, 10), &case.quantile),
            ] {
                assert_eq!(bins.len(), curve.hit_share.len(), "{}, {what}", case.name);
                for (index, bin) in bins.iter().enumerate() {
                    close(what, bin.hit_share, curve.hit_share[index]);
                    close(what, bin.mean_probability, curve.mean_probability[index]);
                    assert!(bin.hit_share_low <= bin.hit_share && bin.hit_share <= bin.hit_share_high);
                }
                assert_eq!(bins.iter().map(|bin| bin.rows).sum::<u64>(), truth.len() as u64);
            }
            let error = expected_calibration_error(&bins_of_equal_width(&truth, &case.probability, 10));
            close("expected calibration error", error, case.expected_calibration_error);
        }
    }

    #[test]
    fn the_error_is_that_found_by_hand() {
        // Two tracks at 0.15 of which one is a hit, three at 0.9 of which all are: 2/5 · 0.35 + 3/5 · 0.1.
        let (truth, probabilities) = ([true, false, true, true, true], [0.15, 0.15, 0.9, 0.9, 0.9]);
        let bins = bins_of_equal_width(&truth, &probabilities, 10);
        assert_eq!(bins.iter().map(|bin| (bin.rows, bin.hits)).collect::<Vec<_>>(), [(2, 1), (3, 3)]);
        assert_eq!((bins[0].low, bins[0].high, bins[1].low, bins[1].high), (0.1, 0.2, 0.8, 0.9));
        assert!((expected_calibration_error(&bins) - 0.2).abs() < 1e-12);
        // scipy.stats.binomtest(1, 2).proportion_ci(method="wilson") is 0.094531 to 0.905469.
        assert!((bins[0].hit_share_low - 0.094_531).abs() < 1e-6 && (bins[0].hit_share_high - 0.905_469).abs() < 1e-6);
        assert_eq!(expected_calibration_error(&[]), 0.0);
    }

    #[test]
    fn edges_belong_below_and_nothing_is_lost() {
        let probabilities = [0.0, 0.1, 0.1000001, 0.95, 1.0];
        let bins = bins_of_equal_width(&[true; 5], &probabilities, 10);
        assert_eq!(bins.iter().map(|bin| (bin.high, bin.rows)).collect::<Vec<_>>(), [(0.1, 2), (0.2, 1), (1.0, 2)]);
        let counts = histogram(&[true, false, true, true, true], &probabilities);
        assert_eq!(
            (counts.len(), counts[0], counts[3]),
            (40, Frequency { flops: 0, hits: 1 }, Frequency { flops: 1, hits: 0 })
        );
        assert_eq!(counts[39], Frequency { flops: 0, hits: 1 });
        assert_eq!(counts.iter().map(|bin| bin.flops + bin.hits).sum::<u64>(), 5);
        assert!(bins_of_equal_width(&[], &[], 10).is_empty() && bins_of_equal_count(&[], &[], 10).is_empty());
    }

    #[test]
    fn equal_probabilities_share_a_bin() {
        let bins = bins_of_equal_count(&[true, false, true, false], &[0.5; 4], 10);
        assert_eq!(bins.iter().map(|bin| (bin.rows, bin.hits)).collect::<Vec<_>>(), [(4, 2)]);
    }
}
