//! `hitflop predict`: label and probability of the tracks of any table.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::comparison::print_comparison;
use super::flags::ScoringArgs;
use super::mapping::print_reading;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use hitflop::pipeline::{self, FileOptions, PredictOptions, PredictionColumns, PredictionResult, PredictionTarget};
use hitflop_data::table::write::TableFormat;
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
    curl … | hitflop predict - --allow-missing --format ndjson\n\n\
    A table larger than memory, read in batches and written in parts; after an interruption, the same command continues\n  \
    hitflop predict tracks.parquet --output scored --rows-per-file 1000000\n\n\
    Exit codes: 0 success, 2 invalid input or arguments, 1 any other failure.")]
pub struct PredictArgs {
    #[command(flatten)]
    scoring: ScoringArgs,
    /// File for the scored tracks, or directory of --rows-per-file [default: standard output]
    #[arg(long, help_heading = "Output", value_name = "PATH")]
    output: Option<PathBuf>,
    /// Format of the scored tracks [default: by the ending of --output; csv; parquet of --rows-per-file]
    #[arg(long, help_heading = "Output", value_enum, value_name = "FORMAT")]
    format: Option<OutputFormat>,
    /// Write files of N tracks (part-00000.parquet, …) into the directory --output, with a summary. After an
    /// interruption, the same command continues after the finished files
    #[arg(long, help_heading = "Output", value_name = "N", requires = "output")]
    rows_per_file: Option<NonZeroU64>,
    /// Name of the column for the label
    #[arg(long, help_heading = "Output", value_name = "NAME", default_value = "label")]
    label_column: String,
    /// Name of the column for the probability
    #[arg(long, help_heading = "Output", value_name = "NAME", default_value = "probability")]
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
        let rule = "needs --output, because standard output cannot hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    let files = args.scoring.options(&settings)?;
    let format = match (args.format, args.rows_per_file) {
        (None, Some(_)) => TableFormat::Parquet,
        (format, _) => OutputFormat::resolve(format, args.output.as_deref())?,
    };
    let output = args.output.as_slice();
    let target = match (args.output.clone(), args.rows_per_file) {
        (None, None) => PredictionTarget::Held,
        (Some(path), None) => PredictionTarget::File(path),
        (Some(directory), Some(rows_per_file)) => PredictionTarget::Parts { directory, rows_per_file },
        (None, Some(_)) => return Err(invalid("rows-per-file", "needs --output DIR for the files", None)),
    };
    let written = if args.rows_per_file.is_none() { output } else { &[] };
    pipeline::check_files(&files_read(&files, &settings), written)?;
    let columns = PredictionColumns { label: args.label_column, probability: args.probability_column };
    let options = PredictOptions { files, columns, format, target };
    let progress = TerminalProgress::new(settings.program.quiet);
    let scored = pipeline::predict_file(&options, &progress)?;
    warn_of_simulation(&settings, &options.files.model, scored.result.model_simulated);
    print_reading(&settings, &scored.result.reading);
    print_comparison(&settings, &scored.result.comparison);
    let Some(output) = args.output else { return print::stream(|target| scored.copy_to(target)) };
    print_scored(&settings, &scored.publish()?, &output)
}

fn print_scored(settings: &Settings, scored: &PredictionResult, output: &Path) -> Result<()> {
    let words = || {
        let (rows, hits) = (scored.predictions.rows, scored.predictions.hits);
        let parts = match (scored.written.len() as u64, scored.resumed) {
            (_, 0) => String::new(),
            (parts, resumed) => format!(" ({resumed} of {parts} files were finished before)"),
        };
        let tracks = plural(rows, "track", "tracks");
        format!("{tracks} scored, {} predicted as hits: {}{parts}\n", count(hits), output.display())
    };
    print::of_command("predict", &settings.program, scored, words)
}

/// The files that a command reads, as far as they are named.
pub fn files_read(options: &FileOptions, settings: &Settings) -> Vec<PathBuf> {
    [&options.inputs[..], std::slice::from_ref(&options.model), settings.config.as_slice()].concat()
}

/// Warns of a model that learned from simulated tracks.
pub fn warn_of_simulation(settings: &Settings, model: &Path, simulated: Option<bool>) {
    if simulated == Some(true) {
        print::warning(&settings.program, &format!("{}: {SIMULATED_NOTICE}", model.display()));
    }
}
