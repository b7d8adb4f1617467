//! Filters of the template; askama looks for them by this module's name.

/// The text with no line break between a number and its percent sign, or around an equals sign.
///
/// # Errors
/// None; the type is askama's.
#[askama::filter_fn]
pub fn nonbreaking(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(without_breaks(&text.to_string()))
}

pub(super) fn without_breaks(text: &str) -> String {
    text.replace(" %", "\u{a0}%").replace(" = ", "\u{a0}=\u{a0}").replace(" ± ", "\u{a0}±\u{a0}")
}
