//! KServe's routes of one version of a model: those of the model, with the version in the path. One handler serves both, so one
//! description does.

use serde_json::{json, Value};

/// Beginnings of the routes of a model, and of a version of it.
const OF_MODEL: &str = "/v2/models/{model}";
const OF_VERSION: &str = "/v2/models/{model}/versions/{version}";

/// Adds the routes of a version to a document that has those of the model.
pub(crate) fn add(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    let of_version: Vec<(String, Value)> = paths
        .iter()
        .filter_map(|(path, operations)| {
            Some((format!("{OF_VERSION}{}", path.strip_prefix(OF_MODEL)?), operations.clone()))
        })
        .collect();
    for (path, mut operations) in of_version {
        for operation in operations.as_object_mut().into_iter().flat_map(|operations| operations.values_mut()) {
            name_version(operation);
        }
        paths.insert(path, operations);
    }
}

fn name_version(operation: &mut Value) {
    if let Some(summary) = operation["summary"].as_str() {
        operation["summary"] = json!(format!("{summary}, by version"));
    }
    let version = json!({
        "name": "version",
        "in": "path",
        "required": true,
        "description": "Version that is served: `model_version` of an answer",
        "schema": { "type": "string", "pattern": "^[0-9a-f]{12}$" },
    });
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(version);
    }
}
