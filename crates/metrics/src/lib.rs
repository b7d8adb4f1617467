//! How well two classes are separated: scores, curves, calibration, splits, folds, intervals.

#![deny(unreachable_pub)]

pub mod bootstrap;
pub mod calibration;
pub mod curves;
mod error;
pub mod moments;
pub mod normal;
pub mod quantile;
pub mod reliability;
pub mod scores;
pub mod seed;
pub mod split;
pub mod threshold;
pub mod two_sample;

pub use error::{MetricsError, Result};
