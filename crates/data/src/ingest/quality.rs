//! Quality of the tracks: missing values, repeats, contradictions, values outside their documented range.

use polars::prelude::*;
use serde::Serialize;

use super::tracks::TrackTable;
use crate::engine::{streaming, EngineResult};
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, FeatureRange, ARTIST, DECADE, MIN_RECORDING_VALUES, TARGET, TEXT_COLUMNS, URI};

pub use hitflop_sums::Quality;

/// Values of a feature that are outside its documented range. They are kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutOfRange {
    /// Which feature.
    pub feature: Feature,
    /// Its documented range.
    pub range: FeatureRange,
    /// Rows outside it.
    pub rows: u64,
    /// Least value outside it.
    pub least: f64,
    /// Greatest value outside it.
    pub greatest: f64,
}

/// Tracks without a value of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MissingValues {
    /// Which feature.
    pub feature: Feature,
    /// Tracks without a value.
    pub rows: u64,
}

/// How often values are missing, by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MissingCounts {
    features: Vec<MissingValues>,
    texts: Vec<(&'static str, u64)>,
}

impl MissingCounts {
    /// Counts the missing values of features and texts.
    ///
    /// # Errors
    /// The tracks cannot be read.
    pub(super) fn of(tracks: &TrackTable) -> Result<MissingCounts> {
        let names = Feature::ALL.into_iter().map(Feature::name).chain(TEXT_COLUMNS);
        let counts = names.map(|name| col(name).null_count().cast(DataType::UInt64).alias(name));
        let table = streaming(tracks.scan()?.select(counts.collect::<Vec<Expr>>()))?;
        let feature = |feature: Feature| Ok(MissingValues { feature, rows: number(&table, feature.name())? });
        Ok(MissingCounts {
            features: Feature::ALL.into_iter().map(feature).collect::<Result<_>>()?,
            texts: TEXT_COLUMNS.into_iter().map(|name| Ok((name, number(&table, name)?))).collect::<Result<_>>()?,
        })
    }

    /// The features that have missing values.
    pub(super) fn of_features(&self) -> Vec<MissingValues> {
        self.features.iter().copied().filter(|missing| missing.rows > 0).collect()
    }

    /// The condition for a row to have this text; none if no row lacks it.
    fn has_text(&self, column: &str) -> Option<Expr> {
        let is_missing = self.texts.iter().any(|(name, rows)| *name == column && *rows > 0);
        is_missing.then(|| col(column).is_not_null())
    }

    /// The condition for a row to have enough values to be compared; none if no row lacks one.
    fn has_audio(&self) -> Option<Expr> {
        let is_missing = self.features.iter().any(|missing| missing.rows > 0 && missing.feature.is_quantity());
        let known = Feature::AUDIO.iter().filter(|feature| feature.is_quantity());
        let known = known.map(|feature| col(feature.name()).is_not_null().cast(DataType::UInt64));
        let known = known.reduce(|sum, one| sum + one)?;
        is_missing.then(|| known.gt_eq(lit(MIN_RECORDING_VALUES as u64)))
    }
}

/// Looks for repeats and contradictions.
///
/// # Errors
/// The tracks cannot be read.
pub(super) fn quality(tracks: &TrackTable, missing: &MissingCounts) -> Result<Quality> {
    let by_uri_and_decade = group(tracks, &[URI, DECADE], missing.has_text(URI))?;
    let by_uri = streaming(
        rows(tracks, missing.has_text(URI))?
            .group_by([col(URI)])
            .agg([differs(TARGET).alias(BOTH_LABELS), differs(DECADE).alias(SEVERAL_DECADES)])
            .select([
                len().alias("all"),
                count_if(col(BOTH_LABELS)).alias("both"),
                count_if(col(SEVERAL_DECADES)).alias("several"),
            ]),
    )?;
    let audio: Vec<&str> = Feature::AUDIO.iter().map(|feature| feature.name()).collect();
    let by_audio = group(tracks, &audio, missing.has_audio())?;
    let by_artist = group(tracks, &[ARTIST], missing.has_text(ARTIST))?;
    let (artists, pure_artists) = (by_artist.groups, by_artist.groups - by_artist.groups_with_both_labels);
    Ok(Quality {
        unique_uris: number(&by_uri, "all")?,
        rows_beyond_first_per_uri_and_decade: by_uri_and_decade.rows - by_uri_and_decade.groups,
        uri_and_decade_with_both_labels: by_uri_and_decade.groups_with_both_labels,
        uris_in_several_decades: number(&by_uri, "several")?,
        uris_with_both_labels: number(&by_uri, "both")?,
        rows_whose_15_audio_values_occur_elsewhere: by_audio.rows_in_larger_groups,
        artists,
        share_of_artists_with_one_label: share(pure_artists, artists),
        share_of_rows_by_artists_with_one_label: share(by_artist.rows_with_one_label, by_artist.rows),
    })
}

/// Counts over the groups of rows that share a key.
struct DuplicateCounts {
    groups: u64,
    groups_with_both_labels: u64,
    rows: u64,
    rows_in_larger_groups: u64,
    rows_with_one_label: u64,
}

const ROWS: &str = "rows";
const BOTH_LABELS: &str = "both labels";
const SEVERAL_DECADES: &str = "several decades";

/// Whether a group holds more than one value of a column. Least and greatest need less memory than the distinct values.
fn differs(column: &str) -> Expr {
    col(column).min().neq(col(column).max())
}

fn count_if(condition: Expr) -> Expr {
    condition.cast(DataType::UInt64).sum()
}

fn rows_if(condition: Expr) -> Expr {
    (col(ROWS).cast(DataType::UInt64) * condition.cast(DataType::UInt64)).sum()
}

/// The rows that fulfil a condition, or all.
fn rows(tracks: &TrackTable, condition: Option<Expr>) -> Result<LazyFrame> {
    let all = tracks.scan()?;
    Ok(match condition {
        Some(condition) => all.filter(condition),
        None => all,
    })
}

fn group(tracks: &TrackTable, key: &[&str], condition: Option<Expr>) -> Result<DuplicateCounts> {
    let key: Vec<Expr> = key.iter().map(|name| col(*name)).collect();
    let groups = rows(tracks, condition)?.group_by(key).agg([len().alias(ROWS), differs(TARGET).alias(BOTH_LABELS)]);
    let plan = groups.select([
        len().alias("groups"),
        count_if(col(BOTH_LABELS)).alias("both"),
        rows_if(col(ROWS).gt(lit(0))).alias("all rows"),
        rows_if(col(ROWS).gt(lit(1))).alias("larger"),
        rows_if(col(BOTH_LABELS).not()).alias("pure"),
    ]);
    let counts = streaming(plan)?;
    Ok(DuplicateCounts {
        groups: number(&counts, "groups")?,
        groups_with_both_labels: number(&counts, "both")?,
        rows: number(&counts, "all rows")?,
        rows_in_larger_groups: number(&counts, "larger")?,
        rows_with_one_label: number(&counts, "pure")?,
    })
}

fn number(table: &DataFrame, column: &str) -> Result<u64> {
    table.column(column).engine()?.get(0).engine()?.try_extract().engine()
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Looks for values outside their documented range, feature by feature; features without any are left out.
///
/// # Errors
/// The tracks cannot be read.
pub(super) fn out_of_range(tracks: &TrackTable) -> Result<Vec<OutOfRange>> {
    let mut columns = Vec::new();
    for &feature in Feature::AUDIO {
        let value = || col(feature.name()).cast(DataType::Float64);
        let outside = || is_outside(value(), feature.info().range);
        let outlier = || when(outside()).then(value()).otherwise(lit(NULL));
        columns.push(count_if(outside()).alias(format!("{feature} {ROWS}")));
        columns.push(outlier().min().alias(format!("{feature} least")));
        columns.push(outlier().max().alias(format!("{feature} greatest")));
    }
    let table = streaming(tracks.scan()?.select(columns))?;
    let mut found = Vec::new();
    for &feature in Feature::AUDIO {
        let rows = number(&table, &format!("{feature} {ROWS}"))?;
        if rows > 0 {
            let extreme = |which: &str| table.column(&format!("{feature} {which}"))?.get(0)?.try_extract();
            let (least, greatest) = (extreme("least").engine()?, extreme("greatest").engine()?);
            found.push(OutOfRange { feature, range: feature.info().range, rows, least, greatest });
        }
    }
    Ok(found)
}

fn is_outside(value: Expr, range: FeatureRange) -> Expr {
    match range {
        FeatureRange::Within(low, high) => value.clone().lt(lit(low)).or(value.gt(lit(high))),
        FeatureRange::Positive => value.lt_eq(lit(0.0)),
    }
}
