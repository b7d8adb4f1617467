//! Rows by a mapping.

use std::borrow::Cow;

use super::{ColumnMapping, FeatureReader};
use crate::error::{Fault, Place};
use crate::reader::value::{self, ValueFault};
use crate::reader::{has_audio, Cell, FeatureRow, Table};
use crate::track::Feature;

/// The features of a row, and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct RowReading {
    /// Values; NaN is missing, also where a value has a fault.
    pub values: FeatureRow,
    /// Faults of values, in the order of the features.
    pub faults: Vec<CellFault>,
}

/// A value that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// Position of the column, from 0.
    pub position: usize,
    /// The feature that the column is used as.
    pub feature: Feature,
    /// The rule.
    pub fault: ValueFault,
    /// The value as it is in the table; empty if it is missing.
    pub value: String,
}

/// The texts of a row, as far as the table has them; an empty text is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackTexts<'a> {
    /// Title.
    pub title: Option<Cow<'a, str>>,
    /// Artist.
    pub artist: Option<Cow<'a, str>>,
    /// Spotify URI, also of an id or a link.
    pub uri: Option<Cow<'a, str>>,
}

impl RowReading {
    /// Whether the row has neither a value of an audio feature nor a fault of one: there is nothing to predict from.
    pub fn lacks_audio(&self) -> bool {
        !has_audio(&self.values) && self.faults.iter().all(|fault| fault.feature == Feature::Decade)
    }
}

impl ColumnMapping {
    /// The features of a row, counted from 0. A row without faults takes no allocation.
    ///
    /// # Panics
    /// The table has no such row, or fewer columns than the one that was mapped.
    pub fn row<T: Table + ?Sized>(&self, table: &T, row: usize) -> RowReading {
        let mut values = [f64::NAN; Feature::ALL.len()];
        let mut faults = Vec::new();
        for FeatureReader { feature, position, rule } in &self.readers {
            let cell = table.cell(row, *position);
            match value::read(*feature, cell, rule) {
                Ok(value) => values[*feature as usize] = value,
                Err(fault) => faults.push(CellFault {
                    position: *position,
                    feature: *feature,
                    fault,
                    value: shown_value(cell).into_owned(),
                }),
            }
        }
        self.complete(table, row, &mut values);
        RowReading { values, faults }
    }

    /// Adds what is read from no column of its own: the mode of a key, and the decade in the file's name.
    #[inline]
    pub(super) fn complete<T: Table + ?Sized>(&self, table: &T, row: usize, values: &mut FeatureRow) {
        if let Some(position) = self.mode_of_key {
            if let Cell::Text(text) = table.cell(row, position) {
                let is_major = value::key_of_text(text).and_then(|key| key.is_major);
                values[Feature::Mode as usize] = is_major.map_or(f64::NAN, |is_major| f64::from(u8::from(is_major)));
            }
        }
        if let Some(decade) = self.decade_in_name {
            values[Feature::Decade as usize] = f64::from(decade.year());
        }
    }

    /// A fault for each of `features` that has a column and no value in a row, where missing values are refused.
    pub fn missing_values<'a>(
        &'a self,
        reading: &'a RowReading,
        features: &'a [Feature],
    ) -> impl Iterator<Item = CellFault> + 'a {
        let is_missing = |reader: &&FeatureReader| {
            features.contains(&reader.feature)
                && reading.values[reader.feature as usize].is_nan()
                && !reading.faults.iter().any(|fault| fault.feature == reader.feature)
        };
        self.readers.iter().filter(is_missing).map(|reader| CellFault {
            position: reader.position,
            feature: reader.feature,
            fault: ValueFault::missing(reader.feature),
            value: String::new(),
        })
    }

    /// A fault of a value as one of the table at `place`; `row` counts from 0.
    pub fn fault(&self, place: &Place, row: usize, fault: &CellFault) -> Fault {
        let name = self.columns.get(fault.position).map_or(fault.feature.name(), |column| &column.column);
        let place = place.clone().row(row as u64 + 1).column(name);
        Fault::new(place, fault.fault.reason, fault.fault.rule).found(&fault.value)
    }

    /// Title, artist and URI of a row, counted from 0.
    ///
    /// # Panics
    /// As [`ColumnMapping::row`].
    pub fn texts<'a, T: Table + ?Sized>(&self, table: &'a T, row: usize) -> TrackTexts<'a> {
        let text = |position: Option<usize>| position.and_then(|position| text_of(table.cell(row, position)));
        let uri = text(self.texts.uri).map(|uri| match uri {
            Cow::Borrowed(uri) => value::track_uri(uri),
            Cow::Owned(uri) => Cow::Owned(value::track_uri(&uri).into_owned()),
        });
        TrackTexts { title: text(self.texts.title), artist: text(self.texts.artist), uri }
    }

    /// Which part of a split a row, counted from 0, belongs to, if the table has such a column.
    ///
    /// # Panics
    /// As [`ColumnMapping::row`].
    pub fn split<'a, T: Table + ?Sized>(&self, table: &'a T, row: usize) -> Option<Cow<'a, str>> {
        self.texts.split.and_then(|position| text_of(table.cell(row, position)))
    }

    /// Whether the table has labels.
    pub fn has_label(&self) -> bool {
        self.label.is_some()
    }

    /// Whether a row, counted from 0, is a hit; `None` if its label is missing, or the table has none.
    ///
    /// # Errors
    /// The rule that the value breaks.
    ///
    /// # Panics
    /// As [`ColumnMapping::row`].
    pub fn label<T: Table + ?Sized>(&self, table: &T, row: usize) -> Result<Option<bool>, ValueFault> {
        match &self.label {
            None => Ok(None),
            Some((position, condition)) => condition.label(table.cell(row, *position), self.decimal_mark),
        }
    }
}

/// A value as a fault shows it.
pub(super) fn shown_value(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Missing => Cow::Borrowed(""),
        Cell::Bool(truth) => Cow::Owned(truth.to_string()),
        Cell::Number(value) => Cow::Owned(value.to_string()),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Nested => Cow::Borrowed("a list or an object"),
    }
}

/// The text of a cell; a number is written out. Titles may be words that mean a missing value elsewhere, so only an empty text is
/// none.
fn text_of(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Text(text) if text.trim().is_empty() => None,
        Cell::Text(text) => Some(Cow::Borrowed(text)),
        Cell::Number(value) if !value.is_nan() => Some(Cow::Owned(value.to_string())),
        _ => None,
    }
}
