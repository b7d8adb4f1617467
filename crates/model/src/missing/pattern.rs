//! Sets of features that tracks lack.

use rand::seq::SliceRandom;
use rand::RngExt;

use super::mask::FeatureMask;
use hitflop_core::seed::Seed;
use hitflop_core::track::Feature;

/// Sets of features that providers of audio features leave out, beside single features.
const LEFT_OUT: [(&[Feature], &str); 4] = [
    (&[Feature::ChorusHit, Feature::Sections, Feature::Decade], "Spotify's audio features"),
    (&[Feature::ChorusHit, Feature::Sections], "Spotify's audio features and the decade"),
    (
        &[
            Feature::Key,
            Feature::Mode,
            Feature::DurationMs,
            Feature::TimeSignature,
            Feature::ChorusHit,
            Feature::Sections,
            Feature::Decade,
        ],
        "nine features of an audio upload",
    ),
    (
        &[
            Feature::Key,
            Feature::Mode,
            Feature::DurationMs,
            Feature::TimeSignature,
            Feature::ChorusHit,
            Feature::Sections,
        ],
        "nine features of an audio upload and the decade",
    ),
];

/// The sets of `features` for which a model has a calibration and a threshold of their own: each single feature, and what
/// providers leave out. A track with none of the features cannot be answered, so that no set has all of them.
pub fn listed_patterns(features: &[Feature]) -> Vec<FeatureMask> {
    let all: FeatureMask = features.iter().copied().collect();
    let single = features.iter().map(|&feature| [feature].into_iter().collect());
    let left_out = LEFT_OUT.iter().map(|(left_out, _)| left_out.iter().copied().collect::<FeatureMask>());
    let mut patterns: Vec<FeatureMask> = Vec::new();
    for pattern in single.chain(left_out.map(|left_out| left_out.intersection(all))) {
        if !pattern.is_empty() && pattern != all && !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// What a track that lacks these of a model's `features` is: `Spotify's audio features`, `all but key`; none if there is no name.
pub fn pattern_name(features: &[Feature], missing: FeatureMask) -> Option<String> {
    let all: FeatureMask = features.iter().copied().collect();
    let known = LEFT_OUT
        .iter()
        .find(|(left_out, _)| left_out.iter().copied().collect::<FeatureMask>().intersection(all) == missing);
    match (missing.features().as_slice(), known) {
        ([feature], _) => Some(format!("all but {feature}")),
        (_, Some((_, name))) => Some((*name).to_owned()),
        _ => None,
    }
}

/// Assigns each set to one row of each stratum. A stratum is as many consecutive `ranks` as there are sets; the last one may have fewer.
/// `ranks` has the indices of all rows.
pub(super) fn one_in_each_stratum(sets: &[FeatureMask], ranks: &[usize], rng: &mut impl RngExt) -> Vec<FeatureMask> {
    let mut masks = vec![FeatureMask::NONE; ranks.len()];
    for stratum in ranks.to_vec().chunks_mut(sets.len().max(1)) {
        stratum.shuffle(rng);
        stratum.iter().zip(sets).for_each(|(&row, &set)| masks[row] = set);
    }
    masks
}

/// One random set of `number` of the `hideable` features for each of `rows` rows.
pub fn random_masks(hideable: FeatureMask, number: usize, rows: usize, seed: Seed) -> Vec<FeatureMask> {
    let mut rng = seed.rng("hidden features", &[number as u64]);
    (0..rows).map(|_| draw(hideable, number, &mut rng)).collect()
}

/// A random set of `number` of the features.
pub(super) fn draw(hideable: FeatureMask, number: usize, rng: &mut impl RngExt) -> FeatureMask {
    let mut features = hideable.features();
    features.partial_shuffle(rng, number).0.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_providers_leave_out_is_listed() {
        let patterns = listed_patterns(&Feature::ALL);
        assert_eq!(patterns.len(), 16 + 4);
        let spotify = [Feature::ChorusHit, Feature::Sections, Feature::Decade].into_iter().collect();
        assert!(patterns.contains(&spotify));
        assert_eq!(pattern_name(&Feature::ALL, spotify).as_deref(), Some("Spotify's audio features"));
        let key = [Feature::Key].into_iter().collect();
        assert_eq!(pattern_name(&Feature::ALL, key).as_deref(), Some("all but key"));
        assert_eq!(pattern_name(&Feature::ALL, [Feature::Key, Feature::Mode].into_iter().collect()), None);
    }

    #[test]
    fn a_set_leaves_a_feature() {
        assert_eq!(listed_patterns(&[Feature::Energy]), []);
        let two = listed_patterns(&[Feature::Energy, Feature::Decade]);
        assert_eq!(two.iter().map(|mask| mask.features()).collect::<Vec<_>>(), [[Feature::Energy], [Feature::Decade]]);
    }

    #[test]
    fn random_sets_have_the_number_of_features() {
        let hideable: FeatureMask = Feature::ALL[..15].iter().copied().collect();
        let masks = random_masks(hideable, 4, 200, Seed(1));
        assert!(masks.iter().all(|mask| mask.len() == 4 && mask.is_subset(hideable)));
        assert!(masks.iter().collect::<std::collections::HashSet<_>>().len() > 100);
        assert_eq!(masks, random_masks(hideable, 4, 200, Seed(1)));
    }

    /// Strata are ranks 0 to 4, 5 to 9 and 10 to 12.
    #[test]
    fn a_set_is_assigned_once_in_each_stratum() {
        let sets: Vec<FeatureMask> = Feature::ALL[..5].iter().map(|&feature| [feature].into_iter().collect()).collect();
        let ranks: Vec<usize> = (0..13).map(|rank| (rank * 5) % 13).collect();
        let assigned = |seed: u64| one_in_each_stratum(&sets, &ranks, &mut Seed(seed).rng("test", &[]));
        let masks = assigned(1);
        for stratum in ranks.chunks(5) {
            let found: std::collections::HashSet<FeatureMask> = stratum.iter().map(|&row| masks[row]).collect();
            assert!(found.len() == stratum.len() && found.iter().all(|mask| sets.contains(mask)), "{found:?}");
        }
        assert_ne!(masks, assigned(2));
    }
}
