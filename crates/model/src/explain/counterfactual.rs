//! The smallest change of one or two features of a track with which a model would call it otherwise.
//!
//! Small is measured in ranks: how far a feature moves among the training rows of the track's decade, as a share of them
//! ([`GroupQuantiles::standing`]); of two features the sum. Values stay within the range seen in that decade. The decade and the
//! categories (key, mode, time signature) stay as they are: there is no small step from one to another. So do missing values.
//!
//! What a model of trees says changes at the cuts of its trees only. Every cell between them is looked at, for one
//! feature and for each pair of features, so that no smaller change is missed; of each cell the value is taken that is nearest
//! to the track's own, in a few digits.
//!
//! It is a statement about the model, and through it about which tracks were hits. That a track changed in this way would
//! have been one does not follow.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::estimator::Estimator;
use crate::model::Model;
use crate::reference::{FeatureQuantiles, GroupQuantiles};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature, FeatureKind, FeatureRange, Label};
use hitflop_trees::{Tree, TreeNode, Trees};

/// Of sums nearer than this to the threshold's the model itself is asked on which side they are: they were added up in another
/// order than a prediction, and may differ in their last bits.
const ROUNDING_MARGIN: f64 = 1e-9;
/// Halvings by which the threshold's sum is found: as many as a number has bits, and more.
const BISECTION_STEPS: usize = 200;

/// A feature that is given another value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureChange {
    /// Which feature.
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

/// The smallest changes of a track of `decade` with which `model` calls it otherwise. `row` has a value a feature of the model,
/// NaN for a missing one. None if the decade has no training rows.
///
/// # Errors
/// `row` has another length, or holds an infinite value.
pub fn what_if(model: &Model, reference: &FeatureQuantiles, decade: Decade, row: &[f64]) -> Result<Counterfactuals> {
    let view = ndarray::ArrayView2::from_shape((1, row.len()), row)
        .map_err(|error| Error::Failed(format!("a row of features has no shape: {error}")))?;
    let is_hit = model.predict_proba(view)?[0] > model.threshold;
    let Some(of_decade) = reference.decade(decade) else { return Ok(Counterfactuals::default()) };
    let trees = model.estimator.trees();
    let Some(goal) = CounterfactualGoal::of(model, row, is_hit) else { return Ok(Counterfactuals::default()) };
    let axes: Vec<FeatureAxis> =
        (0..row.len()).filter_map(|column| FeatureAxis::of(model, &of_decade.all, column, row[column])).collect();
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
        one: one.map(|found| found.told(&goal)).transpose()?,
        two: two.map(|found| found.told(&goal)).transpose()?,
    })
}

/// Number of each feature's cuts below its value; `None` where it is missing.
fn codes(trees: &Trees, row: &[f64]) -> Vec<Option<usize>> {
    let code = |(&value, cuts): (&f64, &Vec<f64>)| (!value.is_nan()).then(|| cuts.partition_point(|&cut| cut < value));
    row.iter().zip(trees.cuts()).map(code).collect()
}

/// A feature that may change: the cells between its cuts.
struct FeatureAxis {
    column: usize,
    feature: Feature,
    from: f64,
    from_rank: f64,
    /// The cell of the track's own value.
    own: usize,
    /// Of each cell, the value taken and how far it is; none if it lies outside the range.
    cells: Vec<Option<(f64, f64)>>,
}

impl FeatureAxis {
    /// `None` if the feature is not to be changed, or not known.
    fn of(model: &Model, of_decade: &GroupQuantiles, column: usize, from: f64) -> Option<FeatureAxis> {
        let feature = model.inputs[column].feature;
        let from_rank = of_decade.standing(feature, from)?;
        let (low, high) = of_decade.range(feature)?;
        if feature.info().kind == FeatureKind::Category {
            return None;
        }
        let cuts = &model.estimator.trees().cuts()[column];
        let own = cuts.partition_point(|&cut| cut < from);
        let cell = |cell: usize| {
            let above = if cell == 0 { f64::NEG_INFINITY } else { cuts[cell - 1] };
            let end = cuts.get(cell).copied().unwrap_or(f64::INFINITY);
            let value = match cell.cmp(&own) {
                std::cmp::Ordering::Equal => from,
                std::cmp::Ordering::Less => greatest_within(feature, (above, low), end.min(high))?,
                std::cmp::Ordering::Greater => least_within(feature, (above, low), end.min(high))?,
            };
            Some((value, (of_decade.standing(feature, value)? - from_rank).abs()))
        };
        let cells = (0..=cuts.len()).map(cell).collect();
        Some(FeatureAxis { column, feature, from, from_rank, own, cells })
    }

    /// Cells other than the track's own that have a value.
    fn others(&self) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
        let others = self.cells.iter().enumerate().filter(|(cell, _)| *cell != self.own);
        others.filter_map(|(cell, found)| found.map(|(value, distance)| (cell, value, distance)))
    }
}

/// Step in which values of a feature are given, as far as cells allow: finer than what sets tracks apart.
fn step(feature: Feature) -> f64 {
    match (feature, feature.info().range) {
        (Feature::DurationMs, _) => 1000.0,
        (Feature::Sections, _) => 1.0,
        (_, FeatureRange::Within(0.0, 1.0)) => 0.001,
        _ => 0.01,
    }
}

/// Steps from the feature's own to ever finer ones; whole numbers have none below 1.
fn steps(feature: Feature) -> impl Iterator<Item = f64> {
    const FINER: i32 = 12;
    let coarsest = step(feature);
    let least = if feature.is_whole() { 1.0 } else { 0.0 };
    (0..FINER).map(move |finer| coarsest / 10f64.powi(finer)).filter(move |step| *step >= least)
}

/// The multiple of a step, without the noise of a product with a decimal fraction.
fn multiple(count: f64, step: f64) -> f64 {
    if step >= 1.0 {
        count * step
    } else {
        count / (1.0 / step).round()
    }
}

/// The least value in few digits above `above` and between `low` and `high`.
fn least_within(feature: Feature, (above, low): (f64, f64), high: f64) -> Option<f64> {
    let is_within = |value: &f64| *value > above && *value >= low && *value <= high;
    let mut tried = steps(feature).flat_map(|step| {
        let count = (above.max(low) / step).floor();
        [count, count + 1.0].map(|count| multiple(count, step))
    });
    tried.find(is_within).or_else(|| end_within(feature, &[low, high], is_within))
}

/// The greatest value in few digits above `above` and between `low` and `high`.
fn greatest_within(feature: Feature, (above, low): (f64, f64), high: f64) -> Option<f64> {
    let is_within = |value: &f64| *value > above && *value >= low && *value <= high;
    let mut tried = steps(feature).flat_map(|step| {
        let count = (high / step).ceil();
        [count, count - 1.0].map(|count| multiple(count, step))
    });
    tried.find(is_within).or_else(|| end_within(feature, &[high, low], is_within))
}

/// The first of the ends that is a value.
fn end_within(feature: Feature, ends: &[f64], is_within: impl Fn(&f64) -> bool) -> Option<f64> {
    let is_value = |end: &f64| (!feature.is_whole() || end.fract() == 0.0) && is_within(end);
    ends.iter().copied().find(is_value)
}

/// What is to be reached: that the model calls a track otherwise.
struct CounterfactualGoal<'a> {
    model: &'a Model,
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
    fn of(model: &'a Model, row: &'a [f64], is_hit: bool) -> Option<CounterfactualGoal<'a>> {
        let is_hit_at = |sum: f64| probability(model, sum) > model.threshold;
        let (mut low, mut high) = extremes(model.estimator.trees());
        if is_hit_at(low) || !is_hit_at(high) {
            return None;
        }
        // The probability rises with the sum.
        for _ in 0..BISECTION_STEPS {
            let middle = low / 2.0 + high / 2.0;
            *(if is_hit_at(middle) { &mut high } else { &mut low }) = middle;
        }
        Some(CounterfactualGoal { model, row, to_hit: !is_hit, threshold: high })
    }

    /// Whether it is reached at a sum, which the track has with these values in these columns.
    fn is_reached(&self, sum: f64, changes: &[(usize, f64)]) -> bool {
        if (sum - self.threshold).abs() > ROUNDING_MARGIN {
            return (sum > self.threshold) == self.to_hit;
        }
        self.probability(changes).is_ok_and(|probability| (probability > self.model.threshold) == self.to_hit)
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
    fn told(self, goal: &CounterfactualGoal) -> Result<Counterfactual> {
        let values: Vec<(usize, f64)> = self.changes.iter().map(|(column, change)| (*column, change.to)).collect();
        let probability = goal.probability(&values)?;
        let label = if probability > goal.model.threshold { Label::Hit } else { Label::Flop };
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

/// Probability of a hit at a sum over the trees.
fn probability(model: &Model, sum: f64) -> f64 {
    let raw = match &model.estimator {
        Estimator::Tree(_) | Estimator::Forest(_) => sum / model.estimator.trees().trees().len() as f64,
        Estimator::Boosting(boosting) => 1.0 / (1.0 + (-(boosting.baseline() + sum)).exp()),
    };
    model.calibration.apply(raw)
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
    use hitflop_metrics::calibration::CalibratorKind;
    use hitflop_metrics::threshold::Objective;

    fn sixties() -> Decade {
        Decade::from_year(1960).expect("a decade")
    }

    fn label(model: &Model, row: &[f64]) -> bool {
        let view = ArrayView2::from_shape((1, row.len()), row).expect("a row");
        model.predict_proba(view).expect("a probability")[0] > model.threshold
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
        model.deciding(&Decision { calibration, threshold: 0.4, objective: Objective::Fixed(0.4) })
    }

    /// The witness tries values all over the range, one feature at a time.
    #[test]
    fn no_smaller_change_of_one_feature_suffices() {
        let tracks = complete_tracks(400);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let all = &reference.decade(sixties()).expect("rows").all;
        for kind in EstimatorKind::ALL {
            let model = fitted(kind, &tracks);
            for row in (0..40).step_by(2) {
                let row = tracks.records().row(row).to_vec();
                let found = what_if(&model, &reference, sixties(), &row).expect("an answer");
                let mut nearest = f64::INFINITY;
                for feature in Feature::ALL.into_iter().filter(|one| one.info().kind != FeatureKind::Category) {
                    let (low, high) = all.range(feature).expect("rows");
                    let from = all.standing(feature, row[feature as usize]).expect("a rank");
                    for part in 0..=500 {
                        let mut changed = row.clone();
                        changed[feature as usize] = low + (high - low) * f64::from(part) / 500.0;
                        if label(&model, &changed) != label(&model, &row) {
                            let to = all.standing(feature, changed[feature as usize]).expect("a rank");
                            nearest = nearest.min((to - from).abs());
                        }
                    }
                }
                match &found.one {
                    None => assert_eq!(nearest, f64::INFINITY),
                    // A value in few digits may be a step further than the nearest: 0.01 of values from 0 to 1 here.
                    Some(one) => assert!(one.distance <= nearest + 0.012, "{one:?} against {nearest}"),
                }
            }
        }
    }

    #[test]
    fn changes_cross_the_threshold_within_the_range() {
        let tracks = complete_tracks(400);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let all = &reference.decade(sixties()).expect("rows").all;
        let (mut ones, mut twos) = (0, 0);
        let calibrated =
            [EstimatorKind::Forest, EstimatorKind::Boosting].map(|kind| calibrated(fitted(kind, &tracks), &tracks));
        for model in EstimatorKind::ALL.map(|kind| fitted(kind, &tracks)).into_iter().chain(calibrated) {
            for row in (0..100).step_by(2) {
                let mut row = tracks.records().row(row).to_vec();
                row[Feature::Tempo as usize] = f64::NAN;
                let found = what_if(&model, &reference, sixties(), &row).expect("an answer");
                (ones, twos) = (ones + usize::from(found.one.is_some()), twos + usize::from(found.two.is_some()));
                for what_if in found.one.iter().chain(&found.two) {
                    let mut changed = row.clone();
                    for change in &what_if.changes {
                        assert_ne!(change.feature.info().kind, FeatureKind::Category);
                        assert_ne!(change.feature, Feature::Tempo, "it is missing");
                        assert_eq!(change.from, row[change.feature as usize]);
                        let (low, high) = all.range(change.feature).expect("rows");
                        assert!((low..=high).contains(&change.to), "{change:?}");
                        let rank = all.standing(change.feature, change.to).expect("a rank");
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
        let all = &reference.decade(sixties()).expect("rows").all;
        let params = EstimatorParams::of(EstimatorKind::Boosting).with("n_estimators", "8").expect("a number");
        let params = params.with("max_bins", "6").expect("a number");
        let model = Model::fit(params, &tracks).expect("a model");
        for row in (0..60).step_by(2) {
            let row = tracks.records().row(row).to_vec();
            let found = what_if(&model, &reference, sixties(), &row).expect("an answer");
            let within = found.one.as_ref().map_or(f64::INFINITY, |one| one.distance);
            let axes: Vec<FeatureAxis> =
                (0..row.len()).filter_map(|column| FeatureAxis::of(&model, all, column, row[column])).collect();
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
    fn values_are_given_in_few_digits() {
        let least = |feature, above, low, high| least_within(feature, (above, low), high);
        let greatest = |feature, above, low, high| greatest_within(feature, (above, low), high);
        assert_eq!(least(Feature::Energy, 0.4, 0.0, 0.9), Some(0.401));
        assert_eq!(least(Feature::Energy, 0.40012, 0.0, 0.40021), Some(0.4002));
        assert_eq!(greatest(Feature::Energy, 0.1, 0.0, 0.4), Some(0.4));
        assert_eq!(greatest(Feature::Energy, 0.1, 0.0, 0.12345), Some(0.123));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 1e6), Some(181_000.0));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 180_251.4), Some(180_251.0));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 180_250.9), None, "no whole number is there");
        assert_eq!(least(Feature::Loudness, f64::NEG_INFINITY, -7.2, -7.0), Some(-7.2), "the range's own end");
        assert_eq!(greatest(Feature::Loudness, -60.0, -50.0, -55.0), None, "outside the range");
        assert_eq!(greatest(Feature::Sections, 8.5, 1.0, f64::from(11)), Some(11.0));
    }

    #[test]
    fn a_decade_without_rows_has_no_alternatives() {
        let tracks = complete_tracks(100);
        let model = fitted(EstimatorKind::Tree, &tracks);
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        let unseen = Decade::from_year(2010).expect("a decade");
        let row = tracks.records().row(0).to_vec();
        assert_eq!(what_if(&model, &reference, unseen, &row).expect("an answer"), Counterfactuals::default());
        assert!(what_if(&model, &reference, sixties(), &row[1..]).is_err());
    }
}
