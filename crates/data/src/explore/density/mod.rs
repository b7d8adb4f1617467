//! Kernel densities and category shares of each feature, by label and by decade.
//!
//! [`gaussian_kde`] is the plain estimate, SciPy's. The curves for charts ([`densities`]) differ from it where it would mislead: a
//! quantity between 0 and 1 has its density corrected at the bounds, a few outliers do not take most of an axis ([`DensityView`] has
//! the rules), and categories have shares instead of a density.

use rayon::prelude::*;
use serde::Serialize;

use crate::explore::columns::Columns;
use hitflop_core::track::{Decade, Feature, FeatureKind, Label};

pub use kernel::{gaussian_kde, scott_bandwidth, Density};

mod gauss_transform;
mod kernel;
mod plan;
mod shares;

use plan::DensityPlan;

/// How a feature's distribution is looked at in a chart.
///
/// The rules read the kind and range of the feature and the values of all tracks:
///
/// 1. A category has shares.
/// 2. A feature documented to lie between 0 and 1, of which all values do, has that for its axis, and its density is corrected by
///    reflection at both ends. Any other has an axis from the 0.5 % to the 99.5 % quantile; the density itself is that of all values.
/// 3. If half of the tracks would stand in the first tenth of that axis, and no value is below 0, it is logarithmic.
/// 4. A count on a linear axis has a bandwidth of at least 0.7, so that its curve does not rise at every whole number.
/// 5. If at least 2 % of the values of a real number without values below 0 are exactly 0, these are no part of the curve: a group has
///    its share of zeros and, for the other values, a density with the rest of the area. The rules above read the other values alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DensityView {
    /// Density over the value, the axis running from `low` to `high`.
    Linear {
        /// Left end.
        low: f64,
        /// Right end.
        high: f64,
        /// Quantile of all values that `high` is, if the tails were cut; `low` is the quantile at one minus that.
        cut: Option<f64>,
        /// Whether the density was corrected by reflection at the bounds 0 and 1.
        reflected: bool,
    },
    /// Density over the decimal logarithm of the value, in one over a power of ten; grid and ends are values, not logarithms.
    /// A value of 0 that rule 5 leaves in the curve is plotted at the least value above 0 of any track, as a value too small to
    /// distinguish from 0. If the feature lies between 0 and 1, the density is corrected by reflection at both ends.
    Log {
        /// Left end, above 0.
        low: f64,
        /// Right end.
        high: f64,
    },
    /// Share of tracks in each category; the grid holds the categories.
    Shares,
}

/// The distribution of one group of tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DensityCurve {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// Kernel bandwidth (standard deviation of the Gaussian) by Scott's rule, on the scale that the density is over, but see rule 4
    /// of [`DensityView`]; 0 for shares, and for a group whose values have no spread, the density of which is given as 0.
    pub bandwidth: f64,
    /// Share of the tracks with a value of exactly 0, where rule 5 of [`DensityView`] sets them apart from the density.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero_share: Option<f64>,
    /// Density, or share, at each point of the grid. The area below a density is 1, less the share of zeros that is set apart.
    pub values: Vec<f64>,
}

/// One feature's distributions on one grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureDensity {
    /// Which feature; never the decade.
    pub feature: Feature,
    /// How it is looked at.
    pub view: DensityView,
    /// Points at which the curves are given, ascending: 200 evenly spaced on the axis, or the categories.
    pub grid: Vec<f64>,
    /// Flops, then hits.
    pub by_label: Vec<DensityCurve>,
    /// One curve a decade, in order; none where no decade is known.
    pub by_decade: Vec<DensityCurve>,
}

/// Distributions of the audio features ([`Feature::AUDIO`]) of which a track has a value, in their order, by label and by decade.
///
/// Runs on rayon's threads; the result is the same on any number of them. Values that are not finite are left out, and tracks without a
/// decade are in no curve of a decade.
pub fn densities(columns: &Columns) -> Vec<FeatureDensity> {
    let groups = DensityGroups::new(columns);
    let features: Vec<Feature> =
        columns.known_features().into_iter().filter(|feature| *feature != Feature::Decade).collect();
    features.par_iter().map(|&feature| density(feature, columns.column(feature), &groups)).collect()
}

fn density(feature: Feature, values: &[f64], groups: &DensityGroups) -> FeatureDensity {
    if feature.info().kind == FeatureKind::Category {
        let categories = shares::categories(values);
        let (by_label, by_decade) = groups.curves(values, |group| shares::distribution(&group, &categories));
        return FeatureDensity { feature, view: DensityView::Shares, grid: categories, by_label, by_decade };
    }
    let plan = DensityPlan::new(feature, values);
    let scaled: Vec<f64> = values.iter().map(|&value| plan.scale(value)).collect();
    let (by_label, by_decade) = groups.curves(&scaled, |group| plan.distribution(&group));
    FeatureDensity { feature, view: plan.view(), grid: plan.grid(), by_label, by_decade }
}

/// The distribution of a feature in two tables, on one grid that is chosen by the values of both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverlaidDensity {
    /// Which feature.
    pub feature: Feature,
    /// How it is looked at.
    pub view: DensityView,
    /// Points at which the curves are given, as of [`FeatureDensity`].
    pub grid: Vec<f64>,
    /// Of the first and of the second table.
    pub curves: [DensityCurve; 2],
}

/// The distributions of a feature in two tables. Values that are not finite are left out.
pub fn overlaid(feature: Feature, tables: [&[f64]; 2]) -> OverlaidDensity {
    let both = tables.concat();
    let curve = |group: GroupDistribution| group.curve(None, None);
    if feature.info().kind == FeatureKind::Category {
        let grid = shares::categories(&both);
        let shares = |values: &[f64]| curve(shares::distribution(values, &grid));
        return OverlaidDensity { feature, view: DensityView::Shares, curves: tables.map(shares), grid };
    }
    let plan = DensityPlan::new(feature, &both);
    let density = |values: &[f64]| {
        let scaled: Vec<f64> = values.iter().map(|&value| plan.scale(value)).collect();
        curve(plan.distribution(&scaled))
    };
    OverlaidDensity { feature, view: plan.view(), grid: plan.grid(), curves: tables.map(density) }
}

/// The distribution of some values, whoever has them.
struct GroupDistribution {
    zero_share: Option<f64>,
    density: Density,
}

impl GroupDistribution {
    /// The distribution as that of this group.
    fn curve(self, decade: Option<Decade>, label: Option<Label>) -> DensityCurve {
        let Density { bandwidth, values } = self.density;
        DensityCurve { decade, label, bandwidth, zero_share: self.zero_share, values }
    }
}

/// Which rows belong together.
struct DensityGroups<'a> {
    labels: &'a [Label],
    /// Place in `decades` of each row's decade; none where it is not known.
    decade_of: Vec<Option<usize>>,
    /// In order.
    decades: Vec<Decade>,
}

impl DensityGroups<'_> {
    fn new(columns: &Columns) -> DensityGroups<'_> {
        let mut decades: Vec<Decade> = columns.decades.iter().flatten().copied().collect();
        decades.sort_unstable();
        decades.dedup();
        let place = |decade: &Decade| decades.partition_point(|other| other < decade);
        let decade_of = columns.decades.iter().map(|decade| decade.as_ref().map(place)).collect();
        DensityGroups { labels: &columns.labels, decade_of, decades }
    }

    /// The curves by label and by decade of a column.
    fn curves(
        &self,
        values: &[f64],
        distribution: impl Fn(Vec<f64>) -> GroupDistribution,
    ) -> (Vec<DensityCurve>, Vec<DensityCurve>) {
        let mut by_label = vec![Vec::new(); Label::BOTH.len()];
        let mut by_decade = vec![Vec::new(); self.decades.len()];
        for ((&value, &label), &decade) in values.iter().zip(self.labels).zip(&self.decade_of) {
            by_label[label as usize].push(value);
            if let Some(decade) = decade {
                by_decade[decade].push(value);
            }
        }
        let curve = |values, decade, label| distribution(values).curve(decade, label);
        let labels = by_label.into_iter().zip(Label::BOTH).map(|(values, label)| curve(values, None, Some(label)));
        let decades =
            by_decade.into_iter().zip(&self.decades).map(|(values, decade)| curve(values, Some(*decade), None));
        (labels.collect(), decades.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows with every feature the same but for those given.
    fn columns(rows: usize, given: &[(Feature, Vec<f64>)]) -> Columns {
        let mut features = vec![vec![0.5; rows]; Feature::ALL.len()];
        for (feature, values) in given {
            features[*feature as usize] = values.clone();
        }
        let decades = (0..rows).map(|row| Decade::from_year(if row % 3 == 0 { 2010 } else { 1960 }));
        let labels = (0..rows).map(|row| if row % 2 == 0 { Label::Flop } else { Label::Hit });
        Columns { features, decades: decades.collect(), labels: labels.collect() }
    }

    #[test]
    fn every_feature_has_its_curves_on_one_grid() {
        let spread: Vec<f64> = (0..600).map(|row| f64::from(row) / 600.0).collect();
        let densities = densities(&columns(600, &[(Feature::Energy, spread)]));
        assert_eq!(densities.iter().map(|density| density.feature).collect::<Vec<_>>(), Feature::AUDIO);
        for density in &densities {
            assert!(density.grid.is_sorted_by(|a, b| a < b), "{}", density.feature);
            assert_eq!(density.by_label.iter().map(|curve| curve.label).collect::<Vec<_>>(), Label::BOTH.map(Some));
            let years: Vec<_> = density.by_decade.iter().filter_map(|curve| curve.decade).map(Decade::year).collect();
            assert_eq!(years, [1960, 2010]);
            for curve in density.by_label.iter().chain(&density.by_decade) {
                assert_eq!(curve.values.len(), density.grid.len());
                assert!(curve.values.iter().all(|value| *value >= 0.0 && value.is_finite()));
            }
        }
    }

    #[test]
    fn the_curves_are_those_of_the_rows_of_a_group() {
        let tempo: Vec<f64> = (0..300).map(|row| 100.0 + f64::from(row * row % 97)).collect();
        let columns = columns(300, &[(Feature::Tempo, tempo.clone())]);
        let density = densities(&columns).swap_remove(Feature::Tempo as usize);
        let hits: Vec<f64> = tempo.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(density.by_label[1].values, gaussian_kde(&hits, &density.grid).values);
        let latest: Vec<f64> = tempo.iter().step_by(3).copied().collect();
        assert_eq!(density.by_decade[1].values, gaussian_kde(&latest, &density.grid).values);
    }

    #[test]
    fn missing_values_and_decades_are_left_out() {
        let complete: Vec<f64> = (0..300).map(|row| f64::from(row % 89) / 89.0).collect();
        let gappy = complete.iter().enumerate().map(|(row, &value)| if row % 5 == 0 { f64::NAN } else { value });
        let absent = vec![f64::NAN; 300];
        let mut columns = columns(300, &[(Feature::Energy, gappy.collect()), (Feature::Key, absent)]);
        columns.decades.fill(None);
        let densities = densities(&columns);
        assert!(densities.iter().all(|density| density.feature != Feature::Key && density.by_decade.is_empty()));
        let density = &densities[Feature::Energy as usize];
        let hits: Vec<f64> = (0..300).filter(|row| row % 2 == 1 && row % 5 > 0).map(|row| complete[row]).collect();
        let plan = DensityPlan::new(Feature::Energy, &complete);
        assert_eq!(density.by_label[1].values, plan.distribution(&hits).density.values);
    }

    #[test]
    fn a_spike_at_zero_is_set_apart() {
        let instrumentalness: Vec<f64> =
            (0..900).map(|row| if row % 3 == 0 { 0.0 } else { 10_f64.powf(-f64::from(row % 50) / 10.0) }).collect();
        let columns = columns(900, &[(Feature::Instrumentalness, instrumentalness.clone())]);
        let density = densities(&columns).swap_remove(Feature::Instrumentalness as usize);
        // Rows are of the 2010s where they are multiples of 3, which is where the value is 0.
        let shares: Vec<Option<f64>> = density.by_decade.iter().map(|curve| curve.zero_share).collect();
        assert_eq!(shares, [Some(0.0), Some(1.0)]);
        assert!(density.by_label.iter().all(|curve| curve.zero_share == Some(1.0 / 3.0)));
        // The curve is that of the other values, with their part of the area.
        let others: Vec<f64> =
            instrumentalness.iter().skip(1).step_by(2).copied().filter(|value| *value > 0.0).collect();
        let plan = DensityPlan::new(Feature::Instrumentalness, &instrumentalness);
        let scaled: Vec<f64> = others.iter().map(|&value| plan.scale(value)).collect();
        let expected = plan.distribution(&scaled).density.values;
        for (found, expected) in density.by_label[1].values.iter().zip(expected) {
            assert!((found - expected * 2.0 / 3.0).abs() < 1e-12);
        }
        // The overlay of two tables has the same rule.
        let overlaid = overlaid(Feature::Instrumentalness, [&[0.0; 30], &instrumentalness]);
        assert_eq!(overlaid.curves.map(|curve| curve.zero_share), [Some(1.0), Some(1.0 / 3.0)]);
    }

    #[test]
    fn few_zeros_stay_in_the_curve() {
        let spread = (0..1000).map(|row| f64::from(row) / 1000.0).collect();
        let columns = columns(1000, &[(Feature::Energy, spread)]);
        assert!(densities(&columns)
            .iter()
            .all(|density| density.by_label.iter().all(|curve| curve.zero_share.is_none())));
    }

    #[test]
    fn degenerate_columns_give_finite_curves() {
        for rows in [0, 1, 2] {
            for value in [0.0, 0.5, -3.0, 1e300, f64::NAN] {
                let given: Vec<_> = Feature::AUDIO.iter().map(|&feature| (feature, vec![value; rows])).collect();
                let found = densities(&columns(rows, &given));
                assert_eq!(found.len(), if rows == 0 || value.is_nan() { 0 } else { Feature::AUDIO.len() });
                for density in found {
                    let curves = density.by_label.iter().chain(&density.by_decade);
                    assert!(curves.flat_map(|curve| &curve.values).all(|value| value.is_finite()), "{rows} {value}");
                    assert!(density.grid.iter().all(|point| point.is_finite()), "{rows} {value}");
                }
            }
        }
    }
}
