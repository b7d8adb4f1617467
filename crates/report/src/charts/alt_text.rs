//! What the distributions look like, in words, for people who cannot see them.

use super::display::category;
use super::wording::of_label;
use crate::findings::effect_size::{decades, mean_of};
use crate::format::{capitalise, percent, value};
use hitflop_core::track::{Decade, Label};
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_data::explore::summary::{GroupSummary, Summary};

/// A group that is plotted: its name, its means, and which curve is its own.
struct DescribedGroup<'a> {
    name: String,
    group: &'a GroupSummary,
    is_own: &'a dyn Fn(&DensityCurve) -> bool,
}

/// Flops and hits: mean of every feature, or its commonest category.
pub(crate) fn describe_labels(densities: &[FeatureDensity], summary: &Summary) -> String {
    let is_label = Label::BOTH.map(|label| move |curve: &DensityCurve| curve.label == Some(label));
    let described = Label::BOTH.into_iter().zip(&is_label).filter_map(|(label, is_own)| {
        Some(DescribedGroup { name: format!("{label}s"), group: of_label(summary, label)?, is_own })
    });
    let each =
        described.map(|group| describe_group(densities, |density| &density.by_label, &group)).collect::<Vec<_>>();
    describe("label", &each)
}

/// The first and the last decade, or the only one: mean of every feature, or its commonest category.
pub(crate) fn describe_decades(densities: &[FeatureDensity], summary: &Summary) -> String {
    let described: Vec<Decade> = match decades(summary)[..] {
        [first, .., last] => vec![first, last],
        [only] => vec![only],
        [] => Vec::new(),
    };
    let each = described.into_iter().filter_map(|decade| {
        let is_own = |curve: &DensityCurve| curve.decade == Some(decade);
        let group = summary.by_decade.iter().find(|group| group.decade == Some(decade))?;
        Some(describe_group(
            densities,
            |density| &density.by_decade,
            &DescribedGroup { name: decade.to_string(), group, is_own: &is_own },
        ))
    });
    describe("decade", &each.collect::<Vec<_>>())
}

fn describe(by: &str, groups: &[String]) -> String {
    let kind = format!("Small multiples of distributions by {by}");
    match groups.is_empty() {
        true => format!("{kind}."),
        false => format!("{kind}. Means, or most frequent categories: {}.", groups.join(". ")),
    }
}

/// `Flops: danceability 0.49, energy 0.56, key C (12.3 %)`.
fn describe_group<'a>(
    densities: &'a [FeatureDensity],
    curves: impl Fn(&'a FeatureDensity) -> &'a Vec<DensityCurve>,
    group: &DescribedGroup,
) -> String {
    let each = densities.iter().filter_map(|density| {
        let place = match density.view {
            DensityView::Shares => commonest(density, curves(density).iter().find(|curve| (group.is_own)(curve))?)?,
            _ => value(density.feature, mean_of(group.group, density.feature)?.mean),
        };
        Some(format!("{} {place}", density.feature.name()))
    });
    format!("{}: {}", capitalise(&group.name), each.collect::<Vec<_>>().join(", "))
}

/// The category that most tracks of the group have, and how many.
fn commonest(density: &FeatureDensity, curve: &DensityCurve) -> Option<String> {
    let shares = density.grid.iter().zip(&curve.values).filter(|(_, share)| share.is_finite());
    let (which, share) = shares.max_by(|a, b| a.1.total_cmp(b.1))?;
    Some(format!("{} ({})", category(density.feature, *which), percent(*share)))
}
