//! x
pub mod error;
pub mod track;
pub mod ingest;
pub mod explore;
