//! The scores of the model, and of its parameters by other validation schemes.

use super::{Chapter, Subject};
use crate::findings::derived;
use crate::format::{fixed, plural, verb, with_deviation};
use crate::tables::{self, ReportTable};
use crate::text::{self};
use hitflop_model::evaluation::Scores;
use hitflop_model::selection::leaderboard::{ChoiceReason, Leaderboard};
use hitflop_model::validation::robustness::Robustness;

pub(super) fn comparison<'a>(subject: &Subject<'a>) -> Option<&'a Leaderboard> {
    subject.report?.comparison.as_ref()
}

pub(super) fn score_columns(subject: &Subject) -> Vec<String> {
    let mut columns = vec!["test".to_owned(), "baseline".to_owned()];
    columns.extend(subject.cross_validation.map(|_| "folds".to_owned()));
    columns
}

pub(super) fn scores(subject: &Subject) -> Vec<(&'static str, Vec<String>)> {
    let baseline = comparison(subject).map(|comparison| &comparison.baseline.scores);
    let evaluation = subject.evaluation;
    let folds = subject.cross_validation.map(|folds| (folds.mean(), folds.deviation()));
    let row = |score: &'static str, of: fn(&Scores) -> f64, alone: f64| {
        let reference = baseline.map_or(alone, of);
        let mut values = vec![fixed(of(&evaluation.scores), 4), fixed(reference, 4)];
        values.extend(folds.iter().map(|(mean, deviation)| with_deviation(of(mean), of(deviation))));
        (score, values)
    };
    let unknown = f64::NAN;
    vec![
        row("Accuracy", |scores| scores.accuracy, evaluation.majority_accuracy),
        row("Precision", |scores| scores.precision, unknown),
        row("Recall", |scores| scores.recall, unknown),
        row("F1", |scores| scores.f1, unknown),
        row("ROC AUC", |scores| scores.roc_auc, 0.5),
        row("Average precision", |scores| scores.average_precision, unknown),
        row("Brier (0 is best)", |scores| scores.brier, unknown),
        row("Log loss, nats (0 is best)", |scores| scores.log_loss, unknown),
    ]
}

pub(super) fn score_notes(subject: &Subject) -> Vec<String> {
    let confusion = &subject.evaluation.confusion;
    let right = confusion.true_negatives + confusion.true_positives;
    let accuracy = derived::wilson(right, subject.evaluation.test_rows);
    let mut notes = vec![
        format!(
            "The accuracy on the test tracks has a 95 % interval of {} to {} (Wilson), which treats tracks as \
             independent; tracks by one artist are not.",
            fixed(accuracy.low, 4),
            fixed(accuracy.high, 4)
        ),
        "“Baseline” always predicts the label that is more frequent in training, with its share as the probability."
            .to_owned(),
    ];
    notes.push(format!(
        "At the threshold, {} predicted as {} and {} as {}. The card has no durations, so that equal runs have equal cards; \
         fit times are in the report.",
        plural(confusion.false_positives, "flop is", "flops are"),
        verb(confusion.false_positives, "a hit", "hits"),
        plural(confusion.false_negatives, "hit", "hits"),
        verb(confusion.false_negatives, "a flop", "flops"),
    ));
    notes.extend(comparison(subject).map(chosen_from));
    notes
}

fn chosen_from(comparison: &Leaderboard) -> String {
    let others = comparison.rows.len().saturating_sub(1) as u64;
    let others = plural(others, "other model", "other models");
    match comparison.chosen_by {
        ChoiceReason::CrossValidation => format!(
            "The model was chosen over {others} by the highest mean ROC AUC over the folds. Its hyperparameters \
             were searched on the same folds, so the scores on the folds are slightly optimistic; the test tracks \
             were not used."
        ),
        ChoiceReason::User => format!("Its kind or its features were requested; {others} were compared with it."),
    }
}

/// How it does elsewhere, of what the report knows.
pub(super) fn chapters(subject: &Subject) -> Vec<Chapter> {
    let Some(found) = robustness(subject) else { return Vec::new() };
    let verdict: Vec<String> = text::robustness::verdict(found).into_iter().collect();
    let fitted = "The same hyperparameters and features were fitted by each validation scheme, at a threshold of 0.5 \
                  and without calibration.";
    let text = verdict.into_iter().chain([fitted.to_owned()]).collect();
    let mut chapters =
        vec![Chapter::of("New artists and later decades", text, tables::robustness::schemes(&found.schemes))];
    if !found.schemes.by_decade.is_empty() {
        chapters.push(Chapter::of("By decade", Vec::new(), tables::robustness::by_decade(&found.schemes)));
    }
    chapters
}

pub(super) fn robustness<'a>(subject: &Subject<'a>) -> Option<&'a Robustness> {
    subject.report?.robustness.as_ref()
}

impl Chapter {
    /// A table of the report with its caption after the `text`.
    fn of(title: &'static str, mut text: Vec<String>, table: ReportTable) -> Chapter {
        text.push(table.caption);
        Chapter {
            title,
            text,
            columns: table.columns.into_iter().map(|column| column.title).collect(),
            rows: table.rows.iter().map(|row| row.iter().map(|cell| cell.shown().to_owned()).collect()).collect(),
        }
    }
}
