//! The sheet that a chart is rendered on: plotters' SVG backend behind coordinates that may be fractions.
//!
//! plotters knows whole units only. The sheet therefore has [`UNITS`] units a pixel, and its `viewBox` brings them back, so
//! that curves are smooth and the picture scales to any width. Units are known here and in [`super::picture`], which makes
//! documents of what is drawn.

use std::cell::RefCell;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, IntoTextStyle, RGBColor, ShapeStyle, TextStyle,
};

use super::picture::{compact, Picture, ReadableValue};
use super::theme::{self, Type};
use hitflop_core::error::{Error, Result};

/// Units of the sheet a pixel.
pub(super) const UNITS: f64 = 10.0;
/// plotters writes a font's size divided by this.
const PLOTTERS_FONT_SCALE: f64 = 1.24;
/// plotters sets text whose anchor is `Top` this many ems below the point it is given; asking for nothing else makes
/// baselines the same in every renderer, which the `ex` of the other anchors is not.
const TOP_TO_BASELINE: f64 = 0.76;
/// `ab_glyph` takes a font's size as its height, ascent and descent together, which in DejaVu Sans is this many ems.
const HEIGHT_IN_EMS: f64 = 1.164_062_5;

/// How far from its centre a point can be hit by a pointer.
const POINT_REACH: f64 = 7.0;

/// A point in pixels, from the upper left corner.
pub(crate) type PixelPoint = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// Distance from left to right.
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Distance from top to bottom.
    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// Where along a text its point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// At its beginning.
    Start,
    /// At its middle.
    Middle,
    /// At its end.
    End,
}

/// What a text looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Size and weight.
    pub(crate) kind: Type,
    pub(crate) colour: RGBColor,
    /// Which part of it is at the point.
    pub(crate) anchor: Anchor,
}

pub(crate) fn style(kind: Type, colour: RGBColor, anchor: Anchor) -> Style {
    Style { kind, colour, anchor }
}

/// A sheet that is rendered to.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    values: RefCell<Vec<ReadableValue>>,
}

/// What is drawn on a sheet whose part `frame` is shown.
pub(crate) fn picture(frame: Frame, draw: impl FnOnce(&Canvas) -> Result<()>) -> Result<Picture> {
    theme::register_fonts()?;
    let mut markup = String::new();
    let size = (units(frame.right.ceil()).max(1) as u32, units(frame.bottom.ceil()).max(1) as u32);
    let values = {
        let area = SVGBackend::with_string(&mut markup, size).into_drawing_area();
        let canvas = Canvas { area, values: RefCell::default() };
        draw(&canvas)?;
        canvas.area.present().map_err(failed)?;
        canvas.values.take()
    };
    Ok(Picture { frame, markup: compact(&markup), values })
}

fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> Error {
    Error::Failed(format!("drawing a chart: {error}"))
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn at((x, y): PixelPoint) -> (i32, i32) {
    (units(x), units(y))
}

fn stroke(colour: RGBColor, opacity: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour.mix(opacity), filled: false, stroke_width: units(width).max(1) as u32 }
}

fn filling(colour: RGBColor, opacity: f64) -> ShapeStyle {
    ShapeStyle { color: colour.mix(opacity), filled: true, stroke_width: 0 }
}

impl Canvas<'_> {
    fn put<'e, E>(&self, element: &'e E) -> Result<()>
    where
        &'e E: PointCollection<'e, (i32, i32)>,
        E: for<'b> Drawable<SVGBackend<'b>>,
    {
        self.area.draw(element).map_err(failed)
    }

    /// A value that readers of a page get under the pointer in `frame`, and by the arrow keys: what it is, and below it, a line each,
    /// how much.
    pub(crate) fn value(&self, frame: Frame, text: impl Into<String>) {
        self.values.borrow_mut().push(ReadableValue { frame, text: text.into() });
    }

    /// The value of a point, whose place is made large enough to be hit.
    pub(crate) fn value_at(&self, (x, y): PixelPoint, text: impl Into<String>) {
        self.value(
            Frame { left: x - POINT_REACH, top: y - POINT_REACH, right: x + POINT_REACH, bottom: y + POINT_REACH },
            text,
        );
    }

    /// A line through `points`, `width` pixels wide.
    pub(crate) fn line(&self, points: &[PixelPoint], colour: RGBColor, width: f64) -> Result<()> {
        self.put(&PathElement::new(points.iter().copied().map(at).collect::<Vec<_>>(), stroke(colour, 1.0, width)))
    }

    /// A straight line in dashes of `dash` pixels and gaps of the same length.
    pub(crate) fn dashes(
        &self,
        from: PixelPoint,
        to: PixelPoint,
        dash: f64,
        colour: RGBColor,
        width: f64,
    ) -> Result<()> {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let along = |distance: f64| {
            let part = (distance / length).min(1.0);
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        };
        let mut start = 0.0;
        while start < length {
            self.line(&[along(start), along(start + dash)], colour, width)?;
            start += 2.0 * dash;
        }
        Ok(())
    }

    /// A line through `points` in dashes of `dash` pixels and gaps of `gap`, measured along it.
    pub(crate) fn dashed_line(
        &self,
        points: &[PixelPoint],
        (dash, gap): (f64, f64),
        colour: RGBColor,
        width: f64,
    ) -> Result<()> {
        for piece in dashes_along(points, dash, gap) {
            self.line(&piece, colour, width)?;
        }
        Ok(())
    }

    /// A filled outline.
    pub(crate) fn shape(&self, points: &[PixelPoint], colour: RGBColor, opacity: f64) -> Result<()> {
        self.put(&Polygon::new(points.iter().copied().map(at).collect::<Vec<_>>(), filling(colour, opacity)))
    }

    /// A filled rectangle.
    pub(crate) fn block(&self, frame: Frame, colour: RGBColor, opacity: f64) -> Result<()> {
        let corners = [at((frame.left, frame.top)), at((frame.right, frame.bottom))];
        self.put(&Rectangle::new(corners, filling(colour, opacity)))
    }

    /// The outline of a rectangle, drawn within it.
    pub(crate) fn outline(&self, frame: Frame, colour: RGBColor, width: f64) -> Result<()> {
        let Frame { left, top, right, bottom } = frame;
        let (left, top, right, bottom) =
            (left + width / 2.0, top + width / 2.0, right - width / 2.0, bottom - width / 2.0);
        self.line(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], colour, width)
    }

    /// A filled circle.
    pub(crate) fn disc(&self, centre: PixelPoint, radius: f64, colour: RGBColor) -> Result<()> {
        self.put(&Circle::new(at(centre), units(radius), filling(colour, 1.0)))
    }

    /// A circle filled with the background.
    pub(crate) fn ring(&self, centre: PixelPoint, radius: f64, colour: RGBColor, width: f64) -> Result<()> {
        self.disc(centre, radius, theme::BACKGROUND)?;
        self.put(&Circle::new(at(centre), units(radius - width / 2.0), stroke(colour, 1.0, width)))
    }

    /// A filled diamond.
    pub(crate) fn diamond(&self, (x, y): PixelPoint, radius: f64, colour: RGBColor) -> Result<()> {
        self.shape(&[(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], colour, 1.0)
    }

    /// A text whose baseline runs through `point`.
    pub(crate) fn text(&self, text: &str, point: PixelPoint, style: Style) -> Result<()> {
        let top = (point.0, point.1 - TOP_TO_BASELINE * style.kind.size);
        self.put(&Text::new(text.to_owned(), at(top), plotters_style(&style, FontTransform::None)))
    }

    /// A text that reads upwards, whose baseline runs through `point`.
    pub(crate) fn text_upwards(&self, text: &str, point: PixelPoint, style: Style) -> Result<()> {
        let top = (point.0 - TOP_TO_BASELINE * style.kind.size, point.1);
        self.put(&Text::new(text.to_owned(), at(top), plotters_style(&style, FontTransform::Rotate270)))
    }
}

/// The dashes of a line through `points`, which begins with one.
fn dashes_along(points: &[PixelPoint], dash: f64, gap: f64) -> Vec<Vec<PixelPoint>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<PixelPoint> = points.first().copied().into_iter().collect();
    // What is left of the dash, or else of the gap.
    let (mut is_dash, mut left) = (true, dash);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = (to.0 - from.0).hypot(to.1 - from.1);
        while length > left {
            let part = left / length;
            from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            length -= left;
            if is_dash {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            is_dash = !is_dash;
            left = if is_dash { dash } else { gap };
        }
        left -= length;
        if is_dash {
            piece.push(to);
        }
    }
    pieces.extend((piece.len() > 1).then_some(piece));
    pieces
}

fn plotters_style(style: &Style, transform: FontTransform) -> TextStyle<'_> {
    let horizontal = match style.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let size = style.kind.size * UNITS * PLOTTERS_FONT_SCALE;
    let font = FontDesc::new(FontFamily::Name(theme::FONT_FAMILY), size, weight(style.kind)).transform(transform);
    font.into_text_style(&(0, 0)).color(&style.colour).pos(Pos::new(horizontal, VPos::Top))
}

fn weight(kind: Type) -> FontStyle {
    if kind.bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    }
}

/// Width of a text in pixels; 0 if the font could not be read, an error that [`sheet`] then returns.
pub(crate) fn text_width(text: &str, kind: Type) -> f64 {
    const LARGE: f64 = 1000.0;
    if theme::register_fonts().is_err() {
        return 0.0;
    }
    let font = FontDesc::new(FontFamily::Name(theme::FONT_FAMILY), LARGE, weight(kind));
    let width = font.layout_box(text).map_or(0, |(_, (width, _))| width);
    f64::from(width) / LARGE * HEIGHT_IN_EMS * kind.size
}

/// The text, or as much of it as fits into `width` pixels with an ellipsis.
pub(crate) fn fit(text: &str, kind: Type, width: f64) -> String {
    if text_width(text, kind) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter: String = kept.iter().chain(['…'].iter()).collect();
        if text_width(&shorter, kind) <= width {
            return shorter;
        }
    }
    String::new()
}

/// The text in as few lines of at most `width` pixels as hold it, broken at spaces, and of about the same length, so
/// that no word is left alone on the last.
pub(crate) fn wrap(text: &str, kind: Type, width: f64) -> Vec<String> {
    const STEP: f64 = 10.0;
    let mut lines = break_lines(text, kind, width);
    if lines.len() < 2 {
        return lines;
    }
    let longest = text.split(' ').map(|word| text_width(word, kind)).fold(0.0, f64::max);
    let mut narrower = width - STEP;
    while narrower > longest.max(width / 2.0) {
        let tried = break_lines(text, kind, narrower);
        if tried.len() > lines.len() {
            break;
        }
        lines = tried;
        narrower -= STEP;
    }
    lines
}

fn break_lines(text: &str, kind: Type, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), kind) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit(word, kind, width)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_run_on_round_a_corner() {
        let corner = [(0.0, 0.0), (5.0, 0.0), (5.0, 6.0)];
        let expected = vec![vec![(0.0, 0.0), (4.0, 0.0)], vec![(5.0, 1.0), (5.0, 5.0)]];
        assert_eq!(dashes_along(&corner, 4.0, 2.0), expected);
        assert_eq!(dashes_along(&corner, 7.0, 2.0)[0], [(0.0, 0.0), (5.0, 0.0), (5.0, 2.0)]);
        assert_eq!(dashes_along(&corner, 100.0, 2.0), [corner.to_vec()], "a dash may be cut short");
        assert!(dashes_along(&[], 4.0, 2.0).is_empty() && dashes_along(&corner[..1], 4.0, 2.0).is_empty());
    }
}
