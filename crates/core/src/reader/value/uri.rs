//! Spotify URIs.

use std::borrow::Cow;

/// Number of letters and digits of a Spotify id.
const ID_LETTERS: usize = 22;
const PREFIX: &str = "spotify:track:";
/// Hosts whose links to tracks have the id in the path.
const HOSTS: [&str; 2] = ["open.spotify.com/", "play.spotify.com/"];

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

/// The Spotify URI of the track that a text links to, wherever in it: `spotify:track:…`, or a link to the site with any language,
/// `embed` or query in it. Scheme and host may be in any case. None if there is no such link.
pub fn find_track_uri(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || "\"'<>()[]{},;|".contains(c));
    words.filter_map(track_id).map(|id| format!("{PREFIX}{id}")).next()
}

/// The id of the track that a word is a link to.
fn track_id(word: &str) -> Option<&str> {
    // In ASCII the lower case has the same bytes at the same places.
    let lower = word.to_ascii_lowercase();
    let rest = match lower.find(PREFIX) {
        Some(start) => &word[start + PREFIX.len()..],
        None => {
            let (start, host) = HOSTS.iter().find_map(|host| Some((lower.find(host)?, host)))?;
            let path = word[start + host.len()..].split(['?', '#']).next()?;
            path.split_once("track/")?.1
        }
    };
    let end = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    (end == ID_LETTERS).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4uLU6hMCjMI75M1A2tKUQC";

    #[test]
    fn links_of_all_shapes_are_found() {
        for text in [
            "spotify:track:ID",
            "  SPOTIFY:track:ID\n",
            "https://open.spotify.com/track/ID",
            "https://open.spotify.com/track/ID?si=0123456789abcdef&utm_source=copy-link",
            "http://OPEN.spotify.com/intl-de/track/ID?si=x#y",
            "open.spotify.com/intl-pt-BR/track/ID/",
            "https://open.spotify.com/embed/track/ID?utm_source=generator",
            "https://play.spotify.com/track/ID",
            "Listen to this:\thttps://open.spotify.com/track/ID.",
            "<iframe src=\"https://open.spotify.com/embed/track/ID?theme=0\"></iframe>",
            "[a song](https://open.spotify.com/track/ID)",
        ] {
            assert_eq!(find_track_uri(&text.replace("ID", ID)), Some(format!("{PREFIX}{ID}")), "{text}");
        }
    }

    #[test]
    fn other_texts_link_to_no_track() {
        for text in [
            "",
            "ID",
            "track/ID",
            "spotify:album:ID",
            "https://open.spotify.com/album/ID?highlight=spotify",
            "https://open.spotify.com/album/x?next=/track/ID",
            "https://open.spotify.com/playlist/ID",
            "https://example.org/track/ID",
            "spotify:track:",
            "spotify:track:IDx",
            "spotify:track:4uLU6hMCjMI75M1A2tKUQ",
            "spotify:track:4uLU6hMCjMI75M1A2tKUQ\u{e9}",
            "https://spotify.link/abc",
            "\u{0}\u{130}spotify\u{130}:track:\u{1f600}",
        ] {
            assert_eq!(find_track_uri(&text.replace("ID", ID)), None, "{text}");
        }
    }
}
