//! Quantiles of each feature among the hits and the flops of a decade of the training rows. Where training knows no decade, all rows
//! are one group.
//!
//! It is what a value is held against: whether a track is loud for a hit of its decade, and whether any track of that decade
//! was as loud. A saved model carries it, so that neither takes the training files.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_metrics::quantile::quantile;

/// Number of levels at which quantiles are kept: 0, 5, …, 100 %.
pub const QUANTILE_LEVELS: usize = 21;

/// Maximum rows of a group in a file; with more, counts could not be added.
const MAX_GROUP_ROWS: u64 = 1 << 48;

/// The training rows by decade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeatureQuantiles {
    /// Ascending, each once, those only that have a row; rows without a decade come first.
    decades: Vec<DecadeQuantiles>,
}

/// The training rows of one decade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecadeQuantiles {
    /// The decade; none of the rows whose decade is not known.
    pub decade: Option<Decade>,
    /// Quantiles of the flops of the decade.
    pub flops: GroupQuantiles,
    /// Quantiles of the hits of the decade.
    pub hits: GroupQuantiles,
    /// Quantiles of hits and flops together.
    pub all: GroupQuantiles,
}

/// Rows and the quantiles of their features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupQuantiles {
    /// How many rows.
    pub rows: u64,
    /// Of each feature, in the order of [`Feature::ALL`] and in its unit, the quantiles at 0, 5, …, 100 %, interpolated
    /// linearly as by NumPy; none of a feature without a value in these rows. Empty if there are no rows.
    pub quantiles: Vec<Option<[f64; QUANTILE_LEVELS]>>,
}

/// Ranks of a value among the hits and among the flops of a decade, each by [`GroupQuantiles::percentile_rank`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PercentileRank {
    /// Among the hits; none if the value is missing, or the decade has no hit with a value.
    pub hits: Option<f64>,
    /// Among the flops, likewise.
    pub flops: Option<f64>,
}

impl FeatureQuantiles {
    /// The quantiles of the rows of `train`, in whose features the decade may be lacking.
    ///
    /// # Errors
    /// A value of the decade is no decade.
    pub fn of(train: &Dataset) -> Result<FeatureQuantiles> {
        let column = |feature: Feature| train.features().iter().position(|own| *own == feature);
        let mut rows_by_decade = BTreeMap::<Option<Decade>, Vec<usize>>::new();
        for row in 0..train.rows() {
            let year = column(Feature::Decade).map_or(f64::NAN, |column| train.records()[[row, column]]);
            rows_by_decade.entry(decade_of(row, year)?).or_default().push(row);
        }
        let columns = Feature::ALL.map(column);
        let by_decade: Vec<(Option<Decade>, Vec<usize>)> = rows_by_decade.into_iter().collect();
        let of_decade = |(decade, rows): (Option<Decade>, Vec<usize>)| {
            let (hits, flops): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| train.targets()[row]);
            let [flops, hits, all] = [flops, hits, rows].map(|rows| GroupQuantiles::of(train, &columns, &rows));
            DecadeQuantiles { decade, flops, hits, all }
        };
        Ok(FeatureQuantiles { decades: by_decade.into_par_iter().map(of_decade).collect() })
    }

    /// The decades that have rows, ascending; rows without a decade come first.
    pub fn decades(&self) -> &[DecadeQuantiles] {
        &self.decades
    }

    /// The group that a track of a decade (none if it is not known) is compared with: the rows of that decade, or all rows if training
    /// knew no decade. `None` if there are no such rows.
    pub fn group(&self, decade: Option<Decade>) -> Option<&DecadeQuantiles> {
        match self.decades.as_slice() {
            [all] if all.decade.is_none() => Some(all),
            decades => decades.iter().find(|own| own.decade == decade),
        }
    }

    /// Ranks of a value (NaN if it is missing) among the hits and among the flops of the group of a decade.
    pub fn percentile_rank(&self, decade: Option<Decade>, feature: Feature, value: f64) -> PercentileRank {
        let own = self.group(decade);
        PercentileRank {
            hits: own.and_then(|own| own.hits.percentile_rank(feature, value)),
            flops: own.and_then(|own| own.flops.percentile_rank(feature, value)),
        }
    }

    /// Least and greatest value of a feature in the group of a decade; `None` if there is no value.
    pub fn range(&self, decade: Option<Decade>, feature: Feature) -> Option<(f64, f64)> {
        self.group(decade)?.all.range(feature)
    }

    /// Checks what a file says: decades ascend, counts add up, there are quantiles where there are rows, they ascend and are
    /// finite, and hits and flops lie within both together.
    ///
    /// # Errors
    /// Something is not so; the place is the member: `[2].hits.quantiles.energy`.
    pub fn check(&self) -> Result<()> {
        for (index, of) in self.decades.iter().enumerate() {
            of.check(&format!("[{index}]"))?;
            if index > 0 && self.decades[index - 1].decade >= of.decade {
                let shown = |decade: Option<Decade>| decade.map_or("none".to_owned(), |decade| decade.to_string());
                let rule = format!("expected a decade after {}", shown(self.decades[index - 1].decade));
                return Err(wrong(format!("[{index}].decade"), rule, shown(of.decade)));
            }
        }
        Ok(())
    }
}

impl DecadeQuantiles {
    /// The rows of one label.
    pub fn of_label(&self, label: Label) -> &GroupQuantiles {
        match label {
            Label::Flop => &self.flops,
            Label::Hit => &self.hits,
        }
    }

    fn check(&self, member: &str) -> Result<()> {
        if let Some(decade) = self.decade.filter(|decade| Decade::from_year(decade.year()).is_none()) {
            let rule = "expected the first year of a decade, 1900 to 2020";
            return Err(wrong(format!("{member}.decade"), rule, decade.year()));
        }
        for (name, group) in [("flops", &self.flops), ("hits", &self.hits), ("all", &self.all)] {
            group.check(&format!("{member}.{name}"))?;
        }
        if self.all.rows == 0 || self.flops.rows + self.hits.rows != self.all.rows {
            let rule = format!("expected at least one, and the {} of flops and hits", self.flops.rows + self.hits.rows);
            return Err(wrong(format!("{member}.all.rows"), rule, self.all.rows));
        }
        for feature in Feature::ALL {
            self.check_range(member, feature)?;
        }
        Ok(())
    }

    fn check_range(&self, member: &str, feature: Feature) -> Result<()> {
        let ranges = [&self.flops, &self.hits].into_iter().filter_map(|group| group.range(feature));
        let both = ranges.reduce(|(low, high), (other_low, other_high)| (low.min(other_low), high.max(other_high)));
        if both == self.all.range(feature) {
            return Ok(());
        }
        let shown =
            |range: Option<(f64, f64)>| range.map_or("none".to_owned(), |(low, high)| format!("{low} to {high}"));
        let rule = format!("expected the range of flops and hits, {}", shown(both));
        Err(wrong(format!("{member}.all.quantiles.{feature}"), rule, shown(self.all.range(feature))))
    }
}

impl GroupQuantiles {
    /// Of some rows; `columns` has the column of each of [`Feature::ALL`] in `train`.
    fn of(train: &Dataset, columns: &[Option<usize>], rows: &[usize]) -> GroupQuantiles {
        let quantiles_of = |column: &Option<usize>| {
            let records = train.records();
            let column = records.column((*column)?);
            let mut values: Vec<f64> = rows.iter().map(|&row| column[row]).filter(|value| !value.is_nan()).collect();
            values.sort_unstable_by(f64::total_cmp);
            let at = |level: usize| quantile(&values, level as f64 / (QUANTILE_LEVELS - 1) as f64).unwrap_or_default();
            (!values.is_empty()).then(|| std::array::from_fn(at))
        };
        let columns = if rows.is_empty() { &[][..] } else { columns };
        GroupQuantiles { rows: rows.len() as u64, quantiles: columns.par_iter().map(quantiles_of).collect() }
    }

    /// Quantiles of a feature at 0, 5, …, 100 %; `None` if no row has a value.
    pub fn quantiles(&self, feature: Feature) -> Option<&[f64; QUANTILE_LEVELS]> {
        self.quantiles.get(feature as usize)?.as_ref()
    }

    /// Least and greatest value of a feature; `None` if no row has a value.
    pub fn range(&self, feature: Feature) -> Option<(f64, f64)> {
        self.quantiles(feature).map(|quantiles| (quantiles[0], quantiles[QUANTILE_LEVELS - 1]))
    }

    /// The share of the rows with a value that have a smaller one, half of those with the same value included: 0.5 is the median. Between
    /// two quantiles it is interpolated linearly, and where several are equal it is the middle of their levels; so it is exact
    /// to 0.05 only. 0 below the least value and 1 above the greatest; `None` for a missing value (NaN), or if no row has a
    /// value.
    pub fn percentile_rank(&self, feature: Feature, value: f64) -> Option<f64> {
        let quantiles = self.quantiles(feature).filter(|_| !value.is_nan())?;
        let below = quantiles.partition_point(|&quantile| quantile < value);
        let at_most = quantiles.partition_point(|&quantile| quantile <= value);
        let step = 1.0 / (QUANTILE_LEVELS - 1) as f64;
        Some(if below < at_most {
            (below + at_most - 1) as f64 / 2.0 * step
        } else if below == 0 {
            0.0
        } else if below == QUANTILE_LEVELS {
            1.0
        } else {
            let (low, high) = (quantiles[below - 1], quantiles[below]);
            // Halves, since the distance of two finite numbers need not be finite.
            let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
            ((below - 1) as f64 + share) * step
        })
    }

    fn check(&self, member: &str) -> Result<()> {
        if self.rows > MAX_GROUP_ROWS {
            return Err(wrong(format!("{member}.rows"), format!("expected at most {MAX_GROUP_ROWS}"), self.rows));
        }
        let features = if self.rows == 0 { 0 } else { Feature::ALL.len() };
        if self.quantiles.len() != features {
            let rule = format!("expected those of {features} features for {} rows", self.rows);
            return Err(wrong(format!("{member}.quantiles"), rule, self.quantiles.len()));
        }
        let known =
            Feature::ALL.into_iter().zip(&self.quantiles).filter_map(|(feature, of)| Some((feature, of.as_ref()?)));
        for (feature, quantiles) in known {
            let place = || format!("{member}.quantiles.{feature}");
            if let Some(quantile) = quantiles.iter().find(|quantile| !quantile.is_finite()) {
                return Err(wrong(place(), "expected finite numbers", quantile));
            }
            if let Some(pair) = quantiles.windows(2).find(|pair| pair[0] > pair[1]) {
                return Err(wrong(place(), format!("expected at least {}, the quantile before it", pair[0]), pair[1]));
            }
        }
        Ok(())
    }
}

/// The decade of a year; none of a missing one.
fn decade_of(row: usize, year: f64) -> Result<Option<Decade>> {
    if year.is_nan() {
        return Ok(None);
    }
    let decade = if year.fract() == 0.0 { Decade::from_year(year as i32) } else { None };
    decade.map(Some).ok_or_else(|| {
        let place = Place::table("tracks").row(row as u64 + 1).column(Feature::Decade.name());
        let rule = "expected the first year of a decade, 1900 to 2020";
        Error::input(Fault::new(place, Reason::UnknownDecade, rule).found(year.to_string()))
    })
}

fn wrong(member: String, rule: impl Into<String>, value: impl std::fmt::Display) -> Error {
    Error::input(Fault::new(Place::member(member), Reason::NotAModel, rule).found(value.to_string()))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::complete_tracks;

    /// Tracks whose energy is as given, in one decade; all else is 0.
    fn of_energies(energies: &[(f64, bool)]) -> FeatureQuantiles {
        let mut records = Array2::zeros((energies.len(), Feature::ALL.len()));
        records.column_mut(Feature::Decade as usize).fill(1960.0);
        let column = records.column_mut(Feature::Energy as usize);
        column.into_iter().zip(energies).for_each(|(to, (energy, _))| *to = *energy);
        let targets: Array1<bool> = energies.iter().map(|&(_, hit)| hit).collect();
        FeatureQuantiles::of(&Dataset::new(Feature::ALL.to_vec(), records, targets).expect("a dataset"))
            .expect("a reference")
    }

    fn sixties() -> Option<Decade> {
        Decade::from_year(1960)
    }

    /// The witness is `numpy.quantile([1, 2, 4, 8], numpy.arange(21) / 20)`.
    #[test]
    fn quantiles_are_numpys_by_decade_and_label() {
        let reference = of_energies(&[(8.0, true), (1.0, true), (5.0, false), (4.0, true), (2.0, true)]);
        let own = reference.group(sixties()).expect("the decade has rows");
        assert_eq!((own.hits.rows, own.flops.rows, own.all.rows), (4, 1, 5));
        let hits = own.hits.quantiles(Feature::Energy).expect("there are hits");
        for (level, expected) in [(0, 1.0), (1, 1.15), (5, 1.75), (10, 3.0), (19, 7.4), (20, 8.0)] {
            assert!((hits[level] - expected).abs() < 1e-12, "{level}: {}", hits[level]);
        }
        assert_eq!(own.flops.quantiles(Feature::Energy), Some(&[5.0; QUANTILE_LEVELS]));
        assert_eq!(reference.range(sixties(), Feature::Energy), Some((1.0, 8.0)));
        assert_eq!(own.all.quantiles(Feature::Decade), Some(&[1960.0; QUANTILE_LEVELS]));
        assert_eq!(reference.range(Decade::from_year(1970), Feature::Energy), None);
        assert_eq!(reference.range(None, Feature::Energy), None, "training knew the decades");
        assert_eq!(own.of_label(Label::Hit), &own.hits);
        reference.check().expect("right");
    }

    #[test]
    fn a_value_has_its_rank() {
        let energies: Vec<(f64, bool)> = (0..=100).map(|energy| (f64::from(energy), true)).collect();
        let reference = of_energies(&energies);
        let percentile_rank = |value: f64| reference.percentile_rank(sixties(), Feature::Energy, value).hits;
        for (value, rank) in [(-1.0, 0.0), (0.0, 0.0), (12.5, 0.125), (50.0, 0.5), (100.0, 1.0), (101.0, 1.0)] {
            assert!(
                (percentile_rank(value).expect("a rank") - rank).abs() < 1e-12,
                "{value}: {:?}",
                percentile_rank(value)
            );
        }
        assert_eq!(percentile_rank(f64::NAN), None);
        assert_eq!(reference.percentile_rank(sixties(), Feature::Energy, 1.0).flops, None);
        // All are alike: the middle.
        assert_eq!(reference.percentile_rank(sixties(), Feature::Key, 0.0).hits, Some(0.5));
    }

    #[test]
    fn without_decades_all_rows_are_one_group() {
        let tracks = complete_tracks(60).with_features(&[Feature::Tempo, Feature::Energy]).expect("two features");
        let mut records = tracks.records().to_owned();
        records.column_mut(1).iter_mut().step_by(2).for_each(|value| *value = f64::NAN);
        let tracks = Dataset::new(tracks.features().to_vec(), records, tracks.targets().to_owned()).expect("a dataset");
        let reference = FeatureQuantiles::of(&tracks).expect("a reference");
        reference.check().expect("right");
        let all = &reference.group(sixties()).expect("whatever the decade").all;
        assert_eq!((reference.decades().len(), all.rows), (1, 60));
        assert_eq!(all.quantiles(Feature::Key), None);
        let known = tracks.records().column(1).iter().copied().filter(|value| !value.is_nan()).fold(f64::NAN, f64::max);
        assert_eq!(reference.range(None, Feature::Energy).map(|range| range.1), Some(known));
        assert_eq!(reference.percentile_rank(None, Feature::Energy, known).hits.is_some(), tracks.hits() > 0);
        assert_eq!(reference.percentile_rank(None, Feature::Key, 3.0), PercentileRank { hits: None, flops: None });
        let json = serde_json::to_string(&reference).expect("JSON");
        assert!(json.starts_with(r#"[{"decade":null,"#), "{json}");
        assert_eq!(serde_json::from_str::<FeatureQuantiles>(&json).expect("read back"), reference);
    }

    #[test]
    fn years_that_are_no_decades_are_refused() {
        let tracks = complete_tracks(60);
        let mut records = tracks.records().to_owned();
        records[[3, Feature::Decade as usize]] = 1965.0;
        let odd = Dataset::new(tracks.features().to_vec(), records, tracks.targets().to_owned()).expect("a dataset");
        let rule = "expected the first year of a decade, 1900 to 2020";
        let error = FeatureQuantiles::of(&odd).expect_err("no decade");
        assert_eq!(error.to_string(), format!("tracks, row 4, column decade: {rule}, found \"1965\""));
    }

    /// Those of the energy in a whole decade.
    fn quantiles(of: &mut DecadeQuantiles) -> &mut [f64; QUANTILE_LEVELS] {
        of.all.quantiles[Feature::Energy as usize].as_mut().expect("there are values")
    }

    #[test]
    fn what_a_file_says_is_checked() {
        type Spoil = fn(&mut FeatureQuantiles);
        let spoilt: [(Spoil, &str); 9] = [
            (
                |it| it.decades[0].all.quantiles[1] = None,
                "[0].all.quantiles.energy: expected the range of flops and hits",
            ),
            (|it| it.decades.swap(0, 1), "[1].decade: expected a decade after 1970s, found \"1960s\""),
            (
                |it| it.decades[0].hits.rows += 1,
                "[0].all.rows: expected at least one, and the 41 of flops and hits, found",
            ),
            (|it| it.decades[0].hits.rows = u64::MAX, "[0].hits.rows: expected at most 281474976710656, found"),
            (|it| it.decades[0].hits.quantiles.truncate(3), "[0].hits.quantiles: expected those of 16 features for"),
            (
                |it| quantiles(&mut it.decades[0])[7] = f64::NAN,
                "[0].all.quantiles.energy: expected finite numbers, found",
            ),
            (
                |it| quantiles(&mut it.decades[0])[7] = 9.0,
                "[0].all.quantiles.energy: expected at least 9, the quantile",
            ),
            (
                |it| quantiles(&mut it.decades[1])[0] = -9.0,
                "[1].all.quantiles.energy: expected the range of flops and hits",
            ),
            (
                |it| it.decades[0].decade = serde_json::from_str("1965").expect("a number"),
                "[0].decade: expected the first year of a decade, 1900 to 2020, found \"1965\"",
            ),
        ];
        for (spoil, expected) in spoilt {
            let mut reference = FeatureQuantiles::of(&complete_tracks(80)).expect("a reference");
            reference.check().expect("right as it is");
            spoil(&mut reference);
            let message = reference.check().expect_err(expected).to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    proptest! {
        /// Within the width of a step of the share of smaller values, half of the equal ones included, where none is equal;
        /// and it never falls as the value rises.
        #[test]
        fn ranks_ascend_and_are_near_the_share(mut values in prop::collection::vec(-5.0..5.0f64, 1..200), at in -6.0..6.0f64) {
            let energies: Vec<(f64, bool)> = values.iter().map(|&value| (value, false)).collect();
            let reference = of_energies(&energies);
            let percentile_rank = |value| reference.percentile_rank(sixties(), Feature::Energy, value).flops.expect("there are flops");
            let share = values.iter().filter(|&&value| value < at).count() as f64 / values.len() as f64;
            prop_assert!((percentile_rank(at) - share).abs() <= 0.05 + 1.0 / values.len() as f64, "{} {share}", percentile_rank(at));
            values.push(at);
            values.sort_unstable_by(f64::total_cmp);
            prop_assert!(values.windows(2).all(|pair| percentile_rank(pair[0]) <= percentile_rank(pair[1])));
        }
    }
}
