//! The report as one HTML page that needs nothing beside itself: no script, no font, no picture, no network.

mod filters;
mod layout;
mod svg;

#[cfg(test)]
mod tests;

use askama::Template;

use super::text::{Finding, KeyFigure, KeyFinding, Narrative};
use crate::charts::{theme, Chart};
use crate::tables::{ReportTable, ReportTables};
use crate::Report;
use hitflop_core::error::{Error, Result};

/// A part of the page with a heading of its own in the table of contents.
struct Section {
    id: &'static str,
    title: &'static str,
    parts: Vec<SectionPart>,
}

/// A part of a section, with a heading below the section's.
struct SectionPart {
    id: &'static str,
    /// Empty for what stands right below the section's heading.
    title: &'static str,
    blocks: Vec<SectionBlock>,
}

/// What a part is made of.
enum SectionBlock {
    /// A paragraph that sums up.
    Lead(String),
    /// Sentences, as one paragraph.
    Paragraph(Vec<String>),
    /// A question, answered.
    Answer(KeyFinding),
    /// Findings with their consequences.
    Findings(Vec<Finding>),
    /// A table.
    Table(ReportTable),
    /// A chart.
    Figure(Figure),
    /// A table that is folded away until it is asked for.
    Folded(&'static str, Vec<ReportTable>),
    /// Lines to be copied: a title and the lines.
    Code(&'static str, String),
    /// A description list: a term and what is said of it.
    Notes(Vec<(&'static str, String)>),
}

/// A chart with its caption.
struct Figure {
    number: usize,
    name: String,
    caption: String,
    svg: String,
    /// Width in pixels at which its type has the size it was drawn for.
    width: u32,
    /// Width below which it is scrolled rather than shrunk.
    legible_width: u32,
}

impl Figure {
    /// Whether it is scrolled on a narrow screen.
    fn is_wide(&self) -> bool {
        self.legible_width > 0
    }
}

/// The colour attribute that a dark page replaces, and the variable that replaces it.
struct Neutral {
    hex: &'static str,
    variable: &'static str,
}

#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage<'a> {
    report: &'a Report,
    narrative: &'a Narrative,
    key_figures: &'a [KeyFigure],
    neutrals: Vec<Neutral>,
    sections: Vec<Section>,
}

/// Renders the report as one self-contained HTML page, charts inlined as SVG.
///
/// A chart that the layout does not know is put at the end of the exploration, so that none is lost.
///
/// # Errors
/// Fails only if the template does, which would be a fault of this program.
pub fn html(report: &Report, charts: &[Chart]) -> Result<String> {
    let narrative = Narrative::of(report);
    let tables = ReportTables::of(report, &narrative);
    let neutrals = theme::NEUTRALS.iter().map(|(variable, hex)| Neutral { hex, variable }).collect();
    let sections = layout::sections(report, &narrative, tables, charts);
    let page = HtmlPage { report, narrative: &narrative, key_figures: &narrative.key_figures, neutrals, sections };
    page.render().map_err(|error| Error::Failed(format!("rendering the report: {error}")))
}
