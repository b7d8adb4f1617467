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

/// An output tensor: `predict` (INT64, a value a row) or `predict_proba` (FP64, the probabilities of flop and hit a row). Its values
/// are in `data`, or after the JSON if they are requested as binary data.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    #[schema(schema_with = schema::output_name)]
    name: &'static str,
    #[schema(schema_with = schema::output_datatype)]
    datatype: &'static str,
    shape: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<f64>, required = false)]
    data: Option<OutputData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    parameters: Option<BinaryParameters>,
}

/// Length of the values after the JSON.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BinaryParameters {
    binary_data_size: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutputData {
    Labels(Vec<u8>),
    Probabilities(Vec<f64>),
}

/// An output that is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutputRequest {
    name: &'static str,
    /// Whether its values are after the JSON.
    pub is_binary: bool,
}

/// The outputs that a request names, each once; by default all. `is_binary` is of those that do not say it.
pub(super) fn requested(
    sent: Option<Option<RequestedOutputs>>,
    is_binary: bool,
    document: &mut Document,
) -> Vec<OutputRequest> {
    let all = || ALL.map(|name| OutputRequest { name, is_binary }).to_vec();
    let requested = match sent {
        None => return all(),
        Some(Some(requested)) if requested.count == 0 => return all(),
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
    let output = |(name, own): (_, Option<bool>)| OutputRequest { name, is_binary: own.unwrap_or(is_binary) };
    requested.names.into_iter().map(output).collect()
}

/// The outputs that are requested, and the binary values, which come after the JSON.
pub(super) fn of(predictions: &[Prediction], requested: &[OutputRequest]) -> (Vec<Output>, Vec<u8>) {
    let rows = predictions.len();
    let mut binary = Vec::new();
    let labels = |prediction: &Prediction| u8::from(prediction.label == Label::Hit);
    let probabilities = |prediction: &Prediction| [1.0 - prediction.probability, prediction.probability];
    let outputs = requested.iter().map(|OutputRequest { name, is_binary }| {
        let is_labels = *name == LABELS;
        let before = binary.len();
        let data = match (is_labels, is_binary) {
            (true, false) => Some(OutputData::Labels(predictions.iter().map(labels).collect())),
            (false, false) => Some(OutputData::Probabilities(predictions.iter().flat_map(probabilities).collect())),
            (true, true) => {
                binary.extend(predictions.iter().flat_map(|prediction| i64::from(labels(prediction)).to_le_bytes()));
                None
            }
            (false, true) => {
                binary.extend(predictions.iter().flat_map(probabilities).flat_map(f64::to_le_bytes));
                None
            }
        };
        let parameters = is_binary.then(|| BinaryParameters { binary_data_size: binary.len() - before });
        let (datatype, shape) = if is_labels { ("INT64", vec![rows]) } else { ("FP64", vec![rows, 2]) };
        Output { name, datatype, shape, data, parameters }
    });
    (outputs.collect(), binary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kserve::binary::SIZE;

    #[test]
    fn values_are_in_the_json_or_after_it() {
        let predictions = [0.75, 0.25].map(|probability| Prediction::at(probability, 0.5));
        let [labels, probabilities] = ALL.map(|name| OutputRequest { name, is_binary: name == PROBABILITIES });
        let (outputs, binary) = of(&predictions, &[probabilities, labels]);
        let expected: Vec<u8> = [0.25, 0.75, 0.75, 0.25_f64].into_iter().flat_map(f64::to_le_bytes).collect();
        assert_eq!(binary, expected);
        let outputs = json!(outputs);
        assert_eq!(outputs[0]["parameters"], json!({ SIZE: 32 }));
        assert!(outputs[0].get("data").is_none() && outputs[1].get("parameters").is_none());
        assert_eq!(outputs[1]["data"], json!([1, 0]));
    }
}
