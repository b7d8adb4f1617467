//! The page of a comparison.

use super::{figure_tables, text, ComparisonFindings};
use crate::charts::table_comparison::NAMES as CHARTS;
use crate::charts::Chart;
use crate::format::{count, fixed, percent};
use crate::html::{self, figure, part, technical, PageHead, Section, SectionBlock, SectionPart, TERMS};
use crate::tables::ReportTable;
use crate::text::KeyFigure;
use hitflop_core::error::Result;

/// Charts and tables, and how many figures are numbered.
struct Contents<'a> {
    charts: &'a [Chart],
    tables: &'a [ReportTable],
    numbered: usize,
}

impl<'a> Contents<'a> {
    fn chart(&mut self, name: &str) -> Option<SectionBlock<'a>> {
        let chart = self.charts.iter().find(|chart| chart.name == name)?;
        self.numbered += 1;
        let tables = values_of(name).iter().copied().filter(|name| self.tables.iter().any(|table| table.name == *name));
        Some(figure(chart, self.numbered, tables))
    }

    fn table(&self, name: &str) -> Option<SectionBlock<'a>> {
        self.tables.iter().find(|table| table.name == name).map(SectionBlock::Table)
    }

    /// A part of these blocks; none without any.
    fn part(
        id: &'static str,
        title: &'static str,
        blocks: impl IntoIterator<Item = Option<SectionBlock<'a>>>,
    ) -> Option<SectionPart<'a>> {
        let blocks: Vec<SectionBlock> = blocks.into_iter().flatten().collect();
        (!blocks.is_empty()).then(|| part(id, title, blocks))
    }
}

/// The tables whose files have the values of a chart.
fn values_of(chart: &str) -> &'static [&'static str] {
    // A table of the page, or else one of the figure's name.
    match chart {
        "drift" => &["drift"],
        "correlations" => &["correlations"],
        chart => figure_tables::NAMES.iter().find(|name| **name == chart).map_or(&[], std::slice::from_ref),
    }
}

/// Renders the comparison as one self-contained page.
pub(super) fn html(findings: &ComparisonFindings, charts: &[Chart], tables: &[ReportTable]) -> Result<String> {
    let provenance = &findings.provenance;
    let (about, key_points, warnings) = (text::about(findings), text::key_points(findings), text::warnings(findings));
    let key_figures = key_figures(findings);
    let simulated =
        "A table has simulated tracks, or a model was trained on them. The comparison does not apply to real music.";
    let head = PageHead {
        kind: "comparison",
        brand: "Comparison",
        heading: if findings.comparison.is_some() {
            "What differs between A and B?"
        } else {
            "What differs between the models?"
        },
        data_name: findings.subject(),
        date: &provenance.date,
        version: &provenance.version,
        simulated: provenance.simulated.then_some(simulated),
        read_archive: "",
        about: &about,
        key_figures: &key_figures,
        key_points: &key_points,
        warnings: &warnings,
        json: "compare.json",
    };
    html::render(head, sections(findings, charts, tables), |_| &[("csv", "CSV")])
}

fn key_figures(findings: &ComparisonFindings) -> Vec<KeyFigure> {
    let figure = |label: &str, value: String, note: String| KeyFigure { label: label.to_owned(), value, note };
    let tables = findings.tables.iter().zip(findings.table_names()).zip(ComparisonFindings::TABLES);
    let mut figures: Vec<KeyFigure> = tables
        .map(|((table, name), letter)| figure(&format!("Tracks in {letter}"), count(table.rows), name.to_owned()))
        .collect();
    if let Some(greatest) = findings.verdict.ranking.first() {
        let drifted = findings.verdict.drifted().count() as u64;
        let all = count(findings.verdict.ranking.len() as u64);
        figures.push(figure("Drifted", count(drifted), format!("of {all}, by a PSI of at least 0.1")));
        figures.push(figure("Greatest PSI", fixed(greatest.psi.value, 3), greatest.name.clone()));
    }
    for (scores, model) in findings.scores.iter().zip(findings.model_names()) {
        let value = scores.predicted_share.current.map_or("–".to_owned(), percent);
        let reference = scores.predicted_share.reference.map_or("–".to_owned(), percent);
        figures.push(figure("Predicted hits in B", value, format!("{reference} in A, {model}")));
    }
    if findings.scores.is_empty() {
        let changes = findings.changes.iter().map(|change| {
            figure("Changed labels", percent(change.change.changed_share()), "of the tracks, old to new".to_owned())
        });
        figures.extend(changes);
    }
    figures
}

fn sections<'a>(findings: &ComparisonFindings, charts: &'a [Chart], tables: &'a [ReportTable]) -> Vec<Section<'a>> {
    let mut contents = Contents { charts, tables, numbered: 0 };
    let section = |id, title, parts: Vec<Option<SectionPart<'a>>>| {
        let parts: Vec<SectionPart> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then_some(Section { id, title, parts })
    };
    let data = vec![Contents::part("overview", "", [contents.table("overview")])];
    let drift = vec![
        Contents::part("ranking", "Ranking", [contents.chart(CHARTS[0]), contents.table("drift")]),
        Contents::part("distributions", "Distributions", [contents.chart(CHARTS[1])]),
        Contents::part("values", "Location and missing values", [contents.table("values")]),
    ];
    let correlations = vec![Contents::part("pairs", "", [contents.chart(CHARTS[2]), contents.table("correlations")])];
    let scores = vec![
        Contents::part("probabilities", "Probabilities", [contents.chart(CHARTS[3]), contents.table("scores")]),
        Contents::part(
            "quality",
            "Scores and calibration",
            [contents.table("model_scores"), contents.chart(CHARTS[4])],
        ),
    ];
    let change = vec![
        Contents::part("joint", "Old against new", [contents.chart(CHARTS[5]), contents.chart(CHARTS[6])]),
        Contents::part(
            "tracks",
            "Tracks that change most",
            [contents.table("changed_tracks_a"), contents.table("changed_tracks_b")],
        ),
    ];
    let all = [
        section("data", if findings.tables.len() > 1 { "Tables" } else { "Table" }, data),
        section("drift", "Drift", drift),
        section("correlations", "Correlations", correlations),
        section("scores", "Model scores", scores),
        section("change", "Change of the model", change),
        section("methods", "Methods", vec![Some(technical(part("notes", "Methods and sources", methods(findings))))]),
        section("glossary", "Glossary", vec![Some(part("terms", "", vec![SectionBlock::Glossary(TERMS)]))]),
    ];
    all.into_iter().flatten().collect()
}

fn methods<'a>(findings: &ComparisonFindings) -> Vec<SectionBlock<'a>> {
    let hash = |(name, sha256): &(String, Option<String>)| format!("{}  {name}", sha256.as_deref().unwrap_or("-"));
    let files = findings.tables.iter().flat_map(|table| table.files.iter().map(hash));
    let models = findings.models.iter().map(|model| format!("{}  {}", model.sha256, model.name));
    vec![
        SectionBlock::Findings(text::notes(findings)),
        SectionBlock::Code("SHA-256 of the files", files.chain(models).collect::<Vec<_>>().join("\n")),
        SectionBlock::Code(
            "Command that reproduces this comparison with the same settings",
            findings.provenance.command.clone(),
        ),
    ]
}
