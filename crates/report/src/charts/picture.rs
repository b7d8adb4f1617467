//! What is drawn of a chart, as the document of a file and as the parts of a page.

use super::canvas::{Frame, UNITS};
use super::theme;

/// A value of a chart and the place where a pointer finds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadableValue {
    pub(crate) frame: Frame,
    /// What it is, and in further lines how much.
    pub(crate) text: String,
}

/// Elements of SVG, and the part of their sheet that is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) frame: Frame,
    pub(crate) markup: String,
    pub(crate) values: Vec<ReadableValue>,
}

impl Picture {
    /// The picture as an element of a page, which sizes it.
    pub(crate) fn element(&self) -> String {
        let frame = self.frame;
        format!(
            "<svg class=\"chart\" viewBox=\"{} {} {} {}\" width=\"{}\" {}>\n{}{}</svg>",
            tenths(frame.left),
            tenths(frame.top),
            tenths(frame.width()),
            tenths(frame.height()),
            frame.width().ceil(),
            inherited(),
            self.markup,
            readable(&self.values)
        )
    }
}

/// Attributes that all elements of a picture inherit.
fn inherited() -> String {
    format!(r#"font-family="{}" stroke-linejoin="round" stroke-linecap="round""#, theme::FONT_FAMILY)
}

/// Pictures over each other on one sheet of this size in pixels, as a document with `title` and `description` for people who cannot see
/// it.
pub(crate) fn document(size: (u32, u32), pictures: &[&Picture], title: &str, description: &str) -> String {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let markup: String = pictures.iter().map(|picture| picture.markup.as_str()).collect();
    let values: String = pictures.iter().map(|picture| readable(&picture.values)).collect();
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {} {}" role="img" {}>"#,
            "\n<title>{}</title>\n<desc>{}</desc>\n",
            r#"<rect width="{}" height="{}" fill="{}"/>"#,
            "\n{}{}</svg>\n"
        ),
        size.0,
        size.1,
        tenths(width),
        tenths(height),
        inherited(),
        escape(title),
        escape(description),
        tenths(width),
        tenths(height),
        theme::NEUTRALS[0].1,
        markup,
        values
    )
}

/// Areas that are not seen, each with a value that browsers show under the pointer.
fn readable(values: &[ReadableValue]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let areas: String = values.iter().map(area).collect();
    format!("<g class=\"values\" fill=\"none\" pointer-events=\"all\">\n{areas}</g>\n")
}

fn area(ReadableValue { frame, text }: &ReadableValue) -> String {
    let width = tenths(frame.width()).max(1);
    format!(
        "<path d=\"M{} {}h{width}v{}h-{width}z\"><title>{}</title></path>\n",
        tenths(frame.left),
        tenths(frame.top),
        tenths(frame.height()).max(1),
        escape(text)
    )
}

/// The elements alone, without what plotters repeats at each of them and what says nothing.
pub(super) fn compact(markup: &str) -> String {
    let body = markup.split_once('>').map_or("", |(_, body)| body.trim_start());
    let body = body.trim_end().strip_suffix("</svg>").unwrap_or(body);
    let body = body
        .replace(&format!(r#" font-family="{}""#, theme::FONT_FAMILY), "")
        .replace(r#" opacity="1""#, "")
        .replace(r#" stroke="none""#, "")
        .replace(r#" stroke-width="0""#, "")
        .replace(" \"/>", "\"/>")
        .replace("\n</text>", "</text>");
    join_discs(&join_text_lines(&body))
}

/// plotters puts a text on a line of its own within its element; in a page that line break would be a space.
fn join_text_lines(body: &str) -> String {
    let mut joined = String::with_capacity(body.len());
    for line in body.lines() {
        joined.push_str(line);
        if !line.starts_with("<text ") || line.ends_with("</text>") {
            joined.push('\n');
        }
    }
    joined
}

/// Discs of one size and colour that follow one another, as one path of points with round ends: a fifth of the bytes.
fn join_discs(body: &str) -> String {
    let mut joined = String::with_capacity(body.len());
    let mut open: Option<(f64, &str)> = None;
    for line in body.lines() {
        match disc_of(line) {
            Some((centre, radius, colour)) if open == Some((radius, colour)) => joined.push_str(&point(centre)),
            Some((centre, radius, colour)) => {
                close(&mut joined, open.replace((radius, colour)));
                joined.push_str(&format!("<path d=\"{}", point(centre)));
            }
            None => {
                close(&mut joined, open.take());
                joined.push_str(line);
                joined.push('\n');
            }
        }
    }
    close(&mut joined, open);
    joined
}

fn point((x, y): (&str, &str)) -> String {
    // A tenth of a pixel long: some renderers leave out what has no length.
    format!("M{x} {y}h1")
}

fn close(joined: &mut String, disc: Option<(f64, &str)>) {
    if let Some((radius, colour)) = disc {
        joined.push_str(&format!("\" stroke=\"{colour}\" stroke-width=\"{}\"/>\n", 2.0 * radius));
    }
}

/// Centre, radius and colour of a filled circle without an edge.
fn disc_of(line: &str) -> Option<((&str, &str), f64, &str)> {
    let attributes = line.strip_prefix("<circle ")?.strip_suffix("/>")?;
    let value = |name: &str| attributes.split_once(&format!("{name}=\""))?.1.split('"').next();
    let colour = value("fill").filter(|colour| *colour != "none")?;
    Some(((value("cx")?, value("cy")?), value("r")?.parse().ok()?, colour))
}

/// Pixels in units of the sheet.
fn tenths(pixels: f64) -> i64 {
    (pixels * UNITS).round() as i64
}

/// Text escaped for an element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_an_area_that_browsers_name() {
        let frame = Frame { left: 1.0, top: 2.0, right: 4.5, bottom: 4.0 };
        let values = vec![ReadableValue { frame, text: "a < b".to_owned() }];
        let picture = Picture { frame, markup: "<rect/>\n".to_owned(), values };
        let element = picture.element();
        assert!(element.starts_with("<svg class=\"chart\" viewBox=\"10 20 35 20\""), "{element}");
        assert!(element.contains("<path d=\"M10 20h35v20h-35z\"><title>a &lt; b</title></path>"), "{element}");
        assert!(element.contains(theme::FONT_FAMILY), "{element}");
        let bare = Picture { values: Vec::new(), ..picture };
        assert!(!bare.element().contains("values"));
    }

    #[test]
    fn discs_of_a_colour_become_one_path() {
        let disc = |x: u32, colour: &str| {
            format!("<circle cx=\"{x}\" cy=\"5\" r=\"25\" fill=\"{colour}\" stroke-width=\"0\"/>\n")
        };
        let ring = "<circle cx=\"1\" cy=\"2\" r=\"3\" fill=\"none\" stroke=\"#000000\" stroke-width=\"9\"/>\n";
        let body = [disc(1, "#111111"), disc(2, "#111111"), disc(3, "#222222"), ring.to_owned()].concat();
        let expected = format!(
            "<path d=\"M1 5h1M2 5h1\" stroke=\"#111111\" stroke-width=\"50\"/>\n\
             <path d=\"M3 5h1\" stroke=\"#222222\" stroke-width=\"50\"/>\n{ring}"
        );
        assert_eq!(join_discs(&body), expected);
        assert_eq!(compact(&format!("<svg width=\"9\">\n{body}</svg>\n")), expected);
    }
}
