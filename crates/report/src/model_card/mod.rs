//! The model card: what a model is, what it is for and not for, how good it is and how that is known, in Markdown.
//!
//! M. Mitchell and others, “Model Cards for Model Reporting”, FAT* 2019. It holds no time but the one that the model was given, and
//! no duration, so that the same data and settings give the same card.

mod importances;
mod scores;

use askama::Template;

use crate::format::{bytes, capitalise, count, fixed, list, percent, plural};
use crate::text::{data, probabilities};
use crate::{Provenance, Report};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature};
use hitflop_data::ingest::quality::{MissingValues, Quality};
use hitflop_model::dataset::duplicates::{DuplicateFigures, Duplicates};
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::param_value::ParamValue;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::selection::cross_validation::CrossValidation;

use hitflop_metrics::split::SampleSize;
use importances::{importance_columns, importance_lead, importances};
use scores::{chapters, robustness, score_columns, score_notes, scores};

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
    /// Name, size and hash of the model file.
    pub file: ModelFile,
    /// When it was made, as whoever had it made says.
    pub created: Option<&'a str>,
    /// Where the tracks come from.
    pub provenance: &'a Provenance,
    /// Repeats and contradictions among them.
    pub quality: &'a Quality,
    /// Tracks that were read.
    pub rows: u64,
    /// Features with missing values among them.
    pub missing: &'a [MissingValues],
    /// The decades that they are of, ascending.
    pub decades: Vec<Decade>,
    /// Parameters of the estimator.
    pub params: &'a EstimatorParams,
    /// Scores on the test rows, calibrated and at the model's threshold.
    pub evaluation: &'a Evaluation,
    /// Scores on folds of the training rows, if it was cross-validated.
    pub cross_validation: Option<&'a CrossValidation>,
    /// Size of the sample of the training tracks that all but the final fit used; `None` if they used all of them.
    pub sample: Option<SampleSize>,
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
    /// Whether the label is that of decade files.
    of_charts: bool,
    decades: Option<String>,
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
    not_read: &'a [String],
    params: Vec<(String, ParamValue)>,
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
        labels: data::labels(subject.provenance.label.as_deref()),
        of_charts: subject.provenance.label.is_none(),
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
        command: subject.provenance.command_lines.reproduce.clone(),
        hashes: subject.provenance.hashes(),
        not_read: &subject.provenance.not_read,
        params: subject.params.values(),
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
    let label = match &subject.provenance.label {
        Some(rule) => format!("the track has {rule}"),
        None => "the track was in the weekly Billboard Hot 100 in its decade".to_owned(),
    };
    format!(
        "{} that distinguishes hits from flops. From {what} of a track it predicts the probability that {label}, and \
         the label “hit” if the probability is greater than {}.",
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
        ("Threshold", format!("{}, {}", fixed(probabilities.threshold, 4), probabilities.objective.choice_in_words())),
        ("File", format!("`{}`, {}, SHA-256 `{}`", file.name, bytes(file.bytes), file.sha256)),
        ("Created by", format!("hitflop {}, seed {}", provenance.version, provenance.seed)),
        ("Run", format!("`{}`, as in the model, its metrics and the report", provenance.run_id)),
    ];
    facts.extend(subject.created.map(|time| ("Created by the command", time.to_owned())));
    let seconds = match subject.report {
        Some(_) => "`tables/costs.csv` of the report has the fitting time",
        None => "the command below reports the fitting time",
    };
    facts.push(("Speed", format!("depends on the machine and the run; {seconds}")));
    facts
}

/// `the 1960s to the 2010s`; none where no decade is known.
fn span(decades: &[Decade]) -> Option<String> {
    match decades {
        [] => None,
        [only] => Some(format!("the {only}")),
        [first, .., last] => Some(format!("the {first} to the {last}")),
    }
}

fn learned_from(subject: &Subject) -> Vec<String> {
    let evaluation = subject.evaluation;
    let what = match (subject.provenance.simulated, &subject.provenance.label) {
        (true, _) => " of a simulated sample of the Spotify Hit Predictor dataset",
        (false, None) => " of the Spotify Hit Predictor dataset (theoverman on Kaggle)",
        (false, Some(_)) => "",
    };
    let from = span(&subject.decades).map_or(String::new(), |span| format!(", from {span}"));
    let by = match subject.quality.artists {
        0 => String::new(),
        artists => format!(", by {}", plural(artists, "artist", "artists")),
    };
    let mut sentences = vec![
        format!("{}{what}{from}{by}.", plural(subject.rows, "track", "tracks")),
        format!(
            "The model was fitted to {} of them and scored on {} others.",
            count(evaluation.train_rows),
            count(evaluation.test_rows)
        ),
    ];
    let rejected: u64 = subject.provenance.rejected.iter().map(|(_, rows)| rows).sum();
    if rejected > 0 {
        sentences.push(format!("{} with invalid values were excluded.", plural(rejected, "row", "rows")));
    }
    sentences.extend(robustness(subject).and_then(|found| repeats(&found.duplicates)));
    sentences.extend(missing(subject));
    sentences
}

/// How often the model's features were missing.
fn missing(subject: &Subject) -> Option<String> {
    let of_model = subject.missing.iter().filter(|missing| subject.evaluation.features.contains(&missing.feature));
    let share = |missing: &MissingValues| percent(missing.rows as f64 / subject.rows as f64);
    let words: Vec<String> = of_model.map(|missing| format!("`{}` ({})", missing.feature, share(missing))).collect();
    (!words.is_empty()).then(|| {
        format!(
            "Values were missing in {}. Missing values are not imputed; the model learns from them as missing.",
            list(&words)
        )
    })
}

/// What became of rows of one URI and decade.
fn repeats(figures: &DuplicateFigures) -> Option<String> {
    let rows = plural(figures.extra_rows, "row", "rows");
    match figures.treatment {
        _ if figures.extra_rows == 0 => None,
        Duplicates::Resolve => Some(format!(
            "{rows} that repeat a URI and decade were merged with the first row, a hit if any of them is one."
        )),
        Duplicates::Keep => Some(format!("{rows} that repeat a URI and decade were kept.")),
    }
}

fn protocol(subject: &Subject) -> String {
    let test = format!(
        "Test: {}, {} tracks that were not used for fitting, calibration or threshold.",
        subject.evaluation.hold_out.description(),
        count(subject.evaluation.test_rows)
    );
    match subject.cross_validation {
        None => format!("{test}{}", sampled(subject, "Models for missing features")),
        Some(folds) => format!(
            "{test} Folds: mean ± standard deviation over {} stratified folds of the training tracks, at a threshold of 0.5 and without \
             calibration.{}",
            folds.folds.len(),
            sampled(subject, "Folds, calibration, threshold and models for missing features")
        ),
    }
}

/// That the `steps` used a sample of the training tracks; nothing if they used all.
fn sampled(subject: &Subject, steps: &str) -> String {
    let Some(sample) = subject.sample else { return String::new() };
    format!(
        " {steps} use {} of the {} training tracks: a random sample, stratified by \
         label and decade, of whole groups as far as possible (seed {}). The model is fitted on all training tracks.",
        count(sample.rows),
        count(sample.of),
        sample.seed
    )
}

fn limits(subject: &Subject) -> Vec<String> {
    let mut limits = Vec::new();
    let of_charts = subject.provenance.label.is_none();
    if of_charts {
        limits.push(
            "**The label means mainstream.** Flops come from genres and artists without a hit in that decade, so the \
             model partly learns genre."
                .to_owned(),
        );
    }
    limits.extend(same_artists(subject.quality));
    if of_charts {
        limits.push(
            "**Survivorship.** The data has tracks that were on Spotify when it was collected. For older decades \
             these are tracks that are still played, and remasters replace originals. The Hot 100 is a chart of the \
             United States."
                .to_owned(),
        );
    }
    limits.push(
        "**Features of other providers differ.** Spotify no longer provides these features to new applications. Other \
         sources use the same names but other measurements, and lack `chorus_hit` and `sections`. Missing values are \
         not imputed. The scores and the calibration above do not hold for such data."
            .to_owned(),
    );
    limits.extend(span(&subject.decades).map(|span| {
        format!(
            "**Time.** The training tracks are from {span}. The relation between audio and success changes, so scores \
             for later decades are unknown, except for those in the table of validation schemes above.",
        )
    }));
    limits.push(match of_charts {
        true => "**Names are not features.** Artist, title and URI leak the label because of the way the data was \
                 collected, and are never used. Published accuracies far above these use them."
            .to_owned(),
        false => "**Names are not features.** Artist, title and URI are never used.".to_owned(),
    });
    limits
}

/// What a split at random measures, where artists are known.
fn same_artists(quality: &Quality) -> Option<String> {
    (quality.artists > 0).then(|| {
        format!(
            "**In a random split, the same artists are in training and test**; in a grouped split they are not. {} of \
             the artists have only hits or only flops, and {} of the tracks are by them. A model that recognises an \
             artist’s sound scores better on a random split than for new artists.",
            percent(quality.share_of_artists_with_one_label),
            percent(quality.share_of_rows_by_artists_with_one_label)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::effect_size::decades;
    use crate::fixtures::small;

    fn card(report: &Report, with_report: bool) -> String {
        card_of_sample(report, with_report, None)
    }

    fn card_of_sample(report: &Report, with_report: bool, sample: Option<SampleSize>) -> String {
        let comparison = report.comparison.as_ref().expect("models are compared");
        let chosen = &comparison.rows[comparison.chosen];
        let subject = Subject {
            file: ModelFile { name: "hitflop.model".to_owned(), bytes: 1_234_567, sha256: "00ff".repeat(16) },
            created: None,
            provenance: &report.provenance,
            quality: &report.quality,
            rows: report.summary.rows,
            missing: &report.missing,
            decades: decades(&report.summary),
            params: &chosen.params,
            evaluation: report.evaluation.as_ref().expect("a model was fitted"),
            cross_validation: Some(&chosen.cross_validation),
            sample,
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
        let report = small::compared();
        let card = card(&report, true);
        assert_eq!(check_tables(&card), 6, "{card}");
        let evaluation = report.evaluation.as_ref().expect("a model was fitted");
        let probabilities = report.probabilities.as_ref().expect("a model was fitted");
        for words in [
            "# Model card: hitflop.model\n",
            &format!("| ROC AUC | {} | 0.5000 | 0.8700 ± 0.0200 |", fixed(evaluation.scores.roc_auc, 4)),
            &format!("{}, chosen for the greatest accuracy", fixed(probabilities.threshold, 4)),
            &report.provenance.command_lines.reproduce,
            &format!("{}  dataset-of-60s.csv", report.provenance.sources[0].sha256),
            "“Flop” therefore means niche, not bad",
            "| `n_estimators` | 300 |",
        ] {
            assert!(card.contains(words), "{words}\n{card}");
        }
        assert!(!card.contains("Simulated") && !card.contains("NaN") && !card.contains("\n\n\n"), "{card}");
    }

    #[test]
    fn a_sample_is_in_the_card() {
        let sample = SampleSize { rows: 50_000, of: 328_088, seed: 42 };
        let sampled = card_of_sample(&small::compared(), false, Some(sample));
        assert!(sampled.contains("use 50,000 of the 328,088 training tracks: a random sample"), "{sampled}");
        assert!(!card(&small::compared(), false).contains("random sample"));
    }

    #[test]
    fn scores_by_scheme_are_in_the_card() {
        let mut report = small::compared();
        report.robustness = Some(small::robustness());
        let card = card(&report, true);
        assert_eq!(check_tables(&card), 6, "{card}");
        for words in ["### New artists and later decades\n", "| grouped |", "### By decade\n", "| 1960s |"] {
            assert!(card.contains(words), "{words}\n{card}");
        }
        assert!(!card.contains("\n\n\n"), "{card}");
    }

    #[test]
    fn a_card_of_a_model_without_a_report_leaves_out_what_is_not_known() {
        let mut report = small::compared();
        report.provenance.simulated = true;
        let card = card(&report, false);
        assert!(card.contains("> **Simulated tracks.**") && card.contains("| Precision | 0.7143 | – |"), "{card}");
        assert!(!card.contains("The model was chosen over") && !card.contains("\n\n\n"), "{card}");
        check_tables(&card);
    }
}
