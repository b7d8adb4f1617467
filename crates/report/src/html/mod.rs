//! The report as one HTML page that needs nothing beside itself: no font, no picture, no network. Its script sorts, filters and copies
//! tables; the page's policy admits it by its hash, and no other.

mod filters;
mod glossary;
mod notes;
mod page;
mod sections;
#[cfg(test)]
mod snapshots;
mod svg;

#[cfg(test)]
mod tests;

use askama::Template;
use base64::prelude::{Engine, BASE64_STANDARD as BASE64};
use sha2::{Digest, Sha256};

use glossary::{Glossary, Term};

use crate::charts::theme;
use crate::tables::{ReportTable, TableEntry, TABLES};
use crate::text::{Finding, KeyFigure, KeyFinding, Narrative};
use crate::write::RenderedReport;
use crate::Report;
use hitflop_core::error::{Error, Result};

/// The only script of the page; the page is readable without it.
const SCRIPT: &str = include_str!("../../templates/report.js");

/// A part of the page with a heading of its own in the table of contents.
struct Section<'a> {
    id: &'static str,
    title: &'static str,
    parts: Vec<SectionPart<'a>>,
}

/// A part of a section, with a heading below the section's.
struct SectionPart<'a> {
    id: &'static str,
    /// Empty for content directly below the section's heading.
    title: &'static str,
    /// Whether it is folded away below its title.
    is_technical: bool,
    blocks: Vec<SectionBlock<'a>>,
}

/// What a part is made of.
enum SectionBlock<'a> {
    /// A paragraph that sums up.
    Lead(String),
    /// Sentences, as one paragraph.
    Paragraph(Vec<String>),
    /// A question, answered.
    Answer(KeyFinding),
    /// The glossary.
    Glossary(&'static [Term]),
    /// Findings with their consequences.
    Findings(Vec<Finding>),
    /// A table.
    Table(&'a ReportTable),
    /// A chart.
    Figure(Figure),
    /// A table that is folded away until it is asked for.
    Folded(&'static str, Vec<&'a ReportTable>),
    /// Lines to be copied: a title and the lines.
    Code(&'static str, String),
    /// A description list: a term and what is said of it.
    Notes(Vec<(&'static str, String)>),
}

/// A chart with its caption.
struct Figure {
    number: usize,
    name: String,
    title: String,
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
    sections: Vec<Section<'a>>,
    glossary: Glossary,
    data_name: String,
}

impl HtmlPage<'_> {
    /// The data, the day and the program, as a string of CSS for the foot of printed pages.
    fn printed_foot(&self) -> String {
        let provenance = &self.report.provenance;
        css_string(&format!("{} · {} · hitflop {}", self.data_name, provenance.date, provenance.version))
    }

    /// The only script of the page.
    fn script(&self) -> &'static str {
        SCRIPT
    }

    /// The script as the page's policy names it.
    fn script_hash(&self) -> String {
        format!("sha256-{}", BASE64.encode(Sha256::digest(SCRIPT)))
    }

    /// The formats in which a table is a file beside the page as well: extension and name.
    fn formats(&self, table: &ReportTable) -> &'static [(&'static str, &'static str)] {
        TABLES.iter().find(|entry| entry.name == table.name).map_or(&[], TableEntry::formats)
    }

    /// Whether the page has a section.
    fn has(&self, id: &str) -> bool {
        self.sections.iter().any(|section| section.id == id)
    }

    /// Whether a section has a part.
    fn has_part(&self, id: &str, part_id: &str) -> bool {
        self.sections.iter().any(|section| section.id == id && section.parts.iter().any(|part| part.id == part_id))
    }
}

/// A string of CSS; what is neither a letter nor a digit is escaped, so that no text can end it.
fn css_string(text: &str) -> String {
    let escaped = text.chars().map(|letter| match letter {
        letter if letter.is_alphanumeric() => letter.to_string(),
        other => format!("\\{:x} ", u32::from(other)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Renders the report as one self-contained HTML page, charts inlined as SVG. Each chart and each table is where its registry
/// entry says.
pub(crate) fn html(rendered: &RenderedReport) -> Result<String> {
    let RenderedReport { findings, narrative, .. } = rendered;
    let neutrals = theme::NEUTRALS.iter().map(|(variable, hex)| Neutral { hex, variable }).collect();
    let sections = sections::sections(rendered);
    let page = HtmlPage {
        report: findings.report,
        narrative,
        key_figures: &narrative.key_figures,
        neutrals,
        sections,
        glossary: Glossary::default(),
        data_name: findings.report.provenance.data_name(),
    };
    page.render().map_err(|error| Error::Failed(format!("rendering the report: {error}")))
}
