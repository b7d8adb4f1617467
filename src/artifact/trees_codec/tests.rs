use proptest::prelude::*;

use super::{decode, encode};
use crate::learn::tree::Trees;

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encoded_is_decoded(
        seed: u64,
        features in prop_oneof![1usize..20, 120usize..140],
        most_cuts in prop_oneof![1usize..5, 200usize..3000],
        trees in 0usize..30,
        most_splits in prop_oneof![0usize..8, 20usize..600],
    ) {
        let trees = Trees::random(seed, features, most_cuts, trees, most_splits);
        prop_assert_eq!(decode(&encode(&trees)), Ok(trees));
    }

    /// `Trees` checks itself, so that what is decoded in spite of the damage is trees.
    #[test]
    fn damaged_bytes_are_refused_or_other_trees(
        seed: u64,
        trees in 0usize..6,
        most_splits in 0usize..60,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&Trees::random(seed, 3, 40, trees, most_splits));
        prop_assert!(decode(&bytes[..length.index(bytes.len())]).is_err());
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(trees) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&trees)), Ok(trees));
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_or_trees(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(trees) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&trees)), Ok(trees));
        }
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let trees = Trees::random(5, 4, 100, 40, 8000);
    let bytes = in_pool(1, || encode(&trees));
    assert_eq!(bytes, in_pool(3, || encode(&trees)));
    assert_eq!(in_pool(3, || decode(&bytes)), Ok(trees));
}
