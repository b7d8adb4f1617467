//! Explore the Spotify Hit Predictor decade files and learn to tell hits from flops.
//!
//! ```text
//! decade files ──ingest──▶ Tracks ──explore──▶ findings ──┐
//!                            │                            ├──report──▶ charts, report.html, report.json
//!                            └─────learn─────▶ model ─────┘
//!                                                │
//!                                            artifact ──score──▶ label and probability of new tracks
//!                                                           └────serve──▶ the same over HTTP
//! ```
//!
//! Modules stand here in the order in which the data flows, after what all of them share; `ARCHITECTURE.md` tables which may
//! use which.

pub mod disk;
pub mod error;
pub mod quantile;
pub mod seed;
pub mod track;

pub mod ingest;

pub mod explore;
pub mod learn;

pub mod explain;

pub mod artifact;
pub mod score;

pub mod report;

pub mod serve;

pub mod cli;
