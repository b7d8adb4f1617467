//! Tables of tracks to the matrix of a model's features, by the rules of the program's files.

use std::ops::Range;

use hitflop_core::error::{Error, Fault, Place, Reason, Result, MAX_LISTED_FAULTS};
use hitflop_core::reader::mapping::{ColumnMapping, MappingOptions, RowReading};
use hitflop_core::reader::{lacks_values, Table, NO_AUDIO_RULE};
use hitflop_core::track::{Decade, Feature};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayViewMut2, Axis};
use rayon::prelude::ParallelSliceMut;

use crate::track_columns::TrackColumns;

/// What a table is called in messages.
pub(crate) const TRACKS: &str = "tracks";
/// Rows that a thread reads at once.
const ROWS_PER_CHUNK: usize = 4096;

/// How a table is read.
#[derive(Clone, Debug)]
pub(crate) struct ReadingOptions {
    /// How the columns are found.
    pub mapping: MappingOptions,
    /// Whether values and columns may be missing.
    pub allow_missing: bool,
}

/// The features of a model in the rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct TrackMatrix {
    /// Rows × features of the model; NaN is missing.
    pub records: Array2<f64>,
    /// The decade of each row, as far as it is known.
    pub decades: Vec<Option<Decade>>,
}

/// Decides what the columns are.
///
/// # Errors
/// As [`ColumnMapping::decide`]; or a feature has no column and missing values are not allowed; or no audio feature has one.
pub(crate) fn mapping(table: &TrackColumns, features: &[Feature], options: &ReadingOptions) -> Result<ColumnMapping> {
    let place = Place::table(TRACKS);
    let needed = Some(features.iter().copied().chain([Feature::Decade]).collect());
    let mapping = MappingOptions { needed, ..options.mapping.clone() };
    let mapping = ColumnMapping::decide(table, &mapping, &place, None)?;
    let audio: Vec<Feature> = features.iter().copied().filter(|feature| *feature != Feature::Decade).collect();
    if !options.allow_missing {
        mapping.require(features, &place).map_err(with_hint)?;
    } else if !audio.iter().any(|feature| mapping.gives(*feature)) {
        mapping.require(&audio, &place)?;
    }
    Ok(mapping)
}

/// Reads all rows. What the columns are is decided on `sample`, of which the table may be a part, or else on the table itself.
///
/// # Errors
/// As [`mapping`]; or the sample has other columns; or a row breaks a rule, or has no value of an audio feature.
pub(crate) fn matrix(
    table: &TrackColumns,
    sample: Option<&TrackColumns>,
    features: &[Feature],
    options: &ReadingOptions,
) -> Result<TrackMatrix> {
    let reader = RowsReader::new(table, sample, features, options)?;
    let mut faults = RowFaults::default();
    let matrix = reader.matrix(0..table.rows(), &mut faults);
    reader.refuse(faults)?;
    Ok(matrix)
}

/// The table on which the columns are decided: the sample, if there is one.
///
/// # Errors
/// The sample has other columns.
pub(crate) fn with_columns_of<'a>(
    table: &'a TrackColumns,
    sample: Option<&'a TrackColumns>,
) -> Result<&'a TrackColumns> {
    let sample = sample.unwrap_or(table);
    if sample.columns() == table.columns() {
        return Ok(sample);
    }
    let rule = format!("expected the columns of the sample, {}", sample.columns().join(", "));
    let fault = Fault::new(Place::table(TRACKS), Reason::MissingColumn, rule);
    Err(Error::input(fault.found(table.columns().join(", "))))
}

/// Faults of rows, of which the first few are kept.
#[derive(Default)]
pub(crate) struct RowFaults {
    kept: Vec<Fault>,
    total: u64,
}

impl RowFaults {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    fn push(&mut self, fault: Fault) {
        self.total += 1;
        if self.kept.len() < MAX_LISTED_FAULTS {
            self.kept.push(fault);
        }
    }

    /// Adds the faults of later rows.
    fn append(&mut self, other: RowFaults) {
        let left = MAX_LISTED_FAULTS - self.kept.len();
        self.kept.extend(other.kept.into_iter().take(left));
        self.total += other.total;
    }
}

/// Reads the rows of a table whose columns are known.
pub(crate) struct RowsReader<'a> {
    table: &'a TrackColumns,
    mapping: ColumnMapping,
    features: &'a [Feature],
    allow_missing: bool,
}

impl<'a> RowsReader<'a> {
    /// Decides what the columns are, as [`matrix`] does.
    ///
    /// # Errors
    /// As [`mapping`]; or the sample has other columns.
    pub(crate) fn new(
        table: &'a TrackColumns,
        sample: Option<&TrackColumns>,
        features: &'a [Feature],
        options: &ReadingOptions,
    ) -> Result<RowsReader<'a>> {
        let mapping = mapping(with_columns_of(table, sample)?, features, options)?;
        Ok(RowsReader { table, mapping, features, allow_missing: options.allow_missing })
    }

    /// Reads some rows, whose faults are added to `faults`.
    pub(crate) fn matrix(&self, rows: Range<usize>, faults: &mut RowFaults) -> TrackMatrix {
        let mut records = Array2::zeros((rows.len(), self.features.len()));
        let mut decades = vec![None; rows.len()];
        let found: Vec<RowFaults> = records
            .axis_chunks_iter_mut(Axis(0), ROWS_PER_CHUNK)
            .into_par_iter()
            .zip(decades.par_chunks_mut(ROWS_PER_CHUNK))
            .enumerate()
            .map(|(chunk, (records, decades))| self.read(rows.start + chunk * ROWS_PER_CHUNK, records, decades))
            .collect();
        found.into_iter().for_each(|found| faults.append(found));
        TrackMatrix { records, decades }
    }

    /// # Errors
    /// There is a fault.
    pub(crate) fn refuse(&self, RowFaults { kept, total }: RowFaults) -> Result<()> {
        if total == 0 {
            return Ok(());
        }
        let is_missing = !self.allow_missing && kept.iter().any(|fault| fault.reason == Reason::Empty);
        let error = Error::inputs(kept, total);
        Err(if is_missing { with_hint(error) } else { error })
    }

    fn read(&self, first: usize, mut records: ArrayViewMut2<f64>, decades: &mut [Option<Decade>]) -> RowFaults {
        let mut faults = RowFaults::default();
        // The records of a model of all features are the rows themselves.
        let own = records.as_slice_mut().filter(|_| *self.features == Feature::ALL);
        let mut buffer = vec![[0.0; Feature::ALL.len()]; if own.is_some() { 0 } else { decades.len() }];
        let rows = own.map_or(buffer.as_mut_slice(), |own| own.as_chunks_mut().0);
        let mut has_fault = vec![false; decades.len()];
        self.mapping.rows(self.table, first, rows, &mut has_fault);
        for (offset, ((values, has_fault), decade)) in rows.iter().zip(has_fault).zip(decades).enumerate() {
            // What is wrong with a row is seen by reading it alone.
            if has_fault || lacks_values(values, self.features, self.allow_missing) {
                self.check(first + offset, &self.mapping.row(self.table, first + offset), &mut faults);
            }
            let year = values[Feature::Decade as usize];
            *decade = if year.is_nan() { None } else { Decade::from_year(year as i32) };
        }
        for (mut record, values) in records.rows_mut().into_iter().zip(&buffer) {
            record.iter_mut().zip(self.features).for_each(|(to, feature)| *to = values[*feature as usize]);
        }
        faults
    }

    fn check(&self, row: usize, reading: &RowReading, faults: &mut RowFaults) {
        let place = Place::table(TRACKS);
        if reading.lacks_audio() {
            return faults.push(Fault::new(place.row(row as u64 + 1), Reason::NoAudio, NO_AUDIO_RULE));
        }
        for fault in reading.faults.iter().filter(|fault| self.features.contains(&fault.feature)) {
            faults.push(self.mapping.fault(&place, row, fault));
        }
        if !self.allow_missing {
            for fault in self.mapping.missing_values(reading, self.features) {
                faults.push(self.mapping.fault(&place, row, &fault));
            }
        }
    }
}

/// The error with the setting that allows missing values as its last line.
fn with_hint(error: Error) -> Error {
    match error {
        Error::Input(mut faults, total) => {
            faults.truncate(MAX_LISTED_FAULTS - 1);
            let rule = "set it to True to treat absent columns and missing values as missing";
            let reason = faults.first().map_or(Reason::Setting, |fault| fault.reason);
            faults.push(Fault::new(Place::setting("allow-missing"), reason, rule));
            Error::inputs(faults, total + 1)
        }
        other => other,
    }
}
