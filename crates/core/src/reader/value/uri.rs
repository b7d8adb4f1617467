//! Spotify URIs.

use std::borrow::Cow;

/// Number of letters and digits of a Spotify id.
const ID_LETTERS: usize = 22;
const PREFIX: &str = "spotify:track:";

/// The Spotify URI that a text gives: as it is, or of a bare id or a link to the track. Any other text is returned unchanged.
pub fn track_uri(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let id = match text.split_once("open.spotify.com/") {
        Some((_, path)) => {
            path.rsplit_once("track/").map_or("", |(_, id)| id.split(['?', '#', '/']).next().unwrap_or(""))
        }
        None => text,
    };
    if id.len() == ID_LETTERS && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Cow::Owned(format!("{PREFIX}{id}"));
    }
    Cow::Borrowed(text)
}
