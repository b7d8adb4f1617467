//! Which rows a tree is grown on.

use super::draws::Stream;

/// Draws `draws` of `rows` rows with replacement, and counts how often each was drawn.
pub fn draw(rows: usize, draws: usize, stream: &mut Stream, times: &mut Vec<u32>) {
    times.clear();
    times.resize(rows, 0);
    for _ in 0..draws {
        times[stream.below(rows)] += 1;
    }
}
