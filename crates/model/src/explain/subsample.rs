//! Rows drawn at random, the same ones from the same seed.

use rand::seq::SliceRandom;
use rand::Rng;

/// At most `most` of the `rows`, drawn without replacement, ascending.
pub(crate) fn draw(rows: &[usize], most: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut drawn = rows.to_vec();
    if drawn.len() > most {
        let (chosen, _) = drawn.partial_shuffle(rng, most);
        drawn = chosen.to_vec();
    }
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::seed::Seed;

    #[test]
    fn rows_are_drawn_once_each() {
        let rows: Vec<usize> = (10..30).collect();
        let drawn = draw(&rows, 7, &mut Seed(1).rng("draw", &[]));
        assert_eq!(drawn.len(), 7);
        assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]) && drawn.iter().all(|row| rows.contains(row)));
        assert_eq!(drawn, draw(&rows, 7, &mut Seed(1).rng("draw", &[])));
        assert_ne!(drawn, draw(&rows, 7, &mut Seed(2).rng("draw", &[])));
        assert_eq!(draw(&rows, 20, &mut Seed(1).rng("draw", &[])), rows);
    }
}
