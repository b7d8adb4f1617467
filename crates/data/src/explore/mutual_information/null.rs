//! What chance alone would give: the estimate under shuffled labels.

use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::Rng;
use rayon::prelude::*;

use super::MutualInformationSettings;
use hitflop_core::seed::Seed;
use hitflop_core::track::Label;
use hitflop_metrics::quantile::quantile;

/// Labels dealt out at random to the points of an order: the ranks (from 0) of the flops, then of the hits, each ascending.
///
/// Whatever order the points stand in, a shuffled label list laid over it is a random permutation. So one permutation serves all
/// features, each in its own order, and none of them needs to look up the labels of its rows.
pub(crate) struct ShuffledRanks([Vec<usize>; 2]);

impl ShuffledRanks {
    /// Deals out as many labels of each kind as `counts` says.
    pub(crate) fn new(counts: [usize; 2], rng: &mut impl Rng) -> ShuffledRanks {
        let mut labels = vec![Label::Flop; counts[0]];
        labels.resize(counts[0] + counts[1], Label::Hit);
        labels.shuffle(rng);
        let mut ranks = counts.map(Vec::with_capacity);
        for (rank, label) in labels.into_iter().enumerate() {
            ranks[label as usize].push(rank);
        }
        ShuffledRanks(ranks)
    }

    /// Ranks of the flops, then of the hits.
    pub(crate) fn ranks(&self) -> [&[usize]; 2] {
        [&self.0[0], &self.0[1]]
    }
}

/// Every permutation of the labels that the nulls use.
pub(crate) struct Shuffles {
    seed: Seed,
    permutations: usize,
    counts: [usize; 2],
    shared: Arc<Vec<ShuffledRanks>>,
}

impl Shuffles {
    /// Shuffles `labels` as often as the settings say.
    pub(crate) fn new(labels: &[Label], settings: &MutualInformationSettings) -> Shuffles {
        let hits = labels.iter().filter(|label| **label == Label::Hit).count();
        let counts = [labels.len() - hits, hits];
        let permutations = settings.permutations.get();
        Shuffles { seed: settings.seed, permutations, counts, shared: shuffle(counts, permutations, settings.seed) }
    }

    /// The permutations for a feature of which so many flops and hits have a value: those that all share, if none is missing.
    pub(crate) fn with_counts(&self, counts: [usize; 2]) -> Arc<Vec<ShuffledRanks>> {
        if counts == self.counts {
            Arc::clone(&self.shared)
        } else {
            shuffle(counts, self.permutations, self.seed)
        }
    }
}

fn shuffle(counts: [usize; 2], permutations: usize, seed: Seed) -> Arc<Vec<ShuffledRanks>> {
    let shuffled = (0..permutations)
        .into_par_iter()
        .map(|index| ShuffledRanks::new(counts, &mut seed.rng("label permutation", &[index as u64])));
    Arc::new(shuffled.collect())
}

/// The distribution of an estimate under shuffled labels.
pub(crate) struct Null {
    /// Estimates in nats, ascending.
    sorted: Vec<f64>,
}

impl Null {
    /// Of the estimates under shuffled labels, in nats.
    pub(crate) fn new(mut estimates: Vec<f64>) -> Null {
        estimates.sort_unstable_by(f64::total_cmp);
        Null { sorted: estimates }
    }

    /// Mean in nats; 0 if there are none.
    pub(crate) fn mean(&self) -> f64 {
        self.sorted.iter().sum::<f64>() / self.sorted.len().max(1) as f64
    }

    /// 95th percentile in nats, interpolated linearly; 0 if there are none.
    pub(crate) fn q95(&self) -> f64 {
        quantile(&self.sorted, 0.95).unwrap_or(0.0)
    }

    /// Share of permutations that reach `nats`, the observed labelling counted as one that does: (1 + reached) / (1 + permutations)
    /// (Phipson and Smyth, 2010).
    pub(crate) fn p_value(&self, nats: f64) -> f64 {
        let reached = self.sorted.iter().filter(|&&estimate| estimate >= nats).count();
        (1 + reached) as f64 / (1 + self.sorted.len()) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rank_gets_one_label() {
        let shuffled = ShuffledRanks::new([5, 3], &mut Seed(1).rng("test", &[]));
        assert_eq!(shuffled.ranks().map(<[usize]>::len), [5, 3]);
        assert!(shuffled.ranks().iter().all(|ranks| ranks.is_sorted()));
        let mut all = shuffled.ranks().concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn figures_of_a_null_by_hand() {
        let null = Null::new(vec![0.3, 0.0, 0.1, 0.2]);
        assert!((null.mean() - 0.15).abs() < 1e-15);
        assert!((null.q95() - 0.285).abs() < 1e-15);
        assert_eq!(null.p_value(0.2), 3.0 / 5.0);
        assert_eq!(null.p_value(0.4), 1.0 / 5.0);
    }
}
