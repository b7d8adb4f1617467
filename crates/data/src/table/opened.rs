//! A file as a table.

use std::num::NonZeroUsize;

use super::content::Content;
use super::rejected_row::RejectedRow;
use super::source::TableSource;
use super::table_data::TableData;
use super::what_is::Unreadable;
use hitflop_core::error::{Error, Reason, Result};

/// What a file alone does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// Name of the encoding of texts. Default: UTF-8, or what the bytes show to be certain.
    pub encoding: Option<String>,
    /// Names of the values of rows that are lists without names, as protocols of model servers have them.
    pub positional: Vec<String>,
    /// Maximum number of rows of a batch, of JSON to the end of a document. Default: 65,536, of Parquet 262,144.
    pub rows_per_batch: Option<NonZeroUsize>,
}

/// A table, and what was noticed while it was read.
#[derive(Clone, Debug)]
pub struct OpenedTable {
    /// Name of the file as the user knows it.
    pub name: String,
    /// The rows.
    pub data: TableData,
    /// Rows that do not have the fields of the header, or are not in the encoding, by index. They are among the rows.
    pub broken: Vec<(usize, RejectedRow)>,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
    /// What was noticed and needs no action.
    pub notices: Vec<String>,
}

/// Reads a table of any format.
///
/// # Errors
/// The file is no table (the error says what it is), is damaged, is empty or has no rows; the encoding is unknown or wrong.
pub(crate) fn open(content: &Content, options: &TableOptions) -> Result<OpenedTable> {
    open_whole(content, options)?.whole()
}

/// A table of any format with all rows in one batch.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_whole(content: &Content, options: &TableOptions) -> Result<TableSource> {
    TableSource::open(content, &TableOptions { rows_per_batch: Some(NonZeroUsize::MAX), ..options.clone() })
}

/// The error of a file that is no table.
pub(super) fn no_table(content: &Content, kind: Unreadable) -> Error {
    let rule = format!("expected a table as CSV, Parquet or JSON, found {}; {}", kind.noun, kind.advice);
    content.fault(Reason::Unreadable, rule)
}
