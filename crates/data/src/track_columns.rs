//! Columns of tracks that are compared: labels, artists, URIs.

use hitflop_core::error::{Fault, Result};
use hitflop_core::reader::mapping::{ColumnUse, TrackTexts};
use hitflop_core::reader::Table;

use crate::simulate::SIMULATED_TITLE;
use crate::track_errors::FaultList;
use crate::track_files::{TrackFile, TrackFiles};

impl TrackFiles {
    /// Whether each row is a hit, as far as that is known; none if a file has no labels.
    ///
    /// # Errors
    /// A label breaks the rule for labels (all such rows are counted).
    pub fn labels(&self) -> Result<Option<Vec<Option<bool>>>> {
        if !self.files.iter().all(|file| file.mapping.has_label()) {
            return Ok(None);
        }
        let (mut labels, mut faults) = (Vec::with_capacity(self.rows.len()), FaultList::default());
        for file in &self.files {
            for row in 0..file.table.rows() {
                labels.push(file.mapping.label(&file.table, row).unwrap_or_else(|fault| {
                    let position = file.mapping.position_of(ColumnUse::Label).unwrap_or_default();
                    let place = file.place(row, ColumnUse::Label);
                    faults.push(Fault::new(place, fault.reason, fault.rule).found(file.table.text(row, position)));
                    None
                }));
            }
        }
        faults.refuse(true)?;
        Ok(Some(labels))
    }

    /// The artist of each row, empty where it is missing; none if a file has no such column.
    pub fn artists(&self) -> Option<Vec<String>> {
        self.text_column(ColumnUse::Artist, |texts| texts.artist.map(|artist| artist.into_owned()))
    }

    /// The Spotify URI of each row, empty where it is missing; none if a file has no such column.
    pub fn uris(&self) -> Option<Vec<String>> {
        self.text_column(ColumnUse::Uri, |texts| texts.uri.map(|uri| uri.into_owned()))
    }

    /// Whether any file begins with a simulated track, by its title.
    pub fn are_simulated(&self) -> bool {
        let begins = |file: &TrackFile| {
            let title = (file.table.rows() > 0).then(|| file.mapping.texts(&file.table, 0).title).flatten();
            title.is_some_and(|title| title.starts_with(SIMULATED_TITLE))
        };
        self.files.iter().any(begins)
    }

    fn text_column(&self, column: ColumnUse, text: impl Fn(TrackTexts) -> Option<String>) -> Option<Vec<String>> {
        if !self.files.iter().all(|file| file.mapping.position_of(column).is_some()) {
            return None;
        }
        let of_file = |file: &TrackFile| -> Vec<String> {
            (0..file.table.rows()).map(|row| text(file.mapping.texts(&file.table, row)).unwrap_or_default()).collect()
        };
        Some(self.files.iter().flat_map(of_file).collect())
    }
}
