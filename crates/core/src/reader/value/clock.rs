//! Lengths as a clock shows them.

/// Milliseconds of `3:37`, `03:37.5` or `1:02:03`; `None` for any other text.
pub(super) fn milliseconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let (second, third) = (parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let (hours, minutes, seconds) = match third {
        Some(third) => (whole(first)?, sexagesimal(second)?, third),
        None => (0.0, whole(first)?, second),
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction = match fraction {
        "" => 0.0,
        digits => are_digits(digits).then(|| format!("0.{digits}").parse::<f64>().ok()).flatten()?,
    };
    let seconds = sexagesimal(seconds)? + fraction;
    Some(((hours * 3600.0 + minutes * 60.0 + seconds) * 1000.0).round())
}

/// A number of at most four digits.
fn whole(text: &str) -> Option<f64> {
    (are_digits(text) && text.len() <= 4).then(|| text.parse().ok()).flatten()
}

/// Two digits below 60.
fn sexagesimal(text: &str) -> Option<f64> {
    whole(text).filter(|value| text.len() == 2 && *value < 60.0)
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
