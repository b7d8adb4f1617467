//! The artists with the most tracks, and those with the most hits.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::Findings;
use crate::format::{percent, plural};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::ARTIST;
use hitflop_data::explore::overview::ArtistTracks;

pub(super) const ARTISTS: TableEntry = entry("artists", |findings| {
    let artists = findings.report.overview.artists.as_ref()?;
    Some(table(ARTISTS.name, &artists.most_tracks, "tracks"))
});

/// None without a hit.
pub(super) const ARTISTS_BY_HITS: TableEntry = entry("artists_by_hits", |findings| {
    let artists = findings.report.overview.artists.as_ref().filter(|artists| !artists.most_hits.is_empty())?;
    Some(table(ARTISTS_BY_HITS.name, &artists.most_hits, "hits"))
});

const fn entry(name: &'static str, make: fn(&Findings) -> Option<ReportTable>) -> TableEntry {
    TableEntry {
        name,
        part: PagePart::Artists,
        display: Display::Shown,
        page: ContentSource::Report(make),
        file: TableFile::Page,
    }
}

/// A row an artist; `what` they have the most of.
fn table(name: &'static str, artists: &[ArtistTracks], what: &str) -> ReportTable {
    let columns = [(ARTIST, "Artist"), ("tracks", "Tracks"), ("hits", "Hits"), ("hit_share", "Share of hits")];
    let caption = format!(
        "The {} with the most {what}, as spelled in the data.",
        plural(artists.len() as u64, "artist", "artists")
    );
    ReportTable::new(name, caption, &columns).rows(artists.iter().map(|one| {
        vec![
            TableCell::text(&one.artist),
            TableCell::count(one.tracks),
            TableCell::count(one.hits),
            TableCell::number(one.hit_share, percent(one.hit_share)),
        ]
    }))
}
