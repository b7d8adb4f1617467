//! Decade files in, one table of tracks out, with what was set aside and why.
//!
//! [`source::resolve`] turns what the user named into a list of files, [`ingest`] unions them into one Parquet file:
//! one lazy Polars plan with an explicit schema, run by the streaming engine. A file in which that plan meets a fault is
//! read a second time, row by row, to say exactly where the fault is, or to set the row aside.

mod decade_in_name;
mod header;
pub mod labelled;
pub mod quality;
mod reread;
mod rule;
mod scan;
pub mod source;
pub mod tracks;
mod union;
mod unknown_columns;
pub mod unlabelled;

pub use header::ColumnNames;
pub use reread::RejectedRow;
pub use union::{holds_simulated_tracks, ingest, Ingested};
