//! A token that a client must send, if the server has one: `Authorization: Bearer TOKEN`.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::{header, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::answer::rejection::Rejection;
use crate::served::state::State;

/// Passes on a request that has the server's token.
pub(crate) async fn authenticate(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let allowed = state.config.token.as_deref().is_none_or(|token| has_token(request.headers(), token));
    match allowed {
        true => next.run(request).await,
        false => Rejection::Unauthorized.into_response(),
    }
}

/// Whether a request has `token`. Digests are compared, so that the time reveals neither the token nor its length.
fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().split_at_checked(7));
    let Some((scheme, sent)) = sent else { return false };
    scheme.eq_ignore_ascii_case(b"bearer ") && Sha256::digest(sent).ct_eq(&Sha256::digest(token)).into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_token_is_accepted() {
        let sent =
            |value: &'static str| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
        assert!(has_token(&sent("Bearer secret"), "secret"));
        assert!(has_token(&sent("bearer secret"), "secret"));
        for wrong in
            ["", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret", "secret", "Bearer  secret"]
        {
            assert!(!has_token(&sent(wrong), "secret"), "{wrong}");
        }
        assert!(!has_token(&HeaderMap::new(), "secret"));
    }
}
