//! Tracks to learn from: repeats resolved, groups found.

pub mod duplicates;
pub mod grouped_dataset;
