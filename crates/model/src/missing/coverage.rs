//! What a track lacks, and how good the answers to such tracks are.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::mask::FeatureMask;
use crate::artifact::Artifact;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;

/// What a track lacks, and how good the answers to such tracks are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureCoverage {
    /// Features of the model of which the track has no value.
    pub missing: Vec<Feature>,
    /// Share of right answers among the test rows that [`FeatureCoverage::measured_on`] names. None if the model file does not say.
    pub accuracy: Option<f64>,
    /// The test rows of the scores. None without scores.
    pub measured_on: Option<CoverageRows>,
    /// Area under the ROC curve, of the same rows.
    pub roc_auc: Option<f64>,
    /// The missing feature that would help most; none if no single one would help, or what each would bring was not tried.
    pub better_if_known: Option<BetterIfKnown>,
}

/// Test rows on which a model is scored for tracks that lack features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageRows {
    /// All test rows as they are: the training rows lacked the same features, or none is missing.
    All,
    /// With the same features hidden.
    SameMissing,
    /// With as many features hidden at random, because the set itself was not tried.
    AsManyMissing,
}

impl CoverageRows {
    /// What such rows are called: `such tracks`.
    pub fn in_words(self) -> &'static str {
        match self {
            CoverageRows::All => "the test tracks",
            CoverageRows::SameMissing => "such tracks",
            CoverageRows::AsManyMissing => "tracks with as many features missing",
        }
    }
}

/// What one more feature would bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BetterIfKnown {
    /// The feature.
    pub feature: Feature,
    /// Share of right answers with it.
    pub accuracy: f64,
}

/// Tracks of a table that lack the same features.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureCoverageSummary {
    /// Number of rows.
    pub rows: u64,
    /// The first of them, from 1.
    pub first_row: u64,
    /// What they lack, and how good the answers to them are.
    #[serde(flatten)]
    pub coverage: FeatureCoverage,
}

impl FeatureCoverageSummary {
    /// Of the rows that lack features of the model, by what they lack; the most frequent set first.
    pub fn of(artifact: &Artifact, rows: &[FeatureRow]) -> Vec<FeatureCoverageSummary> {
        let mut counts = MissingSetCounts::default();
        rows.iter().zip(1..).for_each(|(row, number)| counts.add(artifact.model.missing_of(row), number));
        FeatureCoverageSummary::of_counts(artifact, &counts)
    }

    /// As [`FeatureCoverageSummary::of`], of rows that were counted.
    pub fn of_counts(artifact: &Artifact, counts: &MissingSetCounts) -> Vec<FeatureCoverageSummary> {
        let summary = |count: &MissingSetCount| FeatureCoverageSummary {
            rows: count.rows,
            first_row: count.first_row,
            coverage: FeatureCoverage::of_missing(artifact, count.missing),
        };
        let mut summaries: Vec<FeatureCoverageSummary> = counts.0.values().map(summary).collect();
        summaries.sort_by_key(|summary| (std::cmp::Reverse(summary.rows), summary.first_row));
        summaries
    }
}

/// Numbers of rows by the features that they lack. As JSON, a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<MissingSetCount>", into = "Vec<MissingSetCount>")]
pub struct MissingSetCounts(BTreeMap<FeatureMask, MissingSetCount>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MissingSetCount {
    missing: FeatureMask,
    rows: u64,
    first_row: u64,
}

impl MissingSetCounts {
    /// Counts a row, from 1, that lacks these features of the model.
    pub fn add(&mut self, missing: FeatureMask, row: u64) {
        if !missing.is_empty() {
            self.add_count(MissingSetCount { missing, rows: 1, first_row: row });
        }
    }

    /// Adds the counts of other rows of the same table.
    pub fn merge(&mut self, other: &MissingSetCounts) {
        other.0.values().for_each(|count| self.add_count(*count));
    }

    fn add_count(&mut self, count: MissingSetCount) {
        let own = self.0.entry(count.missing).or_insert(MissingSetCount { rows: 0, ..count });
        own.rows += count.rows;
        own.first_row = own.first_row.min(count.first_row);
    }
}

impl From<Vec<MissingSetCount>> for MissingSetCounts {
    fn from(counts: Vec<MissingSetCount>) -> MissingSetCounts {
        let mut all = MissingSetCounts::default();
        counts.into_iter().for_each(|count| all.add_count(count));
        all
    }
}

impl From<MissingSetCounts> for Vec<MissingSetCount> {
    fn from(counts: MissingSetCounts) -> Vec<MissingSetCount> {
        counts.0.into_values().collect()
    }
}

/// An improvement that is reported is at least this.
const MIN_IMPROVEMENT: f64 = 0.005;

impl FeatureCoverage {
    /// Of a row of features by a model.
    pub fn of(artifact: &Artifact, row: &FeatureRow) -> FeatureCoverage {
        FeatureCoverage::of_missing(artifact, artifact.model.missing_of(row))
    }

    /// Of tracks that lack these features of the model.
    pub fn of_missing(artifact: &Artifact, missing: FeatureMask) -> FeatureCoverage {
        let scores = artifact.scores_without(missing);
        let accuracy = scores.map(|scores| scores.0);
        let with = |feature: Feature| {
            let left = missing.difference([feature].into_iter().collect());
            // Of a set that was not tried by itself, the scores are those of as many features: no reason to name this one.
            let is_own = artifact.rows_without(left) != CoverageRows::AsManyMissing;
            let (with, _) = is_own.then(|| artifact.scores_without(left))??;
            (with - accuracy? >= MIN_IMPROVEMENT).then_some(BetterIfKnown { feature, accuracy: with })
        };
        let best = missing.features().into_iter().filter_map(with);
        FeatureCoverage {
            missing: missing.features(),
            accuracy,
            measured_on: accuracy.map(|_| artifact.rows_without(missing)),
            roc_auc: scores.map(|scores| scores.1).filter(|roc_auc| !roc_auc.is_nan()),
            better_if_known: best.reduce(|best, next| if next.accuracy > best.accuracy { next } else { best }),
        }
    }
}

/// `decade and sections are missing; the model is right in 79.6 % of such tracks, 82.4 % if decade were known`.
impl fmt::Display for FeatureCoverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.missing.iter().map(|feature| feature.name()).collect();
        match names.as_slice() {
            [] => f.write_str("no feature is missing")?,
            [one] => write!(f, "{one} is missing")?,
            [first @ .., last] => write!(f, "{} and {last} are missing", first.join(", "))?,
        }
        if let Some((accuracy, rows)) = self.accuracy.zip(self.measured_on) {
            write!(f, "; the model is right in {:.1} % of {}", accuracy * 100.0, rows.in_words())?;
        }
        if let Some(better) = self.better_if_known {
            write!(f, ", {:.1} % if {} were known", better.accuracy * 100.0, better.feature)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_what_it_costs() {
        let coverage = FeatureCoverage {
            missing: vec![Feature::ChorusHit, Feature::Sections, Feature::Decade],
            accuracy: Some(0.7964),
            measured_on: Some(CoverageRows::SameMissing),
            roc_auc: Some(0.874),
            better_if_known: Some(BetterIfKnown { feature: Feature::Decade, accuracy: 0.8237 }),
        };
        assert_eq!(
            coverage.to_string(),
            "chorus_hit, sections and decade are missing; the model is right in 79.6 % of such tracks, 82.4 % if decade were known"
        );
        let others = FeatureCoverage {
            missing: vec![Feature::Key, Feature::Mode],
            measured_on: Some(CoverageRows::AsManyMissing),
            better_if_known: None,
            ..coverage
        };
        let words = "key and mode are missing; the model is right in 79.6 % of tracks with as many features missing";
        assert_eq!(others.to_string(), words);
        let unknown = FeatureCoverage { missing: vec![Feature::Key], accuracy: None, measured_on: None, ..others };
        assert_eq!(unknown.to_string(), "key is missing");
    }
}
