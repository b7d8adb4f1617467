//! Warnings in answers.

use serde::Serialize;
use utoipa::ToSchema;

/// A reason to doubt an answer, or a possible mistake.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Warning {
    #[serde(rename = "type")]
    pub kind: WarningKind,
    /// Name of the field or parameter.
    pub field: String,
    pub msg: String,
}

/// Kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WarningKind {
    /// The model uses the feature, and the track has no value of it.
    MissingFeature,
    /// The value is outside the documented range, or in another unit; no track of training had such a value.
    OutsideDocumentedRange,
    /// No track of training is of that decade.
    DecadeNotInTraining,
    /// No track of that decade in training had such a value, or no track at all if the decade is not given.
    OutsideTrainingRange,
    /// The field is no feature, but looks like one.
    UnknownField,
    /// The field is read as a feature of another name, or in another unit.
    RenamedField,
    /// The field may be a feature, but its unit is not known, no value of it can be read, or another field is used.
    IgnoredField,
    /// No track of training is of the decade of the track; the one of the query is used instead.
    ReplacedDecade,
    /// The parameter of the query is none of the route's, but looks like one.
    UnknownParameter,
    /// MLflow's `params` of inference, which the model does not have.
    UnusedParameter,
}
