//! Log loss of two classes: baseline, gradients and hessians, and the functions under them.

/// The logistic function, 1 / (1 + e⁻ˣ): the probability of log odds.
#[inline(always)]
pub(crate) fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + exp(-log_odds))
}

/// First and second derivative of a row's loss, times its weight.
pub(super) type RowDerivatives = (f64, f64);

/// Derivatives of the log loss at `log_odds`: the first, p − y, and the second, p (1 − p), but at least 1e-16, so that a
/// leaf's value stays finite. `target` is 1 for the positive class, 0 for the negative, or a probability that is to be learned.
#[inline(always)]
pub(super) fn derivatives(log_odds: f64, target: f64) -> (f64, f64) {
    let probability = sigmoid(log_odds);
    (probability - target, (probability * (1.0 - probability)).max(1e-16))
}

/// Log loss of one row: −ln p for the positive class, −ln (1 − p) for the negative.
pub(crate) fn log_loss(log_odds: f64, target: bool) -> f64 {
    let against = if target { -log_odds } else { log_odds };
    against.max(0.0) + (-against.abs()).exp().ln_1p()
}

/// Log odds of the prior, from the sums of weights. With one class only it is taken for half a row of the other, as a
/// probability of 0 or 1 has no finite log odds.
pub(super) fn baseline(negatives: f64, positives: f64) -> f64 {
    if negatives > 0.0 && positives > 0.0 {
        (positives / negatives).ln()
    } else {
        ((positives + 0.5) / (negatives + 0.5)).ln()
    }
}

/// eˣ to a relative 1e-14, x being held within ±500.
///
/// Without branches and calls, so that loops over it become vector instructions; and the same on every platform. 2ᵏ times
/// the Taylor polynomial of degree 11 of the rest, which is at most ln 2 / 2.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding it rounds to a whole number, which is then in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-500.0, 500.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    power * taylor(rest)
}

/// The sum of xⁿ / n! for n from 0 to 11, by Estrin's scheme: few steps wait for each other.
#[inline(always)]
fn taylor(x: f64) -> f64 {
    let pair = |n: usize| INVERSE_FACTORIALS[n] + INVERSE_FACTORIALS[n + 1] * x;
    let square = x * x;
    let quad = |n: usize| pair(n) + pair(n + 2) * square;
    let fourth = square * square;
    quad(0) + fourth * (quad(4) + fourth * quad(8))
}

/// 1 / n! for n from 0 to 11.
const INVERSE_FACTORIALS: [f64; 12] = {
    let mut inverse = [1.0; 12];
    let mut factorial = 1.0;
    let mut n = 1;
    while n < 12 {
        factorial *= n as f64;
        inverse[n] = 1.0 / factorial;
        n += 1;
    }
    inverse
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_near(found: f64, expected: f64, relative: f64) -> bool {
        (found - expected).abs() <= relative * expected.abs()
    }

    #[test]
    fn the_sigmoid_is_right_at_the_ends() {
        assert_eq!(sigmoid(0.0), 0.5);
        for (log_odds, expected) in [(-1e300, 0.0), (1e300, 1.0), (f64::INFINITY, 1.0), (f64::NEG_INFINITY, 0.0)] {
            assert!((sigmoid(log_odds) - expected).abs() < 1e-200, "{log_odds}");
        }
        let (gradient, hessian) = derivatives(1e10, 0.0);
        assert_eq!((gradient, hessian), (1.0, 1e-16));
        assert_eq!(log_loss(-1e5, true), 1e5);
        assert_eq!(log_loss(-1e5, false), 0.0);
    }

    #[test]
    fn one_class_has_a_finite_baseline() {
        assert_eq!(baseline(3.0, 6.0), 2.0_f64.ln());
        assert_eq!(baseline(0.0, 3.0), 7.0_f64.ln());
        assert_eq!(baseline(3.0, 0.0), (1.0 / 7.0_f64).ln());
    }

    proptest! {
        #[test]
        fn the_exponential_is_the_standard_librarys(x in -500.0..500.0f64) {
            prop_assert!(is_near(exp(x), x.exp(), 2e-14), "{} instead of {}", exp(x), x.exp());
        }

        #[test]
        fn derivatives_are_those_of_the_loss(log_odds in -8.0..8.0f64, target: bool) {
            let step = 1e-4;
            let loss = |log_odds| log_loss(log_odds, target);
            let first = (loss(log_odds + step) - loss(log_odds - step)) / (2.0 * step);
            let second = (loss(log_odds + step) - 2.0 * loss(log_odds) + loss(log_odds - step)) / (step * step);
            let (gradient, hessian) = derivatives(log_odds, f64::from(u8::from(target)));
            prop_assert!((gradient - first).abs() < 1e-8 && (hessian - second).abs() < 1e-6);
            prop_assert!(is_near(log_loss(log_odds, true), -sigmoid(log_odds).ln(), 1e-10));
        }
    }
}
