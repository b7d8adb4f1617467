//! Failures of Polars that are not the input's fault, as this workspace's error.

use hitflop_core::error::{Error, Result};
use polars::error::PolarsError;

/// What Polars returns.
pub(crate) trait EngineResult<T> {
    /// The value, or [`Error::Engine`].
    fn engine(self) -> Result<T>;
}

impl<T> EngineResult<T> for std::result::Result<T, PolarsError> {
    fn engine(self) -> Result<T> {
        self.map_err(|error| Error::Engine(Box::new(error)))
    }
}
