//! The routes of the known tracks: search and examples.

use std::fs;

use axum::http::StatusCode;
use hitflop_serve::{Config, ServedFiles, ServedModel, State};
use serde_json::{json, Value};

use crate::fixture::{model, service, track, Service, ROWS};

fn names(answer: &Value) -> Vec<&str> {
    answer["tracks"].as_array().expect("a list").iter().map(|track| track["title"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn known_tracks_are_found_by_words_and_links() {
    let service = service("boosting", Config::default());
    for query in ["track+7+artist", "TR%C3%81CK%207%20Artist", "7%20trakc", "artist%207%20track"] {
        let answer = service.get(&format!("/v1/tracks?q={query}&limit=50")).await.good();
        assert!(names(&answer)[..3].contains(&"Track 7"), "{query}: {answer}");
        assert!(answer["matches"].as_u64() >= Some(1) && answer["uri"].is_null());
        assert_eq!(answer["known_tracks"], 2 * ROWS);
        assert_eq!((&answer["simulated"], &answer["warnings"]), (&json!(false), &json!([])));
    }
    // The whole track, to be sent again as it is.
    let link = format!("https%3A%2F%2Fopen.spotify.com%2Fintl-de%2Ftrack%2F{:022}%3Fsi%3Dx", 11);
    let answer = service.get(&format!("/v1/tracks?q={link}")).await.good();
    assert_eq!(
        (answer["uri"].as_str(), names(&answer)),
        (Some(format!("spotify:track:{:022}", 11).as_str()), vec!["Track 11"])
    );
    let found = &answer["tracks"][0];
    assert_eq!((&found["decade"], &found["artist"]), (&json!(1960), &json!("Artist 11")));
    for (feature, value) in track(11).iter().filter(|(feature, _)| *feature != "decade") {
        let (known, given) =
            (value.as_f64().expect("a number"), found["audio_features"][feature].as_f64().expect("a number"));
        assert!((known - given).abs() <= 1e-6 * known.abs(), "{feature}: {given} for {known}");
    }
    // Nothing is found, without a fault.
    for query in ["zzqqxx", "%20", "%00%1b", "spotify:track:AAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = service.get(&format!("/v1/tracks?q={query}")).await.good();
        assert_eq!((&answer["tracks"], &answer["matches"]), (&json!([]), &json!(0)), "{query}");
    }
    let answer = service.get("/v1/tracks?q=track&limt=3").await.good();
    assert_eq!((names(&answer).len(), &answer["warnings"][0]["field"]), (10, &json!("limt")));
    assert_eq!(answer["matches"], 2 * ROWS);
}

#[tokio::test]
async fn a_search_that_cannot_be_read_is_refused_with_all_faults() {
    let service = service("boosting", Config::default());
    let long = "é".repeat(301);
    for (query, expected) in [
        ("", vec![("missing", "q")]),
        ("?q=", vec![("string_too_short", "q")]),
        (&format!("?q={long}&limit=0"), vec![("string_too_long", "q"), ("int_parsing", "limit")]),
        ("?q=a&limit=51", vec![("int_parsing", "limit")]),
        ("?q=a&limit=x", vec![("int_parsing", "limit")]),
    ] {
        // A target is ASCII.
        let faults = service.get(&format!("/v1/tracks{}", query.replace('é', "%C3%A9"))).await.faults();
        let expected: Vec<(String, Value)> =
            expected.into_iter().map(|(kind, name)| (kind.to_owned(), json!(["query", name]))).collect();
        assert_eq!(faults, expected, "{query}");
    }
    let just = "%C3%A9".repeat(300);
    assert_eq!(service.get(&format!("/v1/tracks?q={just}")).await.status, StatusCode::OK);
    let too_short = service.get("/v1/tracks?q=").await.json();
    assert_eq!(too_short["detail"][0]["ctx"], json!({ "min_length": 1 }));
}

#[tokio::test]
async fn examples_are_what_the_model_says_they_are() {
    let service = service("boosting", Config::default());
    let answer = service.get("/v1/tracks/examples").await.good();
    let examples = answer["examples"].as_array().expect("a list");
    let kinds: Vec<&str> = examples.iter().map(|example| example["kind"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["confident_hit", "confident_flop", "undecided"]);
    for example in examples {
        let mut sent = example["track"]["audio_features"].as_object().expect("features").clone();
        sent.insert("decade".to_owned(), example["track"]["decade"].clone());
        let predicted = service.post_json("/v1/predict", &Value::Object(sent)).await.good();
        let share = |answer: &Value| answer["probability"].as_f64().expect("a number");
        assert!((share(example) - share(&predicted)).abs() < 1e-6, "{example}");
        match example["kind"].as_str() {
            Some("undecided") => {
                assert!((share(example) - example["threshold"].as_f64().expect("a number")).abs() < 0.1)
            }
            _ => assert_eq!(predicted["label"], example["track"]["label"]),
        }
    }
    assert_eq!(service.get("/v1/tracks/examples").await.good(), answer);
}

#[tokio::test]
async fn without_known_tracks_there_is_nothing_to_search() {
    let bytes = fs::read(model("boosting")).expect("a model");
    let state = State::new(Config { model_name: "hitflop".to_owned(), ..Config::default() });
    state.serve_model(ServedModel::from_bytes("hitflop.model", &bytes).expect("a model"));
    let service = Service(state);
    for path in ["/v1/tracks?q=track", "/v1/tracks/examples"] {
        assert_eq!(service.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // A damaged file of tracks is as good as none.
    let place = tempfile::tempdir().expect("a temporary directory");
    let copy = place.path().join("hitflop.model");
    fs::write(&copy, bytes).expect("written");
    fs::write(place.path().join("hitflop.tracks"), "damaged").expect("written");
    let read = ServedModel::read(&ServedFiles::beside(&copy)).expect("a model");
    assert!(read.neighbours.is_none());
}
