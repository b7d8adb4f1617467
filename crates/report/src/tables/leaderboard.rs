//! Tables of the compared models: scores and costs.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::fold_statistics::{FoldStatistics, FoldSummary, ModelFoldStatistics};
use crate::findings::Findings;
use crate::format::{bytes, fixed, percent, plural, significant, with_deviation};
use crate::phrases::leaderboard::{first_folds, reason};
use crate::registry::{ContentSource, PagePart};
use crate::Provenance;
use hitflop_model::evaluation::Scores;
use hitflop_model::selection::blend::BlendMemberScores;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

type ScoreColumn = (&'static str, &'static str, fn(&Scores) -> f64);

/// Name in a file, heading in the page, and the score.
const SCORES: [ScoreColumn; 8] = [
    ("accuracy", "Accuracy", |scores| scores.accuracy),
    ("precision", "Precision", |scores| scores.precision),
    ("recall", "Recall", |scores| scores.recall),
    ("f1", "F1", |scores| scores.f1),
    ("roc_auc", "ROC AUC", |scores| scores.roc_auc),
    ("average_precision", "Average precision", |scores| scores.average_precision),
    ("brier", "Brier", |scores| scores.brier),
    ("log_loss", "Log loss", |scores| scores.log_loss),
];

const BASELINE: &str = "baseline: more frequent label";

/// The compared models and their statistics over the folds.
fn fold_statistics_of<'a>(findings: &'a Findings) -> Option<(&'a Leaderboard, &'a FoldStatistics)> {
    findings.report.comparison.as_ref().zip(findings.derived.fold_statistics.as_ref())
}

pub(super) const LEADERBOARD: TableEntry = TableEntry {
    name: "leaderboard",
    part: PagePart::Leaderboard,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        fold_statistics_of(findings).map(|(comparison, fold_statistics)| leaderboard(comparison, fold_statistics))
    }),
    file: TableFile::Other(ContentSource::Report(|findings| {
        fold_statistics_of(findings).map(|(comparison, fold_statistics)| leaderboard_long(comparison, fold_statistics))
    })),
};

/// One row a model, best of the folds first, and the baseline: mean and deviation over the folds, then the test rows.
fn leaderboard(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> ReportTable {
    let folds = [("folds_accuracy", "Accuracy, folds"), ("folds_roc_auc", "ROC AUC, folds")];
    let columns: Vec<(&str, &str)> = [("model", "Model"), ("features", "Features")]
        .into_iter()
        .chain(folds)
        .chain(SCORES.map(|(name, title, _)| (name, title)))
        .collect();
    let chosen = comparison.rows.get(comparison.chosen);
    let caption = format!(
        "Scores of the compared models: mean ± standard deviation over {} folds of the training rows{}, then the test \
         rows at a threshold of 0.5. Lower is better for Brier and log loss, higher for all others. Bold: the \
         final model{}.",
        comparison.folds,
        first_folds(comparison).map_or(String::new(), |first| format!(" ({first})")),
        chosen.map_or(String::new(), |candidate| format!(", {}, {}", candidate.title, reason(comparison.chosen_by)))
    );
    let row = |(candidate, statistics): (&LeaderboardRow, &ModelFoldStatistics)| {
        let features = format!("{}, {}", statistics.features, candidate.feature_set.name());
        let features = TableCell::number(statistics.features as f64, features);
        shown_row(&candidate.title, features, &statistics.folds, &candidate.evaluation.scores)
    };
    let baseline =
        shown_row(BASELINE, TableCell::number(0.0, "0"), &fold_statistics.baseline, &comparison.baseline.scores);
    let rows = comparison.rows.iter().zip(&fold_statistics.models).map(row);
    let table = ReportTable::new(LEADERBOARD.name, caption, &columns).rows(rows).rows([baseline]);
    ReportTable { marked: chosen.map(|_| comparison.chosen), ..table }
}

fn shown_row(title: &str, features: TableCell, folds: &FoldSummary, test: &Scores) -> Vec<TableCell> {
    let spread = |mean: f64, deviation: f64| TableCell::number(mean, with_deviation(mean, deviation));
    let mut row = vec![
        TableCell::text(title),
        features,
        spread(folds.mean.accuracy, folds.deviation.accuracy),
        spread(folds.mean.roc_auc, folds.deviation.roc_auc),
    ];
    row.extend(SCORES.map(|(_, _, of)| TableCell::number(of(test), fixed(of(test), 3))));
    row
}

/// The same, one number a column.
fn leaderboard_long(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> ReportTable {
    let about = ["model", "final", "feature_set", "features", "folds"];
    let folds = ["folds_accuracy_mean", "folds_accuracy_std", "folds_roc_auc_mean", "folds_roc_auc_std"];
    let names = about.into_iter().chain(folds).chain(SCORES.map(|(name, _, _)| name));
    let columns: Vec<(&str, &str)> = names.map(|name| (name, name)).collect();
    let row = |(index, (candidate, statistics)): (usize, (&LeaderboardRow, &ModelFoldStatistics))| {
        let about = [
            TableCell::text(&candidate.title),
            TableCell::code((index == comparison.chosen).to_string()),
            TableCell::code(candidate.feature_set.name()),
            TableCell::count(statistics.features),
            TableCell::count(candidate.cross_validation.folds.len() as u64),
        ];
        long_row(about, &statistics.folds, &candidate.evaluation.scores)
    };
    let about = [
        TableCell::text("baseline"),
        TableCell::code("false"),
        TableCell::code("none"),
        TableCell::count(0),
        TableCell::count(comparison.folds),
    ];
    let baseline = long_row(about, &fold_statistics.baseline, &comparison.baseline.scores);
    let rows = comparison.rows.iter().zip(&fold_statistics.models).enumerate().map(row);
    ReportTable::new(LEADERBOARD.name, "Scores of the compared models.", &columns).rows(rows).rows([baseline])
}

fn long_row(about: [TableCell; 5], folds: &FoldSummary, test: &Scores) -> Vec<TableCell> {
    let of_folds = [folds.mean.accuracy, folds.deviation.accuracy, folds.mean.roc_auc, folds.deviation.roc_auc];
    let numbers = of_folds.into_iter().chain(SCORES.map(|(_, _, of)| of(test)));
    about.into_iter().chain(numbers.map(|number| TableCell::number(number, fixed(number, 4)))).collect()
}

pub(super) const COSTS: TableEntry = TableEntry {
    name: "costs",
    part: PagePart::ComparedModels,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        findings.report.comparison.as_ref().map(|comparison| costs(comparison, &findings.report.provenance))
    }),
    file: TableFile::Page,
};

/// Time and size, which unlike all else in a report change from run to run.
fn costs(comparison: &Leaderboard, provenance: &Provenance) -> ReportTable {
    let columns = [
        ("model", "Model"),
        ("fit_seconds", "Fit"),
        ("predict_seconds_per_row", "Prediction per track"),
        ("artifact_bytes", "Model file"),
    ];
    let row = |candidate: &LeaderboardRow| {
        let cost = &candidate.cost;
        vec![
            TableCell::text(&candidate.title),
            TableCell::number(cost.fit_seconds, format!("{} s", significant(cost.fit_seconds, 3))),
            TableCell::number(
                cost.predict_seconds_per_row,
                format!("{} µs", significant(cost.predict_seconds_per_row * 1e6, 3)),
            ),
            TableCell::number(cost.artifact_bytes as f64, bytes(cost.artifact_bytes)),
        ]
    };
    let whole = provenance.seconds.map_or(String::new(), |seconds| {
        format!(
            " The whole run up to this report, including searches and validation, took {} s.",
            significant(seconds, 3)
        )
    });
    let caption = format!(
        "Cost of the compared models on the computer that made this report ({}), with {}: elapsed time of the fit on all \
         training rows, of the prediction per test row (in one batch), and size of the model file. Times vary from run to \
         run.{whole}",
        provenance.computer,
        plural(provenance.threads as u64, "thread", "threads")
    );
    let table = ReportTable::new(COSTS.name, caption, &columns).rows(comparison.rows.iter().map(row));
    ReportTable { marked: (comparison.chosen < comparison.rows.len()).then_some(comparison.chosen), ..table }
}

pub(super) const BLEND: TableEntry = TableEntry {
    name: "blend",
    part: PagePart::ComparedModels,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let members = &findings.report.comparison.as_ref()?.blend;
        (!members.is_empty()).then(|| blend(members))
    }),
    file: TableFile::Page,
};

/// What each member adds to the blend.
fn blend(members: &[BlendMemberScores]) -> ReportTable {
    let columns = [
        ("member", "Member"),
        ("weight", "Weight"),
        ("share", "Share"),
        ("roc_auc", "ROC AUC alone"),
        ("roc_auc_without", "ROC AUC of the others"),
    ];
    let number = |value: f64, text: String| TableCell::number(value, text);
    let row = |member: &BlendMemberScores| {
        vec![
            TableCell::text(member.params.describe()),
            number(member.weight, fixed(member.weight, 3)),
            number(member.share, percent(member.share)),
            number(member.roc_auc, fixed(member.roc_auc, 4)),
            number(member.roc_auc_without, fixed(member.roc_auc_without, 4)),
        ]
    };
    let caption = "Members of the blend: weight, share of the variation of the log odds, mean ROC AUC over the folds \
                   alone, and ROC AUC of a blend without the member.";
    ReportTable::new(BLEND.name, caption, &columns).rows(members.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn the_final_model_is_marked_and_the_baseline_is_last() {
        let mut comparison = small::comparison();
        comparison.chosen = 1;
        let table = leaderboard(&comparison, &FoldStatistics::of(&comparison));
        assert_eq!((table.rows.len(), table.marked), (4, Some(1)));
        let shown: Vec<&str> = table.rows[1].iter().take(5).map(TableCell::shown).collect();
        assert_eq!(shown, ["random forest (notebook)", "14, notebook", "0.7683 ± 0.0230", "0.8683 ± 0.0230", "0.780"]);
        assert_eq!(table.rows[3][0].shown(), BASELINE);
        let expected = "Bold: the final model, random forest (notebook), chosen by the folds, before any model was \
                        scored on the test rows.";
        assert!(table.caption.ends_with(expected), "{}", table.caption);
    }

    #[test]
    fn the_file_has_one_number_a_column() {
        let comparison = small::comparison();
        let csv = leaderboard_long(&comparison, &FoldStatistics::of(&comparison)).csv().expect("rows fit");
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].starts_with("model,final,feature_set,features,folds,folds_accuracy_mean,"));
        assert!(lines[1].starts_with("gradient boosting (tuned),true,selected,15,3,"), "{}", lines[1]);
        assert!(lines[4].starts_with("baseline,false,none,0,3,"), "{}", lines[4]);
    }

    #[test]
    fn costs_have_units() {
        let table = costs(&small::comparison(), &small::report().provenance);
        let shown: Vec<&str> = table.rows[0].iter().skip(1).map(TableCell::shown).collect();
        assert_eq!(shown, ["1.25 s", "2.50 µs", "1.2 MB"]);
    }
}
