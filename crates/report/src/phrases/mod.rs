//! Words that charts, tables and text share: names of models, rows, fits and candidates.

pub(crate) mod explanations;
pub(crate) mod leaderboard;
pub(crate) mod models;
pub(crate) mod search;
pub(crate) mod validation;
