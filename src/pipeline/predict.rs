//! A saved model on the tracks of files of any size: read, scored and written some rows at a time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroU64;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{sync_channel, SyncSender};
use std::thread;

use serde::Serialize;

use super::check_files;
use super::options::invalid;
use super::predict_parts::{PartSink, PartsDirectory};
use super::progress::Progress;
use super::score::{refuse_taken_columns, FileOptions, TrainingComparison};
use super::tracks_reading::TracksReading;
use hitflop_core::disk::{Staged, TemporaryDirectory};
use hitflop_core::error::{Error, Result};
use hitflop_data::table::write::{AppendedColumn, AppendedValues, OutputLayout, OutputRows, TableFormat, TableWriter};
use hitflop_data::track_files::matrix;
use hitflop_data::track_stream::{BatchColumns, TrackBatch, TrackBatches, TrackStream};
use hitflop_model::scoring::counts::{PredictionCounts, ScoringCounts};
use hitflop_model::scoring::{Prediction, Scorer};

/// Batches that wait for scoring, and for writing.
const BATCHES_AHEAD: usize = 1;

/// Names of the columns that are appended to scored tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredictionColumns {
    /// Of the predicted label, 1 for a hit and 0 for a flop. Default: `label`.
    pub label: String,
    /// Of the probability of a hit. Default: `probability`.
    pub probability: String,
}

impl Default for PredictionColumns {
    fn default() -> PredictionColumns {
        PredictionColumns { label: "label".to_owned(), probability: "probability".to_owned() }
    }
}

impl PredictionColumns {
    fn appended(&self, predictions: &[Prediction]) -> [AppendedColumn; 2] {
        let labels = predictions.iter().map(|prediction| prediction.label as i32).collect();
        let probabilities = predictions.iter().map(|prediction| prediction.probability).collect();
        [
            AppendedColumn { name: self.label.clone(), values: AppendedValues::Whole(labels) },
            AppendedColumn { name: self.probability.clone(), values: AppendedValues::Real(probabilities) },
        ]
    }
}

/// Files of tracks to be scored, and where they are written with their predictions.
#[derive(Clone, Debug)]
pub struct PredictOptions {
    /// The model and the tracks.
    pub files: FileOptions,
    /// Names of the columns that are appended.
    pub columns: PredictionColumns,
    /// Format of the scored tracks.
    pub format: TableFormat,
    /// Where they are written.
    pub target: PredictionTarget,
}

/// Where scored tracks are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PredictionTarget {
    /// To a temporary file, from which [`ScoredTracks::copy_to`] copies them.
    Held,
    /// To a file, which is there when [`ScoredTracks::publish`] returns.
    File(PathBuf),
    /// To files of so many tracks in a directory. A job that was interrupted goes on after the finished files.
    Parts {
        /// The directory, which is empty, new, or of the same job.
        directory: PathBuf,
        /// Number of tracks of every file but the last.
        rows_per_file: NonZeroU64,
    },
}

impl PredictionTarget {
    fn rows_per_file(&self) -> Option<u64> {
        match self {
            PredictionTarget::Held | PredictionTarget::File(_) => None,
            PredictionTarget::Parts { rows_per_file, .. } => Some(rows_per_file.get()),
        }
    }
}

/// The result of scoring tracks.
#[derive(Clone, Debug, Serialize)]
pub struct PredictionResult {
    /// Numbers of tracks, by decade and probability.
    #[serde(flatten)]
    pub predictions: PredictionCounts,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// How the tracks were read.
    #[serde(flatten)]
    pub reading: TracksReading,
    /// How the tracks compare with those of training.
    #[serde(flatten)]
    pub comparison: TrainingComparison,
    /// The files with the scored tracks, in their order; none of a temporary file.
    pub written: Vec<PathBuf>,
    /// Number of those that a former run had finished.
    #[serde(skip)]
    pub resumed: u64,
}

/// Scored tracks that are not at their place yet.
#[derive(Debug)]
pub struct ScoredTracks {
    /// The result.
    pub result: PredictionResult,
    output: ScoredOutput,
}

#[derive(Debug)]
enum ScoredOutput {
    Held { path: PathBuf, _directory: TemporaryDirectory },
    Staged(Staged),
    Parts(PartsDirectory),
}

/// Predicts the tracks of files, which are written with all their columns, and label (1 hit, 0 flop) and probability of a hit appended.
/// Nothing but whole parts is at its place before [`ScoredTracks::publish`].
///
/// # Errors
/// A file is invalid, lacks a feature, or has a column of a name that is appended; the output is an input, or a directory of something
/// else; the operating system refuses.
pub fn predict_file(options: &PredictOptions, progress: &dyn Progress) -> Result<ScoredTracks> {
    let columns = &options.columns;
    if columns.label == columns.probability {
        let rule = "expected another name than that of the label's column";
        return Err(invalid("probability-column", rule, &columns.label));
    }
    let scorer = options.files.scorer(progress)?;
    let FileOptions { inputs, reading, .. } = &options.files;
    let stream = progress.stage("find the columns", || TrackStream::open(inputs, scorer.features(), reading))?;
    refuse_taken_columns(stream.files(), &[columns.label.clone(), columns.probability.clone()])?;
    let (layout, rows) =
        progress.stage("find the types", || stream.layout(options.format, options.target.rows_per_file()))?;
    let job = ScoringJob { options, scorer: &scorer, stream: &stream, layout: &layout, rows };
    let (counts, notices, written, resumed, output) = progress.stage("score", || job.run())?;
    let result = PredictionResult {
        predictions: counts.predictions().clone(),
        model_simulated: scorer.artifact().origin.simulated,
        reading: TracksReading::new(stream.files(), stream.absent(), notices),
        comparison: TrainingComparison::of_counts(&counts, &scorer),
        written,
        resumed,
    };
    Ok(ScoredTracks { result, output })
}

impl ScoredTracks {
    /// Puts the scored tracks at their place, if they were written to a file; of parts, the summary beside them.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn publish(self) -> Result<PredictionResult> {
        match self.output {
            ScoredOutput::Parts(directory) => directory.summarise(&self.result)?,
            ScoredOutput::Staged(staged) => staged.publish()?,
            ScoredOutput::Held { .. } => {}
        }
        Ok(self.result)
    }

    /// Writes the scored tracks of a temporary file to `target`.
    ///
    /// # Errors
    /// The target refuses, or the file cannot be read.
    pub fn copy_to(&self, target: &mut dyn Write) -> io::Result<()> {
        match &self.output {
            ScoredOutput::Held { path, .. } => io::copy(&mut File::open(path)?, target).map(drop),
            ScoredOutput::Staged(_) | ScoredOutput::Parts(_) => Ok(()),
        }
    }
}

/// Where scored rows go.
pub(super) trait RowSink {
    /// The rows that need not be scored.
    fn finished(&self) -> FinishedRows;

    /// Writes and counts the next rows.
    fn add(&mut self, batch: &TrackBatch, predictions: &[Prediction], appended: &[AppendedColumn]) -> Result<()>;
}

/// Rows that a former run has finished, as ascending ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct FinishedRows(pub Vec<Range<u64>>);

impl FinishedRows {
    /// Number of rows of a range from the one at `position` on.
    fn left_from(&self, position: u64) -> u64 {
        self.0.iter().find(|rows| rows.contains(&position)).map_or(0, |rows| rows.end - position)
    }
}

/// What is known before rows are scored.
pub(super) struct ScoringJob<'a> {
    pub options: &'a PredictOptions,
    pub scorer: &'a Scorer,
    pub stream: &'a TrackStream<'a>,
    pub layout: &'a OutputLayout,
    /// Number of rows, if the format needs it.
    pub rows: Option<u64>,
}

type JobResult = (ScoringCounts, Vec<String>, Vec<PathBuf>, u64, ScoredOutput);

impl<'a> ScoringJob<'a> {
    fn run(&'a self) -> Result<JobResult> {
        match &self.options.target {
            PredictionTarget::Held => {
                let directory = TemporaryDirectory::new()?;
                let path = directory.path().join("scored");
                let (counts, notices) = self.one_file(&path, &path)?;
                Ok((counts, notices, Vec::new(), 0, ScoredOutput::Held { path, _directory: directory }))
            }
            PredictionTarget::File(target) => {
                self.refuse_inputs(std::slice::from_ref(target))?;
                let staged = Staged::beside(target)?;
                let (counts, notices) = self.one_file(staged.path(), target)?;
                Ok((counts, notices, vec![target.clone()], 0, ScoredOutput::Staged(staged)))
            }
            PredictionTarget::Parts { directory, rows_per_file } => {
                let parts = PartsDirectory::open(directory, self, *rows_per_file)?;
                let mut sink = PartSink::new(&parts, self, *rows_per_file);
                let notices = self.score(&mut sink)?;
                let (counts, written, resumed) = sink.finish()?;
                Ok((counts, notices, written, resumed, ScoredOutput::Parts(parts)))
            }
        }
    }

    /// Checks that no output is one of the files that are read, of which those below directories are known only now.
    fn refuse_inputs(&self, outputs: &[PathBuf]) -> Result<()> {
        let read: Vec<PathBuf> = self.stream.files().map(|(file, _)| PathBuf::from(file)).collect();
        check_files(&read, outputs)
    }

    /// Writes all rows to the file at `path`, which is `target` in messages.
    fn one_file(&'a self, path: &Path, target: &Path) -> Result<(ScoringCounts, Vec<String>)> {
        let mut sink = FileSink(ScoredFile::begin(self, path, target, 0..self.rows.unwrap_or_default())?);
        let notices = self.score(&mut sink)?;
        Ok((sink.0.finish()?, notices))
    }

    /// Reads and scores all rows that are not finished. Rows are read, scored and written at the same time. Returns what was noticed.
    fn score(&self, sink: &mut (dyn RowSink + Send)) -> Result<Vec<String>> {
        let finished = sink.finished();
        thread::scope(|scope| {
            let (sender, batches) = sync_channel(BATCHES_AHEAD);
            let copies = self.layout.copies_columns();
            let columns = if copies { BatchColumns::OfFeatures } else { BatchColumns::All };
            let reader = scope.spawn(move || read(self.stream.batches(columns), &finished, &sender));
            let (sender, scored) = sync_channel::<(TrackBatch, Vec<Prediction>)>(BATCHES_AHEAD);
            let writer = scope.spawn(move || {
                scored.into_iter().try_for_each(|(batch, predictions)| {
                    sink.add(&batch, &predictions, &self.options.columns.appended(&predictions))
                })
            });
            for batch in batches {
                let records = matrix(&batch.rows, self.scorer.features());
                let predictions = self.scorer.score(records.view())?;
                if sender.send((batch, predictions)).is_err() {
                    // Writing has failed, which is the error.
                    break;
                }
            }
            drop(sender);
            writer.join().unwrap_or_else(|panic| resume_unwind(panic))?;
            reader.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }
}

/// Sends all batches with rows that are not finished, and returns what was noticed.
fn read(mut batches: TrackBatches, finished: &FinishedRows, sender: &SyncSender<TrackBatch>) -> Result<Vec<String>> {
    loop {
        let left = finished.left_from(batches.position());
        if left > 0 && batches.skip(left)? > 0 {
            continue;
        }
        match batches.next_batch()? {
            None => return Ok(batches.notices()),
            Some(batch) if left >= batch.rows.len() as u64 => {}
            Some(batch) => {
                if sender.send(batch).is_err() {
                    // Scoring has failed, which is the error.
                    return Ok(Vec::new());
                }
            }
        }
    }
}

/// All rows in one file.
struct FileSink<'a>(ScoredFile<'a>);

impl RowSink for FileSink<'_> {
    fn finished(&self) -> FinishedRows {
        FinishedRows::default()
    }

    fn add(&mut self, batch: &TrackBatch, predictions: &[Prediction], appended: &[AppendedColumn]) -> Result<()> {
        self.0.add(batch, 0..batch.rows.len(), predictions, appended)
    }
}

/// A file of scored rows, which are counted as they are written.
pub(super) struct ScoredFile<'a> {
    scorer: &'a Scorer,
    writer: TableWriter<'a, BufWriter<File>>,
    counts: ScoringCounts,
    /// As the user knows it.
    target: PathBuf,
}

impl<'a> ScoredFile<'a> {
    /// Begins the file at `path`, which will be `target`, with these rows of all; where they end is known if the format needs it.
    pub fn begin(job: &ScoringJob<'a>, path: &Path, target: &Path, rows: Range<u64>) -> Result<ScoredFile<'a>> {
        let refuse = |source| Error::io("write", target, source);
        let file = BufWriter::with_capacity(1 << 17, File::create(path).map_err(refuse)?);
        let PredictionColumns { label, probability } = &job.options.columns;
        let counts = ScoringCounts::after(rows.start, job.scorer);
        let writer = TableWriter::new(job.layout, &[label, probability], job.options.format, file, rows);
        let writer = writer.map_err(refuse)?;
        Ok(ScoredFile { scorer: job.scorer, writer, counts, target: target.to_owned() })
    }

    /// Writes and counts some rows of a batch.
    pub fn add(
        &mut self,
        batch: &TrackBatch,
        rows: Range<usize>,
        predictions: &[Prediction],
        appended: &[AppendedColumn],
    ) -> Result<()> {
        self.counts.add(self.scorer, &batch.rows[rows.clone()], &predictions[rows.clone()]);
        let rows = OutputRows { index: batch.file, table: &batch.table, rows, appended, first: 0 };
        self.writer.write(&rows).map_err(|source| Error::io("write", &self.target, source))
    }

    /// Ends the file.
    pub fn finish(self) -> Result<ScoringCounts> {
        self.writer.finish().map_err(|source| Error::io("write", &self.target, source))?;
        Ok(self.counts)
    }
}
