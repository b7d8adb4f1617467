//! Tracks to learn from: repeats resolved, groups found, and samples of many tracks.

pub mod duplicates;
pub mod grouped_dataset;
pub mod row_sample;
