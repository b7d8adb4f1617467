//! The table that `make_splits.py` writes, for benchmarks on real rows.

use std::error::Error;
use std::path::Path;

use ndarray::{Array1, Array2, Axis};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The table of rows: features, `target`, `group`, and divisions.
pub struct DividedRows {
    names: Vec<String>,
    values: Array2<f64>,
}

impl DividedRows {
    pub fn read(path: &Path) -> Outcome<DividedRows> {
        let text = std::fs::read_to_string(path)?;
        let mut lines = text.lines();
        let names: Vec<String> = lines.next().ok_or("no header")?.split(',').map(str::to_owned).collect();
        let values = lines.flat_map(|line| line.split(',')).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        Ok(DividedRows { values: Array2::from_shape_vec((values.len() / names.len(), names.len()), values)?, names })
    }

    pub fn column(&self, name: &str) -> Outcome<Array1<f64>> {
        let index = self.names.iter().position(|other| other == name).ok_or(format!("no column {name}"))?;
        Ok(self.values.column(index).to_owned())
    }

    /// Names of the divisions.
    pub fn divisions(&self) -> Vec<String> {
        self.names[self.features() + 2..].to_vec()
    }

    fn features(&self) -> usize {
        self.names.iter().position(|name| name == "target").unwrap_or(self.names.len())
    }

    /// Training and test rows of a division.
    pub fn parts(&self, division: &str) -> Outcome<(Vec<usize>, Vec<usize>)> {
        let is_test = self.column(division)?;
        Ok((0..is_test.len()).partition(|&row| is_test[row] == 0.0))
    }

    /// The features of some rows, rows × features.
    pub fn records(&self, rows: &[usize]) -> Array2<f64> {
        self.values.slice_axis(Axis(1), (0..self.features()).into()).select(Axis(0), rows)
    }
}

/// The share of pairs in the right order, ties one half.
pub fn roc_auc(truth: &[bool], scores: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&one, &other| scores[one].total_cmp(&scores[other]));
    let (mut first, mut rank_sum, mut positives) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&one, &other| scores[one] == scores[other]) {
        let rank = first + (tied.len() as f64 + 1.0) / 2.0;
        let here = tied.iter().filter(|&&row| truth[row]).count() as f64;
        (first, rank_sum, positives) = (first + tied.len() as f64, rank_sum + here * rank, positives + here);
    }
    (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * (truth.len() as f64 - positives))
}
