//! What the values of a column look like, all together.

use crate::reader::value::{self, DecimalMark, ValueRule};
use crate::reader::{Cell, Table};
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

/// Profiles of whole columns, in one pass over the rows.
pub(super) fn whole(table: &dyn Table, columns: &[(usize, Feature)], mark: DecimalMark) -> Vec<Profile> {
    let mut profiles: Vec<Profile> = columns.iter().map(|(_, feature)| Profile::new(*feature, mark)).collect();
    if profiles.is_empty() {
        return profiles;
    }
    for row in 0..table.rows() {
        for ((position, _), profile) in columns.iter().zip(&mut profiles) {
            profile.add(table.cell(row, *position));
        }
    }
    profiles
}

/// The profile of the first values of a column.
pub(super) fn sample(table: &dyn Table, position: usize, feature: Feature, mark: DecimalMark) -> Profile {
    let mut profile = Profile::new(feature, mark);
    for row in 0..table.rows() {
        profile.add(table.cell(row, position));
        if profile.present >= SAMPLE {
            break;
        }
    }
    profile
}

/// Whether every value of a column, of which there are at least two, is 0.
pub(super) fn is_all_zero(table: &dyn Table, position: usize, mark: DecimalMark) -> bool {
    let mut zeros = 0;
    for row in 0..table.rows() {
        match table.cell(row, position) {
            Cell::Missing => {}
            Cell::Number(0.0) => zeros += 1,
            Cell::Number(value) if value.is_nan() => {}
            Cell::Text(text) if value::is_missing(text) => {}
            Cell::Text(text) if value::spelt_number(text.trim(), mark) == Some(0.0) => zeros += 1,
            _ => return false,
        }
    }
    zeros >= 2
}

/// Whether a column has a value that is not missing; a year of 0 is.
pub(super) fn has_value(table: &dyn Table, position: usize, feature: Feature, rule: &ValueRule) -> bool {
    let is_value = |row| !value::read(feature, table.cell(row, position), rule).is_ok_and(f64::is_nan);
    (0..table.rows()).any(is_value)
}

/// Whether the first values of a column, of which there are at least two, are all numbers.
pub(super) fn are_numbers(table: &dyn Table, position: usize) -> bool {
    let values = first_values(table, position, SAMPLE as usize);
    values.len() >= 2 && values.iter().all(|text| value::spelt_number(text, DecimalMark::Point).is_some())
}

/// The first different values of a column as texts, at most `most`.
pub(super) fn first_values(table: &dyn Table, position: usize, most: usize) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for row in 0..table.rows().min(SAMPLE as usize) {
        let text = super::row::shown_value(table.cell(row, position)).trim().to_owned();
        if !text.is_empty() && values.len() < most && !values.contains(&text) {
            values.push(text);
        }
    }
    values
}
