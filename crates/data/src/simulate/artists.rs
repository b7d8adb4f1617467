//! Which artists a decade and label has: numbers, so that as many artists as in the data have one label only.

use rand::{Rng, RngExt};

use hitflop_core::track::Label;

use super::profile::{CellProfile, SampleProfile};

/// For each cell of the profile the least number of its artists, who are numbered without gaps.
///
/// Flops have the lowest numbers and hits the highest; as many as have both labels lie in between. The decades of a
/// label follow one another with just so much overlap that all its numbers are used. So who has both labels has hits
/// in the first decade and flops in the last: in one and the same decade nobody can have both.
pub(super) fn first_artists(profile: &SampleProfile) -> Vec<u64> {
    let mut first = vec![0; profile.cells().len()];
    for label in Label::BOTH {
        let cells = cells_of(profile, label);
        let sizes: Vec<u64> = cells.iter().map(|&(_, cell)| cell.artists).collect();
        let pool = profile.artists().of(label);
        let lowest = match label {
            Label::Flop => 0,
            Label::Hit => profile.artists().total - pool,
        };
        for (&(index, _), start) in cells.iter().zip(windows(&sizes, pool)) {
            first[index] = lowest + start;
        }
    }
    first
}

/// The cells of a label with their index, in the order of the decades.
fn cells_of(profile: &SampleProfile, label: Label) -> Vec<(usize, &CellProfile)> {
    let mut cells: Vec<(usize, &CellProfile)> =
        profile.cells().iter().enumerate().filter(|(_, cell)| cell.label == label).collect();
    cells.sort_by_key(|(_, cell)| cell.decade);
    cells
}

/// Starts of windows of these sizes that follow one another and together cover `0..pool`.
fn windows(sizes: &[u64], pool: u64) -> Vec<u64> {
    let last = sizes.last().copied().unwrap_or(0);
    let before_last = sizes.iter().sum::<u64>() - last;
    let mut passed = 0;
    let mut starts = Vec::with_capacity(sizes.len());
    for &size in sizes {
        // In 128 bits, for the product of two counts of rows may not fit into 64.
        let even = u128::from(passed) * u128::from(pool - last) / u128::from(before_last.max(1));
        starts.push((even as u64).min(pool - size));
        passed += size;
    }
    starts
}

/// The artist of each of `rows` tracks: each of `artists` numbers from `first` on at least once, and beyond that some
/// of them often, as in the data, by the square of a uniform number.
pub(super) fn draw(first: u64, artists: u64, rows: u64, rng: &mut impl Rng) -> Vec<u64> {
    let often = |rng: &mut _| (RngExt::random::<f64>(rng).powi(2) * artists as f64) as u64;
    (0..rows).map(|row| first + if row < artists { row } else { often(rng).min(artists - 1) }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn windows_cover_the_pool((sizes, pool) in prop::collection::vec(1..50u64, 1..8).prop_flat_map(|sizes| {
            let range = sizes.iter().copied().max().unwrap()..=sizes.iter().sum();
            (Just(sizes), range)
        })) {
            let mut used = vec![false; pool as usize];
            for (start, size) in windows(&sizes, pool).into_iter().zip(&sizes) {
                used[start as usize..(start + size) as usize].fill(true);
            }
            prop_assert!(used.into_iter().all(|used| used));
        }
    }
}
