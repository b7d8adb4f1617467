//! Polars: its failures as this workspace's error, and its streaming engine.

use hitflop_core::error::{Error, Result};
use polars::error::PolarsError;
use polars::prelude::{DataFrame, Engine, LazyFrame};

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

/// Collects a plan by the streaming engine.
pub(crate) fn streaming(plan: LazyFrame) -> Result<DataFrame> {
    Ok(plan.collect_with_engine(Engine::Streaming).engine()?.unwrap_single())
}
