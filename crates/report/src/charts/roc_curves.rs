//! ROC curves of all compared models.

use plotters::style::RGBColor;

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{fit, style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{decade_colours, INK, LABEL, MUTED, TICK};
use super::unit_square::thinned;
use super::wording::on_test_rows;
use super::{Chart, ChartEntry};
use crate::format::{capitalise, fixed, plural};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

const HEIGHT: f64 = 470.0;
/// Room for tick labels and axis titles.
const LEFT: f64 = 58.0;
const BELOW: f64 = 44.0;
const GAP: f64 = 30.0;
/// Room at the right for the ranks at the curves' ends.
const RANKS: f64 = 22.0;
/// Least distance of two ranks.
const RANK_LINE: f64 = 13.5;
/// Most room for a title in the legend.
const TITLE_ROOM: f64 = 250.0;

/// A range of both rates.
#[derive(Clone, Copy)]
struct RateWindow {
    false_positives: (f64, f64),
    true_positives: (f64, f64),
}

const WHOLE: RateWindow = RateWindow { false_positives: (0.0, 1.0), true_positives: (0.0, 1.0) };
/// Where curves of good models lie closest.
const CORNER: RateWindow = RateWindow { false_positives: (0.0, 0.4), true_positives: (0.6, 1.0) };

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "roc_curves",
    part: PagePart::ComparedModels,
    tables: &["roc_curves"],
    source: ContentSource::Report(|findings| findings.report.comparison.as_ref().map(roc_curves)),
};

/// All curves with the diagonal of chance, and once more the upper left corner, where they lie too close to be distinguished.
pub(super) fn roc_curves(comparison: &Leaderboard) -> Result<Chart> {
    let ranked = ranked(comparison);
    let strokes = strokes(ranked.len());
    let entry = |(index, (candidate, stroke)): (usize, (&&LeaderboardRow, &Stroke))| {
        let auc = fixed(candidate.evaluation.scores.roc_auc, 4);
        let mark = if stroke.is_dashed { Mark::BoldDashes(stroke.colour) } else { Mark::Line(stroke.colour) };
        (mark, format!("{}  {}, {auc}", index + 1, fit(&candidate.title, LABEL, TITLE_ROOM)))
    };
    let chance = (Mark::Dashes(MUTED), "chance, 0.5".to_owned());
    let plan = ChartPlan {
        name: CHART.name,
        title: title(&ranked),
        subtitle: "The legend has the area under each curve; the framed corner is enlarged in the second panel".to_owned(),
        legend: ranked.iter().zip(&strokes).enumerate().map(entry).chain([chance]).collect(),
        caption: format!(
            "ROC curves of {}{}. The final model has the thickest curve; the numbers at the right are those of the legend.",
            plural(ranked.len() as u64, "model", "models"),
            on_test_rows(comparison)
        ),
        description: description(&ranked),
        width: PAGE_WIDTH,
        height: HEIGHT,
    };
    let chosen = comparison.rows.get(comparison.chosen);
    let curve = |(candidate, stroke): (&&LeaderboardRow, &Stroke)| ModelRocCurve {
        points: rates(candidate),
        stroke: *stroke,
        width: if chosen.is_some_and(|chosen| std::ptr::eq(chosen, *candidate)) { 3.2 } else { 1.7 },
    };
    let curves: Vec<ModelRocCurve> = ranked.iter().zip(&strokes).map(curve).collect();
    plan.draw_panels(halves, |canvas, panel, index| match index {
        0 => {
            let whole = plot(panel);
            draw(canvas, whole, WHOLE, &curves)?;
            draw_corner_frame(canvas, whole)
        }
        _ => {
            let corner = plot(Frame { right: panel.right - RANKS, ..panel });
            draw(canvas, corner, CORNER, &curves)?;
            draw_ranks(canvas, corner, &curves)
        }
    })
}

/// The frames of both views.
fn halves(body: Frame) -> Vec<Frame> {
    let width = (body.width() - GAP) / 2.0;
    vec![Frame { right: body.left + width, ..body }, Frame { left: body.right - width, ..body }]
}

/// Outlines in the plot of everything what the other enlarges.
fn draw_corner_frame(canvas: &Canvas, whole: Frame) -> Result<()> {
    let (horizontal, vertical) = axes(whole, WHOLE);
    let framed = Frame {
        left: horizontal.px(CORNER.false_positives.0),
        right: horizontal.px(CORNER.false_positives.1),
        top: vertical.px(CORNER.true_positives.1),
        bottom: vertical.px(CORNER.true_positives.0),
    };
    canvas.outline(framed, MUTED, 1.2)
}

/// A model's curve.
struct ModelRocCurve {
    points: Vec<PixelPoint>,
    stroke: Stroke,
    width: f64,
}

/// The style of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stroke {
    colour: RGBColor,
    is_dashed: bool,
}

/// Dashes and gaps of a curve, in pixels.
const DASHES: (f64, f64) = (7.0, 5.0);
/// Most curves of which none is dashed: more hues than this are hard to distinguish.
const MAX_HUES: usize = 5;

/// Strokes of curves by rank: neighbours are far apart in hue. Of more curves than there are hues, the first half is plotted in
/// full, the second in dashes.
fn strokes(count: usize) -> Vec<Stroke> {
    let hues = if count > MAX_HUES { count.div_ceil(2) } else { count };
    let scale = decade_colours(hues);
    // From either half of the scale in turn.
    let interleaved = |place: usize| if place.is_multiple_of(2) { place / 2 } else { hues.div_ceil(2) + place / 2 };
    (0..count).map(|rank| Stroke { colour: scale[interleaved(rank % hues)], is_dashed: rank >= hues }).collect()
}

/// Greatest area first; equals stay in the order of the comparison.
fn ranked(comparison: &Leaderboard) -> Vec<&LeaderboardRow> {
    let mut ranked: Vec<&LeaderboardRow> = comparison.rows.iter().collect();
    ranked.sort_by(|a, b| b.evaluation.scores.roc_auc.total_cmp(&a.evaluation.scores.roc_auc));
    ranked
}

fn title(ranked: &[&LeaderboardRow]) -> String {
    match ranked {
        [] => "No models were compared".to_owned(),
        [only] => format!("{}: area under the ROC curve {}", capitalise(&only.title), auc(only)),
        [first, .., last] => format!(
            "On the test rows, the ROC AUC ranges from {} ({}) to {} ({})",
            auc(last),
            last.title,
            auc(first),
            first.title
        ),
    }
}

fn auc(candidate: &LeaderboardRow) -> String {
    fixed(candidate.evaluation.scores.roc_auc, 3)
}

fn description(ranked: &[&LeaderboardRow]) -> String {
    let each =
        ranked.iter().map(|candidate| format!("{} {}", candidate.title, fixed(candidate.evaluation.scores.roc_auc, 4)));
    format!("ROC curves. Area under the curve: {}.", each.collect::<Vec<_>>().join(", "))
}

fn rates(candidate: &LeaderboardRow) -> Vec<PixelPoint> {
    let points = candidate.evaluation.roc.iter().map(|point| (point.false_positive_rate, point.true_positive_rate));
    points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

fn plot(half: Frame) -> Frame {
    Frame { left: half.left + LEFT, top: half.top + 6.0, right: half.right - 6.0, bottom: half.bottom - BELOW }
}

fn axes(plot: Frame, view: RateWindow) -> (ChartAxis, ChartAxis) {
    (
        ChartAxis::linear(view.false_positives.0, view.false_positives.1, plot.left, plot.right),
        ChartAxis::linear(view.true_positives.0, view.true_positives.1, plot.bottom, plot.top),
    )
}

fn draw(canvas: &Canvas, plot: Frame, view: RateWindow, curves: &[ModelRocCurve]) -> Result<()> {
    let (horizontal, vertical) = axes(plot, view);
    panel::horizontal_grid(canvas, plot, &vertical, &ticks(view.true_positives))?;
    panel::vertical_grid(canvas, plot, &horizontal, &ticks(view.false_positives))?;
    axis_titles(canvas, plot)?;
    let place = |(x, y): PixelPoint| (horizontal.px(x), vertical.px(y));
    if let Some((from, to)) = within(view, (0.0, 0.0), (1.0, 1.0)) {
        canvas.dashes(place(from), place(to), 6.0, MUTED, 1.4)?;
    }
    // The best is plotted last, on top.
    for curve in curves.iter().rev() {
        for piece in pieces(view, &curve.points) {
            let points = thinned(piece.into_iter().map(place));
            match curve.stroke.is_dashed {
                true => canvas.dashed_line(&points, DASHES, curve.stroke.colour, curve.width)?,
                false => canvas.line(&points, curve.stroke.colour, curve.width)?,
            }
        }
    }
    read(canvas, plot, view, curves);
    panel::ground(canvas, plot)
}

/// The share of hits that each curve reaches, by the numbers of the legend.
fn read(canvas: &Canvas, plot: Frame, view: RateWindow, curves: &[ModelRocCurve]) {
    const PLACES: u32 = 20;
    let (low, high) = view.false_positives;
    let at = |place: usize| low + (high - low) * place as f64 / f64::from(PLACES);
    let (horizontal, _) = axes(plot, view);
    let places: Vec<f64> = (0..=PLACES as usize).map(|place| horizontal.px(at(place))).collect();
    panel::strips(canvas, plot, &places, |place| {
        let hits = curves.iter().enumerate().map(|(index, curve)| {
            let hits = panel::interpolated(&curve.points, at(place)).map_or("–".to_owned(), |hits| percent(hits, 1));
            format!("\n{}: {hits}", index + 1)
        });
        format!("{} of the flops; hits by curve", percent(at(place), 0)) + &hits.collect::<String>()
    });
}

fn ticks((low, high): (f64, f64)) -> Vec<Tick> {
    let value = |fifth: i32| low + (high - low) * f64::from(fifth) / 4.0;
    (0..=4).map(|fifth| Tick { value: value(fifth), label: percent(value(fifth), 0) }).collect()
}

/// Each curve's place in the legend, at its end in the enlarged corner, moved apart where ends lie close.
fn draw_ranks(canvas: &Canvas, plot: Frame, curves: &[ModelRocCurve]) -> Result<()> {
    let (_, vertical) = axes(plot, CORNER);
    let end = |curve: &ModelRocCurve| Some(vertical.px(pieces(CORNER, &curve.points).last()?.last()?.1));
    let mut ends: Vec<(usize, f64)> =
        curves.iter().enumerate().filter_map(|(index, curve)| Some((index, end(curve)?))).collect();
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let places = apart(&ends.iter().map(|(_, y)| *y).collect::<Vec<f64>>(), RANK_LINE, plot.bottom);
    for ((index, y), place) in ends.iter().zip(places) {
        canvas.line(&[(plot.right, *y), (plot.right + 8.0, place)], curves[*index].stroke.colour, 1.2)?;
        let text = (index + 1).to_string();
        canvas.text(&text, (plot.right + 11.0, place + 4.0), style(TICK, INK, Anchor::Start))?;
    }
    Ok(())
}

/// Ascending places moved down, and where that leads beyond `high` up again, until each is `least` from the next.
fn apart(places: &[f64], least: f64, high: f64) -> Vec<f64> {
    let mut moved = places.to_vec();
    for index in 1..moved.len() {
        moved[index] = moved[index].max(moved[index - 1] + least);
    }
    let mut room = high;
    for place in moved.iter_mut().rev() {
        *place = place.min(room);
        room = *place - least;
    }
    moved
}

fn axis_titles(canvas: &Canvas, plot: Frame) -> Result<()> {
    let centre = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
    canvas.text(
        "share of flops predicted as hits",
        (centre.0, plot.bottom + BELOW - 4.0),
        style(LABEL, MUTED, Anchor::Middle),
    )?;
    canvas.text_upwards(
        "share of hits predicted as hits",
        (plot.left - LEFT + 10.0, centre.1),
        style(LABEL, MUTED, Anchor::Middle),
    )
}

/// The pieces of a curve that lie in a view.
fn pieces(view: RateWindow, points: &[PixelPoint]) -> Vec<Vec<PixelPoint>> {
    let mut pieces: Vec<Vec<PixelPoint>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = within(view, pair[0], pair[1]) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a straight line that lies in a view (Liang and Barsky 1984).
fn within(view: RateWindow, from: PixelPoint, to: PixelPoint) -> Option<(PixelPoint, PixelPoint)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let ((left, right), (bottom, top)) = (view.false_positives, view.true_positives);
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for (slope, room) in [(-dx, from.0 - left), (dx, right - from.0), (-dy, from.1 - bottom), (dy, top - from.1)] {
        if slope == 0.0 && room < 0.0 {
            return None;
        } else if slope < 0.0 {
            enters = enters.max(room / slope);
        } else if slope > 0.0 {
            leaves = leaves.min(room / slope);
        }
    }
    let along = |part: f64| match part {
        0.0 => from,
        1.0 => to,
        part => (from.0 + dx * part, from.1 + dy * part),
    };
    (enters < leaves).then(|| (along(enters), along(leaves)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_edges_of_a_view() {
        assert_eq!(within(WHOLE, (0.1, 0.2), (0.3, 0.4)), Some(((0.1, 0.2), (0.3, 0.4))));
        assert_eq!(within(CORNER, (0.5, 0.7), (0.9, 0.9)), None);
        assert_eq!(within(CORNER, (0.0, 0.0), (1.0, 1.0)), None, "chance does not reach the corner");
        let (from, to) = within(CORNER, (0.2, 0.4), (0.2, 0.8)).expect("it enters from below");
        assert!((from.1 - 0.6).abs() < 1e-12 && to == (0.2, 0.8));
    }

    #[test]
    fn neighbours_in_rank_differ_in_hue_and_no_two_curves_look_alike() {
        let full: Vec<bool> = strokes(8).iter().map(|stroke| !stroke.is_dashed).collect();
        assert_eq!(full, [true, true, true, true, false, false, false, false]);
        assert!(strokes(5).iter().all(|stroke| !stroke.is_dashed) && strokes(0).is_empty());
        let scale = decade_colours(4);
        let colours: Vec<RGBColor> = strokes(8)[..4].iter().map(|stroke| stroke.colour).collect();
        assert_eq!(colours, [scale[0], scale[2], scale[1], scale[3]]);
        for count in 1..=12 {
            let strokes = strokes(count);
            assert!((0..count).all(|index| !strokes[..index].contains(&strokes[index])), "{strokes:?}");
        }
    }

    #[test]
    fn places_are_moved_apart_within_their_range() {
        assert_eq!(apart(&[0.0, 1.0, 50.0], 10.0, 100.0), [0.0, 10.0, 50.0]);
        assert_eq!(apart(&[94.0, 95.0, 96.0], 10.0, 100.0), [80.0, 90.0, 100.0]);
        assert!(apart(&[], 10.0, 100.0).is_empty());
    }

    #[test]
    fn a_curve_that_runs_on_is_one_piece() {
        let curve = [(0.0, 0.0), (0.1, 0.7), (0.2, 0.8), (1.0, 1.0)];
        let pieces = pieces(CORNER, &curve);
        assert_eq!(pieces.len(), 1);
        assert_eq!(pieces[0].len(), 4);
        assert!(pieces[0].iter().all(|(x, y)| (0.0..=0.4).contains(x) && (0.6 - 1e-12..=1.0).contains(y)));
    }
}
