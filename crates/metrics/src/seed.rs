//! One seed rules every random draw.
//!
//! Each task (a feature's draw of noise, a fold, a tree) takes a generator of its own, derived from the seed, the task's name
//! and its indices. No task reads a generator that another has advanced, so results do not depend on which thread comes first.

use std::fmt;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The seed of a run. Default: 42.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The generator of one task: ChaCha with 8 rounds, which gives the same stream on every platform.
    ///
    /// Its key is the SHA-256 digest of the seed, the name of the task and the indices, so that streams of different tasks are
    /// unrelated however close their indices are.
    ///
    /// ```
    /// use hitflop_metrics::seed::Seed;
    /// use rand::Rng;
    ///
    /// let first = Seed(42).rng("fold", &[0]).next_u64();
    /// assert_eq!(first, Seed(42).rng("fold", &[0]).next_u64());
    /// assert_ne!(first, Seed(42).rng("fold", &[1]).next_u64());
    /// ```
    pub fn rng(self, task: &str, indices: &[u64]) -> ChaCha8Rng {
        let mut digest = Sha256::new();
        digest.update(self.0.to_le_bytes());
        // The length keeps the end of the name apart from the first index.
        digest.update((task.len() as u64).to_le_bytes());
        digest.update(task);
        for index in indices {
            digest.update(index.to_le_bytes());
        }
        ChaCha8Rng::from_seed(digest.finalize().into())
    }
}

impl Default for Seed {
    fn default() -> Seed {
        Seed(42)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::Rng;

    use super::*;

    #[test]
    fn every_task_has_a_stream_of_its_own() {
        let mut first = HashSet::new();
        for seed in 0..3 {
            for task in ["", "a", "b", "ab"] {
                for indices in [&[][..], &[0], &[1], &[0, 0], &[0, 1], &[1, 0]] {
                    assert!(first.insert(Seed(seed).rng(task, indices).next_u64()), "{seed} {task} {indices:?}");
                }
            }
        }
    }

    /// Computed with Python: hashlib's SHA-256 for the key, and the ChaCha8 key stream of an independent implementation.
    #[test]
    fn the_stream_is_portable() {
        assert_eq!(Seed(42).rng("witness", &[7]).next_u64(), 12_882_681_302_411_697_002);
    }
}
