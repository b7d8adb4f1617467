//! The answer for a track.

use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::served_model::ServedModel;
use crate::answer::rejection::{FaultsBody, Rejection};
use crate::answer::warning::{Warning, WarningKind};
use crate::request::raw_track::{CheckedRow, CheckedTrack};
use crate::request::row_reader::ColumnNote;
use crate::schema;
use hitflop_core::error::Error;
use hitflop_core::track::{Feature, Label};
use hitflop_model::explain::counterfactual::Counterfactuals;
use hitflop_model::explain::local::Explanation;
use hitflop_model::missing::FeatureCoverage;
use hitflop_model::scoring::warnings::{InputWarning, InputWarningKind};
use hitflop_model::scoring::Prediction;

/// Label and probability of one track.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Answer)]
pub(crate) struct PredictionResponse<'a> {
    /// `hit` or `flop`: a hit if the probability is greater than the threshold.
    #[schema(schema_with = schema::label)]
    pub label: Label,
    /// Probability of a hit, 0 to 1.
    #[schema(schema_with = schema::share)]
    pub probability: f64,
    /// Probability above which a track that lacks the same features is predicted as a hit.
    #[schema(schema_with = schema::share)]
    pub threshold: f64,
    /// The missing features, and the accuracy for tracks without them; absent if nothing is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::missing_features, required = false)]
    pub missing_features: Option<FeatureCoverage>,
    /// First digits of the SHA-256 of the model's file.
    pub model_version: &'a str,
    /// Reasons to doubt the answer, and possible mistakes.
    pub warnings: Vec<Warning>,
    /// Contributions of the features, with `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::explanation, required = false)]
    pub explanation: Option<Explanation>,
    /// The smallest changes that change the predicted label, with `what_if`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::alternatives, required = false)]
    pub what_if: Option<Counterfactuals>,
}

/// Additions to the answer. Each takes longer than the answer itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Include {
    /// Add the contribution of each feature to the answer [default: false]
    #[param(schema_with = schema::truth, required = false)]
    pub explain: bool,
    /// Add the smallest changes of one or two features that change the predicted label [default: false]
    #[param(schema_with = schema::truth, required = false)]
    pub what_if: bool,
}

impl Include {
    pub(crate) fn is_any(self) -> bool {
        self.explain || self.what_if
    }
}

/// The answer for one of several tracks.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Outcome)]
pub(crate) enum TrackOutcome<'a> {
    Answered(Box<PredictionResponse<'a>>),
    /// There was no track.
    Null,
    /// The track has faults; the others are answered nevertheless.
    Refused(FaultsBody),
}

/// A label as a number: 1 hit, 0 flop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Class(u8);

impl From<Label> for Class {
    fn from(label: Label) -> Class {
        Class(u8::from(label == Label::Hit))
    }
}

impl PartialSchema for Class {
    fn schema() -> RefOr<Schema> {
        schema::class().into()
    }
}

impl ToSchema for Class {}

impl<'a> PredictionResponse<'a> {
    pub(crate) fn new(loaded: &'a ServedModel, track: &CheckedTrack, score: Prediction) -> PredictionResponse<'a> {
        PredictionResponse {
            label: score.label,
            probability: score.probability,
            threshold: score.threshold,
            missing_features: Some(loaded.scorer.coverage(&track.row)).filter(|found| !found.missing.is_empty()),
            model_version: &loaded.version,
            warnings: warnings(loaded, track),
            explanation: None,
            what_if: None,
        }
    }

    /// The answer with additions.
    ///
    /// # Errors
    /// A bug: every value of a row is finite or missing.
    pub(crate) fn with(
        mut self,
        include: Include,
        loaded: &ServedModel,
        track: &CheckedTrack,
    ) -> Result<PredictionResponse<'a>, Rejection> {
        let (values, decade) = (loaded.values(&track.row), track.decade());
        if include.explain {
            self.explanation = Some(loaded.scorer.explain(&values, decade)?);
        }
        if include.what_if {
            self.what_if = Some(loaded.scorer.counterfactuals(&values, decade)?);
        }
        Ok(self)
    }
}

/// The warnings of a track's fields and values.
fn warnings(loaded: &ServedModel, track: &CheckedTrack) -> Vec<Warning> {
    let of_values = loaded.scorer.warnings(&track.row).into_iter().map(Warning::from);
    // Possible mistakes come first: a misspelt feature is missing as well, perhaps among many others.
    Warning::of_fields(track).chain(of_values).collect()
}

impl From<InputWarning> for Warning {
    fn from(warning: InputWarning) -> Warning {
        Warning { kind: warning.kind().into(), field: warning.field().to_owned(), msg: warning.to_string() }
    }
}

impl From<InputWarningKind> for WarningKind {
    fn from(kind: InputWarningKind) -> WarningKind {
        match kind {
            InputWarningKind::UnknownField => WarningKind::UnknownField,
            InputWarningKind::DecadeNotInTraining => WarningKind::DecadeNotInTraining,
            InputWarningKind::OutsideDocumentedRange => WarningKind::OutsideDocumentedRange,
            InputWarningKind::OutsideTrainingRange => WarningKind::OutsideTrainingRange,
            InputWarningKind::MissingFeature => WarningKind::MissingFeature,
        }
    }
}

impl Warning {
    /// Fields of a track that have other names than the documented ones.
    pub(crate) fn of_fields(track: &CheckedTrack) -> impl Iterator<Item = Warning> + '_ {
        let misspelt = track.misspelt.iter().map(|(name, feature)| Warning::misspelt(name, *feature));
        misspelt.chain(track.notes.iter().map(Warning::of_column))
    }

    /// A column that was found under another name or in another unit, or is not used.
    pub(crate) fn of_column(note: &ColumnNote) -> Warning {
        Warning { kind: note.kind, field: note.field.to_string(), msg: note.msg.to_string() }
    }

    /// A field whose name looks like a feature's.
    pub(crate) fn misspelt(name: &str, feature: Feature) -> Warning {
        Warning::from(InputWarning::UnknownField { name: name.to_owned(), feature })
    }

    /// A parameter whose name looks like one of the route's.
    pub(crate) fn unknown_parameter(name: &str, known: &str) -> Warning {
        let msg = format!("{name:?} is not a parameter and is ignored; did you mean {known:?}?");
        Warning { kind: WarningKind::UnknownParameter, field: name.to_owned(), msg }
    }

    /// A parameter of inference, of which the model has none.
    pub(crate) fn unused_parameter(name: &str) -> Warning {
        let msg = format!("{name:?} is not used: the model has no parameters of inference");
        Warning { kind: WarningKind::UnusedParameter, field: name.to_owned(), msg }
    }
}

/// The answer for one of several tracks, with the score of a good one.
///
/// # Errors
/// A bug: every value of a row is finite or missing.
pub(crate) fn outcome<'a>(
    loaded: &'a ServedModel,
    row: CheckedRow,
    score: Option<Prediction>,
    include: Include,
) -> Result<TrackOutcome<'a>, Rejection> {
    match (row, score) {
        (Ok(Some(track)), Some(score)) => {
            let answer = PredictionResponse::new(loaded, &track, score);
            let answer = if include.is_any() { answer.with(include, loaded, &track)? } else { answer };
            Ok(TrackOutcome::Answered(Box::new(answer)))
        }
        (Ok(Some(_)), None) => Err(Rejection::from(Error::Failed("a row got no score".to_owned()))),
        (Ok(None), _) => Ok(TrackOutcome::Null),
        (Err(detail), _) => Ok(TrackOutcome::Refused(FaultsBody { detail })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_called_as_the_program_calls_them() {
        for kind in [
            InputWarningKind::UnknownField,
            InputWarningKind::DecadeNotInTraining,
            InputWarningKind::OutsideDocumentedRange,
            InputWarningKind::OutsideTrainingRange,
            InputWarningKind::MissingFeature,
        ] {
            let own = serde_json::to_value(WarningKind::from(kind)).expect("JSON");
            assert_eq!(own, serde_json::to_value(kind).expect("JSON"));
        }
    }
}
