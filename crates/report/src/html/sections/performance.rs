//! Scores by validation scheme, probabilities and threshold of the final model, and leakage.

use super::super::page::{part, part_with_lead, technical, PageLayout};
use super::super::{Section, SectionBlock};
use crate::registry::PagePart;

/// The comparison of schemes before the details by fit and decade.
pub(super) fn robustness<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut blocks = layout.figures(PagePart::ValidationSchemes);
    blocks.push(SectionBlock::Findings(layout.rendered.text.robustness.clone()));
    blocks.extend(layout.tables(PagePart::ValidationSchemes));
    let mut details = layout.figures(PagePart::CrossDecade);
    details.extend(layout.figures(PagePart::Robustness));
    details.extend(layout.folded(PagePart::Robustness, "Scores of every fit, decade and pair of decades as tables"));
    let details = part_with_lead("details", "Scores by decade and by number of tracks", &[], details).map(technical);
    let parts = [Some(part("schemes", "", blocks)), details].into_iter().flatten().collect();
    Section { id: "validation", title: "Validation", parts }
}

pub(super) fn probabilities<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let text = &layout.rendered.text;
    let mut calibration = layout.figures(PagePart::Calibration);
    calibration.extend(layout.tables(PagePart::Calibration));
    calibration.extend(layout.folded(PagePart::Calibration, "Reliability curve as a table"));
    let mut threshold = layout.figures(PagePart::Threshold);
    threshold.extend(layout.folded(PagePart::Threshold, "Scores by threshold as a table"));
    let parts = [
        part_with_lead("calibration", "Reliability", &text.calibration, calibration),
        part_with_lead("threshold", "Decision threshold", &text.threshold, threshold).map(technical),
    ];
    Section { id: "probabilities", title: "Calibration", parts: parts.into_iter().flatten().collect() }
}

pub(super) fn errors<'a>(layout: &PageLayout<'a>) -> Section<'a> {
    let mut blocks = vec![SectionBlock::Findings(layout.rendered.text.errors.clone())];
    blocks.extend(layout.tables(PagePart::Errors));
    blocks.extend(layout.folded(PagePart::Errors, "Predictions of all tracks as files, and their columns"));
    Section { id: "errors", title: "Where the model errs", parts: vec![part("tracks", "", blocks)] }
}

pub(super) fn missing_features<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let findings = vec![SectionBlock::Findings(layout.rendered.text.missing_features.clone())];
    let mut details = layout.figures(PagePart::MissingFeatures);
    details.extend(layout.tables(PagePart::MissingFeatures));
    let details = technical(part("scores", "Scores by missing feature", details));
    Section { id: "missing", title: "Missing features", parts: vec![part("absence", "", findings), details] }
}

pub(super) fn leakage<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut blocks = layout.figures(PagePart::Leakage);
    blocks.push(SectionBlock::Findings(layout.rendered.text.leakage.clone()));
    let mut tables: Vec<SectionBlock> = layout.tables(PagePart::Leakage).collect();
    tables.extend(layout.folded(PagePart::Leakage, "Every column alone"));
    let parts = vec![part("measured", "", blocks), technical(part("tables", "Scores of texts and columns", tables))];
    Section { id: "leakage", title: "Leakage", parts }
}
