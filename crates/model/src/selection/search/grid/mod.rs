//! The notebook's grid of random forests, by cross-validation, growing no tree twice.
//!
//! Most points of such a grid are parts of the same forests, and a part need not be grown again:
//!
//! - The first 200 trees of a forest of 500 are the forest of 200, as each tree has a seed of its own.
//! - A tree with `max_depth` or `min_samples_split` is the tree without them, cut off where they would have stopped it, as
//!   what is sampled at a node depends on the tree's seed and the path to the node alone.
//! - `auto` is `sqrt`.
//!
//! So a forest is grown for each `bootstrap`, `min_samples_leaf` and fold ([`FoldScores`]), 18 in place of the notebook's 432.
//! A held-out row goes down each tree once, to its leaf; from the leaf it is known at which node each cut of the tree
//! would have stopped it (`truncation.rs`, `leaf_assignment.rs`). Every probability is, to the last bit, that of the point's own fit.
//!
//! Bergstra and Bengio (2012) explain why most points of a grid add little; this one is here because it is the notebook's.

mod fold_scores;
mod leaf_assignment;
mod points;
mod truncation;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use fold_scores::FoldData;
use hitflop_core::dataset::Dataset;
use hitflop_core::digest::hex;
use hitflop_core::error::Result;
use hitflop_metrics::moments::mean;
use hitflop_metrics::split::Folds;
pub use points::{Grid, GridPoint, SquareRoot};

/// The whole grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridSearch {
    /// Number of folds.
    pub folds: u64,
    /// Training rows that were parted into folds.
    pub rows: u64,
    /// Seed of folds and forests.
    pub seed: u64,
    /// Forests that were grown; every other point is a part of one of them.
    pub forests_grown: u64,
    /// All points, in the order of scikit-learn's `ParameterGrid`.
    pub points: Vec<GridPoint>,
    /// Index of the point whose mean accuracy is the greatest, the first of equals, as scikit-learn's `GridSearchCV` chooses.
    pub best: usize,
}

impl GridSearch {
    /// The best point.
    pub fn best(&self) -> &GridPoint {
        &self.points[self.best]
    }
}

/// Result of one forest: the scores, on one fold, of all points that are parts of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldScores {
    /// Whether each tree was given rows sampled with replacement.
    pub bootstrap: bool,
    /// Fewest rows in a leaf.
    pub min_samples_leaf: usize,
    /// The fold that was held out, the first being 0.
    pub fold: usize,
    /// In the order of `max_depth`, `min_samples_split` and `n_estimators` in the grid, the last of which changes first.
    pub parts: Vec<TestSetScores>,
}

/// The scores of a part of a forest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestSetScores {
    /// Most splits between the root and a leaf; none for no limit.
    pub max_depth: Option<usize>,
    /// Fewest rows that are split.
    pub min_samples_split: usize,
    /// Number of trees.
    pub n_estimators: usize,
    /// Accuracy on the fold.
    pub accuracy: f64,
    /// ROC AUC on the fold.
    pub roc_auc: f64,
}

impl FoldScores {
    fn part(&self, point: &GridPoint) -> Option<&TestSetScores> {
        let requested = (point.max_depth, point.min_samples_split, point.n_estimators);
        self.parts.iter().find(|part| (part.max_depth, part.min_samples_split, part.n_estimators) == requested)
    }

    fn is_of(&self, forest: Forest, fold: usize) -> bool {
        (self.bootstrap, self.min_samples_leaf, self.fold) == (forest.bootstrap, forest.min_samples_leaf, fold)
    }
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridProgress {
    /// Forests that are scored, those of an earlier run included.
    pub done: usize,
    /// Forests in all.
    pub all: usize,
}

/// What sets forests apart that share no trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Forest {
    bootstrap: bool,
    min_samples_leaf: usize,
}

/// Scores every point of the grid on stratified folds of the dataset ([`Folds::stratified`]).
///
/// The forests of `done`, from an earlier run with the same [`fingerprint`], are not grown again; `on_unit` is called with each
/// one that is. The result does not depend on `done`, nor on the number of threads. Each score is exactly that of
/// [`cross_validate`](crate::selection::cross_validation::cross_validate) with [`GridPoint::params`] and the same folds.
///
/// One forest is worked on at a time, and only some of its trees are in memory.
///
/// # Errors
/// A parameter has no value or one that is not legal, there is no feature, a label has fewer rows than there are folds, or
/// `on_unit` fails.
pub fn search(
    dataset: &Dataset,
    grid: &Grid,
    folds: usize,
    seed: u64,
    done: &[FoldScores],
    on_unit: &mut dyn FnMut(&FoldScores, GridProgress) -> Result<()>,
) -> Result<GridSearch> {
    grid.check(seed)?;
    let parted = Folds::stratified(&dataset.targets().to_vec(), folds, seed)?;
    let forests = forests(grid);
    let points = grid.points();
    let mut units: Vec<FoldScores> = Vec::with_capacity(forests.len() * folds);
    let all = forests.len() * folds;
    let is_complete = |unit: &FoldScores| points.iter().all(|point| unit.part(point).is_some());
    for index in 0..folds {
        // Binned when the first forest is grown; an earlier run may have grown all.
        let mut fold: Option<FoldData> = None;
        for &forest in &forests {
            let earlier = done.iter().find(|unit| unit.is_of(forest, index) && is_complete(unit));
            if let Some(unit) = earlier {
                units.push(unit.clone());
                continue;
            }
            let fold = fold.get_or_insert_with(|| FoldData::new(dataset, &parted, index));
            let unit = fold.score(grid, forest, seed)?;
            on_unit(&unit, GridProgress { done: units.len() + 1, all })?;
            units.push(unit);
        }
    }
    Ok(assemble(dataset, folds, seed, points, &units))
}

/// The forests of each fold.
fn forests(grid: &Grid) -> Vec<Forest> {
    let mut forests = Vec::new();
    for &bootstrap in &grid.bootstrap {
        for &min_samples_leaf in &grid.min_samples_leaf {
            let forest = Forest { bootstrap, min_samples_leaf };
            if !forests.contains(&forest) {
                forests.push(forest);
            }
        }
    }
    forests
}

fn assemble(
    dataset: &Dataset,
    folds: usize,
    seed: u64,
    mut points: Vec<GridPoint>,
    units: &[FoldScores],
) -> GridSearch {
    for point in &mut points {
        let forest = Forest { bootstrap: point.bootstrap, min_samples_leaf: point.min_samples_leaf };
        // Units are in the order of the folds.
        let parts: Vec<&TestSetScores> =
            units.iter().filter(|unit| unit.is_of(forest, unit.fold)).filter_map(|unit| unit.part(point)).collect();
        point.accuracy = parts.iter().map(|part| part.accuracy).collect();
        point.roc_auc = parts.iter().map(|part| part.roc_auc).collect();
    }
    let best = first_greatest(points.iter().map(|point| mean(&point.accuracy)));
    GridSearch {
        folds: folds as u64,
        rows: dataset.rows() as u64,
        seed,
        forests_grown: units.len() as u64,
        points,
        best,
    }
}

/// Index of the greatest value, the first of equals; 0 of none.
fn first_greatest(values: impl Iterator<Item = f64>) -> usize {
    let greater = |best: (usize, f64), value: (usize, f64)| if value.1 > best.1 { value } else { best };
    values.enumerate().fold((0, f64::NEG_INFINITY), greater).0
}

/// To be raised whenever forests of the same seed come out otherwise than before.
const ALGORITHM: u32 = 1;

/// A digest (SHA-256, hexadecimal) of all that a search's result depends on: the dataset, the grid, folds, seed and the version
/// of this program. Units of two searches may be mixed if it is the same.
pub fn fingerprint(dataset: &Dataset, grid: &Grid, folds: usize, seed: u64) -> String {
    let mut digest = Sha256::new();
    let features: Vec<&str> = dataset.features().iter().map(|feature| feature.name()).collect();
    let settings = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "algorithm": ALGORITHM,
        "features": features,
        "rows": dataset.rows(),
        "grid": grid,
        "folds": folds,
        "seed": seed,
    });
    digest.update(settings.to_string());
    for value in dataset.records() {
        digest.update(value.to_bits().to_le_bytes());
    }
    let labels: Vec<u8> = dataset.targets().iter().map(|&hit| u8::from(hit)).collect();
    digest.update(labels);
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests;
