//! `hitflop run`: the whole job.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::flags::LearningArgs;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, RunOptions};
use hitflop_model::estimator::EstimatorKind;

/// Read and explore the tracks, compare models, write the report, and save the best model
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop run                       the files in data/, or a simulated sample\n  \
    hitflop run --data archive.zip    the archive as downloaded from Kaggle\n  \
    hitflop run --data 'in/dataset-of-*.csv' --reports out/reports --models out/models --json\n  \
    hitflop run --data archive.zip --model forest --features notebook    set the kind and features of the final model\n  \
    hitflop run --data archive.zip --grid notebook    include the notebook's grid search; resumes an interrupted one")]
pub struct RunArgs {
    /// Kind of the final model [default: that of the best cross-validated model]
    #[arg(long, value_enum, value_name = "KIND")]
    model: Option<EstimatorKind>,
    /// Also search this grid of random forests; takes several minutes
    #[arg(long, value_enum, value_name = "GRID")]
    grid: Option<GridKind>,
    /// Compare more models and repeat more fits; takes several minutes. The boosting is compared with every set of features, and a
    /// forest with the selected features. The blend has a distilled boosting. All models are fitted to all folds. 24 candidates are
    /// tried for the boosting's parameters instead of 8, and the boosting learns at half the rate. The evaluation has 10 splits
    /// instead of 2, 5,000 resamples, 5 folds across decades and 5 learning curves, all by the model itself instead of a lighter one.
    /// All held-out rows are explained
    #[arg(long)]
    thorough: bool,
    #[command(flatten)]
    learning: LearningArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GridKind {
    /// The notebook's 144 points on three folds
    Notebook,
}

pub fn execute(global: GlobalArgs, args: RunArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.learning])? else { return Ok(()) };
    let Settings { program, data, output, selection, learn, .. } = settings;
    let progress = TerminalProgress::of_job(program.quiet);
    let options = RunOptions {
        data,
        output,
        selection,
        learn,
        kind: args.model,
        grid: args.grid == Some(GridKind::Notebook),
        thorough: args.thorough,
    };
    let result = pipeline::run(&options, &progress)?;
    print::summary("run", &program, &progress, &result.summary())
}
