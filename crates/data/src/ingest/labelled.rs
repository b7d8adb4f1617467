//! Labelled tracks to score a model on: a CSV or Parquet file with the features of a model and a column `target`.

use std::path::Path;

use polars::prelude::*;

use super::rule;
use super::unlabelled::{self, Missing};
use crate::engine::EngineResult;
use hitflop_core::error::{Error, Fault, Place, Reason, Result, MAX_LISTED_FAULTS};
use hitflop_core::track::{Feature, Label, ARTIST, TARGET};

/// Name of the column that says which part of a split a row belongs to.
pub const SPLIT: &str = "split";
/// Its value for rows to fit on.
pub const TRAIN: &str = "train";
/// Its value for rows to score on.
pub const TEST: &str = "test";

/// Features and labels of the rows to be scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Features row by row, each row in the order that was asked for; NaN is missing.
    pub values: Vec<f64>,
    /// Whether each row is a hit.
    pub targets: Vec<bool>,
    /// The artist of each row, if the file has that column.
    pub artists: Option<Vec<String>>,
    /// Whether the file has a column `split`, so that these are its rows `test` only.
    pub test_rows_only: bool,
}

/// Reads the `features` and the labels of a file, Parquet if its name ends so, else CSV. Of a file with a column `split` the rows
/// `test` only; all rows are checked.
///
/// # Errors
/// As for tracks to be scored ([`unlabelled::read`]); the column `target` is missing or holds something else than 0 and 1; a `split` is
/// neither `train` nor `test`; or the file cannot be read as what its name says.
pub fn read(path: &Path, features: &[Feature], missing: Missing) -> Result<Labelled> {
    let name = path.display().to_string();
    if !path.is_file() {
        return Err(Error::input(Fault::new(Place::file(name), Reason::NoSuchFile, "no such file")));
    }
    let is_parquet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    let all = if is_parquet { parquet(path, &name, features, missing)? } else { csv(path, &name, features, missing)? };
    all.test_rows(&name, features.len())
}

/// All rows, before the split is looked at.
struct LabelledRows {
    values: Vec<f64>,
    targets: Vec<bool>,
    artists: Option<Vec<String>>,
    split: Option<Vec<String>>,
}

impl LabelledRows {
    fn test_rows(self, name: &str, width: usize) -> Result<Labelled> {
        let LabelledRows { values, targets, artists, split } = self;
        let Some(split) = split else { return Ok(Labelled { values, targets, artists, test_rows_only: false }) };
        if let Some(row) = split.iter().position(|part| part != TRAIN && part != TEST) {
            let place = Place::file(name).row(row as u64 + 1).column(SPLIT);
            let fault = Fault::new(place, Reason::Setting, "expected train or test").found(&split[row]);
            return Err(Error::input(fault));
        }
        let rows: Vec<usize> = (0..split.len()).filter(|&row| split[row] == TEST).collect();
        Ok(Labelled {
            values: rows.iter().flat_map(|&row| values[row * width..(row + 1) * width].iter().copied()).collect(),
            targets: rows.iter().map(|&row| targets[row]).collect(),
            artists: artists.map(|artists| rows.iter().map(|&row| artists[row].clone()).collect()),
            test_rows_only: true,
        })
    }
}

fn csv(path: &Path, name: &str, features: &[Feature], missing: Missing) -> Result<LabelledRows> {
    let tracks = unlabelled::read(path, features, missing)?;
    let position = |column: &str| tracks.columns.iter().position(|own| own == column);
    let Some(target) = position(TARGET) else { return Err(missing_column(name, TARGET)) };
    let mut targets = Vec::new();
    let mut faults = Vec::new();
    for (row, record) in tracks.records.iter().enumerate() {
        match rule::label(&record[target]) {
            Ok(label) => targets.push(label == Label::Hit),
            Err((reason, rule)) => {
                let place = Place::file(name).row(row as u64 + 1).column(TARGET);
                faults.push(Fault::new(place, reason, rule).found(&record[target]));
            }
        }
    }
    refuse(faults)?;
    let texts = |position: usize| tracks.records.iter().map(|record| record[position].to_owned()).collect();
    Ok(LabelledRows {
        targets,
        artists: position(ARTIST).map(texts),
        split: position(SPLIT).map(texts),
        values: tracks.values,
    })
}

fn parquet(path: &Path, name: &str, features: &[Feature], missing: Missing) -> Result<LabelledRows> {
    let unreadable = |error: PolarsError| {
        let rule = format!("cannot be read as Parquet: {error}");
        Error::input(Fault::new(Place::file(name), Reason::Unreadable, rule))
    };
    let args = ScanArgsParquet { glob: false, ..Default::default() };
    let table = PlRefPath::try_from_path(path)
        .and_then(|path| LazyFrame::scan_parquet(path, args))
        .and_then(LazyFrame::collect)
        .map_err(unreadable)?;
    let mut columns = Vec::new();
    for &feature in features {
        columns.push(numbers(&table, name, feature.name(), missing)?);
    }
    if !features.iter().any(|feature| table.column(feature.name()).is_ok()) {
        return Err(missing_column(name, features.first().map_or(TARGET, |feature| feature.name())));
    }
    let labels = numbers(&table, name, TARGET, Missing::Refused)?;
    let faults = labels.iter().enumerate().filter(|(_, label)| **label != 0.0 && **label != 1.0).map(|(row, label)| {
        let place = Place::file(name).row(row as u64 + 1).column(TARGET);
        Fault::new(place, Reason::NotALabel, "expected 0 or 1").found(label.to_string())
    });
    refuse(faults.collect())?;
    let texts = |column: &str| -> Result<Option<Vec<String>>> {
        let Ok(column) = table.column(column) else { return Ok(None) };
        let texts = column.cast(&DataType::String).engine()?;
        Ok(Some(texts.str().engine()?.iter().map(|text| text.unwrap_or_default().to_owned()).collect()))
    };
    Ok(LabelledRows {
        values: (0..table.height()).flat_map(|row| columns.iter().map(move |column| column[row])).collect(),
        targets: labels.iter().map(|label| *label == 1.0).collect(),
        artists: texts(ARTIST)?,
        split: texts(SPLIT)?,
    })
}

/// A column as 64-bit floats; NaN where a value is missing.
fn numbers(table: &DataFrame, name: &str, column: &str, missing: Missing) -> Result<Vec<f64>> {
    let Ok(found) = table.column(column) else {
        return match missing {
            Missing::Allowed => Ok(vec![f64::NAN; table.height()]),
            Missing::Refused => Err(missing_column(name, column)),
        };
    };
    let place = || Place::file(name).column(column);
    if !found.dtype().is_primitive_numeric() {
        let fault = Fault::new(place(), Reason::NotANumber, "expected a column of numbers");
        return Err(Error::input(fault.found(found.dtype().to_string())));
    }
    let found = found.cast(&DataType::Float64).engine()?;
    let values: Vec<Option<f64>> = found.f64().engine()?.iter().collect();
    let is_wrong = |value: &Option<f64>| match value {
        None => missing == Missing::Refused,
        Some(value) => value.is_infinite() || (value.is_nan() && missing == Missing::Refused),
    };
    let faults = values.iter().enumerate().filter(|(_, value)| is_wrong(value)).map(|(row, value)| {
        let place = place().row(row as u64 + 1);
        match value {
            None => Fault::new(place, Reason::Empty, "expected a number, found none"),
            Some(value) => Fault::new(place, Reason::NotFinite, "expected a finite number").found(value.to_string()),
        }
    });
    refuse(faults.collect())?;
    Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

fn refuse(faults: Vec<Fault>) -> Result<()> {
    match faults.len() {
        0 => Ok(()),
        total => Err(Error::inputs(faults.into_iter().take(MAX_LISTED_FAULTS).collect(), total as u64)),
    }
}

fn missing_column(name: &str, column: &str) -> Error {
    Error::input(Fault::new(Place::file(name).column(column), Reason::MissingColumn, "the column is missing"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FEATURES: [Feature; 2] = [Feature::Energy, Feature::Key];

    fn table() -> DataFrame {
        df!(
            "key" => [3i32, 11, 5],
            "energy" => [0.5, 0.25, 1.0],
            TARGET => [1i32, 0, 1],
            SPLIT => ["train", "test", "test"],
            ARTIST => ["a", "b", "c"]
        )
        .expect("a table")
    }

    fn written(table: &mut DataFrame) -> tempfile::TempPath {
        let file = tempfile::Builder::new().suffix(".parquet").tempfile().expect("a file");
        ParquetWriter::new(file.as_file()).finish(table).expect("written");
        file.into_temp_path()
    }

    #[test]
    fn parquet_and_csv_give_the_same_test_rows() {
        let expected = Labelled {
            values: vec![0.25, 11.0, 1.0, 5.0],
            targets: vec![false, true],
            artists: Some(vec!["b".to_owned(), "c".to_owned()]),
            test_rows_only: true,
        };
        let path = written(&mut table());
        assert_eq!(read(&path, &FEATURES, Missing::Refused).expect("rows"), expected);
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        let text = "artist,energy,key,target,split\na,0.5,3,1,train\nb,0.25,11,0,test\nc,1,5,1,test\n";
        fs::write(file.path(), text).expect("written");
        assert_eq!(read(file.path(), &FEATURES, Missing::Refused).expect("rows"), expected);
    }

    #[test]
    fn without_a_split_all_rows_are_read() {
        let path = written(&mut table().drop(SPLIT).and_then(|table| table.drop(ARTIST)).expect("columns"));
        let found = read(&path, &FEATURES, Missing::Refused).expect("rows");
        assert_eq!((found.targets.len(), found.artists, found.test_rows_only), (3, None, false));
        let without = written(&mut table().drop("key").expect("a column"));
        let values = read(&without, &FEATURES, Missing::Allowed).expect("rows").values;
        assert!(values[0] == 0.25 && values[1].is_nan());
    }

    #[test]
    fn faults_are_placed() {
        let told = |change: &dyn Fn(&mut DataFrame)| {
            let mut table = table();
            change(&mut table);
            let path = written(&mut table);
            let error = read(&path, &FEATURES, Missing::Refused).expect_err("refused");
            assert!(error.is_input());
            error.to_string().replace(&path.display().to_string(), "FILE")
        };
        let with = |name: &'static str, values: Vec<Option<f64>>| {
            move |table: &mut DataFrame| {
                table.with_column(Column::new(name.into(), values.clone())).expect("a column");
            }
        };
        assert_eq!(
            told(&with("energy", vec![Some(0.1), None, Some(0.2)])),
            "FILE, row 2, column energy: expected a number, found none"
        );
        assert_eq!(
            told(&with("energy", vec![Some(0.1), Some(f64::INFINITY), None])).lines().next(),
            Some(r#"FILE, row 2, column energy: expected a finite number, found "inf""#)
        );
        assert_eq!(
            told(&with(TARGET, vec![Some(0.0), Some(1.0), Some(2.0)])),
            r#"FILE, row 3, column target: expected 0 or 1, found "2""#
        );
        let drop = |name: &'static str| {
            move |table: &mut DataFrame| {
                *table = table.drop(name).expect("a column");
            }
        };
        assert_eq!(told(&drop("key")), "FILE, column key: the column is missing");
        assert_eq!(told(&drop(TARGET)), "FILE, column target: the column is missing");
        let split = |table: &mut DataFrame| {
            table.with_column(Column::new(SPLIT.into(), ["train", "validate", "test"])).expect("a column");
        };
        assert_eq!(told(&split), r#"FILE, row 2, column split: expected train or test, found "validate""#);
        let none = tempfile::Builder::new().suffix(".parquet").tempfile().expect("a file");
        fs::write(none.path(), "no table").expect("written");
        let error = read(none.path(), &FEATURES, Missing::Refused).expect_err("refused").to_string();
        assert!(error.contains("cannot be read as Parquet"), "{error}");
        assert!(read(Path::new("nowhere.csv"), &FEATURES, Missing::Refused).expect_err("refused").is_input());
    }
}
