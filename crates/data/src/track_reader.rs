//! The rows of a table as tracks.

use rayon::prelude::*;

use crate::ingest::decade_in_name::decade_of_name;
use crate::table::{RejectedRow, TableData, TableSource};
use crate::track_errors::{no_audio_column, with_hint, FaultList};
use crate::track_files::TrackFileOptions;
use hitflop_core::error::{Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::{CellFault, ColumnMapping, MappingOptions, RowReading};
use hitflop_core::reader::value::DecimalMark;
use hitflop_core::reader::{lacks_values, FeatureRow, Table, NO_AUDIO_RULE};
use hitflop_core::track::Feature;

/// Rows that a thread reads at once.
const ROWS_PER_CHUNK: usize = 4096;

/// Reads the rows of one table.
#[derive(Clone, Debug)]
pub(crate) struct TrackReader<'a> {
    /// What the columns of the table are.
    pub mapping: ColumnMapping,
    place: Place,
    features: &'a [Feature],
    allow_missing: bool,
}

impl<'a> TrackReader<'a> {
    /// Decides what the columns are, of which `features` and the decade are needed.
    ///
    /// # Errors
    /// A feature has no column, or its unit is not known; the rows cannot be read.
    pub fn of(source: &TableSource, features: &'a [Feature], options: &TrackFileOptions) -> Result<TrackReader<'a>> {
        let needed = features.iter().copied().chain([Feature::Decade]).collect();
        let decimal_mark = if source.decimal_comma() { DecimalMark::Comma } else { DecimalMark::Point };
        let mapping = MappingOptions { needed: Some(needed), decimal_mark, ..options.mapping.clone() };
        let place = Place::file(&source.name);
        let mapping = ColumnMapping::decide_by_scan(source, &mapping, &place, decade_of_name(&source.name))?;
        let audio: Vec<Feature> = features.iter().copied().filter(|feature| *feature != Feature::Decade).collect();
        let has_audio = audio.iter().any(|feature| mapping.gives(*feature));
        if !options.allow_missing {
            mapping.require(features, &place).map_err(|error| if has_audio { with_hint(error) } else { error })?;
        } else if !has_audio {
            return Err(no_audio_column(&mapping, &audio, &place));
        }
        Ok(TrackReader { mapping, place, features, allow_missing: options.allow_missing })
    }

    /// The features of all rows of a batch, of which some are known to be broken. Their faults are added to `faults`.
    pub fn read(&self, data: &TableData, broken: &[(usize, RejectedRow)], faults: &mut FaultList) -> Vec<FeatureRow> {
        let mut rows = vec![[0.0; Feature::ALL.len()]; data.rows()];
        let chunks: Vec<FaultList> = rows
            .par_chunks_mut(ROWS_PER_CHUNK)
            .enumerate()
            .map(|(chunk, rows)| self.read_chunk(data, broken, chunk * ROWS_PER_CHUNK, rows))
            .collect();
        chunks.into_iter().for_each(|chunk| faults.append(chunk));
        rows
    }

    fn read_chunk(
        &self,
        data: &TableData,
        broken: &[(usize, RejectedRow)],
        first: usize,
        rows: &mut [FeatureRow],
    ) -> FaultList {
        let mut faults = FaultList::default();
        let mut has_fault = vec![false; rows.len()];
        self.mapping.rows(data, first, rows, &mut has_fault);
        for (offset, (values, has_fault)) in rows.iter().zip(has_fault).enumerate() {
            let row = first + offset;
            match broken.binary_search_by_key(&row, |(row, _)| *row) {
                Ok(at) => faults.push(broken[at].1.fault.clone()),
                // What is wrong with a row is seen by reading it alone.
                Err(_) if has_fault || lacks_values(values, self.features, self.allow_missing) => {
                    self.check(data, row, &self.mapping.row(data, row), &mut faults);
                }
                Err(_) => {}
            }
        }
        faults
    }

    fn check(&self, data: &TableData, row: usize, reading: &RowReading, faults: &mut FaultList) {
        let number = data.row_number(row);
        if reading.lacks_audio() {
            return faults.push(Fault::new(self.place.clone().row(number), Reason::NoAudio, NO_AUDIO_RULE));
        }
        let own = |feature: Feature| self.features.contains(&feature);
        for fault in reading.faults.iter().filter(|fault| own(fault.feature)) {
            faults.push(self.mapping.fault(&self.place, number as usize - 1, fault));
        }
        if !self.allow_missing {
            for fault in self.mapping.missing_values(reading, self.features) {
                // The word that stands for nothing.
                let value = data.text(row, fault.position).into_owned();
                faults.push(self.mapping.fault(&self.place, number as usize - 1, &CellFault { value, ..fault }));
            }
        }
    }
}
