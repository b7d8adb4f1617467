//! The model card beside the model.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;

use super::learning::Saved;
use super::progress::Progress;
use super::settings::Settings;
use hitflop_core::disk;
use hitflop_data::ingest::Ingested;
use hitflop_model::artifact::Artifact;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_report::model_card::{model_card, ModelFile, Subject};
use hitflop_report::{Provenance, Report};

/// A model that was saved.
pub struct Finished<'a> {
    pub artifact: &'a Artifact,
    pub evaluation: &'a Evaluation,
    pub probabilities: &'a ProbabilityQuality,
    pub saved: &'a Saved,
    /// Of a command that writes a report.
    pub report: Option<&'a Report>,
}

/// Writes the card of a model into the directory of the model.
pub fn write(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    provenance: &Provenance,
    finished: &Finished,
) -> Result<PathBuf> {
    let path = settings.models.join("MODEL_CARD.md");
    let Finished { artifact, evaluation, probabilities, saved, report } = *finished;
    let decades: BTreeSet<_> = ingested.sources.iter().flat_map(|source| source.decades.iter().copied()).collect();
    let name = saved.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let subject = Subject {
        file: ModelFile { name, bytes: saved.bytes, sha256: saved.sha256.clone() },
        created: settings.created.as_deref(),
        provenance,
        quality: &ingested.quality,
        rows: ingested.rows,
        decades: decades.into_iter().collect(),
        params: artifact.model.params.entries(),
        evaluation,
        cross_validation: artifact.origin.metrics.cross_validation.as_ref(),
        probabilities,
        report,
    };
    progress.stage("write the model card", || disk::write_whole(&path, model_card(&subject)?.as_bytes()))?;
    Ok(path)
}
