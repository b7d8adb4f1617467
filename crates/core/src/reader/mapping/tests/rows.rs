//! Rows that are read column by column are those that are read one by one.

use proptest::prelude::*;

use super::*;
use crate::reader::value::{DecimalMark, Unit};

#[derive(Clone, Debug)]
enum OwnedCell {
    Missing,
    Bool(bool),
    Number(f64),
    Text(String),
    Nested,
}

/// Columns of cells, one for each feature.
#[derive(Clone, Debug)]
struct CellTable {
    names: Vec<String>,
    columns: Vec<Vec<OwnedCell>>,
}

impl Table for CellTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.columns[0].len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.columns[column][row] {
            OwnedCell::Missing => Cell::Missing,
            OwnedCell::Bool(truth) => Cell::Bool(*truth),
            OwnedCell::Number(number) => Cell::Number(*number),
            OwnedCell::Text(text) => Cell::Text(text),
            OwnedCell::Nested => Cell::Nested,
        }
    }

    fn numbers(&self, column: usize, first: usize, numbers: &mut [f64]) -> bool {
        let values = &self.columns[column];
        let is_number = |cell: &OwnedCell| matches!(cell, OwnedCell::Missing | OwnedCell::Number(_));
        for (number, value) in numbers.iter_mut().zip(&values[first..]) {
            *number = if let OwnedCell::Number(value) = value { *value } else { f64::NAN };
        }
        values.iter().all(is_number)
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -2.0..120.0,
        4 => (-2..14).prop_map(f64::from),
        2 => 1890.0..2040.0,
        2 => (1890..2040).prop_map(f64::from),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-f64::INFINITY), Just(1e300), Just(-0.0)],
    ]
}

fn cell(is_number: bool) -> BoxedStrategy<OwnedCell> {
    let known = prop_oneof![9 => number().prop_map(OwnedCell::Number), 1 => Just(OwnedCell::Missing)];
    if is_number {
        return known.boxed();
    }
    let text = prop::sample::select(vec![
        "",
        " ",
        "0.5",
        " 7 ",
        "55 %",
        "3:37",
        "G minor",
        "8A",
        "C#",
        "major",
        "4/4",
        "1988-05-14",
        "60s",
        "loud",
        "NA",
        "inf",
    ]);
    prop_oneof![
        4 => known,
        4 => text.prop_map(|text| OwnedCell::Text(text.to_owned())),
        1 => any::<bool>().prop_map(OwnedCell::Bool),
        1 => Just(OwnedCell::Nested),
    ]
    .boxed()
}

fn tables() -> impl Strategy<Value = CellTable> {
    let column = |rows: usize| any::<bool>().prop_flat_map(move |is| prop::collection::vec(cell(is), rows));
    (1_usize..700).prop_flat_map(move |rows| prop::collection::vec(column(rows), Feature::ALL.len())).prop_map(
        |columns| CellTable { names: Feature::ALL.map(|feature| feature.name().to_owned()).to_vec(), columns },
    )
}

fn rules() -> impl Strategy<Value = ValueRule> {
    use Unit::{Milliseconds, Minutes, MinutesSeconds, Percent, Seconds};
    let unit = prop::option::of(prop::sample::select(vec![Milliseconds, Minutes, MinutesSeconds, Percent, Seconds]));
    let mark = prop::sample::select(vec![DecimalMark::Point, DecimalMark::Comma]);
    (unit, mark, any::<bool>(), any::<bool>()).prop_map(|(unit, decimal_mark, zero_is_missing, is_year)| ValueRule {
        unit,
        decimal_mark,
        zero_is_missing,
        is_year,
    })
}

fn mappings() -> impl Strategy<Value = ColumnMapping> {
    let features = prop::sample::subsequence(Feature::ALL.to_vec(), 0..=Feature::ALL.len());
    let rules = prop::collection::vec(rules(), Feature::ALL.len());
    let decade = prop::option::of(Just(1960).prop_map(|year| Decade::from_year(year).expect("a decade")));
    (features, rules, prop::option::of(0..Feature::ALL.len()), decade).prop_map(
        |(features, rules, mode_of_key, decade_in_name)| ColumnMapping {
            columns: Vec::new(),
            decade_in_name,
            readers: features
                .into_iter()
                .map(|feature| FeatureReader { feature, position: feature as usize, rule: rules[feature as usize] })
                .collect(),
            mode_of_key,
            texts: TextColumns::default(),
            label: None,
            decimal_mark: DecimalMark::Point,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn columns_at_once_are_rows_one_by_one(table in tables(), mapping in mappings(), share in 0.0..1.0) {
        let first = (table.rows() as f64 * share) as usize;
        let count = table.rows() - first;
        // What was there before does not matter.
        let (mut rows, mut has_fault) = (vec![[7.0; Feature::ALL.len()]; count], vec![true; count]);
        mapping.rows(&table, first, &mut rows, &mut has_fault);
        for (offset, (row, has_fault)) in rows.iter().zip(has_fault).enumerate() {
            let reading = mapping.row(&table, first + offset);
            prop_assert_eq!(row.map(f64::to_bits), reading.values.map(f64::to_bits), "row {}", first + offset);
            prop_assert_eq!(has_fault, !reading.faults.is_empty(), "row {}", first + offset);
        }
    }
}
