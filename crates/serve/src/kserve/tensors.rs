//! The rows of the tensors of a request, with the faults of all tensors.
//!
//! A tensor is checked member by member, so that a wrong type hides no wrong shape.

use serde_json::{json, Value};

use super::shapes::{InputTensor, TensorData, WordOrNull, MAX_TENSORS};
use crate::answer::faults::NO_VALUE;
use crate::answer::rejection::Rejection;
use crate::request::document::{in_body, Document};
use crate::request::field_names::{unknown_field, FieldMeaning, FieldNames};
use crate::request::raw_track::RawTrack;
use crate::request::shape::KeptList;
use crate::request::track_rows::TrackRows;
use hitflop_core::reader::name::suggested_feature;
use hitflop_core::reader::{has_audio, FeatureRow};
use hitflop_core::track::Feature;

/// Types that a tensor may have. As in JSON, a mode may be a truth value, and every value a text, such as the key `C#`.
pub(crate) const DATATYPES: [&str; 14] = [
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BF16",
    "BYTES",
];

/// The rows that the tensors of a request hold. They are complete only if no fault was found.
///
/// # Errors
/// There are more than `most`.
pub(crate) fn rows(
    document: &mut Document,
    inputs: Option<Option<KeptList<InputTensor>>>,
    features: &[Feature],
    most: usize,
) -> Result<Vec<FeatureRow>, Rejection> {
    let place = [json!("inputs")];
    let inputs = match inputs {
        Some(Some(inputs)) if inputs.count == 0 => {
            document.fault(&place, "too_short", "Expected at least one tensor");
            return Ok(Vec::new());
        }
        Some(Some(inputs)) if inputs.count > MAX_TENSORS => {
            let rule = format!("Expected at most {MAX_TENSORS} tensors, found {}", inputs.count);
            document.fault_of(&json!(inputs.count), &place, "too_long", rule);
            return Ok(Vec::new());
        }
        Some(Some(inputs)) => inputs,
        Some(None) => {
            document.fault(&place, "list_type", "Input should be a valid list");
            return Ok(Vec::new());
        }
        None => {
            document.fault_showing(&place, &[], "missing", "Field required");
            return Ok(Vec::new());
        }
    };
    let tensors: Vec<Tensor> =
        inputs.kept.into_iter().enumerate().map(|(index, input)| Tensor::check(index, input, document)).collect();
    let count = tensors.iter().find_map(|tensor| tensor.shape.as_ref()?.first().copied()).unwrap_or_default();
    if count > most as u64 {
        return Err(Rejection::too_many_rows(most, count));
    }
    let names = FieldNames::of_track();
    let mut tracks = vec![RawTrack::default(); count as usize];
    let columns = columns(&tensors, features, &names, document);
    let mut sources = Vec::new();
    for (tensor, columns) in tensors.into_iter().zip(columns) {
        let own = columns.iter().enumerate().filter_map(|(at, column)| Some((names.name(column)?, tensor.source(at))));
        sources.extend(own.map(|(name, place)| (name, place, columns.len())));
        tensor.fill(&mut tracks, &columns, document);
    }
    read_rows(document, &TrackRows::new(tracks.iter().collect(), &names)?, |field, row| {
        let (_, (tensor, at), width) = sources.iter().find(|(name, ..)| **name == *field)?;
        Some(vec![json!("inputs"), json!(tensor), json!("data"), json!(row * width + at)])
    })
}

/// The values of rows; `place` is the place of a field's value in a row.
fn read_rows(
    document: &mut Document,
    tracks: &TrackRows,
    place: impl Fn(&str, usize) -> Option<Vec<Value>>,
) -> Result<Vec<FeatureRow>, Rejection> {
    let mut rows = Vec::with_capacity(tracks.count());
    for row in 0..tracks.count() {
        let (values, faults) = tracks.values(row);
        for fault in faults {
            document.faults.push(fault.detail(in_body(&place(fault.field, row).unwrap_or_default())));
        }
        rows.push(values);
    }
    if document.faults.count() == 0 {
        for (index, _) in rows.iter().enumerate().filter(|(_, row)| !has_audio(row)) {
            let rule = format!("{NO_VALUE}, row {index} has none");
            document.fault_of(&json!(index), &[json!("inputs")], "missing", rule);
        }
    }
    Ok(rows)
}

/// A tensor, of which only valid members are kept.
struct Tensor {
    index: usize,
    name: Option<String>,
    shape: Option<Vec<u64>>,
    data: Option<TensorData>,
}

impl Tensor {
    fn check(index: usize, input: InputTensor, document: &mut Document) -> Tensor {
        let mut tensor = Tensor { index, name: None, shape: None, data: None };
        let place = tensor.place(&[]);
        if !input.is_object {
            let rule = "Input should be a valid dictionary or object to extract fields from";
            document.fault(&place, "model_attributes_type", rule);
            return tensor;
        }
        let mut fault = |name: &str, is_sent: bool, kind, rule: &str| {
            let member = [&*place, &[json!(name)]].concat();
            match is_sent {
                true => document.fault(&member, kind, rule),
                false => document.fault_showing(&member, &place, "missing", "Field required"),
            }
        };
        tensor.name = input.name.as_ref().and_then(WordOrNull::word).map(str::to_owned);
        if tensor.name.is_none() {
            fault("name", input.name.is_some(), "string_type", "Input should be a valid string");
        }
        let has_shape = input.shape.is_some();
        tensor.shape = input.shape.flatten().filter(|sides| (1..=2).contains(&sides.len()));
        if tensor.shape.is_none() {
            fault("shape", has_shape, "list_type", "Input should be a list of one or two whole numbers");
        }
        let datatype = input.datatype.as_ref().and_then(WordOrNull::word);
        if !datatype.is_some_and(|datatype| DATATYPES.contains(&datatype)) {
            let rule = format!("Datatype should be one of {}", DATATYPES.join(", "));
            fault("datatype", input.datatype.is_some(), "enum", &rule);
        }
        let has_data = input.data.is_some();
        tensor.data = input.data.flatten();
        if tensor.data.is_none() {
            fault("data", has_data, "list_type", "Input should be a valid list");
        }
        tensor
    }

    /// A place of the tensor as a place of the document.
    fn place(&self, more: &[Value]) -> Vec<Value> {
        [&[json!("inputs"), json!(self.index)], more].concat()
    }

    /// Index of the tensor, and of the first value of one of its columns.
    fn source(&self, column: usize) -> (usize, usize) {
        (self.index, column)
    }

    /// What it may hold by its name.
    fn meaning(&self, names: &FieldNames) -> FieldMeaning {
        self.name.as_deref().map_or(FieldMeaning::Other, |name| names.meaning(name))
    }

    /// Whether it may hold all features of the model: its name is no feature's, nor does it look like one's unless the shape
    /// says otherwise.
    fn is_matrix(&self, features: &[Feature], names: &FieldNames) -> bool {
        let is_wide = matches!(self.shape.as_deref(), Some([_, columns]) if *columns == features.len() as u64);
        match self.meaning(names) {
            FieldMeaning::Feature(_) => false,
            FieldMeaning::Column(_) | FieldMeaning::Misspelt(_) => is_wide,
            FieldMeaning::Other => is_wide || self.name.as_deref().and_then(suggested_feature).is_none(),
        }
    }

    /// Puts its values into the rows, each into its column.
    fn fill(mut self, rows: &mut [RawTrack], columns: &[FieldMeaning], document: &mut Document) {
        let (count, width) = (rows.len(), columns.len());
        let is_good = self.check_shape(count, width, document);
        let Some(values) = self.data.take() else { return };
        let is_full = values.count == count * width;
        if is_good && !is_full {
            let rule = format!("Expected {} values by the shape, found {}", count * width, values.count);
            document.fault_of(&json!(values.count), &self.place(&[json!("data")]), "shape_mismatch", rule);
        }
        // The columns of a matrix with other sides are not known.
        if width != 1 && !is_full {
            return;
        }
        // Values past the last row are part of a fault of the shape already.
        for (at, value) in values.kept.into_iter().enumerate().take(count * width) {
            columns[at % width].give(&mut rows[at / width], value);
        }
    }

    /// Whether the shape is that of `count` rows and `width` columns. A fault is added if both are known and it is not.
    fn check_shape(&self, count: usize, width: usize, document: &mut Document) -> bool {
        let Some(shape) = &self.shape else { return false };
        let is_good = match shape[..] {
            [found] => found == count as u64 && width == 1,
            _ => *shape == [count as u64, width as u64],
        };
        if !is_good && width > 0 {
            let rule = match width {
                1 => format!("Shape should be [{count}] or [{count}, 1]"),
                _ => format!("Shape should be [{count}, {width}], rows × features of the model; or name a feature"),
            };
            document.fault(&self.place(&[json!("shape")]), "shape_mismatch", rule);
        }
        is_good
    }
}

/// The columns that each tensor holds: all of the model's features, if there is one of another name; else the one of its name, or
/// none if that is not known.
fn columns(
    tensors: &[Tensor],
    features: &[Feature],
    names: &FieldNames,
    document: &mut Document,
) -> Vec<Vec<FieldMeaning>> {
    if let [tensor] = tensors {
        if tensor.is_matrix(features, names) {
            return vec![features.iter().copied().map(FieldMeaning::Feature).collect()];
        }
    }
    let mut seen = Vec::new();
    let mut column = |tensor: &Tensor| {
        let Some(name) = &tensor.name else { return Vec::new() };
        let place = tensor.place(&[json!("name")]);
        let meaning = tensor.meaning(names);
        match &meaning {
            FieldMeaning::Feature(_) | FieldMeaning::Column(_) => {}
            FieldMeaning::Misspelt((_, feature)) => {
                document.faults.push(unknown_field(name, *feature, in_body(&place), &json!(name)));
                return Vec::new();
            }
            FieldMeaning::Other => {
                document.fault(&place, "enum", "Expected the name of a feature");
                return Vec::new();
            }
        }
        if seen.contains(&meaning) {
            document.fault(&place, "duplicate_input", "The tensor occurs twice");
        }
        seen.push(meaning.clone());
        vec![meaning]
    };
    tensors.iter().map(&mut column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::faults::Detail;
    use crate::kserve::shapes::InferShape;

    /// Kind and place below `inputs` of all faults.
    fn faults(inputs: Value) -> Vec<(&'static str, String)> {
        let body = json!({ "inputs": inputs }).to_string();
        let (mut document, body) = Document::read(body.as_bytes(), InferShape { most_values: 100 }).expect("an object");
        rows(&mut document, body.inputs, &Feature::ALL, 10).expect("few rows");
        let place = |it: &Detail| it.loc[2..].iter().map(Value::to_string).collect::<Vec<_>>().join(".");
        let faults = document.or(()).err().unwrap_or_default();
        faults.iter().map(|it| (it.kind, place(it))).collect()
    }

    fn tensor(name: &str, shape: Value, datatype: &str, data: Value) -> Value {
        json!({ "name": name, "shape": shape, "datatype": datatype, "data": data })
    }

    fn expected<const N: usize>(faults: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
        faults.map(|(kind, place)| (kind, place.to_owned())).to_vec()
    }

    #[test]
    fn faults_of_all_tensors_are_reported_at_once() {
        let inputs = json!([
            tensor("energy", json!([2]), "TEXT", json!([0.5, "x"])),
            tensor("tempo", json!([3]), "FP128", json!([1, 2])),
            tensor("enrgy", json!([2]), "FP64", json!([1, 2])),
            { "name": "mode", "shape": [2], "datatype": "INT64" },
            tensor("key", json!([2]), "INT64", json!([5])),
            7,
        ]);
        let faults = faults(inputs);
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
    fn a_misspelt_name_is_suggested() {
        let one = |name: &str, shape: Value, data: Value| faults(json!([tensor(name, shape, "FP64", data)]));
        assert_eq!(one("enrgy", json!([1]), json!([0.5])), expected([("unknown_field", "0.\"name\"")]));
        assert_eq!(one("x", json!([1]), json!([0.5])), expected([("shape_mismatch", "0.\"shape\"")]));
        // As wide as the model it is a matrix, whatever its name.
        assert_eq!(one("tempos", json!([1, 16]), json!([vec![1; 16]])), expected([("enum", "0.\"data\".15")]));
    }

    #[test]
    fn a_tensor_may_have_any_name_and_spelling_that_the_reader_knows() {
        let read = |inputs: Value| {
            let body = json!({ "inputs": inputs }).to_string();
            let (mut document, body) =
                Document::read(body.as_bytes(), InferShape { most_values: 100 }).expect("an object");
            let rows = rows(&mut document, body.inputs, &Feature::ALL, 10).expect("few rows");
            document.or(rows).expect("no faults")
        };
        let plain = read(json!([
            tensor("danceability", json!([2]), "FP64", json!([0.5, 0.75])),
            tensor("duration_ms", json!([2, 1]), "INT64", json!([[217_000], [180_000]])),
            tensor("key", json!([2]), "INT64", json!([1, 7])),
            tensor("mode", json!([2]), "INT64", json!([1, 0])),
            tensor("decade", json!([2]), "INT64", json!([1980, 1990])),
        ]));
        let other = read(json!([
            tensor("Danceability_%", json!([2]), "INT32", json!([50, 75])),
            tensor("Duration", json!([2]), "BYTES", json!(["3:37", "3:00"])),
            tensor("Key", json!([2]), "BYTES", json!(["D♭", "G"])),
            tensor("mode", json!([2]), "BOOL", json!([true, false])),
            tensor("year", json!([2]), "INT64", json!([1988, 1990])),
        ]));
        // Missing values are NaN, which equals nothing.
        assert_eq!(format!("{plain:?}"), format!("{other:?}"));
        // A fault is where the value is.
        let lengths = json!([tensor("Duration", json!([2, 1]), "BYTES", json!([["3:37"], ["long"]]))]);
        assert_eq!(faults(lengths), expected([("int_parsing", "0.\"data\".1")]));
    }

    #[test]
    fn a_row_without_sound_is_refused() {
        let decades = json!([tensor("decade", json!([1]), "INT64", json!([1980]))]);
        assert_eq!(faults(decades), expected([("missing", "")]));
        let keys = json!([tensor("key", json!([3]), "INT64", json!([5, -1, null]))]);
        assert_eq!(faults(keys), expected([("missing", ""), ("missing", "")]));
    }
}
