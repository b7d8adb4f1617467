//! Texts that are sent often: as they are, or compressed for clients that take that.

use std::io::{self, Write};
use std::sync::OnceLock;

use axum::http::{header, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use flate2::write::GzEncoder;
use flate2::Compression;
use hyper::body::Bytes;

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// A text and what it becomes by gzip, made when it is first asked for.
#[derive(Debug)]
pub struct PrecompressedText {
    text: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

impl PrecompressedText {
    /// A text to be sent.
    pub fn new(text: impl Into<Bytes>) -> PrecompressedText {
        PrecompressedText { text: text.into(), gzip: OnceLock::new() }
    }

    /// The text as it is.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The answer to a request with these headers.
    pub fn answer(&self, media: HeaderValue, asked: &HeaderMap) -> Response {
        let gzip = if takes_gzip(asked) { self.gzip.get_or_init(|| compressed(&self.text).ok()).clone() } else { None };
        let headers = [(header::CONTENT_TYPE, media), (header::VARY, BY_ENCODING)];
        match gzip {
            Some(bytes) => (headers, [(header::CONTENT_ENCODING, GZIP)], bytes).into_response(),
            None => (headers, self.text.clone()).into_response(),
        }
    }
}

fn compressed(text: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish().map(Bytes::from)
}

/// Whether a client says that it reads gzip (`Accept-Encoding`).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|names| names.to_str().ok());
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

    fn asking(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn who_takes_gzip_says_so() {
        for takes in ["gzip", "deflate, gzip", "br;q=1.0, GZIP;q=0.5"] {
            assert!(takes_gzip(&asking(takes)), "{takes}");
        }
        for not in ["", "identity", "gzip;q=0", "gzip;x", "xgzip"] {
            assert!(!takes_gzip(&asking(not)), "{not}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn it_is_the_same_text_either_way() {
        let text = "energy ".repeat(1000);
        let packed = PrecompressedText::new(text.clone());
        for (asked, is_packed) in [(HeaderMap::new(), false), (asking("gzip"), true)] {
            let (parts, body) = packed.answer(HeaderValue::from_static("text/plain"), &asked).into_parts();
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
