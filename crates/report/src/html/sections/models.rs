//! The compared models, the final one, the searches for parameters, and the explanations.

use super::super::page::{part_with_lead, PageLayout};
use super::super::{Section, SectionBlock, SectionPart};
use crate::registry::PagePart;

pub(super) fn models<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let parts = [leaderboard(layout), final_model(layout), boosting_search(layout), grid_search(layout)];
    Section { id: "models", title: "Models", parts: parts.into_iter().flatten().collect() }
}

fn leaderboard<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::Leaderboard);
    let findings = Some(&layout.rendered.narrative.leaderboard).filter(|findings| !findings.is_empty());
    blocks.extend(findings.cloned().map(SectionBlock::Findings));
    blocks.extend(layout.tables(PagePart::Leaderboard));
    blocks.extend(layout.figures(PagePart::ComparedModels));
    blocks.extend(layout.tables(PagePart::ComparedModels));
    part_with_lead("leaderboard", "Which model is best", &[], blocks)
}

fn final_model<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks: Vec<SectionBlock> = layout.tables(PagePart::FinalScores).collect();
    blocks.extend(layout.figures(PagePart::FinalScores));
    blocks.extend(layout.figures(PagePart::FinalModel));
    blocks.extend(layout.folded(PagePart::FinalModel, "Importances as a table"));
    part_with_lead("final", "The final model", &layout.rendered.narrative.model, blocks)
}

fn boosting_search<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::BoostingSearch);
    blocks.extend(layout.folded(PagePart::BoostingSearch, "Every setting that was tried"));
    part_with_lead("boosting", "How the boosting was tuned", &layout.rendered.narrative.boosting_search, blocks)
}

fn grid_search<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::GridSearch);
    blocks.extend(layout.tables(PagePart::GridSearch));
    blocks.extend(layout.folded(PagePart::GridSearch, "Every point of the grid"));
    part_with_lead("grid", "The notebook’s grid", &layout.rendered.narrative.grid, blocks)
}

/// Why the final model answers as it does.
pub(super) fn explanations<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut overview = vec![SectionBlock::Findings(layout.rendered.narrative.explanations.clone())];
    overview.extend(layout.figures(PagePart::Contributions));
    let mut measures = layout.figures(PagePart::ImportanceMeasures);
    measures.extend(layout.folded(PagePart::ImportanceMeasures, "The measures as a table"));
    let dependence = layout.figures(PagePart::PartialDependence);
    let parts = [
        part_with_lead("contributions", "Contributions", &[], overview),
        part_with_lead("measures", "Four measures of a feature", &[], measures),
        part_with_lead("dependence", "Answers as a feature changes", &[], dependence),
        part_with_lead("examples", "Three tracks", &[], examples(layout)),
    ];
    Section { id: "why", title: "Why", parts: parts.into_iter().flatten().collect() }
}

/// Each example's sentences, and its chart.
fn examples<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionBlock<'a>> {
    let sentences = layout.rendered.narrative.examples.iter().cloned().map(SectionBlock::Paragraph);
    let figures = layout.figures(PagePart::Examples);
    sentences.zip(figures).flat_map(|(sentences, figure)| [sentences, figure]).collect()
}
