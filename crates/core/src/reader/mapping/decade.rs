//! The column of the decade: of decades, of years, or of dates, in this order.

use super::column::{Conversion, MappingReason};
use super::decide::NamedColumn;
use super::options::MappingOptions;
use super::profile::{self, Profile};
use crate::reader::name::{self, ColumnRole};
use crate::reader::value::ValueRule;
use crate::reader::Table;
use crate::track::Feature;

/// The column that gives the decade.
pub(super) struct DecadeColumn {
    pub position: usize,
    pub rule: ValueRule,
    pub conversion: Option<Conversion>,
    pub reason: MappingReason,
}

/// The first of the columns in the order of precedence that has a value which can be read.
pub(super) fn choose(table: &dyn Table, columns: &[NamedColumn], options: &MappingOptions) -> Option<DecadeColumn> {
    let mut candidates: Vec<(u8, &NamedColumn)> =
        columns.iter().filter_map(|column| precedence(column).map(|order| (order, column))).collect();
    candidates.sort_by_key(|(order, column)| (*order, column.rank, column.position));
    let usable = candidates.iter().find_map(|(_, column)| read(table, column, options, true));
    // Of none that has a value, the first is still the column of the decade.
    usable.or_else(|| candidates.first().and_then(|(_, column)| read(table, column, options, false)))
}

/// Whether a column can give the decade.
pub(super) fn gives_decade(column: &NamedColumn) -> bool {
    precedence(column).is_some()
}

fn precedence(column: &NamedColumn) -> Option<u8> {
    match column.role {
        ColumnRole::Feature(Feature::Decade) => Some(match column.reason {
            MappingReason::Setting => 0,
            MappingReason::Exact => 1,
            _ => 2,
        }),
        ColumnRole::Year => Some(3),
        ColumnRole::ReleaseDate => Some(4),
        _ => None,
    }
}

fn read(table: &dyn Table, column: &NamedColumn, options: &MappingOptions, must_have: bool) -> Option<DecadeColumn> {
    // A setting may name a column of years, in which 0 is a missing one.
    let named = name::meaning(&column.shown).role;
    let is_year = !matches!(column.role, ColumnRole::Feature(_))
        || (column.reason == MappingReason::Setting && matches!(named, ColumnRole::Year | ColumnRole::ReleaseDate));
    let rule = ValueRule { decimal_mark: options.decimal_mark, is_year, ..ValueRule::default() };
    let profile = profile::sample(table, column.position, Feature::Decade, options.decimal_mark);
    let is_guess = column.reason == MappingReason::Name;
    if must_have && !profile::has_value(table, column.position, Feature::Decade, &rule) {
        return None;
    }
    if must_have && is_guess && profile.is_unreadable() {
        return None;
    }
    let conversion = conversion(column.role, &profile);
    let reason = match column.reason {
        MappingReason::Exact if conversion.is_some() => MappingReason::Values,
        reason => reason,
    };
    Some(DecadeColumn { position: column.position, rule, conversion, reason })
}

fn conversion(role: ColumnRole, profile: &Profile) -> Option<Conversion> {
    match role {
        _ if profile.dates > 0 => Some(Conversion::DecadeOfDate),
        ColumnRole::Year => Some(Conversion::DecadeOfYear),
        ColumnRole::ReleaseDate => Some(Conversion::DecadeOfDate),
        _ if profile.years > 0 => Some(Conversion::DecadeOfYear),
        _ => None,
    }
}
