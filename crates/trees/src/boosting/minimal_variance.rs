//! Minimal variance sampling: a row is drawn with a probability in proportion to the magnitude of its derivatives, and counts by
//! the inverse of it. Of all samplings of as many rows, sums over such samples, and so the gains of splits, vary least (Ibragimov
//! and Gusev 2019, "Minimal variance sampling in stochastic gradient boosting").

use fearless_simd::{dispatch, Level};
use rand::Rng;
use rayon::prelude::*;

use super::grower::BLOCK_ROWS;
use super::loss::RowDerivatives;
use super::options::RowSampling;
use super::params::GradientBoostingValidParams;
use super::sampling::{sampled_rows, SplitMix64};
use crate::seed::task_rng;

/// What the square of a second derivative counts beside that of the first.
const HESSIAN_FACTOR: f64 = 0.1;
/// The expected number of rows may be off by this part of the requested number.
const TOLERANCE: f64 = 1e-3;
/// Most steps to the threshold.
const MAX_STEPS: usize = 16;
/// Numbers that are added up side by side.
const LANES: usize = 8;
/// The number of sampled rows stays below that expected and this many standard deviations.
const DEVIATIONS: f64 = 10.0;

/// Most rows of a sample, for any derivatives; more occur less than once in 10²² trees, and the last ones are left out then.
pub(super) fn most_rows(rows: usize, share: f64) -> usize {
    // Each row is a draw of its own, whose variance is at most a quarter.
    let deviation = (rows as f64).sqrt() / 2.0;
    rows.min(sampled_rows(rows, share) + (DEVIATIONS * deviation).ceil() as usize)
}

/// The sampled rows of a block of all rows.
pub(super) struct WeightedRows {
    /// Row, and what its derivatives are multiplied by; ascending.
    pub rows: Vec<(u32, f64)>,
}

/// Draws samples for tree after tree.
pub(super) struct MinimalVariance<'a> {
    requested: f64,
    most: usize,
    seed: u64,
    /// Those that are trained on, ascending.
    rows: &'a [u32],
    /// Magnitudes of the derivatives of these rows.
    sizes: Vec<f64>,
    /// Rows of this size and more are certain to be drawn.
    threshold: f64,
}

impl<'a> MinimalVariance<'a> {
    /// For samples of `rows`. None if all rows are used, or they are sampled in another way.
    pub(super) fn of(params: &GradientBoostingValidParams, rows: &'a [u32]) -> Option<MinimalVariance<'a>> {
        let share = params.subsample();
        (params.sampling() == RowSampling::MinimalVariance && share < 1.0).then(|| MinimalVariance {
            requested: sampled_rows(rows.len(), share) as f64,
            most: most_rows(rows.len(), share),
            seed: params.seed(),
            rows,
            sizes: vec![0.0; rows.len()],
            threshold: 0.0,
        })
    }

    /// A sample of the rows for a tree, by the derivatives of all rows; ascending from block to block, at least one row.
    pub(super) fn draw(&mut self, derivatives: &[RowDerivatives], tree: u64) -> Vec<WeightedRows> {
        self.measure(derivatives);
        self.set_threshold();
        let first = task_rng(self.seed, "boosting rows", &[tree]).next_u64();
        let blocks = self.rows.par_chunks(BLOCK_ROWS).zip(self.sizes.par_chunks(BLOCK_ROWS)).enumerate();
        let draw = |(block, (rows, sizes))| draw_block(rows, sizes, self.threshold, SplitMix64::stream(first, block));
        let mut sample: Vec<WeightedRows> = blocks.map(draw).collect();
        self.hold_to_bounds(&mut sample);
        sample
    }

    /// Magnitudes of the derivatives.
    fn measure(&mut self, derivatives: &[RowDerivatives]) {
        let sizes = self.sizes.par_chunks_mut(BLOCK_ROWS);
        if self.rows.len() == derivatives.len() {
            let blocks = derivatives.par_chunks(BLOCK_ROWS).zip(sizes);
            blocks.for_each(|(derivatives, sizes)| dispatch!(Level::new(), _ => measure(derivatives, sizes)));
        } else {
            let blocks = self.rows.par_chunks(BLOCK_ROWS).zip(sizes);
            blocks.for_each(|(rows, sizes)| {
                rows.iter().zip(sizes).for_each(|(&row, to)| *to = size(derivatives[row as usize]));
            });
        }
    }

    /// Finds the threshold with which the expected number of rows is the requested one. Each step takes the rows that are certain
    /// from the threshold before, and solves for the next.
    fn set_threshold(&mut self) {
        for _ in 0..MAX_STEPS {
            let (below, certain) = self.sums();
            let expected = below / self.threshold + certain;
            if (expected - self.requested).abs() <= TOLERANCE * self.requested {
                break;
            }
            self.threshold = if self.threshold > 0.0 && certain < self.requested {
                below / (self.requested - certain)
            } else {
                self.sizes.iter().sum::<f64>() / self.requested
            };
        }
    }

    /// The sum of the sizes below the threshold, and the number of the others.
    fn sums(&self) -> (f64, f64) {
        let blocks = self.sizes.par_chunks(BLOCK_ROWS);
        let sums: Vec<(f64, f64)> =
            blocks.map(|sizes| dispatch!(Level::new(), _ => sums_of(sizes, self.threshold))).collect();
        sums.into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    fn hold_to_bounds(&self, sample: &mut [WeightedRows]) {
        let drawn: usize = sample.iter().map(|block| block.rows.len()).sum();
        let mut excess = drawn.saturating_sub(self.most);
        for block in sample.iter_mut().rev() {
            let kept = block.rows.len().saturating_sub(excess);
            excess -= block.rows.len() - kept;
            block.rows.truncate(kept);
        }
        if drawn == 0 {
            let larger = |best: usize, row: usize| if self.sizes[row] > self.sizes[best] { row } else { best };
            let largest = (1..self.sizes.len()).fold(0, larger);
            sample[largest / BLOCK_ROWS].rows.push((self.rows[largest], 1.0));
        }
    }
}

/// Magnitude of the derivatives of a row.
#[inline(always)]
fn size((gradient, hessian): RowDerivatives) -> f64 {
    (gradient * gradient + HESSIAN_FACTOR * hessian * hessian).sqrt()
}

#[inline(always)]
fn measure(derivatives: &[RowDerivatives], sizes: &mut [f64]) {
    sizes.iter_mut().zip(derivatives).for_each(|(to, &derivatives)| *to = size(derivatives));
}

/// The sum of the sizes below a threshold, and the number of the others.
#[inline(always)]
fn sums_of(sizes: &[f64], threshold: f64) -> (f64, f64) {
    let mut below = [0.0; LANES];
    let mut certain = [0.0; LANES];
    let (chunks, rest) = sizes.as_chunks::<LANES>();
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    for chunk in chunks.iter().chain([&last]) {
        for lane in 0..LANES {
            let is_certain = chunk[lane] >= threshold;
            below[lane] += if is_certain { 0.0 } else { chunk[lane] };
            certain[lane] += if is_certain { 1.0 } else { 0.0 };
        }
    }
    (below.iter().sum(), certain.iter().sum())
}

/// Draws some of the `rows`, which have these sizes.
fn draw_block(rows: &[u32], sizes: &[f64], threshold: f64, mut random: SplitMix64) -> WeightedRows {
    let mut drawn = vec![(0, 0.0); rows.len() + 1];
    let mut count = 0;
    for (&row, &size) in rows.iter().zip(sizes) {
        // Written whether it is drawn or not, as no branch can foretell it.
        drawn[count] = (row, (threshold / size).max(1.0));
        count += usize::from(random.unit() * threshold < size);
    }
    drawn.truncate(count);
    WeightedRows { rows: drawn }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 5000;

    /// Derivatives as those of a boosting, most small and some large.
    fn derivatives() -> Vec<RowDerivatives> {
        let of_row = |row: usize| {
            let probability = ((row * 37 % 101) as f64 / 101.0).powi(2);
            (probability - f64::from(u8::from(row.is_multiple_of(5))), probability * (1.0 - probability) + 1e-9)
        };
        (0..ROWS).map(of_row).collect()
    }

    fn sampler(share: f64, rows: &[u32]) -> MinimalVariance<'_> {
        let params = crate::GradientBoostingParams::new().subsample(share).sampling(RowSampling::MinimalVariance);
        let params = linfa::ParamGuard::check(params).expect("legal");
        MinimalVariance::of(&params, rows).expect("a share of the rows")
    }

    #[test]
    fn rows_are_drawn_in_proportion_to_their_derivatives_and_weighted_by_the_inverse() {
        let derivatives = derivatives();
        let rows: Vec<u32> = (0..ROWS as u32).filter(|row| row % 7 > 0).collect();
        let training = rows.len();
        let mut sampler = sampler(0.3, &rows);
        const TREES: u64 = 2000;
        let (mut times, mut drawn, mut gradients) = (vec![0_u32; ROWS], 0, Vec::new());
        for tree in 0..TREES {
            let sample: Vec<(u32, f64)> =
                sampler.draw(&derivatives, tree).into_iter().flat_map(|block| block.rows).collect();
            assert!(sample.is_sorted_by(|one, next| one.0 < next.0));
            sample.iter().for_each(|row| times[row.0 as usize] += 1);
            drawn += sample.len();
            gradients.push(sample.iter().map(|&(row, factor)| factor * derivatives[row as usize].0).sum::<f64>());
        }
        let mean = drawn as f64 / TREES as f64;
        assert!((mean / (0.3 * training as f64) - 1.0).abs() < 0.002, "{mean} of {training} rows");
        for (row, &of_row) in derivatives.iter().enumerate() {
            let share = if row % 7 == 0 { 0.0 } else { (size(of_row) / sampler.threshold).min(1.0) };
            // Six standard deviations of a binomial, and one draw.
            let off = 6.0 * (share * (1.0 - share) * TREES as f64).sqrt() + 1.0;
            assert!((f64::from(times[row]) - share * TREES as f64).abs() < off, "row {row}: {} times", times[row]);
        }
        // Sums over samples are right on average, and vary less than those of samples that are uniform.
        let trained = || rows.iter().map(|&row| derivatives[row as usize].0);
        let sum: f64 = trained().sum();
        let mean = gradients.iter().sum::<f64>() / TREES as f64;
        let variance = gradients.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / TREES as f64;
        assert!((mean - sum).abs() < 5.0 * (variance / TREES as f64).sqrt(), "{mean} and {sum}");
        let uniform: f64 = trained().map(|gradient| gradient.powi(2)).sum::<f64>() * (1.0 / 0.3 - 1.0);
        assert!(variance < uniform / 2.0, "{variance} and {uniform}");
    }

    #[test]
    fn a_sample_has_a_row_and_not_too_many() {
        let mut derivatives = vec![(0.0, 0.0); ROWS];
        derivatives[4321] = (1e-9, 1e-9);
        derivatives[7] = (1e-10, 1e-10);
        let rows: Vec<u32> = (0..ROWS as u32).collect();
        let mut few = sampler(1e-4, &[7, 4321]);
        for tree in 0..100 {
            let sample: Vec<(u32, f64)> =
                few.draw(&derivatives, tree).into_iter().flat_map(|block| block.rows).collect();
            assert!((1..=2).contains(&sample.len()), "{sample:?}");
        }
        let mut bounded = sampler(0.5, &rows);
        bounded.most = 100;
        let sample = bounded.draw(&vec![(0.5, 0.25); ROWS], 0);
        assert_eq!(sample.iter().map(|block| block.rows.len()).sum::<usize>(), 100);
        assert_eq!((most_rows(10, 0.5), most_rows(10_000, 0.5)), (10, 5500));
    }

    #[test]
    fn rows_without_derivatives_have_no_threshold() {
        let rows: Vec<u32> = (0..ROWS as u32).collect();
        let sample = sampler(0.5, &rows).draw(&[(0.0, 0.0); ROWS], 3);
        assert_eq!(sample.iter().map(|block| block.rows.len()).sum::<usize>(), 1);
    }
}
