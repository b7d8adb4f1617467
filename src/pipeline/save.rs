//! Adds a final model to the outputs: the model file, its metrics, the known tracks and the model card.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::fit::{train_test_split, FinalModel};
use super::outputs::{Outputs, ReplacedModel};
use super::prepare::Prepared;
use super::progress::Progress;
use hitflop_core::error::Result;
use hitflop_model::artifact;
use hitflop_model::artifact::known_tracks::KnownTracks;
use hitflop_report::model_card::{model_card, ModelFile, Subject};
use hitflop_report::{Provenance, Report};

/// A model on disk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedModel {
    /// The model: `hitflop.model`.
    pub path: PathBuf,
    /// Its metrics: `metrics.json`.
    pub metrics_path: PathBuf,
    /// The tracks that it was fitted and scored on, for the service's search of neighbours.
    pub tracks_path: PathBuf,
    /// Its card: `MODEL_CARD.md`.
    pub card_path: PathBuf,
    /// Size of the model file in bytes.
    pub bytes: u64,
    /// SHA-256 of the model file, in hexadecimal.
    pub sha256: String,
    /// The model that it replaced, once the outputs are committed.
    pub replaced: Option<ReplacedModel>,
}

impl SavedModel {
    /// All files of the model, and those in which a replaced one is kept.
    pub fn files(&self) -> Vec<PathBuf> {
        let own = [&self.path, &self.metrics_path, &self.tracks_path, &self.card_path];
        let kept = self.replaced.iter().flat_map(|replaced| &replaced.files);
        own.into_iter().chain(kept).cloned().collect()
    }
}

/// Adds a model, its metrics, the known tracks and the model card to the outputs, which must have been opened for a model. All of
/// them carry the run of `provenance`. `report` is that of a comparison, if the model was chosen by one.
///
/// # Errors
/// A file cannot be written.
pub fn save(
    prepared: &Prepared,
    model: &mut FinalModel,
    provenance: &Provenance,
    report: Option<&Report>,
    outputs: &mut Outputs,
    progress: &dyn Progress,
) -> Result<SavedModel> {
    model.artifact.origin.run_id = Some(provenance.run_id.clone());
    let saved = progress.stage("save the model", || save_model(prepared, model, outputs))?;
    progress.stage("write the model card", || {
        let card = model_card(&card_subject(prepared, model, &saved, provenance, report))?;
        outputs.stage(&saved.card_path, card.as_bytes())
    })?;
    Ok(saved)
}

fn save_model(prepared: &Prepared, model: &FinalModel, outputs: &mut Outputs) -> Result<SavedModel> {
    let artifact = &model.artifact;
    let bytes = artifact::to_bytes(artifact)?;
    let metrics = artifact::metrics_json(artifact, &bytes)?;
    let paths = outputs.model()?;
    outputs.stage_model(&paths.model, &bytes)?;
    outputs.stage(&paths.metrics, &metrics)?;
    let (length, sha256) = (bytes.len() as u64, artifact::sha256(&bytes));
    // Large, and no longer needed.
    drop(bytes);
    let (rows, identity) = (prepared.tracks.dataset(), prepared.tracks.identity());
    let training_rows = train_test_split(prepared)?.train;
    let tracks = KnownTracks::new(rows, identity, &artifact.origin.data, &training_rows)?;
    let tracks = KnownTracks { run_id: artifact.origin.run_id.clone(), ..tracks };
    outputs.stage(&paths.tracks, &tracks.to_bytes()?)?;
    Ok(SavedModel {
        metrics_path: paths.metrics,
        tracks_path: paths.tracks,
        card_path: paths.card,
        path: paths.model,
        bytes: length,
        sha256,
        replaced: None,
    })
}

fn card_subject<'a>(
    prepared: &'a Prepared,
    model: &'a FinalModel,
    saved: &SavedModel,
    provenance: &'a Provenance,
    report: Option<&'a Report>,
) -> Subject<'a> {
    let ingested = &prepared.source.ingested;
    let decades: BTreeSet<_> = ingested.sources.iter().flat_map(|source| source.decades.iter().copied()).collect();
    let name = saved.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Subject {
        file: ModelFile { name, bytes: saved.bytes, sha256: saved.sha256.clone() },
        created: prepared.learn.created.as_deref(),
        provenance,
        quality: &ingested.quality,
        rows: ingested.rows,
        missing: &ingested.missing,
        decades: decades.into_iter().collect(),
        params: &model.artifact.model.params,
        evaluation: &model.evaluation,
        cross_validation: model.artifact.origin.metrics.cross_validation.as_ref(),
        sample: model.artifact.origin.metrics.sample,
        probabilities: &model.probabilities,
        report,
    }
}
