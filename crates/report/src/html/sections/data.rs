//! What was found, what the data is, and its quality.

use super::super::page::{part, part_with_lead, technical, PageLayout};
use super::super::{Section, SectionBlock, SectionPart};
use crate::format::{plural, significant};
use crate::registry::PagePart;

pub(super) fn summary<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let answers = layout.rendered.text.answers.iter().cloned().map(SectionBlock::Answer).collect();
    Section { id: "summary", title: "Main questions", parts: vec![part("answers", "", answers)] }
}

pub(super) fn data<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let labels = vec![SectionBlock::Paragraph(layout.rendered.text.labels.clone())];
    let mut parts = vec![part("labels", "Labels", labels)];
    parts.extend(rejected(layout));
    let sample = layout.tables(PagePart::SampleRows);
    parts.extend(part_with_lead("sample", "Sample rows", &[], sample).map(technical));
    let artists = layout.tables(PagePart::Artists);
    parts.extend(part_with_lead("artists", "Artists", &layout.rendered.text.artists, artists));
    parts.push(technical(part("features", "Features", layout.tables(PagePart::Features).collect())));
    parts.push(technical(part("fingerprint", "Files and settings", fingerprint(layout))));
    Section { id: "data", title: "Data", parts }
}

fn fingerprint<'a>(layout: &PageLayout<'a>) -> Vec<SectionBlock<'a>> {
    let provenance = &layout.rendered.findings.report.provenance;
    let mut blocks: Vec<SectionBlock> = layout.tables(PagePart::Sources).collect();
    if !provenance.sources.is_empty() {
        blocks.push(SectionBlock::Code("Complete SHA-256 hashes, in the format of sha256sum", provenance.hashes()));
    }
    if !provenance.not_read.is_empty() {
        blocks.push(SectionBlock::Code("Files that were found and not read", provenance.not_read.join("\n")));
    }
    let seconds = provenance.seconds.map_or(String::new(), |seconds| format!(" in {} s", significant(seconds, 3)));
    blocks.push(SectionBlock::Paragraph(vec![
        format!("Made by hitflop {} with seed {}.", provenance.version, provenance.seed),
        format!(
            "Computer: {}; {} were used{seconds}.",
            provenance.computer,
            plural(provenance.threads as u64, "thread", "threads")
        ),
    ]));
    blocks.extend(layout.tables(PagePart::Settings));
    blocks
}

fn rejected<'a>(layout: &PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut tables = layout.tables(PagePart::Rejected).peekable();
    tables.peek()?;
    let lead = layout.rendered.text.rejected.iter().cloned().map(SectionBlock::Lead);
    Some(part("rejected", "Excluded rows", lead.chain(tables).collect()))
}

/// The features at a glance; none where no track has a feature.
pub(super) fn overview<'a>(layout: &PageLayout<'a>) -> Option<Section<'a>> {
    let mut tables: Vec<SectionBlock> = layout.tables(PagePart::Overview).collect();
    tables.extend(layout.folded(PagePart::Overview, "Conditions of the alerts"));
    let features = part_with_lead("features", "", &layout.rendered.text.overview, tables)?;
    Some(Section { id: "overview", title: "Feature overview", parts: vec![features] })
}

pub(super) fn quality<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let findings = vec![SectionBlock::Findings(layout.rendered.text.quality.clone())];
    let tables = layout.tables(PagePart::Quality).collect();
    let parts = vec![part("findings", "", findings), technical(part("tables", "Counts and ranges", tables))];
    Section { id: "quality", title: "Data quality", parts }
}
