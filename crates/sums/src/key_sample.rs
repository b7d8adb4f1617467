//! Sums by key, in memory that does not grow with the number of keys.

use std::collections::HashMap;

use serde::{Deserialize, Serialize, Serializer};

/// What is summed for a key.
pub trait Merge {
    /// Adds what another part of the table has of the same key.
    fn merge(&mut self, other: Self);
}

impl Merge for u64 {
    fn merge(&mut self, other: u64) {
        *self += other;
    }
}

impl Merge for () {
    fn merge(&mut self, (): ()) {}
}

/// Sums by key: of all keys up to a limit, and beyond it of a sample of them.
///
/// A key is hashed to 64 evenly spread bits. As long as there are at most `limit` keys, all are kept. Beyond that, only those whose hash
/// begins with a zero are, then with two zeros, and so on (adaptive sampling: M. Wegman; P. Flajolet, *On adaptive sampling*, Computing 43,
/// 1990). Which keys are kept depends on the keys alone, so that samples of parts merge to the sample of the whole. A sum over all
/// keys is that over the sample times [`KeySample::scale`], with a relative standard error of about 1.2 / √limit for their number. A
/// HyperLogLog is smaller, but has the number only, and nothing by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeySample<V> {
    limit: usize,
    /// Zeros that a hash begins with.
    level: u32,
    #[serde(serialize_with = "sorted", bound(serialize = "V: Serialize", deserialize = "V: Deserialize<'de>"))]
    entries: HashMap<u64, V>,
}

impl<V: Merge> KeySample<V> {
    pub(crate) fn with_limit(limit: usize) -> KeySample<V> {
        KeySample { limit: limit.max(1), level: 0, entries: HashMap::new() }
    }

    /// The sums of a key by its hash, made by `first` if there are none yet; none if the key is not in the sample.
    pub(crate) fn entry(&mut self, hash: u64, first: impl FnOnce() -> V) -> Option<&mut V> {
        if hash.leading_zeros() < self.level {
            return None;
        }
        if self.entries.len() >= self.limit && !self.entries.contains_key(&hash) {
            self.entries.insert(hash, first());
            self.shrink();
            return self.entries.get_mut(&hash);
        }
        Some(self.entries.entry(hash).or_insert_with(first))
    }

    pub(crate) fn merge(&mut self, other: KeySample<V>) {
        self.level = self.level.max(other.level);
        let level = self.level;
        self.entries.retain(|hash, _| hash.leading_zeros() >= level);
        for (hash, value) in other.entries.into_iter().filter(|(hash, _)| hash.leading_zeros() >= level) {
            match self.entries.get_mut(&hash) {
                Some(own) => own.merge(value),
                None => drop(self.entries.insert(hash, value)),
            }
        }
        self.shrink();
    }

    /// The sample with one zero more until it is within the limit. A hash of zeros alone is one key, so that this ends.
    fn shrink(&mut self) {
        while self.entries.len() > self.limit {
            self.level += 1;
            let level = self.level;
            self.entries.retain(|hash, _| hash.leading_zeros() >= level);
        }
    }
}

impl<V> KeySample<V> {
    /// Whether all keys are in the sample.
    pub fn is_exact(&self) -> bool {
        self.level == 0
    }

    /// Number of keys for each in the sample.
    pub fn scale(&self) -> f64 {
        f64::from(self.level).exp2()
    }

    /// A number counted over the sample as one of all keys.
    pub fn scaled(&self, count: u64) -> u64 {
        (count as f64 * self.scale()) as u64
    }

    /// Number of keys, estimated beyond the limit.
    pub fn keys(&self) -> u64 {
        self.scaled(self.entries.len() as u64)
    }

    /// The sums of the keys in the sample.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values()
    }
}

fn sorted<V: Serialize, S: Serializer>(entries: &HashMap<u64, V>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut entries: Vec<(&u64, &V)> = entries.iter().collect();
    entries.sort_unstable_by_key(|(hash, _)| **hash);
    serializer.collect_map(entries)
}

/// 64 evenly spread bits of some bytes: FNV-1a, mixed as MurmurHash3 ends. Written here, because samples of several machines merge only if
/// the hash is the same in every version of the program, which the standard library's is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHash(u64);

impl KeyHash {
    pub(crate) fn new() -> KeyHash {
        KeyHash(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(self, bytes: &[u8]) -> KeyHash {
        KeyHash(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)))
    }

    /// A number as a whole, mixed in.
    pub(crate) fn add_number(self, bits: u64) -> KeyHash {
        KeyHash(mixed(self.0 ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn bits(self) -> u64 {
        mixed(self.0)
    }
}

fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(limit: usize, keys: impl Iterator<Item = u64>) -> KeySample<u64> {
        let mut sample = KeySample::with_limit(limit);
        for key in keys {
            if let Some(count) = sample.entry(KeyHash::new().add(&key.to_le_bytes()).bits(), || 0) {
                *count += 1;
            }
        }
        sample
    }

    #[test]
    fn up_to_the_limit_all_is_exact() {
        let sample = sample(100, (0..1_000).map(|row| row % 100));
        assert!(sample.is_exact() && sample.keys() == 100 && sample.values().all(|rows| *rows == 10));
    }

    #[test]
    fn beyond_it_numbers_are_estimated_within_their_error() {
        for keys in [20_000_u64, 100_000, 300_000] {
            let sample = sample(4_096, (0..keys).chain(0..keys));
            assert!(!sample.is_exact() && sample.entries.len() <= 4_096 && sample.entries.len() > 1_024);
            // Four standard errors of 1.2 / √4096.
            assert!((sample.keys() as f64 / keys as f64 - 1.0).abs() < 0.075, "{keys}: {}", sample.keys());
            assert!(sample.values().all(|rows| *rows == 2), "a key in the sample has all its rows");
        }
    }

    #[test]
    fn samples_of_parts_merge_to_that_of_the_whole() {
        let whole = sample(500, 0..7_000);
        for cut in [0, 10, 400, 3_000, 6_990, 7_000] {
            let mut merged = sample(500, 0..cut);
            let text = serde_json::to_string(&sample(500, cut..7_000)).expect("JSON");
            merged.merge(serde_json::from_str(&text).expect("a sample"));
            assert_eq!(merged, whole, "{cut}");
        }
    }

    #[test]
    fn hashes_of_numbers_are_spread() {
        let hashes = (0..10_000_u32).map(|row| KeyHash::new().add_number(f64::from(row).to_bits()).bits());
        let with_a_zero = hashes.filter(|hash| hash.leading_zeros() >= 1).count();
        assert!((4_800..5_200).contains(&with_a_zero), "{with_a_zero}");
    }
}
