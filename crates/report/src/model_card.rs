//! The model card: what a model is, what it is for and not for, how good it is and how that is known, in Markdown.
//!
//! M. Mitchell and others, “Model Cards for Model Reporting”, FAT* 2019. It holds no time but the one that the model was given, and
//! no duration, so that the same data and settings give the same card.

use askama::Template;

use super::command::{command, hashes};
use super::findings::derived;
use super::format::{bytes, capitalise, count, fixed, list, percent, plural, with_deviation};
use super::phrases::models::{importance, subject as in_a_phrase};
use super::tables::{self, ReportTable};
use super::text::{self, data, probabilities};
use super::{Provenance, Report};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature};
use hitflop_data::ingest::quality::Quality;
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::evaluation::{Evaluation, Importance, Scores};
use hitflop_model::explain::global::Explanations;
use hitflop_model::explain::local::ContributionScale;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::selection::cross_validation::CrossValidation;
use hitflop_model::selection::leaderboard::{ChoiceReason, Leaderboard};
use hitflop_model::validation::robustness::Robustness;

/// Features that the card names.
const MAX_CARD_FEATURES: usize = 8;

/// The file that a card is about.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// Its name, without the directory.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What a card is made of.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The file.
    pub file: ModelFile,
    /// When it was made, as whoever had it made says.
    pub created: Option<&'a str>,
    /// Where the tracks come from.
    pub provenance: &'a Provenance,
    /// Repeats and contradictions among them.
    pub quality: &'a Quality,
    /// Tracks that were read.
    pub rows: u64,
    /// The decades that they are of, ascending.
    pub decades: Vec<Decade>,
    /// Parameters by scikit-learn's names.
    pub params: Vec<(String, String)>,
    /// Scores on the test rows, calibrated and at the model's threshold.
    pub evaluation: &'a Evaluation,
    /// Scores on folds of the training rows, if it was cross-validated.
    pub cross_validation: Option<&'a CrossValidation>,
    /// Its probabilities and threshold.
    pub probabilities: &'a ProbabilityQuality,
    /// The report that it is the final model of, if there is one: what it was chosen from, and how it does elsewhere.
    pub report: Option<&'a Report>,
}

/// A chapter of the card with a table, which may be empty.
struct Chapter {
    title: &'static str,
    text: Vec<String>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "model_card.md")]
struct ModelCardPage<'a> {
    file: &'a ModelFile,
    simulated: bool,
    purpose: String,
    facts: Vec<(&'static str, String)>,
    data: Vec<String>,
    labels: Vec<String>,
    decades: String,
    protocol: String,
    score_columns: Vec<String>,
    scores: Vec<(&'static str, Vec<String>)>,
    score_notes: Vec<String>,
    chapters: Vec<Chapter>,
    calibration: Vec<String>,
    threshold: Vec<String>,
    importance_lead: String,
    importance_columns: Vec<String>,
    importances: Vec<(&'static str, Vec<String>)>,
    limits: Vec<String>,
    command: String,
    hashes: String,
    params: Vec<(String, String)>,
}

/// The card as Markdown.
///
/// # Errors
/// Fails only if the template does, which would be a fault of this program.
pub fn model_card(subject: &Subject) -> Result<String> {
    let page = ModelCardPage {
        file: &subject.file,
        simulated: subject.provenance.simulated,
        purpose: purpose(subject),
        facts: facts(subject),
        data: learned_from(subject),
        labels: data::labels(),
        decades: span(&subject.decades),
        protocol: protocol(subject),
        score_columns: score_columns(subject),
        scores: scores(subject),
        score_notes: score_notes(subject),
        chapters: chapters(subject),
        calibration: probabilities::calibration_of(subject.probabilities),
        threshold: probabilities::threshold_of(subject.probabilities),
        importance_lead: importance_lead(subject),
        importance_columns: importance_columns(subject),
        importances: importances(subject),
        limits: limits(subject),
        command: command(subject.provenance),
        hashes: hashes(subject.provenance),
        params: subject.params.clone(),
    };
    let text = page.render().map_err(|error| Error::Failed(format!("rendering the model card: {error}")))?;
    Ok(text.trim_end().to_owned() + "\n")
}

fn purpose(subject: &Subject) -> String {
    let evaluation = subject.evaluation;
    let what = if evaluation.features.contains(&Feature::Decade) {
        format!("{} audio features and the decade", evaluation.features.len() - 1)
    } else {
        plural(evaluation.features.len() as u64, "audio feature", "audio features")
    };
    format!(
        "{} that tells hits from flops: from {what} of a track it gives the probability that the track was in the weekly Billboard Hot \
         100 in its decade, and answers “hit” where that is greater than {}.",
        capitalise(&with_article(evaluation.params.kind().in_words())),
        fixed(subject.probabilities.threshold, 4)
    )
}

fn with_article(kind: &str) -> String {
    match kind {
        "gradient boosting" => "a gradient boosting model".to_owned(),
        kind => format!("a {kind}"),
    }
}

fn facts(subject: &Subject) -> Vec<(&'static str, String)> {
    let Subject { file, evaluation, probabilities, provenance, .. } = subject;
    let names: Vec<String> = evaluation.features.iter().map(|feature| format!("`{feature}`")).collect();
    let mut facts = vec![
        ("Model", evaluation.params.describe()),
        ("Features", names.join(", ")),
        ("Calibration", probabilities.calibration.describe()),
        (
            "Threshold",
            format!("{}, chosen for: {}", fixed(probabilities.threshold, 4), probabilities.objective.in_words()),
        ),
        ("File", format!("`{}`, {}, SHA-256 `{}`", file.name, bytes(file.bytes), file.sha256)),
        ("Made by", format!("hitflop {}, seed {}", provenance.version, provenance.seed)),
    ];
    facts.extend(subject.created.map(|time| ("Made at", time.to_owned())));
    let seconds = match subject.report {
        Some(_) => "`tables/costs.csv` of the report has the seconds that it took",
        None => "the command below tells the seconds that it takes, with `--json` to the last digit",
    };
    facts.push(("Speed", format!("differs from machine to machine and from run to run; {seconds}")));
    facts
}

/// `the 1960s to the 2010s`.
fn span(decades: &[Decade]) -> String {
    match decades {
        [] => "those it learned from".to_owned(),
        [only] => format!("the {only}"),
        [first, .., last] => format!("the {first} to the {last}"),
    }
}

fn learned_from(subject: &Subject) -> Vec<String> {
    let evaluation = subject.evaluation;
    let what = match subject.provenance.simulated {
        true => "a simulated sample of the Spotify Hit Predictor dataset",
        false => "the Spotify Hit Predictor dataset (theoverman on Kaggle)",
    };
    let mut sentences = vec![
        format!(
            "{} of {what}, from {}, by {}.",
            plural(subject.rows, "track", "tracks"),
            span(&subject.decades),
            plural(subject.quality.artists, "artist", "artists")
        ),
        format!(
            "The model was fitted to {} of them and scored on {} others.",
            count(evaluation.train_rows),
            count(evaluation.test_rows)
        ),
    ];
    let rejected: u64 = subject.provenance.rejected.iter().map(|(_, rows)| rows).sum();
    if rejected > 0 {
        sentences.push(format!("{} that broke a rule were set aside.", plural(rejected, "row", "rows")));
    }
    sentences.extend(assessment(subject).and_then(|found| repeats(&found.duplicates)));
    sentences
}

/// What became of rows of one URI and decade.
fn repeats(figures: &DuplicateFigures) -> Option<String> {
    let rows = plural(figures.extra_rows, "row", "rows");
    match figures.treatment {
        _ if figures.extra_rows == 0 => None,
        Duplicates::Resolve => Some(format!(
            "{rows} that repeat a URI and decade were made one with the first, a hit if any of them is one."
        )),
        Duplicates::Keep => Some(format!("{rows} that repeat a URI and decade were kept.")),
    }
}

fn protocol(subject: &Subject) -> String {
    let test = format!(
        "Test: {}, {} tracks that had no part in fitting, calibration or threshold.",
        subject.evaluation.hold_out.protocol(),
        count(subject.evaluation.test_rows)
    );
    match subject.cross_validation {
        None => test,
        Some(folds) => format!(
            "{test} Folds: mean ± standard deviation over {} stratified folds of the training tracks, at a threshold of 0.5 and without \
             calibration.",
            folds.folds.len()
        ),
    }
}

fn comparison<'a>(subject: &Subject<'a>) -> Option<&'a Leaderboard> {
    subject.report?.comparison.as_ref()
}

fn score_columns(subject: &Subject) -> Vec<String> {
    let mut columns = vec!["test".to_owned(), "without looking".to_owned()];
    columns.extend(subject.cross_validation.map(|_| "folds".to_owned()));
    columns
}

fn scores(subject: &Subject) -> Vec<(&'static str, Vec<String>)> {
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

fn score_notes(subject: &Subject) -> Vec<String> {
    let confusion = &subject.evaluation.confusion;
    let right = confusion.true_negatives + confusion.true_positives;
    let accuracy = derived::wilson(right, subject.evaluation.test_rows);
    let mut notes = vec![
        format!(
            "The accuracy on the test tracks has a 95 % interval of {} to {} (Wilson), tracks taken as independent, which those by one \
             artist are not.",
            fixed(accuracy.low, 4),
            fixed(accuracy.high, 4)
        ),
        "“Without looking” is always naming the label that is commoner in training, with its share as the probability.".to_owned(),
    ];
    notes.extend(comparison(subject).map(chosen_from));
    notes
}

fn chosen_from(comparison: &Leaderboard) -> String {
    let others = comparison.contenders.len().saturating_sub(1) as u64;
    let others = plural(others, "other model", "other models");
    match comparison.chosen_by {
        ChoiceReason::CrossValidation => format!(
            "It was chosen from itself and {others} by the greatest mean ROC AUC over the folds, on which its parameters were searched \
             for as well, so that these are a little too favourable; the test tracks had no part in either."
        ),
        ChoiceReason::User => format!("Its kind or its features were asked for; {others} were compared with it."),
    }
}

/// How it does elsewhere, of what the report knows.
fn chapters(subject: &Subject) -> Vec<Chapter> {
    let Some(found) = assessment(subject) else { return Vec::new() };
    let verdict: Vec<String> = text::robustness::verdict(found).into_iter().collect();
    let fitted = "The same parameters and features were fitted anew by each protocol, at a threshold of 0.5 and without calibration.";
    let text = verdict.into_iter().chain([fitted.to_owned()]).collect();
    let mut chapters = vec![Chapter::of(
        "For other tracks, new artists and a coming decade",
        text,
        tables::robustness::protocols(&found.protocols),
    )];
    if !found.protocols.by_decade.is_empty() {
        chapters.push(Chapter::of("By decade", Vec::new(), tables::robustness::by_decade(&found.protocols)));
    }
    chapters
}

fn assessment<'a>(subject: &Subject<'a>) -> Option<&'a Robustness> {
    subject.report?.assessment.as_ref()
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

/// How its features were measured by explaining it, if they were.
fn explanations<'a>(subject: &Subject<'a>) -> Option<&'a Explanations> {
    subject.report?.explanations.as_ref()
}

fn importance_lead(subject: &Subject) -> String {
    let evaluation = subject.evaluation;
    let used: Vec<_> = evaluation.importances.iter().filter(|one| one.share > 0.0).collect();
    if used.is_empty() {
        return "It looks at no feature: it gives every track the same probability.".to_owned();
    }
    let names: Vec<String> = used.iter().take(3).map(|one| format!("`{}`", one.feature)).collect();
    let measured = explanations(subject).map_or(String::new(), |found| {
        format!(
            " Permutation tells how much ROC AUC is lost where a feature's values change places among {} held-out tracks, with 95 % \
             intervals; contributions are mean absolute Shapley values over {} of them, in {}.",
            count(found.permutation.rows),
            count(found.shap.rows),
            match found.shap.scale {
                ContributionScale::LogOdds => "log odds",
                ContributionScale::Probability => "probability",
            }
        )
    });
    format!(
        "{} looks most at {}. The shares are of the {}, which favours features of many distinct values.{measured} That a feature matters \
         to the model does not make it a cause.",
        capitalise(&in_a_phrase(evaluation.params.kind())),
        list(&names),
        importance(evaluation.params.kind())
    )
}

fn importance_columns(subject: &Subject) -> Vec<String> {
    let share = format!("share of the {}", importance(subject.evaluation.params.kind()));
    let explained = ["loss of ROC AUC by permutation", "mean absolute contribution"].map(str::to_owned);
    std::iter::once(share).chain(explained.into_iter().filter(|_| explanations(subject).is_some())).collect()
}

fn importances(subject: &Subject) -> Vec<(&'static str, Vec<String>)> {
    let used = subject.evaluation.importances.iter().filter(|one| one.share > 0.0);
    let measured = |feature| explanations(subject).map_or(Vec::new(), |found| explained(found, feature));
    let row = |one: &Importance| (one.feature.name(), [vec![percent(one.share)], measured(one.feature)].concat());
    used.take(MAX_CARD_FEATURES).map(row).collect()
}

/// Loss by permutation and mean absolute contribution of a feature.
fn explained(found: &Explanations, feature: Feature) -> Vec<String> {
    let lost = found.permutation.features.iter().find(|one| one.feature == feature);
    let shap = found.shap.features.iter().find(|one| one.feature == feature);
    vec![
        lost.map_or(String::new(), |one| {
            format!("{} ± {}", fixed(one.roc_auc.mean, 4), fixed(one.roc_auc.half_width, 4))
        }),
        shap.map_or(String::new(), |one| fixed(one.mean_absolute, 3)),
    ]
}

fn limits(subject: &Subject) -> Vec<String> {
    let quality = subject.quality;
    vec![
        "**The label means mainstream.** Flops were drawn from genres without a hit and from artists without one in that decade, so \
         that part of what the model has learned is genre."
            .to_owned(),
        format!(
            "**The same artists are on both sides of a random split**, and on one side only of a grouped one. {} of the artists have hits only or flops only, and {} of the \
             tracks are theirs; a model that recognises an artist’s sound scores better at random than it would on a new artist.",
            percent(quality.share_of_artists_with_one_label),
            percent(quality.share_of_rows_by_artists_with_one_label)
        ),
        "**Survivorship.** The data holds what was found on Spotify when it was gathered; of the older decades that is what is still \
         listened to, and remasters stand for originals. The Hot 100 is a chart of the United States."
            .to_owned(),
        "**Features of other providers shift.** Spotify no longer gives these features to new applications. Other sources spell the \
         same names but measure otherwise, and give neither `chorus_hit` nor `sections`; a missing value goes the way that training \
         took most often, nothing is imputed, and neither the scores nor the calibration above hold there."
            .to_owned(),
        format!(
            "**Time.** It has seen {}. What makes a hit changes, and nothing here says how good it is for a later decade unless the \
             table of protocols above does.",
            span(&subject.decades)
        ),
        "**Names are no features.** Artist, title and URI nearly give the label away by the way the data was made, and are never used; \
         published accuracies far above these come from them."
            .to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::effect_size::decades;
    use crate::fixture;

    fn card(report: &Report, with_report: bool) -> String {
        let comparison = report.comparison.as_ref().expect("models are compared");
        let chosen = &comparison.contenders[comparison.chosen];
        let subject = Subject {
            file: ModelFile { name: "hitflop.model".to_owned(), bytes: 1_234_567, sha256: "00ff".repeat(16) },
            created: None,
            provenance: &report.provenance,
            quality: &report.quality,
            rows: report.summary.rows,
            decades: decades(&report.summary),
            params: chosen.params.clone(),
            evaluation: report.evaluation.as_ref().expect("a model was fitted"),
            cross_validation: Some(&chosen.cross_validation),
            probabilities: report.probabilities.as_ref().expect("a model was fitted"),
            report: with_report.then_some(report),
        };
        model_card(&subject).expect("the template renders")
    }

    /// Checks that every row of every table has as many cells as its head.
    fn check_tables(card: &str) -> usize {
        let cells = |line: &str| line.trim_matches('|').split('|').count();
        let lines: Vec<&str> = card.lines().collect();
        let mut tables = 0;
        for start in
            (0..lines.len()).filter(|&at| lines[at].starts_with('|') && (at == 0 || !lines[at - 1].starts_with('|')))
        {
            assert!(lines[start - 1].is_empty(), "a table begins after an empty line: {}", lines[start]);
            assert!(lines[start + 1].starts_with("|---"), "{}", lines[start + 1]);
            for line in lines[start..].iter().take_while(|line| line.starts_with('|')) {
                assert_eq!(cells(line), cells(lines[start]), "{line}");
            }
            tables += 1;
        }
        tables
    }

    #[test]
    fn a_card_says_what_the_report_says() {
        let report = fixture::compared();
        let card = card(&report, true);
        assert_eq!(check_tables(&card), 6, "{card}");
        let evaluation = report.evaluation.as_ref().expect("a model was fitted");
        let probabilities = report.probabilities.as_ref().expect("a model was fitted");
        for words in [
            "# Model card: hitflop.model\n",
            &format!("| ROC AUC | {} | 0.5000 | 0.8700 ± 0.0200 |", fixed(evaluation.scores.roc_auc, 4)),
            &format!("{}, chosen for: the greatest accuracy", fixed(probabilities.threshold, 4)),
            "hitflop run --data data --seed 42 --max-correlation 0.8",
            &format!("{}  dataset-of-60s.csv", report.provenance.sources[0].sha256),
            "So “flop” means niche, not bad",
            "| `n_estimators` | 100 |",
        ] {
            assert!(card.contains(words), "{words}\n{card}");
        }
        assert!(!card.contains("Simulated") && !card.contains("NaN") && !card.contains("\n\n\n"), "{card}");
    }

    #[test]
    fn what_the_protocols_found_is_in_the_card() {
        let mut report = fixture::compared();
        report.assessment = Some(fixture::assessment());
        let card = card(&report, true);
        assert_eq!(check_tables(&card), 6, "{card}");
        for words in
            ["### For other tracks, new artists and a coming decade\n", "| grouped |", "### By decade\n", "| 1960s |"]
        {
            assert!(card.contains(words), "{words}\n{card}");
        }
        assert!(!card.contains("\n\n\n"), "{card}");
    }

    #[test]
    fn a_card_of_a_model_without_a_report_leaves_out_what_is_not_known() {
        let mut report = fixture::compared();
        report.provenance.simulated = true;
        let card = card(&report, false);
        assert!(card.contains("> **Simulated tracks.**") && card.contains("| Precision | 0.7143 | – |"), "{card}");
        assert!(!card.contains("It was chosen from") && !card.contains("\n\n\n"), "{card}");
        check_tables(&card);
    }
}
