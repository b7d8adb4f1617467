//! `hitflop explain`: contributions of the features to the predictions for the tracks of any table.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::comparison::print_comparison;
use super::flags::{ReportArgs, ScoringArgs};
use super::mapping::print_reading;
use super::predict::{files_read, warn_of_simulation, OutputFormat};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{invalid, GlobalArgs, Settings};
use super::waterfall::waterfall;
use hitflop::pipeline::{
    self, ExplainedTracks, NotSearched, TrackExplanation, TrackSelector, TracksReading, TrainingComparison,
};
use hitflop_core::disk::Staged;
use hitflop_core::error::Error;
use hitflop_data::table::write::TableFormat;
use hitflop_report::alternatives;
use hitflop_report::format::plural;

/// Explain predictions: the contribution of each feature, and small changes that change the predicted label
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop explain tracks.csv --title 'Hey Jude'\n  \
    hitflop explain tracks.csv --row 3 --chart why.svg --json\n  \
    hitflop explain tracks.csv > contributions.csv")]
pub struct ExplainArgs {
    #[command(flatten)]
    scoring: ScoringArgs,
    /// Explain the track of this row, the first row being 1 (those of several files are numbered consecutively): print a waterfall and the
    /// smallest changes of one or two features that change the predicted label, and render a chart. Without a track, the
    /// contributions of all features to all tracks are appended to the file
    #[arg(long, help_heading = "Track", value_name = "N", group = "track", value_parser = clap::value_parser!(u64).range(1..))]
    row: Option<u64>,
    /// Explain the track with this Spotify URI, which can be a link
    #[arg(long, help_heading = "Track", value_name = "URI", group = "track")]
    uri: Option<String>,
    /// Explain the track with this title
    #[arg(long, help_heading = "Track", value_name = "TITLE", group = "track")]
    title: Option<String>,
    /// Chart of that track: a file that ends in .svg or .png, or a name without ending for both
    /// [default: waterfall, in the directory of the reports]
    #[arg(long, help_heading = "Track", value_name = "FILE", requires = "track")]
    chart: Option<PathBuf>,
    /// File for the contributions to all tracks [default: standard output]
    #[arg(long, help_heading = "Output", value_name = "FILE", conflicts_with = "track")]
    output: Option<PathBuf>,
    /// Format of the contributions to all tracks [default: by the ending of --output; csv]
    #[arg(long, help_heading = "Output", value_enum, value_name = "FORMAT", conflicts_with = "track")]
    format: Option<OutputFormat>,
    #[command(flatten)]
    report: ReportArgs,
}

pub fn execute(global: GlobalArgs, args: ExplainArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.scoring.reading, &args.report])? else { return Ok(()) };
    let selector = match (args.row, args.uri, args.title) {
        (Some(row), ..) => Some(TrackSelector::Row(row)),
        (None, Some(uri), _) => Some(TrackSelector::Uri(uri)),
        (None, None, title) => title.map(TrackSelector::Title),
    };
    if settings.program.json && selector.is_none() && args.output.is_none() {
        let rule = "needs a track (--row, --uri or --title) or --output FILE, because standard output cannot hold both the tracks and the summary";
        return Err(invalid("json", rule, None));
    }
    let options = args.scoring.options(&settings)?;
    let charts = selector.as_ref().map_or(Vec::new(), |_| match &args.chart {
        Some(path) => pipeline::waterfall_files(path),
        None => pipeline::waterfall_files(&settings.output.reports.join("waterfall")),
    });
    pipeline::check_files(&files_read(&options, &settings), &[args.output.as_slice(), &charts].concat())?;
    let format = OutputFormat::resolve(args.format, args.output.as_deref())?;
    let progress = TerminalProgress::new(settings.program.quiet);
    match selector {
        Some(selector) => {
            let found = pipeline::explain_track(&options, &selector, &progress)?;
            warn_of_simulation(&settings, &options.model, found.model_simulated);
            let reading = TracksReading::from(&found.tracks);
            print_reading(&settings, &reading);
            let warning =
                |warning: &String| print::warning(&settings.program, &format!("row {}: {warning}", found.row));
            // The last line names all missing features.
            let missing = &found.missing_features;
            let is_missing = |words: &&String| {
                missing.missing.iter().any(|feature| words.starts_with(&format!("{feature} is missing")))
            };
            found.warnings.iter().filter(|words| !is_missing(words)).for_each(warning);
            if !missing.missing.is_empty() {
                warning(&missing.to_string());
            }
            show(&settings, &found, reading, charts)
        }
        None => {
            let found = pipeline::explain_file(&options, &progress)?;
            warn_of_simulation(&settings, &options.model, found.model_simulated);
            let reading = TracksReading::from(&found.tracks);
            print_reading(&settings, &reading);
            print_comparison(&settings, &found.comparison);
            write_explanations(&settings, &found, reading, format, args.output)
        }
    }
}

/// Result of the explanation of all tracks.
#[derive(Serialize)]
struct ExplanationSummary<'a> {
    rows: u64,
    model_simulated: Option<bool>,
    #[serde(flatten)]
    reading: &'a TracksReading,
    #[serde(flatten)]
    comparison: &'a TrainingComparison,
    written: &'a [PathBuf],
}

/// Writes the tracks to a file, and a summary to standard output; without a file, the tracks to standard output.
fn write_explanations(
    settings: &Settings,
    found: &ExplainedTracks,
    reading: TracksReading,
    format: TableFormat,
    output: Option<PathBuf>,
) -> Result<()> {
    let Some(path) = output.as_deref() else { return print::stream(|target| found.write(format, target)) };
    // Files below directories are known only now.
    let read: Vec<PathBuf> = reading.files.iter().map(|file| PathBuf::from(&file.file)).collect();
    pipeline::check_files(&read, output.as_slice())?;
    let staged = Staged::beside(path)?;
    let refuse = |source| Error::io("write", path, source);
    let mut file = BufWriter::new(File::create(staged.path()).map_err(refuse)?);
    found.write(format, &mut file).and_then(|()| file.flush()).map_err(refuse)?;
    drop(file);
    staged.publish()?;
    let rows = found.explanations.len() as u64;
    let json = ExplanationSummary {
        rows,
        model_simulated: found.model_simulated,
        reading: &reading,
        comparison: &found.comparison,
        written: output.as_slice(),
    };
    let words = || format!("{} explained: {}\n", plural(rows, "track", "tracks"), path.display());
    print::of_command("explain", &settings.program, &json, words)
}

#[derive(Serialize)]
struct ShownTrack<'a> {
    #[serde(flatten)]
    found: &'a TrackExplanation,
    #[serde(flatten)]
    reading: TracksReading,
    written: &'a [PathBuf],
}

fn show(settings: &Settings, found: &TrackExplanation, reading: TracksReading, written: Vec<PathBuf>) -> Result<()> {
    let path = Path::new(&found.file);
    let file = path.file_name().map_or_else(|| found.file.clone(), |name| name.to_string_lossy().into_owned());
    let row = format!("{file}, row {}", found.row);
    let track = match (&found.title, &found.artist) {
        (Some(title), Some(artist)) => format!("{title} by {artist} ({row})"),
        (Some(title), None) => format!("{title} ({row})"),
        (None, _) => row,
    };
    pipeline::write_waterfall(&found.explanation, &track, &written)?;
    let shown = ShownTrack { found, reading, written: &written };
    print::of_command("explain", &settings.program, shown, || {
        let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        let sentences = match found.alternatives_not_searched {
            Some(reason) => vec![not_searched(reason)],
            None => alternatives(&found.alternatives, &found.explanation),
        };
        format!("{}\nwritten: {}\n", waterfall(&found.explanation, &sentences, &track), paths.join(", "))
    })
}

/// Why no alternatives are shown.
fn not_searched(reason: NotSearched) -> String {
    match reason {
        NotSearched::DecadeUnknown => "Alternatives, small changes of one or two features that change the predicted label, \
             were not searched for, because the decade of the track is not known. Add a column with its decade, year or \
             release date."
            .to_owned(),
        NotSearched::DecadeNotInTraining(decade) => format!(
            "Alternatives, small changes of one or two features that change the predicted label, were not searched for, \
             because the model was trained on no track of the {decade}, so that the range of their values is not known."
        ),
    }
}
