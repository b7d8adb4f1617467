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

use crate::ingest::rule;
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

/// Tracks of one file that were summed, in their order.
pub struct TrackChunk<'a> {
    /// Name of the file, without its directory.
    pub file: &'a str,
    /// The tracks.
    pub tracks: &'a [SummedTrack<'a>],
    /// Their titles.
    pub titles: &'a [Option<&'a str>],
}

/// Sums over all tracks of a stream, of which every row needs a label. Memory does not grow with the number of rows.
///
/// # Errors
/// A file has no column for the label; a file cannot be read; a row breaks a rule or has no label (all such rows of its kind are counted).
pub fn sum(stream: &TrackStream) -> Result<SummedFiles> {
    sum_and_pass(stream, |_| Ok(()))
}

/// As [`sum()`]; `pass` gets the tracks as well. Tracks before an error may have been passed.
///
/// # Errors
/// As [`sum()`], and those of `pass`.
pub fn sum_and_pass(stream: &TrackStream, mut pass: impl FnMut(&TrackChunk) -> Result<()>) -> Result<SummedFiles> {
    let files: Vec<(&str, &ColumnMapping)> = stream.files().collect();
    files.iter().try_for_each(|(file, mapping)| require_label(file, mapping))?;
    let names: Vec<String> = files.iter().map(|(file, _)| last_part(file)).collect();
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
            let place = BatchPlace { file, name: &names[batch.file], mapping, table: &batch.table };
            add(&mut sums, &place, &batch.rows, &mut faults, &mut pass)?;
        }
        let notices = reader.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        faults.refuse(true)?;
        Ok::<_, Error>(notices)
    })?;
    let source = |(file, (rows, decades)): (FileFingerprint, (u64, BTreeSet<Decade>))| {
        let FileFingerprint { file, bytes, sha256 } = file;
        Fingerprint { name: last_part(&file), decades: decades.into_iter().collect(), rows, bytes, sha256 }
    };
    let mut sources: Vec<Fingerprint> = stream.fingerprints()?.into_iter().zip(counted).map(source).collect();
    // As ingest orders decade files.
    sources.sort_by(|a, b| a.decades.cmp(&b.decades));
    Ok(SummedFiles { sums, sources, notices })
}

fn last_part(path: &str) -> String {
    Path::new(path).file_name().map_or(path.to_owned(), |name| name.to_string_lossy().into_owned())
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

/// Where the rows of a batch come from.
struct BatchPlace<'a> {
    file: &'a str,
    /// The last part of its path.
    name: &'a str,
    mapping: &'a ColumnMapping,
    table: &'a TableData,
}

fn add(
    sums: &mut TrackSums,
    place: &BatchPlace,
    rows: &[FeatureRow],
    faults: &mut FaultList,
    pass: &mut impl FnMut(&TrackChunk) -> Result<()>,
) -> Result<()> {
    for first in (0..rows.len()).step_by(ROWS_AT_ONCE) {
        let places = first..(first + ROWS_AT_ONCE).min(rows.len());
        let texts: Vec<TrackTexts> = places.clone().map(|row| place.mapping.texts(place.table, row)).collect();
        let (mut tracks, mut titles) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
        for (row, texts) in places.zip(&texts) {
            place.check(row, texts, faults);
            if let Some(label) = place.label(row, faults) {
                let (artist, uri) = (texts.artist.as_deref(), texts.uri.as_deref());
                tracks.push(SummedTrack { values: rows[row], label, artist, uri });
                titles.push(texts.title.as_deref());
            }
        }
        sums.add(&tracks);
        pass(&TrackChunk { file: place.name, tracks: &tracks, titles: &titles })?;
    }
    Ok(())
}

impl BatchPlace<'_> {
    /// Adds the texts of a row that break the rule for texts to `faults`.
    fn check(&self, row: usize, texts: &TrackTexts, faults: &mut FaultList) {
        let texts =
            [(ColumnUse::Title, &texts.title), (ColumnUse::Artist, &texts.artist), (ColumnUse::Uri, &texts.uri)];
        for (used, text) in texts {
            if let Some(Err((reason, rule))) = text.as_deref().filter(|text| !text.is_empty()).map(rule::text) {
                faults.push(self.fault(row, used, reason, rule));
            }
        }
    }

    /// The label of a row; none if it breaks a rule, which is added to `faults`.
    fn label(&self, row: usize, faults: &mut FaultList) -> Option<Label> {
        let fault = match self.mapping.label(self.table, row) {
            Ok(Some(is_hit)) => return Some(if is_hit { Label::Hit } else { Label::Flop }),
            Ok(None) => {
                Fault::new(self.place(row, ColumnUse::Label), Reason::Empty, "expected a label, the field is empty")
            }
            Err(fault) => self.fault(row, ColumnUse::Label, fault.reason, fault.rule),
        };
        faults.push(fault);
        None
    }

    /// A fault of a field, with its text.
    fn fault(&self, row: usize, used: ColumnUse, reason: Reason, rule: &str) -> Fault {
        let fault = Fault::new(self.place(row, used), reason, rule);
        match self.mapping.position_of(used) {
            Some(position) => fault.found(self.table.text(row, position)),
            None => fault,
        }
    }

    fn place(&self, row: usize, used: ColumnUse) -> Place {
        let position = self.mapping.position_of(used).unwrap_or_default();
        let name = self.table.columns().get(position).map_or(TARGET, String::as_str);
        Place::file(self.file).row(self.table.row_number(row)).column(name)
    }
}
