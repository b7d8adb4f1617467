//! Models compared on the same rows, and the search for their parameters.

pub mod comparison;
pub mod cross_validation;
pub mod leaderboard;
pub mod search;
pub mod train;
