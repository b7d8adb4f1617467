//! One track of those that were read: by row, URI or title.

use super::options::invalid;
use hitflop_core::error::Result;
use hitflop_core::reader::mapping::TrackTexts;
use hitflop_core::reader::value::track_uri;
use hitflop_data::track_files::TrackFiles;

/// Most tracks that a message lists.
const MAX_LISTED: usize = 5;

/// Which track is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackSelector {
    /// The track in this row, the first being 1; of several files the rows are counted on.
    Row(u64),
    /// The track with this Spotify URI, which may be given as a link or as the identifier alone.
    Uri(String),
    /// The track with this title, in upper or lower case.
    Title(String),
}

impl TrackSelector {
    /// The index of the track.
    ///
    /// # Errors
    /// There is no such track, or more than one with this title or URI.
    pub(super) fn index(&self, tracks: &TrackFiles) -> Result<usize> {
        let (setting, given, found) = match self {
            TrackSelector::Row(row) => return index_of_row(*row, tracks),
            TrackSelector::Uri(uri) => {
                let sought = track_uri(uri);
                ("uri", uri, matches(tracks, |texts| texts.uri.as_deref() == Some(&sought)))
            }
            TrackSelector::Title(title) => {
                let sought = title.trim().to_lowercase();
                let is_sought = |text: &str| text.trim().to_lowercase() == sought;
                ("title", title, matches(tracks, |texts| texts.title.as_deref().is_some_and(is_sought)))
            }
        };
        match found[..] {
            [index] => Ok(index),
            [] => {
                let rule = format!("expected the {setting} of one of the tracks of {}", file_names(tracks));
                Err(invalid(setting, rule, given))
            }
            _ => {
                let rows: Vec<String> = found.iter().take(MAX_LISTED).map(|&index| described(tracks, index)).collect();
                let more = if found.len() > MAX_LISTED { ", …" } else { "" };
                let rule = format!("{} tracks have it: {}{more}; choose one by its row", found.len(), rows.join(", "));
                Err(invalid(setting, rule, given))
            }
        }
    }
}

fn index_of_row(row: u64, tracks: &TrackFiles) -> Result<usize> {
    let index = usize::try_from(row).ok().and_then(|row| row.checked_sub(1)).filter(|&index| index < tracks.rows.len());
    index.ok_or_else(|| {
        let rule = format!("expected from 1 to {}, the tracks of {}", tracks.rows.len(), file_names(tracks));
        invalid("row", rule, row.to_string())
    })
}

fn matches(tracks: &TrackFiles, is_sought: impl Fn(&TrackTexts) -> bool) -> Vec<usize> {
    (0..tracks.rows.len()).filter(|&index| is_sought(&tracks.texts(index))).collect()
}

fn file_names(tracks: &TrackFiles) -> String {
    tracks.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(", ")
}

/// Row and artist of a track.
fn described(tracks: &TrackFiles, index: usize) -> String {
    match tracks.texts(index).artist {
        Some(artist) => format!("row {} ({artist})", index + 1),
        None => format!("row {}", index + 1),
    }
}
