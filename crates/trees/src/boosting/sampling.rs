//! Draws of rows and features.

use rand::seq::index;
use rand::Rng;

use crate::seed::task_rng;

/// How many of so many rows a `share` is, at least one where there is one.
pub(super) fn sampled_rows(rows: usize, share: f64) -> usize {
    ((rows as f64 * share).round() as usize).clamp(1.min(rows), rows)
}

/// Draws `share` of `rows` without replacement, at least one, in their order.
///
/// Selection sampling (Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S), on SplitMix64 (Steele, Lea and
/// Flood 2014), as a draw a row for every tree is much.
pub(super) fn draw_rows(rows: &[u32], share: f64, seed: u64, tree: u64) -> Vec<u32> {
    let requested = sampled_rows(rows.len(), share);
    let mut random = SplitMix64(task_rng(seed, "boosting rows", &[tree]).next_u64());
    let mut sampled = vec![0; requested + 1];
    let mut count = 0;
    for (&row, left) in rows.iter().zip((1..=rows.len() as u64).rev()) {
        // Written whether it is drawn or not, as no branch can foretell it; drawn with probability (requested - count) / left.
        sampled[count] = row;
        count += usize::from(((random.next() >> 32) * left) >> 32 < (requested - count) as u64);
    }
    sampled.truncate(requested);
    sampled
}

/// Draws `share` of `features` without replacement, at least one where there is one; ascending.
pub(super) fn draw_features(features: &[usize], share: f64, seed: u64, tree: u64) -> Vec<usize> {
    let requested = ((features.len() as f64 * share).round() as usize).clamp(1.min(features.len()), features.len());
    let mut rng = task_rng(seed, "boosting features", &[tree]);
    let mut sampled: Vec<usize> =
        index::sample(&mut rng, features.len(), requested).iter().map(|at| features[at]).collect();
    sampled.sort_unstable();
    sampled
}

/// Draws `share` of the `rows` of either class, at least one and not all of a class; ascending. `None` if a class has fewer
/// than two rows.
pub(super) fn draw_stratified(rows: &[u32], targets: &[bool], share: f64, seed: u64) -> Option<Vec<u32>> {
    let mut sampled = Vec::new();
    for class in [false, true] {
        let of_class: Vec<u32> = rows.iter().copied().filter(|&row| targets[row as usize] == class).collect();
        if of_class.len() < 2 {
            return None;
        }
        let requested = ((of_class.len() as f64 * share).round() as usize).clamp(1, of_class.len() - 1);
        let mut rng = task_rng(seed, "boosting validation", &[u64::from(class)]);
        sampled.extend(index::sample(&mut rng, of_class.len(), requested).iter().map(|at| of_class[at]));
    }
    sampled.sort_unstable();
    Some(sampled)
}

pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    /// One of several streams that start at unrelated places.
    pub(super) fn stream(seed: u64, index: usize) -> SplitMix64 {
        let mut places = SplitMix64(seed.wrapping_add(index as u64));
        SplitMix64(places.next())
    }

    /// A number from 0 on and below 1.
    #[inline(always)]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    #[inline(always)]
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_row_is_drawn_as_often_as_every_other() {
        let rows: Vec<u32> = (0..20).collect();
        let mut times = [0_u32; 20];
        for tree in 0..4000 {
            for row in &draw_rows(&rows, 0.3, 1, tree) {
                times[*row as usize] += 1;
            }
        }
        // 1200 times each, with a standard deviation of 29.
        assert!(times.iter().all(|&times| times.abs_diff(1200) < 130), "{times:?}");
    }

    #[test]
    fn features_are_drawn_anew_for_every_tree() {
        let features = [1, 4, 5, 9, 11];
        let sampled: Vec<Vec<usize>> = (0..50).map(|tree| draw_features(&features, 0.4, 1, tree)).collect();
        assert!(sampled.iter().all(|sampled| sampled.len() == 2 && sampled[0] < sampled[1]));
        assert!(features.iter().all(|feature| sampled.iter().any(|sampled| sampled.contains(feature))));
        assert_eq!(draw_features(&features, 0.01, 1, 0).len(), 1);
        assert!(draw_features(&[], 0.5, 1, 0).is_empty());
    }

    #[test]
    fn a_class_is_neither_drawn_whole_nor_left_out() {
        let targets = [true, false, true, false, false, false, true];
        let rows: Vec<u32> = (0..7).collect();
        for share in [0.001, 0.5, 0.999] {
            let sampled = draw_stratified(&rows, &targets, share, 3).expect("rows of either class");
            let positives = sampled.iter().filter(|&&row| targets[row as usize]).count();
            assert!(
                (1..3).contains(&positives) && (1..4).contains(&(sampled.len() - positives)),
                "{share}: {sampled:?}"
            );
            assert!(sampled.is_sorted());
        }
        assert_eq!(draw_stratified(&[0, 1, 3], &targets, 0.5, 3), None);
    }

    proptest! {
        #[test]
        fn rows_are_drawn_once_each(rows in 1u32..200, share in 0.01..1.0f64, tree: u64) {
            let rows: Vec<u32> = (0..rows).map(|row| 3 * row).collect();
            let sampled = draw_rows(&rows, share, 7, tree);
            let requested = ((rows.len() as f64 * share).round() as usize).max(1);
            prop_assert_eq!(sampled.len(), requested);
            prop_assert!(sampled.is_sorted_by(|one, next| one < next));
            prop_assert!(sampled.iter().all(|row| rows.contains(row)));
        }
    }
}
