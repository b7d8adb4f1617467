//! Numbers as people and programs write them.

use std::borrow::Cow;

use serde::Serialize;

/// What separates the fraction of a number in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `0.5`; commas and underscores group thousands.
    #[default]
    Point,
    /// `0,5`; points, spaces, apostrophes and underscores group thousands.
    Comma,
}

/// Maximum number of bytes of a number with separators: no longer text is one.
const MAX_BYTES: usize = 64;

/// The number that `text`, without spaces around it, spells: `0.5`, `2e+05`, `1_000`, `1,292`, `−6.5`; with decimal commas
/// `0,5`, `1.292,5` and also `0.5`. It may be infinite (`1e999`, `inf`), but is never NaN.
pub fn spelt_number(text: &str, mark: DecimalMark) -> Option<f64> {
    if text.len() > MAX_BYTES && !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    let text = match text.strip_prefix('\u{2212}') {
        Some(rest) => Cow::Owned(format!("-{rest}")),
        None => Cow::Borrowed(text),
    };
    let value = match mark {
        DecimalMark::Point => text.parse().ok().or_else(|| grouped(&text, &[',', '_'], '.')),
        // A point that cannot group thousands separates the fraction, as of a number that a program wrote: `1.77E-05`.
        DecimalMark::Comma => {
            grouped(&text, &['.', ' ', '\u{a0}', '\u{202f}', '\'', '_'], ',').or_else(|| text.parse().ok())
        }
    };
    value.filter(|value: &f64| !value.is_nan())
}

/// A number whose thousands are separated by one of `separators`, always the same, and whose fraction follows `mark`.
fn grouped(text: &str, separators: &[char], mark: char) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = match mantissa.split_once(mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = without_separators(whole, separators)?;
    if digits.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    if !fraction.unwrap_or_default().bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    format!("{sign}{digits}.{}{exponent}", fraction.filter(|it| !it.is_empty()).unwrap_or("0")).parse().ok()
}

/// The digits of a whole number; its groups after the first have three digits, or any number if underscores separate them.
fn without_separators(whole: &str, separators: &[char]) -> Option<String> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(separator) = whole.chars().find(|letter| separators.contains(letter)) else {
        return digits(whole).then(|| whole.to_owned());
    };
    let mut groups = whole.split(separator);
    let first = groups.next().filter(|group| digits(group) && !group.is_empty())?;
    // `0.125` groups no thousands.
    let is_group = |group: &str| match separator {
        '_' => !group.is_empty(),
        _ => group.len() == 3 && first.len() <= 3 && !first.starts_with('0'),
    };
    groups.try_fold(first.to_owned(), |all, group| (digits(group) && is_group(group)).then(|| all + group))
}
