//! Reasons to doubt a prediction, and possible mistakes: made here for every interface.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cause::LikelyCause;
use super::Scorer;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature, FeatureRange};

/// A reason to doubt a prediction, or a possible mistake. Its text is for people.
#[derive(Clone, Debug, PartialEq)]
pub enum InputWarning {
    /// A field or column is no feature, but its name looks like one.
    UnknownField {
        /// Name of the field, as it was given.
        name: String,
        /// The feature that it looks like.
        feature: Feature,
    },
    /// The model uses the feature, and the track has no value of it.
    MissingFeature {
        /// The feature.
        feature: Feature,
        /// How the model answers without it.
        handling: MissingHandling,
    },
    /// The value is outside the documented range, or in another unit; no track of training had such a value.
    OutsideDocumentedRange {
        /// Feature.
        feature: Feature,
        /// Value in the documented unit.
        value: f64,
        /// Why, if it can be seen.
        cause: Option<LikelyCause>,
    },
    /// No track of that decade in training had such a value, or no track at all if the decade is not known; the value is none of
    /// [`InputWarning::OutsideDocumentedRange`].
    OutsideTrainingRange {
        /// Feature.
        feature: Feature,
        /// Value in the documented unit.
        value: f64,
        /// Least and greatest value in training.
        range: (f64, f64),
        /// The decade of that range; `None` is all of training.
        decade: Option<Decade>,
    },
    /// No track of training is of that decade.
    DecadeNotInTraining {
        /// First year of the decade.
        year: f64,
        /// First and last decade of training.
        range: (Decade, Decade),
    },
}

/// How a model answers a track without a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingHandling {
    /// Training lacked values of it too, so that the model has learned what that means.
    Learned,
    /// By a model that was fitted to tracks without it.
    Fallback,
    /// Training had all values of it: each split sends a missing one the way that most tracks went.
    Untrained,
}

/// Kinds of [`InputWarning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputWarningKind {
    /// [`InputWarning::UnknownField`].
    UnknownField,
    /// [`InputWarning::DecadeNotInTraining`].
    DecadeNotInTraining,
    /// [`InputWarning::OutsideDocumentedRange`].
    OutsideDocumentedRange,
    /// [`InputWarning::OutsideTrainingRange`].
    OutsideTrainingRange,
    /// [`InputWarning::MissingFeature`].
    MissingFeature,
}

impl InputWarning {
    /// What the warning is about, for programs.
    pub fn kind(&self) -> InputWarningKind {
        match self {
            InputWarning::UnknownField { .. } => InputWarningKind::UnknownField,
            InputWarning::MissingFeature { .. } => InputWarningKind::MissingFeature,
            InputWarning::OutsideDocumentedRange { .. } => InputWarningKind::OutsideDocumentedRange,
            InputWarning::OutsideTrainingRange { .. } => InputWarningKind::OutsideTrainingRange,
            InputWarning::DecadeNotInTraining { .. } => InputWarningKind::DecadeNotInTraining,
        }
    }

    /// The feature that it is about, or looks like being about.
    pub fn feature(&self) -> Feature {
        match self {
            InputWarning::UnknownField { feature, .. }
            | InputWarning::MissingFeature { feature, .. }
            | InputWarning::OutsideDocumentedRange { feature, .. }
            | InputWarning::OutsideTrainingRange { feature, .. } => *feature,
            InputWarning::DecadeNotInTraining { .. } => Feature::Decade,
        }
    }

    /// Name of the field: the feature's, or the misspelt one.
    pub fn field(&self) -> &str {
        match self {
            InputWarning::UnknownField { name, .. } => name,
            other => other.feature().name(),
        }
    }

    /// The value that is warned of.
    pub fn value(&self) -> Option<f64> {
        match self {
            InputWarning::OutsideDocumentedRange { value, .. } | InputWarning::OutsideTrainingRange { value, .. } => {
                Some(*value)
            }
            InputWarning::DecadeNotInTraining { year, .. } => Some(*year),
            InputWarning::UnknownField { .. } | InputWarning::MissingFeature { .. } => None,
        }
    }
}

impl fmt::Display for InputWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputWarning::UnknownField { name, feature } => {
                write!(f, "{name:?} is not a feature and is ignored; did you mean {:?}?", feature.name())
            }
            InputWarning::MissingFeature { feature, handling: MissingHandling::Learned } => {
                write!(f, "{feature} is missing, as in part of the training tracks")
            }
            InputWarning::MissingFeature { feature, handling: MissingHandling::Fallback } => {
                write!(f, "{feature} is missing; a model for tracks without it is used")
            }
            InputWarning::MissingFeature { feature, handling: MissingHandling::Untrained } => {
                write!(f, "{feature} is missing; the model treats it much like a typical value")
            }
            InputWarning::OutsideDocumentedRange { feature, value, cause } => {
                write!(f, "{feature} is {value}{}", unit(*feature))?;
                match cause {
                    Some(cause) => write!(f, ", which looks {}", cause.describe()),
                    None => write!(f, "; expected {}", documented(*feature)),
                }
            }
            InputWarning::OutsideTrainingRange { feature, value, range: (low, high), decade } => {
                let whose = decade.map_or(String::new(), |decade| format!("of the {decade} "));
                let unit = unit(*feature);
                write!(f, "{feature} is {value}{unit}; {whose}in training it was {low} to {high}{unit}")
            }
            InputWarning::DecadeNotInTraining { year, range: (first, last) } => {
                write!(f, "decade is {year}; the tracks of training are of the {first} to the {last}, without it")
            }
        }
    }
}

/// The documented values of a feature: `0 to 1`, `a value above 0 BPM`.
fn documented(feature: Feature) -> String {
    let range = feature.info().range;
    let article = if range == FeatureRange::Positive { "a value " } else { "" };
    format!("{article}{range}{}", unit(feature))
}

/// The unit after a value, if it has one.
fn unit(feature: Feature) -> &'static str {
    match feature.info().unit {
        "dB" => " dB",
        "BPM" => " BPM",
        "ms" => " ms",
        "s" => " s",
        _ => "",
    }
}

/// Warnings of one kind about one feature in the rows of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarningSummary {
    /// What the warnings are about.
    pub kind: InputWarningKind,
    /// Feature.
    pub feature: Feature,
    /// Number of rows with the warning.
    pub rows: u64,
    /// The first of them, from 1.
    pub first_row: u64,
    /// Least and greatest value that is warned of.
    pub values: Option<(f64, f64)>,
    /// The warning of the first of them.
    pub message: String,
}

impl Scorer {
    /// What is to be said of a row, in the order of the model's features, its decade first.
    pub fn warnings(&self, row: &FeatureRow) -> Vec<InputWarning> {
        let mut warnings = Vec::new();
        self.each_warning(row, &mut |warning| warnings.push(warning));
        warnings
    }

    /// The warnings of all rows, by kind and feature; none for a kind and feature without one.
    pub fn warning_summary(&self, rows: &[FeatureRow]) -> Vec<WarningSummary> {
        let mut summaries: Vec<WarningSummary> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            self.each_warning(row, &mut |warning| WarningSummary::add(&mut summaries, index as u64 + 1, &warning));
        }
        WarningSummary::sort(&mut summaries);
        summaries
    }

    /// Calls `warn` with each warning of [`Scorer::warnings`], without making a list of them.
    pub fn each_warning(&self, row: &FeatureRow, warn: &mut dyn FnMut(InputWarning)) {
        let artifact = self.artifact();
        let year = row[Feature::Decade as usize];
        let decade = decade_of(year);
        let known = artifact.reference.decades();
        let of_decade = decade.and_then(|decade| Some((decade, known.iter().find(|own| own.decade == Some(decade))?)));
        if of_decade.is_none() && !year.is_nan() {
            let mut decades = known.iter().filter_map(|own| own.decade);
            // Where training knew no decade, none is unusual.
            if let Some(first) = decades.next() {
                let last = decades.next_back().unwrap_or(first);
                warn(InputWarning::DecadeNotInTraining { year, range: (first, last) });
            }
        }
        let model = &artifact.model;
        let has_fallback = model.fallback(model.missing_of(row)).is_some();
        for input in &model.inputs {
            let (feature, value) = (input.feature, row[input.feature as usize]);
            if value.is_nan() {
                let handling = match input.training_missing {
                    _ if has_fallback => MissingHandling::Fallback,
                    0 => MissingHandling::Untrained,
                    _ => MissingHandling::Learned,
                };
                warn(InputWarning::MissingFeature { feature, handling });
                continue;
            }
            let in_decade = of_decade.and_then(|(decade, known)| Some((known.all.range(feature)?, Some(decade))));
            // Without a decade, or without tracks of it, the range of the whole training counts.
            let (range, decade) = in_decade.unwrap_or(((input.training_min, input.training_max), None));
            let is_known_decade = feature != Feature::Decade || of_decade.is_some();
            if (range.0..=range.1).contains(&value) || !is_known_decade {
                continue;
            }
            // Values outside the documented range occur in training too: they are only unlikely where training had none.
            if !(input.training_min..=input.training_max).contains(&value) {
                let cause = LikelyCause::of_value(feature, value);
                if cause.is_some() || LikelyCause::is_outside(feature, value) {
                    warn(InputWarning::OutsideDocumentedRange { feature, value, cause });
                    continue;
                }
            }
            warn(InputWarning::OutsideTrainingRange { feature, value, range, decade });
        }
    }
}

fn decade_of(year: f64) -> Option<Decade> {
    Decade::from_year(year as i32).filter(|decade| f64::from(decade.year()) == year)
}

impl WarningSummary {
    /// Counts a warning of a row, from 1.
    pub(super) fn add(summaries: &mut Vec<WarningSummary>, row: u64, warning: &InputWarning) {
        let (kind, feature, value) = (warning.kind(), warning.feature(), warning.value());
        let own = summaries.iter_mut().find(|summary| summary.kind == kind && summary.feature == feature);
        match own {
            Some(summary) => {
                summary.rows += 1;
                let values = summary.values.zip(value);
                summary.values = values.map(|((low, high), value)| (low.min(value), high.max(value)));
            }
            None => summaries.push(WarningSummary {
                kind,
                feature,
                rows: 1,
                first_row: row,
                values: value.map(|value| (value, value)),
                message: warning.to_string(),
            }),
        }
    }

    /// Adds the summaries of other rows of the same table.
    pub(super) fn merge(summaries: &mut Vec<WarningSummary>, others: &[WarningSummary]) {
        for other in others {
            let is_same = |own: &&mut WarningSummary| own.kind == other.kind && own.feature == other.feature;
            let Some(own) = summaries.iter_mut().find(is_same) else {
                summaries.push(other.clone());
                continue;
            };
            if other.first_row < own.first_row {
                (own.first_row, own.message) = (other.first_row, other.message.clone());
            }
            own.rows += other.rows;
            let values = own.values.zip(other.values);
            own.values = values.map(|(own, other)| (own.0.min(other.0), own.1.max(other.1)));
        }
    }

    pub(super) fn sort(summaries: &mut [WarningSummary]) {
        summaries.sort_by_key(|summary| (summary.kind, summary.feature));
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::scoring::fixtures::{blank_row, scorer_of};
    use hitflop_core::dataset::Dataset;

    /// Tracks of the 1960s and 1980s: energies up to 0.5 and 1, lengths from 100 to 300 seconds, and so loud as -1 dB or, once,
    /// 1.5 dB.
    fn scorer() -> Scorer {
        let rows = 40;
        let mut records = Array2::zeros((rows, Feature::ALL.len()));
        for (index, mut record) in records.rows_mut().into_iter().enumerate() {
            let share = index as f64 / (rows - 1) as f64;
            let is_late = index % 2 == 1;
            record[Feature::Energy as usize] = if is_late { share } else { share / 2.0 };
            record[Feature::DurationMs as usize] = 100_000.0 + (share * 200_000.0).round();
            record[Feature::Loudness as usize] = if index == rows - 1 { 1.5 } else { -20.0 + share * 19.0 };
            record[Feature::Tempo as usize] = 80.0 + (share * 80.0).round();
            record[Feature::Decade as usize] = if is_late { 1980.0 } else { 1960.0 };
        }
        let targets: Array1<bool> = (0..rows).map(|row| row % 3 == 0).collect();
        scorer_of(&Dataset::new(Feature::ALL.to_vec(), records, targets).expect("a dataset"))
    }

    /// A row that gives no warning but for what is set; the features that are 0 in all of training are 0.
    fn row(set: &[(Feature, f64)]) -> FeatureRow {
        let mut row = blank_row().map(|_| 0.0);
        let usual = [
            (Feature::Energy, 0.2),
            (Feature::DurationMs, 200_000.0),
            (Feature::Loudness, -10.0),
            (Feature::Tempo, 120.0),
            (Feature::Decade, 1980.0),
        ];
        usual.iter().chain(set).for_each(|(feature, value)| row[*feature as usize] = *value);
        row
    }

    fn texts(set: &[(Feature, f64)]) -> Vec<String> {
        scorer().warnings(&row(set)).iter().map(InputWarning::to_string).collect()
    }

    #[test]
    fn unlikely_values_are_warned_of_with_their_cause() {
        use Feature::*;
        assert_eq!(texts(&[]), [""; 0]);
        for (set, expected) in [
            ((Energy, 73.0), vec!["energy is 73, which looks like percent; expected 0 to 1"]),
            ((Energy, 7.0), vec!["energy is 7; expected 0 to 1"]),
            ((Energy, 730.0), vec!["energy is 730; expected 0 to 1"]),
            ((DurationMs, 200.0), vec!["duration_ms is 200 ms, which looks like seconds; expected milliseconds"]),
            ((Loudness, -70.0), vec!["loudness is -70 dB; expected -60 to 0 dB"]),
            ((Tempo, -3.0), vec!["tempo is -3 BPM; expected a value above 0 BPM"]),
            ((Tempo, 300.0), vec!["tempo is 300 BPM; of the 1980s in training it was 82 to 160 BPM"]),
            // Training had such a value: not unlikely, but for the decade.
            ((Loudness, 1.2), vec![]),
            ((Valence, f64::NAN), vec!["valence is missing; the model treats it much like a typical value"]),
        ] {
            assert_eq!(texts(&[set]), expected);
        }
        // A rounding error is none.
        assert_eq!(texts(&[(Energy, 1.0000000000000002)]).len(), 1);
        assert_eq!(texts(&[(Energy, 0.9), (Decade, f64::NAN)]).len(), 1);
        assert_eq!(texts(&[(Energy, 0.9), (Decade, 1960.0)]).len(), 1);
    }

    #[test]
    fn a_decade_without_training_is_named() {
        let text = "decade is 1950; the tracks of training are of the 1960s to the 1980s, without it";
        assert_eq!(texts(&[(Feature::Decade, 1950.0)]), [text]);
        assert_eq!(texts(&[(Feature::Decade, 1970.0)])[0], text.replace("1950", "1970"));
    }

    #[test]
    fn warnings_are_summed_up_by_kind_and_feature() {
        use Feature::*;
        let rows =
            [row(&[]), row(&[(Energy, 73.0)]), row(&[(Energy, 51.0), (Decade, 1950.0)]), row(&[(Mode, f64::NAN)])];
        let summary = scorer().warning_summary(&rows);
        let found: Vec<_> = summary.iter().map(|it| (it.kind, it.feature, it.rows, it.first_row, it.values)).collect();
        assert_eq!(
            found,
            [
                (InputWarningKind::DecadeNotInTraining, Decade, 1, 3, Some((1950.0, 1950.0))),
                (InputWarningKind::OutsideDocumentedRange, Energy, 2, 2, Some((51.0, 73.0))),
                (InputWarningKind::MissingFeature, Mode, 1, 4, None),
            ]
        );
        assert_eq!(summary[1].message, "energy is 73, which looks like percent; expected 0 to 1");
        assert_eq!(serde_json::to_value(summary[0].kind).expect("JSON"), "decade_not_in_training");
        assert_eq!(scorer().warning_summary(&[]), []);
    }

    #[test]
    fn a_misspelt_field_is_named() {
        let warning = InputWarning::UnknownField { name: "enrgy".to_owned(), feature: Feature::Energy };
        assert_eq!(warning.to_string(), "\"enrgy\" is not a feature and is ignored; did you mean \"energy\"?");
        assert_eq!((warning.field(), warning.kind()), ("enrgy", InputWarningKind::UnknownField));
    }
}
