//! The smallest change of one or two features of a track that changes the predicted label.
//!
//! Small is measured in ranks: how far a feature moves among the training rows of the track's decade, as a share of them
//! (`GroupQuantiles::percentile_rank`); of two features the sum. Values stay within the range seen in that decade. The decade and the
//! categories (key, mode, time signature) stay as they are: there is no small step from one to another. So do missing values.
//!
//! What a model of trees says changes at the cuts of its trees only. Every cell between them is looked at, for one
//! feature and for each pair of features, so that no smaller change is missed; of each cell the value is taken that is nearest
//! to the track's own among those that a listener can tell from it ([`Feature::step`]): rounded, and a noticeable step away. Cells
//! without such a value are skipped. The probability is that of the rounded values.
//!
//! It is a statement about the model, and through it about which tracks were hits. That a track changed in this way would
//! have been one does not follow.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::feature_axis::FeatureAxis;
use crate::missing::Answering;
use crate::model::Model;
use crate::reference::{FeatureQuantiles, GroupQuantiles};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_metrics::scores::is_positive;
use hitflop_trees::{Tree, TreeNode, Trees};

/// Of sums nearer than this to the threshold's the model itself decides on which side they are: they were added up in another
/// order than a prediction, and may differ in their last bits.
const ROUNDING_MARGIN: f64 = 1e-9;
/// Halvings by which the threshold's sum is found: as many as a number has bits, and more.
const BISECTION_STEPS: usize = 200;

/// A feature that is given another value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureChange {
    /// The feature that is changed.
    pub feature: Feature,
    /// The track's value, in the feature's unit.
    pub from: f64,
    /// The other value.
    pub to: f64,
    /// The share of the decade's training rows below the track's value, 0 to 1.
    pub from_rank: f64,
    /// That below the other value.
    pub to_rank: f64,
}

/// What would be called otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counterfactual {
    /// One change or two.
    pub changes: Vec<FeatureChange>,
    /// Sum of the changes of rank, 0 to 2.
    pub distance: f64,
    /// Probability of a hit with the changes.
    pub probability: f64,
    /// Label with the changes.
    pub label: Label,
}

/// The smallest changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counterfactuals {
    /// Of one feature; none if none suffices.
    pub one: Option<Counterfactual>,
    /// Of two features; none if no two together come nearer than one alone, or none suffice.
    pub two: Option<Counterfactual>,
}

/// The smallest changes of a track of `decade` (none if it is missing) that change the label that `model` predicts. `row` has a
/// value for each feature of the model, NaN for a missing one. None if the decade has no training rows. If the training rows had
/// no decade, changes are measured among all of them.
///
/// # Errors
/// `row` has another length, or holds an infinite value.
pub fn counterfactuals(
    model: &Model,
    reference: &FeatureQuantiles,
    decade: Option<Decade>,
    row: &[f64],
) -> Result<Counterfactuals> {
    let view = ndarray::ArrayView2::from_shape((1, row.len()), row)
        .map_err(|error| Error::Failed(format!("a row of features has no shape: {error}")))?;
    let is_hit = model.predict(view)?[0].label == Label::Hit;
    let Some(of_decade) = reference.group(decade) else { return Ok(Counterfactuals::default()) };
    // What is missing stays missing, so that the same estimator answers every change.
    let answering = model.answering(model.missing(view.row(0)));
    let trees = answering.estimator.trees();
    let Some(goal) = CounterfactualGoal::of((model, answering), row, is_hit) else {
        return Ok(Counterfactuals::default());
    };
    let axes: Vec<FeatureAxis> =
        (0..row.len()).filter_map(|column| axis(model, trees, &of_decade.all, column, row)).collect();
    let codes = codes(trees, row);

    let one = axes
        .par_iter()
        .filter_map(|axis| goal.nearest_on_line(trees, &codes, axis))
        .collect::<Vec<CounterfactualCandidate>>();
    let one = nearest(one);
    let within = one.as_ref().map_or(f64::INFINITY, |found| found.distance);
    let pairs: Vec<[&FeatureAxis; 2]> = (0..axes.len())
        .flat_map(|i| (i + 1..axes.len()).map(move |j| (i, j)))
        .map(|(i, j)| [&axes[i], &axes[j]])
        .collect();
    let two = pairs
        .par_iter()
        .filter_map(|pair| goal.nearest_in_plane(trees, &codes, *pair, within))
        .collect::<Vec<CounterfactualCandidate>>();
    let two = nearest(two);
    Ok(Counterfactuals {
        one: one.map(|found| found.with_probability(&goal)).transpose()?,
        two: two.map(|found| found.with_probability(&goal)).transpose()?,
    })
}

/// The values that a column of a track may take.
fn axis(model: &Model, trees: &Trees, of_decade: &GroupQuantiles, column: usize, row: &[f64]) -> Option<FeatureAxis> {
    FeatureAxis::of(model.inputs[column].feature, &trees.cuts()[column], of_decade, column, row[column])
}

/// Number of each feature's cuts below its value; `None` where it is missing.
fn codes(trees: &Trees, row: &[f64]) -> Vec<Option<usize>> {
    let code = |(&value, cuts): (&f64, &Vec<f64>)| (!value.is_nan()).then(|| cuts.partition_point(|&cut| cut < value));
    row.iter().zip(trees.cuts()).map(code).collect()
}

/// What is to be reached: that the model calls a track otherwise.
struct CounterfactualGoal<'a> {
    model: &'a Model,
    /// The estimator that answers the track.
    answering: Answering<'a>,
    row: &'a [f64],
    /// Whether it is to be a hit.
    to_hit: bool,
    /// The least sum over the trees of a hit, nearly.
    threshold: f64,
}

/// A change that suffices.
struct CounterfactualCandidate {
    distance: f64,
    changes: Vec<(usize, FeatureChange)>,
}

impl<'a> CounterfactualGoal<'a> {
    /// `None` if no sum of the trees' leaves would do.
    fn of(
        (model, answering): (&'a Model, Answering<'a>),
        row: &'a [f64],
        is_hit: bool,
    ) -> Option<CounterfactualGoal<'a>> {
        let is_hit_at = |sum: f64| is_positive(answering.probability_of_sum(sum), answering.threshold);
        let (mut low, mut high) = extremes(answering.estimator.trees());
        if is_hit_at(low) || !is_hit_at(high) {
            return None;
        }
        // The probability rises with the sum.
        for _ in 0..BISECTION_STEPS {
            let middle = low / 2.0 + high / 2.0;
            *(if is_hit_at(middle) { &mut high } else { &mut low }) = middle;
        }
        Some(CounterfactualGoal { model, answering, row, to_hit: !is_hit, threshold: high })
    }

    /// Whether it is reached at a sum, which the track has with these values in these columns.
    fn is_reached(&self, sum: f64, changes: &[(usize, f64)]) -> bool {
        if (sum - self.threshold).abs() > ROUNDING_MARGIN {
            return (sum > self.threshold) == self.to_hit;
        }
        self.probability(changes)
            .is_ok_and(|probability| is_positive(probability, self.answering.threshold) == self.to_hit)
    }

    /// Probability of a hit for the track with these values in these columns.
    fn probability(&self, changes: &[(usize, f64)]) -> Result<f64> {
        let mut changed = self.row.to_vec();
        changes.iter().for_each(|(column, value)| changed[*column] = *value);
        let records = ndarray::ArrayView2::from_shape((1, changed.len()), &changed)
            .map_err(|error| Error::Failed(format!("a row of features has no shape: {error}")))?;
        Ok(self.model.predict_proba(records)?[0])
    }

    /// The nearest cell of one feature that suffices.
    fn nearest_on_line(
        &self,
        trees: &Trees,
        codes: &[Option<usize>],
        axis: &FeatureAxis,
    ) -> Option<CounterfactualCandidate> {
        // Differences between neighbouring cells, summed up at the end.
        let mut sums = vec![0.0; axis.cells.len() + 1];
        for tree in trees.trees() {
            parts(tree, codes, [axis.column, usize::MAX], [axis.cells.len(), 1], |[cells, _], leaf| {
                let value = trees.value(&tree.leaves, leaf);
                sums[cells.0] += value;
                sums[cells.1] -= value;
            });
        }
        accumulate(&mut sums, 1);
        let reached = axis.others().filter(|(cell, value, _)| self.is_reached(sums[*cell], &[(axis.column, *value)]));
        let nearest = reached.min_by(|a, b| a.2.total_cmp(&b.2))?;
        Some(CounterfactualCandidate { distance: nearest.2, changes: vec![axis.change(nearest.1)] })
    }

    /// The nearest cell of two features that suffices, nearer than `within`.
    fn nearest_in_plane(
        &self,
        trees: &Trees,
        codes: &[Option<usize>],
        [first, second]: [&FeatureAxis; 2],
        within: f64,
    ) -> Option<CounterfactualCandidate> {
        let sizes = [first.cells.len(), second.cells.len()];
        let width = sizes[1] + 1;
        let mut sums = vec![0.0; (sizes[0] + 1) * width];
        for tree in trees.trees() {
            parts(tree, codes, [first.column, second.column], sizes, |[rows, columns], leaf| {
                let value = trees.value(&tree.leaves, leaf);
                for (row, sign) in [(rows.0, value), (rows.1, -value)] {
                    sums[row * width + columns.0] += sign;
                    sums[row * width + columns.1] -= sign;
                }
            });
        }
        // Along the rows, then along the columns.
        sums.chunks_exact_mut(width).for_each(|row| accumulate(row, 1));
        accumulate(&mut sums, width);
        let mut best: Option<(f64, f64, f64)> = None;
        for (row, value, distance) in first.others() {
            for (column, other, more) in second.others() {
                let distance = distance + more;
                let limit = best.map_or(within, |best| best.0);
                let changes = [(first.column, value), (second.column, other)];
                if distance < limit && self.is_reached(sums[row * width + column], &changes) {
                    best = Some((distance, value, other));
                }
            }
        }
        let (distance, value, other) = best?;
        Some(CounterfactualCandidate { distance, changes: vec![first.change(value), second.change(other)] })
    }
}

impl FeatureAxis {
    /// The change to a value, with its column. Its rank is filled in with the distance's sign.
    fn change(&self, to: f64) -> (usize, FeatureChange) {
        let distance =
            self.cells.iter().flatten().find(|(value, _)| *value == to).map_or(0.0, |(_, distance)| *distance);
        let to_rank = if to < self.from { self.from_rank - distance } else { self.from_rank + distance };
        let to_rank = to_rank.clamp(0.0, 1.0);
        (self.column, FeatureChange { feature: self.feature, from: self.from, to, from_rank: self.from_rank, to_rank })
    }
}

impl CounterfactualCandidate {
    /// With its probability.
    fn with_probability(self, goal: &CounterfactualGoal) -> Result<Counterfactual> {
        let values: Vec<(usize, f64)> = self.changes.iter().map(|(column, change)| (*column, change.to)).collect();
        let probability = goal.probability(&values)?;
        let label = Label::at(probability, goal.answering.threshold);
        let changes = self.changes.into_iter().map(|(_, change)| change).collect();
        Ok(Counterfactual { changes, distance: self.distance, probability, label })
    }
}

/// The first of the nearest.
fn nearest(found: Vec<CounterfactualCandidate>) -> Option<CounterfactualCandidate> {
    found.into_iter().reduce(|best, next| if next.distance < best.distance { next } else { best })
}

/// Each number plus the one `stride` before it, from the first on.
fn accumulate(sums: &mut [f64], stride: usize) {
    for index in stride..sums.len() {
        sums[index] += sums[index - stride];
    }
}

/// Least and greatest sum of a leaf a tree.
fn extremes(trees: &Trees) -> (f64, f64) {
    let of_tree = |tree: &Tree| {
        let values = (0..tree.leaves.len()).map(|leaf| trees.value(&tree.leaves, leaf));
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    trees.trees().iter().map(of_tree).fold((0.0, 0.0), |(low, high), (least, greatest)| (low + least, high + greatest))
}

/// From and to before which cell.
type Span = (usize, usize);

/// The leaves that a track can reach if two of its columns may have any value (`usize::MAX` for no column), each with the cells
/// that lead to it.
fn parts(
    tree: &Tree,
    codes: &[Option<usize>],
    columns: [usize; 2],
    sizes: [usize; 2],
    mut each: impl FnMut([Span; 2], usize),
) {
    let mut pending = vec![(0, [(0, sizes[0]), (0, sizes[1])])];
    while let Some((index, spans)) = pending.pop() {
        match tree.nodes[index] {
            TreeNode::Leaf(leaf) => each(spans, leaf as usize),
            TreeNode::Split { column, cut, left } => {
                let (left, feature, end) = (left as usize, column.feature(), usize::from(cut) + 1);
                match columns.iter().position(|&column| column == feature) {
                    None => {
                        let goes_left = codes[feature].map_or(column.missing_left(), |code| code < end);
                        pending.push((left + usize::from(!goes_left), spans));
                    }
                    Some(which) => {
                        let (from, to) = spans[which];
                        for (child, span) in [(left, (from, to.min(end))), (left + 1, (from.max(end), to))] {
                            if span.0 < span.1 {
                                let mut spans = spans;
                                spans[which] = span;
                                pending.push((child, spans));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayView2;

    use super::*;
    use crate::decision::Decision;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::complete_tracks;
    use hitflop_core::dataset::Dataset;
    use hitflop_core::track::FeatureKind;
    use hitflop_metrics::calibration::CalibratorKind;
    use hitflop_metrics::threshold::Objective;

    fn sixties() -> Option<Decade> {
        Decade::from_year(1960)
    }

    fn label(model: &Model, row: &[f64]) -> bool {
        let view = ArrayView2::from_shape((1, row.len()), row).expect("a row");
        is_positive(model.predict_proba(view).expect("a probability")[0], model.threshold)
    }

    fn fitted(kind: EstimatorKind, tracks: &Dataset) -> Model {
        let few = match kind {
            EstimatorKind::Tree => EstimatorParams::of(kind),
            _ => EstimatorParams::of(kind).with("n_estimators", "20").expect("a number"),
        };
        Model::fit(few, tracks).expect("a model")
    }

    /// The same model, calibrated to labels of which a third is turned round, and with a threshold of its own.
    fn calibrated(model: Model, tracks: &Dataset) -> Model {
        let raw = model.predict_proba(tracks.records()).expect("probabilities").to_vec();
        let truth: Vec<bool> = tracks.targets().iter().enumerate().map(|(row, hit)| hit ^ (row % 3 == 0)).collect();
        let calibration = CalibratorKind::Platt.fit(&truth, &raw).expect("a map");
        model.with_decision(&Decision { calibration, threshold: 0.4, objective: Objective::Fixed(0.4) })
    }

    /// The witness tries every rounded value of the range that a listener can tell from the track's own, one feature at a time.
    #[test]
    fn no_smaller_change_of_one_feature_suffices() {
        let tracks = complete_tracks(400);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let all = &reference.group(sixties()).expect("rows").all;
        let mut changes = 0;
        for kind in EstimatorKind::SINGLE {
            let model = fitted(kind, &tracks);
            for row in (0..40).step_by(2) {
                let row = tracks.records().row(row).to_vec();
                let found = counterfactuals(&model, &reference, sixties(), &row).expect("an answer");
                let mut nearest = f64::INFINITY;
                for (feature, step) in Feature::ALL.into_iter().filter_map(|one| Some((one, one.step()?))) {
                    let (low, high) = all.range(feature).expect("rows");
                    let own = row[feature as usize];
                    let from = all.percentile_rank(feature, own).expect("a rank");
                    let counts = (low / step.rounding).floor() as i64..=(high / step.rounding).ceil() as i64;
                    // Fractions of a whole number of steps in 1, so that a value is as near to its decimal digits as can be.
                    let value = |count: i64| match step.rounding < 1.0 {
                        true => count as f64 / (1.0 / step.rounding).round(),
                        false => count as f64 * step.rounding,
                    };
                    let is_allowed =
                        |to: &f64| (low..=high).contains(to) && (to - own).abs() >= step.noticeable * (1.0 - 1e-9);
                    // Thousands of durations would take long: every seventh is looked at.
                    let stride = if counts.clone().count() > 400 { 7 } else { 1 };
                    for to in counts.step_by(stride).map(value).filter(is_allowed) {
                        let mut changed = row.clone();
                        changed[feature as usize] = to;
                        if label(&model, &changed) != label(&model, &row) {
                            let to = all.percentile_rank(feature, to).expect("a rank");
                            nearest = nearest.min((to - from).abs());
                        }
                    }
                    for change in found.one.iter().flat_map(|one| &one.changes).filter(|one| one.feature == feature) {
                        assert!(is_allowed(&change.to), "{change:?}");
                        let count = (change.to / step.rounding).round() as i64;
                        assert_eq!(value(count), change.to, "a multiple of the rounding");
                        changes += 1;
                    }
                }
                match &found.one {
                    None => assert_eq!(nearest, f64::INFINITY),
                    Some(one) => assert!(one.distance <= nearest + 1e-12, "{one:?} against {nearest}"),
                }
            }
        }
        assert!(changes > 10, "{changes}");
    }

    #[test]
    fn changes_cross_the_threshold_within_the_range() {
        let tracks = complete_tracks(400);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let all = &reference.group(sixties()).expect("rows").all;
        let (mut ones, mut twos) = (0, 0);
        let calibrated =
            [EstimatorKind::Forest, EstimatorKind::Boosting].map(|kind| calibrated(fitted(kind, &tracks), &tracks));
        for model in EstimatorKind::SINGLE.map(|kind| fitted(kind, &tracks)).into_iter().chain(calibrated) {
            for row in (0..100).step_by(2) {
                let mut row = tracks.records().row(row).to_vec();
                row[Feature::Tempo as usize] = f64::NAN;
                let found = counterfactuals(&model, &reference, sixties(), &row).expect("an answer");
                (ones, twos) = (ones + usize::from(found.one.is_some()), twos + usize::from(found.two.is_some()));
                for what_if in found.one.iter().chain(&found.two) {
                    let mut changed = row.clone();
                    for change in &what_if.changes {
                        assert_ne!(change.feature.info().kind, FeatureKind::Category);
                        assert_ne!(change.feature, Feature::Tempo, "it is missing");
                        assert_eq!(change.from, row[change.feature as usize]);
                        let (low, high) = all.range(change.feature).expect("rows");
                        assert!((low..=high).contains(&change.to), "{change:?}");
                        let rank = all.percentile_rank(change.feature, change.to).expect("a rank");
                        assert!((rank - change.to_rank).abs() < 1e-12);
                        changed[change.feature as usize] = change.to;
                    }
                    assert_eq!(label(&model, &changed), what_if.label == Label::Hit);
                    assert_ne!(label(&model, &changed), label(&model, &row));
                }
                if let (Some(one), Some(two)) = (&found.one, &found.two) {
                    assert!(two.distance < one.distance);
                }
            }
        }
        assert!(ones > 30 && twos > 3, "{ones} and {twos}");
    }

    /// The witness is every pair of values that the cells have, in a model of few cuts.
    #[test]
    fn no_smaller_change_of_two_features_suffices() {
        let tracks = complete_tracks(300);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let all = &reference.group(sixties()).expect("rows").all;
        let params = EstimatorParams::of(EstimatorKind::Boosting).with("n_estimators", "8").expect("a number");
        let params = params.with("max_bins", "6").expect("a number");
        let model = Model::fit(params, &tracks).expect("a model");
        for row in (0..60).step_by(2) {
            let row = tracks.records().row(row).to_vec();
            let found = counterfactuals(&model, &reference, sixties(), &row).expect("an answer");
            let within = found.one.as_ref().map_or(f64::INFINITY, |one| one.distance);
            let axes: Vec<FeatureAxis> =
                (0..row.len()).filter_map(|column| axis(&model, model.estimator.trees(), all, column, &row)).collect();
            let mut nearest = f64::INFINITY;
            for (index, first) in axes.iter().enumerate() {
                for second in &axes[index + 1..] {
                    for (_, value, distance) in first.others() {
                        for (_, other, more) in second.others() {
                            let mut changed = row.clone();
                            (changed[first.column], changed[second.column]) = (value, other);
                            if distance + more < within && label(&model, &changed) != label(&model, &row) {
                                nearest = nearest.min(distance + more);
                            }
                        }
                    }
                }
            }
            assert_eq!(found.two.map_or(f64::INFINITY, |two| two.distance), nearest);
        }
    }

    #[test]
    fn a_decade_without_rows_has_no_alternatives() {
        let tracks = complete_tracks(100);
        let model = fitted(EstimatorKind::Tree, &tracks);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let unseen = Decade::from_year(2010);
        let row = tracks.records().row(0).to_vec();
        assert_eq!(counterfactuals(&model, &reference, unseen, &row).expect("an answer"), Counterfactuals::default());
        assert!(counterfactuals(&model, &reference, sixties(), &row[1..]).is_err());
    }
}
