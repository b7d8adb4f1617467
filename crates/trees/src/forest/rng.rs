//! Cheap random draws that depend on nothing but where they are made.

/// A stream of random numbers (SplitMix64: Steele, Lea and Flood 2014), from which other streams can branch off.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitRng(u64);

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
/// Odd numbers unlike [`GAMMA`], so that a branch starts nowhere near the numbers of its stem.
const BRANCHES: [u64; 2] = [0xd1b5_4a32_d192_ed03, 0x8cb9_2ba7_2f3d_8dd7];

impl SplitRng {
    /// The stream of a seed.
    pub(super) fn new(seed: u64) -> SplitRng {
        SplitRng(seed)
    }

    /// The streams of a node's children. They depend on the state of this one: branch before anything is sampled.
    pub(super) fn children(self) -> [SplitRng; 2] {
        BRANCHES.map(|branch| SplitRng(mix(self.0 ^ branch)))
    }

    /// A number below `bound`, which is at least 1: all alike but for a bias of bound / 2^64.
    #[inline]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 to below 1, uniform over the multiples of 2^-53.
    #[inline]
    pub(super) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }
}

#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// Features in random order, as many as requested.
pub(super) struct FeatureSampler {
    features: Vec<u16>,
    /// What was exchanged, to be undone.
    swaps: Vec<u16>,
}

impl FeatureSampler {
    /// An urn of `features` features, at most 32767.
    pub(super) fn new(features: usize) -> FeatureSampler {
        FeatureSampler { features: (0..features as u16).collect(), swaps: Vec::with_capacity(features) }
    }

    /// Draws one of those left (Fisher and Yates); `None` if none is.
    pub(super) fn draw(&mut self, stream: &mut SplitRng) -> Option<u16> {
        let sampled = self.swaps.len();
        let left = self.left();
        if left == 0 {
            return None;
        }
        let at = sampled + stream.below(left);
        self.features.swap(sampled, at);
        self.swaps.push(at as u16);
        Some(self.features[sampled])
    }

    /// How many are left.
    pub(super) fn left(&self) -> usize {
        self.features.len() - self.swaps.len()
    }

    /// Puts back all that was sampled, so that the next draws depend on their stream alone.
    pub(super) fn refill(&mut self) {
        while let Some(at) = self.swaps.pop() {
            self.features.swap(self.swaps.len(), usize::from(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_below_a_bound_are_alike() {
        let mut stream = SplitRng::new(42);
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[stream.below(7)] += 1);
        // Six standard deviations of a binomial count.
        assert!(counts.iter().all(|&count: &i32| (count - 10_000).abs() < 556), "{counts:?}");
        counts = [0; 7];
        (0..70_000).for_each(|_| counts[(7.0 * stream.uniform()) as usize] += 1);
        assert!(counts.iter().all(|&count: &i32| (count - 10_000).abs() < 556), "{counts:?}");
    }

    #[test]
    fn every_node_has_a_stream_of_its_own() {
        let mut level = vec![SplitRng::new(1)];
        let mut first = HashSet::new();
        for _ in 0..15 {
            assert!(level.iter().all(|stream| first.insert(stream.clone().below(usize::MAX))));
            level = level.iter().flat_map(|stream| stream.children()).collect();
        }
    }

    /// Every order of three features is as frequent as the others, whatever was sampled before.
    #[test]
    fn an_urn_draws_every_order() {
        let mut urn = FeatureSampler::new(3);
        let mut stream = SplitRng::new(7);
        let mut counts = [0; 27];
        for round in 0..6_000 {
            let order: Vec<u16> = std::iter::from_fn(|| urn.draw(&mut stream)).collect();
            counts[order.iter().fold(0, |code, &feature| 3 * code + usize::from(feature))] += 1;
            assert_eq!((order.len(), urn.left()), (3, 0));
            urn.refill();
            if round % 2 == 0 {
                urn.draw(&mut stream);
                urn.refill();
            }
        }
        let seen: Vec<i32> = counts.into_iter().filter(|&count| count > 0).collect();
        assert!(seen.len() == 6 && seen.iter().all(|count| (count - 1_000).abs() < 175), "{seen:?}");
        let draw = |urn: &mut FeatureSampler| [urn.draw(&mut SplitRng::new(3)), urn.draw(&mut SplitRng::new(4))];
        assert_eq!(draw(&mut urn), draw(&mut FeatureSampler::new(3)));
    }
}
