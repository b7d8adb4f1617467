//! The best cut of a feature for all nodes of a level at once, from their histograms.

use fearless_simd::{dispatch, Level};

use super::histogram::{BinSums, PackedWord, ENTRIES};
use super::splitting::SplitConstraints;
use crate::binning::MISSING_BIN;

/// A cut of one feature that all nodes of a level share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ObliviousSplit {
    /// Numbers of bins up to this one go left.
    pub cut: u8,
    /// Where missing values go.
    pub missing_left: bool,
    /// Sum of the gains of the nodes that are split, in the units of the words: gradient² / hessian.
    pub gain: f64,
}

impl SplitConstraints {
    /// Whether a node may be split into these sides.
    pub(super) fn allow<W: PackedWord>(&self, left: W, right: W) -> bool {
        self.allow_side(left) && self.allow_side(right)
    }

    fn allow_side<W: PackedWord>(&self, side: W) -> bool {
        side.count() >= self.min_rows && side.hessian() >= self.min_hessian
    }
}

/// The cut whose gains (see [`super::splitting::best_cut`]) in all nodes add up to most, the lowest of equals; `None` if no sum
/// is above 0. A node is its histogram and the sum of all its rows, at
/// least one. Nodes that may not be split by a cut add nothing.
///
/// Missing values of all nodes are tried on either side, and to part them from all numbers is a cut too, the one above the last
/// bin. Where no node has any, they go to the side of more rows.
pub(super) fn best_shared_cut<W: PackedWord>(
    nodes: &[(&BinSums<W>, W)],
    bins: usize,
    limits: &SplitConstraints,
) -> Option<ObliviousSplit> {
    let best =
        |cuts: usize, is_missing_left: bool| dispatch!(Level::new(), _ => best(nodes, cuts, limits, is_missing_left));
    let has_missing = |(histogram, _): &(&BinSums<W>, W)| histogram[usize::from(MISSING_BIN)].count() > 0;
    if !nodes.iter().any(has_missing) {
        let (cut, gain) = best(bins - 1, false)?;
        return Some(ObliviousSplit { cut, missing_left: is_left_heavier(nodes, cut), gain });
    }
    let right = best(bins, false);
    let left = best(bins - 1, true);
    match (left, right) {
        (Some(left), Some(right)) if (right.1, left.0) > (left.1, right.0) => Some((right, false)),
        (left, right) => left.map(|left| (left, true)).or(right.map(|right| (right, false))),
    }
    .map(|((cut, gain), missing_left)| ObliviousSplit { cut, missing_left, gain })
}

/// The best of the first so many cuts and its gain, with missing values on the left or on the right of all of them.
#[inline(always)]
fn best<W: PackedWord>(
    nodes: &[(&BinSums<W>, W)],
    cuts: usize,
    limits: &SplitConstraints,
    is_missing_left: bool,
) -> Option<(u8, f64)> {
    let mut gains = [0.0; ENTRIES];
    let mut lefts = [W::ZERO; ENTRIES];
    let (gains, lefts) = (&mut gains[..cuts], &mut lefts[..cuts]);
    let mut least = 0.0;
    for &(histogram, total) in nodes {
        let mut left = if is_missing_left { histogram[usize::from(MISSING_BIN)] } else { W::ZERO };
        for (sum, &bin) in lefts.iter_mut().zip(histogram) {
            left = left.plus(bin);
            *sum = left;
        }
        // Left sides grow from cut to cut, right sides shrink: legal cuts stand side by side.
        let start = lefts.partition_point(|&left| !limits.allow_side(left));
        let end = lefts.partition_point(|&left| limits.allow_side(total.minus(left)));
        let node = NodeGain::new(total, limits);
        if start < end {
            let legal = gains[start..end].iter_mut().zip(&lefts[start..end]);
            legal.for_each(|(gain, &left)| *gain += node.of(left));
        }
        least += node.least();
    }
    let greater = |best: (usize, f64), (cut, &gain): (usize, &f64)| if gain > best.1 { (cut, gain) } else { best };
    let (cut, gain) = gains.iter().enumerate().fold((0, least), greater);
    (gain > least).then_some((cut as u8, gain))
}

/// What does not change from cut to cut of a node.
struct NodeGain {
    l2: f64,
    /// H + 2λ, the sum of both sides' denominators.
    denominators: f64,
    gradient: f64,
    /// What a child expects by its denominator, if both are alike.
    slope: f64,
    /// What is lost by regularising two children instead of one node.
    lost: f64,
}

impl NodeGain {
    fn new<W: PackedWord>(total: W, limits: &SplitConstraints) -> NodeGain {
        let (l2, gradient) = (limits.l2, total.gradient());
        let denominators = total.hessian() + 2.0 * l2;
        let slope = gradient / denominators;
        NodeGain { l2, denominators, gradient, slope, lost: l2 * gradient * slope / (total.hessian() + l2) }
    }

    /// With D_l = H_l + λ, D_r = H_r + λ and D = D_l + D_r, the gain is D u² / (D_l D_r) − λ G² / (D (H + λ)) for
    /// u = G_l − D_l G / D.
    #[inline(always)]
    fn of<W: PackedWord>(&self, left: W) -> f64 {
        let left_denominator = left.hessian() + self.l2;
        let distance = left.gradient() - left_denominator * self.slope;
        let below = left_denominator * (self.denominators - left_denominator);
        self.denominators * (distance * distance) / below - self.lost
    }

    /// Rows that are all alike have a gain of 0, but for rounding.
    fn least(&self) -> f64 {
        1e-20 * (self.gradient * self.slope).abs()
    }
}

fn is_left_heavier<W: PackedWord>(nodes: &[(&BinSums<W>, W)], cut: u8) -> bool {
    let rows = nodes.iter().map(|(_, total)| u64::from(total.count())).sum::<u64>();
    let lefts = nodes.iter().flat_map(|(histogram, _)| &histogram[..=usize::from(cut)]);
    2 * lefts.map(|bin| u64::from(bin.count())).sum::<u64>() >= rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Rows = Vec<(i64, u64)>;

    const LIMITS: SplitConstraints = SplitConstraints { min_rows: 1, min_hessian: 0.0, l2: 0.0 };

    fn sum(rows: &[(i64, u64)]) -> u64 {
        rows.iter().map(|row| u64::pack(row.0, row.1)).fold(0, u64::plus)
    }

    /// Histograms of nodes' `(gradient, hessian)` rows by bin, the last bin being that of missing values, and sums of all rows.
    fn histograms(nodes: &[Vec<Rows>]) -> Vec<(BinSums<u64>, u64)> {
        let histogram = |bins: &Vec<Rows>| {
            let mut histogram = [0; ENTRIES];
            let (missing, numbers) = bins.split_last().expect("a bin");
            histogram.iter_mut().zip(numbers).for_each(|(entry, rows)| *entry = sum(rows));
            histogram[usize::from(MISSING_BIN)] = sum(missing);
            (histogram, histogram.iter().fold(0, |sum, &entry| sum.plus(entry)))
        };
        nodes.iter().map(histogram).collect()
    }

    fn found(nodes: &[Vec<Rows>], limits: &SplitConstraints) -> Option<ObliviousSplit> {
        let histograms = histograms(nodes);
        let of_nodes: Vec<(&BinSums<u64>, u64)> = histograms.iter().map(|(histogram, sum)| (histogram, *sum)).collect();
        best_shared_cut(&of_nodes, nodes[0].len() - 1, limits)
    }

    /// Sum of the gains of a cut, by the formula as it is written.
    fn naive(nodes: &[Vec<Rows>], cut: usize, missing_left: bool, limits: &SplitConstraints) -> f64 {
        let term = |side: u64| side.gradient().powi(2) / (side.hessian() + limits.l2);
        let is_legal = |side: u64| side.count() >= limits.min_rows && side.hessian() >= limits.min_hessian;
        let gain = |bins: &Vec<Rows>| {
            let (missing, numbers) = bins.split_last().expect("a bin");
            let (left, right) = numbers.split_at(cut + 1);
            let mut sides = [left.concat(), right.concat()];
            sides[usize::from(!missing_left)].extend(missing);
            let [left, right] = sides.map(|rows| sum(&rows));
            match is_legal(left) && is_legal(right) {
                true => term(left) + term(right) - term(left.plus(right)),
                false => 0.0,
            }
        };
        nodes.iter().map(gain).sum()
    }

    #[test]
    fn one_cut_and_one_side_for_missing_values_serve_all_nodes() {
        let (negative, positive) = ((5, 3), (-5, 3));
        let cut = |nodes: &[Vec<Rows>]| found(nodes, &LIMITS).map(|found| (found.cut, found.missing_left));
        // The first by itself would be cut elsewhere; together they are where most is gained.
        let low = vec![vec![negative; 2], vec![positive; 2], vec![positive; 2], vec![]];
        let high = vec![vec![negative; 9], vec![negative; 9], vec![positive; 9], vec![]];
        let both = [low, high];
        assert_eq!((cut(&both[..1]), cut(&both[1..])), (Some((0, false)), Some((1, true))));
        assert_eq!(cut(&both), Some((1, true)));
        // One node's missing values are positive rows, the other's more numerous ones negative.
        let positives = vec![vec![negative; 4], vec![positive; 4], vec![positive; 2]];
        let negatives = vec![vec![negative; 4], vec![positive; 4], vec![negative; 3]];
        let both = [positives, negatives];
        assert_eq!((cut(&both[..1]), cut(&both[1..])), (Some((0, false)), Some((0, true))));
        assert_eq!(cut(&both), Some((0, true)));
        // Missing values are parted from all numbers, in the node that has some.
        assert_eq!(cut(&[vec![vec![negative; 2], vec![positive]], vec![vec![negative; 2], vec![]]]), Some((0, false)));
    }

    #[test]
    fn of_equal_cuts_the_lowest_is_taken_and_one_without_gain_never() {
        let cut = |nodes: &[Vec<Rows>]| found(nodes, &LIMITS).map(|found| found.cut);
        let gap = vec![vec![(5, 3)], vec![], vec![(-5, 3)], vec![]];
        assert_eq!(cut(&[gap.clone(), gap.clone()]), Some(0));
        let alike = vec![vec![(7, 3)], vec![(7, 3); 2], vec![(7, 3)], vec![]];
        assert_eq!(cut(&[alike.clone(), alike.clone()]), None);
        assert_eq!(cut(&[alike, gap]), Some(0));
        assert_eq!(cut(&[vec![vec![(7, 3)], vec![]]]), None);
    }

    fn rows() -> impl Strategy<Value = Rows> {
        prop::collection::vec((-900i64..900, 1u64..250), 0..4)
    }

    proptest! {
        #[test]
        fn no_cut_gains_more(
            nodes in (2usize..12)
                .prop_flat_map(|bins| prop::collection::vec(prop::collection::vec(rows(), bins), 1..6))
                .prop_filter("no node is empty", |nodes| nodes.iter().all(|bins| !bins.concat().is_empty())),
            min_rows in 1u32..6,
            min_hessian in prop_oneof![Just(0.0), 0.0..800.0f64],
            l2 in prop_oneof![Just(0.0), 0.0..500.0f64],
        ) {
            let limits = SplitConstraints { min_rows, min_hessian, l2 };
            let gain = |cut: usize, missing_left| naive(&nodes, cut, missing_left, &limits);
            let bins = nodes[0].len() - 1;
            let most = (0..bins).flat_map(|cut| [gain(cut, false), gain(cut, true)]).fold(0.0, f64::max);
            // The naive formula's own rounding.
            let term = |rows: &Rows| sum(rows).gradient().powi(2) / (sum(rows).hessian() + l2).max(1.0);
            let rounding = 1e-9 * most.max(1.0) + 1e-12 * nodes.iter().flatten().map(term).sum::<f64>();
            match found(&nodes, &limits) {
                None => prop_assert!(most <= rounding, "none found, {} possible", most),
                Some(found) => {
                    prop_assert!((found.gain - most).abs() <= rounding, "found {}, possible {}", found.gain, most);
                    let same = gain(usize::from(found.cut), found.missing_left);
                    prop_assert!((found.gain - same).abs() <= rounding);
                }
            }
        }
    }
}
