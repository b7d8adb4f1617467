//! Mutual information of each feature with the label.
//!
//! A continuous feature is estimated from nearest neighbours ([`nearest_neighbour`]: Ross, 2014), exactly as scikit-learn's
//! `mutual_info_classif` does it: scaled by its standard deviation, its ties broken by noise ([`noise`]). A discrete one is counted
//! ([`contingency`]). Shuffled labels ([`null`]) say what either gives by chance.
//!
//! **Ties.** Most features are given to three digits, so most rows are tied, and the order that the noise gives them moves an
//! estimate by up to 0.003 nats. An estimate is therefore the mean over several draws.
//!
//! **Clipping.** Mutual information is never below 0, but its estimate can be. Each draw is clipped at 0, as scikit-learn does
//! it, and then averaged; each permutation is clipped likewise. So the mean of a feature that tells nothing is a little above 0,
//! and so is the mean of its null.
//!
//! **The null.** Each permutation is estimated from one draw of the noise, while the estimate averages several. The null
//! is thereby wider than the estimate's own, and a feature that stands out of it does so all the more.

use std::num::NonZeroUsize;

use rand::Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::explore::columns::Columns;
use crate::seed::Seed;
use crate::track::{Feature, Kind, Label};

use contingency::Contingency;
use digamma::Digamma;
use nearest_neighbour::{ross, Ordered, Workspace};
use noise::Scaled;
use null::{Null, Shuffles};

pub mod contingency;
pub mod digamma;
pub mod nearest_neighbour;
pub mod noise;
pub mod null;
mod order_key;

/// How the estimates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Nearest neighbours asked for (k). Few give a small bias, many a small variance. Default: 3.
    pub neighbours: NonZeroUsize,
    /// Draws of the tie-breaking noise that each estimate averages. Default: 10.
    pub draws: NonZeroUsize,
    /// Permutations of the label behind each null. Default: 30.
    pub permutations: NonZeroUsize,
    /// Seed of the noise and of the permutations.
    pub seed: Seed,
}

impl Settings {
    // Evaluated by the compiler, which would not go on with a zero.
    const NEIGHBOURS: NonZeroUsize = NonZeroUsize::new(3).unwrap();
    const DRAWS: NonZeroUsize = NonZeroUsize::new(10).unwrap();
    const PERMUTATIONS: NonZeroUsize = NonZeroUsize::new(30).unwrap();
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
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
    /// Whether the feature tells more of the label than 95 % of the permutations do.
    pub fn is_informative(&self) -> bool {
        self.nats > self.null_q95
    }
}

/// Mutual information of all features, in two variants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutualInformation {
    /// Nearest neighbours asked for (k).
    pub neighbours: usize,
    /// Draws of the tie-breaking noise that each estimate averages.
    pub draws: usize,
    /// Permutations of the label behind each null.
    pub permutations: usize,
    /// Every feature taken as continuous, in the order of [`Feature::ALL`].
    pub all_continuous: Vec<Estimate>,
    /// The features of kind category taken as discrete, the others as continuous, in the order of [`Feature::ALL`].
    pub mixed: Vec<Estimate>,
}

/// Mutual information in nats of one continuous column with the label, from one draw of the noise: scikit-learn's
/// `mutual_info_classif` for one feature. 0 if there are no rows, or no two rows of one label.
///
/// ```
/// use std::num::NonZeroUsize;
/// use hitflop::explore::mutual_information::nearest_neighbour_estimate;
/// use hitflop::{seed::Seed, track::Label};
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
    let mut ordered = Ordered::default();
    scaled.draw(rng, &mut ordered);
    let digamma = Digamma::up_to(ordered.len());
    ross(&ordered, ordered.ranks(), neighbours.get(), &digamma, &mut Workspace::default()).max(0.0)
}

/// Mutual information of every feature with the label, in both variants, each with its null.
///
/// Runs on rayon's threads; the result is the same on any number of them, and for any order of the rows. A feature that is
/// continuous in both variants is estimated once.
pub fn mutual_information(columns: &Columns, settings: &Settings) -> MutualInformation {
    let shuffles = Shuffles::new(&columns.labels, settings);
    let all_continuous = continuous(columns, &shuffles, settings);
    let mixed = all_continuous.iter().map(|estimate| match estimate.feature.info().kind {
        Kind::Category => discrete(columns, estimate.feature, &shuffles),
        Kind::Continuous | Kind::Count => *estimate,
    });
    MutualInformation {
        neighbours: settings.neighbours.get(),
        draws: settings.draws.get(),
        permutations: settings.permutations.get(),
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
fn continuous(columns: &Columns, shuffles: &Shuffles, settings: &Settings) -> Vec<Estimate> {
    let digamma = Digamma::up_to(columns.rows());
    let scaled: Vec<Scaled> = Feature::ALL
        .par_iter()
        .map(|&feature| Scaled::new(columns.column(feature), &columns.labels))
        .collect();
    let shuffled: Vec<_> = scaled.iter().map(|scaled| shuffles.with_counts(scaled.counts())).collect();

    let draws = settings.draws.get();
    let estimates: Vec<DrawEstimates> = (0..scaled.len() * draws)
        .into_par_iter()
        .map_init(Default::default, |(ordered, workspace): &mut (Ordered, Workspace), task| {
            let (index, draw) = (task / draws, task % draws);
            let mut rng = settings.seed.rng("mutual information noise", &[index as u64, draw as u64]);
            scaled[index].draw(&mut rng, ordered);
            let mut estimate =
                |ranks| ross(ordered, ranks, settings.neighbours.get(), &digamma, workspace).max(0.0);
            DrawEstimates {
                nats: estimate(ordered.ranks()),
                null: shuffled[index].iter().skip(draw).step_by(draws).map(|shuffle| estimate(shuffle.ranks())).collect(),
            }
        })
        .collect();
    Feature::ALL.into_iter().zip(estimates.chunks(draws)).map(|(feature, draws)| averaged(feature, draws)).collect()
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
