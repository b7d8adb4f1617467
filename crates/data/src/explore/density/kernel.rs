//! Gaussian kernel density estimates.

use super::gauss_transform::GaussTransform;

/// Bandwidths from a bound beyond which the mass of a kernel no longer counts (below 1e-15 of it).
const REACH: f64 = 8.0;

/// A density on a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Bandwidth: the standard deviation of the Gaussian, in the unit of the values. 0 if the values have no density: fewer than two
    /// of them, all equal, or so far apart that their variance overflows.
    pub bandwidth: f64,
    /// Density at each point of the grid, in one over the unit of the values; all 0 if the bandwidth is 0.
    pub values: Vec<f64>,
}

/// Scott's bandwidth in one dimension, the sample standard deviation (n - 1 in the denominator) times n^(-1/5) (D. W. Scott,
/// "Multivariate Density Estimation", 1992), as SciPy's `gaussian_kde` has it by default. 0 where a density cannot be
/// estimated; see [`Density::bandwidth`]. Values that are not finite make it 0.
pub fn scott_bandwidth(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    // A mean of equal values may be off by a rounding, which would give them a spread.
    if values.iter().all(|value| *value == values[0]) {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let bandwidth = variance.sqrt() * n.powf(-0.2);
    if bandwidth.is_normal() {
        bandwidth
    } else {
        0.0
    }
}

/// Gaussian kernel density of `values` at the points of `grid`, with Scott's bandwidth: SciPy's `gaussian_kde(values)(grid)`.
///
/// ```text
/// f(x) = 1 / (n h √2π) Σ exp(-(x - v)² / 2h²)   over the n values v
/// ```
///
/// The sum is taken by a fast Gauss transform (Greengard and Strain, 1991); the error is at most 1e-13 of the peak that the density
/// would have with all mass at one point. Values that are not finite are left out. Values without a density give one of 0 everywhere; see [`Density::bandwidth`].
///
/// ```
/// use hitflop_data::explore::density::gaussian_kde;
///
/// let density = gaussian_kde(&[1.0, 2.0, 4.0], &[2.0, 3.0]);
/// // scipy.stats.gaussian_kde([1, 2, 4])([2, 3])
/// assert!((density.values[0] - 0.214_895_37).abs() < 1e-8);
/// assert!((density.values[1] - 0.184_215_33).abs() < 1e-8);
/// ```
pub fn gaussian_kde(values: &[f64], grid: &[f64]) -> Density {
    kde_within(values, grid, Bounds::default(), 0.0)
}

/// Where a quantity ends, if it does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bounds {
    /// Least value it can have.
    pub(super) low: Option<f64>,
    /// Greatest value it can have.
    pub(super) high: Option<f64>,
}

impl Bounds {
    /// The images of `x` in the bounds as in mirrors, `x` itself among them, as far as `reach` beyond the bounds.
    ///
    /// One bound has one image of a point. Two, like two facing mirrors, have an endless row of them.
    fn images(self, x: f64, reach: f64) -> Vec<f64> {
        match (self.low, self.high) {
            (None, None) => vec![x],
            (Some(bound), None) | (None, Some(bound)) => vec![x, 2.0 * bound - x],
            (Some(low), Some(high)) => {
                let period = 2.0 * (high - low);
                let rounds = (reach / period).ceil() as i64;
                let shifts = (-rounds..=rounds).map(|round| period * round as f64);
                shifts.flat_map(|shift| [x + shift, 2.0 * low - x + shift]).collect()
            }
        }
    }
}

/// [`gaussian_kde`] of a bounded quantity, corrected by reflection: the mass that kernels lay beyond a bound is folded back, so
/// that all of it is within the bounds (B. W. Silverman, "Density Estimation for Statistics and Data Analysis", 1986, section
/// 2.10). No value and no grid point may be out of bounds. The bandwidth is that of the uncorrected density, or
/// `least_bandwidth`, if that is greater.
pub(super) fn kde_within(values: &[f64], grid: &[f64], bounds: Bounds, least_bandwidth: f64) -> Density {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let bandwidth = scott_bandwidth(&finite);
    if bandwidth == 0.0 {
        return Density { bandwidth, values: vec![0.0; grid.len()] };
    }
    let bandwidth = bandwidth.max(least_bandwidth);
    let transform = GaussTransform::new(&finite, bandwidth);
    let peak = 1.0 / (finite.len() as f64 * bandwidth * std::f64::consts::TAU.sqrt());
    let density_at = |&x: &f64| {
        let images = bounds.images(x, REACH * bandwidth);
        peak * images.into_iter().map(|image| transform.at(image)).sum::<f64>()
    };
    Density { bandwidth, values: grid.iter().map(density_at).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn linspace(low: f64, high: f64, points: usize) -> Vec<f64> {
        (0..points).map(|point| low + (high - low) * point as f64 / (points - 1) as f64).collect()
    }

    /// The integral of a curve by the trapezoidal rule.
    fn mass(grid: &[f64], values: &[f64]) -> f64 {
        let panels = grid.windows(2).zip(values.windows(2));
        panels.map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum()
    }

    const UNIT: Bounds = Bounds { low: Some(0.0), high: Some(1.0) };

    proptest! {
        #[test]
        fn all_mass_is_under_the_curve(values in prop::collection::vec(-5.0..5.0_f64, 2..200)) {
            let reach = 9.0 * scott_bandwidth(&values);
            prop_assume!(reach > 0.0);
            let grid = linspace(-5.0 - reach, 5.0 + reach, 20_001);
            let density = gaussian_kde(&values, &grid);
            // The trapezoidal rule errs by the square of the ratio of step to bandwidth at the worst.
            prop_assert!((mass(&grid, &density.values) - 1.0).abs() < 1e-3);
        }

        #[test]
        fn all_mass_of_a_bounded_quantity_is_within_its_bounds(values in prop::collection::vec(0.0..=1.0_f64, 2..200)) {
            prop_assume!(scott_bandwidth(&values) > 1e-3);
            let grid = linspace(0.0, 1.0, 20_001);
            let density = kde_within(&values, &grid, UNIT, 0.0);
            prop_assert!((mass(&grid, &density.values) - 1.0).abs() < 1e-4);
        }

        #[test]
        fn the_order_of_the_values_does_not_matter(values in prop::collection::vec(-5.0..5.0_f64, 2..100)) {
            let grid = linspace(-6.0, 6.0, 20);
            let reversed: Vec<f64> = values.iter().rev().copied().collect();
            for (one, other) in gaussian_kde(&values, &grid).values.iter().zip(gaussian_kde(&reversed, &grid).values) {
                prop_assert!((one - other).abs() <= 1e-9 * one.abs().max(1.0));
            }
        }
    }

    /// Two values at the ends of the range have a bandwidth of 0.62: the kernels of five images on either side matter.
    #[test]
    fn reflection_goes_on_between_two_bounds() {
        let grid = linspace(0.0, 1.0, 2_001);
        let density = kde_within(&[0.0, 1.0], &grid, UNIT, 0.0);
        assert!((mass(&grid, &density.values) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn one_bound_folds_the_mass_back_once() {
        let values = [0.1, 0.2, 0.4, 0.9];
        let grid = linspace(0.0, 10.0, 20_001);
        let above = kde_within(&values, &grid, Bounds { low: Some(0.0), high: None }, 0.0);
        assert!((mass(&grid, &above.values) - 1.0).abs() < 1e-6);
        let mirrored: Vec<f64> = grid.iter().map(|x| -x).collect();
        let below: Vec<f64> = values.iter().map(|value| -value).collect();
        let below = kde_within(&below, &mirrored, Bounds { low: None, high: Some(0.0) }, 0.0);
        for (one, other) in above.values.iter().zip(below.values) {
            assert!((one - other).abs() < 1e-12);
        }
    }

    #[test]
    fn values_without_spread_have_no_density() {
        let none = Density { bandwidth: 0.0, values: vec![0.0; 2] };
        for values in [&[][..], &[0.1], &[0.1; 7], &[f64::NAN, 1.0], &[f64::MAX, f64::MIN], &[f64::INFINITY, 2.0, 2.0]]
        {
            assert_eq!(gaussian_kde(values, &[0.0, 0.1]), none, "{values:?}");
        }
    }

    /// The witness is SciPy's `gaussian_kde`; the values are two clusters and an outlier.
    #[test]
    fn densities_are_scipys() {
        let values = [0.0, 0.1, 0.15, 0.3, 2.0, 2.1, 2.05, 1.9, 2.2, 40.0];
        let density = gaussian_kde(&values, &[-5.0, 0.0, 2.0, 20.0, 40.0, 60.0]);
        let expected = [
            0.033521133266516824,
            0.04535190430485242,
            0.04565162222937244,
            0.0027429931315376423,
            0.0051378517719971265,
            0.00018630897747672255,
        ];
        for (found, expected) in density.values.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-10, "{found} is not {expected}");
        }
    }
}
