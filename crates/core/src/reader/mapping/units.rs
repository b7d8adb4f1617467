//! The unit of each column that is used as a feature.

use super::column::{Conversion, MappingReason};
use super::interval::{self, IntervalVotes};
use super::length;
use super::options::MappingOptions;
use super::profile::{self, Profile, Survey};
use crate::error::Result;
use crate::reader::name::trimmed;
use crate::reader::value::{is_unit_interval, Unit, ValueRule};
use crate::reader::TableScan;
use crate::track::Feature;

/// A column that may be used as a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FeatureColumn {
    pub position: usize,
    pub feature: Feature,
    /// Why: the documented name, another name, or a setting.
    pub reason: MappingReason,
    /// The unit that its name states.
    pub stated: Option<Unit>,
}

/// What the values of a column say of its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum UnitDecision {
    /// The values are in the documented unit.
    Documented,
    /// The values are in this unit.
    In(Unit),
    /// The values fit two units.
    Undecided,
}

/// How a column is read.
#[derive(Clone, Debug)]
pub(super) struct ColumnReading {
    pub column: FeatureColumn,
    pub rule: ValueRule,
    pub conversion: Option<Conversion>,
    pub reason: MappingReason,
    pub profile: Profile,
    pub is_undecided: bool,
}

/// Features whose value is never 0 in a whole column, unless 0 means unknown.
const NEVER_ALL_ZERO: [Feature; 8] = [
    Feature::Danceability,
    Feature::Energy,
    Feature::Valence,
    Feature::Tempo,
    Feature::DurationMs,
    Feature::TimeSignature,
    Feature::ChorusHit,
    Feature::Sections,
];

/// How each of `columns` is read.
///
/// # Errors
/// The rows cannot be read.
pub(super) fn readings(
    table: &dyn TableScan,
    columns: &[FeatureColumn],
    options: &MappingOptions,
) -> Result<Vec<ColumnReading>> {
    let open: Vec<bool> = columns.iter().map(|column| is_open(table.names(), column, options)).collect();
    let new = |(column, is_open): (&FeatureColumn, &bool)| {
        let may_be_zero = options.is_enabled && NEVER_ALL_ZERO.contains(&column.feature);
        Survey::new(column.position, column.feature, options.decimal_mark, *is_open, may_be_zero)
    };
    let mut surveys: Vec<Survey> = columns.iter().zip(&open).map(new).collect();
    profile::survey(table, &mut surveys)?;
    let units = units(columns, &open, &surveys, options);
    let parts = columns.iter().zip(open).zip(units).zip(surveys);
    Ok(parts.map(|(((column, is_open), unit), survey)| reading(*column, is_open, unit, survey, options)).collect())
}

/// Whether the values must decide on the unit of a column.
fn is_open(names: &[String], column: &FeatureColumn, options: &MappingOptions) -> bool {
    // A column of the documented name has the documented unit, also if a setting names it.
    let is_documented = trimmed(&names[column.position]) == column.feature.name();
    let has_units = is_unit_interval(column.feature) || column.feature == Feature::DurationMs;
    has_units && !is_documented && column.stated.is_none() && options.unit_of(column.feature).is_none()
}

fn units(columns: &[FeatureColumn], open: &[bool], surveys: &[Survey], options: &MappingOptions) -> Vec<UnitDecision> {
    let known = |column: &FeatureColumn| options.unit_of(column.feature).or(column.stated);
    let mut votes = IntervalVotes::default();
    let mut decisions = Vec::with_capacity(columns.len());
    for ((column, is_open), Survey { profile, .. }) in columns.iter().zip(open).zip(surveys) {
        let decision = match (is_open, column.feature) {
            (false, _) => Some(known(column).map_or(UnitDecision::Documented, UnitDecision::In)),
            (true, Feature::DurationMs) => Some(length::unit(profile)),
            (true, _) => interval::by_itself(profile),
        };
        if let (true, Some(UnitDecision::In(unit))) = (is_unit_interval(column.feature), decision) {
            votes.add(unit, profile.fractional > 0);
        }
        if *is_open && decision.is_none() && profile.max <= 1.0 + profile::ROUNDING && profile.fractional > 0 {
            votes.maybe_fractions += 1;
        }
        decisions.push(decision);
    }
    decisions
        .into_iter()
        .zip(surveys)
        .map(|(decision, survey)| decision.unwrap_or_else(|| interval::by_others(&survey.profile, votes)))
        .collect()
}

fn reading(
    column: FeatureColumn,
    is_open: bool,
    decision: UnitDecision,
    survey: Survey,
    options: &MappingOptions,
) -> ColumnReading {
    let is_zero = survey.is_all_zero();
    let profile = survey.profile;
    let unit = match decision {
        UnitDecision::In(unit) => Some(unit),
        UnitDecision::Documented | UnitDecision::Undecided => None,
    };
    let of_unit = unit.and_then(|unit| Conversion::of_unit(unit, column.feature));
    let conversion = if is_zero { Some(Conversion::ZeroIsMissing) } else { of_unit.or_else(|| spelling(&profile)) };
    let reason = match column.reason {
        reason if options.unit_of(column.feature).is_some() && reason != MappingReason::Exact => reason,
        MappingReason::Exact if options.unit_of(column.feature).is_some() => MappingReason::Setting,
        MappingReason::Name if is_open && profile.numbers >= 2 => MappingReason::Values,
        reason => reason,
    };
    let rule = ValueRule {
        // Texts such as `3:37` are read whatever the unit.
        unit: unit.filter(|unit| *unit != Unit::MinutesSeconds || profile.numbers == 0),
        decimal_mark: options.decimal_mark,
        zero_is_missing: is_zero,
        is_year: false,
    };
    ColumnReading {
        column,
        rule,
        conversion,
        reason,
        profile,
        is_undecided: decision == UnitDecision::Undecided && !is_zero,
    }
}

/// The conversion of values that spell one feature.
fn spelling(profile: &Profile) -> Option<Conversion> {
    if profile.spelt == 0 {
        return None;
    }
    match profile.feature() {
        Feature::Key if profile.keys_with_mode > 0 => Some(Conversion::KeyAndMode),
        Feature::Key => Some(Conversion::PitchName),
        Feature::Mode => Some(Conversion::ModeWord),
        Feature::TimeSignature => Some(Conversion::Meter),
        Feature::DurationMs => Some(Conversion::MinutesSeconds),
        // `55 %`
        feature if is_unit_interval(feature) && profile.numbers == 0 => Some(Conversion::Percent),
        _ => None,
    }
}
