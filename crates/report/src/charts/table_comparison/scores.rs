//! The distribution of the probabilities: of a model in two tables, or of two models in one.

use super::super::axis::{percent, ChartAxis, Tick};
use super::super::canvas::{Canvas, Frame, PixelPoint};
use super::super::layout::{ChartPlan, AREA_OPACITY, PAGE_WIDTH};
use super::super::panel;
use super::super::Chart;
use super::{below, draw_headed, legend, upwards, COLOURS, NAMES};
use crate::comparison::ComparisonFindings;
use crate::format::{self, fixed};
use hitflop_core::error::Result;
use hitflop_model::scoring::score_comparison::TableScores;

const HEIGHT: f64 = 300.0;

/// Two histograms under a heading.
pub(crate) type HistogramPair<'a> = (String, [&'a TableScores; 2]);

/// Pairs of scores to be plotted over each other, and what the two of a pair are called.
pub(crate) fn pairs(findings: &ComparisonFindings) -> (Vec<HistogramPair<'_>>, [&'static str; 2]) {
    if findings.scores.is_empty() {
        let of_tables = findings.changes.iter().zip(findings.table_names());
        let pairs = of_tables.map(|(change, table)| (table.to_owned(), change.change.models.each_ref()));
        return (pairs.collect(), ComparisonFindings::MODELS);
    }
    let of_models = findings.scores.iter().zip(findings.model_names());
    let pairs = of_models.map(|(scores, model)| (model.to_owned(), scores.tables.each_ref()));
    (pairs.collect(), ComparisonFindings::TABLES)
}

pub(super) fn distributions(findings: &ComparisonFindings) -> Option<Result<Chart>> {
    let (pairs, names) = pairs(findings);
    let (_, [first, second]) = pairs.first()?;
    let shares = [first.predicted_share, second.predicted_share].map(format::percent);
    let plan = ChartPlan {
        name: NAMES[3],
        title: format!("Predicted as hits: {} ({}), {} ({})", shares[0], names[0], shares[1], names[1]),
        subtitle: "Share of tracks by their probability of a hit, in bins of width 0.025".to_owned(),
        legend: legend(names),
        caption: "Distribution of the model’s probability of a hit.".to_owned(),
        description: format!(
            "Histograms of probabilities; mean {} ({}) and {} ({}).",
            fixed(first.mean_probability, 3),
            names[0],
            fixed(second.mean_probability, 3),
            names[1]
        ),
        width: PAGE_WIDTH,
        height: HEIGHT,
    };
    let draw =
        |canvas: &Canvas, frame, heading: &str, pair: &[&TableScores; 2]| draw(canvas, frame, heading, *pair, names);
    Some(draw_headed(plan, &pairs, HEIGHT, draw))
}

fn draw(canvas: &Canvas, frame: Frame, heading: &str, pair: [&TableScores; 2], names: [&str; 2]) -> Result<()> {
    panel::heading(canvas, frame, heading, &[])?;
    let plot = Frame {
        left: frame.left + 58.0,
        top: frame.top + panel::HEADING,
        right: frame.right - 6.0,
        bottom: frame.bottom - 44.0,
    };
    let most = pair.iter().flat_map(|scores| &scores.histogram).copied().fold(0.01, f64::max);
    let vertical = ChartAxis::linear(0.0, most * 1.06, plot.bottom, plot.top);
    let horizontal = ChartAxis::linear(0.0, 1.0, plot.left, plot.right);
    let shares: Vec<Tick> =
        vertical.ticks(4).into_iter().map(|tick| Tick { label: percent(tick.value, 1), ..tick }).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &shares)?;
    let ticks: Vec<Tick> =
        (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|value| Tick { value, label: fixed(value, 1) }).collect();
    panel::vertical_grid(canvas, plot, &horizontal, &ticks)?;
    for (index, (scores, colour)) in pair.into_iter().zip(COLOURS).enumerate() {
        let bins = scores.histogram.len() as f64;
        let steps = scores.histogram.iter().enumerate().flat_map(|(bin, share)| {
            [bin as f64, bin as f64 + 1.0].map(|edge| (horizontal.px(edge / bins), vertical.px(*share)))
        });
        let line: Vec<PixelPoint> = steps.collect();
        if index == 0 {
            let corners = [(plot.right, plot.bottom), (plot.left, plot.bottom)];
            let outline: Vec<PixelPoint> = line.iter().copied().chain(corners).collect();
            canvas.shape(&outline, colour, 2.0 * AREA_OPACITY)?;
        }
        canvas.line(&line, colour, 2.0)?;
    }
    let bins = pair[0].histogram.len();
    let edge = |bin: usize| bin as f64 / bins.max(1) as f64;
    let places: Vec<f64> = (0..bins).map(|bin| horizontal.px((edge(bin) + edge(bin + 1)) / 2.0)).collect();
    panel::strips(canvas, plot, &places, |bin| {
        let place = format!("probability {} to {}", fixed(edge(bin), 3), fixed(edge(bin + 1), 3));
        pair.iter().zip(names).fold(place, |text, (scores, name)| {
            let share = scores.histogram.get(bin).copied().unwrap_or(f64::NAN);
            format!("{text}\n{name}: {}", format::percent(share))
        })
    });
    panel::ground(canvas, plot)?;
    upwards(canvas, frame, plot, "share of tracks")?;
    below(canvas, frame, plot, "probability of a hit")
}
