//! The union of the input files on disk.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::engine::EngineResult;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, ARTIST, DECADE, TARGET, TRACK, URI};

/// Column that names the file of a row.
pub(crate) const SOURCE: &str = "source";

/// The cleaned tracks: a Parquet file whose every value has passed the rules of `ingest::rule`.
///
/// Columns: `track`, `artist`, `uri` (text), the fifteen audio features (whole ones `Int32`, others `Float64`), `target`
/// (`Int32`, 0 or 1), `decade` (`Int32`, its first year), `source` (text, the file's name). The schema is the same for all inputs:
/// a missing value is null, and a column that the input lacks is null in every row. `target` and `source` are never null, and every
/// row has a value of at least one audio feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackTable {
    path: PathBuf,
}

impl TrackTable {
    /// The tracks in a Parquet file that [`super::ingest`] wrote.
    pub fn at(path: PathBuf) -> TrackTable {
        TrackTable { path }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A lazy scan of the file.
    ///
    /// # Errors
    /// The file is gone or not Parquet.
    pub fn scan(&self) -> Result<LazyFrame> {
        let path = PlRefPath::try_from_path(&self.path).engine()?;
        LazyFrame::scan_parquet(path, ScanArgsParquet { glob: false, ..Default::default() }).engine()
    }

    /// The numeric columns in memory: every feature and `target`.
    ///
    /// # Errors
    /// As [`TrackTable::scan`].
    pub fn numbers(&self) -> Result<DataFrame> {
        let columns: Vec<Expr> = Feature::ALL.iter().map(|feature| col(feature.name())).chain([col(TARGET)]).collect();
        self.scan()?.select(columns).collect().engine()
    }

    /// The text columns in memory, and the decade.
    ///
    /// # Errors
    /// As [`TrackTable::scan`].
    pub fn texts(&self) -> Result<DataFrame> {
        self.scan()?.select([col(TRACK), col(ARTIST), col(URI), col(DECADE)]).collect().engine()
    }
}

/// Columns of the processed table, in order.
pub fn columns() -> Vec<&'static str> {
    let mut columns = vec![TRACK, ARTIST, URI];
    columns.extend(Feature::AUDIO.iter().map(|feature| feature.name()));
    columns.extend([TARGET, DECADE, SOURCE]);
    columns
}
