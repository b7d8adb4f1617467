//! The tensors of an answer: labels and probabilities, or the one of them that a client requests.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::shapes::RequestedOutputs;
use crate::request::document::Document;
use crate::schema;
use hitflop_core::track::Label;
use hitflop_model::scoring::Prediction;

/// Name of the labels.
pub(crate) const LABELS: &str = "predict";
/// Name of the probabilities.
pub(crate) const PROBABILITIES: &str = "predict_proba";

/// Names of the outputs in the order of the model's description.
pub(crate) const ALL: [&str; 2] = [LABELS, PROBABILITIES];

/// An output tensor: `predict` (INT64, a value a row) or `predict_proba` (FP64, the probabilities of flop and hit a row).
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    #[schema(schema_with = schema::output_name)]
    name: &'static str,
    #[schema(schema_with = schema::output_datatype)]
    datatype: &'static str,
    shape: Vec<usize>,
    #[schema(value_type = Vec<f64>)]
    data: OutputData,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutputData {
    Labels(Vec<u8>),
    Probabilities(Vec<f64>),
}

/// The names of the outputs that a request names, each once; by default all.
pub(crate) fn names(sent: Option<Option<RequestedOutputs>>, document: &mut Document) -> Vec<&'static str> {
    let requested = match sent {
        None => return ALL.to_vec(),
        Some(Some(requested)) if requested.count == 0 => return ALL.to_vec(),
        Some(Some(requested)) => requested,
        Some(None) => {
            document.fault(&[json!("outputs")], "list_type", "Input should be a valid list");
            return Vec::new();
        }
    };
    for (index, has_name) in requested.unknown {
        let rule = format!("Output should be {LABELS} or {PROBABILITIES}");
        let place = [json!("outputs"), json!(index), json!("name")];
        let sent = &place[..if has_name { 3 } else { 2 }];
        document.fault_showing(&place, sent, "enum", rule);
    }
    requested.names
}

/// The outputs of these names.
pub(crate) fn of(predictions: &[Prediction], names: &[&'static str]) -> Vec<Output> {
    let rows = predictions.len();
    let labels = || {
        let data = predictions.iter().map(|prediction| u8::from(prediction.label == Label::Hit)).collect();
        Output { name: LABELS, datatype: "INT64", shape: vec![rows], data: OutputData::Labels(data) }
    };
    let probabilities = || {
        let of_row = |prediction: &Prediction| [1.0 - prediction.probability, prediction.probability];
        let data = OutputData::Probabilities(predictions.iter().flat_map(of_row).collect());
        Output { name: PROBABILITIES, datatype: "FP64", shape: vec![rows, 2], data }
    };
    names.iter().map(|name| if *name == LABELS { labels() } else { probabilities() }).collect()
}
