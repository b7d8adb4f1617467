//! What the trees of a forest share, and the growing of all of them.

use std::ops::Range;

use rand::Rng;
use rayon::prelude::*;

use super::counts::{PackedRow, Row, WideRow};
use super::criterion::{Entropy, Gini, Impurity, PlainGini};
use super::draws::Stream;
use super::growth::{Grown, Growth, Workspace};
use super::params::{Criterion, MaxSamples, RandomForestValidParams};
use super::records::Blocks;
use super::splitting::Rule;
use super::weights::{class_weights, whole_weights};
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::learn::tree::binning::{BinnedRecords, Binning};
use crate::learn::tree::{Node, Tree, Trees, MOST_FEATURES};
use crate::seed::Seed;

/// Most training rows.
const MOST_ROWS: usize = (1 << 31) - 1;

/// Grows the trees of a forest, any of them at any time.
pub struct Grower<'a> {
    pub(super) params: RandomForestValidParams,
    pub(super) binned: &'a BinnedRecords,
    pub(super) binning: &'a Binning,
    pub(super) blocks: Blocks,
    /// Rows in use, ascending.
    pub(super) used: Vec<u32>,
    pub(super) hits: &'a [bool],
    /// Whole numbers in proportion to the sample weights, one a row; `None` if all are the same.
    pub(super) weights: Option<Vec<u64>>,
    class_weights: [f64; 2],
    /// Rows drawn for each tree.
    draws: usize,
    pub(super) max_features: usize,
}

impl<'a> Grower<'a> {
    /// Checks and prepares what the trees share: `binned` rows, each with a target and a weight (`None`: 1 each; a row of weight
    /// 0 is not used).
    ///
    /// # Errors
    /// A parameter is not legal; there is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,768
    /// features; a weight is negative or not finite; `max_samples` exceeds the rows; the lengths disagree.
    pub fn new(
        params: &RandomForestValidParams,
        binned: &'a BinnedRecords,
        binning: &'a Binning,
        targets: &'a [bool],
        weights: Option<&[f32]>,
    ) -> Result<Grower<'a>> {
        params.validate()?;
        check_shape(binned, targets.len(), weights)?;
        let is_used = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
        let used: Vec<u32> = (0..binned.rows() as u32).filter(is_used).collect();
        if used.is_empty() {
            return Err(refused(Reason::TooFewRows, "expected at least one row of a weight above 0", 0));
        }
        let draws = if params.bootstrap() { draws(params.max_samples(), used.len())? } else { used.len() };
        Ok(Grower {
            params: *params,
            binned,
            binning,
            blocks: Blocks::new(binned),
            weights: weights.and_then(|weights| whole_weights(weights, draws)),
            class_weights: class_weights(params.class_weight(), used.iter().map(|&row| targets[row as usize])),
            used,
            hits: targets,
            draws,
            max_features: params.max_features().of(binned.features()),
        })
    }

    /// Weights of a flop and of a hit, for [`assemble`].
    pub fn class_weights(&self) -> [f64; 2] {
        self.class_weights
    }

    /// The trees of these indices, in their order. A tree depends on its index and never on which others are grown, or on the
    /// number of threads.
    pub fn grow(&self, indices: Range<usize>) -> Vec<Grown> {
        if self.weights.is_none() && PackedRow::fits(self.binned.rows(), self.draws) {
            self.grow_as::<PackedRow>(indices)
        } else {
            self.grow_as::<WideRow>(indices)
        }
    }

    fn grow_as<R: Row>(&self, indices: Range<usize>) -> Vec<Grown> {
        match self.params.criterion() {
            Criterion::Gini if self.class_weights == [1.0, 1.0] => self.grow_by::<R, _>(indices, &PlainGini),
            Criterion::Gini => self.grow_by::<R, _>(indices, &Gini::new(self.class_weights)),
            Criterion::Entropy => self.grow_by::<R, _>(indices, &Entropy::new(self.class_weights)),
        }
    }

    fn grow_by<R: Row, I: Impurity>(&self, indices: Range<usize>, impurity: &I) -> Vec<Grown> {
        let row = |&row: &u32| {
            let weight = self.weights.as_ref().map_or(1, |weights| weights[row as usize]);
            R::new(row as usize, weight, self.hits[row as usize])
        };
        let used: Vec<R> = self.used.iter().map(row).collect();
        // More rows than a u32 counts are never there.
        let min_samples_leaf = u32::try_from(self.params.min_samples_leaf()).unwrap_or(u32::MAX);
        let grow = |workspace: &mut Workspace<R>, index| {
            self.draw_rows(index, &used, workspace);
            Growth::new(self, Rule { impurity, min_samples_leaf }, workspace).grow(self.streams(index)[1])
        };
        indices.into_par_iter().map_init(|| Workspace::new(self.binned.features()), grow).collect()
    }

    /// The stream that draws a tree's rows, and that of its root.
    fn streams(&self, index: usize) -> [Stream; 2] {
        let mut rng = Seed(self.params.seed()).rng("tree", &[index as u64]);
        [Stream::new(rng.next_u64()), Stream::new(rng.next_u64())]
    }

    /// How often a tree draws each row in use.
    pub(super) fn draw_times(&self, index: usize, times: &mut Vec<u32>) {
        times.clear();
        if !self.params.bootstrap() {
            return times.resize(self.used.len(), 1);
        }
        times.resize(self.used.len(), 0);
        let [mut stream, _] = self.streams(index);
        for _ in 0..self.draws {
            times[stream.below(self.used.len())] += 1;
        }
    }

    fn draw_rows<R: Row>(&self, index: usize, used: &[R], workspace: &mut Workspace<R>) {
        let Workspace { times, rows: [drawn, other], .. } = workspace;
        self.draw_times(index, times);
        drawn.resize(used.len(), R::default());
        let mut end = 0;
        for (&row, &times) in used.iter().zip(&*times) {
            // Written over by the next one if it was not drawn: a branch would be foretold wrongly for every third row.
            drawn[end] = row.times(times);
            end += usize::from(times > 0);
        }
        drawn.truncate(end);
        other.resize(end, R::default());
    }
}

/// Grows the trees that a fit with `params` would grow, on records that were binned before: [`Grower::new`], then
/// [`Grower::grow`].
///
/// # Errors
/// As [`Grower::new`].
pub fn grow(
    params: &RandomForestValidParams,
    binned: &BinnedRecords,
    binning: &Binning,
    targets: &[bool],
    weights: Option<&[f32]>,
) -> Result<Vec<Grown>> {
    Ok(Grower::new(params, binned, binning, targets, weights)?.grow(0..params.n_estimators()))
}

/// Trees as they were grown over `binning`, in the common form. A feature whose missing values are parted from all numbers
/// somewhere gets one more cut, [`f64::MAX`], which no number exceeds.
///
/// # Errors
/// The trees were not grown over `binning`.
pub fn assemble(binning: Binning, class_weights: [f64; 2], trees: Vec<Tree>) -> Result<Trees> {
    let mut cuts = binning.into_cuts();
    let mut parts_missing = vec![false; cuts.len()];
    for node in trees.iter().flat_map(|tree| &tree.nodes) {
        if let Node::Split { feature, cut, .. } = *node {
            let feature = usize::from(feature);
            if cuts.get(feature).is_some_and(|cuts| cuts.len() == usize::from(cut)) {
                parts_missing[feature] = true;
            }
        }
    }
    for (cuts, _) in cuts.iter_mut().zip(parts_missing).filter(|(_, parts_missing)| *parts_missing) {
        cuts.push(f64::MAX);
    }
    Trees::new(cuts, class_weights, trees)
        .map_err(|error| Error::Failed(format!("the grown forest is invalid: {error}")))
}

fn refused(reason: Reason, rule: &str, value: usize) -> Error {
    Error::input(Fault::new(Place::file("training rows"), reason, rule).found(value.to_string()))
}

fn check_shape(binned: &BinnedRecords, targets: usize, weights: Option<&[f32]>) -> Result<()> {
    let (rows, features) = (binned.rows(), binned.features());
    for length in [Some(targets), weights.map(<[f32]>::len)].into_iter().flatten() {
        if length != rows {
            return Err(linfa::Error::MismatchedShapes(rows, length).into());
        }
    }
    if rows == 0 {
        return Err(refused(Reason::TooFewRows, "expected at least one row", rows));
    }
    if rows > MOST_ROWS {
        return Err(refused(Reason::Setting, &format!("expected at most {MOST_ROWS} rows"), rows));
    }
    if features == 0 || features > MOST_FEATURES {
        return Err(refused(Reason::Setting, &format!("expected 1 to {MOST_FEATURES} features"), features));
    }
    let is_weight = |weight: f32| weight.is_finite() && weight >= 0.0;
    match weights.and_then(|weights| weights.iter().enumerate().find(|(_, &weight)| !is_weight(weight))) {
        None => Ok(()),
        Some((row, weight)) => {
            let place = Place::file("sample weights").row(row as u64 + 1);
            let rule = "expected a finite number of at least 0";
            Err(Error::input(Fault::new(place, Reason::NotFinite, rule).found(weight.to_string())))
        }
    }
}

/// How many rows are drawn for a tree.
fn draws(max_samples: Option<MaxSamples>, rows: usize) -> Result<usize> {
    match max_samples {
        None => Ok(rows),
        Some(MaxSamples::Fraction(fraction)) => Ok(((fraction * rows as f64).round() as usize).max(1)),
        Some(MaxSamples::Number(number)) if number <= rows => Ok(number),
        Some(MaxSamples::Number(number)) => {
            let rule = format!("expected at most the number of rows, {rows}");
            Err(Error::input(Fault::new(Place::file("max_samples"), Reason::Setting, rule).found(number.to_string())))
        }
    }
}
