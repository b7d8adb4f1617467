//! A model file with the files beside it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndarray::ArrayView2;
use tracing::{info, warn};

use super::first_look::{examples, KnownExample};
use super::inference_counts::InferenceCounts;
use crate::answer::compression::PrecompressedText;
use crate::search::TrackIndex;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;
use hitflop_model::artifact::known_tracks::{self, KnownTracks};
use hitflop_model::artifact::{self, ModelPaths};
use hitflop_model::scoring::neighbours::Neighbours;
use hitflop_model::scoring::{Prediction, Scorer};

/// Hexadecimal digits of the file's checksum that name a version of the model.
const VERSION_DIGITS: usize = 12;
/// Name of the model card beside the model.
const CARD: &str = "MODEL_CARD.md";
/// Maximum number of bytes of a card.
const MAX_CARD_BYTES: u64 = 1 << 20;

/// Paths of a model and of the files that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedFiles {
    /// The model file, `NAME.model`.
    pub model: PathBuf,
    /// The known tracks; the file is optional.
    pub tracks: PathBuf,
    /// Files that may be the model card, the first of them first; they are optional.
    pub cards: [PathBuf; 2],
}

/// A model that is served.
#[derive(Debug)]
pub struct ServedModel {
    pub(crate) scorer: Scorer,
    /// SHA-256 of the model's file, in hexadecimal.
    pub(crate) sha256: String,
    /// The first digits of the SHA-256.
    pub version: String,
    /// Tracks to compare with, if there is such a file.
    pub neighbours: Option<Neighbours>,
    /// The model's card in Markdown, if there is such a file.
    pub card: Option<String>,
    /// The answer of `/v1/features`, which depends on the model only and is long.
    pub(crate) features: OnceLock<PrecompressedText>,
    /// The known tracks by title, artist and link, if there are some.
    index: Option<TrackIndex>,
    /// Known tracks to begin with, once they were requested.
    first_look: OnceLock<Vec<KnownExample>>,
    /// Inferences in KServe's protocol.
    pub(crate) inferences: InferenceCounts,
}

impl ServedFiles {
    /// The files that go with `model`, by the names that they were written under; a card may also have the name of the final
    /// model's.
    pub fn beside(model: &Path) -> ServedFiles {
        let ModelPaths { model, tracks, card, .. } = ModelPaths::of(model);
        ServedFiles { cards: [card, model.with_file_name(CARD)], model, tracks }
    }
}

impl ServedModel {
    /// Reads all files. Only the model is required: tracks and card of another model, or damaged ones, are omitted with a warning
    /// in the log.
    ///
    /// # Errors
    /// The model cannot be read or is damaged.
    pub fn read(files: &ServedFiles) -> Result<ServedModel> {
        // Both take a while, so they are read side by side.
        let (model, tracks) = rayon::join(|| read_model(&files.model), || read_tracks(&files.tracks));
        let (scorer, sha256) = model?;
        let data = known_tracks::checksums(&scorer.artifact().origin.data);
        let foreign = "its tracks are not of the data that the model learned from";
        let known = beside(&files.tracks, tracks, |(found, _)| found.tracks().data == data, foreign);
        let known = known.map(|(mut neighbours, index)| {
            // Tracks of another run of the same data may be split in another way.
            if neighbours.tracks().run_id != scorer.artifact().origin.run_id {
                neighbours.forget_training();
            }
            (neighbours, index)
        });
        let (neighbours, index) = known.unzip();
        let foreign = "it does not name the model's SHA-256: it is the card of another model";
        let is_its_own = |found: &String| found.contains(&sha256);
        // The second name may be that of another model's card.
        let card = files.cards.iter().find(|path| path.exists());
        let card = card.and_then(|path| beside(path, read_card(path), is_its_own, foreign));
        Ok(ServedModel { neighbours, index, card, ..ServedModel::new(scorer, sha256) })
    }

    /// A model without anything beside it.
    fn new(scorer: Scorer, sha256: String) -> ServedModel {
        let version = sha256[..VERSION_DIGITS].to_owned();
        ServedModel {
            scorer,
            version,
            sha256,
            neighbours: None,
            card: None,
            features: OnceLock::new(),
            index: None,
            first_look: OnceLock::new(),
            inferences: InferenceCounts::default(),
        }
    }

    /// A model without anything beside it, of the bytes of its file.
    ///
    /// # Errors
    /// The bytes are not a model.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<ServedModel> {
        let sha256 = artifact::sha256(bytes);
        Ok(ServedModel::new(Scorer::new(artifact::from_bytes(name, bytes)?), sha256))
    }

    /// The run that made the model; none if that is unknown.
    pub fn run_id(&self) -> Option<&str> {
        self.scorer.artifact().origin.run_id.as_deref()
    }

    /// Whether the model learned from simulated tracks; none if that is unknown.
    pub fn simulated(&self) -> Option<bool> {
        self.scorer.artifact().origin.simulated
    }

    /// What people have to know of the model, if it learned from simulated tracks.
    pub fn notice(&self) -> Option<&'static str> {
        self.scorer.artifact().origin.notice()
    }

    /// The known tracks and their index, if there are some.
    pub(crate) fn known(&self) -> Option<(&KnownTracks, &TrackIndex)> {
        self.neighbours.as_ref().map(Neighbours::tracks).zip(self.index.as_ref())
    }

    /// Known tracks to begin with; empty if there are none.
    ///
    /// # Errors
    /// A bug: every value of a row is finite or missing.
    pub(crate) fn first_look(&self) -> Result<&[KnownExample]> {
        match (self.first_look.get(), self.known()) {
            (Some(found), _) => Ok(found),
            (None, Some((tracks, _))) => {
                let found = examples(self, tracks)?;
                Ok(self.first_look.get_or_init(|| found))
            }
            (None, None) => Ok(&[]),
        }
    }

    /// The values of the model's features, in its order.
    pub(crate) fn values(&self, row: &FeatureRow) -> Vec<f64> {
        self.scorer.features().iter().map(|&feature| row[feature as usize]).collect()
    }

    /// Label and probability of one track.
    ///
    /// # Errors
    /// A bug: every value of a row is finite or missing.
    pub fn score(&self, row: &FeatureRow) -> Result<Prediction> {
        let mut values = [0.0; Feature::ALL.len()];
        let features = self.scorer.features();
        for (value, &feature) in values.iter_mut().zip(features) {
            *value = row[feature as usize];
        }
        let scores = self.score_records(&values[..features.len()])?;
        scores.first().copied().ok_or_else(|| Error::Failed("a row got no score".to_owned()))
    }

    /// Label and probability of many tracks, in their order.
    ///
    /// # Errors
    /// As [`ServedModel::score`].
    pub fn score_all<'a>(&self, rows: impl ExactSizeIterator<Item = &'a FeatureRow>) -> Result<Vec<Prediction>> {
        let features = self.scorer.features();
        let mut values = Vec::with_capacity(rows.len() * features.len());
        for row in rows {
            values.extend(features.iter().map(|&feature| row[feature as usize]));
        }
        self.score_records(&values)
    }

    fn score_records(&self, values: &[f64]) -> Result<Vec<Prediction>> {
        let features = self.scorer.features().len();
        let records = ArrayView2::from_shape((values.len() / features, features), values)
            .map_err(|error| Error::Failed(format!("rows cannot be scored: {error}")))?;
        self.scorer.score(records)
    }
}

fn read_model(path: &Path) -> Result<(Scorer, String)> {
    let name = path.display().to_string();
    let bytes = artifact::read_bytes(path)?;
    let sha256 = artifact::sha256(&bytes);
    Ok((Scorer::new(artifact::from_bytes(&name, &bytes)?), sha256))
}

/// A file beside the model, if it exists, is valid and belongs to the model; `foreign` says why it would not belong.
fn beside<T>(path: &Path, read: Result<Option<T>>, is_its_own: impl Fn(&T) -> bool, foreign: &str) -> Option<T> {
    let reason = match read {
        Ok(Some(found)) if is_its_own(&found) => return Some(found),
        Ok(None) => return None,
        Ok(Some(_)) => foreign.to_owned(),
        Err(error) => error.to_string(),
    };
    warn!(file = %path.display(), why = reason, "a file beside the model is omitted");
    None
}

fn read_tracks(path: &Path) -> Result<Option<(Neighbours, TrackIndex)>> {
    if !path.exists() {
        return Ok(None);
    }
    let tracks = known_tracks::read(path)?;
    let index = TrackIndex::new(&tracks)?;
    info!(tracks = tracks.labels.len(), words = index.words(), bytes = index.bytes(), "the known tracks are indexed");
    Ok(Some((Neighbours::new(tracks), index)))
}

fn read_card(path: &Path) -> Result<Option<String>> {
    match fs::metadata(path) {
        Ok(found) if found.len() > MAX_CARD_BYTES => {
            let place = Place::file(path.display().to_string());
            let rule = format!("expected at most {MAX_CARD_BYTES} bytes");
            Err(Error::input(Fault::new(place, Reason::Unreadable, rule).found(found.len().to_string())))
        }
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|error| Error::io("read", path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}
