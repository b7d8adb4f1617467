//! KServe's protocol and MLflow's, as their clients speak them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use hitflop_serve::{app, Config};
use http_body_util::BodyExt;
use serde_json::{json, Value};
use tower::ServiceExt;

use crate::fixture::{service, track, Service};

/// Names in the model's order, some rows in it, and what `/v1/predict` says of them.
async fn rows(service: &Service) -> (Vec<String>, Vec<Vec<Value>>, Vec<Value>) {
    let model = service.get("/v2/models/hitflop").await.good();
    let names: Vec<String> = model["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(|input| input["name"].as_str().expect("a name").to_owned())
        .collect();
    let mut rows = Vec::new();
    let mut answers = Vec::new();
    for number in [3, 50, 111, 500] {
        let track = track(number);
        rows.push(names.iter().map(|name| track[name].clone()).collect());
        answers.push(service.post_json("/v1/predict", &Value::Object(track)).await.good());
    }
    (names, rows, answers)
}

#[tokio::test]
async fn kserves_protocol_is_spoken() {
    let service = service("boosting", Config::default());
    assert_eq!(service.get("/v2").await.good()["name"], "hitflop");
    assert_eq!(service.get("/v2/health/live").await.good(), json!({ "live": true }));
    assert_eq!(service.get("/v2/health/ready").await.good(), json!({ "ready": true }));
    assert_eq!(service.get("/v2/models/hitflop/ready").await.good()["ready"], true);
    let other = service.get("/v2/models/other").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    assert!(other.json()["error"].is_string());
    let (names, rows, answers) = rows(&service).await;
    let matrix = json!({
        "id": "42",
        "inputs": [{ "name": "x", "shape": [rows.len(), names.len()], "datatype": "FP64", "data": rows }],
    });
    let answer = service.post_json("/v2/models/hitflop/infer", &matrix).await.good();
    assert_eq!(answer["id"], "42");
    let [labels, probabilities] = [0, 1].map(|index| answer["outputs"][index].clone());
    assert_eq!((&labels["name"], &labels["shape"]), (&json!("predict"), &json!([4])));
    assert_eq!((&probabilities["name"], &probabilities["shape"]), (&json!("predict_proba"), &json!([4, 2])));
    for (index, single) in answers.iter().enumerate() {
        assert_eq!(labels["data"][index], u8::from(single["label"] == "hit"));
        assert_eq!(probabilities["data"][2 * index + 1], single["probability"]);
    }
    // The same, a tensor a feature, and flat.
    let columns: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let data: Vec<&Value> = rows.iter().map(|row| &row[column]).collect();
            json!({ "name": name, "shape": [rows.len(), 1], "datatype": "FP32", "data": data })
        })
        .collect();
    let outputs = json!([{ "name": "predict_proba" }]);
    let of_columns =
        service.post_json("/v2/models/hitflop/infer", &json!({ "inputs": columns, "outputs": outputs })).await.good();
    assert_eq!(of_columns["outputs"], json!([probabilities]));
    let version = answer["model_version"].as_str().expect("a version");
    let path = format!("/v2/models/hitflop/versions/{version}/infer");
    let flat: Vec<&Value> = rows.iter().flatten().collect();
    let flat =
        json!({ "inputs": [{ "name": "x", "shape": [rows.len(), names.len()], "datatype": "FP64", "data": flat }] });
    assert_eq!(service.post_json(&path, &flat).await.good()["outputs"], answer["outputs"]);
}

#[tokio::test]
async fn wrong_tensors_are_refused() {
    let service = service("boosting", Config::default());
    let tensor = |name: &str, shape: Value, datatype: &str, data: Value| json!({ "inputs": [{ "name": name, "shape": shape, "datatype": datatype, "data": data }] });
    for (body, kind, place) in [
        (json!([]), "model_attributes_type", json!(["body"])),
        (json!({}), "missing", json!(["body", "inputs"])),
        (json!({ "inputs": [] }), "too_short", json!(["body", "inputs"])),
        (tensor("energy", json!([2]), "FP64", json!([0.5])), "shape_mismatch", json!(["body", "inputs", 0, "data"])),
        (tensor("energy", json!([1]), "TEXT", json!(["0.5"])), "enum", json!(["body", "inputs", 0, "datatype"])),
        (tensor("mode", json!([1]), "bool", json!([true])), "enum", json!(["body", "inputs", 0, "datatype"])),
        (tensor("enrgy", json!([1]), "FP64", json!([0.5])), "unknown_field", json!(["body", "inputs", 0, "name"])),
        (tensor("decade", json!([1]), "INT64", json!([1980])), "missing", json!(["body", "inputs"])),
        (tensor("x", json!([1, 2]), "FP64", json!([1, 2])), "shape_mismatch", json!(["body", "inputs", 0, "shape"])),
        (
            tensor("energy", json!([2]), "FP64", json!([0.5, "x"])),
            "float_parsing",
            json!(["body", "inputs", 0, "data", 1]),
        ),
    ] {
        let answer = service.post_json("/v2/models/hitflop/infer", &body).await;
        assert_eq!(answer.faults(), [(kind.to_owned(), place)], "{body}");
        assert!(answer.json()["error"].as_str().is_some_and(|words| words.starts_with("body")), "{}", answer.text);
    }
    let many =
        service.post_json("/v2/models/hitflop/infer", &tensor("energy", json!([u64::MAX]), "FP64", json!([]))).await;
    assert_eq!(many.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_request_is_reported_at_once() {
    let service = service("boosting", Config::default());
    let body = json!({
        "id": 7,
        "inputs": [
            { "name": "energy", "shape": [2], "datatype": "TEXT", "data": [0.5, "x"] },
            { "name": "tempo", "shape": [3], "datatype": "FP64", "data": [1] },
            { "name": "dancability", "shape": "wide", "datatype": "FP64", "data": [1, 2] },
        ],
        "outputs": [{ "name": "probability" }],
    });
    let answer = service.post_json("/v2/models/hitflop/infer", &body).await;
    let places: Vec<String> = answer.faults().iter().map(|(kind, place)| format!("{kind} {place}")).collect();
    assert_eq!(
        places,
        [
            r#"string_type ["body","id"]"#,
            r#"enum ["body","outputs",0,"name"]"#,
            r#"enum ["body","inputs",0,"datatype"]"#,
            r#"list_type ["body","inputs",2,"shape"]"#,
            r#"unknown_field ["body","inputs",2,"name"]"#,
            r#"shape_mismatch ["body","inputs",1,"shape"]"#,
            r#"float_parsing ["body","inputs",0,"data",1]"#,
        ]
    );
    assert!(answer.text.contains(r#"did you mean \"danceability\"?"#), "{}", answer.text);
}

#[tokio::test]
async fn a_version_is_served_by_its_name_and_no_other() {
    let service = service("boosting", Config::default());
    let model = service.get("/v2/models/hitflop").await.good();
    let version = model["versions"][0].as_str().expect("a version").to_owned();
    assert_eq!(service.get(&format!("/v2/models/hitflop/versions/{version}")).await.good(), model);
    assert_eq!(service.get(&format!("/v2/models/hitflop/versions/{version}/ready")).await.good()["ready"], true);
    let infer = json!({ "inputs": [{ "name": "energy", "shape": [1], "datatype": "FP64", "data": [0.5] }] });
    for other in ["1", "000000000000", "%FF"] {
        let path = format!("/v2/models/hitflop/versions/{other}");
        for answer in [
            service.get(&path).await,
            service.get(&format!("{path}/ready")).await,
            service.post_json(&format!("{path}/infer"), &infer).await,
        ] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{other}: {}", answer.text);
            assert_eq!(answer.json()["error"], "No model of this name and version is served");
        }
    }
    let document = service.get("/openapi.json").await.good();
    for (path, verb) in [("", "get"), ("/ready", "get"), ("/infer", "post")] {
        let operation = &document["paths"][format!("/v2/models/{{model}}/versions/{{version}}{path}")][verb];
        assert!(operation["responses"]["404"].is_object(), "{path}");
        let names: Vec<&Value> = operation["parameters"]
            .as_array()
            .expect("parameters")
            .iter()
            .map(|parameter| &parameter["name"])
            .collect();
        assert_eq!(names, ["model", "version"]);
    }
}

#[tokio::test]
async fn mlflows_clients_are_answered() {
    let service = service("boosting", Config::default());
    assert_eq!(service.get("/ping").await.text, "\n");
    assert_eq!(service.get("/version").await.text, env!("CARGO_PKG_VERSION"));
    let (names, rows, answers) = rows(&service).await;
    let labels: Vec<u8> = answers.iter().map(|single| u8::from(single["label"] == "hit")).collect();
    let expected = json!({ "predictions": labels });
    let records: Vec<Value> = rows.iter().map(|row| names.iter().cloned().zip(row.iter().cloned()).collect()).collect();
    let columns: Value = names
        .iter()
        .enumerate()
        .map(|(column, name)| (name.clone(), rows.iter().map(|row| row[column].clone()).collect::<Value>()))
        .collect();
    for body in [
        json!({ "dataframe_split": { "columns": names, "index": [0, 1, 2, 3], "data": rows } }),
        json!({ "dataframe_records": records }),
        json!({ "instances": records }),
        json!({ "inputs": rows }),
        json!({ "inputs": columns, "params": {} }),
    ] {
        assert_eq!(service.post_json("/invocations", &body).await.good(), expected, "{body}");
    }
    // The model has no parameters of inference.
    let body = json!({ "inputs": columns, "params": { "threshold": 0.9 } });
    let answer = service.post_json("/invocations", &body).await.good();
    assert_eq!(answer["predictions"], expected["predictions"]);
    assert_eq!(
        (&answer["warnings"][0]["type"], &answer["warnings"][0]["field"]),
        (&json!("unused_parameter"), &json!("threshold"))
    );
    let line = |row: &Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
    let table = format!("{}\n{}\n", names.join(","), rows.iter().map(line).collect::<Vec<_>>().join("\n"));
    assert_eq!(service.post("/invocations", "text/csv", table).await.good(), expected);
    for (body, kind) in [
        (json!([]), "model_attributes_type"),
        (json!({}), "missing"),
        (json!({ "inputs": [], "instances": [] }), "too_many_forms"),
        (json!({ "dataframe_split": { "columns": ["energy", "energy"], "data": [[1, 2]] } }), "duplicate_column"),
        (json!({ "inputs": [], "data": [] }), "extra_forbidden"),
        (json!({ "dataframe_split": [] }), "list_type"),
        (json!({ "dataframe_split": { "columns": ["a"], "data": [[1]] } }), "missing"),
        (json!({ "dataframe_split": { "columns": ["energy"], "data": [[1, 2]] } }), "list_type"),
        (json!({ "dataframe_records": [{ "energy": "x" }] }), "float_parsing"),
        (json!({ "inputs": { "energy": [1], "tempo": [1, 2] } }), "list_type"),
        (json!({ "inputs": { "decade": [1980] } }), "missing"),
        (json!({ "inputs": { "energy": [null], "decade": [1980] } }), "missing"),
        (json!({ "dataframe_split": { "columns": ["decade"], "data": [[1980]] } }), "missing"),
        (json!({ "dataframe_split": { "columns": ["decade", "key"], "data": [[1980, -1]] } }), "missing"),
        (json!({ "dataframe_records": [{ "decade": 1980 }] }), "missing"),
    ] {
        assert_eq!(service.post_json("/invocations", &body).await.faults()[0].0, kind, "{body}");
    }
    let both = json!({ "data": 1, "dataframe_records": [{ "energy": "x" }] });
    let kinds: Vec<String> =
        service.post_json("/invocations", &both).await.faults().into_iter().map(|it| it.0).collect();
    assert_eq!(kinds, ["extra_forbidden", "float_parsing"]);
}

/// MLflow itself passes over columns that a model does not know; its client reads `predictions` and takes other members for
/// metadata.
#[tokio::test]
async fn mlflows_misspelt_columns_are_reported() {
    let service = service("boosting", Config::default());
    let message = |answer: Value| {
        let warnings = answer["warnings"].as_array().expect("warnings").clone();
        assert_eq!(answer["predictions"].as_array().map(Vec::len), Some(2));
        warnings.iter().map(|warning| warning["field"].as_str().expect("a field").to_owned()).collect::<Vec<_>>()
    };
    for body in [
        json!({ "dataframe_split": { "columns": ["energy", "dancability", "title"], "data": [[0.5, 1, "x"], [0.5, 1, "y"]] } }),
        json!({ "dataframe_records": [{ "energy": 0.5, "dancability": 1 }, { "energy": 0.5, "dancability": 1, "x": 0 }] }),
        json!({ "inputs": { "energy": [0.5, 0.5], "dancability": [1, 1], "title": ["x", "y"] } }),
    ] {
        assert_eq!(message(service.post_json("/invocations", &body).await.good()), ["dancability"], "{body}");
    }
    let table = "energy,dancability,title\n0.5,1,x\n0.5,1,y\n";
    assert_eq!(message(service.post("/invocations", "text/csv", table).await.good()), ["dancability"]);
    for body in [
        json!({ "dataframe_split": { "columns": ["dancability"], "data": [[1]] } }),
        json!({ "dataframe_records": [{ "dancability": 1 }] }),
        json!({ "inputs": { "dancability": [1] } }),
    ] {
        let kinds: Vec<String> =
            service.post_json("/invocations", &body).await.faults().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["missing", "unknown_field"], "{body}");
    }
    let semicolons = service.post("/invocations", "text/csv", "Energy;tempo\n0,5;100\n").await.good();
    let commas = service.post("/invocations", "text/csv", "energy,tempo\n0.5,100\n").await.good();
    assert_eq!(semicolons["predictions"], commas["predictions"]);
}

/// Status, JSON, and the bytes after it, of an inference.
async fn infer_binary(
    service: &Service,
    head: &Value,
    values: &[u8],
    length: Option<usize>,
) -> (StatusCode, Value, Vec<u8>) {
    let json = head.to_string();
    let mut request = Request::post("/v2/models/hitflop/infer").header("content-type", "application/octet-stream");
    request = request.header("inference-header-content-length", length.unwrap_or(json.len()));
    let body = Body::from([json.as_bytes(), values].concat());
    let response =
        app(Arc::clone(&service.0)).oneshot(request.body(body).expect("a request")).await.expect("an answer");
    let length = response.headers().get("inference-header-content-length").cloned();
    let status = response.status();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    let length = length.map_or(bytes.len(), |length| length.to_str().expect("text").parse().expect("a number"));
    (status, serde_json::from_slice(&bytes[..length]).expect("JSON"), bytes[length..].to_vec())
}

#[tokio::test]
async fn tensors_may_be_binary() {
    let service = service("boosting", Config::default());
    let (names, rows, answers) = rows(&service).await;
    let values: Vec<u8> =
        rows.iter().flatten().flat_map(|value| value.as_f64().expect("a number").to_le_bytes()).collect();
    let matrix = |size: usize| json!({ "name": "x", "shape": [rows.len(), names.len()], "datatype": "FP64", "parameters": { "binary_data_size": size } });
    let head = json!({ "inputs": [matrix(values.len())], "parameters": { "binary_data_output": true } });
    let (status, answer, binary) = infer_binary(&service, &head, &values, None).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let sizes = [0, 1].map(|output| answer["outputs"][output]["parameters"]["binary_data_size"].as_u64());
    assert_eq!(sizes, [Some(32), Some(64)]);
    assert!(answer["outputs"][0].get("data").is_none());
    for (index, single) in answers.iter().enumerate() {
        let number = |at: usize| <[u8; 8]>::try_from(&binary[at..at + 8]).expect("eight bytes");
        assert_eq!(i64::from_le_bytes(number(8 * index)), i64::from(single["label"] == "hit"));
        assert_eq!(f64::from_le_bytes(number(32 + 16 * index + 8)), single["probability"].as_f64().expect("a number"));
    }
    // NaN is a missing value, and a column may be a tensor of another type.
    let missing = json!({ "inputs": [
        { "name": "energy", "shape": [2], "datatype": "FP32", "parameters": { "binary_data_size": 8 } },
        { "name": "key", "shape": [2], "datatype": "INT8", "parameters": { "binary_data_size": 2 } },
        { "name": "mode", "shape": [2], "datatype": "UINT8", "data": [1, 0] },
    ] });
    let bytes = [&f32::NAN.to_le_bytes()[..], &0.5_f32.to_le_bytes(), &[5, 0xff]].concat();
    let (status, answer, binary) = infer_binary(&service, &missing, &bytes, None).await;
    assert_eq!((status, binary.len()), (StatusCode::OK, 0), "{answer}");
    let expected = service
        .post_json("/v1/predict/batch", &json!([{ "key": 5, "mode": 1 }, { "energy": 0.5, "mode": 0 }]))
        .await
        .good();
    assert_eq!(answer["outputs"][1]["data"][1], expected[0]["probability"]);
    assert_eq!(answer["outputs"][1]["data"][3], expected[1]["probability"]);
    for (sizes, bytes, kind, place) in [
        (
            vec![values.len() + 8],
            &values[..],
            "less_than_equal",
            json!(["body", "inputs", 0, "parameters", "binary_data_size"]),
        ),
        (
            vec![values.len() - 3],
            &values[..],
            "multiple_of",
            json!(["body", "inputs", 0, "parameters", "binary_data_size"]),
        ),
        (vec![values.len()], &[&values[..], b"xy"].concat(), "too_long", json!(["body", "inputs"])),
        (vec![values.len() - 8], &values[8..], "shape_mismatch", json!(["body", "inputs", 0, "data"])),
    ] {
        let head = json!({ "inputs": sizes.into_iter().map(matrix).collect::<Vec<_>>() });
        let (status, answer, _) = infer_binary(&service, &head, bytes, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert_eq!((&answer["detail"][0]["type"], &answer["detail"][0]["loc"]), (&json!(kind), &place), "{answer}");
        assert_eq!(answer["detail"].as_array().map(Vec::len), Some(1), "{answer}");
    }
    let (status, answer, _) = infer_binary(&service, &head, &values, Some(1 << 30)).await;
    assert_eq!(
        (status, &answer["detail"][0]["loc"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(["header", "inference-header-content-length"]))
    );
    let infinite = [&values[..8], &f64::INFINITY.to_le_bytes(), &values[16..]].concat();
    let (status, answer, _) = infer_binary(&service, &head, &infinite, None).await;
    assert_eq!(
        (status, &answer["detail"][0]["loc"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(["body", "inputs", 0, "data", 1]))
    );
    let without = service.post("/v2/models/hitflop/infer", "application/octet-stream", "{}").await;
    assert_eq!(without.faults(), [("missing".to_owned(), json!(["header", "inference-header-content-length"]))]);
}

#[tokio::test]
async fn models_are_listed_configured_and_counted() {
    let service = service("boosting", Config::default());
    let model = service.get("/v2/models/hitflop").await.good();
    let index = service.post("/v2/repository/index", "application/json", "{\"ready\": true}").await.good();
    let version = &model["versions"][0];
    assert_eq!(index, json!([{ "name": "hitflop", "version": version, "state": "READY", "reason": "" }]));
    let config = service.get("/v2/models/hitflop/config").await.good();
    let names = |list: &Value| list.as_array().expect("a list").iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&config["input"]), names(&model["inputs"]));
    let infer = json!({ "inputs": [{ "name": "energy", "shape": [3], "datatype": "FP64", "data": [0.5, 0.1, 0.9] }] });
    service.post_json("/v2/models/hitflop/infer", &infer).await.good();
    service.post_json("/v2/models/hitflop/infer", &json!({})).await;
    let path = format!("/v2/models/hitflop/versions/{}/stats", version.as_str().expect("a version"));
    let stats = service.get(&path).await.good();
    assert_eq!(service.get("/v2/models/stats").await.good(), stats);
    let of_model = &stats["model_stats"][0];
    assert_eq!((&of_model["inference_count"], &of_model["execution_count"]), (&json!(3), &json!(1)));
    let count = |step: &str| of_model["inference_stats"][step]["count"].as_u64();
    let steps = ["success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit"];
    assert_eq!(steps.map(count), [1, 1, 1, 1, 1, 1, 0].map(Some));
    assert!(of_model["inference_stats"]["compute_infer"]["ns"].as_u64() > Some(0));
    assert_eq!(service.get("/v2/models/other/stats").await.status, StatusCode::NOT_FOUND);
}

/// As MLflow's client writes missing values.
#[tokio::test]
async fn nan_in_an_invocation_is_a_missing_value() {
    let service = service("boosting", Config::default());
    let with = |value: &str| {
        format!("{{\"dataframe_split\":{{\"columns\":[\"energy\",\"key\"],\"data\":[[0.5,{value}],[0.25,3]]}}}}")
    };
    let nan = service.post("/invocations", "application/json", with("NaN")).await.good();
    assert_eq!(nan, service.post("/invocations", "application/json", with("null")).await.good());
    let text = service.post("/invocations", "application/json", with("Infinity")).await;
    assert_eq!(text.faults()[0].0, "json_invalid");
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
}
