//! Words that charts, tables and text share: names of models, rows, fits and candidates.

pub mod explanations;
pub mod leaderboard;
pub mod models;
pub mod search;
pub mod validation;
