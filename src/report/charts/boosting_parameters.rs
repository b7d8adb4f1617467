//! The search for the boosting's parameters: what each parameter does to the score.

use super::axis::Axis;
use super::canvas::{Canvas, Frame};
use super::layout::{grid_cell, grid_height, Mark, Plan, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, IDLE, INK, TICK};
use super::Chart;
use crate::error::Result;
use crate::learn::search::boosting::BoostingSearch;
use crate::report::narrative::boosting_search::candidate_in_words;
use crate::report::narrative::halving::{is_finalist, value, varied, HalvingFigures};
use crate::report::narrative::words::{fixed, plural};

const PANEL_HEIGHT: f64 = 220.0;
/// Air below each panel but the last row's.
const BELOW: f64 = 26.0;
/// Room for the tick labels of the scores.
const LEFT: f64 = 46.0;
/// From this ratio of greatest to least value on, an axis is logarithmic.
const WIDE: f64 = 15.0;

/// A parameter with the candidates whose value of it is a number.
struct Parameter<'a> {
    name: &'a str,
    /// Index of the candidate, its value and its score.
    values: Vec<(usize, f64, f64)>,
    /// Candidates whose value is none.
    without: usize,
}

/// Small multiples, one a parameter that was varied: its value against the ROC AUC in the first round, where all settings
/// were tried on the same folds.
pub fn boosting_parameters(search: &BoostingSearch) -> Result<Chart> {
    let figures = HalvingFigures::of(search);
    let parameters = parameters(search, &figures);
    let folds = search.rounds.first().map_or(0, |round| round.folds);
    let plan = Plan {
        name: "boosting_parameters",
        title: title(&parameters),
        subtitle: format!(
            "ROC AUC in the first round ({}), by the value of each parameter; one point a setting",
            plural(folds, "fold", "folds")
        ),
        legend: vec![
            (Mark::Point(INK), "best".to_owned()),
            (Mark::Point(ACCENT), "in the last round".to_owned()),
            (Mark::Circle(IDLE), "fell out before".to_owned()),
        ],
        caption: "Every setting of gradient boosting that was tried, in the first round, in which all had the same folds. The \
                  parameters were varied together, so a trend in one panel may come from another parameter."
            .to_owned(),
        description: description(search, &parameters),
        width: PAGE_WIDTH,
        height: grid_height(parameters.len().max(1), PANEL_HEIGHT) - BELOW,
    };
    plan.draw(|canvas, body| {
        if parameters.is_empty() {
            return panel::nothing_to_show(canvas, body);
        }
        for (index, parameter) in parameters.iter().enumerate() {
            let cell = grid_cell(body, index, PANEL_HEIGHT);
            draw_panel(canvas, Frame { bottom: cell.bottom - BELOW, ..cell }, search, parameter)?;
        }
        Ok(())
    })
}

fn parameters<'a>(search: &'a BoostingSearch, figures: &HalvingFigures) -> Vec<Parameter<'a>> {
    let of = |name: &'a str| {
        let scored = search.candidates.iter().zip(&figures.candidates).enumerate();
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok()).filter(|value| value.is_finite());
        let values: Vec<(usize, f64, f64)> = scored
            .filter_map(|(index, (candidate, figures))| {
                Some((index, number(value(candidate, name))?, *figures.by_round.first()?))
            })
            .collect();
        let without = search.candidates.iter().filter(|candidate| number(value(candidate, name)).is_none()).count();
        (values.len() > 1).then_some(Parameter { name, values, without })
    };
    varied(search).into_iter().filter_map(of).collect()
}

/// The parameter whose value goes most with the score.
fn title(parameters: &[Parameter]) -> String {
    let strength = |parameter: &Parameter| rank_correlation(&parameter.values);
    let strongest = parameters
        .iter()
        .map(|parameter| (parameter.name, strength(parameter)))
        .filter(|(_, rho)| rho.is_finite())
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    match strongest {
        Some((name, rho)) if rho.abs() >= 0.3 => {
            let side = if rho > 0.0 { "higher" } else { "lower" };
            format!("Of the parameters, {name} goes most with the score: {side} is better (rank correlation {})", fixed(rho, 2))
        }
        Some(_) => "No parameter by itself goes much with the score".to_owned(),
        None => "No parameter was varied".to_owned(),
    }
}

/// Spearman's rank correlation of value and score, ties given their mean rank.
fn rank_correlation(values: &[(usize, f64, f64)]) -> f64 {
    let ranks = |of: fn(&(usize, f64, f64)) -> f64| -> Vec<f64> {
        let below = |value: f64| values.iter().filter(|other| of(other) < value).count() as f64;
        let equal = |value: f64| values.iter().filter(|other| of(other) == value).count() as f64;
        values.iter().map(|one| below(of(one)) + (equal(of(one)) - 1.0) / 2.0).collect()
    };
    let (x, y) = (ranks(|one| one.1), ranks(|one| one.2));
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()
}

fn description(search: &BoostingSearch, parameters: &[Parameter]) -> String {
    let each = parameters.iter().map(|parameter| {
        let correlation = fixed(rank_correlation(&parameter.values), 2);
        format!("{}: rank correlation with the score {correlation}", parameter.name)
    });
    let best = search.candidates.get(search.best).map_or("none".to_owned(), |best| candidate_in_words(search, best));
    format!("Scatter plots. {}. Best setting: {best}.", each.collect::<Vec<_>>().join("; "))
}

fn draw_panel(canvas: &Canvas, cell: Frame, search: &BoostingSearch, parameter: &Parameter) -> Result<()> {
    let note = match parameter.without {
        0 => Vec::new(),
        number => vec![format!("{number} without: not shown"), format!("{number} without")],
    };
    panel::heading(canvas, cell, parameter.name, &note)?;
    let plot = Frame {
        left: cell.left + LEFT,
        top: cell.top + panel::HEADING,
        right: cell.right - 4.0,
        bottom: cell.bottom - panel::TICK_LABELS,
    };
    let (horizontal, vertical) = axes(plot, parameter);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(5))?;
    panel::tick_labels(canvas, plot, &horizontal, &horizontal.ticks_that_fit(TICK, 6))?;
    panel::marks(canvas, plot, &horizontal, &horizontal.log_marks())?;
    panel::ground(canvas, plot)?;
    let mut order: Vec<&(usize, f64, f64)> = parameter.values.iter().collect();
    order.sort_by_key(|(index, _, _)| (*index == search.best, search.candidates[*index].last_round));
    for (index, value, score) in order {
        let place = (horizontal.px(*value), vertical.px(*score));
        match (*index == search.best, is_finalist(search, &search.candidates[*index])) {
            (true, _) => canvas.disc(place, 5.2, INK)?,
            (false, true) => canvas.disc(place, 4.4, ACCENT)?,
            (false, false) => canvas.ring(place, 4.0, IDLE, 1.6)?,
        }
    }
    Ok(())
}

/// Axes with a little air around all points.
fn axes(plot: Frame, parameter: &Parameter) -> (Axis, Axis) {
    let ends = |of: fn(&(usize, f64, f64)) -> f64| {
        parameter.values.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let ((left, right), (low, high)) = (ends(|one| one.1), ends(|one| one.2));
    let air = (high - low) * 0.08;
    let vertical = Axis::linear(low - air, high + air, plot.bottom, plot.top);
    let horizontal = if left > 0.0 && right / left >= WIDE {
        let air = (right / left).powf(0.05);
        Axis::log(left / air, right * air, plot.left, plot.right)
    } else {
        let air = (right - left) * 0.05;
        Axis::linear(left - air, right + air, plot.left, plot.right)
    };
    (horizontal, vertical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation_is_spearmans() {
        // scipy.stats.spearmanr([1, 2, 2, 4], [0.1, 0.4, 0.2, 0.3]).statistic
        let values = [(0, 1.0, 0.1), (1, 2.0, 0.4), (2, 2.0, 0.2), (3, 4.0, 0.3)];
        assert!((rank_correlation(&values) - 0.632_455_532_033_675_9).abs() < 1e-12);
        assert!(rank_correlation(&[(0, 1.0, 0.1), (1, 1.0, 0.2)]).is_nan());
    }
}
