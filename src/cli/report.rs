//! `hitflop report`: the report of sums over tracks.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::flags::{ReportArgs, SelectionRuleArgs};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, FindingsOptions};

/// Write the report from statistics that hitflop.spark.explore computed on a cluster
#[derive(Args, Debug)]
#[command(
    after_help = "Parts that need rows are left out and named in the report: Spearman's correlation, pairs of features, sample rows.\n\n\
    Examples:\n  \
    hitflop report --findings findings.json\n  \
    hitflop report --findings findings.json --reports out --max-correlation 0.7"
)]
pub struct FindingsArgs {
    /// Sums over tracks, as hitflop.spark.explore writes them
    #[arg(long, value_name = "FILE")]
    findings: PathBuf,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    selection: SelectionRuleArgs,
}

pub fn execute(global: GlobalArgs, args: FindingsArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.reports, &args.selection])? else { return Ok(()) };
    let Settings { program, output, selection, .. } = settings;
    let progress = TerminalProgress::of_job(program.quiet);
    let options = FindingsOptions { findings: args.findings, output, selection };
    let result = pipeline::report_findings(&options, &progress)?;
    print::summary("report", &program, &progress, &result.summary())
}
