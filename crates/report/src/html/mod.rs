//! The report as one HTML page that needs nothing beside itself: no font, no picture, no network. Its script sorts, filters and copies
//! tables, and shows values of charts; the page's policy admits it by its hash, and no other.

mod filters;
mod glossary;
mod notes;
mod page;
mod sections;
#[cfg(test)]
pub(crate) mod snapshots;

#[cfg(test)]
mod tests;

use askama::Template;
use base64::prelude::{Engine, BASE64_STANDARD as BASE64};
use sha2::{Digest, Sha256};

pub(crate) use glossary::TERMS;
use glossary::{Glossary, Term};
pub(crate) use page::{figure, part, technical};

use crate::charts::theme;
use crate::tables::{ReportTable, TableCell, TableEntry, TABLES};
use crate::text::{Finding, KeyFigure, KeyFinding};
use crate::write::RenderedReport;
use hitflop_core::error::{Error, Result};

/// The only script of the page; the page is readable without it.
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Formats of a table's files: extension, and name in the page.
pub(crate) type FileFormats = &'static [(&'static str, &'static str)];

/// A part of the page with a heading of its own in the table of contents.
pub(crate) struct Section<'a> {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) parts: Vec<SectionPart<'a>>,
}

/// A part of a section, with a heading below the section's.
pub(crate) struct SectionPart<'a> {
    id: &'static str,
    /// Empty for content directly below the section's heading.
    title: &'static str,
    /// Whether it is folded away below its title.
    is_technical: bool,
    blocks: Vec<SectionBlock<'a>>,
}

/// What a part is made of.
pub(crate) enum SectionBlock<'a> {
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
pub(crate) struct Figure {
    number: usize,
    name: String,
    title: String,
    subtitle: String,
    caption: String,
    alt: String,
    /// Marks, as elements, and their words.
    legend: Vec<(String, String)>,
    /// The picture, or its panels, as elements.
    pictures: Vec<String>,
    /// Panels side by side where there is room for all.
    columns: usize,
    /// The picture for narrow screens.
    narrow: Option<String>,
    /// The files with its values: name of the table, and the words of the link.
    values: Vec<(&'static str, String)>,
    /// Width in pixels at which its type has the size it was drawn for.
    width: u32,
    /// Width below which it is scrolled rather than shrunk.
    legible_width: u32,
}

impl Figure {
    /// Whether it is scrolled on a narrow screen.
    fn is_scrolled(&self) -> bool {
        self.legible_width > 0
    }

    /// Whether it is in panels, which are below one another on a narrow screen.
    fn has_panels(&self) -> bool {
        self.pictures.len() > 1
    }
}

/// The colour attribute that a dark page replaces, and the variable that replaces it.
struct Neutral {
    hex: &'static str,
    variable: &'static str,
}

/// What a page says before its sections.
pub(crate) struct PageHead<'a> {
    /// What the page is: `report`.
    pub(crate) kind: &'static str,
    /// The link to the top of the page.
    pub(crate) brand: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) data_name: String,
    pub(crate) date: &'a str,
    pub(crate) version: &'a str,
    /// Why the tracks are not real; absent where they are.
    pub(crate) simulated: Option<&'a str>,
    /// The command line that reads the archive of real tracks; empty if none is shown.
    pub(crate) read_archive: &'a str,
    pub(crate) about: &'a [String],
    pub(crate) key_figures: &'a [KeyFigure],
    pub(crate) key_points: &'a [String],
    pub(crate) warnings: &'a [String],
    /// Name of the file with all numbers.
    pub(crate) json: &'static str,
}

#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage<'a> {
    kind: &'static str,
    brand: &'static str,
    heading: &'static str,
    data_name: String,
    date: &'a str,
    version: &'a str,
    simulated: Option<&'a str>,
    read_archive: &'a str,
    about: &'a [String],
    key_figures: &'a [KeyFigure],
    key_points: &'a [String],
    warnings: &'a [String],
    json: &'static str,
    neutrals: Vec<Neutral>,
    sections: Vec<Section<'a>>,
    glossary: Glossary,
    formats: fn(&ReportTable) -> FileFormats,
}

impl HtmlPage<'_> {
    /// The data, the day and the program, as a string of CSS for the foot of printed pages.
    fn printed_foot(&self) -> String {
        css_string(&format!("{} · {} · hitflop {}", self.data_name, self.date, self.version))
    }

    /// The only script of the page.
    fn script(&self) -> &'static str {
        SCRIPT
    }

    /// The script as the page's policy names it.
    fn script_hash(&self) -> String {
        format!("sha256-{}", BASE64.encode(Sha256::digest(SCRIPT)))
    }

    /// The formats in which a table is a file beside the page as well.
    fn formats(&self, table: &ReportTable) -> FileFormats {
        (self.formats)(table)
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
    let RenderedReport { findings, text, .. } = rendered;
    let provenance = &findings.report.provenance;
    let head = PageHead {
        kind: "report",
        brand: "Hits and flops",
        heading: "What distinguishes hits from flops?",
        data_name: provenance.data_name(),
        date: &provenance.date,
        version: &provenance.version,
        simulated: text.simulated.as_deref(),
        read_archive: &provenance.command_lines.read_archive,
        about: &text.about,
        key_figures: &text.key_figures,
        key_points: &text.key_points,
        warnings: &text.warnings,
        json: "report.json",
    };
    let formats =
        |table: &ReportTable| TABLES.iter().find(|entry| entry.name == table.name).map_or(&[][..], TableEntry::formats);
    render(head, sections::sections(rendered), formats)
}

/// Renders a page of these sections; `formats` says in which formats its tables are files beside it.
pub(crate) fn render(
    head: PageHead,
    sections: Vec<Section>,
    formats: fn(&ReportTable) -> FileFormats,
) -> Result<String> {
    let neutrals = theme::NEUTRALS.iter().map(|(variable, hex)| Neutral { hex, variable }).collect();
    let PageHead { kind, brand, heading, data_name, date, version, simulated, read_archive, .. } = head;
    let PageHead { about, key_figures, key_points, warnings, json, .. } = head;
    let page = HtmlPage {
        kind,
        brand,
        heading,
        data_name,
        date,
        version,
        simulated,
        read_archive,
        about,
        key_figures,
        key_points,
        warnings,
        json,
        neutrals,
        sections,
        glossary: Glossary::default(),
        formats,
    };
    page.render().map_err(|error| Error::Failed(format!("rendering the {kind}: {error}")))
}
