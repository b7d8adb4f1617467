//! Model comparison, the final model, searches of hyperparameters, and explanations.

use super::super::page::{part_with_lead, technical, PageLayout};
use super::super::{Section, SectionBlock, SectionPart};
use crate::registry::PagePart;

pub(super) fn models<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let parts = [
        leaderboard(layout),
        compared_models(layout).map(technical),
        final_model(layout),
        boosting_search(layout).map(technical),
        grid_search(layout).map(technical),
    ];
    Section { id: "models", title: "Model comparison", parts: parts.into_iter().flatten().collect() }
}

fn leaderboard<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::Leaderboard);
    let findings = Some(&layout.rendered.text.leaderboard).filter(|findings| !findings.is_empty());
    blocks.extend(findings.cloned().map(SectionBlock::Findings));
    blocks.extend(layout.tables(PagePart::Leaderboard));
    part_with_lead("leaderboard", "Leaderboard", &[], blocks)
}

fn compared_models<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::ComparedModels);
    blocks.extend(layout.tables(PagePart::ComparedModels));
    part_with_lead("compared", "All models: curves, confusion matrices, importances, costs", &[], blocks)
}

fn final_model<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks: Vec<SectionBlock> = layout.tables(PagePart::FinalScores).collect();
    blocks.extend(layout.figures(PagePart::FinalScores));
    blocks.extend(layout.figures(PagePart::FinalModel));
    blocks.extend(layout.folded(PagePart::FinalModel, "Importances and hyperparameters as tables"));
    part_with_lead("final", "Final model", &layout.rendered.text.model, blocks)
}

fn boosting_search<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks: Vec<SectionBlock> = layout.tables(PagePart::BoostingSearch).collect();
    blocks.extend(layout.figures(PagePart::BoostingSearch));
    blocks.extend(layout.folded(PagePart::BoostingSearch, "All candidates"));
    part_with_lead("boosting", "Hyperparameter search", &layout.rendered.text.boosting_search, blocks)
}

fn grid_search<'a>(layout: &mut PageLayout<'a>) -> Option<SectionPart<'a>> {
    let mut blocks = layout.figures(PagePart::GridSearch);
    blocks.extend(layout.tables(PagePart::GridSearch));
    blocks.extend(layout.folded(PagePart::GridSearch, "All points of the grid"));
    part_with_lead("grid", "Grid search of the notebook", &layout.rendered.text.grid, blocks)
}

/// Which features the final model uses, and how.
pub(super) fn explanations<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut overview = vec![SectionBlock::Findings(layout.rendered.text.explanations.clone())];
    overview.extend(layout.figures(PagePart::Contributions));
    let mut measures = layout.figures(PagePart::ImportanceMeasures);
    measures.extend(layout.folded(PagePart::ImportanceMeasures, "Importance measures as a table"));
    let dependence = layout.figures(PagePart::PartialDependence);
    let parts = [
        part_with_lead("contributions", "Contributions (SHAP)", &[], overview),
        part_with_lead("measures", "Four importance measures", &[], measures).map(technical),
        part_with_lead("dependence", "Partial dependence", &[], dependence),
        part_with_lead("examples", "Example tracks", &[], examples(layout)).map(technical),
    ];
    Section { id: "importance", title: "Feature importance", parts: parts.into_iter().flatten().collect() }
}

/// Each example's sentences, and its chart.
fn examples<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionBlock<'a>> {
    let sentences = layout.rendered.text.examples.iter().cloned().map(SectionBlock::Paragraph);
    let figures = layout.figures(PagePart::Examples);
    sentences.zip(figures).flat_map(|(sentences, figure)| [sentences, figure]).collect()
}
