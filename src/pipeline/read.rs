//! Finds, checks and unions the input files, or simulates them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::options::{invalid, DataOptions, OutputOptions};
use super::progress::Progress;
use hitflop_core::disk;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_data::explore::summary::{self, Summary};
use hitflop_data::ingest::source::{self, SourceOptions, Sources};
use hitflop_data::ingest::{self, Ingested};
use hitflop_data::simulate::{self, SampleProfile};

/// Where decade files are looked for if none are named.
const DATA: &str = "data";
/// Endings of files that an input directory may have.
const TABLE_ENDINGS: [&str; 8] = ["csv", "tsv", "txt", "zip", "gz", "zst", "json", "ndjson"];

/// The checked tracks of all input files.
#[derive(Debug)]
pub struct TrackSet {
    /// The union of the files, and what was found while reading them.
    pub ingested: Ingested,
    /// Whether no input was named or found, so that a sample was simulated.
    pub is_default_sample: bool,
    /// The files that were written: the union and, if there are any, the rejected rows.
    pub written: Vec<PathBuf>,
    /// The input.
    pub(super) data: DataOptions,
}

/// Result of [`ingest()`].
#[derive(Debug)]
pub struct IngestResult {
    /// The tracks.
    pub tracks: TrackSet,
    /// Counts and means by decade and label.
    pub summary: Summary,
}

/// Reads and checks the input files, writes their union, and counts.
///
/// # Errors
/// As [`read()`].
pub fn ingest(data: &DataOptions, output: &OutputOptions, progress: &dyn Progress) -> Result<IngestResult> {
    let tracks = read(data, output, progress)?;
    let summary = progress.stage("summarise", || summary::summarise(&tracks.ingested.tracks))?;
    Ok(IngestResult { tracks, summary })
}

/// Reads and checks the input files, or simulates a sample if none is named or found, and writes their union to
/// `output.processed`. Rows that are set aside go to `rejected_rows.csv` in `output.reports`.
///
/// # Errors
/// An output cannot be written where it should go or is an input; a file is missing or invalid; a row breaks a rule and
/// `lenient` is not set; no row is left.
pub fn read(data: &DataOptions, output: &OutputOptions, progress: &dyn Progress) -> Result<TrackSet> {
    check_outputs(data, output)?;
    let (files, is_default_sample) = find(data, progress)?;
    let ingested = progress
        .stage("read and check the tracks", || ingest::ingest(&files.sources, &output.processed, data.lenient))?;
    let rejected = output.reports.join("rejected_rows.csv");
    write_rejected(&rejected, &ingested)?;
    let mut written = vec![output.processed.clone()];
    written.extend((!ingested.rejected.is_empty()).then_some(rejected));
    Ok(TrackSet { ingested, is_default_sample, written, data: data.clone() })
}

struct InputFiles {
    sources: Sources,
    /// Directory of a simulated sample, which is removed with this value.
    _sample: Option<TempDir>,
}

impl From<Sources> for InputFiles {
    fn from(sources: Sources) -> InputFiles {
        InputFiles { sources, _sample: None }
    }
}

/// The input files, and whether they are a sample simulated for want of any.
fn find(data: &DataOptions, progress: &dyn Progress) -> Result<(InputFiles, bool)> {
    let options = data.source_options()?;
    let found = progress.stage("find decade files", || match data.data.as_slice() {
        [] => found_by_default(&options),
        inputs => source::resolve(inputs, &options).map(Some),
    })?;
    match found {
        Some(sources) => Ok((sources.into(), false)),
        None => Ok((progress.stage("simulate a sample", || simulate(data.seed))?, true)),
    }
}

fn found_by_default(options: &SourceOptions) -> Result<Option<Sources>> {
    match source::resolve(&[PathBuf::from(DATA)], options) {
        Ok(sources) => Ok(Some(sources)),
        Err(error) if source::is_nothing_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn simulate(seed: u64) -> Result<InputFiles> {
    let directory = source::temporary_directory()?;
    let files = simulate::draw(&SampleProfile::committed()?, seed).write(directory.path(), false)?;
    Ok(InputFiles { sources: source::resolve(&files, &SourceOptions::default())?, _sample: Some(directory) })
}

/// Directories must not be files, and the file not a directory.
fn check_outputs(data: &DataOptions, output: &OutputOptions) -> Result<()> {
    for (name, directory) in [("reports", &output.reports), ("models", &output.models)] {
        if directory.exists() && !directory.is_dir() {
            return Err(invalid(name, "expected a directory or a free name", directory.display().to_string()));
        }
    }
    if output.processed.is_dir() {
        let path = output.processed.display().to_string();
        return Err(invalid("processed", "expected a file or a free name", path));
    }
    refuse_to_overwrite(&data.data, &output.processed)
}

/// Checks that an output is not one of the inputs, and no table or archive below a directory that is an input. Parquet files below
/// it may be unions that this program wrote.
///
/// # Errors
/// It is.
pub fn refuse_to_overwrite(inputs: &[PathBuf], target: &Path) -> Result<()> {
    let Ok(real_target) = target.canonicalize() else { return Ok(()) };
    let is_target = |path: &Path| path.canonicalize().is_ok_and(|path| path == real_target);
    let in_directory = |input: &PathBuf| {
        input.is_dir()
            && target.extension().is_some_and(|kind| TABLE_ENDINGS.iter().any(|ending| kind == *ending))
            && input.canonicalize().is_ok_and(|input| real_target.starts_with(input))
    };
    if inputs.iter().any(|input| is_target(input) || in_directory(input)) {
        let rule = "expected an output file that is not an input file; choose another output file";
        let place = Place::file(target.display().to_string());
        return Err(Error::input(Fault::new(place, Reason::Setting, rule)));
    }
    Ok(())
}

/// Writes the rejected rows, or removes those of an earlier job.
fn write_rejected(path: &Path, ingested: &Ingested) -> Result<()> {
    if ingested.rejected.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if path.exists() => Err(Error::io("remove", path, error)),
            _ => Ok(()),
        };
    }
    let header = ["file", "row", "column", "reason", "rule", "value", "record"].map(str::to_owned);
    let rows = ingested.rejected.iter().map(|row| {
        let fault = &row.fault;
        let (number, column) = fault.place.cell();
        [
            fault.place.whole(),
            number.map(|number| number.to_string()).unwrap_or_default(),
            column.unwrap_or_default().to_owned(),
            fault.reason.describe().to_owned(),
            fault.rule.clone(),
            fault.value.clone().unwrap_or_default(),
            row.record.clone(),
        ]
    });
    disk::write_whole(path, &csv_bytes(std::iter::once(header).chain(rows))?)
}

/// Records as CSV.
pub(super) fn csv_bytes<R, F>(records: impl Iterator<Item = R>) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = F>,
    F: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: &dyn std::error::Error| Error::Failed(format!("writing CSV: {error}"));
    for record in records {
        writer.write_record(record).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}
