//! The Gaussian copula: normal scores whose ranks have given correlations.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use std::f64::consts::PI;

/// A lower triangular matrix, or the lower triangle of a symmetric one: line `i` has `i + 1` entries.
///
/// Loops over it are spelled out, because the kernels of a matrix library differ from processor to processor in the
/// last digit, and the sample of a seed must not.
pub(super) type Triangle = Vec<Vec<f64>>;

/// How much closer to the identity each try of [`positive_definite`] is.
const SHRINK_STEP: f64 = 0.01;
/// Least squared pivot of a factor: what is below it is rounding noise.
const MIN_PIVOT: f64 = 1e-9;

/// The correlation of normal scores whose ranks correlate by Spearman's `rho`: `r = 2 sin(π ρ / 6)` (Pearson, 1907;
/// Kruskal, 1958, "Ordinal measures of association").
///
/// That holds without ties. Ties weaken a rank correlation, to first order by the ratio of the variables' rank
/// loadings to √(3/π), so that `rho` is first divided by it. Without this, correlations with `mode`,
/// `time_signature` and `instrumentalness` within a decade and label come out up to 0.11 too small.
pub(super) fn normal_correlation(rho: f64, loading_a: f64, loading_b: f64) -> f64 {
    let product = loading_a * loading_b;
    if product == 0.0 {
        return 0.0;
    }
    let untied = (rho * (3.0 / PI) / product).clamp(-1.0, 1.0);
    2.0 * (PI * untied / 6.0).sin()
}

/// The Cholesky factor of a symmetric matrix, or none if it is not positive definite.
pub(super) fn cholesky(matrix: &Triangle) -> Option<Triangle> {
    let mut factor: Triangle = Vec::with_capacity(matrix.len());
    for (i, line) in matrix.iter().enumerate() {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for j in 0..i {
            let known: f64 = row.iter().zip(&factor[j]).map(|(a, b)| a * b).sum();
            row.push((line[j] - known) / factor[j][j]);
        }
        let pivot = line[i] - row.iter().map(|entry| entry * entry).sum::<f64>();
        if pivot.is_nan() || pivot <= MIN_PIVOT {
            return None;
        }
        row.push(pivot.sqrt());
        factor.push(row);
    }
    Some(factor)
}

/// The Cholesky factor of a correlation matrix, or of the nearest to it on the way to the identity that is positive
/// definite: correlations taken pair by pair need not fit together.
///
/// `(1 − λ) R + λ I` with the least λ = 0, 0.01, … that will do (shrinkage after Devlin, Gnanadesikan and Kettenring,
/// 1975). The correlations of the real data need none.
pub(super) fn positive_definite(correlation: &Triangle) -> Triangle {
    let mut shrink = 0.0;
    loop {
        // At λ = 1 this is the identity, which has a factor.
        if let Some(factor) = cholesky(&shrunk(correlation, f64::min(shrink, 1.0))) {
            return factor;
        }
        shrink += SHRINK_STEP;
    }
}

fn shrunk(correlation: &Triangle, shrink: f64) -> Triangle {
    let line = |(i, line): (usize, &Vec<f64>)| {
        line.iter().enumerate().map(|(j, &r)| if i == j { 1.0 } else { (1.0 - shrink) * r }).collect()
    };
    correlation.iter().enumerate().map(line).collect()
}

/// Normal scores of `rows` rows, one column a variable, whose sample correlation is that of which `factor` is the
/// Cholesky factor.
///
/// Independent scores are made exactly uncorrelated by the factor of their own covariance before they are given the
/// target (Iman and Conover, 1982), so that correlations hardly vary from seed to seed. With too few rows for
/// that the scores have the target correlation only in expectation.
pub(super) fn scores(factor: &Triangle, rows: usize, rng: &mut impl Rng) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> =
        factor.iter().map(|_| (0..rows).map(|_| rng.sample(StandardNormal)).collect()).collect();
    let transform = match cholesky(&covariance(&columns)) {
        Some(own) => divided(factor, &own),
        None => factor.clone(),
    };
    // From the last column up, each needs only itself and those before it, which are still untouched.
    for (i, weights) in transform.iter().enumerate().rev() {
        let (before, rest) = columns.split_at_mut(i);
        let column = &mut rest[0];
        column.iter_mut().for_each(|score| *score *= weights[i]);
        for (other, weight) in before.iter().zip(weights) {
            column.iter_mut().zip(other).for_each(|(score, other)| *score += weight * other);
        }
    }
    columns
}

/// Sample covariance of the columns.
fn covariance(columns: &[Vec<f64>]) -> Triangle {
    let mean = |column: &Vec<f64>| column.iter().sum::<f64>() / column.len().max(1) as f64;
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| (mean(column), column))
        .map(|(mean, column)| column.iter().map(|score| score - mean).collect())
        .collect();
    let product = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len().max(1) as f64;
    (0..centred.len()).map(|i| (0..=i).map(|j| product(&centred[i], &centred[j])).collect()).collect()
}

/// `factor · own⁻¹` for lower triangular matrices.
fn divided(factor: &Triangle, own: &Triangle) -> Triangle {
    let mut quotient = factor.clone();
    for (i, line) in quotient.iter_mut().enumerate() {
        for j in (0..=i).rev() {
            let known: f64 = (j + 1..=i).map(|k| line[k] * own[k][j]).sum();
            line[j] = (line[j] - known) / own[j][j];
        }
    }
    quotient
}

/// The rows in ascending order of their score; equal scores keep the order of the rows.
pub(super) fn order(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn correlations() -> impl Strategy<Value = Triangle> {
        (1..9usize).prop_flat_map(|size| {
            (0..size)
                .map(|i| {
                    prop::collection::vec(-1.0..=1.0f64, i).prop_map(|mut line| {
                        line.push(1.0);
                        line
                    })
                })
                .collect::<Vec<_>>()
        })
    }

    /// `factor · factorᵀ`, the naive way.
    fn squared(factor: &Triangle) -> Triangle {
        let entry = |i: usize, j: usize| (0..=j).map(|k| factor[i][k] * factor[j][k]).sum();
        (0..factor.len()).map(|i| (0..=i).map(|j| entry(i, j)).collect()).collect()
    }

    fn largest_difference(a: &Triangle, b: &Triangle) -> f64 {
        a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn a_factor_squares_to_its_matrix(matrix in correlations()) {
            if let Some(factor) = cholesky(&matrix) {
                prop_assert!(largest_difference(&squared(&factor), &matrix) < 1e-12);
            }
        }

        #[test]
        fn a_repaired_matrix_is_a_correlation_no_further_from_independence(matrix in correlations()) {
            let repaired = squared(&positive_definite(&matrix));
            for (i, (line, original)) in repaired.iter().zip(&matrix).enumerate() {
                prop_assert!((line[i] - 1.0).abs() < 1e-12);
                for (r, original) in line.iter().zip(original) {
                    prop_assert!(r.abs() <= original.abs() + 1e-12 && r * original >= -1e-12);
                }
            }
            if cholesky(&matrix).is_some() {
                prop_assert!(largest_difference(&repaired, &matrix) < 1e-12);
            }
        }

        #[test]
        fn dividing_undoes_multiplying(a in correlations(), seed in 0u64..100) {
            let factor = positive_definite(&a);
            let own = cholesky(&covariance(&scores(&factor, 50, &mut ChaCha8Rng::seed_from_u64(seed)))).unwrap();
            let quotient = divided(&factor, &own);
            let product = |i: usize, j: usize| (j..=i).map(|k| quotient[i][k] * own[k][j]).sum::<f64>();
            for (i, line) in factor.iter().enumerate() {
                for (j, entry) in line.iter().enumerate() {
                    prop_assert!((product(i, j) - entry).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn contradicting_correlations_are_repaired() {
        // a and b, a and c go together, b and c apart: impossible.
        let matrix = vec![vec![1.0], vec![0.9, 1.0], vec![0.9, -0.9, 1.0]];
        assert_eq!(cholesky(&matrix), None);
        let repaired = squared(&positive_definite(&matrix));
        // The eigenvalue 1 − 2·0.9·(1 − λ) turns positive at λ = 1 − 1/1.8 = 0.444….
        assert!((repaired[1][0] - 0.9 * 0.55).abs() < 1e-12, "{repaired:?}");
    }

    #[test]
    fn scores_have_the_given_covariance_exactly() {
        let requested = vec![vec![1.0], vec![0.5, 1.0], vec![-0.3, 0.2, 1.0]];
        let factor = cholesky(&requested).unwrap();
        let drawn = scores(&factor, 200, &mut ChaCha8Rng::seed_from_u64(7));
        assert!(largest_difference(&covariance(&drawn), &requested) < 1e-12);
    }

    #[test]
    fn few_rows_are_no_fault() {
        let factor = cholesky(&vec![vec![1.0], vec![0.5, 1.0]]).unwrap();
        for rows in 0..3 {
            let drawn = scores(&factor, rows, &mut ChaCha8Rng::seed_from_u64(7));
            assert!(drawn.iter().all(|column| column.len() == rows));
        }
    }

    #[test]
    fn normal_correlation_of_hand_computed_values() {
        let untied = (3.0 / PI).sqrt();
        assert!((normal_correlation(0.5, untied, untied) - 2.0 * (PI / 12.0).sin()).abs() < 1e-15);
        assert!((normal_correlation(1.0, untied, untied) - 1.0).abs() < 1e-15);
        assert!(normal_correlation(0.5, 0.8, untied) > normal_correlation(0.5, untied, untied));
        assert_eq!(normal_correlation(0.5, 0.0, untied), 0.0);
    }
}
