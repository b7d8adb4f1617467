//! Forward in time: fitted up to a period, scored on the next.

use super::TrainTestSplit;

/// A split by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardSplit<T> {
    /// The periods of the rows to fit on, ascending.
    pub train: Vec<T>,
    /// The period of the rows to score on.
    pub test: T,
    /// Indices of the rows to fit on and of those to score on.
    pub split: TrainTestSplit,
}

/// For each period but the first: all rows of earlier periods to fit on, its own to score on. `periods` has the period of each
/// row, such as its decade. A period without rows is skipped. Empty if all rows are of one period.
pub fn forward_splits<T: Copy + Ord>(periods: &[T]) -> Vec<ForwardSplit<T>> {
    let mut distinct = periods.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let rows = |is_in: &dyn Fn(T) -> bool| (0..periods.len()).filter(|&row| is_in(periods[row])).collect();
    let ending_before = |(index, &test): (usize, &T)| ForwardSplit {
        train: distinct[..index].to_vec(),
        test,
        split: TrainTestSplit { train: rows(&|period| period < test), test: rows(&|period| period == test) },
    };
    distinct.iter().enumerate().skip(1).map(ending_before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decade_but_the_first_is_predicted_from_those_before_it() {
        let decades = [1970, 1960, 1990, 1960, 1970];
        let splits = forward_splits(&decades);
        let parts = |index: usize| {
            let ForwardSplit { train, test, split } = &splits[index];
            (train.clone(), *test, split.train.clone(), split.test.clone())
        };
        assert_eq!(splits.len(), 2);
        assert_eq!(parts(0), (vec![1960], 1970, vec![1, 3], vec![0, 4]));
        assert_eq!(parts(1), (vec![1960, 1970], 1990, vec![0, 1, 3, 4], vec![2]));
        assert!(forward_splits(&decades[1..2]).is_empty() && forward_splits::<u16>(&[]).is_empty());
    }
}
