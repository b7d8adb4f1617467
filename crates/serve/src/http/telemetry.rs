//! The record of every request: an id, metrics and a line in the log, without any part of a body.
//!
//! The request id is not tower-http's `SetRequestIdLayer`: that one takes a client's id unchecked, of any length and with any
//! bytes, into the log and the answer, and the log line and the id need the same middleware anyway.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{enabled, event, Level};

use crate::served::state::State;

/// Header with the id of a request, the client's own or a generated one. The answer has it too.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum number of bytes of a client's id.
const MAX_ID_BYTES: usize = 128;
/// Target of the log lines of requests.
pub const ACCESS: &str = "hitflop::access";

/// The address that a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub SocketAddr);

/// Counts, times and logs a request, and gives it an id.
pub(crate) async fn observe(
    axum::extract::State((state, routes)): axum::extract::State<(Arc<State>, RouteNames)>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let in_flight = state.metrics.begin();
    let method = request.method().clone();
    let route = routes.name(request.extensions().get::<MatchedPath>());
    let id = id(request.headers());
    let logged = enabled!(target: ACCESS, Level::INFO).then(|| {
        let peer = request.extensions().get::<ClientAddress>().map(|peer| peer.0);
        (request.uri().path().to_owned(), peer)
    });
    let is_kserve = request.uri().path().starts_with("/v2");
    let mut response = match state.answers.meter(next.run(request).await) {
        Ok(response) => response,
        Err(rejection) if is_kserve => rejection.for_kserve(),
        Err(rejection) => rejection.into_response(),
    };
    let took = started.elapsed();
    let status = response.status();
    drop(in_flight);
    state.metrics.end(route, &method, status, took);
    if let Some((path, peer)) = logged {
        let id = id.to_str().unwrap_or_default();
        let peer = peer.map(tracing::field::display);
        let status = status.as_u16();
        let milliseconds = took.as_secs_f64() * 1e3;
        event!(target: ACCESS, Level::INFO, %method, path, route, status, milliseconds, id, peer, "request");
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The names of the routes.
#[derive(Clone, Debug, Default)]
pub(crate) struct RouteNames(Arc<Vec<&'static str>>);

impl RouteNames {
    pub(crate) fn new(routes: Vec<&'static str>) -> RouteNames {
        RouteNames(Arc::new(routes))
    }

    /// The route of a request; `other` for one that is not listed, such as the files behind `/docs`.
    fn name(&self, matched: Option<&MatchedPath>) -> &'static str {
        match matched {
            None => "none",
            Some(matched) => self.0.iter().copied().find(|route| *route == matched.as_str()).unwrap_or("other"),
        }
    }
}

/// The client's id if it is short and printable, or a new one: 16 random digits of this process, and a count.
fn id(headers: &HeaderMap) -> HeaderValue {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let is_good = |id: &&HeaderValue| {
        (1..=MAX_ID_BYTES).contains(&id.len()) && id.as_bytes().iter().all(|byte| byte.is_ascii_graphic())
    };
    match headers.get(REQUEST_ID).filter(is_good) {
        Some(id) => id.clone(),
        None => {
            let id = format!("{:016x}-{:x}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed));
            // Hexadecimal digits and a hyphen are what a header may hold.
            HeaderValue::from_maybe_shared(hyper::body::Bytes::from(id)).expect("printable")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_or_generated() {
        let own = |id: &[u8]| {
            let value = HeaderValue::from_bytes(id).expect("a header");
            super::id(&HeaderMap::from_iter([(REQUEST_ID, value)]))
        };
        assert_eq!(own(b"abc-1"), "abc-1");
        for bad in [&b""[..], b"a b", "é".as_bytes(), &[b'a'; MAX_ID_BYTES + 1]] {
            assert_ne!(own(bad).as_bytes(), bad);
        }
        assert_ne!(super::id(&HeaderMap::new()), super::id(&HeaderMap::new()));
    }
}
