//! The values of one quantity or category in two tables, arranged for being compared many times: O(rows) a resample, without sorting.

use rayon::prelude::*;
use serde::Serialize;

use super::bins::decile_ends;
use super::resampling::{basic_interval, ClusterBootstrap, GroupWeights, LANES};
use super::{population_stability_index, psi_by_chance, MIN_SAMPLE};
use crate::bootstrap::ConfidenceInterval;
use crate::moments::deviation;

/// Values of two tables, the reference and the current one.
#[derive(Clone, Debug)]
pub struct TwoSamples {
    /// Group and table of each value, in ascending order of the values: twice the group, plus 1 for the current table.
    codes: Vec<u32>,
    /// Equal values, ascending.
    runs: Vec<Run>,
    /// Whether the values have an order.
    is_ordered: bool,
    /// Values of each table in each group.
    known: Vec<[u32; 2]>,
    /// Standard deviation of the reference's values.
    deviation: f64,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where the codes of the next run begin.
    end: u32,
    /// Whether the next value is in another bin.
    ends_bin: bool,
    /// Distance to the next value; 0 at the last one.
    gap: f64,
}

/// A distance and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeasuredDistance {
    /// Distance of the two tables.
    pub value: f64,
    /// 95 % interval of the distance of what they are samples of; none without a second group.
    pub interval: Option<ConfidenceInterval>,
}

/// The distances of the distributions in two tables. What is not defined is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DistanceEstimates {
    /// Population stability index over the deciles of the reference, or over the categories; rows without a value are a bin of their
    /// own. None if a table has fewer than [`MIN_SAMPLE`] rows, or neither has a value.
    pub psi: Option<MeasuredDistance>,
    /// Mean of the index if the tables were independent rows from one distribution.
    pub psi_by_chance: Option<f64>,
    /// Kolmogorov-Smirnov statistic: the maximum difference of the distribution functions. None of categories, and if a table has fewer
    /// than [`MIN_SAMPLE`] values.
    pub kolmogorov_smirnov: Option<MeasuredDistance>,
    /// Wasserstein-1 distance, in the quantity's unit: the area between the distribution functions. None as above, and if it is not
    /// finite.
    pub wasserstein: Option<MeasuredDistance>,
    /// The same in standard deviations of the reference. None as above, and if all its values are equal.
    pub wasserstein_in_deviations: Option<MeasuredDistance>,
}

/// PSI, Kolmogorov-Smirnov and Wasserstein of a resample, each NaN if undefined.
type Distances = [f64; 3];

impl TwoSamples {
    /// The values of a quantity in each table, a value that is not finite being missing; `groups` are those of the bootstrap.
    ///
    /// # Panics
    /// A table has not one group a value, or a group is none of the bootstrap's.
    pub fn of_quantity(values: [&[f64]; 2], groups: [&[u32]; 2], bootstrap: &ClusterBootstrap) -> TwoSamples {
        let mut samples = TwoSamples::of_categories(values, groups, bootstrap);
        let mut reference: Vec<f64> = values[0].iter().copied().filter(|value| value.is_finite()).collect();
        reference.sort_unstable_by(f64::total_cmp);
        samples.deviation = if reference.first() == reference.last() { 0.0 } else { deviation(&reference) };
        samples.is_ordered = true;
        samples.mark_bins(&decile_ends(&reference), values);
        samples
    }

    /// The values of a category in each table, each value being a bin; else as [`TwoSamples::of_quantity`].
    ///
    /// # Panics
    /// As [`TwoSamples::of_quantity`].
    pub fn of_categories(values: [&[f64]; 2], groups: [&[u32]; 2], bootstrap: &ClusterBootstrap) -> TwoSamples {
        let mut known = vec![[0; 2]; bootstrap.rows().len()];
        let mut sorted: Vec<(f64, u32)> = Vec::with_capacity(values[0].len() + values[1].len());
        for table in 0..2 {
            assert_eq!(values[table].len(), groups[table].len(), "one group a value");
            for (&value, &group) in values[table].iter().zip(groups[table]).filter(|(value, _)| value.is_finite()) {
                known[group as usize][table] += 1;
                // Adding 0 turns −0 into 0.
                sorted.push((value + 0.0, 2 * group + table as u32));
            }
        }
        sorted.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut runs: Vec<Run> = Vec::new();
        for (index, (value, _)) in sorted.iter().enumerate() {
            let next = sorted.get(index + 1);
            if next.is_none_or(|(next, _)| next != value) {
                let gap = next.map_or(0.0, |(next, _)| next - value);
                runs.push(Run { end: index as u32 + 1, ends_bin: true, gap });
            }
        }
        let codes = sorted.into_iter().map(|(_, code)| code).collect();
        TwoSamples { codes, runs, is_ordered: false, known, deviation: 0.0 }
    }

    /// Makes bins with these upper ends instead of one a value.
    fn mark_bins(&mut self, ends: &[f64], values: [&[f64]; 2]) {
        let mut distinct: Vec<f64> =
            values.concat().into_iter().filter(|value| value.is_finite()).map(|value| value + 0.0).collect();
        distinct.par_sort_unstable_by(f64::total_cmp);
        distinct.dedup();
        let bin = |value: f64| ends.partition_point(|&end| end < value);
        for (index, run) in self.runs.iter_mut().enumerate() {
            run.ends_bin = distinct.get(index + 1).is_none_or(|&next| bin(next) != bin(distinct[index]));
        }
    }

    /// The distances of several quantities, all by the same resamples.
    pub fn compare(samples: &[TwoSamples], bootstrap: &ClusterBootstrap) -> Vec<DistanceEstimates> {
        let once = vec![[1; LANES]; bootstrap.rows().len()];
        let found: Vec<Distances> = samples.par_iter().map(|sample| sample.distances(&once, bootstrap)[0]).collect();
        let resampled: Vec<Vec<Distances>> = bootstrap.blocks(|weights| {
            let of_samples: Vec<[Distances; LANES]> =
                samples.iter().map(|sample| sample.distances(weights, bootstrap)).collect();
            std::array::from_fn(|lane| of_samples.iter().map(|lanes| lanes[lane]).collect())
        });
        let estimate = |(index, sample): (usize, &TwoSamples)| {
            let measure = |which: usize| {
                let value = found[index][which];
                let others = resampled.iter().map(|distances| distances[index][which]).collect();
                let greatest = if which == 1 { 1.0 } else { f64::MAX };
                value.is_finite().then(|| MeasuredDistance { value, interval: basic_interval(value, others, greatest) })
            };
            sample.estimates([measure(0), measure(1), measure(2)], bootstrap)
        };
        samples.iter().enumerate().map(estimate).collect()
    }

    fn estimates(
        &self,
        [psi, kolmogorov_smirnov, wasserstein]: [Option<MeasuredDistance>; 3],
        bootstrap: &ClusterBootstrap,
    ) -> DistanceEstimates {
        let rows = [0, 1].map(|table| bootstrap.rows().iter().map(|rows| rows[table] as usize).sum());
        let scaled = |distance: MeasuredDistance| MeasuredDistance {
            value: distance.value / self.deviation,
            interval: distance.interval.map(|ConfidenceInterval { low, high }| ConfidenceInterval {
                low: low / self.deviation,
                high: high / self.deviation,
            }),
        };
        DistanceEstimates {
            psi,
            psi_by_chance: psi.map(|_| psi_by_chance(self.bins(bootstrap), rows)),
            kolmogorov_smirnov,
            wasserstein,
            wasserstein_in_deviations: wasserstein.filter(|_| self.deviation > 0.0).map(scaled),
        }
    }

    /// Number of bins with rows.
    fn bins(&self, bootstrap: &ClusterBootstrap) -> usize {
        let has_missing = self.known.iter().zip(bootstrap.rows()).any(|(known, rows)| known != rows);
        self.runs.iter().filter(|run| run.ends_bin).count() + usize::from(has_missing)
    }

    /// The distances if each group counts as often as its weights say.
    pub(super) fn distances(&self, weights: &[GroupWeights], bootstrap: &ClusterBootstrap) -> [Distances; LANES] {
        let (rows, known) = (weighted(bootstrap.rows(), weights), weighted(&self.known, weights));
        let inverse = |counts: [i32; 2]| counts.map(|count| 1.0 / f64::from(count.max(1)));
        let (of_rows, of_known) = (rows.map(inverse), known.map(inverse));
        let (mut passed, mut in_bins) = ([[0i32; LANES]; 2], [[0i32; 2]; LANES]);
        let mut found: [Distances; LANES] = [[0.0; 3]; LANES];
        let mut start = 0;
        for run in &self.runs {
            for &code in &self.codes[start..run.end as usize] {
                let (counts, weights) = (&mut passed[(code & 1) as usize], &weights[(code >> 1) as usize]);
                counts.iter_mut().zip(weights).for_each(|(count, weight)| *count += weight);
            }
            start = run.end as usize;
            if self.is_ordered {
                for (lane, found) in found.iter_mut().enumerate() {
                    let shares = [0, 1].map(|table| f64::from(passed[table][lane]) * of_known[lane][table]);
                    let difference = (shares[1] - shares[0]).abs();
                    found[1] = found[1].max(difference);
                    found[2] += difference * run.gap;
                }
            }
            if run.ends_bin {
                for (lane, found) in found.iter_mut().enumerate() {
                    let share =
                        |table: usize| f64::from(passed[table][lane] - in_bins[lane][table]) * of_rows[lane][table];
                    found[0] += population_stability_index([(share(0), share(1))]);
                    in_bins[lane] = [passed[0][lane], passed[1][lane]];
                }
            }
        }
        for (lane, found) in found.iter_mut().enumerate() {
            let missing = |table: usize| f64::from(rows[lane][table] - known[lane][table]) * of_rows[lane][table];
            found[0] += population_stability_index([(missing(0), missing(1))]);
            let has_sample = |counts: [i32; 2]| counts.iter().all(|&count| count as usize >= MIN_SAMPLE);
            if !has_sample(rows[lane]) || self.codes.is_empty() {
                found[0] = f64::NAN;
            }
            if !has_sample(known[lane]) || !self.is_ordered {
                (found[1], found[2]) = (f64::NAN, f64::NAN);
            }
        }
        found
    }
}

/// Counts of each table over the groups, in each resample.
fn weighted(counts: &[[u32; 2]], weights: &[GroupWeights]) -> [[i32; 2]; LANES] {
    let mut sums = [[0; 2]; LANES];
    for (counts, weights) in counts.iter().zip(weights) {
        for (sums, weight) in sums.iter_mut().zip(weights) {
            sums[0] += weight * counts[0] as i32;
            sums[1] += weight * counts[1] as i32;
        }
    }
    sums
}
