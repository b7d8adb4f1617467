//! Reads, checks, simulates and explores tables of tracks, with Polars.

mod engine;
pub mod explore;
pub mod ingest;
pub mod matrix;
pub mod simulate;
pub mod table;
mod track_columns;
mod track_errors;
pub mod track_files;
mod track_reader;
pub mod track_stream;
pub mod track_sums;
pub mod union_writer;
