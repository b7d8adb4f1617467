//! Sums over tables of any number of rows, read in batches.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{sync_channel, SyncSender};
use std::thread;

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::reader::mapping::{ColumnMapping, ColumnUse, TrackTexts};
use hitflop_core::reader::{FeatureRow, Table};
use hitflop_core::track::{Decade, Feature, Label, TARGET};
use hitflop_sums::{SummedTrack, TrackSums};

use crate::table::TableData;
use crate::track_errors::FaultList;
use crate::track_stream::{BatchColumns, FileFingerprint, TrackBatch, TrackStream};

/// Batches that are read and not yet summed.
const BATCHES_AHEAD: usize = 2;
/// Rows that are summed at once, so that their values are in the processor's cache.
const ROWS_AT_ONCE: usize = 1 << 15;

/// Sums over the tracks of files.
#[derive(Clone, Debug)]
pub struct SummedFiles {
    /// The sums.
    pub sums: TrackSums,
    /// The files that were read.
    pub sources: Vec<Fingerprint>,
    /// What was noticed and needs no action.
    pub notices: Vec<String>,
}

/// Sums over all tracks of a stream, of which every row needs a label. Memory does not grow with the number of rows.
///
/// # Errors
/// A file has no column for the label; a file cannot be read; a row breaks a rule or has no label (all such rows of its kind are counted).
pub fn sum(stream: &TrackStream) -> Result<SummedFiles> {
    let files: Vec<(&str, &ColumnMapping)> = stream.files().collect();
    files.iter().try_for_each(|(file, mapping)| require_label(file, mapping))?;
    let mut sums = TrackSums::default();
    let mut counted = vec![(0, BTreeSet::new()); files.len()];
    let notices = thread::scope(|scope| {
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let reader = scope.spawn(move || read(stream, &sender));
        let mut faults = FaultList::default();
        for batch in batches {
            let (file, mapping) = files[batch.file];
            let (rows, decades) = &mut counted[batch.file];
            *rows += batch.rows.len() as u64;
            decades.extend(batch.rows.iter().filter_map(decade));
            add(&mut sums, file, mapping, &batch, &mut faults);
        }
        let notices = reader.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        faults.refuse(true)?;
        Ok::<_, Error>(notices)
    })?;
    let source = |(file, (rows, decades)): (FileFingerprint, (u64, BTreeSet<Decade>))| {
        let FileFingerprint { file, bytes, sha256 } = file;
        let name = Path::new(&file).file_name().map_or(file.clone(), |name| name.to_string_lossy().into_owned());
        Fingerprint { name, decades: decades.into_iter().collect(), rows, bytes, sha256 }
    };
    let mut sources: Vec<Fingerprint> = stream.fingerprints()?.into_iter().zip(counted).map(source).collect();
    // As ingest orders decade files.
    sources.sort_by(|a, b| a.decades.cmp(&b.decades));
    Ok(SummedFiles { sums, sources, notices })
}

fn read(stream: &TrackStream, sender: &SyncSender<TrackBatch>) -> Result<Vec<String>> {
    let mut batches = stream.batches(BatchColumns::All);
    while let Some(batch) = batches.next_batch()? {
        if sender.send(batch).is_err() {
            break;
        }
    }
    Ok(batches.notices())
}

fn require_label(file: &str, mapping: &ColumnMapping) -> Result<()> {
    if mapping.has_label() {
        return Ok(());
    }
    let rule = "the column is missing; name another column, or a rule, for the label";
    Err(Error::input(Fault::new(Place::file(file).column(TARGET), Reason::MissingColumn, rule)))
}

fn decade(row: &FeatureRow) -> Option<Decade> {
    let year = row[Feature::Decade as usize];
    Some(year).filter(|year| !year.is_nan()).and_then(|year| Decade::from_year(year as i32))
}

fn add(sums: &mut TrackSums, file: &str, mapping: &ColumnMapping, batch: &TrackBatch, faults: &mut FaultList) {
    let TrackBatch { table, rows, .. } = batch;
    for first in (0..rows.len()).step_by(ROWS_AT_ONCE) {
        let places = first..(first + ROWS_AT_ONCE).min(rows.len());
        let texts: Vec<TrackTexts> = places.clone().map(|row| mapping.texts(table, row)).collect();
        let tracks = places.zip(&texts).filter_map(|(row, texts)| {
            let label = label(file, mapping, table, row, faults)?;
            let (artist, uri) = (texts.artist.as_deref(), texts.uri.as_deref());
            Some(SummedTrack { values: rows[row], label, artist, uri })
        });
        sums.add(&tracks.collect::<Vec<SummedTrack>>());
    }
}

/// The label of a row; none if it breaks a rule, which is added to `faults`.
fn label(file: &str, mapping: &ColumnMapping, table: &TableData, row: usize, faults: &mut FaultList) -> Option<Label> {
    let (reason, rule, value) = match mapping.label(table, row) {
        Ok(Some(is_hit)) => return Some(if is_hit { Label::Hit } else { Label::Flop }),
        Ok(None) => (Reason::Empty, "expected a label, the field is empty", None),
        Err(fault) => (fault.reason, fault.rule, mapping.position_of(ColumnUse::Label)),
    };
    let position = mapping.position_of(ColumnUse::Label).unwrap_or_default();
    let name = table.columns().get(position).map_or(TARGET, String::as_str);
    let fault = Fault::new(Place::file(file).row(table.row_number(row)).column(name), reason, rule);
    faults.push(match value {
        Some(position) => fault.found(table.text(row, position)),
        None => fault,
    });
    None
}
