//! Tracks in, findings out: pure analysis. Nothing here prints, draws or writes.
//!
//! | module | answers |
//! |---|---|
//! | [`columns`] | (the shape that the estimators read) |
//! | [`summary`] | how many tracks there are and where each feature lies, overall, by decade, by label |
//! | [`correlation`] | which features move together (Pearson, Spearman) |
//! | [`mutual_information`] | mutual information of a feature and the label, and whether it is above chance |
//! | [`density`] | the shape of each feature, by decade and by label |
//! | [`overview`] | figures and alerts of each feature, pairs of features, artists, sample rows |
//! | [`from_sums`] | all but what needs rows, of sums over a table of any size |
//! | [`comparison`] | how far two tables are from each other |
//! | [`selection`] | which features say the same thing twice |

mod cluster_robust;
pub mod columns;
pub mod comparison;
pub mod correlation;
pub mod density;
pub mod from_sums;
mod moments;
pub mod mutual_information;
pub mod overview;
mod ranks;
pub mod selection;
pub mod summary;
