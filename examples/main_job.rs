//! The whole main job, step by step: read, explore, compare, fit, calibrate, evaluate, explain, report and save.
//!
//! `cargo run --release --example main_job -- archive.zip` reads the archive; without an argument, a sample is simulated. The
//! report is written into `reports/`, the model into `models/`. `hitflop::pipeline::run` does the same in one call.

use hitflop::pipeline::{self, CompareOptions, DataOptions, LearnOptions, ModelFindings, ModelTarget, OutputOptions};
use hitflop::pipeline::{Outputs, RunOptions, SelectionOptions, ValidationOptions};

fn main() -> hitflop::Result<()> {
    let input = std::env::args_os().skip(1).map(Into::into).collect();
    let data = DataOptions { data: input, ..DataOptions::default() };
    let (output, learn) = (OutputOptions::default(), LearnOptions::default());
    let options = RunOptions { data, output, learn, ..RunOptions::default() };

    // Files are put at their places all together, by `commit`.
    let target = ModelTarget::InModels("hitflop.model".to_owned());
    let mut outputs = Outputs::open(&options.data, &options.output, Some(target))?;
    let tracks = pipeline::read(&options.data, &mut outputs, &())?;
    let analysis = pipeline::analyse(&tracks, &SelectionOptions::default(), &())?;
    let prepared = pipeline::prepare(&tracks, &options.learn, &())?;

    // Cross-validates the candidates, fits them, and calibrates the best.
    let compared = pipeline::compare(&prepared, &analysis.selection.kept, &CompareOptions::default(), &())?;
    let mut model = compared.model;
    let robustness = pipeline::validate(&prepared, &model.spec(), Some(&model), &ValidationOptions::default(), &())?;
    let explanations = Some(pipeline::explain(&prepared, &model, false, &())?);
    let predictions = model.track_predictions(&prepared)?;

    let findings = ModelFindings { leaderboard: compared.leaderboard, robustness, explanations, predictions };
    let provenance = options.provenance(&tracks)?;
    let report = pipeline::report(provenance, &tracks, analysis, Some((&model, findings)));
    let written = pipeline::publish(&report, &mut outputs, &())?;
    let saved = pipeline::save(&prepared, &mut model, &report.provenance, Some(&report), &mut outputs, &())?;
    outputs.commit()?;
    println!("{}: ROC AUC {:.4}", saved.path.display(), model.evaluation.scores.roc_auc);
    println!("{} and {} more files", written[0].display(), written.len() - 1);
    Ok(())
}
