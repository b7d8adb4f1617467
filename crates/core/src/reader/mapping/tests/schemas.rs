//! Tables as they are in circulation: headers of `schemas.md` with made-up rows. What is read equals the canonical values.

use super::*;
use crate::track::Feature::*;

/// How a schema writes a value.
type Writer = fn(&ExampleTrack, usize) -> String;

/// A schema: columns with the role that they have, and the features that it gives.
struct Schema {
    columns: Vec<(&'static str, Writer)>,
    gives: Vec<Feature>,
    conversions: Vec<(Feature, Conversion)>,
}

const SHARES: [Feature; 7] = [Danceability, Energy, Speechiness, Acousticness, Instrumentalness, Liveness, Valence];
const PITCHES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

macro_rules! plain {
    ($feature:ident) => {
        |track, _| track.row[$feature as usize].to_string()
    };
}
macro_rules! float {
    ($feature:ident) => {
        |track, _| format!("{:?}", track.row[$feature as usize])
    };
}
macro_rules! percent {
    ($feature:ident) => {
        |track, _| ((track.row[$feature as usize] * 100.0).round()).to_string()
    };
}

const TITLE: Writer = |_, row| format!("Song {row}");
const ARTIST: Writer = |_, row| format!("Band {row}");
const ID: Writer = |_, row| format!("{:022}", row + 1).replace('0', "x");
const NOISE: Writer = |_, row| format!("noise {row}");
const COUNT: Writer = |_, row| row.to_string();
const YEAR: Writer = |track, _| track.year.to_string();
const PITCH: Writer = |track, _| PITCHES[track.row[Key as usize] as usize].to_owned();
const MODE_WORD: Writer = |track, _| if track.row[Mode as usize] == 1.0 { "Major" } else { "Minor" }.to_owned();
const METER: Writer = |track, _| format!("{}/4", track.row[TimeSignature as usize]);
const SECONDS: Writer = |track, _| (track.row[DurationMs as usize] / 1000.0).to_string();
/// As Spotify gives dates: the year, the month, or the day.
const DATE: Writer = |track, row| match row % 3 {
    0 => track.year.to_string(),
    1 => format!("{}-05", track.year),
    _ => format!("{}-05-14", track.year),
};

fn features(given: &[Feature]) -> Vec<Feature> {
    SHARES.iter().chain(given).copied().collect()
}

fn shares() -> Vec<(&'static str, Writer)> {
    vec![
        ("danceability", plain!(Danceability)),
        ("energy", plain!(Energy)),
        ("speechiness", plain!(Speechiness)),
        ("acousticness", plain!(Acousticness)),
        ("instrumentalness", plain!(Instrumentalness)),
        ("liveness", plain!(Liveness)),
        ("valence", plain!(Valence)),
    ]
}

/// Columns of the documented names.
fn documented() -> Vec<(&'static str, Writer)> {
    let others: [(&'static str, Writer); 5] = [
        ("key", plain!(Key)),
        ("loudness", plain!(Loudness)),
        ("mode", plain!(Mode)),
        ("tempo", plain!(Tempo)),
        ("duration_ms", plain!(DurationMs)),
    ];
    shares().into_iter().chain(others).collect()
}

/// All values at once, by a schema.
fn check(name: &str, schema: Schema) -> ColumnMapping {
    let tracks = examples();
    let names = schema.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let row = |(index, track)| schema.columns.iter().map(|(_, write)| write(track, index)).collect();
    let table = TextTable { names, rows: tracks.iter().enumerate().map(row).collect() };
    let mapping = decide(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
    for feature in Feature::ALL {
        assert_eq!(mapping.gives(feature), schema.gives.contains(&feature), "{name}: {feature}\n{:?}", mapping.table());
        let conversion = schema.conversions.iter().find(|(of, _)| *of == feature).map(|(_, conversion)| *conversion);
        let found = mapping.column_of(feature).and_then(|column| column.conversion);
        assert_eq!(found, conversion, "{name}: {feature}");
    }
    for (index, track) in tracks.iter().enumerate() {
        let reading = mapping.row(&table, index);
        assert_eq!(reading.faults, [], "{name}: row {index}");
        for &feature in &schema.gives {
            let (found, expected) = (reading.values[feature as usize], track.row[feature as usize]);
            assert_eq!(found, expected, "{name}: row {index}, {feature}");
        }
    }
    mapping
}

fn used(mapping: &ColumnMapping, used: ColumnUse) -> &str {
    let position = mapping.position_of(used).expect("a column");
    &mapping.columns()[position].column
}

#[test]
fn most_streamed_2023() {
    let percent = SHARES.map(|feature| (feature, Conversion::Percent));
    let others = [(Key, Conversion::PitchName), (Mode, Conversion::ModeWord), (Decade, Conversion::DecadeOfYear)];
    let mapping = check(
        "1",
        Schema {
            columns: vec![
                ("track_name", TITLE),
                ("artist(s)_name", ARTIST),
                ("artist_count", COUNT),
                ("released_year", YEAR),
                ("released_month", COUNT),
                ("released_day", COUNT),
                ("in_spotify_playlists", COUNT),
                ("streams", COUNT),
                ("bpm", plain!(Tempo)),
                ("key", PITCH),
                ("mode", MODE_WORD),
                ("danceability_%", percent!(Danceability)),
                ("valence_%", percent!(Valence)),
                ("energy_%", percent!(Energy)),
                ("acousticness_%", percent!(Acousticness)),
                ("instrumentalness_%", percent!(Instrumentalness)),
                ("liveness_%", percent!(Liveness)),
                ("speechiness_%", percent!(Speechiness)),
            ],
            gives: features(&[Tempo, Key, Mode, Decade]),
            conversions: percent.into_iter().chain(others).collect(),
        },
    );
    assert_eq!(used(&mapping, ColumnUse::Title), "track_name");
    assert_eq!(used(&mapping, ColumnUse::Artist), "artist(s)_name");
    let missing = mapping.missing_columns(&[Loudness, DurationMs, TimeSignature, Energy]);
    assert_eq!(missing.iter().map(|it| it.feature).collect::<Vec<_>>(), [Loudness, DurationMs, TimeSignature]);
}

#[test]
fn spotify_tracks_db() {
    let mut columns: Vec<(&'static str, Writer)> = vec![
        ("genre", NOISE),
        ("artist_name", ARTIST),
        ("track_name", TITLE),
        ("track_id", ID),
        ("popularity", COUNT),
        ("key", PITCH),
        ("mode", MODE_WORD),
        ("time_signature", METER),
        ("loudness", plain!(Loudness)),
        ("tempo", plain!(Tempo)),
        ("duration_ms", plain!(DurationMs)),
    ];
    columns.extend(shares());
    let mapping = check(
        "2",
        Schema {
            columns,
            gives: features(&[Key, Mode, TimeSignature, Loudness, Tempo, DurationMs]),
            conversions: vec![
                (Key, Conversion::PitchName),
                (Mode, Conversion::ModeWord),
                (TimeSignature, Conversion::Meter),
            ],
        },
    );
    assert_eq!(used(&mapping, ColumnUse::Uri), "track_id");
    assert!(!mapping.gives(Decade));
}

#[test]
fn organize_your_music() {
    let percent = [Energy, Danceability, Liveness, Valence, Acousticness, Speechiness];
    let conversions = percent.map(|feature| (feature, Conversion::Percent));
    let mapping = check(
        "3",
        Schema {
            columns: vec![
                ("\u{feff}", COUNT),
                ("title", TITLE),
                ("artist", ARTIST),
                ("top genre", NOISE),
                ("year ", YEAR),
                ("bpm", plain!(Tempo)),
                ("nrgy", percent!(Energy)),
                ("dnce", percent!(Danceability)),
                ("dB", plain!(Loudness)),
                ("live", percent!(Liveness)),
                ("val", percent!(Valence)),
                ("dur", SECONDS),
                ("acous", percent!(Acousticness)),
                ("spch", percent!(Speechiness)),
                ("pop", COUNT),
            ],
            gives: percent.into_iter().chain([Tempo, Loudness, DurationMs, Decade]).collect(),
            conversions: conversions
                .into_iter()
                .chain([(DurationMs, Conversion::Seconds), (Decade, Conversion::DecadeOfYear)])
                .collect(),
        },
    );
    assert_eq!(mapping.columns()[0].column, "column 1 (no name)");
    assert_eq!(mapping.column_of(Energy).expect("a column").reason, MappingReason::Values);
}

#[test]
fn top_50_with_names_by_r() {
    let percent = [Energy, Danceability, Liveness, Valence, Acousticness, Speechiness];
    let conversions = percent.map(|feature| (feature, Conversion::Percent));
    let mapping = check(
        "4",
        Schema {
            columns: vec![
                ("", COUNT),
                ("Track.Name", TITLE),
                ("Artist.Name", ARTIST),
                ("Genre", NOISE),
                ("Beats.Per.Minute", plain!(Tempo)),
                ("Energy", percent!(Energy)),
                ("Danceability", percent!(Danceability)),
                ("Loudness..dB..", plain!(Loudness)),
                ("Liveness", percent!(Liveness)),
                ("Valence.", percent!(Valence)),
                ("Length.", SECONDS),
                ("Acousticness..", percent!(Acousticness)),
                ("Speechiness.", percent!(Speechiness)),
                ("Popularity", COUNT),
            ],
            gives: percent.into_iter().chain([Tempo, Loudness, DurationMs]).collect(),
            conversions: conversions.into_iter().chain([(DurationMs, Conversion::Seconds)]).collect(),
        },
    );
    assert_eq!(used(&mapping, ColumnUse::Title), "Track.Name");
    assert_eq!(used(&mapping, ColumnUse::Artist), "Artist.Name");
}

/// As people export it today, and as a fork names two columns.
#[test]
fn exportify() {
    for (date, length) in [("Release Date", "Duration (ms)"), ("Album Release Date", "Track Duration (ms)")] {
        let mapping = check(
            "5",
            Schema {
                columns: vec![
                    ("\u{feff}Track URI", ID),
                    ("Track Name", TITLE),
                    ("Album Name", NOISE),
                    ("Artist Name(s)", ARTIST),
                    (date, DATE),
                    (length, plain!(DurationMs)),
                    ("Popularity", COUNT),
                    ("Explicit", |_, _| "false".to_owned()),
                    ("Added By", NOISE),
                    ("Added At", NOISE),
                    ("Genres", NOISE),
                    ("Record Label", NOISE),
                    ("Danceability", plain!(Danceability)),
                    ("Energy", plain!(Energy)),
                    ("Key", plain!(Key)),
                    ("Loudness", plain!(Loudness)),
                    ("Mode", plain!(Mode)),
                    ("Speechiness", plain!(Speechiness)),
                    ("Acousticness", plain!(Acousticness)),
                    ("Instrumentalness", plain!(Instrumentalness)),
                    ("Liveness", plain!(Liveness)),
                    ("Valence", plain!(Valence)),
                    ("Tempo", plain!(Tempo)),
                    ("Time Signature", plain!(TimeSignature)),
                ],
                gives: features(&[DurationMs, Key, Loudness, Mode, Tempo, TimeSignature, Decade]),
                conversions: vec![(Decade, Conversion::DecadeOfDate)],
            },
        );
        assert_eq!(used(&mapping, ColumnUse::Uri), "Track URI");
        assert_eq!(used(&mapping, ColumnUse::Artist), "Artist Name(s)");
    }
}

#[test]
fn tidy_tuesday() {
    let mut columns: Vec<(&'static str, Writer)> = vec![
        ("track_id", ID),
        ("track_name", TITLE),
        ("track_artist", ARTIST),
        ("track_popularity", COUNT),
        ("track_album_id", NOISE),
        ("track_album_name", NOISE),
        ("track_album_release_date", DATE),
        ("playlist_name", NOISE),
    ];
    columns.extend(documented());
    let gives = features(&[Key, Loudness, Mode, Tempo, DurationMs, Decade]);
    let mapping = check("6", Schema { columns, gives, conversions: vec![(Decade, Conversion::DecadeOfDate)] });
    assert_eq!(used(&mapping, ColumnUse::Artist), "track_artist");
}

#[test]
fn top_hits_2000_to_2019() {
    let mut columns: Vec<(&'static str, Writer)> =
        vec![("artist", ARTIST), ("song", TITLE), ("explicit", |_, _| "True".to_owned()), ("year", YEAR)];
    columns.extend(documented());
    // R's notation of a small number.
    columns[8].1 = |track, _| format!("{:E}", track.row[Instrumentalness as usize]);
    columns.push(("genre", NOISE));
    let gives = features(&[Key, Loudness, Mode, Tempo, DurationMs, Decade]);
    let mapping = check("7", Schema { columns, gives, conversions: vec![(Decade, Conversion::DecadeOfYear)] });
    assert_eq!(used(&mapping, ColumnUse::Title), "song");
}

/// Kaggle's table of 1.2 million tracks: every number a float, lists as texts, year and date.
#[test]
fn year_comes_before_date() {
    let mut columns: Vec<(&'static str, Writer)> = vec![
        ("id", ID),
        ("name", TITLE),
        ("album", NOISE),
        ("artists", |_, row| format!("['Band {row}']")),
        ("artist_ids", NOISE),
        ("track_number", COUNT),
        ("key", float!(Key)),
        ("mode", float!(Mode)),
        ("time_signature", float!(TimeSignature)),
        ("duration_ms", float!(DurationMs)),
        ("loudness", plain!(Loudness)),
        ("tempo", plain!(Tempo)),
        ("year", YEAR),
        ("release_date", |_, _| "1950-01-01".to_owned()),
    ];
    columns.extend(shares());
    let gives = features(&[Key, Mode, TimeSignature, DurationMs, Loudness, Tempo, Decade]);
    let mapping = check("8", Schema { columns, gives, conversions: vec![(Decade, Conversion::DecadeOfYear)] });
    assert_eq!(used(&mapping, ColumnUse::Uri), "id");
    let date = mapping.columns().iter().find(|column| column.column == "release_date").expect("a column");
    assert_eq!((date.used_as, date.instead.as_deref()), (None, Some("year")));
}

/// 160,000 tracks: a column without a name, one called label that is none, silence with a tempo of 0.
#[test]
fn tracks_1921_to_2020() {
    let mut columns: Vec<(&'static str, Writer)> = vec![("", COUNT), ("artists", ARTIST), ("id", ID), ("name", TITLE)];
    columns.extend(documented());
    columns.extend([("release_date", DATE), ("year", YEAR), ("label", COUNT)] as [(&'static str, Writer); 3]);
    let gives = features(&[Key, Loudness, Mode, Tempo, DurationMs, Decade]);
    let mapping = check("9", Schema { columns, gives, conversions: vec![(Decade, Conversion::DecadeOfYear)] });
    assert!(!mapping.has_label());
    let table = table("energy|tempo|year", &["0.5|0|1921", "0.4|99|1999"]);
    let mapping = decide(&table).expect("a mapping");
    assert_eq!(values(&mapping, &table, Decade), [1920.0, 1990.0]);
    assert_eq!(values(&mapping, &table, Tempo), [0.0, 99.0]);
}

/// 0 is unknown for the year, danceability and energy.
#[test]
fn million_song_dataset() {
    let mapping = check(
        "10",
        Schema {
            columns: vec![
                ("artist_name", ARTIST),
                ("title", TITLE),
                ("year", YEAR),
                ("duration", SECONDS),
                ("key", plain!(Key)),
                ("loudness", plain!(Loudness)),
                ("song_hotttnesss", NOISE),
                ("tempo", plain!(Tempo)),
                ("time_signature", plain!(TimeSignature)),
            ],
            gives: vec![DurationMs, Key, Loudness, Tempo, TimeSignature, Decade],
            conversions: vec![(DurationMs, Conversion::Seconds), (Decade, Conversion::DecadeOfYear)],
        },
    );
    assert_eq!(used(&mapping, ColumnUse::Title), "title");
    let table = table(
        "year|danceability|duration|energy|tempo",
        &["0|0.0|218.93179|0.0|92.198", "1984|0.0|148.03546|0.0|121.274", "0|0.0|177.47546|0.0|100.07"],
    );
    let mapping = decide(&table).expect("a mapping");
    assert!(values(&mapping, &table, Energy).iter().all(|value| value.is_nan()));
    assert!(values(&mapping, &table, Danceability).iter().all(|value| value.is_nan()));
    let decades = values(&mapping, &table, Decade);
    assert!(decades[0].is_nan() && decades[1] == 1980.0);
    assert_eq!(values(&mapping, &table, DurationMs), [218_932.0, 148_035.0, 177_475.0]);
    assert_eq!(mapping.column_of(Energy).and_then(|it| it.conversion), Some(Conversion::ZeroIsMissing));
    assert_eq!(mapping.column_of(Energy).map(|it| it.reason), Some(MappingReason::Exact));
}

/// Decade files that others have enriched.
#[test]
fn merged_decade_files() {
    let mut columns: Vec<(&'static str, Writer)> = vec![
        ("", COUNT),
        ("track", TITLE),
        ("artist", ARTIST),
        ("uri", |_, row| format!("spotify:track:{row:022}")),
        ("time_signature", plain!(TimeSignature)),
        ("target", |_, row| (row % 2).to_string()),
        ("decade", |track, _| format!("{}s", track.year - track.year % 10)),
        ("genres", NOISE),
        ("main_popularities", COUNT),
    ];
    columns.extend(documented());
    let gives = features(&[Key, Loudness, Mode, Tempo, DurationMs, TimeSignature, Decade]);
    let mapping = check("11", Schema { columns, gives, conversions: vec![] });
    assert!(mapping.has_label() && !mapping.is_notable());
}

#[test]
fn decade_of_the_file_name_counts_last() {
    let place = Place::file("tracks_80s.csv");
    let eighties = crate::track::Decade::from_year(1980);
    let decide = |table: &TextTable| {
        ColumnMapping::decide(table, &MappingOptions::default(), &place, eighties).expect("a mapping")
    };
    let without = table("energy", &["0.5", "0.25"]);
    let mapping = decide(&without);
    assert_eq!(values(&mapping, &without, Decade), [1980.0, 1980.0]);
    assert!(mapping.is_notable() && mapping.decade_in_name() == eighties);
    assert_eq!(mapping.table()[1][0], "(file name)");
    for header in ["energy|decade", "energy|year", "energy|Release Date"] {
        let with = table(header, &["0.5|1970", "0.25|1990"]);
        let mapping = decide(&with);
        assert_eq!(values(&mapping, &with, Decade), [1970.0, 1990.0]);
        assert_eq!(mapping.decade_in_name(), None);
    }
}

/// JSON of Spotify, ReccoBeats and Soundcharts, as columns.
#[test]
fn fields_of_json() {
    let mut columns: Vec<(&'static str, Writer)> = vec![
        ("uri", |_, row| format!("spotify:track:{row:022}")),
        ("id", ID),
        ("type", |_, _| "audio_features".to_owned()),
        ("track_href", NOISE),
        ("analysis_url", NOISE),
        ("time_signature", plain!(TimeSignature)),
    ];
    columns.extend(documented());
    let gives = features(&[Key, Loudness, Mode, Tempo, DurationMs, TimeSignature]);
    let mapping = check("12", Schema { columns, gives, conversions: vec![] });
    assert_eq!(used(&mapping, ColumnUse::Uri), "uri");
    let mut columns: Vec<(&'static str, Writer)> =
        vec![("id", ID), ("href", NOISE), ("isrc", NOISE), ("trackTitle", TITLE), ("durationMs", plain!(DurationMs))];
    columns.extend(shares());
    columns.extend([("loudness", plain!(Loudness)), ("tempo", plain!(Tempo))] as [(&'static str, Writer); 2]);
    check("13", Schema { columns, gives: features(&[DurationMs, Loudness, Tempo]), conversions: vec![] });
    for (prefix_audio, prefix) in [("object.audio.", "object."), ("", "")] {
        let name = |prefix: &str, name: &str| -> &'static str { Box::leak(format!("{prefix}{name}").into_boxed_str()) };
        let mut columns: Vec<(&'static str, Writer)> =
            shares().into_iter().map(|(of, write)| (name(prefix_audio, of), write)).collect();
        columns.push((name(prefix_audio, "timeSignature"), plain!(TimeSignature)));
        columns.push((name(prefix, "duration"), SECONDS));
        columns.push((name(prefix, "releaseDate"), |track, _| format!("{}-05-14T00:00:00+00:00", track.year)));
        let conversions = vec![(DurationMs, Conversion::Seconds), (Decade, Conversion::DecadeOfDate)];
        check("14", Schema { columns, gives: features(&[TimeSignature, DurationMs, Decade]), conversions });
    }
}

#[test]
fn scraped_table_of_floats() {
    let columns: Vec<(&'static str, Writer)> = vec![
        ("rowid", COUNT),
        ("track_id", ID),
        ("fetched_at", COUNT),
        ("null_response", |_, _| "0.0".to_owned()),
        ("duration_ms", float!(DurationMs)),
        ("time_signature", float!(TimeSignature)),
        ("tempo", float!(Tempo)),
        ("key", float!(Key)),
        ("mode", float!(Mode)),
        ("danceability", float!(Danceability)),
        ("energy", float!(Energy)),
        ("loudness", float!(Loudness)),
        ("speechiness", float!(Speechiness)),
        ("acousticness", float!(Acousticness)),
        ("instrumentalness", float!(Instrumentalness)),
        ("liveness", float!(Liveness)),
        ("valence", float!(Valence)),
    ];
    let gives = features(&[DurationMs, TimeSignature, Tempo, Key, Mode, Loudness]);
    let mapping = check("15", Schema { columns, gives, conversions: vec![] });
    assert_eq!(used(&mapping, ColumnUse::Uri), "track_id");
}
