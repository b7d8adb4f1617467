//! Which two features together have the most mutual information with the label, and how hits and flops are spread over both.
//!
//! Each quantity is cut into bins of about equal shares, so that a pair is a category: the joint mutual information of the pair with the
//! label is counted ([`Contingency`]). A plug-in estimate is too great by about the number of cells over twice that of the rows; the
//! correction of Miller (*Note on the bias of information estimates*, 1955) subtracts that. Categories are left out, since their order
//! means nothing in a picture, and the decade is, since there are charts by decade.

use rayon::prelude::*;
use serde::Serialize;

use super::bins::FeatureBins;
use crate::explore::columns::{constant, Columns};
use crate::explore::density::DensityView;
use crate::explore::mutual_information::contingency::Contingency;
use hitflop_core::track::{Feature, Label};
use hitflop_metrics::quantile::bin_ends;

/// Pairs of which the density is given.
pub const SHOWN_PAIRS: usize = 6;
/// Most bins of a quantity for the mutual information.
const MAX_BINS: usize = 10;
/// Fewest rows in the mean cell of two quantities.
const ROWS_PER_CELL: f64 = 50.0;
/// Fewest rows of each label with both values.
const MIN_LABEL_ROWS: u64 = 50;
/// Most bins of a density along a quantity.
const MAX_DENSITY_BINS: usize = 20;
/// Fewest.
const MIN_DENSITY_BINS: usize = 6;
/// Fewest rows of the rarer label in the mean cell of a density.
const ROWS_PER_DENSITY_CELL: f64 = 8.0;
/// The code of a missing value.
const MISSING: u8 = u8::MAX;

/// Mutual information of two features with the label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PairInformation {
    /// The two features, in the order of [`Feature::ALL`].
    pub features: [Feature; 2],
    /// Rows with a value of both.
    pub rows: u64,
    /// Mutual information of both together with the label, in nats, corrected for bias; never below 0.
    pub nats: f64,
    /// The same as a share of the entropy of the label in these rows.
    pub share_of_entropy: f64,
    /// Mutual information of each alone, in the same rows and bins.
    pub alone: [f64; 2],
    /// What both together have beyond the more informative of the two.
    pub gain: f64,
}

/// How the tracks of each label are spread over two features.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairDensity {
    /// The two features.
    pub features: [Feature; 2],
    /// Bins of each along its axis.
    pub bins: [FeatureBins; 2],
    /// Flops with a value of both.
    pub flops: u64,
    /// Hits with a value of both.
    pub hits: u64,
    /// Flops in each cell: of the first bin of the first feature, by bin of the second; then of its second bin, and so on.
    pub flops_by_cell: Vec<u64>,
    /// Hits in each cell.
    pub hits_by_cell: Vec<u64>,
}

/// The pairs of quantities.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FeaturePairs {
    /// Requested bins of a quantity.
    pub bins: usize,
    /// All pairs, the greatest mutual information first; of equal ones, in the order of [`Feature::ALL`].
    pub ranked: Vec<PairInformation>,
    /// The first of them, [`SHOWN_PAIRS`] at most.
    pub densities: Vec<PairDensity>,
}

/// A quantity cut into bins.
struct BinnedFeature {
    feature: Feature,
    /// The bin of each row, or [`MISSING`].
    codes: Vec<u8>,
    bins: usize,
}

/// A feature, the axis of its density and its values in ascending order.
pub(super) struct SortedFeature {
    pub(super) feature: Feature,
    pub(super) view: Option<DensityView>,
    pub(super) sorted: Vec<f64>,
}

/// The pairs of the quantities that vary, of which there are enough rows of each label with both values.
pub(super) fn pairs(columns: &Columns, features: &[SortedFeature]) -> FeaturePairs {
    let bins = ((columns.rows() as f64 / ROWS_PER_CELL).sqrt() as usize).clamp(2, MAX_BINS);
    let varies = |one: &&SortedFeature| one.feature.is_quantity() && constant(&one.sorted).is_none();
    let quantities: Vec<&SortedFeature> = features.iter().filter(varies).collect();
    let binned: Vec<BinnedFeature> = quantities.par_iter().map(|one| BinnedFeature::of(one, columns, bins)).collect();
    let places: Vec<(usize, usize)> =
        (0..binned.len()).flat_map(|a| (a + 1..binned.len()).map(move |b| (a, b))).collect();
    let measure = |&(a, b): &(usize, usize)| Some(((a, b), information([&binned[a], &binned[b]], &columns.labels)?));
    let mut ranked: Vec<((usize, usize), PairInformation)> = places.par_iter().filter_map(measure).collect();
    ranked.sort_by(|(_, a), (_, b)| b.nats.total_cmp(&a.nats));
    let shown = ranked.iter().take(SHOWN_PAIRS).filter(|(_, pair)| pair.nats > 0.0);
    let densities = shown.map(|&((a, b), _)| density([quantities[a], quantities[b]], columns)).collect();
    FeaturePairs { bins, ranked: ranked.into_iter().map(|(_, pair)| pair).collect(), densities }
}

impl BinnedFeature {
    fn of(one: &SortedFeature, columns: &Columns, bins: usize) -> BinnedFeature {
        let ends = bin_ends(&one.sorted, bins);
        let code = |value: &f64| match value.is_finite() {
            false => MISSING,
            // There are at most ten bins.
            true => ends.partition_point(|end| end < value) as u8,
        };
        let codes = columns.column(one.feature).iter().map(code).collect();
        BinnedFeature { feature: one.feature, codes, bins: ends.len() + 1 }
    }
}

fn information([a, b]: [&BinnedFeature; 2], labels: &[Label]) -> Option<PairInformation> {
    let mut cells = vec![[0u64; 2]; a.bins * b.bins];
    for ((x, y), label) in a.codes.iter().zip(&b.codes).zip(labels) {
        if *x != MISSING && *y != MISSING {
            cells[usize::from(*x) * b.bins + usize::from(*y)][*label as usize] += 1;
        }
    }
    let sum = |sum: [u64; 2], cell: &[u64; 2]| [sum[0] + cell[0], sum[1] + cell[1]];
    let rows = cells.iter().fold([0, 0], sum);
    if rows.iter().any(|rows| *rows < MIN_LABEL_ROWS) {
        return None;
    }
    let of_a = cells.chunks(b.bins).map(|cells| cells.iter().fold([0, 0], sum)).collect();
    let of_b = (0..b.bins).map(|bin| cells.iter().skip(bin).step_by(b.bins).fold([0, 0], sum)).collect();
    let nats = |cells: Vec<[u64; 2]>| Contingency::from_counts(cells).corrected_information();
    let (both, alone) = (nats(cells), [nats(of_a), nats(of_b)]);
    let rows = rows.map(|rows| rows as f64);
    let all = rows[0] + rows[1];
    let entropy: f64 = rows.iter().map(|rows| -rows / all * (rows / all).ln()).sum();
    Some(PairInformation {
        features: [a.feature, b.feature],
        rows: all as u64,
        nats: both,
        share_of_entropy: both / entropy,
        alone,
        gain: both - alone[0].max(alone[1]),
    })
}

fn density(pair: [&SortedFeature; 2], columns: &Columns) -> PairDensity {
    let values = pair.map(|one| columns.column(one.feature));
    let known =
        || values[0].iter().zip(values[1]).zip(&columns.labels).filter(|((x, y), _)| x.is_finite() && y.is_finite());
    let hits = known().filter(|(_, label)| **label == Label::Hit).count() as u64;
    let flops = known().count() as u64 - hits;
    let most = (hits.min(flops) as f64 / ROWS_PER_DENSITY_CELL).sqrt() as usize;
    let most = most.clamp(MIN_DENSITY_BINS, MAX_DENSITY_BINS);
    let bins = pair.map(|one| FeatureBins::of(one.feature, one.view, &one.sorted, most));
    let mut cells = [vec![0; bins[0].len() * bins[1].len()], vec![0; bins[0].len() * bins[1].len()]];
    for ((x, y), label) in known() {
        if let (Some(x), Some(y)) = (bins[0].place(*x), bins[1].place(*y)) {
            cells[*label as usize][x * bins[1].len() + y] += 1;
        }
    }
    let [flops_by_cell, hits_by_cell] = cells;
    PairDensity { features: pair.map(|one| one.feature), bins, flops, hits, flops_by_cell, hits_by_cell }
}
