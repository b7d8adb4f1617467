//! The column of the decade: of decades, of years, or of dates, in this order.

use super::column::{Conversion, MappingReason};
use super::decide::NamedColumn;
use super::options::MappingOptions;
use super::profile::{self, Profile};
use crate::error::Result;
use crate::reader::name::{self, ColumnRole};
use crate::reader::value::ValueRule;
use crate::reader::TableScan;
use crate::track::Feature;

/// The column that gives the decade.
#[derive(Clone)]
pub(super) struct DecadeColumn {
    pub position: usize,
    pub rule: ValueRule,
    pub conversion: Option<Conversion>,
    pub reason: MappingReason,
}

/// The first of the columns in the order of precedence that has a value which can be read.
///
/// # Errors
/// The rows cannot be read.
pub(super) fn choose(
    table: &dyn TableScan,
    columns: &[NamedColumn],
    options: &MappingOptions,
) -> Result<Option<DecadeColumn>> {
    let mut candidates: Vec<(u8, &NamedColumn)> =
        columns.iter().filter_map(|column| precedence(column).map(|order| (order, column))).collect();
    candidates.sort_by_key(|(order, column)| (*order, column.rank, column.position));
    let rules: Vec<(usize, ValueRule)> =
        candidates.iter().map(|(_, column)| (column.position, rule(column, options))).collect();
    let surveys = profile::decade_survey(table, &rules)?;
    let mut read = candidates.iter().zip(&rules).zip(&surveys).map(|(((_, column), (_, rule)), survey)| {
        let is_unreadable = column.reason == MappingReason::Name && survey.profile.is_unreadable();
        (survey.has_value && !is_unreadable, decade_column(column, *rule, &survey.profile))
    });
    // Of none that has a value, the first is still the column of the decade.
    let first = read.next();
    let usable = first.iter().cloned().chain(read).find(|(is_usable, _)| *is_usable);
    Ok(usable.or(first).map(|(_, column)| column))
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

fn rule(column: &NamedColumn, options: &MappingOptions) -> ValueRule {
    // A setting may name a column of years, in which 0 is a missing one.
    let named = name::meaning(&column.shown).role;
    let is_year = !matches!(column.role, ColumnRole::Feature(_))
        || (column.reason == MappingReason::Setting && matches!(named, ColumnRole::Year | ColumnRole::ReleaseDate));
    ValueRule { decimal_mark: options.decimal_mark, is_year, ..ValueRule::default() }
}

fn decade_column(column: &NamedColumn, rule: ValueRule, profile: &Profile) -> DecadeColumn {
    let conversion = conversion(column.role, profile);
    let reason = match column.reason {
        MappingReason::Exact if conversion.is_some() => MappingReason::Values,
        reason => reason,
    };
    DecadeColumn { position: column.position, rule, conversion, reason }
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
