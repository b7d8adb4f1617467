//! The standard normal distribution: half the width of a 95 % interval, and the upper tail.

/// The quantile of the standard normal distribution at 0.975.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// [`Z_95`] to two decimals, as textbooks print it. Reports state intervals of effect sizes and of permutation importance as
/// "1.96 standard deviations", and published numbers were computed with it.
pub const Z_95_ROUNDED: f64 = 1.96;

/// The probability that a standard normal number is greater than `z`; to seven digits (W. H. Press et al., "Numerical Recipes", `erfcc`).
pub fn upper_tail(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() * std::f64::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let polynomial = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    let tail = t * (-x * x + polynomial).exp() / 2.0;
    if z < 0.0 {
        1.0 - tail
    } else {
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The witness is `scipy.stats.norm.sf`.
    #[test]
    fn tails_are_scipys() {
        for (z, expected) in [
            (0.0, 0.5),
            (Z_95, 0.025),
            (-1.0, 0.841_344_746_068_543),
            (3.0, 1.349_898_031_630_094_6e-3),
            (8.0, 6.220_960_574_271_785e-16),
        ] {
            assert!((upper_tail(z) / expected - 1.0).abs() < 2e-7, "{z}: {}", upper_tail(z));
        }
    }
}
