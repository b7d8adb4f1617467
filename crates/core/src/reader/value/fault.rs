//! Broken rules of values.

use crate::error::Reason;
use crate::track::Feature;

/// A rule that a value breaks: its kind, and the rule in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueFault {
    /// Kind.
    pub reason: Reason,
    /// What was expected.
    pub rule: &'static str,
}

impl ValueFault {
    /// An infinite number.
    pub const NOT_FINITE: ValueFault = ValueFault { reason: Reason::NotFinite, rule: "expected a finite number" };
    /// A fraction where a whole number must be.
    pub const NOT_WHOLE: ValueFault =
        ValueFault { reason: Reason::NotWhole, rule: "expected a whole number of at most nine digits" };
    /// A whole number that takes more than 32 bits.
    pub const TOO_LARGE: ValueFault =
        ValueFault { reason: Reason::TooLarge, rule: "expected a whole number of at most nine digits" };
    /// A decade or a year outside the range, or what is neither.
    pub const NO_DECADE: ValueFault = ValueFault {
        reason: Reason::UnknownDecade,
        rule: "expected a decade from 1900 to 2020, such as 1960, 60 or 60s, or a year",
    };
    /// A date without a year in the range.
    pub const NO_YEAR: ValueFault = ValueFault {
        reason: Reason::UnknownDecade,
        rule: "expected a year from 1900 to 2029, or a date such as 1973-05-14",
    };
    /// A label that is not 0 or 1.
    pub const NOT_A_LABEL: ValueFault = ValueFault { reason: Reason::NotALabel, rule: "expected 0 or 1" };

    /// A value that is not of `feature`, whatever it is.
    pub fn of(feature: Feature) -> ValueFault {
        let rule = match feature {
            Feature::Decade => return ValueFault::NO_DECADE,
            Feature::Key => "expected a number, a pitch such as C#, or a key such as G minor or 8A",
            Feature::Mode => "expected 0 or 1, or minor or major",
            Feature::TimeSignature => "expected a number, or a time signature such as 4/4",
            Feature::DurationMs => "expected a number, or a length such as 3:37",
            _ => "expected a number",
        };
        ValueFault { reason: Reason::NotANumber, rule }
    }

    /// A missing value where one must be.
    pub fn missing(feature: Feature) -> ValueFault {
        ValueFault { reason: Reason::Empty, rule: ValueFault::of(feature).rule }
    }

    /// A value that is not a whole number of 32 bits.
    pub(super) fn not_whole(value: f64) -> ValueFault {
        if value.fract() == 0.0 {
            ValueFault::TOO_LARGE
        } else {
            ValueFault::NOT_WHOLE
        }
    }
}
