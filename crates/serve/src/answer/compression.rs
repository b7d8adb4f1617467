//! Texts that are sent often: unchanged, or compressed for clients that accept gzip.
//!
//! tower-http's `CompressionLayer` compresses each answer anew, small predictions too; these texts are compressed once.

use std::io::{self, Write};
use std::sync::OnceLock;

use axum::http::{header, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use flate2::write::GzEncoder;
use flate2::Compression;
use hyper::body::Bytes;

use super::answer_budget::Unmetered;

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// A text and its gzip form, which is made for the first client that accepts it.
#[derive(Debug)]
pub(crate) struct PrecompressedText {
    text: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

impl PrecompressedText {
    pub(crate) fn new(text: impl Into<Bytes>) -> PrecompressedText {
        PrecompressedText { text: text.into(), gzip: OnceLock::new() }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The answer to a request with these headers.
    pub(crate) fn answer(&self, media: HeaderValue, headers: &HeaderMap) -> Response {
        let gzip =
            if takes_gzip(headers) { self.gzip.get_or_init(|| compressed(&self.text).ok()).clone() } else { None };
        let own = [(header::CONTENT_TYPE, media), (header::VARY, BY_ENCODING)];
        let mut response = match gzip {
            Some(bytes) => (own, [(header::CONTENT_ENCODING, GZIP)], bytes).into_response(),
            None => (own, self.text.clone()).into_response(),
        };
        response.extensions_mut().insert(Unmetered);
        response
    }
}

fn compressed(text: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish().map(Bytes::from)
}

/// Whether a client accepts gzip (`Accept-Encoding`).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|names| names.to_str().ok());
    let mut codings = named.flat_map(|names| names.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http_body_util::BodyExt;

    use super::*;

    fn accepting(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn gzip_is_accepted_by_name() {
        for takes in ["gzip", "deflate, gzip", "br;q=1.0, GZIP;q=0.5"] {
            assert!(takes_gzip(&accepting(takes)), "{takes}");
        }
        for not in ["", "identity", "gzip;q=0", "gzip;x", "xgzip"] {
            assert!(!takes_gzip(&accepting(not)), "{not}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn it_is_the_same_text_either_way() {
        let text = "energy ".repeat(1000);
        let text_of_both = PrecompressedText::new(text.clone());
        for (headers, is_packed) in [(HeaderMap::new(), false), (accepting("gzip"), true)] {
            let (parts, body) = text_of_both.answer(HeaderValue::from_static("text/plain"), &headers).into_parts();
            let bytes = body.collect().await.expect("a body").to_bytes();
            assert_eq!(parts.headers.contains_key(header::CONTENT_ENCODING), is_packed);
            let mut found = String::new();
            if is_packed {
                assert!(bytes.len() < 100, "{} bytes", bytes.len());
                flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut found).expect("gzip");
            } else {
                found = String::from_utf8(bytes.to_vec()).expect("text");
            }
            assert_eq!(found, text);
        }
    }
}
