//! Numbers of a grid search that its sentences need: means, ranks, and what each parameter does by itself.

use serde::Serialize;

use hitflop_metrics::moments::{deviation, mean};
use hitflop_model::selection::search::grid::{GridPoint, GridSearch};

/// One point over the folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct PointFigures {
    pub(crate) accuracy: f64,
    /// Its standard deviation over the folds.
    pub(crate) accuracy_deviation: f64,
    /// Mean ROC AUC.
    pub(crate) roc_auc: f64,
    /// Its standard deviation over the folds.
    pub(crate) roc_auc_deviation: f64,
    /// 1 for the greatest mean accuracy; equals share the least rank, as in scikit-learn's `rank_test_score`.
    pub(crate) rank: u64,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ParameterLevel {
    /// As scikit-learn has it: `500`, `none`, `yes`.
    pub(crate) value: String,
    /// Mean accuracy over all points that have it.
    pub(crate) accuracy: f64,
}

/// What a parameter does by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ParameterEffect {
    pub(crate) name: &'static str,
    /// Its values, in the order of the grid.
    pub(crate) levels: Vec<ParameterLevel>,
    /// Greatest minus least mean accuracy of its values.
    pub(crate) range: f64,
}

/// The whole grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct GridFigures {
    /// The points, in the order of the grid.
    pub(crate) points: Vec<PointFigures>,
    /// The parameters with more than one value, greatest range first.
    pub(crate) effects: Vec<ParameterEffect>,
    /// Points whose mean accuracy is less than one standard deviation of the best below the best; the best is one.
    pub(crate) near_best: u64,
    /// Values of `max_features` whose points have the same scores throughout, together; a value like no other is alone.
    pub(crate) max_features: Vec<Vec<String>>,
    /// Points that differ in more than alike values of `max_features`.
    pub(crate) combinations: u64,
    /// How many different results these have: unlike scores on any fold.
    pub(crate) different_results: u64,
    /// Values of `min_samples_leaf` with which `min_samples_split`, of which there are several, changes no score.
    pub(crate) leaves_that_decide: Vec<usize>,
}

impl GridFigures {
    /// Derives the numbers.
    pub(crate) fn of(grid: &GridSearch) -> GridFigures {
        let points = figures(&grid.points);
        let best = points.get(grid.best).copied();
        let is_near =
            |point: &&PointFigures| best.is_some_and(|best| best.accuracy - point.accuracy <= best.accuracy_deviation);
        let near_best = points.iter().filter(is_near).count() as u64;
        let max_features = alike(&grid.points);
        let is_first = |point: &&GridPoint| max_features.iter().any(|group| group[0] == point.max_features);
        let unlike: Vec<GridPoint> = grid.points.iter().filter(is_first).cloned().collect();
        GridFigures {
            effects: effects(&grid.points, &points),
            near_best,
            combinations: unlike.len() as u64,
            different_results: values(&unlike, |point| (point.accuracy.clone(), point.roc_auc.clone())).len() as u64,
            leaves_that_decide: leaves_that_decide(&unlike),
            max_features,
            points,
        }
    }
}

/// A depth as scikit-learn has it.
pub(crate) fn depth(max_depth: Option<usize>) -> String {
    max_depth.map_or("none".to_owned(), |depth| depth.to_string())
}

/// A truth value in a word.
pub(crate) fn yes_or_no(value: bool) -> &'static str {
    if value {
        "yes"
    } else {
        "no"
    }
}

/// The different values among all points, in the order in which they come.
pub(crate) fn values<T: PartialEq>(points: &[GridPoint], of: impl Fn(&GridPoint) -> T) -> Vec<T> {
    let mut values = Vec::new();
    for value in points.iter().map(of) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn figures(points: &[GridPoint]) -> Vec<PointFigures> {
    let means: Vec<f64> = points.iter().map(|point| mean(&point.accuracy)).collect();
    let rank = |accuracy: f64| 1 + means.iter().filter(|other| **other > accuracy).count() as u64;
    let figures = |(point, &accuracy): (&GridPoint, &f64)| PointFigures {
        accuracy,
        accuracy_deviation: deviation(&point.accuracy),
        roc_auc: mean(&point.roc_auc),
        roc_auc_deviation: deviation(&point.roc_auc),
        rank: rank(accuracy),
    };
    points.iter().zip(&means).map(figures).collect()
}

fn effects(points: &[GridPoint], figures: &[PointFigures]) -> Vec<ParameterEffect> {
    type Of = fn(&GridPoint) -> String;
    const PARAMETERS: [(&str, Of); 6] = [
        ("max_depth", |point| depth(point.max_depth)),
        ("min_samples_split", |point| point.min_samples_split.to_string()),
        ("min_samples_leaf", |point| point.min_samples_leaf.to_string()),
        ("n_estimators", |point| point.n_estimators.to_string()),
        ("bootstrap", |point| yes_or_no(point.bootstrap).to_owned()),
        ("max_features", |point| point.max_features.clone()),
    ];
    let mut effects: Vec<ParameterEffect> =
        PARAMETERS.iter().filter_map(|(name, of)| effect(name, points, figures, of)).collect();
    effects.sort_by(|a, b| b.range.total_cmp(&a.range));
    effects
}

fn effect(
    name: &'static str,
    points: &[GridPoint],
    figures: &[PointFigures],
    of: impl Fn(&GridPoint) -> String,
) -> Option<ParameterEffect> {
    let level = |value: String| {
        let having = points.iter().zip(figures).filter(|(point, _)| of(point) == value);
        let accuracy = mean(&having.map(|(_, figures)| figures.accuracy).collect::<Vec<f64>>());
        ParameterLevel { value, accuracy }
    };
    let levels: Vec<ParameterLevel> = values(points, &of).into_iter().map(level).collect();
    let of_levels = || levels.iter().map(|level| level.accuracy);
    let range = of_levels().fold(f64::NEG_INFINITY, f64::max) - of_levels().fold(f64::INFINITY, f64::min);
    (levels.len() > 1).then_some(ParameterEffect { name, levels, range })
}

fn alike(points: &[GridPoint]) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    for name in values(points, |point| point.max_features.clone()) {
        match groups.iter_mut().find(|group| same_scores(points, &group[0], &name)) {
            Some(group) => group.push(name),
            None => groups.push(vec![name]),
        }
    }
    groups
}

/// Whether the points with one value of `max_features` have the scores of those with the other.
fn same_scores(points: &[GridPoint], one: &str, other: &str) -> bool {
    let with = |name: &str| -> Vec<GridPoint> {
        let having = points.iter().filter(|point| point.max_features == name);
        having.map(|point| GridPoint { max_features: String::new(), ..point.clone() }).collect()
    };
    with(one) == with(other)
}

fn leaves_that_decide(points: &[GridPoint]) -> Vec<usize> {
    let decides = |leaf: &usize| {
        let having: Vec<GridPoint> = points.iter().filter(|point| point.min_samples_leaf == *leaf).cloned().collect();
        let splits = values(&having, |point| point.min_samples_split);
        let with = |split: usize| -> Vec<GridPoint> {
            let having = having.iter().filter(|point| point.min_samples_split == split);
            having.map(|point| GridPoint { min_samples_split: 0, ..point.clone() }).collect()
        };
        splits.len() > 1 && splits.iter().all(|split| with(*split) == with(splits[0]))
    };
    values(points, |point| point.min_samples_leaf).into_iter().filter(decides).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    fn effect<'a>(figures: &'a GridFigures, name: &str) -> &'a ParameterEffect {
        figures.effects.iter().find(|effect| effect.name == name).expect("it has two values")
    }

    #[test]
    fn ranks_are_those_of_scikit_learn() {
        let figures = GridFigures::of(&small::grid());
        let ranks: Vec<u64> = figures.points.iter().map(|point| point.rank).collect();
        // auto and sqrt, 200 and 500 trees are alike.
        assert_eq!(ranks.iter().filter(|rank| **rank == 1).count(), 4);
        assert_eq!(ranks.iter().filter(|rank| **rank > 1).min(), Some(&5));
    }

    #[test]
    fn what_a_parameter_does_is_a_mean_over_all_others() {
        let figures = GridFigures::of(&small::grid());
        let names: Vec<&str> = figures.effects.iter().map(|effect| effect.name).collect();
        assert_eq!(names[..4], ["max_depth", "bootstrap", "min_samples_leaf", "min_samples_split"]);
        assert!((figures.effects[0].range - 0.03).abs() < 1e-12, "{:?}", figures.effects[0]);
        assert_eq!(effect(&figures, "max_depth").levels[1].value, "none");
        assert!(effect(&figures, "n_estimators").range.abs() < 1e-12);
    }

    #[test]
    fn values_of_max_features_are_alike_only_if_every_score_is() {
        let mut grid = small::grid();
        assert_eq!(GridFigures::of(&grid).max_features, [["auto", "sqrt"]]);
        grid.points[0].accuracy[0] += 1e-9;
        assert_eq!(GridFigures::of(&grid).max_features, [["auto"], ["sqrt"]]);
    }

    #[test]
    fn results_are_counted_by_their_scores() {
        let mut grid = small::grid();
        let figures = GridFigures::of(&grid);
        // Two depths with and without bootstrap, each with a leaf of 4, or of 2 and a split at 2 or 5.
        assert_eq!((figures.combinations, figures.different_results), (32, 12));
        assert_eq!(figures.leaves_that_decide, [4]);
        let of_leaf_4 = grid.points.iter_mut().find(|point| point.min_samples_leaf == 4).expect("there are such");
        of_leaf_4.roc_auc[1] += 1e-9;
        let figures = GridFigures::of(&grid);
        assert_eq!((figures.combinations, figures.different_results), (64, 13));
        assert!(figures.leaves_that_decide.is_empty());
    }

    #[test]
    fn one_split_alone_is_not_without_effect() {
        let mut grid = small::grid();
        grid.points.retain(|point| point.min_samples_split == 2);
        assert!(GridFigures::of(&grid).leaves_that_decide.is_empty());
    }

    #[test]
    fn an_empty_grid_has_no_best() {
        let mut grid = small::grid();
        grid.points.clear();
        let figures = GridFigures::of(&grid);
        assert_eq!((figures.points.len(), figures.near_best, figures.effects.len()), (0, 0, 0));
    }
}
