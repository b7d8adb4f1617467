//! Decades, years and dates.

use crate::track::Decade;

use super::ValueFault;

/// First year of which a decade is known.
pub const FIRST_YEAR: i32 = 1900;
/// Last year of which a decade is known.
pub const LAST_YEAR: i32 = 2029;

/// The decade, its first year, that a number means: 1960, 60 or a year in it. With `is_year` only a year, and 0 is a
/// missing one.
pub(super) fn of_number(value: f64, is_year: bool) -> Result<f64, ValueFault> {
    if is_year && value == 0.0 {
        return Ok(f64::NAN);
    }
    let broken = if is_year { ValueFault::NO_YEAR } else { ValueFault::NO_DECADE };
    if value.fract() != 0.0 || !(0.0..=f64::from(LAST_YEAR)).contains(&value) {
        return Err(broken);
    }
    let year = value as i32;
    of_year(year).or_else(|| if is_year { None } else { of_two_digits(year) }).ok_or(broken)
}

/// The decade of a text that is no plain number: `60s`, `'60s`, `1960s`, a date.
pub(super) fn value_of_text(text: &str, is_year: bool) -> Result<f64, ValueFault> {
    let broken = if is_year { ValueFault::NO_YEAR } else { ValueFault::NO_DECADE };
    let tag = text.strip_prefix(['\'', '\u{2019}']).unwrap_or(text);
    if let Some(digits) = tag.strip_suffix(['s', 'S']) {
        let digits = digits.strip_suffix('\'').unwrap_or(digits);
        let is_tag = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let tag = if is_tag { Decade::parse(digits) } else { None };
        return tag.map(|decade| f64::from(decade.year())).ok_or(broken);
    }
    of_text(text).and_then(of_year).ok_or(broken)
}

fn of_year(year: i32) -> Option<f64> {
    (FIRST_YEAR..=LAST_YEAR).contains(&year).then(|| f64::from(year - year % 10))
}

fn of_two_digits(tag: i32) -> Option<f64> {
    match tag {
        30..=90 if tag % 10 == 0 => Some(f64::from(1900 + tag)),
        0..=20 if tag % 10 == 0 => Some(f64::from(2000 + tag)),
        _ => None,
    }
}

/// The year of a date, whatever its order: `1973`, `1973-05`, `1973-05-14T00:00:00Z`, `14.05.1973`, `May 14, 1973`.
pub fn of_text(text: &str) -> Option<i32> {
    let mut years = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()));
    let year = years.next()?.parse().ok()?;
    // A date has one year; it begins or ends with it, or a time of day follows.
    let is_date = text.bytes().filter(u8::is_ascii_digit).count() <= 23 && text.len() <= 40 && years.next().is_none();
    (is_date && (FIRST_YEAR..=LAST_YEAR).contains(&year)).then_some(year)
}
