//! Reliability curves over each other: of a model in two tables, or of two models in one.

use super::super::axis::{percent, ChartAxis, Tick};
use super::super::canvas::{Canvas, Frame, PixelPoint};
use super::super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::super::panel;
use super::super::theme::MUTED;
use super::super::Chart;
use super::scores::pairs;
use super::{below, draw_headed, upwards, COLOURS, NAMES};
use crate::comparison::ComparisonFindings;
use crate::format::fixed;
use hitflop_core::error::Result;
use hitflop_model::probabilities::ReliabilityCurves;

const HEIGHT: f64 = 440.0;

pub(super) fn reliability(findings: &ComparisonFindings) -> Option<Result<Chart>> {
    let (pairs, names) = pairs(findings);
    type Curves<'a> = [Option<&'a ReliabilityCurves>; 2];
    let curves: Vec<(String, Curves)> = pairs
        .into_iter()
        .map(|(heading, pair)| {
            (heading, pair.map(|scores| scores.labelled.as_ref().map(|labelled| &labelled.reliability)))
        })
        .filter(|(_, curves)| curves.iter().any(Option::is_some))
        .collect();
    let (_, first) = curves.first()?;
    let errors: Vec<String> = first
        .iter()
        .zip(names)
        .filter_map(|(curves, name)| {
            curves.map(|curves| format!("{} ({name})", fixed(curves.scores.expected_calibration_error, 3)))
        })
        .collect();
    let plan = ChartPlan {
        name: NAMES[4],
        title: format!("Mean calibration error: {}", errors.join(", ")),
        subtitle: "Share of hits among tracks of similar probability, in ten bins of equal width".to_owned(),
        legend: vec![
            (Mark::Disc(COLOURS[0]), names[0].to_owned()),
            (Mark::Disc(COLOURS[1]), names[1].to_owned()),
            (Mark::Dashes(MUTED), "perfect calibration".to_owned()),
        ],
        caption: "Reliability of the probabilities on labelled tracks. Each point is a bin: mean probability and share of hits with Wilson’s \
                  95 % interval. On the diagonal the two are equal."
            .to_owned(),
        description: format!("Reliability curves. Expected calibration error: {}.", errors.join(", ")),
        width: PAGE_WIDTH,
        height: HEIGHT,
    };
    let draw = |canvas: &Canvas, frame, heading: &str, curves: &Curves| draw(canvas, frame, heading, curves, names);
    Some(draw_headed(plan, &curves, HEIGHT, draw))
}

fn draw(
    canvas: &Canvas,
    frame: Frame,
    heading: &str,
    curves: &[Option<&ReliabilityCurves>; 2],
    names: [&str; 2],
) -> Result<()> {
    panel::heading(canvas, frame, heading, &[])?;
    let plot = Frame {
        left: frame.left + 58.0,
        top: frame.top + panel::HEADING,
        right: frame.right - 6.0,
        bottom: frame.bottom - 44.0,
    };
    let (horizontal, vertical) =
        (ChartAxis::linear(0.0, 1.0, plot.left, plot.right), ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top));
    let ticks = |label: fn(f64) -> String| -> Vec<Tick> {
        (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|value| Tick { value, label: label(value) }).collect()
    };
    panel::horizontal_grid(canvas, plot, &vertical, &ticks(|value| percent(value, 0)))?;
    panel::vertical_grid(canvas, plot, &horizontal, &ticks(|value| fixed(value, 1)))?;
    canvas.dashes((plot.left, plot.bottom), (plot.right, plot.top), 6.0, MUTED, 1.4)?;
    for ((curves, colour), name) in curves.iter().zip(COLOURS).zip(names) {
        let Some(curves) = curves else { continue };
        let mut points: Vec<PixelPoint> = Vec::new();
        for bin in &curves.bins {
            let x = horizontal.px(bin.mean_probability);
            canvas.line(&[(x, vertical.px(bin.hit_share_low)), (x, vertical.px(bin.hit_share_high))], colour, 1.4)?;
            let point = (x, vertical.px(bin.hit_share));
            let [share, low, high] =
                [bin.hit_share, bin.hit_share_low, bin.hit_share_high].map(|share| percent(share, 1));
            let place = format!("{name}, probability {}", fixed(bin.mean_probability, 2));
            canvas.value_at(point, format!("{place}\nhits: {share} (95 %: {low} to {high})"));
            points.push(point);
        }
        canvas.line(&points, colour, 2.4)?;
        points.iter().try_for_each(|point| canvas.disc(*point, 4.2, colour))?;
    }
    panel::ground(canvas, plot)?;
    upwards(canvas, frame, plot, "share of hits")?;
    below(canvas, frame, plot, "probability of a hit")
}
