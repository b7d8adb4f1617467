//! Filters of the text templates; askama looks for them by this module's name.
//!
//! | filter | of | gives |
//! |---|---|---|
//! | `count` | a count | `41,106` |
//! | `plural("row", "rows")` | a count | `1 row`, `95 rows` |
//! | `verb("is", "are")` | a count | `is` for 1, else `are` |
//! | `fixed(3)`, `signed(2)`, `significant(2)` | a number | `0.812`, `+0.45`, `0.030` |
//! | `percent`, `points(1)` | a share | `81.2 %`, `81.2` |
//! | `list` | texts | `a, b and c` |
//! | `feature`, `with_unit(feature)` | a feature, a value | `duration`, `3:54 min` |
//! | `capital` | a text | the same with a capital letter |

use askama::{Result, Values};

use crate::format;
use hitflop_core::track::Feature;

/// A number, or a reference to one.
pub trait Real {
    /// Its value.
    fn real(&self) -> f64;
}

impl Real for f64 {
    fn real(&self) -> f64 {
        *self
    }
}

impl<T: Real> Real for &T {
    fn real(&self) -> f64 {
        (*self).real()
    }
}

/// A count, or a reference to one.
pub trait Whole {
    /// Its value.
    fn whole(&self) -> u64;
}

impl Whole for u64 {
    fn whole(&self) -> u64 {
        *self
    }
}

impl Whole for usize {
    fn whole(&self) -> u64 {
        *self as u64
    }
}

impl<T: Whole> Whole for &T {
    fn whole(&self) -> u64 {
        (*self).whole()
    }
}

/// A feature, or a reference to one.
pub trait Named {
    /// The feature.
    fn of(&self) -> Feature;
}

impl Named for Feature {
    fn of(&self) -> Feature {
        *self
    }
}

impl<T: Named> Named for &T {
    fn of(&self) -> Feature {
        (*self).of()
    }
}

#[askama::filter_fn]
pub(crate) fn count(n: impl Whole, _: &dyn Values) -> Result<String> {
    Ok(format::count(n.whole()))
}

#[askama::filter_fn]
pub(crate) fn plural(n: impl Whole, _: &dyn Values, one: &str, many: &str) -> Result<String> {
    Ok(format::plural(n.whole(), one, many))
}

#[askama::filter_fn]
pub(crate) fn verb(n: impl Whole, _: &dyn Values, one: &'static str, many: &'static str) -> Result<&'static str> {
    Ok(format::verb(n.whole(), one, many))
}

#[askama::filter_fn]
pub(crate) fn fixed(value: impl Real, _: &dyn Values, decimals: usize) -> Result<String> {
    Ok(format::fixed(value.real(), decimals))
}

#[askama::filter_fn]
pub(crate) fn signed(value: impl Real, _: &dyn Values, decimals: usize) -> Result<String> {
    Ok(format::signed(value.real(), decimals))
}

#[askama::filter_fn]
pub(crate) fn significant(value: impl Real, _: &dyn Values, digits: usize) -> Result<String> {
    Ok(format::significant(value.real(), digits))
}

#[askama::filter_fn]
pub(crate) fn percent(share: impl Real, _: &dyn Values) -> Result<String> {
    Ok(format::percent(share.real()))
}

#[askama::filter_fn]
pub(crate) fn points(share: impl Real, _: &dyn Values, decimals: usize) -> Result<String> {
    Ok(format::fixed(share.real() * 100.0, decimals))
}

#[askama::filter_fn]
pub(crate) fn list<S: AsRef<str>>(items: &[S], _: &dyn Values) -> Result<String> {
    Ok(format::list(items))
}

#[askama::filter_fn]
pub(crate) fn feature(feature: impl Named, _: &dyn Values) -> Result<&'static str> {
    Ok(feature.of().in_words())
}

#[askama::filter_fn]
pub(crate) fn with_unit(value: impl Real, _: &dyn Values, feature: Feature) -> Result<String> {
    Ok(format::value(feature, value.real()))
}

#[askama::filter_fn]
pub(crate) fn capital(text: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    Ok(format::capitalise(&text.to_string()))
}
