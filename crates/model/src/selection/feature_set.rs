//! Sets of features that models are fitted on.

use serde::{Deserialize, Serialize};

use hitflop_core::track::Feature;

/// Which features a model is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum FeatureSet {
    /// The notebook's 14, as far as the tracks have them: the audio features without sections
    Notebook,
    /// The features that the selection keeps, and the decade
    Selected,
    /// All features of the tracks, at most 16
    All,
}

impl FeatureSet {
    /// The features of the set that the tracks have (`known`), in the order of the columns; `kept` are those that the selection keeps.
    pub fn features(self, kept: &[Feature], known: &[Feature]) -> Vec<Feature> {
        let has = |feature: &Feature| match self {
            FeatureSet::Notebook => !matches!(feature, Feature::Sections | Feature::Decade),
            FeatureSet::Selected => kept.contains(feature) || *feature == Feature::Decade,
            FeatureSet::All => true,
        };
        Feature::ALL.into_iter().filter(|feature| known.contains(feature) && has(feature)).collect()
    }

    /// `notebook`, `selected`, `all`.
    pub fn name(self) -> &'static str {
        match self {
            FeatureSet::Notebook => "notebook",
            FeatureSet::Selected => "selected",
            FeatureSet::All => "all",
        }
    }
}
