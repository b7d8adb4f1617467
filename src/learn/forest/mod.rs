//! A random forest for two classes (Breiman 2001), with scikit-learn's semantics.

mod bag;
mod counts;
mod criterion;
mod draws;
mod grower;
mod histogram;
mod model;
mod oob;
mod params;
mod records;
mod splitting;

pub use grower::{assemble, grow, Grower, Grown};
pub use model::{RandomForest, THRESHOLD};
pub use oob::OutOfBag;
pub use params::{ClassWeight, Criterion, MaxFeatures, MaxSamples, RandomForestParams, RandomForestValidParams};
