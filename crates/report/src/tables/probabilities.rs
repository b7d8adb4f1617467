//! Tables of the final model's probabilities and threshold.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{capitalise, fixed, percent};
use crate::registry::{ContentSource, PagePart};
use hitflop_data::track_files::{self, SPLIT, TRAIN};
use hitflop_metrics::calibration::CalibratorKind;
use hitflop_metrics::curves::ThresholdPoint;
use hitflop_metrics::reliability::{ProbabilityScores, ReliabilityBin};
use hitflop_model::probabilities::{ProbabilityQuality, ThresholdSweep};

/// Rows of a score, and what they are in a file.
const TRAINING: (&str, &str) = ("training, out of fold", TRAIN);
const TEST: (&str, &str) = ("test", track_files::TEST);

pub(super) const CALIBRATION: TableEntry = TableEntry {
    name: "calibration",
    part: PagePart::Calibration,
    display: Display::Shown,
    page: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(calibration)),
    file: TableFile::Page,
};

/// What was tried on the training rows, and what became of the test rows; what was kept is marked.
fn calibration(probabilities: &ProbabilityQuality) -> ReportTable {
    let columns = [
        (SPLIT, "Rows"),
        ("calibration", "Calibration"),
        ("brier", "Brier"),
        ("log_loss", "Log loss"),
        ("expected_calibration_error", "Calibration error"),
        ("expected_calibration_error_equal_count", "Calibration error, equal counts"),
        ("roc_auc", "ROC AUC"),
    ];
    let row = |rows: (&str, &str), method: CalibratorKind, scores: &ProbabilityScores| {
        let number = |value: f64, decimals: usize| TableCell::number(value, fixed(value, decimals));
        vec![
            TableCell::named(rows.0, rows.1),
            TableCell::text(capitalise(method.in_words())),
            number(scores.brier, 5),
            number(scores.log_loss, 5),
            number(scores.expected_calibration_error, 4),
            number(scores.expected_calibration_error_equal_count, 4),
            number(scores.roc_auc, 5),
        ]
    };
    let trials = probabilities.study.iter().flat_map(|study| &study.trials);
    let mut rows: Vec<Vec<TableCell>> = trials.map(|trial| row(TRAINING, trial.method, &trial.scores)).collect();
    let (method, test) = (probabilities.calibration.method(), &probabilities.scores.test);
    rows.push(row(TEST, CalibratorKind::None, &test.before));
    if method != CalibratorKind::None {
        rows.push(row(TEST, method, &test.after));
    }
    let caption = "Scores of the probabilities; lower is better except for the ROC AUC. On the training rows, each \
                   fold is scored with a model and a calibration fitted to the other folds. The chosen method is bold.";
    let mut table = ReportTable::new(CALIBRATION.name, caption, &columns).rows(rows);
    table.marked = probabilities.study.as_ref().map(|study| study.kept);
    table
}

pub(super) const RELIABILITY: TableEntry = TableEntry {
    name: "reliability",
    part: PagePart::Calibration,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(reliability)),
    file: TableFile::Page,
};

/// The bins of the reliability curve on the test rows.
fn reliability(probabilities: &ProbabilityQuality) -> ReportTable {
    let columns = [
        ("calibration", "Calibration"),
        ("above", "Above"),
        ("up_to", "Up to"),
        ("rows", "Tracks"),
        ("hits", "Hits"),
        ("mean_probability", "Mean probability"),
        ("hit_share", "Share of hits"),
        ("hit_share_low", "95 % interval from"),
        ("hit_share_high", "to"),
    ];
    let row = |method: CalibratorKind, bin: &ReliabilityBin| {
        vec![
            TableCell::text(capitalise(method.in_words())),
            TableCell::number(bin.low, fixed(bin.low, 1)),
            TableCell::number(bin.high, fixed(bin.high, 1)),
            TableCell::count(bin.rows),
            TableCell::count(bin.hits),
            TableCell::number(bin.mean_probability, fixed(bin.mean_probability, 4)),
            TableCell::number(bin.hit_share, percent(bin.hit_share)),
            TableCell::number(bin.hit_share_low, percent(bin.hit_share_low)),
            TableCell::number(bin.hit_share_high, percent(bin.hit_share_high)),
        ]
    };
    let method = probabilities.calibration.method();
    let before = probabilities.before.bins.iter().map(|bin| row(CalibratorKind::None, bin));
    let after = probabilities.after.bins.iter().filter(|_| method != CalibratorKind::None).map(|bin| row(method, bin));
    let caption =
        "Reliability curve on the test rows. A bin has probabilities above its lower bound, up to and including its \
         upper bound.";
    ReportTable::new(RELIABILITY.name, caption, &columns).rows(before.chain(after))
}

pub(super) const THRESHOLDS: TableEntry = TableEntry {
    name: "thresholds",
    part: PagePart::Threshold,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(thresholds)),
    file: TableFile::Other(ContentSource::Report(|findings| {
        findings.report.probabilities.as_ref().map(thresholds_long)
    })),
};

/// Scores at every tenth, at 0.5 and at the threshold chosen, which is marked.
fn thresholds(probabilities: &ProbabilityQuality) -> ReportTable {
    let columns = [
        (SPLIT, "Rows"),
        ("threshold", "Threshold"),
        ("accuracy", "Accuracy"),
        ("precision", "Precision"),
        ("recall", "Recall"),
        ("f1", "F1"),
        ("called_hits", "Predicted hits"),
    ];
    let mut rows = Vec::new();
    let mut marked = None;
    for (name, answers) in parts(probabilities) {
        for point in selected(answers) {
            if point == answers.chosen && marked.is_none() {
                marked = Some(rows.len());
            }
            rows.push(row(name, &point));
        }
    }
    let caption = format!(
        "Scores by threshold. The threshold in use is bold; it was {}.",
        probabilities.objective.choice_in_words()
    );
    let mut table = ReportTable::new(THRESHOLDS.name, caption, &columns).rows(rows);
    table.marked = marked;
    table
}

/// The whole curve, as it is written as a file.
fn thresholds_long(probabilities: &ProbabilityQuality) -> ReportTable {
    let ReportTable { name, caption, columns, .. } = thresholds(probabilities);
    let rows = parts(probabilities).flat_map(|(name, answers)| answers.curve.iter().map(move |point| row(name, point)));
    ReportTable { columns, ..ReportTable::new(name, caption, &[]) }.rows(rows)
}

fn parts(probabilities: &ProbabilityQuality) -> impl Iterator<Item = ((&'static str, &'static str), &ThresholdSweep)> {
    probabilities.out_of_fold.iter().map(|answers| (TRAINING, answers)).chain([(TEST, &probabilities.test)])
}

fn row(rows: (&str, &str), point: &ThresholdPoint) -> Vec<TableCell> {
    let share = |value: f64| TableCell::number(value, percent(value));
    vec![
        TableCell::named(rows.0, rows.1),
        TableCell::number(point.threshold, fixed(point.threshold, 4)),
        share(point.accuracy),
        share(point.precision.unwrap_or(f64::NAN)),
        share(point.recall),
        share(point.f1),
        share(point.called_hits),
    ]
}

/// Every tenth point of the curve but its ends, and the chosen one in its place.
fn selected(answers: &ThresholdSweep) -> Vec<ThresholdPoint> {
    let inner = answers.curve.iter().step_by(10).filter(|point| point.threshold > 0.0 && point.threshold < 1.0);
    let mut points: Vec<ThresholdPoint> =
        inner.filter(|point| point.threshold != answers.chosen.threshold).copied().collect();
    points.push(answers.chosen);
    points.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_model::fixtures;

    #[test]
    fn what_was_kept_is_marked() {
        let probabilities = fixtures::probabilities();
        let table = calibration(&probabilities);
        let study = probabilities.study.as_ref().expect("it was cross-validated");
        assert_eq!(table.rows.len(), study.trials.len() + 2);
        let marked = table.marked.expect("one is marked");
        assert_eq!(table.rows[marked][1].shown(), capitalise(study.kept().method.in_words()));
        assert_eq!(table.rows[marked][2].shown(), fixed(study.kept().scores.brier, 5));
    }

    #[test]
    fn the_threshold_is_among_the_tenths() {
        let probabilities = fixtures::probabilities();
        let table = thresholds(&probabilities);
        assert_eq!(table.rows.len(), 20);
        let marked = &table.rows[table.marked.expect("one is marked")];
        assert_eq!(marked[1].shown(), fixed(probabilities.threshold, 4));
        assert_eq!(thresholds_long(&probabilities).rows.len(), 202);
    }
}
