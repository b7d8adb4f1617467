//! Ranks of values, in a time that grows with their number and no faster.

/// Bits of a key that one pass sorts by.
const DIGIT_BITS: u32 = 11;
const DIGITS: usize = 1 << DIGIT_BITS;

/// Ranks from 1 of at most 4,294,967,295 values, none of them missing; equal values share their mean rank.
pub(super) fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let order = ascending(values);
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&(_, row)| ranks[row as usize] = rank);
        before += tied.len();
    }
    ranks
}

/// Key and row of each value, ascending: a radix sort from the lowest digit on.
fn ascending(values: &[f64]) -> Vec<(u64, u32)> {
    let mut items: Vec<(u64, u32)> = values.iter().map(|&value| key(value)).zip(0..).collect();
    let mut sorted = vec![(0, 0); items.len()];
    for shift in (0..u64::BITS).step_by(DIGIT_BITS as usize) {
        let digit = |item: &(u64, u32)| (item.0 >> shift) as usize % DIGITS;
        let mut places = vec![0; DIGITS];
        items.iter().for_each(|item| places[digit(item)] += 1);
        // Nothing to sort by where all have the same digit.
        if places.contains(&items.len()) {
            continue;
        }
        let mut first = 0;
        places.iter_mut().for_each(|place| first += std::mem::replace(place, first));
        for item in &items {
            let place = &mut places[digit(item)];
            sorted[*place] = *item;
            *place += 1;
        }
        std::mem::swap(&mut items, &mut sorted);
    }
    items
}

/// A number of the same order as the values: equal for 0 and −0.
fn key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    // Adding 0 turns −0 into 0.
    match (value + 0.0).to_bits() {
        bits if bits & SIGN == 0 => bits | SIGN,
        bits => !bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        assert_eq!(mean_ranks(&[3.0, 1.0, 3.0, 2.0, -1.0]), [4.5, 2.0, 4.5, 3.0, 1.0]);
        assert_eq!(mean_ranks(&[0.0, 1e-300, -0.0, -1e300]), [2.5, 4.0, 2.5, 1.0]);
        assert_eq!(mean_ranks(&[7.0; 3]), [2.0; 3]);
        assert!(mean_ranks(&[]).is_empty());
    }

    /// The witness is the definition: half of the others that are equal, and all that are less, come before.
    #[test]
    fn ranks_are_those_of_the_definition() {
        let values: Vec<f64> =
            (0..700i32).map(|row| f64::from(row * 7919 % 431 - 200) / 8.0 * 3f64.powi(row % 5)).collect();
        for (&value, rank) in values.iter().zip(mean_ranks(&values)) {
            let count = |belongs: &dyn Fn(f64) -> bool| values.iter().filter(|&&other| belongs(other)).count() as f64;
            assert_eq!(rank, count(&|other| other < value) + (count(&|other| other == value) + 1.0) / 2.0);
        }
    }
}
