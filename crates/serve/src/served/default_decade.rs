//! The decade of the tracks of a batch that have none.

use super::served_model::ServedModel;
use crate::answer::warning::WarningKind;
use crate::request::raw_track::CheckedRow;
use crate::request::row_reader::ColumnNote;
use hitflop_core::track::{Decade, Feature};

/// Gives tracks a decade if theirs is missing, or is not one of the training rows; the latter is reported.
pub(super) fn fill_decades(rows: &mut [CheckedRow], default: Option<Decade>, loaded: &ServedModel) {
    let Some(default) = default else { return };
    let known = loaded.scorer.artifact().reference.decades();
    // A model that learned from tracks without decades has no use for one.
    if known.iter().all(|group| group.decade.is_none()) {
        return;
    }
    for track in rows.iter_mut().filter_map(|row| row.as_mut().ok()?.as_mut()) {
        let own = track.decade();
        if own.is_some() && known.iter().any(|group| group.decade == own) {
            continue;
        }
        if let Some(own) = own {
            let msg = format!("no training track is of the {own}; the {default} are used instead");
            let field = Feature::Decade.name().into();
            track.notes.push(ColumnNote { kind: WarningKind::ReplacedDecade, field, msg: msg.into() });
        }
        track.row[Feature::Decade as usize] = f64::from(default.year());
    }
}
