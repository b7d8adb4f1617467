//! A model file, ready to score.

use std::time::Instant;

use hitflop_core::reader::Table;
use hitflop_core::track::Label;
use hitflop_model::artifact;
use hitflop_model::explain::local::{ContributionScale, Explanation};
use hitflop_model::scoring::Scorer;
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::{exception, failed};
use crate::reading::{self, ReadingOptions, RowFaults, RowsReader, TrackMatrix};
use crate::settings::ReadingSettings;
use crate::track_columns::TrackColumns;

/// Rows that are read and then scored, while their features are in the processor's cache.
const ROWS_AT_ONCE: usize = 1 << 16;

/// A model of tracks from a model file.
#[pyclass(module = "hitflop._hitflop", frozen)]
#[derive(Debug)]
pub struct LoadedModel {
    scorer: Scorer,
    /// The bytes of its file: what is pickled and sent to workers.
    bytes: Vec<u8>,
}

/// Probabilities and labels.
type PredictionArrays<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<i64>>);

/// Bases, contributions, outputs, probabilities and labels.
type ExplanationArrays<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<i64>>,
);

impl LoadedModel {
    pub(crate) fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn read(
        &self,
        tracks: &TrackColumns,
        sample: Option<&TrackColumns>,
        options: &ReadingOptions,
    ) -> hitflop_core::error::Result<TrackMatrix> {
        reading::matrix(tracks, sample, self.scorer.features(), options)
    }
}

#[pymethods]
impl LoadedModel {
    /// Reads a model file.
    #[staticmethod]
    fn load(py: Python<'_>, path: std::path::PathBuf) -> PyResult<LoadedModel> {
        py.detach(|| {
            let bytes = artifact::read_bytes(&path)?;
            let scorer = Scorer::new(artifact::from_bytes(&path.display().to_string(), &bytes)?);
            Ok(LoadedModel { scorer, bytes })
        })
        .map_err(exception)
    }

    /// Reads a model from the bytes of its file.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: Vec<u8>) -> PyResult<LoadedModel> {
        let read = || artifact::from_bytes("model", &bytes).map(Scorer::new);
        let scorer = py.detach(read).map_err(exception)?;
        Ok(LoadedModel { scorer, bytes })
    }

    /// The bytes of the model file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    /// Names of the features, in the order of the model.
    fn features(&self) -> Vec<&'static str> {
        self.scorer.features().iter().map(|feature| feature.name()).collect()
    }

    /// What the model is, as JSON.
    fn metadata_json(&self) -> String {
        artifact::describe(self.scorer.artifact()).to_string()
    }

    /// Threshold of the probability.
    fn threshold(&self) -> f64 {
        self.scorer.artifact().model.threshold
    }

    /// `log odds` or `probability`.
    fn contribution_scale(&self) -> &'static str {
        ContributionScale::of(&self.scorer.artifact().model.estimator).name()
    }

    /// What the columns of a table are used as, as JSON.
    fn mapping_json(&self, tracks: &TrackColumns, options: &ReadingSettings) -> PyResult<String> {
        let options = ReadingOptions { allow_missing: true, ..options.options().clone() };
        let mapping = reading::mapping(tracks, self.scorer.features(), &options).map_err(exception)?;
        serde_json::to_string(&mapping).map_err(|why| failed("the mapping cannot be written as JSON", why))
    }

    /// Probability of a hit and label of each track.
    fn score<'py>(
        &self,
        py: Python<'py>,
        tracks: &TrackColumns,
        options: &ReadingSettings,
    ) -> PyResult<PredictionArrays<'py>> {
        let (sample, options) = (options.sample(), options.options());
        let score = || {
            let reader = RowsReader::new(tracks, sample, self.scorer.features(), options)?;
            let (mut faults, rows) = (RowFaults::default(), tracks.rows());
            let (mut probabilities, mut labels) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
            for first in (0..rows).step_by(ROWS_AT_ONCE) {
                let part = reader.matrix(first..rows.min(first + ROWS_AT_ONCE), &mut faults);
                // After a fault, the others are still looked for.
                if faults.is_empty() {
                    let scored = self.scorer.score(part.records.view())?;
                    probabilities.extend(scored.iter().map(|one| one.probability));
                    labels.extend(scored.iter().map(|one| i64::from(one.label == Label::Hit)));
                }
            }
            reader.refuse(faults)?;
            Ok((probabilities, labels))
        };
        let (probabilities, labels) = py.detach(score).map_err(exception)?;
        Ok((probabilities.into_pyarray(py), labels.into_pyarray(py)))
    }

    /// Seconds that the scorer alone takes for a matrix of the features: what `benches/model.py` compares with.
    fn time_of_score(&self, py: Python<'_>, records: PyReadonlyArray2<'_, f64>) -> PyResult<f64> {
        let records = records.as_array();
        let start = Instant::now();
        py.detach(|| self.scorer.score(records)).map_err(exception)?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Bases, contributions of the features, outputs, probabilities and labels of the tracks.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        tracks: &TrackColumns,
        options: &ReadingSettings,
    ) -> PyResult<ExplanationArrays<'py>> {
        let (sample, options) = (options.sample(), options.options());
        let explain = || {
            let TrackMatrix { records, decades } = self.read(tracks, sample, options)?;
            let explained = self.scorer.explain_all(records.view(), &decades)?;
            let mut contributions = Array2::zeros(records.raw_dim());
            for (explanation, mut row) in explained.iter().zip(contributions.rows_mut()) {
                let values = explanation.contributions.iter().map(|one| one.contribution);
                row.iter_mut().zip(values).for_each(|(to, value)| *to = value);
            }
            Ok((contributions, explained))
        };
        let (contributions, explained) = py.detach(explain).map_err(exception)?;
        let column =
            |value: &dyn Fn(&Explanation) -> f64| explained.iter().map(value).collect::<Vec<f64>>().into_pyarray(py);
        let labels: Vec<i64> = explained.iter().map(|one| i64::from(one.label == Label::Hit)).collect();
        Ok((
            column(&|one| one.base),
            contributions.into_pyarray(py),
            column(&|one| one.output),
            column(&|one| one.probability),
            labels.into_pyarray(py),
        ))
    }
}
