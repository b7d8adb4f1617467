//! Draws of rows and features.

use rand::seq::index;
use rand::Rng;

use crate::seed::Seed;

/// Draws `share` of `rows` without replacement, at least one: those drawn and the others, in their order.
///
/// Selection sampling (Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S), on SplitMix64 (Steele, Lea and
/// Flood 2014), as a draw a row for every tree is much.
pub fn draw_rows(rows: &[u32], share: f64, seed: Seed, tree: u64) -> [Vec<u32>; 2] {
    let wanted = ((rows.len() as f64 * share).round() as usize).clamp(1, rows.len());
    let mut random = SplitMix64(seed.rng("boosting rows", &[tree]).next_u64());
    let mut drawn = vec![0; rows.len()];
    let mut others = vec![0; rows.len()];
    let mut count = 0;
    for (index, &row) in rows.iter().enumerate() {
        let left = (rows.len() - index) as u64;
        // Drawn with probability (wanted - count) / left.
        let is_drawn = ((random.next() >> 32) * left) >> 32 < (wanted - count) as u64;
        drawn[count] = row;
        others[index - count] = row;
        count += usize::from(is_drawn);
        if count == wanted {
            others.truncate(index + 1 - count);
            others.extend(&rows[index + 1..]);
            break;
        }
    }
    drawn.truncate(count);
    [drawn, others]
}

/// Draws `share` of `features` without replacement, at least one where there is one; ascending.
pub fn draw_features(features: &[usize], share: f64, seed: Seed, tree: u64) -> Vec<usize> {
    let wanted = ((features.len() as f64 * share).round() as usize).clamp(1.min(features.len()), features.len());
    let mut rng = seed.rng("boosting features", &[tree]);
    let mut drawn: Vec<usize> = index::sample(&mut rng, features.len(), wanted).iter().map(|at| features[at]).collect();
    drawn.sort_unstable();
    drawn
}

/// Draws `share` of the `rows` of either class, at least one and not all of a class; ascending. `None` if a class has fewer
/// than two rows.
pub fn draw_stratified(rows: &[u32], targets: &[bool], share: f64, seed: Seed) -> Option<Vec<u32>> {
    let mut drawn = Vec::new();
    for class in [false, true] {
        let of_class: Vec<u32> = rows.iter().copied().filter(|&row| targets[row as usize] == class).collect();
        if of_class.len() < 2 {
            return None;
        }
        let wanted = ((of_class.len() as f64 * share).round() as usize).clamp(1, of_class.len() - 1);
        let mut rng = seed.rng("boosting validation", &[u64::from(class)]);
        drawn.extend(index::sample(&mut rng, of_class.len(), wanted).iter().map(|at| of_class[at]));
    }
    drawn.sort_unstable();
    Some(drawn)
}

struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
