//! A row means the same in a file and in a request: both are refused, or both get the same probability. Fields are texts in both,
//! so that a text has one meaning only. A file with a column whose unit is not certain is refused, with the flag that states it; a
//! request has no flags: the field is not used, and the answer says so.
#![no_main]

use std::sync::OnceLock;

use hitflop_data::track_files::{self, TrackFileOptions};
use hitflop_fuzz::{post, File, MODEL};
use hitflop_model::artifact;
use hitflop_model::scoring::Scorer;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(data);
    let records: Vec<csv::StringRecord> = reader.records().take(3).filter_map(Result::ok).collect();
    let [names, fields] = &records[..] else { return };
    let is_unique = (0..names.len()).all(|at| names.iter().skip(at + 1).all(|other| other != &names[at]));
    if names.len() != fields.len() || names.iter().any(str::is_empty) || !is_unique {
        return;
    }
    let object: Map<String, Value> =
        names.iter().zip(fields).map(|(name, field)| (name.to_owned(), Value::from(field))).collect();
    let list = Value::from(vec![Value::Object(object)]).to_string();
    let (_, answer) = post("/v1/predict/batch", "application/json", list.as_bytes());
    let Ok(outcomes) = serde_json::from_slice::<Value>(&answer) else { return };
    let (of_file, of_request) = (of_file(list.as_bytes()), outcomes[0]["probability"].as_f64());
    if of_file.is_some() || !has_ignored_field(&outcomes[0]) {
        assert_eq!(of_file, of_request, "{list}");
    }
});

/// Whether a field was not used because its unit is not known.
fn has_ignored_field(outcome: &Value) -> bool {
    let warnings = outcome["warnings"].as_array().map_or(&[][..], Vec::as_slice);
    let is_unit = |warning: &Value| warning["msg"].as_str().is_some_and(|words| words.ends_with("unit not known"));
    warnings.iter().any(is_unit)
}

/// The probability that the program gives the only row of a JSON file.
fn of_file(json: &[u8]) -> Option<f64> {
    static SCORER: OnceLock<Scorer> = OnceLock::new();
    let scorer = SCORER.get_or_init(|| Scorer::new(artifact::from_bytes("small.model", MODEL).expect("a model")));
    let file = File::new("fuzz.json", json);
    let options = TrackFileOptions { allow_missing: true, ..TrackFileOptions::default() };
    let tracks = track_files::read(&[file.path()], scorer.features(), &options).ok()?;
    let predictions = scorer.score(tracks.matrix(scorer.features()).view()).ok()?;
    Some(predictions.first()?.probability)
}
