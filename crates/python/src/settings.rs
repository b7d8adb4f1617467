//! How a table is read, as Python says it.

use hitflop_core::reader::mapping::MappingOptions;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::reading::ReadingOptions;
use crate::track_columns::TrackColumns;

/// How tables are read.
#[pyclass(module = "hitflop._hitflop", frozen)]
#[derive(Debug)]
pub struct ReadingSettings {
    options: ReadingOptions,
    sample: Option<Py<TrackColumns>>,
}

#[pymethods]
impl ReadingSettings {
    /// Columns by feature, as `tempo=BPM`; units by feature, as `duration_ms=s`; whether other than documented names are
    /// recognised; whether values may be missing; the rows on which columns and units are decided, if not those of the table.
    #[new]
    fn new(
        map: Vec<String>,
        units: Vec<String>,
        is_enabled: bool,
        allow_missing: bool,
        sample: Option<Py<TrackColumns>>,
    ) -> PyResult<ReadingSettings> {
        let mut mapping = MappingOptions { is_enabled, ..MappingOptions::default() };
        map.iter().try_for_each(|text| mapping.add_map(text)).map_err(exception)?;
        units.iter().try_for_each(|text| mapping.add_unit(text)).map_err(exception)?;
        Ok(ReadingSettings { options: ReadingOptions { mapping, allow_missing }, sample })
    }
}

impl ReadingSettings {
    pub(crate) fn options(&self) -> &ReadingOptions {
        &self.options
    }

    pub(crate) fn sample(&self) -> Option<&TrackColumns> {
        self.sample.as_ref().map(Py::get)
    }
}
