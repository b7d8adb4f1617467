//! Whether a rule for labels fits the column that it names.

use std::ops::ControlFlow;

use super::label::{LabelCondition, LabelRule};
use super::profile;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::reader::scan::each_row;
use crate::reader::value::DecimalMark;
use crate::reader::TableScan;

/// Number of rows by which it is decided whether a column has labels.
const MAX_LABEL_ROWS: usize = 1_000;

/// Checks that the word of a rule for labels occurs, or that most values are true or false without one. `column` is the position
/// and the name of the column.
///
/// # Errors
/// The rule does not fit the column, or the rows cannot be read.
pub(super) fn check(table: &dyn TableScan, rule: &LabelRule, column: (usize, &str), mark: DecimalMark) -> Result<()> {
    match &rule.condition {
        LabelCondition::Equals(word) => check_word(table, rule, column, mark, word),
        LabelCondition::Truth => check_truth(table, rule, column, mark),
        _ => Ok(()),
    }
}

fn check_word(
    table: &dyn TableScan,
    rule: &LabelRule,
    (position, column): (usize, &str),
    mark: DecimalMark,
    word: &str,
) -> Result<()> {
    let mut is_found = false;
    each_row(table, &[position], |_, batch, at| match rule.condition.label(batch.cell(at, position), mark) {
        Ok(Some(true)) => {
            is_found = true;
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })?;
    if is_found {
        return Ok(());
    }
    let found = profile::first_values(table, position, 5)?.join(", ");
    let rule = format!("expected a value of column {column:?}, which has: {found}");
    Err(Error::input(Fault::new(Place::setting("label"), Reason::NotALabel, rule).found(word)))
}

/// Checks that at least half of the first values are true or false.
fn check_truth(
    table: &dyn TableScan,
    rule: &LabelRule,
    (position, column): (usize, &str),
    mark: DecimalMark,
) -> Result<()> {
    let (mut readable, mut others) = (0, 0);
    each_row(table, &[position], |row, batch, at| {
        if row >= MAX_LABEL_ROWS {
            return ControlFlow::Break(());
        }
        match rule.condition.label(batch.cell(at, position), mark) {
            Ok(Some(_)) => readable += 1,
            Ok(None) => {}
            Err(_) => others += 1,
        }
        ControlFlow::Continue(())
    })?;
    if others <= readable {
        return Ok(());
    }
    let found = profile::first_values(table, position, 5)?;
    let first = found.first().map_or("", String::as_str);
    let rule = format!(
        "expected a column of 0 and 1; column {column:?} has: {}; name the value of a hit, as in {column}={first}, or a \
         threshold, as in {column}>=60",
        found.join(", ")
    );
    Err(Error::input(Fault::new(Place::setting("label"), Reason::NotALabel, rule)))
}
