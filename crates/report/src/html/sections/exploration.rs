//! Where tracks lie, how hits differ from flops, and what moves together.

use super::super::page::{part_with_lead, PageLayout};
use super::super::{Section, SectionPart};
use crate::registry::PagePart;

pub(super) fn exploration<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut parts = distributions(layout);
    parts.extend(relations(layout));
    Section { id: "exploration", title: "Exploration", parts }
}

fn distributions<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionPart<'a>> {
    let [balance_title, means_title, folded_title] = titles(layout.rendered.findings.report.compares_decades());
    let narrative = &layout.rendered.narrative;
    let mut balance = layout.figures(PagePart::Balance);
    balance.extend(layout.tables(PagePart::Balance));
    let shapes = layout.figures(PagePart::Densities);
    let mut means = layout.figures(PagePart::Means);
    means.extend(layout.tables(PagePart::Means));
    means.extend(layout.folded(PagePart::Means, folded_title));
    let describe = layout.tables(PagePart::Distributions);
    [
        part_with_lead("balance", balance_title, &narrative.balance, balance),
        part_with_lead("describe", "Where the tracks lie", &narrative.distributions, describe),
        part_with_lead("densities", "Shapes", &narrative.shapes, shapes),
        part_with_lead("means", means_title, &narrative.means, means),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Titles of balance, means and the table of means.
fn titles(compares_decades: bool) -> [&'static str; 3] {
    match compares_decades {
        true => ["Hits and flops by decade", "Hits and flops over the decades", "Means by decade and label"],
        false => ["Hits and flops", "Means of hits and flops", "Means by label"],
    }
}

fn relations<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionPart<'a>> {
    let narrative = &layout.rendered.narrative;
    let mut information = layout.figures(PagePart::MutualInformation);
    information.extend(layout.tables(PagePart::MutualInformation));
    information.extend(layout.folded(PagePart::MutualInformation, "Every feature taken as continuous"));
    let mut correlation = layout.figures(PagePart::Correlation);
    correlation.extend(layout.folded(PagePart::Correlation, "Correlations as tables"));
    let selection = layout.folded(PagePart::Selection, "Every feature");
    let information_title = "What each feature tells of the label";
    [
        part_with_lead("information", information_title, &narrative.mutual_information, information),
        part_with_lead("correlation", "What moves together", &narrative.correlation, correlation),
        part_with_lead("selection", "Which features stay", &narrative.selection, selection),
    ]
    .into_iter()
    .flatten()
    .collect()
}
