//! Rows out of the tensors of a request, with all that is wrong with any of them.
//!
//! A tensor is judged member by member, so that a wrong type hides no wrong shape, and tensor by tensor, so that one hides no
//! other.

use serde_json::{json, Map, Value};

use crate::http::rejection::{Detail, Faults, Rejection};
use crate::request::did_you_mean;
use crate::request::number;
use crate::request::request_body::{has_audio, FeatureRow, NO_VALUE};
use hitflop_core::track::Feature;

/// Types of numbers that a tensor may have. No feature is a truth value or a text.
pub const DATATYPES: [&str; 12] =
    ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BF16"];

/// The rows that the tensors of a request hold. They are whole only if no fault was found.
///
/// # Errors
/// There are more than `most`.
pub fn rows(
    document: &Map<String, Value>,
    features: &[Feature],
    most: usize,
    faults: &mut Faults,
) -> Result<Vec<FeatureRow>, Rejection> {
    let place = vec![json!("body"), json!("inputs")];
    let inputs = match document.get("inputs") {
        Some(Value::Array(inputs)) if inputs.is_empty() => {
            faults.push(Detail::new("too_short", place, "Expected at least one tensor", &json!([])));
            return Ok(Vec::new());
        }
        Some(Value::Array(inputs)) => inputs,
        Some(other) => {
            faults.push(Detail::new("list_type", place, "Input should be a valid list", other));
            return Ok(Vec::new());
        }
        None => {
            faults.push(Detail::new("missing", place, "Field required", &Value::Object(document.clone())));
            return Ok(Vec::new());
        }
    };
    let tensors: Vec<Tensor> =
        inputs.iter().enumerate().map(|(index, input)| Tensor::read(index, input, faults)).collect();
    let count = tensors.iter().find_map(|tensor| tensor.shape.as_ref()?.first().copied()).unwrap_or_default();
    if count > most as u64 {
        return Err(Rejection::too_many_rows(most, count));
    }
    let mut rows = vec![[f64::NAN; Feature::ALL.len()]; count as usize];
    for (tensor, columns) in tensors.iter().zip(columns(&tensors, features, faults)) {
        tensor.fill(&mut rows, &columns, faults);
    }
    if faults.count() == 0 {
        let bare = |(index, row): (usize, &FeatureRow)| {
            let rule = format!("{NO_VALUE}, row {index} has none");
            (!has_audio(row)).then(|| Detail::new("missing", vec![json!("body"), json!("inputs")], rule, &json!(index)))
        };
        faults.extend(rows.iter().enumerate().filter_map(bare));
    }
    Ok(rows)
}

/// A tensor, of which only what is good is kept.
struct Tensor<'a> {
    index: usize,
    name: Option<&'a str>,
    shape: Option<Vec<u64>>,
    data: Option<&'a Value>,
}

impl<'a> Tensor<'a> {
    fn read(index: usize, input: &'a Value, faults: &mut Faults) -> Tensor<'a> {
        let tensor = Tensor { index, name: None, shape: None, data: None };
        let Value::Object(members) = input else {
            let rule = "Input should be a valid dictionary or object to extract fields from";
            faults.push(Detail::new("model_attributes_type", tensor.place(&[]), rule, input));
            return tensor;
        };
        let mut fault = |name: &str, kind, rule: &str| {
            let place = tensor.place(&[json!(name)]);
            faults.push(match members.get(name) {
                None => Detail::new("missing", place, "Field required", input),
                Some(found) => Detail::new(kind, place, rule, found),
            });
        };
        let name = members.get("name").and_then(Value::as_str);
        if name.is_none() {
            fault("name", "string_type", "Input should be a valid string");
        }
        let shape = members.get("shape").and_then(shape);
        if shape.is_none() {
            fault("shape", "list_type", "Input should be a list of one or two whole numbers");
        }
        if !members.get("datatype").and_then(Value::as_str).is_some_and(|datatype| DATATYPES.contains(&datatype)) {
            fault("datatype", "enum", &format!("Datatype should be one of {}", DATATYPES.join(", ")));
        }
        let data = members.get("data").filter(|data| data.is_array());
        if data.is_none() {
            fault("data", "list_type", "Input should be a valid list");
        }
        Tensor { name, shape, data, ..tensor }
    }

    fn place(&self, more: &[Value]) -> Vec<Value> {
        [&[json!("body"), json!("inputs"), json!(self.index)], more].concat()
    }

    fn feature(&self) -> Option<Feature> {
        self.name.and_then(Feature::from_name)
    }

    /// Whether it may hold all features of the model: its name is no feature's, nor does it look like one's unless the shape
    /// says otherwise.
    fn is_matrix(&self, features: &[Feature]) -> bool {
        let is_wide = matches!(self.shape.as_deref(), Some([_, columns]) if *columns == features.len() as u64);
        self.feature().is_none() && (is_wide || self.name.and_then(did_you_mean::feature).is_none())
    }

    /// Puts its values into the rows, each into its column.
    fn fill(&self, rows: &mut [FeatureRow], columns: &[Feature], faults: &mut Faults) {
        let (count, width) = (rows.len(), columns.len());
        let is_good = self.shape.as_deref().is_some_and(|shape| match shape {
            [found] => *found == count as u64 && width == 1,
            shape => *shape == [count as u64, width as u64],
        });
        if let (false, Some(shape), true) = (is_good, &self.shape, width > 0) {
            let rule = match width {
                1 => format!("Shape should be [{count}] or [{count}, 1]"),
                _ => format!("Shape should be [{count}, {width}], rows × features of the model; or name a feature"),
            };
            faults.push(Detail::new("shape_mismatch", self.place(&[json!("shape")]), rule, &json!(shape)));
        }
        let Some(data) = self.data else { return };
        let mut values = Vec::new();
        flatten(data, &mut values);
        let is_full = values.len() == count * width;
        if is_good && !is_full {
            let rule = format!("Expected {} values by the shape, found {}", count * width, values.len());
            faults.push(Detail::new("shape_mismatch", self.place(&[json!("data")]), rule, &json!(values.len())));
        }
        // Where a matrix has other sides, no one knows what stands in which column.
        if width != 1 && !is_full {
            return;
        }
        for (at, value) in values.into_iter().enumerate() {
            let feature = columns[at % width];
            match number::read(feature, value) {
                Ok(number) => {
                    if let Some(row) = rows.get_mut(at / width) {
                        row[feature as usize] = number.unwrap_or(f64::NAN);
                    }
                }
                Err(_) if faults.are_enough() => break,
                Err(broken) => {
                    let loc = self.place(&[json!("data"), json!(at)]);
                    faults.push(Detail { loc, ..broken.detail(feature, value) });
                }
            }
        }
    }
}

/// One or two sides.
fn shape(value: &Value) -> Option<Vec<u64>> {
    let sides: Vec<u64> = value.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?;
    (1..=2).contains(&sides.len()).then_some(sides)
}

/// The features that each tensor holds: all of the model's, if there is one of another name; else the one of its name, or none
/// if that is not known.
fn columns(tensors: &[Tensor], features: &[Feature], faults: &mut Faults) -> Vec<Vec<Feature>> {
    if let [tensor] = tensors {
        if tensor.is_matrix(features) {
            return vec![features.to_vec()];
        }
    }
    let mut seen = Vec::new();
    let mut column = |tensor: &Tensor| {
        let Some(name) = tensor.name else { return Vec::new() };
        let place = tensor.place(&[json!("name")]);
        let Some(feature) = Feature::from_name(name) else {
            faults.push(match did_you_mean::feature(name) {
                Some(feature) => Detail { loc: place, ..did_you_mean::fault(name, feature, &json!(name)) },
                None => Detail::new("enum", place, "Expected the name of a feature", &json!(name)),
            });
            return Vec::new();
        };
        if seen.contains(&feature) {
            faults.push(Detail::new("duplicate_input", place, "The tensor stands twice", &json!(name)));
        }
        seen.push(feature);
        vec![feature]
    };
    tensors.iter().map(&mut column).collect()
}

/// The values of an array in the order of rows, however it is nested.
fn flatten<'a>(data: &'a Value, values: &mut Vec<&'a Value>) {
    match data {
        Value::Array(elements) => elements.iter().for_each(|element| flatten(element, values)),
        value => values.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind and place below `inputs` of all faults.
    fn told(inputs: Value) -> Vec<(&'static str, String)> {
        let document = Map::from_iter([("inputs".to_owned(), inputs)]);
        let mut faults = Faults::default();
        let rows = rows(&document, &Feature::ALL, 10, &mut faults).expect("few rows");
        match faults.or(rows) {
            Ok(_) => Vec::new(),
            Err(Rejection::Invalid(details)) => details
                .into_iter()
                .map(|it| (it.kind, it.loc[2..].iter().map(Value::to_string).collect::<Vec<_>>().join(".")))
                .collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn tensor(name: &str, shape: Value, datatype: &str, data: Value) -> Value {
        json!({ "name": name, "shape": shape, "datatype": datatype, "data": data })
    }

    fn expected<const N: usize>(faults: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
        faults.map(|(kind, place)| (kind, place.to_owned())).to_vec()
    }

    #[test]
    fn faults_of_all_tensors_are_told_at_once() {
        let inputs = json!([
            tensor("energy", json!([2]), "BOOL", json!([0.5, "x"])),
            tensor("tempo", json!([3]), "BYTES", json!([1, 2])),
            tensor("enrgy", json!([2]), "FP64", json!([1, 2])),
            { "name": "mode", "shape": [2], "datatype": "INT64" },
            tensor("key", json!([2]), "INT64", json!([5])),
            7,
        ]);
        let faults = told(inputs);
        for fault in [
            ("enum", "0.\"datatype\""),
            ("float_parsing", "0.\"data\".1"),
            ("enum", "1.\"datatype\""),
            ("shape_mismatch", "1.\"shape\""),
            ("unknown_field", "2.\"name\""),
            ("missing", "3.\"data\""),
            ("shape_mismatch", "4.\"data\""),
            ("model_attributes_type", "5"),
        ] {
            assert!(faults.contains(&(fault.0, fault.1.to_owned())), "{fault:?} in {faults:?}");
        }
        assert_eq!(faults.len(), 8, "{faults:?}");
    }

    #[test]
    fn a_misspelt_name_is_told_as_one() {
        let one = |name: &str, shape: Value, data: Value| told(json!([tensor(name, shape, "FP64", data)]));
        assert_eq!(one("enrgy", json!([1]), json!([0.5])), expected([("unknown_field", "0.\"name\"")]));
        assert_eq!(one("x", json!([1]), json!([0.5])), expected([("shape_mismatch", "0.\"shape\"")]));
        // As wide as the model it is a matrix, whatever its name.
        assert_eq!(one("tempos", json!([1, 16]), json!([vec![1; 16]])), expected([("enum", "0.\"data\".15")]));
    }

    #[test]
    fn a_row_without_sound_is_refused() {
        let decades = json!([tensor("decade", json!([1]), "INT64", json!([1980]))]);
        assert_eq!(told(decades), expected([("missing", "")]));
        let keys = json!([tensor("key", json!([3]), "INT64", json!([5, -1, null]))]);
        assert_eq!(told(keys), expected([("missing", ""), ("missing", "")]));
    }
}
