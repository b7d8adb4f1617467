//! `hitflop ingest`: decade files to one table.

use anyhow::Result;
use clap::Args;

use super::flags::DataArgs;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline;

/// Read and check the decade files, write their union as Parquet, and count the tracks
#[derive(Args, Debug)]
#[command(
    after_help = "More than 5,000,000 tracks are read once, in memory that does not grow with their number, and written in the order of \
    reading. Numbers of distinct artists and URIs are estimated then.\n\n\
    Examples:\n  \
    hitflop ingest --data archive.zip\n  \
    hitflop ingest --data 'in/*.csv' --lenient --processed out/tracks.parquet"
)]
pub struct IngestArgs {
    #[command(flatten)]
    data: DataArgs,
}

pub fn execute(global: GlobalArgs, args: IngestArgs) -> Result<()> {
    let settings = Settings::resolve(global, &[&args.data])?;
    let Some(Settings { program, data, output, .. }) = settings else { return Ok(()) };
    let progress = TerminalProgress::new(program.quiet);
    if pipeline::has_many_rows(&data) {
        let result = pipeline::ingest_sums(&data, &output, &progress)?;
        return print::summary("ingest", &program, &progress, &result.summary());
    }
    let result = pipeline::ingest(&data, &output, &progress)?;
    print::summary("ingest", &program, &progress, &result.summary())
}
