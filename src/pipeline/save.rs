//! Writes a final model: the model file, its metrics, the known tracks and the model card.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::fit::FinalModel;
use super::prepare::Prepared;
use super::progress::Progress;
use hitflop_core::disk;
use hitflop_core::error::Result;
use hitflop_model::artifact;
use hitflop_model::artifact::known_tracks::{self, KnownTracks};
use hitflop_report::model_card::{model_card, ModelFile, Subject};
use hitflop_report::{Provenance, Report};

/// A model on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}

impl SavedModel {
    /// All files of the model.
    pub fn files(&self) -> Vec<PathBuf> {
        [&self.path, &self.metrics_path, &self.tracks_path, &self.card_path].map(PathBuf::clone).to_vec()
    }
}

/// Writes a model, its metrics, the known tracks and the model card into a directory. `report` is that of a comparison, if the
/// model was chosen by one.
///
/// # Errors
/// A file cannot be written.
pub fn save(
    prepared: &Prepared,
    model: &FinalModel,
    provenance: &Provenance,
    report: Option<&Report>,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<SavedModel> {
    let saved = progress.stage("save the model", || save_model(prepared, model, directory))?;
    progress.stage("write the model card", || {
        let card = model_card(&card_subject(prepared, model, &saved, provenance, report))?;
        disk::write_whole(&saved.card_path, card.as_bytes())
    })?;
    Ok(saved)
}

fn save_model(prepared: &Prepared, model: &FinalModel, directory: &Path) -> Result<SavedModel> {
    let artifact = &model.artifact;
    let bytes = artifact::to_bytes(artifact)?;
    let metrics = artifact::metrics_json(artifact, &bytes)?;
    let path = directory.join("hitflop.model");
    let saved = SavedModel {
        metrics_path: directory.join("metrics.json"),
        tracks_path: known_tracks::beside(&path),
        card_path: directory.join("MODEL_CARD.md"),
        path,
        bytes: bytes.len() as u64,
        sha256: artifact::sha256(&bytes),
    };
    disk::write_whole(&saved.path, &bytes)?;
    disk::write_whole(&saved.metrics_path, &metrics)?;
    let tracks = KnownTracks::new(prepared.tracks.dataset(), prepared.tracks.identity(), &artifact.origin.data)?;
    known_tracks::write(&tracks, &saved.tracks_path)?;
    Ok(saved)
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
        decades: decades.into_iter().collect(),
        params: &model.artifact.model.params,
        evaluation: &model.evaluation,
        cross_validation: model.artifact.origin.metrics.cross_validation.as_ref(),
        probabilities: &model.probabilities,
        report,
    }
}
