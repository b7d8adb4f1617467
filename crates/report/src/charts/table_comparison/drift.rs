//! The population stability index of every feature, with its interval.

use super::super::axis::{ChartAxis, Tick};
use super::super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::super::panel;
use super::super::theme::{ACCENT, HIT, IDLE, INK, LABEL, MUTED, TICK};
use super::super::Chart;
use super::NAMES;
use crate::comparison::{ComparisonFindings, DriftEntry};
use crate::format::{fixed, list, plural};
use hitflop_core::error::Result;
use hitflop_model::scoring::drift::{DriftLevel, PSI_THRESHOLDS};

const PITCH: f64 = 27.0;
const BELOW: f64 = 46.0;
/// Room for the value at the right.
const VALUE: f64 = 130.0;
/// Greatest end of the axis; greater values are at its end.
const GREATEST: f64 = 1.0;

pub(super) fn drift(findings: &ComparisonFindings) -> Result<Chart> {
    let ranking = &findings.verdict.ranking;
    let drifted: Vec<&str> = findings.verdict.drifted().map(|entry| entry.name.as_str()).collect();
    let title = match &drifted[..] {
        [] => "No distribution has drifted".to_owned(),
        [first, second, third, others @ ..] if others.len() > 1 => {
            format!("{first}, {second}, {third} and {} have drifted", plural(others.len() as u64, "other", "others"))
        }
        [scores] if scores.starts_with("scores") => format!("Drift of the {scores}"),
        [only] => format!("{only} has drifted"),
        several => format!("{} have drifted", list(several)),
    };
    let each = ranking.iter().map(|entry| format!("{} {}", entry.name, fixed(entry.psi.value, 3)));
    let plan = ChartPlan {
        name: NAMES[0],
        title,
        subtitle: "Population stability index; bars are 95 % intervals, which are corrected for chance".to_owned(),
        legend: vec![
            (Mark::Point(HIT), "major drift".to_owned()),
            (Mark::Point(ACCENT), "moderate drift".to_owned()),
            (Mark::Point(IDLE), "stable".to_owned()),
            (Mark::Dashes(MUTED), "0.1 and 0.25".to_owned()),
        ],
        caption: "Population stability index (PSI) over the deciles of A, or over categories, with rows without a value as a bin of their own. \
                  Up to 0.1 a distribution is usually called stable, from 0.25 on its drift major. Chance raises the index of small tables; the \
                  intervals are corrected for it and can therefore be below the point. Values above 1 are at the end of the axis."
            .to_owned(),
        description: format!("Population stability indices: {}.", each.collect::<Vec<_>>().join(", ")),
        width: PAGE_WIDTH,
        height: PITCH * ranking.len() as f64 + BELOW,
    };
    plan.draw(|canvas, body| draw(canvas, body, ranking))
}

fn draw(canvas: &Canvas, body: Frame, ranking: &[DriftEntry]) -> Result<()> {
    let names = ranking.iter().map(|entry| text_width(&entry.name, LABEL)).fold(0.0, f64::max).min(body.width() / 3.0);
    let plot =
        Frame { left: body.left + names + 14.0, top: body.top, right: body.right - VALUE, bottom: body.bottom - BELOW };
    let ends =
        ranking.iter().map(|entry| entry.psi.interval.map_or(0.0, |interval| interval.high).max(entry.psi.value));
    let axis = ChartAxis::linear(0.0, ends.fold(PSI_THRESHOLDS.1 * 1.2, f64::max).min(GREATEST), plot.left, plot.right);
    let ticks: Vec<Tick> = axis.ticks_that_fit(TICK, 8);
    panel::vertical_grid(canvas, plot, &axis, &ticks)?;
    for limit in [PSI_THRESHOLDS.0, PSI_THRESHOLDS.1] {
        let x = axis.px(limit);
        canvas.dashes((x, plot.top), (x, plot.bottom), 5.0, MUTED, 1.4)?;
    }
    for (index, entry) in ranking.iter().enumerate() {
        let y = plot.top + PITCH * (index as f64 + 0.5);
        let name = fit(&entry.name, LABEL, names + 1.0);
        canvas.text(&name, (plot.left - 10.0, y + 4.5), style(LABEL, INK, Anchor::End))?;
        let colour = match entry.level {
            DriftLevel::Major => HIT,
            DriftLevel::Moderate => ACCENT,
            DriftLevel::Stable => IDLE,
        };
        if let Some(interval) = entry.psi.interval {
            canvas.line(&[(axis.px(interval.low), y), (axis.px(interval.high), y)], colour, 2.4)?;
        }
        canvas.disc((axis.px(entry.psi.value), y), 5.0, colour)?;
        let note = if entry.is_in_one_table { " (one table only)" } else { "" };
        let text = format!("{}{note}", fixed(entry.psi.value, 3));
        canvas.text(&text, (plot.right + 12.0, y + 4.0), style(TICK, INK, Anchor::Start))?;
    }
    for (index, entry) in ranking.iter().enumerate() {
        let top = plot.top + PITCH * index as f64;
        let interval = entry.psi.interval.map_or(String::new(), |interval| {
            format!(" (95 %: {} to {})", fixed(interval.low, 3), fixed(interval.high, 3))
        });
        let row = Frame { top, bottom: top + PITCH, ..body };
        canvas.value(row, format!("{}\nPSI: {}{interval}", entry.name, fixed(entry.psi.value, 3)));
    }
    panel::ground(canvas, plot)?;
    super::below(canvas, body, plot, "population stability index")
}
