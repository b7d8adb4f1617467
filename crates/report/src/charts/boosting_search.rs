//! The search for the boosting's parameters: which settings fell out when.

use super::axis::{ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, Mark};
use super::panel;
use super::roc::{MODEL_HEIGHT, MODEL_WIDTH, NARROW_MODEL_HEIGHT};
use super::theme::{ACCENT, IDLE, INK, LABEL, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::findings::successive_halving::{is_finalist, CandidateFigures, HalvingFigures};
use crate::format::{count, fixed, plural};
use crate::phrases::search::candidate_in_words;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::selection::search::boosting::{BoostingSearch, SearchCandidate};

/// Room for the tick labels of the scores.
const LEFT: f64 = 52.0;
/// Room in the plot for a line on the settings below its scale.
const REST_LINE: f64 = 24.0;
/// Room below the plot for three lines about each round.
const BELOW: f64 = 56.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "boosting_search",
    part: PagePart::BoostingSearch,
    tables: &["boosting_search"],
    source: ContentSource::Report(|findings| {
        findings.boosting_search().map(|(search, figures)| boosting_search(search, figures))
    }),
};

/// One line a setting, from round to round as far as it came: its mean ROC AUC over the folds tried so far.
pub(super) fn boosting_search(search: &BoostingSearch, figures: &HalvingFigures) -> Result<Chart> {
    let behind = behind(figures);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(search, figures),
        subtitle: "Mean ROC AUC after each round of successive halving, minus the best of the round".to_owned(),
        legend: vec![
            (Mark::Disc(INK), "best".to_owned()),
            (Mark::Disc(ACCENT), "in the last round".to_owned()),
            (Mark::Ring(IDLE), "eliminated".to_owned()),
        ],
        caption: format!(
            "Candidates of the gradient boosting search by round; 0 is the best of the round. Each round keeps the \
             better candidates and scores them on more folds. Folds differ in difficulty, so only differences within \
             a round are shown. The scale is that of the candidates that passed the first round. Best: {}.",
            search.candidates.get(search.best).map_or("none".to_owned(), |best| candidate_in_words(search, best))
        ),
        description: description(search, figures),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| draw(canvas, body, search, &behind))
}

fn title(search: &BoostingSearch, figures: &HalvingFigures) -> String {
    match figures.candidates.get(search.best) {
        Some(best) => {
            let number = search.candidates.len() as u64;
            let finalists = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count();
            let last = match search.rounds.len() {
                several if several > 1 && finalists > 1 => {
                    format!(
                        "; the {finalists} of the last round differ by at most {}",
                        fixed(figures.last_round_range, 4)
                    )
                }
                _ => String::new(),
            };
            format!(
                "The best of {} reaches a ROC AUC of {}{last}",
                plural(number, "candidate", "candidates"),
                fixed(best.roc_auc, 4)
            )
        }
        None => "No candidate was scored".to_owned(),
    }
}

fn description(search: &BoostingSearch, figures: &HalvingFigures) -> String {
    let rounds = search.rounds.iter().enumerate().map(|(index, round)| {
        let scores = || figures.candidates.iter().filter_map(|candidate| candidate.by_round.get(index).copied());
        let (low, high) = (scores().fold(f64::INFINITY, f64::min), scores().fold(f64::NEG_INFINITY, f64::max));
        format!(
            "Round {}: {} on {}, ROC AUC {} to {}",
            index + 1,
            plural(round.candidates, "candidate", "candidates"),
            plural(round.folds, "fold", "folds"),
            fixed(low, 4),
            fixed(high, 4)
        )
    });
    format!("Line chart. {}.", rounds.collect::<Vec<_>>().join(". "))
}

/// Each candidate's score in each of its rounds less the best of that round: folds are not equally hard, and a round has other
/// folds than the one before.
fn behind(figures: &HalvingFigures) -> Vec<Vec<f64>> {
    let best = |round: usize| {
        let scores = figures.candidates.iter().filter_map(|candidate| candidate.by_round.get(round).copied());
        scores.fold(f64::NEG_INFINITY, f64::max)
    };
    let of = |candidate: &CandidateFigures| {
        candidate.by_round.iter().enumerate().map(|(round, score)| score - best(round)).collect()
    };
    figures.candidates.iter().map(of).collect()
}

fn draw(canvas: &Canvas, body: Frame, search: &BoostingSearch, behind: &[Vec<f64>]) -> Result<()> {
    let plot =
        Frame { left: body.left + LEFT, top: body.top + 8.0, right: body.right - 4.0, bottom: body.bottom - BELOW };
    let (low, high) = ends(behind);
    if low > high {
        panel::nothing_to_show(canvas, plot)?;
        return panel::ground(canvas, plot);
    }
    let air = (high - low) * 0.05;
    // Below the points a line for what is said there.
    let line = match below(behind, low) {
        0 => air,
        _ => (high - low + air) * REST_LINE / (plot.height() - REST_LINE),
    };
    let vertical = ChartAxis::linear(low - line.max(air), high + air, plot.bottom, plot.top);
    let ticks: Vec<Tick> = vertical.ticks(8).into_iter().filter(|tick| tick.value >= low).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &ticks)?;
    panel::ground(canvas, plot)?;
    let places = places(plot, search.rounds.len());
    draw_rounds(canvas, plot, search, &places)?;
    let mut order: Vec<(usize, (&SearchCandidate, &Vec<f64>))> =
        search.candidates.iter().zip(behind).enumerate().collect();
    // The candidate that came furthest is plotted last, on top; the best above all.
    order.sort_by_key(|(index, (candidate, _))| (*index == search.best, candidate.last_round));
    for (index, (candidate, behind)) in order {
        let shown = places.iter().zip(behind).filter(|(_, score)| **score >= low);
        let points: Vec<PixelPoint> = shown.map(|(x, score)| (*x, vertical.px(*score))).collect();
        draw_candidate(canvas, &points, index == search.best, is_finalist(search, candidate))?;
        for (round, (point, score)) in points.iter().zip(behind.iter().filter(|score| **score >= low)).enumerate() {
            let place = format!("{}, round {}", candidate_in_words(search, candidate), round + 1);
            canvas.value_at(*point, format!("{place}\nbehind the best: {}", fixed(score.abs(), 4)));
        }
    }
    draw_rest(canvas, plot, low, behind)
}

/// Least and greatest score shown: of the settings that came beyond the first round, and those not far below them, beside
/// which the others would take all the room; of all, if none did.
fn ends(behind: &[Vec<f64>]) -> (f64, f64) {
    let range = |least_rounds: usize, above: f64| {
        let scores = behind.iter().filter(|scores| scores.len() >= least_rounds).flatten();
        let shown = scores.copied().filter(|score| score.is_finite() && *score >= above);
        shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(score), high.max(score)))
    };
    let (low, high) = range(2, f64::NEG_INFINITY);
    match high > low {
        true => range(1, low - (high - low) * 0.5),
        false => range(1, f64::NEG_INFINITY),
    }
}

/// How many settings score less than `low` in the first round.
fn below(behind: &[Vec<f64>], low: f64) -> usize {
    behind.iter().filter_map(|scores| scores.first()).filter(|score| **score < low).count()
}

/// Says, below all that is shown, how many settings score less.
fn draw_rest(canvas: &Canvas, plot: Frame, low: f64, behind: &[Vec<f64>]) -> Result<()> {
    let below = below(behind, low);
    if below == 0 {
        return Ok(());
    }
    let least = fixed(behind.iter().filter_map(|scores| scores.first().copied()).fold(f64::INFINITY, f64::min), 4);
    let text = format!("{below} more below, down to {least}");
    canvas.text(&text, (plot.left + 4.0, plot.bottom - 7.0), style(TICK, MUTED, Anchor::Start))
}

/// The middles of the rounds' columns.
fn places(plot: Frame, rounds: usize) -> Vec<f64> {
    let slot = plot.width() / rounds.max(1) as f64;
    (0..rounds).map(|round| plot.left + slot * (round as f64 + 0.5)).collect()
}

fn draw_rounds(canvas: &Canvas, plot: Frame, search: &BoostingSearch, places: &[f64]) -> Result<()> {
    for (index, (round, x)) in search.rounds.iter().zip(places).enumerate() {
        let lines =
            [format!("round {}", index + 1), count(round.candidates) + " tried", plural(round.folds, "fold", "folds")];
        for (line, text) in lines.iter().enumerate() {
            let (kind, colour) = if line == 0 { (LABEL, INK) } else { (TICK, MUTED) };
            canvas.text(text, (*x, plot.bottom + 18.0 + 16.0 * line as f64), style(kind, colour, Anchor::Middle))?;
        }
    }
    Ok(())
}

fn draw_candidate(canvas: &Canvas, points: &[PixelPoint], best: bool, finalist: bool) -> Result<()> {
    let (colour, width) = match (best, finalist) {
        (true, _) => (INK, 2.8),
        (false, true) => (ACCENT, 1.8),
        (false, false) => (IDLE, 1.2),
    };
    if points.len() > 1 {
        canvas.line(points, colour, width)?;
    }
    let Some((last, before)) = points.split_last() else { return Ok(()) };
    for point in before {
        canvas.disc(*point, 2.6, colour)?;
    }
    match best || finalist {
        true => canvas.disc(*last, 4.2, colour),
        false => canvas.ring(*last, 4.0, colour, 1.6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_begins_at_the_least_score_that_is_shown() {
        // The second round spans 0.004; half of that below it, another is shown, and two are not.
        let behind = [vec![0.0, 0.0], vec![-0.001, -0.004], vec![-0.005], vec![-0.007], vec![-0.05]];
        assert_eq!(ends(&behind), (-0.005, 0.0));
        assert_eq!(below(&behind, -0.005), 2);
        assert_eq!(ends(&behind[2..]), (-0.05, -0.005), "of one round, all");
        assert_eq!(below(&behind[2..], -0.05), 0);
    }
}
