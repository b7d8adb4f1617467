//! Mutual information of two discrete variables from their contingency table.

use hitflop_core::track::Label;

/// The sorted distinct values of a column and how often each occurs with each label.
#[derive(Clone, Debug, PartialEq)]
pub struct Contingency {
    /// Counts of flops and hits of each category, categories in ascending order.
    counts: Vec<[u64; 2]>,
}

impl Contingency {
    /// Counts the rows of each category and label. Rows whose value is not finite are left out.
    pub fn new(values: &[f64], labels: &[Label]) -> Contingency {
        let mut rows: Vec<(f64, Label)> =
            values.iter().copied().zip(labels.iter().copied()).filter(|(value, _)| value.is_finite()).collect();
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let counts = rows.chunk_by(|a, b| a.0 == b.0).map(|category| {
            let hits = category.iter().filter(|(_, label)| *label == Label::Hit).count() as u64;
            [category.len() as u64 - hits, hits]
        });
        Contingency { counts: counts.collect() }
    }

    /// The table of these counts of flops and hits of each category. Categories without a row are left out.
    pub(in crate::explore) fn from_counts(counts: Vec<[u64; 2]>) -> Contingency {
        Contingency { counts: counts.into_iter().filter(|cell| cell != &[0, 0]).collect() }
    }

    /// The table that results if, with the rows in the order of their categories, the hits stand at the ascending ranks `hits`.
    pub(super) fn relabelled(&self, hits: &[usize]) -> Contingency {
        let (mut end, mut before) = (0, 0);
        let counts = self.counts.iter().map(|[flop, hit]| {
            end += flop + hit;
            let up_to = hits.partition_point(|&rank| (rank as u64) < end);
            let hits_here = (up_to - before) as u64;
            before = up_to;
            [flop + hit - hits_here, hits_here]
        });
        Contingency { counts: counts.collect() }
    }

    /// Number of flops, and of hits.
    pub(super) fn label_counts(&self) -> [usize; 2] {
        self.counts.iter().fold([0, 0], |sum, cell| [sum[0] + cell[0] as usize, sum[1] + cell[1] as usize])
    }

    /// Mutual information in nats, never below 0:
    ///
    /// ```text
    /// I = Σ n_ij / n · ln(n · n_ij / (n_i · n_j))
    /// ```
    ///
    /// over categories i and labels j. It is exact for the table, but biased upwards by about (categories - 1) / 2n as an estimate of
    /// what a population has (Miller, 1955); the null carries the same bias. The same as scikit-learn's `mutual_info_score`.
    pub fn mutual_information(&self) -> f64 {
        // One category has no information; rounding would leave it a little.
        if self.counts.len() < 2 {
            return 0.0;
        }
        let totals = self.label_counts();
        let n = (totals[0] + totals[1]) as f64;
        let cells = self.counts.iter().flat_map(|cell| {
            let category = (cell[0] + cell[1]) as f64;
            (0..2).filter(|&label| cell[label] > 0).map(move |label| {
                let joint = cell[label] as f64;
                joint / n * (n * joint / (category * totals[label] as f64)).ln()
            })
        });
        cells.sum::<f64>().max(0.0)
    }

    /// Mutual information in nats less the bias of the plug-in estimate, never below 0: each of the entropies of category, of label and
    /// of both is too small by its occupied cells less one over 2n (G. A. Miller, *Note on the bias of information estimates*, 1955).
    pub(in crate::explore) fn corrected_information(&self) -> f64 {
        let totals = self.label_counts();
        let n = (totals[0] + totals[1]) as f64;
        let occupied = |counts: &mut dyn Iterator<Item = u64>| counts.filter(|count| *count > 0).count() as f64;
        let cells = occupied(&mut self.counts.iter().flatten().copied());
        let labels = occupied(&mut totals.iter().map(|total| *total as u64));
        let bias = (cells - self.counts.len() as f64 - labels + 1.0) / (2.0 * n);
        (self.mutual_information() - bias).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(targets: &[i32]) -> Vec<Label> {
        targets.iter().map(|&target| Label::from_target(target).expect("0 or 1")).collect()
    }

    /// The witness is `sklearn.metrics.mutual_info_score`.
    #[test]
    fn values_are_scikit_learns() {
        let targets = labels(&[0, 1, 1, 0, 1, 0, 1, 1]);
        let table = Contingency::new(&[3.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 1.0], &targets);
        assert!((table.mutual_information() - 0.249_583_629_907_440_7).abs() < 1e-15, "{}", table.mutual_information());
    }

    #[test]
    fn a_category_that_names_the_label_has_all_information() {
        let targets = labels(&[0, 1, 0, 1]);
        let table = Contingency::new(&[5.0, 7.0, 5.0, 7.0], &targets);
        assert!((table.mutual_information() - 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(Contingency::new(&[5.0, 5.0, 7.0, 7.0], &targets).mutual_information(), 0.0);
    }

    #[test]
    fn no_rows_and_one_label_have_no_information() {
        assert_eq!(Contingency::new(&[], &[]).mutual_information(), 0.0);
        assert_eq!(Contingency::new(&[1.0, 2.0], &labels(&[1, 1])).mutual_information(), 0.0);
        assert_eq!(Contingency::new(&[f64::NAN], &labels(&[1])).mutual_information(), 0.0);
    }

    #[test]
    fn relabelling_counts_the_hits_of_each_category() {
        let table = Contingency { counts: vec![[2, 1], [0, 2], [3, 0]] };
        assert_eq!(table.relabelled(&[0, 4, 7]).counts, [[2, 1], [1, 1], [2, 1]]);
    }

    /// By hand: all four cells are occupied, so the bias is (4 − 2 − 2 + 1) / 2n.
    #[test]
    fn the_bias_is_subtracted() {
        let table = Contingency::from_counts(vec![[30, 10], [0, 0], [20, 40]]);
        let expected = table.mutual_information() - 1.0 / 200.0;
        assert!((table.corrected_information() - expected).abs() < 1e-15 && expected > 0.05);
        // Two cells of different labels: (2 − 2 − 2 + 1) / 2n is below 0, and the entropy of the label is found too small.
        let pure = Contingency::from_counts(vec![[10, 0], [0, 10]]);
        assert!((pure.corrected_information() - 2.0_f64.ln() - 1.0 / 40.0).abs() < 1e-15);
        assert_eq!(Contingency::from_counts(vec![[10, 10], [10, 10]]).corrected_information(), 0.0);
        assert_eq!(Contingency::from_counts(vec![[0, 0]]).corrected_information(), 0.0);
    }
}
