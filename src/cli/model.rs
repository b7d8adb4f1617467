//! `hitflop model show`: what is in a model file.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{json, Value};

use super::options::GlobalArgs;
use super::print;
use super::settings::Settings;
use crate::artifact::{self, Artifact};
use crate::learn::metrics::Scores;
use crate::learn::tree::Tree;
use crate::report::narrative::words::{count, plural};

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
    print::summary(&settings, &for_programs(&artifact), || for_people(&artifact))
}

fn for_programs(artifact: &Artifact) -> Value {
    let Artifact { model, origin } = artifact;
    let trees = model.estimator.trees().trees();
    json!({
        "name": model.name(),
        "params": model.params,
        "threshold": model.threshold,
        "features": model.inputs.iter().zip(model.estimator.importances()).map(|(input, importance)| json!({
            "name": input.feature,
            "training_min": input.training_min,
            "training_max": input.training_max,
            "importance": importance,
        })).collect::<Vec<Value>>(),
        "trees": trees.len(),
        "nodes": trees.iter().map(|tree| tree.nodes.len()).sum::<usize>(),
        "leaves": trees.iter().map(|tree| tree.leaves.len()).sum::<usize>(),
        "depth": trees.iter().map(Tree::depth).max(),
        "origin": origin,
    })
}

fn for_people(artifact: &Artifact) -> String {
    let mut text = String::new();
    let mut line = |topic: &str, words: &str| {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{topic:<15}{words}");
    };
    let Artifact { model, origin } = artifact;
    let trees = model.estimator.trees().trees();
    let leaves: usize = trees.iter().map(|tree| tree.leaves.len()).sum();
    line("Model", &model.name());
    let depth = trees.iter().map(Tree::depth).max().unwrap_or(0) as u64;
    line(
        "",
        &format!(
            "{} with {}, at most {} deep",
            plural(trees.len() as u64, "tree", "trees"),
            plural(leaves as u64, "leaf", "leaves"),
            plural(depth, "split", "splits")
        ),
    );
    let entries = model.params.entries();
    for (index, (name, value)) in entries.iter().enumerate() {
        line(if index == 0 { "Parameters" } else { "" }, &format!("{name} = {value}"));
    }
    line("Threshold", &format!("a track is called a hit if its probability is greater than {}", model.threshold));
    line("Features", &format!("{:<18}{:>11}   {:<26}unit", "name", "importance", "range in training"));
    for (input, importance) in model.inputs.iter().zip(model.estimator.importances()) {
        let range = format!("{} to {}", input.training_min, input.training_max);
        let info = input.feature.info();
        let row = format!("{:<18}{:>9.1} %   {range:<26}{}", info.name, importance * 100.0, info.unit);
        line("", row.trim_end());
    }
    let metrics = &origin.metrics;
    line(
        "Test",
        &format!(
            "{}: fitted on {} tracks, scored on {}",
            metrics.protocol,
            count(metrics.train_rows),
            count(metrics.test_rows)
        ),
    );
    line("", &scores_in_words(&metrics.scores));
    line("", &format!("always naming the label commoner in training: accuracy {:.4}", metrics.majority_accuracy));
    if let Some(folds) = &metrics.cross_validation {
        line("Folds", &format!("means over {} folds of the training tracks", folds.folds.len()));
        line("", &scores_in_words(&folds.mean()));
        let deviation = folds.deviation();
        line("", &format!("standard deviation: accuracy {:.4}, ROC AUC {:.4}", deviation.accuracy, deviation.roc_auc));
    }
    line("Made by", &format!("hitflop {}", origin.program_version));
    if let Some(created) = &origin.created {
        line("Made at", created);
    }
    for (index, file) in origin.data.iter().enumerate() {
        line(if index == 0 { "Learned from" } else { "" }, &format!("{}  SHA-256 {}", file.name, file.sha256));
    }
    text
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
