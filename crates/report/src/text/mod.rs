//! Findings as sentences, computed from the numbers of a [`Report`]. No sentence says what its numbers do not back.
//!
//! [`ReportText::of`] words the [`Findings`]. Sentences and numbers are written to `report.json`, so that every number in the
//! page is there too.

pub(crate) mod boosting_search;
pub(crate) mod data;
mod errors;
pub(crate) mod explanations;
mod exploration;
pub(crate) mod filters;
pub(crate) mod grid;
mod key_findings;
pub(crate) mod leaderboard;
pub(crate) mod leakage;
pub(crate) mod missing_features;
mod model;
mod opening;
mod overview;
pub(crate) mod probabilities;
mod quality;
pub(crate) mod robustness;
pub(crate) mod template;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::findings::derived::Derived;
use crate::findings::Findings;

/// A number at the head of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyFigure {
    /// What it counts.
    pub(crate) label: String,
    /// The number, as shown.
    pub(crate) value: String,
    /// What it should be read against.
    pub(crate) note: String,
}

/// A question, answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyFinding {
    pub(crate) question: String,
    /// The answer in a sentence or two.
    pub(crate) answer: String,
    /// What it rests on, a sentence or two each.
    pub(crate) grounds: Vec<String>,
}

/// Something found, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// In a few words.
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Everything that a report says in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ReportText {
    /// What the data is.
    pub(crate) about: Vec<String>,
    /// What the labels mean.
    pub(crate) labels: Vec<String>,
    /// Why the tracks are not real, and how to get real ones; absent where they are.
    pub(crate) simulated: Option<String>,
    pub(crate) key_figures: Vec<KeyFigure>,
    /// At most five sentences for the first screen.
    pub(crate) key_points: Vec<String>,
    /// At most three warnings for the first screen.
    pub(crate) warnings: Vec<String>,
    /// The three questions.
    pub(crate) answers: Vec<KeyFinding>,
    /// Rows set aside; absent where none was.
    pub(crate) rejected: Option<String>,
    /// Artists with one label; empty where no artist has many tracks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) artists: Vec<String>,
    /// How many features have alerts; empty without features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) overview: Vec<String>,
    /// What is unusual in the data.
    pub(crate) quality: Vec<Finding>,
    /// Where tracks lie.
    pub(crate) distributions: Vec<String>,
    /// How hits and flops are spread over the decades.
    pub(crate) balance: Vec<String>,
    /// Where the distributions of hits and flops differ.
    pub(crate) shapes: Vec<String>,
    /// How the means move.
    pub(crate) means: Vec<String>,
    /// What mutual information says.
    pub(crate) mutual_information: Vec<String>,
    /// Which pairs of features are informative together; empty where they could not be compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pairs: Vec<String>,
    /// What the correlations say.
    pub(crate) correlation: Vec<String>,
    /// Which features were kept and dropped.
    pub(crate) selection: Vec<String>,
    /// Which of the compared models is best; empty where none were.
    pub(crate) leaderboard: Vec<Finding>,
    /// What the final model's scores say; empty where none was fitted.
    pub(crate) model: Vec<String>,
    /// Whether its probabilities mean what they say; empty where none was fitted.
    pub(crate) calibration: Vec<String>,
    /// Where its threshold is, and why; empty where none was fitted.
    pub(crate) threshold: Vec<String>,
    /// Where the final model errs; empty where no track was predicted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Finding>,
    /// What is lost with features that are missing; empty where that was not measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing_features: Vec<Finding>,
    /// What the search for the boosting's parameters found; empty where there was none.
    pub(crate) boosting_search: Vec<String>,
    /// What the grid search says; empty where there was none.
    pub(crate) grid: Vec<String>,
    /// Why the final model answers as it does; empty where it was not explained.
    pub(crate) explanations: Vec<Finding>,
    /// Tracks explained, a few sentences each.
    pub(crate) examples: Vec<Vec<String>>,
    /// Scores of the final model's parameters by validation scheme; empty where they were not measured.
    #[serde(rename = "assessment")]
    pub(crate) robustness: Vec<Finding>,
    /// What leaks the label; empty where that was not measured.
    #[serde(rename = "leaks")]
    pub(crate) leakage: Vec<Finding>,
}

impl ReportText {
    /// Words what a report says.
    pub(crate) fn of(findings: &Findings) -> ReportText {
        let Findings { report, derived } = findings;
        ReportText {
            about: data::about(report),
            labels: data::labels(report.provenance.label.as_deref()),
            simulated: data::simulated(report),
            key_figures: data::key_figures(report, derived),
            key_points: opening::key_points(report, derived),
            warnings: opening::warnings(report, derived),
            answers: key_findings::answers(report, derived),
            rejected: data::rejected(report),
            artists: overview::artists(report),
            overview: overview::features(report),
            quality: quality::findings(report),
            distributions: exploration::distributions(report),
            balance: exploration::balance(report, derived),
            shapes: exploration::shapes(report, derived),
            means: exploration::means(derived),
            mutual_information: exploration::mutual_information(report, derived),
            pairs: overview::pairs(report),
            correlation: exploration::correlation(derived),
            selection: exploration::selection(report),
            leaderboard: leaderboard::findings(report, derived),
            model: model::findings(report, derived),
            calibration: probabilities::calibration(report),
            threshold: probabilities::threshold(report),
            errors: errors::findings(report, derived),
            missing_features: missing_features::findings(report),
            boosting_search: boosting_search::findings(report, derived),
            grid: grid::findings(report, derived),
            explanations: explanations::findings(report, derived),
            examples: explanations::examples(report),
            robustness: robustness::findings(report),
            leakage: leakage::findings(report),
        }
    }
}
