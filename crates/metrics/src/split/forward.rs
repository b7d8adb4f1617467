//! Forward in time: fitted up to a decade, scored on the next.

use super::TrainTestSplit;
use hitflop_core::track::Decade;

/// A split by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardSplit {
    /// The decades of the rows to fit on, ascending.
    pub train: Vec<Decade>,
    /// The decade of the rows to score on.
    pub test: Decade,
    /// The rows.
    pub split: TrainTestSplit,
}

/// For each decade but the first: all rows of earlier decades to fit on, its own to score on. Of decades that are not there
/// none is made up: the next is the next that has rows. None where all rows are of one decade.
pub fn forward_splits(decades: &[Decade]) -> Vec<ForwardSplit> {
    let mut distinct = decades.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let rows = |is_in: &dyn Fn(Decade) -> bool| (0..decades.len()).filter(|&row| is_in(decades[row])).collect();
    let ending_before = |(index, &test): (usize, &Decade)| ForwardSplit {
        train: distinct[..index].to_vec(),
        test,
        split: TrainTestSplit { train: rows(&|decade| decade < test), test: rows(&|decade| decade == test) },
    };
    distinct.iter().enumerate().skip(1).map(ending_before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decade_but_the_first_is_foretold_by_those_before_it() {
        let decade = |year| Decade::from_year(year).expect("a decade");
        let decades: Vec<Decade> = [1970, 1960, 1990, 1960, 1970].map(decade).to_vec();
        let splits = forward_splits(&decades);
        let told = |index: usize| {
            let ForwardSplit { train, test, split } = &splits[index];
            (train.clone(), *test, split.train.clone(), split.test.clone())
        };
        assert_eq!(splits.len(), 2);
        assert_eq!(told(0), (vec![decade(1960)], decade(1970), vec![1, 3], vec![0, 4]));
        assert_eq!(told(1), (vec![decade(1960), decade(1970)], decade(1990), vec![0, 1, 3, 4], vec![2]));
        assert!(forward_splits(&decades[1..2]).is_empty() && forward_splits(&[]).is_empty());
    }
}
