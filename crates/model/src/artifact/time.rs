//! Times.

use std::ops::Range;

/// Whether a text is RFC 3339 in UTC, to the second: `2026-01-31T12:00:00Z`.
pub fn is_time(text: &str) -> bool {
    let digits = |range: Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
    let within = |range, low, high| digits(range).is_some_and(|number| (low..=high).contains(&number));
    let is_placed = |(index, letter): (usize, char)| match index {
        4 | 7 => letter == '-',
        10 => letter == 'T',
        13 | 16 => letter == ':',
        19 => letter == 'Z',
        _ => letter.is_ascii_digit(),
    };
    let dated = within(5..7, 1, 12) && within(8..10, 1, 31);
    let timed = within(11..13, 0, 23) && within(14..16, 0, 59) && within(17..19, 0, 60);
    text.len() == 20 && text.char_indices().all(is_placed) && dated && timed
}
