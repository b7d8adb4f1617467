//! Explore the Spotify Hit Predictor decade files and learn to tell hits from flops.
