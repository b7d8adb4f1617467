//! `hitflop model show`: what is in a model file.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::page::Page;
use super::print;
use super::scores::{baseline, lines, out_of_bag};
use super::settings::{GlobalArgs, Settings};
use hitflop_core::track::{FeatureKind, TARGET};
use hitflop_metrics::calibration::CalibratorKind;
use hitflop_model::artifact::{self, Artifact, EvaluationMetrics};
use hitflop_model::missing::{pattern_name, MissingPattern};
use hitflop_model::model::Model;
use hitflop_model::probabilities::CalibrationEffect;
use hitflop_report::format::{count, plural};
use hitflop_trees::Tree;

/// Show the contents of a model file
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop model show models/hitflop.model\n  \
    hitflop model show models/hitflop.model --json")]
pub struct ModelArgs {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Subcommand, Debug)]
enum ModelCommand {
    /// Print the parameters, features, scores and origin of a model
    Show {
        /// Model file of `hitflop run` or `hitflop train`
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub fn execute(global: GlobalArgs, args: ModelArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[])? else { return Ok(()) };
    let ModelCommand::Show { file } = args.command;
    let artifact = artifact::read(&file)?;
    print::result(&settings.program, &artifact::describe(&artifact), || text_of(&artifact))
}

fn text_of(artifact: &Artifact) -> String {
    let Artifact { model, origin, .. } = artifact;
    let mut page = Page::default();
    page.list("SIMULATED", origin.notice().map(str::to_owned));
    shape(&mut page, model);
    page.list("Parameters", model.params.entries().iter().map(|(name, value)| format!("{name} = {value}")));
    page.line("Calibration", &model.calibration.describe());
    page.line(
        "Threshold",
        &format!("a track is predicted as a hit if its probability is greater than {:.4}", model.threshold),
    );
    page.line("", &model.objective.choice_in_words());
    features(&mut page, model);
    page.line(
        "Input",
        "not scaled; a missing value follows the learned direction of a split, or else that of most tracks, unless the file has a model for \
         tracks without the feature, which is then used (see Missing)",
    );
    scores(&mut page, model, &origin.metrics);
    page.list("Missing", missing_features(artifact));
    page.line("Program", &format!("hitflop {}", origin.program_version));
    page.line("Run", origin.run_id.as_deref().unwrap_or("unknown"));
    let tracks = match origin.simulated {
        Some(true) => "simulated",
        Some(false) => "real",
        None => "unknown whether real or simulated, because an older program wrote the model",
    };
    let hit = match origin.label() {
        TARGET => format!("a track is a hit if its column {TARGET} is 1"),
        rule => format!("a track is a hit by the label {rule}"),
    };
    page.line("Tracks", &format!("{tracks}; {hit}"));
    page.list("Created", origin.created.iter().cloned());
    page.list("Data", origin.data.iter().map(|file| format!("{}  SHA-256 {}", file.name, file.sha256)));
    page.into_text()
}

fn shape(page: &mut Page, model: &Model) {
    let trees = model.estimator.trees().trees();
    let leaves: usize = trees.iter().map(|tree| tree.leaves.len()).sum();
    let depth = trees.iter().map(Tree::depth).max().unwrap_or(0) as u64;
    page.line("Model", &model.name());
    page.line(
        "",
        &format!(
            "{} with {}, at most {} deep",
            plural(trees.len() as u64, "tree", "trees"),
            plural(leaves as u64, "leaf", "leaves"),
            plural(depth, "split", "splits")
        ),
    );
    if let Some(baseline) = model.estimator.baseline() {
        page.line("", &format!("baseline of the log odds: {baseline:.4}"));
    }
}

fn features(page: &mut Page, model: &Model) {
    let row = |name: &str, importance: &str, kind: &str, training: &str, documented: &str, unit: &str| {
        let row = format!("{name:<18}{importance:>10}   {kind:<12}{training:<26}{documented:<16}{unit}");
        row.trim_end().to_owned()
    };
    page.line("Features", &row("name", "importance", "kind", "range in training", "documented", "unit"));
    for (input, importance) in model.inputs.iter().zip(model.estimator.importances()) {
        let info = input.feature.info();
        let kind = match info.kind {
            FeatureKind::Continuous => "continuous",
            FeatureKind::Count => "count",
            FeatureKind::Category => "category",
        };
        let training = format!("{} to {}", input.training_min, input.training_max);
        let share = format!("{:.1} %", importance * 100.0);
        page.line("", &row(info.name, &share, kind, &training, &info.range.to_string(), info.unit));
    }
}

fn scores(page: &mut Page, model: &Model, metrics: &EvaluationMetrics) {
    let (train, test) = (count(metrics.train_rows), count(metrics.test_rows));
    page.line("Test", &format!("{}: fitted on {train} tracks, scored on {test}", metrics.protocol));
    page.list("", lines(&metrics.scores));
    let confusion = metrics.confusion;
    page.line(
        "",
        &format!(
            "hits: {} predicted as hits, {} as flops; flops: {} predicted as flops, {} as hits",
            count(confusion.true_positives),
            count(confusion.false_negatives),
            count(confusion.true_negatives),
            count(confusion.false_positives)
        ),
    );
    page.line("", &baseline(metrics.majority_accuracy));
    if let Some(folds) = &metrics.cross_validation {
        let how = "at a threshold of 0.5, before calibration";
        let tracks = match &metrics.sample {
            Some(sample) => format!("a sample of {} of the {} training tracks", count(sample.rows), count(sample.of)),
            None => "the training tracks".to_owned(),
        };
        page.line("Folds", &format!("means over {} folds of {tracks}, {how}", folds.folds.len()));
        page.list("", lines(&folds.mean()));
        let deviation = folds.deviation();
        page.line(
            "",
            &format!("standard deviation: accuracy {:.4}, ROC AUC {:.4}", deviation.accuracy, deviation.roc_auc),
        );
    }
    if let Some(scores) = &metrics.calibration {
        let line = |rows: &str, scores: &CalibrationEffect| before_and_after(rows, model.calibration.method(), scores);
        let out_of_fold = scores.out_of_fold.iter().map(|scores| line("out of fold", scores));
        page.list("Probabilities", out_of_fold.chain([line("test", &scores.test)]));
    }
    if let Some(score) = model.estimator.oob_score() {
        page.line("Out of bag", &out_of_bag(score));
    }
}

/// What the model scores where features are missing, most frequent cases first; nothing if its file does not say.
fn missing_features(artifact: &Artifact) -> Vec<String> {
    let features = artifact.model.features();
    let line = |pattern: &MissingPattern| {
        let names: Vec<&str> = pattern.missing.features().iter().map(|feature| feature.name()).collect();
        let what = match (names.as_slice(), pattern_name(&features, pattern.missing)) {
            ([_, _, ..], Some(name)) => format!("{name} (without {})", names.join(", ")),
            _ => format!("without {}", names.join(", ")),
        };
        let scores = pattern.scores;
        format!(
            "{what}: accuracy {:.4}, ROC AUC {:.4}, threshold {:.4}",
            scores.accuracy, scores.roc_auc, pattern.decision.threshold
        )
    };
    artifact.model.fallbacks.iter().flat_map(|fallback| &fallback.patterns).map(line).collect()
}

/// Scores of calibrated probabilities, with those before it where there is a calibration.
fn before_and_after(rows: &str, method: CalibratorKind, scores: &CalibrationEffect) -> String {
    let CalibrationEffect { before, after } = scores;
    let was =
        |before: String| if method == CalibratorKind::None { String::new() } else { format!(" (before {before})") };
    format!(
        "{rows}: Brier {:.5}{}, expected calibration error {:.4}{}, log loss {:.4}{}",
        after.brier,
        was(format!("{:.5}", before.brier)),
        after.expected_calibration_error,
        was(format!("{:.4}", before.expected_calibration_error)),
        after.log_loss,
        was(format!("{:.4}", before.log_loss))
    )
}
