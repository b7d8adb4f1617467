//! Class balance, distributions, means, mutual information, correlation and selection of features.

use super::super::page::{part_with_lead, technical, PageLayout};
use super::super::{Section, SectionPart};
use crate::registry::PagePart;

pub(super) fn exploration<'a>(layout: &mut PageLayout<'a>) -> Section<'a> {
    let mut parts = distributions(layout);
    parts.extend(relations(layout));
    Section { id: "exploration", title: "Exploratory analysis", parts }
}

fn distributions<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionPart<'a>> {
    let [balance_title, means_title, folded_title] = titles(layout.rendered.findings.report.compares_decades());
    let text = &layout.rendered.text;
    let mut balance = layout.figures(PagePart::Balance);
    balance.extend(layout.tables(PagePart::Balance));
    let shapes = layout.figures(PagePart::Densities);
    let mut means = layout.figures(PagePart::Means);
    means.extend(layout.tables(PagePart::Means));
    means.extend(layout.folded(PagePart::Means, folded_title));
    let describe = layout.tables(PagePart::Distributions);
    [
        part_with_lead("balance", balance_title, &text.balance, balance),
        part_with_lead("describe", "Summary statistics", &text.distributions, describe).map(technical),
        part_with_lead("densities", "Distributions", &text.shapes, shapes),
        part_with_lead("means", means_title, &text.means, means),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Titles of balance, means and the table of means.
fn titles(compares_decades: bool) -> [&'static str; 3] {
    match compares_decades {
        true => ["Class balance by decade", "Means by decade", "Means by decade and label as a table"],
        false => ["Class balance", "Means by label", "Means by label as a table"],
    }
}

fn relations<'a>(layout: &mut PageLayout<'a>) -> Vec<SectionPart<'a>> {
    let text = &layout.rendered.text;
    let mut information = layout.figures(PagePart::MutualInformation);
    information.extend(layout.tables(PagePart::MutualInformation));
    information
        .extend(layout.folded(PagePart::MutualInformation, "Mutual information with every feature as continuous"));
    let mut pairs = layout.figures(PagePart::Pairs);
    pairs.extend(layout.tables(PagePart::Pairs));
    pairs.extend(layout.folded(PagePart::Pairs, "Counts of the figure as a file, and its columns"));
    let mut correlation = layout.figures(PagePart::Correlation);
    correlation.extend(layout.folded(PagePart::Correlation, "Correlations as tables"));
    let selection = layout.folded(PagePart::Selection, "Selected and dropped features");
    let information_title = "Mutual information";
    [
        part_with_lead("information", information_title, &text.mutual_information, information),
        part_with_lead("pairs", "Feature pairs", &text.pairs, pairs),
        part_with_lead("correlation", "Correlation", &text.correlation, correlation),
        part_with_lead("selection", "Feature selection", &text.selection, selection).map(technical),
    ]
    .into_iter()
    .flatten()
    .collect()
}
