//! Standard output: summaries for people, JSON for programs.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use super::settings::Settings;

/// Writes text to standard output. A reader that went away (`| head`) is no failure.
pub fn text(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// The closing summary: as JSON if asked for, for people otherwise, or not at all.
pub fn summary(settings: &Settings, json: &impl Serialize, people: impl FnOnce() -> String) -> Result<()> {
    if settings.json {
        text(&(serde_json::to_string_pretty(json)? + "\n"))
    } else if settings.quiet {
        Ok(())
    } else {
        text(&people())
    }
}

/// A whole number with separated thousands: `41,106`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 row`, `41,106 rows`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(41_106), "41,106");
        assert_eq!(thousands(4_110_600), "4,110,600");
        assert_eq!(count(1, "row"), "1 row");
    }
}
