//! Tracks of a request together: what their columns mean, and their values by that.

use super::field_names::FieldNames;
use super::json_number::JsonNumber;
use super::raw_track::{CheckedTrack, RawTrack, ReadValues, SentFault};
use super::row_reader::RequestColumns;
use super::row_table::{ColumnSource, RowTable};
use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use hitflop_core::reader::mapping::CellFault;
use hitflop_core::reader::value::DecimalMark;
use hitflop_core::reader::{has_audio, FeatureRow, Table};

/// Tracks of a request, with the meaning of their columns.
pub(crate) struct TrackRows<'r> {
    table: RowTable<'r>,
    columns: RequestColumns,
    has_texts: bool,
}

impl<'r> TrackRows<'r> {
    /// Decides on the columns of tracks whose fields have `names`.
    ///
    /// # Errors
    /// Two columns for one feature disagree.
    pub(crate) fn new(tracks: Vec<&'r RawTrack>, names: &FieldNames) -> Result<TrackRows<'r>, Rejection> {
        let table = RowTable::new(tracks, names);
        let columns = RequestColumns::decide(&table, DecimalMark::Point)?;
        Ok(TrackRows { table, columns, has_texts: names.has_texts() })
    }

    /// Number of tracks.
    pub(crate) fn count(&self) -> usize {
        self.table.rows()
    }

    pub(crate) fn columns(&self) -> &RequestColumns {
        &self.columns
    }

    /// The track of a row, counted from 0, if it is good as [`TrackRows::check`] says.
    pub(crate) fn good(&self, row: usize) -> Option<CheckedTrack> {
        let track = self.table.row(row);
        let read = self.read(row);
        let is_good = read.faults.is_empty() && has_audio(&read.row);
        is_good.then(|| CheckedTrack {
            row: read.row,
            misspelt: track.misspelt().to_vec(),
            notes: read.notes,
            texts: self.has_texts.then(|| Box::new(self.columns.mapping.texts(&self.table, row).into())),
        })
    }

    /// The track of a row, counted from 0, if every value is good and there is one of at least one audio feature.
    ///
    /// # Errors
    /// All faults, at `["body", field]`. Where no audio feature has a value, misspelt ones are named.
    pub(crate) fn check(&self, row: usize) -> Result<CheckedTrack, Vec<Detail>> {
        self.table.row(row).good_or_faults(self.read(row), RawTrack::preview)
    }

    /// The values of a row, counted from 0, and those that break a rule.
    pub(crate) fn values(&self, row: usize) -> (FeatureRow, Vec<SentFault<'_>>) {
        let read = self.read(row);
        (read.row, read.faults)
    }

    pub(super) fn read(&self, row: usize) -> ReadValues<'_> {
        let track = self.table.row(row);
        if self.columns.is_plain {
            let mut read = track.read_plain();
            read.notes.extend(self.columns.notes(&self.table, row));
            return read;
        }
        let reading = self.columns.mapping.row(&self.table, row);
        let fault = |found: CellFault| {
            let (field, sent) = match self.table.source(found.position) {
                ColumnSource::Feature(feature) => (feature.name(), track.unusual(*feature)),
                ColumnSource::Other(id, name) => (&**name, track.column(*id)),
            };
            // A plain number in a column of another unit may break a rule, and so may a missing value; none is kept.
            let sent = sent.unwrap_or(&JsonNumber::Null);
            SentFault { feature: found.feature, field, sent, fault: found.fault }
        };
        ReadValues {
            row: reading.values,
            faults: reading.faults.into_iter().map(fault).collect(),
            notes: self.columns.notes(&self.table, row).collect(),
        }
    }
}
