//! A set of features.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use hitflop_core::track::Feature;

/// A set of features, such as those that a track lacks. As JSON, their names in the order of [`Feature::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeatureMask(u32);

impl FeatureMask {
    /// No feature.
    pub const NONE: FeatureMask = FeatureMask(0);

    /// Whether there is no feature.
    pub fn is_empty(self) -> bool {
        self == FeatureMask::NONE
    }

    /// Number of features.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the feature is one of them.
    pub fn contains(self, feature: Feature) -> bool {
        self.0 & bit(feature) != 0
    }

    /// Whether all of them are in `other`.
    pub fn is_subset(self, other: FeatureMask) -> bool {
        self.0 & !other.0 == 0
    }

    /// The features of either.
    pub fn union(self, other: FeatureMask) -> FeatureMask {
        FeatureMask(self.0 | other.0)
    }

    /// The features that are in both.
    pub fn intersection(self, other: FeatureMask) -> FeatureMask {
        FeatureMask(self.0 & other.0)
    }

    /// Those that `other` does not have.
    pub fn difference(self, other: FeatureMask) -> FeatureMask {
        FeatureMask(self.0 & !other.0)
    }

    /// The features, in the order of [`Feature::ALL`].
    pub fn features(self) -> Vec<Feature> {
        Feature::ALL.into_iter().filter(|feature| self.contains(*feature)).collect()
    }
}

fn bit(feature: Feature) -> u32 {
    1 << feature as u32
}

impl FromIterator<Feature> for FeatureMask {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> FeatureMask {
        FeatureMask(features.into_iter().fold(0, |bits, feature| bits | bit(feature)))
    }
}

impl Serialize for FeatureMask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.features().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FeatureMask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FeatureMask, D::Error> {
        Ok(Vec::<Feature>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        let mask: FeatureMask = [Feature::Decade, Feature::Key].into_iter().collect();
        assert_eq!(mask.features(), [Feature::Key, Feature::Decade]);
        assert_eq!(serde_json::to_string(&mask).expect("JSON"), r#"["key","decade"]"#);
        assert_eq!(serde_json::from_str::<FeatureMask>(r#"["decade","key"]"#).expect("a mask"), mask);
        let key: FeatureMask = [Feature::Key].into_iter().collect();
        assert!(key.is_subset(mask) && !mask.is_subset(key) && FeatureMask::NONE.is_subset(key));
        assert_eq!(mask.difference(key).features(), [Feature::Decade]);
        assert_eq!((mask.intersection(key), mask.union(key), mask.len()), (key, mask, 2));
    }
}
