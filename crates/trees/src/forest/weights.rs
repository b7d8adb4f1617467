//! What rows weigh.

use super::options::ClassWeight;

/// Weights as whole numbers, so that sums of them are exact in any order: all times the greatest power of 2 by which `rows` of
/// the greatest do not overflow. `None` if all but those of weight 0 weigh the same, as that changes nothing. Weights below
/// 2^-8 of the greatest may be rounded to 2^-31 of it; none above 0 becomes 0.
pub(super) fn whole_weights(weights: &[f32], rows: usize) -> Option<Vec<u64>> {
    let most = weights.iter().copied().fold(0.0, f32::max);
    if weights.iter().all(|&weight| weight == 0.0 || weight == most) {
        return None;
    }
    let room = (1u64 << (62 - rows.max(1).ilog2())) as f64;
    let scale = (room / f64::from(most)).log2().floor().exp2();
    let whole = |&weight: &f32| ((f64::from(weight) * scale) as u64).max(u64::from(weight > 0.0));
    Some(weights.iter().map(whole).collect())
}

/// Weights of the negative and the positive class, for rows of these classes.
pub(super) fn class_weights(class_weight: Option<ClassWeight>, targets: impl Iterator<Item = bool>) -> [f64; 2] {
    match class_weight {
        None => [1.0, 1.0],
        Some(ClassWeight::Weights(weights)) => weights,
        Some(ClassWeight::Balanced) => {
            let mut rows = [0u32; 2];
            targets.for_each(|target| rows[usize::from(target)] += 1);
            let present = rows.iter().filter(|&&rows| rows > 0).count() as f64;
            let total = f64::from(rows[0]) + f64::from(rows[1]);
            // A class that does not occur has a weight that multiplies nothing.
            rows.map(|rows| if rows > 0 { total / (present * f64::from(rows)) } else { 1.0 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_become_whole_in_proportion_and_never_overflow() {
        assert_eq!(whole_weights(&[2.5, 0.0, 2.5], 3), None);
        let whole = whole_weights(&[0.5, 0.0, 1.0, 1e-30], 1000).expect("they differ");
        assert_eq!((whole[0] * 2, whole[1], whole[3]), (whole[2], 0, 1));
        let thirds = whole_weights(&[1.0, 2.0, 3.0], 5).expect("they differ");
        assert_eq!([thirds[0] * 2, thirds[0] * 3], thirds[1..]);
        for rows in [1, 2, 3, 1000, (1 << 31) - 1] {
            let most = *whole_weights(&[f32::MAX, 1.0], rows).expect("they differ").iter().max().expect("two");
            let sum = u128::from(most) * rows as u128;
            assert!((1 << 61..1 << 63).contains(&sum), "{rows}");
        }
    }

    #[test]
    fn balanced_classes_weigh_the_same() {
        let weights = |targets: &[bool]| class_weights(Some(ClassWeight::Balanced), targets.iter().copied());
        assert_eq!(weights(&[true, false, false, false]), [4.0 / 6.0, 2.0]);
        assert_eq!(weights(&[true, true]), [1.0, 1.0]);
    }
}
