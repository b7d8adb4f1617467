//! The routes, one file a subject.

pub(crate) mod batch;
pub(crate) mod features;
pub(crate) mod health;
pub(crate) mod model;
pub(crate) mod neighbours;
pub(crate) mod predict;
pub(crate) mod read;
pub(crate) mod songs;
pub(crate) mod tracks;
