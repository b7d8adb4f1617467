//! Which column of a table is which feature or text, and in which unit: decided by the columns' names and by whole columns of
//! values, never by one value.

mod column;
mod conflict;
mod decade;
mod decide;
mod interval;
mod label;
mod label_check;
mod length;
mod missing;
mod options;
mod profile;
mod row;
mod rows;
mod units;

use serde::Serialize;

use super::value::{DecimalMark, ValueRule};
use crate::track::{Decade, Feature};

pub use column::{ColumnUse, Conversion, MappedColumn, MappingReason};
pub use label::{LabelCondition, LabelRule};
pub use missing::MissingColumn;
pub use options::{MapTarget, MappingOptions, UndecidedUnit};
pub use row::{CellFault, RowReading, TrackTexts};

/// What the columns of a table are. It serialises as `columns`, one entry a column, and `decade_in_name`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnMapping {
    columns: Vec<MappedColumn>,
    decade_in_name: Option<Decade>,
    #[serde(skip)]
    readers: Vec<FeatureReader>,
    /// Column of keys that also give the mode, if no column does: `G minor`, `8A`.
    #[serde(skip)]
    mode_of_key: Option<usize>,
    #[serde(skip)]
    texts: TextColumns,
    #[serde(skip)]
    label: Option<(usize, LabelCondition)>,
    #[serde(skip)]
    decimal_mark: DecimalMark,
}

/// How a feature is read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FeatureReader {
    feature: Feature,
    position: usize,
    rule: ValueRule,
}

/// Positions of the columns of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct TextColumns {
    title: Option<usize>,
    artist: Option<usize>,
    uri: Option<usize>,
    split: Option<usize>,
}

impl ColumnMapping {
    /// One entry a column, in the order of the table.
    pub fn columns(&self) -> &[MappedColumn] {
        &self.columns
    }

    /// The decade in the file's name, if it is the decade of every row because no column gives one.
    pub fn decade_in_name(&self) -> Option<Decade> {
        self.decade_in_name
    }

    /// The column that a feature is read from.
    pub fn column_of(&self, feature: Feature) -> Option<&MappedColumn> {
        let used = ColumnUse::Feature(feature);
        self.columns.iter().find(|column| column.used_as == Some(used))
    }

    /// Whether rows can have a value of a feature: from a column, the decade also from the file's name, the mode also from keys.
    pub fn gives(&self, feature: Feature) -> bool {
        self.column_of(feature).is_some()
            || (feature == Feature::Decade && self.decade_in_name.is_some())
            || (feature == Feature::Mode && self.mode_of_key.is_some())
    }

    /// Position of the column of titles, artists, URIs or parts of a split.
    pub fn position_of(&self, used: ColumnUse) -> Option<usize> {
        self.columns.iter().find(|column| column.used_as == Some(used)).map(|column| column.position)
    }

    /// Positions of the columns that features are read from.
    pub fn feature_positions(&self) -> Vec<usize> {
        self.readers.iter().map(|reader| reader.position).chain(self.mode_of_key).collect()
    }

    /// Whether something other than the documented names and units was found, so that a user should see the table.
    pub fn is_notable(&self) -> bool {
        self.decade_in_name.is_some() || self.columns.iter().any(MappedColumn::is_notable)
    }

    /// The mapping as a table of texts: column, used as, conversion, why.
    pub fn table(&self) -> Vec<[String; 4]> {
        let in_name = self.decade_in_name.map(|decade| {
            ["(file name)".to_owned(), "decade".to_owned(), decade.to_string(), "no column gives it".to_owned()]
        });
        self.columns.iter().map(MappedColumn::cells).chain(in_name).collect()
    }
}

#[cfg(test)]
mod tests;
