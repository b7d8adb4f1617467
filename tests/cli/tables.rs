//! Tables of any format and with any columns, as a user meets them. Every row is made up.

use std::fs;
use std::io::Write as _;

use serde_json::Value;

use crate::common::{file, HEADER};
use crate::place::{stderr, WorkDir};

/// The features of a decade file and the decade.
const COLUMNS: &str =
    "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,\
                       duration_ms,time_signature,chorus_hit,sections,decade";
/// A track in the order of [`COLUMNS`].
const TRACK: &str = "0.5,0.7,5,-6.0,1,0.05,0.1,0,0.1,0.5,120.0,200000,4,40.0,10,2010";

/// A place with a model of all features.
fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.write("in/dataset-of-10s.csv", file(400, 400));
    let tree =
        ["--output", "models/hitflop.model", "--model", "forest", "--param", "n_estimators=20", "--features", "all"];
    place.json(&[&["train", "--data", "in", "--calibration", "none", "--threshold", "0.5"], &tree[..]].concat());
    place
}

const MODEL: [&str; 2] = ["--model", "models/hitflop.model"];

fn predicted(place: &WorkDir, arguments: &[&str]) -> String {
    let output = place.hitflop(&[&["predict"], &MODEL[..], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What is printed to standard error.
fn reported(place: &WorkDir, arguments: &[&str]) -> String {
    let output = place.hitflop(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    stderr(&output)
}

/// The probability of each row of scored CSV.
pub fn probabilities(csv: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let last = |record: csv::StringRecord| record[record.len() - 1].parse().expect("a number");
    reader.records().map(|record| last(record.expect("a record"))).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("packed");
    encoder.finish().expect("packed")
}

fn utf_16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        writer.write_all(contents).expect("written");
    }
    writer.finish().expect("a whole archive").into_inner()
}

/// Three tracks: one of all features, one with a missing energy, one with another key.
fn tracks() -> String {
    let without_energy = TRACK.replacen("0.7", "", 1);
    let other_key = TRACK.replacen(",5,", ",11,", 1);
    format!("{COLUMNS}\n{TRACK}\n{without_energy}\n{other_key}\n")
}

/// The same table as JSON objects.
fn objects() -> Vec<String> {
    let text = tracks();
    let names: Vec<&str> = COLUMNS.split(',').collect();
    let object = |line: &str| {
        let members = names.iter().zip(line.split(',')).map(|(name, value)| {
            let value = if value.is_empty() { "null" } else { value };
            format!("\"{name}\": {value}")
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
    };
    text.lines().skip(1).map(object).collect()
}

/// The file is made by `tests/fixtures/make_parquet.py`; the same tracks are here as CSV.
#[test]
fn columns_of_parquet_are_read_whatever_their_type() {
    let place = place();
    place.write("types.parquet", include_bytes!("../fixtures/column_types.parquet"));
    let rows = [
        "0.25,0.535,1,-6.5,1,0.05,0.1,0,0.1,0.4,120.5,217000,4,30,9,1960,1",
        "0.5,0.07,7,-11.25,0,0.3,0.2,0,0.4,0.5,98.2,180500,3,40,10,1990,0",
        "0.75,0.91,,-3,1,0.2,0.9,1,0.3,0.6,140,260000,4,50,11,2010,1",
    ];
    place.write("types.csv", format!("{COLUMNS},target\n{}\n", rows.join("\n")));
    let of = |name: &str| probabilities(&predicted(&place, &["--input", name, "--allow-missing"]));
    assert_eq!(of("types.parquet"), of("types.csv"));
    let notices = reported(&place, &[&["predict", "--input", "types.parquet", "--allow-missing"], &MODEL[..]].concat());
    assert!(notices.contains("column genres is not read, because its values are lists"), "{notices}");
    assert!(notices.contains("column cover is not read, because its values are bytes"), "{notices}");
    // The types of an output are those that other programs read.
    predicted(&place, &["--input", "types.parquet", "--allow-missing", "--output", "again.parquet"]);
    let names = ["--label-column", "l", "--probability-column", "p"];
    let again = predicted(&place, &[&["--input", "again.parquet", "--allow-missing"], &names[..]].concat());
    assert_eq!(probabilities(&again), of("types.csv"));
    assert!(again.lines().nth(2).is_some_and(|line| line.starts_with("Zwölf,B,G,false,0.5,0.07,")), "{again}");
    let scores = |name: &str| {
        place.json(&[&["evaluate", "--input", name, "--allow-missing"], &MODEL[..]].concat())["scores"].clone()
    };
    assert_eq!(scores("types.parquet"), scores("types.csv"));
    let explained =
        place.json(&[&["explain", "--input", "types.parquet", "--row", "1", "--allow-missing"], &MODEL[..]].concat());
    assert!(explained.to_string().contains("0.535"), "{explained}");
    let rule = ["--label", "target", "--processed", "one.parquet"];
    let ingested = place.json(&[&["ingest", "--data", "types.parquet"], &rule[..]].concat());
    assert_eq!(ingested["rows"], 3, "{ingested}");
}

#[test]
fn every_format_gives_the_same_probabilities() {
    let place = place();
    let csv = tracks();
    place.write("plain.csv", &csv);
    let expected = probabilities(&predicted(&place, &["--input", "plain.csv", "--allow-missing"]));
    assert_eq!(expected.len(), 3);
    let objects = objects();
    predicted(&place, &["--input", "plain.csv", "--allow-missing", "--output", "scored.parquet"]);
    predicted(&place, &["--input", "plain.csv", "--allow-missing", "--output", "scored.ndjson"]);
    let renamed = ["--label-column", "l", "--probability-column", "p"];
    let with_ending = |ending: &str| csv.replace('\n', ending);
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("crlf.csv", with_ending("\r\n").into()),
        ("cr.csv", with_ending("\r").into()),
        ("no-end.csv", csv.trim_end().into()),
        ("mark.csv", format!("\u{feff}{csv}").into()),
        ("semicolons.csv", csv.replace(',', ";").replace('.', ",").into()),
        ("sep.csv", format!("sep=;\n{}", csv.replace(',', ";")).into()),
        ("tabs.tsv", csv.replace(',', "\t").into()),
        ("bars.txt", csv.replace(',', "|").into()),
        ("quoted.csv", csv.replace("0.5", "\"0.5\"").into()),
        ("packed.csv.gz", gzip(csv.as_bytes())),
        ("packed.csv.zst", zstd::encode_all(csv.as_bytes(), 1).expect("packed")),
        ("wide.csv", utf_16(&csv)),
        ("archive.zip", zip(&[("below/tracks.csv", csv.as_bytes())])),
        ("lines.ndjson", objects.join("\n").into()),
        ("list.json", format!("[{}]", objects.join(",")).into()),
        ("spotify.json", format!("{{\"audio_features\": [{}, null]}}", objects.join(",")).into()),
        ("reccobeats.json", format!("{{\"content\": [{}]}}", objects.join(",")).into()),
        ("records.json", format!("{{\"dataframe_records\": [{}]}}", objects.join(",")).into()),
        ("scored.parquet", fs::read(place.path().join("scored.parquet")).expect("written")),
        ("scored.ndjson", fs::read(place.path().join("scored.ndjson")).expect("written")),
    ];
    for (name, bytes) in files {
        place.write(name, bytes);
        let scored = predicted(&place, &[&["--input", name, "--allow-missing"], &renamed[..]].concat());
        assert_eq!(probabilities(&scored), expected, "{name}");
    }
}

#[test]
fn standard_input_and_several_files_are_read() {
    let place = place();
    place.write("a/one.csv", format!("{COLUMNS}\n{TRACK}\n"));
    place.write("a/b/two.csv", format!("note,{COLUMNS}\nx,{TRACK}\n"));
    place.write("a/readme.md", "Two tables.");
    place.write("a/sheet.xlsx", zip(&[("xl/workbook.xml", b"<x/>")]));
    let mut command = assert_cmd::Command::cargo_bin("hitflop").expect("the program is built");
    let arguments = ["predict", "--model", "models/hitflop.model", "--input", "-"];
    let output = command.current_dir(place.path()).args(arguments).write_stdin(tracks().replace(",,", ",0,"));
    let output = output.output().expect("the program runs");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(probabilities(&String::from_utf8_lossy(&output.stdout)).len(), 3);

    let output = place.hitflop(&[&["predict"], &MODEL[..], &["--input", "a"]].concat());
    let (csv, notices) = (String::from_utf8_lossy(&output.stdout).into_owned(), stderr(&output));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], format!("note,{COLUMNS},label,probability"));
    assert!(lines[1].starts_with("x,0.5,") && lines[2].starts_with(",0.5,"), "{csv}");
    assert!(notices.contains("sheet.xlsx: passed over, it is an Excel workbook"), "{notices}");
    assert!(notices.contains("a/readme.md: passed over"), "{notices}");
    let both = ["--input", "a/one.csv", "a/b/*.csv", "--output", "both.csv"];
    let summary = place.json(&[&["predict"], &MODEL[..], &both].concat());
    assert_eq!((&summary["rows"], summary["files"].as_array().map(Vec::len)), (&Value::from(2), Some(2)));
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read() {
    let place = place();
    let path = place.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    let writer = std::thread::spawn(move || fs::write(path, gzip(format!("{COLUMNS}\n{TRACK}\n").as_bytes())));
    assert_eq!(probabilities(&predicted(&place, &["--input", "pipe"])).len(), 1);
    writer.join().expect("no panic").expect("written");
}

#[test]
fn fields_are_written_as_they_were_read() {
    let place = place();
    place.write("in.csv", format!("id, note,{COLUMNS}\n007,\"a, \"\"b\"\"\",{TRACK}\n"));
    let scored = predicted(&place, &["--input", "in.csv"]);
    assert!(
        scored.starts_with(&format!("id, note,{COLUMNS},label,probability\n007,\"a, \"\"b\"\"\",{TRACK},")),
        "{scored}"
    );
    let lines = predicted(&place, &["--input", "in.csv", "--format", "ndjson"]);
    let object: Value = serde_json::from_str(lines.trim()).expect("an object");
    assert_eq!((&object["id"], &object[" note"], &object["tempo"]), (&"007".into(), &"a, \"b\"".into(), &120.0.into()));
    let message = place.refused(&[&["predict"], &MODEL[..], &["--input", "in.csv", "--output", "x.xlsx"]].concat());
    assert!(message.contains("x.xlsx: expected a name that ends in .csv"), "{message}");
    let taken = place.refused(&[&["predict"], &MODEL[..], &["--input", "in.csv", "--label-column", "tempo"]].concat());
    assert!(taken.contains("in.csv, column tempo: expected no such column"), "{taken}");
}

#[test]
fn no_detected_key_is_a_missing_key() {
    let place = place();
    place.write(
        "keys.csv",
        format!("{COLUMNS}\n{}\n{}\n{TRACK}\n", TRACK.replacen(",5,", ",-1,", 1), TRACK.replacen(",5,", ",,", 1)),
    );
    let found = probabilities(&predicted(&place, &["--input", "keys.csv", "--allow-missing"]));
    assert_eq!(found[0], found[1]);
}

#[test]
fn rows_without_audio_are_refused_one_by_one() {
    let place = place();
    place.write("none.csv", format!("{COLUMNS},target\n{TRACK},1\n,,,,,,,,,,,,,,,2010,1\n,,,,,,,,,,,,,,,,0\n"));
    place.write("decade.csv", "decade\n2010\n1960\n");
    let rule = "A track needs a value of at least one of the audio features, the decade aside";
    for command in ["predict", "explain", "evaluate"] {
        let message = place.refused(&[&[command], &MODEL[..], &["--input", "none.csv", "--allow-missing"]].concat());
        for row in [2, 3] {
            assert!(message.contains(&format!("none.csv, row {row}: {rule}")), "{command}: {message}");
        }
        let message = place.refused(&[&[command], &MODEL[..], &["--input", "decade.csv", "--allow-missing"]].concat());
        assert!(
            message.contains("decade.csv: expected a column for at least one audio feature"),
            "{command}: {message}"
        );
    }
}

#[test]
fn missing_values_are_refused_with_a_hint() {
    let place = place();
    place.write("some.csv", tracks());
    let message = place.refused(&[&["predict"], &MODEL[..], &["--input", "some.csv"]].concat());
    assert!(message.contains("some.csv, row 2, column energy: expected a number"), "{message}");
    assert!(message.contains("--allow-missing: accepts absent columns and empty fields"), "{message}");
    for word in ["NA", "n/a", "nan", "null", "None", "-", "?", " "] {
        place.write("word.csv", tracks().replacen("0.5,,", &format!("0.5,{word},"), 1));
        let found = probabilities(&predicted(&place, &["--input", "word.csv", "--allow-missing"]));
        place.write("some.csv", tracks());
        assert_eq!(found, probabilities(&predicted(&place, &["--input", "some.csv", "--allow-missing"])), "{word}");
        place.refused(&[&["predict"], &MODEL[..], &["--input", "word.csv"]].concat());
    }
}

#[test]
fn columns_without_a_name_are_read() {
    let place = place();
    place.write("two.csv", ",energy,,decade\n0,0.5,,2010\n");
    assert_eq!(probabilities(&predicted(&place, &["--input", "two.csv", "--allow-missing"])).len(), 1);
    let unnamed =
        |line: (usize, &str)| if line.0 == 0 { format!(",{},", line.1) } else { format!("{},{},", line.0, line.1) };
    let text: Vec<String> = file(0, 40).lines().enumerate().map(unnamed).collect();
    place.write("unnamed/dataset-of-10s.csv", text.join("\n"));
    let summary = place.json(&["ingest", "--data", "unnamed"]);
    assert_eq!(summary["rows"], 40);
    assert_eq!(summary["notices"][0], "dataset-of-10s.csv: not used: column 1 (no name), column 21 (no name)");
}

#[test]
fn names_in_another_case_are_recognised() {
    let place = place();
    let capitalised: Vec<String> = COLUMNS.split(',').map(|name| name[..1].to_uppercase() + &name[1..]).collect();
    place.write("capitals.csv", format!("{}\n{TRACK}\n", capitalised.join(",")));
    place.write("plain.csv", format!("{COLUMNS}\n{TRACK}\n"));
    let expected = probabilities(&predicted(&place, &["--input", "plain.csv"]));
    assert_eq!(probabilities(&predicted(&place, &["--input", "capitals.csv"])), expected);
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "capitals.csv"]].concat());
    for name in capitalised {
        assert!(report.lines().any(|line| line.starts_with(&format!("  {name} "))), "{name} in {report}");
    }
    let table: Vec<&str> = report.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(table.len() >= 16 && table.iter().all(|line| line.chars().count() <= 80), "{report}");
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "plain.csv"]].concat());
    assert!(!report.contains("Columns of"), "{report}");
    let message = place.refused(&[&["predict"], &MODEL[..], &["--input", "capitals.csv", "--no-mapping"]].concat());
    assert_eq!(message.matches("the nearest name in the file is").count(), 16, "{message}");
}

#[test]
fn values_in_another_unit_are_warned_of_with_the_cause() {
    let place = place();
    let track = "51,73,5,-6.0,1,6,0.1,0,0.1,33,120.0,200,4,40.0,10,2010";
    place.write("percent.csv", format!("{COLUMNS},target\n{track},1\n{track},0\n"));
    for command in ["predict", "explain", "evaluate"] {
        let report = reported(&place, &[&[command], &MODEL[..], &["--input", "percent.csv"]].concat());
        for words in [
            "2 rows, the first of them row 1: danceability is 51, which looks like percent",
            "energy is 73, which looks like percent",
            "duration_ms is 200 ms, which looks like seconds",
        ] {
            assert!(report.contains(words), "{command}: {report}");
        }
        let output = ["--output", "out.csv"];
        let output = if command == "evaluate" { &[][..] } else { &output };
        let json = place.json(&[&[command], &MODEL[..], &["--input", "percent.csv"], output].concat());
        let kinds =
            json["warnings"].as_array().expect("warnings").iter().filter(|it| it["kind"] == "outside_documented_range");
        assert_eq!(kinds.count(), 5, "{command}: {json}");
    }
    let one = ["--input", "percent.csv", "--row", "2", "--chart", "x"];
    let report = reported(&place, &[&["explain"], &MODEL[..], &one].concat());
    assert!(report.contains("warning: row 2: energy is 73, which looks like percent"), "{report}");
    // Many values far from training.
    let shifted = file(0, 200).replace("Track ", "Shifted ");
    let lines: Vec<String> = shifted
        .lines()
        .enumerate()
        .map(|(row, line)| if row == 0 { line.to_owned() } else { with_loudness(line) })
        .collect();
    place.write("shifted-60s.csv", lines.join("\n"));
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "shifted-60s.csv"]].concat());
    assert!(report.contains("warning: loudness: the values are far from those of training (PSI "), "{report}");
}

/// A line with a loudness that is quieter by 30 dB.
fn with_loudness(line: &str) -> String {
    let position = HEADER.split(',').position(|name| name == "loudness").expect("a column");
    let field = |(at, field): (usize, &str)| match at == position {
        true => (field.parse::<f64>().expect("a number") - 30.0).to_string(),
        false => field.to_owned(),
    };
    line.split(',').enumerate().map(field).collect::<Vec<_>>().join(",")
}

#[test]
fn columns_and_units_can_be_stated() {
    let place = place();
    let header = COLUMNS.replace("tempo", "beats");
    place.write("own.csv", format!("{header}\n{}\n", TRACK.replace("200000", "200")));
    place.write("plain.csv", format!("{COLUMNS}\n{TRACK}\n"));
    let expected = probabilities(&predicted(&place, &["--input", "plain.csv"]));
    let stated = ["--input", "own.csv", "--map", "tempo=beats", "--unit", "duration_ms=s"];
    assert_eq!(probabilities(&predicted(&place, &stated)), expected);
    let summary = place.json(&[&["predict"], &MODEL[..], &stated, &["--output", "scored.csv"]].concat());
    let columns = summary["files"][0]["mapping"]["columns"].as_array().expect("columns").clone();
    let tempo = columns.iter().find(|column| column["column"] == "beats").expect("a column");
    assert_eq!((&tempo["used_as"], &tempo["reason"]), (&"tempo".into(), &"setting".into()));
    let duration = columns.iter().find(|column| column["column"] == "duration_ms").expect("a column");
    assert_eq!(duration["conversion"], "seconds");
    let message =
        place.refused(&[&["predict"], &MODEL[..], &["--input", "own.csv", "--map", "tempo=nothing"]].concat());
    assert!(message.contains("--map: expected a column of the table"), "{message}");
    let message =
        place.refused(&[&["predict"], &MODEL[..], &["--input", "own.csv", "--encoding", "nonsense"]].concat());
    assert!(message.contains("--encoding: expected an encoding such as utf-8"), "{message}");
}

#[test]
fn a_decade_in_the_name_is_reported() {
    let place = place();
    let without = |text: &str| text.rsplit_once(',').expect("a last field").0.to_owned();
    let text = format!("{}\n{}\n", without(COLUMNS), without(TRACK));
    place.write("50s_mix.csv", &text);
    place.write("mix.csv", &text);
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "50s_mix.csv"]].concat());
    assert!(report.contains("50s_mix.csv: the decade of all tracks is taken from the file's name: 1950s"), "{report}");
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "mix.csv", "--allow-missing"]].concat());
    assert!(report.contains("mix.csv: no column decade; treated as missing"), "{report}");
    // Alternatives are within the range of a decade.
    let explain = |file: &str| {
        let arguments = [&["explain"], &MODEL[..], &["--input", file, "--allow-missing", "--row", "1"]].concat();
        let output = place.hitflop(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        (String::from_utf8_lossy(&output.stdout).replace('\n', " "), place.json(&arguments))
    };
    let (words, json) = explain("mix.csv");
    assert!(words.contains("not searched for, because the decade of the track is not known."), "{words}");
    assert!(!words.contains("No change of one or two"), "{words}");
    assert_eq!(json["alternatives_not_searched"], "decade_unknown");
    let (words, json) = explain("50s_mix.csv");
    assert!(words.contains("because the model was trained on no track of the 1950s"), "{words}");
    assert_eq!(json["alternatives_not_searched"]["decade_not_in_training"], 1950);
}

#[test]
fn years_are_read_as_decades() {
    let place = place();
    place.write("plain.csv", format!("{COLUMNS}\n{}\n", TRACK.replace("2010", "1960")));
    let expected = probabilities(&predicted(&place, &["--input", "plain.csv"]));
    for (name, value) in
        [("decade", "1968"), ("year", "1962"), ("released_year", "1969"), ("Release Date", "1961-05-14")]
    {
        let (header, track) = (COLUMNS.replace("decade", name), TRACK.replace("2010", value));
        place.write("years.csv", format!("{header}\n{track}\n"));
        assert_eq!(probabilities(&predicted(&place, &["--input", "years.csv"])), expected, "{name}");
        let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "years.csv"]].concat());
        assert!(report.contains("year to decade") || report.contains("date to decade"), "{report}");
    }
}

#[test]
fn a_field_over_several_lines_is_reported() {
    let place = place();
    let rows = ["plain", "\"open", "plain", "close\"", "plain", "plain"];
    let predict: String = rows.iter().map(|note| format!("{TRACK},{note}\n")).collect();
    place.write("open.csv", format!("{COLUMNS},note\n{predict}"));
    assert_eq!(probabilities(&predicted(&place, &["--input", "open.csv"])).len(), 4);
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "open.csv"]].concat());
    assert!(report.contains("open.csv, row 2, column note: the field spans 3 lines"), "{report}");

    let text = file(0, 6);
    let lines = text.lines().skip(1).zip(rows).map(|(line, note)| format!("{line},{note}\n")).collect::<String>();
    place.write("open/dataset-of-10s.csv", format!("{HEADER},note\n{lines}"));
    let summary = place.json(&["ingest", "--data", "open"]);
    assert_eq!(summary["rows"], 4);
    let notices = summary["notices"].to_string();
    assert!(notices.contains("dataset-of-10s.csv, row 2, column note: the field spans 3 lines"), "{notices}");
}

#[test]
fn files_that_are_not_read_are_named_everywhere() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 200));
    place.write("in/dataset-of-70s.csv.gz", gzip(file(200, 6).as_bytes()));
    place.write("in/dataset-of-80s.txt", file(300, 6));
    place.write("in/dataset-of-90s.tsv", file(400, 6).replace(',', "\t"));
    place.write("in/more/dataset-of-00s.csv", file(500, 200));
    place.write("in/later.csv", with_decade(&file(800, 6), "Decade", "2010"));
    place.write("in/dataset-of-xxs.csv", file(900, 6));
    place.write("in/notes.pdf", "%PDF-1.7");
    place.write("in/x.zip", zip(&[("deep/in.zip", &zip(&[("a.csv", b"x")])), ("b.csv", b"a,b\n1,2\n")]));
    let summary = place.json(&["run", "--data", "in", "--model", "tree"]);
    assert_eq!(summary["rows"], 424);
    let names: Vec<&str> =
        summary["sources"].as_array().expect("sources").iter().filter_map(|source| source["name"].as_str()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.contains(&"more/dataset-of-00s.csv") && names.contains(&"dataset-of-70s.csv.gz"), "{names:?}");
    let not_read = ["dataset-of-xxs.csv", "notes.pdf", "x.zip/deep/in.zip", "x.zip/b.csv"];
    let read = |name: &str| fs::read_to_string(place.path().join(name)).expect(name);
    let notices = summary["notices"].to_string();
    for (name, text) in [
        ("notices", notices),
        ("report.html", read("reports/report.html")),
        ("report.json", read("reports/report.json")),
        ("card", read("models/MODEL_CARD.md")),
    ] {
        for file in not_read {
            assert!(text.contains(&format!("{file}: passed over, ")), "{file} in {name}");
        }
    }
    // The union that was written does not count when its directory is read.
    place.json(&["ingest", "--data", "in", "--processed", "in/processed/tracks.parquet"]);
    let again = place.json(&["ingest", "--data", "in", "--processed", "in/processed/tracks.parquet"]);
    assert_eq!((&again["rows"], &again["notices"]), (&summary["rows"], &summary["notices"]));
}

fn with_decade(text: &str, name: &str, value: &str) -> String {
    let line = |(row, line): (usize, &str)| format!("{line},{}\n", if row == 0 { name } else { value });
    text.lines().enumerate().map(line).collect()
}

#[test]
fn a_table_with_other_names_is_a_decade_file() {
    let place = WorkDir::new();
    let plain = file(0, 60);
    place.write("plain/dataset-of-60s.csv", &plain);
    let renamed = HEADER.replace("track", "Track Name").replace("artist", "Artist Name(s)").replace("uri", "Track URI");
    let renamed = renamed.replace("duration_ms", "Duration (ms)").replace("energy", "Energy");
    place.write("other/dataset-of-60s.csv", plain.replace(HEADER, &renamed).replace(',', ";").replace('.', ","));
    let groups = |data: &str| {
        let summary = place.json(&["ingest", "--data", data]);
        (summary["rows"].clone(), summary["groups"].clone(), summary["quality"].clone())
    };
    assert_eq!(groups("other"), groups("plain"));
    let summary = place.json(&["ingest", "--data", "other"]);
    assert_eq!(summary["mappings"][0]["file"], "dataset-of-60s.csv");
    let report = reported(&place, &["ingest", "--data", "other"]);
    assert!(report.contains("Columns of dataset-of-60s.csv:") && report.contains("Duration (ms)"), "{report}");
}

#[test]
fn archives_of_one_name_are_distinguished() {
    let place = WorkDir::new();
    place.write("a/x.zip", zip(&[("dataset-of-60s.csv", file(0, 40).as_bytes())]));
    place.write("b/x.zip", zip(&[("dataset-of-60s.csv", file(100, 20).as_bytes())]));
    let summary = place.json(&["ingest", "--data", "a/x.zip", "b/x.zip"]);
    assert_eq!(summary["rows"], 60);
    let names = summary["sources"].to_string();
    assert!(names.contains("a/x.zip/dataset-of-60s.csv") && names.contains("b/x.zip/dataset-of-60s.csv"), "{names}");
}

#[test]
fn repeated_tracks_are_reported_in_words() {
    let place = WorkDir::new();
    place.write("a-10s.csv", file(0, 40));
    place.write("b-10s.csv", file(0, 40).replace(",Artist", " ,Artist"));
    let output = place.hitflop(&["ingest", "--data", "a-10s.csv", "b-10s.csv"]);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.contains("40 rows repeat a track"), "{words}");
}

#[test]
fn what_is_no_table_is_named() {
    let place = place();
    let parquet = {
        place.write("plain.csv", format!("{COLUMNS}\n{TRACK}\n"));
        predicted(&place, &["--input", "plain.csv", "--output", "whole.parquet"]);
        fs::read(place.path().join("whole.parquet")).expect("written")
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("sheet.csv", zip(&[("xl/workbook.xml", b"<x/>")]), "an Excel workbook; export the sheet as CSV"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "an old Excel workbook"),
        ("frame.feather", b"ARROW1\0\0".to_vec(), "a Feather (Arrow) file; convert it"),
        ("frame.orc", b"ORC\x08".to_vec(), "an ORC file"),
        ("frame.avro", b"Obj\x01\x04".to_vec(), "an Avro file"),
        ("tracks.db", b"SQLite format 3\0".to_vec(), "an SQLite database"),
        ("frame.pkl", b"\x80\x04\x95\0\0".to_vec(), "a Python pickle"),
        ("page.csv", b"<!DOCTYPE html><html>".to_vec(), "an HTML page"),
        ("pointer.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec(), "a Git LFS pointer"),
        ("paper.csv", b"%PDF-1.7".to_vec(), "a PDF document"),
        ("cover.csv", b"\x89PNG\r\n\x1a\n".to_vec(), "a PNG image"),
        ("tar.csv.gz", gzip(&gzip(b"x")), "a gzip file in a compressed file"),
        ("half.csv.gz", gzip(tracks().as_bytes())[..40].to_vec(), "expected a whole gzip file"),
        ("half.parquet", parquet[..parquet.len() / 2].to_vec(), "expected a whole Parquet file"),
        ("half.zip", zip(&[("a.csv", b"x")])[..30].to_vec(), "expected a whole zip archive"),
        ("empty.csv", Vec::new(), "the file is empty"),
        ("header.csv", format!("{COLUMNS}\n").into(), "expected rows after the header"),
        ("bad.json", b"{\"energy\": }".to_vec(), "expected JSON: expected value at line 1"),
    ];
    for (name, bytes, expected) in cases {
        place.write(name, bytes);
        for arguments in
            [&["predict", "--model", "models/hitflop.model", "--input", name][..], &["ingest", "--data", name]]
        {
            let message = place.refused(arguments);
            assert!(message.contains(expected), "{name}: {message}");
            assert!(!message.contains("\\u") && !message.contains("\\x"), "{name}: {message}");
        }
    }
    // Every byte that may be damaged: an error of the input, or a value.
    for position in (0..parquet.len()).step_by(parquet.len() / 12) {
        let mut damaged = parquet.clone();
        damaged[position] ^= 0x5a;
        place.write("damaged.parquet", damaged);
        let output = place.hitflop(
            &[
                &["predict"],
                &MODEL[..],
                &["--input", "damaged.parquet", "--label-column", "l", "--probability-column", "p"],
            ]
            .concat(),
        );
        assert!(matches!(output.status.code(), Some(0 | 2)), "{position}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    }
}

#[test]
fn texts_in_other_encodings_are_read() {
    let place = place();
    let text = format!("title,{COLUMNS}\nBeyoncé,{TRACK}\n");
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect();
    place.write("latin.csv", &latin);
    let scored = predicted(&place, &["--input", "latin.csv"]);
    assert!(scored.contains("\nBeyoncé,"), "{scored}");
    let report = reported(&place, &[&["predict"], &MODEL[..], &["--input", "latin.csv"]].concat());
    assert!(report.contains("latin.csv: read as Windows-1252"), "{report}");
    assert!(predicted(&place, &["--input", "latin.csv", "--encoding", "iso-8859-2"]).contains("\nBeyoncé,"));
    // A byte that no Western text has.
    place.write("broken.csv", [b"title,", COLUMNS.as_bytes(), b"\n\xff,", TRACK.as_bytes()].concat());
    let message = place.refused(&[&["predict"], &MODEL[..], &["--input", "broken.csv"]].concat());
    assert!(message.contains("broken.csv, row 1, column title: expected UTF-8"), "{message}");
}

/// Inputs that a new user brings: what is not read says why and what to do.
#[test]
fn unusual_inputs_are_read_or_explained() {
    let place = place();
    let csv = tracks();
    let arguments =
        |input: &'static str| ["predict", "--model", "models/hitflop.model", "--allow-missing", "--input", input];
    let plain = {
        place.write("plain.csv", &csv);
        probabilities(&predicted(&place, &["--allow-missing", "--input", "plain.csv"]))
    };
    // Spotify's answer to a search, and a playlist's items.
    let items: Vec<String> =
        objects().iter().map(|object| format!("{{\"track\": {{\"name\": \"T\"}}, \"features\": {object}}}")).collect();
    for (name, text) in [
        ("search.json", format!("{{\"tracks\": {{\"total\": 2, \"items\": [{}]}}}}", objects().join(","))),
        ("playlist.json", format!("{{\"name\": \"Mine\", \"tracks\": {{\"items\": [{}]}}}}", items.join(","))),
    ] {
        place.write(name, text);
        assert_eq!(probabilities(&predicted(&place, &["--allow-missing", "--input", name])), plain, "{name}");
    }
    // An archive in an archive, alone and beside a table.
    place.write("alone.zip", zip(&[("inner.zip", &zip(&[("a.csv", csv.as_bytes())]))]));
    let message = place.refused(&arguments("alone.zip"));
    assert!(
        message.contains("alone.zip/inner.zip: passed over, it is a zip archive in a zip archive; unpack it"),
        "{message}"
    );
    place.write("mixed/tracks.csv", &csv);
    place.write("mixed/sub/.hidden/x.csv", "x");
    place.write("mixed/sub/notes.md", "# Notes\n\nNothing here\n");
    let report = reported(&place, &arguments("mixed"));
    assert!(report.contains("notice: mixed/sub/.hidden: passed over, it is a hidden directory"), "{report}");
    assert!(report.contains("notice: mixed/sub/notes.md: passed over, "), "{report}");
    // A table without any of the features is reported in one line.
    place.write("none.csv", "name,popularity\nA,1\nB,2\n");
    let message = place.refused(&arguments("none.csv"));
    let rule = "none.csv: expected a column for at least one audio feature, such as energy or tempo, found \"name, popularity\"";
    assert!(message.contains(rule) && message.lines().count() == 1, "{message}");
    // Another alphabet is not taken for Western letters.
    let russian: Vec<u8> = [b"title,energy,tempo\n".to_vec(), b"\xf0\xc5\xd3\xce\xd1,0.5,120\n".repeat(3)].concat();
    place.write("russian.csv", &russian);
    assert!(place.refused(&arguments("russian.csv")).contains("name the encoding of the file"));
    let scored = predicted(&place, &["--allow-missing", "--encoding", "koi8-r", "--input", "russian.csv"]);
    assert!(scored.lines().nth(1).is_some_and(|line| line.starts_with("Песня,")), "{scored}");
    // A label that is no truth value shows how to name one.
    place.write("words.csv", "energy,verdict\n0.5,smash\n0.6,dud\n0.7,smash\n");
    let message = place.refused(&["train", "--data", "words.csv", "--label", "verdict"]);
    assert!(message.contains("has: smash, dud; name the value of a hit, as in verdict=smash"), "{message}");
}

/// Simulated files never take the place of real ones.
#[test]
fn a_sample_does_not_replace_real_files() {
    let place = place();
    let before = fs::read(place.path().join("in/dataset-of-60s.csv")).expect("a file");
    let message = place.refused(&["sample", "--out", "in", "--force"]);
    assert!(message.contains("dataset-of-60s.csv: a simulated file never replaces a file of real tracks"), "{message}");
    assert!(fs::read(place.path().join("in/dataset-of-60s.csv")).expect("a file") == before);
    place.json(&["sample", "--out", "made"]);
    assert!(place.refused(&["sample", "--out", "made"]).contains("--force replaces files of simulated tracks"));
    place.json(&["sample", "--out", "made", "--seed", "7", "--force"]);
}
