//! Several columns for one feature.

use std::ops::ControlFlow;

use super::units::ColumnReading;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::reader::scan::each_row;
use crate::reader::value::{self, is_unit_interval};
use crate::reader::{Table, TableScan};
use crate::track::Feature;

/// The first row, from 0, in which two columns that may be the same feature disagree by more than a rounding, if there is one.
pub(super) fn first_difference(
    table: &dyn TableScan,
    one: &ColumnReading,
    other: &ColumnReading,
) -> Result<Option<usize>> {
    let feature = one.column.feature;
    let tolerance = tolerance(feature);
    let value = |batch: &dyn Table, at: usize, reading: &ColumnReading| {
        value::read(feature, batch.cell(at, reading.column.position), &reading.rule).unwrap_or(f64::NAN)
    };
    let mut difference = None;
    each_row(table, &[one.column.position, other.column.position], |row, batch, at| {
        // A missing value disagrees with nothing.
        if (value(batch, at, one) - value(batch, at, other)).abs() > tolerance {
            difference = Some(row);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(difference)
}

/// How far two roundings of a value may be apart: a percent, a second, a dB, a BPM.
fn tolerance(feature: Feature) -> f64 {
    match feature {
        feature if is_unit_interval(feature) => 0.0101,
        Feature::Loudness | Feature::Tempo | Feature::ChorusHit => 1.01,
        Feature::DurationMs => 1001.0,
        _ => 0.0,
    }
}

/// The error of two columns that may be `feature` and disagree.
pub(super) fn error(place: &Place, feature: Feature, names: [&str; 2], row: usize) -> Error {
    let rule =
        format!("expected one column for {feature}, found also {:?}, which differs in row {}", names[1], row + 1);
    let faults = vec![
        Fault::new(place.clone().column(names[0]), Reason::SeveralColumns, rule),
        setting("map", format!("choose the column of {feature}, as in {feature}={}", names[0])),
        setting(
            "unit",
            format!("or state the unit, if the columns differ only because of it, as in {}", unit_example(feature)),
        ),
    ];
    Error::inputs(faults, 3)
}

/// The error of a column whose unit is not known.
pub(super) fn undecided(place: &Place, name: &str, reading: &ColumnReading) -> Error {
    let feature = reading.column.feature;
    let rule = match feature {
        Feature::DurationMs => "expected lengths that are clearly milliseconds or seconds",
        _ => "expected values that are clearly fractions or percent",
    };
    let found = match reading.profile.numbers {
        1 => reading.profile.min.to_string(),
        _ => format!("{} to {}", reading.profile.min, reading.profile.max),
    };
    let faults = vec![
        Fault::new(place.clone().column(name), Reason::UndecidedUnit, rule).found(found),
        setting("unit", format!("state the unit of the column, as in {}", unit_example(feature))),
        setting("map", format!("or choose another column, as in {feature}=COLUMN")),
    ];
    Error::inputs(faults, 3)
}

fn unit_example(feature: Feature) -> String {
    match feature {
        Feature::DurationMs => "duration_ms=s or duration_ms=ms".to_owned(),
        feature if is_unit_interval(feature) => format!("{feature}=percent or {feature}=fraction"),
        Feature::Loudness => "loudness=dB".to_owned(),
        _ => "duration_ms=s".to_owned(),
    }
}

fn setting(name: &str, rule: String) -> Fault {
    Fault::new(Place::setting(name), Reason::Setting, rule)
}
