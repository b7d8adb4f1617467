//! Rows of JSON in memory, column by column.

use std::collections::HashMap;

use serde_json::{Map, Value};

use hitflop_core::reader::name::{self, ColumnRole};
use hitflop_core::reader::{Cell, Table};

/// Depth of objects in objects that become columns of their own.
const MAX_DEPTH: usize = 5;

/// A table whose values have types.
#[derive(Clone, Debug, Default)]
pub struct JsonTable {
    names: Vec<String>,
    columns: Vec<Vec<JsonCell>>,
    rows: usize,
    /// The number of each row in the file, if some are null.
    numbers: Option<Vec<u64>>,
}

#[derive(Clone, Debug)]
enum JsonCell {
    Missing,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
    /// A list or an object, as JSON.
    Nested(Box<str>),
}

impl Table for JsonTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        // Rows after the last value of a column have none.
        match self.columns[column].get(row) {
            None | Some(JsonCell::Missing) => Cell::Missing,
            Some(JsonCell::Bool(value)) => Cell::Bool(*value),
            Some(JsonCell::Number(number)) => Cell::Number(*number),
            Some(JsonCell::Text(text)) => Cell::Text(text),
            Some(JsonCell::Nested(_)) => Cell::Nested,
        }
    }
}

impl JsonTable {
    /// A list or an object as JSON; empty for any other value.
    pub(super) fn nested(&self, row: usize, column: usize) -> &str {
        match self.columns[column].get(row) {
            Some(JsonCell::Nested(json)) => json,
            _ => "",
        }
    }

    /// The number of a row in the file, the first being 1.
    pub(super) fn row_number(&self, row: usize) -> u64 {
        self.numbers.as_ref().map_or(row as u64 + 1, |numbers| numbers[row])
    }
}

impl From<Value> for JsonCell {
    fn from(value: Value) -> JsonCell {
        match value {
            Value::Null => JsonCell::Missing,
            Value::Bool(value) => JsonCell::Bool(value),
            // Numbers of JSON are finite, and all have a value as f64 without the feature for any precision.
            Value::Number(number) => number.as_f64().map_or(JsonCell::Missing, JsonCell::Number),
            Value::String(text) => JsonCell::Text(text.into()),
            nested => JsonCell::Nested(nested.to_string().into()),
        }
    }
}

/// Gathers rows into a table. Members of objects in a row become columns, named by their path.
#[derive(Default)]
pub(super) struct JsonRows {
    /// Position of each column by the path of its members.
    positions: HashMap<String, usize>,
    paths: Vec<String>,
    columns: Vec<Vec<JsonCell>>,
    rows: usize,
    nulls: usize,
    numbers: Vec<u64>,
}

impl JsonRows {
    /// A row of named values.
    pub fn push(&mut self, members: Map<String, Value>) {
        self.gather("", members, 1);
        self.end_row();
    }

    /// A row without a value, which is left out.
    pub fn push_null(&mut self) {
        self.nulls += 1;
    }

    /// A row of values in the order of `names`.
    pub fn push_values(&mut self, names: &[String], values: Vec<Value>) {
        for (name, value) in names.iter().zip(values) {
            self.set(name, value);
        }
        self.end_row();
    }

    /// Number of rows that are null.
    pub fn nulls(&self) -> usize {
        self.nulls
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn end_row(&mut self) {
        self.rows += 1;
        self.numbers.push((self.rows + self.nulls) as u64);
    }

    fn gather(&mut self, path: &str, members: Map<String, Value>, depth: usize) {
        for (name, value) in members {
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            match value {
                Value::Object(members) if depth < MAX_DEPTH && !members.is_empty() => {
                    self.gather(&path, members, depth + 1);
                }
                value => self.set(&path, value),
            }
        }
    }

    fn set(&mut self, path: &str, value: Value) {
        let column = match self.positions.get(path) {
            Some(&column) => column,
            None => {
                self.positions.insert(path.to_owned(), self.columns.len());
                self.paths.push(path.to_owned());
                self.columns.push(Vec::new());
                self.columns.len() - 1
            }
        };
        let cells = &mut self.columns[column];
        cells.resize_with(self.rows, || JsonCell::Missing);
        cells.push(value.into());
    }

    /// The table. A member of an object within a row is named by its path if that has a meaning (`object.duration`), else by its own
    /// name where no other column has it.
    pub fn table(self) -> JsonTable {
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        let mut counts: HashMap<String, usize> = HashMap::new();
        self.paths.iter().for_each(|path| *counts.entry(last(path)).or_default() += 1);
        let has_meaning = |path: &str| name::meaning(path).role != ColumnRole::Unknown;
        let name = |path: &String| match last(path) {
            own if !has_meaning(path) && counts[&own] == 1 => own,
            _ => path.clone(),
        };
        JsonTable {
            names: self.paths.iter().map(name).collect(),
            columns: self.columns,
            rows: self.rows,
            numbers: (self.nulls > 0).then_some(self.numbers),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(rows: &[Value]) -> JsonTable {
        let mut gathered = JsonRows::default();
        for row in rows {
            match row {
                Value::Object(members) => gathered.push(members.clone()),
                _ => gathered.push_null(),
            }
        }
        gathered.table()
    }

    #[test]
    fn members_within_members_are_columns() {
        let table = table(&[
            json!({ "name": "x", "audio": { "energy": 0.5, "key": null }, "more": { "z": 1 }, "genre": { "name": "y" }, "artists": [1] }),
            json!(null),
            json!({ "audio": { "energy": "0.25" }, "live": true }),
        ]);
        assert_eq!(table.columns(), ["name", "audio.energy", "audio.key", "z", "genre.name", "artists", "live"]);
        assert_eq!((table.rows(), table.row_number(1)), (2, 3));
        let row = |row: usize| (0..7).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        use Cell::*;
        assert_eq!(row(0), [Text("x"), Number(0.5), Missing, Number(1.0), Text("y"), Nested, Missing]);
        assert_eq!(row(1), [Missing, Text("0.25"), Missing, Missing, Missing, Missing, Bool(true)]);
        assert_eq!(table.nested(0, 5), "[1]");
    }
}
