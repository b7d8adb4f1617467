//! Tables of the predictions of single tracks, and of the errors among them.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::effect_size::IntervalEstimate;
use crate::findings::errors::{ArtistErrors, ErrorAnalysis, ErrorRate, TrackError, MIN_ARTIST_TRACKS};
use crate::findings::Findings;
use crate::format::{count, percent, MISSING};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::{Label, ARTIST, DECADE, TARGET, TRACK, URI};
use hitflop_data::table::typed::{TypedColumn, TypedValues};
use hitflop_data::track_files::{SPLIT, TEST, TRAIN};
use hitflop_model::predictions::{DataPart, TrackPrediction};

const PROBABILITY: &str = "probability";
const PREDICTED: &str = "predicted_label";
const FOLD: &str = "fold";
const GROUP: &str = "group";

/// The page shows what its columns hold.
pub(super) const PREDICTIONS: TableEntry = TableEntry {
    name: "predictions",
    part: PagePart::Errors,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.report.predictions.as_ref().map(|_| columns())),
    file: TableFile::Tracks(tracks),
};

/// The columns of the files and their content.
fn columns() -> ReportTable {
    let content = [
        (URI, "Spotify URI"),
        (ARTIST, "artist, as it is spelled in the data"),
        (TRACK, "title"),
        (DECADE, "first year of the decade"),
        (TARGET, "label in the data: 1 hit, 0 flop"),
        (
            PROBABILITY,
            "probability of a hit. Training track: out of fold, by a model with the parameters of the final model that was \
             fitted to the other folds, and with the calibration, if the model has one, fitted to the other folds. Test track: by the \
             final model, which was fitted to all training tracks.",
        ),
        (PREDICTED, "label at the threshold of the final model: 1 hit, 0 flop"),
        (SPLIT, "train or test"),
        (FOLD, "training track: its fold, from 1; test track: empty"),
        (GROUP, "number of the group of tracks that share an artist, a URI or all audio values"),
    ];
    let caption = "One row per training or test track: rows of one URI and decade are one track \
                   unless duplicates are kept. Rows are in the order of the input files. A value that the data lack is empty.";
    let columns = [("column", "Column"), ("content", "Content")];
    ReportTable::new(PREDICTIONS.name, caption, &columns)
        .rows(content.map(|(column, content)| vec![TableCell::code(column), TableCell::text(content)]))
}

/// The prediction of each track, of which the files are made.
fn tracks<'a>(findings: &Findings<'a>) -> Option<Vec<TypedColumn<'a>>> {
    let predictions = findings.report.predictions.as_ref()?;
    let (identity, rows) = (&predictions.identity, &predictions.rows);
    let texts = |texts: &'a [String]| TypedValues::Text(texts.iter().map(String::as_str).collect());
    let whole = |of: fn(&TrackPrediction) -> Option<i64>| TypedValues::Whole(rows.iter().map(of).collect());
    let part = |row: &TrackPrediction| if row.part == DataPart::Test { TEST } else { TRAIN };
    let columns = [
        (URI, texts(&identity.uris)),
        (ARTIST, texts(&identity.artists)),
        (TRACK, texts(&identity.titles)),
        (
            DECADE,
            TypedValues::Whole(identity.decades.iter().map(|decade| decade.map(|own| own.year().into())).collect()),
        ),
        (TARGET, whole(|row| Some((row.label == Label::Hit).into()))),
        (PROBABILITY, TypedValues::Real(rows.iter().map(|row| row.probability).collect())),
        (PREDICTED, whole(|row| Some((row.predicted == Label::Hit).into()))),
        (SPLIT, TypedValues::Text(rows.iter().map(part).collect())),
        (
            FOLD,
            whole(|row| match row.part {
                DataPart::Train { fold } => Some(fold as i64 + 1),
                DataPart::Test => None,
            }),
        ),
        (GROUP, whole(|row| Some(row.group as i64))),
    ];
    Some(columns.into_iter().map(|(name, values)| TypedColumn { name, values }).collect())
}

pub(super) const FALSE_HITS: TableEntry = TableEntry {
    name: "confident_false_hits",
    part: PagePart::Errors,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let caption = "Flops with the highest probability of a hit; tables/predictions.csv has all tracks.";
        confident(FALSE_HITS.name, caption, &findings.derived.errors.as_ref()?.false_hits)
    }),
    file: TableFile::Page,
};

pub(super) const MISSED_HITS: TableEntry = TableEntry {
    name: "confident_missed_hits",
    part: PagePart::Errors,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let caption = "Hits with the lowest probability of a hit; tables/predictions.csv has all tracks.";
        confident(MISSED_HITS.name, caption, &findings.derived.errors.as_ref()?.missed_hits)
    }),
    file: TableFile::Page,
};

/// A row an error. Columns without a value are left out.
fn confident(name: &'static str, caption: &str, errors: &[TrackError]) -> Option<ReportTable> {
    let has = [
        errors.iter().any(|error| !error.title.is_empty()),
        errors.iter().any(|error| !error.artist.is_empty()),
        errors.iter().any(|error| error.decade.is_some()),
    ];
    let all = [
        (TRACK, "Title", has[0]),
        (ARTIST, "Artist", has[1]),
        (DECADE, "Decade", has[2]),
        (PROBABILITY, "Probability of a hit", true),
        (SPLIT, "Part", true),
        ("both_labels", "Labels of the URI", true),
    ];
    let columns: Vec<(&str, &str)> = all.iter().filter(|column| column.2).map(|column| (column.0, column.1)).collect();
    let row = |error: &TrackError| {
        let text = |text: &str| TableCell::text(if text.is_empty() { MISSING } else { text });
        let cells = [
            text(&error.title),
            text(&error.artist),
            TableCell::decade_if_known(error.decade),
            TableCell::number(error.probability, percent(error.probability)),
            if error.is_test { TableCell::text(TEST) } else { TableCell::named("training", TRAIN) },
            TableCell::text(if error.has_both_labels { "both" } else { "one" }),
        ];
        cells.into_iter().zip(&all).filter(|(_, column)| column.2).map(|(cell, _)| cell).collect::<Vec<TableCell>>()
    };
    let table = ReportTable::new(name, caption, &columns).rows(errors.iter().map(row));
    (!errors.is_empty()).then_some(table)
}

/// Columns of an error rate, after the column that names the tracks.
const RATE_COLUMNS: [(&str, &str); 7] = [
    ("tracks", "Tracks"),
    ("errors", "Errors"),
    ("error_rate", "Error rate"),
    ("error_rate_low", "Low"),
    ("error_rate_high", "High"),
    ("false_hits", "Flops predicted as hits"),
    ("missed_hits", "Hits predicted as flops"),
];

fn rate_columns(first: (&'static str, &'static str)) -> Vec<(&'static str, &'static str)> {
    [first].into_iter().chain(RATE_COLUMNS).collect()
}

fn rate_row(first: TableCell, rate: &ErrorRate) -> Vec<TableCell> {
    let IntervalEstimate { value, low, high } = rate.error_rate;
    let share = |share: f64| TableCell::number(share, percent(share));
    vec![
        first,
        TableCell::count(rate.counts.rows),
        TableCell::count(rate.errors),
        share(value),
        share(low),
        share(high),
        TableCell::count(rate.counts.false_hits),
        TableCell::count(rate.counts.missed_hits),
    ]
}

pub(super) const ERRORS_BY_PART: TableEntry = TableEntry {
    name: "errors",
    part: PagePart::Errors,
    display: Display::Shown,
    page: ContentSource::Report(|findings| findings.derived.errors.as_ref().map(by_part)),
    file: TableFile::Page,
};

fn by_part(errors: &ErrorAnalysis) -> ReportTable {
    let caption = "Error rates with their 95 % interval (Wilson; treats tracks as independent), for all tracks, training and test \
                   tracks, and tracks whose URI occurs with one label or with both.";
    let noise = errors.label_noise.iter().flat_map(|noise| {
        [
            (TableCell::named("URI with one label or no URI", "one_label"), &noise.one_label),
            (TableCell::named("URI with both labels", "both_labels"), &noise.both_labels),
        ]
    });
    let parts = [
        (TableCell::text("all"), &errors.all),
        (TableCell::named("training, out of fold", TRAIN), &errors.train),
        (TableCell::text(TEST), &errors.test),
    ];
    ReportTable::new(ERRORS_BY_PART.name, caption, &rate_columns((SPLIT, "Part")))
        .rows(parts.into_iter().chain(noise).map(|(name, rate)| rate_row(name, rate)))
}

pub(super) const ERRORS_BY_DECADE: TableEntry = TableEntry {
    name: "errors_by_decade",
    part: PagePart::Errors,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let errors = findings.derived.errors.as_ref().filter(|errors| errors.by_decade.len() > 1);
        errors.map(by_decade)
    }),
    file: TableFile::Page,
};

fn by_decade(errors: &ErrorAnalysis) -> ReportTable {
    ReportTable::new(ERRORS_BY_DECADE.name, "Error rates by decade.", &rate_columns((DECADE, "Decade")))
        .rows(errors.by_decade.iter().map(|one| rate_row(TableCell::decade(one.decade), &one.rate)))
}

/// Artists that the page lists.
const ARTISTS: usize = 10;

pub(super) const ERRORS_BY_ARTIST: TableEntry = TableEntry {
    name: "errors_by_artist",
    part: PagePart::Errors,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let errors = findings.derived.errors.as_ref().filter(|errors| !errors.by_artist.is_empty())?;
        let caption = format!(
            "Highest error rates of artists with at least {MIN_ARTIST_TRACKS} tracks; of equal rates, artists with more tracks first. \
             The extremes of many small counts are partly chance: see the intervals. The file has all {} such artists.",
            count(errors.frequent_artists)
        );
        Some(by_artist(&errors.by_artist[..errors.by_artist.len().min(ARTISTS)], caption))
    }),
    file: TableFile::Other(ContentSource::Report(|findings| {
        let errors = findings.derived.errors.as_ref().filter(|errors| !errors.by_artist.is_empty())?;
        Some(by_artist(&errors.by_artist, String::new()))
    })),
};

fn by_artist(artists: &[ArtistErrors], caption: String) -> ReportTable {
    ReportTable::new(ERRORS_BY_ARTIST.name, caption, &rate_columns((ARTIST, "Artist")))
        .rows(artists.iter().map(|one| rate_row(TableCell::text(&one.artist), &one.rate)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::full::usual;
    use hitflop_data::table::typed::csv;

    #[test]
    fn files_have_a_row_a_track_in_the_order_of_the_data() {
        let mut report = usual();
        let predictions = report.predictions.as_mut().expect("tracks are predicted");
        predictions.rows[0].part = DataPart::Test;
        predictions.rows[1].part = DataPart::Train { fold: 0 };
        (predictions.rows[0].probability, predictions.rows[0].label) = (0.25, Label::Hit);
        predictions.rows[0].predicted = Label::Flop;
        (predictions.identity.artists[0], predictions.identity.decades[0]) = ("a, \"b\"".to_owned(), None);
        let (rows, group) = (predictions.rows.len(), predictions.rows[0].group);
        let findings = Findings::of(&report);
        let text = csv(&tracks(&findings).expect("columns")).expect("CSV");
        let text = String::from_utf8(text).expect("UTF-8");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("uri,artist,track,decade,target,probability,predicted_label,split,fold,group"));
        let (uri, title) = (&report.predictions.as_ref().expect("tracks").identity.uris[0], "Title 0");
        assert_eq!(lines.next(), Some(&format!("{uri},\"a, \"\"b\"\"\",{title},,1,0.25,0,test,,{group}")[..]));
        assert!(lines.next().is_some_and(|line| line.contains(",train,1,")));
        assert_eq!(text.lines().count(), rows + 1);
    }

    #[test]
    fn columns_of_the_page_are_those_of_the_file() {
        let report = usual();
        let findings = Findings::of(&report);
        let of_file: Vec<&str> = tracks(&findings).expect("columns").iter().map(|column| column.name).collect();
        let of_page: Vec<String> = columns().rows.iter().map(|row| row[0].shown().to_owned()).collect();
        assert_eq!(of_page, of_file);
    }
}
