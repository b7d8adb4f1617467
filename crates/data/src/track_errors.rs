//! Errors of tracks to be scored, each with what to do.

use std::path::PathBuf;

use hitflop_core::error::{Error, Fault, Place, Reason, Result, MAX_LISTED_FAULTS};
use hitflop_core::reader::mapping::ColumnMapping;
use hitflop_core::track::Feature;

/// Faults of rows, of which the first few are kept.
#[derive(Debug, Default)]
pub(crate) struct FaultList {
    kept: Vec<Fault>,
    total: u64,
}

impl FaultList {
    pub fn push(&mut self, fault: Fault) {
        self.total += 1;
        if self.kept.len() < MAX_LISTED_FAULTS {
            self.kept.push(fault);
        }
    }

    /// Adds the faults of rows that follow.
    pub fn append(&mut self, other: FaultList) {
        let uncounted = other.total - other.kept.len() as u64;
        other.kept.into_iter().for_each(|fault| self.push(fault));
        self.total += uncounted;
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// # Errors
    /// There are faults. If values are missing that could be allowed to, the error says how.
    pub fn refuse(self, allow_missing: bool) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let is_missing = self.kept.iter().any(|fault| fault.reason == Reason::Empty);
        let error = Error::inputs(self.kept, self.total);
        Err(if is_missing && !allow_missing { with_hint(error) } else { error })
    }
}

/// The error of inputs without a table, with the reasons for which files were passed over.
pub(crate) fn none_read(inputs: &[PathBuf], passed_over: &[String]) -> Error {
    let place = inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", ");
    let mut rule = "expected a table with a column for at least one audio feature".to_owned();
    for words in passed_over.iter().take(MAX_LISTED_FAULTS) {
        rule += &format!("\n  {words}");
    }
    if passed_over.len() > MAX_LISTED_FAULTS {
        rule += &format!("\n  … and {} more", passed_over.len() - MAX_LISTED_FAULTS);
    }
    Error::input(Fault::new(Place::file(place), Reason::NoSuchFile, rule))
}

/// The error of a table without a column for an audio feature; columns with a similar name are named.
pub(crate) fn no_audio_column(mapping: &ColumnMapping, audio: &[Feature], place: &Place) -> Error {
    let similar = mapping.missing_columns(audio).into_iter().filter(|missing| missing.nearest.is_some());
    let similar: Vec<Fault> = similar.map(|missing| missing.fault(place)).collect();
    if !similar.is_empty() {
        let total = similar.len() as u64;
        return Error::inputs(similar, total);
    }
    let shown: Vec<&str> =
        mapping.columns().iter().map(|column| column.column.as_str()).take(MAX_LISTED_FAULTS).collect();
    let rule = "expected a column for at least one audio feature, such as energy or tempo";
    let more = if mapping.columns().len() > shown.len() { ", …" } else { "" };
    let found = format!("{}{more}", shown.join(", "));
    Error::input(Fault::new(place.clone(), Reason::MissingColumn, rule).found(found))
}

/// The error with the setting that allows missing values as its last line.
pub(crate) fn with_hint(error: Error) -> Error {
    match error {
        Error::Input(mut faults, total) => {
            let is_column = |fault: &Fault| fault.reason == Reason::MissingColumn;
            if !faults.iter().all(is_column) {
                faults.truncate(MAX_LISTED_FAULTS - 1);
            }
            let rule = "accepts absent columns and empty fields, as missing values";
            // Of the kind of the others, so that it is shown after all of them.
            let reason = faults.first().map_or(Reason::Setting, |fault| fault.reason);
            faults.push(Fault::new(Place::setting("allow-missing"), reason, rule));
            Error::inputs(faults, total + 1)
        }
        other => other,
    }
}
