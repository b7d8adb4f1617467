//! Rows sampled at random, the same ones from the same seed.

use rand::seq::SliceRandom;
use rand::Rng;

/// At most `most` of the `rows`, sampled without replacement, ascending.
pub(crate) fn draw(rows: &[usize], most: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut sampled = rows.to_vec();
    if sampled.len() > most {
        let (chosen, _) = sampled.partial_shuffle(rng, most);
        sampled = chosen.to_vec();
    }
    sampled.sort_unstable();
    sampled
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::seed::Seed;

    #[test]
    fn rows_are_drawn_once_each() {
        let rows: Vec<usize> = (10..30).collect();
        let sampled = draw(&rows, 7, &mut Seed(1).rng("draw", &[]));
        assert_eq!(sampled.len(), 7);
        assert!(sampled.windows(2).all(|pair| pair[0] < pair[1]) && sampled.iter().all(|row| rows.contains(row)));
        assert_eq!(sampled, draw(&rows, 7, &mut Seed(1).rng("draw", &[])));
        assert_ne!(sampled, draw(&rows, 7, &mut Seed(2).rng("draw", &[])));
        assert_eq!(draw(&rows, 20, &mut Seed(1).rng("draw", &[])), rows);
    }
}
