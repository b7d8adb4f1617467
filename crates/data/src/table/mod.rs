//! Files of any format as tables, in memory or in batches of rows.
//!
//! | module | content |
//! |---|---|
//! | `find` | directories, globs, archives and files to a list of files, with those that are not read |
//! | `content` | bytes, unpacked from gzip and Zstandard |
//! | `what_is` | what the first bytes show a file to be |
//! | `source`, `row_batches` | a file of any format whose rows are read in batches, as often as needed |
//! | `text_reader` | texts that are checked and decoded as they are read |
//! | `delimited`, `delimited_source` | CSV and its relatives |
//! | `json`, `json_document`, `json_reader`, `json_source`, `json_table` | JSON in every shape |
//! | `parquet`, `parquet_source`, `parquet_schema`, `parquet_column` | Parquet |
//! | `opened`, `table_data` | a table of any of these formats in memory |
//! | `typed` | columns of known types, as CSV and Parquet |
//! | `write`, `parquet_writer`, `column_type` | tables with columns appended, as CSV, NDJSON or Parquet |
//! | `parquet_copy`, `parquet_footer`, `parquet_bytes` | columns appended to those of a Parquet file, which are copied as they are stored |

mod column_type;
pub(crate) mod content;
mod delimited;
mod delimited_source;
pub(crate) mod find;
mod json;
mod json_document;
mod json_reader;
mod json_source;
mod json_table;
mod opened;
mod parquet;
mod parquet_bytes;
mod parquet_column;
mod parquet_copy;
mod parquet_footer;
mod parquet_schema;
mod parquet_source;
mod parquet_writer;
mod rejected_row;
mod row_batches;
mod source;
mod table_data;
mod text_reader;
pub mod typed;
mod what_is;
pub mod write;

pub use column_type::ColumnType;
pub(crate) use content::Content;
pub use delimited::DelimitedTable;
pub use json_table::JsonTable;
pub(crate) use opened::{open, open_whole};
pub use opened::{OpenedTable, TableOptions};
pub use parquet::ParquetTable;
pub use rejected_row::RejectedRow;
pub(crate) use row_batches::{RowBatches, TableBatch};
pub(crate) use source::TableSource;
pub use table_data::TableData;
