//! The growing of all trees of a forest.

use std::ops::Range;

use rand::Rng;
use rayon::prelude::*;

use super::counts::{PackedSample, TrainingSample, WideSample};
use super::criterion::{Entropy, Gini, Impurity, PlainEntropy, PlainGini};
use super::grow_forest::{GrowerWorkspace, GrownTree, TreeGrowth};
use super::options::Criterion;
use super::params::RandomForestValidParams;
use super::rng::SplitRng;
use super::splitting::SplitSearch;
use super::training::ForestTraining;
use crate::binning::{BinnedRecords, Binning};
use crate::seed::task_rng;
use crate::Result;

/// Grows the trees of a forest, any of them at any time: for a search that grows trees once and scores many forests.
///
/// The first 200 of 500 trees are the forest of 200 trees; a tree cut at a depth is the tree grown with that `max_depth`; and
/// one cut at nodes of fewer than s rows is the tree grown with that `min_samples_split`.
pub struct ForestGrower<'a> {
    pub(super) training: ForestTraining<'a>,
}

impl<'a> ForestGrower<'a> {
    /// Checks and prepares what the trees share: `binned` rows (rows × features), each with a target (`true` is the positive
    /// class) and a weight (`None`: 1 each; a row of weight 0 is not used).
    ///
    /// # Errors
    /// There is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,767 features; a weight is negative
    /// or not finite; `max_samples` exceeds the rows; the lengths disagree.
    pub fn new(
        params: &RandomForestValidParams,
        binned: &'a BinnedRecords,
        binning: &'a Binning,
        targets: &'a [bool],
        weights: Option<&[f32]>,
    ) -> Result<ForestGrower<'a>> {
        ForestTraining::new(params, binned, binning, targets, weights).map(|training| ForestGrower { training })
    }

    /// Weights of the negative and the positive class, as the trees of [`ForestGrower::grow`] take them.
    pub fn class_weights(&self) -> [f64; 2] {
        self.training.class_weights
    }

    /// The trees of these indices, in their order. A tree depends on its index and never on which others are grown, or on the
    /// number of threads.
    pub fn grow(&self, indices: Range<usize>) -> Vec<GrownTree> {
        if self.is_packed() {
            self.grow_as::<PackedSample>(indices)
        } else {
            self.grow_as::<WideSample>(indices)
        }
    }

    /// Whether counts are small: no sample weights, and not too many rows.
    fn is_packed(&self) -> bool {
        self.training.weights.is_none() && PackedSample::fits(self.training.binned.rows(), self.training.draws)
    }

    fn grow_as<R: TrainingSample>(&self, indices: Range<usize>) -> Vec<GrownTree> {
        let is_plain = self.training.class_weights == [1.0, 1.0];
        match self.training.params.criterion() {
            Criterion::Gini if is_plain => self.grow_by::<R, _>(indices, &PlainGini),
            Criterion::Gini => self.grow_by::<R, _>(indices, &Gini::new(self.training.class_weights)),
            Criterion::Entropy if is_plain && self.is_packed() => {
                self.grow_by::<R, _>(indices, &PlainEntropy::new(self.training.draws))
            }
            Criterion::Entropy => self.grow_by::<R, _>(indices, &Entropy::new(self.training.class_weights)),
        }
    }

    fn grow_by<R: TrainingSample, I: Impurity>(&self, indices: Range<usize>, impurity: &I) -> Vec<GrownTree> {
        let row = |&row: &u32| {
            let weight = self.training.weights.as_ref().map_or(1, |weights| weights[row as usize]);
            R::new(row as usize, weight, self.training.targets[row as usize])
        };
        let used: Vec<R> = self.training.used.iter().map(row).collect();
        // More rows than a u32 counts are never there.
        let min_samples_leaf = u32::try_from(self.training.params.min_samples_leaf()).unwrap_or(u32::MAX);
        let grow = |workspace: &mut GrowerWorkspace<R>, index| {
            self.draw_rows(index, &used, workspace);
            TreeGrowth::new(&self.training, SplitSearch { impurity, min_samples_leaf }, workspace)
                .grow(self.streams(index)[1])
        };
        indices.into_par_iter().map_init(|| GrowerWorkspace::new(self.training.binned.features()), grow).collect()
    }

    /// The stream that draws a tree's rows, and that of its root.
    fn streams(&self, index: usize) -> [SplitRng; 2] {
        let mut rng = task_rng(self.training.params.seed(), "tree", &[index as u64]);
        [SplitRng::new(rng.next_u64()), SplitRng::new(rng.next_u64())]
    }

    /// How often a tree draws each row in use.
    pub(super) fn draw_times(&self, index: usize, times: &mut Vec<u32>) {
        times.clear();
        if !self.training.params.bootstrap() {
            return times.resize(self.training.used.len(), 1);
        }
        times.resize(self.training.used.len(), 0);
        let [mut stream, _] = self.streams(index);
        for _ in 0..self.training.draws {
            times[stream.below(self.training.used.len())] += 1;
        }
    }

    fn draw_rows<R: TrainingSample>(&self, index: usize, used: &[R], workspace: &mut GrowerWorkspace<R>) {
        let GrowerWorkspace { times, rows: [sampled, other], .. } = workspace;
        self.draw_times(index, times);
        sampled.resize(used.len(), R::default());
        let mut end = 0;
        for (&row, &times) in used.iter().zip(&*times) {
            // Written over by the next one if it was not sampled: a branch would be mispredicted for every third row.
            sampled[end] = row.times(times);
            end += usize::from(times > 0);
        }
        sampled.truncate(end);
        other.resize(end, R::default());
    }
}

#[cfg(test)]
mod tests;
