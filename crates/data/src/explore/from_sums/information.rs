//! Mutual information of each feature with the label from counts by bin.

use hitflop_core::track::Feature;
use hitflop_sums::TrackFindings;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{all_binned, binned, known, quantile};
use crate::explore::mutual_information::contingency::Contingency;
use crate::explore::mutual_information::{Estimate, MutualInformation};

/// Most bins of a quantity, of about equal shares of the values.
const BINS: usize = 50;
/// Fewest rows in the mean bin.
const ROWS_PER_BIN: u64 = 50;

/// Counts of categories, as of a table; of quantities, counts by bins of about equal shares, less the bias of such an estimate. What chance
/// gives is known of counts: 2n times the plug-in estimate has a chi-squared distribution.
pub(super) fn of(findings: &TrackFindings) -> MutualInformation {
    MutualInformation {
        neighbours: 0,
        draws: 0,
        permutations: 0,
        bins: Some(BINS),
        sample: None,
        all_continuous: Vec::new(),
        mixed: known(findings).map(|feature| estimate(findings, feature)).collect(),
    }
}

fn estimate(findings: &TrackFindings, feature: Feature) -> Estimate {
    let counts = counts(findings, feature);
    let rows: u64 = counts.iter().flatten().sum();
    let categories = counts.iter().filter(|[flops, hits]| flops + hits > 0).count();
    let contingency = Contingency::from_counts(counts);
    let plug_in = contingency.mutual_information();
    let is_quantity = feature.is_quantity();
    let nats = if is_quantity { contingency.corrected_information() } else { plug_in };
    // Of one category there is no chance either.
    let Ok(chance) = ChiSquared::new(categories.saturating_sub(1) as f64) else {
        return Estimate {
            feature,
            discrete: !is_quantity,
            nats,
            draw_std: 0.0,
            null_mean: 0.0,
            null_q95: 0.0,
            p_value: 1.0,
        };
    };
    let twice = 2.0 * rows as f64;
    let bias = (categories - 1) as f64 / twice;
    let corrected = if is_quantity { bias } else { 0.0 };
    Estimate {
        feature,
        discrete: !is_quantity,
        nats,
        draw_std: 0.0,
        null_mean: bias - corrected,
        null_q95: chance.inverse_cdf(0.95) / twice - corrected,
        p_value: chance.sf(twice * plug_in),
    }
}

/// Flops and hits by category or bin.
fn counts(findings: &TrackFindings, feature: Feature) -> Vec<[u64; 2]> {
    let all = all_binned(findings, feature);
    let ends = if feature.is_quantity() { ends(&all) } else { all.iter().map(|(value, _)| *value).collect() };
    let mut counts = vec![[0, 0]; ends.len() + 1];
    for cell in &findings.cells {
        for (value, count) in binned(cell, feature) {
            counts[ends.partition_point(|end| *end < value)][cell.label as usize] += count;
        }
    }
    counts
}

/// Upper ends of bins of about equal shares, ascending; the last bin has none.
fn ends(all: &[(f64, u64)]) -> Vec<f64> {
    let rows: u64 = all.iter().map(|(_, count)| count).sum();
    let bins = ((rows / ROWS_PER_BIN) as usize).clamp(2, BINS);
    let mut ends: Vec<f64> = (1..bins).map(|bin| quantile(all, bin as f64 / bins as f64)).collect();
    ends.dedup();
    ends
}
