//! Models compared on the same rows, and the search for their parameters.

pub mod blend;
pub mod comparison;
pub mod cross_validation;
pub mod feature_set;
pub mod hold_out;
pub mod leaderboard;
pub mod search;
pub mod train;
