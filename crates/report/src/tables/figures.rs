//! Values of figures that no table of the page has; they are files only.

use super::table::number;
use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::Findings;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::{Label, DECADE};
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_metrics::curves::PrecisionRecallPoint;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::explain::global::{BeeswarmPoint, Example, ExampleKind, Explanations};
use hitflop_model::explain::local::Contribution;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

/// The values of the figure `name`.
const fn of_figure(name: &'static str, make: fn(&Findings) -> Option<ReportTable>) -> TableEntry {
    TableEntry {
        name,
        part: PagePart::FileOnly,
        display: Display::Folded,
        page: ContentSource::Report(make),
        file: TableFile::Page,
    }
}

/// A table of a file, whose columns have no other titles than their names.
fn file<const COLUMNS: usize>(
    name: &'static str,
    columns: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [TableCell; COLUMNS]>,
) -> Option<ReportTable> {
    let table = ReportTable::new(name, "", &columns.map(|column| (column, column)));
    let table = table.rows(rows.into_iter().map(Vec::from));
    (!table.rows.is_empty()).then_some(table)
}

pub(super) const DENSITY_BY_LABEL: TableEntry = of_figure("density_by_label", |findings| {
    let label = |curve: &DensityCurve| curve.label.map(TableCell::label);
    densities(DENSITY_BY_LABEL.name, "target", &findings.report.densities, |density| &density.by_label, label)
});

pub(super) const DENSITY_BY_DECADE: TableEntry = of_figure("density_by_decade", |findings| {
    let decade = |curve: &DensityCurve| curve.decade.map(TableCell::decade);
    densities(DENSITY_BY_DECADE.name, DECADE, &findings.report.densities, |density| &density.by_decade, decade)
});

/// A row a point of a curve, and one a share of zeros that is set apart.
fn densities(
    name: &'static str,
    group: &str,
    densities: &[FeatureDensity],
    curves: fn(&FeatureDensity) -> &[DensityCurve],
    of_group: impl Fn(&DensityCurve) -> Option<TableCell>,
) -> Option<ReportTable> {
    let mut rows = Vec::new();
    for density in densities {
        for curve in curves(density) {
            let Some(group) = of_group(curve) else { continue };
            let row = |value: f64, density_at: f64, share: f64| {
                let feature = TableCell::code(density.feature.name());
                [feature, group.clone(), number(value), number(density_at), number(share)]
            };
            rows.extend(curve.zero_share.map(|share| row(0.0, f64::NAN, share)));
            let is_share = density.view == DensityView::Shares;
            rows.extend(density.grid.iter().zip(&curve.values).map(|(&value, &height)| match is_share {
                true => row(value, f64::NAN, height),
                false => row(value, height, f64::NAN),
            }));
        }
    }
    file(name, ["feature", group, "value", "density", "share"], rows)
}

pub(super) const ROC_CURVE: TableEntry = of_figure("roc_curve", |findings| {
    let evaluation = findings.report.evaluation.as_ref()?;
    file(ROC_CURVE.name, RATES, rates(evaluation))
});

const RATES: [&str; 3] = ["false_positive_rate", "true_positive_rate", "threshold"];

fn rates(evaluation: &Evaluation) -> impl Iterator<Item = [TableCell; 3]> + '_ {
    evaluation
        .roc
        .iter()
        .map(|point| [point.false_positive_rate, point.true_positive_rate, point.threshold].map(number))
}

pub(super) const ROC_CURVES: TableEntry = of_figure("roc_curves", |findings| {
    let rows = models(findings.report.comparison.as_ref()).flat_map(|model| {
        rates(&model.evaluation).map(|[wrongly, found, threshold]| [name_of(model), wrongly, found, threshold])
    });
    let [wrongly, found, threshold] = RATES;
    file(ROC_CURVES.name, ["model", wrongly, found, threshold], rows)
});

fn models(comparison: Option<&Leaderboard>) -> impl Iterator<Item = &LeaderboardRow> {
    comparison.into_iter().flat_map(|comparison| &comparison.rows)
}

fn name_of(model: &LeaderboardRow) -> TableCell {
    TableCell::text(&model.title)
}

pub(super) const CONFUSION_MATRICES: TableEntry = of_figure("confusion_matrices", |findings| {
    let rows = models(findings.report.comparison.as_ref()).flat_map(|model| {
        let confusion = &model.evaluation.confusion;
        let cells = [
            (Label::Hit, Label::Hit, confusion.true_positives),
            (Label::Hit, Label::Flop, confusion.false_negatives),
            (Label::Flop, Label::Hit, confusion.false_positives),
            (Label::Flop, Label::Flop, confusion.true_negatives),
        ];
        cells.map(|(label, predicted, tracks)| {
            [name_of(model), TableCell::label(label), TableCell::label(predicted), TableCell::count(tracks)]
        })
    });
    file(CONFUSION_MATRICES.name, ["model", "target", "predicted_label", "tracks"], rows)
});

pub(super) const IMPORTANCES_BY_MODEL: TableEntry = of_figure("importances_by_model", |findings| {
    let rows = models(findings.report.comparison.as_ref()).flat_map(|model| {
        let importances = model.evaluation.importances.iter();
        importances.map(|one| [name_of(model), TableCell::code(one.feature.name()), number(one.share)])
    });
    file(IMPORTANCES_BY_MODEL.name, ["model", "feature", "share"], rows)
});

pub(super) const PRECISION_RECALL: TableEntry = of_figure("precision_recall_curve", |findings| {
    let row =
        |point: &PrecisionRecallPoint| [point.recall, point.precision, point.threshold.unwrap_or(f64::NAN)].map(number);
    let points = &findings.report.probabilities.as_ref()?.precision_recall;
    file(PRECISION_RECALL.name, ["recall", "precision", "threshold"], points.iter().map(row))
});

pub(super) const SHAP_VALUES: TableEntry = of_figure("shap_beeswarm", |findings| {
    let features = &explanations(findings)?.shap.features;
    let rows = features.iter().flat_map(|one| {
        let row = move |point: &BeeswarmPoint| {
            [TableCell::code(one.feature.name()), number(point.contribution), number(point.rank)]
        };
        one.points.iter().map(row)
    });
    file(SHAP_VALUES.name, ["feature", "contribution", "rank_of_value"], rows)
});

fn explanations<'a>(findings: &Findings<'a>) -> Option<&'a Explanations> {
    findings.report.explanations.as_ref()
}

pub(super) const PARTIAL_DEPENDENCE: TableEntry = of_figure("partial_dependence", |findings| {
    let rows = explanations(findings)?.partial_dependence.iter().flat_map(|one| {
        let points = one.grid.iter().zip(&one.mean);
        points.map(|(&value, &mean)| [TableCell::code(one.feature.name()), number(value), number(mean)])
    });
    file(PARTIAL_DEPENDENCE.name, ["feature", "value", "mean_probability"], rows)
});

pub(super) const PARTIAL_DEPENDENCE_BY_DECADE: TableEntry = of_figure("partial_dependence_by_decade", |findings| {
    let mut rows = Vec::new();
    for one in &explanations(findings)?.partial_dependence {
        for curve in &one.by_decade {
            rows.extend(one.grid.iter().zip(&curve.mean).map(|(&value, &mean)| {
                let feature = TableCell::code(one.feature.name());
                [feature, TableCell::decade(curve.decade), number(value), number(mean)]
            }));
        }
    }
    file(PARTIAL_DEPENDENCE_BY_DECADE.name, ["feature", DECADE, "value", "mean_probability"], rows)
});

pub(super) const CLEAR_HIT: TableEntry =
    of_figure("waterfall_clear_hit", |findings| waterfall(CLEAR_HIT.name, example(findings, ExampleKind::ClearHit)?));

pub(super) const CLEAR_FLOP: TableEntry = of_figure("waterfall_clear_flop", |findings| {
    waterfall(CLEAR_FLOP.name, example(findings, ExampleKind::ClearFlop)?)
});

pub(super) const BORDERLINE: TableEntry = of_figure("waterfall_borderline", |findings| {
    waterfall(BORDERLINE.name, example(findings, ExampleKind::Borderline)?)
});

fn example<'a>(findings: &Findings<'a>, kind: ExampleKind) -> Option<&'a Example> {
    explanations(findings)?.examples.iter().find(|example| example.kind == kind)
}

/// A row a feature, the largest contribution first, after the mean prediction.
fn waterfall(name: &'static str, example: &Example) -> Option<ReportTable> {
    let explanation = &example.explanation;
    let unknown = || number(f64::NAN);
    let base = [TableCell::text("mean prediction"), unknown(), number(explanation.base), unknown(), unknown()];
    let row = |part: &Contribution| {
        let rank = part.percentile_rank;
        [
            TableCell::code(part.feature.name()),
            number(part.value.unwrap_or(f64::NAN)),
            number(part.contribution),
            number(rank.hits.unwrap_or(f64::NAN)),
            number(rank.flops.unwrap_or(f64::NAN)),
        ]
    };
    let contributions = explanation.by_size();
    let rows = [base].into_iter().chain(contributions.iter().map(row));
    file(name, ["feature", "value", "contribution", "rank_among_hits", "rank_among_flops"], rows)
}
