//! A few rows of the data.

use super::exploration::shown;
use super::{Display, ReportTable, TableCell, TableColumn, TableEntry, TableFile};
use crate::format::MISSING;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::{ARTIST, DECADE, TARGET, TRACK, URI};
use hitflop_data::explore::overview::SampleRow;

pub(super) const SAMPLE_ROWS: TableEntry = TableEntry {
    name: "sample_rows",
    part: PagePart::SampleRows,
    display: Display::Shown,
    page: ContentSource::Report(|findings| sample(&findings.report.overview.sample)),
    file: TableFile::Other(ContentSource::Report(|findings| with_uris(&findings.report.overview.sample))),
};

/// A line a row. Decade, title and artist are columns if a row has them.
fn sample(rows: &[SampleRow]) -> Option<ReportTable> {
    let has = [
        rows.iter().any(|row| row.decade.is_some()),
        true,
        rows.iter().any(|row| row.title.is_some()),
        rows.iter().any(|row| row.artist.is_some()),
    ];
    let all = [(DECADE, "Decade"), (TARGET, "Label"), (TRACK, "Title"), (ARTIST, "Artist")];
    let columns: Vec<(&str, &str)> =
        all.into_iter().zip(has).filter(|(_, has)| *has).map(|(column, _)| column).collect();
    let caption =
        "Rows of the data, evenly spaced among those of each decade and label. Durations are in minutes and seconds.";
    let mut table = ReportTable::new(SAMPLE_ROWS.name, caption, &columns);
    let features = rows.first()?.values.iter().map(|(feature, _)| TableColumn::new(feature.name(), feature.name()));
    table.columns.extend(features);
    let line = |row: &SampleRow| {
        let text = |text: &Option<String>| text.as_deref().map_or(TableCell::named(MISSING, ""), TableCell::text);
        let cells =
            [TableCell::decade_if_known(row.decade), TableCell::label(row.label), text(&row.title), text(&row.artist)];
        let values = row.values.iter().map(|(feature, value)| TableCell::number(*value, shown(feature.name(), *value)));
        cells.into_iter().zip(has).filter(|(_, has)| *has).map(|(cell, _)| cell).chain(values).collect()
    };
    Some(table.rows(rows.iter().map(line)).stacked())
}

/// The same with the URIs, if a row has one.
fn with_uris(rows: &[SampleRow]) -> Option<ReportTable> {
    let mut table = sample(rows)?;
    if rows.iter().any(|row| row.uri.is_some()) {
        table.columns.insert(0, TableColumn::new(URI, "URI"));
        for (cells, row) in table.rows.iter_mut().zip(rows) {
            cells.insert(0, TableCell::text(row.uri.as_deref().unwrap_or_default()));
        }
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track::{Feature, Label};

    fn row(title: Option<&str>) -> SampleRow {
        SampleRow {
            row: 1,
            title: title.map(str::to_owned),
            artist: None,
            uri: title.map(|_| "spotify:track:1".to_owned()),
            decade: None,
            label: Label::Hit,
            values: vec![(Feature::DurationMs, 90_000.0), (Feature::Tempo, f64::NAN)],
        }
    }

    #[test]
    fn what_no_row_has_is_no_column() {
        let table = sample(&[row(Some("A \"title\"")), row(None)]).expect("a table");
        assert_eq!(
            table.csv().expect("CSV"),
            "target,track,duration_ms,tempo\n1,\"A \"\"title\"\"\",90000,\n1,,90000,\n"
        );
        assert_eq!((table.rows[0][2].shown(), table.rows[0][3].shown()), ("1:30", MISSING));
        let file = with_uris(&[row(Some("T")), row(None)]).expect("a table").csv().expect("CSV");
        assert_eq!(file, "uri,target,track,duration_ms,tempo\nspotify:track:1,1,T,90000,\n,1,,90000,\n");
        assert!(sample(&[]).is_none());
    }
}
