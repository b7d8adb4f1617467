//! What all charts share: colours, type sizes and the shipped font.
//!
//! Charts are rendered for a white page. A page that turns dark recolours the four [`NEUTRALS`], each of which is used for one
//! purpose only, so that a rule such as `[fill="#FFFFFF"] { fill: #16181D }` is safe; every other colour keeps its
//! contrast on both grounds and stays as it is.

use std::sync::LazyLock;

use plotters::style::{register_font, FontStyle, RGBColor};

use hitflop_core::error::{Error, Result};
use hitflop_core::track::Label;

/// Font families of a chart's text. Verdana has the advance widths of DejaVu Sans, so that a browser without
/// DejaVu sets the same lines.
pub(crate) const FONT_FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Ground of every chart.
pub(crate) const BACKGROUND: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Titles and values.
pub(crate) const INK: RGBColor = RGBColor(0x1F, 0x23, 0x28);
/// Tick labels, axis titles, notes and axis lines.
pub(crate) const MUTED: RGBColor = RGBColor(0x5B, 0x64, 0x6F);
pub(crate) const GRID: RGBColor = RGBColor(0xE2, 0xE5, 0xE9);

/// The colours that a dark page replaces: name and value as written in the SVG's `fill` and `stroke` attributes.
pub(crate) const NEUTRALS: [(&str, &str); 4] =
    [("background", "#FFFFFF"), ("ink", "#1F2328"), ("muted", "#5B646F"), ("grid", "#E2E5E9")];

/// Hits, everywhere: vermillion of the palette of Okabe and Ito (2008).
pub(crate) const HIT: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// Flops, everywhere: blue of the same palette.
pub(crate) const FLOP: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// What belongs to neither label: a model, a feature's information.
pub(crate) const ACCENT: RGBColor = RGBColor(0x0B, 0x85, 0x78);
/// Full positive correlation; with its opposite a pair along blue and yellow, which all common kinds of vision distinguish.
pub(crate) const TOGETHER: RGBColor = RGBColor(0x80, 0x52, 0x00);
/// Full negative correlation.
pub(crate) const OPPOSED: RGBColor = RGBColor(0x70, 0x48, 0xB0);
/// What carries nothing.
pub(crate) const IDLE: RGBColor = RGBColor(0x8C, 0x93, 0x9C);
/// Text on a strongly coloured cell; near white, yet no neutral, since it must not turn dark.
pub(crate) const ON_COLOUR: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);

/// Stops of the scale of decades: from violet over slate and green to ochre, so that six decades along it are well apart,
/// neighbour from neighbour, to full vision and to eyes that do not distinguish red from green. Luminance rises from one end to the
/// other, for eyes and printers that see no hue, and stays where both a white and a near-black ground give contrast.
const DECADE_STOPS: [RGBColor; 5] = [
    RGBColor(0x93, 0x21, 0xE6),
    RGBColor(0x78, 0x62, 0xAF),
    RGBColor(0x58, 0x86, 0x9E),
    RGBColor(0x00, 0x99, 0x43),
    RGBColor(0xCC, 0xA2, 0x00),
];

/// Low to high values of a feature: from violet over blue and green to yellow-green, as in viridis, in steps that look alike, and of a
/// lightness that has contrast on a white and on a near-black ground.
pub(crate) const RAMP: [RGBColor; 7] = [
    RGBColor(0x79, 0x4A, 0xCB),
    RGBColor(0x40, 0x6C, 0xDF),
    RGBColor(0x06, 0x8A, 0xBE),
    RGBColor(0x0A, 0x9B, 0xA6),
    RGBColor(0x0C, 0xAC, 0x8C),
    RGBColor(0x5C, 0xB5, 0x57),
    RGBColor(0xAB, 0xB0, 0x27),
];

/// Colour of a label.
pub(crate) fn label_colour(label: Label) -> RGBColor {
    match label {
        Label::Hit => HIT,
        Label::Flop => FLOP,
    }
}

/// `count` colours in order, the first and last being the ends of the scale of decades.
pub(crate) fn decade_colours(count: usize) -> Vec<RGBColor> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|index| along_stops(index as f64 / last)).collect()
}

/// The colour at `position`, 0 to 1, of the scale of decades.
fn along_stops(position: f64) -> RGBColor {
    let place = position.clamp(0.0, 1.0) * (DECADE_STOPS.len() - 1) as f64;
    let index = (place as usize).min(DECADE_STOPS.len() - 2);
    let (from, to, part) = (DECADE_STOPS[index], DECADE_STOPS[index + 1], place - index as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// From this opacity on the ground of a cell no longer matters to the text on it, which is then [`ON_COLOUR`].
const STRONG: f64 = 0.76;

/// Colour of text on a cell of this opacity: ink as long as the page shines through.
pub(crate) fn text_on_cell(opacity: f64) -> RGBColor {
    if opacity >= STRONG {
        ON_COLOUR
    } else {
        INK
    }
}

/// Colour and opacity of a correlation; the opacity is its size, so that nothing is where there is nothing, on any ground.
pub(crate) fn correlation_colour(correlation: f64) -> (RGBColor, f64) {
    let colour = if correlation < 0.0 { OPPOSED } else { TOGETHER };
    (colour, correlation.abs().clamp(0.0, 1.0))
}

/// Opacity of the strongest cell of a score; dark text on white and light text on black stay legible on it.
const STRONGEST_SCORE: f64 = 0.72;

/// Opacity, in [`ACCENT`], of a score's cell; `position` is 0 for the least and 1 for the greatest of those shown.
pub(crate) fn score_opacity(position: f64) -> f64 {
    if position.is_finite() {
        0.04 + (STRONGEST_SCORE - 0.04) * position.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Size and weight of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Type {
    /// Font size in pixels of the chart.
    pub(crate) size: f64,
    /// Bold rather than regular.
    pub(crate) bold: bool,
}

/// A chart's title.
pub(crate) const TITLE: Type = Type { size: 20.0, bold: true };
/// The line below the title.
pub(crate) const SUBTITLE: Type = Type { size: 13.0, bold: false };
/// A panel's title, and names that stand out among labels.
pub(crate) const PANEL: Type = Type { size: 13.0, bold: true };
/// Axis titles, legend entries, names of bars.
pub(crate) const LABEL: Type = Type { size: 12.5, bold: false };
/// Tick labels, notes and values; the smallest text there is.
pub(crate) const TICK: Type = Type { size: 11.5, bold: false };

/// Gives plotters the shipped font, once; every canvas calls it first.
pub(crate) fn register_fonts() -> Result<()> {
    static REGISTERED: LazyLock<bool> = LazyLock::new(|| {
        let faces = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
        faces.into_iter().all(|(style, bytes)| register_font(FONT_FAMILY, style, bytes).is_ok())
    });
    if *REGISTERED {
        Ok(())
    } else {
        Err(Error::Failed("the charts' font could not be read".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(colour: RGBColor) -> [f64; 3] {
        [colour.0, colour.1, colour.2].map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }

    /// Relative luminance of WCAG 2.1.
    fn luminance(colour: RGBColor) -> f64 {
        product([[0.2126, 0.7152, 0.0722]; 3], linear(colour))[0]
    }

    const FULL_VISION: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// Machado, Oliveira and Fernandes (2009), severity 1.
    const DEUTERANOPIA: [[f64; 3]; 3] =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    const PROTANOPIA: [[f64; 3]; 3] =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];

    /// Distance of two colours in Oklab (Ottosson 2020) as seen through a kind of vision; black and white are 1 apart.
    fn distance(a: RGBColor, b: RGBColor, vision: [[f64; 3]; 3]) -> f64 {
        const TO_CONES: [[f64; 3]; 3] = [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ];
        const TO_LAB: [[f64; 3]; 3] = [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ];
        let lab = |colour| {
            let seen = product(vision, linear(colour)).map(|part| part.clamp(0.0, 1.0));
            product(TO_LAB, product(TO_CONES, seen).map(f64::cbrt))
        };
        let (a, b) = (lab(a), lab(b));
        (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
    }

    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let (low, high) = (luminance(a).min(luminance(b)), luminance(a).max(luminance(b)));
        (high + 0.05) / (low + 0.05)
    }

    const DARK: RGBColor = RGBColor(0x16, 0x18, 0x1D);

    #[test]
    fn neutrals_say_what_the_constants_are() {
        for ((_, hex), RGBColor(r, g, b)) in NEUTRALS.into_iter().zip([BACKGROUND, INK, MUTED, GRID]) {
            assert_eq!(hex, format!("#{r:02X}{g:02X}{b:02X}"));
        }
    }

    #[test]
    fn no_other_colour_is_a_neutral() {
        let others = [HIT, FLOP, ACCENT, TOGETHER, OPPOSED, IDLE, ON_COLOUR];
        for colour in others.into_iter().chain(decade_colours(10)).chain(RAMP) {
            assert!(![BACKGROUND, INK, MUTED, GRID].contains(&colour), "{colour:?}");
        }
    }

    #[test]
    fn marks_have_contrast_on_both_grounds() {
        for colour in [HIT, FLOP, ACCENT, IDLE] {
            assert!(contrast(colour, BACKGROUND) >= 3.0, "{colour:?} {}", contrast(colour, BACKGROUND));
            assert!(contrast(colour, DARK) >= 3.0, "{colour:?} {}", contrast(colour, DARK));
        }
        for colour in decade_colours(6) {
            assert!(contrast(colour, BACKGROUND) >= 2.4, "{colour:?} {}", contrast(colour, BACKGROUND));
            assert!(contrast(colour, DARK) >= 3.0, "{colour:?} {}", contrast(colour, DARK));
        }
    }

    #[test]
    fn the_ramp_rises_in_like_steps_for_every_common_kind_of_vision() {
        for colour in RAMP {
            assert!(contrast(colour, BACKGROUND) >= 2.2, "{colour:?} {}", contrast(colour, BACKGROUND));
            assert!(contrast(colour, DARK) >= 3.0, "{colour:?} {}", contrast(colour, DARK));
        }
        for pair in RAMP.windows(2) {
            assert!(luminance(pair[0]) < luminance(pair[1]), "{pair:?}");
            let step = distance(pair[0], pair[1], FULL_VISION);
            assert!((0.06..0.12).contains(&step), "{pair:?}: {step}");
        }
        for vision in [DEUTERANOPIA, PROTANOPIA] {
            assert!(distance(RAMP[0], RAMP[3], vision) > 0.1 && distance(RAMP[3], RAMP[6], vision) > 0.1);
        }
    }

    #[test]
    fn numbers_on_cells_are_legible_on_both_grounds() {
        let over = |ground: RGBColor, colour: RGBColor, opacity: f64| {
            let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - opacity) + f64::from(b) * opacity).round() as u8;
            RGBColor(mix(ground.0, colour.0), mix(ground.1, colour.1), mix(ground.2, colour.2))
        };
        let light_ink = RGBColor(0xE8, 0xEA, 0xED);
        for (ground, ink) in [(BACKGROUND, INK), (DARK, light_ink)] {
            for step in -100..=100 {
                let (colour, opacity) = correlation_colour(f64::from(step) / 100.0);
                let text = if text_on_cell(opacity) == INK { ink } else { ON_COLOUR };
                let found = contrast(text, over(ground, colour, opacity));
                assert!(found >= 3.7, "r = {step} % on {ground:?}: {found}");
            }
        }
    }

    #[test]
    fn scores_are_legible_on_cells_on_both_grounds() {
        let over = |ground: RGBColor, opacity: f64| {
            let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - opacity) + f64::from(b) * opacity).round() as u8;
            RGBColor(mix(ground.0, ACCENT.0), mix(ground.1, ACCENT.1), mix(ground.2, ACCENT.2))
        };
        for (ground, ink) in [(BACKGROUND, INK), (DARK, RGBColor(0xE8, 0xEA, 0xED))] {
            for step in 0..=100 {
                let found = contrast(ink, over(ground, score_opacity(f64::from(step) / 100.0)));
                assert!(found >= 4.5, "{step} % on {ground:?}: {found}");
            }
        }
        assert_eq!(score_opacity(f64::NAN), 0.0);
    }

    #[test]
    fn colours_are_distinguished_by_every_common_kind_of_vision() {
        for (vision, apart) in [(FULL_VISION, 0.1), (DEUTERANOPIA, 0.07), (PROTANOPIA, 0.07)] {
            assert!(distance(HIT, FLOP, vision) > 0.2);
            assert!(distance(TOGETHER, OPPOSED, vision) > 0.2);
            for pair in decade_colours(6).windows(2) {
                let found = distance(pair[0], pair[1], vision);
                assert!(found > apart, "{pair:?}: {found}");
            }
        }
    }

    #[test]
    fn decades_rise_in_luminance() {
        for count in 2..=10 {
            let steps: Vec<f64> = decade_colours(count).into_iter().map(luminance).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        }
    }

    #[test]
    fn text_has_contrast_on_the_page() {
        assert!(contrast(INK, BACKGROUND) >= 7.0);
        assert!(contrast(MUTED, BACKGROUND) >= 4.5);
    }
}
