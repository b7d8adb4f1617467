//! The page at `/`: predictions from sliders and files, in a browser.
//!
//! The page is plain HTML, CSS and JavaScript modules, is part of the program, and calls only the routes under `/v1`. Its own files
//! need no token, so that the page can ask the user for one. A browser keeps them and validates them each time (`ETag`), so that a
//! new program never meets an old page.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{header, HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::answer::compression::PrecompressedText;
use crate::answer::rejection::Rejection;
use hitflop_core::digest;

/// Everything from the server itself, no script or style within the markup, and no frame around it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
const KEEP_BUT_VALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page.
struct PageFile {
    name: &'static str,
    media: HeaderValue,
    text: PrecompressedText,
    /// Digest of the text, so that it changes only with the text; weak, as a compressed text is the same one.
    etag: HeaderValue,
}

impl PageFile {
    fn new(name: &'static str, media: &'static str, text: &'static str) -> PageFile {
        let text = PrecompressedText::new(text);
        let digits = digest::hex(&Sha256::digest(text.text())[..8]);
        let etag = HeaderValue::from_str(&format!("W/\"{digits}\"")).expect("quoted hexadecimal digits");
        PageFile { name, media: HeaderValue::from_static(media), text, etag }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let own = [
            (header::ETAG, self.etag.clone()),
            (header::CACHE_CONTROL, KEEP_BUT_VALIDATE),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, NO_SNIFFING),
            (header::REFERRER_POLICY, NO_REFERRER),
        ];
        if has_tag(headers, &self.etag) {
            return (StatusCode::NOT_MODIFIED, own).into_response();
        }
        (own, self.text.answer(self.media.clone(), headers)).into_response()
    }
}

/// Whether a client already has the file of this tag (`If-None-Match`).
fn has_tag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut tags = tags.flat_map(|tags| tags.split(',')).map(str::trim);
    let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    tags.any(|tag| tag == "*" || opaque(tag.as_bytes()) == opaque(etag.as_bytes()))
}

/// The page itself comes first.
static FILES: LazyLock<[PageFile; 18]> = LazyLock::new(|| {
    [
        PageFile::new("index.html", "text/html; charset=utf-8", include_str!("index.html")),
        PageFile::new("style.css", "text/css; charset=utf-8", include_str!("style.css")),
        PageFile::new("icon.svg", "image/svg+xml", include_str!("icon.svg")),
        PageFile::new("api.js", SCRIPT, include_str!("api.js")),
        PageFile::new("app.js", SCRIPT, include_str!("app.js")),
        PageFile::new("bring.js", SCRIPT, include_str!("bring.js")),
        PageFile::new("card.js", SCRIPT, include_str!("card.js")),
        PageFile::new("compare.js", SCRIPT, include_str!("compare.js")),
        PageFile::new("controls.js", SCRIPT, include_str!("controls.js")),
        PageFile::new("densities.js", SCRIPT, include_str!("densities.js")),
        PageFile::new("dom.js", SCRIPT, include_str!("dom.js")),
        PageFile::new("early.js", SCRIPT, include_str!("early.js")),
        PageFile::new("features.js", SCRIPT, include_str!("features.js")),
        PageFile::new("find.js", SCRIPT, include_str!("find.js")),
        PageFile::new("first.js", SCRIPT, include_str!("first.js")),
        PageFile::new("reasons.js", SCRIPT, include_str!("reasons.js")),
        PageFile::new("track.js", SCRIPT, include_str!("track.js")),
        PageFile::new("verdict.js", SCRIPT, include_str!("verdict.js")),
    ]
});

/// The page itself, `index.html`.
pub async fn index(headers: HeaderMap) -> Response {
    FILES[0].answer(&headers)
}

/// A further file of the page.
///
/// # Errors
/// The page has no file of that name.
pub async fn file(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Rejection> {
    let file = FILES.iter().skip(1).find(|file| file.name == name).ok_or(Rejection::NotFound)?;
    Ok(file.answer(&headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl PageFile {
        fn text(&self) -> &str {
            std::str::from_utf8(self.text.text()).expect("text")
        }
    }

    #[test]
    fn the_page_is_light_and_calls_no_one_else() {
        let bytes: usize = FILES.iter().map(|file| file.text().len()).sum();
        assert!(bytes < 200_000, "{bytes} bytes");
        for (name, text) in FILES.iter().map(|file| (file.name, file.text())) {
            // The only addresses are names of formats, prefixes of a card's links, and links that a user may follow.
            let others = text.replace("http://www.w3.org/2000/svg", "").replace("https?:", "");
            let others = others.replace("<a href=\"https:", "");
            assert!(!others.contains("http:") && !others.contains("https:"), "{name}");
            assert!(!text.contains(" style=\"") && !text.contains("innerHTML"), "{name}");
        }
    }

    #[test]
    fn every_file_that_the_page_names_exists() {
        for (name, text) in FILES.iter().map(|file| (file.name, file.text())) {
            let by_page = text.split("\"page/").skip(1);
            let by_module = text.split("from \"./").skip(1);
            let on_demand = text.split("import(\"./").skip(1);
            for rest in by_page.chain(by_module).chain(on_demand) {
                let target = rest.split('"').next().expect("text before the quote");
                assert!(FILES.iter().any(|file| file.name == target), "{name} names {target}");
            }
        }
        for PageFile { name, .. } in FILES.iter().filter(|file| file.media == SCRIPT) {
            let (by_page, by_module) = (format!("\"page/{name}\""), format!("\"./{name}\""));
            let is_named =
                FILES[0].text().contains(&by_page) || FILES.iter().any(|file| file.text().contains(&by_module));
            assert!(is_named, "nothing names {name}");
        }
    }

    #[test]
    fn a_tag_is_recognised() {
        let tag = FILES[0].etag.clone();
        let headers = |tags: &str| {
            HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(tags).expect("a header"))])
        };
        let own = tag.to_str().expect("text").trim_start_matches("W/");
        for tags in [own.to_owned(), format!("W/{own}"), format!("\"a\", {own}"), "*".to_owned()] {
            assert!(has_tag(&headers(&tags), &tag), "{tags}");
        }
        for tags in ["", "\"a\"", own.trim_matches('"')] {
            assert!(!has_tag(&headers(tags), &tag), "{tags}");
        }
        assert!(!has_tag(&HeaderMap::new(), &tag));
    }
}
