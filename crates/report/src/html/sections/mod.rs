//! The sections of the page, in their order.

mod data;
mod exploration;
mod models;
mod performance;

use super::glossary::TERMS;
use super::notes::notes;
use super::page::{part, technical, PageLayout};
use super::{Section, SectionBlock};
use crate::write::RenderedReport;
use crate::Report;

pub(super) fn sections<'a>(rendered: &'a RenderedReport) -> Vec<Section<'a>> {
    let report = rendered.findings.report;
    let mut layout = PageLayout::of(rendered);
    let mut sections = vec![data::summary(&layout), data::data(&layout)];
    sections.extend(data::overview(&layout));
    sections.extend([data::quality(&layout), exploration::exploration(&mut layout)]);
    let has_models = report.evaluation.is_some() || report.comparison.is_some();
    sections.extend(has_models.then(|| models::models(&mut layout)));
    sections.extend(report.robustness.as_ref().map(|_| performance::robustness(&mut layout)));
    sections.extend(report.probabilities.as_ref().map(|_| performance::probabilities(&mut layout)));
    sections.extend(report.predictions.as_ref().map(|_| performance::errors(&layout)));
    sections.extend((!report.missing_features.is_empty()).then(|| performance::missing_features(&mut layout)));
    sections.extend(report.explanations.as_ref().map(|_| models::explanations(&mut layout)));
    let leakage = report.robustness.as_ref().and_then(|robustness| robustness.leakage.as_ref());
    sections.extend(leakage.map(|_| performance::leakage(&mut layout)));
    sections.push(methods(report));
    let glossary = vec![part("terms", "", vec![SectionBlock::Glossary(TERMS)])];
    sections.push(Section { id: "glossary", title: "Glossary", parts: glossary });
    sections
}

fn methods<'a>(report: &Report) -> Section<'a> {
    let notes = technical(part("notes", "Methods and sources", vec![SectionBlock::Notes(notes(report))]));
    let command = report.provenance.command_lines.reproduce.clone();
    let command = SectionBlock::Code("Command that reproduces this report with the same settings", command);
    let reproduction = part("reproduction", "Reproduction", vec![command]);
    Section { id: "methods", title: "Methods", parts: vec![notes, reproduction] }
}
