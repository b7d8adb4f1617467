//! The search for the boosting's parameters: what each parameter does to the score.

use super::axis::ChartAxis;
use super::canvas::{fit, style, Anchor, Canvas, Frame};
use super::layout::{grid_cells, grid_height, ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, IDLE, INK, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::findings::successive_halving::{is_finalist, number, value, varied, HalvingFigures};
use crate::format::{fixed, list, plural};
use crate::phrases::search::candidate_in_words;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::search::boosting::BoostingSearch;

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

/// Most values that are no numbers; more are not plotted.
const MAX_CATEGORICAL_VALUES: usize = 6;
/// Width that each of them takes beside a scale of numbers.
const WORD: f64 = 52.0;

/// A candidate's value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ParameterValue<'a> {
    Number(f64),
    /// `none`, `true`.
    Word(&'a str),
}

impl ParameterValue<'_> {
    fn of(value: &ParamValue) -> ParameterValue<'_> {
        match value.word() {
            Some(word) => ParameterValue::Word(word),
            None => ParameterValue::Number(value.number().unwrap_or(f64::NAN)),
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            ParameterValue::Number(number) => Some(number),
            ParameterValue::Word(_) => None,
        }
    }

    fn in_words(self) -> String {
        match self {
            ParameterValue::Number(value) => number(value),
            ParameterValue::Word(word) => word.to_owned(),
        }
    }
}

/// A candidate in a panel.
struct PlottedCandidate<'a> {
    /// Index of the candidate.
    candidate: usize,
    value: ParameterValue<'a>,
    /// ROC AUC in the first round.
    score: f64,
}

/// A parameter with what was tried of it.
struct Parameter<'a> {
    name: &'a str,
    trials: Vec<PlottedCandidate<'a>>,
    /// Values that are no numbers, in the order in which they come.
    words: Vec<&'a str>,
}

impl<'a> Parameter<'a> {
    fn of(name: &'a str, search: &'a BoostingSearch, figures: &HalvingFigures) -> Parameter<'a> {
        let scored = search.candidates.iter().zip(&figures.candidates).enumerate();
        let trials = scored.filter_map(|(index, (candidate, figures))| {
            let value = ParameterValue::of(value(candidate, name)?);
            Some(PlottedCandidate { candidate: index, value, score: *figures.by_round.first()? })
        });
        let trials: Vec<PlottedCandidate> = trials.collect();
        let mut words = Vec::new();
        for trial in &trials {
            if let ParameterValue::Word(word) = trial.value {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        Parameter { name, trials, words }
    }

    fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        self.trials.iter().filter_map(|trial| trial.value.number())
    }
}

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "boosting_parameters",
    part: PagePart::BoostingSearch,
    tables: &["boosting_search"],
    source: ContentSource::Report(|findings| {
        findings.boosting_search().map(|(search, figures)| boosting_parameters(search, figures))
    }),
};

/// Small multiples, one a parameter that was varied: its value against the ROC AUC in the first round, where all settings
/// were tried on the same folds.
pub(super) fn boosting_parameters(search: &BoostingSearch, figures: &HalvingFigures) -> Result<Chart> {
    let parameters = parameters(search, figures);
    let folds = search.rounds.first().map_or(0, |round| round.folds);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(search, &parameters),
        subtitle: format!(
            "ROC AUC in the first round ({}) by parameter value; one point per candidate",
            plural(folds, "fold", "folds")
        ),
        legend: vec![
            (Mark::Point(INK), "best".to_owned()),
            (Mark::Point(ACCENT), "in the last round".to_owned()),
            (Mark::Circle(IDLE), "eliminated earlier".to_owned()),
        ],
        caption: "All candidates of the gradient boosting search in the first round, in which all have the same \
                  folds. The parameters vary together, so a trend in one panel may be caused by another parameter. \
                  Values that are not numbers have their own position. The number of trees is in the table."
            .to_owned(),
        description: description(search, &parameters),
        width: PAGE_WIDTH,
        height: grid_height(parameters.len().max(1), PANEL_HEIGHT) - BELOW,
    };
    if parameters.is_empty() {
        return plan.draw(panel::nothing_to_show);
    }
    plan.draw_panels(
        |body| grid_cells(body, parameters.len(), PANEL_HEIGHT),
        |canvas, cell, index| {
            draw_panel(canvas, Frame { bottom: cell.bottom - BELOW, ..cell }, search, &parameters[index])
        },
    )
}

fn parameters<'a>(search: &'a BoostingSearch, figures: &HalvingFigures) -> Vec<Parameter<'a>> {
    let parameters = varied(search).into_iter().map(|name| Parameter::of(name, search, figures));
    parameters
        .filter(|parameter| parameter.trials.len() > 1 && parameter.words.len() <= MAX_CATEGORICAL_VALUES)
        .collect()
}

/// Where the settings of the last round lie closest together; which is the best, where these are too few.
fn title(search: &BoostingSearch, parameters: &[Parameter]) -> String {
    let came_there = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count();
    let narrowest = parameters
        .iter()
        .filter_map(|parameter| Some((parameter, finalists(search, parameter)?)))
        .min_by(|a, b| a.1.part.total_cmp(&b.1.part));
    match (narrowest, search.candidates.get(search.best)) {
        (Some((parameter, range)), _) if came_there >= FEW && range.part <= NARROW => {
            format!("The candidates of the last round agree most in {}: {}", parameter.name, range.in_words())
        }
        (Some(_), Some(best)) => format!(
            "Best of {}: {}",
            plural(search.candidates.len() as u64, "setting", "settings"),
            candidate_in_words(search, best)
        ),
        _ => "All candidates by parameter".to_owned(),
    }
}

/// Where the settings of the last round lie.
struct SettingRange<'a> {
    /// Their different values, numbers ascending, then words.
    values: Vec<ParameterValue<'a>>,
    /// How many settings.
    settings: usize,
    /// The part of the range of all settings that they take, as drawn; all of it where some value is no number.
    part: f64,
}

impl SettingRange<'_> {
    /// `31 to 63`, `both 30`, `6 and none`.
    fn in_words(&self) -> String {
        match self.values.as_slice() {
            [only] if self.settings == 2 => format!("both {}", only.in_words()),
            [only] => format!("all {}", only.in_words()),
            [ParameterValue::Number(low), .., ParameterValue::Number(high)] => {
                format!("{} to {}", number(*low), number(*high))
            }
            values => list(&values.iter().map(|value| value.in_words()).collect::<Vec<_>>()),
        }
    }
}

/// The range of a parameter's values in the last round; none if only one setting came there.
fn finalists<'a>(search: &BoostingSearch, parameter: &Parameter<'a>) -> Option<SettingRange<'a>> {
    let came_there = parameter.trials.iter().filter(|trial| is_finalist(search, &search.candidates[trial.candidate]));
    let all: Vec<ParameterValue> = came_there.map(|trial| trial.value).collect();
    let mut numbers: Vec<f64> = all.iter().filter_map(|value| value.number()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let words = parameter.words.iter().map(|word| ParameterValue::Word(word)).filter(|word| all.contains(word));
    let values: Vec<ParameterValue> = numbers.iter().copied().map(ParameterValue::Number).chain(words).collect();
    let part = match (values.as_slice(), numbers.as_slice()) {
        ([_], _) => 0.0,
        (values, [low, .., high]) if values.len() == numbers.len() => {
            let axis = axis(ends(parameter.numbers()), (0.0, 1.0));
            axis.px(*high) - axis.px(*low)
        }
        _ => 1.0,
    };
    (all.len() > 1).then_some(SettingRange { values, settings: all.len(), part })
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
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
    panel::heading(canvas, cell, parameter.name, &[])?;
    let plot = Frame {
        left: cell.left + LEFT,
        top: cell.top + panel::HEADING,
        right: cell.right - 4.0,
        bottom: cell.bottom - panel::TICK_LABELS,
    };
    let (low, high) = ends(parameter.trials.iter().map(|trial| trial.score));
    let air = (high - low) * 0.08;
    let vertical = ChartAxis::linear(low - air, high + air, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(5))?;
    panel::ground(canvas, plot)?;
    let scale = ParameterScale::of(parameter, plot);
    scale.draw(canvas, plot)?;
    let mut order: Vec<&PlottedCandidate> = parameter.trials.iter().collect();
    order.sort_by_key(|trial| (trial.candidate == search.best, search.candidates[trial.candidate].last_round));
    for trial in order {
        let Some(x) = scale.px(trial.value) else { continue };
        let place = (x, vertical.px(trial.score));
        match (trial.candidate == search.best, is_finalist(search, &search.candidates[trial.candidate])) {
            (true, _) => canvas.disc(place, 5.2, INK)?,
            (false, true) => canvas.disc(place, 4.4, ACCENT)?,
            (false, false) => canvas.ring(place, 4.0, IDLE, 1.6)?,
        }
        let value = trial.value.in_words();
        canvas.value_at(place, format!("{} {value}\nROC AUC: {}", parameter.name, fixed(trial.score, 4)));
    }
    Ok(())
}

/// The horizontal scale of a parameter: an axis of numbers, and right of it a place for each value that is none.
struct ParameterScale<'a> {
    numbers: Option<ChartAxis>,
    /// Where the axis ends, and the places begin.
    border: f64,
    words: Vec<(&'a str, f64)>,
}

impl<'a> ParameterScale<'a> {
    fn of(parameter: &Parameter<'a>, plot: Frame) -> ParameterScale<'a> {
        let has_numbers = parameter.numbers().next().is_some();
        let room = WORD * parameter.words.len() as f64;
        // Half of the plot at most, unless there is nothing else.
        let border = if has_numbers { plot.right - room.min(plot.width() / 2.0) } else { plot.left };
        let slot = (plot.right - border) / parameter.words.len().max(1) as f64;
        let place = |(index, word): (usize, &&'a str)| (*word, border + slot * (index as f64 + 0.5));
        ParameterScale {
            numbers: has_numbers.then(|| {
                let axis = axis(ends(parameter.numbers()), (plot.left, border));
                let is_whole = parameter.numbers().all(|number| number.fract() == 0.0);
                if is_whole {
                    axis.of_whole_numbers()
                } else {
                    axis
                }
            }),
            border,
            words: parameter.words.iter().enumerate().map(place).collect(),
        }
    }

    fn px(&self, value: ParameterValue) -> Option<f64> {
        match value {
            ParameterValue::Number(number) => self.numbers.as_ref().map(|axis| axis.px(number)),
            ParameterValue::Word(word) => self.words.iter().find(|(known, _)| *known == word).map(|(_, x)| *x),
        }
    }

    fn draw(&self, canvas: &Canvas, plot: Frame) -> Result<()> {
        if let Some(axis) = &self.numbers {
            let part = Frame { right: self.border, ..plot };
            panel::tick_labels(canvas, part, axis, &axis.ticks_that_fit(TICK, 6))?;
            panel::marks(canvas, part, axis, &axis.log_marks())?;
            if !self.words.is_empty() {
                canvas.dashes((self.border, plot.top), (self.border, plot.bottom), 3.0, MUTED, 1.0)?;
            }
        }
        for (word, x) in &self.words {
            let slot = (plot.right - self.border) / self.words.len() as f64;
            canvas.text(&fit(word, TICK, slot), (*x, plot.bottom + 18.0), style(TICK, MUTED, Anchor::Middle))?;
        }
        Ok(())
    }
}

/// An axis of a parameter's values, logarithmic if they span more than an order of magnitude.
fn axis((low, high): (f64, f64), (from, to): (f64, f64)) -> ChartAxis {
    if low > 0.0 && high / low >= WIDE {
        let air = (high / low).powf(0.05);
        ChartAxis::log(low / air, high * air, from, to)
    } else {
        let air = (high - low) * 0.05;
        ChartAxis::linear(low - air, high + air, from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    fn drawn(search: &BoostingSearch) -> Chart {
        boosting_parameters(search, &HalvingFigures::of(search)).expect("a chart is drawn")
    }

    #[test]
    fn the_last_round_is_reported_by_its_narrowest_parameter() {
        let mut search = small::boosting_search();
        let chart = drawn(&search);
        assert_eq!(chart.title, "Best of 4 settings: symmetric trees, max_depth 6", "two are too few to tell");
        assert!(chart.alt.contains("max_depth 6 and none; num_leaves 31 and none; symmetric"), "{}", chart.alt);
        // Of 15 to 255 leaves, the last round has 31 and 63.
        let leaves = ["31", "63", "15", "255"];
        for (candidate, leaves) in search.candidates.iter_mut().zip(leaves) {
            candidate.params[3].1 = ParamValue::parse(leaves);
        }
        search.candidates.push(search.candidates[0].clone());
        let chart = drawn(&search);
        assert_eq!(chart.title, "The candidates of the last round agree most in num_leaves: 31 to 63");
    }

    #[test]
    fn settings_of_one_value_are_said_to_have_it() {
        let mut search = small::boosting_search();
        search.candidates[0].params[4].1 = ParamValue::Flag(true);
        let both = drawn(&search);
        assert!(both.alt.contains("symmetric both true."), "{}", both.alt);
        search.candidates.push(search.candidates[0].clone());
        let all = drawn(&search);
        assert_eq!(all.title, "The candidates of the last round agree most in symmetric: all true");
    }

    #[test]
    fn values_that_are_no_numbers_have_places_of_their_own() {
        let search = small::boosting_search();
        let figures = HalvingFigures::of(&search);
        let parameters = parameters(&search, &figures);
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
        assert_eq!(names, ["max_depth", "num_leaves", "symmetric"], "the number of trees is not drawn");
        let plot = Frame { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };
        let depth = ParameterScale::of(&parameters[0], plot);
        let at = |value| depth.px(value).expect("it was tried");
        assert!(at(ParameterValue::Number(8.0)) < depth.border && at(ParameterValue::Word("none")) > depth.border);
        let symmetric = ParameterScale::of(&parameters[2], plot);
        assert_eq!(symmetric.words, [("false", 50.0), ("true", 150.0)], "they share the plot");
    }

    #[test]
    fn a_parameter_of_many_words_has_no_panel() {
        let mut search = small::boosting_search();
        search.candidates.extend(search.candidates.clone());
        for (index, candidate) in search.candidates.iter_mut().enumerate() {
            candidate.params = vec![("schedule".to_owned(), ParamValue::Text(format!("schedule {index}")))];
        }
        let chart = drawn(&search);
        assert_eq!(chart.title, "All candidates by parameter");
    }
}
