//! Which encoding a text has: as the user says, by its byte-order mark, or because nothing else is possible.

pub use encoding_rs::Encoding;
use encoding_rs::{UTF_16BE, UTF_16LE, UTF_8, WINDOWS_1252};

use crate::error::{Error, Fault, Place, Reason, Result};

/// The byte-order mark of UTF-8.
pub const UTF_8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The encoding of a name such as `latin1`, `windows-1252` or `utf-16le`.
///
/// # Errors
/// There is no such encoding.
pub fn named(label: &str) -> Result<&'static Encoding> {
    Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
        let rule = "expected an encoding such as utf-8, utf-16le, latin1 or windows-1252";
        Error::input(Fault::new(Place::setting("encoding"), Reason::Setting, rule).found(label))
    })
}

/// The encoding that the first bytes of a text show: by a byte-order mark, or by every second byte being zero.
pub fn shown_by(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(encoding);
    }
    let pairs = head.chunks_exact(2).take(512);
    let (mut first, mut second, mut all) = (0, 0, 0);
    for pair in pairs {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
        all += 1;
    }
    // Names of columns are plain letters, of which one of two bytes is zero.
    match (first, second) {
        (0, zeros) if all >= 4 && zeros * 10 >= all * 9 => Some(UTF_16LE),
        (zeros, 0) if all >= 4 && zeros * 10 >= all * 9 => Some(UTF_16BE),
        _ => None,
    }
}

/// The text of `bytes` in `encoding`, without a byte-order mark.
///
/// # Errors
/// The bytes are no text in that encoding.
pub fn decoded(bytes: &[u8], encoding: &'static Encoding, name: &str) -> Result<String> {
    let (text, used, has_faults) = encoding.decode(bytes);
    if has_faults {
        let rule = format!("expected text in {}; name another encoding", used.name());
        return Err(Error::input(Fault::new(Place::file(name), Reason::NotUtf8, rule)));
    }
    Ok(text.into_owned())
}

/// Whether a text that is not UTF-8 can only be Windows-1252, of which Latin-1 is a part. Three conditions must hold: every byte
/// above 127 is a letter or a sign of Western texts; none is part of a valid UTF-8 character; most letters are ASCII, which they
/// are not in other alphabets.
pub fn is_windows_1252(bytes: &[u8]) -> bool {
    let mut survey = WesternSurvey::default();
    survey.add(bytes);
    survey.is_windows_1252()
}

/// The decision of [`is_windows_1252`] on a text that is read in parts.
#[derive(Clone, Debug, Default)]
pub struct WesternSurvey {
    is_other: bool,
    /// Runs of bytes above 127, and those of them that are long.
    runs: u64,
    long_runs: u64,
}

impl WesternSurvey {
    /// Adds the next part of the text, which ends with an ASCII character unless it is the last one.
    pub fn add(&mut self, bytes: &[u8]) {
        let is_plain = |chunk: std::str::Utf8Chunk| {
            chunk.valid().is_ascii() && chunk.invalid().iter().all(|byte| is_western(*byte))
        };
        self.is_other = self.is_other || !bytes.utf8_chunks().all(is_plain);
        for run in bytes.split(u8::is_ascii).filter(|run| !run.is_empty()) {
            self.runs += 1;
            self.long_runs += u64::from(run.len() >= LONG_RUN);
        }
    }

    /// Whether all that was added can only be Windows-1252.
    pub fn is_windows_1252(&self) -> bool {
        !self.is_other && self.runs > 0 && self.long_runs * 10 <= self.runs
    }
}

/// So many signs above 127 in a row are rare in Western texts.
const LONG_RUN: usize = 3;

/// Euro sign, quotation marks, dashes, accented letters. Left out are codes without a character, and signs that show in texts of
/// other encodings rather than in names: `ÿ`, `×`, `÷`, `¤`, `¦`, `¬`.
fn is_western(byte: u8) -> bool {
    match byte {
        0x81 | 0x8d | 0x8f | 0x90 | 0x9d | 0xa4 | 0xa6 | 0xac | 0xd7 | 0xf7 | 0xff => false,
        byte => byte >= 0x80,
    }
}

/// UTF-8 and Windows-1252, for comparison.
pub const UTF8: &Encoding = UTF_8;
/// The encoding of Western texts that are not UTF-8.
pub const WESTERN: &Encoding = WINDOWS_1252;

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf_16_is_recognised_with_and_without_its_mark() {
        let text = "energy,tempo\n0.5,120\n";
        for (little, encoding) in [(true, UTF_16LE), (false, UTF_16BE)] {
            let bytes = utf_16(text, little);
            assert_eq!(shown_by(&bytes), Some(encoding));
            assert_eq!(decoded(&bytes, encoding, "x").expect("text"), text);
            let marked = utf_16(&format!("\u{feff}{text}"), little);
            assert_eq!(shown_by(&marked), Some(encoding));
            assert_eq!(decoded(&marked, encoding, "x").expect("text"), text);
        }
        assert_eq!(shown_by(text.as_bytes()), None);
        assert_eq!(shown_by(&[0; 64]), None);
        assert!(decoded(&utf_16(text, true)[1..], UTF_16BE, "x").is_err() || shown_by(&[1, 2, 3]).is_none());
    }

    #[test]
    fn only_western_texts_are_taken_for_windows_1252() {
        assert!(is_windows_1252(b"Beyonc\xe9, d\xe9j\xe0 vu \x93live\x94"));
        // KOI8-R, Shift JIS and GBK.
        for other in [b"\xf0\xc5\xd3\xce\xd1 1, 0.5".as_slice(), b"\x83\x8a\x83\x93\x83\x53", b"\xc4\xe3\xba\xc3"] {
            assert!(!is_windows_1252(other), "{other:?}");
        }
        for other in
            [b"plain".as_slice(), "é".as_bytes(), b"\xfftrack", "é\u{fc}".as_bytes(), b"\xc3\xa9 and \xe9 ", b"\x81"]
        {
            assert!(!is_windows_1252(other), "{other:?}");
        }
        assert_eq!(named("latin1").expect("known"), WINDOWS_1252);
        assert_eq!(named("nonsense").expect_err("unknown").to_string().split(':').next(), Some("encoding"));
    }
}
