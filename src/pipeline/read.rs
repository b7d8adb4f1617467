//! Finds, checks and unions the input files, or simulates them.

use std::path::PathBuf;
use std::time::Instant;

use super::options::{invalid, DataOptions, OutputOptions};
use super::outputs::{Outputs, ReplacedModel};
use super::progress::Progress;
use hitflop_core::disk::{Staged, TemporaryDirectory};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_data::explore::summary::{self, Summary};
use hitflop_data::ingest::source::{self, SourceOptions, Sources};
use hitflop_data::ingest::tracks::TrackTable;
use hitflop_data::ingest::{self, Ingested};
use hitflop_data::simulate::{self, SampleProfile};

/// Where decade files are looked for if none are named.
pub(super) const DATA: &str = "data";

/// The checked tracks of all input files.
#[derive(Debug)]
pub struct TrackSet {
    /// The union of the files, and what was found while reading them.
    pub ingested: Ingested,
    /// Whether no input was named or found, so that a sample was simulated.
    pub is_default_sample: bool,
    /// The files of the tracks: the union and, if there are any, the rejected rows.
    pub written: Vec<PathBuf>,
    pub(super) data: DataOptions,
    /// When they began to be read.
    pub(super) started: Instant,
}

impl TrackSet {
    /// Puts the outputs at their places, from where the union is read from now on. Returns a model that was replaced.
    pub(super) fn commit(&mut self, outputs: Outputs, progress: &dyn Progress) -> Result<Option<ReplacedModel>> {
        let union = TrackTable::at(outputs.places().processed.clone());
        let replaced = progress.stage("put the outputs in place", || outputs.commit())?;
        self.ingested.tracks = union;
        Ok(replaced)
    }
}

/// Result of [`ingest()`].
#[derive(Debug)]
pub struct IngestResult {
    /// The union of the files, with what was found while they were read.
    pub tracks: TrackSet,
    /// Counts and means by decade and label.
    pub summary: Summary,
}

/// Reads and checks the input files, writes their union, and counts.
///
/// # Errors
/// No input is named or found, and no sample requested; as [`read()`].
pub fn ingest(data: &DataOptions, output: &OutputOptions, progress: &dyn Progress) -> Result<IngestResult> {
    let mut outputs = Outputs::open(data, output, None)?;
    let mut tracks = read_named(data, &mut outputs, progress)?;
    let summary = progress.stage("summarise", || summary::summarise(&tracks.ingested.tracks))?;
    tracks.commit(outputs, progress)?;
    Ok(IngestResult { tracks, summary })
}

/// Reads and checks the input files, or simulates a sample if that is requested or no input is named or found. Their union is added to
/// `outputs`; until these are committed, the tracks are in a private file of this process, so that nothing that happens to the
/// former union or to the input files changes them. Rows that are set aside go to `rejected_rows.csv`.
///
/// # Errors
/// An output cannot be written where it should go, is an input, or would replace one of real tracks by one of simulated tracks; a
/// file is missing or invalid; a row breaks a rule and `lenient` is not set; no row is left.
pub fn read(data: &DataOptions, outputs: &mut Outputs, progress: &dyn Progress) -> Result<TrackSet> {
    let found = find(data, progress)?;
    let is_default_sample = found.is_none();
    let files = match found {
        Some(files) => files,
        None => progress.stage("simulate a sample", || simulate(data.seed))?,
    };
    read_files(files, is_default_sample, data, outputs, progress)
}

/// As [`read()`], but a sample is simulated only on request.
///
/// # Errors
/// As [`read()`], or no input is named or found, and no sample requested.
pub fn read_named(data: &DataOptions, outputs: &mut Outputs, progress: &dyn Progress) -> Result<TrackSet> {
    let Some(files) = find(data, progress)? else {
        let rule = format!("expected the tracks' files, because the directory {DATA} has no decade files");
        let fault = |setting: &str, rule: &str| Fault::new(Place::setting(setting), Reason::NoDecadeFiles, rule);
        return Err(Error::inputs(vec![fault("data", &rule), fault("simulated", "or request a simulated sample")], 2));
    };
    read_files(files, false, data, outputs, progress)
}

fn read_files(
    files: InputFiles,
    is_default_sample: bool,
    data: &DataOptions,
    outputs: &mut Outputs,
    progress: &dyn Progress,
) -> Result<TrackSet> {
    outputs.check_more(files.sources.files.iter().filter_map(|file| Some(file.input()?.to_owned())), &[])?;
    if files.sample.is_some() {
        outputs.of_simulated_tracks()?;
    }
    let started = Instant::now();
    let mut union = outputs.begin(&outputs.places().processed.clone())?;
    let mut ingested = progress.stage("read and check the tracks", || {
        ingest::ingest(&files.sources, union.path(), data.lenient).map_err(|error| named(error, &union))
    })?;
    if ingested.simulated && files.sample.is_none() {
        outputs.of_simulated_tracks()?;
        union = union.redirect(&outputs.places().processed)?;
        ingested.tracks = TrackTable::at(union.path().to_owned());
    }
    let rejected = rejected_rows(&ingested)?;
    let mut written = vec![outputs.places().processed.clone()];
    written.extend(outputs.rejected_rows(rejected.as_deref())?);
    outputs.add(union);
    Ok(TrackSet { ingested, is_default_sample, written, data: data.clone(), started })
}

/// The error with the name of the union instead of that of the private file.
fn named(error: Error, union: &Staged) -> Error {
    match error {
        Error::Io { action, path, source } if path.starts_with(union.path().parent().unwrap_or(union.path())) => {
            Error::io(action, union.target(), source)
        }
        other => other,
    }
}

struct InputFiles {
    sources: Sources,
    /// Directory of a simulated sample, which is removed with this value.
    sample: Option<TemporaryDirectory>,
}

/// The input files, or the requested sample; none if no input is named and none found.
fn find(data: &DataOptions, progress: &dyn Progress) -> Result<Option<InputFiles>> {
    if data.simulated {
        if !data.data.is_empty() {
            let rule = "expected no input files beside a simulated sample; remove one of the two settings";
            return Err(invalid("simulated", rule, "true"));
        }
        return progress.stage("simulate a sample", || simulate(data.seed)).map(Some);
    }
    let options = data.source_options()?;
    let found = progress.stage("find the files", || match data.data.as_slice() {
        [] => found_by_default(&options),
        inputs => source::resolve(inputs, &options).map(Some),
    })?;
    Ok(found.map(|sources| InputFiles { sources, sample: None }))
}

fn found_by_default(options: &SourceOptions) -> Result<Option<Sources>> {
    match source::resolve(&[PathBuf::from(DATA)], options) {
        Ok(sources) => Ok(Some(sources)),
        Err(error) if source::is_nothing_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn simulate(seed: u64) -> Result<InputFiles> {
    let directory = TemporaryDirectory::new()?;
    let files = simulate::draw(&SampleProfile::committed()?, seed).write(directory.path(), false)?;
    let sources = source::resolve(&files, &SourceOptions::default())?;
    Ok(InputFiles { sources, sample: Some(directory) })
}

/// The rejected rows as CSV, if there are any.
fn rejected_rows(ingested: &Ingested) -> Result<Option<Vec<u8>>> {
    if ingested.rejected.is_empty() {
        return Ok(None);
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
    csv_bytes(std::iter::once(header).chain(rows)).map(Some)
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
