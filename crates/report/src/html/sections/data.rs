//! What was found, what the data is, and what is unusual in it.

use super::super::page::{part, PageLayout};
use super::super::{Section, SectionBlock, SectionPart};
use crate::registry::PagePart;

pub(super) fn summary<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let answers = layout.rendered.narrative.answers.iter().cloned().map(SectionBlock::Answer).collect();
    Section { id: "summary", title: "Summary", parts: vec![part("answers", "", answers)] }
}

pub(super) fn data<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let labels = vec![SectionBlock::Paragraph(layout.rendered.narrative.labels.clone())];
    let mut parts = vec![
        part("labels", "What hit and flop mean", labels),
        part("features", "Features", layout.tables(PagePart::Features).collect()),
        part("fingerprint", "Fingerprint", fingerprint(layout)),
    ];
    parts.extend(rejected(layout));
    Section { id: "data", title: "Data", parts }
}

fn fingerprint<'a>(layout: &PageLayout<'a>) -> Vec<SectionBlock<'a>> {
    let provenance = &layout.rendered.findings.report.provenance;
    let mut blocks: Vec<SectionBlock> = layout.tables(PagePart::Sources).collect();
    if !provenance.sources.is_empty() {
        blocks.push(SectionBlock::Code("All digits of the hashes, as sha256sum writes them", provenance.hashes()));
    }
    if !provenance.not_read.is_empty() {
        blocks.push(SectionBlock::Code("Files that were found and not read", provenance.not_read.join("\n")));
    }
    blocks.push(SectionBlock::Paragraph(vec![format!(
        "Made by hitflop {} with seed {}.",
        provenance.version, provenance.seed
    )]));
    blocks.extend(layout.tables(PagePart::Settings));
    blocks
}

fn rejected<'a>(layout: &PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut tables = layout.tables(PagePart::Rejected).peekable();
    tables.peek()?;
    let lead = layout.rendered.narrative.rejected.iter().cloned().map(SectionBlock::Lead);
    Some(part("rejected", "Rows set aside", lead.chain(tables).collect()))
}

pub(super) fn quality<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let mut blocks = vec![SectionBlock::Findings(layout.rendered.narrative.quality.clone())];
    blocks.extend(layout.tables(PagePart::Quality));
    Section { id: "quality", title: "Quality", parts: vec![part("findings", "", blocks)] }
}
