//! The OpenAPI document. utoipa gathers the operations from beside their handlers; the schemas are written out here
//! ([`schemas`]), since they state rules that no Rust type does; and what depends on the server's settings is filled in.

mod parts;
pub mod schemas;
mod versions;

use serde_json::{json, Map, Value};
use utoipa::OpenApi;

use super::served::state::Config;
use super::{kserve, mlflow, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "hitflop"),
    paths(
        routes::songs::connected,
        routes::songs::predict,
        routes::predict::predict,
        routes::batch::predict,
        routes::neighbours::neighbours,
        routes::model::model,
        routes::features::features,
        kserve::server,
        kserve::live,
        kserve::ready,
        kserve::model,
        kserve::model_ready,
        kserve::infer,
        mlflow::ping,
        mlflow::version,
        mlflow::invocations,
        routes::health::live,
        routes::health::ready,
        routes::health::metrics,
    ),
    tags(
        (name = "prediction", description = "Tracks to answers"),
        (name = "model", description = "What answers"),
        (name = "original service", description = "As the notebook's client knows it"),
        (name = "KServe", description = "The Open Inference Protocol, version 2"),
        (name = "MLflow", description = "As its scoring server"),
        (name = "operation", description = "Health and figures"),
    )
)]
struct OpenApiBase;

/// Paths that need no token: probes, and what a browser loads before it can be given one.
pub const OPEN: [&str; 6] = ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/ping", "/openapi.json"];

/// What any request may be told, by status.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "The body broke off"),
    ("408", "The body did not arrive in time"),
    ("413", "Too many bytes or rows"),
    ("415", "A content type that is not read, or a compressed body"),
    ("422", "Faults of the request, all at once"),
    ("503", "No model is loaded, or too much is asked at once; come again after `Retry-After` seconds"),
];

/// The document of a server.
pub fn document(config: &Config) -> Value {
    // A document of utoipa's is what serde writes.
    let mut document = serde_json::to_value(OpenApiBase::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "hitflop",
        "version": env!("CARGO_PKG_VERSION"),
        "description": DESCRIPTION,
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    versions::add(&mut document);
    document["components"]["schemas"] = Value::Object(schemas::all(config));
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
    document
}

const DESCRIPTION: &str = "Tells from a track's audio features whether it resembles the hits or the flops of its decade, by a \
                           model trained on the Spotify Hit Predictor data. A hit was in the weekly Hot 100 at least once in \
                           that decade; a flop is a track of an artist and a genre without any. Values are raw, in the \
                           features' own units.";

/// Adds what every operation has in common: how it may be refused, the token, the model's name.
fn complete(config: &Config, path: &str, verb: &str, operation: &mut Value) {
    let needs_token = config.token.is_some() && !OPEN.contains(&path);
    let refused = |words: &str, schema: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        json!({ "description": words, "content": { "application/json": { "schema": schema } } })
    };
    operation["operationId"] = json!(name(path, verb));
    let of_kserve = path.starts_with("/v2");
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let unready = ["/healthz", "/metrics", "/songs", "/v2", "/v2/health/live", "/version"].contains(&path);
    for (status, words) in REFUSALS {
        let applies = if verb == "post" { true } else { status == "503" && !unready };
        if applies {
            let schema = match (of_kserve, status) {
                (true, _) => "KserveError",
                (false, "422") => "HTTPValidationError",
                (false, _) => "Told",
            };
            responses.insert(status.to_owned(), refused(words, schema));
        }
    }
    if needs_token {
        responses.insert("401".to_owned(), refused("No token, or a wrong one", "Told"));
        operation["security"] = json!([{ "token": [] }]);
    }
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["name"] == "model" {
            parameter["schema"] = json!({ "type": "string", "enum": [config.model_name] });
        }
    }
}

/// A name that no other operation has, which those of their handlers do: `post_v1_predict_batch`.
fn name(path: &str, verb: &str) -> String {
    let words = path.split(['/', '.', '{', '}']).filter(|word| !word.is_empty());
    std::iter::once(verb).chain(words).collect::<Vec<&str>>().join("_")
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
    fn a_token_is_asked_for_where_it_is_needed() {
        let open = document(&Config::default());
        assert!(open["components"].get("securitySchemes").is_none());
        let closed = document(&Config { token: Some("secret".to_owned()), ..Config::default() });
        assert_eq!(closed["paths"]["/v1/predict"]["post"]["security"], json!([{ "token": [] }]));
        assert!(closed["paths"]["/healthz"]["get"].get("security").is_none());
        assert!(!closed.to_string().contains("secret"));
    }
}
