//! Explore the Spotify Hit Predictor decade files and learn to tell hits from flops.

pub mod pipeline;
pub use hitflop_core::error::Error;
pub use hitflop_model::selection::comparison::CandidateModel;
