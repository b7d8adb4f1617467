//! A model file, ready to answer, with what lies beside it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndarray::ArrayView2;
use tracing::warn;

use crate::http::compression::PrecompressedText;
use crate::request::feature_row::FeatureRow;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::Feature;
use hitflop_model::artifact::{self, known_tracks};
use hitflop_model::scoring::neighbours::Neighbours;
use hitflop_model::scoring::{Prediction, Scorer};

/// Hexadecimal digits of the file's checksum that name a version of the model.
const VERSION_DIGITS: usize = 12;
/// Name of the card, which lies beside the model.
const CARD: &str = "MODEL_CARD.md";
/// Most bytes of a card.
const CARD_BYTES: u64 = 1 << 20;

/// Where a model and what belongs to it lie.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedFiles {
    /// The model.
    pub model: PathBuf,
    /// The tracks that it knows by name, if it has such a file.
    pub tracks: PathBuf,
    /// What is to be known before it is used, in words, if it has such a file.
    pub card: PathBuf,
}

/// A model that answers.
#[derive(Debug)]
pub struct ServedModel {
    /// Scores rows.
    pub scorer: Scorer,
    /// SHA-256 of the model's file, in hexadecimal.
    pub sha256: String,
    /// The first digits of that.
    pub version: String,
    /// Tracks to compare with, if there is such a file.
    pub neighbours: Option<Neighbours>,
    /// The model's card in Markdown, if there is such a file.
    pub card: Option<String>,
    /// What is told of the features: of the model alone, and long.
    pub(crate) features: OnceLock<PrecompressedText>,
}

impl ServedFiles {
    /// The files that go with `model`, by the names that `hitflop run` gives them.
    pub fn beside(model: &Path) -> ServedFiles {
        ServedFiles { model: model.to_owned(), tracks: known_tracks::beside(model), card: model.with_file_name(CARD) }
    }
}

impl ServedModel {
    /// Reads everything. The model is all that there must be: tracks and card that are of another model, or are damaged, are left
    /// out, and the log says so.
    ///
    /// # Errors
    /// The model cannot be read or is damaged.
    pub fn read(files: &ServedFiles) -> Result<ServedModel> {
        // Both take a while, so they are read side by side.
        let (model, tracks) = std::thread::scope(|scope| {
            let tracks = scope.spawn(|| read_tracks(&files.tracks));
            let model = read_model(&files.model);
            let tracks = tracks.join().map_err(|_| Error::Failed("reading the tracks failed".to_owned()));
            (model, tracks.and_then(|tracks| tracks))
        });
        let (scorer, sha256) = model?;
        let data = known_tracks::checksums(&scorer.artifact().origin.data);
        let foreign = "its tracks are not of the data that the model learned from";
        let neighbours = beside(&files.tracks, tracks, |found| found.tracks().data == data, foreign);
        let foreign = "it does not name the model's SHA-256: it is the card of another model";
        let card = beside(&files.card, read_card(&files.card), |found| found.contains(&sha256), foreign);
        Ok(ServedModel { neighbours, card, ..ServedModel::new(scorer, sha256) })
    }

    /// A model without anything beside it.
    fn new(scorer: Scorer, sha256: String) -> ServedModel {
        let version = sha256[..VERSION_DIGITS].to_owned();
        ServedModel { scorer, version, sha256, neighbours: None, card: None, features: OnceLock::new() }
    }

    /// A model without anything beside it, of the bytes of its file.
    ///
    /// # Errors
    /// They are no model.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<ServedModel> {
        let sha256 = artifact::sha256(bytes);
        Ok(ServedModel::new(Scorer::new(artifact::from_bytes(name, bytes)?), sha256))
    }

    /// The probability above which a track is called a hit.
    pub fn threshold(&self) -> f64 {
        self.scorer.artifact().model.threshold
    }

    /// What the model is given of a row, in its order.
    pub fn values(&self, row: &FeatureRow) -> Vec<f64> {
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

/// What was read beside the model, if it is there, good and the model's own; `foreign` tells why it would not be that.
fn beside<T>(path: &Path, read: Result<Option<T>>, is_its_own: impl Fn(&T) -> bool, foreign: &str) -> Option<T> {
    let why = match read {
        Ok(Some(found)) if is_its_own(&found) => return Some(found),
        Ok(None) => return None,
        Ok(Some(_)) => foreign.to_owned(),
        Err(error) => error.to_string(),
    };
    warn!(file = %path.display(), why, "a file beside the model is left out");
    None
}

fn read_tracks(path: &Path) -> Result<Option<Neighbours>> {
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(Neighbours::new(known_tracks::read(path)?)))
}

fn read_card(path: &Path) -> Result<Option<String>> {
    match fs::metadata(path) {
        Ok(found) if found.len() > CARD_BYTES => {
            let place = Place::file(path.display().to_string());
            let rule = format!("expected at most {CARD_BYTES} bytes");
            Err(Error::input(Fault::new(place, Reason::Unreadable, rule).found(found.len().to_string())))
        }
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|error| Error::io("read", path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}
