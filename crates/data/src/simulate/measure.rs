//! From tracks to the profile that a sample like them is drawn from.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::engine::EngineResult;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Feature, Label, ARTIST, DECADE, TARGET};
use hitflop_metrics::quantile::quantile;

use super::margin::{levels, MarginalDistribution};
use super::profile::{ArtistProfile, CellProfile, SampleProfile};

/// What a fault calls the frame.
const FRAME: &str = "tracks";
/// Column of the mean length of a section.
const SECTION_LENGTH: &str = "section_length";
/// A whole feature with more values than this is described by quantiles.
const MAX_COUNTED_VALUES: usize = 256;
/// Significant digits of a quantile: more than any feature's but the duration's, of which it is a few milliseconds.
const QUANTILE_DIGITS: usize = 6;
/// Decimals of a rank correlation, whose standard error on 3,000 rows is 0.02.
const CORRELATION_DECIMALS: i32 = 4;

impl SampleProfile {
    /// The profile of a table of tracks: columns as in [`hitflop_core::track`], `decade` and `target` and whole features
    /// `Int32`, other features `Float64`, the artist `String`. Rows in which one of these is missing are left out.
    ///
    /// # Errors
    /// [`Error::Input`], if no row is left; [`Error::Engine`](hitflop_core::error::Error::Engine), if a column is missing or of another type.
    pub fn from_frame(tracks: &DataFrame) -> Result<SampleProfile> {
        let tracks = complete(tracks).engine()?;
        let levels = levels();
        let cells = keys(&tracks)?.into_iter().map(|(decade, label)| cell(&tracks, decade, label, &levels));
        let cells = cells.collect::<Result<Vec<CellProfile>>>()?;
        SampleProfile::new(FRAME, levels, artists(&tracks).engine()?, cells)
    }
}

/// The columns that are needed, without rows in which one is missing, and the section length.
fn complete(tracks: &DataFrame) -> PolarsResult<DataFrame> {
    let needed = [ARTIST, TARGET, DECADE].into_iter().chain(Feature::AUDIO.iter().map(|feature| feature.name()));
    let (duration, sections) = (col(Feature::DurationMs.name()), col(Feature::Sections.name()));
    let at_least_one = when(sections.clone().gt(lit(1))).then(sections).otherwise(lit(1));
    let section_length = duration.cast(DataType::Float64) / at_least_one.cast(DataType::Float64);
    tracks
        .clone()
        .lazy()
        .select(needed.map(col).collect::<Vec<_>>())
        .drop_nulls(None)
        .with_column(section_length.alias(SECTION_LENGTH))
        .collect()
}

/// The decades and labels of the tracks, in their order.
fn keys(tracks: &DataFrame) -> Result<Vec<(Decade, Label)>> {
    let pairs = tracks
        .column(DECADE)
        .engine()?
        .i32()
        .engine()?
        .iter()
        .zip(tracks.column(TARGET).engine()?.i32().engine()?.iter());
    let mut keys = std::collections::BTreeSet::new();
    for pair in pairs {
        let key = pair.0.and_then(Decade::from_year).zip(pair.1.and_then(Label::from_target));
        keys.insert(key.ok_or_else(|| Error::Failed(format!("a track has an unknown decade or target: {pair:?}")))?);
    }
    Ok(keys.into_iter().collect())
}

fn artists(tracks: &DataFrame) -> PolarsResult<ArtistProfile> {
    let of = |label: Label| col(ARTIST).filter(col(TARGET).eq(lit(label as i32))).n_unique().alias(label.name());
    let counted = tracks.clone().lazy().select([col(ARTIST).n_unique(), of(Label::Flop), of(Label::Hit)]).collect()?;
    let count = |name: &str| counted.column(name)?.get(0)?.try_extract::<u64>();
    Ok(ArtistProfile { total: count(ARTIST)?, flops: count(Label::Flop.name())?, hits: count(Label::Hit.name())? })
}

fn cell(tracks: &DataFrame, decade: Decade, label: Label, levels: &[f64]) -> Result<CellProfile> {
    let is_in = col(DECADE).eq(lit(decade.year())).and(col(TARGET).eq(lit(label as i32)));
    let tracks = tracks.clone().lazy().filter(is_in).collect().engine()?;
    let features = Feature::AUDIO.iter().map(|&feature| Ok((feature, margin(&tracks, feature, levels)?)));
    Ok(CellProfile {
        decade,
        label,
        rows: tracks.height() as u64,
        artists: tracks.column(ARTIST).engine()?.n_unique().engine()? as u64,
        repeats: repeats(&tracks).engine()?,
        features: features.collect::<PolarsResult<BTreeMap<Feature, MarginalDistribution>>>().engine()?,
        section_length: quantiles(&sorted(&tracks, SECTION_LENGTH).engine()?, levels),
        correlation: correlation(&tracks).engine()?,
    })
}

fn repeats(tracks: &DataFrame) -> PolarsResult<u64> {
    let audio: Vec<Expr> = Feature::AUDIO.iter().map(|feature| col(feature.name())).collect();
    let distinct = tracks.clone().lazy().group_by(audio).agg([]).collect()?;
    Ok((tracks.height() - distinct.height()) as u64)
}

fn sorted(tracks: &DataFrame, column: &str) -> PolarsResult<Vec<f64>> {
    let values = tracks.column(column)?.cast(&DataType::Float64)?.sort(SortOptions::default())?;
    Ok(values.f64()?.iter().flatten().collect())
}

fn margin(tracks: &DataFrame, feature: Feature, levels: &[f64]) -> PolarsResult<MarginalDistribution> {
    let values = sorted(tracks, feature.name())?;
    let runs = || values.chunk_by(|a, b| a == b);
    if feature.is_whole() && runs().count() <= MAX_COUNTED_VALUES {
        // The column is of 32-bit integers, and a run has at least one value.
        Ok(MarginalDistribution::Counts(runs().map(|run| (run[0] as i32, run.len() as u64)).collect()))
    } else {
        Ok(quantiles(&values, levels))
    }
}

/// Zeros and quantiles of ascending values.
fn quantiles(values: &[f64], levels: &[f64]) -> MarginalDistribution {
    let has_negative = values.first().is_some_and(|&least| least < 0.0);
    let zeros = if has_negative { 0 } else { values.partition_point(|&value| value == 0.0) };
    let others = &values[zeros..];
    let at_level = |&level: &f64| Some(to_digits(quantile(others, level)?, QUANTILE_DIGITS));
    let values = levels.iter().filter_map(at_level).collect();
    MarginalDistribution::Quantiles { zeros: zeros as u64, values }
}

/// `value` to so many significant digits.
fn to_digits(value: f64, digits: usize) -> f64 {
    // A number that was written so is read again.
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

/// Spearman's correlations, lower triangle without the diagonal; 0 where a variable is constant.
fn correlation(tracks: &DataFrame) -> PolarsResult<Vec<Vec<f64>>> {
    let variables: Vec<&str> = Feature::AUDIO
        .iter()
        .map(|&feature| if feature == Feature::Sections { SECTION_LENGTH } else { feature.name() })
        .collect();
    let mean_rank = RankOptions { method: RankMethod::Average, descending: false };
    let rank = |&name: &&str| col(name).rank(mean_rank, None).cast(DataType::Float64);
    let ranks = tracks.clone().lazy().select(variables.iter().map(rank).collect::<Vec<_>>()).collect()?;
    let pairs = || (1..variables.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let pearson = |(i, j): (usize, usize)| {
        pearson_corr(col(variables[i]), col(variables[j])).alias(format!("{} {}", variables[i], variables[j]))
    };
    let correlated = ranks.lazy().select(pairs().map(pearson).collect::<Vec<_>>()).collect()?;
    let mut lines = vec![Vec::new(); variables.len() - 1];
    for ((i, _), column) in pairs().zip(correlated.columns()) {
        let rho = column.f64()?.get(0).filter(|rho| rho.is_finite()).unwrap_or(0.0);
        let scale = 10f64.powi(CORRELATION_DECIMALS);
        lines[i - 1].push((rho.clamp(-1.0, 1.0) * scale).round() / scale);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::super::{draw, SimulatedDataset};
    use super::*;

    /// A sample as the table that reading its files gives.
    fn frame(sample: &SimulatedDataset) -> DataFrame {
        let tracks =
            || sample.decades().iter().flat_map(|decade| decade.tracks.iter().map(move |track| (decade, track)));
        let mut columns: Vec<Column> = Feature::AUDIO
            .iter()
            .map(|&feature| {
                let values: Vec<f64> = tracks().map(|(_, track)| track.values[feature as usize]).collect();
                let kind = if feature.is_whole() { DataType::Int32 } else { DataType::Float64 };
                Column::new(feature.name().into(), values).cast(&kind).unwrap()
            })
            .collect();
        let artists: Vec<String> = tracks().map(|(_, track)| track.artist.to_string()).collect();
        let decades: Vec<i32> = tracks().map(|(decade, _)| decade.decade.year()).collect();
        let targets: Vec<i32> = tracks().map(|(_, track)| track.label as i32).collect();
        columns.push(Column::new(ARTIST.into(), artists));
        columns.push(Column::new(DECADE.into(), decades));
        columns.push(Column::new(TARGET.into(), targets));
        DataFrame::new(columns[0].len(), columns).unwrap()
    }

    #[test]
    fn the_profile_of_a_sample_is_like_its_own() {
        let profile = SampleProfile::committed().unwrap();
        let again = SampleProfile::from_frame(&frame(&draw(&profile, 3))).unwrap();
        assert_eq!(again.levels(), profile.levels());
        assert_eq!(again.artists(), profile.artists());
        for (found, cell) in again.cells().iter().zip(profile.cells()) {
            assert_eq!((found.decade, found.label, found.rows), (cell.decade, cell.label, cell.rows));
            assert_eq!((found.artists, found.repeats), (cell.artists, cell.repeats));
            let pairs = found.correlation.iter().flatten().zip(cell.correlation.iter().flatten());
            let worst = pairs.map(|(found, rho)| (found - rho).abs()).fold(0.0, f64::max);
            assert!(worst < 0.06, "{} {}: {worst}", cell.decade, cell.label);
        }
        assert_eq!(SampleProfile::parse("again", &again.to_json()).unwrap(), again);
    }

    #[test]
    fn a_small_table_has_the_statistics_computed_by_hand() {
        let mut tracks = draw(&SampleProfile::committed().unwrap(), 3);
        tracks.decades.truncate(1);
        let kept = &mut tracks.decades[0].tracks;
        kept.truncate(4);
        for (row, track) in kept.iter_mut().enumerate() {
            track.label = Label::Hit;
            track.artist = row as u64 / 2;
            track.values = [0.0; 15];
            track.values[Feature::Energy as usize] = [0.4, 0.1, 0.2, 0.3][row];
            track.values[Feature::Valence as usize] = [0.9, 0.0, 0.0, 0.5][row];
            track.values[Feature::Sections as usize] = [0.0, 2.0, 2.0, 5.0][row];
            track.values[Feature::DurationMs as usize] = 1000.0;
        }
        let profile = SampleProfile::from_frame(&frame(&tracks)).unwrap();
        let cell = &profile.cells()[0];
        assert_eq!((profile.cells().len(), cell.rows, cell.artists, cell.repeats), (1, 4, 2, 0));
        assert_eq!(profile.artists(), ArtistProfile { total: 2, flops: 0, hits: 2 });
        assert_eq!(cell.margin(Feature::Sections), &MarginalDistribution::Counts(vec![(0, 1), (2, 2), (5, 1)]));
        assert_eq!(cell.margin(Feature::DurationMs), &MarginalDistribution::Counts(vec![(1000, 4)]));
        assert_eq!(cell.margin(Feature::Tempo), &MarginalDistribution::Quantiles { zeros: 4, values: vec![] });

        let MarginalDistribution::Quantiles { zeros: 2, values } = cell.margin(Feature::Valence) else {
            panic!("{cell:?}")
        };
        let median = profile.levels().iter().position(|&level| level == 0.5).unwrap();
        assert_eq!((values[0], values[median], values[values.len() - 1]), (0.5, 0.7, 0.9));

        // Ranks of energy 4 1 2 3, of valence 4 1.5 1.5 3: covariance 4.5, variances 5 and 4.5.
        let (energy, valence) = (Feature::Energy as usize, Feature::Valence as usize);
        assert_eq!(cell.correlation[valence - 1][energy], 0.9487);
        // Section lengths 1000, 500, 500, 200: ranks 4 2.5 2.5 1 against 4 1 2 3 of energy: 1.5 / √(5 · 4.5).
        assert_eq!(cell.correlation[Feature::Sections as usize - 1][energy], 0.3162);
        assert_eq!(cell.correlation[0][0], 0.0, "danceability is constant");
    }

    #[test]
    fn rows_with_missing_values_are_left_out() {
        let sample = draw(&SampleProfile::committed().unwrap(), 3);
        let energy = col(Feature::Energy.name());
        let high = energy.clone().gt(lit(0.9));
        let missing = when(high.clone()).then(lit(NULL)).otherwise(energy).alias(Feature::Energy.name());
        let tracks = frame(&sample).lazy();
        let kept = tracks.clone().filter(high.not()).collect().unwrap();
        let holed = tracks.with_column(missing).collect().unwrap();
        assert_eq!(SampleProfile::from_frame(&holed).unwrap(), SampleProfile::from_frame(&kept).unwrap());
        assert!(SampleProfile::from_frame(&kept.head(Some(0))).unwrap_err().is_input());
    }
}
