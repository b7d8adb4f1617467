//! How far the distributions of one quantity in two tables are from each other.
//!
//! | measure | of | range | source |
//! |---|---|---|---|
//! | population stability index (PSI) | quantities, categories | 0 and above, no unit | Siddiqi, *Credit Risk Scorecards*, 2006 |
//! | Kolmogorov-Smirnov statistic | quantities | 0 to 1 | `scipy.stats.ks_2samp` |
//! | Wasserstein-1 distance | quantities | 0 and above, the quantity's unit | `scipy.stats.wasserstein_distance` |
//!
//! The first table is the reference: its deciles are the bins of the PSI, and its standard deviation scales the Wasserstein distance.
//!
//! # Intervals
//! Rows of one artist are alike, so groups of rows are resampled, the same ones for all quantities (the cluster bootstrap: Davison and
//! Hinkley, *Bootstrap Methods and their Application*, 1997, section 3.8). A group that is in both tables is drawn for both at once.
//!
//! A distance is never below 0, and chance alone raises it, in the resamples once more than in the tables. Percentiles of the resamples
//! would therefore miss the true distance of similar tables every time. The basic bootstrap (section 5.2 there) subtracts what
//! resampling adds: from 2 d − q(97.5 %) to 2 d − q(2.5 %), where d is the distance of the tables and q a quantile of those of the
//! resamples, cut at 0. The interval is of the distance of the populations, and may be below d.

mod bins;
mod correlation;
mod resampling;
mod samples;

pub use correlation::GroupedCorrelation;
pub use resampling::{ClusterBootstrap, GroupedShare, ShareDifference};
pub use samples::{DistanceEstimates, MeasuredDistance, TwoSamples};

/// Fewest rows, and for Kolmogorov-Smirnov and Wasserstein values, of each table that distances are computed of: one a decile.
pub const MIN_SAMPLE: usize = 10;
/// A share of 0 is taken as this one in the PSI, as is usual, since its logarithm is infinite.
pub const LEAST_SHARE: f64 = 1e-4;

/// The population stability index of the shares of bins: Σ (c − r) ln(c / r) over the bins, r being the share of the reference and c
/// that of the current table. A share below [`LEAST_SHARE`] is taken as that.
///
/// ```
/// use hitflop_metrics::two_sample::population_stability_index;
///
/// // By hand: (0.5 − 0.25) ln 2 + (0.5 − 0.75) ln(2 / 3).
/// let psi = population_stability_index([(0.25, 0.5), (0.75, 0.5)]);
/// assert!((psi - 0.274_653_072_167_027_4).abs() < 1e-15);
/// ```
pub fn population_stability_index(shares: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let term = |(reference, current): (f64, f64)| {
        let (reference, current) = (reference.max(LEAST_SHARE), current.max(LEAST_SHARE));
        (current - reference) * (current / reference).ln()
    };
    shares.into_iter().map(term).sum()
}

/// The mean of the PSI over `bins` bins of two tables with so many independent rows from one distribution (Yurdakul and Naranjo,
/// *Statistical properties of the population stability index*, Journal of Risk Model Validation 14, 2020).
pub fn psi_by_chance(bins: usize, rows: [usize; 2]) -> f64 {
    let freedom = bins.saturating_sub(1) as f64;
    freedom * rows.iter().map(|&rows| 1.0 / rows.max(1) as f64).sum::<f64>()
}

#[cfg(test)]
mod tests;
