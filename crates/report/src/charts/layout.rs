//! The frame around every picture: title, subtitle, legend; and the grid of small multiples.

use plotters::style::RGBColor;

use super::canvas::{picture, style, text_width, wrap, Anchor, Canvas, Frame, PixelPoint};
use super::picture::{document, Picture};
use super::theme::{BACKGROUND, INK, LABEL, MUTED, RAMP, SUBTITLE, TITLE};
use super::{Chart, ChartParts};
use hitflop_core::error::Result;

/// Width of a chart that fills the page, in pixels.
pub(crate) const PAGE_WIDTH: u32 = 1000;
/// Width at which a chart is also drawn for phones.
const NARROW_WIDTH: f64 = 400.0;
/// Space around a picture.
pub(crate) const MARGIN: f64 = 24.0;
/// Space around a picture that a page shows; the rest of the margin is the page's.
const PAGE_MARGIN: f64 = 14.0;
/// Width of a picture for phones, without the space around it.
pub(crate) const NARROW_ROOM: f64 = NARROW_WIDTH - 2.0 * PAGE_MARGIN;
/// Space between the header and the picture.
const BELOW_HEADER: f64 = 12.0;
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
    /// The ramp of low to high values.
    Ramp,
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
    pub(crate) fn draw(self, draw: impl FnOnce(&Canvas, Frame) -> Result<()>) -> Result<Chart> {
        let header = ChartHeader::of(&self);
        let body = self.body(&header);
        let whole = picture(shown(body), |canvas| draw(canvas, body))?;
        self.finish(&header, vec![whole], 1, None)
    }

    /// As [`ChartPlan::draw`], and the picture once more for narrow screens, `height` pixels high.
    pub(crate) fn draw_also_narrow(self, height: f64, draw: impl Fn(&Canvas, Frame) -> Result<()>) -> Result<Chart> {
        let header = ChartHeader::of(&self);
        let body = self.body(&header);
        let whole = picture(shown(body), |canvas| draw(canvas, body))?;
        let narrow_body = Frame {
            left: PAGE_MARGIN,
            top: BELOW_HEADER,
            right: PAGE_MARGIN + NARROW_ROOM,
            bottom: BELOW_HEADER + height,
        };
        let narrow = picture(shown(narrow_body), |canvas| draw(canvas, narrow_body))?;
        self.finish(&header, vec![whole], 1, Some(narrow))
    }

    /// Draws the header, then panels side by side, which a narrow page shows below one another. `frames` divides what is left by the
    /// header; `draw` gets the place of a panel among them.
    pub(crate) fn draw_panels(
        self,
        frames: impl FnOnce(Frame) -> Vec<Frame>,
        draw: impl Fn(&Canvas, Frame, usize) -> Result<()>,
    ) -> Result<Chart> {
        let header = ChartHeader::of(&self);
        let frames = frames(self.body(&header));
        let columns = frames.iter().take_while(|frame| frame.top == frames[0].top).count();
        let panel =
            |(index, frame): (usize, &Frame)| picture(panel_shown(*frame), |canvas| draw(canvas, *frame, index));
        let panels = frames.iter().enumerate().map(panel).collect::<Result<Vec<Picture>>>()?;
        self.finish(&header, panels, columns, None)
    }

    /// The frame that the header leaves.
    fn body(&self, header: &ChartHeader) -> Frame {
        let top = header.bottom + BELOW_HEADER;
        Frame { left: MARGIN, top, right: f64::from(self.width) - MARGIN, bottom: top + self.height }
    }

    fn finish(
        self,
        header: &ChartHeader,
        pictures: Vec<Picture>,
        columns: usize,
        narrow: Option<Picture>,
    ) -> Result<Chart> {
        let height = (self.body(header).bottom + MARGIN).ceil();
        let head = picture(Frame { left: 0.0, top: 0.0, right: f64::from(self.width), bottom: height }, |canvas| {
            header.draw(canvas, &legend_rows(&self.legend, room(self.width)))
        })?;
        let size = (self.width, height as u32);
        let sheets: Vec<&Picture> = std::iter::once(&head).chain(&pictures).collect();
        let svg = document(size, &sheets, &self.title, &self.description);
        let legend = self.legend.iter().map(page_entry).collect::<Result<_>>()?;
        Ok(Chart {
            name: self.name.to_owned(),
            alt: format!("{}. {}", self.title.trim_end_matches('.'), self.description),
            title: self.title,
            caption: self.caption,
            svg,
            width: size.0,
            height: size.1,
            parts: ChartParts { subtitle: self.subtitle, legend, pictures, columns, narrow },
        })
    }
}

/// Whether a picture is drawn for narrow screens.
pub(crate) fn is_narrow(body: Frame) -> bool {
    body.width() < NARROW_WIDTH
}

/// Width of what the margins leave.
fn room(width: u32) -> f64 {
    f64::from(width) - 2.0 * MARGIN
}

/// What a page shows of a picture: with some air for what is beside the frame.
fn shown(body: Frame) -> Frame {
    Frame {
        left: body.left - PAGE_MARGIN,
        top: body.top - BELOW_HEADER + 2.0,
        right: body.right + PAGE_MARGIN,
        bottom: body.bottom + 6.0,
    }
}

/// What a page shows of a panel: with half of the gap to the next one, and the upper half of a label at its top.
fn panel_shown(panel: Frame) -> Frame {
    Frame { left: panel.left - PAGE_MARGIN, top: panel.top - 6.0, right: panel.right + PAGE_MARGIN, ..panel }
}

/// Title and subtitle in lines, and where header and legend end.
struct ChartHeader {
    titles: Vec<String>,
    subtitles: Vec<String>,
    bottom: f64,
}

impl ChartHeader {
    fn of(plan: &ChartPlan) -> ChartHeader {
        let titles = wrap(&plan.title, TITLE, room(plan.width));
        let subtitles = wrap(&plan.subtitle, SUBTITLE, room(plan.width));
        let legend = LEGEND_LINE * legend_rows(&plan.legend, room(plan.width)).len() as f64;
        let text = TITLE_LINE * titles.len() as f64 + SUBTITLE_LINE * subtitles.len() as f64;
        ChartHeader { titles, subtitles, bottom: MARGIN + text + legend }
    }

    fn draw(&self, canvas: &Canvas, legend: &[Vec<(f64, &LegendEntry)>]) -> Result<()> {
        let mut baseline = MARGIN - 7.0;
        for line in &self.titles {
            baseline += TITLE_LINE;
            canvas.text(line, (MARGIN, baseline), style(TITLE, INK, Anchor::Start))?;
        }
        for line in &self.subtitles {
            baseline += SUBTITLE_LINE;
            canvas.text(line, (MARGIN, baseline + 1.0), style(SUBTITLE, MUTED, Anchor::Start))?;
        }
        for row in legend {
            baseline += LEGEND_LINE;
            draw_legend(canvas, row, baseline + 3.0)?;
        }
        Ok(())
    }
}

/// A legend entry as a page shows it: the mark as an element, and the words.
fn page_entry((mark, words): &LegendEntry) -> Result<(Picture, String)> {
    const HEIGHT: f64 = 16.0;
    let frame = Frame { left: 0.0, top: 0.0, right: mark_width(*mark), bottom: HEIGHT };
    Ok((picture(frame, |canvas| draw_mark(canvas, *mark, (0.0, HEIGHT / 2.0)))?, words.clone()))
}

const MARK_WIDTH: f64 = 24.0;
/// Width of the marks that are no line.
const NARROW_MARK_WIDTH: f64 = 13.0;
const RAMP_WIDTH: f64 = 112.0;
const MARK_GAP: f64 = 8.0;
const ENTRY_GAP: f64 = 26.0;

fn mark_width(mark: Mark) -> f64 {
    match mark {
        Mark::Block(_) | Mark::Hollow(_) | Mark::Upright(_) => NARROW_MARK_WIDTH,
        Mark::Point(_) | Mark::Circle(_) | Mark::Diamond(_) => NARROW_MARK_WIDTH,
        Mark::Ramp => RAMP_WIDTH,
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
        Mark::Ramp => {
            let step = (right - left) / RAMP.len() as f64;
            let block = |index: usize| Frame {
                left: left + step * index as f64,
                right: left + step * (index + 1) as f64,
                ..square
            };
            RAMP.into_iter().enumerate().try_for_each(|(index, colour)| canvas.block(block(index), colour, 1.0))
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

/// The frames of `count` small multiples, each `panel` pixels high.
pub(crate) fn grid_cells(body: Frame, count: usize, panel: f64) -> Vec<Frame> {
    (0..count).map(|index| grid_cell(body, index, panel)).collect()
}

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
