//! The frame around every picture: title, subtitle, legend; and the grid of small multiples.

use plotters::style::RGBColor;

use super::canvas::{sheet, style, text_width, wrap, Anchor, Canvas, Frame, PixelPoint};
use super::theme::{BACKGROUND, INK, LABEL, MUTED, SUBTITLE, TITLE};
use super::Chart;
use hitflop_core::error::Result;

/// Width of a chart that fills the page, in pixels.
pub(crate) const PAGE_WIDTH: u32 = 1000;
/// Space around a picture.
pub(crate) const MARGIN: f64 = 24.0;
const TITLE_LINE: f64 = 26.0;
const SUBTITLE_LINE: f64 = 19.0;
const LEGEND_LINE: f64 = 24.0;

/// The mark beside a legend's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A filled square.
    Block(RGBColor),
    /// A square that is only outlined.
    Hollow(RGBColor),
    /// A piece of line.
    Line(RGBColor),
    /// A piece of dashed line.
    Dashes(RGBColor),
    /// A piece of line in dashes as wide as the line.
    BoldDashes(RGBColor),
    /// A piece of line over a tinted ground, as of a curve with its area.
    Area(RGBColor),
    /// A filled point.
    Point(RGBColor),
    /// A hollow point.
    Circle(RGBColor),
    /// A filled diamond.
    Diamond(RGBColor),
    /// A filled point on a piece of line.
    Disc(RGBColor),
    /// A hollow point on a piece of line.
    Ring(RGBColor),
    /// A short upright line.
    Upright(RGBColor),
}

/// A mark and its meaning.
pub(crate) type LegendEntry = (Mark, String);

/// Everything about a chart but its picture.
pub(crate) struct ChartPlan {
    pub(crate) name: &'static str,
    /// What is seen, computed from the numbers.
    pub(crate) title: String,
    /// How to read it.
    pub(crate) subtitle: String,
    /// Marks and words, shown above the picture.
    pub(crate) legend: Vec<LegendEntry>,
    /// What is plotted, units, what was cut.
    pub(crate) caption: String,
    /// The picture in words, without the title.
    pub(crate) description: String,
    /// Width of the whole chart in pixels.
    pub(crate) width: u32,
    /// Height of the picture in pixels, margins and header not counted.
    pub(crate) height: f64,
}

impl ChartPlan {
    /// Draws the header, then the picture in the frame that is left.
    pub(crate) fn draw(self, picture: impl FnOnce(&Canvas, Frame) -> Result<()>) -> Result<Chart> {
        let width = f64::from(self.width);
        let room = width - 2.0 * MARGIN;
        let titles = wrap(&self.title, TITLE, room);
        let subtitles = wrap(&self.subtitle, SUBTITLE, room);
        let rows = legend_rows(&self.legend, room);
        let top = MARGIN
            + TITLE_LINE * titles.len() as f64
            + SUBTITLE_LINE * subtitles.len() as f64
            + LEGEND_LINE * rows.len() as f64
            + 12.0;
        let body = Frame { left: MARGIN, top, right: width - MARGIN, bottom: top + self.height };
        let height = (body.bottom + MARGIN).ceil() as u32;
        let alt = format!("{}. {}", self.title.trim_end_matches('.'), self.description);
        let svg = sheet(self.width, height, &self.title, &self.description, |canvas| {
            let mut baseline = MARGIN - 7.0;
            for line in &titles {
                baseline += TITLE_LINE;
                canvas.text(line, (MARGIN, baseline), style(TITLE, INK, Anchor::Start))?;
            }
            for line in &subtitles {
                baseline += SUBTITLE_LINE;
                canvas.text(line, (MARGIN, baseline + 1.0), style(SUBTITLE, MUTED, Anchor::Start))?;
            }
            for row in &rows {
                baseline += LEGEND_LINE;
                draw_legend(canvas, row, baseline + 3.0)?;
            }
            picture(canvas, body)
        })?;
        Ok(Chart {
            name: self.name.to_owned(),
            title: self.title,
            caption: self.caption,
            alt,
            svg,
            width: self.width,
            height,
        })
    }
}

const MARK_WIDTH: f64 = 24.0;
/// Width of the marks that are no line.
const NARROW_MARK_WIDTH: f64 = 13.0;
const MARK_GAP: f64 = 8.0;
const ENTRY_GAP: f64 = 26.0;

fn mark_width(mark: Mark) -> f64 {
    match mark {
        Mark::Block(_) | Mark::Hollow(_) | Mark::Upright(_) => NARROW_MARK_WIDTH,
        Mark::Point(_) | Mark::Circle(_) | Mark::Diamond(_) => NARROW_MARK_WIDTH,
        _ => MARK_WIDTH,
    }
}

fn entry_width(entry: &LegendEntry) -> f64 {
    mark_width(entry.0) + MARK_GAP + text_width(&entry.1, LABEL) + ENTRY_GAP
}

/// The entries in rows, each with its distance from the left margin: one after the other if one row holds them, else in as
/// many columns as there is room for.
fn legend_rows(entries: &[LegendEntry], room: f64) -> Vec<Vec<(f64, &LegendEntry)>> {
    let columns = (1..=entries.len()).rev().find_map(|columns| {
        let widths: Vec<f64> = (0..columns).map(|column| column_width(entries, column, columns)).collect();
        (widths.iter().sum::<f64>() - ENTRY_GAP <= room).then_some(widths)
    });
    let widths = columns.unwrap_or_else(|| vec![room]);
    let row = |row: &'_ [LegendEntry]| -> Vec<f64> {
        let left = widths.iter().scan(0.0, |used, width| Some(std::mem::replace(used, *used + width)));
        left.take(row.len()).collect()
    };
    entries.chunks(widths.len()).map(|chunk| row(chunk).into_iter().zip(chunk).collect()).collect()
}

/// Width of the widest of every `columns`-th entry from `column` on.
fn column_width(entries: &[LegendEntry], column: usize, columns: usize) -> f64 {
    entries.iter().skip(column).step_by(columns).map(entry_width).fold(0.0, f64::max)
}

fn draw_legend(canvas: &Canvas, row: &[(f64, &LegendEntry)], baseline: f64) -> Result<()> {
    for (offset, (mark, words)) in row {
        let left = MARGIN + offset;
        draw_mark(canvas, *mark, (left, baseline - 4.5))?;
        canvas.text(words, (left + mark_width(*mark) + MARK_GAP, baseline), style(LABEL, INK, Anchor::Start))?;
    }
    Ok(())
}

fn draw_mark(canvas: &Canvas, mark: Mark, (left, middle): PixelPoint) -> Result<()> {
    let right = left + mark_width(mark);
    let centre = ((left + right) / 2.0, middle);
    let square = Frame { left, top: middle - 6.0, right, bottom: middle + 7.0 };
    let line = |colour| canvas.line(&[(left, middle), (right, middle)], colour, 2.4);
    match mark {
        Mark::Block(colour) => canvas.block(square, colour, 1.0),
        Mark::Hollow(colour) => canvas.outline(square, colour, 1.4),
        Mark::Line(colour) => line(colour),
        Mark::Dashes(colour) => canvas.dashes((left, middle), (right, middle), 5.0, colour, 1.6),
        Mark::BoldDashes(colour) => canvas.dashes((left, middle), (right, middle), 4.8, colour, 2.4),
        Mark::Area(colour) => {
            canvas.block(Frame { left, top: middle - 5.0, right, bottom: middle + 6.0 }, colour, AREA_OPACITY)?;
            canvas.line(&[(left, middle - 5.0), (right, middle - 5.0)], colour, 2.4)
        }
        Mark::Point(colour) => canvas.disc(centre, 5.0, colour),
        Mark::Circle(colour) => canvas.ring(centre, 4.0, colour, 1.6),
        Mark::Diamond(colour) => canvas.diamond(centre, 6.0, colour),
        Mark::Disc(colour) => {
            line(colour)?;
            canvas.disc(centre, 4.2, colour)
        }
        Mark::Ring(colour) => {
            line(colour)?;
            canvas.ring(centre, 4.2, colour, 1.8)
        }
        Mark::Upright(colour) => {
            let x = centre.0;
            canvas.line(&[(x, middle - 7.0), (x, middle + 7.0)], BACKGROUND, 5.0)?;
            canvas.line(&[(x, middle - 7.0), (x, middle + 7.0)], colour, 2.2)
        }
    }
}

/// Opacity of the area under a curve.
pub(crate) const AREA_OPACITY: f64 = 0.16;

/// Columns of the small multiples.
pub(crate) const COLUMNS: usize = 3;
const COLUMN_GAP: f64 = 28.0;

/// Height of a picture of `count` small multiples, each `panel` pixels high.
pub(crate) fn grid_height(count: usize, panel: f64) -> f64 {
    count.div_ceil(COLUMNS) as f64 * panel
}

/// The frame of the `index`-th small multiple, row by row.
pub(crate) fn grid_cell(body: Frame, index: usize, panel: f64) -> Frame {
    let width = (body.width() - COLUMN_GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
    let left = body.left + (width + COLUMN_GAP) * (index % COLUMNS) as f64;
    let top = body.top + panel * (index / COLUMNS) as f64;
    Frame { left, top, right: left + width, bottom: top + panel }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legend_of_several_rows_has_columns() {
        let entries =
            ["long words", "short", "longer words", "s", "x"].map(|words| (Mark::Line(INK), words.to_owned()));
        let lefts = |room: f64| -> Vec<Vec<f64>> {
            legend_rows(&entries, room).iter().map(|row| row.iter().map(|(left, _)| *left).collect()).collect()
        };
        let whole: f64 = entries.iter().map(entry_width).sum();
        assert_eq!(lefts(whole).len(), 1);
        let second = entry_width(&entries[2]);
        let two = second + entry_width(&entries[1]) - ENTRY_GAP;
        assert_eq!(lefts(two), [vec![0.0, second], vec![0.0, second], vec![0.0]]);
        assert_eq!(lefts(10.0), vec![vec![0.0]; 5], "what is too wide has a row of its own");
        assert!(legend_rows(&[], 100.0).is_empty());
    }
}
