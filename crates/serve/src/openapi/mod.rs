//! The OpenAPI document. utoipa collects the operations and the schemas of answers from the handlers; the schemas of requests are
//! in [`inputs`], those of answers without a type of this crate in [`answers`]; and the server's settings are filled in.

mod answers;
mod descriptions;
mod inputs;
mod inputs_of_protocols;
mod links;
mod values;
mod versions;

use serde_json::{json, Map, Value};
use utoipa::OpenApi;

use crate::answer::rejection::{FaultsBody, KserveErrorBody, MessageBody};
use crate::served::prediction::TrackOutcome;
use crate::served::read_tracks::ReadOutcome;
use crate::served::state::Config;
use crate::{kserve, mlflow, routes, VERSION};

#[derive(OpenApi)]
#[openapi(
    info(title = "hitflop"),
    paths(
        routes::songs::connected,
        routes::songs::predict,
        routes::predict::predict,
        routes::batch::predict,
        routes::read::read,
        routes::neighbours::neighbours,
        routes::tracks::find,
        routes::tracks::examples,
        routes::model::model,
        routes::features::features,
        kserve::server,
        kserve::live,
        kserve::ready,
        kserve::model,
        kserve::model_ready,
        kserve::infer,
        kserve::repository::index,
        kserve::repository::config,
        kserve::statistics::of_all,
        kserve::statistics::of_model,
        mlflow::ping,
        mlflow::health,
        mlflow::version,
        mlflow::invocations,
        routes::health::live,
        routes::health::ready,
        routes::health::metrics,
    ),
    tags(
        (name = "prediction", description = "Predictions for tracks"),
        (name = "model", description = "The model and its features"),
        (name = "original service", description = "The routes that the notebook's client calls"),
        (name = "KServe", description = "The Open Inference Protocol, version 2"),
        (name = "MLflow", description = "The routes of MLflow's scoring server"),
        (name = "operation", description = "Health and metrics"),
    ),
    components(schemas(FaultsBody, MessageBody, KserveErrorBody, TrackOutcome<'static>, ReadOutcome))
)]
struct OpenApiBase;

/// Paths that need no token: probes, and documents that a browser loads before a user can enter one.
const OPEN: [&str; 7] =
    ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/ping", "/health", "/openapi.json"];

/// Reasons to reject any request, by status.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "The body ended early"),
    ("408", "The body did not arrive in time"),
    ("413", "Too many bytes or rows, or an answer that is too large"),
    ("415", "An unsupported content type, or a compressed body"),
    ("422", "All faults of the request"),
    ("503", "No model is loaded, or there are too many requests; try again after `Retry-After` seconds"),
];

/// The document of a server.
pub(crate) fn document(config: &Config) -> Value {
    // A document of utoipa's is what serde writes.
    let mut document = serde_json::to_value(OpenApiBase::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "hitflop",
        "version": VERSION,
        "description": DESCRIPTION,
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    versions::add(&mut document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(inputs::all(config.limits.rows));
        schemas.extend(answers::all());
    }
    if config.token.is_some() {
        document["components"]["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, operations) in paths {
            for (verb, operation) in operations.as_object_mut().into_iter().flatten() {
                complete(config, path, verb, operation);
            }
        }
    }
    descriptions::describe_answer(&mut document);
    links::add(&mut document);
    document
}

const DESCRIPTION: &str =
    "Predicts from the audio features of a track whether it is a hit or a flop. `/v1/model` has the data and the \
                           label that the served model learned from. Values are raw, in the units of the features.";

/// Adds the common parts of every operation: rejections, the token, the model's name.
fn complete(config: &Config, path: &str, verb: &str, operation: &mut Value) {
    let needs_token = config.token.is_some() && !OPEN.contains(&path);
    let refused = |words: &str, schema: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        json!({ "description": words, "content": { "application/json": { "schema": schema } } })
    };
    operation["operationId"] = json!(name(path, verb));
    descriptions::describe_parameters(operation);
    if operation.get("requestBody").is_some() {
        operation["requestBody"]["required"] = json!(true);
    }
    let of_kserve = path.starts_with("/v2");
    let reads_body = operation.get("requestBody").is_some();
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let unready = ["/healthz", "/metrics", "/songs", "/v2", "/v2/health/live", "/v2/repository/index", "/version"]
        .contains(&path);
    for (status, words) in REFUSALS {
        let applies = if reads_body { true } else { status == "503" && !unready };
        if applies {
            let schema = match (of_kserve, status) {
                (true, _) => "KserveError",
                (false, "422") => "HTTPValidationError",
                (false, _) => "ErrorMessage",
            };
            responses.insert(status.to_owned(), refused(words, schema));
        }
    }
    if !config.allow_hosts.is_empty() {
        let schema = if of_kserve { "KserveError" } else { "ErrorMessage" };
        responses.insert("421".to_owned(), refused("The request names a host that is not allowed, or none", schema));
    }
    if needs_token {
        responses.insert("401".to_owned(), refused("No token, or a wrong one", "ErrorMessage"));
        operation["security"] = json!([{ "token": [] }]);
    }
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["name"] == "model" {
            parameter["schema"] = json!({ "type": "string", "enum": [config.model_name] });
        }
        // utoipa takes every parameter with a schema of its own for optional.
        if path == "/v1/tracks" && parameter["name"] == "q" {
            parameter["required"] = json!(true);
        }
    }
}

/// A unique name, unlike the names of handlers: `post_v1_predict_batch`.
fn name(path: &str, verb: &str) -> String {
    let words = path.split(['/', '.', '{', '}']).filter(|word| !word.is_empty());
    std::iter::once(verb).chain(words).collect::<Vec<&str>>().join("_")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// An object of just these members.
fn closed(members: Map<String, Value>) -> Value {
    let required: Vec<&String> = members.keys().collect();
    json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false })
}

/// An object of JSON.
fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(target) if name == "$ref" => {
                            found.insert(target.trim_start_matches("#/components/schemas/").to_owned());
                        }
                        _ => references(member, found),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
            _ => {}
        }
    }

    #[test]
    fn every_schema_that_is_named_is_there_and_used() {
        let document = document(&Config::default());
        let mut named = BTreeSet::new();
        references(&document, &mut named);
        let there: BTreeSet<String> =
            document["components"]["schemas"].as_object().expect("schemas").keys().cloned().collect();
        assert_eq!(named, there);
    }

    #[test]
    fn no_operation_has_the_name_of_another() {
        let document = document(&Config::default());
        let operations = document["paths"].as_object().expect("paths").values();
        let names: Vec<&str> = operations
            .flat_map(|path| path.as_object().expect("operations").values())
            .map(|operation| operation["operationId"].as_str().expect("a name"))
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn parameters_and_members_of_the_answer_are_described() {
        let document = document(&Config::default());
        let operations = document["paths"].as_object().expect("paths").values();
        let operations = operations.flat_map(|path| path.as_object().expect("operations").values());
        let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
        let members = document["components"]["schemas"]["Answer"]["properties"].as_object().expect("members");
        let described: Vec<&Value> = parameters.chain(members.values()).collect();
        assert!(described.len() > 20);
        for one in described {
            assert!(
                one["description"].is_string() && one.as_object().is_some_and(|members| members.len() > 1),
                "{one}"
            );
        }
    }

    #[test]
    fn a_search_requires_what_is_searched_for() {
        let document = document(&Config::default());
        let parameters = document["paths"]["/v1/tracks"]["get"]["parameters"].as_array().expect("parameters");
        let required: Vec<(&Value, &Value)> = parameters.iter().map(|one| (&one["name"], &one["required"])).collect();
        assert_eq!(required, [(&json!("q"), &json!(true)), (&json!("limit"), &json!(false))]);
    }

    #[test]
    fn a_token_is_required_where_it_is_needed() {
        let open = document(&Config::default());
        assert!(open["components"].get("securitySchemes").is_none());
        let closed = document(&Config { token: Some("secret".to_owned()), ..Config::default() });
        assert_eq!(closed["paths"]["/v1/predict"]["post"]["security"], json!([{ "token": [] }]));
        assert!(closed["paths"]["/healthz"]["get"].get("security").is_none());
        assert!(!closed.to_string().contains("secret"));
    }
}
