//! Milliseconds or seconds.

use super::profile::Profile;
use super::units::UnitDecision;
use crate::reader::value::Unit;

/// Least share of the lengths above 0 that a unit must explain.
const MIN_SHARE: f64 = 0.9;

/// The unit of a column of lengths whose name does not state it. A single value decides nothing.
pub(super) fn unit(profile: &Profile) -> UnitDecision {
    if profile.numbers == 0 && profile.spelt > 0 {
        return UnitDecision::In(Unit::MinutesSeconds);
    }
    let lengths = profile.numbers - profile.zeros;
    if profile.numbers == 0 || (lengths == 0 && profile.numbers >= 2) {
        return UnitDecision::Documented;
    }
    let is_most = |count: u64| profile.numbers >= 2 && count as f64 >= MIN_SHARE * lengths as f64;
    match () {
        () if is_most(profile.like_milliseconds) => UnitDecision::In(Unit::Milliseconds),
        () if is_most(profile.like_seconds) => UnitDecision::In(Unit::Seconds),
        () => UnitDecision::Undecided,
    }
}
