//! What the grid search shows: its best point, and the effect of each parameter.

use askama::Template;

use super::template::sentences;
use super::{filters, Derived};
use crate::findings::grid_figures::{values, GridFigures, ParameterEffect};
use crate::format::{fixed, list};
use crate::phrases::search::point_in_words;
use crate::Report;
use hitflop_model::selection::search::grid::GridSearch;

/// Smallest effect that has a digit to show.
const MIN_SHOWN_EFFECT: f64 = 0.000_05;

#[derive(Template)]
#[template(path = "text/grid.txt")]
struct GridText<'a> {
    grid: &'a GridSearch,
    figures: &'a GridFigures,
    fits: u64,
    twins: Vec<String>,
    deciding_leaves: Vec<String>,
    splits: Vec<String>,
    /// Rows below which no node can be split, if that explains why `min_samples_split` has no effect.
    unsplittable: Option<usize>,
    best: Option<BestPoint>,
    others_near: u64,
    effects: Vec<&'a ParameterEffect>,
    /// Parameters whose effect is smaller than the standard deviation over the folds.
    small: Vec<&'static str>,
    spread: f64,
}

struct BestPoint {
    words: String,
    accuracy: f64,
    accuracy_deviation: f64,
    roc_auc: f64,
}

impl GridText<'_> {
    /// `2.41 percentage points (5: 75.91 %, none: 78.36 %)`
    fn effect(&self, effect: &ParameterEffect) -> String {
        let level = |level: &crate::findings::grid_figures::ParameterLevel| {
            format!("{}: {} %", level.value, fixed(level.accuracy * 100.0, 2))
        };
        let levels: Vec<String> = effect.levels.iter().map(level).collect();
        format!("{} percentage points ({})", fixed(effect.range * 100.0, 2), levels.join(", "))
    }
}

/// What was searched, the best point, the parameters' effects; empty where no grid was searched.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let grid = report.comparison.as_ref().and_then(|comparison| comparison.grid.as_ref());
    let (Some(grid), Some(figures)) = (grid, &derived.grid) else { return Vec::new() };
    let mut splits = values(&grid.points, |point| point.min_samples_split);
    splits.sort_unstable();
    let leaves = &figures.leaves_that_decide;
    let decided = leaves.iter().min().zip(splits.last());
    let words = |values: &[usize]| values.iter().map(usize::to_string).collect::<Vec<_>>();
    let best = grid.points.get(grid.best).zip(figures.points.get(grid.best));
    let spread = best.map_or(0.0, |(_, scores)| scores.accuracy_deviation);
    let shown = figures.effects.iter().filter(|effect| effect.range >= MIN_SHOWN_EFFECT);
    sentences(&GridText {
        grid,
        figures,
        fits: grid.points.len() as u64 * grid.folds,
        twins: figures.max_features.iter().filter(|group| group.len() > 1).map(|group| list(group)).collect(),
        unsplittable: decided.filter(|(leaf, split)| 2 * **leaf >= **split).map(|(leaf, _)| 2 * leaf),
        deciding_leaves: words(leaves),
        splits: words(&splits),
        best: best.map(|(point, scores)| BestPoint {
            words: point_in_words(point),
            accuracy: scores.accuracy,
            accuracy_deviation: scores.accuracy_deviation,
            roc_auc: scores.roc_auc,
        }),
        others_near: figures.near_best.saturating_sub(1),
        effects: shown.collect(),
        small: figures.effects.iter().filter(|effect| effect.range < spread).map(|effect| effect.name).collect(),
        spread,
    })
}
