//! KServe's protocol and MLflow's, as their clients speak them.

use axum::http::StatusCode;
use hitflop::serve::state::Config;
use serde_json::{json, Value};

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
        (json!({}), "inference_request", json!(["body"])),
        (json!({ "inputs": [] }), "too_short", json!(["body", "inputs"])),
        (tensor("energy", json!([2]), "FP64", json!([0.5])), "shape_mismatch", json!(["body", "inputs", 0, "data"])),
        (tensor("energy", json!([1]), "BYTES", json!(["0.5"])), "enum", json!(["body", "inputs", 0, "datatype"])),
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
        json!({ "inputs": columns, "params": { "threshold": 0.9 } }),
    ] {
        assert_eq!(service.post_json("/invocations", &body).await.good(), expected, "{body}");
    }
    let line = |row: &Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
    let table = format!("{}\n{}\n", names.join(","), rows.iter().map(line).collect::<Vec<_>>().join("\n"));
    assert_eq!(service.post("/invocations", "text/csv", table).await.good(), expected);
    for (body, kind) in [
        (json!([]), "model_attributes_type"),
        (json!({}), "missing"),
        (json!({ "inputs": [], "instances": [] }), "missing"),
        (json!({ "inputs": [], "data": [] }), "extra_forbidden"),
        (json!({ "dataframe_split": [] }), "list_type"),
        (json!({ "dataframe_split": { "columns": ["a"], "data": [[1]] } }), "missing"),
        (json!({ "dataframe_split": { "columns": ["energy"], "data": [[1, 2]] } }), "list_type"),
        (json!({ "dataframe_records": [{ "energy": "x" }] }), "float_parsing"),
        (json!({ "inputs": { "energy": [1], "tempo": [1, 2] } }), "list_type"),
    ] {
        assert_eq!(service.post_json("/invocations", &body).await.faults()[0].0, kind, "{body}");
    }
}
