//! Validation schemes and the scores of one model by each of them.

use serde::Serialize;

use super::ValidationBudget;
use crate::estimator::EstimatorParams;
use crate::estimator_text::serialize_description;
use crate::selection::hold_out::HoldOutBy;
use hitflop_core::track::Decade;
use hitflop_metrics::bootstrap::ScoreIntervals;
use hitflop_metrics::scores::Scores;
use hitflop_metrics::split::GroupFigures;

/// Which tracks are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ValidationScheme {
    /// A fifth of the tracks at random
    Random,
    /// A fifth, in whole groups of one artist, URI or audio
    Grouped,
    /// Each decade, by a model fitted on those before it
    Forward,
}

impl ValidationScheme {
    /// All of them, in the order in which they are reported.
    pub const ALL: [ValidationScheme; 3] =
        [ValidationScheme::Random, ValidationScheme::Grouped, ValidationScheme::Forward];

    /// `random`, `grouped`, `forward`.
    pub fn name(self) -> &'static str {
        match self {
            ValidationScheme::Random => "random",
            ValidationScheme::Grouped => "grouped",
            ValidationScheme::Forward => "forward",
        }
    }
}

impl From<HoldOutBy> for ValidationScheme {
    fn from(by: HoldOutBy) -> ValidationScheme {
        match by {
            HoldOutBy::Random => ValidationScheme::Random,
            HoldOutBy::Grouped => ValidationScheme::Grouped,
        }
    }
}

/// One fit of a validation scheme and its scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchemeFit {
    /// Seed of the split; none where time splits.
    pub seed: Option<u64>,
    /// Decades that are fitted on; all where none are named.
    pub train_decades: Vec<Decade>,
    /// Decade that is scored on; none for all.
    pub test_decade: Option<Decade>,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Rows scored on.
    pub test_rows: u64,
    /// Share of the rows scored on that are of a group (artist, URI or audio) which the rows fitted on have too.
    pub known_share: f64,
    /// Accuracy of always naming the label that is more frequent in training.
    pub majority_accuracy: f64,
    /// Scores at a threshold of 0.5.
    pub scores: Scores,
    /// 95 % intervals by resampling the groups that are scored on; none where a label is too rare for it.
    pub intervals: Option<ScoreIntervals>,
}

/// A score over the fits of a validation scheme.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScoreSummary {
    /// Mean over the parts.
    pub mean: f64,
    /// Standard deviation over the parts (divisor parts − 1); 0 of one part.
    pub deviation: f64,
}

/// The fits of one validation scheme, and their mean scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchemeScores {
    /// The validation scheme.
    #[serde(rename = "protocol")]
    pub scheme: ValidationScheme,
    /// One a seed, or one a decade.
    pub parts: Vec<SchemeFit>,
    /// Accuracy over the parts.
    pub accuracy: ScoreSummary,
    /// ROC AUC over the parts.
    pub roc_auc: ScoreSummary,
    /// 95 % intervals of the two means, the same groups resampled in all parts; none where a label is too rare for it.
    pub intervals: Option<ScoreIntervals>,
    /// Mean share of the rows scored on that are of a known group.
    pub known_share: f64,
}

/// Scores on the tracks of one decade.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecadeScores {
    /// The validation scheme, of which the first fit is scored.
    #[serde(rename = "protocol")]
    pub scheme: ValidationScheme,
    /// Decade of the scored tracks.
    pub decade: Decade,
    /// Rows scored on.
    pub test_rows: u64,
    /// Share of hits among them.
    pub hit_share: f64,
    /// Scores at a threshold of 0.5.
    pub scores: Scores,
    /// 95 % intervals.
    pub intervals: Option<ScoreIntervals>,
}

/// Scores of one specification by several validation schemes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchemeComparison {
    /// What was fitted. As JSON, a description: `gradient boosting, 1000 symmetric trees, depth 8, rate 0.03`.
    #[serde(rename = "recipe", serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// Number of features.
    pub features: u64,
    /// Seed of the first split; each further one has the next seed.
    pub seed: u64,
    /// Share of the rows that are held out at random and by groups.
    pub test_share: f64,
    /// How often things were repeated.
    #[serde(rename = "effort")]
    pub budget: ValidationBudget,
    /// Numbers of groups and their sizes.
    pub groups: GroupFigures,
    /// Whether tracks have artists. If not, groups are of one URI or recording.
    #[serde(skip)]
    pub has_artists: bool,
    /// Artists of the largest group.
    pub largest_group: Vec<String>,
    /// The requested schemes, in the order of [`ValidationScheme::ALL`]. A scheme that the tracks do not allow is left out.
    #[serde(rename = "protocols")]
    pub scores: Vec<SchemeScores>,
    /// Why a scheme is left out.
    pub left_out: Vec<(ValidationScheme, String)>,
    /// Scores by decade of those at random and by groups.
    pub by_decade: Vec<DecadeScores>,
}
