//! `hitflop predict`: label and probability of the tracks of any table.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{json, Value};

use super::comparison::print_comparison;
use super::flags::ReadingArgs;
use super::mapping::print_reading;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use hitflop::pipeline::{self, FileOptions, PredictionColumns};
use hitflop_core::disk::Staged;
use hitflop_core::error::Error;
use hitflop_data::table::write::TableFormat;
use hitflop_data::track_files::TrackFiles;
use hitflop_model::artifact::SIMULATED_NOTICE;
use hitflop_report::format::{count, plural};

/// Append label (1 hit, 0 flop) and probability of a hit to the tracks of any table
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv > scored.csv\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --output scored.csv --json\n  \
    hitflop predict --model models/hitflop.model --input tracks.csv --allow-missing\n\n\
    Tables in circulation, which lack some of the features:\n  \
    a playlist exported by Exportify\n    \
    hitflop predict --model models/hitflop.model --input playlist.csv --allow-missing --output scored.csv\n  \
    \"Most Streamed Spotify Songs 2023\": percent, keys as C#, decade from released_year\n    \
    hitflop predict --model models/hitflop.model --input spotify-2023.csv --allow-missing --output scored.parquet\n  \
    audio features as an API returned them, from a pipe\n    \
    curl … | hitflop predict --model models/hitflop.model --input - --allow-missing --format ndjson")]
pub struct PredictArgs {
    /// Model file of `hitflop run` or `hitflop train`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Tables with columns for the features of the model: CSV, TSV, Parquet, JSON or NDJSON files (also gzip, Zstandard or zip),
    /// globs, directories, or - for standard input. Other columns are kept. Can be repeated
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    input: Vec<PathBuf>,
    /// Treat empty fields and absent columns as missing values. Nothing is imputed: a model that was fitted to tracks with hidden
    /// features answers, and how often it is right with what is known is reported
    #[arg(long)]
    allow_missing: bool,
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
    #[command(flatten)]
    reading: ReadingArgs,
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
    let settings = Settings::resolve(global, &[&args.reading])?;
    if settings.program.json && args.output.is_none() {
        let rule = "needs --output FILE, because standard output can't hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    let output = args.output.as_deref();
    if let Some(output) = &args.output {
        let inputs = [&args.input[..], std::slice::from_ref(&args.model), settings.config.as_slice()].concat();
        pipeline::check_files(&inputs, std::slice::from_ref(output))?;
    }
    let format = OutputFormat::resolve(args.format, output)?;
    let columns = PredictionColumns { label: args.label_column, probability: args.probability_column };
    let progress = TerminalProgress::new(settings.program.quiet);
    let reading = settings.data.reading(args.allow_missing)?;
    let options = FileOptions { model: &args.model, inputs: &args.input, reading };
    let scored = pipeline::predict_file(&options, columns, &progress)?;
    warn_of_simulation(&settings, &args.model, scored.model_simulated);
    print_reading(&settings, &scored.tracks);
    print_comparison(&settings, &scored.comparison);
    check_written(&scored.tracks, output)?;
    let (rows, hits) = (scored.predictions.len() as u64, scored.hits());
    let json = json!({
        "rows": rows,
        "hits": hits,
        "model_simulated": scored.model_simulated,
        "absent": scored.tracks.absent,
        "notices": scored.tracks.notices,
        "files": scored.tracks.files,
        "warnings": scored.comparison.warnings,
        "missing_features": scored.comparison.missing_features,
        "drift": scored.comparison.drift,
        "written": args.output.as_slice(),
    });
    write_tracks(
        "predict",
        &settings,
        output,
        &json,
        |target| scored.write(format, target),
        || format!("{} scored, {} predicted as hits", plural(rows, "track", "tracks"), count(hits)),
    )
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
    json: &Value,
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
