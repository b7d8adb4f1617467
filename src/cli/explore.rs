//! `hitflop explore`: the analysis without a model.

use anyhow::Result;
use clap::Args;

use super::flags::{DataArgs, SelectionArgs};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, ExploreOptions};

/// Read the decade files and write the report without a model
#[derive(Args, Debug)]
#[command(
    after_help = "Of more than 5,000,000 tracks, only sums are kept, in memory that does not grow with their number. Parts that need rows are \
    left out and named in the report, and the union of the files is not written.\n\n\
    Examples:\n  \
    hitflop explore --data archive.zip\n  \
    hitflop explore --data data --reports out --max-correlation 0.7 --permutations 100"
)]
pub struct ExploreArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub fn execute(global: GlobalArgs, args: ExploreArgs) -> Result<()> {
    let settings = Settings::resolve(global, &[&args.data, &args.selection])?;
    let Some(Settings { program, data, output, selection, .. }) = settings else { return Ok(()) };
    let progress = TerminalProgress::of_job(program.quiet);
    let options = ExploreOptions { data, output, selection };
    if pipeline::has_many_rows(&options.data) {
        let result = pipeline::explore_sums(&options, &progress)?;
        return print::summary("explore", &program, &progress, &result.summary());
    }
    let result = pipeline::explore(&options, &progress)?;
    print::summary("explore", &program, &progress, &result.summary())
}
