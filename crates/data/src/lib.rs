//! Tables of tracks in, one checked table and its exploration out. Polars lives here.

mod engine;
pub mod explore;
pub mod ingest;
pub mod matrix;
pub mod simulate;
