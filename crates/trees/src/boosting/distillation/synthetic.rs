//! Synthetic rows between training rows.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::inputs::has_few_bins;
use crate::binning::{BinnedRecords, Binning, MISSING_BIN};
use crate::boosting::options::Distillation;
use crate::seed::task_rng;

/// The rows themselves, and `copies` of each that are moved towards another row, sampled at random: by a share of the bins between
/// them that is uniform up to twice the mean `shift`. Features of few bins, and those missing in either row, stay as they are.
pub(super) fn with_synthetic(
    binning: &Binning,
    records: &BinnedRecords,
    rows: &[u32],
    distillation: &Distillation,
    seed: u64,
) -> BinnedRecords {
    let is_fixed = (0..records.features()).all(|feature| has_few_bins(binning, feature));
    let copies = if is_fixed { 0 } else { distillation.copies };
    let moves: Vec<Vec<RowMove>> =
        (0..copies as u64).into_par_iter().map(|copy| draw_moves(rows.len(), distillation.shift, seed, copy)).collect();
    let column = |feature: usize| -> Vec<u8> {
        let all = records.column(feature);
        let own: Vec<u8> = rows.iter().map(|&row| all[row as usize]).collect();
        let moved = moves.iter().enumerate().flat_map(|(copy, moves)| {
            if has_few_bins(binning, feature) {
                return own.clone();
            }
            let mut rng = task_rng(seed, "synthetic bins", &[copy as u64, feature as u64]);
            own.iter().zip(moves).map(|(&bin, towards)| towards.bin(bin, &own, &mut rng)).collect()
        });
        let moved: Vec<u8> = moved.collect();
        [own.clone(), moved].concat()
    };
    BinnedRecords::from_columns((0..records.features()).into_par_iter().map(column).collect())
}

/// Where a row is moved to.
struct RowMove {
    /// Index of the other row.
    other: u32,
    share: f32,
}

impl RowMove {
    /// The bin of a feature after the move; between two bins one is sampled, so that the mean is exact.
    fn bin(&self, bin: u8, of_rows: &[u8], rng: &mut ChaCha8Rng) -> u8 {
        let other = of_rows[self.other as usize];
        if bin == MISSING_BIN || other == MISSING_BIN {
            return bin;
        }
        let moved = f32::from(bin) + self.share * (f32::from(other) - f32::from(bin));
        // From the smaller of the two bins to the larger, so that it is a bin of the feature.
        (moved + rng.random::<f32>()).floor().clamp(f32::from(bin.min(other)), f32::from(bin.max(other))) as u8
    }
}

fn draw_moves(rows: usize, shift: f64, seed: u64, copy: u64) -> Vec<RowMove> {
    let mut rng = task_rng(seed, "synthetic rows", &[copy]);
    let draw = |_| RowMove { other: rng.random_range(0..rows as u32), share: rng.random::<f32>() * 2.0 * shift as f32 };
    (0..rows).map(draw).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn moved(copies: usize, shift: f64) -> Distillation {
        Distillation { copies, shift, ..Distillation::default() }
    }

    #[test]
    fn synthetic_rows_lie_between_training_rows() {
        const ROWS: usize = 2000;
        let records = Array2::from_shape_fn((ROWS, 3), |(row, feature)| match feature {
            1 => (row % 5) as f64,
            2 if row % 10 == 0 => f64::NAN,
            _ => (row * 7919 % ROWS) as f64,
        });
        let binning = Binning::fit(records.view(), 255);
        let binned = binning.transform(records.view());
        let rows: Vec<u32> = (0..ROWS as u32).filter(|row| row % 4 != 3).collect();
        let own = binned.select(&rows.iter().map(|&row| row as usize).collect::<Vec<_>>());
        let found = with_synthetic(&binning, &binned, &rows, &moved(2, 0.1), 7);
        assert_eq!((found.rows(), found.features()), (3 * rows.len(), 3));
        let part = |feature: usize, part: usize| &found.column(feature)[part * rows.len()..(part + 1) * rows.len()];
        for feature in 0..3 {
            assert_eq!(part(feature, 0), own.column(feature));
        }
        for copy in 1..3 {
            assert_eq!(part(1, copy), own.column(1), "few bins stay");
            let mut distance = 0.0;
            for (&before, &after) in own.column(0).iter().zip(part(0, copy)) {
                assert_ne!(after, MISSING_BIN);
                distance += (f64::from(before) - f64::from(after)).abs();
            }
            // Two of 255 bins are 85 apart on average; a tenth of it, within the rounding of small moves.
            let mean = distance / rows.len() as f64;
            assert!((7.5..10.0).contains(&mean), "{mean}");
            for (before, after) in own.column(2).iter().zip(part(2, copy)) {
                assert_eq!(*before == MISSING_BIN, *after == MISSING_BIN, "what is missing stays missing");
            }
        }
        assert_ne!(part(0, 1), part(0, 2));
        assert_eq!(with_synthetic(&binning, &binned, &rows, &moved(0, 0.1), 7), own);
        let coarse = Binning::fit(records.view(), 16);
        let binned_coarsely = coarse.transform(records.view());
        let few = with_synthetic(&coarse, &binned_coarsely, &rows, &moved(2, 0.1), 7);
        assert_eq!(few.rows(), rows.len(), "no feature can move");
        assert_eq!(with_synthetic(&binning, &binned, &rows, &moved(1, 0.0), 7).column(0)[rows.len()..], *own.column(0));
    }
}
