//! Scores by validation scheme, probabilities and threshold of the final model, and leakage.

use super::super::page::{part, part_with_lead, PageLayout};
use super::super::{Section, SectionBlock};
use crate::registry::PagePart;

/// Charts before the findings that speak of them, then the tables, folded but for the first.
pub(super) fn robustness<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut blocks = layout.figures(PagePart::ValidationSchemes);
    blocks.push(SectionBlock::Findings(layout.rendered.narrative.robustness.clone()));
    blocks.extend(layout.tables(PagePart::ValidationSchemes));
    blocks.extend(layout.figures(PagePart::CrossDecade));
    blocks.extend(layout.figures(PagePart::Robustness));
    blocks.extend(layout.folded(PagePart::Robustness, "Every fit, every decade, every pair of decades"));
    Section { id: "honesty", title: "How good is it really", parts: vec![part("protocols", "", blocks)] }
}

pub(super) fn probabilities<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let narrative = &layout.rendered.narrative;
    let mut calibration = layout.figures(PagePart::Calibration);
    calibration.extend(layout.tables(PagePart::Calibration));
    calibration.extend(layout.folded(PagePart::Calibration, "The reliability curve as a table"));
    let mut threshold = layout.figures(PagePart::Threshold);
    threshold.extend(layout.folded(PagePart::Threshold, "Scores over thresholds as a table"));
    let calibration_title = "Do probabilities mean what they say?";
    let parts = [
        part_with_lead("calibration", calibration_title, &narrative.calibration, calibration),
        part_with_lead("threshold", "Where a hit begins", &narrative.threshold, threshold),
    ];
    let parts = parts.into_iter().flatten().collect();
    Section { id: "probabilities", title: "Probabilities and threshold", parts }
}

pub(super) fn missing_features<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut blocks = vec![SectionBlock::Findings(layout.rendered.narrative.missing_features.clone())];
    blocks.extend(layout.figures(PagePart::MissingFeatures));
    blocks.extend(layout.tables(PagePart::MissingFeatures));
    Section { id: "missing", title: "Tracks that lack features", parts: vec![part("absence", "", blocks)] }
}

pub(super) fn leakage<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut blocks = layout.figures(PagePart::Leakage);
    blocks.push(SectionBlock::Findings(layout.rendered.narrative.leakage.clone()));
    blocks.extend(layout.tables(PagePart::Leakage));
    blocks.extend(layout.folded(PagePart::Leakage, "Every column alone"));
    Section { id: "leaks", title: "Leaks", parts: vec![part("measured", "", blocks)] }
}
