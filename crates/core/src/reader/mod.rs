//! One reader of values: what a column name, a unit, a missing word and a number mean, for every file and every request.
//!
//! The bytes of a file or a request body are decoded ([`encoding`]), and a delimited text is divided into fields ([`Dialect`]).
//! So it becomes a [`Table`]: named columns of [`Cell`]s. [`name`] says what a column's name may mean,
//! [`mapping`] decides which column is which feature and in which unit, and [`value`] reads a cell. So the rows become
//! [`FeatureRow`]s, in the units of [`Feature::info`], and the same value is the same everywhere.

mod cell;
mod dialect;
pub mod encoding;
mod feature_row;
pub mod mapping;
pub mod name;
mod scan;
pub mod value;

pub use cell::{Cell, Table};
pub use dialect::Dialect;
pub use feature_row::{has_audio, lacks_values, FeatureRow, NO_AUDIO_RULE};
pub use scan::{TableScan, WholeTable};

#[cfg(doc)]
use crate::track::Feature;
