//! A category as the share of hits among the tracks that have it.

use hitflop_core::error::Result;
use hitflop_metrics::split::Folds;

/// Smoothing: so many tracks of the overall share are added to each category.
pub(crate) const SMOOTHING: f64 = 1.0;
/// Folds of a cross-fitted encoding.
const FOLDS: usize = 5;

/// A smoothed target encoding (the m-estimate of Micci-Barreca, SIGKDD Explorations 3(1), 2001): (hits + m p) / (tracks + m) with the
/// overall share of hits p and m = [`SMOOTHING`]; p for a category that was not there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetEncoding {
    /// By category: tracks and hits.
    counts: Vec<(f64, f64)>,
    /// Overall share of hits.
    prior: f64,
}

impl TargetEncoding {
    /// Counts the categories (numbers from 0 on, one a row) and hits of some rows.
    pub(crate) fn fit(categories: &[u32], targets: &[bool], rows: &[usize]) -> TargetEncoding {
        let mut counts = vec![(0.0, 0.0); categories.iter().max().map_or(0, |most| *most as usize + 1)];
        let mut hits = 0.0;
        for &row in rows {
            let hit = f64::from(u8::from(targets[row]));
            let count = &mut counts[categories[row] as usize];
            *count = (count.0 + 1.0, count.1 + hit);
            hits += hit;
        }
        TargetEncoding { counts, prior: hits / (rows.len() as f64).max(1.0) }
    }

    /// The value of a category.
    pub(crate) fn value(&self, category: u32) -> f64 {
        let (tracks, hits) = self.counts.get(category as usize).copied().unwrap_or_default();
        (hits + SMOOTHING * self.prior) / (tracks + SMOOTHING)
    }

    /// Whether a category was there.
    pub(crate) fn knows(&self, category: u32) -> bool {
        self.counts.get(category as usize).is_some_and(|(tracks, _)| *tracks > 0.0)
    }
}

/// Values of `rows`, each encoded by the rows of the other folds (scikit-learn's `TargetEncoder.fit_transform`): no row's value is
/// of its own label.
///
/// # Errors
/// There are fewer rows of a label than folds.
pub(crate) fn cross_fitted(categories: &[u32], targets: &[bool], rows: &[usize], seed: u64) -> Result<Vec<f64>> {
    let own: Vec<bool> = rows.iter().map(|&row| targets[row]).collect();
    let folds = Folds::stratified(&own, FOLDS, seed)?;
    let mut values = vec![0.0; rows.len()];
    for fold in 0..folds.len() {
        let split = folds.split(fold);
        let others: Vec<usize> = split.train.iter().map(|&position| rows[position]).collect();
        let encoding = TargetEncoding::fit(categories, targets, &others);
        split.test.iter().for_each(|&position| values[position] = encoding.value(categories[rows[position]]));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_its_share_of_hits_drawn_to_the_overall_one() {
        let (categories, targets) = ([0, 0, 0, 1, 2], [true, true, false, false, true]);
        let encoding = TargetEncoding::fit(&categories, &targets, &[0, 1, 2, 3]);
        assert_eq!(encoding.value(0), (2.0 + 0.5) / 4.0);
        assert_eq!(encoding.value(1), 0.5 / 2.0);
        assert_eq!((encoding.value(2), encoding.value(9)), (0.5, 0.5), "they were not there");
        assert_eq!([0, 1, 2, 9].map(|category| encoding.knows(category)), [true, true, false, false]);
    }

    #[test]
    fn no_value_is_of_the_rows_own_label() {
        let categories: Vec<u32> = (0..40).collect();
        let targets: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
        let rows: Vec<usize> = (0..40).collect();
        // Each category is there once, so that nothing is known of it but the overall share, a half in every fold.
        assert_eq!(cross_fitted(&categories, &targets, &rows, 1).expect("values"), [0.5; 40]);
        let told = cross_fitted(&categories, &targets, &rows[..6], 1).expect_err("three hits are no five folds");
        assert!(told.is_input());
    }
}
