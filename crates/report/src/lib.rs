//! Findings and evaluations in, bytes out: charts, one HTML page, one JSON document. One writer puts them on disk.
//!
//! | module | turns a [`Report`] into |
//! |---|---|
//! | `findings` | numbers derived for all others, once: [`Findings`] |
//! | [`charts`] | pictures, as SVG and PNG |
//! | `tables` | tables, as values that can be shown or written as CSV |
//! | `text` | sentences |
//! | `html` | one self-contained page of all of these |
//! | `json` | one document with every number |
//! | [`comparison`] | the report of two tables, or of two models on one |
//! | [`model_card`](mod@model_card) | what a model is, its purpose and its scores, in Markdown |
//! | [`write`](mod@write) | files |

pub mod charts;
pub mod comparison;
mod findings;
#[cfg(any(test, feature = "fixtures"))]
#[doc(hidden)]
pub mod fixtures;
pub mod format;
mod html;
mod json;
pub mod model_card;
mod phrases;
mod provenance;
mod registry;
mod tables;
mod text;
pub mod write;

pub use findings::Findings;
pub use phrases::explanations::shown as feature_value;
pub use provenance::{CommandLines, Provenance, Setting, SettingValue};
pub use text::explanations::alternatives;
pub use text::leakage::warning as leakage_warning;

use serde::Serialize;

use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::density::FeatureDensity;
use hitflop_data::explore::mutual_information::MutualInformation;
use hitflop_data::explore::overview::DataOverview;
use hitflop_data::explore::selection::FeatureSelection;
use hitflop_data::explore::summary::Summary;
use hitflop_data::ingest::quality::{MissingValues, OutOfRange, Quality};
use hitflop_model::evaluation::Evaluation;
use hitflop_model::explain::global::Explanations;
use hitflop_model::missing::MissingPattern;
use hitflop_model::predictions::TrackPredictions;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::validation::robustness::Robustness;

/// Everything that a report says; serialised, it is `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// Repeats and contradictions in the data.
    pub quality: Quality,
    /// Values outside their documented range.
    pub out_of_range: Vec<OutOfRange>,
    /// Features with missing values, those that no track has among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingValues>,
    /// Counts and locations.
    pub summary: Summary,
    /// Pearson correlations of the features and the label.
    pub pearson: CorrelationMatrix,
    /// Spearman correlations of the features and the label.
    pub spearman: CorrelationMatrix,
    /// Mutual information with the label.
    pub mutual_information: MutualInformation,
    /// Distributions by label and by decade.
    pub densities: Vec<FeatureDensity>,
    /// Figures and alerts of each feature, pairs of features, artists, sample rows.
    pub overview: DataOverview,
    /// Features kept and dropped.
    pub selection: FeatureSelection,
    /// That the report was made from sums over the tracks; absent where their rows were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sums: Option<SumsNote>,
    /// The final model's scores; absent where none was fitted.
    pub evaluation: Option<Evaluation>,
    /// The models that it was chosen from; absent where none were compared.
    pub comparison: Option<Leaderboard>,
    /// Why the final model answers as it does; absent where it was not explained.
    pub explanations: Option<Explanations>,
    /// The final model's probabilities and threshold; absent where none was fitted.
    pub probabilities: Option<ProbabilityQuality>,
    /// What the final model scores where features are missing, by set of features; empty where none was fitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_features: Vec<MissingPattern>,
    /// Scores of its parameters and features by several validations, and leakage; absent where they were not measured.
    #[serde(rename = "assessment")]
    pub robustness: Option<Robustness>,
    /// The prediction of each track by a model that has not seen it; absent where none was fitted. Its rows are files of their own,
    /// and no part of the document.
    #[serde(skip)]
    pub predictions: Option<TrackPredictions>,
}

/// What follows from making a report from sums over the tracks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SumsNote {
    /// What needs rows and is left out.
    pub left_out: &'static [&'static str],
    /// Whether artists, URIs, repeats, distinct values and clustered standard errors are exact, and not estimated from samples.
    pub is_exact: bool,
}

impl Report {
    /// Whether two decades or more are known: what compares decades is left out otherwise.
    pub(crate) fn compares_decades(&self) -> bool {
        self.summary.by_decade.len() > 1
    }

    /// Whether tracks have artists.
    pub(crate) fn has_artists(&self) -> bool {
        self.quality.artists > 0
    }

    /// Whether tracks have URIs.
    pub(crate) fn has_uris(&self) -> bool {
        self.quality.unique_uris > 0
    }
}
