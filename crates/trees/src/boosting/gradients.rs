//! Derivatives of the loss of all rows, and their words, which histograms are summed from.

use fearless_simd::{dispatch, Level};
use rayon::prelude::*;

use super::grower::BLOCK_ROWS;
use super::histogram::PackedWord;
use super::loss::{derivatives, RowDerivatives};
use super::minimal_variance::WeightedRows;
use super::options::SplitCriterion;

/// Sums of the gradients above 0, of the magnitudes of those below, and of the hessians.
#[derive(Clone, Copy, Default)]
pub(super) struct DerivativeSums {
    above: f64,
    below: f64,
    hessians: f64,
}

impl DerivativeSums {
    fn of(rows: impl Iterator<Item = RowDerivatives>) -> DerivativeSums {
        let add = |[above, below, hessians]: [f64; 3], (gradient, hessian): RowDerivatives| {
            [above + gradient.max(0.0), below + (-gradient).max(0.0), hessians + hessian]
        };
        let [above, below, hessians] = rows.fold([0.0; 3], add);
        DerivativeSums { above, below, hessians }
    }

    /// Those of several blocks of rows, in their order.
    fn of_blocks(blocks: Vec<DerivativeSums>) -> DerivativeSums {
        blocks.into_iter().fold(DerivativeSums::default(), |a, b| DerivativeSums {
            above: a.above + b.above,
            below: a.below + b.below,
            hessians: a.hessians + b.hessians,
        })
    }
}

/// Derivatives at the margins of the trees so far.
pub(super) struct Gradients<W> {
    /// Weights, 0 for rows that are not trained on.
    weights: Vec<f64>,
    total_weight: f64,
    /// Probabilities of the positive class, as they are to be learned.
    truths: Vec<f64>,
    /// Whether splits are judged by second derivatives; if not, weights are in their place.
    is_newton: bool,
    of_rows: Vec<RowDerivatives>,
    words: Vec<W>,
    scales: (f64, f64),
}

impl<W: PackedWord> Gradients<W> {
    /// Of rows of these weights and truths, which are trained on if they are in `trained`.
    pub(super) fn new(trained: &[u32], weights: &[f64], truths: &[f64], criterion: SplitCriterion) -> Gradients<W> {
        let (rows, all_weights) = (truths.len(), weights);
        let mut weights = vec![0.0; rows];
        trained.iter().for_each(|&row| weights[row as usize] = all_weights[row as usize]);
        Gradients {
            total_weight: weights.iter().sum(),
            weights,
            truths: truths.to_vec(),
            is_newton: criterion == SplitCriterion::Newton,
            of_rows: vec![(0.0, 0.0); rows],
            words: vec![W::ZERO; rows],
            scales: (1.0, 1.0),
        }
    }

    /// Derivatives of all rows, those of rows that are not trained on being 0.
    pub(super) fn of_rows(&self) -> &[RowDerivatives] {
        &self.of_rows
    }

    /// The words of the rows that were packed last.
    pub(super) fn words(&self) -> &[W] {
        &self.words
    }

    /// Words are derivatives times these: gradients', hessians'.
    pub(super) fn scales(&self) -> (f64, f64) {
        self.scales
    }

    /// Finds the derivatives of all rows at their margins.
    pub(super) fn derive(&mut self, margins: &[f64]) -> DerivativeSums {
        let blocks = margins.par_chunks(BLOCK_ROWS).zip(self.truths.par_chunks(BLOCK_ROWS));
        let blocks = blocks.zip(self.weights.par_chunks(BLOCK_ROWS)).zip(self.of_rows.par_chunks_mut(BLOCK_ROWS));
        let sums: Vec<DerivativeSums> = blocks
            .map(|(((margins, truths), weights), found)| {
                dispatch!(Level::new(), _ => derive_rows(margins, truths, weights, found));
                DerivativeSums::of(found.iter().copied())
            })
            .collect();
        let sums = DerivativeSums::of_blocks(sums);
        DerivativeSums { hessians: if self.is_newton { sums.hessians } else { self.total_weight }, ..sums }
    }

    /// Packs the derivatives of all rows, which add up to these sums; a tree adds up those of at most so many `rows`.
    pub(super) fn pack(&mut self, sums: DerivativeSums, rows: usize) {
        self.scales = scales::<W>(sums, rows);
        let scales = self.scales;
        let blocks = self.of_rows.par_chunks(BLOCK_ROWS).zip(self.weights.par_chunks(BLOCK_ROWS));
        blocks.zip(self.words.par_chunks_mut(BLOCK_ROWS)).for_each(|((derivatives, weights), words)| {
            let weights = (!self.is_newton).then_some(weights);
            dispatch!(Level::new(), _ => pack_rows(derivatives, weights, scales, words));
        });
    }

    /// Packs the derivatives of sampled rows, times their factors; they ascend from block to block.
    pub(super) fn pack_sampled(&mut self, blocks: &[WeightedRows]) {
        let (is_newton, weights, of_rows) = (self.is_newton, &self.weights, &self.of_rows);
        let derivatives = |&(row, factor): &(u32, f64)| {
            let (gradient, hessian) = of_rows[row as usize];
            let hessian = if is_newton { hessian } else { weights[row as usize] };
            (factor * gradient, factor * hessian)
        };
        let sums = |block: &WeightedRows| DerivativeSums::of(block.rows.iter().map(derivatives));
        let sums: Vec<DerivativeSums> = blocks.par_iter().map(sums).collect();
        let rows = blocks.iter().map(|block| block.rows.len()).sum();
        self.scales = scales::<W>(DerivativeSums::of_blocks(sums), rows);
        let scales = self.scales;
        // Rows ascend, so that every block has a part of the words of its own.
        let (mut rest, mut first) = (&mut self.words[..], 0);
        let parts = blocks.iter().map(|block| {
            let end = block.rows.last().map_or(first, |&(row, _)| row as usize + 1);
            let (words, others) = std::mem::take(&mut rest).split_at_mut(end - first);
            rest = others;
            (block, words, std::mem::replace(&mut first, end))
        });
        let parts: Vec<(&WeightedRows, &mut [W], usize)> = parts.collect();
        parts.into_par_iter().for_each(|(block, words, first)| {
            block.rows.iter().for_each(|row| words[row.0 as usize - first] = word(derivatives(row), scales));
        });
    }
}

/// Derivatives of some rows at their margins, times their weights.
#[inline(always)]
fn derive_rows(margins: &[f64], truths: &[f64], weights: &[f64], found: &mut [RowDerivatives]) {
    for (((found, &margin), &truth), &weight) in found.iter_mut().zip(margins).zip(truths).zip(weights) {
        let (gradient, hessian) = derivatives(margin, truth);
        *found = (weight * gradient, weight * hessian);
    }
}

/// The word of a row; no row is without a hessian, so that no sum of some rows is 0.
#[inline(always)]
fn word<W: PackedWord>((gradient, hessian): RowDerivatives, scales: (f64, f64)) -> W {
    W::pack(rounded(gradient * scales.0), (rounded(hessian * scales.1) as u64).max(1))
}

/// The words of some rows, with `hessians` in the place of those derived if there are any.
#[inline(always)]
fn pack_rows<W: PackedWord>(
    derivatives: &[RowDerivatives],
    hessians: Option<&[f64]>,
    scales: (f64, f64),
    words: &mut [W],
) {
    let rows = words.iter_mut().zip(derivatives);
    match hessians {
        None => rows.for_each(|(to, &derivatives)| *to = word(derivatives, scales)),
        Some(hessians) => {
            rows.zip(hessians).for_each(|((to, &(gradient, _)), &hessian)| *to = word((gradient, hessian), scales));
        }
    }
}

/// The greatest scales with which no sum of so many rows exceeds its limit. The gradients of any rows add up to no more than all that are
/// above 0, or all below. Rounding adds at most half to a row, and at most one to a small hessian.
fn scales<W: PackedWord>(sums: DerivativeSums, rows: usize) -> (f64, f64) {
    const MIN_MAGNITUDE: f64 = 1e-200;
    let rows = rows as f64;
    (
        (W::MAX_GRADIENT_SUM - rows) / sums.above.max(sums.below).max(MIN_MAGNITUDE),
        (W::MAX_HESSIAN_SUM - 2.0 * rows) / sums.hessians.max(MIN_MAGNITUDE),
    )
}

/// The nearest whole number, ties to even, of a magnitude below 2⁵¹; without the call that `f64::round` is on some platforms.
#[inline(always)]
fn rounded(value: f64) -> i64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    ((value + ROUND).to_bits() as i64).wrapping_sub(ROUND.to_bits() as i64)
}
