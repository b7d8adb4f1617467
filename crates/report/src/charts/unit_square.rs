//! A plot whose axes both go from 0 to 1: the frame of the ROC and the precision-recall curve.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::AREA_OPACITY;
use super::panel;
use super::theme::{ACCENT, LABEL, MUTED};
use hitflop_core::error::Result;
use hitflop_metrics::curves;

/// Points of a curve that are closer than this, in pixels, are plotted as one.
const RESOLUTION: f64 = 0.3;

pub(super) struct UnitSquare {
    pub(super) plot: Frame,
    pub(super) horizontal: ChartAxis,
    pub(super) vertical: ChartAxis,
}

impl UnitSquare {
    /// Draws grid, tick labels and the titles of the axes.
    pub(super) fn draw(
        canvas: &Canvas,
        body: Frame,
        horizontal_title: &str,
        vertical_title: &str,
    ) -> Result<UnitSquare> {
        let plot =
            Frame { left: body.left + 58.0, top: body.top + 6.0, right: body.right - 6.0, bottom: body.bottom - 44.0 };
        let horizontal = ChartAxis::linear(0.0, 1.0, plot.left, plot.right);
        let vertical = ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top);
        let ticks: Vec<Tick> =
            (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|value| Tick { value, label: percent(value, 0) }).collect();
        panel::horizontal_grid(canvas, plot, &vertical, &ticks)?;
        panel::vertical_grid(canvas, plot, &horizontal, &ticks)?;
        let centre = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
        let title = style(LABEL, MUTED, Anchor::Middle);
        canvas.text(horizontal_title, (centre.0, body.bottom - 4.0), title)?;
        canvas.text_upwards(vertical_title, (body.left + 10.0, centre.1), title)?;
        Ok(UnitSquare { plot, horizontal, vertical })
    }

    /// Values along the horizontal axis; `text` says what is read at a place, if anything.
    pub(super) fn read(&self, canvas: &Canvas, text: impl Fn(f64) -> Option<String>) {
        const PLACES: u32 = 40;
        let places = (0..=PLACES).map(|place| f64::from(place) / f64::from(PLACES));
        let read: Vec<(f64, String)> = places.filter_map(|at| Some((self.horizontal.px(at), text(at)?))).collect();
        let places: Vec<f64> = read.iter().map(|(x, _)| *x).collect();
        panel::strips(canvas, self.plot, &places, |at| read[at].1.clone());
    }

    /// A curve in pixels, from its finite points.
    pub(super) fn curve(&self, points: impl Iterator<Item = (f64, f64)>) -> Vec<PixelPoint> {
        let finite = points.filter(|(x, y)| x.is_finite() && y.is_finite());
        thinned(finite.map(|(x, y)| (self.horizontal.px(x), self.vertical.px(y))))
    }

    /// Draws a curve with the area between it and these corners, then the ground line.
    pub(super) fn draw_area(&self, canvas: &Canvas, curve: &[PixelPoint], corners: &[PixelPoint]) -> Result<()> {
        if curve.len() > 1 {
            let outline: Vec<PixelPoint> = curve.iter().chain(corners).copied().collect();
            canvas.shape(&outline, ACCENT, AREA_OPACITY)?;
            canvas.line(curve, ACCENT, 2.4)?;
        }
        panel::ground(canvas, self.plot)
    }
}

/// A curve in pixels without points too close to be seen apart.
pub(super) fn thinned(points: impl Iterator<Item = PixelPoint>) -> Vec<PixelPoint> {
    curves::thinned(points, |before, point| (point.0 - before.0).hypot(point.1 - before.1) >= RESOLUTION)
}
