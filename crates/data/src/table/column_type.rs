//! What the values of a column are, taken together.

use hitflop_core::reader::{Cell, Table};

/// The type of a column that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Whole numbers.
    Whole,
    /// Real numbers.
    Real,
    /// Truth values.
    Bool,
    /// Texts, or values of several types.
    Text,
}

impl ColumnType {
    /// The type of a value; none if it is missing. Texts of a delimited file may be numbers.
    fn of(cell: Cell<'_>, is_delimited: bool) -> Option<ColumnType> {
        Some(match cell {
            Cell::Missing | Cell::Text("") => return None,
            Cell::Text(text) if is_delimited => ColumnType::of_text(text),
            Cell::Text(_) | Cell::Nested => ColumnType::Text,
            Cell::Bool(_) => ColumnType::Bool,
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => ColumnType::Whole,
            Cell::Number(_) => ColumnType::Real,
        })
    }

    /// A whole number counts as one only if it is printed as it was, unlike `007`.
    fn of_text(text: &str) -> ColumnType {
        if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) {
            return ColumnType::Whole;
        }
        let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        let is_padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.") && !text.starts_with("0e");
        match is_number && !is_padded && text.parse::<f64>().is_ok_and(f64::is_finite) {
            true => ColumnType::Real,
            false => ColumnType::Text,
        }
    }

    /// The type of values of two types, either of which may have no value.
    pub(super) fn joined(one: Option<ColumnType>, other: Option<ColumnType>) -> Option<ColumnType> {
        use ColumnType::{Real, Text, Whole};
        match (one, other) {
            (None, known) | (known, None) => known,
            (Some(one), Some(other)) if one == other => Some(one),
            (Some(Whole | Real), Some(Whole | Real)) => Some(Real),
            _ => Some(Text),
        }
    }
}

/// Adds the values of the first `columns` of `table` to what is known of their types. More columns may be known than it has.
pub(super) fn add_types(types: &mut Vec<Option<ColumnType>>, table: &dyn Table, is_delimited: bool, columns: usize) {
    types.resize(types.len().max(columns), None);
    for (column, known) in types.iter_mut().enumerate().take(columns) {
        for row in 0..table.rows() {
            if *known == Some(ColumnType::Text) {
                break;
            }
            *known = ColumnType::joined(*known, ColumnType::of(table.cell(row, column), is_delimited));
        }
    }
}
