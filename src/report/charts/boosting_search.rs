//! The search for the boosting's parameters: which settings fell out when.

use super::axis::Axis;
use super::canvas::{style, Anchor, Canvas, Frame, Point};
use super::layout::{Mark, Plan};
use super::panel;
use super::roc::{MODEL_HEIGHT, MODEL_WIDTH};
use super::theme::{ACCENT, IDLE, INK, LABEL, MUTED, TICK};
use super::Chart;
use crate::error::Result;
use crate::learn::search::boosting::{BoostingSearch, Candidate};
use crate::report::narrative::boosting_search::candidate_in_words;
use crate::report::narrative::halving::{is_finalist, CandidateFigures, HalvingFigures};
use crate::report::narrative::words::{count, fixed, plural};

/// Room for the tick labels of the scores.
const LEFT: f64 = 52.0;
/// Room below the plot for three lines about each round.
const BELOW: f64 = 56.0;

/// One line a setting, from round to round as far as it came: its mean ROC AUC over the folds tried so far.
pub fn boosting_search(search: &BoostingSearch) -> Result<Chart> {
    let figures = HalvingFigures::of(search);
    let plan = Plan {
        name: "boosting_search",
        title: title(search, &figures),
        subtitle: "Mean ROC AUC over the folds tried by the end of each round of successive halving".to_owned(),
        legend: vec![
            (Mark::Disc(INK), "best".to_owned()),
            (Mark::Disc(ACCENT), "in the last round".to_owned()),
            (Mark::Ring(IDLE), "fell out".to_owned()),
        ],
        caption: format!(
            "Settings of gradient boosting by round. Each round keeps the better ones and tries them on more folds, so a line may \
             fall or rise with the folds themselves. The scale is that of the settings that came beyond the first round. Best: {}.",
            search.candidates.get(search.best).map_or("none".to_owned(), |best| candidate_in_words(search, best))
        ),
        description: description(search, &figures),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw(|canvas, body| draw(canvas, body, search, &figures))
}

fn title(search: &BoostingSearch, figures: &HalvingFigures) -> String {
    match figures.candidates.get(search.best) {
        Some(best) => {
            let number = search.candidates.len() as u64;
            let finalists = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count();
            let last = match search.rounds.len() {
                several if several > 1 && finalists > 1 => {
                    format!("; the {finalists} of the last round lie within {}", fixed(figures.last_round_range, 4))
                }
                _ => String::new(),
            };
            format!(
                "The best of {} reaches a ROC AUC of {}{last}",
                plural(number, "setting", "settings"),
                fixed(best.roc_auc, 4)
            )
        }
        None => "No setting was tried".to_owned(),
    }
}

fn description(search: &BoostingSearch, figures: &HalvingFigures) -> String {
    let rounds = search.rounds.iter().enumerate().map(|(index, round)| {
        let scores = || figures.candidates.iter().filter_map(|candidate| candidate.by_round.get(index).copied());
        let (low, high) = (scores().fold(f64::INFINITY, f64::min), scores().fold(f64::NEG_INFINITY, f64::max));
        format!(
            "Round {}: {} on {}, ROC AUC {} to {}",
            index + 1,
            plural(round.candidates, "setting", "settings"),
            plural(round.folds, "fold", "folds"),
            fixed(low, 4),
            fixed(high, 4)
        )
    });
    format!("Line chart. {}.", rounds.collect::<Vec<_>>().join(". "))
}

fn draw(canvas: &Canvas, body: Frame, search: &BoostingSearch, figures: &HalvingFigures) -> Result<()> {
    let plot =
        Frame { left: body.left + LEFT, top: body.top + 8.0, right: body.right - 4.0, bottom: body.bottom - BELOW };
    let (low, high) = ends(figures);
    if low > high {
        panel::nothing_to_show(canvas, plot)?;
        return panel::ground(canvas, plot);
    }
    // More below than above, for what is said there.
    let air = (high - low) * 0.05;
    let vertical = Axis::linear(low - 2.0 * air, high + air, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(8))?;
    panel::ground(canvas, plot)?;
    let places = places(plot, search.rounds.len());
    draw_rounds(canvas, plot, search, &places)?;
    let mut order: Vec<(usize, (&Candidate, &CandidateFigures))> =
        search.candidates.iter().zip(&figures.candidates).enumerate().collect();
    // Who came furthest is drawn last, on top; the best above all.
    order.sort_by_key(|(index, (candidate, _))| (*index == search.best, candidate.last_round));
    for (index, (candidate, figures)) in order {
        let shown = places.iter().zip(&figures.by_round).filter(|(_, score)| vertical.holds(**score));
        let points: Vec<Point> = shown.map(|(x, score)| (*x, vertical.px(*score))).collect();
        draw_candidate(canvas, &points, index == search.best, is_finalist(search, candidate))?;
    }
    draw_rest(canvas, plot, &vertical, figures)
}

/// Least and greatest score shown: of the settings that came beyond the first round, beside which the others would take all
/// the room; of all, if none did.
fn ends(figures: &HalvingFigures) -> (f64, f64) {
    let went_on = figures.candidates.iter().filter(|candidate| candidate.by_round.len() > 1);
    let range = |candidates: &mut dyn Iterator<Item = &CandidateFigures>| {
        let scores =
            candidates.flat_map(|candidate| candidate.by_round.iter().copied()).filter(|score| score.is_finite());
        scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(score), high.max(score)))
    };
    let (low, high) = range(&mut went_on.into_iter());
    let (least, most) = range(&mut figures.candidates.iter());
    match high > low {
        true => ((low - (high - low) * 0.5).max(least), most),
        false => (least, most),
    }
}

/// Says how many settings lie below the scale.
fn draw_rest(canvas: &Canvas, plot: Frame, vertical: &Axis, figures: &HalvingFigures) -> Result<()> {
    let first = || figures.candidates.iter().filter_map(|candidate| candidate.by_round.first().copied());
    let below = first().filter(|score| !vertical.holds(*score)).count();
    if below == 0 {
        return Ok(());
    }
    let least = fixed(first().fold(f64::INFINITY, f64::min), 4);
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

fn draw_candidate(canvas: &Canvas, points: &[Point], best: bool, finalist: bool) -> Result<()> {
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
