//! Tables as they circulate: made-up tracks under the columns and in the units of each give the probabilities of the same tracks
//! under the documented columns.

use crate::common::file;
use crate::place::{stderr, WorkDir};
use crate::tables::probabilities;

const TRACKS: usize = 10;

/// How a table spells a feature.
#[derive(Clone, Copy)]
enum Spelling {
    Plain,
    /// Whole percent.
    Percent,
    /// Whole seconds.
    Seconds,
    /// Seconds with a fraction.
    SecondsWithFraction,
    Pitch,
    ModeWord,
    Meter,
    /// `4.0`.
    WithFraction,
    Year,
    /// A date, a month or a year alone.
    Date,
    /// `1960s`.
    DecadeWord,
}

use Spelling::*;

/// The value of a feature of a track under its documented name: two decimals, whole seconds.
fn value(feature: &str, track: usize) -> String {
    let part = |step: usize| format!("0.{:02}", 5 + (track * step) % 90);
    match feature {
        "danceability" => part(7),
        "energy" => part(11),
        "key" => (track % 12).to_string(),
        "loudness" => format!("-{}", 4 + track),
        "mode" => (track % 2).to_string(),
        "speechiness" => part(3),
        "acousticness" => part(13),
        "instrumentalness" => part(17),
        "liveness" => part(19),
        "valence" => part(23),
        "tempo" => (80 + 9 * track).to_string(),
        "duration_ms" => ((180 + 7 * track) * 1000).to_string(),
        "time_signature" => (3 + track % 3).to_string(),
        "decade" => (1960 + 10 * (track % 6)).to_string(),
        other => panic!("{other}"),
    }
}

fn spelt(feature: &str, spelling: Spelling, track: usize) -> String {
    let plain = value(feature, track);
    let whole = || plain.parse::<usize>().expect("a whole number");
    let pitches = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    match spelling {
        Plain => plain,
        Percent => plain.trim_start_matches("0.").trim_start_matches('0').to_owned(),
        Seconds => (whole() / 1000).to_string(),
        SecondsWithFraction => format!("{}.0", whole() / 1000),
        Pitch => pitches[whole()].to_owned(),
        ModeWord => ["Minor", "Major"][whole()].to_owned(),
        Meter => format!("{plain}/4"),
        WithFraction => format!("{plain}.0"),
        Year => (whole() + track % 10).to_string(),
        Date => match track % 3 {
            0 => format!("{}-05-14", whole() + track % 10),
            1 => format!("{}-05", whole() + track % 10),
            _ => (whole() + track % 10).to_string(),
        },
        DecadeWord => format!("{plain}s"),
    }
}

/// A column: its name, and the feature and its spelling, or else a value of every track.
enum SchemaColumn {
    Of(&'static str, &'static str, Spelling),
    Other(&'static str, &'static str),
}

use SchemaColumn::{Of, Other};

/// A table and the features that it has.
struct SchemaTable {
    name: &'static str,
    columns: Vec<SchemaColumn>,
}

impl SchemaTable {
    fn field(&self, column: &SchemaColumn, track: usize) -> String {
        match column {
            Of(_, feature, spelling) => spelt(feature, *spelling, track),
            Other(_, text) => text.replace('N', &track.to_string()),
        }
    }

    fn csv(&self) -> String {
        let names = self.columns.iter().map(|column| match column {
            Of(name, ..) | Other(name, _) => (*name).to_owned(),
        });
        let row =
            |track: usize| self.columns.iter().map(|column| self.field(column, track)).collect::<Vec<_>>().join(",");
        let rows = (0..TRACKS).map(row);
        std::iter::once(names.collect::<Vec<_>>().join(",")).chain(rows).collect::<Vec<_>>().join("\n") + "\n"
    }

    /// The same tracks under the documented names and in the documented units.
    fn documented(&self) -> String {
        let features = self.columns.iter().filter_map(|column| match column {
            Of(_, feature, _) => Some(*feature),
            Other(..) => None,
        });
        documented(&features.collect::<Vec<_>>())
    }
}

fn documented(features: &[&str]) -> String {
    let row = |track: usize| features.iter().map(|feature| value(feature, track)).collect::<Vec<_>>().join(",");
    std::iter::once(features.join(",")).chain((0..TRACKS).map(row)).collect::<Vec<_>>().join("\n") + "\n"
}

/// Features under their documented names.
fn plain(names: &[&'static str]) -> Vec<SchemaColumn> {
    names.iter().map(|name| Of(name, name, Plain)).collect()
}

const AUDIO: [&str; 11] = [
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
];

fn most_streamed() -> SchemaTable {
    let percent = [
        ("danceability_%", "danceability"),
        ("valence_%", "valence"),
        ("energy_%", "energy"),
        ("acousticness_%", "acousticness"),
        ("instrumentalness_%", "instrumentalness"),
        ("liveness_%", "liveness"),
        ("speechiness_%", "speechiness"),
    ];
    let mut columns = vec![
        Other("track_name", "Canción N"),
        Other("artist(s)_name", "Artist N"),
        Other("artist_count", "1"),
        Of("released_year", "decade", Year),
        Other("released_month", "3"),
        Other("released_day", "14"),
        Other("streams", "141381703"),
        Of("bpm", "tempo", Plain),
        Of("key", "key", Pitch),
        Of("mode", "mode", ModeWord),
    ];
    columns.extend(percent.map(|(name, feature)| Of(name, feature, Percent)));
    SchemaTable { name: "spotify-2023.csv", columns }
}

fn tracks_with_genres() -> SchemaTable {
    let mut columns = vec![Other("genre", "Movie"), Other("artist_name", "A N"), Other("track_name", "T N")];
    columns.extend([Other("track_id", "0BRjO6ga9RKCKjfDqeFgWN"), Other("popularity", "7")]);
    columns.extend(plain(&["acousticness", "danceability", "duration_ms", "energy", "instrumentalness"]));
    columns.push(Of("key", "key", Pitch));
    columns.extend(plain(&["liveness", "loudness"]));
    columns.push(Of("mode", "mode", ModeWord));
    columns.extend(plain(&["speechiness", "tempo"]));
    columns.push(Of("time_signature", "time_signature", Meter));
    columns.extend(plain(&["valence"]));
    SchemaTable { name: "SpotifyFeatures.csv", columns }
}

fn top_tens() -> SchemaTable {
    let columns = vec![
        Other("\"\"", "N"),
        Other("title", "T N"),
        Other("artist", "A N"),
        Other("top genre", "pop"),
        Of("year ", "decade", Year),
        Of("bpm", "tempo", Plain),
        Of("nrgy", "energy", Percent),
        Of("dnce", "danceability", Percent),
        Of("dB", "loudness", Plain),
        Of("live", "liveness", Percent),
        Of("val", "valence", Percent),
        Of("dur", "duration_ms", Seconds),
        Of("acous", "acousticness", Percent),
        Of("spch", "speechiness", Percent),
        Other("pop", "8N"),
    ];
    SchemaTable { name: "top10s.csv", columns }
}

fn top_fifty() -> SchemaTable {
    let columns = vec![
        Other("\"\"", "N"),
        Other("\"Track.Name\"", "T N"),
        Other("\"Artist.Name\"", "A N"),
        Other("\"Genre\"", "pop"),
        Of("\"Beats.Per.Minute\"", "tempo", Plain),
        Of("\"Energy\"", "energy", Percent),
        Of("\"Danceability\"", "danceability", Percent),
        Of("\"Loudness..dB..\"", "loudness", Plain),
        Of("\"Liveness\"", "liveness", Percent),
        Of("\"Valence.\"", "valence", Percent),
        Of("\"Length.\"", "duration_ms", Seconds),
        Of("\"Acousticness..\"", "acousticness", Percent),
        Of("\"Speechiness.\"", "speechiness", Percent),
        Other("\"Popularity\"", "8N"),
    ];
    SchemaTable { name: "top50.csv", columns }
}

fn exportify() -> SchemaTable {
    let mut columns = vec![
        Other("\u{feff}Track URI", "spotify:track:0BRjO6ga9RKCKjfDqeFgWN"),
        Other("Track Name", "T N"),
        Other("Album Name", "Album"),
        Other("Artist Name(s)", "\"A N, B\""),
        Of("Release Date", "decade", Date),
        Of("Duration (ms)", "duration_ms", Plain),
        Other("Popularity", "5N"),
        Other("Explicit", "false"),
        Other("Added By", "spotify:user:x"),
        Other("Added At", "2023-01-01T00:00:00Z"),
        Other("Genres", "pop"),
        Other("Record Label", "Label"),
    ];
    let titles = [
        ("Danceability", "danceability"),
        ("Energy", "energy"),
        ("Key", "key"),
        ("Loudness", "loudness"),
        ("Mode", "mode"),
        ("Speechiness", "speechiness"),
        ("Acousticness", "acousticness"),
        ("Instrumentalness", "instrumentalness"),
        ("Liveness", "liveness"),
        ("Valence", "valence"),
        ("Tempo", "tempo"),
        ("Time Signature", "time_signature"),
    ];
    columns.extend(titles.map(|(name, feature)| Of(name, feature, Plain)));
    SchemaTable { name: "playlist.csv", columns }
}

fn tidy_tuesday() -> SchemaTable {
    let mut columns = vec![
        Other("track_id", "0BRjO6ga9RKCKjfDqeFgWN"),
        Other("track_name", "T N"),
        Other("track_artist", "A N"),
        Other("track_popularity", "6N"),
        Other("track_album_id", "x"),
        Other("track_album_name", "Album"),
        Of("track_album_release_date", "decade", Date),
        Other("playlist_name", "Pop"),
    ];
    columns.extend(plain(&AUDIO));
    columns.extend(plain(&["duration_ms"]));
    SchemaTable { name: "spotify_songs.csv", columns }
}

fn top_hits() -> SchemaTable {
    let mut columns = vec![Other("artist", "A N"), Other("song", "T N")];
    columns.extend(plain(&["duration_ms"]));
    columns.extend([Other("explicit", "False"), Of("year", "decade", Year), Other("popularity", "7N")]);
    columns.extend(plain(&AUDIO));
    columns.push(Other("genre", "pop"));
    SchemaTable { name: "songs_normalize.csv", columns }
}

fn million_tracks() -> SchemaTable {
    let mut columns = vec![
        Other("id", "0BRjO6ga9RKCKjfDqeFgWN"),
        Other("name", "T N"),
        Other("album", "Album"),
        Other("artists", "\"['A N']\""),
        Other("track_number", "1"),
        Other("explicit", "False"),
    ];
    columns.extend(plain(&AUDIO));
    columns.extend(plain(&["duration_ms"]));
    columns.push(Of("time_signature", "time_signature", WithFraction));
    columns.push(Of("year", "decade", Year));
    columns.push(Other("release_date", "1999-11-02"));
    SchemaTable { name: "tracks_features.csv", columns }
}

fn hundred_years() -> SchemaTable {
    let mut columns = vec![Other("", "N")];
    columns.extend(plain(&["acousticness"]));
    columns.push(Other("artists", "\"['A N']\""));
    columns.extend(plain(&["danceability", "duration_ms", "energy"]));
    columns.extend([Other("explicit", "0"), Other("id", "0BRjO6ga9RKCKjfDqeFgWN")]);
    columns.extend(plain(&["instrumentalness", "key", "liveness", "loudness", "mode"]));
    columns.extend([Other("name", "T N"), Other("popularity", "N"), Other("release_date", "1930")]);
    columns.extend(plain(&["speechiness", "tempo", "valence"]));
    columns.extend([Of("year", "decade", Year), Other("label", "low")]);
    SchemaTable { name: "data.csv", columns }
}

fn million_songs() -> SchemaTable {
    let mut columns = vec![Other("artist_name", "A N"), Other("title", "T N"), Other("year", "0")];
    columns.push(Other("danceability", "0"));
    columns.push(Of("duration", "duration_ms", SecondsWithFraction));
    columns.push(Other("energy", "0.0"));
    columns.extend(plain(&["key", "loudness"]));
    columns.push(Other("song_hotttnesss", "0.5"));
    columns.extend(plain(&["tempo", "time_signature"]));
    SchemaTable { name: "msd.csv", columns }
}

fn enriched_decade_file() -> SchemaTable {
    let mut columns = vec![Other("", "N"), Other("genres", "pop"), Other("main_popularities", "40")];
    columns.extend(plain(&AUDIO));
    columns.extend(plain(&["duration_ms", "time_signature"]));
    columns.push(Of("decade", "decade", DecadeWord));
    SchemaTable { name: "tracks_80s_merged.csv", columns }
}

/// A place with a model of all features.
fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.write("in/dataset-of-10s.csv", file(400, 400));
    let forest =
        ["--output", "models/hitflop.model", "--model", "forest", "--param", "n_estimators=20", "--features", "all"];
    place.json(&[&["train", "--data", "in", "--calibration", "none", "--threshold", "0.5"], &forest[..]].concat());
    place
}

fn scored(place: &WorkDir, name: &str) -> Vec<f64> {
    let columns = ["--label-column", "predicted", "--probability-column", "p", "--format", "csv"];
    let input = ["predict", "--model", "models/hitflop.model", "--allow-missing", "--input", name];
    let output = place.hitflop(&[&input[..], &columns].concat());
    assert!(output.status.success(), "{name}: {}", stderr(&output));
    probabilities(&String::from_utf8_lossy(&output.stdout))
}

#[test]
fn tables_in_circulation_give_the_probabilities_of_documented_ones() {
    let place = place();
    let tables = [
        most_streamed(),
        tracks_with_genres(),
        top_tens(),
        top_fifty(),
        exportify(),
        tidy_tuesday(),
        top_hits(),
        million_tracks(),
        hundred_years(),
        million_songs(),
    ];
    for table in tables {
        place.write("documented.csv", table.documented());
        place.write(table.name, table.csv());
        assert_eq!(scored(&place, table.name), scored(&place, "documented.csv"), "{}", table.name);
    }
    // A column of decades takes precedence over the file's name.
    let table = enriched_decade_file();
    place.write("documented.csv", table.documented());
    place.write(table.name, table.csv().trim_end().replace('\n', "\r\n"));
    assert_eq!(scored(&place, table.name), scored(&place, "documented.csv"));
    // Titles in Latin-1.
    let table = most_streamed();
    let latin =
        table.csv().chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect::<Vec<u8>>();
    place.write("documented.csv", table.documented());
    place.write(table.name, latin);
    assert_eq!(scored(&place, table.name), scored(&place, "documented.csv"));
}

#[test]
fn saved_json_gives_the_probabilities_of_documented_tables() {
    let place = place();
    let member = |feature: &str, name: &str, track: usize| format!("\"{name}\": {}", value(feature, track));
    let members = |features: &[&str], track: usize| {
        features.iter().map(|feature| member(feature, feature, track)).collect::<Vec<_>>().join(", ")
    };
    let list = |object: &dyn Fn(usize) -> String| (0..TRACKS).map(object).collect::<Vec<_>>().join(", ");
    let spotify = [&AUDIO[..], &["duration_ms", "time_signature"]].concat();
    let spotify_object = |track: usize| {
        let metadata =
            "\"type\": \"audio_features\", \"id\": \"x\", \"uri\": \"spotify:track:x\", \"analysis_url\": \"y\"";
        format!("{{{}, {metadata}}}", members(&spotify, track))
    };
    let nine: Vec<&str> = AUDIO.iter().copied().filter(|name| *name != "key" && *name != "mode").collect();
    let soundcharts = |track: usize| {
        let audio: Vec<String> = spotify
            .iter()
            .filter(|feature| **feature != "duration_ms")
            .map(|feature| member(feature, if *feature == "time_signature" { "timeSignature" } else { feature }, track))
            .collect();
        let (seconds, year) = (spelt("duration_ms", Seconds, track), spelt("decade", Year, track));
        format!(
            "{{\"type\": \"song\", \"object\": {{\"name\": \"T\", \"audio\": {{{}}}, \"duration\": {seconds}, \
             \"releaseDate\": \"{year}-05-14T00:00:00+00:00\", \"artists\": [{{\"name\": \"A\"}}]}}, \"errors\": []}}",
            audio.join(", ")
        )
    };
    let with_decade = [&spotify[..], &["decade"]].concat();
    for (name, json, features) in [
        ("array.json", format!("[{}]", list(&spotify_object)), &spotify),
        ("envelope.json", format!("{{\"audio_features\": [null, {}]}}", list(&spotify_object)), &spotify),
        ("lines.jsonl", list(&spotify_object).replace("}, {", "}\n{"), &spotify),
        (
            "content.json",
            format!("{{\"content\": [{}]}}", list(&|track| format!("{{{}}}", members(&nine, track)))),
            &nine,
        ),
        ("soundcharts.json", format!("[{}]", list(&soundcharts)), &with_decade),
    ] {
        place.write("documented.csv", documented(features));
        place.write(name, json);
        assert_eq!(scored(&place, name), scored(&place, "documented.csv"), "{name}");
    }
}

#[test]
fn a_scraped_parquet_table_gives_the_probabilities_of_a_documented_one() {
    let place = place();
    let features = [&AUDIO[..], &["duration_ms", "time_signature"]].concat();
    let mut columns =
        vec![Other("rowid", "N"), Other("track_id", "x"), Other("fetched_at", "1"), Other("null_response", "0")];
    columns.extend(features.iter().map(|feature| Of(feature, feature, Plain)));
    let table = SchemaTable { name: "scraped.csv", columns };
    place.write(table.name, table.csv());
    place.write("documented.csv", table.documented());
    let expected = scored(&place, "documented.csv");
    let arguments = ["predict", "--model", "models/hitflop.model", "--allow-missing", "--input", table.name];
    place.json(&[&arguments[..], &["--output", "scraped.parquet"]].concat());
    assert_eq!(scored(&place, "scraped.parquet"), expected);
}
