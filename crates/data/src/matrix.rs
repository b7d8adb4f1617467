//! The only crossing from Polars to matrices and vectors of numbers: for estimators and for exploration.

use std::fs::File;

use ndarray::{Array2, ArrayView1, Axis};
use polars::prelude::{Column, DataFrame, DataType, ParquetWriter};

use crate::engine::EngineResult;
use crate::explore::columns::Columns;
use crate::track_files::{SPLIT, TEST, TRAIN};
use hitflop_core::dataset::Dataset;
use hitflop_core::disk::Staged;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label, ARTIST, DECADE, TARGET, TRACK, URI};
use hitflop_core::track_id::TrackMetadata;

/// What the table is called in a message.
const TABLE: &str = "tracks";
/// Rows of a matrix that are filled at a time.
const BLOCK_ROWS: usize = 1024;

/// The columns `features` of the processed table as a matrix, in which a missing value is NaN, and its column `target` as labels.
///
/// # Errors
/// A column is missing or holds no numbers; a value is infinite, or a target other than 0 and 1 (named by row and column).
pub fn dataset(frame: &DataFrame, features: &[Feature]) -> Result<Dataset> {
    let columns = features.iter().map(|feature| values(frame, feature.name())).collect::<Result<Vec<Vec<f64>>>>()?;
    let mut records = Array2::zeros((frame.height(), features.len()));
    // Block by block, as the rows of a block stay in the processor's cache.
    for (block, mut records) in records.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS).enumerate() {
        let first = block * BLOCK_ROWS;
        for (values, mut column) in columns.iter().zip(records.columns_mut()) {
            column.assign(&ArrayView1::from(&values[first..first + column.len()]));
        }
    }
    let targets = labels(frame)?.into_iter().map(|label| label == Label::Hit).collect();
    Dataset::new(features.to_vec(), records, targets)
}

impl Columns {
    /// The numeric columns of checked tracks ([`crate::ingest::tracks::TrackTable::numbers`]).
    ///
    /// # Errors
    /// A column is missing or holds no numbers; a value is no decade or no label.
    pub fn from_frame(numbers: &DataFrame) -> Result<Columns> {
        let features =
            Feature::ALL.into_iter().map(|feature| values(numbers, feature.name())).collect::<Result<_>>()?;
        Ok(Columns { features, decades: decades(numbers)?, labels: labels(numbers)? })
    }
}

/// Texts and decade of the processed table. A missing text is empty.
///
/// # Errors
/// A column is missing, holds no text or no decade.
pub fn identity(frame: &DataFrame) -> Result<TrackMetadata> {
    let texts = |name: &str| -> Result<Vec<String>> {
        let column = frame.column(name).engine()?.str().engine()?;
        Ok(column.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
    };
    Ok(TrackMetadata { titles: texts(TRACK)?, artists: texts(ARTIST)?, uris: texts(URI)?, decades: decades(frame)? })
}

/// Writes a dataset as Parquet: its features (whole ones as 32-bit whole numbers, missing ones as null), its `target` (0 or 1), and a text column `split`:
/// `test` for the rows whose indices are in `test`, else `train`.
///
/// # Errors
/// The operating system refuses, or Polars does, which would be a fault of this program.
pub fn write_split(dataset: &Dataset, test: &[usize], staged: &Staged) -> Result<()> {
    let mut table = with_split(dataset, test)?;
    let file = File::create(staged.path()).map_err(|source| Error::io("write", staged.target(), source))?;
    match ParquetWriter::new(file).finish(&mut table) {
        Ok(_) => Ok(()),
        Err(error) => staged.require_space().and(Err(error).engine()),
    }
}

fn with_split(dataset: &Dataset, test: &[usize]) -> Result<DataFrame> {
    let mut part = vec![TRAIN; dataset.rows()];
    test.iter().for_each(|&row| part[row] = TEST);
    let feature = |(feature, values): (&Feature, ArrayView1<f64>)| match feature.is_whole() {
        true => Column::new(
            feature.name().into(),
            known(values).map(|value| value.map(|value| value as i32)).collect::<Vec<_>>(),
        ),
        false => Column::new(feature.name().into(), known(values).collect::<Vec<_>>()),
    };
    let mut columns: Vec<Column> = dataset.features().iter().zip(dataset.records().columns()).map(feature).collect();
    columns.push(Column::new(TARGET.into(), dataset.targets().iter().map(|&hit| i32::from(hit)).collect::<Vec<i32>>()));
    columns.push(Column::new(SPLIT.into(), part));
    DataFrame::new(dataset.rows(), columns).engine()
}

/// Values, none for a missing one.
fn known(values: ArrayView1<'_, f64>) -> impl Iterator<Item = Option<f64>> + '_ {
    values.into_iter().map(|&value| (!value.is_nan()).then_some(value))
}

/// A column's values as 64-bit floats, in which every 32-bit whole number is exact; NaN where a value is missing.
fn values(frame: &DataFrame, name: &str) -> Result<Vec<f64>> {
    let place = || Place::table(TABLE).column(name);
    let Ok(column) = frame.column(name) else {
        return Err(Error::input(Fault::new(place(), Reason::MissingColumn, "the column is missing")));
    };
    if !column.dtype().is_primitive_numeric() {
        let fault = Fault::new(place(), Reason::NotANumber, "expected a column of numbers");
        return Err(Error::input(fault.found(column.dtype().to_string())));
    }
    let column = column.cast(&DataType::Float64).engine()?;
    let numbers = column.f64().engine()?;
    Ok(match numbers.null_count() {
        0 => numbers.into_no_null_iter().collect(),
        _ => numbers.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
    })
}

/// The decade of each row; none where it is missing.
fn decades(frame: &DataFrame) -> Result<Vec<Option<Decade>>> {
    let decade = |(row, year): (usize, &f64)| {
        if year.is_nan() {
            return Ok(None);
        }
        let decade = Decade::from_year(*year as i32).filter(|decade| f64::from(decade.year()) == *year);
        decade.map(Some).ok_or_else(|| {
            let place = Place::table(TABLE).row(row as u64 + 1).column(DECADE);
            let fault = Fault::new(place, Reason::UnknownDecade, "expected a decade from 1930 to 2020");
            Error::input(fault.found(year.to_string()))
        })
    };
    values(frame, DECADE)?.iter().enumerate().map(decade).collect()
}

fn labels(frame: &DataFrame) -> Result<Vec<Label>> {
    let label = |(row, target): (usize, &f64)| {
        Label::BOTH.into_iter().find(|&label| f64::from(label as i32) == *target).ok_or_else(|| {
            let place = Place::table(TABLE).row(row as u64 + 1).column(TARGET);
            Error::input(Fault::new(place, Reason::NotALabel, "expected 0 or 1").found(target.to_string()))
        })
    };
    values(frame, TARGET)?.iter().enumerate().map(label).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use polars::prelude::{IntoColumn, NamedFrom, Series};

    use super::*;

    fn frame(energy: Series, key: Series, target: Series) -> DataFrame {
        let height = energy.len();
        let columns = [("energy", energy), ("key", key), (TARGET, target)];
        let columns = columns.into_iter().map(|(name, series)| series.with_name(name.into()).into_column()).collect();
        DataFrame::new(height, columns).expect("columns of one length")
    }

    fn series<T, Phantom: ?Sized>(values: T) -> Series
    where
        Series: NamedFrom<T, Phantom>,
    {
        Series::new("".into(), values)
    }

    #[test]
    fn columns_are_taken_by_name_in_the_order_requested() {
        let frame = frame(series(vec![0.5, 0.25]), series(vec![3i32, 11]), series(vec![1i32, 0]));
        let dataset = super::dataset(&frame, &[Feature::Key, Feature::Energy]).expect("a dataset");
        assert_eq!(dataset.records(), array![[3.0, 0.5], [11.0, 0.25]]);
        assert_eq!(dataset.targets(), array![true, false]);
    }

    #[test]
    fn faults_are_placed() {
        let message = |frame: DataFrame| {
            let error = super::dataset(&frame, &[Feature::Energy, Feature::Key]).expect_err("refused");
            assert!(error.is_input());
            error.to_string()
        };
        let (energy, key, target) = (series(vec![0.5, 0.25]), series(vec![3i32, 11]), series(vec![1i32, 0]));
        let infinite = series(vec![f64::INFINITY, 0.0]);
        assert_eq!(
            message(frame(infinite, key.clone(), target.clone())),
            r#"tracks, row 1, column energy: expected a finite number, or NaN for a missing one, found "inf""#
        );
        assert_eq!(
            message(frame(energy.clone(), key.clone(), series(vec![1i32, 2]))),
            r#"tracks, row 2, column target: expected 0 or 1, found "2""#
        );
        assert_eq!(
            message(frame(energy.clone(), series(vec!["C", "B"]), target.clone())),
            r#"tracks, column key: expected a column of numbers, found "str""#
        );
        let without = frame(energy, key, target).drop("key").expect("the column is there");
        assert_eq!(message(without), "tracks, column key: the column is missing");
    }

    #[test]
    fn decades_are_checked() {
        let years = |years: Series| {
            let frame = DataFrame::new(2, vec![years.with_name(DECADE.into()).into_column()]).expect("a column");
            decades(&frame).map(|decades| decades[1].map(Decade::year)).map_err(|error| error.to_string())
        };
        assert_eq!(years(series(vec![1960i32, 2010])), Ok(Some(2010)));
        assert_eq!(years(series(vec![Some(1960i32), None])), Ok(None), "it is not known");
        let rule = "tracks, row 2, column decade: expected a decade from 1930 to 2020, found";
        assert_eq!(years(series(vec![1960i32, 1965])), Err(format!("{rule} \"1965\"")));
        assert_eq!(years(series(vec![1960.0, 1960.5])), Err(format!("{rule} \"1960.5\"")));
    }

    #[test]
    fn a_split_table_says_which_part_a_row_is_in() {
        let frame = frame(series([Some(0.1), None, Some(0.3)]), series([Some(1), Some(2), None]), series([1, 0, 1]));
        let dataset = super::dataset(&frame, &[Feature::Key, Feature::Energy]).expect("a dataset");
        assert!(dataset.records()[[2, 0]].is_nan() && dataset.records()[[1, 1]].is_nan());
        let table = with_split(&dataset, &[1]).expect("a table");
        let names: Vec<&str> = table.columns().iter().map(|column| column.name().as_str()).collect();
        assert_eq!(names, ["key", "energy", TARGET, "split"]);
        assert_eq!(table.columns().iter().map(Column::null_count).collect::<Vec<_>>(), [1, 1, 0, 0]);
        let part = table.column("split").expect("a column").str().expect("text");
        assert_eq!(part.iter().flatten().collect::<Vec<_>>(), ["train", "test", "train"]);
    }
}
