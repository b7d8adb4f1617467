//! How a table is read, as Python says it.

use hitflop_core::reader::mapping::MappingOptions;
use hitflop_core::reader::name::{self, ColumnRole};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::reading::ReadingOptions;
use crate::track_columns::{is_read, TrackColumns};

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
    ///
    /// `label` is the rule for labels, as `popularity>=60`; none for the column `target`.
    #[new]
    #[pyo3(signature = (map, units, is_enabled, allow_missing, sample, label=None))]
    fn new(
        map: Vec<String>,
        units: Vec<String>,
        is_enabled: bool,
        allow_missing: bool,
        sample: Option<Py<TrackColumns>>,
        label: Option<&str>,
    ) -> PyResult<ReadingSettings> {
        let mut mapping = MappingOptions { is_enabled, ..MappingOptions::default() };
        map.iter().try_for_each(|text| mapping.add_map(text)).map_err(exception)?;
        units.iter().try_for_each(|text| mapping.add_unit(text)).map_err(exception)?;
        mapping.label = label.map(str::parse).transpose().map_err(exception)?;
        Ok(ReadingSettings { options: ReadingOptions { mapping, allow_missing }, sample })
    }
}

impl ReadingSettings {
    /// Whether the values of a column with this name can matter to sums over tracks: it may be a feature, a text, a year, or the label.
    pub(crate) fn is_summed(&self, name: &str) -> bool {
        let MappingOptions { map, label, .. } = &self.options.mapping;
        let is_named = map.iter().any(|(_, column)| column == name);
        let is_label = label.as_ref().is_some_and(|rule| rule.column == name);
        let role = name::meaning(name).role;
        is_named
            || is_label
            || is_read(name)
            || matches!(role, ColumnRole::Artist | ColumnRole::Uri | ColumnRole::Label)
    }

    pub(crate) fn options(&self) -> &ReadingOptions {
        &self.options
    }

    pub(crate) fn sample(&self) -> Option<&TrackColumns> {
        self.sample.as_ref().map(Py::get)
    }
}
