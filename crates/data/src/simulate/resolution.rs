//! The resolution and the spelling of numbers in a decade file.

use std::fmt::Write;

use hitflop_core::track::Feature;

/// `value` to the resolution at which Spotify gives the feature: three significant digits in [0, 1], thousandths of a
/// decibel and of a beat a minute, hundred thousandths of a second, whole numbers.
///
/// A sample at full precision would lack the data's ties.
pub(super) fn rounded(feature: Feature, value: f64) -> f64 {
    // Adding 0 turns a negative zero into a plain one.
    match feature {
        _ if feature.is_whole() => value.round() + 0.0,
        Feature::Loudness | Feature::Tempo => (value * 1e3).round() / 1e3 + 0.0,
        Feature::ChorusHit => (value * 1e5).round() / 1e5 + 0.0,
        _ => to_three_digits(value),
    }
}

/// Dividing a whole number by a power of ten gives the number nearest to the decimal, as long as both are exact.
fn to_three_digits(value: f64) -> f64 {
    const LARGEST_EXACT_POWER: f64 = 1e22;
    let mut scale = 1.0;
    while value.abs() * scale < 100.0 && scale < LARGEST_EXACT_POWER {
        scale *= 10.0;
    }
    (value * scale).round() / scale + 0.0
}

/// `value` as the real files spell it: `0.578`, `149.0` and `4.42e-06` for a number, `7` for a whole one, `0` for zero.
pub(super) fn spell(feature: Feature, value: f64, text: &mut String) {
    text.clear();
    // Writing to a string cannot fail.
    let _ = if feature.is_whole() || value == 0.0 {
        write!(text, "{value:.0}")
    } else if value.abs() < 1e-4 {
        spell_with_exponent(value, text)
    } else {
        write!(text, "{value:?}")
    };
}

/// As Python does: an exponent of at least two digits.
fn spell_with_exponent(value: f64, text: &mut String) -> std::fmt::Result {
    let spelled = format!("{value:e}");
    match spelled.split_once("e-") {
        Some((digits, exponent)) => write!(text, "{digits}e-{exponent:0>2}"),
        None => text.write_str(&spelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected spellings are those of Python's `repr(float("%.3g" % value))` and of the real files.
    #[test]
    fn numbers_are_spelled_as_in_the_real_files() {
        for (feature, value, expected) in [
            (Feature::Energy, 0.578_49, "0.578"),
            (Feature::Energy, 0.0, "0"),
            (Feature::Energy, 0.999_9, "1.0"),
            (Feature::Energy, 0.1, "0.1"),
            (Feature::Instrumentalness, 4.4219e-6, "4.42e-06"),
            (Feature::Instrumentalness, 1.2345e-12, "1.23e-12"),
            (Feature::Instrumentalness, 0.000_123_4, "0.000123"),
            (Feature::Valence, 1e-5, "1e-05"),
            (Feature::Loudness, -7.270_4, "-7.27"),
            (Feature::Loudness, -24.0, "-24.0"),
            (Feature::Loudness, -0.000_01, "0"),
            (Feature::Tempo, 133.061_2, "133.061"),
            (Feature::ChorusHit, 30.880_594, "30.88059"),
            (Feature::DurationMs, 196_706.7, "196707"),
            (Feature::Key, 11.0, "11"),
        ] {
            let mut text = String::from("left over");
            spell(feature, rounded(feature, value), &mut text);
            assert_eq!(text, expected, "{feature}");
        }
    }

    #[test]
    fn rounding_to_three_digits_agrees_with_formatting() {
        for index in 1..20_000 {
            let value = f64::from(index) * 1.2345e-7;
            let expected: f64 = format!("{value:.2e}").parse().unwrap();
            assert_eq!(to_three_digits(value), expected, "{value}");
        }
        assert_eq!(to_three_digits(1e-300), 0.0);
    }
}
