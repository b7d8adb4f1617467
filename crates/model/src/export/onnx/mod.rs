//! Models as ONNX, without loss.
//!
//! | module | what it is |
//! |---|---|
//! | `proto` | the messages of the format |
//! | `graph` | a graph that is being put together |
//! | `exact_sum` | leaf values as 32-bit floats whose sums are exact |
//! | `ensemble` | trees as `TreeEnsembleRegressor` |
//! | `decision` | from sums to probabilities, calibration, labels |
//! | `answer` | which estimator, calibration and threshold answer a row |

mod answer;
mod decision;
mod ensemble;
mod exact_sum;
mod graph;
mod proto;

use prost::Message;
use serde_json::json;

use super::tree_sum::TreeSum;
use crate::artifact::{describe, Artifact};
use crate::missing::{FallbackModel, FeatureMask};
use crate::model::ModelInput;
pub use answer::{OnnxDecision, OnnxFallback};
use graph::{GraphBuilder, ML_DOMAIN};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use proto::{ModelProto, OperatorSetIdProto, StringStringEntryProto, ValueInfoProto, DOUBLE, FLOAT, INT64};

/// Versions that runtimes have supported since 2021.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 15;
const ML_OPSET: i64 = 1;
/// Greatest size of a message that readers of the format accept.
const MAX_BYTES: usize = (1 << 31) - 1;

/// What a model in ONNX is made of.
#[derive(Clone, Debug)]
pub struct OnnxModel<'a> {
    /// Trees for rows whose missing features are all in `learned`.
    pub sum: TreeSum<'a>,
    /// Their calibration and threshold.
    pub decision: OnnxDecision<'a>,
    /// What answers other rows, the first that fits; the trees above if none does.
    pub fallbacks: Vec<OnnxFallback<'a>>,
    /// Indices of the features whose missing values the trees have learned.
    pub learned: Vec<usize>,
    /// What the model is, in words.
    pub name: String,
    /// Key and value of what a program may read about the model.
    pub metadata: Vec<(String, String)>,
}

/// A model of tracks as ONNX: the input `features` (tracks × features, 32-bit floats in the features' units, NaN for a missing
/// value), the outputs `label` (1 for a hit, else 0) and `probabilities` (of flop and hit, 64-bit floats). Features, threshold and
/// the description of the model are in the metadata.
///
/// # Errors
/// The model is too large for the format.
pub fn onnx(artifact: &Artifact) -> Result<Vec<u8>> {
    let model = &artifact.model;
    let sum = TreeSum::of_model(model);
    let indices = |mask: FeatureMask| {
        let is_in = |(_, input): &(usize, &ModelInput)| mask.contains(input.feature);
        model.inputs.iter().enumerate().filter(is_in).map(|(index, _)| index).collect::<Vec<usize>>()
    };
    let fallbacks = model.fallbacks.iter().map(|fallback| {
        let FallbackModel { hidden, min_missing, estimator, patterns, others, .. } = fallback;
        let patterns = patterns.iter().map(|pattern| (indices(pattern.missing), OnnxDecision::from(&pattern.decision)));
        OnnxFallback {
            hidden: indices(*hidden),
            sum: TreeSum::of(estimator, sum.features.clone()),
            patterns: patterns.collect(),
            min_missing: *min_missing,
            others: others.iter().map(|others| OnnxDecision::from(&others.decision)).collect(),
        }
    });
    let exported = OnnxModel {
        metadata: vec![
            ("features".to_owned(), json!(sum.features).to_string()),
            ("threshold".to_owned(), model.threshold.to_string()),
            ("model".to_owned(), describe(artifact).to_string()),
        ],
        decision: OnnxDecision { calibration: &model.calibration, threshold: model.threshold },
        fallbacks: fallbacks.collect(),
        learned: indices(model.learned_missing),
        name: model.name(),
        sum: sum.clone(),
    };
    exported.to_bytes()
}

impl OnnxModel<'_> {
    /// The bytes of the file.
    ///
    /// # Errors
    /// The model is too large for the format.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = self.proto().encode_to_vec();
        if bytes.len() <= MAX_BYTES {
            return Ok(bytes);
        }
        let rule = "expected a model that takes less than 2 GiB as ONNX; fit fewer or smaller trees";
        let fault = Fault::new(Place::table("model"), Reason::Setting, rule);
        Err(Error::input(fault.found(format!("{} bytes", bytes.len()))))
    }

    fn proto(&self) -> ModelProto {
        const INPUT: &str = "features";
        let mut graph = GraphBuilder::default();
        let features = self.sum.features.len();
        let raw = answer::add_estimator(&mut graph, &self.sum, INPUT);
        let complete = answer::add_answer(&mut graph, self.decision, &raw);
        let answers = answer::add_choice(&mut graph, complete, &self.fallbacks, &self.learned, features, INPUT);
        let [labels, both] = decision::add_outputs(&mut graph, &answers.thresholds, &answers.probabilities);
        graph.output(&labels, "label");
        graph.output(&both, "probabilities");
        let names = format!("rows x features: {}; NaN for a missing value", self.sum.features.join(", "));
        let input = ValueInfoProto::rows(INPUT, FLOAT, Some(self.sum.features.len()), &names);
        let outputs = vec![
            ValueInfoProto::rows("label", INT64, None, "1 if the probability is greater than the threshold, else 0"),
            ValueInfoProto::rows("probabilities", DOUBLE, Some(2), "of the classes 0 and 1"),
        ];
        let operators = |domain: &str, version| OperatorSetIdProto { domain: domain.to_owned(), version };
        let entry = |(key, value): &(String, String)| StringStringEntryProto { key: key.clone(), value: value.clone() };
        ModelProto {
            ir_version: IR_VERSION,
            producer_name: "hitflop".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: self.name.clone(),
            graph: Some(graph.finish("hitflop", input, outputs)),
            opset_import: vec![operators("", OPSET), operators(ML_DOMAIN, ML_OPSET)],
            metadata_props: self.metadata.iter().map(entry).collect(),
        }
    }
}
