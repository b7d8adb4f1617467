//! The tables and models of a comparison, as they are read.

use std::path::{Path, PathBuf};

use super::compare_tables::CompareTablesOptions;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Feature, TARGET};
use hitflop_data::explore::comparison::ComparedTable;
use hitflop_data::track_files::{self, TrackFileOptions, TrackFiles};
use hitflop_model::artifact::{self, known_tracks};
use hitflop_model::scoring::overlap::known_rows;
use hitflop_model::scoring::Scorer;
use hitflop_report::comparison::{ModelDescription, TableDescription};

/// A table with the columns that are compared.
pub(super) struct ReadTable {
    pub(super) name: String,
    pub(super) tracks: TrackFiles,
    pub(super) labels: Option<Vec<Option<bool>>>,
    pub(super) artists: Option<Vec<String>>,
    pub(super) uris: Option<Vec<String>>,
}

pub(super) struct ScoringModel {
    pub(super) description: ModelDescription,
    pub(super) scorer: Scorer,
}

impl CompareTablesOptions {
    pub(super) fn models(&self) -> Result<Vec<ScoringModel>> {
        let load = |path: &PathBuf| {
            let artifact = artifact::read(path)?;
            let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
            let description = ModelDescription {
                name: path.display().to_string(),
                model: artifact.model.name(),
                sha256: artifact::sha256(&bytes),
                simulated: artifact.origin.simulated,
                known_rows: Vec::new(),
            };
            Ok(ScoringModel { description, scorer: Scorer::new(artifact) })
        };
        [&self.model, &self.against].into_iter().flatten().map(load).collect()
    }

    /// Reads the tables. Without a rule for the label, that of the model is used for tables with its column.
    pub(super) fn tables(&self, models: &[ScoringModel]) -> Result<Vec<ReadTable>> {
        let plain = TrackFileOptions { with_checksums: true, ..self.data.reading(true)? };
        let own = models.iter().find_map(|model| model.scorer.artifact().origin.label.as_deref());
        let own = own.filter(|label| *label != TARGET && plain.mapping.label.is_none());
        let mut with_own = plain.clone();
        with_own.mapping.label = own.and_then(|label| label.parse().ok());
        let read = |path: &PathBuf| match with_own.mapping.label.is_some() {
            true => match ReadTable::read(path, &with_own) {
                Err(error) if is_of_label(&error) => ReadTable::read(path, &plain),
                read => read,
            },
            false => ReadTable::read(path, &plain),
        };
        std::iter::once(&self.reference).chain(&self.current).map(read).collect()
    }
}

impl ScoringModel {
    /// The description, with the tracks of each table that are tracks of the model's data.
    pub(super) fn described(&self, tables: &[ReadTable]) -> ModelDescription {
        let data = known_tracks::checksums(&self.scorer.artifact().origin.data);
        let known = known_tracks::read(&known_tracks::beside(Path::new(&self.description.name))).ok();
        let known = known.filter(|known| known.data == data);
        let of_table = |table: &ReadTable| {
            let uri = |row: usize| table.uris.as_ref().map_or("", |uris| uris[row].as_str());
            let rows = table.tracks.rows.iter().enumerate().map(|(row, values)| (uri(row), values));
            known.as_ref().map(|known| known_rows(known, rows))
        };
        ModelDescription { known_rows: tables.iter().map(of_table).collect(), ..self.description.clone() }
    }
}

/// Whether the rule for the label does not fit the table.
fn is_of_label(error: &Error) -> bool {
    let is_label = |fault: &Fault| matches!(&fault.place, Place::Setting(name) if name == "label");
    matches!(error, Error::Input(faults, _) if faults.iter().all(is_label))
}

impl ReadTable {
    fn read(path: &Path, reading: &TrackFileOptions) -> Result<ReadTable> {
        let tracks = track_files::read(&[path.to_owned()], Feature::AUDIO, reading)?;
        let name = path.display().to_string();
        if tracks.rows.is_empty() {
            let fault = Fault::new(Place::file(&name), Reason::TooFewRows, "expected rows").found("none");
            return Err(Error::input(fault));
        }
        let (labels, artists, uris) = (tracks.labels()?, tracks.artists(), tracks.uris());
        Ok(ReadTable { name, tracks, labels, artists, uris })
    }

    pub(super) fn compared(&self) -> ComparedTable<'_> {
        ComparedTable {
            rows: &self.tracks.rows,
            labels: self.labels.as_deref(),
            artists: self.artists.as_deref(),
            uris: self.uris.as_deref(),
        }
    }

    pub(super) fn description(&self) -> TableDescription {
        TableDescription {
            name: self.name.clone(),
            files: self.tracks.files.iter().map(|file| (file.file.clone(), file.sha256.clone())).collect(),
            rows: self.tracks.rows.len() as u64,
            simulated: self.tracks.are_simulated(),
            labelled: self.labels.is_some(),
            absent: self.tracks.absent.clone(),
        }
    }

    fn has(&self, feature: Feature) -> bool {
        self.tracks.rows.iter().any(|row| row[feature as usize].is_finite())
    }
}

/// Checks that there is something to compare.
pub(super) fn check_shared(reference: &ReadTable, current: &ReadTable, features: &[Feature]) -> Result<()> {
    let is_shared = |feature: &&Feature| reference.has(**feature) && current.has(**feature);
    if features.iter().any(|feature| is_shared(&feature)) {
        return Ok(());
    }
    let known = |table: &ReadTable| {
        let names: Vec<&str> = features.iter().filter(|feature| table.has(**feature)).map(|it| it.name()).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let rule = format!("expected a feature with values in {} too; it has {}", reference.name, known(reference));
    let fault = Fault::new(Place::file(&current.name), Reason::MissingColumn, rule).found(known(current));
    Err(Error::input(fault))
}
