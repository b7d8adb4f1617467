//! The body of a request: complete, in time, within the limit, and of a type that the route reads.
//!
//! tower-http's layers do not suffice. `RequestBodyTimeoutLayer` limits the time of each frame, not of the whole body: a client that
//! sends a byte at a time is never refused. `RequestBodyLimitLayer` answers in plain text and does not count the bodies that are
//! read at the same time. It does not read on either: a client that sends first and reads then sees a broken connection instead
//! of the 413.

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{header, HeaderMap};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Bytes};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use crate::request::media_type::MediaType;
use crate::served::state::State;

/// Larger bodies count against the limit of all bodies. Smaller ones take no more than their connection.
const UNMETERED_BYTES: usize = 16 << 10;
/// Multiple of the limit that is read and discarded, so that a client that sends first and reads then sees the answer.
const DISCARD_FACTOR: usize = 8;

/// A whole body. Its memory counts for as long as this lives.
#[derive(Debug)]
pub(crate) struct BodyBytes {
    bytes: Bytes,
    _counted: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for BodyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of a request that must be JSON, up to the limit for a few tracks.
///
/// # Errors
/// It is of another type, too large, too slow, or breaks off.
pub(crate) async fn json(request: Request, state: &Arc<State>) -> Result<BodyBytes, Rejection> {
    if MediaType::of(request.headers()) != Some(MediaType::Json) {
        return Err(Rejection::UnsupportedMediaType { expected: "application/json" });
    }
    read(request, state.config.limits.body_bytes, state).await
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentCoding {
    Gzip,
    /// Zlib's format.
    Deflate,
}

impl ContentCoding {
    /// That of a request; `Ok(None)` for a body that comes as it is.
    ///
    /// # Errors
    /// It is another one, or there are several.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<ContentCoding>, Rejection> {
        let mut coding = None;
        for value in headers.get_all(header::CONTENT_ENCODING) {
            let name = value.as_bytes();
            let known = match () {
                () if name.eq_ignore_ascii_case(b"identity") => continue,
                () if name.eq_ignore_ascii_case(b"gzip") => ContentCoding::Gzip,
                () if name.eq_ignore_ascii_case(b"deflate") => ContentCoding::Deflate,
                () => return Err(Rejection::UnsupportedEncoding { accepted: CODINGS }),
            };
            if coding.replace(known).is_some() {
                return Err(Rejection::UnsupportedEncoding { accepted: CODINGS });
            }
        }
        Ok(coding)
    }
}

/// Codings of a body that may be compressed, and of one that may not.
const CODINGS: &str = "gzip, deflate, identity";
const NO_CODING: &str = "identity";

impl BodyBytes {
    /// The body before it was compressed, of at most `most` bytes.
    ///
    /// # Errors
    /// It is damaged or too large, or bodies take too much memory.
    pub(crate) fn inflated(self, coding: ContentCoding, most: usize, state: &State) -> Result<BodyBytes, Rejection> {
        let mut reader: Box<dyn Read + '_> = match coding {
            ContentCoding::Gzip => Box::new(MultiGzDecoder::new(&self.bytes[..])),
            ContentCoding::Deflate => Box::new(ZlibDecoder::new(&self.bytes[..])),
        };
        let (mut bytes, mut counted) = (Vec::new(), None);
        let mut piece = [0; 16 << 10];
        loop {
            let length = reader.read(&mut piece).map_err(|error| {
                let rule = format!("Body should be compressed as its content encoding says ({error})");
                Rejection::invalid(Detail::new("content_encoding", vec![json!("body")], rule, &json!({})))
            })?;
            if length == 0 {
                return Ok(BodyBytes { bytes: bytes.into(), _counted: counted });
            }
            if bytes.len() + length > most {
                return Err(too_large(most));
            }
            count(&mut counted, bytes.len() + length, state)?;
            bytes.extend_from_slice(&piece[..length]);
        }
    }
}

/// Reads a body of at most `most` bytes.
///
/// # Errors
/// It is compressed, too large, too slow, or breaks off.
pub(crate) async fn read(request: Request, most: usize, state: &Arc<State>) -> Result<BodyBytes, Rejection> {
    if ContentCoding::of(request.headers()).map_or(true, |coding| coding.is_some()) {
        return Err(Rejection::UnsupportedEncoding { accepted: NO_CODING });
    }
    read_as_sent(request, most, state).await
}

/// As [`read`], of a body that may be compressed.
///
/// # Errors
/// It is too large, too slow, or breaks off.
pub(crate) async fn read_as_sent(request: Request, most: usize, state: &Arc<State>) -> Result<BodyBytes, Rejection> {
    let waits_for_leave = request.headers().contains_key(header::EXPECT);
    let body = request.into_body();
    if body.size_hint().lower() > most as u64 && waits_for_leave {
        return Err(too_large(most));
    }
    match timeout(state.config.limits.body_timeout, collect(body, most, state)).await {
        Ok(result) => result,
        Err(_) => Err(Rejection::BodyTimeout),
    }
}

fn too_large(most: usize) -> Rejection {
    Rejection::TooLarge(format!("The body is too large, at most {most} bytes are allowed"))
}

async fn collect(mut body: Body, most: usize, state: &Arc<State>) -> Result<BodyBytes, Rejection> {
    let Some(first) = next(&mut body, most).await? else {
        return Ok(BodyBytes { bytes: Bytes::new(), _counted: None });
    };
    // Most bodies come in one piece, which is not copied.
    if body.is_end_stream() && first.len() <= UNMETERED_BYTES.min(most) {
        return Ok(BodyBytes { bytes: first, _counted: None });
    }
    let mut counted = None;
    let mut bytes = Vec::new();
    let mut piece = Some(first);
    while let Some(data) = piece {
        if bytes.len() + data.len() > most {
            drop((bytes, counted));
            throw_away(body, most).await;
            return Err(too_large(most));
        }
        count(&mut counted, bytes.len() + data.len(), state)?;
        bytes.extend_from_slice(&data);
        piece = next(&mut body, most).await?;
    }
    Ok(BodyBytes { bytes: bytes.into(), _counted: counted })
}

/// The next piece of data; `None` at the end.
async fn next(body: &mut Body, most: usize) -> Result<Option<Bytes>, Rejection> {
    if body.size_hint().lower() > most as u64 {
        throw_away(std::mem::take(body), most).await;
        return Err(too_large(most));
    }
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(_)) => return Err(Rejection::BodyBroken),
            // Trailers mean nothing here.
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => return Ok(Some(data)),
                Err(_) => {}
            },
        }
    }
}

/// Reads on for a while without keeping anything.
async fn throw_away(mut body: Body, most: usize) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = body.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > most.saturating_mul(DISCARD_FACTOR) {
            break;
        }
    }
}

/// Makes `counted` cover `bytes`.
fn count(counted: &mut Option<OwnedSemaphorePermit>, bytes: usize, state: &State) -> Result<(), Rejection> {
    if bytes <= UNMETERED_BYTES {
        return Ok(());
    }
    let needed = bytes.div_ceil(1 << 10);
    let missing = needed - counted.as_ref().map_or(0, OwnedSemaphorePermit::num_permits).min(needed);
    let missing = u32::try_from(missing).map_err(|_| Rejection::Busy)?;
    let further = Arc::clone(&state.bodies).try_acquire_many_owned(missing).map_err(|_| Rejection::Busy)?;
    match counted {
        Some(counted) => counted.merge(further),
        None => *counted = Some(further),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::HeaderValue;
    use hyper::body::Frame;

    use super::*;
    use crate::limits::ServerLimits;
    use crate::served::state::Config;

    #[test]
    fn types_are_known_by_their_names() {
        let of = |name: &'static str| {
            MediaType::of(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(name))]))
        };
        assert_eq!(MediaType::of(&HeaderMap::new()), Some(MediaType::Json));
        assert_eq!(of("Application/JSON; charset=utf-8"), Some(MediaType::Json));
        assert_eq!(of("application/vnd.api+json"), Some(MediaType::Json));
        assert_eq!(of("application/x-ndjson"), Some(MediaType::JsonLines));
        assert_eq!(of("text/csv; header=present"), Some(MediaType::Csv));
        for other in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    fn state(bodies_bytes: usize) -> Arc<State> {
        let limits = ServerLimits { bodies_bytes, body_timeout: Duration::from_millis(50), ..ServerLimits::default() };
        State::new(Config { limits, ..Config::default() })
    }

    /// A body in pieces, without a length.
    fn pieces(pieces: &[&'static [u8]]) -> Request {
        struct Pieces(std::collections::VecDeque<&'static [u8]>);
        impl hyper::body::Body for Pieces {
            type Data = Bytes;
            type Error = std::convert::Infallible;

            fn poll_frame(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
                std::task::Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(Bytes::from_static(piece)))))
            }
        }
        Request::new(Body::new(Pieces(pieces.iter().copied().collect())))
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        let state = state(1 << 20);
        let received = read(pieces(&[b"ab", b"", b"cde"]), 5, &state).await.expect("a body");
        assert_eq!(&received[..], b"abcde");
        let refused = read(pieces(&[b"ab", b"cde", b"f"]), 5, &state).await.expect_err("too large");
        assert_eq!(refused, Rejection::TooLarge("The body is too large, at most 5 bytes are allowed".to_owned()));
        let known = Request::new(Body::from("abcdef"));
        assert!(matches!(read(known, 5, &state).await, Err(Rejection::TooLarge(_))));
        assert_eq!(&read(pieces(&[]), 5, &state).await.expect("nothing")[..], b"");
    }

    #[tokio::test]
    async fn large_bodies_count_while_they_live() {
        static LARGE: [u8; 40 << 10] = [b' '; 40 << 10];
        let state = state(64 << 10);
        let first = read(pieces(&[&LARGE]), 1 << 20, &state).await.expect("there is room");
        assert_eq!(read(pieces(&[&LARGE]), 1 << 20, &state).await.expect_err("no room"), Rejection::Busy);
        read(pieces(&[&LARGE[..1000]]), 1 << 20, &state).await.expect("a small one needs none");
        drop(first);
        read(pieces(&[&LARGE]), 1 << 20, &state).await.expect("there is room again");
    }

    #[test]
    fn compressed_bodies_are_inflated_within_the_limits() {
        use flate2::write::{GzEncoder, ZlibEncoder};
        use flate2::Compression;
        use std::io::Write;
        let text = b"energy ".repeat(10_000);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).expect("memory");
        let gzip = gzip.finish().expect("memory");
        let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(&text).expect("memory");
        let deflate = deflate.finish().expect("memory");
        let inflated = |bytes: &[u8], coding, most, state: &State| {
            let body = BodyBytes { bytes: Bytes::copy_from_slice(bytes), _counted: None };
            body.inflated(coding, most, state)
        };
        let state = state(70 << 10);
        for (bytes, coding) in [(&gzip, ContentCoding::Gzip), (&deflate, ContentCoding::Deflate)] {
            let whole = inflated(bytes, coding, text.len(), &state).expect("room");
            assert_eq!(&whole[..], text);
            assert_eq!(inflated(bytes, coding, text.len(), &state).expect_err("no room"), Rejection::Busy);
            let refused = inflated(bytes, coding, text.len() - 1, &state).expect_err("too large");
            assert!(matches!(refused, Rejection::TooLarge(_) | Rejection::Busy));
            drop(whole);
            assert!(matches!(inflated(bytes, coding, 100, &state), Err(Rejection::TooLarge(_))));
            let cut = inflated(&bytes[..bytes.len() / 2], coding, text.len(), &state);
            assert!(matches!(cut, Err(Rejection::Invalid(_))), "{cut:?}");
        }
        assert!(matches!(inflated(&gzip, ContentCoding::Deflate, 1 << 20, &state), Err(Rejection::Invalid(_))));
    }

    #[test]
    fn codings_are_known_by_their_names() {
        let of = |names: &[&'static str]| {
            let header = |name: &&'static str| (header::CONTENT_ENCODING, HeaderValue::from_static(name));
            ContentCoding::of(&names.iter().map(header).collect())
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["identity"]), Ok(None));
        assert_eq!(of(&["GZIP"]), Ok(Some(ContentCoding::Gzip)));
        assert_eq!(of(&["deflate", "identity"]), Ok(Some(ContentCoding::Deflate)));
        for other in [&["br"][..], &["gzip", "gzip"], &["gzip, deflate"], &[""]] {
            assert!(matches!(of(other), Err(Rejection::UnsupportedEncoding { .. })), "{other:?}");
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_given_up() {
        struct Never;
        impl hyper::body::Body for Never {
            type Data = Bytes;
            type Error = std::convert::Infallible;

            fn poll_frame(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
                std::task::Poll::Pending
            }
        }
        let refused = read(Request::new(Body::new(Never)), 5, &state(0)).await.expect_err("no body");
        assert_eq!(refused, Rejection::BodyTimeout);
    }
}
