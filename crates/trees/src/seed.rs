//! Random numbers that depend on the seed and the task alone, never on the order of threads.
//!
//! The derivation is the same as that of other crates of this workspace, which have these few lines of their own: the numbers
//! sampled by a fit are part of its result, so that this crate must not depend on anything that could change them, and a
//! crate for them alone would be one more dependency for its users.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Seed of estimators by default.
pub(crate) const DEFAULT_SEED: u64 = 42;

/// The generator of one task: ChaCha with 8 rounds, which gives the same stream on every platform. Its key is the SHA-256
/// digest of the seed, the name of the task and the indices, so that streams of different tasks are unrelated however close
/// their indices are.
pub(crate) fn task_rng(seed: u64, task: &str, indices: &[u64]) -> ChaCha8Rng {
    let mut digest = Sha256::new();
    digest.update(seed.to_le_bytes());
    // The length keeps the end of the name apart from the first index.
    digest.update((task.len() as u64).to_le_bytes());
    digest.update(task);
    for index in indices {
        digest.update(index.to_le_bytes());
    }
    ChaCha8Rng::from_seed(digest.finalize().into())
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
                    assert!(first.insert(task_rng(seed, task, indices).next_u64()), "{seed} {task} {indices:?}");
                }
            }
        }
    }

    /// Computed with Python: hashlib's SHA-256 for the key, and the ChaCha8 key stream of an independent implementation.
    #[test]
    fn the_stream_is_portable() {
        assert_eq!(task_rng(42, "witness", &[7]).next_u64(), 12_882_681_302_411_697_002);
    }
}
