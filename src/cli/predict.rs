//! `hitflop predict`: label and probability of the tracks of any table.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::comparison::print_comparison;
use super::flags::ScoringArgs;
use super::mapping::{print_reading, ReadingSummary};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use hitflop::pipeline::{self, FileOptions, PredictionColumns, TrainingComparison};
use hitflop_core::disk::Staged;
use hitflop_core::error::Error;
use hitflop_data::table::write::TableFormat;
use hitflop_data::track_files::TrackFiles;
use hitflop_model::artifact::SIMULATED_NOTICE;
use hitflop_report::format::{count, plural};

/// Append label (1 hit, 0 flop) and probability of a hit to the tracks of any table
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop predict tracks.csv > scored.csv\n  \
    hitflop predict tracks.csv --output scored.csv --json\n  \
    hitflop predict tracks.csv --model models/train-forest.model --allow-missing\n\n\
    Tables in circulation, which lack some of the features:\n  \
    a playlist exported by Exportify\n    \
    hitflop predict playlist.csv --allow-missing --output scored.csv\n  \
    \"Most Streamed Spotify Songs 2023\": percent, keys as C#, decade from released_year\n    \
    hitflop predict spotify-2023.csv --allow-missing --output scored.parquet\n  \
    audio features as an API returned them, from a pipe\n    \
    curl … | hitflop predict - --allow-missing --format ndjson")]
pub struct PredictArgs {
    #[command(flatten)]
    scoring: ScoringArgs,
    /// File for the scored tracks [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Format of the scored tracks [default: by the ending of --output; csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<OutputFormat>,
    /// Name of the column for the label
    #[arg(long, value_name = "NAME", default_value = "label")]
    label_column: String,
    /// Name of the column for the probability
    #[arg(long, value_name = "NAME", default_value = "probability")]
    probability_column: String,
}

/// Formats of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Fields separated by commas
    Csv,
    /// Fields separated by tabs
    Tsv,
    /// One JSON object a line
    Ndjson,
    /// Parquet
    Parquet,
}

impl OutputFormat {
    /// The format that is requested, or that of the output's ending.
    pub fn resolve(requested: Option<OutputFormat>, output: Option<&Path>) -> hitflop::Result<TableFormat> {
        match (requested, output) {
            (Some(OutputFormat::Csv), _) => Ok(TableFormat::Csv),
            (Some(OutputFormat::Tsv), _) => Ok(TableFormat::Tsv),
            (Some(OutputFormat::Ndjson), _) => Ok(TableFormat::Ndjson),
            (Some(OutputFormat::Parquet), _) => Ok(TableFormat::Parquet),
            (None, Some(path)) => TableFormat::of_path(path),
            (None, None) => Ok(TableFormat::default()),
        }
    }
}

pub fn execute(global: GlobalArgs, args: PredictArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.scoring.reading])? else { return Ok(()) };
    if settings.program.json && args.output.is_none() {
        let rule = "needs --output FILE, because standard output can't hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    let output = args.output.as_deref();
    let options = args.scoring.options(&settings)?;
    pipeline::check_files(&files_read(&options, &settings), args.output.as_slice())?;
    let format = OutputFormat::resolve(args.format, output)?;
    let columns = PredictionColumns { label: args.label_column, probability: args.probability_column };
    let progress = TerminalProgress::new(settings.program.quiet);
    let scored = pipeline::predict_file(&options, columns, &progress)?;
    warn_of_simulation(&settings, &options.model, scored.model_simulated);
    print_reading(&settings, &scored.tracks);
    print_comparison(&settings, &scored.comparison);
    check_written(&scored.tracks, output)?;
    let (rows, hits) = (scored.predictions.len() as u64, scored.hits());
    let json = PredictionSummary {
        rows,
        hits: Some(hits),
        model_simulated: scored.model_simulated,
        reading: (&scored.tracks).into(),
        comparison: &scored.comparison,
        written: args.output.as_slice(),
    };
    write_tracks(
        "predict",
        &settings,
        output,
        &json,
        |target| scored.write(format, target),
        || format!("{} scored, {} predicted as hits", plural(rows, "track", "tracks"), count(hits)),
    )
}

/// Result of a command that writes tracks.
#[derive(Serialize)]
pub struct PredictionSummary<'a> {
    pub rows: u64,
    /// Number of tracks that are predicted as hits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    pub model_simulated: Option<bool>,
    #[serde(flatten)]
    pub reading: ReadingSummary<'a>,
    #[serde(flatten)]
    pub comparison: &'a TrainingComparison,
    pub written: &'a [PathBuf],
}

/// The files that a command reads, as far as they are named.
pub fn files_read(options: &FileOptions, settings: &Settings) -> Vec<PathBuf> {
    [&options.inputs[..], std::slice::from_ref(&options.model), settings.config.as_slice()].concat()
}

/// Checks that the output is none of the files that were read, of which those below directories are known only now.
pub fn check_written(tracks: &TrackFiles, output: Option<&Path>) -> hitflop::Result<()> {
    let Some(output) = output else { return Ok(()) };
    let read: Vec<PathBuf> = tracks.files.iter().map(|file| PathBuf::from(&file.file)).collect();
    pipeline::check_files(&read, &[output.to_owned()])
}

/// Warns of a model that learned from simulated tracks.
pub fn warn_of_simulation(settings: &Settings, model: &Path, simulated: Option<bool>) {
    if simulated == Some(true) {
        print::warning(&settings.program, &format!("{}: {SIMULATED_NOTICE}", model.display()));
    }
}

/// Writes tracks to a file, and a summary to standard output; without a file, the tracks to standard output.
pub fn write_tracks(
    command: &str,
    settings: &Settings,
    output: Option<&Path>,
    json: &PredictionSummary,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    words: impl FnOnce() -> String,
) -> Result<()> {
    let Some(path) = output else { return print::stream(write) };
    let staged = Staged::beside(path)?;
    let refuse = |source| Error::io("write", path, source);
    let mut file = BufWriter::new(File::create(staged.path()).map_err(refuse)?);
    write(&mut file).and_then(|()| file.flush()).map_err(refuse)?;
    drop(file);
    staged.publish()?;
    print::of_command(command, &settings.program, json, || format!("{}: {}\n", words(), path.display()))
}
