//! The tensors that are answered: labels and probabilities, or the one of them that a client wants.

use serde::Serialize;
use serde_json::{json, Map, Value};

use crate::http::rejection::{Detail, Faults};
use hitflop_core::track::Label;
use hitflop_model::scoring::Prediction;

/// Name of the labels.
pub const LABELS: &str = "predict";
/// Name of the probabilities.
pub const PROBABILITIES: &str = "predict_proba";

/// An output tensor.
#[derive(Serialize)]
pub struct Output {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<usize>,
    data: Value,
}

/// The names of the outputs that a request wants; all, if it names none.
pub fn wanted(document: &Map<String, Value>, faults: &mut Faults) -> Vec<&'static str> {
    const ALL: [&str; 2] = [LABELS, PROBABILITIES];
    let place = |more: &[Value]| [&[json!("body"), json!("outputs")], more].concat();
    let named = match document.get("outputs") {
        None => return ALL.to_vec(),
        Some(Value::Array(named)) if named.is_empty() => return ALL.to_vec(),
        Some(Value::Array(named)) => named,
        Some(other) => {
            faults.push(Detail::new("list_type", place(&[]), "Input should be a valid list", other));
            return Vec::new();
        }
    };
    let mut wanted = Vec::with_capacity(named.len());
    for (index, output) in named.iter().enumerate() {
        let name = output.get("name");
        match ALL.into_iter().find(|known| name.is_some_and(|name| name == known)) {
            Some(known) => wanted.push(known),
            None => {
                let rule = format!("Output should be {LABELS} or {PROBABILITIES}");
                faults.push(Detail::new("enum", place(&[json!(index), json!("name")]), rule, name.unwrap_or(output)));
            }
        }
    }
    wanted
}

/// The outputs of that name.
pub fn of(scores: &[Prediction], wanted: &[&'static str]) -> Vec<Output> {
    let rows = scores.len();
    let labels = || Output {
        name: LABELS,
        datatype: "INT64",
        shape: vec![rows],
        data: scores.iter().map(|score| u8::from(score.label == Label::Hit)).collect(),
    };
    let probabilities = || Output {
        name: PROBABILITIES,
        datatype: "FP64",
        shape: vec![rows, 2],
        data: scores.iter().flat_map(|score| [1.0 - score.probability, score.probability]).collect(),
    };
    wanted.iter().map(|name| if *name == LABELS { labels() } else { probabilities() }).collect()
}
