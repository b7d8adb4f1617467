//! Filters of the template; askama looks for them by this module's name.

use askama::filters::{escape, Html, Safe};

/// The text as markup, which may break after an underscore.
///
/// # Errors
/// None; the type is askama's.
#[askama::filter_fn]
pub fn breakable(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(Safe(escape(text.to_string(), Html)?.to_string().replace('_', "_<wbr>")))
}

/// The text with no line break between a number and its unit, or around an equals sign.
///
/// # Errors
/// None; the type is askama's.
#[askama::filter_fn]
pub fn nonbreaking(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(without_breaks(&text.to_string()))
}

pub(super) fn without_breaks(text: &str) -> String {
    let mut kept = text.replace(" = ", "\u{a0}=\u{a0}").replace(" ± ", "\u{a0}±\u{a0}");
    for unit in ["%", "s", "ms", "min", "dB", "BPM", "GiB"] {
        kept = after_digits(&kept, unit);
    }
    kept
}

/// The text with a space that does not break between a digit and this unit.
fn after_digits(text: &str, unit: &str) -> String {
    let spaced = format!(" {unit}");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&spaced) {
        let (before, after) = (&rest[..at], &rest[at + spaced.len()..]);
        let is_unit = before.ends_with(|letter: char| letter.is_ascii_digit())
            && !after.starts_with(|letter: char| letter.is_alphanumeric());
        kept.push_str(before);
        kept.push(if is_unit { '\u{a0}' } else { ' ' });
        kept.push_str(unit);
        rest = after;
    }
    kept + rest
}
