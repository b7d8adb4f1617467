//! The protocol's extension of binary tensor data: values after the JSON of a request or an answer, little-endian, in the order of
//! the tensors. The header `Inference-Header-Content-Length` has the length of the JSON.

use axum::http::{HeaderMap, HeaderName};
use serde_json::json;

use super::shapes::{InferBody, InputTensor, TensorData, WordOrNull};
use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use crate::request::document::Document;
use crate::request::json_number::JsonNumber;

/// The header with the length of the JSON.
pub(super) const JSON_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");
/// The parameter of a tensor with the length of its values.
pub(super) const SIZE: &str = "binary_data_size";

/// The JSON of a body, and the values after it.
pub(super) fn split<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Rejection> {
    let Some(sent) = headers.get(JSON_LENGTH) else { return Ok((body, &[])) };
    let sent = sent.to_str().unwrap_or_default();
    let length = sent.parse::<usize>().ok().and_then(|length| body.split_at_checked(length));
    length.ok_or_else(|| {
        let rule = format!("Header should be the length of the JSON, at most the {} bytes of the body", body.len());
        let place = vec![json!("header"), json!(JSON_LENGTH.as_str())];
        Rejection::invalid(Detail::new("less_than_equal", place, rule, &json!(sent)))
    })
}

/// Gives the tensors that have their values in `data` those values, of each at most `most`.
pub(super) fn attach(document: &mut Document, body: &mut InferBody, data: &[u8], most: usize) {
    let Some(Some(inputs)) = &mut body.inputs else { return };
    let mut rest = data;
    for (index, tensor) in inputs.kept.iter_mut().enumerate() {
        let Some(size) = tensor.binary_size.take() else { continue };
        let place = [json!("inputs"), json!(index), json!("parameters"), json!(SIZE)];
        if tensor.data.is_some() {
            document.fault(&place, "too_many_forms", "Expected either data or binary data, not both");
            return;
        }
        let values = size.and_then(|size| usize::try_from(size).ok()).and_then(|size| rest.split_at_checked(size));
        let Some((values, further)) = values else {
            let left = rest.len();
            let rule = format!("Expected the length of values after the JSON, of which {left} bytes are left; the header Inference-Header-Content-Length says where they begin");
            document.fault(&place, "less_than_equal", rule);
            return;
        };
        rest = further;
        if tensor.datatype.as_ref().and_then(WordOrNull::word) == Some("BYTES") {
            let Some(texts) = texts(values, most) else {
                let rule = "Expected texts in UTF-8, each after its length in four bytes";
                document.fault(&place, "string_type", rule);
                return;
            };
            tensor.data = Some(Some(texts));
            continue;
        }
        // Without a known type the tensor is refused for that.
        let Some(datatype) = Datatype::of(tensor) else { continue };
        if values.len() % datatype.bytes() != 0 {
            let rule = format!("Expected a multiple of the {} bytes of a value", datatype.bytes());
            document.fault(&place, "multiple_of", rule);
            return;
        }
        let count = values.len() / datatype.bytes();
        let kept = values.chunks_exact(datatype.bytes()).take(most).map(|bytes| datatype.number(bytes)).collect();
        tensor.data = Some(Some(TensorData { kept, count }));
    }
    if !rest.is_empty() {
        let rule = format!("Expected {} bytes of values after the JSON, found {}", data.len() - rest.len(), data.len());
        document.fault_of(&json!(data.len()), &[json!("inputs")], "too_long", rule);
    }
}

/// Texts, each after its length in four bytes, of which at most `most` are kept.
fn texts(mut bytes: &[u8], most: usize) -> Option<TensorData> {
    let mut data = TensorData::default();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let text = std::str::from_utf8(text).ok()?;
        if data.count < most {
            data.kept.push(JsonNumber::text(text));
        }
        data.count += 1;
        bytes = rest;
    }
    Some(data)
}

/// A type of numbers or truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Datatype {
    Bool,
    Unsigned(usize),
    Signed(usize),
    Float16,
    Brain16,
    Float32,
    Float64,
}

impl Datatype {
    fn of(tensor: &InputTensor) -> Option<Datatype> {
        Some(match tensor.datatype.as_ref().and_then(WordOrNull::word)? {
            "BOOL" => Datatype::Bool,
            "UINT8" => Datatype::Unsigned(1),
            "UINT16" => Datatype::Unsigned(2),
            "UINT32" => Datatype::Unsigned(4),
            "UINT64" => Datatype::Unsigned(8),
            "INT8" => Datatype::Signed(1),
            "INT16" => Datatype::Signed(2),
            "INT32" => Datatype::Signed(4),
            "INT64" => Datatype::Signed(8),
            "FP16" => Datatype::Float16,
            "BF16" => Datatype::Brain16,
            "FP32" => Datatype::Float32,
            "FP64" => Datatype::Float64,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Datatype::Bool => 1,
            Datatype::Unsigned(bytes) | Datatype::Signed(bytes) => bytes,
            Datatype::Float16 | Datatype::Brain16 => 2,
            Datatype::Float32 => 4,
            Datatype::Float64 => 8,
        }
    }

    /// The number of [`Datatype::bytes`] bytes; NaN is a missing value.
    fn number(self, bytes: &[u8]) -> JsonNumber {
        let mut filled = [0; 8];
        filled[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(filled);
        let value = match self {
            Datatype::Bool => return JsonNumber::Bool(bits != 0),
            Datatype::Unsigned(_) => return JsonNumber::Whole(bits.into()),
            Datatype::Signed(bytes) => {
                let unused = 64 - 8 * bytes as u32;
                return JsonNumber::Whole((((bits << unused) as i64) >> unused).into());
            }
            Datatype::Float16 => half_precision(bits as u16),
            Datatype::Brain16 => f64::from(f32::from_bits((bits as u32) << 16)),
            Datatype::Float32 => f64::from(f32::from_bits(bits as u32)),
            Datatype::Float64 => f64::from_bits(bits),
        };
        if value.is_nan() {
            JsonNumber::Null
        } else {
            JsonNumber::Float(value)
        }
    }
}

/// The value of 16 bits as IEEE 754 has them: a sign, five bits of an exponent, ten of a fraction.
fn half_precision(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(datatype: &str, bytes: &[u8]) -> JsonNumber {
        let datatype = Some(WordOrNull::Word(datatype.to_owned()));
        Datatype::of(&InputTensor { datatype, ..InputTensor::default() }).expect("known").number(bytes)
    }

    #[test]
    fn numbers_are_little_endian() {
        let whole = |value: i64| JsonNumber::Whole(value.into());
        assert_eq!(number("UINT8", &[255]), whole(255));
        assert_eq!(number("INT8", &[255]), whole(-1));
        assert_eq!(number("UINT16", &[0, 1]), whole(256));
        assert_eq!(number("INT16", &(-300_i16).to_le_bytes()), whole(-300));
        assert_eq!(number("INT32", &(-70_000_i32).to_le_bytes()), whole(-70_000));
        assert_eq!(number("UINT32", &u32::MAX.to_le_bytes()), whole(i64::from(u32::MAX)));
        assert_eq!(number("INT64", &i64::MIN.to_le_bytes()), whole(i64::MIN));
        assert_eq!(number("UINT64", &u64::MAX.to_le_bytes()), JsonNumber::Whole(u64::MAX.into()));
        assert_eq!(number("FP32", &0.5_f32.to_le_bytes()), JsonNumber::Float(0.5));
        assert_eq!(number("FP64", &(-7.27_f64).to_le_bytes()), JsonNumber::Float(-7.27));
        assert_eq!(number("BF16", &[0x40, 0xc0]), JsonNumber::Float(-3.0));
        for (bits, value) in
            [(0x3c00_u16, 1.0), (0xc000, -2.0), (0x3555, 0.333251953125), (1, 2f64.powi(-24)), (0x7bff, 65504.0)]
        {
            assert_eq!(number("FP16", &bits.to_le_bytes()), JsonNumber::Float(value));
        }
        assert_eq!(number("FP16", &0x7c00_u16.to_le_bytes()), JsonNumber::Float(f64::INFINITY));
        for (datatype, bytes) in [
            ("FP16", &0x7e00_u16.to_le_bytes()[..]),
            ("BF16", &0x7fc0_u16.to_le_bytes()),
            ("FP32", &f32::NAN.to_le_bytes()),
            ("FP64", &f64::NAN.to_le_bytes()),
        ] {
            assert_eq!(number(datatype, bytes), JsonNumber::Null, "{datatype}");
        }
    }

    #[test]
    fn texts_follow_their_lengths() {
        assert_eq!((number("BOOL", &[0]), number("BOOL", &[1])), (JsonNumber::Bool(false), JsonNumber::Bool(true)));
        let bytes = [&3_u32.to_le_bytes()[..], "C♯".as_bytes().get(..3).unwrap_or_default()].concat();
        assert!(texts(&bytes, 9).is_none(), "no whole character");
        let bytes: Vec<u8> = ["C♯", "", "Db"]
            .iter()
            .flat_map(|text| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat())
            .collect();
        let data = texts(&bytes, 2).expect("texts");
        assert_eq!((data.kept, data.count), (vec![JsonNumber::text("C♯"), JsonNumber::text("")], 3));
        for length in [1, 5, bytes.len() - 1] {
            assert!(texts(&bytes[..length], 9).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn the_header_says_where_the_values_begin() {
        let headers = |length: &str| HeaderMap::from_iter([(JSON_LENGTH, length.parse().expect("a header"))]);
        assert_eq!(split(&HeaderMap::new(), b"{}"), Ok((&b"{}"[..], &b""[..])));
        assert_eq!(split(&headers("2"), b"{}12"), Ok((&b"{}"[..], &b"12"[..])));
        assert_eq!(split(&headers("4"), b"{}12"), Ok((&b"{}12"[..], &b""[..])));
        for wrong in ["5", "-1", "x", "", "18446744073709551616"] {
            assert!(matches!(split(&headers(wrong), b"{}12"), Err(Rejection::Invalid(_))), "{wrong}");
        }
    }
}
