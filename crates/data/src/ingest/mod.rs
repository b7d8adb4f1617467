//! Decade files in, one table of tracks out, with what was set aside and why.
//!
//! [`source::resolve`] turns what the user named into a list of files, [`ingest`] unions them into one Parquet file:
//! one lazy Polars plan with an explicit schema, run by the streaming engine. A table in another form than that of the
//! original decade files is read by the reader of `hitflop-core` first and written in the plain form. So is a file in
//! which the plan meets a fault, to say exactly where the fault is, or to set the row aside.

pub(crate) mod decade_in_name;
mod header;
mod plain_copy;
pub mod quality;
pub(crate) mod rule;
pub(crate) mod scan;
pub mod source;
pub mod tracks;
mod union;
mod unknown_columns;

pub use crate::table::RejectedRow;
pub use header::ColumnNames;
pub use source::{MappedFile, SourceOptions};
pub use union::{holds_simulated_tracks, ingest, Ingested};
