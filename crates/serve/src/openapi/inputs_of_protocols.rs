//! The schemas of requests in KServe's protocol and of MLflow's.

use serde_json::{json, Value};

use super::{closed, object, reference};
use crate::kserve::shapes::MAX_TENSORS;
use crate::kserve::tensors::DATATYPES;
use crate::request::field_names::MAX_COLUMNS;

/// A request in KServe's protocol.
pub(crate) fn kserve_request(rows: usize) -> Value {
    let dimension = json!({ "type": "integer", "minimum": 0, "maximum": rows });
    let tensor = json!({
        "type": "object",
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": { "type": "string" },
            "shape": { "type": "array", "minItems": 1, "maxItems": 2, "items": dimension },
            "datatype": { "enum": DATATYPES },
            "data": { "type": "array", "description": "Values in the order of rows, as many as the shape says" },
        },
    });
    json!({
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": { "type": ["string", "null"] },
            "inputs": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_TENSORS,
                "items": tensor,
                "description": "One matrix, rows × features, or one tensor for each feature, by its name",
            },
            "outputs": {
                "type": "array",
                "description": "Outputs to return, each once [default: all]",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": { "name": { "enum": ["predict", "predict_proba"] } },
                },
            },
        },
    })
}

/// A request or an answer of KServe's protocol with binary values.
pub(crate) fn binary_tensors() -> Value {
    json!({
        "type": "string",
        "format": "binary",
        "description": "JSON as in application/json, of the length that the header Inference-Header-Content-Length has, then the \
                        values, little-endian, of the tensors with the parameter binary_data_size in their order",
    })
}

/// A request of MLflow's.
pub(crate) fn invocation(rows: usize) -> Value {
    let records = json!({
        "type": "array",
        "maxItems": rows,
        "items": { "anyOf": [reference("Track"), { "type": "array", "description": "One value for each feature of the model, in its order" }] },
    });
    let split = json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "columns": { "type": "array", "maxItems": MAX_COLUMNS, "items": {} },
            "data": { "type": "array", "maxItems": rows, "items": { "type": "array" } },
        },
    });
    let form = |name: &str, schema: Value| {
        let mut form = closed(object([(name, schema)]));
        form["properties"]["params"] =
            json!({ "description": "Accepted, not used, and reported as such: the model has no parameters" });
        form
    };
    let columns = json!({ "type": "object", "description": "A list of values for each feature" });
    json!({
        "oneOf": [
            form("dataframe_split", split),
            form("dataframe_records", records.clone()),
            form("instances", records.clone()),
            form("inputs", json!({ "anyOf": [records, columns] })),
        ],
    })
}
