//! What sets groups of tracks apart, in words for titles.

use crate::findings::effect_size::{cohens_d, group};
use crate::format::{comparative, plural};
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::explore::summary::{GroupSummary, Summary};
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

/// Least standardised difference that a title speaks of: what Cohen (1988) calls small.
pub(crate) const MIN_EFFECT_SIZE: f64 = 0.2;

/// A feature's difference between two groups in standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) feature: Feature,
    /// Cohen's d, as [`cohens_d`] defines it.
    pub(crate) d: f64,
}

impl Difference {
    /// `louder`, `less acoustic`.
    pub(crate) fn words(&self) -> &'static str {
        comparative(self.feature, self.d > 0.0)
    }
}

/// How far `to` lies from `from` in each audio feature of which more and less mean something, which is not so of the key;
/// features without spread are left out.
pub(crate) fn differences(from: &GroupSummary, to: &GroupSummary) -> Vec<Difference> {
    let compared = Feature::AUDIO.iter().copied().filter(|feature| *feature != Feature::Key);
    compared.filter_map(|feature| Some(Difference { feature, d: cohens_d(to, from, feature)?.value })).collect()
}

/// The `most` greatest differences that are mentioned, in words, greatest first.
pub(crate) fn greatest(mut differences: Vec<Difference>, most: usize) -> Vec<&'static str> {
    differences.retain(|difference| difference.d.abs() >= MIN_EFFECT_SIZE);
    differences.sort_by(|a, b| b.d.abs().total_cmp(&a.d.abs()));
    differences.iter().take(most).map(Difference::words).collect()
}

/// ` on 8,222 test rows (random 80/20, seed 42)`, on which all models of a comparison are scored; nothing without models.
pub(crate) fn on_test_rows(comparison: &Leaderboard) -> String {
    let words = |candidate: &LeaderboardRow| {
        let evaluation = &candidate.evaluation;
        format!(" on {} ({})", plural(evaluation.test_rows, "test row", "test rows"), evaluation.hold_out.description())
    };
    comparison.rows.first().map_or(String::new(), words)
}

/// The tracks of a label over all decades, if there are any.
pub(crate) fn of_label(summary: &Summary, label: Label) -> Option<&GroupSummary> {
    group(&summary.by_label, None, label).filter(|group| group.rows > 0)
}

/// The tracks of a decade and label, if there are any.
pub(crate) fn of_decade(summary: &Summary, decade: Decade, label: Label) -> Option<&GroupSummary> {
    group(&summary.by_decade_and_label, Some(decade), label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_data::explore::summary::GroupMean;

    fn group(danceability: f64, loudness: f64) -> GroupSummary {
        let mean = |feature, mean, std| GroupMean { feature, mean, std, half_width: 0.0 };
        let means = vec![
            mean(Feature::Danceability, danceability, 0.2),
            mean(Feature::Loudness, loudness, 4.0),
            mean(Feature::Key, loudness, 1.0),
            mean(Feature::Energy, f64::NAN, 0.0),
        ];
        GroupSummary { decade: None, label: None, rows: 10, means }
    }

    #[test]
    fn greatest_differences_come_first_and_small_ones_are_not_reported() {
        let found = differences(&group(0.5, -10.0), &group(0.4, -6.0));
        assert_eq!(found.len(), 2, "key has no more or less, energy no value: {found:?}");
        assert!((found[0].d + 0.5).abs() < 1e-12 && (found[1].d - 1.0).abs() < 1e-12);
        assert_eq!(greatest(found, 3), ["louder", "less danceable"]);
        assert!(greatest(differences(&group(0.5, -10.0), &group(0.51, -10.1)), 3).is_empty());
    }
}
