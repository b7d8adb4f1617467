//! Links between operations: what of an answer another request takes.

use serde_json::{json, Value};

/// An operation whose answer has something for others.
struct Source {
    path: &'static str,
    verb: &'static str,
    links: &'static [Link],
}

/// A request that can follow.
struct Link {
    name: &'static str,
    operation: &'static str,
    what: &'static str,
    /// Names of parameters and the expressions of their values.
    parameters: &'static [(&'static str, &'static str)],
    /// Expression of the body.
    body: Option<&'static str>,
}

const OF_VERSION: &[(&str, &str)] = &[("model", "$request.path.model"), ("version", "$response.body#/versions/0")];
const OF_ENTRY: &[(&str, &str)] = &[("model", "$response.body#/0/name"), ("version", "$response.body#/0/version")];
const OF_FIRST: &[(&str, &str)] = &[("model", "$response.body#/0/name")];

const fn of_version(name: &'static str, operation: &'static str) -> Link {
    Link { name, operation, what: "The version that is served", parameters: OF_VERSION, body: None }
}

const SOURCES: [Source; 3] = [
    Source {
        path: "/v2/models/{model}",
        verb: "get",
        links: &[
            of_version("version", "get_v2_models_model_versions_version"),
            of_version("version_ready", "get_v2_models_model_versions_version_ready"),
            of_version("version_config", "get_v2_models_model_versions_version_config"),
            of_version("version_stats", "get_v2_models_model_versions_version_stats"),
            of_version("version_infer", "post_v2_models_model_versions_version_infer"),
        ],
    },
    Source {
        path: "/v2/repository/index",
        verb: "post",
        links: &[
            Link {
                name: "model",
                operation: "get_v2_models_model",
                what: "A model of the index",
                parameters: OF_FIRST,
                body: None,
            },
            Link {
                name: "version",
                operation: "get_v2_models_model_versions_version",
                what: "Its version",
                parameters: OF_ENTRY,
                body: None,
            },
        ],
    },
    Source {
        path: "/v1/neighbours",
        verb: "post",
        links: &[Link {
            name: "predict",
            operation: "post_v1_predict",
            what: "The nearest track is a track",
            parameters: &[],
            body: Some("$response.body#/neighbours/0/audio_features"),
        }],
    },
];

/// Adds the links to a document whose operations have their names.
pub(crate) fn add(document: &mut Value) {
    for Source { path, verb, links } in SOURCES {
        let answer = &mut document["paths"][path][verb]["responses"]["200"];
        for link in links {
            answer["links"][link.name] = shown(link);
        }
    }
}

fn shown(link: &Link) -> Value {
    let mut shown = json!({ "operationId": link.operation, "description": link.what });
    for (name, value) in link.parameters {
        shown["parameters"][name] = json!(value);
    }
    if let Some(body) = link.body {
        shown["requestBody"] = json!(body);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::document;
    use crate::served::state::Config;

    #[test]
    fn links_lead_to_operations() {
        let document = document(&Config::default());
        let names: Vec<&Value> = document["paths"]
            .as_object()
            .expect("paths")
            .values()
            .flat_map(|path| path.as_object().expect("operations").values())
            .map(|operation| &operation["operationId"])
            .collect();
        let mut count = 0;
        for Source { path, verb, links } in SOURCES {
            let answer = &document["paths"][path][verb]["responses"]["200"];
            assert!(answer["description"].is_string(), "{path} is no operation");
            for link in links {
                assert!(names.contains(&&answer["links"][link.name]["operationId"]), "{}", link.operation);
                count += 1;
            }
        }
        assert_eq!(count, 8);
    }
}
