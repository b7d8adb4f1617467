//! `hitflop explain`: contributions of the features to the predictions for the tracks of a CSV file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::flags::ReportArgs;
use super::predict::{warn_of_absent, warn_of_simulation, write_tracks};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use super::waterfall::waterfall;
use hitflop::pipeline::{self, FileOptions, TrackExplanation};
use hitflop_report::format::plural;

/// Explain predictions: the contribution of each feature, and small changes that change the predicted label
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv --row 3\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv --row 3 --chart why.svg --json\n  \
    hitflop explain --model models/hitflop.model --input tracks.csv > contributions.csv")]
pub struct ExplainArgs {
    /// Model file of `hitflop run` or `hitflop train`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// CSV file with a column for each feature of the model; other columns are kept
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Explain the track of this row, the first row being 1: print a waterfall and the smallest changes of one or two features
    /// that change the predicted label, and render a chart. Without it, the contributions of all features to all tracks are
    /// appended to the file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    row: Option<u64>,
    /// Chart of that track: a file that ends in .svg or .png, or a name without ending for both
    /// [default: waterfall, in the directory of the reports]
    #[arg(long, value_name = "FILE", requires = "row")]
    chart: Option<PathBuf>,
    /// File for the contributions to all tracks [default: standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "row")]
    output: Option<PathBuf>,
    /// Treat empty fields and absent columns as missing values, as `hitflop predict` does
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    report: ReportArgs,
}

pub fn execute(global: GlobalArgs, args: ExplainArgs) -> Result<()> {
    let settings = Settings::resolve(global, &[&args.report])?;
    if settings.program.json && args.row.is_none() && args.output.is_none() {
        let rule = "needs --row N or --output FILE, because standard output can't hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    let inputs = [&[args.input.clone(), args.model.clone()][..], settings.config.as_slice()].concat();
    let charts = args.row.map_or(Vec::new(), |_| match &args.chart {
        Some(path) => pipeline::waterfall_files(path),
        None => pipeline::waterfall_files(&settings.output.reports.join("waterfall")),
    });
    pipeline::check_files(&inputs, &[args.output.as_slice(), &charts].concat())?;
    let progress = TerminalProgress::new(settings.program.quiet);
    let options = FileOptions { model: &args.model, input: &args.input, allow_missing: args.allow_missing };
    match args.row {
        Some(row) => {
            let found = pipeline::explain_track(options, row, &progress)?;
            warn_of_simulation(&settings, &args.model, found.model_simulated);
            warn_of_absent(&settings, &args.input, &found.absent);
            show(&settings, &args.input, &found, charts)
        }
        None => {
            let found = pipeline::explain_file(options, &progress)?;
            warn_of_simulation(&settings, &args.model, found.model_simulated);
            warn_of_absent(&settings, &args.input, &found.tracks.absent);
            let rows = found.explanations.len() as u64;
            let json =
                json!({ "rows": rows, "model_simulated": found.model_simulated, "written": args.output.as_slice() });
            write_tracks("explain", &settings, &found.csv()?, args.output.as_deref(), &json, || {
                format!("{} explained", plural(rows, "track", "tracks"))
            })
        }
    }
}

#[derive(Serialize)]
struct ShownTrack<'a> {
    #[serde(flatten)]
    found: &'a TrackExplanation,
    written: &'a [PathBuf],
}

fn show(settings: &Settings, input: &Path, found: &TrackExplanation, written: Vec<PathBuf>) -> Result<()> {
    let file =
        input.file_name().map_or_else(|| input.display().to_string(), |name| name.to_string_lossy().into_owned());
    let track = format!("{file}, row {}", found.row);
    pipeline::write_waterfall(&found.explanation, &track, &written)?;
    print::of_command("explain", &settings.program, ShownTrack { found, written: &written }, || {
        let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        format!("{}\nwritten: {}\n", waterfall(&found.explanation, &found.alternatives, &track), paths.join(", "))
    })
}
