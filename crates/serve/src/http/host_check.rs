//! The hosts that requests may name. A page of another site whose name leads to this machine (DNS rebinding) names its own.
//!
//! tower-http has no layer for it; axum's `Host` extractor trusts `X-Forwarded-Host`, which any client can send.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answer::rejection::Rejection;
use crate::served::allowed_host::AllowedHost;
use crate::served::state::State;

/// Passes on a request that names an allowed host.
pub(crate) async fn check_host(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    if names_allowed(&request, &state.config.allow_hosts) {
        return next.run(request).await;
    }
    match request.uri().path().starts_with("/v2") {
        true => Rejection::OtherHost.for_kserve(),
        false => Rejection::OtherHost.into_response(),
    }
}

/// Whether a request names hosts, all of which are allowed: by one `Host`, and by the authority of its target if that has one.
fn names_allowed(request: &Request, allowed: &[AllowedHost]) -> bool {
    let is_allowed =
        |text: &str| AllowedHost::parse(text).is_some_and(|named| allowed.iter().any(|allowed| allowed.allows(&named)));
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    };
    host.is_some_and(is_allowed) && authority.is_none_or(is_allowed)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn is_allowed(allowed: &[&str], hosts: &[&str], target: &str) -> bool {
        let allowed: Vec<AllowedHost> = allowed.iter().map(|text| AllowedHost::parse(text).expect("a host")).collect();
        let request = hosts.iter().fold(Request::get(target), |request, host| request.header(header::HOST, *host));
        names_allowed(&request.body(Body::empty()).expect("a request"), &allowed)
    }

    #[test]
    fn a_host_is_compared_with_its_port_if_that_is_named() {
        for (allowed, host, is_good) in [
            ("example.org", "example.org", true),
            ("example.org", "example.org:8000", true),
            ("example.org", "EXAMPLE.org.", true),
            ("Example.Org.", "example.org:", true),
            ("example.org:8000", "example.org:8000", true),
            ("example.org:8000", "example.org:08000", true),
            ("example.org:8000", "example.org", false),
            ("example.org:8000", "example.org:80", false),
            ("example.org", "sub.example.org", false),
            ("example.org", "example.org.evil.test", false),
            ("example.org", "user@example.org", false),
            ("example.org", "example.org/path", false),
            ("example.org", "example.org:8000:1", false),
            ("example.org", "example.org:99999", false),
            ("example.org", "", false),
            ("10.0.0.7", "10.0.0.7:8000", true),
            ("10.0.0.7", "10.0.0.70", false),
            ("::1", "[::1]:8000", true),
            ("[::1]", "[0:0:0:0:0:0:0:1]", true),
            ("[::1]:8000", "[::1]:8000", true),
            ("[::1]:8000", "[::1]", false),
            ("FE80::A", "[fe80::a]", true),
            ("::1", "[::2]", false),
        ] {
            assert_eq!(is_allowed(&[allowed], &[host], "/"), is_good, "{allowed} {host}");
        }
        for text in ["", ":80", "a b", "[::1", "[x]", "http://example.org", "*", "a:b"] {
            assert_eq!(AllowedHost::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_request_names_one_host_and_the_authority_counts_too() {
        let allowed = ["a.test", "b.test:1"];
        assert!(is_allowed(&allowed, &["a.test"], "/healthz"));
        assert!(is_allowed(&allowed, &["b.test:1"], "http://a.test/healthz"));
        assert!(!is_allowed(&allowed, &["a.test"], "http://evil.test/healthz"));
        assert!(!is_allowed(&allowed, &["evil.test"], "http://a.test/healthz"));
        assert!(!is_allowed(&allowed, &[], "/healthz"), "without Host");
        assert!(!is_allowed(&allowed, &["a.test", "a.test"], "/healthz"), "with two");
        assert!(!is_allowed(&allowed, &["a.test, evil.test"], "/healthz"));
    }
}
