//! Mutual information of each feature with the label.
//!
//! A continuous feature is estimated from nearest neighbours (B. C. Ross, "Mutual Information between Discrete and Continuous Data
//! Sets", PLoS ONE 9(2), 2014), exactly as scikit-learn's `mutual_info_classif` does it: scaled by its standard deviation, its ties
//! broken by noise. A discrete one is counted ([`contingency`]). Shuffled labels say what either gives by chance.
//!
//! **Ties.** Most features are given to three digits, so most rows are tied, and the order that the noise gives them moves an
//! estimate by up to 0.003 nats. An estimate is therefore the mean over several draws.
//!
//! **Clipping.** Mutual information is never below 0, but its estimate can be. Each draw is clipped at 0, as scikit-learn does
//! it, and then averaged; each permutation is clipped likewise. So the mean of an uninformative feature is a little above 0,
//! and so is the mean of its null.
//!
//! **Constants.** What never varies has no information: a column of one value has an estimate of 0 in every draw and permutation.
//! (scikit-learn's estimate is that of the noise alone.)
//!
//! **Missing values.** A feature is estimated on the rows that have a value of it. A feature without any value has no estimate.
//!
//! **The null.** Each permutation is estimated from one draw of the noise, while the estimate averages several. The null
//! is thereby wider than the estimate's own, and a feature outside of it differs from chance all the more.

use std::num::NonZeroUsize;

use rand::Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::explore::columns::Columns;
use hitflop_core::seed::Seed;
use hitflop_core::track::{Feature, FeatureKind, Label};
use hitflop_metrics::split::SampleSize;

use contingency::Contingency;
use digamma::Digamma;
use nearest_neighbour::{ross, EstimatorWorkspace, Ordered};
use noise::Scaled;
use null::{Null, Shuffles};

pub mod contingency;
mod digamma;
mod nearest_neighbour;
mod noise;
mod null;
mod order_key;

/// How the estimates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MutualInformationSettings {
    /// Requested number of nearest neighbours (k). Few give a small bias, many a small variance. Default: 3.
    pub neighbours: NonZeroUsize,
    /// Draws of the tie-breaking noise that each estimate averages. Default: 10.
    pub draws: NonZeroUsize,
    /// Permutations of the label behind each null. Default: 30.
    pub permutations: NonZeroUsize,
    /// Seed of the noise and of the permutations.
    pub seed: Seed,
}

impl MutualInformationSettings {
    // Evaluated by the compiler, which would not go on with a zero.
    const NEIGHBOURS: NonZeroUsize = NonZeroUsize::new(3).unwrap();
    const DRAWS: NonZeroUsize = NonZeroUsize::new(10).unwrap();
    const PERMUTATIONS: NonZeroUsize = NonZeroUsize::new(30).unwrap();
}

impl Default for MutualInformationSettings {
    fn default() -> MutualInformationSettings {
        MutualInformationSettings {
            neighbours: Self::NEIGHBOURS,
            draws: Self::DRAWS,
            permutations: Self::PERMUTATIONS,
            seed: Seed::default(),
        }
    }
}

/// Mutual information of one feature with the label, and what chance alone would give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Which feature.
    pub feature: Feature,
    /// Whether it was taken as discrete (counted) rather than continuous (nearest neighbours).
    pub discrete: bool,
    /// Mean over the draws of the tie-breaking noise, in nats, never below 0.
    pub nats: f64,
    /// Standard deviation over the draws (n - 1 in the denominator), in nats; 0 for a discrete feature.
    pub draw_std: f64,
    /// Mean under permuted labels, in nats.
    pub null_mean: f64,
    /// 95th percentile under permuted labels, in nats.
    pub null_q95: f64,
    /// Share of permutations that reach `nats`, itself counted: (1 + reached) / (1 + permutations).
    pub p_value: f64,
}

impl Estimate {
    /// Whether the mutual information with the label is above chance: a p-value of at most 0.05, which takes at least
    /// nineteen permutations to reach.
    pub fn is_informative(&self) -> bool {
        self.p_value <= 0.05
    }
}

/// Mutual information of all features, in two variants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutualInformation {
    /// Requested number of nearest neighbours (k).
    pub neighbours: usize,
    /// Draws of the tie-breaking noise that each estimate averages.
    pub draws: usize,
    /// Permutations of the label behind each null.
    pub permutations: usize,
    /// Most bins of a quantity, if mutual information was counted by bins instead, and chance by the chi-squared distribution. There are
    /// no neighbours, draws and permutations then, and no feature is taken as continuous.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<usize>,
    /// Size of the sample of the tracks that it was estimated on; absent if it was all tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
    /// Every feature of which a track has a value taken as continuous, in the order of [`Feature::ALL`].
    pub all_continuous: Vec<Estimate>,
    /// The features of kind category taken as discrete, the others as continuous, in the order of [`Feature::ALL`].
    pub mixed: Vec<Estimate>,
}

/// Mutual information in nats of one continuous column with the label, from one draw of the noise: scikit-learn's
/// `mutual_info_classif` for one feature. 0 if there are no rows, or no two rows of one label, or if all values are equal.
///
/// ```
/// use std::num::NonZeroUsize;
/// use hitflop_data::explore::mutual_information::nearest_neighbour_estimate;
/// use hitflop_core::{seed::Seed, track::Label};
///
/// let values: Vec<f64> = (0..1000).map(f64::from).collect();
/// let labels: Vec<Label> = (0..1000).map(|row| if row < 500 { Label::Flop } else { Label::Hit }).collect();
/// let three = NonZeroUsize::new(3).expect("above 0");
/// let nats = nearest_neighbour_estimate(&values, &labels, three, &mut Seed(42).rng("example", &[]));
/// assert!((nats - 2_f64.ln()).abs() < 0.01);
/// ```
pub fn nearest_neighbour_estimate(
    values: &[f64],
    labels: &[Label],
    neighbours: NonZeroUsize,
    rng: &mut impl Rng,
) -> f64 {
    let scaled = Scaled::new(values, labels);
    if scaled.is_constant() {
        return 0.0;
    }
    let mut ordered = Ordered::default();
    scaled.draw(rng, &mut ordered);
    let digamma = Digamma::up_to(ordered.points().len());
    ross(&ordered, ordered.ranks(), neighbours.get(), &digamma, &mut EstimatorWorkspace::default()).max(0.0)
}

/// Mutual information of every feature with the label, in both variants, each with its null.
///
/// Runs on rayon's threads; the result is the same on any number of them, and for any order of the rows. A feature that is
/// continuous in both variants is estimated once.
pub fn mutual_information(columns: &Columns, settings: &MutualInformationSettings) -> MutualInformation {
    let shuffles = Shuffles::new(&columns.labels, settings);
    let all_continuous = continuous(columns, &shuffles, settings);
    let mixed = all_continuous.iter().map(|estimate| match estimate.feature.info().kind {
        FeatureKind::Category => discrete(columns, estimate.feature, &shuffles),
        FeatureKind::Continuous | FeatureKind::Count => *estimate,
    });
    MutualInformation {
        neighbours: settings.neighbours.get(),
        draws: settings.draws.get(),
        permutations: settings.permutations.get(),
        bins: None,
        sample: None,
        mixed: mixed.collect(),
        all_continuous,
    }
}

/// One draw of a feature's noise: the estimate, and those under the permutations that fall to this draw.
struct DrawEstimates {
    nats: f64,
    null: Vec<f64>,
}

/// The features as continuous ones. The work is cut into one task a feature and draw.
fn continuous(columns: &Columns, shuffles: &Shuffles, settings: &MutualInformationSettings) -> Vec<Estimate> {
    let digamma = Digamma::up_to(columns.rows());
    let features = columns.known_features();
    let scaled: Vec<Scaled> =
        features.par_iter().map(|&feature| Scaled::new(columns.column(feature), &columns.labels)).collect();
    let shuffled: Vec<_> = scaled.iter().map(|scaled| shuffles.with_counts(scaled.counts())).collect();

    let draws = settings.draws.get();
    let estimates: Vec<DrawEstimates> = (0..scaled.len() * draws)
        .into_par_iter()
        .map_init(Default::default, |(ordered, workspace): &mut (Ordered, EstimatorWorkspace), task| {
            let (index, draw) = (task / draws, task % draws);
            if scaled[index].is_constant() {
                let permutations = shuffled[index].iter().skip(draw).step_by(draws);
                return DrawEstimates { nats: 0.0, null: permutations.map(|_| 0.0).collect() };
            }
            let mut rng = settings.seed.rng("mutual information noise", &[features[index] as u64, draw as u64]);
            scaled[index].draw(&mut rng, ordered);
            let mut estimate = |ranks| ross(ordered, ranks, settings.neighbours.get(), &digamma, workspace).max(0.0);
            DrawEstimates {
                nats: estimate(ordered.ranks()),
                null: shuffled[index]
                    .iter()
                    .skip(draw)
                    .step_by(draws)
                    .map(|shuffle| estimate(shuffle.ranks()))
                    .collect(),
            }
        })
        .collect();
    features.iter().zip(estimates.chunks(draws)).map(|(&feature, draws)| averaged(feature, draws)).collect()
}

/// One feature's estimate from its draws.
fn averaged(feature: Feature, draws: &[DrawEstimates]) -> Estimate {
    let count = draws.len() as f64;
    let nats = draws.iter().map(|draw| draw.nats).sum::<f64>() / count;
    let squares: f64 = draws.iter().map(|draw| (draw.nats - nats).powi(2)).sum();
    let draw_std = (squares / (count - 1.0).max(1.0)).sqrt();
    let null = Null::new(draws.iter().flat_map(|draw| draw.null.iter().copied()).collect());
    estimate(feature, false, nats, draw_std, &null)
}

/// A feature as a discrete one.
fn discrete(columns: &Columns, feature: Feature, shuffles: &Shuffles) -> Estimate {
    let table = Contingency::new(columns.column(feature), &columns.labels);
    let shuffled = shuffles.with_counts(table.label_counts());
    let null = shuffled.iter().map(|shuffle| table.relabelled(shuffle.ranks()[1]).mutual_information()).collect();
    estimate(feature, true, table.mutual_information(), 0.0, &Null::new(null))
}

fn estimate(feature: Feature, discrete: bool, nats: f64, draw_std: f64, null: &Null) -> Estimate {
    Estimate {
        feature,
        discrete,
        nats,
        draw_std,
        null_mean: null.mean(),
        null_q95: null.q95(),
        p_value: null.p_value(nats),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use hitflop_core::track::Decade;

    const TESTED: MutualInformationSettings = MutualInformationSettings {
        neighbours: MutualInformationSettings::NEIGHBOURS,
        draws: NonZeroUsize::new(2).unwrap(),
        permutations: NonZeroUsize::new(20).unwrap(),
        seed: Seed(7),
    };

    /// Danceability is informative of the label, mode equals it, the others are random: decimals, or whole numbers for categories.
    fn columns(rows: usize, seed: u64) -> Columns {
        let mut rng = Seed(seed).rng("columns", &[]);
        let labels: Vec<Label> = (0..rows).map(|_| Label::BOTH[rng.random_range(0..2)]).collect();
        let features = Feature::ALL.map(|feature| {
            let value = |label: &Label| match (feature, feature.info().kind) {
                (Feature::Danceability, _) => rng.random_range(0.0..1.0) + f64::from(*label as u8),
                (Feature::Mode, _) => f64::from(*label as u8),
                (_, FeatureKind::Category) => f64::from(rng.random_range(0..6)),
                (_, FeatureKind::Continuous | FeatureKind::Count) => f64::from(rng.random_range(0..2000)) / 1000.0,
            };
            labels.iter().map(value).collect()
        });
        let decades = vec![Decade::from_year(1960); rows];
        Columns { features: features.into(), decades, labels }
    }

    fn reordered(columns: &Columns) -> Columns {
        let reversed = |values: &Vec<f64>| values.iter().rev().copied().collect();
        Columns {
            features: columns.features.iter().map(reversed).collect(),
            decades: columns.decades.clone(),
            labels: columns.labels.iter().rev().copied().collect(),
        }
    }

    #[test]
    fn informative_features_are_found_and_others_are_not() {
        let found = mutual_information(&columns(2_000, 1), &TESTED);
        for estimate in found.all_continuous.iter().chain(&found.mixed) {
            let informative = matches!(estimate.feature, Feature::Danceability | Feature::Mode);
            if informative {
                // Two labels of equal frequency that a feature separates completely share ln 2 nats.
                assert!((estimate.nats - 2_f64.ln()).abs() < 0.02, "{estimate:?}");
                assert!(estimate.is_informative() && estimate.p_value < 0.05, "{estimate:?}");
            } else {
                assert!(estimate.nats < 0.03, "{estimate:?}");
            }
            assert!(!estimate.discrete || estimate.draw_std == 0.0, "{estimate:?}");
        }
        assert_eq!(found.all_continuous.iter().filter(|estimate| estimate.discrete).count(), 0);
        let counted: Vec<Feature> =
            found.mixed.iter().filter(|estimate| estimate.discrete).map(|estimate| estimate.feature).collect();
        // Ties make an estimate depend on the draw.
        assert!(found.all_continuous.iter().filter(|estimate| estimate.draw_std > 0.0).count() > 5);
        assert_eq!(counted, [Feature::Key, Feature::Mode, Feature::TimeSignature, Feature::Decade]);
    }

    #[test]
    fn threads_and_the_order_of_rows_change_nothing() {
        let columns = columns(500, 2);
        let with_threads = |threads: usize, columns: &Columns| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
            pool.install(|| mutual_information(columns, &TESTED))
        };
        let one = with_threads(1, &columns);
        assert_eq!(one, with_threads(5, &columns));
        assert_eq!(one, with_threads(2, &reordered(&columns)));
    }

    #[test]
    fn another_seed_gives_other_draws() {
        let columns = columns(500, 3);
        let other = MutualInformationSettings { seed: Seed(8), ..TESTED };
        assert_ne!(mutual_information(&columns, &TESTED), mutual_information(&columns, &other));
    }

    #[test]
    fn degenerate_tables_give_finite_estimates() {
        for rows in [0, 1, 2, 3, 7] {
            for value in [0.0, -1e300, f64::MAX, f64::NAN] {
                let mut columns = columns(rows, 4);
                columns.features[1] = vec![value; rows];
                let found = mutual_information(&columns, &TESTED);
                for estimate in found.all_continuous.iter().chain(&found.mixed) {
                    let figures = [estimate.nats, estimate.draw_std, estimate.null_mean, estimate.null_q95];
                    assert!(
                        figures.into_iter().all(|figure| figure.is_finite() && figure >= 0.0),
                        "{rows} {value}: {estimate:?}"
                    );
                }
            }
        }
    }

    /// Noise alone would give up to some hundredths of a nat.
    #[test]
    fn a_constant_has_no_information() {
        for rows in [2, 40, 900] {
            let mut columns = columns(rows, 9);
            for (feature, value) in [(Feature::Energy, 0.5), (Feature::Key, 5.0)] {
                columns.features[feature as usize] = vec![value; rows];
                columns.features[feature as usize][rows / 2] = f64::NAN;
            }
            let found = mutual_information(&columns, &TESTED);
            let all = found.all_continuous.iter().chain(&found.mixed);
            for estimate in all.filter(|estimate| matches!(estimate.feature, Feature::Energy | Feature::Key)) {
                assert_eq!(
                    (estimate.nats, estimate.draw_std, estimate.null_q95, estimate.p_value),
                    (0.0, 0.0, 0.0, 1.0)
                );
            }
            let three = MutualInformationSettings::NEIGHBOURS;
            let values = &columns.features[Feature::Energy as usize];
            assert_eq!(nearest_neighbour_estimate(values, &columns.labels, three, &mut Seed(3).rng("test", &[])), 0.0);
        }
    }

    #[test]
    fn a_feature_without_values_has_no_estimate() {
        let mut columns = columns(60, 6);
        let complete = mutual_information(&columns, &TESTED);
        columns.features[Feature::Energy as usize] = vec![f64::NAN; 60];
        let found = mutual_information(&columns, &TESTED);
        let others = |estimates: &[Estimate]| -> Vec<Estimate> {
            estimates.iter().copied().filter(|estimate| estimate.feature != Feature::Energy).collect()
        };
        assert_eq!(found.all_continuous, others(&complete.all_continuous));
        assert_eq!(found.mixed, others(&complete.mixed));
    }

    #[test]
    fn a_feature_with_missing_values_is_estimated_from_the_others() {
        let mut columns = columns(2_000, 5);
        columns.features[0].iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
        let found = mutual_information(&columns, &TESTED).all_continuous[0];
        assert!((found.nats - 2_f64.ln()).abs() < 0.02 && found.is_informative(), "{found:?}");
    }

    proptest! {
        #[test]
        fn an_estimate_is_never_negative_and_never_above_what_a_label_holds(
            rows in prop::collection::vec((-5..5_i32, 0..2_i32), 0..200), seed: u64,
        ) {
            let values: Vec<f64> = rows.iter().map(|(value, _)| f64::from(*value)).collect();
            let labels: Vec<Label> = rows.iter().filter_map(|(_, target)| Label::from_target(*target)).collect();
            let nats = nearest_neighbour_estimate(&values, &labels, MutualInformationSettings::NEIGHBOURS, &mut Seed(seed).rng("test", &[]));
            // The estimator may overshoot the entropy of the label by its own error.
            prop_assert!((0.0..2.0 * 2_f64.ln()).contains(&nats), "{nats}");
        }

        /// The scale goes out when the column is divided by its standard deviation; what rounding leaves is far below the distances
        /// between distinct values, and ties are broken by the same noise up to its own scale.
        #[test]
        fn the_unit_of_a_feature_does_not_matter(seed: u64, power in -3..4_i32) {
            let columns = columns(300, seed);
            let unit = 2_f64.powi(power);
            let scaled: Vec<f64> = columns.column(Feature::Energy).iter().map(|value| value * unit).collect();
            let estimate = |values: &[f64]| {
                nearest_neighbour_estimate(values, &columns.labels, MutualInformationSettings::NEIGHBOURS, &mut Seed(seed).rng("test", &[]))
            };
            prop_assert_eq!(estimate(columns.column(Feature::Energy)), estimate(&scaled));
        }
    }
}
