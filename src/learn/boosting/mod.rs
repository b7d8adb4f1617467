//! Gradient boosting for two classes.

mod fit;
mod grower;
mod histogram;
mod loss;
mod model;
mod params;
mod sampling;
mod splitting;
#[cfg(test)]
mod tests;

pub use model::{BinnedDataset, GradientBoosting};
pub use params::{EarlyStopping, GradientBoostingParams, GradientBoostingValidParams, SplitCriterion};
