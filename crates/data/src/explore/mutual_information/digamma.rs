//! The digamma function of whole numbers.

/// Euler's constant; ψ(1) = -γ.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// ψ(1) … ψ(n), by the recurrence ψ(m + 1) = ψ(m) + 1 / m (Abramowitz and Stegun, 6.3.2 and 6.3.5).
pub(crate) struct Digamma(Vec<f64>);

impl Digamma {
    /// A table of ψ(0) … ψ(`greatest`), where the pole at 0 holds minus infinity.
    pub(crate) fn up_to(greatest: usize) -> Digamma {
        let mut table = vec![f64::NEG_INFINITY, -EULER_GAMMA];
        table.extend((1..greatest).scan(-EULER_GAMMA, |psi, m| {
            *psi += 1.0 / m as f64;
            Some(*psi)
        }));
        Digamma(table)
    }

    /// ψ(`m`) for an `m` in the table.
    #[inline]
    pub(crate) fn at(&self, m: usize) -> f64 {
        self.0[m]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The witness is statrs, which uses an asymptotic series.
    #[test]
    fn the_table_agrees_with_the_series() {
        let table = Digamma::up_to(50_000);
        for m in (1..100).chain([1_000, 20_000, 50_000]) {
            let expected = statrs::function::gamma::digamma(m as f64);
            assert!((table.at(m) - expected).abs() < 1e-12, "{m}: {} is not {expected}", table.at(m));
        }
    }
}
