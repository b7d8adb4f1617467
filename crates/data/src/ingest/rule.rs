//! What a single field must be. The same rules hold for training files and for tracks to be scored.

use hitflop_core::error::Reason;
use hitflop_core::track::{Decade, Feature, Label};

/// A broken rule: its kind, and the rule in words.
pub(crate) type RuleViolation = (Reason, String);

fn broken(reason: Reason, rule: &str) -> RuleViolation {
    (reason, rule.to_owned())
}

/// The value of a feature's field: finite, and whole where the feature is.
pub(crate) fn number(feature: Feature, field: &str) -> Result<f64, RuleViolation> {
    let value = parse_number(field)?;
    if feature.is_whole() {
        whole(value)?;
    }
    Ok(value)
}

/// The label of a `target` field.
pub(crate) fn label(field: &str) -> Result<Label, RuleViolation> {
    let rule = || broken(Reason::NotALabel, "expected 0 or 1");
    match parse_number(field) {
        Ok(value) => whole(value).ok().and_then(Label::from_target).ok_or_else(rule),
        Err((Reason::Empty, _)) => Err(broken(Reason::Empty, "expected 0 or 1")),
        Err(_) => Err(rule()),
    }
}

/// The decade of a `decade` field, which must agree with the one in the file's name, if that has one.
pub(crate) fn decade(field: &str, in_name: Option<Decade>) -> Result<Decade, RuleViolation> {
    let rule = "expected a decade from 1930 to 2020, such as 1960, 60 or 60s";
    if field.trim().is_empty() {
        return Err(broken(Reason::Empty, rule));
    }
    let decade = Decade::parse(field).ok_or_else(|| broken(Reason::UnknownDecade, rule))?;
    match in_name {
        Some(expected) if expected != decade => {
            Err((Reason::DecadeMismatch, format!("expected {}, the decade in the file's name", expected.year())))
        }
        _ => Ok(decade),
    }
}

/// The text of a title, artist or URI field.
pub(crate) fn text(field: &str) -> Result<&str, RuleViolation> {
    if field.is_empty() {
        return Err(broken(Reason::Empty, "expected text"));
    }
    if field.contains(['\n', '\r']) {
        return Err(broken(Reason::LineBreak, "expected text on one line; a quotation mark may not be closed"));
    }
    Ok(field)
}

fn parse_number(field: &str) -> Result<f64, RuleViolation> {
    let field = field.trim();
    if field.is_empty() {
        return Err(broken(Reason::Empty, "expected a number"));
    }
    let value: f64 = field.parse().map_err(|_| broken(Reason::NotANumber, "expected a number"))?;
    if !value.is_finite() {
        return Err(broken(Reason::NotFinite, "expected a finite number"));
    }
    Ok(value)
}

fn whole(value: f64) -> Result<i32, RuleViolation> {
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
    if value.fract() != 0.0 || !fits {
        return Err(broken(Reason::NotWhole, "expected a whole number of at most nine digits"));
    }
    Ok(value as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T>(result: Result<T, RuleViolation>) -> Option<Reason> {
        result.err().map(|(reason, _)| reason)
    }

    #[test]
    fn numbers_are_finite_and_whole_where_they_must_be() {
        assert_eq!(number(Feature::Energy, " 4.42e-06 "), Ok(4.42e-6));
        assert_eq!(number(Feature::Key, "5.0"), Ok(5.0));
        for (field, expected) in [
            ("", Reason::Empty),
            ("loud", Reason::NotANumber),
            ("NaN", Reason::NotFinite),
            ("-inf", Reason::NotFinite),
            ("1e999", Reason::NotFinite),
            ("5.5", Reason::NotWhole),
            ("1e12", Reason::NotWhole),
        ] {
            assert_eq!(reason(number(Feature::Key, field)), Some(expected), "{field:?}");
        }
        assert_eq!(number(Feature::Energy, "5.5"), Ok(5.5));
    }

    #[test]
    fn labels_are_0_or_1() {
        assert_eq!(label("1"), Ok(Label::Hit));
        assert_eq!(label("0.0"), Ok(Label::Flop));
        for field in ["2", "-1", "0.5", "hit", "nan"] {
            assert_eq!(reason(label(field)), Some(Reason::NotALabel), "{field:?}");
        }
        assert_eq!(reason(label("")), Some(Reason::Empty));
    }

    #[test]
    fn a_decade_agrees_with_the_name() {
        let sixties = Decade::from_year(1960);
        assert_eq!(decade("60s", sixties).ok(), sixties);
        assert_eq!(reason(decade("1970", sixties)), Some(Reason::DecadeMismatch));
        assert_eq!(reason(decade("1975", None)), Some(Reason::UnknownDecade));
        assert_eq!(reason(decade(" ", None)), Some(Reason::Empty));
    }
}
