//! `hitflop model show`: what is in a model file.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::options::GlobalArgs;
use super::print;
use super::settings::Settings;
use hitflop_core::track::FeatureKind;
use hitflop_metrics::calibration::CalibratorKind;
use hitflop_metrics::scores::Scores;
use hitflop_model::artifact::{self, Artifact, EvaluationMetrics};
use hitflop_model::model::Model;
use hitflop_model::probabilities::CalibrationEffect;
use hitflop_report::format::{count, plural};
use hitflop_trees::Tree;

/// Look into a model file
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
    /// Print what a model is, what it learned from and how good it is
    Show {
        /// Model that `hitflop run` or `hitflop train` wrote
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub fn execute(global: GlobalArgs, args: ModelArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(&global, false, &[])? else { return Ok(()) };
    let ModelCommand::Show { file } = args.command;
    let artifact = artifact::read(&file)?;
    print::summary(&settings, &artifact::describe(&artifact), || for_people(&artifact))
}

fn for_people(artifact: &Artifact) -> String {
    let Artifact { model, origin, .. } = artifact;
    let mut page = Page::default();
    shape(&mut page, model);
    page.list("Parameters", model.params.entries().iter().map(|(name, value)| format!("{name} = {value}")));
    page.line("Calibration", &model.calibration.describe());
    page.line("Threshold", &format!("a track is called a hit if its probability is greater than {}", model.threshold));
    page.line("", &format!("chosen for: {}", model.objective.in_words()));
    features(&mut page, model);
    page.line(
        "Input",
        "not scaled; a missing value goes the way that a split has learned, or else that of most tracks",
    );
    scores(&mut page, model, &origin.metrics);
    page.line("Made by", &format!("hitflop {}", origin.program_version));
    page.list("Made at", origin.created.iter().cloned());
    page.list("Learned from", origin.data.iter().map(|file| format!("{}  SHA-256 {}", file.name, file.sha256)));
    page.text
}

/// Lines under topics.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, topic: &str, words: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "{topic:<15}{words}");
    }

    /// The topic stands at the first line only.
    fn list(&mut self, topic: &str, lines: impl IntoIterator<Item = String>) {
        for (index, line) in lines.into_iter().enumerate() {
            self.line(if index == 0 { topic } else { "" }, &line);
        }
    }
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
        page.line("", &format!("added to log odds of {baseline:.4}"));
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
    page.line("", &scores_in_words(&metrics.scores));
    let confusion = metrics.confusion;
    page.line(
        "",
        &format!(
            "hits: {} called hits, {} flops; flops: {} called flops, {} hits",
            count(confusion.true_positives),
            count(confusion.false_negatives),
            count(confusion.true_negatives),
            count(confusion.false_positives)
        ),
    );
    page.line("", &format!("always naming the label commoner in training: accuracy {:.4}", metrics.majority_accuracy));
    if let Some(folds) = &metrics.cross_validation {
        let how = "at a threshold of 0.5, before calibration";
        page.line("Folds", &format!("means over {} folds of the training tracks, {how}", folds.folds.len()));
        page.line("", &scores_in_words(&folds.mean()));
        let deviation = folds.deviation();
        page.line(
            "",
            &format!("standard deviation: accuracy {:.4}, ROC AUC {:.4}", deviation.accuracy, deviation.roc_auc),
        );
    }
    if let Some(scores) = &metrics.calibration {
        let told = |rows: &str, scores: &CalibrationEffect| before_and_after(rows, model.calibration.method(), scores);
        let out_of_fold = scores.out_of_fold.iter().map(|scores| told("out of fold", scores));
        page.list("Probabilities", out_of_fold.chain([told("test", &scores.test)]));
    }
    if let Some(score) = model.estimator.oob_score() {
        page.line("Out of bag", &format!("accuracy {score:.4} on the training tracks that a tree was not given"));
    }
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

fn scores_in_words(scores: &Scores) -> String {
    format!(
        "accuracy {:.4}, precision {:.4}, recall {:.4}, F1 {:.4}, ROC AUC {:.4}, average precision {:.4}, Brier {:.4}, \
         log loss {:.4}",
        scores.accuracy,
        scores.precision,
        scores.recall,
        scores.f1,
        scores.roc_auc,
        scores.average_precision,
        scores.brier,
        scores.log_loss
    )
}
