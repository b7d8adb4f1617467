//! The rows of a file in batches.

use super::rejected_row::RejectedRow;
use super::table_data::TableData;
use hitflop_core::error::Result;

/// Some rows of a file, which follow each other.
#[derive(Clone, Debug)]
pub(crate) struct TableBatch {
    /// The rows, which have their numbers in the file.
    pub data: TableData,
    /// Rows that do not have the fields of the header, or are not in the encoding, by index. They are among the rows.
    pub broken: Vec<(usize, RejectedRow)>,
}

/// The rows of a file from the first on. All batches have the same columns.
pub(crate) trait RowBatches {
    /// The next rows; none after the last.
    ///
    /// # Errors
    /// The file is damaged or cannot be read.
    fn next_batch(&mut self) -> Result<Option<TableBatch>>;

    /// Passes over the next rows, at most `rows`, if that is faster than reading them, and returns how many were.
    ///
    /// # Errors
    /// As [`RowBatches::next_batch`].
    fn skip(&mut self, rows: u64) -> Result<u64>;

    /// What was noticed in the rows so far and in the file, and needs no action.
    fn notices(&self) -> Vec<String>;
}
