//! The artists with the most tracks.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{percent, plural};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::ARTIST;
use hitflop_data::explore::overview::ArtistSummary;

pub(super) const ARTISTS: TableEntry = TableEntry {
    name: "artists",
    part: PagePart::Artists,
    display: Display::Shown,
    page: ContentSource::Report(|findings| findings.report.overview.artists.as_ref().map(artists)),
    file: TableFile::Page,
};

fn artists(summary: &ArtistSummary) -> ReportTable {
    let columns = [(ARTIST, "Artist"), ("tracks", "Tracks"), ("hits", "Hits"), ("hit_share", "Share of hits")];
    let caption = format!(
        "The {} with the most tracks, as spelled in the data.",
        plural(summary.most_tracks.len() as u64, "artist", "artists")
    );
    ReportTable::new(ARTISTS.name, caption, &columns).rows(summary.most_tracks.iter().map(|one| {
        vec![
            TableCell::text(&one.artist),
            TableCell::count(one.tracks),
            TableCell::count(one.hits),
            TableCell::number(one.hit_share, percent(one.hit_share)),
        ]
    }))
}
