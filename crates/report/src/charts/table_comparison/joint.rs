//! Probabilities by the old model against those by the new one.

use super::super::canvas::Frame;
use super::super::layout::ChartPlan;
use super::super::roc::{MODEL_WIDTH, NARROW_MODEL_HEIGHT};
use super::super::theme::{ACCENT, MUTED};
use super::super::unit_square::UnitSquare;
use super::super::Chart;
use crate::format::{fixed, percent, plural};
use hitflop_core::error::Result;
use hitflop_model::scoring::score_comparison::PredictionChange;

const HEIGHT: f64 = 520.0;
/// Opacity of a cell with one track, and of that with the most.
const OPACITY: [f64; 2] = [0.08, 0.9];

pub(super) fn joint(name: &'static str, change: &PredictionChange) -> Result<Chart> {
    let correlation = change.correlation.map_or("not defined".to_owned(), |r| fixed(r, 3));
    let plan = ChartPlan {
        name,
        title: format!("{} of the predicted labels change", percent(change.changed_share()).replace(' ', "\u{a0}")),
        subtitle: format!("{}; correlation of the probabilities: {correlation}", plural(change.rows, "track", "tracks")),
        legend: Vec::new(),
        caption: "Tracks by their probability of a hit by the old and by the new model, in bins of width 0.05; the darker a cell, the more \
                  tracks (logarithmic). On the dashed diagonal both models give the same probability."
            .to_owned(),
        description: format!(
            "Heatmap of old against new probabilities. {} change from flop to hit, {} from hit to flop.",
            plural(change.flops_to_hits, "track", "tracks"),
            plural(change.hits_to_flops, "track", "tracks")
        ),
        width: MODEL_WIDTH,
        height: HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| {
        let square = UnitSquare::draw(canvas, body, "probability by the old model", "probability by the new model")?;
        let bins = change.joint_histogram.len() as f64;
        let most = change.joint_histogram.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
        for (old, row) in change.joint_histogram.iter().enumerate() {
            for (new, &tracks) in row.iter().enumerate().filter(|(_, tracks)| **tracks > 0) {
                let (x, y) = (
                    |step: usize| square.horizontal.px(step as f64 / bins),
                    |step: usize| square.vertical.px(step as f64 / bins),
                );
                let cell =
                    Frame { left: x(old) + 0.5, top: y(new + 1) + 0.5, right: x(old + 1) - 0.5, bottom: y(new) - 0.5 };
                let part = if most > 1.0 { (tracks as f64).ln() / most.ln() } else { 1.0 };
                canvas.block(cell, ACCENT, OPACITY[0] + (OPACITY[1] - OPACITY[0]) * part)?;
                let [old, new] = [old, new]
                    .map(|bin| format!("{} to {}", fixed(bin as f64 / bins, 2), fixed((bin + 1) as f64 / bins, 2)));
                let tracks = plural(tracks, "track", "tracks");
                canvas.value(cell, format!("old model: {old}\nnew model: {new}\n{tracks}"));
            }
        }
        let plot = square.plot;
        canvas.dashes((plot.left, plot.bottom), (plot.right, plot.top), 6.0, MUTED, 1.4)
    })
}
