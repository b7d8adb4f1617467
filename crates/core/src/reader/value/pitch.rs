//! Keys: pitch names, keys with a mode, Camelot and Open Key codes.

/// A key as a text spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MusicalKey {
    /// Pitch class: 0 is C, 11 is B.
    pub pitch: u8,
    /// Whether it is major, if the text says so.
    pub is_major: Option<bool>,
}

/// Pitch class of the major key with the Camelot number 1 … 12 (`1B` is B major), and of the minor key (`1A` is A♭ minor).
const CAMELOT_MAJOR: [u8; 12] = [11, 6, 1, 8, 3, 10, 5, 0, 7, 2, 9, 4];
const CAMELOT_MINOR: [u8; 12] = [8, 3, 10, 5, 0, 7, 2, 9, 4, 11, 6, 1];
/// Camelot's number of Open Key's 1: `1d` is C major, `8B`.
const OPEN_KEY_OFFSET: usize = 7;

/// The key that `text` spells: `C`, `c#`, `D♭`, `C♯/D♭`, `F sharp`, `G minor`, `Gm`, `Bb maj`, `8A` (Camelot), `1d` (Open Key).
pub fn key_of_text(text: &str) -> Option<MusicalKey> {
    let text = text.trim();
    code(text).or_else(|| named(text))
}

/// A Camelot or Open Key code: a number from 1 to 12 and a letter.
fn code(text: &str) -> Option<MusicalKey> {
    let letter = text.chars().last().filter(char::is_ascii_alphabetic)?;
    let number: usize = text[..text.len() - 1].trim_end().parse().ok().filter(|number| (1..=12).contains(number))?;
    let (index, is_major) = match letter {
        'A' | 'a' => (number - 1, false),
        'B' | 'b' => (number - 1, true),
        'M' | 'm' => ((number - 1 + OPEN_KEY_OFFSET) % 12, false),
        'D' | 'd' => ((number - 1 + OPEN_KEY_OFFSET) % 12, true),
        _ => return None,
    };
    let pitch = if is_major { CAMELOT_MAJOR[index] } else { CAMELOT_MINOR[index] };
    Some(MusicalKey { pitch, is_major: Some(is_major) })
}

/// A pitch name, perhaps with its enharmonic name after a slash, and perhaps a mode.
fn named(text: &str) -> Option<MusicalKey> {
    let (pitch, mut rest) = pitch(text)?;
    if let Some(other) = rest.trim_start().strip_prefix('/') {
        let (same, after) = self::pitch(other.trim_start())?;
        if same != pitch {
            return None;
        }
        rest = after;
    }
    let is_major = mode_after(rest)?;
    Some(MusicalKey { pitch, is_major })
}

/// The pitch class that `text` begins with, and the rest.
fn pitch(text: &str) -> Option<(u8, &str)> {
    let letter = text.chars().next()?;
    let natural: u8 = match letter.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = &text[letter.len_utf8()..];
    let (shift, rest) = accidental(rest);
    Some(((natural + shift) % 12, rest))
}

/// The accidental that `text` begins with, in half tones upwards, and the rest.
fn accidental(text: &str) -> (u8, &str) {
    for (sign, shift) in [("#", 1), ("♯", 1), ("♭", 11), ("b", 11), ("♮", 0)] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (shift, rest);
        }
    }
    let word = text.trim_start_matches([' ', '-', '_']);
    for (name, shift) in [("sharp", 1), ("flat", 11)] {
        if word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return (shift, &word[name.len()..]);
        }
    }
    (0, text)
}

/// The mode that follows a pitch: `Some(None)` if nothing follows, `None` if it is no mode.
fn mode_after(text: &str) -> Option<Option<bool>> {
    let word = text.trim_matches([' ', '-', '_', ':', '.', '(', ')']);
    match word {
        "" => Some(None),
        "m" => Some(Some(false)),
        "M" => Some(Some(true)),
        word => super::words::mode_word(word).map(Some),
    }
}
