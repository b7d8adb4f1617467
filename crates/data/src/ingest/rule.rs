//! What a text of a track must be.

use hitflop_core::error::Reason;

/// A broken rule: its kind, and the rule in words.
pub(crate) type RuleViolation = (Reason, &'static str);

/// The text of a title, artist or URI.
pub(crate) fn text(field: &str) -> Result<&str, RuleViolation> {
    if field.is_empty() {
        return Err((Reason::Empty, "expected text"));
    }
    if field.contains(['\n', '\r']) {
        return Err((Reason::LineBreak, "expected text on one line; a quotation mark may not be closed"));
    }
    Ok(field)
}
