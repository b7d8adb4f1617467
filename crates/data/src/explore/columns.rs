//! The tracks as columns of numbers, which is what the estimators read.

use polars::prelude::{DataFrame, DataType};

use crate::engine::EngineResult;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature, Label, TARGET};

/// Numeric columns of all tracks, row by row in the same order. Every column is as long as `labels`.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// One column a feature, in the order of [`Feature::ALL`] (the decade, as its first year, is the last of them), in the units
    /// of the decade files. Ingest lets finite values only through; an estimator that meets another leaves that row out.
    pub features: Vec<Vec<f64>>,
    /// The decade of each row.
    pub decades: Vec<Decade>,
    /// The label of each row.
    pub labels: Vec<Label>,
}

impl Columns {
    /// The numeric columns of checked tracks ([`crate::ingest::tracks::Tracks::numbers`]).
    ///
    /// # Errors
    /// A column is missing, or holds a value that ingest does not let through.
    pub fn from_frame(numbers: &DataFrame) -> Result<Columns> {
        let features: Vec<Vec<f64>> =
            Feature::ALL.into_iter().map(|feature| column(numbers, feature.name())).collect::<Result<_>>()?;
        let decade = |year: &f64| Decade::from_year(*year as i32).ok_or_else(|| unchecked(Feature::Decade.name()));
        let label = |target: &f64| Label::from_target(*target as i32).ok_or_else(|| unchecked(TARGET));
        let decades = features[Feature::Decade as usize].iter().map(decade).collect::<Result<_>>()?;
        let labels = column(numbers, TARGET)?.iter().map(label).collect::<Result<_>>()?;
        Ok(Columns { features, decades, labels })
    }

    /// Number of tracks.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// The values of one feature; empty if the feature was not given.
    pub fn column(&self, feature: Feature) -> &[f64] {
        self.features.get(feature as usize).map_or(&[], Vec::as_slice)
    }
}

fn column(numbers: &DataFrame, name: &str) -> Result<Vec<f64>> {
    let values = numbers.column(name).engine()?.cast(&DataType::Float64).engine()?;
    values.f64().engine()?.iter().map(|value| value.ok_or_else(|| unchecked(name))).collect()
}

fn unchecked(name: &str) -> Error {
    Error::Failed(format!("column {name} of the tracks holds a value that has not been checked"))
}
