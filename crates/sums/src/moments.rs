//! Moments of values and of pairs of values that merge.
//!
//! Sums are about the mean of what they sum, so that no digits are lost where the mean is far from 0. Two parts are merged by the formulas
//! of T. F. Chan, G. H. Golub and R. J. LeVeque (*Updating formulae and a pairwise algorithm for computing sample variances*, 1979) and
//! P. Pébay (*Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments*, 2008).

use serde::{Deserialize, Serialize};

/// Count, mean, and sums of the second and third powers of the deviations from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValueMoments {
    /// Number of values.
    pub count: u64,
    /// Arithmetic mean; 0 of no value.
    pub mean: f64,
    /// Sum of the squares of the deviations.
    pub squares: f64,
    /// Sum of the cubes of the deviations.
    pub cubes: f64,
}

impl ValueMoments {
    /// The moments of values, of which those that are not finite are left out.
    pub(crate) fn of(values: impl Iterator<Item = f64> + Clone) -> ValueMoments {
        let known = values.filter(|value| value.is_finite());
        let (count, sum) = known.clone().fold((0_u64, 0.0), |(count, sum), value| (count + 1, sum + value));
        if count == 0 {
            return ValueMoments::default();
        }
        let mean = sum / count as f64;
        let (squares, cubes) = known.fold((0.0, 0.0), |(squares, cubes), value| {
            let deviation = value - mean;
            (squares + deviation * deviation, cubes + deviation * deviation * deviation)
        });
        ValueMoments { count, mean, squares, cubes }
    }

    /// The moments of as many equal values.
    pub fn of_equal(count: u64, value: f64) -> ValueMoments {
        ValueMoments { count, mean: if count == 0 { 0.0 } else { value }, squares: 0.0, cubes: 0.0 }
    }

    /// The moments of both together.
    pub fn merge(self, other: ValueMoments) -> ValueMoments {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let count = self.count + other.count;
        let (a, b, n) = (self.count as f64, other.count as f64, count as f64);
        let apart = other.mean - self.mean;
        let cubes = self.cubes
            + other.cubes
            + apart.powi(3) * a * b * (a - b) / (n * n)
            + 3.0 * apart * (a * other.squares - b * self.squares) / n;
        ValueMoments {
            count,
            mean: self.mean + apart * b / n,
            squares: self.squares + other.squares + apart * apart * a * b / n,
            cubes,
        }
    }

    /// Sample standard deviation (n - 1 in the denominator); NaN of fewer than two values.
    pub fn std(&self) -> f64 {
        match self.count {
            0 | 1 => f64::NAN,
            count => (self.squares / (count - 1) as f64).sqrt(),
        }
    }

    /// Adjusted Fisher-Pearson skewness G₁ = g₁ √(n (n − 1)) / (n − 2) (D. N. Joanes and C. A. Gill, *Comparing measures of sample skewness
    /// and kurtosis*, The Statistician 47, 1998); none of fewer than three values and of equal ones.
    pub fn skewness(&self) -> Option<f64> {
        if self.count < 3 || self.squares <= 0.0 {
            return None;
        }
        let n = self.count as f64;
        let biased = (self.cubes / n) / (self.squares / n).powf(1.5);
        Some(biased * (n * (n - 1.0)).sqrt() / (n - 2.0)).filter(|skewness| skewness.is_finite())
    }
}

/// ValueMoments of the rows that have both of two values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairMoments {
    /// Number of rows with both.
    pub count: u64,
    /// Means of both.
    pub means: [f64; 2],
    /// Sums of the squares of the deviations of both.
    pub squares: [f64; 2],
    /// Sum of the products of the deviations.
    pub products: f64,
}

impl PairMoments {
    /// The moments of two columns of the same rows.
    pub(crate) fn of(a: &[f64], b: &[f64]) -> PairMoments {
        let known = a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite());
        let (count, sums) =
            known.clone().fold((0_u64, [0.0; 2]), |(count, [x, y]), (a, b)| (count + 1, [x + a, y + b]));
        if count == 0 {
            return PairMoments::default();
        }
        let means = sums.map(|sum| sum / count as f64);
        let (mut squares, mut products) = ([0.0; 2], 0.0);
        for (a, b) in known {
            let (x, y) = (a - means[0], b - means[1]);
            squares = [squares[0] + x * x, squares[1] + y * y];
            products += x * y;
        }
        PairMoments { count, means, squares, products }
    }

    /// The moments of two columns without gaps, of which the deviations from the means and the moments are given.
    pub(crate) fn of_centred([a, b]: [&[f64]; 2], moments: [ValueMoments; 2]) -> PairMoments {
        let products = a.iter().zip(b).map(|(x, y)| x * y).sum();
        let [x, y] = moments;
        PairMoments { count: x.count, means: [x.mean, y.mean], squares: [x.squares, y.squares], products }
    }

    /// The moments of a column and a constant in the same rows, the constant being the second.
    pub(crate) fn with_constant(column: ValueMoments, constant: f64) -> PairMoments {
        PairMoments {
            count: column.count,
            means: [column.mean, constant],
            squares: [column.squares, 0.0],
            products: 0.0,
        }
    }

    /// The moments of the columns in the other order.
    pub(crate) fn swapped(self) -> PairMoments {
        let [a, b] = self.means;
        let [x, y] = self.squares;
        PairMoments { means: [b, a], squares: [y, x], ..self }
    }

    /// The moments of both together.
    pub fn merge(self, other: PairMoments) -> PairMoments {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let count = self.count + other.count;
        let weight = self.count as f64 * other.count as f64 / count as f64;
        let share = other.count as f64 / count as f64;
        let apart = [0, 1].map(|at| other.means[at] - self.means[at]);
        PairMoments {
            count,
            means: [0, 1].map(|at| self.means[at] + apart[at] * share),
            squares: [0, 1].map(|at| self.squares[at] + other.squares[at] + apart[at] * apart[at] * weight),
            products: self.products + other.products + apart[0] * apart[1] * weight,
        }
    }

    /// Pearson's correlation; NaN if either is constant.
    pub fn correlation(&self) -> f64 {
        let [x, y] = self.squares;
        if x <= 0.0 || y <= 0.0 {
            return f64::NAN;
        }
        (self.products / (x.sqrt() * y.sqrt())).clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_cases_by_hand() {
        let found = ValueMoments::of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN].into_iter());
        assert_eq!((found.count, found.mean, found.squares), (8, 5.0, 32.0));
        assert_eq!(found.std(), (32.0f64 / 7.0).sqrt());
        // SciPy's skew([0, 0, 1, 2, 2, 3, 5, 12], bias=False).
        let skewed = ValueMoments::of([0.0, 0.0, 1.0, 2.0, 2.0, 3.0, 5.0, 12.0].into_iter());
        assert!((skewed.skewness().expect("it varies") - 1.962_998_377_638_251_1).abs() < 1e-12);
        assert!(ValueMoments::default().std().is_nan() && ValueMoments::of_equal(9, 0.1).skewness().is_none());
    }

    #[test]
    fn a_correlation_is_over_the_rows_that_have_both() {
        let a = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0, 2.0];
        let b = [2.0, f64::NAN, 3.0, 1.0, 5.0, 9.0, 2.0];
        assert!((PairMoments::of(&a, &b).correlation() - 0.759_243_552_209_300_8).abs() < 1e-12);
        assert!(PairMoments::of(&a, &[1.0; 7]).correlation().is_nan());
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(rows in prop::collection::vec((-1e3..1e3_f64, 1e5..1.1e5_f64), 3..200), cut in 0_usize..200) {
            let cut = cut.min(rows.len());
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let close = |x: f64, y: f64, unit: f64| (x - y).abs() <= 1e-10 * unit.max(1.0);
            for values in [&a, &b] {
                let whole = ValueMoments::of(values.iter().copied());
                let parts = [&values[..cut], &values[cut..]].map(|part| ValueMoments::of(part.iter().copied()));
                let merged = parts[0].merge(parts[1]);
                prop_assert_eq!(merged.count, whole.count);
                prop_assert!(close(merged.mean, whole.mean, whole.mean.abs()));
                prop_assert!(close(merged.squares, whole.squares, whole.squares));
                prop_assert!(close(merged.cubes, whole.cubes, whole.squares.powf(1.5)));
            }
            let whole = PairMoments::of(&a, &b);
            let merged = PairMoments::of(&a[..cut], &b[..cut]).merge(PairMoments::of(&a[cut..], &b[cut..]));
            prop_assert!(close(merged.correlation(), whole.correlation(), 1.0));
        }
    }
}
