//! What the grid search says: its best point, and how much each parameter matters.

use super::Derived;
use crate::findings::grid_figures::{values, GridFigures, ParameterEffect};
use crate::format::{count, fixed, list, percent, plural, verb};
use crate::phrases::search::point_in_words;
use crate::Report;
use hitflop_model::selection::search::grid::GridSearch;

/// What was searched, the best point, the parameters' effects; empty where no grid was searched.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let grid = report.comparison.as_ref().and_then(|comparison| comparison.grid.as_ref());
    let (Some(grid), Some(figures)) = (grid, &derived.grid) else { return Vec::new() };
    let mut sentences = vec![searched(grid)];
    sentences.extend(twins(figures));
    sentences.extend(idle_splits(grid, figures));
    sentences.extend(best(grid, figures));
    sentences.extend(effects(grid, figures));
    sentences
}

fn searched(grid: &GridSearch) -> String {
    let fits = grid.points.len() as u64 * grid.folds;
    format!(
        "The notebook’s grid has {} of a random forest, each scored on {} of {} (seed {}): {} fits, for which {} {} \
         grown, since every point is a part of one of them.",
        plural(grid.points.len() as u64, "point", "points"),
        plural(grid.folds, "fold", "folds"),
        plural(grid.rows, "training row", "training rows"),
        grid.seed,
        count(fits),
        plural(grid.forests_grown, "forest", "forests"),
        verb(grid.forests_grown, "was", "were"),
    )
}

fn twins(figures: &GridFigures) -> Option<String> {
    let twins: Vec<String> =
        figures.max_features.iter().filter(|group| group.len() > 1).map(|group| list(group)).collect();
    let (combinations, results) = (figures.combinations, figures.different_results);
    let mut counted = plural(combinations, "combination", "combinations");
    if results < combinations {
        counted.push_str(&format!(", {}", plural(results, "different result", "different results")));
    }
    match (twins.is_empty(), results < combinations) {
        (false, _) => Some(format!(
            "The values {} of max_features mean the same and score the same at every point, which leaves {counted}.",
            list(&twins)
        )),
        (true, true) => Some(format!("They have {counted}.")),
        (true, false) => None,
    }
}

/// With which leaves `min_samples_split` changes nothing, and why where that follows from what the two mean.
fn idle_splits(grid: &GridSearch, figures: &GridFigures) -> Option<String> {
    let leaves = &figures.leaves_that_decide;
    let mut splits = values(&grid.points, |point| point.min_samples_split);
    splits.sort_unstable();
    let (least_leaf, most_split) = (*leaves.iter().min()?, *splits.last()?);
    let words = |values: &[usize]| list(&values.iter().map(usize::to_string).collect::<Vec<_>>());
    let reason = match 2 * least_leaf >= most_split {
        true => format!(", since a node of fewer than {} rows cannot be parted into two such leaves", 2 * least_leaf),
        false => String::new(),
    };
    Some(format!(
        "With min_samples_leaf {}, min_samples_split {} score the same{reason}.",
        words(leaves),
        words(&splits)
    ))
}

fn best(grid: &GridSearch, figures: &GridFigures) -> Option<String> {
    let (point, scores) = (grid.points.get(grid.best)?, figures.points.get(grid.best)?);
    Some(format!(
        "Best by mean accuracy: {}, right in {} ± {} percentage points, with a ROC AUC of {}. {} {} within one standard \
         deviation of its folds, so the exact choice matters little among them.",
        point_in_words(point),
        percent(scores.accuracy),
        fixed(scores.accuracy_deviation * 100.0, 1),
        fixed(scores.roc_auc, 4),
        plural(figures.near_best.saturating_sub(1), "other point", "other points"),
        verb(figures.near_best.saturating_sub(1), "lies", "lie"),
    ))
}

/// Least effect that has a digit to show.
const MIN_SHOWN_EFFECT: f64 = 0.000_05;

/// `max_depth moves the mean accuracy most, by 2.41 percentage points (5: 75.9 %, none: 78.4 %); then …`
fn effects(grid: &GridSearch, figures: &GridFigures) -> Option<String> {
    let spread = figures.points.get(grid.best)?.accuracy_deviation;
    let moving: Vec<&ParameterEffect> =
        figures.effects.iter().filter(|effect| effect.range >= MIN_SHOWN_EFFECT).collect();
    let (first, others) = moving.split_first()?;
    let mut text =
        format!("Averaged over everything else, {} moves the accuracy most, by {}", first.name, in_words(first));
    let others: Vec<String> = others.iter().map(|effect| format!("{} by {}", effect.name, in_words(effect))).collect();
    if !others.is_empty() {
        text.push_str(&format!("; then {}", list(&others)));
    }
    let small: Vec<&str> =
        figures.effects.iter().filter(|effect| effect.range < spread).map(|effect| effect.name).collect();
    text.push('.');
    if !small.is_empty() {
        text.push_str(&format!(
            " The spread of the best point over its folds is {} points: {} {} less than that.",
            fixed(spread * 100.0, 2),
            list(&small),
            verb(small.len() as u64, "does", "do")
        ));
    }
    Some(text)
}

fn in_words(effect: &ParameterEffect) -> String {
    let levels: Vec<String> =
        effect.levels.iter().map(|level| format!("{}: {} %", level.value, fixed(level.accuracy * 100.0, 2))).collect();
    format!("{} percentage points ({})", fixed(effect.range * 100.0, 2), levels.join(", "))
}
