//! What is answered for a track.

use serde::Serialize;

use super::loaded::Loaded;
use super::rejection::Detail;
use super::shapes::Track;
use crate::score::Score;
use crate::track::{Feature, Label};

/// What the model says of one track.
#[derive(Clone, Debug, Serialize)]
pub struct Answer<'a> {
    /// `hit` or `flop`: a hit if the probability is greater than the threshold.
    pub label: Label,
    /// Probability of a hit, 0 to 1.
    pub probability: f64,
    /// The probability above which a track is called a hit.
    pub threshold: f64,
    /// First digits of the SHA-256 of the model's file.
    pub model_version: &'a str,
    /// What makes the answer less sure, or may be a mistake.
    pub warnings: Vec<Warning>,
}

/// What makes an answer less sure, or may be a mistake.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warning {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: WarningKind,
    /// The field that it is about.
    pub field: String,
    /// In words.
    pub msg: String,
}

/// Kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// The model uses the feature, and it is not given.
    MissingFeature,
    /// No track of the training had such a value.
    OutsideTrainingRange,
    /// The field is no feature, but looks like one.
    UnknownField,
}

/// What becomes of one of several tracks.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome<'a> {
    /// It is answered.
    Answered(Answer<'a>),
    /// There was no track.
    Null,
    /// It is faulty; the others are answered all the same.
    Refused {
        /// All its faults.
        detail: Vec<Detail>,
    },
}

impl<'a> Answer<'a> {
    /// What `loaded` says of `track`, whose score is known.
    pub fn new(loaded: &'a Loaded, track: &Track, score: Score) -> Answer<'a> {
        Answer {
            label: score.label,
            probability: score.probability,
            threshold: loaded.threshold(),
            model_version: &loaded.version,
            warnings: warnings(loaded, track),
        }
    }
}

fn warnings(loaded: &Loaded, track: &Track) -> Vec<Warning> {
    let inputs = &loaded.scorer.artifact().model.inputs;
    let of_values = inputs.iter().filter_map(|input| {
        let value = track.row[input.feature as usize];
        match value.is_nan() {
            true => Some(missing(input.feature)),
            false => outside(input.feature, value, input.training_min, input.training_max),
        }
    });
    of_values.chain(track.misspelt.iter().map(|(name, feature)| unknown(name, *feature))).collect()
}

fn missing(feature: Feature) -> Warning {
    let name = feature.name();
    let msg = format!("{name} is missing; the model goes by the other features");
    Warning { kind: WarningKind::MissingFeature, field: name.to_owned(), msg }
}

fn outside(feature: Feature, value: f64, low: f64, high: f64) -> Option<Warning> {
    if (low..=high).contains(&value) {
        return None;
    }
    let name = feature.name();
    let unit = match feature.info().unit {
        "dB" | "BPM" | "ms" | "s" => format!(" {}", feature.info().unit),
        _ => String::new(),
    };
    let msg = format!("{name} is {value}{unit}; in training it was {low} to {high}{unit}");
    Some(Warning { kind: WarningKind::OutsideTrainingRange, field: name.to_owned(), msg })
}

fn unknown(name: &str, feature: Feature) -> Warning {
    let msg = format!("{name:?} is no feature and is ignored; did you mean {:?}?", feature.name());
    Warning { kind: WarningKind::UnknownField, field: name.to_owned(), msg }
}

/// What `loaded` says of several tracks, each for itself, in their order.
pub fn outcomes<'a>(
    loaded: &'a Loaded,
    tracks: Vec<Result<Option<Track>, Vec<Detail>>>,
) -> Result<Vec<Outcome<'a>>, super::rejection::Rejection> {
    let good: Vec<&Track> = tracks.iter().filter_map(|track| track.as_ref().ok()?.as_ref()).collect();
    let scores = loaded.score_all(good.iter().map(|track| &track.row))?;
    let mut scores = scores.into_iter();
    let outcome = |track| match track {
        Ok(Some(track)) => scores.next().map(|score| Outcome::Answered(Answer::new(loaded, &track, score))),
        Ok(None) => Some(Outcome::Null),
        Err(detail) => Some(Outcome::Refused { detail }),
    };
    // One score a good track.
    Ok(tracks.into_iter().filter_map(outcome).collect())
}

/// The labels among outcomes.
pub fn labels<'a>(outcomes: &'a [Outcome<'a>]) -> impl Iterator<Item = Label> + 'a {
    outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Answered(answer) => Some(answer.label),
        Outcome::Null | Outcome::Refused { .. } => None,
    })
}
