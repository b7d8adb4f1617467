//! The routes, one file a subject.

pub mod batch;
pub mod features;
pub mod health;
pub mod model;
pub mod neighbours;
pub mod predict;
pub mod songs;
