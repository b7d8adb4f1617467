//! Gauss-Legendre quadrature between 0 and 1.

/// Points and weights of the rule of `points` points, which integrates polynomials of a degree below 2 × `points` exactly.
///
/// The points are the roots of the Legendre polynomial, found by Newton's method from the estimate of Tricomi (1950), as in
/// Press et al., Numerical Recipes, `gauleg`.
pub(super) fn gauss_legendre(points: usize) -> Vec<(f64, f64)> {
    (0..points).map(|index| point(points, index)).collect()
}

/// More steps than Newton's method takes from an estimate that is good to the fourth digit.
const STEPS: usize = 20;

fn point(points: usize, index: usize) -> (f64, f64) {
    let mut root = (std::f64::consts::PI * (index as f64 + 0.75) / (points as f64 + 0.5)).cos();
    for _ in 0..STEPS {
        let (value, slope) = legendre(points, root);
        root -= value / slope;
    }
    let (_, slope) = legendre(points, root);
    // On -1 to 1 the weight is 2 / ((1 - x²) p'(x)²); half of it on 0 to 1.
    ((1.0 - root) / 2.0, 1.0 / ((1.0 - root * root) * slope * slope))
}

/// The Legendre polynomial of a degree of at least 1 and its derivative, at `x` within -1 and 1.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for order in 2..=degree {
        let order = order as f64;
        (before, value) = (value, ((2.0 * order - 1.0) * x * value - (order - 1.0) * before) / order);
    }
    (value, degree as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for points in 1..=40 {
            let rule = gauss_legendre(points);
            for degree in 0..2 * points {
                let sum: f64 = rule.iter().map(|(at, weight)| weight * at.powi(degree as i32)).sum();
                let exact = 1.0 / (degree as f64 + 1.0);
                assert!((sum - exact).abs() < 1e-14, "{points} points, degree {degree}: {sum}, not {exact}");
            }
            let beyond: f64 = rule.iter().map(|(at, weight)| weight * at.powi(2 * points as i32)).sum();
            assert!(points > 5 || (beyond - 1.0 / (2.0 * points as f64 + 1.0)).abs() > 1e-14);
        }
    }
}
