//! What is answered for a track.

use rayon::prelude::*;
use serde::Serialize;

use super::served_model::ServedModel;
use crate::http::rejection::{Detail, Rejection};
use crate::request::request_body::CheckedTrack;
use hitflop_core::error::Error;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_model::explain::counterfactual::Counterfactuals;
use hitflop_model::explain::local::Explanation;
use hitflop_model::scoring::Prediction;

/// What the model says of one track.
#[derive(Clone, Debug, Serialize)]
pub struct PredictionResponse<'a> {
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
    /// What each feature adds, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The smallest changes with which the answer would be another, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_if: Option<Counterfactuals>,
}

/// What is told besides the answer. Both take longer than the answer itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    /// What each feature adds.
    pub explain: bool,
    /// What would change the answer.
    pub what_if: bool,
}

impl Include {
    /// Whether anything is.
    pub fn is_any(self) -> bool {
        self.explain || self.what_if
    }
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
    /// No track of that decade in training had such a value; or none at all, if the decade is not given.
    OutsideTrainingRange,
    /// The field is no feature, but looks like one.
    UnknownField,
    /// The parameter of the query is none of the route's, but looks like one.
    UnknownParameter,
}

/// What becomes of one of several tracks.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum TrackOutcome<'a> {
    /// It is answered.
    Answered(Box<PredictionResponse<'a>>),
    /// There was no track.
    Null,
    /// It is faulty; the others are answered all the same.
    Refused {
        /// All its faults.
        detail: Vec<Detail>,
    },
}

impl<'a> PredictionResponse<'a> {
    /// What `loaded` says of `track`, whose score is known.
    pub fn new(loaded: &'a ServedModel, track: &CheckedTrack, score: Prediction) -> PredictionResponse<'a> {
        PredictionResponse {
            label: score.label,
            probability: score.probability,
            threshold: loaded.threshold(),
            model_version: &loaded.version,
            warnings: warnings(loaded, track),
            explanation: None,
            what_if: None,
        }
    }

    /// The answer with what else is asked for.
    ///
    /// # Errors
    /// A bug: every value of a row is finite or missing.
    pub fn with(
        mut self,
        further: Include,
        loaded: &ServedModel,
        track: &CheckedTrack,
    ) -> Result<PredictionResponse<'a>, Rejection> {
        let (values, decade) = (loaded.values(&track.row), track.decade());
        if further.explain {
            self.explanation = Some(loaded.scorer.explain(&values, decade)?);
        }
        if further.what_if {
            self.what_if = Some(loaded.scorer.what_if(&values, decade)?);
        }
        Ok(self)
    }
}

fn warnings(loaded: &ServedModel, track: &CheckedTrack) -> Vec<Warning> {
    let artifact = loaded.scorer.artifact();
    let decade = track.decade();
    let of_decade = decade.and_then(|decade| Some((decade, artifact.reference.decade(decade)?)));
    let of_values = artifact.model.inputs.iter().filter_map(|input| {
        let value = track.row[input.feature as usize];
        let in_decade = of_decade.and_then(|(decade, known)| Some((known.all.range(input.feature)?, Some(decade))));
        match value.is_nan() {
            true => Some(missing(input.feature)),
            // Of a decade without tracks, or none, it is the whole training that a value is held against.
            false => {
                let (range, decade) = in_decade.unwrap_or(((input.training_min, input.training_max), None));
                outside(input.feature, value, range, decade)
            }
        }
    });
    // First what may be a mistake: a misspelt feature is missing as well, among many others maybe.
    let misspelt = track.misspelt.iter().map(|(name, feature)| Warning::misspelt(name, *feature));
    misspelt.chain(of_values).collect()
}

impl Warning {
    /// Of a field that looks like a feature's.
    pub fn misspelt(name: &str, feature: Feature) -> Warning {
        Warning::ignored(WarningKind::UnknownField, name, "feature", feature.name())
    }

    /// Of a parameter of a query that looks like one of the route's.
    pub fn unknown_parameter(name: &str, known: &str) -> Warning {
        Warning::ignored(WarningKind::UnknownParameter, name, "parameter", known)
    }

    fn ignored(kind: WarningKind, name: &str, what: &str, meant: &str) -> Warning {
        let msg = format!("{name:?} is no {what} and is ignored; did you mean {meant:?}?");
        Warning { kind, field: name.to_owned(), msg }
    }
}

fn missing(feature: Feature) -> Warning {
    let name = feature.name();
    // Where training had no missing values, each split sends one the way that most tracks went.
    let msg = format!("{name} is missing: the model takes it about as a middle value");
    Warning { kind: WarningKind::MissingFeature, field: name.to_owned(), msg }
}

fn outside(feature: Feature, value: f64, (low, high): (f64, f64), decade: Option<Decade>) -> Option<Warning> {
    if (low..=high).contains(&value) {
        return None;
    }
    let name = feature.name();
    let unit = match feature.info().unit {
        "dB" | "BPM" | "ms" | "s" => format!(" {}", feature.info().unit),
        _ => String::new(),
    };
    let whose = decade.map_or("in training it was".to_owned(), |decade| format!("of the {decade} in training it was"));
    let msg = format!("{name} is {value}{unit}; {whose} {low} to {high}{unit}");
    Some(Warning { kind: WarningKind::OutsideTrainingRange, field: name.to_owned(), msg })
}

/// What `loaded` says of several tracks, each for itself, in their order.
pub fn outcomes<'a>(
    loaded: &'a ServedModel,
    tracks: Vec<Result<Option<CheckedTrack>, Vec<Detail>>>,
    further: Include,
) -> Result<Vec<TrackOutcome<'a>>, Rejection> {
    let good: Vec<&CheckedTrack> = tracks.iter().filter_map(|track| track.as_ref().ok()?.as_ref()).collect();
    let mut scores = loaded.score_all(good.iter().map(|track| &track.row))?.into_iter();
    let with_score = |track: Result<Option<CheckedTrack>, Vec<Detail>>| match track {
        Ok(Some(_)) => (track, scores.next()),
        _ => (track, None),
    };
    let tracks: Vec<_> = tracks.into_iter().map(with_score).collect();
    let outcome = |scored| match scored {
        (Ok(Some(track)), Some(score)) => {
            let answer = PredictionResponse::new(loaded, &track, score);
            let answer = if further.is_any() { answer.with(further, loaded, &track)? } else { answer };
            Ok(TrackOutcome::Answered(Box::new(answer)))
        }
        (Ok(Some(_)), None) => Err(Rejection::from(Error::Failed("a row got no score".to_owned()))),
        (Ok(None), _) => Ok(TrackOutcome::Null),
        (Err(detail), _) => Ok(TrackOutcome::Refused { detail }),
    };
    tracks.into_par_iter().map(outcome).collect()
}

/// The labels among outcomes.
pub fn labels<'a>(outcomes: &'a [TrackOutcome<'a>]) -> impl Iterator<Item = Label> + 'a {
    outcomes.iter().filter_map(|outcome| match outcome {
        TrackOutcome::Answered(answer) => Some(answer.label),
        TrackOutcome::Null | TrackOutcome::Refused { .. } => None,
    })
}
