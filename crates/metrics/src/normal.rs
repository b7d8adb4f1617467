//! Half the width of a 95 % interval of the normal distribution, in standard deviations.

/// The quantile of the standard normal distribution at 0.975.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// [`Z_95`] to two decimals, as textbooks print it. Reports state intervals of effect sizes and of permutation importance as
/// "1.96 standard deviations", and published numbers were computed with it.
pub const Z_95_ROUNDED: f64 = 1.96;
