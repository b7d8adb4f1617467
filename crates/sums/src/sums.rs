//! The sums over tracks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cell::CellSums;
use crate::names::{NameSums, Place, AUDIO};
use hitflop_core::error::{Error, Fault, Place as FaultPlace, Reason, Result};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature, Label};

/// A track to be summed.
#[derive(Clone, Copy, Debug)]
pub struct SummedTrack<'a> {
    /// Every feature in the order of [`Feature::ALL`]; NaN is missing.
    pub values: FeatureRow,
    /// The label.
    pub label: Label,
    /// The artist, if there is one.
    pub artist: Option<&'a str>,
    /// The Spotify URI, if there is one.
    pub uri: Option<&'a str>,
}

impl SummedTrack<'_> {
    /// The decade, if it is known.
    pub(crate) fn decade(&self) -> Option<Decade> {
        let year = self.values[Feature::Decade as usize];
        Some(year).filter(|year| !year.is_nan()).and_then(|year| Decade::from_year(year as i32))
    }
}

/// Sums over the tracks of a table, or of a part of one.
///
/// ```
/// use hitflop_core::track::{Feature, Label};
/// use hitflop_sums::{SummedTrack, TrackFindings, TrackSums};
///
/// let track = |energy: f64, label| {
///     let mut values = [f64::NAN; 16];
///     values[Feature::Energy as usize] = energy;
///     SummedTrack { values, label, artist: Some("an artist"), uri: None }
/// };
/// let mut sums = TrackSums::default();
/// sums.add(&[track(0.25, Label::Flop), track(0.75, Label::Hit)]);
/// let mut other = TrackSums::default();
/// other.add(&[track(0.5, Label::Hit)]);
/// sums.merge(TrackSums::from_bytes(&other.to_bytes()?)?);
/// let findings = TrackFindings::of(&sums);
/// assert_eq!(findings.rows(), 3);
/// assert_eq!(findings.moments(Feature::Energy, |_| true).mean, 0.5);
/// # Ok::<(), hitflop_core::error::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrackSums {
    /// In the order of decade and label.
    pub(crate) cells: Vec<CellSums>,
    pub(crate) names: NameSums,
}

impl TrackSums {
    /// Adds tracks.
    pub fn add(&mut self, tracks: &[SummedTrack]) {
        tracks.iter().for_each(|track| self.names.add(track));
        let mut cells: BTreeMap<Place, (Vec<Vec<f64>>, Vec<bool>)> = BTreeMap::new();
        for track in tracks {
            let (columns, is_named) =
                cells.entry((track.decade(), track.label)).or_insert_with(|| (vec![Vec::new(); AUDIO], Vec::new()));
            columns.iter_mut().zip(track.values).for_each(|(column, value)| column.push(value));
            is_named.push(track.artist.is_some());
        }
        for (place, (columns, is_named)) in cells {
            self.cell(place).add(&columns, &is_named);
        }
    }

    /// Adds the sums of another part of the table.
    pub fn merge(&mut self, other: TrackSums) {
        for theirs in &other.cells {
            self.cell((theirs.decade, theirs.label)).merge(theirs);
        }
        self.names.merge(other.names);
    }

    /// The sums as bytes, to be merged elsewhere.
    ///
    /// # Errors
    /// None that is known: every sum can be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::Failed(format!("the sums cannot be written: {error}")))
    }

    /// The sums from the bytes of [`TrackSums::to_bytes`].
    ///
    /// # Errors
    /// The bytes are none of sums.
    pub fn from_bytes(bytes: &[u8]) -> Result<TrackSums> {
        let sums: TrackSums = serde_json::from_slice(bytes).map_err(|error| refused(&error.to_string()))?;
        match sums.cells.iter().all(is_whole) {
            true => Ok(sums),
            false => Err(refused("a feature is missing")),
        }
    }

    fn cell(&mut self, (decade, label): Place) -> &mut CellSums {
        let at = self.cells.partition_point(|own| (own.decade, own.label) < (decade, label));
        if self.cells.get(at).is_none_or(|own| (own.decade, own.label) != (decade, label)) {
            self.cells.insert(at, CellSums::none(decade, label));
        }
        &mut self.cells[at]
    }
}

/// Whether sums that were read have a place for each feature and pair.
pub(crate) fn is_whole(cell: &CellSums) -> bool {
    cell.features.len() == AUDIO && cell.pairs.len() == AUDIO * (AUDIO - 1) / 2
}

fn refused(why: &str) -> Error {
    let rule = format!("expected the bytes of sums that this version of hitflop made: {why}");
    Error::input(Fault::new(FaultPlace::table("sums"), Reason::Setting, rule))
}
