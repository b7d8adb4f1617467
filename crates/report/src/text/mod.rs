//! Findings as sentences, computed from the numbers of a [`Report`]. No sentence says what its numbers do not back.
//!
//! [`Narrative::of`] words the [`Findings`]. Sentences and numbers are written to `report.json`, so that every number in the
//! page is there too.

pub mod boosting_search;
pub mod data;
pub mod explanations;
mod exploration;
pub mod grid;
mod key_findings;
pub mod leaderboard;
pub mod leakage;
mod model;

pub mod probabilities;
mod quality;
pub mod robustness;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::findings::derived::Derived;
use crate::findings::Findings;

/// A number at the head of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyFigure {
    /// What it counts.
    pub label: String,
    /// The number, as shown.
    pub value: String,
    /// What it should be read against.
    pub note: String,
}

/// A question, answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyFinding {
    /// The question.
    pub question: String,
    /// The answer in a sentence or two.
    pub answer: String,
    /// What it rests on, a sentence or two each.
    pub grounds: Vec<String>,
}

/// Something found, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// In a few words.
    pub title: String,
    /// In sentences.
    pub text: String,
}

/// Everything that a report says in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Narrative {
    /// What the data is.
    pub about: Vec<String>,
    /// What the labels mean.
    pub labels: Vec<String>,
    /// Why the tracks are not real, and how to get real ones; absent where they are.
    pub simulated: Option<String>,
    /// Key figures.
    pub key_figures: Vec<KeyFigure>,
    /// The three questions.
    pub answers: Vec<KeyFinding>,
    /// Rows set aside; absent where none was.
    pub rejected: Option<String>,
    /// What is odd in the data.
    pub quality: Vec<Finding>,
    /// Where tracks lie.
    pub distributions: Vec<String>,
    /// How hits and flops are spread over the decades.
    pub balance: Vec<String>,
    /// Where the distributions of hits and flops differ.
    pub shapes: Vec<String>,
    /// How the means move.
    pub means: Vec<String>,
    /// What mutual information says.
    pub mutual_information: Vec<String>,
    /// What the correlations say.
    pub correlation: Vec<String>,
    /// Which features were kept and dropped.
    pub selection: Vec<String>,
    /// Which of the compared models is best; empty where none were.
    pub leaderboard: Vec<Finding>,
    /// What the final model's scores say; empty where none was fitted.
    pub model: Vec<String>,
    /// Whether its probabilities mean what they say; empty where none was fitted.
    pub calibration: Vec<String>,
    /// Where its threshold is, and why; empty where none was fitted.
    pub threshold: Vec<String>,
    /// What the search for the boosting's parameters found; empty where there was none.
    pub boosting_search: Vec<String>,
    /// What the grid search says; empty where there was none.
    pub grid: Vec<String>,
    /// Why the final model answers as it does; empty where it was not explained.
    pub explanations: Vec<Finding>,
    /// Tracks explained, a few sentences each.
    pub examples: Vec<Vec<String>>,
    /// How good the final model's recipe is; empty where that was not asked.
    pub assessment: Vec<Finding>,
    /// What gives the label away; empty where that was not measured.
    pub leaks: Vec<Finding>,
}

impl Narrative {
    /// Words what a report says.
    pub(crate) fn of(findings: &Findings) -> Narrative {
        let Findings { report, derived } = findings;
        Narrative {
            about: data::about(report),
            labels: data::labels(),
            simulated: data::simulated(report),
            key_figures: data::key_figures(report, derived),
            answers: key_findings::answers(report, derived),
            rejected: data::rejected(report),
            quality: quality::findings(report),
            distributions: exploration::distributions(report),
            balance: exploration::balance(report, derived),
            shapes: exploration::shapes(derived),
            means: exploration::means(derived),
            mutual_information: exploration::mutual_information(report, derived),
            correlation: exploration::correlation(derived),
            selection: exploration::selection(report),
            leaderboard: leaderboard::findings(report, derived),
            model: model::findings(report, derived),
            calibration: probabilities::calibration(report),
            threshold: probabilities::threshold(report),
            boosting_search: boosting_search::findings(report, derived),
            grid: grid::findings(report, derived),
            explanations: explanations::findings(report, derived),
            examples: explanations::examples(report),
            assessment: robustness::findings(report),
            leaks: leakage::findings(report),
        }
    }
}
