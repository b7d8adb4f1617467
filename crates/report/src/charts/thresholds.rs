//! Scores of a model over thresholds.

use plotters::style::RGBColor;

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, LegendEntry, Mark};
use super::panel;
use super::roc::{MODEL_HEIGHT, MODEL_WIDTH, NARROW_MODEL_HEIGHT};
use super::theme::{decade_colours, INK, LABEL, MUTED, TICK};
use super::unit_square::thinned;
use super::{Chart, ChartEntry};
use crate::format::{count, fixed};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_metrics::curves::ThresholdPoint;
use hitflop_metrics::threshold::Objective;
use hitflop_model::probabilities::{ProbabilityQuality, ThresholdSweep};

/// A score that changes with the threshold; none where no track is predicted as a hit.
struct ThresholdSeries {
    name: &'static str,
    of: fn(&ThresholdPoint) -> Option<f64>,
}

const SCORES: [ThresholdSeries; 4] = [
    ThresholdSeries { name: "recall", of: |point| Some(point.recall) },
    ThresholdSeries { name: "accuracy", of: |point| Some(point.accuracy) },
    ThresholdSeries { name: "F1", of: |point| Some(point.f1) },
    ThresholdSeries { name: "precision", of: |point| point.precision },
];

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "threshold_curve",
    part: PagePart::Threshold,
    tables: &["thresholds"],
    source: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(thresholds)),
};

/// Accuracy, precision, recall and F1 of the tracks by which the threshold was chosen, which is marked, and at it the same of the
/// test tracks.
pub(super) fn thresholds(probabilities: &ProbabilityQuality) -> Result<Chart> {
    let shown = probabilities.out_of_fold.as_ref().unwrap_or(&probabilities.test);
    let rows = match &probabilities.out_of_fold {
        Some(answers) => format!("{} training tracks, out of fold", count(answers.rows)),
        None => format!("{} test tracks", count(probabilities.test.rows)),
    };
    let plan = ChartPlan {
        name: CHART.name,
        title: title(probabilities, shown),
        subtitle: format!("{rows}; rings: {} test tracks", count(probabilities.test.rows)),
        legend: legend(shown, probabilities.threshold),
        caption: format!(
            "Scores of the final model at every threshold, on {rows}. The vertical line is the threshold in use, {}; \
             it was {}. The rings are the scores on the {} test tracks.",
            fixed(probabilities.threshold, 4),
            probabilities.objective.choice_in_words(),
            count(probabilities.test.rows)
        ),
        description: description(shown, probabilities.threshold),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| draw(canvas, body, shown, &probabilities.test.chosen))
}

fn title(probabilities: &ProbabilityQuality, shown: &ThresholdSweep) -> String {
    let threshold = fixed(probabilities.threshold, 3);
    let (chosen, objective) = (&shown.chosen, probabilities.objective);
    let gives =
        |score: f64| format!("A threshold of {threshold} gives {}: {}", objective.in_words(), percent(score, 1));
    match objective {
        Objective::Accuracy => gives(chosen.accuracy),
        Objective::F1 => gives(chosen.f1),
        Objective::Precision(_) => gives(chosen.recall),
        Objective::Cost { .. } => {
            format!(
                "A threshold of {threshold} has the lowest cost, with an accuracy of {}",
                percent(chosen.accuracy, 1)
            )
        }
        Objective::Fixed(_) => {
            let accuracy = percent(chosen.accuracy, 1);
            format!("At the threshold of {threshold}, set by hand, the accuracy is {accuracy}")
        }
    }
}

fn legend(shown: &ThresholdSweep, threshold: f64) -> Vec<LegendEntry> {
    let entry = |(score, colour): (&ThresholdSeries, RGBColor)| {
        let value = (score.of)(&shown.chosen).map_or("none".to_owned(), |value| percent(value, 1));
        (Mark::Line(colour), format!("{} {value}", score.name))
    };
    let scores = SCORES.iter().zip(decade_colours(SCORES.len())).map(entry);
    scores.chain([(Mark::Dashes(INK), format!("threshold {}", fixed(threshold, 3)))]).collect()
}

fn description(shown: &ThresholdSweep, threshold: f64) -> String {
    let score = |score: &ThresholdSeries| {
        let value = (score.of)(&shown.chosen).map_or("none".to_owned(), |value| percent(value, 1));
        format!("{} {value}", score.name)
    };
    let scores: Vec<String> = SCORES.iter().map(score).collect();
    format!("Scores over thresholds. At {}: {}.", fixed(threshold, 3), scores.join(", "))
}

fn draw(canvas: &Canvas, body: Frame, shown: &ThresholdSweep, test: &ThresholdPoint) -> Result<()> {
    let plot =
        Frame { left: body.left + 58.0, top: body.top + 22.0, right: body.right - 6.0, bottom: body.bottom - 44.0 };
    let horizontal = ChartAxis::linear(0.0, 1.0, plot.left, plot.right);
    let vertical = ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top);
    let tick = |fifth: u32| f64::from(fifth) / 5.0;
    let shares: Vec<Tick> = (0..=5).map(tick).map(|value| Tick { value, label: percent(value, 0) }).collect();
    let places: Vec<Tick> = (0..=5).map(tick).map(|value| Tick { value, label: fixed(value, 1) }).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &shares)?;
    panel::vertical_grid(canvas, plot, &horizontal, &places)?;
    let centre = (plot.left + plot.right) / 2.0;
    canvas.text("threshold of the probability", (centre, body.bottom - 4.0), style(LABEL, MUTED, Anchor::Middle))?;
    for (score, colour) in SCORES.iter().zip(decade_colours(SCORES.len())) {
        canvas.line(&curve(shown, score, &horizontal, &vertical), colour, 2.2)?;
    }
    panel::ground(canvas, plot)?;
    let x = horizontal.px(shown.chosen.threshold);
    canvas.dashes((x, plot.top), (x, plot.bottom), 5.0, INK, 1.4)?;
    // A label at the very edge would be cut.
    let label = fixed(shown.chosen.threshold, 3);
    let at = x.clamp(plot.left + 16.0, plot.right - 16.0);
    canvas.text(&label, (at, plot.top - 7.0), style(TICK, INK, Anchor::Middle))?;
    for (score, colour) in SCORES.iter().zip(decade_colours(SCORES.len())) {
        if let Some(value) = (score.of)(test).filter(|value| value.is_finite()) {
            canvas.ring((x, vertical.px(value)), 4.6, colour, 1.8)?;
        }
    }
    let places: Vec<f64> = shown.curve.iter().map(|point| horizontal.px(point.threshold)).collect();
    panel::strips(canvas, plot, &places, |at| reading(&shown.curve[at]));
    Ok(())
}

fn reading(point: &ThresholdPoint) -> String {
    let score = |text: String, score: &ThresholdSeries| {
        format!("{text}\n{}: {}", score.name, (score.of)(point).map_or("none".to_owned(), |value| percent(value, 1)))
    };
    SCORES.iter().fold(format!("threshold {}", fixed(point.threshold, 3)), score)
}

fn curve(
    shown: &ThresholdSweep,
    score: &ThresholdSeries,
    horizontal: &ChartAxis,
    vertical: &ChartAxis,
) -> Vec<PixelPoint> {
    let known = shown.curve.iter().filter_map(|point| Some((point.threshold, (score.of)(point)?)));
    let finite = known.filter(|(_, value)| value.is_finite());
    thinned(finite.map(|(threshold, value)| (horizontal.px(threshold), vertical.px(value))))
}
