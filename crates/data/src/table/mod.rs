//! Files of any format as tables in memory.
//!
//! | module | content |
//! |---|---|
//! | `find` | directories, globs, archives and files to a list of files, with those that are not read |
//! | `content` | bytes, unpacked from gzip and Zstandard |
//! | `what_is` | what the first bytes show a file to be |
//! | `delimited` | CSV and its relatives |
//! | `json`, `json_document`, `json_table` | JSON in every shape |
//! | `parquet`, `parquet_schema`, `parquet_column` | Parquet |
//! | `opened`, `table_data` | a table of any of these formats |
//! | `typed` | columns of known types, as CSV and Parquet |
//! | `write` | tables with columns appended, as CSV, NDJSON or Parquet |

pub(crate) mod content;
mod delimited;
pub(crate) mod find;
mod json;
mod json_document;
mod json_table;
mod opened;
mod parquet;
mod parquet_column;
mod parquet_schema;
mod rejected_row;
mod table_data;
pub mod typed;
mod what_is;
pub mod write;

pub use delimited::DelimitedTable;
pub use json_table::JsonTable;
pub(crate) use opened::open;
pub use opened::{OpenedTable, TableOptions};
pub use parquet::ParquetTable;
pub use rejected_row::RejectedRow;
pub use table_data::TableData;
