//! A request of KServe's protocol, as it was sent.

use serde::de::{MapAccess, SeqAccess};

use super::binary::SIZE;
use super::outputs;
use crate::answer::faults::MAX_REPORTED_FAULTS;
use crate::answer::faults::{cut, MAX_SHOWN_CHARS};
use crate::request::json_number::{JsonNumber, NumberShape};
use crate::request::shape::{FieldName, FirstOf, KeptList, Scalar, Shape, Shaped, Unused};
use hitflop_core::track::Feature;

/// Maximum number of tensors of a request: one for each feature.
pub(crate) const MAX_TENSORS: usize = Feature::ALL.len();
/// The member with parameters, of a request, a tensor and an output.
const PARAMETERS: &str = "parameters";
/// Maximum number of sides of a tensor that are kept: one more than it may have.
const MAX_SIDES: usize = 3;

/// A whole body.
#[derive(Default)]
pub(crate) struct InferBody {
    pub id: Option<WordOrNull>,
    /// Whether outputs are binary unless they say otherwise.
    pub binary_output: bool,
    /// The outputs that are requested, if there is such a member; `None` within if it is not a list.
    pub outputs: Option<Option<RequestedOutputs>>,
    /// The tensors, of which [`MAX_TENSORS`] are kept, if there is such a member; `None` within if it is not a list.
    pub inputs: Option<Option<KeptList<InputTensor>>>,
}

/// The elements of `outputs`.
#[derive(Default)]
pub(crate) struct RequestedOutputs {
    /// The names that are known, each once, and whether it should be binary if that is said.
    pub names: Vec<(&'static str, Option<bool>)>,
    /// Indices of the other elements, and whether each has a name at all.
    pub unknown: Vec<(usize, bool)>,
    /// Number of all elements.
    pub count: usize,
}

/// An element of `inputs`, by member.
#[derive(Default)]
pub(crate) struct InputTensor {
    /// Whether it is an object.
    pub is_object: bool,
    pub name: Option<WordOrNull>,
    /// The sides, if there is such a member; `None` within if it is not a list of whole numbers.
    pub shape: Option<Option<Vec<u64>>>,
    pub datatype: Option<WordOrNull>,
    /// The length of its values after the JSON, if there is such a parameter; `None` within if it is not a whole number.
    pub binary_size: Option<Option<u64>>,
    /// The values, if there is such a member; `None` within if it is not a list.
    pub data: Option<Option<TensorData>>,
}

/// Values in the order of rows, however they were nested, of which so many are kept as a request may have.
#[derive(Default)]
pub(crate) struct TensorData {
    pub kept: Vec<JsonNumber>,
    /// Number of all values.
    pub count: usize,
}

/// A text where one is expected.
pub(crate) enum WordOrNull {
    Word(String),
    Null,
    Other,
}

impl WordOrNull {
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            WordOrNull::Word(word) => Some(word),
            WordOrNull::Null | WordOrNull::Other => None,
        }
    }
}

/// The shape of an [`InferBody`]; `None` if it is not an object.
pub(crate) struct InferShape {
    /// Maximum number of values of a tensor that are kept.
    pub most_values: usize,
}

impl<'de> Shape<'de> for InferShape {
    type Output = Option<InferBody>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        Unused.list(elements).map(|()| None)
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        let mut body = InferBody::default();
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match &*name {
                "id" => body.id = Some(members.next_value_seed(Shaped(WordShape { most: usize::MAX }))?),
                PARAMETERS => {
                    let binary = members.next_value_seed(Shaped(ParameterShape("binary_data_output")))?;
                    body.binary_output = binary == Some(JsonNumber::Bool(true));
                }
                "outputs" => body.outputs = Some(members.next_value_seed(Shaped(OutputsShape))?),
                "inputs" => {
                    let shape = TensorShape { most_values: self.most_values };
                    let tensors = FirstOf { most: MAX_TENSORS, shape };
                    body.inputs = Some(members.next_value_seed(Shaped(tensors))?);
                }
                _ => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(Some(body))
    }
}

/// A text, of which at most so many characters are kept.
struct WordShape {
    most: usize,
}

impl<'de> Shape<'de> for WordShape {
    type Output = WordOrNull;

    fn scalar(self, value: Scalar<'_>) -> WordOrNull {
        match value {
            Scalar::Text(text) => WordOrNull::Word(cut(text, self.most).into()),
            Scalar::Null => WordOrNull::Null,
            _ => WordOrNull::Other,
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<WordOrNull, A::Error> {
        Unused.list(elements).map(|()| WordOrNull::Other)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<WordOrNull, A::Error> {
        Unused.object(members).map(|()| WordOrNull::Other)
    }
}

/// The names of outputs; `None` if it is not a list.
struct OutputsShape;

impl<'de> Shape<'de> for OutputsShape {
    type Output = Option<RequestedOutputs>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Output, A::Error> {
        let mut requested = RequestedOutputs::default();
        while let Some(name) = elements.next_element_seed(Shaped(OutputShape))? {
            let (name, binary) = name;
            let known = name.as_ref().and_then(WordOrNull::word);
            match outputs::ALL.into_iter().find(|output| known == Some(*output)) {
                Some(output) if requested.names.iter().any(|(name, _)| *name == output) => {}
                Some(output) => requested.names.push((output, binary)),
                None if requested.unknown.len() < MAX_REPORTED_FAULTS => {
                    requested.unknown.push((requested.count, name.is_some()));
                }
                None => {}
            }
            requested.count += 1;
        }
        Ok(Some(requested))
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

/// The member `name` of an object, if there is one, and its parameter `binary_data`.
struct OutputShape;

impl<'de> Shape<'de> for OutputShape {
    type Output = (Option<WordOrNull>, Option<bool>);

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        (None, None)
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        Unused.list(elements).map(|()| (None, None))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        let mut found = (None, None);
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match &*name {
                "name" => found.0 = Some(members.next_value_seed(Shaped(WordShape { most: MAX_SHOWN_CHARS }))?),
                PARAMETERS => {
                    found.1 = match members.next_value_seed(Shaped(ParameterShape("binary_data")))? {
                        Some(JsonNumber::Bool(is_binary)) => Some(is_binary),
                        _ => None,
                    }
                }
                _ => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(found)
    }
}

/// A member of an object, if there is one.
struct ParameterShape(&'static str);

impl<'de> Shape<'de> for ParameterShape {
    type Output = Option<JsonNumber>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        Unused.list(elements).map(|()| None)
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        let mut found = None;
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match name == self.0 {
                true => found = Some(members.next_value_seed(Shaped(NumberShape))?),
                false => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(found)
    }
}

#[derive(Clone, Copy)]
struct TensorShape {
    most_values: usize,
}

impl<'de> Shape<'de> for TensorShape {
    type Output = InputTensor;

    fn scalar(self, _: Scalar<'_>) -> InputTensor {
        InputTensor::default()
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<InputTensor, A::Error> {
        Unused.list(elements).map(|()| InputTensor::default())
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<InputTensor, A::Error> {
        let mut tensor = InputTensor { is_object: true, ..InputTensor::default() };
        let word = || Shaped(WordShape { most: MAX_SHOWN_CHARS });
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match &*name {
                "name" => tensor.name = Some(members.next_value_seed(word())?),
                "shape" => tensor.shape = Some(members.next_value_seed(Shaped(SidesShape))?),
                "datatype" => tensor.datatype = Some(members.next_value_seed(word())?),
                PARAMETERS => {
                    let size = members.next_value_seed(Shaped(ParameterShape(SIZE)))?;
                    tensor.binary_size = size.map(|size| match size {
                        JsonNumber::Whole(size) => size.as_u64(),
                        _ => None,
                    });
                }
                "data" => tensor.data = Some(members.next_value_seed(Shaped(DataShape { most: self.most_values }))?),
                _ => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(tensor)
    }
}

/// The sides of a tensor, of which [`MAX_SIDES`] are kept; `None` if it is not a list of whole numbers.
struct SidesShape;

impl<'de> Shape<'de> for SidesShape {
    type Output = Option<Vec<u64>>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Output, A::Error> {
        let mut sides = Some(Vec::new());
        while let Some(side) = elements.next_element_seed(Shaped(NumberShape))? {
            let whole = match side {
                JsonNumber::Whole(whole) => whole.as_u64(),
                _ => None,
            };
            match (&mut sides, whole) {
                (Some(known), Some(whole)) if known.len() < MAX_SIDES => known.push(whole),
                (Some(_), Some(_)) => {}
                _ => sides = None,
            }
        }
        Ok(sides)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

/// A nested list as a flat one; `None` if it is not a list.
struct DataShape {
    most: usize,
}

impl<'de> Shape<'de> for DataShape {
    type Output = Option<TensorData>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        let mut data = TensorData::default();
        FlatShape { data: &mut data, most: self.most }.list(elements)?;
        Ok(Some(data))
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

/// Appends the values of nested lists.
struct FlatShape<'a> {
    data: &'a mut TensorData,
    most: usize,
}

impl FlatShape<'_> {
    fn push(self, value: impl FnOnce() -> JsonNumber) {
        self.data.count += 1;
        if self.data.count <= self.most {
            self.data.kept.push(value());
        }
    }
}

impl<'de> Shape<'de> for FlatShape<'_> {
    type Output = ();

    fn scalar(self, value: Scalar<'_>) {
        self.push(|| NumberShape.scalar(value));
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Shaped(FlatShape { data: &mut *self.data, most: self.most }))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let object = NumberShape.object(members)?;
        self.push(|| object);
        Ok(())
    }
}
