//! A random forest for two classes (Breiman 2001), with scikit-learn's semantics.

mod counts;
mod criterion;
mod draws;
mod grower;
mod growth;
mod histogram;
mod model;
mod oob;
mod params;
mod records;
mod splitting;
mod weights;

pub use grower::{assemble, grow, Grower};
pub use growth::Grown;
pub use model::{RandomForest, THRESHOLD};
pub use oob::OutOfBag;
pub use params::{ClassWeight, Criterion, MaxFeatures, MaxSamples, RandomForestParams, RandomForestValidParams};
