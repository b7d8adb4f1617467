//! `hitflop predict`: label and probability of the tracks in a CSV file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::{json, Value};

use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use hitflop::pipeline::{self, FileOptions};
use hitflop_core::disk;
use hitflop_core::track::Feature;
use hitflop_model::artifact::SIMULATED_NOTICE;
use hitflop_report::format::{count, plural};

/// Append label (1 hit, 0 flop) and probability of a hit to the tracks of a CSV file
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv > scored.csv\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --output scored.csv --json\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --allow-missing")]
pub struct PredictArgs {
    /// Model file of `hitflop run` or `hitflop train`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// CSV file with a column for each feature of the model; other columns are kept
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Treat empty fields and absent columns as missing values. Nothing is imputed: at each split a missing value follows the
    /// direction learned in training, or, if training had no missing values there, that of most tracks
    #[arg(long)]
    allow_missing: bool,
    /// File for the scored tracks [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn execute(global: GlobalArgs, args: PredictArgs) -> Result<()> {
    let settings = Settings::resolve(global, &[])?;
    if settings.program.json && args.output.is_none() {
        let rule = "needs --output FILE, because standard output can't hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    if let Some(output) = &args.output {
        let inputs = [&[args.input.clone(), args.model.clone()][..], settings.config.as_slice()].concat();
        pipeline::check_files(&inputs, std::slice::from_ref(output))?;
    }
    let progress = TerminalProgress::new(settings.program.quiet);
    let options = FileOptions { model: &args.model, input: &args.input, allow_missing: args.allow_missing };
    let scored = pipeline::predict_file(options, &progress)?;
    warn_of_simulation(&settings, &args.model, scored.model_simulated);
    warn_of_absent(&settings, &args.input, &scored.tracks.absent);
    let (rows, hits) = (scored.predictions.len() as u64, scored.hits());
    let json = json!({
        "rows": rows,
        "hits": hits,
        "model_simulated": scored.model_simulated,
        "absent": scored.tracks.absent,
        "written": args.output.as_slice(),
    });
    write_tracks("predict", &settings, &scored.csv()?, args.output.as_deref(), &json, || {
        format!("{} scored, {} predicted as hits", plural(rows, "track", "tracks"), count(hits))
    })
}

/// Warns of a model that learned from simulated tracks.
pub fn warn_of_simulation(settings: &Settings, model: &Path, simulated: Option<bool>) {
    if simulated == Some(true) {
        print::warning(&settings.program, &format!("{}: {SIMULATED_NOTICE}", model.display()));
    }
}

/// Warns of features that the input has no column of.
pub fn warn_of_absent(settings: &Settings, input: &Path, absent: &[Feature]) {
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(|feature| feature.name()).collect();
        let words = format!("{}: no column {}; treated as missing", input.display(), names.join(", "));
        print::warning(&settings.program, &words);
    }
}

/// Writes tracks to a file, and a summary to standard output; without a file, the tracks to standard output.
pub fn write_tracks(
    command: &str,
    settings: &Settings,
    csv: &[u8],
    output: Option<&Path>,
    json: &Value,
    words: impl FnOnce() -> String,
) -> Result<()> {
    let Some(path) = output else { return print::text(csv) };
    disk::write_whole(path, csv)?;
    print::of_command(command, &settings.program, json, || format!("{}: {}\n", words(), path.display()))
}
