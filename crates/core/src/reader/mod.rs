//! One reader of values: what a column name, a unit, a missing word and a number mean, for every file and every request.
//!
//! A file or a request body becomes a [`Table`]: named columns of [`Cell`]s. The rules of this module turn its rows into
//! [`FeatureRow`]s, in the units of [`Feature::info`], so that the same value is the same everywhere.

mod cell;
mod feature_row;

pub use cell::{Cell, Table};
pub use feature_row::{has_audio, FeatureRow};

#[cfg(doc)]
use crate::track::Feature;
