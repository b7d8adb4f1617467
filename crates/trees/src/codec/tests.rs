use proptest::prelude::*;

use super::bytes::{planes, SectionWriter};
use super::{decode, encode};
use crate::{Leaves, Predictor, Tree, TreeNode, Trees};

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(work)
}

/// Decoding does not put nodes in order nor check them once more; here it is done.
fn assert_valid(trees: Trees) {
    let checked = Trees::new(trees.cuts().to_vec(), trees.class_weights(), trees.trees().to_vec());
    assert_eq!(checked.as_ref(), Ok(&trees));
    assert_eq!(decode(&encode(&trees)), Ok(trees));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encoded_is_decoded(
        seed: u64,
        features in prop_oneof![2 => 1usize..20, 1 => 120usize..140],
        most_cuts in prop_oneof![1usize..5, 200usize..256, 200usize..3000],
        trees in 0usize..30,
        most_splits in prop_oneof![0usize..8, 20usize..600],
    ) {
        let trees = Trees::random(seed, features, most_cuts, trees, most_splits);
        assert_valid(trees);
    }

    #[test]
    fn damaged_bytes_are_refused_or_other_trees(
        seed: u64,
        trees in 0usize..6,
        most_splits in prop_oneof![0usize..60, 600usize..2000],
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
            assert_valid(trees);
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_or_trees(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(trees) = decode(&bytes) {
            assert_valid(trees);
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

/// Two features with one cut each, and one chunk of these sections, as the first version wrote them.
fn in_version_1(sections: [&[u8]; 7]) -> Vec<u8> {
    let mut chunk = SectionWriter::default();
    sections.iter().for_each(|section| chunk.section(section));
    let chunk = chunk.into_bytes();
    let mut writer = SectionWriter::default();
    writer.number(2);
    [1.0f64, 1.0].iter().for_each(|weight| writer.bits64(weight.to_bits()));
    writer.section(&[1, 1, 0, 0]);
    writer.section(&[0; 16]);
    [1, 1, chunk.len()].iter().for_each(|&number| writer.number(number));
    writer.raw(&chunk);
    writer.into_bytes()
}

#[test]
fn what_is_wrong_in_version_1_is_said_by_place_rule_and_value() {
    // One split, whose leaves have one negative and two positive rows.
    let right: [&[u8]; 7] = [&[1, 0, 0, 0, 2], &[1, 0, 0], &[], &[0, 3], &[], &[], &[]];
    let nodes = vec![TreeNode::split(0, 0, false, 1), TreeNode::Leaf(0), TreeNode::Leaf(1)];
    let tree = Tree { nodes, leaves: Leaves::Frequencies(vec![[1, 0], [0, 2]]) };
    assert_eq!(decode(&in_version_1(right)).expect("one tree").trees(), [tree]);
    let message = |section: usize, content: &'static [u8]| {
        let mut sections = right;
        sections[section] = content;
        decode(&in_version_1(sections)).expect_err("refused").to_string()
    };
    let of_tree = "chunks[0].trees[0].symbols: expected";
    assert_eq!(message(0, &[1, 0, 0, 0]), "chunks[0].heads: expected 5 bytes of content, found 4");
    assert_eq!(message(0, &[1, 0, 0, 0, 4]), "chunks[0].heads: expected a tree's flags, from 0 to 3, found 4");
    assert_eq!(
        message(0, &[255, 255, 255, 255, 2]),
        "chunks[0].symbols: expected 8589934591 bytes of content, found 3"
    );
    assert_eq!(message(1, &[5, 0, 0]), format!("{of_tree} a feature's index, found 2"));
    assert_eq!(message(1, &[1, 1, 0]), format!("{of_tree} a feature of which a cut is possible, found 0"));
    assert_eq!(message(1, &[1, 3, 0]), format!("{of_tree} a leaf, for all splits are taken, found 3"));
    assert_eq!(message(1, &[0, 0, 0]), format!("{of_tree} a tree's end, found 0"));
    assert_eq!(message(2, &[7]), "chunks[0].cuts: expected 0 bytes, found 1");
    assert_eq!(message(3, &[0]), "chunks[0].tokens: expected 2 bytes of content, found 1");
    assert_eq!(message(3, &[0, 255]), "chunks[0].counts: expected 8 bytes of content, found 0");
    assert_eq!(message(6, &[9]), "chunks[0].rows: expected 0 bytes of content, found 1");
}

/// `tests/fixtures/trees-1.bin` was written by the first version: two trees of a forest, two of a boosting.
#[test]
fn trees_of_version_1_predict_as_they_did() {
    let trees = decode(include_bytes!("../../tests/fixtures/trees-1.bin")).expect("version 1");
    assert_eq!(trees.trees().iter().map(|tree| tree.nodes.len()).collect::<Vec<_>>(), [25, 35, 13, 15]);
    let predictor = Predictor::new(trees);
    let missing = f64::NAN;
    for (row, sum) in [
        ([0.0, 0.0, 0.0], -0.5093268885980924),
        ([9.0, 2.5, missing], 1.305470235287314),
        ([missing, 7.25, 3.0], 0.841175815876533),
        ([5.0, missing, 8.0], -0.2382180645804268),
        ([6.5, 6.5, 6.5], 2.305470235287314),
    ] {
        assert_eq!(predictor.sum_row(&row), sum, "{row:?}");
    }
}

/// Heads of trees, and one chunk of these sections, over two features with one cut each and two frequencies.
fn encoded(heads: &[u8], sections: [&[u8]; 5]) -> Vec<u8> {
    let mut chunk = SectionWriter::default();
    sections.iter().for_each(|section| chunk.section(section));
    let chunk = chunk.into_bytes();
    let mut writer = SectionWriter::default();
    [0, 2, 2].iter().for_each(|&number| writer.number(number));
    [1.0f64, 1.0].iter().for_each(|weight| writer.bits64(weight.to_bits()));
    writer.section(&[1, 1, 0, 0]);
    writer.section(&[0; 16]);
    writer.number(2);
    writer.section(&planes([1u64, 2 << 32].into_iter(), 8));
    writer.number(1);
    writer.section(heads);
    writer.number(chunk.len());
    writer.raw(&chunk);
    writer.into_bytes()
}

#[test]
fn what_is_wrong_is_said_by_place_rule_and_value() {
    // One split, whose leaves have one negative and two positive rows.
    let right: [&[u8]; 5] = [&[1, 0, 0], &[0], &[0, 1], &[], &[]];
    let head = [1, 0, 0, 0, 0];
    assert!(decode(&encoded(&head, right)).is_ok());
    let message = |section: usize, content: &'static [u8]| {
        let mut sections = right;
        sections[section] = content;
        decode(&encoded(&head, sections)).expect_err("refused").to_string()
    };
    assert_eq!(message(0, &[1, 0]), "chunks[0].symbols: expected 3 bytes of content, found 2");
    assert_eq!(message(0, &[5, 0, 0]), "chunks[0].trees[0].symbols: expected a symbol below 5, found 5");
    assert_eq!(message(0, &[0, 0, 0]), "chunks[0].trees[0].symbols: expected 3 nodes, found 1");
    assert_eq!(message(0, &[1, 1, 0]), "chunks[0].trees[0].symbols: expected 3 nodes, found 5");
    assert_eq!(message(1, &[1]), "chunks[0].trees[0].cuts: expected a cut's index, below 1, found 1");
    assert_eq!(message(1, &[]), "chunks[0].cuts: expected 1 bytes of content, found 0");
    assert_eq!(message(2, &[0, 2]), "chunks[0].indices: expected an index among the frequencies, below 2, found 2");
    assert_eq!(message(4, &[9]), "chunks[0].rows: expected 0 bytes of content, found 1");
    let of_head = |head: &[u8]| decode(&encoded(head, right)).expect_err("refused").to_string();
    assert_eq!(of_head(&[1, 0, 0, 0]), "heads: expected 5 bytes of content, found 4");
    assert_eq!(of_head(&[1, 0, 0, 0, 2]), "heads: expected a tree's flag, 0 or 1, found 2");
    let most = "chunks[0]: expected at most 16 nodes for each of 91 bytes, found 8589934591";
    assert_eq!(of_head(&[255, 255, 255, 255, 0]), most);
    let mut bytes = encoded(&head, right);
    bytes.push(0);
    assert_eq!(
        decode(&bytes).expect_err("refused").to_string(),
        "trees: expected nothing after the end, found 1 bytes"
    );
    bytes[8] = 3;
    assert_eq!(decode(&bytes).expect_err("refused").to_string(), "version: expected 2, found 3");
    bytes[8..24].copy_from_slice(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(decode(&bytes).expect_err("refused").to_string(), "features: expected 1 to 32767, found 0");
}

#[test]
fn a_section_that_promises_more_than_it_can_hold_is_refused_before_memory_is_taken() {
    let mut bytes = Vec::new();
    bytes.extend(1u64.to_le_bytes());
    bytes.extend([0; 16]);
    // A compressed section of four bytes that claims a tebibyte.
    bytes.push(1);
    bytes.extend((1u64 << 40).to_le_bytes());
    bytes.extend(4u64.to_le_bytes());
    bytes.extend([0; 4]);
    let message = "cuts by feature: expected at most 16 times the 4 bytes it is held in, found 1099511627776";
    assert_eq!(decode(&bytes).expect_err("refused").to_string(), message);
}
