//! Tracks to be scored: a CSV file with the features of a model and whatever other columns, read by the rules of
//! ingest.

use std::fs::File;
use std::path::Path;

use csv::StringRecord;

use super::decade_in_name::decade_of_name;
use super::header::{self, ColumnNames};
use super::rule::{self, RuleViolation};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, DECADE};

/// The rows of a file, as they stand there, and their features as numbers.
#[derive(Clone, Debug)]
pub struct Unlabelled {
    /// Column names in the order of the file.
    pub columns: Vec<String>,
    /// The rows, every field as it stands in the file.
    pub records: Vec<StringRecord>,
    /// Features row by row, each row in the order that was asked for.
    pub values: Vec<f64>,
    /// Features that the file has no column for; their values are all missing.
    pub absent: Vec<Feature>,
}

/// Whether a value may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It breaks a rule, as in a decade file.
    Refused,
    /// An empty field, or a column that is not there, is NaN.
    Allowed,
}

/// Reads the `features` of every row of `path`. Labels are not needed; other columns are kept as they are.
///
/// # Errors
/// As for a decade file: a missing column (all of them, if `missing` is allowed), an empty file, a row that breaks a rule (all of them
/// are counted).
pub fn read(path: &Path, features: &[Feature], missing: Missing) -> Result<Unlabelled> {
    let name = path.display().to_string();
    if !path.is_file() {
        return Err(Error::input(Fault::new(Place::file(name), Reason::NoSuchFile, "no such file")));
    }
    let header = ColumnNames::read(path, &name)?;
    let reading = UnlabelledReader::new(&header, &name, features, missing)?;
    let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);

    let (mut records, mut values, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (index, record) in reader.byte_records().enumerate() {
        let record = record.map_err(|error| header::unreadable(&name, &error))?;
        match reading.row(record) {
            Ok((record, row)) => {
                records.push(record);
                values.extend(row);
            }
            Err((column, (reason, rule), value)) => {
                let place = Place::File { file: name.clone(), row: Some(index as u64 + 1), column };
                faults.push(Fault::new(place, reason, rule).found(value));
            }
        }
    }
    match faults.len() {
        0 => Ok(Unlabelled { columns: header.columns().to_vec(), records, values, absent: reading.absent() }),
        total => Err(Error::inputs(faults, total as u64)),
    }
}

/// Where a value comes from.
enum ValueSource {
    Column(usize),
    FileName(Decade),
    Nowhere,
}

struct UnlabelledReader<'a> {
    fields: usize,
    features: &'a [Feature],
    origins: Vec<ValueSource>,
    decade_in_name: Option<Decade>,
    missing: Missing,
}

/// The column at fault, the rule, and the value found.
type ValueFault = (Option<String>, RuleViolation, String);

impl<'a> UnlabelledReader<'a> {
    fn new(
        header: &ColumnNames,
        name: &str,
        features: &'a [Feature],
        missing: Missing,
    ) -> Result<UnlabelledReader<'a>> {
        let decade_in_name = decade_of_name(name);
        if missing == Missing::Refused {
            let needed = |feature: &&Feature| **feature != Feature::Decade || decade_in_name.is_none();
            header.require_all(features.iter().filter(needed).map(|feature| feature.name()), name)?;
        }
        let origin = |&feature: &Feature| match (header.position(feature.name()), decade_in_name) {
            (Some(position), _) => Ok(ValueSource::Column(position)),
            (None, Some(decade)) if feature == Feature::Decade => Ok(ValueSource::FileName(decade)),
            (None, _) if missing == Missing::Allowed => Ok(ValueSource::Nowhere),
            (None, _) => header.require(DECADE, name).map(ValueSource::Column),
        };
        let origins: Vec<ValueSource> = features.iter().map(origin).collect::<Result<_>>()?;
        if !origins.iter().any(|origin| matches!(origin, ValueSource::Column(_))) {
            // Nothing to go by: another separator, other names, another file.
            header.require_all(features.iter().map(|feature| feature.name()), name)?;
        }
        Ok(UnlabelledReader { fields: header.columns().len(), features, origins, decade_in_name, missing })
    }

    fn row(&self, record: csv::ByteRecord) -> std::result::Result<(StringRecord, Vec<f64>), ValueFault> {
        if record.len() != self.fields {
            let rule = format!("expected {} fields, as in the header", self.fields);
            return Err((None, (Reason::FieldCount, rule), record.len().to_string()));
        }
        let record = StringRecord::from_byte_record(record).map_err(|error| {
            let field = error.utf8_error().field();
            let value =
                error.into_byte_record().get(field).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            (None, (Reason::NotUtf8, format!("expected UTF-8 in field {}", field + 1)), value)
        })?;
        let values =
            self.features.iter().zip(&self.origins).map(|(&feature, origin)| self.value(&record, feature, origin));
        let values = values.collect::<std::result::Result<_, _>>()?;
        Ok((record, values))
    }

    fn value(
        &self,
        record: &StringRecord,
        feature: Feature,
        origin: &ValueSource,
    ) -> std::result::Result<f64, ValueFault> {
        match *origin {
            ValueSource::FileName(decade) => Ok(f64::from(decade.year())),
            ValueSource::Nowhere => Ok(f64::NAN),
            ValueSource::Column(position) if self.is_missing(&record[position]) => Ok(f64::NAN),
            ValueSource::Column(position) => {
                let field = &record[position];
                let value = match feature {
                    Feature::Decade => rule::decade(field, self.decade_in_name).map(|decade| f64::from(decade.year())),
                    _ => rule::number(feature, field),
                };
                value.map_err(|broken| (Some(feature.name().to_owned()), broken, field.to_owned()))
            }
        }
    }

    fn absent(&self) -> Vec<Feature> {
        let is_absent =
            |(feature, origin): (&Feature, &ValueSource)| matches!(origin, ValueSource::Nowhere).then_some(*feature);
        self.features.iter().zip(&self.origins).filter_map(is_absent).collect()
    }

    fn is_missing(&self, field: &str) -> bool {
        self.missing == Missing::Allowed && field.trim().is_empty()
    }
}
