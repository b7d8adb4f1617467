//! Every split and every value against the definition, in floating point.

use ndarray::{ArrayView1, ArrayView2};

use super::*;
use crate::boosting::histogram::PackedWord;
use crate::boosting::loss::sigmoid;
use crate::Tree;

/// What the trees were grown with.
pub(super) struct NaiveBoosting {
    pub learning_rate: f64,
    pub l2: f64,
    pub min_rows: usize,
    pub min_hessian: f64,
    pub max_depth: usize,
    num_leaves: usize,
    pub is_newton: bool,
}

/// Sums over some rows.
#[derive(Clone, Copy, Default)]
pub(super) struct NaiveSums {
    pub gradient: f64,
    pub hessian: f64,
    pub rows: usize,
}

/// One tree's derivatives, and how far a word's may be from them: half a unit, and a whole one for hessians.
pub(super) struct NaiveDerivatives {
    /// Gradient, hessian by which splits are judged, hessian of the loss.
    pub of_row: Vec<(f64, f64, f64)>,
    gradient_error: f64,
    hessian_error: f64,
}

impl NaiveDerivatives {
    pub(super) fn new(margins: &[f64], targets: &Array1<bool>, is_newton: bool) -> NaiveDerivatives {
        let of_row: Vec<(f64, f64, f64)> = margins
            .iter()
            .zip(targets)
            .map(|(&margin, &target)| {
                let p = sigmoid(margin);
                let hessian = p * (1.0 - p);
                (p - f64::from(u8::from(target)), if is_newton { hessian } else { 1.0 }, hessian)
            })
            .collect();
        let above: f64 = of_row.iter().map(|row| row.0.max(0.0)).sum();
        let below: f64 = of_row.iter().map(|row| (-row.0).max(0.0)).sum();
        let hessians: f64 = of_row.iter().map(|row| row.1).sum();
        let rows = of_row.len() as f64;
        let gradient_error = 0.5 * above.max(below) / (u64::MAX_GRADIENT_SUM - rows);
        let hessian_error = hessians / (u64::MAX_HESSIAN_SUM - 2.0 * rows);
        NaiveDerivatives { of_row, gradient_error, hessian_error }
    }

    pub(super) fn sums(&self, rows: &[usize]) -> NaiveSums {
        let mut sums = NaiveSums { rows: rows.len(), ..NaiveSums::default() };
        for &row in rows {
            sums.gradient += self.of_row[row].0;
            sums.hessian += self.of_row[row].1;
        }
        sums
    }
}

impl NaiveBoosting {
    pub(super) fn of(params: &GradientBoostingValidParams) -> NaiveBoosting {
        NaiveBoosting {
            learning_rate: params.learning_rate(),
            l2: params.l2_regularization(),
            min_rows: params.min_samples_leaf(),
            min_hessian: params.min_child_weight(),
            max_depth: params.max_depth().unwrap_or(usize::MAX),
            num_leaves: params.num_leaves().unwrap_or(usize::MAX),
            is_newton: params.criterion() == SplitCriterion::Newton,
        }
    }

    pub(super) fn term(&self, sums: NaiveSums) -> f64 {
        sums.gradient * sums.gradient / (sums.hessian + self.l2)
    }

    /// How far the term of rounded sums may be from it, to the first order.
    fn error(&self, sums: NaiveSums, derivatives: &NaiveDerivatives) -> f64 {
        let value = (sums.gradient / (sums.hessian + self.l2)).abs();
        1.1 * sums.rows as f64 * (2.0 * value * derivatives.gradient_error + value * value * derivatives.hessian_error)
    }

    /// Gain of a split, and how far that of rounded sums may be from it.
    fn gain(&self, sides: [NaiveSums; 2], all: NaiveSums, derivatives: &NaiveDerivatives) -> (f64, f64) {
        let error = [sides[0], sides[1], all].map(|sums| self.error(sums, derivatives)).iter().sum();
        (self.term(sides[0]) + self.term(sides[1]) - self.term(all), error)
    }

    /// The greatest gain of all splits that are legal beyond doubt, and its error.
    fn best(
        &self,
        records: ArrayView2<f64>,
        cuts: &[Vec<f64>],
        rows: &[usize],
        derivatives: &NaiveDerivatives,
    ) -> (f64, f64) {
        let all = derivatives.sums(rows);
        let mut best = (0.0, 0.0);
        for (column, cuts) in records.columns().into_iter().zip(cuts) {
            for &cut in cuts.iter().chain([&f64::MAX]) {
                for missing_left in [false, true] {
                    let sides = divided(column, rows, cut, missing_left).map(|rows| derivatives.sums(&rows));
                    let is_legal = |side: &NaiveSums| {
                        let least = self.min_hessian + side.rows as f64 * derivatives.hessian_error;
                        side.rows >= self.min_rows && side.hessian > least
                    };
                    if sides.iter().all(is_legal) {
                        let found = self.gain(sides, all, derivatives);
                        best = if found.0 > best.0 { found } else { best };
                    }
                }
            }
        }
        best
    }

    /// Checks a tree, and adds its values to the margins.
    fn check_tree(
        &self,
        tree: &Tree,
        cuts: &[Vec<f64>],
        records: ArrayView2<f64>,
        targets: &Array1<bool>,
        margins: &mut [f64],
    ) {
        let derivatives = NaiveDerivatives::new(margins, targets, self.is_newton);
        let Leaves::Values(leaves) = &tree.leaves else { panic!("a boosting's leaves hold values") };
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); tree.nodes.len()];
        let mut depths = vec![0; tree.nodes.len()];
        rows_of[0] = (0..records.nrows()).collect();
        let mut judged = Vec::new();
        for (index, node) in tree.nodes.iter().enumerate() {
            let rows = std::mem::take(&mut rows_of[index]);
            let all = derivatives.sums(&rows);
            let (best, best_error) = self.best(records, cuts, &rows, &derivatives);
            match *node {
                TreeNode::Split { column, cut, left } => {
                    let (feature, missing_left) = (column.feature(), column.missing_left());
                    let sides = divided(records.column(feature), &rows, cuts[feature][usize::from(cut)], missing_left);
                    let (gain, error) = self.gain([0, 1].map(|side| derivatives.sums(&sides[side])), all, &derivatives);
                    assert!(gain >= best - error - best_error, "node {index}: gain {gain} of {best}");
                    assert!(error < 1e-2, "node {index}: an error of {error} says nothing");
                    let left = left as usize;
                    judged.push(NaiveGain { gain, error, left: Some(left) });
                    (depths[left], depths[left + 1]) = (depths[index] + 1, depths[index] + 1);
                    [rows_of[left], rows_of[left + 1]] = sides;
                }
                TreeNode::Leaf(leaf) => {
                    let (value, count) = leaves[leaf as usize];
                    assert_eq!(count as usize, rows.len());
                    assert!(rows.len() >= self.min_rows);
                    assert!(all.hessian >= self.min_hessian - rows.len() as f64 * derivatives.hessian_error);
                    let hessian: f64 = rows.iter().map(|&row| derivatives.of_row[row].2).sum();
                    let expected = -self.learning_rate * all.gradient / (hessian + self.l2);
                    assert!((value - expected).abs() < 1e-10, "leaf {leaf}: {value} instead of {expected}");
                    rows.iter().for_each(|&row| margins[row] += value);
                    let (gain, error) = if depths[index] < self.max_depth { (best, best_error) } else { (0.0, 0.0) };
                    judged.push(NaiveGain { gain, error, left: None });
                }
            }
        }
        assert!(leaves.len() <= self.num_leaves && depths.iter().all(|&depth| depth <= self.max_depth));
        self.check_order(&judged);
    }

    /// Grows the finished tree again, best first: no node that stays a leaf was passed over for one that gains less.
    fn check_order(&self, nodes: &[NaiveGain]) {
        let (mut splittable, mut leaves): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut opened = vec![0];
        loop {
            let (split, unsplit): (Vec<usize>, Vec<usize>) =
                opened.into_iter().partition(|&index| nodes[index].left.is_some());
            splittable.extend(split);
            leaves.extend(unsplit);
            splittable.sort_by(|&a, &b| nodes[a].gain.total_cmp(&nodes[b].gain));
            let Some(next) = splittable.pop() else { break };
            let taken = &nodes[next];
            for &leaf in &leaves {
                let NaiveGain { gain, error, .. } = nodes[leaf];
                let is_no_better = taken.gain >= gain - error - taken.error;
                assert!(is_no_better, "leaf {leaf} gains {gain}, node {next} was split for {}", taken.gain);
            }
            opened = taken.left.map_or(vec![], |left| vec![left, left + 1]);
        }
        for &leaf in leaves.iter().filter(|_| leaves.len() < self.num_leaves) {
            let NaiveGain { gain, error, .. } = nodes[leaf];
            assert!(gain <= error, "leaf {leaf} could have gained {gain}");
        }
    }
}

/// What splitting a node gains, as it was split or, of a leaf, at best; and how far that of rounded sums may be from it.
struct NaiveGain {
    gain: f64,
    error: f64,
    /// Index of the left child of a node that was split.
    left: Option<usize>,
}

pub(super) fn divided(column: ArrayView1<f64>, rows: &[usize], cut: f64, missing_left: bool) -> [Vec<usize>; 2] {
    let goes_left = |&row: &usize| if column[row].is_nan() { missing_left } else { column[row] <= cut };
    let (left, right) = rows.iter().copied().partition(goes_left);
    [left, right]
}

fn check(params: GradientBoostingParams) {
    let definition = NaiveBoosting::of(params.check_ref().expect("legal"));
    for seed in 0..4 {
        let (records, targets) = examples(250, seed);
        let model = params.fit(&Dataset::new(records.clone(), targets.clone())).expect("a model");
        let mut margins = vec![model.baseline(); targets.len()];
        for tree in model.trees().trees() {
            definition.check_tree(tree, model.trees().cuts(), records.view(), &targets, &mut margins);
        }
        let sums = model.predict_proba(records.view());
        assert!(sums.iter().zip(&margins).all(|(found, &margin)| (found - sigmoid(margin)).abs() < 1e-12));
    }
}

#[test]
fn leaf_wise_trees_are_those_of_the_definition() {
    check(small().num_leaves(Some(9)));
}

#[test]
fn regularised_trees_are_those_of_the_definition() {
    check(small().l2_regularization(3.0).min_child_weight(4.0).min_samples_leaf(1).learning_rate(0.4));
}

#[test]
fn trees_of_limited_depth_are_those_of_the_definition() {
    check(small().num_leaves(None).max_depth(Some(4)).min_samples_leaf(2));
}

#[test]
fn friedmans_trees_are_those_of_the_definition() {
    check(small().num_leaves(None).max_depth(Some(3)).criterion(SplitCriterion::FriedmanMse));
}
