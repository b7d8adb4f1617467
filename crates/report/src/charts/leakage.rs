//! How well the names predict: at random, where artists are known, and by groups, where they are new.

use super::axis::ChartAxis;
use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, BACKGROUND, IDLE, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, fixed, plural};
use crate::phrases::validation::{encoding_in_words, group_noun, text_name};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::ARTIST;
use hitflop_model::validation::leakage::Leakage;

const PITCH: f64 = 30.0;
/// Height of a heading within the picture.
const HEADING: f64 = 30.0;
const NAMES: f64 = 420.0;
/// Room for the two values at the right.
const VALUES: f64 = 128.0;

/// A line of the picture: a heading, or a name with its ROC AUC at random and by groups.
enum LeakageLine {
    Heading(&'static str),
    Scores { name: String, random: f64, grouped: f64 },
}

impl LeakageLine {
    fn height(&self) -> f64 {
        match self {
            LeakageLine::Heading(_) => HEADING,
            LeakageLine::Scores { .. } => PITCH,
        }
    }

    /// Height of a name above its scores on narrow screens.
    fn name_height(&self) -> f64 {
        match self {
            LeakageLine::Heading(_) => 0.0,
            LeakageLine::Scores { .. } => 16.0,
        }
    }
}

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "leakage",
    part: PagePart::Leakage,
    tables: &["leakage_texts", "leakage_artist"],
    source: ContentSource::Robustness(|robustness| {
        robustness.leakage.as_ref().filter(|found| !found.texts.is_empty()).map(leakage)
    }),
};

/// ROC AUC of the names alone, and of the parameters without and with the artist, for known and for new artists.
pub(super) fn leakage(found: &Leakage) -> Result<Chart> {
    let lines = lines(found);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(found),
        subtitle: match found.has_artists() {
            true => {
                "ROC AUC on a random split, where most artists are known, and for new artists; 0.5 (dashed) is chance"
            }
            false => "ROC AUC on a random split and for new groups; 0.5 (dashed) is chance",
        }
        .to_owned(),
        legend: vec![
            (Mark::Circle(ACCENT), "random split".to_owned()),
            (Mark::Point(INK), format!("new {}", group_noun(found.has_artists()).many)),
        ],
        caption: format!(
            "Leakage through text. Text alone: the prediction is the share of hits among the training tracks with the \
             same artist, title or URI. With the features: {}, {}.",
            found.params.describe(),
            plural(found.features, "feature", "features")
        ),
        description: description(&lines),
        width: PAGE_WIDTH,
        height: lines.iter().map(LeakageLine::height).sum::<f64>() + panel::TICK_LABELS,
    };
    let narrow = lines.iter().map(|line| line.height() + line.name_height()).sum::<f64>() + panel::TICK_LABELS;
    plan.draw_also_narrow(narrow, |canvas, body| draw(canvas, body, &lines))
}

fn lines(found: &Leakage) -> Vec<LeakageLine> {
    let texts = found.texts.iter().map(|text| LeakageLine::Scores {
        name: capitalise(text_name(text.column.name())),
        random: text.random.roc_auc,
        grouped: text.grouped.roc_auc,
    });
    let encoded = found.encoded.iter().map(|one| LeakageLine::Scores {
        name: capitalise(encoding_in_words(one.encoding)),
        random: one.random.roc_auc,
        grouped: one.grouped.roc_auc,
    });
    let mut lines = vec![LeakageLine::Heading("Text alone")];
    lines.extend(texts);
    if !found.encoded.is_empty() {
        lines.push(LeakageLine::Heading("Model, without and with the artist"));
        lines.extend(encoded);
    }
    lines
}

fn title(found: &Leakage) -> String {
    match found.texts.first() {
        Some(artist) if artist.column.name() == ARTIST => format!(
            "The artist’s name alone: ROC\u{a0}AUC {} on a random split, {} for new artists",
            fixed(artist.random.roc_auc, 3),
            fixed(artist.grouped.roc_auc, 3)
        ),
        Some(text) => format!(
            "The {} alone: ROC\u{a0}AUC {} on a random split, {} for new groups",
            text_name(text.column.name()),
            fixed(text.random.roc_auc, 3),
            fixed(text.grouped.roc_auc, 3)
        ),
        None => "No text was measured".to_owned(),
    }
}

fn description(lines: &[LeakageLine]) -> String {
    let each = lines.iter().filter_map(|line| match line {
        LeakageLine::Heading(_) => None,
        LeakageLine::Scores { name, random, grouped } => {
            Some(format!("{name}: {} on a random split, {} for new artists", fixed(*random, 3), fixed(*grouped, 3)))
        }
    });
    format!("Dot plot. {}.", each.collect::<Vec<_>>().join(". "))
}

fn draw(canvas: &Canvas, body: Frame, lines: &[LeakageLine]) -> Result<()> {
    let width = |line: &LeakageLine| match line {
        LeakageLine::Heading(_) => 0.0,
        LeakageLine::Scores { name, .. } => text_width(name, LABEL),
    };
    let is_narrow = is_narrow(body);
    let names = if is_narrow { 8.0 } else { lines.iter().map(width).fold(0.0, f64::max).min(NAMES) + 16.0 };
    let plot = Frame {
        left: body.left + names,
        right: body.right - VALUES,
        top: body.top,
        bottom: body.bottom - panel::TICK_LABELS,
    };
    let axis = ChartAxis::linear(axis_begin(lines), 1.0, plot.left, plot.right);
    panel::vertical_grid(canvas, plot, &axis, &axis.ticks_that_fit(TICK, 8))?;
    if axis.holds(0.5) {
        canvas.dashes((axis.px(0.5), plot.top), (axis.px(0.5), plot.bottom), 5.0, MUTED, 1.4)?;
    }
    let mut top = plot.top;
    for line in lines {
        let above = if is_narrow { line.name_height() } else { 0.0 };
        match line {
            LeakageLine::Heading(text) => draw_heading(canvas, text, (body.left, top), body.right)?,
            LeakageLine::Scores { name, random, grouped } => {
                let middle = top + above + PITCH / 2.0;
                let (room, baseline) =
                    if is_narrow { (body.width(), top + 14.0) } else { (names - 14.0, middle + 4.0) };
                let shown = fit(name, LABEL, room);
                if is_narrow {
                    // The lines of the plot end behind the name.
                    let right = body.left + text_width(&shown, LABEL) + 4.0;
                    canvas.block(Frame { top: top + 2.0, right, bottom: top + 18.0, ..body }, BACKGROUND, 1.0)?;
                }
                canvas.text(&shown, (body.left, baseline), style(LABEL, INK, Anchor::Start))?;
                draw_scores(canvas, &axis, (plot.right, middle), *random, *grouped)?;
                let row = Frame { left: body.left, top, right: body.right, bottom: top + above + PITCH };
                let [random, grouped] = [random, grouped].map(|score| fixed(*score, 3));
                canvas.value(row, format!("{name}\nrandom split: {random}\nnew groups: {grouped}"));
            }
        }
        top += line.height() + above;
    }
    panel::ground(canvas, plot)
}

/// A little below the least value, and below chance.
fn axis_begin(lines: &[LeakageLine]) -> f64 {
    let values = lines.iter().flat_map(|line| match line {
        LeakageLine::Heading(_) => vec![],
        LeakageLine::Scores { random, grouped, .. } => vec![*random, *grouped],
    });
    values.filter(|value| value.is_finite()).fold(0.5, f64::min) - 0.02
}

fn draw_heading(canvas: &Canvas, text: &str, (left, top): (f64, f64), right: f64) -> Result<()> {
    let baseline = top + HEADING - 9.0;
    canvas.text(text, (left, baseline), style(PANEL, INK, Anchor::Start))?;
    canvas.text("random", (right - 62.0, baseline), style(TICK, MUTED, Anchor::End))?;
    canvas.text("new", (right, baseline), style(TICK, MUTED, Anchor::End))
}

fn draw_scores(canvas: &Canvas, axis: &ChartAxis, (right, y): (f64, f64), random: f64, grouped: f64) -> Result<()> {
    if random.is_finite() && grouped.is_finite() {
        canvas.line(&[(axis.px(random), y), (axis.px(grouped), y)], IDLE, 1.6)?;
    }
    if random.is_finite() {
        canvas.ring((axis.px(random), y), 5.4, ACCENT, 1.8)?;
    }
    if grouped.is_finite() {
        canvas.disc((axis.px(grouped), y), 4.0, INK)?;
    }
    canvas.text(&fixed(random, 3), (right + VALUES - 62.0, y + 4.0), style(TICK, INK, Anchor::End))?;
    canvas.text(&fixed(grouped, 3), (right + VALUES, y + 4.0), style(TICK, INK, Anchor::End))
}
