//! Labels.

use std::fmt;

use serde::{Deserialize, Serialize};

use hitflop_metrics::scores::is_positive;

/// Whether a track was in the weekly Hot 100 at least once in its decade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It was not, its artist had no hit in that decade, and its genre had none.
    Flop = 0,
    /// It was in the Hot 100.
    Hit = 1,
}

impl Label {
    /// Both labels, flop first, as 0 is before 1.
    pub const BOTH: [Label; 2] = [Label::Flop, Label::Hit];

    /// The label of a `target` value.
    pub fn from_target(target: i32) -> Option<Label> {
        match target {
            0 => Some(Label::Flop),
            1 => Some(Label::Hit),
            _ => None,
        }
    }

    /// The predicted label: a hit if the probability of a hit is greater than the threshold.
    pub fn at(probability: f64, threshold: f64) -> Label {
        match is_positive(probability, threshold) {
            true => Label::Hit,
            false => Label::Flop,
        }
    }

    /// `flop` or `hit`.
    pub fn name(self) -> &'static str {
        match self {
            Label::Flop => "flop",
            Label::Hit => "hit",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_at_the_threshold_is_a_flop() {
        assert_eq!(
            [0.4, 0.5, 0.6].map(|probability| Label::at(probability, 0.5)),
            [Label::Flop, Label::Flop, Label::Hit]
        );
        assert_eq!(Label::at(f64::NAN, 0.5), Label::Flop);
    }
}
