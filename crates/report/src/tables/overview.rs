//! The features at a glance: figures, a small histogram and alerts of each.

use super::data::kind;
use super::exploration::shown;
use super::mini_histogram;
use super::{CellLink, Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{count, fixed, percent, signed, MISSING};
use crate::registry::{ContentSource, PagePart};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_data::explore::overview::{
    AlertThresholds, BinScale, FeatureAlert, FeatureProfile, LabelHistogram, RowShare,
};

pub(super) const FEATURES_OVERVIEW: TableEntry = TableEntry {
    name: "features_overview",
    part: PagePart::Overview,
    display: Display::Shown,
    page: ContentSource::Report(|findings| of_page(findings.report)),
    file: TableFile::Other(ContentSource::Report(|findings| of_file(findings.report))),
};

/// Counts as shares, with histograms and links.
fn of_page(report: &Report) -> Option<ReportTable> {
    let columns = [
        ("feature", "Feature"),
        ("type", "Type"),
        ("missing", "Missing"),
        ("zeros", "Zeros"),
        ("distinct", "Distinct"),
        ("skewness", "Skewness"),
        ("outliers", "Outliers"),
        ("histogram", "Hits (area) and flops (line)"),
        ("alerts", "Alerts"),
    ];
    let overview = &report.overview;
    let caption = "Each feature: share of tracks without a value, share of values that are 0, distinct values, skewness (adjusted \
                   Fisher-Pearson), share of values more than 1.5 interquartile ranges outside the quartiles (Tukey’s fences), \
                   histogram by label, and alerts, which link to their figures. Histograms have the axes of the distributions; \
                   each label has the same area.";
    let row = |profile: &FeatureProfile| {
        let share = |share: RowShare| TableCell::number(share.share, percent(share.share));
        let alerts = profile.alerts.iter().map(|alert| link(profile.feature, alert, &overview.thresholds)).collect();
        vec![
            TableCell::code(profile.feature.name()),
            TableCell::text(kind(profile.feature)),
            share(profile.missing),
            share(profile.zeros),
            TableCell::count(profile.distinct),
            skewness(profile),
            profile.outliers.map_or(TableCell::number(f64::NAN, ""), share),
            picture(profile.feature, &profile.histogram),
            if profile.alerts.is_empty() { TableCell::text("none") } else { TableCell::links(alerts) },
        ]
    };
    let table =
        ReportTable::new(FEATURES_OVERVIEW.name, caption, &columns).rows(overview.features.iter().map(row)).stacked();
    (!overview.features.is_empty()).then_some(table)
}

/// Counts and shares, without pictures.
fn of_file(report: &Report) -> Option<ReportTable> {
    let columns = [
        "feature",
        "type",
        "values",
        "missing",
        "missing_share",
        "zeros",
        "zero_share",
        "distinct",
        "skewness",
        "lower_fence",
        "upper_fence",
        "outliers",
        "outlier_share",
        "out_of_range",
        "drift_psi",
        "drift_from",
        "drift_to",
        "alerts",
    ];
    let columns = columns.map(|name| (name, name));
    let overview = &report.overview;
    let number = |value: Option<f64>| TableCell::number(value.unwrap_or(f64::NAN), "");
    let row = |profile: &FeatureProfile| {
        let alerts = profile.alerts.iter().map(|alert| link(profile.feature, alert, &overview.thresholds)).collect();
        let (outliers, drift) = (profile.outliers, profile.drift);
        vec![
            TableCell::code(profile.feature.name()),
            TableCell::text(kind(profile.feature)),
            TableCell::count(profile.values),
            TableCell::count(profile.missing.rows),
            number(Some(profile.missing.share)),
            TableCell::count(profile.zeros.rows),
            number(Some(profile.zeros.share)),
            TableCell::count(profile.distinct),
            skewness(profile),
            number(profile.fences.map(|[lower, _]| lower)),
            number(profile.fences.map(|[_, upper]| upper)),
            number(outliers.map(|outliers| outliers.rows as f64)),
            number(outliers.map(|outliers| outliers.share)),
            TableCell::count(profile.out_of_range),
            number(drift.map(|drift| drift.psi)),
            number(drift.map(|drift| drift.from.year().into())),
            number(drift.map(|drift| drift.to.year().into())),
            TableCell::links(alerts),
        ]
    };
    let table = ReportTable::new(FEATURES_OVERVIEW.name, "", &columns).rows(overview.features.iter().map(row));
    (!overview.features.is_empty()).then_some(table)
}

fn skewness(profile: &FeatureProfile) -> TableCell {
    let value = profile.skewness.unwrap_or(f64::NAN);
    TableCell::number(value, signed(value, 2))
}

fn picture(feature: Feature, histogram: &LabelHistogram) -> TableCell {
    let [first, last] = [histogram.bins.edges.first(), histogram.bins.edges.last()]
        .map(|edge| edge.map_or(MISSING.to_owned(), |edge| shown(feature.name(), *edge)));
    let scale = match histogram.bins.scale {
        BinScale::Log => ", logarithmic",
        BinScale::Linear | BinScale::Categories => "",
    };
    let text = format!("{first} to {last}{scale}");
    TableCell::Picture { svg: mini_histogram::svg(histogram, &text), text }
}

pub(super) const ALERTS: TableEntry = TableEntry {
    name: "alerts",
    part: PagePart::Overview,
    display: Display::Folded,
    page: ContentSource::Report(|findings| alerts(findings.report)),
    file: TableFile::None,
};

/// When an alert is raised, and what follows.
struct AlertRule {
    alert: &'static str,
    condition: String,
    consequence: &'static str,
}

fn alerts(report: &Report) -> Option<ReportTable> {
    let columns = [("alert", "Alert"), ("condition", "Condition"), ("consequence", "Consequence")];
    let rules = rules(&report.overview.thresholds).into_iter().map(|rule| {
        vec![TableCell::text(rule.alert), TableCell::text(rule.condition), TableCell::text(rule.consequence)]
    });
    let caption = "Alerts, the condition of each, and what to consider.";
    (!report.overview.features.is_empty()).then(|| ReportTable::new(ALERTS.name, caption, &columns).rows(rules))
}

/// In the order of [`FeatureAlert`].
fn rules(thresholds: &AlertThresholds) -> [AlertRule; 6] {
    [
        AlertRule {
            alert: "constant",
            condition: "All values are equal.".to_owned(),
            consequence: "The feature has no information about the label.",
        },
        AlertRule {
            alert: "skewed",
            condition: format!("The skewness of a quantity is beyond ±{}.", fixed(thresholds.skewness, 0)),
            consequence: "Means and Pearson correlations depend on the tail. Tree models do not.",
        },
        AlertRule {
            alert: "zero-inflated",
            condition: format!("At least {} of the values of a quantity are 0.", percent(thresholds.zeros)),
            consequence: "Zero may mean “none” rather than a small value; describe zeros and other values separately.",
        },
        AlertRule {
            alert: "correlated",
            condition: format!("|r| (Pearson) of two quantities is at least {}.", fixed(thresholds.correlation, 1)),
            consequence: "The two features share information, and importances are divided between them.",
        },
        AlertRule {
            alert: "out of range",
            condition: "A value is outside the documented range.".to_owned(),
            consequence: "It may stand for a missing value, or be an error. It is kept.",
        },
        AlertRule {
            alert: "drifting",
            condition: format!(
                "The population stability index of two decades with at least {} values each is at least {} (tenths of all \
                 values, or categories).",
                count(thresholds.decade_values),
                fixed(thresholds.drift, 2)
            ),
            consequence: "The same value may mean something else in another decade; validate forward in time.",
        },
    ]
}

/// The words of an alert and its figure. The decade, which has no density, is counted in the table of decades.
fn link(feature: Feature, alert: &FeatureAlert, thresholds: &AlertThresholds) -> CellLink {
    let [constant, skewed, zeros, correlated, out_of_range, drifting] = rules(thresholds);
    let (rule, words, target) = match alert {
        FeatureAlert::Constant => (constant, String::new(), "chart-density_by_label"),
        FeatureAlert::Skewed { .. } => (skewed, String::new(), "chart-density_by_label"),
        FeatureAlert::ZeroInflated { .. } => (zeros, String::new(), "chart-density_by_label"),
        FeatureAlert::Correlated { with, correlation } => {
            (correlated, format!(" with {} ({})", with.in_words(), signed(*correlation, 2)), "chart-correlation")
        }
        FeatureAlert::OutOfRange { rows } => (out_of_range, format!(" ({})", count(*rows)), "table-out_of_range"),
        FeatureAlert::Drifting { psi, from, to } => {
            (drifting, format!(" ({from} to {to}, PSI {})", fixed(*psi, 2)), "chart-density_by_decade")
        }
    };
    let target = if feature == Feature::Decade { "table-counts" } else { target };
    CellLink { text: format!("{}{words}", rule.alert), target, title: rule.condition }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn alerts_link_to_their_figures_and_state_their_thresholds() {
        let thresholds = AlertThresholds::default();
        let words = |alert| link(Feature::Energy, &alert, &thresholds);
        let found = words(FeatureAlert::Correlated { with: Feature::DurationMs, correlation: -0.8 });
        assert_eq!((found.text.as_str(), found.target), ("correlated with duration (−0.80)", "chart-correlation"));
        assert!(found.title.contains("at least 0.7"), "{}", found.title);
        assert_eq!(words(FeatureAlert::OutOfRange { rows: 1_200 }).text, "out of range (1,200)");
        assert_eq!(words(FeatureAlert::Skewed { skewness: 3.0 }).title, "The skewness of a quantity is beyond ±1.");
        assert_eq!(link(Feature::Decade, &FeatureAlert::Constant, &thresholds).target, "table-counts");
    }

    #[test]
    fn the_file_has_counts_and_no_markup() {
        let report = small::report();
        let csv = of_file(&report).expect("a table").csv().expect("CSV");
        let page = of_page(&report).expect("a table");
        assert_eq!(csv.lines().count(), page.rows.len() + 1);
        assert!(csv.starts_with("feature,type,values,missing,") && !csv.contains('<'), "{csv}");
    }

    #[test]
    fn without_features_there_is_no_table() {
        let mut report = small::report();
        report.overview.features.clear();
        assert!(of_page(&report).is_none() && of_file(&report).is_none() && alerts(&report).is_none());
    }
}
