//! The whole main job, step by step: read, explore, compare, fit, calibrate, evaluate, explain, report and save.
//!
//! `cargo run --release --example main_job -- archive.zip` reads the archive; without an argument, a sample is simulated. The
//! report is written into `reports/`, the model into `models/`. `hitflop::pipeline::run` does the same in one call.

use hitflop::pipeline::{self, CompareOptions, DataOptions, LearnOptions, ModelFindings, OutputOptions};
use hitflop::pipeline::{SelectionOptions, ValidationOptions};

fn main() -> hitflop::Result<()> {
    let input = std::env::args_os().skip(1).map(Into::into).collect();
    let data = DataOptions { data: input, ..DataOptions::default() };
    let (output, learn) = (OutputOptions::default(), LearnOptions::default());

    let tracks = pipeline::read(&data, &output, &())?;
    let analysis = pipeline::analyse(&tracks, &SelectionOptions::default(), &())?;
    let prepared = pipeline::prepare(&tracks, &learn, &())?;

    // Cross-validates the candidates, fits them, and calibrates the best.
    let compared = pipeline::compare(&prepared, &analysis.selection.kept, &CompareOptions::default(), &())?;
    let model = compared.model;
    let robustness = pipeline::validate(&prepared, &model.spec(), Some(&model), &ValidationOptions::default(), &())?;
    let explanations = Some(pipeline::explain(&prepared, &model, false, &())?);

    let findings = ModelFindings { leaderboard: compared.leaderboard, robustness, explanations };
    let provenance = pipeline::provenance("run", &tracks, Vec::new());
    let report = pipeline::report(provenance, &tracks, analysis, Some((&model, findings)));
    let written = pipeline::publish(&report, &output.reports, &())?;
    let saved = pipeline::save(&prepared, &model, &report.provenance, Some(&report), &output.models, &())?;
    println!("{}: ROC AUC {:.4}", saved.path.display(), model.evaluation.scores.roc_auc);
    println!("{} and {} more files", written[0].display(), written.len() - 1);
    Ok(())
}
