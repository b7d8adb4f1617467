//! The union of input files, written track by track in memory that does not grow with their number.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use crate::engine::EngineResult;
use crate::ingest::scan::stored_dtype;
use crate::ingest::tracks::{self, SOURCE};
use crate::simulate::SIMULATED_TITLE;
use crate::track_sums::TrackChunk;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Feature, ARTIST, TARGET, TRACK, URI};

/// Rows of a row group: enough for a small footer, few enough for the memory.
const ROWS_A_GROUP: usize = 1 << 17;

/// Writes the table that [`crate::ingest`] writes, of chunks of tracks in the order of reading.
pub struct UnionWriter {
    writer: BatchedWriter<BufWriter<File>>,
    target: PathBuf,
    pending: DataFrame,
    is_simulated: bool,
    /// The file of the last chunk.
    file: String,
}

impl UnionWriter {
    /// Creates the file.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn create(target: &Path) -> Result<UnionWriter> {
        let file = File::create(target).map_err(|error| Error::io("write", target, error))?;
        let schema: Schema =
            tracks::columns().into_iter().map(|name| Field::new(name.into(), stored_dtype(name))).collect();
        let writer = ParquetWriter::new(BufWriter::new(file)).with_compression(ParquetCompression::Zstd(None));
        Ok(UnionWriter {
            writer: writer.batched(&schema).engine()?,
            target: target.to_owned(),
            pending: DataFrame::empty_with_schema(&schema),
            is_simulated: false,
            file: String::new(),
        })
    }

    /// Adds tracks.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, chunk: &TrackChunk) -> Result<()> {
        if chunk.tracks.is_empty() {
            return Ok(());
        }
        if self.file != chunk.file {
            self.file = chunk.file.to_owned();
            self.is_simulated |= chunk.titles[0].is_some_and(|title| title.starts_with(SIMULATED_TITLE));
        }
        let columns = tracks::columns().into_iter().map(|name| column(name, chunk)).collect::<PolarsResult<_>>();
        let rows = DataFrame::new(chunk.tracks.len(), columns.engine()?).engine()?;
        self.pending.vstack_mut_owned(rows).engine()?;
        match self.pending.height() < ROWS_A_GROUP {
            true => Ok(()),
            false => self.write(),
        }
    }

    /// Writes what is left and the footer. Returns whether a file began with a simulated track.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<bool> {
        self.write()?;
        self.writer.finish().map_err(|error| refused(&self.target, error))?;
        Ok(self.is_simulated)
    }

    fn write(&mut self) -> Result<()> {
        self.pending.rechunk_mut();
        self.writer.write_batch(&self.pending).map_err(|error| refused(&self.target, error))?;
        self.pending = self.pending.clear();
        Ok(())
    }
}

fn refused(target: &Path, error: PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => Error::io("write", target, std::io::Error::from(error.kind())),
        other => Error::Failed(format!("writing {}: {other}", target.display())),
    }
}

/// A column of the union, in its type; missing values are null.
fn column(name: &'static str, chunk: &TrackChunk) -> PolarsResult<Column> {
    let tracks = chunk.tracks;
    let label = name.into();
    let column = match name {
        TRACK => Column::new(label, chunk.titles),
        ARTIST => Column::new(label, tracks.iter().map(|track| track.artist).collect::<Vec<_>>()),
        URI => Column::new(label, tracks.iter().map(|track| track.uri).collect::<Vec<_>>()),
        SOURCE => Column::new(label, vec![chunk.file; tracks.len()]),
        TARGET => Column::new(label, tracks.iter().map(|track| track.label as i32).collect::<Vec<_>>()),
        _ => {
            let values = |feature: Feature| {
                let known = tracks.iter().map(|track| track.values[feature as usize]);
                known.map(|value| (!value.is_nan()).then_some(value)).collect::<Vec<Option<f64>>>()
            };
            Column::new(label, Feature::from_name(name).map(values).unwrap_or_default())
        }
    };
    column.cast(&stored_dtype(name))
}
