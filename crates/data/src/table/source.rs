//! A file of any format whose rows are read in batches, as often as needed.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::column_type::{add_types, ColumnType};
use super::content::Content;
use super::delimited_source::DelimitedSource;
use super::json_source::JsonSource;
use super::opened::{no_table, OpenedTable, TableOptions};
use super::parquet_copy::StoredColumns;
use super::parquet_source::ParquetSource;
use super::row_batches::{RowBatches, TableBatch};
use super::what_is::{self, FileKind};
use hitflop_core::error::{Error, Reason, Result};
use hitflop_core::reader::{Table, TableScan};

/// Rows of a batch of text.
pub(crate) const BATCH_ROWS: usize = 1 << 16;
/// Rows of a batch of Parquet, which take less memory.
const PARQUET_BATCH_ROWS: usize = 1 << 17;

/// A file whose columns are known.
#[derive(Debug)]
pub(crate) struct TableSource {
    /// Name as the user knows it.
    pub name: String,
    format: SourceFormat,
    rows_per_batch: usize,
    /// The first rows, until [`TableSource::forget_rows`].
    kept: Option<KeptRows>,
    is_delimited: bool,
}

#[derive(Debug)]
enum SourceFormat {
    Delimited(DelimitedSource),
    Json(JsonSource),
    Parquet(ParquetSource),
}

#[derive(Debug)]
struct KeptRows {
    batch: TableBatch,
    /// What was noticed, if these are all rows.
    notices: Option<Vec<String>>,
}

impl TableSource {
    /// Finds the columns of a file, and reads its first rows.
    ///
    /// # Errors
    /// The file is no table (the error says what it is), is damaged, is empty or has no rows; the encoding is unknown or wrong.
    pub fn open(content: &Content, options: &TableOptions) -> Result<TableSource> {
        let rows = options.rows_per_batch.map_or(BATCH_ROWS, NonZeroUsize::get);
        let parquet_rows = options.rows_per_batch.map_or(PARQUET_BATCH_ROWS, NonZeroUsize::get);
        let (format, rows_per_batch, kept) = match what_is::what_is(&content.head()?) {
            FileKind::Text => (SourceFormat::Delimited(DelimitedSource::open(content, options)?), rows, None),
            FileKind::Parquet => (SourceFormat::Parquet(ParquetSource::open(content)?), parquet_rows, None),
            FileKind::Json => {
                let (source, batch) = JsonSource::open(content, options, rows)?;
                let is_all = batch.data.rows() as u64 == source.rows();
                let notices = is_all.then(|| source.notices());
                (SourceFormat::Json(source), rows, Some(KeptRows { batch, notices }))
            }
            FileKind::Empty => {
                return Err(content.fault(Reason::EmptyFile, "expected a header and rows, the file is empty"))
            }
            FileKind::Zip => return Err(no_table(content, what_is::ARCHIVE)),
            FileKind::Other(kind) => return Err(no_table(content, kind)),
        };
        let is_delimited = matches!(format, SourceFormat::Delimited(_));
        let mut source = TableSource { name: content.name.clone(), format, rows_per_batch, kept, is_delimited };
        if source.kept.is_none() {
            source.kept = Some(source.first_rows(content)?);
        }
        Ok(source)
    }

    fn first_rows(&self, content: &Content) -> Result<KeptRows> {
        let mut batches = self.unkept(&self.all())?;
        let Some(batch) = batches.next_batch()? else {
            return Err(content.fault(Reason::HeaderOnly, "expected rows after the header, there is none"));
        };
        // A full batch may be followed by others.
        let is_all = match self.rows() {
            Some(rows) => batch.data.rows() as u64 == rows,
            None => batch.data.rows() < self.rows_per_batch,
        };
        Ok(KeptRows { batch, notices: is_all.then(|| batches.notices()) })
    }

    /// Whether numbers have a decimal comma.
    pub fn decimal_comma(&self) -> bool {
        matches!(&self.format, SourceFormat::Delimited(source) if source.decimal_comma())
    }

    /// Whether the columns have types of their own.
    pub fn is_parquet(&self) -> bool {
        matches!(self.format, SourceFormat::Parquet(_))
    }

    /// Number of rows, if it is known without reading them.
    pub fn rows(&self) -> Option<u64> {
        match &self.format {
            SourceFormat::Delimited(_) => None,
            SourceFormat::Json(source) => Some(source.rows()),
            SourceFormat::Parquet(source) => Some(source.rows()),
        }
    }

    /// Number of rows that a file states at its end, as Parquet does.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn stated_rows(content: &Content) -> Result<Option<u64>> {
        match what_is::what_is(&content.head()?) {
            FileKind::Parquet => ParquetSource::open(content).map(|source| Some(source.rows())),
            _ => Ok(None),
        }
    }

    /// Number of rows that are in memory.
    pub fn kept_rows(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.batch.data.rows())
    }

    /// Frees the memory of the first rows.
    pub fn forget_rows(&mut self) {
        self.kept = None;
    }

    /// All rows from the first on. They have all columns, of which only those at `positions` must have their values.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn batches(&self, positions: &[usize]) -> Result<Box<dyn RowBatches + Send + '_>> {
        match &self.kept {
            Some(KeptRows { batch, notices: Some(notices) }) => Ok(Box::new(OneBatch { batch: Some(batch), notices })),
            _ => self.unkept(positions),
        }
    }

    /// The columns as they are stored in Parquet, if they can be copied so to files of `rows_per_file` rows, or to one file.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn stored_columns(&self, rows_per_file: Option<u64>) -> Result<Option<StoredColumns>> {
        match &self.format {
            SourceFormat::Parquet(source) => source.stored_columns(rows_per_file),
            SourceFormat::Delimited(_) | SourceFormat::Json(_) => Ok(None),
        }
    }

    fn unkept(&self, positions: &[usize]) -> Result<Box<dyn RowBatches + Send + '_>> {
        Ok(match &self.format {
            SourceFormat::Delimited(source) => Box::new(source.batches(self.rows_per_batch)?),
            SourceFormat::Json(source) => Box::new(source.batches(self.rows_per_batch)?),
            SourceFormat::Parquet(source) => Box::new(source.batches(self.rows_per_batch, positions)),
        })
    }

    /// The positions of all columns.
    pub fn all(&self) -> Vec<usize> {
        (0..self.names().len()).collect()
    }

    /// The type of each column (none of a column without values), and the number of rows. Takes a pass over a file that is no JSON.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn survey(&self) -> Result<(Vec<Option<ColumnType>>, u64)> {
        if let SourceFormat::Json(source) = &self.format {
            return Ok((source.types().to_vec(), source.rows()));
        }
        let (mut types, mut rows) = (Vec::new(), 0);
        let all = self.all();
        self.scan(&all, &mut |batch| {
            add_types(&mut types, batch, self.is_delimited, all.len());
            rows += batch.rows() as u64;
            ControlFlow::Continue(())
        })?;
        Ok((types, rows))
    }

    /// The whole file, which was opened with one batch for all rows.
    ///
    /// # Errors
    /// It was not.
    pub fn whole(mut self) -> Result<OpenedTable> {
        let decimal_comma = self.decimal_comma();
        let kept = self.kept.take().filter(|kept| kept.notices.is_some());
        let KeptRows { batch: TableBatch { data, broken }, notices } =
            kept.ok_or_else(|| Error::Failed(format!("{}: the rows are not in memory", self.name)))?;
        Ok(OpenedTable { name: self.name, data, broken, decimal_comma, notices: notices.unwrap_or_default() })
    }
}

impl TableScan for TableSource {
    fn names(&self) -> &[String] {
        match &self.format {
            SourceFormat::Delimited(source) => source.names(),
            SourceFormat::Json(source) => source.names(),
            SourceFormat::Parquet(source) => source.names(),
        }
    }

    fn scan(&self, positions: &[usize], visit: &mut dyn FnMut(&dyn Table) -> ControlFlow<()>) -> Result<()> {
        let mut known = 0;
        if let Some(kept) = &self.kept {
            if visit(&kept.batch.data).is_break() || kept.notices.is_some() {
                return Ok(());
            }
            known = kept.batch.data.rows() as u64;
        }
        let mut batches = self.unkept(positions)?;
        // What cannot be passed over at once is read: batches are always cut at the same rows.
        let mut left = known - batches.skip(known)?;
        while let Some(batch) = batches.next_batch()? {
            if left > 0 {
                left = left.saturating_sub(batch.data.rows() as u64);
            } else if visit(&batch.data).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The rows of a file that are in memory.
struct OneBatch<'a> {
    batch: Option<&'a TableBatch>,
    notices: &'a [String],
}

impl RowBatches for OneBatch<'_> {
    fn next_batch(&mut self) -> Result<Option<TableBatch>> {
        Ok(self.batch.take().cloned())
    }

    fn skip(&mut self, _: u64) -> Result<u64> {
        Ok(0)
    }

    fn notices(&self) -> Vec<String> {
        self.notices.to_vec()
    }
}
