//! Fractions or percent.

use super::profile::{Profile, ROUNDING};
use super::units::UnitDecision;
use crate::reader::value::Unit;

/// Least share of the numbers above 0 that are above 1 in a column of percent.
const MIN_SHARE_ABOVE_ONE: f64 = 0.5;
/// Least maximum of a column of percent that has fractions of a percent.
const MIN_MAX_PERCENT: f64 = 5.0;
/// Greatest share of outliers above 1 in a column of fractions.
const MAX_SHARE_OUTLIERS: f64 = 0.05;
/// Number of values from which a share of outliers is known.
const MIN_VALUES_WITH_OUTLIERS: u64 = 20;

/// What the other columns of the table are that may be fractions or percent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IntervalVotes {
    pub fractions: u32,
    /// Columns of whole percent, and of percent with a fraction.
    pub whole_percent: u32,
    pub fractional_percent: u32,
    /// Columns of fractions, unless they are of small percent.
    pub maybe_fractions: u32,
}

impl IntervalVotes {
    /// Counts a column whose unit is decided.
    pub fn add(&mut self, unit: Unit, has_fractions: bool) {
        match (unit, has_fractions) {
            (Unit::Percent, false) => self.whole_percent += 1,
            (Unit::Percent, true) => self.fractional_percent += 1,
            _ => self.fractions += 1,
        }
    }

    fn is_percent(self) -> bool {
        self.fractions == 0 && self.whole_percent + self.fractional_percent > 0
    }

    fn is_fractions(self) -> bool {
        self.fractions + self.maybe_fractions > 0 && self.whole_percent + self.fractional_percent == 0
    }
}

/// What the values of a column alone say; `None` if other columns must decide.
pub(super) fn by_itself(profile: &Profile) -> Option<UnitDecision> {
    if profile.numbers < 2 || profile.min < 0.0 || profile.max > 100.0 + ROUNDING {
        // Too few to decide, or neither: the documented unit, of which values outside the range are warned.
        return Some(UnitDecision::Documented);
    }
    if profile.max <= 1.0 + ROUNDING {
        return None;
    }
    let share = profile.above_one as f64 / (profile.numbers - profile.zeros) as f64;
    let is_percent = profile.fractional == 0 || (share >= MIN_SHARE_ABOVE_ONE && profile.max >= MIN_MAX_PERCENT);
    is_percent.then_some(UnitDecision::In(Unit::Percent))
}

/// Fractions or percent, of a column whose values alone do not decide.
pub(super) fn by_others(profile: &Profile, votes: IntervalVotes) -> UnitDecision {
    if profile.max <= 1.0 + ROUNDING {
        return within_one(profile, votes);
    }
    let share = profile.above_one as f64 / (profile.numbers - profile.zeros) as f64;
    if votes.is_percent() && votes.fractional_percent > 0 {
        UnitDecision::In(Unit::Percent)
    } else if share <= MAX_SHARE_OUTLIERS && profile.numbers >= MIN_VALUES_WITH_OUTLIERS {
        UnitDecision::Documented
    } else {
        UnitDecision::Undecided
    }
}

/// A column of values from 0 to 1: fractions, unless the others are percent, of which it could be small ones.
fn within_one(profile: &Profile, votes: IntervalVotes) -> UnitDecision {
    let is_zero = profile.zeros == profile.numbers;
    match profile.fractional > 0 {
        // A column of fractions among others of whole percent is none of percent.
        true if votes.fractions == 0 && votes.fractional_percent > 0 => UnitDecision::Undecided,
        true => UnitDecision::Documented,
        // 0 and 1 only.
        false if votes.is_percent() => UnitDecision::In(Unit::Percent),
        false if is_zero || votes.is_fractions() => UnitDecision::Documented,
        false => UnitDecision::Undecided,
    }
}
