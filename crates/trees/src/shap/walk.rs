//! The contributions of one tree to the value of one row.

use super::paths::{bit, PathNode, PathTree, MASKED};
use super::quadrature::gauss_legendre;

/// Values at several points of the quadrature.
type Lanes<const N: usize> = [f64; N];

/// Points of the quadrature that are walked together.
#[derive(Clone, Copy, Debug)]
struct Points<const N: usize> {
    at: Lanes<N>,
    /// 1 - at.
    complement: Lanes<N>,
    /// 1 / (1 - at).
    inverse_complement: Lanes<N>,
    weights: Lanes<N>,
}

impl<const N: usize> Points<N> {
    /// Of at most `N` points; what is left over has no weight.
    fn new(rule: &[(f64, f64)]) -> Points<N> {
        let at: Lanes<N> = std::array::from_fn(|lane| rule.get(lane).map_or(0.5, |point| point.0));
        Points {
            at,
            complement: at.map(|at| 1.0 - at),
            inverse_complement: at.map(|at| 1.0 / (1.0 - at)),
            weights: std::array::from_fn(|lane| rule.get(lane).map_or(0.0, |point| point.1)),
        }
    }
}

/// A walk takes a frame of the stack a level. Trees that are grown are some dozens of levels deep; a walk of more than this
/// gets a stack of its own.
const MAX_STACK_LEVELS: usize = 500;
/// More bytes than a frame has.
const FRAME_BYTES: usize = 4096;

/// Walks trees whose paths have at most so many features.
#[derive(Clone, Debug)]
pub(super) struct Walker {
    form: WalkPoints,
}

/// Two points suffice for four features, and so on: few lanes for small trees.
#[derive(Clone, Debug)]
enum WalkPoints {
    Two(Vec<Points<2>>),
    Four(Vec<Points<4>>),
    Eight(Vec<Points<8>>),
}

/// What a walk writes to.
#[derive(Clone, Debug, Default)]
pub(super) struct ShapScratch {
    two: Lanewise<2>,
    four: Lanewise<4>,
    eight: Lanewise<8>,
    /// Whether a feature is cold, of those that share a bit.
    cold: Vec<bool>,
}

/// What a walk writes to by lanes.
#[derive(Clone, Debug)]
struct Lanewise<const N: usize> {
    /// By node: 1 / (z + t (1 - z)), where z is its zero fraction; of those that the row's own edges lead to.
    inverses: Vec<Lanes<N>>,
    /// By feature.
    contributions: Vec<Lanes<N>>,
}

impl<const N: usize> Default for Lanewise<N> {
    fn default() -> Lanewise<N> {
        Lanewise { inverses: Vec::new(), contributions: Vec::new() }
    }
}

impl Walker {
    /// For trees of at most `most_features` features on a path.
    pub(super) fn new(most_features: usize) -> Walker {
        // With so many features the integrand is of one degree less.
        let rule = gauss_legendre(most_features.div_ceil(2).max(1));
        let form = match rule.len() {
            0..=2 => WalkPoints::Two(rule.chunks(2).map(Points::new).collect()),
            3..=4 => WalkPoints::Four(rule.chunks(4).map(Points::new).collect()),
            _ => WalkPoints::Eight(rule.chunks(8).map(Points::new).collect()),
        };
        Walker { form }
    }

    /// Adds the contributions of a tree for a row, given by its codes, to `contributions`, both one a feature.
    pub(super) fn add(&self, tree: &PathTree, codes: &[u16], contributions: &mut [f64], scratch: &mut ShapScratch) {
        let ShapScratch { two, four, eight, cold } = scratch;
        if codes.len() > MASKED {
            cold.resize(codes.len(), false);
        }
        match &self.form {
            WalkPoints::Two(groups) => add(groups, tree, codes, contributions, two, cold),
            WalkPoints::Four(groups) => add(groups, tree, codes, contributions, four, cold),
            WalkPoints::Eight(groups) => add(groups, tree, codes, contributions, eight, cold),
        }
    }
}

fn add<const N: usize>(
    groups: &[Points<N>],
    tree: &PathTree,
    codes: &[u16],
    contributions: &mut [f64],
    lanewise: &mut Lanewise<N>,
    cold: &mut [bool],
) {
    if lanewise.inverses.len() < tree.nodes.len() {
        lanewise.inverses.resize(tree.nodes.len(), [1.0; N]);
    }
    for points in groups {
        lanewise.contributions.clear();
        lanewise.contributions.resize(contributions.len(), [0.0; N]);
        lanewise.inverses[0] = [1.0; N];
        let mut walk = Walk {
            nodes: &tree.nodes,
            points,
            codes,
            inverses: &mut lanewise.inverses[..tree.nodes.len()],
            contributions: &mut lanewise.contributions,
            cold,
        };
        match tree.depth > MAX_STACK_LEVELS {
            false => walk.descend(0, [1.0; N], 0),
            true => walk.descend_far(tree.depth),
        };
        for (sum, lanes) in contributions.iter_mut().zip(&lanewise.contributions) {
            *sum += (0..N).map(|lane| points.weights[lane] * lanes[lane]).sum::<f64>();
        }
    }
}

/// One row's way through one tree, and all ways that it did not go.
struct Walk<'a, const N: usize> {
    nodes: &'a [PathNode],
    points: &'a Points<N>,
    codes: &'a [u16],
    inverses: &'a mut [Lanes<N>],
    contributions: &'a mut [Lanes<N>],
    cold: &'a mut [bool],
}

impl<const N: usize> Walk<'_, N> {
    /// The whole walk, on a stack that is large enough.
    fn descend_far(&mut self, depth: usize) -> Lanes<N> {
        std::thread::scope(|scope| {
            let stack = (depth + MAX_STACK_LEVELS) * FRAME_BYTES;
            let walk =
                std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, || self.descend(0, [1.0; N], 0));
            // Memory is reserved, not taken; a walk that panics would be a fault of this program.
            walk.expect("a thread").join().expect("a walk does not panic")
        })
    }

    /// Visits all below a node, which the row reaches with `weights`; `cold` has the bits of the features of which an edge
    /// above is not the row's own. Gives the sum of the leaves' values by their weights.
    fn descend(&mut self, index: usize, weights: Lanes<N>, cold: u32) -> Lanes<N> {
        let node = self.nodes[index];
        if node.features & !cold == 0 {
            // A leaf, or only splits whose answers the row no longer has a say in.
            return weights.map(|weight| weight * node.mean);
        }
        let (feature, left) = (node.feature(), node.left as usize);
        let (above, bit) = (node.above as usize, bit(feature));
        if self.is_cold(feature, bit & cold) {
            let share = self.nodes[left].zero_fraction / self.nodes[above].zero_fraction;
            let share = if share.is_finite() { share } else { 0.5 };
            let to_left = self.descend(left, weights.map(|weight| weight * share), cold);
            let to_right = self.descend(left + 1, weights.map(|weight| weight * (1.0 - share)), cold);
            return std::array::from_fn(|lane| to_left[lane] + to_right[lane]);
        }
        let goes_left = node.goes_left(self.codes);
        let (own, other) = if goes_left { (left, left + 1) } else { (left + 1, left) };
        self.part(feature, above, own, other, weights, cold)
    }

    /// Visits the child that the row goes to and the other, of a feature that is not cold.
    #[inline(always)]
    fn part(
        &mut self,
        feature: usize,
        above: usize,
        own: usize,
        other: usize,
        weights: Lanes<N>,
        cold: u32,
    ) -> Lanes<N> {
        let Points { at, complement, inverse_complement, .. } = self.points;
        let inverse_above = self.inverses[above];
        let (z_above, z_own, z_other) =
            (self.nodes[above].zero_fraction, self.nodes[own].zero_fraction, self.nodes[other].zero_fraction);
        // Of the feature, the factor of the last edge above gives way to that of this edge.
        let without: Lanes<N> = std::array::from_fn(|lane| weights[lane] * inverse_above[lane]);
        let factor: Lanes<N> = at.map(|at| z_own + at * (1.0 - z_own));
        let inverse_own = factor.map(|factor| 1.0 / factor);
        self.inverses[own] = inverse_own;
        let to_own = self.descend(own, std::array::from_fn(|lane| without[lane] * factor[lane]), cold);
        let to_other = {
            let weights = std::array::from_fn(|lane| without[lane] * (z_other * complement[lane]));
            let outer = self.set_cold(feature, true);
            let sum = self.descend(other, weights, cold | bit_of_own(feature));
            self.set_cold(feature, outer);
            sum
        };
        let sums: Lanes<N> = std::array::from_fn(|lane| to_own[lane] + to_other[lane]);
        for (lane, contribution) in self.contributions[feature].iter_mut().enumerate() {
            *contribution += to_own[lane] * ((1.0 - z_own) * inverse_own[lane])
                - to_other[lane] * inverse_complement[lane]
                - sums[lane] * ((1.0 - z_above) * inverse_above[lane]);
        }
        sums
    }

    fn is_cold(&self, feature: usize, bit: u32) -> bool {
        bit != 0 || (feature >= MASKED && self.cold[feature])
    }

    /// Marks a feature that has no bit of its own; returns whether it was marked.
    fn set_cold(&mut self, feature: usize, cold: bool) -> bool {
        feature >= MASKED && std::mem::replace(&mut self.cold[feature], cold)
    }
}

/// The bit of a feature that has one of its own. The bit that others share never says that all of them are cold.
fn bit_of_own(feature: usize) -> u32 {
    if feature < MASKED {
        bit(feature)
    } else {
        0
    }
}
