//! What the service answers, whatever the model.

use axum::body::Body;
use axum::http::{header, Method, Request, StatusCode};
use hitflop_serve::ServerLimits;
use hitflop_serve::{Config, ServedFiles, ServedModel, State};
use serde_json::{json, Map, Value};

use crate::fixture::{models, service, track, track_with, Service, ROWS};

fn plain() -> Service {
    service("boosting", Config::default())
}

#[tokio::test]
async fn the_original_service_is_unchanged() {
    let service = service("notebook", Config::default());
    for path in ["/songs", "/songs/"] {
        assert_eq!(service.get(path).await.good(), json!({ "message": "Connected to ML api..." }));
    }
    let mut hits = 0;
    for number in 0..40 {
        let mut track = track(number);
        track.remove("sections");
        track.remove("decade");
        let answer = service.post_json("/songs/predict", &Value::Object(track.clone())).await;
        let detailed = service.post_json("/v1/predict", &Value::Object(track)).await.good();
        assert_eq!(answer.text, if detailed["label"] == "hit" { "1" } else { "0" });
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        hits += usize::from(answer.text == "1");
    }
    assert!((5..35).contains(&hits), "{hits} of 40");
}

/// What Pydantic takes for a number, and the type that an old `requests` leaves out.
#[tokio::test]
async fn what_fastapis_clients_send_is_understood() {
    let service = plain();
    let expected = service.post_json("/songs/predict", &track_with(json!({}))).await.text;
    let spelt: Value = track(7).into_iter().map(|(name, value)| (name, json!(format!(" {value} ")))).collect();
    assert_eq!(service.post_json("/songs/predict", &spelt).await.text, expected);
    let body = track_with(json!({ "user": "someone", "mode": true })).to_string();
    let untyped =
        service.call(Request::post("/songs/predict").body(Body::from(body.clone())).expect("a request")).await;
    assert_eq!(untyped.text, expected);
    assert_eq!(service.post("/songs/predict/", "application/json; charset=utf-8", body.clone()).await.text, expected);
    assert_eq!(service.post("/songs/predict", "application/json", format!("\u{feff}{body}")).await.text, expected);
}

/// The witness is FastAPI with Pydantic 2 on the same bodies.
#[tokio::test]
async fn all_faults_are_reported_in_fastapis_form() {
    let service = plain();
    let mut body = track(7);
    body.remove("energy");
    body.insert("key".to_owned(), json!(5.5));
    body.insert("tempo".to_owned(), json!("fast"));
    body.insert("mode".to_owned(), Value::Null);
    let answer = service.post_json("/songs/predict", &Value::Object(body.clone())).await;
    assert_eq!(
        answer.faults(),
        [("missing", "energy"), ("int_from_float", "key"), ("int_type", "mode"), ("float_parsing", "tempo")]
            .map(|(kind, field)| (kind.to_owned(), json!(["body", field])))
    );
    let message = answer.json();
    assert_eq!(message["detail"][0]["msg"], "Field required");
    assert_eq!(message["detail"][1]["input"], 5.5);
    assert_eq!(message["detail"][3]["msg"], "Input should be a valid number, unable to parse string as a number");
    for broken in
        ["", "{", "[1,", "{\"energy\": NaN}", "{\"energy\": Infinity}", "{\"energy\": 1e999}", "{\"a\":1}x", "\u{1}"]
    {
        for path in [
            "/songs/predict",
            "/v1/predict",
            "/v1/predict/batch",
            "/v1/neighbours",
            "/invocations",
            "/v2/models/hitflop/infer",
        ] {
            // MLflow's client writes a missing value as NaN.
            if (path, broken) == ("/invocations", "{\"energy\": NaN}") {
                continue;
            }
            let answer = service.post(path, "application/json", broken).await;
            assert_eq!(answer.faults()[0].0, "json_invalid", "{path} {broken}: {}", answer.text);
        }
    }
    for other in [json!(null), json!(5), json!("x"), json!([1]), json!(true)] {
        let answer = service.post_json("/v1/predict", &other).await;
        assert_eq!(answer.faults(), [("model_attributes_type".to_owned(), json!(["body"]))], "{other}");
        assert_eq!(service.post_json("/songs/predict", &other).await.faults()[0].0, "model_attributes_type", "{other}");
    }
    let nan = service.post_json("/v1/predict", &track_with(json!({ "energy": "inf", "tempo": "-inf" }))).await;
    assert_eq!(nan.faults().len(), 2);
    assert!(nan.faults().iter().all(|(kind, _)| kind == "finite_number"));
}

#[tokio::test]
async fn a_track_of_which_nothing_is_understood_is_reported_what_may_be_meant() {
    let service = plain();
    let sent = json!({ "dancability": 0.5, "note": { "a": [1] } });
    let answer = service.post_json("/v1/predict", &sent).await;
    let expected = [("missing", json!(["body"])), ("unknown_field", json!(["body", "dancability"]))]
        .map(|(kind, place)| (kind.to_owned(), place));
    assert_eq!(answer.faults(), expected);
    let message = answer.json();
    assert_eq!((&message["detail"][0]["input"], &message["detail"][1]["input"]), (&sent, &json!(0.5)));
    assert_eq!(message["detail"][1]["msg"], "\"dancability\" is not a feature; did you mean \"danceability\"?");
    // In a list each for itself, with what it is made of.
    for body in [json!([sent, null]), json!({ "content": [sent, null] })] {
        let answer = service.post_json("/v1/predict/batch", &body).await.good();
        let row = if body.is_array() { &answer[0] } else { &answer["predictions"][0] };
        assert_eq!(row["detail"][0]["input"], json!({ "dancability": 0.5, "note": "{…}" }));
        assert_eq!(row["detail"][1]["loc"].as_array().and_then(|place| place.last()), Some(&json!("dancability")));
    }
    // The original service names the field that it misses, and the one that may be meant.
    let mut song = track(7);
    song.remove("danceability");
    song.insert("dancability".to_owned(), json!(0.5));
    let faults = service.post_json("/songs/predict", &Value::Object(song)).await.faults();
    let expected = [("missing", "danceability"), ("unknown_field", "dancability")];
    assert_eq!(faults, expected.map(|(kind, field)| (kind.to_owned(), json!(["body", field]))));
}

#[tokio::test]
async fn a_decade_alone_is_no_track() {
    let service = plain();
    let missing = [("missing".to_owned(), json!(["body"]))];
    for body in [json!({}), json!({ "decade": 80 }), json!({ "decade": 1980, "energy": null }), json!({ "key": -1 })] {
        assert_eq!(service.post_json("/v1/predict", &body).await.faults(), missing, "{body}");
    }
    let year = service.post_json("/v1/predict", &json!({ "decade": 1885 })).await;
    assert_eq!(year.faults(), [missing[0].clone(), ("enum".to_owned(), json!(["body", "decade"]))]);
    // As it was sent, and not as 1885.0.
    assert!(year.text.contains(r#""input":1885}"#), "{}", year.text);
    let rows = service.post_json("/v1/predict/batch", &json!([{ "decade": 80 }, { "sections": 9 }])).await.good();
    assert_eq!((&rows[0]["detail"][0]["type"], rows[1]["label"].is_string()), (&json!("missing"), true));
    let table = service.post("/v1/predict/batch", "text/csv", "decade,title\n80,x\n").await;
    assert_eq!(table.faults(), missing);
    let table = service.post("/v1/predict/batch", "text/csv", "decade,energy\n80,\n").await;
    assert!(table.text.lines().nth(1).is_some_and(|row| row.contains("A track needs a value")), "{}", table.text);
}

#[tokio::test]
async fn no_key_detected_is_no_key() {
    let service = plain();
    let without = service.post_json("/v1/predict", &track_with(json!({ "key": null }))).await.good();
    for key in [json!(-1), json!("-1"), json!(-1.0)] {
        assert_eq!(service.post_json("/v1/predict", &track_with(json!({ "key": key }))).await.good(), without);
    }
    assert_eq!(service.post_json("/songs/predict", &track_with(json!({ "key": -1 }))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_names_and_units_are_read_and_reported() {
    let service = plain();
    let plain = track_with(json!({ "danceability": 0.55, "duration_ms": 200_000, "key": 1, "mode": 0 }));
    let expected = service.post_json("/v1/predict", &plain).await.good();
    let mut odd = plain.as_object().expect("a track").clone();
    for name in ["danceability", "duration_ms", "key", "mode", "decade", "tempo"] {
        odd.remove(name);
    }
    let tempo = plain["tempo"].clone();
    odd.extend(
        json!({ "danceability_%": 55, "durationMs": 200_000, "Key": "C# minor", "release_date": "1965-03-01", "bpm": tempo })
            .as_object()
            .expect("fields")
            .clone(),
    );
    let odd = Value::Object(odd);
    let answer = service.post_json("/v1/predict", &odd).await.good();
    assert_eq!(answer["probability"], expected["probability"]);
    let warnings = answer["warnings"].as_array().expect("warnings");
    let of = |field: &str| {
        let found = warnings.iter().find(|warning| warning["field"] == field).unwrap_or_else(|| panic!("{field}"));
        (found["type"].as_str().expect("a kind").to_owned(), found["msg"].as_str().expect("words").to_owned())
    };
    let renamed = |msg: &str| ("renamed_field".to_owned(), msg.to_owned());
    assert_eq!(of("danceability_%"), renamed("\"danceability_%\" is read as danceability: percent to fraction"));
    assert_eq!(of("durationMs"), renamed("\"durationMs\" is read as duration_ms"));
    assert_eq!(of("Key"), renamed("\"Key\" is read as key: key to pitch class and mode"));
    assert_eq!(of("release_date"), renamed("\"release_date\" is read as decade: date to decade"));
    assert_eq!(warnings.len(), 5, "{warnings:?}");
    // In every door, and where the notebook's fourteen are required.
    let batch = service.post_json("/v1/predict/batch", &json!([odd])).await.good();
    assert_eq!(batch[0], answer);
    assert_eq!(
        service.post_json("/songs/predict", &odd).await.text,
        if expected["label"] == "hit" { "1" } else { "0" }
    );
    let invocation = service.post_json("/invocations", &json!({ "dataframe_records": [odd] })).await.good();
    assert_eq!(invocation["warnings"].as_array().map(Vec::len), Some(5));
    let conflict =
        service.post_json("/v1/predict", &json!({ "Energy": 0.1, "energy level": 0.2, "ENERGY": 0.9 })).await;
    assert_eq!(conflict.faults()[0].0, "conflicting_columns");
}

/// A column is read as a whole: one value alone may be a percent or a fraction.
#[tokio::test]
async fn the_unit_of_a_column_is_that_of_all_its_values() {
    let service = plain();
    let rows = |values: [f64; 3]| values.map(|value| json!({ "Energy": value, "Danceability": value }));
    let fractions = service.post_json("/v1/predict/batch", &json!(rows([0.5, 0.25, 1.0]))).await.good();
    let percent = service.post_json("/v1/predict/batch", &json!(rows([50.0, 25.0, 100.0]))).await.good();
    for row in 0..3 {
        assert!(fractions[row]["probability"].is_number(), "{fractions}");
        assert_eq!(percent[row]["probability"], fractions[row]["probability"]);
    }
    assert!(
        percent[2]["warnings"][0]["msg"].as_str().is_some_and(|msg| msg.ends_with("percent to fraction")),
        "{percent}"
    );
}

#[tokio::test]
async fn a_list_sent_for_a_track_names_the_route_of_lists() {
    let answer = plain().post_json("/v1/predict", &json!([track_with(json!({}))])).await;
    assert_eq!(answer.faults(), [("model_attributes_type".to_owned(), json!(["body"]))]);
    assert!(answer.text.contains("/v1/predict/batch answers a list of tracks"), "{}", answer.text);
}

#[tokio::test]
async fn truth_in_a_query_is_read_as_fastapi_does() {
    let service = plain();
    let body = track_with(json!({}));
    for (query, explained) in [("explain=1", true), ("explain=Yes", true), ("explain=on", true), ("explain=0", false)] {
        let answer = service.post_json(&format!("/v1/predict?{query}"), &body).await.good();
        assert_eq!(answer.get("explanation").is_some(), explained, "{query}");
    }
    let maybe = service.post_json("/v1/predict?explain=2", &body).await.faults();
    assert_eq!(maybe, [("bool_parsing".to_owned(), json!(["query", "explain"]))]);
}

#[tokio::test]
async fn parameters_that_do_nothing_are_reported() {
    let service = plain();
    let body = track_with(json!({}));
    let answer = service.post_json("/v1/predict?explan=true&limit=5", &body).await.good();
    assert_eq!(
        answer["warnings"],
        json!([{
            "type": "unknown_parameter", "field": "explan",
            "msg": "\"explan\" is not a parameter and is ignored; did you mean \"explain\"?",
        }])
    );
    let refused = service.post_json("/v1/predict/batch?explain=true", &json!([body])).await;
    assert_eq!(refused.faults(), [("not_supported".to_owned(), json!(["query", "explain"]))]);
    service.post_json("/v1/predict/batch?explain=false&limit=5", &json!([body])).await.good();
}

#[tokio::test]
async fn a_broken_list_is_reported_which_row_and_how_the_others_are_answered() {
    let service = plain();
    let list = r#"[{"energy": 0.5}, {"energy": 0.5}, {"energy": NaN}]"#;
    for (path, body) in [
        ("/v1/predict/batch", list.to_owned()),
        ("/v1/predict/batch", format!("{{\"content\": {list}}}")),
        ("/v1/predict", format!("{{\"audio_features\": {list}}}")),
    ] {
        let answer = service.post(path, "application/json", body).await;
        assert_eq!(answer.faults(), [("json_invalid".to_owned(), json!(["body", 2, "energy"]))]);
        let msg = answer.json()["detail"][0]["msg"].as_str().expect("words").to_owned();
        assert!(msg.contains("NaN is not JSON, write null") && msg.contains("application/x-ndjson"), "{msg}");
    }
    let lines = "{\"energy\": 0.5}\n{\"energy\": NaN}\n{\"energy\": 0.5}\n";
    let answer = service.post("/v1/predict/batch", "application/x-ndjson", lines).await;
    let labels: Vec<bool> = answer.text.lines().map(|line| line.contains("\"label\"")).collect();
    assert_eq!(labels, [true, false, true], "{}", answer.text);
}

#[tokio::test]
async fn compressed_bodies_are_refused_with_the_reason() {
    let service = plain();
    // KServe's clients may compress theirs.
    for path in ["/v1/predict", "/songs/predict", "/v1/predict/batch", "/invocations"] {
        let send = |coding: &str| {
            let request = Request::post(path).header(header::CONTENT_ENCODING, coding);
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(&b"\x1f\x8b"[..]))
                .expect("a request")
        };
        let answer = service.call(send("gzip")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        assert_eq!(answer.json()["detail"], "Unsupported content encoding, send the body uncompressed");
        assert_eq!(answer.headers[header::ACCEPT_ENCODING], "identity");
        assert_eq!(service.call(send("Identity")).await.faults()[0].0, "json_invalid");
    }
}

#[tokio::test]
async fn refusals_have_their_status() {
    let service = plain();
    let body = track_with(json!({})).to_string();
    let not_found = service.get("/nowhere").await;
    assert_eq!((not_found.status, not_found.json()), (StatusCode::NOT_FOUND, json!({ "detail": "Not Found" })));
    let verb = service.get("/songs/predict").await;
    assert_eq!((verb.status, verb.json()), (StatusCode::METHOD_NOT_ALLOWED, json!({ "detail": "Method Not Allowed" })));
    assert_eq!(verb.headers[header::ALLOW], "POST");
    let media = service.post("/songs/predict", "text/plain", body.clone()).await;
    assert_eq!(media.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(
        service.post("/v1/predict/batch", "application/xml", body).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let large = format!("{{\"comment\": \"{}\"}}", "x".repeat(ServerLimits::default().body_bytes));
    assert_eq!(service.post("/v1/predict", "application/json", large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_answer_has_all_that_is_known() {
    let service = plain();
    let answer = service.post_json("/v1/predict", &track_with(json!({}))).await.good();
    let model = service.get("/v1/model").await.good();
    assert_eq!(answer["model_version"], model["version"]);
    assert_eq!(answer["threshold"], model["threshold"]);
    let probability = answer["probability"].as_f64().expect("a number");
    let hit = probability > answer["threshold"].as_f64().expect("a number");
    assert_eq!(answer["label"], if hit { "hit" } else { "flop" });
    assert_eq!(answer["warnings"], json!([]));
}

#[tokio::test]
async fn doubts_are_warned_of() {
    let service = plain();
    let mut body = track(7);
    body.remove("energy");
    body.insert("sections".to_owned(), Value::Null);
    body.insert("Tempo".to_owned(), json!(120));
    body.insert("danceabilty".to_owned(), json!(0.5));
    body.insert("comment".to_owned(), json!("nothing like a feature"));
    body.insert("track_href".to_owned(), json!("https://example.org"));
    body.insert("loudness".to_owned(), json!(-99.5));
    let answer = service.post_json("/v1/predict", &Value::Object(body)).await.good();
    let warnings = answer["warnings"].as_array().expect("warnings");
    let message: Vec<(&str, &str)> = warnings
        .iter()
        .map(|warning| (warning["type"].as_str().expect("a kind"), warning["field"].as_str().expect("a field")))
        .collect();
    assert_eq!(
        message,
        [
            ("unknown_field", "danceabilty"),
            ("ignored_field", "Tempo"),
            ("missing_feature", "energy"),
            ("outside_documented_range", "loudness"),
            ("missing_feature", "sections"),
        ]
    );
    let words = |position: usize| warnings[position]["msg"].as_str().expect("words");
    assert_eq!(words(3), "loudness is -99.5 dB; expected -60 to 0 dB");
    let percent = service.post_json("/v1/predict", &track_with(json!({ "energy": 73 }))).await.good();
    assert_eq!(
        percent["warnings"][0],
        json!({
            "type": "outside_documented_range", "field": "energy",
            "msg": "energy is 73, which looks like percent; expected 0 to 1",
        })
    );
    let nothing = service.post_json("/v1/predict", &json!({ "name": "x" })).await;
    assert_eq!(nothing.faults(), [("missing".to_owned(), json!(["body"]))]);
}

#[tokio::test]
async fn every_shape_of_audio_features_is_accepted() {
    let service = plain();
    let plain = service.post_json("/v1/predict", &track_with(json!({}))).await.good();
    let spotify = track_with(json!({
        "id": "11dFghVXANMlKmJXsNCbNl", "uri": "spotify:track:11dFghVXANMlKmJXsNCbNl", "type": "audio_features",
        "track_href": "https://api.spotify.com/v1/tracks/11dFghVXANMlKmJXsNCbNl",
        "analysis_url": "https://api.spotify.com/v1/audio-analysis/11dFghVXANMlKmJXsNCbNl",
    }));
    assert_eq!(service.post_json("/v1/predict", &spotify).await.good(), plain);
    for path in ["/v1/predict", "/v1/predict/batch"] {
        let envelope = json!({ "audio_features": [spotify, null, { "energy": "loud" }] });
        let answer = service.post_json(path, &envelope).await.good();
        assert_eq!(answer["predictions"][0], plain);
        assert_eq!(answer["predictions"][1], Value::Null);
        assert_eq!(answer["predictions"][2]["detail"][0]["loc"], json!(["body", "audio_features", 2, "energy"]));
        let reccobeats = json!({ "content": [{ "id": "x", "href": "y", "energy": 0.5, "tempo": 120.0 }] });
        let answer = service.post_json(path, &reccobeats).await.good();
        assert_eq!(answer["predictions"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn a_batch_answers_in_order_and_in_kind() {
    let service = plain();
    let tracks: Vec<Value> = (0..50).map(|number| Value::Object(track(number * 16))).collect();
    let mut singles = Vec::new();
    for track in &tracks {
        singles.push(service.post_json("/v1/predict", track).await.good());
    }
    let json = service.post_json("/v1/predict/batch", &json!(tracks)).await;
    assert_eq!(json.good(), json!(singles));
    let lines: String = tracks.iter().map(|track| format!("{track}\n\n")).collect();
    let answer = service.post("/v1/predict/batch", "application/x-ndjson", lines).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/x-ndjson");
    let answers: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers, singles);
    let names: Vec<&String> = tracks[0].as_object().expect("a track").keys().collect();
    let row = |track: &Value| names.iter().map(|name| track[name.as_str()].to_string()).collect::<Vec<_>>().join(",");
    let header = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    let table: String = tracks.iter().map(|track| format!("\"a \"\"title\"\", long\",{}\n", row(track))).collect();
    let answer = service.post("/v1/predict/batch", "text/csv", format!("title,{header}\n{table}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    assert_eq!(columns.iter().rev().take(4).collect::<Vec<_>>(), ["warnings", "error", "probability", "label"]);
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), singles.len());
    for (record, single) in records.iter().zip(&singles) {
        assert_eq!(&record[0], "a \"title\", long");
        let at = |back: usize| &record[record.len() - back];
        assert_eq!(at(4), if single["label"] == "hit" { "1" } else { "0" });
        assert_eq!(at(3).parse::<f64>().ok(), single["probability"].as_f64());
        let warnings = single["warnings"].as_array().expect("warnings").iter().map(|warning| warning["msg"].as_str());
        let warnings: Vec<&str> = warnings.map(|message| message.expect("text")).collect();
        assert_eq!((at(2), at(1)), ("", &warnings.join("; ")[..]));
    }
}

#[tokio::test]
async fn a_faulty_row_stops_no_other() {
    let service = plain();
    let good = track_with(json!({}));
    let body = json!([good, { "energy": [], "key": "H" }, null, 5, {}]);
    let answer = service.post_json("/v1/predict/batch", &body).await.good();
    assert!(answer[0]["label"].is_string());
    assert_eq!(answer[1]["detail"][0]["loc"], json!(["body", 1, "energy"]));
    assert_eq!(answer[1]["detail"][1]["loc"], json!(["body", 1, "key"]));
    assert_eq!(answer[2], Value::Null);
    assert_eq!(answer[3]["detail"][0]["loc"], json!(["body", 3]));
    assert_eq!(answer[4]["detail"][0]["type"], "missing");
    let lines = service.post("/v1/predict/batch", "application/x-ndjson", format!("{good}\n{{\n{good}")).await;
    let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[1]["detail"][0]["loc"], json!(["body", 1]));
    assert_eq!(lines[0], lines[2]);
    let table = service.post("/v1/predict/batch", "text/csv", "energy,tempo\n0.5,\nloud,fast\n0.5\n1,2,1,0.9\n").await;
    let errors: Vec<&str> =
        table.text.lines().skip(1).map(|line| line.split(',').rev().nth(1).expect("error")).collect();
    assert_eq!(errors[0], "");
    assert!(table.text.contains("energy: Input should be a valid number"), "{}", table.text);
    assert!(table.text.contains("Row should have 2 fields as the header has, found 1"), "{}", table.text);
    let of_four = table.text.lines().last().expect("a row");
    assert!(of_four.starts_with("1,2,,,"), "no field of it stands for an answer: {of_four}");
}

#[tokio::test]
async fn a_table_without_features_is_refused() {
    let service = plain();
    for (table, kind) in [
        ("", "missing"),
        ("a,b\n1,2\n", "missing"),
        ("energy,tempo,energy\n1,2,3\n", "duplicate_column"),
        ("energy,label\n1,2\n", "duplicate_column"),
        ("a;b\n0,5;120\n", "missing"),
    ] {
        let answer = service.post("/v1/predict/batch", "text/csv", table).await;
        assert_eq!(answer.faults()[0].0, kind, "{table}");
    }
    let answer = service.post("/v1/predict/batch", "text/csv", "enrgy,Tempoo,title\n0.5,120,x\n").await;
    let message: Vec<(String, Value)> = answer.faults();
    assert_eq!(message[1..], ["enrgy", "Tempoo"].map(|column| ("unknown_field".to_owned(), json!(["body", column]))));
    let answer = service.post("/v1/predict/batch", "text/csv", " energy ,tempo\n0.5,120\n").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let answer = service.post("/v1/predict/batch", "text/csv", &b"energy\n0.5\n\xff\n"[..]).await;
    assert_eq!(answer.faults()[0].0, "csv_invalid");
}

#[tokio::test]
async fn the_limit_counts_rows() {
    let limits = ServerLimits { rows: 3, ..ServerLimits::default() };
    let service = service("boosting", Config { limits, ..Config::default() });
    let of = |rows: usize| json!(vec![json!({ "energy": 0.5 }); rows]);
    assert_eq!(service.post_json("/v1/predict/batch", &of(3)).await.status, StatusCode::OK);
    for body in [of(4), json!({ "content": of(4) }), json!({ "audio_features": of(4) })] {
        assert_eq!(service.post_json("/v1/predict/batch", &body).await.status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
    }
    assert_eq!(
        service.post_json("/v1/predict", &json!({ "content": of(4) })).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let lines = "{\"energy\": 0.5}\n".repeat(4);
    assert_eq!(
        service.post("/v1/predict/batch", "application/x-ndjson", lines).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let table = format!("energy\n{}", "0.5\n".repeat(4));
    assert_eq!(service.post("/v1/predict/batch", "text/csv", table).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn neighbours_are_real_tracks() {
    let service = plain();
    let answer = service.post_json("/v1/neighbours?count=3", &Value::Object(track(7))).await.good();
    let nearest = &answer["neighbours"][0];
    let mut features = track(7);
    features.remove("decade");
    for (feature, value) in &features {
        let (own, message) = (value.as_f64().expect("a number"), nearest["audio_features"][feature].as_f64());
        assert!((own - message.expect("a number")).abs() <= 1e-6 * own.abs(), "{feature}: {nearest}");
    }
    assert_eq!((&nearest["title"], &nearest["artist"]), (&json!("Track 7"), &json!("Artist 7")));
    assert_eq!(nearest["decade"], 1960);
    assert!(nearest["distance"].as_f64().expect("a distance") < 1e-3, "{nearest}");
    assert_eq!(answer["neighbours"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer["known_tracks"], 2 * ROWS);
    let seventies = track_with(json!({ "decade": 70 }));
    let answer = service.post_json("/v1/neighbours?same_decade=true&count=100", &seventies).await.good();
    let found = answer["neighbours"].as_array().expect("neighbours");
    assert!(found.len() == 100 && found.iter().all(|neighbour| neighbour["decade"] == 1970));
    assert!(found.windows(2).all(|pair| pair[0]["distance"].as_f64() <= pair[1]["distance"].as_f64()));
    let faults = service.post_json("/v1/neighbours?count=x&same_decade=7", &json!({ "key": "H" })).await.faults();
    assert_eq!(faults.len(), 3, "{faults:?}");
    let doubtful = json!({ "energy": 0.5, "dancability": 0.5 });
    let answer = service.post_json("/v1/neighbours?same_decad=true&limit=3", &doubtful).await.good();
    let fields: Vec<&Value> = answer["warnings"].as_array().expect("warnings").iter().map(|it| &it["field"]).collect();
    assert_eq!(fields, ["same_decad", "dancability"]);
    // What cannot be compared is told why.
    let mut timeless = track(7);
    timeless.remove("decade");
    let faults = service.post_json("/v1/neighbours?same_decade=true", &Value::Object(timeless)).await.faults();
    assert_eq!(faults, [("missing".to_owned(), json!(["body", "decade"]))]);
    let silent = json!({ "key": 5, "mode": 1, "energy": null });
    let answer = service.post_json("/v1/neighbours?same_decade=yes", &silent).await;
    let expected = [json!(["body"]), json!(["body", "decade"])].map(|place| ("missing".to_owned(), place));
    assert_eq!(answer.faults(), expected);
    assert!(
        answer.text.contains("There is nothing to compare; give at least one of danceability, "),
        "{}",
        answer.text
    );
    let lonely = models().join("lonely");
    std::fs::create_dir_all(&lonely).expect("a directory");
    std::fs::copy(models().join("boosting/hitflop.model"), lonely.join("hitflop.model")).expect("a copy");
    let answer =
        crate::fixture::service("lonely", Config::default()).post_json("/v1/neighbours", &json!({ "energy": 1 })).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn model_and_features_are_described() {
    let service = service("notebook", Config::default());
    let model = service.get("/v1/model").await.good();
    assert_eq!(model["name"], "hitflop");
    assert_eq!(model["features"].as_array().map(Vec::len), Some(14));
    assert_eq!(model["origin"]["metrics"]["test_rows"], 160);
    assert_eq!(model["sha256"].as_str().map(str::len), Some(64));
    let features = service.get("/v1/features").await.good();
    let features = features["features"].as_array().expect("features");
    assert_eq!(features.len(), 16);
    assert_eq!(features[3]["unit"], "dB");
    assert!(features[3]["training_min"].as_f64() < features[3]["training_max"].as_f64());
    assert_eq!(features[14]["training_min"], Value::Null);
}

/// The models of the tests were trained with `--data .`; this card is of one that was not.
#[tokio::test]
async fn a_card_has_no_path_of_the_machine() {
    let place = models().join("elsewhere");
    std::fs::create_dir_all(&place).expect("a directory");
    std::fs::copy(models().join("boosting/hitflop.model"), place.join("hitflop.model")).expect("a copy");
    // A card names its model.
    let sha256 = hitflop_model::artifact::sha256(&std::fs::read(place.join("hitflop.model")).expect("a model"));
    let card = format!(
        "# Card\n\nrandom 80/20, {sha256}\n\n```sh\nhitflop train --data /srv/someone/decades --seed 42\n```\n"
    );
    std::fs::write(place.join("MODEL_CARD.md"), &card).expect("written");
    let model = crate::fixture::service("elsewhere", Config::default()).get("/v1/model").await.good();
    assert_eq!(model["card"], card.replace("/srv/someone/decades", "decades"));
    for file in model["origin"]["data"].as_array().expect("files") {
        assert!(file["name"].as_str().is_some_and(|name| !name.contains('/')), "{file}");
    }
}

#[tokio::test]
async fn features_lie_where_they_lay_in_training() {
    let features = plain().get("/v1/features").await.good();
    assert_eq!(features["levels"].as_array().map(Vec::len), Some(21));
    let tempo = &features["features"][10];
    assert_eq!(tempo["name"], "tempo");
    let decades = tempo["decades"].as_array().expect("decades");
    assert_eq!(decades.iter().map(|of| &of["decade"]).collect::<Vec<_>>(), [&json!(1960), &json!(1970)]);
    for of in decades {
        let rows = |group: &str| of[group]["rows"].as_u64().expect("a number");
        assert_eq!(rows("hits") + rows("flops"), rows("all"));
        let quantiles: Vec<f64> = serde_json::from_value(of["all"]["quantiles"].clone()).expect("numbers");
        assert!(quantiles.is_sorted() && quantiles[0] >= tempo["training_min"].as_f64().expect("a number"));
    }
}

#[tokio::test]
async fn an_answer_is_explained_if_that_is_requested() {
    for name in ["boosting", "forest"] {
        let service = service(name, Config::default());
        let plain = service.post_json("/v1/predict?explain=false", &track_with(json!({}))).await.good();
        assert!(plain.get("explanation").is_none());
        let answer = service.post_json("/v1/predict?explain=true", &track_with(json!({}))).await.good();
        assert_eq!(answer["probability"], plain["probability"]);
        let explanation = &answer["explanation"];
        let number = |value: &Value| value.as_f64().expect("a number");
        let pushes = explanation["pushes"].as_array().expect("a push a feature");
        assert_eq!(pushes.len(), 16);
        let sum = number(&explanation["base"]) + pushes.iter().map(|push| number(&push["contribution"])).sum::<f64>();
        assert!((sum - number(&explanation["output"])).abs() < 1e-9);
        assert_eq!(explanation["decade"], 1960);
        let envelope = json!({ "content": [track_with(json!({})), null, { "energy": "loud" }] });
        let several = service.post_json("/v1/predict?explain=true&what_if=true", &envelope).await.good();
        let many = json!({ "content": vec![track_with(json!({})); 21] });
        assert_eq!(service.post_json("/v1/predict", &many).await.status, StatusCode::OK);
        let refused = service.post_json("/v1/predict?explain=true", &many).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        let rule = "Too many tracks to explain at a time, at most 20 are allowed, found 21";
        assert_eq!(refused.json()["detail"], rule);
        assert_eq!(&several["predictions"][0]["explanation"], explanation);
        let what_if = &several["predictions"][0]["what_if"];
        if let Some(other) = what_if["one"].as_object() {
            assert_ne!(other["label"], answer["label"]);
        }
        assert!(what_if.is_object());
        let faults = service.post_json("/v1/predict?explain=maybe", &json!({ "energy": "loud" })).await.faults();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}

#[tokio::test]
async fn a_value_is_held_against_its_decade() {
    let service = plain();
    let features = service.get("/v1/features").await.good();
    let greatest =
        |decade: usize| features["features"][11]["decades"][decade]["all"]["quantiles"][20].as_f64().expect("a number");
    // Lengths grow with the number of the row, and so from one decade to the next.
    assert!(greatest(0) < greatest(1));
    let of = |decade: Value| track_with(json!({ "duration_ms": greatest(1), "decade": decade }));
    let sixties = service.post_json("/v1/predict", &of(json!("60s"))).await.good();
    assert_eq!(sixties["warnings"][0]["field"], "duration_ms");
    let msg = sixties["warnings"][0]["msg"].as_str().expect("words");
    assert!(msg.contains(" ms; of the 1960s in training it was "), "{msg}");
    assert_eq!(service.post_json("/v1/predict", &of(json!(1970))).await.good()["warnings"], json!([]));
    // A decade without tracks is held against all of them, and is itself unusual.
    let nineties = service.post_json("/v1/predict", &of(json!(1990))).await.good();
    assert_eq!(
        nineties["warnings"],
        json!([{
            "type": "decade_not_in_training", "field": "decade",
            "msg": "decade is 1990; the tracks of training are of the 1960s to the 1970s, without it",
        }])
    );
}

#[tokio::test]
async fn faults_past_the_first_are_only_counted() {
    let service = plain();
    let row = json!({ "energy": "a", "tempo": "b", "key": "h" });
    let answer = service.post_json("/v1/predict/batch", &json!(vec![row; 2000])).await.good();
    assert_eq!(answer[0]["detail"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer[1999]["detail"][0]["type"], "too_many_faults");
    assert_eq!(answer[1999]["detail"][0]["loc"], json!(["body", 1999]));
    let message: usize =
        answer.as_array().expect("rows").iter().map(|row| row["detail"].as_array().map_or(0, Vec::len)).sum();
    assert!((5_000..7_000).contains(&message), "{message}");
}

#[tokio::test]
async fn without_a_model_it_lives_but_is_not_ready() {
    let service = Service(State::new(Config { model_name: "hitflop".to_owned(), ..Config::default() }));
    for path in ["/healthz", "/songs", "/v2/health/live", "/metrics", "/openapi.json", "/docs/"] {
        assert_eq!(service.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/readyz", "/v2/health/ready", "/ping", "/v1/model", "/v1/features", "/v2/models/hitflop"] {
        let answer = service.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    }
    for path in ["/songs/predict", "/v1/predict", "/v1/predict/batch", "/v1/neighbours"] {
        let body = if path.ends_with("batch") { json!([track_with(json!({}))]) } else { track_with(json!({})) };
        assert_eq!(service.post_json(path, &body).await.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    let ready = plain();
    assert_eq!(ready.get("/readyz").await.status, StatusCode::OK);
    ready.0.stop();
    assert_eq!(ready.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_required_if_there_is_one() {
    let service = service("boosting", Config { token: Some("secret".to_owned()), ..Config::default() });
    let with = |token: &str| {
        let request = Request::get("/v1/model").header(header::AUTHORIZATION, token);
        request.body(Body::empty()).expect("a request")
    };
    assert_eq!(service.call(with("Bearer secret")).await.status, StatusCode::OK);
    let refused = service.call(with("Bearer other")).await;
    assert_eq!((refused.status, refused.json()), (StatusCode::UNAUTHORIZED, json!({ "detail": "Not authenticated" })));
    assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer");
    for path in ["/v1/model", "/v1/features", "/metrics", "/songs", "/v2", "/version"] {
        assert_eq!(service.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/ping", "/openapi.json", "/docs/"] {
        assert_eq!(service.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(service.get("/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_origins_ask_only_if_they_may() {
    let ask = |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/v1/predict");
        let request = request.header(header::ORIGIN, origin).header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        request.body(Body::empty()).expect("a request")
    };
    let closed = plain().call(ask("https://example.org")).await;
    assert!(!closed.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let allow_origins = vec!["https://example.org".parse().expect("a header")];
    let open = service("boosting", Config { allow_origins, ..Config::default() });
    let allowed = open.call(ask("https://example.org")).await;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(allowed.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://example.org");
    let other = open.call(ask("https://example.com")).await;
    assert!(!other.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn requests_are_counted_and_have_ids() {
    let service = plain();
    let request =
        Request::post("/songs/predict").header("x-request-id", "mine").body(Body::from("{")).expect("a request");
    assert_eq!(service.call(request).await.headers["x-request-id"], "mine");
    let label = service.post_json("/songs/predict", &track_with(json!({}))).await.text;
    service.post_json("/v1/predict/batch", &json!([track_with(json!({})), null, {}])).await;
    let nowhere = service.get("/nowhere/at/all").await;
    assert!(nowhere.headers.contains_key("x-request-id"));
    let figures = service.get("/metrics").await.text;
    let label = if label == "1" { "hit" } else { "flop" };
    for line in [
        "hitflop_requests_total{route=\"/songs/predict\",method=\"POST\",status=\"422\"} 1",
        "hitflop_requests_total{route=\"/songs/predict\",method=\"POST\",status=\"200\"} 1",
        "hitflop_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1",
        "hitflop_requests_in_flight 1",
        &format!("hitflop_predictions_total{{label=\"{label}\"}} 2"),
    ] {
        assert!(figures.lines().any(|found| found == line), "no {line} in\n{figures}");
    }
    assert!(!figures.contains("nowhere"));
}

#[tokio::test]
async fn the_documentation_comes_from_the_program() {
    let service = plain();
    let page = service.get("/docs/").await;
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let asset = service.get(&format!("/docs/{asset}")).await;
        assert_eq!(asset.status, StatusCode::OK);
    }
    assert!(service.get("/docs/swagger-initializer.js").await.text.contains("/openapi.json"));
    let document = service.get("/openapi.json").await.good();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    for (path, verb) in [
        ("/songs", "get"),
        ("/songs/predict", "post"),
        ("/v1/predict", "post"),
        ("/v1/predict/batch", "post"),
        ("/v1/neighbours", "post"),
        ("/v1/model", "get"),
        ("/v1/features", "get"),
        ("/v2", "get"),
        ("/v2/health/live", "get"),
        ("/v2/health/ready", "get"),
        ("/v2/models/{model}", "get"),
        ("/v2/models/{model}/ready", "get"),
        ("/v2/models/{model}/infer", "post"),
        ("/ping", "get"),
        ("/invocations", "post"),
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/metrics", "get"),
    ] {
        assert!(document["paths"][path][verb].is_object(), "{verb} {path}");
    }
}

/// Tables as spreadsheets of other countries and other programs write them.
#[tokio::test]
async fn a_table_is_read_in_its_own_dialect_and_encoding() {
    let service = plain();
    let names: Vec<String> = track(0).keys().cloned().collect();
    let table = |separator: &str, decimal: &str| {
        let row = |number: usize| {
            let fields = names.iter().map(|name| track(number)[name].to_string().replace('.', decimal));
            format!("Café {number}{separator}{}\n", fields.collect::<Vec<_>>().join(separator))
        };
        format!("title{separator}{}\n{}", names.join(separator), (0..4).map(row).collect::<String>())
    };
    let expected: Vec<Value> = {
        let tracks: Vec<_> = (0..4).map(track).collect();
        service.post_json("/v1/predict/batch", &json!(tracks)).await.good().as_array().expect("a list").clone()
    };
    let utf_16: Vec<u8> = format!("\u{feff}{}", table("\t", ".")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let western: Vec<u8> = table(";", ",").chars().map(|letter| letter as u8).collect();
    let bodies = [
        (b',', '.', table(",", ".").into_bytes()),
        (b';', ',', table(";", ",").into_bytes()),
        (b';', '.', table(";", ".").into_bytes()),
        (b';', ',', format!("sep=;\r\n{}", table(";", ",")).into_bytes()),
        (b'\t', '.', table("\t", ".").into_bytes()),
        (b'\t', ',', table("\t", ",").into_bytes()),
        (b'|', '.', table("|", ".").into_bytes()),
        (b'\t', '.', utf_16),
        (b';', ',', western),
    ];
    for (separator, decimal, body) in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = service.post("/v1/predict/batch", "text/csv", body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(answer.text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a record")).collect();
        for (number, (record, single)) in records.iter().zip(&expected).enumerate() {
            assert_eq!(record[0], format!("Café {number}"), "{shown}");
            let probability = record[record.len() - 3].replace(decimal, ".").parse::<f64>().ok();
            assert_eq!(probability, single["probability"].as_f64(), "{shown}");
        }
        assert_eq!(records.len(), 4);
        let labels: Vec<u8> = expected.iter().map(|single| u8::from(single["label"] == "hit")).collect();
        let invoked = service.post("/invocations", "text/csv", body).await.good();
        assert_eq!(invoked["predictions"], json!(labels), "{shown}");
    }
}

#[tokio::test]
async fn columns_far_from_training_are_named_in_a_header() {
    let service = plain();
    let usual: Vec<Value> = (0..2 * ROWS).map(|number| Value::Object(track(number))).collect();
    let answer = service.post_json("/v1/predict/batch", &json!(usual)).await;
    assert_eq!((answer.status, answer.headers.get("hitflop-drift")), (StatusCode::OK, None));
    let other: Vec<Value> = (0..60)
        .map(|number| {
            let mut track = track(number * 13);
            let percent = track["energy"].as_f64().map(|energy| 1.0 + (energy * 99.0).round());
            track.extend([("energy".to_owned(), json!(percent)), ("loudness".to_owned(), json!(-5.0))]);
            Value::Object(track)
        })
        .collect();
    let lines: String = other.iter().map(|track| format!("{track}\n")).collect();
    let names: Vec<String> = track(0).keys().cloned().collect();
    let row = |track: &Value| names.iter().map(|name| track[name].to_string()).collect::<Vec<_>>().join(",");
    let table = format!("{}\n{}\n", names.join(","), other.iter().map(row).collect::<Vec<_>>().join("\n"));
    let answers = [
        service.post_json("/v1/predict/batch", &json!(other)).await,
        service.post_json("/v1/predict", &json!({ "content": other })).await,
        service.post("/v1/predict/batch", "application/x-ndjson", lines).await,
        service.post("/v1/predict/batch", "text/csv", table).await,
    ];
    for answer in answers {
        let header = answer.headers["hitflop-drift"].to_str().expect("text");
        let changed: Vec<Value> = serde_json::from_str(header).expect("JSON");
        let of = |feature: &str| changed.iter().find(|one| one["feature"] == feature).expect("changed");
        assert_eq!((&of("energy")["cause"], &of("energy")["level"]), (&json!("percent"), &json!("major")), "{header}");
        assert_eq!((&of("loudness")["cause"], &of("loudness")["median"]), (&json!("constant"), &json!(-5.0)));
        assert!(of("energy")["psi"].as_f64() > Some(0.25) && of("energy")["ks"].as_f64() > Some(0.2), "{header}");
        assert!(changed.iter().all(|one| one["feature"] != "tempo"), "{header}");
    }
    // Fewer rows say nothing of a distribution.
    let few = service.post_json("/v1/predict/batch", &json!(other[..49])).await;
    assert_eq!(few.headers.get("hitflop-drift"), None);
}

#[tokio::test]
async fn tracks_without_a_decade_get_that_of_the_query() {
    let service = plain();
    let of = |decade: Value| track_with(json!({ "decade": decade }));
    let expected = service.post_json("/v1/predict", &of(json!(1970))).await.good();
    let own = service.post_json("/v1/predict", &of(json!(1960))).await.good();
    let tracks = [of(json!(1960)), of(Value::Null), of(json!(1950))];
    let answer = service.post_json("/v1/predict/batch?decade=1970", &json!(tracks)).await.good();
    assert_eq!((&answer[0], &answer[1]), (&own, &expected));
    assert_eq!(answer[2]["probability"], expected["probability"]);
    let warning = &answer[2]["warnings"][0];
    assert_eq!(warning["type"], "replaced_decade");
    assert_eq!(warning["msg"], "no training track is of the 1950s; the 1970s are used instead");
    let lines: String = tracks.iter().map(|track| format!("{track}\n")).collect();
    let by_line = service.post("/v1/predict/batch?decade=70s", "application/x-ndjson", lines).await;
    let by_line: Vec<Value> = by_line.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(json!(by_line), answer);
    let plain = service.post_json("/v1/predict/batch", &json!(tracks)).await.good();
    assert_ne!(plain[1], expected);
    let faults = service.post_json("/v1/predict/batch?decade=x", &json!(tracks)).await.faults();
    assert_eq!(faults, [("enum".to_owned(), json!(["query", "decade"]))]);
}

/// A model that learned from tracks without decades is given none, and none is called unknown to it.
#[tokio::test]
async fn a_decade_of_the_query_is_not_for_a_model_without_decades() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let row = |number: usize| format!("{:.2},{}\n", (number % 50) as f64 / 50.0, (number * 7) % 100);
    let table: String = ["energy,popularity\n".to_owned()].into_iter().chain((0..200).map(row)).collect();
    std::fs::write(place.path().join("own.csv"), table).expect("written");
    let arguments = ["train", "--data", "own.csv", "--label", "popularity>=50", "--output", "own.model", "--quiet"];
    let mut program = assert_cmd::Command::cargo_bin("hitflop").expect("the program is built");
    program.current_dir(place.path()).args(arguments).assert().success();
    let state = State::new(Config::default());
    let files = ServedFiles::beside(&place.path().join("own.model"));
    state.serve_model(ServedModel::read(&files).expect("a model"));
    let service = Service(state);
    let tracks = json!([{ "energy": 0.5, "decade": 1970 }, { "energy": 0.5 }]);
    let without = service.post_json("/v1/predict/batch", &tracks).await.good();
    let with = service.post_json("/v1/predict/batch?decade=1990", &tracks).await.good();
    assert_eq!(with, without);
    assert_eq!(with[0]["warnings"], json!([]), "{with}");
    let document = service.get("/openapi.json").await.good();
    let description = document["info"]["description"].as_str().expect("a text");
    assert!(!description.contains("Hot 100") && !description.contains("Spotify"), "{description}");
}

/// The page puts what is read into its controls, and the answer is that of what was sent.
#[tokio::test]
async fn what_is_read_is_what_is_scored() {
    let service = plain();
    let table = "Track Name;Artist;Year;Energy_%;Key;Length;BPM\nÉtude;Ana;1968;50;C♯;3:25;99,5\nOne;;;;;;fast\n";
    let read = service.post("/v1/read", "text/plain", table).await.good();
    assert_eq!(read["format"], "csv");
    let first = &read["tracks"][0];
    assert_eq!((&first["title"], &first["artist"], &first["uri"]), (&json!("Étude"), &json!("Ana"), &Value::Null));
    assert_eq!(first["decade"], 1960);
    let features = &first["audio_features"];
    for (feature, value) in [("energy", 0.5), ("key", 1.0), ("duration_ms", 205_000.0), ("tempo", 99.5)] {
        assert_eq!(features[feature].as_f64(), Some(value), "{feature}");
    }
    assert_eq!(features["valence"], Value::Null);
    let renamed = first["warnings"].as_array().expect("a list").iter().filter(|one| one["type"] == "renamed_field");
    assert_eq!(renamed.count(), 5);
    assert_eq!(read["tracks"][1]["detail"][0]["loc"], json!(["body", 1, "BPM"]));
    let scored = service.post("/v1/predict/batch", "text/csv", table).await;
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(scored.text.as_bytes());
    let record = reader.records().next().expect("a row").expect("a record");
    let mut sent = features.as_object().expect("an object").clone();
    sent.insert("decade".to_owned(), first["decade"].clone());
    let answer = service.post_json("/v1/predict", &Value::Object(sent)).await.good();
    assert_eq!(record[8].replace(',', ".").parse::<f64>().ok(), answer["probability"].as_f64());

    let named = track_with(json!({ "name": "Seven", "artist": "Bo", "uri": "spotify:track:1234567890123456789012" }));
    let bodies = [
        ("json", named.to_string()),
        ("json", json!([named]).to_string()),
        ("json", json!({ "audio_features": [named] }).to_string()),
        ("ndjson", format!("{named}\n{named}\n")),
    ];
    for (format, body) in bodies {
        let read = service.post("/v1/read", "application/octet-stream", body).await.good();
        assert_eq!(read["format"], format);
        let first = &read["tracks"][0];
        assert_eq!((&first["title"], &first["artist"]), (&json!("Seven"), &json!("Bo")));
        assert_eq!(first["uri"], "spotify:track:1234567890123456789012");
        assert_eq!(first["audio_features"]["danceability"], track(7)["danceability"]);
    }
    for (body, kind) in [("\0PNG", "string_type"), ("{\"energy\": ", "json_invalid"), ("hello", "missing")] {
        assert_eq!(service.post("/v1/read", "text/plain", body).await.faults()[0].0, kind);
    }
    let refused = service.post("/v1/read", "image/png", "x").await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn an_accuracy_says_on_which_tracks_it_was_measured() {
    let service = service("boosting", Config::default());
    for (missing, measured_on) in
        [(vec!["energy"], "same_missing"), (vec!["energy", "valence", "tempo"], "as_many_missing")]
    {
        let changes: Map<String, Value> = missing.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let answer = service.post_json("/v1/predict", &track_with(Value::Object(changes))).await.good();
        let found = &answer["missing_features"];
        assert_eq!(found["missing"].as_array().map(Vec::len), Some(missing.len()), "{found}");
        assert!(found["accuracy"].is_number() && found["measured_on"] == measured_on, "{found}");
    }
    let complete = service.post_json("/v1/predict", &track_with(json!({}))).await.good();
    assert!(complete.get("missing_features").is_none());
}
