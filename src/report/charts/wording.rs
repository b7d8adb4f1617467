//! Sentences for titles, built from the numbers.

use crate::explore::summary::{Group, GroupMean, Summary};
use crate::track::{Decade, Feature, Label};

/// Least standardised difference that a title speaks of: what Cohen (1988) calls small.
pub const WORTH_TELLING: f64 = 0.2;

/// What is said of tracks that have more, or less, of a feature; none where more and less mean nothing.
fn comparatives(feature: Feature) -> Option<(&'static str, &'static str)> {
    Some(match feature {
        Feature::Danceability => ("more danceable", "less danceable"),
        Feature::Energy => ("more energetic", "less energetic"),
        Feature::Loudness => ("louder", "quieter"),
        Feature::Mode => ("more often in major", "more often in minor"),
        Feature::Speechiness => ("wordier", "less wordy"),
        Feature::Acousticness => ("more acoustic", "less acoustic"),
        Feature::Instrumentalness => ("more instrumental", "less instrumental"),
        Feature::Liveness => ("more live", "less live"),
        Feature::Valence => ("more cheerful", "less cheerful"),
        Feature::Tempo => ("faster", "slower"),
        Feature::DurationMs => ("longer", "shorter"),
        Feature::ChorusHit => ("later at the chorus", "earlier at the chorus"),
        Feature::Sections => ("richer in sections", "poorer in sections"),
        Feature::Key | Feature::TimeSignature | Feature::Decade => return None,
    })
}

/// A feature's difference between two groups in standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Which feature.
    pub feature: Feature,
    /// Cohen's d: the difference of the means over the root mean square of the two standard deviations.
    pub d: f64,
}

impl Difference {
    /// `louder`, `less acoustic`.
    pub fn words(&self) -> Option<&'static str> {
        comparatives(self.feature).map(|(more, less)| if self.d > 0.0 { more } else { less })
    }
}

/// A feature's mean in a group.
pub fn mean_of(group: &Group, feature: Feature) -> Option<&GroupMean> {
    group.means.iter().find(|mean| mean.feature == feature && mean.mean.is_finite())
}

/// How far `to` lies from `from` in each feature that can be put in words; groups or features without spread are left out.
pub fn differences(from: &Group, to: &Group) -> Vec<Difference> {
    let difference = |&feature: &Feature| {
        let (a, b) = (mean_of(from, feature)?, mean_of(to, feature)?);
        let spread = ((a.std * a.std + b.std * b.std) / 2.0).sqrt();
        let d = (b.mean - a.mean) / spread;
        (comparatives(feature).is_some() && d.is_finite()).then_some(Difference { feature, d })
    };
    Feature::AUDIO.iter().filter_map(difference).collect()
}

/// The `most` greatest differences worth telling, in words, greatest first.
pub fn greatest(mut differences: Vec<Difference>, most: usize) -> Vec<&'static str> {
    differences.retain(|difference| difference.d.abs() >= WORTH_TELLING);
    differences.sort_by(|a, b| b.d.abs().total_cmp(&a.d.abs()));
    differences.iter().filter_map(Difference::words).take(most).collect()
}

/// The group of a label over all decades.
pub fn of_label(groups: &[Group], label: Label) -> Option<&Group> {
    groups.iter().find(|group| group.label == Some(label))
}

/// The groups of a decade, flops and hits, as far as they are there.
pub fn of_decade(summary: &Summary, decade: Decade, label: Label) -> Option<&Group> {
    summary.by_decade_and_label.iter().find(|group| group.decade == Some(decade) && group.label == Some(label))
}

/// The decades of the summary, in order.
pub fn decades(summary: &Summary) -> Vec<Decade> {
    summary.by_decade.iter().filter_map(|group| group.decade).collect()
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The sentence with its first letter raised.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(danceability: f64, loudness: f64) -> Group {
        let mean = |feature, mean, std| GroupMean { feature, mean, std, half_width: 0.0 };
        let means = vec![
            mean(Feature::Danceability, danceability, 0.2),
            mean(Feature::Loudness, loudness, 4.0),
            mean(Feature::Key, loudness, 1.0),
            mean(Feature::Energy, f64::NAN, 0.0),
        ];
        Group { decade: None, label: None, rows: 10, means }
    }

    #[test]
    fn greatest_differences_come_first_and_small_ones_are_not_told() {
        let found = differences(&group(0.5, -10.0), &group(0.4, -6.0));
        assert_eq!(found.len(), 2, "key has no more or less, energy no value: {found:?}");
        assert!((found[0].d + 0.5).abs() < 1e-12 && (found[1].d - 1.0).abs() < 1e-12);
        assert_eq!(greatest(found, 3), ["louder", "less danceable"]);
        assert!(greatest(differences(&group(0.5, -10.0), &group(0.51, -10.1)), 3).is_empty());
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(sentence("key tells nothing"), "Key tells nothing");
        assert_eq!(list(&[] as &[&str]), "");
    }
}
