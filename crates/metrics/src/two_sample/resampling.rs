//! Draws of groups, and shares of rows over them.

use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;

use crate::bootstrap::ConfidenceInterval;
use crate::quantile::quantile;
use crate::seed::Seed;

/// Resamples that are counted side by side.
pub(super) const LANES: usize = 8;
/// How often a group counts in each of [`LANES`] resamples.
pub(super) type GroupWeights = [i32; LANES];

/// Share of the resamples that an interval leaves out at either end.
const TAIL: f64 = 0.025;

/// Groups of the rows of two tables, and how often they are resampled.
#[derive(Clone, Debug)]
pub struct ClusterBootstrap {
    /// Groups of the first table only, of the second only, and of both. Each stratum is sampled on its own, so that every resample has
    /// about as many rows of each table as there are.
    strata: [Vec<u32>; 3],
    groups: usize,
    /// Rows of each table in each group.
    rows: Vec<[u32; 2]>,
    resamples: usize,
    seed: u64,
}

impl ClusterBootstrap {
    /// Groups of the rows of both tables: a number a row, the same for the same group in either table.
    pub fn new(groups: [&[u32]; 2], resamples: usize, seed: u64) -> ClusterBootstrap {
        let count = groups.iter().flat_map(|groups| groups.iter()).max().map_or(0, |&last| last as usize + 1);
        let mut rows = vec![[0; 2]; count];
        for (table, groups) in groups.iter().enumerate() {
            groups.iter().for_each(|&group| rows[group as usize][table] += 1);
        }
        let mut strata = [const { Vec::new() }; 3];
        for (group, rows) in rows.iter().enumerate() {
            match rows {
                [0, 0] => {}
                [_, 0] => strata[0].push(group as u32),
                [0, _] => strata[1].push(group as u32),
                _ => strata[2].push(group as u32),
            }
        }
        ClusterBootstrap { strata, groups: count, rows, resamples, seed }
    }

    /// Number of groups with rows.
    pub fn groups(&self) -> usize {
        self.strata.iter().map(Vec::len).sum()
    }

    /// Number of resamples; 0 if they would all be alike, because no table has a second group.
    pub fn resamples(&self) -> usize {
        let has_choice = self.strata.iter().any(|stratum| stratum.len() > 1);
        if has_choice {
            self.resamples
        } else {
            0
        }
    }

    /// Rows of each table in each group.
    pub(super) fn rows(&self) -> &[[u32; 2]] {
        &self.rows
    }

    /// `statistics` of each resample, by block of [`LANES`] resamples; of the last block only as many as are left.
    pub(super) fn blocks<T: Send>(&self, statistics: impl Fn(&[GroupWeights]) -> [T; LANES] + Sync) -> Vec<T> {
        let block = |first: usize| {
            let lanes = LANES.min(self.resamples() - first);
            statistics(&self.weights(first, lanes)).into_iter().take(lanes)
        };
        let firsts: Vec<usize> = (0..self.resamples()).step_by(LANES).collect();
        firsts.into_par_iter().flat_map_iter(block).collect()
    }

    fn weights(&self, first: usize, lanes: usize) -> Vec<GroupWeights> {
        let mut weights = vec![[0; LANES]; self.groups];
        for (lane, resample) in (first..first + lanes).enumerate() {
            let mut rng = Seed(self.seed).rng("compare tables", &[resample as u64]);
            for stratum in self.strata.iter().filter(|stratum| !stratum.is_empty()) {
                for _ in 0..stratum.len() {
                    let group = stratum[rng.random_range(0..stratum.len())] as usize;
                    weights[group][lane] += 1;
                }
            }
        }
        weights
    }
}

/// The basic interval of a distance: see the module. None without resamples.
pub(super) fn basic_interval(found: f64, mut resampled: Vec<f64>, greatest: f64) -> Option<ConfidenceInterval> {
    resampled.retain(|value| value.is_finite());
    resampled.sort_unstable_by(f64::total_cmp);
    let (low, high) = (quantile(&resampled, TAIL)?, quantile(&resampled, 1.0 - TAIL)?);
    let bound = |end: f64| Some((2.0 * found - end).clamp(0.0, greatest)).filter(|_| (2.0 * found - end).is_finite());
    Some(ConfidenceInterval { low: bound(high)?, high: bound(low)? })
}

/// The percentile interval of a statistic; values that are not finite are left out. None without resamples.
pub(super) fn percentile_interval(mut resampled: Vec<f64>) -> Option<ConfidenceInterval> {
    resampled.retain(|value| value.is_finite());
    resampled.sort_unstable_by(f64::total_cmp);
    Some(ConfidenceInterval { low: quantile(&resampled, TAIL)?, high: quantile(&resampled, 1.0 - TAIL)? })
}

/// Rows of two tables that have a property, such as that of being a hit, counted by group.
#[derive(Clone, Debug)]
pub struct GroupedShare {
    /// Rows with the property, and rows of which it is known.
    counts: Vec<[[u32; 2]; 2]>,
}

/// A share of rows in two tables.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShareDifference {
    /// Share in the reference, 0 to 1; none if it is known of no row.
    pub reference: Option<f64>,
    /// Share in the current table.
    pub current: Option<f64>,
    /// 95 % interval of the share of the current table minus that of the reference: percentiles of the resamples.
    pub interval: Option<ConfidenceInterval>,
}

impl ShareDifference {
    /// The share of the current table minus that of the reference.
    pub fn difference(&self) -> Option<f64> {
        Some(self.current? - self.reference?)
    }
}

impl GroupedShare {
    /// Whether each row of each table has the property, if that is known; `groups` as of [`ClusterBootstrap::new`].
    ///
    /// # Panics
    /// A group is none of the bootstrap's.
    pub fn new(properties: [&[Option<bool>]; 2], groups: [&[u32]; 2], bootstrap: &ClusterBootstrap) -> GroupedShare {
        let mut counts = vec![[[0; 2]; 2]; bootstrap.groups];
        for table in 0..2 {
            for (property, &group) in properties[table].iter().zip(groups[table]) {
                if let Some(holds) = property {
                    let [with, known] = &mut counts[group as usize][table];
                    *with += u32::from(*holds);
                    *known += 1;
                }
            }
        }
        GroupedShare { counts }
    }

    /// The shares and the interval of their difference.
    pub fn compare(&self, bootstrap: &ClusterBootstrap) -> ShareDifference {
        let once = vec![[1; LANES]; self.counts.len()];
        let [reference, current] = self.shares(&once)[0];
        let difference = |[reference, current]: [Option<f64>; 2]| Some(current? - reference?);
        let differences = bootstrap.blocks(|weights| self.shares(weights).map(difference));
        let interval = percentile_interval(differences.into_iter().flatten().collect());
        let interval = interval.filter(|_| reference.is_some() && current.is_some());
        ShareDifference { reference, current, interval }
    }

    fn shares(&self, weights: &[GroupWeights]) -> [[Option<f64>; 2]; LANES] {
        let mut sums = [[[0u64; 2]; 2]; LANES];
        for (counts, weights) in self.counts.iter().zip(weights) {
            for (sums, &weight) in sums.iter_mut().zip(weights) {
                for table in 0..2 {
                    for part in 0..2 {
                        sums[table][part] += weight as u64 * u64::from(counts[table][part]);
                    }
                }
            }
        }
        sums.map(|tables| tables.map(|[with, known]| (known > 0).then(|| with as f64 / known as f64)))
    }
}
