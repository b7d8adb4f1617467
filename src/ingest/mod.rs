//! Decade files in, one table of tracks out, with what was set aside and why.

pub mod quality;
pub mod sample;
pub mod source;
