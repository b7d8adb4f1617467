//! Tracks in the form in which models learn from them.

use super::options::LearnOptions;
use super::progress::Progress;
use super::read::TrackSet;
use super::version;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, TARGET};
use hitflop_data::matrix;
use hitflop_model::artifact::{self, Artifact, DataFile, EvaluationMetrics, ModelOrigin};
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::dataset::row_sample::{RowSample, MAX_SAMPLE};
use hitflop_model::model::Model;
use hitflop_model::reference::FeatureQuantiles;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOut;

/// Tracks that models learn from: the matrix of all features that the tracks have, the label, groups of one artist, URI or audio, and how to learn.
#[derive(Debug)]
pub struct Prepared<'a> {
    pub(super) source: &'a TrackSet,
    pub(super) learn: &'a LearnOptions,
    pub(super) tracks: GroupedDataset,
    /// Tracks that everything but the final fit uses at most.
    pub(super) max_sample: usize,
}

/// Loads the tracks with all features of which a track has a value, and groups them; duplicates are resolved as the options say.
///
/// # Errors
/// An option is invalid, or the union of the tracks cannot be read.
pub fn prepare<'a>(source: &'a TrackSet, learn: &'a LearnOptions, progress: &dyn Progress) -> Result<Prepared<'a>> {
    learn.check()?;
    let tracks = progress.stage("group the tracks", || {
        let mut dataset = matrix::dataset(&source.ingested.tracks.numbers()?, &Feature::ALL)?;
        let known = dataset.known_features();
        if known != dataset.features() {
            dataset = dataset.with_features(&known)?;
        }
        let identity = matrix::identity(&source.ingested.tracks.texts()?)?;
        GroupedDataset::new(dataset, identity, &source.ingested.extra, learn.duplicates)
    })?;
    Ok(Prepared { source, learn, tracks, max_sample: MAX_SAMPLE })
}

impl Prepared<'_> {
    /// How test rows are held out.
    pub fn hold_out(&self) -> HoldOut {
        self.learn.hold_out(self.seed())
    }

    /// Seed of every random draw but the split.
    pub(super) fn seed(&self) -> u64 {
        self.source.data.seed
    }

    /// The features of which one of these rows has a value.
    pub(super) fn known_features(&self, rows: &[usize]) -> Vec<Feature> {
        self.tracks.dataset().select(rows).known_features()
    }

    /// These rows, or a sample of them if they are many.
    pub(super) fn sample(&self, rows: Vec<usize>) -> RowSample {
        self.tracks.sample(rows, self.max_sample, self.seed())
    }

    /// The files that the tracks were read from.
    pub(super) fn files(&self) -> Vec<DataFile> {
        DataFile::of(&self.source.ingested.sources)
    }

    /// A model that was fitted to these tracks, with its origin.
    pub(super) fn artifact(
        &self,
        model: Model,
        feature_set: FeatureSet,
        metrics: EvaluationMetrics,
        reference: FeatureQuantiles,
    ) -> Artifact {
        let origin = ModelOrigin {
            program_version: version().to_owned(),
            run_id: None,
            simulated: Some(self.source.ingested.simulated),
            label: Some(artifact::printable(self.source.data.label.as_deref().unwrap_or(TARGET))),
            created: self.learn.created.clone(),
            feature_set,
            hold_out: self.hold_out(),
            metrics,
            data: self.files(),
        };
        Artifact { model, origin, reference }
    }
}
