//! Tables of the final model's scores.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::derived::Derived;
use crate::format::{fixed, percent};
use crate::phrases::models::importance;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::Label;
use hitflop_model::evaluation::{Evaluation, Importance, Scores};
use hitflop_model::selection::leaderboard::Baseline;

pub(super) const SCORES: TableEntry = TableEntry {
    name: "scores",
    part: PagePart::FinalScores,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let baseline = findings.report.comparison.as_ref().map(|comparison| &comparison.baseline);
        findings.report.evaluation.as_ref().map(|evaluation| scores(evaluation, &findings.derived, baseline))
    }),
    file: TableFile::Page,
};

/// The final model's scores beside those of always naming the label that is more frequent in training: all of them where models were
/// compared, else those that follow from the label alone.
fn scores(evaluation: &Evaluation, derived: &Derived, baseline: Option<&Baseline>) -> ReportTable {
    let columns = [("score", "Score"), ("value", "Value"), ("reference", "Baseline"), ("meaning", "Meaning")];
    let interval = derived.accuracy.map_or(String::new(), |interval| {
        format!(
            " (95 % interval {} to {}, treating tracks as independent)",
            percent(interval.low),
            percent(interval.high)
        )
    });
    let row = |score: &str, of: fn(&Scores) -> f64, alone: f64, meaning: &str| {
        let (value, reference) = (of(&evaluation.scores), baseline.map_or(alone, |baseline| of(&baseline.scores)));
        let number = |value: f64| TableCell::number(value, fixed(value, 4));
        vec![TableCell::text(score), number(value), number(reference), TableCell::text(meaning)]
    };
    let unknown = f64::NAN;
    let caption = format!(
        "Scores of the final model ({}) on the test rows. “Baseline” always predicts the label that is more frequent \
         in training, with its share as the probability.",
        evaluation.params.describe()
    );
    let right = format!("share of correct predictions{interval}");
    ReportTable::new(SCORES.name, caption, &columns).rows([
        row("Accuracy", |scores| scores.accuracy, evaluation.majority_accuracy, &right),
        row("Precision", |scores| scores.precision, unknown, "share of hits among the predicted hits"),
        row("Recall", |scores| scores.recall, unknown, "share of the hits that are predicted as hits"),
        row("F1", |scores| scores.f1, unknown, "harmonic mean of precision and recall"),
        row(
            "ROC AUC",
            |scores| scores.roc_auc,
            0.5,
            "probability that a random hit ranks above a random flop, ties \
                                                      counted half",
        ),
        row(
            "Average precision",
            |scores| scores.average_precision,
            unknown,
            "area under the precision-recall curve, as a sum of steps",
        ),
        row("Brier", |scores| scores.brier, unknown, "mean squared error of the probability; 0 is best"),
        row(
            "Log loss",
            |scores| scores.log_loss,
            unknown,
            "mean of −ln(probability of the true label), in nats; 0 is best",
        ),
    ])
}

pub(super) const CONFUSION: TableEntry = TableEntry {
    name: "confusion",
    part: PagePart::FinalScores,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        findings.report.evaluation.as_ref().map(|evaluation| confusion(evaluation, &findings.derived))
    }),
    file: TableFile::Page,
};

fn confusion(evaluation: &Evaluation, derived: &Derived) -> ReportTable {
    let columns = [
        ("target", "Label"),
        ("predicted_flops", "Predicted as flops"),
        ("predicted_hits", "Predicted as hits"),
        ("correct_share", "Correct"),
    ];
    let confusion = &evaluation.confusion;
    let row = |truth: Label, flop: u64, hit: u64, share: f64| {
        vec![
            TableCell::label(truth),
            TableCell::count(flop),
            TableCell::count(hit),
            TableCell::number(share, percent(share)),
        ]
    };
    ReportTable::new(CONFUSION.name, "Predictions for the test rows.", &columns).rows([
        row(Label::Flop, confusion.true_negatives, confusion.false_positives, derived.specificity.unwrap_or(f64::NAN)),
        row(Label::Hit, confusion.false_negatives, confusion.true_positives, evaluation.scores.recall),
    ])
}

pub(super) const IMPORTANCES: TableEntry = TableEntry {
    name: "importances",
    part: PagePart::FinalModel,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.report.evaluation.as_ref().map(importances)),
    file: TableFile::Page,
};

fn importances(evaluation: &Evaluation) -> ReportTable {
    let heading = format!("Share of the {}", importance(evaluation.params.kind()));
    let columns = [("feature", "Feature"), ("share", heading.as_str())];
    let shown = |share: f64| if share == 0.0 { "not used".to_owned() } else { percent(share) };
    let row =
        |one: &Importance| vec![TableCell::code(one.feature.name()), TableCell::number(one.share, shown(one.share))];
    ReportTable::new(IMPORTANCES.name, "Importances of the final model.", &columns)
        .rows(evaluation.importances.iter().map(row))
}

pub(super) const HYPERPARAMETERS: TableEntry = TableEntry {
    name: "hyperparameters",
    part: PagePart::FinalModel,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.report.evaluation.as_ref().map(hyperparameters)),
    file: TableFile::Page,
};

fn hyperparameters(evaluation: &Evaluation) -> ReportTable {
    let columns = [("parameter", "Parameter"), ("value", "Value")];
    let rows = evaluation.params.values().into_iter();
    ReportTable::new(HYPERPARAMETERS.name, "All hyperparameters of the final model.", &columns)
        .rows(rows.map(|(name, value)| vec![TableCell::code(name), TableCell::code(value.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn the_baseline_of_a_comparison_has_every_score() {
        let report = small::compared();
        let derived = Derived::of(&report);
        let evaluation = report.evaluation.as_ref().expect("the fixture has one");
        let baseline = report.comparison.as_ref().map(|comparison| &comparison.baseline);
        let references =
            |table: &ReportTable| table.rows.iter().map(|row| row[2].shown().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            references(&scores(evaluation, &derived, baseline)),
            ["0.4900", "0.7143", "0.8333", "0.7692", "0.5000", "0.7900", "0.1700", "0.5100"]
        );
        let alone = ["0.5000", "–", "–", "–", "0.5000", "–", "–", "–"];
        assert_eq!(references(&scores(evaluation, &derived, None)), alone);
    }
}
