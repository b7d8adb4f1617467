//! `hitflop predict`: label and probability of the tracks in a CSV file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use ndarray::ArrayView2;
use serde_json::json;

use super::options::GlobalArgs;
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use hitflop_core::disk;
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_core::track::Label;
use hitflop_data::ingest::unlabelled::{self, Missing, Unlabelled};
use hitflop_model::artifact;
use hitflop_model::scoring::{Prediction, Scorer};
use hitflop_report::format::{count, plural};

/// The columns that are appended.
const APPENDED: [&str; 2] = ["label", "probability"];

/// Append label (1 hit, 0 flop) and probability of a hit to the tracks of a CSV file
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv > scored.csv\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --output scored.csv --json\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --allow-missing")]
pub struct PredictArgs {
    /// Model that `hitflop run` or `hitflop train` wrote
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// CSV file with a column for each feature of the model; other columns are kept
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Take empty fields and absent columns as missing values. Nothing is imputed: a missing value goes the way that a split
    /// has learned, or, where training had none missing, the way of most tracks
    #[arg(long)]
    allow_missing: bool,
    /// File that the scored tracks go to [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn execute(global: GlobalArgs, args: PredictArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(&global, false, &[])? else { return Ok(()) };
    if settings.json && args.output.is_none() {
        let rule = "needs --output FILE, since standard output can't hold both the tracks and the summary";
        return Err(Error::input(Fault::new(Place::setting("json"), Reason::Setting, rule)).into());
    }
    if let Some(output) = &args.output {
        stages::refuse_to_overwrite(&[args.input.clone(), args.model.clone()], output)?;
    }
    let mut progress = Progress::new(settings.quiet);
    let scorer = Scorer::new(progress.stage("read the model", || artifact::read(&args.model))?);
    let missing = if args.allow_missing { Missing::Allowed } else { Missing::Refused };
    let tracks = progress.stage("read the tracks", || unlabelled::read(&args.input, scorer.features(), missing))?;
    refuse_taken_columns(&tracks, &args)?;
    let records = ArrayView2::from_shape((tracks.records.len(), scorer.features().len()), &tracks.values)?;
    let scores = progress.stage("score", || scorer.score(records))?;
    let csv = scored(&tracks, &scores)?;
    let absent: Vec<&str> = tracks.absent.iter().map(|feature| feature.name()).collect();
    if !absent.is_empty() && !settings.quiet {
        eprintln!("warning: {}: no column {}; taken as missing", args.input.display(), absent.join(", "));
    }
    match &args.output {
        None => print::text(&csv),
        Some(path) => {
            disk::write_whole(path, csv.as_bytes())?;
            let hits = scores.iter().filter(|score| score.label == Label::Hit).count() as u64;
            let rows = scores.len() as u64;
            let json = json!({ "command": "predict", "rows": rows, "hits": hits, "absent": absent, "written": [path] });
            print::summary(&settings, &json, || {
                format!("{} scored, {} called hits: {}\n", plural(rows, "track", "tracks"), count(hits), path.display())
            })
        }
    }
}

fn refuse_taken_columns(tracks: &Unlabelled, args: &PredictArgs) -> Result<()> {
    match APPENDED.iter().find(|name| tracks.columns.iter().any(|column| column == *name)) {
        None => Ok(()),
        Some(name) => {
            let place = Place::file(args.input.display().to_string()).column(*name);
            let rule = "the column is there already and would be appended; rename or remove it";
            Err(Error::input(Fault::new(place, Reason::DuplicateColumn, rule)).into())
        }
    }
}

fn scored(tracks: &Unlabelled, scores: &[Prediction]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(tracks.columns.iter().map(String::as_str).chain(APPENDED))?;
    for (record, score) in tracks.records.iter().zip(scores) {
        let label = (score.label as i32).to_string();
        let probability = score.probability.to_string();
        writer.write_record(record.iter().chain([label.as_str(), probability.as_str()]))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
