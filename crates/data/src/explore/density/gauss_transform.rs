//! The fast Gauss transform in one dimension.
//!
//! L. Greengard and J. Strain, "The Fast Gauss Transform", SIAM Journal on Scientific and Statistical Computing 12(1), 1991. The sum
//!
//! ```text
//! G(x) = Σ exp(-(x - s)² / 2h²)   over the sources s
//! ```
//!
//! costs (sources × targets) exponentials when computed directly. Here the sources are gathered into boxes one bandwidth wide,
//! each summed up by its moments about its centre c. The field of a box is then a Hermite series, with √δ = √2 h:
//!
//! ```text
//! G_box(x) = Σ_m A_m h_m((x - c) / √δ),   A_m = 1/m! Σ ((s - c) / √δ)^m
//! ```
//!
//! where h_m is the m-th Hermite function. A target adds up the boxes near it, so that the cost is (sources + targets).

/// Terms of a series. By Cramér's inequality, |h_m(t)| ≤ 1.09 √(2^m m!), and a source is at most half a bandwidth, √δ / √8, from its
/// centre; so the m-th term is at most 1.09 · 2^-m / √m! a source, which is below 5e-14 for m = 18.
const TERMS: usize = 18;

/// Bandwidths from a target beyond which a box is left out: exp(-8²/2) is 1.3e-14.
const REACH: f64 = 8.0;

/// Sources of a Gauss transform, summed up box by box.
#[derive(Clone, Debug)]
pub(crate) struct GaussTransform {
    /// h, which is also the width of a box.
    bandwidth: f64,
    /// Left end of the first box.
    origin: f64,
    /// A_0 … of each box, from left to right.
    boxes: Vec<[f64; TERMS]>,
}

impl GaussTransform {
    /// Sums up finite `sources` for a `bandwidth` above 0. Memory grows with their range over the bandwidth.
    pub(crate) fn new(sources: &[f64], bandwidth: f64) -> GaussTransform {
        let origin = sources.iter().copied().fold(f64::INFINITY, f64::min);
        let end = sources.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let count = if sources.is_empty() { 0 } else { ((end - origin) / bandwidth) as usize + 1 };
        let mut boxes = vec![[0.0; TERMS]; count];
        for &source in sources {
            let place = (source - origin) / bandwidth;
            // Rounding may put the last source a hair beyond the last box.
            let index = (place as usize).min(count - 1);
            add_powers(&mut boxes[index], (place - index as f64 - 0.5) * std::f64::consts::FRAC_1_SQRT_2);
        }
        for moments in &mut boxes {
            let mut factorial = 1.0;
            for (m, moment) in moments.iter_mut().enumerate().skip(1) {
                factorial *= m as f64;
                *moment /= factorial;
            }
        }
        GaussTransform { bandwidth, origin, boxes }
    }

    /// G at `x`: within 1e-13 times the number of sources.
    pub(crate) fn at(&self, x: f64) -> f64 {
        let place = (x - self.origin) / self.bandwidth;
        // As float to integer conversion saturates, a target far off either side finds an empty range.
        let first = (place - REACH).floor().max(0.0) as usize;
        let last = ((place + REACH + 1.0).max(0.0) as usize).min(self.boxes.len());
        let near = self.boxes.get(first..last).unwrap_or(&[]);
        let fields = near.iter().enumerate().map(|(offset, moments)| {
            let centre = (first + offset) as f64 + 0.5;
            hermite_series(moments, (place - centre) * std::f64::consts::FRAC_1_SQRT_2)
        });
        // A sum that should be 0 can come out below it by the error of the series.
        fields.sum::<f64>().max(0.0)
    }
}

/// Adds t⁰, t¹, … to the moments.
#[inline]
fn add_powers(moments: &mut [f64; TERMS], t: f64) {
    // Even and odd powers apart, for half as long a chain of products.
    let square = t * t;
    let mut powers = [1.0, t];
    for pair in moments.chunks_exact_mut(2) {
        for (moment, power) in pair.iter_mut().zip(&mut powers) {
            *moment += *power;
            *power *= square;
        }
    }
}

/// Σ A_m h_m(t), by the recurrence h_(m+1) = 2t h_m - 2m h_(m-1) from h_0 = exp(-t²).
fn hermite_series(moments: &[f64; TERMS], t: f64) -> f64 {
    let (mut before, mut current, mut sum) = (0.0, (-t * t).exp(), 0.0);
    for (m, moment) in moments.iter().enumerate() {
        sum += moment * current;
        (before, current) = (current, 2.0 * (t * current - m as f64 * before));
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sum, computed directly.
    fn direct(sources: &[f64], bandwidth: f64, x: f64) -> f64 {
        sources.iter().map(|source| (-((x - source) / bandwidth).powi(2) / 2.0).exp()).sum()
    }

    proptest! {
        #[test]
        fn the_transform_is_the_direct_sum(
            sources in prop::collection::vec(-50.0..50.0_f64, 1..300),
            bandwidth in 0.01..100.0_f64,
            targets in prop::collection::vec(-80.0..80.0_f64, 1..30),
        ) {
            let transform = GaussTransform::new(&sources, bandwidth);
            for x in targets.into_iter().chain([sources[0], -50.0, 50.0]) {
                let (fast, slow) = (transform.at(x), direct(&sources, bandwidth, x));
                prop_assert!((fast - slow).abs() <= 1e-13 * sources.len() as f64, "{fast} is not {slow} at {x}");
            }
        }
    }

    #[test]
    fn no_sources_and_far_targets_give_nothing() {
        assert_eq!(GaussTransform::new(&[], 1.0).at(0.0), 0.0);
        let transform = GaussTransform::new(&[1.0, 2.0], 0.5);
        for x in [1e300, -1e300, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(transform.at(x), 0.0, "{x}");
        }
    }
}
