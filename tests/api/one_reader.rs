//! The same rows through every door of the service, and by the reader alone: 10,000 generated rows, in plain and in odd spellings,
//! with missing words, keys by name, decades, years and dates, percent and seconds. Answers are compared digit for digit, and so are
//! warnings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hitflop_core::error::Place;
use hitflop_core::reader::mapping::{ColumnMapping, MappingOptions, MappingReason, UndecidedUnit};
use hitflop_core::reader::name::{meaning, suggested_feature, ColumnRole};
use hitflop_core::reader::value::is_missing;
use hitflop_core::reader::{has_audio, Cell, FeatureRow, Table};
use hitflop_core::track::Feature;
use hitflop_serve::{Config, ServedModel};
use serde_json::{json, Map, Value};

use crate::fixture::{model, service, track_with, Service, TestResponse};

const TABLES: u64 = 100;
const ROWS: usize = 100;

/// A table of texts, as a file of CSV is.
struct TextTable {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table for TextTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(&self.rows[row][column])
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Generator(u64);

impl Generator {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// How a column is written: its name, and a value of the feature.
type Spelling = (&'static str, fn(f64) -> String);

/// A column: its name, and the feature that it holds.
type Column = (&'static str, Option<(Feature, fn(f64) -> String)>);

fn plain(value: f64) -> String {
    value.to_string()
}

fn percent(value: f64) -> String {
    format!("{}", (value * 100.0).round())
}

fn percent_sign(value: f64) -> String {
    format!("{} %", (value * 100.0).round())
}

fn seconds(value: f64) -> String {
    format!("{}", (value / 1000.0).round())
}

fn clock(value: f64) -> String {
    let seconds = (value / 1000.0).round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn pitch(value: f64) -> String {
    ["C", "C#", "D", "D♯/E♭", "E", "F", "F sharp", "G", "A♭", "A", "Bb", "B"][value as usize % 12].to_owned()
}

fn minor(value: f64) -> String {
    format!("{} minor", pitch(value))
}

fn mode(value: f64) -> String {
    if value > 0.5 { "Major" } else { "minor" }.to_owned()
}

fn meter(value: f64) -> String {
    format!("{value}/4")
}

fn tag(value: f64) -> String {
    format!("{:02}s", value as u64 % 100)
}

fn year(value: f64) -> String {
    format!("{}", value as u64 + 3)
}

fn date(value: f64) -> String {
    format!("{}-05-14", value as u64 + 7)
}

/// Other spellings of a feature.
fn spellings(feature: Feature) -> &'static [Spelling] {
    match feature {
        Feature::Danceability => {
            &[("Danceability", plain), ("danceability_%", percent), ("dance", plain), ("Dance (%)", percent_sign)]
        }
        Feature::Energy => &[("ENERGY", plain), ("Energy %", percent), ("energy_percent", percent)],
        Feature::Key => &[("Key", pitch), ("key", minor), ("musical key", pitch)],
        Feature::Loudness => &[("Loudness (dB)", plain), ("loudness..dB..", plain)],
        Feature::Mode => &[("Mode", mode), ("mode", mode)],
        Feature::Speechiness => &[("Speechiness", plain), ("speechiness_%", percent)],
        Feature::Acousticness => &[("track.acousticness", plain), ("acousticness_%", percent)],
        Feature::Instrumentalness => &[("Instrumentalness", plain)],
        Feature::Liveness => &[("liveness_%", percent), ("Liveness", plain)],
        Feature::Valence => &[("Valence", plain), ("valence_%", percent)],
        Feature::Tempo => &[("bpm", plain), ("Tempo (BPM)", plain), ("BPM", plain)],
        Feature::DurationMs => {
            &[("durationMs", plain), ("Duration (s)", seconds), ("duration", clock), ("Length", seconds)]
        }
        Feature::TimeSignature => &[("Time Signature", meter), ("timeSignature", plain)],
        Feature::ChorusHit => &[("chorus-hit", plain)],
        Feature::Sections => &[("Sections", plain)],
        Feature::Decade => {
            &[("decade", tag), ("year", year), ("release_date", date), ("released_year", year), ("decade", year)]
        }
    }
}

/// A plausible value of a feature with a few digits.
fn value(feature: Feature, random: &mut Generator) -> f64 {
    let share = random.below(1001) as f64 / 1000.0;
    match feature {
        Feature::Key => random.below(12) as f64,
        Feature::Mode => random.below(2) as f64,
        Feature::Loudness => -share * 20.0,
        Feature::Tempo => 60.0 + share * 120.0,
        Feature::DurationMs => (60_000.0 + share * 300_000.0).round(),
        Feature::TimeSignature => (3 + random.below(3)) as f64,
        Feature::ChorusHit => 20.0 + share * 30.0,
        Feature::Sections => (5 + random.below(10)) as f64,
        Feature::Decade => 1960.0 + 10.0 * random.below(3) as f64,
        _ => share,
    }
}

const MISSING: [&str; 8] = ["", "NA", "n/a", "NaN", "null", "None", "-", "?"];

fn cell(feature: Feature, write: fn(f64) -> String, random: &mut Generator) -> String {
    match random.below(100) {
        0..6 => random.choose(&MISSING).to_owned(),
        6 if feature == Feature::Key => "-1".to_owned(),
        7 => "loud".to_owned(),
        8 => format!(" {} ", write(value(feature, random))),
        _ => write(value(feature, random)),
    }
}

/// A table whose columns are spelt in one of many ways.
fn table(seed: u64) -> TextTable {
    let mut random = Generator(seed);
    let is_odd = !seed.is_multiple_of(4);
    let mut columns: Vec<Column> = Vec::new();
    for feature in Feature::ALL {
        match random.below(10) {
            0 => {}
            1..6 if is_odd => {
                let (name, write) = random.choose(spellings(feature));
                columns.push((name, Some((feature, write))));
                if random.below(12) == 0 && !columns.iter().any(|(name, _)| *name == feature.name()) {
                    columns.push((feature.name(), Some((feature, plain))));
                }
            }
            _ => columns.push((feature.name(), Some((feature, plain)))),
        }
    }
    for name in ["track", "artist", "popularity", "dancability", "note", ""] {
        if random.below(3) == 0 {
            let at = random.below(columns.len() as u64 + 1) as usize;
            columns.insert(at, (name, None));
        }
    }
    let row = |_| {
        let is_bare = random.below(50) == 0;
        let cell = |(_, column): &Column| match column {
            Some((feature, _)) if is_bare && *feature != Feature::Decade => "NA".to_owned(),
            Some((feature, write)) => cell(*feature, *write, &mut random),
            None => "some, \"text\"".to_owned(),
        };
        columns.iter().map(cell).collect()
    };
    let rows = (0..ROWS).map(row).collect();
    TextTable { names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(), rows }
}

/// What the reader says of a row: values, or the columns of its faults; and the fields that are reported, with the kind of each.
#[derive(Debug)]
struct Expected {
    row: Result<FeatureRow, Vec<String>>,
    reported: Vec<(&'static str, String)>,
}

fn may_be_feature(name: &str) -> bool {
    matches!(meaning(name).role, ColumnRole::Feature(_) | ColumnRole::Year | ColumnRole::ReleaseDate)
}

/// `None` if the columns contradict each other.
fn expected(table: &TextTable) -> Option<Vec<Expected>> {
    let options = MappingOptions { undecided: UndecidedUnit::Ignored, ..MappingOptions::default() };
    let mapping = ColumnMapping::decide(table, &options, &Place::table("tracks"), None).ok()?;
    let row = |row: usize| {
        let reading = mapping.row(table, row);
        let mut faults: Vec<String> =
            reading.faults.iter().map(|fault| mapping.columns()[fault.position].column.clone()).collect();
        if reading.lacks_audio() {
            faults.push("row".to_owned());
        }
        let is_there = |position: usize| !is_missing(&table.rows[row][position]);
        let mut reported: Vec<(&str, String)> = Vec::new();
        for column in mapping.columns() {
            let kind = match (column.used_as, column.reason) {
                (_, MappingReason::UnknownName) if suggested_feature(&column.column).is_some() => "unknown_field",
                _ if !may_be_feature(&column.column) || !column.is_notable() || !is_there(column.position) => continue,
                (Some(_), _) => "renamed_field",
                (None, _) => "ignored_field",
            };
            reported.push((kind, column.column.clone()));
        }
        reported.sort();
        let is_good = faults.is_empty() && has_audio(&reading.values);
        Expected { row: if is_good { Ok(reading.values) } else { Err(faults) }, reported }
    };
    Some((0..table.rows.len()).map(row).collect())
}

/// The table as CSV.
fn csv_text(table: &TextTable) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.names).expect("memory");
    table.rows.iter().for_each(|row| writer.write_record(row).expect("memory"));
    String::from_utf8(writer.into_inner().expect("memory")).expect("text")
}

/// A cell as JSON: a number as one, an empty text as null, every other text as it is.
fn json_cell(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => match serde_json::from_str::<Value>(text) {
            Ok(number @ Value::Number(_)) => number,
            _ => json!(text),
        },
    }
}

fn objects(table: &TextTable) -> Vec<Map<String, Value>> {
    let object = |row: &Vec<String>| table.names.iter().cloned().zip(row.iter().map(|cell| json_cell(cell))).collect();
    table.rows.iter().map(object).collect()
}

/// Answers of a batch, row by row.
fn answers(response: &TestResponse) -> Vec<Value> {
    match serde_json::from_str(&response.text) {
        Ok(Value::Array(answers)) => answers,
        _ => response.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
    }
}

/// Checks the answers to rows as JSON against the reader's values, and gives label, probability, faults and warnings as CSV has them.
fn check_rows(answers: &[Value], expected: &[Expected], scorer: &ServedModel, what: &str) -> Vec<[String; 3]> {
    assert_eq!(answers.len(), expected.len(), "{what}");
    let check = |(index, (answer, expected)): (usize, (&Value, &Expected))| match &expected.row {
        Ok(row) => {
            let score = scorer.score(row).expect("a score");
            assert_eq!(answer["probability"].as_f64(), Some(score.probability), "{what}, row {index}: {answer}");
            let warnings = answer["warnings"].as_array().expect("warnings");
            let of_fields = ["renamed_field", "ignored_field", "unknown_field"];
            let mut reported: Vec<(&str, String)> = warnings
                .iter()
                .filter_map(|it| {
                    let kind = of_fields.into_iter().find(|kind| it["type"] == *kind)?;
                    Some((kind, it["field"].as_str().expect("a field").to_owned()))
                })
                .collect();
            reported.sort();
            assert_eq!(reported, expected.reported, "{what}, row {index}");
            let words: Vec<&str> = warnings.iter().map(|it| it["msg"].as_str().expect("words")).collect();
            [score.probability.to_string(), String::new(), sorted(&words.join("; "))]
        }
        Err(faults) => {
            let details = answer["detail"].as_array().unwrap_or_else(|| panic!("{what}, row {index}: {answer}"));
            let is_of_row = |fault: &&Value| fault["type"] == "missing";
            let place = |fault: &Value| fault["loc"].as_array().and_then(|loc| loc.last()).cloned().unwrap_or_default();
            let mut found: Vec<String> = details
                .iter()
                .filter(|fault| fault["type"] != "unknown_field")
                .map(|fault| {
                    if is_of_row(&fault) {
                        "row".to_owned()
                    } else {
                        place(fault).as_str().expect("a field").to_owned()
                    }
                })
                .collect();
            let mut faults = faults.clone();
            faults.sort();
            found.sort();
            assert_eq!(found, faults, "{what}, row {index}: {answer}");
            [String::new(), "faulty".to_owned(), String::new()]
        }
    };
    answers.iter().zip(expected).enumerate().map(check).collect()
}

/// Parts of sentences in one order, as the columns of a table and the members of an object have different ones.
fn sorted(words: &str) -> String {
    let mut parts: Vec<&str> = words.split("; ").collect();
    parts.sort_unstable();
    parts.join("; ")
}

/// The same of the answer to a table.
fn csv_rows(text: &str) -> Vec<[String; 3]> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let width = reader.headers().expect("a header").len();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.expect("a record");
        let field = |back: usize| record[width - back].to_owned();
        let error = if field(2).is_empty() { String::new() } else { "faulty".to_owned() };
        [field(3), error, sorted(&record[width - 1])]
    };
    reader.records().map(row).collect()
}

/// Labels by MLflow's routes, of a table of which every row is good.
async fn check_mlflow(service: &Service, table: &TextTable, labels: &[u8], seed: u64) {
    let data: Vec<Vec<Value>> = table.rows.iter().map(|row| row.iter().map(|cell| json_cell(cell)).collect()).collect();
    let columns: Map<String, Value> = table
        .names
        .iter()
        .enumerate()
        .map(|(at, name)| (name.clone(), data.iter().map(|row| row[at].clone()).collect()))
        .collect();
    for body in [
        json!({ "dataframe_split": { "columns": table.names, "data": data } }),
        json!({ "dataframe_split": { "data": data, "columns": table.names } }),
        json!({ "dataframe_records": objects(table) }),
        json!({ "inputs": columns }),
    ] {
        let answer = service.post_json("/invocations", &body).await;
        assert_eq!(answer.good()["predictions"], json!(labels), "table {seed}");
    }
    let answer = service.post("/invocations", "text/csv", csv_text(table)).await;
    assert_eq!(answer.good()["predictions"], json!(labels), "table {seed}");
}

/// Probabilities by KServe's protocol, of a table of which every row is good: a tensor of texts for each column that may be a feature.
async fn check_kserve_names(service: &Service, table: &TextTable, rows: &[(FeatureRow, f64)], seed: u64) {
    let tensor = |(at, name): (usize, &String)| {
        let data: Vec<Value> = table.rows.iter().map(|row| json_cell(&row[at])).collect();
        json!({ "name": name, "shape": [rows.len()], "datatype": "BYTES", "data": data })
    };
    let columns = table.names.iter().enumerate().filter(|(_, name)| may_be_feature(name));
    let tensors: Vec<Value> = columns.map(tensor).collect();
    // So many tensors may be sent.
    if tensors.len() > Feature::ALL.len() {
        return;
    }
    let answer = service.post_json("/v2/models/hitflop/infer", &json!({ "inputs": tensors })).await.good();
    for (index, (_, probability)) in rows.iter().enumerate() {
        let found = &answer["outputs"][1]["data"][2 * index + 1];
        assert_eq!(found.as_f64(), Some(*probability), "table {seed}, row {index}");
    }
}

/// Probabilities by KServe's protocol, of tensors with the names of the model's features.
async fn check_kserve(service: &Service, rows: &[(FeatureRow, f64)]) {
    let name = |feature: Feature| feature.name();
    let tensor = |feature: Feature| {
        let data: Vec<f64> = rows.iter().map(|(row, _)| row[feature as usize]).collect();
        // NaN is written as null.
        json!({ "name": name(feature), "shape": [rows.len()], "datatype": "FP64", "data": data })
    };
    let tensors: Vec<Value> = Feature::ALL.into_iter().map(tensor).collect();
    let answer = service.post_json("/v2/models/hitflop/infer", &json!({ "inputs": tensors })).await.good();
    for (index, (_, probability)) in rows.iter().enumerate() {
        assert_eq!(answer["outputs"][1]["data"][2 * index + 1].as_f64(), Some(*probability));
    }
}

#[tokio::test]
async fn ten_thousand_rows_are_read_alike_by_every_door() {
    let service = service("boosting", Config::default());
    let scorer = ServedModel::from_bytes("model", &fs::read(model("boosting")).expect("a model")).expect("a model");
    let (mut good, mut faulty, mut refused) = (0, 0, 0);
    for seed in 0..TABLES {
        let table = table(seed);
        let lists = objects(&table);
        let lines: String = lists.iter().map(|object| format!("{}\n", json!(object))).collect();
        let by_list = service.post_json("/v1/predict/batch", &json!(lists)).await;
        let by_line = service.post("/v1/predict/batch", "application/x-ndjson", lines).await;
        let by_table = service.post("/v1/predict/batch", "text/csv", csv_text(&table)).await;
        let Some(expected) = expected(&table) else {
            for answer in [by_list, by_line, by_table] {
                assert!(answer.faults().iter().any(|(kind, _)| kind == "conflicting_columns"), "table {seed}");
            }
            refused += ROWS;
            continue;
        };
        let of_list = check_rows(&answers(&by_list), &expected, &scorer, &format!("table {seed} as JSON"));
        let of_lines = check_rows(&answers(&by_line), &expected, &scorer, &format!("table {seed} as NDJSON"));
        assert_eq!(of_list, of_lines, "table {seed}");
        assert_eq!(csv_rows(&by_table.text), of_list, "table {seed}");
        let rows: Vec<usize> = (0..ROWS).filter(|row| expected[*row].row.is_ok()).collect();
        good += rows.len();
        faulty += ROWS - rows.len();
        let names = table.names.clone();
        let of_good = TextTable { names, rows: rows.iter().map(|row| table.rows[*row].clone()).collect() };
        // Without the others the columns may mean something else.
        let Some(again) = self::expected(&of_good) else { continue };
        let good_rows: Vec<FeatureRow> = again.iter().filter_map(|row| row.row.as_ref().ok()).copied().collect();
        if good_rows.len() == rows.len() {
            let predictions = good_rows.iter().map(|row| scorer.score(row).expect("a score"));
            let (labels, probabilities): (Vec<u8>, Vec<f64>) =
                predictions.map(|prediction| (prediction.label as u8, prediction.probability)).unzip();
            let scored: Vec<(FeatureRow, f64)> = good_rows.into_iter().zip(probabilities).collect();
            check_mlflow(&service, &of_good, &labels, seed).await;
            check_kserve(&service, &scored).await;
            check_kserve_names(&service, &of_good, &scored, seed).await;
        }
    }
    assert_eq!(good + faulty + refused, 10_000);
    assert!(good > 6_000 && faulty > 500, "{good} good, {faulty} faulty, {refused} refused");
}

/// The good rows of a table whose columns the program reads without being told more: it refuses a file for a faulty row, and a
/// column whose unit is not known.
fn readable(table: TextTable) -> Option<TextTable> {
    let rows = expected(&table)?.into_iter().zip(table.rows).filter(|(row, _)| row.row.is_ok()).map(|(_, row)| row);
    let table = TextTable { names: table.names, rows: rows.collect() };
    let decided = ColumnMapping::decide(&table, &MappingOptions::default(), &Place::table("tracks"), None);
    let is_good = decided.is_ok() && expected(&table)?.iter().all(|row| row.row.is_ok());
    is_good.then_some(table)
}

/// Probabilities by `hitflop predict` of a file, as it writes them.
fn by_program(place: &Path, file: &str) -> Vec<String> {
    let scored = assert_cmd::Command::cargo_bin("hitflop")
        .expect("the program is built")
        .current_dir(place)
        .args([
            "predict",
            "--quiet",
            "--allow-missing",
            "--probability-column",
            "of a hit",
            "--label-column",
            "hit",
            "--input",
            file,
            "--model",
        ])
        .arg(model("boosting"))
        .assert()
        .success();
    let mut reader = csv::Reader::from_reader(scored.get_output().stdout.as_slice());
    let column = reader.headers().expect("a header").iter().position(|name| name == "of a hit").expect("appended");
    reader.records().map(|record| record.expect("a record")[column].to_owned()).collect()
}

/// Warnings of values, by kind and feature: number of rows, the first of them from 1, and its words.
type WarningSums = BTreeMap<(String, String), (u64, u64, String)>;

/// Kinds of warnings that the program makes of rows; columns are no matter of a row for it.
const OF_VALUES: [&str; 4] =
    ["missing_feature", "outside_documented_range", "outside_training_range", "decade_not_in_training"];

/// The warnings of values of the service's answers.
fn summed_warnings(answers: &[Value]) -> WarningSums {
    let mut sums = WarningSums::new();
    for (row, answer) in (1..).zip(answers) {
        for warning in answer["warnings"].as_array().expect("warnings") {
            let text = |member: &str| warning[member].as_str().expect("text").to_owned();
            if OF_VALUES.contains(&text("type").as_str()) {
                sums.entry((text("type"), text("field"))).or_insert((0, row, text("msg"))).0 += 1;
            }
        }
    }
    sums
}

/// The warnings that `hitflop predict --json` sums up; the scored table is written to `output`.
fn warnings_by_program(place: &Path, input: &str, output: &str) -> WarningSums {
    let scored = assert_cmd::Command::cargo_bin("hitflop")
        .expect("the program is built")
        .current_dir(place)
        .args(["predict", "--quiet", "--json", "--allow-missing", "--input", input, "--output", output, "--model"])
        .arg(model("boosting"))
        .assert()
        .success();
    let json: Value = serde_json::from_slice(&scored.get_output().stdout).expect("JSON");
    let sum = |warning: &Value| {
        let text = |member: &str| warning[member].as_str().expect("text").to_owned();
        let number = |member: &str| warning[member].as_u64().expect("a number");
        ((text("kind"), text("feature")), (number("rows"), number("first_row"), text("message")))
    };
    json["warnings"].as_array().expect("warnings").iter().map(sum).collect()
}

/// Values of another unit, of no track, of a decade without training, and missing ones.
#[tokio::test]
async fn the_program_warns_as_the_service() {
    let service = service("boosting", Config::default());
    let place = tempfile::tempdir().expect("a temporary directory");
    let tracks: Vec<Value> = [
        json!({}),
        json!({ "energy": 73, "valence": null }),
        json!({ "energy": 51, "duration_ms": 200 }),
        json!({ "loudness": -99.5, "decade": 1990 }),
        json!({ "tempo": 900, "decade": null }),
        json!({ "decade": 1950, "valence": null }),
    ]
    .map(track_with)
    .into();
    let batch = json!(tracks);
    fs::write(place.path().join("tracks.json"), batch.to_string()).expect("written");
    let by_service = summed_warnings(&answers(&service.post_json("/v1/predict/batch", &batch).await));
    assert_eq!(warnings_by_program(place.path(), "tracks.json", "scored.csv"), by_service);
    let rows = |kind: &str, field: &str| by_service.get(&(kind.to_owned(), field.to_owned())).map(|sum| sum.0);
    assert_eq!(rows("outside_documented_range", "energy"), Some(2));
    assert_eq!(rows("outside_training_range", "tempo"), Some(1));
    assert_eq!(rows("decade_not_in_training", "decade"), Some(2));
    assert_eq!(rows("missing_feature", "valence"), Some(2));
    let found: BTreeSet<&str> = by_service.keys().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(found, BTreeSet::from(OF_VALUES));
}

/// Each table as CSV, JSON, NDJSON and Parquet through the program and the service.
#[tokio::test]
async fn the_program_scores_as_the_service() {
    let service = service("boosting", Config::default());
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut rows = 0;
    for seed in 0..TABLES / 4 {
        let Some(table) = readable(table(seed)) else { continue };
        rows += table.rows.len();
        let lists = json!(objects(&table));
        let answers = answers(&service.post_json("/v1/predict/batch", &lists).await);
        let expected: Vec<String> = answers.iter().map(|answer| answer["probability"].to_string()).collect();
        let lines: String = objects(&table).iter().map(|object| format!("{}\n", json!(object))).collect();
        let write = |name: &str, text: String| fs::write(place.path().join(name), text).expect("written");
        write("tracks.csv", csv_text(&table));
        write("tracks.json", lists.to_string());
        write("tracks.ndjson", lines);
        let found = warnings_by_program(place.path(), "tracks.csv", "tracks.parquet");
        assert_eq!(found, summed_warnings(&answers), "table {seed}");
        for file in ["tracks.csv", "tracks.json", "tracks.ndjson", "tracks.parquet"] {
            assert_eq!(by_program(place.path(), file), expected, "table {seed} as {file}");
        }
    }
    assert!(rows > 1_000, "{rows}");
}
