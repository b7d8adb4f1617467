//! A request of KServe's protocol, as it was sent.

use serde::de::{self, MapAccess, SeqAccess};
use serde::Deserialize;
use serde_json::Value;

use crate::request::json_number::{JsonNumber, NumberShape};
use crate::request::shape::{FieldName, ListOf, Scalar, Shape, Shaped, Unused};

/// A whole body.
#[derive(Default)]
pub struct InferBody {
    pub id: Option<Value>,
    /// The outputs that are requested.
    pub outputs: Option<Value>,
    /// The tensors, if there is such a member; `None` within if it is not a list.
    pub inputs: Option<Option<Vec<InputTensor>>>,
}

/// An element of `inputs`, by member.
#[derive(Default)]
pub struct InputTensor {
    /// Whether it is an object.
    pub is_object: bool,
    pub name: Option<Value>,
    pub shape: Option<Value>,
    pub datatype: Option<Value>,
    /// The values in the order of rows, however they were nested, if there is such a member and it is a list.
    pub data: Option<Vec<JsonNumber>>,
}

/// The shape of an [`InferBody`]; `None` if it is not an object.
pub struct InferShape;

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
                "id" => body.id = Some(members.next_value()?),
                "outputs" => body.outputs = Some(members.next_value()?),
                "inputs" => body.inputs = Some(members.next_value_seed(Shaped(ListOf(TensorShape)))?),
                _ => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(Some(body))
    }
}

#[derive(Clone, Copy)]
struct TensorShape;

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
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match &*name {
                "name" => tensor.name = Some(members.next_value()?),
                "shape" => tensor.shape = Some(members.next_value()?),
                "datatype" => tensor.datatype = Some(members.next_value()?),
                "data" => tensor.data = members.next_value_seed(Shaped(DataShape))?,
                _ => members.next_value_seed(Shaped(Unused))?,
            }
        }
        Ok(tensor)
    }
}

/// A nested list as a flat one; `None` if it is not a list.
struct DataShape;

impl<'de> Shape<'de> for DataShape {
    type Output = Option<Vec<JsonNumber>>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        let mut values = Vec::new();
        FlatShape(&mut values).list(elements)?;
        Ok(Some(values))
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

/// Appends the values of nested lists.
struct FlatShape<'a>(&'a mut Vec<JsonNumber>);

impl<'de> Shape<'de> for FlatShape<'_> {
    type Output = ();

    fn scalar(self, value: Scalar<'_>) {
        self.0.push(NumberShape.scalar(value));
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Shaped(FlatShape(&mut *self.0)))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let object = Value::deserialize(de::value::MapAccessDeserializer::new(members))?;
        self.0.push(JsonNumber::Other(Box::new(object)));
        Ok(())
    }
}
