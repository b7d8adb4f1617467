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
use super::order_key::value_of;

/// Points on the left of a point that are looked at in one go, and points from it to the right. With k = 3 and two labels of
/// like frequency, six points are to be counted on average, and few points have more than eight on a side.
const REACH: usize = 10;

/// Points of one label handled at a time, so that their distances stay in the first-level cache.
const BLOCK: usize = 256;

/// Points of one dimension in ascending order, and where the points of each label stand in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ordered {
    /// The points, between `REACH` sentinels of minus infinity and as many of infinity.
    padded: Vec<f64>,
    /// Ranks (from 0) of the flops, then of the hits, each ascending, and one more that means nothing.
    ranks: [Vec<usize>; 2],
    /// Keys of each label's points, ascending: what [`Ordered::merge`] merges.
    keys: [Vec<i64>; 2],
}

impl Ordered {
    /// Keys of each label's points, to be refilled in ascending order before [`Ordered::merge`].
    pub(super) fn keys_mut(&mut self) -> &mut [Vec<i64>; 2] {
        &mut self.keys
    }

    /// Merges the labels' points; of equal ones the flop goes first.
    pub(super) fn merge(&mut self) {
        let [flops, hits] = &mut self.keys;
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
        flops.push(i64::MAX);
        hits.push(i64::MAX);
        let (mut flop, mut hit) = (0, 0);
        for (rank, slot) in self.padded[REACH..REACH + count].iter_mut().enumerate() {
            let (next_flop, next_hit) = (flops[flop], hits[hit]);
            let takes_hit = next_hit < next_flop;
            *slot = value_of(next_flop.min(next_hit));
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
    pub(crate) fn ranks(&self) -> [&[usize]; 2] {
        [&self.ranks[0], &self.ranks[1]]
    }

    /// The points, ascending.
    pub(crate) fn points(&self) -> &[f64] {
        self.padded.get(REACH..self.padded.len().saturating_sub(REACH)).unwrap_or(&[])
    }

    fn count(&self) -> usize {
        self.points().len()
    }

    /// For the points of ranks `start`.., the number of points closer to it than its distance, itself included.
    fn count_closer(&self, start: usize, distances: &[f64], counts: &mut [u64]) {
        let length = distances.len();
        let window = &self.padded[start..start + length + 2 * REACH];
        let centres = &window[REACH..REACH + length];
        counts.fill(1);
        // Two steps in one go, for a count fetched and stored once.
        for step in (1..=REACH).step_by(2) {
            let [left, right, far_left, far_right] = [REACH - step, REACH + step, REACH - step - 1, REACH + step + 1]
                .map(|start| &window[start..][..length]);
            let near = left.iter().zip(right).zip(far_left.iter().zip(far_right));
            for (((count, centre), distance), ((left, right), (far_left, far_right))) in
                counts.iter_mut().zip(centres).zip(distances).zip(near)
            {
                *count += u64::from(centre - left < *distance)
                    + u64::from(right - centre < *distance)
                    + u64::from(centre - far_left < *distance)
                    + u64::from(far_right - centre < *distance);
            }
        }
        let ends = window.iter().zip(&window[2 * REACH..]);
        for (index, ((count, distance), (first, last))) in counts.iter_mut().zip(distances).zip(ends).enumerate() {
            let centre = centres[index];
            if centre - first < *distance || last - centre < *distance {
                *count = self.count_far(start + index, *distance) as u64;
            }
        }
    }

    /// Number of points closer to the point of rank `rank` than `distance`, itself included, where they are many: looks ever
    /// farther, doubling the step, then closes in.
    #[cold]
    fn count_far(&self, rank: usize, distance: f64) -> usize {
        let points = self.points();
        let centre = points[rank];
        let left = reach(rank, |step| centre - points[rank - step] < distance);
        let right = reach(points.len() - 1 - rank, |step| points[rank + step] - centre < distance);
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
pub(crate) struct EstimatorWorkspace {
    /// One label's points between sentinels.
    own: Vec<f64>,
    /// Distance of each point, in the order of all, to the k-th nearest of its label.
    distances: Vec<f64>,
}

/// Mutual information in nats, not clipped at 0, of the points in `ordered` and the labels that `ranks` gives them.
///
/// The labels may be the points' own ([`Ordered::ranks`]) or any other division of all ranks in two: the null hypothesis keeps the
/// points and shuffles the labels. Labels that fewer than two points have may not occur; k is `neighbours`, or one less than the
/// number of points of a label, if that is smaller.
///
/// Distances are differences of the points in double precision, and a point at the very distance of the k-th neighbour is not
/// counted: scikit-learn's radius is the next number below that distance.
pub(crate) fn ross(
    ordered: &Ordered,
    ranks: [&[usize]; 2],
    neighbours: usize,
    digamma: &Digamma,
    workspace: &mut EstimatorWorkspace,
) -> f64 {
    let count = ordered.count();
    if count == 0 {
        return 0.0;
    }
    workspace.distances.resize(count, 0.0);
    let mut by_label = 0.0;
    for own in ranks.into_iter().filter(|own| own.len() > 1) {
        let k = neighbours.min(own.len() - 1);
        by_label += own.len() as f64 * (digamma.at(k) - digamma.at(own.len()));
        distances_within_label(ordered, own, k, workspace);
    }
    let mut counts = [0; BLOCK];
    let mut by_point = 0.0;
    for (block, distances) in workspace.distances.chunks(BLOCK).enumerate() {
        let counts = &mut counts[..distances.len()];
        ordered.count_closer(block * BLOCK, distances, counts);
        by_point += counts.iter().map(|&count| digamma.at(count as usize)).sum::<f64>();
    }
    digamma.at(count) + (by_label - by_point) / count as f64
}

/// Puts the distance of each point of one label to its k-th nearest of that label where its rank is.
fn distances_within_label(ordered: &Ordered, ranks: &[usize], k: usize, workspace: &mut EstimatorWorkspace) {
    let own = &mut workspace.own;
    own.clear();
    own.resize(k, f64::NEG_INFINITY);
    own.extend(ranks.iter().map(|&rank| ordered.padded[rank + REACH]));
    own.resize(own.len() + k, f64::INFINITY);

    let mut distances = [0.0; BLOCK];
    for (block, ranks) in ranks.chunks(BLOCK).enumerate() {
        let distances = &mut distances[..ranks.len()];
        distances_to_kth(&own[block * BLOCK..], k, distances);
        for (&rank, &distance) in ranks.iter().zip(&*distances) {
            workspace.distances[rank] = distance;
        }
    }
}

/// Distance of each point to its k-th nearest: the least, over the windows of k + 1 consecutive points that hold it, of the distance
/// to the window's farther end. `padded` starts k places before the first point.
fn distances_to_kth(padded: &[f64], k: usize, distances: &mut [f64]) {
    match k {
        // The default, with a loop that the compiler can unroll.
        3 => distances_to_kth_of(padded, 3, distances),
        _ => distances_to_kth_of(padded, k, distances),
    }
}

#[inline(always)]
fn distances_to_kth_of(padded: &[f64], k: usize, distances: &mut [f64]) {
    for (distance, window) in distances.iter_mut().zip(padded.windows(2 * k + 1)) {
        let point = window[k];
        // Where the k-th nearest is at distance 0, those at distance 0 are counted, for no number but 0 is below this one.
        let least = (0..=k).fold(f64::INFINITY, |least, start| {
            lesser(least, greater(point - window[start], window[start + k] - point))
        });
        *distance = greater(least, f64::from_bits(1));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::order_key::key_of;
    use super::*;

    /// The estimate as the paper and scikit-learn have it, every pair of points looked at.
    fn naive(groups: &[Vec<f64>; 2], neighbours: usize, digamma: &Digamma) -> f64 {
        let all: Vec<f64> = groups.iter().flatten().copied().collect();
        let mut sum = 0.0;
        for own in groups {
            let k = neighbours.min(own.len() - 1);
            for (index, point) in own.iter().enumerate() {
                let others = own.iter().enumerate().filter(|(other, _)| *other != index);
                let mut distances: Vec<f64> = others.map(|(_, other)| (other - point).abs()).collect();
                distances.sort_unstable_by(f64::total_cmp);
                let radius = if distances[k - 1] > 0.0 { distances[k - 1].next_down() } else { 0.0 };
                let count = all.iter().filter(|other| (*other - point).abs() <= radius).count();
                sum += digamma.at(k) - digamma.at(own.len()) - digamma.at(count);
            }
        }
        digamma.at(all.len()) + sum / all.len() as f64
    }

    /// Puts points, given as flops' and hits', into one order.
    fn ordered(groups: &[Vec<f64>; 2]) -> Ordered {
        let mut ordered = Ordered::default();
        for (keys, group) in ordered.keys.iter_mut().zip(groups) {
            keys.extend(group.iter().copied().map(key_of));
            keys.sort_unstable();
        }
        ordered.merge();
        ordered
    }

    fn fast(groups: &[Vec<f64>; 2], neighbours: usize, digamma: &Digamma) -> f64 {
        let ordered = ordered(groups);
        ross(&ordered, ordered.ranks(), neighbours, digamma, &mut EstimatorWorkspace::default())
    }

    /// Whole numbers of a narrow range, so that there are many ties, or numbers of a wide one.
    fn points() -> impl Strategy<Value = Vec<f64>> {
        let tied = prop::collection::vec((-6..6_i32).prop_map(f64::from), 2..120);
        let free = prop::collection::vec(-1e3..1e3_f64, 2..300);
        prop_oneof![tied, free]
    }

    proptest! {
        #[test]
        fn the_order_finds_what_every_pair_shows(flops in points(), hits in points(), neighbours in 1..9_usize) {
            let digamma = Digamma::up_to(flops.len() + hits.len());
            let groups = [flops, hits];
            let (fast, naive) = (fast(&groups, neighbours, &digamma), naive(&groups, neighbours, &digamma));
            prop_assert!((fast - naive).abs() < 1e-12, "{fast} is not {naive}");
        }

        /// Labels laid over the points by rank, as the null does it, are those of the points there.
        #[test]
        fn labels_by_rank_are_labels_of_points(points in points(), labels in prop::collection::vec(0..2_usize, 300)) {
            let ordered = ordered(&[points.clone(), Vec::new()]);
            let mut sorted = points;
            sorted.sort_unstable_by(f64::total_cmp);
            let (mut groups, mut ranks) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
            for (rank, (point, label)) in sorted.into_iter().zip(labels).enumerate() {
                groups[label].push(point);
                ranks[label].push(rank);
            }
            prop_assume!(groups.iter().all(|group| group.len() > 1));
            let digamma = Digamma::up_to(ordered.count());
            let found = ross(&ordered, [&ranks[0], &ranks[1]], 3, &digamma, &mut EstimatorWorkspace::default());
            prop_assert!((found - naive(&groups, 3, &digamma)).abs() < 1e-12);
        }
    }

    /// Points of one label far apart among a crowd of the other: hundreds are closer than the k-th of the same label.
    #[test]
    fn crowds_beyond_the_window_are_counted() {
        let crowd: Vec<f64> = (0..2_000).map(|step| f64::from(step) * 0.37).collect();
        let few: Vec<f64> = (0..9).map(|step| f64::from(step * step) * 11.3).collect();
        let digamma = Digamma::up_to(crowd.len() + few.len());
        let groups = [crowd, few];
        assert!((fast(&groups, 3, &digamma) - naive(&groups, 3, &digamma)).abs() < 1e-12);
    }

    #[test]
    fn no_points_have_no_information() {
        assert_eq!(fast(&[Vec::new(), Vec::new()], 3, &Digamma::up_to(0)), 0.0);
    }

    /// The witness is scikit-learn 1.9.1: `_compute_mi_cd(c, d, k)` of `sklearn.feature_selection._mutual_info`, with
    /// `i = np.arange(60); d = i % 2; c = np.sin(i * i * 0.7) * 3 + d * 0.8`.
    #[test]
    fn estimates_are_scikit_learns() {
        let value = |i: i32| (f64::from(i * i) * 0.7).sin() * 3.0 + f64::from(i % 2) * 0.8;
        let groups = [0, 1].map(|label| (0..60).filter(|i| i % 2 == label).map(value).collect());
        let digamma = Digamma::up_to(60);
        let expected = [
            (2, 0.058_858_149_756_214_62),
            (3, 0.116_163_945_812_010_95),
            (5, 0.151_491_604_264_669),
            (8, 0.058_723_453_799_150_34),
            (12, 0.005_812_365_909_439_343),
        ];
        for (neighbours, expected) in expected {
            let found = fast(&groups, neighbours, &digamma).max(0.0);
            assert!((found - expected).abs() < 1e-12, "k {neighbours}: {found} is not {expected}");
        }
    }
}
