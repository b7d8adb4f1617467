//! Scored tracks in the part files of a directory, which a job that was interrupted goes on with.
//!
//! | file | content |
//! |---|---|
//! | `part-00000.parquet`, … | the scored tracks, in order |
//! | `_job.json` | what the parts belong to: the inputs by their checksums, the model, the options, the version of this program |
//! | `_part-00000.json`, … | the counts of a finished part, written after it |
//! | `_summary.json` | the result of the whole job, written last |
//!
//! Names that begin with `_` are passed over by readers of partitioned tables.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::predict::{FinishedRows, RowSink, ScoredFile, ScoringJob};
use super::version;
use hitflop_core::digest::hex;
use hitflop_core::disk::{write_whole, Lock, Staged};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_data::table::write::{AppendedColumn, TableFormat};
use hitflop_data::track_stream::TrackBatch;
use hitflop_model::scoring::counts::ScoringCounts;
use hitflop_model::scoring::Prediction;

const JOB: &str = "_job.json";
const SUMMARY: &str = "_summary.json";
const LOCK: &str = ".predict.lock";

/// A directory of parts of one job, which no other process writes to.
#[derive(Debug)]
pub(super) struct PartsDirectory {
    path: PathBuf,
    format: TableFormat,
    /// Checksum of what the parts belong to.
    job: String,
    /// Numbers of rows of the finished parts.
    finished: BTreeMap<u64, u64>,
    _lock: Lock,
}

/// What is known of a finished part.
#[derive(Debug, Serialize, Deserialize)]
struct PartRecord {
    job: String,
    rows: u64,
    bytes: u64,
    counts: ScoringCounts,
}

impl PartsDirectory {
    /// Opens the directory, which is created.
    ///
    /// # Errors
    /// It has files of something else or of another job, another process writes to it, or the operating system refuses.
    pub fn open(path: &Path, job: &ScoringJob, rows_per_file: NonZeroU64) -> Result<PartsDirectory> {
        fs::create_dir_all(path).map_err(|source| Error::io("create", path, source))?;
        let lock = Lock::acquire(&path.join(LOCK), Duration::ZERO, &format!("is writing to {}", path.display()))?;
        let description = description(job, rows_per_file)?;
        let text = serde_json::to_string_pretty(&description).map_err(|error| Error::Failed(error.to_string()))? + "\n";
        let checksum = hex(&Sha256::digest(&text));
        let mut directory = PartsDirectory {
            path: path.to_owned(),
            format: job.options.format,
            job: checksum,
            finished: BTreeMap::new(),
            _lock: lock,
        };
        match fs::read_to_string(path.join(JOB)) {
            Ok(known) => directory.refuse_other(&known, &description)?,
            Err(_) => {
                directory.refuse_files()?;
                write_whole(&path.join(JOB), text.as_bytes())?;
            }
        }
        let _ = fs::remove_file(path.join(SUMMARY));
        directory.find_finished()?;
        Ok(directory)
    }

    /// Checks that the directory has no files before the first run of a job.
    fn refuse_files(&self) -> Result<()> {
        let entries = fs::read_dir(&self.path).map_err(|source| Error::io("read", &self.path, source))?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        match names.filter(|name| !name.starts_with('.')).min() {
            None => Ok(()),
            Some(name) => {
                let rule = "expected a directory that is new, empty or of the same job; choose another directory";
                let fault = Fault::new(Place::file(self.path.display().to_string()), Reason::Setting, rule);
                Err(Error::input(fault.found(name)))
            }
        }
    }

    /// Checks that the parts that are there belong to this job.
    fn refuse_other(&self, known: &str, own: &Value) -> Result<()> {
        let known: Value = serde_json::from_str(known).unwrap_or_default();
        let members = own.as_object().into_iter().flatten();
        let other: Vec<&str> =
            members.filter(|(name, value)| known.get(name) != Some(value)).map(|(name, _)| name.as_str()).collect();
        if other.is_empty() {
            return Ok(());
        }
        let rule = "expected parts of the same inputs, model and options; remove the directory or choose another one";
        let fault = Fault::new(Place::file(self.path.join(JOB).display().to_string()), Reason::Setting, rule);
        Err(Error::input(fault.found(format!("other {}", other.join(", ")))))
    }

    fn find_finished(&mut self) -> Result<()> {
        let entries = fs::read_dir(&self.path).map_err(|source| Error::io("read", &self.path, source))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix("_part-").and_then(|rest| rest.strip_suffix(".json"));
            let Some(number) = number.and_then(|number| number.parse().ok()) else { continue };
            // A record that was damaged is of no part.
            let Ok(record) = self.record(number) else { continue };
            let bytes = fs::metadata(self.part(number)).map(|found| found.len()).ok();
            if record.job == self.job && bytes == Some(record.bytes) {
                self.finished.insert(number, record.rows);
            }
        }
        Ok(())
    }

    fn part(&self, number: u64) -> PathBuf {
        self.path.join(format!("part-{number:05}.{}", self.format.ending()))
    }

    fn record_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("_part-{number:05}.json"))
    }

    fn record(&self, number: u64) -> Result<PartRecord> {
        let path = self.record_path(number);
        let text = fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
        serde_json::from_slice(&text).map_err(|error| Error::Failed(format!("{}: {error}", path.display())))
    }

    /// Writes the result of the whole job.
    pub fn summarise(&self, summary: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(summary).map_err(|error| Error::Failed(error.to_string()))?;
        write_whole(&self.path.join(SUMMARY), (text + "\n").as_bytes())
    }
}

/// What parts belong to.
fn description(job: &ScoringJob, rows_per_file: NonZeroU64) -> Result<Value> {
    let model = &job.options.files.model;
    let bytes = fs::read(model).map_err(|source| Error::io("read", model, source))?;
    let inputs = job.stream.fingerprints()?;
    let inputs: Vec<Value> =
        inputs.iter().map(|file| json!({ "file": file.file, "bytes": file.bytes, "sha256": file.sha256 })).collect();
    let reading = &job.options.files.reading;
    Ok(json!({
        "version": version(),
        "model": hex(&Sha256::digest(bytes)),
        "inputs": inputs,
        "encoding": reading.encoding,
        "mapping": reading.mapping,
        "allow_missing": reading.allow_missing,
        "label_column": job.options.columns.label,
        "probability_column": job.options.columns.probability,
        "format": job.options.format.ending(),
        "rows_per_file": rows_per_file,
    }))
}

/// Writes rows to parts.
pub(super) struct PartSink<'a> {
    directory: &'a PartsDirectory,
    job: &'a ScoringJob<'a>,
    rows_per_file: u64,
    open: Option<OpenPart<'a>>,
}

struct OpenPart<'a> {
    number: u64,
    staged: Staged,
    file: ScoredFile<'a>,
    rows: u64,
}

impl<'a> PartSink<'a> {
    pub fn new(directory: &'a PartsDirectory, job: &'a ScoringJob<'a>, rows_per_file: NonZeroU64) -> PartSink<'a> {
        PartSink { directory, job, rows_per_file: rows_per_file.get(), open: None }
    }

    fn begin(&self, number: u64) -> Result<OpenPart<'a>> {
        let target = self.directory.part(number);
        let first = number * self.rows_per_file;
        let end = self.job.rows.map_or(first, |rows| rows.min(first + self.rows_per_file));
        let staged = Staged::beside(&target)?;
        let file = ScoredFile::begin(self.job, staged.path(), &target, first..end)?;
        Ok(OpenPart { number, staged, file, rows: 0 })
    }

    /// Puts the part at its place, and then its record.
    fn close(&mut self) -> Result<()> {
        let Some(OpenPart { number, staged, file, rows }) = self.open.take() else { return Ok(()) };
        let counts = file.finish()?;
        let target = staged.target().to_owned();
        staged.publish()?;
        let found = fs::metadata(&target).map_err(|source| Error::io("read", &target, source))?;
        let record = PartRecord { job: self.directory.job.clone(), rows, bytes: found.len(), counts };
        let text = serde_json::to_vec(&record).map_err(|error| Error::Failed(error.to_string()))?;
        write_whole(&self.directory.record_path(number), &text)
    }

    /// The counts of all parts together, the files, and how many of them were finished before.
    pub fn finish(mut self) -> Result<(ScoringCounts, Vec<PathBuf>, u64)> {
        self.close()?;
        let mut counts = ScoringCounts::after(0, self.job.scorer);
        let mut written = Vec::new();
        let mut number = 0;
        while self.directory.record_path(number).exists() {
            counts.merge(&self.directory.record(number)?.counts);
            written.push(self.directory.part(number));
            number += 1;
        }
        Ok((counts, written, self.directory.finished.len() as u64))
    }
}

impl RowSink for PartSink<'_> {
    fn finished(&self) -> FinishedRows {
        let range = |(number, rows): (&u64, &u64)| number * self.rows_per_file..number * self.rows_per_file + rows;
        FinishedRows(self.directory.finished.iter().map(range).collect())
    }

    fn add(&mut self, batch: &TrackBatch, predictions: &[Prediction], appended: &[AppendedColumn]) -> Result<()> {
        let mut row = 0;
        while row < batch.rows.len() {
            let position = batch.first + row as u64;
            let number = position / self.rows_per_file;
            let left = (number + 1) * self.rows_per_file - position;
            let end = batch.rows.len().min(row + usize::try_from(left).unwrap_or(usize::MAX - row));
            if !self.directory.finished.contains_key(&number) {
                let mut part = match self.open.take() {
                    Some(part) => part,
                    None => self.begin(number)?,
                };
                part.file.add(batch, row..end, predictions, appended)?;
                part.rows += (end - row) as u64;
                self.open = Some(part);
                if (end - row) as u64 == left {
                    self.close()?;
                }
            }
            row = end;
        }
        Ok(())
    }
}
