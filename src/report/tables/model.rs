//! Tables of the final model's scores.

use super::{Cell, Table};
use crate::learn::evaluation::{Evaluation, Importance};
use crate::report::narrative::models::importance;
use crate::report::narrative::words::{fixed, percent};
use crate::report::narrative::Derived;

pub fn scores(evaluation: &Evaluation, derived: &Derived) -> Table {
    let columns = [("score", "Score"), ("value", "Value"), ("reference", "Without looking"), ("meaning", "Meaning")];
    let scores = &evaluation.scores;
    let interval = derived.accuracy.map_or(String::new(), |interval| {
        format!(" (95 % interval {} to {}, tracks taken as independent)", percent(interval.low), percent(interval.high))
    });
    let row = |score: &str, value: f64, reference: Cell, meaning: String| {
        vec![Cell::text(score), Cell::number(value, fixed(value, 4)), reference, Cell::text(meaning)]
    };
    let none = || Cell::number(f64::NAN, "");
    let majority = Cell::number(evaluation.majority_accuracy, fixed(evaluation.majority_accuracy, 4));
    let caption = format!(
        "Scores of the final model ({}) on the test rows. “Without looking” is what always naming the label that is commoner in training, or chance, scores.",
        evaluation.model
    );
    Table::new("scores", caption, &columns).rows([
        row("Accuracy", scores.accuracy, majority, format!("share of right answers{interval}")),
        row("Precision", scores.precision, none(), "share of hits among the tracks called hits".to_owned()),
        row("Recall", scores.recall, none(), "share of the hits that are called hits".to_owned()),
        row("F1", scores.f1, none(), "harmonic mean of precision and recall".to_owned()),
        row(
            "ROC AUC",
            scores.roc_auc,
            Cell::number(0.5, "0.5"),
            "chance that a hit is ranked above a flop, ties counted half".to_owned(),
        ),
        row(
            "Average precision",
            scores.average_precision,
            none(),
            "area under the curve of precision over recall, as a sum of steps".to_owned(),
        ),
        row("Brier", scores.brier, none(), "mean squared error of the probability; 0 is best".to_owned()),
        row("Log loss", scores.log_loss, none(), "mean surprise at the labels, in nats; 0 is best".to_owned()),
    ])
}

pub fn confusion(evaluation: &Evaluation, derived: &Derived) -> Table {
    let columns =
        [("truth", "Truth"), ("called_flop", "Called flop"), ("called_hit", "Called hit"), ("right", "Right")];
    let confusion = &evaluation.confusion;
    let row = |truth: &str, flop: u64, hit: u64, share: f64| {
        vec![Cell::text(truth), Cell::count(flop), Cell::count(hit), Cell::number(share, percent(share))]
    };
    Table::new("confusion", "Answers on the test rows.", &columns).rows([
        row("flop", confusion.true_negatives, confusion.false_positives, derived.specificity.unwrap_or(f64::NAN)),
        row("hit", confusion.false_negatives, confusion.true_positives, evaluation.scores.recall),
    ])
}

pub fn importances(evaluation: &Evaluation) -> Table {
    let heading = format!("Share of the {}", importance(&evaluation.model));
    let columns = [("feature", "Feature"), ("share", heading.as_str())];
    let shown = |share: f64| if share == 0.0 { "not used".to_owned() } else { percent(share) };
    let row = |one: &Importance| vec![Cell::code(one.feature.name()), Cell::number(one.share, shown(one.share))];
    Table::new("importances", "What the final model looks at.", &columns).rows(evaluation.importances.iter().map(row))
}
