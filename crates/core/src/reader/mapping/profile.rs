//! What the values of a column look like, all together.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::reader::scan::each_row;
use crate::reader::value::{self, DecimalMark, ValueRule};
use crate::reader::{Cell, Table, TableScan};
use crate::track::Feature;

/// A value above 1 by less than this is 1 with a rounding error.
pub(super) const ROUNDING: f64 = 1e-9;
/// Number of values of a column that are looked at where its name gives the unit.
const SAMPLE: u64 = 1000;
/// Shortest length of a track in milliseconds, and longest in seconds, by which the units are distinguished.
pub(super) const SHORTEST_MS: f64 = 10_000.0;
/// Shortest length of a track in seconds.
pub(super) const SHORTEST_S: f64 = 20.0;

/// Counts of the values of a column.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    feature: Feature,
    mark: DecimalMark,
    /// Values that are not missing.
    pub present: u64,
    /// Those that cannot be read as the feature.
    pub unreadable: u64,
    /// Plain numbers.
    pub numbers: u64,
    pub min: f64,
    pub max: f64,
    pub zeros: u64,
    /// Numbers above 1, and those that are not whole.
    pub above_one: u64,
    pub fractional: u64,
    /// Numbers that can be the length of a track in milliseconds, and in seconds.
    pub like_milliseconds: u64,
    pub like_seconds: u64,
    /// Spellings of one feature: `C#`, `G minor`, `3:37`, `major`, `4/4`.
    pub spelt: u64,
    /// Keys that give the mode too.
    pub keys_with_mode: u64,
    /// Years that begin no decade, and dates.
    pub years: u64,
    pub dates: u64,
}

impl Profile {
    fn new(feature: Feature, mark: DecimalMark) -> Profile {
        Profile {
            feature,
            mark,
            present: 0,
            unreadable: 0,
            numbers: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            zeros: 0,
            above_one: 0,
            fractional: 0,
            like_milliseconds: 0,
            like_seconds: 0,
            spelt: 0,
            keys_with_mode: 0,
            years: 0,
            dates: 0,
        }
    }

    /// The feature that the column may be.
    pub fn feature(&self) -> Feature {
        self.feature
    }

    /// Whether there are values of which none can be read; one value alone decides nothing.
    pub fn is_unreadable(&self) -> bool {
        self.present >= 2 && self.unreadable == self.present
    }

    fn add(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Missing => {}
            Cell::Number(value) => self.add_number(value),
            Cell::Bool(truth) => self.add_number(f64::from(u8::from(truth))),
            Cell::Nested => self.add_unreadable(),
            Cell::Text(text) => {
                let text = text.trim();
                match value::spelt_number(text, self.mark) {
                    Some(number) => self.add_number(number),
                    None if value::is_missing(text) => {}
                    None => self.add_word(text),
                }
            }
        }
    }

    fn add_number(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.present += 1;
        self.numbers += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.zeros += u64::from(value == 0.0);
        self.above_one += u64::from(value > 1.0 + ROUNDING);
        self.fractional += u64::from((value - value.round()).abs() > ROUNDING);
        self.like_milliseconds += u64::from(value >= SHORTEST_MS);
        self.like_seconds += u64::from((SHORTEST_S..SHORTEST_MS).contains(&value));
        self.years += u64::from(value >= f64::from(value::FIRST_YEAR) && value % 10.0 != 0.0);
    }

    fn add_word(&mut self, text: &str) {
        let rule = ValueRule { decimal_mark: self.mark, ..ValueRule::default() };
        match value::read(self.feature, Cell::Text(text), &rule) {
            Err(_) => self.add_unreadable(),
            Ok(_) => {
                self.present += 1;
                self.spelt += 1;
                let key = if self.feature == Feature::Key { value::key_of_text(text) } else { None };
                self.keys_with_mode += u64::from(key.is_some_and(|key| key.is_major.is_some()));
                self.dates += u64::from(self.feature == Feature::Decade && value::year_of_text(text).is_some());
            }
        }
    }

    fn add_unreadable(&mut self) {
        self.present += 1;
        self.unreadable += 1;
    }
}

/// What one pass over the rows finds in a column.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    position: usize,
    pub profile: Profile,
    /// Whether the profile is of the whole column, and not of its first values.
    is_whole: bool,
    zeros: ZeroSurvey,
}

/// Whether the values of a column are all 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZeroSurvey {
    /// So far, of this many values.
    All(u64),
    /// No, or it does not matter.
    Closed,
}

impl Survey {
    /// A survey of the column at `position`, which may be `feature`: of all its values if it `is_whole`. `may_be_zero` is whether it
    /// matters that all values are 0.
    pub fn new(position: usize, feature: Feature, mark: DecimalMark, is_whole: bool, may_be_zero: bool) -> Survey {
        let zeros = if may_be_zero { ZeroSurvey::All(0) } else { ZeroSurvey::Closed };
        Survey { position, profile: Profile::new(feature, mark), is_whole, zeros }
    }

    /// Whether every value of the column, of which there are at least two, is 0.
    pub fn is_all_zero(&self) -> bool {
        matches!(self.zeros, ZeroSurvey::All(zeros) if zeros >= 2)
    }

    fn is_profiled(&self) -> bool {
        !self.is_whole && self.profile.present >= SAMPLE
    }

    fn is_done(&self) -> bool {
        self.is_profiled() && self.zeros == ZeroSurvey::Closed
    }

    fn add(&mut self, batch: &dyn Table) {
        for row in 0..batch.rows() {
            if self.is_done() {
                return;
            }
            let cell = batch.cell(row, self.position);
            if !self.is_profiled() {
                self.profile.add(cell);
            }
            if let ZeroSurvey::All(zeros) = &mut self.zeros {
                match is_zero(cell, self.profile.mark) {
                    None => {}
                    Some(true) => *zeros += 1,
                    Some(false) => self.zeros = ZeroSurvey::Closed,
                }
            }
        }
    }
}

/// Whether a value is 0; none if it is missing.
fn is_zero(cell: Cell<'_>, mark: DecimalMark) -> Option<bool> {
    match cell {
        Cell::Missing => None,
        Cell::Number(value) if value.is_nan() => None,
        Cell::Number(value) => Some(value == 0.0),
        Cell::Text(text) if value::is_missing(text) => None,
        Cell::Text(text) => Some(value::spelt_number(text.trim(), mark) == Some(0.0)),
        Cell::Bool(_) | Cell::Nested => Some(false),
    }
}

/// Fills `surveys` in one pass over the rows, which ends when they have all that they need.
pub(super) fn survey(table: &dyn TableScan, surveys: &mut [Survey]) -> Result<()> {
    if surveys.is_empty() {
        return Ok(());
    }
    let positions: Vec<usize> = surveys.iter().map(|survey| survey.position).collect();
    table.scan(&positions, &mut |batch| {
        surveys.iter_mut().for_each(|survey| survey.add(batch));
        go_on(!surveys.iter().all(Survey::is_done))
    })
}

/// The profile of the first values of a column, and whether it has a value that is not missing; a year of 0 is.
#[derive(Clone, Debug)]
pub(super) struct DecadeSurvey {
    pub profile: Profile,
    pub has_value: bool,
}

/// Surveys of the columns that may give the decade, each by its position and rule.
pub(super) fn decade_survey(table: &dyn TableScan, columns: &[(usize, ValueRule)]) -> Result<Vec<DecadeSurvey>> {
    let new =
        |rule: &ValueRule| DecadeSurvey { profile: Profile::new(Feature::Decade, rule.decimal_mark), has_value: false };
    let mut surveys: Vec<DecadeSurvey> = columns.iter().map(|(_, rule)| new(rule)).collect();
    if surveys.is_empty() {
        return Ok(surveys);
    }
    let is_done = |survey: &DecadeSurvey| survey.has_value && survey.profile.present >= SAMPLE;
    let positions: Vec<usize> = columns.iter().map(|(position, _)| *position).collect();
    table.scan(&positions, &mut |batch| {
        for (survey, (position, rule)) in surveys.iter_mut().zip(columns) {
            for row in 0..batch.rows() {
                if is_done(survey) {
                    break;
                }
                let cell = batch.cell(row, *position);
                if survey.profile.present < SAMPLE {
                    survey.profile.add(cell);
                }
                survey.has_value |= !value::read(Feature::Decade, cell, rule).is_ok_and(f64::is_nan);
            }
        }
        go_on(!surveys.iter().all(is_done))
    })?;
    Ok(surveys)
}

fn go_on(is_unfinished: bool) -> ControlFlow<()> {
    if is_unfinished {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// Whether the first values of a column, of which there are at least two, are all numbers.
pub(super) fn are_numbers(table: &dyn TableScan, position: usize) -> Result<bool> {
    let values = first_values(table, position, SAMPLE as usize)?;
    Ok(values.len() >= 2 && values.iter().all(|text| value::spelt_number(text, DecimalMark::Point).is_some()))
}

/// The first different values of a column as texts, at most `most`.
pub(super) fn first_values(table: &dyn TableScan, position: usize, most: usize) -> Result<Vec<String>> {
    let mut values: Vec<String> = Vec::new();
    each_row(table, &[position], |row, batch, at| {
        if row >= SAMPLE as usize {
            return ControlFlow::Break(());
        }
        let text = super::row::shown_value(batch.cell(at, position)).trim().to_owned();
        if !text.is_empty() && values.len() < most && !values.contains(&text) {
            values.push(text);
        }
        ControlFlow::Continue(())
    })?;
    Ok(values)
}
