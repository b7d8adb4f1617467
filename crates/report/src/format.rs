//! Numbers as a reader wants them: thousands separated, rounded, with units, singular or plural.

use hitflop_core::track::Feature;

/// Shown where a number is missing (NaN or infinite).
pub(crate) const MISSING: &str = "–";

/// A count with thousands separated: `41,106`.
pub fn count(n: u64) -> String {
    group_thousands(&n.to_string())
}

/// A count and its noun: `1 row`, `95 rows`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The form of a verb that goes with a count: `verb(1, "is", "are")` is `is`.
pub(crate) fn verb(n: u64, one: &'static str, many: &'static str) -> &'static str {
    if n == 1 {
        one
    } else {
        many
    }
}

/// A number with a fixed number of decimals, a real minus sign and no negative zero.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = group_thousands(whole);
    if !fraction.is_empty() {
        text = format!("{text}.{fraction}");
    }
    if value < 0.0 && !is_zero {
        text.insert(0, '−');
    }
    text
}

/// As `fixed`, with a plus sign before what is greater than zero: `+0.45`.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let is_positive = value > 0.0 && text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0');
    if is_positive {
        format!("+{text}")
    } else {
        text
    }
}

/// A number of any size to `digits` significant digits; powers of ten below 0.0001.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Scientific notation rounds first, so that 0.0999 to two digits has the exponent of 0.10.
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 {
        return format!("{} × 10{}", mantissa.replace('-', "−"), superscript(exponent));
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    fixed(value, decimals)
}

/// A mean with its standard deviation, to four decimals: `0.8750 ± 0.0150`; `0.8750 ± –` where there is none.
pub(crate) fn with_deviation(mean: f64, deviation: f64) -> String {
    match deviation.is_finite() {
        true => format!("{} ± {}", fixed(mean, 4), fixed(deviation, 4)),
        false => fixed(mean, 4),
    }
}

/// A share as a percentage with one decimal. What is neither none nor all is never rounded to 0 or 100 %.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return MISSING.to_owned();
    }
    match share {
        s if s > 0.0 && s < 0.0005 => "under 0.1 %".to_owned(),
        s if s > 0.9995 && s < 1.0 => "over 99.9 %".to_owned(),
        s => format!("{} %", fixed(s * 100.0, 1)),
    }
}

/// Items in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The same text with its first letter in upper case.
pub(crate) fn capitalise(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A size in bytes: `812 bytes`, `4.2 MB` (decimal units, as file managers show them).
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => plural(n, "byte", "bytes"),
        1_000..1_000_000 => format!("{} kB", fixed(n as f64 / 1e3, 1)),
        1_000_000..1_000_000_000 => format!("{} MB", fixed(n as f64 / 1e6, 1)),
        _ => format!("{} GB", fixed(n as f64 / 1e9, 1)),
    }
}

/// How hits compare with flops if they have more (`true`) or less of a feature: “hits are …”.
pub(crate) fn comparative(feature: Feature, more: bool) -> &'static str {
    let (higher, lower) = match feature {
        Feature::Danceability => ("more danceable", "less danceable"),
        Feature::Energy => ("more energetic", "less energetic"),
        Feature::Key => ("higher in key number", "lower in key number"),
        Feature::Loudness => ("louder", "quieter"),
        Feature::Mode => ("more often in a major key", "less often in a major key"),
        Feature::Speechiness => ("richer in speech", "poorer in speech"),
        Feature::Acousticness => ("more acoustic", "less acoustic"),
        Feature::Instrumentalness => ("more instrumental", "less instrumental"),
        Feature::Liveness => ("more live-sounding", "less live-sounding"),
        Feature::Valence => ("more positive in mood", "less positive in mood"),
        Feature::Tempo => ("faster", "slower"),
        Feature::DurationMs => ("longer", "shorter"),
        Feature::TimeSignature => ("higher in beats per bar", "lower in beats per bar"),
        Feature::ChorusHit => ("later at the chorus", "earlier at the chorus"),
        Feature::Sections => ("richer in sections", "poorer in sections"),
        Feature::Decade => ("later", "earlier"),
    };
    if more {
        higher
    } else {
        lower
    }
}

/// A value, or a mean of values, of a feature with its unit: `0.54`, `−8.7 dB`, `3:54 min`, `69.3 % in major`.
pub(crate) fn value(feature: Feature, value: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    match feature {
        Feature::DurationMs => format!("{} min", minutes(value)),
        Feature::Mode => format!("{} in major", percent(value)),
        Feature::Loudness => format!("{} dB", fixed(value, 1)),
        Feature::Tempo => format!("{} BPM", fixed(value, 1)),
        Feature::ChorusHit => format!("{} s", fixed(value, 1)),
        Feature::TimeSignature => format!("{} beats per bar", fixed(value, 2)),
        Feature::Sections | Feature::Key => fixed(value, 1),
        Feature::Decade => format!("{value:.0}"),
        _ if value.abs() < 0.1 => significant(value, 2),
        _ => fixed(value, 2),
    }
}

/// Milliseconds as minutes and seconds: `3:54`.
pub(crate) fn minutes(milliseconds: f64) -> String {
    if !milliseconds.is_finite() {
        return MISSING.to_owned();
    }
    let seconds = (milliseconds.abs() / 1000.0).round() as u64;
    let sign = if milliseconds < 0.0 && seconds > 0 { "−" } else { "" };
    format!("{sign}{}:{:02}", count(seconds / 60), seconds % 60)
}

fn group_thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    exponent.to_string().chars().map(raise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators_and_number() {
        assert_eq!([0, 999, 1_000, 41_106, 1_234_567].map(count), ["0", "999", "1,000", "41,106", "1,234,567"]);
        assert_eq!([0, 1, 2].map(|n| plural(n, "row", "rows")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn rounding_keeps_signs_and_significant_digits() {
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(-1234.56, 1), "−1,234.6");
        assert_eq!(fixed(12.0, 0), "12");
        assert_eq!(fixed(f64::NAN, 2), MISSING);
        assert_eq!([signed(0.45, 2), signed(-0.45, 2), signed(0.001, 2)], ["+0.45", "−0.45", "0.00"]);
        assert_eq!(significant(0.0999, 2), "0.10");
        assert_eq!(significant(0.000_004_42, 2), "4.4 × 10⁻⁶");
        assert_eq!(significant(123_456.0, 3), "123,456");
        assert_eq!(significant(-0.02, 1), "−0.02");
        assert_eq!(significant(f64::INFINITY, 3), MISSING);
    }

    #[test]
    fn a_deviation_that_is_none_is_left_out() {
        assert_eq!(with_deviation(0.875, 0.015), "0.8750 ± 0.0150");
        assert_eq!(with_deviation(0.875, f64::NAN), "0.8750");
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_none() {
        assert_eq!(
            [0.0, 0.0001, 0.5, 0.9999, 1.0].map(percent),
            ["0.0 %", "under 0.1 %", "50.0 %", "over 99.9 %", "100.0 %"]
        );
    }

    #[test]
    fn values_carry_their_unit() {
        assert_eq!(value(Feature::DurationMs, 234_877.6), "3:55 min");
        assert_eq!(value(Feature::DurationMs, 59_600.0), "1:00 min");
        assert_eq!(value(Feature::Loudness, -8.74), "−8.7 dB");
        assert_eq!(value(Feature::Mode, 0.6934), "69.3 % in major");
        assert_eq!(value(Feature::Instrumentalness, 0.0301), "0.030");
        assert_eq!(value(Feature::Energy, f64::NAN), MISSING);
    }

    #[test]
    fn items_are_joined_as_in_a_sentence() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!([list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }
}
