//! Mutual information of a continuous and a discrete variable from nearest neighbours.
//!
//! B. C. Ross, "Mutual Information between Discrete and Continuous Data Sets", PLoS ONE 9(2), 2014. For each point, the distance to
//! its k-th nearest neighbour of the same label, and the number m of points of any label closer than that, itself included:
//!
//! ```text
//! I = ψ(N) + <ψ(k)> - <ψ(N_label)> - <ψ(m)>
//! ```
//!
//! scikit-learn finds both with k-d trees. In one dimension, order is enough: the k nearest of a point stand in a window of k + 1
//! neighbours in its label's own order, and the m points stand around it in the order of all.

use super::digamma::Digamma;

/// Points on the left of a point that are looked at in one go, and points from it to the right. With k = 3 and two labels of
/// like frequency, six points are to be counted on average, and few points have more than eight on a side.
const REACH: usize = 8;

/// Points of one label handled at a time, so that their distances stay in the first-level cache.
const BLOCK: usize = 256;

/// Points of one dimension in ascending order, and where the points of each label stand in it.
#[derive(Clone, Debug, Default)]
pub struct Ordered {
    /// The points, between `REACH` sentinels of minus infinity and as many of infinity.
    padded: Vec<f64>,
    /// Ranks (from 0) of the flops, then of the hits, each ascending, and one more that means nothing.
    ranks: [Vec<usize>; 2],
    /// Each label's points, ascending: what [`Ordered::merge`] merges.
    groups: [Vec<f64>; 2],
}

impl Ordered {
    /// Puts points, given by label and each label's in ascending order, into one order.
    pub fn new(groups: [Vec<f64>; 2]) -> Ordered {
        let mut ordered = Ordered { groups, ..Ordered::default() };
        ordered.merge();
        ordered
    }

    /// Each label's points, to be refilled in ascending order before [`Ordered::merge`].
    pub(super) fn groups_mut(&mut self) -> &mut [Vec<f64>; 2] {
        &mut self.groups
    }

    /// Merges the labels' points; of equal ones the flop goes first.
    pub(super) fn merge(&mut self) {
        let [flops, hits] = &mut self.groups;
        let (flop_count, hit_count) = (flops.len(), hits.len());
        let count = flop_count + hit_count;
        self.padded.clear();
        self.padded.resize(count + 2 * REACH, f64::INFINITY);
        self.padded[..REACH].fill(f64::NEG_INFINITY);
        let [flop_ranks, hit_ranks] = &mut self.ranks;
        flop_ranks.resize(flop_count + 1, 0);
        hit_ranks.resize(hit_count + 1, 0);

        // A sentinel at the end of either saves the test whether it is used up. Both ranks are written and one of them kept, for
        // which comes next is a coin's toss that no branch predictor foresees.
        flops.push(f64::INFINITY);
        hits.push(f64::INFINITY);
        let (mut flop, mut hit) = (0, 0);
        for (rank, slot) in self.padded[REACH..REACH + count].iter_mut().enumerate() {
            let (next_flop, next_hit) = (flops[flop], hits[hit]);
            let takes_hit = next_hit < next_flop;
            *slot = if takes_hit { next_hit } else { next_flop };
            flop_ranks[flop] = rank;
            hit_ranks[hit] = rank;
            flop += usize::from(!takes_hit);
            hit += usize::from(takes_hit);
        }
        flops.pop();
        hits.pop();
        flop_ranks.truncate(flop_count);
        hit_ranks.truncate(hit_count);
    }

    /// Ranks (from 0) of the flops, then of the hits, each ascending.
    pub fn ranks(&self) -> [&[usize]; 2] {
        [&self.ranks[0], &self.ranks[1]]
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.padded.len().saturating_sub(2 * REACH)
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of points closer to the point of rank `rank` than `radius`, itself included.
    #[inline]
    fn count_within(&self, rank: usize, radius: f64) -> usize {
        let centre = self.padded[rank + REACH];
        let window = &self.padded[rank..rank + 2 * REACH];
        let count: u64 = window.iter().map(|point| u64::from((point - centre).abs() < radius)).sum();
        let (first, last) = (window[0], window[2 * REACH - 1]);
        if centre - first < radius || last - centre < radius {
            self.count_far(rank, radius)
        } else {
            count as usize
        }
    }

    /// [`Ordered::count_within`] for a point with many others near it: looks ever farther, doubling the step, then closes in.
    #[cold]
    fn count_far(&self, rank: usize, radius: f64) -> usize {
        let points = &self.padded[REACH..REACH + self.len()];
        let centre = points[rank];
        let left = reach(rank, |step| centre - points[rank - step] < radius);
        let right = reach(points.len() - 1 - rank, |step| points[rank + step] - centre < radius);
        left + 1 + right
    }
}

/// The greatest step in 0..=`most` for which `near` holds, where `near` holds for all steps up to some one, and for 0.
fn reach(most: usize, near: impl Fn(usize) -> bool) -> usize {
    let mut step = REACH;
    while step < most && near(step) {
        step *= 2;
    }
    let (mut least, mut beyond) = (0, step.min(most) + 1);
    while beyond - least > 1 {
        let middle = least + (beyond - least) / 2;
        if near(middle) {
            least = middle;
        } else {
            beyond = middle;
        }
    }
    least
}

/// Room to work in, kept from one estimate to the next.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// One label's points between sentinels.
    own: Vec<f64>,
}

/// Mutual information in nats, not clipped at 0, of the points in `ordered` and the labels that `ranks` gives them.
///
/// The labels may be the points' own ([`Ordered::ranks`]) or any other division of all ranks in two: the null hypothesis keeps the
/// points and shuffles the labels. Labels that fewer than two points have may not occur; k is `neighbours`, or one less than the
/// number of points of a label, if that is smaller.
///
/// Distances are differences of the points in double precision, and a point at the very distance of the k-th neighbour is not
/// counted: scikit-learn's radius is the next number below that distance.
pub fn ross(
    ordered: &Ordered,
    ranks: [&[usize]; 2],
    neighbours: usize,
    digamma: &Digamma,
    workspace: &mut Workspace,
) -> f64 {
    let count = ordered.len();
    if count == 0 {
        return 0.0;
    }
    let sum: f64 = ranks
        .into_iter()
        .filter(|own| own.len() > 1)
        .map(|own| {
            let k = neighbours.min(own.len() - 1);
            let points = own.len() as f64;
            points * (digamma.at(k) - digamma.at(own.len()))
                - sum_digamma_of_counts(ordered, own, k, digamma, workspace)
        })
        .sum();
    digamma.at(count) + sum / count as f64
}

/// Σ ψ(m) over the points of one label.
fn sum_digamma_of_counts(
    ordered: &Ordered,
    ranks: &[usize],
    k: usize,
    digamma: &Digamma,
    workspace: &mut Workspace,
) -> f64 {
    let own = &mut workspace.own;
    own.clear();
    own.resize(k, f64::NEG_INFINITY);
    own.extend(ranks.iter().map(|&rank| ordered.padded[rank + REACH]));
    own.resize(own.len() + k, f64::INFINITY);

    let mut distances = [0.0; BLOCK];
    let mut sum = 0.0;
    for (block, ranks) in ranks.chunks(BLOCK).enumerate() {
        let distances = &mut distances[..ranks.len()];
        distances_to_kth(&own[block * BLOCK..], k, distances);
        for (&rank, &distance) in ranks.iter().zip(&*distances) {
            sum += digamma.at(ordered.count_within(rank, distance));
        }
    }
    sum
}

/// Distance of each point to its k-th nearest: the least, over the windows of k + 1 consecutive points that hold it, of the distance
/// to the window's farther end. `padded` starts k places before the first point.
fn distances_to_kth(padded: &[f64], k: usize, distances: &mut [f64]) {
    let count = distances.len();
    distances.fill(f64::INFINITY);
    for start in 0..=k {
        let points = &padded[k..k + count];
        let firsts = &padded[start..start + count];
        let lasts = &padded[start + k..start + k + count];
        for (((distance, point), first), last) in distances.iter_mut().zip(points).zip(firsts).zip(lasts) {
            *distance = lesser(*distance, greater(point - first, last - point));
        }
    }
    // Where the k-th nearest is at distance 0, those at distance 0 are counted, for no number is below it.
    for distance in distances {
        *distance = greater(*distance, f64::from_bits(1));
    }
}

/// `f64::min` without its care for NaN, which would keep the loop from being one machine instruction.
#[inline]
fn lesser(a: f64, b: f64) -> f64 {
    if a < b {
        a
    } else {
        b
    }
}

/// `f64::max` without its care for NaN.
#[inline]
fn greater(a: f64, b: f64) -> f64 {
    if a > b {
        a
    } else {
        b
    }
}
