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
use crate::report::narrative::halving::{is_finalist, number, value, varied, HalvingFigures};
use crate::report::narrative::words::plural;

const PANEL_HEIGHT: f64 = 220.0;
/// Air below each panel but the last row's.
const BELOW: f64 = 26.0;
/// Room for the tick labels of the scores.
const LEFT: f64 = 46.0;
/// Fewest settings in the last round of which a title says that they lie together.
const FEW: usize = 3;
/// Greatest part of an axis that a title calls close together.
const NARROW: f64 = 0.5;
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
        title: title(search, &parameters),
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
        let parsed =
            |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok()).filter(|value| value.is_finite());
        let values: Vec<(usize, f64, f64)> = scored
            .filter_map(|(index, (candidate, figures))| {
                Some((index, parsed(value(candidate, name))?, *figures.by_round.first()?))
            })
            .collect();
        let without = search.candidates.iter().filter(|candidate| parsed(value(candidate, name)).is_none()).count();
        (values.len() > 1).then_some(Parameter { name, values, without })
    };
    varied(search).into_iter().filter_map(of).collect()
}

/// Where the settings of the last round lie closest together; which is the best, where these are too few to tell.
fn title(search: &BoostingSearch, parameters: &[Parameter]) -> String {
    let came_there = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count();
    let narrowest = parameters
        .iter()
        .filter_map(|parameter| Some((parameter, finalists(search, parameter)?)))
        .min_by(|a, b| a.1.part.total_cmp(&b.1.part));
    match (narrowest, search.candidates.get(search.best)) {
        (Some((parameter, range)), _) if came_there >= FEW && range.part <= NARROW => {
            format!("The settings of the last round lie closest together in {}: {}", parameter.name, range.in_words())
        }
        (Some(_), Some(best)) => format!(
            "Best of {}: {}",
            plural(search.candidates.len() as u64, "setting", "settings"),
            candidate_in_words(search, best)
        ),
        _ => "Every setting, by its parameters".to_owned(),
    }
}

/// Where the settings of the last round lie.
struct Range {
    low: f64,
    high: f64,
    /// Its part of the range of all settings, as drawn.
    part: f64,
}

impl Range {
    fn in_words(&self) -> String {
        match self.high > self.low {
            true => format!("{} to {}", number(self.low), number(self.high)),
            false => number(self.low),
        }
    }
}

/// The range of a parameter's values in the last round; none if only one setting came there.
fn finalists(search: &BoostingSearch, parameter: &Parameter) -> Option<Range> {
    let came_there = parameter.values.iter().filter(|(index, ..)| is_finalist(search, &search.candidates[*index]));
    let values: Vec<f64> = came_there.map(|(_, value, _)| *value).collect();
    let ends = |values: &[f64]| {
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
    };
    let (low, high) = ends(&values);
    let (least, most) = ends(&parameter.values.iter().map(|(_, value, _)| *value).collect::<Vec<f64>>());
    let axis = axis((least, most), (0.0, 1.0));
    (values.len() > 1).then(|| Range { low, high, part: axis.px(high) - axis.px(low) })
}

fn description(search: &BoostingSearch, parameters: &[Parameter]) -> String {
    let each = parameters
        .iter()
        .filter_map(|parameter| Some(format!("{} {}", parameter.name, finalists(search, parameter)?.in_words())));
    let each: Vec<String> = each.collect();
    let last = if each.is_empty() { String::new() } else { format!(" In the last round: {}.", each.join("; ")) };
    let best = search.candidates.get(search.best).map_or("none".to_owned(), |best| candidate_in_words(search, best));
    format!("Scatter plots.{last} Best setting: {best}.")
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
        parameter
            .values
            .iter()
            .map(of)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (low, high)) = (ends(|one| one.1), ends(|one| one.2));
    let air = (high - low) * 0.08;
    let vertical = Axis::linear(low - air, high + air, plot.bottom, plot.top);
    (axis((left, right), (plot.left, plot.right)), vertical)
}

/// An axis of a parameter's values, logarithmic if they span more than an order of magnitude.
fn axis((low, high): (f64, f64), (from, to): (f64, f64)) -> Axis {
    if low > 0.0 && high / low >= WIDE {
        let air = (high / low).powf(0.05);
        Axis::log(low / air, high * air, from, to)
    } else {
        let air = (high - low) * 0.05;
        Axis::linear(low - air, high + air, from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_last_round_is_told_by_its_narrowest_parameter() {
        // Of learning rates 0.05 to 0.3 two came to the last round, 0.05 and 0.1; of leaves 15 to 255, 31 and 63.
        let mut search = fixture::boosting_search();
        let chart = boosting_parameters(&search).expect("a chart is drawn");
        assert_eq!(chart.title, "Best of 4 settings: learning_rate 0.10, num_leaves 63", "two are too few to tell");
        assert!(chart.alt.contains("num_leaves 31 to 63"), "{}", chart.alt);
        let third = search.candidates[0].clone();
        search.candidates.push(third);
        let chart = boosting_parameters(&search).expect("a chart is drawn");
        assert_eq!(chart.title, "The settings of the last round lie closest together in learning_rate: 0.050 to 0.10");
    }

    #[test]
    fn a_parameter_without_numbers_has_no_panel() {
        let mut search = fixture::boosting_search();
        for candidate in &mut search.candidates {
            candidate.params.retain(|(name, _)| name != "num_leaves");
            candidate.params[0].1 = format!("schedule {}", candidate.trees[0]);
        }
        let chart = boosting_parameters(&search).expect("a chart is drawn");
        assert_eq!(chart.title, "Every setting, by its parameters");
    }
}
