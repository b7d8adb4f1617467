//! From tracks to a fitted, scored model.

pub mod dataset;
pub mod evaluation;
pub mod metrics;
pub mod split;
pub mod tree;
