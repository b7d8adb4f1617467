//! Scored tracks are the same whatever the batches that they are read in: one batch for all rows is the witness. Every row is made up.

use std::fs;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hitflop::pipeline::{
    self, DataOptions, FileOptions, LearnOptions, OutputOptions, PredictOptions, PredictionColumns, PredictionResult,
    PredictionTarget, TrainOptions,
};
use hitflop::{CalibrationMethod, EstimatorKind, EstimatorParams, FeatureSet, Objective};
use hitflop_core::error::Result;
use hitflop_core::track::Feature;
use hitflop_data::table::write::TableFormat;
use hitflop_data::track_files::TrackFileOptions;
use polars::prelude::*;
use serde_json::{json, Value};
use tempfile::TempDir;

use crate::common::{self, row};

const FORMATS: [TableFormat; 4] = [TableFormat::Csv, TableFormat::Tsv, TableFormat::Ndjson, TableFormat::Parquet];
const ROWS: usize = 200;

/// A model of all features, fitted once for all tests.
fn model() -> &'static Path {
    static MODEL: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, model) = MODEL.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory");
        let place = |name: &str| directory.path().join(name);
        common::write(directory.path(), "in/dataset-of-60s.csv", common::file(0, 300));
        common::write(directory.path(), "in/dataset-of-10s.csv", common::file(300, 300));
        let options = TrainOptions {
            data: DataOptions { data: vec![place("in")], ..DataOptions::default() },
            output: OutputOptions { processed: place("a.parquet"), reports: place("r"), models: place("m") },
            learn: LearnOptions {
                features: Some(FeatureSet::All),
                calibration: CalibrationMethod::None,
                threshold: Objective::Fixed(0.5),
                ..LearnOptions::default()
            },
            params: EstimatorParams::of(EstimatorKind::Forest).with("n_estimators", "20").expect("a parameter"),
            ..TrainOptions::default()
        };
        let result = pipeline::train(&options, &()).expect("a model");
        let model = result.written.into_iter().find(|path| path.extension().is_some_and(|own| own == "model"));
        (directory, model.expect("a model file"))
    });
    model
}

/// Features of a row as texts, in the order of [`Feature::ALL`], the decade last.
fn features(number: usize) -> Vec<String> {
    let row = row(number);
    let fields: Vec<&str> = row.split(',').collect();
    let decade = (1960 + number % 6 * 10).to_string();
    fields[3..18].iter().map(|field| (*field).to_owned()).chain([decade]).collect()
}

/// A column that has no value at first, then whole numbers, then real ones, and texts in the end.
fn late(number: usize) -> &'static str {
    match number {
        0..=90 => "",
        91..=150 => "7",
        151..=180 => "0.5",
        _ => "late",
    }
}

fn csv(separator: char) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let names =
        ["title"].into_iter().chain(Feature::ALL.map(Feature::name)).chain(["id", "late", "number", "ratio", "empty"]);
    let mut text = names.collect::<Vec<_>>().join(&separator.to_string()) + "\n";
    for number in 0..ROWS {
        let title = if number % 9 == 4 {
            format!("Première {number},\r\nligne; \"\"deux\"\"")
        } else {
            format!("T\t{number}")
        };
        let mut fields = vec![quoted(&title)];
        fields.extend(features(number));
        let ratio = if number == 150 { "0.25".to_owned() } else { number.to_string() };
        fields.extend([format!("{number:03}"), late(number).to_owned(), number.to_string(), ratio, String::new()]);
        text += &(fields.join(&separator.to_string()) + "\n");
    }
    text
}

fn decimal_commas() -> String {
    let mut text = String::new();
    for (number, line) in csv(';').split_inclusive('\n').enumerate() {
        text += &if number == 0 { line.to_owned() } else { line.replace('.', ",") };
    }
    text
}

fn objects() -> Vec<String> {
    let object = |number: usize| {
        let values = features(number);
        let mut object = serde_json::Map::new();
        object.insert("name".to_owned(), format!("Nom {number} — é").into());
        let audio = Feature::AUDIO.iter().zip(&values).map(|(feature, value)| {
            let value: f64 = value.parse().expect("a number");
            (feature.name().to_owned(), json!(value))
        });
        object.insert("audio".to_owned(), Value::Object(audio.collect()));
        object.insert("decade".to_owned(), values[15].parse::<i64>().expect("a number").into());
        object.insert("artists".to_owned(), json!([{ "name": "x" }, number]));
        if number > 130 {
            object.insert("found_late".to_owned(), if number > 170 { json!("text") } else { json!(number) });
        }
        match number {
            17 | 120 => "null".to_owned(),
            _ => Value::Object(object).to_string(),
        }
    };
    (0..ROWS).map(object).collect()
}

fn ndjson() -> String {
    let mut lines = objects();
    // One document of two lines, one with Python's NaN, and two in a line.
    lines[60] = lines[60].replace(",\"decade\"", ",\n \"decade\"");
    lines[140] = lines[140].replace("\"found_late\":140", "\"found_late\": NaN");
    lines[141] = format!("{} {}", lines[141], lines[142]);
    // A null is a track without a value in a list only.
    lines[17] = format!("[{}, null]", lines[16]);
    lines[120] = format!("[null, {}]", lines[119]);
    lines.join("\n") + "\n"
}

fn parquet() -> Vec<u8> {
    let numbers: Vec<usize> = (0..ROWS).collect();
    let column = |at: usize| {
        let values: Vec<Option<f64>> = numbers.iter().map(|number| features(*number)[at].parse().ok()).collect();
        Column::new(Feature::ALL[at].name().into(), values)
    };
    let mut columns: Vec<Column> = (0..16).map(column).collect();
    let days: Vec<Option<i32>> =
        numbers.iter().map(|number| (number % 5 > 0).then_some(6_000 + *number as i32)).collect();
    columns.push(Column::new("added".into(), days).cast(&DataType::Date).expect("dates"));
    columns.push(Column::new("short".into(), numbers.iter().map(|number| *number as f32 / 3.0).collect::<Vec<_>>()));
    columns.push(Column::new(
        "live".into(),
        numbers.iter().map(|number| (number % 3 > 0).then_some(number % 2 == 0)).collect::<Vec<_>>(),
    ));
    columns.push(Column::new(
        "title".into(),
        numbers.iter().map(|number| format!("Titre é {number}")).collect::<Vec<_>>(),
    ));
    columns.push(Column::new(
        "bytes".into(),
        numbers.iter().map(|number| if *number == 150 { &[0xff_u8, 0xfe][..] } else { b"text" }).collect::<Vec<_>>(),
    ));
    columns.push(Column::new(
        "text".into(),
        numbers.iter().map(|number| number.to_string().into_bytes()).collect::<Vec<_>>(),
    ));
    let mut frame = DataFrame::new(ROWS, columns).expect("a table");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(33)).finish(&mut frame).expect("written");
    bytes
}

/// Tables of all formats, by name.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let utf_16 = csv(',').encode_utf16().flat_map(u16::to_le_bytes).collect();
    let western = csv(',').chars().map(|letter| letter as u32 as u8).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, csv('\t').as_bytes()).expect("packed");
    vec![
        ("comma.csv", csv(',').into_bytes()),
        ("semicolon.csv", decimal_commas().into_bytes()),
        ("tab.tsv.gz", gzip.finish().expect("packed")),
        ("utf16.csv", utf_16),
        ("western.csv", western),
        ("lines.ndjson", ndjson().into_bytes()),
        ("list.json", format!("[{}]", objects().join(",")).into_bytes()),
        ("typed.parquet", parquet()),
    ]
}

fn options(inputs: &[PathBuf], format: TableFormat, rows: usize, target: PredictionTarget) -> PredictOptions {
    let reading = TrackFileOptions {
        allow_missing: true,
        rows_per_batch: NonZeroUsize::new(rows),
        ..DataOptions::default().reading(true).expect("options")
    };
    PredictOptions {
        files: FileOptions { model: model().to_owned(), inputs: inputs.to_vec(), reading },
        columns: PredictionColumns::default(),
        format,
        target,
    }
}

/// The scored tracks and the result, as they are with batches of so many rows.
fn scored(inputs: &[PathBuf], format: TableFormat, rows: usize) -> Result<(Vec<u8>, PredictionResult)> {
    let scored = pipeline::predict_file(&options(inputs, format, rows, PredictionTarget::Held), &())?;
    let mut bytes = Vec::new();
    scored.copy_to(&mut bytes).expect("copied");
    Ok((bytes, scored.publish()?))
}

fn summary(result: &PredictionResult) -> Value {
    let mut summary = serde_json::to_value(result).expect("JSON");
    summary.as_object_mut().expect("members").remove("written");
    summary
}

const WHOLE: usize = 1_000_000;

#[test]
fn outputs_do_not_depend_on_the_batches() {
    let directory = tempfile::tempdir().expect("a directory");
    let paths: Vec<PathBuf> =
        inputs().iter().map(|(name, bytes)| common::write(directory.path(), name, bytes)).collect();
    let each = paths.iter().map(|path| vec![path.clone()]).chain([paths.clone()]);
    for inputs in each {
        for format in FORMATS {
            let (whole, result) = scored(&inputs, format, WHOLE).unwrap_or_else(|error| panic!("{inputs:?}: {error}"));
            assert!(result.predictions.rows >= ROWS as u64 - 2, "{inputs:?}");
            for rows in [1, 33, 70, 199] {
                let (bytes, cut) = scored(&inputs, format, rows).expect("scored");
                assert!(bytes == whole, "{inputs:?} {format:?} in batches of {rows}");
                assert_eq!(summary(&cut), summary(&result), "{inputs:?} {format:?} in batches of {rows}");
            }
        }
    }
}

#[test]
fn types_of_parquet_are_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = common::write(directory.path(), "typed.parquet", parquet());
    let (bytes, result) = scored(&[path], TableFormat::Parquet, 50).expect("scored");
    let frame = ParquetReader::new(std::io::Cursor::new(bytes)).finish().expect("a table");
    let of = |name: &str| frame.column(name).expect("a column").dtype().clone();
    assert_eq!(
        [of("added"), of("short"), of("live"), of("text")],
        [DataType::Date, DataType::Float32, DataType::Boolean, DataType::String]
    );
    assert!(frame.column("bytes").is_err(), "a column with values that are no text is left out");
    assert!(result.reading.notices.iter().any(|notice| notice.contains("column bytes is not read")));
}

/// A table of columns that are written as they are stored, in row groups of 25.
fn plain_parquet(numbers: std::ops::Range<usize>) -> Vec<u8> {
    let rows: Vec<usize> = numbers.collect();
    let number =
        |at: usize, row: usize| features(row)[at].parse::<f64>().ok().filter(|_| !(row + at).is_multiple_of(23));
    let audio = (0..16).map(|at| {
        let values: Vec<Option<f64>> = rows.iter().map(|row| number(at, *row)).collect();
        Column::new(Feature::ALL[at].name().into(), values)
    });
    let ids = Column::new("id".into(), rows.iter().map(|row| *row as i64).collect::<Vec<_>>());
    let titles = rows.iter().map(|row| (row % 3 > 0).then(|| format!("Titre é {row}"))).collect::<Vec<_>>();
    let columns = [ids].into_iter().chain(audio).chain([Column::new("title".into(), titles)]).collect();
    let mut frame = DataFrame::new(rows.len(), columns).expect("a table");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(25)).finish(&mut frame).expect("written");
    bytes
}

fn frame(bytes: &[u8]) -> DataFrame {
    ParquetReader::new(std::io::Cursor::new(bytes)).finish().expect("a table")
}

#[test]
fn stored_columns_are_copied_with_the_predictions_of_their_rows() {
    let place = tempfile::tempdir().expect("a directory");
    let input = [common::write(place.path(), "plain.parquet", plain_parquet(0..ROWS))];
    let before = frame(&fs::read(&input[0]).expect("readable"));
    let (whole, one) = scored(&input, TableFormat::Parquet, WHOLE).expect("scored");
    let after = frame(&whole);
    assert!(after.drop_many(["label", "probability"]).equals_missing(&before));
    // The row groups are those of the input.
    let groups = |bytes: &[u8]| -> Vec<usize> {
        let mut reader = ParquetReader::new(std::io::Cursor::new(bytes));
        reader.get_metadata().expect("a file").row_groups.iter().map(|group| group.num_rows()).collect()
    };
    assert_eq!(groups(&whole), vec![25; ROWS / 25]);
    let (csv, of_csv) = scored(&input, TableFormat::Csv, WHOLE).expect("scored");
    assert_eq!(summary(&one), summary(&of_csv));
    let text = String::from_utf8(csv).expect("UTF-8");
    let probabilities: Vec<f64> =
        text.lines().skip(1).map(|line| line.rsplit(',').next().expect("a field").parse().expect("a number")).collect();
    let found = after.column("probability").expect("a column").f64().expect("numbers");
    assert!(found.iter().map(|value| value.expect("a value")).eq(probabilities));
    for rows in [1, 25, 33, 70, 199] {
        let (bytes, cut) = scored(&input, TableFormat::Parquet, rows).expect("scored");
        assert!(bytes == whole, "in batches of {rows}");
        assert_eq!(summary(&cut), summary(&one), "in batches of {rows}");
    }
    // Parts of whole row groups, and parts that cut them.
    for rows in [50, 77, 100] {
        let out = place.path().join(rows.to_string());
        let first = parts(&out, &input, TableFormat::Parquet, rows).expect("parts");
        assert_eq!(summary(&first), summary(&one));
        let expected = files(&out);
        let part = |number: usize| frame(&fs::read(&first.written[number]).expect("readable"));
        for number in 0..first.written.len() {
            assert!(part(number).equals_missing(&after.slice((number as u64 * rows) as i64, rows as usize)));
        }
        for name in ["_summary.json", "part-00001.parquet", "_part-00001.json"] {
            fs::remove_file(out.join(name)).expect("removed");
        }
        let again = parts(&out, &input, TableFormat::Parquet, rows).expect("parts");
        assert_eq!(again.resumed, first.written.len() as u64 - 1);
        assert!(files(&out) == expected);
    }
}

#[test]
fn faults_of_parquet_are_placed_whatever_is_copied() {
    let place = tempfile::tempdir().expect("a directory");
    let mut table = frame(&plain_parquet(0..ROWS));
    let keys: Vec<Option<f64>> = (0..ROWS).map(|row| Some(if row == 130 { 3.5 } else { 3.0 })).collect();
    let tempos: Vec<Option<f64>> = (0..ROWS).map(|row| Some(if row == 77 { f64::INFINITY } else { 120.0 })).collect();
    table.with_column(Column::new("key".into(), keys)).expect("a column");
    table.with_column(Column::new("tempo".into(), tempos)).expect("a column");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(25)).finish(&mut table).expect("written");
    let path = common::write(place.path(), "faults.parquet", bytes);
    let message =
        |format, rows| scored(std::slice::from_ref(&path), format, rows).map(drop).expect_err("a fault").to_string();
    let expected = message(TableFormat::Csv, WHOLE);
    assert!(expected.contains("row 78, column tempo") && expected.contains("row 131, column key"), "{expected}");
    for rows in [1, 40, WHOLE] {
        assert_eq!(message(TableFormat::Parquet, rows), expected);
    }
}

#[test]
fn a_decision_on_the_whole_column_is_made_before_the_first_row() {
    // Percent, which only the last row shows, and a length in seconds; the name states neither.
    let mut text = "Danceability,Energy,Duration,tempo\n".to_owned();
    (0..100).for_each(|number| text += &format!("{},{}.5,{},120\n", number % 2, 1 + number % 90, 150 + number));
    text += "71,66,180,99\n";
    let directory = tempfile::tempdir().expect("a directory");
    let path = common::write(directory.path(), "percent.csv", text);
    let (whole, result) = scored(std::slice::from_ref(&path), TableFormat::Csv, WHOLE).expect("scored");
    let mapping = serde_json::to_value(&result.reading.files[0].mapping).expect("JSON").to_string();
    assert!(mapping.contains("percent"), "{mapping}");
    let (bytes, cut) = scored(&[path], TableFormat::Csv, 10).expect("scored");
    assert!(bytes == whole);
    assert_eq!(summary(&cut), summary(&result));
}

#[test]
fn faults_are_those_of_the_whole_file() {
    let broken = |text: String, row: usize, column: &str, value: &str| {
        let position = text.lines().next().expect("a header").split(',').position(|name| name == column);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut fields: Vec<&str> = lines[row].split(',').collect();
        fields[position.expect("a column")] = value;
        lines[row] = fields.join(",");
        lines.join("\n") + "\n"
    };
    let plain: String = csv(',').replace(",\r\nligne; \"\"deux\"\"", "");
    let mut many = plain.clone();
    (90..130).for_each(|row| many = broken(many.clone(), row, "energy", "loud"));
    let short =
        plain.lines().enumerate().map(|(at, line)| if at == 150 { "a,b\n".into() } else { format!("{line}\n") });
    let mut not_utf_8 = plain.clone().into_bytes();
    let at = plain.find("é").map_or(0, |_| 0) + plain.len() - 10;
    not_utf_8[at] = 0xff;
    let mut ndjson_fault = objects();
    ndjson_fault[150] = ndjson_fault[150].replace("\"energy\":", "\"energy\":\"loud\",\"was\":");
    let mut no_json = objects();
    no_json[150] = "{\"energy\": }".to_owned();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("a.csv", broken(broken(plain.clone(), 100, "energy", "loud"), 160, "key", "H#").into_bytes()),
        ("b.csv", many.into_bytes()),
        ("c.csv", short.collect::<String>().into_bytes()),
        ("d.csv", not_utf_8),
        ("e.ndjson", ndjson_fault.join("\n").into_bytes()),
        ("f.ndjson", no_json.join("\n").into_bytes()),
    ];
    let directory = tempfile::tempdir().expect("a directory");
    for (name, bytes) in files {
        let path = common::write(directory.path(), name, bytes);
        let message = |rows: usize| match scored(std::slice::from_ref(&path), TableFormat::Csv, rows) {
            Ok(_) => panic!("{name} is scored"),
            Err(error) => error.to_string(),
        };
        let whole = message(WHOLE);
        assert!(whole.contains("row") || whole.contains("line"), "{whole}");
        for rows in [1, 40, 99] {
            assert_eq!(message(rows), whole, "{name} in batches of {rows}");
        }
        let output = directory.path().join("scored.csv");
        let target = PredictionTarget::File(output.clone());
        pipeline::predict_file(&options(&[path], TableFormat::Csv, 40, target), &()).expect_err("a fault");
        assert!(!output.exists());
    }
}

fn parts(directory: &Path, inputs: &[PathBuf], format: TableFormat, rows: u64) -> Result<PredictionResult> {
    let rows_per_file = NonZeroU64::new(rows).expect("rows");
    let target = PredictionTarget::Parts { directory: directory.to_owned(), rows_per_file };
    pipeline::predict_file(&options(inputs, format, 35, target), &())?.publish()
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).expect("readable").map(|entry| entry.expect("an entry").path());
    let named = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut files: Vec<(String, Vec<u8>)> =
        entries.map(|path| (named(&path), fs::read(&path).expect("readable"))).collect();
    files.sort();
    files
}

#[test]
fn parts_are_the_whole_in_order_and_their_counts_add_up() {
    let place = tempfile::tempdir().expect("a directory");
    let inputs = [
        common::write(place.path(), "a.csv", csv(',')),
        common::write(place.path(), "b.ndjson", ndjson()),
        common::write(place.path(), "c.parquet", parquet()),
    ];
    for (format, rows) in [(TableFormat::Csv, 77), (TableFormat::Ndjson, 200), (TableFormat::Parquet, 100)] {
        let (whole, one) = scored(&inputs, format, WHOLE).expect("scored");
        let out = place.path().join(format.ending());
        let many = parts(&out, &inputs, format, rows).expect("parts");
        assert_eq!(summary(&many), summary(&one));
        assert_eq!(many.written.len() as u64, one.predictions.rows.div_ceil(rows));
        let written: Value =
            serde_json::from_slice(&fs::read(out.join("_summary.json")).expect("a summary")).expect("JSON");
        assert_eq!(written["rows"], one.predictions.rows);
        assert_eq!(written["drift"], summary(&one)["drift"]);
        match format {
            TableFormat::Parquet => {
                let frame = |bytes: Vec<u8>| ParquetReader::new(std::io::Cursor::new(bytes)).finish().expect("a table");
                let mut together = DataFrame::empty();
                for path in &many.written {
                    let part = frame(fs::read(path).expect("readable"));
                    assert!(part.height() as u64 <= rows);
                    together = if together.width() == 0 { part } else { together.vstack(&part).expect("alike") };
                }
                assert!(together.equals_missing(&frame(whole)));
            }
            _ => {
                let header = whole.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                let header = if format == TableFormat::Csv { header } else { 0 };
                let mut together = whole[..header].to_vec();
                many.written.iter().for_each(|path| together.extend(&fs::read(path).expect("readable")[header..]));
                assert!(together == whole, "{format:?}");
            }
        }
    }
}

#[test]
fn an_interrupted_job_goes_on_after_its_parts() {
    let place = tempfile::tempdir().expect("a directory");
    for (name, bytes) in
        [("a.csv", csv(',').into_bytes()), ("c.parquet", parquet()), ("b.ndjson", ndjson().into_bytes())]
    {
        let inputs = [common::write(place.path(), name, bytes)];
        let out = place.path().join(format!("{name}.parts"));
        let first = parts(&out, &inputs, TableFormat::Parquet, 30).expect("parts");
        let expected = files(&out);
        assert_eq!(first.resumed, 0);
        // Killed in the middle: a part and its record, a record alone, and a part of another length.
        for name in ["_summary.json", "part-00001.parquet", "_part-00001.json", "_part-00003.json"] {
            fs::remove_file(out.join(name)).expect("removed");
        }
        fs::write(out.join("part-00005.parquet"), b"half").expect("written");
        let again = parts(&out, &inputs, TableFormat::Parquet, 30).expect("parts");
        assert_eq!(again.resumed, first.written.len() as u64 - 3, "{name}");
        assert_eq!(summary(&again)["drift"], summary(&first)["drift"]);
        assert!(files(&out) == expected, "{name}");
        let kept = parts(&out, &inputs, TableFormat::Parquet, 30).expect("parts");
        assert_eq!(kept.resumed, first.written.len() as u64);
        assert!(files(&out) == expected, "{name}");
    }
}

#[test]
fn parts_of_something_else_are_refused() {
    let place = tempfile::tempdir().expect("a directory");
    let input = common::write(place.path(), "a.csv", csv(','));
    let out = place.path().join("out");
    let message = |format, rows| match parts(&out, std::slice::from_ref(&input), format, rows) {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    };
    parts(&out, std::slice::from_ref(&input), TableFormat::Csv, 50).expect("parts");
    let before = files(&out);
    assert!(
        message(TableFormat::Csv, 60).contains("found \"other rows_per_file\""),
        "{}",
        message(TableFormat::Csv, 60)
    );
    assert!(message(TableFormat::Ndjson, 50).contains("other format"));
    fs::write(&input, csv(',').replace("Première", "Premiere")).expect("written");
    assert!(message(TableFormat::Csv, 50).contains("other inputs"), "{}", message(TableFormat::Csv, 50));
    assert!(files(&out).iter().map(|(name, _)| name).eq(before.iter().map(|(name, _)| name)));
    let other = place.path().join("other");
    fs::create_dir(&other).expect("a directory");
    fs::write(other.join("mine.txt"), "x").expect("written");
    let error = parts(&other, std::slice::from_ref(&input), TableFormat::Csv, 50).expect_err("not empty");
    assert!(error.to_string().contains("found \"mine.txt\""), "{error}");
    assert_eq!(files(&other).len(), 1);
}
