//! The best cut of a feature for all nodes of a level at once, from their histograms.

use super::histogram::{Histogram, Word, ENTRIES};
use super::splitting::Limits;
use crate::learn::tree::binning::MISSING_BIN;

/// A cut of one feature that all nodes of a level share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedCut {
    /// Numbers of bins up to this one go left.
    pub cut: u8,
    /// Where missing values go.
    pub missing_left: bool,
    /// Sum of the gains of the nodes that are split, in the units of the words: gradient² / hessian.
    pub gain: f64,
}

impl Limits {
    /// Whether a node may be split into these sides.
    pub fn allow<W: Word>(&self, left: W, right: W) -> bool {
        self.allow_side(left) && self.allow_side(right)
    }

    fn allow_side<W: Word>(&self, side: W) -> bool {
        side.count() >= self.min_rows && side.hessian() >= self.min_hessian
    }
}

/// The cut whose gains (see [`super::splitting::best_cut`]) in all nodes add up to most, the lowest of equals; `None` if no sum
/// is above 0. A node is its histogram and the sum of all its rows. Nodes that may not be split by a cut add nothing.
///
/// Missing values of all nodes are tried on either side, and to part them from all numbers is a cut too, the one above the last
/// bin. Where no node has any, they go to the side of more rows.
pub fn best_shared_cut<W: Word>(nodes: &[(&Histogram<W>, W)], bins: usize, limits: &Limits) -> Option<SharedCut> {
    let missing = |histogram: &Histogram<W>| histogram[usize::from(MISSING_BIN)];
    if nodes.iter().all(|(histogram, _)| missing(histogram).count() == 0) {
        let (cut, gain) = best(nodes, bins - 1, limits, |_| W::ZERO)?;
        return Some(SharedCut { cut, missing_left: is_left_heavier(nodes, cut), gain });
    }
    let right = best(nodes, bins, limits, |_| W::ZERO);
    let left = best(nodes, bins - 1, limits, missing);
    match (left, right) {
        (Some(left), Some(right)) if (right.1, left.0) > (left.1, right.0) => Some((right, false)),
        (left, right) => left.map(|left| (left, true)).or(right.map(|right| (right, false))),
    }
    .map(|((cut, gain), missing_left)| SharedCut { cut, missing_left, gain })
}

/// The best of the first so many cuts and its gain, where `first_left` is on the left of all of them.
fn best<W: Word>(
    nodes: &[(&Histogram<W>, W)],
    cuts: usize,
    limits: &Limits,
    first_left: impl Fn(&Histogram<W>) -> W,
) -> Option<(u8, f64)> {
    let mut gains = [0.0; ENTRIES];
    let mut lefts = [W::ZERO; ENTRIES];
    let (gains, lefts) = (&mut gains[..cuts], &mut lefts[..cuts]);
    let mut least = 0.0;
    for &(histogram, total) in nodes {
        let mut left = first_left(histogram);
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
    fn new<W: Word>(total: W, limits: &Limits) -> NodeGain {
        let (l2, gradient) = (limits.l2, total.gradient());
        let denominators = total.hessian() + 2.0 * l2;
        let slope = gradient / denominators;
        NodeGain { l2, denominators, gradient, slope, lost: l2 * gradient * slope / (total.hessian() + l2) }
    }

    /// With D_l = H_l + λ, D_r = H_r + λ and D = D_l + D_r, the gain is D u² / (D_l D_r) − λ G² / (D (H + λ)) for
    /// u = G_l − D_l G / D.
    fn of<W: Word>(&self, left: W) -> f64 {
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

fn is_left_heavier<W: Word>(nodes: &[(&Histogram<W>, W)], cut: u8) -> bool {
    let rows = nodes.iter().map(|(_, total)| u64::from(total.count())).sum::<u64>();
    let lefts = nodes.iter().flat_map(|(histogram, _)| &histogram[..=usize::from(cut)]);
    2 * lefts.map(|bin| u64::from(bin.count())).sum::<u64>() >= rows
}
