//! Decades.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A decade, held as its first year: 1900 … 2020.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decade(i32);

impl Decade {
    /// The decade that begins in `year`, if it is one from 1900 to 2020.
    pub fn from_year(year: i32) -> Option<Decade> {
        (year % 10 == 0 && (1900..=2020).contains(&year)).then_some(Decade(year))
    }

    /// The decade of a spelling: `60`, `60s`, `1960`, `1960s`, `1960.0`; 30 to 90 are 19xx, 00 to 20 are 20xx.
    pub fn parse(text: &str) -> Option<Decade> {
        let text = text.trim();
        let digits = text.strip_suffix(['s', 'S']).or(text.strip_suffix(".0")).unwrap_or(text);
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match digits.parse::<i32>().ok()? {
            short @ 30..=90 => Self::from_year(1900 + short),
            short @ 0..=20 => Self::from_year(2000 + short),
            year => Self::from_year(year),
        }
    }

    /// First year.
    pub fn year(self) -> i32 {
        self.0
    }

    /// The two digits that stand in a decade file's name: `60`, `00`.
    pub fn tag(self) -> String {
        format!("{:02}", self.0 % 100)
    }
}

impl fmt::Display for Decade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_decade_is_read() {
        for (text, year) in [
            ("60", 1960),
            ("60s", 1960),
            ("1960", 1960),
            ("1960s", 1960),
            ("1960.0", 1960),
            ("00", 2000),
            ("0", 2000),
            ("20", 2020),
            ("30s", 1930),
            ("1920", 1920),
        ] {
            assert_eq!(Decade::parse(text).map(Decade::year), Some(year), "{text}");
        }
        for text in ["", "s", "65", "1965", "25", "2030", "1890", "-60", "60ss", "60.0s", "sixties", "19600"] {
            assert_eq!(Decade::parse(text), None, "{text}");
        }
    }
}
