//! Parts for a search over parameters that bins once and fits often.
//!
//! [`Binning`] cuts the features into bins and [`BinnedRecords`] are rows in these bins.
//! [`GradientBoostingValidParams::fit_binned`](crate::GradientBoostingValidParams::fit_binned) fits a boosting to a
//! [`BinnedDataset`]. A [`ForestGrower`] grows trees of a forest, each a [`GrownTree`]: forests of fewer trees, less depth or
//! larger nodes are parts of them.

pub use crate::binning::{BinnedRecords, Binning, MAX_BINS};
pub use crate::boosting::BinnedDataset;
pub use crate::forest::{ForestGrower, GrownTree};
