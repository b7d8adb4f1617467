//! Features that a table has no column for.

use serde::Serialize;

use super::ColumnMapping;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::reader::name;
use crate::track::Feature;

/// A feature without a column, and the column whose name looks like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingColumn {
    /// The feature.
    pub feature: Feature,
    /// The unused column whose name is most similar, if one looks like it.
    pub nearest: Option<String>,
}

impl ColumnMapping {
    /// Those of `features` that no row can have a value of, each with the nearest name among the columns that are not used.
    pub fn missing_columns(&self, features: &[Feature]) -> Vec<MissingColumn> {
        let missing = features.iter().filter(|feature| !self.gives(**feature));
        missing.map(|&feature| MissingColumn { feature, nearest: self.nearest_unused(feature.name()) }).collect()
    }

    /// The column that is not used whose name is most like `name`.
    pub fn nearest_unused(&self, name: &str) -> Option<String> {
        let unused = self.columns.iter().filter(|column| column.used_as.is_none()).map(|column| column.column.as_str());
        name::nearest(name, unused).map(str::to_owned)
    }

    /// Checks that rows can have a value of each of `features`, and names all that have no column.
    ///
    /// # Errors
    /// At least one has none.
    pub fn require(&self, features: &[Feature], place: &Place) -> Result<()> {
        let missing = self.missing_columns(features);
        if missing.is_empty() {
            return Ok(());
        }
        let faults: Vec<Fault> = missing.iter().map(|missing| missing.fault(place)).collect();
        let total = faults.len() as u64;
        Err(Error::inputs(faults, total))
    }

    /// Columns that are not used whose names look like a feature's, each with that feature.
    pub fn misspelt(&self) -> Vec<(&str, Feature)> {
        let unknown = self.columns.iter().filter(|column| column.reason == super::MappingReason::UnknownName);
        unknown
            .filter_map(|column| Some((column.column.as_str(), name::suggested_feature(&column.column)?)))
            .filter(|(_, feature)| !self.gives(*feature))
            .collect()
    }
}

impl MissingColumn {
    /// The fault of a table at `place` that needs the column.
    pub fn fault(&self, place: &Place) -> Fault {
        let Some(nearest) = &self.nearest else { return Fault::absent_column(place.clone(), self.feature.name()) };
        let rule = format!("the column is missing; the nearest name in the file is {nearest:?}");
        Fault::new(place.clone().column(self.feature.name()), Reason::MissingColumn, rule)
    }
}
