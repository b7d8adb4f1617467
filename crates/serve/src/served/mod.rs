//! The model that is served, how another takes its place, and rows to answers, one or many.

pub mod batch;
pub mod prediction;
pub mod reload;
pub mod served_model;
pub mod state;
