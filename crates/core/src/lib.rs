//! Types that all crates of hitflop share: tracks, features, decades, labels, datasets, errors, files.

pub mod dataset;
mod decade;
pub mod digest;
pub mod disk;
pub mod error;
pub mod fingerprint;
mod label;
pub mod reader;
pub mod track;
pub mod track_id;
pub mod unknown_columns;

pub use hitflop_metrics::seed;
