//! What the trees of a forest share, and the growing of all of them.

use std::ops::Range;

use rand::Rng;
use rayon::prelude::*;

use super::binned_layout::BinnedLayout;
use super::counts::{PackedSample, TrainingSample, WideSample};
use super::criterion::{Entropy, Gini, Impurity, PlainEntropy, PlainGini};
use super::grow_forest::{GrowerWorkspace, GrownTree, TreeGrowth};
use super::params::{Criterion, MaxSamples, RandomForestValidParams};
use super::rng::SplitRng;
use super::splitting::SplitSearch;
use super::weights::{class_weights, whole_weights};
use crate::binning::{BinnedRecords, Binning};
use crate::checks::{check_shape, check_weights, refusal};
use crate::{Tree, TreeNode, Trees};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::seed::Seed;

/// Most training rows.
const MAX_FOREST_ROWS: usize = (1 << 31) - 1;

/// Grows the trees of a forest, any of them at any time.
pub struct ForestGrower<'a> {
    pub(super) params: RandomForestValidParams,
    pub(super) binned: &'a BinnedRecords,
    pub(super) binning: &'a Binning,
    pub(super) blocks: BinnedLayout,
    /// Rows in use, ascending.
    pub(super) used: Vec<u32>,
    pub(super) hits: &'a [bool],
    /// Whole numbers in proportion to the sample weights, one a row; `None` if all are the same.
    pub(super) weights: Option<Vec<u64>>,
    class_weights: [f64; 2],
    /// Rows drawn for each tree.
    draws: usize,
    pub(super) max_features: usize,
}

impl<'a> ForestGrower<'a> {
    /// Checks and prepares what the trees share: `binned` rows, each with a target and a weight (`None`: 1 each; a row of weight
    /// 0 is not used).
    ///
    /// # Errors
    /// A parameter is not legal; there is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,767
    /// features; a weight is negative or not finite; `max_samples` exceeds the rows; the lengths disagree.
    pub fn new(
        params: &RandomForestValidParams,
        binned: &'a BinnedRecords,
        binning: &'a Binning,
        targets: &'a [bool],
        weights: Option<&[f32]>,
    ) -> Result<ForestGrower<'a>> {
        params.validate()?;
        check_shape(binned.rows(), binned.features(), targets.len(), MAX_FOREST_ROWS)?;
        check_weights(weights, binned.rows())?;
        let is_used = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
        let used: Vec<u32> = (0..binned.rows() as u32).filter(is_used).collect();
        if used.is_empty() {
            return Err(refusal(Reason::TooFewRows, "expected at least one row of a weight above 0", 0));
        }
        let draws = if params.bootstrap() { draws(params.max_samples(), used.len())? } else { used.len() };
        Ok(ForestGrower {
            params: *params,
            binned,
            binning,
            blocks: BinnedLayout::new(binned),
            weights: weights.and_then(|weights| whole_weights(weights, draws)),
            class_weights: class_weights(params.class_weight(), used.iter().map(|&row| targets[row as usize])),
            used,
            hits: targets,
            draws,
            max_features: params.max_features().of(binned.features()),
        })
    }

    /// Weights of a flop and of a hit, for [`assemble`].
    pub fn class_weights(&self) -> [f64; 2] {
        self.class_weights
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
        self.weights.is_none() && PackedSample::fits(self.binned.rows(), self.draws)
    }

    fn grow_as<R: TrainingSample>(&self, indices: Range<usize>) -> Vec<GrownTree> {
        let is_plain = self.class_weights == [1.0, 1.0];
        match self.params.criterion() {
            Criterion::Gini if is_plain => self.grow_by::<R, _>(indices, &PlainGini),
            Criterion::Gini => self.grow_by::<R, _>(indices, &Gini::new(self.class_weights)),
            Criterion::Entropy if is_plain && self.is_packed() => {
                self.grow_by::<R, _>(indices, &PlainEntropy::new(self.draws))
            }
            Criterion::Entropy => self.grow_by::<R, _>(indices, &Entropy::new(self.class_weights)),
        }
    }

    fn grow_by<R: TrainingSample, I: Impurity>(&self, indices: Range<usize>, impurity: &I) -> Vec<GrownTree> {
        let row = |&row: &u32| {
            let weight = self.weights.as_ref().map_or(1, |weights| weights[row as usize]);
            R::new(row as usize, weight, self.hits[row as usize])
        };
        let used: Vec<R> = self.used.iter().map(row).collect();
        // More rows than a u32 counts are never there.
        let min_samples_leaf = u32::try_from(self.params.min_samples_leaf()).unwrap_or(u32::MAX);
        let grow = |workspace: &mut GrowerWorkspace<R>, index| {
            self.draw_rows(index, &used, workspace);
            TreeGrowth::new(self, SplitSearch { impurity, min_samples_leaf }, workspace).grow(self.streams(index)[1])
        };
        indices.into_par_iter().map_init(|| GrowerWorkspace::new(self.binned.features()), grow).collect()
    }

    /// The stream that draws a tree's rows, and that of its root.
    fn streams(&self, index: usize) -> [SplitRng; 2] {
        let mut rng = Seed(self.params.seed()).rng("tree", &[index as u64]);
        [SplitRng::new(rng.next_u64()), SplitRng::new(rng.next_u64())]
    }

    /// How often a tree draws each row in use.
    pub(super) fn draw_times(&self, index: usize, times: &mut Vec<u32>) {
        times.clear();
        if !self.params.bootstrap() {
            return times.resize(self.used.len(), 1);
        }
        times.resize(self.used.len(), 0);
        let [mut stream, _] = self.streams(index);
        for _ in 0..self.draws {
            times[stream.below(self.used.len())] += 1;
        }
    }

    fn draw_rows<R: TrainingSample>(&self, index: usize, used: &[R], workspace: &mut GrowerWorkspace<R>) {
        let GrowerWorkspace { times, rows: [drawn, other], .. } = workspace;
        self.draw_times(index, times);
        drawn.resize(used.len(), R::default());
        let mut end = 0;
        for (&row, &times) in used.iter().zip(&*times) {
            // Written over by the next one if it was not drawn: a branch would be foretold wrongly for every third row.
            drawn[end] = row.times(times);
            end += usize::from(times > 0);
        }
        drawn.truncate(end);
        other.resize(end, R::default());
    }
}

/// Grows the trees that a fit with `params` would grow, on records that were binned before: [`ForestGrower::new`], then
/// [`ForestGrower::grow`].
///
/// # Errors
/// As [`ForestGrower::new`].
pub fn grow(
    params: &RandomForestValidParams,
    binned: &BinnedRecords,
    binning: &Binning,
    targets: &[bool],
    weights: Option<&[f32]>,
) -> Result<Vec<GrownTree>> {
    Ok(ForestGrower::new(params, binned, binning, targets, weights)?.grow(0..params.n_estimators()))
}

/// Trees as they were grown over `binning`, in the common form. A feature whose missing values are parted from all numbers
/// somewhere gets one more cut, [`f64::MAX`], which no number exceeds.
///
/// # Errors
/// The trees were not grown over `binning`.
pub fn assemble(binning: Binning, class_weights: [f64; 2], trees: Vec<Tree>) -> Result<Trees> {
    let mut cuts = binning.into_cuts();
    let mut parts_missing = vec![false; cuts.len()];
    for node in trees.iter().flat_map(|tree| &tree.nodes) {
        if let TreeNode::Split { column, cut, .. } = *node {
            let feature = column.feature();
            if cuts.get(feature).is_some_and(|cuts| cuts.len() == usize::from(cut)) {
                parts_missing[feature] = true;
            }
        }
    }
    for (cuts, _) in cuts.iter_mut().zip(parts_missing).filter(|(_, parts_missing)| *parts_missing) {
        cuts.push(f64::MAX);
    }
    Trees::new(cuts, class_weights, trees)
        .map_err(|error| Error::Failed(format!("the grown forest is invalid: {error}")))
}

/// How many rows are drawn for a tree.
fn draws(max_samples: Option<MaxSamples>, rows: usize) -> Result<usize> {
    match max_samples {
        None => Ok(rows),
        Some(MaxSamples::Fraction(fraction)) => Ok(((fraction * rows as f64).round() as usize).max(1)),
        Some(MaxSamples::Number(number)) if number <= rows => Ok(number),
        Some(MaxSamples::Number(number)) => {
            let rule = format!("expected at most the number of rows, {rows}");
            Err(Error::input(Fault::new(Place::parameter("max_samples"), Reason::Setting, rule).found(number.to_string())))
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::super::params::{MaxFeatures, RandomForestParams};
    use super::*;
    use crate::Leaves;
    use linfa::ParamGuard;

    /// Four features, one of them with few values, one often missing.
    fn records() -> impl Strategy<Value = (Array2<f64>, Vec<bool>)> {
        let row = (0.0..1.0f64, 0u8..4, prop_oneof![0.0..9.0f64, Just(f64::NAN)], 0u8..200, any::<bool>());
        prop::collection::vec(row, 1..300).prop_map(|rows| {
            let value = |&(a, b, c, d, _): &(f64, u8, f64, u8, bool)| [a, f64::from(b), c, f64::from(d)];
            let values: Vec<f64> = rows.iter().flat_map(value).collect();
            let hits = rows.iter().map(|row| row.4 || row.0 > 0.8).collect();
            (Array2::from_shape_vec((rows.len(), 4), values).expect("a matrix"), hits)
        })
    }

    fn grown(
        params: RandomForestParams,
        records: &Array2<f64>,
        hits: &[bool],
        weights: Option<&[f32]>,
    ) -> Vec<GrownTree> {
        let params = params.check().expect("legal");
        let binning = Binning::fit(records.view(), params.max_bins());
        let binned = binning.transform(records.view());
        grow(&params, &binned, &binning, hits, weights).expect("trees")
    }

    /// The tree cut at every node that `is_leaf`, by depth and rows; nodes in the order in which a grower makes them.
    fn cut(grown: &GrownTree, is_leaf: impl Fn(usize, u32) -> bool) -> (Vec<(TreeNode, [u32; 2])>, Vec<u32>) {
        let Leaves::Frequencies(leaves) = &grown.tree.leaves else { panic!("no sample weights") };
        let nodes = &grown.tree.nodes;
        let mut counts = vec![[0; 2]; nodes.len()];
        for (index, node) in nodes.iter().enumerate().rev() {
            counts[index] = match *node {
                TreeNode::Leaf(leaf) => leaves[leaf as usize],
                TreeNode::Split { left, .. } => {
                    [0, 1].map(|class| counts[left as usize][class] + counts[left as usize + 1][class])
                }
            };
        }
        let (mut kept, mut rows) = (vec![(TreeNode::Leaf(0), counts[0])], vec![grown.rows[0]]);
        let mut pending = vec![(0, 0, 0)];
        while let Some((node, to, depth)) = pending.pop() {
            if let (TreeNode::Split { column, cut, left }, false) = (nodes[node], is_leaf(depth, grown.rows[node])) {
                let left = left as usize;
                kept[to].0 = TreeNode::Split { column, cut, left: kept.len() as u32 };
                pending.extend([(left + 1, kept.len() + 1, depth + 1), (left, kept.len(), depth + 1)]);
                for child in [left, left + 1] {
                    kept.push((TreeNode::Leaf(0), counts[child]));
                    rows.push(grown.rows[child]);
                }
            }
        }
        (kept, rows)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What lets a search grow trees once for many depths, node sizes and numbers of trees.
        #[test]
        fn smaller_trees_and_forests_are_parts_of_larger_ones(
            (records, hits) in records(),
            max_depth in 1usize..8,
            min_samples_split in 2usize..40,
            min_samples_leaf in 1usize..4,
            bootstrap in any::<bool>(),
            max_features in 1usize..5,
        ) {
            let params = RandomForestParams::new()
                .n_estimators(5)
                .bootstrap(bootstrap)
                .min_samples_leaf(min_samples_leaf)
                .max_features(MaxFeatures::Number(max_features));
            let whole = grown(params, &records, &hits, None);
            prop_assert_eq!(&whole[..2], &grown(params.n_estimators(2), &records, &hits, None)[..]);
            let shallow = grown(params.max_depth(max_depth), &records, &hits, None);
            let coarse = grown(params.min_samples_split(min_samples_split), &records, &hits, None);
            for tree in 0..5 {
                let expected = cut(&whole[tree], |depth, _| depth == max_depth);
                prop_assert_eq!(expected, cut(&shallow[tree], |_, _| false));
                let expected = cut(&whole[tree], |_, rows| (rows as usize) < min_samples_split);
                prop_assert_eq!(expected, cut(&coarse[tree], |_, _| false));
            }
        }

        /// A row of weight 2 is a row that stands twice but for what counts distinct rows, and one of weight 0 is not there.
        #[test]
        fn weights_count_rows((records, hits) in records(), weights in prop::collection::vec(0u8..4, 300)) {
            let weights: Vec<f32> = weights[..hits.len()].iter().map(|&weight| f32::from(weight)).collect();
            prop_assume!(weights.iter().any(|&weight| weight > 0.0));
            let rows: Vec<usize> = (0..hits.len()).flat_map(|row| vec![row; weights[row] as usize]).collect();
            let axis = ndarray::Axis(0);
            let repeated = records.select(axis, &rows);
            let repeated_hits: Vec<bool> = rows.iter().map(|&row| hits[row]).collect();
            let params = RandomForestParams::new().n_estimators(2).bootstrap(false).max_bins(255);
            // The repeated rows have the same bins, if bins are those of all rows.
            let binning = Binning::fit(records.view(), 255);
            let (binned, binned_repeated) = (binning.transform(records.view()), binning.transform(repeated.view()));
            let params = params.check().expect("legal");
            let weighted = grow(&params, &binned, &binning, &hits, Some(&weights)).expect("trees");
            let plain = grow(&params, &binned_repeated, &binning, &repeated_hits, None).expect("trees");
            for (weighted, plain) in weighted.iter().zip(&plain) {
                prop_assert_eq!(&weighted.tree.nodes, &plain.tree.nodes);
                let Leaves::Frequencies(counts) = &plain.tree.leaves else { panic!("no weights") };
                for (leaf, counts) in counts.iter().enumerate() {
                    let share = f64::from(counts[1]) / f64::from(counts[0] + counts[1]);
                    let found = match &weighted.tree.leaves {
                        Leaves::Values(leaves) => leaves[leaf].0,
                        Leaves::Frequencies(leaves) => f64::from(leaves[leaf][1]) / f64::from(leaves[leaf][0] + leaves[leaf][1]),
                    };
                    prop_assert!((found - share).abs() < 1e-12);
                }
            }
        }

        /// Leaves hold what the walk through the assembled tree finds, and every row finds a leaf that its missing values allow.
        #[test]
        fn leaves_hold_the_rows_that_fall_into_them((records, hits) in records(), min_samples_leaf in 1usize..5) {
            let params = RandomForestParams::new().n_estimators(2).bootstrap(false).min_samples_leaf(min_samples_leaf);
            let grown = grown(params, &records, &hits, None);
            let trees: Vec<Tree> = grown.iter().map(|grown| grown.tree.clone()).collect();
            let trees = assemble(Binning::fit(records.view(), 255), [1.0, 1.0], trees).expect("valid");
            for (index, tree) in trees.trees().iter().enumerate() {
                let mut counts = vec![[0; 2]; tree.leaves.len()];
                for (row, &hit) in records.rows().into_iter().zip(&hits) {
                    counts[trees.leaf(index, row)][usize::from(hit)] += 1;
                }
                prop_assert!(tree.leaves.len() == 1 || counts.iter().all(|leaf| leaf[0] + leaf[1] >= min_samples_leaf as u32));
                prop_assert_eq!(&tree.leaves, &Leaves::Frequencies(counts));
            }
        }
    }

    #[test]
    fn a_bootstrap_draws_as_many_rows_as_asked() {
        let records = Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
        let hits: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
        for (max_samples, expected) in [
            (None, 200),
            (Some(MaxSamples::Number(50)), 50),
            (Some(MaxSamples::Fraction(0.25)), 50),
            (Some(MaxSamples::Fraction(0.001)), 1),
        ] {
            for tree in grown(RandomForestParams::new().n_estimators(3).max_samples(max_samples), &records, &hits, None)
            {
                let drawn: u64 = (0..tree.tree.leaves.len()).map(|leaf| tree.tree.leaves.rows(leaf)).sum();
                assert_eq!(drawn, expected);
                assert!(u64::from(tree.rows[0]) <= expected);
            }
        }
    }
}
