//! Tracks to be scored: tables of any format, with the features of a model and whatever other columns.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use serde::Serialize;

use crate::table::find::{find, FoundFile};
use crate::table::{open_whole, TableData, TableOptions};
use crate::track_errors::{none_read, FaultList};
use crate::track_reader::TrackReader;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::{ColumnMapping, ColumnUse, MappingOptions, TrackTexts};
use hitflop_core::reader::{FeatureRow, Table};
use hitflop_core::track::{Decade, Feature, TARGET};

/// Name of the column that says which part of a split a row belongs to.
pub use hitflop_core::reader::name::SPLIT;

/// Value of the column [`SPLIT`] for rows to fit on.
pub const TRAIN: &str = "train";
/// Value of the column [`SPLIT`] for rows to score on.
pub const TEST: &str = "test";

/// How tables of tracks are read.
#[derive(Clone, Debug, Default)]
pub struct TrackFileOptions {
    /// Name of the encoding of texts. Default: UTF-8, or what the bytes show to be certain.
    pub encoding: Option<String>,
    /// How the columns are found.
    pub mapping: MappingOptions,
    /// Whether values and columns may be missing. Default: they are refused.
    pub allow_missing: bool,
    /// Whether the checksum of each file is computed.
    pub with_checksums: bool,
    /// Rows of a batch, where tables are read in batches. Default: 65,536, of Parquet 262,144.
    pub rows_per_batch: Option<NonZeroUsize>,
}

/// A table and what its columns are.
#[derive(Clone, Debug, Serialize)]
pub struct TrackFile {
    /// Name of the file.
    pub file: String,
    /// What its columns are.
    pub mapping: ColumnMapping,
    /// Its rows.
    #[serde(skip)]
    pub table: TableData,
    /// SHA-256 in hexadecimal, if it was requested: of the bytes on disk, or of a member of an archive.
    #[serde(skip)]
    pub sha256: Option<String>,
}

/// Tracks of one or more files, and their features.
#[derive(Clone, Debug)]
pub struct TrackFiles {
    /// At least one file.
    pub files: Vec<TrackFile>,
    /// The features of each row; NaN is missing, and so is a feature that was not requested. The decade is always read.
    pub rows: Vec<FeatureRow>,
    /// Features that no file has a column for; their values are all missing.
    pub absent: Vec<Feature>,
    /// What was noticed and needs no action: files passed over, how a file was read.
    pub notices: Vec<String>,
}

/// Reads the `features` of all rows of the tables that `inputs` name: files, globs, directories, archives, or `-` for standard
/// input. Other columns are kept as they are.
///
/// # Errors
/// No such file; a file is no table; a feature has no column, or its unit is not known; a row breaks a rule or has no value of an
/// audio feature (all such rows are counted).
pub fn read(inputs: &[PathBuf], features: &[Feature], options: &TrackFileOptions) -> Result<TrackFiles> {
    let found = find(inputs)?;
    let notices = found.passed_over.iter().map(|file| file.notice(&file.full_name)).collect();
    let mut tracks = TrackFiles { files: Vec::new(), rows: Vec::new(), absent: Vec::new(), notices };
    let mut faults = FaultList::default();
    for file in &found.files {
        let opened = open_whole(&file.content.named(&file.full_name), &table_options(features, options));
        let mapped = opened.and_then(|source| Ok((TrackReader::of(&source, features, options)?, source.whole()?)));
        let (reader, opened) = match mapped {
            Ok(mapped) => mapped,
            Err(error) => {
                tracks.notices.push(passed_over(file, error)?);
                continue;
            }
        };
        let sha256 =
            options.with_checksums.then(|| file.content.fingerprint()).transpose()?.map(|(_, sha256, _)| sha256);
        tracks.rows.extend(reader.read(&opened.data, &opened.broken, &mut faults));
        tracks.notices.extend(opened.notices);
        tracks.files.push(TrackFile { file: opened.name, mapping: reader.mapping, table: opened.data, sha256 });
    }
    if tracks.files.is_empty() {
        return Err(none_read(inputs, &tracks.notices));
    }
    faults.refuse(options.allow_missing)?;
    let mappings = || tracks.files.iter().map(|file| (file.file.as_str(), &file.mapping));
    tracks.notices.extend(decades_in_names(mappings()));
    tracks.absent = absent(features, mappings());
    Ok(tracks)
}

/// How tables are read, of which the `features` are needed.
pub(crate) fn table_options(features: &[Feature], options: &TrackFileOptions) -> TableOptions {
    let positional = features.iter().map(|feature| feature.name().to_owned()).collect();
    TableOptions { encoding: options.encoding.clone(), positional, rows_per_batch: options.rows_per_batch }
}

/// What is said of a file that is no table of tracks, if the user did not name it.
///
/// # Errors
/// `error`, of a file that the user named or that is not at fault.
pub(crate) fn passed_over(file: &FoundFile, error: Error) -> Result<String> {
    match error {
        Error::Input(faults, _) if !file.is_named => {
            let why = faults.first().map_or(String::new(), |fault| match (fault.reason, fault.place.cell().1) {
                (Reason::MissingColumn, Some(column)) => format!(", it has no column {column}"),
                _ => format!(", {}", fault.rule),
            });
            Ok(format!("{}: passed over{why}", file.full_name))
        }
        error => Err(error),
    }
}

/// The features that no file has a column for.
pub(crate) fn absent<'a>(
    features: &[Feature],
    files: impl Iterator<Item = (&'a str, &'a ColumnMapping)>,
) -> Vec<Feature> {
    let mappings: Vec<&ColumnMapping> = files.map(|(_, mapping)| mapping).collect();
    let is_absent = |feature: &&Feature| !mappings.iter().any(|mapping| mapping.gives(**feature));
    features.iter().filter(is_absent).copied().collect()
}

/// The files whose names give the decade of all their tracks.
pub(crate) fn decades_in_names<'a>(files: impl Iterator<Item = (&'a str, &'a ColumnMapping)>) -> Option<String> {
    let named: Vec<(&str, Decade)> =
        files.filter_map(|(file, mapping)| Some((file, mapping.decade_in_name()?))).collect();
    match &named[..] {
        [] => None,
        [(name, decade)] => Some(format!("{name}: the decade of all tracks is taken from the file's name: {decade}")),
        several => {
            let each: Vec<String> = several.iter().map(|(name, decade)| format!("{decade} ({name})")).collect();
            let files = several.len();
            Some(format!("{files} files: the decade of all tracks is taken from the file's name: {}", each.join(", ")))
        }
    }
}

/// The rows as a matrix of these features, in their order; the rows themselves if these are all features.
pub fn matrix<'r>(rows: &'r [FeatureRow], features: &[Feature]) -> CowArray<'r, f64, Ix2> {
    let shape = (rows.len(), features.len());
    match ArrayView2::from_shape(shape, rows.as_flattened()) {
        Ok(all) if *features == Feature::ALL => all.into(),
        _ => Array2::from_shape_fn(shape, |(row, at)| rows[row][features[at] as usize]).into(),
    }
}

/// Labels and parts of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRows {
    /// Indices of the rows to be scored: those of the part `test` if there is a column `split`, else all.
    pub rows: Vec<usize>,
    /// Whether each of them is a hit.
    pub targets: Vec<bool>,
    /// The artist of each of them, if all files have that column.
    pub artists: Option<Vec<String>>,
    /// Whether there is a column `split`.
    pub test_rows_only: bool,
}

impl TrackFiles {
    /// The decade of each row, as far as it is known.
    pub fn decades(&self) -> Vec<Option<Decade>> {
        let decade = |row: &FeatureRow| match row[Feature::Decade as usize] {
            year if year.is_nan() => None,
            year => Decade::from_year(year as i32),
        };
        self.rows.iter().map(decade).collect()
    }

    /// The rows as a matrix of these features, in their order.
    pub fn matrix(&self, features: &[Feature]) -> Array2<f64> {
        matrix(&self.rows, features).into_owned()
    }

    /// The file of a row, counted from 0 over all files, and its number there.
    ///
    /// # Panics
    /// There is no such row.
    pub fn locate(&self, row: usize) -> (&TrackFile, u64) {
        let (file, row) = self.file_of(row);
        (file, file.table.row_number(row))
    }

    /// Title, artist and URI of a row, counted from 0 over all files.
    ///
    /// # Panics
    /// There is no such row.
    pub fn texts(&self, row: usize) -> TrackTexts<'_> {
        let (file, row) = self.file_of(row);
        file.mapping.texts(&file.table, row)
    }

    /// The file of a row, and the row's index in it.
    fn file_of(&self, row: usize) -> (&TrackFile, usize) {
        let mut first = 0;
        for file in &self.files {
            if row < first + file.table.rows() {
                return (file, row - first);
            }
            first += file.table.rows();
        }
        // Documented: callers have the index of a row.
        panic!("there are {first} rows, and none with the index {row}")
    }

    /// The tables, one below the other.
    pub fn tables(&self) -> Vec<&TableData> {
        self.files.iter().map(|file| &file.table).collect()
    }

    /// The labels of the rows to be scored. All rows are checked.
    ///
    /// # Errors
    /// A file has no labels; a label is missing or neither 0 nor 1; a part of a split is neither `train` nor `test`.
    pub fn labelled(&self) -> Result<LabelledRows> {
        let has_artists = self.files.iter().all(|file| file.mapping.position_of(ColumnUse::Artist).is_some());
        let has_split = self.files.iter().any(|file| file.mapping.position_of(ColumnUse::Split).is_some());
        let mut labelled = LabelledRows {
            rows: Vec::new(),
            targets: Vec::new(),
            artists: has_artists.then(Vec::new),
            test_rows_only: has_split,
        };
        let (mut faults, mut first) = (FaultList::default(), 0);
        for file in &self.files {
            file.require_label()?;
            for row in 0..file.table.rows() {
                match file.label(row).and_then(|target| Ok((target, file.is_test_row(row)?))) {
                    Err(fault) => faults.push(*fault),
                    Ok((_, false)) => {}
                    Ok((target, true)) => {
                        labelled.rows.push(first + row);
                        labelled.targets.push(target);
                        let artist = || file.mapping.texts(&file.table, row).artist.unwrap_or_default().into_owned();
                        labelled.artists.iter_mut().for_each(|artists| artists.push(artist()));
                    }
                }
            }
            first += file.table.rows();
        }
        // A label is never missing by permission.
        faults.refuse(true)?;
        Ok(labelled)
    }
}

impl TrackFile {
    pub(crate) fn place(&self, row: usize, column: ColumnUse) -> Place {
        let position = self.mapping.position_of(column);
        let name = position.map_or(column.name(), |position| &self.mapping.columns()[position].column);
        Place::file(&self.file).row(self.table.row_number(row)).column(name)
    }

    fn require_label(&self) -> Result<()> {
        if self.mapping.has_label() {
            return Ok(());
        }
        let rule = match self.mapping.nearest_unused(TARGET) {
            Some(nearest) => format!("the column is missing; the nearest name in the file is {nearest:?}"),
            None => "the column is missing".to_owned(),
        };
        Err(Error::input(Fault::new(Place::file(&self.file).column(TARGET), Reason::MissingColumn, rule)))
    }

    fn label(&self, row: usize) -> std::result::Result<bool, Box<Fault>> {
        let place = || self.place(row, ColumnUse::Label);
        match self.mapping.label(&self.table, row) {
            Ok(Some(is_hit)) => Ok(is_hit),
            Ok(None) => Err(Box::new(Fault::new(place(), Reason::Empty, "expected 0 or 1, found none"))),
            Err(fault) => {
                let position = self.mapping.position_of(ColumnUse::Label).unwrap_or_default();
                Err(Box::new(Fault::new(place(), fault.reason, fault.rule).found(self.table.text(row, position))))
            }
        }
    }

    /// Whether a row is to be scored.
    fn is_test_row(&self, row: usize) -> std::result::Result<bool, Box<Fault>> {
        if self.mapping.position_of(ColumnUse::Split).is_none() {
            return Ok(true);
        }
        match self.mapping.split(&self.table, row).as_deref() {
            Some(TEST) => Ok(true),
            Some(TRAIN) => Ok(false),
            other => {
                let place = self.place(row, ColumnUse::Split);
                let fault = Fault::new(place, Reason::Setting, "expected train or test");
                Err(Box::new(fault.found(other.unwrap_or_default())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use hitflop_core::reader::NO_AUDIO_RULE;
    use hitflop_core::track::ARTIST;
    use ndarray::array;
    use polars::prelude::*;

    use super::*;

    const FEATURES: [Feature; 2] = [Feature::Energy, Feature::Key];

    fn with_missing(allow_missing: bool) -> TrackFileOptions {
        TrackFileOptions { allow_missing, ..TrackFileOptions::default() }
    }

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(name);
        fs::write(&path, bytes).expect("written");
        (directory, path)
    }

    fn parquet() -> Vec<u8> {
        let mut table = df!(
            "key" => [3i32, 11, 5],
            "energy" => [0.5, 0.25, 1.0],
            TARGET => [1i32, 0, 1],
            SPLIT => ["train", "test", "test"],
            ARTIST => ["a", "b", "c"]
        )
        .expect("a table");
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut table).expect("written");
        bytes
    }

    #[test]
    fn every_format_gives_the_same_test_rows() {
        let csv = "artist,energy,key,target,split\na,0.5,3,1,train\nb,0.25,11,0,test\nc,1,5,1,test\n";
        let json = r#"[{"artist":"a","energy":0.5,"key":3,"target":1,"split":"train"},
            {"artist":"b","energy":0.25,"key":11,"target":0,"split":"test"},
            {"artist":"c","energy":1,"key":5,"target":true,"split":"test"}]"#;
        let semicolons = csv.replace(',', ";").replace("0.", "0,");
        let files = [
            ("x.parquet", parquet()),
            ("x.csv", csv.into()),
            ("x.json", json.into()),
            ("x.txt", semicolons.into()),
            ("x.tsv", csv.replace(',', "\t").replace('\n', "\r").into()),
        ];
        for (name, bytes) in files {
            let (_directory, path) = written(name, &bytes);
            let tracks = read(&[path], &FEATURES, &with_missing(false)).expect(name);
            assert_eq!(tracks.matrix(&FEATURES), array![[0.5, 3.0], [0.25, 11.0], [1.0, 5.0]], "{name}");
            let expected = LabelledRows {
                rows: vec![1, 2],
                targets: vec![false, true],
                artists: Some(vec!["b".to_owned(), "c".to_owned()]),
                test_rows_only: true,
            };
            assert_eq!(tracks.labelled().expect(name), expected, "{name}");
        }
    }

    #[test]
    fn files_are_read_one_after_the_other() {
        let (directory, path) = written("of_60s.csv", b"energy,key\n0.5,3\n0.25,4\n");
        fs::write(directory.path().join("b.json"), r#"{"energy": 1, "decade": 1990}"#).expect("written");
        fs::write(directory.path().join("readme.txt"), "nothing\nhere\n").expect("written");
        let tracks = read(&[path, directory.path().join("b*")], &FEATURES, &with_missing(true)).expect("tracks");
        assert_eq!((tracks.rows.len(), tracks.files.len()), (3, 2));
        assert!(tracks.rows[2][Feature::Key as usize].is_nan() && tracks.absent.is_empty());
        let decades: Vec<i32> = tracks.decades().into_iter().flatten().map(|decade| decade.year()).collect();
        assert_eq!(decades, [1960, 1960, 1990]);
        let notices = tracks.notices.join("\n");
        assert!(
            notices.contains("of_60s.csv: the decade of all tracks is taken from the file's name: 1960s"),
            "{notices}"
        );
        let tracks = read(&[directory.path().to_owned()], &FEATURES, &with_missing(true)).expect("tracks");
        assert_eq!(tracks.rows.len(), 3);
        let notices = tracks.notices.join("\n");
        assert!(
            notices.contains("readme.txt: passed over, expected a column for at least one audio feature"),
            "{notices}"
        );
    }

    fn message(name: &str, bytes: &[u8], allow_missing: bool) -> String {
        let (directory, path) = written(name, bytes);
        let tracks = read(&[path], &FEATURES, &with_missing(allow_missing));
        let error = tracks.and_then(|tracks| tracks.labelled().map(drop)).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string().replace(&format!("{}/", directory.path().display()), "")
    }

    #[test]
    fn faults_are_placed() {
        let of = |csv: &str| message("x.csv", csv.as_bytes(), false);
        assert_eq!(
            of("energy,key,target\n0.5,3,1\n,4,0\n"),
            "x.csv, row 2, column energy: expected a number, found \"\"\n\
             allow-missing: accepts absent columns and empty fields, as missing values"
        );
        assert!(of("energy,key,target\n0.5,3,1\n,,0\n").starts_with(&format!("x.csv, row 2: {NO_AUDIO_RULE}")));
        assert_eq!(of("energy,key,target\n0.5,3,2\n"), "x.csv, row 1, column target: expected 0 or 1, found \"2\"");
        assert_eq!(of("energy,key\n0.5,3\n"), "x.csv, column target: the column is missing");
        assert_eq!(
            of("energy,key,target,split\n0.5,3,1,test\n0.5,3,1,validate\n"),
            "x.csv, row 2, column split: expected train or test, found \"validate\""
        );
        assert!(of("energy,key\n0.5,3\n0.5\n")
            .starts_with("x.csv, row 2: expected 2 fields, as in the header, found \"1\""));
        let many = format!("energy,key,target\n{}", "loud,3,1\n".repeat(9000));
        assert!(of(&many).ends_with("… and 8990 more"), "{}", of(&many));
        // A null of JSON is no row, but counts.
        let json = r#"{"audio_features": [{"energy": 0.5}, null, {"energy": "loud"}]}"#;
        assert!(message("x.json", json.as_bytes(), true).starts_with("x.json, row 3, column energy: expected a number"));
        assert!(message("x.parquet", b"PAR1 no table", true).contains("expected a whole Parquet file"));
        assert!(read(&[Path::new("nowhere.csv").to_owned()], &FEATURES, &with_missing(true))
            .expect_err("no")
            .is_input());
    }
}
