//! Sums over tracks, made in parts and merged.

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::{ColumnMapping, ColumnUse, TrackTexts};
use hitflop_core::reader::{FeatureRow, Table};
use hitflop_core::track::{Feature, Label};
use hitflop_sums::{SummedTrack, TrackFindings, TrackSums};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::exception;
use crate::reading::{self, TRACKS};
use crate::settings::ReadingSettings;
use crate::track_columns::TrackColumns;

/// Rows that are summed at once, so that their values are in the processor's cache.
const ROWS_PER_BATCH: usize = 1 << 15;

/// Sums over the tracks of a table, or of a part of one.
#[pyclass(module = "hitflop._hitflop")]
#[derive(Debug, Default)]
pub struct TrackSummer {
    sums: TrackSums,
}

#[pymethods]
impl TrackSummer {
    /// No tracks.
    #[new]
    fn new() -> TrackSummer {
        TrackSummer::default()
    }

    /// Which of these columns are read.
    #[staticmethod]
    fn columns(names: Vec<String>, settings: &ReadingSettings) -> Vec<String> {
        names.into_iter().filter(|name| settings.is_summed(name)).collect()
    }

    /// Adds the tracks of a table.
    fn add(&mut self, py: Python<'_>, tracks: &TrackColumns, settings: &ReadingSettings) -> PyResult<()> {
        let sums = &mut self.sums;
        py.detach(|| add(sums, tracks, settings)).map_err(exception)
    }

    /// Adds the sums of another part, as `to_bytes` gives them.
    fn merge(&mut self, py: Python<'_>, other: &[u8]) -> PyResult<()> {
        let sums = &mut self.sums;
        py.detach(|| TrackSums::from_bytes(other).map(|other| sums.merge(other))).map_err(exception)
    }

    /// The sums as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.sums.to_bytes()).map_err(exception)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The document of findings; `label` is the rule by which the label was made.
    fn findings_json(&self, py: Python<'_>, label: Option<String>) -> PyResult<String> {
        let json = || TrackFindings::of(&self.sums).with_label_rule(label).to_json();
        py.detach(json).map_err(exception)
    }
}

fn add(sums: &mut TrackSums, tracks: &TrackColumns, settings: &ReadingSettings) -> Result<()> {
    let options = settings.options();
    let sample = reading::with_columns_of(tracks, settings.sample())?;
    let mapping = reading::mapping(sample, &Feature::ALL, options)?;
    if !mapping.has_label() {
        let rule = "expected a column target of 0 and 1; set label to a rule such as popularity>=60";
        return Err(Error::input(Fault::new(Place::table(TRACKS), Reason::MissingColumn, rule)));
    }
    let matrix = reading::matrix(tracks, Some(sample), &Feature::ALL, options)?;
    for first in (0..tracks.rows()).step_by(ROWS_PER_BATCH) {
        let rows = first..(first + ROWS_PER_BATCH).min(tracks.rows());
        let texts: Vec<TrackTexts> = rows.clone().map(|row| mapping.texts(tracks, row)).collect();
        let summed = rows.zip(&texts).map(|(row, texts)| {
            let values: FeatureRow = std::array::from_fn(|at| matrix.records[[row, at]]);
            let (artist, uri) = (texts.artist.as_deref(), texts.uri.as_deref());
            Ok(SummedTrack { values, label: label(&mapping, tracks, row)?, artist, uri })
        });
        sums.add(&summed.collect::<Result<Vec<SummedTrack>>>()?);
    }
    Ok(())
}

/// The label of a row, which must have one.
fn label(mapping: &ColumnMapping, tracks: &TrackColumns, row: usize) -> Result<Label> {
    let refused = |reason, rule: &str| {
        let place = Place::table(TRACKS).row(row as u64 + 1);
        let position = mapping.position_of(ColumnUse::Label).unwrap_or_default();
        let name = tracks.columns().get(position).map_or("target", String::as_str);
        Error::input(Fault::new(place.column(name), reason, rule))
    };
    match mapping.label(tracks, row) {
        Ok(Some(is_hit)) => Ok(if is_hit { Label::Hit } else { Label::Flop }),
        Ok(None) => Err(refused(Reason::Empty, "expected a label")),
        Err(fault) => Err(refused(fault.reason, fault.rule)),
    }
}
