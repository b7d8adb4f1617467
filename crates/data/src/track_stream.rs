//! Tracks to be scored, some rows at a time: tables of any format and any number of rows in little memory.
//!
//! What the columns are is decided on whole files, as for tables in memory; that may take a pass over a file before its rows are read.

use std::fs;
use std::path::{Path, PathBuf};

use hitflop_core::disk::TemporaryDirectory;
use hitflop_core::error::{Error, Result};
use hitflop_core::reader::mapping::ColumnMapping;
use hitflop_core::reader::{FeatureRow, TableScan};
use hitflop_core::track::Feature;

use crate::table::find::{find, FoundFile};
use crate::table::write::{OutputLayout, TableFormat};
use crate::table::{Content, RowBatches, TableBatch, TableData, TableSource};
use crate::track_errors::{none_read, FaultList};
use crate::track_files::{absent, decades_in_names, passed_over, table_options, TrackFileOptions};
use crate::track_reader::TrackReader;

/// Rows of all files together that stay in memory from finding the columns to reading.
const MAX_KEPT_ROWS: usize = 1 << 18;

/// Bytes of a row of the decade files, which are texts.
const BYTES_PER_ROW: u64 = 150;
/// The same in an archive.
const BYTES_PER_PACKED_ROW: u64 = 70;

/// Tables of tracks whose columns are known.
#[derive(Debug)]
pub struct TrackStream<'a> {
    files: Vec<StreamedFile<'a>>,
    features: &'a [Feature],
    passed_over: Vec<String>,
    allow_missing: bool,
    /// Copies of members of archives, as long as they are read.
    _extracted: Option<TemporaryDirectory>,
}

#[derive(Debug)]
struct StreamedFile<'a> {
    content: Content,
    source: TableSource,
    reader: TrackReader<'a>,
}

/// A file that tracks are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFingerprint {
    /// Name of the file.
    pub file: String,
    /// Number of bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl<'a> TrackStream<'a> {
    /// Finds the `features` in the columns of the tables that `inputs` name, as [`read`](crate::track_files::read) does.
    ///
    /// # Errors
    /// No such file; a file is no table; a feature has no column, or its unit is not known.
    pub fn open(inputs: &[PathBuf], features: &'a [Feature], options: &TrackFileOptions) -> Result<TrackStream<'a>> {
        let found = find(inputs)?;
        let mut passed: Vec<String> = found.passed_over.iter().map(|file| file.notice(&file.full_name)).collect();
        let (mut files, mut kept) = (Vec::new(), 0);
        for file in &found.files {
            let content = file.content.named(&file.full_name);
            let source = TableSource::open(&content, &table_options(features, options));
            let mapped = source.and_then(|source| Ok((TrackReader::of(&source, features, options)?, source)));
            let (reader, mut source) = match mapped {
                Ok(mapped) => mapped,
                Err(error) => {
                    passed.push(passed_over(file, error)?);
                    continue;
                }
            };
            // The rows of a single file are in memory already, however many its batch has.
            if found.files.len() > 1 && kept + source.kept_rows() > MAX_KEPT_ROWS {
                source.forget_rows();
            }
            kept += source.kept_rows();
            files.push(StreamedFile { content, source, reader });
        }
        if files.is_empty() {
            return Err(none_read(inputs, &passed));
        }
        let allow_missing = options.allow_missing;
        Ok(TrackStream { files, features, passed_over: passed, allow_missing, _extracted: found.extracted })
    }

    /// The files and what their columns are.
    pub fn files(&self) -> impl Iterator<Item = (&str, &ColumnMapping)> + Clone {
        self.files.iter().map(|file| (file.source.name.as_str(), &file.reader.mapping))
    }

    /// Features that no file has a column for; their values are all missing.
    pub fn absent(&self) -> Vec<Feature> {
        absent(self.features, self.files())
    }

    /// The size and the checksum of each file.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn fingerprints(&self) -> Result<Vec<FileFingerprint>> {
        let of = |file: &StreamedFile| {
            let (bytes, sha256, _) = file.content.fingerprint()?;
            Ok(FileFingerprint { file: file.source.name.clone(), bytes, sha256 })
        };
        self.files.iter().map(of).collect()
    }

    /// The columns of an output of all files, and the number of its rows if the format needs it. In formats with types this takes a pass
    /// over the files, unless they are one Parquet file, whose types are kept. Its columns are even copied as they are stored if its row
    /// groups are within files of `rows_per_file` rows.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn layout(&self, format: TableFormat, rows_per_file: Option<u64>) -> Result<(OutputLayout, Option<u64>)> {
        let layout = OutputLayout::of(self.files.iter().map(|file| file.source.names()));
        match (format, &self.files[..]) {
            (TableFormat::Csv | TableFormat::Tsv, _) => Ok((layout, None)),
            (TableFormat::Parquet, [only]) if only.source.is_parquet() => {
                let stored = only.source.stored_columns(rows_per_file)?;
                Ok((layout.keeping_types().copying(stored), only.source.rows()))
            }
            _ => {
                let surveys: Vec<_> = self.files.iter().map(|file| file.source.survey()).collect::<Result<_>>()?;
                let (types, rows): (Vec<_>, Vec<u64>) = surveys.into_iter().unzip();
                Ok((layout.with_types(&types), Some(rows.iter().sum())))
            }
        }
    }

    /// All rows from the first on, with the values of these columns.
    pub fn batches(&self, columns: BatchColumns) -> TrackBatches<'_> {
        let (faults, notices) = (FaultList::default(), self.passed_over.clone());
        TrackBatches { stream: self, columns, index: 0, batches: None, first: 0, faults, notices }
    }
}

/// Number of rows of the tables that `inputs` name, in little time: known of Parquet, and estimated of other files and of archives by the
/// bytes of a row of the decade files. What comes from a pipe is not counted.
///
/// # Errors
/// No such file, or one cannot be read.
pub fn estimated_rows(inputs: &[PathBuf]) -> Result<u64> {
    let is_pipe = |path: &PathBuf| path.as_os_str() == "-";
    let is_archive = |path: &&PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if inputs.iter().any(is_pipe) {
        return Ok(0);
    }
    let (archives, others): (Vec<&PathBuf>, Vec<&PathBuf>) = inputs.iter().partition(is_archive);
    let packed: u64 = archives.iter().map(|path| bytes_of(path)).sum::<Result<u64>>()?;
    let others: Vec<PathBuf> = others.into_iter().cloned().collect();
    let files = if others.is_empty() { Vec::new() } else { find(&others)?.files };
    let of_file = |file: &FoundFile| match (TableSource::stated_rows(&file.content)?, file.content.file()) {
        (Some(rows), _) => Ok(rows),
        (None, Some(path)) => Ok(bytes_of(path)? / BYTES_PER_ROW),
        (None, None) => Ok(0),
    };
    Ok(packed / BYTES_PER_PACKED_ROW + files.iter().map(of_file).sum::<Result<u64>>()?)
}

fn bytes_of(path: &Path) -> Result<u64> {
    fs::metadata(path).map(|file| file.len()).map_err(|error| Error::io("read", path, error))
}

/// Columns of which batches have the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchColumns {
    /// All.
    All,
    /// At least those that features are read from.
    OfFeatures,
}

/// Rows that follow each other in a file.
#[derive(Clone, Debug)]
pub struct TrackBatch {
    /// Index of the file.
    pub file: usize,
    /// Number of rows of all files before the first.
    pub first: u64,
    /// The rows with the columns of [`BatchColumns`].
    pub table: TableData,
    /// The features of each row; NaN is missing, and so is a feature that was not requested. The decade is always read.
    pub rows: Vec<FeatureRow>,
}

/// The rows of a [`TrackStream`], from the first on.
pub struct TrackBatches<'a> {
    stream: &'a TrackStream<'a>,
    columns: BatchColumns,
    /// Index of the file that is read.
    index: usize,
    batches: Option<Box<dyn RowBatches + Send + 'a>>,
    /// Number of rows before the next.
    first: u64,
    faults: FaultList,
    notices: Vec<String>,
}

impl TrackBatches<'_> {
    /// The next rows; none after the last.
    ///
    /// # Errors
    /// A file is damaged or cannot be read; a row breaks a rule or has no value of an audio feature (all such rows to the end of the
    /// files are counted).
    pub fn next_batch(&mut self) -> Result<Option<TrackBatch>> {
        while let Some((file, TableBatch { data, broken })) = self.next_rows()? {
            let rows = self.stream.files[file].reader.read(&data, &broken, &mut self.faults);
            let first = self.first;
            self.first += rows.len() as u64;
            if self.faults.is_empty() {
                return Ok(Some(TrackBatch { file, first, table: data, rows }));
            }
        }
        std::mem::take(&mut self.faults).refuse(self.stream.allow_missing)?;
        Ok(None)
    }

    /// Passes over the next rows, at most `rows`, if that is faster than reading them, and returns how many were. They are not checked.
    ///
    /// # Errors
    /// A file is damaged or cannot be read.
    pub fn skip(&mut self, rows: u64) -> Result<u64> {
        let mut skipped = 0;
        while skipped < rows {
            let Some(batches) = self.current()? else { break };
            match batches.skip(rows - skipped)? {
                0 => break,
                step => skipped += step,
            }
        }
        self.first += skipped;
        Ok(skipped)
    }

    /// Number of rows before the next.
    pub fn position(&self) -> u64 {
        self.first
    }

    /// What was noticed and needs no action, after the last row: files passed over, how a file was read.
    pub fn notices(mut self) -> Vec<String> {
        self.notices.extend(decades_in_names(self.stream.files()));
        self.notices
    }

    fn current(&mut self) -> Result<Option<&mut (dyn RowBatches + Send)>> {
        if self.batches.is_none() {
            let Some(file) = self.stream.files.get(self.index) else { return Ok(None) };
            let positions = match self.columns {
                BatchColumns::All => file.source.all(),
                BatchColumns::OfFeatures => file.reader.mapping.feature_positions(),
            };
            self.batches = Some(file.source.batches(&positions)?);
        }
        Ok(self.batches.as_deref_mut().map(|batches| batches as &mut (dyn RowBatches + Send)))
    }

    fn next_rows(&mut self) -> Result<Option<(usize, TableBatch)>> {
        while let Some(batches) = self.current()? {
            if let Some(batch) = batches.next_batch()? {
                return Ok(Some((self.index, batch)));
            }
            let notices = batches.notices();
            self.notices.extend(notices);
            (self.batches, self.index) = (None, self.index + 1);
        }
        Ok(None)
    }
}
