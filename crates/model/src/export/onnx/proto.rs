//! The messages of ONNX that a model of trees needs: fields and numbers of `onnx.proto3`.

use prost::Message;

/// Types of the elements of a tensor.
pub(super) const FLOAT: i32 = 1;
pub(super) const INT64: i32 = 7;
pub(super) const DOUBLE: i32 = 11;

/// Types of attributes.
const ATTRIBUTE_INT: i32 = 2;
const ATTRIBUTE_STRING: i32 = 3;
const ATTRIBUTE_TENSOR: i32 = 4;
const ATTRIBUTE_FLOATS: i32 = 6;
const ATTRIBUTE_INTS: i32 = 7;
const ATTRIBUTE_STRINGS: i32 = 8;

#[derive(Clone, PartialEq, Message)]
pub(super) struct ModelProto {
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    #[prost(string, tag = "2")]
    pub producer_name: String,
    #[prost(string, tag = "3")]
    pub producer_version: String,
    #[prost(string, tag = "6")]
    pub doc_string: String,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSetIdProto>,
    #[prost(message, repeated, tag = "14")]
    pub metadata_props: Vec<StringStringEntryProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    pub domain: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct AttributeProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int64, tag = "3")]
    pub i: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    #[prost(message, optional, tag = "5")]
    pub t: Option<TensorProto>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
    #[prost(int32, tag = "20")]
    pub r#type: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(double, repeated, tag = "10")]
    pub double_data: Vec<f64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfoProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
    #[prost(string, tag = "3")]
    pub doc_string: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorTypeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorTypeProto {
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<DimensionProto>,
}

/// A dimension of a tensor: of a fixed size, or the number of rows.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DimensionProto {
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub dim_param: Option<String>,
}

impl AttributeProto {
    fn of(name: &str, r#type: i32) -> AttributeProto {
        AttributeProto { name: name.to_owned(), r#type, ..AttributeProto::default() }
    }

    pub(super) fn int(name: &str, i: i64) -> AttributeProto {
        AttributeProto { i, ..AttributeProto::of(name, ATTRIBUTE_INT) }
    }

    pub(super) fn text(name: &str, text: &str) -> AttributeProto {
        AttributeProto { s: text.into(), ..AttributeProto::of(name, ATTRIBUTE_STRING) }
    }

    pub(super) fn tensor(name: &str, tensor: TensorProto) -> AttributeProto {
        AttributeProto { t: Some(tensor), ..AttributeProto::of(name, ATTRIBUTE_TENSOR) }
    }

    pub(super) fn floats(name: &str, floats: Vec<f32>) -> AttributeProto {
        AttributeProto { floats, ..AttributeProto::of(name, ATTRIBUTE_FLOATS) }
    }

    pub(super) fn ints(name: &str, ints: Vec<i64>) -> AttributeProto {
        AttributeProto { ints, ..AttributeProto::of(name, ATTRIBUTE_INTS) }
    }

    pub(super) fn texts(name: &str, texts: Vec<&str>) -> AttributeProto {
        let strings = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
        AttributeProto { strings, ..AttributeProto::of(name, ATTRIBUTE_STRINGS) }
    }
}

impl TensorProto {
    pub(super) fn doubles(name: &str, dims: Vec<i64>, double_data: Vec<f64>) -> TensorProto {
        TensorProto { name: name.to_owned(), dims, data_type: DOUBLE, double_data, ..TensorProto::default() }
    }

    pub(super) fn ints(name: &str, dims: Vec<i64>, int64_data: Vec<i64>) -> TensorProto {
        TensorProto { name: name.to_owned(), dims, data_type: INT64, int64_data, ..TensorProto::default() }
    }
}

impl ValueInfoProto {
    /// A tensor of a row a track and this many columns; of one dimension without a number.
    pub(super) fn rows(name: &str, elem_type: i32, columns: Option<usize>, doc_string: &str) -> ValueInfoProto {
        let rows = DimensionProto { dim_param: Some("rows".to_owned()), dim_value: None };
        let columns = columns.map(|columns| DimensionProto { dim_value: Some(columns as i64), dim_param: None });
        let shape = TensorShapeProto { dim: std::iter::once(rows).chain(columns).collect() };
        let tensor_type = Some(TensorTypeProto { elem_type, shape: Some(shape) });
        ValueInfoProto {
            name: name.to_owned(),
            r#type: Some(TypeProto { tensor_type }),
            doc_string: doc_string.to_owned(),
        }
    }
}
